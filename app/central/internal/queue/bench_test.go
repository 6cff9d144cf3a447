package queue

import (
	"encoding/json"
	"testing"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// BenchmarkDeliver takes in batches of 100 events, half of them numbers a terminal
// gave out by itself and half what became of their paper, as after a cut.
func BenchmarkDeliver(b *testing.B) {
	data, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { data.Close() })
	d, err := New(Config{Store: data, Hub: &live.Hub{}, Halls: []*hall.Hall{testHall(3)}, Now: (&clock{t: morning}).now})
	if err != nil {
		b.Fatal(err)
	}
	_, from, err := d.EnrolTerminal(b.Context(), hallID, "一号机")
	if err != nil {
		b.Fatal(err)
	}
	event := func(seq int64, kind centralapi.EventKind, body any) centralapi.Event {
		data, err := json.Marshal(body)
		if err != nil {
			b.Fatal(err)
		}
		return centralapi.Event{ID: newID(), Seq: seq, Kind: kind, Monotonic: seq, BootID: "b", Wall: morning, Body: data}
	}
	seq, n := int64(0), 0
	batches := make([]centralapi.EventBatch, b.N)
	for i := range batches {
		batch := centralapi.EventBatch{Terminal: from.ID, MonotonicNow: 1e9, BootID: "b"}
		for range 50 {
			r := request("a")
			n++
			batch.Events = append(batch.Events, event(seq+1, centralapi.TicketTaken, taken(from, r, "A", n)),
				event(seq+2, centralapi.TicketPrinted, centralapi.PrintResult{TicketID: r.ID, Outcome: "confirmed"}))
			seq += 2
		}
		batches[i] = batch
	}
	b.ResetTimer()
	for _, batch := range batches {
		r, err := d.Deliver(b.Context(), hallID, from, batch)
		if err != nil || len(r.Quarantined) != 0 {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
