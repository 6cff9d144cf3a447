package ticketing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

// Outcome says what became of a ticket's paper.
type Outcome string

// The outcomes, as the centre knows them.
const (
	PrintConfirmed Outcome = "confirmed"
	PrintFailed    Outcome = "failed" // nothing came out
	PrintUnknown   Outcome = "unknown"
)

// Printed records what became of a ticket's paper, and tells the centre. isCopy
// is true for a paper marked 补打. Call it once for every new ticket that Issue
// returned, also where there is no printer (PrintFailed), and once for every copy;
// a ticket that is Existing needs no call unless paper is printed.
func (d *Desk) Printed(ctx context.Context, ticketID string, o Outcome, isCopy bool) error {
	err := d.config.Store.Write(ctx, "printed", func(tx *localstore.Tx) error {
		return d.printed(tx, ticketID, o, isCopy)
	})
	if err != nil {
		return fmt.Errorf("ticketing: printed: %w", err)
	}
	return nil
}

func (d *Desk) printed(tx *localstore.Tx, ticketID string, o Outcome, isCopy bool) error {
	// A ticket that its holder asked for again has several rows; the newest is
	// about the paper that was printed now.
	var id string
	err := tx.QueryRow(`SELECT id FROM ticket WHERE ticket_id = ? AND state = ? ORDER BY id DESC LIMIT 1`,
		ticketID, stateIssued).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknownTicket
	}
	if err != nil {
		return err
	}
	seq, err := d.config.Outbox.Add(tx, centralapi.TicketPrinted, centralapi.PrintResult{
		TicketID: ticketID, Outcome: string(o), Copy: isCopy,
	})
	if err != nil {
		return err
	}
	// A paper that is known to be out stays so when a copy fails.
	return one(tx.Exec(`UPDATE ticket SET print = CASE print WHEN 'confirmed' THEN print ELSE ? END, last_seq = ?
		WHERE id = ?`, string(o), seq, id))
}

// Recovery is what the last run of the program left unfinished.
type Recovery struct {
	// Abandoned is how many wishes without a number were given up.
	Abandoned int
	// Open are wishes without a number, younger than OfferTime: their citizen may
	// still be there and can be asked. Answer each with Resume or Abandon, at the
	// latest when OfferTime is over; the next Issue gives up what is left.
	Open []Open
	// Unprinted are numbers of which nobody knows whether paper came out; the
	// centre has been told so. Those younger than OfferTime can be offered again,
	// printed as a copy.
	Unprinted []Unprinted
}

// Open is a wish without a number.
type Open struct {
	ID             string
	Business, Item string
	Language       string
	Age            time.Duration
}

// Unprinted is a number whose paper is unknown.
type Unprinted struct {
	Ticket
	Age time.Duration
}

// Recover tidies up after the last run. Call it once, before the first Issue:
// afterwards it would take a ticket that is just being printed for one whose
// paper is unknown, and refuses.
func (d *Desk) Recover(ctx context.Context) (Recovery, error) {
	d.mu.Lock()
	late := d.started
	d.mu.Unlock()
	if late {
		return Recovery{}, fmt.Errorf("ticketing: recover: a number was taken already")
	}
	var r Recovery
	err := d.config.Store.Write(ctx, "recover", func(tx *localstore.Tx) error {
		r = Recovery{}
		now := d.config.Store.Now()
		open, err := openWishes(tx)
		if err != nil {
			return err
		}
		for _, w := range open {
			if age, young := ageOf(now, w.at); young {
				r.Open = append(r.Open, Open{ID: w.id, Business: w.Business, Item: w.Item, Language: w.Language, Age: age})
				continue
			}
			if err := d.abandon(tx, w.id, "restarted"); err != nil {
				return err
			}
			r.Abandoned++
		}
		if r.Unprinted, err = unprinted(tx, now); err != nil {
			return err
		}
		for _, u := range r.Unprinted {
			if err := d.printed(tx, u.ID, PrintUnknown, false); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Recovery{}, fmt.Errorf("ticketing: recover: %w", err)
	}
	return r, nil
}

// ageOf returns how old a row is and whether its citizen may still be there. A
// row whose age cannot be known, because the machine was started anew and its
// wall clock went back, is old.
func ageOf(now, at localstore.Moment) (age time.Duration, young bool) {
	age, _ = now.Since(at)
	return age, age >= 0 && age < OfferTime
}

func unprinted(tx *localstore.Tx, now localstore.Moment) ([]Unprinted, error) {
	rows, err := tx.Query(`SELECT ticket_id, label, business, item, day, ahead, series > 0, existing, issued_ms,
			holder_name, boot_id, mono_ms, wall_ms
		FROM ticket WHERE state = ? AND print = '' ORDER BY id`, stateIssued)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Unprinted
	for rows.Next() {
		var u Unprinted
		var at localstore.Moment
		var issued, wall int64
		if err := rows.Scan(&u.ID, &u.Label, &u.Business, &u.Item, &u.Day, &u.Ahead, &u.Own, &u.Existing, &issued,
			&u.HolderName, &at.BootID, &at.Monotonic, &wall); err != nil {
			return nil, err
		}
		at.Wall, u.IssuedAt = time.UnixMilli(wall).UTC(), time.UnixMilli(issued).UTC()
		u.Age, _ = ageOf(now, at)
		list = append(list, u)
	}
	return list, rows.Err()
}

// Purged counts what Purge deleted.
type Purged struct {
	Tickets, Events int
	// Wiped is true when the file holds no trace of them any more. It is false
	// when somebody was reading at that moment: the next Purge completes it.
	Wiped bool
}

// Purge deletes tickets and events that the centre has acknowledged more than
// Keep ago, and wipes them from the file. It is meant for quiet minutes, once a
// day or more often.
func (d *Desk) Purge(ctx context.Context) (Purged, error) {
	var p Purged
	before := d.config.Store.Now().Wall.Add(-Keep)
	err := d.config.Store.Write(ctx, "purge", func(tx *localstore.Tx) error {
		var err error
		if p.Events, err = d.config.Outbox.Purge(tx, before); err != nil {
			return err
		}
		res, err := tx.Exec(`DELETE FROM ticket WHERE state <> ? AND wall_ms < ?
			AND NOT EXISTS (SELECT 1 FROM outbox WHERE seq = last_seq)`, stateIntent, before.UnixMilli())
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		p.Tickets = int(n)
		// Past days come no more. A month more than Keep, for clocks that stray.
		_, err = tx.Exec(`DELETE FROM series_day WHERE day < ?`, before.AddDate(0, -1, 0).Format(time.DateOnly))
		return err
	})
	if err != nil {
		return Purged{}, fmt.Errorf("ticketing: purge: %w", err)
	}
	if p.Wiped, err = d.config.Store.Checkpoint(ctx); err != nil {
		return p, fmt.Errorf("ticketing: purge: %w", err)
	}
	return p, nil
}
