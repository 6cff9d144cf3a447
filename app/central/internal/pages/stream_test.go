package pages

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// event is one server-sent event as a browser delivers it.
type event struct{ name, id, data string }

// parseEvents delivers the events of a stream until it ends.
func parseEvents(t *testing.T, lines *bufio.Scanner, deliver func(event)) {
	var e event
	var data []string
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "":
			e.data = strings.Join(data, "\n")
			deliver(e)
			e, data = event{}, nil
		case strings.HasPrefix(line, "event: "):
			e.name = line[len("event: "):]
		case strings.HasPrefix(line, "id: "):
			e.id = line[len("id: "):]
		case strings.HasPrefix(line, "data:"):
			data = append(data, strings.TrimPrefix(line[len("data:"):], " "))
		default:
			t.Errorf("line %q is no part of an event", line)
		}
	}
}

// TestStreamsOverTheNetwork uses a real server whose own time limits are far
// shorter than the stream.
func TestStreamsOverTheNetwork(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "pension", "", "李*例", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	server := httptest.NewUnstartedServer(c.site)
	server.Config.ReadTimeout = 300 * time.Millisecond
	server.Config.WriteTimeout = 300 * time.Millisecond
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections() // streams never end by themselves
		server.Close()
	})

	open := func(path, cookie string) chan event {
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", cookie)
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "text/event-stream; charset=utf-8" {
			t.Fatalf("%s: %s, %q", path, res.Status, got)
		}
		events := make(chan event, 100)
		go func() {
			defer close(events)
			defer res.Body.Close()
			lines := bufio.NewScanner(res.Body)
			lines.Buffer(nil, 1<<20)
			parseEvents(t, lines, func(e event) { events <- e })
		}()
		return events
	}
	next := func(events chan event, name string) string {
		t.Helper()
		limit := time.After(10 * time.Second)
		for {
			select {
			case e, ok := <-events:
				if !ok {
					t.Fatalf("the stream ended before %q", name)
				}
				if e.name == name {
					return e.data
				}
			case <-limit:
				t.Fatalf("no event %q within ten seconds", name)
			}
		}
	}

	console, board := open("/console/stream", c.cookie), open("/board/stream", "")
	if next(console, "hello") == "" || next(board, "hello") == "" {
		t.Error("hello without a version")
	}
	wants(t, "first panel", next(console, "part"), "D001")
	wants(t, "first board", next(board, "part"), "请取号后")
	wants(t, "clock", next(board, "beat"), "1795401000000 480")

	c.press("call", "")
	wants(t, "panel after the call", next(console, "part"), "已叫号")
	wants(t, "board after the call", next(board, "part"), "D001", "3 号窗口")

	// By now the server's limits have long passed for the first requests.
	for i := range 4 {
		d.take(10+i, "pension", "", "", time.Minute)
		next(board, "part")
		next(console, "part")
	}

	c.post("/logout", nil)
	d.mu.Lock()
	d.changed() // as the real desk does when the ledger grows
	d.mu.Unlock()
	next(console, "ended")
	if _, open := <-console; open {
		t.Error("the stream goes on after its end")
	}
	d.take(20, "pension", "", "", time.Minute)
	next(board, "part") // boards need no session
}

// tape is a connection inside a synctest bubble: it notes events with their
// time, and never blocks.
type tape struct {
	header http.Header
	start  time.Time
	mu     sync.Mutex
	text   strings.Builder
	at     []time.Duration // of each write
	broken bool
}

func newTape() *tape { return &tape{header: http.Header{}, start: time.Now()} }

func (p *tape) Header() http.Header { return p.header }
func (p *tape) WriteHeader(int)     {}
func (p *tape) Flush()              {}

func (p *tape) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken {
		return 0, errors.New("gone")
	}
	p.at = append(p.at, time.Since(p.start))
	return p.text.Write(b)
}

func (p *tape) events(t *testing.T) (out []event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := bufio.NewScanner(strings.NewReader(p.text.String()))
	lines.Buffer(nil, 1<<20)
	parseEvents(t, lines, func(e event) { out = append(out, e) })
	return out
}

func names(events []event) string {
	var out []string
	for _, e := range events {
		out = append(out, e.name)
	}
	return strings.Join(out, " ")
}

func startBoardStream(d *fakeDesk, p *tape) (site http.Handler, stop context.CancelFunc, done chan struct{}) {
	site = New(Config{Desk: d, Staff: nobody{}, Halls: []string{"demo"}})
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/board/stream", nil)
	done = make(chan struct{})
	go func() {
		site.ServeHTTP(p, r)
		close(done)
	}()
	return site, cancel, done
}

func TestStreamBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, p := newFakeDesk(t), newTape()
		_, stop, done := startBoardStream(d, p)
		time.Sleep(46 * time.Second)
		stop()
		<-done
		if got := names(p.events(t)); got != "hello part beat beat beat beat" {
			t.Errorf("46 quiet seconds: %s", got)
		}
		if len(d.subs) != 0 {
			t.Error("the subscription outlives the stream")
		}
	})
}

func TestStreamCalmsBursts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, p := newFakeDesk(t), newTape()
		_, stop, done := startBoardStream(d, p)
		time.Sleep(time.Second)
		for i := range 50 {
			d.take(i+1, "pension", "", "", 0)
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		stop()
		<-done
		events := p.events(t)
		if got := names(events); got != "hello part beat part beat part beat" {
			t.Errorf("fifty changes in 50 ms: %s; want the first at once and the rest as one", got)
		}
		wants(t, "last part", events[len(events)-2].data, "<b>50</b>")
		// A part's id is the cursor of the change feed.
		for i, want := range map[int]string{1: "0", 3: "1", 5: "50"} {
			if events[i].id != want {
				t.Errorf("part %d has the id %q, want %s", i, events[i].id, want)
			}
		}
	})
}

func TestStreamEnds(t *testing.T) {
	for name, end := range map[string]func(*fakeDesk, *tape){
		"the service ends": func(d *fakeDesk, _ *tape) {
			for c := range d.subs {
				close(c)
			}
		},
		"the desk fails": func(d *fakeDesk, _ *tape) { d.fail = errors.New("disk"); d.changed() },
		"the reader has gone": func(d *fakeDesk, p *tape) {
			p.mu.Lock()
			p.broken = true
			p.mu.Unlock()
			d.changed()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, p := newFakeDesk(t), newTape()
				_, stop, done := startBoardStream(d, p)
				defer stop()
				time.Sleep(time.Second)
				d.mu.Lock()
				end(d, p)
				d.mu.Unlock()
				<-done // a stream that goes on is a deadlock here
			})
		})
	}
}

// TestStreamSendsOnlyWhatIsNew: a change that alters nothing on the page sends no
// part.
func TestStreamSendsOnlyWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, p := newFakeDesk(t), newTape()
		_, stop, done := startBoardStream(d, p)
		time.Sleep(time.Second)
		d.mu.Lock()
		d.changed()
		d.mu.Unlock()
		time.Sleep(time.Second)
		stop()
		<-done
		if got := names(p.events(t)); got != "hello part beat beat" {
			t.Errorf("a change elsewhere: %s", got)
		}
	})
}

func TestStreamLimit(t *testing.T) {
	s := &site{desk: newFakeDesk(t), web: &webFiles{}}
	full := gate{max: 7}
	full.open.Store(7)
	w := httptest.NewRecorder()
	s.stream(w, httptest.NewRequest(http.MethodGet, "/board/stream", nil), &full, "demo", nil)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("one stream too many: %d", w.Code)
	}
	if n := full.open.Load(); n != 7 {
		t.Errorf("%d streams counted afterwards, want 7", n)
	}
}

// TestConsoleStreamWithoutSession tells the script to go to the log-in rather
// than to reconnect for ever.
func TestConsoleStreamWithoutSession(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	var got []event
	parseEvents(t, bufio.NewScanner(c.get("/console/stream").Body), func(e event) { got = append(got, e) })
	if names(got) != "hello ended" {
		t.Errorf("events: %s", names(got))
	}
}
