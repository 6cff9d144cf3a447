package ticketing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// mood is what the fake centre does with one request.
type mood string

const (
	well       mood = "well"
	deafBefore mood = "connection cut before it was processed"
	lost       mood = "processed, answer lost"
	slow       mood = "no answer in time, not processed"
	slowLost   mood = "no answer in time, processed"
	stubborn   mood = "answers after ten seconds whatever the context says"
	garbage    mood = "answers something that is no ticket"
	foreign    mood = "answers somebody else's ticket"
	existing   mood = "this person has a ticket"
)

// code makes the centre refuse.
func code(c centralapi.Code) mood { return mood("refuse " + c) }

// centre is a centre as its contract says: the same id gives the same ticket.
type centre struct {
	mu        sync.Mutex
	moods     []mood // of the next requests; the last one stays
	asked     []centralapi.TicketRequest
	tickets   map[string]centralapi.Ticket
	abandoned map[string]bool
	n         int
	day       string
}

func newCentre(moods ...mood) *centre {
	return &centre{moods: moods, tickets: map[string]centralapi.Ticket{}, abandoned: map[string]bool{}, day: today}
}

const today = "2026-11-21"

func (c *centre) be(moods ...mood) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moods = moods
}

func (c *centre) asks() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

func (c *centre) made() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.tickets)
}

// process makes the ticket.
func (c *centre) process(r centralapi.TicketRequest) (centralapi.Ticket, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.abandoned[r.ID] {
		return centralapi.Ticket{}, centralapi.Refuse(centralapi.CodeAbandoned, "")
	}
	t, ok := c.tickets[r.ID]
	if !ok {
		c.n++
		t = centralapi.Ticket{ID: r.ID, Label: fmt.Sprintf("A%03d", c.n), Business: r.Business, Item: r.Item, Day: c.day,
			State: centralapi.Issued, IssuedAt: time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC), Ahead: c.n - 1}
		c.tickets[r.ID] = t
	}
	return t, nil
}

func (c *centre) IssueTicket(ctx context.Context, r centralapi.TicketRequest) (centralapi.Ticket, error) {
	c.mu.Lock()
	c.asked = append(c.asked, r)
	m := c.moods[0]
	if len(c.moods) > 1 {
		c.moods = c.moods[1:]
	}
	c.mu.Unlock()
	none := centralapi.Ticket{}
	switch m {
	case well:
		return c.process(r)
	case deafBefore:
		return none, fmt.Errorf("%w: connection refused", centralapi.ErrUnreachable)
	case lost:
		_, _ = c.process(r)
		return none, fmt.Errorf("%w: EOF", centralapi.ErrUnreachable)
	case slow, slowLost:
		if m == slowLost {
			_, _ = c.process(r)
		}
		<-ctx.Done()
		return none, fmt.Errorf("%w: %w", centralapi.ErrUnreachable, ctx.Err())
	case stubborn:
		time.Sleep(10 * time.Second)
		return c.process(r)
	case garbage:
		return centralapi.Ticket{}, nil
	case foreign:
		return centralapi.Ticket{ID: "x", Label: "A999", Business: r.Business, Day: today}, nil
	case existing:
		return centralapi.Ticket{ID: "0190-existing", Label: "A777", Business: r.Business, Item: "other", Day: today, Ahead: 3,
			HolderName: "测*员", Existing: true, State: centralapi.Issued, IssuedAt: time.Date(2026, 11, 21, 0, 30, 0, 0, time.UTC)}, nil
	}
	return none, centralapi.Refuse(centralapi.Code(m[len("refuse "):]), "一句话")
}

// place is what is known of the hall; tests set it.
type place struct {
	mu   sync.Mutex
	slot int
	at   time.Time
	day  string
	sure bool
	// unnamed: the centre has not said that it is day yet.
	unnamed bool
}

func newPlace() *place {
	return &place{slot: 7, at: time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC), day: today, sure: true}
}

func (p *place) Slot() (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slot, p.slot > 0
}

func (p *place) Now() (time.Time, string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at, p.day, p.sure
}

func (p *place) Named(day string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.unnamed
}

func (p *place) set(day string, sure bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.day, p.sure = day, sure
}

// clock is a machine's clock that tests set; its monotonic part follows time.Now.
type clock struct {
	mu    sync.Mutex
	boot  string
	start time.Time
	ahead time.Duration // of the wall clock
}

func newClock() *clock { return &clock{boot: "boot-1", start: time.Now()} }

func (c *clock) read() localstore.Moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	return localstore.Moment{BootID: c.boot, Monotonic: time.Since(c.start).Milliseconds(), Wall: time.Now().UTC().Round(0).Add(c.ahead)}
}

func (c *clock) set(f func(*clock)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

// bench is a desk with everything around it.
type bench struct {
	*Desk
	Store  *localstore.Store
	Outbox *outbox.Outbox
	dir    string
	centre *centre
	place  *place
	clock  *clock
	hook   func(string, localstore.Point) error
}

func newBench(t testing.TB, moods ...mood) *bench {
	t.Helper()
	b := &bench{dir: t.TempDir(), centre: newCentre(moods...), place: newPlace(), clock: newClock()}
	b.open(t)
	t.Cleanup(func() { b.Store.Close() })
	return b
}

// open makes desk and store from what is on the disk.
func (b *bench) open(t testing.TB) {
	t.Helper()
	s, err := localstore.Open(context.Background(), b.dir, localstore.Options{Clock: b.clock.read, Hook: b.hook})
	if err != nil {
		t.Fatal(err)
	}
	b.Store, b.Outbox = s, outbox.New(s)
	b.Desk = NewDesk(Config{Store: s, Outbox: b.Outbox, Centre: b.centre, Hall: b.place})
}

func (b *bench) reopen(t testing.TB) {
	t.Helper()
	if err := b.Store.Close(); err != nil {
		t.Fatal(err)
	}
	b.open(t)
}

var household = Request{Business: "household", Prefix: "A", Item: "move-in", Language: "zh",
	Holder: &centralapi.Holder{Key: "00ff", Name: "测*员", Number: "110***********002X", Source: "card"}}

// events returns the outbox as "kind body" lines without the parts that differ
// from run to run.
func (b *bench) events(t testing.TB) []centralapi.Event {
	t.Helper()
	rows, err := b.Outbox.Pending(context.Background(), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []centralapi.Event
	for i, r := range rows {
		if r.Event.Seq != int64(i+1) {
			t.Errorf("event %d has number %d", i+1, r.Event.Seq)
		}
		out = append(out, r.Event)
	}
	return out
}

func kinds(events []centralapi.Event) []centralapi.EventKind {
	var out []centralapi.EventKind
	for _, e := range events {
		out = append(out, e.Kind)
	}
	return out
}

func body[T any](t testing.TB, e centralapi.Event) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(e.Body, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// state returns the row's state and whether the holder's key is still in it.
func (b *bench) state(t testing.TB, id string) (state string, holder bool) {
	t.Helper()
	err := b.Store.Read(context.Background(), "test", func(tx *localstore.Tx) error {
		return tx.QueryRow(`SELECT state, holder <> '' FROM ticket WHERE id = ?`, id).Scan(&state, &holder)
	})
	if err != nil {
		t.Fatal(err)
	}
	return state, holder
}

var errCrash = errors.New("crash")
