package screens

import (
	"fyne.io/fyne/v2"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// takeaway draws the QR code that takes a guide to the phone: as large as the
// page allows, black on white, nothing near it.
func (p *page) takeaway(rest touch.Rect, t *session.Takeaway) {
	r := p.content(rest)
	if t.Away {
		p.takeawayNot(r, t)
		return
	}
	c := p.m.Colors
	name := touch.Style{Size: p.m.Title, Color: c.InkSoft, Balance: true}
	if p.m.Panel.Portrait() {
		p.question(&r, p.say(wording.TakeawayQuestion))
		title := p.faces.Regular.Shorten(t.Name, name.Size, r.W, 2)
		p.f.CutText(&r, title, name)
		r.CutTop(p.m.Gap)
		hints := p.takeawayHints()
		hint := centered(touch.Style{Size: p.m.Title, Color: c.Ink})
		var h float32
		for _, s := range hints {
			h += p.f.Height(s, hint, r.W) + p.m.MM(2)
		}
		foot := r.CutBottom(h)
		r.CutBottom(p.m.Gap)
		p.takeawayCode(r.Center(r.W, min(r.H, r.W)), t)
		for _, s := range hints {
			foot.CutTop(p.m.MM(2))
			p.f.Text(foot.CutTop(p.f.Height(s, hint, foot.W)), s, hint)
		}
		return
	}
	p.takeawayCode(r.CutLeft(min(r.H, float32(int(r.W*0.55)))), t)
	r.CutLeft(p.m.Gap * 2)
	ask := touch.Style{Size: p.m.Question, Bold: true, Color: c.Ink, Balance: true}
	name.Size = p.m.Body
	title := p.faces.Regular.Shorten(t.Name, name.Size, r.W, 2)
	askH, nameH := p.f.Height(p.say(wording.TakeawayQuestion), ask, r.W), p.f.Height(title, name, r.W)
	gap := p.m.Pad
	h := askH + gap + nameH
	hint := touch.Style{Size: p.m.Title, Color: c.Ink, Balance: true}
	if p.m.Tight() {
		hint.Size = p.m.Body
	}
	var hints []string
	for _, s := range p.takeawayHints() {
		if more := p.f.Height(s, hint, r.W) + gap; h+more <= r.H {
			hints = append(hints, s)
			h += more
		}
	}
	block := r.Center(r.W, min(h, r.H))
	p.f.CutText(&block, p.say(wording.TakeawayQuestion), ask)
	block.CutTop(gap)
	p.f.CutText(&block, title, name)
	for _, s := range hints {
		block.CutTop(gap)
		p.f.CutText(&block, s, hint)
	}
}

func (p *page) takeawayHints() []string {
	return []string{p.say(wording.TakeawayHint), p.say(wording.TakeawayPrivate)}
}

// takeawayCode draws the code, or that it is being made, on a white sheet.
func (p *page) takeawayCode(r touch.Rect, t *session.Takeaway) {
	p.f.Card(r)
	if t.QR == "" {
		words := p.say(wording.TakeawayMaking)
		p.f.Text(r.Inset(p.m.Pad, p.m.Pad), words, centered(touch.Style{Size: p.m.Title, Color: p.m.Colors.InkSoft}))
		return
	}
	if _, err := p.f.QR(r.Inset(p.m.MM(1), p.m.MM(1)), t.QR); err != nil {
		fyne.LogError("takeaway without its QR code", err)
	}
}

// takeawayNot says that phones cannot reach the centre either, and offers paper.
func (p *page) takeawayNot(r touch.Rect, t *session.Takeaway) {
	text := p.say(wording.TakeawayAwayHint)
	var print func(touch.Rect)
	if t.Prints {
		text = p.say(wording.TakeawayAwayPrint)
		print = func(r touch.Rect) {
			b := touch.Button{Label: p.say(wording.GuidePrint), Icon: touch.IconPrinter, Kind: touch.Primary, Size: p.m.Title}
			width := min(r.W, p.m.Question*12)
			if p.f.ButtonWidth(b) > width {
				b.Size = p.m.Body
			}
			p.f.Button(r.Center(width, r.H), b, p.press("guide.print", session.PrintGuidePressed{}))
		}
	}
	p.bigWords(r, touch.IconNetwork, p.m.Colors.WarmInk, p.say(wording.TakeawayAway), text, print)
}
