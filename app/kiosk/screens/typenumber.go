package screens

import (
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// typeNumber draws the keypad and what has been typed. On landscape panels the
// question stands beside the keypad, which needs the height.
func (p *page) typeNumber(rest touch.Rect, t *session.TypeNumber) {
	r := p.content(rest)
	pad := touch.Keypad{
		Delete: p.say(wording.TypeDelete), Clear: p.say(wording.TypeClear), Done: p.say(wording.TypeDone),
		Empty:  t.Digits == "",
		Key:    func(c rune) { p.send(session.KeyPressed{Key: c}) },
		Back:   func(all bool) { p.send(session.DeletePressed{All: all}) },
		Finish: func() { p.send(session.NumberEntered{}) },
	}
	if p.m.Panel.Portrait() {
		p.question(&r, p.say(wording.TypeQuestion))
		p.f.Keypad(r.CutBottom(float32(int(r.H*0.7))), pad)
		r.CutBottom(p.m.Gap * 2)
		p.typed(r, t)
		return
	}
	wide := r.W * 0.47
	if p.m.Tight() {
		wide = 5*p.m.TargetMin + 4*p.m.Gap
	}
	keys := r.CutRight(float32(int(wide)))
	r.CutRight(p.m.Margin)
	if !p.m.Tight() || t.Problem == "" {
		p.question(&r, p.say(wording.TypeQuestion))
	}
	p.f.Keypad(keys, pad)
	p.typed(r, t)
}

// typed draws the digits, and under them what is wrong or missing.
func (p *page) typed(r touch.Rect, t *session.TypeNumber) {
	field := p.f.DigitsHeight(r.W-2*p.m.MM(2)) + 2*p.m.MM(2)
	box := r.CutTop(field)
	p.f.Card(box)
	mark, n := -1, 0
	if t.Problem == session.NumberBadDate {
		mark, n = 6, 8
	}
	p.f.Digits(box.Inset(p.m.MM(2), p.m.MM(2)), t.Digits, mark, n)
	r.CutTop(p.m.Gap)
	words := p.typedWords(t)
	if t.Problem != "" {
		notice := touch.Notice{Icon: touch.IconWarning, Text: words, Tone: touch.Warning}
		p.f.Notice(r.CutTop(p.f.NoticeHeight(notice, r.W)), notice)
	} else {
		p.f.CutText(&r, words, p.soft())
	}
	// Where there is room: where the number stands on the card.
	r.CutTop(p.m.Gap)
	if where := r.Inset(0, p.m.MM(2)); where.H > p.m.Target*2 {
		p.f.Picture(touch.Rect{X: r.X, Y: where.Y, W: r.W, H: min(where.H, p.m.MM(70))}, touch.PictureNumber, 480.0/304)
	}
}

func (p *page) typedWords(t *session.TypeNumber) string {
	switch t.Problem {
	case session.NumberTooShort:
		return p.say(wording.TypeTooShort)
	case session.NumberBadDate:
		return p.say(wording.TypeBadDate)
	case session.NumberBadCheck:
		return p.say(wording.TypeBadCheck)
	case session.NumberBadChars:
		return p.say(wording.TypeBadChars)
	}
	switch n := len(t.Digits); {
	case n == 0:
		return p.say(wording.TypeHint)
	case n < 18:
		return p.w.Count(wording.TypeLeft, 18-n)
	}
	return p.say(wording.TypeComplete)
}
