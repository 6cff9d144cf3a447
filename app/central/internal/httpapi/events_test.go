package httpapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// taken is the event of a number the terminal has given out by itself.
func (s *server) taken(seq int64, number int) centralapi.Event {
	s.t.Helper()
	series := fmt.Sprint(s.terminal.Slot)
	body, err := json.Marshal(centralapi.TakenTicket{Ticket: request("a"), Label: centralapi.Label("A", series, number),
		Series: series, Number: number, Day: "2026-11-23"})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.event(seq, centralapi.TicketTaken, string(body))
}

func (s *server) deliver(incarnation string, events ...centralapi.Event) centralapi.EventReceipt {
	s.t.Helper()
	b := s.batch(events...)
	b.Incarnation = incarnation
	return get[centralapi.EventReceipt](s, 200, call{method: "POST", path: base + "/events", token: s.token, body: b})
}

// Batches that come again, in parts, in another order and with a hole store each
// event once, and what is acknowledged is there.
func TestReplayedAndReorderedBatches(t *testing.T) {
	s := newServer(t)
	token := s.rotate("")
	var all []centralapi.Event
	for n := range 12 {
		all = append(all, s.taken(int64(n+1), n+1))
	}
	for _, tt := range []struct {
		from, to int
		acked    int64
	}{
		{4, 8, 0}, {4, 8, 0}, {0, 2, 2}, {0, 6, 8}, {2, 4, 8}, {10, 12, 8}, {0, 12, 12}, {8, 10, 12}, {0, 12, 12},
	} {
		if r := s.deliver(token, all[tt.from:tt.to]...); r.AckedThrough != tt.acked || len(r.Quarantined) != 0 {
			t.Errorf("events %d to %d: %+v, want acknowledged through %d", tt.from+1, tt.to, r, tt.acked)
		}
	}
	before := s.rows()
	s.deliver(token, all...)
	if after := s.rows(); after != before {
		t.Errorf("once more: %s, before %s", after, before)
	}
	status := get[centralapi.Status](s, 200, call{method: "GET", path: base + "/status"})
	if status.Queues[0].Waiting != len(all) {
		t.Errorf("%d wait, want %d", status.Queues[0].Waiting, len(all))
	}
	// The same id twice in one batch is one event; a descending order is none.
	twice := s.taken(13, 13)
	again := twice
	again.Seq = 14
	if r := s.deliver(token, twice, again); r.AckedThrough != 13 || len(r.Quarantined) != 0 {
		t.Errorf("one id under two numbers: %+v", r)
	}
	back := s.batch(all[3], all[2])
	back.Incarnation = token
	if res, body := s.do(call{method: "POST", path: base + "/events", token: s.token, body: back}); res.StatusCode != 422 {
		t.Errorf("descending: %d %s", res.StatusCode, body)
	}
}

// Another terminal's id, token, events or numbers get nobody anything.
func TestForgedTerminals(t *testing.T) {
	s := newServer(t)
	otherToken, other, err := s.desk.EnrolTerminal(t.Context(), hallID, "二号机")
	if err != nil {
		t.Fatal(err)
	}
	mine := s.taken(1, 1)
	if r := s.deliver("", mine); r.AckedThrough != 1 {
		t.Fatalf("%+v", r)
	}
	before := s.rows()
	// Its own id in the batch, the other's token, and the other way round.
	for _, tt := range []struct{ token, terminal string }{{otherToken, s.terminal.ID}, {s.token, other.ID}, {s.token, "t99"}, {s.token, ""}} {
		b := s.batch(s.taken(2, 2))
		b.Terminal = tt.terminal
		if res, body := s.do(call{method: "POST", path: base + "/events", token: tt.token, body: b}); res.StatusCode != 403 && res.StatusCode != 422 {
			t.Errorf("%+v: %d %s", tt, res.StatusCode, body)
		}
	}
	if after := s.rows(); after != before {
		t.Errorf("rows %s, before %s", after, before)
	}
	// The other terminal claims a number of this one's series, and this one's ticket.
	stolen := s.taken(1, 7)
	theft := s.event(2, centralapi.TicketAbandoned, `{"id":"`+ticketID(t, mine)+`","reason":"x"}`)
	b := centralapi.EventBatch{Terminal: other.ID, MonotonicNow: 10, BootID: "boot", Events: []centralapi.Event{stolen, theft}}
	r := get[centralapi.EventReceipt](s, 200, call{method: "POST", path: base + "/events", token: otherToken, body: b})
	if r.AckedThrough != 2 || !slices.Equal(r.Quarantined, []string{stolen.ID, theft.ID}) {
		t.Errorf("another's series and ticket: %+v", r)
	}
	if status := get[centralapi.Status](s, 200, call{method: "GET", path: base + "/status"}); status.Queues[0].Waiting != 1 {
		t.Errorf("%d wait, want 1", status.Queues[0].Waiting)
	}
}

func ticketID(t *testing.T, e centralapi.Event) string {
	t.Helper()
	var b centralapi.TakenTicket
	if err := json.Unmarshal(e.Body, &b); err != nil {
		t.Fatal(err)
	}
	return b.Ticket.ID
}

// A terminal whose clock shows 1970, 2038, the last year there is or goes wild
// between two events is dated within its reach, in the order of its own numbers.
func TestClocksOfTerminals(t *testing.T) {
	s := newServer(t)
	enrolled := s.clock()
	s.setClock(enrolled.Add(time.Hour))
	walls := []time.Time{time.Unix(0, 0), time.Unix(1<<31, 0), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), enrolled.Add(time.Minute), time.Unix(1, 0)}
	var events []centralapi.Event
	for i, wall := range walls {
		e := s.taken(int64(i+1), i+1)
		e.Wall, e.BootID, e.Monotonic = wall.UTC(), fmt.Sprint("boot before ", i), int64(i)*1e12 // of no use: another boot
		events = append(events, e)
	}
	if r := s.deliver("", events...); r.AckedThrough != int64(len(walls)) || len(r.Quarantined) != 0 {
		t.Fatalf("%+v", r)
	}
	last := enrolled
	err := s.store.Read(t.Context(), func(tx *store.Tx) error {
		for _, e := range events {
			k, ok, err := tx.Ticket(hallID, ticketID(t, e))
			if err != nil || !ok {
				return fmt.Errorf("ticket of %v: %v %w", e.Wall, ok, err)
			}
			if k.Day != "2026-11-23" || k.IssuedAt.Before(last) || k.IssuedAt.After(s.clock()) {
				t.Errorf("clock at %v: dated %v on %s, after %v", e.Wall, k.IssuedAt, k.Day, last)
			}
			last = k.IssuedAt
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`"10000-01-01T00:00:00Z"`, `"now"`, `0`, `"1970-01-01"`} {
		body := `{"terminal":"t1","monotonic_now":1,"boot_id":"","events":[{"id":"` + newID() + `","seq":9,"kind":"x","monotonic":1,"boot_id":"","wall":` + bad + `,"body":{}}]}`
		if res, data := s.do(call{method: "POST", path: base + "/events", token: s.token, body: body}); res.StatusCode != 400 {
			t.Errorf("wall %s: %d %s", bad, res.StatusCode, data)
		}
	}
}

// Over the wire: the next incarnation again after a lost answer, a batch of the
// one before refused and not stored, and the frozen terminal still gets numbers.
func TestRetiredIncarnation(t *testing.T) {
	s := newServer(t)
	first := s.rotate("")
	s.deliver(first, s.taken(1, 1))
	second := s.rotate(first)
	if again := s.rotate(first); again != second {
		t.Errorf("asked again: %s, before %s", again, second)
	}
	s.deliver(second, s.taken(2, 2))
	s.setClock(s.clock().Add(time.Hour))
	b := s.batch(s.taken(3, 3))
	b.Incarnation = first
	before := s.rows()
	for range 2 {
		res, body := s.do(call{method: "POST", path: base + "/events", token: s.token, body: b})
		if p := problem(t, body); p.Code != centralapi.CodeRetired || p.Retryable || res.StatusCode != 409 {
			t.Errorf("an old incarnation: %d %s", res.StatusCode, body)
		}
	}
	if cut(s.rows()) != cut(before) {
		t.Errorf("rows %s, before %s", s.rows(), before)
	}
	if res, body := s.do(call{method: "POST", path: base + "/terminal/incarnation", token: s.token, body: centralapi.IncarnationRequest{Have: second}}); res.StatusCode != 409 {
		t.Errorf("the original: %d %s", res.StatusCode, body)
	}
	if k := s.issue("a"); k.Label != "A001" {
		t.Errorf("a hall number for a frozen terminal: %+v", k)
	}
}

// cut leaves the ledger out of rows: that a terminal was frozen is told there.
func cut(rows string) string {
	at := strings.Index(rows, "hall_log:")
	_, rest, _ := strings.Cut(rows[at:], " ")
	return rows[:at] + rest
}
