package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// pragma is a setting and what it must answer afterwards.
type pragma struct{ name, set, want string }

// pragmas are set and read back on every connection. journal_mode comes first:
// the others do not need the lock it takes.
var pragmas = []pragma{
	{"busy_timeout", "5000", "5000"},
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "ON", "1"},
	{"trusted_schema", "OFF", "0"},
}

var readOnlyPragma = pragma{"query_only", "ON", "1"}

// connector opens connections and refuses those whose settings do not hold.
type connector struct {
	driver.Connector
	pragmas []pragma
}

// openPool returns a pool of checked connections to the database at path.
func openPool(path string, readOnly bool) (*sql.DB, error) {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // C:/data becomes file:///C:/data
	}
	base, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: p}).String())
	if err != nil {
		return nil, fmt.Errorf("store: database: %w", err)
	}
	list := pragmas
	if readOnly {
		list = append(list[:len(list):len(list)], readOnlyPragma)
	}
	return sql.OpenDB(connector{base, list}), nil
}

// Connect implements [driver.Connector].
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: open database: %w", err)
	}
	for _, p := range c.pragmas {
		if err := apply(ctx, conn, p); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

func apply(ctx context.Context, conn driver.Conn, p pragma) error {
	if _, err := queryOne(ctx, conn, "PRAGMA "+p.name+"="+p.set); err != nil {
		return fmt.Errorf("store: set %s: %w", p.name, err)
	}
	got, err := queryOne(ctx, conn, "PRAGMA "+p.name)
	if err != nil {
		return fmt.Errorf("store: read back %s: %w", p.name, err)
	}
	if got != p.want {
		return fmt.Errorf("store: %s answers %q, must be %q: tickets would not survive a power cut; use a local disk with a file system that supports it", p.name, got, p.want)
	}
	return nil
}

// queryOne returns the first column of the first row as text, "" without rows.
func queryOne(ctx context.Context, conn driver.Conn, query string) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", errors.New("the driver cannot query")
	}
	rows, err := q.QueryContext(ctx, query, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if len(rows.Columns()) == 0 {
		return "", nil
	}
	row := make([]driver.Value, len(rows.Columns()))
	switch err := rows.Next(row); {
	case errors.Is(err, io.EOF):
		return "", nil
	case err != nil:
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}

// quickCheck refuses a damaged database.
func quickCheck(ctx context.Context, db *sql.DB) error {
	var answer string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return fmt.Errorf("store: check database: %w", err)
	}
	if answer != "ok" {
		return fmt.Errorf("store: the database is damaged (%s): restore the last back-up", answer)
	}
	return nil
}

//go:embed migrations/*.sql
var migrationFiles embed.FS

// dialectFS shows only the migrations of one dialect.
type dialectFS struct {
	fs.FS
	suffix string
}

// Glob implements [fs.GlobFS], which is how goose looks for files.
func (d dialectFS) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(d.FS, pattern)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range names {
		if strings.HasSuffix(n, d.suffix) {
			out = append(out, n)
		}
	}
	return out, nil
}

// migrations are the files for SQLite.
func migrations() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return dialectFS{sub, ".sqlite.sql"}
}

// migrate brings the tables up to date, or refuses data of a newer program.
func migrate(ctx context.Context, db *sql.DB) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations(),
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("%w (schema %d, this program knows %d): install the newer version again", ErrNewer, have, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	return nil
}

// kind is what an error means for the transaction it happened in.
type kind int

const (
	kindStatement kind = iota // no error of the database, or of one statement only
	kindFull
	kindBusy
	kindFatal
)

// errorKind classifies by SQLite's primary result code. For full, busy and the
// fatal codes SQLite may have rolled back the transaction by itself.
func errorKind(err error) kind {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
			return kindFatal
		}
		return kindStatement
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return kindFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return kindBusy
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return kindFatal
	}
	return kindStatement
}
