package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// numbers are enough for every fault to strike some times, however slow the
// machine is.
const numbers = 500

func verifyFake(t *testing.T, fault string) Report {
	t.Helper()
	_, url := startFake(t, fault)
	r, err := Run(t.Context(), Config{BaseURL: url, Hall: ScratchPrefix + "-verify", Tokens: make([]string, 8), PIN: "246810",
		Duration: 6 * time.Second, Numbers: numbers, Patience: 300 * time.Millisecond, Waiting: 64, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRightServicePasses(t *testing.T) {
	r := verifyFake(t, "")
	if !r.OK() {
		t.Errorf("a service without fault: %d errors %q, %v %v", r.Errors, r.ErrorSamples, r.Violations, r.Samples)
	}
	if r.Taken < numbers || r.Called != r.Taken || r.Requests < 2*r.Taken || r.Issue.Count == 0 || r.Issue.P50 <= 0 || r.Issue.P99 < r.Issue.P50 {
		t.Errorf("too little was done, or it was counted wrongly: %+v", r)
	}
}

// Each fault is found, and by the check that is there for it.
func TestFaultsAreFound(t *testing.T) {
	for _, tc := range []struct {
		fault string
		want  Kind
	}{
		{"skips a number", Gap},
		{"gives a number twice", Duplicate},
		{"answers a repeated request with a new number", TwoNumbers},
		{"gives a number back to the end of the roll", IssueOrder},
		{"calls the last instead of the first", CallOrder},
		{"calls somebody who has just been called", DoubleCall},
		{"lets a window call while it has somebody", TwoAtWindow},
		{"forgets to put somebody into the queue", Lost},
		{"does not finish", WrongState},
		{"does not account for a number", Accounts},
	} {
		t.Run(tc.fault, func(t *testing.T) {
			t.Parallel()
			r := verifyFake(t, tc.fault)
			if r.OK() || r.Violations[tc.want] == 0 || len(r.Samples[tc.want]) == 0 {
				t.Errorf("not found as %s: %v, %d errors %q", tc.want, r.Violations, r.Errors, r.ErrorSamples)
			}
		})
	}
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		if r := verifyFake(t, "fails"); r.OK() || r.Errors == 0 {
			t.Errorf("errors are not counted: %+v", r)
		}
	})
	t.Run("forgets the id of a number", func(t *testing.T) {
		t.Parallel()
		if r := verifyFake(t, "forgets the id of a number"); r.OK() {
			t.Errorf("not found: %+v", r)
		}
	})
}

func TestRefusesHallsInUse(t *testing.T) {
	_, err := Run(t.Context(), Config{BaseURL: "http://127.0.0.1:1", Hall: "demo", Tokens: []string{""}})
	if !errors.Is(err, ErrNotScratch) {
		t.Errorf("a hall that people use: %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	_, err := Run(t.Context(), Config{BaseURL: "http://127.0.0.1:1", Hall: ScratchPrefix, Tokens: []string{""}})
	if !errors.Is(err, centralapi.ErrUnreachable) {
		t.Errorf("no service: %v", err)
	}
}

// Histories, written as number:begin-end for issue and the same for calls, in
// milliseconds.
func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		name  string
		issue [][3]int
		call  [][3]int
		want  []Kind
	}{
		{"one after the other", [][3]int{{1, 0, 1}, {2, 2, 3}}, [][3]int{{1, 4, 5}, {2, 6, 7}}, nil},
		{"overlapping requests may be answered either way", [][3]int{{2, 0, 5}, {1, 4, 6}}, [][3]int{{2, 7, 9}, {1, 8, 10}}, nil},
		{"touching is overlapping", [][3]int{{2, 0, 5}, {1, 5, 6}}, [][3]int{{2, 7, 9}, {1, 9, 10}}, nil},
		{"asked later, got less", [][3]int{{2, 0, 3}, {1, 4, 6}}, [][3]int{{1, 7, 8}, {2, 8, 9}}, []Kind{IssueOrder}},
		{"not the neighbour's order only", [][3]int{{1, 9, 10}, {2, 0, 11}, {3, 0, 3}}, [][3]int{{1, 20, 21}, {2, 22, 23}, {3, 24, 25}}, []Kind{IssueOrder}},
		{"called before its turn", [][3]int{{1, 0, 1}, {2, 2, 3}}, [][3]int{{2, 4, 5}, {1, 6, 7}}, []Kind{CallOrder}},
		{"a number for two", [][3]int{{1, 0, 1}, {1, 0, 1}}, [][3]int{{1, 2, 3}, {1, 2, 3}}, []Kind{Duplicate}},
		{"a gap", [][3]int{{1, 0, 1}, {3, 2, 3}}, [][3]int{{1, 4, 5}, {3, 6, 7}}, []Kind{Gap}},
		{"numbers need not begin with 1", [][3]int{{7, 0, 1}, {8, 2, 3}}, [][3]int{{7, 4, 5}, {8, 6, 7}}, nil},
		{"never called", [][3]int{{1, 0, 1}, {2, 2, 3}}, [][3]int{{2, 4, 5}}, []Kind{Lost}},
		{"called twice", [][3]int{{1, 0, 1}}, [][3]int{{1, 2, 3}, {1, 4, 5}}, []Kind{DoubleCall}},
		{"called, held by nobody", [][3]int{{1, 0, 1}}, [][3]int{{1, 2, 3}, {2, 4, 5}}, []Kind{Unknown}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
			var issues []issue
			var calls []call
			ids := map[int][]string{}
			for i, is := range tc.issue {
				id := fmt.Sprint("id", i)
				ids[is[0]] = append(ids[is[0]], id)
				issues = append(issues, issue{request: centralapi.TicketRequest{ID: id, Business: "b"}, day: "d",
					label: centralapi.Label("A", "", is[0]), number: is[0], begin: ms(is[1]), end: ms(is[2])})
			}
			for _, c := range tc.call {
				id := fmt.Sprint("nobody", c[0])
				if of := ids[c[0]]; len(of) > 0 {
					id = of[0]
					if len(of) > 1 {
						ids[c[0]] = of[1:]
					}
				}
				calls = append(calls, call{window: "w", ticket: id, label: centralapi.Label("A", "", c[0]), begin: ms(c[1]), end: ms(c[2])})
			}
			var got []Kind
			check(issues, calls, map[string]string{"b": "A"}, func(k Kind, what string) {
				if what == "" {
					t.Error("a violation without words")
				}
				got = append(got, k)
			})
			if !slices.Equal(got, tc.want) {
				t.Errorf("found %v, want %v", got, tc.want)
			}
		})
	}
}

func TestScratchHall(t *testing.T) {
	beijing := time.FixedZone("", 8*3600)
	for hour := range 24 {
		now := time.Date(2026, 11, 22, hour, 30, 0, 0, beijing)
		h, err := ScratchHall(5, 4, "246810", now)
		if err != nil {
			t.Fatal(err)
		}
		if day := h.BusinessDay(now); h.BusinessDay(now.Add(-time.Hour)) != day || h.BusinessDay(now.Add(time.Hour)) != day {
			t.Errorf("at %v the business day changes within the hour", now)
		}
		f, err := hall.Parse("scratch.toml", hall.Format(h))
		if err != nil {
			t.Fatalf("as a hall file: %v", err)
		}
		if len(f.Hall.Windows) != 5 || len(f.Hall.Businesses) != 4 || f.Hall.StateAt(now).Kind != hall.Open || !strings.HasPrefix(f.Hall.ID, ScratchPrefix) {
			t.Errorf("read back: %+v", f.Hall)
		}
	}
	if _, err := ScratchHall(0, 1, "246810", time.Now()); err == nil {
		t.Error("a hall without windows")
	}
}

func TestPrint(t *testing.T) {
	r := Report{Terminals: 32, Windows: 32, Seconds: 20, Taken: 12345, Called: 12345, Requests: 45678, TakenPerSecond: 617.25,
		Issue: Latency{Count: 1, P50: 4.25, P99: 12.5}, Violations: map[Kind]int{}}
	var good strings.Builder
	if err := r.Print(&good); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"12,345 个，每秒 617 个", "一半在 4.2 毫秒以内", "没有发现问题"} {
		if !strings.Contains(good.String(), want) {
			t.Errorf("missing %q in\n%s", want, good.String())
		}
	}
	r.Violations[Gap], r.Samples = 1, map[Kind][]string{Gap: {"A001 和 A003 之间缺一个号"}}
	r.Seed = 42
	var bad strings.Builder
	r.Print(&bad)
	if !strings.Contains(bad.String(), "A001 和 A003 之间缺一个号") || !strings.Contains(bad.String(), "-seed 42") || strings.Contains(bad.String(), "没有发现问题") {
		t.Errorf("a violation:\n%s", bad.String())
	}
	if (Report{}).OK() {
		t.Error("nothing was done, and that is called right")
	}
}
