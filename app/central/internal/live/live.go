// Package live tells open pages and streams that something in a hall has
// changed. Package queue publishes after every commit; pages, boards and the
// streams of package httpapi subscribe and read the new state themselves.
//
// A notice carries no data: it says "look again", and one that nobody has taken
// yet stands for all that follow it. So a slow listener misses repeats, never the
// latest state, and a publisher never waits for anybody. Nothing is kept for
// listeners that are not there: who subscribes reads the state first. Package
// live does no I/O and knows nothing of halls except their ids.
package live

import "sync"

// Hub connects publishers and listeners by hall. The zero Hub is ready to use
// and safe for concurrent use.
type Hub struct {
	mu     sync.Mutex
	halls  map[string]map[chan struct{}]struct{}
	closed bool
}

// Publish tells every listener of the hall to look again. It never blocks.
func (h *Hub) Publish(hall string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.halls[hall] {
		select {
		case c <- struct{}{}:
		default: // an unread notice is already there and will do
		}
	}
}

// Subscribe returns a channel that receives after every change of the hall, and
// the function that ends the subscription; that may be called more than once.
// The channel is closed when the subscription or the hub ends.
func (h *Hub) Subscribe(hall string) (changes <-chan struct{}, cancel func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(c)
		return c, func() {}
	}
	if h.halls == nil {
		h.halls = map[string]map[chan struct{}]struct{}{}
	}
	if h.halls[hall] == nil {
		h.halls[hall] = map[chan struct{}]struct{}{}
	}
	h.halls[hall][c] = struct{}{}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, ok := h.halls[hall][c]; ok {
			h.remove(hall, c)
		}
	}
}

// Close ends all subscriptions; later ones end at once.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for hall, listeners := range h.halls {
		for c := range listeners {
			h.remove(hall, c)
		}
	}
}

// Listeners returns how many subscriptions a hall has.
func (h *Hub) Listeners(hall string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.halls[hall])
}

// remove is called with mu held.
func (h *Hub) remove(hall string, c chan struct{}) {
	delete(h.halls[hall], c)
	if len(h.halls[hall]) == 0 {
		delete(h.halls, hall)
	}
	close(c)
}
