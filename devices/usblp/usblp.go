// Package usblp opens printers on USB that are of the printer class: the
// kernel's usblp driver makes a file /dev/usb/lp0 for each.
//
// The terminal's supervisor of devices opens the ticket printer with it; the
// printer's driver gets the *Port as a small interface of its own. It never
// speaks ESC/POS and never tries other files than the one it was told.
//
// The files have no names that stay, so a printer is best named by its
// identifiers: usb:0483:5743, or usb:0483:5743:SERIAL where there are two
// alike. It is looked up at every opening and found again under whatever number
// it comes back.
//
// # What to know of such printers
//
// One program at a time may open the file. CUPS takes such a printer away from
// the kernel's driver when it is told to print to it, and programs that use
// libusb do so too: the file disappears then. Many cheap printers never answer;
// their profile is a one-way one. Reading returns nothing at once where a serial
// port would wait, so waiting is done here.
//
// Errors are those of package serialport, so that one supervisor serves every
// kind of port.
package usblp

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"hallkiosk/devices/printerport"
	"hallkiosk/devices/serialport"
)

const (
	// Prefix begins a Config.Path that names a printer by its USB identifiers.
	Prefix = "usb:"
	// Tick is how long a Read waits.
	Tick = serialport.Tick
)

// Config says which printer to open.
type Config struct {
	// Path is a device file or usb:VID:PID or usb:VID:PID:SERIAL, with VID and
	// PID as four hexadecimal digits.
	Path string
	// Finder looks printers up; the zero value is right outside of tests.
	Finder serialport.Finder
}

// A Port is one open printer.
type Port = printerport.Port

// Open opens the printer. Its errors name the path and what to do about it.
func Open(c Config) (*Port, error) {
	path, err := c.file()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err == nil && info.Mode()&os.ModeCharDevice == 0 {
		err = syscall.ENOTTY
	}
	if err != nil {
		return nil, classify(c.Path, err)
	}
	// Without waiting: Go's poller then gives reads and writes their deadlines,
	// and Close ends both.
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, classify(c.Path, err)
	}
	if err := f.SetDeadline(time.Time{}); err != nil {
		f.Close()
		return nil, classify(c.Path, syscall.ENOTTY) // a file that cannot be waited for
	}
	return newPort(path, f, func() bool { return hungUp(f) }), nil
}

func newPort(path string, f printerport.Conn, hungUp func() bool) *Port {
	return printerport.New(
		&waitingFile{Conn: f, hungUp: hungUp, done: make(chan struct{})},
		&serialport.Loss{Package: "usblp", Path: path, Cure: "check the cable and that the printer is on"},
	)
}

// file is the device file of the printer, looked up when it is named by its
// identifiers.
func (c Config) file() (string, error) {
	ids, byID := strings.CutPrefix(c.Path, Prefix)
	if !byID {
		if c.Path == "" {
			return "", errors.New("usblp: no path given: set the printer's path, /dev/usb/lp0 or usb:VID:PID")
		}
		return c.Path, nil
	}
	parts := strings.SplitN(strings.ToLower(ids), ":", 3)
	if len(parts) < 2 || len(parts[0]) != 4 || len(parts[1]) != 4 {
		return "", fmt.Errorf("usblp: open %s: not a name of a printer: write usb:VID:PID with four hexadecimal digits each, as lsusb shows them", c.Path)
	}
	all, err := c.Finder.Printers()
	if err != nil {
		return "", fmt.Errorf("usblp: open %s: %w", c.Path, err)
	}
	for _, f := range all {
		if f.ID() == parts[0]+":"+parts[1] && (len(parts) < 3 || strings.ToLower(f.Serial) == parts[2]) {
			return f.Path, nil
		}
	}
	return "", classify(c.Path, os.ErrNotExist)
}

// classify turns what the kernel said on opening into one of serialport's
// errors, with the path and the cure.
func classify(path string, err error) error {
	say := func(kind error, cure string) error { return fmt.Errorf("usblp: open %s: %w: %s", path, kind, cure) }
	switch {
	case errors.Is(err, syscall.EBUSY):
		return say(serialport.ErrBusy, "end the program that prints to it, or remove the printer from CUPS")
	case errors.Is(err, os.ErrPermission):
		return say(serialport.ErrDenied, "add the user to group lp and start the session anew")
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.EIO):
		return say(serialport.ErrAbsent, "check that the printer is plugged in and switched on, and that CUPS has not taken it")
	case errors.Is(err, syscall.ENOTTY), errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ENOTDIR):
		return say(serialport.ErrNotSerial, "give the path of a printer, /dev/usb/lp0 or usb:VID:PID")
	}
	return fmt.Errorf("usblp: open %s: %w: %w", path, serialport.ErrLost, err)
}
