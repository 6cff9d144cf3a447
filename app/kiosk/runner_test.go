package kiosk

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
)

// bare is a terminal with a session and nothing attached.
func bare(log *bytes.Buffer) *Terminal {
	return &Terminal{
		log: slog.New(slog.NewTextHandler(log, nil)), mail: newMailbox(),
		watchers: watchers{view: session.New(nil).View(), funcs: map[int]func(session.View){}},
	}
}

func TestPanicInAnEffectIsAnAnswer(t *testing.T) {
	var log bytes.Buffer
	term := bare(&log)
	term.spawn("issue", session.IssueFailed{}, func() session.Event { panic("boom") })
	term.effects.Wait()
	if events := term.mail.take(); len(events) != 1 || events[0] != (session.IssueFailed{}) {
		t.Errorf("the session was told %v", events)
	}
	if !strings.Contains(log.String(), "boom") {
		t.Error("nothing in the log")
	}
}

// brokenHall makes the session panic: an event that its own package cannot
// handle must not end the terminal.
func TestPanicInTheSessionGoesHome(t *testing.T) {
	var log bytes.Buffer
	term := bare(&log)
	s := session.New(func([]session.Choice, bool, session.Language) []int { panic("no room") })
	h := &hall.Hall{ID: "x", Businesses: []hall.Business{{ID: "b", Name: "业务"}}}
	for _, e := range []session.Event{session.HallChanged{Hall: h}, session.TakeNumber{}, session.PageTurned{By: 1}} {
		s, _ = term.step(s, e)
	}
	if s.Page != session.PageHome || !strings.Contains(log.String(), "no room") {
		t.Errorf("page %q, log %q", s.Page, log.String())
	}
}

func TestMailboxKeepsOrderAndNeverWaits(t *testing.T) {
	m := newMailbox()
	for i := range 10000 {
		m.put(session.PageTurned{By: i})
	}
	for i, e := range m.take() {
		if e != (session.PageTurned{By: i}) {
			t.Fatalf("event %d is %v", i, e)
		}
	}
	if len(m.take()) != 0 {
		t.Error("events are taken twice")
	}
}

// Two minutes of silence, in no time: language and size fall back by themselves.
func TestTimersRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		term := bare(&log)
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		var views []session.View
		term.Watch(func(v session.View) {
			mu.Lock()
			defer mu.Unlock()
			views = append(views, v)
		})
		seen := func() (n int, last session.View) {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return len(views), views[len(views)-1]
		}
		go term.play(ctx)
		term.Do(session.HallChanged{Hall: &hall.Hall{ID: "x", Name: "厅"}})
		term.Do(session.LanguageChosen{Language: session.English})
		term.Do(session.AssistedChosen{On: true})
		n, v := seen()
		if v.Language != session.English || !v.Assisted {
			t.Fatalf("view %+v", v)
		}
		time.Sleep(119 * time.Second)
		if later, _ := seen(); later != n {
			t.Errorf("something changed before the time was over")
		}
		time.Sleep(2 * time.Second)
		if _, v := seen(); v.Language != session.Chinese || v.Assisted {
			t.Errorf("after two minutes: %+v", v)
		}
		cancel()
		synctest.Wait()
	})
}
