package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hallkiosk/app/internal/sqlitefile"
)

// Tx is one transaction: a consistent state to read, and in a Write the place to
// change it. It is valid until the function it was given to returns, and for one
// goroutine.
type Tx struct {
	ctx      context.Context
	prepare  func(query string) (*sql.Stmt, error)
	writable bool
}

// Nested runs fn so that, when it fails, nothing of it is kept while the rest of
// the transaction goes on. It does not nest in itself.
func (t *Tx) Nested(fn func() error) error {
	if _, err := t.exec("SAVEPOINT part"); err != nil {
		return err
	}
	err := fn()
	if err != nil {
		if EndsTransaction(err) {
			return err // the whole transaction is lost; the writer deals with it
		}
		if _, err := t.exec("ROLLBACK TO part"); err != nil {
			return err
		}
	}
	if _, e := t.exec("RELEASE part"); e != nil {
		return e
	}
	return err
}

// EndsTransaction reports whether err means that the transaction is lost as a
// whole (disk full, I/O error, database held by another program). A function
// given to Write or Nested must pass such an error on.
func EndsTransaction(err error) bool {
	c := sqlitefile.Classify(err)
	return c != sqlitefile.None && c != sqlitefile.Statement
}

func (t *Tx) exec(query string, args ...any) (int64, error) {
	if !t.writable {
		return 0, errors.New("store: write in a read transaction")
	}
	stmt, err := t.prepare(query)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	res, err := stmt.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return n, nil
}

// one scans the first row; found is false when there is none.
func (t *Tx) one(dest []any, query string, args ...any) (found bool, err error) {
	stmt, err := t.prepare(query)
	if err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	err = stmt.QueryRowContext(t.ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	return true, nil
}

// scanner is what sql.Row and sql.Rows share.
type scanner interface{ Scan(dest ...any) error }

// all reads every row with read.
func all[T any](t *Tx, read func(scanner) (T, error), query string, args ...any) ([]T, error) {
	stmt, err := t.prepare(query)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	rows, err := stmt.QueryContext(t.ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := read(rows)
		if err != nil {
			return nil, fmt.Errorf("store: row: %w", err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return out, nil
}

// Times are kept as microseconds since 1970, 0 = never.

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Probe reads one row: the database answers.
func (t *Tx) Probe() error {
	var n int
	_, err := t.one([]any{&n}, "SELECT count(*) FROM (SELECT 1 FROM terminal LIMIT 1)")
	return err
}
