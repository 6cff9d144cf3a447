package powercut

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/killtest"
)

// ackedLine is one acknowledgement of the centre, as its check reads it.
type ackedLine struct {
	Terminal string `json:"terminal,omitempty"` // enrolled
	Event    int64  `json:"event,omitempty"`    // of the terminal, delivered
	Ticket   string `json:"ticket,omitempty"`
	Label    string `json:"label,omitempty"`
	Finished string `json:"finished,omitempty"` // a ticket
}

func (a ackedLine) String() string {
	data, err := json.Marshal(a)
	if err != nil {
		panic(err) // of strings and numbers only
	}
	return string(data)
}

// self returns the test binary in a role.
func self(role string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleEnv+"="+role)
	return cmd
}

// Both real programs are ended in the usual way after the first third of their
// work, which folds the write-ahead log back into the database, and killed and
// started again after the second, so that cuts fall into checkpoints and recoveries
// too.
type episode int

const (
	goOn episode = iota
	endAndRestart
	killAndRestart
)

func episodeOf(n, of int) episode {
	switch n {
	case of / 3:
		return endAndRestart
	case 2 * of / 3:
		return killAndRestart
	}
	return goOn
}

// end ends a process in the way of the episode.
func (e episode) end(p *killtest.Process) error {
	if e == killAndRestart {
		stop(p)
		return nil
	}
	p.Stop()
	if err := p.Wait(); err != nil {
		return fmt.Errorf("the program does not end: %w", err)
	}
	return nil
}

// terminalTrial is the real terminal: it takes half of its numbers from a centre,
// whose disk is not cut, and the others from its own series.
func terminalTrial(program, folder string) Trial {
	const numbers = 90
	data := func(dir string) string { return filepath.Join(dir, "terminal") }
	return Trial{
		Name: "terminal (hallcentral drive)",
		Run: func(ctx context.Context, dir string, ack func(string)) error {
			aside, err := os.MkdirTemp(folder, "centre")
			if err != nil {
				return err
			}
			hall, err := killtest.HallFile(aside)
			if err != nil {
				return err
			}
			token, err := killtest.Enrol(program, hall, aside, "t1")
			if err != nil {
				return err
			}
			centre, server, err := serving(ctx, killtest.Serve(program, hall, aside))
			if err != nil {
				return err
			}
			defer stop(centre)
			said := make(chan string)
			start := func() (*killtest.Process, error) {
				// Nothing is put on record behind a number, so that its acknowledgement
				// is the last thing that happened.
				cmd := killtest.Drive(program, data(dir), server, token)
				cmd.Args = append(cmd.Args, "-paper", "")
				return killtest.Start(cmd, func(line string) {
					select {
					case said <- line:
					case <-ctx.Done():
					}
				})
			}
			terminal, err := start()
			if err != nil {
				return err
			}
			defer func() { stop(terminal) }()
			for n := range numbers {
				if n == numbers/2 {
					stop(centre)
				}
				if e := episodeOf(n, numbers); e != goOn {
					if err := e.end(terminal); err != nil {
						return err
					}
					if terminal, err = start(); err != nil {
						return err
					}
				}
				line, took, err := takeOne(ctx, terminal, said)
				if err != nil {
					return err
				}
				ack(line)
				if n >= numbers/2 && took.Source != "own" {
					return fmt.Errorf("%s is a number of the centre, which has gone", took.Label)
				}
			}
			return nil
		},
		Check: func(dir string) *exec.Cmd { return self("check-terminal", data(dir), program) },
	}
}

// takeOne takes a number at a terminal.
func takeOne(ctx context.Context, terminal *killtest.Process, said <-chan string) (line string, took killtest.Took, err error) {
	if _, err := io.WriteString(terminal.Stdin, "take hukou\n"); err != nil {
		return "", took, err
	}
	for {
		select {
		case line := <-said:
			if took, ok := killtest.ParseTook(line); ok {
				return line, took, nil
			}
		case <-terminal.Done():
			return "", took, fmt.Errorf("the terminal has ended: %w", terminal.Wait())
		case <-ctx.Done():
			return "", took, ctx.Err()
		}
	}
}

// checkTerminal starts the real terminal on what is left, and prints what of its
// input the file lacks.
func checkTerminal(dir, program string) error {
	const nobody = "http://127.0.0.1:9" // discard: no centre is needed
	p, err := killtest.Start(killtest.Drive(program, dir, nobody, "token"), func(string) {})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(p.Stdin, "status\nquit\n"); err != nil {
		return err
	}
	if err := p.Wait(); err != nil {
		return fmt.Errorf("the terminal does not start: %w", err)
	}
	file, err := killtest.ReadTerminal(dir)
	if err != nil {
		return err
	}
	var said []killtest.Took
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		took, ok := killtest.ParseTook(lines.Text())
		if !ok {
			return fmt.Errorf("not an acknowledgement: %q", lines.Text())
		}
		said = append(said, took)
	}
	for _, lost := range file.Lost(said) {
		fmt.Println(lost)
	}
	return nil
}

// centreTrial is the real centre: it enrols, gives numbers, takes events and
// lets a window call and finish.
func centreTrial(program, folder string) Trial {
	const numbers = 60
	data := func(dir string) string { return filepath.Join(dir, "centre") }
	return Trial{
		Name: "central service (hallcentral serve)",
		Run: func(ctx context.Context, dir string, ack func(string)) error {
			hall, err := killtest.HallFile(folder)
			if err != nil {
				return err
			}
			token, err := killtest.Enrol(program, hall, data(dir), "t1")
			if err != nil {
				return err
			}
			ack(ackedLine{Terminal: "t1"}.String())
			var centre *killtest.Process
			var work *caller
			start := func() (err error) {
				var server string
				if centre, server, err = serving(ctx, killtest.Serve(program, hall, data(dir))); err != nil {
					return err
				}
				work, err = newCaller(ctx, server, token, work)
				return err
			}
			if err := start(); err != nil {
				return err
			}
			defer func() { stop(centre) }()
			for n := range numbers {
				if e := episodeOf(n, numbers); e != goOn {
					if err := e.end(centre); err != nil {
						return err
					}
					if err := start(); err != nil {
						return err
					}
				}
				if err := work.do(ctx, n, ack); err != nil {
					return err
				}
			}
			return nil
		},
		Check: func(dir string) *exec.Cmd { return self("check-centre", data(dir), program) },
	}
}

// caller is a terminal and a window of the centre.
type caller struct {
	terminal    *centralapi.Client
	window      *centralapi.WindowClient
	incarnation string
	seq         int64
}

// newCaller goes on where the one before has stopped, nil for none.
func newCaller(ctx context.Context, server, token string, before *caller) (c *caller, err error) {
	c = &caller{}
	if before != nil {
		before.terminal.Close()
		c.incarnation, c.seq = before.incarnation, before.seq
	}
	if c.terminal, err = centralapi.NewClient(centralapi.ClientConfig{BaseURL: server, Hall: killtest.HallID, Token: token}); err != nil {
		return nil, err
	}
	if c.incarnation, err = c.terminal.Rotate(ctx, c.incarnation); err != nil {
		return nil, err
	}
	c.window, err = c.terminal.Login(ctx, centralapi.WindowLogin{Window: "w1", PIN: killtest.Windows["w1"]})
	return c, err
}

// do is the n-th piece of work, with an acknowledgement for each step.
func (c *caller) do(ctx context.Context, n int, ack func(string)) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	ticket, err := c.terminal.IssueTicket(ctx, centralapi.TicketRequest{ID: id.String(), Business: "hukou", Language: "zh"})
	if err != nil {
		return err
	}
	ack(ackedLine{Ticket: ticket.ID, Label: ticket.Label}.String())
	if n%3 != 0 {
		return nil
	}
	if id, err = uuid.NewV7(); err != nil {
		return err
	}
	c.seq++
	receipt, err := c.terminal.DeliverEvents(ctx, centralapi.EventBatch{
		Terminal: "t1", Incarnation: c.incarnation, BootID: "b", MonotonicNow: c.seq,
		Events: []centralapi.Event{{ID: id.String(), Seq: c.seq, Kind: centralapi.DeviceChanged, BootID: "b", Monotonic: c.seq,
			Wall: time.Now(), Body: json.RawMessage(`{"device":"printer","state":"ready"}`)}},
	})
	if err != nil {
		return err
	}
	ack(ackedLine{Terminal: "t1", Event: receipt.AckedThrough}.String())
	called, ok, err := c.window.CallNext(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("nobody waits, though a number was just given")
	}
	if _, err := c.window.Finish(ctx, called.ID); err != nil {
		return err
	}
	ack(ackedLine{Finished: called.ID}.String())
	return nil
}

// checkCentre starts the real centre on what is left, and prints what of its input
// the file lacks.
func checkCentre(dir, program string) error {
	aside, err := os.MkdirTemp("", "hall")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	hall, err := killtest.HallFile(aside)
	if err != nil {
		return err
	}
	centre, _, err := serving(context.Background(), killtest.Serve(program, hall, dir))
	if err != nil {
		return err
	}
	centre.Stop()
	if err := centre.Wait(); err != nil {
		return fmt.Errorf("the centre does not end: %w", err)
	}
	if err := killtest.Rebuild(program, hall, dir); err != nil {
		return err
	}
	file, err := killtest.ReadCentral(dir)
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var a ackedLine
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return err
		}
		has := file.Tickets[a.Ticket]
		switch {
		case a.Terminal != "" && (!file.Terminals[a.Terminal] || file.Events[a.Terminal] < a.Event),
			a.Ticket != "" && has.Label != a.Label,
			a.Finished != "" && file.Tickets[a.Finished].State != "finished":
			fmt.Println(lines.Text())
		}
	}
	return nil
}

// serving starts a centre and waits until it listens.
func serving(ctx context.Context, cmd *exec.Cmd) (p *killtest.Process, server string, err error) {
	heard := make(chan string, 1)
	p, err = killtest.Start(cmd, func(line string) {
		if a := killtest.Address(line); a != "" {
			select {
			case heard <- a:
			default:
			}
		}
	})
	if err != nil {
		return nil, "", err
	}
	select {
	case server = <-heard:
		return p, server, nil
	case <-p.Done():
		return nil, "", fmt.Errorf("the centre does not start: %w", p.Wait())
	case <-ctx.Done():
		stop(p)
		return nil, "", ctx.Err()
	}
}

// stop kills a process and waits for its end.
func stop(p *killtest.Process) {
	p.Kill()
	<-p.Done()
}
