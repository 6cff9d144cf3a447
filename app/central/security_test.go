//go:build unix

package central_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// What somebody who means harm can do through the pages, tried on the real service. What
// can be said of one handler alone is in package pages' own tests.

// fill puts things that are there into the wildcards of a pattern.
func (s *scene) fill(pattern string) (method, path string) {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		method, path = http.MethodGet, method
	}
	values := map[string]string{"hall": "demo", "id": s.newCase, "ticket": s.waiting.ID, "token": "nonsense", "file": "style.css", "$": ""}
	path = wildcard.ReplaceAllStringFunc(path, func(w string) string {
		value, ok := values[strings.TrimSuffix(strings.Trim(w, "{}"), "...")]
		if !ok {
			value = "x"
		}
		return value
	})
	return method, path
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// trace is what must not change when nothing may happen.
func (s *scene) trace(t *testing.T) string {
	t.Helper()
	numbers, times := s.calls(t)
	r, err := s.Rebuild(t.Context(), "demo", true)
	if err != nil {
		t.Fatal(err)
	}
	seen := seenSteps.FindStringSubmatch(s.crew["su"].get("/complaints/case/" + s.newCase).body)
	if seen == nil {
		t.Fatal("the case has no steps")
	}
	return fmt.Sprintf("%d numbers called %d times, %d lines of the ledger, %s steps of the case", numbers, times, r.Entries, seen[1])
}

// TestForgedRequests: what another site has a browser send changes nothing, whatever it
// is and whoever is logged in.
func TestForgedRequests(t *testing.T) {
	s := startScene(t, startDemo(t), plainWords)
	before := s.trace(t)
	forms, sent := 0, 0
	for _, pattern := range s.Patterns() {
		method, path := s.fill(pattern)
		if method != http.MethodPost {
			continue
		}
		forms++
		for login, v := range s.crew {
			forger := *v
			for _, header := range []http.Header{{"Origin": {"http://evil.example"}}, {"Origin": {"null"}}, {"Origin": {"http://127.0.0.1:1"}},
				{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Sec-Fetch-Site": {"cross-site"}, "Origin": {s.URL()}}} {
				forger.header = header
				sent++
				got := forger.post(path, url.Values{"id": {s.current.ID}, "kind": {"fee"}, "words": {"x"}, "seen": {"-/"}, "window": {"w2"}, "action": {"note"}, "text": {"x"}, "login": {"li"}, "password": {password}})
				if got.status != http.StatusForbidden || !strings.Contains(got.body, "来自别的网站") || len(got.header["Set-Cookie"]) > 0 {
					t.Errorf("%s as %s with %v: %d", pattern, login, header, got.status)
				}
			}
		}
	}
	if after := s.trace(t); after != before {
		t.Errorf("before: %s; after: %s", before, after)
	}
	if forms < 15 {
		t.Errorf("%d forms only: the test looks at too little", forms)
	}
	// The control: the same from our own page is let through.
	s.crew["su"].step(s.newCase, "note", "看过")
	if after := s.trace(t); after == before {
		t.Error("a step of our own changes nothing: the test sees nothing")
	}
	t.Logf("%d forms, %d forged requests", forms, sent)
}

// TestForeignSiteInTheBrowser: the same with a real browser, on a site of the same
// machine, to which even strict cookies are sent.
func TestForeignSiteInTheBrowser(t *testing.T) {
	b := startBrowser(t)
	s := startScene(t, startDemo(t), plainWords)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>free</title><form method="post" action="%[1]s/complaints/case/%[2]s/step">
			<input name="action" value="note"><input name="seen" value="1"><input name="text" value="forged"></form>
			<iframe name="hole"></iframe><form id="framed" method="post" target="hole" action="%[1]s/logout"></form>`, s.URL(), s.newCase)
	}))
	defer evil.Close()
	before := s.trace(t)
	p := b.tab(t, b.profile(t), 1366, 768, false)
	p.wears(s.crew["su"])
	p.open(evil.URL + "/")
	if err := p.try(nil, fmt.Sprintf(`fetch(%s, { method: 'POST', mode: 'no-cors', credentials: 'include',
		headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'action=note&seen=1&text=forged' })`, quote(s.URL()+"/complaints/case/"+s.newCase+"/step"))); err != nil {
		t.Fatal(err)
	}
	if err := p.try(nil, "(document.getElementById('framed').submit(), 0)"); err != nil {
		t.Fatal(err)
	}
	if err := p.try(nil, "(document.forms[0].submit(), 0)"); err != nil {
		t.Fatal(err)
	}
	p.shows(patience, "h1", "不能这样操作")
	if after := s.trace(t); after != before {
		t.Errorf("before: %s; after: %s", before, after)
	}
	// Nor can it put a page of ours into a frame, to have it clicked on.
	p.open(evil.URL + "/")
	if err := p.try(nil, fmt.Sprintf(`new Promise(done => { const hole = document.querySelector('iframe'); hole.onload = () => done(0); hole.src = %s; })`, quote(s.URL()+"/complaints"))); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	said := fmt.Sprint(p.complaint)
	p.mu.Unlock()
	if !strings.Contains(said, "frame-ancestors") {
		t.Errorf("a page of ours in a frame; the browser says %s", said)
	}
	// The control: the browser is logged in, so our own page could.
	p.open(s.URL() + "/complaints/case/" + s.newCase)
	p.shows(patience, "h2", "态度粗暴")
}

// forged is markup that does something in every place where it is not kept as text: in
// text, in an attribute, in a title, in a script. It is short, as names are.
const forged = `"'><img src=x onerror=hacked=1>`

// longForged is the same where there is room: 150 characters, as for a rating.
const longForged = forged + `</title></textarea><script>hacked=2</script><svg onload=hacked=3><a href="javascript:hacked=4" onfocus=hacked=5>{{.}}`

// TestForgedMarkup: every page of a hall where every name and every word that anybody
// can write is markup. Nothing of it is carried out, or becomes part of the page. The
// pages' policy is switched off for that: it is the second wall, and would hide holes in
// the first.
func TestForgedMarkup(t *testing.T) {
	if testing.Short() {
		t.Skip("opens every page")
	}
	b := startBrowser(t)
	d := startDemoWith(t, func(h *hall.Hall) {
		h.Name, h.NameEn, h.Notice = "厅"+forged, "Hall"+forged, longForged
		h.SupervisionPhone, h.ServicePhone = "javascript:hacked=1//"+forged, forged
		for i := range h.Areas {
			a := &h.Areas[i]
			a.Name, a.NameEn, a.Place, a.PlaceEn = "区"+forged, "Area"+forged, "楼"+forged, "Floor"+forged
		}
		for i := range h.Windows {
			h.Windows[i].Name += forged
		}
		for i := range h.Businesses {
			x := &h.Businesses[i]
			x.Name, x.NameEn = "业"+forged, "Matter"+forged
			for j := range x.Items {
				x.Items[j].Name, x.Items[j].NameEn = "事"+forged, "Item"+forged
			}
		}
	})
	s := startScene(t, d, sceneWords{clerk: strings.TrimPrefix(forged, `"'>`), complaint: longForged, contact: forged, reply: longForged, opinion: longForged, missing: forged, guide: forged})
	p := b.tab(t, b.profile(t), 1366, 768, false)
	p.do(nil, "Page.setBypassCSP", map[string]any{"enabled": true})
	window, err := d.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w1", PIN: demoPIN})
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, l := range looks {
		s.visit(p, l)
		if slices.Contains([]string{"console", "board", "phone-called"}, l.name) { // what is drawn again by the page's script
			if err := p.try(nil, `(window.drawn = false, new MutationObserver(() => { drawn = true; }).observe(document.querySelector('#panel, #board, #ticket'), { childList: true, subtree: true }), 0)`); err != nil {
				t.Fatal(err)
			}
			p.until(patience, "the page is connected", "!document.getElementById('line').innerText")
			if _, err := window.Recall(t.Context(), s.current.ID); err != nil {
				t.Fatal(err)
			}
			p.until(patience, l.name+" is drawn again", "drawn")
		}
		var found struct {
			Hacked   any
			Strange  []string
			Mentions bool
		}
		if err := p.try(&found, markupFound); err != nil {
			t.Fatal(err)
		}
		if found.Hacked != nil || len(found.Strange) > 0 {
			t.Errorf("%s: carried out: %v; part of the page: %q", l.name, found.Hacked, found.Strange)
		}
		if found.Mentions {
			shown++
		}
	}
	if shown < len(looks)/2 {
		t.Errorf("only %d of %d pages show what was forged: the test looks at too little", shown, len(looks))
	}
	t.Logf("%d of %d pages show forged words, as words", shown, len(looks))

	// The control: a page that takes the words for markup is found out; and with the
	// policy as it is, even that page does not carry them out.
	spoil := fmt.Sprintf(`new Promise(done => { document.querySelector('main').innerHTML = %s; setTimeout(done, 300); })`, quote(longForged))
	for _, bypassed := range []bool{true, false} {
		p.do(nil, "Page.setBypassCSP", map[string]any{"enabled": bypassed})
		p.open(d.URL() + "/login")
		if err := p.try(nil, spoil); err != nil {
			t.Fatal(err)
		}
		var found struct {
			Hacked  any
			Strange []string
		}
		if err := p.try(&found, markupFound); err != nil {
			t.Fatal(err)
		}
		if (found.Hacked != nil) != bypassed || len(found.Strange) == 0 {
			t.Errorf("planted, policy off %v: carried out: %v, part of the page: %q", bypassed, found.Hacked, found.Strange)
		}
	}
}

// markupFound tells what forged markup has done to a page.
const markupFound = `({
	hacked: window.hacked ?? null,
	strange: [...document.querySelectorAll('[onerror], [onload], [onfocus], img[src=x], a[href^="javascript:"], script:not([src^="/web/"])')].map(it => it.outerHTML.slice(0, 120)),
	mentions: document.documentElement.textContent.includes('onerror=hacked') || [...document.querySelectorAll('input, textarea')].some(it => it.value.includes('onerror=hacked')),
})`

// TestEveryAnswerIsGuarded: whatever the pages answer, to whomever, has the headers that
// browsers protect people by.
func TestEveryAnswerIsGuarded(t *testing.T) {
	s := startScene(t, startDemo(t), plainWords)
	want := map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin"}
	statuses := map[int]int{}
	check := func(what string, got answer) {
		t.Helper()
		statuses[got.status]++
		for name, value := range want {
			if got.header.Get(name) != value {
				t.Errorf("%s: %s is %q, want %q", what, name, got.header.Get(name), value)
			}
		}
		if to := got.header.Get("Referrer-Policy"); to != "same-origin" && to != "no-referrer" { // the second where the address is a secret
			t.Errorf("%s: addresses are told to other sites: %q", what, to)
		}
		policy := map[string]string{}
		for _, part := range strings.Split(got.header.Get("Content-Security-Policy"), ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
			policy[name] = value
		}
		for name, value := range map[string]string{"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'", "form-action": "'self'"} {
			if policy[name] != value {
				t.Errorf("%s: the policy has %s %q, want %q", what, name, policy[name], value)
			}
		}
		if all := fmt.Sprint(policy); strings.Contains(all, "unsafe") || strings.Contains(all, "*") || strings.Contains(all, "http:") {
			t.Errorf("%s: the policy allows too much: %s", what, all)
		}
		for _, c := range got.header["Set-Cookie"] {
			if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Strict") || strings.Contains(c, "Domain=") {
				t.Errorf("%s sets the cookie %s", what, c)
			}
		}
		if kind := got.header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") && got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", what, got.header.Get("Cache-Control"))
		}
	}
	for who, v := range map[string]*visitor{"nobody": s.visitor(t), "the clerk": s.crew["li"], "the manager": s.crew["guan"], "the handler": s.crew["su"]} {
		for _, pattern := range s.Patterns() {
			method, path := s.fill(pattern)
			if strings.HasSuffix(path, "/stream") || path == "/logout" {
				continue // streams do not end; their headers are looked at below
			}
			check(who+": "+pattern, v.do(method, path, nil))
			check(who+": DELETE "+path, v.do(http.MethodDelete, path, nil))
			foreign := *v
			foreign.header = http.Header{"Origin": {"http://evil.example"}}
			check(who+", forged: "+path, foreign.post(path, nil))
		}
		for _, path := range []string{"/login/", "//", "/board/../login", "/%ff", "/login?hall=none"} {
			check(who+": "+path, v.get(path))
		}
	}
	for _, path := range []string{"/board/stream", "/t/demo/" + s.waiting.ID + "/stream"} {
		res, err := http.Get(s.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		check(path, answer{status: res.StatusCode, header: res.Header})
	}
	// The API shows nothing; browsers must not take its answers for pages.
	for _, path := range []string{"/livez", "/readyz", "/v1/halls/demo/board", "/v1/halls/none/board", "/v1/nothing", "/v1/halls/demo/terminal"} {
		got := s.visitor(t).get(path)
		if got.header.Get("X-Content-Type-Options") != "nosniff" || strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s, X-Content-Type-Options %q", path, got.header.Get("Content-Type"), got.header.Get("X-Content-Type-Options"))
		}
	}
	for _, status := range []int{200, 303, 403, 404, 422} {
		if statuses[status] == 0 {
			t.Errorf("no answer of %d was looked at: %v", status, statuses)
		}
	}
	t.Logf("answers by status: %v", statuses)
}

// TestSessionsOverTLS: a session is one browser's, from its log-in to its log-out, and
// over TLS its cookie never goes without.
func TestSessionsOverTLS(t *testing.T) {
	d := startDemo(t)
	d.hire(t, "li")
	d.hire(t, "wang")
	server := httptest.NewTLSServer(d.Handler())
	defer server.Close()
	fresh := func() *visitor {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &visitor{t: t, base: server.URL, header: http.Header{"Origin": {server.URL}}, http: &http.Client{Jar: jar,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}}}
	}
	enter := func(v *visitor, login string) {
		t.Helper()
		got := v.post("/login", url.Values{"login": {login}, "password": {password}})
		if got.status != http.StatusSeeOther || len(got.header["Set-Cookie"]) == 0 {
			t.Fatalf("log-in: %d", got.status)
		}
		for _, c := range got.header["Set-Cookie"] {
			if !strings.Contains(c, "Secure") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Strict") {
				t.Errorf("cookie %s", c)
			}
		}
	}
	in := func(token string) bool {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/console", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: "hallkiosk_staff", Value: token})
		res, err := fresh().http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	}
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody plants the token of a session of their own in the victim's browser.
	attacker, victim := fresh(), fresh()
	enter(attacker, "wang")
	planted := attacker.cookie().Value
	victim.http.Jar.SetCookies(at, []*http.Cookie{{Name: "hallkiosk_staff", Value: planted, Path: "/", Secure: true}})
	enter(victim, "li")
	first := victim.cookie().Value
	if first == planted || in(planted) || !in(first) {
		t.Errorf("after the victim's log-in: the same token %v, the planted one opens %v, the victim's own %v", first == planted, in(planted), in(first))
	}
	// Each log-in is a new session, and ends the one before it on this browser.
	enter(victim, "li")
	second := victim.cookie().Value
	if second == first || in(first) || !in(second) {
		t.Errorf("after another log-in: the same token %v, the old one opens %v, the new one %v", second == first, in(first), in(second))
	}
	// So is each change of the password, wherever else the account is logged in.
	elsewhere := fresh()
	enter(elsewhere, "li")
	old := elsewhere.cookie().Value
	victim.must("/account/password", url.Values{"old": {password}, "password": {"anders-2026"}, "again": {"anders-2026"}})
	third := victim.cookie().Value
	if third == second || in(second) || in(old) || !in(third) {
		t.Errorf("after a change of the password: the same token %v, others open %v %v, the new one %v", third == second, in(second), in(old), in(third))
	}
	// Whoever has copied it has nothing after the log-out.
	victim.must("/logout", nil)
	if victim.cookie() != nil || in(third) {
		t.Errorf("after the log-out: the browser has a cookie %v, the token opens %v", victim.cookie() != nil, in(third))
	}
}

// TestPathTricksOnTheWire sends addresses as no browser does. Whatever is there, it is
// refused as not there or not understood; nothing fails inside and nothing is shown that
// the address does not stand for.
func TestPathTricksOnTheWire(t *testing.T) {
	if testing.Short() {
		t.Skip("sends some ten thousand requests")
	}
	s := startScene(t, startDemo(t), plainWords)
	tricks := []string{"..", ".", "%2e%2e", "%2e%2e%2f%2e%2e%2fstaff", "..%2f..%2fstaff", "..%5c..%5cstaff", "%00", "a%00b", "%ff%fe", "%c0%ae%c0%ae", "%252e%252e", "%E2%80%AE", "%F0%9F%98%80",
		"%0d%0aSet-Cookie:%20x=1", "{{.}}", "*", "%25s%25n", "'%20OR%201=1--", "-1", "99999999999999999999", strings.Repeat("a", 9000), strings.Repeat("%E4%B8%AD", 500), "demo;x=1", ";", "~", "con", "%20"}
	var targets []string
	for _, pattern := range s.Patterns() {
		_, path, found := strings.Cut(pattern, " ")
		if !found {
			path = pattern
		}
		for _, w := range wildcard.FindAllString(path, -1) {
			if w == "{$}" {
				continue
			}
			for _, trick := range tricks {
				_, filled := s.fill(strings.Replace(pattern, w, "\x01", 1))
				targets = append(targets, strings.Replace(filled, "\x01", trick, 1))
			}
		}
		_, plain := s.fill(pattern)
		for _, more := range []string{"?hall=", "?view=", "?before=", "?kind=", "?area=", "?lang=", "?size=", "?quiet=", "?volume=", "?page=", "?day=", "?from="} {
			for _, trick := range []string{"..%2f..", "%00", "%ff", "%zz", strings.Repeat("9", 400), "-1", "%27%22%3E%3Cscript%3E", "demo&hall=x", "12:00-99:99"} {
				targets = append(targets, plain+more+trick)
			}
		}
		targets = append(targets, plain+"/", plain+"/..", plain+"//", "/"+plain, plain+"%2f", plain+"%00", "/."+plain, strings.ToUpper(plain), plain+"/%2e%2e/staff")
	}
	slices.Sort(targets)
	targets = slices.Compact(targets)
	statuses := map[int]int{}
	for _, login := range []string{"", "li", "guan", "su"} {
		cookie := ""
		if login != "" {
			c := s.crew[login].cookie()
			cookie = "Cookie: " + c.Name + "=" + c.Value + "\r\n"
		}
		w := &wire{t: t, host: s.host()}
		for n, target := range targets {
			if strings.Contains(target, "/stream") || strings.Contains(target, "/STREAM") {
				continue // does not end
			}
			// Addresses of their own, so that the limit of one does not hide the rest.
			status, header, body := w.get(target, fmt.Sprintf("%sX-Forwarded-For: 198.51.%d.%d\r\n", cookie, n/250%8, n%250))
			statuses[status]++
			if status >= 500 || status < 200 {
				t.Errorf("%q as %q: %d\n%.300s", target, login, status, body)
			}
			if to := header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`)) {
				t.Errorf("%q as %q leads away, to %q", target, login, to)
			}
			if header.Get("X") != "" || strings.Contains(strings.Join(header["Set-Cookie"], " "), "x=1") {
				t.Errorf("%q as %q writes headers: %v", target, login, header)
			}
			if login == "" && status == 200 && (strings.Contains(body, "现在在岗") || strings.Contains(body, "我的账号") || strings.Contains(body, "投诉列表")) {
				t.Errorf("%q shows a page of the staff to nobody", target)
			}
			// A trick in the path is no page; one in the query may be left alone.
			path, _, _ := strings.Cut(target, "?")
			if status == 200 && strings.ContainsAny(path, "%{*;") && path != "/%2f" { // the page of links
				t.Errorf("%q as %q is a page", target, login)
			}
		}
		w.close()
	}
	if statuses[404] < 5000 || statuses[200] == 0 || statuses[429] > 0 {
		t.Errorf("answers by status: %v", statuses)
	}
	t.Logf("%d addresses, four people; answers by status: %v", len(targets), statuses)
}

// wire sends requests as they are written, on one connection while it lasts.
type wire struct {
	t    *testing.T
	host string
	conn net.Conn
	from *bufio.Reader
}

func (w *wire) close() {
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
	}
}

func (w *wire) get(target, headers string) (status int, header http.Header, body string) {
	w.t.Helper()
	for attempt := 0; ; attempt++ {
		if w.conn == nil {
			conn, err := net.DialTimeout("tcp", w.host, 5*time.Second)
			if err != nil {
				w.t.Fatal(err)
			}
			w.conn, w.from = conn, bufio.NewReader(conn)
		}
		w.conn.SetDeadline(time.Now().Add(20 * time.Second))
		_, err := fmt.Fprintf(w.conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", target, w.host, headers)
		var res *http.Response
		if err == nil {
			res, err = http.ReadResponse(w.from, nil)
		}
		var data []byte
		if err == nil {
			data, err = io.ReadAll(res.Body)
		}
		if err != nil {
			w.close() // an answer before this one may have closed it
			if attempt > 0 {
				w.t.Fatalf("%.100q: %v", target, err)
			}
			continue
		}
		if res.Close {
			w.close()
		}
		return res.StatusCode, res.Header, string(data)
	}
}
