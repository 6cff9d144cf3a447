package httpapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/failpoint"
)

// readJSON reads the whole body as one JSON object into out. It refuses other
// media types, too many bytes, broken or trailing JSON, text that is not UTF-8
// and fields out does not have.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, out any) error {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || media != "application/json" || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return centralapi.Refuse(centralapi.CodeUnsupported, "请求内容必须是 application/json。")
	}
	tooLarge := centralapi.Refuse(centralapi.CodeTooLarge, "请求内容超过 "+strconv.FormatInt(limit>>10, 10)+" KiB。")
	if r.ContentLength > limit {
		return tooLarge
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge
	}
	if err != nil {
		// A cut line says nothing about what was to be sent: it may come again.
		return centralapi.Refuse(centralapi.CodeUnavailable, "请求内容没有传完。")
	}
	return decode(data, out)
}

// decode is readJSON without HTTP.
func decode(data []byte, out any) error {
	malformed := centralapi.Refuse(centralapi.CodeMalformed, "请求内容不是规定的 JSON。")
	if !utf8.Valid(data) {
		return malformed // encoding/json would replace the bytes silently
	}
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return malformed // null would leave out as it was
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		// encoding/json has no type for this one.
		if strings.HasPrefix(err.Error(), "json: unknown field") {
			return centralapi.Refuse(centralapi.CodeInvalid, "请求内容有不认识的字段。")
		}
		return malformed
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformed
	}
	return nil
}

// answer writes v as JSON, or the problem of err.
func (a *api) answer(w http.ResponseWriter, r *http.Request, status int, v any, err error) {
	if r.Method == http.MethodPost && err == nil {
		err = failpoint.Hit("httpapi.before-answer") // done, and nobody has been told
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	body, err := json.Marshal(v)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(body)
}

// fail writes the problem of err; what is not the caller's fault is logged.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := refusal(err)
	if e.Status >= 500 && r.Context().Err() == nil {
		a.log.Error("httpapi: request failed", "route", r.Pattern, "error", err)
	}
	writeProblem(w, e)
}

// defaultRetry is what a client is asked to wait when the error names no time: a
// service whose disk failed is back in about that.
const defaultRetry = 5 * time.Second

func writeProblem(w http.ResponseWriter, e *centralapi.Error) {
	body, err := json.Marshal(e.Problem)
	if err != nil {
		panic(err) // strings and numbers only
	}
	h := w.Header()
	h.Set("Content-Type", centralapi.ProblemType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	if e.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable {
		wait := cmp.Or(e.RetryAfter(), defaultRetry)
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	w.WriteHeader(e.Status)
	w.Write(body)
}

func writeText(w http.ResponseWriter, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	io.WriteString(w, s)
}
