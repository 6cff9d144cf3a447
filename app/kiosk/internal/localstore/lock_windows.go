package localstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// lockFolder takes the lock file, or says that somebody has it. The system lets
// go of it when the process ends, however it ends.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("localstore: lock of the data folder: %w: the user who runs the terminal must be able to write to it", err)
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err == nil {
		return f, nil
	}
	defer f.Close()
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return nil, fmt.Errorf("%w: %s is used by another process: stop that one, or start this one with another data folder",
			ErrInUse, filepath.Dir(path))
	}
	return nil, fmt.Errorf("localstore: lock of the data folder: %w", err)
}

// syncFolder does nothing: Windows has no such call, NTFS journals its names.
func syncFolder(string) error { return nil }
