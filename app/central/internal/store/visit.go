package store

import (
	"strings"
	"time"
)

// VisitResult is what came of a visit at a window.
type VisitResult struct {
	Hall                           string
	N                              int64 // 1, 2, 3 …; set by the store
	Ticket, Label, Business, Guide string
	At                             time.Time
	Window, Account                string
	Kind                           string
	Due                            string // 2026-11-30, or ""
	Reason                         int
	Words                          string
	Units, Missing                 []string // without line ends
	Again                          string
}

const visitColumns = "n, ticket, label, business, guide, at, window_id, account, kind, due, reason, words, units, missing, again"

// InsertVisitResult adds a result. The ledger tells of its kind and not of its words.
func (t *Tx) InsertVisitResult(v VisitResult, e LogEntry) error {
	e.Ticket, e.Label, e.Business, e.Window, e.Detail = v.Ticket, v.Label, v.Business, v.Window, v.Kind
	if err := t.AppendLog(v.Hall, e); err != nil {
		return err
	}
	var n int64
	if _, err := t.one([]any{&n}, "SELECT coalesce(max(n), 0) + 1 FROM visit_result WHERE hall = ?", v.Hall); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO visit_result (hall, "+visitColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		v.Hall, n, v.Ticket, v.Label, v.Business, v.Guide, micros(v.At), v.Window, v.Account, v.Kind, v.Due, int64(v.Reason), v.Words,
		strings.Join(v.Units, "\n"), strings.Join(v.Missing, "\n"), v.Again)
	return err
}

// VisitResults returns the results of a ticket, the newest first.
func (t *Tx) VisitResults(hall, ticket string) ([]VisitResult, error) {
	return all(t, func(s scanner) (VisitResult, error) {
		v := VisitResult{Hall: hall}
		var at int64
		var units, missing string
		err := s.Scan(&v.N, &v.Ticket, &v.Label, &v.Business, &v.Guide, &at, &v.Window, &v.Account, &v.Kind, &v.Due, &v.Reason, &v.Words,
			&units, &missing, &v.Again)
		v.At, v.Units, v.Missing = fromMicros(at), unline(units), unline(missing)
		return v, err
	}, "SELECT "+visitColumns+" FROM visit_result WHERE hall = ? AND ticket = ? ORDER BY n DESC", hall, ticket)
}

// unline is the reverse of strings.Join with a line end.
func unline(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
