// Package live tells open pages and streams that something in a hall has
// changed, and keeps the last changes of each hall for those who want them one by
// one. Package queue publishes what the store has committed; pages, boards and
// the streams of package httpapi subscribe.
//
// # Notices
//
// A notice is the hall's cursor, the number of the last line of its ledger: it
// says "look again, the state is now at least this far". One that nobody has
// taken yet is replaced by the next. So a slow listener misses repeats, never the
// latest state, and a publisher never waits for anybody. The first notice is
// there at once, so that a listener is one loop: take a notice, read the state,
// show it.
//
// # The feed
//
// [Feed] keeps the last [FeedLength] changes of each hall in memory, encoded
// once for all listeners. Listeners have no buffers of their own: each asks for
// what comes after its own position, so what a thousand slow listeners cost is
// their positions. One that has fallen out of the ring is served from the ledger,
// and one that is further behind than the ring is long is told to read the
// snapshot anew. The ring fills only when somebody asks: a hall that nobody
// listens to costs nothing.
//
// The package does no I/O of its own (the feed is given a function that reads the
// ledger) and knows nothing of halls except their ids.
package live

import "sync"

// Hub connects publishers and listeners by hall. The zero Hub is ready to use
// and safe for concurrent use.
type Hub struct {
	mu     sync.Mutex
	halls  map[string]*audience
	closed bool
}

// audience is a hall's cursor and its listeners.
type audience struct {
	cursor    int64
	listeners map[chan int64]struct{}
}

// Publish tells every listener of the hall that its cursor is now this. It never
// blocks. A cursor that is not beyond the last one tells nobody: notices of
// several replicas may overtake each other.
func (h *Hub) Publish(hall string, cursor int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	a := h.audience(hall)
	if cursor <= a.cursor {
		return
	}
	a.cursor = cursor
	for c := range a.listeners {
		select {
		case <-c: // a notice that nobody has taken: this one stands for it
		default:
		}
		c <- cursor // room for one; only this function sends, under mu
	}
}

// Cursor returns the cursor published last; 0 before the first.
func (h *Hub) Cursor(hall string) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.halls[hall]; a != nil {
		return a.cursor
	}
	return 0
}

// Subscribe returns a channel that has the hall's present cursor in it and
// receives it again after every change, and the function that ends the
// subscription; that may be called more than once. The channel is closed when the
// subscription or the hub ends.
func (h *Hub) Subscribe(hall string) (changes <-chan int64, cancel func()) {
	c := make(chan int64, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(c)
		return c, func() {}
	}
	a := h.audience(hall)
	c <- a.cursor
	a.listeners[c] = struct{}{}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, ok := a.listeners[c]; ok {
			delete(a.listeners, c)
			close(c)
		}
	}
}

// audience is called with mu held.
func (h *Hub) audience(hall string) *audience {
	if h.halls == nil {
		h.halls = map[string]*audience{}
	}
	a := h.halls[hall]
	if a == nil {
		a = &audience{listeners: map[chan int64]struct{}{}}
		h.halls[hall] = a
	}
	return a
}

// Close ends all subscriptions; later ones end at once.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, a := range h.halls {
		for c := range a.listeners {
			delete(a.listeners, c)
			close(c)
		}
	}
}

// Listeners returns how many subscriptions a hall has.
func (h *Hub) Listeners(hall string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.halls[hall]; a != nil {
		return len(a.listeners)
	}
	return 0
}
