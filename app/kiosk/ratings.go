package kiosk

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/handoff"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/rating"
	"hallkiosk/devices/codescan"
)

// How long people wait for what the central service says about ratings: for all tries
// together, and for one of them. Between two is a pause.
const (
	findPatience = 6 * time.Second
	ratePatience = 10 * time.Second
	rateTry      = 4 * time.Second
	ratePause    = 500 * time.Millisecond
)

// carryOutRating does what the session wants done about ratings. It reports whether fx
// was about them.
func (t *Terminal) carryOutRating(ctx context.Context, fx session.Effect) bool {
	switch fx := fx.(type) {
	case session.FindServices:
		away := session.ServicesFound{ID: fx.ID, Problem: session.RateAway}
		t.spawn("find services", away, func() session.Event { return t.findServices(ctx, fx) })
	case session.SendRating:
		away := session.RatingSent{ID: fx.ID, Problem: session.RateAway}
		t.spawn("send rating", away, func() session.Event {
			return session.RatingSent{ID: fx.ID, Problem: t.sendRating(ctx, fx)}
		})
	default:
		return false
	}
	return true
}

// findServices asks the hall what can be rated. The document number ends here, as when
// a number is taken.
func (t *Terminal) findServices(ctx context.Context, fx session.FindServices) session.Event {
	ctx, cancel := context.WithTimeout(ctx, findPatience)
	defer cancel()
	found := session.ServicesFound{ID: fx.ID}
	requests, err := t.ratable(fx)
	for _, r := range requests {
		var list centralapi.RatableServices
		if list, err = t.client.Ratable(ctx, r); err != nil {
			break
		}
		found.Version = list.Version
		for _, s := range list.Services {
			if slices.ContainsFunc(found.Services, func(f session.Service) bool { return f.Ticket == s.Ticket }) {
				continue
			}
			service := session.Service{
				Ticket: s.Ticket, Label: s.Label, Business: s.Business, Item: s.Item, Window: s.Window, Ended: s.Ended,
			}
			service.Request, service.Outcome = t.ratingCode(s.Ticket, fx.Language)
			found.Services = append(found.Services, service)
		}
	}
	if err != nil {
		t.logFailure("find services to rate", err)
		return session.ServicesFound{ID: fx.ID, Problem: session.RateAway}
	}
	return found
}

// outcomeLife is how long the address of an outcome is good: longer than a follow-up
// takes, and no key lives much longer.
const outcomeLife = 60 * 24 * time.Hour

// ratingCode makes a one-time code of its own for a rating that is given here: the id
// of the rating, and the address that opens what came of it. The code on the paper is
// not taken for that, because clerks get to see the paper. Without the hall's keys
// there is no address.
func (t *Terminal) ratingCode(ticket string, l session.Language) (request, address string) {
	now, _, _ := t.uplink.Now()
	p, err := handoff.ForRating(ticket, string(l), now.Add(outcomeLife))
	if h := t.hall(); err == nil && h != nil {
		if address = t.sign(h, p); address != "" {
			return p.RatingID(string(rating.Active)), address + "/rating"
		}
	}
	return uuid.NewString(), ""
}

// ratable are the questions to ask.
func (t *Terminal) ratable(fx session.FindServices) ([]centralapi.RatableRequest, error) {
	switch {
	case fx.Person.Number != "":
		holder, err := t.holder(fx.Person)
		if err != nil {
			return nil, err
		}
		return []centralapi.RatableRequest{{HolderKey: holder.Key}}, nil
	case fx.Ticket != "":
		return []centralapi.RatableRequest{{Ticket: fx.Ticket}}, nil
	}
	var all []centralapi.RatableRequest
	for _, label := range fx.Labels {
		all = append(all, centralapi.RatableRequest{Label: label})
	}
	return all, nil
}

// sendRating gives a rating and says why it was not taken; "" = it is kept. An answer
// that got lost is asked for again: the same request is the same rating.
func (t *Terminal) sendRating(ctx context.Context, fx session.SendRating) session.RateProblem {
	ctx, cancel := context.WithTimeout(ctx, ratePatience)
	defer cancel()
	r := centralapi.RatingRequest{
		ID: fx.Request, Ticket: fx.Ticket, Level: fx.Answer.Level, Version: fx.Answer.Version,
		Reasons: fx.Answer.Reasons, Words: fx.Answer.Words, Anonymous: fx.Answer.Anonymous,
	}
	for {
		try, done := context.WithTimeout(ctx, rateTry)
		_, err := t.client.Rate(try, r)
		done()
		problem := rateProblem(err)
		if problem != session.RateAway {
			if problem != "" {
				t.log.Warn("rating not taken", "problem", string(problem), "code", string(codeOf(err)))
			}
			return problem
		}
		pause := time.NewTimer(ratePause)
		select {
		case <-ctx.Done():
			pause.Stop()
			t.logFailure("send rating", err)
			return session.RateAway
		case <-pause.C:
		}
	}
}

// codeOf is the code of a refusal, "" for no answer.
func codeOf(err error) centralapi.Code {
	if refused, ok := errors.AsType[*centralapi.Error](err); ok {
		return refused.Code
	}
	return ""
}

// rateProblem says what an error means to the rater.
func rateProblem(err error) session.RateProblem {
	switch code := codeOf(err); {
	case err == nil:
		return ""
	case code == centralapi.CodeConflict:
		return session.RateTaken
	case code == centralapi.CodeIDReused:
		return session.RateStands
	case code == "", code == centralapi.CodeInternal, code == centralapi.CodeUnavailable, code == centralapi.CodeTooMany:
		return session.RateAway
	}
	return session.RateRefused
}

// scannerWorks reports whether what people hold before the scanner is read: where the
// scanner scans by itself.
func (t *Terminal) scannerWorks(ready bool) bool {
	return ready && t.scanning.Name == codescan.Presentation().Name
}

// scanned hands the session the ticket behind a code, or that it was something else.
// Nothing of what was scanned is kept or logged.
func (t *Terminal) scanned(c codescan.Code) {
	t.mail.put(session.TicketScanned{Ticket: t.ticketBehind(c.Text)})
}

// ticketBehind is the id of the ticket whose QR code holds the text, "" if it is none
// of this hall.
func (t *Terminal) ticketBehind(text string) string {
	ring := handoff.Ring{Hall: t.config.Hall}
	if self, ok := t.uplink.Terminal(); ok {
		ring.Keys = self.HandoffKeys
	}
	now, _, _ := t.uplink.Now()
	return ticketIn(text, ring, now)
}

// ticketIn reads both kinds of a ticket's address, see Terminal.ticketAddress. One that
// has expired is good for this: what may be rated is the central service's to say.
func ticketIn(text string, ring handoff.Ring, now time.Time) string {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" {
		return ""
	}
	parts := strings.Split(strings.TrimSuffix(u.Path, "/rating"), "/")
	if len(parts) < 4 || parts[len(parts)-2] != ring.Hall {
		return ""
	}
	last := parts[len(parts)-1]
	switch parts[len(parts)-3] {
	case "t":
		if id, err := uuid.Parse(last); err == nil && id.String() == last {
			return last
		}
	case "h":
		pass, err := ring.Open(last, now)
		if (err == nil || errors.Is(err, handoff.ErrExpired)) && (pass.Kind == handoff.Ticket || pass.Kind == handoff.Rating) {
			return pass.Ticket.String()
		}
	}
	return ""
}
