package serialport

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"go.bug.st/serial"
)

// errLocked is what acquire returns when another program holds the lock.
var errLocked = errors.New("locked")

// classify turns what the library or the kernel said on opening into one of
// the package's errors, with the path and the cure.
func classify(c Config, err error) error {
	say := func(kind error, cure string) error {
		return fmt.Errorf("serialport: open %s: %w: %s", c.Path, kind, cure)
	}
	denied := func() error { return say(ErrDenied, "add the user to group dialout and start the session anew") }
	busy := func() error { return say(ErrBusy, "end the program that has it open") }
	notSerial := func() error {
		return say(ErrNotSerial, "give the path of a serial device, best one below /dev/serial/by-id")
	}
	absent := func() error { return say(ErrAbsent, "check that the device is plugged in and switched on") }

	switch {
	case errors.Is(err, errLocked), errors.Is(err, syscall.EBUSY):
		return busy()
	case errors.Is(err, fs.ErrPermission):
		return denied()
	// A pseudo-terminal without its other side gives EIO, a port without
	// hardware ENXIO or ENODEV.
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EIO),
		errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		return absent()
	case errors.Is(err, syscall.ENOTTY), errors.Is(err, syscall.EISDIR),
		errors.Is(err, syscall.ENOTDIR), errors.Is(err, errNotDevice):
		return notSerial()
	}
	var pe *serial.PortError
	if errors.As(err, &pe) {
		switch pe.Code() {
		case serial.PortBusy:
			return busy()
		case serial.PermissionDenied:
			return denied()
		case serial.PortNotFound:
			return absent()
		case serial.InvalidSerialPort:
			return notSerial()
		case serial.InvalidSpeed:
			return fmt.Errorf("serialport: open %s: speed %d: not supported by this port: use the speed set in the device, usually 115200 or 9600", c.Path, c.Baud)
		}
	}
	// Unknown means: try again later.
	return fmt.Errorf("serialport: open %s: %w: %w", c.Path, ErrLost, err)
}
