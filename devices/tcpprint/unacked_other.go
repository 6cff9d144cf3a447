//go:build !linux

package tcpprint

import (
	"context"
	"syscall"
)

// limitUnacknowledged leaves the system's own patience, some minutes.
func limitUnacknowledged(context.Context, string, string, syscall.RawConn) error { return nil }
