//go:build unix

package central_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
)

// Every page there is, in a hall where something goes on. The tests that promise
// something of all pages walk this list, and TestEveryPageIsListed finds the page that
// somebody has forgotten to put in.

// look is one page as one kind of person sees it.
type look struct {
	name    string // of its picture
	pattern string // of the route it belongs to
	who     string // login; "" = nobody is logged in
	address func(s *scene) string
	do      string // expression that is evaluated before looking, such as opening a dialog
	// status is what the address answers; 0 = 200.
	status int
	// form is sent by POST instead, for pages that have no address.
	form func(s *scene) url.Values
}

func at(path string) func(*scene) string { return func(*scene) string { return path } }

// looks are all of them. Whoever adds a page to the site adds it here, too, once for
// each of its faces that has a layout of its own.
var looks = slices.Concat(ratingLooks, []look{
	{name: "index", pattern: "GET /{$}", address: at("/")},
	{name: "missing", pattern: "/", address: at("/nothing/here"), status: 404},
	{name: "login", pattern: "GET /login", address: at("/login")},
	{name: "login-ended", pattern: "GET /login", address: at("/login?ended=1")},
	{name: "login-refused", pattern: "POST /login", address: at("/login"), form: values("login", "nobody", "password", "wrong-2026"), status: 401},
	{name: "account", pattern: "GET /account", who: "guan", address: at("/account")},
	{name: "account-first", pattern: "GET /account", who: "xin", address: at("/account")},
	{name: "account-refused", pattern: "POST /account/password", who: "guan", address: at("/account/password"), form: values("old", "x", "password", "short", "again", "other"), status: 422},
	{name: "forbidden", pattern: "GET /staff", who: "ji", address: at("/staff"), status: 403},

	{name: "manager", pattern: "GET /manager", who: "guan", address: at("/manager")},
	{name: "manager-day", pattern: "GET /manager/day", who: "guan", address: at("/manager/day")},
	{name: "manager-day-empty", pattern: "GET /manager/day", who: "guan", address: at("/manager/day?day=2020-01-01")},
	{name: "manager-day-refused", pattern: "GET /manager/day", who: "guan", address: at("/manager/day?day=x"), status: 422},
	{name: "manager-numbers", pattern: "GET /manager/numbers", who: "guan", address: at("/manager/numbers")},
	{name: "manager-numbers-refused", pattern: "GET /manager/numbers", who: "guan", address: at("/manager/numbers?from=x&to=y"), status: 422},
	{name: "manager-ratings", pattern: "GET /manager/ratings", who: "guan", address: at("/manager/ratings")},
	{name: "manager-complaints", pattern: "GET /manager/complaints", who: "guan", address: at("/manager/complaints")},
	{name: "manager-devices", pattern: "GET /manager/devices", who: "ji", address: at("/manager/devices")},

	{name: "choose", pattern: "GET /console", who: "zhao", address: at("/console")},
	{name: "console", pattern: "GET /console", who: "li", address: at("/console")},
	{name: "console-idle", pattern: "GET /console", who: "wang", address: at("/console")},
	{name: "console-keys", pattern: "GET /console", who: "li", address: at("/console"), do: "document.getElementById('keys').showModal()"},
	{name: "console-closed", pattern: "GET /console", who: "bi", address: at("/console")},
	{name: "transfer", pattern: "GET /console/transfer", who: "li", address: at("/console/transfer")},
	{name: "wrong", pattern: "GET /console/wrong", who: "li", address: at("/console/wrong")},
	{name: "number", pattern: "GET /console/number/{ticket}", who: "li", address: func(s *scene) string { return "/console/number/" + s.waiting.ID }},
	{name: "number-raised", pattern: "GET /console/number/{ticket}", who: "li", address: func(s *scene) string { return "/console/number/" + s.raised.ID }},
	{name: "why", pattern: "GET /console/why", who: "li", address: at("/console/why")},
	{name: "why-answered", pattern: "GET /console/why", who: "li", address: func(s *scene) string {
		return "/console/why?first=" + s.current.Label + "&second=" + s.waiting.Label
	}},
	{name: "pause", pattern: "GET /console/pause", who: "li", address: at("/console/pause")},
	{name: "pause-closed", pattern: "GET /console/pause", who: "bi", address: at("/console/pause")},
	{name: "closings", pattern: "GET /staff/closings", who: "guan", address: at("/staff/closings")},
	{name: "leave", pattern: "GET /console/leave", who: "li", address: at("/console/leave")},
	{name: "result", pattern: "GET /console/result", who: "li", address: at("/console/result")},
	{name: "result-supplement", pattern: "GET /console/result", who: "li", address: at("/console/result"), do: "document.querySelector('input[value=supplement]').click()"},
	{name: "result-refused", pattern: "POST /console/result", who: "li", address: at("/console/result"),
		form: func(s *scene) url.Values { return url.Values{"id": {s.current.ID}, "kind": {"returned"}} }, status: 422},
	{name: "notice-sheet", pattern: "GET /console/notice/{ticket}", who: "li", address: func(s *scene) string { return "/console/notice/" + s.supplemented.ID }},
	{name: "staff", pattern: "GET /staff", who: "guan", address: at("/staff")},

	{name: "board", pattern: "GET /board", address: at("/board")},
	{name: "board-area", pattern: "GET /board", address: at("/board?area=b&volume=0")},
	{name: "phone", pattern: "GET /t/{hall}/{ticket}", address: func(s *scene) string { return "/t/demo/" + s.waiting.ID }},
	{name: "phone-en", pattern: "GET /t/{hall}/{ticket}", address: func(s *scene) string { return "/t/demo/" + s.waiting.ID + "?lang=en" }},
	{name: "phone-called", pattern: "GET /t/{hall}/{ticket}", address: func(s *scene) string { return "/t/demo/" + s.current.ID }},
	{name: "phone-missed", pattern: "GET /t/{hall}/{ticket}", address: func(s *scene) string { return "/t/demo/" + s.missed.ID }},
	{name: "phone-done", pattern: "GET /t/{hall}/{ticket}", address: func(s *scene) string { return "/t/demo/" + s.done.ID }},
	{name: "phone-unknown", pattern: "GET /t/{hall}/{ticket}", address: at("/t/demo/01999999-0000-7000-8000-000000000000")},
	{name: "guide", pattern: "GET /h/{hall}/{token}", address: func(s *scene) string { return s.guides[0] }},
	{name: "guide-en-large", pattern: "GET /h/{hall}/{token}", address: func(s *scene) string { return s.guides[0] + "?lang=en&size=large" }},
	{name: "guide-longest", pattern: "GET /h/{hall}/{token}", address: func(s *scene) string { return s.guides[1] }},
	{name: "guide-elsewhere", pattern: "GET /h/{hall}/{token}", address: func(s *scene) string { return s.guides[2] }},
	{name: "takeaway-shut", pattern: "GET /h/{hall}/{token}", address: at("/h/demo/nonsense"), status: 404},

	{name: "complaint", pattern: "GET /complaint/{hall}", address: at("/complaint/demo")},
	{name: "complaint-refused", pattern: "POST /complaint/{hall}", address: at("/complaint/demo"), form: values("id", "x", "kind", "rude"), status: 422},
	{name: "complaint-receipt", pattern: "POST /complaint/{hall}", address: at("/complaint/demo"), form: func(*scene) url.Values {
		return url.Values{"id": {uuid.Must(uuid.NewV7()).String()}, "kind": {"device"}, "words": {"打印机声音太大。"}}
	}},
	{name: "progress-ask", pattern: "GET /complaint/{hall}/progress", address: at("/complaint/demo/progress")},
	{name: "progress-unknown", pattern: "POST /complaint/{hall}/progress", address: at("/complaint/demo/progress"), form: values("code", "00000-00001"), status: 422},
	{name: "progress-new", pattern: "POST /complaint/{hall}/progress", address: at("/complaint/demo/progress"), form: func(s *scene) url.Values { return url.Values{"code": {s.newCode}} }},
	{name: "progress-answered", pattern: "POST /complaint/{hall}/progress", address: at("/complaint/demo/progress"), form: func(s *scene) url.Values { return url.Values{"code": {s.answeredCode}} }},
	{name: "progress-judged", pattern: "POST /complaint/{hall}/progress", address: at("/complaint/demo/progress"), form: func(s *scene) url.Values { return url.Values{"code": {s.judgedCode}} }},
	{name: "progress-unjudged", pattern: "POST /complaint/{hall}/judge", address: at("/complaint/demo/judge"), form: func(s *scene) url.Values { return url.Values{"code": {s.answeredCode}, "level": {""}} }, status: 422},
	{name: "progress-kept", pattern: "POST /complaint/{hall}/withdraw", address: at("/complaint/demo/withdraw"), form: func(s *scene) url.Values { return url.Values{"code": {s.answeredCode}} }, status: 409},
	{name: "complaint-en", pattern: "GET /complaint/{hall}", address: at("/complaint/demo?lang=en")},
	{name: "complaint-en-refused", pattern: "POST /complaint/{hall}", address: at("/complaint/demo?lang=en"), form: values("id", "x", "kind", "rude"), status: 422},
	{name: "complaint-en-receipt", pattern: "POST /complaint/{hall}", address: at("/complaint/demo?lang=en"), form: func(*scene) url.Values {
		return url.Values{"id": {uuid.Must(uuid.NewV7()).String()}, "kind": {"suggestion"}, "words": {"More seats, please."}}
	}},
	{name: "progress-en-ask", pattern: "GET /complaint/{hall}/progress", address: at("/complaint/demo/progress?lang=en")},
	{name: "progress-en-answered", pattern: "POST /complaint/{hall}/progress", address: at("/complaint/demo/progress?lang=en"), form: func(s *scene) url.Values { return url.Values{"code": {s.answeredCode}} }},
	{name: "complaints", pattern: "GET /complaints", who: "su", address: at("/complaints?view=all")},
	{name: "complaints-none", pattern: "GET /complaints", who: "su", address: at("/complaints?kind=reprisal")},
	{name: "complaints-call", pattern: "GET /complaints/call", who: "su", address: at("/complaints/call")},
	{name: "case-new", pattern: "GET /complaints/case/{id}", who: "su", address: func(s *scene) string { return "/complaints/case/" + s.newCase }},
	{name: "case-answered", pattern: "GET /complaints/case/{id}", who: "su", address: func(s *scene) string { return "/complaints/case/" + s.answeredCase }},
	{name: "case-judged", pattern: "GET /complaints/case/{id}", who: "su", address: func(s *scene) string { return "/complaints/case/" + s.judgedCase }},
	{name: "case-contact", pattern: "POST /complaints/case/{id}/contact", who: "su", address: func(s *scene) string { return "/complaints/case/" + s.newCase + "/contact" }, form: values()},
	{name: "case-unknown", pattern: "GET /complaints/case/{id}", who: "su", address: at("/complaints/case/none"), status: 404},
})

// noPages are routes that answer GET and are no pages.
var noPages = map[string]string{
	"GET /console/stream":           "server-sent events",
	"GET /manager/stream":           "server-sent events",
	"GET /manager/day.xlsx":         "a workbook",
	"GET /manager/numbers.xlsx":     "a workbook",
	"GET /manager/ratings.xlsx":     "a workbook",
	"GET /board/stream":             "server-sent events",
	"GET /t/{hall}/{ticket}/stream": "server-sent events",
	"GET /h/{hall}/{token}/stream":  "server-sent events",
	"GET /voice/{file}":             "recordings",
	"GET /web/{file}":               "style sheets, scripts, pictures",
	"GET /ratings/export/file":      "a file",
}

func values(pairs ...string) func(*scene) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return func(*scene) url.Values { return form }
}

// scene is a hall in the middle of a day, with one of everything.
type scene struct {
	*demo
	incarnation                    string
	events                         int64
	waiting, current, missed, done centralapi.Ticket // current is at window 1
	supplemented, raised           centralapi.Ticket
	guides                         []string // paths of guides taken home
	newCode, newCase               string   // of a complaint nobody has looked at
	answeredCode, answeredCase     string
	rated                          ratedScene
	judgedCode, judgedCase         string
	crew                           map[string]*visitor // who is logged in, by login
	pages                          *http.ServeMux      // tells the pattern of an address
}

// sceneWords are what people have written or named; the test of forged markup has
// others than the rest.
type sceneWords struct {
	clerk, complaint, contact, reply, opinion, missing string
	guide                                              string // before the names of guides
}

var plainWords = sceneWords{clerk: "李示例", complaint: "等了两个小时，\n窗口没有人。", contact: "张示例 13800138000", reply: "向您道歉。\n已经增加了窗口。", opinion: "拖得太久了。", missing: "户口簿原件"}

func startScene(t *testing.T, d *demo, words sceneWords) *scene {
	t.Helper()
	s := &scene{demo: d, crew: map[string]*visitor{}}
	catalogue := phoneGuides(t)
	for i := range catalogue.Guides {
		g := &catalogue.Guides[i]
		g.Name, g.Summary = words.guide+g.Name, words.guide+g.Summary
	}
	if _, err := d.ImportGuides(t.Context(), "demo", catalogue); err != nil {
		t.Fatal(err)
	}
	for i := range catalogue.Guides {
		s.guides = append(s.guides, strings.TrimPrefix(d.takeHome(t, &catalogue.Guides[i], 0), d.URL()))
	}
	for login, n := range map[string]central.NewStaff{
		"li":   {Name: words.clerk, Roles: []string{"clerk"}},
		"wang": {Name: "王示例", Roles: []string{"clerk"}},
		"zhao": {Name: "赵示例", Roles: []string{"clerk"}},
		"guan": {Name: "管示例", Roles: []string{"manager"}},
		"ji":   {Name: "技示例", Roles: []string{"technician"}},
		"su":   {Name: "诉示例", Roles: []string{"complaints"}},
		"xin":  {Name: "新示例", Roles: []string{"manager"}},
	} {
		n.Login, n.Password, n.Keep = login, password, login != "xin"
		if _, err := d.AddStaff(t.Context(), "demo", n); err != nil {
			t.Fatal(err)
		}
		s.crew[login] = d.as(t, login)
	}
	s.crew["li"].must("/console/window", url.Values{"window": {"w1"}})
	s.crew["wang"].must("/console/window", url.Values{"window": {"w5"}})
	s.crowd(t, words)
	s.complaints(t, words)
	s.ratings(t, words)
	s.counter(t, words)
	return s
}

// crowd has people come and be called.
func (s *scene) crowd(t *testing.T, words sceneWords) {
	t.Helper()
	window, err := s.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w1", PIN: demoPIN})
	if err != nil {
		t.Fatal(err)
	}
	call := func() centralapi.Ticket {
		t.Helper()
		k, ok, err := window.CallNext(t.Context())
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		return k
	}
	for i, business := range []string{"hukou", "idcard", "hukou", "residence", "idcard", "hukou"} {
		s.take(t, business, i == 0)
	}
	s.done = call()
	if _, err := window.Finish(t.Context(), s.done.ID); err != nil {
		t.Fatal(err)
	}
	s.missed = call()
	if _, err := window.NoShow(t.Context(), s.missed.ID); err != nil {
		t.Fatal(err)
	}
	s.supplemented = call()
	s.crew["li"].must("/console/result", url.Values{"id": {s.supplemented.ID}, "kind": {"supplement"}, "others": {words.missing}, "words": {words.missing}})
	s.current = call()
	s.waiting = s.take(t, "hukou", true)
	for range 8 {
		s.take(t, "idcard", false)
	}
	s.deliver(t, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"})
	s.deliver(t, centralapi.DeviceChanged, centralapi.DeviceState{Device: "printer", State: "fault", Fault: "paper-out"})
}

// complaints files three, of which two are answered, and one of these judged.
func (s *scene) complaints(t *testing.T, words sceneWords) {
	t.Helper()
	su := s.crew["su"]
	newest := func() string {
		t.Helper()
		page := su.get("/complaints?view=all")
		found := caseLink.FindStringSubmatch(page.body)
		if found == nil {
			t.Fatalf("no complaint in the list:\n%s", page.body)
		}
		return found[1]
	}
	s.answeredCode = s.complain(t, "delay", "w1", words.complaint, "")
	s.answeredCase = newest()
	for _, action := range []string{"verify", "investigate", "handle", "feedback"} {
		su.step(s.answeredCase, action, words.reply)
	}
	s.judgedCode = s.complain(t, "charging", "w2", words.complaint, "")
	s.judgedCase = newest()
	for _, action := range []string{"verify", "investigate", "handle", "feedback", "archive"} {
		su.step(s.judgedCase, action, words.reply)
	}
	s.visitor(t).must("/complaint/demo/judge", url.Values{"code": {s.judgedCode}, "level": {"dissatisfied"}, "words": {words.opinion}})
	s.newCode = s.complain(t, "rude", "w3", words.complaint, words.contact)
	s.newCase = newest()
}

// deliver has the terminal tell of something that happened there.
func (s *scene) deliver(t *testing.T, kind centralapi.EventKind, body any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	self, err := s.terminal.Terminal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.incarnation == "" {
		if s.incarnation, err = s.terminal.Rotate(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	s.events++
	receipt, err := s.terminal.DeliverEvents(t.Context(), centralapi.EventBatch{Terminal: self.ID, Incarnation: s.incarnation, MonotonicNow: 5000, BootID: "b",
		Events: []centralapi.Event{{ID: uuid.Must(uuid.NewV7()).String(), Seq: s.events, Kind: kind, Monotonic: 4000, BootID: "b", Wall: time.Now(), Body: data}}})
	if err != nil || receipt.AckedThrough != s.events || len(receipt.Quarantined) > 0 {
		t.Fatalf("%s is not taken: %+v, %v", kind, receipt, err)
	}
}

// visit shows a page in a tab, as the person it is for.
func (s *scene) visit(p *tab, l look) {
	p.t.Helper()
	p.do(nil, "Network.clearBrowserCookies", nil)
	if l.who != "" {
		p.wears(s.crew[l.who])
	}
	address := s.URL() + l.address(s)
	if l.form != nil {
		// A form of the site's own, filled in and sent from one of its pages.
		p.open(s.URL() + "/login")
		fields, err := json.Marshal(l.form(s))
		if err != nil {
			p.t.Fatal(err)
		}
		if err := p.try(nil, fmt.Sprintf(`(() => {
			const form = document.createElement('form');
			form.method = 'post';
			form.action = %s;
			for (const [name, values] of Object.entries(%s)) for (const value of values) {
				const field = document.createElement('input');
				field.type = 'hidden';
				field.name = name;
				field.value = value;
				form.append(field);
			}
			document.documentElement.dataset.before = '';
			document.body.append(form);
			form.submit();
		})()`, quote(address), fields)); err != nil {
			p.t.Fatal(err)
		}
		p.until(patience, l.name+" answers", "document.readyState === 'complete' && document.documentElement.dataset.before === undefined")
	} else {
		p.open(address)
	}
	if l.do != "" {
		if err := p.try(nil, "("+l.do+", 0)"); err != nil {
			p.t.Fatal(err)
		}
	}
}

// TestEveryPageIsListed: each route that shows a page is in the list with an address
// that is really its own, and nothing is in the list that is not in the site.
func TestEveryPageIsListed(t *testing.T) {
	d := startDemo(t)
	patterns := d.Patterns()
	covered := map[string]bool{}
	names := map[string]bool{}
	for _, l := range looks {
		if !slices.Contains(patterns, l.pattern) {
			t.Errorf("%s: the site has no route %s", l.name, l.pattern)
		}
		if names[l.name] {
			t.Errorf("two pages are called %s", l.name)
		}
		covered[l.pattern], names[l.name] = true, true
	}
	for _, forgotten := range missingPages(patterns, covered) {
		t.Errorf("%s shows a page that is not in the list looks, or is none and not in noPages", forgotten)
	}
	for pattern := range noPages {
		if !slices.Contains(patterns, pattern) {
			t.Errorf("noPages: the site has no route %s", pattern)
		}
	}
	// The control: a page that is taken out of the list is missed.
	delete(covered, "GET /staff")
	if got := missingPages(patterns, covered); !slices.Contains(got, "GET /staff") {
		t.Errorf("without GET /staff in the list, %v is missed", got)
	}
}

func missingPages(patterns []string, covered map[string]bool) (out []string) {
	for _, p := range patterns {
		if !strings.HasPrefix(p, "POST ") && !covered[p] && noPages[p] == "" {
			out = append(out, p)
		}
	}
	return out
}

// TestEveryPageAnswers: the addresses in the list answer what they should, as a page,
// and belong to the routes they are listed for.
func TestEveryPageAnswers(t *testing.T) {
	s := startScene(t, startDemo(t), plainWords)
	mux := http.NewServeMux()
	for _, p := range s.Patterns() {
		mux.Handle(p, http.NotFoundHandler())
	}
	for _, l := range looks {
		v, method, form := s.visitor(t), http.MethodGet, url.Values(nil)
		if l.who != "" {
			v = s.crew[l.who]
		}
		if l.form != nil {
			method, form = http.MethodPost, l.form(s)
		}
		address := l.address(s)
		if _, pattern := mux.Handler(httptest.NewRequest(method, address, nil)); pattern != l.pattern {
			t.Errorf("%s: %s %s belongs to %s, not to %s", l.name, method, address, pattern, l.pattern)
		}
		want := l.status
		if want == 0 {
			want = http.StatusOK
		}
		got := v.do(method, address, form)
		if kind := got.header.Get("Content-Type"); got.status != want || kind != "text/html; charset=utf-8" {
			t.Errorf("%s: %d, %s; want %d\n%.300s", l.name, got.status, kind, want, got.body)
		}
	}
	t.Logf("%d pages", len(looks))
}
