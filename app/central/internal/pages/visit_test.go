package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/guide"
	"hallkiosk/app/handoff"
)

// sheetOf records that something is missing and returns the sheet.
func sheetOf(t *testing.T, c *client) *http.Response {
	t.Helper()
	res := c.post("/console/result", url.Values{"id": {"ticket-E001"}, "kind": {"supplement"}, "others": {"户口簿"}})
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("result: %s", res.Status)
	}
	return c.get(res.Header.Get("Location"))
}

func visitGuides() *guide.Catalogue {
	return &guide.Catalogue{Guides: []guide.Guide{
		{ID: "away", Name: "异地就医备案", Business: "medical", Phone: "010-5550-0111", Materials: []guide.Material{
			{Name: "医保电子凭证", Originals: 1}, {Name: "异地居住证明", Originals: 1, Copies: 2}, {Name: "备案表"}}},
		{ID: "refund", Name: "医疗费报销", Business: "medical", Materials: []guide.Material{{Name: "发票", Originals: 1}}},
		{ID: "other", Name: "户口迁移", Business: "hukou", Materials: []guide.Material{{Name: "迁移证", Originals: 1}}},
	}}
}

// TestSupplement: what is missing is chosen from the matter's materials, the number
// ends, and the sheet has the whole list with a code for the phone in which the rest is
// ticked.
func TestSupplement(t *testing.T) {
	d := newFakeDesk(t)
	d.guides = visitGuides()
	d.ring, _ = handoff.Ring{Hall: "demo"}.Rotate(opening)
	d.take(1, "medical", "medical-away", "测*员", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	if res := c.get("/console/result"); res.Header.Get("Location") != "/console" {
		t.Errorf("the form with nobody at the window: %s", res.Status)
	}
	c.press("call", "")
	wants(t, "console", string(body(t, c.get("/console"))), `href="/console/result"`)
	form := string(body(t, c.get("/console/result")))
	wants(t, "form", form, "E001 的办理结果", "即办", "承诺", "补办", "退回", "联办", "上报", "异地就医备案", "异地居住证明（原件 1 份，复印件 2 份）", "医疗费报销")
	lacks(t, "form", form, "迁移证", "为什么再登记一次")

	// Refused: the page comes back with what was chosen.
	res := c.post("/console/result", url.Values{"id": {"ticket-E001"}, "kind": {"returned"}, "material": {"away|备案表"}, "others": {"其他一项\r\n"}})
	page := string(body(t, res))
	if res.StatusCode != http.StatusUnprocessableEntity || d.count("finished ticket-E001") != 0 {
		t.Errorf("a return without a reason: %s", res.Status)
	}
	wants(t, "refusal", page, "退回要选一个原因", `value="returned" required checked`, `value="away|备案表" checked`, "其他一项</textarea>")

	res = c.post("/console/result", url.Values{"id": {"ticket-E001"}, "kind": {"supplement"},
		"material": {"away|异地居住证明（原件 1 份，复印件 2 份）", "away|备案表"}, "others": {"一寸照片\r\n\r\n"}, "words": {"<b>周五前</b>"}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/console/notice/ticket-E001" || d.count("finished ticket-E001") != 1 {
		t.Fatalf("supplement: %s to %q", res.Status, res.Header.Get("Location"))
	}
	res = c.get("/console/notice/ticket-E001")
	page = string(body(t, res))
	wants(t, "sheet", page, "补正材料一次性告知书", "E001", "异地就医备案", "010-5550-0111", "李示例", "3 号窗口", "2026年11月23日 10:30",
		"<li>异地居住证明（原件 1 份，复印件 2 份）</li><li>备案表</li><li>一寸照片</li>", "&lt;b&gt;周五前&lt;/b&gt;", "材料补齐的那天起算", `<path d="M`)
	lacks(t, "sheet", page, "测*员", "110*")
	wants(t, "console afterwards", c.page("/console"), "今天已办 1 人 E001")

	// The sheet is for clerks, and only of numbers that have one.
	stranger := c.twin()
	stranger.enter("guan")
	if res := stranger.get("/console/notice/ticket-E001"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a manager: %s", res.Status)
	}
	if res := c.get("/console/notice/ticket-E002"); res.StatusCode != http.StatusNotFound {
		t.Errorf("no such number: %s", res.Status)
	}
}

// TestResultsOfOtherKinds: what each kind needs, without guides or keys.
func TestResultsOfOtherKinds(t *testing.T) {
	for _, tc := range []struct {
		name string
		form url.Values
		to   string // "" = refused
		want string // on the page that follows, or the refusal
	}{
		{"on the spot", url.Values{"kind": {"on-the-spot"}}, "/console", "今天已办 1 人"},
		{"promise", url.Values{"kind": {"promise"}, "due": {"2026-12-01"}}, "/console", "今天已办 1 人"},
		{"promise without a day", url.Values{"kind": {"promise"}}, "", "请写明哪一天办结"},
		{"joint", url.Values{"kind": {"joint"}, "due": {"2026-12-01"}, "units": {"民政局\r\n卫健委"}}, "/console", "今天已办 1 人"},
		{"joint with one", url.Values{"kind": {"joint"}, "due": {"2026-12-01"}, "units": {"民政局"}}, "", "至少 2 个"},
		{"upward", url.Values{"kind": {"upward"}, "due": {"2026-12-01"}, "upto": {"市人社局"}}, "/console", "今天已办 1 人"},
		{"upward to nobody", url.Values{"kind": {"upward"}, "due": {"2026-12-01"}}, "", "报给哪个单位"},
		{"returned", url.Values{"kind": {"returned"}, "reason": {"2"}, "words": {"户籍不在本市"}}, "/console/notice/ticket-E001", "退回事项告知书"},
		{"nothing missing", url.Values{"kind": {"supplement"}}, "", "至少一项"},
		{"no kind", url.Values{}, "", "请选择办理结果"},
		{"another number", url.Values{"kind": {"on-the-spot"}, "id": {"ticket-E009"}}, "", "结果没有登记"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newFakeDesk(t)
			d.take(1, "medical", "", "", time.Minute)
			c := newClient(t, d)
			c.login("w3")
			c.press("call", "")
			if tc.form.Get("id") == "" {
				tc.form.Set("id", "ticket-E001")
			}
			res := c.post("/console/result", tc.form)
			if tc.to == "" {
				if res.StatusCode < 400 || d.count("finished ticket-E001") != 0 {
					t.Errorf("%s, and the number ended %d times", res.Status, d.count("finished ticket-E001"))
				}
				wants(t, "refusal", text(t, res), tc.want)
				return
			}
			if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != tc.to || d.count("finished ticket-E001") != 1 {
				t.Fatalf("%s to %q", res.Status, res.Header.Get("Location"))
			}
			page := c.page(tc.to)
			wants(t, "page", page, tc.want)
			lacks(t, "page", page, "手机扫码")
		})
	}
}

// TestWithoutResults: a site that keeps none asks for none.
func TestWithoutResults(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "medical", "", "", time.Minute)
	people := newStaff(t, d)
	c := &client{t: t, people: people, header: http.Header{}, site: New(Config{Desk: d, Staff: people, Halls: []string{"demo"}, Now: d.clock})}
	c.login("w3")
	c.press("call", "")
	lacks(t, "console", string(body(t, c.get("/console"))), "/console/result", "F10")
	if res := c.get("/console/result"); res.StatusCode != http.StatusNotFound {
		t.Errorf("%s", res.Status)
	}
	if !strings.Contains(c.page("/console"), "完成 F8") {
		t.Error("the control: no console")
	}
}
