// Package postgrestest gives tests a real PostgreSQL. [Start] returns the address of
// an empty database that belongs to one test; the server is the one that the
// environment variable HALL_TEST_POSTGRES names (a postgres:// address of a user who
// may create databases; packaging/scripts/with-postgres.sh starts one), else one that
// this package starts in a temporary folder, once for the test process, with fsync
// on, reachable by a Unix socket only. [Own] starts one that a test may crash.
//
// Where PostgreSQL is not installed, such tests are skipped with a reason; with
// HALL_REQUIRE_POSTGRES=1 they fail instead. The package is for tests only and never
// touches a server it has not started, except to create and drop databases whose
// names begin with hall_test_.
//
// # How the server ends with the tests
//
// It is the child of a small shell that waits for the end of its standard input, a
// pipe this process holds. The system closes the pipe when the process ends, by
// whatever way, a panic, a timeout and SIGKILL included; the shell then stops the
// server and removes the folder.
//
// Compared: testcontainers needs Docker; fergusstrange/embedded-postgres downloads
// programs from the network and leaves a server behind when the test process is
// killed; pg_virtualenv of Debian's postgresql-common is not on other systems.
package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Environment variables this package reads.
const (
	AddressVariable = "HALL_TEST_POSTGRES"    // the server to use
	RequireVariable = "HALL_REQUIRE_POSTGRES" // 1 = fail where there is none
)

// errMissing: PostgreSQL is not installed.
var errMissing = errors.New("no PostgreSQL here: install the package postgresql (Debian: apt-get install postgresql)")

var shared = sync.OnceValues(func() (*Server, error) { return start() })

// Start returns the address of an empty database, which is dropped when the test
// ends.
func Start(t testing.TB) string {
	t.Helper()
	server := os.Getenv(AddressVariable)
	if server == "" {
		s, err := shared()
		if err != nil {
			unavailable(t, err)
		}
		server = s.address
	}
	return database(t, server)
}

// Own starts a server for one test alone, which may crash it, and returns it with an
// empty database.
func Own(t testing.TB) (s *Server, address string) {
	t.Helper()
	s, err := start()
	if err != nil {
		unavailable(t, err)
	}
	t.Cleanup(s.stop)
	return s, database(t, s.address)
}

// unavailable skips or fails the test.
func unavailable(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errMissing) && os.Getenv(RequireVariable) != "1" {
		t.Skipf("SKIPPED, NOTHING WAS SHOWN ABOUT POSTGRESQL: %v", err)
	}
	t.Fatalf("postgrestest: %v", err)
}

// database makes an empty database on a server.
func database(t testing.TB, server string) string {
	t.Helper()
	name := "hall_test_" + strings.ToLower(rand.Text()[:16])
	if err := administer(t.Context(), server, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	t.Cleanup(func() {
		// Not the test's context, which has ended.
		if err := administer(context.Background(), server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Logf("postgrestest: %v", err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("postgrestest: %s is not an address", AddressVariable)
	}
	u.Path = "/" + name
	return u.String()
}

// administer carries out one statement on the server.
func administer(ctx context.Context, server, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// Server is a server that this process has started.
type Server struct {
	address string // of the database postgres
	bin     string // folder of its programs
	folder  string // with the folders data and socket
	owner   *owner // nil: this process's user
	keeper  *exec.Cmd
	hold    *os.File // the end of the pipe whose closing stops it
}

// Crash ends the server without letting it write anything down, as when its machine
// loses power, except that the kernel keeps what it has been given; then it starts
// it again and returns when it answers.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(s.bin, "pg_ctl"), "restart", "-m", "immediate", "-w", "-s",
		"-D", filepath.Join(s.folder, "data"), "-l", filepath.Join(s.folder, "log"), "-o", s.options())
	s.owner.apply(cmd)
	cmd.Dir = s.folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("postgrestest: restart: %v\n%s\n%s", err, out, s.log())
	}
}

func (s *Server) options() string {
	return "-c listen_addresses='' -c unix_socket_directories='" + filepath.Join(s.folder, "socket") + "'"
}

func (s *Server) log() string {
	data, err := os.ReadFile(filepath.Join(s.folder, "log"))
	if err != nil {
		return ""
	}
	return string(data[max(0, len(data)-4000):])
}

// keep runs in a shell: it makes a server, says when it is there, and takes it away
// when its standard input ends. Arguments: the programs' folder, the server's
// folder, the server's options.
const keep = `
bin=$1 folder=$2 options=$3
end() { "$bin/pg_ctl" stop -s -m immediate -D "$folder/data" >/dev/null 2>&1; cd /; rm -rf "$folder"; }
trap end EXIT
cd "$folder" || exit 1
mkdir socket &&
"$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >log 2>&1 &&
printf "fsync = on\nsynchronous_commit = on\nmax_connections = 200\nshared_buffers = 64MB\nlog_min_messages = fatal\n" >>data/postgresql.conf &&
"$bin/pg_ctl" start -s -w -D data -l log -o "$options" >>log 2>&1 || { tail -n 20 log; exit 1; }
echo ready
read -r nothing
`

func start() (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	// Short, because the path of a socket may have 107 bytes: not TMPDIR.
	folder, err := os.MkdirTemp("/tmp", "hallpg")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, folder: folder}
	if err := s.start(); err != nil {
		s.stop()
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return s, nil
}

func (s *Server) start() (err error) {
	if s.owner, err = unprivileged(s.folder); err != nil {
		return err
	}
	s.keeper = exec.Command("sh", "-c", keep, "sh", s.bin, s.folder, s.options())
	s.owner.apply(s.keeper)
	s.keeper.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	held, hold, err := os.Pipe()
	if err != nil {
		return err
	}
	defer held.Close()
	s.keeper.Stdin, s.hold = held, hold
	said, say, err := os.Pipe()
	if err != nil {
		return err
	}
	defer said.Close()
	s.keeper.Stdout = say
	err = s.keeper.Start()
	say.Close()
	if err != nil {
		s.keeper = nil
		return err
	}
	// The server itself has its output in a file, so only the shell writes here.
	answer := make([]byte, 8192)
	n, err := said.Read(answer)
	if got := strings.TrimSpace(string(answer[:n])); err != nil || got != "ready" {
		return fmt.Errorf("the server does not start: %v: %s", err, got)
	}
	s.address = (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {filepath.Join(s.folder, "socket")}}.Encode()}).String()
	return nil
}

// stop ends the server and waits until its folder is gone.
func (s *Server) stop() {
	if s.hold != nil {
		s.hold.Close()
	}
	if s.keeper != nil {
		_ = s.keeper.Wait() // its exit status says nothing of interest
	}
}

// programs returns the folder with the newest server's programs.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // Debian
	if err != nil {
		return "", err
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for what is no number
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errMissing
}
