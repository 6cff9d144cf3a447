//go:build !headless && cgo && !linux

package main

import "os/exec"

// dieWithParent is only needed where there are virtual displays.
func dieWithParent(*exec.Cmd) {}
