//go:build bench

package queue

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// BenchmarkCallNext calls and finishes while so many wait, with and without classes:
//
//	go test -tags bench -bench CallNext ./app/central/internal/queue
func BenchmarkCallNext(b *testing.B) {
	for _, waiting := range []int{100, 10_000} {
		for _, classes := range []bool{false, true} {
			b.Run(fmt.Sprintf("waiting=%d/classes=%v", waiting, classes), func(b *testing.B) {
				data, err := store.Open(b.TempDir(), store.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { data.Close() })
				h := testHall(3).AlwaysOpen()
				clock := &clock{t: morning}
				d, err := New(Config{Store: data, Hub: &live.Hub{}, Halls: []*hall.Hall{h}, Now: clock.now})
				if err != nil {
					b.Fatal(err)
				}
				random := rand.New(rand.NewPCG(1, 2))
				n := 0
				fill := func(count int) {
					rows, entries := make([]store.Ticket, count), make([]store.LogEntry, count)
					for i := range rows {
						n++
						rows[i] = store.Ticket{Hall: hallID, ID: newID(), Day: "2026-11-23", Prefix: "A", Number: n, Label: centralapi.Label("A", "", n),
							Business: "a", Fingerprint: []byte{1}, State: centralapi.Issued, IssuedAt: morning.Add(time.Duration(n) * time.Millisecond), Seq: int64(n)}
						if classes && random.IntN(5) == 0 {
							rows[i].Class, rows[i].ClassReason = centralapi.Priority, "老年人"
						}
						entries[i] = store.LogEntry{At: morning, Actor: "centre", Action: "issued"}
					}
					if err := data.Write(b.Context(), hallID, func(tx *store.Tx) error { return tx.InsertTickets(rows, entries) }); err != nil {
						b.Fatal(err)
					}
				}
				for range waiting / 100 {
					fill(100)
				}
				var calling time.Duration
				b.ResetTimer()
				for i := range b.N {
					begun := time.Now()
					k, ok, err := d.CallNext(b.Context(), hallID, "w2")
					calling += time.Since(begun)
					if err != nil || !ok {
						b.Fatal(ok, err)
					}
					b.StopTimer()
					if _, err := d.Finish(b.Context(), hallID, "w2", k.ID); err != nil {
						b.Fatal(err)
					}
					if i%100 == 99 {
						fill(100)
					}
					b.StartTimer()
				}
				b.ReportMetric(float64(calling.Microseconds())/float64(b.N), "µs/call")
				// What of it is choosing.
				begun := time.Now()
				const looks = 200
				err = data.Read(b.Context(), func(tx *store.Tx) error {
					for range looks {
						if _, _, _, err := next(tx, d.halls[hallID], "2026-11-23", "w2"); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(time.Since(begun).Microseconds())/looks, "µs/choice")
			})
		}
	}
}
