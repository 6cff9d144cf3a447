package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/postgrestest"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func write(t *testing.T, s *Store, fn func(*Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), "h", fn); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s *Store, fn func(*Tx) error) {
	t.Helper()
	if err := s.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func sqlite(s *Store) *sqliteEngine { return s.engine.(*sqliteEngine) }

// onBoth runs a test on each database. open opens the same database again and
// again; what it has opened is closed at the end.
func onBoth(t *testing.T, test func(t *testing.T, open func() *Store)) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		test(t, func() *Store { return open(t, dir) })
	})
	t.Run("postgres", func(t *testing.T) {
		url := postgrestest.Start(t)
		test(t, func() *Store { return openPostgres(t, url, Options{}) })
	})
}

func openPostgres(t *testing.T, url string, o Options) *Store {
	t.Helper()
	s, err := OpenPostgres(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// told is the entry of tests to which it does not matter.
var told = LogEntry{At: time.UnixMicro(1_000_000), Actor: "centre", Action: "issued"}

// ticket returns a valid row whose id and number come from n.
func ticket(n int) Ticket {
	return Ticket{
		Hall: "h", ID: fmt.Sprintf("id-%d", n), Day: "2026-11-21", Prefix: "A", Number: n,
		Label: centralapi.Label("A", "", n), Business: "b", Fingerprint: []byte{1},
		State: centralapi.Issued, IssuedAt: time.UnixMicro(int64(1_000_000 + n)).UTC(), Seq: int64(n),
	}
}

// pinned opens n connections of a pool at the same time.
func pinned(t *testing.T, db *sql.DB, n int) []*sql.Conn {
	t.Helper()
	var out []*sql.Conn
	for range n {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		out = append(out, c)
	}
	return out
}

func TestOneFailingWriteLeavesOthersAlone(t *testing.T) { onBoth(t, oneFailingWriteLeavesOthersAlone) }

func oneFailingWriteLeavesOthersAlone(t *testing.T, open func() *Store) {
	s := open()
	mine := errors.New("mine")
	// Hold the writer so that the rest becomes one group.
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		write(t, s, func(*Tx) error { close(held); <-release; return nil })
	})
	<-held
	errs := make([]error, 40)
	for n := range errs {
		wg.Go(func() {
			errs[n] = s.Write(t.Context(), "h", func(tx *Tx) error {
				if err := tx.InsertTicket(ticket(n+1), told); err != nil {
					return err
				}
				switch n % 4 {
				case 1:
					return mine
				case 2:
					panic("a bug in a write")
				case 3: // a constraint: the number is there already
					k := ticket(n + 1)
					k.ID = "other"
					return tx.InsertTicket(k, told)
				}
				return nil
			})
		})
	}
	close(release)
	wg.Wait()
	kept := 0
	for n, err := range errs {
		switch n % 4 {
		case 0:
			if err != nil {
				t.Errorf("write %d: %v", n, err)
			}
			kept++
		case 1:
			if !errors.Is(err, mine) {
				t.Errorf("write %d: %v, want its own error", n, err)
			}
		case 2:
			if err == nil || !strings.Contains(err.Error(), "a bug in a write") {
				t.Errorf("write %d: %v, want the panic", n, err)
			}
		case 3:
			if err == nil || EndsTransaction(err) {
				t.Errorf("write %d: %v, want a constraint error", n, err)
			}
		}
	}
	read(t, s, func(tx *Tx) error {
		counts, err := tx.Counts()
		if counts["ticket"] != kept {
			t.Errorf("%d tickets kept, want %d", counts["ticket"], kept)
		}
		n, _ := tx.QueueLength("h", "2026-11-21", "b")
		if n != kept {
			t.Errorf("queue length %d, want %d: rolled back with its write", n, kept)
		}
		return err
	})
	if err := s.Err(); err != nil {
		t.Errorf("store died: %v", err)
	}
}

func TestCancelledBeforeItsTurn(t *testing.T) { onBoth(t, cancelledBeforeItsTurn) }

func cancelledBeforeItsTurn(t *testing.T, open func() *Store) {
	s := open()
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		write(t, s, func(*Tx) error { close(held); <-release; return nil })
	})
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() { answered <- s.Write(ctx, "h", func(tx *Tx) error { return tx.InsertTicket(ticket(1), told) }) }()
	cancel()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled write: %v", err)
	}
	close(release)
	wg.Wait()
	write(t, s, func(*Tx) error { return nil }) // everything before it has run
	read(t, s, func(tx *Tx) error {
		if counts, _ := tx.Counts(); counts["ticket"] != 0 {
			t.Error("a write that was answered with an error was kept")
		}
		return nil
	})
}

// A write whose caller leaves in the middle is answered with the truth.
func TestCancelledInTheMiddle(t *testing.T) { onBoth(t, cancelledInTheMiddle) }

func cancelledInTheMiddle(t *testing.T, open func() *Store) {
	s := open()
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Write(ctx, "h", func(tx *Tx) error {
		cancel()
		return tx.InsertTicket(ticket(1), told)
	})
	if err != nil {
		t.Fatalf("write: %v, want nil: it was kept", err)
	}
	read(t, s, func(tx *Tx) error {
		if counts, _ := tx.Counts(); counts["ticket"] != 1 {
			t.Error("the write was answered with nil and not kept")
		}
		return nil
	})
}

func TestReadCannotWrite(t *testing.T) { onBoth(t, readCannotWrite) }

func readCannotWrite(t *testing.T, open func() *Store) {
	s := open()
	if err := s.Read(t.Context(), func(tx *Tx) error { return tx.InsertTicket(ticket(1), told) }); err == nil {
		t.Error("a ticket was written in a Read")
	}
	if s.Err() != nil {
		t.Errorf("store died: %v", s.Err())
	}
}

func TestLogIsAppendOnly(t *testing.T) { onBoth(t, logIsAppendOnly) }

func logIsAppendOnly(t *testing.T, open func() *Store) {
	s := open()
	write(t, s, func(tx *Tx) error {
		return tx.AppendLog("h", LogEntry{At: time.Now(), Ticket: "x", Action: "issued"})
	})
	for _, q := range []string{"UPDATE hall_log SET action = 'void'", "DELETE FROM hall_log"} {
		err := s.Write(t.Context(), "h", func(tx *Tx) error { _, err := tx.exec(q); return err })
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want a refusal", q, err)
		}
	}
}

func TestClosedStoreAnswers(t *testing.T) { onBoth(t, closedStoreAnswers) }

func closedStoreAnswers(t *testing.T, open func() *Store) {
	s := open()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), "h", func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("write: %v, want ErrClosed", err)
	}
	if err := s.Read(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("read: %v, want ErrClosed", err)
	}
}

// Numbers and their times never go back, even when the clock does.
func TestNumbersWithClockGoingBack(t *testing.T) { onBoth(t, numbersWithClockGoingBack) }

func numbersWithClockGoingBack(t *testing.T, open func() *Store) {
	s := open()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var last time.Time
	for i, now := range []time.Time{noon, noon.Add(-time.Hour), noon.Add(-time.Hour), noon.Add(time.Second)} {
		write(t, s, func(tx *Tx) error {
			n, at, err := tx.TakeNumbers("h", "2026-11-21", "A", 2, now)
			if err != nil {
				return err
			}
			if n != 2*i+1 || !at[0].After(last) || !at[1].After(at[0]) {
				t.Errorf("numbers from %d at %v after %v, want from %d and later", n, at, last, 2*i+1)
			}
			last = at[1]
			k, l := ticket(n), ticket(n+1)
			k.IssuedAt, l.IssuedAt = at[0], at[1]
			return tx.InsertTickets([]Ticket{k, l}, []LogEntry{told, told})
		})
	}
	if !last.Equal(noon.Add(time.Second + time.Microsecond)) {
		t.Errorf("last time %v, want the clock's again", last)
	}
}

// goose does not notice an edited migration, and a data folder that has the old
// one would silently differ: what has been released is never edited; add a file.
func TestMigrationsAreNotEdited(t *testing.T) {
	released := map[string]string{
		"0001_queue.postgres.sql":       "0c8e68536168812aac00c3d403421132ee6182ec1ed224f3ebb4fb7702e31fa8",
		"0001_queue.sqlite.sql":         "56305ee5b7c37665d3b9849095b64dcd0a32ed7c1a8630dd890645da80afcf57",
		"0002_guides.postgres.sql":      "728ca4223386d95a8619bd8c21f06a8be0a3fa1202d97566357a048eecf1a12d",
		"0002_guides.sqlite.sql":        "ca1e3ae9c2981771dbef8062d0492e65634d6aa7c731811a0c386e35ce267f84",
		"0004_staff.postgres.sql":       "c36c9c7d30714138196e289024bc8135e5eae6860f240ad7c36d0005c5e4de5a",
		"0004_staff.sqlite.sql":         "4d7518c53a27447c80aabc9129c6ed311e3d6d4252362064d88f891971d19d65",
		"0005_ratings.postgres.sql":     "a78cba01118b4b8a1866ab283583d20a531286a7271aff576893537f069ccd13",
		"0005_ratings.sqlite.sql":       "e4e979a6c5aaed6ee4b2eb3820ccb3e79df58f40a26a21d9add31eb4b7f17524",
		"0006_complaints.postgres.sql":  "dd493d843421972efc25b9207565842a65ae17e54780796eff1ee26fc8d2d6a7",
		"0006_complaints.sqlite.sql":    "4e11ab311e8a5c2f524049b1c300358e7e129a2e9ce78035fd32ee1b9a3c98c9",
		"0007_visits.postgres.sql":      "9a82e5bb5c77e8759c030ea0c541e80f86918785c9bb576385beee7fce1d9830",
		"0007_visits.sqlite.sql":        "cda3e0cc4420260f20e61b6ce66261b2f05d923185b61790c969b05041797ac2",
		"0008_queue_rules.postgres.sql": "3b2e3c5f6feddd7b91ff5a34356959793e4af0e30b0ad4c19f23e610eaf23e4f",
		"0008_queue_rules.sqlite.sql":   "d7cff26477d492c05e74bb8554e36ecdafc7f307d49b497e1ce3dbab0cc4c673",
		"0011_opinions.postgres.sql":    "3b45789fd8acca3b47e790b29ace6ad7262df8ee606a20149211110768405d31",
		"0011_opinions.sqlite.sql":      "86c4cec9275eb55ab2263e0d30fa70babc1f833f28d513c1c0d01edcadeaed7b",
		"0012_presses.postgres.sql":     "7b7765c322eef5a22ea71b7d6f6488da3e2d7a43c6deaca509a75a65cd854c29",
		"0012_presses.sqlite.sql":       "9f03f26cc0dec48d7438e7896270ecd263fedf613e296d8c8acda5b30d0fbb97",
		"0013_holders.postgres.sql":     "8a6bc4ea4d71d993d8bc7cbaefa896c23d431ddac1f16fe48e29373809bb2628",
		"0013_holders.sqlite.sql":       "4256479353980543a28d45c6b2df390688f9eac223e417c446f57f96596fb45a",
	}
	names, err := fs.Glob(migrations(), "*.sql")
	if err != nil || len(names) != len(released) {
		t.Errorf("migrations %v, %v; list every one here", names, err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != released[name] {
			t.Errorf("%s has SHA-256 %s, want %q", name, got, released[name])
		}
	}
}
