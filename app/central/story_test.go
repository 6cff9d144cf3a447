//go:build unix

package central_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/handoff"
)

// The whole story of a visit on the real service, with real log-ins in real browsers:
// at the window, on the wall, on the phone, and what comes afterwards.

// cast of the story, besides people.
var storyCast = map[string]central.NewStaff{
	"su":  {Name: "诉示例", Roles: []string{"complaints"}},
	"gao": {Name: "高示例", Roles: []string{"manager", "complaints"}},
}

// story is what its parts share.
type story struct {
	*demo
	t             *testing.T
	b             *browser
	clerk, other  *tab // at windows 1 and 3
	board, phone  *tab
	visit         centralapi.Ticket // the number of the story
	code          string            // path of the address on its paper
	phoneProfile  string
	clerksProfile string
}

func TestStory(t *testing.T) {
	b := startBrowser(t)
	s := &story{demo: startDemo(t), t: t, b: b}
	for login, n := range storyCast {
		n.Login, n.Password, n.Keep = login, password, true
		if _, err := s.AddStaff(t.Context(), "demo", n); err != nil {
			t.Fatal(err)
		}
	}
	s.hire(t, "guan")
	s.open()
	if !t.Run("called, handed on, finished", s.atTheWindow) {
		return // everything else is about that visit
	}
	t.Run("rated, once", s.rated)
	t.Run("a bad rating is answered", s.answered)
	t.Run("the wrong role", s.wrongRole)
	t.Run("a complaint goes all the way", s.complaint)
	t.Run("spoken", s.spoken) // which takes its time

	for name, p := range map[string]*tab{"window 1": s.clerk, "window 3": s.other, "board": s.board, "phone": s.phone} {
		p.clean(name, s.host(), nil)
	}
}

// sit logs somebody in and sits them down.
func (s *story) sit(p *tab, login, window string) {
	s.t.Helper()
	s.hire(s.t, login)
	s.enter(p, login, password)
	p.arrives("h1", "选择窗口")
	p.click(".tile[value=" + window + "]")
	p.shows(patience, "#panel", "现在没有人等候")
}

func (s *story) open() {
	t := s.t
	s.clerksProfile, s.phoneProfile = s.b.profile(t), s.b.profile(t)
	s.clerk = s.b.tab(t, s.clerksProfile, 1366, 768, false)
	s.other = s.b.tab(t, s.b.profile(t), 1366, 768, false)
	s.board = s.b.tab(t, s.b.profile(t), 1920, 1080, false)
	s.phone = s.b.tab(t, s.phoneProfile, 390, 844, true)
	listen(s.board)
	// Beside what began: what has come to its end.
	s.board.do(nil, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": `
		window.ended = 0;
		const play = AudioBufferSourceNode.prototype.start;
		AudioBufferSourceNode.prototype.start = function (at) {
			this.addEventListener('ended', () => { window.ended++; });
			return play.call(this, at);
		};`})
	s.board.open(s.URL() + "/board")
	s.board.until(patience, "the screen asks for a touch", "!document.getElementById('unlock').hidden")
	s.board.click("#unlock")
	s.board.until(patience, "it may sound", "document.getElementById('unlock').hidden && audio.state === 'running'")
	s.sit(s.clerk, clerkLogin, "w1")
	s.sit(s.other, "wang", "w3")
}

// atTheWindow: a clerk calls, sees that it is another matter and hands the number on; a
// colleague at another window finishes it. Board and phone follow.
func (s *story) atTheWindow(t *testing.T) {
	s.visit = s.take(t, "hukou", true)
	label := s.visit.Label
	s.code = s.ticketCode(t, s.visit, handoff.Chinese)
	s.phone.open(s.URL() + s.code)
	s.phone.shows(quick, "#ticket", label+" 等候中")
	s.clerk.shows(quick, "#panel", "下一位 "+label)

	use(s.clerk, "F2")
	s.clerk.shows(quick, "#number", label)
	s.board.shows(quick, ".latest", "请 "+label+" 到 1 号窗口")
	s.phone.shows(quick, "#ticket h1", "请到 1 号窗口")

	s.clerk.pressed("z")
	s.clerk.arrives("h1", "转办")
	s.clerk.fits("transfer")
	s.clerk.click("label:has(input[value='business:pension'])")
	s.clerk.click("button.primary")
	s.clerk.shows(patience, "#panel", "现在没有人等候")
	s.phone.shows(quick, "#ticket", label+" 等候中")
	s.other.shows(quick, "#panel", "下一位 "+label)

	use(s.other, "F2")
	s.other.shows(quick, "#number", label)
	s.board.shows(quick, ".latest", "请 "+label+" 到 3 号窗口")
	s.phone.shows(quick, "#ticket h1", "请到 3 号窗口")
	s.phone.whether("it can be rated before it has ended", "!!document.querySelector('.to-rate')", false)
	use(s.other, "F8")
	s.other.shows(quick, "#panel", "今天已办 1 人")
	s.phone.shows(quick, "#ticket h1", "已办结")
}

// rated: the page that was open offers the rating when the service has ended. It opens
// once: afterwards, here and in another tab, there is what was said and no form.
func (s *story) rated(t *testing.T) {
	early := s.b.tab(t, s.phoneProfile, 390, 844, true) // has the form open all the time
	early.open(s.URL() + s.code + "/rating")
	early.arrives(".rate", "非常满意")
	s.phone.shows(patience, ".to-rate", "评价这次服务")
	s.phone.click(".to-rate a")
	s.phone.arrives("h1", "这次办事，您满意吗？")
	s.phone.click(".face:has([value=very-dissatisfied])")
	s.phone.click("#words")
	s.phone.typed("跑了两个窗口")
	s.phone.click(".rate .primary")
	s.phone.shows(patience, ".given", "非常不满意")
	early.click(".face:has([value=very-satisfied])")
	early.click(".rate .primary")
	early.shows(patience, ".given", "非常不满意")
	for name, p := range map[string]*tab{"the page": s.phone, "another tab": early} {
		p.whether(name+" has a form after the rating", "!!document.querySelector('.rate')", false)
		p.shows(quick, ".given .said", "跑了两个窗口")
	}
	early.clean("another tab", s.host(), nil)
}

// answered: the one star is a task, which somebody handles and somebody else reviews;
// only then whoever rated reads the answer.
func (s *story) answered(t *testing.T) {
	handler, reviewer := s.b.tab(t, s.b.profile(t), 1366, 768, false), s.b.tab(t, s.b.profile(t), 1366, 768, false)
	const answer = "已经请两个窗口说清楚各办什么"
	outcome := func() bool {
		s.phone.open(s.URL() + s.code + "/rating")
		return strings.Contains(s.phone.text("main"), answer)
	}
	s.enter(handler, "su", password)
	handler.arrives("h1", "投诉和建议")
	handler.open(s.URL() + "/ratings")
	handler.arrives("tbody", "非常不满意")
	lacksAll(t, "the list of tasks", handler.text("main"), s.visit.Label, masked)
	handler.click("tbody a")
	handler.arrives(".do", "领取")
	handler.click(".do .primary")
	handler.arrives(".do", "处理结果")
	handler.click("input[value=rectified]")
	handler.click("#answer")
	handler.typed(answer)
	handler.click(".do .primary")
	handler.arrives(".do", "等待复核")
	handler.whether("its handler can close it", "!!document.querySelector('button[value=close]')", false)
	if outcome() {
		t.Error("the answer is read before it is reviewed")
	}
	s.enter(reviewer, "gao", password)
	reviewer.until(patience, "the log-in is over", "location.pathname !== '/login' && document.readyState === 'complete'")
	reviewer.open(s.URL() + "/ratings?view=review")
	reviewer.click("tbody a")
	reviewer.arrives(".do", "通过，办结")
	reviewer.click(".do .primary")
	reviewer.arrives(".do", "已办结")
	if !outcome() {
		t.Errorf("the answer is not there:\n%s", s.phone.text("main"))
	}
	handler.clean("the handler", s.host(), nil)
	reviewer.clean("the reviewer", s.host(), nil)
}

// spoken: both calls of the story were announced, from the first recording to the end
// of the last one, and the sound device has heard them.
func (s *story) spoken(t *testing.T) {
	digits := strings.Split(strings.ToLower(s.visit.Label), "")
	var want []string
	for _, window := range []string{"1", "3"} {
		once := slices.Concat([]string{"please"}, digits, []string{"called", window, "window"})
		want = slices.Concat(want, []string{"chime"}, once, once)
	}
	s.board.until(patience, "all of it has been played to its end", fmt.Sprintf("heard.length === %d && ended === %[1]d", len(want)))
	if got := heard(s.board); !slices.Equal(got, want) {
		t.Errorf("played\n%v, want\n%v", got, want)
	}
	var sound struct{ Now, Loudest, Last float64 }
	if err := s.board.try(&sound, "({ now: audio.currentTime, loudest, last: Math.max(...heard.map(it => it.at + it.length)) })"); err != nil {
		t.Fatal(err)
	}
	if sound.Loudest < 0.05 || sound.Now < sound.Last-0.1 {
		t.Errorf("the sound device: %+v; want it past the last recording, and some loudness", sound)
	}
}

// wrongRole: each of the staff at the others' pages.
func (s *story) wrongRole(t *testing.T) {
	for login, pages := range map[string][]string{
		clerkLogin: {"/staff", "/staff/closings", "/manager", "/manager/day", "/complaints", "/ratings", "/ratings/export"},
		"guan":     {"/console", "/console/transfer", "/console/why", "/complaints"},
		"su":       {"/console", "/staff", "/manager", "/ratings/export"},
	} {
		p := s.b.tab(t, s.b.profile(t), 1366, 768, false)
		s.enter(p, login, password)
		p.until(patience, "the log-in is over", "location.pathname !== '/login' && document.readyState === 'complete'")
		p.open(s.URL() + pages[0])
		if seen := p.text("h1"); seen != "这个页面不归您的岗位" {
			t.Errorf("%s at %s sees %q", login, pages[0], seen)
		}
		for _, page := range pages {
			var got struct {
				Status int
				Text   string
			}
			if err := p.try(&got, "fetch("+quote(page)+").then(async answer => ({ status: answer.status, text: await answer.text() }))"); err != nil {
				t.Fatal(err)
			}
			if got.Status != http.StatusForbidden || !strings.Contains(got.Text, "这个页面不归您的岗位") {
				t.Errorf("%s at %s: %d, want 403", login, page, got.Status)
			}
		}
	}
}

// complaint: filed on the visitor's phone, carried through all states by its handler,
// and followed on the phone.
func (s *story) complaint(t *testing.T) {
	phone := s.b.tab(t, s.phoneProfile, 390, 844, true)
	address := s.URL() + "/complaint/demo"
	phone.open(address)
	phone.click(".kind:nth-of-type(1)")
	phone.click("#words")
	phone.typed("等了很久，没有人说为什么")
	phone.click("button.primary")
	phone.arrives("h1", "已经收到")
	code := phone.text("#code")

	desk := s.b.tab(t, s.b.profile(t), 1366, 768, false)
	s.enter(desk, "su", password)
	desk.arrives("h1", "投诉和建议")
	desk.click("tbody a")
	desk.arrives(".words", "等了很久")
	desk.shows(patience, ".stages .here", "登记")
	var walked []string
	for _, next := range []struct{ action, state string }{
		{"verify", "初步核实"}, {"investigate", "调查"}, {"handle", "处理"}, {"feedback", "反馈"}, {"archive", "归档"},
	} {
		desk.until(patience, "the form for "+next.action, fmt.Sprintf(`document.querySelector('input[name=action]')?.value === %s`, quote(next.action)))
		if next.action == "verify" {
			desk.click("input[value=simple]")
		}
		desk.click("#next-text")
		desk.typed("按规定办，已经说明")
		desk.click(".do .primary")
		desk.shows(patience, ".stages .here", next.state)
		walked = append(walked, desk.text(".stages .here"))

		phone.open(address)
		phone.do(nil, "Page.navigate", map[string]any{"url": address + "/progress#" + code})
		phone.until(patience, "the code is filled in", `document.querySelector('#ask')?.value.length > 9 && location.hash === ''`)
		phone.click("button.primary")
		phone.shows(patience, "h2", next.state)
	}
	if len(walked) != 5 {
		t.Errorf("states: %v", walked)
	}
	phone.shows(patience, "main", "按规定办，已经说明")
	none := func(complaint) bool { return false }
	phone.clean("the visitor's phone", s.host(), none)
	desk.clean("the complaints desk", s.host(), none)
}
