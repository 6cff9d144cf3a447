package screens

import (
	"cmp"
	"strconv"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// guide draws one matter: what it is called, the facts, and the tab that was
// chosen; 取号, 打印, 扫码 are at the same place under every tab.
func (p *page) guide(rest touch.Rect, g *session.Guide) {
	u := p.ruler()
	s := u.sheet(g, g.Pages > 1)
	p.f.Text(s.name, s.nameText, s.nameStyle)
	p.f.Text(s.summary, s.summaryText, u.summaryStyle())
	p.facts(s, g)
	p.tabs(s, g)
	if s.notHere(g) {
		p.f.Notice(s.strip, u.notHere(g))
	}
	if showsElsewhere(g) {
		p.elsewhere(s.blocks, g)
	} else {
		p.blocks(s.blocks, g.Blocks, g.Pages > 1)
	}
	if g.Pages > 1 {
		p.guidePager(s.pager, g)
	}
	if p.m.Panel.Portrait() {
		p.actionRow(s.actions, g)
	} else {
		p.actionRail(s.actions, g)
	}
}

// facts draws the chips, or in their place what became of the paper. On a low
// panel the name makes room for that.
func (p *page) facts(s guideSheet, g *session.Guide) {
	if n, ok := p.paperNotice(g); ok && s.facts.H > 0 {
		r := s.facts
		if g.Printing == session.GuidePrinted {
			n.Bold = true
		}
		p.f.Notice(r.CutTop(p.ruler().chipHeight()), n)
		return
	}
	if s.facts.H == 0 {
		return
	}
	u := p.ruler()
	r := s.facts
	for i, row := range u.chipRows(g, r.W) {
		if i > 0 {
			r.CutTop(p.m.MM(1.2))
		}
		line := r.CutTop(u.chipHeight())
		for _, c := range row {
			p.chip(line.CutLeft(u.chipWidth(c)), c)
			line.CutLeft(p.m.Gap)
		}
		p.ready(line, g)
		g = &session.Guide{} // once
	}
}

// ready says at the right end of the facts how many of the materials are still to
// be ticked, where there is room.
func (p *page) ready(r touch.Rect, g *session.Guide) {
	if g.Tab != session.TabMaterials || g.Needed == 0 {
		return
	}
	words, icon := p.w.Count(wording.GuideNeeded, g.Needed), touch.IconList
	switch {
	case g.Ready >= g.Needed:
		words, icon = p.say(wording.GuideAllReady), touch.IconCheck
	case g.Ready > 0:
		words = p.w.Count(wording.GuideMissing, g.Needed-g.Ready)
	}
	st := touch.Style{Size: p.m.Body, Bold: true, Color: p.m.Colors.BlueInk, Center: true}
	side := float32(int(p.m.Body * 1.1))
	w := p.f.Width(words, st)
	if side+p.m.MM(1)+w > r.W {
		return
	}
	p.f.Text(r.CutRight(w), words, st)
	r.CutRight(p.m.MM(1))
	p.f.Icon(r.CutRight(side), icon, p.m.Colors.BlueInk)
}

func (p *page) chip(r touch.Rect, c chip) {
	st := touch.Style{Size: p.m.Body, Color: p.m.Colors.InkSoft, Align: touch.Middle, Center: true}
	if c.bare {
		p.f.Text(r, c.text, st)
		return
	}
	look := touch.Look{Fill: p.m.Colors.BluePale, Radius: p.m.Radius}
	st.Color = p.m.Colors.BlueInk
	if c.tone == touch.Warning {
		look.Fill, st.Color = p.m.Colors.WarmPale, p.m.Colors.WarmInk
	}
	p.f.Box(r, look)
	st.Bold = true
	p.f.Text(r, c.text, st)
}

// paperNotice says what became of the printed list.
func (p *page) paperNotice(g *session.Guide) (touch.Notice, bool) {
	n := touch.Notice{Icon: touch.IconPrinter}
	switch g.Printing {
	case session.GuidePrinting:
		n.Text = p.say(wording.GuidePrinting)
	case session.GuidePrinted:
		n.Text, n.Tone = p.say(wording.GuidePrinted), touch.Success
	case session.GuideUnprinted:
		n.Text, n.Tone = p.say(wording.GuideUnprinted), touch.Warning
		if !g.Scans {
			n.Text = p.say(wording.GuideUnprintedAsk)
		}
	default:
		return n, false
	}
	return n, true
}

// tabs draws the tabs; the one that is shown is a box, not a control.
func (p *page) tabs(s guideSheet, g *session.Guide) {
	c := p.m.Colors
	for _, t := range s.tabs {
		label := p.ruler().tabWords(t.tab)
		if t.tab != g.Tab {
			p.f.Button(t.place, touch.Button{Label: label}, p.press("tab."+string(t.tab), session.TabChosen{Tab: t.tab}))
			continue
		}
		p.f.Box(t.place, touch.Look{Fill: c.Blue, Radius: p.m.Radius})
		p.f.Text(t.place.Inset(p.m.MM(1), 0), label, touch.Style{Size: p.m.Body, Bold: true, Color: c.OnFill, Align: touch.Middle, Center: true, Balance: true})
	}
}

// elsewhere says where a matter is handled that this hall does not handle.
func (p *page) elsewhere(r touch.Rect, g *session.Guide) {
	e := g.Elsewhere
	if !p.m.Tight() {
		words := touch.Notice{Icon: touch.IconInfo, Tone: touch.Warning, Bold: true, Text: p.say(wording.GuideElsewhere)}
		p.f.Notice(r.CutTop(p.f.NoticeHeight(words, r.W)), words)
		r.CutTop(p.m.Gap)
	}
	// A low panel leaves out what comes last.
	var lines tableLines
	lines.add(wording.ElsewhereUnit, e.Unit, true, 2)
	lines.add(wording.ElsewherePhone, e.Phone, true, 1)
	lines.add(wording.ElsewhereAddress, e.Address, false, 3)
	lines.add(wording.ElsewhereHours, e.Hours, false, 2)
	if len(lines) == 0 {
		return
	}
	p.table(r.CutTop(p.tableHeight(lines, r.W, r.H)), lines)
}

// action is a button of a guide.
type action struct {
	name                 string
	label, middle, short string // the longest that fits is shown
	below                string
	icon                 touch.Icon
	kind                 touch.Kind
	held                 bool
	event                session.Event
}

// guideActions are the buttons besides 取号.
func (p *page) guideActions(g *session.Guide) []action {
	var all []action
	add := func(on bool, a action) {
		if on {
			all = append(all, a)
		}
	}
	add(g.Prints, action{
		name: "guide.print", label: p.say(wording.GuidePrint), middle: p.say(wording.GuidePrintMiddle), short: p.say(wording.GuidePrintShort),
		icon: touch.IconPrinter, held: g.Printing == session.GuidePrinting, event: session.PrintGuidePressed{},
	})
	add(g.Scans, action{
		name: "guide.scan", label: p.say(wording.GuideScan), middle: p.say(wording.GuideScan), short: p.say(wording.GuideScanShort),
		icon: touch.IconQR, event: session.ScanGuidePressed{},
	})
	add(offersForms(g), action{
		name: "guide.forms", label: p.say(wording.GuideForms), middle: p.say(wording.GuideForms), short: p.say(wording.GuideFormsShort),
		icon: touch.IconForm, event: session.FormsPressed{},
	})
	add(offersPlan(g), action{
		name: "guide.plan", label: p.say(wording.GuidePlan), middle: p.say(wording.GuidePlan), short: p.say(wording.GuidePlanShort),
		icon: touch.IconPin, event: session.PlanPressed{},
	})
	return all
}

// takeAction is 取号, with the reason why not now.
func (p *page) takeAction(g *session.Guide) action {
	a := action{
		name: "guide.take", label: p.say(wording.GuideTake), short: p.say(wording.GuideTakeShort),
		icon: touch.IconTicket, kind: touch.Primary, event: session.TakeForGuide{},
	}
	switch g.Barred {
	case session.Closed:
		a.below = p.say(wording.ChooseClosed)
	case session.Paused:
		a.below = p.say(wording.ChoosePaused)
	case session.NoWindow:
		a.below = p.say(wording.ChooseNoWindow)
	}
	if g.Barred == session.Closed || g.Barred == session.Paused {
		a.kind = touch.Quiet
	}
	return a
}

func (p *page) action(r touch.Rect, a action, label string, stacked bool) {
	b := touch.Button{Label: label, Below: a.below, Icon: a.icon, Kind: a.kind, Stacked: stacked, Held: a.held}
	room := r.W - 2*p.m.MM(1)
	if b.Below != "" && (p.f.Width(b.Below, p.body()) > room || p.f.Width(b.Label, p.ruler().bold()) > room) {
		b.Below = "" // the touch says it
	}
	if b.Below != "" {
		b.Stacked, b.Icon = false, touch.NoIcon
	}
	if a.kind == touch.Primary && !b.Stacked && b.Below == "" {
		b.Size = p.m.Title
		if p.f.ButtonWidth(b) > r.W {
			b.Size = p.m.Body
		}
	}
	if !b.Stacked && p.f.ButtonWidth(b) > r.W {
		b.Icon = touch.NoIcon
	}
	// Words on two lines need the icon's place.
	lines := len(p.f.Lines(b.Label, touch.Style{Size: p.m.Body, Bold: true, Balance: true}, room))
	if b.Stacked && p.m.TextHeight(p.m.Body, lines)+float32(int(p.m.Body*1.15))+p.m.MM(1.6) > r.H {
		b.Icon = touch.NoIcon
	}
	if p.m.TextHeight(p.m.Body, lines) > r.H && a.middle != "" && label != a.short {
		p.action(r, a, a.short, stacked)
		return
	}
	press := p.press(a.name, a.event)
	if a.held {
		press.Tap = nil
	}
	p.f.Button(r, b, press)
}

// actionRow draws the actions of a portrait panel in one row, 取号 wider than the
// others.
func (p *page) actionRow(r touch.Rect, g *session.Guide) {
	all := p.guideActions(g)
	if g.Takes {
		w := r.W
		if len(all) > 0 {
			w = float32(int(r.W * 1.45 / (1.45 + float32(len(all)))))
		}
		a := p.takeAction(g)
		cell := r.CutLeft(w)
		if p.f.Width(a.label, p.ruler().bold()) > cell.W-2*p.m.MM(1) {
			a.label = a.short
		}
		p.action(cell, a, a.label, a.below == "")
		r.CutLeft(p.m.Gap)
	}
	if len(all) == 0 {
		return
	}
	for i, cell := range r.Columns(len(all), p.m.Gap) {
		label := all[i].label
		for _, other := range []string{all[i].middle, all[i].short} {
			if p.f.Width(label, p.ruler().bold()) > cell.W-2*p.m.MM(1) {
				label = other
			}
		}
		p.action(cell, all[i], label, true)
	}
}

// actionRail draws the actions of a landscape panel from the bottom up, so that
// they stand still when there is no pager above them.
func (p *page) actionRail(r touch.Rect, g *session.Guide) {
	all := p.guideActions(g)
	if p.m.Tight() {
		p.actionBlock(r, g, all)
		return
	}
	rows := len(all)
	if g.Takes {
		rows++
	}
	if rows == 0 {
		return
	}
	each := min(float32(int((r.H-p.m.Gap*float32(rows-1))/float32(rows))), p.ruler().actionHeight())
	for i := len(all) - 1; i >= 0; i-- {
		p.action(r.CutBottom(each), all[i], all[i].label, true)
		r.CutBottom(p.m.Gap)
	}
	if g.Takes {
		// The way on is the largest.
		p.action(r.CutBottom(min(r.H, float32(int(each*1.5)))), p.takeAction(g), p.say(wording.GuideTakeShort), true)
	}
}

// actionBlock draws the actions of a low panel in two columns.
func (p *page) actionBlock(r touch.Rect, g *session.Guide, all []action) {
	rows := (len(all) + 1) / 2
	if g.Takes {
		rows++
	}
	if rows == 0 {
		return
	}
	each := min(float32(int((r.H-p.m.Gap*float32(rows-1))/float32(rows))), p.m.Target)
	for i := (len(all) - 1) / 2 * 2; i >= 0 && len(all) > 0; i -= 2 {
		some := all[i:min(len(all), i+2)]
		for j, cell := range r.CutBottom(each).Columns(len(some), p.m.Gap) {
			a := some[j]
			a.icon = touch.NoIcon
			p.action(cell, a, a.short, false)
		}
		r.CutBottom(p.m.Gap)
	}
	if g.Takes {
		p.action(r.CutBottom(each), p.takeAction(g), p.say(wording.GuideTakeShort), false)
	}
}

// guidePager draws what turns the pages of a tab.
func (p *page) guidePager(r touch.Rect, g *session.Guide) {
	if p.m.Panel.Portrait() {
		p.pager(r, g.Number, g.Pages)
		return
	}
	number := strconv.Itoa(g.Number) + " / " + strconv.Itoa(g.Pages)
	st := centered(touch.Style{Size: p.m.Body, Bold: true, Color: p.m.Colors.Ink})
	back := touch.Button{Label: p.say(wording.ChoosePrevious)}
	next := touch.Button{Label: p.say(wording.ChooseNext)}
	if p.m.Tight() {
		back, next = touch.Button{Icon: touch.IconPrevious}, touch.Button{Icon: touch.IconNext}
	} else {
		p.f.Text(r.CutTop(p.m.TextHeight(p.m.Body, 1)), number, st)
	}
	cells := r.Columns(2, p.m.Gap)
	p.f.Button(cells[0], back, p.turn("page.previous", -1, g.Number > 1))
	p.f.Button(cells[1], next, p.turn("page.next", +1, g.Number < g.Pages))
}

// turn is a press that turns the page, if that can be done.
func (p *page) turn(name string, by int, can bool) touch.Press {
	if !can {
		return touch.Press{Name: name}
	}
	return p.press(name, session.PageTurned{By: by})
}

// bareName is what a block is called that has no title of its own.
func bareName(b *session.Block) string { return cmp.Or(b.Title, b.Text) }
