package screens

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// result draws the number. With paper, number, place and queue share the page and
// 请取走小票 stands out; without, number and QR code fill the page, to be
// photographed.
func (p *page) result(rest touch.Rect, t *session.Result) {
	r := p.content(rest)
	question := wording.ResultQuestion
	if t.Existing {
		question = wording.ResultExisting
	}
	if !p.m.Tight() {
		p.question(&r, p.say(question))
	}
	p.resultButtons(&r, t)
	paper := t.Paper == session.Printing || t.Paper == session.Printed
	switch {
	case r.H < p.m.Number*3:
		p.resultLow(r, t)
	case p.m.Panel.Portrait():
		p.resultPortrait(r, t, paper)
	default:
		p.resultLandscape(r, t, paper)
	}
}

// resultLow shows on a low panel what a person must carry away: the number,
// where to wait, the QR code, and what became of the paper.
func (p *page) resultLow(r touch.Rect, t *session.Result) {
	strips := p.resultStrips(t)
	if t.Existing && p.m.Tight() {
		strips[0].Text = p.say(wording.ResultExisting) // the question that says so is left out
	}
	for _, n := range strips {
		h := p.f.NoticeHeight(n, r.W)
		if r.H-h < p.m.Number*1.35 {
			n.Size = p.m.Body
			h = p.f.NoticeHeight(n, r.W)
		}
		if r.H-h < p.m.Number {
			break
		}
		p.f.Notice(r.CutBottom(h), n)
		r.CutBottom(p.m.MM(2))
	}
	if t.QR != "" {
		p.code(r.CutRight(r.H), t.QR, "")
		r.CutRight(p.m.Gap)
	}
	p.f.Box(r, touch.Look{Fill: p.m.Colors.BluePale, Radius: p.m.Radius})
	inner := r.Inset(p.m.MM(3.5), p.m.MM(1))
	var facts []string
	if words := p.ahead(t); words != "" {
		facts = append(facts, words)
	}
	for _, s := range []string{p.where(t.Place, t.Area), p.windows(t.Windows)} {
		if s != "" {
			facts = append(facts, s)
		}
	}
	st := p.body()
	st.Bold = true
	// The number comes first: it keeps its height, and the facts that are too wide
	// beside it are left to the ticket and the phone.
	number := touch.Style{Size: p.m.Number * 0.8, Bold: true}
	room := inner.W - p.f.Width(t.Label, number) - p.m.Pad
	facts = slices.DeleteFunc(facts, func(s string) bool { return p.f.Width(s, st) > room })
	if len(facts) > 0 {
		var wide float32
		for _, s := range facts {
			wide = max(wide, p.f.Width(s, st))
		}
		column := inner.CutRight(wide)
		inner.CutRight(p.m.Pad)
		st.Center = true
		p.f.Text(column, strings.Join(facts, "\n"), st)
	}
	p.label(inner, t.Label)
}

func (p *page) resultPortrait(r touch.Rect, t *session.Result, paper bool) {
	p.number(r.CutTop(float32(int(r.H*0.32))), t)
	p.strips(&r, t)
	r.CutTop(p.m.Gap)
	lines := p.resultLines(t, paper)
	if t.QR == "" {
		p.table(r, lines)
		return
	}
	share := float32(0.44)
	if !paper {
		share = 0.66
	}
	p.code(r.CutBottom(float32(int(r.H*share))), t.QR, p.codeWords(paper))
	r.CutBottom(p.m.Gap)
	p.table(r, lines)
}

// strips draws what is said about paper and network under the number, and cuts it
// off the top of r.
func (p *page) strips(r *touch.Rect, t *session.Result) {
	for _, n := range p.resultStrips(t) {
		if n.Tone == touch.Success && p.m.Panel.Portrait() {
			n.Size = p.m.Question // what must not be left behind
		}
		if p.f.NoticeHeight(n, r.W) > p.m.TextHeight(n.Size, 1)*2.5 {
			n.Size = p.m.Body
		}
		h := p.f.NoticeHeight(n, r.W)
		if h > r.H*0.5 {
			return
		}
		r.CutTop(p.m.Gap)
		p.f.Notice(r.CutTop(h), n)
	}
}

func (p *page) resultLandscape(r touch.Rect, t *session.Result, paper bool) {
	if t.QR != "" {
		side := r.CutRight(float32(int(min(r.W*0.36, r.H*0.95))))
		r.CutRight(p.m.Gap)
		p.code(side, t.QR, p.codeWords(paper))
	}
	lines := p.resultLines(t, paper)
	_, sum := p.tableRows(&lines, r.W-2*p.m.Pad, r.H*0.5, p.m.Body)
	var strips float32
	for _, n := range p.resultStrips(t) {
		n.Size = p.m.Body
		strips += p.f.NoticeHeight(n, r.W) + p.m.Gap
	}
	table := sum + p.m.MM(2)*float32(len(lines)+1)
	p.number(r.CutTop(max(r.H*0.42, r.H-strips-p.m.Gap-table)), t)
	p.strips(&r, t)
	r.CutTop(p.m.Gap)
	p.table(r, lines)
}

// number draws a box with the number as large as it allows, and how many people
// are ahead.
func (p *page) number(r touch.Rect, t *session.Result) {
	c := p.m.Colors
	p.f.Box(r, touch.Look{Fill: c.BluePale, Radius: p.m.Radius})
	inner := r.Inset(p.m.Pad, p.m.MM(2))
	if words := p.ahead(t); words != "" {
		p.f.Text(inner.CutBottom(p.m.TextHeight(p.m.Title, 1)), words, centered(touch.Style{Size: p.m.Title, Bold: true, Color: c.Ink}))
	}
	// A label over the number only where the number stays large.
	if line := p.m.TextHeight(p.m.Body, 1); inner.H-line > p.m.Number*1.4 {
		p.f.Text(inner.CutTop(line), p.say(wording.ResultLabel), centered(p.soft()))
	}
	p.label(inner, t.Label)
}

// label writes the number as large as r allows.
func (p *page) label(r touch.Rect, text string) {
	st := touch.Style{Size: p.m.Number, Bold: true, Color: p.m.Colors.BlueInk, Align: touch.Middle, Center: true}
	// Letters and digits are 0.75 em high, and stand in a line of 1.25 em.
	grow := min(r.W/(p.f.Width(text, st)+2), r.H/st.Size/0.95)
	st.Size = float32(int(st.Size * grow))
	p.f.Text(r, text, st)
}

// ahead says how many people are ahead; empty when that is not known.
func (p *page) ahead(t *session.Result) string {
	switch {
	case t.Ahead > 0:
		return p.w.Count(wording.ResultAhead, t.Ahead)
	case t.Ahead == 0:
		return p.say(wording.ResultAheadNone)
	}
	return ""
}

// resultLines are where to go, then what for; without paper only where to go.
func (p *page) resultLines(t *session.Result, paper bool) []tableLine {
	var l tableLines
	place := p.where(t.Place, t.Area)
	words := p.say(wording.ResultWait)
	if place != "" {
		words = p.w.Fill(wording.ResultPlace, wording.Args{Place: place})
	}
	l.add(wording.ConfirmPlace, words, true, 3)
	l.add(wording.ResultWindows, p.windows(t.Windows), true, 2)
	if !paper && t.QR != "" {
		return l
	}
	l.add(wording.ResultBusiness, t.Business, false, 1)
	l.add(wording.ResultItem, t.Item, false, 2)
	l.add(wording.ResultHolder, t.HolderName, false, 1)
	return l
}

// codeWords says what the code is good for.
func (p *page) codeWords(paper bool) string {
	if paper {
		return p.say(wording.ResultQr)
	}
	return p.say(wording.ResultSave)
}

// code draws the QR code with its sentence: under it when the place is high,
// beside it when it is wide, none when words is empty. A place too small for the
// code stays empty: the number stands on the page all the same.
func (p *page) code(r touch.Rect, qr, words string) {
	c := p.m.Colors
	p.f.Box(r, touch.Look{Fill: c.Card, Stroke: c.Hairline, StrokeWidth: p.m.Stroke, Radius: p.m.Radius})
	inner := r.Inset(p.m.MM(1), p.m.MM(1))
	st := centered(touch.Style{Size: p.m.Body, Color: c.Ink})
	switch {
	case words == "":
	case inner.W > inner.H*1.6:
		square := inner.CutLeft(inner.H)
		inner.CutLeft(p.m.Pad * 0.5)
		inner.CutRight(p.m.Pad)
		p.f.Text(inner, words, touch.Style{Size: p.m.Title, Color: c.Ink, Center: true, Balance: true})
		inner = square
	default:
		inner.CutBottom(p.m.MM(1.5))
		p.f.Text(inner.CutBottom(p.f.Height(words, st, inner.W)), words, st)
	}
	if _, err := p.f.QR(inner, qr); err != nil {
		fyne.LogError("page without its QR code", err)
	}
}

// resultStrips are the sentences about paper and network, worst first.
func (p *page) resultStrips(t *session.Result) []touch.Notice {
	var s []touch.Notice
	add := func(icon touch.Icon, tone touch.Tone, k wording.Key) {
		s = append(s, touch.Notice{Icon: icon, Tone: tone, Text: p.say(k), Bold: tone == touch.Success, Size: p.m.Title})
	}
	switch t.Paper {
	case session.Printing:
		add(touch.IconPrinter, touch.Telling, wording.ResultPrinting)
	case session.Printed:
		add(touch.IconTicket, touch.Success, wording.ResultPrinted)
	case session.PaperNone:
		add(touch.IconCamera, touch.Warning, wording.ResultPaperOut)
	case session.PaperFault:
		add(touch.IconCamera, touch.Warning, wording.ResultPaperFault)
	case session.PaperUnknown:
		add(touch.IconCamera, touch.Warning, wording.ResultPaperUnknown)
	case session.PaperAsked:
		k := wording.ResultPaperAskedPlain
		if t.CanReprint {
			k = wording.ResultPaperAsked
		}
		add(touch.IconCamera, touch.Telling, k)
	}
	if t.Own {
		add(touch.IconNetwork, touch.Warning, wording.ResultOwn)
	}
	return s
}

// resultButtons draws 完成, with the seconds until it comes by itself, and 补打 at
// the foot of r and cuts them off.
func (p *page) resultButtons(r *touch.Rect, t *session.Result) {
	var ways []wayOn
	if t.CanReprint {
		reprint := touch.Button{Label: p.say(wording.ResultReprint), Icon: touch.IconPrinter}
		ways = append(ways, wayOn{reprint, p.press("result.reprint", session.ReprintPressed{})})
	}
	done := touch.Button{Label: p.say(wording.ResultDone), Kind: touch.Primary}
	if t.Seconds >= 0 {
		done.Label = p.w.Count(wording.ResultDoneIn, t.Seconds)
	}
	p.cutWaysOn(r, append(ways, wayOn{done, p.press("result.done", session.DonePressed{})})...)
}
