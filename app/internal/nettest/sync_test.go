//go:build linux

package nettest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/cutproxy"
)

const (
	senders    = 4   // terminals that have a great many events to deliver
	realOnes   = 2   // terminals that are real programs
	perBatch   = 100 // as the contract allows at most
	alive      = 300 * time.Millisecond
	aliveExtra = 700 * time.Millisecond
)

// syncPatience is how long a terminal may take to deliver everything.
const syncPatience = 15 * time.Minute

// TestBulkSync is described in the package documentation.
func TestBulkSync(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	events := fromEnv(t, "HALL_SYNC_EVENTS", 10_000)
	seed := uint64(fromEnv(t, "HALL_SEED", 1))
	random := rand.New(rand.NewPCG(seed, 0))
	site := newSite(t, 1, 2)
	day := site.hall.BusinessDay(time.Now())
	var tokens []string
	for i := range senders + realOnes {
		tokens = append(tokens, site.enrol(t, fmt.Sprintf("%d 号机", i+1)))
	}

	// Everything that happens on the network is planned by the seed; when, is not.
	var proxies []*cutproxy.Proxy
	for i := range tokens {
		plan := rand.New(rand.NewPCG(seed, uint64(i+1)))
		p, err := cutproxy.Listen("", func(int) cutproxy.Fault { return badLine(plan) })
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		proxies = append(proxies, p)
	}
	connect := func(s *service) {
		for _, p := range proxies {
			p.SetUpstream(s.addr)
		}
	}
	centre := site.serve(t, "", "127.0.0.1:0")
	connect(centre)

	// The real terminals learn the hall; then the centre goes away, and they give
	// out numbers of their own.
	var kiosks []*driven
	perKiosk := max(5, events/50)
	for i := range realOnes {
		k := startDriven(t, "", filepath.Join(t.TempDir(), "terminal"), proxies[senders+i].URL(), site.hall.ID, tokens[senders+i])
		kiosks = append(kiosks, k)
		if _, err := k.do(t.Context(), "take b1"); err != nil {
			t.Fatalf("the first number: %v", err)
		}
	}
	centre.kill()
	for i, k := range kiosks {
		if err := k.takeMany(t.Context(), perKiosk); err != nil {
			t.Fatalf("terminal %d, without its centre: %v", i+1, err)
		}
	}
	var senderList []*sender
	share := (events - realOnes*2*perKiosk) / senders
	for i := range senders {
		senderList = append(senderList, newSender(t, i, proxies[i].URL(), site.hall.ID, tokens[i], day, share))
	}

	// Now everybody delivers, while the centre is killed again and again.
	begin := time.Now()
	centre = site.serve(t, "", "127.0.0.1:0")
	connect(centre)
	var work sync.WaitGroup
	delivered := make(chan struct{})
	for _, s := range senderList {
		work.Go(func() { s.deliver(t, 1) })
	}
	for i, k := range kiosks {
		work.Go(func() {
			// While the centre is killed again and again and every answer may be cut
			// off, a terminal needs many tries; how many is the machine's affair.
			begin := time.Now()
			line, err := k.do(t.Context(), "drain")
			for err != nil && line.Dead == 0 && time.Since(begin) < syncPatience {
				line, err = k.do(t.Context(), "drain")
			}
			if err != nil || line.Dead > 0 {
				t.Errorf("terminal %d: %+v, %v\n%s", i+1, line, err, k.log)
			}
		})
	}
	go func() { work.Wait(); close(delivered) }()
	kills := 0
	for !isClosed(delivered) {
		select {
		case <-delivered:
		case <-time.After(alive + time.Duration(random.Int64N(int64(aliveExtra)))):
			centre.kill()
			kills++
			centre = site.serve(t, "", "127.0.0.1:0")
			connect(centre)
		}
	}
	took := time.Since(begin)
	if t.Failed() {
		return
	}

	// Once more from the beginning, as after a restored back-up: nothing may double.
	for _, s := range senderList {
		s.deliver(t, 1)
	}
	s := senderList[0]
	if err := s.reorder(t.Context()); err != nil {
		t.Errorf("events in another order: %v", err)
	}
	for _, k := range kiosks {
		k.do(t.Context(), "quit")
		<-k.ended
	}
	centre.terminate(t)

	var sum cutproxy.Stats
	for _, p := range proxies {
		s := p.Stats()
		sum.Connections += s.Connections
		sum.Cut += s.Cut
		sum.Silenced += s.Silenced
		sum.Halved += s.Halved
		sum.Refused += s.Refused
	}
	total := site.count(t, senderList, perKiosk)
	t.Logf("%d events in %v, each twice; %d kills; connections: %+v", total, took.Round(time.Millisecond), kills, sum)
	if sum.Cut < 3 || kills < 1 {
		t.Errorf("too little went wrong to prove anything: %d kills, %+v", kills, sum)
	}
	// A fresh process makes everything anew from the ledger and finds no difference.
	if out, err := command(t, "", "rebuild", "-check", "-hall", site.hallFile, "-data", site.data).CombinedOutput(); err != nil {
		t.Errorf("rebuild -check: %v\n%s", err, out)
	}
}

// badLine plans what becomes of one connection. A batch of 100 events is about
// 40 kB.
func badLine(random *rand.Rand) cutproxy.Fault {
	f := cutproxy.Fault{Delay: time.Duration(random.IntN(3)) * time.Millisecond}
	switch luck := random.IntN(10); {
	case luck < 4: // in the middle of a request
		f.CutUp = 1 + random.Int64N(400_000)
	case luck < 7: // in the middle of an answer
		f.CutDown = 1 + random.Int64N(2_000)
	case luck < 8:
		f.CutUp, f.Silent = 1+random.Int64N(400_000), true
	case luck < 9:
		f.CutUp, f.HalfOpen = 1+random.Int64N(400_000), true
	}
	return f
}

// takeMany takes n numbers one after the other.
func (k *driven) takeMany(ctx context.Context, n int) error {
	if _, err := k.do(ctx, fmt.Sprintf("take b1 %d", n)); err != nil {
		return err
	}
	for range n - 1 {
		if line, err := k.next(ctx); err != nil || line.Did != "took" {
			return fmt.Errorf("%+v: %w", line, err)
		}
	}
	return nil
}

// sender is a terminal with a full outbox, as far as the centre can tell.
type sender struct {
	client      *centralapi.Client
	id          string
	incarnation string
	events      []centralapi.Event
	sum         int64 // of the numbers in the events
	refused     int   // times the service wanted to be asked later
}

// newSender fills an outbox with numbers taken and papers printed.
func newSender(t *testing.T, i int, url, hallID, token, day string, events int) *sender {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	t.Cleanup(transport.CloseIdleConnections)
	c, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: url, Hall: hallID, Token: token, Transport: transport, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s := &sender{client: c, id: fmt.Sprintf("t%d", i+1)}
	slot := strconv.Itoa(i + 1)
	for n := 1; len(s.events) < events; n++ {
		q := centralapi.TicketRequest{ID: uuid.Must(uuid.NewV7()).String(), Business: "b1", Language: "zh"}
		s.add(t, centralapi.TicketTaken, centralapi.TakenTicket{Ticket: q, Label: centralapi.Label("A", slot, n), Series: slot, Number: n, Day: day})
		if len(s.events) < events {
			s.add(t, centralapi.TicketPrinted, centralapi.PrintResult{TicketID: q.ID, Outcome: "confirmed"})
		}
		s.sum += int64(n)
	}
	return s
}

// bootID of all senders.
const bootID = "0b0e6f0e-6a52-4f0c-9a39-5b6f1e0c7d11"

func (s *sender) add(t *testing.T, kind centralapi.EventKind, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	seq := int64(len(s.events) + 1)
	s.events = append(s.events, centralapi.Event{ID: uuid.Must(uuid.NewV7()).String(), Seq: seq, Kind: kind,
		Monotonic: seq, BootID: bootID, Wall: time.Now(), Body: data})
}

// batch is what is sent from event seq on.
func (s *sender) batch(seq int64) centralapi.EventBatch {
	rest := s.events[seq-1:]
	return centralapi.EventBatch{Terminal: s.id, Incarnation: s.incarnation, MonotonicNow: int64(len(s.events)) + 1000, BootID: bootID,
		Events: rest[:min(len(rest), perBatch)]}
}

// deliver sends everything from event seq on until it is acknowledged. The rules
// are those of package uplink: in order, again after any error, further only when
// acknowledged.
func (s *sender) deliver(t *testing.T, seq int64) {
	deadline := time.Now().Add(10 * time.Minute)
	for seq <= int64(len(s.events)) {
		err := s.identify(t.Context())
		if err == nil {
			b := s.batch(seq)
			var r centralapi.EventReceipt
			if r, err = s.client.DeliverEvents(t.Context(), b); err == nil {
				if len(r.Quarantined) > 0 {
					t.Errorf("%s: %d events from %d on were not understood", s.id, len(r.Quarantined), seq)
					return
				}
				seq = min(r.AckedThrough, b.Events[len(b.Events)-1].Seq) + 1
				continue
			}
		}
		refused, isRefused := errors.AsType[*centralapi.Error](err)
		switch {
		case isRefused && !refused.Retryable, t.Context().Err() != nil, time.Now().After(deadline):
			t.Errorf("%s: at event %d: %v", s.id, seq, err)
			return
		case isRefused && refused.RetryAfter() > 0:
			s.refused++
			time.Sleep(refused.RetryAfter())
		default:
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// identify asks for the terminal's incarnation, once it has one.
func (s *sender) identify(ctx context.Context) (err error) {
	if s.incarnation == "" {
		s.incarnation, err = s.client.Rotate(ctx, "")
	}
	return err
}

// reorder sends a batch backwards and one whose parts overlap with others.
func (s *sender) reorder(ctx context.Context) error {
	b := s.batch(1)
	for i, j := 0, len(b.Events)-1; i < j; i, j = i+1, j-1 {
		b.Events[i], b.Events[j] = b.Events[j], b.Events[i]
	}
	for _, batch := range []centralapi.EventBatch{b, s.batch(int64(min(50, len(s.events))))} {
		for n := 0; ; n++ {
			_, err := s.client.DeliverEvents(ctx, batch)
			// To refuse such a batch is right, too, as long as nothing is stored twice.
			if _, answered := errors.AsType[*centralapi.Error](err); err == nil || answered {
				break
			}
			if n == 100 {
				return err
			}
		}
	}
	return nil
}

// count looks into the database of a service that has ended: every event is there
// exactly once, and so is every ticket. It returns the number of events.
func (s site) count(t *testing.T, list []*sender, perKiosk int) int64 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.data, "*.db"))
	if err != nil || len(files) != 1 {
		t.Fatalf("databases: %v, %v", files, err)
	}
	db, err := sql.Open("sqlite", "file:"+files[0]+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	one := func(query string, args ...any) (a, b, c int64) {
		t.Helper()
		if err := db.QueryRow(query, args...).Scan(&a, &b, &c); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return a, b, c
	}
	const ofEvents = `SELECT count(*), coalesce(sum(seq), 0), count(DISTINCT seq) FROM event WHERE terminal = ? AND outcome = 'done'`
	const ofTickets = `SELECT count(*), coalesce(sum(number), 0), count(DISTINCT label) FROM ticket WHERE terminal = ? AND series <> ''`
	total := int64(0)
	for _, x := range list {
		want := int64(len(x.events))
		if rows, sum, distinct := one(ofEvents, x.id); rows != want || distinct != want || sum != want*(want+1)/2 {
			t.Errorf("%s: %d events of %d, %d different, sum of their sequence numbers %d of %d", x.id, rows, want, distinct, sum, want*(want+1)/2)
		}
		numbers := (want + 1) / 2
		if rows, sum, distinct := one(ofTickets, x.id); rows != numbers || distinct != numbers || sum != x.sum {
			t.Errorf("%s: %d tickets of %d, %d different, sum of their numbers %d of %d", x.id, rows, numbers, distinct, sum, x.sum)
		}
		total += want
	}
	for i := range realOnes {
		id := fmt.Sprintf("t%d", senders+i+1)
		rows, sum, distinct := one(ofEvents, id)
		if rows != distinct || sum != rows*(rows+1)/2 {
			t.Errorf("%s: %d events, %d different, sum of their sequence numbers %d: there is a hole", id, rows, distinct, sum)
		}
		if tickets, _, different := one(`SELECT count(*), 0, count(DISTINCT label) FROM ticket WHERE terminal = ? AND state <> 'void'`, id); tickets != int64(perKiosk)+1 || different != tickets {
			t.Errorf("%s: %d tickets, %d different; it gave out %d numbers", id, tickets, different, perKiosk+1)
		}
		total += rows
	}
	if rows, _, distinct := one(`SELECT count(*), 0, count(DISTINCT id) FROM event`); rows != total || distinct != total {
		t.Errorf("%d events in all, %d different, want %d", rows, distinct, total)
	}
	return total
}
