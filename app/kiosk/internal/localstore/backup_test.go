package localstore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestBackup(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	if err := s.Write(t.Context(), "test", put("a", "1")); err != nil {
		t.Fatal(err)
	}
	// A reader at work keeps nobody from making a copy.
	dir := t.TempDir()
	file := filepath.Join(dir, FileName)
	err := s.Read(t.Context(), "test", func(tx *Tx) error {
		var n int
		if err := tx.QueryRow(`SELECT count(*) FROM meta`).Scan(&n); err != nil {
			return err
		}
		return s.Backup(t.Context(), file)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), "test", put("b", "1")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v; want mode 0600", info.Mode(), err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Backup(t.Context(), file)
	if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "another name") || s.Err() != nil {
		t.Errorf("over an existing file: %v; store dead: %v", err, s.Err())
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Error("the existing copy was changed")
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "missing", "x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into a missing folder: %v", err)
	}
	// The copy is a whole database.
	copied := open(t, dir, Options{})
	if a, b := get(t, copied, "a"), get(t, copied, "b"); a != "1" || b != "" || copied.ID() != s.ID() {
		t.Errorf("in the copy: a=%q b=%q, id %q of %q", a, b, copied.ID(), s.ID())
	}
}

func TestInspectEvery(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	s := open(t, t.TempDir(), Options{Clock: func() Moment { return Moment{BootID: "a", Wall: now} }})
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {0, false}, {6 * 24 * time.Hour, false}, {24 * time.Hour, true}, {-400 * 24 * time.Hour, true}} {
		now = now.Add(c.after)
		if done, err := s.InspectEvery(t.Context(), 7*24*time.Hour); err != nil || done != c.want {
			t.Errorf("%v later: %v, %v; want %v", c.after, done, err, c.want)
		}
	}
}

// An index that lacks a row is what quick_check does not see and integrity_check
// does.
func TestInspectFindsDamage(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	damage := []string{
		`CREATE TABLE x (a INTEGER, b INTEGER)`, `CREATE INDEX x_b ON x (b)`, `INSERT INTO x VALUES (1, 1), (2, 2)`,
		`PRAGMA writable_schema = ON`,
		// The index claims to be about the other column.
		`UPDATE sqlite_schema SET sql = 'CREATE INDEX x_b ON x (a)' WHERE name = 'x_b'`,
		`UPDATE x SET b = 7`,
	}
	for _, statement := range damage {
		if _, err := s.file.Writer.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	done, err := s.InspectEvery(t.Context(), time.Hour)
	if !done || !errors.Is(err, ErrDamaged) || !errors.Is(s.Err(), ErrDead) {
		t.Errorf("inspected %v: %v; the store says %v", done, err, s.Err())
	}
}
