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
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"hallkiosk/devices/serialport"
)

const (
	// Tick is how long a Read waits.
	Tick = 50 * time.Millisecond
	// idle is the pause after a read that returned nothing at once.
	idle = 10 * time.Millisecond
	// writeDeadline is the patience with a printer that takes no data.
	writeDeadline = 4 * time.Second
	// leftovers is the most that ResetInput throws away.
	leftovers = 64 << 10
)

// Prefix begins a Config.Path that names a printer by its USB identifiers.
const Prefix = "usb:"

// Config says which printer to open.
type Config struct {
	// Path is a device file or usb:VID:PID or usb:VID:PID:SERIAL, with VID and
	// PID as four hexadecimal digits.
	Path string
	// Finder looks printers up; the zero value is right outside of tests.
	Finder serialport.Finder
}

// A Port is one open printer. One goroutine may read while another writes;
// Close may be called from any.
type Port struct {
	path string
	file file
	// hungUp tells whether the device behind the file is gone.
	hungUp func() bool
	// patience is writeDeadline, shorter in tests.
	patience time.Duration

	once   sync.Once
	closed error
	done   chan struct{}

	mu   sync.Mutex
	lost error // the first loss, repeated ever after
}

// file is what is used of *os.File.
type file interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

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

func newPort(path string, f file, hungUp func() bool) *Port {
	return &Port{path: path, file: f, hungUp: hungUp, patience: writeDeadline, done: make(chan struct{})}
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

// Path is the device file that was opened.
func (p *Port) Path() string { return p.path }

// Read waits up to [Tick] for bytes. It returns 0, nil when none came. Every
// error has serialport.ErrLost in its chain.
func (p *Port) Read(b []byte) (int, error) { return p.ReadWithin(b, Tick) }

// ReadWithin is a Read that waits up to d.
func (p *Port) ReadWithin(b []byte, d time.Duration) (int, error) {
	end := time.Now().Add(max(d, time.Millisecond))
	for {
		if err := p.gone(); err != nil {
			return 0, err
		}
		if err := p.file.SetReadDeadline(end); err != nil {
			return 0, p.lose("read", err)
		}
		n, err := p.file.Read(b)
		switch {
		case n > 0:
			return n, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return 0, nil
		case err != nil && !errors.Is(err, io.EOF):
			return 0, p.lose("read", err)
		}
		// "End of file" only says that the printer has nothing to say now,
		// unless it is gone.
		if p.hungUp() {
			return 0, p.lose("read", errGone)
		}
		left := time.Until(end)
		if left <= 0 {
			return 0, nil
		}
		select {
		case <-p.done:
		case <-time.After(min(left, idle)):
		}
	}
}

var errGone = errors.New("the printer is gone")

// Write sends all of b. It returns when the kernel has taken the bytes. Every
// error has serialport.ErrLost in its chain: a printer that takes nothing for
// four seconds is lost.
func (p *Port) Write(b []byte) (int, error) {
	if err := p.gone(); err != nil {
		return 0, err
	}
	if err := p.file.SetWriteDeadline(time.Now().Add(p.patience)); err != nil {
		return 0, p.lose("write", err)
	}
	n, err := p.file.Write(b)
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

// Close closes the printer and ends a Read or Write under way; both return
// serialport.ErrLost. A second Close does nothing and returns what the first
// one did.
func (p *Port) Close() error {
	p.once.Do(func() {
		close(p.done)
		p.lose("use", nil)
		p.closed = p.file.Close()
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
		p.lost = fmt.Errorf("usblp: %s %s: %w: closed by this program", doing, p.path, serialport.ErrLost)
	} else {
		p.lost = fmt.Errorf("usblp: %s %s: %w: %w: check the cable and that the printer is on", doing, p.path, serialport.ErrLost, err)
	}
	return p.lost
}
