package queue

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

func TestIssueNumbers(t *testing.T) {
	f := newFixture(t)
	for i, want := range []struct {
		business, label string
		ahead           int
	}{{"a", "A001", 0}, {"a", "A002", 1}, {"b", "B001", 0}, {"a", "A003", 2}, {"c", "C001", 0}} {
		k := f.issue(request(want.business))
		if k.Label != want.label || k.Ahead != want.ahead || k.State != centralapi.Issued || k.Day != "2026-11-23" || k.Terminal != f.t1.ID {
			t.Errorf("ticket %d: %+v, want %s with %d ahead", i, k, want.label, want.ahead)
		}
	}
	// A new business day begins at three in the morning, and with it the numbers.
	f.clock.set(morning.AddDate(0, 0, 1))
	if k := f.issue(request("a")); k.Label != "A001" || k.Day != "2026-11-24" || k.Ahead != 0 {
		t.Errorf("first ticket of the next day: %+v", k)
	}
	f.consistent("2026-11-23")
	f.consistent("2026-11-24")
}

func TestNumbersWidenAndNeverWrap(t *testing.T) {
	f := newFixture(t)
	var labels []string
	for n := range 1001 {
		if k := f.issue(request("b")); n >= 998 {
			labels = append(labels, k.Label)
		}
	}
	if want := []string{"B999", "B1000", "B1001"}; !slices.Equal(labels, want) {
		t.Errorf("labels %v, want %v", labels, want)
	}
}

func TestIssueIsIdempotent(t *testing.T) {
	f := newFixture(t)
	r := request("a")
	r.Holder = person(1)
	first := f.issue(r)
	f.issue(request("a"))

	again, err := f.Issue(t.Context(), hallID, f.t1, r)
	if err != nil || again != first {
		t.Errorf("same request: %+v, %v; want %+v", again, err, first)
	}
	// Whatever the hour, and in the state the ticket is in by then.
	f.call("w1")
	f.clock.set(morning.Add(12 * time.Hour))
	again, err = f.Issue(t.Context(), hallID, f.t1, r)
	if err != nil || again.Label != first.Label || again.State != centralapi.Called || again.Existing {
		t.Errorf("same request after hours: %+v, %v", again, err)
	}

	f.clock.set(morning)
	other := r
	other.Business = "b"
	_, err = f.Issue(t.Context(), hallID, f.t1, other)
	wantCode(t, err, centralapi.CodeIDReused)
	other = r
	other.Holder = nil
	_, err = f.Issue(t.Context(), hallID, f.t1, other)
	wantCode(t, err, centralapi.CodeIDReused)
	_, err = f.Issue(t.Context(), hallID, f.t2, r)
	wantCode(t, err, centralapi.CodeIDReused)
	if n := f.counts()["ticket"]; n != 2 {
		t.Errorf("%d tickets, want 2", n)
	}
}

func TestOneLiveTicketPerPersonAndBusiness(t *testing.T) {
	f := newFixture(t)
	r1, r2, r3 := request("a"), request("a"), request("b")
	r1.Holder, r2.Holder, r3.Holder = person(1), person(1), person(1)
	first := f.issue(r1)
	f.issue(request("a"))

	second := f.issue(r2)
	if !second.Existing || second.ID != first.ID || second.Label != first.Label || second.Ahead != 0 {
		t.Errorf("second request of the same person: %+v, want existing %s", second, first.Label)
	}
	if k := f.issue(r3); k.Existing || k.Label != "B001" {
		t.Errorf("same person, other business: %+v", k)
	}
	anybody := request("a")
	anybody.Holder = person(2)
	if k := f.issue(anybody); k.Existing {
		t.Errorf("another person: %+v", k)
	}

	// The answer to r2 stays the same after the ticket has ended; a new request
	// gets a new number then.
	f.call("w1")
	if _, err := f.Finish(t.Context(), hallID, "w1", first.ID); err != nil {
		t.Fatal(err)
	}
	if k := f.issue(r2); !k.Existing || k.ID != first.ID || k.State != centralapi.Finished {
		t.Errorf("r2 repeated after the end: %+v", k)
	}
	r4 := request("a")
	r4.Holder = person(1)
	if k := f.issue(r4); k.Existing || k.Label != "A004" {
		t.Errorf("same person after the end: %+v", k)
	}
	// r2's id is used up: with other content it is refused.
	r2.Item, r2.Language = "", "en"
	_, err := f.Issue(t.Context(), hallID, f.t1, r2)
	wantCode(t, err, centralapi.CodeIDReused)
	f.consistent("2026-11-23")
}

func TestIssueRefused(t *testing.T) {
	f := newFixture(t)
	with := func(change func(*centralapi.TicketRequest)) centralapi.TicketRequest {
		r := request("a")
		r.Holder = person(1)
		change(&r)
		return r
	}
	none := func(*centralapi.TicketRequest) {}
	tests := []struct {
		name string
		at   time.Time
		r    centralapi.TicketRequest
		want centralapi.Code
	}{
		{"before opening", morning.Add(-2 * time.Hour), with(none), centralapi.CodeClosed},
		{"after closing", morning.Add(7 * time.Hour), with(none), centralapi.CodeClosed},
		{"business with its own hours", morning.Add(3 * time.Hour), with(func(r *centralapi.TicketRequest) { r.Business = "c" }), centralapi.CodeClosed},
		{"unknown business", morning, with(func(r *centralapi.TicketRequest) { r.Business = "z" }), centralapi.CodeUnknownBusiness},
		{"item of another business", morning, with(func(r *centralapi.TicketRequest) { r.Item = "c1" }), centralapi.CodeInvalid},
		{"no id", morning, with(func(r *centralapi.TicketRequest) { r.ID = "" }), centralapi.CodeInvalid},
		{"id in capitals", morning, with(func(r *centralapi.TicketRequest) { r.ID = "0193A000-0000-7000-8000-00000000000A" }), centralapi.CodeInvalid},
		{"language", morning, with(func(r *centralapi.TicketRequest) { r.Language = "de" }), centralapi.CodeInvalid},
		{"holder key", morning, with(func(r *centralapi.TicketRequest) { r.Holder.Key = "abc" }), centralapi.CodeInvalid},
		{"whole number", morning, with(func(r *centralapi.TicketRequest) { r.Holder.Number = "11010519491231002X" }), centralapi.CodeInvalid},
		{"half-masked number", morning, with(func(r *centralapi.TicketRequest) { r.Holder.Number = "1101051949*******X" }), centralapi.CodeInvalid},
		{"whole name", morning, with(func(r *centralapi.TicketRequest) { r.Holder.Name = "测试员" }), centralapi.CodeInvalid},
		{"source", morning, with(func(r *centralapi.TicketRequest) { r.Holder.Source = "face" }), centralapi.CodeInvalid},
	}
	before := f.counts()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f.clock.set(tt.at)
			_, err := f.Issue(t.Context(), hallID, f.t1, tt.r)
			wantCode(t, err, tt.want)
			if err != nil && strings.Contains(err.Error(), "11010519491231002X") {
				t.Error("the error holds a whole number")
			}
		})
	}
	f.clock.set(morning)
	if _, err := f.Issue(t.Context(), "elsewhere", f.t1, request("a")); !centralapi.HasCode(err, centralapi.CodeNotFound) {
		t.Errorf("unknown hall: %v", err)
	}
	if err := f.SetPaused(t.Context(), hallID, "a", true); err != nil {
		t.Fatal(err)
	}
	before["hall_log"]++ // the pause is told
	_, err := f.Issue(t.Context(), hallID, f.t1, request("a"))
	wantCode(t, err, centralapi.CodePaused)
	if after := f.counts(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("rows %v, before the refused requests %v", after, before)
	}
	if err := f.SetPaused(t.Context(), hallID, "a", false); err != nil {
		t.Fatal(err)
	}
	// No refused request has used a number up.
	if k := f.issue(request("a")); k.Label != "A001" {
		t.Errorf("first ticket after the refusals: %s", k.Label)
	}
}

// Sixty-four terminals at once, each repeating its request: no gap, no number
// twice, every repeat answered alike.
func TestConcurrentIssueIsGapFree(t *testing.T) {
	f := newFixture(t)
	const clients, each = 64, 5
	var mu sync.Mutex
	labels := map[string]string{} // label -> id
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for range each {
				r := request([]string{"a", "b"}[c%2])
				var first centralapi.Ticket
				for try := range 3 {
					k, err := f.Issue(t.Context(), hallID, f.t1, r)
					if err != nil {
						t.Error(err)
						return
					}
					if try == 0 {
						first = k
					} else if k.Label != first.Label {
						t.Errorf("request %s answered with %s and %s", r.ID, first.Label, k.Label)
					}
				}
				mu.Lock()
				if other, ok := labels[first.Label]; ok {
					t.Errorf("%s went to %s and %s", first.Label, other, r.ID)
				}
				labels[first.Label] = r.ID
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, prefix := range []string{"A", "B"} {
		for n := 1; n <= clients*each/2; n++ {
			if label := centralapi.Label(prefix, "", n); labels[label] == "" {
				t.Errorf("%s is missing", label)
			}
		}
	}
	f.consistent("2026-11-23")
}

func TestRestartKeepsEverything(t *testing.T) {
	f := newFixture(t)
	token, _, err := f.EnrolTerminal(t.Context(), hallID, "三号机")
	if err != nil {
		t.Fatal(err)
	}
	session, err := f.Login(t.Context(), hallID, "w1", testPIN)
	if err != nil {
		t.Fatal(err)
	}
	r := request("a")
	first := f.issue(r)
	f.issue(request("a"))
	f.call("w1")
	f.deliver(f.t1, f.event(f.t1, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"}))
	if err := f.SetPaused(t.Context(), hallID, "b", true); err != nil {
		t.Fatal(err)
	}
	board, _ := f.Board(t.Context(), hallID)
	console, _ := f.Console(t.Context(), hallID, "w1")

	f.restart()

	if again, err := f.Board(t.Context(), hallID); err != nil || fmt.Sprint(again) != fmt.Sprint(board) || len(board.Calls) != 1 {
		t.Errorf("board %+v, %v; before %+v", again, err, board)
	}
	if again, err := f.Console(t.Context(), hallID, "w1"); err != nil || fmt.Sprint(*again.Current) != fmt.Sprint(*console.Current) || len(again.Help) != 1 || len(again.Waiting) != 1 {
		t.Errorf("console %+v, %v; before %+v", again, err, console)
	}
	if w, err := f.WindowOf(t.Context(), hallID, session.Token); err != nil || w != "w1" {
		t.Errorf("session: %q, %v", w, err)
	}
	third, err := f.TerminalOf(t.Context(), hallID, token)
	if err != nil || third.Slot != 3 {
		t.Errorf("terminal: %+v, %v", third, err)
	}
	if got, err := f.TerminalOf(t.Context(), hallID, token); err != nil || got.HolderSecret != f.t1.HolderSecret {
		t.Errorf("the hall's secret has changed: %v", err)
	}
	if k, err := f.Issue(t.Context(), hallID, f.t1, r); err != nil || k.Label != first.Label || k.State != centralapi.Called {
		t.Errorf("repeated request: %+v, %v", k, err)
	}
	if k := f.issue(request("a")); k.Label != "A003" {
		t.Errorf("next number %s, want A003", k.Label)
	}
	_, err = f.Issue(t.Context(), hallID, f.t1, request("b"))
	wantCode(t, err, centralapi.CodePaused)
	if _, fourth, err := f.EnrolTerminal(t.Context(), hallID, "四号机"); err != nil || fourth.Slot != 4 {
		t.Errorf("next slot: %+v, %v", fourth, err)
	}
}
