package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"hallkiosk/app/internal/sqlitefile"
)

const (
	defaultConnections = 16
	groupTime          = 15 * time.Second // for one transaction, from its beginning to its answer
	attempts           = 3                // of a transaction that left nothing behind
	// lockClass is the first of the two numbers of a hall's advisory lock; the
	// second is a hash of its id. "HALL" in ASCII.
	lockClass = 0x48414C4C
)

// settingsPG are laid on every connection. synchronous_commit=on is what makes an
// acknowledged commit survive; the time-outs end what would wait for ever. The
// enable_ settings say what is true of every statement here, that it asks by key: a
// plan made while the tables were empty or not analysed yet is kept, and must not
// read them from end to end. Without jit, which such costs would call up. Plans are
// made for any hall and not for the one at hand: to one that is missing from the
// statistics every index that begins with the hall looks as good as the right one.
var settingsPG = map[string]string{
	"application_name":                    "hallcentral",
	"synchronous_commit":                  "on",
	"lock_timeout":                        "5s",
	"idle_in_transaction_session_timeout": "60s",
	"timezone":                            "UTC",
	"enable_seqscan":                      "off",
	"enable_hashjoin":                     "off",
	"enable_mergejoin":                    "off",
	"jit":                                 "off",
	"plan_cache_mode":                     "force_generic_plan",
}

// pgEngine is the store on a PostgreSQL database.
type pgEngine struct {
	s        *Store
	db       *sql.DB
	config   *pgx.ConnConfig
	maxGroup int
	news     *notifier
	stop     context.CancelFunc // ends the goroutines that listen and look
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	queues map[string][]*job // of halls that have a goroutine
}

// OpenPostgres opens the database at url (postgres://user@host/name, or the
// keywords of libpq), waits for others that are doing the same, and brings its
// tables up to date. It refuses a server that runs with fsync=off and a hot
// standby. A pooler in between must keep sessions (pgbouncer's pool_mode=session).
// The url's password is in no error of this package.
func OpenPostgres(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// Its text shows the url with the password masked; not relied on here.
		return nil, errors.New("store: the address of the database cannot be read: it begins with postgres:// and names user, host and database")
	}
	for name, value := range settingsPG {
		config.RuntimeParams[name] = value
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	n := o.Connections
	if n <= 0 {
		n = defaultConnections
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := preparePG(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), db.Close())
	}
	s := newStore(&o)
	background, stop := context.WithCancel(context.Background())
	e := &pgEngine{s: s, db: db, config: config, maxGroup: o.maxGroup, stop: stop, queues: map[string][]*job{}}
	s.engine = e
	cursors, err := e.look(ctx)
	if err != nil {
		stop()
		s.feed.close()
		return nil, errors.Join(fmt.Errorf("store: %w", err), db.Close())
	}
	for _, c := range cursors {
		s.feed.assume(c.Hall, c.Cursor)
	}
	e.news = newNotifier(config, s.log)
	e.running.Go(func() { e.news.run(background) })
	e.running.Go(func() { e.keepLooking(background) })
	if !o.deaf {
		e.running.Go(func() { e.listen(background) })
	}
	return s, nil
}

// preparePG checks the server and brings the tables up to date.
func preparePG(ctx context.Context, db *sql.DB) error {
	for name, want := range map[string]string{"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "transaction_read_only": "off"} {
		var got string
		if err := db.QueryRowContext(ctx, "SELECT current_setting($1)", name).Scan(&got); err != nil {
			return fmt.Errorf("database: %w", err)
		}
		if got != want {
			return fmt.Errorf("database: %s is %s, must be %s: what is written would not be kept", name, got, want)
		}
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, postgresFiles{migrations()},
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()), goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("%w (schema %d, this program knows %d): install the newer version again", ErrNewer, have, newest)
	}
	return nil
}

// postgresFiles shows the migrations for PostgreSQL.
type postgresFiles struct{ fs.FS }

// Glob implements [fs.GlobFS], which is how goose looks for files.
func (f postgresFiles) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(f.FS, pattern)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range names {
		if strings.HasSuffix(n, ".postgres.sql") {
			out = append(out, n)
		}
	}
	return out, nil
}

func (e *pgEngine) kind() string { return "postgres" }

func (e *pgEngine) checkRoom() error { return nil }

func (e *pgEngine) backup(context.Context, string) error {
	return errors.New("store: back-up: PostgreSQL is backed up with its own tools: pg_dump for a copy, pg_basebackup and an archive of its log for a point in time")
}

// close lets the goroutines of busy halls finish what has been submitted.
func (e *pgEngine) close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.stop()
	e.running.Wait()
	return e.db.Close()
}

// submit queues a job and begins serving its hall where nobody does.
func (e *pgEngine) submit(ctx context.Context, j *job) error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return ErrClosed
	}
	waiting, busy := e.queues[j.hall]
	e.queues[j.hall] = append(waiting, j)
	if !busy {
		e.running.Go(func() { e.serve(j.hall) })
	}
	e.mu.Unlock()
	select {
	case err := <-j.answered:
		return err
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return ctx.Err() // serve will find it taken and skip it
		}
		return <-j.answered
	}
}

// serve carries out the jobs of one hall until none is waiting.
func (e *pgEngine) serve(hall string) {
	for {
		e.mu.Lock()
		waiting := e.queues[hall]
		if len(waiting) == 0 {
			delete(e.queues, hall)
			e.mu.Unlock()
			return
		}
		n := min(len(waiting), e.maxGroup)
		group := waiting[:n:n]
		e.queues[hall] = waiting[n:]
		e.mu.Unlock()
		e.writeGroup(hall, group)
	}
}

// read runs fn in a transaction that sees one state of the database.
func (e *pgEngine) read(ctx context.Context, fn func(*Tx) error) error {
	tx, err := e.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return e.readError(ctx, err)
	}
	defer tx.Rollback() // a reader has nothing to commit
	return e.readError(ctx, fn(&Tx{ctx: ctx, db: pgReader{tx}, d: inPostgres}))
}

func (e *pgEngine) readError(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		if endsTransactionPG(pg) {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	}
	if isLost(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// isLost reports whether err says that there is no connection.
func isLost(err error) bool {
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	return connecting || errors.Is(err, errTransactionLost) || sqlitefile.Classify(err) == sqlitefile.Lost
}

// pgReader runs statements in a read transaction.
type pgReader struct{ tx *sql.Tx }

func (r pgReader) exec(context.Context, string, []any) (sql.Result, error) { return nil, errReadOnly }

func (r pgReader) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	rows, err := r.tx.QueryContext(ctx, query, args...)
	if err != nil {
		if _, ok := errors.AsType[*pgconn.PgError](err); !ok {
			err = fmt.Errorf("%w: %w", errTransactionLost, err)
		}
	}
	return rows, err
}

// hallLock is the second number of a hall's advisory lock. Two halls with the same
// one only wait for each other.
func hallLock(hall string) int32 {
	h := fnv.New32a()
	h.Write([]byte(hall))
	return int32(h.Sum32())
}

// endsTransactionPG reports whether the server has given up the transaction, or the
// connection, and not only the statement. Classes of SQLSTATE: PostgreSQL
// documentation, appendix A.
func endsTransactionPG(err *pgconn.PgError) bool {
	if err.Severity == "FATAL" || err.Severity == "PANIC" {
		return true
	}
	switch class(err) {
	case "",
		"08", // connection
		"40", // serialisation, deadlock
		"53", // disk full, out of memory, too many connections
		"55", // lock not available
		"57", // cancelled, shut down
		"58", // I/O error of the server
		"F0", // its configuration file
		"XX": // damage
		return true
	}
	return err.Code == "25006" // read-only: this server is a standby now
}

// class is the first two characters of an error's SQLSTATE, "" without one.
func class(err *pgconn.PgError) string {
	if len(err.Code) != 5 {
		return ""
	}
	return err.Code[:2]
}
