package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
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
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s *Store, fn func(*Tx) error) {
	t.Helper()
	if err := s.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// ticket returns a valid row whose id and number come from n.
func ticket(n int) Ticket {
	return Ticket{
		Hall: "h", ID: fmt.Sprintf("id-%d", n), Day: "2026-11-21", Prefix: "A", Number: n,
		Label: centralapi.Label("A", "", n), Business: "b", Fingerprint: []byte{1},
		State: centralapi.Issued, IssuedAt: time.UnixMicro(int64(1_000_000 + n)).UTC(), Seq: int64(n),
	}
}

// Every connection of both pools must be durable, however many are opened.
func TestPragmasOnEveryConnection(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	for _, pool := range []struct {
		name  string
		conns []*sql.Conn
	}{{"writer", []*sql.Conn{s.w.conn}}, {"readers", pinned(t, s.file.Reader, readers)}} {
		if len(pool.conns) == 0 {
			t.Fatalf("%s: no connections looked at", pool.name)
		}
		for i, c := range pool.conns {
			// Written out: the settings are a promise, not what the code happens to say.
			want := map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000",
				"foreign_keys": "1", "trusted_schema": "0", "secure_delete": "1", "temp_store": "2", "query_only": "0"}
			if pool.name == "readers" {
				want["query_only"] = "1"
			}
			for name, want := range want {
				var got string
				if err := c.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("%s connection %d: %s = %q, want %q", pool.name, i, name, got, want)
				}
			}
		}
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

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := Open(dir, Options{})
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("second open: %v, want ErrInUse", err)
	}
	for _, want := range []string{fmt.Sprint(os.Getpid()), dir} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %s", err, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir)
	write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(1)) })
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 3 {
		t.Fatalf("data folder: %v, %v", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v, %v; others can read it", e.Name(), info.Mode(), err)
		}
	}
}

func TestDamagedDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	write(t, s, func(tx *Tx) error {
		for n := 1; n <= 500; n++ {
			if err := tx.InsertTicket(ticket(n)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fileName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(data) / 2; i < len(data)/2+3*4096; i++ {
		data[i] = 0xA5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "restore the last back-up") {
		t.Fatalf("damaged database: %v, want a refusal with its cure", err)
	}
}

// A reader that meets damage ends the store as well: what is written next would be
// built on it.
func TestDamageMetWhileReadingKillsTheStore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	write(t, s, func(tx *Tx) error {
		for n := 1; n <= 500; n++ {
			if err := tx.InsertTicket(ticket(n)); err != nil {
				return err
			}
		}
		return nil
	})
	find := func(id string) error {
		return s.Read(t.Context(), func(tx *Tx) error { _, _, err := tx.Ticket("h", id); return err })
	}
	if err := find("id-1"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{fileName, fileName + "-wal"} {
		if err := os.Truncate(filepath.Join(dir, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	// Another row: the first one may be answered from memory.
	if err := find("id-499"); !errors.Is(err, ErrDead) {
		t.Errorf("read: %v, want ErrDead", err)
	}
	select {
	case <-s.Dead():
	default:
		t.Error("Dead is not closed")
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	write(t, s, func(tx *Tx) error {
		_, err := tx.exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		return err
	})
	s.Close()
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "install the newer version again") {
		t.Fatalf("open: %v, want ErrNewer with its cure", err)
	}
}

func TestOneFailingWriteLeavesOthersAlone(t *testing.T) {
	s := open(t, t.TempDir())
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
			errs[n] = s.Write(t.Context(), func(tx *Tx) error {
				if err := tx.InsertTicket(ticket(n + 1)); err != nil {
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
					return tx.InsertTicket(k)
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

func TestCancelledBeforeItsTurn(t *testing.T) {
	s := open(t, t.TempDir())
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		write(t, s, func(*Tx) error { close(held); <-release; return nil })
	})
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() { answered <- s.Write(ctx, func(tx *Tx) error { return tx.InsertTicket(ticket(1)) }) }()
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
func TestCancelledInTheMiddle(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Write(ctx, func(tx *Tx) error {
		cancel()
		return tx.InsertTicket(ticket(1))
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

func TestFullDiskIsACondition(t *testing.T) {
	s := open(t, t.TempDir())
	write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(1)) })
	var pages int
	if err := s.w.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.w.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
		t.Fatal(err)
	}
	fill := func(from int) error {
		return s.Write(t.Context(), func(tx *Tx) error {
			for n := from; n < from+200; n++ {
				if err := tx.InsertTicket(ticket(n)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := fill(2); !errors.Is(err, ErrFull) {
		t.Fatalf("write to a full disk: %v, want ErrFull", err)
	}
	if s.Err() != nil {
		t.Fatalf("store died of a full disk: %v", s.Err())
	}
	if _, err := s.w.conn.ExecContext(t.Context(), "PRAGMA max_page_count=100000"); err != nil {
		t.Fatal(err)
	}
	if err := fill(2); err != nil {
		t.Fatalf("write after room was made: %v", err)
	}
}

func TestReadCannotWrite(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Read(t.Context(), func(tx *Tx) error { return tx.InsertTicket(ticket(1)) }); err == nil {
		t.Error("a ticket was written in a Read")
	}
	if s.Err() != nil {
		t.Errorf("store died: %v", s.Err())
	}
}

func TestLogIsAppendOnly(t *testing.T) {
	s := open(t, t.TempDir())
	write(t, s, func(tx *Tx) error {
		return tx.AppendLog("h", LogEntry{At: time.Now(), Ticket: "x", Action: "issued"})
	})
	for _, q := range []string{"UPDATE ticket_log SET action = 'void'", "DELETE FROM ticket_log"} {
		err := s.Write(t.Context(), func(tx *Tx) error { _, err := tx.exec(q); return err })
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want a refusal", q, err)
		}
	}
}

func TestClosedStoreAnswers(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("write: %v, want ErrClosed", err)
	}
	if err := s.Read(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("read: %v, want ErrClosed", err)
	}
}

// Numbers and their times never go back, even when the clock does.
func TestNextNumberWithClockGoingBack(t *testing.T) {
	s := open(t, t.TempDir())
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var last time.Time
	for i, now := range []time.Time{noon, noon.Add(-time.Hour), noon.Add(-time.Hour), noon.Add(time.Second)} {
		write(t, s, func(tx *Tx) error {
			n, at, err := tx.NextNumber("h", "2026-11-21", "A", now)
			if n != i+1 || !at.After(last) {
				t.Errorf("number %d at %v after %v, want %d and later", n, at, last, i+1)
			}
			last = at
			return err
		})
	}
	if !last.Equal(noon.Add(time.Second)) {
		t.Errorf("last time %v, want the clock's again", last)
	}
}

// goose does not notice an edited migration, and a data folder that has the old
// one would silently differ: what has been released is never edited; add a file.
func TestMigrationsAreNotEdited(t *testing.T) {
	released := map[string]string{
		"0001_queue.sqlite.sql": "273ea80722ac2411531ed8390a9550e84d8e1125c39ac191f8854feac73431cd",
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

// After a quiet minute the write-ahead log is folded back and empty.
func TestTidy(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(1)) })
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, fileName+"-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if size() == 0 {
		t.Fatal("the log is empty after a write: nothing to see here")
	}
	s.tidy() // what the writer does when it is idle; nobody writes now
	if n := size(); n != 0 {
		t.Errorf("the log has %d bytes", n)
	}
	read(t, s, func(tx *Tx) error {
		if _, ok, err := tx.Ticket("h", "id-1"); !ok || err != nil {
			t.Errorf("ticket: %v, %v", ok, err)
		}
		return nil
	})
}

func TestCheckRoom(t *testing.T) {
	const mb = 1_000_000
	broken := errors.New("input/output error")
	for name, tt := range map[string]struct {
		free, total uint64
		err         error
		want        error
	}{
		"plenty":                   {500 * mb, 1000 * mb, nil, nil},
		"just enough of a small":   {200*mb + 1, 300 * mb, nil, nil},
		"200 MB":                   {200 * mb, 300 * mb, nil, ErrLittleRoom},
		"5 % of a large one":       {500 * mb, 10_000 * mb, nil, ErrLittleRoom},
		"a little more than 5 %":   {501 * mb, 10_000 * mb, nil, nil},
		"full":                     {0, 10_000 * mb, nil, ErrLittleRoom},
		"the system cannot say":    {0, 0, errors.ErrUnsupported, nil},
		"the system has a problem": {0, 0, broken, broken},
	} {
		s, err := Open(t.TempDir(), Options{FreeSpace: func(string) (uint64, uint64, error) { return tt.free, tt.total, tt.err }})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckRoom(); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		s.Close()
	}
	free, total, err := freeSpace(t.TempDir())
	if !errors.Is(err, errors.ErrUnsupported) && (err != nil || total == 0 || free > total) {
		t.Errorf("the disk of the tests: %d of %d bytes free, %v", free, total, err)
	}
	if _, _, err := freeSpace(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("free space of a folder that is not there")
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			work := make(chan int, b.N)
			for n := range b.N {
				work <- n + 1
			}
			close(work)
			b.ResetTimer()
			var wg sync.WaitGroup
			for range clients {
				wg.Go(func() {
					for n := range work {
						if err := s.Write(context.Background(), func(tx *Tx) error { return tx.InsertTicket(ticket(n)) }); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}
