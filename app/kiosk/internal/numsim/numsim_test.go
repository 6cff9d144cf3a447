package numsim

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // many short runs, each of little memory
	code := m.Run()
	if t, err := newTemplates(); err == nil {
		_ = os.RemoveAll(t.root)
	}
	os.Exit(code)
}

// number reads a number from the environment.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// each runs n seeds from first on, each step-th of them, on all processors, until done says
// that it is enough.
func each(t *testing.T, bug mutant, first, n, step uint64, done func(seed uint64, o outcome) bool) {
	t.Helper()
	files, err := newTemplates()
	if err != nil {
		t.Fatal(err)
	}
	var next atomic.Uint64
	var enough atomic.Bool
	var mu sync.Mutex
	t.Run("runs", func(t *testing.T) {
		for i := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for !enough.Load() && !t.Failed() {
					k := next.Add(1) - 1
					if k >= n {
						return
					}
					seed := first + k*step
					synctest.Test(t, func(t *testing.T) {
						o, err := simulate(seed, bug, files)
						if err != nil {
							t.Errorf("seed %d: %v", seed, err)
							return
						}
						mu.Lock()
						defer mu.Unlock()
						if done(seed, o) {
							enough.Store(true)
						}
					})
				}
			})
		}
	})
}

func TestSeeds(t *testing.T) {
	if one := number(t, "HALL_SEED", 0); one > 0 {
		each(t, mutant{}, one, 1, 1, func(seed uint64, o outcome) bool {
			for _, line := range o.story {
				t.Log(line)
			}
			for _, v := range o.wrong {
				t.Error(v)
			}
			return true
		})
		return
	}
	n, step, from := number(t, "HALL_SEEDS", 100), number(t, "HALL_STEP", 1), number(t, "HALL_FROM", 1)
	strict := os.Getenv("HALL_STRICT") != ""
	total := counts{}
	broken, open := map[string]int{}, map[string]int{}
	begin := time.Now()
	each(t, mutant{}, from*step, n, step, func(seed uint64, o outcome) bool {
		total.add(o.count)
		if os.Getenv("HALL_ALL") != "" {
			for _, v := range o.wrong {
				t.Logf("ALL seed %d %v", seed, v)
			}
		}
		for _, v := range o.wrong {
			if f, ok := v.finding(); ok && !strict {
				open[f.name]++
				continue
			}
			if broken[v.rule]++; len(broken) < 20 {
				t.Errorf("seed %d: %v\nits story: HALL_SEED=%d go test -v -run Seeds ./app/kiosk/internal/numsim", seed, v, seed)
			}
		}
		return false
	})
	took := time.Since(begin)
	t.Log(total)
	t.Logf("%d seeds in %v, %.1f a second; violations: %v; of open findings: %v", total["seeds"], took.Round(time.Millisecond), float64(total["seeds"])/took.Seconds(), broken, open)
}
