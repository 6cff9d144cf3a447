package uplink

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// addKinds puts n events into the outbox, every tenth of them a ticket's, every
// tenth a rating, the others neither.
func (l *link) addKinds(n int) {
	l.t.Helper()
	err := l.Store.Write(context.Background(), "test", func(tx *localstore.Tx) error {
		for i := range n {
			kind := centralapi.DeviceChanged
			switch i % 10 {
			case 3:
				kind = centralapi.TicketPrinted
			case 7:
				kind = "rating-given"
			}
			if _, err := l.Outbox.Add(tx, kind, map[string]int{"i": i}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// lanesOf returns the lanes in the order in which their rows came, and how many of
// each came in a row.
func lanesOf(events []centralapi.Event) (runs []string) {
	var lane outbox.Lane
	n := 0
	for i, e := range events {
		if next := outbox.LaneOf(e.Kind); i == 0 || next == lane {
			lane, n = next, n+1
		} else {
			runs, lane, n = append(runs, fmt.Sprint(lane, "×", n)), next, 1
		}
	}
	return append(runs, fmt.Sprint(lane, "×", n))
}

// After a long outage tickets go first, ratings second, everything else last; each
// event once, each lane in order.
func TestTicketsGoFirst(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		l.addKinds(2000)
		l.hub.up()
		time.Sleep(time.Minute)
		settle()
		if len(l.hub.inbox) != 2000 {
			t.Fatalf("%d events at the centre", len(l.hub.inbox))
		}
		if got, want := lanesOf(l.hub.inbox), []string{"1×200", "2×200", "3×1600"}; !slices.Equal(got, want) {
			t.Errorf("came as %v, want %v", got, want)
		}
		sent := 0
		last := map[outbox.Lane]int64{}
		for _, c := range l.hub.calls {
			sent += len(c.events)
			for i, e := range c.events {
				lane := outbox.LaneOf(e.Kind)
				if e.Seq <= last[lane] || i > 0 && e.Seq <= c.events[i-1].Seq {
					t.Fatalf("event %d of lane %d follows %d", e.Seq, lane, last[lane])
				}
				last[lane] = e.Seq
			}
		}
		if sent != 2000 {
			t.Errorf("%d events were sent for 2000", sent)
		}
		if c := l.counts(); c.Waiting != 0 || c.Acked != 2000 {
			t.Errorf("%+v", c)
		}
	})
}

// What fits into one delivery goes in the order in which it happened.
func TestFewEventsGoInOrder(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		l.addKinds(MaxEvents)
		l.hub.up()
		time.Sleep(time.Minute)
		settle()
		inOrder(t, l.hub, MaxEvents)
		if got := batches(t, l.hub); !slices.Equal(got, []int{MaxEvents}) {
			t.Errorf("batches of %v", got)
		}
	})
}

// Rows that the centre took ahead of others are not sent again after a failure in
// the middle, and a ticket taken meanwhile overtakes what waits.
func TestLanesAcrossFailures(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		l.addKinds(1000) // 100 tickets, 100 ratings, 800 others
		deliveries := 0
		l.hub.set(func() {
			l.hub.fail = func(op string, _ centralapi.EventBatch) error {
				if op != "events" {
					return nil
				}
				if deliveries++; deliveries == 4 || deliveries == 6 {
					return errDown
				}
				if deliveries == 5 { // a new ticket, in the middle of it all
					go l.addKinds(4)
				}
				return nil
			}
		})
		time.Sleep(5 * time.Minute)
		settle()
		seen := map[string]int{}
		for _, c := range l.hub.calls {
			for _, e := range c.events {
				seen[e.ID]++
			}
		}
		again := 0
		for _, n := range seen {
			again += n - 1
		}
		if len(l.hub.inbox) != 1004 || again > 2*MaxEvents {
			t.Errorf("%d events at the centre, %d were sent again; only the two failed deliveries may be", len(l.hub.inbox), again)
		}
		at := slices.IndexFunc(l.hub.inbox, func(e centralapi.Event) bool { return e.Seq == 1004 })
		if at < 0 || at > 700 {
			t.Errorf("the new ticket came as number %d", at+1)
		}
		if c := l.counts(); c.Waiting != 0 || c.Acked != 1004 {
			t.Errorf("%+v", c)
		}
	})
}

// A centre that loses what it took ahead of others, restored from a copy at that
// very moment, gets it again.
func TestCentreLosesWhatItTookAhead(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		l.addKinds(500)
		deliveries, lost := 0, false
		l.hub.set(func() {
			l.hub.fail = func(op string, _ centralapi.EventBatch) error {
				if op == "events" {
					if deliveries++; deliveries == 3 { // tickets and ratings are there
						l.hub.inbox = slices.DeleteFunc(l.hub.inbox, func(e centralapi.Event) bool { return e.Seq > l.hub.acked })
						clear(l.hub.seen)
						lost = l.hub.acked > 0 && len(l.hub.inbox) > 0
					}
				}
				return nil
			}
		})
		time.Sleep(5 * time.Minute)
		settle()
		if !lost {
			t.Fatal("the centre lost nothing that it had taken ahead")
		}
		for i := range int64(500) {
			if !l.hub.holds(i + 1) {
				t.Fatalf("the centre never got event %d again", i+1)
			}
		}
		if c := l.counts(); c.Waiting != 0 || c.Acked != 500 {
			t.Errorf("%+v", c)
		}
	})
}

// A centre that acknowledges what it was never sent is not believed.
func TestAcknowledgementIsBounded(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		settle()
		l.addKinds(300)
		l.hub.set(func() {
			l.hub.fail = func(op string, b centralapi.EventBatch) error {
				if l.hub.acked > 0 {
					return errDown
				}
				if op == "events" {
					l.hub.acked = 290
				}
				return nil
			}
		})
		time.Sleep(30 * time.Second)
		settle()
		// The one delivery had 30 tickets, 30 ratings, and of the rest those up to 50.
		if c := l.counts(); c.Acked != 50 || c.Waiting != 250 {
			t.Errorf("acknowledged through %d, %d waiting: number 51 was never sent", c.Acked, c.Waiting)
		}
	})
}

func TestBudget(t *testing.T) {
	for name, c := range map[string]struct {
		outbox.Counts
		spent  bool
		advice string
	}{
		"nothing":    {outbox.Counts{}, false, ""},
		"at its end": {outbox.Counts{Waiting: 500, Bytes: 20 << 20, Oldest: 24 * time.Hour}, false, ""},
		"many":       {outbox.Counts{Waiting: 501, Oldest: 3 * time.Hour}, true, "有 501 条记录没有报到中心，最早的在 3 小时前，请检查网络和中心服务。"},
		"old":        {outbox.Counts{Waiting: 1, Oldest: 49 * time.Hour}, true, "有 1 条记录没有报到中心，最早的在 2 天前，请检查网络和中心服务。"},
		"large":      {outbox.Counts{Waiting: 400, Bytes: 20<<20 + 1, Oldest: time.Minute}, true, "有 400 条记录没有报到中心，最早的在 1 分钟前，请检查网络和中心服务。"},
		"dead":       {outbox.Counts{Dead: 2}, false, "有 2 条记录中心不接受，请技术员处理。"},
	} {
		if b := budgetOf(c.Counts); b.Spent != c.spent || b.Advice != c.advice {
			t.Errorf("%s: %+v", name, b)
		}
	}
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.down()
		l.run()
		l.add("home")
		settle()
		time.Sleep(23 * time.Hour)
		if b := l.State().Offline; b.Spent || b.Items != 1 || b.Bytes != int64(len(`{"page":"home"}`)) {
			t.Errorf("after 23 hours: %+v", b)
		}
		time.Sleep(2 * time.Hour)
		if b := l.State().Offline; !b.Spent || b.Advice == "" {
			t.Errorf("after 25 hours: %+v", b)
		}
		l.restart()
		settle()
		if b := l.State().Offline; !b.Spent {
			t.Errorf("after a restart: %+v", b)
		}
		l.hub.up()
		time.Sleep(2 * time.Minute)
		settle()
		if b := l.State().Offline; b != (Budget{}) {
			t.Errorf("delivered: %+v", b)
		}
	})
}
