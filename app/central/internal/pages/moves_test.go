package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/centralapi"
)

// What the desk of these tests does with a number besides calling it: no rules but
// that the number must be where it is taken from.

// leave takes the number away from a window.
func (d *fakeDesk) leave(windowID, ticketID string) (centralapi.Ticket, error) {
	t := d.current[windowID]
	if t == nil || t.ID != ticketID {
		return centralapi.Ticket{}, cmpErr(nil)
	}
	delete(d.current, windowID)
	return *t, nil
}

// move carries out one step on the number at a window.
func (d *fakeDesk) move(windowID, ticketID, entry string, then func(t *centralapi.Ticket)) (centralapi.Ticket, error) {
	unlock, err := d.enter("%s", entry)
	defer unlock()
	if err != nil {
		return centralapi.Ticket{}, err
	}
	t, err := d.leave(windowID, ticketID)
	if err == nil {
		then(&t)
		d.changed()
	}
	return t, err
}

func (d *fakeDesk) Start(_ context.Context, _, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.move(windowID, ticketID, "start "+ticketID, func(t *centralapi.Ticket) {
		t.State = centralapi.Started
		d.current[windowID] = t
	})
}

func (d *fakeDesk) Hold(_ context.Context, _, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.move(windowID, ticketID, "hold "+ticketID, func(t *centralapi.Ticket) {
		t.State = centralapi.Held
		d.held[windowID] = append(d.held[windowID], *t)
	})
}

func (d *fakeDesk) Resume(_ context.Context, _, windowID, ticketID string) (centralapi.Ticket, error) {
	unlock, err := d.enter("resume %s", ticketID)
	defer unlock()
	at := slices.IndexFunc(d.held[windowID], func(t centralapi.Ticket) bool { return t.ID == ticketID })
	if err != nil || at < 0 || d.current[windowID] != nil {
		return centralapi.Ticket{}, cmpErr(err)
	}
	t := d.held[windowID][at]
	d.held[windowID] = slices.Delete(d.held[windowID], at, at+1)
	t.State = centralapi.Called
	d.current[windowID] = &t
	d.announce(&t)
	return t, nil
}

func (d *fakeDesk) Return(_ context.Context, _, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.move(windowID, ticketID, "return "+ticketID, func(t *centralapi.Ticket) {
		t.State, t.Window = centralapi.Issued, ""
		d.waiting = slices.Insert(d.waiting, 0, *t)
	})
}

func (d *fakeDesk) Transfer(_ context.Context, _, windowID, ticketID string, to queue.TransferTo) (centralapi.Ticket, error) {
	return d.move(windowID, ticketID, fmt.Sprintf("transfer %s to %s%s", ticketID, to.Business, to.Window), func(t *centralapi.Ticket) {
		t.State, t.Window = centralapi.Issued, ""
		if to.Business != "" {
			t.Business = to.Business
		}
		d.waiting = slices.Insert(d.waiting, 0, *t)
	})
}

func (d *fakeDesk) WrongMatter(_ context.Context, _, windowID, ticketID string, to queue.TransferTo, reason string) (centralapi.Ticket, error) {
	return d.move(windowID, ticketID, fmt.Sprintf("wrong %s to %s%s: %s", ticketID, to.Business, to.Window, reason), func(t *centralapi.Ticket) {
		if to != (queue.TransferTo{}) {
			t.State, t.Business = centralapi.Issued, to.Business
			d.waiting = slices.Insert(d.waiting, 0, *t)
			return
		}
		t.State = centralapi.Cancelled
		d.done[windowID] = slices.Insert(d.done[windowID], 0, queue.DoneTicket{Ticket: *t, At: d.now})
	})
}

func (d *fakeDesk) Reenter(_ context.Context, _, windowID, ticketID string) (centralapi.Ticket, error) {
	unlock, err := d.enter("reenter %s", ticketID)
	defer unlock()
	at := slices.IndexFunc(d.missed, func(t centralapi.Ticket) bool { return t.ID == ticketID })
	if err != nil || at < 0 {
		return centralapi.Ticket{}, cmpErr(err)
	}
	t := d.missed[at]
	d.missed = slices.Delete(d.missed, at, at+1)
	t.State, t.CameBack = centralapi.Issued, true
	d.waiting = append(d.waiting, t)
	d.changed()
	return t, nil
}

func (d *fakeDesk) Prioritise(_ context.Context, _, _, ticketID string, class centralapi.TicketClass, reason string) (centralapi.Ticket, error) {
	unlock, err := d.enter("class %q for %s: %s", class, ticketID, reason)
	defer unlock()
	for i := range d.waiting {
		if t := &d.waiting[i]; t.ID == ticketID && err == nil {
			t.Class, t.ClassReason = class, reason
			d.changed()
			return *t, nil
		}
	}
	return centralapi.Ticket{}, cmpErr(err)
}

func (d *fakeDesk) Why(_ context.Context, _, first, second string) (string, error) {
	unlock, err := d.enter("why %s before %s", first, second)
	defer unlock()
	if first == "Z999" {
		return "", centralapi.Refuse(centralapi.CodeNotFound, "今天没有 Z999 这个号码。")
	}
	return fmt.Sprintf("%s 取号早，所以比 %s 先叫。", first, second), err
}

func (d *fakeDesk) CloseWindow(_ context.Context, _, by, windowID, why string) error {
	unlock, err := d.enter("%s closes %s: %s", by, windowID, why)
	defer unlock()
	if err == nil {
		d.closed[windowID] = why
		d.changed()
	}
	return err
}

func (d *fakeDesk) OpenWindow(_ context.Context, _, by, windowID string) error {
	unlock, err := d.enter("%s opens %s", by, windowID)
	defer unlock()
	delete(d.closed, windowID)
	d.changed()
	return err
}

func (d *fakeDesk) CloseBusiness(_ context.Context, _, by, business, why string) error {
	unlock, err := d.enter("%s closes %s: %s", by, business, why)
	defer unlock()
	if _, ok := d.hall.Business(business); !ok {
		return centralapi.Refuse(centralapi.CodeUnknownBusiness, "本大厅没有这项业务。")
	}
	d.paused[business] = why
	return err
}

func (d *fakeDesk) OpenBusiness(_ context.Context, _, by, business string) error {
	unlock, err := d.enter("%s opens %s", by, business)
	defer unlock()
	delete(d.paused, business)
	return err
}

func (d *fakeDesk) Closings(context.Context, string) (queue.Closings, error) {
	unlock, err := d.enter("closings")
	defer unlock()
	var c queue.Closings
	for id, why := range d.closed {
		c.Windows = append(c.Windows, queue.Closing{ID: id, Why: why, Since: d.now})
	}
	for id, why := range d.paused {
		c.Businesses = append(c.Businesses, queue.Closing{ID: id, Why: why, Since: d.now.Add(-24 * time.Hour)})
	}
	return c, err
}

// pressOn posts a form that carries what the console has shown.
func (c *client) pressOn(target, id string, form url.Values) *http.Response {
	c.t.Helper()
	form.Set("seen", c.seen())
	form.Set("id", id)
	return c.post(target, form)
}

// back follows the way back to the console and returns what it says.
func (c *client) back(res *http.Response) string {
	c.t.Helper()
	to := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/console?did=") {
		c.t.Fatalf("%s to %q\n%s", res.Status, to, text(c.t, res))
	}
	return c.page(to)
}

// atWindow3 has a clerk at window 3 with a number in front of them and others waiting.
func atWindow3(t *testing.T) (*fakeDesk, *client) {
	t.Helper()
	d := newFakeDesk(t)
	d.take(1, "pension", "", "李*例", 12*time.Minute)
	d.take(2, "pension", "", "", 9*time.Minute)
	d.take(3, "pension", "", "", 3*time.Minute)
	c := newClient(t, d)
	c.login("w3")
	c.press("call", "")
	return d, c
}

func TestConsoleStart(t *testing.T) {
	_, c := atWindow3(t)
	page := c.page("/console")
	wants(t, "called", page, "已叫号", "开始办理 K", "挂起 G", "转办 Z", "退回队列 T", "取错事项 Q")
	c.press("start", "ticket-D001")
	page = c.page("/console")
	wants(t, "started", page, "正在办理")
	lacks(t, "started", strings.Replace(page, "开始办理：人到了", "", 1), "开始办理")
}

func TestConsoleHoldAndResume(t *testing.T) {
	d, c := atWindow3(t)
	wants(t, "held", text(t, c.press("hold", "ticket-D001")), "D001 已经挂起", "窗口空闲", "下一位 D002", "挂起 1 人 D001", "恢复 H")
	c.press("call", "")
	page := c.page("/console")
	wants(t, "another one", page, "已叫号 D002", "挂起 1 人 D001")
	lacks(t, "another one", page, "恢复 H")
	c.press("finish", "ticket-D002")
	c.press("resume", "ticket-D001")
	page = c.page("/console")
	wants(t, "back", page, "已叫号 D001")
	lacks(t, "back", page, "挂起 1 人")

	// Three are enough.
	d.held["w3"] = []centralapi.Ticket{{ID: "x", Label: "D007"}, {ID: "y", Label: "D008"}, {ID: "z", Label: "D009"}}
	lacks(t, "three held", string(body(t, c.get("/console"))), `action="/console/hold"`)
	c.press("finish", "ticket-D001")
	if source := string(body(t, c.get("/console"))); strings.Count(source, `action="/console/resume"`) != 3 || strings.Count(source, `data-key="h"`) != 1 {
		t.Error("each held number has a button, and only the oldest the key")
	}
}

// TestConsoleStaleAfterHold: a press that was made on the idle window before a number
// was called and put aside calls nobody.
func TestConsoleStaleAfterHold(t *testing.T) {
	d := newFakeDesk(t)
	for n := range 3 {
		d.take(n+1, "pension", "", "", time.Minute)
	}
	c := newClient(t, d)
	c.login("w3")
	old := c.seen()
	c.press("call", "")
	c.press("hold", "ticket-D001")
	if res := c.post("/console/call", url.Values{"seen": {old}}); res.StatusCode != http.StatusConflict || d.count("call w3") != 1 {
		t.Errorf("%s, called %d times", res.Status, d.count("call w3"))
	}
}

func TestConsoleReturn(t *testing.T) {
	_, c := atWindow3(t)
	wants(t, "returned", text(t, c.press("return", "ticket-D001")), "D001 已经退回队列", "下一位 D001")
}

func TestConsoleTransfer(t *testing.T) {
	d, c := atWindow3(t)
	page := c.page("/console/transfer")
	wants(t, "form", page, "转办", "D001", "养老待遇", "李*例 等了 12 分钟", "户口登记与迁移 1、2 号窗口", "5 号窗口 企业与综合区")
	if res := c.pressOn("/console/transfer", "ticket-D001", url.Values{}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("nowhere: %s", res.Status)
	} else {
		wants(t, "nowhere", text(t, res), "请选择转到哪里。")
	}
	for _, nonsense := range []string{"business:", "window", "elsewhere:w1", ":"} {
		if res := c.pressOn("/console/transfer", "ticket-D001", url.Values{"to": {nonsense}}); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("to %q: %s", nonsense, res.Status)
		}
	}
	seen := c.seen()
	wants(t, "moved", c.back(c.pressOn("/console/transfer", "ticket-D001", url.Values{"to": {"business:hukou"}})), "已经转过去了", "窗口空闲", "下一位 D002")
	// The same form sent again, from the page that is still open elsewhere.
	res := c.post("/console/transfer", url.Values{"to": {"business:hukou"}, "seen": {seen}, "id": {"ticket-D001"}})
	if res.StatusCode != http.StatusConflict || d.count("transfer ticket-D001 to hukou") != 1 {
		t.Errorf("again: %s, %d times", res.Status, d.count("transfer ticket-D001 to hukou"))
	}
	// Nobody is there to be handed on.
	if to := c.get("/console/transfer").Header.Get("Location"); to != "/console?did=gone" {
		t.Errorf("without a number: %q", to)
	}
	c.press("call", "")
	c.back(c.pressOn("/console/transfer", "ticket-D002", url.Values{"to": {"window:w5"}}))
	if d.count("transfer ticket-D002 to w5") != 1 {
		t.Errorf("to a window: %v", d.log)
	}
}

func TestConsoleWrongMatter(t *testing.T) {
	d, c := atWindow3(t)
	wants(t, "form", c.page("/console/wrong"), "取错事项", "选错了业务", "不在这里办 这个号码到此结束", "转到户口登记与迁移")
	for name, form := range map[string]url.Values{
		"no reason":             {"to": {endHere}},
		"a reason of their own": {"to": {endHere}, "reason": {"因为"}},
		"other, without words":  {"to": {endHere}, "reason": {other}},
		"words too long":        {"to": {endHere}, "reason": {other}, "words": {strings.Repeat("长", maxWords+1)}},
		"nowhere":               {"reason": {"选错了业务"}},
	} {
		if res := c.pressOn("/console/wrong", "ticket-D001", form); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", name, res.Status)
		} else if form.Has("words") && !strings.Contains(string(body(t, res)), form.Get("words")) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	wants(t, "ended", c.back(c.pressOn("/console/wrong", "ticket-D001", url.Values{"to": {endHere}, "reason": {"要到别的单位办"}, "words": {" 去  税务局 "}})), "按取错事项结束", "D001 养老待遇 取消")
	c.press("call", "")
	c.back(c.pressOn("/console/wrong", "ticket-D002", url.Values{"to": {"business:hukou"}, "reason": {other}, "words": {"听错了"}}))
	for _, want := range []string{"wrong ticket-D001 to : 要到别的单位办：去 税务局", "wrong ticket-D002 to hukou: 听错了"} {
		if d.count(want) != 1 {
			t.Errorf("no %q in %q", want, d.log)
		}
	}
}

func TestConsoleMissedComeBack(t *testing.T) {
	d, c := atWindow3(t)
	d.missed = []centralapi.Ticket{{ID: "m1", Label: "D044", Business: "pension", State: centralapi.NoShow, CalledAt: d.now}}
	wants(t, "list", c.page("/console"), "今天已办 0 人 过号可以回来的 1 人 D044 养老待遇 过号 重排")
	page := text(t, c.press("reenter", "m1"))
	wants(t, "back", page, "D044 已经重新排队。", "等候 3 人")
	lacks(t, "back", page, "可以回来的")

	// Passed over here: in one row, not in two.
	c.press("no-show", "ticket-D001")
	d.missed = []centralapi.Ticket{d.done["w3"][0].Ticket}
	if n := strings.Count(c.page("/console"), "D001"); n != 1 {
		t.Errorf("D001 stands there %d times", n)
	}
}

func TestConsoleWhyAndClass(t *testing.T) {
	d, c := atWindow3(t)
	source := string(body(t, c.get("/console")))
	wants(t, "rows", source, `href="/console/number/ticket-D002"`, `href="/console/why"`)

	wants(t, "the next", c.page("/console/number/ticket-D002"), "D002", "排第 1 位", "D001 取号早，所以比 D002 先叫。", "绿色通道", "预约", "老年人")
	page := c.page("/console/number/ticket-D003")
	wants(t, "a later one", page, "排第 2 位", "D001 取号早，所以比 D003 先叫。")
	if to := c.get("/console/number/nothing").Header.Get("Location"); to != "/console?did=gone" {
		t.Errorf("a number that does not wait: %q", to)
	}

	for name, form := range map[string]url.Values{
		"no class":   {"reason": {"孕妇"}},
		"no reason":  {"class": {"priority"}},
		"new class":  {"class": {"vip"}, "reason": {"孕妇"}},
		"only words": {"class": {"priority"}, "words": {"孕妇"}},
	} {
		form.Set("id", "ticket-D003")
		if res := c.post("/console/prioritise", form); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
	wants(t, "raised", c.back(c.post("/console/prioritise", url.Values{"id": {"ticket-D003"}, "class": {"priority"}, "reason": {"孕妇"}})), "已经改好", "D003 绿色通道")
	page = c.page("/console/number/ticket-D003")
	wants(t, "the raised one", page, "优先原因：孕妇", "普通")
	c.back(c.post("/console/prioritise", url.Values{"id": {"ticket-D003"}, "class": {"ordinary"}, "reason": {"弄错了"}}))
	if d.count(`class "" for ticket-D003: 弄错了`) != 1 {
		t.Errorf("taken back: %q", d.log)
	}

	wants(t, "question", c.page("/console/why"), "为什么先叫", "先叫的号码", "问的人的号码")
	wants(t, "answer", c.page("/console/why?first=+d001&second=d+003"), "D001 取号早，所以比 D003 先叫。")
	res := c.get("/console/why?first=Z999&second=D001")
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("a number that is not there: %s", res.Status)
	}
	wants(t, "no answer", text(t, res), "今天没有 Z999 这个号码。")
}

func TestConsolePause(t *testing.T) {
	d, c := atWindow3(t)
	d.held["w3"] = []centralapi.Ticket{{ID: "x", Label: "D007"}}
	wants(t, "form", c.page("/console/pause"), "D001 还在办", "挂起的 1 个号码会回到队列")
	for name, form := range map[string]url.Values{"nothing": {}, "too long": {"words": {strings.Repeat("长", maxWords+1)}}} {
		if res := c.post("/console/pause", form); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
	wants(t, "closed", c.back(c.post("/console/pause", url.Values{"words": {"打印机坏了"}})), "窗口已经暂停", "窗口已暂停 打印机坏了", "重新打开")
	c.press("finish", "ticket-D001")
	source := string(body(t, c.get("/console")))
	if !strings.Contains(source, `data-key="F2" aria-keyshortcuts="F2" disabled`) {
		t.Error("a closed window can call")
	}
	lacks(t, "closed", source, `action="/console/resume"`)
	wants(t, "form", c.page("/console/pause"), "窗口已暂停 3 号窗口", "打印机坏了", "重新打开")
	if res := c.post("/console/open", url.Values{}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("open: %s", res.Status)
	}
	lacks(t, "open", c.page("/console"), "窗口已暂停")
}

// TestConsoleDoneSentences: what the console says after another page is one of ours,
// whatever stands in the address.
func TestConsoleDoneSentences(t *testing.T) {
	_, c := atWindow3(t)
	for what, sentence := range doneText {
		wants(t, what, c.page("/console?did="+what), sentence)
	}
	lacks(t, "forged", c.page("/console?did=<b>Ihr+Konto</b>"), "Konto", "message")
}

// TestConsoleEscapesReasons: words of staff stay words.
func TestConsoleEscapesReasons(t *testing.T) {
	d, c := atWindow3(t)
	d.waiting[0].Class, d.waiting[0].ClassReason = centralapi.Priority, attack
	d.current["w3"].Class, d.current["w3"].ClassReason = "<i>new</i>", attack
	d.closed["w3"] = attack
	for _, target := range []string{"/console", "/console/number/ticket-D002", "/console/pause", "/console/why?first=" + url.QueryEscape(attack) + "&second=" + url.QueryEscape(attack)} {
		if page := string(body(t, c.get(target))); strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") || strings.Contains(page, "<SCRIPT>") || strings.Contains(page, "<i>new") {
			t.Errorf("%s: words become markup", target)
		}
	}
	res := c.pressOn("/console/wrong", "ticket-D001", url.Values{"to": {"business:" + attack}, "words": {attack}})
	if page := string(body(t, res)); strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;") {
		t.Errorf("typed words become markup, or are lost: %s", res.Status)
	}
}

// TestManagerCloses: a manager closes a window and a business from afar, with a
// sentence, and opens them again.
func TestManagerCloses(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	c.enter("guan")
	wants(t, "way there", string(body(t, c.get("/staff"))), `href="/staff/closings?hall=demo"`)
	wants(t, "open", c.page(closingsPage), "窗口 6 个", "3 号窗口 社会保障区", "养老待遇 3 号窗口")
	set := func(kind, id, do, words string) *http.Response {
		return c.post(closingsPage, url.Values{"kind": {kind}, "id": {id}, "do": {do}, "words": {words}})
	}
	for name, res := range map[string]*http.Response{
		"without a reason": set("window", "w3", "close", " "), "too long": set("business", "pension", "close", strings.Repeat("长", maxWords+1)),
		"neither": set("window", "w3", "", "x"), "nothing": set("area", "a", "close", "x"),
	} {
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
	if res := set("business", "none", "close", "x"); res.StatusCode < 400 || res.StatusCode >= 500 {
		t.Errorf("a business that is not there: %s", res.Status)
	}
	if len(d.closed)+len(d.paused) != 0 {
		t.Fatalf("closed: %v %v", d.closed, d.paused)
	}
	set("window", "w3", "close", "设备检修")
	if res := set("business", "pension", "close", attack); res.Header.Get("Location") != closingsPage+"?did=closed" {
		t.Errorf("closed: %s to %q", res.Status, res.Header.Get("Location"))
	}
	source := string(body(t, c.get(closingsPage+"?did=closed")))
	lacks(t, "what was typed", source, "<script>alert", "<img src=x")
	wants(t, "closed", c.page(closingsPage+"?did=closed"), "已经关闭。", "3 号窗口 社会保障区 已关闭 10:30 起 设备检修 打开", "养老待遇 3 号窗口 已关闭 11月22日 10:30 起")
	set("window", "w3", "open", "")
	set("business", "pension", "open", "")
	lacks(t, "open again", c.page(closingsPage), "已关闭")
}

// TestLeaveWithNumbersAside: what a window has put aside goes back when nobody comes
// after, and stays for a colleague.
func TestLeaveWithNumbersAside(t *testing.T) {
	for _, to := range []string{closeWindow, "wang"} {
		d := newFakeDesk(t)
		c := newClient(t, d)
		hire(t, c.people, "wang")
		c.login("w3")
		d.held["w3"] = []centralapi.Ticket{{ID: "x", Label: "D007"}}
		wants(t, "form", c.page("/console/leave"), "挂起的 1 个号码留给接替的同事")
		form := url.Values{"to": {to}, "reason": {"meal"}}
		if to != closeWindow {
			form.Set("to", accountOf(t, c, to))
		}
		if res := c.post("/console/leave", form); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("leave to %s: %s\n%s", to, res.Status, text(t, res))
		}
		want := 0
		if to == closeWindow {
			want = 1
		}
		by := "staff:" + accountOf(t, c, clerkLogin)
		if closed, opened := d.count(by+" closes w3: 没有人接替，离岗"), d.count(by+" opens w3"); closed != want || opened != want {
			t.Errorf("leave to %s: closed %d times and opened %d, want %d", to, closed, opened, want)
		}
	}
}

// TestPhoneOfMovedNumbers: what the holder of a number reads while it is put aside,
// after it was handed on to one window, and when it was taken for another matter.
func TestPhoneOfMovedNumbers(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	held := phoneTicketAt(d, centralapi.Held)
	d.show(held)
	page := c.page("/t/demo/" + phoneID)
	window, _ := d.hall.Window(held.Window)
	wants(t, "held", page, "先等一等", "请不要走远，"+windowText(window.Name)+"会再叫您")
	lacks(t, "held", page, "请到 "+windowText(window.Name))
	wants(t, "held, in English", c.page("/t/demo/"+phoneID+"?lang=en"), "will call you again")

	moved := phoneTicketAt(d, centralapi.Issued)
	moved.Window, moved.ForWindow = "", "w5"
	d.show(moved)
	wants(t, "handed on", c.page("/t/demo/"+phoneID), "等候中", "窗口 5 号窗口")

	wrong := phoneTicketAt(d, centralapi.Cancelled)
	wrong.Reason = wrongMatter
	d.show(wrong)
	wants(t, "another matter", c.page("/t/demo/"+phoneID), "取错了事项，这个号码已结束")
}
