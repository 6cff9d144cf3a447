package queue

import (
	"testing"
	"testing/synctest"
	"time"
)

// A counter under load waits for those who are about to come, and no longer.
func TestCounterGathers(t *testing.T) {
	for _, c := range []struct {
		name  string
		last  int           // answered together before
		come  int           // that come again,
		every time.Duration // one after the other
		want  time.Duration
	}{
		{"a quiet hall waits for nobody", gatherFrom - 1, 0, 0, 0},
		{"all come again", 8, 8, 100 * time.Microsecond, 800 * time.Microsecond},
		{"some do not", 8, 5, 100 * time.Microsecond, gatherFor},
		{"nobody comes", 8, 0, 0, gatherFor},
		{"the last one at the last moment", 8, 8, gatherFor / 8, gatherFor},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &counter{open: true}
				go func() {
					for range c.come {
						time.Sleep(c.every)
						k.queue(&issuing{}, func() { t.Error("a second goroutine serves the counter") })
					}
				}()
				begin := time.Now()
				k.gather(c.last)
				if took := time.Since(begin); took != c.want {
					t.Errorf("waited %v, want %v", took, c.want)
				}
				synctest.Wait()
				// Nothing is left over that would end the next wait at once.
				time.Sleep(gatherFor)
				k.take()
				begin = time.Now()
				k.gather(gatherFrom)
				if took := time.Since(begin); took != gatherFor {
					t.Errorf("the next time waited %v, want %v", took, gatherFor)
				}
			})
		})
	}
}
