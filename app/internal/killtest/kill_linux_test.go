package killtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// killsEnv asks for another number of kills than the small one of a plain run.
	killsEnv = "HALL_KILLS"
	// seedEnv repeats the orders of another run. (The moments are the machine's.)
	seedEnv = "HALL_SEED"
	// keepEnv names a folder in which halls are kept in which something went wrong.
	keepEnv = "HALL_KEEP"
	// worldsAtOnce keeps two processors busy.
	worldsAtOnce = 3
)

func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestKill kills the real terminal and the real centre, at random and at every
// failpoint, start and recovery included, and compares what they have said with
// what they have kept.
func TestKill(t *testing.T) {
	kills := int(number(t, killsEnv, 40))
	seed := number(t, seedEnv, uint64(time.Now().UnixNano()))
	t.Logf("seed %d", seed)
	names := findFailpoints(t)
	if len(names[centreSide]) == 0 || len(names[terminalSide]) == 0 {
		t.Fatalf("no failpoints: %v", names)
	}
	p := newPlan(kills, seed, names)
	program, folder := Program(t), t.TempDir()
	if keep := os.Getenv(keepEnv); keep != "" {
		folder = keep
	}
	begin := time.Now()
	var mu sync.Mutex
	said, served, n := 0, 0, 0
	var wrong []string
	var all sync.WaitGroup
	for range worldsAtOnce {
		all.Go(func() {
			for {
				mu.Lock()
				n++
				dir := filepath.Join(folder, fmt.Sprint("hall", n))
				stop := len(wrong) > 0
				mu.Unlock()
				if stop || p.over() {
					return
				}
				w, err := newWorld(program, dir, p)
				if err != nil {
					t.Error(err)
					return
				}
				bad := w.live(t.Context())
				mu.Lock()
				wrong = append(wrong, bad...)
				for _, term := range w.terminals {
					said += len(term.said)
				}
				served += len(w.clerk.Finished)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	took := time.Since(begin)
	killed, never, text := p.result()
	t.Logf("%d kills in %v (%.0f/s); %d numbers said, %d people served; %d things lost, doubled or damaged\n%s", killed,
		took.Round(time.Second), float64(killed)/took.Seconds(), said, served, len(wrong), text)
	if len(wrong) > 0 {
		t.Errorf("seed %d: %d things are wrong:\n%s", seed, len(wrong), strings.Join(wrong[:min(len(wrong), 20)], "\n"))
		return
	}
	// With few kills, one may fall on a process that was not led to its failpoint.
	if len(never) > 0 && kills >= enough {
		t.Errorf("failpoints that were never reached: %s", strings.Join(never, ", "))
	}
	if said < kills {
		t.Errorf("only %d numbers were said in %d lives: too little was at stake", said, kills)
	}
}

// enough kills reach every failpoint.
const enough = 400
