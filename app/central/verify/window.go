package verify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// window calls people, serves them in no time and calls the next.
type window struct {
	*run
	id      string
	session *centralapi.WindowClient
	random  *rand.Rand
}

// openWindows logs in at the first windows of the hall.
func (r *run) openWindows(ctx context.Context, h *hall.Hall) ([]*window, error) {
	var all []*window
	for i, w := range h.Windows[:r.Windows] {
		c, err := r.newClient("")
		if err != nil {
			return nil, err
		}
		// Checking a PIN is slow on purpose, so one after the other.
		long, cancel := context.WithTimeout(ctx, time.Minute)
		session, err := c.Login(long, centralapi.WindowLogin{Window: w.ID, PIN: r.PIN})
		cancel()
		if err != nil {
			return nil, fmt.Errorf("verify: log in at window %s: %w", w.ID, err)
		}
		all = append(all, &window{run: r, id: w.ID, session: session, random: r.random(1<<32 + uint64(i))})
	}
	return all, nil
}

// clearHall calls and finishes whoever an earlier run has left waiting in the hall.
func clearHall(ctx context.Context, windows []*window) error {
	for _, w := range windows {
		for {
			t, ok, err := w.session.CallNext(ctx)
			if err == nil && ok {
				_, err = w.session.Finish(ctx, t.ID)
			}
			if centralapi.HasCode(err, centralapi.CodeConflict) {
				return fmt.Errorf("verify: window %s still has somebody; end that at the window console first: %w", w.id, err)
			}
			if err != nil {
				return fmt.Errorf("verify: clear the hall at window %s: %w", w.id, err)
			}
			if !ok {
				break
			}
		}
	}
	return nil
}

// idle is how long a window waits when nobody waits for it.
const idle = 2 * time.Millisecond

// work calls and serves until the run is over and nobody waits.
func (w *window) work(ctx context.Context) {
	var deadline time.Time
	for ctx.Err() == nil {
		over := closed(w.taken)
		if over && deadline.IsZero() {
			deadline = time.Now().Add(w.Patience)
		}
		t, ok := w.call(ctx)
		switch {
		case ok:
			w.serve(ctx, t)
		case over && w.book.nobodyWaits(), over && time.Now().After(deadline):
			return
		default:
			select {
			case <-time.After(idle):
			case <-ctx.Done():
			}
		}
	}
}

// call presses 叫号, on a good day or a bad one.
func (w *window) call(ctx context.Context) (centralapi.Ticket, bool) {
	begin := w.since()
	var t centralapi.Ticket
	var ok bool
	clean := false
	switch luck := w.random.IntN(100); {
	case luck < 3:
		t, ok = w.pressTwice(ctx)
	case luck < 5:
		t, ok = w.loseCall(ctx)
	default:
		t, ok = w.press(ctx)
		clean = true
	}
	if !ok {
		return t, false
	}
	end := w.since()
	if clean {
		w.book.latency("call", end-begin)
	}
	if w.book.called(w.id, t, begin, end) {
		<-w.room
	}
	return t, true
}

// press calls once and, when that fails, again. A window that has somebody
// already, by an answer that was lost without our doing, cannot go on; it is
// counted as an error.
func (w *window) press(ctx context.Context) (centralapi.Ticket, bool) {
	t, ok, err := w.session.CallNext(ctx)
	w.book.request()
	if err != nil && ctx.Err() == nil {
		w.book.failed("call", err)
		pause(ctx, 0, err)
	}
	return t, ok && err == nil
}

// pressTwice presses twice at the same moment. One of the two gets the person, the
// other is refused; a second person would be one too many at this window.
func (w *window) pressTwice(ctx context.Context) (centralapi.Ticket, bool) {
	type answer struct {
		t   centralapi.Ticket
		ok  bool
		err error
	}
	var both [2]answer
	var wg sync.WaitGroup
	for i := range both {
		wg.Go(func() {
			a := &both[i]
			a.t, a.ok, a.err = w.session.CallNext(ctx)
			w.book.request()
		})
	}
	wg.Wait()
	for _, a := range both {
		if a.err != nil && !centralapi.HasCode(a.err, centralapi.CodeConflict) && ctx.Err() == nil {
			w.book.failed("call", a.err)
			pause(ctx, 0, a.err)
		}
	}
	switch {
	case both[0].ok && both[1].ok:
		w.book.violated(TwoAtWindow, fmt.Sprintf("窗口 %s 同时叫到 %s 和 %s", w.id, both[0].t.Label, both[1].t.Label))
		return both[0].t, true
	case both[0].ok:
		return both[0].t, true
	default:
		return both[1].t, both[1].ok
	}
}

// loseCall calls, loses the answer and sends the press again. It is the same press: the
// person who was called the first time is the answer.
func (w *window) loseCall(ctx context.Context) (centralapi.Ticket, bool) {
	press := w.session.NewPress()
	_, _, err := press.CallNext(context.WithValue(ctx, loseAnswer{}, true))
	w.book.request()
	if !errors.Is(err, errLost) { // refused, or a failure of its own
		return w.press(ctx)
	}
	for n := range tries {
		t, ok, err := press.CallNext(ctx)
		w.book.request()
		if err == nil {
			return t, ok
		}
		if ctx.Err() != nil {
			break
		}
		w.book.failed("call", err)
		if permanent(err) {
			break
		}
		pause(ctx, n, err)
	}
	return centralapi.Ticket{}, false
}

// serve ends the turn of a person who was called: most are served, some recalled
// first, some never come.
func (w *window) serve(ctx context.Context, t centralapi.Ticket) {
	luck := w.random.IntN(100)
	if luck < 10 {
		w.step(ctx, t, "recall", centralapi.Called, w.session.Recall)
	}
	if luck >= 95 {
		w.step(ctx, t, "no-show", centralapi.NoShow, w.session.NoShow)
		return
	}
	if luck >= 50 && luck < 70 {
		w.step(ctx, t, "start", centralapi.Started, w.session.Start)
	}
	w.step(ctx, t, "finish", centralapi.Finished, w.session.Finish)
}

// step does one thing to a ticket, again and again until it is answered.
func (w *window) step(ctx context.Context, t centralapi.Ticket, name string, want centralapi.TicketState,
	do func(context.Context, string) (centralapi.Ticket, error)) {
	for n := range tries {
		begin := w.since()
		got, err := do(ctx, t.ID)
		w.book.request()
		if err == nil {
			w.book.latency("other", w.since()-begin)
			if got.ID != t.ID || got.Label != t.Label || got.Window != w.id || got.State != want {
				w.book.violated(WrongState, fmt.Sprintf("窗口 %s 对 %s 操作（%s）后，状态是 %s，窗口是 %s", w.id, t.Label, name, got.State, got.Window))
			}
			return
		}
		if ctx.Err() != nil {
			return
		}
		w.book.failed(name, err)
		if permanent(err) {
			return
		}
		pause(ctx, n, err)
	}
}
