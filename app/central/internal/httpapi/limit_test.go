package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/centralapi"
)

// door is a desk behind which there is nothing: tokens that begin with "good" are
// terminals'.
type door struct{ Desk }

func (door) TerminalOf(_ context.Context, _, token string) (centralapi.Terminal, error) {
	if !strings.HasPrefix(token, "good") {
		return centralapi.Terminal{}, centralapi.Refuse(centralapi.CodeUnauthorized, "口令不正确。")
	}
	return centralapi.Terminal{ID: "t1"}, nil
}

func (door) Terminal(_ context.Context, _, id string) (centralapi.Terminal, error) {
	return centralapi.Terminal{ID: id}, nil
}

func (door) Board(context.Context, string) (centralapi.Board, error) { return centralapi.Board{}, nil }
func (door) Ready(context.Context) error                             { return nil }

// crowd sends requests without a network, from any address.
type crowd struct {
	t *testing.T
	h http.Handler
}

func (c crowd) get(address, token, path string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = address
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	return w
}

// passes returns how many of n such requests are let through.
func (c crowd) passes(n int, address, token, path string) int {
	c.t.Helper()
	passed := 0
	for range n {
		w := c.get(address, token, path)
		if w.Code != http.StatusTooManyRequests {
			passed++
			continue
		}
		p := problem(c.t, w.Body.Bytes())
		if wait, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || wait != 1 ||
			p != centralapi.Refuse(centralapi.CodeTooMany, p.Detail).Problem || p.Detail == "" || w.Header().Get("Content-Type") != centralapi.ProblemType {
			c.t.Fatalf("refusal: %v %+v", w.Header(), p)
		}
	}
	return passed
}

const (
	board    = base + "/board"
	terminal = base + "/terminal"
)

func limited(t *testing.T, test func(t *testing.T, c crowd)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "page") })
		test(t, crowd{t, New(Config{Desk: door{}, Other: pages})})
	})
}

func TestLimitPerAddress(t *testing.T) {
	limited(t, func(t *testing.T, c crowd) {
		const a = "192.0.2.1:1000"
		if n := c.passes(150, a, "", board); n != 100 {
			t.Errorf("%d of 150 requests at once pass, want 100", n)
		}
		if n := c.passes(1, "192.0.2.1:2000", "", "/v1/nothing"); n != 0 {
			t.Error("another port and path are another client")
		}
		time.Sleep(time.Second)
		if n := c.passes(80, a, "", board); n != 50 {
			t.Errorf("%d requests pass a second later, want 50", n)
		}
		if n := c.passes(150, "192.0.2.2:1000", "", board); n != 100 {
			t.Errorf("%d requests of another address pass, want 100", n)
		}
		time.Sleep(time.Hour)
		if n := c.passes(150, a, "", board); n != 100 {
			t.Errorf("%d requests pass after an hour, want 100", n)
		}
		// One IPv6 network is one client, whatever its machines call themselves.
		for i := range 120 {
			c.passes(1, fmt.Sprintf("[2001:db8::%x]:1", i+1), "", board)
		}
		if n := c.passes(1, "[2001:db8::ffff]:1", "", board); n != 0 {
			t.Error("an IPv6 client gets a new bucket with every address")
		}
		if n := c.passes(1, "[2001:db8:0:1::1]:1", "", board); n != 1 {
			t.Error("another IPv6 network is refused")
		}
		if n := c.passes(150, "no address", "", board); n != 100 {
			t.Errorf("%d requests without an address pass, want 100", n)
		}
	})
}

func TestLimitPerToken(t *testing.T) {
	limited(t, func(t *testing.T, c crowd) {
		const hall = "192.0.2.1:1000" // all terminals behind one address
		// Made-up tokens are no clients of their own.
		passed := 0
		for i := range 150 {
			passed += c.passes(1, hall, fmt.Sprintf("bad-%d", i), terminal)
		}
		if passed != 100 {
			t.Errorf("%d of 150 made-up tokens pass, want 100", passed)
		}
		// A token that was found valid is.
		time.Sleep(2 * time.Second)
		for _, token := range []string{"good-1", "good-2"} {
			if w := c.get(hall, token, terminal); w.Code != http.StatusOK {
				t.Fatalf("valid token: %d", w.Code)
			}
		}
		c.passes(150, hall, "", board)
		if n := c.passes(1, hall, "", board); n != 0 {
			t.Fatal("the address has not used up its bucket")
		}
		for _, token := range []string{"good-1", "good-2"} {
			if n := c.passes(150, hall, token, board); n != 100 {
				t.Errorf("%s: %d requests pass, want 100", token, n)
			}
		}
	})
}

// Whoever probes the service restarts what does not answer, and the pages have
// limits of their own.
func TestNoLimitForProbesAndPages(t *testing.T) {
	limited(t, func(t *testing.T, c crowd) {
		for _, path := range []string{"/livez", "/readyz", "/console"} {
			if n := c.passes(500, "192.0.2.1:1000", "", path); n != 500 {
				t.Errorf("%s: %d of 500 requests pass", path, n)
			}
		}
	})
}

func TestLimiterIsBounded(t *testing.T) {
	l := newLimiter(defaultRate, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest(http.MethodGet, board, nil)
	for i := range 3 * maxClients {
		l.prove(fmt.Sprint("good", i))
		r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)
		if _, ok := l.take(r); !ok {
			t.Fatal("a first request is refused")
		}
	}
	if n, m := len(l.addresses.byKey), l.addresses.recent.Len(); n != maxClients || m != n {
		t.Errorf("%d and %d addresses are remembered, want %d", n, m, maxClients)
	}
	if n, m := len(l.tokens.byKey), l.tokens.recent.Len(); n != maxClients || m != n {
		t.Errorf("%d and %d tokens are remembered, want %d", n, m, maxClients)
	}
	if l.addresses.find(network(r.RemoteAddr)) == nil || l.addresses.find(network("10.0.0.0:1")) != nil {
		t.Error("the latest client is forgotten, or the first one is not")
	}
}

// A flood is a line a minute, without tokens and addresses.
func TestFloodIsNotAFloodOfLogLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := crowd{t, New(Config{Desk: door{}, Logger: slog.New(slog.NewTextHandler(&log, nil))})}
		for range 4 {
			c.passes(1000, "192.0.2.77:1000", "secret-token", board)
			time.Sleep(20 * time.Second)
		}
		if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), "refused=1\n") || !strings.Contains(log.String(), "refused=2700\n") {
			t.Errorf("%d lines for 4000 requests in a minute, want 2 with their numbers:\n%s", n, log.String())
		}
		for _, bad := range []string{"192.0.2", "secret"} {
			if strings.Contains(log.String(), bad) {
				t.Errorf("the log holds %q:\n%s", bad, log.String())
			}
		}
	})
}

func BenchmarkLimiter(b *testing.B) {
	l := newLimiter(1e9, slog.New(slog.DiscardHandler))
	l.prove("good")
	r := httptest.NewRequest(http.MethodGet, board, nil)
	r.Header.Set("Authorization", "Bearer good")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := l.take(r); !ok {
			b.Fatal("refused")
		}
	}
}
