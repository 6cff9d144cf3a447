package queue

import (
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

// Each reason there is, in words.
func TestWhy(t *testing.T) {
	type do = func(f *fixture)
	ctx := t.Context()
	must := func(f *fixture) func(centralapi.Ticket, error) {
		return func(_ centralapi.Ticket, err error) {
			f.t.Helper()
			if err != nil {
				f.t.Fatal(err)
			}
		}
	}
	take := func(business string, class centralapi.TicketClass) do {
		return func(f *fixture) { f.issue(classed(business, class)) }
	}
	id := func(f *fixture, label string) (id string) {
		f.t.Helper()
		for _, w := range []string{"w1", "w2", "w3"} {
			c, err := f.Console(ctx, hallID, w)
			if err != nil {
				f.t.Fatal(err)
			}
			if c.Current != nil {
				c.Waiting = append(c.Waiting, *c.Current)
			}
			for _, k := range append(append(c.Waiting, c.Missed...), c.Held...) {
				if k.Label == label {
					return k.ID
				}
			}
		}
		f.t.Fatalf("no %s", label)
		return ""
	}
	call := func(w string) do { return func(f *fixture) { f.clock.add(time.Minute); f.call(w) } }
	on := func(w, label string, act func(*Desk, string, string) (centralapi.Ticket, error)) do {
		return func(f *fixture) { f.clock.add(time.Minute); must(f)(act(f.Desk, w, id(f, label))) }
	}
	finish := func(d *Desk, w, id string) (centralapi.Ticket, error) { return d.Finish(ctx, hallID, w, id) }
	start := func(d *Desk, w, id string) (centralapi.Ticket, error) { return d.Start(ctx, hallID, w, id) }
	hold := func(d *Desk, w, id string) (centralapi.Ticket, error) { return d.Hold(ctx, hallID, w, id) }
	miss := func(d *Desk, w, id string) (centralapi.Ticket, error) { return d.NoShow(ctx, hallID, w, id) }
	back := func(d *Desk, w, id string) (centralapi.Ticket, error) { return d.Reenter(ctx, hallID, w, id) }
	raise := func(d *Desk, w, id string) (centralapi.Ticket, error) {
		return d.Prioritise(ctx, hallID, w, id, centralapi.Priority, "急送医院")
	}
	to := func(to TransferTo) func(d *Desk, w, id string) (centralapi.Ticket, error) {
		return func(d *Desk, w, id string) (centralapi.Ticket, error) { return d.Transfer(ctx, hallID, w, id, to) }
	}
	tests := map[string]struct {
		do            []do
		first, second string
		want          string
	}{
		"in order": {[]do{take("a", ""), take("a", ""), call("w1")}, "A001", "A002",
			"A001 在 10:01:02 先叫到 1 号窗口：同类号先来先叫，A001 取号 10:00:01，A002 取号 10:00:02。"},
		"neither": {[]do{take("a", ""), take("a", "")}, "A002", "A001", "A002 和 A001 都还没有叫到。"},
		"the other one was": {[]do{take("a", ""), take("a", ""), call("w1"), call("w2")}, "A002", "A001",
			"A002 并没有先叫：A001 在 10:01:02 先叫到 1 号窗口，A002 在 10:02:02 才叫到 2 号窗口。"},
		"only the other one was": {[]do{take("a", ""), take("a", ""), call("w1")}, "A002", "A001",
			"A002 并没有先叫：A001 已在 10:01:02 叫到 1 号窗口，A002 还没有叫到。"},
		"not there yet": {[]do{take("a", ""), call("w1"), take("a", "")}, "A001", "A002",
			"A001 在 10:01:01 先叫到 1 号窗口：当时 A002 还没有取号（10:01:02 才取）。"},
		"a class": {[]do{take("a", ""), take("a", centralapi.Priority), call("w1")}, "A002", "A001",
			"A002 在 10:01:02 先叫到 1 号窗口：A002 是绿色通道号（老年人），排在普通号之前。"},
		"an appointment": {[]do{take("a", ""), take("a", centralapi.Appointment), call("w1")}, "A002", "A001",
			"A002 在 10:01:02 先叫到 1 号窗口：A002 是预约号，排在普通号之前。"},
		"a class given by staff": {[]do{take("a", ""), take("a", ""), on("w2", "A002", raise), call("w1")}, "A002", "A001",
			"A002 在 10:02:02 先叫到 1 号窗口：A002 由 2 号窗口在 10:01:02 改为绿色通道号（急送医院），排在普通号之前。"},
		"the turn of an ordinary one": {[]do{take("a", ""), take("a", centralapi.Priority), take("a", centralapi.Priority), call("w1"), call("w2")}, "A001", "A003",
			"A001 在 10:02:03 先叫到 2 号窗口：连续叫了几个优先号之后轮到一个普通号，A001 是当时排在最前的普通号。"},
		"another business": {[]do{take("b", ""), take("a", ""), call("w1")}, "A001", "B001",
			"A001 在 10:01:02 先叫到 1 号窗口：1 号窗口只叫自己所办业务的号，不办 B001 的“社保”。"},
		"sent to a window": {[]do{take("a", ""), call("w1"), take("a", ""), on("w1", "A001", to(TransferTo{Window: "w3"})), call("w1")}, "A002", "A001",
			"A002 并没有先叫：A001 在 10:01:01 先叫到 1 号窗口，A002 在 10:03:02 才叫到 1 号窗口。"},
		"sent from another business": {[]do{take("a", ""), take("b", ""), call("w1"), on("w1", "A001", to(TransferTo{Business: "b"})), call("w3")}, "A001", "B001",
			"A001 在 10:01:02 先叫到 1 号窗口：1 号窗口只叫自己所办业务的号，不办 B001 的“社保”。"},
		"started": {[]do{take("a", ""), call("w2"), on("w2", "A001", start), take("a", ""), call("w1")}, "A002", "A001",
			"A002 并没有先叫：A001 在 10:01:01 先叫到 2 号窗口，A002 在 10:03:02 才叫到 1 号窗口。"},
		"held": {[]do{take("a", ""), call("w1"), on("w1", "A001", hold), take("a", ""), call("w1"), on("w1", "A002", finish)}, "A001", "A002",
			"A001 在 10:01:01 先叫到 1 号窗口：当时 A002 还没有取号（10:02:02 才取）。"},
		"came back": {[]do{take("a", ""), take("a", ""), take("a", ""), call("w1"), on("w1", "A001", miss), on("w1", "A001", back), call("w1")}, "A002", "A001",
			"A002 并没有先叫：A001 在 10:01:03 先叫到 1 号窗口，A002 在 10:04:03 才叫到 1 号窗口。"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := ruled()
			h.Queue.PriorityRun = 1
			f := newFixtureWith(t, h)
			for _, do := range tt.do {
				do(f)
			}
			got, err := f.Why(ctx, hallID, tt.first, tt.second)
			if err != nil || got != tt.want {
				t.Errorf("%s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestWhyFindsTickets(t *testing.T) {
	f := newFixtureWith(t, testHall(3).AlwaysOpen())
	old := f.issue(request("a"))
	f.call("w1")
	f.clock.add(24 * time.Hour)
	first, second := f.issue(request("a")), f.issue(request("a"))
	f.call("w2")
	for _, tt := range []struct {
		first, second string
		want          string
		code          centralapi.Code
	}{
		{" A001 ", "A002", "A001 在 ", ""}, // today's
		{first.ID, second.ID, "A001 在 ", ""},
		{old.ID, second.ID, "A001 在 ", ""},
		{"A001", "A001", "", centralapi.CodeInvalid},
		{"A001", first.ID, "", centralapi.CodeInvalid},
		{"", "A001", "", centralapi.CodeInvalid},
		{"A001", "A009", "", centralapi.CodeNotFound},
		{"A001", newID(), "", centralapi.CodeNotFound},
	} {
		got, err := f.Why(t.Context(), hallID, tt.first, tt.second)
		if tt.code != "" {
			wantCode(t, err, tt.code)
		} else if err != nil || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q, %q: %s, %v", tt.first, tt.second, got, err)
		}
	}
	// A number that is on paper only later, and one that was told under another label.
	r := request("a")
	f.issue(r)
	f.call("w1")
	f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", 1)))
	got, err := f.Why(t.Context(), hallID, "A1-01", "A001")
	if err != nil || !strings.HasPrefix(got, "A1-01 并没有先叫：A001 已在") {
		t.Errorf("%s, %v", got, err)
	}
	late := request("b")
	mine := f.issue(request("b"))
	f.call("w3")
	e := f.event(f.t2, centralapi.TicketTaken, taken(f.t2, late, "B", 1))
	if r, err := f.Deliver(t.Context(), hallID, f.t2, centralapi.EventBatch{Terminal: f.t2.ID, MonotonicNow: 600_000, BootID: "boot", Events: []centralapi.Event{e}}); err != nil || r.AckedThrough != 1 {
		t.Fatal(r, err)
	}
	if got, err = f.Why(t.Context(), hallID, mine.ID, late.ID); err != nil || !strings.Contains(got, "当时中心还没有收到 B2-01，它是终端断网时发的号。") {
		t.Errorf("%s, %v", got, err)
	}
}
