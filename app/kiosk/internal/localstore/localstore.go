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
//   - A Write that returned nil is durable. Package sqlitefile opens the file
//     and says what it does for that.
//   - Write transactions run one after the other on one connection and begin
//     with BEGIN IMMEDIATE; reads see a consistent snapshot on others and cannot
//     write.
//   - A commit that fails, and any I/O error, makes the Store dead for good
//     ([Store.Done], [Store.Err]). After a failed fsync Linux marks the pages
//     clean, and a second fsync on the same file would succeed with the data
//     gone; only a new process that reads the file again knows what is there. So
//     the program exits and its supervisor starts it anew.
//     Package kiosk's Run then returns the error, the program ends with exit code
//     74 (EX_IOERR of sysexits(3)), and systemd with Restart=always is enough.
//   - A full disk is foreseen: a file named "ballast" holds 16 MiB of it back.
//     When SQLite answers "disk full", the ballast is deleted and the transaction
//     carried out once more, so that the number of this moment and its event are
//     written; [Store.Room] tells the technician. Only when the disk is full
//     again is the Store dead.
//   - One process at a time: the data folder is locked.
//   - Deleted rows are overwritten (secure_delete), and [Store.Checkpoint]
//     empties the write-ahead log of their old copies.
//   - The file is read through at every start (quick_check, by sqlitefile), and
//     with all its indexes once a week while the terminal runs
//     ([Store.InspectEvery]): a terminal that is never switched off must not find
//     out about a rotten disk when it is too late to copy anything.
//
// # What was compared
//
// SQLite, as in the central service; bbolt (half the speed here, no queries,
// unopenable when the power goes while its file is being made) and a log of our
// own (faster, but indexes and states would have to be rebuilt) were left out. A
// program older than the file runs on it: migrations only add.
package localstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/google/uuid"

	"hallkiosk/app/internal/failpoint"
	"hallkiosk/app/internal/sqlitefile"
)

// ErrDead is in every error of a Store whose disk failed it. Test with errors.Is.
var ErrDead = errors.New("localstore: the terminal's file is out of use until the program is started again")

// ErrClosed is returned after Close.
var ErrClosed = errors.New("localstore: closed")

// ErrInUse is in the error of Open when another process has the data folder.
var ErrInUse = sqlitefile.ErrInUse

// ErrDamaged is in the error of Open when the file is not a sound database of
// this product.
var ErrDamaged = sqlitefile.ErrDamaged

// FileName is the name of the database in the data folder. SQLite keeps two more
// files beside it, FileName-wal and FileName-shm; the three belong together.
const FileName = "terminal.db"

const (
	lockName = "terminal.lock"
	readers  = 4 // connections that read at the same time
)

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
	// Ballast is how many bytes of the disk are held back for the moment in which
	// it is full. Default 16 MiB; negative = none.
	Ballast int64
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
	file  *sqlitefile.File
	// ballast is given up when the disk is full.
	ballast *ballast

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
	path := filepath.Join(dir, FileName)
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("localstore: migrations: %w", err)
	}
	spare := newBallast(dir, o.Ballast, o.Logger)
	config := sqlitefile.Config{
		Dir: dir, Name: FileName, LockName: lockName, Readers: readers, Migrations: files, AcceptNewer: true,
	}
	file, err := sqlitefile.Open(ctx, config)
	if isFull(err) && spare.release() {
		file, err = sqlitefile.Open(ctx, config)
	}
	if err != nil {
		return nil, explain(path, err)
	}
	for _, version := range file.Applied {
		o.Logger.Info("the terminal's file was brought up to date", "migration", version)
	}
	s := &Store{
		log:     o.Logger,
		clock:   o.Clock,
		hook:    o.Hook,
		file:    file,
		ballast: spare,
		turn:    make(chan struct{}, 1),
		done:    make(chan struct{}),
	}
	s.turn <- struct{}{}
	// A folder that can be read but not written must stop the start, not the
	// first citizen.
	if err := s.Write(ctx, "start", s.sign); err != nil {
		return nil, errors.Join(explain(path, err), s.Close())
	}
	spare.fill()
	return s, nil
}

// migrations only ever add: the program before the newest must run on the newest
// schema, because an update may be taken back.
//
//go:embed migrations/*.sql
var migrations embed.FS

// sign gives a new file its identity and writes the time of this start, which
// proves that the file can be written.
func (s *Store) sign(tx *Tx) error {
	err := tx.QueryRow(`SELECT value FROM meta WHERE key = 'store'`).Scan(&s.id)
	if errors.Is(err, sql.ErrNoRows) {
		s.id = uuid.NewString()
		_, err = tx.Exec(`INSERT INTO meta (key, value) VALUES ('store', ?)`, s.id)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO meta (key, value) VALUES ('started', ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		strconv.FormatInt(s.Now().Wall.UnixMilli(), 10))
	return err
}

// explain adds the cure to an error of opening.
func explain(path string, err error) error {
	if errors.Is(err, ErrDamaged) {
		return fmt.Errorf("localstore: %s: %w: keep the data folder for the technician (its events may still be readable), "+
			"let the terminal be enrolled again and start it with an empty data folder", path, err)
	}
	switch sqlitefile.Classify(err) {
	case sqlitefile.None:
		return fmt.Errorf("localstore: %w", err) // names what it is about, and the cure
	case sqlitefile.Full:
		return fmt.Errorf("localstore: %s: %w: make room on the disk", path, err)
	case sqlitefile.Denied, sqlitefile.ReadOnly:
		return fmt.Errorf("localstore: %s: %w: the user who runs the terminal must own the data folder and be able to write to it", path, err)
	}
	return fmt.Errorf("localstore: %s: %w", path, err)
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
// transaction in errors, logs and Options.Hook. f is called a second time when
// the disk was full and the ballast made room: it must not rest on what it left
// in variables the first time.
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
	after, err = s.attempt(ctx, what, f)
	if isFull(err) && s.ballast.release() {
		// Nothing was committed: SQLite could not write, which it notices before
		// it says that anything is safe. Whether it took the transaction back by
		// itself depends on where it stood; a second ROLLBACK only says so.
		_, _ = s.file.Writer.ExecContext(ctx, "ROLLBACK")
		after, err = s.attempt(ctx, what, f)
	}
	if failed, ok := errors.AsType[commitError](err); ok {
		return nil, s.die(what, failed.error)
	}
	return after, s.judge(what, err)
}

// commitError is a commit that failed: unlike a statement that did, it always
// ends the store's life.
type commitError struct{ error }

func (e commitError) Unwrap() error { return e.error }

// attempt carries out f in one transaction, once.
func (s *Store) attempt(ctx context.Context, what string, f func(*Tx) error) (after []func(), err error) {
	raw, err := s.file.Writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	// Does nothing after a commit; undoes everything when f fails or panics.
	defer raw.Rollback()
	tx := &Tx{ctx: ctx, tx: raw}
	if err := f(tx); err != nil {
		return nil, err
	}
	if err := s.point(what, BeforeCommit); err != nil {
		return nil, commitError{err}
	}
	if err := raw.Commit(); err != nil {
		return nil, commitError{err}
	}
	_ = s.point(what, AfterCommit)
	return tx.after, nil
}

// point tells the hook and the failpoints where a transaction stands.
func (s *Store) point(what string, at Point) error {
	var err error
	if at == BeforeCommit {
		err = failpoint.Hit("localstore.before-commit")
	} else {
		err = failpoint.Hit("localstore.after-commit")
	}
	if s.hook != nil {
		err = errors.Join(err, s.hook(what, at))
	}
	return err
}

// Read carries out f on one consistent snapshot of the file. f cannot write.
func (s *Store) Read(ctx context.Context, what string, f func(*Tx) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	raw, err := s.file.Reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.judge(what, err)
	}
	defer raw.Rollback()
	err = f(&Tx{ctx: ctx, tx: raw})
	if sqlitefile.Classify(err) == sqlitefile.ReadOnly {
		return fmt.Errorf("localstore: %s: a read may not write: %w", what, err) // f's mistake, not the disk's
	}
	return s.judge(what, err)
}

// Checkpoint moves the write-ahead log into the database and empties it, so that
// what was deleted is in neither, and makes the ballast anew when it was given up
// and there is room again. It is meant for quiet minutes; it reports whether it
// could finish, which a reader at work prevents.
func (s *Store) Checkpoint(ctx context.Context) (done bool, err error) {
	if err := s.take(ctx, "checkpoint"); err != nil {
		return false, err
	}
	defer s.give()
	ctx = context.WithoutCancel(ctx)
	done, err = s.checkpoint(ctx)
	if isFull(err) && s.ballast.release() {
		done, err = s.checkpoint(ctx)
	}
	if isFull(err) {
		// What was committed is safe in the log; the rest can wait for room.
		return false, fmt.Errorf("localstore: checkpoint: %w: make room on the disk", err)
	}
	if err != nil {
		return false, s.judge("checkpoint", err)
	}
	s.ballast.fill()
	return done, nil
}

func (s *Store) checkpoint(ctx context.Context) (done bool, err error) {
	var busy, frames, moved int
	err = s.file.Writer.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	return err == nil && busy == 0, err
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
	err := s.file.Close()
	s.give()
	if err != nil {
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
	switch sqlitefile.Classify(err) {
	case sqlitefile.Failed, sqlitefile.Full, sqlitefile.Damaged, sqlitefile.ReadOnly, sqlitefile.Denied:
		return s.die(what, err)
	case sqlitefile.Statement, sqlitefile.Busy:
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
