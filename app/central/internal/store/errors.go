package store

import (
	"context"
	"errors"
	"fmt"

	"hallkiosk/app/centralapi"
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

// Explain wraps an error of the store for those who ask a desk: in a
// [*centralapi.Error] with a sentence for staff, CodeUnavailable when trying again
// later can help, else CodeInternal. An error that has a code already comes back as
// it is, and that of a context that has ended has none. who begins the message.
func Explain(ctx context.Context, who string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*centralapi.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", who, err)
	}
	code := centralapi.CodeInternal
	for _, known := range []error{ErrDead, ErrFull, ErrBusy, ErrClosed, ErrUnavailable, ErrUnknown} {
		if errors.Is(err, known) {
			code = centralapi.CodeUnavailable
		}
	}
	return fmt.Errorf("%s: %w: %w", who, centralapi.Refuse(code, "服务暂时不可用，请稍后再试。"), err)
}
