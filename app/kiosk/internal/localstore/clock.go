package localstore

import (
	"time"

	"hallkiosk/app/internal/bootclock"
)

// Moment is one reading of the terminal's clocks.
type Moment struct {
	// BootID names the run of the monotonic clock: two Monotonic values can be
	// compared only when their BootIDs are equal.
	BootID string
	// Monotonic is milliseconds since that run began. It never goes back and is
	// never set.
	Monotonic int64
	// Wall is the terminal's wall clock, in UTC. It may be wrong by years.
	Wall time.Time
}

// Since returns how long before m the moment earlier was, and whether that is
// certain: it is when both are of one boot. Otherwise the wall clocks are
// compared, and the answer may be wrong, even negative.
func (m Moment) Since(earlier Moment) (age time.Duration, certain bool) {
	if m.BootID == earlier.BootID && m.Monotonic >= earlier.Monotonic {
		return time.Duration(m.Monotonic-earlier.Monotonic) * time.Millisecond, true
	}
	return m.Wall.Sub(earlier.Wall), false
}

// Clock reads the terminal's clocks.
type Clock func() Moment

// SystemClock returns the machine's clocks. On Linux the monotonic clock outlives
// the program, so that the age of a row is known after the program was started
// again; see [bootclock.System].
func SystemClock() Clock {
	boot, monotonic := bootclock.System()
	return func() Moment {
		return Moment{BootID: boot, Monotonic: monotonic(), Wall: time.Now().UTC().Round(0)}
	}
}
