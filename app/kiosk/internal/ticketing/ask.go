package ticketing

import (
	"context"
	"errors"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
)

// answer is what came of asking the centre: a number (given), a refusal, or
// neither.
type answer struct {
	given   bool
	ticket  centralapi.Ticket
	refused *Refused
	// unanswered: a try ended without an answer, so the centre may have made, or
	// may still make, a number for this id.
	unanswered bool
}

// ask asks the centre as the package documentation says. It returns within
// TotalWait, even if the Centre does not heed its context.
func (d *Desk) ask(ctx context.Context, r centralapi.TicketRequest) answer {
	var a answer
	if d.pause.on() {
		return a
	}
	begin := time.Now()
	waits := []func() time.Duration{
		func() time.Duration { return d.config.FirstWait },
		func() time.Duration { return d.config.TotalWait - time.Since(begin) },
	}
	timedOut := false
	for _, wait := range waits {
		t, late, err := d.try(ctx, wait(), r)
		if err == nil && !plausible(r, t) {
			err = errImplausible
		}
		if err == nil {
			a.given, a.ticket = true, t
			return a
		}
		if ctx.Err() != nil {
			a.unanswered = true
			return a
		}
		problem, answered := errors.AsType[*centralapi.Error](err)
		if answered && definite(problem) {
			a.refused = &Refused{Code: problem.Code, Detail: problem.Detail}
			return a
		}
		timedOut = timedOut || late
		if answered && problem.Status < 500 {
			// A token that is not valid, a limit that is reached: the same
			// request a moment later gets the same answer.
			break
		}
		a.unanswered = true
	}
	if timedOut {
		d.pause.begin(d.config.Pause)
	}
	d.log.Warn("the centre gave no number; this terminal's own series goes on",
		"waited", time.Since(begin).Round(time.Millisecond), "timed_out", timedOut)
	return a
}

// errImplausible stands for an answer that is no ticket for this request.
var errImplausible = errors.New("ticketing: the centre's answer is not a ticket for this request")

// try asks once. An answer that comes after wait is not looked at; late reports
// that the error is due to that.
func (d *Desk) try(ctx context.Context, wait time.Duration, r centralapi.TicketRequest) (t centralapi.Ticket, late bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	type result struct {
		ticket centralapi.Ticket
		err    error
	}
	got := make(chan result, 1)
	go func() {
		t, err := d.config.Centre.IssueTicket(ctx, r)
		got <- result{t, err}
	}()
	var res result
	select {
	case res = <-got:
	case <-ctx.Done():
		res.err = ctx.Err()
	}
	return res.ticket, res.err != nil && ctx.Err() != nil, res.err
}

// plausible reports whether t can be the answer to r. A proxy's page or an empty
// object must not end on a citizen's paper.
func plausible(r centralapi.TicketRequest, t centralapi.Ticket) bool {
	switch {
	case t.ID == "", t.Label == "", len(t.Label) > 32, t.Day == "", t.Business != r.Business:
		return false
	case t.State == centralapi.Void, t.State == centralapi.Cancelled:
		return false
	}
	return t.Existing || t.ID == r.ID
}

// definite reports whether the problem is the hall's decision about this wish.
// Problems of the way to the centre (a token, an address, a version) are not:
// people in the hall get their numbers from the own series meanwhile.
func definite(p *centralapi.Error) bool {
	if p.Retryable {
		return false
	}
	switch p.Code {
	case centralapi.CodeUnauthorized, centralapi.CodeForbidden, centralapi.CodeNotFound,
		centralapi.CodeMalformed, centralapi.CodeMethod, centralapi.CodeTooLarge,
		centralapi.CodeUnsupported, centralapi.CodeTooMany, centralapi.CodeRetired,
		centralapi.CodeInternal, centralapi.CodeUnavailable:
		return false
	}
	return p.Status < 500
}

// pause is the time in which the centre is not asked.
type pause struct {
	mu    sync.Mutex
	until time.Time
}

func (p *pause) begin(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = time.Now().Add(d)
}

func (p *pause) on() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.until)
}
