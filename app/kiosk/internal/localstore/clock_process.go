package localstore

import (
	"time"

	"github.com/google/uuid"
)

// processMonotonic is for systems without a boot id: every run of the program
// counts as a boot of its own, so ages across a restart are uncertain.
func processMonotonic() (boot string, ms func() int64) {
	start := time.Now()
	return uuid.NewString(), func() int64 { return time.Since(start).Milliseconds() }
}
