package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/complaints"
	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/central/internal/ratings"
	"hallkiosk/app/central/internal/sealed"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/workday"
)

const (
	hallID  = "test"
	testPIN = "246810"
	base    = "/v1/halls/" + hallID
)

var pinHash = sync.OnceValue(func() string {
	h, err := hall.HashPIN(testPIN)
	if err != nil {
		panic(err)
	}
	return h
})

func testHall() *hall.Hall {
	week := map[string][]string{}
	for _, d := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		week[d] = []string{"09:00-17:00"}
	}
	return &hall.Hall{
		ID: hallID, Name: "测试大厅", TimeZone: "Asia/Shanghai", CutOver: 3, Notice: "请保管好随身物品",
		Hours: hall.Hours{Week: week, Days: []hall.Day{{Date: "2026-10-01", Reason: "国庆节"}}},
		Areas: []hall.Area{{ID: "x", Name: "一区"}},
		Windows: []hall.Window{{ID: "w1", Name: "1", Area: "x", PINHash: pinHash()},
			{ID: "w2", Name: "2", Area: "x", PINHash: pinHash()}, {ID: "w3", Name: "3", Area: "x", PINHash: pinHash()}},
		Businesses: []hall.Business{
			{ID: "a", Name: "户籍", Prefix: "A", Area: "x", Windows: []string{"w1", "w2"}, AskID: hall.AskOptional, Items: []hall.Item{{ID: "a1", Name: "迁入"}}},
			{ID: "b", Name: "社保", Prefix: "B", Area: "x", Windows: []string{"w2", "w3"}},
		},
	}
}

// server is the API on a real desk and a real connection.
type server struct {
	*httptest.Server
	t        testing.TB
	desk     *queue.Desk
	cases    *complaints.Desk
	people   *staff.Book
	store    *store.Store
	hub      *live.Hub
	log      *syncBuffer
	client   *http.Client // checked against the contract
	token    string       // of terminal t1
	terminal centralapi.Terminal
	mu       sync.Mutex
	now      time.Time
	free     uint64 // bytes of the data folder's disk, of 1 TB
}

// syncBuffer is a log that handlers write and tests read.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newServer(t testing.TB) *server { return newServerWith(t, 15*time.Second, nil) }

// newServerWith has a heartbeat and lets the test change the HTTP server.
func newServerWith(t testing.TB, heartbeat time.Duration, change func(*http.Server)) *server {
	t.Helper()
	s := &server{t: t, hub: &live.Hub{}, log: &syncBuffer{}, free: 5e11, now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))}
	var err error
	if s.store, err = store.Open(t.TempDir(), store.Options{FreeSpace: s.freeSpace}); err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	keys, err := sealed.EnsureIn(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.cases, err = complaints.New(complaints.Config{Store: s.store, Halls: []*hall.Hall{testHall()}, Keys: keys, Calendar: workday.Builtin(), Now: s.clock, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	s.desk, err = queue.New(queue.Config{Store: s.store, Hub: s.hub, Halls: []*hall.Hall{testHall()}, Now: s.clock, Logger: logger, TakeComplaint: s.cases.Take})
	if err != nil {
		t.Fatal(err)
	}
	rates, err := ratings.New(ratings.Config{Store: s.store, Halls: []*hall.Hall{testHall()}, Now: s.clock, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	if s.people, err = staff.New(staff.Config{Store: s.store, Halls: []*hall.Hall{testHall()}, Now: s.clock, Logger: logger}); err != nil {
		t.Fatal(err)
	}
	enrolled, heard := s.hub.Subscribe(hallID)
	if s.token, s.terminal, err = s.desk.EnrolTerminal(t.Context(), hallID, "一号机"); err != nil {
		t.Fatal(err)
	}
	for cursor := range enrolled { // its change must not come in the middle of a test
		if cursor > 0 {
			break
		}
	}
	heard()
	s.Server = httptest.NewUnstartedServer(New(Config{Desk: s.desk, Complaints: s.cases, Ratings: rates, StaffToken: s.worksHere, Logger: logger, Heartbeat: heartbeat, RequestRate: 1e6}))
	if change != nil {
		change(s.Config)
	}
	s.Start()
	s.client = &http.Client{Transport: checked{t, testContract(t), s.Client().Transport}}
	t.Cleanup(func() {
		s.hub.Close()
		s.Close()
		if err := s.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func (s *server) worksHere(ctx context.Context, hallID, token string) bool {
	_, err := s.people.Session(ctx, hallID, token)
	return err == nil
}

func (s *server) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *server) freeSpace(string) (free, total uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.free, 1e12, nil
}

func (s *server) setFree(free uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = free
}

func (s *server) setClock(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = t
}

// call is a request of a test; body may be a string or something to marshal.
type call struct {
	method, path string
	token        string
	body         any
	header       http.Header
}

// do sends it and returns status, header and body.
func (s *server) do(c call) (*http.Response, []byte) {
	s.t.Helper()
	var body io.Reader
	switch b := c.body.(type) {
	case nil:
	case string:
		body = bytes.NewReader([]byte(b))
	default:
		data, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		body = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), c.method, s.URL+c.path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if c.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.header {
		r.Header[k] = v
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res, data
}

// get sends the request and decodes the answer of this status into T.
func get[T any](s *server, status int, c call) T {
	s.t.Helper()
	res, data := s.do(c)
	var v T
	if res.StatusCode != status {
		s.t.Fatalf("%s %s: status %d, want %d: %s", c.method, c.path, res.StatusCode, status, data)
	}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &v); err != nil {
			s.t.Fatalf("%s %s: %v", c.method, c.path, err)
		}
	}
	return v
}

func (s *server) login(window string) string {
	s.t.Helper()
	return get[centralapi.WindowSession](s, 201, call{method: "POST", path: base + "/window-sessions",
		body: centralapi.WindowLogin{Window: window, PIN: testPIN}}).Token
}

func (s *server) issue(business string) centralapi.Ticket {
	s.t.Helper()
	return get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/tickets", token: s.token, body: request(business)})
}

// rotate asks for the terminal's next incarnation.
func (s *server) rotate(have string) string {
	s.t.Helper()
	return get[centralapi.Incarnation](s, 200, call{method: "POST", path: base + "/terminal/incarnation", token: s.token,
		body: centralapi.IncarnationRequest{Have: have}}).Token
}

var acceptJSON = http.Header{"Accept": {"application/json"}}

func request(business string) centralapi.TicketRequest {
	return centralapi.TicketRequest{ID: newID(), Business: business}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func (s *server) event(seq int64, kind centralapi.EventKind, body string) centralapi.Event {
	return centralapi.Event{ID: newID(), Seq: seq, Kind: kind, Monotonic: 5, BootID: "boot", Wall: s.clock(), Body: json.RawMessage(body)}
}

func (s *server) batch(events ...centralapi.Event) centralapi.EventBatch {
	return centralapi.EventBatch{Terminal: s.terminal.ID, MonotonicNow: 10, BootID: "boot", Events: events}
}

// rows is how much is stored, to compare.
func (s *server) rows() string {
	s.t.Helper()
	var out string
	err := s.store.Read(s.t.Context(), func(tx *store.Tx) error {
		n, err := tx.Counts()
		out = fmt.Sprint(n)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}
