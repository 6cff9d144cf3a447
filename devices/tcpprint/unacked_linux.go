package tcpprint

import (
	"context"
	"syscall"

	"golang.org/x/sys/unix"
)

// limitUnacknowledged has the kernel give the connection up when what was sent
// stays unacknowledged. Keep-alive alone does not: it only probes an idle line,
// and the driver asks a silent printer every second.
func limitUnacknowledged(_ context.Context, _, _ string, c syscall.RawConn) error {
	var err error
	cerr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(Unacknowledged.Milliseconds()))
	})
	if err == nil {
		err = cerr
	}
	return err
}
