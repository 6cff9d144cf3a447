//go:build bench

package centralbench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"hallkiosk/app/internal/postgrestest"
)

var (
	pocketbase = flag.String("bench.pocketbase", "", "`path` of the program built from packaging/bench/pocketbase")
	rounds     = flag.Int("bench.rounds", 7, "`number` of rounds that take turns")
	only       = flag.String("bench.only", "", "`part` of the name of the contestants to measure, such as SQLite; default all")
	profile    = flag.String("bench.profile", "", "`folder` for processor profiles of the central service")
)

const (
	warm    = 300 * time.Millisecond
	measure = 1500 * time.Millisecond
	// syncEvents of each delivery; four terminals at a time, which is as many
	// batches as the service takes in for one hall.
	syncEvents  = 20_000
	syncClients = 4
)

// The targets, of the ratio to PocketBase in the same round.
const (
	targetRate = 2.0
	targetP99  = 0.5
	targetSync = 10_000 // events a second
)

// contestant is a server with its figures.
type contestant struct {
	name  string
	start func(t *testing.T) target
	it    target
	got   map[int][]result // by number of clients
	sync  []result
}

// measure lets a client work and adds the server's processor time. Of PostgreSQL
// that is the service's share only, without the database server's.
func (c *contestant) measure(t *testing.T, l load) result {
	t.Helper()
	before, err1 := processorTime(c.it.PID)
	r := measureLoad(t, l)
	after, err2 := processorTime(c.it.PID)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	r.CPU = float64((after - before).Microseconds()) / float64(r.All)
	return r
}

// processorTime is what a process has used so far: fields 14 and 15 of its stat
// file (proc(5)), in hundredths of a second.
func processorTime(pid int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(data), ") ")
	f := strings.Fields(after)
	if len(f) < 13 {
		return 0, fmt.Errorf("stat of process %d: %q", pid, data)
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// TestFiguresHTTP prints the table. A missed target is printed as missed; the test
// fails only when something could not be measured.
func TestFiguresHTTP(t *testing.T) {
	if *pocketbase == "" && *only == "" {
		t.Fatal("name the program to compare with by -bench.pocketbase; packaging/scripts/bench-central.sh builds it")
	}
	all := []*contestant{
		{name: "central service, SQLite", start: func(t *testing.T) target { return startOurs(t, world{}) }},
		{name: "central service, PostgreSQL", start: func(t *testing.T) target { return startOurs(t, world{Database: postgrestest.Start(t)}) }},
		{name: "PocketBase 0.39.0", start: startPocketBase},
	}
	all = slices.DeleteFunc(all, func(c *contestant) bool { return !strings.Contains(c.name, *only) })
	for _, c := range all {
		c.it, c.got = c.start(t), map[int][]result{}
	}
	for round := range *rounds {
		for _, clients := range []int{16, 64} {
			for _, c := range all {
				r := c.measure(t, load{Target: c.it, Clients: clients, Warm: warm, Measure: measure})
				c.got[clients] = append(c.got[clients], r)
			}
		}
		for _, c := range all {
			if c.it.Hall == "" {
				continue
			}
			// Terminals that have not been used: each delivers its whole day once.
			var slots []int
			for i := range syncClients {
				slots = append(slots, (round*syncClients+i)%terminals)
			}
			if (round+1)*syncClients <= terminals {
				c.sync = append(c.sync, c.measure(t, load{Target: c.it, Clients: syncClients, Events: syncEvents, Slots: slots}))
			}
		}
	}
	printTable(all)
}

func printTable(all []*contestant) {
	var base *contestant // nil when it was left out
	if last := all[len(all)-1]; last.it.Hall == "" {
		base = last
	}
	fmt.Printf("\nA number over HTTP: authorised, validated, idempotent, durable, one queue (medians of %d rounds)\n\n", *rounds)
	fmt.Printf("  %-30s %7s %10s %9s %9s %9s   %-22s %s\n", "", "clients", "numbers/s", "p50 ms", "p99 ms", "CPU µs", "× PocketBase's rate", "× PocketBase's p99")
	for _, clients := range []int{16, 64} {
		for _, c := range all {
			of := c.got[clients]
			fmt.Printf("  %-30s %7d %10.0f %9.1f %9.1f %9.0f", c.name, clients, middle(of, rate), middle(of, p50), middle(of, p99), middle(of, cpu))
			if base != nil && c != base {
				faster := ratio(of, base.got[clients], rate)
				slower := ratio(of, base.got[clients], p99)
				fmt.Printf("   %-22s %s", fmt.Sprintf("%.2f %s", faster, verdict(faster >= targetRate, "≥ 2")), fmt.Sprintf("%.2f %s", slower, verdict(slower <= targetP99, "≤ 0.5")))
			}
			fmt.Println()
		}
	}
	fmt.Printf("\nDelivery of what terminals gave out by themselves (%d terminals, batches of 100)\n\n", syncClients)
	for _, c := range all {
		if c == base {
			continue
		}
		n := middle(c.sync, rate)
		fmt.Printf("  %-30s %10.0f events/s  %-20s %.0f µs of processor time each\n", c.name, n, verdict(n >= targetSync, "≥ 10,000"), middle(c.sync, cpu))
	}
	fmt.Println("\nProcessor time is that of the server's process for each number or event (of PostgreSQL, the service's\nshare only). It says what the machine could do when other work on it makes the rates worse.")
}

func verdict(met bool, target string) string {
	if met {
		return "(" + target + ": met)"
	}
	return "(" + target + ": MISSED)"
}

func rate(r result) float64 { return r.PerSecond }
func p50(r result) float64  { return r.P50 }
func p99(r result) float64  { return r.P99 }
func cpu(r result) float64  { return r.CPU }

func middle(of []result, figure func(result) float64) float64 {
	var v []float64
	for _, r := range of {
		v = append(v, figure(r))
	}
	return median(v)
}

// ratio is the median of the rounds' ratios.
func ratio(of, to []result, figure func(result) float64) float64 {
	var v []float64
	for i := range of {
		v = append(v, figure(of[i])/figure(to[i]))
	}
	return median(v)
}

func median(v []float64) float64 {
	slices.Sort(v)
	if len(v) == 0 {
		return 0
	}
	if len(v)%2 == 0 {
		return (v[len(v)/2-1] + v[len(v)/2]) / 2
	}
	return v[len(v)/2]
}

// measureLoad runs a client in a process of its own.
func measureLoad(t *testing.T, l load) (r result) {
	t.Helper()
	client(t, "load", l, &r)
	if r.Error != "" || r.Done == 0 {
		t.Fatalf("%s with %d clients: %d done, %s", l.Target.URL, l.Clients, r.Done, r.Error)
	}
	return r
}

// client runs a client in a process of its own: it is given what to do and answers
// with what it has measured.
func client(t *testing.T, as string, what, measured any) {
	t.Helper()
	in, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"="+as)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("client: %v\n%s", err, stderr.String())
	}
	if err := json.Unmarshal(out, measured); err != nil {
		t.Fatal(err)
	}
}

// startOurs starts the central service.
func startOurs(t *testing.T, w world) target {
	t.Helper()
	if w.Database == "" {
		w.Data = filepath.Join(t.TempDir(), "central")
	}
	if *profile != "" {
		w.Profile = filepath.Join(*profile, fmt.Sprintf("%d.pprof", time.Now().UnixMilli()))
	}
	in, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"=serve")
	cmd.Stdin = bytes.NewReader(in)
	var it target
	if err := json.Unmarshal(startServer(t, cmd), &it); err != nil {
		t.Fatal(err)
	}
	it.PID = cmd.Process.Pid
	return it
}

func startPocketBase(t *testing.T) target {
	cmd := exec.Command(*pocketbase, "-data", filepath.Join(t.TempDir(), "pocketbase"))
	url := strings.TrimSpace(string(startServer(t, cmd)))
	return target{URL: url, PID: cmd.Process.Pid}
}

// startServer starts a program that says on its first line where it listens.
func startServer(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	log, err := logFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
		log.Close()
	})
	line := make(chan []byte, 1)
	go func() {
		r := bufio.NewReader(stdout)
		text, _ := r.ReadBytes('\n')
		line <- text
		r.WriteTo(nowhere{})
	}()
	select {
	case text := <-line:
		if len(text) == 0 {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("%s ended: %s", cmd.Path, said)
		}
		return text
	case <-time.After(30 * time.Second):
		t.Fatalf("%s does not say where it listens", cmd.Path)
		return nil
	}
}

type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
