package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"hallkiosk/devices/simulator"
)

// runSimulate keeps simulated devices for a terminal on this machine until the
// program is stopped.
func runSimulate(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("simulate", flag.ContinueOnError)
	dir := fs.String("dir", "", "`folder` in which the devices appear (default: the user's state directory)")
	baud := fs.Int("baud", 115200, "speed of the simulated lines, bit/s")
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
	devices, err := simulator.Start(simulator.Config{Dir: *dir, Baud: *baud})
	if err != nil {
		return err
	}
	defer devices.Close()
	for _, name := range []string{"printer", "reader", "scanner"} {
		fmt.Fprintf(std.out, "%-8s %s\n", name, filepath.Join(*dir, name))
	}
	fmt.Fprintln(std.out, "Type help for what can happen to them; Ctrl-C ends them.")
	go obey(ctx, devices, std)
	<-ctx.Done()
	return nil
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
