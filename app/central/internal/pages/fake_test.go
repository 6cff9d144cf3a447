package pages

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
)

// opening is the moment all tests play at.
var opening = time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC) // Monday 10:30 in Shanghai

// fakeDesk is a queue in memory: simple rules, everything recorded.
type fakeDesk struct {
	mu      sync.Mutex
	hall    *hall.Hall
	now     time.Time
	current map[string]*centralapi.Ticket
	waiting []centralapi.Ticket
	done    map[string][]queue.DoneTicket
	held    map[string][]centralapi.Ticket
	missed  []centralapi.Ticket
	closed  map[string]string // why, by window
	paused  map[string]string // why, by business
	waits   map[string]int    // people waiting by area, besides those who took a number
	help    []queue.HelpCall
	faults  []queue.DeviceFault
	calls   []centralapi.BoardCall
	notice  string
	phones  map[string]centralapi.Ticket
	subs    map[chan int64]bool
	ring    handoff.Ring
	guides  *guide.Catalogue // nil = the hall has none
	wait    *time.Duration   // of every ticket, see queue.Phone
	cursor  int64
	fail    error // what every method but Hall and Subscribe returns, if set
	log     []string
}

func newFakeDesk(t testing.TB) *fakeDesk {
	t.Helper()
	f, err := hall.ReadFile("../../../../assets/halls/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	return &fakeDesk{
		hall: f.Hall, now: opening, notice: f.Hall.Notice,
		current: map[string]*centralapi.Ticket{},
		held:    map[string][]centralapi.Ticket{}, closed: map[string]string{}, paused: map[string]string{},
		done: map[string][]queue.DoneTicket{}, subs: map[chan int64]bool{}, phones: map[string]centralapi.Ticket{},
	}
}

// take adds a ticket that has waited for so long.
func (d *fakeDesk) take(n int, business, item, name string, waited time.Duration) centralapi.Ticket {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, ok := d.hall.Business(business)
	if !ok {
		panic("no business " + business)
	}
	t := centralapi.Ticket{
		ID: fmt.Sprintf("ticket-%s%03d", b.Prefix, n), Hall: d.hall.ID, Label: fmt.Sprintf("%s%03d", b.Prefix, n),
		Business: business, Item: item, HolderName: name, State: centralapi.Issued, IssuedAt: d.now.Add(-waited),
	}
	if name != "" {
		t.HolderNumber = "110***********231X"
	}
	d.waiting = append(d.waiting, t)
	d.changed()
	return t
}

// changed is called with mu held.
func (d *fakeDesk) changed() {
	d.cursor++
	for c := range d.subs {
		select {
		case <-c:
		default:
		}
		c <- d.cursor
	}
}

func (d *fakeDesk) enter(format string, args ...any) (unlock func(), err error) {
	d.mu.Lock()
	d.log = append(d.log, fmt.Sprintf(format, args...))
	return d.mu.Unlock, d.fail
}

func (d *fakeDesk) count(entry string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, e := range d.log {
		if e == entry {
			n++
		}
	}
	return n
}

func (d *fakeDesk) Hall(id string) (*hall.Hall, bool) { return d.hall, id == d.hall.ID }

func (d *fakeDesk) Console(_ context.Context, hallID, windowID string) (queue.Console, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return queue.Console{}, d.fail
	}
	c := queue.Console{
		Now: d.now, Cursor: d.cursor, Hall: hallID, Window: windowID, Done: slices.Clone(d.done[windowID]),
		Help: slices.Clone(d.help), Faults: slices.Clone(d.faults),
		Held: slices.Clone(d.held[windowID]), Missed: slices.Clone(d.missed), Classes: []centralapi.TicketClass{centralapi.Priority, centralapi.Appointment},
	}
	c.ClosedWhy, c.Closed = d.closed[windowID]
	for _, b := range d.hall.Businesses {
		c.Targets.Businesses = append(c.Targets.Businesses, queue.Target{ID: b.ID, Name: b.Name})
	}
	for _, w := range d.hall.Windows {
		if w.ID != windowID {
			c.Targets.Windows = append(c.Targets.Windows, queue.Target{ID: w.ID, Name: w.Name})
		}
	}
	if t := d.current[windowID]; t != nil {
		copied := *t
		c.Current = &copied
	}
	for _, t := range d.waiting {
		if b, _ := d.hall.Business(t.Business); slices.Contains(b.Windows, windowID) {
			c.Waiting = append(c.Waiting, t)
		}
	}
	return c, nil
}

func (d *fakeDesk) CallNext(_ context.Context, hallID, windowID string) (centralapi.Ticket, bool, error) {
	unlock, err := d.enter("call %s", windowID)
	defer unlock()
	if err != nil {
		return centralapi.Ticket{}, false, err
	}
	if d.current[windowID] != nil {
		return centralapi.Ticket{}, false, centralapi.Refuse(centralapi.CodeConflict, "请先点完成或过号。")
	}
	for i, t := range d.waiting {
		if b, _ := d.hall.Business(t.Business); slices.Contains(b.Windows, windowID) {
			d.waiting = slices.Delete(d.waiting, i, i+1)
			t.State, t.Window, t.CalledAt = centralapi.Called, windowID, d.now
			d.current[windowID] = &t
			d.announce(&t)
			return t, true, nil
		}
	}
	return centralapi.Ticket{}, false, nil
}

func (d *fakeDesk) announce(t *centralapi.Ticket) {
	t.Calls++
	w, _ := d.hall.Window(t.Window)
	d.calls = slices.Insert(d.calls, 0, centralapi.BoardCall{Label: t.Label, Window: w.Name, Area: w.Area, At: d.now, Calls: t.Calls})
	d.calls = d.calls[:min(len(d.calls), 100)]
	d.changed()
}

func (d *fakeDesk) Recall(_ context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	unlock, err := d.enter("recall %s", ticketID)
	defer unlock()
	t := d.current[windowID]
	if err != nil || t == nil || t.ID != ticketID {
		return centralapi.Ticket{}, cmpErr(err)
	}
	d.announce(t)
	return *t, nil
}

func (d *fakeDesk) end(windowID, ticketID string, state centralapi.TicketState) (centralapi.Ticket, error) {
	unlock, err := d.enter("%s %s", state, ticketID)
	defer unlock()
	t := d.current[windowID]
	if err != nil || t == nil || t.ID != ticketID {
		return centralapi.Ticket{}, cmpErr(err)
	}
	t.State = state
	delete(d.current, windowID)
	d.done[windowID] = slices.Insert(d.done[windowID], 0, queue.DoneTicket{Ticket: *t, At: d.now})
	d.changed()
	return *t, nil
}

func cmpErr(err error) error {
	if err != nil {
		return err
	}
	return centralapi.Refuse(centralapi.CodeConflict, "")
}

func (d *fakeDesk) NoShow(_ context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.end(windowID, ticketID, centralapi.NoShow)
}

func (d *fakeDesk) Finish(_ context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.end(windowID, ticketID, centralapi.Finished)
}

func (d *fakeDesk) AckHelp(_ context.Context, hallID, windowID, helpID string) error {
	unlock, err := d.enter("help %s", helpID)
	defer unlock()
	d.help = slices.DeleteFunc(d.help, func(h queue.HelpCall) bool { return h.ID == helpID })
	d.changed()
	return err
}

func (d *fakeDesk) LongBoard(_ context.Context, hallID string, most int) (centralapi.Board, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return centralapi.Board{}, d.fail
	}
	b := centralapi.Board{Hall: hallID, Now: d.now, Calls: slices.Clone(d.calls[:min(len(d.calls), most)]), Notice: d.notice}
	for _, a := range d.hall.Areas {
		n := d.waits[a.ID]
		for _, t := range d.waiting {
			if business, _ := d.hall.Business(t.Business); business.Area == a.ID {
				n++
			}
		}
		b.Waiting = append(b.Waiting, centralapi.AreaWaiting{Area: a.ID, Name: a.Name, Waiting: n})
	}
	return b, nil
}

func (d *fakeDesk) Phone(_ context.Context, hallID, ticketID string) (queue.Phone, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := queue.Phone{Now: d.now, BusinessDay: d.hall.BusinessDay(d.now), Wait: d.wait}
	if t, ok := d.phones[ticketID]; ok {
		v.Ticket = &t
	}
	return v, d.fail
}

func (d *fakeDesk) HandoffRing(_ context.Context, hallID string) (handoff.Ring, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ring, d.fail
}

func (d *fakeDesk) Guides(_ context.Context, hallID string) (*guide.Catalogue, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.guides == nil {
		return nil, centralapi.Refuse(centralapi.CodeNotFound, "")
	}
	return d.guides, d.fail
}

// show sets what a phone page is told of a ticket.
func (d *fakeDesk) show(t centralapi.Ticket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.phones[t.ID] = t
	d.changed()
}

func (d *fakeDesk) Subscribe(string) (<-chan int64, func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := make(chan int64, 1)
	c <- d.cursor
	d.subs[c] = true
	return c, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.subs, c)
	}
}
