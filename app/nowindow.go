//go:build !headless && !cgo

package main

import (
	"context"
	"errors"
	"io"

	"hallkiosk/app/kiosk"
	"hallkiosk/app/kiosk/screens"
)

// windowOptions say how the terminal appears; see window.go.
type windowOptions struct {
	panel    screens.Panel
	window   bool
	touchMap string
	pictures string
	out      io.Writer
}

// runWindow cannot show anything in a build without cgo. Such a build serves for
// tests and for the gallery.
func runWindow(context.Context, *kiosk.Terminal, windowOptions, <-chan error) error {
	return hintedError{errors.New("this build has no window"), "build it with CGO_ENABLED=1, as `make terminal` does"}
}
