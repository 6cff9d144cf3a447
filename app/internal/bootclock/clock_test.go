package bootclock

import (
	"testing"
	"time"
)

func TestClocksGoOn(t *testing.T) {
	for name, of := range map[string]func() (string, func() int64){"system": System, "process": process} {
		boot, ms := of()
		before := ms()
		time.Sleep(5 * time.Millisecond)
		if gone := ms() - before; boot == "" || before < 0 || gone < 4 {
			t.Errorf("%s: boot %q, %d ms, %d later", name, boot, before, gone)
		}
	}
}
