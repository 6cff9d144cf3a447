package sqlitefile

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// setting is a PRAGMA of every connection and what it must answer when it is read
// back.
type setting struct{ name, value, answer string }

// settings in the order they are applied: busy_timeout first, because changing
// the journal mode waits for locks.
var settings = []setting{
	{"busy_timeout", "5000", "5000"}, // milliseconds
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "ON", "1"},
	{"trusted_schema", "OFF", "0"},
	{"secure_delete", "ON", "1"},
	{"temp_store", "MEMORY", "2"},
}

var readOnly = setting{"query_only", "ON", "1"}

// openPool makes a pool of up to n connections to the file at the absolute path.
// It opens none yet. query is the part of the address the driver itself reads.
func openPool(path, query string, s []setting, n int) (*sql.DB, error) {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // C:/data becomes file:///C:/data
	}
	base, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: p, RawQuery: query}).String())
	if err != nil {
		return nil, fmt.Errorf("sqlitefile: database: %w", err)
	}
	db := sql.OpenDB(connector{base, s})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// connector opens connections and refuses those whose settings do not hold.
type connector struct {
	driver.Connector
	settings []setting
}

// Connect implements [driver.Connector].
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("sqlitefile: open database: %w", err)
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
	if _, err := first(ctx, conn, "PRAGMA "+s.name+"="+s.value); err != nil {
		return fmt.Errorf("sqlitefile: set %s: %w", s.name, err)
	}
	got, err := first(ctx, conn, "PRAGMA "+s.name)
	if err != nil {
		return fmt.Errorf("sqlitefile: read back %s: %w", s.name, err)
	}
	if got != s.answer {
		return fmt.Errorf("sqlitefile: %s answers %q, must be %q: what is written would not survive a power cut; "+
			"put the data folder on a local, writable disk, not on a network", s.name, got, s.answer)
	}
	return nil
}

// first returns the first column of the first row as text, "" without rows.
func first(ctx context.Context, conn driver.Conn, query string) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", errors.New("the driver cannot answer queries directly")
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
		return "", nil // a PRAGMA that only sets
	case err != nil:
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}
