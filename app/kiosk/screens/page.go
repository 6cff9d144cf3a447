package screens

import (
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// page is one drawing of a view.
type page struct {
	f     *touch.Frame
	m     *touch.Metrics
	faces *touch.Faces
	w     *wording.Words
	v     *session.View
	send  func(session.Event)
	hold  bool // the page waits for an answer and takes no touch
}

// draw draws the header and footer of p.v and the page of body, which is the same
// view except while the page is held.
func (p *page) draw(body *session.View, hold bool) {
	p.f.Control(p.m.Screen(), touch.Look{}, touch.Press{
		Name: "ground", Ground: true, Tap: func() { p.send(session.Touched{}) },
	})
	rest := p.header()
	if p.v.Corner {
		p.corner()
	}
	rest = p.footer(rest)
	p.hold = hold
	switch {
	case body.Home != nil:
		p.home(rest, body.Home)
	case body.Choose != nil:
		p.choose(rest, body.Choose)
	case body.Identify != nil:
		p.identify(rest, body.Identify)
	case body.TypeNumber != nil:
		p.typeNumber(rest, body.TypeNumber)
	case body.Confirm != nil:
		p.confirm(rest, body.Confirm)
	case body.Result != nil:
		p.result(rest, body.Result)
	case body.Guides != nil:
		p.guides(rest, body.Guides)
	case body.List != nil:
		p.list(rest, body.List)
	case body.Search != nil:
		p.search(rest, body.Search)
	case body.Guide != nil:
		p.guide(rest, body.Guide)
	case body.Forms != nil:
		p.forms(rest, body.Forms)
	case body.Form != nil:
		p.form(rest, body.Form)
	case body.Plan != nil:
		p.plan(rest, body.Plan)
	case body.Takeaway != nil:
		p.takeaway(rest, body.Takeaway)
	case body.Kinds != nil:
		p.chooseFrom(rest, p.say(wording.ComplaintQuestion), &body.Kinds.Choose)
	case body.Concerned != nil:
		p.chooseFrom(rest, p.say(wording.ComplaintWindow), &body.Concerned.Choose)
	case body.Words != nil:
		p.words(rest, body.Words)
	case body.Contact != nil:
		p.contact(rest, body.Contact)
	case body.Filing != nil:
		p.filing(rest, body.Filing)
	case body.Receipt != nil:
		p.receipt(rest, body.Receipt)
	case body.AskCode != nil:
		p.askCode(rest, body.AskCode)
	case body.Public != nil:
		p.chooseFrom(rest, p.say(wording.BoardQuestion), &body.Public.Choose)
	case body.Reading != nil:
		p.reading(body.Reading)
	case body.PIN != nil:
		p.pin(rest, body.PIN)
	case body.Machine != nil:
		p.machine(body.Machine)
	case body.Rate != nil:
		p.rate(rest, body.Rate)
	case body.RateNumber != nil:
		p.rateNumber(rest, body.RateNumber)
	case body.Services != nil:
		p.services(rest, body.Services)
	case body.Levels != nil:
		p.levels(rest, body.Levels)
	case body.Reasons != nil:
		p.reasons(rest, body.Reasons)
	case body.RateSend != nil:
		p.rateSend(rest, body.RateSend)
	case body.RateWords != nil:
		p.rateWords(rest, body.RateWords)
	case body.Thanks != nil:
		p.thanks(rest, body.Thanks)
	case body.Message != nil:
		p.message(rest, body.Message)
	case body.Working != nil && body.Working.Slow:
		p.working(rest, body.Working.What)
	}
	if hold {
		p.f.Control(rest, touch.Look{}, touch.Press{
			Name: "hold", Ground: true, Tap: func() { p.send(session.Touched{}) },
		})
	}
	if p.v.Idle != nil {
		p.idle(p.v.Idle)
	}
}

// press makes a control send the event.
func (p *page) press(name string, e session.Event) touch.Press {
	return touch.Press{Name: name, Tap: func() { p.send(e) }}
}

func (p *page) say(k wording.Key) string { return p.w.Say(k) }

// Styles of the text.

func (p *page) body() touch.Style { return touch.Style{Size: p.m.Body, Color: p.m.Colors.Ink} }

func (p *page) soft() touch.Style { return touch.Style{Size: p.m.Body, Color: p.m.Colors.InkSoft} }

func (p *page) title() touch.Style {
	return touch.Style{Size: p.m.Title, Bold: true, Color: p.m.Colors.Ink}
}

func centered(st touch.Style) touch.Style {
	st.Align, st.Center, st.Balance = touch.Middle, true, true
	return st
}

// content is the page's body without its margins.
func (p *page) content(rest touch.Rect) touch.Rect {
	r := rest.Inset(p.m.Margin, 0)
	r.CutTop(p.above())
	r.CutBottom(p.m.MM(2.4))
	if p.m.Panel.Portrait() {
		r.CutBottom(p.m.MM(3))
	}
	return r
}

// room is the content of a whole page, for those who plan one before it is drawn.
func (p *page) room() touch.Rect {
	r := p.m.Screen()
	r.CutTop(p.m.HeaderHeight())
	r.CutBottom(p.m.FooterHeight())
	return p.content(r)
}

// above is the space over the question.
func (p *page) above() float32 {
	if p.m.Panel.Portrait() {
		return p.m.MM(6)
	}
	return p.m.MM(2.4)
}

// question cuts the one question of the page off the top of r.
func (p *page) question(r *touch.Rect, text string) {
	st := touch.Style{Size: p.m.Question, Bold: true, Color: p.m.Colors.Ink, Balance: true}
	if p.f.Width(text, st) <= r.W {
		// One line does not need the distance of lines.
		st.Center = true
		p.f.Text(r.CutTop(p.questionLine()), text, st)
	} else {
		p.f.CutText(r, text, st)
	}
	r.CutTop(p.below())
}

func (p *page) questionLine() float32 { return float32(int(p.m.Question * 1.25)) }

// below is the space under the question.
func (p *page) below() float32 {
	if p.m.Panel.Portrait() {
		return p.m.MM(4)
	}
	return p.m.MM(2)
}

// header draws the top of the page: name · time · state · 中文 | English · 长辈版.
func (p *page) header() touch.Rect {
	v := p.v
	h := touch.Header{Name: v.Top.HallName, State: p.state(v.Top)}
	if !v.Top.Now.IsZero() {
		h.Clock = wording.Clock(v.Top.Now)
	}
	if v.CardLeft {
		h.Alert, h.AlertIcon = p.say(wording.CardLeft), touch.IconCard
	}
	zh := v.Language != session.English
	size := touch.HeaderButton{
		Label: p.say(wording.TopAssisted), Icon: touch.IconLarge,
		Press: p.press("top.size", session.AssistedChosen{On: true}),
	}
	if v.Assisted {
		size = touch.HeaderButton{Label: p.say(wording.TopNormal), Press: p.press("top.size", session.AssistedChosen{On: false})}
	}
	chinese := touch.HeaderButton{Label: wording.NameChinese, Chosen: zh,
		Press: p.press("top.zh", session.LanguageChosen{Language: session.Chinese})}
	english := touch.HeaderButton{Label: wording.NameEnglish, Chosen: !zh,
		Press: p.press("top.en", session.LanguageChosen{Language: session.English})}
	switch {
	case !v.Assisted:
		h.Buttons = []touch.HeaderButton{chinese, english, size}
	case zh: // large buttons: only the language that is not on
		h.Buttons = []touch.HeaderButton{english, size}
	default:
		h.Buttons = []touch.HeaderButton{chinese, size}
	}
	return p.f.Header(h)
}

// state says what the hall is doing, longest wording first.
func (p *page) state(t session.Top) []string {
	o := t.Open
	fill := func(k wording.Template) string {
		return p.w.Fill(k, wording.Args{Time: p.w.When(o.Until, t.Now)})
	}
	if o.Until.IsZero() {
		switch o.Kind {
		case hall.Open:
			return []string{p.say(wording.StateOpen)}
		case hall.ClosedDay:
			return []string{p.say(wording.StateHoliday)}
		case hall.ClosedNow:
			return []string{p.say(wording.StateClosed)}
		}
		return nil
	}
	switch o.Kind {
	case hall.Open:
		k := wording.StateOpenUntil
		if !o.Next.IsZero() {
			k = wording.StateOpenBreak
		}
		return []string{fill(k), p.say(wording.StateOpen)}
	case hall.NotYetOpen:
		return []string{fill(wording.StateNotYet)}
	case hall.Break:
		if h := o.Until.Hour(); h >= 12 && h < 16 {
			return []string{fill(wording.StateLunch)}
		}
		return []string{fill(wording.StatePause)}
	case hall.ClosedNow:
		return []string{fill(wording.StateClosedNext), p.say(wording.StateClosed)}
	case hall.ClosedDay:
		return []string{fill(wording.StateHolidayNext), p.say(wording.StateHoliday)}
	}
	return nil
}

// footer draws 返回 · 首页 · 请人帮忙 · 监督电话.
func (p *page) footer(rest touch.Rect) touch.Rect {
	b := p.v.Bottom
	ft := touch.Footer{
		Back:       touch.FooterButton{Label: p.say(wording.BottomBack), Press: touch.Press{Name: "bottom.back"}},
		Home:       touch.FooterButton{Label: p.say(wording.BottomHome), Press: touch.Press{Name: "bottom.home"}},
		Help:       touch.FooterButton{Label: p.say(wording.BottomHelp), Press: p.press("bottom.help", session.HelpPressed{})},
		PhoneLabel: p.say(wording.BottomSupervision),
		Phone:      b.SupervisionPhone,
	}
	if b.Back {
		ft.Back.Press = p.press("bottom.back", session.BackPressed{})
	}
	if b.Home {
		ft.Home.Press = p.press("bottom.home", session.HomePressed{})
	}
	switch {
	case b.HelpMinutes < 0:
	case b.HelpUnsent:
		ft.Help.Label, ft.Help.Below = p.say(wording.BottomHelpSending), p.say(wording.BottomHelpComing)
	case b.HelpMinutes == 0:
		ft.Help.Label, ft.Help.Below = p.say(wording.BottomHelpCalled), p.say(wording.BottomHelpComing)
	default:
		ft.Help.Label, ft.Help.Below = p.say(wording.BottomHelpCalled), p.w.Count(wording.BottomHelpMinutes, b.HelpMinutes)
	}
	return p.f.Footer(rest, ft)
}

// lone says at the top of r that there is nothing to show.
func (p *page) lone(r touch.Rect, k wording.Key) {
	n := touch.Notice{Icon: touch.IconInfo, Text: p.say(k)}
	p.f.Notice(r.CutTop(max(p.m.Target, p.f.NoticeHeight(n, r.W))), n)
}

// notices draws strips one under the other at the bottom of r and cuts them off;
// as many as leave keep pixels of r, worst first. It returns how many it drew.
func (p *page) notices(r *touch.Rect, keep float32, list []touch.Notice) int {
	var drawn []touch.Notice
	var height float32
	for _, n := range list {
		h := p.f.NoticeHeight(n, r.W) + p.m.Gap
		if height+h > r.H-keep {
			break
		}
		height += h
		drawn = append(drawn, n)
	}
	block := r.CutBottom(height)
	for _, n := range drawn {
		block.CutTop(p.m.Gap)
		p.f.Notice(block.CutTop(p.f.NoticeHeight(n, block.W)), n)
	}
	return len(drawn)
}
