//go:build !headless && cgo

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"hallkiosk/app/kiosk"
	"hallkiosk/app/kiosk/screens"
)

// windowOptions say how the terminal appears.
type windowOptions struct {
	panel    screens.Panel
	window   bool   // a window that can be closed, instead of the whole screen
	touchMap string // file that says what can be touched where, for tests
	pictures string // folder for pictures where there is no display
	out      io.Writer
}

// runWindow shows the terminal until ctx ends, the window is closed, or a part
// of the program fails.
func runWindow(ctx context.Context, terminal *kiosk.Terminal, o windowOptions, failed <-chan error) error {
	display, err := ensureDisplay(o)
	if err != nil {
		return err
	}
	defer display.close()

	// One unit of Fyne is one pixel: all sizes come from the panel's millimetres.
	os.Setenv("FYNE_SCALE", "1")
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: appName, Version: appVersion})
	a := app.NewWithID(appID)
	a.Settings().SetTheme(screens.Theme())
	w := a.NewWindow(appName)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(float32(o.panel.WidthPx), float32(o.panel.HeightPx)))
	if !o.window || display.virtual() {
		w.SetFullScreen(true)
	}
	if !o.window {
		w.SetCloseIntercept(func() {}) // a citizen must not find the desktop
	}
	s, err := screens.New(w, screens.Options{Panel: o.panel, Send: terminal.Do})
	if err != nil {
		return err
	}
	stop := terminal.Watch(s.Show)
	defer stop()

	var failure error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
		case failure = <-failed:
		}
		// Not the app's Quit: Fyne ends by itself on a signal, and closing windows
		// that are gone by then would be a panic. The driver's does nothing twice.
		fyne.Do(a.Driver().Quit)
	}()
	if display.virtual() {
		fmt.Fprintf(o.out, "There is no display: a virtual one, %s, is used, and a picture a second goes to\n%s (latest.png is the newest).\n", os.Getenv("DISPLAY"), o.pictures)
		go func() {
			if err := display.takePictures(ctx, o.pictures, time.Second); err != nil {
				fmt.Fprintf(o.out, "no more pictures of the screen: %v\n", err)
			}
		}()
	}
	if o.touchMap != "" {
		go writeTouchMap(ctx, o.touchMap, s)
	}
	// What only starting needed goes back to the system: weak machines have use for it.
	settled := time.AfterFunc(5*time.Second, debug.FreeOSMemory)
	defer settled.Stop()
	w.ShowAndRun()
	select {
	case <-ended:
		return failure
	default:
		return nil // closed by hand
	}
}

// writeTouchMap keeps a file that says what can be touched where: one line per
// target with its name and its middle. It is for tests of the real window.
func writeTouchMap(ctx context.Context, path string, s *screens.Screens) {
	last := ""
	for tick := time.Tick(50 * time.Millisecond); ctx.Err() == nil; <-tick {
		var targets []screens.Target
		fyne.DoAndWait(func() { targets = s.Targets() })
		var b strings.Builder
		for _, t := range targets {
			fmt.Fprintf(&b, "%s\t%.0f\t%.0f\n", t.Name, t.X+t.W/2, t.Y+t.H/2)
		}
		if b.String() == last {
			continue
		}
		last = b.String()
		if err := os.WriteFile(path+".part", []byte(last), 0o600); err != nil {
			return
		}
		os.Rename(path+".part", path)
	}
}
