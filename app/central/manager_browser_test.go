//go:build unix

package central_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestManagerInTheBrowser: the page of today follows the hall by itself, without losing
// what the manager has opened; the day sheet adds up and can be printed; the session's
// end is the page's end.
func TestManagerInTheBrowser(t *testing.T) {
	b := startBrowser(t)
	d := startDemo(t)
	d.hire(t, clerkLogin)
	d.hire(t, "guan")
	p := b.tab(t, b.profile(t), 1366, 768, false)
	d.enter(p, "guan", password)
	p.shows(patience, "h1", "大厅今天")
	p.shows(quick, "#today", "正在等候 0 人")
	p.shows(quick, "#today", "今天还没有人取号")

	d.take(t, "hukou", true)
	d.take(t, "idcard", false)
	p.shows(patience, "#today", "正在等候 2 人")
	p.until(quick, "the charts have bars", "document.querySelectorAll('.chart rect.c1').length >= 2")
	p.until(quick, "the figures are opened", "(document.querySelector('#today details').open = true)")
	p.until(quick, "the table has the focus", "(document.querySelector('#today .wide').focus(), document.activeElement.className.includes('wide'))")

	clerk := d.as(t, clerkLogin)
	clerk.must("/console/window", url.Values{"window": {"w1"}})
	d.take(t, "hukou", false)
	p.shows(patience, "#today", "正在等候 3 人")
	p.shows(patience, "#today", "1 号窗口 李示例")
	p.until(quick, "what was opened stays open, and the focus where it was",
		"document.querySelector('#today details').open && document.activeElement.className.includes('wide')")
	lacksAll(t, "the page of today", p.source(), maskedID, "002X", "测*")
	p.legible()

	p.open(d.URL() + "/manager/day")
	p.shows(patience, ".check", "对上了：3 个号")
	p.until(quick, "it can be printed", "!document.getElementById('print').hidden")
	p.do(nil, "Emulation.setEmulatedMedia", map[string]any{"media": "print"})
	p.until(quick, "paper shows the sheet and nothing to press",
		"!document.querySelector('.tabs').checkVisibility() && !document.querySelector('.span').checkVisibility() && document.querySelector('.check').checkVisibility() && document.querySelector('.signs').checkVisibility()")
	p.picture("manager-day-print")
	p.do(nil, "Emulation.setEmulatedMedia", map[string]any{"media": ""})

	manager := d.as(t, "guan")
	for path, sheet := range map[string]string{"/manager/day.xlsx": "日报", "/manager/numbers.xlsx?from=2026-11-01&to=2026-11-30": "号码统计", "/manager/ratings.xlsx?from=2026-11-01&to=2026-11-30": "好差评"} {
		got := manager.get(path)
		if got.status != http.StatusOK || !strings.HasPrefix(got.body, "PK") || !strings.Contains(got.header.Get("Content-Disposition"), url.PathEscape(sheet)) {
			t.Errorf("%s: %d, %s", path, got.status, got.header.Get("Content-Disposition"))
		}
	}

	p.open(d.URL() + "/manager")
	p.shows(patience, "#today", "一号机")
	p.shows(quick, ".kiosks", "联系正常")
	p.until(quick, "somebody logs out in another tab", "fetch('/logout', {method: 'POST'}).then(() => true)")
	d.take(t, "hukou", false)
	p.shows(patience, "h1", "登录")
}
