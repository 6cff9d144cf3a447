package session

import (
	"slices"
	"strings"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
)

// viewGuides draws a page of the guides.
func (s *State) viewGuides(view *View, p place) {
	switch p.page {
	case PageGuides:
		view.Guides = s.viewEntrance()
	case PageList:
		view.List = &List{Way: p.way, Choose: s.paged(p, s.listed(p), s.world.drawing.Breaks)}
		if p.inGroup && p.under != "" {
			view.List.Path = []string{p.under}
		}
	case PageSearch:
		view.Search = s.viewSearch(p)
	case PageGuide:
		view.Guide = s.viewGuide(p)
	case PageForms:
		view.Forms = &Forms{
			Guide:  pick(s.Language, p.guide.Name, p.guide.NameEn),
			Choose: s.paged(p, formChoices(p.guide), s.world.drawing.Breaks),
		}
	case PageForm:
		view.Form = s.viewForm(p)
	case PagePlan:
		view.Plan = s.viewPlan(p)
	case PageTakeaway:
		l := s.visit.guides.link
		view.Takeaway = &Takeaway{
			Name: pick(s.Language, p.guide.Name, p.guide.NameEn),
			Away: s.world.away || l.failed, Prints: s.world.devices.Printer,
		}
		if !view.Takeaway.Away {
			view.Takeaway.QR = l.text
		}
	}
}

func (s *State) viewEntrance() *Guides {
	shelf := s.visit.guides.shelf
	g := &Guides{Ways: shelf.ways, Total: len(shelf.catalogue.Guides), Sample: shelf.catalogue.Sample}
	likely := shelf.likely
	if s.Assisted {
		likely = likely[:min(len(likely), likelyAssisted)]
	}
	for _, l := range likely {
		g.Likely = append(g.Likely, s.guideChoice(l, true))
	}
	return g
}

// listed are all choices of a list, over all pages.
func (s *State) listed(p place) []Choice {
	shelf := s.visit.guides.shelf
	if !p.inGroup {
		groups := shelf.groups[p.way]
		choices := make([]Choice, len(groups))
		for i, g := range groups {
			choices[i] = Choice{ID: groupID + g.name, Title: g.name, Leads: true, Count: len(g.guides), Waiting: -1}
		}
		return choices
	}
	g, _ := shelf.group(p.way, p.under)
	choices := make([]Choice, len(g.guides))
	for i, one := range g.guides {
		choices[i] = s.guideChoice(one, one.Department != p.under)
	}
	return choices
}

// maxSubtitle is the longest summary that goes on one line of a list.
const maxSubtitle = 40

// guideChoice is a matter as a line: below its name what it is about, else, if
// wanted, whose it is.
func (s *State) guideChoice(g *guide.Guide, department bool) Choice {
	c := Choice{ID: guideID + g.ID, Title: pick(s.Language, g.Name, g.NameEn), Waiting: -1, Item: true}
	summary := pick(s.Language, g.Summary, g.SummaryEn)
	switch {
	case summary != "" && len([]rune(summary)) <= s.longest(maxSubtitle):
		c.Subtitle = summary
	case department:
		c.Subtitle = g.Department
	}
	return c
}

// longest allows Latin letters twice as many as Chinese characters: they are half
// as wide.
func (s *State) longest(n int) int {
	if s.Language == English {
		return 2 * n
	}
	return n
}

func formChoices(g *guide.Guide) []Choice {
	choices := make([]Choice, len(g.Forms))
	for i, f := range g.Forms {
		choices[i] = Choice{ID: formID + f.ID, Title: f.Name, Waiting: -1, Item: true}
	}
	return choices
}

// paged is the page of choices that a place shows.
func (s *State) paged(p place, all []Choice, breaks Breaks) Choose {
	starts := breaks(all, s.Assisted, s.Language)
	number, from, to := page(p.number, starts, len(all))
	return Choose{Choices: all[from:to], Number: number + 1, Pages: len(starts), Total: len(all)}
}

// page returns which page there is, counted from 0, and what stands on it.
func page(number int, starts []int, n int) (at, from, to int) {
	at = max(0, min(number, len(starts)-1))
	from, to = starts[at], n
	if at+1 < len(starts) {
		to = starts[at+1]
	}
	return at, from, to
}

// guidePages is how many pages a place has.
func (s *State) guidePages(p place) int {
	d := s.world.drawing
	switch p.page {
	case PageList:
		return len(d.Breaks(s.listed(p), s.Assisted, s.Language))
	case PageSearch:
		return len(d.Results(s.results(), s.Assisted, s.Language))
	case PageGuide:
		head, blocks := s.head(p), s.blocks(p.guide, p.tab)
		return len(d.Folds(head, blocks, s.Assisted, s.Language))
	case PageForms:
		return len(d.Breaks(formChoices(p.guide), s.Assisted, s.Language))
	case PageForm:
		return len(every(len(s.form(p).Fields), s.Assisted, perFormNormal, perFormAssisted))
	}
	return 1
}

// results are all matters found.
func (s *State) results() []Choice {
	g := &s.visit.guides
	choices := make([]Choice, len(g.search.found))
	for i, m := range g.search.found {
		choices[i] = s.guideChoice(&g.shelf.catalogue.Guides[m.Guide], true)
	}
	return choices
}

func (s *State) viewSearch(p place) *Search {
	g := &s.visit.guides
	q := &g.search
	all := s.results()
	starts := s.world.drawing.Results(all, s.Assisted, s.Language)
	number, from, to := page(p.number, starts, len(all))
	v := &Search{
		Text: q.text, Input: q.input, Handwriting: s.world.drawing.Handwriting,
		Strokes: q.strokes, Characters: q.characters,
		Number: number + 1, Pages: len(starts), Total: len(all),
		Nothing: strings.TrimSpace(q.text) != "" && len(all) == 0,
	}
	for i, c := range all[from:to] {
		f := Found{Choice: c}
		m := q.found[from+i]
		if c.Title == g.shelf.catalogue.Guides[m.Guide].Name {
			f.Marks = m.Marks
		}
		v.Found = append(v.Found, f)
	}
	return v
}

// head is a guide without its blocks.
func (s *State) head(p place) Guide {
	g, v := p.guide, &s.visit
	w := wordsIn(s.Language)
	h := Guide{
		ID: g.ID, Name: pick(s.Language, g.Name, g.NameEn), Summary: pick(s.Language, g.Summary, g.SummaryEn),
		Department: g.Department, Kind: w.kinds[g.Kind], Fee: w.fee(g),
		Limit: w.limit(g.Promised), Sample: v.guides.shelf.catalogue.Sample,
		Tabs: s.tabs(g), Tab: p.tab, Number: 1, Pages: 1,
		Prints: s.world.devices.Printer, Scans: true, Forms: len(g.Forms),
	}
	if h.Limit == "" {
		h.Limit = w.limit(g.Legal)
	}
	ticked := v.ticked(g.ID)
	for i, m := range g.Materials {
		if !m.Optional && m.Waived == "" {
			h.Needed++
			if slices.Contains(ticked, i) {
				h.Ready++
			}
		}
	}
	if b, ok := s.handler(g); ok {
		h.Takes, h.Plan = true, s.onPlan(b)
		h.Barred, _ = s.world.barred(b)
	}
	if v.guides.paper.guide == g.ID {
		h.Printing = v.guides.paper.state
	}
	if e := g.Elsewhere; e != nil {
		h.Elsewhere = &Elsewhere{Unit: e.Unit, Address: e.Address, Phone: e.Phone, Hours: e.Hours}
	}
	return h
}

func (s *State) viewGuide(p place) *Guide {
	h, blocks := s.head(p), s.blocks(p.guide, p.tab)
	starts := s.world.drawing.Folds(h, blocks, s.Assisted, s.Language)
	number, from, to := page(p.number, starts, len(blocks))
	h.Blocks, h.Number, h.Pages = blocks[from:to], number+1, len(starts)
	return &h
}

func (s *State) form(p place) guide.Form {
	i := slices.IndexFunc(p.guide.Forms, func(f guide.Form) bool { return f.ID == p.form })
	return p.guide.Forms[i] // the place would not be there without it
}

func (s *State) viewForm(p place) *Form {
	f := s.form(p)
	starts := every(len(f.Fields), s.Assisted, perFormNormal, perFormAssisted)
	number, from, to := page(p.number, starts, len(f.Fields))
	// What a form shows is made up whatever the catalogue is.
	v := &Form{Name: f.Name, Number: number + 1, Pages: len(starts), Sample: true}
	for _, field := range f.Fields[from:to] {
		v.Fields = append(v.Fields, FormField{Name: field.Name, Sample: field.Sample, Help: field.Help})
	}
	return v
}

// onPlan reports whether a window of a business is on the hall's plan.
func (s *State) onPlan(b *hall.Business) bool {
	h := s.world.hall
	return h != nil && h.Plan != nil && slices.ContainsFunc(h.Windows, func(w hall.Window) bool {
		return w.At != nil && slices.Contains(b.Windows, w.ID)
	})
}

// viewPlan is the plan with the windows of a guide, or of the ticket, lit.
func (s *State) viewPlan(p place) *Plan {
	h := s.world.hall
	v := &Plan{}
	if h == nil || h.Plan == nil {
		return v // the hall has just taken its plan away
	}
	v.Width, v.Height = h.Plan.Width, h.Plan.Height
	b, ok := s.planned(p)
	if ok {
		v.Title = pick(s.Language, b.Name, b.NameEn)
		v.Place = s.placeInWords(b)
	}
	for _, r := range h.Plan.Rooms {
		v.Rooms = append(v.Rooms, PlanRoom{
			Name: pick(s.Language, r.Name, r.NameEn), X: r.Box[0], Y: r.Box[1], W: r.Box[2], H: r.Box[3],
			Kind: string(r.Kind), Lit: ok && r.Area != "" && r.Area == b.Area,
		})
	}
	for _, w := range h.Windows {
		if w.At != nil {
			v.Windows = append(v.Windows, PlanWindow{
				Name: w.Name, At: PlanPoint{w.At[0], w.At[1]}, Lit: ok && slices.Contains(b.Windows, w.ID),
			})
		}
	}
	if at, ok := h.Plan.Kiosk(s.world.kiosk); ok {
		v.Here = &PlanPoint{at[0], at[1]}
	}
	return v
}

// planned is the business whose windows are looked for on the plan.
func (s *State) planned(p place) (*hall.Business, bool) {
	if p.guide != nil {
		return s.handler(p.guide)
	}
	return s.world.hall.Business(s.visit.choice.business.ID)
}

// placeInWords is where a business is: 一楼 A 区，3、4 号窗口.
func (s *State) placeInWords(b *hall.Business) string {
	_, place, windows := s.where(b)
	return wordsIn(s.Language).windowsAt(place, windows)
}
