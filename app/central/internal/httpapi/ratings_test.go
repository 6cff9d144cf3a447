package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/rating"
)

// opinion is a rating of a ticket that is fine.
func opinion(ticket string) centralapi.RatingRequest {
	return centralapi.RatingRequest{ID: uuid.NewString(), Ticket: ticket, Level: rating.VeryDissatisfied, Version: rating.ReasonsVersion(),
		Reasons: []int{rating.ReasonsOf(rating.ReasonsVersion(), rating.VeryDissatisfied)[0].Code}, Words: "等了两个小时", Anonymous: true}
}

// served is a ticket whose service has ended.
func (s *server) served() centralapi.Ticket {
	s.t.Helper()
	token := s.login("w1")
	ticket := s.issue("a")
	for _, path := range []string{"/call-next", "/tickets/" + ticket.ID + "/start", "/tickets/" + ticket.ID + "/finish"} {
		get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/windows/w1" + path, token: token})
	}
	return ticket
}

// rated is how many ratings are kept.
func (s *server) rated() (n int) {
	s.t.Helper()
	err := s.store.Read(s.t.Context(), func(tx *store.Tx) error {
		list, err := tx.RatingsBetween(hallID, "2026-01-01", "2027-01-01")
		n = len(list)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// A rating is taken once: the same request again is the same rating, another one is
// refused, and afterwards there is nothing to rate.
func TestRateAtTerminal(t *testing.T) {
	s := newServer(t)
	ticket := s.served()
	first := opinion(ticket.ID)
	at := get[centralapi.RatingReceipt](s, 200, call{method: "POST", path: base + "/ratings", token: s.token, body: first}).At
	if again := get[centralapi.RatingReceipt](s, 200, call{method: "POST", path: base + "/ratings", token: s.token, body: first}); !again.At.Equal(at) || s.rated() != 1 {
		t.Errorf("sent again: %v, first %v", again.At, at)
	}
	other := first
	other.Level = rating.VerySatisfied
	other.Reasons, other.Version = nil, ""
	for name, tt := range map[string]struct {
		body any
		want centralapi.Code
	}{
		"another one":         {opinion(ticket.ID), centralapi.CodeConflict},
		"the id again":        {other, centralapi.CodeIDReused},
		"a ticket unknown":    {opinion(uuid.NewString()), centralapi.CodeNotFound},
		"one still waiting":   {opinion(s.issue("b").ID), centralapi.CodeConflict},
		"no level":            {centralapi.RatingRequest{ID: uuid.NewString(), Ticket: ticket.ID}, centralapi.CodeInvalid},
		"an unknown field":    {`{"id":"` + uuid.NewString() + `","ticket":"` + ticket.ID + `","level":"satisfied","anonymous":true,"name":"x"}`, centralapi.CodeInvalid},
		"too many words":      {centralapi.RatingRequest{ID: uuid.NewString(), Ticket: ticket.ID, Level: rating.Satisfied, Words: strings.Repeat("长", 151)}, centralapi.CodeInvalid},
		"reason of the wrong": {centralapi.RatingRequest{ID: uuid.NewString(), Ticket: ticket.ID, Level: rating.Satisfied, Version: first.Version, Reasons: first.Reasons}, centralapi.CodeInvalid},
	} {
		if p := get[centralapi.Problem](s, tt.want.Status(), call{method: "POST", path: base + "/ratings", token: s.token, body: tt.body}); p.Code != tt.want || p.Detail == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if list := get[centralapi.RatableServices](s, 200, call{method: "POST", path: base + "/ratings/services", token: s.token, body: centralapi.RatableRequest{Label: ticket.Label}}); len(list.Services) != 0 {
		t.Errorf("still to be rated: %+v", list.Services)
	}
	for _, body := range []centralapi.RatableRequest{{}, {Label: "A001", HolderKey: "x"}} {
		get[centralapi.Problem](s, 422, call{method: "POST", path: base + "/ratings/services", token: s.token, body: body})
	}
	if strings.Contains(s.log.String(), "两个小时") {
		t.Error("the words are in the log")
	}
}

// No session of a window and none of staff, of whatever role, rates or learns what can
// be rated. The control is the terminal's token at the end.
func TestWhoWorksHereMayNotRate(t *testing.T) {
	s := newServer(t)
	ticket := s.served()
	credentials := map[string]string{"window w1": s.login("w1"), "window w2": s.login("w2")}
	for _, role := range staff.Roles() {
		login := "x" + string(role)
		if _, err := s.people.Add(t.Context(), hallID, staff.NewAccount{Login: login, Name: "测试员", Password: "first-2026-" + string(role), Roles: []staff.Role{role}}); err != nil {
			t.Fatal(err)
		}
		token, _, err := s.people.Login(t.Context(), hallID, login, "first-2026-"+string(role))
		if err != nil {
			t.Fatal(err)
		}
		credentials["staff "+string(role)] = token
	}
	routes := map[string]any{"/ratings": opinion(ticket.ID), "/ratings/services": centralapi.RatableRequest{Label: ticket.Label}}
	checked := 0
	for path, body := range routes {
		for name, token := range credentials {
			if p := get[centralapi.Problem](s, 403, call{method: "POST", path: base + path, token: token, body: body}); p.Code != centralapi.CodeForbidden {
				t.Errorf("%s as %s: %+v", path, name, p)
			}
			checked++
			// In the cookie of the pages it is no credential at all.
			get[centralapi.Problem](s, 401, call{method: "POST", path: base + path, body: body, header: http.Header{"Cookie": {"hallkiosk_staff=" + hallID + "~" + token}}})
		}
		for _, token := range []string{"", "nonsense"} {
			get[centralapi.Problem](s, 401, call{method: "POST", path: base + path, token: token, body: body})
		}
	}
	if want := 2 * (2 + len(staff.Roles())); checked != want || s.rated() != 0 {
		t.Errorf("%d checks, want %d; %d ratings", checked, want, s.rated())
	}
	get[centralapi.RatingReceipt](s, 200, call{method: "POST", path: base + "/ratings", token: s.token, body: routes["/ratings"]})
	if s.rated() != 1 {
		t.Errorf("%d ratings after the terminal's", s.rated())
	}
}

// A service that takes none has no addresses for them.
func TestNoRatings(t *testing.T) {
	s := newServer(t)
	without := httptest.NewServer(New(Config{Desk: s.desk}))
	defer without.Close()
	for _, path := range []string{"/ratings", "/ratings/services"} {
		res, err := without.Client().Post(without.URL+base+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
}
