package screens

import (
	"strings"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// breaks breaks a list of choices into pages. A page holds at most 12 choices, 6 in
// assisted mode, and fewer when names are long; pages of one list hold about equally
// many. An empty list has one empty page.
func (k *kit) breaks(choices []session.Choice, assisted bool, lang session.Language) []int {
	return grid{k.ruler(assisted, lang)}.breaks(choices)
}

func (g grid) breaks(choices []session.Choice) []int {
	if len(choices) == 0 {
		return []int{0}
	}
	if len(choices) <= g.limit() {
		if l := g.list(choices, false); len(l.fill(g.limit())) == 1 {
			return []int{0}
		}
	}
	l := g.list(choices, true)
	starts := l.fill(g.limit())
	// As many pages, about equally full: no last page of a single choice.
	for n := (len(choices) + len(starts) - 1) / len(starts); n < g.limit(); n++ {
		if s := l.fill(n); len(s) == len(starts) {
			return s
		}
	}
	return starts
}

// list is a list of choices, measured for the pages it is to stand on.
type list struct {
	g      grid
	tiles  []tile
	cols   int
	height float32
}

func (g grid) list(choices []session.Choice, paged bool) list {
	area, _ := g.area(paged)
	l := list{g: g, cols: g.columns(area.W, choices[0].Item, len(choices)), height: area.H}
	width := area.Columns(l.cols, g.m.Gap)[0].W
	for i := range choices {
		l.tiles = append(l.tiles, g.measure(&choices[i], width, area.H))
	}
	return l
}

// fill puts as many choices on each page as fit, at most limit, and returns where
// pages begin.
func (l list) fill(limit int) []int {
	starts := []int{0}
	for from := 0; ; {
		n := 1
		for n < limit && from+n < len(l.tiles) {
			if _, _, ok := l.g.rows(l.tiles[from:from+n+1], l.cols, l.height); !ok {
				break
			}
			n++
		}
		from += n
		if from >= len(l.tiles) {
			return starts
		}
		starts = append(starts, from)
	}
}

// choose draws groups and businesses as tiles, items as lines.
func (p *page) choose(rest touch.Rect, c *session.Choose) {
	question := wording.ChooseQuestion
	switch {
	case len(c.Choices) > 0 && c.Choices[0].Item:
		question = wording.ChooseQuestionItem
	case len(c.Path) > 0:
		question = wording.ChooseQuestionGroup
	}
	p.chooseFrom(rest, p.say(question), c)
}

// chooseFrom draws a page of choices under its question.
func (p *page) chooseFrom(rest touch.Rect, question string, c *session.Choose) {
	g := grid{p.ruler()}
	paged := c.Pages > 1
	area, pager := g.area(paged)

	head := p.content(rest)
	head.H = p.questionLine() + g.asideHeight()
	p.chooseHead(head, question, c)

	if c.Total == 0 && len(c.Choices) == 0 {
		p.f.Notice(area.CutTop(p.m.Target*1.5), touch.Notice{Icon: touch.IconInfo, Text: p.say(wording.ChooseEmpty)})
		return
	}
	item := len(c.Choices) > 0 && c.Choices[0].Item
	g.draw(p, area, g.columns(area.W, item, c.Total), c.Choices)
	if paged {
		p.pager(pager, c.Number, c.Pages)
	}
}

// pager draws what turns pages.
func (p *page) pager(r touch.Rect, number, pages int) {
	p.f.Pager(r, touch.Pager{
		Previous: p.say(wording.ChoosePrevious), Next: p.say(wording.ChooseNext),
		Number: number, Pages: pages,
		Turn: func(by int) { p.send(session.PageTurned{By: by}) },
	})
}

// chooseHead writes the question, and where the person is in the list: under it
// on portrait panels, beside it on landscape ones. The names of the levels above
// were read in full on the page before.
func (p *page) chooseHead(r touch.Rect, question string, c *session.Choose) {
	ask := touch.Style{Size: p.m.Question, Bold: true, Color: p.m.Colors.Ink, Center: true}
	where := touch.Style{Size: p.m.Body, Color: p.m.Colors.InkSoft, Center: true}
	aside := ""
	if c.Total > 0 {
		aside = p.w.Count(wording.ChooseTotal, c.Total)
	}
	path := strings.Join(c.Path, " › ")
	line := r.CutTop(p.questionLine())
	if !p.m.Panel.Portrait() {
		p.f.Text(line.CutLeft(p.f.Width(question, ask)), question, ask)
		line.CutLeft(p.m.Pad * 2)
		r = line
		where.Align = touch.Right
	} else {
		p.f.Text(line, question, ask)
	}
	if path != "" {
		room := r.W - p.f.Width(aside, where) - p.m.Pad
		if room > 6*p.m.Body {
			aside = p.faces.Regular.Elide(path, p.m.Body, room, true) + "　" + aside
		}
	}
	if p.f.Width(aside, where) <= r.W {
		p.f.Text(r, aside, where)
	}
}
