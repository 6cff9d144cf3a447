package peripherals

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hallkiosk/app/kiosk/internal/printjournal"
	"hallkiosk/devices/escpos"
)

// statusEvery is how often an idle printer is asked how it is. It is also how
// long a paper that was loaded may go unnoticed.
const statusEvery = time.Second

// journalTime is how long the journal may take to write down a job's end when
// the caller's context has ended already.
const journalTime = 5 * time.Second

// ErrNoPrinter: there is no printer at the moment. Nothing was printed.
var ErrNoPrinter = errors.New("peripherals: no printer")

// Journal is written before the paper moves. Satisfied by
// *printjournal.Journal.
type Journal interface {
	Begin(ctx context.Context, ticketID string, isCopy bool, bytes int) (printjournal.Job, error)
	Mark(ctx context.Context, job printjournal.Job, s printjournal.State, fault string) error
}

// Printer keeps the ticket printer open. Journal and Residue are set, if at
// all, before Run.
type Printer struct {
	// Journal is kept by PrintTicket. nil = none is kept.
	Journal Journal
	// Residue says that a job of an earlier run may have been cut off in the
	// middle (printjournal.Recovery.Residue).
	Residue bool

	teller
	port PortConfig
	opts escpos.Opts

	mu  sync.Mutex
	dev *escpos.Printer // nil while there is no port
	// cutOff says that the last job was stopped in the middle, so that whoever
	// opens the port next must expect half a ticket.
	cutOff bool
	// lost tells the supervising goroutine that a job has lost the port.
	lost chan error
}

// NewPrinter prepares a printer; Run opens it. changed is called from Run's
// goroutine, and from Print's, whenever the condition changes.
func NewPrinter(port PortConfig, opts escpos.Opts, changed func(Condition)) *Printer {
	return &Printer{teller: teller{change: changed, path: port.Path}, port: port, opts: opts, lost: make(chan error, 1)}
}

// Run keeps the printer open until ctx ends.
func (p *Printer) Run(ctx context.Context) {
	p.mu.Lock()
	p.cutOff = p.cutOff || p.Residue
	p.mu.Unlock()
	supervise(ctx, &p.teller, p.port.openPrinter, p.use, func(err error) { p.tell(absent(err)) })
}

// use watches the printer's condition until its port is lost.
func (p *Printer) use(ctx context.Context, port printerPort) error {
	p.mu.Lock()
	opts := p.opts
	opts.Residue = p.cutOff
	dev := escpos.New(port, opts)
	p.dev = dev
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.dev = nil
		p.mu.Unlock()
		select { // a loss that nobody waits for any more
		case <-p.lost:
		default:
		}
	}()
	for {
		if err := p.ask(ctx, dev); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-p.lost:
			return err
		case <-time.After(statusEvery):
		}
	}
}

func (p *Printer) ask(ctx context.Context, dev *escpos.Printer) error {
	st, err := dev.Status(ctx)
	if err != nil {
		return err
	}
	c := Condition{State: Ready}
	switch {
	case st.Code() != "":
		c = Condition{State: Fault, Fault: st.Code(), Residue: dev.HasResidue()}
		if last := p.Condition(); last.Fault == c.Fault && last.Residue == c.Residue {
			c.Detail = last.Detail // what the job said that met it
		}
	case st.PaperNearEnd:
		c.Warning = "paper-near-end"
	}
	p.tell(c)
	return nil
}

// Print prints a document that is no ticket and is not written down: a test
// page. Errors: ErrNoPrinter (nothing was printed), *escpos.Fault (its Started
// says whether something may have come out), or one with escpos.ErrPortLost in
// its chain (something may have come out; see escpos.MayHavePrinted).
func (p *Printer) Print(ctx context.Context, doc escpos.Document) error {
	return p.print(ctx, doc, escpos.Steps{})
}

// PrintTicket prints a ticket and keeps the journal. isCopy says that the
// document is marked 补打. Besides Print's errors there are the journal's:
// printjournal.ErrMustBeCopy, or a disk that failed; nothing was printed then,
// unless escpos.MayHavePrinted says so.
func (p *Printer) PrintTicket(ctx context.Context, ticketID string, isCopy bool, doc escpos.Document) error {
	if p.Journal == nil {
		return p.print(ctx, doc, escpos.Steps{})
	}
	var job printjournal.Job
	state := printjournal.State("")
	mark := func(ctx context.Context, s printjournal.State, fault string) error {
		err := p.Journal.Mark(ctx, job, s, fault)
		if err == nil {
			state = s
		}
		return err
	}
	err := p.print(ctx, doc, escpos.Steps{
		Prepared: func(bytes int) (err error) {
			if job, err = p.Journal.Begin(ctx, ticketID, isCopy, bytes); err == nil {
				state = printjournal.Prepared
			}
			return err
		},
		Sending: func() error { return mark(ctx, printjournal.Sending, "") },
		// Should this not be written down, the job is unknown after a crash,
		// which is as true.
		Sent: func() { mark(ctx, printjournal.Sent, "") },
	})
	if state == "" { // it was never written down, and nothing was sent
		return err
	}
	end, fault := jobEnd(err, p.opts.Profile)
	if end == printjournal.Failed && state != printjournal.Prepared {
		end = printjournal.Unknown
	}
	if end == printjournal.Confirmed && state == printjournal.Sending { // Sent could not be written down
		end = printjournal.Unknown
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), journalTime)
	defer cancel()
	// Should this fail, the job is unknown to the next run; and there will be one
	// soon, because a store that cannot write ends the terminal.
	mark(ctx, end, fault)
	return err
}

// jobEnd is what a print's error means to the journal.
func jobEnd(err error, profile escpos.Profile) (printjournal.State, string) {
	if err == nil {
		if !profile.Confirms() {
			return printjournal.Unknown, printjournal.Unconfirmed
		}
		return printjournal.Confirmed, ""
	}
	code := "error"
	var fault *escpos.Fault
	switch {
	case errors.As(err, &fault):
		code = fault.Code
	case errors.Is(err, escpos.ErrPortLost):
		code = "port-lost"
	}
	if escpos.MayHavePrinted(err) {
		return printjournal.Unknown, code
	}
	return printjournal.Failed, code
}

func (p *Printer) print(ctx context.Context, doc escpos.Document, steps escpos.Steps) error {
	p.mu.Lock()
	dev := p.dev
	p.mu.Unlock()
	if dev == nil {
		return ErrNoPrinter
	}
	p.enter(Busy)
	err := dev.PrintSteps(ctx, doc, steps)
	p.leave(Busy)
	var fault *escpos.Fault
	isFault := errors.As(err, &fault)
	p.mu.Lock()
	switch {
	case err == nil:
		p.cutOff = false
	case isFault && fault.Started && fault.Code == escpos.CodePaperOut && !fault.Residue:
		p.cutOff = false // whoever loads paper tears off what hangs out
	case escpos.MayHavePrinted(err):
		p.cutOff = true
	}
	p.mu.Unlock()
	switch {
	case isFault && fault.Code != escpos.CodeCanceled:
		p.tell(Condition{State: Fault, Fault: fault.Code, Detail: err.Error(), Residue: dev.HasResidue()})
	case errors.Is(err, escpos.ErrPortLost):
		p.tell(absent(err))
		select {
		case p.lost <- err:
		default:
		}
	}
	if err == nil || isFault {
		return err
	}
	return fmt.Errorf("peripherals: print: %w", err)
}
