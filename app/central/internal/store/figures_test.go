//go:build bench

package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"hallkiosk/app/internal/postgrestest"
)

const (
	rounds  = 7
	perTurn = 700 * time.Millisecond
	clients = 64
)

// TestFiguresStore prints what the store does in a second beside its yardsticks, in
// interleaved rounds on the same disk; ratios are medians of the rounds'. Run with
//
//	go test -tags headless,bench -run TestFiguresStore -v ./app/central/internal/store
func TestFiguresStore(t *testing.T) {
	lite := open(t, t.TempDir())
	liteEach, err := Open(t.TempDir(), Options{maxGroup: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { liteEach.Close() })
	address := postgrestest.Start(t)
	pg := openPostgres(t, address, Options{})
	pgEach := openPostgres(t, address, Options{maxGroup: 1, Connections: clients})
	raw := rawFile(t)

	turns := []struct {
		name string
		run  func() float64
	}{
		{"raw write+fdatasync of 4 KiB, 1 client", func() float64 { return rate(1, raw) }},
		{"SQLite: durable commits of one line, 1 client", func() float64 { return rate(1, line(lite)) }},
		{"SQLite: issue, 1 client", func() float64 { return rate(1, single(lite, "h1")) }},
		{"SQLite: issue per request, 64 clients", func() float64 { return rate(clients, single(liteEach, "h1")) }},
		{"SQLite: one commit for many, statements each, 64 clients", func() float64 { return rate(clients, single(lite, "h2")) }},
		{"SQLite: grouped issue, 64 clients", func() float64 { return grouped(lite, "h3") }},
		{"PostgreSQL: issue, 1 client", func() float64 { return rate(1, single(pg, "h1")) }},
		{"PostgreSQL: issue per request, 64 clients", func() float64 { return rate(clients, single(pgEach, "h1")) }},
		{"PostgreSQL: one commit for many, statements each, 64 clients", func() float64 { return rate(clients, single(pg, "h2")) }},
		{"PostgreSQL: grouped issue, 64 clients", func() float64 { return grouped(pg, "h3") }},
	}
	got := make([][]float64, len(turns))
	for range rounds {
		for i, turn := range turns {
			got[i] = append(got[i], turn.run())
		}
	}
	for i, turn := range turns {
		t.Logf("%-62s %9.0f/s", turn.name, middle(got[i]))
	}
	for _, r := range []struct {
		name  string
		a, b  int
		least float64
	}{
		{"durable commits / raw", 1, 0, 0.5},
		{"SQLite grouped / per request", 5, 3, 4},
		{"PostgreSQL grouped / per request", 9, 7, 5},
	} {
		ratios := make([]float64, rounds)
		for i := range ratios {
			ratios[i] = got[r.a][i] / got[r.b][i]
		}
		m := middle(ratios)
		t.Logf("%-36s ×%.2f (target ×%.1f)", r.name, m, r.least)
		if m < r.least {
			t.Errorf("%s: ×%.2f, target ×%.1f", r.name, m, r.least)
		}
	}
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// rate calls do from n goroutines for a turn and returns calls in a second.
func rate(n int, do func() error) float64 {
	var calls atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range n {
		wg.Go(func() {
			for time.Since(began) < perTurn {
				if err := do(); err != nil {
					panic(err)
				}
				calls.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(calls.Load()) / time.Since(began).Seconds()
}

// rawFile appends to a file as a write-ahead log does, over blocks it has already.
func rawFile(t *testing.T) func() error {
	f, err := os.Create(filepath.Join(t.TempDir(), "raw"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	block := make([]byte, 4096)
	rand.Read(block)
	const blocks = 1000
	for n := range blocks {
		if _, err := f.WriteAt(block, int64(n*len(block))); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	n := 0
	return func() error {
		n++
		if _, err := f.WriteAt(block, int64(n%blocks*len(block))); err != nil {
			return err
		}
		return unix.Fdatasync(int(f.Fd()))
	}
}

// line commits one changed row with nothing around it.
func line(s *Store) func() error {
	n := 0
	return func() error {
		n++ // SQLite does not write what is the same
		return s.Write(context.Background(), "line", func(tx *Tx) error { return tx.PutGuard("line", "w1", Guard{Failures: n}) })
	}
}

// settle issues numbers for requests: what they need to know is asked together.
func settle(tx *Tx, hall string, ids []string) error {
	now := time.Now()
	keys := make([]HolderBusiness, len(ids))
	for i, id := range ids {
		keys[i] = HolderBusiness{id, "b"}
	}
	_, e1 := tx.Tickets(hall, ids)
	_, e2 := tx.Tombstones(hall, ids)
	_, e3 := tx.SameHolders(hall, ids)
	_, e4 := tx.Paused(hall)
	_, e5 := tx.LiveTicketsOf(hall, testDay, keys)
	_, e6 := tx.QueueLengths(hall, testDay)
	for _, err := range []error{e1, e2, e3, e4, e5, e6} {
		if err != nil {
			return err
		}
	}
	first, at, err := tx.TakeNumbers(hall, testDay, "A", len(ids), now)
	if err != nil {
		return err
	}
	list := make([]Ticket, len(ids))
	entries := make([]LogEntry, len(ids))
	for i, id := range ids {
		k := ticket(first + i)
		k.Hall, k.ID, k.IssuedAt = hall, id, at[i]
		k.HolderKey, k.HolderName, k.HolderNumber, k.HolderSource = id, "测*员", "110***********002X", "card"
		k.Fingerprint = make([]byte, 32)
		list[i], entries[i] = k, LogEntry{At: now, Actor: "terminal:t1", Action: "issued"}
	}
	return tx.InsertTickets(list, entries)
}

// single issues one number with a Write of its own.
func single(s *Store, hall string) func() error {
	return func() error {
		ids := []string{uuid.Must(uuid.NewV7()).String()}
		return s.Write(context.Background(), hall, func(tx *Tx) error { return settle(tx, hall, ids) })
	}
}

// grouped issues numbers for all clients that are waiting with one Write, as package
// queue does.
func grouped(s *Store, hall string) float64 {
	type request struct {
		id       string
		answered chan error
	}
	requests := make(chan request, maxGroup)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for first := range requests {
			group := []request{first}
		more:
			for len(group) < maxGroup {
				select {
				case r, ok := <-requests:
					if !ok {
						break more
					}
					group = append(group, r)
				default:
					break more
				}
			}
			ids := make([]string, len(group))
			for i, r := range group {
				ids[i] = r.id
			}
			err := s.Write(context.Background(), hall, func(tx *Tx) error { return settle(tx, hall, ids) })
			for _, r := range group {
				r.answered <- err
			}
		}
	}()
	n := rate(clients, func() error {
		r := request{uuid.Must(uuid.NewV7()).String(), make(chan error, 1)}
		requests <- r
		return <-r.answered
	})
	close(requests)
	<-done
	fmt.Fprint(os.Stderr, ".") // it takes a while
	return n
}
