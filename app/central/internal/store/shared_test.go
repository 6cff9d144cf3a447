package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

// Reads for many ids answer what reads for one do, and an empty list is no error.
func TestBatchReads(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		write(t, s, func(tx *Tx) error {
			var list []Ticket
			var entries []LogEntry
			for n := 1; n <= 70; n++ {
				k := ticket(n)
				k.HolderKey, k.HolderName, k.HolderNumber, k.HolderSource = fmt.Sprintf("key-%d", n%60), "测*员", "110***********002X", "card"
				list, entries = append(list, k), append(entries, told)
			}
			if err := tx.InsertTickets(list, entries); err != nil {
				return err
			}
			ended := list[0]
			ended.State, ended.EndedAt = centralapi.Finished, time.UnixMicro(9)
			if err := tx.UpdateTicket(list[0], ended, told); err != nil {
				return err
			}
			if err := tx.PutSameHolder("h", "same", "id-1", []byte{7}, told); err != nil {
				return err
			}
			if err := tx.PutTombstone("h", "gone", "t1", "abandoned", time.UnixMicro(1), told); err != nil {
				return err
			}
			return tx.InsertEvents([]Event{{Hall: "h", ID: "e1", Body: "{}"}, {Hall: "h", ID: "e2", Body: "{}", Quarantined: true}})
		})
		read(t, s, func(tx *Tx) error {
			ids := []string{"id-1", "id-69", "same", "gone", "e1", "e2", "never"}
			tickets, err := tx.Tickets("h", ids)
			if err != nil || len(tickets) != 2 || tickets["id-69"].HolderKey != "key-9" || tickets["id-1"].State != centralapi.Finished {
				t.Errorf("tickets %v, %v", tickets, err)
			}
			one, ok, err := tx.Ticket("h", "id-69")
			if fmt.Sprint(one) != fmt.Sprint(tickets["id-69"]) || !ok || err != nil {
				t.Errorf("one %v, many %v", one, tickets["id-69"])
			}
			same, err := tx.SameHolders("h", ids)
			if err != nil || len(same) != 1 || same["same"].Ticket != "id-1" || string(same["same"].Fingerprint) != "\x07" {
				t.Errorf("same holders %v, %v", same, err)
			}
			gone, err := tx.Tombstones("h", ids)
			if err != nil || fmt.Sprint(gone) != "map[gone:true]" {
				t.Errorf("tombstones %v, %v", gone, err)
			}
			events, err := tx.HasEvents("h", ids)
			if err != nil || fmt.Sprint(events) != "map[e1:false e2:true]" {
				t.Errorf("events %v, %v", events, err)
			}
			live, err := tx.LiveTicketsOf("h", testDay, []HolderBusiness{
				{"key-1", "b"}, {"key-2", "b"}, {"key-3", "other"}, {"", "b"}, {"never", "b"}})
			got := []string{}
			for _, k := range live {
				got = append(got, k.ID)
			}
			slices.Sort(got)
			// id-1 has ended, so id-61 is the older one of key-1; id-2 is older than id-62.
			if err != nil || fmt.Sprint(got) != "[id-2 id-61]" {
				t.Errorf("live tickets %v, %v", got, err)
			}
			none, err1 := tx.Tickets("h", nil)
			others, err2 := tx.Tickets("elsewhere", ids)
			nobody, err3 := tx.LiveTicketsOf("h", testDay, nil)
			if len(none)+len(others)+len(nobody) != 0 || err1 != nil || err2 != nil || err3 != nil {
				t.Errorf("nothing asked: %v %v, %v %v, %v %v", none, err1, others, err2, nobody, err3)
			}
			rows, err := tx.DayNumbers("h", testDay)
			if err != nil || len(rows) != 70 || rows[0].Label != "A001" || rows[0].State != "finished" || rows[69].Number != 70 {
				t.Errorf("%d numbers, %v", len(rows), err)
			}
			return nil
		})
	})
}

// Who held a ticket is in no line of the ledger, and can be erased.
func TestHoldersAreErased(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		personal := []string{strings.Repeat("ab", 32), "测*员", "110***********002X", "card"}
		write(t, s, func(tx *Tx) error {
			k := ticket(1)
			k.HolderKey, k.HolderName, k.HolderNumber, k.HolderSource = personal[0], personal[1], personal[2], personal[3]
			later := k
			later.ID, later.Day, later.Number = "id-2", "2026-11-22", 2
			if err := tx.InsertTickets([]Ticket{k, later}, []LogEntry{told, told}); err != nil {
				return err
			}
			now := k
			now.State, now.Window, now.Calls = centralapi.Called, "w1", 1
			return tx.UpdateTicket(k, now, told)
		})
		read(t, s, func(tx *Tx) error {
			lines, err := tx.LogSince("h", 0, 10)
			if err != nil || len(lines) != 3 {
				t.Fatalf("%d lines, %v", len(lines), err)
			}
			for _, p := range personal {
				if strings.Contains(fmt.Sprint(lines), p) {
					t.Errorf("%s is in the ledger", p)
				}
			}
			if e := lines[2]; e.Ticket != "id-1" || e.Label != "A001" || e.Business != "b" || e.Window != "w1" || e.From != "issued" || e.To != "called" {
				t.Errorf("line %+v", e)
			}
			return nil
		})
		write(t, s, func(tx *Tx) error {
			n, err := tx.PurgeHolders("h", "2026-11-22")
			if n != 1 {
				t.Errorf("%d holders erased", n)
			}
			return err
		})
		read(t, s, func(tx *Tx) error {
			first, ok, err := tx.Ticket("h", "id-1")
			if first.HolderKey+first.HolderName+first.HolderNumber+first.HolderSource != "" || !ok || err != nil {
				t.Errorf("ticket %v, %v, %v", first, ok, err)
			}
			second, _, err := tx.Ticket("h", "id-2")
			if second.HolderName != personal[1] || err != nil {
				t.Errorf("the next day's: %v, %v", second, err)
			}
			return nil
		})
		if r, err := s.Rebuild(t.Context(), "h", true); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %v, %+v", err, r)
		}
	})
}

// A device's state is told when it is news, and since when it has been so stays.
func TestDevices(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		steps := []struct {
			state     string
			seq       int64
			since     int64
			wantLines int64
			wantSince int64
		}{
			{"fault", 5, 100, 1, 100},
			{"fault", 4, 50, 1, 100},  // older: nothing
			{"fault", 6, 200, 2, 100}, // still so
			{"absent", 7, 300, 3, 300},
			{"absent", 7, 400, 3, 300}, // the same event
		}
		for i, st := range steps {
			write(t, s, func(tx *Tx) error {
				return tx.PutDevice("h", Device{Terminal: "t1", Device: "printer", State: st.state, Since: time.UnixMicro(st.since), Seq: st.seq}, told)
			})
			read(t, s, func(tx *Tx) error {
				n, err := tx.Cursor("h")
				list, err2 := tx.FaultyDevices("h")
				if err != nil || err2 != nil || n != st.wantLines || len(list) != 1 || list[0].Since.UnixMicro() != st.wantSince {
					t.Errorf("step %d: %d lines, %+v", i, n, list)
				}
				return nil
			})
		}
	})
}

// What would only say again what is so already is not told again.
func TestNothingNewIsNotTold(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		at := time.UnixMicro(1)
		write(t, s, func(tx *Tx) error {
			if err := tx.InsertSession(Session{Hall: "h", TokenHash: []byte("x"), Window: "w1", Expires: at.Add(time.Hour)}, told); err != nil {
				return err
			}
			return tx.InsertHelpCall("h", HelpCall{ID: "call", At: at}, told)
		})
		lines := func() (n int64) {
			read(t, s, func(tx *Tx) (err error) { n, err = tx.Cursor("h"); return err })
			return n
		}
		for name, fn := range map[string]func(*Tx) error{
			"tombstone": func(tx *Tx) error { return tx.PutTombstone("h", "id", "t1", "abandoned", at, told) },
			"pause":     func(tx *Tx) error { return tx.Pause("h", "b", Closing{Since: at}, told) },
			"answer": func(tx *Tx) error {
				found, err := tx.AnswerHelpCall("h", "call", "window:w1", at, told)
				if !found {
					t.Error("the call is not found")
				}
				return err
			},
			"logout": func(tx *Tx) error { return tx.EndSession("h", []byte("x"), at, told) },
		} {
			before := lines()
			write(t, s, fn)
			first := lines()
			write(t, s, fn)
			if again := lines(); first != before+1 || again != first {
				t.Errorf("%s: %d lines before, then %d, then %d", name, before, first, again)
			}
		}
		write(t, s, func(tx *Tx) error { return tx.Unpause("h", "b", told) })
		read(t, s, func(tx *Tx) error {
			if p, err := tx.Paused("h"); len(p) != 0 || err != nil {
				t.Errorf("paused %v, %v", p, err)
			}
			return nil
		})
	})
}

// Text that PostgreSQL cannot keep does not hold up whoever sends it.
func TestBrokenTextIsMadeSound(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		write(t, s, func(tx *Tx) error {
			if err := tx.InsertEvent(Event{Hall: "h", ID: "e", Kind: "a\x00b", Body: "\"\xff\xfe\""}); err != nil {
				return err
			}
			k := ticket(1)
			k.Item, k.Language = "a\x00b", "\xff"
			return tx.InsertTicket(k, LogEntry{At: told.At, Actor: "centre", Action: "issued", Detail: "\xff"})
		})
		read(t, s, func(tx *Tx) error {
			e, ok, err := tx.Event("h", "e")
			if e.Kind != "a\uFFFDb" || e.Body != "\"\uFFFD\"" || !ok || err != nil {
				t.Errorf("event %q %q, %v, %v", e.Kind, e.Body, ok, err)
			}
			return nil
		})
		if r, err := s.Rebuild(t.Context(), "h", true); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %v, %+v", err, r)
		}
	})
}

// A transaction has the lock of one hall and writes to no other.
func TestOneHallAtATime(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		for name, fn := range map[string]func(*Tx) error{
			"ticket":   func(tx *Tx) error { return tx.InsertTicket(ticket(1), told) },
			"numbers":  func(tx *Tx) error { _, _, err := tx.TakeNumbers("h", testDay, "A", 1, told.At); return err },
			"event":    func(tx *Tx) error { return tx.InsertEvent(Event{Hall: "h", ID: "e"}) },
			"terminal": func(tx *Tx) error { return tx.InsertTerminal(Terminal{Hall: "h", ID: "t1", Slot: 1}) },
			"progress": func(tx *Tx) error { return tx.SetTerminalProgress("h", "t1", 1, told.At) },
			"guard":    func(tx *Tx) error { return tx.PutGuard("h", "w1", Guard{}) },
			"logout":   func(tx *Tx) error { return tx.EndSession("h", []byte("x"), told.At, told) },
			"purge":    func(tx *Tx) error { _, err := tx.PurgeHolders("h", testDay); return err },
			"secret":   func(tx *Tx) error { return tx.PutHallSecret("h", "s") },
		} {
			if err := s.Write(t.Context(), "other", fn); err == nil || !strings.Contains(err.Error(), `hall "h" written in a transaction of hall "other"`) {
				t.Errorf("%s: %v, want a refusal", name, err)
			}
		}
	})
}

func TestIncarnations(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		first, later := time.UnixMicro(5).UTC(), time.UnixMicro(6)
		write(t, s, func(tx *Tx) error {
			if err := tx.InsertTerminal(Terminal{Hall: "h", ID: "t1", Slot: 1, TokenHash: []byte("x")}); err != nil {
				return err
			}
			if err := tx.SetIncarnation("h", "t1", Incarnation{Hash: []byte("a"), Next: []byte("b"), Made: 2}); err != nil {
				return err
			}
			if err := tx.FreezeTerminal("h", "t1", first); err != nil {
				return err
			}
			return tx.FreezeTerminal("h", "t1", later)
		})
		read(t, s, func(tx *Tx) error {
			k, ok, err := tx.TerminalByToken("h", []byte("x"))
			if string(k.Incarnation.Hash) != "a" || string(k.Incarnation.Next) != "b" || k.Incarnation.Made != 2 || !k.Frozen.Equal(first) || !ok || err != nil {
				t.Errorf("terminal %+v, %v, %v", k, ok, err)
			}
			return nil
		})
	})
}

// A reader is told of every hall that has grown, with its newest cursor at the
// latest, and of nothing else.
func TestChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		for n := 1; n <= 3; n++ { // nobody receives yet
			write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(n), told) })
		}
		write(t, s, func(tx *Tx) error { return tx.PutGuard("h", "w1", Guard{Failures: 1}) }) // not in the ledger
		if err := s.Write(t.Context(), "i", func(tx *Tx) error { return tx.AppendLog("i", told) }); err != nil {
			t.Fatal(err)
		}
		last := map[string]int64{}
		for last["h"] != 3 || last["i"] != 1 {
			c := <-s.Changes()
			if c.Cursor <= last[c.Hall] {
				t.Errorf("hall %s: cursor %d after %d", c.Hall, c.Cursor, last[c.Hall])
			}
			last[c.Hall] = c.Cursor
		}
		refused := s.Write(t.Context(), "h", func(tx *Tx) error {
			if err := tx.AppendLog("h", told); err != nil {
				return err
			}
			return errCheckOnly
		})
		if refused == nil {
			t.Error("the write was not refused")
		}
		s.Close()
		if c, open := <-s.Changes(); open {
			t.Errorf("change %+v after the last one", c)
		}
	})
}

// What one Store has written the next one reads, with the same cursor.
func TestReopened(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		full(t, s)
		s.Close()
		s = open()
		write(t, s, func(tx *Tx) error { return tx.AppendLog("h", told) })
		read(t, s, func(tx *Tx) error {
			n, err := tx.Cursor("h")
			halls, err2 := tx.Halls()
			lines, err3 := tx.LogSince("h", 6, 10)
			if n != 10 || fmt.Sprint(halls) != "[h]" || len(lines) != 4 || lines[3].N != 10 || err != nil || err2 != nil || err3 != nil {
				t.Errorf("cursor %d, halls %v, %d lines after 6; %v %v %v", n, halls, len(lines), err, err2, err3)
			}
			return nil
		})
	})
}
