//go:build unix

package central_test

import (
	"strings"
	"testing"
)

// byKeyboard: a clerk logs in, calls, looks at the number, finishes and leaves the
// window to a colleague without touching the mouse; the colleague goes on.
func byKeyboard(t *testing.T, b *browser) {
	d := startDemo(t)
	d.hire(t, clerkLogin)
	d.hire(t, "wang")
	d.hire(t, "guan")
	p := b.tab(t, b.profile(t), 1366, 768, false)

	p.open(d.URL() + "/login")
	p.until(patience, "the cursor is in the login", "document.activeElement.id === 'name'")
	p.typed(clerkLogin)
	p.pressed("Tab")
	p.typed(password)
	p.pressed("Enter")
	p.shows(patience, "h1", "选择窗口")
	p.picture("choose")
	p.until(patience, "the first window has the focus", "(document.querySelector('.tile').focus(), document.activeElement.value === 'w1')")
	p.pressed("Enter")
	p.shows(patience, ".bar", "1 号窗口")
	p.shows(patience, ".duty", "李示例 在岗")

	// The table of keys opens with the question mark, holds the keyboard, and goes.
	d.take(t, "hukou", true)
	d.take(t, "hukou", false)
	p.shows(quick, "#panel", "下一位 A001")
	p.pressed("?")
	p.until(quick, "the table of keys is open", "document.getElementById('keys').open")
	p.shows(quick, "#keys", "F2 叫号")
	p.legible()
	p.picture("keys")
	p.press("F2")
	p.pressed("Escape")
	p.until(quick, "the table of keys is closed", "!document.getElementById('keys').open")
	if numbers, _ := d.calls(t); numbers != 0 {
		t.Errorf("%d numbers called behind the table of keys", numbers)
	}
	p.pressed("?")
	p.until(quick, "open again", "document.getElementById('keys').open")
	p.pressed("?")
	p.until(quick, "closed again", "!document.getElementById('keys').open")

	use(p, "F2")
	p.shows(quick, "#number", "A001")
	lacksAll(t, "before it is asked for", p.source(), maskedID, "002X")
	use(p, "F6")
	p.shows(quick, ".serving", "证件号 "+maskedID)
	// Another change of the hall draws the panel again; the number stays.
	d.take(t, "hukou", false)
	p.shows(quick, ".list.waiting", "等候 2 人")
	p.shows(quick, ".serving", "证件号 "+maskedID)
	p.legible()
	p.picture("console")
	// Something is missing: the list is chosen, the number ends, the sheet is there.
	use(p, "F10")
	p.shows(patience, "h1", "A001 的办理结果")
	p.legible()
	p.until(quick, "only what this kind needs is shown", "!document.getElementById('due').checkVisibility() && !document.getElementById('others').checkVisibility()")
	p.until(quick, "the kind has the focus", "(document.querySelector('input[value=supplement]').focus(), true)")
	p.pressed(" ")
	p.until(quick, "the list can be written", "document.getElementById('others').checkVisibility() && !document.getElementById('due').checkVisibility()")
	p.legible()
	p.picture("result")
	p.until(quick, "the list has the focus", "(document.getElementById('others').focus(), true)")
	p.typed("户口簿原件")
	p.click("button.primary")
	p.shows(patience, "h1", "补正材料一次性告知书")
	p.shows(quick, "main", "户口簿原件")
	p.until(quick, "it can be printed", "!document.getElementById('print').hidden")
	p.legible()
	p.picture("sheet")
	p.click(".paper-bar .button")
	p.shows(patience, "#panel", "今天已办 1 人")
	use(p, "F2")
	p.shows(quick, "#number", "A002")

	// Away for lunch, with A002 at the window.
	p.press("F9")
	p.shows(patience, "h1", "离岗")
	p.shows(quick, "main", "窗口还有 A002 没有办完")
	p.legible()
	p.picture("leave")
	p.until(quick, "lunch is chosen", "(document.querySelector('input[name=reason][value=meal]').focus(), true)")
	p.pressed(" ")
	p.until(quick, "the colleague is chosen", "(document.querySelector('input[name=to]').focus(), true)")
	p.pressed(" ")
	p.until(quick, "both are chosen", "document.querySelectorAll('input:checked').length === 2")
	p.pressed("Enter")
	p.shows(patience, "h1", "选择窗口")
	p.shows(quick, ".tile[value=w1]", "等 王示例")

	other := b.tab(t, b.profile(t), 1920, 1080, false)
	d.enter(other, "wang", password)
	other.shows(patience, ".tile[value=w1]", "李示例 交给您")
	other.legible()
	other.click(".tile[value=w1]")
	other.shows(patience, ".duty", "王示例 在岗")
	other.shows(quick, "#number", "A002")
	use(other, "F8")
	other.shows(quick, "#panel", "今天已办 2 人")
	other.picture("console-wide")

	boss := b.tab(t, b.profile(t), 1366, 768, false)
	d.enter(boss, "guan", password)
	boss.until(patience, "the log-in is over", "location.pathname !== '/login' && document.readyState === 'complete'")
	boss.open(d.URL() + "/staff")
	boss.shows(patience, "h1", "在岗与账号")
	boss.shows(quick, "main", "李示例 就餐 王示例 1 个号码 王示例，")
	boss.legible()
	boss.picture("staff")
	boss.open(d.URL() + "/account")
	boss.legible()
	boss.picture("account")
	boss.open(d.URL() + "/login")
	boss.picture("login")
	boss.open(d.URL() + "/console")
	boss.shows(quick, "h1", "这个页面不归您的岗位")

	p.clean("the clerk", d.host(), nil)
	other.clean("the colleague", d.host(), nil)
	boss.clean("the manager", d.host(), func(c complaint) bool { return c.Source == "network" }) // the 403
	for name, it := range map[string]*tab{"clerk": p, "colleague": other, "manager": boss} {
		var over bool
		if err := it.try(&over, "document.documentElement.scrollWidth > innerWidth"); err != nil || over {
			t.Errorf("%s: something hangs over the edge (%v)", name, err)
		}
	}
}

// overtaken: what a button is answered with arrives after what the stream says of
// later changes, and must not hide them; nor must the stream's last part be forgotten
// when the state it shows comes back.
func overtaken(t *testing.T, b *browser) {
	d := startDemo(t)
	p := b.tab(t, b.profile(t), 1366, 768, false)
	d.login(p)
	d.take(t, "hukou", false)
	p.shows(quick, "#panel", "下一位 A001")
	// Answers are held back until the test lets them go.
	if err := p.try(nil, `(() => {
		const real = window.fetch;
		const go = new Promise(done => { window.letGo = done; });
		window.fetch = async (...args) => {
			const answer = await real(...args);
			window.held = true;
			await go;
			return answer;
		};
	})()`); err != nil {
		t.Fatal(err)
	}
	use(p, "F2")
	p.until(quick, "the answer is there", "window.held")
	p.shows(quick, "#number", "A001") // by the stream
	d.take(t, "hukou", false)
	p.shows(quick, ".list.waiting", "A002")
	if err := p.try(nil, "window.letGo()"); err != nil {
		t.Fatal(err)
	}
	p.until(quick, "the buttons can be pressed again", "!document.getElementById('panel').hasAttribute('aria-busy') && !document.getElementById('key-finish').disabled")
	if list := p.text(".list.waiting"); !strings.Contains(list, "A002") {
		t.Errorf("after the late answer the console shows %q, without A002", list)
	}
	p.clean("console", d.host(), nil)
}
