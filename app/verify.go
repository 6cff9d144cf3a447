package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/central/verify"
	"hallkiosk/app/hall"
)

// errViolated ends verify when it has found something; what, is printed already.
var errViolated = errors.New("the service is not right")

// unlimited is more requests a second than any machine makes: verify measures
// what the service can do, not what it allows.
const unlimited = 1_000_000

// verifyOptions are the options of verify.
type verifyOptions struct {
	terminals, windows, businesses, seconds int
	seed                                    uint64
	data, database, json                    string
	server, hall, tokens, pin               string
	writeHall                               string
}

func runVerify(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("verify", flag.ContinueOnError)
	var o verifyOptions
	fs.IntVar(&o.terminals, "terminals", 32, "terminals that take numbers")
	fs.IntVar(&o.windows, "windows", 32, "windows that call")
	fs.IntVar(&o.businesses, "businesses", 6, "queues of the service's own scratch hall")
	fs.IntVar(&o.seconds, "seconds", 20, "how long numbers are taken")
	fs.Uint64Var(&o.seed, "seed", 0, "make the same choices again as a run that found something")
	fs.StringVar(&o.data, "data", "", "new `folder` for the scratch service's data, which is kept (default: a temporary one)")
	fs.StringVar(&o.database, "database", "", "`address` of a PostgreSQL database for the scratch service (default: SQLite)")
	fs.StringVar(&o.json, "json", "", "write the report to this `file` as well")
	fs.StringVar(&o.server, "server", "", "verify the running service at this `address` instead of one of its own")
	fs.StringVar(&o.hall, "hall", "", "`id` of the hall on that service; begins with "+verify.ScratchPrefix)
	fs.StringVar(&o.tokens, "tokens", "", "`file` with the tokens of that hall's terminals, one a line")
	fs.StringVar(&o.pin, "pin", "246810", "PIN of that hall's windows")
	fs.StringVar(&o.writeHall, "write-hall", "", "write a scratch hall for another service to this `file`, and do nothing else")
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	switch {
	case fs.NArg() > 0:
		return usageError{fmt.Errorf("unexpected %q", fs.Arg(0))}
	case o.terminals < 1 || o.windows < 1 || o.businesses < 1 || o.seconds < 1:
		return usageError{errors.New("terminals, windows, businesses and seconds must be at least 1")}
	case o.server != "" && (o.hall == "" || o.tokens == ""):
		return usageError{errors.New("with -server, name the scratch hall with -hall and its terminals' tokens with -tokens")}
	case o.server == "" && (o.hall != "" || o.tokens != ""):
		return usageError{errors.New("-hall and -tokens belong to -server")}
	case o.data != "" && o.database != "":
		return usageError{errors.New("give -data or -database, not both")}
	case o.server != "" && (o.data != "" || o.database != ""):
		return usageError{errors.New("-data and -database are for a scratch service, not for -server")}
	}
	if o.writeHall != "" {
		return writeScratchHall(o, std)
	}
	c := verify.Config{BaseURL: o.server, Hall: o.hall, PIN: o.pin, Windows: o.windows,
		Duration: time.Duration(o.seconds) * time.Second, Seed: o.seed,
		Progress: func(p verify.Progress) {
			doing := "取号、叫号"
			if p.Draining {
				doing = "叫完等候的人，逐个核对"
			}
			fmt.Fprintf(std.err, "%3.0f 秒  取号 %d，叫号 %d，出错 %d（%s）\n", p.Elapsed.Seconds(), p.Taken, p.Called, p.Errors, doing)
		}}
	if o.server != "" {
		tokens, err := readTokens(o.tokens)
		if err != nil {
			return err
		}
		c.Tokens = tokens[:min(len(tokens), o.terminals)]
	} else {
		stop, err := startScratch(ctx, o, &c, std)
		if err != nil {
			return err
		}
		defer stop()
	}
	report, err := verify.Run(ctx, c)
	if err != nil {
		return err
	}
	if err := report.Print(std.out); err != nil {
		return err
	}
	if o.json != "" {
		data, err := json.MarshalIndent(report, "", "  ")
		if err == nil {
			err = os.WriteFile(o.json, append(data, '\n'), 0o644)
		}
		if err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if !report.OK() {
		return errViolated
	}
	return nil
}

// startScratch starts a service for the run alone and completes c with what leads
// to it.
func startScratch(ctx context.Context, o verifyOptions, c *verify.Config, std stdio) (stop func(), err error) {
	h, err := verify.ScratchHall(o.windows, o.businesses, o.pin, time.Now())
	if err != nil {
		return nil, err
	}
	config := central.Config{Addr: "127.0.0.1:0", Halls: []*hall.Hall{h}, RequestRate: unlimited,
		// A line for each of hundreds of thousands of requests would hide the progress.
		Logger: slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	tidy := func() {}
	switch {
	case o.database != "":
		config.Database = o.database
		// Other runs may have used the same database; none has used this hall.
		h.ID += fmt.Sprintf("-%08x", rand.Uint32())
	case o.data != "":
		if entries, err := os.ReadDir(o.data); err == nil && len(entries) > 0 {
			return nil, hintedError{fmt.Errorf("%s is not empty", o.data), "name a new folder: verify never works on data it has not made"}
		}
		config.DataDir = o.data
	default:
		dir, err := os.MkdirTemp("", "hallcentral-verify-")
		if err != nil {
			return nil, err
		}
		tidy = func() { os.RemoveAll(dir) }
		config.DataDir = filepath.Join(dir, "central")
	}
	service, err := central.New(config)
	if err != nil {
		tidy()
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	stop = func() {
		cancel()
		<-ended
		service.Close()
		tidy()
	}
	select {
	case <-service.Listening():
	case err := <-ended:
		ended <- err
		stop()
		return nil, err
	}
	for i := range o.terminals {
		token, _, err := service.EnrolTerminal(ctx, h.ID, fmt.Sprintf("%d 号机", i+1))
		if err != nil {
			stop()
			return nil, err
		}
		c.Tokens = append(c.Tokens, token)
	}
	c.BaseURL, c.Hall = service.URL(), h.ID
	return stop, nil
}

// writeScratchHall writes a hall file that a service elsewhere can serve, so that
// it can be verified where it runs.
func writeScratchHall(o verifyOptions, std stdio) error {
	h, err := verify.ScratchHall(o.windows, o.businesses, o.pin, time.Now())
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.writeHall, hall.Format(h), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, `核对用的大厅写在 %[1]s。在要核对的中心服务上：
  hallcentral enrol -hall %[1]s -terminal 核对1号机      （每台终端一次，令牌存成一个文件，每行一个）
  hallcentral serve -hall %[1]s …
然后：
  hallcentral verify -server http://中心地址 -hall %[2]s -tokens 令牌文件 -pin 窗口口令
`, o.writeHall, h.ID)
	return err
}

// readTokens reads one token a line; empty lines and comments do not count.
func readTokens(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var tokens []string
	s := bufio.NewScanner(f)
	for s.Scan() {
		if line := strings.TrimSpace(s.Text()); line != "" && !strings.HasPrefix(line, "#") {
			tokens = append(tokens, line)
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("%s: no tokens in it", path)
	}
	return tokens, nil
}
