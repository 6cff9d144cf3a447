//go:build bench

package centralbench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central"
	"hallkiosk/app/central/verify"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// role makes this test program, started again, a server or a client.
const role = "HALL_BENCH_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "serve":
		var w world
		err := json.NewDecoder(os.Stdin).Decode(&w)
		if err == nil {
			err = w.serve()
		}
		exit(err)
	case "load":
		exit(work(load.run))
	case "calls":
		exit(work(calls.run))
	case "city":
		exit(work(city.run))
	}
}

// work reads what a client is to do, has it done, and writes what it has measured.
func work[T, R any](do func(T) R) error {
	var what T
	if err := json.NewDecoder(os.Stdin).Decode(&what); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(do(what))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// terminals is how many are enrolled in a hall, one for each client, and
// cityTerminals how many where there are many halls.
const (
	terminals     = 64
	cityTerminals = 2
)

// pin opens every window.
const pin = "246810"

// target is a server under load, as it describes itself on its first line.
type target struct {
	URL    string
	Hall   string   // the first one; empty for PocketBase
	Halls  []string // all
	Tokens []string // of terminals, hall by hall
	PID    int
}

// world is what the central service is started with. The zero value but for one of
// Data and Database is one hall of one window and two businesses.
type world struct {
	Data, Database             string
	Halls, Windows, Businesses int
	Profile                    string // file for a profile of its processor time
}

// halls makes them all alike.
func (w world) halls() ([]*hall.Hall, error) {
	one, err := verify.ScratchHall(max(w.Windows, 1), cmp.Or(w.Businesses, 2), pin, time.Now())
	if err != nil || w.Halls <= 1 {
		return []*hall.Hall{one}, err
	}
	var all []*hall.Hall
	for n := range w.Halls {
		h := *one
		h.ID = fmt.Sprintf("h%d", n+1)
		all = append(all, &h)
	}
	return all, nil
}

// serve runs the central service until SIGTERM.
func (w world) serve() error {
	if w.Profile != "" {
		file, err := os.Create(w.Profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	all, err := w.halls()
	if err != nil {
		return err
	}
	s, err := central.New(central.Config{DataDir: w.Data, Database: w.Database, Addr: "127.0.0.1:0", Halls: all, RequestRate: 1_000_000,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	defer s.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	it := target{Hall: all[0].ID}
	each := terminals
	if len(all) > 1 {
		each = cityTerminals
	}
	for _, h := range all {
		it.Halls = append(it.Halls, h.ID)
		for i := range each {
			token, _, err := s.EnrolTerminal(ctx, h.ID, fmt.Sprintf("%d 号机", i+1))
			if err != nil {
				return err
			}
			it.Tokens = append(it.Tokens, token)
		}
	}
	go func() {
		<-s.Listening()
		it.URL = s.URL()
		json.NewEncoder(os.Stdout).Encode(it)
	}()
	return s.Run(ctx)
}

// load is what a client does for a while.
type load struct {
	Target  target
	Clients int
	Warm    time.Duration // not measured
	Measure time.Duration
	Events  int // when not 0: deliver so many events instead of taking numbers
	Slots   []int
}

// result is what it measured.
type result struct {
	PerSecond float64
	P50, P99  float64 // milliseconds
	Done      int     // while it was measured
	All       int     // with the time before and after
	CPU       float64 `json:"-"`          // of the server, microseconds each
	Error     string  `json:",omitempty"` // the first one; any makes the figure worthless
}

func (l load) run() result {
	if l.Events > 0 {
		return l.deliver()
	}
	var failed atomic.Value
	took := make([][]time.Duration, l.Clients)
	given := make([][]string, l.Clients)
	var measuring, over atomic.Bool
	var answered atomic.Int64
	var wg sync.WaitGroup
	for i := range l.Clients {
		wg.Go(func() {
			c, err := l.citizen(i)
			if err != nil {
				failed.CompareAndSwap(nil, err.Error())
				return
			}
			defer c.wire.close()
			for !over.Load() {
				counts := measuring.Load()
				begin := time.Now()
				if err := c.ask(); err != nil {
					failed.CompareAndSwap(nil, err.Error())
					break
				}
				answered.Add(1)
				if counts && !over.Load() {
					took[i] = append(took[i], time.Since(begin))
				}
			}
			given[i] = c.given
		})
	}
	time.Sleep(l.Warm)
	measuring.Store(true)
	begin := time.Now()
	time.Sleep(l.Measure)
	over.Store(true)
	elapsed := time.Since(begin)
	wg.Wait()
	r := result{All: int(answered.Load())}
	if text, ok := failed.Load().(string); ok {
		r.Error = text
	}
	numbers := map[string]bool{}
	for _, n := range slices.Concat(given...) {
		if numbers[n] {
			r.Error = "number " + n + " was given out twice"
		}
		numbers[n] = true
	}
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	if r.Done = len(all); r.Done > 0 {
		r.PerSecond = float64(r.Done) / elapsed.Seconds()
		r.P50 = float64(all[len(all)/2]) / 1e6
		r.P99 = float64(all[len(all)*99/100]) / 1e6
	}
	return r
}

// citizen is who asks again and again, each time as somebody else: a connection,
// and a request of which only the id and the person change.
type citizen struct {
	wire    *wire
	random  *rand.Rand
	request []byte
	id, key []byte // where they stand in request
	number  string // the field of the answer that nobody else may have
	given   []string
}

// The facts are the same for both servers.
const (
	someID  = "01900000-0000-7000-8000-000000000000"
	someKey = "0000000000000000000000000000000000000000000000000000000000000000"
	masked  = "110***********002X"
)

func (l load) citizen(i int) (*citizen, error) {
	token := ""
	if l.Target.Hall != "" {
		token = l.Target.Tokens[i%len(l.Target.Tokens)]
	}
	return newCitizen(l.Target.URL, l.Target.Hall, token, "b1")
}

// newCitizen stands at a terminal of a hall; of none, PocketBase takes it in.
func newCitizen(address, hall, token, business string) (*citizen, error) {
	w, err := dial(address)
	if err != nil {
		return nil, err
	}
	c := &citizen{wire: w, random: rand.New(rand.NewPCG(rand.Uint64(), 1))}
	var body any
	path := "/api/collections/tickets/records"
	if hall == "" {
		c.number = "id" // PocketBase gives each record one
		body = map[string]string{"ticket": someID, "business": business, "holder": someKey, "masked": masked, "language": "zh"}
	} else {
		c.number = "label"
		path = "/v1/halls/" + hall + "/tickets"
		body = centralapi.TicketRequest{ID: someID, Business: business, Language: "zh",
			Holder: &centralapi.Holder{Key: someKey, Number: masked, Source: "typed"}}
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	c.request = post(address, path, token, data)
	c.id, c.key = placeOf(c.request, someID), placeOf(c.request, someKey)
	return c, nil
}

// placeOf returns the bytes of the only place where a text stands.
func placeOf(in []byte, text string) []byte {
	at := bytes.Index(in, []byte(text))
	if at < 0 || bytes.LastIndex(in, []byte(text)) != at {
		panic(text + " stands nowhere, or more than once")
	}
	return in[at : at+len(text)]
}

// ask takes a number and checks the answer: its status, that it is for this
// request, and that it has a number, which is kept.
func (c *citizen) ask() error {
	c.become()
	status, body, err := c.wire.do(c.request)
	if err != nil {
		return err
	}
	if status != 200 && status != 201 {
		return fmt.Errorf("%d %s", status, body)
	}
	if !bytes.Contains(body, c.id) {
		return fmt.Errorf("answer to another request: %s", body)
	}
	number := field(body, c.number)
	if len(number) == 0 {
		return fmt.Errorf("answer without a number: %s", body)
	}
	c.given = append(c.given, string(number))
	return nil
}

// become writes another id, a UUID of version 7, and another person into the request.
func (c *citizen) become() {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(time.Now().UnixMilli())<<16|0x7000|c.random.Uint64()&0x0fff)
	binary.BigEndian.PutUint64(id[8:], 1<<63|c.random.Uint64()>>2)
	var digits [32]byte
	hex.Encode(digits[:], id[:])
	copy(c.id[0:], digits[:8])
	copy(c.id[9:], digits[8:12])
	copy(c.id[14:], digits[12:16])
	copy(c.id[19:], digits[16:20])
	copy(c.id[24:], digits[20:])
	var person [32]byte
	for i := 0; i < len(person); i += 8 {
		binary.BigEndian.PutUint64(person[i:], c.random.Uint64())
	}
	hex.Encode(c.key, person[:])
}

// deliver empties the outboxes of as many terminals as there are clients, each in
// batches of 100 events in order, as terminals do after a day without the centre.
// Half the events are numbers taken, half are papers printed.
func (l load) deliver() result {
	var failed atomic.Value
	type terminal struct {
		token   string
		batches [][]byte // requests
	}
	day := time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
	var all []terminal
	for i := range l.Clients {
		at := l.Slots[i]
		t := terminal{token: l.Target.Tokens[at]}
		incarnation, err := rotate(l.Target, t.token)
		if err != nil {
			return result{Error: err.Error()}
		}
		var events []centralapi.Event
		flush := func() {
			if len(events) == 0 {
				return
			}
			data, _ := json.Marshal(centralapi.EventBatch{Terminal: fmt.Sprintf("t%d", at+1), Incarnation: incarnation,
				MonotonicNow: 1 << 30, BootID: "bench", Events: events})
			t.batches = append(t.batches, post(l.Target.URL, "/v1/halls/"+l.Target.Hall+"/events", t.token, data))
			events = nil
		}
		add := func(seq int, kind centralapi.EventKind, body any) {
			events = append(events, event(seq, kind, body))
			if len(events) == 100 {
				flush()
			}
		}
		slot := fmt.Sprint(at + 1)
		for n := 1; 2*n <= l.Events/l.Clients; n++ {
			q := centralapi.TicketRequest{ID: uuid.Must(uuid.NewV7()).String(), Business: "b1", Language: "zh"}
			add(2*n-1, centralapi.TicketTaken, centralapi.TakenTicket{Ticket: q, Label: centralapi.Label("A", slot, n), Series: slot, Number: n, Day: day})
			add(2*n, centralapi.TicketPrinted, centralapi.PrintResult{TicketID: q.ID, Outcome: "confirmed"})
		}
		flush()
		all = append(all, t)
	}
	var done atomic.Int64
	begin := time.Now()
	var wg sync.WaitGroup
	for _, t := range all {
		wg.Go(func() {
			w, err := dial(l.Target.URL)
			if err != nil {
				failed.CompareAndSwap(nil, err.Error())
				return
			}
			defer w.close()
			for _, b := range t.batches {
				status, body, err := w.do(b)
				if err == nil && (status != 200 || !bytes.Contains(body, []byte(`"quarantined":[]`))) {
					err = fmt.Errorf("%d %s", status, body)
				}
				if err != nil {
					failed.CompareAndSwap(nil, err.Error())
					return
				}
				done.Add(int64(min(100, l.Events/l.Clients)))
			}
		})
	}
	wg.Wait()
	r := result{Done: int(done.Load()), All: int(done.Load()), PerSecond: float64(done.Load()) / time.Since(begin).Seconds()}
	if text, ok := failed.Load().(string); ok {
		r.Error = text
	}
	return r
}

// event is the seq-th of a terminal.
func event(seq int, kind centralapi.EventKind, body any) centralapi.Event {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings and numbers
	}
	return centralapi.Event{ID: uuid.Must(uuid.NewV7()).String(), Seq: int64(seq), Kind: kind,
		Monotonic: int64(seq), BootID: "bench", Wall: time.Now(), Body: data}
}

func rotate(t target, token string) (string, error) {
	c, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: t.URL, Hall: t.Hall, Token: token})
	if err != nil {
		return "", err
	}
	defer c.Close()
	return c.Rotate(context.Background(), "")
}

// logFile is where a server's log lines go.
func logFile(dir string) (*os.File, error) { return os.Create(filepath.Join(dir, "log")) }
