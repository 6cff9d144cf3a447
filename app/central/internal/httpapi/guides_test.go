package httpapi

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
)

func guides(version, n int) *guide.Catalogue {
	c := &guide.Catalogue{Sample: true}
	for i := range n {
		c.Guides = append(c.Guides, guide.Guide{ID: fmt.Sprintf("g%d", i+1), Name: fmt.Sprintf("事项%d", i+1), Department: "示例部门",
			Summary: strings.Repeat(fmt.Sprintf("第%d项的说明。", i+1), 20), Updated: "2026-11-01", Business: "a",
			Materials: []guide.Material{{Name: "居民身份证", Originals: 1}}})
	}
	c.Guides[0].Summary = fmt.Sprintf("第 %d 版。", version)
	return c
}

func (s *server) importGuides(c *guide.Catalogue) string {
	s.t.Helper()
	revision, problems, err := s.desk.ImportGuides(s.t.Context(), hallID, c)
	if err != nil {
		s.t.Fatalf("import: %v; %v", err, problems)
	}
	return revision
}

func TestGuides(t *testing.T) {
	s := newServer(t)
	path := base + "/guides"
	if p := get[centralapi.Problem](s, 404, call{method: "GET", path: path}); p.Code != centralapi.CodeNotFound {
		t.Errorf("no guides yet: %+v", p)
	}
	for _, wrong := range []string{"x", strings.Repeat("A", 64), strings.Repeat("0", 65)} {
		if p := get[centralapi.Problem](s, 422, call{method: "GET", path: path + "?since=" + wrong}); p.Code != centralapi.CodeInvalid {
			t.Errorf("since=%s: %+v", wrong, p)
		}
	}
	old, now := guides(1, 30), guides(2, 30)
	s.importGuides(old)
	s.importGuides(now)
	tag := `"` + now.Revision() + `"`
	packed := `"` + now.Revision() + `-gzip"`
	plain := http.Header{"Accept-Encoding": {"identity"}}

	open := func(g centralapi.Guides, have *guide.Catalogue) {
		t.Helper()
		if c, err := g.Open(have); err != nil || !reflect.DeepEqual(c, now) {
			t.Errorf("opened: %v", err)
		}
	}
	whole := get[centralapi.Guides](s, 200, call{method: "GET", path: path, header: plain})
	open(whole, nil)
	delta := get[centralapi.Guides](s, 200, call{method: "GET", path: path + "?since=" + old.Revision(), header: plain})
	open(delta, old)
	if delta.Delta == nil || whole.Delta != nil {
		t.Error("the delta is not one, or the whole is")
	}
	open(get[centralapi.Guides](s, 200, call{method: "GET", path: path + "?since=" + strings.Repeat("0", 64), header: plain}), nil)

	for _, match := range []string{tag, packed, "W/" + tag, `"old", ` + packed, "*"} {
		for _, accept := range []string{"gzip", "identity"} {
			res, body := s.do(call{method: "GET", path: path + "?since=" + now.Revision(),
				header: http.Header{"If-None-Match": {match}, "Accept-Encoding": {accept}}})
			if want := map[string]string{"gzip": packed, "identity": tag}[accept]; res.StatusCode != 304 || len(body) > 0 || res.Header.Get("ETag") != want {
				t.Errorf("If-None-Match %s, %s: status %d, tag %s", match, accept, res.StatusCode, res.Header.Get("ETag"))
			}
		}
	}
	if res, _ := s.do(call{method: "GET", path: path, header: http.Header{"If-None-Match": {`"old"`}, "Accept-Encoding": {"identity"}}}); res.StatusCode != 200 || res.Header.Get("ETag") != tag {
		t.Errorf("another tag: status %d, tag %s", res.StatusCode, res.Header.Get("ETag"))
	}

	// Compressed, past the checks of the contract, which reads JSON only.
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip;q=0.9, br")
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	z, err := gzip.NewReader(res.Body)
	if err != nil || res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("ETag") != packed || res.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("%v, %v", res.Header, err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var g centralapi.Guides
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	open(g, nil)

	// The contract's own client, checked on the way.
	client, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: s.URL, Hall: hallID, Token: s.token, Transport: s.client.Transport})
	if err != nil {
		t.Fatal(err)
	}
	for name, have := range map[string]*guide.Catalogue{"nothing": nil, "the old ones": old, "others": guides(9, 3)} {
		if c, changed, err := client.Guides(t.Context(), have); err != nil || !changed || !reflect.DeepEqual(c, now) {
			t.Errorf("client with %s: %v, %v", name, changed, err)
		}
	}
	if c, changed, err := client.Guides(t.Context(), now); err != nil || changed || c != nil {
		t.Errorf("client with the same: %v, %v", changed, err)
	}
	if st, err := client.Status(t.Context()); err != nil || st.GuidesRevision != now.Revision() {
		t.Errorf("status names %q, %v", st.GuidesRevision, err)
	}
}

func TestTakesGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.0, br": false, "*": true, "*;q=0": false,
		"*, gzip;q=0": false, "gzip;q=1.0": true, "identity": false, "x-gzip": true, "gzip;q=lots": false, "deflate,br": false, "gzipped": false,
	} {
		if got := takesGzip([]string{header}); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
	if !takesGzip([]string{"br", "gzip"}) || takesGzip(nil) {
		t.Error("several headers, or none")
	}
}

// What was not found is accepted as the contract says.
func TestMissedSearchesEvent(t *testing.T) {
	s := newServer(t)
	schema := s.client.Transport.(checked).c.doc.Components.Schemas["MissedSearches"].Value
	body := centralapi.MissedSearches{Day: "2026-11-23", Searches: []centralapi.MissedSearch{{Text: "生孩子", Count: 2}}}
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var any any
	if err := json.Unmarshal(data, &any); err != nil || schema.VisitJSON(any) != nil {
		t.Errorf("%s: %v, %v", data, err, schema.VisitJSON(any))
	}
	receipt := get[centralapi.EventReceipt](s, 200, call{method: "POST", path: base + "/events", token: s.token,
		body: s.batch(s.event(1, centralapi.SearchMissed, string(data)))})
	if receipt.AckedThrough != 1 || len(receipt.Quarantined) != 0 {
		t.Errorf("%+v", receipt)
	}
	if got, err := s.desk.GuideMisses(t.Context(), hallID, 1); err != nil || len(got) != 1 || got[0].Count != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}
