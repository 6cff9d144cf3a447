package uplink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

// settle waits until nothing happens any more at this instant. Writes to disk
// are not "durably blocked" for synctest, so a few rounds of real work may lie
// between; a nanosecond of fake time passes only when all of it is done.
func settle() {
	time.Sleep(time.Nanosecond)
	synctest.Wait()
}

func TestFirstContact(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		l.add("home")
		settle()
		if c, ok := l.Catalogue(); !ok || c.Revision != "r1" || c.Hall.Businesses[0].ID != "household" {
			t.Errorf("catalogue %+v, %v", c, ok)
		}
		if s, ok := l.Status(); !ok || s.Queues[0].Waiting != 3 {
			t.Errorf("status %+v, %v", s, ok)
		}
		if slot, ok := l.Slot(); !ok || slot != 7 {
			t.Errorf("slot %d, %v", slot, ok)
		}
		if term, ok := l.Terminal(); !ok || term.HolderSecret != "00ff" {
			t.Errorf("terminal %+v, %v", term, ok)
		}
		if !slices.Equal(l.aways, []bool{false}) || !slices.Equal(l.statuses, []int{3}) || !slices.Equal(l.catalogues, []string{"r1"}) {
			t.Errorf("announced: away %v, status %v, catalogue %v", l.aways, l.statuses, l.catalogues)
		}
		if len(l.hub.inbox) != 1 || l.counts().Waiting != 0 {
			t.Errorf("%d events at the centre, %+v", len(l.hub.inbox), l.counts())
		}
		if s := l.State(); s.Away || s.Problem != nil || s.LastContact.IsZero() {
			t.Errorf("state %+v", s)
		}
	})
}

func TestNothingKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(t, nil)
		_, catalogue := l.Catalogue()
		_, status := l.Status()
		_, slot := l.Slot()
		_, terminal := l.Terminal()
		_, day, sure := l.Now()
		if catalogue || status || slot || terminal || day != "" || sure || l.Away() {
			t.Error("something is known before the first contact")
		}
		l.Store.Close()
	})
}

// What the centre said is there after a restart without it.
func TestKeptForOffline(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		l.hub.down()
		l.restart()
		settle()
		if c, ok := l.Catalogue(); !ok || c.Revision != "r1" || c.Hall.Name != "示例街道综合服务大厅" {
			t.Errorf("catalogue %+v, %v", c, ok)
		}
		if slot, ok := l.Slot(); !ok || slot != 7 {
			t.Errorf("slot %d, %v", slot, ok)
		}
		if _, ok := l.Status(); ok {
			t.Error("an old status was kept")
		}
		if !l.Away() || !slices.Equal(l.aways, []bool{false, true}) {
			t.Errorf("away %v, announced %v", l.Away(), l.aways)
		}
		l.hub.up()
		time.Sleep(2 * time.Second)
		settle()
		if !slices.Equal(l.aways, []bool{false, true, false}) || !slices.Equal(l.catalogues, []string{"r1"}) || !slices.Equal(l.statuses, []int{3, 3}) {
			t.Errorf("announced: away %v, status %v, catalogue %v", l.aways, l.statuses, l.catalogues)
		}
	})
}

func TestLooks(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		time.Sleep(12 * time.Second)
		settle()
		want := []time.Duration{0, 5 * time.Second, 10 * time.Second}
		if got := l.hub.times("status"); !slices.Equal(got, want) {
			t.Errorf("status asked at %v, want %v", got, want)
		}
		if got := l.hub.times("catalogue"); !slices.Equal(got, want) {
			t.Errorf("catalogue asked at %v, want %v", got, want)
		}
		if got := l.hub.count("terminal"); got != 1 {
			t.Errorf("terminal asked %d times", got)
		}
		l.hub.set(func() {
			l.hub.status.Queues = []centralapi.QueueStatus{{Business: "household", Waiting: 4}}
			l.hub.catalogue.Revision = "r2"
		})
		time.Sleep(10 * time.Second)
		settle()
		if !slices.Equal(l.statuses, []int{3, 4}) || !slices.Equal(l.catalogues, []string{"r1", "r2"}) || !slices.Equal(l.aways, []bool{false}) {
			t.Errorf("announced: away %v, status %v, catalogue %v", l.aways, l.statuses, l.catalogues)
		}
	})
}

func TestForeignCatalogueIsRefused(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		l.hub.set(func() {
			l.hub.catalogue.Revision = "r2"
			l.hub.catalogue.Hall.ID = "another"
		})
		time.Sleep(6 * time.Second)
		settle()
		if c, _ := l.Catalogue(); c.Revision != "r1" || !l.Away() || l.State().Failure == nil {
			t.Errorf("revision %s, state %+v", c.Revision, l.State())
		}
	})
}

// The wait doubles up to its cap, with one probe each time, and begins anew
// after a success. New events do not shorten it.
func TestBackOff(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		for range 250 {
			time.Sleep(time.Second)
			l.add("home")
		}
		var want []time.Duration
		at := time.Duration(0)
		for _, s := range []int{0, 1, 2, 4, 8, 16, 32, 60, 60, 60} {
			at += time.Duration(s) * time.Second
			want = append(want, at)
		}
		got := l.hub.times("terminal")
		for i := range got {
			got[i] = got[i].Round(time.Millisecond)
		}
		if !slices.Equal(got, want) || l.hub.count("") != len(want) {
			t.Errorf("%d probes at %v\nwant %v", l.hub.count(""), got, want)
		}
		if !slices.Equal(l.aways, []bool{true}) {
			t.Errorf("away announced %v", l.aways)
		}
		l.hub.up()
		time.Sleep(time.Minute)
		settle()
		if got := len(l.hub.inbox); got != 250 || l.Away() {
			t.Errorf("%d of 250 events at the centre, away %v", got, l.Away())
		}
		l.hub.down()
		time.Sleep(13 * time.Second)
		settle()
		// Failures after the last good look; the first is a look at the catalogue.
		last := l.hub.times("catalogue")
		from := last[len(last)-1]
		for i, gap := range []time.Duration{time.Second, 3 * time.Second, 7 * time.Second} {
			if !slices.ContainsFunc(l.hub.times("terminal"), func(at time.Duration) bool { return at.Round(time.Millisecond) == (from + gap).Round(time.Millisecond) }) {
				t.Errorf("no probe %d, %v after a new failure: the wait did not begin anew", i+1, gap)
			}
		}
	})
}

func TestJitter(t *testing.T) {
	u := &Uplink{config: Config{Base: time.Second, Cap: time.Minute}}
	for _, c := range []struct {
		failures int
		rand     float64
		err      error
		want     time.Duration
	}{
		{0, 0, errDown, 0}, {0, 0.5, errDown, 500 * time.Millisecond}, {3, 0.5, errDown, 4 * time.Second},
		{6, 0.5, errDown, 30 * time.Second}, {19, 0.5, errDown, 30 * time.Second}, {20, 0.5, errDown, 30 * time.Second}, {1000, 0.5, errDown, 30 * time.Second},
		{0, 0.5, patience(20 * time.Second), 20500 * time.Millisecond},
		{0, 0, patience(-time.Second), 0}, {0, 0, patience(24 * time.Hour), maxRetryAfter},
		// As the client gives it, of Retry-After: 20.
		{0, 0.5, fmt.Errorf("uplink: status: %w", centralapi.Refuse(centralapi.CodeTooMany, "").After(20*time.Second)), 20500 * time.Millisecond},
		{0, 0.5, centralapi.Refuse(centralapi.CodeUnavailable, ""), 500 * time.Millisecond},
	} {
		u.config.Rand = func() float64 { return c.rand }
		if got := u.backoff(c.failures, c.err); got != c.want {
			t.Errorf("after %d failures, random %v, %v: %v, want %v", c.failures, c.rand, c.err, got, c.want)
		}
	}
}

// patience is an error that names a time, as a client may make of Retry-After.
type patience time.Duration

func (p patience) Error() string             { return "too many requests" }
func (p patience) RetryAfter() time.Duration { return time.Duration(p) }

func TestRetryAfterIsHonoured(t *testing.T) {
	bubble(t, func(c *Config) { c.Rand = func() float64 { return 0 } }, func(t *testing.T, l *link) {
		l.hub.set(func() {
			l.hub.fail = func(op string, _ centralapi.EventBatch) error {
				if op == "events" {
					return patience(20 * time.Second)
				}
				return nil
			}
		})
		l.run()
		settle()
		l.add("home")
		settle()
		time.Sleep(50 * time.Second)
		got := l.hub.times("events")
		for i := range got {
			got[i] = got[i].Round(time.Millisecond)
		}
		if want := []time.Duration{0, 20 * time.Second, 40 * time.Second}; !slices.Equal(got, want) {
			t.Errorf("tried at %v, want %v", got, want)
		}
		if l.Away() || !slices.Equal(l.aways, []bool{false}) {
			t.Errorf("a busy centre counts as away: %v", l.aways)
		}
		if n := l.hub.count("status"); n < 11 {
			t.Errorf("only %d looks while deliveries waited", n)
		}
	})
}

func TestRunEnds(t *testing.T) {
	t.Run("while the centre is asked", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newLink(t, nil)
			l.Uplink.config.Centre = deaf{}
			l.run()
			settle()
			begin := time.Now()
			if err := l.stop(); err != nil || time.Since(begin) != 0 {
				t.Errorf("ended after %v with %v", time.Since(begin), err)
			}
			if l.Away() {
				t.Error("the program's own end counts as the centre's failure")
			}
			l.Store.Close()
		})
	})
	t.Run("a request takes too long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newLink(t, nil)
			l.Uplink.config.Centre = deaf{}
			l.run()
			time.Sleep(5*time.Second + 1)
			synctest.Wait()
			if !l.Away() {
				t.Error("not away after the time limit")
			}
			l.stop()
			l.Store.Close()
		})
	})
	t.Run("the store is dead", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newLink(t, nil)
			l.run()
			settle()
			l.onCommit(func(string, localstore.Point) error { return errors.New("input/output error") })
			if _, err := l.HelpCalled(context.Background(), "home"); !errors.Is(err, localstore.ErrDead) {
				t.Errorf("help call: %v", err)
			}
			settle()
			if err := l.stop(); !errors.Is(err, localstore.ErrDead) {
				t.Errorf("run ended with %v", err)
			}
			if l.Away() {
				t.Error("a dead disk counts as the centre's failure")
			}
			l.Store.Close()
		})
	})
}

// deaf answers nothing until it is told to stop.
type deaf struct{ *hub }

func (deaf) Terminal(ctx context.Context) (centralapi.Terminal, error) {
	<-ctx.Done()
	return centralapi.Terminal{}, ctx.Err()
}
