package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hallkiosk/app/internal/postgrestest"
)

// A copy made while tickets are being written is a whole database.
func TestBackup(t *testing.T) {
	s := open(t, t.TempDir())
	full(t, s)
	folder := t.TempDir()
	copied := filepath.Join(folder, fileName)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 100; ; n++ {
			select {
			case <-stop:
				return
			default:
				write(t, s, func(tx *Tx) error { return tx.InsertTicket(ticket(n), told) })
			}
		}
	})
	err := s.Backup(t.Context(), copied)
	close(stop)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second back-up to the same file: %v, want fs.ErrExist", err)
	}
	if after, err := os.ReadFile(copied); err != nil || string(after) != string(before) {
		t.Error("the first back-up was changed")
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v; want the copy alone", entries, err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	restored := open(t, folder)
	if r, err := restored.Rebuild(t.Context(), "h", true); err != nil || len(r.Differences) != 0 || r.Rows["ticket"] < 2 {
		t.Errorf("rebuild of the copy: %v, %+v", err, r)
	}
	if err := s.Backup(t.Context(), filepath.Join(folder, "nowhere", "x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into a folder that is not there: %v", err)
	}
}

func TestBackupOfPostgres(t *testing.T) {
	s := openPostgres(t, postgrestest.Start(t), Options{})
	if err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "x")); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("back-up: %v, want one that names pg_dump", err)
	}
}
