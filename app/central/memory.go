package central

import (
	"os"
	"runtime/debug"
)

// What the garbage collector is told, unless the environment says otherwise (GOGC,
// GOMEMLIMIT). The service keeps little, and a small heap is collected often under load; with
// four times as much garbage between two collections a number took a tenth to a fifth
// less processor time (two pairs of runs, on a machine that others used). The limit
// brings collections closer again when there is much to keep, as with thousands of
// open streams at about 27 KiB each. It is well above what 8,000 of those need, because
// a heap that does not fit under it would be collected all the time.
const (
	garbagePercent = 400
	memoryLimit    = 512 << 20
)

// relaxCollector is for the whole process, so Run calls it and New does not.
func relaxCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
