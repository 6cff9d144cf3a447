package demo_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/assets"
	"hallkiosk/assets/guides/demo"
)

// The catalogue passes every rule that halls' own catalogues are held to, without
// so much as a warning, and its businesses are the demonstration hall's.
func TestNothingWrong(t *testing.T) {
	f, err := hall.Parse("demo.toml", assets.DemoHall)
	if err != nil {
		t.Fatal(err)
	}
	var businesses []string
	for _, b := range f.Hall.Businesses {
		businesses = append(businesses, b.ID)
	}
	known := guide.Known{Businesses: businesses, Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	for _, p := range guide.Check(catalogue(t), known) {
		t.Error(p)
	}
}

// What the demonstration is to show: enough of everything that screens, search and
// paper have a case for.
func TestEnoughOfEverything(t *testing.T) {
	c := catalogue(t)
	if !c.Sample {
		t.Error("not marked as a sample")
	}
	events, businesses := map[string]int{}, map[string]int{}
	count := map[string]int{}
	for _, g := range c.Guides {
		for _, e := range g.LifeEvents {
			events[e]++
		}
		businesses[g.Business]++
		for what, is := range map[string]bool{
			"ranked high":      g.Rank >= 0.75,
			"in English":       english(g),
			"elsewhere":        g.Elsewhere != nil,
			"with forms":       len(g.Forms) > 0,
			"with fees":        len(g.Fee.Items) > 0,
			"with questions":   len(g.FAQ) > 0,
			"on the spot":      g.Kind == guide.OnTheSpot,
			"promised":         g.Kind == guide.Promise,
			"joint":            g.Kind == guide.Joint,
			"upward":           g.Kind == guide.Upward,
			"for persons":      slices.Contains(g.For, guide.Individual),
			"for firms":        slices.Contains(g.For, guide.Firm),
			"with optional":    slices.ContainsFunc(g.Materials, func(m guide.Material) bool { return m.Optional }),
			"with waived":      slices.ContainsFunc(g.Materials, func(m guide.Material) bool { return m.Waived != "" }),
			"with seven or so": len(g.Materials) >= 7,
		} {
			if is {
				count[what]++
			}
		}
	}
	count["matters"], count["departments"] = len(c.Guides), len(c.Departments())
	for what, least := range map[string]int{
		"matters": 60, "departments": 10, "ranked high": 20, "in English": 25, "elsewhere": 4, "with forms": 10,
		"with fees": 3, "with questions": 15, "on the spot": 15, "promised": 15, "joint": 2, "upward": 2,
		"for persons": 40, "for firms": 12, "with optional": 25, "with waived": 20, "with seven or so": 4,
	} {
		if count[what] < least {
			t.Errorf("%d %s, want at least %d", count[what], what, least)
		}
	}
	for _, e := range []string{"生育", "入学", "就业", "结婚", "购房", "开店创业", "退休", "患病", "身后"} {
		if events[e] < 2 {
			t.Errorf("life event %s: %d matters, want at least 2", e, events[e])
		}
	}
	for _, b := range []string{"hukou", "idcard", "residence", "pension", "medical", "job", "welfare", "company", "tax", "general"} {
		if businesses[b] == 0 {
			t.Errorf("no matter of business %s", b)
		}
	}
}

func english(g guide.Guide) bool {
	return g.NameEn != "" && g.SummaryEn != "" && !slices.ContainsFunc(g.Materials, func(m guide.Material) bool { return m.NameEn == "" })
}

// Guides are complete in what Check leaves to the author.
func TestEveryGuideIsWhole(t *testing.T) {
	codes, forms := map[string]string{}, map[string]string{}
	for _, g := range catalogue(t).Guides {
		if g.Summary == "" || g.NameEn == "" || g.SummaryEn == "" || len(g.For) == 0 || len(g.Themes) == 0 || g.Updated == "" || len(g.Codes) == 0 {
			t.Errorf("%s: no summary, English name, persons, themes, code or date", g.ID)
		}
		if g.Elsewhere == nil && (g.Business == "" || g.Result == "" || len(g.Steps) == 0 || len(g.Conditions) == 0) {
			t.Errorf("%s: no business, result, steps or conditions", g.ID)
		}
		for _, code := range g.Codes {
			if other, ok := codes[code]; ok {
				t.Errorf("%s and %s have code %s", other, g.ID, code)
			}
			codes[code] = g.ID
		}
		for _, m := range g.Materials {
			if m.From == "" && m.Waived == "" {
				t.Errorf("%s: nobody learns where to get %s", g.ID, m.Name)
			}
		}
		for _, f := range g.Forms {
			if other, ok := forms[f.ID]; ok {
				t.Errorf("%s and %s have form %s", other, g.ID, f.ID)
			}
			forms[f.ID] = g.ID
			if !slices.ContainsFunc(g.Materials, func(m guide.Material) bool { return m.Form == f.ID }) {
				t.Errorf("%s: form %s is no material", g.ID, f.ID)
			}
			if len(f.Fields) < 5 {
				t.Errorf("%s: form %s has %d fields", g.ID, f.ID, len(f.Fields))
			}
			for _, field := range f.Fields {
				if field.Name == "" || field.Sample == "" {
					t.Errorf("%s: form %s: %q is not filled in", g.ID, f.ID, field.Name)
				}
			}
		}
	}
}

var (
	idNumbers = regexp.MustCompile(`[1-9][0-9]{16}[0-9Xx]`)
	phones    = regexp.MustCompile(`0[0-9]{2,3}-?[0-9-]{7,9}|1[3-9][0-9]{9}`)
	invented  = regexp.MustCompile(`^010-5550-(00|01)[0-9]{2}$`)
	quoted    = regexp.MustCompile(`"[^"\n]*"`)
	mixed     = regexp.MustCompile(`\p{Han}.*[a-z]{2}|[a-z]{2}.*\p{Han}`)
)

// Nobody's number stands in it but the example numbers of GB 11643, every phone is
// made up, and Chinese texts hold no English words.
func TestNobodyIsInIt(t *testing.T) {
	text := string(demo.TOML())
	for _, n := range idNumbers.FindAllString(text, -1) {
		if n != "11010519491231002X" && n != "440524188001010014" {
			t.Errorf("identity number %s…", n[:6])
		}
	}
	for _, n := range phones.FindAllString(idNumbers.ReplaceAllString(text, ""), -1) {
		if !invented.MatchString(n) {
			t.Errorf("phone %s", n)
		}
	}
	for _, s := range quoted.FindAllString(text, -1) {
		if mixed.MatchString(s) {
			t.Errorf("English in Chinese: %s", s)
		}
	}
}

func catalogue(t *testing.T) *guide.Catalogue {
	t.Helper()
	c, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
