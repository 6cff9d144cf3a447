package killtest

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"hallkiosk/app/centralapi"
)

const (
	terminalsInWorld = 3
	killsInWorld     = 100 // then the files have grown, and a new hall begins
	// patience bounds everything that must happen sooner or later.
	patience = time.Minute
	// reach is how long an armed failpoint may take.
	reach = 1500 * time.Millisecond
)

// world is one hall: a centre, terminals and clerks, all of them processes or
// clients of processes.
type world struct {
	program, dir, hall string
	plan               *plan
	gate               *gate
	terminals          []*terminal

	mu     sync.Mutex
	left   int // kills
	wrong  []string
	clerk  Clerk
	called map[string]string // window -> ticket, as a copy of the centre's file has it
}

type terminal struct {
	id, dir, token string

	mu   sync.Mutex
	said []Took
}

func (t *terminal) hear(line string) {
	if took, ok := ParseTook(line); ok {
		t.mu.Lock()
		t.said = append(t.said, took)
		t.mu.Unlock()
	}
}

func (t *terminal) heard() []Took {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.said)
}

func newWorld(program, dir string, p *plan) (*world, error) {
	w := &world{
		program: program, dir: dir, plan: p, left: killsInWorld,
		clerk: Clerk{Called: map[string]int{}, Finished: map[string]bool{}}, called: map[string]string{},
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	if w.hall, err = HallFile(dir); err != nil {
		return nil, err
	}
	for i := range terminalsInWorld {
		t := &terminal{id: fmt.Sprintf("t%d", i+1), dir: filepath.Join(dir, fmt.Sprintf("terminal%d", i+1))}
		if t.token, err = Enrol(program, w.hall, w.centreDir(), t.id); err != nil {
			return nil, err
		}
		w.terminals = append(w.terminals, t)
	}
	w.gate, err = newGate()
	return w, err
}

func (w *world) centreDir() string { return filepath.Join(w.dir, "centre") }

func (w *world) complain(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// take deals out a kill of this world.
func (w *world) take(s side) (o order, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left == 0 || len(w.wrong) > 0 {
		return o, false
	}
	if o, ok = w.plan.take(s); ok {
		w.left--
	}
	return o, ok
}

// live is the whole life of the world: kills until none are left, then a quiet end
// and the comparison. It returns what is wrong.
func (w *world) live(ctx context.Context) []string {
	defer w.gate.close()
	defer func() {
		if len(w.wrong) == 0 {
			os.RemoveAll(w.dir)
		}
	}()
	w.openHall(ctx)
	var lives sync.WaitGroup
	lives.Go(func() { w.centreLives(ctx) })
	for i, t := range w.terminals {
		lives.Go(func() { w.terminalLives(ctx, t, Businesses[i%len(Businesses)]) })
	}
	clerks, goHome := context.WithCancel(ctx)
	var windows sync.WaitGroup
	for window, pin := range Windows {
		windows.Go(func() { w.serve(clerks, window, pin) })
	}
	lives.Wait()
	w.end(ctx, func() { goHome(); windows.Wait() })
	return w.wrong
}

// life is one process of the world, and a sign that it is at its work.
type life struct {
	*Process
	begun time.Time
	busy  chan struct{}
}

// begin starts a process with the failpoint of an order. atWork tells by a line of
// its output whether it is at its work.
func begin(cmd *exec.Cmd, o order, hear func(string), atWork func(string) bool) (*life, error) {
	cmd.Env = append(os.Environ(), "HALLKIOSK_FAILPOINTS="+o.environment())
	l := &life{begun: time.Now(), busy: make(chan struct{})}
	var once sync.Once
	var err error
	l.Process, err = Start(cmd, func(line string) {
		hear(line)
		if atWork(line) {
			once.Do(func() { close(l.busy) })
		}
	})
	return l, err
}

// obey lets a process live until the order is carried out. It returns false, after
// a complaint or when the process was too quick to be killed, if it was not.
func (w *world) obey(ctx context.Context, who side, p *life, o order) bool {
	// wait waits for the end of the process, the sign, or the time.
	wait := func(sign <-chan struct{}, d time.Duration) (ended bool) {
		t := time.NewTimer(d) // the moment is the test's subject
		defer t.Stop()
		select {
		case <-p.Done():
			return true
		case <-sign:
			w.plan.started(who, time.Since(p.begun))
		case <-t.C:
		case <-ctx.Done():
		}
		return false
	}
	ended := false
	if o.busy || o.stop {
		ended = wait(p.busy, reach)
	}
	if o.stop && !ended {
		p.Stop()
	}
	limit := o.after
	if o.failpoint != "" {
		limit = reach
	}
	reached := (ended || wait(nil, limit)) && o.failpoint != ""
	p.Kill()
	switch err := p.Wait(); {
	case p.Signal() == syscall.SIGKILL:
		w.plan.done(who, o, reached)
		return true
	case ctx.Err() != nil:
		return false
	case o.stop && (err == nil || p.Signal() == syscall.SIGTERM): // asked before it could listen
		w.plan.tooLate(who, o)
		w.mu.Lock()
		w.left++
		w.mu.Unlock()
		return false
	default:
		w.complain("%s, %+v: the process ended by itself: %v", who, o, err)
		return false
	}
}

// terminalLives runs and kills one terminal until no kills are left, and looks at
// its file after each.
func (w *world) terminalLives(ctx context.Context, t *terminal, business string) {
	copied := filepath.Join(w.dir, "copy-"+t.id)
	for ctx.Err() == nil {
		o, ok := w.take(terminalSide)
		if !ok {
			return
		}
		p, err := begin(Drive(w.program, t.dir, w.gate.url(), t.token), o, t.hear, func(line string) bool {
			_, took := ParseTook(line)
			return took
		})
		if err != nil {
			w.complain("%s: %v", t.id, err)
			return
		}
		_, _ = io.WriteString(p.Stdin, "take "+business+" 500\n")
		if !w.obey(ctx, terminalSide, p, o) {
			continue
		}
		said := t.heard()
		if err := Copy(t.dir, copied); err != nil {
			w.complain("%s: %v", t.id, err)
			return
		}
		if _, err := os.Stat(filepath.Join(copied, terminalDB)); err != nil && len(said) == 0 {
			continue // killed before it had made its file
		}
		file, err := ReadTerminal(copied)
		if err != nil && !(len(said) == 0 && strings.Contains(err.Error(), "no such table")) {
			w.complain("%s, after %+v: %v", t.id, o, err)
		}
		for _, lost := range file.Lost(said) {
			w.complain("%s, after %+v: %s", t.id, o, lost)
		}
	}
}

// centreLives runs and kills the centre until no kills are left, and looks at its
// file after each.
func (w *world) centreLives(ctx context.Context) {
	copied := filepath.Join(w.dir, "copy-centre")
	for ctx.Err() == nil {
		o, ok := w.take(centreSide)
		if !ok {
			return
		}
		p, err := begin(Serve(w.program, w.hall, w.centreDir()), o, w.gate.hear, func(line string) bool { return Address(line) != "" })
		if err != nil {
			w.complain("centre: %v", err)
			return
		}
		if !w.obey(ctx, centreSide, p, o) {
			continue
		}
		// What the terminals have been answered up to now must be there.
		var answered []Took
		for _, t := range w.terminals {
			for _, s := range t.heard() {
				if s.Source == "hall" {
					answered = append(answered, s)
				}
			}
		}
		w.mu.Lock()
		var finished []string
		for id := range w.clerk.Finished {
			finished = append(finished, id)
		}
		w.mu.Unlock()
		if err := Copy(w.centreDir(), copied); err != nil {
			w.complain("centre: %v", err)
			return
		}
		file, err := ReadCentral(copied)
		if err != nil {
			w.complain("centre, after %+v: %v", o, err)
			continue
		}
		for _, s := range answered {
			if has := file.Tickets[s.ID]; has.Label != s.Label || has.Day != s.Day {
				w.complain("centre, after %+v: %s (%s) was answered, its file has %+v", o, s.Label, s.ID, has)
			}
		}
		for _, id := range finished {
			if has := file.Tickets[id]; has.State != "finished" {
				w.complain("centre, after %+v: %s was finished, its file has %+v", o, id, has)
			}
		}
		w.remember(file)
	}
}

// remember keeps which window has called what: a clerk whose answer was lost has
// no other way to know.
func (w *world) remember(file CentralFile) {
	called := map[string]string{}
	for id, has := range file.Tickets {
		if has.State == "called" || has.State == "started" {
			called[has.Window] = id
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.called = called
}

// serve is a clerk: calls, finishes, and tries again until it is told to go home.
func (w *world) serve(ctx context.Context, window, pin string) {
	client, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: w.gate.url(), Hall: HallID, Timeout: 2 * time.Second})
	if err != nil {
		w.complain("%s: %v", window, err)
		return
	}
	defer client.Close()
	var session *centralapi.WindowClient
	open := "" // the ticket at the window
	pause := func() {
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond): // a clerk's hand, and less than the centre's limit of requests
		}
	}
	for ; ctx.Err() == nil; pause() {
		if session == nil {
			if session, err = client.Login(ctx, centralapi.WindowLogin{Window: window, PIN: pin}); err != nil {
				session = nil
			}
			continue
		}
		if open != "" {
			_, err := session.Finish(ctx, open)
			switch {
			case err == nil:
				w.mu.Lock()
				w.clerk.Finished[open] = true
				w.mu.Unlock()
				open = ""
			case centralapi.HasCode(err, centralapi.CodeConflict), centralapi.HasCode(err, centralapi.CodeNotFound):
				open = "" // finished by a request whose answer was lost, or its number replaced
			}
		} else {
			ticket, ok, err := session.CallNext(ctx)
			switch {
			case centralapi.HasCode(err, centralapi.CodeConflict):
				w.mu.Lock()
				open = w.called[window]
				w.mu.Unlock()
			case err == nil && ok:
				open = ticket.ID
				w.mu.Lock()
				w.clerk.Called[open]++
				w.mu.Unlock()
			}
		}
		if centralapi.HasCode(err, centralapi.CodeUnauthorized) {
			session = nil
		}
	}
}

// openHall is a first quiet quarter of a second: the terminals get to know their
// hall and take some numbers. All but one, which is killed from its first start on.
func (w *world) openHall(ctx context.Context) {
	w.quietly(ctx, w.terminals[1:], "take "+Businesses[0]+" 10\nquit\n", func() {})
}

// quietly runs the centre and some terminals without kills, until the terminals
// have done what they are told and last has returned; then everything ends by
// itself.
func (w *world) quietly(ctx context.Context, some []*terminal, told string, last func()) []Terminal {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	centre, err := Start(Serve(w.program, w.hall, w.centreDir()), w.gate.hear)
	if err != nil {
		w.complain("centre: %v", err)
		last()
		return nil
	}
	defer context.AfterFunc(ctx, centre.Kill)()
	var all sync.WaitGroup
	terminals := make([]Terminal, len(some))
	for i, t := range some {
		all.Go(func() {
			p, err := Start(Drive(w.program, t.dir, w.gate.url(), t.token), t.hear)
			if err != nil {
				w.complain("%s: %v", t.id, err)
				return
			}
			defer context.AfterFunc(ctx, p.Kill)()
			_, _ = io.WriteString(p.Stdin, told)
			if err := p.Wait(); err != nil {
				w.complain("%s: without kills: %v", t.id, err)
				return
			}
			terminals[i] = Terminal{ID: t.id, Said: t.heard()}
			if terminals[i].File, err = ReadTerminal(t.dir); err != nil {
				w.complain("%s: without kills: %v", t.id, err)
			}
		})
	}
	all.Wait()
	last()
	centre.Stop()
	if err := centre.Wait(); err != nil {
		w.complain("centre: without kills: %v", err)
	}
	return terminals
}

// end lets everything come to rest and compares.
func (w *world) end(ctx context.Context, goHome func()) {
	terminals := w.quietly(ctx, w.terminals, "drain\nquit\n", goHome)
	if len(w.wrong) > 0 || ctx.Err() != nil {
		return // what was found is clearer than what follows from it
	}
	if err := Rebuild(w.program, w.hall, w.centreDir()); err != nil {
		w.complain("centre: at the end: %v", err)
	}
	file, err := ReadCentral(w.centreDir())
	if err != nil {
		w.complain("centre: at the end: %v", err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, Compare(file, terminals, w.clerk)...)
}
