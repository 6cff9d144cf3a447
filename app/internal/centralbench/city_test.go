//go:build bench

package centralbench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/postgrestest"
)

var peak = flag.Duration("bench.peak", time.Minute, "how `long` the peak hour of the city's halls is replayed, at most one hour")

// A normal day of a hall, assumed and not taken from a record: so many visits, a share
// of them in the busiest hour of the morning, arriving at random. What happens in that
// hour is made at its own rate, each visit with all its requests.
const (
	cityHalls  = 500
	dayVisits  = 600
	peakShare  = 0.18 // of the day's visits come in its busiest hour
	cityBoards = 2    // streams in each hall
	// cityWindows of each hall log in and do the work of its six or more: logging in
	// is slow on purpose, and the requests are as many.
	cityWindows = 2
	pollEvery   = 5 * time.Second // of a terminal, for the hall's status
)

// TestFiguresCity prints what share of two cores one central process needs for 500
// halls in the peak hour of a normal day, on SQLite and on PostgreSQL: the hour's own
// rate, and ten times that to show what is left. Every visit is a number taken, its
// paper reported, a call, a start and an end; besides, a thousand terminals ask for
// the status every five seconds and a thousand boards are told of every change. It
// fails when a request is refused, but for a terminal's report that is put off, as it
// may be, and comes again a second later; those are counted.
//
//	go test -tags bench,headless -run TestFiguresCity -v ./app/internal/centralbench
func TestFiguresCity(t *testing.T) {
	fmt.Printf("\n%d halls of %d visits a day in their peak hour (%.0f %% of the day), %v of it\n\n", cityHalls, dayVisits, 100*peakShare, *peak)
	fmt.Printf("  %-30s %6s %9s %10s %12s %10s %8s %8s   %s\n", "", "speed", "visits/s", "requests/s", "number p99", "call p99", "told/s", "put off", "processor time")
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
		c.world.Halls, c.world.Windows, c.world.Businesses = cityHalls, cityWindows, 2
		var got cityFigures
		client(t, "city", city{Target: startOurs(t, c.world), Long: *peak, Speeds: []float64{1, 10}}, &got)
		if got.Error != "" {
			t.Fatalf("%s: %s", c.name, got.Error)
		}
		for _, r := range got.Speeds {
			fmt.Printf("  %-30s %5.0f× %9.1f %10.0f %9.1f ms %7.1f ms %8.0f %8d   %.1f %% of %d cores\n", c.name, r.Speed, r.Visits, r.Requests, r.Number, r.Call, r.Told, r.PutOff,
				100*r.CPU/float64(runtime.NumCPU()), runtime.NumCPU())
		}
	}
	fmt.Println("\nProcessor time is that of the service's process (of PostgreSQL without the database server's).")
}

// city is what the clients of all halls do.
type city struct {
	Target target
	Long   time.Duration
	Speeds []float64
}

// cityFigures are what they measured.
type cityFigures struct {
	Speeds []citySpeed
	Error  string `json:",omitempty"`
}

type citySpeed struct {
	Speed                  float64
	Visits, Requests, Told float64 // a second
	Number, Call           float64 // p99, milliseconds
	PutOff                 int64   // batches of events that had to come again
	CPU                    float64 // cores
}

// traffic is what happens at one speed.
type traffic struct {
	speed    float64
	until    time.Time
	requests atomic.Int64
	putOff   atomic.Int64

	mu      sync.Mutex
	numbers []time.Duration
	calls   []time.Duration // also those that found nobody
	err     error
}

func (t *traffic) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
}

// each does something again and again, at times that do not know of each other, so
// often a second on average at speed 1.
func (t *traffic) each(often float64, do func() error) {
	for {
		wait := time.Duration(rand.ExpFloat64() / (often * t.speed) * float64(time.Second))
		if time.Now().Add(wait).After(t.until) {
			return
		}
		time.Sleep(wait)
		if err := do(); err != nil {
			t.fail(err)
			return
		}
	}
}

// timed keeps how long something took.
func (t *traffic) timed(in *[]time.Duration, do func() error) error {
	begin := time.Now()
	err := do()
	d := time.Since(begin)
	t.requests.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	*in = append(*in, d)
	return err
}

// district is one hall's clients.
type district struct {
	citizen  *citizen
	terminal string
	events   *wire
	seq      int
	token    string
	hall     string
	address  string
	windows  []*desk
	polls    *wire
	poll     []byte
}

func (c city) run() (out cityFigures) {
	var told atomic.Int64
	all := make([]*district, len(c.Target.Halls))
	next := make(chan int)
	errs := make([]error, len(all))
	var opening sync.WaitGroup
	for range 8 {
		opening.Go(func() {
			for n := range next {
				all[n], errs[n] = c.open(n, &told)
			}
		})
	}
	for n := range all {
		next <- n
	}
	close(next)
	opening.Wait()
	if err := errors.Join(errs...); err != nil {
		return cityFigures{Error: err.Error()}
	}
	for _, speed := range c.Speeds {
		before, err := processorTime(c.Target.PID)
		if err != nil {
			return cityFigures{Error: err.Error()}
		}
		t := &traffic{speed: speed, until: time.Now().Add(c.Long)}
		toldBefore, begun := told.Load(), time.Now()
		var wg sync.WaitGroup
		const visits = dayVisits * peakShare / 3600 // a second
		for _, d := range all {
			wg.Go(func() { t.each(visits, func() error { return d.visit(t) }) })
			for _, w := range d.windows {
				// A little more often than people come: some calls find nobody.
				wg.Go(func() { t.each(1.2*visits/cityWindows, func() error { return t.serve(w) }) })
			}
			wg.Go(func() {
				polls := &traffic{speed: 1, until: t.until} // whatever the speed
				polls.each(cityTerminals/pollEvery.Seconds(), d.ask)
				if polls.err != nil {
					t.fail(polls.err)
				}
			})
		}
		wg.Wait()
		after, err := processorTime(c.Target.PID)
		if t.err != nil || err != nil {
			return cityFigures{Error: fmt.Sprint(t.err, err)}
		}
		long := time.Since(begun).Seconds()
		r := citySpeed{Speed: speed, Visits: float64(len(t.numbers)) / long, Told: float64(told.Load()-toldBefore) / long,
			PutOff: t.putOff.Load(), Requests: float64(t.requests.Load())/long + float64(len(all)*cityTerminals)/pollEvery.Seconds(), CPU: (after - before).Seconds() / long}
		_, r.Number = halfAndMost(t.numbers)
		_, r.Call = halfAndMost(t.calls)
		out.Speeds = append(out.Speeds, r)
	}
	return out
}

// open connects a hall's clients. Its boards listen from then on.
func (c city) open(n int, told *atomic.Int64) (*district, error) {
	hall, token, address := c.Target.Halls[n], c.Target.Tokens[n*cityTerminals], c.Target.URL
	d := &district{hall: hall, token: token, address: address, terminal: "t1"}
	var err error
	if d.citizen, err = newCitizen(address, hall, token, "b1"); err != nil {
		return nil, err
	}
	if d.events, err = dial(address); err != nil {
		return nil, err
	}
	if d.polls, err = dial(address); err != nil {
		return nil, err
	}
	d.poll = bytes.Replace(post(address, "/v1/halls/"+hall+"/status", "", nil), []byte("POST"), []byte("GET"), 1)
	for w := range cityWindows {
		window, err := openDesk(address, hall, fmt.Sprintf("w%d", w+1))
		if err != nil {
			return nil, err
		}
		d.windows = append(d.windows, window)
	}
	for range cityBoards {
		board, err := dial(address)
		if err != nil {
			return nil, err
		}
		request := bytes.Replace(post(address, "/v1/halls/"+hall+"/board/stream", "", nil), []byte("POST"), []byte("GET"), 1)
		if _, err := board.conn.Write(request); err != nil {
			return nil, err
		}
		go func() {
			for {
				line, err := board.in.ReadSlice('\n')
				if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
					return // the service has ended
				}
				if bytes.HasPrefix(line, []byte("data:")) {
					told.Add(1)
				}
			}
		}()
	}
	return d, nil
}

// visit takes a number and tells that its paper came out.
func (d *district) visit(t *traffic) error {
	if err := t.timed(&t.numbers, d.citizen.ask); err != nil {
		return err
	}
	ticket := string(d.citizen.id)
	d.citizen.given = nil
	d.seq++
	body, err := json.Marshal(centralapi.EventBatch{Terminal: d.terminal, MonotonicNow: 1 << 30, BootID: "bench", Events: []centralapi.Event{
		event(d.seq, centralapi.TicketPrinted, centralapi.PrintResult{TicketID: ticket, Outcome: "confirmed"})}})
	if err != nil {
		return err
	}
	request := post(d.address, "/v1/halls/"+d.hall+"/events", d.token, body)
	t.requests.Add(1)
	status, answer, err := d.events.do(request)
	for err == nil && status == 429 { // a batch is put off when many come at a time
		t.putOff.Add(1)
		time.Sleep(time.Second)
		t.requests.Add(1)
		status, answer, err = d.events.do(request)
	}
	if err == nil && (status != 200 || !bytes.Contains(answer, []byte(`"quarantined":[]`))) {
		err = fmt.Errorf("events: %d %s", status, answer)
	}
	return err
}

// serve calls whoever is next, if somebody is, and ends the visit.
func (t *traffic) serve(w *desk) error {
	var id string
	err := t.timed(&t.calls, func() (err error) {
		_, id, err = w.next()
		return err
	})
	for _, action := range []string{"start", "finish"} {
		if err == nil && id != "" {
			t.requests.Add(1)
			err = w.act(id, action)
		}
	}
	return err
}

// ask is a terminal's look at its hall.
func (d *district) ask() error {
	status, body, err := d.polls.do(d.poll)
	if err == nil && status != 200 {
		err = fmt.Errorf("status: %d %s", status, body)
	}
	return err
}
