//go:build unix

package localstore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// lockFolder takes the lock file, or says who has it. The system lets go of it
// when the process ends, however it ends.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("localstore: lock of the data folder: %w: the user who runs the terminal must be able to write to it", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("localstore: lock of the data folder: %w: put it on a local file system", err)
		}
		return nil, inUse(path, f)
	}
	// Only a help for people: who it is. The lock is what counts.
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f, nil
}

func inUse(path string, f io.Reader) error {
	who := "another process"
	if data, err := io.ReadAll(io.LimitReader(f, 20)); err == nil && len(data) > 0 {
		who = "process " + strings.TrimSpace(string(data))
	}
	return fmt.Errorf("%w: %s is used by %s: stop that one, or start this one with another data folder",
		ErrInUse, filepath.Dir(path), who)
}

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
