package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

// feedEvent is one event of the change stream.
type feedEvent struct {
	name, id string
	change   centralapi.Change
}

// follow opens the change stream and returns what reads its next event.
func follow(t *testing.T, s *server, query, lastID string) (next func() feedEvent, end func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // ends the test instead of hanging it
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+base+"/changes"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	res, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("X-Accel-Buffering") != "no" {
		t.Fatalf("status %d, header %v", res.StatusCode, res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	end = func() { cancel(); res.Body.Close() }
	t.Cleanup(end)
	return func() feedEvent {
		t.Helper()
		var e feedEvent
		for lines.Scan() {
			line := lines.Text()
			switch {
			case strings.HasPrefix(line, "event: "):
				e.name = line[7:]
			case strings.HasPrefix(line, "id: "):
				e.id = line[4:]
			case strings.HasPrefix(line, "data: ") && e.name == "change":
				d := json.NewDecoder(strings.NewReader(line[6:]))
				d.DisallowUnknownFields()
				if err := d.Decode(&e.change); err != nil {
					t.Fatal(err)
				}
			case line == "" && e.name != "":
				return e
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return e
	}, end
}

func TestChangeStream(t *testing.T) {
	s := newServer(t)
	token := s.login("w1")
	next, end := follow(t, s, "", "")
	begin := next()
	if begin.name != "reset" || begin.id == "" {
		t.Fatalf("a listener without position is told %+v", begin)
	}
	r := request("a")
	r.Holder = &centralapi.Holder{Key: strings.Repeat("0a", 32), Name: "测*员", Number: "110***********002X", Source: "card"}
	get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/tickets", token: s.token, body: r})
	taken := next()
	want := centralapi.Change{N: taken.change.N, At: taken.change.At, Action: "issued", Label: "A001", Business: "a", To: centralapi.Issued}
	if taken.name != "change" || taken.change != want || taken.id != fmt.Sprint(taken.change.N) || !taken.change.At.Equal(s.clock()) {
		t.Errorf("issued: %+v", taken)
	}
	get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/windows/w1/call-next", token: token})
	called := next()
	if c := called.change; c.N != taken.change.N+1 || c.Action != "called" || c.Label != "A001" || c.Window != "w1" || c.To != centralapi.Called {
		t.Errorf("called: %+v", c)
	}
	end()

	// What happens while nobody listens is told afterwards, whichever way the
	// position is given, and a header goes before the address.
	for range 5 {
		s.issue("b")
	}
	for _, at := range []struct{ query, header string }{{"?after=" + called.id, ""}, {"", called.id}, {"?after=0", called.id}} {
		next, end := follow(t, s, at.query, at.header)
		for n := range int64(5) {
			if e := next(); e.change.N != called.change.N+1+n || e.change.Label != fmt.Sprintf("B%03d", n+1) {
				t.Fatalf("%+v: event %d is %+v", at, n, e)
			}
		}
		end()
	}
	// Where the hall has never been.
	next, end = follow(t, s, "?after=1000000", "")
	defer end()
	if e := next(); e.name != "reset" || e.id != fmt.Sprint(called.change.N+5) {
		t.Errorf("ahead of the hall: %+v", e)
	}
	s.issue("b")
	if e := next(); e.name != "change" || e.change.Label != "B006" {
		t.Errorf("after the reset: %+v", e)
	}
}

// A listener that has been away for more than a thousand changes is told to begin
// anew, and one that is just not that far behind hears everything.
func TestChangeStreamTooFarBehind(t *testing.T) {
	s := newServer(t)
	begin := s.hub.Cursor(hallID)
	for range 1001 {
		if _, err := s.desk.Issue(t.Context(), hallID, s.terminal, request("a")); err != nil {
			t.Fatal(err)
		}
	}
	next, end := follow(t, s, fmt.Sprintf("?after=%d", begin), "")
	if e := next(); e.name != "reset" || e.id != fmt.Sprint(begin+1001) {
		t.Errorf("1001 behind: %+v", e)
	}
	end()
	next, end = follow(t, s, fmt.Sprintf("?after=%d", begin+1), "")
	defer end()
	for n := range int64(1000) {
		if e := next(); e.change.N != begin+2+n {
			t.Fatalf("1000 behind: event %d is %+v", n, e)
		}
	}
}

func TestLongPoll(t *testing.T) {
	s := newServer(t)
	poll := func(query string) centralapi.Changes {
		t.Helper()
		return get[centralapi.Changes](s, 200, call{method: "GET", path: base + "/changes" + query, header: acceptJSON})
	}
	begin := poll("")
	if !begin.Reset || len(begin.Changes) != 0 {
		t.Errorf("without a position: %+v", begin)
	}
	s.issue("a")
	s.issue("a")
	got := poll(fmt.Sprintf("?after=%d&wait=20", begin.Cursor))
	for got.Cursor < begin.Cursor+2 { // the second one may be told by the next poll
		more := poll(fmt.Sprintf("?after=%d&wait=20", got.Cursor))
		got.Cursor, got.Changes = more.Cursor, append(got.Changes, more.Changes...)
	}
	if len(got.Changes) != 2 || got.Changes[1].Label != "A002" || got.Cursor != got.Changes[1].N || got.Reset {
		t.Errorf("two changes: %+v", got)
	}
	if none := poll(fmt.Sprintf("?after=%d", got.Cursor)); len(none.Changes) != 0 || none.Cursor != got.Cursor || none.Reset {
		t.Errorf("no change: %+v", none)
	}
	if ahead := poll("?after=1000000&wait=20"); !ahead.Reset || ahead.Cursor != got.Cursor {
		t.Errorf("ahead of the hall: %+v", ahead)
	}

	// One that waits is answered by the change, beyond the server's own limits.
	answer := make(chan centralapi.Changes, 1)
	go func() {
		c, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: s.URL, Hall: hallID})
		if err != nil {
			t.Error(err)
		}
		defer c.Close()
		out, err := c.Changes(t.Context(), got.Cursor, 20*time.Second)
		if err != nil {
			t.Error(err)
		}
		answer <- out
	}()
	for s.hub.Listeners(hallID) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.issue("a")
	select {
	case out := <-answer:
		if len(out.Changes) != 1 || out.Changes[0].Label != "A003" {
			t.Errorf("answer %+v", out)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the poll was not answered by the change")
	}
}

func TestLongPollOutlivesTimeouts(t *testing.T) {
	s := newServerWith(t, time.Second, func(h *http.Server) {
		h.ReadTimeout, h.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	})
	begun := time.Now()
	got := get[centralapi.Changes](s, 200, call{method: "GET", path: fmt.Sprintf("%s/changes?after=%d&wait=1", base, s.hub.Cursor(hallID)), header: acceptJSON})
	if took := time.Since(begun); took < time.Second || len(got.Changes) != 0 || got.Reset {
		t.Errorf("after %v: %+v", took, got)
	}
}

// Streams and long polls share the places for connections that last.
func TestMaxStreams(t *testing.T) {
	s := newServer(t)
	full := httptest.NewServer(New(Config{Desk: s.desk, MaxStreams: 1}))
	defer full.Close()
	s.URL = full.URL
	next, end := follow(t, s, "", "")
	next()
	for _, path := range []string{"/changes", "/board/stream"} {
		if res, _ := s.do(call{method: "GET", path: base + path}); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s: status %d, want 503 with Retry-After", path, res.StatusCode)
		}
	}
	end()
	deadline := time.Now().Add(time.Minute)
	for {
		if res, _ := s.do(call{method: "GET", path: base + "/changes", header: acceptJSON}); res.StatusCode == 200 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the place is not free again")
		}
	}
}
