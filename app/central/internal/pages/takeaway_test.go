package pages

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/assets/guides/demo"
)

// awayDesk is a desk with keys and one guide, at the moment of all tests.
func awayDesk(t testing.TB) *fakeDesk {
	d := newFakeDesk(t)
	d.ring = handoff.Ring{Hall: d.hall.ID, Keys: []handoff.Key{handoff.NewKey(1, opening)}}
	d.guides = &guide.Catalogue{Guides: []guide.Guide{{
		ID: "g1", Name: "补领居民身份证", Department: "公安", Business: "idcard",
		Materials: []guide.Material{
			{Name: "户口簿", Originals: 1}, {Name: "照片", Copies: 2},
			{Name: "委托书", Optional: true, When: "代办"}, {Name: "证明", Waived: "免提交：系统里能查到"},
		},
	}}}
	return d
}

// newAway is a browser whose centre has a clock of its own.
func newAway(t *testing.T, d *fakeDesk, now *time.Time) *client {
	return &client{t: t, header: http.Header{}, site: New(Config{Desk: d, Staff: nobody{}, Halls: []string{d.hall.ID}, Now: func() time.Time { return *now }})}
}

// path is the path of a pass's page.
func (d *fakeDesk) path(t testing.TB, p handoff.Pass) string {
	t.Helper()
	token, err := d.ring.Sign(p, opening)
	if err != nil {
		t.Fatal(err)
	}
	return handoff.Address("", d.hall.ID, token)
}

func (d *fakeDesk) ticketPath(t testing.TB, language string) string {
	t.Helper()
	p, err := handoff.ForTicket(d.hall, phoneID, language, opening)
	if err != nil {
		t.Fatal(err)
	}
	return d.path(t, p)
}

func (d *fakeDesk) guidePath(t testing.TB, language string, ticked ...int) string {
	t.Helper()
	return d.path(t, handoff.ForGuide(&d.guides.Guides[0], ticked, language, opening))
}

func TestTakeawayGuide(t *testing.T) {
	d, now := awayDesk(t), opening
	c := newAway(t, d, &now)
	path := d.guidePath(t, handoff.Chinese, 1, 2, 3)
	res := c.get(path)
	if h := res.Header; res.StatusCode != http.StatusOK || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" ||
		h.Get("X-Robots-Tag") == "" || strings.Count(h.Get("Content-Security-Policy"), "img-src") != 1 || !strings.Contains(h.Get("Content-Security-Policy"), "img-src 'self' data:;") ||
		!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%s %v", res.Status, h)
	}
	source := string(body(t, res))
	page := strings.Join(strings.Fields(tags.ReplaceAllString(source, " ")), " ")
	wants(t, "page", page, "补领居民身份证", "已备好 1/2", "户口簿 原件1份", "照片 复印件2份", "委托书 有的情况才要", "什么情况 代办", "证明 免提交", "系统里能查到",
		"窗口 1、2 号窗口", "时间 星期一至星期五 08:30–12:00，13:30–17:30 星期六 08:30–12:00 星期日 休息", "取号时选 身份证办理",
		"咨询电话 010-5550-0100", "监督电话 010-5550-0199", "收费 不收费", "本页有效期到12月23日")
	lacks(t, "page", page, "示例 ", "更新于", "怎么办", "常见问题", "要填的表", "ZgotmplZ")
	boxes := regexp.MustCompile(`<input type="checkbox" value="(\d)"[^>]*?( checked)? disabled`).FindAllStringSubmatch(source, -1)
	got := ""
	for _, m := range boxes {
		got += m[1] + strings.TrimSpace(m[2]) + " "
	}
	if got != "0 1checked 2checked " {
		t.Errorf("boxes: %s", got)
	}
	wants(t, "links", source, `href="`+path+`?lang=en"`, `href="`+path+`?size=large"`)
	source = string(body(t, c.get(path+"?size=large&lang=en&odd=<script>")))
	wants(t, "links", source, `href="`+path+`?lang=zh&amp;size=large"`, `href="`+path+`?lang=en"`, `class="large"`)
	lacks(t, "links", source, "odd", "<script>")

	// In English, spoken at the terminal, whatever the phone's own language.
	c.header.Set("Accept-Language", "zh-CN")
	wants(t, "English", c.page(d.guidePath(t, handoff.English)), "What to bring", "1 original", "2 copies", "need not be handed in", "Monday to Friday 08:30–12:00, 13:30–17:30")
}

func TestTakeawayNeedsNothing(t *testing.T) {
	d, now := awayDesk(t), opening
	g := &d.guides.Guides[0]
	g.Materials = g.Materials[2:]
	c := newAway(t, d, &now)
	wants(t, "page", c.page(d.guidePath(t, handoff.Chinese)), "没有必须带的材料")
	g.Materials, g.Business = nil, "gone"
	page := c.page(d.guidePath(t, handoff.Chinese))
	lacks(t, "page", page, "要带什么", "自助终端取号", "取号时选")
	wants(t, "page", page, "在哪办 时间 星期一")
}

// A list that has changed since shows no ticks, and says so if there were any.
func TestTakeawayListChanged(t *testing.T) {
	d, now := awayDesk(t), opening
	c := newAway(t, d, &now)
	ticked, bare := d.guidePath(t, handoff.Chinese, 0), d.guidePath(t, handoff.Chinese)
	lacks(t, "before", c.page(ticked), "材料清单更新过")
	changed := *d.guides
	changed.Guides = slices.Clone(changed.Guides)
	changed.Guides[0].Materials = slices.Insert(slices.Clone(changed.Guides[0].Materials), 0, guide.Material{Name: "新的"})
	d.guides = &changed
	page := string(body(t, c.get(ticked)))
	wants(t, "after", page, "材料清单更新过", "0/3")
	lacks(t, "after", page, " checked")
	lacks(t, "after, nothing ticked", c.page(bare), "材料清单更新过")
}

// A catalogue from anywhere cannot bring a page to do anything.
func TestTakeawayEscapes(t *testing.T) {
	d, now := awayDesk(t), opening
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	d.guides.Guides[0] = guide.Guide{
		ID: "g1", Name: evil, Summary: evil, Department: evil, Basis: []string{evil}, Conditions: []string{evil},
		Materials: []guide.Material{{Name: evil, When: evil, Optional: true, From: evil, Note: evil, Form: "f"}, {Name: "x", Waived: evil}},
		Steps:     []guide.Step{{Name: evil, Text: evil}}, Fee: guide.Fee{Items: []guide.FeeItem{{Name: evil, Standard: evil}}, Basis: evil},
		Forms: []guide.Form{{ID: "f", Name: evil, Fields: []guide.FormField{{Name: evil, Sample: evil, Help: evil}}}},
		FAQ:   []guide.QA{{Question: evil, Answer: evil}}, Phone: evil, OnlineURL: "javascript:alert(3)", Hours: evil, Place: evil, Result: evil,
	}
	source := string(body(t, newAway(t, d, &now).get(d.guidePath(t, handoff.Chinese))))
	lacks(t, "page", source, "<script>alert", "<img src=x", "javascript:")
	wants(t, "page", source, "&lt;script&gt;")
	for _, address := range []string{"javascript:alert(1)", "data:text/html,x", "//elsewhere", "https://", "x"} {
		d.guides.Guides[0].OnlineURL = address
		lacks(t, address, string(body(t, newAway(t, d, &now).get(d.guidePath(t, handoff.Chinese)))), "网上办理")
	}
}

// Every guide of the demonstration can be taken home, in both languages.
func TestTakeawayDemo(t *testing.T) {
	c, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		d, now := awayDesk(t), opening
		d.guides = c
		away := newAway(t, d, &now)
		for i := range c.Guides {
			g := &c.Guides[i]
			for _, language := range []string{handoff.Chinese, handoff.English} {
				page := string(body(t, away.get(d.path(t, handoff.ForGuide(g, []int{0, 1}, language, opening)))))
				name := g.Name
				if language == handoff.English && g.NameEn != "" {
					name = g.NameEn
				}
				wants(t, g.ID, page, "<h1>"+html.EscapeString(name)+"</h1>", "</html>")
				lacks(t, g.ID, page, "ZgotmplZ", "%!")
				if n := strings.Count(page, `<span class="thing">`); n != len(g.Materials) {
					t.Errorf("%s: %d materials, want %d", g.ID, n, len(g.Materials))
				}
				for _, m := range g.Materials {
					if language == handoff.Chinese {
						wants(t, g.ID, page, html.EscapeString(m.Name))
					}
				}
			}
			time.Sleep(time.Second) // not too many at once
		}
	})
}

func TestTakeawayElsewhere(t *testing.T) {
	d, now := awayDesk(t), opening
	g := &d.guides.Guides[0]
	g.Elsewhere = &guide.Elsewhere{Unit: "出入境大厅", Address: "示例路1号", Phone: "010-5550-0300", Hours: "每天"}
	page := newAway(t, d, &now).page(d.guidePath(t, handoff.Chinese))
	wants(t, "page", page, "这件事不在本大厅办", "单位 出入境大厅 地址 示例路1号 时间 每天", "咨询电话 010-5550-0300")
	lacks(t, "page", page, "在哪办", "自助终端取号", "1、2 号窗口", "不收费", "010-5550-0100")
}

func TestTakeawayTicket(t *testing.T) {
	d, now := awayDesk(t), opening
	d.show(phoneTicketAt(d, centralapi.Issued))
	c := newAway(t, d, &now)
	path := d.ticketPath(t, handoff.Chinese)
	wait := 32 * time.Minute
	d.wait = &wait
	page := c.page(path)
	wants(t, "page", page, "您的号码 A023 等候中 前面还有 4 人 大约还要等 35 分钟 请在一楼 A 区等候")
	source := string(body(t, c.get(path+"?lang=en")))
	wants(t, "page", source, "About 35 minutes to wait", `data-stream="`+path+`/stream?lang=en"`, `data-page="`+path+`?lang=en"`)
	lacks(t, "page", source, phoneID)
	c.header.Set("Accept-Language", "zh-CN")
	wants(t, "spoken English", c.page(d.ticketPath(t, handoff.English)), "people ahead")

	// Those whose number has been called wait no more, nor those who are next.
	next := phoneTicketAt(d, centralapi.Issued)
	next.Ahead = 0
	for _, k := range []centralapi.Ticket{phoneTicketAt(d, centralapi.Called), phoneTicketAt(d, centralapi.Finished), next} {
		d.show(k)
		lacks(t, string(k.State), c.page(path), "大约")
	}

	d.show(phoneTicketAt(d, centralapi.Finished)) // the stream ends at once
	if res := c.get(path + "/stream"); res.StatusCode != http.StatusOK || !strings.Contains(string(body(t, res)), "已办结") {
		t.Errorf("stream: %s", res.Status)
	}
	if res := c.get(d.guidePath(t, handoff.Chinese) + "/stream"); res.StatusCode != http.StatusNotFound {
		t.Errorf("stream of a guide: %s", res.Status)
	}
	if res := c.get(path[:len(path)-1] + "/stream"); res.StatusCode != http.StatusNotFound {
		t.Errorf("stream of a damaged address: %s", res.Status)
	}
}

func TestAbout(t *testing.T) {
	for minutes, want := range map[int]string{0: "", -3: "", 1: "大约还要等 5 分钟", 5: "大约还要等 5 分钟", 6: "大约还要等 10 分钟", 120: "大约还要等 120 分钟", 121: "可能还要等两个小时以上"} {
		if got := chinese.about(time.Duration(minutes) * time.Minute); got != want {
			t.Errorf("%d minutes: %q, want %q", minutes, got, want)
		}
	}
	if got := chinese.about(time.Second); got != "大约还要等 5 分钟" {
		t.Error(got)
	}
}

func TestShutAddresses(t *testing.T) {
	rating, err := handoff.ForRating(phoneID, handoff.Chinese, opening.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	signer := awayDesk(t)
	guidePath, ticketPath, ratingPath := signer.guidePath(t, handoff.Chinese, 0), signer.ticketPath(t, handoff.Chinese), signer.path(t, rating)
	for _, tc := range []struct {
		name, path string
		change     func(*fakeDesk, *time.Time)
		status     int
		want       string
	}{
		{"damaged", guidePath[:len(guidePath)-1], nil, 404, "这个网址不完整，或者被改过 请再扫一次"},
		{"nonsense", "/h/demo/x", nil, 404, "这个网址不完整"},
		{"of no hall", strings.Replace(guidePath, "demo", "other", 1), nil, 404, "这个网址不完整"},
		{"of another hall", guidePath, func(d *fakeDesk, _ *time.Time) { d.ring.Hall = "other" }, 404, "这个网址不完整"},
		{"old key", guidePath, func(d *fakeDesk, _ *time.Time) { d.ring.Keys = []handoff.Key{handoff.NewKey(2, opening)} }, 404, "这个二维码太旧，或者不是本大厅的 请到大厅的自助终端"},
		{"no keys", guidePath, func(d *fakeDesk, _ *time.Time) { d.ring = handoff.Ring{} }, 404, "这个二维码太旧"},
		{"expired guide", guidePath, func(_ *fakeDesk, now *time.Time) { *now = now.Add(31 * 24 * time.Hour) }, 410, "这个二维码已经过期 它到12月23日为止。要求会变"},
		{"expired ticket", ticketPath, func(_ *fakeDesk, now *time.Time) { *now = now.Add(48 * time.Hour) }, 410, "这个号码已经过期 它到11月24日为止。要办事，请到大厅重新取号"},
		{"withdrawn", guidePath, func(d *fakeDesk, _ *time.Time) { d.guides = &guide.Catalogue{} }, 404, "这件事的指南已经撤下 它可能改了名称"},
		{"no guides", guidePath, func(d *fakeDesk, _ *time.Time) { d.guides = nil }, 404, "这件事的指南已经撤下"},
		{"two of one digest", guidePath, func(d *fakeDesk, _ *time.Time) {
			d.guides = &guide.Catalogue{Guides: []guide.Guide{{ID: "g1", Name: "甲"}, {ID: "g1", Name: "乙"}}}
		}, 404, "这件事的指南已经撤下"},
		{"rating where none are taken", ratingPath, nil, 404, "这个网址不完整"},
		{"expired rating", ratingPath, func(_ *fakeDesk, now *time.Time) { *now = now.Add(3 * time.Hour) }, 410, "评价的时间已经过了 它到11月23日为止。有意见请打电话。"},
		{"desk fails", guidePath, func(d *fakeDesk, _ *time.Time) { d.fail = errors.New("secret detail") }, 503, "指南暂时打不开 请过一会儿再刷新"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, now := awayDesk(t), opening
			d.ring = signer.ring
			if tc.change != nil {
				tc.change(d, &now)
			}
			c := newAway(t, d, &now)
			res := c.get(tc.path)
			if res.StatusCode != tc.status || res.Header.Get("X-Robots-Tag") == "" || res.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s, want %d; %v", res.Status, tc.status, res.Header)
			}
			source := string(body(t, res))
			page := strings.Join(strings.Fields(tags.ReplaceAllString(source, " ")), " ")
			wants(t, "page", page, tc.want)
			lacks(t, "page", source, "secret", "/console", "<script", "甲", "乙")
			english := c.get(tc.path + "?lang=en")
			if text := text(t, english); regexp.MustCompile(`\p{Han}`).MatchString(strings.ReplaceAll(text, "中文", "")) {
				t.Errorf("in English: %s", text)
			}
			if res := c.get(tc.path + "/stream"); res.StatusCode < 400 {
				t.Errorf("stream: %s", res.Status)
			}
		})
	}
}

func TestTakeawayIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, now := awayDesk(t), opening
		c := newAway(t, d, &now)
		path := d.guidePath(t, handoff.Chinese)
		for range visitBurst { // guessing counts like reading
			if res := c.get("/h/demo/guess"); res.StatusCode != http.StatusNotFound {
				t.Fatalf("%s within the allowance", res.Status)
			}
		}
		res := c.get(path)
		if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
			t.Errorf("one too many: %s", res.Status)
		}
		wants(t, "page", text(t, res), "看的人太多")
	})
}

// The catalogue is looked through once, and again when there is another.
func TestDigests(t *testing.T) {
	var d digests
	a := &guide.Catalogue{Guides: []guide.Guide{{ID: "1", Name: "甲"}, {ID: "2", Name: "乙"}}}
	b := &guide.Catalogue{Guides: []guide.Guide{{ID: "2", Name: "丙"}}}
	for _, tc := range []struct {
		hall string
		c    *guide.Catalogue
		id   string
		want string
	}{{"x", a, "1", "甲"}, {"x", a, "2", "乙"}, {"y", b, "1", ""}, {"x", b, "2", "丙"}, {"x", b, "1", ""}, {"x", a, "1", "甲"}, {"x", nil, "1", ""}} {
		g, ok := d.find(tc.hall, tc.c, handoff.GuideDigest(tc.id))
		if ok != (tc.want != "") || ok && g.Name != tc.want {
			t.Errorf("%s in %s: %v, want %q", tc.id, tc.hall, g, tc.want)
		}
	}
}

func TestHoursText(t *testing.T) {
	week := func(days string, open ...string) map[string][]string {
		m := map[string][]string{}
		for d := range strings.FieldsSeq(days) {
			m[d] = open
		}
		return m
	}
	mixed := week("mon wed", "09:00-12:00")
	mixed["sat"], mixed["sun"] = []string{"10:00-11:00"}, []string{"10:00-11:00"}
	for _, tc := range []struct {
		week   map[string][]string
		zh, en string
	}{
		{nil, "", ""},
		{week("mon tue wed thu fri", "08:30-12:00", "13:30-17:30"), "星期一至星期五 08:30–12:00，13:30–17:30|星期六、星期日 休息", "Monday to Friday 08:30–12:00, 13:30–17:30|Saturday, Sunday closed"},
		{week("mon tue wed thu fri sat sun", "00:00-24:00"), "每天 全天", "Every day all day"},
		{week("mon tue wed thu fri sat sun", "09:00-17:00"), "每天 09:00–17:00", "Every day 09:00–17:00"},
		{mixed, "星期一 09:00–12:00|星期二 休息|星期三 09:00–12:00|星期四、星期五 休息|星期六、星期日 10:00–11:00", "Monday 09:00–12:00|Tuesday closed|Wednesday 09:00–12:00|Thursday, Friday closed|Saturday, Sunday 10:00–11:00"},
	} {
		zh, en := strings.Join(chineseGuide.hoursText(hall.Hours{Week: tc.week}), "|"), strings.Join(englishGuide.hoursText(hall.Hours{Week: tc.week}), "|")
		if zh != tc.zh || en != tc.en {
			t.Errorf("%v: %q, %q; want %q, %q", tc.week, zh, en, tc.zh, tc.en)
		}
	}
}

func TestExceptions(t *testing.T) {
	hours := hall.Hours{Days: []hall.Day{
		{Date: "2027-01-01", Reason: "元旦"}, {Date: "2026-11-22"}, {Date: "2026-12-05", Open: []string{"09:00-12:00"}},
		{Date: "2026-11-23", Reason: "停电"}, {Date: "nonsense"}, {Date: "2026-12-06"},
	}}
	zone := (&hall.Hall{}).Location()
	got := chineseGuide.exceptions(hours, opening.In(zone), opening.AddDate(0, 0, 30), 9)
	want := []string{"11月23日 休息（停电）", "12月5日 09:00–12:00", "12月6日 休息"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := chineseGuide.exceptions(hours, opening.In(zone), opening.AddDate(0, 0, 90), 2); len(got) != 2 {
		t.Errorf("more than asked for: %v", got)
	}
}

func TestCallsOf(t *testing.T) {
	for numbers, want := range map[string]string{
		"": "", "010-5550-0100": "010-5550-0100=tel:010-5550-0100", "6222001、6222002;12345 转 2": "6222001=tel:6222001 6222002=tel:6222002 12345 转 2=",
		"，": "", "请到窗口问": "请到窗口问=",
	} {
		var got []string
		for _, c := range callsOf("电话", numbers) {
			got = append(got, c.Number+"="+string(c.Tel))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %q", numbers, got, want)
		}
	}
}

func TestGuideLimits(t *testing.T) {
	for _, tc := range []struct {
		limit  guide.Limit
		zh, en string
	}{
		{guide.Limit{}, "", ""},
		{guide.Limit{Unit: guide.WorkingDays}, "当场办结", "done on the spot"},
		{guide.Limit{Number: 5, Unit: guide.WorkingDays}, "5 个工作日", "5 working days"},
		{guide.Limit{Number: 2, Unit: guide.Months}, "2 个月", "2 months"},
	} {
		if zh, en := chineseGuide.limit(tc.limit), englishGuide.limit(tc.limit); zh != tc.zh || en != tc.en {
			t.Errorf("%v: %q, %q; want %q, %q", tc.limit, zh, en, tc.zh, tc.en)
		}
	}
}

// Every sentence is there in both languages and takes the same values.
func TestGuideWordsAreComplete(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	zh, en := reflect.ValueOf(chineseGuide), reflect.ValueOf(englishGuide)
	for i := range zh.NumField() {
		name := zh.Type().Field(i).Name
		switch zh.Field(i).Kind() {
		case reflect.String:
			a, b := zh.Field(i).String(), en.Field(i).String()
			if a == "" || b == "" {
				t.Errorf("%s: %q, %q", name, a, b)
			}
			if x, y := verbs.FindAllString(a, -1), verbs.FindAllString(b, -1); !reflect.DeepEqual(x, y) {
				t.Errorf("%s takes %v in one language and %v in the other", name, x, y)
			}
			if regexp.MustCompile(`[A-Za-z]{2}`).MatchString(verbs.ReplaceAllString(a, "")) || regexp.MustCompile(`\p{Han}`).MatchString(b) {
				t.Errorf("%s: the other language in %q, %q", name, a, b)
			}
		case reflect.Map:
			if name == "Waived" {
				continue
			}
			if fmt.Sprint(sortedKeys(zh.Field(i))) != fmt.Sprint(sortedKeys(en.Field(i))) {
				t.Errorf("%s has other keys", name)
			}
		}
	}
}

func sortedKeys(m reflect.Value) []string {
	var keys []string
	for _, k := range m.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	return keys
}

// BenchmarkTakeawayGuide is one guide's page out of a catalogue of 20,000.
func BenchmarkTakeawayGuide(b *testing.B) {
	d := awayDesk(b)
	g := d.guides.Guides[0]
	for i := range 20000 {
		d.guides.Guides = append(d.guides.Guides, guide.Guide{ID: fmt.Sprint("other", i), Name: g.Name, Materials: g.Materials})
	}
	path := d.guidePath(b, handoff.Chinese, 0)
	s := &site{desk: d, halls: []string{d.hall.ID}, now: func() time.Time { return opening }, web: newWebFiles(os.DirFS("../../../../assets/web"))}
	s.templates = s.web.parseTemplates()
	handler := s.handler()
	for b.Loop() {
		s.visitors = visitors{} // nobody is slowed down
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
