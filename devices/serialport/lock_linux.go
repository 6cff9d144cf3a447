package serialport

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// errNotDevice is what acquire returns for a path that is no device file.
var errNotDevice = errors.New("not a device file")

// A fileLock is a second handle on the device file that holds an advisory
// lock. The kernel's own exclusive mode for terminals does not stop root.
type fileLock struct{ fd int }

// acquire refuses what is no device file before anything is opened, then
// opens the device without waiting for it and locks it.
func acquire(path string) (fileLock, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileLock{}, err
	}
	if info.Mode()&os.ModeCharDevice == 0 {
		return fileLock{}, errNotDevice
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fileLock{}, err
	}
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		unix.Close(fd)
		return fileLock{}, fmt.Errorf("reading its settings: %w", err)
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		unix.Close(fd)
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errLocked
		}
		return fileLock{}, err
	}
	return fileLock{fd}, nil
}

// release gives the lock back. The zero fileLock never held one.
func (l fileLock) release() {
	if l.fd != 0 {
		unix.Close(l.fd)
	}
}
