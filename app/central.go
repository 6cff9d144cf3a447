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

// read reads the hall files. Their warnings are said and no failure.
func (l fileList) read(std stdio) ([]*hall.Hall, error) {
	if len(l) == 0 {
		return nil, usageError{errors.New("no hall file: give at least one with -hall FILE")}
	}
	out := make([]*hall.Hall, 0, len(l))
	for _, path := range l {
		f, err := hall.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for _, p := range f.Warnings {
			fmt.Fprintln(std.err, p)
		}
		out = append(out, f.Hall)
	}
	return out, nil
}

// databaseVariable names the environment variable with the address of the
// PostgreSQL database: a password in it is not seen by everybody on the machine,
// as one on the command line is.
const databaseVariable = "HALLKIOSK_DATABASE"

// database is where the central service keeps its data.
type database struct{ dir, url string }

func (d *database) flags(fs *flag.FlagSet) {
	fs.StringVar(&d.dir, "data", "", "data `folder` (default: the user's state directory)")
	fs.StringVar(&d.url, "database", "", "PostgreSQL database to use instead, as postgres://user@host/name (default: $"+databaseVariable+")")
}

// config names the database.
func (d *database) config() (central.Config, error) {
	if d.dir != "" && d.url != "" {
		return central.Config{}, usageError{errors.New("give -data or -database, not both")}
	}
	if d.dir == "" && d.url == "" {
		d.url = os.Getenv(databaseVariable)
	}
	if d.url != "" {
		return central.Config{Database: d.url}, nil
	}
	if d.dir == "" {
		dir, err := stateDir("central")
		if err != nil {
			return central.Config{}, err
		}
		d.dir = dir
	}
	return central.Config{DataDir: d.dir}, nil
}

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
	var where database
	where.flags(fs)
	streams := fs.Int("streams", 2000, "the `number` of boards and feeds of the API that may be open at a time, up to 40 KiB each")
	listen := fs.String("listen", "127.0.0.1:7080", "`address` to listen on")
	voice := fs.String("voice", "", "`folder` with recordings of the hall's own, for the TV boards to call numbers with")
	alwaysOpen := fs.Bool("always-open", false, "ignore opening hours, for demonstrations")
	sealKey := fs.String("seal-key", "", "key `file` for complaints (default: seal.key in the data folder; several services on one PostgreSQL need the same one)")
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	config, err := where.config()
	if err != nil {
		return err
	}
	config.SealKeyFile = *sealKey
	read, err := halls.read(std)
	if err != nil {
		return err
	}
	if *alwaysOpen {
		for i, h := range read {
			read[i] = h.AlwaysOpen()
		}
	}
	config.Addr, config.Halls, config.MaxStreams, config.Logger = *listen, read, *streams, newLogger(std.err)
	if *voice != "" {
		if _, err := os.ReadDir(*voice); err != nil {
			return hintedError{err, "say with -voice where the recordings are"}
		}
		config.Voice = *voice
	}
	service, err := central.New(config)
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
