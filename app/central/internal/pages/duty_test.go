package pages

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

// twin is another browser on the same site.
func (c *client) twin() *client {
	return &client{t: c.t, site: c.site, people: c.people, header: http.Header{}}
}

// TestHandOver: A leaves the window to B with a number open, B goes on with it, and the
// manager sees who, when, why and what.
func TestHandOver(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "pension", "", "测*员", time.Minute)
	a := newClient(t, d)
	b := a.twin()
	wang := idOf(t, a.people, "wang")
	a.login("w3")
	a.press("call", "")

	form := string(body(t, a.get("/console/leave")))
	wants(t, "form", form, "窗口还有 D001 没有办完", "王示例", "短时离开", "就餐", "开会", "外出办事", "请假", "交接班")
	lacks(t, "form", form, `value="close"`, "李示例</span>")

	// With a number open the window cannot be closed, nor left to nobody or a stranger.
	for _, tc := range []struct {
		to, reason string
		status     int
		want       string
	}{
		{"close", "meal", http.StatusConflict, "还有号码没有办完"},
		{"", "meal", http.StatusUnprocessableEntity, "请选择谁来接替"},
		{wang, "", http.StatusUnprocessableEntity, "请选择离岗原因"},
		{wang, "no-such", http.StatusUnprocessableEntity, "请选择离岗原因"},
		{"s99", "meal", http.StatusUnprocessableEntity, "请选择能在这个窗口办理的同事"},
		{idOf(t, a.people, clerkLogin), "meal", http.StatusUnprocessableEntity, "请选择能在这个窗口办理的同事"},
		{idOf(t, a.people, "guan"), "meal", http.StatusUnprocessableEntity, "请选择能在这个窗口办理的同事"},
	} {
		res := a.post("/console/leave", url.Values{"to": {tc.to}, "reason": {tc.reason}})
		if res.StatusCode != tc.status {
			t.Errorf("to %q because %q: %s, want %d", tc.to, tc.reason, res.Status, tc.status)
		}
		wants(t, "refusal", text(t, res), tc.want)
	}
	wants(t, "still there", a.page("/console"), "已叫号 D001")

	// B cannot come while A is there.
	b.enter("wang")
	wants(t, "choose", b.page("/console"), "李示例 在岗")
	if res := b.post("/console/window", url.Values{"window": {"w3"}}); res.StatusCode != http.StatusConflict {
		t.Errorf("B sits down beside A: %s", res.Status)
	} else {
		wants(t, "refusal", text(t, res), "李示例正在这个窗口，请先交接。")
	}

	if res := a.post("/console/leave", url.Values{"to": {wang}, "reason": {"meal"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("leave: %s", res.Status)
	}
	wants(t, "A afterwards", a.page("/console"), "选择窗口", "等 王示例")
	d.pass(3 * time.Minute)
	boss := a.twin()
	boss.enter("guan")
	wants(t, "meanwhile", boss.page("/staff"), "李示例 已离岗，等 王示例 接替，3 分钟", "还没有人")
	// A's old buttons do nothing any more.
	if res := a.post("/console/finish", url.Values{"id": {"ticket-D001"}}); res.Header.Get("Location") != "/console" || d.count("finished ticket-D001") != 0 {
		t.Errorf("A finishes after leaving: %s", res.Status)
	}

	wants(t, "B's windows", b.page("/console"), "李示例 交给您")
	if res := b.post("/console/window", url.Values{"window": {"w3"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("B sits down: %s", res.Status)
	}
	wants(t, "B goes on", b.page("/console"), "王示例 在岗", "已叫号 D001")
	b.press("finish", "ticket-D001")
	if d.count("finished ticket-D001") != 1 {
		t.Error("B cannot finish what A has called")
	}
	wants(t, "record", boss.page("/staff"), "10:30 3 号窗口 李示例 就餐 王示例 1 个号码 王示例，10:33", "现在在岗 1 个窗口", "王示例 10:33")
}

// TestCloseWindow: nobody comes, and the next one who sits down opens it again.
func TestCloseWindow(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	c.login("w3")
	wants(t, "form", c.page("/console/leave"), "没有其他同事的账号能在这个窗口办理", "没有人，关闭窗口")
	if res := c.post("/console/leave", url.Values{"to": {closeWindow}, "reason": {"short"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("leave: %s", res.Status)
	}
	if res := c.post("/console/leave", url.Values{"to": {closeWindow}, "reason": {"short"}}); res.Header.Get("Location") != "/console" {
		t.Errorf("leave twice: %s", res.Status)
	}
	if res := c.get("/console/leave"); res.Header.Get("Location") != "/console" {
		t.Errorf("the form at no window: %s", res.Status)
	}
	boss := c.twin()
	boss.enter("guan")
	wants(t, "closed", boss.page("/staff"), "李示例 短时离开 关闭窗口 没有 还没有人", "现在在岗 0 个窗口")
	lacks(t, "closed", boss.page("/staff"), "接替，")
	if res := c.post("/console/window", url.Values{"window": {"w3"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("sit again: %s", res.Status)
	}
	wants(t, "open again", boss.page("/staff"), "李示例，10:30", "现在在岗 1 个窗口")
}

// TestOneWindowEach: another window only after leaving this one; the same account on
// another computer takes its window along.
func TestOneWindowEach(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	c.login("w3")
	if res := c.post("/console/window", url.Values{"window": {"w4"}}); res.StatusCode != http.StatusConflict {
		t.Errorf("a second window: %s", res.Status)
	}
	if res := c.post("/console/window", url.Values{"window": {"w3"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("the window it is at: %s", res.Status)
	}
	for _, window := range []string{"w99", "../w3", ""} {
		if res := c.twin().post("/console/window", url.Values{"window": {window}}); res.StatusCode != http.StatusSeeOther {
			t.Errorf("window %q of nobody: %s", window, res.Status)
		}
		if res := c.post("/console/window", url.Values{"window": {window}}); res.StatusCode < 400 {
			t.Errorf("window %q: %s", window, res.Status)
		}
	}
	other := c.twin()
	other.login("w3")
	wants(t, "the new computer", other.page("/console"), "3 号窗口", "在岗")
	wants(t, "the old computer", c.page("/console"), "选择窗口")
}

// TestReveal: the number is shown to whoever asks, for this number only, and the
// ledger tells.
func TestReveal(t *testing.T) {
	const number = "110***********231X"
	d := newFakeDesk(t)
	d.take(1, "pension", "", "测*员", time.Minute)
	d.take(2, "pension", "", "", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	c.press("call", "")
	page := c.page("/console")
	wants(t, "before", page, "测*员", "核对证件号 F6")
	lacks(t, "before", page, number)

	c.header.Set(fragmentHeader, "1")
	res := c.post("/console/reveal", url.Values{"seen": {"old"}, "id": {"ticket-D001"}})
	lacks(t, "a stale press", string(body(t, res)), number)
	c.header.Del(fragmentHeader)
	if res := c.press("reveal", "ticket-D002"); res.StatusCode != http.StatusConflict {
		t.Errorf("another ticket's number: %s", res.Status)
	}
	lacks(t, "still before", c.page("/console"), number)
	if res := c.press("reveal", "ticket-D001"); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("reveal: %s", res.Status)
	}
	page = c.page("/console")
	wants(t, "after", page, number)
	lacks(t, "after", page, "核对证件号 F6")

	// Whoever takes over has to ask again.
	wang := idOf(t, c.people, "wang")
	c.post("/console/leave", url.Values{"to": {wang}, "reason": {"short"}})
	b := c.twin()
	b.enter("wang")
	b.post("/console/window", url.Values{"window": {"w3"}})
	lacks(t, "the colleague", b.page("/console"), number)
	b.press("finish", "ticket-D001")
	b.press("call", "")
	page = b.page("/console")
	wants(t, "somebody without a number", page, "D002")
	lacks(t, "somebody without a number", page, "核对证件号 F6")
	if res := b.press("reveal", "ticket-D002"); res.StatusCode != http.StatusConflict {
		t.Errorf("a number that is not there: %s", res.Status)
	}
}

// TestHelpOfKeys: every key that the overlay names is on a button, and the other way
// round.
func TestHelpOfKeys(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "pension", "", "测*员", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	c.press("call", "")
	d.mu.Lock()
	d.help = append(d.help, helpCall())
	d.current["w3"].State = centralapi.Called
	d.mu.Unlock()
	page := string(body(t, c.get("/console")))
	d.mu.Lock()
	d.held["w3"] = []centralapi.Ticket{{ID: "x", Label: "D007"}} // which can be resumed at an idle window
	delete(d.current, "w3")
	d.mu.Unlock()
	page += string(body(t, c.get("/console")))
	_, overlay, _ := strings.Cut(page, `<dialog`)
	overlay, _, _ = strings.Cut(overlay, `</dialog>`)
	onPage, inTable := map[string]bool{}, map[string]bool{"?": true, "ESC": true}
	for _, m := range regexp.MustCompile(`data-key="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		onPage[strings.ToUpper(m[1])] = true
	}
	for _, m := range regexp.MustCompile(`<kbd>([^<]+)</kbd>`).FindAllStringSubmatch(overlay, -1) {
		inTable[strings.ToUpper(m[1])] = true
	}
	onPage["?"], onPage["ESC"] = true, true // open and close the table itself
	if !maps.Equal(onPage, inTable) || len(onPage) < 18 {
		t.Errorf("on the page %v, in the table %v", slices.Sorted(maps.Keys(onPage)), slices.Sorted(maps.Keys(inTable)))
	}
}
