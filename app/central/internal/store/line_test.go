package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hallkiosk/app/centralapi"
)

// What the database says of lines is what a list in memory says.
func TestLinesAreAsAListSays(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		halls := 0
		rapid.Check(t, func(rt *rapid.T) {
			if halls++; halls > 15 && s.Kind() == "postgres" {
				return
			}
			hall := fmt.Sprintf("h%d", halls)
			at := func(what string) time.Time { return time.UnixMicro(rapid.Int64Range(1, 4).Draw(rt, what)).UTC() }
			var list []Ticket
			var entries []LogEntry
			for n := range rapid.IntRange(0, 25).Draw(rt, "tickets") {
				k := ticket(n + 1)
				k.Hall, k.Slot, k.IssuedAt, k.PlaceAt = hall, rapid.IntRange(1, 2).Draw(rt, "slot"), at("issued"), at("place")
				k.Class = rapid.SampledFrom([]centralapi.TicketClass{"", "", centralapi.Priority, centralapi.Appointment}).Draw(rt, "class")
				k.Line = rapid.SampledFrom([]string{"b", "c", WindowLine("w1")}).Draw(rt, "line")
				k.State = rapid.SampledFrom([]centralapi.TicketState{centralapi.Issued, centralapi.Issued, centralapi.Finished}).Draw(rt, "state")
				if rapid.Bool().Draw(rt, "came back") {
					k.BackAt = at("back")
				}
				list, entries = append(list, k), append(entries, told)
			}
			if err := s.Write(t.Context(), hall, func(tx *Tx) error { return tx.InsertTickets(list, entries) }); err != nil {
				rt.Fatal(err)
			}
			wait := func(line string, classed bool) (out []string) {
				var in []Ticket
				for _, k := range list {
					if k.State == centralapi.Issued && k.Line == line && (k.Class != "") == classed {
						in = append(in, k)
					}
				}
				slices.SortFunc(in, ComparePlaces)
				for _, k := range in {
					out = append(out, k.ID)
				}
				return out
			}
			err := s.Read(t.Context(), func(tx *Tx) error {
				var firsts []string
				lines := []string{"b", WindowLine("w1"), "none"}
				for _, line := range append(lines, "c") {
					for _, classed := range []bool{false, true} {
						want := wait(line, classed)
						got, err := tx.Waiting(hall, testDay, line, classed, 100)
						if err != nil {
							return err
						}
						ids := make([]string, 0, len(got))
						for i, k := range got {
							ids = append(ids, k.ID)
							if n, err := tx.Before(k, classed); n != i || err != nil {
								rt.Errorf("%d are before %s, want %d; %v", n, k.ID, i, err)
							}
						}
						if !slices.Equal(ids, want) {
							rt.Errorf("in line %s, %v, wait %v, want %v", line, classed, ids, want)
						}
						for most := range 4 {
							if n, err := tx.CountWaiting(hall, testDay, line, classed, most); n != min(most, len(want)) || err != nil {
								rt.Errorf("%d counted up to %d, %d wait; %v", n, most, len(want), err)
							}
						}
					}
				}
				for _, line := range lines {
					for _, class := range []centralapi.TicketClass{"", centralapi.Priority, centralapi.Appointment} {
						i := slices.IndexFunc(append(wait(line, false), wait(line, true)...), func(id string) bool {
							return slices.ContainsFunc(list, func(k Ticket) bool { return k.ID == id && k.Class == class })
						})
						if i >= 0 {
							firsts = append(firsts, append(wait(line, false), wait(line, true)...)[i])
						}
					}
				}
				heads, err := tx.Heads(hall, testDay, lines)
				var got []string
				for _, k := range heads {
					got = append(got, k.ID)
				}
				slices.Sort(got)
				slices.Sort(firsts)
				if !slices.Equal(got, firsts) {
					rt.Errorf("heads %v, want %v", got, firsts)
				}
				return err
			})
			if err != nil {
				rt.Fatal(err)
			}
		})
	})
}

// Retelling a ledger gives what the database has.
func TestRetell(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		full(t, s)
		read(t, s, func(tx *Tx) error {
			lines, err := tx.LogNaming("h", 0, "id-2", "A001")
			if err != nil || len(lines) != 3 {
				t.Fatalf("%d lines, %v", len(lines), err)
			}
			told, err := Retell("h", lines)
			if err != nil || len(told) != 3 {
				t.Fatalf("%+v, %v", told, err)
			}
			last := told[2]
			k, _, err := tx.Ticket("h", "id-2")
			k.Fingerprint = nil
			if fmt.Sprint(last.After) != fmt.Sprint(k) || last.Before.State != centralapi.Issued || last.Choice.Why != ChoseClass || err != nil {
				t.Errorf("told %+v, want %+v; %v", last, k, err)
			}
			return nil
		})
	})
}

// LogBefore finds the line by its time.
func TestLogBefore(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		write(t, s, func(tx *Tx) error {
			for i := range 20 {
				if err := tx.AppendLog("h", LogEntry{At: time.UnixMicro(int64(100 * (i + 1))), Action: "x"}); err != nil {
					return err
				}
			}
			return nil
		})
		read(t, s, func(tx *Tx) error {
			for at, want := range map[int64]int64{1: 0, 100: 0, 101: 1, 1000: 9, 1050: 10, 2000: 19, 2001: 20, 9999: 20} {
				if n, err := tx.LogBefore("h", time.UnixMicro(at)); n != want || err != nil {
					t.Errorf("before %d is line %d, want %d; %v", at, n, want, err)
				}
			}
			return nil
		})
	})
}
