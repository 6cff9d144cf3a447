//go:build bench

package centralbench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
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
		exit(serve(os.Getenv("HALL_BENCH_DATA"), os.Getenv("HALL_BENCH_DATABASE")))
	case "load":
		var l load
		err := json.NewDecoder(os.Stdin).Decode(&l)
		if err == nil {
			err = json.NewEncoder(os.Stdout).Encode(l.run())
		}
		exit(err)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// terminals is how many are enrolled: one for each client.
const terminals = 64

// target is a server under load, as it describes itself on its first line.
type target struct {
	URL    string
	Hall   string   // empty for PocketBase
	Tokens []string // of terminals
	PID    int
}

// serve runs the central service until SIGTERM.
func serve(data, database string) error {
	h, err := verify.ScratchHall(1, 2, "246810", time.Now())
	if err != nil {
		return err
	}
	c := central.Config{DataDir: data, Database: database, Addr: "127.0.0.1:0", Halls: []*hall.Hall{h}, RequestRate: 1_000_000,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	s, err := central.New(c)
	if err != nil {
		return err
	}
	defer s.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	it := target{Hall: h.ID}
	for i := range terminals {
		token, _, err := s.EnrolTerminal(ctx, h.ID, fmt.Sprintf("%d 号机", i+1))
		if err != nil {
			return err
		}
		it.Tokens = append(it.Tokens, token)
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
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}, Timeout: 30 * time.Second}
	if l.Events > 0 {
		return l.deliver(client)
	}
	var failed atomic.Value
	took := make([][]time.Duration, l.Clients)
	var measuring, over atomic.Bool
	var answered atomic.Int64
	var wg sync.WaitGroup
	for i := range l.Clients {
		random := rand.New(rand.NewPCG(rand.Uint64(), 1))
		wg.Go(func() {
			for !over.Load() {
				q, err := l.request(i, random)
				counts := measuring.Load()
				begin := time.Now()
				if err == nil {
					err = do(client, q)
				}
				if err != nil {
					failed.CompareAndSwap(nil, err.Error())
					return
				}
				answered.Add(1)
				if counts && !over.Load() {
					took[i] = append(took[i], time.Since(begin))
				}
			}
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
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	if r.Done = len(all); r.Done > 0 {
		r.PerSecond = float64(r.Done) / elapsed.Seconds()
		r.P50 = float64(all[len(all)/2]) / 1e6
		r.P99 = float64(all[len(all)*99/100]) / 1e6
	}
	return r
}

// request is one citizen's: the same facts for both servers.
func (l load) request(i int, random *rand.Rand) (*http.Request, error) {
	id := uuid.Must(uuid.NewV7()).String()
	key := fmt.Sprintf("%016x%016x%016x%016x", random.Uint64(), random.Uint64(), random.Uint64(), random.Uint64())
	if l.Target.Hall == "" {
		return post(l.Target.URL+"/api/collections/tickets/records", "",
			map[string]string{"ticket": id, "business": "b1", "holder": key, "masked": "110***********002X", "language": "zh"})
	}
	return post(l.Target.URL+"/v1/halls/"+l.Target.Hall+"/tickets", l.Target.Tokens[i%len(l.Target.Tokens)],
		centralapi.TicketRequest{ID: id, Business: "b1", Language: "zh",
			Holder: &centralapi.Holder{Key: key, Number: "110***********002X", Source: "typed"}})
}

func post(url, token string, body any) (*http.Request, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	q, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Content-Type", "application/json")
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	return q, nil
}

func do(client *http.Client, q *http.Request) error {
	res, err := client.Do(q)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s: %d %s", q.URL.Path, res.StatusCode, strings.TrimSpace(string(text)))
	}
	return nil
}

// deliver empties the outboxes of as many terminals as there are clients, each in
// batches of 100 events in order, as terminals do after a day without the centre.
// Half the events are numbers taken, half are papers printed.
func (l load) deliver(client *http.Client) result {
	var failed atomic.Value
	type terminal struct {
		token   string
		batches [][]byte
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
			t.batches, events = append(t.batches, data), nil
		}
		add := func(seq int, kind centralapi.EventKind, body any) {
			data, _ := json.Marshal(body)
			events = append(events, centralapi.Event{ID: uuid.Must(uuid.NewV7()).String(), Seq: int64(seq), Kind: kind,
				Monotonic: int64(seq), BootID: "bench", Wall: time.Now(), Body: data})
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
			for _, b := range t.batches {
				if err := do(client, raw(l.Target.URL+"/v1/halls/"+l.Target.Hall+"/events", t.token, b)); err != nil {
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

func raw(url, token string, body []byte) *http.Request {
	q, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		panic(err) // the URL is ours
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Authorization", "Bearer "+token)
	return q
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
