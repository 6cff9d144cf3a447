package uplink

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// call is one request the fake centre got.
type call struct {
	op     string // terminal, rotate, catalogue, status, events
	at     time.Duration
	events []centralapi.Event
}

// hub is a centre as its contract says.
type hub struct {
	mu        sync.Mutex
	start     time.Time
	calls     []call
	terminal  centralapi.Terminal
	catalogue centralapi.Catalogue
	status    centralapi.Status
	clock     func() time.Time // of the centre
	inbox     []centralapi.Event
	seen      map[string]bool
	acked     int64
	busy      int // requests at the moment
	// fail, when set, may make a request fail before it is processed; after,
	// once it is.
	fail  func(op string, b centralapi.EventBatch) error
	after func(op string) error
	// poison makes batches with an event of this page be refused for good.
	poison string
	// The terminal's incarnations: current is "" before the first is used.
	current, next, nonce string
	day                  string // the centre is on, whatever its clock says; "" = the clock's
	made                 int
	rotated              []string // what the terminal had when it asked
	noRotation           bool     // a centre that is older than incarnations
	// mostly is how many events of a batch are taken; 0 = all.
	mostly int
	guides *guide.Catalogue
	// guidesFail, when set, may make a download take its time, or fail.
	guidesFail func(context.Context) error
}

func newHub() *hub {
	h := hall.Hall{ID: "demo", Name: "示例街道综合服务大厅", TimeZone: "Asia/Shanghai", CutOver: 3,
		Businesses: []hall.Business{{ID: "household", Prefix: "A", Name: "户籍业务"}}}
	return &hub{
		start:     time.Now(),
		clock:     time.Now,
		terminal:  centralapi.Terminal{ID: "t7", Hall: "demo", Slot: 7, HolderSecret: "00ff"},
		catalogue: centralapi.Catalogue{Revision: "r1", Hall: h},
		status:    centralapi.Status{Queues: []centralapi.QueueStatus{{Business: "household", Waiting: 3, Windows: []string{"w1"}}}},
		seen:      map[string]bool{},
	}
}

func (h *hub) set(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

// begin notes a request and returns its planned failure.
func (h *hub) begin(op string, b centralapi.EventBatch) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, call{op, time.Since(h.start), b.Events})
	if h.busy++; h.busy > 1 {
		panic("two requests at a time")
	}
	if h.fail != nil {
		return h.fail(op, b)
	}
	return nil
}

func (h *hub) end(op string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy--
	if h.after != nil {
		return h.after(op)
	}
	return nil
}

func (h *hub) Terminal(context.Context) (t centralapi.Terminal, err error) {
	if err := h.begin("terminal", centralapi.EventBatch{}); err != nil {
		h.end("terminal")
		return t, err
	}
	h.mu.Lock()
	t = h.terminal
	t.AckedThrough = h.acked
	h.mu.Unlock()
	return t, h.end("terminal")
}

// NextIncarnation answers as the contract says: current keeps its next, next becomes
// current, anything else is a copy.
func (h *hub) NextIncarnation(_ context.Context, r centralapi.IncarnationRequest) (next string, err error) {
	have := r.Have
	if err := h.begin("rotate", centralapi.EventBatch{}); err != nil {
		h.end("rotate")
		return "", err
	}
	h.mu.Lock()
	h.rotated = append(h.rotated, have)
	switch {
	case h.noRotation:
		err = centralapi.Refuse(centralapi.CodeNotFound, "")
	case have == h.next && have != "":
		h.current, h.next, h.nonce = h.next, "", ""
	case have != h.current:
		err = centralapi.Refuse(centralapi.CodeRetired, "")
	}
	if h.nonce == "" {
		h.nonce = r.Nonce
	}
	if err == nil && (r.Nonce == "" || r.Nonce != h.nonce) {
		err = centralapi.Refuse(centralapi.CodeRetired, "") // another disk asks
	}
	if err == nil && h.next == "" {
		h.made++
		h.next = fmt.Sprintf("incarnation-%d", h.made)
	}
	next = h.next
	h.mu.Unlock()
	if ended := h.end("rotate"); err == nil {
		err = ended
	}
	if err != nil {
		return "", err
	}
	return next, nil
}

func (h *hub) Catalogue(_ context.Context, revision string) (c centralapi.Catalogue, changed bool, err error) {
	if err := h.begin("catalogue", centralapi.EventBatch{}); err != nil {
		h.end("catalogue")
		return c, false, err
	}
	h.mu.Lock()
	if changed = revision != h.catalogue.Revision; changed {
		c = h.catalogue
	}
	h.mu.Unlock()
	return c, changed, h.end("catalogue")
}

func (h *hub) Status(context.Context) (s centralapi.Status, err error) {
	if err := h.begin("status", centralapi.EventBatch{}); err != nil {
		h.end("status")
		return s, err
	}
	h.mu.Lock()
	s = h.status
	s.Now = h.clock()
	s.BusinessDay = h.catalogue.Hall.BusinessDay(s.Now)
	if h.day != "" {
		s.BusinessDay = h.day
	}
	h.mu.Unlock()
	return s, h.end("status")
}

// holds reports whether an event of that number has come.
func (h *hub) holds(seq int64) bool {
	for _, e := range slices.Backward(h.inbox) { // the newest are asked for
		if e.Seq == seq {
			return true
		}
	}
	return false
}

func (h *hub) DeliverEvents(_ context.Context, b centralapi.EventBatch) (r centralapi.EventReceipt, err error) {
	if err := h.begin("events", b); err != nil {
		h.end("events")
		return r, err
	}
	h.mu.Lock()
	if b.Incarnation != h.current && b.Incarnation != h.next {
		h.mu.Unlock()
		h.end("events")
		return r, centralapi.Refuse(centralapi.CodeRetired, "")
	}
	if b.Incarnation == h.next && h.next != "" {
		h.current, h.next, h.nonce = h.next, "", ""
	}
	for i, e := range b.Events {
		if h.poison != "" && e.Kind == centralapi.HelpCalled && string(e.Body) == `{"page":"`+h.poison+`"}` {
			h.mu.Unlock()
			h.end("events")
			return r, centralapi.Refuse(centralapi.CodeInvalid, "内容不正确")
		}
		if h.mostly > 0 && i >= h.mostly {
			break
		}
		if !h.seen[e.ID] {
			h.seen[e.ID] = true
			h.inbox = append(h.inbox, e)
		}
		for h.holds(h.acked + 1) {
			h.acked++
		}
		if e.Kind == outbox.Withheld {
			r.Quarantined = append(r.Quarantined, e.ID)
		}
	}
	r.AckedThrough = h.acked
	h.mu.Unlock()
	return r, h.end("events")
}

// Guides may be asked beside everything else.
func (h *hub) Guides(ctx context.Context, have *guide.Catalogue) (c *guide.Catalogue, changed bool, err error) {
	h.mu.Lock()
	h.calls = append(h.calls, call{"guides", time.Since(h.start), nil})
	guides, fail := h.guides, h.guidesFail
	h.mu.Unlock()
	if fail != nil {
		if err := fail(ctx); err != nil {
			return nil, false, err
		}
	}
	if guides.Revision() == have.Revision() {
		return nil, false, nil
	}
	return guides, true, nil
}

// count returns how many requests of the kind there were, "" = all.
func (h *hub) count(op string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.calls {
		if op == "" || c.op == op {
			n++
		}
	}
	return n
}

// times returns when the requests of the kind came.
func (h *hub) times(op string) (at []time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.calls {
		if c.op == op {
			at = append(at, c.at)
		}
	}
	return at
}

var errDown = fmt.Errorf("%w: connection refused", centralapi.ErrUnreachable)

func (h *hub) down() {
	h.set(func() { h.fail = func(string, centralapi.EventBatch) error { return errDown } })
}
func (h *hub) up() { h.set(func() { h.fail = nil }) }

// clock is the terminal's; its monotonic part follows the bubble's time.
type clock struct {
	mu    sync.Mutex
	boot  string
	start time.Time
	ahead time.Duration
}

func newClock() *clock { return &clock{boot: "boot-1", start: time.Now().Add(-time.Hour)} }

func (c *clock) read() localstore.Moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	return localstore.Moment{BootID: c.boot, Monotonic: time.Since(c.start).Milliseconds(), Wall: time.Now().UTC().Round(0).Add(c.ahead)}
}

func (c *clock) reboot(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.boot, c.start, c.ahead = c.boot+"+", time.Now(), ahead
}

// link is an uplink with everything around it.
type link struct {
	*Uplink
	Store  *localstore.Store
	Outbox *outbox.Outbox
	t      *testing.T
	dir    string
	hub    *hub
	clock  *clock
	config func(*Config)
	stop   func() error // ends Run and returns its error

	mu         sync.Mutex
	hook       func(string, localstore.Point) error
	aways      []bool
	statuses   []int // waiting at the first business
	catalogues []string
}

// newLink makes one that does not run yet.
func newLink(t *testing.T, config func(*Config)) *link {
	t.Helper()
	l := &link{t: t, dir: t.TempDir(), hub: newHub(), clock: newClock(), config: config,
		stop: func() error { return nil }}
	l.open()
	t.Cleanup(func() { l.Store.Close() })
	return l
}

func (l *link) open() {
	l.t.Helper()
	s, err := localstore.Open(context.Background(), l.dir, localstore.Options{Clock: l.clock.read,
		Hook: func(what string, at localstore.Point) error {
			l.mu.Lock()
			hook := l.hook
			l.mu.Unlock()
			if hook == nil {
				return nil
			}
			return hook(what, at)
		}})
	if err != nil {
		l.t.Fatal(err)
	}
	c := Config{
		Store: s, Outbox: outbox.New(s), Centre: l.hub, Hall: "demo",
		Rand: func() float64 { return 1 - 1e-12 },
		AwayChanged: func(away bool) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.aways = append(l.aways, away)
		},
		StatusChanged: func(s centralapi.Status) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.statuses = append(l.statuses, s.Queues[0].Waiting)
		},
		CatalogueChanged: func(c centralapi.Catalogue) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.catalogues = append(l.catalogues, c.Revision)
		},
	}
	if l.config != nil {
		l.config(&c)
	}
	l.Store, l.Outbox = c.Store, c.Outbox
	if l.Uplink, err = New(context.Background(), c); err != nil {
		l.t.Fatal(err)
	}
}

// onCommit has f called around every commit, nil = nothing.
func (l *link) onCommit(f func(string, localstore.Point) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hook = f
}

func (l *link) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	u := l.Uplink
	go func() { done <- u.Run(ctx) }()
	l.stop = func() error {
		cancel()
		return <-done
	}
}

// restart ends the program and starts it again.
func (l *link) restart() {
	l.t.Helper()
	if err := l.stop(); err != nil {
		l.t.Error(err)
	}
	if err := l.Store.Close(); err != nil {
		l.t.Fatal(err)
	}
	l.open()
	l.run()
}

// add puts events of these pages into the outbox.
func (l *link) add(pages ...string) {
	l.t.Helper()
	for _, p := range pages {
		if _, err := l.HelpCalled(context.Background(), p); err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l *link) counts() outbox.Counts {
	l.t.Helper()
	c, err := l.Outbox.Counts(context.Background())
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

// bubble hands f a link in fake time, and ends everything. f prepares the centre as
// the first contact shall find it and then calls [link.run].
func bubble(t *testing.T, config func(*Config), f func(t *testing.T, l *link)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newLink(t, config)
		defer func() { // also when f gives up
			if err := l.stop(); err != nil {
				t.Errorf("run: %v", err)
			}
			l.Store.Close()
		}()
		f(t, l)
	})
}
