// Package printerport is what ports to printers on USB and on the network have
// in common once they are open: reads and writes that have deadlines, and one
// loss.
//
// Packages usblp and tcpprint open such ports. A serial port has no deadline for
// writes; package serialport has a way of its own around that.
package printerport

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"hallkiosk/devices/serialport"
)

const (
	// writeDeadline is the patience with a printer that takes no data.
	writeDeadline = 4 * time.Second
	// leftovers is the most that ResetInput throws away.
	leftovers = 64 << 10
)

// Conn is what a Port needs of a net.Conn or an *os.File. Its Close ends a Read
// and a Write under way.
type Conn interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// A Port is one open printer. One goroutine may read while another writes;
// Close may be called from any.
type Port struct {
	// Patience is how long one Write may take: four seconds, shorter in tests.
	// It is set before the first Write.
	Patience time.Duration

	conn Conn
	loss *serialport.Loss

	once   sync.Once
	closed error // Close's result
}

// New makes a port of an open conn. The loss brings the words of the port's
// errors and belongs to the port from now on.
func New(conn Conn, loss *serialport.Loss) *Port {
	return &Port{Patience: writeDeadline, conn: conn, loss: loss}
}

// Path is what was opened: the device file, or the address as host:port.
func (p *Port) Path() string { return p.loss.Path }

// Read waits up to [serialport.Tick] for bytes. It returns 0, nil when none came.
// Every error has serialport.ErrLost in its chain; the printer's hanging up is
// one.
func (p *Port) Read(b []byte) (int, error) { return p.ReadWithin(b, serialport.Tick) }

// ReadWithin is a Read that waits up to d, at least a millisecond.
func (p *Port) ReadWithin(b []byte, d time.Duration) (int, error) {
	if err := p.loss.Err(); err != nil {
		return 0, err
	}
	if err := p.conn.SetReadDeadline(time.Now().Add(max(d, time.Millisecond))); err != nil {
		return 0, p.loss.Lose("read", err)
	}
	n, err := p.conn.Read(b)
	if n > 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return n, nil
	}
	return 0, p.loss.Lose("read", err)
}

// Write sends all of b. It returns when the kernel has taken the bytes. Every
// error has serialport.ErrLost in its chain: a printer that takes nothing for
// four seconds is lost.
func (p *Port) Write(b []byte) (int, error) {
	if err := p.loss.Err(); err != nil {
		return 0, err
	}
	if err := p.conn.SetWriteDeadline(time.Now().Add(p.Patience)); err != nil {
		return 0, p.loss.Lose("write", err)
	}
	n, err := p.conn.Write(b)
	if err != nil {
		return n, p.loss.Lose("write", err)
	}
	return n, nil
}

// ResetInput throws away what has arrived and was not read.
func (p *Port) ResetInput() error {
	var buf [512]byte
	for total := 0; total < leftovers; {
		n, err := p.ReadWithin(buf[:], 0)
		if n == 0 || err != nil {
			return err
		}
		total += n
	}
	return nil
}

// Close closes the port and ends a Read or Write under way; both return
// serialport.ErrLost. A second Close does nothing and returns what the first
// one did.
func (p *Port) Close() error {
	p.once.Do(func() {
		p.loss.LoseByClose()
		p.closed = p.conn.Close()
	})
	return p.closed
}

// Leaked is always false: nothing here is stuck for longer than its deadline.
func (p *Port) Leaked() bool { return false }
