package screens

import (
	"fmt"
	"unicode/utf8"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
)

// Finder finds guides by what was typed; see [session.Finder].
type Finder = session.Finder

// Match is a guide that a Finder found.
type Match = session.Match

// CatalogueGallery returns the pages of a real catalogue of guides that are hardest
// to draw: the departments, those with the most and the fewest matters, the guides
// with the longest name, the most materials and the most forms, and what some
// searches find. The views come from the session itself, so they are what a citizen
// gets. A nil Finder finds by names. It fails like New.
func CatalogueGallery(c *guide.Catalogue, f Finder, p Panel, v Variant) ([]Sample, error) {
	d, err := Drawing(p)
	if err != nil {
		return nil, err
	}
	g := &catalogueGallery{catalogue: c, finder: f, hallGallery: hallGallery{variant: v, drawing: d}}
	g.start()
	g.add("catalogue-home")
	g.do(session.GuidesPressed{})
	g.add("catalogue-entrance")
	g.departments()
	most, fewest := g.mostAndFewest()
	for name, department := range map[string]string{"most": most, "fewest": fewest} {
		if g.department(department) {
			g.pages("catalogue-" + name)
		}
	}
	g.guides()
	for name, text := range map[string]string{"initials": "jzz", "word": "juzhu", "nothing": "zzzzz"} {
		g.start()
		g.do(session.GuidesPressed{}, session.SearchPressed{})
		for _, key := range text {
			g.do(session.KeyPressed{Key: key})
		}
		g.add("catalogue-search-" + name)
	}
	return g.samples, nil
}

type catalogueGallery struct {
	hallGallery
	catalogue *guide.Catalogue
	finder    Finder
}

// start is a visit to an open hall, on its first page.
func (g *catalogueGallery) start() {
	g.state = session.Start(g.drawing)
	g.do(
		session.HallChanged{Hall: &hall.Hall{ID: "sample", Name: "示例街道综合服务大厅", NameEn: "Sample Street Service Hall", TimeZone: "Asia/Shanghai"}},
		session.ClockTicked{Now: at(20, 9, 30), Open: hall.OpenState{Kind: hall.Open, Until: at(20, 12, 0), Next: at(20, 14, 0)}},
		session.DevicesChanged{Devices: session.Devices{Reader: true, Printer: true}},
		session.GuidesChanged{Catalogue: g.catalogue, Finder: g.finder},
		session.LanguageChosen{Language: g.variant.Language},
		session.AssistedChosen{On: g.variant.Assisted},
	)
}

// departments adds the first and the last page of the departments.
func (g *catalogueGallery) departments() {
	g.do(session.WayChosen{Way: session.ByDepartment})
	g.pages("catalogue-departments")
}

// pages adds the first and the last page of the list that is shown.
func (g *catalogueGallery) pages(name string) {
	l := g.state.View().List
	if l == nil {
		return
	}
	g.add(fmt.Sprintf("%s-%02d-of-%02d", name, l.Number, l.Pages))
	if l.Pages == 1 {
		return
	}
	g.do(session.PageTurned{By: l.Pages - l.Number})
	for l = g.state.View().List; l.Number < l.Pages; l = g.state.View().List {
		g.do(session.PageTurned{By: 1})
	}
	g.add(fmt.Sprintf("%s-%02d-of-%02d", name, l.Number, l.Pages))
}

func (g *catalogueGallery) mostAndFewest() (most, fewest string) {
	count := map[string]int{}
	for i := range g.catalogue.Guides {
		count[g.catalogue.Guides[i].Department]++
	}
	for _, d := range g.catalogue.Departments() {
		if most == "" || count[d] > count[most] {
			most = d
		}
		if fewest == "" || count[d] < count[fewest] {
			fewest = d
		}
	}
	return most, fewest
}

// department opens the list of a department's matters.
func (g *catalogueGallery) department(name string) bool {
	g.start()
	g.do(session.GuidesPressed{}, session.WayChosen{Way: session.ByDepartment})
	return g.choose(name)
}

// choose turns pages until the choice is there, and chooses it.
func (g *catalogueGallery) choose(title string) bool {
	for {
		l := g.state.View().List
		if l == nil {
			return false
		}
		for _, c := range l.Choices {
			if c.Title == title {
				g.do(session.Chosen{ID: c.ID})
				return true
			}
		}
		if l.Number == l.Pages {
			return false
		}
		g.do(session.PageTurned{By: 1})
	}
}

// guides adds the guides that are extremes, from the list to the code.
func (g *catalogueGallery) guides() {
	if len(g.catalogue.Guides) == 0 {
		return
	}
	long, rich, formal := &g.catalogue.Guides[0], &g.catalogue.Guides[0], &g.catalogue.Guides[0]
	for i := range g.catalogue.Guides {
		it := &g.catalogue.Guides[i]
		if utf8.RuneCountInString(it.Name) > utf8.RuneCountInString(long.Name) {
			long = it
		}
		if len(it.Materials) > len(rich.Materials) {
			rich = it
		}
		if len(it.Forms) > len(formal.Forms) {
			formal = it
		}
	}
	for _, extreme := range []struct {
		name  string
		guide *guide.Guide
	}{{"longest", long}, {"richest", rich}, {"forms", formal}} {
		name := extreme.guide.Name
		if g.variant.Language == session.English && extreme.guide.NameEn != "" {
			name = extreme.guide.NameEn
		}
		if !g.department(extreme.guide.Department) || !g.choose(name) || g.state.View().Guide == nil {
			continue
		}
		for _, tab := range g.state.View().Guide.Tabs {
			g.do(session.TabChosen{Tab: tab})
			g.add(fmt.Sprintf("catalogue-%s-%s", extreme.name, tab))
			if v := g.state.View().Guide; v.Pages > 1 {
				g.do(session.PageTurned{By: 1})
				g.add(fmt.Sprintf("catalogue-%s-%s-page2", extreme.name, tab))
			}
		}
		if extreme.name != "forms" || len(extreme.guide.Forms) == 0 {
			continue
		}
		g.do(session.FormsPressed{ID: extreme.guide.Forms[0].ID})
		g.add("catalogue-form")
	}
}
