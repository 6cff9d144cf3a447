package ticketing

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

// The states of a row of the table ticket.
const (
	stateIntent    = "intent"
	stateIssued    = "issued"
	stateRefused   = "refused"
	stateAbandoned = "abandoned"
)

func insertWish(tx *localstore.Tx, w wish) error {
	holder, err := holderJSON(w.Holder)
	if err != nil {
		return fmt.Errorf("ticketing: write down the wish: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO ticket (id, ticket_id, state, business, prefix, item, language,
			holder, holder_name, boot_id, mono_ms, wall_ms)
		VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
		w.id, stateIntent, w.Business, w.Prefix, w.Item, w.Language,
		holder, holderName(w.Holder), w.at.BootID, w.at.Monotonic, w.at.Wall.UnixMilli())
	if err != nil {
		return fmt.Errorf("ticketing: write down the wish: %w", err)
	}
	return nil
}

const wishColumns = `SELECT id, business, prefix, item, language, holder, boot_id, mono_ms, wall_ms FROM ticket `

func scanWish(row interface{ Scan(...any) error }) (wish, error) {
	var w wish
	var holder string
	var wall int64
	if err := row.Scan(&w.id, &w.Business, &w.Prefix, &w.Item, &w.Language, &holder,
		&w.at.BootID, &w.at.Monotonic, &wall); err != nil {
		return wish{}, err
	}
	w.at.Wall = time.UnixMilli(wall).UTC()
	if holder != "" {
		if err := json.Unmarshal([]byte(holder), &w.Holder); err != nil {
			return wish{}, fmt.Errorf("holder of a wish: %w", err)
		}
	}
	return w, nil
}

// findWish returns an open wish.
func findWish(tx *localstore.Tx, id string) (wish, error) {
	w, err := scanWish(tx.QueryRow(wishColumns+`WHERE id = ? AND state = ?`, id, stateIntent))
	if errors.Is(err, sql.ErrNoRows) {
		return wish{}, ErrUnknownTicket
	}
	return w, err
}

// openWishes returns all open wishes, oldest first.
func openWishes(tx *localstore.Tx) ([]wish, error) {
	rows, err := tx.Query(wishColumns+`WHERE state = ? ORDER BY id`, stateIntent)
	if err != nil {
		return nil, fmt.Errorf("ticketing: open wishes: %w", err)
	}
	defer rows.Close()
	var open []wish
	for rows.Next() {
		w, err := scanWish(rows)
		if err != nil {
			return nil, fmt.Errorf("ticketing: open wishes: %w", err)
		}
		open = append(open, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ticketing: open wishes: %w", err)
	}
	return open, nil
}

// printShown stands for the paper of a ticket that its holder had before: the
// first paper was reported when it came out, and a new one is only a copy.
const printShown = "shown"

// markIssued writes the centre's number down. The holder's key is no longer
// needed here: the centre has it.
func markIssued(tx *localstore.Tx, id string, t Ticket) error {
	paper := ""
	if t.Existing {
		paper = printShown
	}
	return one(tx.Exec(`UPDATE ticket SET state = ?, ticket_id = ?, label = ?, day = ?, existing = ?, ahead = ?,
			issued_ms = ?, item = ?, holder = '', holder_name = ?, print = ?
		WHERE id = ? AND state = ?`,
		stateIssued, t.ID, t.Label, t.Day, t.Existing, t.Ahead,
		t.IssuedAt.UnixMilli(), t.Item, t.HolderName, paper, id, stateIntent))
}

// markOwn writes a number of the own series down; the event seq carries the
// holder from here.
func markOwn(tx *localstore.Tx, t Ticket, slot, n int, seq int64) error {
	return one(tx.Exec(`UPDATE ticket SET state = ?, label = ?, day = ?, series = ?, number = ?,
			issued_ms = ?, holder = '', last_seq = ?
		WHERE id = ? AND state = ?`,
		stateIssued, t.Label, t.Day, slot, n, t.IssuedAt.UnixMilli(), seq, t.ID, stateIntent))
}

// refuse closes an open wish that the hall has refused and tells the centre that it
// will never be one again.
func (d *Desk) refuse(tx *localstore.Tx, id string, code centralapi.Code) error {
	seq, err := d.config.Outbox.Add(tx, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: id, Reason: "refused"})
	if err != nil {
		return err
	}
	return one(tx.Exec(`UPDATE ticket SET state = ?, reason = ?, holder = '', holder_name = '', last_seq = ?
		WHERE id = ? AND state = ?`, stateRefused, string(code), seq, id, stateIntent))
}

// abandon gives up an open wish and tells the centre; one that is settled or
// unknown stays as it is.
func (d *Desk) abandon(tx *localstore.Tx, id, reason string) error {
	if _, err := findWish(tx, id); errors.Is(err, ErrUnknownTicket) {
		return nil
	} else if err != nil {
		return err
	}
	seq, err := d.config.Outbox.Add(tx, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: id, Reason: reason})
	if err != nil {
		return err
	}
	return one(tx.Exec(`UPDATE ticket SET state = ?, reason = ?, holder = '', holder_name = '', last_seq = ?
		WHERE id = ? AND state = ?`, stateAbandoned, reason, seq, id, stateIntent))
}

func (d *Desk) abandonOpen(tx *localstore.Tx, reason string) error {
	open, err := openWishes(tx)
	if err != nil {
		return err
	}
	for _, w := range open {
		if err := d.abandon(tx, w.id, reason); err != nil {
			return err
		}
	}
	return nil
}

// errNotOpen means that a wish was settled by somebody else meanwhile, which
// cannot happen while one Desk uses the store.
var errNotOpen = errors.New("ticketing: the wish is not open any more")

func one(res sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("ticketing: write down the number: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("ticketing: write down the number: %w", err)
	}
	if n != 1 {
		return errNotOpen
	}
	return nil
}
