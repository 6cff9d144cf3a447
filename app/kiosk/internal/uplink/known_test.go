package uplink

import (
	"context"
	"testing"
	"time"

	"hallkiosk/app/kiosk/internal/localstore"
)

// bubble time begins at 2000-01-01 00:00 UTC, 08:00 in the hall.
func TestNow(t *testing.T) {
	type want struct {
		day  string
		at   string // in the hall
		sure bool
	}
	check := func(t *testing.T, l *link, when string, w want) {
		t.Helper()
		at, day, sure := l.Now()
		if got := (want{day, at.Format("01-02 15:04"), sure}); got != w {
			t.Errorf("%s: %+v, want %+v", when, got, w)
		}
	}
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		check(t, l, "after the first contact", want{"2000-01-01", "01-01 08:00", true})
		l.hub.down()
		l.clock.mu.Lock()
		l.clock.ahead = 400 * 24 * time.Hour
		l.clock.mu.Unlock()
		time.Sleep(time.Hour)
		check(t, l, "wall clock jumped, centre away", want{"2000-01-01", "01-01 09:00", true})
		time.Sleep(17*time.Hour + 59*time.Minute)
		check(t, l, "before the day ends", want{"2000-01-01", "01-02 02:59", true})
		time.Sleep(2 * time.Minute)
		check(t, l, "after it", want{"2000-01-02", "01-02 03:01", true})
		l.restart()
		check(t, l, "program restarted", want{"2000-01-02", "01-02 03:01", true})
		l.clock.reboot(0)
		l.restart()
		check(t, l, "machine rebooted, clock right", want{"2000-01-02", "01-02 03:01", false})
		l.clock.reboot(-20 * 24 * time.Hour)
		l.restart()
		check(t, l, "machine rebooted, clock went back", want{"2000-01-01", "12-13 03:01", false})
		l.hub.up()
		time.Sleep(time.Minute)
		check(t, l, "centre is back", want{"2000-01-02", "01-02 03:02", true})
		// The centre's clock is put wrong and not followed, so nobody here vouches
		// for it either.
		l.clock.reboot(0)
		l.restart()
		l.hub.set(func() {
			l.hub.day, l.hub.clock = "2000-01-02", func() time.Time { return time.Now().AddDate(38, 0, 0) }
		})
		time.Sleep(time.Minute)
		settle()
		check(t, l, "the centre's clock is of another day than the centre", want{"2000-01-02", "01-02 03:03", false})
	})
}

// The tie to the centre's clock is renewed when that clock is set, and not
// written for nothing.
func TestTimeIsKeptSparingly(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		writes := 0
		l.onCommit(func(what string, at localstore.Point) error {
			if what == "known" && at == localstore.AfterCommit {
				writes++
			}
			return nil
		})
		time.Sleep(30 * time.Minute)
		settle()
		if writes != 5 { // terminal, nonce, incarnation, catalogue, time
			t.Errorf("%d writes in half an hour, want 5", writes)
		}
		l.hub.set(func() { l.hub.clock = func() time.Time { return time.Now().Add(10 * time.Minute) } })
		time.Sleep(time.Minute)
		settle()
		at, _, sure := l.Now()
		if ahead := time.Until(at).Round(time.Second); !sure || ahead != 10*time.Minute || writes != 6 {
			t.Errorf("hall time %v ahead, sure %v, %d writes", ahead, sure, writes)
		}
	})
}

// A row that another version of the program wrote counts as never heard.
func TestUnreadableKnowledge(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		err := l.Store.Write(context.Background(), "test", func(tx *localstore.Tx) error {
			_, err := tx.Exec(`UPDATE known SET value = '{"Hall":[]' WHERE subject = 'catalogue'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		l.hub.down()
		l.restart()
		settle()
		if c, ok := l.Catalogue(); ok {
			t.Errorf("catalogue %+v", c)
		}
		if _, ok := l.Slot(); !ok {
			t.Error("the slot was forgotten too")
		}
		l.hub.up()
		time.Sleep(2 * time.Second)
		settle()
		if c, ok := l.Catalogue(); !ok || c.Revision != "r1" {
			t.Errorf("catalogue %+v, %v", c, ok)
		}
	})
}

func TestMovedToAnotherHall(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		l.hub.down()
		l.config = func(c *Config) { c.Hall = "another" }
		l.restart()
		settle()
		if _, ok := l.Catalogue(); ok {
			t.Error("the old hall's catalogue is used")
		}
	})
}
