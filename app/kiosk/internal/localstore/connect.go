package localstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A setting is a PRAGMA of every connection and what it must answer when it is
// read back.
type setting struct{ name, value, answer string }

// settings in the order they are applied: busy_timeout first, because changing
// the journal mode waits for locks.
var settings = []setting{
	{"busy_timeout", "5000", "5000"},
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "ON", "1"},
	{"trusted_schema", "OFF", "0"},
	{"secure_delete", "ON", "1"},
	{"temp_store", "MEMORY", "2"}, // no temporary files with people's data elsewhere
}

// A role is what a pool of connections is for.
type role struct {
	extra       []setting
	connections int
	address     string // query of the address, understood by the driver
}

var (
	writing = role{connections: 1, address: "_txlock=immediate"}
	reading = role{connections: 4, extra: []setting{{"query_only", "ON", "1"}}}
)

// openPool makes a pool of connections to the file. It opens none yet.
func openPool(path string, r role) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("localstore: %w", err)
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: r.address}
	base, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, fmt.Errorf("localstore: %w", err)
	}
	db := sql.OpenDB(connector{base, append(settings[:len(settings):len(settings)], r.extra...)})
	db.SetMaxOpenConns(r.connections)
	db.SetMaxIdleConns(r.connections)
	return db, nil
}

// connector lays the settings on every connection the pool opens.
type connector struct {
	driver.Connector
	settings []setting
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range c.settings {
		if err := s.apply(ctx, conn); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// apply sets and reads back.
func (s setting) apply(ctx context.Context, conn driver.Conn) error {
	if _, err := pragma(ctx, conn, s.name+"="+s.value); err != nil {
		return err
	}
	got, err := pragma(ctx, conn, s.name)
	if err != nil {
		return err
	}
	if got != s.answer {
		return fmt.Errorf("localstore: the database answers %s=%q, %q is needed: is the data folder on a network or read-only file system?", s.name, got, s.answer)
	}
	return nil
}

// pragma runs one PRAGMA and returns the first value of its answer, "" if there
// is none.
func pragma(ctx context.Context, conn driver.Conn, text string) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", fmt.Errorf("localstore: the SQLite driver cannot answer queries directly")
	}
	rows, err := q.QueryContext(ctx, "PRAGMA "+text, nil)
	if err != nil {
		return "", fmt.Errorf("localstore: PRAGMA %s: %w", text, err)
	}
	defer rows.Close()
	if len(rows.Columns()) == 0 {
		return "", nil
	}
	row := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(row); err != nil {
		return "", nil // no row: a PRAGMA that only sets
	}
	return fmt.Sprint(row[0]), nil
}

// quickCheck reads the whole file once; a terminal's file is small.
func quickCheck(ctx context.Context, db *sql.DB, path string) error {
	var answer string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return explain(path, err)
	}
	if answer != "ok" {
		return fmt.Errorf("%w: %s: %s: %s", ErrDamaged, path, answer, damagedCure)
	}
	return nil
}

const damagedCure = "keep the data folder for the technician (its events may still be readable), " +
	"let the terminal be enrolled again and start it with an empty data folder"

// explain adds the cure to an error of opening.
func explain(path string, err error) error {
	code, ok := resultCode(err)
	if !ok {
		return err
	}
	switch code {
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %s: %w: %s", ErrDamaged, path, err, damagedCure)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("localstore: %s: %w: make room on the disk", path, err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("localstore: %s: %w: the user who runs the terminal must own the data folder and be able to write to it", path, err)
	}
	return fmt.Errorf("localstore: %s: %w", path, err)
}

// fromDisk reports whether err says that the file or the disk under it can no
// longer be relied on.
func fromDisk(err error) bool {
	code, ok := resultCode(err)
	if !ok {
		return false
	}
	switch code {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM:
		return true
	}
	return false
}

func fromDriver(err error) bool {
	_, ok := resultCode(err)
	return ok
}

// resultCode returns SQLite's primary result code (https://www.sqlite.org/rescode.html).
func resultCode(err error) (int, bool) {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return 0, false
	}
	return e.Code() & 0xff, true
}
