package uplink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
	"hallkiosk/app/kiosk/internal/ticketing"
)

// counter is the part of the fake centre that gives numbers; hub is the rest.
type counter struct {
	*hub
	mood    string // of the next requests
	given   map[string]centralapi.Ticket
	numbers map[string]int // by day
}

func (c *counter) IssueTicket(ctx context.Context, r centralapi.TicketRequest) (t centralapi.Ticket, err error) {
	none := centralapi.Ticket{}
	process := func() (centralapi.Ticket, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, e := range c.inbox {
			if e.Kind == centralapi.TicketAbandoned && decode[centralapi.AbandonedTicket](e).ID == r.ID {
				return none, centralapi.Refuse(centralapi.CodeAbandoned, "")
			}
		}
		t, ok := c.given[r.ID]
		if !ok {
			day := c.catalogue.Hall.BusinessDay(c.clock())
			c.numbers[day]++
			t = centralapi.Ticket{ID: r.ID, Label: fmt.Sprintf("A%03d", c.numbers[day]), Business: r.Business, Day: day, State: centralapi.Issued, IssuedAt: c.clock()}
			c.given[r.ID] = t
		}
		return t, nil
	}
	c.mu.Lock()
	mood := c.mood
	if c.fail != nil {
		mood = "down"
	}
	c.mu.Unlock()
	switch mood {
	case "down":
		return none, errDown
	case "lost":
		_, _ = process()
		return none, errDown
	case "slow":
		<-ctx.Done()
		return none, errDown
	case "slow and processed":
		_, _ = process()
		<-ctx.Done()
		return none, errDown
	case "error":
		return none, centralapi.Refuse(centralapi.CodeInternal, "")
	case "closed":
		return none, centralapi.Refuse(centralapi.CodeClosed, "")
	case "garbage":
		return none, nil
	}
	return process()
}

func decode[T any](e centralapi.Event) (v T) {
	if err := json.Unmarshal(e.Body, &v); err != nil {
		panic(err)
	}
	return v
}

// held is a ticket somebody was told of.
type held struct {
	ticketing.Ticket
	trueDay string
}

// journey is a terminal's life with everything that can go wrong.
type journey struct {
	*rapid.T
	l       *link
	centre  *counter
	desk    *ticketing.Desk
	held    map[string]held
	refused int
	log     []string
}

var errCrash = errors.New("crash")

func (j *journey) say(format string, args ...any) {
	j.log = append(j.log, fmt.Sprintf(format, args...))
}

// start assembles desk and uplink on what is on the disk, and recovers.
func (j *journey) start() {
	j.desk = ticketing.NewDesk(ticketing.Config{Store: j.l.Store, Outbox: j.l.Outbox, Centre: j.centre, Hall: j.l})
	r, err := j.desk.Recover(context.Background())
	if err != nil {
		j.Fatal(err)
	}
	for _, u := range r.Unprinted {
		j.hold(u.Ticket, "recovered")
	}
	for _, o := range r.Open {
		if len(j.held)%2 == 0 {
			if err := j.desk.Abandon(context.Background(), o.ID); err != nil {
				j.Fatal(err)
			}
			continue
		}
		j.take("resumed", func() (ticketing.Ticket, error) { return j.desk.Resume(context.Background(), o.ID) })
	}
}

// restart ends the program, perhaps the machine, and starts it again.
func (j *journey) restart(reboot bool, ahead time.Duration) {
	j.say("restart, reboot %v, clock %v ahead", reboot, ahead)
	j.l.onCommit(nil)
	if err := j.l.stop(); err != nil {
		j.Fatal(err)
	}
	if err := j.l.Store.Close(); err != nil {
		j.Fatal(err)
	}
	if reboot {
		j.l.clock.reboot(ahead)
	}
	j.l.open()
	j.l.run()
	j.start()
}

func (j *journey) trueDay() string {
	h, ok := j.l.Catalogue()
	if !ok {
		return j.centre.catalogue.Hall.BusinessDay(time.Now())
	}
	return h.Hall.BusinessDay(time.Now())
}

// hold notes that somebody has this ticket, and checks that nobody else has.
func (j *journey) hold(t ticketing.Ticket, how string) {
	j.say("%s: %s of %s (%s)", how, t.Label, t.Day, t.ID)
	if old, ok := j.held[t.ID]; ok {
		if old.Label != t.Label {
			j.Fatalf("ticket %s was %s and is %s\n%v", t.ID, old.Label, t.Label, j.log)
		}
		return
	}
	now := held{t, j.trueDay()}
	for _, other := range j.held {
		if other.Label == t.Label && (other.Day == t.Day || other.trueDay == now.trueDay) {
			j.Fatalf("%s was given twice: %+v and %+v\n%v", t.Label, other, now, j.log)
		}
	}
	j.held[t.ID] = now
}

// take tries to get a number; it reports whether the program crashed.
func (j *journey) take(how string, issue func() (ticketing.Ticket, error)) (crashed bool) {
	defer func() {
		switch r := recover(); r {
		case nil:
		case error(errCrash):
			crashed = true
		default:
			panic(r)
		}
	}()
	t, err := issue()
	_, refused := errors.AsType[*ticketing.Refused](err)
	switch {
	case err == nil:
		j.hold(t, how)
	case refused, errors.Is(err, ticketing.ErrNoSeries), errors.Is(err, context.DeadlineExceeded):
		j.say("%s: %v", how, err)
		j.refused++
	default:
		j.Fatalf("%s: %v\n%v", how, err, j.log)
	}
	return false
}

func (j *journey) issue(ctx context.Context, r ticketing.Request) func() (ticketing.Ticket, error) {
	return func() (ticketing.Ticket, error) { return j.desk.Issue(ctx, r) }
}

// Whatever happens to the terminal, the centre and what lies between: nobody
// holds the same label as somebody else on one day, nothing somebody was told is
// lost, no number is left that nobody holds, and the centre hears everything
// once and in order.
func TestJourney(t *testing.T) {
	t.Parallel()
	total, issued := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		// Each journey is a bubble of fake time. A failure must leave it the
		// regular way and is passed on outside.
		var failure any
		synctest.Test(t, func(t *testing.T) {
			l := &link{t: t, dir: t.TempDir(), hub: newHub(), clock: newClock(),
				config: func(c *Config) { c.Every = 2 * time.Minute }} // days pass here
			l.open()
			l.run()
			j := &journey{T: r, l: l, held: map[string]held{},
				centre: &counter{hub: l.hub, given: map[string]centralapi.Ticket{}, numbers: map[string]int{}}}
			defer func() {
				failure = recover()
				l.stop()
				l.Store.Close()
				total, issued = total+1, issued+len(j.held)
			}()
			j.start()
			j.Repeat(j.actions())
			j.end()
		})
		if failure != nil {
			panic(failure)
		}
	})
	t.Logf("%d journeys, %d tickets held", total, issued)
}

func (j *journey) actions() map[string]func(*rapid.T) {
	ctx := context.Background()
	request := ticketing.Request{Business: "household", Prefix: "A", Language: "zh"}
	moods := []string{"", "", "lost", "slow", "slow and processed", "error", "closed", "garbage", "down"}
	return map[string]func(*rapid.T){
		"issue": func(r *rapid.T) {
			for range rapid.IntRange(1, 5).Draw(r, "people") {
				j.centre.set(func() { j.centre.mood = rapid.SampledFrom(moods).Draw(r, "mood") })
				j.say("centre %q", j.centre.mood)
				j.take("issued", j.issue(ctx, request))
				time.Sleep(time.Duration(rapid.IntRange(0, 10).Draw(r, "seconds")) * time.Second)
			}
		},
		"issue and print": func(r *rapid.T) {
			j.centre.set(func() { j.centre.mood = "" })
			t, err := j.desk.Issue(ctx, request)
			if err != nil {
				return // no series yet
			}
			j.hold(t, "issued and printed")
			if err := j.desk.Printed(ctx, t.ID, ticketing.PrintConfirmed, false); err != nil {
				r.Fatal(err)
			}
		},
		"issue and crash": func(r *rapid.T) {
			j.centre.set(func() { j.centre.mood = rapid.SampledFrom(moods).Draw(r, "mood") })
			what := rapid.SampledFrom([]string{"intent", "issued", "own number", "refused", "abandon"}).Draw(r, "what")
			at := rapid.SampledFrom([]localstore.Point{localstore.BeforeCommit, localstore.AfterCommit}).Draw(r, "at")
			j.say("centre %q, crash %s %s", j.centre.mood, at, what)
			j.l.onCommit(func(w string, p localstore.Point) error {
				if w == what && p == at {
					panic(errCrash)
				}
				return nil
			})
			crashed := j.take("issued", j.issue(ctx, request))
			j.l.onCommit(nil)
			if crashed {
				time.Sleep(time.Duration(rapid.IntRange(0, 60).Draw(r, "seconds")) * time.Second)
				j.restart(rapid.Bool().Draw(r, "reboot"), j.jump(r))
			}
		},
		"citizen leaves": func(r *rapid.T) {
			j.centre.set(func() { j.centre.mood = rapid.SampledFrom([]string{"slow", "slow and processed"}).Draw(r, "mood") })
			short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			j.take("left", j.issue(short, request))
		},
		"restart": func(r *rapid.T) { j.restart(rapid.Bool().Draw(r, "reboot"), j.jump(r)) },
		"wall clock jumps": func(r *rapid.T) {
			ahead := j.jump(r)
			j.say("clock %v ahead", ahead)
			j.l.clock.mu.Lock()
			j.l.clock.ahead = ahead
			j.l.clock.mu.Unlock()
		},
		"centre down": func(*rapid.T) { j.say("centre down"); j.centre.down() },
		"centre up": func(*rapid.T) {
			j.say("centre up")
			j.centre.set(func() { j.centre.fail, j.centre.after = nil, nil })
		},
		"receipts get lost": func(*rapid.T) {
			j.centre.set(func() {
				j.centre.after = func(op string) error {
					if op == "events" {
						return errDown
					}
					return nil
				}
			})
		},
		"time passes": func(r *rapid.T) {
			d := time.Duration(rapid.SampledFrom([]int{1, 5, 60, 3600, 9 * 3600, 24 * 3600}).Draw(r, "seconds")) * time.Second
			j.say("%v later", d)
			time.Sleep(d)
		},
		"purge": func(r *rapid.T) {
			if _, err := j.desk.Purge(ctx); err != nil {
				r.Fatal(err)
			}
		},
	}
}

func (j *journey) jump(r *rapid.T) time.Duration {
	return time.Duration(rapid.SampledFrom([]int{0, 0, -24, 24, 48, -24 * 365 * 20, 24 * 30}).Draw(r, "hours ahead")) * time.Hour
}

// end lets everything come to rest and compares.
func (j *journey) end() {
	j.centre.set(func() { j.centre.fail, j.centre.after, j.centre.mood = nil, nil, "" })
	time.Sleep(time.Minute) // whoever was there has gone
	j.restart(false, 0)
	time.Sleep(10 * time.Minute)
	settle()
	if c := j.l.counts(); c.Waiting != 0 || c.Dead != 0 || int64(len(j.centre.inbox)) != c.Last {
		j.Fatalf("outbox %+v, %d events at the centre\n%v", c, len(j.centre.inbox), j.log)
	}
	taken, abandoned := map[string]string{}, map[string]bool{}
	for i, e := range j.centre.inbox {
		if e.Seq != int64(i+1) {
			j.Fatalf("event %d has number %d\n%v", i+1, e.Seq, j.log)
		}
		switch e.Kind {
		case centralapi.TicketTaken:
			b := decode[centralapi.TakenTicket](e)
			taken[b.Ticket.ID] = b.Label
		case centralapi.TicketAbandoned:
			abandoned[decode[centralapi.AbandonedTicket](e).ID] = true
		case outbox.Withheld:
			j.Fatalf("event %d was withheld\n%v", e.Seq, j.log)
		}
	}
	for id, h := range j.held {
		given, ok := j.centre.given[id]
		switch {
		case abandoned[id]:
			j.Fatalf("%s is held and was given up\n%v", h.Label, j.log)
		case h.Own && taken[id] != h.Label:
			j.Fatalf("%s is held, the centre heard of %q\n%v", h.Label, taken[id], j.log)
		case !h.Own && (!ok || given.Label != h.Label || taken[id] != ""):
			j.Fatalf("%s is held, the centre has %+v and heard of %q\n%v", h.Label, given, taken[id], j.log)
		}
	}
	for id, g := range j.centre.given {
		if _, ok := j.held[id]; !ok && !abandoned[id] {
			j.Fatalf("nobody holds %s (%s), and the centre was not told\n%v", g.Label, id, j.log)
		}
	}
	for id, label := range taken {
		if _, ok := j.held[id]; !ok {
			j.Fatalf("nobody holds %s (%s)\n%v", label, id, j.log)
		}
	}
	labels := make([]string, 0, len(taken))
	for _, label := range taken {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	j.Logf("%d held, %d not given, own %v", len(j.held), j.refused, labels)
}
