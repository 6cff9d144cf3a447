package queue

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/postgrestest"
)

// modelTicket is a ticket as the simple model of a hall knows it.
type modelTicket struct {
	id, label, business string
	state               centralapi.TicketState
	window              string
	only                string // window that alone may call it
	classed             bool
	place               []int64 // when it was taken; of one that came back, whose place it is behind and when
	back                bool
	called              int // which call of the day was its first; 0 = none
}

// model is a hall with a list of people and the rules as staff are told them.
type model struct {
	run, behind int
	serves      map[string][]string // window -> businesses
	people      []*modelTicket
	passed      map[string]int // line -> classed calls over the heads of its ordinary ones
	calls       int

	// For the bounds, counted apart from the rule.
	streak map[string]int // line -> classed calls by its windows while ordinary ones wait in it
	turns  map[string]int // window -> classed calls by windows that share a line with it, since its last ordinary one
}

func (k *modelTicket) line() string {
	if k.only != "" {
		return store.WindowLine(k.only)
	}
	return k.business
}

func (m *model) lines(window string) []string {
	return append(slices.Clone(m.serves[window]), store.WindowLine(window))
}

// waiting are those in some lines of one kind, the first place first.
func (m *model) waiting(lines []string, classed bool) (out []*modelTicket) {
	for _, k := range m.people {
		if k.state == centralapi.Issued && k.classed == classed && slices.Contains(lines, k.line()) {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b *modelTicket) int { return slices.Compare(a.place, b.place) })
	return out
}

// next is whom a window calls.
func (m *model) next(window string) (next *modelTicket, ordinaryTurn bool) {
	lines := m.lines(window)
	ordinary, classed := m.waiting(lines, false), m.waiting(lines, true)
	due := false
	for _, k := range ordinary {
		due = due || m.passed[k.line()] >= m.run
	}
	switch {
	case len(ordinary) > 0 && (due || len(classed) == 0):
		return ordinary[0], len(classed) > 0
	case len(classed) > 0:
		return classed[0], false
	}
	return nil, false
}

// call is what the model makes of a call; it returns which bound is broken.
func (m *model) call(k *modelTicket, window string, turn bool) (broken string) {
	lines := m.lines(window)
	over := map[string]bool{} // lines in which ordinary ones wait
	for _, o := range m.waiting(lines, false) {
		over[o.line()] = true
	}
	if k.classed {
		for line := range over {
			m.passed[line]++
			if m.streak[line]++; m.streak[line] > m.run {
				broken = fmt.Sprintf("%d tickets of a class in a row over the heads of line %s", m.streak[line], line)
			}
		}
		for other := range m.serves {
			if slices.ContainsFunc(m.lines(other), func(l string) bool { return slices.Contains(lines, l) }) {
				m.turns[other]++
			}
		}
	} else {
		for _, line := range lines {
			m.passed[line], m.streak[line] = 0, 0
		}
		if turn && m.turns[window] < m.run {
			broken = fmt.Sprintf("an ordinary ticket was called after %d of a class, though one of these waited", m.turns[window])
		}
		m.turns[window] = 0
	}
	k.state, k.window = centralapi.Called, window
	if m.calls++; k.called == 0 {
		k.called = m.calls
	}
	return broken
}

// upcoming is whom a window would call if it were alone and nobody came.
func (m *model) upcoming(window string) (labels []string) {
	alone := model{run: m.run, behind: m.behind, serves: map[string][]string{window: m.serves[window]}, passed: maps.Clone(m.passed), streak: map[string]int{}, turns: map[string]int{}}
	for _, k := range m.people {
		own := *k
		alone.people = append(alone.people, &own)
	}
	for {
		k, turn := alone.next(window)
		if k == nil {
			return labels
		}
		alone.call(k, window, turn)
		labels = append(labels, k.label)
	}
}

func (m *model) at(window string, states ...centralapi.TicketState) (out []*modelTicket) {
	for _, k := range m.people {
		if k.window == window && slices.Contains(states, k.state) {
			out = append(out, k)
		}
	}
	return out
}

func (m *model) is(states ...centralapi.TicketState) (out []*modelTicket) {
	for _, k := range m.people {
		if slices.Contains(states, k.state) {
			out = append(out, k)
		}
	}
	return out
}

// TestRandomSchedules lets several windows work in any order and compares each answer
// with the model's, checks the bounds of waiting, and that the ledger says the same.
func TestRandomSchedules(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { randomSchedules(t, "", 1000) })
	t.Run("postgres", func(t *testing.T) { randomSchedules(t, postgrestest.Start(t), 15) })
}

func randomSchedules(t *testing.T, url string, most int) {
	h := ruled().AlwaysOpen()
	h.Queue.PriorityRun, h.Queue.ComeBackBehind = 2, 2
	f := newFixtureOn(t, h, url)
	p := f.halls[hallID]
	days, called, why := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		if days++; days > most {
			return
		}
		f.clock.add(24 * time.Hour) // a hall without anybody
		day := p.today(f.clock.now())
		m := &model{run: 2, behind: 2, serves: map[string][]string{}, passed: map[string]int{}, streak: map[string]int{}, turns: map[string]int{}}
		windows := []string{"w1", "w2", "w3"}
		for _, w := range windows {
			for _, b := range p.BusinessesOf(w) {
				m.serves[w] = append(m.serves[w], b.ID)
			}
		}
		for range rapid.IntRange(20, 80).Draw(rt, "steps") {
			f.clock.add(time.Second)
			window := rapid.SampledFrom(windows).Draw(rt, "window")
			what := rapid.SampledFrom([]string{"take", "take", "take", "call", "call", "call", "end", "end", "end", "hold", "resume", "return", "transfer", "miss", "back", "class", "close"}).Draw(rt, "what")
			switch what {
			case "take":
				m.take(rt, f)
			case "call":
				want, turn := m.next(window)
				got, ok, err := f.CallNext(t.Context(), hallID, window)
				if len(m.at(window, centralapi.Called, centralapi.Started)) > 0 {
					if err == nil {
						rt.Fatalf("%s has two", window)
					}
					continue
				}
				if err != nil || ok != (want != nil) || ok && got.ID != want.id {
					rt.Fatalf("%s called %s, %v, %v; the model says %+v", window, got.Label, ok, err, want)
				}
				if ok {
					called++
					if broken := m.call(want, window, turn); broken != "" {
						rt.Fatal(broken)
					}
				}
			default:
				m.act(rt, f, window, what)
			}
		}
		m.same(rt, f, day)
		// Why never says another order than there was.
		for range 6 {
			if len(m.people) < 2 {
				break
			}
			a, b := rapid.SampledFrom(m.people).Draw(rt, "first"), rapid.SampledFrom(m.people).Draw(rt, "second")
			if a == b {
				continue
			}
			sentence, err := f.Why(t.Context(), hallID, a.id, b.id)
			if err != nil || strings.Count(sentence, "。") != 1 || !strings.HasSuffix(sentence, "。") {
				rt.Fatalf("%q, %v", sentence, err)
			}
			first := a.called > 0 && (b.called == 0 || a.called < b.called)
			switch {
			case first && (!strings.HasPrefix(sentence, a.label+" 在 ") || strings.Contains(sentence, "并没有先叫")),
				!first && b.called > 0 && !strings.HasPrefix(sentence, a.label+" 并没有先叫："),
				a.called == 0 && b.called == 0 && !strings.HasSuffix(sentence, "都还没有叫到。"):
				rt.Fatalf("first call %d and %d: %s", a.called, b.called, sentence)
			}
			why++
		}
	})
	if ran := min(days, most); called < ran || why < ran {
		t.Errorf("only %d calls and %d questions", called, why)
	}
	f.rebuilt()
}

func (m *model) take(rt *rapid.T, f *fixture) {
	k := &modelTicket{business: rapid.SampledFrom([]string{"a", "a", "b", "c"}).Draw(rt, "business"), state: centralapi.Issued}
	r := request(k.business)
	if k.business != "c" && rapid.Bool().Draw(rt, "classed") {
		r, k.classed = classed(k.business, centralapi.Priority), true
	}
	want := len(m.waiting([]string{k.line()}, false)) + len(m.waiting([]string{k.line()}, true))
	got, err := f.Issue(rt.Context(), hallID, f.t1, r)
	if err != nil || !k.classed && got.Ahead < want {
		rt.Fatalf("%+v, %v; %d wait", got, err, want)
	}
	k.id, k.label, k.place = r.ID, got.Label, []int64{got.IssuedAt.UnixMicro()}
	m.people = append(m.people, k)
}

// act does something with somebody, when there is somebody to do it with.
func (m *model) act(rt *rapid.T, f *fixture, window, what string) {
	ctx := rt.Context()
	fail := func(err error) {
		if err != nil {
			rt.Fatalf("%s at %s: %v", what, window, err)
		}
	}
	pick := func(of []*modelTicket) *modelTicket {
		if len(of) == 0 {
			return nil
		}
		return rapid.SampledFrom(of).Draw(rt, "who")
	}
	uncall := func(k *modelTicket) { k.state, k.window = centralapi.Issued, "" }
	hand := []centralapi.TicketState{centralapi.Called, centralapi.Started, centralapi.Held}
	switch what {
	case "end":
		k := pick(m.at(window, centralapi.Called, centralapi.Started))
		if k == nil {
			return
		}
		if k.state == centralapi.Called && rapid.Bool().Draw(rt, "start") {
			_, err := f.Start(ctx, hallID, window, k.id)
			fail(err)
			k.state = centralapi.Started
			return
		}
		_, err := f.Finish(ctx, hallID, window, k.id)
		fail(err)
		k.state = centralapi.Finished
	case "miss":
		if k := pick(m.at(window, centralapi.Called)); k != nil {
			_, err := f.NoShow(ctx, hallID, window, k.id)
			fail(err)
			k.state = centralapi.NoShow
		}
	case "hold":
		if k := pick(m.at(window, centralapi.Called, centralapi.Started)); k != nil {
			_, err := f.Hold(ctx, hallID, window, k.id)
			if full := len(m.at(window, centralapi.Held)) >= maxHeld; full != (err != nil) {
				rt.Fatalf("hold: %v, %d held", err, len(m.at(window, centralapi.Held)))
			} else if !full {
				k.state = centralapi.Held
			}
		}
	case "resume":
		if k := pick(m.at(window, centralapi.Held)); k != nil {
			_, err := f.Resume(ctx, hallID, window, k.id)
			if busy := len(m.at(window, centralapi.Called, centralapi.Started)) > 0; busy != (err != nil) {
				rt.Fatalf("resume: %v, busy %v", err, busy)
			} else if !busy {
				k.state = centralapi.Called
			}
		}
	case "return":
		if k := pick(m.at(window, hand...)); k != nil {
			_, err := f.Return(ctx, hallID, window, k.id)
			fail(err)
			uncall(k)
		}
	case "transfer":
		k := pick(m.at(window, hand...))
		if k == nil {
			return
		}
		to := TransferTo{Business: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "to business"), Window: rapid.SampledFrom([]string{"", "w1", "w2", "w3"}).Draw(rt, "to window")}
		same := to.Business == "" || to.Business == k.business
		nowhere := to == TransferTo{} || to.Window == window && same || to.Window == "" && same && k.only == ""
		var err error
		if rapid.Bool().Draw(rt, "wrong") {
			if to == (TransferTo{}) {
				return
			}
			_, err = f.WrongMatter(ctx, hallID, window, k.id, to, "取错了")
		} else {
			_, err = f.Transfer(ctx, hallID, window, k.id, to)
		}
		if nowhere != (err != nil) {
			rt.Fatalf("transfer of %+v to %+v: %v", k, to, err)
		}
		if !nowhere {
			uncall(k)
			k.business, k.only = cmp.Or(to.Business, k.business), to.Window
		}
	case "back":
		k := pick(m.is(centralapi.NoShow))
		if k == nil {
			return
		}
		_, err := f.Reenter(ctx, hallID, window, k.id)
		lines := m.lines(window)
		may := !k.back && (slices.Contains(lines, k.line()) || slices.Contains(lines, k.business))
		if may != (err == nil) {
			rt.Fatalf("back of %+v: %v", k, err)
		}
		if may {
			before := m.waiting([]string{k.line()}, k.classed)
			now := f.clock.now().UnixMicro()
			k.place = []int64{k.place[0], now}
			if n := min(m.behind, len(before)); n > 0 {
				k.place = []int64{before[n-1].place[0], now}
			}
			k.back = true
			uncall(k)
		}
	case "class":
		k := pick(m.is(centralapi.Issued))
		if k == nil {
			return
		}
		class := rapid.SampledFrom([]centralapi.TicketClass{"", centralapi.Priority, centralapi.Appointment}).Draw(rt, "class")
		_, err := f.Prioritise(ctx, hallID, window, k.id, class, "急事")
		if may := slices.Contains(m.lines(window), k.line()); may != (err == nil) {
			rt.Fatalf("class of %+v: %v", k, err)
		} else if may {
			k.classed = class != ""
		}
	case "close":
		fail(f.CloseWindow(ctx, hallID, manager, window, "停电"))
		fail(f.OpenWindow(ctx, hallID, manager, window))
		for _, k := range m.people {
			if k.window == window && k.state == centralapi.Held {
				uncall(k)
			}
			if k.only == window && k.state == centralapi.Issued {
				k.only = ""
			}
		}
	}
}

// same compares everybody, and what consoles show, with the database.
func (m *model) same(rt *rapid.T, f *fixture, day string) {
	for _, k := range m.people {
		got := f.row(k.id)
		if got.State != k.state || k.state != centralapi.Issued && got.Window != k.window || got.Business != k.business || got.Line != k.line() || (got.Class != "") != k.classed {
			rt.Fatalf("%+v, the model says %+v", got, k)
		}
	}
	for window := range m.serves {
		c, err := f.Console(rt.Context(), hallID, window)
		if err != nil {
			rt.Fatal(err)
		}
		at := m.at(window, centralapi.Called, centralapi.Started)
		if len(at) > 1 || (c.Current != nil) != (len(at) == 1) || c.Current != nil && c.Current.ID != at[0].id || len(c.Held) != len(m.at(window, centralapi.Held)) {
			rt.Fatalf("%s shows %+v and %d held, the model has %+v", window, c.Current, len(c.Held), at)
		}
		var shown []string
		for _, k := range c.Waiting {
			shown = append(shown, k.Label)
		}
		if want := m.upcoming(window); !slices.Equal(shown, want) {
			rt.Fatalf("%s would call %v, the model %v", window, shown, want)
		}
	}
	f.consistent(day)
}
