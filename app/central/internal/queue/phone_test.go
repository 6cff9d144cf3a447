package queue

import (
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

func (f *fixture) phone(id string) Phone {
	f.t.Helper()
	v, err := f.Phone(f.t.Context(), hallID, id)
	if err != nil {
		f.t.Fatalf("phone: %v", err)
	}
	return v
}

// A ticket as its holder's phone follows it through the day.
func TestPhone(t *testing.T) {
	f := newFixture(t)
	first := f.issue(request("a"))
	r := request("a")
	r.Holder = person(1)
	mine := f.issue(r)

	v := f.phone(mine.ID)
	if v.Ticket == nil || v.Ticket.Label != "A002" || v.Ticket.State != centralapi.Issued || v.Ticket.Ahead != 1 {
		t.Fatalf("waiting: %+v", v.Ticket)
	}
	if v.BusinessDay != "2026-11-23" || v.Ticket.Day != v.BusinessDay || !v.Now.Equal(f.clock.now()) {
		t.Errorf("day %s, now %s", v.BusinessDay, v.Now)
	}
	if mine.HolderName == "" || v.Ticket.HolderName != "" || v.Ticket.HolderNumber != "" {
		t.Errorf("the phone page learns who it is: %+v", v.Ticket)
	}

	// The same person asks again: that id leads to the number they hold.
	again := request("a")
	again.Holder = person(1)
	if held := f.issue(again); held.ID != mine.ID {
		t.Fatalf("second number %s", held.Label)
	}
	if v := f.phone(again.ID); v.Ticket == nil || v.Ticket.ID != mine.ID {
		t.Errorf("the second request leads to %+v", v.Ticket)
	}

	f.call("w1")
	if v := f.phone(mine.ID); v.Ticket.Ahead != 0 || v.Ticket.State != centralapi.Issued {
		t.Errorf("next in line: %+v", v.Ticket)
	}
	f.call("w2")
	if v := f.phone(mine.ID); v.Ticket.State != centralapi.Called || v.Ticket.Window != "w2" || v.Ticket.Calls != 1 {
		t.Errorf("called: %+v", v.Ticket)
	}
	if v := f.phone(first.ID); v.Ticket.Window != "w1" {
		t.Errorf("the other ticket: %+v", v.Ticket)
	}

	f.clock.add(24 * time.Hour)
	if v := f.phone(mine.ID); v.BusinessDay != "2026-11-24" || v.Ticket.Day != "2026-11-23" {
		t.Errorf("next day: %s, ticket of %s", v.BusinessDay, v.Ticket.Day)
	}
}

// A number given out without network is unknown until its event comes.
func TestPhoneBeforeTheTicketArrives(t *testing.T) {
	f := newFixture(t)
	r := request("a")
	if v := f.phone(r.ID); v.Ticket != nil || v.BusinessDay != "2026-11-23" {
		t.Errorf("before: %+v", v)
	}
	f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", 3)))
	if v := f.phone(r.ID); v.Ticket == nil || v.Ticket.Label != "A1-03" {
		t.Errorf("after: %+v", v.Ticket)
	}
	_, err := f.Phone(t.Context(), "elsewhere", r.ID)
	wantCode(t, err, centralapi.CodeNotFound)
}
