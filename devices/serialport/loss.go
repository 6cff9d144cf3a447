package serialport

import (
	"fmt"
	"sync"
)

// A Loss remembers the first loss of a port, which every later call on the port
// returns: what fails afterwards is only its consequence. Its errors have
// [ErrLost] in their chain. Ports that are not serial have one too.
type Loss struct {
	Package string // the one that opened the port
	Path    string // what was opened
	Cure    string // what to do, unless this program has closed the port itself

	mu    sync.Mutex
	first error
}

// Err is the loss, nil while there was none.
func (l *Loss) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first
}

// Lose records that doing something has failed, unless the port was lost
// before, and returns the first loss.
func (l *Loss) Lose(doing string, cause error) error {
	return l.record(fmt.Errorf("%s: %s %s: %w: %w: %s", l.Package, doing, l.Path, ErrLost, cause, l.Cure))
}

// LoseByClose records that this program closes the port. A Close calls it before
// it tears anything down, so that an error caused by our own Close is told from
// an unplugged cable.
func (l *Loss) LoseByClose() {
	l.record(fmt.Errorf("%s: use %s: %w: closed by this program", l.Package, l.Path, ErrLost))
}

func (l *Loss) record(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == nil {
		l.first = err
	}
	return l.first
}
