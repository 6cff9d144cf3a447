package peripherals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hallkiosk/devices/bankreader"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/serialport"
)

// pollEvery is the pause between two looks for a card. Makers ask for more than
// 300 ms (devices.md A.4); a person does not notice less than half a second.
const pollEvery = 350 * time.Millisecond

// silentTries is how many looks in a row may go unanswered before the port is opened
// anew. One may be lost on a busy machine, or while a module restarts itself.
const silentTries = 3

// ReaderEvents receives what the reader sees, from Run's goroutine.
type ReaderEvents struct {
	Reading    func()
	Read       func(*samv.Card)
	Unreadable func(samv.Reason)
	Gone       func()
}

// Dialect is what a card reader speaks. The values stand in configuration files.
type Dialect string

// The dialects.
const (
	// SAMV is spoken by readers with the police's security module (GA 450); the
	// empty dialect means it too.
	SAMV Dialect = "sam-v"
	// BankNumber and BankName are bank counters' readers asked for the number, or
	// for number and name; BankObserved asks for the number in the way that was
	// seen in a program in use. See package bankreader.
	BankNumber   Dialect = "bank-number"
	BankName     Dialect = "bank-name"
	BankObserved Dialect = "bank-observed"
)

// Check returns an error that names the dialects there are.
func (d Dialect) Check() error {
	switch d {
	case "", SAMV, BankNumber, BankName, BankObserved:
		return nil
	}
	return fmt.Errorf("peripherals: unknown card reader %q; there are %s, %s, %s and %s", d, SAMV, BankNumber, BankName, BankObserved)
}

// cardReader is a driver of either family.
type cardReader interface {
	Ping(ctx context.Context) error
	Poll(ctx context.Context) (samv.Event, error)
}

func (r *Reader) driver(port *serialport.Port) cardReader {
	reading := func() {
		r.enter(Busy)
		r.events.Reading()
	}
	switch d := r.dialect; d {
	case BankNumber, BankName, BankObserved:
		return bankreader.New(port, bankreader.Opts{
			Name: d == BankName, Observed: d == BankObserved, OnReading: reading, LeftAfter: r.leftAfter,
		})
	}
	return samv.New(port, samv.Opts{LineRate: r.port.Baud, OnReading: reading, LeftAfter: r.leftAfter})
}

// WarningCardLeft is the Warning of a reader on which a card was left behind.
const WarningCardLeft = "card-left"

// Reader keeps the card reader open and looks for cards.
type Reader struct {
	teller
	port    PortConfig
	dialect Dialect
	events  ReaderEvents
	// leftAfter is as in samv.Opts; tests have less patience.
	leftAfter time.Duration
}

// NewReader prepares a reader; Run opens it.
func NewReader(port PortConfig, dialect Dialect, events ReaderEvents, changed func(Condition)) *Reader {
	return &Reader{teller: teller{change: changed, path: port.Path}, port: port, dialect: dialect, events: events}
}

// Run keeps the reader open and polls it until ctx ends.
func (r *Reader) Run(ctx context.Context) {
	supervise(ctx, &r.teller, r.port.open, r.use, func(err error) {
		if errors.Is(err, samv.ErrPortLost) || isOpenError(err) {
			r.tell(absent(err))
			return
		}
		// The reader answers, and says that its security module is not well.
		r.tell(Condition{State: Fault, Fault: "reader-error", Detail: err.Error()})
	})
}

func (r *Reader) use(ctx context.Context, port *serialport.Port) error {
	dev := r.driver(port)
	if err := dev.Ping(ctx); err != nil {
		return err
	}
	r.tell(Condition{State: Ready})
	lying, silent := false, 0
	defer func() {
		if lying { // nobody can tell any more; a card that is still there is read anew
			r.events.Gone()
		}
	}()
	for {
		e, err := dev.Poll(ctx)
		r.leave(Busy)
		if errors.Is(err, samv.ErrSilent) && silent+1 < silentTries {
			// The driver knows of a card that was read; a new one would not.
			silent++
			pause(ctx, pollEvery)
			continue
		}
		if err != nil {
			return err
		}
		silent = 0
		switch e.Kind {
		case samv.CardRead:
			lying = true
			r.events.Read(e.Card)
		case samv.Unreadable:
			lying = true
			r.events.Unreadable(e.Reason)
		case samv.LeftBehind:
			// Its owner has left; staff near by can still call after them.
			r.tell(Condition{State: Ready, Warning: WarningCardLeft})
		case samv.Gone:
			lying = false
			r.tell(Condition{State: Ready})
			r.events.Gone()
		}
		pause(ctx, pollEvery)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
