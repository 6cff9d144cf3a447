package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/salvage"
)

// defaultTerminalData is where the packages put a terminal's data.
const defaultTerminalData = "/var/lib/hallkiosk"

// outboxUsage are the subcommands of outbox.
const outboxUsage = `Usage of outbox:
  list   [-data DIR] [-body]                        what the centre has not acknowledged, or has refused
  export [-data DIR] FILE                           write that to a new file
  import [-server URL] -token TOKEN FILE            hand such a file to the centre, in the terminal's place
  import -hall HALLFILE [-data DIR] [-database URL] FILE
                                                    put it into the centre's data, on its machine; needs no token
  backup [-data DIR] FILE                           copy the terminal's whole data into a new file, to be read

The terminal must be stopped. Import with a token only what belongs to a terminal that will not be
started again: one that has gone on since the export counts as copied. What a terminal that was closed
because its disk was copied has not delivered, of any of the copies, goes in with -hall.
`

// runOutbox gets what a terminal has not delivered off its disk.
func runOutbox(ctx context.Context, args []string, std stdio) error {
	if len(args) == 0 {
		return usageError{errors.New("say what to do: list, export, import or backup")}
	}
	what, args := args[0], args[1:]
	set := flag.NewFlagSet("outbox "+what, flag.ContinueOnError)
	data := func() *string {
		return set.String("data", defaultTerminalData, "data `folder` of the terminal, which must be stopped")
	}
	switch what {
	case "-h", "-help", "--help":
		_, err := fmt.Fprint(std.out, outboxUsage)
		return err
	case "list":
		dir, body := data(), set.Bool("body", false, "show what the events say (names and numbers are masked)")
		if ok, err := parseFlags(set, args, std); !ok {
			return err
		}
		if set.NArg() > 0 {
			return usageError{errors.New("list takes no file")}
		}
		return outboxList(ctx, *dir, *body, std)
	case "export":
		dir := data()
		file, err := oneFile(set, args, std)
		if file == "" {
			return err
		}
		return outboxExport(ctx, *dir, file, std)
	case "backup":
		dir := data()
		file, err := oneFile(set, args, std)
		if file == "" {
			return err
		}
		return salvageHint(salvage.Backup(ctx, *dir, file))
	case "import":
		server := set.String("server", "http://127.0.0.1:7080", "`address` of the central service")
		token := set.String("token", "", "the `token` of the terminal the file is of, or @FILE to read it from a file")
		var halls fileList
		set.Var(&halls, "hall", "hall `file` of the centre, to put the file into its data instead")
		var where database
		where.flags(set)
		file, err := oneFile(set, args, std)
		if file == "" {
			return err
		}
		switch {
		case len(halls) > 0 && *token != "":
			return usageError{errors.New("give -token or -hall, not both")}
		case len(halls) > 0:
			return outboxOperate(ctx, file, &where, halls, std)
		case *token == "":
			return usageError{errors.New("give the token of the terminal the file is of with -token, or on the centre's machine the hall file with -hall")}
		case where != database{}:
			return usageError{errors.New("-data and -database go with -hall")}
		}
		return outboxImport(ctx, file, *server, *token, std)
	}
	return usageError{fmt.Errorf("%q: must be list, export, import or backup", what)}
}

// oneFile reads the options and the one file that follows them; it is empty when
// there is nothing to do.
func oneFile(set *flag.FlagSet, args []string, std stdio) (string, error) {
	if ok, err := parseFlags(set, args, std); !ok {
		return "", err
	}
	if set.NArg() != 1 || set.Arg(0) == "" {
		return "", usageError{errors.New("give one file")}
	}
	return set.Arg(0), nil
}

// salvageHint adds the cure to an error whose cure is known.
func salvageHint(err error) error {
	switch {
	case errors.Is(err, salvage.ErrInUse):
		return hintedError{err, "the terminal is running: stop it (systemctl stop hallkiosk), do this again, and start it afterwards"}
	case errors.Is(err, salvage.ErrNoTerminal):
		return hintedError{err, "say where the terminal's data is with -data DIR: the folder that holds terminal.db"}
	case errors.Is(err, fs.ErrExist):
		return hintedError{err, "an existing file is never overwritten: choose another name"}
	case errors.Is(err, salvage.ErrForeign):
		return hintedError{err, "use the token that terminal had (its token_file)"}
	case centralapi.HasCode(err, centralapi.CodeRetired):
		return hintedError{err, "the terminal has gone on since the export, or was copied: on the centre's machine, outbox import -hall takes it in all the same"}
	}
	return err
}

func outboxList(ctx context.Context, dir string, body bool, std stdio) error {
	f, err := salvage.Take(ctx, dir)
	if err != nil {
		return salvageHint(err)
	}
	table := tabwriter.NewWriter(std.out, 0, 8, 2, ' ', 0)
	heading := "SEQ\tSTATE\tKIND\tAGE\tTRIES\tERROR"
	if body {
		heading += "\tBODY"
	}
	fmt.Fprintln(table, heading)
	dead := 0
	for _, e := range f.Entries {
		if e.State == "dead" {
			dead++
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%d\t%s", e.Event.Seq, e.State, e.Event.Kind, e.Age.Round(time.Second), e.Tries, e.Error)
		if body {
			fmt.Fprintf(table, "\t%s", e.Event.Body)
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%d waiting, %d dead; the centre has everything up to %d. Terminal %s of hall %s.\n",
		len(f.Entries)-dead, dead, f.Header.Acked, orUnknown(f.Header.Terminal), orUnknown(f.Header.Hall))
	return err
}

func orUnknown(s string) string {
	if s == "" {
		return "(never reached its centre)"
	}
	return s
}

func outboxExport(ctx context.Context, dir, file string, std stdio) error {
	f, err := salvage.Take(ctx, dir)
	if err == nil {
		err = f.Save(file)
	}
	if err != nil {
		return salvageHint(err)
	}
	_, err = fmt.Fprintf(std.out, "%d events of terminal %s of hall %s written to %s.\n",
		len(f.Entries), orUnknown(f.Header.Terminal), orUnknown(f.Header.Hall), file)
	return err
}

// readExport reads a file that export has written, of a terminal some centre knows.
func readExport(file string) (salvage.File, error) {
	in, err := os.Open(file)
	if err != nil {
		return salvage.File{}, err
	}
	defer in.Close()
	f, err := salvage.Read(in)
	if err != nil {
		return salvage.File{}, fmt.Errorf("%s: %w", file, err)
	}
	if f.Header.Hall == "" || f.Header.Terminal == "" {
		return salvage.File{}, hintedError{errors.New("the file's terminal never reached a centre, so no centre can know it"), "there is nothing that could be imported"}
	}
	return f, nil
}

// outboxOperate puts a file into the centre's own data.
func outboxOperate(ctx context.Context, file string, where *database, halls fileList, std stdio) error {
	f, err := readExport(file)
	if err != nil {
		return err
	}
	return operate(ctx, where, halls, std, func(a central.Admin, _ central.Config) error {
		return deliverExport(ctx, operator{a, f.Header}, f, std)
	})
}

// operator is the centre as somebody with its data sees it: it takes everything in,
// whoever else has acknowledged events of these numbers.
type operator struct {
	central.Admin
	of salvage.Header
}

// Terminal answers for the file's terminal; nothing counts as known.
func (o operator) Terminal(context.Context) (centralapi.Terminal, error) {
	return centralapi.Terminal{ID: o.of.Terminal, Hall: o.of.Hall}, nil
}

// DeliverEvents takes a batch in.
func (o operator) DeliverEvents(ctx context.Context, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	return o.Import(ctx, o.of.Hall, b)
}

func outboxImport(ctx context.Context, file, server, token string, std stdio) error {
	f, err := readExport(file)
	if err != nil {
		return err
	}
	if token, err = readToken(token); err != nil {
		return err
	}
	client, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: server, Hall: f.Header.Hall, Token: token, Timeout: 30 * time.Second})
	if err != nil {
		return err
	}
	defer client.Close()
	return deliverExport(ctx, client, f, std)
}

// deliverExport hands a file to a centre and says what became of each event.
func deliverExport(ctx context.Context, centre salvage.Centre, f salvage.File, std stdio) error {
	count := map[salvage.Verdict]int{}
	err := salvage.Deliver(ctx, centre, f, func(r salvage.Receipt) {
		count[r.Verdict]++
		fmt.Fprintf(std.out, "%d %s %s %s", r.Seq, r.ID, r.Kind, r.Verdict)
		if r.Why != "" {
			fmt.Fprintf(std.out, ": %s", r.Why)
		}
		fmt.Fprintln(std.out)
	})
	fmt.Fprintf(std.out, "%d accepted, %d known, %d quarantined, %d refused, of %d.\n", count[salvage.Accepted],
		count[salvage.Known], count[salvage.Quarantined], count[salvage.Refused], len(f.Entries))
	if err != nil {
		return salvageHint(err)
	}
	if n := count[salvage.Refused]; n > 0 {
		return hintedError{fmt.Errorf("%d events were refused", n), "keep the file; the reasons stand above"}
	}
	return nil
}
