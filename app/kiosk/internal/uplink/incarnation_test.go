package uplink

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

func TestIncarnationIsRenewed(t *testing.T) {
	seldom := func(c *Config) { c.Every = 10 * time.Minute }
	bubble(t, seldom, func(t *testing.T, l *link) { // begins at 8 in the morning; the day begins at 3
		l.run()
		l.add("home")
		settle()
		order := []string{}
		l.hub.set(func() {
			for _, c := range l.hub.calls {
				order = append(order, c.op)
			}
		})
		if want := []string{"terminal", "rotate", "catalogue", "status", "events"}; !slices.Equal(order, want) {
			t.Errorf("first contact: %v, want %v", order, want)
		}
		time.Sleep(time.Hour)
		l.restart()
		settle()
		time.Sleep(48 * time.Hour) // two more business days begin
		settle()
		want := []string{"", "incarnation-1", "incarnation-2", "incarnation-3"}
		l.hub.set(func() {
			if !slices.Equal(l.hub.rotated, want) {
				t.Errorf("the terminal came with %q, want %q", l.hub.rotated, want)
			}
		})
		l.add("home")
		settle()
		if l.hub.current != "incarnation-4" || len(l.hub.inbox) != 2 || l.State().Problem != nil {
			t.Errorf("current %s, %d events, %+v", l.hub.current, len(l.hub.inbox), l.State())
		}
	})
}

// An answer that is lost on the way, or on the way to the disk, is given again.
func TestIncarnationAnswerLost(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		lost := 0
		l.hub.set(func() {
			l.hub.after = func(op string) error {
				if op == "rotate" && lost < 3 {
					lost++
					return errDown
				}
				return nil
			}
		})
		l.run()
		l.add("home")
		time.Sleep(time.Minute)
		settle()
		if !slices.Equal(l.hub.rotated, []string{"", "", "", ""}) || len(l.hub.inbox) != 1 || l.State().Problem != nil {
			t.Errorf("asked with %q, %d events, %+v", l.hub.rotated, len(l.hub.inbox), l.State())
		}
	})
}

// Nothing is delivered before the new incarnation is on the disk.
func TestIncarnationIsKeptFirst(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.add("home")
		l.onCommit(func(_ string, at localstore.Point) error {
			if at == localstore.BeforeCommit && l.hub.count("rotate") == 1 {
				return errors.New("input/output error")
			}
			return nil
		})
		l.run()
		settle()
		if err := l.stop(); !errors.Is(err, localstore.ErrDead) || l.hub.count("events") != 0 {
			t.Errorf("run: %v; %d deliveries", err, l.hub.count("events"))
		}
		l.stop = func() error { return nil }
	})
}

// copyDisk copies a data folder, as an image of a disk does.
func copyDisk(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(to, "terminal.lock")); err != nil {
		t.Fatal(err)
	}
}

// An image of the disk is put back after the original went on.
func TestCopiedDisk(t *testing.T) {
	bubble(t, func(c *Config) { c.Every = 10 * time.Minute }, func(t *testing.T, l *link) {
		l.run()
		settle()
		image := t.TempDir()
		copyDisk(t, l.dir, filepath.Join(image, "copy"))
		for range 2 { // the original goes on: two more starts
			l.restart()
			settle()
		}
		if l.State().Problem != nil {
			t.Fatalf("the original: %v", l.State().Problem)
		}
		l.dir = filepath.Join(image, "copy")
		l.restart()
		l.add("home")
		settle()
		check := func(when string) {
			t.Helper()
			if _, ok := l.Slot(); ok || !errors.Is(l.State().Problem, ErrCloned) || l.hub.count("events") != 0 {
				t.Errorf("%s: series open %v, problem %v, %d deliveries", when, ok, l.State().Problem, l.hub.count("events"))
			}
			if l.Away() && when == "found" {
				t.Errorf("%s: the centre counts as away, but gives numbers", when)
			}
		}
		check("found")
		time.Sleep(30 * time.Hour)
		check("days later")
		l.hub.down()
		l.restart()
		settle()
		check("started again without the centre")
		l.hub.set(func() { l.hub.fail, l.hub.current, l.hub.next, l.hub.nonce = nil, "incarnation-1", "", "" }) // released
		time.Sleep(20 * time.Minute)
		settle()
		if _, ok := l.Slot(); !ok || l.State().Problem != nil || len(l.hub.inbox) != 1 {
			t.Errorf("released: series open %v, problem %v, %d events", ok, l.State().Problem, len(l.hub.inbox))
		}
	})
}

// Original and copy run at the same time: one of them is found when it delivers.
func TestCloneIsFoundAtDelivery(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		l.hub.set(func() { l.hub.current, l.hub.next = "somebody", "else" })
		l.add("home")
		settle()
		if _, ok := l.Slot(); ok || !errors.Is(l.State().Problem, ErrCloned) || len(l.hub.inbox) != 0 || l.counts().Waiting != 1 {
			t.Errorf("series open %v, %+v, %+v", ok, l.State(), l.counts())
		}
	})
}

// A centre that does not know incarnations works as it did.
func TestCentreWithoutIncarnations(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.noRotation = true
		l.run()
		l.add("home")
		settle()
		if len(l.hub.inbox) != 1 || l.State().Problem != nil || l.Away() {
			t.Errorf("%d events, %+v", len(l.hub.inbox), l.State())
		}
		// It is brought up to date, and back again.
		l.hub.set(func() { l.hub.noRotation = false })
		l.restart()
		l.add("choose")
		settle()
		l.hub.set(func() { l.hub.noRotation, l.hub.current, l.hub.next = true, "", "" })
		l.restart()
		l.add("confirm")
		settle()
		if len(l.hub.inbox) != 3 || l.State().Problem != nil {
			t.Errorf("%d events, %+v", len(l.hub.inbox), l.State())
		}
	})
}

// A replaced data folder stays closed over a restart without the centre.
func TestClosedSeriesStaysClosed(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		l.hub.set(func() {
			l.hub.acked = 7 // of the folder that was here before
			l.hub.inbox = make([]centralapi.Event, 7)
		})
		l.restart()
		settle()
		if !errors.Is(l.State().Problem, ErrStoreReplaced) {
			t.Fatalf("%+v", l.State())
		}
		l.hub.down()
		l.restart()
		settle()
		if _, ok := l.Slot(); ok || !errors.Is(l.State().Problem, ErrStoreReplaced) {
			t.Errorf("after a restart: series open %v, %+v", ok, l.State())
		}
		l.hub.set(func() { l.hub.fail, l.hub.acked, l.hub.inbox = nil, 0, nil })
		time.Sleep(2 * time.Minute)
		settle()
		if _, ok := l.Slot(); !ok || l.State().Problem != nil {
			t.Errorf("mended: series open %v, %+v", ok, l.State())
		}
	})
}
