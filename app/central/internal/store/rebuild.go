package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Report is what Rebuild has found.
type Report struct {
	Hall        string
	Entries     int64            // lines of the ledger
	Rows        map[string]int64 // rows that follow from it, by table
	Differences []Difference     // the first hundred
	More        int              // differences besides
	Replaced    bool             // the live rows are now what the ledger says
}

// Difference is a row of a projection that is not what the ledger says.
type Difference struct {
	Table  string
	Key    string // of the row, without the hall, parts separated by a space
	Column string // "" = the whole row
	Live   string // as it is, "" for a row that is missing
	Ledger string // as it follows from the ledger, "" for a row that must not be there
}

// String is one line for people.
func (d Difference) String() string {
	switch {
	case d.Column != "":
		return fmt.Sprintf("%s %s: %s is %q, the ledger says %q", d.Table, d.Key, d.Column, d.Live, d.Ledger)
	case d.Live == "":
		return fmt.Sprintf("%s %s is missing", d.Table, d.Key)
	}
	return fmt.Sprintf("%s %s is not in the ledger", d.Table, d.Key)
}

const (
	maxDifferences = 100
	foldStep       = 500        // lines of the ledger read at a time
	shadow         = "rebuild_" // names of the tables made beside the live ones
)

// errCheckOnly rolls a check back.
var errCheckOnly = errors.New("store: check only")

// Rebuild makes the hall's projections anew from its ledger, beside the live ones,
// compares them row by row and reports what differs; unless check is set it then
// replaces the live rows, in the same transaction. Writes of the hall (on SQLite: of
// all halls) wait meanwhile, a second for some ten thousand lines. It fails, and
// changes nothing, when the ledger itself has a gap or a line that is not
// understood. Package queue's rules are not asked: the ledger says what happened.
func (s *Store) Rebuild(ctx context.Context, hall string, check bool) (Report, error) {
	if err := s.over(); err != nil {
		return Report{}, err
	}
	var r Report
	j := &job{hall: hall, patient: true, answered: make(chan error, 1), fn: func(tx *Tx) error {
		r = Report{Hall: hall, Rows: map[string]int64{}}
		if err := tx.rebuild(ctx, hall, check, &r); err != nil {
			return err
		}
		if check {
			return errCheckOnly
		}
		return nil
	}}
	err := s.engine.submit(ctx, j)
	if err != nil && !errors.Is(err, errCheckOnly) {
		return Report{}, fmt.Errorf("store: rebuild of hall %s: %w", hall, err)
	}
	return r, nil
}

func (t *Tx) rebuild(ctx context.Context, hall string, check bool, r *Report) error {
	// Statements about tables that will not stay are not kept.
	plain := *t
	if w, ok := t.db.(*writer); ok {
		own := &writer{conn: w.conn, stmts: map[string]*sql.Stmt{}}
		defer own.forget()
		plain.db = own
	}
	t = &plain
	for _, p := range projections {
		if err := t.makeShadow(p); err != nil {
			return err
		}
	}
	if err := t.fold(ctx, hall, r); err != nil {
		return err
	}
	for _, p := range projections {
		if err := t.compare(hall, p, r); err != nil {
			return err
		}
	}
	for _, p := range projections {
		if !check && len(r.Differences) > 0 {
			if _, err := t.exec("DELETE FROM "+p.name+" WHERE hall = ?", hall); err != nil {
				return err
			}
			if _, err := t.exec("INSERT INTO " + p.name + " (" + p.names() + ") SELECT " + p.names() + " FROM " + shadow + p.name); err != nil {
				return err
			}
			r.Replaced = true
		}
		if _, err := t.exec("DROP TABLE " + shadow + p.name); err != nil {
			return err
		}
	}
	return nil
}

// makeShadow makes an empty table like a projection's, in this transaction.
func (t *Tx) makeShadow(p table) error {
	if t.d == inPostgres {
		_, err := t.exec("CREATE TEMPORARY TABLE " + shadow + p.name + " (LIKE " + p.name + " INCLUDING ALL) ON COMMIT DROP")
		return err
	}
	var text string
	if _, err := t.one([]any{&text}, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", p.name); err != nil {
		return err
	}
	rest, ok := strings.CutPrefix(text, "CREATE TABLE "+p.name)
	if !ok {
		return fmt.Errorf("store: definition of table %s: %q", p.name, text)
	}
	_, err := t.exec("CREATE TABLE " + shadow + p.name + rest)
	return err
}

// fold applies the whole ledger to the shadow tables.
func (t *Tx) fold(ctx context.Context, hall string, r *Report) error {
	beside := projection{shadow}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := t.LogSince(hall, r.Entries, foldStep)
		if err != nil || len(entries) == 0 {
			return err
		}
		facts := make([]fact, len(entries))
		for i, e := range entries {
			r.Entries++
			if e.N != r.Entries {
				return fmt.Errorf("the ledger is damaged: line %d is missing", r.Entries)
			}
			if facts[i], err = decodeFact(hall, e.Fact); err != nil {
				return fmt.Errorf("the ledger is damaged: line %d: %w", e.N, err)
			}
		}
		if err := beside.apply(t, hall, entries, facts); err != nil {
			return fmt.Errorf("lines %d to %d: %w", entries[0].N, r.Entries, err)
		}
	}
}

// compare adds to the report what differs between the live rows of the hall and
// the shadow ones.
func (t *Tx) compare(hall string, p table, r *Report) error {
	var n int64
	if _, err := t.one([]any{&n}, "SELECT count(*) FROM "+shadow+p.name); err != nil {
		return err
	}
	r.Rows[p.name] = n
	live := "SELECT " + p.names() + " FROM " + p.name + " WHERE hall = ?"
	made := "SELECT " + p.names() + " FROM " + shadow + p.name
	order := " ORDER BY " + p.keyNames()
	have, err := all(t, p.readRow, live+" EXCEPT "+made+order, hall)
	if err != nil {
		return err
	}
	want, err := all(t, p.readRow, made+" EXCEPT "+live+order, hall)
	if err != nil {
		return err
	}
	others := make(map[string][]string, len(want))
	for _, w := range want {
		others[p.key(w)] = w
	}
	for _, h := range have {
		key := p.key(h)
		w, ok := others[key]
		if !ok {
			r.add(Difference{Table: p.name, Key: key, Live: strings.Join(h, " ")})
			continue
		}
		delete(others, key)
		for i, c := range p.columns {
			if h[i] != w[i] {
				r.add(Difference{Table: p.name, Key: key, Column: c.name, Live: h[i], Ledger: w[i]})
			}
		}
	}
	for _, w := range want {
		if key := p.key(w); others[key] != nil {
			r.add(Difference{Table: p.name, Key: key, Ledger: strings.Join(w, " ")})
		}
	}
	return nil
}

func (r *Report) add(d Difference) {
	if len(r.Differences) == maxDifferences {
		r.More++
		return
	}
	r.Differences = append(r.Differences, d)
}

func (s table) keyNames() string {
	var out []string
	for _, c := range s.columns[:s.keys] {
		out = append(out, c.name)
	}
	return strings.Join(out, ", ")
}

func (s table) key(values []string) string { return strings.Join(values[1:s.keys], " ") }

// readRow reads a row as text, for comparing.
func (s table) readRow(from scanner) ([]string, error) {
	dest := make([]any, len(s.columns))
	for i, c := range s.columns {
		switch c.kind {
		case text:
			dest[i] = new(string)
		case num:
			dest[i] = new(int64)
		case flag:
			dest[i] = new(bool)
		case blob:
			dest[i] = new([]byte)
		}
	}
	if err := from.Scan(dest...); err != nil {
		return nil, err
	}
	out := make([]string, len(dest))
	for i, d := range dest {
		switch v := d.(type) {
		case *string:
			out[i] = *v
		case *int64:
			out[i] = fmt.Sprint(*v)
		case *bool:
			out[i] = fmt.Sprint(*v)
		case *[]byte:
			out[i] = hex.EncodeToString(*v)
		}
	}
	return out, nil
}

// Halls returns the halls that have a ledger.
func (t *Tx) Halls() ([]string, error) {
	cursors, err := t.allCursors()
	var out []string
	for _, c := range cursors {
		out = append(out, c.Hall)
	}
	return out, err
}

// allCursors returns the cursor of every hall, jumping from hall to hall in the
// ledger's key: its time grows with the halls and not with the lines.
func (t *Tx) allCursors() ([]Change, error) {
	return all(t, func(s scanner) (c Change, err error) { err = s.Scan(&c.Hall, &c.Cursor); return c, err },
		`WITH RECURSIVE h (hall) AS (
			SELECT min(hall) FROM hall_log
			UNION ALL
			SELECT (SELECT min(l.hall) FROM hall_log l WHERE l.hall > h.hall) FROM h WHERE h.hall IS NOT NULL)
		SELECT hall, (SELECT max(n) FROM hall_log l WHERE l.hall = h.hall) FROM h WHERE hall IS NOT NULL ORDER BY hall`)
}
