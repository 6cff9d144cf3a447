package search

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const sampleSynonyms = `
# what people say = what it is called
身份证丢了 = 居民身份证 补领 | 居民身份证 挂失
生孩子 = 生育登记 | 出生医学证明
开店 = 个体工商户 登记
`

var sample = []Document{
	{ID: "id", Name: "居民身份证办理", Aliases: []string{"二代证"}, Department: "公安局", Tags: []string{"个人", "证件"}, English: "Resident identity card", Codes: []string{"000109010000-A1"}},
	{ID: "id-lost", Name: "居民身份证挂失申报、丢失补领", Department: "公安局", Tags: []string{"个人", "证件"}},
	{ID: "residence", Name: "居住证办理", Department: "公安局", Tags: []string{"个人", "证件"}, English: "Residence permit"},
	{ID: "hukou", Name: "户口迁移审批", Department: "公安局", Tags: []string{"个人"}},
	{ID: "card", Name: "社会保障卡申领", Department: "人社局", Tags: []string{"个人"}},
	{ID: "card-lost", Name: "社会保障卡挂失", Department: "人社局", Tags: []string{"个人"}},
	{ID: "birth", Name: "《出生医学证明》首次签发", Department: "卫健局", Tags: []string{"个人", "生育"}},
	{ID: "birth-reg", Name: "生育登记", Department: "卫健局", Tags: []string{"个人", "生育"}},
	{ID: "nurse", Name: "护士执业注册", Department: "卫健局", Tags: []string{"个人"}},
	{ID: "shop", Name: "个体工商户设立登记", Department: "行政审批局", Tags: []string{"企业"}, English: "Sole trader registration"},
	{ID: "food", Name: "食品（含保健食品）经营许可核发", Department: "行政审批局", Tags: []string{"企业"}},
	{ID: "disabled", Name: "残疾人证新办", Department: "残联", Tags: []string{"个人"}},
	{ID: "disabled-aid", Name: "困难残疾人生活补贴", Department: "民政局", Tags: []string{"个人"}},
	{ID: "minimum", Name: "最低生活保障", Department: "民政局", Tags: []string{"个人"}},
	{ID: "marriage", Name: "结婚登记", Department: "民政局", Tags: []string{"个人"}},
	{ID: "marriage-paper", Name: "补领结婚证", Department: "民政局", Tags: []string{"个人"}},
	{ID: "old", Name: "申领老年人优待证", Department: "卫健局", Tags: []string{"个人"}},
	{ID: "review", Name: "行政复议", Department: "司法局", Tags: []string{"个人"}},
	{ID: "chongqing", Name: "重庆籍人员异地长期居住备案", Department: "医保局", Tags: []string{"个人"}},
	{ID: "bank", Name: "银行账户备案", Department: "税务局", Tags: []string{"企业"}},
	{ID: "elderly", Name: "80周岁以上老年人高龄津贴", Department: "民政局", Tags: []string{"个人"}},
}

func newSample(t testing.TB) *Index {
	t.Helper()
	s, err := ParseSynonyms(strings.NewReader(sampleSynonyms))
	if err != nil {
		t.Fatal(err)
	}
	return New(sample, s)
}

func ids(results []Result) []string {
	var out []string
	for _, r := range results {
		out = append(out, r.ID)
	}
	return out
}

func TestFirst(t *testing.T) {
	x := newSample(t)
	for query, want := range map[string]string{
		"居住证":               "residence",
		"证居住":               "residence",
		"jzz":               "residence",
		"juzhuzheng":        "residence",
		"juzhu":             "residence",
		"居住z":               "residence",
		"ju住证":              "residence",
		"居主证":               "residence", // a wrong character of the right sound
		"jvzhuzheng":        "residence",
		"jzhuzheng":         "residence", // a letter missing
		"juhzuzheng":        "residence", // letters exchanged
		"身份证":               "id",
		"二代证":               "id",
		"身份证丢了怎么办":          "id-lost",
		"shenfenzhengdiule": "id-lost",
		"sheng fen zheng":   "id", // an for ang
		"shengfenzen":       "id", // z for zh
		"hulao":             "",
		"fushi":             "", // h and f are told apart
		"社保卡":               "card",
		"社保卡丢了 挂失":          "card-lost",
		"我要生孩子":             "birth-reg",
		"开店需要什么材料":          "shop",
		"食品许可":              "food",
		"许可 食品":             "food",
		"残疾证":               "disabled",
		"cjz":               "disabled",
		"残疾人补贴":             "disabled-aid",
		"低保":                "minimum",
		"结婚":                "marriage",
		"补结婚证":              "marriage-paper",
		"laonianzheng":      "old",
		"lao lian zheng":    "old", // l for n
		"80周岁":              "elderly",
		"xingzheng":         "review",
		"chongqing":         "chongqing",
		"changqi":           "chongqing",
		"yinhang":           "bank",
		"yinxing":           "",
		"residence":         "residence",
		"RESID":             "residence",
		"ＲＥＳＩＤ":             "residence",
		"identity card":     "id",
		"0109 0100":         "id",
		"":                  "",
		"？！":                "",
		"阿弥陀佛":              "",
		"怎么办":               "",
	} {
		got := ids(x.Search(Query{Text: query}))
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("%q: %v, want %q first", query, got, want)
		}
	}
}

// Words that have one reading must not be found by another one of their
// characters.
func TestReadingsOfWords(t *testing.T) {
	x := newSample(t)
	for query, not := range map[string]string{"zhongqing": "chongqing", "zhangqi": "chongqing", "yinxing": "bank", "hangzheng": "review"} {
		if got := ids(x.Search(Query{Text: query})); slices.Contains(got, not) {
			t.Errorf("%q finds %s: %+v", query, not, x.understand(query))
		}
	}
}

func TestFilters(t *testing.T) {
	x := newSample(t)
	if got := ids(x.Search(Query{Text: "登记", Department: "民政局"})); !slices.Equal(got, []string{"marriage"}) {
		t.Errorf("department: %v", got)
	}
	if got := ids(x.Search(Query{Text: "证", Tags: []string{"个人", "证件"}})); len(got) != 3 {
		t.Errorf("tags: %v", got)
	}
	if got := x.Search(Query{Text: "登记", Limit: 1}); len(got) != 1 {
		t.Errorf("limit: %d results", len(got))
	}
	if got := ids(x.Search(Query{Text: "0109010000", Department: "民政局"})); got != nil {
		t.Errorf("code in another department: %v", got)
	}
}

func TestMarks(t *testing.T) {
	x := newSample(t)
	for query, want := range map[string]string{"居住": "[居住]证办理", "shenfz": "居民[身份证]办理", "残疾证": "[残][疾]人[证]新办"} {
		r := x.Search(Query{Text: query})[0]
		name := []rune(sample[r.Index].Name)
		var b strings.Builder
		last := 0
		for _, m := range r.Marks {
			b.WriteString(string(name[last:m[0]]) + "[" + string(name[m[0]:m[1]]) + "]")
			last = m[1]
		}
		b.WriteString(string(name[last:]))
		if b.String() != want {
			t.Errorf("%q: %s, want %s", query, b.String(), want)
		}
	}
}

func TestSynonymsErrors(t *testing.T) {
	for text, want := range map[string]string{"开店": "line 1", "a=b\n\n = 登记": "line 3", "开店 = | ": "no meaning"} {
		_, err := ParseSynonyms(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if s, err := ParseSynonyms(strings.NewReader("\uFEFF# x\r\n开店 = 登记\r\n")); err != nil || s.Len() != 1 {
		t.Errorf("Windows file: %d, %v", s.Len(), err)
	}
}

// Sayings may have words that stand apart, several spellings, and are put together.
func TestSynonymsTogether(t *testing.T) {
	s, err := ParseSynonyms(strings.NewReader("丢了 | 掉了 = 挂失\n社保卡 = 社会保障卡\n卫生 孩子 = 出生医学证明\n当兵 = 护士执业注册 | 行政复议\n网吧 = 银行账户"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 6 {
		t.Errorf("%d sayings, want 6", s.Len())
	}
	x := New(sample, s)
	for query, want := range map[string]string{
		"社保卡掉了":    "card-lost", // two rules
		"我的社保卡丢了呢": "card-lost",
		"孩子的卫生":    "birth", // words apart, in another order
		"卫生":       "",      // only one of them
		"当兵":       "nurse", // the likeliest meaning first
		"网吧":       "bank",  // no particle at its end
		"shebaoka": "card",
		"dangbing": "nurse",
	} {
		got := ids(x.Search(Query{Text: query}))
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("%q: %v, want %q first", query, got, want)
		}
	}
}

func TestSlips(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"kuo", "kou", true}, {"zheng", "zeng", true}, {"zen", "zheng", false}, {"shen", "shan", true},
		{"a", "b", true}, {"ab", "ba", true}, {"abc", "cba", false}, {"hu", "hu", true}, {"", "a", true},
	} {
		if got := oneSlip(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: %v", test.a, test.b, got)
		}
		if oneSlip(test.a, test.b) != oneSlip(test.b, test.a) {
			t.Errorf("%q, %q: not the same both ways", test.a, test.b)
		}
	}
}

// An index is asked from several goroutines: what one search leaves behind must not
// reach another.
func TestSearchesDoNotMeet(t *testing.T) {
	x := newSample(t)
	queries := []string{"身份证", "登记", "jzz", "残疾人补贴", "hukuo", "阿弥陀佛"}
	want := make([][]Result, len(queries))
	for i, q := range queries {
		want[i] = New(sample, x.synonyms).Search(Query{Text: q})
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range 60 {
				i := n % len(queries)
				if got := x.Search(Query{Text: queries[i]}); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%q: %v, want %v", queries[i], got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

func FuzzParseSynonyms(f *testing.F) {
	for _, s := range []string{sampleSynonyms, "a b | c = d | e f", "= x", "x =", "|=|", "\uFEFF# x\r\n开店 = 登记", "\xff = \x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSynonyms(strings.NewReader(text))
		if err != nil {
			return
		}
		if s.And(s).Len() != 2*s.Len() {
			t.Error("lists are not put together")
		}
		x := New(sample[:3], s)
		for _, e := range s.entries {
			x.Search(Query{Text: string(e.words[0])})
		}
	})
}

func FuzzSearch(f *testing.F) {
	x := newSample(f)
	for _, q := range []string{"居住z", "shenfenzheng", "身份证丢了", "\x00\xff", "zh ch sh", "0109010000", strings.Repeat("zhuang", 40), "ǖ 𠀀 ﬀ"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		for _, r := range x.Search(Query{Text: q}) {
			length := len([]rune(sample[r.Index].Name))
			for _, m := range r.Marks {
				if m[0] < 0 || m[1] <= m[0] || m[1] > length {
					t.Errorf("%q: marks %v of %d characters", q, r.Marks, length)
				}
			}
		}
	})
}

// big makes a catalogue of n matters out of the words of the sample.
func big(n int) []Document {
	var words []string
	for _, d := range sample {
		rs := []rune(d.Name)
		for i := 0; i+2 <= len(rs); i += 2 {
			words = append(words, string(rs[i:i+2]))
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	docs := make([]Document, n)
	for i := range docs {
		var b strings.Builder
		for range 4 + r.IntN(8) {
			b.WriteString(words[r.IntN(len(words))])
		}
		docs[i] = Document{ID: fmt.Sprint(i), Name: b.String(), Department: sample[r.IntN(len(sample))].Department}
	}
	return docs
}

func BenchmarkBuild20000(b *testing.B) {
	docs := big(20000)
	for b.Loop() {
		New(docs, Synonyms{})
	}
}

func BenchmarkSearch20000(b *testing.B) {
	x := New(big(20000), Synonyms{})
	queries := []string{"身份证", "jzz", "juzhuzheng", "登记备案", "残疾人补贴怎么办", "sfz", "shehuibaozhang", "证"}
	var worst time.Duration
	i := 0
	for b.Loop() {
		start := time.Now()
		x.Search(Query{Text: queries[i%len(queries)]})
		worst = max(worst, time.Since(start))
		i++
	}
	b.ReportMetric(float64(worst.Microseconds()), "µs-worst")
}
