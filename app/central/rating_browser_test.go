//go:build unix

package central_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/handoff"
)

// TestRatingInTheBrowser: on a phone, one number's rating opens when the service ends,
// and once only: pressed twice, sent again after going back, or from a second tab. One
// star is a task, is handled, is reviewed by somebody else, and the same code shows the
// outcome.
func TestRatingInTheBrowser(t *testing.T) {
	b := startBrowser(t)
	d := startDemo(t)
	for login, n := range map[string]central.NewStaff{"su": {Name: "诉示例", Roles: []string{"complaints"}}, "guan": {Name: "管示例", Roles: []string{"manager"}}} {
		n.Login, n.Password, n.Keep = login, password, true
		if _, err := d.AddStaff(t.Context(), "demo", n); err != nil {
			t.Fatal(err)
		}
	}
	window, err := d.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w4", PIN: "100004"})
	if err != nil {
		t.Fatal(err)
	}
	k := d.take(t, "medical", true)
	code := d.ticketCode(t, k, handoff.Chinese)

	profile := b.profile(t)
	phone := b.tab(t, profile, 390, 844, true)
	phone.open(d.URL() + code)
	phone.shows(quick, "#ticket", k.Label+" 等候中")
	phone.whether("a link to the rating while waiting", "!!document.querySelector('.to-rate')", false)
	if _, ok, err := window.CallNext(t.Context()); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, err := window.Finish(t.Context(), k.ID); err != nil {
		t.Fatal(err)
	}
	phone.shows(quick, ".to-rate", "评价这次服务") // the page that was open, by itself
	second := b.tab(t, profile, 390, 844, true)
	second.open(d.URL() + code + "/rating")
	phone.click(".to-rate a")
	for _, p := range []*tab{phone, second} {
		p.shows(patience, "h1", "这次办事，您满意吗？")
		p.whether("a face is preselected", "!!document.querySelector('.face input:checked')", false)
		p.whether("reasons are shown before a face is chosen", "[...document.querySelectorAll('.why')].some(it => it.offsetHeight > 0)", false)
		p.fits("rating")
	}

	// A reason is ticked for a level that is then changed: it is not sent.
	phone.click(".face:has([value=dissatisfied])")
	phone.click(".why-dissatisfied .tick:nth-of-type(8)")
	phone.click(".face:has([value=very-dissatisfied])")
	phone.whether("reasons of the level", "document.querySelector('.why-very-dissatisfied').offsetHeight > 0 && document.querySelector('.why-dissatisfied').offsetHeight === 0", true)
	phone.click(".why-very-dissatisfied .tick:nth-of-type(1)")
	phone.click("#words")
	phone.typed("等了两个小时 <b>没有人</b>")
	phone.fits("rating filled in")
	// Twice, before the first is answered.
	if err := phone.try(nil, "(() => { const b = document.querySelector('.rate .primary'); b.click(); b.click(); })()"); err != nil {
		t.Fatal(err)
	}
	phone.shows(patience, ".given", "非常不满意")
	phone.shows(patience, ".given", "在办事指南之外增加新的审批条件")
	phone.shows(patience, ".given .said", "等了两个小时 <b>没有人</b>")
	phone.shows(patience, ".outcome", "我们会在")
	phone.whether("a form after it", "!!document.querySelector('.rate')", false)

	// Back, to the form of before if the browser has it, and sent again.
	if err := phone.try(nil, "history.back()"); err != nil {
		t.Fatal(err)
	}
	phone.until(patience, "back", "document.readyState === 'complete' && !!document.querySelector('main')")
	if err := phone.try(nil, "document.querySelector('.rate .primary')?.click()"); err != nil {
		t.Fatal(err)
	}
	phone.open(d.URL() + code + "/rating")
	phone.shows(patience, ".given", "非常不满意")
	// The second tab has had its form open all the time.
	second.click(".face:has([value=very-satisfied])")
	second.click(".rate .primary")
	second.shows(patience, ".given", "非常不满意")

	// Another code of the same ticket, such as one of an older print, opens nothing.
	other, err := handoff.ForRating(k.ID, handoff.Chinese, time.Now().AddDate(0, 0, 10))
	if err != nil {
		t.Fatal(err)
	}
	stranger := b.tab(t, b.profile(t), 390, 844, true)
	stranger.open(d.URL() + d.path(t, other))
	stranger.shows(patience, "h1", "已经评价过了")
	stranger.whether("what the other code gave", "document.body.innerText.includes('两个小时') || !!document.querySelector('.given')", false)
	// Nor does a terminal offer it again.
	if list, err := d.terminal.Ratable(t.Context(), centralapi.RatableRequest{Label: k.Label}); err != nil || len(list.Services) != 0 {
		t.Errorf("a terminal offers %+v, %v", list.Services, err)
	}

	handler, boss := b.tab(t, b.profile(t), 1366, 768, false), b.tab(t, b.profile(t), 1920, 1080, false)
	d.enter(handler, "su", password)
	handler.shows(patience, "h1", "投诉和建议")
	handler.open(d.URL() + "/ratings")
	handler.shows(patience, "tbody", "非常不满意")
	handler.whether("the number of an anonymous rating", "document.body.innerText.includes('"+k.Label+"')", false)
	handler.click("tbody a")
	handler.shows(patience, ".facts", "匿名评价，看不到")
	handler.click(".do .primary")
	handler.shows(patience, ".do", "处理结果")
	handler.click("input[value=rectified]")
	handler.click("#answer")
	handler.typed("已经增加窗口，向您道歉")
	handler.click(".do .primary")
	handler.shows(patience, ".do", "等待复核")
	phone.open(d.URL() + code + "/rating")
	phone.whether("the answer before it is reviewed", "document.body.innerText.includes('道歉')", false)

	d.enter(boss, "guan", password)
	boss.until(patience, "the log-in is over", "location.pathname !== '/login' && document.readyState === 'complete'")
	boss.open(d.URL() + "/ratings?view=review")
	boss.click("tbody a")
	boss.shows(patience, ".do", "通过，办结")
	boss.click(".do .primary")
	boss.shows(patience, ".do", "已办结")
	// The same address, a day later on the same paper: the paper itself leads there.
	stranger.open(d.URL() + code + "/rating")
	stranger.shows(patience, ".outcome", "处理结果 已整改")
	stranger.shows(patience, ".outcome", "已经增加窗口，向您道歉")

	// A member of staff with the code in the hand, in the browser they are logged in with.
	handler.open(d.URL() + code + "/rating")
	handler.shows(patience, "h1", "工作人员不能打开评价")
	var status int
	if err := handler.try(&status, "fetch(location.href, {method: 'POST', headers: {'Content-Type': 'application/x-www-form-urlencoded'}, body: 'level=very-satisfied'}).then(r => r.status)"); err != nil || status != http.StatusForbidden {
		t.Errorf("staff rate: %d, %v", status, err)
	}
	for _, p := range []*tab{phone, second, stranger} {
		p.clean("a phone", d.host(), nil)
	}
	handler.clean("the handler", d.host(), func(c complaint) bool { return c.Source == "network" && strings.Contains(c.Text, "403") })
	boss.clean("the manager", d.host(), nil)
}
