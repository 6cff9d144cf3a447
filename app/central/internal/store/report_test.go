package store

import (
	"context"
	"database/sql"
	"strings"
	"testing"
)

// Every query of a report that reads tickets finds the days it is about by an index:
// years of other days do not make it slower.
func TestReportsFindTheirDays(t *testing.T) {
	s := open(t, t.TempDir())
	seen := 0
	read(t, s, func(tx *Tx) error {
		spy := &explained{runner: tx.db}
		tx.db = spy
		for name, run := range map[string]func() error{
			"sums":      func() error { _, err := tx.TicketSums("h", "2026-11-01", "2026-11-30"); return err },
			"issued":    func() error { _, err := tx.IssuedByHalfHour("h", "2026-11-01", "2026-11-30"); return err },
			"left":      func() error { _, err := tx.LeftByHalfHour("h", "2026-11-01", "2026-11-30"); return err },
			"finished":  func() error { _, err := tx.FinishedByHalfHour("h", "2026-11-01", "2026-11-30"); return err },
			"longest":   func() error { _, err := tx.LongestWaiting("h", testDay); return err },
			"numbers":   func() error { _, err := tx.DayTickets("h", testDay, 10); return err },
			"terminals": func() error { _, err := tx.IssuedByTerminal("h", testDay); return err },
			"counters":  func() error { _, err := tx.DayCounters("h", testDay); return err },
			"received":  func() error { _, err := tx.LastReceived("h", "t1"); return err },
		} {
			spy.plan = nil
			if err := run(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			plan := strings.Join(spy.plan, "\n")
			want := "(hall=? AND day"
			if name == "received" {
				want = "(hall=? AND terminal=?)"
			}
			if !strings.Contains(plan, want) || strings.Contains(plan, "SCAN ticket") || strings.Contains(plan, "SCAN event") {
				t.Errorf("%s reads more than it needs:\n%s", name, plan)
			}
			seen += len(spy.plan)
		}
		// The control: a query that has to read the whole hall.
		spy.plan = nil
		if _, err := all(tx, func(s scanner) (n int, err error) { err = s.Scan(&n); return n, err }, "SELECT count(*) FROM ticket WHERE hall = ? AND label = ?", "h", "A001"); err != nil {
			return err
		}
		if plan := strings.Join(spy.plan, "\n"); strings.Contains(plan, "(hall=? AND day") {
			t.Errorf("the control finds days:\n%s", plan)
		}
		return nil
	})
	if seen < 9 {
		t.Errorf("%d steps of plans seen", seen)
	}
}

// explained notes how SQLite goes about each query before it is carried out.
type explained struct {
	runner
	plan []string
}

func (e *explained) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	rows, err := e.runner.query(ctx, "EXPLAIN QUERY PLAN "+query, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return nil, err
		}
		e.plan = append(e.plan, step)
	}
	return e.runner.query(ctx, query, args)
}
