package localstore

import (
	"os"

	"golang.org/x/sys/unix"
)

// allocate reserves the blocks of a file without writing them (fallocate(2)).
func allocate(f *os.File, size int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, 0, size)
		if err != unix.EINTR {
			return err // EOPNOTSUPP and ENOSYS are errors.ErrUnsupported
		}
	}
}
