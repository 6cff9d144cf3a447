package outbox

import (
	"slices"
	"testing"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

func TestLaneOf(t *testing.T) {
	for kind, want := range map[centralapi.EventKind]Lane{
		centralapi.TicketTaken: Tickets, centralapi.TicketAbandoned: Tickets, centralapi.TicketPrinted: Tickets,
		"rating-given": Ratings, centralapi.DeviceChanged: Rest, centralapi.HelpCalled: Rest, Withheld: Rest, "": Rest, "tickets": Rest,
	} {
		if got := LaneOf(kind); got != want {
			t.Errorf("%q is in lane %d, want %d", kind, got, want)
		}
	}
}

// addKind adds one event of each kind.
func addKind(t *testing.T, o *Outbox, s *localstore.Store, kinds ...centralapi.EventKind) {
	t.Helper()
	err := s.Write(t.Context(), "test", func(tx *localstore.Tx) error {
		for _, k := range kinds {
			if _, err := o.Add(tx, k, struct{}{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNext(t *testing.T) {
	const help, taken, rating = centralapi.HelpCalled, centralapi.TicketTaken, centralapi.EventKind("rating-given")
	o, s := open(t, t.TempDir(), newClock())
	addKind(t, o, s, help, rating, taken, help, taken, rating) // 1 to 6
	next := func(sent Sent, limit int, want ...int64) {
		t.Helper()
		rows, err := o.Next(t.Context(), sent, limit)
		if err != nil || !slices.Equal(seqs(rows), want) {
			t.Errorf("next %d after %+v: %v, %v; want %v", limit, sent, seqs(rows), err, want)
		}
		for _, r := range rows {
			if r.Lane != LaneOf(r.Event.Kind) {
				t.Errorf("event %d is in lane %d", r.Event.Seq, r.Lane)
			}
		}
	}
	unsent := func(sent Sent, want int64) {
		t.Helper()
		if got, err := o.Unsent(t.Context(), sent); err != nil || got != want {
			t.Errorf("unsent after %+v: %d, %v; want %d", sent, got, err, want)
		}
	}
	next(Sent{}, 100, 3, 5, 2, 6, 1, 4)
	next(Sent{}, 3, 3, 5, 2)
	unsent(Sent{}, 1)
	sent := Sent{}
	rows, err := o.Next(t.Context(), Sent{}, 5) // 3 5 2 6 1
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		sent.Mark(r)
	}
	if sent != (Sent{Tickets: 5, Ratings: 6, Rest: 1}) {
		t.Errorf("sent %+v", sent)
	}
	next(sent, 100, 4)
	unsent(sent, 4)
	if err := o.Ack(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	next(Sent{}, 100, 5, 6, 4)
	unsent(Sent{}, 4)
	addKind(t, o, s, taken) // a new ticket overtakes
	next(sent, 100, 7, 4)
	sent.Rest, sent.Tickets = 4, 7
	next(sent, 100)
	unsent(sent, 8)
	kill(t, o, 5) // dead: its stand-in keeps its place
	next(Sent{Rest: 4, Ratings: 6}, 100, 5, 7)
	if acked, err := o.Acked(t.Context()); err != nil || acked != 3 {
		t.Errorf("acknowledged through %d, %v", acked, err)
	}
}
