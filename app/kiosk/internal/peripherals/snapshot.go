package peripherals

import (
	"path/filepath"
	"sync"
	"time"

	"hallkiosk/devices/serialport"
)

// The further states of a device that only the technician sees.
const (
	Opening State = "opening" // the port is being opened for the first time, or is open and the device has not answered yet
	Busy    State = "busy"    // at work for somebody
	Closed  State = "closed"  // the terminal has stopped using it
)

// Snapshot is what a technician sees of a device.
type Snapshot struct {
	State State
	// Since is when it came into this state.
	Since time.Time
	// Heard is when the device last answered; zero when it never has.
	Heard time.Time
	// Fault, Warning and Detail are those of the Condition.
	Fault, Warning, Detail string
	// Hint is what to do about it.
	Hint Hint
	// Path is the configured one.
	Path string
	// Port is what the kernel says about the port behind the path, as of the
	// last opening: USB identifiers, product, stable name. Port.Path is "" when
	// it is not known, as with printers on the network.
	Port serialport.Found
	// Opened is how often the port was opened since the start: 1 and a day of
	// use is a good cable.
	Opened int
	// Leaked is how many ports were given up with a write stuck in them. Each
	// holds a little memory until the device hangs up: after some ten the program
	// is better started anew.
	Leaked int
}

// teller remembers the last condition, passes on changes only, and keeps what a
// Snapshot shows.
type teller struct {
	mu     sync.Mutex
	last   Condition
	told   bool
	change func(Condition)

	path   string
	phase  State // Opening, Busy or Closed in place of the condition's state; "" = none
	state  State // what a Snapshot shows
	since  time.Time
	heard  time.Time
	found  serialport.Found
	opened int
	leaked int
	// finder reads sysfs; another one in tests.
	finder serialport.Finder
}

// tell takes over a condition. It ends Opening and Closed.
func (t *teller) tell(c Condition) {
	t.mu.Lock()
	changed := !t.told || !t.last.same(c)
	t.last, t.told = c, true
	if c.State != Absent {
		t.heard = time.Now()
	}
	if t.phase != Busy {
		t.phase = ""
	}
	t.settle()
	t.mu.Unlock()
	if changed && t.change != nil {
		t.change(c)
	}
}

// enter begins a phase, and leave ends it if it is still the one.
func (t *teller) enter(phase State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = phase
	t.settle()
}

func (t *teller) leave(phase State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase == phase {
		t.phase = ""
	}
	t.settle()
}

// settle works out the state that is shown.
func (t *teller) settle() {
	now := t.last.State
	if !t.told {
		now = Absent
	}
	if t.phase != "" {
		now = t.phase
	}
	if now != t.state || t.since.IsZero() {
		t.state, t.since = now, time.Now()
	}
}

// openedPort notes that a port was opened.
func (t *teller) openedPort() {
	found, ok := t.finder.Identify(t.path)
	if !ok {
		if port, isPort := t.identifyUSB(); isPort {
			found = port
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opened++
	t.found = found
	t.phase = Opening
	t.settle()
}

// identifyUSB finds a printer that is named by its USB identifiers.
func (t *teller) identifyUSB() (serialport.Found, bool) {
	printers, err := t.finder.Printers()
	if err != nil {
		return serialport.Found{}, false
	}
	for _, p := range printers {
		for _, pattern := range []string{"usb:" + p.ID(), "usb:" + p.ID() + ":*"} {
			if ok, err := filepath.Match(pattern, t.path); err == nil && ok {
				return p, true
			}
		}
	}
	return serialport.Found{}, false
}

// closedPort notes that a port was closed, and whether a write is stuck in it.
func (t *teller) closedPort(port any) {
	if p, ok := port.(interface{ Leaked() bool }); ok && p.Leaked() {
		t.mu.Lock()
		t.leaked++
		t.mu.Unlock()
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

// Snapshot is how the device is now.
func (t *teller) Snapshot() Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Snapshot{
		State: t.state, Since: t.since, Heard: t.heard,
		Fault: t.last.Fault, Warning: t.last.Warning, Detail: t.last.Detail, Hint: hintFor(t.last),
		Path: t.path, Port: t.found, Opened: t.opened, Leaked: t.leaked,
	}
	if s.State == "" {
		s.State = Absent
	}
	return s
}
