package queue

import (
	"testing"

	"hallkiosk/app/centralapi"
)

// A press that is sent again is answered as it was, and one that comes late calls
// nobody.
func TestPresses(t *testing.T) {
	f := newFixture(t)
	session, err := f.Login(t.Context(), hallID, "w1", testPIN)
	if err != nil {
		t.Fatal(err)
	}
	press := func(n int64) (centralapi.Ticket, bool, error) {
		return f.CallPressed(t.Context(), hallID, "w1", session.Token, n)
	}
	wantTicket := func(n int64, want centralapi.Ticket, state centralapi.TicketState) {
		t.Helper()
		if k, ok, err := press(n); err != nil || !ok || k.ID != want.ID || k.State != state {
			t.Errorf("press %d: %s %s, %v, %v; want %s %s", n, k.Label, k.State, ok, err, want.Label, state)
		}
	}
	wantNobody := func(n int64) {
		t.Helper()
		if k, ok, err := press(n); err != nil || ok {
			t.Errorf("press %d: %s, %v, %v; want nobody", n, k.Label, ok, err)
		}
	}
	refused := func(n int64) {
		t.Helper()
		_, _, err := press(n)
		wantCode(t, err, centralapi.CodeConflict)
	}
	finish := func(k centralapi.Ticket) {
		t.Helper()
		if _, err := f.Finish(t.Context(), hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
	}
	first, second := f.issue(request("a")), f.issue(request("a"))
	wantTicket(1, first, centralapi.Called)
	wantTicket(1, first, centralapi.Called) // its answer was lost
	refused(2)                              // there is somebody
	finish(first)
	refused(2) // again, or late: the window is free, and nobody is called
	refused(1)
	wantTicket(5, second, centralapi.Called)
	finish(second)
	wantTicket(5, second, centralapi.Finished)
	wantNobody(6)
	third := f.issue(request("a"))
	wantNobody(6) // as it was
	refused(5)    // late
	if k := f.row(third.ID); k.State != centralapi.Issued {
		t.Errorf("%s is %s", k.Label, k.State)
	}
	_, _, err = press(-1)
	wantCode(t, err, centralapi.CodeInvalid)

	// The control: what nobody counts calls somebody whenever it comes.
	wantTicket(0, third, centralapi.Called)
	finish(third)

	// Another session at the window counts for itself.
	fourth := f.issue(request("a"))
	other, err := f.Login(t.Context(), hallID, "w1", testPIN)
	if err != nil {
		t.Fatal(err)
	}
	if k, ok, err := f.CallPressed(t.Context(), hallID, "w1", other.Token, 1); err != nil || !ok || k.ID != fourth.ID {
		t.Errorf("another session: %+v, %v, %v", k, ok, err)
	}
	finish(fourth)

	// Whoever was called by the number nobody has on paper waits again, and the press
	// that called them says so.
	r := request("a")
	fifth := f.issue(r)
	wantTicket(7, fifth, centralapi.Called)
	f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", 1)))
	if k, ok, err := press(7); err != nil || !ok || k.ID != fifth.ID || k.State != centralapi.Issued || k.Window != "" || k.Label != "A1-01" {
		t.Errorf("superseded: %+v, %v, %v", k, ok, err)
	}
	wantTicket(8, fifth, centralapi.Called)
	f.restart() // and all of it is kept
	wantTicket(8, fifth, centralapi.Called)
	refused(7)
	f.consistent("2026-11-23")
}
