// Command hallkiosk is the whole of Hallkiosk: the touchscreen terminal of a
// public service hall, its central service, and the tools of technicians.
//
// It is built twice. The full build is the terminal's program, hallkiosk; built
// with the tag headless it is the central service's program, hallcentral, a
// static binary without graphics. Both have the same commands, except that only
// the full build has a screen. Run it without arguments for its default, or
// with help for the list of commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // halls name their time zone; a bare system has no zone files
)

// A command is one way to run the program.
type command struct {
	name  string
	args  string // as shown in the help
	short string // one line
	run   func(ctx context.Context, args []string, stdio stdio) error
}

// stdio is where a command reads and writes, so that tests can run one.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// usageError is a wrong call: exit code 2, and the way to the help.
type usageError struct{ error }

// hintedError is an error whose cure is known. The hint is shown on a line of
// its own.
type hintedError struct {
	error
	hint string
}

func (e hintedError) Unwrap() error { return e.error }

func main() {
	// Go's own handling of SIGPIPE would end the kiosk when its log reader goes.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// run carries out one call of the program and returns its exit code: 0 done,
// 1 failed, 2 called wrongly, 74 (exitDisk) failed by the disk.
func run(ctx context.Context, args []string, std stdio) int {
	all := commands()
	name := defaultCommand
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	} else if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		name, args = "help", nil
	}
	if name == "help" {
		printHelp(std.out, all)
		return 0
	}
	at := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if at < 0 {
		fmt.Fprintf(std.err, "hallkiosk: unknown command %q; `%s help` lists them\n", name, programName)
		return 2
	}
	err := all[at].run(ctx, args, std)
	var usage usageError
	var hinted hintedError
	switch {
	case err == nil, errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(std.err, "%s %s: %v\nusage: %s %s %s\n", programName, name, err, programName, name, all[at].args)
		return 2
	case errors.As(err, &hinted):
		fmt.Fprintf(std.err, "%s %s: %v\n  %s\n", programName, name, err, hinted.hint)
		return 1
	default:
		fmt.Fprintf(std.err, "%s %s: %v\n", programName, name, err)
		return exitCode(err)
	}
}

// commands are the commands of this build, in the order of the help.
func commands() []command {
	return append(screenCommands(),
		command{"serve", "-hall FILE [-hall FILE …] [-data DIR | -database URL] [-listen ADDR]",
			"run the central service: numbers, window console, TV board", runServe},
		command{"check", "FILE …", "check hall files and name every mistake at once", runCheck},
		command{"import", "-to FILE [-id ID] [-name NAME] ITEMS.json",
			"make a hall file from a published list of departments and items", runImport},
		command{"guides", "check | import | export | diff | misses | template | fields",
			"service guides (办事指南): check them, put them to use, convert them", runGuides},
		command{"pin", "", "make the hash of a window's PIN for the hall file, or of the technician's for terminal.toml (asks for the PIN)", runPIN},
		command{"enrol", "-hall FILE -terminal NAME [-data DIR | -database URL]",
			"admit a terminal to a hall and print its token, once", runEnrol},
		command{"staff", "add | list | disable | enable | password",
			"accounts of those who work in a hall", runStaff},
		command{"ratings", "export -hall FILE -from DAY -to DAY [-format csv | json] [-scale five-is-best | one-is-best] [-file FILE]",
			"what people said of the service (好差评): export it for those above", runRatings},
		command{"keys", "-hall FILE [-revoke] [-data DIR | -database URL]",
			"make a new key for the addresses that phones open; after a theft, refuse the old ones", runKeys},
		command{"backup", "[-data DIR] [-with-keys] FILE", "copy the central service's database, while it works", runBackup},
		command{"rebuild", "-hall FILE [-hall FILE …] [-data DIR | -database URL] [-check]",
			"compare the central service's tables with its ledger, and make them anew", runRebuild},
		command{"simulate", "[-dir DIR] [-baud N] [-printer MODEL] [-page ADDR] [-font FILE]",
			"simulated printer, card reader and code scanner on pseudo-terminals", runSimulate},
		command{"devices", "[-data DIR]",
			"what is attached to this machine, and how the terminal finds its devices", runDevices},
		command{"outbox", "list | export FILE | import (-token TOKEN | -hall HALLFILE) FILE | backup FILE",
			"what a terminal has not delivered: list it, take it off the disk, hand it to the centre", runOutbox},
		command{"drive", "-data DIR -hall ID -token TOKEN [-server URL] [-every D]",
			"a terminal without screen and devices, told what to do line by line; for tests", runDrive},
		command{"verify", "[-terminals N] [-windows N] [-seconds N] [-server URL -hall ID -tokens FILE]",
			"prove on this machine that no number is lost or doubled", runVerify},
		command{"version", "", "print the version", runVersion},
	)
}

func printHelp(w io.Writer, all []command) {
	fmt.Fprintf(w, "Hallkiosk: take a number in a public service hall.\n\nusage: %s [command] [options]\n\n", programName)
	for _, c := range all {
		mark := " "
		if c.name == defaultCommand {
			mark = "*"
		}
		fmt.Fprintf(w, "%s %-10s %s\n", mark, c.name, c.short)
	}
	fmt.Fprintf(w, "\n* without a command. `%s COMMAND -h` shows a command's options.\n", programName)
}

func runVersion(_ context.Context, _ []string, std stdio) error {
	_, err := fmt.Fprintln(std.out, programName, version())
	return err
}

// version is the program's version and the revision it was built of.
func version() string {
	version := "development"
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				version += " " + s.Value
			}
		}
	}
	return version
}
