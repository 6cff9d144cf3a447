package sealed

import (
	"errors"
	"fmt"
	"os"
)

// Copy copies a key file that can be read, to a new file that only its user may read.
// Nothing is left of it when it fails; it fails when there is a file of that name.
func Copy(from, to string) error {
	if _, err := Read(from); err != nil {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("sealed: copy the key file: %w", err)
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("sealed: copy the key file: %w", err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(to)
		return fmt.Errorf("sealed: copy the key file: %w", err)
	}
	return nil
}
