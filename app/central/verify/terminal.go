package verify

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
)

// terminal takes numbers, one citizen after another.
type terminal struct {
	*run
	n      int
	client *centralapi.Client
	random *rand.Rand
	mine   []int // indexes of its issues in the book
}

func (r *run) newTerminal(n int, token string) (*terminal, error) {
	c, err := r.newClient(token)
	return &terminal{run: r, n: n, client: c, random: r.random(uint64(n))}, err
}

// work takes numbers until the run is over. Every request that was begun is
// carried through, as a real terminal does: its id is on the disk.
func (t *terminal) work(ctx context.Context) {
	for {
		select {
		case <-t.ended:
			return
		case <-ctx.Done():
			return
		case t.room <- struct{}{}:
		}
		if closed(t.ended) { // both were ready
			<-t.room
			return
		}
		t.take(ctx)
	}
}

// take lets one citizen take a number, on a good day or a bad one.
func (t *terminal) take(ctx context.Context) {
	q := t.request()
	begin := t.since()
	var answers []centralapi.Ticket
	clean := false
	switch luck := t.random.IntN(100); {
	case luck < 3: // pressed twice, or repeated by something on the way
		answers = t.twice(ctx, q)
	case luck < 6: // given up while it is under way
		giveUp, cancel := context.WithTimeout(ctx, time.Duration(100+t.random.IntN(3000))*time.Microsecond)
		early, err := t.client.IssueTicket(giveUp, q)
		cancel()
		t.book.request()
		if err == nil {
			answers = append(answers, early)
		}
		answers = t.insist(ctx, q, answers)
	case luck < 8: // done, but the answer gets lost
		if early, err := t.client.IssueTicket(context.WithValue(ctx, loseAnswer{}, true), q); err == nil {
			answers = append(answers, early)
		}
		t.book.request()
		answers = t.insist(ctx, q, answers)
	case luck < 11: // sent again although it was answered
		answers = t.insist(ctx, q, nil)
		answers = t.insist(ctx, q, answers)
	default:
		answers = t.insist(ctx, q, nil)
		clean = true
	}
	end := t.since()
	if clean {
		t.book.latency("issue", end-begin)
	}
	if len(answers) == 0 {
		t.book.unanswered(q.ID)
		<-t.room // nobody stands there
		return
	}
	at := t.book.issued(q, answers, begin, end)
	t.mine = append(t.mine, at)
	if t.Numbers > 0 && at+1 >= t.Numbers {
		t.stop()
	}
}

// request makes what one citizen asks for. Half of them have shown a card.
func (t *terminal) request() centralapi.TicketRequest {
	q := centralapi.TicketRequest{ID: uuid.Must(uuid.NewV7()).String(), Business: t.businesses[t.random.IntN(len(t.businesses))], Language: "zh"}
	if t.random.IntN(2) == 0 {
		var key strings.Builder
		for range 4 {
			fmt.Fprintf(&key, "%016x", t.random.Uint64())
		}
		q.Holder = &centralapi.Holder{Key: key.String(), Name: "测*员", Number: "110***********002X", Source: "card"}
	}
	return q
}

// twice sends the request twice at the same moment.
func (t *terminal) twice(ctx context.Context, q centralapi.TicketRequest) []centralapi.Ticket {
	var both [2][]centralapi.Ticket
	var wg sync.WaitGroup
	for i := range both {
		wg.Go(func() { both[i] = t.insist(ctx, q, nil) })
	}
	wg.Wait()
	return append(both[0], both[1]...)
}

// insist sends the request until it is answered and adds the answer.
func (t *terminal) insist(ctx context.Context, q centralapi.TicketRequest, answers []centralapi.Ticket) []centralapi.Ticket {
	for n := range tries {
		answer, err := t.client.IssueTicket(ctx, q)
		t.book.request()
		if err == nil {
			return append(answers, answer)
		}
		if ctx.Err() != nil {
			break
		}
		t.book.failed("take a number", err)
		if permanent(err) {
			break
		}
		pause(ctx, n, err)
	}
	return answers
}

// askAgain asks for every id once more: whatever was answered must be there, with
// the same number, and over.
func (r *run) askAgain(ctx context.Context, terminals []*terminal) {
	var wg sync.WaitGroup
	for _, t := range terminals {
		wg.Go(func() {
			for _, i := range t.mine {
				if ctx.Err() != nil {
					return
				}
				q := r.book.requestOf(i)
				answer, err := t.client.IssueTicket(ctx, q)
				for n := 0; err != nil && n < tries && ctx.Err() == nil; n++ {
					if permanent(err) {
						break
					}
					pause(ctx, n, err)
					answer, err = t.client.IssueTicket(ctx, q)
				}
				r.book.askedAgain(i, answer, err)
			}
		})
	}
	wg.Wait()
}
