//go:build unix

package central_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hallkiosk/app/central"
)

// Complaints as people have them: written on a phone, carried through by staff at a
// computer, and looked at on the phone again.

const script = `<script>document.title='attacked'</script>`

func TestComplaintsInTheBrowser(t *testing.T) {
	d := startDemo(t)
	b := startBrowser(t)
	phone := b.tab(t, b.profile(t), 390, 844, true)
	address := d.URL() + "/complaint/demo"
	phone.open(address)
	phone.fits("complaint-form")
	phone.click(".kind:nth-of-type(3)") // 态度粗暴
	phone.whether("a kind is chosen", `document.querySelector('input[name=kind]:checked').value === 'rude'`, true)
	if err := phone.try(nil, `document.querySelector('#window').value = 'w3'; 0`); err != nil {
		t.Fatal(err)
	}
	phone.click("#words")
	phone.typed("说话难听" + script)
	phone.click("#contact")
	phone.typed(personName + " 13800138000")
	phone.fits("complaint-filled")
	phone.click("button.primary")
	phone.shows(patience, "h1", "已经收到")
	code := phone.text("#code")
	phone.fits("complaint-receipt")
	lacksAll(t, "the receipt's address", strings.Join(phone.addresses(), " "), code, strings.ReplaceAll(code, "-", ""))
	phone.click("button.primary")
	phone.shows(patience, "h2", "态度粗暴·登记")
	phone.fits("complaint-registered")

	for login, n := range map[string]central.NewStaff{
		"su":  {Name: "诉示例", Roles: []string{"complaints"}},
		"san": {Name: "三示例", Roles: []string{"clerk", "complaints"}, Windows: []string{"w3"}},
	} {
		n.Login, n.Password, n.Keep = login, password, true
		if _, err := d.AddStaff(t.Context(), "demo", n); err != nil {
			t.Fatal(err)
		}
	}
	desk := b.tab(t, b.profile(t), 1366, 768, false)
	d.enter(desk, "su", password)
	desk.shows(patience, "h1", "投诉和建议")
	desk.shows(patience, "table", "第1号")
	desk.fits("complaints-list")
	desk.click("tbody a")
	desk.shows(patience, ".words", "说话难听"+script)
	if desk.text("title") == "attacked" {
		t.Error("what was written is carried out")
	}
	lacksAll(t, "the case", desk.source(), "13800138000", code)
	desk.fits("complaints-case")
	desk.click(".plain-button")
	desk.shows(patience, ".contact", "13800138000")

	step := func(text, action, then string) {
		t.Helper()
		desk.until(patience, "the form for "+action, fmt.Sprintf(`document.querySelector('input[name=action]')?.value === %s`, quote(action)))
		if action == "verify" {
			desk.click("input[value=complex]")
		}
		desk.click("#next-text")
		desk.typed(text)
		desk.click(".do .primary")
		desk.shows(patience, ".stages .here", then)
	}
	progress := func(state string) {
		t.Helper()
		phone.open(address) // elsewhere: a change behind # alone loads nothing
		// As a QR code says it. open would wait for an address that the page has cut off.
		phone.do(nil, "Page.navigate", map[string]any{"url": address + "/progress#" + code})
		phone.until(patience, "the code is filled in", `document.querySelector('#ask')?.value.length > 9 && location.hash === ''`)
		phone.click("button.primary")
		phone.shows(patience, "h2", "态度粗暴·"+state)
	}
	for _, s := range []struct{ action, state string }{
		{"verify", "初步核实"}, {"investigate", "调查"}, {"handle", "处理"}, {"feedback", "反馈"}, {"archive", "归档"},
	} {
		step("情况如此"+script, s.action, s.state)
		progress(s.state)
	}
	phone.shows(patience, "main", "给您的答复情况如此"+script)
	lacksAll(t, "the phone", phone.text("main"), "诉示例", "说话难听", "13800138000")
	phone.fits("complaint-archived")
	lacksAll(t, "what the phone asked for", strings.Join(phone.addresses(), " "), code, strings.ReplaceAll(code, "-", ""))

	// The author says, once, what they think of how it was handled; those who handle it see it.
	phone.whether("an opinion is chosen beforehand", `document.querySelector('input[name=level]:checked')`, false)
	phone.click(".kind:has(input[value=dissatisfied])")
	phone.click("#opinion")
	phone.typed("拖得太久" + script)
	phone.fits("complaint-opinion")
	phone.click("button.primary")
	phone.shows(patience, "main", "您的评价不满意")
	phone.shows(quick, ".message", "谢谢您，我们记下了")
	phone.whether("it can be said again", `document.querySelector('input[name=level]')`, false)
	phone.fits("complaint-judged")
	progress("归档")
	phone.shows(quick, "main", "您的评价不满意")
	lacksAll(t, "the phone", phone.text("main"), "拖得太久")
	desk.open(d.URL() + "/complaints?view=unhappy")
	desk.shows(patience, "table", "第1号")
	desk.click("tbody a")
	desk.shows(patience, "main", "投诉人对处理的评价不满意")
	desk.shows(quick, "main", "拖得太久"+script)
	if desk.text("title") == "attacked" {
		t.Error("an opinion is carried out")
	}

	// On one sheet of paper, without buttons.
	var printed struct{ Data []byte }
	desk.do(&printed, "Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": true})
	if n := len(pdfPages.FindAll(printed.Data, -1)); !bytes.HasPrefix(printed.Data, []byte("%PDF-")) || n != 1 {
		t.Errorf("printed on %d pages", n)
	}
	if folder := os.Getenv(picturesTo); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, "complaints-case.pdf"), printed.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// Who works at the window complained of does not find it.
	other := b.tab(t, b.profile(t), 1920, 1080, false)
	d.enter(other, "san", password)
	other.shows(patience, "h1", "选择窗口")
	other.open(d.URL() + "/complaints?view=all")
	other.shows(patience, "main", "没有")
	other.fits("complaints-none")
	other.open(d.URL() + "/complaints/call")
	other.fits("complaints-call")

	none := func(c complaint) bool { return false }
	phone.clean("phone", d.host(), none)
	desk.clean("desk", d.host(), none)
	other.clean("other", d.host(), none)
}

// fits checks that nothing hangs over the edge and everything can be read, and takes a
// picture where that is asked for.
func (p *tab) fits(name string) {
	p.t.Helper()
	var over []string
	if err := p.try(&over, `[document.documentElement, ...document.querySelectorAll('body *:not(option)')].filter(it => it.checkVisibility() &&
		(it.getBoundingClientRect().right > innerWidth + 1 || it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1 && !it.matches('select, input, textarea'))).map(it => it.tagName + '.' + it.className)`); err != nil {
		p.t.Fatal(err)
	}
	if len(over) > 0 {
		p.t.Errorf("%s: over the edge: %v", name, over)
	}
	p.legible()
	p.picture(name)
}
