package uplink

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/failpoint"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// The limits of one batch, from centralapi.EventBatch. A little of the size is
// left for the JSON around the events.
const (
	MaxEvents = 100
	maxBytes  = 256<<10 - 1<<10
)

// errRefusedEvent means that the centre refused one event for good. Deliveries
// wait as after any failure, but there is no doubt about the centre.
var errRefusedEvent = errors.New("uplink: the centre refused an event")

// deliver sends one batch. more says that there are others that can be sent at
// once.
func (u *Uplink) deliver(ctx context.Context) (more bool, err error) {
	terminal, ok := u.Terminal()
	if !ok || u.State().Problem != nil {
		return false, nil
	}
	waiting, err := u.config.Outbox.Next(ctx, u.sent, MaxEvents)
	if err != nil || len(waiting) == 0 {
		return false, err
	}
	rows := Fit(waiting)
	if u.single > 0 {
		rows = waiting[:1]
	}
	batch := Batch(terminal.ID, u.incarnation(), u.config.Store.Now(), rows)
	if err := failpoint.Hit("uplink.before-send"); err != nil {
		return false, fmt.Errorf("uplink: deliver events: %w", err)
	}
	ask, cancel := context.WithTimeout(ctx, 3*u.config.Timeout)
	defer cancel()
	receipt, err := u.config.Centre.DeliverEvents(ask, batch)
	switch {
	case centralapi.HasCode(err, centralapi.CodeRetired):
		return false, u.close(ctx, ErrCloned)
	case err != nil && RefusedForGood(err) && len(rows) > 1:
		u.single = len(rows)
		return true, nil
	case err != nil && RefusedForGood(err):
		return u.refused(ctx, rows[0], err)
	case err != nil:
		return false, fmt.Errorf("uplink: deliver events: %w", err)
	}
	_ = failpoint.Hit("uplink.answered")
	taken, err := u.receive(ctx, rows, batch, receipt)
	if err != nil {
		return false, fmt.Errorf("uplink: deliver events: %w", err)
	}
	_ = failpoint.Hit("uplink.acked")
	u.single = max(0, u.single-taken)
	return taken < len(waiting) || len(waiting) == MaxEvents, nil
}

// receive acknowledges what the centre has, and returns how many rows of the batch
// it has taken.
func (u *Uplink) receive(ctx context.Context, rows []outbox.Row, batch centralapi.EventBatch, receipt centralapi.EventReceipt) (taken int, err error) {
	acked, err := u.config.Outbox.Acked(ctx)
	if err != nil {
		return 0, err
	}
	first, last := batch.Events[0].Seq, batch.Events[len(batch.Events)-1].Seq
	next := first == acked+1 // nothing is missing before these
	if receipt.AckedThrough < acked || next && receipt.AckedThrough < first {
		// It lacks something it had: the next look finds out what.
		return 0, fmt.Errorf("the centre acknowledges only up to %d of %d to %d", receipt.AckedThrough, first, last)
	}
	whole := !next || last-first != int64(len(rows))-1 // else the receipt says how far it came
	sent := u.sent
	for _, r := range rows {
		if whole || r.Event.Seq <= receipt.AckedThrough {
			sent.Mark(r)
			taken++
		}
	}
	unsent, err := u.config.Outbox.Unsent(ctx, sent)
	if err != nil {
		return 0, err
	}
	through := min(receipt.AckedThrough, unsent-1) // never what it was not sent
	if err := u.config.Outbox.Ack(ctx, through); err != nil {
		return 0, err
	}
	lacks := through < unsent-1
	if lacks {
		sent = outbox.Sent{}
	}
	u.noteDelivered(through, sent, len(receipt.Quarantined))
	if lacks {
		return 0, fmt.Errorf("the centre acknowledges only up to %d, and had taken everything up to %d", through, unsent-1)
	}
	return taken, nil
}

// Fit returns the first of the rows, as many as one batch may have.
func Fit(rows []outbox.Row) []outbox.Row {
	size := 0
	for i, r := range rows {
		e := r.Outgoing()
		data, err := json.Marshal(e)
		if err != nil {
			// The body is JSON, the outbox made it; the centre will say what it
			// thinks of it, alone.
			data = e.Body
		}
		if size += len(data) + 1; i > 0 && (size > maxBytes || i == MaxEvents) {
			return rows[:i]
		}
	}
	return rows
}

// Batch makes of rows what is sent, in order of their sequence numbers.
func Batch(terminal, incarnation string, now localstore.Moment, rows []outbox.Row) centralapi.EventBatch {
	b := centralapi.EventBatch{Terminal: terminal, Incarnation: incarnation, MonotonicNow: now.Monotonic, BootID: now.BootID}
	for _, r := range rows {
		b.Events = append(b.Events, r.Outgoing())
	}
	slices.SortFunc(b.Events, func(x, y centralapi.Event) int { return cmp.Compare(x.Seq, y.Seq) })
	return b
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

// RefusedForGood reports whether the centre has read the batch and will never
// take it. Everything else (no answer, a token that is not valid, a limit) may
// mend itself.
func RefusedForGood(err error) bool {
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

func (u *Uplink) noteDelivered(through int64, sent outbox.Sent, quarantined int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.delivered, u.sent, u.measured = max(u.delivered, through), sent, time.Time{}
	u.state.Quarantined += quarantined
	rest := u.awaiting[:0]
	for _, a := range u.awaiting {
		if u.has(a.seq) {
			close(a.done)
		} else {
			rest = append(rest, a)
		}
	}
	u.awaiting = rest
}

// has reports whether the centre has the help call of that number. The caller
// holds the lock.
func (u *Uplink) has(seq int64) bool { return seq <= max(u.delivered, u.sent.Rest) }

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
	if u.has(seq) { // already
		close(done)
	} else {
		u.awaiting = append(u.awaiting, awaitedEvents{seq, done})
	}
	return done, nil
}
