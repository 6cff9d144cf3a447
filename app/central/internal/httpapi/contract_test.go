package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"hallkiosk/app/centralapi"
)

// contract holds traffic against the OpenAPI file. kin-openapi validates 3.1
// documents with a JSON Schema 2020-12 validator (if/then, const, propertyNames
// are used in the file and have controls below); pb33f/libopenapi-validator is
// the alternative and brings in far more.
type contract struct {
	doc    *openapi3.T
	router routers.Router
	mu     sync.Mutex
	seen   map[string]bool // "METHOD path status"
}

var loadContract = sync.OnceValues(func() (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(centralapi.OpenAPI())
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background(), openapi3.IsOpenAPI31OrLater()); err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	openapi3filter.RegisterBodyDecoder("text/event-stream", func(r io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
		b, err := io.ReadAll(r)
		return string(b), err
	})
	return &contract{doc: doc, router: router, seen: map[string]bool{}}, nil
})

// exchange is one request and its answer.
type exchange struct {
	req     *http.Request // body replaced by reqBody
	reqBody []byte
	res     *http.Response
	resBody []byte
	stream  bool // resBody is only what has come so far
}

// check returns what the exchange breaks of the contract.
func (c *contract) check(x exchange) error {
	req := x.req.Clone(context.Background())
	req.Body = io.NopCloser(bytes.NewReader(x.reqBody))
	route, params, err := c.router.FindRoute(req)
	if err != nil {
		// No such operation: the answer must be a 404 or 405 problem.
		if x.res.StatusCode != http.StatusNotFound && x.res.StatusCode != http.StatusMethodNotAllowed {
			return fmt.Errorf("status %d for a request the contract does not know", x.res.StatusCode)
		}
		return c.checkProblem(x)
	}
	c.mu.Lock()
	c.seen[fmt.Sprintf("%s %s %d", route.Method, route.Path, x.res.StatusCode)] = true
	c.mu.Unlock()
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: hasBearer},
	}
	// What the contract forbids must have been refused.
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil && x.res.StatusCode < 400 {
		return fmt.Errorf("status %d for a request the contract forbids: %w", x.res.StatusCode, err)
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: x.res.StatusCode, Header: x.res.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: x.stream},
	}
	out.SetBodyBytes(x.resBody)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		return fmt.Errorf("answer of status %d: %w", x.res.StatusCode, err)
	}
	if len(x.resBody) > 0 && (x.res.StatusCode == http.StatusNoContent || x.res.StatusCode == http.StatusNotModified) {
		return fmt.Errorf("status %d with a body", x.res.StatusCode)
	}
	if x.res.StatusCode >= 400 {
		return c.checkProblem(x)
	}
	return nil
}

// checkProblem checks what the schema cannot say: body and status line agree.
func (c *contract) checkProblem(x exchange) error {
	if got := x.res.Header.Get("Content-Type"); got != centralapi.ProblemType {
		return fmt.Errorf("status %d with Content-Type %q", x.res.StatusCode, got)
	}
	if s := x.res.StatusCode; (s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable) == (x.res.Header.Get("Retry-After") == "") {
		return fmt.Errorf("status %d with Retry-After %q", s, x.res.Header.Get("Retry-After"))
	}
	var any any
	if err := json.Unmarshal(x.resBody, &any); err != nil {
		return fmt.Errorf("problem: %w", err)
	}
	if err := c.doc.Components.Schemas["Problem"].Value.VisitJSON(any, openapi3.EnableJSONSchema2020()); err != nil {
		return fmt.Errorf("problem: %w", err)
	}
	var p centralapi.Problem
	if err := json.Unmarshal(x.resBody, &p); err != nil {
		return fmt.Errorf("problem: %w", err)
	}
	want := centralapi.Refuse(p.Code, p.Detail).Problem
	if p != want || p.Status != x.res.StatusCode {
		return fmt.Errorf("problem %+v with status %d, want %+v", p, x.res.StatusCode, want)
	}
	return nil
}

func hasBearer(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	if bearer(in.RequestValidationInput.Request) == "" {
		return in.NewError(fmt.Errorf("no bearer token"))
	}
	return nil
}

// checked is a transport that holds everything that passes against the contract.
type checked struct {
	t    testing.TB
	c    *contract
	next http.RoundTripper
}

func (k checked) RoundTrip(r *http.Request) (*http.Response, error) {
	var reqBody []byte
	if r.Body != nil {
		var err error
		if reqBody, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(reqBody))
	}
	res, err := k.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x := exchange{req: r, reqBody: reqBody, res: res}
	if x.stream = strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream"); !x.stream {
		if x.resBody, err = io.ReadAll(res.Body); err != nil {
			return nil, err
		}
		res.Body.Close()
		res.Body = io.NopCloser(bytes.NewReader(x.resBody))
	}
	if err := k.c.check(x); err != nil {
		k.t.Errorf("contract: %s %s: %v", r.Method, r.URL.Path, err)
	}
	return res, nil
}

func testContract(t testing.TB) *contract {
	t.Helper()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A check that cannot fail is none: each of these answers and requests breaks the
// contract in one way, and the unbroken one passes.
func TestContractCatchesWrongTraffic(t *testing.T) {
	c := testContract(t)
	const id = "01900000-0000-7000-8000-000000000001"
	goodTicket := func() map[string]any {
		return map[string]any{"id": id, "hall": "test", "day": "2026-11-23", "label": "A001", "business": "a",
			"state": "called", "issued_at": "2026-11-23T10:00:00+08:00", "ahead": 0,
			"window": "w1", "called_at": "2026-11-23T10:00:01+08:00", "calls": 1}
	}
	goodHall := func() map[string]any {
		return map[string]any{"id": "test", "name": "测试大厅", "name_en": "", "time_zone": "", "cut_over": 3, "supervision_phone": "",
			"service_phone": "", "notice": "", "hours": map[string]any{"week": map[string]any{"mon": []any{"09:00-17:00"}}, "days": []any{}},
			"areas": []any{}, "windows": []any{map[string]any{"id": "w1", "name": "1", "area": "x"}}, "businesses": []any{}}
	}
	type answer struct {
		status int
		header http.Header
		body   any
	}
	ok := http.Header{"Content-Type": {"application/json"}, "Hallkiosk-Capability": {"1"}}
	with := func(h http.Header, kv ...string) http.Header {
		h = h.Clone()
		for i := 0; i < len(kv); i += 2 {
			h.Del(kv[i])
			if kv[i+1] != "" {
				h.Set(kv[i], kv[i+1])
			}
		}
		return h
	}
	edit := func(m map[string]any, key string, v any) map[string]any {
		if v == nil {
			delete(m, key)
		} else {
			m[key] = v
		}
		return m
	}
	issue := func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/v1/halls/test/tickets", nil)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer x")
		return r
	}
	catalogue := func() *http.Request { return httptest.NewRequest(http.MethodGet, "/v1/halls/test/catalogue", nil) }
	guidesReq := func() *http.Request { return httptest.NewRequest(http.MethodGet, "/v1/halls/test/guides", nil) }
	goodGuides := func() map[string]any {
		return map[string]any{"guides": []any{map[string]any{"id": "g1", "name": "事项", "department": "d", "later_field": true}}}
	}
	goodBody := map[string]any{"id": id, "business": "a"}
	tag := strings.Repeat("a", 64)
	okTag := with(ok, "ETag", `"`+tag+`"`)
	okGuides := with(okTag, "Vary", "Accept-Encoding")
	problem := centralapi.Refuse(centralapi.CodeClosed, "x").Problem
	busy := centralapi.Refuse(centralapi.CodeUnavailable, "x").Problem
	okProblem := http.Header{"Content-Type": {centralapi.ProblemType}, "Hallkiosk-Capability": {"1"}}
	tests := []struct {
		name  string
		req   *http.Request
		body  any
		a     answer
		wrong bool
	}{
		{"right", issue(), goodBody, answer{200, ok, goodTicket()}, false},
		{"missing field", issue(), goodBody, answer{200, ok, edit(goodTicket(), "label", nil)}, true},
		{"unknown field", issue(), goodBody, answer{200, ok, edit(goodTicket(), "mood", "good")}, true},
		{"wrong type", issue(), goodBody, answer{200, ok, edit(goodTicket(), "ahead", "3")}, true},
		{"negative count", issue(), goodBody, answer{200, ok, edit(goodTicket(), "ahead", -1)}, true},
		{"unknown state", issue(), goodBody, answer{200, ok, edit(goodTicket(), "state", "lost")}, true},
		{"called without a window (if/then)", issue(), goodBody, answer{200, ok, edit(goodTicket(), "window", nil)}, true},
		{"whole number", issue(), goodBody, answer{200, ok, edit(goodTicket(), "holder_number", "11010519491231002X")}, true},
		{"not a time", issue(), goodBody, answer{200, ok, edit(goodTicket(), "issued_at", "yesterday")}, true},
		{"wrong media type", issue(), goodBody, answer{200, with(ok, "Content-Type", "text/html"), goodTicket()}, true},
		{"missing header", issue(), goodBody, answer{200, with(ok, "Hallkiosk-Capability", ""), goodTicket()}, true},
		{"undocumented success", issue(), goodBody, answer{202, ok, goodTicket()}, true},
		{"forbidden field accepted", issue(), map[string]any{"id": id, "business": "a", "mood": "good"}, answer{200, ok, goodTicket()}, true},
		{"whole number accepted", issue(), map[string]any{"id": id, "business": "a", "holder": map[string]any{"key": tag, "number": "11010519491231002X", "source": "card"}}, answer{200, ok, goodTicket()}, true},
		{"no token accepted", func() *http.Request { r := issue(); r.Header.Del("Authorization"); return r }(), goodBody, answer{200, ok, goodTicket()}, true},

		{"right problem", issue(), goodBody, answer{409, okProblem, problem}, false},
		{"right 503", issue(), goodBody, answer{503, with(okProblem, "Retry-After", "5"), busy}, false},
		{"503 without Retry-After", issue(), goodBody, answer{503, okProblem, busy}, true},
		{"Retry-After that is no number of seconds", issue(), goodBody, answer{503, with(okProblem, "Retry-After", "soon"), busy}, true},
		{"Retry-After where nothing mends itself", issue(), goodBody, answer{409, with(okProblem, "Retry-After", "5"), problem}, true},
		{"problem of another status", issue(), goodBody, answer{400, okProblem, problem}, true},
		{"problem as plain JSON", issue(), goodBody, answer{409, ok, problem}, true},
		{"problem without code", issue(), goodBody, answer{409, okProblem, map[string]any{"type": "urn:hallkiosk:problem:x", "title": "x", "status": 409, "retryable": false}}, true},

		{"right catalogue", catalogue(), nil, answer{200, okTag, map[string]any{"revision": tag, "hall": goodHall()}}, false},
		{"weekday unknown (propertyNames)", catalogue(), nil, answer{200, okTag, map[string]any{"revision": tag,
			"hall": edit(goodHall(), "hours", map[string]any{"week": map[string]any{"someday": []any{}}, "days": []any{}})}}, true},
		{"PIN hash in the catalogue", catalogue(), nil, answer{200, okTag, map[string]any{"revision": tag,
			"hall": edit(goodHall(), "windows", []any{map[string]any{"id": "w1", "name": "1", "area": "x", "pin_hash": "$argon2id$"}})}}, true},
		{"right guides", guidesReq(), nil, answer{200, okGuides, map[string]any{"revision": tag, "catalogue": goodGuides()}}, false},
		{"guides and a delta (oneOf)", guidesReq(), nil, answer{200, okGuides, map[string]any{"revision": tag, "catalogue": goodGuides(),
			"delta": map[string]any{"from": tag, "to": tag}}}, true},
		{"neither guides nor a delta", guidesReq(), nil, answer{200, okGuides, map[string]any{"revision": tag}}, true},
		{"a guide without a name", guidesReq(), nil, answer{200, okGuides, map[string]any{"revision": tag,
			"catalogue": map[string]any{"guides": []any{map[string]any{"id": "g1", "department": "d"}}}}}, true},
		{"guides for every encoding", guidesReq(), nil, answer{200, with(okGuides, "Vary", ""), map[string]any{"revision": tag, "catalogue": goodGuides()}}, true},
		{"unknown path answered", httptest.NewRequest(http.MethodGet, "/v1/nothing", nil), nil, answer{200, ok, map[string]any{}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, err := json.Marshal(tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if tt.body == nil {
				body = nil
			}
			res, err := json.Marshal(tt.a.body)
			if err != nil {
				t.Fatal(err)
			}
			err = c.check(exchange{req: tt.req, reqBody: body, res: &http.Response{StatusCode: tt.a.status, Header: tt.a.header}, resBody: res})
			if (err != nil) != tt.wrong {
				t.Errorf("check: %v, want an error: %v", err, tt.wrong)
			}
		})
	}
}

// board checks a Board that did not come as the body of an answer.
func (c *contract) board(v any) error {
	return c.doc.Components.Schemas["Board"].Value.VisitJSON(v, openapi3.EnableJSONSchema2020())
}
