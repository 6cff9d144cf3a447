package queue

import (
	"context"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// Phone is what the phone page of one ticket shows: a snapshot, read again as a
// whole after every change. Package pages draws it. Whoever has the ticket's
// address may see it, so nothing in it says who took the number.
type Phone struct {
	Now         time.Time
	BusinessDay string // today's, 2026-11-21
	// Ticket is nil while the centre does not know the ticket, as with a number
	// that a terminal without network has given out. HolderName and HolderNumber
	// are always empty.
	Ticket *centralapi.Ticket
	// Wait is how long the ticket is expected to wait yet; nil when that cannot be
	// told: it does not wait, fewer than three of its business are finished today, or
	// no window serves it now. See estimate for how it is reckoned.
	Wait *time.Duration
}

// Phone returns what the holder of a ticket may see of it. An id that is not
// known is no error. An id that was answered with a number its holder had
// already leads to that number.
func (d *Desk) Phone(ctx context.Context, hallID, ticketID string) (Phone, error) {
	p, err := d.place(hallID)
	if err != nil {
		return Phone{}, err
	}
	now := d.now()
	view := Phone{Now: now.In(p.loc), BusinessDay: p.today(now)}
	median, err := d.paceOf(ctx, p, view.BusinessDay)
	if err != nil {
		return view, err
	}
	err = d.read(ctx, func(tx *store.Tx) error {
		row, ok, err := tx.Ticket(p.ID, ticketID)
		if err != nil {
			return err
		}
		if !ok {
			held, _, same, err := tx.SameHolder(p.ID, ticketID)
			if err != nil || !same {
				return err
			}
			if row, ok, err = tx.Ticket(p.ID, held); err != nil || !ok {
				return err
			}
		}
		n, err := ahead(tx, p, row)
		if err != nil {
			return err
		}
		t := p.ticket(row, n)
		t.HolderName, t.HolderNumber, t.ClassReason = "", "", ""
		view.Ticket = &t
		if row.State != centralapi.Issued || row.Day != view.BusinessDay {
			return nil
		}
		staffed, err := tx.StaffedWindows(p.ID, now)
		if err != nil {
			return err
		}
		if wait, ok := estimate(median, row.Business, n, p.serving(row.Business, staffed)); ok {
			view.Wait = &wait
		}
		return nil
	})
	return view, err
}

// serving counts the windows of a business that have somebody logged in.
func (p *place) serving(business string, staffed map[string]bool) (n int) {
	b, ok := p.Business(business)
	if !ok {
		return 0 // not in the hall's file any more
	}
	for _, w := range b.Windows {
		if staffed[w] {
			n++
		}
	}
	return n
}
