package killtest

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The control: a terminal that says its numbers before they are committed, as far
// as the files and lines go that this package reads.

const liarEnv = "HALLKIOSK_KILLTEST_LIAR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(liarEnv); dir != "" {
		fmt.Fprintln(os.Stderr, lie(dir, os.Args[1] == "late"))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// lie takes numbers until it is killed, and says each late, when it is committed,
// or early.
func lie(dir string, late bool) error {
	db, err := sql.Open("sqlite", filepath.Join(dir, terminalDB)+"?_pragma=journal_mode(WAL)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS ticket (id TEXT PRIMARY KEY, state TEXT, label TEXT, day TEXT);
		CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, state TEXT)`); err != nil {
		return err
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM ticket").Scan(&n); err != nil {
		return err
	}
	for {
		n++
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		label := fmt.Sprintf("A1-%02d", n)
		if _, err := tx.Exec("INSERT INTO ticket VALUES (?, 'issued', ?, 'd')", label, label); err != nil {
			return err
		}
		say := func() { fmt.Printf(`{"did":"took","id":%q,"label":%q,"source":"own","day":"d"}`+"\n", label, label) }
		if !late {
			say()
		}
		time.Sleep(time.Millisecond) // where the kill falls, mostly
		if err := tx.Commit(); err != nil {
			return err
		}
		if late {
			say()
		}
	}
}

// TestKillFindsLiars: who says a number too early is found out after some kills,
// and who says it in time is not accused.
func TestKillFindsLiars(t *testing.T) {
	for _, honesty := range []string{"late", "early"} {
		t.Run(honesty, func(t *testing.T) {
			t.Parallel()
			dir, copied := t.TempDir(), t.TempDir()
			speaker := &terminal{}
			for life := range 40 {
				cmd := exec.Command(os.Args[0], honesty)
				cmd.Env = append(os.Environ(), liarEnv+"="+dir)
				p, err := Start(cmd, speaker.hear)
				if err != nil {
					t.Fatal(err)
				}
				before := len(speaker.heard())
				for end := time.Now().Add(10 * time.Second); len(speaker.heard()) == before && time.Now().Before(end); {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(rand.N(10 * time.Millisecond)) // the moment is the test's subject
				p.Kill()
				if p.Signal() != syscall.SIGKILL {
					t.Fatal(p.Wait())
				}
				if err := Copy(dir, copied); err != nil {
					t.Fatal(err)
				}
				file, err := ReadTerminal(copied)
				if err != nil {
					t.Fatal(err)
				}
				if lost := file.Lost(speaker.heard()); len(lost) > 0 {
					if honesty == "late" {
						t.Fatalf("an honest terminal is accused: %s", lost)
					}
					t.Logf("found out at life %d: %s", life+1, lost[0])
					return
				}
			}
			if honesty == "early" {
				t.Errorf("a terminal that said %d numbers too early was not found out", len(speaker.heard()))
			}
		})
	}
}

// healthy is a small hall in which nothing is wrong.
func healthy() (CentralFile, []Terminal, Clerk) {
	centre := CentralFile{
		Tickets: map[string]CentralTicket{
			"a": {State: "finished", Label: "A001", Day: "d", Terminal: "t1", Window: "w1"},
			"b": {State: "issued", Label: "A1-01", Day: "d", Terminal: "t1", Series: "1"},
			"c": {State: "void", Label: "A002", Day: "d", Terminal: "t1"},
			"d": {State: "issued", Label: "A003", Day: "d", Terminal: "t2"},
		},
		Events: map[string]int64{"t1": 4, "t2": 1},
		Calls:  map[string]Calls{"a": {1, 1}},
	}
	terminals := []Terminal{
		{ID: "t1", Said: []Took{{ID: "a", Label: "A001", Day: "d"}, {ID: "b", Label: "A1-01", Day: "d"}}, File: TerminalFile{
			Tickets: map[string]TerminalTicket{"a": {"issued", "A001", "d"}, "b": {"issued", "A1-01", "d"}, "c": {"abandoned", "", ""}}, Last: 4}},
		{ID: "t2", File: TerminalFile{Tickets: map[string]TerminalTicket{"d": {"issued", "A003", "d"}}, Last: 1}},
	}
	return centre, terminals, Clerk{Called: map[string]int{"a": 1}, Finished: map[string]bool{"a": true}}
}

func TestCompare(t *testing.T) {
	centre, terminals, clerk := healthy()
	if wrong := Compare(centre, terminals, clerk); len(wrong) > 0 {
		t.Fatalf("nothing is wrong: %q", wrong)
	}
	for _, c := range []struct {
		name, want string
		plant      func(*CentralFile, []Terminal, *Clerk)
	}{
		{"lost at the terminal", "was said at the terminal", func(_ *CentralFile, t []Terminal, _ *Clerk) { delete(t[0].File.Tickets, "b") }},
		{"another label at the terminal", "was said at the terminal", func(_ *CentralFile, t []Terminal, _ *Clerk) {
			t[0].File.Tickets["b"] = TerminalTicket{"issued", "A1-02", "d"}
		}},
		{"lost at the centre", "t1 holds A1-01", func(c *CentralFile, _ []Terminal, _ *Clerk) { delete(c.Tickets, "b") }},
		{"void at the centre", "t1 holds A1-01", func(c *CentralFile, _ []Terminal, _ *Clerk) {
			c.Tickets["b"] = CentralTicket{State: "void", Label: "A1-01", Day: "d", Terminal: "t1"}
		}},
		{"held by nobody", "which nobody holds", func(c *CentralFile, _ []Terminal, _ *Clerk) {
			c.Tickets["x"] = CentralTicket{State: "issued", Label: "A004", Day: "d", Terminal: "t2"}
		}},
		{"given up and yet waiting", "c is abandoned", func(c *CentralFile, _ []Terminal, _ *Clerk) {
			c.Tickets["c"] = CentralTicket{State: "issued", Label: "A002", Day: "d", Terminal: "t1"}
		}},
		{"label twice", "is the label of", func(c *CentralFile, _ []Terminal, _ *Clerk) {
			c.Tickets["c"] = CentralTicket{State: "void", Label: "A001", Day: "d", Terminal: "t1"}
		}},
		{"wish left open", "still intent", func(_ *CentralFile, t []Terminal, _ *Clerk) {
			t[0].File.Tickets["x"] = TerminalTicket{State: "intent"}
		}},
		{"not delivered", "not delivered", func(_ *CentralFile, t []Terminal, _ *Clerk) { t[0].File.Waiting = 1 }},
		{"event lost", "the centre has 3", func(c *CentralFile, _ []Terminal, _ *Clerk) { c.Events["t1"] = 3 }},
		{"called twice", "was called 2 times", func(c *CentralFile, _ []Terminal, _ *Clerk) { c.Calls["a"] = Calls{2, 2} }},
		{"two answers, one call", "the answer to 2 calls", func(_ *CentralFile, _ []Terminal, k *Clerk) { k.Called["a"] = 2 }},
		{"finish lost", "was finished", func(c *CentralFile, _ []Terminal, _ *Clerk) {
			c.Tickets["a"] = CentralTicket{State: "called", Label: "A001", Day: "d", Terminal: "t1", Window: "w1"}
		}},
	} {
		centre, terminals, clerk := healthy()
		c.plant(&centre, terminals, &clerk)
		if wrong := Compare(centre, terminals, clerk); !strings.Contains(strings.Join(wrong, "\n"), c.want) {
			t.Errorf("%s: want %q, got %q", c.name, c.want, wrong)
		}
	}
}
