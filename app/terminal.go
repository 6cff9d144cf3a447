//go:build !headless

package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"

	"hallkiosk/app/kiosk"
	"hallkiosk/app/kiosk/handwriting"
	"hallkiosk/app/kiosk/screens"
	"hallkiosk/assets"
	"hallkiosk/devices/escpos/raster"
)

// runTerminal runs the terminal of this machine. Where nothing has been
// configured it is the demonstration, so that the program shows itself to whoever
// just starts it.
func runTerminal(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("terminal", flag.ContinueOnError)
	path := flags.String("config", "", "configuration `file` (default: "+defaultConfig+")")
	window := flags.Bool("window", false, "a window instead of the whole screen")
	if ok, err := parseFlags(flags, args, std); !ok {
		return err
	}
	given := *path != ""
	if !given {
		*path = defaultConfig
	}
	c, err := readConfig(*path)
	if errors.Is(err, fs.ErrNotExist) && !given {
		return runDemo(ctx, nil, std)
	}
	if err != nil {
		return err
	}
	panel, err := panelByName(c.Panel)
	if err != nil {
		return err
	}
	k, err := c.kiosk()
	if err != nil {
		return err
	}
	k.Logger = newLogger(std.err)
	if err := forPanel(&k, panel); err != nil {
		return err
	}
	terminal, err := kiosk.New(k)
	if err != nil {
		return err
	}
	defer terminal.Close()

	ctx, stop := context.WithCancel(ctx)
	failed, ended := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(ended)
		if err := terminal.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			failed <- err
		}
	}()
	defer func() {
		stop()
		<-ended
	}()
	return runWindow(ctx, terminal, windowOptions{
		panel: panel, window: *window || c.Window, pictures: os.TempDir(), out: std.out,
	}, failed)
}

// forPanel completes a terminal's configuration with what drawing decides: where
// pages of choices, results and guides break, and how the printer gets characters it
// does not have; and with the recogniser of handwriting, if the program has one.
func forPanel(c *kiosk.Config, panel screens.Panel) error {
	var err error
	if c.Drawing, err = screens.Drawing(panel); err != nil {
		return err
	}
	if c.Rasterizer, err = raster.New(assets.FontRegular, assets.FontBold); err != nil {
		return err
	}
	switch pen, err := handwriting.Open(); {
	case err == nil:
		c.Handwriting = pen
	case !errors.Is(err, handwriting.ErrNone):
		return err
	}
	return nil
}
