package killtest

import (
	"cmp"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A side is one of the two programs.
type side string

const (
	centreSide   side = "centre"
	terminalSide side = "terminal"
)

// owners says which program runs the code of which package. A failpoint of another
// package is a mistake of this table.
var owners = map[string]side{
	"store": centreSide, "queue": centreSide, "httpapi": centreSide, "live": centreSide,
	"localstore": terminalSide, "outbox": terminalSide, "ticketing": terminalSide, "uplink": terminalSide,
}

// findFailpoints finds every failpoint in the source, so that none is forgotten.
func findFailpoints(t *testing.T) map[side][]string {
	t.Helper()
	names := map[side][]string{}
	hit := regexp.MustCompile(`failpoint\.Hit\("([^"]*)"\)`)
	calls := regexp.MustCompile(`failpoint\.Hit\(`)
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found := hit.FindAllSubmatch(source, -1)
		if len(found) != len(calls.FindAll(source, -1)) {
			t.Errorf("%s: a failpoint whose name is not plain text: the tests cannot find it", path)
		}
		for _, m := range found {
			name := string(m[1])
			where, _, _ := strings.Cut(name, ".")
			owner, ok := owners[where]
			if !ok {
				t.Errorf("%s: failpoint %q belongs to no program that is killed", path, name)
			} else if !slices.Contains(names[owner], name) {
				names[owner] = append(names[owner], name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range names {
		slices.Sort(all)
	}
	return names
}

// An order is how one life of a process is to end: at the n-th hit of a failpoint,
// or after a time.
type order struct {
	failpoint string
	n         int
	after     time.Duration
	// busy counts the time from when the process is at its work; otherwise it is
	// counted from the start.
	busy bool
	// stop asks the process to end by itself when it is at its work; the time is
	// counted from there.
	stop bool
}

// The centre lives longer than a terminal: without it, terminals only ever do what
// they do without a centre.
var (
	// hits is at which hit of a failpoint a process is killed at the latest.
	hits = map[side]int{centreSide: 30, terminalSide: 6}
	// working is how long a process is left at its work at the most, if it is killed
	// there at random.
	working = map[side]time.Duration{centreSide: 400 * time.Millisecond, terminalSide: 80 * time.Millisecond}
)

// environment is what arms the failpoint.
func (o order) environment() string {
	if o.failpoint == "" {
		return ""
	}
	return fmt.Sprintf("%s=kill@%d", o.failpoint, o.n)
}

// point counts what became of the orders for one failpoint.
type point struct {
	name    string
	reached int // kills at it
	missed  int // kills elsewhere, since it was not reached
	armed   int // at present
	// atWork: it was reached without asking the process to end. byStop: it may lie
	// on the way to the end, since it was not reached at work.
	atWork, byStop bool
}

// cost is what a failpoint has had so far; the cheapest is next.
func (p *point) cost() int { return 2*p.reached + p.missed + p.armed }

// dealt is what one of the programs has been dealt.
type dealt struct {
	points []*point
	lives  int
	// starting is how long a process takes to be at its work, as measured: kills
	// during start and recovery fall into that time.
	starting            time.Duration
	early, late, ending int // random kills: during the start, at work, at the end
}

// plan deals out the kills of a whole test and counts what became of them.
type plan struct {
	mu     sync.Mutex
	random *rand.Rand
	left   int
	sides  map[side]*dealt
}

func newPlan(kills int, seed uint64, names map[side][]string) *plan {
	p := &plan{random: rand.New(rand.NewPCG(seed, 0)), left: kills, sides: map[side]*dealt{}}
	for _, s := range []side{centreSide, terminalSide} {
		p.sides[s] = &dealt{starting: 60 * time.Millisecond}
		for _, name := range names[s] {
			p.sides[s].points = append(p.sides[s].points, &point{name: name})
		}
	}
	return p
}

// take deals out the next kill of a program; ok is false when all are dealt.
func (p *plan) take(s side) (o order, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == 0 {
		return o, false
	}
	p.left--
	d := p.sides[s]
	d.lives++
	within := func(most time.Duration) time.Duration { return time.Duration(p.random.Int64N(int64(most))) }
	// Every failpoint once, then every other life ends at one.
	if d.lives <= len(d.points) || d.lives%2 == 0 {
		next := slices.MinFunc(d.points, func(a, b *point) int { return cmp.Compare(a.cost(), b.cost()) })
		next.armed++
		o = order{failpoint: next.name, n: 1, stop: next.byStop}
		if next.reached > 0 && !next.byStop {
			o.n += p.random.IntN(hits[s])
		}
		return o, true
	}
	switch p.random.IntN(8) {
	case 0:
		return order{stop: true, after: within(15 * time.Millisecond)}, true
	case 1, 2, 3:
		return order{busy: true, after: within(working[s])}, true
	default:
		return order{after: within(d.starting * 5 / 4)}, true
	}
}

// started tells how long a process took to be at its work.
func (p *plan) started(s side, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sides[s].starting = (3*p.sides[s].starting + min(took, time.Second)) / 4
}

// point returns the counts of an order's failpoint, nil for none.
func (p *plan) point(s side, o order) *point {
	for _, at := range p.sides[s].points {
		if at.name == o.failpoint {
			return at
		}
	}
	return nil
}

// done counts how a process was killed; reached tells whether its failpoint did.
func (p *plan) done(s side, o order, reached bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.sides[s]
	if at := p.point(s, o); at != nil {
		at.armed--
		if reached {
			at.reached++
			at.atWork = at.atWork || !o.stop
		} else {
			at.missed++
			at.byStop = !o.stop && !at.atWork
		}
		return
	}
	switch {
	case o.stop:
		d.ending++
	case o.busy:
		d.late++
	default:
		d.early++
	}
}

// tooLate takes a kill back: the process had ended before.
func (p *plan) tooLate(s side, o order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left++
	if at := p.point(s, o); at != nil {
		at.armed--
		at.byStop = false
	}
}

// over reports whether every kill is dealt.
func (p *plan) over() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left == 0
}

// result returns the number of processes killed, the failpoints that have killed
// none, and a description.
func (p *plan) result() (kills int, never []string, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, s := range []side{centreSide, terminalSide} {
		d := p.sides[s]
		kills += d.early + d.late + d.ending
		fmt.Fprintf(&b, "%s: killed at random: %d during start and recovery, %d at work, %d at the end; at failpoints:", s, d.early, d.late, d.ending)
		for _, at := range d.points {
			kills += at.reached + at.missed
			fmt.Fprintf(&b, " %s %d", at.name, at.reached)
			if at.missed > 0 {
				fmt.Fprintf(&b, " (and %d elsewhere)", at.missed)
			}
			if at.reached == 0 {
				never = append(never, at.name)
			}
		}
		b.WriteString("\n")
	}
	return kills, never, b.String()
}
