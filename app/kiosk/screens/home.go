package screens

import (
	"strings"

	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// home draws the first page: 取号 as the largest thing, what the hall is doing,
// how many people wait, and that a card may simply be laid down.
func (p *page) home(rest touch.Rect, h *session.Home) {
	r := p.content(rest)
	if !p.m.Tight() {
		p.question(&r, p.say(wording.HomeQuestion))
	}

	var strips []touch.Notice
	for _, n := range h.Notices {
		if s, ok := p.notice(n); ok {
			strips = append(strips, s)
		}
	}
	more := moreTiles(h)
	p.notices(&r, max(r.H*0.42, p.least(h, more)), strips)
	if !p.m.Panel.Portrait() {
		p.more(&r, more)
	}

	if p.m.Panel.Portrait() {
		facts := r.CutBottom(p.m.Target + p.m.MM(8))
		r.CutBottom(p.m.Gap)
		if h.CardHint {
			share := float32(0.44)
			if h.HasGuides {
				share = 0.36
			}
			if len(more) > 0 {
				share -= 0.05
			}
			p.cardHint(r.CutBottom(r.H*share), true)
			r.CutBottom(p.m.Gap)
		}
		p.more(&r, more)
		p.tiles(r, h)
		if h.WaitingTotal < 0 {
			p.hallFact(facts)
			return
		}
		cells := facts.Columns(2, p.m.Gap)
		p.hallFact(cells[0])
		p.waitingFact(cells[1], h.WaitingTotal)
		return
	}
	left := r.CutLeft(float32(int(r.W * 0.56)))
	r.CutLeft(p.m.Gap)
	p.tiles(left, h)
	switch {
	case h.CardHint:
		facts := r.CutTop(float32(int(r.H * 0.34)))
		r.CutTop(p.m.Gap)
		if h.WaitingTotal < 0 {
			p.hallFact(facts)
		} else {
			p.waitingFact(facts, h.WaitingTotal)
		}
		p.cardHint(r, false)
	case h.WaitingTotal < 0:
		p.hallFact(r)
	default:
		rows := r.Rows(2, p.m.Gap)
		p.hallFact(rows[0])
		p.waitingFact(rows[1], h.WaitingTotal)
	}
}

// moreTile is one of the small tiles in a row.
type moreTile struct {
	name  string
	label wording.Key
	icon  touch.Icon
	event session.Event
}

// moreTiles are those that are there: fewer features, fewer tiles.
func moreTiles(h *session.Home) []moreTile {
	var all []moreTile
	add := func(there bool, t moreTile) {
		if there {
			all = append(all, t)
		}
	}
	add(h.HasRatings, moreTile{"home.rate", wording.HomeRate, touch.IconRate, session.RatePressed{}})
	add(h.HasComplaints, moreTile{"home.complaint", wording.HomeComplaint, touch.IconComplaint, session.ComplaintPressed{}})
	add(h.HasPublic, moreTile{"home.board", wording.HomeBoard, touch.IconBoard, session.PublicPressed{}})
	return all
}

// more draws a row of small tiles at the foot of r and cuts it off.
func (p *page) more(r *touch.Rect, tiles []moreTile) {
	if len(tiles) == 0 {
		return
	}
	high := float32(int(p.m.Target * 1.25))
	if !p.m.Panel.Portrait() {
		high = p.m.Target
	}
	if p.m.Tight() {
		high = p.m.TargetMin
	}
	row := r.CutBottom(high)
	r.CutBottom(p.m.Gap)
	// All of the same size, with icons only where all have room for one.
	b := touch.Button{Size: p.m.Title}
	cells := row.Columns(len(tiles), p.m.Gap)
	fits := func(b touch.Button) bool {
		for i, t := range tiles {
			b.Label, b.Icon = p.say(t.label), t.icon
			if p.f.ButtonWidth(b) > cells[i].W {
				return false
			}
		}
		return true
	}
	if !fits(b) {
		b.Size = p.m.Body
	}
	icons := fits(b)
	for i, t := range tiles {
		b.Label, b.Icon = p.say(t.label), touch.NoIcon
		if icons {
			b.Icon = t.icon
		}
		p.f.Button(cells[i], b, p.press(t.name, t.event))
	}
}

// least is the height that the tiles need on landscape panels; notices have to leave
// it.
func (p *page) least(h *session.Home, more []moreTile) float32 {
	row := p.m.Target
	if p.m.Tight() {
		row = p.m.TargetMin
	}
	need := row * 1.4
	if h.HasGuides {
		need += row + p.m.Gap
	}
	if len(more) > 0 {
		need += row + p.m.Gap
	}
	return need
}

// tiles draws 取号, the largest, and 办事指南 under it where there are guides.
func (p *page) tiles(r touch.Rect, h *session.Home) {
	if h.HasGuides {
		most := p.m.Target * 1.7
		least := p.m.Target
		if p.m.Tight() {
			least = p.m.TargetMin
		}
		p.guidesTile(r.CutBottom(float32(int(max(min(r.H*0.34, most), least)))))
		r.CutBottom(p.m.Gap)
	}
	p.take(r, h)
}

// guidesTile leads to the guides.
func (p *page) guidesTile(r touch.Rect) {
	c := p.m.Colors
	p.f.Control(r, touch.Look{Fill: c.Card, Pressed: c.QuietPressed, Stroke: c.Blue, StrokeWidth: p.m.Stroke * 1.5, Radius: p.m.Radius * 1.5},
		p.press("home.guides", session.GuidesPressed{}))
	inner := r.Inset(p.m.Pad*1.5, p.m.MM(1))
	word, hint := p.say(wording.HomeGuides), p.say(wording.HomeGuidesHint)
	strong := touch.Style{Size: p.m.Question, Bold: true, Color: c.BlueInk}
	weak := p.soft()
	side := float32(int(min(p.m.Question*1.7, inner.H*0.9)))
	room := inner.W - side - p.m.Pad
	if p.f.Width(word, strong) > room {
		strong.Size = p.m.Title
	}
	wh, hh := p.f.Height(word, strong, room), p.f.Height(hint, weak, room)
	if wh+hh > inner.H {
		hint, hh = "", 0
	}
	// Icon and words are one group in the middle.
	words := max(p.f.Width(word, strong), min(p.f.Width(hint, weak), room))
	if hint == "" {
		words = p.f.Width(word, strong)
	}
	group := inner.Center(side+p.m.Pad+min(words, room), inner.H)
	p.f.Icon(group.CutLeft(side), touch.IconGuide, c.BlueInk)
	group.CutLeft(p.m.Pad)
	block := group.Center(group.W, wh+hh)
	p.f.CutText(&block, word, strong)
	p.f.Text(block, hint, weak)
}

// take draws the tile 取号, or why there are no numbers.
func (p *page) take(r touch.Rect, h *session.Home) {
	c := p.m.Colors
	word, hint := p.say(wording.HomeTake), p.say(wording.HomeTakeHint)
	ink, soft := c.OnFill, c.OnFill
	icon := touch.IconTicket
	if h.CanTake {
		p.f.Control(r, touch.Look{Fill: c.Blue, Pressed: c.BluePressed, Radius: p.m.Radius * 1.5}, p.press("home.take", session.TakeNumber{}))
	} else {
		p.f.Box(r, touch.Look{Fill: c.Sunken, Radius: p.m.Radius * 1.5})
		word, hint, icon = p.say(wording.HomeClosed), p.say(wording.HomeClosedHint), touch.IconDoor
		ink, soft = c.Ink, c.InkSoft
	}
	inner := r.Inset(p.m.Pad*1.5, p.m.Pad)
	size := max(p.m.Hero, float32(int(inner.H*0.26)))
	if !h.CanTake {
		size = p.m.Question * 1.3
	}
	hero := centered(touch.Style{Size: float32(int(size)), Bold: true, Color: ink})
	for hero.Size > p.m.Question && (p.f.Width(word, hero) > inner.W || hero.Size*2.6 > inner.H) {
		hero.Size = float32(int(hero.Size * 0.94))
	}
	size = hero.Size
	small := centered(touch.Style{Size: p.m.Title, Color: soft})
	heroH, smallH := p.f.Height(word, hero, inner.W), p.f.Height(hint, small, inner.W)
	if heroH+smallH > inner.H {
		hint, smallH = "", 0 // the word says it
	}
	side := min(size*1.6, inner.H-heroH-smallH-p.m.Pad)
	if side < size*0.6 {
		side = 0
	}
	gap := min(p.m.Pad, (inner.H-side-heroH-smallH)/3)
	block := inner.Center(inner.W, side+heroH+smallH+gap)
	if side > 0 {
		p.f.Icon(block.CutTop(side), icon, ink)
	}
	p.f.Text(block.CutTop(heroH), word, hero)
	block.CutTop(gap)
	p.f.Text(block.CutTop(smallH), hint, small)
}

// cardHint says that a card may be laid on the reader now, with a picture: beside
// the words when wide, over them otherwise.
func (p *page) cardHint(r touch.Rect, wide bool) {
	c := p.m.Colors
	p.f.Box(r, touch.Look{Fill: c.BluePale, Radius: p.m.Radius})
	inner := r.Inset(p.m.Pad, p.m.Pad*0.75)
	words := p.say(wording.HomeCard)
	st := touch.Style{Size: p.m.Title, Bold: true, Color: c.BlueInk, Center: true, Balance: true}
	if wide {
		picture := inner.CutLeft(float32(int(inner.W * 0.44)))
		inner.CutLeft(p.m.Pad)
		p.f.Picture(picture, touch.PictureCard, 1.5)
		st.Size = p.clauseSize(words, st, inner.W)
		p.f.Text(inner, words, st)
		return
	}
	if inner.W > inner.H*2.6 {
		picture := inner.CutLeft(float32(int(inner.H * 1.3)))
		inner.CutLeft(p.m.Pad)
		st.Size = p.m.Body
		p.f.Picture(picture, touch.PictureCard, 1.5)
		p.f.Text(inner, words, st)
		return
	}
	st = centered(st)
	h := p.f.Height(words, st, inner.W)
	if h > inner.H*0.5 {
		st.Size = p.m.Body
		h = p.f.Height(words, st, inner.W)
	}
	if inner.H-h < p.m.MM(12) {
		p.f.Text(inner, words, st) // a low panel: no room for the picture
		return
	}
	p.f.Text(inner.CutBottom(h), words, st)
	inner.CutBottom(p.m.Pad * 0.5)
	p.f.Picture(inner, touch.PictureCard, 1.5)
}

// clauseSize is the largest text size, down to the body's, at which every clause
// stands on a line of its own; the style's when there is none.
func (p *page) clauseSize(words string, st touch.Style, width float32) float32 {
	for try := st; try.Size >= p.m.Body; try.Size-- {
		fits := true
		for clause := range strings.SplitAfterSeq(words, "，") {
			fits = fits && p.f.Width(clause, try) <= width
		}
		if fits {
			return try.Size
		}
	}
	return st.Size
}

// fact draws a white box with an icon and one or two lines.
func (p *page) fact(r touch.Rect, icon touch.Icon, strong, weak string) {
	p.f.Card(r)
	inner := r.Inset(p.m.Pad, p.m.MM(1))
	side := float32(int(min(p.m.Title*1.7, inner.H)))
	p.f.Icon(inner.CutLeft(side), icon, p.m.Colors.BlueInk)
	inner.CutLeft(p.m.Pad * 0.75)
	a, b := p.title(), p.soft()
	a.Balance = true
	if h := p.f.Height(strong, a, inner.W); h > inner.H {
		a.Size = p.m.Body
	}
	ha, hb := p.f.Height(strong, a, inner.W), p.f.Height(weak, b, inner.W)
	if ha+hb > inner.H {
		weak, hb = "", 0
	}
	block := inner.Center(inner.W, ha+hb)
	p.f.CutText(&block, strong, a)
	p.f.Text(block, weak, b)
}

func (p *page) hallFact(r touch.Rect) {
	o := p.v.Top.Open
	strong, weak := p.say(wording.StateOpen), p.say(wording.HomeOpenHint)
	until := wording.Args{Time: p.w.When(o.Until, p.v.Top.Now)}
	switch {
	case o.Kind != hall.Open:
		strong, weak = "", ""
		if s := p.state(p.v.Top); len(s) > 0 {
			strong = s[0]
		}
	case !o.Next.IsZero():
		until.Time += "\u2011" + p.w.When(o.Next, p.v.Top.Now)
		weak = p.w.Fill(wording.HomeBreak, until)
	case !o.Until.IsZero():
		weak = p.w.Fill(wording.HomeUntil, until)
	}
	p.fact(r, touch.IconClock, strong, weak)
}

func (p *page) waitingFact(r touch.Rect, n int) {
	words := p.say(wording.HomeNoWait)
	if n > 0 {
		words = p.w.Count(wording.HomeWaiting, n)
	}
	p.fact(r, touch.IconPeople, words, p.say(wording.HomeWaitingWhere))
}

// notice returns the strip for a condition; false for those citizens need not
// know.
func (p *page) notice(n session.Notice) (touch.Notice, bool) {
	strip := touch.Notice{Tone: touch.Warning}
	switch n {
	case session.NoticePaperOut:
		strip.Icon, strip.Text = touch.IconPrinter, p.say(wording.NoticePaperOut)
	case session.NoticePrinterFault:
		strip.Icon, strip.Text = touch.IconPrinter, p.say(wording.NoticePrinterFault)
	case session.NoticeReaderAbsent:
		strip.Icon, strip.Text = touch.IconCard, p.say(wording.NoticeReaderAbsent)
	case session.NoticeCentreAway:
		strip.Icon, strip.Text = touch.IconNetwork, p.say(wording.NoticeCentreAway)
	default:
		return strip, false
	}
	return strip, true
}
