package nettest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// forever is later than every moment of a history.
const forever = int64(1) << 62

// event is one thing that a terminal or a window was answered. Moments are
// nanoseconds since the history began.
type event struct {
	client      int
	begin, end  int64 // first asked; answered
	kind        string
	label       string // A023, A7-03; "" when nobody was waiting
	ticket      string // id, where it is known
	undisclosed bool   // given, but nobody was told of it (see numbersNobodyWasTold)
}

// The kinds of events.
const (
	took   = "took"   // a number was taken
	called = "called" // a window pressed 叫号
)

// history collects events of all workers.
type history struct {
	base time.Time

	mu     sync.Mutex
	events []event
	byID   map[string]string // ticket id → label on paper
	labels map[string]string // label on paper → ticket id
}

func newHistory() *history {
	return &history{base: time.Now(), byID: map[string]string{}, labels: map[string]string{}}
}

func (h *history) now() int64 { return int64(time.Since(h.base)) }

func (h *history) add(e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
	if e.kind == took {
		h.byID[e.ticket], h.labels[e.label] = e.label, e.ticket
	}
}

// holder returns the id of a number that is on somebody's paper.
func (h *history) holder(label string) (id string, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id, ok = h.labels[label]
	return id, ok
}

func (h *history) all() []event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

// series splits a label: A023 is number 23 of series A, A7-03 is number 3 of A7-.
func split(label string) (series string, number int) {
	at := len(label)
	for at > 0 && label[at-1] >= '0' && label[at-1] <= '9' {
		at--
	}
	number, _ = strconv.Atoi(label[at:])
	return label[:at], number
}

// own reports whether a series is a terminal's own.
func own(series string) bool { return strings.HasSuffix(series, "-") }

// hallState is what the model knows of a hall: the last number given in its
// series, and who waits.
type hallState struct {
	last    int
	waiting []int // ascending, never changed in place
}

// hallModel says what a hall without faults answers, for the hall's own series of
// one business that all windows serve.
//
// Numbers are 1, 2, 3 … without gap, in the order of the requests. Who is called
// is the first of those who wait. nobodyTold are numbers that were given, but the
// terminal did not hear of it in time and gave one of its own: until the centre
// learns of that they wait like others, afterwards they are void. The history does
// not say when, so they may be passed over, and then are never called.
func hallModel(nobodyTold map[int]bool) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return hallState{} },
		Equal: func(a, b any) bool {
			x, y := a.(hallState), b.(hallState)
			return x.last == y.last && slices.Equal(x.waiting, y.waiting)
		},
		Step: func(state, input, _ any) (bool, any) {
			s, e := state.(hallState), input.(event)
			_, n := split(e.label)
			switch {
			case e.kind == took:
				return n == s.last+1, hallState{n, append(slices.Clip(s.waiting), n)}
			case e.label == "":
				for _, w := range s.waiting {
					if !nobodyTold[w] {
						return false, s
					}
				}
				return true, hallState{last: s.last}
			}
			for i, w := range s.waiting {
				if w == n {
					return true, hallState{s.last, s.waiting[i+1:]}
				}
				if !nobodyTold[w] {
					return false, s
				}
			}
			return false, s
		},
		DescribeOperation: describe,
	}
}

// ownModel says how the numbers of one terminal's own series are taken and called:
// taken 1, 2, 3 …, each called at most once, in this order. When the centre learns
// of them the history does not say, so that one is not called yet proves nothing.
var ownModel = porcupine.Model{
	Init: func() any { return [2]int{} }, // last taken, last called
	Step: func(state, input, _ any) (bool, any) {
		s, e := state.([2]int), input.(event)
		_, n := split(e.label)
		if e.kind == took {
			return n == s[0]+1, [2]int{n, s[1]}
		}
		return n > s[1] && n <= s[0], [2]int{s[0], n}
	},
	DescribeOperation: describe,
}

func describe(input, _ any) string {
	e := input.(event)
	return fmt.Sprintf("%s %s", e.kind, cmp.Or(e.label, "nobody"))
}

// numbersNobodyWasTold completes a history with numbers of the hall's series that
// were given to a terminal which did not hear of it. lasts are the last numbers
// of the hall's series by prefix, from the centre's account of the day.
func numbersNobodyWasTold(events []event, lasts map[string]int) []event {
	known := map[string]bool{}
	for _, e := range events {
		if e.kind == took {
			known[e.label] = true
		}
	}
	for prefix, last := range lasts {
		for n := 1; n <= last; n++ {
			label := fmt.Sprintf("%s%03d", prefix, n)
			if !known[label] {
				// When the request got through is not known.
				events = append(events, event{client: 1000 + n, end: forever, kind: took, label: label, undisclosed: true})
			}
		}
	}
	return events
}

// anomalies says what in a history no hall without faults can have answered.
// "Nobody waits" says something about the hall's own series only.
func anomalies(events []event) (found []string) {
	bySeries := map[string][]event{}
	calls := map[string]int{}
	for _, e := range events {
		if e.label == "" {
			continue
		}
		series, _ := split(e.label)
		bySeries[series] = append(bySeries[series], e)
		if e.kind == called {
			if calls[e.label]++; calls[e.label] == 2 {
				found = append(found, e.label+" was called twice")
			}
		}
	}
	for _, e := range events {
		if e.label == "" {
			for series := range bySeries {
				if !own(series) {
					bySeries[series] = append(bySeries[series], e)
				}
			}
		}
	}
	for _, series := range slices.Sorted(maps.Keys(bySeries)) {
		nobodyTold := map[int]bool{}
		var ops []porcupine.Operation
		for _, e := range bySeries[series] {
			if _, n := split(e.label); e.undisclosed {
				nobodyTold[n] = true
			}
			ops = append(ops, porcupine.Operation{ClientId: e.client, Input: e, Call: e.begin, Return: e.end})
		}
		model := hallModel(nobodyTold)
		if own(series) {
			model = ownModel
		}
		switch result := porcupine.CheckOperationsTimeout(model, ops, 20*time.Second); result {
		case porcupine.Ok:
		case porcupine.Illegal:
			found = append(found, fmt.Sprintf("series %s: no order of the requests explains the answers:\n%s", series, listing(bySeries[series])))
		default:
			found = append(found, fmt.Sprintf("series %s: %d operations could not be decided in time", series, len(ops)))
		}
	}
	return found
}

// listing writes a history for people.
func listing(events []event) string {
	events = slices.SortedFunc(slices.Values(events), func(a, b event) int { return cmp.Compare(a.begin, b.begin) })
	var b strings.Builder
	for _, e := range events {
		end := "?"
		if e.end != forever {
			end = fmt.Sprintf("%.1f", float64(e.end)/1e6)
		}
		note := ""
		if e.undisclosed {
			note = " (nobody was told)"
		}
		fmt.Fprintf(&b, "  %9.1f – %9s ms  client %d %s %s%s\n", float64(e.begin)/1e6, end, e.client, e.kind, cmp.Or(e.label, "nobody"), note)
	}
	return b.String()
}

// history in words: "took A001 0–1", where ? is an end nobody knows.
func words(t *testing.T, lines ...string) (events []event) {
	t.Helper()
	for i, line := range lines {
		f := strings.Fields(line)
		begin, end, _ := strings.Cut(f[2], "–")
		b, err := strconv.ParseInt(begin, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		e := event{client: i, begin: b, end: forever, kind: f[0], label: strings.TrimPrefix(f[1], "nobody"), undisclosed: end == "?"}
		if end != "?" {
			if e.end, err = strconv.ParseInt(end, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		events = append(events, e)
	}
	return events
}

// The check accepts what a hall may answer and refuses what it must not: a test
// that finds nothing must be able to find something.
func TestHistoryControls(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lines []string
		right bool
	}{
		{"one after the other", []string{"took A001 0–1", "took A002 2–3", "called A001 4–5", "called A002 6–7", "called nobody 8–9"}, true},
		{"overlapping requests in either order", []string{"took A002 0–5", "took A001 1–6", "called A002 7–10", "called A001 8–9"}, true},
		{"nobody, asked while the first was given", []string{"took A001 0–5", "called nobody 1–4", "called A001 6–7"}, true},
		{"a number nobody was told of is passed over", []string{"took A001 0–?", "took A002 2–3", "called A002 4–5", "called nobody 6–7"}, true},
		{"or is called", []string{"took A001 0–?", "took A002 2–3", "called A001 4–5", "called A002 6–7"}, true},
		{"a terminal's own numbers", []string{"took A7-01 0–1", "took A7-02 2–3", "called A7-01 4–5", "called A7-02 4–5"}, true},
		{"known to the centre late", []string{"took A7-01 0–1", "called nobody 2–3", "called A7-01 4–5"}, true},

		{"the same number twice", []string{"took A001 0–1", "took A001 2–3"}, false},
		{"a gap", []string{"took A001 0–1", "took A003 2–3"}, false},
		{"numbers backwards", []string{"took A002 0–1", "took A001 2–3"}, false},
		{"called twice, one after the other", []string{"took A001 0–1", "called A001 2–3", "called A001 4–5"}, false},
		{"called by two windows together", []string{"took A001 0–1", "called A001 2–5", "called A001 3–4"}, false},
		{"called out of turn", []string{"took A001 0–1", "took A002 2–3", "called A002 4–5", "called A001 6–7"}, false},
		{"called before it was given", []string{"called A001 0–1", "took A001 2–3"}, false},
		{"nobody, while somebody waits", []string{"took A001 0–1", "called nobody 2–3", "called A001 4–5"}, false},
		{"somebody passed over is called after all", []string{"took A001 0–?", "took A002 2–3", "called A002 4–5", "called A001 6–7"}, false},
		{"a terminal's own number twice", []string{"took A7-01 0–1", "took A7-01 2–3"}, false},
		{"a terminal's own number called twice", []string{"took A7-01 0–1", "called A7-01 2–3", "called A7-01 4–5"}, false},
		{"a terminal's own numbers called backwards", []string{"took A7-01 0–1", "took A7-02 0–1", "called A7-02 2–3", "called A7-01 4–5"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if found := anomalies(words(t, tc.lines...)); (len(found) == 0) != tc.right {
				t.Errorf("found %q", found)
			}
		})
	}
}
