package screens

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// guides draws the entrance to the guides: the field that leads to the search
// page, the ways through the catalogue, and the matters asked for most.
func (p *page) guides(rest touch.Rect, g *session.Guides) {
	r := p.content(rest)
	if !p.m.Tight() {
		p.questionAside(r.CutTop(p.questionLine()), p.say(wording.GuidesQuestion), p.guidesAside(g))
		r.CutTop(p.below())
	}
	if p.m.Panel.Portrait() {
		p.searchDoor(r.CutTop(float32(int(p.m.Target*1.25))), true)
		r.CutTop(p.m.Gap * 1.5)
		rows := (len(g.Ways) + 1) / 2
		if rows > 0 {
			each := min(float32(int(p.m.Target*1.7)), (r.H*0.5-p.m.Gap*float32(rows-1))/float32(rows))
			p.ways(r.CutTop(float32(int(each))*float32(rows)+p.m.Gap*float32(rows-1)), g.Ways, 2)
			r.CutTop(p.m.Gap * 2)
		}
		p.likely(r, g.Likely)
		return
	}
	if len(g.Likely) == 0 {
		p.searchDoor(r.CutTop(p.m.Target), true)
		r.CutTop(p.m.Gap)
		p.ways(r, g.Ways, 3)
		return
	}
	left := r.CutLeft(float32(int(r.W * 0.5)))
	r.CutLeft(p.m.Gap * 1.5)
	if p.m.Tight() {
		p.searchDoor(left.CutTop(p.m.TargetMin), false)
	} else {
		p.searchDoor(left.CutTop(p.m.Target), true)
	}
	left.CutTop(p.m.Gap)
	p.ways(left, g.Ways, 2)
	p.likely(r, g.Likely)
}

func (p *page) guidesAside(g *session.Guides) string {
	aside := ""
	if g.Total > 0 {
		aside = p.w.Count(wording.ChooseTotal, g.Total)
	}
	if g.Sample {
		aside = strings.TrimSpace(p.say(wording.GuideSample) + "　" + aside)
	}
	return aside
}

// questionAside writes the question of the page and, where there is room, some
// words at the right end of its line.
func (p *page) questionAside(line touch.Rect, question, aside string) {
	ask := touch.Style{Size: p.m.Question, Bold: true, Color: p.m.Colors.Ink, Center: true}
	for _, size := range []float32{p.m.Title, p.m.Body} {
		if p.f.Width(question, ask) <= line.W {
			break
		}
		ask.Size = size
	}
	question = p.faces.Bold.Elide(question, ask.Size, line.W, false)
	w := p.f.Width(question, ask)
	p.f.Text(line, question, ask)
	line.CutLeft(w + p.m.Pad)
	st := p.soft()
	st.Align, st.Center = touch.Right, true
	if aside != "" && p.f.Width(aside, st) <= line.W {
		p.f.Text(line, aside, st)
	}
}

// searchDoor draws what looks like a field to write in and leads to the page where
// one can.
func (p *page) searchDoor(r touch.Rect, long bool) {
	c := p.m.Colors
	p.f.Control(r, touch.Look{Fill: c.Card, Pressed: c.QuietPressed, Stroke: c.Blue, StrokeWidth: p.m.Stroke * 1.5, Radius: p.m.Radius},
		p.press("guides.search", session.SearchPressed{}))
	inner := r.Inset(p.m.Pad, 0)
	side := float32(int(p.m.Title * 1.3))
	p.f.Icon(inner.CutLeft(side), touch.IconSearch, c.BlueInk)
	inner.CutLeft(p.m.Pad * 0.75)
	st := touch.Style{Size: p.m.Title, Color: c.InkSoft, Center: true, Balance: true}
	words := p.say(wording.GuidesSearch)
	if long {
		words = p.say(wording.GuidesSearchHint)
	}
	if p.f.Height(words, st, inner.W) > r.H*0.9 {
		st.Size = p.m.Body
	}
	if p.f.Height(words, st, inner.W) > r.H*0.9 {
		words = p.say(wording.GuidesSearch)
	}
	p.f.Text(inner, words, st)
}

// ways draws a tile for every way, in columns; a last one that stands alone is as
// wide as a row.
func (p *page) ways(r touch.Rect, ways []session.Way, cols int) {
	if len(ways) == 0 {
		return
	}
	rows := (len(ways) + cols - 1) / cols
	for i, line := range r.Rows(rows, p.m.Gap) {
		some := ways[i*cols : min(len(ways), (i+1)*cols)]
		for j, cell := range line.Columns(len(some), p.m.Gap) {
			label, icon := p.wayWords(some[j])
			b := touch.Button{Label: label, Icon: icon, Size: p.m.Title}
			if p.f.ButtonWidth(b) > cell.W {
				b.Size = p.m.Body
			}
			if p.f.ButtonWidth(b) > cell.W {
				b.Icon = touch.NoIcon
			}
			p.f.Button(cell, b, p.press("way."+string(some[j]), session.WayChosen{Way: some[j]}))
		}
	}
}

func (p *page) wayWords(w session.Way) (string, touch.Icon) {
	switch w {
	case session.ByDepartment:
		return p.say(wording.GuidesDepartment), touch.IconDepartment
	case session.ByTheme:
		return p.say(wording.GuidesTheme), touch.IconTheme
	case session.ByLifeEvent:
		return p.say(wording.GuidesLifeEvent), touch.IconLife
	case session.ForPersons:
		return p.say(wording.GuidesPerson), touch.IconPerson
	case session.ForFirms:
		return p.say(wording.GuidesFirm), touch.IconFirm
	}
	return string(w), touch.IconList
}

// likely lists the matters asked for most, under a small heading; as many as fit.
func (p *page) likely(r touch.Rect, list []session.Choice) {
	if len(list) == 0 {
		return
	}
	head := touch.Style{Size: p.m.Title, Bold: true, Color: p.m.Colors.Ink}
	if p.m.Tight() {
		head.Size = p.m.Body
	}
	p.f.CutText(&r, p.say(wording.GuidesLikely), head)
	r.CutTop(p.m.Gap * 0.5)
	least := p.m.Target
	if p.m.Tight() {
		least = p.m.TargetMin
	}
	n := min(len(list), int((r.H+p.m.Gap)/(least+p.m.Gap)))
	if n == 0 {
		return
	}
	each := min(float32(int((r.H-p.m.Gap*float32(n-1))/float32(n))), p.m.MM(24))
	for i := range list[:n] {
		p.matter(r.CutTop(each), &list[i], nil, i)
		r.CutTop(p.m.Gap)
	}
}

// matter draws a line that leads to a guide. Marks are the parts of the title that
// were looked for. A name longer than two lines is shortened; the guide says it in
// full.
func (p *page) matter(r touch.Rect, c *session.Choice, marks [][2]int, n int) {
	colors := p.m.Colors
	press := p.press("choice."+letter(n), session.Chosen{ID: c.ID})
	press.Job = c.ID
	p.f.Control(r, touch.Look{Fill: colors.Card, Pressed: colors.QuietPressed, Stroke: colors.Border, StrokeWidth: p.m.Stroke, Radius: p.m.Radius}, press)
	inner := r.Inset(p.m.Pad, 0)
	side := p.m.MM(4.5)
	p.f.Icon(inner.CutRight(side), touch.IconNext, colors.BlueInk)
	inner.CutRight(p.m.MM(1.5))

	st := touch.Style{Size: p.m.Title, Color: colors.Ink}
	if p.m.Tight() || p.f.Width(c.Title, st) > inner.W {
		st.Size = p.m.Body
	}
	sub := ""
	most := max(1, min(2, int(inner.H/p.m.TextHeight(st.Size, 2)*2)))
	if c.Subtitle != "" && p.f.Width(c.Title, st) <= inner.W && inner.H >= p.m.TextHeight(st.Size, 1)+p.m.TextHeight(p.m.Body, 1)+p.m.MM(1) {
		sub = p.faces.Regular.Elide(c.Subtitle, p.m.Body, inner.W, false)
	}
	title := shortened(p.faces.Bold, c.Title, st.Size, inner.W, most)
	h := p.m.TextHeight(st.Size, len(p.faces.Bold.Wrap(title, st.Size, inner.W)))
	if sub == "" {
		p.marked(inner.Center(inner.W, h), c.Title, title, marks, st)
		return
	}
	subH := p.m.TextHeight(p.m.Body, 1)
	block := inner.Center(inner.W, h+subH)
	p.marked(block.CutTop(h), c.Title, title, marks, st)
	p.f.Text(block, sub, p.soft())
}

// shortened is [touch.Face.Shorten] for names that may be in English: no part of a
// word stands at the ellipsis.
func shortened(face *touch.Face, s string, size, width float32, n int) string {
	short := face.Shorten(s, size, width, n)
	head, tail, cut := strings.Cut(short, "…")
	if !cut || short == s {
		return short
	}
	letter := func(r rune) bool { return r < 0x250 && unicode.IsLetter(r) }
	// What was cut off begins and ends inside the text.
	rest := strings.TrimSuffix(strings.TrimPrefix(s, head), tail)
	first, _ := utf8.DecodeRuneInString(rest)
	last, _ := utf8.DecodeLastRuneInString(rest)
	if letter(first) {
		head = strings.TrimRightFunc(head, letter)
	}
	if letter(last) {
		tail = strings.TrimLeftFunc(tail, letter)
	}
	return strings.TrimRight(head, " ") + "…" + strings.TrimLeft(tail, " ")
}

// marked draws a title of which some parts are bold and blue. shown is the title,
// or its beginning and end around an ellipsis. Lines are those of the bold face,
// which is never narrower.
func (p *page) marked(r touch.Rect, title, shown string, marks [][2]int, st touch.Style) {
	if len(marks) == 0 {
		plain := st
		for i, line := range p.faces.Bold.Wrap(shown, st.Size, r.W) {
			p.f.Text(p.lineOf(r, st.Size, i), line, plain)
		}
		return
	}
	hit := hits(title, shown, marks)
	runes := []rune(shown)
	at := 0
	for i, line := range p.faces.Bold.Wrap(shown, st.Size, r.W) {
		// Lines leave out the spaces at their ends.
		rs := []rune(line)
		for at < len(runes) && runes[at] != rs[0] {
			at++
		}
		place := p.lineOf(r, st.Size, i)
		for from := 0; from < len(rs); {
			to := from + 1
			for to < len(rs) && hit[at+to] == hit[at+from] {
				to++
			}
			piece := st
			if hit[at+from] {
				piece.Bold, piece.Color = true, p.m.Colors.BlueInk
			}
			text := string(rs[from:to])
			w := p.f.Width(text, piece)
			if strings.TrimSpace(text) != "" {
				p.f.Text(touch.Rect{X: place.X, Y: place.Y, W: w + 1, H: place.H}, text, piece)
			}
			place.CutLeft(w)
			from = to
		}
		at += len(rs)
	}
}

// lineOf is the place of the i-th line of a text of the size that stands in r.
func (p *page) lineOf(r touch.Rect, size float32, i int) touch.Rect {
	above := p.m.TextHeight(size, i+1) - p.m.TextHeight(size, 1)
	return touch.Rect{X: r.X, Y: r.Y + above, W: r.W, H: p.m.TextHeight(size, 1)}
}

// hits says of every character that is shown whether a mark lies on it.
func hits(title, shown string, marks [][2]int) []bool {
	whole, some := []rune(title), []rune(shown)
	hit := make([]bool, len(some))
	gap := len(some) // where the ellipsis stands
	if len(some) < len(whole) {
		gap = strings.IndexRune(shown, '…')
		gap = len([]rune(shown[:max(0, gap)]))
	}
	for i := range some {
		at := i
		if i == gap {
			continue
		}
		if i > gap {
			at = len(whole) - (len(some) - i)
		}
		for _, m := range marks {
			hit[i] = hit[i] || at >= m[0] && at < m[1]
		}
	}
	return hit
}

// list draws a level of the catalogue.
func (p *page) list(rest touch.Rect, l *session.List) {
	question := wording.ListTheme
	switch {
	case len(l.Choices) > 0 && l.Choices[0].Item:
		question = wording.ListMatter
	case l.Way == session.ByDepartment:
		question = wording.ListDepartment
	case l.Way == session.ByLifeEvent:
		question = wording.ListLifeEvent
	}
	p.chooseFrom(rest, p.say(question), &l.Choose)
}

// forms lists the forms of a matter.
func (p *page) forms(rest touch.Rect, f *session.Forms) {
	c := f.Choose
	if len(c.Path) == 0 && f.Guide != "" {
		c.Path = []string{f.Guide}
	}
	p.chooseFrom(rest, p.say(wording.FormsQuestion), &c)
}
