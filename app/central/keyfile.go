package central

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"hallkiosk/app/central/internal/sealed"
)

// KeyFile returns the file with the keys that open complaints, which is in no copy of
// the database. It is empty when there is none: a service that has never run, or one
// that takes no complaints.
func KeyFile(c Config) string {
	path := c.SealKeyFile
	if path == "" && c.DataDir != "" {
		path = filepath.Join(c.DataDir, sealed.FileName)
	}
	if path == "" {
		return ""
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && c.SealKeyFile == "" {
		return ""
	}
	return path
}

// BackupKeys copies that file to a new one that only its user may read. It fails when
// there is none, or one that is no key file.
func BackupKeys(c Config, toFile string) error {
	from := KeyFile(c)
	if from == "" {
		return errors.New("central: backup of the keys: there is no key file")
	}
	if err := sealed.Copy(from, toFile); err != nil {
		return fmt.Errorf("central: backup of the keys: %w", err)
	}
	return nil
}
