package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"hallkiosk/app/internal/failpoint"
	"hallkiosk/app/internal/sqlitefile"
)

// job is one call of Write.
type job struct {
	hall     string
	fn       func(*Tx) error
	patient  bool        // may take as long as it needs
	taken    atomic.Bool // by the writer, or by a caller who has given up
	answered chan error  // buffered: the writer never waits
}

// call runs fn; a panic becomes its error.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = recovered(p)
		}
	}()
	return fn(tx)
}

// writer is the one connection that writes, with its prepared statements. Only
// the writer goroutine uses it.
type writer struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	tx    *Tx
}

func newWriter(conn *sql.Conn) *writer {
	w := &writer{conn: conn, stmts: map[string]*sql.Stmt{}}
	// Not the caller's context: a cancelled statement makes SQLite roll back the
	// whole transaction, and with it the writes of everybody else in the group.
	w.tx = &Tx{ctx: context.Background(), db: w, d: inSQLite, writable: true, cursors: map[string]int64{}}
	return w
}

func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	s, err := w.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (w *writer) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	s, err := w.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (w *writer) do(query string) error {
	_, err := w.tx.exec(query)
	return err
}

func (w *writer) close() error { return errors.Join(w.forget(), w.conn.Close()) }

// forget closes the prepared statements.
func (w *writer) forget() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	clear(w.stmts)
	return errors.Join(errs...)
}

// writeLoop carries out jobs until the store is closed or dead.
func (e *sqliteEngine) writeLoop() {
	defer close(e.done)
	idle := time.NewTimer(idleTidying)
	defer idle.Stop()
	group := make([]*job, 0, e.maxGroup)
	for groups := 1; ; groups++ {
		var first *job
		select {
		case first = <-e.jobs:
		case <-idle.C:
			e.tidy()
			continue // the timer stays off until the next write
		case <-e.s.quit:
			return
		}
		group = append(group[:0], first)
	more:
		for len(group) < e.maxGroup {
			select {
			case j := <-e.jobs:
				group = append(group, j)
			default:
				break more
			}
		}
		e.writeGroup(group)
		clear(group)
		if e.s.Err() != nil {
			return
		}
		idle.Reset(idleTidying)
		if groups%foldAfter == 0 {
			select {
			case e.fold <- struct{}{}:
			default: // it is at it
			}
		}
	}
}

// foldLoop folds the write-ahead log back while the writer works, as far as readers
// let it. A connection of the readers' pool does: query_only does not keep it from
// that (https://www.sqlite.org/pragma.html#pragma_query_only).
func (e *sqliteEngine) foldLoop() {
	defer close(e.folded)
	for range e.fold {
		var busy, pages, done int
		err := failpoint.Hit("store.before-checkpoint")
		if err == nil {
			err = e.file.Reader.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &done)
		}
		e.checkpointed(err)
	}
}

// writeGroup runs the jobs in one transaction and answers them all after its
// commit: an answer given earlier could speak of rows that are never stored.
func (e *sqliteEngine) writeGroup(group []*job) {
	answers := make([]error, len(group))
	begun := make([]bool, len(group))
	grown := map[string]int64{} // cursors of the halls whose ledgers have grown
	err := e.w.do("BEGIN IMMEDIATE")
	if err == nil {
		e.w.tx.forget()
		for i, j := range group {
			if !j.taken.CompareAndSwap(false, true) {
				continue // its caller has gone
			}
			begun[i] = true
			if answers[i], err = e.w.run(j, grown, len(group) == 1); err != nil {
				break
			}
		}
		switch {
		case err != nil:
		case len(group) == 1 && answers[0] != nil:
			err = e.w.do("ROLLBACK") // that was its savepoint
		default:
			err = e.w.commit()
		}
		if err != nil {
			// SQLite may have rolled back already; then this fails and that is fine.
			_ = e.w.do("ROLLBACK")
		}
	}
	if err != nil {
		err = e.groupError(err)
	} else {
		for hall, n := range grown {
			e.s.feed.put(hall, n)
		}
	}
	for i, j := range group {
		switch {
		case err != nil && (begun[i] || j.taken.CompareAndSwap(false, true)):
			j.answered <- err
		case begun[i]:
			j.answered <- answers[i]
		}
	}
}

func (w *writer) commit() error {
	if err := failpoint.Hit("store.before-commit"); err != nil {
		return err
	}
	if err := w.do("COMMIT"); err != nil {
		return err
	}
	return failpoint.Hit("store.after-commit")
}

// run runs one job in its savepoint and notes how far its hall's ledger has grown.
// One that is alone in its transaction needs no savepoint: when it fails, the
// transaction is rolled back; SQLite would write down a copy of every page for it.
// The first result is the job's own error, the second one ends the whole group.
func (w *writer) run(j *job, grown map[string]int64, alone bool) (own, group error) {
	if !alone {
		if err := w.do("SAVEPOINT job"); err != nil {
			return nil, err
		}
	}
	w.tx.hall, w.tx.changed = j.hall, false
	own = call(j.fn, w.tx)
	if own == nil {
		if w.tx.changed {
			n, err := w.tx.Cursor(j.hall)
			if err != nil {
				return nil, err
			}
			grown[j.hall] = n
		}
		if !alone {
			if err := w.do("RELEASE SAVEPOINT job"); err != nil {
				return nil, err
			}
		}
		return nil, failpoint.Hit("store.job-done")
	}
	if EndsTransaction(own) {
		return own, own
	}
	w.tx.forget()
	if alone {
		return own, nil
	}
	if err := w.do("ROLLBACK TO SAVEPOINT job"); err != nil {
		return own, err
	}
	return own, w.do("RELEASE SAVEPOINT job")
}

// groupError turns what ended a transaction into what its callers are told, and
// kills the store when the disk cannot be trusted any more.
func (e *sqliteEngine) groupError(err error) error {
	switch sqlitefile.Classify(err) {
	case sqlitefile.Full:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlitefile.Busy:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	// Whatever else can end a transaction is not understood well enough to go on.
	return e.s.die(err)
}

// tidy folds the write-ahead log back into the database after a quiet minute, so
// that it does not keep the size of the busiest hour.
func (e *sqliteEngine) tidy() {
	err := failpoint.Hit("store.before-checkpoint")
	if err == nil {
		err = e.w.do("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	e.checkpointed(err)
}

// checkpointed kills the store when folding back says that the disk cannot be
// trusted any more.
func (e *sqliteEngine) checkpointed(err error) {
	switch {
	case err == nil:
	case fatal(err):
		e.s.die(err)
	default:
		e.s.log.Warn("store: checkpoint", "error", err)
	}
}
