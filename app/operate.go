package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"hallkiosk/app/central"
)

// operate lets an operator work on the central service's data, itself or through
// the service that has them open.
func operate(ctx context.Context, where *database, halls fileList, std stdio, do func(central.Admin, central.Config) error) error {
	config, err := where.config()
	if err != nil {
		return err
	}
	read, err := halls.read(std)
	if err != nil {
		return err
	}
	config.Halls = read
	admin, end, err := central.OpenAdmin(ctx, config)
	if err != nil {
		return inUse(err)
	}
	defer end()
	return do(admin, config)
}

// inUse says what to do when a service has the data and does not answer.
func inUse(err error) error {
	if errors.Is(err, central.ErrInUse) {
		return hintedError{err, "run this as the user the central service runs as; or stop the service first"}
	}
	return err
}

// runEnrol admits a terminal to a hall.
func runEnrol(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("enrol", flag.ContinueOnError)
	path := fs.String("hall", "", "hall `file`")
	terminal := fs.String("terminal", "", "the terminal's name, as staff shall see it: 一号自助机")
	var where database
	where.flags(fs)
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	if *path == "" || *terminal == "" {
		return usageError{errors.New("give the hall file with -hall and the terminal's name with -terminal")}
	}
	return operate(ctx, &where, fileList{*path}, std, func(a central.Admin, c central.Config) error {
		hall := c.Halls[0].ID
		token, slot, err := a.EnrolTerminal(ctx, hall, *terminal)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.err, "%s is terminal %d of %s. Put this token into the terminal's token file; it cannot be shown again:\n", *terminal, slot, hall)
		_, err = fmt.Fprintln(std.out, token)
		return err
	})
}

// runKeys makes a new key for the addresses that phones open.
func runKeys(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("keys", flag.ContinueOnError)
	path := fs.String("hall", "", "hall `file`")
	revoke := fs.Bool("revoke", false, "refuse every address made until now, also those on paper that people hold")
	var where database
	where.flags(fs)
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	if *path == "" || fs.NArg() > 0 {
		return usageError{errors.New("give the hall file with -hall; keys makes a new key, which otherwise happens every 30 days")}
	}
	return operate(ctx, &where, fileList{*path}, std, func(a central.Admin, c central.Config) error {
		id, err := a.RotateHandoff(ctx, c.Halls[0].ID, *revoke)
		if err != nil {
			return err
		}
		before := "addresses made before go on until they expire"
		if *revoke {
			before = "addresses made before are refused from now on"
		}
		_, err = fmt.Fprintf(std.out, "%s: terminals sign phone addresses with key %d as soon as they hear of it; %s\n", c.Halls[0].ID, id, before)
		return err
	})
}

// runRebuild makes everything that follows from the halls' ledgers anew and says
// what was different.
func runRebuild(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("rebuild", flag.ContinueOnError)
	var halls fileList
	fs.Var(&halls, "hall", "hall `file`; may be given several times")
	check := fs.Bool("check", false, "only compare, change nothing; fails when something differs")
	var where database
	where.flags(fs)
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	return operate(ctx, &where, halls, std, func(a central.Admin, c central.Config) error {
		differ := 0
		for _, h := range c.Halls {
			r, err := a.Rebuild(ctx, h.ID, *check)
			if err != nil {
				return err
			}
			for _, d := range r.Differences {
				fmt.Fprintf(std.out, "%s: %s\n", h.ID, d)
			}
			differ += len(r.Differences) + r.More
			state := "nothing differs"
			switch {
			case len(r.Differences) > 0 && r.Replaced:
				state = fmt.Sprintf("%d differences, replaced", len(r.Differences)+r.More)
			case len(r.Differences) > 0:
				state = fmt.Sprintf("%d differences, left as they are", len(r.Differences)+r.More)
			}
			fmt.Fprintf(std.out, "%s: %d lines of the ledger, %s\n", h.ID, r.Entries, state)
		}
		if *check && differ > 0 {
			return hintedError{fmt.Errorf("%d differences from the ledger", differ), "run rebuild without -check to replace them"}
		}
		return nil
	})
}

// runBackup copies the central service's database, while it works or not. The keys of
// complaints are not in it: whoever finds the copy shall not read what people complain
// of, and whoever needs it must have kept them, which is said each time.
func runBackup(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("backup", flag.ContinueOnError)
	withKeys := fs.Bool("with-keys", false, "copy the keys of complaints, too, to FILE.seal.key")
	sealKey := fs.String("seal-key", "", "key `file` of the service, where it is not seal.key in the data folder")
	var where database
	where.flags(fs)
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	if fs.NArg() != 1 {
		return usageError{errors.New("name the file to write, which must not exist yet")}
	}
	config, err := where.config()
	if err != nil {
		return err
	}
	config.SealKeyFile = *sealKey
	file, keys := fs.Arg(0), fs.Arg(0)+".seal.key"
	if *withKeys {
		// Before the database is copied: that takes a while, and may be repeated.
		if err := central.BackupKeys(config, keys); err != nil {
			return hintedError{err, "copy the database without -with-keys, or name the key file with -seal-key"}
		}
	}
	if err := central.Backup(ctx, config, file); err != nil {
		if *withKeys {
			os.Remove(keys) // belongs to a copy that is not there
		}
		return inUse(err)
	}
	if _, err = fmt.Fprintf(std.out, "%s written\n", file); err != nil {
		return err
	}
	from := central.KeyFile(config)
	switch {
	case *withKeys:
		fmt.Fprintf(std.out, "%s written\n", keys)
		fmt.Fprintf(std.err, "注意：%s 是打开投诉内容的钥匙。请和备份分开保管：谁同时拿到两个文件，谁就能读投诉。\n"+
			"Keep %[1]s apart from the backup: whoever has both can read the complaints.\n", keys)
	case from != "":
		fmt.Fprintf(std.err, "注意：备份里没有打开投诉内容的钥匙 %s。请另外拷一份，和备份分开保管；丢了它，投诉内容就再也读不出来。加 -with-keys 可以一起拷。\n"+
			"The key of complaints, %[1]s, is not in this backup. Keep a copy of it at another place; without it nobody can read them. -with-keys copies it, too.\n", from)
	}
	return nil
}
