package queue

import (
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

func TestCalendar(t *testing.T) {
	for name, steps := range map[string][][2]string{ // what the clock shows, the day in use
		"day after day":    {{"2026-11-23", "2026-11-23"}, {"2026-11-24", "2026-11-24"}, {"2026-11-25", "2026-11-25"}},
		"a long holiday":   {{"2026-11-23", "2026-11-23"}, {"2027-02-20", "2027-02-20"}},
		"1970 and back":    {{"2026-11-23", "2026-11-23"}, {"1970-01-01", "2026-11-23"}, {"2026-11-23", "2026-11-23"}, {"2026-11-24", "2026-11-24"}},
		"2038 and back":    {{"2026-11-23", "2026-11-23"}, {"2038-01-19", "2026-11-23"}, {"2026-11-23", "2026-11-23"}, {"2026-11-24", "2026-11-24"}},
		"1970 goes on":     {{"2026-11-23", "2026-11-23"}, {"1970-01-01", "2026-11-23"}, {"1970-01-01", "2026-11-23"}, {"1970-01-02", "1970-01-02"}},
		"2038 goes on":     {{"2026-11-23", "2026-11-23"}, {"2038-01-19", "2026-11-23"}, {"2038-01-20", "2038-01-20"}, {"2026-11-23", "2038-01-20"}, {"2026-11-24", "2026-11-24"}},
		"a second back":    {{"2026-11-23", "2026-11-23"}, {"2026-11-24", "2026-11-24"}, {"2026-11-23", "2026-11-24"}, {"2026-11-24", "2026-11-24"}, {"2026-11-25", "2026-11-25"}},
		"from 1970 to now": {{"1970-01-01", "1970-01-01"}, {"2026-11-23", "1970-01-01"}, {"2026-11-24", "2026-11-24"}},
	} {
		t.Run(name, func(t *testing.T) {
			var c calendar
			for i, s := range steps {
				if got := c.on(s[0]); got != s[1] {
					t.Fatalf("step %d: the clock shows %s, the day in use is %s, want %s", i, s[0], got, s[1])
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
		time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), morning.Add(3 * time.Minute)} {
		f.clock.set(at)
		take()
		f.restart()
		f.clock.set(at.Add(time.Second))
		take()
	}
	// A number a terminal gave out while the centre's clock was wrong is of today.
	f.clock.set(morning.Add(4 * time.Minute))
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
