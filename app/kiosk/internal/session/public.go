package session

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
)

// Pages of the notice board (公开栏).
const (
	PagePublic  Page = "public"  // what there is to read
	PageSection Page = "section" // one of it
)

// PublicPressed is the tile 公开栏.
type PublicPressed struct{}

func (PublicPressed) event() {}

// Public is the list of what the hall makes public here. It pages like [Choose].
type Public struct{ Choose }

// reading is how far somebody has got on the notice board.
type reading struct {
	list    int    // page of the list, from 0
	section string // ID; "" = the list
	number  int    // page of the section, from 0
}

// A section is something to read on the notice board.
type section struct {
	id, title, hint string
	blocks          []Block
}

// Choices of the list have IDs that begin like this.
const sectionID = "public:"

func inPublic(p Page) bool { return p == PagePublic || p == PageSection }

// sections are what there is to read, in the order of the list: what the hall wrote
// itself first, then what follows from its file and its guides. One without content
// is not there.
func (s *State) sections() []section {
	h := s.world.hall
	if h == nil {
		return nil
	}
	w := boardWordsIn(s.Language)
	var all []section
	add := func(id, title, hint string, l blockList) {
		if len(l) > 0 {
			all = append(all, section{sectionID + id, title, hint, l})
		}
	}
	var l blockList
	if strings.TrimSpace(h.Notice) != "" {
		l.add(Block{Kind: BlockText, Text: h.Notice})
	}
	add("notice", w.notice, "", l)
	for i, p := range h.Board {
		l = nil
		l.add(Block{Kind: BlockText, Text: pick(s.Language, p.Text, p.TextEn)})
		add(strconv.Itoa(i), pick(s.Language, p.Title, p.TitleEn), "", l)
	}
	add("limits", w.limits, w.limitsHint, s.limitsInPublic())
	add("fees", w.fees, w.feesHint, s.feesInPublic())
	add("windows", w.windows, w.windowsHint, s.windowsInPublic())
	add("hours", w.hours, "", s.hoursInPublic())
	l = nil
	l.fact(w.supervision, h.SupervisionPhone)
	l.fact(w.service, h.ServicePhone)
	if len(l) > 0 {
		l.add(Block{Kind: BlockText, Text: w.tell})
	}
	add("phones", w.phones, w.phonesHint, l)
	return all
}

// hasPublic reports whether there is anything to read. It looks at what is nearest
// first: the home page asks it for every drawing.
func (s *State) hasPublic() bool {
	h := s.world.hall
	return h != nil && (h.SupervisionPhone != "" || h.Notice != "" || len(h.Board) > 0 || len(s.sections()) > 0)
}

// hoursInPublic says when the hall is open, and which days differ from today on.
func (s *State) hoursInPublic() blockList {
	h, w := s.world.hall, boardWordsIn(s.Language)
	var l blockList
	for _, line := range h.Hours.InWords(s.Language == English) {
		l.add(Block{Kind: BlockText, Text: line})
	}
	today := ""
	if !s.world.now.IsZero() {
		today = s.world.now.Format(hall.DateLayout)
	}
	days := slices.Clone(h.Hours.Days)
	slices.SortStableFunc(days, func(a, b hall.Day) int { return strings.Compare(a.Date, b.Date) })
	days = slices.DeleteFunc(days, func(d hall.Day) bool { return d.Date < today })
	if len(days) > 0 {
		l.add(Block{Kind: BlockHeading, Title: w.otherDays})
	}
	for _, d := range days {
		open := w.closed
		if len(d.Open) > 0 {
			open = strings.ReplaceAll(strings.Join(d.Open, w.list), "-", "–")
		}
		l.fact(d.Date, joined(open, d.Reason, w.gap))
	}
	return l
}

// windowsInPublic says which window does what.
func (s *State) windowsInPublic() blockList {
	h, w := s.world.hall, boardWordsIn(s.Language)
	var l blockList
	for _, win := range h.Windows {
		var does []string
		for i := range h.Businesses {
			if slices.Contains(h.Businesses[i].Windows, win.ID) {
				does = append(does, pick(s.Language, h.Businesses[i].Name, h.Businesses[i].NameEn))
			}
		}
		text := strings.Join(does, w.list)
		if a, ok := h.Area(win.Area); ok {
			text = joined(text, pick(s.Language, cmpOr(a.Place, a.Name), cmpOr(a.PlaceEn, a.NameEn)), w.gap)
		}
		l.fact(w.window(win.Name), text)
	}
	return l
}

// published are the guides of matters handled here that say more than their name.
func (s *State) published() []*guide.Guide {
	if s.world.shelf == nil {
		return nil
	}
	var all []*guide.Guide
	for i := range s.world.shelf.catalogue.Guides {
		if g := &s.world.shelf.catalogue.Guides[i]; g.Elsewhere == nil && !bare(g) {
			all = append(all, g)
		}
	}
	return all
}

// maxPublished is how many matters a section lists; beyond that one looks among the
// guides, where there is a search.
const maxPublished = 200

// limitsInPublic are the promised times.
func (s *State) limitsInPublic() blockList {
	w, words := wordsIn(s.Language), boardWordsIn(s.Language)
	var l blockList
	for _, g := range s.published() {
		text := w.limit(g.Promised)
		if text == "" {
			continue
		}
		if legal := w.limit(g.Legal); legal != "" {
			text = joined(text, fmt.Sprintf(words.legal, legal), w.gap)
		}
		l.add(Block{Kind: BlockText, Text: pick(s.Language, g.Name, g.NameEn) + words.colon + text})
		if len(l) >= maxPublished {
			break
		}
	}
	return s.sampled(l)
}

// feesInPublic are the charges, and that there are no others.
func (s *State) feesInPublic() blockList {
	w, words := wordsIn(s.Language), boardWordsIn(s.Language)
	var l blockList
	guides := s.published()
	for _, g := range guides {
		if free(g.Fee) {
			continue
		}
		var parts []string
		for _, item := range g.Fee.Items {
			parts = append(parts, strings.TrimSpace(item.Name+" "+item.Standard))
		}
		text := strings.Join(parts, w.gap)
		if g.Fee.Basis != "" {
			text = joined(text, fmt.Sprintf(words.basis, g.Fee.Basis), w.gap)
		}
		l.add(Block{Kind: BlockText, Text: pick(s.Language, g.Name, g.NameEn) + words.colon + cmpOr(text, w.charged)})
		if len(l) >= maxPublished {
			return s.sampled(l)
		}
	}
	switch {
	case len(guides) == 0:
		return nil
	case len(l) > 0:
		l.add(Block{Kind: BlockText, Text: words.othersFree})
	default:
		l.add(Block{Kind: BlockText, Text: words.allFree})
	}
	return s.sampled(l)
}

// sampled says before matters that were made up that they are.
func (s *State) sampled(l blockList) blockList {
	if len(l) == 0 || !s.world.shelf.catalogue.Sample {
		return l
	}
	return append(blockList{{Kind: BlockText, Text: boardWordsIn(s.Language).sample}}, l...)
}

func sectionChoices(sections []section) []Choice {
	choices := make([]Choice, len(sections))
	for i, one := range sections {
		choices[i] = Choice{ID: one.id, Title: one.title, Subtitle: one.hint, Waiting: -1}
	}
	return choices
}

// onPublic carries out a touch on the notice board.
func (s State) onPublic(e Event) (State, []Effect) {
	v := &s.visit.board
	switch e := e.(type) {
	case BackPressed:
		if s.Page == PagePublic {
			return s.end()
		}
		v.section, v.number = "", 0
		s.show(PagePublic)
	case PageTurned:
		if s.Page == PagePublic {
			v.list += e.By
		} else {
			v.number += e.By
		}
		s.clampPage()
	case Chosen:
		if s.Page == PagePublic && s.sectionOf(e.ID) != nil {
			v.section, v.number = e.ID, 0
			s.show(PageSection)
		}
	}
	s.armIdle()
	return s, nil
}

// sectionOf is the section of the ID; nil when there is none any more.
func (s *State) sectionOf(id string) *section {
	all := s.sections()
	if at := slices.IndexFunc(all, func(one section) bool { return one.id == id }); at >= 0 {
		return &all[at]
	}
	return nil
}

func (s *State) viewPublic(view *View) {
	v := &s.visit.board
	if s.Page == PagePublic {
		view.Public = &Public{s.paged(place{number: v.list}, sectionChoices(s.sections()), s.world.drawing.Breaks)}
		return
	}
	one := s.sectionOf(v.section)
	if one == nil { // of a hall file that has just been replaced
		one = &section{blocks: []Block{{Kind: BlockText, Text: boardWordsIn(s.Language).gone}}}
	}
	view.Reading = s.reading(one.title, one.blocks, false, v.number)
}

// clampReading keeps the page numbers of what is paged within the pages there are.
func (s *State) clampReading() {
	within := func(n int, starts []int) int { return max(0, min(n, len(starts)-1)) }
	d, r, c := s.world.drawing, &s.visit.board, &s.visit.complaint
	switch s.Page {
	case PagePublic:
		r.list = within(r.list, d.Breaks(sectionChoices(s.sections()), s.Assisted, s.Language))
	case PageSection:
		if one := s.sectionOf(r.section); one != nil {
			r.number = within(r.number, d.Reads(one.blocks, false, s.Assisted, s.Language))
		}
	case PageComplaint, PageConcerned:
		c.number = within(c.number, d.Breaks(s.allComplaintChoices(), s.Assisted, s.Language))
	case PageProgress:
		c.number = within(c.number, d.Reads(s.progressBlocks(), false, s.Assisted, s.Language))
	case PageMachine:
		m := &s.visit.machine
		m.number = within(m.number, d.Reads(machineBlocks(m.report), true, s.Assisted, s.Language))
	}
}
