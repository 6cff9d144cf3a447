package killtest

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the files are read without the product's code
)

// The names of the databases in the data folders.
const (
	terminalDB = "terminal.db"
	centralDB  = "hall.db"
)

// Took is a line of a terminal's output that says a number was taken.
type Took struct {
	Did    string `json:"did"`
	ID     string `json:"id"`
	Label  string `json:"label"`
	Source string `json:"source"` // hall or own
	Day    string `json:"day"`
}

// ParseTook reads a line of a terminal's output; ok is false for lines about
// anything but a number taken.
func ParseTook(line string) (t Took, ok bool) {
	err := json.Unmarshal([]byte(line), &t)
	return t, err == nil && t.Did == "took" && t.ID != "" && t.Label != ""
}

// TerminalTicket is a number as a terminal's file has it.
type TerminalTicket struct{ State, Label, Day string }

// TerminalFile is what a terminal has kept.
type TerminalFile struct {
	Tickets map[string]TerminalTicket // by id
	Waiting int                       // events the centre lacks
	Dead    int                       // events given up
	Last    int64                     // sequence number of the newest event
}

// ReadTerminal reads the data folder of a terminal. An error means that the file
// is damaged or contradicts itself.
func ReadTerminal(dir string) (f TerminalFile, err error) {
	db, err := open(filepath.Join(dir, terminalDB))
	if err != nil {
		return f, err
	}
	defer db.Close()
	f.Tickets = map[string]TerminalTicket{}
	labels := map[[2]string]string{}
	err = each(db, func(scan func(...any) error) error {
		var id string
		var t TerminalTicket
		if err := scan(&id, &t.State, &t.Label, &t.Day); err != nil {
			return err
		}
		f.Tickets[id] = t
		if t.Label == "" {
			return nil
		}
		at := [2]string{t.Day, t.Label}
		if other := labels[at]; other != "" {
			return fmt.Errorf("%s of %s is the label of %s and of %s", t.Label, t.Day, other, id)
		}
		labels[at] = id
		return nil
	}, "SELECT id, state, label, day FROM ticket")
	if err != nil {
		return f, fmt.Errorf("terminal: %w", err)
	}
	err = each(db, func(scan func(...any) error) error {
		var seq int64
		var state string
		if err := scan(&seq, &state); err != nil {
			return err
		}
		switch state {
		case "waiting":
			f.Waiting++
		case "dead":
			f.Dead++
		}
		if f.Last > 0 && seq != f.Last+1 {
			return fmt.Errorf("event %d follows event %d", seq, f.Last)
		}
		f.Last = seq
		return nil
	}, "SELECT seq, state FROM outbox ORDER BY seq")
	if err != nil {
		return f, fmt.Errorf("terminal: %w", err)
	}
	return f, nil
}

// Lost names what the terminal has said and not kept.
func (f TerminalFile) Lost(said []Took) (lost []string) {
	for _, s := range said {
		if t, ok := f.Tickets[s.ID]; !ok || t.State != "issued" || t.Label != s.Label || t.Day != s.Day {
			lost = append(lost, fmt.Sprintf("%s (%s, %s) was said at the terminal, its file has %+v", s.Label, s.Day, s.ID, t))
		}
	}
	return lost
}

// CentralTicket is a number as the centre has it.
type CentralTicket struct{ State, Label, Day, Terminal, Series, Window string }

// CentralFile is what a centre has kept.
type CentralFile struct {
	Terminals map[string]bool          // enrolled, by id
	Tickets   map[string]CentralTicket // by id
	Events    map[string]int64         // by terminal: the highest sequence number, from 1 without a gap
	Calls     map[string]Calls         // by ticket, as the ledger has them
}

// Calls counts how often a ticket was called, recalls not counted.
type Calls struct {
	All int
	// Now is without those that ended because the holder's paper shows another
	// number: that one has to be called anew. More than one is a double call.
	Now int
}

// ReadCentral reads the data folder of a centre on SQLite. An error means that the
// file is damaged or contradicts itself.
func ReadCentral(dir string) (f CentralFile, err error) {
	db, err := open(filepath.Join(dir, centralDB))
	if err != nil {
		return f, err
	}
	defer db.Close()
	f.Terminals = map[string]bool{}
	err = each(db, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		f.Terminals[id] = true
		return err
	}, "SELECT id FROM terminal")
	if err != nil {
		return f, fmt.Errorf("centre: terminals: %w", err)
	}
	f.Tickets = map[string]CentralTicket{}
	type series struct{ day, prefix, series string }
	labels, last := map[[2]string]string{}, map[series]int{}
	err = each(db, func(scan func(...any) error) error {
		var id string
		var t CentralTicket
		var s series
		var number int
		if err := scan(&id, &t.State, &t.Label, &t.Day, &t.Terminal, &t.Series, &t.Window, &s.prefix, &number); err != nil {
			return err
		}
		if _, twice := f.Tickets[id]; twice {
			return fmt.Errorf("ticket %s is there twice", id)
		}
		f.Tickets[id] = t
		at := [2]string{t.Day, t.Label}
		if other := labels[at]; other != "" {
			return fmt.Errorf("%s of %s is the label of %s and of %s", t.Label, t.Day, other, id)
		}
		labels[at] = id
		s.day, s.series = t.Day, t.Series
		if t.Series == "" && number != last[s]+1 {
			return fmt.Errorf("%s %s: number %d follows %d", s.day, s.prefix, number, last[s])
		}
		last[s] = number
		return nil
	}, `SELECT id, state, label, day, terminal, series, window_id, prefix, number FROM ticket
		ORDER BY hall, day, prefix, series, number`)
	if err != nil {
		return f, fmt.Errorf("centre: tickets: %w", err)
	}
	f.Events = map[string]int64{}
	err = each(db, func(scan func(...any) error) error {
		var terminal string
		var seq int64
		if err := scan(&terminal, &seq); err != nil {
			return err
		}
		if seq != f.Events[terminal]+1 {
			return fmt.Errorf("%s: event %d follows event %d", terminal, seq, f.Events[terminal])
		}
		f.Events[terminal] = seq
		return nil
	}, "SELECT terminal, seq FROM event ORDER BY hall, terminal, seq")
	if err != nil {
		return f, fmt.Errorf("centre: events: %w", err)
	}
	f.Calls = map[string]Calls{}
	n := map[string]int64{}
	err = each(db, func(scan func(...any) error) error {
		var hall, ticket, action, from, to string
		var at int64
		if err := scan(&hall, &at, &ticket, &action, &from, &to); err != nil {
			return err
		}
		if at != n[hall]+1 {
			return fmt.Errorf("entry %d follows entry %d", at, n[hall])
		}
		n[hall] = at
		c := f.Calls[ticket]
		if to == "called" && from != "called" {
			c.All++
			c.Now++
		}
		if action == "superseded" {
			c.Now = 0
		}
		f.Calls[ticket] = c
		return nil
	}, "SELECT hall, n, ticket, action, from_state, to_state FROM hall_log ORDER BY hall, n")
	if err != nil {
		return f, fmt.Errorf("centre: ledger: %w", err)
	}
	return f, nil
}

// open opens a database and has SQLite look through it.
func open(path string) (_ *sql.DB, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	return db, each(db, func(scan func(...any) error) error {
		var verdict string
		if err := scan(&verdict); err != nil || verdict == "ok" {
			return err
		}
		return fmt.Errorf("%s: integrity_check: %s", filepath.Base(path), verdict)
	}, "PRAGMA integrity_check")
}

func each(db *sql.DB, row func(scan func(...any) error) error, query string) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Copy copies the database of a data folder, with its write-ahead log, into
// another folder: looking at a database repairs it, and that is for the program
// to do. The program must not run.
func Copy(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, name := range []string{terminalDB, centralDB} {
		for _, suffix := range []string{"", "-wal", "-journal"} {
			if err := copyFile(filepath.Join(from, name+suffix), filepath.Join(to, name+suffix)); err != nil {
				return err
			}
		}
		if err := os.Remove(filepath.Join(to, name+"-shm")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// copyFile makes to the same as from, missing if that is missing.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.Remove(to); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}
