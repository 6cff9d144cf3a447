package uplink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// batches returns the sizes of the batches that were sent, and checks that each
// is in order.
func batches(t *testing.T, h *hub) (sizes []int) {
	t.Helper()
	for _, c := range h.calls {
		if c.op != "events" {
			continue
		}
		sizes = append(sizes, len(c.events))
		for i, e := range c.events {
			if i > 0 && e.Seq != c.events[i-1].Seq+1 {
				t.Errorf("event %d follows %d", e.Seq, c.events[i-1].Seq)
			}
		}
	}
	return sizes
}

// inOrder checks that the centre has exactly these numbers, each once, in order.
func inOrder(t *testing.T, h *hub, last int64) {
	t.Helper()
	if int64(len(h.inbox)) != last {
		t.Errorf("%d events at the centre, want %d", len(h.inbox), last)
	}
	for i, e := range h.inbox {
		if e.Seq != int64(i+1) {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
	}
}

func TestBatches(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		for i := range 250 {
			l.add(fmt.Sprint(i))
		}
		l.hub.up()
		time.Sleep(time.Minute)
		settle()
		if got := batches(t, l.hub); !slices.Equal(got, []int{100, 100, 50}) {
			t.Errorf("batches of %v", got)
		}
		inOrder(t, l.hub, 250)
		if c := l.counts(); c.Waiting != 0 || c.Acked != 250 {
			t.Errorf("%+v", c)
		}
	})
}

func TestBatchesBySize(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		for range 10 {
			l.add(strings.Repeat("x", 60<<10))
		}
		l.hub.up()
		time.Sleep(time.Minute)
		settle()
		if got := batches(t, l.hub); !slices.Equal(got, []int{4, 4, 2}) {
			t.Errorf("batches of %v", got)
		}
		for _, c := range l.hub.calls {
			data, err := json.Marshal(centralapi.EventBatch{Terminal: strings.Repeat("t", 40), BootID: strings.Repeat("b", 36), MonotonicNow: 1 << 60, Events: c.events})
			if err != nil || len(data) > 256<<10 {
				t.Errorf("a batch of %d bytes, %v", len(data), err)
			}
		}
		inOrder(t, l.hub, 10)
	})
}

func TestEventsGoAtOnce(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		time.Sleep(time.Second)
		if err := l.DeviceChanged(context.Background(), "printer", "fault", "paper-out"); err != nil {
			t.Fatal(err)
		}
		settle()
		if len(l.hub.inbox) != 1 {
			t.Fatalf("%d events at the centre", len(l.hub.inbox))
		}
		e := l.hub.inbox[0]
		if e.Kind != centralapi.DeviceChanged || string(e.Body) != `{"device":"printer","state":"fault","fault":"paper-out"}` {
			t.Errorf("event %+v %s", e, e.Body)
		}
	})
}

func TestBatchCarriesTheClock(t *testing.T) {
	var got centralapi.EventBatch
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.set(func() {
			l.hub.fail = func(op string, b centralapi.EventBatch) error {
				if op == "events" {
					got = b
				}
				return nil
			}
		})
		l.run()
		settle()
		l.add("home")
		settle()
		now := l.clock.read()
		if got.Terminal != "t7" || got.BootID != now.BootID || got.MonotonicNow != now.Monotonic || got.Events[0].Monotonic > got.MonotonicNow {
			t.Errorf("batch %+v at %+v", got, now)
		}
	})
}

func TestHelpCallKnowsItsDelivery(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		delivered, err := l.HelpCalled(context.Background(), "confirm")
		if err != nil {
			t.Fatal(err)
		}
		settle()
		select {
		case <-delivered:
			t.Error("delivered while the centre was down")
		default:
		}
		l.hub.up()
		select {
		case <-delivered:
		case <-time.After(time.Minute):
			t.Error("not delivered")
		}
		if len(l.hub.inbox) != 1 || string(l.hub.inbox[0].Body) != `{"page":"confirm"}` {
			t.Errorf("inbox %+v", l.hub.inbox)
		}
	})
}

// Processed, answer lost: sent again, there once.
func TestLostReceipts(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		n := 0
		l.hub.set(func() {
			l.hub.after = func(op string) error {
				if op == "events" {
					if n++; n%2 == 1 {
						return errDown
					}
				}
				return nil
			}
		})
		l.run()
		settle()
		for i := range 30 {
			l.add(fmt.Sprint(i))
			time.Sleep(700 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		settle()
		inOrder(t, l.hub, 30)
		if c := l.counts(); c.Waiting != 0 || n <= 1 {
			t.Errorf("%+v after %d batches", c, n)
		}
	})
}

func TestPartialAcknowledgement(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		for i := range 10 {
			l.add(fmt.Sprint(i))
		}
		l.hub.set(func() { l.hub.fail, l.hub.mostly = nil, 4 })
		time.Sleep(2 * time.Second)
		settle()
		if got := batches(t, l.hub); !slices.Equal(got, []int{10, 6, 2}) {
			t.Errorf("batches of %v", got)
		}
		inOrder(t, l.hub, 10)
	})
}

// One event the centre will never take: the others wait behind it in order until
// it is dead, then its number goes out empty.
func TestPoison(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		l.hub.set(func() { l.hub.poison = "poison" })
		l.add("one", "two", "poison", "four", "five")
		l.hub.up()
		time.Sleep(3 * time.Second)
		settle()
		if len(l.hub.inbox) != 2 {
			t.Errorf("%d events before the bad one at the centre, want 2", len(l.hub.inbox))
		}
		if l.Away() {
			t.Error("a refused event counts as a centre that is away")
		}
		looks := l.hub.count("status")
		time.Sleep(20 * time.Minute)
		settle()
		if n := l.hub.count("status") - looks; n < 239 {
			t.Errorf("only %d looks in 20 minutes", n)
		}
		inOrder(t, l.hub, 5)
		if e := l.hub.inbox[2]; e.Kind != outbox.Withheld || strings.Contains(string(e.Body), "poison") {
			t.Errorf("in place of the dead event: %+v", e)
		}
		if c := l.counts(); c.Dead != 1 || c.Waiting != 0 || l.State().Quarantined != 1 {
			t.Errorf("%+v, quarantined %d", c, l.State().Quarantined)
		}
		refusals := 0
		for _, c := range l.hub.calls {
			if c.op == "events" && len(c.events) == 1 && c.events[0].Kind == centralapi.HelpCalled && strings.Contains(string(c.events[0].Body), "poison") {
				refusals++
			}
		}
		if refusals != outbox.MaxTries {
			t.Errorf("tried alone %d times, want %d", refusals, outbox.MaxTries)
		}
		// Batches are whole again behind it.
		before := len(batches(t, l.hub))
		l.hub.down()
		time.Sleep(10 * time.Second)
		l.add("six", "seven", "eight")
		l.hub.up()
		time.Sleep(time.Minute)
		settle()
		if got := batches(t, l.hub)[before:]; !slices.Equal(got, []int{3}) {
			t.Errorf("batches of %v", got)
		}
	})
}

// Refusals of the terminal as a whole are nobody's fault: no event is given up.
func TestNoEventDiesOfABadToken(t *testing.T) {
	for _, code := range []centralapi.Code{centralapi.CodeUnauthorized, centralapi.CodeForbidden, centralapi.CodeNotFound,
		centralapi.CodeTooMany, centralapi.CodeInternal, centralapi.CodeUnavailable, centralapi.CodeMethod} {
		t.Run(string(code), func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, l *link) {
				l.run()
				settle()
				l.hub.set(func() {
					l.hub.fail = func(op string, _ centralapi.EventBatch) error {
						if op == "events" {
							return centralapi.Refuse(code, "")
						}
						return nil
					}
				})
				l.add("one", "two")
				time.Sleep(2 * time.Hour)
				settle()
				rows, err := l.Outbox.Pending(context.Background(), 10)
				if err != nil || len(rows) != 2 || rows[0].State != outbox.Waiting || rows[0].Tries != 0 {
					t.Fatalf("%+v, %v", rows, err)
				}
				l.hub.up()
				time.Sleep(2 * time.Minute)
				settle()
				inOrder(t, l.hub, 2)
			})
		})
	}
}

func TestReplacedStoreIsNotUsed(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.set(func() { l.hub.acked = 500 }) // of the file that was here before
		l.run()
		l.add("home")
		settle()
		if s := l.State(); !errors.Is(s.Problem, ErrStoreReplaced) || s.Away {
			t.Errorf("state %+v", s)
		}
		if slot, ok := l.Slot(); ok {
			t.Errorf("own series %d is open", slot)
		}
		if n := l.hub.count("events"); n != 0 || l.counts().Waiting != 1 {
			t.Errorf("%d deliveries, %+v", n, l.counts())
		}
		if _, ok := l.Catalogue(); !ok || !slices.Equal(l.statuses, []int{3}) {
			t.Error("catalogue and status stopped too")
		}
		// Enrolled again: another terminal for the centre, the file has never been one.
		l.hub.set(func() { l.hub.acked, l.hub.terminal.ID, l.hub.terminal.Slot = 0, "t8", 8 })
		l.restart()
		settle()
		if slot, _ := l.Slot(); slot != 8 || l.State().Problem != nil {
			t.Errorf("slot %d, state %+v", slot, l.State())
		}
		inOrder(t, l.hub, 1)
	})
}

func TestOtherTerminal(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		l.add("home")
		settle()
		l.hub.set(func() { l.hub.terminal.ID, l.hub.terminal.Slot, l.hub.acked = "t8", 8, 0 })
		l.add("of t7")
		settle()
		l.restart()
		settle()
		if s := l.State(); !errors.Is(s.Problem, ErrOtherTerminal) {
			t.Errorf("state %+v", s)
		}
		if _, ok := l.Slot(); ok {
			t.Error("own series is open")
		}
		if term, _ := l.Terminal(); term.ID != "t7" {
			t.Errorf("the file now says it belongs to %s", term.ID)
		}
	})
}

// A centre restored from an old copy gets again what it lacks.
func TestCentreLostEvents(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		settle()
		for i := range 10 {
			l.add(fmt.Sprint(i))
		}
		settle()
		inOrder(t, l.hub, 10)
		err := l.Store.Write(context.Background(), "test", func(tx *localstore.Tx) error {
			_, err := tx.Exec(`DELETE FROM outbox WHERE seq <= 5`) // purged long ago
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		l.hub.set(func() {
			l.hub.inbox, l.hub.acked = l.hub.inbox[:3], 3
			clear(l.hub.seen)
		})
		l.add("next")
		time.Sleep(10 * time.Second)
		settle()
		// Number 11 may have come before the centre said what it lacks.
		slices.SortFunc(l.hub.inbox, func(a, b centralapi.Event) int { return int(a.Seq - b.Seq) })
		inOrder(t, l.hub, 11)
		for i, e := range l.hub.inbox[3:] {
			if withheld := e.Kind == outbox.Withheld; withheld != (i < 2) {
				t.Errorf("event %d is %s", e.Seq, e.Kind)
			}
		}
		if l.State().Problem != nil || l.Away() {
			t.Errorf("state %+v", l.State())
		}
	})
}
