package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"hallkiosk/app/hall"
	"hallkiosk/app/hall/importer"
)

// runImport makes a hall file of a published list of departments and items.
func runImport(_ context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("import", flag.ContinueOnError)
	to := fs.String("to", "", "hall `file` to write; it must not exist yet")
	id := fs.String("id", "hall", "the hall's id")
	name := fs.String("name", "政务服务大厅", "the hall's name")
	windows := fs.Int("windows", 1, "windows per department")
	ask := fs.String("ask-id", string(hall.AskOptional), "whether businesses ask for an ID card: required, optional, never")
	pin := fs.String("pin", "", "PIN of every window, for trying things out; without it windows cannot log in")
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	if fs.NArg() != 1 || *to == "" {
		return usageError{errors.New("give the list to import and, with -to, the hall file to write")}
	}
	in, err := os.Open(fs.Arg(0))
	if err != nil {
		return err
	}
	defer in.Close()
	result, err := importer.Import(in, importer.Options{
		ID: *id, Name: *name, WindowsPerDepartment: *windows, AskID: hall.AskID(*ask), PIN: *pin,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", fs.Arg(0), err)
	}
	out, err := os.OpenFile(*to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if errors.Is(err, os.ErrExist) {
		return hintedError{err, "an existing hall file is never overwritten: choose another name, or move it away"}
	}
	if err != nil {
		return err
	}
	if _, err := out.Write(result.File()); err != nil {
		out.Close()
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	fmt.Fprintln(std.out, result.Report)
	fmt.Fprintf(std.out, "%s 已写好，请用 %s check 检查，按本厅情况修改后使用。\n", *to, programName)
	return nil
}
