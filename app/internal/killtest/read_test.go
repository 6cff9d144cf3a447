package killtest

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// makeDB makes a database of the shape this package reads, from statements.
func makeDB(t *testing.T, name string, statements ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return dir
}

const terminalTables = `CREATE TABLE ticket (id TEXT, state TEXT, label TEXT, day TEXT);
	CREATE TABLE outbox (seq INTEGER, state TEXT);
	INSERT INTO ticket VALUES ('a', 'issued', 'A001', 'd'), ('b', 'issued', 'A001', 'e'), ('c', 'intent', '', '');
	INSERT INTO outbox VALUES (4, 'acked'), (5, 'dead'), (6, 'waiting')`

func TestReadTerminal(t *testing.T) {
	f, err := ReadTerminal(makeDB(t, terminalDB, terminalTables))
	if err != nil || len(f.Tickets) != 3 || f.Waiting != 1 || f.Dead != 1 || f.Last != 6 {
		t.Fatalf("%+v, %v", f, err)
	}
	if lost := f.Lost([]Took{{ID: "a", Label: "A001", Day: "d"}}); len(lost) > 0 {
		t.Errorf("lost: %q", lost)
	}
	for _, said := range []Took{
		{ID: "x", Label: "A002", Day: "d"}, {ID: "a", Label: "A002", Day: "d"}, {ID: "a", Label: "A001", Day: "e"}, {ID: "c", Label: "A003", Day: "d"},
	} {
		if lost := f.Lost([]Took{said}); len(lost) != 1 {
			t.Errorf("%+v: lost %q", said, lost)
		}
	}
	for plant, want := range map[string]string{
		"INSERT INTO ticket VALUES ('x', 'issued', 'A001', 'd')": "the label of a and of x",
		"INSERT INTO outbox VALUES (8, 'waiting')":               "event 8 follows event 6",
		"DROP TABLE outbox": "no such table",
	} {
		if _, err := ReadTerminal(makeDB(t, terminalDB, terminalTables, plant)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", plant, want, err)
		}
	}
}

const centralTables = `CREATE TABLE terminal (hall TEXT, id TEXT);
	CREATE TABLE ticket (hall TEXT, id TEXT, state TEXT, label TEXT, day TEXT, terminal TEXT, series TEXT, window_id TEXT, prefix TEXT, number INTEGER);
	CREATE TABLE event (hall TEXT, terminal TEXT, seq INTEGER);
	CREATE TABLE hall_log (hall TEXT, n INTEGER, ticket TEXT, action TEXT, from_state TEXT, to_state TEXT);
	INSERT INTO terminal VALUES ('h', 't1');
	INSERT INTO ticket VALUES
		('h', 'a', 'called', 'A001', 'd', 't1', '', 'w1', 'A', 1), ('h', 'b', 'issued', 'A002', 'd', 't1', '', '', 'A', 2),
		('h', 'c', 'issued', 'A1-05', 'd', 't1', '1', '', 'A', 5);
	INSERT INTO event VALUES ('h', 't1', 1), ('h', 't1', 2);
	INSERT INTO hall_log VALUES ('h', 1, 'a', 'issued', '', 'issued'), ('h', 2, 'a', 'called', 'issued', 'called'),
		('h', 3, 'a', 'recalled', 'called', 'called'), ('h', 4, 'a', 'superseded', 'called', 'issued'), ('h', 5, 'a', 'called', 'issued', 'called')`

func TestReadCentral(t *testing.T) {
	f, err := ReadCentral(makeDB(t, centralDB, centralTables))
	if err != nil || len(f.Tickets) != 3 || f.Events["t1"] != 2 || f.Calls["a"] != (Calls{All: 2, Now: 1}) || !f.Terminals["t1"] {
		t.Fatalf("%+v, %v", f, err)
	}
	for plant, want := range map[string]string{
		"INSERT INTO ticket VALUES ('h', 'x', 'void', 'A002', 'd', 't1', '9', '', 'A', 1)": "the label of",
		"INSERT INTO ticket VALUES ('h', 'x', 'void', 'A004', 'd', 't1', '', '', 'A', 4)":  "number 4 follows 2",
		"INSERT INTO ticket VALUES ('h', 'b', 'void', 'A003', 'd', 't1', '', '', 'A', 3)":  "ticket b is there twice",
		"INSERT INTO event VALUES ('h', 't1', 4)":                                          "event 4 follows event 2",
		"INSERT INTO event VALUES ('h', 't1', 2)":                                          "event 2 follows event 2",
		"INSERT INTO hall_log VALUES ('h', 7, 'a', 'finished', 'called', 'finished')":      "entry 7 follows entry 5",
		"DROP TABLE event": "no such table",
	} {
		if _, err := ReadCentral(makeDB(t, centralDB, centralTables, plant)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", plant, want, err)
		}
	}
}

// A page of zeros in the middle of a file is seen.
func TestReadDamaged(t *testing.T) {
	dir := makeDB(t, terminalDB, terminalTables, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO ticket SELECT 'n' || i, 'issued', 'B' || i, 'd' FROM n`)
	path := filepath.Join(dir, terminalDB)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4096), info.Size()/2/4096*4096); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTerminal(dir); err == nil {
		t.Error("a damaged file was read without complaint")
	}
}

func TestCopy(t *testing.T) {
	dir, to := makeDB(t, terminalDB, "PRAGMA journal_mode=WAL", terminalTables), t.TempDir()
	stale := filepath.Join(to, terminalDB+"-wal")
	if err := os.WriteFile(stale, []byte("of the copy before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Copy(dir, to); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("the log of an older copy is left")
	}
	if f, err := ReadTerminal(to); err != nil || len(f.Tickets) != 3 {
		t.Errorf("%+v, %v", f, err)
	}
}
