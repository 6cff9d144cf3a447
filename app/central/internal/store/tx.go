package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Tx is one transaction: a consistent state to read, and in a Write the place to
// change it. It is valid until the function it was given to returns, and for one
// goroutine.
type Tx struct {
	ctx      context.Context
	db       runner
	d        dialect
	writable bool
	hall     string           // the only one that may be written
	cursors  map[string]int64 // of halls whose cursor is known; nil in a Read
	changed  bool             // the ledger has grown
	gather   *gathering       // nil outside of Gather
}

// runner carries out statements in the transaction.
type runner interface {
	exec(ctx context.Context, query string, args []any) (sql.Result, error)
	query(ctx context.Context, query string, args []any) (*sql.Rows, error)
}

// Nested runs fn so that, when it fails, nothing of it is kept while the rest of
// the transaction goes on. It does not nest in itself.
func (t *Tx) Nested(fn func() error) error {
	if t.gather != nil {
		return t.gather.nested(fn)
	}
	if _, err := t.exec("SAVEPOINT part"); err != nil {
		return err
	}
	err := fn()
	if err != nil {
		if EndsTransaction(err) {
			return err // the whole transaction is lost; the writer deals with it
		}
		t.forget()
		if _, err := t.exec("ROLLBACK TO SAVEPOINT part"); err != nil {
			return err
		}
	}
	if _, e := t.exec("RELEASE SAVEPOINT part"); e != nil {
		return e
	}
	return err
}

// forget drops what was remembered of rows that are rolled back.
func (t *Tx) forget() { clear(t.cursors) }

func (t *Tx) exec(query string, args ...any) (int64, error) {
	if !t.writable {
		return 0, errReadOnly
	}
	if err := t.flush(); err != nil {
		return 0, err
	}
	if t.gather != nil {
		t.gather.writes++
	}
	res, err := t.db.exec(t.ctx, t.d.text(query), sound(args))
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
	if err := t.flush(); err != nil {
		return false, err
	}
	rows, err := t.db.query(t.ctx, t.d.text(query), sound(args))
	if err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		found = true
		if err := rows.Scan(dest...); err != nil {
			return false, fmt.Errorf("store: row: %w", err)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	return found, nil
}

// scanner is what reads a row.
type scanner interface{ Scan(dest ...any) error }

// all reads every row with read.
func all[T any](t *Tx, read func(scanner) (T, error), query string, args ...any) ([]T, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	rows, err := t.db.query(t.ctx, t.d.text(query), sound(args))
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

// sound replaces what PostgreSQL cannot keep in a text, broken UTF-8 and the
// character NUL, on both databases alike: else one malformed event could hold up
// its terminal on one of them.
func sound(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			if !isSound(v) {
				args[i] = makeSound(v)
			}
		case []string:
			if slices.ContainsFunc(v, func(s string) bool { return !isSound(s) }) {
				v = slices.Clone(v)
				for n := range v {
					v[n] = makeSound(v[n])
				}
				args[i] = v
			}
		}
	}
	return args
}

func isSound(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

func makeSound(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
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
	_, err := t.one([]any{&n}, "SELECT count(*) FROM (SELECT 1 FROM terminal LIMIT 1) AS one_row")
	return err
}
