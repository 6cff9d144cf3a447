package screens

import (
	"image/color"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// working says in words that something takes time. Nothing moves: the words are
// true for as long as they stand.
func (p *page) working(rest touch.Rect, what session.Work) {
	words, icon := wording.WorkingText, touch.IconTicket
	switch what {
	case session.WorkLooking:
		words, icon = wording.WorkingLooking, touch.IconSearch
	case session.WorkSending:
		words, icon = wording.WorkingSending, touch.IconNetwork
	}
	p.bigWords(p.content(rest), icon, p.m.Colors.BlueInk, p.say(words), p.say(wording.WorkingHint), nil)
}

// bigWords draws an icon in a disc, a sentence and one or two lines under it into
// the middle of r, and a row of buttons at its foot. It returns nothing: what it
// says is all there is on the page.
func (p *page) bigWords(r touch.Rect, icon touch.Icon, ink color.NRGBA, title, text string, buttons func(touch.Rect)) {
	if buttons != nil {
		p.bigButtons(&r, buttons)
	}
	if !p.m.Tight() {
		p.f.Card(r)
		r = r.Inset(p.m.Pad, p.m.Pad)
	}
	width := min(r.W, p.m.Question*17)
	head := centered(touch.Style{Size: float32(int(p.m.Question * 1.15)), Bold: true, Color: p.m.Colors.Ink})
	body := centered(touch.Style{Size: p.m.Title, Color: p.m.Colors.InkSoft})
	headH := p.f.Height(title, head, width)
	bodyH := p.f.Height(text, body, width)
	if headH+bodyH+p.m.Gap > r.H {
		width = r.W
		head.Size, body.Size = p.m.Question, p.m.Body
		headH = p.f.Height(title, head, width)
		bodyH = p.f.Height(text, body, width)
	}
	disc := min(p.m.Hero*2.6, r.H-headH-bodyH-2*p.m.Pad)
	gap := p.m.Pad
	if disc < p.m.Hero*0.8 {
		disc, gap = 0, 0
	}
	block := r.Center(width, disc+gap+headH+p.m.Gap+bodyH)
	if p.m.Panel.Portrait() {
		// The optical middle of a high page is above its middle.
		block.Y -= float32(int((r.H - block.H) * 0.12))
	}
	if disc > 0 {
		circle := block.CutTop(disc).Center(disc, disc)
		p.f.Box(circle, touch.Look{Fill: p.m.Colors.BluePale, Radius: disc / 2})
		p.f.Icon(circle.Center(float32(int(disc*0.52)), float32(int(disc*0.52))), icon, ink)
		block.CutTop(gap)
	}
	p.f.Text(block.CutTop(headH), title, head)
	block.CutTop(p.m.Gap)
	p.f.Text(block.CutTop(bodyH), text, body)
}

// bigButtons draws large buttons at the foot of r and cuts them off.
func (p *page) bigButtons(r *touch.Rect, buttons func(touch.Rect)) {
	high := p.m.Target
	if p.m.Panel.Portrait() {
		high = float32(int(p.m.Target * 1.6))
	}
	buttons(r.CutBottom(high))
	r.CutBottom(p.m.Gap)
}
