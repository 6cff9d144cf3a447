//go:build unix

package central_test

import (
	"net/http"
	"net/url"
	"testing"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
)

// counter is what the scene has at the windows besides the crowd: a number on hold, one
// that has priority, and a window that is closed.
func (s *scene) counter(t *testing.T, words sceneWords) {
	t.Helper()
	n := central.NewStaff{Login: "bi", Name: "毕示例", Roles: []string{"clerk"}, Password: password, Keep: true}
	if _, err := s.AddStaff(t.Context(), "demo", n); err != nil {
		t.Fatal(err)
	}
	s.crew["bi"] = s.as(t, "bi")
	s.crew["bi"].must("/console/window", url.Values{"window": {"w2"}})
	window, err := s.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w1", PIN: demoPIN})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := window.Hold(t.Context(), s.current.ID); err != nil {
		t.Fatal(err)
	}
	k, ok, err := window.CallNext(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	s.current = k
	s.raised = s.take(t, "idcard", false)
	raised := s.crew["li"].post("/console/prioritise", url.Values{"id": {s.raised.ID}, "class": {"priority"}, "reason": {"其他"}, "words": {words.missing}})
	if raised.status != http.StatusSeeOther {
		t.Fatalf("priority: %d\n%s", raised.status, raised.body)
	}
	s.crew["bi"].must("/console/pause", url.Values{"words": {words.missing}})
	s.crew["guan"].must("/staff/closings", url.Values{"kind": {"business"}, "id": {"tax"}, "do": {"close"}, "words": {words.missing}})
}
