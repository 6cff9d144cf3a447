package central_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/hall"
)

// BenchmarkIssue is a number over loopback HTTP, durable when it is answered:
// client, authorisation, validation, numbering, log and commit.
func BenchmarkIssue(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s := run(b, central.Config{DataDir: b.TempDir(), Halls: []*hall.Hall{testHall(6)}})
			token, _, err := s.EnrolTerminal(b.Context(), "test", "一号机")
			if err != nil {
				b.Fatal(err)
			}
			c := client(b, s.Service, token)
			if _, err := c.IssueTicket(b.Context(), request("b")); err != nil { // the first one prepares statements
				b.Fatal(err)
			}
			work := make(chan struct{}, b.N)
			for range b.N {
				work <- struct{}{}
			}
			close(work)
			took := make([][]time.Duration, clients)
			b.ResetTimer()
			var wg sync.WaitGroup
			for n := range clients {
				wg.Go(func() {
					for range work {
						begun := time.Now()
						if _, err := c.IssueTicket(b.Context(), request("a")); err != nil {
							b.Error(err)
							return
						}
						took[n] = append(took[n], time.Since(begun))
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			all := slices.Sorted(slices.Values(slices.Concat(took...)))
			if len(all) == 0 {
				return
			}
			b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "tickets/s")
			b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
