package slip

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/guide"
	"hallkiosk/assets/guides/demo"
	"hallkiosk/devices/escpos"
)

// residence is the list of a matter of the demonstration hall, one material ticked.
func residence(t testing.TB) Guide {
	t.Helper()
	return Guide{
		Language: "zh", Hall: "示例街道综合服务大厅", Sample: true, Matter: matter(t, "ga-residence"),
		Ticked: []bool{true, false, true}, At: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC),
		Area: "户籍与证件区", Place: "一楼 A 区", Windows: []string{"2"},
		Hours:        []string{"周一至周五 8:30—12:00，13:30—17:30", "周六 8:30—12:00"},
		ServicePhone: "010-5550-0100", Phone: "010-5550-0199",
		QR: "http://127.0.0.1:7080/h/demo/" + strings.Repeat("aB3_", 15),
	}
}

func matter(t testing.TB, id string) *guide.Guide {
	t.Helper()
	c, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	g, ok := c.Guide(id)
	if !ok {
		t.Fatalf("no guide %s", id)
	}
	return g
}

// longestMatter has a name of 110 characters and 19 materials: the extremes of
// published guides.
func longestMatter(t testing.TB) *guide.Guide {
	t.Helper()
	g := *matter(t, "sj-food")
	g.Name = strings.Repeat("除示例类以外的危险货物道路运输经营许可证", 5) + "变更审查（县级行使）"
	g.NameEn = ""
	g.Materials = nil
	for i := range 19 {
		m := guide.Material{Name: fmt.Sprintf("第%d份示例运输车辆行驶证和车辆技术等级评定结论", i+1), Originals: 1, Copies: 2, From: "机动车检测站和车辆管理所"}
		switch {
		case i >= 17:
			m.Waived = "免提交：联网核对"
		case i >= 12:
			m.Optional, m.When = true, "申请变更车辆数量，而且车辆是租来的"
		}
		g.Materials = append(g.Materials, m)
	}
	return &g
}

// guideCases are the golden lists. The test of pictures draws some of them too.
func guideCases(t testing.TB) map[string]struct {
	list    Guide
	profile escpos.Profile
} {
	type c = struct {
		list    Guide
		profile escpos.Profile
	}
	with := func(change func(*Guide)) Guide {
		g := residence(t)
		change(&g)
		return g
	}
	return map[string]c{
		"guide-80mm":       {residence(t), escpos.Epson80()},
		"guide-58mm":       {residence(t), escpos.Generic58()},
		"guide-large-80mm": {with(func(g *Guide) { g.Large = true }), escpos.Epson80()},
		"guide-large-58mm": {with(func(g *Guide) { g.Large = true }), escpos.Generic58()},
		"guide-english": {with(func(g *Guide) {
			g.Language, g.Hall, g.Area, g.Place = "en", "Shili Subdistrict Service Hall", "Residence and ID Documents", "1st floor, zone A"
			g.Hours = []string{"Monday to Friday 8:30–12:00, 13:30–17:30", "Saturday 8:30–12:00"}
		}), escpos.Epson80()},
		"guide-fees": {with(func(g *Guide) { g.Matter, g.Ticked, g.Sample = matter(t, "ga-id-lost"), nil, false }), escpos.Generic80()},
		"guide-elsewhere": {with(func(g *Guide) {
			g.Matter, g.Area, g.Place, g.Windows = matter(t, "mz-marry"), "", "", nil
		}), escpos.Generic80()},
		"guide-bare": {with(func(g *Guide) {
			*g = Guide{Language: "zh", Hall: g.Hall, Matter: &guide.Guide{ID: "x", Name: "示例咨询", Department: "示例区民政局"}}
		}), escpos.Generic80()},
		"guide-longest-80mm":       {with(func(g *Guide) { g.Matter = longestMatter(t) }), escpos.Epson80()},
		"guide-longest-large-58mm": {with(func(g *Guide) { g.Matter, g.Large = longestMatter(t), true }), escpos.Epson58()},
	}
}

func TestGuide(t *testing.T) {
	for name, c := range guideCases(t) {
		t.Run(name, func(t *testing.T) {
			golden(t, name, describe(c.list.Document(c.profile), c.profile))
		})
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("slip differs from %s; look at it, then run the test with -update\n%s", path, got)
	}
}

// Every matter of the demonstration, in both languages, sizes and widths: nothing is
// left out, no line is wider than the paper, no page longer than it may be, and the
// printer has every character of a Chinese list in its own memory.
func TestEveryMatter(t *testing.T) {
	c, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	matters := []*guide.Guide{longestMatter(t)}
	list := residence(t)
	list.QR = "" // making it takes longer than all the rest; TestGuide has it
	for i := range c.Guides {
		matters = append(matters, &c.Guides[i])
	}
	for _, profile := range []escpos.Profile{escpos.Generic80(), escpos.Generic58()} {
		profile.Charset = escpos.GB2312 // the least there is
		for _, large := range []bool{false, true} {
			for _, language := range []string{"zh", "en"} {
				for _, m := range matters {
					list.Matter, list.Large, list.Language = m, large, language
					doc := list.Document(profile)
					at := fmt.Sprintf("%s, %s, %s, large %v", m.ID, profile.Name, language, large)
					checkWhole(t, at, list, doc)
					checkFits(t, at, profile, doc)
					if language == "zh" && !large {
						checkCharacters(t, at, profile, doc)
					}
				}
			}
		}
	}
}

// checkCharacters finds what the printer has no character for.
func checkCharacters(t *testing.T, at string, p escpos.Profile, doc escpos.Document) {
	t.Helper()
	job, err := escpos.Encode(doc, p, nil)
	if err != nil {
		t.Errorf("%s: %v", at, err)
	}
	for _, op := range escpos.Decode(job) {
		if op.Kind == escpos.OpText && strings.Contains(op.Text, "〓") {
			t.Errorf("%s: no character for something in %q", at, op.Text)
		}
	}
}

// checkWhole looks for every text that must not be missing.
func checkWhole(t *testing.T, at string, list Guide, doc escpos.Document) {
	t.Helper()
	var b strings.Builder
	for _, block := range doc {
		if text, ok := block.(escpos.Text); ok {
			b.WriteString(text.Text)
		}
	}
	squeeze := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
	all := squeeze(b.String())
	want := []string{list.Matter.Name, list.Matter.Department, list.Matter.Phone, list.Matter.Complaint}
	for _, m := range list.Matter.Materials {
		want = append(want, m.Name, m.When, m.Waived)
		if m.Waived == "" {
			want = append(want, m.From, m.Issued, m.Sample, m.Note)
		}
		if list.Language == "en" {
			want = append(want, m.NameEn)
			if m.Waived != "" && m.NameEn != "" {
				want = slices.DeleteFunc(want, func(s string) bool { return s == m.Name })
			}
		}
	}
	for _, f := range list.Matter.Fee.Items {
		want = append(want, f.Name, f.Standard)
	}
	if e := list.Matter.Elsewhere; e != nil {
		want = append(want, e.Unit, e.Address, e.Phone, e.Hours)
	} else {
		want = append(want, list.Matter.Fee.Basis, list.Matter.Result, list.Matter.Intermediary)
	}
	for _, s := range want {
		if !strings.Contains(all, squeeze(s)) {
			t.Errorf("%s: %q is missing", at, s)
		}
	}
}

// checkFits looks at lines and pages, which it measures by itself.
func checkFits(t *testing.T, at string, p escpos.Profile, doc escpos.Document) {
	t.Helper()
	dots := 0
	for _, block := range doc {
		switch block := block.(type) {
		case escpos.Text:
			size := max(block.Size, 1)
			for line := range strings.SplitSeq(block.Text, "\n") {
				wrapped := escpos.Wrap(line, p.Columns(size))
				if len(wrapped) > 1 && strings.HasPrefix(line, "  ") {
					t.Errorf("%s: %q runs off the paper", at, line)
				}
				dots += len(wrapped) * max(30, 24*size)
			}
		case escpos.Rule:
			dots += 30
		case escpos.Feed:
			dots += 30 * block.Lines
		case escpos.Raster:
			dots += block.Image.Bounds().Dy()
		case escpos.Cut:
			if dots > 420*8 {
				t.Errorf("%s: a page of %d mm", at, dots/8)
			}
			dots = 0
		}
	}
	if dots != 0 {
		t.Errorf("%s: no cut at the end", at)
	}
}

// Pages part between materials: a heading, a material's name and its details are on
// the same page, and every page says whose it is.
func TestPages(t *testing.T) {
	list := residence(t)
	list.Matter, list.Large = longestMatter(t), true
	p := escpos.Epson58()
	pages := strings.Split(describe(list.Document(p), p), "   ====\n")
	pages = pages[:len(pages)-1]
	if len(pages) < 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		number := fmt.Sprintf("第%d页/共%d页", i+1, len(pages))
		if !strings.Contains(page, number) {
			t.Errorf("page %d: no %s", i+1, number)
		}
		if !strings.Contains(page, "示例】") || !strings.Contains(page, list.Hall) {
			t.Errorf("page %d: no sample mark or hall", i+1)
		}
		if i < len(pages)-1 && strings.Contains(page, "妥善保管") {
			t.Errorf("page %d ends like the last", i+1)
		}
		names, counts := strings.Count(page, notReady)+strings.Count(page, ready), strings.Count(page, "原件1份")
		if strings.Contains(page, chineseList.legend) {
			names -= 2
		}
		if names != counts {
			t.Errorf("page %d: %d materials, but details of %d", i+1, names, counts)
		}
		lines := strings.Split(strings.TrimSpace(page), "\n")
		if last := lines[len(lines)-1]; i < len(pages)-1 && !strings.HasSuffix(last, number) {
			t.Errorf("page %d ends with %q", i+1, last)
		}
		if beforeLast := lines[len(lines)-3]; strings.Contains(beforeLast, "【") && i < len(pages)-1 {
			t.Errorf("page %d ends with a heading: %q", i+1, beforeLast)
		}
	}
	short := residence(t)
	if got := describe(short.Document(p), p); strings.Contains(got, "第1页") {
		t.Error("a short list has page numbers")
	}
}

func TestTickedState(t *testing.T) {
	list := residence(t)
	got := describe(list.Document(escpos.Epson80()), escpos.Epson80())
	for _, want := range []string{
		ready + "1 居民身份证", notReady + "2 居住证申领表", // everybody's first
		notReady + "3 住址证明", ready + "4 劳动合同或营业执照", // then by case
		"一共 2 样，已备好 1 样", "* 照片",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// Whatever a catalogue says, the list prints: nothing panics, no line is wider than the
// paper, and every character that has a place on paper is there.
func FuzzGuide(f *testing.F) {
	f.Add("居住证申领", "居民身份证", "本人", "户口不在本区", uint8(3), true, false)
	f.Add("", "", "\n\n", "\t　", uint8(0), false, true)
	f.Add(strings.Repeat("证", 200), strings.Repeat("A", 200), "㛃\U00020BB7\uE000", "8:30—12:00，13:30—17:30", uint8(19), true, true)
	f.Add("e\u0301\u202E", "（（（", "】】】", "\xff\x00\x1b@", uint8(255), false, false)
	f.Fuzz(func(t *testing.T, name, material, from, when string, n uint8, optional, large bool) {
		m := guide.Guide{ID: "x", Name: name, Department: from, Phone: when, Hours: when, Updated: from, Result: name}
		for range n % 20 {
			m.Materials = append(m.Materials, guide.Material{Name: material, NameEn: from, From: from, Note: when, Optional: optional, When: when, Originals: int(n)})
		}
		for _, language := range []string{"zh", "en"} {
			for _, p := range []escpos.Profile{escpos.Generic80(), escpos.Generic58()} {
				doc := Guide{Language: language, Hall: name, Matter: &m, Ticked: []bool{true}, Large: large, Windows: []string{when}, Area: from}.Document(p)
				if _, err := escpos.Encode(doc, p, nil); err != nil {
					t.Fatal(err)
				}
				cuts := 0
				for _, block := range doc {
					switch block := block.(type) {
					case escpos.Cut:
						cuts++
					case escpos.Text:
						for line := range strings.SplitSeq(block.Text, "\n") {
							if strings.HasPrefix(line, indent) && len(escpos.Wrap(line, p.Columns(max(block.Size, 1)))) > 1 {
								t.Errorf("%q runs off the paper", line)
							}
						}
					}
				}
				if _, ok := doc[len(doc)-1].(escpos.Cut); !ok || cuts == 0 {
					t.Errorf("%d cuts, the last block is %T", cuts, doc[len(doc)-1])
				}
			}
		}
	})
}

func TestNoWordOfListIsMissing(t *testing.T) {
	for name, w := range map[string]listWords{"chinese": chineseList, "english": englishList} {
		v := reflect.ValueOf(w)
		for i := range v.NumField() {
			if v.Field(i).String() == "" {
				t.Errorf("%s has no text for %s", name, v.Type().Field(i).Name)
			}
		}
	}
}
