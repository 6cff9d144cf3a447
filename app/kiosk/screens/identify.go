package screens

import (
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// identify asks for the card: a picture of how to lay it, what the reader is
// doing, one sentence about privacy before anything is read, and the other ways.
func (p *page) identify(rest touch.Rect, id *session.Identify) {
	r := p.content(rest)
	question := wording.IdentifyQuestion
	if id.Reader == session.ReaderAbsent && id.CanType {
		question = wording.IdentifyQuestionAbsent
	}
	p.question(&r, p.say(question))

	p.identifyWays(&r, id)
	p.privacy(&r, wording.IdentifyPrivacy)
	words, failed := p.readerWords(id)
	if id.Reader == session.ReaderAbsent {
		p.identifyAbsent(r, id, words)
		return
	}
	if p.m.Panel.Portrait() {
		p.subject(r.CutTop(p.subjectHeight(id.Business, id.Item, r.W)), id.Business, id.Item)
		r.CutTop(p.m.Gap)
		n := p.readerNotice(words, id, failed)
		if h := p.f.NoticeHeight(n, r.W); failed && h < p.m.Target {
			n.Size = p.m.Title
		}
		h := max(p.f.NoticeHeight(n, r.W), p.m.Target)
		p.f.Notice(r.CutBottom(h), n)
		r.CutBottom(p.m.Gap)
		p.f.Box(r, touch.Look{Fill: p.m.Colors.BluePale, Radius: p.m.Radius})
		p.f.Picture(r.Inset(p.m.Pad*2, p.m.Pad*2), touch.PictureCard, 1.5)
		return
	}
	n := p.readerNotice(words, id, failed)
	whole := r
	left := r.CutLeft(float32(int(min(r.W*0.46, r.H*1.5))))
	r.CutLeft(p.m.Gap)
	if p.f.NoticeHeight(n, r.W) > r.H {
		p.f.Notice(whole, n) // a low panel: what went wrong matters more than the picture
		return
	}
	p.f.Box(left, touch.Look{Fill: p.m.Colors.BluePale, Radius: p.m.Radius})
	p.f.Picture(left.Inset(p.m.Pad*0.75, p.m.Pad*0.75), touch.PictureCard, 1.5)
	if h := p.subjectHeight(id.Business, id.Item, r.W); h+p.m.Gap+p.f.NoticeHeight(n, r.W) <= r.H {
		p.subject(r.CutTop(h), id.Business, id.Item)
		r.CutTop(p.m.Gap)
	}
	for _, size := range []float32{p.m.Question, p.m.Title} {
		larger := n
		larger.Size = size
		if p.f.NoticeHeight(larger, r.W) <= r.H*0.7 {
			n = larger
			break
		}
	}
	p.f.Notice(r, n)
}

// identifyAbsent is the page without a reader.
func (p *page) identifyAbsent(r touch.Rect, id *session.Identify, words string) {
	h := p.subjectHeight(id.Business, id.Item, r.W)
	n := touch.Notice{Icon: touch.IconCard, Text: words, Tone: touch.Warning, Size: p.m.Title}
	if p.f.NoticeHeight(n, r.W) > r.H {
		n.Size = p.m.Body
	}
	if h+p.m.Gap+p.f.NoticeHeight(n, r.W) <= r.H {
		p.subject(r.CutTop(h), id.Business, id.Item)
		r.CutTop(p.m.Gap)
	}
	if p.m.Tight() {
		p.f.Notice(r, n)
		return
	}
	p.bigWords(r, touch.IconCard, p.m.Colors.WarmInk, words, "", nil)
}

// identifyWays draws the ways besides the card at the foot of r and cuts them off.
func (p *page) identifyWays(r *touch.Rect, id *session.Identify) {
	var ways []wayOn
	if id.CanType {
		b := touch.Button{Label: p.say(wording.IdentifyType), Icon: touch.IconKeypad}
		if id.Reader == session.ReaderAbsent {
			b.Kind = touch.Primary
		}
		ways = append(ways, wayOn{b, p.press("identify.type", session.TypePressed{})})
	}
	label := wording.IdentifyNoCard
	if id.CanSkip {
		label = wording.IdentifySkip
	}
	skip := touch.Button{Label: p.say(label), Icon: touch.IconPerson}
	p.cutWaysOn(r, append(ways, wayOn{skip, p.press("identify.no-card", session.NoCardPressed{})})...)
}

// privacy writes a privacy sentence at the foot of r and cuts it off.
func (p *page) privacy(r *touch.Rect, sentence wording.Key) {
	st := p.soft()
	st.Balance = true
	side, gap := float32(int(p.m.Body*1.3)), float32(int(p.m.Body*0.5))
	words := p.say(sentence)
	h := p.f.Height(words, st, r.W-side-gap)
	row := r.CutBottom(h)
	r.CutBottom(p.m.MM(1))
	first := touch.Rect{X: row.X, Y: row.Y, W: side, H: p.m.TextHeight(p.m.Body, 1)}
	p.f.Icon(first, touch.IconShield, p.m.Colors.BlueInk)
	row.CutLeft(side + gap)
	p.f.Text(row, words, st)
}

// readerWords says what the reader is doing, or why the last card was not read.
func (p *page) readerWords(id *session.Identify) (words string, failed bool) {
	switch {
	case id.Reader == session.ReaderReading:
		return p.say(wording.IdentifyReading), false
	case id.Reader == session.ReaderAbsent && id.CanType:
		return p.say(wording.IdentifyAbsent), true
	case id.Reader == session.ReaderAbsent:
		return p.say(wording.IdentifyAbsentAsk), true
	}
	switch id.Failure {
	case session.CardMoved:
		return p.say(wording.IdentifyMoved), true
	case session.CardUnknown:
		return p.say(wording.IdentifyUnknown), true
	case session.CardSuspect:
		return p.say(wording.IdentifySuspect), true
	case session.CardLost:
		return p.say(wording.IdentifyLost), true
	case session.CardNoNumber:
		return p.say(wording.IdentifyBadData), true
	}
	return p.say(wording.IdentifyHint), false
}

func (p *page) readerNotice(words string, id *session.Identify, failed bool) touch.Notice {
	n := touch.Notice{Icon: touch.IconInfo, Text: words, Size: p.m.Title, Bold: true}
	switch {
	case failed:
		n.Icon, n.Tone, n.Bold = touch.IconWarning, touch.Warning, false
		n.Size = p.m.Body
	case id.Reader == session.ReaderReading:
		n.Icon, n.Tone = touch.IconCard, touch.Success
	}
	return n
}

// subject says what the person came for: a business, and the matter if there is
// one. A very long matter is shortened; it was read in full when it was chosen.
func (p *page) subject(r touch.Rect, business, item string) {
	p.f.Card(r)
	inner := r.Inset(p.m.Pad, p.m.MM(1.6))
	label := p.soft()
	words := p.say(wording.IdentifyFor)
	w := p.f.Width(words, label) + p.m.Pad
	p.f.Text(inner.CutLeft(w), words, label)
	st := p.body()
	st.Bold = true
	p.f.CutText(&inner, p.subjectText(business, item, inner.W), st)
}

// subjectText is the matter, or the business when no matter was chosen.
func (p *page) subjectText(business, item string, width float32) string {
	if item == "" {
		item = business
	}
	return p.faces.Bold.Shorten(item, p.m.Body, width, 2)
}

func (p *page) subjectHeight(business, item string, width float32) float32 {
	label := p.soft()
	w := width - 2*p.m.Pad - p.f.Width(p.say(wording.IdentifyFor), label) - p.m.Pad
	st := p.body()
	st.Bold = true
	return p.f.Height(p.subjectText(business, item, w), st, w) + 2*p.m.MM(1.6)
}
