package httpapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/complaints"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
)

// complaint returns what a terminal sends that has taken a complaint.
func (s *server) complaint(seq int64) (centralapi.Complaint, centralapi.Event) {
	s.t.Helper()
	key := s.cases.SealKey()
	c := centralapi.Complaint{ID: uuid.Must(uuid.NewV7()).String(), Code: complaint.NewCode(), Kind: complaint.Rude, Window: "w1"}
	var err error
	if c.Words, err = key.Seal(centralapi.SealFor(hallID, c.ID, centralapi.PartWords), "说话难听"); err != nil {
		s.t.Fatal(err)
	}
	if c.Contact, err = key.Seal(centralapi.SealFor(hallID, c.ID, centralapi.PartContact), "李示例 13800138000"); err != nil {
		s.t.Fatal(err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		s.t.Fatal(err)
	}
	return c, s.event(seq, centralapi.ComplaintFiled, string(body))
}

// A complaint taken at a terminal, perhaps hours ago without a network, becomes a case
// with what was written, once; one that is not sealed is kept and never becomes one.
func TestComplaintOfATerminal(t *testing.T) {
	s := newServer(t)
	c, first := s.complaint(1)
	_, again := c, s.event(2, centralapi.ComplaintFiled, string(first.Body)) // under another event id
	plain := c
	plain.ID, plain.Code, plain.Words = uuid.Must(uuid.NewV7()).String(), complaint.NewCode(), "说话难听"
	body, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	third := s.event(3, centralapi.ComplaintFiled, string(body))
	receipt := get[centralapi.EventReceipt](s, 200, call{method: "POST", path: base + "/events", token: s.token, body: s.batch(first, again, third)})
	if receipt.AckedThrough != 3 || len(receipt.Quarantined) != 1 || receipt.Quarantined[0] != third.ID {
		t.Errorf("receipt %+v", receipt)
	}
	handler := complaints.Viewer{Account: "s1", Name: "王处理", Handles: true}
	list, _, err := s.cases.List(t.Context(), hallID, handler, complaints.Filter{})
	if err != nil || len(list) != 1 || list[0].ID != c.ID {
		t.Fatalf("cases %+v, %v", list, err)
	}
	k, err := s.cases.Case(t.Context(), hallID, handler, c.ID)
	if err != nil || k.Words != "说话难听" || k.Channel != complaint.AtTerminal {
		t.Errorf("case %+v, %v", k, err)
	}
	if got := get[centralapi.Status](s, 200, call{method: "GET", path: base + "/status"}).SealKey; got != s.cases.SealKey().ID {
		t.Errorf("status with the key %q", got)
	}
	for _, text := range []string{"难听", "13800138000", string(c.Code), c.Code.Shown()} {
		if strings.Contains(s.log.String(), text) {
			t.Errorf("%s is in the log", text)
		}
	}
}

func TestProgressIsRefused(t *testing.T) {
	s := newServer(t)
	ask := func(path, code string) (int, centralapi.Problem) {
		res, body := s.do(call{method: "POST", path: base + "/complaints/" + path, body: centralapi.CodeRequest{Code: code}})
		var p centralapi.Problem
		if res.StatusCode >= 400 {
			if err := json.Unmarshal(body, &p); err != nil {
				t.Fatal(err)
			}
		}
		return res.StatusCode, p
	}
	for _, path := range []string{"progress", "withdraw"} {
		for code, want := range map[string]int{"": 422, "00000-00001": 422, "不是查询码": 422, string(complaint.NewCode()): 404} {
			if status, p := ask(path, code); status != want || p.Detail == "" {
				t.Errorf("%s of %q: %d %+v", path, code, status, p)
			}
		}
	}
	last := 0
	for range 20 {
		last, _ = ask("progress", string(complaint.NewCode()))
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after many guesses: status %d", last)
	}
}

// A service that takes none has no addresses for them.
func TestNoComplaints(t *testing.T) {
	s := newServer(t)
	without := httptest.NewServer(New(Config{Desk: s.desk}))
	defer without.Close()
	res, err := without.Client().Post(without.URL+base+"/complaints/progress", "application/json", strings.NewReader(`{"code":"0000000000"}`))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", res.StatusCode)
	}
}
