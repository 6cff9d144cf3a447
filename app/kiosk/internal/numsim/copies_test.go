package numsim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestTwoCopiesOfADisk runs two machines from copies of one disk, side by side.
// Both reach the centre now and then, give numbers of their own in between, and
// are started anew at times. Copies that do not see the centre at all cannot be
// found out; these must be: after two business days at most one of the two still
// gives numbers of its own.
func TestTwoCopiesOfADisk(t *testing.T) {
	files, err := newTemplates()
	if err != nil {
		t.Fatal(err)
	}
	n, both := number(t, "HALL_COPY_SEEDS", 10), 0
	for seed := uint64(1); seed <= n; seed++ {
		synctest.Test(t, func(t *testing.T) {
			switch closed, err := twoCopies(seed, files); {
			case err != nil:
				t.Errorf("seed %d: %v", seed, err)
			case closed == 0:
				t.Errorf("seed %d: both series of a copied disk are open after two days", seed)
			case closed == 2:
				both++
			}
		})
	}
	t.Logf("%d pairs of copies; both were closed of %d, one of the others", n, both)
}

// twoCopies returns how many of the two series are closed at the end.
func twoCopies(seed uint64, files templates) (closed int, err error) {
	h := newHall(true)
	w, err := newWorld(seed, rand.New(rand.NewPCG(seed, 2)), h, time.Date(2026, 11, 19, 10, 0, 0, 0, h.Location()), files)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(w.dir)) }()
	if err := w.centre.open(); err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, w.shut())
		w.flying.Wait()
		err = errors.Join(err, w.centre.close())
	}()
	w.calm.Store(true)
	for n := range 2 {
		p := &place{w: w, n: n, line: &line{w: w, name: fmt.Sprintf("line %d", n), sent: map[string]uint64{}}}
		w.places = append(w.places, p)
	}
	one, two := w.places[0], w.places[1]
	if one.m, err = one.newMachine(); err != nil {
		return 0, err
	}
	if err := one.run(trap{}); err != nil {
		return 0, err
	}
	for range w.rng.IntN(4) {
		w.tap(one)
		time.Sleep(5 * time.Second)
	}
	// Switched off, copied, and both switched on.
	if err := one.m.proc.end(); err != nil {
		return 0, err
	}
	two.m = &machine{p: two, id: one.m.id, slot: one.m.slot, token: one.m.token, dir: one.m.dir + "-twin", up: w.now(), boot: 1000, met: true}
	if err := copyFolder(two.m.dir, one.m.dir); err != nil {
		return 0, err
	}
	for range 2 { // business days
		for range 6 {
			for _, p := range w.places {
				if p.m.proc != nil && w.rng.IntN(3) > 0 {
					continue
				}
				if p.m.proc != nil {
					if err := p.m.proc.end(); err != nil {
						return 0, err
					}
				}
				if err := p.run(trap{}); err != nil {
					return 0, err
				}
			}
			for range 4 {
				p := w.places[w.rng.IntN(2)]
				p.line.set(w.rng.IntN(2) == 0, false)
				w.tap(p)
				time.Sleep(time.Duration(w.rng.IntN(20)) * time.Second)
			}
			one.line.set(false, false)
			two.line.set(false, false)
			time.Sleep(10 * time.Minute)
		}
		w.skip(20 * time.Hour)
		time.Sleep(10 * time.Minute)
	}
	for _, p := range w.places {
		if p.m.isClosed() {
			closed++
		}
	}
	return closed, nil
}
