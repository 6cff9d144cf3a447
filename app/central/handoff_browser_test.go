//go:build unix

package central_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/handoff"
)

// What people take home on their phones, on the real service, with a phone's
// picture and finger.

// picturesTo names a folder for pictures of the pages, for people to look at.
const picturesTo = "HALL_TEST_PICTURES"

// longestName has 110 characters, as the longest in a published list of items.
var longestName = strings.Repeat("除从事剧毒化学品、", 12) + "的许可"

// phoneGuides are a plain guide, one with everything at its longest, and one that
// is handled elsewhere.
func phoneGuides(t *testing.T) *guide.Catalogue {
	t.Helper()
	none := 0
	c := &guide.Catalogue{Sample: true, Guides: []guide.Guide{
		{
			ID: "card-lost", Name: "补领居民身份证", NameEn: "Replace a lost ID card", Department: "示例区公安分局",
			Summary: "身份证丢了、坏了，重新领一张。", SummaryEn: "Get a new ID card for one that is lost or damaged.",
			Nature: guide.Confirmation, Kind: guide.Promise, Business: "idcard", Updated: "2026-09-10",
			Conditions: []string{"户口在本市，或持有本市居住证。", "本人到窗口采集人像和指纹。"},
			Basis:      []string{"《中华人民共和国居民身份证法》第十一条"},
			Materials: []guide.Material{
				{Name: "户口簿", NameEn: "Household registration booklet", Originals: 1, From: "本人"},
				{Name: "居民身份证领取凭证", NameEn: "Receipt for the card", Originals: 1, Copies: 2, Optional: true, When: "之前办过，还没有领"},
				{Name: "补领申请表", NameEn: "Application form", Originals: 1, From: "本大厅领取", Form: "f1", Note: "现场填写也可以"},
				{Name: "一寸照片", NameEn: "Photo", Waived: "免提交：现场免费拍"},
			},
			Steps:    []guide.Step{{Name: "取号", Text: "在一楼取号。"}, {Name: "受理", Text: "核对材料，采集指纹。"}, {Name: "领证", Text: "接到短信来领，也可以快递到家。", Days: 20}},
			Legal:    guide.Limit{Number: 60, Unit: guide.Days, Start: "自受理之日起"},
			Promised: guide.Limit{Number: 20, Unit: guide.WorkingDays, Start: "自受理之日起"},
			Fee:      guide.Fee{Items: []guide.FeeItem{{Name: "工本费", Standard: "40元/证"}}, Basis: "发改价格〔2003〕2322号"},
			Result:   "居民身份证", For: []guide.Person{guide.Individual}, Channels: []guide.Channel{guide.AtWindow, guide.Online},
			Visits: &none, Courier: true, Bookable: true, OnlineURL: "https://example.gov.cn/card",
			Forms: []guide.Form{{ID: "f1", Name: "居民身份证补领申请表", Fields: []guide.FormField{
				{Name: "姓名", Sample: "测试员", Help: "写户口簿上的姓名"}, {Name: "证件号码", Sample: "11010519491231002X"}}}},
			FAQ:   []guide.QA{{Question: "可以让家人代办吗？", Answer: "不可以，要本人来采集指纹。"}},
			Phone: "010-5550-0111、010-5550-0112 转 2",
		},
		{ID: "longest", Name: longestName, Department: "示例区应急管理局", Business: "hukou", Kind: guide.Joint, Updated: "2026-11-01", Phone: "010-5550-0111"},
		{ID: "elsewhere", Name: "办理护照", Department: "示例市公安局", Elsewhere: &guide.Elsewhere{
			Unit: "示例市出入境接待大厅", Address: "示例市示例路100号", Phone: "010-5550-0300", Hours: "星期一至星期五 09:00–17:00"}, Updated: "2026-11-01"},
	}}
	long := &c.Guides[1]
	for i := range 19 {
		m := guide.Material{Name: fmt.Sprintf("第%d项：%s", i+1, "危险化学品经营场所和储存设施的产权证明文件或者租赁证明文件"), Originals: 1, Copies: i % 3, From: "申请人自备"}
		if i%5 == 4 {
			m.Optional, m.When = true, "租用他人场所的"
		}
		long.Materials = append(long.Materials, m)
	}
	return c
}

// takeHome is the address of a guide as a terminal signs it.
func (d *demo) takeHome(t *testing.T, g *guide.Guide, ticked ...int) string {
	t.Helper()
	return d.sign(t, handoff.ForGuide(g, ticked, handoff.Chinese, time.Now()))
}

func (d *demo) sign(t *testing.T, p handoff.Pass) string {
	t.Helper()
	self, err := d.terminal.Terminal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	token, err := handoff.Ring{Hall: "demo", Keys: self.HandoffKeys}.Sign(p, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return handoff.Address(d.URL(), "demo", token)
}

// startWithGuides is a demonstration hall with the guides of these tests.
func startWithGuides(t *testing.T) (*demo, *guide.Catalogue) {
	t.Helper()
	d, c := startDemo(t), phoneGuides(t)
	if _, err := d.ImportGuides(t.Context(), "demo", c); err != nil {
		t.Fatal(err)
	}
	return d, c
}

func TestTakeHome(t *testing.T) {
	b := startBrowser(t)
	t.Run("a guide is ticked on", func(t *testing.T) { tickingOn(t, b) })
	t.Run("without scripts", func(t *testing.T) { withoutScripts(t, b) })
	t.Run("sent on", func(t *testing.T) { sentOn(t, b) })
	t.Run("saved as a picture", func(t *testing.T) { savedAsPicture(t, b) })
	t.Run("printed", func(t *testing.T) { printed(t, b) })
	t.Run("nothing hangs over", func(t *testing.T) { nothingHangsOver(t, b) })
	t.Run("a number", func(t *testing.T) { numberTakenHome(t, b) })
	t.Run("addresses that do not open", func(t *testing.T) { shutAddresses(t, b) })
}

// picture keeps a picture of the whole page, where that is asked for.
func (p *tab) picture(name string) {
	p.t.Helper()
	folder := os.Getenv(picturesTo)
	if folder == "" {
		return
	}
	var shot struct{ Data []byte }
	p.do(&shot, "Page.captureScreenshot", map[string]any{"captureBeyondViewport": true})
	if err := os.WriteFile(filepath.Join(folder, name+".png"), shot.Data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// whether answers a question about the page.
func (p *tab) whether(what, expression string, want bool) {
	p.t.Helper()
	var got bool
	if err := p.try(&got, "Boolean("+expression+")"); err != nil || got != want {
		p.t.Errorf("%s: %v (%v), want %v", what, got, err, want)
	}
}

func (p *tab) ticked() string {
	p.t.Helper()
	var s string
	if err := p.try(&s, `[...document.querySelectorAll('.materials input')].map(b => b.checked ? b.value : '-').join('')`); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func tickingOn(t *testing.T, b *browser) {
	d, c := startWithGuides(t)
	profile := b.profile(t)
	p := b.tab(t, profile, 390, 844, true)
	address := d.takeHome(t, &c.Guides[0], 0)
	p.open(address)
	seen := p.text("body")
	for _, want := range []string{
		"示例街道综合服务大厅 大字 English", "示例 内容是虚构的，请以大厅公布的为准 补领居民身份证 身份证丢了、坏了，重新领一张。",
		"承诺件 20 个工作日", "要带什么 已备好 1/2", "户口簿 原件1份", "来源 本人", "居民身份证领取凭证 有的情况才要 原件1份，复印件2份",
		"什么情况 之前办过，还没有领", "填写《居民身份证补领申请表》", "一寸照片 免提交", "现场免费拍",
		"窗口 1、2 号窗口", "位置 一楼 A 区", "请到大厅的自助终端取号", "咨询电话 010-5550-0111", "010-5550-0112 转 2", "监督电话 010-5550-0199",
		"承诺时限 20 个工作日（自受理之日起）", "法定时限 60 天（自受理之日起）", "收费 工本费 40元/证", "收费依据 发改价格〔2003〕2322号",
		"约 20 天", "《中华人民共和国居民身份证法》第十一条", "可以让家人代办吗？", "要跑几趟 一次也不用跑", "还可以 预约、快递送达", "https://example.gov.cn/card",
		"指南更新于2026年9月10日", "本页有效期到", "打的勾只存在这部手机上",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(seen)
	}
	p.legible()
	p.picture("guide")
	if got := p.ticked(); got != "0--" {
		t.Errorf("ticked at first: %s", got)
	}
	p.whether("telephone link", `document.querySelector('.calls-list a').href === 'tel:010-5550-0111'`, true)

	p.click("label:has(input[value='2'])")
	p.shows(quick, "#ready", "材料齐了 2/2")
	p.click("label:has(input[value='1'])") // counts for nothing
	p.shows(quick, "#ready", "材料齐了 2/2")
	p.click("label:has(input[value='0'])")
	p.shows(quick, "#ready", "已备好 1/2")
	p.legible()
	p.open("about:blank")
	p.open(address)
	if got := p.ticked(); got != "-12" {
		t.Errorf("ticked after coming back: %s", got)
	}
	p.shows(quick, "#ready", "已备好 1/2")

	// In the other language, too, and in large type, which is kept for all guides.
	p.click(".switch[hreflang=en]")
	p.shows(patience, "h1", "Replace a lost ID card")
	for _, want := range []string{"What to bring Ready 1/2", "Household registration booklet 1 original", "1 original, 2 copies", "Window 1, 2", "20 working days"} {
		if seen := p.text("body"); !strings.Contains(seen, want) {
			t.Errorf("in English the page lacks %q:\n%s", want, seen)
		}
	}
	p.picture("guide-en")
	if got := p.ticked(); got != "-12" {
		t.Errorf("ticked in English: %s", got)
	}
	p.click("#size")
	p.shows(quick, "#size", "Normal")
	other := d.takeHome(t, &c.Guides[2])
	p.open(other)
	p.shows(quick, "#size", "常规字")
	p.whether("large on the next guide", `parseFloat(getComputedStyle(document.body).fontSize) >= 24`, true)
	if seen := p.text("main"); !strings.Contains(seen, "这件事不在本大厅办 请到下面的单位办理") || !strings.Contains(seen, "地址 示例市示例路100号") || strings.Contains(seen, "自助终端取号") {
		t.Errorf("a guide of elsewhere: %s", seen)
	}
	p.legible()
	p.picture("guide-elsewhere-large")

	// Somebody else's phone has the ticks of the terminal, not ours.
	theirs := b.tab(t, b.profile(t), 390, 844, true)
	theirs.open(address)
	if got := theirs.ticked(); got != "0--" {
		t.Errorf("ticked on another phone: %s", got)
	}

	// The list changes: old ticks do not stand beside other materials.
	changed := phoneGuides(t)
	changed.Guides[0].Materials = append([]guide.Material{{Name: "新加的证明", Originals: 1}}, changed.Guides[0].Materials...)
	if _, err := d.ImportGuides(t.Context(), "demo", changed); err != nil {
		t.Fatal(err)
	}
	p.open(address)
	if got := p.ticked(); got != "----" {
		t.Errorf("ticked on another list: %s", got)
	}
	if seen := p.text(".changed"); !strings.Contains(seen, "材料清单更新过") {
		t.Errorf("a changed list says: %s", seen)
	}
	p.picture("guide-changed")
	for _, page := range []*tab{p, theirs} {
		page.clean("guide", d.host(), nil)
	}
}

func withoutScripts(t *testing.T, b *browser) {
	d, c := startWithGuides(t)
	p := b.tab(t, b.profile(t), 390, 844, true)
	p.do(nil, "Emulation.setScriptExecutionDisabled", map[string]any{"value": true})
	p.open(d.takeHome(t, &c.Guides[0], 0, 2))
	seen := p.text("body")
	for _, want := range []string{"材料齐了 2/2", "户口簿", "这里打不了勾，可以照着清单准备", "怎么办", "可以让家人代办吗？"} {
		if !strings.Contains(seen, want) {
			t.Errorf("without scripts the page lacks %q", want)
		}
	}
	if got := p.ticked(); got != "0-2" {
		t.Errorf("ticked: %s", got)
	}
	p.whether("boxes can be pressed", `document.querySelector('.materials input:enabled')`, false)
	p.whether("buttons that need scripts are there", `document.getElementById('doings').checkVisibility()`, false)
	p.click("#size") // a link
	p.until(patience, "type is large", `parseFloat(getComputedStyle(document.body).fontSize) >= 24 && location.search === '?size=large'`)
	p.picture("guide-no-scripts")
	p.clean("guide without scripts", d.host(), nil)
}

func sentOn(t *testing.T, b *browser) {
	d, c := startWithGuides(t)
	p := b.tab(t, b.profile(t), 390, 844, true)
	address := d.takeHome(t, &c.Guides[0], 0)

	// Where the phone can share, it is asked to, with the bare address.
	p.open(address + "?lang=zh")
	if err := p.try(nil, `navigator.share = what => { window.shared = what; return Promise.resolve(); }; 0`); err != nil {
		t.Fatal(err)
	}
	p.click("#share")
	p.until(quick, "the phone is asked to share", `window.shared.url === `+quote(address)+` && shared.title === '补领居民身份证'`)
	p.whether("a change of mind says nothing", `document.getElementById('toast').innerText`, false)

	// Where it cannot, the address is copied.
	p.open(address)
	if err := p.try(nil, `navigator.share = undefined; navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }; 0`); err != nil {
		t.Fatal(err)
	}
	p.click("#share")
	p.shows(quick, "#toast", "网址已复制")
	p.whether("the address is copied", `copied === `+quote(address), true)

	// And where that is not allowed either, it is shown.
	p.open(address)
	if err := p.try(nil, `navigator.share = undefined; navigator.clipboard.writeText = () => Promise.reject(new Error('no')); document.execCommand = () => false; 0`); err != nil {
		t.Fatal(err)
	}
	p.click("#share")
	p.shows(quick, "#copying", "请长按复制下面的网址")
	p.whether("the address is there", `document.getElementById('url').value === `+quote(address), true)
	p.picture("guide-copy")
	p.click("#done")
	p.until(quick, "the address goes", `!document.getElementById('copying').open`)
	p.clean("guide", d.host(), nil)
}

func savedAsPicture(t *testing.T, b *browser) {
	d, c := startWithGuides(t)
	p := b.tab(t, b.profile(t), 390, 844, true)
	for i, atLeast := range []int{1400, 4000, 600} {
		p.open(d.takeHome(t, &c.Guides[i], 0, 2))
		p.click("#picture")
		p.until(patience, "the picture is there", `document.getElementById('image').naturalWidth > 0`)
		var address string
		if err := p.try(&address, `document.getElementById('save').href`); err != nil {
			t.Fatal(err)
		}
		data, ok := strings.CutPrefix(address, "data:image/png;base64,")
		png, err := base64.StdEncoding.DecodeString(data)
		if !ok || err != nil {
			t.Fatalf("what is saved begins with %.40q: %v", address, err)
		}
		img, _, err := image.Decode(bytes.NewReader(png))
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds(); size.Dx() != 1080 || size.Dy() < atLeast || size.Dy() > 12000 {
			t.Errorf("%s: the picture is %v", c.Guides[i].ID, size)
		}
		// The first material is ticked: somewhere there is the green of its box.
		if green := countColour(img, 0x0b, 0x6b, 0x3a); i < 2 && green < 1000 {
			t.Errorf("%s: %d green pixels; is nothing ticked?", c.Guides[i].ID, green)
		}
		if folder := os.Getenv(picturesTo); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, "saved-"+c.Guides[i].ID+".png"), png, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		p.picture("guide-saving-" + c.Guides[i].ID)
		p.click("#close")
		p.until(quick, "the picture goes", `!document.getElementById('shown').open`)
	}
	p.clean("guide", d.host(), nil)
}

func countColour(img image.Image, r, g, b uint32) (n int) {
	size := img.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			if cr, cg, cb, _ := img.At(x, y).RGBA(); cr>>8 == r && cg>>8 == g && cb>>8 == b {
				n++
			}
		}
	}
	return n
}

var pdfPages = regexp.MustCompile(`/Type\s*/Page\b`)

func printed(t *testing.T, b *browser) {
	d, c := startWithGuides(t)
	p := b.tab(t, b.profile(t), 390, 844, true)
	for i, pages := range []int{3, 5, 1} {
		p.open(d.takeHome(t, &c.Guides[i], 0))
		var printed struct{ Data []byte }
		p.do(&printed, "Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": true})
		if n := len(pdfPages.FindAll(printed.Data, -1)); !bytes.HasPrefix(printed.Data, []byte("%PDF-")) || n < 1 || n > pages {
			t.Errorf("%s: %d pages, want 1 to %d", c.Guides[i].ID, n, pages)
		}
		if folder := os.Getenv(picturesTo); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, c.Guides[i].ID+".pdf"), printed.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		p.do(nil, "Emulation.setEmulatedMedia", map[string]any{"media": "print"})
		p.whether("buttons are printed", `document.getElementById('doings').checkVisibility() || document.querySelector('header nav').checkVisibility()`, false)
		p.picture("print-" + c.Guides[i].ID)
		p.do(nil, "Emulation.setEmulatedMedia", map[string]any{"media": ""})
	}
	p.open(d.takeHome(t, &c.Guides[0], 0))
	if err := p.try(nil, `window.print = () => { window.asked = true; }; 0`); err != nil {
		t.Fatal(err)
	}
	p.click("#print")
	p.whether("the button prints", "window.asked", true)
	// What is folded is on paper.
	for event, open := range map[string]bool{"beforeprint": true, "afterprint": false} {
		if event == "afterprint" {
			p.try(nil, `dispatchEvent(new Event('beforeprint')); 0`)
		}
		if err := p.try(nil, `dispatchEvent(new Event(`+quote(event)+`)); 0`); err != nil {
			t.Fatal(err)
		}
		p.whether(event+": folded", `[...document.querySelectorAll('details')].every(d => d.open)`, open)
	}
	p.clean("guide", d.host(), nil)
}

func nothingHangsOver(t *testing.T, b *browser) {
	d, c := startWithGuides(t)
	for _, size := range [][2]int{{320, 568}, {390, 844}, {844, 390}} {
		p := b.tab(t, b.profile(t), size[0], size[1], true)
		for i := range c.Guides {
			address := d.takeHome(t, &c.Guides[i], 0, 1, 2)
			queries := []string{"", "?lang=en&size=large"}
			if size[0] == 320 {
				queries = append(queries, "?lang=en", "?size=large")
			}
			for _, query := range queries {
				p.open(address + query)
				var over []string
				if err := p.try(&over, fmt.Sprintf(`[document.documentElement, ...document.querySelectorAll('body *:not(svg, svg *)')].filter(it => it.checkVisibility() &&
					(it.scrollWidth > Math.max(it.clientWidth, %[1]d) || it.getBoundingClientRect().right > %[1]d + 1)).map(it => it.tagName + '.' + it.className)`, size[0])); err != nil {
					t.Fatal(err)
				}
				if len(over) > 0 {
					t.Errorf("%s%s at %d pixels: over the edge: %v", c.Guides[i].ID, query, size[0], over)
				}
				// A heading that is squeezed to a letter a line is over no edge.
				p.whether("a heading is squeezed", `[...document.querySelectorAll('h1, h2')].some(it => it.offsetHeight > 2 * it.offsetWidth)`, false)
				var small []string // WCAG 2.2, 2.5.8 asks for 24 pixels, 2.5.5 for 44
				if err := p.try(&small, `[...document.querySelectorAll('a:not(dd a), button, label, summary')].filter(it => it.checkVisibility() && it.getBoundingClientRect().height < 40).map(it => it.outerHTML)`); err != nil {
					t.Fatal(err)
				}
				if len(small) > 0 {
					t.Errorf("%s%s: too low to be hit: %v", c.Guides[i].ID, query, small)
				}
				p.legible()
				if size[0] < 500 {
					p.picture(strings.NewReplacer("?", "-", "&", "-", "=", "-").Replace(fmt.Sprintf("size%d-%s%s", size[0], c.Guides[i].ID, query)))
				}
			}
		}
		p.clean("guide", d.host(), nil)
	}
}

// numberTakenHome: the page of a number behind a signed address is the page behind
// the number's own.
func numberTakenHome(t *testing.T, b *browser) {
	d := startDemo(t)
	session, err := d.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w1", PIN: demoPIN})
	if err != nil {
		t.Fatal(err)
	}
	k := d.take(t, "hukou", true)
	pass, err := handoff.ForTicket(d.config.Halls[0], k.ID, handoff.Chinese, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	address := d.sign(t, pass)
	p := b.tab(t, b.profile(t), 390, 844, true)
	p.open(address)
	if seen := p.text("body"); !strings.Contains(seen, "A001 等候中 前面没有人") {
		t.Errorf("before the call: %s", seen)
	}
	lacksAll(t, "page", p.source(), masked, maskedID, wholeID, k.ID)
	p.click(".switch")
	p.shows(patience, "#ticket", "Waiting")
	p.click(".switch")
	p.shows(patience, "#ticket", "等候中")
	p.until(quick, "the stream is there", "document.getElementById('line').innerText === ''")

	// The phone sleeps while the number is called.
	if err := p.try(nil, `(() => {
		const later = Date.now() + 60000;
		Date.now = () => later;
		document.dispatchEvent(new Event('visibilitychange'));
	})()`); err != nil {
		t.Fatal(err)
	}
	if _, _, err := session.CallNext(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.shows(quick, "#ticket h1", "请到 1 号窗口")
	p.picture("ticket-called")
	p.clean("ticket", d.host(), nil)
}

func shutAddresses(t *testing.T, b *browser) {
	d, c := startWithGuides(t)
	good := d.takeHome(t, &c.Guides[0], 0)
	gone := d.takeHome(t, &guide.Guide{ID: "withdrawn"}, 0)
	i := len(good) - 5
	other := "A" // not one that addresses write otherwise
	if good[i] == 'A' {
		other = "B"
	}
	flipped := good[:i] + other + good[i+1:]
	old := handoff.Ring{Hall: "demo", Keys: []handoff.Key{handoff.NewKey(200, time.Now())}}
	token, err := old.Sign(handoff.ForGuide(&c.Guides[0], nil, handoff.Chinese, time.Now()), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	foreign := handoff.Address(d.URL(), "demo", token)
	p := b.tab(t, b.profile(t), 390, 844, true)
	for name, tc := range map[string]struct{ address, heading, cure string }{
		"changed":   {flipped, "这个网址不完整，或者被改过", "请再扫一次"},
		"cut off":   {good[:len(good)-9], "这个网址不完整，或者被改过", "请再扫一次"},
		"withdrawn": {gone, "这件事的指南已经撤下", "010-5550-0100"},
		"other key": {foreign, "这个二维码太旧，或者不是本大厅的", "请到大厅的自助终端重新查一次"},
	} {
		p.open(tc.address)
		if seen := p.text("body"); !strings.Contains(seen, tc.heading) || !strings.Contains(seen, tc.cure) {
			t.Errorf("%s: %s", name, seen)
		}
		p.legible()
		p.picture("shut-" + name)
	}
	p.clean("notice", d.host(), func(c complaint) bool { return c.Source == "network" && strings.Contains(c.Text, "404") })
}
