package postgrestest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestDatabasesAreApartAndDurable(t *testing.T) {
	a, b := Start(t), Start(t)
	if a == b {
		t.Fatal("two tests share a database")
	}
	for _, address := range []string{a, b} {
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), "CREATE TABLE mine (x int)"); err != nil {
			t.Errorf("the database is not empty: %v", err)
		}
		var fsync, commit string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting('fsync'), current_setting('synchronous_commit')").Scan(&fsync, &commit); err != nil {
			t.Fatal(err)
		}
		if fsync != "on" || commit != "on" {
			t.Errorf("fsync %s, synchronous_commit %s", fsync, commit)
		}
	}
}

func TestCrashKeepsWhatWasCommitted(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	s, address := Own(t)
	count := func(statement string) (n int) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM mine").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	count("CREATE TABLE mine (x int)")
	count("INSERT INTO mine VALUES (1)")
	s.Crash(t)
	if n := count("SELECT 1"); n != 1 {
		t.Errorf("%d rows after the crash", n)
	}
}

// A test process that is killed leaves neither a server nor its folder behind.
func TestServerEndsWithItsProcess(t *testing.T) {
	const marker = "POSTGRESTEST_DYING"
	if os.Getenv(marker) != "" {
		s, _ := Own(t)
		fmt.Println("folder", s.folder)
		select {} // until it is killed
	}
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	if _, err := programs(); err != nil {
		unavailable(t, err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestServerEndsWithItsProcess$", "-test.v")
	cmd.Env = append(os.Environ(), marker+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	folder := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if f, ok := strings.CutPrefix(lines.Text(), "folder "); ok {
			folder = f
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if folder == "" {
		t.Fatal("the process did not start a server")
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(folder); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", folder)
		}
	}
}
