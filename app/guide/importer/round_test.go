package importer

import (
	"bytes"
	"flag"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hallkiosk/app/guide"
)

// full has every field there is.
func full() guide.Guide {
	visits := 0
	g := example()
	g.ID, g.Name, g.NameEn, g.SummaryEn = "511602-0001", "居住证办理（首次、补领）", "Residence permit", "For those who have lived here half a year."
	g.Aliases = []string{"办居住证、补居住证"} // one alias with a separator in it
	g.Codes = []string{"000114001000", "=SUM(A1)"}
	g.DepartmentCode, g.Partners = "11511602008674891X", []string{"示例街道、社区", "示例派出所"}
	g.Themes, g.LifeEvents = []string{"户籍", "出行"}, []string{"迁居"}
	g.Fee = guide.Fee{Items: []guide.FeeItem{{Name: "工本费", Standard: "20元/证"}, {Name: "快递费", Standard: "到付"}}, Basis: "示例依据〔2020〕1号", Note: "首次免收"}
	g.ResultSample, g.Quota, g.Intermediary, g.Special = "一张卡片", "每人一张", "不用", "公示\n五天"
	g.Business, g.Place, g.Hours = "household", "一楼A区", "周一至周五\n9:00-17:00"
	g.OnlineURL, g.Scope = "https://hall.example.cn/?a=1&b=2", "全市通办"
	g.Channels, g.Visits = []guide.Channel{guide.AtWindow, guide.SelfService}, &visits
	g.Bookable, g.PayOnline, g.Courier, g.Rank = true, true, true, 0.35
	g.Materials[0].NameEn, g.Materials[0].Note, g.Materials[0].Sample, g.Materials[0].Waived = "ID card", "+正反面\n都要", "照片清楚", "免提交"
	g.Materials[1].Copies = 2
	g.Forms = append(g.Forms, guide.Form{ID: "F2", Name: "委托书"})
	g.Legal.Note = "不含公示"
	g.FAQ = append(g.FAQ, guide.QA{Question: "多久能拿到？", Answer: "@5个工作日\n可快递。"})
	return g
}

func TestFullHasEveryField(t *testing.T) {
	g := full()
	v := reflect.ValueOf(g)
	for i := range v.NumField() {
		if v.Field(i).IsZero() && v.Type().Field(i).Name != "Elsewhere" {
			t.Errorf("%s is empty", v.Type().Field(i).Name)
		}
	}
}

func written(t rapid.TB, f Format, c *guide.Catalogue) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// again writes a catalogue and reads it.
func again(t rapid.TB, f Format, c *guide.Catalogue) *guide.Catalogue {
	t.Helper()
	data := written(t, f, c)
	read, problems, counts, err := Parse("round."+string(f), data, Options{})
	if err != nil || counts.Refused > 0 {
		t.Fatalf("%s: %v %v\n%.3000s", f, err, problems, data)
	}
	return read
}

func TestRoundTrip(t *testing.T) {
	elsewhere := full()
	elsewhere.ID, elsewhere.Business, elsewhere.Elsewhere = "2", "", &guide.Elsewhere{Unit: "示例车管所", Address: "示例路2号", Phone: "0826-5550111", Hours: "工作日"}
	plain := guide.Guide{ID: "3", Name: "临时救助", Department: "示例区民政局"}
	first := &guide.Catalogue{Sample: true, Source: "示例，手写", Synonyms: []string{"身份证丢了 = 居民身份证 补领", "开店 = 营业执照"},
		Guides: []guide.Guide{full(), elsewhere, plain}}
	c := first
	for _, f := range []Format{TOML, Excel, CSV, JSON, TOML} {
		next := again(t, f, c)
		if !reflect.DeepEqual(next, first) {
			for i := range next.Guides {
				if !reflect.DeepEqual(next.Guides[i], first.Guides[i]) {
					t.Errorf("%s:\n%+v\n%+v", f, next.Guides[i], first.Guides[i])
				}
			}
			t.Fatalf("%s changes the catalogue", f)
		}
		if next.Revision() != first.Revision() {
			t.Errorf("%s: another revision", f)
		}
		c = next
	}
}

// Whatever a catalogue holds that has been read once is the same in every format.
func TestRoundTripOfAnything(t *testing.T) {
	few(t)
	word := rapid.StringOfN(rapid.RuneFrom([]rune("甲乙丙丁戊己庚辛示例办证a1 ,;、；|\"'#=+-@\\/.（）:{}[]\t\n<>&𠮷")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		c := &guide.Catalogue{Sample: rapid.Bool().Draw(t, "sample")}
		for i := range rapid.IntRange(0, 4).Draw(t, "guides") {
			g := guide.Guide{}
			fill(t, word, reflect.ValueOf(&g).Elem())
			g.ID, g.Name, g.Department = "G"+string(rune('a'+i)), "名"+word.Draw(t, "name"), "部门"
			g.Nature, g.Kind, g.Level, g.For, g.Channels, g.Elsewhere, g.Legal, g.Promised, g.Rank = "", "", "", nil, nil, nil, guide.Limit{}, guide.Limit{}, 0
			for i := range g.Materials {
				g.Materials[i].Name, g.Materials[i].Form = "材料"+string(rune('A'+i)), ""
				g.Materials[i].Originals, g.Materials[i].Copies = g.Materials[i].Originals%100, g.Materials[i].Copies%100
			}
			for i := range g.Steps {
				g.Steps[i].Name = "环节"
			}
			for i := range g.Forms {
				g.Forms[i].ID, g.Forms[i].Name = "F"+string(rune('A'+i)), "表"
				for j := range g.Forms[i].Fields {
					g.Forms[i].Fields[j].Name = "项"
				}
			}
			for i := range g.FAQ {
				g.FAQ[i].Question, g.FAQ[i].Answer = "问", "答"+g.FAQ[i].Answer
			}
			for i := range g.Fee.Items {
				g.Fee.Items[i] = guide.FeeItem{Name: "费", Standard: "1元"}
			}
			g.Fee.Basis, g.Updated, g.Business = "依据", "2026-11-22", ""
			c.Guides = append(c.Guides, g)
		}
		// Once read, texts are tidy.
		tidied := again(t, JSON, c)
		for _, f := range []Format{TOML, Excel, CSV, JSON} {
			if next := again(t, f, tidied); next.Revision() != tidied.Revision() {
				t.Fatalf("%s changes\n%s\ninto\n%s", f, written(t, TOML, tidied), written(t, TOML, next))
			}
		}
	})
}

// few keeps a property of workbooks, each of which takes milliseconds, to a number of
// examples that does not hold up the tests; -rapid.checks asks for more.
func few(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return
	}
	if err := flag.Set("rapid.checks", "25"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", checks.DefValue) })
}

// fill fills a value with anything.
func fill(t *rapid.T, word *rapid.Generator[string], v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimLeft(word.Draw(t, "text"), "#"))
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(0, 20).Draw(t, "number")))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "yes"))
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "entries")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, word, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, word, v.Field(i))
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Int && rapid.Bool().Draw(t, "said") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, word, v.Elem())
		}
	}
}
