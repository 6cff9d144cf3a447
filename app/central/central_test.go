package central_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

const testPIN = "246810"

var pinHash = sync.OnceValue(func() string {
	h, err := hall.HashPIN(testPIN)
	if err != nil {
		panic(err)
	}
	return h
})

// testHall has n windows that all serve the businesses a and b.
func testHall(n int) *hall.Hall {
	h := &hall.Hall{ID: "test", Name: "测试大厅", TimeZone: "Asia/Shanghai", CutOver: 3,
		Areas:      []hall.Area{{ID: "x", Name: "一区"}},
		Businesses: []hall.Business{{ID: "a", Name: "户籍", Prefix: "A", Area: "x"}, {ID: "b", Name: "社保", Prefix: "B", Area: "x"}},
	}
	for i := range n {
		id := fmt.Sprintf("w%d", i+1)
		h.Windows = append(h.Windows, hall.Window{ID: id, Name: fmt.Sprint(i + 1), Area: "x", PINHash: pinHash()})
		for j := range h.Businesses {
			h.Businesses[j].Windows = append(h.Businesses[j].Windows, id)
		}
	}
	return h.AlwaysOpen()
}

// running is a service that listens.
type running struct {
	*central.Service
	stop func() error // ends Run and returns its error
}

func run(t testing.TB, c central.Config) *running {
	t.Helper()
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.RequestRate == 0 {
		c.RequestRate = 1e6 // tests and benchmarks are not terminals
	}
	s, err := central.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	r := &running{s, sync.OnceValue(func() error { cancel(); return <-ended })}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("run: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	select {
	case <-s.Listening():
	case err := <-ended:
		t.Fatal(err)
	}
	return r
}

func client(t testing.TB, s *central.Service, token string) *centralapi.Client {
	t.Helper()
	c, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: s.URL(), Hall: "test", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func request(business string) centralapi.TicketRequest {
	return centralapi.TicketRequest{ID: uuid.Must(uuid.NewV7()).String(), Business: business}
}

// The whole way of a ticket through client, network, service and disk, across a
// restart.
func TestServeAndRestart(t *testing.T) {
	ctx := t.Context()
	config := central.Config{DataDir: filepath.Join(t.TempDir(), "data"), Halls: []*hall.Hall{testHall(2)}}
	s := run(t, config)
	token, slot, err := s.EnrolTerminal(ctx, "test", "一号机")
	if err != nil || slot != 1 {
		t.Fatalf("enrol: slot %d, %v", slot, err)
	}
	c := client(t, s.Service, token)
	terminal, err := c.Terminal(ctx)
	if err != nil || terminal.Slot != 1 || terminal.ID == "" {
		t.Fatalf("terminal %+v, %v", terminal, err)
	}
	cat, changed, err := c.Catalogue(ctx, "")
	if err != nil || !changed || cat.Hall.ID != "test" || cat.Revision != testHall(2).Revision() {
		t.Fatalf("catalogue %v, %v", changed, err)
	}
	if _, changed, err = c.Catalogue(ctx, cat.Revision); changed || err != nil {
		t.Errorf("same catalogue: changed %v, %v", changed, err)
	}
	status, err := c.Status(ctx)
	if err != nil || len(status.Queues) != 2 {
		t.Fatalf("status %+v, %v", status, err)
	}

	r := request("a")
	key, err := centralapi.HolderKey(terminal.HolderSecret, status.BusinessDay, "11010519491231002X")
	if err != nil {
		t.Fatal(err)
	}
	r.Holder = &centralapi.Holder{Key: key, Name: "测*员", Number: "110***********002X", Source: "card"}
	ticket, err := c.IssueTicket(ctx, r)
	if err != nil || ticket.Label != "A001" {
		t.Fatalf("ticket %+v, %v", ticket, err)
	}
	_, err = c.IssueTicket(ctx, request("z"))
	if !centralapi.HasCode(err, centralapi.CodeUnknownBusiness) {
		t.Errorf("unknown business: %v", err)
	}
	body, _ := json.Marshal(centralapi.PrintResult{TicketID: ticket.ID, Outcome: "confirmed"})
	receipt, err := c.DeliverEvents(ctx, centralapi.EventBatch{Terminal: terminal.ID, MonotonicNow: 5, BootID: "b", Events: []centralapi.Event{
		{ID: uuid.Must(uuid.NewV7()).String(), Seq: 1, Kind: centralapi.TicketPrinted, Monotonic: 4, BootID: "b", Wall: time.Now(), Body: body}}})
	if err != nil || receipt.AckedThrough != 1 || len(receipt.Quarantined) != 0 {
		t.Errorf("receipt %+v, %v", receipt, err)
	}
	if _, err := c.Login(ctx, centralapi.WindowLogin{Window: "w1", PIN: "000000"}); !centralapi.HasCode(err, centralapi.CodeUnauthorized) {
		t.Errorf("wrong PIN: %v", err)
	}
	w, err := c.Login(ctx, centralapi.WindowLogin{Window: "w1", PIN: testPIN})
	if err != nil {
		t.Fatal(err)
	}
	called, ok, err := w.CallNext(ctx)
	if err != nil || !ok || called.ID != ticket.ID {
		t.Fatalf("called %+v, %v, %v", called, ok, err)
	}
	if err := s.stop(); err != nil {
		t.Fatalf("run: %v", err)
	}
	if _, err := c.Status(ctx); !errors.Is(err, centralapi.ErrUnreachable) {
		t.Errorf("after the end: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// The window's session, the called ticket and the terminal are still there.
	again := run(t, central.Config{DataDir: config.DataDir, Halls: config.Halls, Addr: strings.TrimPrefix(s.URL(), "http://")})
	board, err := c.Board(ctx)
	if err != nil || len(board.Calls) != 1 || board.Calls[0].Label != "A001" {
		t.Errorf("board %+v, %v", board, err)
	}
	for _, step := range []struct {
		do   func(context.Context, string) (centralapi.Ticket, error)
		want centralapi.TicketState
	}{{w.Recall, centralapi.Called}, {w.Start, centralapi.Started}, {w.Finish, centralapi.Finished}} {
		if k, err := step.do(ctx, ticket.ID); err != nil || k.State != step.want {
			t.Errorf("%s: %+v, %v", step.want, k, err)
		}
	}
	if _, ok, err := w.CallNext(ctx); ok || err != nil {
		t.Errorf("empty hall: %v, %v", ok, err)
	}
	second, err := c.IssueTicket(ctx, request("a"))
	if err != nil || second.Label != "A002" {
		t.Errorf("second ticket %+v, %v", second, err)
	}
	if _, _, err := w.CallNext(ctx); err != nil {
		t.Error(err)
	}
	if k, err := w.NoShow(ctx, second.ID); err != nil || k.State != centralapi.NoShow {
		t.Errorf("no-show: %+v, %v", k, err)
	}
	if err := w.Logout(ctx); err != nil {
		t.Error(err)
	}
	if _, err := w.Recall(ctx, second.ID); !centralapi.HasCode(err, centralapi.CodeUnauthorized) {
		t.Errorf("after the log-out: %v", err)
	}
	own := strings.Repeat("k", 40)
	for range 2 {
		if slot, err := again.EnsureTerminal(ctx, "test", "演示终端", own); err != nil || slot != 2 {
			t.Errorf("slot %d, %v", slot, err)
		}
	}
	if err := again.SetPaused(ctx, "test", "a", true); err != nil {
		t.Error(err)
	}
	if _, err := c.IssueTicket(ctx, request("a")); !centralapi.HasCode(err, centralapi.CodePaused) {
		t.Errorf("paused business: %v", err)
	}
}

// Config.RequestRate reaches the API, and its refusal the client.
func TestRequestRate(t *testing.T) {
	s := run(t, central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{testHall(1)}, RequestRate: 2})
	c := client(t, s.Service, "")
	var err error
	passed := 0
	for ; err == nil && passed < 100; passed++ {
		_, err = c.Status(t.Context())
	}
	refusal, ok := errors.AsType[*centralapi.Error](err)
	if !ok || refusal.Code != centralapi.CodeTooMany || refusal.RetryAfter() != time.Second || !refusal.Retryable {
		t.Errorf("after %d requests: %v, want a refusal that names a second", passed, err)
	}
}

func TestPagesAreServed(t *testing.T) {
	s := run(t, central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{testHall(2)}})
	for _, path := range []string{"/", "/console", "/board"} {
		res, err := http.Get(s.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || !strings.Contains(string(body), "测试大厅") {
			t.Errorf("%s: status %d, %d bytes", path, res.StatusCode, len(body))
		}
	}
}

func TestStopWithOpenStreams(t *testing.T) {
	s := run(t, central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{testHall(1)}})
	res, err := http.Get(s.URL() + "/v1/halls/test/board/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Scan()
	begun := time.Now()
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("stopping took %v with an open stream", took)
	}
	for lines.Scan() { // to the end
	}
}

func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	s := run(t, central.Config{DataDir: dir, Halls: []*hall.Hall{testHall(1)}})
	if _, err := central.New(central.Config{DataDir: dir, Halls: []*hall.Hall{testHall(1)}}); !errors.Is(err, central.ErrInUse) {
		t.Errorf("second service: %v, want ErrInUse", err)
	}
	if _, err := central.New(central.Config{DataDir: t.TempDir()}); err == nil {
		t.Error("no hall: accepted")
	}
	if _, err := central.New(central.Config{Halls: []*hall.Hall{testHall(1)}}); err == nil {
		t.Error("no data folder: accepted")
	}
	if _, err := central.New(central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{testHall(1), testHall(1)}}); err == nil {
		t.Error("the same hall twice: accepted")
	}
	other, err := central.New(central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{testHall(1)}, Addr: strings.TrimPrefix(s.URL(), "http://")})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	err = other.Run(t.Context())
	if _, ok := errors.AsType[*net.OpError](err); !ok || !strings.Contains(err.Error(), strings.TrimPrefix(s.URL(), "http://")) {
		t.Errorf("address in use: %v", err)
	}
	if other.URL() != "" {
		t.Errorf("URL %q of a service that does not listen", other.URL())
	}
	if err := other.Run(t.Context()); err == nil {
		t.Error("Run twice: accepted")
	}
}

// When the disk fails under the service, Run returns the error, so that the
// process ends and is started anew.
func TestDiskFailureEndsRun(t *testing.T) {
	dir := t.TempDir()
	s, err := central.New(central.Config{DataDir: dir, Halls: []*hall.Hall{testHall(1)}, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	<-s.Listening()
	token, _, err := s.EnrolTerminal(ctx, "test", "一号机")
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, s, token)
	if _, err := c.IssueTicket(ctx, request("a")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hall.db", "hall.db-wal"} {
		if err := os.Truncate(filepath.Join(dir, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	for err == nil { // until something is read that is not in a cache
		_, err = c.Terminal(ctx)
	}
	if !centralapi.HasCode(err, centralapi.CodeUnavailable) {
		t.Errorf("request at a failed disk: %v", err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("Run returned without an error")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Run goes on with a failed disk")
	}
}
