//go:build !linux

package serialport

import "errors"

// errNotDevice is never returned here; go.bug.st/serial finds out itself.
var errNotDevice = errors.New("not a device file")

// A fileLock does nothing here: Windows opens a port for one program only,
// and the other systems are not served.
type fileLock struct{}

func acquire(string) (fileLock, error) { return fileLock{}, nil }

func (fileLock) release() {}
