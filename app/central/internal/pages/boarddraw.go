package pages

import (
	"context"
	"sync"
)

// walls draws what screens show once for all that show the same: a call in a hall
// with two hundred screens is read from the database and drawn once, not two hundred
// times. The zero value is ready.
type walls struct {
	mu    sync.Mutex
	byKey map[string]*wall // those that hang somewhere
}

// wall is what screens with the same view show.
type wall struct {
	screens int // under walls.mu

	asking sync.Mutex // guards asked
	asked  uint64

	drawing sync.Mutex // held while it is drawn: the others wait for it
	drawn   uint64     // the asking that the last drawing began after
	part    []byte
	now     clock
	err     error
}

// enter returns the wall of a view until leave is called.
func (w *walls) enter(key string) (shown *wall, leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	shown = w.byKey[key]
	if shown == nil {
		shown = &wall{}
		if w.byKey == nil {
			w.byKey = map[string]*wall{}
		}
		w.byKey[key] = shown
	}
	shown.screens++
	return shown, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if shown.screens--; shown.screens == 0 {
			delete(w.byKey, key) // whoever asks for views nobody shows leaves nothing behind
		}
	}
}

// snapshot returns a drawing that was begun after snapshot was called, so it shows
// every change the caller has heard of. draw runs for whoever comes first; that one's
// going away must not fail the others, so draw gets the time limit of ctx only.
func (w *wall) snapshot(ctx context.Context, draw func(context.Context) ([]byte, clock, error)) ([]byte, clock, error) {
	w.asking.Lock()
	w.asked++
	mine := w.asked
	w.asking.Unlock()

	w.drawing.Lock()
	defer w.drawing.Unlock()
	if w.drawn < mine {
		w.asking.Lock()
		begun := w.asked
		w.asking.Unlock()
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), soon)
		defer cancel()
		w.part, w.now, w.err = draw(within)
		w.drawn = begun
	}
	return w.part, w.now, w.err
}
