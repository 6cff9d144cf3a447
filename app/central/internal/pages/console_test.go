package pages

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/centralapi"
)

func TestConsoleCallRecallFinish(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "medical", "medical-away", "李*例", 12*time.Minute)
	d.take(2, "pension", "", "", 31*time.Minute)
	d.take(3, "hukou", "hukou-in", "王*", time.Minute) // another window's
	c := newClient(t, d)
	c.login("w3")

	page := c.page("/console")
	wants(t, "idle", page, "李示例 在岗", "窗口空闲", "下一位 E001", "等候 2 人", "医疗保险 异地就医备案", "李*例", "12 分钟", "31 分钟", "叫号 F2", "重呼 F3", "过号 F4", "完成 F8")
	lacks(t, "idle", page, "A003", "户口")

	if res := c.press("call", ""); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("call: %s", res.Status)
	}
	page = c.page("/console")
	wants(t, "called", page, "已叫号 E001 医疗保险 异地就医备案", "姓名 李*例", "等候 12 分钟", "叫号 10:30", "等候 1 人")

	res := c.press("recall", "ticket-E001")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("recall: %s", res.Status)
	}
	wants(t, "recalled", text(t, res), "E001 已经再叫一次。", "10:30，共 2 次")

	if res := c.press("finish", "ticket-E001"); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("finish: %s", res.Status)
	}
	wants(t, "finished", c.page("/console"), "窗口空闲 下一位 D002", "今天已办 1 人 E001 医疗保险 完成 10:30")

	c.press("call", "")
	if res := c.press("no-show", "ticket-D002"); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("no-show: %s", res.Status)
	}
	wants(t, "passed over", c.page("/console"), "现在没有人等候", "今天已办 1 人 D002 养老待遇 过号 10:30")

	res = c.press("call", "")
	wants(t, "nobody left", text(t, res), "现在没有人等候。")
	if res.StatusCode != http.StatusOK {
		t.Errorf("nobody left: %s", res.Status)
	}
}

// TestConsoleDoubleClick: of twenty presses made on the same picture, one counts.
func TestConsoleDoubleClick(t *testing.T) {
	for _, action := range []string{"call", "recall", "finish", "no-show"} {
		t.Run(action, func(t *testing.T) {
			d := newFakeDesk(t)
			for i := range 30 {
				d.take(i+1, "pension", "", "", time.Minute)
			}
			c := newClient(t, d)
			c.login("w3")
			id := ""
			if action != "call" {
				c.press("call", "")
				id = "ticket-D001"
			}
			form := url.Values{"seen": {c.seen()}, "id": {id}}
			var all sync.WaitGroup
			for range 20 {
				twin := &client{t: t, site: c.site, cookie: c.cookie, header: http.Header{fragmentHeader: {"1"}}}
				all.Go(func() { twin.post("/console/"+action, form) })
			}
			all.Wait()
			entry := map[string]string{
				"call": "call w3", "recall": "recall ticket-D001", "finish": "finished ticket-D001", "no-show": "no-show ticket-D001",
			}[action]
			if n := d.count(entry); n != 1 {
				t.Errorf("the desk was asked %d times, want once", n)
			}
		})
	}
}

func TestConsoleStalePress(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "pension", "", "", time.Minute)
	d.take(2, "pension", "", "", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	old := c.seen()
	c.press("call", "")
	c.press("finish", "ticket-D001")
	// The window is idle as it was then, but not at the same point of the day.
	res := c.post("/console/call", url.Values{"seen": {old}})
	if res.StatusCode != http.StatusConflict {
		t.Errorf("%s, want 409", res.Status)
	}
	wants(t, "answer", text(t, res), "没有重复操作", "下一位 D002")
	if n := d.count("call w3"); n != 1 {
		t.Errorf("called %d times, want once", n)
	}
}

func TestConsoleButtons(t *testing.T) {
	enabled := func(page string) (out []string) {
		for _, part := range strings.Split(page, `<button class="key `)[1:] {
			tag, _, _ := strings.Cut(part, ">")
			if !strings.Contains(tag, " disabled") {
				name, _, _ := strings.Cut(tag, `"`)
				out = append(out, name)
			}
		}
		return out
	}
	d := newFakeDesk(t)
	d.take(1, "pension", "", "", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	if got := strings.Join(enabled(string(body(t, c.get("/console")))), " "); got != "call" {
		t.Errorf("idle window: %q can be pressed, want call", got)
	}
	c.press("call", "")
	if got := strings.Join(enabled(string(body(t, c.get("/console")))), " "); got != "recall no-show finish" {
		t.Errorf("window with a ticket: %q can be pressed, want recall no-show finish", got)
	}
}

func TestConsoleRefusals(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "pension", "", "", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	c.press("call", "")

	res := c.press("call", "")
	if res.StatusCode != http.StatusConflict {
		t.Errorf("call with a ticket at the window: %s", res.Status)
	}
	wants(t, "the desk's own sentence", text(t, res), "请先点完成或过号。")

	res = c.press("finish", "ticket-of-somebody-else")
	if res.StatusCode != http.StatusConflict {
		t.Errorf("wrong ticket: %s", res.Status)
	}
	wants(t, "a refusal without a sentence", text(t, res), "状态已经变了")
}

func TestConsoleFragment(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "pension", "", "", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	form := url.Values{"seen": {c.seen()}}
	c.header.Set(fragmentHeader, "1")
	res := c.post("/console/call", form)
	page := string(body(t, res))
	if res.StatusCode != http.StatusOK || strings.Contains(page, "<html") || !strings.Contains(page, "D001") {
		t.Errorf("%s:\n%s", res.Status, page)
	}
	if err := c.people.Logout(t.Context(), "demo", c.token()); err != nil {
		t.Fatal(err)
	}
	if res := c.post("/console/finish", form); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("after the session has ended: %s, want 401", res.Status)
	}
	c.header.Del(fragmentHeader)
	if res := c.post("/console/finish", form); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/login?ended=1" {
		t.Errorf("without script: %s to %q", res.Status, res.Header.Get("Location"))
	}
}

func TestConsoleNeedsLogin(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "pension", "", "", time.Minute)
	c := newClient(t, d)
	for action := range actions {
		if res := c.post("/console/"+action, url.Values{"seen": {"-/"}}); res.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s", action, res.Status)
		}
		if res := c.get("/console/" + action); res.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s, want 404", action, res.Status)
		}
	}
	if len(d.log) != 0 {
		t.Errorf("the desk was asked: %v", d.log)
	}
}

func TestConsoleHelpAndFaults(t *testing.T) {
	d := newFakeDesk(t)
	d.help = []queue.HelpCall{{ID: "h1", Terminal: "一楼大门口取号机", Page: "choose", At: d.now.Add(-70 * time.Second)}}
	d.faults = []queue.DeviceFault{
		{Terminal: "二楼取号机", Device: "printer", Fault: "paper-out", Since: d.now.Add(-2 * time.Hour)},
		{Terminal: "二楼取号机", Device: "reader", Fault: "something-new", Since: d.now},
	}
	c := newClient(t, d)
	c.login("w3")
	page := c.page("/console")
	wants(t, "strip", page, "有人请求帮忙 一楼大门口取号机 1 分钟前 我去", "打印机没有纸了 二楼取号机 2 小时 0 分前 请换一卷纸", "身份证阅读器有故障 二楼取号机 刚刚 请联系技术人员")
	lacks(t, "strip", page, "something-new", "choose")
	// Somebody else's press in between must not stop this one.
	if res := c.post("/console/help", url.Values{"id": {"h1"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("answer a call for help: %s", res.Status)
	}
	lacks(t, "afterwards", c.page("/console"), "请求帮忙")
}

func TestConsoleOddTickets(t *testing.T) {
	d := newFakeDesk(t)
	d.current["w3"] = &centralapi.Ticket{
		ID: "t", Label: "A7-03", Business: "gone", Item: "gone", State: centralapi.Started, PrintUnknown: true,
		IssuedAt: d.now.Add(-time.Minute), CalledAt: d.now, Calls: 1,
	}
	c := newClient(t, d)
	c.login("w3")
	wants(t, "console", c.page("/console"), "正在办理 A7-03 gone", "姓名 未登记", "小票可能没有打出来")
}

func TestConsoleSixty(t *testing.T) {
	d := newFakeDesk(t)
	for i := range 60 {
		d.take(i+1, "medical", "medical-away", "欧阳*示", time.Duration(60-i)*time.Minute)
	}
	c := newClient(t, d)
	c.login("w4")
	page := string(body(t, c.get("/console")))
	if n := strings.Count(page, `<li class="waiting-row">`); n != 60 {
		t.Errorf("%d rows, want 60", n)
	}
	if n := strings.Count(page, "wait long"); n != 31 {
		t.Errorf("%d rows marked as long waits, want 31 (30 to 60 minutes)", n)
	}
}

func TestWords(t *testing.T) {
	for _, code := range []string{
		"paper-out", "paper-near-end", "cover-open", "cutter", "head-hot", "offline", "absent", "busy", "denied", "not-serial", "card-left",
		"printer-error", "reader-error", "", "new",
	} {
		if what, cure := faultText(code); what == "" || cure == "" || strings.ContainsAny(what+cure, "abcdefghijklmnopqrstuvwxyz") {
			t.Errorf("faultText(%q) = %q, %q", code, what, cure)
		}
	}
	for name, want := range map[string]string{"3": "3 号窗口", "A12": "A12 号窗口", "综合": "综合窗口", "综合窗口": "综合窗口"} {
		if got := windowText(name); got != want {
			t.Errorf("windowText(%q) = %q, want %q", name, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "刚刚", 59 * time.Second: "刚刚", time.Minute: "1 分钟", 59*time.Minute + 59*time.Second: "59 分钟",
		time.Hour: "1 小时 0 分", 125 * time.Minute: "2 小时 5 分", -time.Minute: "刚刚",
	} {
		if got := waited(d); got != want {
			t.Errorf("waited(%v) = %q, want %q", d, got, want)
		}
	}
	if got := dateText(opening); got != "11月23日 星期一" {
		t.Errorf("dateText = %q", got)
	}
}
