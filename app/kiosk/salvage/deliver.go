package salvage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
	"hallkiosk/app/kiosk/internal/uplink"
)

// ErrForeign means that the token belongs to another terminal than the file.
var ErrForeign = errors.New("salvage: the token is not that of the file's terminal")

// Centre is the service. Satisfied by *centralapi.Client.
type Centre interface {
	Terminal(ctx context.Context) (centralapi.Terminal, error)
	DeliverEvents(ctx context.Context, b centralapi.EventBatch) (centralapi.EventReceipt, error)
}

// Verdict is what became of one event.
type Verdict string

// The verdicts.
const (
	Accepted    Verdict = "accepted"    // the centre has it
	Known       Verdict = "known"       // the centre had acknowledged it before
	Quarantined Verdict = "quarantined" // the centre keeps it and does not understand it
	Refused     Verdict = "refused"     // the centre will not take it
)

// Receipt is the centre's answer for one event.
type Receipt struct {
	Seq     int64
	ID      string
	Kind    centralapi.EventKind
	Verdict Verdict
	Why     string // of Refused: the centre's sentence
}

// tries is how often a delivery is sent before Deliver gives up.
const tries = 6

// Deliver hands the file's events to the centre and calls report for each, in
// order. It may be called again with the same file after any error, and after
// success. The error wraps ErrForeign where that applies; events refused for good
// are no error.
func Deliver(ctx context.Context, centre Centre, f File, report func(Receipt)) error {
	t, err := centre.Terminal(ctx)
	if err != nil {
		return fmt.Errorf("salvage: %w", err)
	}
	if f.Header.Terminal != "" && (t.ID != f.Header.Terminal || t.Hall != f.Header.Hall) {
		return fmt.Errorf("%w: it is of %s of hall %s, the file of %s of hall %s", ErrForeign, t.ID, t.Hall, f.Header.Terminal, f.Header.Hall)
	}
	d := delivery{centre: centre, header: f.Header, terminal: t.ID, report: report}
	var rows []outbox.Row
	for _, e := range f.Entries {
		if e.State == string(outbox.Waiting) && e.Event.Seq <= t.AckedThrough {
			report(receipt(e.Event, Known, ""))
			continue
		}
		// The dead go as they were: the centre may have learned since.
		rows = append(rows, outbox.Row{Event: e.Event, State: outbox.Waiting})
	}
	for len(rows) > 0 {
		batch := uplink.Fit(rows[:min(len(rows), uplink.MaxEvents)])
		if err := d.deliver(ctx, batch); err != nil {
			return fmt.Errorf("salvage: deliver events %d to %d: %w", batch[0].Event.Seq, batch[len(batch)-1].Event.Seq, err)
		}
		rows = rows[len(batch):]
	}
	return nil
}

func receipt(e centralapi.Event, v Verdict, why string) Receipt {
	return Receipt{Seq: e.Seq, ID: e.ID, Kind: e.Kind, Verdict: v, Why: why}
}

type delivery struct {
	centre   Centre
	header   Header
	terminal string
	report   func(Receipt)
}

// deliver hands over some rows; when the centre refuses them for good, one by one.
func (d *delivery) deliver(ctx context.Context, rows []outbox.Row) error {
	got, err := d.send(ctx, rows)
	switch {
	case err != nil && uplink.RefusedForGood(err) && len(rows) > 1:
		for i := range rows {
			if err := d.deliver(ctx, rows[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	case err != nil && uplink.RefusedForGood(err):
		d.report(receipt(rows[0].Event, Refused, err.Error()))
		return nil
	case err != nil:
		return err
	}
	for _, r := range rows {
		v := Accepted
		if slices.Contains(got.Quarantined, r.Event.ID) {
			v = Quarantined
		}
		d.report(receipt(r.Event, v, ""))
	}
	return nil
}

// send sends one batch until there is an answer, with full jitter in between and
// not before the time the centre names.
func (d *delivery) send(ctx context.Context, rows []outbox.Row) (centralapi.EventReceipt, error) {
	for failures := 0; ; failures++ {
		got, err := d.centre.DeliverEvents(ctx, uplink.Batch(d.terminal, d.header.Incarnation, d.now(), rows))
		problem, answered := errors.AsType[*centralapi.Error](err)
		if err == nil || answered && (!problem.Retryable || problem.Code == centralapi.CodeUnauthorized) || failures == tries-1 {
			return got, err
		}
		wait := time.Duration(rand.Float64() * float64(time.Second<<failures))
		if answered {
			wait += problem.RetryAfter()
		}
		if err := sleep(ctx, wait); err != nil {
			return got, err
		}
	}
}

// now is the terminal's monotonic clock, had it run on since the export.
func (d *delivery) now() localstore.Moment {
	h := d.header
	since := max(time.Since(h.Wall), 0)
	return localstore.Moment{BootID: h.BootID, Monotonic: h.Monotonic + since.Milliseconds()}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
