package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync"
	"time"

	"hallkiosk/app/internal/failpoint"
	"hallkiosk/app/internal/sqlitefile"
)

const (
	fileName    = "hall.db"
	readers     = 4               // connections of the read pool
	idleTidying = 1 * time.Minute // quiet time after which the WAL is folded back
	// walPages of 4 KiB the write-ahead log may have before the writer folds it back
	// itself, amid work, and begins it anew. SQLite's own measure is a thousand. What
	// was committed is safe in either file; the log may be 64 MB, and is read once after
	// a power cut.
	walPages = 16000
	// foldAfter so many transactions the log is folded back beside the writer, which
	// then finds little left to do: alone it stops for some tens of milliseconds, which
	// was the 99th percentile of 64 busy clients.
	foldAfter = 100
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

func migrations() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// sqliteEngine is the store on one SQLite file.
type sqliteEngine struct {
	s         *Store
	dir       string
	freeSpace func(dir string) (free, total uint64, err error)
	maxGroup  int
	file      *sqlitefile.File
	w         *writer
	reads     sync.Map // query text -> *sql.Stmt on file.Reader

	jobs chan *job
	done chan struct{} // closed when the writer has ended

	fold   chan struct{} // asks for the log to be folded back; holds one, closed after done
	folded chan struct{} // closed when that has ended, too
}

// Open opens the data folder, makes it when it is missing, checks the database
// and brings its tables up to date. It fails with ErrInUse when another process
// has the folder.
func Open(dir string, o Options) (*Store, error) {
	ctx := context.Background()
	file, err := sqlitefile.Open(ctx, sqlitefile.Config{
		Dir: dir, Name: fileName, LockName: "lock", Readers: readers,
		Migrations: migrations(), Suffix: ".sqlite.sql",
	})
	if errors.Is(err, sqlitefile.ErrDamaged) {
		return nil, fmt.Errorf("store: %w: restore the last back-up", err)
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	conn, err := file.Writer.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: database: %w", err), file.Close())
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA wal_autocheckpoint="+strconv.Itoa(walPages)); err != nil {
		return nil, errors.Join(fmt.Errorf("store: database: %w", err), conn.Close(), file.Close())
	}
	s := newStore(&o)
	e := &sqliteEngine{
		s:         s,
		dir:       dir,
		freeSpace: o.FreeSpace,
		maxGroup:  o.maxGroup,
		file:      file,
		w:         newWriter(conn),
		jobs:      make(chan *job, o.maxGroup),
		done:      make(chan struct{}),
		fold:      make(chan struct{}, 1),
		folded:    make(chan struct{}),
	}
	s.engine = e
	go e.writeLoop()
	go e.foldLoop()
	return s, nil
}

func (e *sqliteEngine) kind() string { return "sqlite" }

func (e *sqliteEngine) close() error {
	<-e.done
	close(e.fold)
	<-e.folded
	var errs []error
	e.reads.Range(func(_, stmt any) bool {
		errs = append(errs, stmt.(*sql.Stmt).Close())
		return true
	})
	// Closing the last connection folds the write-ahead log back.
	errs = append(errs, failpoint.Hit("store.before-checkpoint"), e.w.close(), e.file.Close())
	return errors.Join(errs...)
}

func (e *sqliteEngine) backup(ctx context.Context, file string) error {
	if err := e.file.Backup(ctx, file); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// reader runs statements in a read transaction. A statement that is new runs as it
// is and is prepared for the next time when the transaction is over: to prepare it
// a connection is needed, and should all be in transactions that wait for one,
// nobody would ever read again.
type reader struct {
	e      *sqliteEngine
	tx     *sql.Tx
	unread []string // statements that are not prepared yet
}

func (r *reader) exec(context.Context, string, []any) (sql.Result, error) { return nil, errReadOnly }

func (r *reader) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if stmt, ok := r.e.reads.Load(query); ok {
		return r.tx.StmtContext(ctx, stmt.(*sql.Stmt)).QueryContext(ctx, args...)
	}
	r.unread = append(r.unread, query)
	return r.tx.QueryContext(ctx, query, args...)
}

func (e *sqliteEngine) read(ctx context.Context, fn func(*Tx) error) error {
	tx, err := e.file.Reader.BeginTx(ctx, nil)
	if err != nil {
		return e.readError(err)
	}
	r := &reader{e: e, tx: tx}
	defer func() {
		tx.Rollback() // a reader has nothing to commit
		for _, query := range r.unread {
			e.prepare(ctx, query)
		}
	}()
	return e.readError(fn(&Tx{ctx: ctx, db: r, d: inSQLite}))
}

// readError kills the store when the database itself is damaged.
func (e *sqliteEngine) readError(err error) error {
	switch {
	case fatal(err):
		return e.s.die(err)
	case sqlitefile.Classify(err) == sqlitefile.Busy:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

// fatal reports whether err says that the database can no longer be relied on.
func fatal(err error) bool {
	switch sqlitefile.Classify(err) {
	case sqlitefile.Damaged, sqlitefile.ReadOnly, sqlitefile.Denied, sqlitefile.Failed, sqlitefile.Lost:
		return true
	}
	return false
}

// prepare prepares a statement for the reads to come. Should it fail, they run it
// unprepared.
func (e *sqliteEngine) prepare(ctx context.Context, query string) {
	if _, ok := e.reads.Load(query); ok {
		return
	}
	stmt, err := e.file.Reader.PrepareContext(ctx, query)
	if err != nil {
		return
	}
	if _, loaded := e.reads.LoadOrStore(query, stmt); loaded {
		stmt.Close()
	}
}

func (e *sqliteEngine) submit(ctx context.Context, j *job) error {
	select {
	case e.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.done:
		return e.s.ended()
	}
	select {
	case err := <-j.answered:
		return err
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return ctx.Err() // the writer will find it taken and skip it
		}
	case <-e.done:
	}
	select {
	case err := <-j.answered:
		return err
	case <-e.done:
		// The writer has ended; it answers every job it has begun before that.
		select {
		case err := <-j.answered:
			return err
		default:
			return e.s.ended()
		}
	}
}
