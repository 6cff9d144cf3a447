// Package outbox is the terminal's durable list of what the centre must be told:
// every event is written together with the fact it speaks of, numbered 1, 2, 3 …
// without a gap, and kept until the centre has acknowledged it.
//
// Packages ticketing and uplink add events, uplink delivers them, the
// technician's tools list them. The package sends nothing and knows no event's
// meaning. It never drops an event: one that the centre refuses for good is
// marked dead after [MaxTries] refusals and stays listed, with its body, until a
// technician has dealt with it. In its place the centre is sent the same
// sequence number with the kind [Withheld], because the centre acknowledges only
// what is complete: without it, everything behind a dead event would wait for
// ever.
//
// # Lanes
//
// After a long outage more waits than one delivery can carry, and then tickets go
// first, ratings second, everything else last, because windows call by tickets
// ([Lane], [Outbox.Next]). The sequence number stays one for all: it says how old
// a row is, and by it the centre notices that one is missing. The centre takes
// events in any order, tells them apart by their ids, and acknowledges up to the
// first number it lacks; so while a lane runs ahead of another, rows that the
// centre has are not acknowledged yet. Who delivers remembers how far each lane
// has come ([Sent]). That is not kept on disk: a new process sends again what was
// not acknowledged, which does no harm. Compared: a sequence for each lane (the
// centre would keep three marks for each terminal, and the order between a ticket
// and the help call before it would be lost).
//
// Compared: a separate queue file (a fact and its event could then part at a
// power cut) and delivery straight from the business tables (every table would
// need its own order and its own retry). SQLite's AUTOINCREMENT numbers the rows:
// it never uses a number twice, even after old rows were purged, and a
// transaction that is undone gives its number back.
package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

// MaxTries is how often the centre must have refused an event for good before it
// is marked dead.
const MaxTries = 20

// MaxBody is the largest body of an event, in bytes of JSON: a quarter of what
// the centre takes in one batch.
const MaxBody = 64 << 10

// Withheld is the kind of the event sent in place of a dead one. Its body is
// {"kind": the dead event's kind, "reason": the centre's last refusal}. A centre
// that does not know the kind keeps it and acknowledges it.
const Withheld centralapi.EventKind = "event-withheld"

// Lane says what goes first when more waits than one delivery can carry. Lower
// goes first.
type Lane int

// The lanes, as they stand in the file.
const (
	Tickets Lane = 1 // kinds that begin with "ticket-"
	Ratings Lane = 2 // kinds that begin with "rating-"
	Rest    Lane = 3
)

// LaneOf returns the lane of a kind of event.
func LaneOf(kind centralapi.EventKind) Lane {
	switch {
	case strings.HasPrefix(string(kind), "ticket-"):
		return Tickets
	case strings.HasPrefix(string(kind), "rating-"):
		return Ratings
	}
	return Rest
}

// Sent is how far each lane has been delivered: all its rows through that sequence
// number were taken by the centre, acknowledged or not. The zero value is right
// for a new process.
type Sent struct{ Tickets, Ratings, Rest int64 }

// Mark notes that the centre has taken a row, and with it all of its lane before
// it.
func (s *Sent) Mark(r Row) {
	at := s.of(r.Lane)
	*at = max(*at, r.Event.Seq)
}

func (s *Sent) of(l Lane) *int64 {
	switch l {
	case Tickets:
		return &s.Tickets
	case Ratings:
		return &s.Ratings
	}
	return &s.Rest
}

// keptError is how much of a refusal is kept, in bytes.
const keptError = 300

// State says what has become of a row.
type State string

// The states of a row.
const (
	Waiting State = "waiting" // to be delivered
	Acked   State = "acked"   // the centre has it
	Dead    State = "dead"    // refused for good; waits for a technician
)

// Row is one event.
type Row struct {
	Event centralapi.Event
	Lane  Lane
	State State
	Tries int    // refusals for good, so far
	Error string // the last one; no personal data, as the centre's sentences have none
	// AckedAt is the wall clock at the acknowledgement; zero before.
	AckedAt time.Time
}

// Outbox is the list. It is safe for concurrent use.
type Outbox struct {
	store *localstore.Store
	added chan struct{}
}

// New returns the outbox of the store's file. Use one per store.
func New(store *localstore.Store) *Outbox {
	return &Outbox{store: store, added: make(chan struct{}, 1)}
}

// Added receives a value soon after events were added; several additions may be
// one value. It has one listener, the uplink.
func (o *Outbox) Added() <-chan struct{} { return o.added }

// Add writes an event into the caller's transaction and returns its sequence
// number. body is written as JSON, at most MaxBody. When the transaction is
// undone, so is the event.
func (o *Outbox) Add(tx *localstore.Tx, kind centralapi.EventKind, body any) (seq int64, err error) {
	data, err := json.Marshal(body)
	if err != nil {
		return 0, fmt.Errorf("outbox: add %s: %w", kind, err)
	}
	if len(data) > MaxBody {
		return 0, fmt.Errorf("outbox: add %s: body of %d bytes, at most %d are allowed", kind, len(data), MaxBody)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return 0, fmt.Errorf("outbox: add %s: %w", kind, err)
	}
	now := o.store.Now()
	err = tx.QueryRow(`INSERT INTO outbox (id, kind, lane, body, boot_id, mono_ms, wall_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
		id.String(), string(kind), LaneOf(kind), string(data), now.BootID, now.Monotonic, now.Wall.UnixMilli()).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("outbox: add %s: %w", kind, err)
	}
	tx.AfterCommit(o.wake)
	return seq, nil
}

func (o *Outbox) wake() {
	select {
	case o.added <- struct{}{}:
	default: // a value waits already
	}
}

// Pending returns the oldest rows that the centre has not acknowledged, at most
// limit, in order and without a gap, dead ones among them.
func (o *Outbox) Pending(ctx context.Context, limit int) ([]Row, error) {
	return o.rows(ctx, "pending", `WHERE seq > (SELECT through FROM outbox_ack) ORDER BY seq LIMIT ?`, limit)
}

// Next returns the rows to deliver next, at most limit: of those that the centre
// has neither acknowledged nor taken, the tickets first, then ratings, then the
// rest, each lane in order. When everything that waits fits into limit, that is
// all of it. Dead rows are among them, to be sent as Withheld: see [Row.Outgoing].
func (o *Outbox) Next(ctx context.Context, sent Sent, limit int) ([]Row, error) {
	return o.rows(ctx, "next", `WHERE seq > (SELECT through FROM outbox_ack)
		AND seq > CASE lane WHEN 1 THEN ? WHEN 2 THEN ? ELSE ? END
		ORDER BY lane, seq LIMIT ?`, sent.Tickets, sent.Ratings, sent.Rest, limit)
}

// Unsent returns the first sequence number, behind the acknowledged ones, that the
// centre has not taken; when there is none, the next one that will be given.
func (o *Outbox) Unsent(ctx context.Context, sent Sent) (seq int64, err error) {
	err = o.store.Read(ctx, "unsent", func(tx *localstore.Tx) error {
		last, err := lastSeq(tx)
		if err != nil {
			return err
		}
		return tx.QueryRow(`SELECT coalesce((SELECT min(seq) FROM outbox WHERE seq > (SELECT through FROM outbox_ack)
			AND seq > CASE lane WHEN 1 THEN ? WHEN 2 THEN ? ELSE ? END), ?)`,
			sent.Tickets, sent.Ratings, sent.Rest, last+1).Scan(&seq)
	})
	if err != nil {
		return 0, fmt.Errorf("outbox: unsent: %w", err)
	}
	return seq, nil
}

// Acked returns the highest acknowledged sequence number.
func (o *Outbox) Acked(ctx context.Context) (through int64, err error) {
	err = o.store.Read(ctx, "acknowledged", func(tx *localstore.Tx) error {
		return tx.QueryRow(`SELECT through FROM outbox_ack`).Scan(&through)
	})
	if err != nil {
		return 0, fmt.Errorf("outbox: acknowledged: %w", err)
	}
	return through, nil
}

// List returns rows for a technician: those in one state, or all with state "",
// behind sequence number after, oldest first, at most limit. Acknowledged rows
// are there until they are purged.
func (o *Outbox) List(ctx context.Context, state State, after int64, limit int) ([]Row, error) {
	return o.rows(ctx, "list", `WHERE (?1 = '' OR state = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3`,
		string(state), after, limit)
}

// Ack records that the centre holds everything up to and including sequence
// number through. Numbers that were acknowledged before, or never given, change
// nothing.
func (o *Outbox) Ack(ctx context.Context, through int64) error {
	return o.store.Write(ctx, "acknowledge", func(tx *localstore.Tx) error {
		var old int64
		if err := tx.QueryRow(`SELECT through FROM outbox_ack`).Scan(&old); err != nil {
			return fmt.Errorf("outbox: acknowledge: %w", err)
		}
		last, err := lastSeq(tx)
		if err != nil {
			return fmt.Errorf("outbox: acknowledge: %w", err)
		}
		through = min(through, last)
		if through <= old {
			return nil
		}
		if _, err := tx.Exec(`UPDATE outbox SET state = 'acked', acked_ms = ?
			WHERE seq > ? AND seq <= ? AND state = 'waiting'`,
			o.store.Now().Wall.UnixMilli(), old, through); err != nil {
			return fmt.Errorf("outbox: acknowledge: %w", err)
		}
		if _, err := tx.Exec(`UPDATE outbox_ack SET through = ?`, through); err != nil {
			return fmt.Errorf("outbox: acknowledge: %w", err)
		}
		return nil
	})
}

// Rewind takes acknowledgements back: the centre holds events only up to
// sequence number through and lost what came after. What is still here is
// delivered again; in place of rows that were purged, Withheld events go, for
// otherwise the centre would wait for them for ever. Dead rows stay dead.
func (o *Outbox) Rewind(ctx context.Context, through int64) error {
	err := o.store.Write(ctx, "rewind", func(tx *localstore.Tx) error {
		var acked int64
		if err := tx.QueryRow(`SELECT through FROM outbox_ack`).Scan(&acked); err != nil {
			return err
		}
		through = max(through, 0)
		if through >= acked {
			return nil
		}
		if err := o.fillPurged(tx, through+1, acked); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE outbox SET state = 'waiting', acked_ms = 0
			WHERE seq > ? AND state = 'acked'`, through); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE outbox_ack SET through = ?`, through)
		return err
	})
	if err != nil {
		return fmt.Errorf("outbox: rewind: %w", err)
	}
	o.wake()
	return nil
}

// fillPurged makes rows for those between from and to that are gone.
func (o *Outbox) fillPurged(tx *localstore.Tx, from, to int64) error {
	now := o.store.Now()
	for seq := from; seq <= to; seq++ {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO outbox (seq, id, kind, lane, body, boot_id, mono_ms, wall_ms)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING`,
			seq, id.String(), string(Withheld), LaneOf(Withheld), `{"reason":"purged"}`, now.BootID, now.Monotonic, now.Wall.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// Refused records that the centre refused the event seq for good, and why. It
// reports whether the event is dead now, which it is after MaxTries times.
func (o *Outbox) Refused(ctx context.Context, seq int64, why string) (dead bool, err error) {
	err = o.store.Write(ctx, "refused", func(tx *localstore.Tx) error {
		var state State
		err := tx.QueryRow(`UPDATE outbox SET tries = tries + 1, last_error = ?,
				state = CASE WHEN tries + 1 >= ? THEN 'dead' ELSE state END
			WHERE seq = ? AND state = 'waiting' RETURNING state`, clip(why), MaxTries, seq).Scan(&state)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil // acknowledged, purged or dead already
		case err != nil:
			return fmt.Errorf("outbox: refused event %d: %w", seq, err)
		}
		dead = state == Dead
		return nil
	})
	return dead, err
}

// Counts is the outbox in figures.
type Counts struct {
	Waiting int // to be delivered, dead ones not counted
	Dead    int
	// Bytes is the size of the bodies of the waiting events.
	Bytes int64
	// Oldest is the age of the oldest waiting event; 0 without one. After a
	// reboot it rests on the wall clock, and is 0 where that went back.
	Oldest time.Duration
	// Last is the highest sequence number ever given, Acked the highest
	// acknowledged one.
	Last, Acked int64
}

// Counts counts.
func (o *Outbox) Counts(ctx context.Context) (c Counts, err error) {
	err = o.store.Read(ctx, "count", func(tx *localstore.Tx) error {
		// What waits lies behind the acknowledged ones, so this reads no old rows.
		err := tx.QueryRow(`SELECT count(*), coalesce(sum(length(CAST(body AS BLOB))), 0),
				(SELECT count(*) FROM outbox WHERE state = 'dead'), (SELECT through FROM outbox_ack)
			FROM outbox WHERE seq > (SELECT through FROM outbox_ack) AND state = 'waiting'`).
			Scan(&c.Waiting, &c.Bytes, &c.Dead, &c.Acked)
		if err != nil {
			return fmt.Errorf("outbox: count: %w", err)
		}
		if c.Last, err = lastSeq(tx); err != nil {
			return fmt.Errorf("outbox: count: %w", err)
		}
		if c.Waiting == 0 {
			return nil
		}
		var at localstore.Moment
		var wall int64
		err = tx.QueryRow(`SELECT boot_id, mono_ms, wall_ms FROM outbox
			WHERE seq > ? AND state = 'waiting' ORDER BY seq LIMIT 1`, c.Acked).
			Scan(&at.BootID, &at.Monotonic, &wall)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("outbox: count: %w", err)
		}
		at.Wall = time.UnixMilli(wall)
		age, _ := o.store.Now().Since(at)
		c.Oldest = max(age, 0)
		return nil
	})
	return c, err
}

// Purge deletes the rows that were acknowledged before the wall clock said
// before, within the caller's transaction, and returns how many. The newest rows
// stay in number order; dead ones stay always.
func (o *Outbox) Purge(tx *localstore.Tx, before time.Time) (int, error) {
	res, err := tx.Exec(`DELETE FROM outbox WHERE state = 'acked' AND acked_ms < ?`, before.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("outbox: purge: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("outbox: purge: %w", err)
	}
	return int(n), nil
}

// standIn is the name space of the ids of events sent in place of dead ones.
var standIn = uuid.MustParse("6f2d3c1e-8a57-4b0e-9d43-5c1f7e2ab9d0")

// Outgoing returns the event as it is to be sent. What goes in place of a dead one
// has an id of its own, the same every time, so that the centre can still be given
// the event itself one day ([uuid.NewSHA1] of the event's id).
func (r Row) Outgoing() centralapi.Event {
	if r.State != Dead {
		return r.Event
	}
	e := r.Event
	body, err := json.Marshal(struct {
		Kind   centralapi.EventKind `json:"kind"`
		Reason string               `json:"reason"`
	}{e.Kind, r.Error})
	if err != nil {
		panic("outbox: two strings without JSON: " + err.Error()) // cannot be
	}
	e.ID = uuid.NewSHA1(standIn, []byte(e.ID)).String()
	e.Kind, e.Body = Withheld, body
	return e
}

func (o *Outbox) rows(ctx context.Context, what, where string, args ...any) (rows []Row, err error) {
	err = o.store.Read(ctx, what, func(tx *localstore.Tx) error {
		rows = nil
		found, err := tx.Query(`SELECT seq, id, kind, lane, body, boot_id, mono_ms, wall_ms, state, tries, last_error, acked_ms
			FROM outbox `+where, args...)
		if err != nil {
			return fmt.Errorf("outbox: %s: %w", what, err)
		}
		defer found.Close()
		for found.Next() {
			var r Row
			var body string
			var wall, acked int64
			e := &r.Event
			if err := found.Scan(&e.Seq, &e.ID, &e.Kind, &r.Lane, &body, &e.BootID, &e.Monotonic, &wall,
				&r.State, &r.Tries, &r.Error, &acked); err != nil {
				return fmt.Errorf("outbox: %s: %w", what, err)
			}
			e.Body, e.Wall = json.RawMessage(body), time.UnixMilli(wall).UTC()
			if acked != 0 {
				r.AckedAt = time.UnixMilli(acked).UTC()
			}
			rows = append(rows, r)
		}
		if err := found.Err(); err != nil {
			return fmt.Errorf("outbox: %s: %w", what, err)
		}
		return nil
	})
	return rows, err
}

// lastSeq returns the highest number ever given, 0 before the first. AUTOINCREMENT
// keeps it (https://www.sqlite.org/autoinc.html), whatever was purged.
func lastSeq(tx *localstore.Tx) (seq int64, err error) {
	err = tx.QueryRow(`SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)`).Scan(&seq)
	return seq, err
}

// clip keeps the beginning of s, at most keptError bytes, in whole characters.
func clip(s string) string {
	if len(s) <= keptError {
		return s
	}
	return strings.ToValidUTF8(s[:keptError], "")
}
