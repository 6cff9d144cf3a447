package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

type ctx = context.Context

// listener reads one board stream.
type listener struct {
	t      *testing.T
	res    *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

// listen opens a stream and checks its headers.
func listen(t *testing.T, s *server) *listener {
	t.Helper()
	// A stream that stays silent ends the test instead of hanging it.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+base+"/board/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("X-Accel-Buffering") != "no" {
		t.Fatalf("status %d, header %v", res.StatusCode, res.Header)
	}
	l := &listener{t: t, res: res, lines: bufio.NewScanner(res.Body), cancel: cancel}
	t.Cleanup(l.close)
	return l
}

func (l *listener) close() {
	l.cancel()
	l.res.Body.Close()
}

// next returns the next event or comment: its name (":" for a comment) and data.
func (l *listener) next() (name, data string, ok bool) {
	for l.lines.Scan() {
		line := l.lines.Text()
		switch {
		case strings.HasPrefix(line, ":"):
			return ":", line[1:], true
		case strings.HasPrefix(line, "event: "):
			name = line[7:]
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		case line == "" && name != "":
			return name, data, true
		}
	}
	return "", "", false
}

func (l *listener) board() centralapi.Board {
	l.t.Helper()
	for {
		name, data, ok := l.next()
		if !ok {
			l.t.Fatalf("the stream ended: %v", l.lines.Err())
		}
		if name == ":" {
			continue
		}
		var b centralapi.Board
		if err := json.Unmarshal([]byte(data), &b); err != nil || name != "board" {
			l.t.Fatalf("event %q: %v", name, err)
		}
		// The event must be the Board of the contract too.
		var v any
		if err := json.Unmarshal([]byte(data), &v); err != nil {
			l.t.Fatal(err)
		}
		if err := testContract(l.t).board(v); err != nil {
			l.t.Errorf("contract: event: %v", err)
		}
		return b
	}
}

func TestStreamShowsACall(t *testing.T) {
	s := newServer(t)
	token := s.login("w1")
	l := listen(t, s)
	if b := l.board(); len(b.Calls) != 0 {
		t.Fatalf("first board %+v", b)
	}
	s.issue("a")
	begun := time.Now()
	k := get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/windows/w1/call-next", token: token})
	for {
		if b := l.board(); len(b.Calls) == 1 && b.Calls[0].Label == k.Label && b.Calls[0].Window == "1" {
			break
		}
	}
	if took := time.Since(begun); took > 10*time.Second { // a quiet stream says something every 15
		t.Errorf("the call took %v to the board", took)
	}
}

func TestStreamSurvivesReconnect(t *testing.T) {
	s := newServer(t)
	token := s.login("w1")
	l := listen(t, s)
	l.board()
	l.close()
	// What happens while nobody listens is in the first event afterwards.
	s.issue("a")
	k := get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/windows/w1/call-next", token: token})
	again := listen(t, s)
	if b := again.board(); len(b.Calls) != 1 || b.Calls[0].Label != k.Label {
		t.Errorf("first board after the reconnect: %+v", b.Calls)
	}
	s.issue("a")
	for again.board().Waiting[0].Waiting != 1 {
	}
}

// A quiet stream sends comments, beyond the server's read and write timeouts.
func TestStreamOutlivesTimeouts(t *testing.T) {
	s := newServerWith(t, 20*time.Millisecond, func(h *http.Server) {
		h.ReadTimeout, h.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	})
	l := listen(t, s)
	l.board()
	begun := time.Now()
	for time.Since(begun) < 400*time.Millisecond {
		if name, _, ok := l.next(); !ok || name != ":" {
			t.Fatalf("after %v: %q, %v, %v", time.Since(begun), name, ok, l.lines.Err())
		}
	}
}

func TestStreamsEndWithTheService(t *testing.T) {
	s := newServer(t)
	before := runtime.NumGoroutine()
	var all []*listener
	for range 10 {
		l := listen(t, s)
		l.board()
		all = append(all, l)
	}
	s.hub.Close()
	for _, l := range all {
		if name, _, ok := l.next(); ok {
			t.Errorf("a stream goes on after the end: %q", name)
		}
		l.close()
	}
	s.Client().Transport.(*http.Transport).CloseIdleConnections()
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before+2 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before+2 {
		t.Errorf("%d goroutines, %d before the streams", n, before)
	}
}

func TestListenersAreLetGo(t *testing.T) {
	s := newServer(t)
	l := listen(t, s)
	l.board()
	if n := s.hub.Listeners(hallID); n != 1 {
		t.Fatalf("%d listeners", n)
	}
	l.close()
	deadline := time.Now().Add(time.Minute)
	for s.hub.Listeners(hallID) != 0 {
		if time.Now().After(deadline) {
			t.Fatal("the listener is still there five seconds after it left")
		}
		time.Sleep(time.Millisecond)
	}
}
