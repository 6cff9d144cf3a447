package kiosk

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/kiosk/internal/session"
)

const aTicket = "0191d2a4-7c3e-7a10-8f00-0123456789ab"

var scanTime = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// scanRing is a ring whose key is the same in every run.
func scanRing(hallID string) handoff.Ring {
	secret := make([]byte, handoff.SecretSize)
	copy(secret, hallID)
	return handoff.Ring{Hall: hallID, Keys: []handoff.Key{{
		ID: 1, Secret: secret, From: scanTime.Add(-time.Hour), Until: scanTime.Add(handoff.KeyLife),
	}}}
}

func signed(t testing.TB, r handoff.Ring, p handoff.Pass, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	token, err := r.Sign(p, scanTime)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTicketsAreRecognised(t *testing.T) {
	ring := scanRing("demo")
	h := &hall.Hall{ID: "demo"}
	pass, err := handoff.ForTicket(h, aTicket, handoff.Chinese, scanTime)
	ticket := signed(t, ring, pass, err)
	pass, err = handoff.ForRating(aTicket, handoff.English, scanTime.Add(time.Hour))
	rate := signed(t, ring, pass, err)
	about := signed(t, ring, handoff.ForGuide(&guide.Guide{ID: "g"}, nil, handoff.Chinese, scanTime), nil)
	pass, err = handoff.ForTicket(h, aTicket, handoff.Chinese, scanTime)
	foreign := signed(t, scanRing("other"), pass, err)
	for _, c := range []struct {
		name, text, want string
		after            time.Duration
	}{
		{"signed", "https://hall.example.cn/h/demo/" + ticket, aTicket, 0},
		{"its page for rating", "https://hall.example.cn/h/demo/" + ticket + "/rating", aTicket, 0},
		{"below a path, with space", " http://10.0.0.1:7080/phone/h/demo/" + ticket + "\r\n", aTicket, 0},
		{"expired", "https://hall.example.cn/h/demo/" + ticket, aTicket, 3 * 24 * time.Hour},
		{"a rating's", "https://hall.example.cn/h/demo/" + rate, aTicket, 0},
		{"without a key", "http://10.0.0.1:7080/t/demo/" + aTicket, aTicket, 0},
		{"a guide's", "https://hall.example.cn/h/demo/" + about, "", 0},
		{"another hall's", "https://hall.example.cn/h/other/" + foreign, "", 0},
		{"another hall's under our name", "https://hall.example.cn/h/demo/" + foreign, "", 0},
		{"cut off", "https://hall.example.cn/h/demo/" + ticket[:20], "", 0},
		{"no ticket's id", "http://10.0.0.1:7080/t/demo/1234", "", 0},
		{"another spelling", "http://10.0.0.1:7080/t/demo/{" + aTicket + "}", "", 0},
		{"something else", "https://example.cn/t/x", "", 0},
		{"no address", "h/demo/" + ticket, "", 0},
		{"a book", "9787301150894", "", 0},
		{"nothing", "", "", 0},
	} {
		if got := ticketIn(c.text, ring, scanTime.Add(c.after)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzTicketIn(f *testing.F) {
	ring := scanRing("demo")
	pass, err := handoff.ForTicket(&hall.Hall{ID: "demo"}, aTicket, handoff.Chinese, scanTime)
	f.Add("https://hall.example.cn/h/demo/" + signed(f, ring, pass, err))
	f.Add("http://10.0.0.1:7080/t/demo/" + aTicket)
	f.Add("http://x//demo/\x00%zz")
	f.Fuzz(func(t *testing.T, text string) {
		if id := ticketIn(text, ring, scanTime); id != "" {
			if u, err := uuid.Parse(id); err != nil || u.String() != id {
				t.Errorf("%q is no ticket's id", id)
			}
		}
	})
}

func TestRatingProblems(t *testing.T) {
	refuse := func(c centralapi.Code) error {
		return fmt.Errorf("wrapped: %w", centralapi.Refuse(c, "a sentence"))
	}
	for _, c := range []struct {
		err  error
		want session.RateProblem
	}{
		{nil, ""},
		{refuse(centralapi.CodeConflict), session.RateTaken},
		{refuse(centralapi.CodeIDReused), session.RateStands},
		{refuse(centralapi.CodeInvalid), session.RateRefused},
		{refuse(centralapi.CodeNotFound), session.RateRefused},
		{refuse(centralapi.CodeForbidden), session.RateRefused},
		{refuse(centralapi.CodeUnauthorized), session.RateRefused},
		{refuse(centralapi.CodeInternal), session.RateAway},
		{refuse(centralapi.CodeUnavailable), session.RateAway},
		{refuse(centralapi.CodeTooMany), session.RateAway},
		{centralapi.ErrUnreachable, session.RateAway},
		{context.DeadlineExceeded, session.RateAway},
		{errors.New("something"), session.RateAway},
	} {
		if got := rateProblem(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}
