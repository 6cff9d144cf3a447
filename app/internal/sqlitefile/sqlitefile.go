// Package sqlitefile opens the one SQLite file of a data folder in the way a
// public hall needs it: what has been committed is still there after a power
// cut. The central service's store and the terminal's localstore are its users;
// they own the tables, the transactions and what a failure means for the program.
// The package writes no row of theirs and takes no decision for them beyond
// refusing to open.
//
// # Promises of Open
//
//   - One process at a time: the folder is locked, and the operating system drops
//     the lock with the process, however that ends.
//   - journal_mode=WAL, synchronous=FULL and the other settings are laid on every
//     connection that is ever opened and read back; a connection that answers
//     anything else is refused, and so is the start. SQLite's usual advice for
//     WAL, synchronous=NORMAL, loses acknowledged commits in a power cut.
//   - Deleted rows are overwritten (secure_delete), and nothing is sorted or kept
//     in temporary files elsewhere (temp_store=MEMORY).
//   - The file was read through once (quick_check) and has the newest tables this
//     program knows.
//   - Folder and files belong to this user only, and their names are on the disk.
//
// Writes go through a pool of one connection, whose database/sql transactions
// begin with BEGIN IMMEDIATE; reads have connections of their own that cannot
// write.
//
// # What was compared
//
// Driver: modernc.org/sqlite is SQLite's own C code translated to Go and needs no
// C compiler; mattn/go-sqlite3 needs one on every machine that builds. The
// settings are laid on with a [driver.Connector], as the driver's documentation
// proposes, and not by names in the address, because an address is silently
// ignored where it has a spelling mistake. Lock: flock(2) and LockFileEx on a
// file; a file whose presence is the lock stays behind after a crash, and the
// lock file package of rogpeppe/go-internal can only wait. Migrations: goose,
// through its Provider, which keeps no global state; it does not notice a
// migration that was changed after its release, so its users pin checksums in a
// test.
package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// What Open can be refused for, besides errors of the disk. Test with errors.Is.
var (
	// ErrInUse: another process has the data folder.
	ErrInUse = errors.New("sqlitefile: data folder in use")
	// ErrDamaged: the file is not a database, or not a sound one.
	ErrDamaged = errors.New("sqlitefile: damaged file")
	// ErrNewer: the tables were made by a newer version of the program.
	ErrNewer = errors.New("sqlitefile: written by a newer version of the program")
)

// Config says what to open. All fields but the last two are required.
type Config struct {
	Dir      string // the data folder, on a local disk; made when it is missing
	Name     string // the database's name in it; SQLite keeps Name-wal and Name-shm beside it
	LockName string // the lock file's name in it
	Readers  int    // most connections that read at the same time

	// Migrations are goose's SQL files, at the root of the file system.
	Migrations fs.FS
	// Suffix chooses among them, such as ".sqlite.sql" where each has a twin for
	// another database. Default: all.
	Suffix string
	// AcceptNewer opens a file whose tables are newer than Migrations; otherwise
	// that is ErrNewer. Right for whom migrations only ever add.
	AcceptNewer bool
}

// File is an open database and the folder it lies in.
type File struct {
	Writer *sql.DB // one connection
	Reader *sql.DB // Config.Readers connections, read-only
	// Applied are the versions of the migrations this Open has run, in order.
	Applied []int64

	path string
	lock *os.File
}

// Open opens the file, making it and its folder when they are missing. When it
// fails, nothing stays open or locked. See [Classify] for errors of SQLite.
func Open(ctx context.Context, c Config) (*File, error) {
	if c.Dir == "" {
		return nil, errors.New("sqlitefile: no data folder given")
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("sqlitefile: data folder: %w", err)
	}
	if err := makeFolder(dir); err != nil {
		return nil, fmt.Errorf("sqlitefile: data folder: %w: make it, owned by the user who runs this program", err)
	}
	f := &File{path: filepath.Join(dir, c.Name)}
	if f.lock, err = lockFolder(filepath.Join(dir, c.LockName)); err != nil {
		return nil, err
	}
	if err := f.open(ctx, f.path, c); err != nil {
		if Classify(err) == Damaged {
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *File) open(ctx context.Context, path string, c Config) error {
	// SQLite would make the file readable for everybody.
	empty, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("sqlitefile: database: %w: the user who runs this program must be able to write to it", err)
	}
	empty.Close()
	if f.Writer, err = openPool(path, "_txlock=immediate", settings, 1); err != nil {
		return err
	}
	if err := quickCheck(ctx, f.Writer); err != nil {
		return err
	}
	if f.Applied, err = migrate(ctx, f.Writer, c); err != nil {
		return err
	}
	if f.Reader, err = openPool(path, "", append(settings[:len(settings):len(settings)], readOnly), c.Readers); err != nil {
		return err
	}
	if err := f.Reader.PingContext(ctx); err != nil { // refuse now, not at the first request
		return fmt.Errorf("sqlitefile: open for reading: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("sqlitefile: data folder: %w", err)
	}
	return nil
}

// Close closes the connections and lets go of the folder. Close statements of
// your own first.
func (f *File) Close() error {
	var errs []error
	for _, db := range []*sql.DB{f.Reader, f.Writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(append(errs, f.lock.Close())...); err != nil {
		return fmt.Errorf("sqlitefile: close: %w", err)
	}
	return nil
}

// quickCheck reads the whole file once.
func quickCheck(ctx context.Context, db *sql.DB) error {
	var answer string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return fmt.Errorf("sqlitefile: check database: %w", err)
	}
	if answer != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, answer)
	}
	return nil
}
