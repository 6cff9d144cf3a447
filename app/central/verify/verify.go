// Package verify proves on somebody's own machine that a central service neither
// loses nor doubles a number. It lets many terminals take numbers and many
// windows call, recall and finish at the same time, over real HTTP, in a hall made
// for the purpose, and afterwards goes through everything that was answered.
//
// The command `hallcentral verify` uses it, and so do tests of the service, on
// each of its databases. The package knows the service only by its contract
// (package centralapi), so it can be pointed at any version of it that counts presses
// (history 7 of the contract). It never works in a hall that people use: the hall's id
// must begin with [ScratchPrefix].
//
// # What is done to the service
//
// Terminals are as unkind as a network: a request is sent twice at the same
// moment, is sent again after it was answered, is given up while it is under way
// and sent again, or its answer is thrown away and it is sent again. Windows press
// 叫号 twice at the same moment, lose the answer of a call, and recall.
//
// # What is checked
//
// By the answers alone, with the times at which each request was sent and
// answered (see [Violation] for the kinds): nothing is called a violation that
// some order of the overlapping requests allows. When the load has ended, the
// windows go on until nobody waits; then every id is asked for once more, and the
// service's own account of the day is compared with what the terminals hold.
//
// # What was compared
//
// Load generators (k6, vegeta, wrk) send requests and count statuses; whether two
// people hold one number is not visible to them. Package porcupine decides
// linearisability of any history, in exponential time at worst; at hundreds of
// thousands of requests the orders wanted here are decided by sorting. The
// partition tests, whose histories are short, use porcupine.
package verify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// ScratchPrefix opens the id of every hall in which numbers may be wasted.
const ScratchPrefix = "scratch"

// ErrNotScratch means that the hall named may be one that people use. Test with
// errors.Is.
var ErrNotScratch = errors.New("verify: not a scratch hall: its id must begin with " + ScratchPrefix)

// Config says what to work on. The fields without a default are required.
type Config struct {
	BaseURL string // the service: http://127.0.0.1:7080
	Hall    string // the hall's id; begins with ScratchPrefix
	// Tokens are those of the terminals, one each; each is worked by one citizen
	// after another.
	Tokens []string
	// PIN opens every window of the hall.
	PIN string
	// Windows is how many of the hall's windows work, the first ones. Default and
	// at most: all.
	Windows int
	// Duration is how long numbers are taken. Default 20 s.
	Duration time.Duration
	// Numbers, when not 0, ends the taking when so many have been taken, before
	// Duration has passed.
	Numbers int
	// Patience is how long the windows may take afterwards to call those who still
	// wait. Default 60 s.
	Patience time.Duration
	// Waiting is how many people may wait at the same time; terminals pause when
	// the hall is full. Default 500.
	Waiting int
	// Seed makes the choices of terminals and windows repeatable, though not the
	// order in which the service sees them. Default: a random one.
	Seed uint64
	// Progress, when set, is called once a second.
	Progress func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Elapsed  time.Duration
	Taken    int // numbers answered
	Called   int
	Errors   int
	Draining bool // no more numbers are taken, those waiting are called
}

// run is one run.
type run struct {
	Config
	base       time.Time // all times of the history count from here
	businesses []string
	book       *book
	pools      []lossy // of all workers

	room   chan struct{} // one element for each person who waits or is about to
	enough chan struct{} // closed when Numbers have been taken
	stop   func()        // closes it
	ended  chan struct{} // closed when no terminal shall begin to take a number
	taken  chan struct{} // closed when every number has been answered
}

// Run works on the service and reports what it found. The error is not nil when
// nothing could be verified: the service could not be reached at all, the hall is
// not a scratch hall, a token or the PIN is wrong, ctx ended. What was found wrong
// with the service is in the Report.
func Run(ctx context.Context, c Config) (Report, error) {
	if !strings.HasPrefix(c.Hall, ScratchPrefix) {
		return Report{}, fmt.Errorf("%w (this one is %q)", ErrNotScratch, c.Hall)
	}
	if len(c.Tokens) == 0 {
		return Report{}, errors.New("verify: no terminals: no tokens given")
	}
	if c.Duration <= 0 {
		c.Duration = 20 * time.Second
	}
	if c.Patience <= 0 {
		c.Patience = time.Minute
	}
	if c.Waiting <= 0 {
		c.Waiting = 500
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	r := &run{Config: c, base: time.Now(), book: newBook(), room: make(chan struct{}, c.Waiting),
		enough: make(chan struct{}), ended: make(chan struct{}), taken: make(chan struct{})}
	r.stop = sync.OnceFunc(func() { close(r.enough) })

	defer func() {
		for _, pool := range r.pools {
			pool.CloseIdleConnections()
		}
	}()

	var terminals []*terminal
	for i, token := range c.Tokens {
		t, err := r.newTerminal(i, token)
		if err != nil {
			return Report{}, err
		}
		terminals = append(terminals, t)
	}
	h, err := r.lookAround(ctx, terminals)
	if err != nil {
		return Report{}, err
	}
	windows, err := r.openWindows(ctx, h)
	if err != nil {
		return Report{}, err
	}
	if err := clearHall(ctx, windows); err != nil {
		return Report{}, err
	}

	stopProgress := r.reportProgress()
	defer stopProgress()
	begin := time.Now()
	var taking, calling sync.WaitGroup
	for _, t := range terminals {
		taking.Go(func() { t.work(ctx) })
	}
	for _, w := range windows {
		calling.Go(func() { w.work(ctx) })
	}
	select {
	case <-time.After(c.Duration):
	case <-r.enough:
	case <-ctx.Done():
	}
	close(r.ended)
	taking.Wait()
	close(r.taken)
	loaded := time.Since(begin)
	taken, called, requests := r.book.counts()
	calling.Wait()
	if ctx.Err() != nil {
		return Report{}, fmt.Errorf("verify: %w", ctx.Err())
	}
	r.askAgain(ctx, terminals)
	r.compareAccounts(ctx, windows[0])
	for _, w := range windows {
		w.session.Logout(ctx) // a session nobody ends expires by itself
	}
	if ctx.Err() != nil {
		return Report{}, fmt.Errorf("verify: %w", ctx.Err())
	}
	report := r.book.report()
	report.Hall, report.Seed = c.Hall, c.Seed
	report.Terminals, report.Windows = len(terminals), len(windows)
	report.Seconds = loaded.Seconds()
	report.TakenPerSecond = float64(taken) / loaded.Seconds()
	report.CalledPerSecond = float64(called) / loaded.Seconds()
	report.RequestsPerSecond = float64(requests) / loaded.Seconds()
	return report, nil
}

// lookAround learns the hall and makes sure that each terminal is admitted.
func (r *run) lookAround(ctx context.Context, terminals []*terminal) (*hall.Hall, error) {
	for _, t := range terminals {
		if _, err := t.client.Terminal(ctx); err != nil {
			return nil, fmt.Errorf("verify: terminal %d: %w", t.n+1, err)
		}
	}
	cat, _, err := terminals[0].client.Catalogue(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("verify: the hall's catalogue: %w", err)
	}
	h := &cat.Hall
	if r.Windows <= 0 || r.Windows > len(h.Windows) {
		r.Windows = len(h.Windows)
	}
	// What no working window serves would never be called.
	for _, b := range h.Businesses {
		for _, w := range h.Windows[:r.Windows] {
			if slices.Contains(b.Windows, w.ID) {
				r.businesses = append(r.businesses, b.ID)
				r.book.prefixes[b.ID] = b.Prefix
				break
			}
		}
	}
	if len(r.businesses) == 0 {
		return nil, errors.New("verify: the windows that work serve no business")
	}
	return h, nil
}

// since is the present moment of the history. It is monotonic.
func (r *run) since() time.Duration { return time.Since(r.base) }

// random is the choices of one worker.
func (r *run) random(worker uint64) *rand.Rand { return rand.New(rand.NewPCG(r.Seed, worker)) }

// closed reports whether a channel that is only ever closed has been.
func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// reportProgress calls Progress once a second until stopped.
func (r *run) reportProgress() (stop func()) {
	if r.Progress == nil {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		begin := time.Now()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				taken, called, _ := r.book.counts()
				r.Progress(Progress{Elapsed: time.Since(begin).Round(time.Second), Taken: taken, Called: called,
					Errors: r.book.errorCount(), Draining: closed(r.ended)})
			}
		}
	})
	return sync.OnceFunc(func() { close(done); wg.Wait() })
}

// loseAnswer in a request's context makes the answer get lost on its way back.
type loseAnswer struct{}

var errLost = errors.New("verify: the answer was thrown away")

// lossy is a connection pool of one worker that can lose answers.
type lossy struct{ *http.Transport }

func newLossy() lossy {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	t.MaxIdleConnsPerHost = 4
	return lossy{t}
}

func (l lossy) RoundTrip(q *http.Request) (*http.Response, error) {
	res, err := l.Transport.RoundTrip(q)
	if err == nil && q.Context().Value(loseAnswer{}) != nil {
		res.Body.Close()
		return nil, errLost
	}
	return res, err
}

// newClient makes a client with connections of its own, as a real terminal has.
func (r *run) newClient(token string) (*centralapi.Client, error) {
	pool := newLossy()
	r.pools = append(r.pools, pool)
	c, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: r.BaseURL, Hall: r.Hall, Token: token, Transport: pool})
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return c, nil
}

// tries is how often a request is sent again after an error that is not ours.
const tries = 20

// permanent reports whether sending the same request again cannot help.
func permanent(err error) bool {
	refused, ok := errors.AsType[*centralapi.Error](err)
	return ok && !refused.Retryable
}

// pause waits after the n-th unexpected error, or as long as a service wants that
// limits its callers.
func pause(ctx context.Context, n int, err error) {
	wait := time.Duration(n+1) * 20 * time.Millisecond
	if refused, ok := errors.AsType[*centralapi.Error](err); ok && refused.RetryAfter() > 0 {
		wait = refused.RetryAfter()
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}
