package store

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// Results come back as they were put, newest first, and the ledger tells of their kind
// alone.
func TestVisitResults(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		first := VisitResult{Hall: "h", N: 1, Ticket: "id-1", Label: "A001", Business: "b", Guide: "g", At: staffNow, Window: "w1", Account: "s1",
			Kind: "supplement", Words: "请尽快", Missing: []string{"户口簿", "照片"}}
		second := VisitResult{Hall: "h", N: 2, Ticket: "id-1", Label: "A001", Business: "b", At: staffNow.Add(time.Minute), Window: "w1", Account: "s2",
			Kind: "returned", Due: "2026-11-30", Reason: 2, Words: "不符合政策", Units: []string{"民政局"}, Again: "改"}
		for _, v := range []VisitResult{first, second} {
			write(t, s, func(tx *Tx) error {
				return tx.InsertVisitResult(v, LogEntry{At: v.At, Actor: "staff:" + v.Account, Action: "visit-result"})
			})
		}
		read(t, s, func(tx *Tx) error {
			got, err := tx.VisitResults("h", "id-1")
			if err != nil || !reflect.DeepEqual(got, []VisitResult{second, first}) {
				t.Errorf("results %+v, %v", got, err)
			}
			if other, err := tx.VisitResults("i", "id-1"); err != nil || len(other) != 0 {
				t.Errorf("another hall: %+v, %v", other, err)
			}
			lines, err := tx.LogSince("h", 0, 10)
			if err != nil || len(lines) != 2 || lines[0].Detail != "supplement" || lines[0].Label != "A001" || lines[1].Detail != "returned" {
				t.Errorf("ledger %+v, %v", lines, err)
			}
			for _, l := range lines {
				if strings.Contains(l.Fact+l.Detail, "户口簿") || strings.Contains(l.Fact+l.Detail, "政策") {
					t.Errorf("the ledger has the words: %+v", l)
				}
			}
			return nil
		})
		if r, err := s.Rebuild(t.Context(), "h", false); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %v, %+v", err, r)
		}
	})
}
