package session

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
)

// Limits of what one person can make the guides' pages hold.
const (
	likelyNormal   = 6
	likelyAssisted = 3
	maxText        = 24 // characters of a search
	maxFound       = 60 // matters a search shows
	maxMissed      = 12 // characters of a search that may be counted
	maxCharacters  = 5  // candidates for what was written
	maxStrokes     = 48 // of a character: the most of any in GB 18030 is 64, of everyday ones 30
	maxPoints      = 400
	padSize        = 1000
)

// looking is how far somebody has got in the guides.
type looking struct {
	shelf *shelf // the catalogue as it was when they began
	// places are the pages on top of one another; the last is the one on the
	// screen, or the one that 返回 leads to from taking a number.
	places []place
	// taking: 取这个事项的号 led away from the last place.
	taking bool
	ticks  []tick
	search searching
	paper  guidePaper
	link   guideLink
}

// A place is a page and what of it is shown.
type place struct {
	page   Page
	from   Page // the page under it
	number int  // page of what is paged, from 0
	// Of a list. under is the group's name; a list of groups has inGroup false.
	way     Way
	under   string
	inGroup bool
	// Of a guide and what stands on it; a plan of a ticket's windows has none.
	guide *guide.Guide
	tab   Tab
	form  string // Form.ID
}

// A tick is a material that somebody has ticked off.
type tick struct {
	guide    string
	material int
}

// searching is the search page.
type searching struct {
	writing
	found []Match
}

type guidePaper struct {
	guide string // Guide.ID
	id    int
	state GuidePaper
}

type guideLink struct {
	id     int
	text   string
	failed bool
}

// inGuides reports whether a page stands on the stack of places.
func inGuides(p Page) bool {
	switch p {
	case PageGuides, PageList, PageSearch, PageGuide, PageForms, PageForm, PagePlan, PageTakeaway:
		return true
	}
	return false
}

// place is the topmost place. Call it on a page of the guides only.
func (v *visit) place() place { return v.guides.places[len(v.guides.places)-1] }

// push shows a place on top of the page there is.
func (s *State) push(p place) {
	p.from = s.Page
	g := &s.visit.guides
	g.places = append(slices.Clip(g.places), p)
	s.show(p.page)
}

// swap changes the topmost place.
func (s *State) swap(p place) {
	g := &s.visit.guides
	g.places = slices.Clone(g.places)
	g.places[len(g.places)-1] = p
}

// back shows what is under the topmost place.
func (s State) back() (State, []Effect) {
	v := &s.visit
	p := v.place()
	if p.from == PageHome {
		return s.end()
	}
	effects := s.missed()
	g := &v.guides
	g.places = g.places[:len(g.places)-1]
	switch p.page {
	case PageSearch:
		g.search = searching{}
	case PageTakeaway:
		g.link = guideLink{}
	}
	s.show(p.from)
	if s.Page == PageResult {
		s.resume()
	}
	return s, effects
}

// missed counts the search that is being given up, if it found nothing and can
// hold nothing personal.
func (s *State) missed() []Effect {
	v := &s.visit
	if s.Page != PageSearch || len(v.guides.search.found) > 0 {
		return nil
	}
	text := strings.TrimSpace(v.guides.search.text)
	n := utf8.RuneCountInString(text)
	if n == 0 || n > maxMissed || strings.ContainsFunc(text, unicode.IsNumber) {
		return nil
	}
	return []Effect{SearchMissed{Text: text}}
}

// ask gives a question its ID.
func (s *State) ask() int {
	s.world.asked++
	return s.world.asked
}

// openGuides begins looking.
func (s *State) openGuides() {
	s.visit.guides.shelf = s.world.shelf
	s.push(place{page: PageGuides})
}

func (s *State) openGuide(g *guide.Guide) {
	p := place{page: PageGuide, guide: g, tab: TabWhere}
	if tabs := s.tabs(g); g.Elsewhere == nil && len(tabs) > 0 {
		p.tab = tabs[0]
	}
	s.push(p)
}

// onGuides carries out a touch on a page of the guides. One that means nothing
// there shows that somebody is present.
func (s State) onGuides(e Event) (State, []Effect) {
	v := &s.visit
	p := v.place()
	var effects []Effect
	switch e := e.(type) {
	case BackPressed:
		return s.back()
	case PageTurned:
		p.number += e.By
		s.swap(p)
		s.clampPage()
	case Chosen:
		s.onChosen(p, e.ID)
	case SearchPressed:
		if p.page == PageGuides || p.page == PageList {
			v.guides.search = searching{writing: writing{input: Letters}}
			s.push(place{page: PageSearch})
		}
	case WayChosen:
		if p.page == PageGuides {
			s.onWay(e.Way)
		}
	default:
		switch p.page {
		case PageSearch:
			effects = s.onSearch(e)
		case PageGuide:
			effects = s.onGuide(p, e)
		case PageTakeaway:
			if _, ok := e.(PrintGuidePressed); ok && s.world.devices.Printer {
				s, _ = s.back() // the guide says what becomes of the paper
				effects = s.onGuide(s.visit.place(), e)
			}
		}
	}
	s.armIdle()
	return s, effects
}

func (s *State) onWay(w Way) {
	groups := s.visit.guides.shelf.groups[w]
	if len(groups) == 0 {
		return
	}
	s.push(place{page: PageList, way: w, inGroup: groups[0].name == ""})
}

// Choices of the guides' pages have IDs that begin like this.
const (
	groupID = "group:"
	guideID = "guide:"
	formID  = "form:"
)

func (s *State) onChosen(p place, id string) {
	shelf := s.visit.guides.shelf
	if name, ok := strings.CutPrefix(id, groupID); ok && p.page == PageList && !p.inGroup {
		if _, ok := shelf.group(p.way, name); ok {
			s.push(place{page: PageList, way: p.way, under: name, inGroup: true})
		}
	}
	if name, ok := strings.CutPrefix(id, guideID); ok && (p.page == PageGuides || p.page == PageList || p.page == PageSearch) {
		if g, ok := shelf.guides[name]; ok {
			s.openGuide(g)
		}
	}
	if name, ok := strings.CutPrefix(id, formID); ok && p.page == PageForms {
		s.openForm(p.guide, name)
	}
}

func (s *State) openForm(g *guide.Guide, id string) {
	if slices.ContainsFunc(g.Forms, func(f guide.Form) bool { return f.ID == id }) {
		s.push(place{page: PageForm, guide: g, form: id})
	}
}

// searched is the rule of the search field: what can be part of a name.
var searched = rule{most: maxText, admit: func(r rune, first bool) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == ' ' && !first
}}

func (s *State) onSearch(e Event) []Effect {
	q := &s.visit.guides.search
	var effects []Effect
	if d, ok := e.(DeletePressed); ok && d.All {
		effects = s.missed()
	}
	next, asked, _ := s.write(q.writing, e, searched)
	text := next.text
	next.text = q.text // look compares
	q.writing = next
	s.look(text)
	return append(effects, asked...)
}

func (s *State) look(text string) {
	q := &s.visit.guides.search
	if text == q.text {
		return
	}
	q.text, q.found = text, s.visit.guides.shelf.find(text)
	p := s.visit.place()
	p.number = 0
	s.swap(p)
}

func (s *State) onGuide(p place, e Event) []Effect {
	v := &s.visit
	switch e := e.(type) {
	case TabChosen:
		if slices.Contains(s.tabs(p.guide), e.Tab) {
			p.tab, p.number = e.Tab, 0
			s.swap(p)
		}
	case MaterialTicked:
		if e.Index >= 0 && e.Index < len(p.guide.Materials) && p.guide.Materials[e.Index].Waived == "" {
			v.tickOff(tick{p.guide.ID, e.Index})
		}
	case TakeForGuide:
		s.takeForGuide(p)
	case PrintGuidePressed:
		if !s.world.devices.Printer || v.guides.paper.state == GuidePrinting {
			break
		}
		v.guides.paper = guidePaper{guide: p.guide.ID, id: s.ask(), state: GuidePrinting}
		return []Effect{PrintGuide{
			ID: v.guides.paper.id, Guide: p.guide, Sample: v.guides.shelf.catalogue.Sample,
			Ticked: v.ticked(p.guide.ID), Language: s.Language, Large: s.Assisted,
		}}
	case ScanGuidePressed:
		s.push(place{page: PageTakeaway, guide: p.guide})
		return s.makeLink()
	case FormsPressed:
		switch {
		case e.ID != "":
			s.openForm(p.guide, e.ID)
		case len(p.guide.Forms) == 1:
			s.openForm(p.guide, p.guide.Forms[0].ID)
		case len(p.guide.Forms) > 1:
			s.push(place{page: PageForms, guide: p.guide})
		}
	case PlanPressed:
		if b, ok := s.handler(p.guide); ok && s.onPlan(b) {
			s.push(place{page: PagePlan, guide: p.guide})
		}
	}
	return nil
}

// tickOff ticks a material off, or not any more.
func (v *visit) tickOff(t tick) {
	g := &v.guides
	if i := slices.Index(g.ticks, t); i >= 0 {
		g.ticks = slices.Delete(slices.Clone(g.ticks), i, i+1)
		return
	}
	g.ticks = append(slices.Clip(g.ticks), t)
}

// ticked are the materials of a guide that are ticked off, ascending.
func (v *visit) ticked(guideID string) []int {
	var all []int
	for _, t := range v.guides.ticks {
		if t.guide == guideID {
			all = append(all, t.material)
		}
	}
	slices.Sort(all)
	return all
}

// makeLink asks for the address of the guide on the screen.
func (s *State) makeLink() []Effect {
	v := &s.visit
	g := v.place().guide
	v.guides.link = guideLink{id: s.ask()}
	return []Effect{MakeLink{ID: v.guides.link.id, Guide: g, Ticked: v.ticked(g.ID), Language: s.Language}}
}

// handler is the business of this hall that handles a matter.
func (s *State) handler(g *guide.Guide) (*hall.Business, bool) {
	if s.world.hall == nil || g.Business == "" || g.Elsewhere != nil {
		return nil, false
	}
	return s.world.hall.Business(g.Business)
}

// takeForGuide leads from a guide to taking a number for it.
func (s *State) takeForGuide(p place) {
	if b, ok := s.handler(p.guide); ok {
		s.visit.guides.taking = true
		s.choose(s.world.menu.nodeFor(p.guide, b))
	}
}

// nodeFor is the choice that a guide stands for: the item of its business with
// the same ID or name, or the business under the guide's name.
func (m *menu) nodeFor(g *guide.Guide, b *hall.Business) *node {
	parent := m.nodes["business:"+b.ID]
	for _, n := range parent.children {
		if n.item.ID == g.ID || n.item.Name == g.Name {
			return n
		}
	}
	if b.Name == g.Name {
		return &node{id: parent.id, parent: parent.parent, business: b}
	}
	return &node{parent: parent, business: b, item: &hall.Item{Name: g.Name, NameEn: g.NameEn}}
}

// guideAnswered takes in an answer about guides. One that nobody waits for any
// more does nothing.
func (s State) guideAnswered(e Event) (State, []Effect) {
	g := &s.visit.guides
	switch e := e.(type) {
	case Recognised:
		g.search.recognised(e)
		s.visit.grading.words.recognised(e)
		s.visit.complaint.words.recognised(e)
	case LinkMade:
		if g.link.id != 0 && e.ID == g.link.id {
			g.link.text, g.link.failed = e.Text, e.Text == ""
		}
	case GuidePrintDone:
		if g.paper.state == GuidePrinting && e.ID == g.paper.id {
			g.paper.state = GuideUnprinted
			if e.OK {
				g.paper.state = GuidePrinted
			}
		}
	}
	return s, nil
}
