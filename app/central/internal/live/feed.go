package live

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// FeedLength is how many changes of a hall a [Feed] can tell, counted back from
// the newest.
const FeedLength = 1000

// Item is one change of a hall, as its listeners receive it.
type Item struct {
	N    int64  // 1, 2, 3 … per hall, no gaps
	JSON []byte // shared by all listeners, not to be changed
}

// Ledger reads up to limit changes of a hall after n, oldest first and without
// gaps, and the hall's cursor at that moment.
type Ledger func(ctx context.Context, hall string, n int64, limit int) (items []Item, cursor int64, err error)

// Feed tells changes one by one. It is safe for concurrent use.
type Feed struct {
	ledger Ledger
	mu     sync.Mutex
	halls  map[string]*ring
}

// NewFeed returns an empty feed on a ledger.
func NewFeed(l Ledger) *Feed { return &Feed{ledger: l, halls: map[string]*ring{}} }

// After returns the changes after a position, oldest first, and the position to
// ask from the next time. reset means that the changes cannot be told: there are
// more than [FeedLength] of them, or the position is ahead of the hall; then there
// are none, and cursor is the hall's own. known is a cursor the caller has heard
// of ([Hub.Subscribe]): the answer goes at least that far.
func (f *Feed) After(ctx context.Context, hall string, position, known int64) (items []Item, cursor int64, reset bool, err error) {
	r := f.ring(hall)
	if items, cursor, ok := r.after(position, known); ok {
		return items, cursor, false, nil
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, 0, false, fmt.Errorf("live: feed: %w", ctx.Err())
	}
	// Whoever had the turn before may have read what was missing.
	if items, cursor, ok := r.after(position, known); ok {
		return items, cursor, false, nil
	}
	cursor, err = f.fill(ctx, r, hall, position)
	if err != nil {
		return nil, 0, false, fmt.Errorf("live: feed: %w", err)
	}
	if items, cursor, ok := r.after(position, 0); ok {
		return items, cursor, false, nil
	}
	if position > cursor || cursor-position > FeedLength {
		return nil, cursor, true, nil
	}
	// Behind the ring, which began when the hall's first listener came.
	if items, _, err = f.ledger(ctx, hall, position, FeedLength); err != nil {
		return nil, 0, false, fmt.Errorf("live: feed: %w", err)
	}
	if len(items) > 0 {
		position = items[len(items)-1].N
	}
	return items, position, false, nil
}

// fill brings the ring up to date and returns the hall's cursor. A ring that has
// not begun begins at the position, if that is within reach.
func (f *Feed) fill(ctx context.Context, r *ring, hall string, position int64) (int64, error) {
	from, begun := r.end()
	if !begun {
		from = position
	}
	fresh, cursor, err := f.ledger(ctx, hall, from, FeedLength)
	if err != nil {
		return 0, err
	}
	if from <= cursor && from+int64(len(fresh)) >= cursor {
		r.add(from, fresh)
		return cursor, nil
	}
	// Too far behind to be read in one go, or ahead: begin anew at the end.
	from = max(cursor-FeedLength, 0)
	if fresh, cursor, err = f.ledger(ctx, hall, from, FeedLength); err != nil {
		return 0, err
	}
	r.restart(from)
	r.add(from, fresh)
	return cursor, nil
}

func (f *Feed) ring(hall string) *ring {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.halls[hall]
	if r == nil {
		r = &ring{turn: make(chan struct{}, 1)}
		f.halls[hall] = r
	}
	return r
}

// ring is the newest part of a hall's ledger. One goroutine at a time reads the
// ledger for all listeners of the hall: they wait for the turn and not on a mutex,
// so that one whose context ends need not wait any longer.
type ring struct {
	turn  chan struct{} // one token
	mu    sync.Mutex
	begun bool
	n     int64  // the last change told; items end with it
	items []Item // at most 2 × FeedLength, of which the newest FeedLength count
}

// after returns what follows a position; ok is false when the ring cannot tell,
// or has not come as far as known.
func (r *ring) after(position, known int64) (items []Item, cursor int64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reach := int64(min(len(r.items), FeedLength))
	if !r.begun || r.n < known || position > r.n || position < r.n-reach {
		return nil, 0, false
	}
	return slices.Clip(r.items[len(r.items)-int(r.n-position):]), r.n, true
}

func (r *ring) end() (n int64, begun bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n, r.begun
}

func (r *ring) restart(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.items, r.n, r.begun = nil, n, true
}

// add appends what follows from. What was handed out by after stays as it was:
// only room nobody has seen is written to.
func (r *ring) add(from int64, fresh []Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.begun {
		r.n, r.begun = from, true
	}
	if len(fresh) == 0 {
		return
	}
	if len(r.items)+len(fresh) > 2*FeedLength {
		keep := r.items[max(len(r.items)-FeedLength, 0):]
		r.items = append(make([]Item, 0, 2*FeedLength), keep...)
	}
	r.items = append(r.items, fresh...)
	r.n = fresh[len(fresh)-1].N
}
