package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	m  localstore.Moment
}

func (c *clock) read() localstore.Moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m
}

func (c *clock) set(f func(*localstore.Moment)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.m)
}

func newClock() *clock {
	return &clock{m: localstore.Moment{BootID: "boot-1", Monotonic: 1000, Wall: time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)}}
}

func open(t testing.TB, dir string, c *clock) (*Outbox, *localstore.Store) {
	t.Helper()
	s, err := localstore.Open(t.Context(), dir, localstore.Options{Clock: c.read})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return New(s), s
}

func add(t testing.TB, o *Outbox, s *localstore.Store, page string) int64 {
	t.Helper()
	var seq int64
	err := s.Write(t.Context(), "test", func(tx *localstore.Tx) (err error) {
		seq, err = o.Add(tx, centralapi.HelpCalled, centralapi.HelpCall{Page: page})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func pending(t testing.TB, o *Outbox) []Row {
	t.Helper()
	rows, err := o.Pending(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func seqs(rows []Row) []int64 {
	var out []int64
	for _, r := range rows {
		out = append(out, r.Event.Seq)
	}
	return out
}

func TestAdd(t *testing.T) {
	c := newClock()
	o, s := open(t, t.TempDir(), c)
	if seq := add(t, o, s, "home"); seq != 1 {
		t.Errorf("first event has number %d", seq)
	}
	select {
	case <-o.Added():
	default:
		t.Error("nobody was woken")
	}
	rows := pending(t, o)
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	e := rows[0].Event
	id, err := uuid.Parse(e.ID)
	if err != nil || id.Version() != 7 {
		t.Errorf("id %q is no UUIDv7", e.ID)
	}
	want := centralapi.Event{ID: e.ID, Seq: 1, Kind: centralapi.HelpCalled, Monotonic: 1000, BootID: "boot-1",
		Wall: c.m.Wall, Body: json.RawMessage(`{"page":"home"}`)}
	if fmt.Sprint(e) != fmt.Sprint(want) {
		t.Errorf("event %+v\nwant  %+v", e, want)
	}
}

func TestAddSharesTheTransaction(t *testing.T) {
	o, s := open(t, t.TempDir(), newClock())
	boom := errors.New("boom")
	err := s.Write(t.Context(), "test", func(tx *localstore.Tx) error {
		if _, err := o.Add(tx, centralapi.HelpCalled, centralapi.HelpCall{Page: "undone"}); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) || len(pending(t, o)) != 0 {
		t.Fatalf("undone: %v, %d rows", err, len(pending(t, o)))
	}
	select {
	case <-o.Added():
		t.Error("an undone event woke somebody")
	default:
	}
	if seq := add(t, o, s, "home"); seq != 1 {
		t.Errorf("the undone event left a hole: next number %d", seq)
	}
}

func TestAddRefuses(t *testing.T) {
	o, s := open(t, t.TempDir(), newClock())
	for name, body := range map[string]any{
		"too large": strings.Repeat("x", MaxBody),
		"no JSON":   func() {},
	} {
		err := s.Write(t.Context(), "test", func(tx *localstore.Tx) error {
			_, err := o.Add(tx, centralapi.HelpCalled, body)
			return err
		})
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if n := len(pending(t, o)); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestAck(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	o, s := open(t, dir, c)
	for i := range 5 {
		add(t, o, s, fmt.Sprint(i))
	}
	for _, step := range []struct {
		through int64
		left    []int64
	}{{0, []int64{1, 2, 3, 4, 5}}, {2, []int64{3, 4, 5}}, {1, []int64{3, 4, 5}}, {-1, []int64{3, 4, 5}}, {99, nil}} {
		if err := o.Ack(t.Context(), step.through); err != nil {
			t.Fatal(err)
		}
		if got := seqs(pending(t, o)); !slices.Equal(got, step.left) {
			t.Errorf("after ack through %d: %v, want %v", step.through, got, step.left)
		}
	}
	counts, err := o.Counts(t.Context())
	if err != nil || counts != (Counts{Last: 5, Acked: 5}) {
		t.Errorf("counts %+v, %v", counts, err)
	}
	// Numbers go on after everything was purged and the file reopened.
	c.set(func(m *localstore.Moment) { m.Wall = m.Wall.Add(8 * 24 * time.Hour) })
	err = s.Write(t.Context(), "test", func(tx *localstore.Tx) error {
		n, err := o.Purge(tx, c.read().Wall.Add(-7*24*time.Hour))
		if n != 5 {
			t.Errorf("purged %d rows, want 5", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	o, s = open(t, dir, c)
	if seq := add(t, o, s, "later"); seq != 6 {
		t.Errorf("the next number is %d, want 6", seq)
	}
	if got := seqs(pending(t, o)); !slices.Equal(got, []int64{6}) {
		t.Errorf("pending %v", got)
	}
}

func TestPurgeKeepsWhatIsNeeded(t *testing.T) {
	c := newClock()
	o, s := open(t, t.TempDir(), c)
	for i := range 4 {
		add(t, o, s, fmt.Sprint(i))
	}
	kill(t, o, 1)
	if err := o.Ack(t.Context(), 3); err != nil { // 1 dead, 2 and 3 acknowledged, 4 waiting
		t.Fatal(err)
	}
	purge := func(before time.Time) {
		t.Helper()
		err := s.Write(t.Context(), "test", func(tx *localstore.Tx) error {
			_, err := o.Purge(tx, before)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	left := func() []int64 {
		rows, err := o.List(t.Context(), "", 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return seqs(rows)
	}
	if purge(c.m.Wall); !slices.Equal(left(), []int64{1, 2, 3, 4}) {
		t.Errorf("purged too early: %v left", left())
	}
	if purge(c.m.Wall.Add(time.Second)); !slices.Equal(left(), []int64{1, 4}) {
		t.Errorf("%v left, want the dead and the waiting row", left())
	}
}

// kill has the centre refuse an event until it is dead.
func kill(t *testing.T, o *Outbox, seq int64) {
	t.Helper()
	for i := range MaxTries {
		dead, err := o.Refused(t.Context(), seq, "422 "+strings.Repeat("否", 200))
		if err != nil || dead != (i == MaxTries-1) {
			t.Fatalf("refusal %d: dead %v, %v", i+1, dead, err)
		}
	}
}

func TestDead(t *testing.T) {
	o, s := open(t, t.TempDir(), newClock())
	add(t, o, s, "poison")
	add(t, o, s, "good")
	kill(t, o, 1)
	if dead, err := o.Refused(t.Context(), 1, "again"); err != nil || dead {
		t.Errorf("a dead event died again: %v %v", dead, err)
	}
	rows := pending(t, o)
	if !slices.Equal(seqs(rows), []int64{1, 2}) {
		t.Fatalf("pending %v: the dead event's number must still go out", seqs(rows))
	}
	out := rows[0].Outgoing()
	if out.Kind != Withheld || strings.Contains(string(out.Body), "poison") || !json.Valid(out.Body) ||
		!strings.Contains(string(out.Body), "help-called") || out.ID == rows[0].Event.ID || out.ID != rows[0].Outgoing().ID || uuid.Validate(out.ID) != nil || out.Seq != 1 {
		t.Errorf("in its place goes %+v %s", out, out.Body)
	}
	if got := rows[1].Outgoing(); got.Kind != centralapi.HelpCalled {
		t.Errorf("the good event goes as %s", got.Kind)
	}
	if err := o.Ack(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	dead, err := o.List(t.Context(), Dead, 0, 10)
	if err != nil || len(dead) != 1 || string(dead[0].Event.Body) != `{"page":"poison"}` || dead[0].Tries != MaxTries ||
		!strings.HasPrefix(dead[0].Error, "422 否") || len(dead[0].Error) > keptError {
		t.Errorf("dead rows for the technician: %+v, %v", dead, err)
	}
	counts, err := o.Counts(t.Context())
	if err != nil || counts.Dead != 1 || counts.Waiting != 0 || counts.Acked != 2 {
		t.Errorf("counts %+v, %v", counts, err)
	}
	if len(pending(t, o)) != 0 {
		t.Error("an acknowledged number is still pending")
	}
}

func TestCountsAge(t *testing.T) {
	c := newClock()
	o, s := open(t, t.TempDir(), c)
	add(t, o, s, "a")
	for name, step := range map[string]struct {
		now  localstore.Moment
		want time.Duration
	}{
		"same boot, wall clock jumped": {localstore.Moment{BootID: "boot-1", Monotonic: 61_000, Wall: c.m.Wall.AddDate(1, 0, 0)}, time.Minute},
		"rebooted":                     {localstore.Moment{BootID: "boot-2", Monotonic: 5, Wall: c.m.Wall.Add(time.Hour)}, time.Hour},
		"rebooted, clock went back":    {localstore.Moment{BootID: "boot-2", Monotonic: 5, Wall: c.m.Wall.AddDate(-1, 0, 0)}, 0},
	} {
		old := c.read()
		c.set(func(m *localstore.Moment) { *m = step.now })
		counts, err := o.Counts(t.Context())
		if err != nil || counts.Oldest != step.want || counts.Waiting != 1 {
			t.Errorf("%s: %+v, %v; want an age of %v", name, counts, err, step.want)
		}
		c.set(func(m *localstore.Moment) { *m = old })
	}
}

func TestRewind(t *testing.T) {
	c := newClock()
	o, s := open(t, t.TempDir(), c)
	for i := range 3 {
		add(t, o, s, fmt.Sprint(i))
	}
	if err := o.Ack(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), "test", func(tx *localstore.Tx) error {
		_, err := o.Purge(tx, c.read().Wall.Add(time.Second))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		add(t, o, s, fmt.Sprint(i+3))
	}
	if err := o.Ack(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	if err := o.Rewind(t.Context(), 5); err != nil || !slices.Equal(seqs(pending(t, o)), []int64{6}) {
		t.Errorf("nothing to rewind: %v, pending %v", err, seqs(pending(t, o)))
	}
	if err := o.Rewind(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	rows := pending(t, o)
	if !slices.Equal(seqs(rows), []int64{2, 3, 4, 5, 6}) {
		t.Fatalf("pending %v", seqs(rows))
	}
	for i, kind := range []centralapi.EventKind{Withheld, Withheld, centralapi.HelpCalled, centralapi.HelpCalled, centralapi.HelpCalled} {
		if rows[i].Event.Kind != kind {
			t.Errorf("event %d is %s, want %s", rows[i].Event.Seq, rows[i].Event.Kind, kind)
		}
	}
	if seq := add(t, o, s, "next"); seq != 7 {
		t.Errorf("next number %d, want 7", seq)
	}
}

func TestList(t *testing.T) {
	o, s := open(t, t.TempDir(), newClock())
	for i := range 5 {
		add(t, o, s, fmt.Sprint(i))
	}
	if err := o.Ack(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		state State
		after int64
		limit int
		want  []int64
	}{{"", 0, 10, []int64{1, 2, 3, 4, 5}}, {Acked, 0, 10, []int64{1, 2}}, {Waiting, 0, 2, []int64{3, 4}}, {Waiting, 4, 2, []int64{5}}, {Dead, 0, 9, nil}} {
		rows, err := o.List(t.Context(), c.state, c.after, c.limit)
		if err != nil || !slices.Equal(seqs(rows), c.want) {
			t.Errorf("list %q after %d limit %d: %v, %v; want %v", c.state, c.after, c.limit, seqs(rows), err, c.want)
		}
	}
	if rows, err := o.List(t.Context(), Acked, 0, 1); err != nil || rows[0].AckedAt.IsZero() {
		t.Errorf("acknowledged at %v, %v", rows, err)
	}
}

// Whatever is added, undone, acknowledged, refused, purged and reopened: numbers
// are 1, 2, 3 … without a hole, and nothing unacknowledged disappears.
func TestNumbersHaveNoHoles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		c := newClock()
		dir := t.TempDir()
		s, err := localstore.Open(t.Context(), dir, localstore.Options{Clock: c.read})
		if err != nil {
			r.Fatal(err)
		}
		defer func() { s.Close() }()
		o := New(s)
		var last, acked int64
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) {
				if seq := add(t, o, s, "x"); seq != last+1 {
					r.Fatalf("number %d after %d", seq, last)
				}
				last++
			},
			"undone": func(*rapid.T) {
				_ = s.Write(t.Context(), "test", func(tx *localstore.Tx) error {
					_, _ = o.Add(tx, centralapi.HelpCalled, centralapi.HelpCall{})
					return errors.New("undone")
				})
			},
			"ack": func(r *rapid.T) {
				through := rapid.Int64Range(0, last+3).Draw(r, "through")
				if err := o.Ack(t.Context(), through); err != nil {
					r.Fatal(err)
				}
				acked = max(acked, min(through, last))
			},
			"purge": func(r *rapid.T) {
				c.set(func(m *localstore.Moment) { m.Wall = m.Wall.Add(time.Minute) })
				err := s.Write(t.Context(), "test", func(tx *localstore.Tx) error {
					_, err := o.Purge(tx, c.read().Wall)
					return err
				})
				if err != nil {
					r.Fatal(err)
				}
			},
			"rewind": func(r *rapid.T) {
				through := rapid.Int64Range(0, last).Draw(r, "through")
				if err := o.Rewind(t.Context(), through); err != nil {
					r.Fatal(err)
				}
				acked = min(acked, through)
			},
			"reopen": func(r *rapid.T) {
				s.Close()
				if s, err = localstore.Open(t.Context(), dir, localstore.Options{Clock: c.read}); err != nil {
					r.Fatal(err)
				}
				o = New(s)
			},
			"": func(r *rapid.T) {
				rows, err := o.Pending(t.Context(), 1000)
				if err != nil || int64(len(rows)) != last-acked {
					r.Fatalf("%d pending, %v; want %d to %d", len(rows), err, acked+1, last)
				}
				for i, row := range rows {
					if row.Event.Seq != acked+1+int64(i) {
						r.Fatalf("hole in %v", seqs(rows))
					}
				}
			},
		})
	})
}
