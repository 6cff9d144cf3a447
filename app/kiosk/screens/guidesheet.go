package screens

import (
	"strings"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// guideSheet is where the parts of a guide's page stand. Breaking a guide into
// pages and drawing one ask the same code, so that what was counted to fit does.
//
// On portrait panels everything stands one under the other: name, facts, tabs,
// blocks, pager, actions. On landscape ones the tabs stand at the left and pager
// and actions at the right, over the whole height.
type guideSheet struct {
	name, summary         touch.Rect
	nameText, summaryText string
	nameStyle             touch.Style

	facts  touch.Rect // chips, or what became of the paper; empty on low panels
	strip  touch.Rect // "not in this hall"; empty when it is
	tabs   []tabPlace
	blocks touch.Rect

	pager   touch.Rect
	actions touch.Rect
}

// tabPlace is a tab and where it stands.
type tabPlace struct {
	tab   session.Tab
	place touch.Rect
}

// sheet arranges the page of a guide. What may change while the page stands (ticks,
// paper, queues) does not move anything.
func (u ruler) sheet(g *session.Guide, paged bool) guideSheet {
	p := page{m: u.m}
	r := p.room()
	var s guideSheet
	if u.m.Panel.Portrait() {
		s.actions = r.CutBottom(u.actionsHeight(g))
		if s.actions.H > 0 {
			r.CutBottom(u.m.Gap * 1.5)
		}
		if paged {
			s.pager = r.CutBottom(u.m.Target)
			r.CutBottom(u.m.Gap * 1.5)
		}
		u.head(&s, g, &r)
		u.tabRows(&s, g, &r)
	} else {
		if len(g.Tabs) > 1 {
			u.tabRail(&s, g, r.CutLeft(u.tabWidth(g)))
			r.CutLeft(u.m.Gap * 1.5)
		}
		if n := u.countActions(g); n > 0 || paged {
			// The rail is there on every page of the guide, so that nothing moves.
			s.actions = r.CutRight(u.railWidth())
			r.CutRight(u.m.Gap * 1.5)
			if paged {
				s.pager = u.railPager(&s.actions)
			}
		}
		u.head(&s, g, &r)
	}
	if s.notHere(g) {
		h := u.stripHeight(u.notHere(g), r.W)
		s.strip = r.CutTop(h)
		r.CutTop(u.m.Gap)
	}
	s.blocks = r
	return s
}

// notHere says whether the strip stands above the blocks: the matter is handled
// elsewhere, and the page does not show where. A low panel has no room for it; there
// the tab that says where comes first.
func (s guideSheet) notHere(g *session.Guide) bool {
	return g.Elsewhere != nil && !showsElsewhere(g) && s.facts.H > 0
}

// showsElsewhere says whether the page shows where a matter is handled, in place of
// blocks.
func showsElsewhere(g *session.Guide) bool {
	return g.Elsewhere != nil && (len(g.Tabs) == 0 || g.Tab == session.TabWhere)
}

// stripHeight is the height of a notice in the width; see touch.Frame.NoticeHeight.
func (u ruler) stripHeight(n touch.Notice, width float32) float32 {
	pad, side := u.m.MM(3), float32(int(u.m.Body*1.3+0.5))
	st := touch.Style{Size: u.m.Body, Bold: n.Bold, Balance: true}
	return u.height(n.Text, st, width-3*pad-side) + 2*u.m.MM(1.8)
}

func (u ruler) notHere(g *session.Guide) touch.Notice {
	return touch.Notice{
		Icon: touch.IconInfo, Tone: touch.Warning,
		Text: u.w.Fill(wording.GuideNotHere, wording.Args{Place: g.Elsewhere.Unit}),
	}
}

// head places name, summary and facts at the top of r and cuts them off.
func (u ruler) head(s *guideSheet, g *session.Guide, r *touch.Rect) {
	m := u.m
	tight := m.Tight()
	s.nameStyle = touch.Style{Size: m.Question, Bold: true, Color: m.Colors.Ink, Balance: true}
	most := 6
	switch {
	case m.Assisted && m.Panel.Portrait():
		most = 4
	case tight:
		s.nameStyle.Size, most = m.Body, 1
	case !m.Panel.Portrait():
		most = 2
	}
	name := g.Name
	if tight && g.Sample { // there are no chips to say it
		name = u.w.Say(wording.GuideSample) + " · " + name
	}
	if !tight {
		for _, try := range []struct {
			size  float32
			lines int
		}{{m.Question, 1}, {m.Title, 2}, {m.Body, most}} {
			s.nameStyle.Size = try.size
			if len(u.faces.Bold.Wrap(g.Name, try.size, r.W)) <= min(try.lines, most) {
				break
			}
		}
	}
	s.nameText = u.faces.Bold.Shorten(name, s.nameStyle.Size, r.W, most)
	s.name = r.CutTop(u.height(s.nameText, s.nameStyle, r.W))
	if tight {
		r.CutTop(m.MM(1.4))
		return
	}
	if g.Summary != "" {
		s.summaryText = u.faces.Regular.Shorten(g.Summary, m.Body, r.W, 2)
		h := u.height(s.summaryText, u.summaryStyle(), r.W)
		if g.Tab == session.TabMaterials && r.H < m.Body*20 && h > m.TextHeight(m.Body, 1) {
			s.summaryText = "" // a small panel: the list needs the room, the other tabs say it
		} else {
			r.CutTop(m.MM(0.8))
			s.summary = r.CutTop(h)
		}
	}
	if rows := len(u.chipRows(g, r.W)); rows > 0 {
		r.CutTop(m.MM(1.6))
		s.facts = r.CutTop(u.chipHeight()*float32(rows) + m.MM(1.2)*float32(rows-1))
	}
	r.CutTop(m.MM(2))
}

func (u ruler) summaryStyle() touch.Style {
	st := u.soft()
	st.Balance = true
	return st
}

// chip is a fact in a few words.
type chip struct {
	text string
	tone touch.Tone
	room string // the widest it may get
	bare bool   // without a box, at the right end
}

func (u ruler) chipHeight() float32 { return u.m.TextHeight(u.m.Body, 1) + 2*u.m.MM(1.8) }

func (u ruler) chipWidth(c chip) float32 {
	return u.width(c.room, u.bold()) + 2*u.m.MM(2)
}

// chips are the facts under the name.
func (u ruler) chips(g *session.Guide) []chip {
	var out []chip
	add := func(text string, tone touch.Tone) {
		if text != "" {
			out = append(out, chip{text: text, room: text, tone: tone})
		}
	}
	if g.Sample {
		add(u.w.Say(wording.GuideSample), touch.Warning)
	}
	add(g.Kind, touch.Telling)
	add(g.Limit, touch.Telling)
	add(g.Fee, touch.Telling)
	if g.Department != "" {
		out = append(out, chip{text: g.Department, room: g.Department, bare: true})
	}
	return out
}

// chipRows breaks the chips into lines. A chip wider than a line is left out: what
// it says stands under the tabs too.
func (u ruler) chipRows(g *session.Guide, width float32) [][]chip {
	var rows [][]chip
	var used float32
	for _, c := range u.chips(g) {
		w := u.chipWidth(c)
		switch {
		case w > width:
			continue
		case len(rows) == 0 || used+u.m.Gap+w > width:
			if c.bare && len(rows) > 0 {
				continue // the department is the least of it
			}
			if len(rows) == 2 {
				return rows
			}
			rows, used = append(rows, nil), w
		default:
			used += u.m.Gap + w
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], c)
	}
	return rows
}

// tabWords names the tabs.
func (u ruler) tabWords(t session.Tab) string {
	switch t {
	case session.TabMaterials:
		return u.w.Say(wording.TabMaterials)
	case session.TabSteps:
		return u.w.Say(wording.TabSteps)
	case session.TabWhere:
		return u.w.Say(wording.TabWhere)
	case session.TabConditions:
		return u.w.Say(wording.TabConditions)
	case session.TabFees:
		return u.w.Say(wording.TabFees)
	case session.TabQuestions:
		return u.w.Say(wording.TabQuestions)
	}
	return string(t)
}

// tabRows places the tabs in one row, their names on one line or two, or in as few
// rows as let every name stand on one.
func (u ruler) tabRows(s *guideSheet, g *session.Guide, r *touch.Rect) {
	n := len(g.Tabs)
	if n < 2 {
		return
	}
	cols := n
	if cell := (r.W - u.m.Gap*float32(n-1)) / float32(n); !u.foldsInto(g, cell) {
		var widest float32
		for _, t := range g.Tabs {
			widest = max(widest, u.width(u.tabWords(t), u.bold())+2*u.m.MM(1))
		}
		for cols > 1 && (r.W-u.m.Gap*float32(cols-1))/float32(cols) < widest {
			cols--
		}
	}
	rows := (n + cols - 1) / cols
	cols = (n + rows - 1) / rows
	for i := range rows {
		if i > 0 {
			r.CutTop(u.m.Gap)
		}
		cells := r.CutTop(u.tabHeight()).Columns(cols, u.m.Gap)
		for j := range cols {
			if k := i*cols + j; k < n {
				s.tabs = append(s.tabs, tabPlace{g.Tabs[k], cells[j]})
			}
		}
	}
	r.CutTop(u.m.Gap * 1.5)
}

// tabHeight holds two lines.
func (u ruler) tabHeight() float32 { return max(u.m.Target, u.m.TextHeight(u.m.Body, 2)+2) }

// foldsInto says whether every name of a tab stands in a cell of the width, on at
// most two lines of whole words.
func (u ruler) foldsInto(g *session.Guide, cell float32) bool {
	if cell < u.m.Target {
		return false
	}
	room := cell - 2*u.m.MM(1)
	for _, t := range g.Tabs {
		words := u.tabWords(t)
		if len(u.faces.Bold.Balance(words, u.m.Body, room)) > 2 {
			return false
		}
		for _, word := range strings.Fields(words) {
			if word[0] < 0x80 && u.width(word, u.bold()) > room {
				return false
			}
		}
	}
	return true
}

func (u ruler) tabWidth(g *session.Guide) float32 {
	var widest float32
	for _, t := range g.Tabs {
		widest = max(widest, u.width(u.tabWords(t), u.bold()))
	}
	return widest + 2*u.m.MM(2.4)
}

// tabRail places the tabs one under the other. On a low panel only those around
// the one that is shown have room; going from tab to tab reaches all.
func (u ruler) tabRail(s *guideSheet, g *session.Guide, r touch.Rect) {
	n := min(len(g.Tabs), int((r.H+u.m.Gap)/(u.m.TargetMin+u.m.Gap)))
	from := 0
	for i, t := range g.Tabs {
		if t == g.Tab {
			from = min(max(0, i-n/2), len(g.Tabs)-n)
		}
	}
	high := min(u.m.Target*1.1, (r.H-u.m.Gap*float32(n-1))/float32(n))
	r.H = float32(int(high))*float32(n) + u.m.Gap*float32(n-1)
	for i, place := range r.Rows(n, u.m.Gap) {
		s.tabs = append(s.tabs, tabPlace{g.Tabs[from+i], place})
	}
}

// Actions of a guide. The button of the forms stands with the materials, that of
// the plan with the places.

func offersForms(g *session.Guide) bool { return g.Forms > 0 && g.Tab == session.TabMaterials }

func offersPlan(g *session.Guide) bool { return g.Plan && g.Tab == session.TabWhere }

// countActions counts those besides taking a number, too.
func (u ruler) countActions(g *session.Guide) int {
	n := 0
	for _, on := range []bool{g.Takes, g.Prints, g.Scans, offersForms(g), offersPlan(g)} {
		if on {
			n++
		}
	}
	return n
}

// actionsHeight is the height of the row of actions on portrait panels: an icon
// above two lines of words at most.
func (u ruler) actionsHeight(g *session.Guide) float32 {
	if u.countActions(g) == 0 {
		return 0
	}
	return float32(int(u.actionHeight()*1.1 + 0.5))
}

// actionHeight holds an icon above a line of words.
func (u ruler) actionHeight() float32 {
	return max(u.m.Target, u.m.TextHeight(u.m.Body, 1)+float32(int(u.m.Body*1.15))+u.m.MM(2.6))
}

// railWidth is the width of pager and actions on landscape panels.
func (u ruler) railWidth() float32 {
	if u.m.Tight() {
		// Two columns of two characters.
		return 2*u.railCell() + u.m.Gap
	}
	var w float32
	for _, k := range []wording.Key{wording.GuideTakeShort, wording.GuidePrint, wording.GuideScan, wording.GuideForms, wording.GuidePlan, wording.GuidePrinted} {
		w = max(w, u.width(u.w.Say(k), u.bold()))
	}
	for _, k := range []wording.Key{wording.ChoosePrevious, wording.ChooseNext} {
		w = max(w, 2*u.width(u.w.Say(k), u.bold())+u.m.Gap+2*u.m.MM(1))
	}
	return w + 2*u.m.MM(1.4)
}

func (u ruler) railCell() float32 {
	var w float32
	for _, k := range []wording.Key{wording.GuidePrintShort, wording.GuideScanShort, wording.GuideFormsShort, wording.GuidePlanShort} {
		w = max(w, u.width(u.w.Say(k), u.bold()))
	}
	return max(w+2*u.m.MM(1.4), u.m.TargetMin)
}

// railPager cuts the place of the pager off the top of the rail: the page number
// over the two buttons; on a low panel only those.
func (u ruler) railPager(rail *touch.Rect) touch.Rect {
	if u.m.Tight() {
		h := float32(int((rail.H - 3*u.m.Gap) / 4))
		r := rail.CutTop(h)
		rail.CutTop(u.m.Gap)
		return r
	}
	number := u.m.TextHeight(u.m.Body, 1)
	// Five rows of buttons and the number must fit.
	h := min(u.m.Target, float32(int((rail.H-number-4*u.m.Gap)/5)))
	r := rail.CutTop(number + h)
	rail.CutTop(u.m.Gap)
	return r
}
