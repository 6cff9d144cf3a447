// Package bootclock reads a clock that nobody sets: milliseconds since the machine
// was started, with a name for that start. Terminals date by it what happened
// before the last contact, and the central service tells by it the passing of a day
// from a wall clock that was put wrong.
//
// It says nothing about the time of day. Compared: time.Now's monotonic reading,
// which cannot be kept over a restart of the program and stands still while a Linux
// machine is suspended.
package bootclock

import (
	"time"

	"github.com/google/uuid"
)

// System returns the name of the machine's present run and the clock of it. On
// Linux that is the time since the machine's boot, through suspends, and goes on
// over a restart of the program. Elsewhere it counts from this call, under a name
// that is new every time.
func System() (boot string, ms func() int64) { return system() }

// process is for systems without a boot id: every run of the program counts as a
// boot of its own.
func process() (boot string, ms func() int64) {
	start := time.Now()
	return uuid.NewString(), func() int64 { return time.Since(start).Milliseconds() }
}
