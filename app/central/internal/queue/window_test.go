package queue

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// The whole table of what a window may do in which state.
func TestWindowActions(t *testing.T) {
	type act = func(f *fixture, id string) (centralapi.Ticket, error)
	acts := map[string]act{
		"recall": func(f *fixture, id string) (centralapi.Ticket, error) {
			return f.Recall(f.t.Context(), hallID, "w1", id)
		},
		"start": func(f *fixture, id string) (centralapi.Ticket, error) {
			return f.Start(f.t.Context(), hallID, "w1", id)
		},
		"no-show": func(f *fixture, id string) (centralapi.Ticket, error) {
			return f.NoShow(f.t.Context(), hallID, "w1", id)
		},
		"finish": func(f *fixture, id string) (centralapi.Ticket, error) {
			return f.Finish(f.t.Context(), hallID, "w1", id)
		},
	}
	refused := centralapi.TicketState("refused")
	tests := []struct {
		before []string // acts after the call
		act    string
		want   centralapi.TicketState
	}{
		{nil, "recall", centralapi.Called},
		{nil, "start", centralapi.Started},
		{nil, "no-show", centralapi.NoShow},
		{nil, "finish", centralapi.Finished},
		{[]string{"start"}, "recall", refused},
		{[]string{"start"}, "start", centralapi.Started},
		{[]string{"start"}, "no-show", refused},
		{[]string{"start"}, "finish", centralapi.Finished},
		{[]string{"finish"}, "recall", refused},
		{[]string{"finish"}, "start", refused},
		{[]string{"finish"}, "no-show", refused},
		{[]string{"finish"}, "finish", centralapi.Finished},
		{[]string{"no-show"}, "recall", refused},
		{[]string{"no-show"}, "start", refused},
		{[]string{"no-show"}, "no-show", centralapi.NoShow},
		{[]string{"no-show"}, "finish", refused},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.before, tt.act), func(t *testing.T) {
			f := newFixture(t)
			id := f.issue(request("a")).ID
			f.call("w1")
			for _, b := range tt.before {
				if _, err := acts[b](f, id); err != nil {
					t.Fatal(err)
				}
			}
			before, log := f.row(id), len(f.log(id))
			k, err := acts[tt.act](f, id)
			if tt.want == refused {
				wantCode(t, err, centralapi.CodeConflict)
				if after := f.row(id); after.State != before.State || len(f.log(id)) != log {
					t.Errorf("a refused act changed the ticket from %s to %s", before.State, after.State)
				}
				return
			}
			if err != nil || k.State != tt.want || f.row(id).State != tt.want {
				t.Fatalf("%+v, %v; want %s", k, err, tt.want)
			}
			if changed := f.row(id).State != before.State || tt.act == "recall"; changed != (len(f.log(id)) == log+1) {
				t.Errorf("log %v after %s", f.log(id), tt.act)
			}
		})
	}
}

func TestFinishFromCalledImpliesStart(t *testing.T) {
	f := newFixture(t)
	id := f.issue(request("a")).ID
	f.call("w1")
	f.clock.add(time.Minute)
	if _, err := f.Finish(t.Context(), hallID, "w1", id); err != nil {
		t.Fatal(err)
	}
	if k := f.row(id); !k.StartedAt.Equal(f.clock.now()) || !k.EndedAt.Equal(f.clock.now()) {
		t.Errorf("started %v, ended %v", k.StartedAt, k.EndedAt)
	}
	if got, want := f.log(id), []string{"issued", "called", "finished"}; !slices.Equal(got, want) {
		t.Errorf("log %v, want %v", got, want)
	}
}

func TestWindowMayOnlyTouchItsOwnTicket(t *testing.T) {
	f := newFixture(t)
	waiting := f.issue(request("a")).ID
	_, err := f.Finish(t.Context(), hallID, "w1", waiting)
	wantCode(t, err, centralapi.CodeConflict)
	f.call("w1")
	_, err = f.Finish(t.Context(), hallID, "w2", waiting)
	wantCode(t, err, centralapi.CodeConflict)
	_, err = f.Finish(t.Context(), hallID, "w9", waiting)
	wantCode(t, err, centralapi.CodeNotFound)
	_, err = f.Finish(t.Context(), hallID, "w1", newID())
	wantCode(t, err, centralapi.CodeNotFound)
	if k := f.row(waiting); k.State != centralapi.Called {
		t.Errorf("ticket is %s", k.State)
	}
}

func TestCallNext(t *testing.T) {
	f := newFixture(t)
	if _, ok, err := f.CallNext(t.Context(), hallID, "w2"); ok || err != nil {
		t.Fatalf("empty hall: %v, %v", ok, err)
	}
	// w2 serves a and b; c is not its business.
	f.issue(request("c"))
	b1, a1, b2 := f.issue(request("b")), f.issue(request("a")), f.issue(request("b"))
	for i, want := range []centralapi.Ticket{b1, a1, b2} {
		k := f.call("w2")
		if k.ID != want.ID || k.State != centralapi.Called || k.Window != "w2" || k.Calls != 1 || !k.CalledAt.Equal(f.clock.now()) {
			t.Errorf("call %d: %+v, want %s", i, k, want.Label)
		}
		_, _, err := f.CallNext(t.Context(), hallID, "w2")
		wantCode(t, err, centralapi.CodeConflict)
		if i == 1 {
			if _, err := f.Start(t.Context(), hallID, "w2", k.ID); err != nil {
				t.Fatal(err)
			}
			_, _, err := f.CallNext(t.Context(), hallID, "w2")
			wantCode(t, err, centralapi.CodeConflict)
		}
		if _, err := f.Finish(t.Context(), hallID, "w2", k.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, _ := f.CallNext(t.Context(), hallID, "w2"); ok {
		t.Error("a ticket of another business was called")
	}
	_, _, err := f.CallNext(t.Context(), hallID, "w9")
	wantCode(t, err, centralapi.CodeNotFound)
	// Yesterday's tickets are not called, and yesterday's open ticket binds nobody.
	f.call("w3")
	f.clock.set(morning.AddDate(0, 0, 1))
	if _, ok, err := f.CallNext(t.Context(), hallID, "w3"); ok || err != nil {
		t.Errorf("on the next day: %v, %v", ok, err)
	}
}

// 32 windows, 500 tickets: each is called exactly once, and each window gets them
// in the order of the numbers.
func TestConcurrentCalls(t *testing.T) {
	const windows, tickets = 32, 500
	f := newFixtureWith(t, testHall(windows+2)) // w2 and w3 have other businesses
	var issued sync.WaitGroup
	for range 8 {
		issued.Go(func() {
			for range tickets / 8 {
				if _, err := f.Issue(t.Context(), hallID, f.t1, request("a")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	issued.Wait()
	for range tickets % 8 {
		f.issue(request("a"))
	}
	var mu sync.Mutex
	called := map[string]string{}
	var wg sync.WaitGroup
	for n := range windows {
		window := "w1"
		if n > 0 {
			window = fmt.Sprintf("w%d", n+3)
		}
		wg.Go(func() {
			last := ""
			for {
				k, ok, err := f.CallNext(t.Context(), hallID, window)
				if err != nil {
					t.Error(err)
					return
				}
				if !ok {
					return
				}
				if k.Label <= last {
					t.Errorf("window %s called %s after %s", window, k.Label, last)
				}
				last = k.Label
				mu.Lock()
				if other, twice := called[k.ID]; twice {
					t.Errorf("%s was called by %s and %s", k.Label, other, window)
				}
				called[k.ID] = window
				mu.Unlock()
				end := f.Finish
				if strings.HasSuffix(k.Label, "7") {
					end = f.NoShow
				}
				if _, err := end(t.Context(), hallID, window, k.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if len(called) != tickets {
		t.Errorf("%d tickets were called, want %d", len(called), tickets)
	}
	f.consistent("2026-11-23")
}

func TestLogin(t *testing.T) {
	f := newFixture(t)
	s, err := f.Login(t.Context(), hallID, "w1", testPIN)
	if err != nil || len(s.Token) < 43 || !s.Expires.Equal(f.clock.now().Add(12*time.Hour)) {
		t.Fatalf("login: %d characters until %v, %v", len(s.Token), s.Expires, err)
	}
	if w, err := f.WindowOf(t.Context(), hallID, s.Token); err != nil || w != "w1" {
		t.Errorf("window %q, %v", w, err)
	}
	for _, token := range []string{"", "x", s.Token + "x", s.Token[1:]} {
		_, err := f.WindowOf(t.Context(), hallID, token)
		wantCode(t, err, centralapi.CodeUnauthorized)
	}
	status, err := f.Status(t.Context(), hallID)
	if err != nil || !slices.Equal(status.Queues[0].Windows, []string{"w1"}) || len(status.Queues[1].Windows) != 0 {
		t.Errorf("status %+v, %v", status, err)
	}
	f.clock.add(12 * time.Hour)
	_, err = f.WindowOf(t.Context(), hallID, s.Token)
	wantCode(t, err, centralapi.CodeUnauthorized)

	s, err = f.Login(t.Context(), hallID, "w1", testPIN)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Logout(t.Context(), hallID, s.Token); err != nil {
		t.Fatal(err)
	}
	_, err = f.WindowOf(t.Context(), hallID, s.Token)
	wantCode(t, err, centralapi.CodeUnauthorized)
	_, err = f.Login(t.Context(), hallID, "w9", testPIN)
	wantCode(t, err, centralapi.CodeNotFound)
}

func TestLoginLock(t *testing.T) {
	f := newFixture(t)
	try := func(pin string) error {
		_, err := f.Login(t.Context(), hallID, "w1", pin)
		return err
	}
	for range 4 {
		wantCode(t, try("000000"), centralapi.CodeUnauthorized)
	}
	wantCode(t, try("000000"), centralapi.CodeTooMany)
	// Locked: even the right PIN does not help, also after a restart.
	wantCode(t, try(testPIN), centralapi.CodeTooMany)
	f.restart()
	wantCode(t, try(testPIN), centralapi.CodeTooMany)
	if _, err := f.Login(t.Context(), hallID, "w2", testPIN); err != nil {
		t.Errorf("another window: %v", err)
	}
	f.clock.add(61 * time.Second)
	wantCode(t, try("000000"), centralapi.CodeTooMany) // the next wrong one locks at once, for two minutes
	f.clock.add(61 * time.Second)
	wantCode(t, try(testPIN), centralapi.CodeTooMany)
	f.clock.add(61 * time.Second)
	if err := try(testPIN); err != nil {
		t.Fatalf("right PIN after the lock: %v", err)
	}
	for range 4 { // the count begins anew
		wantCode(t, try("000000"), centralapi.CodeUnauthorized)
	}
	if err := try(testPIN); err != nil {
		t.Fatal(err)
	}
}

// Wrong PINs tried at the same time count like those tried one after the other.
func TestParallelGuessesAreCounted(t *testing.T) {
	f := newFixture(t)
	var mu sync.Mutex
	looked := 0
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := f.Login(t.Context(), hallID, "w1", "000000")
			if centralapi.HasCode(err, centralapi.CodeUnauthorized) {
				mu.Lock()
				looked++
				mu.Unlock()
			} else if !centralapi.HasCode(err, centralapi.CodeTooMany) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if looked > 4 {
		t.Errorf("%d guesses were told they are wrong, want at most 4 before the lock", looked)
	}
}

func TestConsoleBoardStatus(t *testing.T) {
	f := newFixture(t)
	var a []centralapi.Ticket
	for range 3 {
		r := request("a")
		r.Holder = person(byte(len(a) + 1))
		a = append(a, f.issue(r))
	}
	f.issue(request("c"))
	f.call("w1")
	f.clock.add(time.Minute)
	if _, err := f.Recall(t.Context(), hallID, "w1", a[0].ID); err != nil {
		t.Fatal(err)
	}
	f.clock.add(time.Minute)
	f.call("w2")
	if _, err := f.NoShow(t.Context(), hallID, "w2", a[1].ID); err != nil {
		t.Fatal(err)
	}

	b, err := f.Board(t.Context(), hallID)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%s@%s×%d %s@%s×%d", b.Calls[0].Label, b.Calls[0].Window, b.Calls[0].Calls, b.Calls[1].Label, b.Calls[1].Window, b.Calls[1].Calls); got != "A002@2×1 A001@1×2" {
		t.Errorf("board calls %s", got)
	}
	if b.Waiting[0].Waiting != 1 || b.Waiting[1].Waiting != 1 || b.Waiting[0].Name != "一区" {
		t.Errorf("board waiting %+v", b.Waiting)
	}

	c, err := f.Console(t.Context(), hallID, "w2")
	if err != nil {
		t.Fatal(err)
	}
	if c.Current != nil || len(c.Waiting) != 1 || c.Waiting[0].ID != a[2].ID || len(c.Done) != 1 || c.Done[0].Ticket.State != centralapi.NoShow {
		t.Errorf("console of w2: %+v", c)
	}
	c, _ = f.Console(t.Context(), hallID, "w1")
	if c.Current == nil || c.Current.ID != a[0].ID || c.Current.HolderName != "测*员" || c.Current.Calls != 2 {
		t.Errorf("console of w1: %+v", c.Current)
	}
	s, err := f.Status(t.Context(), hallID)
	if err != nil || s.BusinessDay != "2026-11-23" || len(s.Queues) != 3 || s.Queues[0].Waiting != 1 || s.Queues[1].Waiting != 0 || s.Queues[2].Waiting != 1 {
		t.Errorf("status %+v, %v", s, err)
	}
}

func TestBoardShowsTheLastTwelve(t *testing.T) {
	f := newFixture(t)
	for range 15 {
		id := f.issue(request("a")).ID
		f.call("w1")
		if _, err := f.Finish(t.Context(), hallID, "w1", id); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.Board(t.Context(), hallID)
	if err != nil || len(b.Calls) != 12 || b.Calls[0].Label != "A015" || b.Calls[11].Label != "A004" {
		t.Errorf("board %+v, %v", b.Calls, err)
	}
}

func TestChangesArePublished(t *testing.T) {
	f := newFixture(t)
	cursor := func() (n int64) {
		t.Helper()
		if err := f.store.Read(t.Context(), func(tx *store.Tx) (err error) { n, err = tx.Cursor(hallID); return err }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	changes, cancel := f.Subscribe(hallID)
	defer cancel()
	// told waits until listeners have been told of everything there is.
	told := func(what string) {
		t.Helper()
		late := time.After(10 * time.Second)
		for want := cursor(); ; {
			select {
			case n := <-changes:
				if n > want {
					t.Errorf("%s: told of line %d of %d", what, n, want)
				}
				if n >= want {
					return
				}
			case <-late:
				t.Fatalf("%s was not published", what)
			}
		}
	}
	told("what was there before")
	r := request("a")
	for _, act := range []struct {
		name string
		do   func() error
	}{
		{"issue", func() error { _, err := f.Issue(t.Context(), hallID, f.t1, r); return err }},
		{"pause", func() error { return f.SetPaused(t.Context(), hallID, "b", true) }},
		{"event", func() error {
			_, err := f.Deliver(t.Context(), hallID, f.t1, batch(f.t1, f.event(f.t1, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"})))
			return err
		}},
	} {
		before := cursor()
		if err := act.do(); err != nil {
			t.Fatal(err)
		}
		if n := cursor(); n != before+1 {
			t.Errorf("%s: the cursor goes from %d to %d", act.name, before, n)
		}
		told(act.name)
	}
	before := cursor()
	if _, err := f.Issue(t.Context(), hallID, f.t1, request("z")); err == nil {
		t.Fatal("issued")
	}
	if n := cursor(); n != before {
		t.Errorf("a refused request has moved the cursor from %d to %d", before, n)
	}
}
