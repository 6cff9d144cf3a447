package screens

import (
	"image/color"
	"time"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// grid arranges choices on a page. Drawing a page and breaking a list into pages
// ask the same code, so that what was counted to fit does.
type grid struct{ ruler }

// Choices on one page at most.
const (
	maxChoices         = 12
	maxChoicesAssisted = 6
)

func (g grid) limit() int {
	if g.m.Assisted {
		return maxChoicesAssisted
	}
	return maxChoices
}

// area is where choices stand, and where the pager stands when there is one.
func (g grid) area(paged bool) (choices, pager touch.Rect) {
	p := page{m: g.m}
	r := p.room()
	r.CutTop(p.questionLine() + g.asideHeight() + p.below())
	if !paged {
		return r, pager
	}
	if g.m.Panel.Portrait() {
		pager = r.CutBottom(g.pagerSize())
		r.CutBottom(g.m.Gap * 1.5)
	} else {
		pager = r.CutRight(g.pagerSize())
		r.CutRight(g.m.Gap * 1.5)
	}
	return r, pager
}

func (g grid) pagerSize() float32 {
	return g.m.PagerSize(g.faces, touch.Pager{
		Previous: g.w.Say(wording.ChoosePrevious), Next: g.w.Say(wording.ChooseNext),
	})
}

// asideHeight is the height of the line under the question on portrait panels; on
// landscape ones it stands beside the question.
func (g grid) asideHeight() float32 {
	if g.m.Panel.Portrait() {
		return g.m.TextHeight(g.m.Body, 1)
	}
	return 0
}

// columns is how many columns the choices stand in. It depends on nothing that
// differs between the pages of one list.
func (g grid) columns(width float32, item bool, total int) int {
	switch {
	case item && !g.m.Assisted && !g.m.Panel.Portrait() && width >= g.m.MM(240):
		return 2 // lines as long as those of a whole portrait panel
	case item || g.m.Assisted && width < g.m.MM(280):
		return 1
	case g.m.Assisted:
		return 2
	case g.m.Panel.Portrait() && total <= 5:
		return 1
	case g.m.Panel.Portrait() || width < g.m.MM(210) || total <= 4:
		return 2
	}
	return 3
}

// tile is one choice, measured.
type tile struct {
	choice *session.Choice
	title  touch.Style
	sub    touch.Style
	status string
	// room is the widest wording the status may have while the page stands: queues
	// move, and choices must not move with them.
	room string
	warn bool // the status is a reason not to choose it
	icon touch.Icon
	// inline is true when title and status fit on one line.
	inline bool
	height float32 // with the status below the title
	short  float32 // with the status beside it
}

// Distances inside a tile.
func (g grid) padX() float32    { return g.m.Pad }
func (g grid) padY() float32    { return g.m.MM(2.4) }
func (g grid) chevron() float32 { return g.m.MM(6) }
func (g grid) sublead() float32 { return g.m.MM(0.8) } // between title, subtitle and status

// measure measures a choice in a tile of the width, no higher than most if that
// can be had by setting a very long name smaller.
func (g grid) measure(c *session.Choice, width, most float32) tile {
	t := tile{choice: c}
	widest := *c
	if widest.Waiting >= 0 {
		widest.Waiting = 88
	}
	t.room, _, _ = g.status(&widest, time.Time{})
	inner := width - 2*g.padX() - g.chevron()
	t.title = touch.Style{Size: g.m.Title, Bold: true, Color: g.m.Colors.Ink}
	if c.Item {
		t.title.Bold = false
		if g.m.Tight() {
			t.title.Size = g.m.Body // twice as many on a page
		}
	}
	t.sub = touch.Style{Size: g.m.Body, Color: g.m.Colors.InkSoft, Balance: true}
	// A name that does not fit a whole page in its size is set smaller: to the
	// body size, and in assisted mode on a small panel down to the normal one.
	smallest := g.m.Body
	if g.m.Assisted {
		smallest = touch.NewMetrics(g.m.Panel, false).Body
	}
	for {
		t.fit(g, inner)
		if t.height <= most || t.title.Size <= smallest {
			return t
		}
		t.title.Size = max(smallest, float32(int(t.title.Size*0.93)))
	}
}

func (t *tile) fit(g grid, inner float32) {
	face := g.faces.Of(t.title.Bold)
	lines := face.Wrap(t.choice.Title, t.title.Size, inner)
	h := 2*g.padY() + g.m.TextHeight(t.title.Size, len(lines))
	if t.choice.Subtitle != "" {
		sub := g.faces.Regular.Balance(t.choice.Subtitle, t.sub.Size, inner)
		h += g.m.TextHeight(t.sub.Size, len(sub)) + g.sublead()
	}
	t.short, t.height = h, h
	if g.m.Tight() && t.room != "" {
		// On a low panel a status that needs a line of its own takes the subtitle's.
		t.height = 2*g.padY() + g.m.TextHeight(t.title.Size, len(lines))
	}
	t.inline = true
	if t.room != "" {
		w := face.Width(t.choice.Title, t.title.Size) + g.padX() + g.statusWidth(t.room)
		t.inline = len(lines) == 1 && w <= inner
		status := g.faces.Regular.Wrap(t.room, g.m.Body, inner-g.statusIcon())
		t.height += g.m.TextHeight(g.m.Body, len(status)) + g.sublead()
	}
	lowest := g.m.Target
	if g.m.Tight() {
		lowest = g.m.TargetMin
	}
	t.short, t.height = max(t.short, lowest), max(t.height, lowest)
}

func (g grid) statusIcon() float32 { return float32(int(g.m.Body * 1.4)) }

func (g grid) statusWidth(s string) float32 {
	return g.statusIcon() + g.faces.Regular.Width(s, g.m.Body) + 1
}

// status is the line about the queue: how many wait, how many choices lie below,
// or why it cannot be chosen.
func (g grid) status(c *session.Choice, now time.Time) (words string, icon touch.Icon, warn bool) {
	switch c.Barred {
	case session.Closed:
		if c.Opens.IsZero() {
			return g.w.Say(wording.ChooseClosed), touch.IconClock, true
		}
		return g.w.Fill(wording.ChooseClosedOpens, wording.Args{Time: g.w.When(c.Opens, now)}), touch.IconClock, true
	case session.Paused:
		return g.w.Say(wording.ChoosePaused), touch.IconPause, true
	case session.NoWindow:
		return g.w.Say(wording.ChooseNoWindow), touch.IconWarning, true
	}
	switch {
	case c.Leads && c.Count > 0:
		return g.w.Count(wording.ChooseBelow, c.Count), touch.IconList, false
	case c.Waiting > 0:
		return g.w.Count(wording.ChooseWaiting, c.Waiting), touch.IconPeople, false
	case c.Waiting == 0:
		return g.w.Say(wording.ChooseNoWait), touch.IconPeople, false
	}
	return "", touch.NoIcon, false
}

// rows arranges the tiles into columns and returns the height of each row, and
// whether every status stands beside its title. ok is false when they need more
// than height.
func (g grid) rows(tiles []tile, cols int, height float32) (rows []float32, inline, ok bool) {
	inline = true
	for _, t := range tiles {
		inline = inline && t.inline
	}
	var sum, highest float32
	for i, t := range tiles {
		h := t.height
		if inline {
			h = t.short
		}
		if i%cols == 0 {
			rows = append(rows, 0)
		}
		last := &rows[len(rows)-1]
		*last = max(*last, h)
		highest = max(highest, *last)
	}
	for _, h := range rows {
		sum += h
	}
	gaps := g.m.Gap * float32(len(rows)-1)
	if sum+gaps > height {
		return rows, inline, false
	}
	if highest*float32(len(rows))+gaps <= height {
		for i := range rows {
			rows[i] = highest // a regular grid where there is room for one
		}
		sum = highest * float32(len(rows))
	}
	// Room that is left makes the rows higher, up to a size that is pleasant.
	pleasant := g.m.MM(54)
	if tiles[0].choice.Item {
		pleasant = g.m.MM(30)
	}
	extra := float32(int((height - sum - gaps) / float32(len(rows))))
	for i := range rows {
		rows[i] += max(0, min(extra, pleasant-rows[i]))
	}
	return rows, inline, true
}

// draw draws the choices into r.
func (g grid) draw(p *page, r touch.Rect, cols int, choices []session.Choice) {
	if len(choices) == 0 {
		return
	}
	width := r.Columns(cols, g.m.Gap)[0].W
	tiles := make([]tile, len(choices))
	for i := range choices {
		tiles[i] = g.measure(&choices[i], width, r.H)
		tiles[i].status, tiles[i].icon, tiles[i].warn = g.status(&choices[i], p.v.Top.Now)
	}
	heights, inline, _ := g.rows(tiles, cols, r.H)
	var row []touch.Rect
	for i := range tiles {
		if i%cols == 0 {
			if i > 0 {
				r.CutTop(g.m.Gap)
			}
			row = r.CutTop(heights[i/cols]).Columns(cols, g.m.Gap)
		}
		g.drawTile(p, row[i%cols], &tiles[i], inline, i)
	}
}

func (g grid) drawTile(p *page, r touch.Rect, t *tile, inline bool, n int) {
	c := g.m.Colors
	look := touch.Look{Fill: c.Card, Pressed: c.QuietPressed, Stroke: c.Border, StrokeWidth: g.m.Stroke, Radius: g.m.Radius}
	if t.choice.Barred == session.Closed || t.choice.Barred == session.Paused {
		look.Fill = c.Sunken
		t.title.Color = c.InkSoft
	}
	press := p.press("choice."+letter(n), session.Chosen{ID: t.choice.ID})
	press.Job = t.choice.ID
	p.f.Control(r, look, press)

	inner := r.Inset(g.padX(), 0)
	chevron := inner.CutRight(g.chevron())
	p.f.Icon(touch.Rect{X: chevron.Right() - g.m.MM(4.5), Y: chevron.Y, W: g.m.MM(4.5), H: chevron.H}, touch.IconNext, c.BlueInk)

	used := t.height - 2*g.padY()
	if inline {
		used = t.short - 2*g.padY()
	}
	titleH := p.f.Height(t.choice.Title, t.title, inner.W)
	subH := p.f.Height(t.choice.Subtitle, t.sub, inner.W)
	if g.m.Tight() && t.status != "" && !inline {
		subH = 0
	}
	if inline && t.choice.Subtitle == "" || used < titleH {
		used = titleH // a lone line stands in the middle, also in a low tile
	}
	// Room that is left goes between the lines too.
	lead := min(g.m.MM(1.8), max(0, inner.H-used-2*g.padY())/4)
	lines := float32(0)
	if subH > 0 {
		lines++
	}
	if t.status != "" && !inline {
		lines++
	}
	block := inner.Center(inner.W, used+lines*lead)
	lead += g.sublead()
	first := block.CutTop(titleH)
	if t.status != "" && inline {
		g.drawStatus(p, first.CutRight(g.statusWidth(t.status)), t)
	}
	p.f.Text(first, t.choice.Title, t.title)
	if subH > 0 {
		block.CutTop(lead)
		p.f.Text(block.CutTop(subH), t.choice.Subtitle, t.sub)
	}
	if t.status != "" && !inline {
		block.CutTop(lead)
		g.drawStatus(p, block, t)
	}
}

func (g grid) drawStatus(p *page, r touch.Rect, t *tile) {
	var ink color.NRGBA = g.m.Colors.BlueInk
	if t.warn {
		ink = g.m.Colors.WarmInk
	}
	icon := r.CutLeft(g.statusIcon())
	side := float32(int(g.m.Body * 1.05))
	p.f.Icon(touch.Rect{X: icon.X, Y: icon.Y, W: side, H: min(icon.H, g.m.TextHeight(g.m.Body, 1))}, t.icon, ink)
	p.f.Text(r, t.status, touch.Style{Size: g.m.Body, Color: ink})
}

// letter numbers the choices of a page in the names of their controls.
func letter(n int) string { return string(rune('a' + n)) }
