package store

import "sync"

// Change says that a hall's ledger has grown.
type Change struct {
	Hall   string
	Cursor int64 // number of its newest line, as far as is known
}

// feed hands changes to the reader of Store.Changes without ever holding up a
// writer: what has not been received is kept as the highest cursor of each hall.
type feed struct {
	out  chan Change
	wake chan struct{}
	quit chan struct{}
	done chan struct{}

	mu      sync.Mutex
	known   map[string]int64 // highest cursor seen, by hall
	pending map[string]int64 // of known, what has not been handed on
}

func newFeed() *feed {
	f := &feed{out: make(chan Change), wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
		known: map[string]int64{}, pending: map[string]int64{}}
	go f.run()
	return f
}

// put tells of a cursor; one that is known already, or older, is nothing new.
func (f *feed) put(hall string, cursor int64) {
	f.mu.Lock()
	news := cursor > f.known[hall]
	if news {
		f.known[hall], f.pending[hall] = cursor, cursor
	}
	f.mu.Unlock()
	if news {
		select {
		case f.wake <- struct{}{}:
		default:
		}
	}
}

// assume takes a cursor as known to everybody.
func (f *feed) assume(hall string, cursor int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[hall] = max(f.known[hall], cursor)
}

func (f *feed) run() {
	defer close(f.done)
	defer close(f.out)
	for {
		select {
		case <-f.wake:
		case <-f.quit:
			return
		}
		for {
			c, ok := f.next()
			if !ok {
				break
			}
			select {
			case f.out <- c:
			case <-f.quit:
				return
			}
		}
	}
}

// next takes one pending change.
func (f *feed) next() (Change, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for hall, n := range f.pending {
		delete(f.pending, hall)
		return Change{hall, n}, true
	}
	return Change{}, false
}

func (f *feed) close() {
	close(f.quit)
	<-f.done
}
