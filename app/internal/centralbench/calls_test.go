//go:build bench

package centralbench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/internal/postgrestest"
)

// What TestFiguresCalls has wait, and where.
const (
	callWaiting    = 10_000
	callWindows    = 64
	callBusinesses = 4
	targetCall     = 20.0 // milliseconds, p99
)

// TestFiguresCalls prints how long calling the next number takes at 64 windows of one
// hall in which 10,000 people wait: paced, every window calling about once a second, far
// more often than clerks do, and without pause, every window calling and finishing as
// fast as it is answered; those called are not replaced, so fewer wait at the end. It
// fails when a number was called to two windows; a missed target is printed as missed.
//
//	go test -tags bench,headless -run TestFiguresCalls -v ./app/internal/centralbench
func TestFiguresCalls(t *testing.T) {
	fmt.Printf("\nCalling the next number at %d windows, %d waiting, over HTTP\n\n", callWindows, callWaiting)
	fmt.Printf("  %-30s %-14s %8s %9s %9s %9s %9s\n", "", "", "calls/s", "p50 ms", "p99 ms", "CPU µs", "twice")
	for _, c := range []struct {
		name  string
		world world
	}{
		{"central service, SQLite", world{}},
		{"central service, PostgreSQL", world{Database: postgrestest.Start(t)}},
	} {
		if !strings.Contains(c.name, *only) {
			continue
		}
		c.world.Windows, c.world.Businesses = callWindows, callBusinesses
		var got called
		client(t, "calls", calls{Target: startOurs(t, c.world), Paced: 10 * time.Second, Hasty: 2 * time.Second}, &got)
		if got.Error != "" {
			t.Fatalf("%s: %s", c.name, got.Error)
		}
		for _, r := range []struct {
			how string
			callFigures
		}{{"paced", got.Paced}, {"without pause", got.Hasty}} {
			fmt.Printf("  %-30s %-14s %8.0f %9.1f %9.1f %9.0f %9d   %s\n", c.name, r.how, r.PerSecond, r.P50, r.P99, r.CPU, r.Twice, verdict(r.P99 <= targetCall, "p99 ≤ 20"))
			if r.Twice > 0 {
				t.Errorf("%s, %s: %d numbers were called to two windows", c.name, r.how, r.Twice)
			}
		}
	}
}

// calls is what the clients at all windows do.
type calls struct {
	Target       target
	Paced, Hasty time.Duration // how long
}

// called is what they measured.
type called struct {
	Paced, Hasty callFigures
	Error        string `json:",omitempty"`
}

type callFigures struct {
	PerSecond float64
	P50, P99  float64 // milliseconds
	CPU       float64 // of the service for a call and its end, microseconds
	Twice     int     // numbers that more than one call was answered with
}

func (c calls) run() (out called) {
	var mu sync.Mutex
	failed := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if out.Error == "" {
			out.Error = err.Error()
		}
	}
	var wg sync.WaitGroup
	for i := range callWindows { // as many terminals fill the queues
		wg.Go(func() {
			z, err := newCitizen(c.Target.URL, c.Target.Hall, c.Target.Tokens[i], fmt.Sprintf("b%d", i%callBusinesses+1))
			for n := 0; err == nil && n < (callWaiting+callWindows-1)/callWindows; n++ {
				err = z.ask()
			}
			if err != nil {
				failed(err)
			}
		})
	}
	wg.Wait()
	var windows []*desk
	for n := range callWindows {
		w, err := openDesk(c.Target.URL, c.Target.Hall, fmt.Sprintf("w%d", n+1))
		if err != nil {
			failed(err)
			return out
		}
		windows = append(windows, w)
	}
	times := map[string]int{}
	phase := func(long time.Duration, pause func() time.Duration) callFigures {
		var took []time.Duration
		before, err := processorTime(c.Target.PID)
		if err != nil {
			failed(err)
		}
		begun := time.Now()
		for _, w := range windows {
			wg.Go(func() {
				time.Sleep(pause())
				for time.Since(begun) < long {
					begin := time.Now()
					label, id, err := w.next()
					d := time.Since(begin)
					if err == nil && id == "" {
						err = fmt.Errorf("nobody waits any more")
					}
					if err == nil {
						err = w.act(id, "finish")
					}
					if err != nil {
						failed(err)
						return
					}
					mu.Lock()
					took = append(took, d)
					times[label]++
					mu.Unlock()
					time.Sleep(pause())
				}
			})
		}
		wg.Wait()
		f := callFigures{PerSecond: float64(len(took)) / time.Since(begun).Seconds()}
		f.P50, f.P99 = halfAndMost(took)
		after, err := processorTime(c.Target.PID)
		if err != nil {
			failed(err)
		}
		f.CPU = float64((after - before).Microseconds()) / float64(max(len(took), 1))
		for label, n := range times {
			if n > 1 {
				f.Twice++
			}
			times[label] = 1 // told once
		}
		return f
	}
	out.Paced = phase(c.Paced, func() time.Duration { return time.Duration(2 * rand.Float64() * float64(time.Second)) })
	out.Hasty = phase(c.Hasty, func() time.Duration { return 0 })
	return out
}

// halfAndMost returns the median and the 99th percentile in milliseconds.
func halfAndMost(took []time.Duration) (p50, p99 float64) {
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return float64(took[len(took)/2]) / 1e6, float64(took[len(took)*99/100]) / 1e6
}

// desk is a clerk at a window.
type desk struct {
	wire          *wire
	address, path string
	token         string
	callNext      []byte
}

// openDesk logs in at a window.
func openDesk(address, hall, window string) (*desk, error) {
	w, err := dial(address)
	if err != nil {
		return nil, err
	}
	d := &desk{wire: w, address: address, path: "/v1/halls/" + hall + "/windows/" + window}
	status, body, err := w.do(post(address, "/v1/halls/"+hall+"/window-sessions", "", fmt.Appendf(nil, `{"window":%q,"pin":%q}`, window, pin)))
	if err != nil {
		return nil, err
	}
	if d.token = string(field(body, "token")); status != 201 || d.token == "" {
		return nil, fmt.Errorf("log in at %s: %d %s", window, status, body)
	}
	d.callNext = post(address, d.path+"/call-next", d.token, nil)
	return d, nil
}

// next calls the next number; id is empty when nobody waits.
func (d *desk) next() (label, id string, err error) {
	status, body, err := d.wire.do(d.callNext)
	switch {
	case err != nil:
		return "", "", err
	case status == 204:
		return "", "", nil
	case status != 200:
		return "", "", fmt.Errorf("call next: %d %s", status, body)
	}
	return string(field(body, "label")), string(field(body, "id")), nil
}

// act starts or finishes a number.
func (d *desk) act(id, action string) error {
	status, body, err := d.wire.do(post(d.address, d.path+"/tickets/"+id+"/"+action, d.token, nil))
	if err == nil && status != 200 {
		err = fmt.Errorf("%s: %d %s", action, status, body)
	}
	return err
}
