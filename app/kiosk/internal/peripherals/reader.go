package peripherals

import (
	"context"
	"errors"
	"time"

	"hallkiosk/devices/samv"
	"hallkiosk/devices/serialport"
)

// pollEvery is the pause between two looks for a card. Makers ask for more than
// 300 ms (devices.md A.4); a person does not notice less than half a second.
const pollEvery = 350 * time.Millisecond

// ReaderEvents receives what the reader sees, from Run's goroutine.
type ReaderEvents struct {
	Reading    func()
	Read       func(*samv.Card)
	Unreadable func(samv.Reason)
	Gone       func()
}

// Reader keeps the card reader open and looks for cards.
type Reader struct {
	teller
	port   PortConfig
	events ReaderEvents
}

// NewReader prepares a reader; Run opens it.
func NewReader(port PortConfig, events ReaderEvents, changed func(Condition)) *Reader {
	return &Reader{teller: teller{change: changed, path: port.Path}, port: port, events: events}
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
	dev := samv.New(port, samv.Opts{LineRate: r.port.Baud, OnReading: func() {
		r.enter(Busy)
		r.events.Reading()
	}})
	if err := dev.Ping(ctx); err != nil {
		return err
	}
	r.tell(Condition{State: Ready})
	for {
		e, err := dev.Poll(ctx)
		r.leave(Busy)
		if err != nil {
			return err
		}
		switch e.Kind {
		case samv.CardRead:
			r.events.Read(e.Card)
		case samv.Unreadable:
			r.events.Unreadable(e.Reason)
		case samv.Gone:
			r.events.Gone()
		}
		pause(ctx, pollEvery)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
