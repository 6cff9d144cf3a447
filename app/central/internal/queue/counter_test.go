package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/postgrestest"
)

// ask makes a request as Issue does, without asking.
func (f *fixture) ask(p *place, from centralapi.Terminal, r centralapi.TicketRequest) *issuing {
	f.t.Helper()
	b, err := p.checkRequest(r)
	if err != nil {
		f.t.Fatal(err)
	}
	return &issuing{p: p, from: from, r: r, business: b, print: fingerprint(r), actor: "terminal:" + from.ID, answered: make(chan struct{})}
}

// said is an answer in words that can be compared between two databases.
func said(k centralapi.Ticket, err error) string {
	if e, ok := errors.AsType[*centralapi.Error](err); ok {
		return string(e.Code)
	}
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s %s ahead %d existing %v %s %s", k.ID, k.Label, k.State, k.Ahead, k.Existing, k.IssuedAt, k.HolderNumber)
}

// Answering a group is the same as answering one after the other, whatever is in
// it: the same answers, the same tickets, the same numbers.
func TestTogetherIsOneByOne(t *testing.T) {
	databases := map[string]func(t *testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return postgrestest.Start(t) },
	}
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			h := testHall(3)
			h.Businesses[1].Prefix = "A" // a and b share a series
			together, alone := newFixtureOn(t, h, url(t)), newFixtureOn(t, h, "")
			both := func(do func(f *fixture)) { do(together); do(alone) }
			day := 0
			rapid.Check(t, func(rt *rapid.T) {
				// A day of its own for each check: the databases stay.
				day++
				both(func(f *fixture) { f.clock.set(morning.AddDate(0, 0, day)) })
				var ids []string
				fresh := func() string {
					id := newID()
					ids = append(ids, id)
					return id
				}
				draw := func(i int) (centralapi.TicketRequest, bool) {
					r := centralapi.TicketRequest{ID: fresh(), Business: rapid.SampledFrom([]string{"a", "a", "b", "c"}).Draw(rt, fmt.Sprint("business", i))}
					if rapid.IntRange(0, 2).Draw(rt, fmt.Sprint("again", i)) == 0 {
						r.ID = rapid.SampledFrom(ids).Draw(rt, fmt.Sprint("id", i))
					}
					if r.Business == "a" && rapid.Bool().Draw(rt, fmt.Sprint("known", i)) {
						r.Holder = person(byte(rapid.IntRange(1, 3).Draw(rt, fmt.Sprint("person", i))))
						r.Holder.Key = r.Holder.Key[:60] + fmt.Sprintf("%04x", day) // of this day
					}
					return r, rapid.IntRange(0, 4).Draw(rt, fmt.Sprint("terminal", i)) == 0
				}
				if rapid.IntRange(0, 3).Draw(rt, "afternoon") == 0 {
					both(func(f *fixture) { f.clock.set(f.clock.now().Add(4 * 3600e9)) }) // c is closed
				}
				paused := rapid.IntRange(0, 4).Draw(rt, "paused") == 0
				both(func(f *fixture) {
					if err := f.SetPaused(t.Context(), hallID, "b", paused); err != nil {
						rt.Fatal(err)
					}
				})
				for round := range rapid.IntRange(1, 3).Draw(rt, "rounds") {
					if round > 0 && rapid.Bool().Draw(rt, "between") {
						// Something that is neither: an id given up, a ticket called.
						gone := fresh()
						if rapid.Bool().Draw(rt, "known id") {
							gone = rapid.SampledFrom(ids).Draw(rt, "given up")
						}
						both(func(f *fixture) {
							f.deliver(f.t1, f.event(f.t1, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: gone}))
							if _, _, err := f.CallNext(t.Context(), hallID, "w1"); err != nil && !centralapi.HasCode(err, centralapi.CodeConflict) {
								rt.Fatal(err)
							}
						})
					}
					var group []*issuing
					var want []string
					for i := range rapid.IntRange(1, 12).Draw(rt, "requests") {
						r, second := draw(i)
						from := func(f *fixture) centralapi.Terminal {
							if second {
								return f.t2
							}
							return f.t1
						}
						group = append(group, together.ask(together.halls[hallID], from(together), r))
						want = append(want, said(alone.Issue(t.Context(), hallID, from(alone), r)))
					}
					together.settle(together.halls[hallID], group)
					for i, a := range group {
						<-a.answered
						if got := said(a.answer, a.err); got != want[i] {
							rt.Fatalf("round %d, request %d of %d: together %q, alone %q", round, i, len(group), got, want[i])
						}
					}
				}
				today := together.clock.now().Format(hall.DateLayout)
				if a, b := together.tickets(today), alone.tickets(today); !bytes.Equal(a, b) {
					rt.Fatalf("together\n%s\nalone\n%s", a, b)
				}
				together.consistent(today)
			})
		})
	}
}

// tickets is the day's tickets in words.
func (f *fixture) tickets(day string) []byte {
	f.t.Helper()
	var out []byte
	err := f.store.Read(f.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.DayNumbers(hallID, day)
		for _, r := range rows {
			k, _, err := tx.TicketByNumber(hallID, day, r.Prefix, r.Series, r.Number)
			if err != nil {
				return err
			}
			out = fmt.Appendln(out, k.ID, k.Label, k.State, k.Business, k.Terminal, k.Seq, k.IssuedAt, k.HolderKey, k.Window)
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// Requests that come at the same time from many terminals are all answered, each
// with a number of its own, in far fewer transactions.
func TestManyAtOnce(t *testing.T) {
	f := newFixture(t)
	const n = 500
	labels := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			k, err := f.Issue(t.Context(), hallID, f.t1, request("a"))
			if err != nil {
				t.Error(err)
			}
			labels[i] = k.Label
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, l := range labels {
		if seen[l] {
			t.Errorf("%s is given out twice", l)
		}
		seen[l] = true
	}
	f.consistent("2026-11-23")
	f.halls[hallID].counter.mu.Lock()
	defer f.halls[hallID].counter.mu.Unlock()
	if c := &f.halls[hallID].counter; c.open && len(c.waiting) > 0 {
		t.Errorf("%d requests still wait", len(c.waiting))
	}
}

// A caller who goes away leaves the others their numbers, and asking again gets
// the one that was given out all the same, or a new one.
func TestCallerGoesAway(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := request("a")
	if _, err := f.Issue(ctx, hallID, f.t1, r); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	again := f.issue(r)
	if again.ID != r.ID || again.Label != "A001" {
		t.Errorf("asked again: %+v", again)
	}
	if k := f.issue(request("a")); k.Label != "A002" {
		t.Errorf("the next one: %s", k.Label)
	}
}

// One request that cannot be stored is refused alone.
func TestOneSpoilsNothing(t *testing.T) {
	f := newFixture(t)
	p := f.halls[hallID]
	good := []*issuing{f.ask(p, f.t1, request("a")), f.ask(p, f.t1, request("a"))}
	bad := f.ask(p, f.t1, request("a"))
	bad.print = nil
	bad.r.Holder = nil
	bad.business = nil // a mistake of the program: it panics
	f.settle(p, []*issuing{good[0], bad, good[1]})
	for i, a := range good {
		<-a.answered
		if want := fmt.Sprintf("A%03d", i+1); a.err != nil || a.answer.Label != want {
			t.Errorf("answered %q, %v; want %s", a.answer.Label, a.err, want)
		}
	}
	<-bad.answered
	wantCode(t, bad.err, centralapi.CodeInternal)
	f.consistent("2026-11-23")
}
