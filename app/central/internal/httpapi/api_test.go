package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/rating"
)

// Every operation of the contract succeeds once, and every status the file names
// for it is seen.
func TestEveryOperation(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/livez", "/readyz"} {
		if res, body := s.do(call{method: "GET", path: path}); res.StatusCode != 200 || string(body) != "ok\n" {
			t.Errorf("%s: %d %q", path, res.StatusCode, body)
		}
	}
	if _, body := s.do(call{method: "GET", path: "/v1/openapi.yaml"}); !bytes.Equal(body, centralapi.OpenAPI()) {
		t.Error("/v1/openapi.yaml is not the embedded file")
	}

	cat := get[centralapi.Catalogue](s, 200, call{method: "GET", path: base + "/catalogue"})
	if cat.Hall.ID != hallID || cat.Revision != testHall().Revision() || cat.Hall.Windows[0].PINHash != "" {
		t.Errorf("catalogue %+v", cat)
	}
	for _, match := range []string{`"` + cat.Revision + `"`, `"old", W/"` + cat.Revision + `"`, "*"} {
		if res, _ := s.do(call{method: "GET", path: base + "/catalogue", header: http.Header{"If-None-Match": {match}}}); res.StatusCode != 304 {
			t.Errorf("If-None-Match %s: status %d", match, res.StatusCode)
		}
	}
	if res, _ := s.do(call{method: "GET", path: base + "/catalogue", header: http.Header{"If-None-Match": {`"old"`}}}); res.StatusCode != 200 || res.Header.Get("ETag") != `"`+cat.Revision+`"` {
		t.Errorf("changed catalogue: status %d, tag %s", res.StatusCode, res.Header.Get("ETag"))
	}

	revision := s.importGuides(guides(1, 2))
	if g := get[centralapi.Guides](s, 200, call{method: "GET", path: base + "/guides"}); g.Revision != revision {
		t.Errorf("guides %s, want %s", g.Revision, revision)
	}
	if res, _ := s.do(call{method: "GET", path: base + "/guides", header: http.Header{"If-None-Match": {`"` + revision + `"`}}}); res.StatusCode != 304 {
		t.Errorf("the same guides: status %d", res.StatusCode)
	}

	k := get[centralapi.Terminal](s, 200, call{method: "GET", path: base + "/terminal", token: s.token})
	if len(k.HandoffKeys) != 1 {
		t.Errorf("terminal with %d hand-off keys", len(k.HandoffKeys))
	}
	if k.SealKey == nil || k.SealKey.ID != s.cases.SealKey().ID {
		t.Errorf("terminal with the key %+v for complaints", k.SealKey)
	}
	k.SealKey = nil
	if k.HandoffKeys = nil; !reflect.DeepEqual(k, s.terminal) {
		t.Errorf("terminal %+v, want %+v", k, s.terminal)
	}
	r := request("a")
	r.Item, r.Language = "a1", "en"
	r.Holder = &centralapi.Holder{Key: strings.Repeat("0a", 32), Name: "测*员", Number: "110***********002X", Source: "card"}
	ticket := get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/tickets", token: s.token, body: r})
	if ticket.Label != "A001" || ticket.ID != r.ID || ticket.HolderNumber != r.Holder.Number {
		t.Errorf("ticket %+v", ticket)
	}
	receipt := get[centralapi.EventReceipt](s, 200, call{method: "POST", path: base + "/events", token: s.token,
		body: s.batch(s.event(1, centralapi.HelpCalled, `{"page":"home"}`), s.event(2, "moon-phase", `{}`), s.event(4, centralapi.HelpCalled, `{"page":"home"}`))})
	if receipt.AckedThrough != 2 || len(receipt.Quarantined) != 1 {
		t.Errorf("receipt %+v", receipt)
	}

	if i := s.rotate(""); len(i) != 64 {
		t.Errorf("incarnation %q", i)
	}

	token := s.login("w1")
	window := base + "/windows/w1"
	status := get[centralapi.Status](s, 200, call{method: "GET", path: base + "/status"})
	if status.Queues[0].Waiting != 1 || !slices.Equal(status.Queues[0].Windows, []string{"w1"}) {
		t.Errorf("status %+v", status)
	}
	called := get[centralapi.Ticket](s, 200, call{method: "POST", path: window + "/call-next", token: token})
	if called.ID != ticket.ID || called.State != centralapi.Called {
		t.Errorf("called %+v", called)
	}
	for _, step := range []struct {
		action string
		want   centralapi.TicketState
	}{{"recall", centralapi.Called}, {"start", centralapi.Started}, {"finish", centralapi.Finished}} {
		if k := get[centralapi.Ticket](s, 200, call{method: "POST", path: window + "/tickets/" + ticket.ID + "/" + step.action, token: token}); k.State != step.want {
			t.Errorf("%s: %+v", step.action, k)
		}
	}
	get[any](s, 204, call{method: "POST", path: window + "/call-next", token: token})
	second := s.issue("a")
	for range 2 { // the second time for an answer that was lost
		press := call{method: "POST", path: window + "/call-next", token: token, body: centralapi.CallNext{Press: 3}}
		if k := get[centralapi.Ticket](s, 200, press); k.ID != second.ID || k.State != centralapi.Called {
			t.Errorf("pressed: %+v", k)
		}
	}
	if k := get[centralapi.Ticket](s, 200, call{method: "POST", path: window + "/tickets/" + second.ID + "/no-show", token: token}); k.State != centralapi.NoShow {
		t.Errorf("no-show: %+v", k)
	}
	board := get[centralapi.Board](s, 200, call{method: "GET", path: base + "/board"})
	if len(board.Calls) != 2 || board.Notice != "请保管好随身物品" {
		t.Errorf("board %+v", board)
	}
	listen(t, s).close()
	numbers := get[centralapi.DayNumbers](s, 200, call{method: "GET", path: base + "/days/2026-11-23/numbers", token: token})
	want := centralapi.SeriesNumbers{Prefix: "A", First: "A001", Last: "A002", Served: 1, NoShow: 1, Void: []centralapi.VoidNumber{}, Missing: []string{}}
	if len(numbers.Series) != 1 || !reflect.DeepEqual(numbers.Series[0], want) {
		t.Errorf("numbers %+v", numbers)
	}
	if feed := get[centralapi.Changes](s, 200, call{method: "GET", path: base + "/changes?after=0", header: acceptJSON}); feed.Reset || len(feed.Changes) != int(feed.Cursor) {
		t.Errorf("changes %+v", feed)
	}
	c1, event := s.complaint(5)
	get[centralapi.EventReceipt](s, 200, call{method: "POST", path: base + "/events", token: s.token, body: s.batch(event)})
	for _, ask := range []struct {
		path string
		want complaint.State
	}{{"progress", complaint.Registered}, {"withdraw", complaint.Withdrawn}} {
		p := get[centralapi.ComplaintProgress](s, 200, call{method: "POST", path: base + "/complaints/" + ask.path, body: centralapi.CodeRequest{Code: c1.Code.Shown()}})
		if p.State != ask.want {
			t.Errorf("%s: %+v", ask.path, p)
		}
	}
	services := get[centralapi.RatableServices](s, 200, call{method: "POST", path: base + "/ratings/services", token: s.token, body: centralapi.RatableRequest{Label: "a001 "}})
	if len(services.Services) != 1 || services.Services[0].Ticket != ticket.ID || services.Version != rating.ReasonsVersion() {
		t.Errorf("services %+v", services)
	}
	if rated := get[centralapi.RatingReceipt](s, 200, call{method: "POST", path: base + "/ratings", token: s.token, body: opinion(ticket.ID)}); !rated.At.Equal(s.clock()) {
		t.Errorf("rated %+v", rated)
	}
	third, fourth := s.issue("a"), s.issue("a")
	for _, step := range []struct {
		ticket, action string
		body           any
		want           centralapi.TicketState
	}{
		{second.ID, "re-enter", nil, centralapi.Issued},
		{fourth.ID, "prioritise", centralapi.Prioritise{Class: centralapi.Priority, Reason: "老年人"}, centralapi.Issued},
		{"", "", nil, centralapi.Called}, // the fourth
		{fourth.ID, "hold", nil, centralapi.Held},
		{fourth.ID, "resume", nil, centralapi.Called},
		{fourth.ID, "transfer", centralapi.TransferTo{Window: "w2"}, centralapi.Issued},
		{"", "", nil, centralapi.Called}, // the third, behind which the second is
		{third.ID, "return", nil, centralapi.Issued},
		{"", "", nil, centralapi.Called},
		{third.ID, "wrong-matter", centralapi.WrongMatter{Reason: "取错了"}, centralapi.Cancelled},
	} {
		path := window + "/call-next"
		if step.action != "" {
			path = window + "/tickets/" + step.ticket + "/" + step.action
		}
		if k := get[centralapi.Ticket](s, 200, call{method: "POST", path: path, token: token, body: step.body}); k.State != step.want {
			t.Errorf("%s: %+v", step.action, k)
		}
	}
	get[any](s, 204, call{method: "DELETE", path: base + "/window-sessions/current", token: token})
	if res, _ := s.do(call{method: "POST", path: window + "/call-next", token: token}); res.StatusCode != 401 {
		t.Errorf("after the log-out: status %d", res.StatusCode)
	}

	c := testContract(t)
	for path, item := range c.doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status := range op.Responses.Map() {
				if key := fmt.Sprintf("%s %s %s", method, path, status); status != "default" && !c.seen[key] {
					t.Errorf("the contract's %s was never seen", key)
				}
			}
		}
	}
}

func TestBadRequests(t *testing.T) {
	s := newServer(t)
	window := s.login("w1")
	ticket := s.issue("a")
	get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/windows/w1/call-next", token: window})

	tickets, events, sessions := base+"/tickets", base+"/events", base+"/window-sessions"
	good := fmt.Sprintf(`{"id":%q,"business":"b"}`, newID())
	padded := func(n int) string { return good + strings.Repeat(" ", n-len(good)) }
	json := func(v string) http.Header { return http.Header{"Content-Type": {v}} }
	finish := base + "/windows/w1/tickets/" + ticket.ID + "/finish"
	tests := []struct {
		name string
		c    call
		want centralapi.Code
	}{
		{"empty body", call{method: "POST", path: tickets, token: s.token, body: ""}, centralapi.CodeMalformed},
		{"null", call{method: "POST", path: tickets, token: s.token, body: "null"}, centralapi.CodeMalformed},
		{"list", call{method: "POST", path: tickets, token: s.token, body: "[" + good + "]"}, centralapi.CodeMalformed},
		{"cut off", call{method: "POST", path: tickets, token: s.token, body: good[:len(good)-1]}, centralapi.CodeMalformed},
		{"trailing data", call{method: "POST", path: tickets, token: s.token, body: good + good}, centralapi.CodeMalformed},
		{"trailing bracket", call{method: "POST", path: tickets, token: s.token, body: good + "}"}, centralapi.CodeMalformed},
		{"wrong type", call{method: "POST", path: tickets, token: s.token, body: `{"id":1,"business":"b"}`}, centralapi.CodeMalformed},
		{"not UTF-8", call{method: "POST", path: tickets, token: s.token, body: "{\"id\":\"\xff\",\"business\":\"b\"}"}, centralapi.CodeMalformed},
		{"unknown field", call{method: "POST", path: tickets, token: s.token, body: `{"mood":1,` + good[1:]}, centralapi.CodeInvalid},
		{"no id", call{method: "POST", path: tickets, token: s.token, body: `{"business":"b"}`}, centralapi.CodeInvalid},
		{"whole document number", call{method: "POST", path: tickets, token: s.token, body: centralapi.TicketRequest{ID: newID(), Business: "b",
			Holder: &centralapi.Holder{Key: strings.Repeat("0a", 32), Number: "11010519491231002X", Source: "typed"}}}, centralapi.CodeInvalid},
		{"unknown business", call{method: "POST", path: tickets, token: s.token, body: request("z")}, centralapi.CodeUnknownBusiness},
		{"wrong media type", call{method: "POST", path: tickets, token: s.token, body: good, header: json("text/plain")}, centralapi.CodeUnsupported},
		{"no media type", call{method: "POST", path: tickets, token: s.token, body: good, header: json("")}, centralapi.CodeUnsupported},
		{"other charset", call{method: "POST", path: tickets, token: s.token, body: good, header: json("application/json; charset=gbk")}, centralapi.CodeUnsupported},
		{"65 KiB", call{method: "POST", path: tickets, token: s.token, body: padded(65 << 10)}, centralapi.CodeTooLarge},
		{"2 MiB", call{method: "POST", path: tickets, token: s.token, body: padded(2 << 20)}, centralapi.CodeTooLarge},
		{"2 MiB of events", call{method: "POST", path: events, token: s.token, body: padded(2 << 20)}, centralapi.CodeTooLarge},
		{"257 KiB of events", call{method: "POST", path: events, token: s.token, body: padded(257 << 10)}, centralapi.CodeTooLarge},
		{"no token", call{method: "POST", path: tickets, body: good}, centralapi.CodeUnauthorized},
		{"wrong token", call{method: "POST", path: tickets, token: "x", body: good}, centralapi.CodeUnauthorized},
		{"wrong token, bad body", call{method: "POST", path: tickets, token: "x", body: "{"}, centralapi.CodeUnauthorized},
		{"a window's token", call{method: "POST", path: tickets, token: window, body: good}, centralapi.CodeUnauthorized},
		{"another scheme", call{method: "POST", path: tickets, body: good, header: http.Header{"Authorization": {"Basic " + s.token}, "Content-Type": {"application/json"}}}, centralapi.CodeUnauthorized},
		{"wrong token for events", call{method: "POST", path: events, token: "x", body: s.batch()}, centralapi.CodeUnauthorized},
		{"another terminal's events", call{method: "POST", path: events, token: s.token, body: centralapi.EventBatch{Terminal: "t9", Events: []centralapi.Event{s.event(1, "x", "{}")}}}, centralapi.CodeForbidden},
		{"event id", call{method: "POST", path: events, token: s.token, body: s.batch(centralapi.Event{ID: "1", Seq: 1, Body: []byte("{}")})}, centralapi.CodeInvalid},
		{"unknown field of an event", call{method: "POST", path: events, token: s.token, body: `{"terminal":"t1","monotonic_now":1,"boot_id":"","events":[{"mood":1}]}`}, centralapi.CodeInvalid},
		{"unknown hall", call{method: "POST", path: "/v1/halls/other/tickets", token: s.token, body: good}, centralapi.CodeNotFound},
		{"unknown hall's board", call{method: "GET", path: "/v1/halls/other/board"}, centralapi.CodeNotFound},
		{"unknown hall's stream", call{method: "GET", path: "/v1/halls/other/board/stream"}, centralapi.CodeNotFound},
		{"unknown hall's catalogue", call{method: "GET", path: "/v1/halls/other/catalogue"}, centralapi.CodeNotFound},
		{"unknown hall's status", call{method: "GET", path: "/v1/halls/other/status"}, centralapi.CodeNotFound},
		{"terminal without token", call{method: "GET", path: base + "/terminal"}, centralapi.CodeUnauthorized},
		{"unknown window", call{method: "POST", path: sessions, body: centralapi.WindowLogin{Window: "w9", PIN: testPIN}}, centralapi.CodeNotFound},
		{"wrong PIN", call{method: "POST", path: sessions, body: centralapi.WindowLogin{Window: "w2", PIN: "000000"}}, centralapi.CodeUnauthorized},
		{"PIN with letters", call{method: "POST", path: sessions, body: centralapi.WindowLogin{Window: "w3", PIN: "abcdef"}}, centralapi.CodeUnauthorized},
		{"another window", call{method: "POST", path: base + "/windows/w2/call-next", token: window}, centralapi.CodeForbidden},
		{"a terminal at a window", call{method: "POST", path: base + "/windows/w1/call-next", token: s.token}, centralapi.CodeUnauthorized},
		{"call while one is called", call{method: "POST", path: base + "/windows/w1/call-next", token: window}, centralapi.CodeConflict},
		{"a press before the first", call{method: "POST", path: base + "/windows/w1/call-next", token: window, body: `{"press":-1}`}, centralapi.CodeInvalid},
		{"a press that is a word", call{method: "POST", path: base + "/windows/w1/call-next", token: window, body: `{"press":"one"}`}, centralapi.CodeMalformed},
		{"a press with more to it", call{method: "POST", path: base + "/windows/w1/call-next", token: window, body: `{"press":1,"hard":true}`}, centralapi.CodeInvalid},
		{"unknown ticket", call{method: "POST", path: base + "/windows/w1/tickets/" + newID() + "/finish", token: window}, centralapi.CodeNotFound},
		{"transfer to nowhere", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/transfer", token: window, body: centralapi.TransferTo{}}, centralapi.CodeInvalid},
		{"transfer without a body", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/transfer", token: window}, centralapi.CodeUnsupported},
		{"transfer to no business", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/transfer", token: window, body: centralapi.TransferTo{Business: "z"}}, centralapi.CodeUnknownBusiness},
		{"transfer at another window", call{method: "POST", path: base + "/windows/w2/tickets/" + ticket.ID + "/transfer", token: window, body: centralapi.TransferTo{Business: "b"}}, centralapi.CodeForbidden},
		{"wrong matter without a reason", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/wrong-matter", token: window, body: centralapi.WrongMatter{}}, centralapi.CodeInvalid},
		{"wrong matter without a token", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/wrong-matter", body: centralapi.WrongMatter{Reason: "取错了"}}, centralapi.CodeUnauthorized},
		{"a class for one who was called", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/prioritise", token: window, body: centralapi.Prioritise{Class: centralapi.Priority, Reason: "急事"}}, centralapi.CodeConflict},
		{"a class there is not", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/prioritise", token: window, body: `{"class":"vip","reason":"急事"}`}, centralapi.CodeInvalid},
		{"a class not granted", call{method: "POST", path: tickets, token: s.token, body: centralapi.TicketRequest{ID: newID(), Business: "a", Class: centralapi.Priority, ClassReason: "急事"}}, centralapi.CodeInvalid},
		{"re-enter one who is at the window", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/re-enter", token: window}, centralapi.CodeConflict},
		{"changes of an unknown hall", call{method: "GET", path: "/v1/halls/other/changes"}, centralapi.CodeNotFound},
		{"changes after a word", call{method: "GET", path: base + "/changes?after=now"}, centralapi.CodeInvalid},
		{"changes after a negative number", call{method: "GET", path: base + "/changes?after=-1"}, centralapi.CodeInvalid},
		{"changes after too many digits", call{method: "GET", path: base + "/changes?after=99999999999999999999"}, centralapi.CodeInvalid},
		{"Last-Event-ID of another stream", call{method: "GET", path: base + "/changes", header: http.Header{"Last-Event-Id": {"abc"}}}, centralapi.CodeInvalid},
		{"a wait too long", call{method: "GET", path: base + "/changes?after=0&wait=26", header: acceptJSON}, centralapi.CodeInvalid},
		{"incarnation without token", call{method: "POST", path: base + "/terminal/incarnation", body: `{"have":""}`}, centralapi.CodeUnauthorized},
		{"incarnation nobody has given", call{method: "POST", path: base + "/terminal/incarnation", token: s.token, body: `{"have":"x"}`}, centralapi.CodeRetired},
		{"events of an incarnation nobody has given", call{method: "POST", path: events, token: s.token,
			body: centralapi.EventBatch{Terminal: "t1", Incarnation: "x", Events: []centralapi.Event{s.event(1, "x", "{}")}}}, centralapi.CodeRetired},
		{"numbers for a terminal", call{method: "GET", path: base + "/days/2026-11-23/numbers", token: s.token}, centralapi.CodeUnauthorized},
		{"numbers without token", call{method: "GET", path: base + "/days/2026-11-23/numbers"}, centralapi.CodeUnauthorized},
		{"numbers of no day", call{method: "GET", path: base + "/days/today/numbers", token: window}, centralapi.CodeInvalid},
		{"a ticket that is no id", call{method: "POST", path: base + "/windows/w1/tickets/%00/finish", token: window}, centralapi.CodeNotFound},
		{"unknown action", call{method: "POST", path: base + "/windows/w1/tickets/" + ticket.ID + "/eat", token: window}, centralapi.CodeNotFound},
		{"finish without token", call{method: "POST", path: finish}, centralapi.CodeUnauthorized},
		{"log out without token", call{method: "DELETE", path: sessions + "/current"}, centralapi.CodeUnauthorized},
		{"unknown path", call{method: "GET", path: "/v1/nothing"}, centralapi.CodeNotFound},
		{"no page", call{method: "GET", path: "/nothing"}, centralapi.CodeNotFound},
		{"wrong method", call{method: "PUT", path: tickets, token: s.token, body: good}, centralapi.CodeMethod},
		{"GET where POST is meant", call{method: "GET", path: finish, token: window}, centralapi.CodeMethod},
	}
	before := s.rows()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, body := s.do(tt.c)
			p := problem(t, body)
			if p.Code != tt.want || res.StatusCode != tt.want.Status() || p.Detail == "" {
				t.Errorf("status %d, %+v; want %s", res.StatusCode, p, tt.want)
			}
			if res.StatusCode == 401 && res.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Error("401 without WWW-Authenticate")
			}
			if res.StatusCode == 405 && res.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
	s.setClock(s.clock().Add(10 * time.Hour))
	if res, body := s.do(call{method: "POST", path: tickets, token: s.token, body: request("a")}); res.StatusCode != 409 || problem(t, body).Code != centralapi.CodeClosed {
		t.Errorf("closed hall: %d %s", res.StatusCode, body)
	}
	if after := s.rows(); after != before {
		t.Errorf("refused requests have stored something: %s, before %s", after, before)
	}
}

// A body that keeps coming is cut off at the limit, and one that is declared too
// long is not read at all.
func TestEndlessBody(t *testing.T) {
	s := newServer(t)
	for length, most := range map[int64]int{-1: 2 * maxBody, 2 << 20: 0} {
		body := &endless{}
		r := httptest.NewRequest("POST", base+"/tickets", body)
		r.ContentLength = length
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+s.token)
		w := httptest.NewRecorder()
		s.Config.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("length %d: status %d", length, w.Code)
		}
		if body.read > most {
			t.Errorf("length %d: %d bytes were read, want at most %d", length, body.read, most)
		}
	}
}

type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func problem(t *testing.T, body []byte) centralapi.Problem {
	t.Helper()
	var p centralapi.Problem
	if err := decode(body, &p); err != nil {
		t.Fatalf("not a problem: %s", body)
	}
	return p
}

func TestLoginLockOverHTTP(t *testing.T) {
	s := newServer(t)
	var last *http.Response
	for range 6 {
		last, _ = s.do(call{method: "POST", path: base + "/window-sessions", body: centralapi.WindowLogin{Window: "w1", PIN: "000000"}})
	}
	// The clock stands still: all of the minute's lock is left.
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") != "60" {
		t.Errorf("sixth wrong PIN: status %d, Retry-After %q", last.StatusCode, last.Header.Get("Retry-After"))
	}
	s.setClock(s.clock().Add(19500 * time.Millisecond))
	last, _ = s.do(call{method: "POST", path: base + "/window-sessions", body: centralapi.WindowLogin{Window: "w1", PIN: testPIN}})
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") != "41" {
		t.Errorf("right PIN while locked: status %d, Retry-After %q", last.StatusCode, last.Header.Get("Retry-After"))
	}
}

// /readyz says which check failed, and nothing about this machine.
func TestReadyz(t *testing.T) {
	s := newServer(t)
	ready := func() (int, string) {
		res, body := s.do(call{method: "GET", path: "/readyz"})
		return res.StatusCode, string(body)
	}
	if status, body := ready(); status != 200 || body != "ok\n" {
		t.Errorf("at first: %d %s", status, body)
	}
	s.setFree(4e10) // 4 % of the disk
	if status, body := ready(); status != 503 || !strings.Contains(body, "数据盘剩余空间不足") || strings.Contains(body, t.TempDir()[:8]) {
		t.Errorf("little room: %d %s", status, body)
	}
	s.setFree(6e10)
	if status, _ := ready(); status != 200 {
		t.Errorf("room again: %d", status)
	}
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body := ready(); status != 503 || !strings.Contains(body, "数据库没有应答") || strings.Contains(body, "store") {
		t.Errorf("without a database: %d %s", status, body)
	}
	if res, _ := s.do(call{method: "GET", path: "/livez"}); res.StatusCode != 200 {
		t.Errorf("the process answers: %d", res.StatusCode)
	}
}

// broken is a desk that fails in the ways a desk must not.
type broken struct {
	Desk
	fail func() error
}

func (b broken) Board(ctx ctx, _ string) (centralapi.Board, error) {
	return centralapi.Board{}, b.fail()
}

func TestFailuresAreProblems(t *testing.T) {
	for name, tt := range map[string]struct {
		fail func() error
		want centralapi.Code
	}{
		"panic":         {func() error { panic("kaputt") }, centralapi.CodeInternal},
		"unknown error": {func() error { return errors.New("disk on fire at 110105") }, centralapi.CodeInternal},
		"unavailable":   {func() error { return centralapi.Refuse(centralapi.CodeUnavailable, "请稍后再试。") }, centralapi.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(New(Config{Desk: broken{fail: tt.fail}}))
			defer srv.Close()
			client := &http.Client{Transport: checked{t, testContract(t), srv.Client().Transport}}
			res, err := client.Get(srv.URL + base + "/board")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var body bytes.Buffer
			body.ReadFrom(res.Body)
			if p := problem(t, body.Bytes()); p.Code != tt.want || !p.Retryable || strings.Contains(body.String(), "disk") {
				t.Errorf("%d %s", res.StatusCode, body.String())
			}
		})
	}
}

func TestOtherPathsGoToThePages(t *testing.T) {
	pages := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "page ", r.URL.Path) })
	h := New(Config{Desk: broken{}, Other: pages})
	for path, want := range map[string]string{"/": "page /", "/console": "page /console", "/livez": "ok\n"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Body.String() != want {
			t.Errorf("%s: %q, want %q", path, w.Body.String(), want)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/v1/nothing", nil))
	if w.Code != 404 || w.Header().Get("Content-Type") != centralapi.ProblemType {
		t.Errorf("/v1/nothing: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
}

// What every terminal does every few seconds must not fill a disk: looking is
// logged at Debug when it succeeds, everything else above.
func TestRoutineIsLoggedAtDebug(t *testing.T) {
	s := newServer(t)
	etag := http.Header{"If-None-Match": {`"` + testHall().Revision() + `"`}}
	for _, tt := range []struct {
		c      call
		status int
		level  string
	}{
		{call{method: "GET", path: base + "/catalogue"}, 200, "DEBUG"},
		{call{method: "GET", path: base + "/catalogue", header: etag}, 304, "DEBUG"},
		{call{method: "GET", path: base + "/status"}, 200, "DEBUG"},
		{call{method: "HEAD", path: base + "/status"}, 200, "DEBUG"},
		{call{method: "GET", path: base + "/terminal", token: s.token}, 200, "DEBUG"},
		{call{method: "GET", path: "/readyz"}, 200, "DEBUG"},
		{call{method: "GET", path: base + "/terminal", token: "wrong"}, 401, "INFO"},
		{call{method: "GET", path: "/v1/nothing"}, 404, "INFO"},
		{call{method: "PUT", path: base + "/status"}, 405, "INFO"},
		{call{method: "POST", path: base + "/tickets", token: s.token, body: request("a")}, 200, "INFO"},
		{call{method: "POST", path: base + "/tickets", token: s.token, body: request("z")}, 422, "INFO"},
	} {
		before := len(s.log.String())
		if tt.c.method == "HEAD" { // the contract has none
			res, err := s.Client().Head(s.URL + tt.c.path)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
		} else {
			s.do(tt.c)
		}
		// The line is written after the answer.
		var line string
		for deadline := time.Now().Add(time.Minute); line == "" && time.Now().Before(deadline); runtime.Gosched() {
			line = s.log.String()[before:]
		}
		if strings.Count(line, "\n") != 1 || !strings.Contains(line, "level="+tt.level+" msg=request") || !strings.Contains(line, fmt.Sprintf("status=%d ", tt.status)) {
			t.Errorf("%s %s: logged %q, want one line at %s with status %d", tt.c.method, tt.c.path, line, tt.level, tt.status)
		}
	}
}

// Nothing of a person, a secret or a query may be in the log.
func TestLogIsBare(t *testing.T) {
	s := newServer(t)
	const marker = "MARKER7391"
	r := request("a")
	r.Holder = &centralapi.Holder{Key: strings.Repeat("0a", 32), Name: "马*" + marker, Number: "1101***********" + marker[6:], Source: "card"}
	ticket := get[centralapi.Ticket](s, 200, call{method: "POST", path: base + "/tickets?name=" + marker, token: s.token, body: r})
	s.do(call{method: "POST", path: base + "/tickets?name=" + marker, token: marker, body: `{"` + marker + `":1}`})
	s.do(call{method: "POST", path: base + "/window-sessions", body: centralapi.WindowLogin{Window: marker, PIN: "739173"}})
	s.do(call{method: "GET", path: "/v1/" + marker})
	s.do(call{method: "POST", path: base + "/events", token: s.token, body: s.batch(s.event(1, centralapi.HelpCalled, `{"page":"`+marker+` x"}`))})
	log := s.log.String()
	for _, bad := range []string{marker, marker[6:], s.token, s.token[:12], "739173", r.Holder.Key[:20], ticket.ID, s.terminal.HolderSecret[:16]} {
		if strings.Contains(log, bad) {
			t.Errorf("the log holds %q:\n%s", bad, log)
		}
	}
	if want := `method=POST route="POST /v1/halls/{hall}/tickets" hall=test by=t1 status=200`; !strings.Contains(log, want) {
		t.Errorf("the log does not hold %q:\n%s", want, log)
	}
}
