package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hallkiosk/app/centralapi"
)

const testDay = "2026-11-21"

// history makes random changes to one hall, only such as queue would make.
type history struct {
	*rapid.T
	s       *Store
	hall    string
	at      time.Time
	tickets []Ticket
	ids     int
	seq     int64
}

func (h *history) entry(action string) LogEntry {
	return LogEntry{At: h.at, Actor: "centre", Action: action, Source: rapid.SampledFrom([]string{"", "e1"}).Draw(h.T, "source")}
}

func (h *history) id() string {
	h.ids++
	return fmt.Sprintf("%s-%d", h.hall, h.ids)
}

func (h *history) write(fn func(*Tx) error) {
	h.Helper()
	if err := h.s.Write(h.Context(), h.hall, fn); err != nil {
		h.Fatal(err)
	}
}

func (h *history) step() {
	h.at = h.at.Add(time.Duration(rapid.IntRange(-1000, 5000).Draw(h.T, "passes")) * time.Millisecond)
	day := rapid.SampledFrom([]string{testDay, "2026-11-22"}).Draw(h.T, "day")
	business := rapid.SampledFrom([]string{"a", "b"}).Draw(h.T, "business")
	switch rapid.SampledFrom([]string{"issue", "issue", "take", "change", "change", "call", "classes", "move", "close", "supersede", "same", "tombstone", "pause", "device", "help", "login"}).Draw(h.T, "what") {
	case "issue": // a batch of the hall's numbers
		n := rapid.IntRange(1, 4).Draw(h.T, "n")
		h.write(func(tx *Tx) error {
			first, at, err := tx.TakeNumbers(h.hall, day, "A", n, h.at)
			if err != nil {
				return err
			}
			var list []Ticket
			var entries []LogEntry
			for i := range n {
				k := h.ticket(day, business, first+i, "")
				k.IssuedAt = at[i]
				list, entries = append(list, k), append(entries, h.entry("issued"))
			}
			h.tickets = append(h.tickets, list...)
			return tx.InsertTickets(list, entries)
		})
	case "take": // a terminal's number
		k := h.ticket(day, business, h.ids+1, "7")
		h.write(func(tx *Tx) error { return tx.InsertTicket(k, h.entry("issued")) })
		h.tickets = append(h.tickets, k)
	case "change":
		h.change(func(k *Ticket) {
			k.State = rapid.SampledFrom([]centralapi.TicketState{centralapi.Issued, centralapi.Called, centralapi.Started,
				centralapi.Finished, centralapi.NoShow, centralapi.Void}).Draw(h.T, "state")
			k.Window, k.Reason = "w-"+k.ID, ""
			switch k.State {
			case centralapi.Issued:
				k.Window, k.CalledAt = "", time.Time{}
			case centralapi.Void:
				k.Reason = "abandoned"
			}
			k.Calls++
			k.CalledAt = h.at
			k.PrintUnknown = rapid.Bool().Draw(h.T, "print unknown")
		})
	case "call":
		h.call()
	case "classes":
		h.change(func(k *Ticket) {
			k.Class = rapid.SampledFrom([]centralapi.TicketClass{centralapi.Ordinary, centralapi.Priority, centralapi.Appointment}).Draw(h.T, "class")
			k.ClassReason, k.PlaceAt, k.BackAt = "老年人", h.at, h.at
		})
	case "move":
		h.change(func(k *Ticket) {
			k.Line = rapid.SampledFrom([]string{"a", "b", WindowLine("w1")}).Draw(h.T, "line")
			k.Business = business
		})
	case "close":
		h.write(func(tx *Tx) error {
			if rapid.Bool().Draw(h.T, "closed") {
				return tx.CloseWindow(h.hall, "w1", Closing{h.at, "停电"}, h.entry("window-closed"))
			}
			return tx.OpenWindow(h.hall, "w1", h.entry("window-opened"))
		})
	case "supersede":
		h.change(func(k *Ticket) {
			k.Day, k.Business, k.Series, k.Number = day, business, "8", h.ids+1
			h.ids++
		})
	case "same":
		h.write(func(tx *Tx) error { return tx.PutSameHolder(h.hall, h.id(), "x", nil, h.entry("same-holder")) })
	case "tombstone":
		id := h.id()
		h.write(func(tx *Tx) error {
			for range 2 {
				if err := tx.PutTombstone(h.hall, id, "t1", "abandoned", h.at, h.entry("given-up")); err != nil {
					return err
				}
			}
			return nil
		})
	case "pause":
		h.write(func(tx *Tx) error {
			if rapid.Bool().Draw(h.T, "paused") {
				return tx.Pause(h.hall, business, Closing{h.at, rapid.SampledFrom([]string{"", "停电"}).Draw(h.T, "why")}, h.entry("paused"))
			}
			return tx.Unpause(h.hall, business, h.entry("resumed"))
		})
	case "device":
		h.seq += int64(rapid.IntRange(-2, 3).Draw(h.T, "seq"))
		h.write(func(tx *Tx) error {
			return tx.PutDevice(h.hall, Device{Terminal: "t1", Device: "printer", Since: h.at, Seq: h.seq,
				State: rapid.SampledFrom([]string{"ready", "fault"}).Draw(h.T, "state")}, h.entry("device"))
		})
	case "help":
		id := h.id()
		h.write(func(tx *Tx) error {
			return tx.InsertHelpCall(h.hall, HelpCall{ID: id, Terminal: "t1", At: h.at}, h.entry("help"))
		})
		if rapid.Bool().Draw(h.T, "answered") {
			h.write(func(tx *Tx) error {
				_, err := tx.AnswerHelpCall(h.hall, id, "window:w1", h.at, h.entry("help-answered"))
				return err
			})
		}
	case "login":
		s := Session{Hall: h.hall, TokenHash: []byte(h.id()), Window: "w1", Created: h.at, Expires: h.at.Add(time.Hour)}
		h.write(func(tx *Tx) error { return tx.InsertSession(s, h.entry("login")) })
		h.write(func(tx *Tx) error { return tx.EndSession(h.hall, s.TokenHash, h.at, h.entry("logout")) })
	}
}

func (h *history) ticket(day, business string, number int, series string) Ticket {
	k := Ticket{Hall: h.hall, ID: h.id(), Day: day, Prefix: "A", Series: series, Number: number,
		Label: centralapi.Label("A", series, number), Business: business, Terminal: "t1", Slot: 1, Seq: int64(h.ids),
		Fingerprint: []byte{byte(h.ids)}, State: centralapi.Issued, IssuedAt: h.at}
	if rapid.Bool().Draw(h.T, "with identity") {
		k.HolderKey, k.HolderName, k.HolderNumber, k.HolderSource = "key-"+k.ID, "测*员", "110***********002X", "card"
	}
	return k
}

// call calls one of the tickets that wait.
func (h *history) call() {
	for i, was := range h.tickets {
		if was.State != centralapi.Issued {
			continue
		}
		now := was
		now.State, now.Window, now.CalledAt, now.Calls = centralapi.Called, "w-"+was.ID, h.at, 1
		c := Choice{Lines: []string{"a", "b"}, Why: rapid.SampledFrom([]string{ChoseFirst, ChoseClass, ChoseTurn}).Draw(h.T, "why")}
		if rapid.Bool().Draw(h.T, "passes") {
			c.Passed = map[string]int64{"a": int64(rapid.IntRange(0, 3).Draw(h.T, "a")), "b": 0}
		}
		h.write(func(tx *Tx) error { return tx.CallTicket(was, now, h.entry("called"), c) })
		h.tickets[i] = now
		return
	}
}

// change changes one of the tickets, half of the times in a part that is rolled
// back first.
func (h *history) change(with func(*Ticket)) {
	if len(h.tickets) == 0 {
		return
	}
	i := rapid.IntRange(0, len(h.tickets)-1).Draw(h.T, "ticket")
	was := h.tickets[i]
	now := was
	with(&now)
	undo := rapid.Bool().Draw(h.T, "undone first")
	h.write(func(tx *Tx) error {
		if undo {
			err := tx.Nested(func() error {
				if err := tx.UpdateTicket(was, now, h.entry("changed")); err != nil {
					return err
				}
				return errCheckOnly
			})
			if err != errCheckOnly {
				return err
			}
		}
		return tx.UpdateTicket(was, now, h.entry("changed"))
	})
	h.tickets[i] = now
}

// Whatever has happened, the ledger gives the same rows again.
func TestRebuildOfRandomHistories(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		halls := 0
		rapid.Check(t, func(rt *rapid.T) {
			if halls++; halls > 25 && s.Kind() == "postgres" {
				return // the same code, and a server to wait for
			}
			h := &history{T: rt, s: s, hall: fmt.Sprintf("h%d", halls), at: time.UnixMicro(1_000_000_000)}
			for range rapid.IntRange(1, 40).Draw(rt, "steps") {
				h.step()
			}
			r, err := s.Rebuild(t.Context(), h.hall, true)
			if err != nil || len(r.Differences) > 0 || r.Replaced {
				rt.Fatalf("rebuild: %v, %+v", err, r)
			}
			if r.Rows["ticket"] != int64(len(h.tickets)) {
				rt.Fatalf("%d tickets rebuilt of %d", r.Rows["ticket"], len(h.tickets))
			}
			err = s.Read(t.Context(), func(tx *Tx) error {
				n, err := tx.Cursor(h.hall)
				if n != r.Entries {
					rt.Errorf("cursor %d, %d lines folded", n, r.Entries)
				}
				for _, want := range h.tickets {
					got, ok, err := tx.Ticket(h.hall, want.ID)
					if fmt.Sprint(got) != fmt.Sprint(utc(want)) || !ok || err != nil {
						rt.Errorf("ticket %v, want %v; %v, %v", got, want, ok, err)
					}
				}
				return err
			})
			if err != nil {
				rt.Fatal(err)
			}
		})
		if halls < 2 {
			t.Error("nothing was tried")
		}
	})
}

func utc(k Ticket) Ticket {
	if k.PlaceAt.IsZero() {
		k.PlaceAt = k.IssuedAt
	}
	if k.Line == "" {
		k.Line = k.Business
	}
	for _, at := range []*time.Time{&k.IssuedAt, &k.CalledAt, &k.StartedAt, &k.EndedAt, &k.PlaceAt, &k.BackAt} {
		if !at.IsZero() {
			*at = at.UTC()
		}
	}
	return k
}

// full puts a row into every projection.
func full(t *testing.T, s *Store) {
	t.Helper()
	write(t, s, func(tx *Tx) error {
		at := time.UnixMicro(1_000_000)
		if err := tx.InsertTickets([]Ticket{ticket(1), ticket(2)}, []LogEntry{told, told}); err != nil {
			return err
		}
		if err := tx.PutSameHolder("h", "same", "id-1", []byte{1}, told); err != nil {
			return err
		}
		if err := tx.PutTombstone("h", "gone", "t1", "abandoned", at, told); err != nil {
			return err
		}
		if err := tx.Pause("h", "b", Closing{Since: at}, told); err != nil {
			return err
		}
		if err := tx.CloseWindow("h", "w1", Closing{at, "停电"}, told); err != nil {
			return err
		}
		was := ticket(2)
		now := was
		now.State, now.Window, now.CalledAt, now.Calls = centralapi.Called, "w2", at, 1
		if err := tx.CallTicket(was, now, told, Choice{Lines: []string{"b"}, Why: ChoseClass, Passed: map[string]int64{"b": 1}}); err != nil {
			return err
		}
		if err := tx.PutDevice("h", Device{Terminal: "t1", Device: "printer", State: "fault", Fault: "cover", Since: at, Seq: 1}, told); err != nil {
			return err
		}
		return tx.InsertHelpCall("h", HelpCall{ID: "call", Terminal: "t1", Page: "home", At: at}, told)
	})
}

func TestRebuildFindsAndHealsDamage(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		full(t, s)
		changed := map[string]struct{ set, column, key string }{
			"ticket":       {"calls = calls + 1", "calls", "id-1"},
			"counter":      {"last = last + 1", "last", testDay + " A"},
			"queue_length": {"waiting = waiting + 1", "waiting", testDay + " b"},
			"same_holder":  {"ticket = 'other'", "ticket", "same"},
			"tombstone":    {"reason = 'other'", "reason", "gone"},
			"pause":        {"since = since + 1", "since", "b"},
			"device":       {"fault = 'other'", "fault", "t1 printer"},
			"help_call":    {"answered_at = 1", "answered_at", "call"},

			"passed_over":   {"calls = calls + 1", "calls", testDay + " b"},
			"closed_window": {"since = since + 1", "since", "w1"},
		}
		for _, p := range projections {
			c, ok := changed[p.name]
			if !ok {
				t.Fatalf("no damage is planned for table %s", p.name)
			}
			// A row like another one, under another key.
			extra := strings.Replace(p.names(), p.columns[1].name, "'extra'", 1)
			extra = strings.Replace(extra, "number", "number + 1000", 1)
			first := ""
			if p.name == "ticket" {
				first = " AND id = 'id-1'"
			}
			for kind, damage := range map[string]string{
				"changed": "UPDATE " + p.name + " SET " + c.set + " WHERE hall = 'h'" + first,
				"missing": "DELETE FROM " + p.name + " WHERE hall = 'h'" + first,
				"extra":   "INSERT INTO " + p.name + " (" + p.names() + ") SELECT " + extra + " FROM " + p.name + " WHERE hall = 'h'" + first,
			} {
				t.Run(p.name+" "+kind, func(t *testing.T) {
					write(t, s, func(tx *Tx) error {
						n, err := tx.exec(damage)
						if err == nil && n != 1 {
							err = fmt.Errorf("%d rows damaged", n)
						}
						return err
					})
					for _, check := range []bool{true, false} { // a check leaves the damage
						r, err := s.Rebuild(t.Context(), "h", check)
						if err != nil || len(r.Differences) != 1 || r.Replaced == check {
							t.Fatalf("rebuild with check %v: %v, %+v", check, err, r)
						}
						d := r.Differences[0]
						want := Difference{Table: p.name, Key: c.key}
						switch kind {
						case "changed":
							want.Column = c.column
						case "extra":
							want.Key = strings.Replace(c.key, strings.Fields(c.key)[0], "extra", 1)
						}
						if d.Table != want.Table || d.Key != want.Key || d.Column != want.Column ||
							(d.Live == "") != (kind == "missing") || (d.Ledger == "") != (kind == "extra") {
							t.Errorf("difference %+v, want %+v", d, want)
						}
						if line := d.String(); !strings.Contains(line, p.name+" "+want.Key) {
							t.Errorf("in words: %s", line)
						}
					}
				})
			}
		}
		// Each case has also shown that the one before it was healed.
		if r, err := s.Rebuild(t.Context(), "h", false); err != nil || len(r.Differences) != 0 || r.Replaced {
			t.Errorf("at the end: %v, %+v", err, r)
		}
	})
}

// A damaged ledger is said to be one, and nothing is made of it.
func TestRebuildRefusesADamagedLedger(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		full(t, s)
		for name, tt := range map[string]struct{ damage, want string }{
			"line missing":   {"DELETE FROM hall_log WHERE hall = 'h' AND n = 2", "line 2 is missing"},
			"unknown change": {`UPDATE hall_log SET fact = '{"surprise":{}}' WHERE hall = 'h' AND n = 3`, "line 3"},
			"unknown column": {`UPDATE hall_log SET fact = '{"pause":{"business":"b","since":1,"until":2}}' WHERE hall = 'h' AND n = 5`, "line 5"},
			"no JSON":        {"UPDATE hall_log SET fact = 'x' WHERE hall = 'h' AND n = 1", "line 1"},
		} {
			t.Run(name, func(t *testing.T) {
				err := s.Write(t.Context(), "h", func(tx *Tx) error {
					disarm := []string{"DROP TRIGGER hall_log_no_update", "DROP TRIGGER hall_log_no_delete"}
					if s.Kind() == "postgres" {
						disarm = []string{"DROP TRIGGER hall_log_no_change ON hall_log"}
					}
					for _, q := range append(disarm, tt.damage) {
						if _, err := tx.exec(q); err != nil {
							return err
						}
					}
					if err := tx.rebuild(t.Context(), "h", false, &Report{Rows: map[string]int64{}}); err == nil || !strings.Contains(err.Error(), tt.want) {
						t.Errorf("rebuild: %v, want %q", err, tt.want)
					}
					return errCheckOnly // the next case finds it whole
				})
				if !errors.Is(err, errCheckOnly) {
					t.Error(err)
				}
			})
		}
		if r, err := s.Rebuild(t.Context(), "h", true); err != nil || len(r.Differences) != 0 {
			t.Errorf("afterwards: %v, %+v", err, r)
		}
	})
}
