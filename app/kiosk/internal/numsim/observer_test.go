package numsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/ticketing"
)

// longestWait is what a citizen waits for an answer: ticketing's two tries.
const longestWait = 700 * time.Millisecond

// observer sees everything that citizens see, and when the centre is told of it.
type observer struct {
	w *world

	mu       sync.Mutex
	taps     []*tap
	arrivals map[string]arrival // of numbers of own series, by ticket
	events   map[string]bool    // that the centre has, by id
	before   map[string]arrival // floor, last, mixed so far, by terminal
	wrong    []violation
}

// violation is a guarantee that did not hold.
type violation struct {
	rule string // G1 … G6, W
	what string
}

func (v violation) String() string { return v.rule + ": " + v.what }

// tap is one wish and what its citizen was told.
type tap struct {
	boot     int // of the machine
	n        int
	m        *machine
	r        request
	begun    time.Time // true times: of the tap,
	asked    time.Time // of the question, later only after a crash,
	ended    time.Time // of the answer
	heard    time.Time // and of the machine's last contact before
	answered bool
	ticket   ticketing.Ticket
	err      error
	offered  bool // shown again after a crash, and perhaps for the first time
	again    bool // went on with a wish whose number was shown: the machine runs on an old copy of its disk
}

// shown reports whether the citizen has seen a number.
func (t *tap) shown() bool { return t.answered && t.err == nil }

// arrival is when the centre first processed the event of a number.
type arrival struct {
	sent, at time.Time
	boot     int  // of the machine, when it was sent
	sure     bool // the terminal had heard the centre since its machine was started
	// What the centre had of this machine before: floor is the latest date it can
	// have given to any of it, and nothing is dated before that; last is the newest
	// date that is certain; mixed is true when some of it, or of the same message,
	// was of an earlier boot.
	floor, last time.Time
	mixed       bool
}

// broken notes that a guarantee does not hold.
func (o *observer) broken(rule, format string, args ...any) {
	v := violation{rule, fmt.Sprintf(format, args...)}
	o.w.tell("VIOLATION %v", v)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wrong = append(o.wrong, v)
}

// begins notes a tap.
func (o *observer) begins(p *process, r request) *tap {
	t := &tap{m: p.m, r: r, asked: o.w.now(), boot: p.m.bootNow()}
	t.begun = t.asked.Add(-r.waited)
	p.m.mu.Lock()
	t.heard = p.m.heard
	p.m.mu.Unlock()
	cut, _ := p.m.p.line.state()
	offline := cut || o.w.centre.away()
	o.w.tally("taps")
	if offline {
		o.w.tally("offline")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.resumed {
		// The machine knows its age by a clock that may have been set. It cannot be
		// younger than the tap whose answer a crash has kept back.
		for _, x := range o.taps {
			if x.m == p.m && !x.answered && x.r.business == r.business && t.asked.Sub(x.begun) <= ticketing.OfferTime+time.Minute {
				t.begun = earlier(t.begun, x.begun)
			}
		}
	}
	t.n = len(o.taps)
	o.taps = append(o.taps, t)
	return t
}

// answered notes what the citizen is told.
func (o *observer) answered(t *tap, ticket ticketing.Ticket, err error) {
	now := o.w.now()
	o.mu.Lock()
	// Somebody who pressed at two terminals may be shown it at the second, as the
	// number they have, before the first has its answer; that is the same visitor.
	t.again = err == nil && !ticket.Existing && slices.ContainsFunc(o.taps, func(x *tap) bool {
		return x.shown() && !x.ticket.Existing && x.ticket.ID == ticket.ID
	})
	t.ended, t.answered, t.ticket, t.err = now, true, ticket, err
	o.mu.Unlock()
	if t.again && !t.m.gone {
		o.broken("G1", "%s: tap %d is shown %s, which somebody has", t.m.id, t.n, ticket.Label)
	}
	if wait := now.Sub(t.asked); wait > longestWait {
		o.broken("W", "%s: tap %d had its answer after %v", t.m.id, t.n, wait)
	}
	var refused *ticketing.Refused
	switch {
	case err == nil:
		o.w.tell("%s: tap %d is shown %s of %s (own %v, existing %v)", t.m.id, t.n, ticket.Label, ticket.Day, ticket.Own, ticket.Existing)
		o.w.tally("shown")
		if ticket.Own {
			o.w.tally("own")
		}
		if ticket.Existing {
			o.w.tally("existing")
		}
		return
	case errors.As(err, &refused) && (refused.Code == centralapi.CodeClosed || refused.Code == centralapi.CodePaused):
		o.w.tally("refused")
	case errors.As(err, &refused) && refused.Code == centralapi.CodeAbandoned && t.r.resumed && t.m.stale:
		// An old copy of the disk goes on with a wish that was given up after it was made.
		o.w.tally("refused")
	case errors.Is(err, ticketing.ErrNoSeries) && o.w.mayLackSeries(t.m):
		o.w.tally("refused")
	default:
		o.broken("W", "%s: tap %d has no number: %v%s", t.m.id, t.n, err, when(t.m.isClosed() && errors.Is(err, ticketing.ErrNoSeries), signSeries))
	}
	o.w.tell("%s: tap %d: %v", t.m.id, t.n, err)
}

// offered notes a number that is shown again after a crash.
func (o *observer) offered(p *process, u ticketing.Unprinted) {
	now := o.w.now()
	o.w.tell("%s offers %s again", p.m.id, u.Label)
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range o.taps {
		if t.shown() && t.ticket.ID == u.ID {
			return // as before
		}
	}
	// Its tap ended in the crash. When that was is known only about, so the time of
	// this one begins with it.
	for _, t := range o.taps {
		if t.m == p.m && !t.answered && !t.offered && now.Sub(t.begun) <= ticketing.OfferTime+time.Minute && t.r.business == u.Business {
			t.offered, t.answered, t.ticket, t.ended = true, true, u.Ticket, now
			return
		}
	}
}

// arrived notes the first arrival of each event of a batch.
func (o *observer) arrived(sent, at time.Time, boot int, b centralapi.EventBatch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.before[b.Terminal]
	now := was
	for _, e := range b.Events {
		if o.events[e.ID] {
			continue
		}
		o.events[e.ID] = true
		date := at
		if e.BootID == b.BootID {
			date = at.Add(-time.Duration(b.MonotonicNow-e.Monotonic) * time.Millisecond)
			now.last = later(now.last, date)
		} else if e.BootID != "" {
			now.mixed = true
		}
		now.floor = later(now.floor, date)
		if e.Kind != centralapi.TicketTaken {
			continue
		}
		var taken struct {
			Ticket struct{ ID string }
			At     time.Time
		}
		if json.Unmarshal(e.Body, &taken) != nil {
			continue
		}
		o.arrivals[taken.Ticket.ID] = arrival{sent: sent, at: at, boot: boot, sure: !taken.At.IsZero(),
			floor: was.floor, last: was.last, mixed: now.mixed}
	}
	o.before[b.Terminal] = now
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ownSince counts the numbers of its own series that the machine gave since, and
// that the centre has heard of.
func (o *observer) ownSince(m *machine, since time.Time) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, t := range o.taps {
		if t.m == m && t.shown() && t.ticket.Own && t.begun.After(since) {
			if _, ok := o.arrivals[t.ticket.ID]; ok {
				n++
			}
		}
	}
	return n
}

// mayLackSeries reports whether the machine may have no series of its own: it has
// never reached the centre, or its series was closed as it should be.
func (w *world) mayLackSeries(m *machine) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.met || m.stale
}
