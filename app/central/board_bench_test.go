//go:build bench && unix

package central_test

import (
	"bufio"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFiguresBoards prints how long after a call the pages of two hundred boards of
// one hall have been sent it, every board of every call counted.
//
//	go test -tags bench -run TestFiguresBoards -v ./app/central
func TestFiguresBoards(t *testing.T) {
	const boards, calls = 200, 50
	w := startWall(t, 4)
	type told struct {
		label string
		at    time.Time
	}
	shown := make(chan told, boards*4)
	for range boards {
		res, err := http.Get(w.URL() + "/board/stream")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		go func() {
			in := bufio.NewScanner(res.Body)
			in.Buffer(nil, 1<<20)
			for in.Scan() {
				if _, rest, ok := strings.Cut(in.Text(), `data-call="`); ok {
					label, _, _ := strings.Cut(rest, "@")
					shown <- told{label, time.Now()}
				}
			}
		}()
	}
	var took []time.Duration
	for n := range calls {
		if _, err := w.client.IssueTicket(t.Context(), request("a")); err != nil {
			t.Fatal(err)
		}
		// A hall calls a few times a minute: what the number taken has set off is over.
		time.Sleep(2 * time.Second / 5)
		begun := time.Now()
		k, ok, err := w.windows[n%4].CallNext(t.Context())
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		for seen := 0; seen < boards; {
			select {
			case one := <-shown:
				if one.label == k.Label {
					seen++
					took = append(took, one.at.Sub(begun))
				}
			case <-time.After(10 * time.Second):
				t.Fatal(fmt.Sprintf("%d of %d boards show %s", seen, boards, k.Label))
			}
		}
		time.Sleep(2 * time.Second / 5)
		w.end(n%4, k.ID)
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("call → %d boards told: median %v, p99 %v, longest %v", boards, took[len(took)/2], p99, took[len(took)-1])
	if p99 > 100*time.Millisecond {
		t.Errorf("p99 %v, want at most 100ms", p99)
	}
}
