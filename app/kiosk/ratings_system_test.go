package kiosk_test

// Ratings at the real terminal, kept by the real central service.

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/rating"
)

// served takes a number for 户口登记 with the card that lies on the reader, and has it
// called and finished. It returns the ticket as the terminal showed it.
func (s *system) served(w *centralapi.WindowClient) *session.Result {
	s.t.Helper()
	s.confirmWithCard()
	s.touch(session.Confirmed{})
	ticket := s.result()
	s.device("lift")
	s.goHome()
	if got := s.callAll(w); len(got) != 1 || got[0] != ticket.Label {
		s.t.Fatalf("finished %v, want %s", got, ticket.Label)
	}
	return ticket
}

// goHome ends the visit, and waits until the reader has noticed that its card is gone.
func (s *system) goHome() {
	s.t.Helper()
	s.touch(session.HomePressed{})
	s.until("the home page without a card", func(v session.View) bool { return v.Home != nil && !v.CardLeft })
}

// ratable is what the hall would let be rated of a ticket's label.
func (s *system) ratable(label string) centralapi.RatableServices {
	s.t.Helper()
	list, err := s.api.Ratable(s.t.Context(), centralapi.RatableRequest{Label: label})
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// loseFirstRating processes the first rating and loses the answer, and counts all that
// came.
func (s *system) loseFirstRating() *atomic.Int32 {
	var n atomic.Int32
	next := *s.front.next.Load()
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/ratings") && n.Add(1) == 1 {
			next.ServeHTTP(httptest.NewRecorder(), r)
			hangUp(w)
			return
		}
		next.ServeHTTP(w, r)
	})
	s.front.next.Store(&h)
	return &n
}

// phonePage is the page behind a code, as a phone gets it.
func (s *system) phonePage(address string) string {
	s.t.Helper()
	res, err := http.Get(address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Errorf("%s: %s, %v", address, res.Status, err)
	}
	return string(body)
}

func TestRatingByTouch(t *testing.T) {
	s := start(t)
	w := s.login()

	// By number. The answer gets lost once, and it is one rating all the same.
	first := s.served(w)
	tries := s.loseFirstRating()
	s.touch(session.RatePressed{})
	s.page(session.PageRate)
	s.touch(session.TypePressed{})
	for _, k := range strings.ToLower(first.Label) {
		s.touch(session.KeyPressed{Key: k})
	}
	s.touch(session.NumberEntered{}, session.NumberEntered{})
	v := s.page(session.PageLevel)
	if v.Levels.Service.Label != first.Label || v.Levels.Service.Business == "" || v.Levels.Service.Window == "" {
		t.Errorf("asked about %+v", v.Levels.Service)
	}
	s.touch(session.LevelChosen{Level: rating.VeryDissatisfied}, session.ReasonTicked{Code: 115}, session.ReasonsDone{})
	s.touch(session.RateWordsPressed{}, session.InputChosen{Input: session.Letters}, session.KeyPressed{Key: 'k'}, session.WritingDone{})
	s.page(session.PageRateSend)
	if tries.Load() != 0 || len(s.ratable(first.Label).Services) != 1 {
		t.Fatal("something was sent before 提交")
	}
	s.touch(session.SendPressed{}, session.SendPressed{})
	v = s.page(session.PageThanks)
	if v.Thanks.Days != s.hall.Ratings.Filled().FollowUpDays {
		t.Errorf("promised %d days", v.Thanks.Days)
	}
	// The code beside the thanks opens what was given and what comes of it; the one on the
	// paper, which clerks get to see, says no more than that it was rated.
	given, follow := "非常不满意", "处理情况"
	if page := s.phonePage(v.Thanks.QR); !strings.Contains(page, given) || !strings.Contains(page, follow) {
		t.Errorf("the outcome says %s", page)
	}
	if page := s.phonePage(first.QR + "/rating"); !strings.Contains(page, "已经评价过了") || strings.Contains(page, follow) {
		t.Errorf("the paper's code says %s", page)
	}
	if tries.Load() != 2 {
		t.Errorf("%d requests, want the lost one and another", tries.Load())
	}
	if list := s.ratable(first.Label); len(list.Services) != 0 {
		t.Error("it can still be rated")
	}

	// A second one is refused with a sentence.
	s.touch(session.HomePressed{}, session.RatePressed{}, session.TypePressed{})
	for _, k := range first.Label {
		s.touch(session.KeyPressed{Key: k})
	}
	s.touch(session.NumberEntered{})
	if m := s.page(session.PageMessage).Message; m.Kind != session.RatingNothing || m.Business != first.Label {
		t.Errorf("message %+v", m)
	}
	s.goHome()

	// By card, with the code on the ticket at another terminal meanwhile.
	second := s.served(w)
	s.touch(session.RatePressed{})
	s.until("the reader", func(v session.View) bool { return v.Rate != nil && v.Rate.Reader == session.ReaderWaiting })
	s.device("card zhang")
	v = s.page(session.PageLevel)
	if v.Levels.Service.Label != second.Label {
		t.Errorf("asked about %+v", v.Levels.Service)
	}
	s.device("lift")
	s.touch(session.LevelChosen{Level: rating.Satisfied}, session.ReasonsDone{})
	s.page(session.PageRateSend)
	list := s.ratable(second.Label)
	other := centralapi.RatingRequest{ID: uuid.NewString(), Ticket: list.Services[0].Ticket, Level: rating.Satisfied, Anonymous: true}
	if _, err := s.api.Rate(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	s.touch(session.SendPressed{})
	if m := s.page(session.PageMessage).Message; m.Kind != session.RatingTaken {
		t.Errorf("message %+v", m)
	}
	again := other
	again.ID = uuid.NewString()
	if _, err := s.api.Rate(t.Context(), again); !isCode(err, centralapi.CodeConflict) {
		t.Errorf("a second rating: %v", err)
	}
	s.goHome()

	// By the code on the ticket; something else before it.
	third := s.served(w)
	if third.QR == "" {
		t.Fatal("no code")
	}
	s.touch(session.RatePressed{})
	s.until("the scanner", func(v session.View) bool { return v.Rate != nil && v.Rate.Scanner })
	s.device("scan https://example.cn/h/" + s.hall.ID + "/AAAA")
	s.until("that it is no ticket", func(v session.View) bool { return v.Rate != nil && v.Rate.Misread })
	s.device("scan " + third.QR)
	if v = s.page(session.PageLevel); v.Levels.Service.Label != third.Label {
		t.Errorf("asked about %+v", v.Levels.Service)
	}
	s.touch(session.LevelChosen{Level: rating.VerySatisfied}, session.ReasonsDone{}, session.SendPressed{})
	s.page(session.PageThanks)
	if len(s.ratable(third.Label).Services) != 0 {
		t.Error("it can still be rated")
	}
	s.goHome()

	// Without the network it is said, and nothing is asked.
	s.front.cut.Store(true)
	s.until("that the centre is away", func(v session.View) bool {
		return v.Home != nil && len(v.Home.Notices) > 0
	})
	s.touch(session.RatePressed{})
	if m := s.page(session.PageMessage).Message; m.Kind != session.RatingAway {
		t.Errorf("message %+v", m)
	}
}

func isCode(err error, code centralapi.Code) bool {
	e, ok := errors.AsType[*centralapi.Error](err)
	return ok && e.Code == code
}
