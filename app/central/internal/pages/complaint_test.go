package pages

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/complaints"
	"hallkiosk/app/central/internal/sealed"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
	"hallkiosk/app/workday"
)

// complaintSite is a site that takes complaints, with the real desk of them.
func complaintSite(t *testing.T) (*site, *client, *complaints.Desk) {
	t.Helper()
	d := newFakeDesk(t)
	people := newStaff(t, d)
	data, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { data.Close() })
	keys, err := sealed.EnsureIn(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cases, err := complaints.New(complaints.Config{Store: data, Halls: []*hall.Hall{d.hall}, Keys: keys, Calendar: workday.Builtin(), Now: d.clock})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(Config{Desk: d, Staff: people, Complaints: cases, Halls: []string{"demo"}, Now: d.clock})
	return s, &client{t: t, site: s.handler(), people: people, header: http.Header{}}, cases
}

const attack = `<script>alert("x")</script>"'&<img src=x onerror=alert(1)>`

// inputValue finds the value of a form's field.
func inputValue(t *testing.T, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `"[^>]* value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no field %s in %s", name, page)
	}
	return html.UnescapeString(m[1])
}

var codeShown = regexp.MustCompile(`<p class="code"[^>]*>([0-9A-Z]{5}-[0-9A-Z]{5})</p>`)

// fileOnPhone fills in the form as somebody on a phone does and returns the code.
func fileOnPhone(t *testing.T, c *client, words, contact, window string) string {
	t.Helper()
	form := string(body(t, c.get("/complaint/demo")))
	wants(t, "form", form, "投诉和建议", "超时推诿", "意见建议", "可以不填", "3 号窗口")
	res := c.post("/complaint/demo", url.Values{"id": {inputValue(t, form, "id")}, "kind": {"rude"}, "window": {window}, "words": {words}, "contact": {contact}})
	page := string(body(t, res))
	m := codeShown.FindStringSubmatch(page)
	if res.StatusCode != http.StatusOK || m == nil {
		t.Fatalf("filed: %s\n%s", res.Status, page)
	}
	return m[1]
}

// From the phone of its author to the archive and back, as people do it.
func TestComplaintFromPhoneToArchive(t *testing.T) {
	_, author, _ := complaintSite(t)
	words := "第一段 " + attack + "\r\n第二段"
	code := fileOnPhone(t, author, words, "李示例 13800138000", "w3")
	progress := func() string {
		t.Helper()
		return string(body(t, author.post("/complaint/demo/progress", url.Values{"code": {" " + strings.ToLower(code)}})))
	}
	first := progress()
	wants(t, "progress", first, "态度粗暴 · 登记", "还没到", "11月25日", "确认撤回")
	lacks(t, "progress", first, "第一段", "13800138000", "李示例")

	staffer := &client{t: t, site: author.site, people: author.people, header: http.Header{}}
	if staffer.enter("su"); staffer.cookie == "" {
		t.Fatal("nobody is logged in")
	}
	list := staffer.source("/complaints")
	wants(t, "list", list, "第 1 号", "态度粗暴", "3 号窗口", "手机网页", "留了联系方式")
	lacks(t, "list", list, "第一段", "13800138000")
	address := regexp.MustCompile(`/complaints/case/[0-9a-f-]{36}`).FindString(list)
	sight := staffer.source(address)
	wants(t, "case", sight, "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;", "<p>第二段</p>", "显示联系方式", "初步核实", "诉示例", "谁看过（1 次）")
	lacks(t, "case", sight, "<script>alert", "<img src=x", "13800138000", strings.ReplaceAll(code, "-", ""), code)
	wants(t, "contact", string(body(t, staffer.post(address+"/contact", nil))), "李示例 13800138000", "联系方式</td>")

	step := func(form url.Values, status int) string {
		t.Helper()
		page := staffer.source(address)
		form.Set("seen", inputValue(t, page, "seen"))
		res := staffer.post(address+"/step", form)
		if res.StatusCode != status || status == http.StatusSeeOther && res.Header.Get("Location") != address {
			t.Fatalf("%s: %s to %q\n%s", form, res.Status, res.Header.Get("Location"), body(t, res))
		}
		return string(body(t, res))
	}
	// What is refused says why and keeps what was typed.
	wants(t, "refused", step(url.Values{"action": {"investigate"}, "text": {"跳过"}}, http.StatusConflict), "登记、核实、调查、处理、反馈、归档")
	wants(t, "refused", step(url.Values{"action": {"verify"}, "text": {"没有分类" + attack}}, http.StatusUnprocessableEntity), "请选择是一般投诉还是复杂投诉", "没有分类&lt;script&gt;")
	for _, form := range []url.Values{
		{"action": {"verify"}, "text": {"属实" + attack}, "class": {"simple"}},
		{"action": {"investigate"}, "text": {"成立小组"}},
		{"action": {"transfer"}, "text": {"转"}, "department": {"市监局"}, "follow_up": {"2026-11-26"}},
		{"action": {"note"}, "text": {"内部备注"}},
		{"action": {"follow-up"}, "text": {"查清了"}},
		{"action": {"extend"}, "text": {"等录像"}, "days": {"3"}},
		{"action": {"handle"}, "text": {"批评教育"}},
		{"action": {"feedback"}, "text": {"向您道歉" + attack}},
	} {
		step(form, http.StatusSeeOther)
	}
	answered := progress()
	wants(t, "answered", answered, "态度粗暴 · 反馈", "向您道歉&lt;script&gt;", `aria-current="step"`)
	lacks(t, "answered", answered, "<script>alert", "内部备注", "批评教育", "诉示例", "确认撤回")
	step(url.Values{"action": {"archive"}, "text": {"结案"}}, http.StatusSeeOther)
	wants(t, "archived", progress(), "态度粗暴 · 归档")
	last := staffer.source(address)
	wants(t, "case at the end", last, "市监局", "延长：3 个工作日", "期限：12月3日", "data-print")
	lacks(t, "case at the end", last, `name="action"`, "<script>alert")
	wants(t, "empty list", staffer.source("/complaints"), `<p class="empty">没有</p>`)
	wants(t, "all", staffer.source("/complaints?view=all&kind=rude"), "第 1 号", "归档")
	wants(t, "other kind", staffer.source("/complaints?view=all&kind=fee"), `<p class="empty">没有</p>`)
}

func TestComplaintFormRefuses(t *testing.T) {
	_, c, cases := complaintSite(t)
	form := string(body(t, c.get("/complaint/demo")))
	id := inputValue(t, form, "id")
	good := func() url.Values {
		return url.Values{"id": {id}, "kind": {"rude"}, "window": {""}, "words": {"说话难听"}, "contact": {""}}
	}
	for name, tc := range map[string]struct {
		field, value string
		status       int
		want         string
	}{
		"no kind":        {"kind", "", 422, "请选择反映哪一类问题"},
		"unknown window": {"window", "w99", 422, "没有这个窗口"},
		"no words":       {"words", " ", 422, "请写一写是什么情况"},
		"long":           {"words", strings.Repeat("长", complaint.MaxWords+1), 422, "写得太长了"},
		"no id":          {"id", attack, 422, "页面已经过期"},
	} {
		values := good()
		values.Set(tc.field, tc.value)
		values.Add("contact", "")
		res := c.post("/complaint/demo", values)
		page := string(body(t, res))
		if res.StatusCode != tc.status {
			t.Errorf("%s: %s", name, res.Status)
		}
		wants(t, name, page, tc.want, `<form class="paper"`)
		lacks(t, name, page, "<script>alert")
		if tc.field != "words" {
			wants(t, name, page, "说话难听") // what was written is not lost
		}
		if err := uuid.Validate(inputValue(t, page, "id")); err != nil {
			t.Errorf("%s: the form could never be sent: %v", name, err)
		}
	}
	// The longest there can be, in characters that take the most room.
	long := good()
	long.Set("words", strings.Repeat("𠮷", complaint.MaxWords))
	long.Set("contact", strings.Repeat("𠮷", complaint.MaxContact))
	if res := c.post("/complaint/demo", long); res.StatusCode != http.StatusOK {
		t.Errorf("the longest: %s", res.Status)
	}
	// Sent twice it is one, with one code.
	again := c.post("/complaint/demo", long)
	list, _, err := cases.List(t.Context(), "demo", complaints.Viewer{Account: "s", Handles: true}, complaints.Filter{})
	if err != nil || len(list) != 1 || again.StatusCode != http.StatusOK {
		t.Errorf("sent twice: %d cases, %v, %s", len(list), err, again.Status)
	}
	long.Set("words", strings.Repeat("x", maxForm))
	if res := c.post("/complaint/demo", long); res.StatusCode != http.StatusBadRequest {
		t.Errorf("oversized: %s", res.Status)
	}
	for _, target := range []string{"/complaint/other", "/complaint/", "/complaint/demo/../../x", "/complaint/demo/nonsense"} {
		if res := c.get(target); res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusTemporaryRedirect && res.StatusCode != http.StatusMovedPermanently {
			t.Errorf("%s: %s", target, res.Status)
		}
	}
}

func TestProgressPage(t *testing.T) {
	_, c, _ := complaintSite(t)
	code := fileOnPhone(t, c, "说话难听", "", "")
	for typed, want := range map[string]struct {
		status int
		text   string
	}{
		"":                           {422, "查询码不对"},
		attack:                       {422, "查询码不对"},
		"00000-00001":                {422, "查询码不对"},
		string(complaint.NewCode()):  {404, "没有查到这个查询码"},
		strings.ToLower(code) + "  ": {200, "态度粗暴 · 登记"},
	} {
		res := c.post("/complaint/demo/progress", url.Values{"code": {typed}})
		page := string(body(t, res))
		if res.StatusCode != want.status {
			t.Errorf("%q: %s", typed, res.Status)
		}
		wants(t, typed, page, want.text)
		lacks(t, typed, page, "<script>alert")
	}
	// A code in the address is not looked at: addresses are logged.
	wants(t, "code in the address", string(body(t, c.get("/complaint/demo/progress?code="+code))), `name="code" type="text" value=""`)
	gone := string(body(t, c.post("/complaint/demo/withdraw", url.Values{"code": {code}})))
	wants(t, "withdrawn", gone, "态度粗暴 · 已撤回", "已经撤回")
	lacks(t, "withdrawn", gone, "归档", "确认撤回")
	last := 0
	for range 20 {
		last = c.post("/complaint/demo/progress", url.Values{"code": {string(complaint.NewCode())}}).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after many guesses: %d", last)
	}
}

func TestPhoneCallIsEntered(t *testing.T) {
	_, c, _ := complaintSite(t)
	c.enter("su")
	form := c.source("/complaints/call")
	res := c.post("/complaints/call", url.Values{"id": {inputValue(t, form, "id")}, "kind": {"delay"}, "window": {""}, "words": {"等了两小时"}, "contact": {"李示例"}})
	page := string(body(t, res))
	m := codeShown.FindStringSubmatch(page)
	if res.StatusCode != http.StatusOK || m == nil {
		t.Fatalf("%s\n%s", res.Status, page)
	}
	lacks(t, "afterwards", page, "等了两小时")
	wants(t, "the caller sees it", string(body(t, c.post("/complaint/demo/progress", url.Values{"code": {m[1]}}))), "超时推诿 · 登记")
	wants(t, "list", c.source("/complaints"), "电话（工作人员代登记）")
	bad := string(body(t, c.post("/complaints/call", url.Values{"id": {newFormID()}, "kind": {"delay"}, "words": {""}, "contact": {"还在"}})))
	wants(t, "refused", bad, "请写一写是什么情况", "还在")
}

// Who is complained of cannot open it, whatever else they are, and is not told that it
// exists. Others without the role get 403 at each page.
func TestWhoOpensComplaints(t *testing.T) {
	s, author, _ := complaintSite(t)
	fileOnPhone(t, author, "说话难听", "", "w3")
	enter := func(login string) *client {
		c := &client{t: t, site: author.site, people: author.people, header: http.Header{}}
		c.enter(login)
		return c
	}
	handler := enter("su")
	address := regexp.MustCompile(`/complaints/case/[0-9a-f-]{36}`).FindString(handler.source("/complaints"))
	if address == "" {
		t.Fatal("no case in the list")
	}
	for login, n := range map[string]staff.NewAccount{
		"atw3":     {Name: "三示例", Roles: []staff.Role{staff.Clerk, staff.Complaints}, Windows: []string{"w3"}},
		"anywhere": {Name: "遍示例", Roles: []staff.Role{staff.Clerk, staff.Complaints}},
		"atw1":     {Name: "一示例", Roles: []staff.Role{staff.Clerk, staff.Complaints}, Windows: []string{"w1"}},
		"boss":     {Name: "主示例", Roles: []staff.Role{staff.Manager, staff.Complaints}},
	} {
		n.Login, n.Password, n.Keep = login, goodPassword, true
		if _, err := author.people.Add(t.Context(), "demo", n); err != nil {
			t.Fatal(err)
		}
	}
	targets := []struct{ method, target string }{{"GET", address}, {"POST", address + "/contact"}, {"POST", address + "/step"}}
	sees := func(login string, want bool) {
		t.Helper()
		c := &client{t: t, site: author.site, people: author.people, header: http.Header{}}
		c.post("/login", url.Values{"login": {login}, "password": {goodPassword}})
		if got := strings.Contains(c.source("/complaints?view=all"), address); got != want {
			t.Errorf("%s sees it in the list: %v", login, got)
		}
		for _, x := range targets {
			res := c.do(x.method, x.target, url.Values{"action": {"guess"}})
			if (res.StatusCode != http.StatusNotFound) != want {
				t.Errorf("%s: %s %s: %s", login, x.method, x.target, res.Status)
			}
			if text := string(body(t, res)); !want && strings.Contains(text, "难听") {
				t.Errorf("%s reads it at %s", login, x.target)
			}
		}
	}
	sees("su", true)
	sees("atw1", true)
	sees("atw3", false)
	sees("anywhere", false)
	sees("boss", true)
	res := handler.post(address+"/step", url.Values{"action": {"name"}, "account": {accountOf(t, author, "boss")}, "seen": {"1"}})
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("named: %s %s", res.Status, body(t, res))
	}
	sees("boss", false)
	sees("su", true)

	// Every route of the handlers for every role, and for nobody.
	cookies := map[staff.Role]string{"": "", staff.Complaints: handler.cookie}
	for role, login := range map[staff.Role]string{staff.Clerk: clerkLogin, staff.Manager: "guan", staff.Technician: "ji"} {
		cookies[role] = enter(login).cookie
	}
	checked := 0
	for _, r := range s.handlerRoutes() {
		method, pattern, _ := strings.Cut(r.pattern, " ")
		target := strings.Replace(pattern, "/complaints/case/{id}", address, 1)
		for role, cookie := range cookies {
			c := &client{t: t, site: author.site, people: author.people, header: http.Header{}, cookie: cookie}
			res := c.do(method, target, url.Values{})
			checked++
			switch {
			case role == "" && (res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/login")):
				t.Errorf("%s, logged out: %s to %q", r.pattern, res.Status, res.Header.Get("Location"))
			case role == staff.Complaints && (res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusSeeOther || res.StatusCode >= 500):
				t.Errorf("%s as a handler: %s", r.pattern, res.Status)
			case role != "" && role != staff.Complaints && res.StatusCode != http.StatusForbidden:
				t.Errorf("%s as %s: %s", r.pattern, role, res.Status)
			}
			if res.Header.Get("Content-Security-Policy") != policy {
				t.Errorf("%s: policy %q", r.pattern, res.Header.Get("Content-Security-Policy"))
			}
		}
	}
	if checked != 6*5 {
		t.Errorf("%d requests", checked)
	}
}

func accountOf(t *testing.T, c *client, login string) string {
	t.Helper()
	list, err := c.people.List(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if a.Login == login {
			return a.ID
		}
	}
	t.Fatalf("no account %s", login)
	return ""
}

// A form of another site does nothing, in the browser of an author or a handler.
func TestComplaintsFromOtherSites(t *testing.T) {
	_, c, cases := complaintSite(t)
	c.enter("su")
	for _, header := range []http.Header{{"Origin": {"http://evil.test"}}, {"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"null"}}} {
		c.header = header
		for _, target := range []string{"/complaint/demo", "/complaint/demo/withdraw", "/complaints/call", "/complaints/case/" + uuid.NewString() + "/step"} {
			if res := c.post(target, url.Values{"id": {newFormID()}, "kind": {"rude"}, "words": {"x"}}); res.StatusCode != http.StatusForbidden {
				t.Errorf("%v: %s: %s", header, target, res.Status)
			}
		}
	}
	list, _, err := cases.List(t.Context(), "demo", complaints.Viewer{Account: "s", Handles: true}, complaints.Filter{})
	if err != nil || len(list) != 0 {
		t.Errorf("%d cases, %v", len(list), err)
	}
}

// A site that takes none has none of their pages, and no way to them.
func TestNoComplaints(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	c.enter("su")
	for _, target := range []string{"/complaint/demo", "/complaint/demo/progress", "/complaints", "/complaints/call"} {
		if res := c.get(target); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", target, res.Status)
		}
	}
	lacks(t, "home", string(body(t, c.get("/"))), "/complaint")
	_, with, _ := complaintSite(t)
	wants(t, "home with complaints", string(body(t, with.get("/"))), `href="http://centre.test/complaints"`, `href="http://centre.test/complaint/demo"`)
	d := newFakeDesk(t)
	d.show(phoneTicketAt(d, centralapi.Issued))
	lacks(t, "phone", string(body(t, newClient(t, d).get("/t/demo/"+phoneID))), "/complaint")
}

// source gets a page as it is sent.
func (c *client) source(target string) string {
	c.t.Helper()
	res := c.get(target)
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s: %s", target, res.Status)
	}
	return string(body(c.t, res))
}

// han are the Chinese characters on a page, without those that belong there: the switch
// to Chinese, what somebody has written, names that have no English one.
func han(page string, allowed ...string) string {
	for _, a := range append(allowed, "中文") {
		page = strings.ReplaceAll(page, a, "")
	}
	var out strings.Builder
	for _, r := range page {
		if unicode.Is(unicode.Han, r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// In English everything is, from the form to the opinion on the answer, and whatever can
// be refused on the way.
func TestComplaintPagesInEnglish(t *testing.T) {
	s, author, cases := complaintSite(t)
	h, _ := s.hallByID("demo")
	const answer = "已经改正"
	look := func(what string, res *http.Response, status int, wanted ...string) string {
		t.Helper()
		page := string(body(t, res))
		if res.StatusCode != status {
			t.Errorf("%s: %s, want %d", what, res.Status, status)
		}
		if left := han(page, h.Name, answer, "原话"); left != "" {
			t.Errorf("%s: Chinese on an English page: %s", what, left)
		}
		wants(t, what, page, append(wanted, `<html lang="en">`)...)
		return page
	}
	const en = "?lang=en"
	form := look("form", author.get("/complaint/demo"+en), 200, "What is it about?", "Rudeness", "Window 3", `action="/complaint/demo?lang=en"`, `href="/complaint/demo?lang=zh"`)
	id := inputValue(t, form, "id")
	send := func(change func(url.Values)) *http.Response {
		f := url.Values{"id": {uuid.NewString()}, "kind": {"rude"}, "window": {"w3"}, "words": {"原话"}}
		change(f)
		return author.post("/complaint/demo"+en, f)
	}
	for sentence, change := range map[string]func(url.Values){
		"page has expired": func(f url.Values) { f.Set("id", "x") }, "choose what it is about": func(f url.Values) { f.Del("kind") },
		"no such window": func(f url.Values) { f.Set("window", "w99") }, "write what happened": func(f url.Values) { f.Set("words", " ") },
		"cannot be read": func(f url.Values) { f.Set("words", "\xff") }, "too long: at most 1000": func(f url.Values) { f.Set("words", strings.Repeat("长", 1001)) },
		"contact is too long": func(f url.Values) { f.Set("contact", strings.Repeat("1", complaint.MaxContact+1)) },
	} {
		res := send(change)
		page := strings.ReplaceAll(string(body(t, res)), "长", "")
		if left := han(page, h.Name, "原话"); res.StatusCode != 422 || left != "" || !strings.Contains(page, sentence) {
			t.Errorf("%s: %s, Chinese: %s", sentence, res.Status, left)
		}
	}
	receipt := look("receipt", send(func(f url.Values) { f.Set("id", id) }), 200, "We have received it", "We will check it by 25 November.", `action="/complaint/demo/progress?lang=en"`)
	code := codeShown.FindStringSubmatch(receipt)[1]
	ask := func(path string, more ...string) *http.Response {
		f := url.Values{"code": {code}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return author.post("/complaint/demo/"+path+en, f)
	}
	look("question", author.get("/complaint/demo/progress"+en), 200, "Your code", "Ten letters and digits")
	look("progress", ask("progress"), 200, "Rudeness · Registered", "23 November", "Not yet", "The next step is due by <b>25 November</b>.", "Yes, withdraw it")
	look("mistyped", ask("progress", "code", "00000-00001"), 422, "That is not a code")
	look("unknown", ask("progress", "code", string(complaint.NewCode())), 404, "This code is not known")
	look("too early", ask("judge", "level", "satisfied"), 409, "You have not been answered yet", "Rudeness · Registered")

	v := complaints.Viewer{Account: "u9", Name: "王处理", Handles: true}
	for n, m := range []complaints.Move{{Action: complaint.Verify, Class: complaint.Simple}, {Action: complaint.Investigate}, {Action: complaint.Handle}, {Action: complaint.Feedback}} {
		m.Seen, m.Text = n+1, answer
		if err := cases.Step(t.Context(), "demo", v, id, m); err != nil {
			t.Fatal(err)
		}
	}
	look("answered", ask("progress"), 200, "Rudeness · Answered", "Our answer", answer, "in Chinese", "Are you satisfied with how it was handled?", "Fairly satisfied")
	look("withdrawn too late", ask("withdraw"), 409, "nothing to withdraw", "Our answer")
	look("no level", ask("judge"), 422, "Please choose one of the three", "Fairly satisfied")
	look("a long opinion", ask("judge", "level", "fairly", "words", strings.Repeat("x", complaint.MaxOpinion+1)), 422, "too long: at most 200")
	look("judged", ask("judge", "level", "fairly", "words", "原话"), 200, "We have noted it", "Your opinion", "Fairly satisfied")
	again := look("judged again", ask("judge", "level", "satisfied"), 409, "It can be told once", "Fairly satisfied")
	lacks(t, "judged again", again, `name="level"`, "We have noted it")
	for range 12 {
		ask("progress", "code", string(complaint.NewCode()))
	}
	look("too many", ask("progress", "code", string(complaint.NewCode())), 429, "Too many tries")
	if len(englishRefusals) < 16 {
		t.Errorf("%d sentences: two are the same", len(englishRefusals))
	}

	// A browser that asks for English gets it without being told, and the page in Chinese
	// is whole.
	author.header.Set("Accept-Language", "en-GB")
	look("form of an English browser", author.get("/complaint/demo"), 200, "Complaints and suggestions", `action="/complaint/demo"`)
	wants(t, "form in Chinese", string(body(t, author.get("/complaint/demo?lang=zh"))), `<html lang="zh-CN">`, "投诉和建议", "English", `action="/complaint/demo?lang=zh"`)
}

// What the author thinks of the handling, in the words of the page, and as staff see it.
func TestOpinionOnTheAnswer(t *testing.T) {
	_, author, cases := complaintSite(t)
	code := fileOnPhone(t, author, "等了两个小时", "", "w3")
	staffer := &client{t: t, site: author.site, people: author.people, header: http.Header{}}
	staffer.enter("su")
	address := regexp.MustCompile(`/complaints/case/[0-9a-f-]{36}`).FindString(staffer.source("/complaints"))
	for _, action := range []string{"verify", "investigate", "handle", "feedback"} {
		page := string(body(t, author.post("/complaint/demo/progress", url.Values{"code": {code}})))
		lacks(t, "before the answer", page, `name="level"`)
		staffer.post(address+"/step", url.Values{"action": {action}, "seen": {inputValue(t, staffer.source(address), "seen")}, "text": {"已办"}, "class": {"simple"}})
	}
	page := string(body(t, author.post("/complaint/demo/progress", url.Values{"code": {code}})))
	wants(t, "answered", page, "对这次处理，您满意吗？", "满意", "基本满意", "不满意", `action="/complaint/demo/judge"`)
	lacks(t, "answered", page, "checked") // nothing is chosen beforehand
	lacks(t, "case before", staffer.source(address), "投诉人对处理的评价")
	judged := string(body(t, author.post("/complaint/demo/judge", url.Values{"code": {code}, "level": {"dissatisfied"}, "words": {"拖得太久\r\n" + attack}})))
	wants(t, "judged", judged, "谢谢您，我们记下了。", "您的评价", "<p>不满意</p>")
	lacks(t, "judged", judged, "拖得太久", `name="level"`)
	sight := staffer.source(address)
	wants(t, "case", sight, "投诉人对处理的评价", "不满意", "<p>拖得太久</p>", "&lt;script&gt;", "对处理的评价")
	lacks(t, "case", sight, "<script>alert", "<img src=x")
	list := staffer.source("/complaints?view=unhappy")
	wants(t, "list", list, "第 1 号", "不满意 <b>1</b>", "基本满意 <b>0</b>")
	lacks(t, "list", list, "拖得太久")
	if n, err := cases.Opinions(t.Context(), "demo"); err != nil || n.Dissatisfied != 1 {
		t.Errorf("counted %+v, %v", n, err)
	}
}
