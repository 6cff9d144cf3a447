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
	"syscall"
	"time"

	"hallkiosk/devices/printerport"
	"hallkiosk/devices/serialport"
)

const (
	// Prefix begins a Config.Address in configuration files.
	Prefix = "tcp://"
	// Tick is how long a Read waits.
	Tick = serialport.Tick
	// Unacknowledged is the patience with bytes that the printer's network
	// interface does not acknowledge.
	Unacknowledged = 10 * time.Second

	defaultPort  = "9100"
	dialDeadline = 3 * time.Second
)

// Config says which printer to open.
type Config struct {
	// Address is host or host:port, with or without tcp:// before it. The port
	// is 9100 when none is given.
	Address string
}

// A Port is one open connection.
type Port = printerport.Port

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
	return printerport.New(conn, &serialport.Loss{
		Package: "tcpprint", Path: address, Cure: "check the network cable and that the printer is on",
	}), nil
}
