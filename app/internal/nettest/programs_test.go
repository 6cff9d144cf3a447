//go:build linux

package nettest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hallkiosk/app/central/verify"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/drive"
)

const (
	testPIN = "246810"
	// patience is how long a program may take for anything before the test fails.
	patience = 30 * time.Second
)

// scratch is the folder of the programs built; TestMain removes it.
var scratch string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if scratch, err = os.MkdirTemp("", "nettest-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(scratch)
		return m.Run()
	}())
}

// program is the path of hallcentral.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("HALL_TEST_PROGRAM"); path != "" {
		return path, nil
	}
	path := filepath.Join(scratch, "hallcentral")
	build := exec.Command("go", "build", "-trimpath", "-tags", "headless", "-o", path, "hallkiosk/app")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build hallcentral: %w\n%s", err, out)
	}
	return path, nil
})

// command prepares hallcentral; netns is a network namespace or empty.
func command(t *testing.T, netns string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	if netns == "" {
		return exec.Command(path, args...)
	}
	// ip replaces itself by the program, so a signal reaches the program.
	return exec.Command("ip", append([]string{"netns", "exec", netns, path}, args...)...)
}

// site is the disk of a central service: it outlives the processes that serve it.
type site struct {
	hall     *hall.Hall
	hallFile string
	data     string
}

func newSite(t *testing.T, windows, businesses int) site {
	t.Helper()
	dir := t.TempDir()
	h, err := verify.ScratchHall(windows, businesses, testPIN, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := site{hall: h, hallFile: filepath.Join(dir, "hall.toml"), data: filepath.Join(dir, "central")}
	if err := os.WriteFile(s.hallFile, hall.Format(h), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// enrol admits a terminal and returns its token. No process may serve the site.
func (s site) enrol(t *testing.T, name string) string {
	t.Helper()
	cmd := command(t, "", "enrol", "-hall", s.hallFile, "-data", s.data, "-terminal", name)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("enrol: %v\n%s", err, stderr.String())
	}
	for _, word := range strings.Fields(string(out)) {
		if len(word) >= 43 { // 256 bits in base64
			return word
		}
	}
	t.Fatalf("enrol printed no token")
	return ""
}

// process is a running program.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
	err   error         // of Wait; read after ended
	log   *tail
}

func start(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, ended: make(chan struct{}), log: &tail{}}
	cmd.Stderr = p.log
	// Whatever becomes of the test, its programs end with it: more exactly with the
	// thread that started them, so that thread must live as long.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		started <- cmd.Start()
		<-p.ended
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	return p
}

// reap waits for the end in the background. All pipes must have readers.
func (p *process) reap() {
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// tell shows what the program logged, when the test has failed.
func (p *process) tell(t *testing.T) {
	if t.Failed() {
		t.Logf("%s:\n%s", p.cmd.Args, p.log)
	}
}

// terminate ends the program as systemd does, and fails when it does not go well.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		if p.err != nil {
			t.Errorf("%s ended: %v\n%s", p.cmd.Args, p.err, p.log)
		}
	case <-time.After(patience):
		p.kill()
		t.Errorf("%s did not end\n%s", p.cmd.Args, p.log)
	}
}

// tail keeps the last lines a program logged.
type tail struct {
	mu    sync.Mutex
	lines []string
	part  []byte
}

func (l *tail) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		line, rest, ok := bytes.Cut(l.part, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		if !bytes.Contains(line, []byte("msg=request")) {
			l.lines = append(l.lines, string(line))
		}
		if len(l.lines) > 20 {
			l.lines = l.lines[1:]
		}
		l.part = bytes.Clone(rest)
	}
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// service is a running central service.
type service struct {
	*process
	addr string // host:port
}

// serve starts the central service of a site and waits until it listens.
func (s site) serve(t *testing.T, netns, listen string) *service {
	t.Helper()
	cmd := command(t, netns, "serve", "-hall", s.hallFile, "-data", s.data, "-listen", listen)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, cmd)
	found := make(chan string, 1)
	go func() {
		defer p.reap()
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if _, rest, ok := strings.Cut(lines.Text(), "http://"); ok {
				addr, _, _ := strings.Cut(rest, "/")
				select {
				case found <- addr:
				default:
				}
			}
		}
	}()
	t.Cleanup(func() { p.kill(); p.tell(t) })
	select {
	case addr := <-found:
		return &service{p, addr}
	case <-p.ended:
		t.Fatalf("the central service ended: %v\n%s", p.err, p.log)
	case <-time.After(patience):
		t.Fatalf("the central service does not listen\n%s", p.log)
	}
	return nil
}

// driven is a terminal without a screen that does what it is told.
type driven struct {
	*process
	in    io.Writer
	lines chan drive.Line
}

// errEnded means that the terminal's process is gone.
var errEnded = errors.New("the terminal has ended")

// startDriven starts a terminal; netns may be empty.
func startDriven(t *testing.T, netns, dir, server, hallID, token string) *driven {
	t.Helper()
	tokenFile := dir + ".token"
	if err := os.WriteFile(tokenFile, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, netns, "drive", "-data", dir, "-server", server, "-hall", hallID, "-token", "@"+tokenFile,
		"-every", "300ms", "-cap", "500ms", "-timeout", patience.String())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d := &driven{process: start(t, cmd), in: in, lines: make(chan drive.Line, 100)}
	go func() {
		defer d.reap()
		defer close(d.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			var line drive.Line
			if err := json.Unmarshal(s.Bytes(), &line); err != nil {
				line = drive.Line{Did: "failed", Error: "not JSON: " + s.Text()}
			}
			d.lines <- line
		}
	}()
	t.Cleanup(func() { d.kill(); d.tell(t) })
	if line, err := d.next(t.Context()); err != nil || line.Did != "started" {
		t.Fatalf("terminal: %+v, %v\n%s", line, err, d.log)
	}
	return d
}

// next reads one line of output.
func (d *driven) next(ctx context.Context) (drive.Line, error) {
	select {
	case line, ok := <-d.lines:
		if !ok {
			return drive.Line{}, errEnded
		}
		return line, nil
	case <-time.After(2 * patience):
		return drive.Line{}, fmt.Errorf("the terminal says nothing")
	case <-ctx.Done():
		return drive.Line{}, ctx.Err()
	}
}

// do gives one command and reads the one line it is answered with.
func (d *driven) do(ctx context.Context, what string) (drive.Line, error) {
	if _, err := io.WriteString(d.in, what+"\n"); err != nil {
		return drive.Line{}, fmt.Errorf("%w: %w", errEnded, err)
	}
	line, err := d.next(ctx)
	if err == nil && line.Did == "failed" {
		err = fmt.Errorf("%s: %s", what, line.Error)
	}
	return line, err
}
