//go:build bench && unix

package central_test

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFiguresBoards prints how long after a call the pages of two hundred boards of
// one hall have been sent it, every board of every call counted. The boards' readers
// are goroutines of the same process: what they need is in the figure.
//
//	go test -tags bench -run TestFiguresBoards -v ./app/central
func TestFiguresBoards(t *testing.T) {
	const boards, calls = 200, 50
	w := startWall(t, 4)
	type told struct {
		board int
		label string
		at    time.Time
	}
	shown := make(chan told, boards*4)
	for n := range boards {
		res, err := http.Get(w.URL() + "/board/stream")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		go func() {
			in := bufio.NewScanner(res.Body)
			in.Buffer(nil, 1<<20) // the whole board is a line
			for in.Scan() {
				if _, rest, ok := strings.Cut(in.Text(), `data-call="`); ok {
					label, _, _ := strings.Cut(rest, "@")
					shown <- told{n, label, time.Now()}
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
		// A board may be sent the same again; its first time counts.
		for seen := map[int]bool{}; len(seen) < boards; {
			select {
			case one := <-shown:
				if one.label == k.Label && !seen[one.board] {
					seen[one.board] = true
					took = append(took, one.at.Sub(begun))
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("%d of %d boards show %s", len(seen), boards, k.Label)
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
