package report

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/postgrestest"
	"hallkiosk/app/rating"
)

const (
	hallID = "demo"
	monday = "2026-11-23"
)

var (
	china   = time.FixedZone("CST", 8*3600)
	morning = time.Date(2026, 11, 23, 8, 30, 0, 0, china)
	told    = store.LogEntry{At: morning, Actor: "centre", Action: "test"}
)

func testHall() *hall.Hall {
	return &hall.Hall{ID: hallID, Name: "测试大厅", TimeZone: "Asia/Shanghai", CutOver: 3,
		Areas:   []hall.Area{{ID: "x", Name: "一区"}, {ID: "y", Name: "二区"}},
		Windows: []hall.Window{{ID: "w1", Name: "1", Area: "x"}, {ID: "w2", Name: "2", Area: "x"}, {ID: "w3", Name: "综合", Area: "y"}},
		Businesses: []hall.Business{
			{ID: "a", Name: "户籍", Prefix: "A", Area: "x", Windows: []string{"w1", "w2"}, Items: []hall.Item{{ID: "a1", Name: "出生登记"}}},
			{ID: "b", Name: "=社保", Prefix: "B", Area: "y", Windows: []string{"w3"}},
		},
	}
}

// fixture is a desk on a real database, with a clock that is set by hand and a queue
// that answers what the test says.
type fixture struct {
	*Desk
	t        testing.TB
	now      time.Time
	store    *store.Store
	made     map[string]int // by day and prefix
	status   centralapi.Status
	duties   []staff.Duty
	contacts map[string]time.Time
	figures  rating.Figures
}

func (f *fixture) Status(context.Context, string) (centralapi.Status, error) {
	s := f.status
	s.Now = f.now
	if s.BusinessDay == "" {
		s.BusinessDay = testHall().BusinessDay(f.now)
	}
	return s, nil
}

func (f *fixture) Duties(context.Context, string) ([]staff.Duty, error) { return f.duties, nil }
func (f *fixture) Figures(context.Context, string, string, string) (rating.Figures, error) {
	return f.figures, nil
}
func (f *fixture) LastContact(_, terminal string) time.Time { return f.contacts[terminal] }

// onBoth runs a test on each database.
func onBoth(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newFixture(t, "")) })
	t.Run("postgres", func(t *testing.T) { test(t, newFixture(t, postgrestest.Start(t))) })
}

func newFixture(t testing.TB, url string) *fixture {
	t.Helper()
	f := &fixture{t: t, now: morning, made: map[string]int{}, contacts: map[string]time.Time{}}
	var err error
	if url != "" {
		f.store, err = store.OpenPostgres(t.Context(), url, store.Options{})
	} else {
		f.store, err = store.Open(t.TempDir(), store.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.store.Close() })
	f.Desk, err = New(Config{Store: f.store, Halls: []*hall.Hall{testHall()}, Queue: f, Duties: f, Ratings: f, Contacts: f, Now: func() time.Time { return f.now }})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) write(fn func(*store.Tx) error) {
	f.t.Helper()
	if err := f.store.Write(f.t.Context(), hallID, fn); err != nil {
		f.t.Fatal(err)
	}
}

// number makes the next number of a business at a time. series "" is the hall's own.
func (f *fixture) number(business, series string, at time.Time) store.Ticket {
	f.t.Helper()
	k := f.next(business, series, at)
	f.write(func(tx *store.Tx) error { return tx.InsertTicket(k, told) })
	return k
}

// next is the row of the next number.
func (f *fixture) next(business, series string, at time.Time) store.Ticket {
	h := testHall()
	b, _ := h.Business(business)
	day := h.BusinessDay(at)
	key := day + b.Prefix + series
	f.made[key]++
	n := f.made[key]
	return store.Ticket{Hall: hallID, ID: fmt.Sprintf("%s-%s-%s-%d", day, b.Prefix, series, n), Day: day, Prefix: b.Prefix, Series: series, Number: n,
		Label: centralapi.Label(b.Prefix, series, n), Business: business, Terminal: "t1", Slot: 1, HolderKey: "key of " + day, HolderName: "测*员", HolderNumber: "110***********002X",
		Fingerprint: []byte{1}, State: centralapi.Issued, IssuedAt: at, Seq: int64(n)}
}

// skip leaves out the next numbers of a terminal's series.
func (f *fixture) skip(business, series string, at time.Time, n int) {
	h := testHall()
	b, _ := h.Business(business)
	f.made[h.BusinessDay(at)+b.Prefix+series] += n
}

func (f *fixture) change(was store.Ticket, do func(*store.Ticket)) store.Ticket {
	f.t.Helper()
	now := was
	do(&now)
	f.write(func(tx *store.Tx) error { return tx.UpdateTicket(was, now, told) })
	return now
}

func (f *fixture) call(k store.Ticket, window string, at time.Time) store.Ticket {
	f.t.Helper()
	return f.change(k, func(k *store.Ticket) {
		k.State, k.Window, k.CalledAt, k.Calls = centralapi.Called, window, at, k.Calls+1
	})
}

// finish ends a service that began with its call.
func (f *fixture) finish(k store.Ticket, at time.Time) store.Ticket {
	f.t.Helper()
	return f.change(k, func(k *store.Ticket) { k.State, k.StartedAt, k.EndedAt = centralapi.Finished, at, at })
}

func (f *fixture) end(k store.Ticket, state centralapi.TicketState, reason string, at time.Time) store.Ticket {
	f.t.Helper()
	return f.change(k, func(k *store.Ticket) { k.State, k.Reason, k.EndedAt = state, reason, at })
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// minute is so many minutes after half past eight.
func minute(n int) time.Time { return morning.Add(time.Duration(n) * time.Minute) }
