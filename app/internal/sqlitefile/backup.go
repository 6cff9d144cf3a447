package sqlitefile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a copy of the database as it is now into the new file to, by
// VACUUM INTO, while reading and writing go on. The copy is complete and on the
// disk before it has its name; it has no write-ahead log beside it and can be
// opened like the original. A file that is there already is never replaced: that
// is fs.ErrExist.
func (f *File) Backup(ctx context.Context, to string) error {
	if err := f.backup(ctx, to); err != nil {
		return fmt.Errorf("sqlitefile: back-up: %w", err)
	}
	return nil
}

func (f *File) backup(ctx context.Context, to string) (err error) {
	to, err = filepath.Abs(to)
	if err != nil {
		return err
	}
	exists := func() error {
		if _, err := os.Lstat(to); err == nil {
			return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := exists(); err != nil {
		return err
	}
	// Made by us, because SQLite would make it readable for everybody; an empty
	// file is one it accepts.
	part, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".part-*")
	if err != nil {
		return err
	}
	defer func() {
		if e := os.Remove(part.Name()); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}()
	defer part.Close()
	// A connection of its own: the reading ones refuse it, and the writing one
	// would be missing meanwhile.
	db, err := openPool(f.path, "", settings, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", part.Name()); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return err
	}
	// A link, unlike a rename, fails when the name has been taken meanwhile.
	if err := os.Link(part.Name(), to); errors.Is(err, fs.ErrExist) {
		return err
	} else if err != nil {
		// A file system without links.
		if err := exists(); err != nil {
			return err
		}
		if err := os.Rename(part.Name(), to); err != nil {
			return err
		}
	}
	return syncFolder(filepath.Dir(to))
}
