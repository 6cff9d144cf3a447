//go:build bench && linux

package central_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

const (
	figureStreams = 8000
	// listenTo names the address the test process listens to instead of testing.
	listenTo = "HALL_BENCH_LISTEN_TO"
)

// TestFiguresStreams prints what 8,000 open streams, half boards and half feeds,
// cost the service, and how soon the last of them is told of a call. The listeners
// are another process: their memory is not the service's.
//
//	go test -tags bench -run TestFiguresStreams -v ./app/central
func TestFiguresStreams(t *testing.T) {
	if address := os.Getenv(listenTo); address != "" {
		listenForFigures(t, address)
		return
	}
	s := run(t, central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{testHall(1)}, MaxStreams: figureStreams + 100})
	ctx := t.Context()
	token, _, err := s.EnrolTerminal(ctx, "test", "一号机")
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, s.Service, token)
	window, err := c.Login(ctx, centralapi.WindowLogin{Window: "w1", PIN: testPIN})
	if err != nil {
		t.Fatal(err)
	}
	const calls = 10
	for range calls {
		if _, err := c.IssueTicket(ctx, request("a")); err != nil {
			t.Fatal(err)
		}
	}
	before := resident(t)

	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestFiguresStreams$", "-test.v")
	cmd.Env = append(os.Environ(), listenTo+"="+strings.TrimPrefix(s.URL(), "http://"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stop, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stop.Close(); cmd.Wait() }()
	said := bufio.NewScanner(out)
	await := func(word string) {
		t.Helper()
		for said.Scan() {
			if strings.HasPrefix(said.Text(), word) {
				return
			}
		}
		t.Fatalf("the listeners ended before they said %q: %v", word, said.Err())
	}
	await("listening")
	each := float64(resident(t)-before) / figureStreams / 1024
	var longest time.Duration
	for range calls {
		k, ok, err := window.CallNext(ctx)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		begun := time.Now()
		await("told " + k.Label)
		longest = max(longest, time.Since(begun))
		if _, err := window.Finish(ctx, k.ID); err != nil {
			t.Fatal(err)
		}
		await("ended " + k.Label)
	}
	t.Logf("%d streams: %.1f KiB each; the last one is told of a call after at most %v", figureStreams, each, longest.Round(time.Millisecond))
	if each > 40 {
		t.Errorf("an open stream costs %.1f KiB, want at most 40", each)
	}
}

// resident is this process' memory in bytes, without what the runtime keeps back.
func resident(t *testing.T) int64 {
	t.Helper()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		if f := strings.Fields(string(line)); len(f) == 3 && f[0] == "VmRSS:" {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb * 1024
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

// listenForFigures opens the streams and says on standard output when all listen,
// and when all have been told that a ticket was called or has ended, until its
// standard input is closed.
func listenForFigures(t *testing.T, address string) {
	var mu sync.Mutex
	told := map[string]int{} // what was told, to how many
	tell := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		told[what]++
		// An ended ticket stays on the boards, so only the feeds tell of it.
		if told[what] == figureStreams || strings.HasPrefix(what, "ended") && told[what] == figureStreams/2 {
			fmt.Println(what)
		}
	}
	for n := range figureStreams {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		path := "board/stream"
		if n%2 == 0 {
			path = "changes"
		}
		fmt.Fprintf(conn, "GET /v1/halls/test/%s HTTP/1.1\r\nHost: hall\r\nAccept: text/event-stream\r\n\r\n", path)
		go func() {
			in := bufio.NewReaderSize(conn, 1024)
			seen := map[string]bool{}
			once := func(what string) {
				if !seen[what] {
					seen[what] = true
					tell(what)
				}
			}
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				data, ok := strings.CutPrefix(line, "data: ")
				if !ok {
					continue
				}
				once("listening")
				for {
					_, rest, ok := strings.Cut(data, `"label":"`)
					if !ok {
						break
					}
					label, after, _ := strings.Cut(rest, `"`)
					if strings.Contains(line, `"action":"finished"`) {
						once("ended " + label)
					} else {
						once("told " + label)
					}
					data = after
				}
			}
		}()
	}
	bufio.NewReader(os.Stdin).ReadByte() // until the tester goes
}
