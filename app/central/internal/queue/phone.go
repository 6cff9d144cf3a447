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
		n, err := ahead(tx, row)
		if err != nil {
			return err
		}
		t := p.ticket(row, n)
		t.HolderName, t.HolderNumber = "", ""
		view.Ticket = &t
		return nil
	})
	return view, err
}
