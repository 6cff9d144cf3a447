package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"hallkiosk/app/internal/failpoint"
)

// pgWriter runs the statements of one write transaction.
type pgWriter struct {
	conn *sql.Conn
	raw  *pgx.Conn // the same connection, for what database/sql cannot say
}

func (w pgWriter) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	res, err := w.conn.ExecContext(ctx, query, args...)
	return res, w.mark(err)
}

func (w pgWriter) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	rows, err := w.conn.QueryContext(ctx, query, args...)
	return rows, w.mark(err)
}

// mark tells errors of the transaction from errors of a statement.
func (w pgWriter) mark(err error) error {
	if err == nil {
		return nil
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if ok && endsTransactionPG(pg) || !ok && w.raw.IsClosed() {
		return fmt.Errorf("%w: %w", errTransactionLost, err)
	}
	return err
}

// do runs statements without parameters, several in one round trip.
func (w pgWriter) do(ctx context.Context, statements string) error {
	_, err := w.raw.Exec(ctx, statements)
	return w.mark(err)
}

// outcome is what became of a transaction.
type outcome int

const (
	undone  outcome = iota // nothing of it was kept, and trying again is right
	refused                // nothing of it was kept, and trying again is of no use
	kept                   // it was committed
	unknown                // the answer to the commit was lost
)

// writeGroup runs the jobs in one transaction and answers them all after it.
func (e *pgEngine) writeGroup(hall string, group []*job) {
	present := make([]*job, 0, len(group))
	patient := false
	for _, j := range group {
		if j.taken.CompareAndSwap(false, true) { // else its caller has gone
			present = append(present, j)
			patient = patient || j.patient
		}
	}
	if len(present) == 0 {
		return
	}
	answers := make([]error, len(present))
	var what outcome
	var cursor int64
	var err error
	for n := 0; n < attempts && what == undone; n++ {
		clear(answers)
		what, cursor, err = e.try(hall, present, answers, patient)
	}
	switch what {
	case kept:
		if cursor > 0 {
			e.s.feed.put(hall, cursor)
			e.news.put(hall, cursor)
		}
	case unknown:
		err = fmt.Errorf("%w: %w", ErrUnknown, err)
	default:
		err = explainPG(err)
	}
	for i, j := range present {
		if what != kept {
			answers[i] = err
		}
		j.answered <- answers[i]
	}
}

// explainPG says in words of this package why nothing was kept.
func explainPG(err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "53100":
			return fmt.Errorf("%w: %w", ErrFull, err)
		case "55P03":
			return fmt.Errorf("%w: %w", ErrBusy, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// try runs the jobs in one transaction, once. cursor is the hall's when its ledger
// has grown, else 0.
func (e *pgEngine) try(hall string, jobs []*job, answers []error, patient bool) (what outcome, cursor int64, err error) {
	// Not the callers' contexts: one who leaves must not end the others' writes.
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if !patient {
		ctx, cancel = context.WithTimeout(ctx, groupTime)
	}
	defer cancel()
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return undone, 0, err
	}
	defer conn.Close() // a broken one is not used again
	w := pgWriter{conn: conn}
	if err := conn.Raw(func(c any) error {
		w.raw = c.(*stdlib.Conn).Conn() // ours alone until conn is closed
		return nil
	}); err != nil {
		return undone, 0, err
	}
	defer func() {
		if what != kept && !w.raw.IsClosed() {
			// The connection may be what is wrong: a failed roll-back closes it.
			if _, err := w.raw.Exec(ctx, "ROLLBACK"); err != nil {
				_ = w.raw.Close(ctx)
			}
		}
	}()
	// READ COMMITTED: every statement sees what was committed before the lock was
	// ours.
	begin := fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(%d, %d)", lockClass, hallLock(hall))
	if err := w.do(ctx, begin); err != nil {
		return retryable(err), 0, err
	}
	tx := &Tx{ctx: ctx, db: w, d: inPostgres, writable: true, hall: hall, cursors: map[string]int64{}}
	grown := false
	for i, j := range jobs {
		if err := w.do(ctx, "SAVEPOINT job"); err != nil {
			return retryable(err), 0, err
		}
		tx.changed = false
		answers[i] = call(j.fn, tx)
		if answers[i] == nil && w.raw.PgConn().TxStatus() == 'E' {
			answers[i] = errors.New("store: a statement of a write failed and its error was not passed on")
		}
		after := "RELEASE SAVEPOINT job"
		if answers[i] != nil {
			if EndsTransaction(answers[i]) || w.raw.IsClosed() {
				return retryable(answers[i]), 0, answers[i]
			}
			tx.forget()
			after = "ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job"
		} else {
			grown = grown || tx.changed
		}
		if err := w.do(ctx, after); err != nil {
			return retryable(err), 0, err
		}
		if err := failpoint.Hit("store.job-done"); err != nil {
			return refused, 0, err
		}
	}
	if grown {
		if cursor, err = tx.Cursor(hall); err != nil {
			return retryable(err), 0, err
		}
	}
	if err := failpoint.Hit("store.before-commit"); err != nil {
		return refused, 0, err
	}
	tag, err := w.raw.Exec(ctx, "COMMIT")
	if err != nil {
		return afterCommit(err), 0, err
	}
	if !strings.EqualFold(tag.String(), "COMMIT") {
		// A transaction that had failed is answered with ROLLBACK and no error.
		return refused, 0, fmt.Errorf("commit was answered with %s", tag)
	}
	if err := failpoint.Hit("store.after-commit"); err != nil {
		return unknown, 0, err
	}
	return kept, cursor, nil
}

// retryable says whether a transaction that failed before its commit is worth
// another try: all are whose end was not about what they contain.
func retryable(err error) outcome {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch class(pg) {
		case "40", "08", "57":
			if pg.Code != "57014" { // cancelled because it took too long
				return undone
			}
		}
		return refused
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return refused // its time is over
	}
	return undone
}

// afterCommit says what an error in answer to COMMIT means.
func afterCommit(err error) outcome {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || pg.Severity == "FATAL" || pg.Severity == "PANIC" {
		return unknown
	}
	switch class(pg) {
	case "", "08", "57", "58", "XX":
		return unknown
	}
	return retryable(err)
}
