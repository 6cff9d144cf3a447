package usblp

import (
	"errors"
	"io"
	"os"
	"time"

	"hallkiosk/devices/printerport"
)

// idle is the pause after a read that returned nothing at once.
const idle = 10 * time.Millisecond

var errGone = errors.New("the printer is gone")

// waitingFile is a printer's file whose Read waits until its deadline where the
// kernel's says "end of file": that only says that the printer has nothing to
// say now, unless it is gone.
type waitingFile struct {
	printerport.Conn
	// hungUp tells whether the device behind the file is gone.
	hungUp func() bool
	end    time.Time // of reading; used by the reader alone
	done   chan struct{}
}

func (f *waitingFile) SetReadDeadline(t time.Time) error {
	f.end = t
	return f.Conn.SetReadDeadline(t)
}

func (f *waitingFile) Read(b []byte) (int, error) {
	for {
		n, err := f.Conn.Read(b)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		if f.hungUp() {
			return 0, errGone
		}
		left := time.Until(f.end)
		if left <= 0 {
			return 0, os.ErrDeadlineExceeded
		}
		select {
		case <-f.done:
			return 0, os.ErrClosed
		case <-time.After(min(left, idle)):
		}
	}
}

func (f *waitingFile) Close() error {
	close(f.done)
	return f.Conn.Close()
}
