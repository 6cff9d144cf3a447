package queue

import (
	"context"
	"errors"

	"hallkiosk/app/central/internal/credential"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// CallPressed is CallNext for one press of 叫号 in the session of a token. Presses are
// counted by the caller, each higher than the one before; 0 is one that nobody counts.
//
// A window that has been refused, or served, may call again: what keeps a call that was
// sent twice from calling two people is that the window has somebody. That is no help
// against a copy the network keeps back until the window is free again (TCP sends
// what was lost again for minutes, also for a caller who has given up): it would call
// a person to a clerk who does not know. So a press that comes after a later one calls
// nobody, and one that comes again is answered as it was.
func (d *Desk) CallPressed(ctx context.Context, hallID, windowID, token string, press int64) (t centralapi.Ticket, ok bool, err error) {
	if press < 0 {
		return centralapi.Ticket{}, false, centralapi.Refuse(centralapi.CodeInvalid, "按键的序号不正确。")
	}
	if press == 0 {
		return d.CallNext(ctx, hallID, windowID)
	}
	p, err := d.window(hallID, windowID)
	if err != nil {
		return centralapi.Ticket{}, false, err
	}
	hash := credential.HashToken(token)
	var refused error // by this press; the press is kept all the same
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		t, ok, refused = centralapi.Ticket{}, false, nil
		last, err := tx.Press(p.ID, hash)
		if err != nil {
			return err
		}
		if press < last.N || press == last.N && last.Refused {
			return centralapi.Refuse(centralapi.CodeConflict, "这是先前的一次按键，没有叫号。")
		}
		if press == last.N {
			if last.Ticket == "" {
				return nil
			}
			row, found, err := tx.Ticket(p.ID, last.Ticket)
			t, ok = p.ticket(row, 0), found
			return err
		}
		this := store.Press{N: press}
		if t, ok, err = d.call(tx, p, windowID); err != nil {
			if _, is := errors.AsType[*centralapi.Error](err); !is {
				return err
			}
			refused, this.Refused = err, true
		}
		this.Ticket = t.ID
		return tx.PutPress(p.ID, hash, this)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return centralapi.Ticket{}, false, err
	}
	return t, ok, nil
}
