package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

const (
	phoneID = "019aa5c2-0000-7000-8000-000000000001"
	otherID = "019aa5c2-0000-7000-8000-000000000002"
)

// phoneTicketAt is a ticket of today in some state, with a masked holder the
// page must not show.
func phoneTicketAt(d *fakeDesk, state centralapi.TicketState) centralapi.Ticket {
	t := centralapi.Ticket{
		ID: phoneID, Hall: d.hall.ID, Day: d.hall.BusinessDay(d.now), Label: "A023", Business: "hukou", Item: "hukou-change",
		HolderName: "李*例", HolderNumber: "110***********231X", State: state, IssuedAt: d.now.Add(-59 * time.Minute),
	}
	if state == centralapi.Issued {
		t.Ahead = 4
	}
	if state != centralapi.Issued && state != centralapi.Void && state != centralapi.Cancelled {
		t.Window, t.CalledAt, t.Calls = "w2", d.now.Add(-time.Minute), 1
	}
	return t
}

func TestPhoneStates(t *testing.T) {
	with := func(state centralapi.TicketState, change func(*centralapi.Ticket)) func(*fakeDesk) centralapi.Ticket {
		return func(d *fakeDesk) centralapi.Ticket {
			k := phoneTicketAt(d, state)
			if change != nil {
				change(&k)
			}
			return k
		}
	}
	yesterday := func(k *centralapi.Ticket) { k.Day, k.IssuedAt = "2026-11-20", k.IssuedAt.AddDate(0, 0, -3) }
	for _, tc := range []struct {
		name    string
		ticket  func(*fakeDesk) centralapi.Ticket
		zh, en  []string
		without []string
		live    bool // something may still change
	}{
		{"waiting", with(centralapi.Issued, nil),
			[]string{"您的号码 A023 等候中 前面还有 4 人 请在一楼 A 区等候，留意叫号", "业务 户口登记与迁移 事项 变更姓名、民族等户口信息 区域 户籍与证件区 窗口 1、2 号窗口 取号时间 09:31", "更新于 10:30"},
			[]string{"Your number A023 Waiting 4 people ahead Please wait at 1st floor, zone A for your call", "Service Household Registration Matter Change details on the record Area Residence and ID Documents Window 1, 2 Taken at 09:31", "Updated 10:30"},
			[]string{"叫号时间", "号窗口 位置"}, true},
		{"one ahead", with(centralapi.Issued, func(k *centralapi.Ticket) { k.Ahead = 1 }),
			[]string{"前面还有 1 人"}, []string{"1 person ahead"}, nil, true},
		{"next", with(centralapi.Issued, func(k *centralapi.Ticket) { k.Ahead = 0 }),
			[]string{"等候中 前面没有人"}, []string{"Waiting Nobody ahead"}, []string{"还有"}, true},
		{"called", with(centralapi.Called, nil),
			[]string{"A023 请到 2 号窗口 叫到您了", "位置 一楼 A 区", "叫号时间 10:29 取号时间 09:31"},
			[]string{"A023 Please go to Window 2", "Place 1st floor, zone A"}, []string{"等候中", "前面", "共"}, true},
		{"called in another area", with(centralapi.Called, func(k *centralapi.Ticket) { k.Window, k.Calls = "w5", 3 }),
			[]string{"请到 5 号窗口", "位置 二楼 C 区", "区域 企业与综合区", "叫号时间 10:29，共 3 次"},
			[]string{"Please go to Window 5", "10:29, 3 times"}, []string{"一楼 A 区"}, true},
		{"started", with(centralapi.Started, nil), []string{"A023 正在办理 2 号窗口"}, []string{"A023 Being served Window 2"}, nil, true},
		{"passed over", with(centralapi.NoShow, nil),
			[]string{"A023 已过号 请到窗口或服务台说明", "窗口 2 号窗口 位置 一楼 A 区"}, []string{"Your number was passed over", "Window Window 2"}, nil, true},
		{"finished", with(centralapi.Finished, nil), []string{"A023 已办结 谢谢您", "取号时间 11月23日 09:31"}, []string{"Finished", "23 November 09:31"}, []string{"位置", "区域"}, false},
		{"cancelled", with(centralapi.Cancelled, nil), []string{"A023 已取消 要办事，请重新取号"}, []string{"Cancelled"}, nil, false},
		{"void, another number on the paper", with(centralapi.Void, func(k *centralapi.Ticket) { k.Reason = "superseded" }),
			[]string{"已作废：小票上印的是另一个号码"}, []string{"Not valid: your ticket shows another number"}, []string{"superseded"}, false},
		{"void, abandoned", with(centralapi.Void, func(k *centralapi.Ticket) { k.Reason = "abandoned" }),
			[]string{"已作废：这次取号没有完成 请到服务台询问"}, []string{"Not valid: taking the number was not finished"}, []string{"abandoned"}, false},
		{"void, in somebody's own words", with(centralapi.Void, func(k *centralapi.Ticket) { k.Reason = "李示例自己不要了" }),
			[]string{"已作废 请到服务台询问"}, []string{"Not valid"}, []string{"李示例"}, false},
		{"of another day", with(centralapi.Issued, yesterday), []string{"A023 这个号码是11月20日的，已经过期 要办事，请重新取号"}, []string{"This number was for 20 November and has expired"}, []string{"等候", "前面"}, false},
		{"called on another day", with(centralapi.Called, yesterday), []string{"已经过期"}, []string{"has expired"}, []string{"请到"}, false},
		{"finished on another day", with(centralapi.Finished, yesterday), []string{"已办结", "11月20日"}, []string{"Finished"}, []string{"过期"}, false},
		{"business no longer in the hall", with(centralapi.Issued, func(k *centralapi.Ticket) { k.Business = "gone" }),
			[]string{"等候中 前面还有 4 人 请在大厅等候，留意叫号"}, []string{"Please wait in the hall"}, []string{"gone"}, true},
		{"window no longer in the hall", with(centralapi.Called, func(k *centralapi.Ticket) { k.Window = "gone" }),
			[]string{"等候中"}, []string{"Waiting"}, []string{"gone"}, true},
		{"not here yet", func(*fakeDesk) centralapi.Ticket { return centralapi.Ticket{ID: otherID} },
			[]string{"号码还没有传到大厅 请稍后再看；号码照常有效", "更新于 10:30"}, []string{"has not received this number yet"}, []string{"您的号码"}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newFakeDesk(t)
			d.show(tc.ticket(d))
			c := newClient(t, d)
			for lang, want := range map[string][]string{"zh": tc.zh, "en": tc.en} {
				res := c.get("/t/demo/" + phoneID + "?lang=" + lang)
				if res.StatusCode != http.StatusOK || res.Header.Get("X-Robots-Tag") == "" {
					t.Fatalf("%s, %v", res.Status, res.Header)
				}
				source := string(body(t, res))
				page := strings.Join(strings.Fields(tags.ReplaceAllString(source, " ")), " ")
				wants(t, lang, page, want...)
				wants(t, lang, page, "010-5550-0199")
				lacks(t, lang, source, tc.without...)
				lacks(t, lang, source, "李*例", "231X", "110*")
				if lang == "en" {
					lacks(t, lang, strings.NewReplacer("中文", "").Replace(page), "号", "请", "，")
				}
				scripts, refresh := strings.Contains(source, "phone.js"), strings.Contains(source, `<noscript><meta http-equiv="refresh" content="20"></noscript>`)
				if scripts != tc.live || refresh != tc.live {
					t.Errorf("%s: scripts %v, refresh %v, want %v", lang, scripts, refresh, tc.live)
				}
			}
		})
	}
}

func TestPhoneAddress(t *testing.T) {
	d := newFakeDesk(t)
	d.show(phoneTicketAt(d, centralapi.Issued))
	c := newClient(t, d)
	page := string(body(t, c.get("/t/demo/"+phoneID)))
	wants(t, "page", page, `href="/t/demo/`+phoneID+`?lang=en"`, `data-stream="/t/demo/`+phoneID+`/stream"`, `data-page="/t/demo/`+phoneID+`"`, `href="tel:010-5550-0199"`)
	page = string(body(t, c.get("/t/demo/"+phoneID+"?lang=en")))
	wants(t, "page in English", page, `href="/t/demo/`+phoneID+`?lang=zh"`, `/stream?lang=en"`, `data-page="/t/demo/`+phoneID+`?lang=en"`, `<html lang="en"`)

	for _, target := range []string{"/t/other/" + phoneID, "/t/demo/x", "/t/demo/" + strings.ToUpper(phoneID), "/t/demo/{" + phoneID + "}", "/t/demo/" + phoneID[:35]} {
		res := c.get(target)
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s, want 404", target, res.Status)
		}
		page := string(body(t, res))
		wants(t, target, page, "没有这个号码", "请再扫一次小票上的二维码")
		lacks(t, target, page, "/console", "phone.js")
		if res := c.get(target + "/stream"); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s/stream: %s, want 404", target, res.Status)
		}
	}

	c.header.Set(fragmentHeader, "1")
	part := string(body(t, c.get("/t/demo/"+phoneID)))
	wants(t, "fragment", part, "A023", `data-phase="waiting"`)
	lacks(t, "fragment", part, "<html", "<body")
}

func TestPhoneKeyChangesWithEveryCall(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	key := func(change func(*centralapi.Ticket)) string {
		k := phoneTicketAt(d, centralapi.Called)
		change(&k)
		d.show(k)
		m := regexp.MustCompile(`data-key="([^"]*)"`).FindStringSubmatch(string(body(t, c.get("/t/demo/"+phoneID))))
		if m == nil {
			t.Fatal("no key")
		}
		return m[1]
	}
	same := func(*centralapi.Ticket) {}
	once := key(same)
	if once == "" || key(same) != once {
		t.Error("the key changes without a call")
	}
	if again := key(func(k *centralapi.Ticket) { k.Calls, k.CalledAt = 2, d.now }); again == once {
		t.Error("the key does not change when the number is called again")
	}
	if waiting := key(func(k *centralapi.Ticket) { k.State = centralapi.Issued }); waiting != "" {
		t.Errorf("a waiting number has the key %q", waiting)
	}
}

func TestPhoneLanguage(t *testing.T) {
	for _, tc := range []struct{ chosen, accept, want string }{
		{"", "", "zh-CN"},
		{"", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"},
		{"", "zh-TW", "zh-CN"},
		{"", "yue", "zh-CN"},
		{"", "bo-CN", "zh-CN"}, // Tibetan
		{"", "ug", "zh-CN"},    // Uyghur
		{"", "en-GB,en;q=0.9", "en"},
		{"", "en;q=0.5,zh;q=0.9", "zh-CN"},
		{"", "de,en;q=0.5", "en"},
		{"", "fr-FR", "en"},
		{"", "ja", "en"},
		{"", ";;;", "zh-CN"},
		{"", "*", "zh-CN"},
		{"en", "zh-CN", "en"},
		{"zh", "en", "zh-CN"},
		{"fr", "en", "en"},
	} {
		if got := wordsFor(tc.chosen, tc.accept).Lang; got != tc.want {
			t.Errorf("chosen %q, browser %q: %s, want %s", tc.chosen, tc.accept, got, tc.want)
		}
	}
}

// Every sentence is there in both languages and takes the same values.
func TestPhoneWordsAreComplete(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	zh, en := reflect.ValueOf(chinese), reflect.ValueOf(english)
	for i := range zh.NumField() {
		name := zh.Type().Field(i).Name
		a, b := zh.Field(i).String(), en.Field(i).String()
		if a == "" || b == "" && name != "AheadBefore" {
			t.Errorf("%s: %q, %q", name, a, b)
		}
		if x, y := verbs.FindAllString(a, -1), verbs.FindAllString(b, -1); !reflect.DeepEqual(x, y) {
			t.Errorf("%s takes %v in one language and %v in the other", name, x, y)
		}
		if name != "Lang" && name != "Other" && name != "OtherName" && regexp.MustCompile(`[A-Za-z]{2}`).MatchString(verbs.ReplaceAllString(a, "")) {
			t.Errorf("%s: English in %q", name, a)
		}
	}
}

func TestPhoneWindows(t *testing.T) {
	h := &hall.Hall{Windows: []hall.Window{{ID: "a", Name: "1"}, {ID: "b", Name: "12"}, {ID: "c", Name: "综合"}, {ID: "d", Name: "导办窗口"}}}
	for _, tc := range []struct {
		ids    []string
		zh, en string
	}{
		{[]string{"a"}, "1 号窗口", "1"},
		{[]string{"a", "b"}, "1、12 号窗口", "1, 12"},
		{[]string{"c", "b", "gone"}, "12 号窗口、综合窗口", "12, 综合窗口"},
		{[]string{"d"}, "导办窗口", "导办窗口"},
		{nil, "", ""},
	} {
		if zh, en := chinese.windows(h, tc.ids), english.windows(h, tc.ids); zh != tc.zh || en != tc.en {
			t.Errorf("%v: %q, %q; want %q, %q", tc.ids, zh, en, tc.zh, tc.en)
		}
	}
	if a, b := chinese.goTo(chinese.window("3")), chinese.goTo(chinese.window("综合")); a != "请到 3 号窗口" || b != "请到综合窗口" {
		t.Errorf("%q, %q", a, b)
	}
}

func TestPhoneTel(t *testing.T) {
	for number, want := range map[string]string{
		"010-5550-0199": "tel:010-5550-0199", "12345": "tel:12345", "+86 10 5550 0199": "tel:+861055500199",
		"": "", "12345 转 2": "", "javascript:alert(1)": "",
	} {
		if got := string(dial(number)); got != want {
			t.Errorf("%q: %q, want %q", number, got, want)
		}
	}
}

func TestPhoneWhenTheDeskFails(t *testing.T) {
	d := newFakeDesk(t)
	d.fail = errors.New("database is locked: secret detail")
	c := newClient(t, d)
	res := c.get("/t/demo/" + phoneID)
	if res.StatusCode != http.StatusInternalServerError {
		t.Errorf("%s, want 500", res.Status)
	}
	page := string(body(t, res))
	wants(t, "page", page, "暂时看不到排队情况", "号码照常有效", "phone.js", `data-clock=""`)
	lacks(t, "page", page, "secret", "00:00")
	c.header.Set(fragmentHeader, "1")
	if res := c.get("/t/demo/" + phoneID); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("fragment: %s, want 500", res.Status)
	}
}

func TestPhoneIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFakeDesk(t)
		d.show(phoneTicketAt(d, centralapi.Issued))
		c := newClient(t, d)
		for range visitBurst {
			if res := c.get("/t/demo/" + phoneID); res.StatusCode != http.StatusOK {
				t.Fatalf("%s within the allowance", res.Status)
			}
		}
		res := c.get("/t/demo/" + phoneID)
		if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
			t.Errorf("one too many: %s", res.Status)
		}
		wants(t, "page", text(t, res), "看的人太多", "号码照常有效")
		if res := c.get("/t/demo/" + phoneID + "/stream"); res.StatusCode != http.StatusTooManyRequests {
			t.Errorf("stream: %s", res.Status)
		}
		if res := c.get("/board"); res.StatusCode != http.StatusOK {
			t.Errorf("the board: %s", res.Status)
		}
		time.Sleep(time.Second)
		if res := c.get("/t/demo/" + phoneID); res.StatusCode != http.StatusOK {
			t.Errorf("after a second: %s", res.Status)
		}
	})
}

// The stream follows a ticket to its end and then ends itself, so that phones
// left open do not hold a line.
func TestPhoneStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, p := newFakeDesk(t), newTape()
		site := New(Config{Desk: d, Staff: nobody{}, Halls: []string{"demo"}})
		done := make(chan struct{})
		go func() {
			site.ServeHTTP(p, httptest.NewRequest(http.MethodGet, "/t/demo/"+phoneID+"/stream?lang=en", nil))
			close(done)
		}()
		time.Sleep(2 * time.Second)
		for _, state := range []centralapi.TicketState{centralapi.Issued, centralapi.Called, centralapi.Finished} {
			d.show(phoneTicketAt(d, state))
			time.Sleep(2 * time.Second)
		}
		<-done
		events := p.events(t)
		if got := names(events); got != "hello part beat part beat part beat part beat ended" {
			t.Fatalf("events: %s", got)
		}
		for i, want := range []string{"has not received", "4</b> people ahead", "Please go to Window 2", "Finished"} {
			wants(t, fmt.Sprint("part ", i+1), events[1+2*i].data, want)
			lacks(t, fmt.Sprint("part ", i+1), events[1+2*i].data, "李*例", "231X")
		}
		if len(d.subs) != 0 {
			t.Error("the subscription outlives the stream")
		}
	})
}

// Phones never take the places of boards and consoles.
func TestPhoneStreamsAreCountedApart(t *testing.T) {
	d := newFakeDesk(t)
	d.show(phoneTicketAt(d, centralapi.Finished)) // its stream ends at once
	s := &site{desk: d, halls: []string{"demo"}, web: newWebFiles(os.DirFS("../../../../assets/web"))}
	s.templates = s.web.parseTemplates()
	c := &client{t: t, site: s.handler(), header: http.Header{}}
	s.staff = gate{} // no room
	s.phones = gate{max: 1}
	for range 2 {
		if res := c.get("/t/demo/" + phoneID + "/stream"); res.StatusCode != http.StatusOK {
			t.Errorf("phone: %s", res.Status)
		}
	}
	if res := c.get("/board/stream"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("board: %s", res.Status)
	}
}

// FuzzPhoneHeaders: whatever a browser or proxy says about itself, it gets a
// language and an address.
func FuzzPhoneHeaders(f *testing.F) {
	f.Add("en", "zh-CN,zh;q=0.9", "192.0.2.1:80", "198.51.100.1, 203.0.113.9")
	f.Add("", "*;q=0", "[fe80::1%eth0]:80", "::1%x")
	f.Add("x", "en-u-co-phonebk-t-zh;q=2", "127.0.0.1:1", "[::ffff:1.2.3.4]")
	f.Add("", "i-klingon,x-private", "[::1]:1", "fe80::1%lo")
	f.Fuzz(func(t *testing.T, chosen, accept, peer, forwarded string) {
		if w := wordsFor(chosen, accept); w != &chinese && w != &english {
			t.Errorf("language %v", w)
		}
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		if v := visitorOf(r); v.IsValid() && v != v.Masked() {
			t.Errorf("network %v", v)
		}
	})
}
