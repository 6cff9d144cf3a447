package queue

import (
	"context"
	"math"
	"strings"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// Closings is what of a hall is closed from afar now, in the order of the hall file.
type Closings struct {
	Windows, Businesses []Closing
}

// Closing is a window or a business that is closed.
type Closing struct {
	ID    string
	Why   string // may be empty
	Since time.Time
}

// Closings returns what is closed in a hall.
func (d *Desk) Closings(ctx context.Context, hallID string) (Closings, error) {
	p, err := d.place(hallID)
	if err != nil {
		return Closings{}, err
	}
	var out Closings
	err = d.read(ctx, func(tx *store.Tx) error {
		out = Closings{}
		windows, err := tx.ClosedWindows(p.ID)
		if err != nil {
			return err
		}
		paused, err := tx.Paused(p.ID)
		if err != nil {
			return err
		}
		for _, w := range p.Windows {
			if c, is := windows[w.ID]; is {
				out.Windows = append(out.Windows, Closing{w.ID, c.Reason, c.Since.In(p.loc)})
			}
		}
		for _, b := range p.Businesses {
			if c, is := paused[b.ID]; is {
				out.Businesses = append(out.Businesses, Closing{b.ID, c.Reason, c.Since.In(p.loc)})
			}
		}
		return nil
	})
	return out, err
}

// ByCommand is who closes and opens from the central service's command line. Others are
// named as in the ledger: staff:ID of an account.
const ByCommand = "centre"

// CloseBusiness closes a business to new numbers whatever its hours say; who has one is
// still called. by is who does it, why is for the public and may be empty. Closed again,
// it stays as it was.
func (d *Desk) CloseBusiness(ctx context.Context, hallID, by, business, why string) error {
	p, err := d.business(hallID, business)
	if err != nil {
		return err
	}
	if strings.TrimSpace(why) != "" {
		if why, err = checkReason(why); err != nil {
			return err
		}
	}
	return d.write(ctx, p.ID, func(tx *store.Tx) error {
		now := d.now()
		return tx.Pause(p.ID, business, store.Closing{Since: now, Reason: strings.TrimSpace(why)},
			store.LogEntry{At: now, Actor: by, Action: "paused", Detail: strings.TrimSpace(why)})
	})
}

// OpenBusiness takes CloseBusiness back.
func (d *Desk) OpenBusiness(ctx context.Context, hallID, by, business string) error {
	p, err := d.business(hallID, business)
	if err != nil {
		return err
	}
	return d.write(ctx, p.ID, func(tx *store.Tx) error {
		return tx.Unpause(p.ID, business, store.LogEntry{At: d.now(), Actor: by, Action: "resumed"})
	})
}

// SetPaused is CloseBusiness without a sentence, or OpenBusiness, by command.
func (d *Desk) SetPaused(ctx context.Context, hallID, business string, paused bool) error {
	if paused {
		return d.CloseBusiness(ctx, hallID, ByCommand, business, "")
	}
	return d.OpenBusiness(ctx, hallID, ByCommand, business)
}

// business returns the hall if it has the business.
func (d *Desk) business(hallID, business string) (*place, error) {
	p, err := d.place(hallID)
	if err != nil {
		return nil, err
	}
	if _, ok := p.Business(business); !ok {
		return nil, centralapi.Refuse(centralapi.CodeUnknownBusiness, "本大厅没有这项业务。")
	}
	return p, nil
}

// CloseWindow closes a window from afar: it calls nobody any more. What it has on hold
// and what waits for it alone goes back to the line of its business, each at its place;
// the ticket at the window can be ended as ever. by is who does it. Closed again, it
// stays as it was.
func (d *Desk) CloseWindow(ctx context.Context, hallID, by, windowID, reason string) error {
	p, err := d.window(hallID, windowID)
	if err != nil {
		return err
	}
	if reason, err = checkReason(reason); err != nil {
		return err
	}
	return d.write(ctx, p.ID, func(tx *store.Tx) error {
		now := d.now()
		entry := func(action string) store.LogEntry {
			return store.LogEntry{At: now, Actor: by, Action: action, Detail: reason}
		}
		if err := tx.CloseWindow(p.ID, windowID, store.Closing{Since: now, Reason: reason}, entry("window-closed")); err != nil {
			return err
		}
		day, line := p.today(now), store.WindowLine(windowID)
		left, err := tx.Held(p.ID, day, windowID)
		if err != nil {
			return err
		}
		for _, classed := range []bool{false, true} {
			list, err := tx.Waiting(p.ID, day, line, classed, math.MaxInt32)
			if err != nil {
				return err
			}
			left = append(left, list...)
		}
		for _, was := range left {
			t := was
			uncall(&t)
			if t.Line == line {
				t.Line = t.Business
			}
			if err := tx.UpdateTicket(was, t, entry("returned")); err != nil {
				return err
			}
		}
		return nil
	})
}

// OpenWindow takes CloseWindow back.
func (d *Desk) OpenWindow(ctx context.Context, hallID, by, windowID string) error {
	p, err := d.window(hallID, windowID)
	if err != nil {
		return err
	}
	return d.write(ctx, p.ID, func(tx *store.Tx) error {
		return tx.OpenWindow(p.ID, windowID, store.LogEntry{At: d.now(), Actor: by, Action: "window-opened"})
	})
}
