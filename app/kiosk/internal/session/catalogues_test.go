package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hallkiosk/app/guide"
	"hallkiosk/app/guide/importer"
	"hallkiosk/app/hall"
	"hallkiosk/assets"
	"hallkiosk/assets/guides/demo"
)

// catalogue reads one of the public data sets, which lie in a folder shared/data
// beside the repository on machines that have them.
func catalogue(t testing.TB, name string) *guide.Catalogue {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the data set is not on this machine (../shared/data/%s)", name)
	}
	c, _, counts, err := importer.Read(path, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d read, %d accepted, %d refused", counts.Read, counts.Accepted, counts.Refused)
	return c
}

// A walk goes to every page of every list of every way and to every page of every
// tab of every guide, as a citizen would, by touches alone.
type walk struct {
	*player
	t          *testing.T
	guides     map[string]bool
	pages      int // of tabs
	most       int // touches to a guide, 上一页 and 下一页 not counted
	turned     int // the most pages turned on the way
	longest    string
	largest    int // matters in a group
	smallest   int
	withTicket int
}

func walkThrough(t *testing.T, h *hall.Hall, c *guide.Catalogue, assisted bool) *walk {
	w := &walk{player: &player{State: New(nil)}, t: t, guides: map[string]bool{}, smallest: 1 << 30}
	w.do(HallChanged{h}, GuidesChanged{Catalogue: c}, ClockTicked{Now: morning, Open: hall.OpenState{Kind: hall.Open}},
		DevicesChanged{Devices{Printer: true, Reader: true}}, AssistedChosen{assisted}, GuidesPressed{})
	for _, way := range w.View().Guides.Ways {
		w.do(WayChosen{way})
		w.list(2, 0)
		w.do(BackPressed{})
		if w.Page != PageGuides {
			t.Fatalf("返回 from %s leads to %s", way, w.Page)
		}
	}
	return w
}

// list walks through the list on the screen, to which so many touches led.
func (w *walk) list(touches, turned int) {
	for {
		v := w.View()
		if v.List == nil {
			w.t.Fatalf("page %s instead of a list", v.Page)
		}
		number := v.List.Number
		for _, c := range v.List.Choices {
			if c.Title == "" {
				w.t.Fatal("a choice without a title")
			}
			w.do(Chosen{c.ID})
			if c.Leads {
				w.largest, w.smallest = max(w.largest, c.Count), min(w.smallest, c.Count)
				w.list(touches+1, turned+number-1)
			} else {
				w.guide(c)
				w.most, w.turned = max(w.most, touches+1), max(w.turned, turned+number-1)
			}
			w.do(BackPressed{})
			if again := w.View().List; again == nil || again.Number != number {
				w.t.Fatalf("返回 from %q does not lead to page %d of its list", c.Title, number)
			}
		}
		if number == v.List.Pages {
			return
		}
		w.do(PageTurned{1})
	}
}

// guide walks through the guide on the screen.
func (w *walk) guide(c Choice) {
	v := w.View()
	if v.Guide == nil || v.Guide.Name != c.Title || len(v.Guide.Tabs) == 0 {
		w.t.Fatalf("%q opens %+v", c.Title, v.Guide)
	}
	w.guides[v.Guide.ID] = true
	if utf8.RuneCountInString(c.Title) > utf8.RuneCountInString(w.longest) {
		w.longest = c.Title
	}
	if v.Guide.Takes {
		w.withTicket++
	}
	for _, tab := range v.Guide.Tabs {
		w.do(TabChosen{tab})
		for {
			w.pages++
			g := w.View().Guide
			if len(g.Blocks) == 0 {
				w.t.Fatalf("%s: page %d of %s is empty", g.Name, g.Number, tab)
			}
			for _, b := range g.Blocks {
				if utf8.RuneCountInString(b.Title) > maxBlock || utf8.RuneCountInString(b.Text) > maxBlock || b.Title+b.Text == "" {
					w.t.Fatalf("%s: block %+v", g.Name, b)
				}
			}
			if g.Number == g.Pages {
				break
			}
			w.do(PageTurned{1})
		}
	}
}

func TestWholeCatalogues(t *testing.T) {
	f, err := hall.Parse("demo.toml", assets.DemoHall)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		read     func(t *testing.T) *guide.Catalogue
		assisted bool
		want     int // guides at least
	}{
		{"sample", func(t *testing.T) *guide.Catalogue {
			c, err := demo.Catalogue()
			if err != nil {
				t.Fatal(err)
			}
			return c
		}, false, 60},
		{"a county's 1,135 matters", func(t *testing.T) *guide.Catalogue { return catalogue(t, "items-guangan.json") }, false, 1000},
		{"a province's 1,500 guides", func(t *testing.T) *guide.Catalogue { return catalogue(t, "guides-guangdong-1500.jsonl") }, true, 1000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.read(t)
			began := time.Now()
			w := walkThrough(t, f.Hall, c, tt.assisted)
			if len(w.guides) != len(c.Guides) || len(w.guides) < tt.want {
				t.Errorf("%d of %d guides can be reached by touch, want at least %d", len(w.guides), len(c.Guides), tt.want)
			}
			if w.most > 4 {
				t.Errorf("%d touches to a guide, want at most 4", w.most)
			}
			t.Logf("%d guides, %d pages of tabs in %v; %d touches, at most %d pages turned; groups of %d to %d; %d take numbers; longest name %d characters",
				len(w.guides), w.pages, time.Since(began).Round(time.Millisecond), w.most, w.turned, w.smallest, w.largest,
				w.withTicket, utf8.RuneCountInString(w.longest))
		})
	}
}

// The sample catalogue belongs to the demonstration hall: what it sends people to
// exists, and is on the plan.
func TestSampleCatalogueFitsTheDemonstrationHall(t *testing.T) {
	f, err := hall.Parse("demo.toml", assets.DemoHall)
	if err != nil {
		t.Fatal(err)
	}
	c, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	p := &player{State: New(nil)}
	p.do(HallChanged{f.Hall}, NameChanged{"演示终端"}, GuidesChanged{Catalogue: c}, GuidesPressed{})
	for _, g := range c.Guides {
		if g.Business == "" {
			continue
		}
		b, ok := f.Hall.Business(g.Business)
		if !ok {
			t.Errorf("%s: the demonstration hall has no business %q", g.Name, g.Business)
			continue
		}
		if !p.State.onPlan(b) {
			t.Errorf("%s: its windows are not on the plan", g.Name)
		}
	}
	for _, likely := range p.View().Guides.Likely {
		if strings.TrimSpace(likely.Title) == "" {
			t.Error("a likely matter without a name")
		}
	}
}

func BenchmarkOpenGuide(b *testing.B) {
	c, err := demo.Catalogue()
	if err != nil {
		b.Fatal(err)
	}
	p := ready()
	p.do(GuidesChanged{Catalogue: c}, GuidesPressed{}, WayChosen{ByDepartment}, Chosen{"group:" + c.Guides[0].Department})
	for b.Loop() {
		p.do(Chosen{"guide:" + c.Guides[0].ID})
		_ = p.View()
		p.do(BackPressed{})
		p.done = nil
	}
}
