package numsim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
)

var (
	errRefusedConnection = errors.New("numsim: connection refused")
	errReset             = errors.New("numsim: connection reset")
)

// longestFlight is about how long a message may be on its way.
const longestFlight = 40 * time.Second

// weather says how often what goes wrong with a message that is sent while the
// line is there.
type weather struct{ lost, answerLost, slow, again, later float64 }

// line is the network between a place of the hall and the centre.
type line struct {
	w    *world
	name string

	mu     sync.Mutex
	cut    bool
	silent bool              // while cut: nothing comes back, instead of a refusal
	sent   map[string]uint64 // requests so far, by operation
}

func (l *line) set(cut, silent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.silent = cut, silent
}

func (l *line) state() (cut, silent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut, l.silent
}

// fate is what becomes of one request.
type fate struct {
	there, back time.Duration
	lost        bool          // on the way there
	answerLost  bool          // on the way back
	reset       bool          // what is lost is noticed at once
	later       time.Duration // a lost request that arrives after all, this late
	again       time.Duration // another copy arrives this much later
}

// fate decides by the seed, the line, the operation and how many there were, so
// that two terminals at the same instant do not change each other's luck.
func (l *line) fate(op string) fate {
	l.mu.Lock()
	n := l.sent[op]
	l.sent[op]++
	l.mu.Unlock()
	h := fnv.New64a()
	_, _ = io.WriteString(h, l.name+"/"+op)
	r := rand.New(rand.NewPCG(l.w.seed^h.Sum64(), n))
	f := fate{there: upTo(r, 60*time.Millisecond), back: upTo(r, 60*time.Millisecond)}
	if l.w.calm.Load() {
		return f
	}
	f.lost, f.answerLost = r.Float64() < l.w.rough.lost, r.Float64() < l.w.rough.answerLost
	f.reset = r.IntN(2) == 0
	if r.Float64() < l.w.rough.slow {
		f.there = upTo(r, 2*time.Second)
	}
	if r.Float64() < l.w.rough.slow/2 {
		f.back = upTo(r, 2*time.Second)
	}
	if f.lost && r.Float64() < l.w.rough.later {
		f.later = upTo(r, longestFlight)
	}
	if r.Float64() < l.w.rough.again {
		f.again = upTo(r, longestFlight)
	}
	return f
}

func upTo(r *rand.Rand, d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }

// wire carries the requests of one process over the line of its place.
type wire struct {
	*line
	p *process
}

// message is a request as it travels.
type message struct {
	w      *world
	from   string // the machine
	method string
	url    string
	op     string
	header http.Header
	body   []byte
	sent   time.Time
	boot   int // of the machine
}

// RoundTrip implements [http.RoundTripper].
func (x wire) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if x.p.dead.Load() {
		return nil, errRefusedConnection
	}
	m := message{w: x.w, from: x.p.m.id, boot: x.p.m.bootNow(), method: r.Method, url: r.URL.String(), header: r.Header.Clone(), sent: x.w.now()}
	m.op = m.url[strings.LastIndexByte(m.url, '/')+1:]
	if r.Body != nil {
		var err error
		if m.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	x.w.tally("messages")
	f := x.fate(m.op)
	if cut, silent := x.state(); cut {
		if !silent {
			return nil, errRefusedConnection
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if f.again > 0 {
		x.w.tally("doubled")
		m.arrive(f.there+f.again, nil)
	}
	if f.lost {
		x.w.tally("lost")
		if f.later > 0 {
			m.arrive(f.there+f.later, nil)
		}
		return nil, f.nothing(ctx)
	}
	answered := make(chan *http.Response, 1)
	m.arrive(f.there, func(a *http.Response) {
		time.Sleep(f.back)
		answered <- a
	})
	select {
	case <-ctx.Done():
		x.w.tally("late")
		return nil, ctx.Err()
	case a := <-answered:
		if cut, _ := x.state(); cut || f.answerLost {
			x.w.tally("lost")
			return nil, f.nothing(ctx)
		}
		if a == nil {
			return nil, errRefusedConnection // the centre is away
		}
		a.Request = r
		x.p.contact(x.w.now())
		return a, nil
	}
}

// nothing waits for what will not come.
func (f fate) nothing(ctx context.Context) error {
	if f.reset {
		return errReset
	}
	<-ctx.Done()
	return ctx.Err()
}

// arrive has the message processed after a while, whatever becomes of its
// sender. answered may be nil.
func (m message) arrive(after time.Duration, answered func(*http.Response)) {
	m.w.inAir.Add(1)
	m.w.flying.Go(func() {
		defer m.w.inAir.Add(-1)
		time.Sleep(after)
		r, err := http.NewRequestWithContext(context.Background(), m.method, m.url, bytes.NewReader(m.body))
		if err != nil {
			panic(err) // it was a request before
		}
		r.Header, r.RemoteAddr = m.header.Clone(), "192.0.2.1:1234"
		a, ok := m.w.centre.serve(r)
		if m.op == "incarnation" {
			m.w.tell("%s: %.20s answered %v", m.from, m.body, status(a))
		}
		if ok && a.StatusCode == http.StatusOK && m.op == "events" {
			m.delivered()
		}
		if answered != nil {
			answered(a)
		}
	})
}

// delivered has the observer note what the centre has now.
func (m message) delivered() {
	var b centralapi.EventBatch
	if json.Unmarshal(m.body, &b) != nil {
		return
	}
	m.w.seen.arrived(m.sent, m.w.now(), m.boot, b)
}

// readAll reads a request's body.
func readAll(r *http.Request) ([]byte, error) {
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// replay returns the request with another body.
func replay(r *http.Request, body []byte) *http.Request {
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return r
}

// status is an answer's status; 0 = none.
func status(a *http.Response) int {
	if a == nil {
		return 0
	}
	return a.StatusCode
}
