package numsim

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
	"hallkiosk/app/kiosk/internal/ticketing"
	"hallkiosk/app/kiosk/internal/uplink"
)

// place is where a terminal stands in the hall: whoever comes taps there,
// whichever machine it is by then.
type place struct {
	w    *world
	n    int
	line *line
	m    *machine
	// copy is the machine's folder as it was at the time copied, "" = none.
	copy   string
	copied time.Time

	restart time.Time   // when the program is started again; zero = it runs
	busy    atomic.Bool // a citizen stands there
}

// machine is one terminal with its disk.
type machine struct {
	p     *place
	id    string // as the centre calls it
	slot  int
	token string
	dir   string

	mu    sync.Mutex
	heard time.Time // when the centre last answered anything
	boot  int
	up    time.Time     // true time of that boot
	wrong time.Duration // of the wall clock

	// met: it has once been told its slot. stale: its disk is an old copy, so its
	// series should be closed.
	met, stale bool

	proc *process
	// gone: its disk is destroyed, and what it had not told is on paper only.
	gone bool
	lies int // the slot whose numbers it gives, where that is the planted bug
}

// newMachine enrols a machine for the place, with an empty disk.
func (p *place) newMachine() (*machine, error) {
	w := p.w
	m := &machine{p: p, up: w.now().Add(-time.Minute)}
	err := func() error {
		w.centre.mu.RLock()
		defer w.centre.mu.RUnlock()
		if w.centre.service == nil {
			return errors.New("numsim: the centre is away")
		}
		var err error
		m.token, m.slot, err = w.centre.service.EnrolTerminal(context.Background(), hallID, fmt.Sprintf("%d 号机", p.n+1))
		return err
	}()
	if err != nil {
		return nil, err
	}
	m.id = fmt.Sprintf("t%d", m.slot)
	m.dir = filepath.Join(w.dir, m.id)
	return m, copyFolder(m.dir, w.files.terminal)
}

// clock reads the machine's clocks.
func (m *machine) clock() localstore.Moment {
	now := m.p.w.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	return localstore.Moment{
		BootID:    fmt.Sprintf("%s-boot-%d", m.id, m.boot),
		Monotonic: now.Sub(m.up).Milliseconds(),
		Wall:      now.Add(m.wrong).UTC().Round(0),
	}
}

// reboot starts the machine's clocks anew.
func (m *machine) reboot() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.boot++
	m.up = m.p.w.now()
}

func (m *machine) setWrong(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wrong = d
}

func (m *machine) bootNow() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.boot
}

// isClosed reports whether the machine's own series is closed for a problem.
func (m *machine) isClosed() bool {
	return m.proc != nil && m.proc.uplink.State().Problem != nil
}

// process is one run of the terminal's program.
type process struct {
	m      *machine
	store  *localstore.Store
	outbox *outbox.Outbox
	uplink *uplink.Uplink
	desk   *ticketing.Desk
	client *centralapi.Client

	ctx    context.Context
	cancel context.CancelFunc
	parts  sync.WaitGroup
	// dead: it has crashed. Whatever its goroutines still do is heard by nobody.
	dead    atomic.Bool
	crashed chan struct{}

	mu      sync.Mutex
	trap    trap
	lateOne map[string]centralapi.Ticket
}

// trap ends the program at a commit.
type trap struct {
	what  string // "" = any
	at    localstore.Point
	after int // commits that match and are let through
	set   bool
}

// errCrash stands for the end of the program.
var errCrash = errors.New("numsim: the program has crashed")

// hook is where traps lie. A goroutine that runs into one does not go on; the
// others of the program can do nothing any more that anybody notices.
func (p *process) hook(what string, at localstore.Point) error {
	if p.dead.Load() {
		if at == localstore.BeforeCommit {
			return errCrash
		}
		return nil
	}
	p.mu.Lock()
	hit := p.trap.set && (p.trap.what == "" || p.trap.what == what) && p.trap.at == at
	if hit && p.trap.after > 0 {
		p.trap.after--
		hit = false
	}
	p.mu.Unlock()
	if !hit {
		return nil
	}
	p.crash("at commit " + what + ", " + string(at))
	if what != "start" { // the one that opens the file must be able to close it
		runtime.Goexit()
	}
	return errCrash
}

// crash ends the program. Only the first one counts.
func (p *process) crash(why string) {
	if p.dead.Swap(true) {
		return
	}
	p.m.p.w.tell("%s crashes %s", p.m.id, why)
	p.m.p.w.tally("crashes")
	p.cancel()
	close(p.crashed)
}

func (p *process) hasCrashed() bool {
	select {
	case <-p.crashed:
		return true
	default:
		return false
	}
}

func (p *process) setTrap(t trap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trap = t
}

// contact notes an answer of the centre.
func (p *process) contact(at time.Time) {
	_, known := p.uplink.Terminal()
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	p.m.heard = at
	p.m.met = p.m.met || known
}

// start runs the terminal's program, as package kiosk does. A nil process
// without an error means that it crashed while it started.
func (m *machine) start(t trap, offer bool) (*process, error) {
	w := m.p.w
	if w.bug.folder != nil {
		if err := w.bug.folder(filepath.Join(m.dir, localstore.FileName)); err != nil {
			return nil, err
		}
	}
	p := &process{m: m, crashed: make(chan struct{}), trap: t, lateOne: map[string]centralapi.Ticket{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	m.proc = p
	var err error
	begun := make(chan struct{})
	go func() { // a crash ends the goroutine
		defer close(begun)
		err = p.begin(offer)
	}()
	<-begun
	if p.hasCrashed() {
		return nil, p.end()
	}
	if err != nil {
		return nil, errors.Join(err, p.end())
	}
	return p, nil
}

func (p *process) begin(offer bool) error {
	w, m := p.m.p.w, p.m
	var err error
	if p.store, err = localstore.Open(p.ctx, m.dir, localstore.Options{Clock: m.clock, Hook: p.hook, Ballast: noBallast}); err != nil {
		return err
	}
	p.outbox = outbox.New(p.store)
	if p.client, err = centralapi.NewClient(centralapi.ClientConfig{
		BaseURL: "http://centre.invalid", Hall: hallID, Token: m.token, Transport: wire{m.p.line, p},
	}); err != nil {
		return err
	}
	var centre uplink.Centre = p.client
	if w.bug.uplink != nil {
		centre = w.bug.uplink(p, centre)
	}
	if p.uplink, err = uplink.New(p.ctx, uplink.Config{
		Store: p.store, Outbox: p.outbox, Centre: centre, Hall: hallID,
		Every: 4 * time.Minute, Cap: time.Minute, Rand: func() float64 { return 0.5 },
	}); err != nil {
		return err
	}
	var asked ticketing.Centre = p.client
	if w.bug.ticketing != nil {
		asked = w.bug.ticketing(p, asked)
	}
	var knows ticketing.Hall = p.uplink
	if w.bug.hall != nil {
		knows = w.bug.hall(p, knows)
	}
	p.desk = ticketing.NewDesk(ticketing.Config{Store: p.store, Outbox: p.outbox, Centre: asked, Hall: knows})
	if err := p.recover(offer); err != nil {
		return err
	}
	p.parts.Go(func() { _ = p.uplink.Run(p.ctx) })
	return nil
}

// recover tidies up as package kiosk does. With offer, whoever still stands there
// is asked: the wish is gone on with, the number is shown again.
func (p *process) recover(offer bool) error {
	r, err := p.desk.Recover(p.ctx)
	if err != nil {
		return err
	}
	if n := r.Abandoned + len(r.Open) + len(r.Unprinted); n > 0 {
		p.m.p.w.tell("%s recovers: %d given up, %d open, %d of unknown paper", p.m.id, r.Abandoned, len(r.Open), len(r.Unprinted))
	}
	for _, u := range r.Unprinted {
		if offer && u.Age >= 0 && u.Age < ticketing.OfferTime {
			p.m.p.w.seen.offered(p, u)
			if err := p.desk.Printed(p.ctx, u.ID, ticketing.PrintConfirmed, true); err != nil {
				return err
			}
		}
	}
	for _, o := range r.Open {
		if offer {
			p.m.p.busy.Store(true)
			p.parts.Go(func() { p.resume(o) })
			continue
		}
		if err := p.desk.Abandon(p.ctx, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// resume goes on with a wish that a crash interrupted.
func (p *process) resume(o ticketing.Open) {
	p.take(request{business: o.Business, resumed: true, waited: o.Age}, func() (ticketing.Ticket, error) { return p.desk.Resume(p.ctx, o.ID) })
}

// end lets go of a program that has crashed or is to be stopped.
func (p *process) end() error {
	p.dead.Store(true)
	p.cancel()
	p.parts.Wait()
	p.m.proc = nil
	if p.store == nil {
		return nil
	}
	return p.store.Close()
}

// request is what a citizen wants.
type request struct {
	business, prefix string
	person           int // 0 = without identity
	// resumed says that this goes on with a wish after a crash, and waited how long ago
	// that was made as the machine has it.
	resumed bool
	waited  time.Duration
}

// people are the two example numbers of GB 11643.
var people = []string{"", "11010519491231002X", "440524188001010014"}

// tap is a citizen who takes a number.
func (p *process) tap(r request) {
	q := ticketing.Request{Business: r.business, Prefix: r.prefix, Language: "zh"}
	if self, ok := p.uplink.Terminal(); ok && r.person > 0 {
		_, day, _ := p.uplink.Now()
		if key, err := centralapi.HolderKey(self.HolderSecret, day, people[r.person]); err == nil {
			q.Holder = &centralapi.Holder{Key: key, Name: "测*员", Number: "110***********002X", Source: "card"}
		}
	}
	p.take(r, func() (ticketing.Ticket, error) { return p.desk.Issue(p.ctx, q) })
}

// take is how one wish goes: the number, the screen, the paper.
func (p *process) take(r request, issue func() (ticketing.Ticket, error)) {
	p.m.p.busy.Store(true)
	defer p.m.p.busy.Store(false)
	w := p.m.p.w
	tap := w.seen.begins(p, r)
	ticket, err := issue()
	if p.dead.Load() {
		return // nobody has seen anything
	}
	if late, ok := p.late(ticket.ID); ok && w.bug.showsLate {
		ticket.Label, ticket.Own = late.Label, false
	}
	w.seen.answered(tap, ticket, err)
	if err != nil || ticket.Existing {
		return
	}
	luck := tap.n % 7
	select {
	case <-p.ctx.Done():
		return
	case <-time.After(time.Duration(1+luck) * 400 * time.Millisecond): // the paper comes out
	}
	outcome := ticketing.PrintConfirmed
	switch luck {
	case 5:
		outcome = ticketing.PrintFailed // and the number stays on the screen
	case 6:
		outcome = ticketing.PrintUnknown
	}
	if err := p.desk.Printed(p.ctx, ticket.ID, outcome, false); err != nil && !p.dead.Load() {
		w.seen.broken("W", "%s: the paper of %s cannot be recorded: %v", p.m.id, ticket.Label, err)
	}
}

// late returns an answer that came after its time, where a planted bug looks at
// those.
func (p *process) late(id string) (centralapi.Ticket, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.lateOne[id]
	return t, ok
}
