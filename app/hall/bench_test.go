package hall

import (
	"testing"
	"time"
)

// BenchmarkBusinessStateAt is what the centre does for every business of every
// status, and the terminal for every tile.
func BenchmarkBusinessStateAt(b *testing.B) {
	h := sampleHall()
	at := time.Date(2026, 11, 18, 2, 0, 0, 0, time.UTC)
	for _, business := range []string{"all", "own"} {
		b.Run(business, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if st := h.BusinessStateAt(business, at); st.Kind == "" {
					b.Fatal("no state")
				}
			}
		})
	}
}
