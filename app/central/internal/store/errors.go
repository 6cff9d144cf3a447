package store

import (
	"errors"

	"hallkiosk/app/internal/sqlitefile"
)

// EndsTransaction reports whether err means that the transaction is lost as a
// whole (disk full, I/O error, connection broken, database held by another
// program). A function given to Write or Nested must pass such an error on.
func EndsTransaction(err error) bool {
	if errors.Is(err, errTransactionLost) {
		return true
	}
	c := sqlitefile.Classify(err)
	return c != sqlitefile.None && c != sqlitefile.Statement
}

// errTransactionLost marks what ends a transaction of PostgreSQL.
var errTransactionLost = errors.New("transaction lost")
