// Package localstore is the terminal's one durable file: a SQLite database in
// the terminal's data folder, and the promise that what has been committed to it
// is still there after the power was cut.
//
// Packages ticketing, outbox and uplink keep their rows in it; no other package
// of the terminal keeps anything on disk. The schema of all of them lies here, in
// migrations, so that a row of business and the outbox row that tells the centre
// of it can share one transaction ([Store.Write]). The package never interprets
// those rows and never talks to anybody.
//
// # Promises
//
//   - A Write that returned nil is durable. journal_mode=WAL and
//     synchronous=FULL are set and read back on every connection; a connection
//     that answers anything else is refused, and with it the start. (SQLite's
//     own default, and WAL with synchronous=NORMAL, lose acknowledged commits
//     at a power cut.)
//   - Write transactions run one after the other on one connection and begin
//     with BEGIN IMMEDIATE; reads see a consistent snapshot on others and cannot
//     write.
//   - A commit that fails, and any I/O error, makes the Store dead for good
//     ([Store.Done], [Store.Err]). After a failed fsync Linux marks the pages
//     clean, and a second fsync on the same file would succeed with the data
//     gone; only a new process that reads the file again knows what is there. So
//     the program exits and its supervisor starts it anew.
//   - One process at a time: the data folder is locked.
//   - Deleted rows are overwritten (secure_delete), and [Store.Checkpoint]
//     empties the write-ahead log of their old copies.
//
// # What was compared
//
// Driver: modernc.org/sqlite, because it needs no C compiler and is the central
// service's driver too; bbolt (half the speed here, no queries, unopenable when
// the power goes while its file is being made) and a log of our own (faster, but
// indexes and states would have to be rebuilt) were left out. The connection
// settings are laid on with the driver's own Connector, as its documentation
// proposes, not by names in the address, because an address is silently ignored
// where it has a spelling mistake. Migrations: goose, through its Provider, which
// keeps no global state; it does not notice a migration that was changed after
// its release, so a test pins their checksums. A program older than the file
// runs on it: migrations only add.
package localstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	sqlite3 "modernc.org/sqlite/lib"
)

// ErrDead is in every error of a Store whose disk failed it. Test with errors.Is.
var ErrDead = errors.New("localstore: the terminal's file is out of use until the program is started again")

// ErrClosed is returned after Close.
var ErrClosed = errors.New("localstore: closed")

// ErrInUse is in the error of Open when another process has the data folder.
var ErrInUse = errors.New("localstore: data folder in use")

// ErrDamaged is in the error of Open when the file is not a sound database of
// this product.
var ErrDamaged = errors.New("localstore: damaged file")

// FileName is the name of the database in the data folder. SQLite keeps two more
// files beside it, FileName-wal and FileName-shm; the three belong together.
const FileName = "terminal.db"

const lockName = "terminal.lock"

// Options changes how a Store is opened. The zero value is right for a terminal.
type Options struct {
	// Logger receives what a technician may want to know. Default: nothing.
	Logger *slog.Logger
	// Clock reads the terminal's clocks. Default: SystemClock().
	Clock Clock
	// Hook is called around every commit, for tests that fail or end a program
	// at exactly this point. An error at BeforeCommit stands for a disk that
	// reported it: nothing is committed and the Store is dead. At AfterCommit the
	// error is ignored.
	Hook func(what string, at Point) error
}

// Point says where in a write transaction Options.Hook is called.
type Point string

// The points, in order.
const (
	BeforeCommit Point = "before-commit"
	AfterCommit  Point = "after-commit"
)

// Store is the open file. It is safe for concurrent use.
type Store struct {
	log   *slog.Logger
	clock Clock
	hook  func(string, Point) error
	id    string

	lock   *os.File
	writer *sql.DB
	reader *sql.DB

	// turn holds one token: whoever has it may write.
	turn chan struct{}

	mu     sync.Mutex
	err    error         // why the store is dead
	done   chan struct{} // closed when it is
	closed bool
}

// Open opens the file in the data folder dir, making both when they are missing,
// brings its schema up to date and checks it. Errors name the cure; they wrap
// ErrInUse or ErrDamaged where those apply.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = SystemClock()
	}
	if err := makeFolder(dir); err != nil {
		return nil, fmt.Errorf("localstore: data folder %s: %w: make it, owned by the user who runs the terminal", dir, err)
	}
	lock, err := lockFolder(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	s := &Store{
		log:   o.Logger,
		clock: o.Clock,
		hook:  o.Hook,
		lock:  lock,
		turn:  make(chan struct{}, 1),
		done:  make(chan struct{}),
	}
	s.turn <- struct{}{}
	if err := s.open(ctx, filepath.Join(dir, FileName)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) error {
	var err error
	if s.writer, err = openPool(path, writing); err != nil {
		return err
	}
	if s.reader, err = openPool(path, reading); err != nil {
		return err
	}
	if err := s.writer.PingContext(ctx); err != nil {
		return explain(path, err)
	}
	if err := quickCheck(ctx, s.writer, path); err != nil {
		return err
	}
	if err := migrate(ctx, s.writer, s.log); err != nil {
		return explain(path, err)
	}
	// A folder that can be read but not written must stop the start, not the
	// first citizen.
	if err := s.Write(ctx, "start", s.sign); err != nil {
		return explain(path, err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("localstore: data folder %s: %w", filepath.Dir(path), err)
	}
	return nil
}

// Now reads the terminal's clocks.
func (s *Store) Now() Moment { return s.clock() }

// ID names this file: a UUID made with it. A replaced or emptied data folder has
// another one.
func (s *Store) ID() string { return s.id }

// Done is closed when the Store is dead.
func (s *Store) Done() <-chan struct{} { return s.done }

// Err returns why the Store is dead, wrapping ErrDead; nil while it is not.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Write carries out f in one write transaction and returns when it is durable.
// An error of f undoes everything and is returned as it is. what names the
// transaction in errors, logs and Options.Hook.
//
// ctx is heeded while waiting for the turn to write and not after: a
// transaction that has begun is finished, so that nobody is left not knowing
// whether it was.
func (s *Store) Write(ctx context.Context, what string, f func(*Tx) error) error {
	after, err := s.write(ctx, what, f)
	if err != nil {
		return err
	}
	for _, f := range after {
		f()
	}
	return nil
}

// take waits for the turn to write; a nil error means that the caller has it and
// must give it back.
func (s *Store) take(ctx context.Context, what string) error {
	select {
	case <-s.turn:
	case <-s.done:
		return s.Err()
	case <-ctx.Done():
		return fmt.Errorf("localstore: %s: %w", what, ctx.Err())
	}
	if err := s.usable(); err != nil {
		s.give()
		return err
	}
	return nil
}

func (s *Store) give() { s.turn <- struct{}{} }

func (s *Store) write(ctx context.Context, what string, f func(*Tx) error) (after []func(), err error) {
	if err := s.take(ctx, what); err != nil {
		return nil, err
	}
	defer s.give()
	ctx = context.WithoutCancel(ctx)
	raw, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, s.judge(what, err)
	}
	// Does nothing after a commit; undoes everything when f fails or panics.
	defer raw.Rollback()
	tx := &Tx{ctx: ctx, tx: raw}
	if err := f(tx); err != nil {
		return nil, s.judge(what, err)
	}
	if s.hook != nil {
		if err := s.hook(what, BeforeCommit); err != nil {
			return nil, s.die(what, err)
		}
	}
	if err := raw.Commit(); err != nil {
		return nil, s.die(what, err)
	}
	if s.hook != nil {
		_ = s.hook(what, AfterCommit)
	}
	return tx.after, nil
}

// Read carries out f on one consistent snapshot of the file. f cannot write.
func (s *Store) Read(ctx context.Context, what string, f func(*Tx) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	raw, err := s.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.judge(what, err)
	}
	defer raw.Rollback()
	err = f(&Tx{ctx: ctx, tx: raw})
	if code, ok := resultCode(err); ok && code == sqlite3.SQLITE_READONLY {
		return fmt.Errorf("localstore: %s: a read may not write: %w", what, err) // f's mistake, not the disk's
	}
	return s.judge(what, err)
}

// Checkpoint moves the write-ahead log into the database and empties it, so that
// what was deleted is in neither. It is meant for quiet minutes; it reports
// whether it could finish, which a reader at work prevents.
func (s *Store) Checkpoint(ctx context.Context) (done bool, err error) {
	if err := s.take(ctx, "checkpoint"); err != nil {
		return false, err
	}
	defer s.give()
	var busy, frames, moved int
	row := s.writer.QueryRowContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := row.Scan(&busy, &frames, &moved); err != nil {
		return false, s.judge("checkpoint", err)
	}
	return busy == 0, nil
}

// Close lets go of the file and the folder. It waits for a transaction at work.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()

	<-s.turn // kept: nobody writes any more
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	errs = append(errs, s.lock.Close())
	s.give()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("localstore: close: %w", err)
	}
	return nil
}

func (s *Store) usable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if s.closed {
		return ErrClosed
	}
	return nil
}

// judge passes an error on, and ends the store's life when it came from the disk.
func (s *Store) judge(what string, err error) error {
	if err == nil {
		return nil
	}
	if fromDisk(err) {
		return s.die(what, err)
	}
	if fromDriver(err) {
		return fmt.Errorf("localstore: %s: %w", what, err)
	}
	return err
}

// die makes the store dead; the first reason stands.
func (s *Store) die(what string, why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = fmt.Errorf("%w: %s: %w", ErrDead, what, why)
		close(s.done)
		s.log.Error("the terminal's file failed; the program must be started again", "during", what, "error", why)
	}
	return s.err
}

// Tx is a transaction. Statements run under the transaction's own context.
type Tx struct {
	ctx   context.Context
	tx    *sql.Tx
	after []func()
}

// Exec carries out a statement.
func (t *Tx) Exec(query string, args ...any) (sql.Result, error) {
	return t.tx.ExecContext(t.ctx, query, args...)
}

// Query asks for rows; the caller closes them.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(t.ctx, query, args...)
}

// QueryRow asks for one row.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(t.ctx, query, args...)
}

// AfterCommit has f called once the transaction is durable, and never when it is
// undone. f must not wait for anything.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// makeFolder makes dir for this user only, durably.
func makeFolder(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return &fs.PathError{Op: "open", Path: dir, Err: errors.New("not a folder")}
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}
