package peripherals

import (
	"context"
	"errors"
	"sync"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/serialport"
)

// statusEvery is how often an idle printer is asked how it is. It is also how
// long a paper that was loaded may go unnoticed.
const statusEvery = time.Second

// ErrNoPrinter: there is no printer at the moment. Nothing was printed.
var ErrNoPrinter = errors.New("peripherals: no printer")

// Printer keeps the ticket printer open.
type Printer struct {
	teller
	port PortConfig
	opts escpos.Opts

	mu  sync.Mutex
	dev *escpos.Printer // nil while there is no port
	// lost tells the supervising goroutine that a job has lost the port.
	lost chan error
}

// NewPrinter prepares a printer; Run opens it. changed is called from Run's
// goroutine, and from Print's, whenever the condition changes.
func NewPrinter(port PortConfig, opts escpos.Opts, changed func(Condition)) *Printer {
	return &Printer{teller: teller{change: changed}, port: port, opts: opts, lost: make(chan error, 1)}
}

// Run keeps the printer open until ctx ends.
func (p *Printer) Run(ctx context.Context) {
	supervise(ctx, p.port.open, p.use, func(err error) { p.tell(absent(err)) })
}

// use watches the printer's condition until its port is lost.
func (p *Printer) use(ctx context.Context, port *serialport.Port) error {
	dev := escpos.New(port, p.opts)
	p.mu.Lock()
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
	case st.Silent && p.opts.Profile.Name != "" && !p.opts.Profile.Status:
		// A printer that never answers: believe that it is well.
	case st.Code() != "":
		c = Condition{State: Fault, Fault: st.Code()}
	case st.PaperNearEnd:
		c.Warning = "paper-near-end"
	}
	p.tell(c)
	return nil
}

// Print prints doc. Errors: ErrNoPrinter (nothing was printed), *escpos.Fault
// (its Started says whether something may have come out), or one with
// escpos.ErrPortLost in its chain (something may have come out).
func (p *Printer) Print(ctx context.Context, doc escpos.Document) error {
	p.mu.Lock()
	dev := p.dev
	p.mu.Unlock()
	if dev == nil {
		return ErrNoPrinter
	}
	err := dev.Print(ctx, doc)
	var fault *escpos.Fault
	switch {
	case errors.As(err, &fault) && fault.Code != "":
		p.tell(Condition{State: Fault, Fault: fault.Code, Detail: err.Error()})
	case errors.Is(err, escpos.ErrPortLost):
		p.tell(absent(err))
		select {
		case p.lost <- err:
		default:
		}
	}
	return err
}
