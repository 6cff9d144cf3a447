package escpos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Port is what a Printer needs of an open port. *serialport.Port is one.
type Port interface {
	// Read waits a short tick (about 50 ms) for bytes and returns 0, nil when
	// none came. Every error means that the port is lost.
	Read(p []byte) (int, error)
	// Write sends all of p. Every error means that the port is lost.
	Write(p []byte) (int, error)
	// ResetInput throws away what has arrived and was not read.
	ResetInput() error
}

// ErrPortLost is in the chain of every error that ends a Printer's life: the
// owner closes the port, opens it again and makes a new Printer.
var ErrPortLost = errors.New("printer port lost")

// Opts configure a Printer. The zero value is a generic 80 mm printer whose
// unknown characters print as 〓.
type Opts struct {
	// Profile is the printer's family.
	Profile Profile
	// Rasterizer draws what the printer has no characters for. Without one
	// such a character prints as 〓.
	Rasterizer Rasterizer
	// Residue says that an earlier job may have been cut off in the middle,
	// on a port that was lost or by a program that was ended: half a ticket
	// may hang out of the printer. The next job begins with a cut.
	Residue bool
	// Patience is how long an answer to a real-time command may take before the
	// printer counts as silent. 0 is 500 ms; a printer behind a slow network, or a
	// machine that is very busy, needs more.
	Patience time.Duration
}

const (
	// answerTime is the usual patience with the answer to a real-time command.
	// On the wire it takes 2 ms at 9600 baud; cheap printers were seen to take
	// 100 ms.
	answerTime = 500 * time.Millisecond
	// checkEvery bytes of a job its sending pauses for a status, which also
	// waits for the line: a printer that has stopped gets no more than one
	// such piece, which its buffer (often 4 kB) nearly always has room for.
	checkEvery = 1024
	// watchEvery is the pause between two looks at the status while waiting
	// for the end of the print.
	watchEvery = 300 * time.Millisecond
	// coolTime is the patience with a hot head in the middle of a job.
	coolTime = 15 * time.Second
	// cutTime and spareTime are added to the time that line and paper need.
	cutTime   = 1 * time.Second
	spareTime = 3 * time.Second
)

// A Printer is one printer on one open port. Its methods may be called from
// several goroutines; they wait for each other.
type Printer struct {
	port     Port
	profile  Profile
	drawer   Rasterizer
	patience time.Duration

	mu   sync.Mutex
	in   []byte // arrived, not understood yet
	lost error  // the first loss, repeated ever after
	// synced says that the printer is known to be between two commands, and
	// proof what it answers behind a job. Both are found out by sync.
	synced bool
	proof  proof
	// held: the printer said XOFF. alarm: it said by itself that something is
	// wrong.
	held, alarm bool
	// owed: the rest of an earlier job may be in its buffers and has not been
	// cleared yet. residue: it could not be cleared and may be coming out when the
	// next job begins. rest: it cannot have come out yet. torn: half a job may
	// hang out of the printer.
	owed, residue, rest, torn bool
	deaf                      int // how often clearing was not answered
	jobs                      int // for process IDs
	// asked is how many GS r may still be answered. The answers do not say which
	// question they belong to, and one behind a job that stood still may come
	// long after the next one was asked.
	asked int
}

// New takes an open port. It does not use it yet. What another program, or an
// earlier run of this one, may have left in the printer's buffers is cleared
// when the printer first answers, where its profile knows how.
func New(port Port, opts Opts) *Printer {
	profile := opts.Profile.filled()
	p := &Printer{
		port: port, profile: profile, drawer: opts.Rasterizer, patience: opts.Patience,
		owed: profile.Clear == ClearDC4, torn: opts.Residue, residue: opts.Residue,
		// Not always from the same: an answer may still be on its way to the
		// Printer that had this port before.
		jobs: int(time.Now().UnixMilli() % 10000),
	}
	if opts.Residue {
		p.asked = 1
	}
	if p.patience <= 0 {
		p.patience = answerTime
	}
	return p
}

// Profile is the printer's profile with every default filled in.
func (p *Printer) Profile() Profile { return p.profile }

// Status asks the printer how it is. A printer that stays silent is reported
// as Status{Silent: true} and not as an error: switched off behind a USB
// adapter looks just like that. A printer of dialect [OneWay] is taken to be
// well and is not asked. The only errors are ErrPortLost and ctx's.
func (p *Printer) Status(ctx context.Context) (Status, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost != nil {
		return Status{}, p.lost
	}
	s, err := p.status(ctx)
	if err == nil && !s.Silent {
		p.settle(s)
		p.rest = p.rest && s.Code() != ""
		if p.lost != nil {
			return Status{}, p.lost
		}
	}
	if err != nil && p.lost == nil {
		err = fmt.Errorf("escpos: asking for status: %w", err)
	}
	return s, err
}

// HasResidue tells whether the rest of a stopped job is, as far as is known,
// still in the printer and will be printed once the cause of the stop is gone.
func (p *Printer) HasResidue() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rest
}

// Steps are told how far a job has come, for a journal that is written before
// the paper moves. The zero value tells nobody.
type Steps struct {
	// Prepared is called first, with the length of the job in bytes, before the
	// printer is asked whether it is well. Its error stops the job like that of
	// Sending.
	Prepared func(bytes int) error
	// Sending is called before the first byte of the job is sent. Its error
	// stops the job: nothing is printed, and Print returns it wrapped.
	Sending func() error
	// Sent is called when the last byte of the job has been sent, before the
	// printer confirms.
	Sent func()
}

// Print prints doc, cuts, and returns nil when the printer has confirmed
// that everything up to the cut was worked off. (With a profile of dialect
// [OneWay] nil only means that the job was sent.)
//
//   - A *Fault is a condition of the printer, or the end of ctx. Fault.Started
//     tells whether paper may have come out. The Printer stays usable.
//   - An error with ErrPortLost in its chain ends the Printer's life;
//     [MayHavePrinted] tells whether paper may have come out.
//   - Any other error is a mistake in doc or profile. Nothing was sent, and
//     printing it again fails again.
//
// Before the first byte of the job the printer must be well. While sending,
// and while waiting for the end, the status is looked at between commands, and
// XOFF stops the sending. Whenever a job is given up in the middle the printer
// is told to forget it, if its profile knows how; otherwise Fault.Residue is
// set.
func (p *Printer) Print(ctx context.Context, doc Document) error {
	return p.PrintSteps(ctx, doc, Steps{})
}

// PrintSteps is Print that tells how far the job has come.
func (p *Printer) PrintSteps(ctx context.Context, doc Document, steps Steps) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost != nil {
		return p.lost
	}
	e := encoder{profile: p.profile, drawer: p.drawer}
	if err := e.document(doc); err != nil {
		return err
	}
	if len(doc) == 0 {
		return errors.New("escpos: empty document")
	}
	if _, cut := doc[len(doc)-1].(Cut); !cut {
		e.cut()
	}
	if steps.Prepared != nil {
		if err := steps.Prepared(len(e.buf)); err != nil {
			return fmt.Errorf("escpos: job not begun: %w", err)
		}
	}
	if err := p.prepare(ctx); err != nil {
		return p.stopped(err, false, false)
	}
	if steps.Sending != nil {
		if err := steps.Sending(); err != nil {
			return fmt.Errorf("escpos: job not begun: %w", err)
		}
	}
	if err := p.send(ctx, &e); err != nil {
		return p.stopped(err, true, false)
	}
	if steps.Sent != nil {
		steps.Sent()
	}
	if err := p.confirm(ctx, &e); err != nil {
		return p.stopped(err, true, true)
	}
	return nil
}

// prepare makes sure that the printer is well, empty and between two commands.
func (p *Printer) prepare(ctx context.Context) error {
	s, err := p.status(ctx)
	if err != nil {
		return err
	}
	if code := s.Code(); code != "" {
		return condition(code)
	}
	if p.settle(s); p.lost != nil {
		return p.lost
	}
	if err := p.sync(ctx); err != nil {
		return err
	}
	if s.AtOutput {
		if err := p.retract(ctx); err != nil {
			return err
		}
	}
	p.alarm = false
	if !p.torn {
		return nil
	}
	// Half a ticket hangs out: it must not become part of the next one.
	e := encoder{profile: p.profile}
	e.cut()
	if err := p.write(e.buf); err != nil {
		return err
	}
	p.torn = false
	return nil
}

// condition is the printer's state that stops a job, on its way to a Fault.
type condition string

func (c condition) Error() string { return string(c) }

// stopped makes the error that Print returns and cleans up a started job.
// whole says that all of it, with its cut, had been sent.
func (p *Printer) stopped(err error, started, whole bool) error {
	if errors.Is(err, ErrPortLost) {
		// Only of this job: what later calls return has not printed anything.
		return &lostError{err: err, started: started}
	}
	f := &Fault{Started: started}
	var c condition
	if errors.As(err, &c) {
		f.Code = string(c)
	} else {
		f.Code, f.Err = CodeCanceled, err
	}
	if !started {
		return f
	}
	f.Residue = !p.clear(f.Code)
	p.owed = f.Residue && p.profile.Clear != NoClear
	p.residue, p.rest = f.Residue, f.Residue
	// Whoever puts paper in tears off what hangs out. In the other cases it
	// stays, unless the rest of the job follows with its cut.
	p.torn = f.Code != CodePaperOut && !(whole && f.Residue)
	p.synced = false // a printer that stood still may have lost bytes
	return f
}

// send writes the job, in pieces that end at borders, and looks at the status
// after each.
func (p *Printer) send(ctx context.Context, e *encoder) error {
	if p.profile.Auto && p.proof == byProcess {
		// Behind ESC @, which switches automatic status off on some printers.
		on := []byte{gs, 'a', autoMask}
		e.buf = slices.Insert(e.buf, e.borders[0], on...)
		for i := range e.borders {
			e.borders[i] += len(on)
		}
	}
	start := 0
	for i, border := range e.borders {
		last := i == len(e.borders)-1
		if border-start < checkEvery && !last {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.writeJob(ctx, e.buf[start:border]); err != nil {
			return err
		}
		if p.profile.Dialect != OneWay && !last {
			if err := p.check(ctx, p.lineTime(border-start)); err != nil {
				return err
			}
		}
		start = border
	}
	return nil
}

// autoMask has the printer report going on and off line, errors and paper, and
// not the drawer (GS a, TM-T88III p. 145).
const autoMask = 0x0E
