package uplink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// The limits of one batch, from centralapi.EventBatch. A little of the size is
// left for the JSON around the events.
const (
	maxEvents = 100
	maxBytes  = 256<<10 - 1<<10
)

// errRefusedEvent means that the centre refused one event for good. Deliveries
// wait as after any failure, but there is no doubt about the centre.
var errRefusedEvent = errors.New("uplink: the centre refused an event")

// deliver sends one batch of the oldest rows. more says that there are others
// that can be sent at once.
func (u *Uplink) deliver(ctx context.Context) (more bool, err error) {
	terminal, ok := u.Terminal()
	if !ok || u.State().Problem != nil {
		return false, nil
	}
	rows, err := u.config.Outbox.Pending(ctx, maxEvents)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	batch := centralapi.EventBatch{Terminal: terminal.ID, Events: u.fit(rows)}
	now := u.config.Store.Now()
	batch.MonotonicNow, batch.BootID = now.Monotonic, now.BootID

	ask, cancel := context.WithTimeout(ctx, 3*u.config.Timeout)
	defer cancel()
	receipt, err := u.config.Centre.DeliverEvents(ask, batch)
	switch {
	case err != nil && refusedForGood(err) && len(batch.Events) > 1:
		u.single = len(batch.Events)
		return true, nil
	case err != nil && refusedForGood(err):
		return u.refused(ctx, rows[0], err)
	case err != nil:
		return false, fmt.Errorf("uplink: deliver events: %w", err)
	}
	first, last := batch.Events[0].Seq, batch.Events[len(batch.Events)-1].Seq
	if receipt.AckedThrough < first {
		// It lacks something before these: the next look finds out what.
		return false, fmt.Errorf("uplink: deliver events: the centre acknowledges only up to %d of %d to %d", receipt.AckedThrough, first, last)
	}
	through := min(receipt.AckedThrough, last)
	if err := u.config.Outbox.Ack(ctx, through); err != nil {
		return false, fmt.Errorf("uplink: deliver events: %w", err)
	}
	u.single = max(0, u.single-int(through-first+1))
	u.noteDelivered(through, len(receipt.Quarantined))
	return through < last || len(batch.Events) < len(rows) || len(rows) == maxEvents, nil
}

// fit returns as many events as one batch may have.
func (u *Uplink) fit(rows []outbox.Row) []centralapi.Event {
	if u.single > 0 {
		rows = rows[:1]
	}
	var events []centralapi.Event
	size := 0
	for _, r := range rows {
		e := r.Outgoing()
		data, err := json.Marshal(e)
		if err != nil {
			// The body is JSON, the outbox made it; the centre will say what it
			// thinks of it, alone.
			data = e.Body
		}
		if size += len(data) + 1; size > maxBytes && len(events) > 0 {
			break
		}
		events = append(events, e)
	}
	return events
}

// refused records a refusal of one event. The next row waits as long as this one
// is not dead, so the order is kept.
func (u *Uplink) refused(ctx context.Context, r outbox.Row, why error) (more bool, err error) {
	dead, err := u.config.Outbox.Refused(ctx, r.Event.Seq, why.Error())
	if err != nil {
		return false, fmt.Errorf("uplink: deliver events: %w", err)
	}
	if dead {
		u.log.Error("an event is dead: the centre refused it too often", "seq", r.Event.Seq, "kind", r.Event.Kind, "error", why)
		return true, nil
	}
	return false, fmt.Errorf("%w: %w", errRefusedEvent, why)
}

// refusedForGood reports whether the centre has read the batch and will never
// take it. Everything else (no answer, a token that is not valid, a limit) may
// mend itself.
func refusedForGood(err error) bool {
	p, ok := errors.AsType[*centralapi.Error](err)
	if !ok || p.Retryable {
		return false
	}
	switch p.Code {
	case centralapi.CodeMalformed, centralapi.CodeInvalid, centralapi.CodeTooLarge,
		centralapi.CodeConflict, centralapi.CodeIDReused, centralapi.CodeUnknownBusiness:
		return true
	}
	return false
}

// awaitedEvents are closed when the centre has everything through seq.
type awaitedEvents struct {
	seq  int64
	done chan struct{}
}

func (u *Uplink) noteDelivered(through int64, quarantined int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.delivered = max(u.delivered, through)
	u.state.Quarantined += quarantined
	rest := u.awaiting[:0]
	for _, a := range u.awaiting {
		if a.seq <= through {
			close(a.done)
		} else {
			rest = append(rest, a)
		}
	}
	u.awaiting = rest
}

// DeviceChanged writes down that a device (printer, reader, scanner) is ready,
// fault or absent, with the fault's code, and has the centre told. It needs no
// contact.
func (u *Uplink) DeviceChanged(ctx context.Context, device, state, fault string) error {
	return u.config.Store.Write(ctx, "device changed", func(tx *localstore.Tx) error {
		_, err := u.config.Outbox.Add(tx, centralapi.DeviceChanged, centralapi.DeviceState{Device: device, State: state, Fault: fault})
		return err
	})
}

// HelpCalled writes down that somebody pressed 请人帮忙 on this page, and has the
// centre told. delivered is closed when the centre has it, which may be a long
// time later.
func (u *Uplink) HelpCalled(ctx context.Context, page string) (delivered <-chan struct{}, err error) {
	done := make(chan struct{})
	var seq int64
	err = u.config.Store.Write(ctx, "help called", func(tx *localstore.Tx) error {
		seq, err = u.config.Outbox.Add(tx, centralapi.HelpCalled, centralapi.HelpCall{Page: page})
		return err
	})
	if err != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if seq <= u.delivered { // already
		close(done)
	} else {
		u.awaiting = append(u.awaiting, awaitedEvents{seq, done})
	}
	return done, nil
}
