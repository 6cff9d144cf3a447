// Package store keeps what the central service must not forget: the ledger of each
// hall, what follows from it (tickets, queues, counters), terminals, window
// sessions, staff and the events terminals deliver. Package queue and the packages
// beside it hold the rules; store holds SQL and durability, and never decides whether
// something is allowed.
//
// # Promise
//
// When [Store.Write] returns nil, what it wrote survives a power cut, as far as
// the disk honours a flush. Package sqlitefile opens an SQLite database and says
// what it does for that; PostgreSQL must run with fsync=on, and every connection
// asks for synchronous_commit=on.
//
// # Ledger and projections
//
// Every change of a hall's state is a line of its append-only ledger, hall_log,
// with a number that counts 1, 2, 3 … in commit order and says exactly what
// changed. The tables the rules read (ticket, counter, queue_length and so on)
// follow from it: [Tx.record] appends the line and applies it, nothing else writes
// them, and [Store.Rebuild] makes them anew with the same code and names every row
// that differs. Who holds a ticket, masked as it is, is neither in the ledger nor in the
// inbox but in a table of its own, so that [Tx.PurgeHolders] can erase it when the day
// is over. The number of a hall's newest line is its cursor: whoever has read up to it
// has missed nothing.
//
// Guides, keys of phone addresses, counts of what was not found, staff with their
// sessions and hand-overs, and results of visits are kept beside
// that, like terminals and sessions: they are changed in place, and where somebody
// will ask when and by whom, a line of the ledger tells.
//
// # Two databases, one code
//
// [Open] keeps everything in one SQLite file of a folder that one process has;
// [OpenPostgres] in a PostgreSQL database that several processes may share. The
// statements are the same, written once; a dialect turns ? into $1, a list into an
// array, many rows into one statement. The tests run on both.
//
// # Many at a time
//
// Writes that arrive while their hall is busy are put into one transaction, each in
// a savepoint of its own, so that one can fail without the others and all share one
// flush. SQLite has one writer for all halls. On PostgreSQL each busy hall has a
// goroutine that takes the hall's advisory lock first, so that writers of one hall
// follow each other whichever process they are in: numbers have no gaps, and no row
// lock is ever waited for. Readers have their own connections and never wait for a
// writer.
//
// # When something fails
//
// SQLite: after a failed flush the kernel may report the next one as successful
// although the data is gone, so a commit that fails with an I/O error is never
// repeated on the same handle: the store is dead, answers [ErrDead] to everything,
// and the process is expected to end and be started anew. A full disk is a
// condition, not a death: the writes of that moment fail with [ErrFull] and later
// ones may succeed.
//
// PostgreSQL: a transaction that was refused for its order, or whose connection
// broke before the commit was sent, left nothing behind and is tried again; then
// [ErrUnavailable]. When the connection broke while the commit was under way,
// nobody can know: [ErrUnknown], and the caller asks again with the same id.
//
// # What was compared
//
// Measured on two cores by the project: SQLite by modernc.org with group commit
// does 8.6 times the tickets per second of one transaction per ticket at 64
// clients; bbolt half of it and no queries; PostgreSQL is as fast grouped and slow
// otherwise (a row lock is held until the flush). To flush SQLite's log beside the
// writer (synchronous NORMAL, fdatasync before the answers), so that the next group
// runs meanwhile, makes smaller groups and loses on two cores: with 16 clients 3,740 to
// 4,180 numbers a second instead of 4,180 to 4,900, with 360 instead of 250 µs of
// processor time each. A PostgreSQL SEQUENCE leaves gaps
// when a transaction is rolled back; a row lock on a counter deadlocks sooner or
// later when one transaction takes two. NOTIFY in every transaction costs 63 % of
// the throughput, so it is sent once for many, apart from them, and is a hint only:
// everybody also looks every two seconds. An ORM or a query builder would hide the
// statements that durability depends on; sqlc has no answer for two dialects.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"hallkiosk/app/internal/sqlitefile"
)

// Errors of a Store, for errors.Is.
var (
	// ErrDead: a commit failed; this Store will never answer again.
	ErrDead = errors.New("store: stopped because the disk failed")
	// ErrFull: the disk is full; nothing of this write was kept.
	ErrFull = errors.New("store: the disk is full")
	// ErrBusy: another program held the database for longer than five seconds;
	// nothing of this write was kept.
	ErrBusy = errors.New("store: the database is held by another program")
	// ErrUnavailable: the database server does not answer, or not now; nothing of
	// this write was kept.
	ErrUnavailable = errors.New("store: the database does not answer")
	// ErrUnknown: the connection broke during the commit; what was written is kept
	// as a whole or not at all. Ask again with the same id.
	ErrUnknown = errors.New("store: the answer to a commit was lost")
	// ErrInUse: another process serves this data folder.
	ErrInUse = sqlitefile.ErrInUse
	// ErrLittleRoom: the disk is not full yet and soon may be.
	ErrLittleRoom = errors.New("store: little room on the disk")
	// ErrClosed: the Store has been closed.
	ErrClosed = errors.New("store: closed")
	// ErrNewer: the data was written by a newer version of the program.
	ErrNewer = sqlitefile.ErrNewer
)

const maxGroup = 256 // writes in one transaction

// Options of a Store. The zero value is right.
type Options struct {
	Logger *slog.Logger // default: nothing is logged
	// FreeSpace answers how many bytes of the disk under a folder this user can
	// still write, and how many it has; errors.ErrUnsupported where that cannot
	// be known. Default: asks the operating system. SQLite only.
	FreeSpace func(dir string) (free, total uint64, err error)
	// Connections is how many connections to PostgreSQL are open at most, besides
	// two for notifications. Default: 16.
	Connections int

	maxGroup int  // for figures: writes in one transaction; default maxGroup
	deaf     bool // for tests: notifications are not listened to
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	log    *slog.Logger
	engine engine
	feed   *feed

	quit     chan struct{} // closed by Close
	closing  sync.Once
	closeErr error

	dead    chan struct{}
	deadErr atomic.Pointer[error]
}

// engine is what SQLite and PostgreSQL do differently.
type engine interface {
	submit(ctx context.Context, j *job) error
	read(ctx context.Context, fn func(*Tx) error) error
	backup(ctx context.Context, file string) error
	checkRoom() error
	close() error
	kind() string
}

func newStore(o *Options) *Store {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.FreeSpace == nil {
		o.FreeSpace = freeSpace
	}
	if o.maxGroup == 0 {
		o.maxGroup = maxGroup
	}
	return &Store{log: o.Logger, feed: newFeed(), quit: make(chan struct{}), dead: make(chan struct{})}
}

// Kind is "sqlite" or "postgres".
func (s *Store) Kind() string { return s.engine.kind() }

// Changes receives after every commit that has added to a hall's ledger, on
// PostgreSQL those of other processes too. Changes of one hall that nobody has
// received yet become one. There is one channel, for one reader; it is closed by
// Close.
func (s *Store) Changes() <-chan Change { return s.feed.out }

// Close waits for the writes that are under way, refuses further ones and lets
// go of the database. It may be called more than once.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.quit)
		err := s.engine.close()
		s.feed.close()
		if err != nil && s.Err() == nil {
			s.closeErr = fmt.Errorf("store: close: %w", err)
		}
	})
	return s.closeErr
}

// Dead is closed when the store has died; see Err.
func (s *Store) Dead() <-chan struct{} { return s.dead }

// Err returns why the store is dead, wrapping ErrDead, or nil while it lives. A
// store on PostgreSQL never dies.
func (s *Store) Err() error {
	if p := s.deadErr.Load(); p != nil {
		return *p
	}
	return nil
}

func (s *Store) die(cause error) error {
	err := fmt.Errorf("%w: %w", ErrDead, cause)
	if s.deadErr.CompareAndSwap(nil, &err) {
		s.log.Error("store: dead", "error", cause)
		close(s.dead)
	}
	return s.Err()
}

// ended is why there is no answer any more.
func (s *Store) ended() error {
	if err := s.Err(); err != nil {
		return err
	}
	return ErrClosed
}

// over returns ended once the store has been closed or has died.
func (s *Store) over() error {
	select {
	case <-s.quit:
		return s.ended()
	case <-s.dead:
		return s.ended()
	default:
		return nil
	}
}

// Read runs fn on one consistent state of the database. fn must not keep the Tx.
func (s *Store) Read(ctx context.Context, fn func(*Tx) error) error {
	if err := s.over(); err != nil {
		return err
	}
	return s.engine.read(ctx, fn)
}

// Write runs fn in the writer of a hall, the only one fn may write to, and returns
// when what it wrote is on the disk. fn must be quick, must not keep the Tx, must
// not call the Store, and must set anew what it answers with, because it may be run
// more than once. When fn returns an error nothing of it is kept and Write returns
// that error. When ctx ends before fn has begun, nothing happens and Write returns
// ctx's error; once fn has begun, Write waits and its answer is the truth.
func (s *Store) Write(ctx context.Context, hall string, fn func(*Tx) error) error {
	if err := s.over(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err // the writer might be quicker than it
	}
	return s.engine.submit(ctx, &job{hall: hall, fn: fn, answered: make(chan error, 1)})
}

// Backup writes a copy of the database as it is now into a new file, durably, while
// work goes on; an existing file is never replaced. On PostgreSQL it fails and names
// the tool for it.
func (s *Store) Backup(ctx context.Context, toFile string) error {
	if err := s.over(); err != nil {
		return err
	}
	return s.engine.backup(ctx, toFile)
}

// CheckRoom returns ErrLittleRoom, wrapped, when the disk under the data folder
// is nearly full. It is nil where that cannot be asked: a PostgreSQL server watches
// its own disks.
func (s *Store) CheckRoom() error { return s.engine.checkRoom() }

// recovered turns a panic of a job into its error, so that one bad request does
// not end the writer.
func recovered(p any) error {
	return fmt.Errorf("store: panic in a write: %v\n%s", p, debug.Stack())
}
