package store

import (
	"errors"
	"fmt"
)

// ErrApart: what was gathered cannot be written together. Nothing of the write is
// kept when it is returned from it; do the same again one by one, without Gather.
var ErrApart = errors.New("store: to be written one by one")

// gathering is what Gather has held back: lines of the ledger with their facts, and
// who holds the new tickets among them.
type gathering struct {
	entries []LogEntry
	facts   []fact
	holders []row
	failed  error // why it could not be written; then nothing more is
	writes  int   // statements carried out
}

// Gather runs fn and writes the tickets that fn adds, and what fn tells of tickets
// without changing them, in a few statements at its end, or before the next
// statement of fn that the database has to answer; so fn finds everything as if it
// had been written at once. A Nested in it has no savepoint: one that fails before
// it has written anything is forgotten, after any other failure Gather returns
// [ErrApart], and the caller must return that, so that nothing is kept.
//
// Without it each event of a terminal has a savepoint and statements of its own, and
// on PostgreSQL each of those is a round trip.
func (t *Tx) Gather(fn func() error) error {
	if t.gather != nil {
		return errors.New("store: gathered twice")
	}
	t.gather = &gathering{}
	defer func() { t.gather = nil }()
	err := fn()
	if err == nil {
		err = t.flush()
	}
	if failed := t.gather.failed; failed != nil {
		return failed
	}
	return err
}

// hold keeps entries back if that can be done, and says whether it has.
func (t *Tx) hold(entries []LogEntry, facts []fact) bool {
	if t.gather == nil {
		return false
	}
	for _, f := range facts {
		if f.what != ticketNew && !f.idle() {
			return false
		}
	}
	t.gather.entries = append(t.gather.entries, entries...)
	t.gather.facts = append(t.gather.facts, facts...)
	return true
}

// putHolders keeps who holds new tickets.
func (t *Tx) putHolders(holders []row) error {
	if g := t.gather; g != nil && len(g.entries) > 0 {
		g.holders = append(g.holders, holders...)
		return nil
	}
	return t.insert("holder", holderTable, holders)
}

// flush writes what was held back.
func (t *Tx) flush() error {
	g := t.gather
	if g == nil || len(g.entries) == 0 || g.failed != nil {
		return g.failure()
	}
	// What is written here is not held back again.
	t.gather = nil
	err := t.record(t.hall, g.entries, g.facts)
	if err == nil {
		err = t.insert("holder", holderTable, g.holders)
	}
	t.gather = g
	g.entries, g.facts, g.holders = g.entries[:0], g.facts[:0], g.holders[:0]
	g.writes++
	if err != nil {
		g.fail(err)
	}
	return g.failure()
}

func (g *gathering) fail(err error) {
	if !EndsTransaction(err) {
		err = fmt.Errorf("%w: %w", ErrApart, err)
	}
	g.failed = err
}

func (g *gathering) failure() error {
	if g == nil {
		return nil
	}
	return g.failed
}

// nested is Nested while things are gathered.
func (g *gathering) nested(fn func() error) error {
	entries, holders, writes := len(g.entries), len(g.holders), g.writes
	err := fn()
	switch {
	case g.failed != nil:
		return g.failed
	case err == nil || EndsTransaction(err):
		return err
	case g.writes != writes:
		g.fail(err)
		return g.failed
	}
	g.entries, g.facts, g.holders = g.entries[:entries], g.facts[:entries], g.holders[:holders]
	return err
}

// idle reports whether a fact changes no projection.
func (f fact) idle() bool {
	switch f.what {
	case noChange:
		return true
	case ticketChange:
		if f.choice.made() {
			return false
		}
		for i := ticketTable.keys; i < len(f.row); i++ {
			if f.row[i] != nil {
				return false
			}
		}
		return true
	}
	return false
}
