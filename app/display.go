//go:build !headless && cgo

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
)

// A display is where the window appears: one that is there, or a virtual one
// that belongs to this program.
type display struct{ xvfb *exec.Cmd }

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
	cmd := exec.Command(path, "-displayfd", "3", "-nolisten", "tcp", "-noreset",
		"-screen", "0", fmt.Sprintf("%dx%dx24", o.panel.WidthPx, o.panel.HeightPx))
	cmd.ExtraFiles = []*os.File{w}
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("virtual display: %w", err)
	}
	w.Close()
	d := &display{xvfb: cmd}
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
	}
}

// picturesKept is how many pictures of the screen are kept: two minutes.
const picturesKept = 120

// takePictures writes a picture of the canvas at every tick, if it has changed.
func takePictures(ctx context.Context, c fyne.Canvas, dir string, every time.Duration) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return
	}
	old, _ := filepath.Glob(filepath.Join(dir, "*.png"))
	for _, path := range old {
		os.Remove(path)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var last image.Image
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var img image.Image
		fyne.DoAndWait(func() { img = c.Capture() })
		if img == nil || same(img, last) {
			continue
		}
		last = img
		name := fmt.Sprintf("%04d.png", n%picturesKept)
		n++
		if writePNG(filepath.Join(dir, name), img) == nil {
			link := filepath.Join(dir, "latest.png")
			os.Remove(link)
			os.Symlink(name, link)
		}
	}
}

func same(a, b image.Image) bool {
	x, ok := a.(*image.NRGBA)
	y, ok2 := b.(*image.NRGBA)
	return ok && ok2 && string(x.Pix) == string(y.Pix)
}

func writePNG(path string, img image.Image) error {
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	err = errors.Join(e.Encode(f, img), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
