package sqlitefile

import (
	"database/sql"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Class says what an error of the database is about; what follows from it is for
// the caller to know. For every class but None and Statement SQLite may have
// rolled back the transaction by itself.
type Class string

// The classes, after SQLite's primary result codes
// (https://www.sqlite.org/rescode.html).
const (
	None      Class = ""          // not an error of the database
	Statement Class = "statement" // of one statement: a constraint, its text, a value
	Busy      Class = "busy"      // another connection held the lock for longer than five seconds
	Full      Class = "full"      // the disk is full
	Damaged   Class = "damaged"   // not a database, or its contents contradict each other
	ReadOnly  Class = "read-only" // the file, or this connection, cannot be written
	Denied    Class = "denied"    // the file cannot be opened
	Failed    Class = "failed"    // an I/O error, no memory, a broken locking protocol
	Lost      Class = "lost"      // the connection is no longer usable
)

// Classify returns what err, or an error it wraps, is about; None for nil.
func Classify(err error) Class {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
			return Lost
		}
		return None
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return Busy
	case sqlite3.SQLITE_FULL:
		return Full
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return Damaged
	case sqlite3.SQLITE_READONLY:
		return ReadOnly
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return Denied
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return Failed
	}
	return Statement
}
