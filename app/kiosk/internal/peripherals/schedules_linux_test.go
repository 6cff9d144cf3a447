package peripherals

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
)

// trouble is one random thing to go wrong, and its cure.
type trouble struct{ fault, mend string }

func randomTrouble(r *rand.Rand) trouble {
	all := []trouble{
		{"paper out", "paper load"},
		{"paper low;paper out", "paper load"},
		{fmt.Sprintf("paper out after %d", r.IntN(600)), "paper load"},
		{fmt.Sprintf("paper out after %d", r.IntN(600)), "paper load"},
		{"cover open", "cover close"},
		{fmt.Sprintf("cover open;wait %dms;cover close", r.IntN(20)), ""},
		{"cutter error", "cutter clear"},
		{"cutter jam", "cutter clear"},
		{fmt.Sprintf("head hot;wait %dms;head cool", r.IntN(300)), ""},
		{"printer silent", "printer answer"},
		{fmt.Sprintf("printer silent;wait %dms;printer answer", r.IntN(700)), ""},
		{"printer unplug", "printer plug"},
		{fmt.Sprintf("printer unplug;wait %dms;printer plug", r.IntN(50)), ""},
		{"paper out;printer unplug", "paper load;printer plug"},
		{"cover open;printer unplug", "printer plug;cover close"},
		{"cutter error;paper out", "cutter clear;paper load"},
	}
	return all[r.IntN(len(all))]
}

// TestRandomSchedules plays HALL_SCHEDULES (50) seeded days of trouble, from
// HALL_SEED (1) on. Afterwards no ticket is lost: each was confirmed at last, and
// lies in the roll of paper. And none is there twice without 补打.
func TestRandomSchedules(t *testing.T) {
	n := number(t, "HALL_SCHEDULES", 50)
	first := number(t, "HALL_SEED", 1)
	if testing.Short() {
		n = min(n, 10)
	}
	root := t.TempDir()
	var all sync.WaitGroup
	var mu sync.Mutex
	total := map[string]int{}
	room := make(chan struct{}, 24)
	for i := range n {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			seed := uint64(first + i)
			seen := playSchedule(t, filepath.Join(root, fmt.Sprint(seed)), seed)
			mu.Lock()
			defer mu.Unlock()
			for k, v := range seen {
				total[k] += v
			}
		})
	}
	all.Wait()
	t.Logf("%d schedules: %v", n, total)
	if n >= 50 && (total["unknown"] == 0 || total["failed"] == 0 || total["restart"] == 0) {
		t.Error("the schedules hold too little trouble")
	}
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}

func playSchedule(t *testing.T, dir string, seed uint64) map[string]int {
	r := rand.New(rand.NewPCG(seed, 3))
	plain := escpos.Epson80()
	plain.ProcessID, plain.Auto = false, false
	profile := []escpos.Profile{escpos.Epson80(), plain, escpos.Generic80(), escpos.Custom80()}[r.IntN(4)]
	seen := map[string]int{}
	w, err := newWorkbench(t, fmt.Sprintf("seed %d, %s", seed, profile.Name), dir, profile, true)
	if err != nil {
		t.Error(err)
		return seen
	}
	defer func() {
		w.close()
		os.RemoveAll(dir)
	}()
	if !w.ready() {
		return seen
	}
	var history []string
	labels := []string{"A001", "A002", "A003", "A004"}
	for _, label := range labels {
		isCopy, done := false, false
		for try := 0; try < 12 && !done; try++ {
			trouble, killed, late := trouble{}, false, make(chan struct{})
			moment := []string{"before", "sending", "sent", "later"}[r.IntN(4)]
			if r.IntN(100) < 70 && try < 5 {
				trouble = randomTrouble(r)
			}
			killed = trouble.fault != "" && r.IntN(8) == 0
			strike := func() {
				if killed {
					w.kill()
					w.do("printer unplug")
				}
				w.do(trouble.fault)
			}
			pause := time.Duration(r.IntN(6000)) * time.Microsecond
			switch {
			case trouble.fault == "":
				close(late)
			case moment == "before":
				strike()
				close(late)
			case moment == "later":
				begun := make(chan struct{})
				w.once("begin", func() { close(begun) })
				go func() {
					defer close(late)
					select {
					case <-begun:
						time.Sleep(pause)
					case <-time.After(time.Second): // refused before it began
					}
					strike()
				}()
			default:
				w.once(moment+"+", strike)
				close(late)
			}
			got := w.print(context.Background(), label, isCopy)
			<-late
			w.once(moment+"+", func() {})
			w.once("begin", func() {})
			history = append(history, fmt.Sprintf("%s copy=%v %s{%s} killed=%v → %s", label, isCopy, moment, trouble.fault, killed, got))
			w.do(trouble.mend)
			if killed {
				seen["restart"]++
				w.do("printer plug")
				w.restart()
			}
			// What the next try is follows from the journal, as it would after the
			// end of the program.
			states := strings.Split(w.states(label), ", ")
			last := states[len(states)-1]
			done = strings.HasPrefix(last, "confirmed")
			if strings.HasPrefix(last, "unknown") {
				isCopy = true
			}
			seen[strings.TrimSuffix(last, " copy")]++
			if got == "printed" && !killed && !done {
				w.errorf("%s printed, but the journal says %q", label, states)
			}
			if !w.ready() {
				w.errorf("history:\n%s", strings.Join(history, "\n"))
				return seen
			}
		}
		if !done {
			w.errorf("%s never came out:\n%s", label, strings.Join(history, "\n"))
		}
	}
	w.settlePapers()
	for _, label := range labels {
		unmarked, copies, _ := w.papers(label)
		if unmarked+copies == 0 || unmarked > 1 {
			w.errorf("%s: %d unmarked papers, %d copies:\n%s", label, unmarked, copies, strings.Join(history, "\n"))
		}
		confirmed := strings.Count(w.states(label), "confirmed")
		if confirmed > unmarked+copies {
			w.errorf("%s: %d confirmed, %d papers:\n%s", label, confirmed, unmarked+copies, strings.Join(history, "\n"))
		}
	}
	return seen
}
