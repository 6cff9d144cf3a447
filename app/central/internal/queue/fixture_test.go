package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/postgrestest"
)

const (
	hallID  = "test"
	testPIN = "246810"
)

var pinHash = sync.OnceValue(func() string {
	h, err := hall.HashPIN(testPIN)
	if err != nil {
		panic(err)
	}
	return h
})

// testHall is open on every day from 9 to 17 o'clock. Business a is served by w1
// and w2, b by w2 and w3, c by w3 in the morning only.
func testHall(windows int) *hall.Hall {
	week := func(spans ...string) map[string][]string {
		m := map[string][]string{}
		for _, d := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			m[d] = spans
		}
		return m
	}
	h := &hall.Hall{
		ID: hallID, Name: "测试大厅", TimeZone: "Asia/Shanghai", CutOver: 3,
		Hours: hall.Hours{Week: week("09:00-17:00")},
		Areas: []hall.Area{{ID: "x", Name: "一区"}, {ID: "y", Name: "二区"}},
		Businesses: []hall.Business{
			{ID: "a", Name: "户籍", Prefix: "A", Area: "x", Windows: []string{"w1", "w2"}, AskID: hall.AskOptional},
			{ID: "b", Name: "社保", Prefix: "B", Area: "y", Windows: []string{"w2", "w3"}, AskID: hall.AskNever},
			{ID: "c", Name: "公证", Prefix: "C", Area: "y", Windows: []string{"w3"}, AskID: hall.AskNever,
				Hours: &hall.Hours{Week: week("09:00-12:00")}, Items: []hall.Item{{ID: "c1", Name: "遗嘱公证"}}},
		},
	}
	for n := 1; n <= max(windows, 3); n++ {
		id := fmt.Sprintf("w%d", n)
		h.Windows = append(h.Windows, hall.Window{ID: id, Name: fmt.Sprint(n), Area: "x", PINHash: pinHash()})
		if n > 3 {
			h.Businesses[0].Windows = append(h.Businesses[0].Windows, id)
		}
	}
	return h
}

// morning is a moment at which the test hall is open.
var morning = time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))

// clock is a clock that is set by hand.
type clock struct {
	mu     sync.Mutex
	t      time.Time
	passed time.Duration
	boots  int
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// set lets time go by until t.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed += max(0, t.Sub(c.t))
	c.t = t
}

// jump puts the clock wrong, or right, in an instant.
func (c *clock) jump(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// boot is the clock that nobody sets.
func (c *clock) boot() (string, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.boots), c.passed.Milliseconds()
}

func (c *clock) add(d time.Duration) { c.set(c.now().Add(d)) }

// fixture is a desk on a real database with two terminals.
type fixture struct {
	*Desk
	t      *testing.T
	clock  *clock
	dir    string // of an SQLite database
	url    string // of a PostgreSQL database instead
	hall   *hall.Hall
	t1, t2 centralapi.Terminal
	seq    map[string]int64
}

func newFixture(t *testing.T) *fixture { return newFixtureWith(t, testHall(3)) }

// onPostgres makes fixtures work on PostgreSQL: `HALL_TEST_ON=postgres go test`
// runs the whole suite there. The tests that compare run on both in any case.
var onPostgres = os.Getenv("HALL_TEST_ON") == "postgres"

func newFixtureWith(t *testing.T, h *hall.Hall) *fixture {
	t.Helper()
	url := ""
	if onPostgres {
		url = postgrestest.Start(t)
	}
	return newFixtureOn(t, h, url)
}

// newFixtureOn works on a PostgreSQL database, or with an empty address on SQLite.
func newFixtureOn(t *testing.T, h *hall.Hall, url string) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{t: morning}, dir: t.TempDir(), url: url, hall: h, seq: map[string]int64{}}
	f.start()
	t.Cleanup(func() { f.store.Close() })
	var err error
	if _, f.t1, err = f.EnrolTerminal(t.Context(), hallID, "一号机"); err != nil {
		t.Fatal(err)
	}
	if _, f.t2, err = f.EnrolTerminal(t.Context(), hallID, "二号机"); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) start() {
	f.t.Helper()
	var s *store.Store
	var err error
	if f.url != "" {
		s, err = store.OpenPostgres(f.t.Context(), f.url, store.Options{})
	} else {
		s, err = store.Open(f.dir, store.Options{})
	}
	if err != nil {
		f.t.Fatal(err)
	}
	if f.Desk, err = New(Config{Store: s, Hub: &live.Hub{}, Halls: []*hall.Hall{f.hall}, Now: f.clock.now, Boot: f.clock.boot}); err != nil {
		f.t.Fatal(err)
	}
}

// restart closes everything and opens it again from the disk.
func (f *fixture) restart() {
	f.t.Helper()
	if err := f.store.Close(); err != nil {
		f.t.Fatal(err)
	}
	f.start()
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func request(business string) centralapi.TicketRequest {
	return centralapi.TicketRequest{ID: newID(), Business: business}
}

// person is the holder with this key; the masked texts are the standard's.
func person(key byte) *centralapi.Holder {
	return &centralapi.Holder{Key: strings.Repeat(fmt.Sprintf("%02x", key), 32), Name: "测*员", Number: "110***********002X", Source: "card"}
}

func (f *fixture) issue(r centralapi.TicketRequest) centralapi.Ticket {
	f.t.Helper()
	f.clock.add(time.Second)
	k, err := f.Issue(f.t.Context(), hallID, f.t1, r)
	if err != nil {
		f.t.Fatalf("issue %s: %v", r.Business, err)
	}
	return k
}

func (f *fixture) call(window string) centralapi.Ticket {
	f.t.Helper()
	k, ok, err := f.CallNext(f.t.Context(), hallID, window)
	if err != nil || !ok {
		f.t.Fatalf("call next at %s: %v, %v", window, ok, err)
	}
	return k
}

// event makes the terminal's next event; its age is what the batch says.
func (f *fixture) event(from centralapi.Terminal, kind centralapi.EventKind, body any) centralapi.Event {
	f.t.Helper()
	f.seq[from.ID]++
	raw, ok := body.(string)
	if !ok {
		data, err := json.Marshal(body)
		if err != nil {
			f.t.Fatal(err)
		}
		raw = string(data)
	}
	return centralapi.Event{ID: newID(), Seq: f.seq[from.ID], Kind: kind, Monotonic: 1000, BootID: "boot", Wall: f.clock.now(), Body: json.RawMessage(raw)}
}

func batch(from centralapi.Terminal, events ...centralapi.Event) centralapi.EventBatch {
	return centralapi.EventBatch{Terminal: from.ID, MonotonicNow: 1000, BootID: "boot", Events: events}
}

func (f *fixture) deliver(from centralapi.Terminal, events ...centralapi.Event) centralapi.EventReceipt {
	f.t.Helper()
	r, err := f.Deliver(f.t.Context(), hallID, from, batch(from, events...))
	if err != nil {
		f.t.Fatalf("deliver: %v", err)
	}
	return r
}

// taken is a number terminal from has given out by itself.
func taken(from centralapi.Terminal, r centralapi.TicketRequest, prefix string, n int) centralapi.TakenTicket {
	series := fmt.Sprint(from.Slot)
	return centralapi.TakenTicket{Ticket: r, Label: centralapi.Label(prefix, series, n), Series: series, Number: n, Day: "2026-11-23"}
}

func (f *fixture) row(id string) store.Ticket {
	f.t.Helper()
	var k store.Ticket
	err := f.store.Read(f.t.Context(), func(tx *store.Tx) error {
		var ok bool
		var err error
		if k, ok, err = tx.Ticket(hallID, id); err == nil && !ok {
			err = fmt.Errorf("no ticket %s", id)
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return k
}

func (f *fixture) counts() map[string]int {
	f.t.Helper()
	var n map[string]int
	if err := f.store.Read(f.t.Context(), func(tx *store.Tx) (err error) { n, err = tx.Counts(); return err }); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// log returns the actions in a ticket's log.
func (f *fixture) log(id string) []string {
	f.t.Helper()
	var out []string
	err := f.store.Read(f.t.Context(), func(tx *store.Tx) error {
		entries, err := tx.LogOf(hallID, id)
		for _, e := range entries {
			out = append(out, e.Action)
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// consistent checks what must hold whatever has happened: every number of every
// hall series is there exactly once, and the kept queue lengths are the counted ones.
func (f *fixture) consistent(day string) {
	f.t.Helper()
	err := f.store.Read(f.t.Context(), func(tx *store.Tx) error {
		lengths, err := tx.QueueLengths(hallID, day)
		if err != nil {
			return err
		}
		waiting := map[string]int{}
		for _, line := range f.lines() {
			for _, classed := range []bool{false, true} {
				list, err := tx.Waiting(hallID, day, line, classed, 1<<20)
				if err != nil {
					return err
				}
				for _, k := range list {
					waiting[k.Business]++
				}
			}
		}
		for _, b := range f.hall.Businesses {
			if waiting[b.ID] != lengths[b.ID] {
				f.t.Errorf("business %s: %d tickets wait, the kept length is %d", b.ID, waiting[b.ID], lengths[b.ID])
			}
			n := 1
			for ; ; n++ {
				k, ok, err := tx.TicketByNumber(hallID, day, b.Prefix, "", n)
				if err != nil {
					return err
				}
				if !ok {
					break
				}
				if k.State == centralapi.Void && k.Reason == "" {
					f.t.Errorf("%s is void without a reason", k.Label)
				}
			}
			if _, ok, _ := tx.TicketByNumber(hallID, day, b.Prefix, "", n+1); ok {
				f.t.Errorf("business %s: number %d is missing", b.ID, n)
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// lines are all lines of the hall.
func (f *fixture) lines() (out []string) {
	for _, b := range f.hall.Businesses {
		out = append(out, b.ID)
	}
	for _, w := range f.hall.Windows {
		out = append(out, store.WindowLine(w.ID))
	}
	return out
}

func wantCode(t *testing.T, err error, want centralapi.Code) {
	t.Helper()
	e, ok := errors.AsType[*centralapi.Error](err)
	if !ok || e.Code != want {
		t.Errorf("error %v, want code %s", err, want)
		return
	}
	if !strings.ContainsFunc(e.Detail, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		t.Errorf("code %s: sentence %q is not for staff", e.Code, e.Detail)
	}
}
