package screens

import (
	"strconv"
	"strings"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// ticks breaks reasons into pages, under which there are buttons. A page holds at most
// 8, 6 in assisted mode.
func (k *kit) ticks(choices []session.Choice, assisted bool, lang session.Language) []int {
	texts := make([]string, len(choices))
	for i := range choices {
		texts[i] = choices[i].Title
	}
	return tickSheet{k.ruler(assisted, lang)}.breaks(texts)
}

// tickSheet is how reasons stand on their page. Drawing and breaking ask the same code.
type tickSheet struct{ ruler }

func (s tickSheet) limit() int {
	if s.m.Assisted {
		return maxChoicesAssisted
	}
	return 8
}

// area is where the reasons stand, and the row of buttons under them.
func (s tickSheet) area() (reasons, foot touch.Rect) {
	p := page{m: s.m}
	r := p.room()
	if !s.m.Tight() {
		r.CutTop(p.questionLine() + p.below())
	}
	high := s.m.Target
	if s.m.Panel.Portrait() {
		high = float32(int(s.m.Target * 1.3))
	}
	foot = r.CutBottom(high)
	r.CutBottom(s.m.Gap)
	return r, foot
}

func (s tickSheet) columns(width float32) int {
	if s.m.Panel.Portrait() || s.m.Assisted && width < s.m.MM(240) || width < s.m.MM(180) {
		return 1
	}
	return 2
}

// text is the style of a reason.
func (s tickSheet) text() touch.Style {
	st := touch.Style{Size: s.m.Title, Color: s.m.Colors.Ink, Center: true}
	if !s.m.Panel.Portrait() || s.m.Assisted {
		st.Size = s.m.Body
	}
	return st
}

// room is the width of a reason's text in a column.
func (s tickSheet) room(column float32) float32 {
	return column - 2*s.m.Pad - s.tickSide(s.text().Size) - s.m.Pad*0.75
}

// heights are those of the rows.
func (s tickSheet) heights(texts []string, width float32) []float32 {
	cols := s.columns(width)
	room := s.room(touch.Rect{W: width}.Columns(cols, s.m.Gap)[0].W)
	least := s.m.Target
	if s.m.Tight() {
		least = s.m.TargetMin
	}
	var rows []float32
	for i, text := range texts {
		if i%cols == 0 {
			rows = append(rows, least)
		}
		last := &rows[len(rows)-1]
		*last = max(*last, s.height(text, s.text(), room)+2*s.m.MM(1.2))
	}
	return rows
}

func (s tickSheet) breaks(texts []string) []int {
	area, _ := s.area()
	cols := s.columns(area.W)
	starts := spread(s.heights(texts, area.W), s.m.Gap, area.H, s.limit()/cols, nil)
	for i := range starts {
		starts[i] *= cols
	}
	return starts
}

// reasons draws the reasons of a level to be ticked off, and what leads on.
func (p *page) reasons(rest touch.Rect, v *session.Reasons) {
	s := tickSheet{p.ruler()}
	area, foot := s.area()
	if !p.m.Tight() {
		head := p.content(rest)
		line := head.CutTop(p.questionLine())
		icon, ink := p.face(v.Level)
		side := p.questionLine()
		p.f.Icon(line.CutLeft(side), icon, ink)
		line.CutLeft(p.m.Pad)
		aside := p.levelName(v.Level)
		if v.Chosen > 0 {
			aside = p.w.Count(wording.RateChosen, v.Chosen)
		}
		p.questionAside(line, p.say(wording.RateReasons), aside)
	}
	texts := make([]string, len(v.Reasons))
	for i := range v.Reasons {
		texts[i] = v.Reasons[i].Text
	}
	cols := s.columns(area.W)
	rows := s.heights(texts, area.W)
	var sum float32
	for _, h := range rows {
		sum += h
	}
	extra := float32(0)
	if n := float32(len(rows)); n > 0 {
		extra = max(0, min(float32(int((area.H-sum-p.m.Gap*(n-1))/n)), p.m.MM(8)))
	}
	for i, h := range rows {
		cells := area.CutTop(h+extra).Columns(cols, p.m.Gap)
		area.CutTop(p.m.Gap)
		for j := i * cols; j < min(len(texts), (i+1)*cols); j++ {
			p.reason(cells[j%cols], &v.Reasons[j], j)
		}
	}
	p.reasonsFoot(foot, v)
}

func (p *page) reason(r touch.Rect, v *session.ReasonChoice, n int) {
	s := tickSheet{p.ruler()}
	press := p.press("reason."+letter(n), session.ReasonTicked{Code: v.Code})
	// Another reason is another intention: quick ticks are not bounces.
	press.Job, press.Key = strconv.Itoa(v.Code), true
	room := p.tick(r, v.Ticked, s.text().Size, press)
	p.f.Text(room, v.Text, s.text())
}

// tick draws a control with a box that is ticked or not, and returns the room beside
// the box.
func (p *page) tick(r touch.Rect, on bool, size float32, press touch.Press) touch.Rect {
	c := p.m.Colors
	look := touch.Look{Fill: c.Card, Pressed: c.QuietPressed, Stroke: c.Border, StrokeWidth: p.m.Stroke, Radius: p.m.Radius}
	if on {
		look.Fill, look.Stroke = c.BluePale, c.Blue
	}
	p.f.Control(r, look, press)
	inner := r.Inset(p.m.Pad, 0)
	side := p.ruler().tickSide(size)
	box := inner.CutLeft(side).Center(side, side)
	look = touch.Look{Fill: c.Card, Stroke: c.Border, StrokeWidth: p.m.Stroke * 1.5, Radius: p.m.Radius * 0.6}
	if on {
		look = touch.Look{Fill: c.Blue, Radius: p.m.Radius * 0.6}
	}
	p.f.Box(box, look)
	if on {
		p.f.Icon(box.Inset(side*0.16, side*0.16), touch.IconCheck, c.OnFill)
	}
	inner.CutLeft(p.m.Pad * 0.75)
	return inner
}

// reasonsFoot draws what turns pages, if there are several, and 选好了.
func (p *page) reasonsFoot(r touch.Rect, v *session.Reasons) {
	done := touch.Button{Label: p.say(wording.RateReasonsDone), Kind: touch.Primary, Size: p.m.Title}
	if v.Pages > 1 {
		pager := r.CutLeft(float32(int(r.W * 0.58)))
		r.CutLeft(p.m.Gap)
		number := strconv.Itoa(v.Number) + "/" + strconv.Itoa(v.Pages)
		st := touch.Style{Size: p.m.Body, Bold: true, Color: p.m.Colors.Ink, Align: touch.Middle, Center: true}
		w := p.f.Width(number, st) + p.m.MM(1)
		side := float32(int((pager.W - w - 2*p.m.Gap) / 2))
		back, next := pager.CutLeft(side), pager.CutRight(side)
		p.f.Text(pager, number, st)
		for _, b := range []struct {
			at   touch.Rect
			word wording.Key
			icon touch.Icon
			p    touch.Press
		}{
			{back, wording.ChoosePrevious, touch.IconPrevious, p.turn("page.previous", -1, v.Number > 1)},
			{next, wording.ChooseNext, touch.IconNext, p.turn("page.next", +1, v.Number < v.Pages)},
		} {
			button := touch.Button{Label: p.say(b.word)}
			if p.f.ButtonWidth(button) > b.at.W {
				button = touch.Button{Icon: b.icon}
			}
			p.f.Button(b.at, button, b.p)
		}
	}
	p.f.Button(r, done, p.press("reasons.done", session.ReasonsDone{}))
}

// rateSend shows everything that will be sent, the switch, and the button that sends
// it.
func (p *page) rateSend(rest touch.Rect, v *session.RateSend) {
	r := p.content(rest)
	send := touch.Button{Label: p.say(wording.RateSendIt), Icon: touch.IconCheck, Kind: touch.Primary, Size: p.m.Question, Held: p.hold}
	sendPress := p.press("rate.send", session.SendPressed{})
	write := touch.Button{Label: p.say(wording.RateWrite), Icon: touch.IconPen, Size: p.m.Title}
	if v.Words != "" {
		write.Label = p.say(wording.RateRewrite)
	}
	writePress := p.press("rate.write", session.RateWordsPressed{})
	var strips []touch.Notice
	if v.Unsent {
		strips = []touch.Notice{
			{Icon: touch.IconNetwork, Tone: touch.Warning, Text: p.say(wording.RateUnsent) + "\n" + p.say(wording.RateUnsentPhone)},
		}
	}
	lines := p.rateLines(v)
	if p.m.Panel.Portrait() {
		p.question(&r, p.say(wording.RateCheck))
		p.f.Button(r.CutBottom(float32(int(p.m.Target*1.6))), send, sendPress)
		r.CutBottom(p.m.Gap)
		p.notices(&r, r.H*0.4, strips)
		p.anonymity(r.CutBottom(p.anonymityHeight(v, r.W)), v)
		r.CutBottom(p.m.Gap)
		p.f.Button(r.CutBottom(float32(int(p.m.Target*1.2))), p.fitting(write, r.W), writePress)
		r.CutBottom(p.m.Gap)
		p.table(r.CutTop(p.tableHeight(lines, r.W, r.H)), lines)
		return
	}
	if !p.m.Tight() {
		p.questionAside(r.CutTop(p.questionLine()), p.say(wording.RateCheck), ratedWords(v.Service))
		r.CutTop(p.below())
	}
	row := r.CutBottom(p.m.Target)
	r.CutBottom(p.m.Gap)
	cells := row.Columns(2, p.m.Gap)
	p.f.Button(cells[0], p.fitting(write, cells[0].W), writePress)
	p.f.Button(cells[1], p.fitting(send, cells[1].W), sendPress)
	if len(strips) > 0 && p.m.Tight() {
		strips[0].Text = p.say(wording.RateUnsent)
	}
	drawn := p.notices(&r, p.m.Target*1.5, strips)
	share := float32(0.46)
	if p.m.Tight() {
		share = 0.54 // what the switch means comes first
	}
	right := r.CutRight(float32(int(r.W * share)))
	r.CutRight(p.m.Gap)
	p.anonymity(right.CutTop(min(right.H, max(p.anonymityHeight(v, right.W), p.m.Target*2))), v)
	if drawn < len(strips) { // no room for both: what happened matters more
		p.f.Notice(r, strips[0])
		return
	}
	if p.m.Tight() {
		p.rateGist(r, v)
		return
	}
	p.table(r, lines)
}

// rateGist is the rating in short, for low panels: its face, its level, how many reasons.
func (p *page) rateGist(r touch.Rect, v *session.RateSend) {
	p.f.Card(r)
	inner := r.Inset(p.m.Pad, p.m.MM(1.5))
	icon, ink := p.face(v.Level)
	side := float32(int(min(inner.H, inner.W*0.25)))
	p.f.Icon(inner.CutLeft(side).Center(side, side), icon, ink)
	inner.CutLeft(p.m.Pad)
	name, count := touch.Style{Size: p.m.Body, Bold: true, Color: p.m.Colors.Ink, Balance: true}, ""
	if n := len(v.Reasons); n > 0 {
		count = p.w.Count(wording.RateChosen, n)
	}
	high := p.f.Height(p.levelName(v.Level), name, inner.W)
	more := p.f.Height(count, p.soft(), inner.W)
	if high+more > inner.H {
		count, more = "", 0
	}
	block := inner.Center(inner.W, high+more)
	p.f.CutText(&block, p.levelName(v.Level), name)
	p.f.Text(block, count, p.soft())
}

// fitting is the button with words of a size that fits the width.
func (p *page) fitting(b touch.Button, width float32) touch.Button {
	for _, size := range []float32{p.m.Title, p.m.Body} {
		if p.f.ButtonWidth(b) <= width {
			break
		}
		b.Size = size
	}
	if p.f.ButtonWidth(b) > width {
		b.Icon = touch.NoIcon
	}
	return b
}

func (p *page) rateLines(v *session.RateSend) []tableLine {
	var l tableLines
	l.add(wording.RateSatisfaction, p.levelName(v.Level), true, 2)
	separator := "；"
	if p.w.Language == session.English {
		separator = "; "
	}
	l.add(wording.RateReasonsLabel, strings.Join(v.Reasons, separator), false, 3)
	l.add(wording.RateWordsLabel, strings.Join(strings.Fields(v.Words), " "), false, 3)
	if p.m.Panel.Portrait() {
		l.add(wording.RateService, ratedWords(v.Service), false, 2)
	}
	return l
}

// The switch 匿名评价: a box that is ticked or not, the word, and what it means.
func (p *page) anonymity(r touch.Rect, v *session.RateSend) {
	title, hint, words := p.anonymityWords(v)
	room := p.tick(r, v.Anonymous, p.m.Title, p.press("rate.anonymous", session.AnonymityChosen{On: !v.Anonymous}))
	if p.m.Tight() || p.f.Width(words, title) > room.W {
		title.Size = p.m.Body
	}
	th, hh := p.f.Height(words, title, room.W), p.f.Height(p.anonymityHint(v), hint, room.W)
	if th+hh > room.H {
		p.f.Text(room.Center(room.W, th), words, title)
		return
	}
	block := room.Center(room.W, th+hh)
	p.f.CutText(&block, words, title)
	p.f.Text(block, p.anonymityHint(v), hint)
}

func (p *page) anonymityWords(v *session.RateSend) (title, hint touch.Style, words string) {
	state := wording.RateOff
	if v.Anonymous {
		state = wording.RateOn
	}
	title, hint = p.title(), p.soft()
	hint.Balance = true
	return title, hint, p.say(wording.RateAnonymous) + "　" + p.say(state)
}

func (p *page) anonymityHint(v *session.RateSend) string {
	if v.Anonymous {
		return p.say(wording.RateAnonymousOn)
	}
	return p.say(wording.RateAnonymousOff)
}

// anonymityHeight is the height of the switch in the width, whichever way it stands.
func (p *page) anonymityHeight(v *session.RateSend, width float32) float32 {
	room := width - 2*p.m.Pad - p.ruler().tickSide(p.m.Title) - p.m.Pad*0.75
	var high float32
	for _, on := range []bool{true, false} {
		one := *v
		one.Anonymous = on
		title, hint, words := p.anonymityWords(&one)
		if p.m.Tight() || p.f.Width(words, title) > room {
			title.Size = p.m.Body
		}
		high = max(high, p.f.Height(words, title, room)+p.f.Height(p.anonymityHint(&one), hint, room))
	}
	return max(p.m.Target, high+2*p.m.MM(2))
}

// rateWords is where the rater writes.
func (p *page) rateWords(rest touch.Rect, v *session.RateWords) {
	p.writing(rest, writingPage{
		question: p.say(wording.RateWordsQuestion), hint: p.say(wording.RateWordsHint), w: &v.Writing,
		ways: []wayOn{{
			b: touch.Button{Label: p.say(wording.RateWritten), Icon: touch.IconCheck, Kind: touch.Primary},
			p: p.press("rate.written", session.WritingDone{}),
		}},
	})
}

// thanks says that the rating arrived and what happens next, and hands the rater a code
// for what came of a bad one.
func (p *page) thanks(rest touch.Rect, v *session.Thanks) {
	title, text, words := p.say(wording.RateThanks), p.say(wording.RateReceived), p.say(wording.RateQr)
	if v.Level.Bad() && v.Days > 0 {
		days := p.w.Count(wording.RateDays, v.Days)
		text = days + "\n" + p.say(wording.RateReview)
		if v.QR != "" && p.m.Tight() { // what matters, where there is no room for more
			title, text, words = days, words, ""
		}
	}
	r := p.content(rest)
	p.bigButtons(&r, func(r touch.Rect) {
		done := touch.Button{Label: p.say(wording.ResultDone), Kind: touch.Primary, Size: p.m.Title}
		if v.Seconds >= 0 {
			done.Label = p.w.Count(wording.ResultDoneIn, v.Seconds)
		}
		if v.More == 0 {
			p.f.Button(r, p.fitting(done, r.W), p.press("thanks.done", session.DonePressed{}))
			return
		}
		cells := r.Columns(2, p.m.Gap)
		more := touch.Button{Label: p.say(wording.RateMore), Icon: touch.IconRate, Size: p.m.Title}
		p.f.Button(cells[0], p.fitting(more, cells[0].W), p.press("thanks.more", session.RateMorePressed{}))
		p.f.Button(cells[1], p.fitting(done, cells[1].W), p.press("thanks.done", session.DonePressed{}))
	})
	switch {
	case v.QR == "":
	case p.m.Panel.Portrait():
		p.code(r.CutBottom(float32(int(r.H*0.42))), v.QR, words)
		r.CutBottom(p.m.Gap)
	default:
		p.code(r.CutRight(float32(int(min(r.W*0.4, r.H)))), v.QR, words)
		r.CutRight(p.m.Gap)
	}
	p.bigWords(r, touch.IconCheck, p.m.Colors.GreenInk, title, text, nil)
}

// broken reports whether a word of the text does not stand on one line of the width.
func (p *page) broken(text string, st touch.Style, width float32) bool {
	for _, word := range strings.Fields(text) {
		if p.w.Language == session.English && p.f.Width(word, st) > width {
			return true
		}
	}
	return false
}

// ratingMessage is what is said instead of a rating.
func (p *page) ratingMessage(m *session.Message) (icon touch.Icon, title, text string) {
	switch m.Kind {
	case session.RatingAway:
		return touch.IconNetwork, p.say(wording.MessageRatingAway), p.say(wording.MessageRatingAwayHint)
	case session.RatingNothing:
		text = p.say(wording.MessageRatingNothingHint)
		if !p.m.Tight() {
			text += "\n" + p.say(wording.MessageRatingPaper)
		}
		return touch.IconRate, p.say(wording.MessageRatingNothing), text
	case session.RatingTaken:
		return touch.IconRate, p.say(wording.MessageRatingTaken), p.say(wording.MessageRatingTakenHint)
	case session.RatingStands:
		return touch.IconCheck, p.say(wording.MessageRatingStands), p.say(wording.MessageRatingStandsHint)
	}
	return touch.IconInfo, p.say(wording.MessageRatingRefused), p.say(wording.MessageRatingRefusedHint)
}
