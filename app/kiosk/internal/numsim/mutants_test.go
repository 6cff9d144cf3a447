package numsim

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/ticketing"
	"hallkiosk/app/kiosk/internal/uplink"
)

// mutant is a planted bug: it stands between two packages and falsifies what one
// tells the other. The zero value is no bug.
type mutant struct {
	name string
	// caught are the guarantees of which one must be seen to break.
	caught []string

	ticketing func(*process, ticketing.Centre) ticketing.Centre
	uplink    func(*process, uplink.Centre) uplink.Centre
	hall      func(*process, ticketing.Hall) ticketing.Hall
	handler   func(http.Handler) http.Handler
	// folder changes the terminal's file before a start.
	folder func(file string) error
	// replaced is told of a replacement.
	replaced func(old, new *machine)
	// showsLate: an answer that came after the own number was given is shown.
	showsLate bool
}

// mutants are the bugs that people who write such a system make.
var mutants = []mutant{
	{
		name: "a request that is repeated has a new id", caught: []string{"G4"},
		ticketing: func(_ *process, c ticketing.Centre) ticketing.Centre {
			return &newIDs{Centre: c, seen: map[string]bool{}}
		},
	},
	{
		name: "the own counter is forgotten at a restart", caught: []string{"G1"},
		folder: func(file string) error {
			return inFile(file, `DELETE FROM series_run`, `DELETE FROM series_day`, `DROP INDEX IF EXISTS ticket_own_label`)
		},
	},
	{
		name: "the own counter believes the wall clock", caught: []string{"G1", "G2"},
		hall: func(p *process, h ticketing.Hall) ticketing.Hall { return gullible{h, p} },
	},
	{
		name: "a replaced machine's slot is used again", caught: []string{"G1"},
		replaced: func(old, m *machine) { m.lies = old.printed() },
		hall:     func(p *process, h ticketing.Hall) ticketing.Hall { return oldSlot{h, p.m} },
	},
	{
		name: "events are sent again under new ids", caught: []string{"G2"},
		uplink: func(_ *process, c uplink.Centre) uplink.Centre { return delivers{c, newEventIDs} },
	},
	{
		name: "events count as delivered without an answer", caught: []string{"G2"},
		uplink: func(_ *process, c uplink.Centre) uplink.Centre { return delivers{c, ackAnyway} },
	},
	{
		name: "events are dated by the wall clock", caught: []string{"G5"},
		uplink: func(_ *process, c uplink.Centre) uplink.Centre { return delivers{c, byWall} },
	},
	{
		name: "events are dated by their arrival", caught: []string{"G5"},
		uplink: func(_ *process, c uplink.Centre) uplink.Centre { return delivers{c, byArrival} },
	},
	{
		name: "a wish is not given up after a crash", caught: []string{"G4"},
		folder: func(file string) error {
			return inFile(file, `UPDATE ticket SET state = 'abandoned', reason = 'restarted' WHERE state = 'intent'`)
		},
	},
	{
		name: "the centre is not told of wishes that were given up", caught: []string{"G4"},
		uplink: func(_ *process, c uplink.Centre) uplink.Centre { return delivers{c, withoutAbandoned} },
	},
	{
		name: "nobody is told that a paper is unknown", caught: []string{"G4"},
		folder: func(file string) error {
			return inFile(file, `UPDATE ticket SET print = 'shown' WHERE state = 'issued' AND print = ''`)
		},
	},
	{
		name: "an answer that comes too late is shown", caught: []string{"G2"}, showsLate: true,
		ticketing: func(p *process, c ticketing.Centre) ticketing.Centre { return patient{c, p} },
	},
	{
		name: "the centre takes a repeated request for a new one", caught: []string{"G4", "W"},
		handler: func(h http.Handler) http.Handler { return &forgetful{Handler: h, seen: map[string]bool{}} },
	},
	{
		name: "an old copy of a disk goes unnoticed", caught: []string{"G1"},
		uplink: func(p *process, c uplink.Centre) uplink.Centre { return trusting{c, p} },
	},
	{
		name: "the centre acknowledges before it stores", caught: []string{"G2"},
		handler: func(h http.Handler) http.Handler { return &hasty{Handler: h} },
	},
}

// TestMutants: each planted bug is noticed within a few seeds. A check that
// cannot fail proves nothing.
func TestMutants(t *testing.T) {
	most := number(t, "HALL_MUTANT_SEEDS", 200)
	for _, bug := range mutants {
		t.Run(bug.name, func(t *testing.T) {
			var found uint64
			var how violation
			tried := uint64(0)
			each(t, bug, 1, most, 1, func(seed uint64, o outcome) bool {
				tried++
				i := slices.IndexFunc(o.wrong, func(v violation) bool {
					_, open := v.finding()
					return slices.Contains(bug.caught, v.rule) && !open
				})
				if i >= 0 && found == 0 {
					found, how = seed, o.wrong[i]
				}
				return found > 0
			})
			if found == 0 {
				t.Errorf("nobody noticed in %d seeds", tried)
				return
			}
			t.Logf("noticed by seed %d, run %d: %v", found, tried, how)
		})
	}
}

// newIDs asks under another id when it is asked again, and hides that from the
// terminal.
type newIDs struct {
	ticketing.Centre
	mu   sync.Mutex
	seen map[string]bool
}

func (c *newIDs) IssueTicket(ctx context.Context, r centralapi.TicketRequest) (centralapi.Ticket, error) {
	id := r.ID
	c.mu.Lock()
	if c.seen[id] {
		r.ID = uuid.NewString()
	}
	c.seen[id] = true
	c.mu.Unlock()
	t, err := c.Centre.IssueTicket(ctx, r)
	if t.ID == r.ID {
		t.ID = id
	}
	return t, err
}

// trusting does not ask the centre whether its disk is an old copy.
type trusting struct {
	uplink.Centre
	p *process
}

func (t trusting) NextIncarnation(context.Context, centralapi.IncarnationRequest) (string, error) {
	return "", centralapi.Refuse(centralapi.CodeNotFound, "") // as a centre of before
}

func (t trusting) Terminal(ctx context.Context) (centralapi.Terminal, error) {
	k, err := t.Centre.Terminal(ctx)
	k.AckedThrough = 0
	return k, err
}

// gullible takes the wall clock for the hall's.
type gullible struct {
	ticketing.Hall
	p *process
}

func (h gullible) Now() (time.Time, string, bool) {
	at, day, _ := h.Hall.Now()
	if day == "" {
		return at, day, false
	}
	at = h.p.m.clock().Wall
	return at, h.p.m.p.w.hall.BusinessDay(at), true
}

func (h gullible) Named(string) bool { return true }

// printed is the slot whose numbers the machine gives.
func (m *machine) printed() int {
	if m.lies > 0 {
		return m.lies
	}
	return m.slot
}

// oldSlot gives the numbers of the machine that stood there before.
type oldSlot struct {
	ticketing.Hall
	m *machine
}

func (h oldSlot) Slot() (int, bool) {
	slot, ok := h.Hall.Slot()
	if ok && h.m.lies > 0 {
		return h.m.lies, true
	}
	return slot, ok
}

// delivers changes batches on their way.
type delivers struct {
	uplink.Centre
	change func(context.Context, uplink.Centre, centralapi.EventBatch) (centralapi.EventReceipt, error)
}

func (d delivers) DeliverEvents(ctx context.Context, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	b.Events = slices.Clone(b.Events)
	return d.change(ctx, d.Centre, b)
}

func newEventIDs(ctx context.Context, c uplink.Centre, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	for i := range b.Events {
		b.Events[i].ID = uuid.NewString()
	}
	return c.DeliverEvents(ctx, b)
}

func ackAnyway(ctx context.Context, c uplink.Centre, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	if r, err := c.DeliverEvents(ctx, b); err == nil {
		return r, nil
	}
	return centralapi.EventReceipt{AckedThrough: b.Events[len(b.Events)-1].Seq}, nil
}

func byWall(ctx context.Context, c uplink.Centre, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	for i := range b.Events {
		b.Events[i].BootID = ""
		b.Events[i].Body = withoutAt(b.Events[i])
	}
	return c.DeliverEvents(ctx, b)
}

func byArrival(ctx context.Context, c uplink.Centre, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	for i := range b.Events {
		if b.Events[i].BootID == b.BootID {
			b.Events[i].Monotonic = b.MonotonicNow
		}
		b.Events[i].Body = withoutAt(b.Events[i])
	}
	return c.DeliverEvents(ctx, b)
}

// withoutAt returns an event's body without the hall's time, where it has one.
func withoutAt(e centralapi.Event) json.RawMessage {
	var body map[string]json.RawMessage
	if json.Unmarshal(e.Body, &body) != nil {
		return e.Body
	}
	delete(body, "at")
	data, err := json.Marshal(maps.Clone(body))
	if err != nil {
		return e.Body
	}
	return data
}

func withoutAbandoned(ctx context.Context, c uplink.Centre, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	for i, e := range b.Events {
		if e.Kind == centralapi.TicketAbandoned {
			b.Events[i].Kind = centralapi.HelpCalled
			b.Events[i].Body = json.RawMessage(`{"page":"home"}`)
		}
	}
	return c.DeliverEvents(ctx, b)
}

// patient waits for every answer and keeps those that are late.
type patient struct {
	ticketing.Centre
	p *process
}

func (c patient) IssueTicket(ctx context.Context, r centralapi.TicketRequest) (centralapi.Ticket, error) {
	type result struct {
		ticket centralapi.Ticket
		err    error
	}
	got := make(chan result, 1)
	c.p.parts.Go(func() {
		long, cancel := context.WithTimeout(c.p.ctx, 10*time.Second)
		defer cancel()
		t, err := c.Centre.IssueTicket(long, r)
		if err == nil && ctx.Err() != nil {
			c.p.mu.Lock()
			c.p.lateOne[r.ID] = t
			c.p.mu.Unlock()
		}
		got <- result{t, err}
	})
	select {
	case r := <-got:
		return r.ticket, r.err
	case <-ctx.Done():
		return centralapi.Ticket{}, ctx.Err()
	}
}

// forgetful is a centre that does not know a request again: the second time the
// id is another one.
type forgetful struct {
	http.Handler
	mu   sync.Mutex
	seen map[string]bool
}

func (f *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/tickets") {
		f.Handler.ServeHTTP(w, r)
		return
	}
	body, err := readAll(r)
	if err != nil {
		f.Handler.ServeHTTP(w, r)
		return
	}
	var q centralapi.TicketRequest
	if json.Unmarshal(body, &q) != nil {
		f.Handler.ServeHTTP(w, replay(r, body))
		return
	}
	f.mu.Lock()
	again := f.seen[q.ID]
	f.seen[q.ID] = true
	f.mu.Unlock()
	if !again {
		f.Handler.ServeHTTP(w, replay(r, body))
		return
	}
	other := uuid.NewString()
	f.Handler.ServeHTTP(renamed{w, other, q.ID}, replay(r, []byte(strings.Replace(string(body), q.ID, other, 1))))
}

// renamed puts the old id back into the answer.
type renamed struct {
	http.ResponseWriter
	from, to string
}

func (w renamed) Write(b []byte) (int, error) {
	_, err := w.ResponseWriter.Write([]byte(strings.ReplaceAll(string(b), w.from, w.to)))
	return len(b), err
}

// hasty is a centre that answers every seventh batch and forgets it.
type hasty struct {
	http.Handler
	mu sync.Mutex
	n  int
}

func (h *hasty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/events") {
		h.mu.Lock()
		h.n++
		forget := h.n%7 == 0
		h.mu.Unlock()
		body, err := readAll(r)
		var b centralapi.EventBatch
		if err == nil && json.Unmarshal(body, &b) == nil && forget && len(b.Events) > 0 {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(centralapi.EventReceipt{AckedThrough: b.Events[len(b.Events)-1].Seq, Quarantined: []string{}})
			return
		}
		r = replay(r, body)
	}
	h.Handler.ServeHTTP(w, r)
}
