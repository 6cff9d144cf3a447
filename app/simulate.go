package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/escpos/raster"
	"hallkiosk/devices/simulator"
)

// runSimulate keeps simulated devices for a terminal on this machine until the
// program is stopped.
func runSimulate(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("simulate", flag.ContinueOnError)
	dir := fs.String("dir", "", "`folder` in which the devices appear (default: the user's state directory)")
	baud := fs.Int("baud", 115200, "speed of the simulated lines, bit/s")
	printer := fs.String("printer", simulator.ModelEpson, "printer `model`: "+strings.Join(simulator.Models(), ", "))
	listen := fs.String("page", "", "`address` of a web page with buttons for what can happen to the devices and pictures of what was printed, such as 127.0.0.1:7090; whoever reaches it may use it")
	font := fs.String("font", "", "OpenType `file` for those pictures (default: the program's own font, if it has one)")
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	if *dir == "" {
		state, err := stateDir("devices")
		if err != nil {
			return err
		}
		*dir = state
	}
	drawer, err := paperDrawer(*font)
	if err != nil {
		return err
	}
	devices, err := simulator.Start(simulator.Config{
		Dir: *dir, Baud: *baud, Drawer: drawer, Printer: simulator.PrinterModel{Model: *printer, XOFF: true, Keep: 200},
	})
	if err != nil {
		return err
	}
	defer devices.Close()
	if *listen != "" {
		address, stop, err := servePage(devices, *listen)
		if err != nil {
			return hintedError{err, "another program may use that address: choose another with -page 127.0.0.1:0"}
		}
		defer stop()
		fmt.Fprintf(std.out, "%-8s %s\n", "page", address)
	}
	for _, name := range []string{"printer", "reader", "scanner"} {
		fmt.Fprintf(std.out, "%-8s %s\n", name, filepath.Join(*dir, name))
	}
	fmt.Fprintln(std.out, "Type help for what can happen to them; Ctrl-C ends them.")
	go obey(ctx, devices, std)
	<-ctx.Done()
	return nil
}

// paperDrawer draws the characters of printed papers, from a font file or from
// the program's own font. It is nil when there is neither.
func paperDrawer(file string) (escpos.Rasterizer, error) {
	regular, bold := simulatorFont()
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		regular, bold = b, nil
	}
	if regular == nil {
		return nil, nil
	}
	return raster.New(regular, bold)
}

// servePage serves the simulator's page until stop is called.
func servePage(devices *simulator.Hall, listen string) (address string, stop func(), err error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: simulator.Page(devices), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			l.Close()
		}
	}()
	return "http://" + l.Addr().String() + "/", func() { server.Close(); <-done }, nil
}

// obey carries out what is typed, line by line, until the input ends.
func obey(ctx context.Context, devices *simulator.Hall, std stdio) {
	for lines := bufio.NewScanner(std.in); ctx.Err() == nil && lines.Scan(); {
		answer, err := devices.Exec(strings.TrimSpace(lines.Text()))
		if err != nil {
			answer = err.Error()
		}
		if answer != "" {
			io.WriteString(std.out, strings.TrimRight(answer, "\n")+"\n")
		}
	}
}
