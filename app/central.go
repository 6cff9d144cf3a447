package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"hallkiosk/app/central"
	"hallkiosk/app/hall"
)

// parseFlags reads a command's options. A wrong option is a usageError; -h
// prints the options and ends the command without error.
func parseFlags(fs *flag.FlagSet, args []string, std stdio) (proceed bool, err error) {
	fs.SetOutput(std.out)
	err = fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return false, nil
	case err != nil:
		return false, usageError{err}
	}
	return true, nil
}

// fileList is an option that may be given several times.
type fileList []string

func (l *fileList) String() string     { return strings.Join(*l, " ") }
func (l *fileList) Set(s string) error { *l = append(*l, s); return nil }

// stateDir is where a program keeps its data when nothing else is said: what
// systemd gives it, else the user's state directory.
func stateDir(name string) (string, error) {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "hallkiosk", name), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", hintedError{err, "say where the data belongs with -data DIR"}
	}
	return filepath.Join(home, ".local", "state", "hallkiosk", name), nil
}

// newLogger writes to w what an operator must know, one line each.
func newLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func runServe(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	var halls fileList
	fs.Var(&halls, "hall", "hall `file`; may be given several times")
	data := fs.String("data", "", "data `folder` (default: the user's state directory)")
	listen := fs.String("listen", "127.0.0.1:7080", "`address` to listen on")
	alwaysOpen := fs.Bool("always-open", false, "ignore opening hours, for demonstrations")
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	if len(halls) == 0 {
		return usageError{errors.New("no hall file: give at least one with -hall FILE")}
	}
	if *data == "" {
		dir, err := stateDir("central")
		if err != nil {
			return err
		}
		*data = dir
	}
	read := make([]*hall.Hall, 0, len(halls))
	for _, path := range halls {
		f, err := hall.ReadFile(path)
		if err != nil {
			return err
		}
		for _, p := range f.Warnings {
			fmt.Fprintln(std.err, p)
		}
		h := f.Hall
		if *alwaysOpen {
			h = h.AlwaysOpen()
		}
		read = append(read, h)
	}
	service, err := central.New(central.Config{
		DataDir: *data, Addr: *listen, Halls: read, Logger: newLogger(std.err),
	})
	if err != nil {
		return err
	}
	defer service.Close()
	go func() {
		select {
		case <-ctx.Done():
		case <-service.Listening():
			fmt.Fprintf(std.out, "window console  %s/console\nTV board        %s/board\n", service.URL(), service.URL())
		}
	}()
	return service.Run(ctx)
}

// runCheck reads hall files and names every mistake. Warnings alone are no
// failure.
func runCheck(_ context.Context, args []string, std stdio) error {
	if len(args) == 0 {
		return usageError{errors.New("no file to check")}
	}
	wrong := 0
	for _, path := range args {
		f, err := hall.ReadFile(path)
		var problems hall.Problems
		switch {
		case errors.As(err, &problems):
			wrong++
			for _, p := range problems {
				fmt.Fprintln(std.out, p)
			}
			fmt.Fprintf(std.out, "%s：%d 处错误，%d 处提醒\n", path, len(problems.Errors()), len(problems.Warnings()))
		case err != nil:
			wrong++
			fmt.Fprintln(std.out, err)
		default:
			for _, p := range f.Warnings {
				fmt.Fprintln(std.out, p)
			}
			items := 0
			for _, b := range f.Hall.Businesses {
				items += len(b.Items)
			}
			fmt.Fprintf(std.out, "%s：没有错误，%d 处提醒（%s：%d 个区域，%d 个窗口，%d 项业务，%d 个事项）\n", path,
				len(f.Warnings), f.Hall.Name, len(f.Hall.Areas), len(f.Hall.Windows), len(f.Hall.Businesses), items)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d files cannot be used", wrong, len(args))
	}
	return nil
}

// runPIN asks for a PIN and prints its hash. The PIN is not an argument: those
// are visible to everybody on the machine.
func runPIN(_ context.Context, args []string, std stdio) error {
	if len(args) > 0 {
		return usageError{errors.New("takes no arguments: the PIN is asked for")}
	}
	fmt.Fprint(std.err, "PIN (six digits): ")
	line, err := bufio.NewReader(std.in).ReadString('\n')
	if err != nil && line == "" {
		return hintedError{err, "type the PIN and press Enter"}
	}
	hash, err := hall.HashPIN(strings.TrimSpace(line))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "pin_hash = %q\n", hash)
	return err
}
