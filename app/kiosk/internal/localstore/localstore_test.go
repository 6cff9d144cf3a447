package localstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func put(key, value string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec(`INSERT INTO meta (key, value) VALUES (?, ?)`, key, value)
		return err
	}
}

func get(t testing.TB, s *Store, key string) string {
	t.Helper()
	var value string
	err := s.Read(t.Context(), "test", func(tx *Tx) error {
		return tx.QueryRow(`SELECT coalesce((SELECT value FROM meta WHERE key = ?), '')`, key).Scan(&value)
	})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return value
}

func TestSettingsOnEveryConnection(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	ctx := t.Context()
	for _, pool := range []struct {
		name      string
		db        *sql.DB
		count     int
		queryOnly string
	}{{"writer", s.file.Writer, 1, "0"}, {"readers", s.file.Reader, readers, "1"}} {
		// Holding them all forces the pool to open as many as it ever will.
		for i := range pool.count {
			conn, err := pool.db.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			// Written out: the settings are a promise, not what the code happens to say.
			for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000",
				"foreign_keys": "1", "trusted_schema": "0", "secure_delete": "1", "temp_store": "2", "query_only": pool.queryOnly} {
				var got string
				if err := conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("%s %d: %s = %s, want %s", pool.name, i, name, got, want)
				}
			}
		}
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	ctx := t.Context()
	called := 0
	boom := errors.New("boom")
	err := s.Write(ctx, "test", func(tx *Tx) error {
		tx.AfterCommit(func() { called++ })
		if err := put("a", "1")(tx); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) || called != 0 || get(t, s, "a") != "" {
		t.Fatalf("undone transaction: error %v, %d calls after commit, a=%q", err, called, get(t, s, "a"))
	}
	func() {
		defer func() { recover() }()
		_ = s.Write(ctx, "test", func(tx *Tx) error {
			if err := put("a", "1")(tx); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	if got := get(t, s, "a"); got != "" {
		t.Fatalf("a panic left a=%q", got)
	}
	err = s.Write(ctx, "test", func(tx *Tx) error {
		tx.AfterCommit(func() { called++ })
		return put("a", "1")(tx)
	})
	if err != nil || called != 1 || get(t, s, "a") != "1" {
		t.Fatalf("committed transaction: error %v, %d calls after commit, a=%q", err, called, get(t, s, "a"))
	}
	if err := s.Write(ctx, "test", put("a", "2")); err == nil || s.Err() != nil {
		t.Errorf("doubled key: error %v, store dead: %v; want an error and a living store", err, s.Err())
	}
}

func TestContext(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Write(ctx, "test", func(tx *Tx) error {
		cancel() // from here on the transaction is finished all the same
		return put("a", "1")(tx)
	})
	if err != nil || get(t, s, "a") != "1" {
		t.Errorf("cancelled in the middle: error %v, a=%q", err, get(t, s, "a"))
	}
	<-s.turn // somebody is writing
	err = s.Write(ctx, "test", put("b", "1"))
	s.turn <- struct{}{}
	if !errors.Is(err, context.Canceled) || get(t, s, "b") != "" {
		t.Errorf("cancelled before its turn: error %v, b=%q", err, get(t, s, "b"))
	}
}

func TestReadCannotWrite(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	if err := s.Read(t.Context(), "test", put("a", "1")); err == nil {
		t.Error("a reader wrote")
	}
	if s.Err() != nil || get(t, s, "a") != "" {
		t.Errorf("store dead: %v; a=%q", s.Err(), get(t, s, "a"))
	}
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	_, err := Open(t.Context(), dir, Options{})
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("second open: %v, want ErrInUse", err)
	}
	if want := fmt.Sprintf("process %d", os.Getpid()); !strings.Contains(err.Error(), want) {
		t.Errorf("the error %q does not name %s", err, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, Options{})
}

func TestReopenKeepsEverything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "terminal")
	s := open(t, dir, Options{})
	id := s.ID()
	if err := s.Write(t.Context(), "test", put("a", "1")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), "test", put("b", "1")); !errors.Is(err, ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
	s = open(t, dir, Options{})
	if id == "" || s.ID() != id || get(t, s, "a") != "1" {
		t.Errorf("after reopening: id %q, want %q; a=%q", s.ID(), id, get(t, s, "a"))
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data folder: %v %v, want mode 0700", info.Mode(), err)
	}
	if other := open(t, t.TempDir(), Options{}); other.ID() == id {
		t.Error("two files have one id")
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, prepare := range map[string]struct {
		dir  func(t *testing.T) string
		want string
		is   error
	}{
		"not a database": {func(t *testing.T) string {
			dir := t.TempDir()
			write(t, filepath.Join(dir, FileName), []byte(strings.Repeat("this is no database ", 400)))
			return dir
		}, "enrolled again", ErrDamaged},
		"overwritten page": {func(t *testing.T) string {
			dir := t.TempDir()
			s := open(t, dir, Options{})
			for i := range 200 {
				if err := s.Write(t.Context(), "test", put(fmt.Sprint(i), strings.Repeat("x", 400))); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, FileName)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := len(data) / 2; i < len(data)/2+8192; i++ {
				data[i] = 0x5a
			}
			write(t, path, data)
			return dir
		}, "enrolled again", ErrDamaged},
		"a file in place of the folder": {func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "x")
			write(t, path, nil)
			return path
		}, "not a folder", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), prepare.dir(t), Options{})
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), prepare.want) || prepare.is != nil && !errors.Is(err, prepare.is) {
				t.Errorf("error %q, want %q and %v", err, prepare.want, prepare.is)
			}
		})
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFailedCommitKillsTheStore(t *testing.T) {
	dir := t.TempDir()
	failing := false
	s := open(t, dir, Options{Hook: func(what string, at Point) error {
		if failing && at == BeforeCommit {
			return errors.New("input/output error")
		}
		return nil
	}})
	if err := s.Write(t.Context(), "test", put("a", "1")); err != nil {
		t.Fatal(err)
	}
	failing = true
	called := false
	err := s.Write(t.Context(), "test", func(tx *Tx) error {
		tx.AfterCommit(func() { called = true })
		return put("b", "1")(tx)
	})
	if !errors.Is(err, ErrDead) || called {
		t.Fatalf("failed commit: %v, after-commit called: %v", err, called)
	}
	failing = false
	select {
	case <-s.Done():
	default:
		t.Error("Done is not closed")
	}
	if !errors.Is(s.Err(), ErrDead) {
		t.Errorf("Err: %v", s.Err())
	}
	if err := s.Write(t.Context(), "test", put("c", "1")); !errors.Is(err, ErrDead) {
		t.Errorf("write on a dead store: %v", err)
	}
	if err := s.Read(t.Context(), "test", func(*Tx) error { return nil }); !errors.Is(err, ErrDead) {
		t.Errorf("read on a dead store: %v", err)
	}
	if _, err := s.Checkpoint(t.Context()); !errors.Is(err, ErrDead) {
		t.Errorf("checkpoint on a dead store: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	if a, b := get(t, s, "a"), get(t, s, "b"); a != "1" || b != "" {
		t.Errorf("after reopening: a=%q b=%q, want the acknowledged row only", a, b)
	}
}

// A full disk, as SQLite itself reports it.
func TestFullDiskKillsTheStore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	if _, err := s.file.Writer.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil { // = as it is now
		t.Fatal(err)
	}
	var err error
	written := 0
	for i := 0; i < 1000 && err == nil; i++ {
		if err = s.Write(t.Context(), "test", put(fmt.Sprint(i), strings.Repeat("x", 1000))); err == nil {
			written++
		}
	}
	if !errors.Is(err, ErrDead) || !errors.Is(s.Err(), ErrDead) {
		t.Fatalf("full disk: %v; the store says %v", err, s.Err())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	for i := range written {
		if get(t, s, fmt.Sprint(i)) == "" {
			t.Errorf("row %d of %d was acknowledged and is gone", i, written)
		}
	}
}

func TestDeletedTextLeavesTheFile(t *testing.T) {
	const marker = "MARKER-7f3a9c"
	dir := t.TempDir()
	s := open(t, dir, Options{})
	for i := range 50 {
		if err := s.Write(t.Context(), "test", put(fmt.Sprint(i), marker+strings.Repeat("x", 300))); err != nil {
			t.Fatal(err)
		}
	}
	if !inFiles(t, dir, marker) {
		t.Fatal("control: the marker is in none of the files even before it is deleted")
	}
	err := s.Write(t.Context(), "test", func(tx *Tx) error {
		_, err := tx.Exec(`DELETE FROM meta WHERE value LIKE ?`, marker+"%")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if done, err := s.Checkpoint(t.Context()); err != nil || !done {
		t.Fatalf("checkpoint: %v, %v", done, err)
	}
	if inFiles(t, dir, marker) {
		t.Error("the marker is still in the files")
	}
}

func inFiles(t *testing.T, dir, text string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		found = found || strings.Contains(string(data), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// goose does not notice that a released migration was changed; terminals that
// ran it would stay as they are. A new migration gets a line here, an old line
// never changes.
func TestMigrationsAreFixed(t *testing.T) {
	want := map[string]string{
		"0001_initial.sql":       "aa8638035eba761a1a30843cd7735b11c087d9a8f60f30df3daa7e00db2d367d",
		"0002_print_journal.sql": "b9e2baf9e71d408dbd1e23c2a64944eaa11ec82a299646ab7fe6411bdc532a95",
		"0003_guides.sql":        "26e16e5ff405dc59789b6ef61a4a499316b8d56e63f8678762eba39c0b8ef802",
	}
	files, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if got := hex.EncodeToString(sum[:]); got != want[f.Name()] {
			t.Errorf("%s has checksum %s, want %s", f.Name(), got, want[f.Name()])
		}
	}
	if len(files) != len(want) {
		t.Errorf("%d migrations, %d checksums", len(files), len(want))
	}
}

// An update that is taken back leaves a file with a newer schema.
func TestNewerSchemaIsAccepted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	err := s.Write(t.Context(), "test", func(tx *Tx) error {
		if _, err := tx.Exec(`ALTER TABLE meta ADD COLUMN later TEXT NOT NULL DEFAULT ''`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, 1)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	if err := s.Write(t.Context(), "test", put("a", "1")); err != nil {
		t.Error(err)
	}
}

func TestMoments(t *testing.T) {
	base := Moment{BootID: "a", Monotonic: 5000, Wall: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		now     Moment
		age     time.Duration
		certain bool
	}{
		"same boot":            {Moment{"a", 7500, base.Wall.Add(time.Hour)}, 2500 * time.Millisecond, true},
		"rebooted":             {Moment{"b", 100, base.Wall.Add(time.Minute)}, time.Minute, false},
		"went back":            {Moment{"b", 100, base.Wall.Add(-time.Hour)}, -time.Hour, false},
		"impossible monotonic": {Moment{"a", 4000, base.Wall.Add(time.Second)}, time.Second, false},
	} {
		if age, certain := c.now.Since(base); age != c.age || certain != c.certain {
			t.Errorf("%s: %v, %v; want %v, %v", name, age, certain, c.age, c.certain)
		}
	}
}

func TestSystemClock(t *testing.T) {
	clock := SystemClock()
	a := clock()
	b := clock()
	if a.BootID == "" || a.BootID != b.BootID || b.Monotonic < a.Monotonic || a.Wall.Location() != time.UTC {
		t.Errorf("%+v then %+v", a, b)
	}
}
