package queue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// Who holds a ticket is known for its business day and nowhere but beside the ticket.
func TestHoldersAreForgotten(t *testing.T) {
	f := newFixture(t)
	by := request("a")
	by.Holder = person(7)
	asked := f.issue(by)
	own := request("b")
	own.Holder = person(8)
	e := f.event(f.t1, centralapi.TicketTaken, taken(f.t1, own, "B", 1))
	f.deliver(f.t1, e)
	newer := f.event(f.t1, "ticket-from-the-future", map[string]any{"n": []int{1}, "inner": map[string]any{"Holder": own.Holder, "x": "y"}})
	f.deliver(f.t1, newer)

	for _, id := range []string{e.ID, newer.ID} {
		var kept store.Event
		if err := f.store.Read(t.Context(), func(tx *store.Tx) (err error) { kept, _, err = tx.Event(hallID, id); return err }); err != nil {
			t.Fatal(err)
		}
		for _, told := range []string{own.Holder.Key, own.Holder.Name, own.Holder.Number, "older"} {
			if !strings.Contains(string(e.Body), own.Holder.Key) || strings.Contains(kept.Body, told) {
				t.Errorf("the event is kept as %s", kept.Body)
			}
		}
		if want := `"x":"y"`; id == newer.ID && !strings.Contains(kept.Body, want) || id == e.ID && !strings.Contains(kept.Body, own.ID) {
			t.Errorf("the event has lost more: %s", kept.Body)
		}
	}
	known := func(want bool) {
		t.Helper()
		for _, id := range []string{asked.ID, own.ID} {
			k := f.row(id)
			if (k.HolderName != "") != want || (k.HolderNumber != "") != want || (k.HolderKey != "") != want {
				t.Errorf("%s: %q %q %q, want them known: %v", k.Label, k.HolderName, k.HolderNumber, k.HolderKey, want)
			}
		}
	}
	f.call("w1")
	f.restart()
	f.call("w3")
	known(true)
	f.clock.add(24 * time.Hour)
	today := request("a")
	today.Holder = person(7)
	f.issue(today)
	known(false)
	if k := f.row(today.ID); k.HolderName == "" {
		t.Error("today's holder is forgotten, too")
	}
	err := f.store.Read(t.Context(), func(tx *store.Tx) error {
		log, err := tx.LogSince(hallID, 0, 1000)
		if !slices.ContainsFunc(log, func(e store.LogEntry) bool { return e.Action == "holders-erased" && e.Detail == "2" }) {
			t.Errorf("ledger %+v", log)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	f.rebuilt()
}

func TestNameless(t *testing.T) {
	for body, want := range map[string]string{
		``: ``, `null`: `null`, `"holder"`: `"holder"`, `{`: `{`, `{"holder`: `{"holder`, `["holder"]`: `["holder"]`,
		`{"a": 1,  "b":"2"}`:                              `{"a": 1,  "b":"2"}`,
		`{"holder":{"key":"k"},"n":12345678901234567890}`: `{"n":12345678901234567890}`,
		`{"HOLDER":1}`:                                    `{}`,
		`{"a":{"b":{"c":{"holder":1}}}}`:                  `{"a":{"b":{"c":{"holder":1}}}}`, // deeper than any stands
		`{"ticket":{"id":"x","holder":null}}`:             `{"ticket":{"id":"x"}}`,
	} {
		if got := string(nameless([]byte(body), holderDepth)); got != want {
			t.Errorf("%s becomes %s, want %s", body, got, want)
		}
	}
}
