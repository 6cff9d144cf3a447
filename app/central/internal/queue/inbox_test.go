package queue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

func TestEventsAreTakenOnce(t *testing.T) {
	f := newFixture(t)
	r := request("a")
	e1 := f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", 1))
	e2 := f.event(f.t1, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"})
	for range 3 {
		if got := f.deliver(f.t1, e1, e2); got.AckedThrough != 2 || len(got.Quarantined) != 0 {
			t.Errorf("receipt %+v", got)
		}
	}
	// Two terminals enrolled, a number, a call for help.
	if n := f.counts(); n["event"] != 2 || n["ticket"] != 1 || n["help_call"] != 1 || n["hall_log"] != 4 {
		t.Errorf("rows %v", n)
	}
	if k := f.row(r.ID); k.Label != "A1-01" || k.State != centralapi.Issued || k.Slot != 1 {
		t.Errorf("ticket %+v", k)
	}
	// Told again under another event id, as after a crash of the terminal.
	if got := f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", 1))); got.AckedThrough != 3 || len(got.Quarantined) != 0 {
		t.Errorf("receipt %+v", got)
	}
	if n := f.counts(); n["ticket"] != 1 || n["hall_log"] != 4 {
		t.Errorf("rows %v", n)
	}
}

func TestAckStopsBeforeAHole(t *testing.T) {
	f := newFixture(t)
	var e []centralapi.Event
	var ids []string
	for n := 1; n <= 5; n++ {
		r := request("a")
		ids = append(ids, r.ID)
		e = append(e, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", n)))
	}
	steps := []struct {
		send []centralapi.Event
		want int64
	}{
		{[]centralapi.Event{e[1]}, 0},
		{[]centralapi.Event{e[0]}, 2},
		{[]centralapi.Event{e[3], e[4]}, 2},
		{nil, 2},
		{[]centralapi.Event{e[1], e[2]}, 5},
	}
	for i, s := range steps {
		if got := f.deliver(f.t1, s.send...); got.AckedThrough != s.want {
			t.Errorf("step %d: acked through %d, want %d", i, got.AckedThrough, s.want)
		}
		if i == 2 { // a hole hides no number behind it
			for _, id := range []string{ids[3], ids[4]} {
				f.row(id)
			}
		}
	}
	f.restart()
	if got := f.deliver(f.t1); got.AckedThrough != 5 {
		t.Errorf("after a restart: acked through %d", got.AckedThrough)
	}
	if k, err := f.Deliver(t.Context(), hallID, f.t2, batch(f.t2)); err != nil || k.AckedThrough != 0 {
		t.Errorf("another terminal: %+v, %v", k, err)
	}
}

func TestQuarantine(t *testing.T) {
	f := newFixture(t)
	old := f.issue(request("a")) // a ticket of t1 in the hall's series
	foreign := request("a")
	f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, foreign, "A", 7)))
	changed := func(change func(*centralapi.TakenTicket)) centralapi.TakenTicket {
		b := taken(f.t2, request("a"), "A", 90)
		change(&b)
		return b
	}
	whole := request("a")
	whole.Holder = person(1)
	whole.Holder.Number = "11010519491231002X"
	tests := []struct {
		name, reason string
		kind         centralapi.EventKind
		body         any
	}{
		{"unknown kind", "unknown kind", "moon-phase", map[string]any{"x": 1}},
		{"no kind", "unknown kind", "", map[string]any{}},
		{"no body", "no body", centralapi.HelpCalled, ""},
		{"null", "no body", centralapi.HelpCalled, "null"},
		{"another shape", "malformed body", centralapi.TicketTaken, `["a"]`},
		{"unknown business", "unknown-business", centralapi.TicketTaken, changed(func(b *centralapi.TakenTicket) { b.Ticket.Business = "z" })},
		{"another slot's series", "does not belong to slot 2", centralapi.TicketTaken, taken(f.t1, request("a"), "A", 3)},
		{"label of another number", "does not belong to slot 2", centralapi.TicketTaken, changed(func(b *centralapi.TakenTicket) { b.Label = "A2-91" })},
		{"number 0", "does not belong to slot 2", centralapi.TicketTaken, changed(func(b *centralapi.TakenTicket) { b.Number, b.Label = 0, "A2-00" })},
		{"lower-case prefix", "does not belong to slot 2", centralapi.TicketTaken, changed(func(b *centralapi.TakenTicket) { b.Label = "a2-90" })},
		{"whole document number", "invalid", centralapi.TicketTaken, taken(f.t2, whole, "A", 4)},
		{"another terminal's ticket", "another terminal", centralapi.TicketTaken, taken(f.t2, foreign, "A", 5)},
		{"abandons another terminal's ticket", "another terminal", centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: old.ID}},
		{"abandons nothing", "malformed ticket id", centralapi.TicketAbandoned, centralapi.AbandonedTicket{}},
		{"prints what nobody has", "unknown ticket", centralapi.TicketPrinted, centralapi.PrintResult{TicketID: newID(), Outcome: "confirmed"}},
		{"prints with an unknown outcome", "unknown outcome", centralapi.TicketPrinted, centralapi.PrintResult{TicketID: old.ID, Outcome: "perhaps"}},
		{"device in an unknown state", "malformed device", centralapi.DeviceChanged, centralapi.DeviceState{Device: "printer", State: "sad"}},
		{"ready with a fault", "malformed device", centralapi.DeviceChanged, centralapi.DeviceState{Device: "printer", State: "ready", Fault: "paper-out"}},
		{"page with free text", "malformed page", centralapi.HelpCalled, centralapi.HelpCall{Page: "home 110"}},
	}
	before := f.counts()
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := f.event(f.t2, tt.kind, tt.body)
			for range 2 { // the answer to a repeated batch is the same
				got := f.deliver(f.t2, e)
				if got.AckedThrough != int64(i+1) || !slices.Equal(got.Quarantined, []string{e.ID}) {
					t.Errorf("receipt %+v", got)
				}
			}
			var kept store.Event
			read := f.store.Read(t.Context(), func(tx *store.Tx) (err error) { kept, _, err = tx.Event(hallID, e.ID); return err })
			if read != nil || !kept.Quarantined || !strings.Contains(kept.Reason, tt.reason) {
				t.Errorf("kept %+v, %v; want the reason %q", kept, read, tt.reason)
			}
			if strings.Contains(kept.Reason+kept.Body, "11010519491231002X") {
				t.Error("a whole number was kept")
			}
		})
	}
	after := f.counts()
	if after["event"] != before["event"]+len(tests) {
		t.Errorf("%d events kept, want %d more than %d", after["event"], len(tests), before["event"])
	}
	after["event"] = before["event"]
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("rows %v, before %v", after, before)
	}
	// A poisonous event in the middle does not keep its neighbours out.
	r1, r2 := request("a"), request("a")
	got := f.deliver(f.t2, f.event(f.t2, centralapi.TicketTaken, taken(f.t2, r1, "A", 1)),
		f.event(f.t2, centralapi.TicketTaken, `{"label":1}`),
		f.event(f.t2, centralapi.TicketTaken, taken(f.t2, r2, "A", 2)))
	if len(got.Quarantined) != 1 || got.AckedThrough != int64(len(tests)+3) {
		t.Errorf("receipt %+v", got)
	}
	f.row(r1.ID)
	f.row(r2.ID)
}

func TestBodyOfANewerTerminal(t *testing.T) {
	f := newFixture(t)
	r := request("a")
	body := fmt.Sprintf(`{"ticket":{"id":%q,"business":"a","mood":"good"},"label":"A1-01","series":"1","number":1,"day":"2026-11-23","colour":"red"}`, r.ID)
	if got := f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, body)); len(got.Quarantined) != 0 {
		t.Errorf("receipt %+v: fields of a later version are no reason to lose a ticket", got)
	}
	f.row(r.ID)
}

func TestBatchRefused(t *testing.T) {
	f := newFixture(t)
	good := func() centralapi.Event {
		return f.event(f.t1, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"})
	}
	tests := []struct {
		name   string
		change func(*centralapi.EventBatch)
		want   centralapi.Code
	}{
		{"another terminal", func(b *centralapi.EventBatch) { b.Terminal = f.t2.ID }, centralapi.CodeForbidden},
		{"too many", func(b *centralapi.EventBatch) {
			for range 100 {
				b.Events = append(b.Events, good())
			}
		}, centralapi.CodeInvalid},
		{"id", func(b *centralapi.EventBatch) { b.Events[1].ID = "7" }, centralapi.CodeInvalid},
		{"seq 0", func(b *centralapi.EventBatch) { b.Events[0].Seq = 0 }, centralapi.CodeInvalid},
		{"out of order", func(b *centralapi.EventBatch) { b.Events[0], b.Events[1] = b.Events[1], b.Events[0] }, centralapi.CodeInvalid},
		{"clock", func(b *centralapi.EventBatch) { b.MonotonicNow = -1 }, centralapi.CodeInvalid},
		{"long kind", func(b *centralapi.EventBatch) {
			b.Events[0].Kind = centralapi.EventKind(strings.Repeat("x", 65))
		}, centralapi.CodeInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := batch(f.t1, good(), good())
			tt.change(&b)
			_, err := f.Deliver(t.Context(), hallID, f.t1, b)
			wantCode(t, err, tt.want)
		})
	}
	if n := f.counts()["event"]; n != 0 {
		t.Errorf("%d events stored", n)
	}
}

// A request that was processed after all, while the terminal gave up waiting and
// gave out its own number: the paper wins, whatever had become of the ticket.
func TestSupersede(t *testing.T) {
	tests := []struct {
		name  string
		act   func(f *fixture, id string)
		want  centralapi.TicketState
		calls int
	}{
		{"issued", func(*fixture, string) {}, centralapi.Issued, 0},
		{"called under the hall's number", func(f *fixture, _ string) { f.call("w1") }, centralapi.Issued, 0},
		{"passed over", func(f *fixture, id string) {
			f.call("w1")
			f.NoShow(f.t.Context(), hallID, "w1", id)
		}, centralapi.Issued, 0},
		{"started", func(f *fixture, id string) {
			f.call("w1")
			f.Start(f.t.Context(), hallID, "w1", id)
		}, centralapi.Started, 1},
		{"finished", func(f *fixture, id string) {
			f.call("w1")
			f.Finish(f.t.Context(), hallID, "w1", id)
		}, centralapi.Finished, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			r := request("a")
			r.Holder = person(1)
			first := f.issue(r)
			f.issue(request("a"))
			tt.act(f, first.ID)
			// The request came late: the number was given a little before.
			given := first.IssuedAt.Add(-500 * time.Millisecond)
			e := f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", 1))
			b := batch(f.t1, e)
			b.MonotonicNow = e.Monotonic + f.clock.now().Sub(given).Milliseconds()
			for range 2 {
				if got, err := f.Deliver(t.Context(), hallID, f.t1, b); err != nil || len(got.Quarantined) != 0 || got.AckedThrough != 1 {
					t.Fatalf("receipt %+v, %v", got, err)
				}
			}
			k := f.row(first.ID)
			if k.Label != "A1-01" || k.State != tt.want || k.Calls != tt.calls || k.IssuedAt.Sub(given).Abs() > time.Millisecond {
				t.Errorf("ticket %+v, want A1-01 %s at %v", k, tt.want, given)
			}
			var void store.Ticket
			err := f.store.Read(t.Context(), func(tx *store.Tx) (err error) {
				void, _, err = tx.TicketByNumber(hallID, "2026-11-23", "A", "", 1)
				return err
			})
			if err != nil || void.State != centralapi.Void || void.Reason != "superseded" || void.HolderKey != "" || void.ID == first.ID {
				t.Errorf("the hall's number: %+v, %v", void, err)
			}
			// The terminal may ask again for the same id: same ticket, label of the paper.
			if again, err := f.Issue(t.Context(), hallID, f.t1, r); err != nil || again.Label != "A1-01" {
				t.Errorf("asked again: %+v, %v", again, err)
			}
			if tt.want == centralapi.Issued {
				if c := f.call("w1"); c.Label != "A1-01" {
					t.Errorf("next call %s, want the superseding number first", c.Label)
				}
			}
			f.consistent("2026-11-23")
			if n := f.counts()["ticket"]; n != 3 {
				t.Errorf("%d tickets, want 3: one void", n)
			}
		})
	}
}

func TestSupersedeRefusedWithOtherContent(t *testing.T) {
	f := newFixture(t)
	r := request("a")
	first := f.issue(r)
	r.Business = "b"
	if got := f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "B", 1))); len(got.Quarantined) != 1 {
		t.Errorf("receipt %+v", got)
	}
	if k := f.row(first.ID); k.Label != first.Label {
		t.Errorf("ticket %s, want %s", k.Label, first.Label)
	}
}

// A number on paper is booked whatever other ticket has its place, and never in a
// place that another one needs; only one that no day has room for is quarantined.
func TestEveryNumberFindsItsDay(t *testing.T) {
	const today, yesterday, tomorrow = "2026-11-23", "2026-11-22", "2026-11-24"
	for name, tt := range map[string]struct {
		told   string
		sure   bool
		boot   string // "" = the one that delivers
		wall   time.Time
		want   string
		remark bool
	}{
		"its place is free":          {told: today, want: today},
		"its own day has room":       {told: tomorrow, want: tomorrow, remark: true},
		"nearest day with room":      {told: today, want: yesterday, remark: true},
		"no day told":                {want: yesterday, remark: true},
		"nonsense told":              {told: "today", want: yesterday, remark: true},
		"sure of another day":        {told: tomorrow, sure: true, want: tomorrow},
		"sure of a day long past":    {told: "2026-11-09", sure: true, want: "2026-11-09"},
		"another boot, wrong clock":  {told: yesterday, sure: true, boot: "before", wall: morning, want: yesterday},
		"another boot, unsure":       {told: "2026-11-30", boot: "before", wall: morning.AddDate(0, 0, 7), want: "2026-11-30", remark: true},
		"another boot, clock behind": {told: "1970-01-01", boot: "before", wall: time.Unix(0, 0), want: "1970-01-01", remark: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			if name != "its place is free" {
				f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, request("a"), "A", 1)))
			}
			f.clock.add(time.Minute)
			b := taken(f.t1, request("a"), "A", 1)
			if b.Day = tt.told; tt.sure {
				b.At = f.clock.now().Add(-time.Second)
			}
			e := f.event(f.t1, centralapi.TicketTaken, b)
			if tt.boot != "" {
				e.BootID, e.Wall = tt.boot, tt.wall
			}
			if got := f.deliver(f.t1, e); len(got.Quarantined) != 0 {
				t.Fatalf("receipt %+v", got)
			}
			if k := f.row(b.Ticket.ID); k.Day != tt.want || k.IssuedAt.After(f.clock.now()) {
				t.Errorf("booked on %s, given %v; want %s", k.Day, k.IssuedAt, tt.want)
			}
			var told []store.LogEntry
			err := f.store.Read(t.Context(), func(tx *store.Tx) (err error) {
				told, err = tx.LogOf(hallID, b.Ticket.ID)
				return err
			})
			if err != nil || len(told) != 1 || strings.Contains(told[0].Detail, "is taken") != tt.remark {
				t.Errorf("the ledger says %+v, %v", told, err)
			}
		})
	}
}

// What was given before a restart of the machine is not dated after it, whatever the
// wall clock said, and does not date what came after; nor do other kinds of events.
func TestOneWrongClockDatesNothingElse(t *testing.T) {
	f := newFixture(t)
	first := func(k centralapi.TakenTicket, boot string, mono time.Duration, wall time.Time) centralapi.Event {
		e := f.event(f.t1, centralapi.TicketTaken, k)
		e.BootID, e.Monotonic, e.Wall = boot, mono.Milliseconds(), wall
		return e
	}
	own := func(n int) centralapi.TakenTicket { return taken(f.t1, request("a"), "A", n) }
	begin := f.clock.now()
	ahead, sure, here, late := own(1), own(2), own(3), own(4)
	sure.At = begin.Add(10 * time.Minute)
	f.clock.add(time.Hour) // the machine is started anew half an hour ago
	help := f.event(f.t1, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"})
	help.BootID, help.Wall = "one", begin.AddDate(0, 0, 2)
	b := batch(f.t1, help,
		first(ahead, "one", time.Minute, begin.AddDate(0, 0, 1)),
		first(sure, "two", time.Minute, time.Unix(0, 0)),
		first(here, "three", 10*time.Minute, begin.AddDate(1, 0, 0)))
	b.BootID, b.MonotonicNow = "three", (30 * time.Minute).Milliseconds()
	if r, err := f.Deliver(t.Context(), hallID, f.t1, b); err != nil || len(r.Quarantined) != 0 {
		t.Fatal(r, err)
	}
	b = batch(f.t1, first(late, "three", 11*time.Minute, begin))
	b.BootID, b.MonotonicNow = "three", (30 * time.Minute).Milliseconds()
	if r, err := f.Deliver(t.Context(), hallID, f.t1, b); err != nil || len(r.Quarantined) != 0 {
		t.Fatal(r, err)
	}
	for i, want := range []time.Duration{10 * time.Minute, 10 * time.Minute, 40 * time.Minute, 41 * time.Minute} {
		k := f.row([]centralapi.TakenTicket{ahead, sure, here, late}[i].Ticket.ID)
		if off := k.IssuedAt.Sub(begin.Add(want)); off.Abs() > time.Second {
			t.Errorf("%s is dated %v off", k.Label, off)
		}
	}
}

// A terminal crashes before it shows a number; the person asks again, there or
// elsewhere, and is told it. Giving up the first request must not take it away, until
// the second has come to another end as well.
func TestAbandonedButToldElsewhere(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(f *fixture, again centralapi.TicketRequest) []centralapi.Event // of the second request
		want centralapi.TicketState
	}{
		"told": {func(*fixture, centralapi.TicketRequest) []centralapi.Event { return nil }, centralapi.Issued},
		"given up, too": {func(f *fixture, r centralapi.TicketRequest) []centralapi.Event {
			return []centralapi.Event{f.event(f.t2, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: r.ID, Reason: "crash"})}
		}, centralapi.Void},
		"became a number of its own": {func(f *fixture, r centralapi.TicketRequest) []centralapi.Event {
			return []centralapi.Event{f.event(f.t2, centralapi.TicketTaken, taken(f.t2, r, "A", 1))}
		}, centralapi.Void},
	} {
		for _, first := range []bool{true, false} { // whether the first request is given up before the second ends
			t.Run(fmt.Sprint(name, first), func(t *testing.T) {
				f := newFixture(t)
				one, again := request("a"), request("a")
				one.Holder, again.Holder = person(1), person(1)
				k := f.issue(one)
				same, err := f.Issue(t.Context(), hallID, f.t2, again)
				if err != nil || same.ID != k.ID || !same.Existing {
					t.Fatalf("asked again: %+v, %v", same, err)
				}
				gone := f.event(f.t1, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: k.ID, Reason: "crash"})
				if first {
					f.deliver(f.t1, gone)
					if s := f.row(k.ID).State; s != centralapi.Issued {
						t.Errorf("%s while its holder was told it", s)
					}
				}
				if events := tt.end(f, again); len(events) > 0 {
					if r := f.deliver(f.t2, events...); len(r.Quarantined) != 0 {
						t.Errorf("receipt %+v", r)
					}
				}
				if !first {
					f.deliver(f.t1, gone)
				}
				if row := f.row(k.ID); row.State == centralapi.Issued && !row.PrintUnknown {
					t.Error("nobody knows whether it was seen, and it is not marked")
				}
				if s := f.row(k.ID).State; s != tt.want {
					t.Errorf("in the end %s, want %s", s, tt.want)
				}
				f.consistent("2026-11-23")
			})
		}
	}
}

func TestAbandoned(t *testing.T) {
	f := newFixture(t)
	abandon := func(id string) centralapi.EventReceipt {
		return f.deliver(f.t1, f.event(f.t1, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: id, Reason: "crash"}))
	}
	t.Run("before the request arrives", func(t *testing.T) {
		r := request("a")
		if got := abandon(r.ID); len(got.Quarantined) != 0 {
			t.Errorf("receipt %+v", got)
		}
		_, err := f.Issue(t.Context(), hallID, f.t1, r)
		wantCode(t, err, centralapi.CodeAbandoned)
		if got := f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", 50))); len(got.Quarantined) != 1 {
			t.Errorf("taken after it was given up: %+v", got)
		}
	})
	t.Run("issued", func(t *testing.T) {
		r := request("a")
		k := f.issue(r)
		abandon(k.ID)
		if row := f.row(k.ID); row.State != centralapi.Void || row.Reason != "abandoned" {
			t.Errorf("ticket %+v", row)
		}
		_, err := f.Issue(t.Context(), hallID, f.t1, r)
		wantCode(t, err, centralapi.CodeAbandoned)
	})
	t.Run("called", func(t *testing.T) {
		k := f.issue(request("a"))
		f.call("w1")
		abandon(k.ID)
		if c, _ := f.Console(t.Context(), hallID, "w1"); c.Current != nil {
			t.Errorf("the window still has %s", c.Current.Label)
		}
	})
	t.Run("finished", func(t *testing.T) {
		k := f.issue(request("a"))
		f.call("w1")
		if _, err := f.Finish(t.Context(), hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
		if got := abandon(k.ID); len(got.Quarantined) != 0 || f.row(k.ID).State != centralapi.Finished {
			t.Errorf("receipt %+v, ticket %s", got, f.row(k.ID).State)
		}
	})
	f.consistent("2026-11-23")
}

func TestPrinted(t *testing.T) {
	f := newFixture(t)
	k := f.issue(request("a"))
	for _, tt := range []struct {
		outcome string
		want    bool
	}{{"unknown", true}, {"confirmed", false}, {"unknown", true}, {"failed", false}} {
		f.deliver(f.t1, f.event(f.t1, centralapi.TicketPrinted, centralapi.PrintResult{TicketID: k.ID, Outcome: tt.outcome}))
		if row := f.row(k.ID); row.PrintUnknown != tt.want || row.State != centralapi.Issued {
			t.Errorf("after %s: print unknown %v", tt.outcome, row.PrintUnknown)
		}
	}
	// The paper of somebody who held the ticket already, under the id that asked.
	r1, r2 := request("b"), request("b")
	r1.Holder, r2.Holder = person(9), person(9)
	f.issue(r1)
	f.issue(r2)
	if got := f.deliver(f.t1, f.event(f.t1, centralapi.TicketPrinted, centralapi.PrintResult{TicketID: r2.ID, Outcome: "confirmed"})); len(got.Quarantined) != 0 {
		t.Errorf("receipt %+v", got)
	}
}

func TestDevicesAndHelp(t *testing.T) {
	f := newFixture(t)
	console := func() Console {
		t.Helper()
		c, err := f.Console(t.Context(), hallID, "w1")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	out := f.event(f.t1, centralapi.DeviceChanged, centralapi.DeviceState{Device: "printer", State: "fault", Fault: "paper-out"})
	ready := f.event(f.t1, centralapi.DeviceChanged, centralapi.DeviceState{Device: "printer", State: "ready"})
	help := f.event(f.t2, centralapi.HelpCalled, centralapi.HelpCall{Page: "confirm"})
	f.deliver(f.t2, help, f.event(f.t2, centralapi.DeviceChanged, centralapi.DeviceState{Device: "reader", State: "absent"}))
	f.clock.add(time.Minute)
	f.deliver(f.t1, out)
	c := console()
	if len(c.Faults) != 2 || c.Faults[0] != (DeviceFault{"二号机", "reader", "absent", c.Faults[0].Since}) ||
		c.Faults[1].Terminal != "一号机" || c.Faults[1].Fault != "paper-out" || !c.Faults[1].Since.Equal(f.clock.now()) {
		t.Errorf("faults %+v", c.Faults)
	}
	if len(c.Help) != 1 || c.Help[0].ID != help.ID || c.Help[0].Terminal != "二号机" || c.Help[0].Page != "confirm" {
		t.Errorf("help %+v", c.Help)
	}
	f.seq[f.t1.ID]++
	hole := f.seq[f.t1.ID] // of an event that is held up
	ready.Seq = hole + 1
	f.seq[f.t1.ID]++
	f.deliver(f.t1, ready)
	// An older event that comes late changes nothing.
	late := f.event(f.t1, centralapi.DeviceChanged, centralapi.DeviceState{Device: "printer", State: "fault", Fault: "cover-open"})
	late.Seq = hole
	f.deliver(f.t1, late)
	if c := console(); len(c.Faults) != 1 {
		t.Errorf("faults after the printer is ready: %+v", c.Faults)
	}

	wantCode(t, f.AckHelp(t.Context(), hallID, "w1", newID()), centralapi.CodeNotFound)
	for range 2 {
		if err := f.AckHelp(t.Context(), hallID, "w1", help.ID); err != nil {
			t.Error(err)
		}
	}
	if c := console(); len(c.Help) != 0 {
		t.Errorf("help after it was answered: %+v", c.Help)
	}
}

func TestDatingByAge(t *testing.T) {
	noon := morning.Add(2 * time.Hour)
	enrolled := morning
	last := noon.Add(-30 * time.Minute)
	event := func(mono int64, boot string, wall time.Time) centralapi.Event {
		return centralapi.Event{Monotonic: mono, BootID: boot, Wall: wall}
	}
	tests := []struct {
		name string
		last time.Time
		e    centralapi.Event
		want time.Time
	}{
		{"by age", last, event(100_000-60_000, "now", time.Time{}), noon.Add(-time.Minute)},
		{"by age, with the wall clock in 1970", last, event(100_000, "now", time.Unix(0, 0)), noon},
		{"other boot: wall clock", last, event(5, "before", noon.Add(-10*time.Minute)), noon.Add(-10 * time.Minute)},
		{"other boot: wall clock in the future", last, event(5, "before", noon.AddDate(0, 0, 1)), noon.Add(-100 * time.Second)},
		{"other boot: wall clock before the previous event", last, event(5, "before", time.Unix(0, 0)), last.Add(time.Microsecond)},
		{"other boot: nothing before", time.Time{}, event(5, "before", time.Unix(0, 0)), enrolled},
		{"monotonic clock ahead of the batch's", last, event(200_000, "now", noon.Add(-time.Minute)), noon.Add(-time.Minute)},
		{"negative monotonic clock", last, event(-1<<62, "now", noon.Add(-time.Minute)), noon.Add(-time.Minute)},
		{"no boot at all", last, event(100_000, "", noon.Add(-time.Minute)), noon.Add(-time.Minute)},
		{"never behind the previous event", noon.Add(-time.Second), event(100_000-60_000, "now", time.Time{}), noon.Add(-time.Second).Add(time.Microsecond)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := inbox{terminal: store.Terminal{Enrolled: enrolled, LastEventAt: tt.last}, received: noon, glance: &glance{}}
			tt.e.Kind = centralapi.TicketPrinted
			b := centralapi.EventBatch{MonotonicNow: 100_000, BootID: "now", Events: []centralapi.Event{tt.e}}
			if got := in.happened(b, tt.e, in.latest(b)[0]); !got.at.Equal(tt.want) {
				t.Errorf("dated %v, want %v", got.at, tt.want)
			}
		})
	}
}

// Island tickets stand in line where they were taken, among those of the hall.
func TestCallOrderAcrossSeries(t *testing.T) {
	f := newFixture(t)
	hall1 := f.issue(request("a")) // 10:00:01
	f.clock.add(10 * time.Minute)
	hall2 := f.issue(request("a")) // 10:10:02
	island1, island2 := request("a"), request("a")
	e1 := f.event(f.t2, centralapi.TicketTaken, taken(f.t2, island1, "A", 1))
	e2 := f.event(f.t2, centralapi.TicketTaken, taken(f.t2, island2, "A", 2))
	f.clock.add(10 * time.Minute)
	b := batch(f.t2, e1, e2)
	b.MonotonicNow = 1000 + (15 * time.Minute).Milliseconds() // both were taken at 10:05
	if _, err := f.Deliver(t.Context(), hallID, f.t2, b); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{hall1.ID, island1.ID, island2.ID, hall2.ID} {
		k := f.call("w1")
		if k.ID != want {
			t.Errorf("call %d is %s", i, k.Label)
		}
		if _, err := f.Finish(t.Context(), hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWithhold(t *testing.T) {
	for body, want := range map[string]string{
		`{"number":"11010519491231002X"}`:                                 `{"number":"***"}`,
		`["440524188001010014","11010519491231002x"]`:                     `["***","***"]`,
		`110105194912310,13800001234 13900001234`:                         `***,*** ***`,
		`{"id":"01900000-0000-7000-8000-000000000001"}`:                   `{"id":"01900000-0000-7000-8000-000000000001"}`,
		`{"key":"` + strings.Repeat("01", 32) + `"}`:                      `{"key":"` + strings.Repeat("01", 32) + `"}`,
		`{"number":"110***********002X","label":"A1-01","n":12345678901}`: `{"number":"110***********002X","label":"A1-01","n":12345678901}`,
	} {
		if got := withhold(body); got != want {
			t.Errorf("withhold(%s) = %s, want %s", body, got, want)
		}
	}
}
