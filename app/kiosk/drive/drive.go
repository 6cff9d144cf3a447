// Package drive runs a terminal without a screen, without devices and without
// people: lines of text say what a citizen would do, and every durable result is
// one line of JSON. Tests that kill, cut off, load or copy a terminal use it
// through `hallcentral drive`, because it is the real thing in a real process:
// packages localstore, outbox, ticketing and uplink put together as package kiosk
// does it.
//
// It draws nothing, decides nothing about a citizen, and reads no identity: every
// number is taken without one.
//
// # What is read
//
//	take BUSINESS [N]   take N numbers (default 1), one after the other
//	status              say how the terminal stands
//	drain               wait until the centre has everything, at most Config.Patience
//	quit                end; so does the end of the input
//
// Commands are carried out one at a time, in order; empty lines and lines that
// begin with # are passed over.
//
// # What is written
//
// One JSON object a line ([Line]), whose did says what it is:
//
//	{"did":"started","store":"…","abandoned":0,"unprinted":[…]}
//	{"did":"took","id":"…","label":"A012","source":"hall","at":"…","business":"a","day":"2026-11-21"}
//	{"did":"status","waiting":0,"dead":0,"last":4,"acked":4,"away":false}
//	{"did":"drained","waiting":0,"dead":0,"last":4,"acked":4,"away":false}
//	{"did":"failed","line":"take x","error":"…"}
//
// A took line is written after its number is on the disk and never before; a
// number whose line did not come out whole, because the process was killed, is
// on the disk or does not exist, and "started" of the next run lists it if its
// paper was not put on record yet. Commands that fail write one failed line and
// the next command is carried out.
package drive

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
	"hallkiosk/app/kiosk/internal/ticketing"
	"hallkiosk/app/kiosk/internal/uplink"
)

// ErrDisk is in the error of Run when the terminal's disk failed: the process
// must end and a new one read the file again.
var ErrDisk = localstore.ErrDead

// The sources of a number.
const (
	SourceHall = "hall" // the centre's number
	SourceOwn  = "own"  // of the terminal's own series
)

// Config says which terminal is driven. The first four fields are required.
type Config struct {
	Centre  string // address of the central service: http://127.0.0.1:7080
	Hall    string // the hall's id
	Token   string // of this terminal
	DataDir string // of this terminal; made when it is missing

	// Every is the time between two looks at the centre. Default 5 s, as in a
	// hall.
	Every time.Duration
	// Cap is the longest wait between two tries while the centre is away.
	// Default 60 s, as in a hall.
	Cap time.Duration
	// Patience bounds drain, and the wait of the first take for the hall's
	// catalogue. Default 60 s.
	Patience time.Duration
	// Paper is what is put on record about the paper of every number after its
	// line was written: confirmed, failed or unknown. Empty: nothing, as when
	// the power goes.
	Paper string
	// Logger receives what a technician must know. Default: nothing.
	Logger *slog.Logger
}

// Line is one line of output. Did says which fields count.
type Line struct {
	Did string `json:"did"` // started, took, status, drained, failed

	// Of a number taken.
	ID       string     `json:"id,omitempty"`
	Label    string     `json:"label,omitempty"`
	Source   string     `json:"source,omitempty"` // hall or own
	At       *time.Time `json:"at,omitempty"`     // the time on the ticket
	Business string     `json:"business,omitempty"`
	Day      string     `json:"day,omitempty"` // business day

	// Of the outbox and the uplink (status, drained).
	*Standing

	// Of the start: the data folder's id, and what the last run left unfinished.
	Store     string   `json:"store,omitempty"`
	Abandoned *int     `json:"abandoned,omitempty"` // wishes without a number, given up
	Unprinted []string `json:"unprinted,omitempty"` // ids of numbers whose paper is unknown

	// Of a command that failed.
	Line  string `json:"line,omitempty"`
	Error string `json:"error,omitempty"`
}

// Standing is how the terminal stands.
type Standing struct {
	Waiting int    `json:"waiting"` // events that the centre lacks
	Dead    int    `json:"dead"`    // events that it refuses for good
	Last    int64  `json:"last"`    // sequence number of the newest event
	Acked   int64  `json:"acked"`   // up to which the centre has everything
	Away    bool   `json:"away"`    // the last contact failed
	Problem string `json:"problem,omitempty"`
}

// Run opens the terminal, carries out the lines of in until it ends, until quit
// or until ctx ends, and closes the terminal. It returns an error when the
// terminal could not be opened or its disk failed (ErrDisk), not for commands
// that fail.
func Run(ctx context.Context, c Config, in io.Reader, out io.Writer) (err error) {
	d, err := open(c, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if err := d.recover(ctx); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- d.uplink.Run(ctx) }()
	err = d.obey(ctx, in)
	stop()
	if uplinkErr := <-ended; err == nil {
		err = uplinkErr
	}
	return err
}

// driver is a terminal being driven.
type driver struct {
	config Config
	out    io.Writer
	client *centralapi.Client
	store  *localstore.Store
	outbox *outbox.Outbox
	uplink *uplink.Uplink
	desk   *ticketing.Desk
	// known receives a value when a catalogue has come.
	known chan struct{}
}

func open(c Config, out io.Writer) (_ *driver, err error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Patience <= 0 {
		c.Patience = time.Minute
	}
	switch o := ticketing.Outcome(c.Paper); o {
	case "", ticketing.PrintConfirmed, ticketing.PrintFailed, ticketing.PrintUnknown:
	default:
		return nil, fmt.Errorf("drive: paper %q: must be confirmed, failed, unknown or empty", c.Paper)
	}
	d := &driver{config: c, out: out, known: make(chan struct{}, 1)}
	d.client, err = centralapi.NewClient(centralapi.ClientConfig{BaseURL: c.Centre, Hall: c.Hall, Token: c.Token, Logger: c.Logger})
	if err != nil {
		return nil, fmt.Errorf("drive: %w", err)
	}
	d.store, err = localstore.Open(context.Background(), c.DataDir, localstore.Options{Logger: c.Logger})
	if err != nil {
		return nil, fmt.Errorf("drive: %w", err)
	}
	d.outbox = outbox.New(d.store)
	d.uplink, err = uplink.New(context.Background(), uplink.Config{
		Store: d.store, Outbox: d.outbox, Centre: d.client, Hall: c.Hall, Logger: c.Logger, Every: c.Every, Cap: c.Cap,
		CatalogueChanged: func(centralapi.Catalogue) {
			select {
			case d.known <- struct{}{}:
			default:
			}
		},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("drive: %w", err), d.store.Close())
	}
	d.desk = ticketing.NewDesk(ticketing.Config{Store: d.store, Outbox: d.outbox, Centre: d.client, Hall: d.uplink, Logger: c.Logger})
	return d, nil
}

func (d *driver) close() error {
	d.client.Close()
	return d.store.Close()
}

// recover tidies up after the last run, as a terminal whose citizens have gone.
func (d *driver) recover(ctx context.Context) error {
	r, err := d.desk.Recover(ctx)
	if err != nil {
		return fmt.Errorf("drive: %w", err)
	}
	for _, w := range r.Open {
		if err := d.desk.Abandon(ctx, w.ID); err != nil {
			return fmt.Errorf("drive: %w", err)
		}
	}
	abandoned := r.Abandoned + len(r.Open)
	line := Line{Did: "started", Store: d.store.ID(), Abandoned: &abandoned}
	for _, u := range r.Unprinted {
		line.Unprinted = append(line.Unprinted, u.ID)
	}
	return d.write(line)
}

// errQuit ends obey.
var errQuit = errors.New("quit")

// obey carries out the input's lines. Reading goes on beside it, because a read
// from a terminal or a pipe cannot be interrupted.
func (d *driver) obey(ctx context.Context, in io.Reader) error {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return nil
			}
			switch err := d.do(ctx, line); {
			case errors.Is(err, errQuit):
				return nil
			case d.store.Err() != nil:
				return fmt.Errorf("drive: %w", d.store.Err())
			case ctx.Err() != nil:
				return nil
			case errors.Is(err, errOutput):
				return err
			case err != nil:
				if err := d.write(Line{Did: "failed", Line: line, Error: err.Error()}); err != nil {
					return err
				}
			}
		case <-d.store.Done():
			return fmt.Errorf("drive: %w", d.store.Err())
		case <-ctx.Done():
			return nil
		}
	}
}

// do carries out one line.
func (d *driver) do(ctx context.Context, line string) error {
	words := strings.Fields(line)
	if len(words) == 0 || strings.HasPrefix(words[0], "#") {
		return nil
	}
	switch command, args := words[0], words[1:]; {
	case command == "take" && (len(args) == 1 || len(args) == 2):
		n := 1
		if len(args) == 2 {
			var err error
			if n, err = strconv.Atoi(args[1]); err != nil || n < 1 {
				return fmt.Errorf("drive: take: %q is not a number of tickets", args[1])
			}
		}
		for range n {
			if err := d.takeOne(ctx, args[0]); err != nil {
				return err
			}
		}
		return nil
	case command == "status" && len(args) == 0:
		s, err := d.standing(ctx)
		if err != nil {
			return err
		}
		return d.write(Line{Did: "status", Standing: &s})
	case command == "drain" && len(args) == 0:
		return d.drain(ctx)
	case command == "quit" && len(args) == 0:
		return errQuit
	}
	return errors.New("drive: unknown command: take BUSINESS [N], status, drain, quit")
}

// takeOne takes a number and writes its line when it is durable.
func (d *driver) takeOne(ctx context.Context, business string) error {
	prefix, err := d.prefix(ctx, business)
	if err != nil {
		return err
	}
	t, err := d.desk.Issue(ctx, ticketing.Request{Business: business, Prefix: prefix, Language: "zh"})
	if err != nil {
		return err
	}
	source := SourceHall
	if t.Own {
		source = SourceOwn
	}
	at := t.IssuedAt.UTC()
	if err := d.write(Line{Did: "took", ID: t.ID, Label: t.Label, Source: source, At: &at, Business: t.Business, Day: t.Day}); err != nil {
		return err
	}
	if d.config.Paper == "" {
		return nil
	}
	return d.desk.Printed(ctx, t.ID, ticketing.Outcome(d.config.Paper), false)
}

// prefix looks the business up in the catalogue; it waits for the first one.
func (d *driver) prefix(ctx context.Context, business string) (string, error) {
	patience := time.NewTimer(d.config.Patience)
	defer patience.Stop()
	for {
		if c, ok := d.uplink.Catalogue(); ok {
			b, ok := c.Hall.Business(business)
			if !ok {
				return "", fmt.Errorf("drive: the hall has no business %q", business)
			}
			return b.Prefix, nil
		}
		select {
		case <-d.known:
		case <-patience.C:
			return "", errors.New("drive: this terminal has never reached its centre: no catalogue")
		case <-d.store.Done():
			return "", d.store.Err()
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func (d *driver) standing(ctx context.Context) (Standing, error) {
	c, err := d.outbox.Counts(ctx)
	if err != nil {
		return Standing{}, err
	}
	state := d.uplink.State()
	s := Standing{Waiting: c.Waiting, Dead: c.Dead, Last: c.Last, Acked: c.Acked, Away: state.Away}
	if state.Problem != nil {
		s.Problem = state.Problem.Error()
	}
	return s, nil
}

// drainLook is how often drain looks at the outbox.
const drainLook = 10 * time.Millisecond

// drain waits until the centre has everything.
func (d *driver) drain(ctx context.Context) error {
	begin := time.Now()
	look := time.NewTicker(drainLook)
	defer look.Stop()
	for {
		s, err := d.standing(ctx)
		if err != nil {
			return err
		}
		if s.Acked == s.Last {
			return d.write(Line{Did: "drained", Standing: &s})
		}
		if waited := time.Since(begin); waited > d.config.Patience {
			return fmt.Errorf("drive: drain: after %v the centre has events up to %d of %d", waited.Round(time.Millisecond), s.Acked, s.Last)
		}
		select {
		case <-look.C:
		case <-d.store.Done():
			return d.store.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// errOutput: nobody reads the results any more.
var errOutput = errors.New("drive: output")

// write writes one line with one call, so that a killed process leaves no two
// lines mixed.
func (d *driver) write(l Line) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("drive: %w", err)
	}
	if _, err := d.out.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}
