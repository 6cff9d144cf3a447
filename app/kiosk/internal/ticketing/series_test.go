package ticketing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hallkiosk/app/kiosk/internal/localstore"
)

// The hundredth number of a day widens.
func TestLabels(t *testing.T) {
	b := newBench(t, deafBefore)
	b.place.slot = 12
	r := Request{Business: "household", Prefix: "AB"}
	want := map[int]string{1: "AB12-01", 2: "AB12-02", 99: "AB12-99", 100: "AB12-100", 101: "AB12-101"}
	for n := 1; n <= 101; n++ {
		ticket, err := b.Issue(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := want[n]; ok && ticket.Label != w {
			t.Errorf("number %d is %s, want %s", n, ticket.Label, w)
		}
	}
}

// step is one number taken: on this day, vouched for or not.
type step struct {
	day  string
	sure bool
	want int
}

func TestNextNumber(t *testing.T) {
	const d20, d21, d22, d23 = "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"
	for name, steps := range map[string][]step{
		"days follow each other": {
			{d21, true, 1}, {d21, true, 2}, {d22, true, 1}, {d22, true, 2}, {d23, true, 1}},
		"the clock goes back": {
			{d21, true, 1}, {d21, true, 2}, {d20, true, 3}, {d21, true, 4}, {d22, true, 1}},
		"nobody vouches for the new day": {
			{d21, true, 1}, {d22, false, 2}, {d22, false, 3}},
		"the centre vouches in the middle of a day": {
			{d21, true, 1}, {d22, false, 2}, {d22, true, 3}, {d22, true, 4}, {d23, true, 1}},
		"unsure numbers of the same day are followed by a new day": {
			{d21, true, 1}, {d21, false, 2}, {d21, true, 3}, {d22, true, 1}},
		"the clock ran ahead and back": {
			{d21, true, 1}, {d23, false, 2}, {d23, false, 3}, {d21, false, 4}, {d21, true, 5}, {d22, true, 1},
			// 2026-11-23 had numbers up to 3 under its name.
			{d23, true, 4}, {d23, true, 5}},
		"the clock is of 1970": {
			{d21, true, 1}, {"1970-01-01", false, 2}, {d22, true, 3}, {d23, true, 1}},
		"the very first numbers are unsure": {
			{d20, false, 1}, {d20, false, 2}, {d21, true, 3}, {d22, true, 1}},
		"days are skipped": {
			{d20, true, 1}, {d23, true, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, deafBefore)
			for i, s := range steps {
				if got := take(t, b.Store, series{7, "A"}, s.day, s.sure); got != s.want {
					t.Errorf("step %d (%s, sure %v): number %d, want %d", i+1, s.day, s.sure, got, s.want)
				}
			}
		})
	}
}

func take(t rapid.TB, s *localstore.Store, of series, day string, sure bool) int {
	t.Helper()
	n, _ := takeOn(t, s, of, day, sure)
	return n
}

func takeOn(t rapid.TB, s *localstore.Store, of series, day string, sure bool) (n int, on string) {
	t.Helper()
	err := s.Write(context.Background(), "test", func(tx *localstore.Tx) (err error) {
		n, on, err = nextNumber(tx, of, day, sure)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, on
}

func TestSeriesAreApart(t *testing.T) {
	b := newBench(t, deafBefore)
	for i, c := range []struct {
		of   series
		want int
	}{{series{7, "A"}, 1}, {series{7, "B"}, 1}, {series{7, "A"}, 2}, {series{8, "A"}, 1}, {series{7, "A"}, 3}, {series{8, "A"}, 2}} {
		if got := take(t, b.Store, c.of, today, true); got != c.want {
			t.Errorf("step %d %v: %d, want %d", i, c.of, got, c.want)
		}
	}
}

func TestUndoneNumberIsGivenAgain(t *testing.T) {
	b := newBench(t, deafBefore)
	boom := errors.New("boom")
	_ = b.Store.Write(t.Context(), "test", func(tx *localstore.Tx) error {
		_, _, _ = nextNumber(tx, series{7, "A"}, today, true)
		return boom
	})
	if got := take(t, b.Store, series{7, "A"}, today, true); got != 1 {
		t.Errorf("number %d after an undone one: a gap", got)
	}
}

// A day that only the terminal reckons does not begin the numbers anew: the centre may
// come to call another day tomorrow. One that the centre has named does.
func TestReckonedDayIsNoNewDay(t *testing.T) {
	b := newBench(t, deafBefore)
	for i, c := range []struct {
		day     string
		unnamed bool
		want    string
	}{
		{"2026-11-19", false, "A7-01"},
		{"2026-11-20", true, "A7-02"},  // by the clock of this boot, the centre being away all night
		{"2026-11-21", false, "A7-03"}, // what the centre calls the very same day, its clock put wrong
		{"2026-11-22", false, "A7-01"},
		{"2026-11-23", false, "A7-01"},
	} {
		b.place.set(c.day, true)
		b.place.unnamed = c.unnamed
		if got, err := b.Issue(t.Context(), household); err != nil || got.Label != c.want || got.Day != c.day {
			t.Errorf("step %d: %s of %s, %v; want %s of %s", i+1, got.Label, got.Day, err, c.want, c.day)
		}
	}
}

// The rule, held against what it is for. The true day goes on; the terminal's
// clock says whatever it likes unless the centre vouches. No two numbers of one
// true day are equal, and no two numbers under the name of one day are.
func TestNoNumberTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t, deafBefore)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		of := series{run, "A"} // a fresh series for each run in one file
		trueDay, n := 1, map[string]bool{}
		var story strings.Builder
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			switch rapid.IntRange(0, 5).Draw(r, "kind") {
			case 0:
				trueDay += rapid.IntRange(1, 3).Draw(r, "nights")
				continue
			case 1, 2:
				got, on := takeOn(r, b.Store, of, name(trueDay), true)
				note(r, n, &story, trueDay, on, got, true)
				if on != name(trueDay) {
					r.Fatalf("a vouched day is told as %s\n%s", on, &story)
				}
			default:
				day := max(1, trueDay+rapid.SampledFrom([]int{0, 0, -1, 1, 2, -30, 7}).Draw(r, "clock error"))
				got, on := takeOn(r, b.Store, of, name(day), false)
				note(r, n, &story, trueDay, on, got, false)
				if on < name(day) {
					r.Fatalf("%s is told as %s\n%s", name(day), on, &story)
				}
			}
		}
	})
}

func name(day int) string { return fmt.Sprintf("2026-01-%02d", day) }

func note(r *rapid.T, n map[string]bool, story *strings.Builder, trueDay int, day string, got int, sure bool) {
	fmt.Fprintf(story, "true day %d, named %s, sure %v: %d\n", trueDay, day, sure, got)
	for _, key := range []string{fmt.Sprintf("true %d/%d", trueDay, got), fmt.Sprintf("named %s/%d", day, got)} {
		if n[key] {
			r.Fatalf("twice: %s\n%s", key, story)
		}
		n[key] = true
	}
}
