package powercut

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// loop is a loop device on a file.
type loop struct {
	path string
	open *os.File
}

// attach puts a loop device on a file. The device detaches itself when nobody has
// it open or mounted any more.
func attach(file string) (*loop, error) {
	backing, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("powercut: loop device: %w", err)
	}
	defer backing.Close()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("powercut: loop device: %w", err)
	}
	defer control.Close()
	config := unix.LoopConfig{
		Fd: uint32(backing.Fd()), Size: sectorSize,
		Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR},
	}
	copy(config.Info.File_name[:], file)
	for range 100 {
		n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, fmt.Errorf("powercut: no free loop device: %w", err)
		}
		l := &loop{path: fmt.Sprintf("/dev/loop%d", n)}
		if l.open, err = os.OpenFile(l.path, os.O_RDWR, 0); err != nil {
			return nil, fmt.Errorf("powercut: loop device: %w", err)
		}
		err = unix.IoctlLoopConfigure(int(l.open.Fd()), &config)
		if err == nil {
			return l, nil
		}
		l.open.Close()
		if !errors.Is(err, unix.EBUSY) { // else somebody else was faster
			return nil, fmt.Errorf("powercut: %s: %w", l.path, err)
		}
	}
	return nil, errors.New("powercut: no free loop device: others are always faster")
}

// detach lets go of the device, which goes with its last mount.
func (l *loop) detach() error { return l.open.Close() }
