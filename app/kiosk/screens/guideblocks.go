package screens

import (
	"strconv"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// folds breaks the tab of a guide into pages; see [session.Folds]. A heading stays with
// what it is over. No page holds more than 12 blocks, 6 in assisted mode: what is on a
// page can be seen at one glance.
func (k *kit) folds(head session.Guide, blocks []session.Block, assisted bool, lang session.Language) []int {
	if showsElsewhere(&head) {
		return []int{0}
	}
	u := k.ruler(assisted, lang)
	return u.breakBlocks(blocks, func(paged bool) touch.Rect { return u.sheet(&head, paged).blocks })
}

// breakBlocks says where pages of blocks begin. room is where blocks stand on their
// page; paged says that they share it with a pager.
func (u ruler) breakBlocks(blocks []session.Block, room func(paged bool) touch.Rect) []int {
	starts := func(r touch.Rect) []int {
		heights := make([]float32, len(blocks))
		for i, plan := range u.fitBlocks(blocks, r) {
			heights[i] = plan.height
		}
		return spread(heights, u.m.Gap, r.H, grid{u}.limit(), func(i int) bool {
			return blocks[i].Kind == session.BlockHeading
		})
	}
	if one := starts(room(false)); len(one) == 1 {
		return one
	}
	return starts(room(true))
}

// blockPlan is a block, measured.
type blockPlan struct {
	b           *session.Block
	title, text touch.Style
	titleText   string
	tag, count  string
	textText    string
	inner       float32 // width of the words
	lead        float32 // left of the words: box, number, label
	form        float32 // width of the button of the form, 0 = none
	titleH      float32
	countH      float32
	textH       float32
	height      float32
}

// fitBlocks measures blocks for pages of the size of r: each fits a page, together
// with the heading over it.
func (u ruler) fitBlocks(blocks []session.Block, r touch.Rect) []blockPlan {
	plans := make([]blockPlan, len(blocks))
	for i := range blocks {
		most := r.H
		if i > 0 && blocks[i-1].Kind == session.BlockHeading {
			most -= plans[i-1].height + u.m.Gap
		}
		plans[i] = u.fitBlock(&blocks[i], r.W, most)
	}
	return plans
}

// fitBlock measures a block at the largest text size at which it fits the height:
// on a low panel in assisted mode a long text has to be set smaller, down to the
// normal size of the panel, and what is longer still loses its middle.
func (u ruler) fitBlock(b *session.Block, width, most float32) blockPlan {
	plan := u.measureBlock(b, width, u.m.Body)
	if plan.height <= most {
		return plan
	}
	smallest := touch.NewMetrics(u.m.Panel, false).Body
	for size := u.m.Body; size > smallest && plan.height > most; {
		size = max(smallest, float32(int(size*0.93)))
		plan = u.measureBlock(b, width, size)
	}
	cut := *b
	for n := 8; n > 0 && plan.height > most; n-- {
		face := u.faces.Regular
		cut.Title = u.faces.Bold.Shorten(b.Title, plan.title.Size, plan.inner, max(1, n/2))
		cut.Text = face.Shorten(b.Text, plan.text.Size, plan.inner, n)
		plan = u.measureBlock(&cut, width, plan.text.Size)
		plan.b = b
	}
	return plan
}

func (u ruler) blockPad() float32 { return u.m.MM(2) }

// measureBlock measures a block at a text size.
func (u ruler) measureBlock(b *session.Block, width, size float32) blockPlan {
	c := u.m.Colors
	p := blockPlan{
		b: b, titleText: b.Title, textText: b.Text,
		title: touch.Style{Size: size, Bold: true, Color: c.Ink},
		text:  touch.Style{Size: size, Color: c.InkSoft},
	}
	pad := u.m.Pad
	p.inner = width - 2*pad
	switch b.Kind {
	case session.BlockHeading:
		p.title.Color, p.inner = c.BlueInk, width
		p.titleText, p.textText = bareName(b), ""
		if b.Title != "" {
			p.textText = b.Text
		}
	case session.BlockMaterial:
		p.lead = u.tickSide(size) + pad*0.75
		p.inner -= p.lead
		if b.Form != "" && !b.Continues && !u.m.Tight() { // there, the rail leads to the forms
			p.form = u.formWidth()
			p.inner -= p.form + u.m.Gap
		}
		if !b.Continues {
			p.count = b.Count
			switch {
			case b.Waived:
				p.tag = u.w.Say(wording.MaterialWaived)
			case b.Optional:
				p.tag = u.w.Say(wording.MaterialOptional)
			}
		}
	case session.BlockStep:
		p.lead = float32(int(size*1.7)) + pad*0.75
		p.inner -= p.lead
	case session.BlockFact:
		if label := u.labelColumn(size); b.Title != "" && p.inner-label > 9*size || b.Continues {
			p.lead = label
			p.inner -= label
		}
		p.title.Bold, p.title.Color, p.text.Color = false, c.InkSoft, c.Ink
	case session.BlockQuestion:
		p.title.Color, p.text.Color = c.BlueInk, c.Ink
	default:
		p.text.Color = c.Ink
	}
	if b.Continues {
		p.titleText = ""
	}
	gap := u.m.MM(0.8)
	titleWidth := p.inner
	beside := b.Kind == session.BlockFact && p.lead > 0
	if beside {
		titleWidth = p.lead - pad*0.5
	}
	p.titleH = u.height(p.titleText, p.title, titleWidth)
	if p.tag != "" || p.count != "" {
		// Tag and count on one line, or one under the other.
		p.countH = u.m.TextHeight(size, 1)
		both := u.width(p.tag, p.text) + pad*0.5 + u.width(p.count, p.text)
		if p.tag != "" && p.count != "" && both > p.inner || p.count != "" && u.width(p.count, p.text) > p.inner {
			p.countH = u.height(p.count, p.text, p.inner)
			if p.tag != "" {
				p.countH += u.m.TextHeight(size, 1) + gap
			}
		}
	}
	p.textH = u.height(p.textText, p.text, p.inner)
	if p.count != "" && p.textText != "" {
		// What is short stands on one line.
		if both := p.count + "　" + p.textText; u.width(p.tag, p.text)+pad+u.width(both, p.text) <= p.inner {
			p.count, p.textText, p.textH = both, "", 0
		}
	}
	h := float32(0)
	for _, part := range []float32{p.titleH, p.countH, p.textH} {
		switch {
		case part == 0:
		case beside:
			h = max(h, part)
		default:
			if h > 0 {
				h += gap
			}
			h += part
		}
	}
	if b.Kind == session.BlockHeading {
		p.height = h
		return p
	}
	p.height = h + 2*u.blockPad()
	if b.Kind == session.BlockMaterial && !b.Continues {
		least := u.m.Target
		if u.m.Tight() {
			least = u.m.TargetMin
		}
		p.height = max(p.height, least)
	}
	if b.Kind == session.BlockStep {
		p.height = max(p.height, size*1.7+2*u.blockPad())
	}
	return p
}

// tickSide is the side of the box that is ticked.
func (u ruler) tickSide(size float32) float32 { return float32(int(size * 1.5)) }

// labelColumn is the width of the names of facts.
func (u ruler) labelColumn(size float32) float32 {
	if u.w.Language == session.English {
		return float32(int(size*6)) + u.m.Pad*0.5
	}
	return float32(int(size*4.2)) + u.m.Pad
}

func (u ruler) formWidth() float32 {
	return u.button(u.w.Say(wording.GuideFormsShort), u.m.Body, true)
}

// blocks draws the blocks of the page, larger where they leave room for it. paged
// says that there are other pages: all of them have letters of the same size.
func (p *page) blocks(r touch.Rect, blocks []session.Block, paged bool) {
	u := p.ruler()
	if len(blocks) == 0 {
		p.lone(r, wording.GuideNoText)
		return
	}
	total := func(plans []blockPlan) float32 {
		sum := p.m.Gap * float32(len(plans)-1)
		for _, plan := range plans {
			sum += plan.height
		}
		return sum
	}
	var plans []blockPlan
	for i := range blocks {
		plans = append(plans, u.measureBlock(&blocks[i], r.W, p.m.Title))
	}
	sum := total(plans)
	if paged || sum > r.H*0.9 {
		plans = u.fitBlocks(blocks, r)
		sum = total(plans)
	}
	extra := min(float32(int((r.H-sum)/float32(len(plans)))), p.m.MM(4))
	for i := range plans {
		if extra > 0 && plans[i].b.Kind != session.BlockHeading {
			plans[i].height += extra
		}
	}
	for i := 0; i < len(plans); {
		// Blocks that are not pressed share one white box.
		end := i + 1
		if shared(plans[i].b) {
			for end < len(plans) && shared(plans[end].b) {
				end++
			}
		}
		p.run(&r, plans[i:end], i)
		i = end
	}
}

func shared(b *session.Block) bool {
	return b.Kind != session.BlockHeading && b.Kind != session.BlockMaterial
}

// run draws blocks that stand together and cuts them off the top of r.
func (p *page) run(r *touch.Rect, plans []blockPlan, from int) {
	if len(plans) == 1 && plans[0].b.Kind == session.BlockHeading {
		place := r.CutTop(plans[0].height)
		r.CutTop(p.m.Gap)
		p.blockWords(place, &plans[0])
		return
	}
	if len(plans) == 1 && plans[0].b.Kind == session.BlockMaterial {
		p.material(r.CutTop(plans[0].height), &plans[0], from)
		r.CutTop(p.m.Gap)
		return
	}
	h := p.m.Gap * float32(len(plans)-1)
	for _, plan := range plans {
		h += plan.height
	}
	box := r.CutTop(h)
	r.CutTop(p.m.Gap)
	p.f.Card(box)
	above := float32(-1) // foot of the last step's number
	for i := range plans {
		place := box.CutTop(plans[i].height)
		if i > 0 && plans[i].b.Kind != session.BlockStep && !plans[i].b.Continues {
			p.f.Box(touch.Rect{X: place.X + p.m.Pad, Y: place.Y - float32(int(p.m.Gap/2)), W: place.W - 2*p.m.Pad, H: p.m.Stroke}, touch.Look{Fill: p.m.Colors.Hairline})
		}
		box.CutTop(p.m.Gap)
		inner := place.Inset(p.m.Pad, 0)
		if plans[i].b.Kind == session.BlockStep && !plans[i].b.Continues {
			above = p.stepNumber(inner, &plans[i], above)
		}
		p.blockWords(inner, &plans[i])
	}
}

// stepNumber draws the number of a step in a disc, and the line that leads to it
// from the one above. It returns the foot of the disc.
func (p *page) stepNumber(r touch.Rect, plan *blockPlan, above float32) float32 {
	c := p.m.Colors
	side := float32(int(plan.title.Size * 1.7))
	disc := touch.Rect{X: r.X, Y: r.Y + float32(int((r.H-p.wordsHeight(plan))/2)), W: side, H: side}
	disc.Y += float32(int((p.m.TextHeight(plan.title.Size, 1) - side) / 2))
	disc.Y = max(disc.Y, r.Y)
	wide := max(2, p.m.MM(0.6))
	if line := (touch.Rect{X: disc.X + float32(int((side-wide)/2)), Y: above + p.m.MM(0.8), W: wide}); above > 0 {
		if line.H = disc.Y - p.m.MM(0.8) - line.Y; line.H > 2 {
			p.f.Box(line, touch.Look{Fill: c.Border})
		}
	}
	p.f.Box(disc, touch.Look{Fill: c.Blue, Radius: side / 2})
	p.f.Text(disc, strconv.Itoa(plan.b.Step), touch.Style{Size: plan.title.Size, Bold: true, Color: c.OnFill, Align: touch.Middle, Center: true})
	return disc.Bottom()
}

// wordsHeight is the height of everything written in a block.
func (p *page) wordsHeight(plan *blockPlan) float32 {
	gap := p.m.MM(0.8)
	if plan.b.Kind == session.BlockFact && plan.lead > 0 {
		return max(plan.titleH, plan.textH)
	}
	h := float32(0)
	for _, part := range []float32{plan.titleH, plan.countH, plan.textH} {
		if part > 0 {
			if h > 0 {
				h += gap
			}
			h += part
		}
	}
	return h
}

// blockWords writes a block into r, in the middle of its height.
func (p *page) blockWords(r touch.Rect, plan *blockPlan) {
	gap := p.m.MM(0.8)
	block := r.Center(r.W, p.wordsHeight(plan))
	if plan.b.Kind == session.BlockFact && plan.lead > 0 {
		label := block.CutLeft(plan.lead)
		label.W -= p.m.Pad * 0.5
		p.f.Text(label, plan.titleText, plan.title)
		p.f.Text(block, plan.textText, plan.text)
		return
	}
	block.CutLeft(plan.lead)
	block.W = plan.inner
	if plan.titleH > 0 {
		p.f.Text(block.CutTop(plan.titleH), plan.titleText, plan.title)
		block.CutTop(gap)
	}
	if plan.countH > 0 {
		p.count(block.CutTop(plan.countH), plan)
		block.CutTop(gap)
	}
	p.f.Text(block, plan.textText, plan.text)
}

// count writes how many of a material to bring, and whether one must.
func (p *page) count(r touch.Rect, plan *blockPlan) {
	if plan.tag != "" {
		st := plan.text
		st.Bold, st.Color = true, p.m.Colors.WarmInk
		if plan.b.Waived || plan.b.Ticked {
			st.Color = p.m.Colors.BlueInk
		}
		line := r
		line.H = p.m.TextHeight(st.Size, 1)
		p.f.Text(line, plan.tag, st)
		if plan.countH > line.H {
			r.CutTop(line.H + p.m.MM(0.8))
		} else {
			r.CutLeft(p.f.Width(plan.tag, st) + p.m.Pad*0.5)
		}
	}
	p.f.Text(r, plan.count, plan.text)
}

// material draws something to bring, with a large box to tick it off, and the
// button that shows its form filled in.
func (p *page) material(r touch.Rect, plan *blockPlan, n int) {
	c, b := p.m.Colors, plan.b
	if b.Continues {
		p.f.Card(r)
		p.blockWords(r.Inset(p.m.Pad, 0), plan)
		return
	}
	if plan.form > 0 {
		form := touch.Button{Label: p.say(wording.GuideFormsShort), Icon: touch.IconForm}
		press := p.press("form."+letter(n), session.FormsPressed{ID: b.Form})
		press.Job = b.Form
		p.f.Button(r.CutRight(plan.form), form, press)
		r.CutRight(p.m.Gap)
	}
	look := touch.Look{Fill: c.Card, Pressed: c.QuietPressed, Stroke: c.Border, StrokeWidth: p.m.Stroke, Radius: p.m.Radius}
	if b.Ticked {
		look.Fill, look.Stroke = c.BluePale, c.Blue
	}
	press := p.press("material."+letter(n), session.MaterialTicked{Index: b.Index})
	// Another material is another intention: quick ticks are not bounces.
	press.Job, press.Key = strconv.Itoa(b.Index), true
	p.f.Control(r, look, press)

	inner := r.Inset(p.m.Pad, 0)
	side := p.ruler().tickSide(plan.title.Size)
	box := touch.Rect{X: inner.X, Y: r.Y, W: side, H: r.H}.Center(side, side)
	tick := touch.Look{Fill: c.Card, Stroke: c.Border, StrokeWidth: p.m.Stroke * 1.5, Radius: p.m.Radius * 0.6}
	if b.Ticked {
		tick = touch.Look{Fill: c.Blue, Radius: p.m.Radius * 0.6}
	}
	p.f.Box(box, tick)
	if b.Ticked {
		p.f.Icon(box.Inset(side*0.16, side*0.16), touch.IconCheck, c.OnFill)
	}
	p.blockWords(inner, plan)
}
