package centralapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serve answers every request with h and returns a Client of it.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return client(t, ClientConfig{BaseURL: srv.URL, Hall: "test", Token: "secret-token"})
}

func client(t *testing.T, c ClientConfig) *Client {
	t.Helper()
	k, err := NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

func TestClientConfig(t *testing.T) {
	for name, c := range map[string]ClientConfig{
		"no address":       {Hall: "h"},
		"no scheme":        {BaseURL: "127.0.0.1:7080", Hall: "h"},
		"another scheme":   {BaseURL: "ftp://x", Hall: "h"},
		"no host":          {BaseURL: "http://", Hall: "h"},
		"query":            {BaseURL: "http://x?a=b", Hall: "h"},
		"secret in it":     {BaseURL: "http://u:p@x", Hall: "h"},
		"no hall":          {BaseURL: "http://x"},
		"control in a URL": {BaseURL: "http://x\n", Hall: "h"},
	} {
		if _, err := NewClient(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestClientRequest(t *testing.T) {
	var got *http.Request
	var body []byte
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write([]byte(`{"id":"x","label":"A001","later_field":1}`))
	})
	r := TicketRequest{ID: "x", Business: "户籍"}
	k, err := c.IssueTicket(t.Context(), r)
	if err != nil || k.Label != "A001" {
		t.Fatalf("%+v, %v", k, err)
	}
	want, _ := json.Marshal(r)
	if got.Method != "POST" || got.URL.Path != "/v1/halls/test/tickets" || got.Header.Get("Authorization") != "Bearer secret-token" ||
		got.Header.Get("Content-Type") != "application/json" || !bytes.Equal(body, want) || got.ContentLength != int64(len(want)) {
		t.Errorf("%s %s %v %q", got.Method, got.URL, got.Header, body)
	}
	if _, err := c.Board(t.Context()); err != nil || got.Header.Get("Authorization") != "" {
		t.Errorf("the board was asked with a token: %v", err)
	}
}

// Ids with slashes and dots must stay one path segment.
func TestClientEscapesPaths(t *testing.T) {
	var path string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{}`))
	}))
	defer srv.Close()
	c := client(t, ClientConfig{BaseURL: srv.URL + "/", Hall: "a/../b"})
	if _, err := c.Status(t.Context()); err != nil || path != "/v1/halls/a%2F..%2Fb/status" {
		t.Errorf("path %s, %v", path, err)
	}
}

func TestClientErrors(t *testing.T) {
	problem, _ := json.Marshal(Refuse(CodeClosed, "大厅当前时间段不能取号。").Problem)
	answer := func(status int, media, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	tests := []struct {
		name string
		h    http.HandlerFunc
		want Code // "" = ErrUnreachable
	}{
		{"problem", answer(409, ProblemType, string(problem)), CodeClosed},
		{"problem with parameters", answer(409, ProblemType+"; charset=utf-8", string(problem)), CodeClosed},
		{"code of a later version", answer(409, ProblemType, `{"code":"too-hot","retryable":true}`), "too-hot"},
		{"problem without code", answer(409, ProblemType, `{}`), ""},
		{"broken problem", answer(409, ProblemType, `{`), ""},
		{"a proxy's page", answer(502, "text/html", "<h1>Bad Gateway</h1>"), ""},
		{"a captive portal", answer(200, "text/html", "<h1>Log in</h1>"), ""},
		{"a plain 404", answer(404, "text/plain", "404 page not found"), ""},
		{"broken JSON", answer(200, "application/json", `{"id":`), ""},
		{"wrong type", answer(200, "application/json", `{"ahead":"many"}`), ""},
		{"too large", answer(200, "application/json", `{"id":"`+strings.Repeat("x", maxAnswer)+`"}`), ""},
		{"unasked 304", answer(304, "", ""), ""},
		{"other success", answer(202, "application/json", `{}`), ""},
		{"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", 307) }, ""},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `{"id":`)
		}, ""},
		{"dropped", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var requests atomic.Int32
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				tt.h(w, r)
			})
			k, err := c.IssueTicket(t.Context(), TicketRequest{ID: "x", Business: "a"})
			if err == nil || k != (Ticket{}) && tt.want != "" {
				t.Fatalf("%+v, %v", k, err)
			}
			e, refused := errors.AsType[*Error](err)
			if unreachable := errors.Is(err, ErrUnreachable); unreachable != (tt.want == "") || refused != (tt.want != "") {
				t.Errorf("error %v, want code %q", err, tt.want)
			}
			if refused && e.Code != tt.want {
				t.Errorf("code %s", e.Code)
			}
			// A POST must be sent once, whatever happens to it.
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	problem, _ := json.Marshal(Refuse(CodeTooMany, "请稍后再试。").Problem)
	const date = "Sat, 21 Nov 2026 09:00:00 GMT"
	for _, tt := range []struct {
		name, after, date string
		want              time.Duration
	}{
		{"seconds", "120", date, 2 * time.Minute},
		{"spaces", " 7 ", date, 7 * time.Second},
		{"nought", "0", date, 0},
		{"no header", "", date, 0},
		{"too long", "86400", date, time.Hour},
		{"more digits than fit", strings.Repeat("9", 40), date, time.Hour},
		{"negative", "-5", date, 0},
		{"a fraction", "1.5", date, 0},
		{"a word", "soon", date, 0},
		// Dates are compared with the answer's own, whatever this machine's clock says.
		{"a date", "Sat, 21 Nov 2026 09:01:30 GMT", date, 90 * time.Second},
		{"an old form of date", "Saturday, 21-Nov-26 09:01:30 GMT", date, 90 * time.Second},
		{"a date that is over", "Sat, 21 Nov 2026 08:00:00 GMT", date, 0},
		{"a date far away", "Sun, 21 Nov 2027 09:00:00 GMT", date, time.Hour},
		{"no date that exists", "Sat, 35 Nov 2026 09:00:00 GMT", date, 0},
		{"the answer has no date, long ago", "Wed, 21 Nov 2001 09:00:00 GMT", "", 0},
		{"the answer has no date, far away", "Sat, 21 Nov 2826 09:00:00 GMT", "", time.Hour},
	} {
		c := client(t, ClientConfig{BaseURL: "http://127.0.0.1", Hall: "test", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			h := http.Header{"Content-Type": {ProblemType}}
			if tt.after != "" {
				h.Set("Retry-After", tt.after)
			}
			if tt.date != "" {
				h.Set("Date", tt.date)
			}
			return &http.Response{StatusCode: 429, Request: r, Header: h, Body: io.NopCloser(bytes.NewReader(problem))}, nil
		})})
		_, err := c.Status(t.Context())
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != CodeTooMany {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := e.RetryAfter(); got != tt.want {
			t.Errorf("%s: Retry-After %q is %v, want %v", tt.name, tt.after, got, tt.want)
		}
	}
	e := Refuse(CodeTooMany, "x")
	if later := e.After(time.Minute); later.RetryAfter() != time.Minute || e.RetryAfter() != 0 || later.Problem != e.Problem {
		t.Errorf("After: %v, and %v of the first", later.RetryAfter(), e.RetryAfter())
	}
	if e.After(-1).RetryAfter() != 0 || e.After(48*time.Hour).RetryAfter() != time.Hour {
		t.Error("After is not bounded")
	}
}

func TestClientGivesUpInTime(t *testing.T) {
	release := make(chan struct{})
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := c.Status(ctx)
	if !errors.Is(err, ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if took := time.Since(begun); took > 8*time.Second { // by itself it would wait for 10
		t.Errorf("took %v", took)
	}
	c.timeout = 50 * time.Millisecond // for a context without deadline
	if _, err := c.Status(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	c := client(t, ClientConfig{BaseURL: "http://" + ln.Addr().String(), Hall: "test"})
	if _, err := c.Status(t.Context()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("error %v", err)
	}
}

func TestClientLogIsBare(t *testing.T) {
	var log bytes.Buffer
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer srv.Close()
	c := client(t, ClientConfig{BaseURL: srv.URL, Hall: "test", Token: "secret-token",
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	c.IssueTicket(t.Context(), TicketRequest{ID: "x", Business: "a", Holder: &Holder{Number: "11010519491231002X", Name: "测试员"}})
	l := restLog{slog.New(slog.NewTextHandler(&log, nil))}
	l.Errorf("Post %q: Authorization: Bearer %s", "http://x/v1?name=测试员&id=1", "secret-token")
	l.Warnf("body %s", "11010519491231002X")
	l.Debugf("%s", "13800001234")
	if !strings.Contains(log.String(), "http client") {
		t.Fatalf("nothing was logged: %s", log.String())
	}
	for _, bad := range []string{"secret-token", "11010519491231002X", "110105", "测试员", "name=", "1380000"} {
		if strings.Contains(log.String(), bad) {
			t.Errorf("the log holds %q:\n%s", bad, log.String())
		}
	}
}

func TestRefuse(t *testing.T) {
	for code, m := range meanings {
		e := Refuse(code, "句子。")
		if e.Code != code || e.Status != m.status || code.Status() != m.status || e.Type != "urn:hallkiosk:problem:"+string(code) || e.Title == "" {
			t.Errorf("%+v", e)
		}
		if !HasCode(e, code) || !errors.Is(e, Refuse(code, "")) || errors.Is(e, Refuse("other", "")) {
			t.Errorf("%s is not found by its code", code)
		}
		if e.Retryable && e.Status < 500 && code != CodeUnauthorized && code != CodeTooMany {
			t.Errorf("%s: a refusal that can never change is retryable", code)
		}
	}
	if e := Refuse("unheard-of", ""); e.Status != 500 || e.Code != "unheard-of" {
		t.Errorf("%+v", e)
	}
}

func TestLabel(t *testing.T) {
	for _, tt := range []struct {
		prefix, series string
		n              int
		want           string
	}{
		{"A", "", 1, "A001"}, {"A", "", 999, "A999"}, {"A", "", 1000, "A1000"}, {"AB", "", 23, "AB023"},
		{"A", "7", 1, "A7-01"}, {"B", "12", 99, "B12-99"}, {"B", "12", 100, "B12-100"},
	} {
		if got := Label(tt.prefix, tt.series, tt.n); got != tt.want {
			t.Errorf("Label(%q, %q, %d) = %q, want %q", tt.prefix, tt.series, tt.n, got, tt.want)
		}
	}
}

func TestHolderKey(t *testing.T) {
	secret := strings.Repeat("5a", 32)
	const number = "11010519491231002X" // the example of GB 11643
	key := func(secret, day, number string) string {
		t.Helper()
		k, err := HolderKey(secret, day, number)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a := key(secret, "2026-11-23", number)
	// Computed with another implementation:
	//   K=$(printf 2026-11-23 | openssl dgst -sha256 -mac HMAC -macopt hexkey:5a…)
	//   printf 11010519491231002X | openssl dgst -sha256 -mac HMAC -macopt hexkey:$K
	if want := "30178c1bb394f00adaaea8c8f3aece63485ede80ce455167921df95a1eb965f3"; a != want {
		t.Errorf("key %s, want %s", a, want)
	}
	for name, other := range map[string]string{
		"another day":    key(secret, "2026-11-24", number),
		"another person": key(secret, "2026-11-23", "440524188001010014"),
		"another hall":   key(strings.Repeat("5b", 32), "2026-11-23", number),
	} {
		if other == a {
			t.Errorf("%s has the same key", name)
		}
	}
	for _, bad := range [][3]string{{"", "2026-11-23", number}, {"zz", "2026-11-23", number}, {secret[2:], "2026-11-23", number}, {secret, "", number}, {secret, "2026-11-23", ""}} {
		if _, err := HolderKey(bad[0], bad[1], bad[2]); err == nil || strings.Contains(err.Error(), number) {
			t.Errorf("HolderKey(%q, %q, …): %v", bad[0], bad[1], err)
		}
	}
}

// FuzzAnswer feeds the client answers of any status, type and shape.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "application/json", []byte(`{"id":"x"}`))
	f.Add(409, ProblemType, []byte(`{"code":"conflict"}`))
	f.Add(204, "", []byte{})
	f.Add(304, "", []byte{})
	f.Add(500, "text/html", []byte("<html>"))
	f.Add(301, "", []byte{})
	f.Fuzz(func(t *testing.T, status int, media string, body []byte) {
		if status < 200 || status > 599 || strings.ContainsAny(media, "\r\n\x00") {
			t.Skip()
		}
		c := client(t, ClientConfig{BaseURL: "http://127.0.0.1", Hall: "test", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Request: r, Header: http.Header{"Content-Type": {media}}, Body: io.NopCloser(bytes.NewReader(body))}, nil
		})})
		_, err := c.Status(t.Context())
		_, refused := errors.AsType[*Error](err)
		if err != nil && !refused && !errors.Is(err, ErrUnreachable) {
			t.Errorf("status %d: error of neither kind: %v", status, err)
		}
		if refused && status < 400 || err == nil && status >= 300 {
			t.Errorf("status %d: %v", status, err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What terminals and listeners ask since capability 3.
func TestClientRotateAndChanges(t *testing.T) {
	var got *http.Request
	var body []byte
	answer := `{"incarnation":"00ff"}`
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, answer)
	})
	token, err := c.Rotate(t.Context(), "aa")
	if err != nil || token != "00ff" || got.URL.Path != "/v1/halls/test/terminal/incarnation" || string(body) != `{"have":"aa"}` ||
		got.Header.Get("Authorization") != "Bearer secret-token" {
		t.Errorf("%q, %v; %s %s %s", token, err, got.Method, got.URL, body)
	}
	// A terminal that took "" for its incarnation would be taken for a wiped disk.
	answer = `{}`
	if token, err := c.Rotate(t.Context(), "aa"); !errors.Is(err, ErrUnreachable) || token != "" {
		t.Errorf("an answer without incarnation: %q, %v", token, err)
	}
	answer = `{"cursor":7,"changes":[{"n":7,"at":"2026-11-23T10:00:00+08:00","action":"called","label":"A001","window":"w1","to":"called"}]}`
	changes, err := c.Changes(t.Context(), 6, 20*time.Second)
	if err != nil || changes.Cursor != 7 || len(changes.Changes) != 1 || changes.Changes[0].To != Called ||
		got.URL.Path != "/v1/halls/test/changes" || got.URL.RawQuery != "after=6&wait=20" || got.Header.Get("Accept") == "text/event-stream" {
		t.Errorf("%+v, %v; %s", changes, err, got.URL)
	}
	w := &WindowClient{c: c, window: "w1", session: WindowSession{Token: "window-token"}}
	answer = `{"hall":"test","day":"2026-11-23","series":[]}`
	if d, err := w.Numbers(t.Context(), "2026-11-23"); err != nil || d.Day != "2026-11-23" || got.URL.Path != "/v1/halls/test/days/2026-11-23/numbers" ||
		got.Header.Get("Authorization") != "Bearer window-token" {
		t.Errorf("%+v, %v; %s", d, err, got.URL)
	}
	if _, err := w.Numbers(t.Context(), ""); err == nil {
		t.Error("numbers of no day are asked for")
	}
}
