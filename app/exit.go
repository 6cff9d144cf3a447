package main

import (
	"errors"

	"hallkiosk/app/kiosk/drive"
)

// exitDisk is the exit code of a terminal whose disk failed: EX_IOERR of
// sysexits(3). Nothing is wrong with the call; a new process may find the disk
// well again, so a supervisor starts it anew (systemd: Restart=always), and its
// log shows 74 and not 1.
const exitDisk = 74

// exitCode is what a command that failed makes the program end with.
func exitCode(err error) int {
	if errors.Is(err, drive.ErrDisk) {
		return exitDisk
	}
	return 1
}
