package ratings

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/internal/postgrestest"
	"hallkiosk/app/rating"
)

const hallID = "demo"

var (
	china = time.FixedZone("CST", 8*3600)
	// morning is a Monday.
	morning = time.Date(2026, 11, 23, 10, 0, 0, 0, china)
)

func testHall() *hall.Hall {
	return &hall.Hall{ID: hallID, Name: "测试大厅", TimeZone: "Asia/Shanghai", CutOver: 3,
		Areas:      []hall.Area{{ID: "x", Name: "一区"}},
		Windows:    []hall.Window{{ID: "w1", Name: "1", Area: "x"}, {ID: "w2", Name: "2", Area: "x"}},
		Businesses: []hall.Business{{ID: "a", Name: "户籍", Prefix: "A", Area: "x", Windows: []string{"w1"}, Items: []hall.Item{{ID: "a1", Name: "出生登记"}}}},
	}
}

// fixture is a desk on a real database, with a clock that is set by hand.
type fixture struct {
	*Desk
	t     testing.TB
	now   time.Time
	made  int
	store *store.Store
}

// onBoth runs a test on each database.
func onBoth(t *testing.T, s Settings, test func(t *testing.T, f *fixture)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newFixture(t, s, "")) })
	t.Run("postgres", func(t *testing.T) { test(t, newFixture(t, s, postgrestest.Start(t))) })
}

func newFixture(t *testing.T, s Settings, url string) *fixture {
	t.Helper()
	f := &fixture{t: t, now: morning}
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
	f.Desk, err = New(Config{Store: f.store, Halls: []*hall.Hall{testHall()}, Settings: map[string]Settings{hallID: s}, Now: func() time.Time { return f.now }})
	if err != nil {
		t.Fatal(err)
	}
	f.write(func(tx *store.Tx) error { return tx.PutHallSecret(hallID, "secret") })
	return f
}

func (f *fixture) write(fn func(*store.Tx) error) {
	f.t.Helper()
	if err := f.store.Write(f.t.Context(), hallID, fn); err != nil {
		f.t.Fatal(err)
	}
}

// ticket puts a ticket of a state into the database, taken half an hour ago and ended
// now.
func (f *fixture) ticket(state centralapi.TicketState) store.Ticket {
	f.t.Helper()
	f.made++
	k := store.Ticket{Hall: hallID, ID: uuid.Must(uuid.NewV7()).String(), Day: testHall().BusinessDay(f.now), Prefix: "A", Number: f.made,
		Label: centralapi.Label("A", "", f.made), Business: "a", Item: "a1", HolderKey: fmt.Sprintf("holder %d", f.made%2), HolderName: "测*员",
		Fingerprint: []byte{1}, State: centralapi.Issued, IssuedAt: f.now.Add(-30 * time.Minute), Seq: int64(f.made)}
	told := store.LogEntry{At: f.now, Actor: "centre", Action: "test"}
	f.write(func(tx *store.Tx) error { return tx.InsertTicket(k, told) })
	if state == centralapi.Issued {
		return k
	}
	now := k
	now.State = state
	if state == centralapi.Void {
		now.Reason = "abandoned"
	} else {
		now.Window, now.CalledAt, now.Calls = "w1", f.now.Add(-10*time.Minute), 1
	}
	if state == centralapi.Called {
		now.Window = "w2" // a window has one ticket at a time
	}
	if state != centralapi.Called && state != centralapi.Started {
		now.EndedAt = f.now
	} else {
		now.Window = fmt.Sprintf("w%d", 100+f.made) // a window has one at a time
	}
	f.write(func(tx *store.Tx) error { return tx.UpdateTicket(k, now, told) })
	return now
}

// code is a new one-time code of a ticket.
func (f *fixture) code(k store.Ticket) handoff.Pass {
	f.t.Helper()
	p, err := handoff.ForRating(k.ID, handoff.Chinese, f.now.AddDate(0, 0, 30))
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

func (f *fixture) open(p handoff.Pass) View {
	f.t.Helper()
	v, err := f.Open(f.t.Context(), hallID, p)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func (f *fixture) rate(p handoff.Pass, l rating.Level) View {
	f.t.Helper()
	v, err := f.Rate(f.t.Context(), hallID, p, Submission{Answer: rating.Answer{Level: l}})
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

// kept are the ratings of a ticket.
func (f *fixture) kept(k store.Ticket) (list []store.Rating) {
	f.t.Helper()
	if err := f.store.Read(f.t.Context(), func(tx *store.Tx) (err error) { list, err = tx.RatingsOf(hallID, k.ID); return err }); err != nil {
		f.t.Fatal(err)
	}
	return list
}

func (f *fixture) refused(err error, want centralapi.Code) {
	f.t.Helper()
	if !centralapi.HasCode(err, want) {
		f.t.Errorf("%v, want %s", err, want)
	}
}

func request(k store.Ticket, l rating.Level) centralapi.RatingRequest {
	return centralapi.RatingRequest{ID: uuid.NewString(), Ticket: k.ID, Level: l}
}
