package powercut

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"
)

// The test binary is also the program that is cut: with this variable it is a
// plain SQLite program (writeRows) or the process that looks at what a cut has left.
const roleEnv = "HALLKIOSK_POWERCUT_ROLE"

func TestMain(m *testing.M) {
	var err error
	switch role := os.Getenv(roleEnv); role {
	case "":
		os.Exit(m.Run())
	case "write":
		err = writeRows(os.Args[1], os.Args[2], os.Args[3])
	case "check":
		err = checkRows(os.Args[1])
	case "check-terminal":
		err = checkTerminal(os.Args[1], os.Args[2])
	case "check-centre":
		err = checkCentre(os.Args[1], os.Args[2])
	default:
		err = fmt.Errorf("unknown role %q", role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func openRows(dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", filepath.Join(dir, "plain.db"))
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// writeRows commits one row after the other, prints its number when it is
// committed, and goes on when it is told to.
func writeRows(dir, journal, synchronous string) error {
	db, err := openRows(dir)
	if err != nil {
		return err
	}
	for _, q := range []string{
		"PRAGMA journal_mode=" + journal, "PRAGMA synchronous=" + synchronous,
		"CREATE TABLE plain (n INTEGER PRIMARY KEY, filler TEXT)",
	} {
		if _, err := db.Exec(q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	told := bufio.NewReader(os.Stdin)
	for n := 1; ; n++ {
		if _, err := db.Exec("INSERT INTO plain VALUES (?, hex(zeroblob(200)))", n); err != nil {
			return err
		}
		fmt.Println(n)
		if _, err := told.ReadString('\n'); err != nil {
			return err
		}
	}
}

// checkRows prints the numbers of its input that have no row.
func checkRows(dir string) error {
	db, err := openRows(dir)
	if err != nil {
		return err
	}
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		return fmt.Errorf("integrity_check: %s %v", verdict, err)
	}
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'plain'").Scan(&tables); err != nil {
		return err
	}
	there := map[string]bool{}
	if tables > 0 {
		rows, err := db.Query("SELECT n FROM plain")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n string
			if err := rows.Scan(&n); err != nil {
				return err
			}
			there[n] = true
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if !there[lines.Text()] {
			fmt.Println(lines.Text())
		}
	}
	return nil
}

// plain is a plain SQLite program with these settings.
func plain(name, journal, synchronous string) Trial {
	return Trial{
		Name:  name,
		Run:   Lines(func(dir string) *exec.Cmd { return self("write", dir, journal, synchronous) }, 100),
		Check: func(dir string) *exec.Cmd { return self("check", dir) },
	}
}
