package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

// gatherTicket is the n-th ticket of a terminal's own series.
func gatherTicket(hall string, n int) Ticket {
	return Ticket{Hall: hall, ID: fmt.Sprintf("0190a000-0000-7000-8000-%012d", n), Day: "2026-11-21", Prefix: "A", Series: "7", Number: n,
		Label: centralapi.Label("A", "7", n), Business: "b", Terminal: "t7", Slot: 7, Seq: int64(n), State: centralapi.Issued,
		IssuedAt: time.Date(2026, 11, 21, 9, 0, n, 0, time.UTC), HolderKey: fmt.Sprintf("key%d", n)}
}

// gatherSteps does with a transaction what an inbox does: tickets and what is told of them,
// one thing after the other; those that fail are Nested and forgotten.
func gatherSteps(tx *Tx, hall string) error {
	entry := LogEntry{At: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), Actor: "terminal:t7"}
	do := func(action string) LogEntry { e := entry; e.Action = action; return e }
	for n := 1; n <= 20; n++ {
		if err := tx.Nested(func() error {
			k := gatherTicket(hall, n)
			if err := tx.InsertTicket(k, do("issued")); err != nil {
				return err
			}
			if err := tx.UpdateTicket(k, k, do("printed")); err != nil {
				return err
			}
			if n%5 == 0 {
				return errors.New("this one is refused")
			}
			return nil
		}); err != nil && n%5 != 0 {
			return err
		}
		switch n {
		case 7: // a change that counts
			k := gatherTicket(hall, n)
			k.PrintUnknown = true
			if err := tx.UpdateTicket(gatherTicket(hall, n), k, do("printed")); err != nil {
				return err
			}
		case 11: // a statement of another kind
			if err := tx.PutTombstone(hall, gatherTicket(hall, 100).ID, "t7", "abandoned", entry.At, do("given-up")); err != nil {
				return err
			}
		case 13: // a question about what was just added
			if _, ok, err := tx.Ticket(hall, gatherTicket(hall, 13).ID); err != nil || !ok {
				return fmt.Errorf("the ticket is not there: %w", err)
			}
		}
	}
	return nil
}

// What is gathered gives the same rows and the same ledger as what is written one by
// one.
func TestGatherIsTheSame(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		seen := func(hall string) (out string) {
			err := s.Read(t.Context(), func(tx *Tx) error {
				log, err := tx.LogSince(hall, 0, 1000)
				if err != nil {
					return err
				}
				for _, e := range log {
					out += fmt.Sprintln(e)
				}
				for n := range 25 {
					k, ok, err := tx.Ticket(hall, gatherTicket(hall, n+1).ID)
					if err != nil {
						return err
					}
					k.Hall = ""
					out += fmt.Sprintln(k, ok)
				}
				lengths, err := tx.QueueLengths(hall, "2026-11-21")
				out += fmt.Sprintln(lengths)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if err := s.Write(t.Context(), "a", func(tx *Tx) error { return gatherSteps(tx, "a") }); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), "z", func(tx *Tx) error {
			return tx.Gather(func() error { return gatherSteps(tx, "z") })
		}); err != nil {
			t.Fatal(err)
		}
		if a, z := seen("a"), seen("z"); a != z {
			t.Errorf("one by one:\n%s\ngathered:\n%s", a, z)
		}
	})
}

// What the database refuses when it is written is ErrApart, and nothing is kept.
func TestGatherApart(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		twice := func(tx *Tx) error {
			for range 2 {
				if err := tx.InsertTicket(gatherTicket("a", 1), LogEntry{Actor: "x", Action: "issued"}); err != nil {
					return err
				}
			}
			return nil
		}
		late := func(tx *Tx) error { // refused after it has been written
			return tx.Nested(func() error {
				if err := tx.InsertTicket(gatherTicket("a", 1), LogEntry{Actor: "x", Action: "issued"}); err != nil {
					return err
				}
				if _, _, err := tx.Ticket("a", "none"); err != nil {
					return err
				}
				return errors.New("refused")
			})
		}
		for name, fn := range map[string]func(*Tx) error{"twice": twice, "late": late} {
			err := s.Write(t.Context(), "a", func(tx *Tx) error {
				return tx.Gather(func() error { return fn(tx) })
			})
			if !errors.Is(err, ErrApart) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := s.Read(t.Context(), func(tx *Tx) error {
			n, err := tx.Cursor("a")
			if n != 0 {
				t.Errorf("%d lines were kept", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if s.Err() != nil {
			t.Error(s.Err())
		}
	})
}
