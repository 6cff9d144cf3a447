package numsim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"hallkiosk/app/kiosk/internal/localstore"
)

// outcome is what came of one run.
type outcome struct {
	count counts
	wrong []violation
	story []string
}

// simulate carries out the run of a seed. It must be called in a bubble.
func simulate(seed uint64, bug mutant, files templates) (o outcome, err error) {
	rng := rand.New(rand.NewPCG(seed, 0x68616c6c))
	h := newHall(rng.IntN(3) == 0)
	// A Thursday morning; everybody is at work.
	begin := time.Date(2026, 11, 19, 9+rng.IntN(2), rng.IntN(60), rng.IntN(60), rng.IntN(1e9), h.Location())
	w, err := newWorld(seed, rng, h, begin, files)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(w.dir)) }()
	w.bug, w.stray = bug, seed%16 == 0
	if rng.IntN(3) > 0 {
		w.rough = weather{lost: 0.06, answerLost: 0.06, slow: 0.08, again: 0.05, later: 0.7}
	}
	if err := w.centre.open(); err != nil {
		return o, err
	}
	err = errors.Join(w.day(), w.shut())
	w.flying.Wait()
	err = errors.Join(err, w.centre.close())
	if err == nil {
		var b books
		if b, err = w.readBooks(); err == nil {
			w.check(b)
		}
	}
	w.tally("seeds")
	return outcome{w.count, w.seen.wrong, w.story}, err
}

// shut stops whatever still runs, also after an error.
func (w *world) shut() error {
	var errs []error
	for _, p := range w.places {
		if p.m != nil && p.m.proc != nil {
			errs = append(errs, p.m.proc.end())
		}
	}
	return errors.Join(errs...)
}

// day is the run: it begins in order, goes as the seed says, and ends in order.
func (w *world) day() error {
	// Installed in calm weather: a terminal that was never told its slot is no
	// terminal yet.
	w.calm.Store(true)
	for n := range 1 + w.rng.IntN(4) {
		p := &place{w: w, n: n}
		p.line = &line{w: w, name: fmt.Sprintf("line %d", n), sent: map[string]uint64{}}
		w.places = append(w.places, p)
		m, err := p.newMachine()
		if err != nil {
			return err
		}
		if p.m = m; w.rng.IntN(4) == 0 {
			m.setWrong(w.wrongClock())
		}
		if err := p.run(trap{}); err != nil {
			return err
		}
	}
	time.Sleep(5 * time.Second)
	for _, p := range w.places {
		if w.rng.IntN(4) == 0 {
			if err := errors.Join(w.copyDisk(p), p.run(trap{})); err != nil {
				return err
			}
		}
	}
	w.calm.Store(false)

	taps := 20 + w.rng.IntN(41)
	for tapped := 0; tapped < taps; {
		if err := w.tidy(); err != nil {
			return err
		}
		p := w.places[w.rng.IntN(len(w.places))]
		if w.rng.IntN(100) < 58 {
			if w.tap(p) {
				tapped++
			}
		} else if err := w.mishap(p); err != nil {
			return err
		}
		w.pause()
	}
	return w.heal()
}

// pause lets a while go by.
func (w *world) pause() {
	switch n := w.rng.IntN(100); {
	case n < 25: // at once
		time.Sleep(time.Duration(w.rng.IntN(300)) * time.Millisecond)
	case n < 75:
		time.Sleep(time.Duration(w.rng.IntN(5000)) * time.Millisecond)
	case n < 93:
		time.Sleep(time.Duration(w.rng.IntN(40)) * time.Second)
	case n < 98:
		time.Sleep(time.Duration(w.rng.IntN(300)) * time.Second)
	default:
		w.quiet()
		w.skip(time.Duration(w.rng.IntN(90)) * time.Minute)
		time.Sleep(time.Second)
	}
}

// quiet waits until nobody stands anywhere and no message is in the air.
func (w *world) quiet() {
	time.Sleep(longestFlight + 5*time.Second)
	// Terminals send by themselves, and a message must not fly for hours.
	for range 600 {
		if w.inAir.Load() == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// tap sends a citizen to the place; not while somebody stands there or it is out
// of order.
func (w *world) tap(p *place) bool {
	b := prefixes[w.rng.IntN(4)/3]
	r := request{business: b.id, prefix: b.prefix}
	if w.rng.IntN(3) == 0 {
		r.person = 1 + w.rng.IntN(2)
	}
	proc := p.m.proc
	if proc == nil || proc.dead.Load() || p.busy.Load() {
		return false
	}
	p.busy.Store(true)
	proc.parts.Go(func() { proc.tap(r) })
	return true
}

// tidy starts programs again that are due.
func (w *world) tidy() error {
	for _, p := range w.places {
		if p.m.proc != nil && p.m.proc.hasCrashed() {
			if err := p.m.proc.end(); err != nil {
				return err
			}
			p.busy.Store(false)
			p.restart = w.now().Add(time.Duration(w.rng.IntN(25000)) * time.Millisecond)
			if w.rng.IntN(3) == 0 { // the power, not the program
				w.power(p)
			}
		}
		if p.m.proc == nil && !w.now().Before(p.restart) {
			var t trap
			if w.rng.IntN(8) == 0 {
				t = w.newTrap()
			}
			if err := p.run(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// power starts the machine anew; its wall clock may be anything afterwards.
func (w *world) power(p *place) {
	p.m.reboot()
	w.tally("reboots")
	if w.rng.IntN(2) == 0 {
		p.m.setWrong(w.wrongClock())
	}
	w.tell("%s is started anew, its clock is %v wrong", p.m.id, p.m.wrong)
}

// run starts the program of the place's machine. When it crashes at once it is
// tried again later.
func (p *place) run(t trap) error {
	w := p.w
	proc, err := p.m.start(t, w.rng.IntN(2) == 0)
	if err != nil {
		return err
	}
	if proc == nil {
		p.restart = w.now().Add(time.Duration(1+w.rng.IntN(5)) * time.Second)
		return nil
	}
	w.tell("%s runs", p.m.id)
	return nil
}

// wrongClock returns by how much a wall clock is wrong.
func (w *world) wrongClock() time.Duration {
	now := w.now()
	switch w.rng.IntN(7) {
	case 0:
		return 24 * time.Hour
	case 1:
		return -24 * time.Hour
	case 2:
		return time.Unix(int64(w.rng.IntN(1000)), 0).Sub(now)
	case 3:
		return time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC).Sub(now)
	case 4:
		return time.Duration(w.rng.IntN(600)-300) * time.Second
	}
	return 0
}

// newTrap lays a trap at a commit.
func (w *world) newTrap() trap {
	t := trap{set: true, at: localstore.BeforeCommit}
	if w.rng.IntN(2) == 0 {
		t.at = localstore.AfterCommit
	}
	names := []string{"", "", "intent", "intent", "issued", "issued", "own number", "own number", "abandon", "refused",
		"printed", "recover", "acknowledge", "known", "start"}
	t.what = names[w.rng.IntN(len(names))]
	if w.rng.IntN(3) == 0 {
		t.after = w.rng.IntN(3)
	}
	return t
}

// mishap is one thing that goes wrong, or right again, at a place or in the hall.
func (w *world) mishap(p *place) error {
	if w.stray && w.rng.IntN(12) == 0 {
		d := w.wrongClock()
		w.tell("the centre's clock is %v wrong now", d)
		w.centre.ahead.Store(int64(d))
	}
	proc := p.m.proc
	runs := proc != nil && !proc.dead.Load()
	switch n := w.rng.IntN(100); {
	case n < 40:
		cut, _ := p.line.state()
		cut, silent := !cut, w.rng.IntN(2) == 0
		if w.centre.away() && w.rng.IntN(3) > 0 {
			return w.centreAway()
		}
		w.tell("%s: cut %v, silent %v", p.line.name, cut, silent)
		p.line.set(cut, silent)
	case n < 48:
		return w.centreAway()
	case n < 68:
		if t := w.newTrap(); runs {
			proc.setTrap(t)
		}
	case n < 74:
		if runs {
			proc.crash("just so")
		}
	case n < 80:
		if runs {
			proc.crash("with the power")
			if err := proc.end(); err != nil {
				return err
			}
			p.busy.Store(false)
			w.power(p)
			p.restart = w.now().Add(time.Duration(w.rng.IntN(120)) * time.Second)
		}
	case n < 90:
		d := w.wrongClock()
		w.tally("jumps")
		w.tell("%s: its clock is %v wrong now", p.m.id, d)
		p.m.setWrong(d)
	case n < 91:
		return w.replace(p)
	case n < 93:
		return w.copyDisk(p)
	case n < 95:
		return w.night()
	case n < 97:
		return w.togglePause()
	default:
		if runs && !p.busy.Load() {
			proc.parts.Go(func() { _, _ = proc.desk.Purge(proc.ctx) })
		}
	}
	return nil
}

// centreAway stops the centre, or starts it again.
func (w *world) centreAway() error {
	if w.centre.away() {
		w.tell("the centre is back")
		return w.centre.open()
	}
	w.tell("the centre is away")
	w.tally("away")
	return w.centre.close()
}

func (w *world) togglePause() error {
	w.centre.mu.RLock()
	defer w.centre.mu.RUnlock()
	if w.centre.service == nil {
		return nil
	}
	return w.centre.service.SetPaused(context.Background(), hallID, prefixes[1].id, w.rng.IntN(2) == 0)
}

// replace puts another machine in the place, with an empty disk and enrolled
// anew. What the old disk still had to tell is delivered later by a technician,
// or lost with the disk.
func (w *world) replace(p *place) error {
	if w.centre.away() {
		return nil
	}
	old := p.m
	if old.proc != nil {
		if err := old.proc.end(); err != nil {
			return err
		}
	}
	p.busy.Store(false)
	if w.rng.IntN(3) == 0 {
		old.gone = true
	}
	w.old = append(w.old, old)
	m, err := p.newMachine()
	if err != nil {
		return err
	}
	w.tally("replaced")
	w.tell("%s is replaced by %s, its disk destroyed: %v", old.id, m.id, old.gone)
	if w.bug.replaced != nil {
		w.bug.replaced(old, m)
	}
	p.m = m
	if p.copy != "" {
		if err := os.RemoveAll(p.copy); err != nil {
			return err
		}
		p.copy = ""
	}
	p.line.set(false, false)
	w.calm.Store(true)
	defer w.calm.Store(false)
	if err := p.run(trap{}); err != nil {
		return err
	}
	time.Sleep(3 * time.Second)
	return nil
}

// copyDisk keeps a copy of a machine's disk, or puts the copy there is in place of
// the disk, as a technician does who restores a back-up.
func (w *world) copyDisk(p *place) error {
	m := p.m
	if w.centre.away() {
		return nil
	}
	if m.proc != nil {
		if err := m.proc.end(); err != nil {
			return err
		}
	}
	p.busy.Store(false)
	if p.copy == "" {
		p.copy, p.copied = m.dir+"-copy", w.now()
		w.tell("%s: its disk is copied", m.id)
		return copyFolder(p.copy, m.dir)
	}
	w.tally("clones")
	w.tell("%s: the copy of its disk is put in", m.id)
	if err := errors.Join(os.RemoveAll(m.dir), copyFolder(m.dir, p.copy), os.RemoveAll(p.copy)); err != nil {
		return err
	}
	p.copy = ""
	// What the disk had not told is lost with it; and the copy gives no number
	// before it has seen the centre: nobody could know that it is one.
	m.gone, m.stale = true, true
	p.line.set(false, false)
	w.calm.Store(true)
	defer w.calm.Store(false)
	if err := p.run(trap{}); err != nil {
		return err
	}
	time.Sleep(time.Minute)
	_, open := m.proc.uplink.Slot()
	if told := w.seen.ownSince(m, p.copied); open && told > 0 {
		w.seen.broken("G1", "%s runs from an old copy and its series is open, though the centre knows of %d numbers the copy lacks", m.id, told)
	} else if !open {
		w.tally("frozen")
	}
	return w.replace(p)
}

// night lets the hall close and open again on the next morning. The machines
// stay on, or are switched off.
func (w *world) night() error {
	w.tally("nights")
	off := w.rng.IntN(2) == 0
	w.quiet()
	local := w.now().In(w.hall.Location())
	morning := time.Date(local.Year(), local.Month(), local.Day()+1, 8, 31+w.rng.IntN(20), 0, 0, w.hall.Location())
	w.tell("night, the machines off: %v", off)
	for _, p := range w.places {
		if p.m.proc == nil || !off {
			continue
		}
		if err := p.m.proc.end(); err != nil {
			return err
		}
		p.busy.Store(false)
		p.restart = time.Time{}
	}
	w.skip(morning.Sub(w.now()))
	if off {
		for _, p := range w.places {
			w.power(p)
		}
	}
	return nil
}

// heal mends everything and waits until nothing is left to be told.
func (w *world) heal() error {
	w.tell("everything is mended")
	w.centre.ahead.Store(0)
	w.calm.Store(true)
	if w.centre.away() {
		if err := w.centre.open(); err != nil {
			return err
		}
	}
	for _, p := range w.places {
		p.line.set(false, false)
		if p.m.proc != nil {
			p.m.proc.setTrap(trap{})
		}
	}
	time.Sleep(time.Minute) // what is in the air comes down
	var due []*machine
	for _, m := range w.old {
		if !m.gone {
			due = append(due, m)
		}
	}
	for _, p := range w.places {
		due = append(due, p.m)
	}
	for _, m := range due {
		if err := m.drain(); err != nil {
			return err
		}
	}
	return nil
}

// drain waits until the machine has told everything. One that is out of service
// is run for it.
func (m *machine) drain() error {
	w := m.p.w
	if m.proc != nil && m.proc.hasCrashed() {
		if err := m.proc.end(); err != nil {
			return err
		}
	}
	if m.proc == nil {
		proc, err := m.start(trap{}, false)
		if err != nil {
			return err
		}
		if proc == nil {
			return errors.New("numsim: a program crashed without a trap")
		}
	}
	for range 60 {
		time.Sleep(5 * time.Second)
		c, err := m.proc.outbox.Counts(context.Background())
		if err != nil {
			return err
		}
		if m.proc.uplink.State().Problem != nil || c.Waiting == 0 && c.Acked == c.Last {
			break
		}
	}
	c, err := m.proc.outbox.Counts(context.Background())
	if err != nil {
		return err
	}
	if problem := m.proc.uplink.State().Problem; problem != nil {
		w.closed[m.id] = true
		w.seen.broken("W", "%s is closed without a copy: %v", m.id, problem)
	} else if c.Waiting > 0 || c.Dead > 0 {
		w.seen.broken("G2", "%s still has %d events to tell, %d are dead", m.id, c.Waiting, c.Dead)
	}
	return m.proc.end()
}
