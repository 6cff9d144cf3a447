package peripherals

import (
	"errors"
	"sync"

	"hallkiosk/devices/serialport"
)

// PortConfig says where a device is attached.
type PortConfig struct {
	// Path is a stable name, best under /dev/serial/by-id. Empty = the terminal
	// has no such device.
	Path string
	Baud int // bit/s; 0 = 115200
}

func (c PortConfig) open() (*serialport.Port, error) {
	return serialport.Open(serialport.Config{Path: c.Path, Baud: c.Baud})
}

// absent is the condition after a port could not be opened or was lost.
func absent(err error) Condition {
	c := Condition{State: Absent, Fault: "absent", Detail: err.Error()}
	switch {
	case errors.Is(err, serialport.ErrDenied):
		c.Fault = "denied"
	case errors.Is(err, serialport.ErrBusy):
		c.Fault = "busy"
	case errors.Is(err, serialport.ErrNotSerial):
		c.Fault = "not-serial"
	}
	return c
}

// teller remembers the last condition and passes on changes only.
type teller struct {
	mu     sync.Mutex
	last   Condition
	told   bool
	change func(Condition)
}

func (t *teller) tell(c Condition) {
	t.mu.Lock()
	changed := !t.told || !t.last.same(c)
	t.last, t.told = c, true
	t.mu.Unlock()
	if changed && t.change != nil {
		t.change(c)
	}
}

// Condition is the last condition told; absent before the first.
func (t *teller) Condition() Condition {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.told {
		return Condition{State: Absent, Fault: "absent"}
	}
	return t.last
}

// isOpenError reports whether err is of the port rather than of the device.
func isOpenError(err error) bool {
	for _, e := range []error{
		serialport.ErrAbsent, serialport.ErrDenied, serialport.ErrBusy, serialport.ErrNotSerial, serialport.ErrLost,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
