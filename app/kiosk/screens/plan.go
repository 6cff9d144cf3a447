package screens

import (
	"slices"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// plan draws the hall from above: rooms, windows with their numbers, what one is
// looking for lit, and where one stands. Place and legend are written beside it,
// so that nothing is said by colour alone.
func (p *page) plan(rest touch.Rect, v *session.Plan) {
	r := p.content(rest)
	title := v.Title
	if title == "" {
		title = p.say(wording.PlanTitle)
	}
	if p.m.Panel.Portrait() || !p.m.Tight() {
		p.questionAside(r.CutTop(p.questionLine()), title, "")
		r.CutTop(p.below())
	}
	if v.Width <= 0 || v.Height <= 0 {
		p.lone(r, wording.PlanNone)
		return
	}
	ratio := float32(v.Width / v.Height)
	if p.m.Panel.Portrait() {
		p.planPlace(&r, v)
		legend := p.m.TextHeight(p.m.Body, 1) + p.m.Gap*1.5
		floor := fitFloor(touch.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H - legend}, ratio)
		floor.Y = r.Y + float32(int((r.H-legend-floor.H)*0.2))
		p.floor(floor, v)
		p.planLegend(touch.Rect{X: r.X, Y: floor.Bottom() + p.m.Gap*1.5, W: r.W, H: legend}, v, true)
		return
	}
	side := r.CutRight(float32(int(max(r.W*0.3, min(r.W-r.H*ratio, r.W*0.45)))))
	r.CutRight(p.m.Gap * 1.5)
	p.floor(fitFloor(r, ratio), v)
	if p.m.Tight() {
		st := touch.Style{Size: p.m.Body, Bold: true, Color: p.m.Colors.Ink, Balance: true}
		title = p.faces.Bold.Shorten(title, st.Size, side.W, 2)
		p.f.CutText(&side, title, st)
		side.CutTop(p.m.Gap)
	}
	p.planPlace(&side, v)
	p.planLegend(side, v, false)
}

// fitFloor is the largest floor of the ratio in the middle of r.
func fitFloor(r touch.Rect, ratio float32) touch.Rect {
	w, h := r.W, r.W/ratio
	if h > r.H {
		w, h = r.H*ratio, r.H
	}
	return r.Center(float32(int(w)), float32(int(h)))
}

// planPlace writes where to go, in words, at the top of r and cuts it off.
func (p *page) planPlace(r *touch.Rect, v *session.Plan) {
	if v.Place == "" {
		return
	}
	n := touch.Notice{Icon: touch.IconPin, Text: v.Place, Bold: true, Size: p.m.Title}
	if p.f.NoticeHeight(n, r.W) > r.H*0.6 {
		n.Size = p.m.Body
	}
	h := p.f.NoticeHeight(n, r.W)
	if h > r.H {
		return
	}
	p.f.Notice(r.CutTop(h), n)
	r.CutTop(p.m.Gap * 1.5)
}

// planLegend says what the colours mean.
func (p *page) planLegend(r touch.Rect, v *session.Plan, row bool) {
	type entry struct {
		look touch.Look
		icon touch.Icon
		key  wording.Key
	}
	var all []entry
	c := p.m.Colors
	if slices.ContainsFunc(v.Windows, func(w session.PlanWindow) bool { return w.Lit }) ||
		slices.ContainsFunc(v.Rooms, func(r session.PlanRoom) bool { return r.Lit }) {
		all = append(all, entry{touch.Look{Fill: c.Blue, Radius: p.m.Radius * 0.5}, touch.NoIcon, wording.PlanLit})
	}
	if v.Here != nil {
		all = append(all, entry{touch.Look{Fill: c.Warm, Radius: p.m.Body}, touch.IconPin, wording.PlanHere})
	}
	st := p.body()
	side, high := float32(int(p.m.Body*1.2)), p.m.TextHeight(p.m.Body, 1)
	for _, e := range all {
		words := p.say(e.key)
		w := side + p.m.MM(1.6) + p.f.Width(words, st)
		if w > r.W || high > r.H {
			return
		}
		line := r
		if row {
			line = r.CutLeft(w)
			r.CutLeft(p.m.Pad * 2)
		} else {
			line = r.CutTop(high)
			r.CutTop(p.m.Gap)
		}
		line.H = high
		mark := line.CutLeft(side)
		mark = mark.Center(side, side)
		e.look.Radius = min(e.look.Radius, side/2)
		p.f.Box(mark, e.look)
		if e.icon != touch.NoIcon {
			p.f.Icon(mark.Inset(side*0.16, side*0.16), e.icon, c.OnFill)
		}
		line.CutLeft(p.m.MM(1.6))
		p.f.Text(line, words, st)
	}
}

// floor draws the plan into r, which has its ratio.
func (p *page) floor(r touch.Rect, v *session.Plan) {
	c := p.m.Colors
	p.f.Box(r, touch.Look{Fill: c.Card, Stroke: c.Border, StrokeWidth: p.m.Stroke * 2})
	inner := r.Inset(p.m.Stroke*2, p.m.Stroke*2)
	l := p.layPlan(inner, v)
	for _, room := range l.rooms {
		look := touch.Look{Fill: c.Sunken, Stroke: c.Hairline, StrokeWidth: p.m.Stroke, Radius: p.m.Radius * 0.5}
		if room.lit {
			look.Fill, look.Stroke, look.StrokeWidth = c.BluePale, c.Blue, p.m.Stroke*1.5
		}
		p.f.Box(room.place, look)
	}
	for _, w := range l.windows {
		look := touch.Look{Fill: c.Card, Stroke: c.Border, StrokeWidth: p.m.Stroke, Radius: p.m.Radius * 0.5}
		st := touch.Style{Size: p.m.Body, Bold: true, Color: c.InkSoft, Align: touch.Middle, Center: true}
		if w.lit {
			look = touch.Look{Fill: c.Blue, Radius: p.m.Radius * 0.5}
			st.Color = c.OnFill
			if p.f.Width(w.name, touch.Style{Size: p.m.Title, Bold: true}) <= w.place.W && w.place.H >= p.m.Title*1.2 {
				st.Size = p.m.Title
			}
		}
		p.f.Box(w.place, look)
		p.f.Text(w.place, w.name, st)
	}
	if l.here.W > 0 {
		p.f.Box(l.here, touch.Look{Fill: c.Warm, Radius: l.here.W / 2})
		p.f.Icon(l.here.Inset(l.here.W*0.18, l.here.W*0.18), touch.IconPin, c.OnFill)
	}
	if l.hereWords.W > 0 {
		p.f.Box(l.hereWords, touch.Look{Fill: c.WarmPale, Radius: p.m.Radius * 0.5})
		p.f.Text(l.hereWords, p.say(wording.PlanHere), touch.Style{Size: p.m.Body, Bold: true, Color: c.WarmInk, Align: touch.Middle, Center: true})
	}
	for _, n := range l.names {
		ink := c.InkSoft
		if n.lit {
			ink = c.Ink
		}
		if n.icon != touch.NoIcon {
			p.f.Icon(n.place, n.icon, ink)
			continue
		}
		p.f.Text(n.place, n.text, touch.Style{Size: p.m.Body, Bold: n.lit, Color: ink, Align: touch.Middle, Center: true})
	}
}

func (p *page) hereWords() string { return p.say(wording.PlanHere) }
