//go:build bench && linux && !headless

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A benchProcess is a program under measurement, with all it starts.
type benchProcess struct {
	cmd   *exec.Cmd
	began time.Time
	done  chan struct{}
	tail  benchOutput // what it wrote to stderr
}

// benchOutput may be read while a program still writes to it.
type benchOutput struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *benchOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *benchOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// startBench starts a program in a process group of its own and ends the group
// with the test, whatever happens; should the test itself be killed, the kernel
// ends the program.
func startBench(t *testing.T, cmd *exec.Cmd) *benchProcess {
	t.Helper()
	p := &benchProcess{cmd: cmd, done: make(chan struct{})}
	if cmd.Stderr == nil {
		cmd.Stderr = &p.tail
	}
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	p.began = time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.end)
	return p
}

// end ends the program and everything it started, politely at first.
func (p *benchProcess) end() {
	all := p.tree()
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
	}
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
	for _, q := range all {
		if q.pid == p.cmd.Process.Pid {
			continue
		}
		if q.alive() {
			syscall.Kill(q.pid, syscall.SIGKILL)
		}
		// It is ours to bury: see adoptOrphans.
		syscall.Wait4(q.pid, nil, 0, nil)
	}
}

// adoptOrphans makes processes whose parents have ended children of this one, so
// that the dead of a browser do not stay behind where nobody else buries them.
func adoptOrphans(t *testing.T) {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
}

// A process is told from a later one of the same number by when it started.
type process struct {
	pid, parent int
	started     string
	cpu         time.Duration // user and system, with children that were waited for
}

func (p process) alive() bool {
	now, err := readProcess(p.pid)
	return err == nil && now.started == p.started
}

// clockTick is the unit of times in /proc/PID/stat, which is the same on every
// Linux (proc(5), sysconf(_SC_CLK_TCK)).
const clockTick = 10 * time.Millisecond

// readProcess reads /proc/PID/stat: fields 4, 14 to 17 and 22 of proc(5).
func readProcess(pid int) (process, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	// The name, field 2, may hold anything; the last ")" ends it.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 20 {
		return process{}, fmt.Errorf("process %d: unknown form of stat", pid)
	}
	p := process{pid: pid, started: fields[19]}
	p.parent, _ = strconv.Atoi(fields[1])
	for _, f := range fields[11:15] {
		ticks, _ := strconv.Atoi(f)
		p.cpu += time.Duration(ticks) * clockTick
	}
	return p, nil
}

// tree is the program and all its descendants that live.
func (p *benchProcess) tree() []process {
	var all []process
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if q, err := readProcess(pid); err == nil {
			all = append(all, q)
		}
	}
	in := map[int]bool{p.cmd.Process.Pid: true}
	for grown := true; grown; {
		grown = false
		for _, q := range all {
			if !in[q.pid] && in[q.parent] {
				in[q.pid], grown = true, true
			}
		}
	}
	return slices.DeleteFunc(all, func(q process) bool { return !in[q.pid] })
}

// cpu is what the whole tree has used so far.
func (p *benchProcess) cpu() time.Duration {
	var sum time.Duration
	for _, q := range p.tree() {
		sum += q.cpu
	}
	return sum
}

// pss is the memory of the whole tree in MB (10⁶ bytes), with shared pages
// shared out among those who share them.
func (p *benchProcess) pss(t *testing.T) (mb float64, processes int) {
	t.Helper()
	for _, q := range p.tree() {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", q.pid))
		if err != nil {
			continue // it has just ended
		}
		for _, line := range strings.Split(string(data), "\n") {
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
				if err != nil {
					t.Fatal(err)
				}
				mb += float64(kb) * 1024 / 1e6
			}
		}
		processes++
	}
	if mb == 0 {
		t.Fatalf("the program has ended:\n%s", p.tail.String())
	}
	return mb, processes
}

// firstLine starts a program and returns the first line it writes that begins
// with the word.
func firstLine(t *testing.T, cmd *exec.Cmd, word string) string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startBench(t, cmd)
	found := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), word) && len(found) == 0 {
				found <- lines.Text()
			}
		}
	}()
	select {
	case line := <-found:
		return line
	case <-p.done:
	case <-time.After(benchPatience):
	}
	t.Fatalf("%s did not come up:\n%s", cmd, p.tail.String())
	return ""
}
