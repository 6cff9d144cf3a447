package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/centralapi"
)

func TestIntake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		i := newIntake()
		enter := func(hall string) func() {
			t.Helper()
			leave, err := i.enter(ctx, hall)
			if err != nil {
				t.Fatal(err)
			}
			return leave
		}
		var leave []func()
		for range batchesPerHall {
			leave = append(leave, enter("a"))
		}
		begun := time.Now()
		_, err := i.enter(ctx, "a")
		e := refusal(err)
		if e.Code != centralapi.CodeTooMany || e.RetryAfter() < time.Second || e.RetryAfter() > 3*time.Second || time.Since(begun) != intakePatience {
			t.Errorf("one batch too many: %v, to come again in %v, after %v", err, e.RetryAfter(), time.Since(begun))
		}
		enter("b")() // another hall's turn comes at once
		if time.Since(begun) != intakePatience {
			t.Error("another hall had to wait")
		}
		// Whoever waits has its turn when another leaves.
		go func() { time.Sleep(intakePatience / 2); leave[0]() }()
		leave[0] = enter("a")
		if took := time.Since(begun) - intakePatience; took != intakePatience/2 {
			t.Errorf("let in after %v", took)
		}
		// More than may wait are put off at once.
		var wg sync.WaitGroup
		for range batchesWaiting {
			wg.Go(func() {
				if _, err := i.enter(ctx, "a"); refusal(err).Code != centralapi.CodeTooMany {
					t.Errorf("waited in vain: %v", err)
				}
			})
		}
		synctest.Wait()
		begun = time.Now()
		if _, err := i.enter(ctx, "a"); refusal(err).Code != centralapi.CodeTooMany || time.Since(begun) != 0 || i.room("a") == nil {
			t.Errorf("more than may wait: %v after %v", err, time.Since(begun))
		}
		wg.Wait()
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := i.enter(gone, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("a client that has gone: %v", err)
		}
		for _, l := range leave {
			l()
		}
		// All halls together.
		leave = leave[:0]
		for n := range batchesInAll {
			leave = append(leave, enter(fmt.Sprint("hall ", n)))
		}
		if _, err := i.enter(ctx, "new"); refusal(err).Code != centralapi.CodeTooMany {
			t.Errorf("more than there may be in all: %v", err)
		}
		for _, l := range leave {
			l()
		}
		if len(i.byHall) != 0 || len(i.all) != 0 {
			t.Errorf("%d halls, %d batches left", len(i.byHall), len(i.all))
		}
	})
}

// stuck is a desk whose intake of events does not end until it is let go.
type stuck struct {
	Desk
	begun chan struct{}
	goOn  chan struct{}
}

func (stuck) TerminalOf(context.Context, string, string) (centralapi.Terminal, error) {
	return centralapi.Terminal{ID: "t1"}, nil
}

func (s stuck) Deliver(context.Context, string, centralapi.Terminal, centralapi.EventBatch) (centralapi.EventReceipt, error) {
	s.begun <- struct{}{}
	<-s.goOn
	return centralapi.EventReceipt{Quarantined: []string{}}, nil
}

func (stuck) Issue(_ context.Context, _ string, _ centralapi.Terminal, r centralapi.TicketRequest) (centralapi.Ticket, error) {
	return centralapi.Ticket{ID: r.ID}, nil
}

// While a hall's events pile up, more of them are put off and numbers are not.
func TestEventsArePutOffAndNumbersAreNot(t *testing.T) {
	synctest.Test(t, eventsArePutOff)
}

func eventsArePutOff(t *testing.T) {
	desk := stuck{begun: make(chan struct{}), goOn: make(chan struct{})}
	h := New(Config{Desk: desk, RequestRate: 1e6})
	post := func(hall, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/v1/halls/"+hall+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	var wg sync.WaitGroup
	for range batchesPerHall {
		wg.Go(func() {
			if w := post("a", "/events", `{}`); w.Code != http.StatusOK {
				t.Errorf("a batch that was let in: %d %s", w.Code, w.Body)
			}
		})
		<-desk.begun
	}
	for range 3 {
		if w := post("a", "/events", `{}`); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("a batch too many: %d", w.Code)
		}
		if w := post("a", "/tickets", `{"id":"x"}`); w.Code != http.StatusOK {
			t.Errorf("a number: %d %s", w.Code, w.Body)
		}
	}
	wg.Go(func() {
		if w := post("b", "/events", `{}`); w.Code != http.StatusOK {
			t.Errorf("another hall's batch: %d", w.Code)
		}
	})
	<-desk.begun
	close(desk.goOn)
	wg.Wait()
}
