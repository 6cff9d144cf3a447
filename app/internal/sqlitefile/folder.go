package sqlitefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// errLocked is what a platform's tryLock answers when somebody has the lock.
var errLocked = errors.New("locked")

// makeFolder makes dir for this user only, durably.
func makeFolder(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return &fs.PathError{Op: "open", Path: dir, Err: errors.New("not a folder")}
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

// lockFolder takes the lock file, or says who has it. The file stays when the
// lock is let go and means nothing.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sqlitefile: lock of the data folder: %w: the user who runs this program must be able to write to it", err)
	}
	switch err := tryLock(f); {
	case errors.Is(err, errLocked):
		defer f.Close()
		who := "another process"
		if data, err := io.ReadAll(io.LimitReader(f, 20)); err == nil && len(data) > 0 {
			who = "process " + strings.TrimSpace(string(data))
		}
		return nil, fmt.Errorf("%w: %s is used by %s: stop that one, or start this one with another data folder",
			ErrInUse, filepath.Dir(path), who)
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("sqlitefile: lock %s: %w: put the data folder on a local file system", path, err)
	}
	// Only a help for people: who it is. The lock is what counts.
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintln(f, os.Getpid())
	}
	return f, nil
}
