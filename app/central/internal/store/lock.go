package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// errLocked is what a platform's tryLock answers when somebody has the lock.
var errLocked = errors.New("locked")

// folderLock keeps a second process out of a data folder. The operating system
// drops it with the process, however that ends, so no stale lock can stay; the
// file itself stays and means nothing.
type folderLock struct{ file *os.File }

func lockFolder(dir string) (*folderLock, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: data folder: %w", err)
	}
	if err := tryLock(f); err != nil {
		defer f.Close()
		if !errors.Is(err, errLocked) {
			return nil, fmt.Errorf("store: lock %s: %w", path, err)
		}
		holder, _ := io.ReadAll(io.LimitReader(f, 20)) // best effort, for the message only
		who := ""
		if pid := strings.TrimSpace(string(holder)); pid != "" {
			who = " (process " + pid + ")"
		}
		return nil, fmt.Errorf("%w%s: %s; stop that process or choose another data folder", ErrInUse, who, dir)
	}
	// Who holds it, for the message above.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	}
	return &folderLock{f}, nil
}

func (l *folderLock) release() error { return l.file.Close() }
