// Package printjournal writes down what the printer is about to do before it
// does it, so that after a crash or a power cut it is known which papers may
// have come out.
//
// Package peripherals keeps the journal while it prints; package kiosk reads it
// when the terminal starts. It never prints and never decides whether something
// is printed again.
//
// # States
//
// An attempt to put a ticket on paper is a job. It goes
//
//	prepared → sending → sent → confirmed
//	                          → unknown
//	         ↘ failed
//
// and ends early from any state before: failed when not a byte was sent, so
// that surely nothing came out, and unknown from sending on. A printer that
// never answers ends every job as unknown. Each step is durable before the next
// thing happens to the paper. A job that the terminal's end has interrupted is
// brought to its end by [Journal.Recover], by the same rule.
//
// # Never twice unmarked
//
// [Journal.Begin] refuses to print a ticket unmarked (without 补打) once another
// job of it may have put paper out, whoever asks for it.
//
// # Why rows of its own
//
// A row of package ticketing says what became of a ticket's first paper; a
// ticket may have several jobs, and whether a job had begun to be sent decides
// after a crash between "nothing came out" and "nobody knows". The rows lie in
// the terminal's one file, by the same durable transactions, and hold nothing
// personal.
package printjournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hallkiosk/app/kiosk/internal/localstore"
)

// State is how far a job has come. The values are stored; never change one.
type State string

// The states, in their order. The last three are final.
const (
	Prepared  State = "prepared"  // written down; the printer is being asked whether it is well
	Sending   State = "sending"   // the next thing to happen is the first byte
	Sent      State = "sent"      // all bytes have left; the printer has not confirmed
	Confirmed State = "confirmed" // the paper is out
	Failed    State = "failed"    // surely nothing came out
	Unknown   State = "unknown"   // paper may have come out, whole or in part
)

// before are the one or two states from which s may be reached.
func (s State) before() (a, b State, ok bool) {
	switch s {
	case Sending, Failed:
		return Prepared, Prepared, true
	case Sent:
		return Sending, Sending, true
	case Confirmed:
		return Sent, Sent, true
	case Unknown:
		return Sending, Sent, true
	}
	return "", "", false
}

var (
	// ErrMustBeCopy: paper of this ticket may be out already, so another one
	// must be marked 补打. Nothing was written.
	ErrMustBeCopy = errors.New("printjournal: paper of this ticket may be out: print it marked as a copy")
	// ErrOrder: the job is not in a state from which the new one can be reached.
	// Nothing was written.
	ErrOrder = errors.New("printjournal: a job cannot go to this state now")
)

// Job names one job.
type Job int64

// Store keeps the rows. Satisfied by *localstore.Store.
type Store interface {
	Write(ctx context.Context, what string, f func(*localstore.Tx) error) error
	Read(ctx context.Context, what string, f func(*localstore.Tx) error) error
	Now() localstore.Moment
}

// Journal is the journal in the terminal's file. It is safe for concurrent use.
type Journal struct{ store Store }

// New returns the journal in store. Call Recover before the first Begin.
func New(store Store) *Journal { return &Journal{store: store} }

// Begin writes down that a ticket is about to be printed. isCopy says that the
// paper is marked 补打, bytes is the length of the job. It is durable when Begin
// returns. Errors: ErrMustBeCopy, or the store's.
func (j *Journal) Begin(ctx context.Context, ticketID string, isCopy bool, bytes int) (Job, error) {
	var job int64
	err := j.store.Write(ctx, "print begin", func(tx *localstore.Tx) error {
		if !isCopy {
			var n int
			err := tx.QueryRow(`SELECT count(*) FROM print_job WHERE ticket_id = ? AND state <> ?`, ticketID, string(Failed)).Scan(&n)
			if err != nil {
				return err
			}
			if n > 0 {
				return ErrMustBeCopy
			}
		}
		now := j.store.Now()
		res, err := tx.Exec(`INSERT INTO print_job (ticket_id, copy, bytes, state, boot_id, mono_ms, wall_ms)
			VALUES (?, ?, ?, ?, ?, ?, ?)`,
			ticketID, isCopy, bytes, string(Prepared), now.BootID, now.Monotonic, now.Wall.UnixMilli())
		if err != nil {
			return err
		}
		job, err = res.LastInsertId()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("printjournal: begin: %w", err)
	}
	return Job(job), nil
}

// Mark brings a job to its next state; fault is a stable code of what ended it
// (escpos.Code…), or "". It is durable when Mark returns. Errors: ErrOrder, or
// the store's.
func (j *Journal) Mark(ctx context.Context, job Job, s State, fault string) error {
	a, b, ok := s.before()
	if !ok {
		return fmt.Errorf("printjournal: mark %q: %w", s, ErrOrder)
	}
	err := j.store.Write(ctx, "print "+string(s), func(tx *localstore.Tx) error {
		return changed(tx.Exec(`UPDATE print_job SET state = ?, fault = ? WHERE id = ? AND state IN (?, ?)`,
			string(s), fault, int64(job), string(a), string(b)))
	})
	if err != nil {
		return fmt.Errorf("printjournal: mark %q: %w", s, err)
	}
	return nil
}

func changed(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		err = ErrOrder
	}
	return err
}

// An Entry is one job as it is written down.
type Entry struct {
	Job      Job
	TicketID string
	Copy     bool
	Bytes    int
	State    State
	Fault    string
	// Begun is when, by the terminal's wall clock.
	Begun time.Time
}

const entryColumns = `SELECT id, ticket_id, copy, bytes, state, fault, wall_ms FROM print_job `

func entries(tx *localstore.Tx, where string, args ...any) ([]Entry, error) {
	rows, err := tx.Query(entryColumns+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Entry
	for rows.Next() {
		var e Entry
		var wall int64
		if err := rows.Scan(&e.Job, &e.TicketID, &e.Copy, &e.Bytes, &e.State, &e.Fault, &wall); err != nil {
			return nil, err
		}
		e.Begun = time.UnixMilli(wall).UTC()
		all = append(all, e)
	}
	return all, rows.Err()
}

// Recovery is what the last run of the program left.
type Recovery struct {
	// Ended are the jobs that its end had interrupted, as they are now.
	Ended []Entry
	// Residue: the last job that was sent is unknown. Half a ticket may hang out
	// of the printer or wait in it (peripherals.Printer.Residue).
	Residue bool
}

// Recover ends the jobs that the end of the program has interrupted: failed when
// nothing had been sent, unknown otherwise. Call it once, before the first Begin.
func (j *Journal) Recover(ctx context.Context) (Recovery, error) {
	var r Recovery
	err := j.store.Write(ctx, "print recover", func(tx *localstore.Tx) error {
		r = Recovery{}
		var err error
		if r.Ended, err = entries(tx, `WHERE state IN (?, ?, ?)`, string(Prepared), string(Sending), string(Sent)); err != nil {
			return err
		}
		for i := range r.Ended {
			e := &r.Ended[i]
			end := Unknown
			if e.State == Prepared {
				end = Failed
			}
			e.State, e.Fault = end, Interrupted
			if err := changed(tx.Exec(`UPDATE print_job SET state = ?, fault = ? WHERE id = ?`,
				string(end), Interrupted, int64(e.Job))); err != nil {
				return err
			}
		}
		// Not only of the jobs just ended: one that a stuck blade had stopped may
		// still hang there.
		var last, fault string
		err = tx.QueryRow(`SELECT state, fault FROM print_job WHERE state <> ? ORDER BY id DESC LIMIT 1`, string(Failed)).Scan(&last, &fault)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		r.Residue = State(last) == Unknown && fault != Unconfirmed
		return err
	})
	if err != nil {
		return Recovery{}, fmt.Errorf("printjournal: recover: %w", err)
	}
	return r, nil
}

// Faults that are not the printer's.
const (
	// Interrupted: the end of the program has cut the job off.
	Interrupted = "interrupted"
	// Unconfirmed: the printer never says what became of a job.
	Unconfirmed = "unconfirmed"
)

// Jobs returns all jobs of a ticket, the oldest first.
func (j *Journal) Jobs(ctx context.Context, ticketID string) ([]Entry, error) {
	var all []Entry
	err := j.store.Read(ctx, "print jobs", func(tx *localstore.Tx) (err error) {
		all, err = entries(tx, `WHERE ticket_id = ?`, ticketID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("printjournal: jobs: %w", err)
	}
	return all, nil
}

// Purge deletes finished jobs that began before t, by the terminal's wall
// clock, in the caller's transaction, and returns how many. A ticket must be
// gone, or never printed again, by then: without its jobs Begin knows of no
// paper.
func (j *Journal) Purge(tx *localstore.Tx, t time.Time) (int, error) {
	res, err := tx.Exec(`DELETE FROM print_job WHERE wall_ms < ? AND state IN (?, ?, ?)`,
		t.UnixMilli(), string(Confirmed), string(Failed), string(Unknown))
	if err != nil {
		return 0, fmt.Errorf("printjournal: purge: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
