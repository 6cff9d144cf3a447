package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"hallkiosk/app/internal/sqlitefile"
)

// job is one call of Write.
type job struct {
	fn       func(*Tx) error
	taken    atomic.Bool // by the writer, or by a caller who has given up
	answered chan error  // buffered: the writer never waits
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
	w.tx = &Tx{ctx: context.Background(), prepare: w.stmt, writable: true}
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

func (w *writer) exec(query string) error {
	_, err := w.tx.exec(query)
	return err
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// writeLoop carries out jobs until the store is closed or dead.
func (s *Store) writeLoop() {
	defer close(s.done)
	idle := time.NewTimer(idleTidying)
	defer idle.Stop()
	group := make([]*job, 0, maxGroup)
	for {
		var first *job
		select {
		case first = <-s.jobs:
		case <-idle.C:
			s.tidy()
			continue // the timer stays off until the next write
		case <-s.quit:
			return
		}
		group = append(group[:0], first)
	more:
		for len(group) < maxGroup {
			select {
			case j := <-s.jobs:
				group = append(group, j)
			default:
				break more
			}
		}
		s.writeGroup(group)
		clear(group)
		if s.Err() != nil {
			return
		}
		idle.Reset(idleTidying)
	}
}

// writeGroup runs the jobs in one transaction and answers them all after its
// commit: an answer given earlier could speak of rows that are never stored.
func (s *Store) writeGroup(group []*job) {
	answers := make([]error, len(group))
	begun := make([]bool, len(group))
	err := s.w.exec("BEGIN IMMEDIATE")
	if err == nil {
		for i, j := range group {
			if !j.taken.CompareAndSwap(false, true) {
				continue // its caller has gone
			}
			begun[i] = true
			if answers[i], err = s.w.run(j.fn); err != nil {
				break
			}
		}
		if err == nil {
			err = s.w.exec("COMMIT")
		}
		if err != nil {
			// SQLite may have rolled back already; then this fails and that is fine.
			_ = s.w.exec("ROLLBACK")
		}
	}
	if err != nil {
		err = s.groupError(err)
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

// run runs one job in its savepoint. The first result is the job's own error,
// the second one ends the whole group.
func (w *writer) run(fn func(*Tx) error) (own, group error) {
	if err := w.exec("SAVEPOINT job"); err != nil {
		return nil, err
	}
	own = call(fn, w.tx)
	if own == nil {
		return nil, w.exec("RELEASE job")
	}
	if EndsTransaction(own) {
		return own, own
	}
	if err := w.exec("ROLLBACK TO job"); err != nil {
		return own, err
	}
	return own, w.exec("RELEASE job")
}

func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = recovered(p)
		}
	}()
	return fn(tx)
}

// groupError turns what ended a transaction into what its callers are told, and
// kills the store when the disk cannot be trusted any more.
func (s *Store) groupError(err error) error {
	switch sqlitefile.Classify(err) {
	case sqlitefile.Full:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlitefile.Busy:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	// Whatever else can end a transaction is not understood well enough to go on.
	return s.die(err)
}

// tidy folds the write-ahead log back into the database after a quiet minute, so
// that it does not keep the size of the busiest hour.
func (s *Store) tidy() {
	if err := s.w.exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		if fatal(err) {
			s.die(err)
			return
		}
		s.log.Warn("store: checkpoint", "error", err)
	}
}
