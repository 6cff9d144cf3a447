package ticketing

import (
	"context"
	"slices"
	"testing"
	"time"
)

// BenchmarkIssue measures from the confirmed wish to the durable number: two
// commits, with a centre that answers at once, and without one.
func BenchmarkIssue(b *testing.B) {
	for _, c := range []struct {
		name string
		mood mood
	}{{"centre", well}, {"own-series", deafBefore}} {
		b.Run(c.name, func(b *testing.B) {
			bench := newBench(b, c.mood)
			var times []time.Duration
			for b.Loop() {
				begin := time.Now()
				if _, err := bench.Issue(context.Background(), household); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(begin))
			}
			slices.Sort(times)
			at := func(p int) float64 { return float64(times[len(times)*p/100].Microseconds()) / 1000 }
			b.ReportMetric(at(50), "ms-p50")
			b.ReportMetric(at(99), "ms-p99")
		})
	}
}
