package nettest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/drive"
)

const (
	terminals   = 3
	windows     = 3
	business    = "b1"            // of prefix A
	cutTime     = 6 * time.Second // of one schedule
	thinkTime   = 60 * time.Millisecond
	callTimeout = 400 * time.Millisecond
)

// fromEnv reads a number from the environment.
func fromEnv(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%q: not a number", name, text)
	}
	return n
}

// TestPartitions is described in the package documentation.
func TestPartitions(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	schedules, first := fromEnv(t, "HALL_PARTITIONS", 6), fromEnv(t, "HALL_SEED", 1)
	hosts := []string{"centre", "windows"}
	for i := range terminals {
		hosts = append(hosts, terminalHost(i))
	}
	net := newIsland(t, hosts...)
	var sum tally
	for i := range schedules {
		seed := uint64(first + i)
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			s := schedule{island: net, random: rand.New(rand.NewPCG(seed, 0)), history: newHistory()}
			sum.add(s.run(t))
		})
	}
	t.Logf("%d schedules: %+v", schedules, sum)
	// What never happens proves nothing. A call is lost about once in a schedule.
	if !t.Failed() && schedules >= 6 && (sum.hall == 0 || sum.own == 0 || sum.nobodyTold == 0 || sum.oneWay == 0 || sum.unplugged == 0 ||
		schedules >= 20 && sum.lostCalls == 0) {
		t.Errorf("the schedules did not do everything they are for: %+v", sum)
	}
}

func terminalHost(i int) string { return fmt.Sprintf("terminal%d", i+1) }

// tally counts what happened, so that one can see that something did.
type tally struct {
	hall, own         int // numbers
	nobodyTold        int // numbers of the hall whose terminal did not hear of them
	called            int
	lostCalls         int // calls whose answer did not come
	unplugged, oneWay int
}

func (a *tally) add(b tally) {
	a.hall += b.hall
	a.own += b.own
	a.nobodyTold += b.nobodyTold
	a.called += b.called
	a.lostCalls += b.lostCalls
	a.unplugged += b.unplugged
	a.oneWay += b.oneWay
}

// schedule is one run: fresh programs, random cuts, one history.
type schedule struct {
	*island
	random  *rand.Rand
	history *history
	day     string // business day; scratch halls do not change it within the hour

	mu    sync.Mutex
	tally tally
}

func (s *schedule) run(t *testing.T) tally {
	site := newSite(t, windows, 2)
	s.day = site.hall.BusinessDay(time.Now())
	var tokens []string
	for i := range terminals {
		tokens = append(tokens, site.enrol(t, fmt.Sprintf("%d 号机", i+1)))
	}
	centre := site.serve(t, s.namespace("centre"), s.addr("centre")+":7080")
	url := "http://" + centre.addr
	var kiosks []*driven
	for i, token := range tokens {
		k := startDriven(t, s.namespace(terminalHost(i)), filepath.Join(t.TempDir(), "terminal"), url, site.hall.ID, token)
		// The first number waits for the hall's catalogue, before the cuts.
		s.take(t, i, k)
		kiosks = append(kiosks, k)
	}
	desks := s.openWindows(t, url, site)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var taking, calling sync.WaitGroup
	over := make(chan struct{})
	for i, k := range kiosks {
		pace := rand.New(rand.NewPCG(s.random.Uint64(), 1))
		taking.Go(func() {
			for !isClosed(over) && s.take(t, i, k) {
				time.Sleep(time.Duration(pace.Int64N(int64(2 * thinkTime))))
			}
		})
	}
	drained := make(chan struct{})
	for _, d := range desks {
		calling.Go(func() { d.work(ctx, drained) })
	}
	s.cut(t)
	close(over)
	taking.Wait()
	for i, k := range kiosks {
		if line, err := k.do(ctx, "drain"); err != nil || line.Did != "drained" || line.Dead > 0 {
			t.Errorf("terminal %d: the centre has not everything after the cuts healed: %+v, %v\n%s", i+1, line, err, k.log)
		}
	}
	close(drained)
	calling.Wait()
	s.judge(t, desks[0])
	for _, k := range kiosks {
		k.do(ctx, "quit")
		<-k.ended
	}
	centre.terminate(t)
	return s.tally
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// take lets one citizen take a number. A terminal never refuses one.
func (s *schedule) take(t *testing.T, i int, k *driven) bool {
	begin := s.history.now()
	line, err := k.do(t.Context(), "take "+business)
	if err != nil || line.Did != "took" {
		t.Errorf("terminal %d did not give a number: %+v, %v\n%s", i+1, line, err, k.log)
		return false
	}
	s.history.add(event{client: i, begin: begin, end: s.history.now(), kind: took, label: line.Label, ticket: line.ID})
	s.mu.Lock()
	defer s.mu.Unlock()
	if line.Source == drive.SourceOwn {
		s.tally.own++
	} else {
		s.tally.hall++
	}
	return true
}

// cut breaks and mends the network at random, and leaves it whole.
func (s *schedule) cut(t *testing.T) {
	hosts := []string{"centre", "windows", terminalHost(0), terminalHost(1), terminalHost(2)}
	unplugged, holes := map[string]bool{}, map[[2]string]bool{}
	end := time.After(cutTime)
	for {
		select {
		case <-time.After(50*time.Millisecond + time.Duration(s.random.Int64N(int64(600*time.Millisecond)))):
		case <-end:
			for host := range unplugged {
				s.plug(t, host)
			}
			for hole := range holes {
				s.unhole(t, hole[0], hole[1])
			}
			return
		}
		// The centre is cut off less often than the others: that is one cut for all.
		host := hosts[s.random.IntN(len(hosts))]
		if host == "centre" {
			host = hosts[s.random.IntN(len(hosts))]
		}
		hole := [2]string{host, "centre"}
		if s.random.IntN(2) == 0 {
			hole = [2]string{"centre", host}
		}
		switch {
		case unplugged[host]:
			s.plug(t, host)
			delete(unplugged, host)
		case holes[hole]:
			s.unhole(t, hole[0], hole[1])
			delete(holes, hole)
		case host == "centre" || s.random.IntN(2) == 0:
			s.unplug(t, host)
			unplugged[host] = true
			s.tally.unplugged++
		default:
			s.blackhole(t, hole[0], hole[1])
			holes[hole] = true
			s.tally.oneWay++
		}
	}
}

// desk is the clerk of one window, on a computer on the hall's network.
type desk struct {
	*schedule
	t       *testing.T
	n       int
	id      string
	session *centralapi.WindowClient
}

func (s *schedule) openWindows(t *testing.T, url string, site site) (all []*desk) {
	for i := range windows {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.Proxy, transport.DialContext = nil, s.dialer("windows")
		t.Cleanup(transport.CloseIdleConnections)
		c, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: url, Hall: site.hall.ID, Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		id := site.hall.Windows[i].ID
		session, err := c.Login(t.Context(), centralapi.WindowLogin{Window: id, PIN: testPIN})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &desk{schedule: s, t: t, n: 100 + i, id: id, session: session})
	}
	return all
}

// work calls and serves until everything has reached the centre and nobody waits.
func (d *desk) work(ctx context.Context, drained <-chan struct{}) {
	for ctx.Err() == nil {
		last := isClosed(drained)
		id, label, ok := d.call(ctx)
		switch {
		case ok:
			d.serve(ctx, id, label)
		case last:
			return
		default:
			time.Sleep(25 * time.Millisecond)
		}
	}
}

// call presses 叫号, sends that until it is known what came of it, and puts it into
// the history.
func (d *desk) call(ctx context.Context) (id, label string, ok bool) {
	begin := d.history.now()
	press := d.session.NewPress()
	for ctx.Err() == nil {
		short, cancel := context.WithTimeout(ctx, callTimeout)
		sent := time.Now()
		t, ok, err := press.CallNext(short)
		cancel()
		switch {
		case err == nil && ok && (t.State != centralapi.Called || t.Window != d.id):
			// The first try got through; then the terminal has reported a number of its own
			// for it, and the window is free again.
			begin, press = d.history.now(), d.session.NewPress()
		case err == nil:
			d.history.add(event{client: d.n, begin: begin, end: d.history.now(), kind: called, label: t.Label})
			if ok {
				d.count(t.CalledAt.Before(sent))
			}
			return t.ID, t.Label, ok
		case ctx.Err() == nil:
			d.pause("call", err)
		}
	}
	return "", "", false
}

func (d *desk) count(lost bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tally.called++
	if lost {
		d.tally.lostCalls++
	}
}

// pause waits before the next try after an error. A cut line and a service that
// wants to be asked less often are nothing to complain of.
func (d *desk) pause(doing string, err error) {
	refused, ok := errors.AsType[*centralapi.Error](err)
	switch {
	case errors.Is(err, centralapi.ErrUnreachable):
		time.Sleep(20 * time.Millisecond)
	case ok && refused.Code == centralapi.CodeTooMany:
		time.Sleep(refused.RetryAfter())
	default:
		d.t.Errorf("window %s: %s: %v", d.id, doing, err)
		time.Sleep(100 * time.Millisecond)
	}
}

// patienceAtDesk is how long a clerk waits for a person to come. It is longer than
// a terminal takes at most.
const patienceAtDesk = 1500 * time.Millisecond

// wait waits until somebody comes with a number.
func (d *desk) wait(ctx context.Context, label string) (id string, came bool) {
	for begin := time.Now(); time.Since(begin) < patienceAtDesk && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		if id, ok := d.history.holder(label); ok {
			return id, true
		}
	}
	return "", false
}

// serve ends the turn of whoever was called; a number nobody has on paper is
// passed over.
func (d *desk) serve(ctx context.Context, id, label string) {
	finish := d.session.Finish
	if _, came := d.wait(ctx, label); !came {
		finish = d.session.NoShow
	}
	for ctx.Err() == nil {
		short, cancel := context.WithTimeout(ctx, callTimeout)
		_, err := finish(short, id)
		cancel()
		switch {
		case err == nil, centralapi.HasCode(err, centralapi.CodeConflict):
			return // a conflict: the number was replaced by the terminal's own meanwhile
		}
		d.pause("finish "+label, err)
	}
}

// judge looks at the history and at the centre's own account of the day.
func (s *schedule) judge(t *testing.T, d *desk) {
	events := s.history.all()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	account, err := d.session.Numbers(ctx, s.day)
	for err != nil && ctx.Err() == nil {
		d.pause("the numbers of the day", err)
		account, err = d.session.Numbers(ctx, s.day)
	}
	if err != nil {
		t.Fatal(err)
	}
	calledIDs := map[string]bool{}
	for _, e := range events {
		if e.kind == called {
			if id, ok := s.history.holder(e.label); ok {
				calledIDs[id] = true
			}
		}
	}
	days := map[string]int{} // last numbers of the hall's series
	onRecord := 0
	for _, n := range account.Series {
		if len(n.Missing) > 0 || n.Open > 0 {
			t.Errorf("series %s%s: missing %v, %d still open", n.Prefix, n.Series, n.Missing, n.Open)
		}
		onRecord += n.Served + n.NoShow
		if n.Series == "" {
			_, days[n.Prefix] = split(n.Last)
			s.tally.nobodyTold += len(n.Void)
		}
		for _, v := range n.Void {
			if _, held := s.history.holder(v.Label); held {
				t.Errorf("%s is on somebody's paper and void: %s", v.Label, v.Reason)
			}
		}
	}
	taken := 0
	for _, e := range events {
		if e.kind != took {
			continue
		}
		taken++
		if !calledIDs[e.ticket] {
			t.Errorf("%s was never called", e.label)
		}
	}
	if onRecord != taken {
		t.Errorf("%d numbers are on people's paper, %d on record as served", taken, onRecord)
	}
	for _, what := range anomalies(numbersNobodyWasTold(events, days)) {
		t.Error(what)
	}
	s.controls(t, numbersNobodyWasTold(events, days))
}

// controls spoils the real history in ways that must be found.
func (s *schedule) controls(t *testing.T, events []event) {
	var numbers, calls []int
	for i, e := range events {
		series, _ := split(e.label)
		switch {
		case e.label == "" || own(series) || e.undisclosed:
		case e.kind == took:
			numbers = append(numbers, i)
		default:
			calls = append(calls, i)
		}
	}
	spoil := func(what string, change func(e []event)) {
		spoiled := append([]event{}, events...)
		change(spoiled)
		if len(anomalies(spoiled)) == 0 {
			t.Errorf("control: %s in the history, and it is not found", what)
		}
	}
	if len(numbers) < 2 || len(calls) < 2 {
		return // an unlucky schedule: everything was an island
	}
	first, last := numbers[0], numbers[len(numbers)-1]
	spoil("a number given twice", func(e []event) { e[last].label = e[first].label })
	spoil("two numbers exchanged", func(e []event) { e[last].label, e[first].label = e[first].label, e[last].label })
	spoil("a number called twice", func(e []event) { e[calls[len(calls)-1]].label = e[calls[0]].label })
}
