package store

import (
	"errors"
	"fmt"
	"time"

	"hallkiosk/app/centralapi"
)

// LogEntry is a line of a hall's ledger: one change of its state. Whoever changes
// something gives At, Actor, Action and, where they say something, Detail, Source
// and From; the store fills in the rest from the rows that change.
type LogEntry struct {
	N        int64 // 1, 2, 3 … per hall, in commit order, without a gap; set by the store
	At       time.Time
	Actor    string // terminal:t7, window:w3, centre
	Action   string // issued, called, recalled, started, finished, no-show, void, superseded, printed, paused …
	Ticket   string // id; "" = not about a ticket
	Label    string // of the ticket
	Business string // of the ticket, or that was paused or resumed
	Window   string // that has called the ticket, or where somebody logged in or out
	From, To centralapi.TicketState
	Detail   string // a reason or the like; never personal
	Source   string // id of the inbox event that caused it, or ""
	Fact     string // JSON of what changed; set by the store
}

var logTable = table{"hall_log", 2, []column{
	{"hall", text}, {"n", num}, {"at", num}, {"actor", text}, {"action", text}, {"ticket", text}, {"label", text},
	{"business", text}, {"window_id", text}, {"from_state", text}, {"to_state", text}, {"detail", text}, {"source", text}, {"fact", text},
}}

func readLog(s scanner) (e LogEntry, err error) {
	var at int64
	err = s.Scan(&e.N, &at, &e.Actor, &e.Action, &e.Ticket, &e.Label, &e.Business, &e.Window, &e.From, &e.To, &e.Detail, &e.Source, &e.Fact)
	e.At = fromMicros(at)
	return e, err
}

const logColumns = "n, at, actor, action, ticket, label, business, window_id, from_state, to_state, detail, source, fact"

// record appends entries with their facts to the hall's ledger and applies them
// to the projections. It is the only way a projection changes.
func (t *Tx) record(hall string, entries []LogEntry, facts []fact) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	if t.hold(entries, facts) {
		return nil
	}
	n, err := t.Cursor(hall)
	if err != nil {
		return err
	}
	rows := make([]row, len(entries))
	for i, e := range entries {
		sound(facts[i].row) // before it is written down in two ways
		rows[i] = row{hall, n + int64(i) + 1, micros(e.At), e.Actor, e.Action, e.Ticket, e.Label, e.Business, e.Window,
			string(e.From), string(e.To), e.Detail, e.Source, facts[i].encode()}
	}
	if err := t.insert("hall_log", logTable, rows); err != nil {
		return err
	}
	if err := live.apply(t, hall, entries, facts); err != nil {
		return err
	}
	t.cursors[hall] = n + int64(len(entries))
	t.changed = true
	return nil
}

func (t *Tx) recordOne(hall string, e LogEntry, f fact) error {
	return t.record(hall, []LogEntry{e}, []fact{f})
}

// mayWrite refuses what the transaction holds no lock for.
func (t *Tx) mayWrite(hall string) error {
	switch {
	case !t.writable:
		return errReadOnly
	case hall == "" || hall != t.hall:
		return fmt.Errorf("store: hall %q written in a transaction of hall %q", hall, t.hall)
	}
	return nil
}

var errReadOnly = errors.New("store: write in a read transaction")

// AppendLog adds a line that changes no row: something worth telling.
func (t *Tx) AppendLog(hall string, e LogEntry) error {
	return t.recordOne(hall, e, fact{})
}

// Cursor returns the number of the newest line of the hall's ledger, 0 before the
// first. It says how far somebody has read who has read everything.
func (t *Tx) Cursor(hall string) (int64, error) {
	if n, ok := t.cursors[hall]; ok {
		return n, nil
	}
	var n int64
	_, err := t.one([]any{&n}, "SELECT coalesce(max(n), 0) FROM hall_log WHERE hall = ?", hall)
	if err == nil && t.cursors != nil {
		t.cursors[hall] = n
	}
	return n, err
}

// LogSince returns at most limit lines of the hall's ledger after the line with
// number after, oldest first.
func (t *Tx) LogSince(hall string, after int64, limit int) ([]LogEntry, error) {
	return all(t, readLog, "SELECT "+logColumns+" FROM hall_log WHERE hall = ? AND n > ? ORDER BY n LIMIT ?", hall, after, limit)
}

// LogOf returns the ledger's lines about one ticket, oldest first. It reads the
// whole ledger of the hall and is meant for looking into a complaint.
func (t *Tx) LogOf(hall, ticket string) ([]LogEntry, error) {
	return all(t, readLog, "SELECT "+logColumns+" FROM hall_log WHERE hall = ? AND ticket = ? ORDER BY n", hall, ticket)
}
