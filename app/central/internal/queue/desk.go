package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/bootclock"
)

// What a snapshot shows at most.
const (
	boardCalls     = 12
	consoleWaiting = 200
	consoleDone    = 50
	// helpAge is how long an unanswered call for help is shown: whoever pressed
	// the button yesterday has gone home.
	helpAge = 4 * time.Hour
)

// Config says what a Desk works on. Store, Hub and Halls are required.
type Config struct {
	Store *store.Store
	Hub   *live.Hub
	Halls []*hall.Hall
	Now   func() time.Time // default time.Now
	// Boot reads a clock that nobody sets: milliseconds, and a name of its run.
	// Default: the machine's, or with another Now what that shows.
	Boot   func() (run string, ms int64)
	Logger *slog.Logger // default: nothing is logged
	// TakeComplaint files what a terminal has taken, in the transaction of its hall;
	// its error is the reason for quarantine and holds nothing that somebody wrote.
	// nil: none are taken, and the event is kept in quarantine.
	TakeComplaint func(tx *store.Tx, hallID, terminal string, c centralapi.Complaint, at time.Time) error
}

// Desk is the counter of all halls of this service. It is safe for concurrent
// use. Its errors are or wrap a [*centralapi.Error] with a code and a sentence
// for staff, except for a context that has ended.
type Desk struct {
	store  *store.Store
	hub    *live.Hub
	now    func() time.Time
	log    *slog.Logger
	halls  map[string]*place
	feed   *live.Feed
	hasher chan struct{} // one token per PIN being checked; each takes 19 MiB

	takeComplaint func(tx *store.Tx, hallID, terminal string, c centralapi.Complaint, at time.Time) error

	known  knownTerminals
	guides shelf
}

// place is a hall with what is worth computing once.
type place struct {
	*hall.Hall
	loc       *time.Location
	revision  string
	catalogue []byte
	boot      func() (run string, ms int64)
	calendar  calendar
	counter   counter
	posted    posted
	pace      pace
}

// New returns a Desk on a store of which it is the only reader of Changes. It
// fails for a hall without id or one that is there twice. The Desk needs no
// closing: what it does in the background ends with the store.
func New(c Config) (*Desk, error) {
	if c.Store == nil || c.Hub == nil || len(c.Halls) == 0 {
		return nil, errors.New("queue: store, hub and at least one hall are required")
	}
	switch {
	case c.Boot != nil:
	case c.Now != nil:
		c.Boot = func() (string, int64) { return "", c.Now().UnixMilli() }
	default:
		run, ms := bootclock.System()
		c.Boot = func() (string, int64) { return run, ms() }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Desk{
		store: c.Store, hub: c.Hub, now: c.Now, log: c.Logger,
		halls:  make(map[string]*place, len(c.Halls)),
		hasher: make(chan struct{}, 2), takeComplaint: c.TakeComplaint,
	}
	for _, h := range c.Halls {
		switch {
		case h == nil || h.ID == "":
			return nil, errors.New("queue: a hall has no id")
		case d.halls[h.ID] != nil:
			return nil, fmt.Errorf("queue: hall %q is there twice", h.ID)
		}
		p := &place{Hall: h, loc: h.Location(), revision: h.Revision(), boot: c.Boot, calendar: calendar{of: h.BusinessDay}}
		var err error
		p.catalogue, err = json.Marshal(centralapi.Catalogue{Revision: p.revision, Hall: *h.Public()})
		if err != nil {
			return nil, fmt.Errorf("queue: hall %q: %w", h.ID, err)
		}
		d.halls[h.ID] = p
	}
	d.feed = live.NewFeed(d.ledger)
	for _, p := range d.halls {
		if err := d.resume(context.Background(), p); err != nil {
			return nil, fmt.Errorf("queue: hall %q: %w", p.ID, err)
		}
	}
	go d.follow()
	return d, nil
}

// Hall returns the hall with this id. It must not be changed.
func (d *Desk) Hall(id string) (*hall.Hall, bool) {
	p, ok := d.halls[id]
	if !ok {
		return nil, false
	}
	return p.Hall, true
}

// Halls returns the halls in order of their ids.
func (d *Desk) Halls() []*hall.Hall {
	out := make([]*hall.Hall, 0, len(d.halls))
	for _, p := range d.halls {
		out = append(out, p.Hall)
	}
	slices.SortFunc(out, func(a, b *hall.Hall) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Catalogue returns the hall's revision and the JSON of its
// [centralapi.Catalogue], which must not be changed.
func (d *Desk) Catalogue(hallID string) (revision string, body []byte, err error) {
	p, err := d.place(hallID)
	if err != nil {
		return "", nil, err
	}
	return p.revision, p.catalogue, nil
}

// Subscribe returns a channel that has the hall's cursor in it, receives it again
// after every change in the hall and is closed at the end, and the function that
// ends the subscription. See package live.
func (d *Desk) Subscribe(hallID string) (changes <-chan int64, cancel func()) {
	return d.hub.Subscribe(hallID)
}

// Ready returns why the Desk cannot work, or soon cannot any more; the sentence
// names the check that failed.
func (d *Desk) Ready(ctx context.Context) error {
	failed := func(check string, err error) error {
		return fmt.Errorf("queue: not ready: %w: %w", centralapi.Refuse(centralapi.CodeUnavailable, "服务未就绪："+check+"。"), err)
	}
	if err := d.store.Read(ctx, (*store.Tx).Probe); err != nil {
		return failed("数据库没有应答", err)
	}
	switch err := d.store.CheckRoom(); {
	case errors.Is(err, store.ErrLittleRoom):
		return failed("数据盘剩余空间不足（须大于 5%，并大于 200 MB）", err)
	case err != nil:
		return failed("数据盘剩余空间无法读取", err)
	}
	return nil
}

// Status returns what changes by the minute in a hall.
func (d *Desk) Status(ctx context.Context, hallID string) (centralapi.Status, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.Status{}, err
	}
	now := d.now()
	s := centralapi.Status{
		Now: now.In(p.loc), BusinessDay: p.today(now),
		Queues: make([]centralapi.QueueStatus, 0, len(p.Businesses)),
	}
	posted, err := d.postings(ctx, p)
	if err != nil {
		return s, err
	}
	s.GuidesRevision = posted.revision
	if len(posted.keys) > 0 { // else nobody signs with one
		// A failure is logged there; numbers do not depend on it.
		if ring, err := d.HandoffRing(ctx, p.ID); err == nil {
			s.HandoffKey = handoffKey(ring)
		}
	}
	median, err := d.paceOf(ctx, p, s.BusinessDay)
	if err != nil {
		return s, err
	}
	err = d.read(ctx, func(tx *store.Tx) error {
		lengths, err := tx.QueueLengths(p.ID, s.BusinessDay)
		if err != nil {
			return err
		}
		staffed, err := tx.StaffedWindows(p.ID, now)
		if err != nil {
			return err
		}
		paused, err := tx.Paused(p.ID)
		if err != nil {
			return err
		}
		for _, b := range p.Businesses {
			why, closed := paused[b.ID]
			q := centralapi.QueueStatus{Business: b.ID, Waiting: lengths[b.ID], Windows: []string{}, Paused: closed, PausedWhy: why.Reason}
			for _, w := range b.Windows {
				if staffed[w] {
					q.Windows = append(q.Windows, w)
				}
			}
			q.EstimatedMinutes = estimateMinutes(median, b.ID, q.Waiting, len(q.Windows))
			s.Queues = append(s.Queues, q)
		}
		return nil
	})
	return s, err
}

// Board returns what hangs on the hall's walls: numbers, never names.
func (d *Desk) Board(ctx context.Context, hallID string) (centralapi.Board, error) {
	return d.LongBoard(ctx, hallID, boardCalls)
}

// LongBoard is Board with up to so many calls: a screen that shows one part of the
// hall finds its own among them.
func (d *Desk) LongBoard(ctx context.Context, hallID string, most int) (centralapi.Board, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.Board{}, err
	}
	now := d.now()
	day := p.today(now)
	b := centralapi.Board{Hall: p.ID, Now: now.In(p.loc), Notice: p.Notice,
		Calls: []centralapi.BoardCall{}, Waiting: make([]centralapi.AreaWaiting, 0, len(p.Areas))}
	err = d.read(ctx, func(tx *store.Tx) error {
		calls, err := tx.RecentCalls(p.ID, day, most)
		if err != nil {
			return err
		}
		for _, t := range calls {
			c := centralapi.BoardCall{Label: t.Label, Window: t.Window, At: t.CalledAt.In(p.loc), Calls: t.Calls}
			if w, ok := p.Window(t.Window); ok {
				c.Window, c.Area = w.Name, w.Area
			}
			b.Calls = append(b.Calls, c)
		}
		lengths, err := tx.QueueLengths(p.ID, day)
		if err != nil {
			return err
		}
		for _, a := range p.Areas {
			w := centralapi.AreaWaiting{Area: a.ID, Name: a.Name}
			for _, business := range p.Businesses {
				if business.Area == a.ID {
					w.Waiting += lengths[business.ID]
				}
			}
			b.Waiting = append(b.Waiting, w)
		}
		return nil
	})
	return b, err
}

// Console returns what a window's console shows.
func (d *Desk) Console(ctx context.Context, hallID, windowID string) (Console, error) {
	p, err := d.window(hallID, windowID)
	if err != nil {
		return Console{}, err
	}
	now := d.now()
	c := Console{Now: now.In(p.loc), BusinessDay: p.today(now), Hall: p.ID, Window: windowID}
	err = d.read(ctx, func(tx *store.Tx) (err error) {
		if c.Cursor, err = tx.Cursor(p.ID); err != nil {
			return err
		}
		current, ok, err := tx.AtWindow(p.ID, c.BusinessDay, windowID)
		if err != nil {
			return err
		}
		if ok {
			t := p.ticket(current, 0)
			c.Current = &t
		}
		waiting, err := upcoming(tx, p, c.BusinessDay, windowID, consoleWaiting)
		if err != nil {
			return err
		}
		for i, t := range waiting {
			c.Waiting = append(c.Waiting, p.ticket(t, i))
		}
		done, err := tx.Ended(p.ID, c.BusinessDay, windowID, consoleDone)
		if err != nil {
			return err
		}
		for _, t := range done {
			c.Done = append(c.Done, DoneTicket{Ticket: p.ticket(t, 0), At: t.EndedAt.In(p.loc)})
		}
		if err := aside(tx, p, &c, done); err != nil {
			return err
		}
		return d.attention(tx, p, now, &c)
	})
	return c, err
}

// attention adds the calls for help and the faulty devices.
func (d *Desk) attention(tx *store.Tx, p *place, now time.Time, c *Console) error {
	names, err := tx.TerminalNames(p.ID)
	if err != nil {
		return err
	}
	help, err := tx.OpenHelpCalls(p.ID, now.Add(-helpAge))
	if err != nil {
		return err
	}
	for _, h := range help {
		c.Help = append(c.Help, HelpCall{ID: h.ID, Terminal: names[h.Terminal], Page: h.Page, At: h.At.In(p.loc)})
	}
	faulty, err := tx.FaultyDevices(p.ID)
	if err != nil {
		return err
	}
	for _, f := range faulty {
		c.Faults = append(c.Faults, DeviceFault{Terminal: names[f.Terminal], Device: f.Device,
			Fault: cmp.Or(f.Fault, f.State), Since: f.Since.In(p.loc)})
	}
	return nil
}

// AckHelp records that a window has answered a call for help.
func (d *Desk) AckHelp(ctx context.Context, hallID, windowID, helpID string) error {
	p, err := d.window(hallID, windowID)
	if err != nil {
		return err
	}
	if !validID(helpID) {
		return centralapi.Refuse(centralapi.CodeNotFound, "没有这条求助。")
	}
	return d.write(ctx, p.ID, func(tx *store.Tx) error {
		now := d.now()
		found, err := tx.AnswerHelpCall(p.ID, helpID, "window:"+windowID, now,
			store.LogEntry{At: now, Actor: "window:" + windowID, Action: "help-answered", Window: windowID})
		if err == nil && !found {
			return centralapi.Refuse(centralapi.CodeNotFound, "没有这条求助。")
		}
		return err
	})
}

func (d *Desk) place(hallID string) (*place, error) {
	if p, ok := d.halls[hallID]; ok {
		return p, nil
	}
	return nil, centralapi.Refuse(centralapi.CodeNotFound, "没有这个大厅。")
}

// window returns the hall if it has the window.
func (d *Desk) window(hallID, windowID string) (*place, error) {
	p, err := d.place(hallID)
	if err != nil {
		return nil, err
	}
	if _, ok := p.Window(windowID); !ok {
		return nil, centralapi.Refuse(centralapi.CodeNotFound, "没有这个窗口。")
	}
	return p, nil
}

// read and write turn what the store answers into what callers are told.
func (d *Desk) read(ctx context.Context, fn func(*store.Tx) error) error {
	return explain(ctx, d.store.Read(ctx, fn))
}

// write changes one hall. fn may be run more than once, of which one counts. The
// hall's listeners are told by follow. With the first change of a business day, the
// day is kept, and who held the tickets of days before is erased: nobody asks any more,
// and their keys tell nothing on another day.
func (d *Desk) write(ctx context.Context, hallID string, fn func(*store.Tx) error) error {
	p, err := d.place(hallID)
	if err != nil {
		return err
	}
	p.today(d.now())
	day, isNew := p.calendar.unkept()
	if !isNew {
		return explain(ctx, d.store.Write(ctx, hallID, fn))
	}
	err = d.store.Write(ctx, hallID, func(tx *store.Tx) error {
		if err := tx.PutHallDay(hallID, day); err != nil {
			return err
		}
		erased, err := tx.PurgeHolders(hallID, day.Day)
		if err != nil {
			return err
		}
		if erased > 0 {
			told := store.LogEntry{At: d.now(), Actor: "centre", Action: "holders-erased", Detail: strconv.Itoa(erased)}
			if err := tx.AppendLog(hallID, told); err != nil {
				return err
			}
		}
		return fn(tx)
	})
	if err == nil {
		p.calendar.keeps(day)
	}
	return explain(ctx, err)
}

func explain(ctx context.Context, err error) error { return store.Explain(ctx, "queue", err) }

// ticket is what the contract shows of a row.
func (p *place) ticket(t store.Ticket, ahead int) centralapi.Ticket {
	k := centralapi.Ticket{
		ID: t.ID, Hall: t.Hall, Day: t.Day, Label: t.Label, Business: t.Business, Item: t.Item,
		HolderName: t.HolderName, HolderNumber: t.HolderNumber, State: t.State,
		IssuedAt: t.IssuedAt.In(p.loc), Ahead: ahead, Window: t.Window, Calls: t.Calls,
		Reason: t.Reason, PrintUnknown: t.PrintUnknown, Terminal: t.Terminal,
		Class: t.Class, ClassReason: t.ClassReason, CameBack: !t.BackAt.IsZero(),
	}
	if window, directed := strings.CutPrefix(t.Line, store.WindowLine("")); directed {
		k.ForWindow = window
	}
	if !t.CalledAt.IsZero() {
		k.CalledAt = t.CalledAt.In(p.loc)
	}
	return k
}
