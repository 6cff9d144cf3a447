package pages

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/ratings"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/rating"
)

func newRatings(t *testing.T, d *fakeDesk) (*ratings.Desk, *store.Store) {
	t.Helper()
	data := newStore(t)
	desk, err := ratings.New(ratings.Config{Store: data, Halls: []*hall.Hall{d.hall}, Now: d.clock})
	if err != nil {
		t.Fatal(err)
	}
	return desk, data
}

// ratingHall is a site with ratings on real tables, and somebody with a phone.
type ratingHall struct {
	t     *testing.T
	desk  *fakeDesk
	rates *ratings.Desk
	data  *store.Store
	site  *site
	phone *client
	made  int
}

func newRatingHall(t *testing.T) *ratingHall {
	t.Helper()
	d := awayDesk(t)
	rates, data := newRatings(t, d)
	people := newStaff(t, d)
	s := newSite(Config{Desk: d, Staff: people, Ratings: rates, Halls: []string{"demo"}, Now: d.clock})
	return &ratingHall{t: t, desk: d, rates: rates, data: data, site: s, phone: &client{t: t, site: s.handler(), people: people, header: http.Header{}}}
}

// as is another browser with somebody of the cast logged in.
func (h *ratingHall) as(login string) *client {
	h.t.Helper()
	c := &client{t: h.t, site: h.phone.site, people: h.phone.people, header: http.Header{}}
	if c.enter(login); c.cookie == "" {
		h.t.Fatalf("%s is not logged in", login)
	}
	return c
}

// ticket puts a ticket into the database, at window 1 if it was called.
func (h *ratingHall) ticket(state centralapi.TicketState) store.Ticket {
	h.t.Helper()
	h.made++
	k := store.Ticket{Hall: "demo", ID: uuid.Must(uuid.NewV7()).String(), Day: h.desk.hall.BusinessDay(h.desk.now), Prefix: "A", Number: h.made,
		Label: centralapi.Label("A", "", h.made), Business: "hukou", HolderName: "测*员", Fingerprint: []byte{1}, State: centralapi.Issued,
		IssuedAt: h.desk.now.Add(-time.Hour), Seq: int64(h.made)}
	told := store.LogEntry{At: h.desk.now, Actor: "centre", Action: "test"}
	h.write(func(tx *store.Tx) error { return tx.InsertTicket(k, told) })
	if state == centralapi.Issued {
		return k
	}
	now := k
	now.State, now.Window, now.CalledAt, now.Calls, now.EndedAt = state, "w1", h.desk.now.Add(-20*time.Minute), 1, h.desk.now
	h.write(func(tx *store.Tx) error { return tx.UpdateTicket(k, now, told) })
	return now
}

func (h *ratingHall) write(fn func(*store.Tx) error) {
	h.t.Helper()
	if err := h.data.Write(h.t.Context(), "demo", fn); err != nil {
		h.t.Fatal(err)
	}
}

// code is the path of the code on a ticket, as terminals print it.
func (h *ratingHall) code(k store.Ticket, language string) string {
	h.t.Helper()
	p, err := handoff.ForTicket(h.desk.hall, k.ID, language, h.desk.now)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.desk.path(h.t, p)
}

// kept are the ratings of a ticket.
func (h *ratingHall) kept(k store.Ticket) (list []store.Rating) {
	h.t.Helper()
	if err := h.data.Read(h.t.Context(), func(tx *store.Tx) (err error) { list, err = tx.RatingsOf("demo", k.ID); return err }); err != nil {
		h.t.Fatal(err)
	}
	return list
}

func badForm(words string) url.Values {
	return url.Values{"level": {"very-dissatisfied"}, "version": {rating.ReasonsVersion()}, "reason": {"108", "510", "x"}, "words": {words}, "anonymous": {"1"}}
}

// From the bad rating on the phone to its outcome on the phone, and to the office and
// back; what is written is never markup.
func TestRatingFromPhoneToOutcome(t *testing.T) {
	h := newRatingHall(t)
	k := h.ticket(centralapi.Finished)
	path := h.code(k, handoff.Chinese)
	form := string(body(t, h.phone.get(path+"/rating")))
	wants(t, "form", form, "这次办事，您满意吗？", "A001", "1 号窗口", "非常满意", "非常不满意", "匿名评价", "可以评价到12月23日", `name="reason" value="108"`)
	if boxes := regexp.MustCompile(`<input[^>]* checked`).FindAllString(form, -1); len(boxes) != 1 || !strings.Contains(boxes[0], "anonymous") {
		t.Errorf("preselected: %q", boxes)
	}
	words := attack + "\r\n第二行"
	res := h.phone.post(path+"/rating", badForm(words))
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != path+"/rating?lang=zh" {
		t.Fatalf("%s to %s", res.Status, res.Header.Get("Location"))
	}
	kept := h.kept(k)
	if len(kept) != 1 || kept[0].Level != rating.VeryDissatisfied || fmt.Sprint(kept[0].Reasons) != "[108]" || !kept[0].Anonymous || kept[0].Channel != rating.ByCode || kept[0].Words != attack+"\n第二行" {
		t.Fatalf("kept %+v", kept)
	}
	// Twice pressed, back and pressed again, or in a second tab with another face: what
	// stands stays.
	second := badForm("别的")
	second.Set("level", "very-satisfied")
	for _, again := range []url.Values{badForm(words), second} {
		if res := h.phone.post(path+"/rating", again); res.StatusCode != http.StatusSeeOther || len(h.kept(k)) != 1 || h.kept(k)[0].Level != rating.VeryDissatisfied {
			t.Errorf("again: %s, %+v", res.Status, h.kept(k))
		}
	}
	spent := string(body(t, h.phone.get(path+"/rating")))
	wants(t, "spent", spent, "对不起", "非常不满意", "在办事指南之外增加新的审批条件", "&lt;script&gt;alert", "我们会在12月14日以前处理", "以后可以在这里追加评价")
	lacks(t, "spent", spent, "<script>alert", "<img src=x", `type="radio"`)

	// Another copy of the code is the same code; another code of the ticket learns only
	// that it is rated.
	wants(t, "in English", string(body(t, h.phone.get(h.code(k, handoff.English)+"/rating"))), "Very dissatisfied", "Your rating")
	other, err := handoff.ForRating(k.ID, handoff.Chinese, h.desk.now.AddDate(0, 0, 30))
	if err != nil {
		t.Fatal(err)
	}
	taken := string(body(t, h.phone.get(h.desk.path(t, other))))
	wants(t, "another code", taken, "已经评价过了", "追加评价", `name="add"`)
	lacks(t, "another code", taken, "非常不满意</b></p>", "第二行", "12月14日")

	handler, reviewer := h.as("su"), h.as("guan")
	list := handler.source("/ratings")
	wants(t, "list", list, "非常不满意", "待领取", "12月14日", "还有 15 个工作日", "匿名", "&lt;script&gt;", "在办<b>1</b>项", ">11月23日</td>")
	lacks(t, "list", list, "A001", "<script>alert")
	address := html.UnescapeString(regexp.MustCompile(`/ratings/task/[0-9a-f-]{36}`).FindString(list))
	step := func(c *client, status int, form url.Values) string {
		t.Helper()
		res := c.post(address+"/step", form)
		if res.StatusCode != status {
			t.Fatalf("%v: %s\n%s", form, res.Status, body(t, res))
		}
		return string(body(t, res))
	}
	task := handler.source(address)
	wants(t, "task", task, "领取", "在办事指南之外增加新的审批条件", "匿名评价，看不到", "<p>第二行</p>", "收到差评")
	lacks(t, "task", task, "A001", "<script>alert", "name=\"verdict\"")
	answer := "已向窗口核实，" + attack
	step(handler, 409, url.Values{"action": {"handle"}, "verdict": {"rectified"}, "answer": {answer}})
	step(handler, 422, url.Values{"action": {"nothing"}})
	step(handler, 303, url.Values{"action": {"take"}})
	wants(t, "draft", step(handler, 422, url.Values{"action": {"handle"}, "verdict": {"rectified"}, "answer": {"好"}}), "请写明怎样处理的", `value="rectified" required checked`, ">好</textarea>")
	step(handler, 303, url.Values{"action": {"handle"}, "verdict": {"rectified"}, "answer": {answer}})
	lacks(t, "before the review", string(body(t, h.phone.get(path+"/rating"))), "已向窗口核实", "已整改")
	wants(t, "waits", handler.source(address), "等待复核")
	step(handler, 403, url.Values{"action": {"close"}})
	wants(t, "to review", reviewer.source("/ratings?view=review"), "待复核", "class=\"mine\"")
	step(reviewer, 422, url.Values{"action": {"return"}})
	step(reviewer, 303, url.Values{"action": {"return"}, "text": {"请写清楚是哪个窗口"}})
	wants(t, "returned", handler.source(address), "复核退回", "请写清楚是哪个窗口", `name="verdict"`)
	step(handler, 303, url.Values{"action": {"handle"}, "verdict": {"rectified"}, "answer": {answer}})
	step(reviewer, 303, url.Values{"action": {"close"}, "text": {"同意"}})
	closed := string(body(t, h.phone.get(path+"/rating")))
	wants(t, "outcome", closed, "处理结果", "已整改", "已向窗口核实，&lt;script&gt;", "11月23日处理完", "追加评价", `name="add"`)
	lacks(t, "outcome", closed, "<script>alert", "同意", "诉示例", "管示例", "请写清楚")
	wants(t, "closed", reviewer.source("/ratings?view=closed"), "已办结")
	lacks(t, "open", reviewer.source("/ratings"), address)
	lacks(t, "another window", reviewer.source("/ratings?view=closed&window=w2"), address)

	// Now that it is closed, something can be added, once.
	more := url.Values{"level": {"satisfied"}, "words": {"后来好了"}, "add": {"1"}}
	for range 2 {
		if res := h.phone.post(path+"/rating", more); res.StatusCode != http.StatusSeeOther || len(h.kept(k)) != 2 {
			t.Fatalf("added: %s, %+v", res.Status, h.kept(k))
		}
	}
	wants(t, "added", string(body(t, h.phone.get(path+"/rating"))), "您的追加评价", "后来好了", "没有匿名")
}

// What the page says for every state a code can be in.
func TestRatingStates(t *testing.T) {
	h := newRatingHall(t)
	late := h.ticket(centralapi.Finished)
	lateCode := h.code(late, handoff.Chinese)
	unknown := h.ticket(centralapi.Issued)
	unknown.ID = uuid.Must(uuid.NewV7()).String()
	rated := h.ticket(centralapi.Finished)
	if res := h.phone.post(h.code(rated, "en")+"/rating", url.Values{"level": {"very-satisfied"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.Status)
	}
	for _, tt := range []struct {
		name, path string
		want       string
		form       bool
	}{
		{"waiting", h.code(h.ticket(centralapi.Issued), "zh"), "这次服务还没有办完", false},
		{"waiting, in English", h.code(h.ticket(centralapi.Issued), "en"), "This service has not ended yet", false},
		{"missed", h.code(h.ticket(centralapi.NoShow), "zh"), "这个号码已过号", false},
		{"cancelled", h.code(h.ticket(centralapi.Cancelled), "zh"), "这个号码没有办理业务", false},
		{"unknown", h.code(unknown, "zh"), "号码还没有传到大厅", false},
		{"ready", h.code(h.ticket(centralapi.Finished), "zh"), "您满意吗", true},
		{"ready, in English", h.code(h.ticket(centralapi.Finished), "en"), "How satisfied are you", true},
		{"rated", h.code(rated, "zh"), "谢谢您的评价", false},
	} {
		page := string(body(t, h.phone.get(tt.path+"/rating")))
		wants(t, tt.name, page, tt.want)
		if got := strings.Contains(page, `<form class="rate"`); got != tt.form {
			t.Errorf("%s: a form: %v", tt.name, got)
		}
		if !tt.form && tt.name != "rated" {
			if res := h.phone.post(tt.path+"/rating", url.Values{"level": {"satisfied"}}); res.StatusCode != http.StatusConflict {
				t.Errorf("%s: rated all the same: %s", tt.name, res.Status)
			}
		}
	}
	// The number has expired, the rating has not; in the end it has, too.
	h.desk.now = h.desk.now.AddDate(0, 0, 20)
	h.desk.ring.Keys[0].Until = h.desk.now.AddDate(1, 0, 0)
	if res := h.phone.get(lateCode); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != lateCode+"/rating" {
		t.Errorf("the code of an old ticket: %s to %s", res.Status, res.Header.Get("Location"))
	}
	wants(t, "after 20 days", string(body(t, h.phone.get(lateCode+"/rating"))), "您满意吗")
	h.desk.now = h.desk.now.AddDate(0, 0, 12)
	wants(t, "after 32 days", string(body(t, h.phone.get(lateCode+"/rating"))), "评价的时间已经过了")
	if res := h.phone.get(lateCode); res.StatusCode != http.StatusGone {
		t.Errorf("the code of a ticket long over: %s", res.Status)
	}
	for _, path := range []string{"/h/demo/nonsense/rating", "/h/elsewhere/nonsense/rating", h.desk.guidePath(t, "zh") + "/rating"} {
		if res := h.phone.get(path); res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusGone {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// The ticket's own page leads to the rating when the service has ended, and not before.
func TestTicketLeadsToRating(t *testing.T) {
	h := newRatingHall(t)
	for state, want := range map[centralapi.TicketState]bool{centralapi.Issued: false, centralapi.Called: false, centralapi.Finished: true, centralapi.Cancelled: false} {
		h.desk.show(phoneTicketAt(h.desk, state))
		path := h.desk.ticketPath(t, "zh")
		if got := strings.Contains(string(body(t, h.phone.get(path))), `href="`+path+`/rating?lang=zh"`); got != want {
			t.Errorf("%s: a link to the rating: %v", state, got)
		}
	}
	h.desk.show(phoneTicketAt(h.desk, centralapi.Finished))
	lacks(t, "an address without a signature", string(body(t, h.phone.get("/t/demo/"+phoneID))), "/rating?")
}

// What a rater sends that is not right is said, and what they wrote is still there.
func TestRatingRefused(t *testing.T) {
	h := newRatingHall(t)
	path := h.code(h.ticket(centralapi.Finished), "zh") + "/rating"
	res := h.phone.post(path, url.Values{"words": {"写了很多"}, "version": {rating.ReasonsVersion()}})
	page := string(body(t, res))
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Error(res.Status)
	}
	wants(t, "no level", page, "请先选择满意程度", ">写了很多</textarea>")
	lacks(t, "no level", page, `value="1" checked`) // they had taken the tick away
	long := badForm(strings.Repeat("长", 151))
	page = string(body(t, h.phone.post(path, long)))
	wants(t, "too long", page, "最多 150 个字", `value="very-dissatisfied" required checked`, `value="108" checked`)
	page = string(body(t, h.phone.post(path+"?lang=en", long)))
	wants(t, "too long, in English", page, "keep to the length")
	if res := h.phone.post(path, url.Values{"words": {strings.Repeat("x", 20<<10)}}); res.StatusCode < 400 {
		t.Errorf("a huge form: %s", res.Status)
	}
	// The form comes from this page only, and the page lets the browser say so.
	if got := h.phone.get(path).Header.Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("Referrer-Policy %q: browsers would send Origin: null", got)
	}
	foreign := &client{t: t, site: h.phone.site, header: http.Header{"Origin": {"http://evil.test"}}}
	if res := foreign.post(path, badForm("")); res.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %s", res.Status)
	}
}

// TestRatingsAreSlowedDown: one address cannot send without end, and what was written
// is not lost with it.
func TestRatingsAreSlowedDown(t *testing.T) {
	h := newRatingHall(t)
	path := h.code(h.ticket(centralapi.Finished), "zh") + "/rating"
	for range rateBurst {
		if res := h.phone.post(path, url.Values{}); res.StatusCode != http.StatusUnprocessableEntity {
			t.Fatal(res.Status)
		}
	}
	res := h.phone.post(path, badForm("请不要丢"))
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("%s, Retry-After %q", res.Status, res.Header.Get("Retry-After"))
	}
	wants(t, "slowed down", string(body(t, res)), "评价的人太多", "请不要丢")
}

// No session of staff, whatever the role, opens a rating or gives one: not with the code
// in the hand either. The control is the same code without the session.
func TestStaffMayNotRate(t *testing.T) {
	h := newRatingHall(t)
	k := h.ticket(centralapi.Finished)
	nonce, err := handoff.ForRating(k.ID, "zh", h.desk.now.AddDate(0, 0, 30))
	if err != nil {
		t.Fatal(err)
	}
	routes := []string{h.code(k, "zh") + "/rating", h.desk.path(t, nonce), h.desk.path(t, nonce) + "/rating"}
	checked := 0
	for _, login := range []string{clerkLogin, "guan", "ji", "su"} {
		c := h.as(login)
		for _, path := range routes {
			res := c.get(path)
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("%s looks at %s: %s", login, path, res.Status)
			}
			lacks(t, login, string(body(t, res)), `<form class="rate"`, "A001")
			checked++
			if strings.HasSuffix(path, "/rating") {
				if res := c.post(path, badForm("")); res.StatusCode != http.StatusForbidden {
					t.Errorf("%s rates at %s: %s", login, path, res.Status)
				}
				checked++
			}
		}
	}
	if checked != 4*5 || len(h.kept(k)) != 0 {
		t.Errorf("%d checks, %d ratings", checked, len(h.kept(k)))
	}
	if res := h.phone.post(routes[0], badForm("")); res.StatusCode != http.StatusSeeOther || len(h.kept(k)) != 1 {
		t.Errorf("the control: %s", res.Status)
	}
}

// Whoever works at the window sees nothing of what was said about it.
func TestRatedWindowIsLeftOut(t *testing.T) {
	h := newRatingHall(t)
	k := h.ticket(centralapi.Finished)
	h.phone.post(h.code(k, "zh")+"/rating", badForm("不好"))
	address := regexp.MustCompile(`/ratings/task/[0-9a-f-]{36}`).FindString(h.as("guan").source("/ratings"))
	if address == "" {
		t.Fatal("no task")
	}
	for _, tt := range []struct {
		login   string
		windows []string
		status  int
	}{{"boss-here", []string{"w1"}, 403}, {"boss-any", nil, 403}, {"boss-there", []string{"w3"}, 200}} {
		if _, err := h.phone.people.Add(t.Context(), "demo", staff.NewAccount{Login: tt.login, Name: "兼示例", Password: goodPassword, Keep: true,
			Roles: []staff.Role{staff.Clerk, staff.Manager}, Windows: tt.windows}); err != nil {
			t.Fatal(err)
		}
		c := &client{t: t, site: h.phone.site, people: h.phone.people, header: http.Header{}}
		c.post("/login", url.Values{"login": {tt.login}, "password": {goodPassword}})
		list := c.source("/ratings")
		wants(t, tt.login, list, "您也在窗口工作")
		if seen := strings.Contains(list, address); seen != (tt.status == 200) {
			t.Errorf("%s sees the task in the list: %v", tt.login, seen)
		}
		if res := c.get(address); res.StatusCode != tt.status {
			t.Errorf("%s opens it: %s", tt.login, res.Status)
		}
		if res := c.post(address+"/step", url.Values{"action": {"take"}}); (res.StatusCode == http.StatusForbidden) != (tt.status == 403) {
			t.Errorf("%s takes it: %s", tt.login, res.Status)
		}
	}
}

func TestRatingExport(t *testing.T) {
	h := newRatingHall(t)
	k := h.ticket(centralapi.Finished)
	open := badForm("=1+1")
	open.Del("anonymous")
	h.phone.post(h.code(k, "zh")+"/rating", open)
	boss := h.as("guan")
	wants(t, "page", boss.source("/ratings/export"), "导出一段时间的评价", `value="2026-11-01"`, `value="2026-11-23"`)
	file := func(query string) *http.Response { return boss.get("/ratings/export/file?" + query) }
	for scale, want := range map[string]string{"five-is-best": "1", "one-is-best": "5"} {
		res := file("from=2026-11-01&to=2026-11-30&format=csv&scale=" + scale)
		if got := res.Header.Get("Content-Disposition"); res.StatusCode != 200 || got != `attachment; filename="ratings-demo-2026-11-01-2026-11-30.csv"` {
			t.Fatalf("%s, %s", res.Status, got)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(body(t, res)), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatal(rows, err)
		}
		record := map[string]string{}
		for i, name := range rows[0] {
			record[name] = rows[1][i]
		}
		if record["satisfaction"] != want || record["satisfactionName"] != "非常不满意" || record["writingEvaluation"] != "'=1+1" || record["evalDetail"] != "108" {
			t.Errorf("%s: %v", scale, record)
		}
		res = file("from=2026-11-23&to=2026-11-23&format=json&scale=" + scale)
		if data := body(t, res); res.Header.Get("Content-Type") != "application/json; charset=utf-8" || !json.Valid(data) || !strings.Contains(string(data), `"satisfaction": "`+want+`"`) && !strings.Contains(string(data), `"satisfaction":"`+want+`"`) {
			t.Errorf("%s: %s", res.Header, data)
		}
	}
	for _, bad := range []string{"", "from=2026-11-02&to=2026-11-01&format=csv&scale=one-is-best", "from=2024-11-02&to=2026-11-01&format=csv&scale=one-is-best",
		"from=2026-11-01&to=2026-11-02&format=xml&scale=one-is-best", "from=2026-11-01&to=2026-11-02&format=csv&scale=x"} {
		res := file(bad)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(body(t, res)), `role="alert"`) {
			t.Errorf("%s: %s", bad, res.Status)
		}
	}
}

// A site without ratings has none of their pages.
func TestNoRatingPages(t *testing.T) {
	d, now := awayDesk(t), opening
	c := newAway(t, d, &now)
	p, err := handoff.ForRating(phoneID, "zh", opening.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/ratings", d.path(t, p), d.path(t, p) + "/rating"} {
		if res := c.get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// FuzzSubmitted: whatever is posted, what is made of it has reasons of its own level only,
// and a version exactly when it has some.
func FuzzSubmitted(f *testing.F) {
	f.Add("level=very-dissatisfied&version=2020-08-27&reason=108&reason=510&words=x&anonymous=1")
	f.Add("level=satisfied&version=2020-08-27&reason=413&reason=413&reason=-1&reason=9999999999999999999")
	f.Add("level=x&version=y&reason=108&words=%00%ff")
	f.Add("")
	f.Fuzz(func(t *testing.T, form string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.ParseForm() != nil {
			return
		}
		a := submitted(r)
		if (a.Version == "") != (len(a.Reasons) == 0) {
			t.Errorf("version %q with reasons %v", a.Version, a.Reasons)
		}
		for _, code := range a.Reasons {
			if !slices.ContainsFunc(rating.ReasonsOf(a.Version, a.Level), func(r rating.Reason) bool { return r.Code == code }) {
				t.Errorf("reason %d of another level than %s", code, a.Level)
			}
		}
		if err := a.Clean().Check(); errors.Is(err, rating.ErrReason) {
			t.Errorf("%+v: %v", a, err)
		}
	})
}

// A deadline is over with its day, also when no working day has gone by since.
func TestTaskDeadlines(t *testing.T) {
	h := newRatingHall(t)
	h.phone.post(h.code(h.ticket(centralapi.Finished), "zh")+"/rating", badForm("慢")) // due on Monday, 2026-12-14
	for _, tt := range []struct{ at, want, class, sum string }{
		{"2026-12-11T18:00:00+08:00", "还有 1 个工作日", `class=""`, "在办<b>1</b>项</p>"},
		{"2026-12-14T23:59:00+08:00", "今天到期", `class=""`, "在办<b>1</b>项</p>"},
		{"2026-12-15T00:00:00+08:00", "超期 1 个工作日", `class="late"`, `超期<b class="late">1</b>项`},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		h.desk.mu.Lock()
		h.desk.now = at
		h.desk.mu.Unlock()
		wants(t, tt.at, h.as("guan").source("/ratings"), tt.want, tt.class, tt.sum)
	}
	// Two days later the reminders have come; a Saturday after a Friday is late, too.
	if err := h.rates.Sweep(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	wants(t, "late", h.as("guan").source("/ratings?view=late"), "超期 1 个工作日")
	friday := ratings.Task{State: ratings.Open, Due: time.Date(2026, 12, 11, 0, 0, 0, 0, time.UTC)}
	for at, want := range map[time.Time]bool{friday.Due.Add(23 * time.Hour): false, friday.Due.Add(24 * time.Hour): true} {
		if overdue(friday, at) != want {
			t.Errorf("%s: overdue %v", at, !want)
		}
	}
}

// manyTasks is a desk with so many tasks.
type manyTasks struct {
	Ratings
	n   int
	now time.Time
}

func (m manyTasks) Tasks(context.Context, string, ratings.Worker) ([]ratings.Task, error) {
	out := make([]ratings.Task, m.n)
	for i := range out {
		out[i] = ratings.Task{ID: uuid.NewString(), State: ratings.Open, Level: rating.Dissatisfied, Words: strings.Repeat("长", 150), Business: "hukou",
			Window: fmt.Sprintf("w%d", 1+i%6), Opened: m.now, Due: m.now.AddDate(0, 0, i%30-10), Left: i%30 - 10, Burst: i%7 == 0}
	}
	return out, nil
}

// A hall with hundreds of tasks has them all on one page, up to a bound that it tells of;
// a window has its own.
func TestManyTasks(t *testing.T) {
	d := newFakeDesk(t)
	for _, tt := range []struct {
		n    int
		want int
	}{{344, 344}, {500, 500}, {600, 500}} {
		people := newStaff(t, d)
		s := newSite(Config{Desk: d, Staff: people, Ratings: manyTasks{n: tt.n, now: d.clock()}, Halls: []string{"demo"}, Now: d.clock})
		c := &client{t: t, site: s.handler(), people: people, header: http.Header{}}
		c.enter("guan")
		page := c.source("/ratings")
		if got := strings.Count(page, `<th scope="row">`); got != tt.want || strings.Contains(page, "只列出了前面的") != (tt.n > tt.want) {
			t.Errorf("%d tasks: %d rows", tt.n, got)
		}
		if got := strings.Count(c.source("/ratings?window=w1"), `<th scope="row">`); got != (tt.n+5)/6 {
			t.Errorf("%d tasks: %d of window 1", tt.n, got)
		}
	}
}
