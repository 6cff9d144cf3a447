package queue

import (
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

func TestCalendar(t *testing.T) {
	h := testHall(3)
	type step struct {
		hours float64 // that go by
		wall  string  // what the clock shows then, at about 10 o'clock if it is a day
		boot  string
		want  string // the day in use
	}
	const day = 24.0
	for name, steps := range map[string][]step{
		"day after day":             {{0, "2026-11-23", "a", "2026-11-23"}, {day, "2026-11-24", "a", "2026-11-24"}, {day, "2026-11-25", "a", "2026-11-25"}},
		"by the hour":               {{0, "2026-11-23", "a", "2026-11-23"}, {16, "2026-11-24T02:00", "a", "2026-11-23"}, {2, "2026-11-24T04:00", "a", "2026-11-24"}},
		"a long holiday":            {{0, "2026-11-23", "a", "2026-11-23"}, {89 * day, "2027-02-20", "a", "2027-02-20"}},
		"a long holiday, off":       {{0, "2026-11-23", "a", "2026-11-23"}, {0, "2027-02-20", "b", "2027-02-20"}},
		"a day ahead and back":      {{0, "2026-11-23", "a", "2026-11-23"}, {1, "2026-11-24", "a", "2026-11-23"}, {1, "2026-11-23", "a", "2026-11-23"}, {22, "2026-11-24", "a", "2026-11-24"}},
		"a day ahead, for good":     {{0, "2026-11-23", "a", "2026-11-23"}, {1, "2026-11-24", "a", "2026-11-23"}, {23, "2026-11-25", "a", "2026-11-25"}},
		"set right in the night":    {{0, "2026-11-23", "a", "2026-11-23"}, {1, "2026-11-24", "a", "2026-11-23"}, {23, "2026-11-25", "a", "2026-11-25"}, {1, "2026-11-24", "a", "2026-11-25"}, {23, "2026-11-25", "a", "2026-11-25"}, {day, "2026-11-26", "a", "2026-11-26"}},
		"1970 and back":             {{0, "2026-11-23", "a", "2026-11-23"}, {1, "1970-01-01", "a", "2026-11-23"}, {1, "2026-11-23", "a", "2026-11-23"}, {day, "2026-11-24", "a", "2026-11-24"}},
		"2038 and back":             {{0, "2026-11-23", "a", "2026-11-23"}, {1, "2038-01-19", "a", "2026-11-23"}, {1, "2026-11-23", "a", "2026-11-23"}, {day, "2026-11-24", "a", "2026-11-24"}},
		"1970 goes on":              {{0, "2026-11-23", "a", "2026-11-23"}, {1, "1970-01-01", "a", "2026-11-23"}, {day, "1970-01-02", "a", "2026-11-24"}, {day, "1970-01-03", "a", "2026-11-25"}, {1, "2026-11-25", "a", "2026-11-25"}},
		"another hour in 1970":      {{0, "2026-11-23", "a", "2026-11-23"}, {1, "1970-01-01T23:00", "a", "2026-11-23"}, {22, "1970-01-02T21:00", "a", "2026-11-24"}, {8, "1970-01-03T05:00", "a", "2026-11-24"}, {1, "2026-11-24T17:00", "a", "2026-11-24"}},
		"1970 after a new boot":     {{0, "2026-11-23", "a", "2026-11-23"}, {1, "1970-01-01", "b", "2026-11-23"}, {1, "1970-01-01", "b", "2026-11-23"}, {day, "1970-01-02", "b", "1970-01-02"}},
		"1970, then set right":      {{0, "2026-11-23", "a", "2026-11-23"}, {1, "1970-01-01", "b", "2026-11-23"}, {1, "2026-11-24", "b", "2026-11-24"}, {1, "2026-11-25", "b", "2026-11-24"}},
		"2038 after a new boot":     {{0, "2026-11-23", "a", "2026-11-23"}, {1, "2038-01-19", "b", "2026-11-23"}, {1, "2026-11-23", "b", "2026-11-23"}, {day, "2026-11-24", "b", "2026-11-24"}},
		"a day back after a boot":   {{0, "2026-11-24", "a", "2026-11-24"}, {1, "2026-11-23", "b", "2026-11-24"}, {1, "2026-11-24", "b", "2026-11-24"}, {day, "2026-11-25", "b", "2026-11-25"}},
		"1970 at the very start":    {{0, "1970-01-01", "a", "1970-01-01"}, {1, "2026-11-23", "a", "1970-01-01"}, {day, "2026-11-24", "a", "2026-11-24"}},
		"nobody was told any":       {{0, "1970-01-01", "a", "1970-01-01"}, {1, "2026-11-23", "a", "2026-11-23"}},
		"a day ahead after a boot,": {{0, "2026-11-23", "a", "2026-11-23"}, {1, "2026-11-24", "b", "2026-11-24"}}, // nothing to tell it by
	} {
		t.Run(name, func(t *testing.T) {
			c := calendar{of: h.BusinessDay}
			ms := int64(0)
			for i, s := range steps {
				ms += int64(s.hours * 3600e3)
				at := s.wall
				if len(at) == len(hall.DateLayout) {
					at += "T10:00"
				}
				wall, err := time.ParseInLocation("2006-01-02T15:04", at, h.Location())
				if err != nil {
					t.Fatal(err)
				}
				if got := c.on(moment{s.boot, ms, wall}); got != s.want {
					t.Fatalf("step %d: the clock shows %s, the day in use is %s, want %s", i, s.wall, got, s.want)
				}
				if name != "nobody was told any" {
					now, _ := c.unkept()
					c.keeps(now)
				}
			}
		})
	}
}

// Whatever the centre's clock does in the middle of a day, and across restarts, no
// label is given out twice and everybody who waits is still called.
func TestClockJumpsReuseNoNumber(t *testing.T) {
	h := testHall(3).AlwaysOpen()
	f := newFixtureWith(t, h)
	labels := map[string]bool{}
	take := func() {
		t.Helper()
		k := f.issue(request("a"))
		if labels[k.Label] {
			t.Fatalf("%s is given out twice", k.Label)
		}
		labels[k.Label] = true
		f.seq[f.t1.ID]++
		e := centralapi.Event{ID: newID(), Seq: f.seq[f.t1.ID], Kind: centralapi.HelpCalled, Monotonic: 1, BootID: "b", Wall: f.clock.now(), Body: []byte(`{"page":"home"}`)}
		if r := f.deliver(f.t1, e); r.AckedThrough != e.Seq {
			t.Fatalf("receipt %+v", r)
		}
	}
	for _, at := range []time.Time{morning, time.Unix(0, 0), morning.Add(time.Minute), time.Unix(1<<31, 0), morning.Add(2 * time.Minute),
		time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), morning.Add(24 * time.Hour), morning.Add(-24 * time.Hour), morning.Add(3 * time.Minute)} {
		f.clock.jump(at)
		take()
		f.restart()
		f.clock.jump(at.Add(time.Second))
		take()
	}
	f.clock.jump(time.Unix(0, 0)) // and the machine is started anew
	f.clock.boots++
	f.restart()
	take()
	// A number a terminal gave out while the centre's clock was wrong is of today.
	f.clock.jump(morning.Add(4 * time.Minute))
	r := request("a")
	f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", 1)))
	if k := f.row(r.ID); k.Day != "2026-11-23" || k.IssuedAt.After(f.clock.now()) {
		t.Errorf("dated %s %v", k.Day, k.IssuedAt)
	}
	for range len(labels) + 1 {
		k := f.call("w1")
		if _, err := f.Finish(t.Context(), hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := f.Numbers(t.Context(), hallID, "2026-11-23"); err != nil || len(n.Series) != 2 || n.Series[0].Served != len(labels) || len(n.Series[0].Missing) != 0 {
		t.Errorf("numbers %+v, %v", n, err)
	}
	f.clock.set(morning.Add(24 * time.Hour))
	if k := f.issue(request("a")); k.Label != "A001" || k.Day != "2026-11-24" {
		t.Errorf("the next day begins with %s on %s", k.Label, k.Day)
	}
}
