//go:build !headless && cgo

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// A display is where the window appears: one that is there, or a virtual one
// that belongs to this program.
type display struct {
	xvfb *exec.Cmd
	dir  string // holds the virtual display's picture
}

func (d *display) virtual() bool { return d.xvfb != nil }

// ensureDisplay starts a virtual display if there is none, of the panel's size,
// and points DISPLAY at it.
func ensureDisplay(o windowOptions) (*display, error) {
	if runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" {
		return &display{}, nil
	}
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		return nil, hintedError{errors.New("there is no display"), "start it from a desktop, or install Debian's package xvfb for a virtual one"}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	dir, err := os.MkdirTemp("", "hallkiosk-display-")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, "-displayfd", "3", "-nolisten", "tcp", "-noreset", "-fbdir", dir,
		"-screen", "0", fmt.Sprintf("%dx%dx24", o.panel.WidthPx, o.panel.HeightPx))
	cmd.ExtraFiles = []*os.File{w}
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		w.Close()
		os.RemoveAll(dir)
		return nil, fmt.Errorf("virtual display: %w", err)
	}
	w.Close()
	d := &display{xvfb: cmd, dir: dir}
	r.SetReadDeadline(time.Now().Add(20 * time.Second))
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		d.close()
		return nil, fmt.Errorf("virtual display did not come up: %w", err)
	}
	os.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
	return d, nil
}

// close ends a virtual display.
func (d *display) close() {
	if d.xvfb != nil {
		d.xvfb.Process.Signal(os.Interrupt)
		d.xvfb.Wait()
		os.RemoveAll(d.dir)
	}
}
