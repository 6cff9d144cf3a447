package pages

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

var _ Desk = (*fakeDesk)(nil)

// client is a browser without scripts: it keeps the cookie and names its origin.
type client struct {
	t      *testing.T
	site   http.Handler
	people *staff.Book
	cookie string
	header http.Header // sent with every request
}

func newClient(t *testing.T, d *fakeDesk) *client {
	people := newStaff(t, d)
	return &client{t: t, site: New(Config{Desk: d, Staff: people, Visits: newVisits(t, d), Halls: []string{d.hall.ID}, Now: d.clock}), people: people, header: http.Header{}}
}

func (c *client) do(method, target string, form url.Values) *http.Response {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://centre.test"+target, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://centre.test")
	}
	for k, v := range c.header {
		r.Header[k] = v
	}
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	w := httptest.NewRecorder()
	c.site.ServeHTTP(w, r)
	res := w.Result()
	for _, cookie := range res.Cookies() {
		c.cookie = cookie.Name + "=" + cookie.Value
		if cookie.MaxAge < 0 {
			c.cookie = ""
		}
	}
	return res
}

func (c *client) get(target string) *http.Response { return c.do(http.MethodGet, target, nil) }

func (c *client) post(target string, form url.Values) *http.Response {
	return c.do(http.MethodPost, target, form)
}

// page gets a page and returns its visible text, one blank between words.
func (c *client) page(target string) string {
	c.t.Helper()
	res := c.get(target)
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s: %s", target, res.Status)
	}
	return text(c.t, res)
}

func body(t *testing.T, res *http.Response) []byte {
	t.Helper()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	plain := html.UnescapeString(string(tags.ReplaceAll(body(t, res), []byte(" "))))
	return strings.Join(strings.Fields(plain), " ")
}

// login logs the clerk in at a window, whose account is made when it is missing.
func (c *client) login(window string) {
	c.t.Helper()
	c.enter(clerkLogin)
	if res := c.post("/console/window", url.Values{"window": {window}}); res.StatusCode != http.StatusSeeOther {
		c.t.Fatalf("sit at %s: %s", window, res.Status)
	}
}

// enter logs an account in, at no window.
func (c *client) enter(login string) {
	c.t.Helper()
	hire(c.t, c.people, login)
	res := c.post("/login", url.Values{"login": {login}, "password": {goodPassword}})
	if res.StatusCode != http.StatusSeeOther || c.cookie == "" {
		c.t.Fatalf("login: %s", res.Status)
	}
}

// seen reads the value buttons send along.
func (c *client) seen() string {
	c.t.Helper()
	m := regexp.MustCompile(`name="seen" value="([^"]*)"`).FindSubmatch(body(c.t, c.get("/console")))
	if m == nil {
		c.t.Fatal("the console has no buttons")
	}
	return html.UnescapeString(string(m[1]))
}

func (c *client) press(action, id string) *http.Response {
	c.t.Helper()
	return c.post("/console/"+action, url.Values{"seen": {c.seen()}, "id": {id}})
}

func wants(t *testing.T, where, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s: no %q in:\n%s", where, w, got)
		}
	}
}

func lacks(t *testing.T, where, got string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(got, w) {
			t.Errorf("%s: %q in:\n%s", where, w, got)
		}
	}
}

func TestIndex(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	res := c.get("/")
	page := string(body(t, res))
	wants(t, "index", page, "示例街道综合服务大厅", `href="/console"`, `href="/board"`, "http://centre.test/console", "http://centre.test/board")
}

// TestPagesAreSafe holds every page against the content security policy: no
// inline code or style, nothing from elsewhere, and the headers that say so.
func TestPagesAreSafe(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "medical", "medical-away", "李*例", time.Minute)
	d.help = []queue.HelpCall{{ID: "h1", Terminal: "一号机", At: d.now}}
	d.faults = []queue.DeviceFault{{Terminal: "一号机", Device: "printer", Fault: "paper-out", Since: d.now}}
	anonymous, staff, chooser, manager := newClient(t, d), newClient(t, d), newClient(t, d), newClient(t, d)
	staff.login("w3")
	sheet := newClient(t, d)
	sheet.login("w4")
	sheet.press("call", "")
	chooser.enter("wang")
	manager.enter("guan")
	d.show(phoneTicketAt(d, centralapi.Called))
	responses := map[string]*http.Response{
		"index":             anonymous.get("/"),
		"login":             anonymous.get("/login"),
		"choose":            chooser.get("/console"),
		"account":           staff.get("/account"),
		"leave":             staff.get("/console/leave"),
		"result":            sheet.get("/console/result"),
		"sheet":             sheetOf(t, sheet),
		"staff":             manager.get("/staff"),
		"no right":          manager.get("/console"),
		"board":             anonymous.get("/board"),
		"phone":             anonymous.get("/t/demo/" + phoneID),
		"phone of nothing":  anonymous.get("/t/demo/" + otherID + "?lang=zh"),
		"phone of nonsense": anonymous.get("/t/demo/x"),
		"missing":           anonymous.get("/nothing"),
		"console":           staff.get("/console"),
		"message":           staff.post("/console/recall", url.Values{"seen": {"old"}}),
	}
	for name, res := range responses {
		h := res.Header
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", name, csp)
		}
		referrer := "same-origin"
		if strings.HasPrefix(name, "phone") {
			referrer = "no-referrer"
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != referrer {
			t.Errorf("%s: headers %v", name, h)
		}
		root, err := html.Parse(bytes.NewReader(body(t, res)))
		if err != nil {
			t.Fatal(err)
		}
		lang, title := "", ""
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			switch n.Data {
			case "html":
				for _, a := range n.Attr {
					if a.Key == "lang" {
						lang = a.Val
					}
				}
			case "title":
				title = n.FirstChild.Data
			case "style":
				t.Errorf("%s: inline style sheet", name)
			case "script":
				if n.FirstChild != nil {
					t.Errorf("%s: inline script", name)
				}
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
				}
				if (a.Key == "src" || a.Key == "href" || a.Key == "action") && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "tel:") {
					t.Errorf("%s: %s=%q leads elsewhere", name, a.Key, a.Val)
				}
			}
		}
		if lang != "zh-CN" || title == "" {
			t.Errorf("%s: lang %q, title %q", name, lang, title)
		}
	}
}

func TestPagesEscape(t *testing.T) {
	const evil = `<script>alert(1)</script>"'`
	d := newFakeDesk(t)
	d.hall.Name, d.notice = evil, evil
	d.help = []queue.HelpCall{{ID: evil, Terminal: evil, At: d.now}}
	d.take(1, "medical", "", evil, time.Minute)
	c := newClient(t, d)
	c.enter("script")
	for _, target := range []string{"/", "/board", "/console", "/account", "/staff"} {
		if page := body(t, c.get(target)); bytes.Contains(page, []byte("<script>alert")) {
			t.Errorf("%s: a name becomes code", target)
		}
	}
	c.post("/console/window", url.Values{"window": {"w3"}})
	for _, target := range []string{"/console", "/console/leave", "/staff"} {
		if page := body(t, c.get(target)); bytes.Contains(page, []byte("<script>alert")) {
			t.Errorf("%s: a name becomes code", target)
		}
	}
}

func TestWebFiles(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	page := string(body(t, c.get("/board")))
	found := regexp.MustCompile(`/web/[^"]+`).FindAllString(page, -1)
	if len(found) != 6 { // icon, two style sheets, three scripts
		t.Fatalf("the board names %v", found)
	}
	for _, target := range found {
		res := c.get(target)
		if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s: %s, %q", target, res.Status, res.Header.Get("Cache-Control"))
		}
		bare, _, _ := strings.Cut(target, "?")
		if res := c.get(bare); res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: %s, %q; an address without digest must not be kept", bare, res.Status, res.Header.Get("Cache-Control"))
		}
	}
	for _, target := range []string{"/web/console.html", "/web/", "/web/..%2fassets.go", "/web/none.css"} {
		if res := c.get(target); res.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s, want 404", target, res.Status)
		}
	}
}

func TestUnknownHallAndPath(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	for _, target := range []string{"/login?hall=x", "/console?hall=x", "/board?hall=x", "/board/stream?hall=x", "/consoles"} {
		res := c.get(target)
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s, want 404", target, res.Status)
		}
		wants(t, target, text(t, res), "没有这个页面")
	}
	if res := c.get("/board?hall=demo"); res.StatusCode != http.StatusOK {
		t.Errorf("named hall: %s", res.Status)
	}
}

func TestTwoHalls(t *testing.T) {
	d := newFakeDesk(t)
	people := newStaff(t, d)
	c := &client{t: t, site: New(Config{Desk: twoHalls{d}, Staff: people, Halls: []string{"other", "demo"}}), people: people, header: http.Header{}}
	wants(t, "index", string(body(t, c.get("/"))), `href="/console"`, `href="/console?hall=demo"`, "另一个大厅")
	wants(t, "log-in of the first", string(body(t, c.get("/login"))), `action="/login"`, "另一个大厅")
	wants(t, "log-in of the second", string(body(t, c.get("/login?hall=demo"))), `action="/login?hall=demo"`)
	if location := c.get("/console?hall=demo").Header.Get("Location"); location != "/login?hall=demo" {
		t.Errorf("the second hall's console leads to %q", location)
	}
	hire(t, people, clerkLogin)
	res := c.post("/login?hall=demo", url.Values{"login": {clerkLogin}, "password": {goodPassword}})
	if location := res.Header.Get("Location"); location != "/console?hall=demo" {
		t.Fatalf("log-in leads to %q", location)
	}
	wants(t, "console", c.page("/console"), "选择窗口", "示例街道综合服务大厅") // the cookie says which hall
	if location := c.get("/console?hall=other").Header.Get("Location"); location != "/login?ended=1" {
		t.Errorf("the other hall's console leads to %q", location)
	}
}

// twoHalls is a desk with a second hall, named other.
type twoHalls struct{ *fakeDesk }

func (d twoHalls) Hall(id string) (*hall.Hall, bool) {
	if id == "other" {
		other := *d.hall
		other.ID, other.Name = "other", "另一个大厅"
		return &other, true
	}
	return d.fakeDesk.Hall(id)
}

func TestNewNeedsADesk(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New without a desk does not panic")
		}
	}()
	New(Config{Halls: []string{"demo"}})
}

func TestCrossOrigin(t *testing.T) {
	form := url.Values{"login": {clerkLogin}, "password": {goodPassword}}
	for _, tc := range []struct {
		name   string
		header http.Header
		status int
	}{
		{"form of the site itself", http.Header{}, http.StatusSeeOther},
		{"no browser", http.Header{"Origin": nil}, http.StatusSeeOther},
		{"another site, old browser or plain HTTP", http.Header{"Origin": {"http://evil.test"}}, http.StatusForbidden},
		{"another port", http.Header{"Origin": {"http://centre.test:81"}}, http.StatusForbidden},
		{"sandboxed frame", http.Header{"Origin": {"null"}}, http.StatusForbidden},
		{"another site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		{"neighbour domain", http.Header{"Sec-Fetch-Site": {"same-site"}}, http.StatusForbidden},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newFakeDesk(t)
			c := newClient(t, d)
			hire(t, c.people, clerkLogin)
			c.header = tc.header
			res := c.post("/login", form)
			if res.StatusCode != tc.status {
				t.Errorf("%s, want %d", res.Status, tc.status)
			}
			if tc.status == http.StatusForbidden {
				wants(t, "answer", text(t, res), "别的网站")
				if c.cookie != "" {
					t.Error("logged in nonetheless")
				}
			}
		})
	}
}

func TestFailingDesk(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	c.login("w3")
	d.fail = errors.New("database is locked: secret detail")
	for _, target := range []string{"/console", "/board"} {
		res := c.get(target)
		if res.StatusCode != http.StatusInternalServerError {
			t.Errorf("GET %s: %s, want 500", target, res.Status)
		}
		page := text(t, res)
		wants(t, target, page, "暂时打不开")
		lacks(t, target, page, "secret", "database")
	}
	d.fail = centralapi.Refuse(centralapi.CodeUnavailable, "中心服务正在重新启动，请稍候。")
	res := c.get("/board")
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%s, want 503", res.Status)
	}
	wants(t, "refusal", text(t, res), "正在重新启动")
}

// hangingDesk never answers.
type hangingDesk struct{ *fakeDesk }

func (hangingDesk) LongBoard(ctx context.Context, _ string, _ int) (centralapi.Board, error) {
	<-ctx.Done()
	return centralapi.Board{}, ctx.Err()
}
