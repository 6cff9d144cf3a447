package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// ledger is a hall's ledger in memory.
type ledger struct {
	mu    sync.Mutex
	n     int64
	reads int
	fail  error
}

func (l *ledger) read(_ context.Context, _ string, after int64, limit int) ([]Item, int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	if l.fail != nil {
		return nil, 0, l.fail
	}
	var out []Item
	for n := after + 1; n <= l.n && len(out) < limit; n++ {
		out = append(out, Item{N: n, JSON: fmt.Append(nil, n)})
	}
	return out, l.n, nil
}

func (l *ledger) grow(by int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n += by
	return l.n
}

// checkAfter compares an answer with what the ledger says it must be.
func checkAfter(t interface {
	Helper()
	Fatalf(string, ...any)
}, f *Feed, l *ledger, position, known int64) {
	t.Helper()
	items, cursor, reset, err := f.After(context.Background(), "a", position, known)
	if err != nil {
		t.Fatalf("after %d: %v", position, err)
	}
	far := position > l.n || l.n-position > FeedLength
	switch {
	case reset && !far && cursor == l.n:
		t.Fatalf("after %d of %d: a reset without need", position, l.n)
	case reset:
		if len(items) != 0 || cursor < known || cursor > l.n {
			t.Fatalf("after %d of %d: reset to %d with %d items", position, l.n, cursor, len(items))
		}
	case cursor < known || cursor > l.n || cursor < position:
		t.Fatalf("after %d, known %d, of %d: cursor %d", position, known, l.n, cursor)
	case int64(len(items)) != cursor-position:
		t.Fatalf("after %d: %d items up to %d", position, len(items), cursor)
	}
	for i, it := range items {
		if it.N != position+1+int64(i) || string(it.JSON) != fmt.Sprint(it.N) {
			t.Fatalf("after %d: item %d is %d %q", position, i, it.N, it.JSON)
		}
	}
}

// Whatever the order of changes and questions: what is told is complete and in
// order, and what cannot be told is a reset.
func TestFeedTellsEverythingOrResets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &ledger{n: rapid.Int64Range(0, 5000).Draw(t, "begin")}
		f := NewFeed(l.read)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "grow") {
				l.grow(rapid.SampledFrom([]int64{1, 2, 10, 999, 1000, 1001, 3000}).Draw(t, "by"))
				continue
			}
			back := rapid.SampledFrom([]int64{0, 1, 5, 999, 1000, 1001, 4000, -1}).Draw(t, "back")
			known := max(l.n-rapid.Int64Range(0, 3).Draw(t, "unheard"), 0)
			checkAfter(t, f, l, max(l.n-back, 0), known)
		}
	})
}

func TestFeedReadsOnceForAll(t *testing.T) {
	l := &ledger{n: 50}
	f := NewFeed(l.read)
	checkAfter(t, f, l, 50, 50)
	var wg sync.WaitGroup
	n := l.grow(10)
	before := l.reads
	for range 100 {
		wg.Go(func() {
			items, cursor, reset, err := f.After(context.Background(), "a", 50, n)
			if err != nil || reset || cursor != 60 || len(items) != 10 {
				t.Errorf("%d items, cursor %d, reset %v, %v", len(items), cursor, reset, err)
			}
		})
	}
	wg.Wait()
	if read := l.reads - before; read != 1 {
		t.Errorf("the ledger was read %d times for 100 listeners", read)
	}
}

func TestFeedErrors(t *testing.T) {
	broken := errors.New("broken")
	l := &ledger{n: 5, fail: broken}
	f := NewFeed(l.read)
	if _, _, _, err := f.After(t.Context(), "a", 0, 0); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	l.fail = nil
	checkAfter(t, f, l, 0, 5) // an error leaves nothing behind
	r := f.ring("a")
	r.turn <- struct{}{} // somebody else reads
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, _, err := f.After(ctx, "a", 5, 6); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
