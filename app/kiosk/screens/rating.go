package screens

import (
	"image/color"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
	"hallkiosk/app/rating"
)

// rate asks which service is to be rated: by card, by the code on the ticket, or by its
// number.
func (p *page) rate(rest touch.Rect, v *session.Rate) {
	r := p.content(rest)
	if !p.m.Tight() {
		p.question(&r, p.say(wording.RateQuestion))
	}
	p.rateFoot(&r, v)
	words, failed := p.rateReader(v)
	icon, picture := touch.IconCard, touch.PictureCard
	if v.Reader == session.ReaderAbsent {
		icon = touch.IconQR
	}
	n := touch.Notice{Icon: icon, Text: words, Size: p.m.Title, Bold: true}
	switch {
	case failed:
		n.Icon, n.Tone, n.Bold = touch.IconWarning, touch.Warning, false
	case v.Reader == session.ReaderReading:
		n.Tone = touch.Success
	}
	if v.Reader == session.ReaderAbsent && !p.m.Tight() {
		p.bigWords(r, n.Icon, p.m.Colors.BlueInk, words, "", nil)
		return
	}
	if p.m.Panel.Portrait() {
		p.f.Notice(r.CutTop(max(p.f.NoticeHeight(n, r.W), p.m.Target)), n)
		r.CutTop(p.m.Gap)
		p.f.Box(r, touch.Look{Fill: p.m.Colors.BluePale, Radius: p.m.Radius})
		p.f.Picture(r.Inset(p.m.Pad*2, p.m.Pad*2), picture, 1.5)
		return
	}
	whole := r
	left := r.CutLeft(float32(int(min(r.W*0.46, r.H*1.5))))
	r.CutLeft(p.m.Gap)
	if p.f.NoticeHeight(n, r.W) > r.H {
		n.Size = p.m.Body
	}
	if p.f.NoticeHeight(n, r.W) > r.H || v.Reader == session.ReaderAbsent {
		p.f.Notice(whole, n) // a low panel: the words matter more than the picture
		return
	}
	p.f.Box(left, touch.Look{Fill: p.m.Colors.BluePale, Radius: p.m.Radius})
	p.f.Picture(left.Inset(p.m.Pad*0.75, p.m.Pad*0.75), picture, 1.5)
	p.f.Notice(r, n)
}

// rateFoot draws the other ways at the foot of r and cuts them off: the button, what
// the scanner is good for, and the sentence about privacy.
func (p *page) rateFoot(r *touch.Rect, v *session.Rate) {
	b := touch.Button{Label: p.say(wording.RateType), Icon: touch.IconKeyboard}
	p.cutWaysOn(r, wayOn{b, p.press("rate.type", session.TypePressed{})})
	if v.Reader != session.ReaderAbsent {
		p.privacy(r, wording.RatePrivacy)
	}
	if !v.Scanner || v.Reader == session.ReaderAbsent || v.Misread {
		return
	}
	n := touch.Notice{Icon: touch.IconQR, Text: p.say(wording.RateScan)}
	if h := p.f.NoticeHeight(n, r.W); r.H-h-p.m.Gap > p.m.Target*1.5 {
		p.f.Notice(r.CutBottom(h), n)
		r.CutBottom(p.m.Gap)
	}
}

// rateReader says what the reader is doing, or why the last card was not read; without
// a reader, what the scanner is for.
func (p *page) rateReader(v *session.Rate) (words string, failed bool) {
	switch {
	case v.Reader == session.ReaderReading:
		return p.say(wording.IdentifyReading), false
	case v.Misread:
		return p.say(wording.RateMisread), true
	case v.Reader == session.ReaderAbsent:
		return p.say(wording.RateScanOnly), false
	}
	switch v.Failure {
	case session.CardMoved:
		return p.say(wording.RateMoved), true
	case session.CardUnknown:
		return p.say(wording.IdentifyUnknown), true
	case session.CardSuspect:
		return p.say(wording.RateSuspect), true
	case session.CardLost:
		return p.say(wording.RateLost), true
	case session.CardNoNumber:
		return p.say(wording.RateBadData), true
	}
	return p.say(wording.RateCard), false
}

// rateNumber is where the number of a ticket is typed.
func (p *page) rateNumber(rest touch.Rect, v *session.RateNumber) {
	w := writingPage{
		question: p.say(wording.RateNumberQuestion),
		hint:     p.say(wording.RateExample) + " " + v.Example,
		w:        &v.Writing,
		big:      true,
	}
	switch v.Problem {
	case session.LabelNoLetter:
		w.notice = &touch.Notice{Icon: touch.IconWarning, Tone: touch.Warning, Text: p.say(wording.RateNoLetter)}
	case session.LabelNoDigits:
		w.notice = &touch.Notice{Icon: touch.IconWarning, Tone: touch.Warning, Text: p.say(wording.RateNoDigits)}
	}
	find := wayOn{b: touch.Button{Label: p.say(wording.RateFind), Icon: touch.IconSearch, Kind: touch.Primary}}
	find.p = touch.Press{Name: "rate.find"}
	if v.Text != "" {
		find.p = p.press("rate.find", session.NumberEntered{})
	}
	w.ways = []wayOn{find}
	p.writing(rest, w)
}

// services lists the services that can be rated.
func (p *page) services(rest touch.Rect, v *session.Services) {
	p.chooseFrom(rest, p.say(wording.RateQuestion), &v.Choose)
}

// levelName is what stands beside the face of a level.
func (p *page) levelName(l rating.Level) string {
	if p.w.Language == session.English {
		return l.NameEn()
	}
	return l.Name()
}

// face is the face of a level and the colour it is drawn in.
func (p *page) face(l rating.Level) (touch.Icon, color.NRGBA) {
	c := p.m.Colors
	switch l {
	case rating.VerySatisfied:
		return touch.IconFace5, c.GreenInk
	case rating.Satisfied:
		return touch.IconFace4, c.GreenInk
	case rating.BasicallySatisfied:
		return touch.IconFace3, c.BlueInk
	case rating.Dissatisfied:
		return touch.IconFace2, c.WarmInk
	}
	return touch.IconFace1, c.WarmInk
}

// ratedWords is a service in one line: 居住证办理　A023.
func ratedWords(s session.RatedService) string {
	if s.Business == "" {
		return s.Label
	}
	return s.Business + "　" + s.Label
}

// levels draws the five faces with their words, all alike: none is larger than the
// others, and none is chosen.
func (p *page) levels(rest touch.Rect, v *session.Levels) {
	r := p.content(rest)
	question, subject := p.say(wording.RateLevel), ratedWords(v.Service)
	if p.m.Panel.Portrait() {
		p.question(&r, question)
		p.ratedService(&r, v.Service)
		r.CutTop(p.m.Gap)
		high := min(float32(int((r.H-4*p.m.Gap)/5)), p.m.MM(34))
		size := p.levelRowSize(r.W, high)
		for _, l := range rating.Levels() {
			p.levelRow(r.CutTop(high), l, size)
			r.CutTop(p.m.Gap)
		}
		return
	}
	if !p.m.Tight() {
		p.questionAside(r.CutTop(p.questionLine()), question, subject)
		r.CutTop(p.below())
	}
	columns := r.Columns(5, p.m.Gap)
	if size, ok := p.levelSize(columns[0].W); ok {
		high := min(r.H, float32(int(columns[0].W*1.5)))
		for i, cell := range r.Center(r.W, high).Columns(5, p.m.Gap) {
			p.levelColumn(cell, rating.Levels()[i], size)
		}
		return
	}
	// Words that are too long for five columns: two of rows, the good ones left.
	halves := r.Columns(2, p.m.Gap)
	size := p.levelRowSize(halves[0].W, r.Rows(3, p.m.Gap)[0].H)
	for i, l := range rating.Levels() {
		p.levelRow(halves[i/3].Rows(3, p.m.Gap)[i%3], l, size)
	}
}

// levelSize is the size of the words under the faces in columns of the width; false
// when no word of a level fits one.
func (p *page) levelSize(width float32) (float32, bool) {
	for _, size := range []float32{p.m.Title, p.m.Body} {
		st := touch.Style{Size: size, Bold: true}
		fits := true
		for _, l := range rating.Levels() {
			for _, word := range p.f.Lines(p.levelName(l), st, width-2*p.m.MM(1)) {
				fits = fits && p.f.Width(word, st) <= width-2*p.m.MM(1)
			}
			fits = fits && len(p.f.Lines(p.levelName(l), st, width-2*p.m.MM(1))) <= 2 && !p.broken(p.levelName(l), st, width-2*p.m.MM(1))
		}
		if fits {
			return size, true
		}
	}
	return 0, false
}

func (p *page) levelLook() touch.Look {
	c := p.m.Colors
	return touch.Look{Fill: c.Card, Pressed: c.QuietPressed, Stroke: c.Border, StrokeWidth: p.m.Stroke, Radius: p.m.Radius}
}

func (p *page) levelPress(l rating.Level) touch.Press {
	return p.press("level."+string(l), session.LevelChosen{Level: l})
}

func (p *page) levelRow(r touch.Rect, l rating.Level, size float32) {
	p.f.Control(r, p.levelLook(), p.levelPress(l))
	side, words := p.levelRowParts(r)
	icon, ink := p.face(l)
	p.f.Icon(side, icon, ink)
	p.f.Text(words, p.levelName(l), touch.Style{Size: size, Bold: true, Color: p.m.Colors.Ink, Center: true, Balance: true})
}

// levelRowParts are the places of face and words in a row.
func (p *page) levelRowParts(r touch.Rect) (face, words touch.Rect) {
	inner := r.Inset(p.m.Pad*1.5, p.m.MM(1.5))
	side := float32(int(min(inner.H, p.m.MM(24), inner.W*0.3)))
	face = inner.CutLeft(side).Center(side, side)
	inner.CutLeft(p.m.Pad)
	return face, inner
}

// levelRowSize is the size at which the words of every level stand in rows of the size:
// the same for all.
func (p *page) levelRowSize(width, high float32) float32 {
	_, words := p.levelRowParts(touch.Rect{W: width, H: high})
	for _, size := range []float32{p.m.Question, p.m.Title} {
		fits := true
		for _, l := range rating.Levels() {
			fits = fits && p.f.Width(p.levelName(l), touch.Style{Size: size, Bold: true}) <= words.W
		}
		if fits {
			return size
		}
	}
	return p.m.Body
}

func (p *page) levelColumn(r touch.Rect, l rating.Level, size float32) {
	p.f.Control(r, p.levelLook(), p.levelPress(l))
	inner := r.Inset(p.m.MM(1), p.m.MM(2))
	icon, ink := p.face(l)
	words := inner.CutBottom(p.m.TextHeight(size, 2))
	inner.CutBottom(p.m.MM(1))
	side := float32(int(min(inner.W*0.7, inner.H)))
	p.f.Icon(inner.Center(side, side), icon, ink)
	p.f.Text(words, p.levelName(l), centered(touch.Style{Size: size, Bold: true, Color: p.m.Colors.Ink}))
}

// ratedService says which service it is and cuts its place off the top of r.
func (p *page) ratedService(r *touch.Rect, s session.RatedService) {
	label := p.soft()
	words := p.say(wording.RateService)
	w := p.f.Width(words, label) + p.m.Pad
	st := p.body()
	st.Bold, st.Center = true, true
	room := r.W - 2*p.m.Pad - w
	text := p.faces.Bold.Shorten(ratedWords(s), p.m.Body, room, 2)
	box := r.CutTop(p.f.Height(text, st, room) + 2*p.m.MM(1.6))
	p.f.Card(box)
	inner := box.Inset(p.m.Pad, p.m.MM(1.6))
	label.Center = true
	p.f.Text(inner.CutLeft(w), words, label)
	p.f.Text(inner, text, st)
}
