package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// An event that fails after it has written something ends in quarantine alone: what
// it wrote is gone, and the others of its batch, which are written together as a
// rule, are kept in order, each once.
func TestOneOfABatchFailsLate(t *testing.T) {
	f := newFixture(t)
	tries := 0
	f.takeComplaint = func(tx *store.Tx, hallID, terminal string, _ centralapi.Complaint, at time.Time) error {
		tries++
		if err := tx.AppendLog(hallID, store.LogEntry{At: at, Actor: "terminal:" + terminal, Action: "half-done"}); err != nil {
			return err
		}
		if _, _, err := tx.Ticket(hallID, "none"); err != nil {
			return err
		}
		return errors.New("refused at the end")
	}
	var events []centralapi.Event
	var want []string
	for n := 1; n <= 12; n++ {
		r := request("a")
		events = append(events, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", n)),
			f.event(f.t1, centralapi.TicketPrinted, centralapi.PrintResult{TicketID: r.ID, Outcome: "confirmed"}))
		label := centralapi.Label("A", fmt.Sprint(f.t1.Slot), n)
		want = append(want, "issued "+label, "printed "+label)
		if n == 5 {
			events = append(events, f.event(f.t1, centralapi.ComplaintFiled, json.RawMessage("{}")))
		}
	}
	bad := events[10]
	for range 2 { // the same batch comes twice
		receipt := f.deliver(f.t1, events...)
		if !slices.Equal(receipt.Quarantined, []string{bad.ID}) || receipt.AckedThrough != int64(len(events)) {
			t.Errorf("receipt %+v", receipt)
		}
	}
	if tries != 2 {
		t.Errorf("the complaint was tried %d times, want once with the others and once alone", tries)
	}
	var got []string
	err := f.store.Read(t.Context(), func(tx *store.Tx) error {
		lines, err := tx.LogSince(hallID, 0, 1000)
		for _, e := range lines {
			if e.Label != "" || e.Action == "half-done" {
				got = append(got, e.Action+" "+e.Label)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("ledger %v, want %v", got, want)
	}
	f.consistent("2026-11-23")
}
