package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Every connection of both pools must be durable, however many are opened.
func TestPragmasOnEveryConnection(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	for _, pool := range []struct {
		name  string
		conns []*sql.Conn
	}{{"writer", []*sql.Conn{sqlite(s).w.conn}}, {"readers", pinned(t, sqlite(s).file.Reader, readers)}} {
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
	write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(1), told) })
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
			if err := tx.InsertTicket(ticket(n), told); err != nil {
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
			if err := tx.InsertTicket(ticket(n), told); err != nil {
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

func TestFullDiskIsACondition(t *testing.T) {
	s := open(t, t.TempDir())
	write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(1), told) })
	var pages int
	if err := sqlite(s).w.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite(s).w.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
		t.Fatal(err)
	}
	fill := func(from int) error {
		return s.Write(t.Context(), "h", func(tx *Tx) error {
			for n := from; n < from+200; n++ {
				if err := tx.InsertTicket(ticket(n), told); err != nil {
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
	if _, err := sqlite(s).w.conn.ExecContext(t.Context(), "PRAGMA max_page_count=100000"); err != nil {
		t.Fatal(err)
	}
	if err := fill(2); err != nil {
		t.Fatalf("write after room was made: %v", err)
	}
}

// After a quiet minute the write-ahead log is folded back and empty.
func TestTidy(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(1), told) })
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
	sqlite(s).tidy() // what the writer does when it is idle; nobody writes now
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

// Under load the log is folded back beside the writer, long before it is long enough
// for the writer to do it.
func TestFoldedBackWhileWriting(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, fileName))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before, n := size(), 0
	for ; n < foldAfter-1; n++ {
		write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(n+1), told) })
	}
	if size() != before {
		t.Fatalf("the database has grown from %d to %d bytes: something else folds back", before, size())
	}
	for deadline := time.Now().Add(time.Minute); size() == before && time.Now().Before(deadline); n++ {
		write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(n+1), told) })
	}
	if size() == before {
		t.Errorf("after %d transactions the database still has %d bytes", n, before)
	}
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
						if err := s.Write(context.Background(), "h", func(tx *Tx) error { return tx.InsertTicket(ticket(n), told) }); err != nil {
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

// Statements that are new to all connections at once: every one of them once
// waited for a connection to prepare on, and held the one another waited for.
func TestNewStatementsOnAllConnections(t *testing.T) {
	s := open(t, t.TempDir())
	var all, inside sync.WaitGroup
	inside.Add(readers)
	failed := make(chan error, readers)
	for i := range readers {
		all.Go(func() {
			failed <- s.Read(t.Context(), func(tx *Tx) error {
				inside.Done()
				inside.Wait()
				var n int
				_, err := tx.one([]any{&n}, fmt.Sprintf("SELECT %d + count(*) FROM terminal", i))
				return err
			})
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the readers wait for each other")
	}
	for range readers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}
