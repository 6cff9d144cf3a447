//go:build unix

package central_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// The pages as people use them: the real service on a real database, and a real
// browser that clicks, presses keys and looks.

const (
	quick    = 10 * time.Second // by then a call shows everywhere, also on a busy machine; without their streams pages ask every 15 or 20 s
	eventual = 20 * time.Second // recovery, on a busy machine
	demoPIN  = "100001"         // of window 1 of the demonstration hall, for the API

	clerkLogin = "li"
	password   = "geheim-2026"

	masked     = "测*员"                // of the person in these tests, as terminals mask
	maskedID   = "110***********002X" // the standard's own example number
	wholeID    = "11010519491231002X"
	personName = "测试员"
)

// demo is a running demonstration hall with a terminal.
type demo struct {
	*running
	config   central.Config
	terminal *centralapi.Client
	secret   string
	day      string
}

func startDemo(t *testing.T) *demo { return startDemoWith(t, func(*hall.Hall) {}) }

// startDemoWith starts a demonstration hall that is changed first.
func startDemoWith(t *testing.T, change func(*hall.Hall)) *demo {
	t.Helper()
	f, err := hall.ReadFile(filepath.FromSlash("../../assets/halls/demo.toml"))
	if err != nil {
		t.Fatal(err)
	}
	open := f.Hall.AlwaysOpen()
	change(open)
	d := &demo{config: central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{open}}}
	d.running = run(t, d.config)
	token, _, err := d.EnrolTerminal(t.Context(), "demo", "一号机")
	if err != nil {
		t.Fatal(err)
	}
	d.terminal, err = centralapi.NewClient(centralapi.ClientConfig{BaseURL: d.URL(), Hall: "demo", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.terminal.Close)
	self, err := d.terminal.Terminal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	status, err := d.terminal.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.secret, d.day = self.HolderSecret, status.BusinessDay
	return d
}

// host is what stands in the addresses of the running service.
func (d *demo) host() string { return strings.TrimPrefix(d.URL(), "http://") }

// take takes a number; with a holder if named.
func (d *demo) take(t *testing.T, business string, named bool) centralapi.Ticket {
	t.Helper()
	r := centralapi.TicketRequest{ID: uuid.Must(uuid.NewV7()).String(), Business: business, Language: "zh"}
	if named {
		key, err := centralapi.HolderKey(d.secret, d.day, wholeID)
		if err != nil {
			t.Fatal(err)
		}
		r.Holder = &centralapi.Holder{Key: key, Name: masked, Number: maskedID, Source: "card"}
	}
	k, err := d.terminal.IssueTicket(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// calls returns how many numbers have been called, and how often.
func (d *demo) calls(t *testing.T) (numbers, times int) {
	t.Helper()
	b, err := d.terminal.Board(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.Calls {
		numbers, times = numbers+1, times+c.Calls
	}
	return numbers, times
}

// people are the accounts of these tests, by login.
var people = map[string]central.NewStaff{
	clerkLogin: {Name: "李示例", Roles: []string{"clerk"}},
	"wang":     {Name: "王示例", Roles: []string{"clerk"}},
	"guan":     {Name: "管示例", Roles: []string{"manager"}},
}

// hire makes an account, unless it is there.
func (d *demo) hire(t testing.TB, login string) {
	t.Helper()
	n := people[login]
	n.Login, n.Password, n.Keep = login, password, true
	if _, err := d.AddStaff(t.Context(), "demo", n); err != nil && !centralapi.HasCode(err, centralapi.CodeConflict) {
		t.Fatal(err)
	}
}

// enter types login and password, as a person does.
func (d *demo) enter(p *tab, login, password string) {
	p.t.Helper()
	p.open(d.URL() + "/login")
	p.click("#name")
	p.typed(login)
	p.click("#password")
	p.typed(password)
	p.click("button.primary")
}

// login logs a tab in as the clerk and sits down at window 1.
func (d *demo) login(p *tab) {
	p.t.Helper()
	d.hire(p.t, clerkLogin)
	d.enter(p, clerkLogin, password)
	p.shows(patience, "h1", "选择窗口")
	p.click(".tile[value=w1]")
}

// use presses a key of the console, once or more, as soon as its button can be
// pressed: between an action's effect and its answer the buttons are frozen.
func use(p *tab, keys ...string) {
	p.t.Helper()
	p.until(patience, keys[0]+" can be pressed", fmt.Sprintf("!document.querySelector('[data-key=%s]').disabled", keys[0]))
	p.press(keys...)
}

func TestBrowser(t *testing.T) {
	b := startBrowser(t)
	t.Run("a number from the terminal to the end", func(t *testing.T) { numberThroughTheHall(t, b) })
	t.Run("wrong password", func(t *testing.T) { wrongPassword(t, b) })
	t.Run("a clerk's morning by keyboard", func(t *testing.T) { byKeyboard(t, b) })
	t.Run("an answer that is overtaken", func(t *testing.T) { overtaken(t, b) })
	t.Run("the service goes and comes back", func(t *testing.T) { outage(t, b) })
	t.Run("the phone page", func(t *testing.T) { phonePage(t, b) })
	t.Run("what these tests can see", func(t *testing.T) { watchfulness(t, b) })
}

// numberThroughTheHall follows numbers past console, board and phone, and looks
// at the end for what none of them may show.
func numberThroughTheHall(t *testing.T, b *browser) {
	d := startDemo(t)
	staff := b.profile(t)
	console := b.tab(t, staff, 1366, 768, false)
	board := b.tab(t, staff, 1920, 1080, false)
	phone := b.tab(t, b.profile(t), 360, 740, true)

	d.login(console)
	console.shows(patience, "#panel", "现在没有人等候")
	board.open(d.URL() + "/board")

	first := d.take(t, "hukou", true)
	second := d.take(t, "hukou", false)
	console.shows(quick, "#panel", "下一位 A001")
	if list := console.text(".list.waiting"); !strings.Contains(list, masked) {
		t.Errorf("the console does not say who waits: %s", list)
	}
	phone.open(d.URL() + "/t/demo/" + second.ID)
	if seen := phone.text("body"); !strings.Contains(seen, "A002 等候中 前面还有 1 人 请在一楼 A 区等候") {
		t.Errorf("phone before the call: %s", seen)
	}

	// Impatient fingers: three presses are one call.
	use(console, "F2", "F2", "F2")
	tookConsole := console.shows(quick, "#number", "A001")
	tookBoard := board.shows(quick, ".latest", "请 A001 到 1 号窗口")
	phone.shows(quick, "#ticket", "前面没有人")
	t.Logf("called: console after %v, board after %v more", tookConsole.Round(time.Millisecond), tookBoard.Round(time.Millisecond))
	if numbers, times := d.calls(t); numbers != 1 || times != 1 {
		t.Errorf("three presses called %d numbers, %d times", numbers, times)
	}
	console.shows(quick, ".list.waiting", "等候 1 人")

	use(console, "F3")
	console.shows(quick, "#toast", "A001 已经再叫一次")
	use(console, "F8")
	console.shows(quick, "#panel", "今天已办 1 人")
	use(console, "F2")
	phone.shows(quick, "#ticket h1", "请到 1 号窗口")
	phone.until(quick, "the page turns red", "document.body.classList.contains('is-called') && document.title === 'A002 · 请到 1 号窗口'")
	board.shows(quick, ".latest", "请 A002 到 1 号窗口")
	board.shows(quick, ".calls tbody", "A001 1 号窗口")

	use(console, "F8")
	console.shows(quick, "#panel", "今天已办 2 人")
	phone.shows(quick, "#ticket h1", "已办结")
	phone.legible()

	// The other way to end a number asks twice.
	third := d.take(t, "hukou", false)
	console.shows(quick, "#panel", "下一位 A003")
	console.click("#key-call")
	console.shows(quick, "#number", "A003")
	phone.open(d.URL() + "/t/demo/" + third.ID)
	use(console, "F4")
	console.shows(quick, "#key-no-show", "再按一次")
	if state := phone.text("#ticket h1"); state != "请到 1 号窗口" {
		t.Errorf("one press of 过号 and the phone shows %s", state)
	}
	use(console, "F4")
	phone.shows(quick, "#ticket", "已过号 请到窗口或服务台说明")
	phone.legible()

	var token string
	for _, c := range cookies(console) {
		if c.Name == "hallkiosk_staff" {
			token = c.Value
		}
	}
	if len(token) < 40 {
		t.Fatalf("the session's cookie is %d characters long", len(token))
	}
	for name, p := range map[string]*tab{"console": console, "board": board, "phone": phone} {
		p.clean(name, d.host(), nil)
		unwanted := []string{wholeID, personName, password, token, token[strings.Index(token, "~")+1:]}
		lacksAll(t, name+", addresses", strings.Join(p.addresses(), "\n"), append(unwanted, masked, url.PathEscape(masked), maskedID, "002X", password)...)
		if name != "console" { // where staff see the masked name
			unwanted = append(unwanted, masked)
		}
		unwanted = append(unwanted, maskedID, "002X") // nobody has asked for it
		if name == "board" {
			unwanted = append(unwanted, first.ID, second.ID, third.ID)
		}
		lacksAll(t, name+", page", p.source(), unwanted...)
	}
}

func wrongPassword(t *testing.T, b *browser) {
	d := startDemo(t)
	p := b.tab(t, b.profile(t), 1366, 768, false)
	d.hire(t, clerkLogin)
	d.enter(p, clerkLogin, "falsch-2026")
	p.shows(patience, "#error", "登录名或口令不对，请再输一次")
	p.until(patience, "the cursor is in the password", "document.activeElement.id === 'password'") // a frame later than the words
	var state struct{ Path, Login, Password, At string }
	if err := p.try(&state, `({ path: location.pathname + location.search, login: document.getElementById('name').value,
		password: document.getElementById('password').value, at: document.activeElement.id })`); err != nil {
		t.Fatal(err)
	}
	if state.Path != "/login" || state.Login != clerkLogin || state.Password != "" || state.At != "password" {
		t.Errorf("after a wrong password: %+v; want the login still there, the password gone, and the cursor in it", state)
	}
	p.typed(password)
	p.click("button.primary")
	p.shows(patience, "h1", "选择窗口")
	p.legible()
	p.click("form[action='/logout'] button")
	p.shows(patience, "h1", "工作人员登录")
	p.legible()
	p.clean("log-in", d.host(), func(c complaint) bool {
		return c.Source == "network" && strings.Contains(c.Text, "401") // the answer to the wrong password
	})
	lacksAll(t, "addresses", strings.Join(p.addresses(), "\n"), password, "falsch-2026")
}

// outage stops the service under open pages and starts it again on the same
// address and data.
func outage(t *testing.T, b *browser) {
	d := startDemo(t)
	staff := b.profile(t)
	console := b.tab(t, staff, 1366, 768, false)
	board := b.tab(t, staff, 1920, 1080, false)
	phone := b.tab(t, b.profile(t), 360, 740, true)
	k := d.take(t, "hukou", false)
	d.login(console)
	console.shows(patience, "#panel", "下一位 A001")
	board.open(d.URL() + "/board")
	phone.open(d.URL() + "/t/demo/" + k.ID)
	host := d.host()
	before := []string{board.text("#board"), phone.text("#ticket")}

	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	console.shows(quick, "#line", "连接中断")
	board.shows(quick, "#line", "连接中断")
	phone.shows(quick, "#line", "连接中断")
	phone.legible()
	if after := []string{board.text("#board"), phone.text("#ticket")}; after[0] != before[0] || after[1] != before[1] {
		t.Errorf("the pages show %q instead of what they showed last: %q", after, before)
	}
	use(console, "F2")
	console.shows(patience, "#toast", "连不上中心服务")

	d.config.Addr = host
	d.running = run(t, d.config)
	back := time.Now()
	for _, p := range []*tab{console, board, phone} {
		p.until(eventual, "the page recovers", "document.getElementById('line').innerText === ''")
	}
	t.Logf("console, board and phone are back after %v", time.Since(back).Round(time.Millisecond))
	use(console, "F2") // the session has outlived the service
	console.shows(quick, "#number", "A001")
	board.shows(quick, ".latest", "请 A001 到 1 号窗口")
	phone.shows(quick, "#ticket h1", "请到 1 号窗口")
	if numbers, times := d.calls(t); numbers != 1 || times != 1 {
		t.Errorf("%d numbers called, %d times", numbers, times)
	}
	for name, p := range map[string]*tab{"console": console, "board": board, "phone": phone} {
		p.clean(name, host, func(c complaint) bool {
			return c.Source == "network" && (strings.Contains(c.Text, "ERR_CONNECTION_REFUSED") || strings.Contains(c.Text, "ERR_INCOMPLETE_CHUNKED_ENCODING") ||
				strings.Contains(c.Text, "ERR_CONNECTION_RESET") || strings.Contains(c.Text, "ERR_EMPTY_RESPONSE"))
		})
	}
}

func phonePage(t *testing.T, b *browser) {
	d := startDemo(t)
	k := d.take(t, "hukou", true)
	address := d.URL() + "/t/demo/" + k.ID
	p := b.tab(t, b.profile(t), 360, 740, true)

	// Languages, and back.
	p.open(address)
	p.click(".switch")
	p.shows(patience, "#ticket", "Waiting")
	p.until(patience, "the page is in English", "document.documentElement.lang === 'en'")
	p.click(".switch")
	p.shows(patience, "#ticket", "等候中")

	// A button for vibration, which is where a thumb finds it, works.
	p.open(address)
	p.until(patience, "the page is in touch", "document.getElementById('line').innerText === '' && !document.getElementById('updated').parentElement.hidden")
	p.click("#bell")
	p.shows(quick, "#bell", "叫到您时手机会振动")

	// A number the centre has not heard of turns up by itself.
	late := uuid.Must(uuid.NewV7()).String()
	p.open(d.URL() + "/t/demo/" + late)
	p.shows(quick, "#ticket", "号码还没有传到大厅 请稍后再看；号码照常有效")
	p.legible()
	if _, err := d.terminal.IssueTicket(t.Context(), centralapi.TicketRequest{ID: late, Business: "idcard"}); err != nil {
		t.Fatal(err)
	}
	p.shows(quick, "#ticket", "B001 等候中")
	p.legible()

	// A phone that was asleep: its stream is dead and nothing has told it so.
	p.open(address)
	p.until(quick, "the stream is there", "document.getElementById('line').innerText === ''")
	streams := func() (n int) {
		for _, a := range p.addresses() {
			if strings.HasSuffix(a, k.ID+"/stream") {
				n++
			}
		}
		return n
	}
	before := streams()
	if err := p.try(nil, `(() => {
		const later = Date.now() + 60000;
		Date.now = () => later;
		document.dispatchEvent(new Event('visibilitychange'));
	})()`); err != nil {
		t.Fatal(err)
	}
	session, err := d.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w1", PIN: demoPIN})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := session.CallNext(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.shows(quick, "#ticket h1", "请到 1 号窗口")
	if n := streams(); n != before+1 {
		t.Errorf("the page has asked for its stream %d times before and %d times after waking, want once more", before, n)
	}
	p.clean("phone", d.host(), nil)

	// Without scripts the page says the same and asks again by itself.
	plain := b.tab(t, b.profile(t), 360, 740, true)
	plain.do(nil, "Emulation.setScriptExecutionDisabled", map[string]any{"value": true})
	plain.open(address)
	if seen := plain.text("body"); !strings.Contains(seen, "请到 1 号窗口") || !strings.Contains(seen, "刷新") {
		t.Errorf("without scripts: %s", seen)
	}
	plain.clean("phone without scripts", d.host(), nil)

	// Nothing hangs over the edge, in any size or language.
	for _, size := range [][2]int{{320, 568}, {360, 740}, {768, 1024}} {
		narrow := b.tab(t, b.profile(t), size[0], size[1], true)
		for _, lang := range []string{"zh", "en"} {
			narrow.open(address + "?lang=" + lang)
			var width int
			if err := narrow.try(&width, "document.documentElement.scrollWidth"); err != nil {
				t.Fatal(err)
			}
			if width > size[0] {
				t.Errorf("%s at %d pixels: %d wide", lang, size[0], width)
			}
			narrow.legible()
		}
		narrow.clean("phone", d.host(), nil)
	}
}

// watchfulness makes a page misbehave: a check that sees nothing is no check.
func watchfulness(t *testing.T, b *browser) {
	d := startDemo(t)
	p := b.tab(t, b.profile(t), 800, 600, false)
	p.open(d.URL() + "/board")
	if err := p.try(nil, `new Promise(done => {
		console.error('planted');
		document.addEventListener('securitypolicyviolation', () => setTimeout(done, 0));
		const picture = new Image();
		picture.src = 'http://elsewhere.invalid/x.png';
		document.body.append(picture);
	})`); err != nil {
		t.Fatal(err)
	}
	var seen []string
	p.mu.Lock()
	for _, c := range p.complaint {
		seen = append(seen, c.Source+": "+c.Text)
	}
	p.mu.Unlock()
	all := strings.Join(seen, "\n")
	if !strings.Contains(all, "planted") || !strings.Contains(all, "Content Security Policy") {
		t.Errorf("a planted error and a violation of the policy show as:\n%s", all)
	}
}

// contrast finds the text on a page that stands out least from what is behind
// it, as a ratio after WCAG 2.2, 1.4.3.
const contrast = `(() => {
	const channels = colour => colour.match(/[\d.]+/g).map(Number);
	const light = colour => {
		const [r, g, b] = channels(colour).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = it => {
		for (; it; it = it.parentElement) {
			const colour = getComputedStyle(it).backgroundColor;
			if (channels(colour)[3] !== 0) return colour;
		}
		return 'rgb(255, 255, 255)';
	};
	let worst = { Ratio: 21, Text: '' };
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const it = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || !it.checkVisibility()) continue;
		const [a, b] = [light(getComputedStyle(it).color), light(behind(it))].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		if (ratio < worst.Ratio) worst = { Ratio: ratio, Text: walk.currentNode.data.trim() };
	}
	return worst;
})()`

// legible checks that everything on a page can be read.
func (p *tab) legible() {
	p.t.Helper()
	var worst struct {
		Ratio float64
		Text  string
	}
	if err := p.try(&worst, contrast); err != nil {
		p.t.Fatal(err)
	}
	if worst.Text == "" || worst.Ratio < 4.5 {
		p.t.Errorf("contrast of %q is %.1f:1, want 4.5", worst.Text, worst.Ratio)
	}
}

func lacksAll(t *testing.T, where, text string, unwanted ...string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s: nothing to look at", where)
	}
	for _, w := range unwanted {
		if strings.Contains(text, w) {
			t.Errorf("%s: has %q", where, w)
		}
	}
}
