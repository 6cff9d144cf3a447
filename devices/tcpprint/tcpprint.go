// Package tcpprint opens receipt printers on the network: raw bytes on TCP
// port 9100, the status coming back on the same connection.
//
// The terminal's supervisor of devices opens the ticket printer with it; the
// printer's driver gets the *Port as a small interface of its own. It never
// speaks ESC/POS, never searches the network, and has nothing to do with the
// central service.
//
// # What to know of such printers
//
// They serve one client at a time: a second one is refused, or left waiting
// until the first has gone. That bytes were taken, even that they were
// acknowledged, says nothing about paper. A printer that was switched off is
// noticed when what was sent stays unacknowledged for [Unacknowledged], or at
// once when it comes back and knows nothing of the connection.
//
// Errors are those of package serialport, so that one supervisor serves every
// kind of port.
package tcpprint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"hallkiosk/devices/serialport"
)

const (
	// Prefix begins a Config.Address in configuration files.
	Prefix = "tcp://"
	// Tick is how long a Read waits.
	Tick = 50 * time.Millisecond
	// Unacknowledged is the patience with bytes that the printer's network
	// interface does not acknowledge.
	Unacknowledged = 10 * time.Second

	defaultPort   = "9100"
	dialDeadline  = 3 * time.Second
	writeDeadline = 4 * time.Second
	// leftovers is the most that ResetInput throws away.
	leftovers = 64 << 10
)

// Config says which printer to open.
type Config struct {
	// Address is host or host:port, with or without tcp:// before it. The port
	// is 9100 when none is given.
	Address string
}

// A Port is one open connection. One goroutine may read while another writes;
// Close may be called from any.
type Port struct {
	address string
	conn    net.Conn
	// patience is writeDeadline, shorter in tests.
	patience time.Duration

	once   sync.Once
	closed error

	mu   sync.Mutex
	lost error // the first loss, repeated ever after
}

// Open connects to the printer. It gives up after three seconds. Its errors
// name the address and what to do about it.
func Open(c Config) (*Port, error) {
	address := strings.TrimSuffix(strings.TrimPrefix(c.Address, Prefix), "/")
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), defaultPort)
	}
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("tcpprint: open %q: no address of a printer: write tcp://192.168.1.9 or tcp://192.168.1.9:9100", c.Address)
	}
	dialer := net.Dialer{
		Timeout:         dialDeadline,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
		ControlContext:  limitUnacknowledged,
	}
	conn, err := dialer.DialContext(context.Background(), "tcp", address)
	if err != nil {
		kind, cure := serialport.ErrAbsent, "check that the printer is on, its network cable and its address"
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			kind, cure = serialport.ErrBusy, "check that no other computer prints to it and that its port is right"
		case errors.Is(err, os.ErrPermission):
			kind, cure = serialport.ErrDenied, "this machine's firewall forbids it"
		}
		return nil, fmt.Errorf("tcpprint: open %s: %w: %w: %s", address, kind, err, cure)
	}
	return &Port{address: address, conn: conn, patience: writeDeadline}, nil
}

// Path is the printer's address, host:port.
func (p *Port) Path() string { return p.address }

// Read waits up to [Tick] for bytes. It returns 0, nil when none came. Every
// error has serialport.ErrLost in its chain; the printer's hanging up is one.
func (p *Port) Read(b []byte) (int, error) { return p.ReadWithin(b, Tick) }

// ReadWithin is a Read that waits up to d.
func (p *Port) ReadWithin(b []byte, d time.Duration) (int, error) {
	if err := p.gone(); err != nil {
		return 0, err
	}
	if err := p.conn.SetReadDeadline(time.Now().Add(max(d, time.Millisecond))); err != nil {
		return 0, p.lose("read", err)
	}
	n, err := p.conn.Read(b)
	switch {
	case n > 0 || errors.Is(err, os.ErrDeadlineExceeded):
		return n, nil
	case err != nil:
		return 0, p.lose("read", err)
	}
	return n, nil
}

// Write sends all of b. Every error has serialport.ErrLost in its chain: a
// printer that takes nothing for four seconds is lost.
func (p *Port) Write(b []byte) (int, error) {
	if err := p.gone(); err != nil {
		return 0, err
	}
	if err := p.conn.SetWriteDeadline(time.Now().Add(p.patience)); err != nil {
		return 0, p.lose("write", err)
	}
	n, err := p.conn.Write(b)
	if err != nil {
		return n, p.lose("write", err)
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

// Close hangs up and ends a Read or Write under way; both return
// serialport.ErrLost. A second Close does nothing and returns what the first
// one did.
func (p *Port) Close() error {
	p.once.Do(func() {
		p.lose("use", nil)
		p.closed = p.conn.Close()
	})
	return p.closed
}

// Leaked is always false: nothing here is stuck for longer than its deadline.
func (p *Port) Leaked() bool { return false }

func (p *Port) gone() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// lose records the first loss and returns it.
func (p *Port) lose(doing string, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost != nil {
		return p.lost
	}
	if err == nil {
		p.lost = fmt.Errorf("tcpprint: %s %s: %w: closed by this program", doing, p.address, serialport.ErrLost)
	} else {
		p.lost = fmt.Errorf("tcpprint: %s %s: %w: %w: check the network cable and that the printer is on", doing, p.address, serialport.ErrLost, err)
	}
	return p.lost
}
