package httpapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/centralapi"
)

// guidesWrite is how long a catalogue may take to be sent: half a megabyte over a
// line of 64 kbit/s.
const guidesWrite = 2 * time.Minute

var revisionShape = regexp.MustCompile(`^[0-9a-f]{64}$`)

// guides answers with the hall's guides, which hang on its walls: no token is needed.
// Bodies are kept compressed; whoever does not take gzip has them expanded. The two
// have tags of their own, as strong ones must (RFC 9110, section 8.8.3.3).
func (a *api) guides(w http.ResponseWriter, r *http.Request) {
	since := r.URL.Query().Get("since")
	if since != "" && !revisionShape.MatchString(since) {
		a.fail(w, r, centralapi.Refuse(centralapi.CodeInvalid, "版本号不正确。"))
		return
	}
	revision, body, err := a.desk.GuidesAnswer(r.Context(), r.PathValue("hall"), since)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	plain, packed := `"`+revision+`"`, `"`+revision+`-gzip"`
	gzipped := takesGzip(r.Header.Values("Accept-Encoding"))
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", plain)
	if gzipped {
		h.Set("ETag", packed)
	}
	have := r.Header.Values("If-None-Match")
	if matches(have, plain) || matches(have, packed) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	// A connection that knows no deadlines has none to move.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(guidesWrite))
	h.Set("Content-Type", "application/json")
	if gzipped {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
		return
	}
	out, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if _, err := io.Copy(w, out); err != nil && r.Context().Err() == nil {
		a.log.Warn("httpapi: guides were not sent whole", "error", err)
	}
}

// takesGzip reports whether an Accept-Encoding (RFC 9110, section 12.5.3) allows gzip.
func takesGzip(headers []string) bool {
	any := false
	for _, h := range headers {
		for one := range strings.SplitSeq(h, ",") {
			name, weight, _ := strings.Cut(one, ";")
			_, q, given := strings.Cut(weight, "=")
			ok := true
			if given {
				v, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
				ok = err == nil && v > 0
			}
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				return ok
			case "*":
				any = ok
			}
		}
	}
	return any
}
