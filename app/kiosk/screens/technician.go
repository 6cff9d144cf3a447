package screens

import (
	"time"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// corner takes touches of the upper left corner, where nothing shows that it does:
// the way to the technician's page. It is as high as the header.
func (p *page) corner() {
	side := p.m.HeaderHeight()
	p.f.Control(touch.Rect{W: max(side, p.m.Target), H: side}, touch.Look{}, touch.Press{
		Name: "corner", Ground: true, Tap: func() { p.send(session.CornerTouched{At: time.Now()}) },
	})
}

// pin asks for the technician's PIN. Its digits are not shown.
func (p *page) pin(rest touch.Rect, v *session.PIN) {
	left, keys := p.besideKeypad(p.content(rest), wording.PinQuestion)
	pad := touch.Keypad{
		Delete: p.say(wording.TypeDelete), Clear: p.say(wording.TypeClear), Done: p.say(wording.TypeDone),
		Empty: v.Typed == 0, Plain: true,
		Key:  func(c rune) { p.send(session.KeyPressed{Key: c}) },
		Back: func(all bool) { p.send(session.DeletePressed{All: all}) },
	}
	if v.Typed > 0 && !v.Checking {
		pad.Finish = func() { p.send(session.NumberEntered{}) }
	}
	p.f.Keypad(keys, pad)
	p.digitField(left.CutTop(p.fieldHeight()), "******"[:min(v.Typed, 6)], 6)
	left.CutTop(p.m.Gap)
	n := touch.Notice{Icon: touch.IconWrench, Text: p.say(wording.PinHint)}
	switch {
	case v.Checking:
		n.Text = p.say(wording.PinChecking)
	case v.Minutes > 0:
		n = touch.Notice{Icon: touch.IconWarning, Tone: touch.Warning, Text: p.w.Count(wording.PinWait, v.Minutes)}
	case v.Wrong:
		n = touch.Notice{Icon: touch.IconWarning, Tone: touch.Warning, Text: p.say(wording.PinWrong)}
	}
	if h := p.f.NoticeHeight(n, left.W); h <= left.H {
		p.f.Notice(left.CutTop(h), n)
	}
}

// machine draws the technician's page: how the terminal is, what is wrong first, and
// what can be tried out.
func (p *page) machine(v *session.MachineView) {
	s := p.ruler().readingSheet(true, v.Pages > 1)
	p.questionAside(s.title, p.say(wording.MachineTitle), "")
	if len(v.Blocks) == 0 {
		p.lone(s.blocks, wording.MachineNone)
	} else {
		p.blocks(s.blocks, v.Blocks, v.Pages > 1)
	}
	if v.Pages > 1 {
		p.machinePager(s.pager, v)
	}
	p.machineActions(s.actions, v)
	n := touch.Notice{Icon: touch.IconCheck, Tone: touch.Success, Text: v.Result}
	switch {
	case v.Busy != "":
		n = touch.Notice{Icon: touch.IconWrench, Text: p.say(wording.MachineBusy)}
	case v.Result == "":
		return
	case !v.Good:
		n.Icon, n.Tone = touch.IconWarning, touch.Warning
	}
	if p.f.NoticeHeight(n, s.result.W) > s.result.H {
		room := s.result.W - p.m.MM(9) - float32(int(p.m.Body*1.3)) - 1
		n.Text = p.faces.Regular.Shorten(n.Text, p.m.Body, room, 2)
	}
	p.f.Notice(s.result, n)
}

func (p *page) machinePager(r touch.Rect, v *session.MachineView) {
	if p.m.Panel.Portrait() {
		p.pager(r, v.Number, v.Pages)
		return
	}
	cells := r.Columns(2, p.m.Gap)
	p.f.Button(cells[0], touch.Button{Icon: touch.IconPrevious}, p.turn("page.previous", -1, v.Number > 1))
	p.f.Button(cells[1], touch.Button{Icon: touch.IconNext}, p.turn("page.next", +1, v.Number < v.Pages))
}

func (p *page) machineActions(r touch.Rect, v *session.MachineView) {
	task := func(k wording.Key, t session.Task, can bool) wayOn {
		w := wayOn{b: touch.Button{Label: p.say(k), Held: v.Busy == t}, p: touch.Press{Name: "machine." + string(t)}}
		if can && v.Busy == "" {
			w.p = p.press("machine."+string(t), session.TaskPressed{Task: t})
		}
		return w
	}
	ways := []wayOn{
		task(wording.MachineOpening, session.TaskOpening, true),
		task(wording.MachineClosing, session.TaskClosing, true),
		task(wording.MachinePrint, session.TaskPrint, v.Prints),
		{touch.Button{Label: p.say(wording.MachineLeave), Kind: touch.Primary}, p.press("machine.leave", session.DonePressed{})},
	}
	var cells []touch.Rect
	if p.m.Panel.Portrait() {
		for _, row := range r.Rows(2, p.m.Gap) {
			cells = append(cells, row.Columns(2, p.m.Gap)...)
		}
	} else {
		n := min(len(ways), int((r.H+p.m.Gap)/(p.ruler().row()+p.m.Gap)))
		ways = ways[:n] // 首页 leaves, too
		high := min((r.H-p.m.Gap*float32(n-1))/float32(n), p.m.Target*1.3)
		r.H = float32(int(high))*float32(n) + p.m.Gap*float32(n-1)
		cells = r.Rows(n, p.m.Gap)
	}
	for i, way := range ways {
		p.f.Button(cells[i], way.b, way.p)
	}
}
