package peripherals

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	"hallkiosk/devices/serialport"
	"hallkiosk/devices/tcpprint"
	"hallkiosk/devices/usblp"
)

// PortConfig says where a device is attached.
type PortConfig struct {
	// Path is a stable name. Empty = the terminal has no such device.
	//
	//	/dev/serial/by-id/…          a serial port, of any device
	//	/dev/usb/lp0                 a USB printer of the printer class
	//	usb:0483:5743[:SERIAL]       the same, whatever its number
	//	tcp://192.168.1.9[:9100]     a printer on the network
	Path string
	Baud int // bit/s; 0 = 115200; serial ports only
}

// open opens a serial port, which is what readers and scanners have.
func (c PortConfig) open() (*serialport.Port, error) {
	return serialport.Open(serialport.Config{Path: c.Path, Baud: c.Baud})
}

// printerPort is an open port of a printer, of whatever kind.
type printerPort interface {
	io.ReadWriteCloser
	ReadWithin(b []byte, d time.Duration) (int, error)
	ResetInput() error
	Path() string
}

// openPrinter opens the port that the path names. A serial one is paced, so
// that XOFF comes in time.
func (c PortConfig) openPrinter() (printerPort, error) {
	switch {
	case strings.HasPrefix(c.Path, tcpprint.Prefix):
		return hide(tcpprint.Open(tcpprint.Config{Address: c.Path}))
	case strings.HasPrefix(c.Path, usblp.Prefix), isUSBPrinter(c.Path):
		return hide(usblp.Open(usblp.Config{Path: c.Path}))
	}
	return hide(serialport.Open(serialport.Config{Path: c.Path, Baud: c.Baud, Paced: true}))
}

// hide turns a port and its error into the interface, without a nil port in it.
func hide[P printerPort](p P, err error) (printerPort, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// isUSBPrinter reports whether a path is a file of the kernel's usblp driver,
// directly or through a link.
func isUSBPrinter(path string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	number, ok := strings.CutPrefix(filepath.Base(path), "lp")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// absent is the condition after a port could not be opened or was lost.
func absent(err error) Condition {
	c := Condition{State: Absent, Fault: "absent", Detail: err.Error()}
	switch {
	case errors.Is(err, serialport.ErrDenied):
		c.Fault = "denied"
	case errors.Is(err, serialport.ErrBusy):
		c.Fault = "busy"
	case errors.Is(err, serialport.ErrNotSerial):
		c.Fault = "not-serial"
	}
	return c
}

// isOpenError reports whether err is of the port rather than of the device.
func isOpenError(err error) bool {
	for _, e := range []error{
		serialport.ErrAbsent, serialport.ErrDenied, serialport.ErrBusy, serialport.ErrNotSerial, serialport.ErrLost,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
