package verify_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/central/verify"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/postgrestest"
)

// The central service itself, on each of its databases: 32 terminals and 32
// windows, for HALL_VERIFY_SECONDS (default 3; long runs: 60).
func TestCentralService(t *testing.T) {
	seconds := 3
	if testing.Short() {
		seconds = 1
	}
	if text := os.Getenv("HALL_VERIFY_SECONDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		seconds = n
	}
	t.Run("SQLite", func(t *testing.T) {
		verifyService(t, central.Config{DataDir: filepath.Join(t.TempDir(), "central")}, seconds)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		verifyService(t, central.Config{Database: postgrestest.Start(t)}, seconds)
	})
}

func verifyService(t *testing.T, c central.Config, seconds int) {
	t.Helper()
	const workers = 32
	h, err := verify.ScratchHall(workers, 6, "246810", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c.Addr, c.Halls, c.RequestRate = "127.0.0.1:0", []*hall.Hall{h}, 1_000_000
	s, err := central.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	select {
	case <-s.Listening():
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	v := verify.Config{BaseURL: s.URL(), Hall: h.ID, PIN: "246810", Duration: time.Duration(seconds) * time.Second}
	for i := range workers {
		token, _, err := s.EnrolTerminal(t.Context(), h.ID, fmt.Sprintf("%d 号机", i+1))
		if err != nil {
			t.Fatal(err)
		}
		v.Tokens = append(v.Tokens, token)
	}
	r, err := verify.Run(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d numbers (%.0f/s), %d calls, %d requests, %d errors, violations %v; issue p50 %.1f p99 %.1f ms",
		r.Taken, r.TakenPerSecond, r.Called, r.Requests, r.Errors, r.Violations, r.Issue.P50, r.Issue.P99)
	if !r.OK() {
		t.Errorf("errors %q, violations %q", r.ErrorSamples, r.Samples)
	}
	// A run in which little happens proves little.
	if r.Terminals != workers || r.Windows != workers || r.Taken < 30*seconds {
		t.Errorf("%d terminals, %d windows, %d numbers in %d s", r.Terminals, r.Windows, r.Taken, seconds)
	}
}
