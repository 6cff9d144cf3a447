package localstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Backup copies the whole database into a new file, as it is at one moment, and
// returns when the copy is durable. Nothing is written meanwhile; reads go on. An
// existing file is never overwritten. What was deleted is not in the copy.
//
// A copy is for reading. A terminal that is started with one, beside or instead of
// the original, gives the same numbers again until the centre notices; see
// package uplink.
func (s *Store) Backup(ctx context.Context, file string) error {
	fail := func(err error) error { return fmt.Errorf("localstore: back-up: %w", err) }
	file, err := filepath.Abs(file)
	if err != nil {
		return fail(err)
	}
	if err := s.take(ctx, "back-up"); err != nil {
		return err
	}
	defer s.give()
	// VACUUM INTO accepts an empty file, so this keeps others out: O_EXCL against
	// overwriting, the mode against reading.
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fail(fmt.Errorf("%w: it is never overwritten: choose another name", err))
	}
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	if err := s.vacuumInto(ctx, f); err != nil {
		return errors.Join(fail(err), os.Remove(file))
	}
	return nil
}

func (s *Store) vacuumInto(ctx context.Context, f *os.File) error {
	if _, err := s.file.Writer.ExecContext(ctx, "VACUUM INTO ?", f.Name()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(f.Name()))
}

// InspectEvery reads the whole file with all its indexes (integrity_check) if that
// was last done longer ago than every, by the wall clock, and reports whether it
// did. Taking numbers goes on meanwhile. A file that is not sound makes the Store
// dead, with ErrDamaged: the next start names the cure.
func (s *Store) InspectEvery(ctx context.Context, every time.Duration) (done bool, err error) {
	now := s.Now().Wall
	due := false
	err = s.Read(ctx, "inspect", func(tx *Tx) error {
		var last int64
		err := tx.QueryRow(`SELECT coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'inspected'), 0)`).Scan(&last)
		// A clock that went back must not put it off for years.
		due = now.Sub(time.UnixMilli(last)).Abs() >= every
		return err
	})
	if err != nil || !due {
		return false, err
	}
	var answer string
	err = s.Read(ctx, "inspect", func(tx *Tx) error {
		return tx.QueryRow(`PRAGMA integrity_check(1)`).Scan(&answer)
	})
	if err != nil {
		return false, err
	}
	if answer != "ok" {
		return true, s.die("inspect", fmt.Errorf("%w: %s", ErrDamaged, answer))
	}
	return true, s.Write(ctx, "inspected", func(tx *Tx) error {
		_, err := tx.Exec(`INSERT INTO meta (key, value) VALUES ('inspected', ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value`, strconv.FormatInt(now.UnixMilli(), 10))
		return err
	})
}
