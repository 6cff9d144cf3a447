package session

import (
	"cmp"
	"slices"
	"strings"

	"hallkiosk/app/guide"
)

// A shelf is a catalogue of guides, arranged as people look through it. It is
// never changed: a visit keeps the shelf it began with, so that nothing moves
// under somebody's finger when a new catalogue arrives.
type shelf struct {
	catalogue *guide.Catalogue
	finder    Finder
	guides    map[string]*guide.Guide
	ways      []Way
	groups    map[Way][]group
	likely    []*guide.Guide // asked for most, at most likelyNormal
}

// A group is a department, a theme or a life event, and its matters: those asked
// for most first, then in the catalogue's order. The one group of a way that needs
// no grouping has no name.
type group struct {
	name   string
	guides []*guide.Guide
}

// newShelf arranges a catalogue; nil if there is nothing in it.
func newShelf(c *guide.Catalogue, f Finder) *shelf {
	if c == nil || len(c.Guides) == 0 {
		return nil
	}
	if f == nil {
		f = plainFinder{c}
	}
	s := &shelf{catalogue: c, finder: f, guides: make(map[string]*guide.Guide, len(c.Guides)), groups: map[Way][]group{}}
	all := make([]*guide.Guide, len(c.Guides))
	for i := range c.Guides {
		all[i] = &c.Guides[i]
		s.guides[all[i].ID] = all[i]
	}
	slices.SortStableFunc(all, func(a, b *guide.Guide) int { return cmp.Compare(b.Rank, a.Rank) })
	for _, g := range all[:min(len(all), likelyNormal)] {
		if g.Rank > 0 {
			s.likely = append(s.likely, g)
		}
	}
	department := func(g *guide.Guide) []string { return []string{g.Department} }
	themes := func(g *guide.Guide) []string { return g.Themes }
	s.offer(ByDepartment, grouped(c, all, department))
	s.offer(ByTheme, grouped(c, all, themes))
	s.offer(ByLifeEvent, grouped(c, all, func(g *guide.Guide) []string { return g.LifeEvents }))
	for way, who := range map[Way]guide.Person{ForPersons: guide.Individual, ForFirms: guide.Firm} {
		theirs, themed := []*guide.Guide(nil), true
		for _, g := range all {
			if slices.Contains(g.For, who) {
				theirs = append(theirs, g)
				themed = themed && len(g.Themes) > 0
			}
		}
		switch {
		case len(theirs) == 0:
		case len(theirs) <= perPageNormal:
			s.groups[way] = []group{{guides: theirs}}
		case themed:
			s.groups[way] = grouped(c, theirs, themes)
		default:
			s.groups[way] = grouped(c, theirs, department)
		}
	}
	for _, way := range []Way{ForPersons, ForFirms} {
		s.offer(way, s.groups[way])
	}
	return s
}

func (s *shelf) offer(w Way, groups []group) {
	if len(groups) > 0 {
		s.groups[w] = groups
		s.ways = append(s.ways, w)
	}
}

// grouped puts guides into groups, which come in the order in which the catalogue
// names them first.
func grouped(c *guide.Catalogue, guides []*guide.Guide, names func(*guide.Guide) []string) []group {
	members := map[string][]*guide.Guide{}
	for _, g := range guides {
		for _, n := range names(g) {
			if list := members[n]; n != "" && (len(list) == 0 || list[len(list)-1] != g) {
				members[n] = append(list, g)
			}
		}
	}
	var groups []group
	for i := range c.Guides {
		for _, n := range names(&c.Guides[i]) {
			if list, ok := members[n]; ok {
				groups = append(groups, group{n, list})
				delete(members, n)
			}
		}
	}
	return groups
}

// group returns the group of this name; without groups, the one there is.
func (s *shelf) group(w Way, name string) (group, bool) {
	for _, g := range s.groups[w] {
		if g.name == name {
			return g, true
		}
	}
	return group{}, false
}

// find looks for what was typed.
func (s *shelf) find(text string) []Match {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.finder.Find(text, maxFound)), func(m Match) bool {
		return m.Guide < 0 || m.Guide >= len(s.catalogue.Guides)
	})
}

// plainFinder finds names that contain what was typed: better than nothing where
// no index was made.
type plainFinder struct{ catalogue *guide.Catalogue }

// Find implements [Finder].
func (f plainFinder) Find(text string, limit int) []Match {
	var found []Match
	for i := range f.catalogue.Guides {
		g := &f.catalogue.Guides[i]
		at := strings.Index(g.Name, text)
		switch {
		case len(found) == limit:
			return found
		case at >= 0:
			from := len([]rune(g.Name[:at]))
			found = append(found, Match{Guide: i, Marks: [][2]int{{from, from + len([]rune(text))}}})
		case strings.Contains(strings.ToLower(g.NameEn), strings.ToLower(text)),
			slices.ContainsFunc(g.Aliases, func(a string) bool { return strings.Contains(a, text) }):
			found = append(found, Match{Guide: i})
		}
	}
	return found
}
