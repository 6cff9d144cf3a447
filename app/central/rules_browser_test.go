//go:build unix

package central_test

import (
	"fmt"
	"strings"
	"testing"
)

// letter presses a letter key of the console as soon as its button can be pressed.
func letter(p *tab, key string) {
	p.t.Helper()
	p.until(patience, key+" can be pressed", fmt.Sprintf("(it => it && !it.disabled)(document.querySelector('[data-key=%s]'))", key))
	p.pressed(key)
}

// arrives waits for a page that another one leads to, all of it.
func (p *tab) arrives(selector, words string) {
	p.t.Helper()
	p.shows(patience, selector, words)
	p.until(patience, "the page is whole", "document.readyState === 'complete'")
}

// TestConsoleRules: what a clerk does with numbers besides calling and finishing them,
// by keyboard, and once more in a browser without scripts.
func TestConsoleRules(t *testing.T) {
	b := startBrowser(t)
	t.Run("by letters", func(t *testing.T) { byLetters(t, b) })
	t.Run("without scripts", func(t *testing.T) { rulesWithoutScripts(t, b) })
}

func byLetters(t *testing.T, b *browser) {
	d := startDemo(t)
	p := b.tab(t, b.profile(t), 1366, 768, false)
	d.login(p)
	for range 4 {
		d.take(t, "hukou", false)
	}
	p.shows(patience, "#panel", "下一位 A001")

	// Put aside, with another one in between.
	use(p, "F2")
	p.shows(patience, "#number", "A001")
	letter(p, "g")
	p.shows(patience, "#toast", "A001 已经挂起")
	p.shows(patience, ".list.held", "挂起 1 人 A001")
	use(p, "F2")
	p.shows(patience, "#number", "A002")
	letter(p, "k")
	p.shows(patience, ".state", "正在办理")
	p.until(patience, "the button has gone", "!document.querySelector('[data-key=k]')")

	// Back into the queue asks twice, and goes on asking when the panel is drawn anew.
	letter(p, "t")
	p.shows(patience, "[data-key=t]", "再按一次")
	d.take(t, "hukou", false)
	p.shows(patience, ".list.waiting", "等候 3 人")
	p.shows(patience, "[data-key=t]", "再按一次")
	p.shows(patience, ".state", "正在办理")
	p.until(patience, "the question is over", "!document.querySelector('[data-key=t][data-armed]')") // one press did nothing
	p.shows(patience, ".state", "正在办理")
	letter(p, "t")
	p.shows(patience, "[data-key=t]", "再按一次")
	letter(p, "t")
	p.shows(patience, "#toast", "A002 已经退回队列")
	p.shows(patience, "#panel", "下一位 A002")

	letter(p, "h")
	p.shows(patience, "#number", "A001")
	use(p, "F8")
	p.shows(patience, "#panel", "今天已办 1 人")

	// Passed over, and let in again.
	use(p, "F2")
	p.shows(patience, "#number", "A002")
	use(p, "F4")
	p.shows(patience, "#key-no-show", "再按一次")
	use(p, "F4")
	p.shows(patience, ".list.done", "过号可以回来的 1 人")
	p.click("form[action='/console/reenter'] button")
	p.shows(patience, "#toast", "A002 已经重新排队")
	p.shows(patience, ".list.waiting", "等候 4 人")

	// A number of the list: why it is not the first, and that it shall be.
	p.click(".waiting-row:nth-child(2) a")
	p.arrives("h1", "等候的号码")
	p.shows(patience, "main", "排第 2 位")
	p.shows(patience, ".answer", "A001")
	p.click("label:has(input[value=priority])")
	p.click("label:has(input[value=孕妇])")
	p.click("form[action='/console/prioritise'] .primary")
	p.arrives("#toast", "已经改好")
	p.until(patience, "the address is the console's", "location.search === ''")
	p.shows(patience, ".waiting-row:first-child", "A004 绿色通道")
	use(p, "F2")
	p.shows(patience, "#number", "A004")
	p.shows(patience, ".serving", "绿色通道")
	p.legible()

	letter(p, "w")
	p.arrives("h1", "为什么先叫")
	var focus string
	if err := p.try(&focus, "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(document.activeElement.id))))"); err != nil || focus != "first" {
		t.Errorf("the cursor is in %q (%v), want the first number", focus, err)
	}
	p.typed("a004")
	p.pressed("Tab")
	p.typed("A003")
	p.pressed("Enter")
	p.shows(patience, "#answer", "绿色通道")
	p.click(".quit")
	p.shows(patience, "#number", "A004")

	letter(p, "q")
	p.arrives("h1", "取错事项")
	p.click("label:has(input[value=可以在网上办])")
	p.click("label:has(input[value=end])")
	p.click("button.primary")
	p.arrives("#toast", "按取错事项结束了")
	p.shows(patience, ".list.done", "A004 户口登记与迁移 取错事项")

	// Closed and open again.
	letter(p, "p")
	p.arrives("h1", "暂停窗口")
	p.click("label:has(input[value=设备有故障])")
	p.click("button.primary")
	p.arrives(".banner", "窗口已暂停 设备有故障")
	p.until(patience, "nobody can be called", "document.getElementById('key-call').disabled")
	p.legible()
	p.click("#key-open")
	p.until(patience, "it is open", "!document.querySelector('.banner') && !document.getElementById('key-call').disabled")

	// Letters can be switched off, which is remembered; the other keys stay.
	p.pressed("?")
	p.until(patience, "the table of keys is open", "document.getElementById('keys').open")
	p.click("#letters")
	p.pressed("Escape")
	p.until(patience, "the table is closed", "!document.getElementById('keys').open")
	p.open(d.URL() + "/console")
	p.shows(patience, "#panel", "下一位 A003")
	p.pressed("w")
	p.pressed("p")
	use(p, "F2")
	p.shows(patience, "#number", "A003")
	p.whether("a letter has opened a page", "location.pathname !== '/console'", false)
	p.whether("letters are shown", "[...document.querySelectorAll('kbd.letter')].some(it => it.checkVisibility())", false)
	p.clean("console", d.host(), nil)
}

func rulesWithoutScripts(t *testing.T, b *browser) {
	d := startDemo(t)
	p := b.tab(t, b.profile(t), 1366, 768, false)
	p.do(nil, "Emulation.setScriptExecutionDisabled", map[string]any{"value": true})
	for range 3 {
		d.take(t, "hukou", false)
	}
	d.login(p)
	p.arrives("#panel", "下一位 A001")
	p.click("#key-call")
	p.arrives("#number", "A001")
	p.click("form[action='/console/hold'] button")
	p.arrives(".message", "A001 已经挂起")
	p.click("form[action='/console/resume'] button")
	p.arrives("#number", "A001")
	p.click("#key-transfer")
	p.arrives("h1", "转办")
	p.click("label:has(input[value='window:w3'])")
	p.click("button.primary")
	p.arrives(".message", "已经转过去了")
	p.click("#key-call")
	p.arrives("#number", "A002")
	p.click("form[action='/console/return'] button")
	p.arrives(".message", "A002 已经退回队列")
	p.click("#key-why")
	p.arrives("h1", "为什么先叫")
	if seen := p.text("body"); strings.Contains(seen, "快捷键") {
		t.Errorf("keys are promised where there are none: %s", seen)
	}

	// Who leaves and closes the window takes nobody along.
	p.click(".quit")
	p.arrives("#panel", "下一位 A002")
	p.click("#key-call")
	p.arrives("#number", "A002")
	p.click("form[action='/console/hold'] button")
	p.arrives(".list.held", "A002")
	p.click("a[href='/console/leave']")
	p.arrives("main", "挂起的 1 个号码留给接替的同事")
	p.click("label:has(input[value=meal])")
	p.click("label:has(input[value=close])")
	p.click("button.primary")
	p.arrives("h1", "选择窗口")
	p.click(".tile[value=w1]")
	p.arrives("#panel", "下一位 A002")
	p.whether("somebody is put aside, or the window closed", "!!document.querySelector('.list.held, .banner')", false)
	p.clean("console without scripts", d.host(), nil)
}
