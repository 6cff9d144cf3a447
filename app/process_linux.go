//go:build !headless && cgo

package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel end the child when this program dies, however
// it dies, and keeps a Ctrl-C for this program from reaching the child first.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
}
