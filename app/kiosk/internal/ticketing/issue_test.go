package ticketing

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
)

// Every way a request can go, in real time of a bubble.
func TestIssue(t *testing.T) {
	own := []centralapi.EventKind{centralapi.TicketTaken}
	given := []centralapi.EventKind(nil)
	abandoned := []centralapi.EventKind{centralapi.TicketAbandoned}
	for name, c := range map[string]struct {
		moods  []mood
		label  string // "" = none
		code   centralapi.Code
		asks   int
		took   time.Duration
		made   int // tickets at the centre
		events []centralapi.EventKind
		state  string
	}{
		"at once":                    {moods: []mood{well}, label: "A001", asks: 1, made: 1, events: given, state: stateIssued},
		"second try":                 {moods: []mood{deafBefore, well}, label: "A001", asks: 2, made: 1, events: given, state: stateIssued},
		"answer lost, found again":   {moods: []mood{lost, well}, label: "A001", asks: 2, made: 1, events: given, state: stateIssued},
		"slow, found again":          {moods: []mood{slowLost, well}, label: "A001", asks: 2, took: 300 * time.Millisecond, made: 1, events: given, state: stateIssued},
		"slow, then at once":         {moods: []mood{slow, well}, label: "A001", asks: 2, took: 300 * time.Millisecond, made: 1, events: given, state: stateIssued},
		"unreachable":                {moods: []mood{deafBefore}, label: "A7-01", asks: 2, events: own, state: stateIssued},
		"both answers lost":          {moods: []mood{lost}, label: "A7-01", asks: 2, made: 1, events: own, state: stateIssued},
		"slow twice":                 {moods: []mood{slow}, label: "A7-01", asks: 2, took: 700 * time.Millisecond, events: own, state: stateIssued},
		"slow twice, processed":      {moods: []mood{slowLost}, label: "A7-01", asks: 2, took: 700 * time.Millisecond, made: 1, events: own, state: stateIssued},
		"heeds no deadline":          {moods: []mood{stubborn}, label: "A7-01", asks: 2, took: 700 * time.Millisecond, events: own, state: stateIssued},
		"internal error twice":       {moods: []mood{code(centralapi.CodeInternal)}, label: "A7-01", asks: 2, events: own, state: stateIssued},
		"internal error, then well":  {moods: []mood{code(centralapi.CodeUnavailable), well}, label: "A001", asks: 2, made: 1, events: given, state: stateIssued},
		"garbage":                    {moods: []mood{garbage}, label: "A7-01", asks: 2, events: own, state: stateIssued},
		"garbage, then well":         {moods: []mood{garbage, well}, label: "A001", asks: 2, made: 1, events: given, state: stateIssued},
		"somebody else's ticket":     {moods: []mood{foreign}, label: "A7-01", asks: 2, events: own, state: stateIssued},
		"token not valid":            {moods: []mood{code(centralapi.CodeUnauthorized)}, label: "A7-01", asks: 1, events: own, state: stateIssued},
		"wrong hall":                 {moods: []mood{code(centralapi.CodeNotFound)}, label: "A7-01", asks: 1, events: own, state: stateIssued},
		"too many requests":          {moods: []mood{code(centralapi.CodeTooMany)}, label: "A7-01", asks: 1, events: own, state: stateIssued},
		"hall closed":                {moods: []mood{code(centralapi.CodeClosed)}, code: centralapi.CodeClosed, asks: 1, events: abandoned, state: stateRefused},
		"business paused":            {moods: []mood{code(centralapi.CodePaused)}, code: centralapi.CodePaused, asks: 1, events: abandoned, state: stateRefused},
		"numbers out":                {moods: []mood{code(centralapi.CodeNumbersOut)}, code: centralapi.CodeNumbersOut, asks: 1, events: abandoned, state: stateRefused},
		"unknown business":           {moods: []mood{code(centralapi.CodeUnknownBusiness)}, code: centralapi.CodeUnknownBusiness, asks: 1, events: abandoned, state: stateRefused},
		"abandoned there":            {moods: []mood{code(centralapi.CodeAbandoned)}, code: centralapi.CodeAbandoned, asks: 1, events: abandoned, state: stateRefused},
		"lost, then closed":          {moods: []mood{deafBefore, code(centralapi.CodeClosed)}, code: centralapi.CodeClosed, asks: 2, events: abandoned, state: stateRefused},
		"this person has one":        {moods: []mood{existing}, label: "A777", asks: 1, events: given, state: stateIssued},
		"slow, this person has one":  {moods: []mood{slow, existing}, label: "A777", asks: 2, took: 300 * time.Millisecond, events: given, state: stateIssued},
		"slow, then token not valid": {moods: []mood{slow, code(centralapi.CodeUnauthorized)}, label: "A7-01", asks: 2, took: 300 * time.Millisecond, events: own, state: stateIssued},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, c.moods...)
				begin := time.Now()
				ticket, err := b.Issue(t.Context(), household)
				if took := time.Since(begin); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				refused, isRefused := errors.AsType[*Refused](err)
				switch {
				case c.code != "" && (!isRefused || refused.Code != c.code || refused.Detail != "一句话"):
					t.Fatalf("got %+v, %v; want a refusal %s", ticket, err, c.code)
				case c.code == "" && err != nil:
					t.Fatal(err)
				}
				if ticket.Label != c.label {
					t.Errorf("label %q, want %q", ticket.Label, c.label)
				}
				if b.centre.asks() != c.asks || b.centre.made() != c.made {
					t.Errorf("%d asks, %d tickets at the centre; want %d and %d", b.centre.asks(), b.centre.made(), c.asks, c.made)
				}
				id := b.centre.asked[0].ID
				for _, r := range b.centre.asked {
					if r.ID != id {
						t.Errorf("two ids for one wish: %s and %s", id, r.ID)
					}
				}
				if u, err := uuid.Parse(id); err != nil || u.Version() != 7 {
					t.Errorf("id %q is no UUIDv7", id)
				}
				events := b.events(t)
				if !slices.Equal(kinds(events), c.events) {
					t.Errorf("events %v, want %v", kinds(events), c.events)
				}
				if state, holder := b.state(t, id); state != c.state || holder {
					t.Errorf("row is %s, holder kept: %v; want %s without", state, holder, c.state)
				}
				if c.label == "A7-01" {
					checkOwn(t, id, ticket, events[0])
				}
				time.Sleep(20 * time.Second) // late answers
				if after := b.events(t); len(after) != len(events) {
					t.Errorf("a late answer changed the events: %v", kinds(after))
				}
				b.Store.Close() // its goroutines belong to the bubble
			})
		})
	}
}

func checkOwn(t *testing.T, id string, ticket Ticket, e centralapi.Event) {
	t.Helper()
	want := Ticket{ID: id, Label: "A7-01", Business: "household", Item: "move-in", Day: today, Ahead: -1, Own: true,
		IssuedAt: newPlace().at, HolderName: "测*员"}
	if ticket != want {
		t.Errorf("ticket %+v\nwant   %+v", ticket, want)
	}
	taken := body[centralapi.TakenTicket](t, e)
	holder := taken.Ticket.Holder
	taken.Ticket.Holder = nil
	wantEvent := centralapi.TakenTicket{Label: "A7-01", Series: "7", Number: 1, Day: today, At: newPlace().at,
		Ticket: centralapi.TicketRequest{ID: id, Business: "household", Item: "move-in", Language: "zh"}}
	if taken != wantEvent || holder == nil || *holder != *household.Holder {
		t.Errorf("event %+v, holder %+v", taken, holder)
	}
}

func TestIssuedByTheCentre(t *testing.T) {
	b := newBench(t, well)
	got, err := b.Issue(t.Context(), household)
	want := Ticket{ID: b.centre.asked[0].ID, Label: "A001", Business: "household", Item: "move-in", Day: today, Ahead: 0,
		IssuedAt: time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC), HolderName: "测*员"}
	if err != nil || got != want {
		t.Errorf("ticket %+v, %v\nwant   %+v", got, err, want)
	}
	r := b.centre.asked[0]
	if r.Business != "household" || r.Item != "move-in" || r.Language != "zh" || *r.Holder != *household.Holder {
		t.Errorf("asked for %+v", r)
	}
	b.centre.be(existing)
	got, err = b.Issue(t.Context(), household)
	want = Ticket{ID: "0190-existing", Label: "A777", Business: "household", Item: "other", Day: today, Ahead: 3, Existing: true,
		IssuedAt: time.Date(2026, 11, 21, 0, 30, 0, 0, time.UTC), HolderName: "测*员"}
	if err != nil || got != want {
		t.Errorf("ticket %+v, %v\nwant   %+v", got, err, want)
	}
	if _, err := b.Issue(t.Context(), Request{Business: "household"}); err == nil {
		t.Error("a request without prefix was accepted")
	}
	if _, err := b.Issue(t.Context(), Request{Business: "household", Prefix: "A"}); err != nil {
		t.Errorf("without identity: %v", err)
	}
}

// The wish is durable before anybody is asked.
func TestWishComesFirst(t *testing.T) {
	b := newBench(t, well)
	state := ""
	b.Desk.config.Centre = centreFunc(func(ctx context.Context, r centralapi.TicketRequest) (centralapi.Ticket, error) {
		state, _ = b.state(t, r.ID)
		return b.centre.process(r)
	})
	if _, err := b.Issue(t.Context(), household); err != nil || state != stateIntent {
		t.Errorf("while the centre was asked the row was %q (%v), want %s", state, err, stateIntent)
	}
}

type centreFunc func(context.Context, centralapi.TicketRequest) (centralapi.Ticket, error)

func (f centreFunc) IssueTicket(ctx context.Context, r centralapi.TicketRequest) (centralapi.Ticket, error) {
	return f(ctx, r)
}

func TestNoSeries(t *testing.T) {
	for name, prepare := range map[string]func(*place){
		"no slot": func(p *place) { p.slot = 0 },
		"no hall": func(p *place) { p.day = "" },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, deafBefore)
			prepare(b.place)
			if _, err := b.Issue(t.Context(), household); !errors.Is(err, ErrNoSeries) {
				t.Fatalf("got %v, want ErrNoSeries", err)
			}
			events := b.events(t)
			if !slices.Equal(kinds(events), []centralapi.EventKind{centralapi.TicketAbandoned}) {
				t.Fatalf("events %v", kinds(events))
			}
			if a := body[centralapi.AbandonedTicket](t, events[0]); a.ID != b.centre.asked[0].ID || a.Reason != "no-series" {
				t.Errorf("event %+v", a)
			}
			b.centre.be(well)
			if ticket, err := b.Issue(t.Context(), household); err != nil || ticket.Label != "A001" {
				t.Errorf("with the centre back: %+v, %v", ticket, err)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, slowLost)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := b.Issue(ctx, household); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if got := kinds(b.events(t)); !slices.Equal(got, []centralapi.EventKind{centralapi.TicketAbandoned}) {
			t.Errorf("events %v", got)
		}
		b.centre.be(well)
		if ticket, err := b.Issue(t.Context(), household); err != nil || ticket.Own {
			t.Errorf("the centre was not asked after a citizen gave up: %+v, %v", ticket, err)
		}
		b.Store.Close()
	})
}

func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, slow)
		first := make(chan Ticket)
		go func() {
			ticket, err := b.Issue(t.Context(), household)
			if err != nil {
				t.Error(err)
			}
			first <- ticket
		}()
		synctest.Wait() // it is asking now
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := b.Issue(ctx, household); !errors.Is(err, context.DeadlineExceeded) || b.centre.asks() != 1 {
			t.Errorf("a second number was begun before the first was there: %v, %d asks", err, b.centre.asks())
		}
		if got := (<-first).Label; got != "A7-01" {
			t.Errorf("first label %q", got)
		}
		if second, err := b.Issue(t.Context(), household); err != nil || second.Label != "A7-02" {
			t.Errorf("second: %+v, %v", second, err)
		}
		b.Store.Close()
	})
}

// After a time-out the centre is left alone for a while, and asked again then.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, slow)
		issue := func(label string, took time.Duration, asks int) {
			t.Helper()
			begin, before := time.Now(), b.centre.asks()
			ticket, err := b.Issue(t.Context(), household)
			if err != nil || ticket.Label != label || time.Since(begin) != took || b.centre.asks()-before != asks {
				t.Errorf("label %q after %v and %d asks, %v; want %q after %v and %d",
					ticket.Label, time.Since(begin), b.centre.asks()-before, err, label, took, asks)
			}
		}
		issue("A7-01", 700*time.Millisecond, 2)
		b.centre.be(well)
		issue("A7-02", 0, 0)
		time.Sleep(5*time.Second - time.Millisecond)
		issue("A7-03", 0, 0)
		time.Sleep(time.Millisecond)
		issue("A001", 0, 1)
		issue("A002", 0, 1)
		b.centre.be(slow)
		issue("A7-04", 700*time.Millisecond, 2)
		time.Sleep(5 * time.Second)
		issue("A7-05", 700*time.Millisecond, 2) // still away: one long wait per pause
		issue("A7-06", 0, 0)
		time.Sleep(5 * time.Second)
		b.centre.be(deafBefore)
		issue("A7-07", 0, 2) // known at once: no pause
		b.centre.be(well)
		issue("A003", 0, 1)
		b.Store.Close()
	})
}
