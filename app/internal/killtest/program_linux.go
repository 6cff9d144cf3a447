package killtest

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// ProgramEnv names a hallcentral that was built before, with the tags headless
// and failpoints, so that several tests need not build it again.
const ProgramEnv = "HALL_TEST_PROGRAM"

// Program returns the path of hallcentral with failpoints. It builds it from this
// source unless [ProgramEnv] says that it is there.
func Program(t testing.TB) string {
	t.Helper()
	if path := os.Getenv(ProgramEnv); path != "" {
		return path
	}
	noteSources(t)
	path := filepath.Join(t.TempDir(), "hallcentral")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "headless,failpoints", "-o", path, "hallkiosk/app")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build of hallcentral: %v\n%s", err, out)
	}
	return path
}

// noteSources looks at every source file of the program: the go command keeps the
// results of tests, and forgets them when a file they have looked at has changed.
func noteSources(t testing.TB) {
	t.Helper()
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(mod)))
	for _, part := range []string{"app", "devices", "assets"} {
		err := filepath.WalkDir(filepath.Join(root, part), func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				_, _ = os.Stat(path) // it may be an editor's, and gone
			}
			return err
		})
		if err != nil {
			t.Fatalf("sources: %v", err)
		}
	}
}

// HallID is the id of the hall that [HallFile] describes.
const HallID = "crash"

// Businesses are the ids of the hall's businesses. Nobody needs an identity.
var Businesses = []string{"hukou", "idcard", "pension"}

// Windows are the windows that serve them all, with their PINs.
var Windows = map[string]string{"w1": "100001", "w2": "100002"}

//go:embed hall.toml
var hallFile []byte

// HallFile writes the file of the hall that is served into a folder and returns
// its path.
func HallFile(folder string) (path string, err error) {
	path = filepath.Join(folder, "hall.toml")
	return path, os.WriteFile(path, hallFile, 0o600)
}

// Enrol admits a terminal while no centre runs on the data folder.
func Enrol(program, hallFile, data, name string) (token string, err error) {
	var errs bytes.Buffer
	cmd := exec.Command(program, "enrol", "-hall", hallFile, "-data", data, "-terminal", name)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("enrol: %w: %s", err, errs.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}

// Serve returns the command that serves the hall, at any hour, on a free port of
// this machine.
func Serve(program, hallFile, data string) *exec.Cmd {
	return exec.Command(program, "serve", "-hall", hallFile, "-data", data, "-listen", "127.0.0.1:0", "-always-open")
}

// Rebuild checks, while no centre runs on the data folder, whether what the centre
// shows follows from its ledger. The error says what does not.
func Rebuild(program, hallFile, data string) error {
	out, err := exec.Command(program, "rebuild", "-check", "-hall", hallFile, "-data", data).CombinedOutput()
	if err != nil {
		return fmt.Errorf("rebuild -check: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

// Address finds the address in a line of the output of [Serve]; empty when the
// line has none.
func Address(line string) string { return address.FindString(line) }

// Drive returns the command of a terminal.
func Drive(program, data, server, token string) *exec.Cmd {
	return exec.Command(program, "drive", "-data", data, "-server", server, "-hall", HallID, "-token", token,
		"-every", "300ms", "-cap", "300ms")
}

// Process is a program that runs.
type Process struct {
	Stdin io.WriteCloser

	cmd  *exec.Cmd
	errs tail
	done chan struct{}
	err  error
}

// Start starts a command. line is called with every whole line of its output, one
// after the other; a line that a kill cut short is not one. The process does not
// outlive this one.
func Start(cmd *exec.Cmd, line func(string)) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = &p.errs
	var err error
	if p.Stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		for r := bufio.NewReader(out); ; {
			s, err := r.ReadString('\n')
			if err != nil {
				break
			}
			line(strings.TrimSuffix(s, "\n"))
		}
		p.err = cmd.Wait()
	}()
	return p, nil
}

// Kill sends SIGKILL. Done tells when it has worked.
func (p *Process) Kill() { _ = p.cmd.Process.Kill() }

// Stop asks the process to end, as a supervisor does.
func (p *Process) Stop() { _ = p.cmd.Process.Signal(syscall.SIGTERM) }

// Done is closed when the process has ended and its last line was passed on.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the end. The error is nil when the process ended well.
func (p *Process) Wait() error {
	<-p.done
	if p.err != nil {
		return fmt.Errorf("%w: %s", p.err, p.errs.String())
	}
	return nil
}

// Signal returns, after the end, the signal that caused it; 0 for none.
func (p *Process) Signal() syscall.Signal {
	<-p.done
	if exit, ok := errors.AsType[*exec.ExitError](p.err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return status.Signal()
		}
	}
	return 0
}

// tail keeps the last part of what is written to it.
type tail struct {
	mu   sync.Mutex
	data []byte
}

const tailSize = 2000

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if n := len(t.data); n > 2*tailSize {
		t.data = append(t.data[:0], t.data[n-tailSize:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data[max(0, len(t.data)-tailSize):])
}
