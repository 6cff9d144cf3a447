package kiosk

import (
	"context"
	"reflect"
	"runtime/debug"
	"sync"
	"time"

	"hallkiosk/app/kiosk/internal/session"
)

// watchers hold the last view and pass on new ones.
type watchers struct {
	mu    sync.Mutex
	view  session.View
	funcs map[int]func(session.View)
	next  int
}

// Watch calls f with the current view at once and with every new one from then
// on, in order, until stop is called. f must return quickly: it runs on the
// session's goroutine.
func (t *Terminal) Watch(f func(session.View)) (stop func()) {
	w := &t.watchers
	w.mu.Lock()
	defer w.mu.Unlock()
	id := w.next
	w.next++
	w.funcs[id] = f
	f(w.view)
	return func() {
		w.mu.Lock()
		delete(w.funcs, id)
		w.mu.Unlock()
	}
}

// show passes a view on if it differs from the last one.
func (w *watchers) show(v session.View) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if reflect.DeepEqual(v, w.view) {
		return
	}
	w.view = v
	for _, f := range w.funcs {
		f(v)
	}
}

// Do hands an event to the session: a touch, from any goroutine. It never waits.
func (t *Terminal) Do(e session.Event) { t.mail.put(e) }

// play is the session's goroutine: one event after the other, until ctx ends.
func (t *Terminal) play(ctx context.Context) {
	state := session.Start(t.config.drawing())
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	armed := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			t.mail.put(session.TimerFired{ID: armed})
			continue
		case <-t.mail.bell:
		}
		for _, e := range t.mail.take() {
			var effects []session.Effect
			state, effects = t.step(state, e)
			for _, fx := range effects {
				t.carryOut(ctx, fx)
			}
		}
		t.watchers.show(state.View())
		if state.Timer.ID != armed {
			timer.Stop()
			armed = state.Timer.ID
			if state.Timer.After > 0 {
				timer.Reset(state.Timer.After)
			}
		}
	}
}

// step is session.Step behind a net: should it ever panic, the terminal goes
// back to its first page instead of ending in front of a citizen.
func (t *Terminal) step(s session.State, e session.Event) (next session.State, effects []session.Effect) {
	defer func() {
		if r := recover(); r != nil {
			t.log.Error("session panicked; back to the first page", "event", reflect.TypeOf(e).String(), "panic", r, "stack", string(debug.Stack()))
			next, effects = s.Recovered()
		}
	}()
	return session.Step(s, e)
}

// spawn runs an effect in a goroutine of its own. If it panics, instead says
// what the session is told.
func (t *Terminal) spawn(name string, instead session.Event, f func() session.Event) {
	t.effects.Add(1)
	go func() {
		defer t.effects.Done()
		defer func() {
			if r := recover(); r != nil {
				t.log.Error("effect panicked", "effect", name, "panic", r, "stack", string(debug.Stack()))
				if instead != nil {
					t.mail.put(instead)
				}
			}
		}()
		if e := f(); e != nil {
			t.mail.put(e)
		}
	}()
}
