package screens

import (
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// idle draws the notice over the page before everything is cleared. A touch
// beside the button says that somebody is there, and presses nothing below.
func (p *page) idle(i *session.Idle) {
	screen := p.m.Screen()
	p.f.Control(screen, touch.Look{Fill: p.m.Colors.Scrim, Pressed: p.m.Colors.Scrim}, touch.Press{
		Name: "idle.ground", Ground: true, Tap: func() { p.send(session.Touched{}) },
	})
	text := p.w.Count(wording.IdleText, i.Seconds)
	width := min(screen.W-2*p.m.Margin, p.m.Question*16)
	inner := width - 2*p.m.MM(8)
	head := centered(touch.Style{Size: p.m.Question, Bold: true, Color: p.m.Colors.Ink})
	body := centered(touch.Style{Size: p.m.Title, Color: p.m.Colors.Ink})
	headH := p.f.Height(p.say(wording.IdleQuestion), head, inner)
	bodyH := p.f.Height(text, body, inner)
	button := float32(int(p.m.Target * 1.4))
	pad := p.m.MM(6)
	box := screen.Center(width, headH+bodyH+button+4*pad)
	p.f.Box(box, touch.Look{Fill: p.m.Colors.Card, Radius: p.m.Radius * 2})
	r := box.Inset(p.m.MM(8), pad)
	p.f.Text(r.CutTop(headH), p.say(wording.IdleQuestion), head)
	r.CutTop(pad * 0.5)
	p.f.Text(r.CutTop(bodyH), text, body)
	p.f.Button(r.CutBottom(button), touch.Button{
		Label: p.say(wording.IdleContinue), Kind: touch.Primary, Size: p.m.Question,
	}, p.press("idle.continue", session.ContinuePressed{}))
}
