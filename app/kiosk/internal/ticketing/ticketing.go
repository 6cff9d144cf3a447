// Package ticketing takes numbers: from the centre while it answers, from this
// terminal's own series while it does not. Package kiosk asks it when a citizen
// confirms; it is the only package that can make a number exist on the terminal.
//
// It never prints, never decides who may take a number (the hall does, and the
// session asks before), and never waits longer for the centre than a citizen
// would.
//
// # How a number is taken
//
//  1. The wish is written down, with an id made here and now. From then on this
//     id stands for the ticket everywhere.
//  2. The centre is asked, twice at most, under that id: FirstWait, then the rest
//     of TotalWait. Both tries are the same request, so a number made for an
//     answer that got lost is found again, not made twice.
//  3. The centre's number, or its refusal, is written down and returned. A refusal
//     is final: the centre is told that the id is given up, for another copy of the
//     request may still be on its way when the hall opens.
//  4. Without an answer, one transaction takes the next number of the terminal's
//     own series and writes the event that tells the centre. Should the centre
//     have processed the request after all, the event carries the same id, and
//     the own number replaces the one nobody has seen. An answer that comes after
//     this is not looked at.
//
// A crash at any point leaves either a wish without a number, which [Desk.Recover]
// gives up (or offers again within [OfferTime]), or a durable number.
//
// # Own series
//
// A label such as A7-03 is prefix, slot, number; no other terminal has the slot,
// so the only thing to see to is that this terminal never gives a number twice
// in one day. The counter begins anew only on a business day later than every one
// before, when the centre itself has named that day (in this boot; see Hall) and
// had named that of the number before as well. Otherwise it counts on: after a night
// without contact the first own number may be A7-36, which harms nobody, while a
// reset by a wrong clock would give two people one number. That a night has passed
// by our own reckoning is not enough: should the centre's clock have been put a day
// ahead meanwhile, it will call tomorrow what we called today. The highest number
// under the name of each day is kept too, because the centre tells numbers apart
// by it: a day that a wrong clock ran ahead to is not numbered twice when it
// comes. Numbers are never reused and widen as they grow.
//
// # Pause
//
// After a try that ran into its time limit the centre is not asked for Pause;
// numbers come from the own series at once, and the next tap after it asks
// again. A centre that is quickly known not to answer (connection refused) costs
// nothing to ask, so it is asked every time.
//
// # Personal data
//
// Of the person, only what centralapi.Holder has is stored: masked texts and the
// day's key, and the key only until the centre has it. Rows go [Keep] after the
// centre acknowledged their last event; see [Desk.Purge].
package ticketing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/failpoint"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// OfferTime is how long after a crash a citizen may still be standing there.
const OfferTime = 30 * time.Second

// Keep is how long rows are kept after the centre acknowledged what they say.
const Keep = 7 * 24 * time.Hour

// ErrNoSeries means that the centre did not answer and that there is no own
// series either: this terminal has not been told its slot and its hall yet. No
// number exists.
var ErrNoSeries = errors.New("ticketing: the centre does not answer and this terminal has no series of its own yet")

// ErrUnknownTicket means that this terminal knows no ticket of that id.
var ErrUnknownTicket = errors.New("ticketing: unknown ticket")

// Refused is the hall's decision that there is no number: hall-closed,
// business-paused, numbers-out and the like. No number exists.
type Refused struct {
	Code   centralapi.Code
	Detail string // the centre's Chinese sentence; may be empty
}

// Error names the code.
func (e *Refused) Error() string { return fmt.Sprintf("ticketing: refused by the hall: %s", e.Code) }

// Centre gives the hall's numbers. Satisfied by *centralapi.Client.
type Centre interface {
	// IssueTicket may be sent the same request again after any error. An error
	// that is a *centralapi.Error is an answer, any other is none.
	IssueTicket(ctx context.Context, r centralapi.TicketRequest) (centralapi.Ticket, error)
}

// Hall is what the terminal knows of its hall from this contact or an earlier
// one. Satisfied by *uplink.Uplink.
type Hall interface {
	// Slot returns the number of the terminal's own series, 1 and up; ok is
	// false while it is not known.
	Slot() (slot int, ok bool)
	// Now returns the hall's time and the business day it falls on (2026-11-21;
	// empty while the hall is not known). sure is true when both come from the
	// centre's clock, counted on by the monotonic clock of this boot; otherwise
	// they come from the terminal's wall clock.
	Now() (at time.Time, day string, sure bool)
	// Named reports whether the centre has said in this boot that it is on that
	// business day, and not before it.
	Named(day string) bool
}

// Request is what the citizen confirmed.
type Request struct {
	Business string // hall.Business.ID
	Prefix   string // hall.Business.Prefix
	Item     string // hall.Item.ID; may be empty
	Language string // zh or en
	// Holder is nil without identity.
	Holder *centralapi.Holder
}

// Ticket is a number that exists.
type Ticket struct {
	ID       string // centralapi.Ticket.ID
	Label    string // A023, or A7-03 of the own series
	Business string
	Item     string
	Day      string // business day, 2026-11-21
	// Ahead is how many people wait before it; -1 = not known.
	Ahead int
	// Own: of this terminal's own series.
	Own bool
	// Existing: the person held it before; no new number was made.
	Existing bool
	IssuedAt time.Time
	// HolderName is masked; empty without identity or for a typed number.
	HolderName string
}

// Config makes a Desk. The first four fields are required.
type Config struct {
	Store  *localstore.Store
	Outbox *outbox.Outbox
	Centre Centre
	Hall   Hall

	FirstWait time.Duration // for the first try; default 300 ms
	TotalWait time.Duration // for both tries; default 700 ms
	Pause     time.Duration // see the package documentation; default 5 s
	// Logger receives codes and durations, nothing personal. Default: nothing.
	Logger *slog.Logger
}

// Desk takes numbers, one at a time. It is safe for concurrent use.
type Desk struct {
	config Config
	log    *slog.Logger

	// turn holds one token: whoever has it may take a number.
	turn    chan struct{}
	pause   pause
	mu      sync.Mutex
	started bool // an Issue has begun; Recover is too late
}

// NewDesk returns a Desk. It panics when a required field is missing. Call
// Recover before the first Issue.
func NewDesk(c Config) *Desk {
	if c.Store == nil || c.Outbox == nil || c.Centre == nil || c.Hall == nil {
		panic("ticketing: Config without Store, Outbox, Centre or Hall")
	}
	c.FirstWait = orDefault(c.FirstWait, 300*time.Millisecond)
	c.TotalWait = orDefault(c.TotalWait, 700*time.Millisecond)
	c.Pause = orDefault(c.Pause, 5*time.Second)
	d := &Desk{config: c, log: c.Logger, turn: make(chan struct{}, 1)}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.turn <- struct{}{}
	return d
}

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

// Issue takes a number. With a nil error the ticket exists, durably, whatever
// happens from here on. Otherwise there is none for this citizen: errors are a
// *Refused, ErrNoSeries, the context's, or the store's (localstore.ErrDead: the
// program must be started again).
//
// A context that ends while the centre is being asked takes no number.
func (d *Desk) Issue(ctx context.Context, r Request) (Ticket, error) {
	if r.Business == "" || r.Prefix == "" {
		return Ticket{}, fmt.Errorf("ticketing: issue: no business or no prefix given")
	}
	if err := d.take(ctx); err != nil {
		return Ticket{}, err
	}
	defer d.give()
	id, err := uuid.NewV7()
	if err != nil {
		return Ticket{}, fmt.Errorf("ticketing: issue: %w", err)
	}
	w := wish{id: id.String(), Request: r, at: d.config.Store.Now()}
	err = d.config.Store.Write(ctx, "intent", func(tx *localstore.Tx) error {
		// Whoever stood here before has gone.
		if err := d.abandonOpen(tx, "superseded"); err != nil {
			return err
		}
		return insertWish(tx, w)
	})
	if err != nil {
		return Ticket{}, fmt.Errorf("ticketing: issue: %w", err)
	}
	if err := failpoint.Hit("ticketing.intent-written"); err != nil {
		return Ticket{}, fmt.Errorf("ticketing: issue: %w", err)
	}
	return d.settle(ctx, w)
}

// Resume goes on with a wish that a crash interrupted (Recovery.Open), as Issue
// would have.
func (d *Desk) Resume(ctx context.Context, id string) (Ticket, error) {
	if err := d.take(ctx); err != nil {
		return Ticket{}, err
	}
	defer d.give()
	var w wish
	err := d.config.Store.Read(ctx, "resume", func(tx *localstore.Tx) (err error) {
		w, err = findWish(tx, id)
		return err
	})
	if err != nil {
		return Ticket{}, fmt.Errorf("ticketing: resume: %w", err)
	}
	return d.settle(ctx, w)
}

// Abandon gives up a wish that a crash interrupted (Recovery.Open): its citizen
// did not want it any more, or went away. A wish that is settled stays as it is.
func (d *Desk) Abandon(ctx context.Context, id string) error {
	if err := d.take(ctx); err != nil {
		return err
	}
	defer d.give()
	err := d.config.Store.Write(ctx, "abandon", func(tx *localstore.Tx) error {
		return d.abandon(tx, id, "declined")
	})
	if err != nil {
		return fmt.Errorf("ticketing: abandon: %w", err)
	}
	return nil
}

// settle brings a durable wish to its end: a number, a refusal, or given up.
func (d *Desk) settle(ctx context.Context, w wish) (Ticket, error) {
	a := d.ask(ctx, w.request())
	switch {
	case a.refused != nil:
		err := d.config.Store.Write(ctx, "refused", func(tx *localstore.Tx) error {
			// An earlier try, or another copy of this one, may arrive at the centre
			// when the hall has opened. The citizen has been told no.
			return d.refuse(tx, w.id, a.refused.Code)
		})
		if err != nil {
			d.log.Error("a refusal could not be written down", "error", err)
		}
		return Ticket{}, a.refused
	case a.given:
		// From here on a number exists, so an error could only be a lie.
		_ = failpoint.Hit("ticketing.centre-answered")
		t := w.ticket(a.ticket)
		err := d.finish(ctx, "issued", func(tx *localstore.Tx) error { return markIssued(tx, w.id, t) })
		if err != nil {
			return Ticket{}, fmt.Errorf("ticketing: issue: %w", err)
		}
		return t, nil
	case ctx.Err() != nil:
		d.giveUp(ctx, w.id, "cancelled")
		return Ticket{}, fmt.Errorf("ticketing: issue: %w", ctx.Err())
	}
	t, err := d.issueOwn(ctx, w)
	if errors.Is(err, ErrNoSeries) {
		d.giveUp(ctx, w.id, "no-series")
		return Ticket{}, err
	}
	if err != nil {
		return Ticket{}, fmt.Errorf("ticketing: issue: %w", err)
	}
	return t, nil
}

// issueOwn takes the next number of the own series, with its event, in one
// transaction.
func (d *Desk) issueOwn(ctx context.Context, w wish) (Ticket, error) {
	slot, ok := d.config.Hall.Slot()
	at, day, sure := d.config.Hall.Now()
	if !ok || day == "" {
		return Ticket{}, ErrNoSeries
	}
	var vouched time.Time
	if sure {
		vouched = at
	}
	t := Ticket{
		ID: w.id, Business: w.Business, Item: w.Item,
		Ahead: -1, Own: true, IssuedAt: at, HolderName: holderName(w.Holder),
	}
	err := d.finish(ctx, "own number", func(tx *localstore.Tx) error {
		n, on, err := nextNumber(tx, series{slot, w.Prefix}, day, sure && d.config.Hall.Named(day))
		if err != nil {
			return err
		}
		t.Day = on
		t.Label = centralapi.Label(w.Prefix, strconv.Itoa(slot), n)
		seq, err := d.config.Outbox.Add(tx, centralapi.TicketTaken, centralapi.TakenTicket{
			Ticket: w.request(), Label: t.Label, Series: strconv.Itoa(slot), Number: n, Day: on, At: vouched,
		})
		if err != nil {
			return err
		}
		return markOwn(tx, t, slot, n, seq)
	})
	if err != nil {
		return Ticket{}, err
	}
	_ = failpoint.Hit("ticketing.own-number-taken")
	return t, nil
}

// finish writes although ctx may have ended: the centre has given a number, or
// will be told of one.
func (d *Desk) finish(ctx context.Context, what string, f func(*localstore.Tx) error) error {
	return d.config.Store.Write(context.WithoutCancel(ctx), what, f)
}

// giveUp closes a wish whose citizen is about to be told that there is no
// number. When even that cannot be written, Recover does it at the next start.
func (d *Desk) giveUp(ctx context.Context, id, reason string) {
	err := d.finish(ctx, "abandon", func(tx *localstore.Tx) error { return d.abandon(tx, id, reason) })
	if err != nil {
		d.log.Error("a given-up wish could not be written down", "error", err)
	}
}

func (d *Desk) take(ctx context.Context) error {
	select {
	case <-d.turn:
	case <-ctx.Done():
		return fmt.Errorf("ticketing: waiting for the number before: %w", ctx.Err())
	}
	d.mu.Lock()
	d.started = true
	d.mu.Unlock()
	return nil
}

func (d *Desk) give() { d.turn <- struct{}{} }

// wish is a tap on the button that takes a number.
type wish struct {
	Request
	id string
	at localstore.Moment
}

func (w wish) request() centralapi.TicketRequest {
	return centralapi.TicketRequest{
		ID: w.id, Business: w.Business, Item: w.Item, Holder: w.Holder, Language: w.Language,
	}
}

func holderName(h *centralapi.Holder) string {
	if h == nil {
		return ""
	}
	return h.Name
}

func holderJSON(h *centralapi.Holder) (string, error) {
	if h == nil {
		return "", nil
	}
	data, err := json.Marshal(h)
	return string(data), err
}

// ticket is the centre's answer as the citizen's ticket.
func (w wish) ticket(c centralapi.Ticket) Ticket {
	t := Ticket{
		ID: c.ID, Label: c.Label, Business: c.Business, Item: w.Item, Day: c.Day,
		Ahead: c.Ahead, Existing: c.Existing, IssuedAt: c.IssuedAt, HolderName: holderName(w.Holder),
	}
	if c.Existing { // taken another time, perhaps for another item
		t.Item, t.HolderName = c.Item, c.HolderName
	}
	if t.IssuedAt.IsZero() {
		t.IssuedAt = w.at.Wall
	}
	return t
}
