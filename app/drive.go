package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"time"

	"hallkiosk/app/kiosk/drive"
)

// runDrive is a terminal without screen and devices, for tests of the whole: what
// it is told on its input it does, and every durable result is one line of JSON.
func runDrive(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("drive", flag.ContinueOnError)
	var c drive.Config
	fs.StringVar(&c.DataDir, "data", "", "data `folder` of the terminal")
	fs.StringVar(&c.Centre, "server", "http://127.0.0.1:7080", "`address` of the central service")
	fs.StringVar(&c.Hall, "hall", "", "the hall's `id`")
	token := fs.String("token", "", "the terminal's `token`, or @FILE to read it from a file")
	fs.DurationVar(&c.Every, "every", 5*time.Second, "time between two looks at the centre")
	fs.DurationVar(&c.Cap, "cap", time.Minute, "longest wait between two tries while the centre is away")
	fs.DurationVar(&c.Patience, "timeout", time.Minute, "longest wait of drain, and of the first take for the hall's catalogue")
	fs.StringVar(&c.Paper, "paper", "confirmed", "what is put on record about each paper: confirmed, failed, unknown or empty")
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	if c.DataDir == "" || c.Hall == "" || *token == "" {
		return usageError{errors.New("give the terminal's data folder with -data, the hall's id with -hall and the terminal's token with -token")}
	}
	var err error
	if c.Token, err = readToken(*token); err != nil {
		return err
	}
	c.Logger = newLogger(std.err)
	return drive.Run(ctx, c, std.in, std.out)
}

// readToken returns the token given on the command line, or read from the file
// that is given as @FILE: command lines are visible to everybody on the machine.
func readToken(given string) (string, error) {
	path, isFile := strings.CutPrefix(given, "@")
	if !isFile {
		return given, nil
	}
	data, err := os.ReadFile(path)
	return strings.TrimSpace(string(data)), err
}
