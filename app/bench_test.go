//go:build bench && linux && !headless

package main

// Figures of the built program beside Chromium showing equal pages. `make bench`
// runs this and prints the table; it is no test of correctness. Nothing in it
// fails because a figure is bad: a missed target is said in the table.
//
// Both programs are measured from outside, in the same way, on virtual displays
// of the same kind (see bench_display_test.go), in rounds that take turns, since
// other work on the machine changes from minute to minute.

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	// benchPatience is how long anything may take before the benchmark gives up.
	benchPatience = 20 * time.Second

	startRounds = 5 // each with a first start and a later one
	idleRounds  = 3 // of these, in which the program then stays alone
	idleSettle  = 10 * time.Second
	idleTime    = 20 * time.Second

	trips     = 200 // home → choose → home
	tripBlock = 50  // before it is the other's turn
	// fingerDown is how long a finger stays, fingerUp how long it is away after a
	// new page has come: longer than the terminal's guard against double taps.
	fingerDown = 60 * time.Millisecond
	fingerUp   = 320 * time.Millisecond
)

// The targets.
const (
	targetRatio   = 0.5 // of Chromium's start and memory
	targetIdleCPU = 1.0 // percent of one processor
	targetTap     = 50 * time.Millisecond
)

// figures are what was measured of one program.
type figures struct {
	first, later        []time.Duration // start → first frame with content
	idlePSS, usedPSS    []float64       // MB
	processes           int
	idleCPU             []float64 // percent of one processor
	tap, page           []time.Duration
	tripCPU, tripServer time.Duration // the second is the display server's
}

func TestBench(t *testing.T) {
	panel, err := panelByName(panelDefault)
	if err != nil {
		t.Fatal(err)
	}
	say := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	adoptOrphans(t)
	say("Measuring takes about ten minutes. Other work on this machine makes the figures worse.")
	load := loadAverage()
	file, places, take := equalPage(t, t.TempDir(), panel)

	kiosk := hallkiosk(t, panel, startRounds+1)
	browser := chromium(panel, file)
	both := []*contender{kiosk, browser}
	of := map[*contender]*figures{kiosk: {}, browser: {}}
	for _, c := range both {
		c.display = newBenchDisplay(t, panel.WidthPx, panel.HeightPx)
	}
	for round := range startRounds {
		for _, c := range both {
			say("starts, round %d of %d: %s", round+1, startRounds, c.name)
			f, profile := of[c], t.TempDir()
			p := c.start(t, profile)
			f.first = append(f.first, c.firstFrame(t, p))
			if round < idleRounds {
				c.idle(t, p, f)
			}
			c.end(t, p)
			p = c.start(t, profile)
			f.later = append(f.later, c.firstFrame(t, p))
			c.end(t, p)
		}
	}

	running := map[*contender]*benchProcess{}
	walks := map[*contender]*walk{}
	for _, c := range both {
		running[c] = c.start(t, t.TempDir())
		c.firstFrame(t, running[c])
		walks[c] = c.newWalk(t, places, take)
	}
	same := alike(walks[kiosk].home, walks[browser].home)
	for n := 0; n < trips; n += tripBlock {
		for _, c := range both {
			say("round trips, %d of %d: %s", n, trips, c.name)
			f := of[c]
			before, server := running[c].cpu(), serverCPU(t, c.display)
			for range tripBlock {
				tap, page := walks[c].trip(t)
				f.tap, f.page = append(f.tap, tap), append(f.page, page...)
			}
			f.tripCPU += running[c].cpu() - before
			f.tripServer += serverCPU(t, c.display) - server
		}
	}
	for _, c := range slices.Backward(both) { // the browser first, so that it shares pages with the terminal, which is to its advantage
		mb, _ := running[c].pss(t)
		of[c].usedPSS = []float64{mb}
		c.end(t, running[c])
	}
	printFigures(of[kiosk], of[browser], fmt.Sprintf("%d processors, load %s before and %s after; %s; %d×%d, software rendering; %.0f %% of the equal page's points have the same colour in both",
		runtime.NumCPU(), load, loadAverage(), browserVersion(), panel.WidthPx, panel.HeightPx, 100*same))
}

// end ends it and waits until its window is gone.
func (c *contender) end(t *testing.T, p *benchProcess) {
	t.Helper()
	p.end()
	black := func(now []uint32) bool { return !slices.ContainsFunc(now, func(c uint32) bool { return c != 0 }) }
	if _, err := c.display.until(c.display.whole(16), time.Now(), black); err != nil {
		t.Fatalf("%s: its window stays: %v", c.name, err)
	}
}

// firstFrame is the time from the start of the program to the first frame with
// content: the first that has half of the edges that the page will have once it
// has come to rest. An empty window has none; the boxes and icons of the page
// without its texts have less than a third.
func (c *contender) firstFrame(t *testing.T, p *benchProcess) time.Duration {
	t.Helper()
	d := c.display
	coarse, fine := d.whole(16), d.whole(4)
	type sight struct {
		at    time.Duration
		edges int
	}
	var seen []sight
	var last, buf []uint32
	moving := false
	changed := p.began
	for content := false; !content || time.Since(changed) < 2*time.Second; {
		now := d.look(coarse, nil)
		at := time.Now()
		if at.Sub(p.began) > benchPatience {
			t.Fatalf("%s shows nothing:\n%s", c.name, p.tail.String())
		}
		different := !slices.Equal(now, last)
		if different || moving { // also just after a change: it may have been seen half
			buf = d.look(fine, buf)
			seen = append(seen, sight{at.Sub(p.began), edges(buf)})
			content = content || edges(buf) > 0
			last, changed = now, at
		}
		moving = different
		snooze()
	}
	final := seen[len(seen)-1].edges
	for _, s := range seen {
		if s.edges > 0 && 2*s.edges >= final {
			return s.at
		}
	}
	t.Fatalf("%s shows nothing:\n%s", c.name, p.tail.String())
	return 0
}

// idle measures memory and processor time while nobody touches anything.
func (c *contender) idle(t *testing.T, p *benchProcess, f *figures) {
	t.Helper()
	time.Sleep(time.Until(p.began.Add(idleSettle)))
	mb, n := p.pss(t)
	f.idlePSS, f.processes = append(f.idlePSS, mb), n
	before, began := p.cpu(), time.Now()
	time.Sleep(idleTime)
	f.idleCPU = append(f.idleCPU, 100*float64(p.cpu()-before)/float64(time.Since(began)))
}

// A walk goes between the two pages.
type walk struct {
	c            *contender
	places       map[string][2]int
	take         patch
	home, choose []uint32 // how the pages look at rest
}

// newWalk goes there and back once, to learn how the pages look.
func (c *contender) newWalk(t *testing.T, places map[string][2]int, take patch) *walk {
	t.Helper()
	w := &walk{c: c, places: places, take: take}
	settled := func() []uint32 {
		points, err := c.display.settled(time.Second)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		return points
	}
	w.home = settled()
	w.touch(t, controlTake, func() {})
	w.choose = settled()
	w.touch(t, controlHome, func() {})
	if again := settled(); alike(w.home, w.choose) > 0.9 || alike(w.home, again) < 0.98 {
		t.Fatalf("%s does not go from one page to the other and back", c.name)
	}
	return w
}

// touch puts a finger on the control and lifts it, and returns when it did so.
// down is called while the finger is there.
func (w *walk) touch(t *testing.T, control string, down func()) (pressed, released time.Time) {
	t.Helper()
	d, at := w.c.display, w.places[control]
	err := d.move(at[0], at[1])
	if err == nil {
		pressed, err = d.press()
	}
	down()
	time.Sleep(time.Until(pressed.Add(fingerDown)))
	if err == nil {
		released, err = d.release()
	}
	if err != nil {
		t.Fatal(err)
	}
	return pressed, released
}

// trip goes from home to the choices and back. tap is the time from the press of
// 取号 to the first changed point on it; page are the times from the two releases
// to the whole new page.
func (w *walk) trip(t *testing.T) (tap time.Duration, page []time.Duration) {
	t.Helper()
	d := w.c.display
	whole := d.whole(8)
	arrive := func(want []uint32, released time.Time) {
		took, err := d.until(whole, released, func(now []uint32) bool { return alike(now, want) > 0.98 })
		if err != nil {
			t.Fatalf("%s: no new page: %v", w.c.name, err)
		}
		page = append(page, took)
		time.Sleep(fingerUp)
	}
	before := d.look(w.take, nil)
	began := time.Now()
	_, released := w.touch(t, controlTake, func() {
		took, err := d.until(w.take, began, func(now []uint32) bool { return !slices.Equal(now, before) })
		if err != nil {
			t.Fatalf("%s: nothing to see of a press: %v", w.c.name, err)
		}
		tap = took
	})
	arrive(w.choose, released)
	_, released = w.touch(t, controlHome, func() {})
	arrive(w.home, released)
	return tap, page
}

func serverCPU(t *testing.T, d *benchDisplay) time.Duration {
	t.Helper()
	p, err := readProcess(d.pid)
	if err != nil {
		t.Fatal(err)
	}
	return p.cpu
}

func loadAverage() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(data))[0]
}

func browserVersion() string {
	out, err := exec.Command("chromium", "--version").Output()
	if fields := strings.Fields(string(out)); err == nil && len(fields) > 1 {
		return fields[0] + " " + fields[1]
	}
	return "Chromium of unknown version"
}
