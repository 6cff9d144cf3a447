package queue

import (
	"context"
	"reflect"
	"testing"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// Every number of the day is in exactly one place of the account.
func TestNumbers(t *testing.T) {
	f := newFixture(t)
	const day = "2026-11-23"
	if n, err := f.Numbers(t.Context(), hallID, day); err != nil || n.Day != day || n.Series == nil || len(n.Series) != 0 {
		t.Errorf("a day without numbers: %+v, %v", n, err)
	}
	var ids []string
	for range 6 {
		r := request("a")
		ids = append(ids, r.ID)
		f.issue(r)
	}
	f.issue(request("b"))
	for _, act := range []func(ctx context.Context, hall, window, ticket string) (centralapi.Ticket, error){f.Finish, f.NoShow, f.Start} {
		if _, err := act(t.Context(), hallID, "w1", f.call("w1").ID); err != nil {
			t.Fatal(err)
		}
	}
	superseded := request("a")
	f.issue(superseded)
	f.deliver(f.t1,
		f.event(f.t1, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: ids[4], Reason: "crash"}),
		f.event(f.t1, centralapi.TicketTaken, taken(f.t1, superseded, "A", 3)),
		f.event(f.t1, centralapi.TicketTaken, taken(f.t1, request("a"), "A", 6)))
	n, err := f.Numbers(t.Context(), hallID, day)
	if err != nil {
		t.Fatal(err)
	}
	want := []centralapi.SeriesNumbers{
		{Prefix: "A", First: "A001", Last: "A007", Served: 1, NoShow: 1, Open: 3, Missing: []string{},
			Void: []centralapi.VoidNumber{{Label: "A005", Reason: "abandoned"}, {Label: "A007", Reason: "superseded"}}},
		{Prefix: "B", First: "B001", Last: "B001", Open: 1, Void: []centralapi.VoidNumber{}, Missing: []string{}},
		{Prefix: "A", Series: "1", First: "A1-03", Last: "A1-06", Open: 2, Void: []centralapi.VoidNumber{}, Missing: []string{"A1-04", "A1-05"}},
	}
	if !reflect.DeepEqual(n.Series, want) {
		t.Errorf("numbers\n%+v, want\n%+v", n.Series, want)
	}
	for _, bad := range []string{"", "today", "2026-13-01", "2026-11-23x"} {
		_, err := f.Numbers(t.Context(), hallID, bad)
		wantCode(t, err, centralapi.CodeInvalid)
	}
}

// A number that is not there must be found: this is what the account is for.
func TestMissingNumbersAreFound(t *testing.T) {
	got := account([]store.NumberRow{
		{Prefix: "A", Number: 2, Label: "A002", State: "finished"}, {Prefix: "A", Number: 5, Label: "A005", State: "issued"}})
	if want := []string{"A001", "A003", "A004"}; len(got) != 1 || !reflect.DeepEqual(got[0].Missing, want) {
		t.Errorf("%+v, want missing %v", got, want)
	}
}
