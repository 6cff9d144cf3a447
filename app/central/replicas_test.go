package central_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/postgrestest"
)

// boardOf reads a board stream of a service and hands on each board until the test
// ends.
func boardOf(t testing.TB, s *central.Service) <-chan centralapi.Board {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/v1/halls/test/board/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	boards := make(chan centralapi.Board, 100)
	var wg sync.WaitGroup
	t.Cleanup(func() { cancel(); res.Body.Close(); wg.Wait() })
	wg.Go(func() {
		defer close(boards)
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var b centralapi.Board
				if err := json.Unmarshal([]byte(data), &b); err != nil {
					t.Error(err)
					return
				}
				boards <- b
			}
		}
	})
	return boards
}

// Two services on one database are one centre: numbers asked for at either have no
// gap and no double, nobody is called twice, and what happens at one shows on the
// other's boards at once.
func TestReplicas(t *testing.T) {
	url := postgrestest.Start(t)
	ctx := t.Context()
	var services []*central.Service
	var clients []*centralapi.Client
	var token string
	for i := range 2 {
		s := run(t, central.Config{Database: url, Halls: []*hall.Hall{testHall(4)}})
		if i == 0 {
			var err error
			if token, _, err = s.EnrolTerminal(ctx, "test", "一号机"); err != nil {
				t.Fatal(err)
			}
		}
		services = append(services, s.Service)
		clients = append(clients, client(t, s.Service, token))
	}

	const perClient = 50
	labels := make([]string, 4*perClient)
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for i := range perClient {
				k, err := clients[n%2].IssueTicket(ctx, request("a"))
				if err != nil {
					t.Error(err)
					return
				}
				labels[n*perClient+i] = k.Label
			}
		})
	}
	wg.Wait()
	slices.Sort(labels)
	for i, l := range labels {
		if want := fmt.Sprintf("A%03d", i+1); l != want {
			t.Fatalf("number %d is %s, want %s", i+1, l, want)
		}
	}

	// The same id at both is one ticket.
	r := request("b")
	a, errA := clients[0].IssueTicket(ctx, r)
	b, errB := clients[1].IssueTicket(ctx, r)
	if errA != nil || errB != nil || a.Label != b.Label {
		t.Errorf("one id at two services: %s and %s, %v, %v", a.Label, b.Label, errA, errB)
	}

	boards := boardOf(t, services[1])
	if first := <-boards; len(first.Calls) != 0 {
		t.Fatalf("first board %+v", first)
	}
	window, err := clients[0].Login(ctx, centralapi.WindowLogin{Window: "w1", PIN: testPIN})
	if err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for range 20 {
		called, ok, err := window.CallNext(ctx)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		begun := time.Now()
		late := time.NewTimer(5 * time.Second)
	wait:
		for {
			select {
			case b := <-boards:
				if len(b.Calls) > 0 && b.Calls[0].Label == called.Label {
					break wait
				}
			case <-late.C:
				t.Fatalf("%s does not show on the other service's board", called.Label)
			}
		}
		late.Stop()
		took = append(took, time.Since(begun))
		if _, err := window.Finish(ctx, called.ID); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(took)
	// The target is 200 ms. The median bears it on a busy machine; the two seconds'
	// look at the database, were it the only way, would not.
	if median := took[len(took)/2]; median > 200*time.Millisecond {
		t.Errorf("a call takes %v to the other service's board", median)
	}
	t.Logf("to the other service's board: median %v, longest %v", took[len(took)/2], took[len(took)-1])

	// Windows at both services, together: every ticket is called once.
	called := map[string]string{}
	var mu sync.Mutex
	for n := range 4 {
		wg.Go(func() {
			w, err := clients[n%2].Login(ctx, centralapi.WindowLogin{Window: fmt.Sprintf("w%d", n+1), PIN: testPIN})
			if err != nil {
				t.Error(err)
				return
			}
			for {
				k, ok, err := w.CallNext(ctx)
				if err != nil || !ok {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				if other, twice := called[k.ID]; twice {
					t.Errorf("%s is called at w%d and at %s", k.Label, n+1, other)
				}
				called[k.ID] = fmt.Sprintf("w%d", n+1)
				mu.Unlock()
				if _, err := w.Finish(ctx, k.ID); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if want := 4*perClient + 1 - 20; len(called) != want {
		t.Errorf("%d tickets were called, want %d", len(called), want)
	}
	for _, s := range services {
		if r, err := s.Rebuild(ctx, "test", true); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %+v, %v", r, err)
		}
	}
}
