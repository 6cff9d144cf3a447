// Package peripherals keeps a terminal's devices open.
//
// Each device has a goroutine that opens its port, uses it until the port is
// lost, closes it, and opens it again, with a growing pause, for as long as the
// terminal runs. What a device can do at the moment is told as a [Condition],
// whenever it changes; a technician may look at its [Snapshot] at any time. An
// idle device is asked how it is every so often: that is how a pulled cable is
// noticed. Drivers (devices/…) know nothing of this: to them a lost
// port is the end, and a new port means a new driver.
//
// The printer keeps the journal of its jobs (package printjournal) while it
// prints tickets.
//
// Package kiosk wires it. It never decides what a citizen sees, and never prints
// anything by itself.
package peripherals

import (
	"context"
	"errors"
	"io"
	"time"
)

// State is what a device is doing, in the words the central service knows.
type State string

// Device states. A device that is not configured is never spoken of.
const (
	Absent State = "absent" // no port: unplugged, switched off, or not permitted
	Ready  State = "ready"
	Fault  State = "fault" // the port is there, the device cannot do its work
)

// Condition is the state of one device.
type Condition struct {
	State State
	// Fault is a stable code: the printer's (escpos.Code…), or absent, denied,
	// busy, not-serial, silent. Empty when ready.
	Fault string
	// Warning is a condition that only staff need to know: paper-near-end.
	Warning string
	// Detail is for the technician's log: what failed and how to cure it.
	Detail string
	// Residue: the printer holds the rest of a stopped job and cannot be told to
	// forget it; see HintForget.
	Residue bool
}

// same reports whether two conditions are the same to everybody but the log.
func (c Condition) same(d Condition) bool {
	return c.State == d.State && c.Fault == d.Fault && c.Warning == d.Warning && c.Residue == d.Residue
}

// Pauses are the waits between attempts to open a port; the last one repeats.
// A device that is plugged in again must work within 5 s.
var Pauses = []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}

// supervise opens a port, uses it until use returns, and starts again, until
// ctx ends. use returns why the port cannot be used any longer; t is told what a
// technician sees meanwhile.
func supervise[P io.Closer](ctx context.Context, t *teller, open func() (P, error),
	use func(context.Context, P) error, failed func(error)) {
	defer t.enter(Closed)
	t.enter(Opening)
	for attempt := 0; ctx.Err() == nil; attempt++ {
		port, err := open()
		if err == nil {
			attempt = 0
			t.openedPort()
			err = use(ctx, port)
			if cerr := port.Close(); err == nil {
				err = cerr
			}
			t.closedPort(port)
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("peripherals: port given up")
		}
		failed(err)
		pause(ctx, Pauses[min(attempt, len(Pauses)-1)])
	}
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
