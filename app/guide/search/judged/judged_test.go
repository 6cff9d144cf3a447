package judged

import (
	"math"
	"testing"

	"hallkiosk/app/guide/search"
)

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"户口登记", "户口登记", true},
		{"户口登记", "户口登记项目", false},
		{"户口*", "户口登记", true},
		{"*户口*", "注销户口证明", true},
		{"*公证*指引", "学历公证（指引）", false},
		{"*公证*指引", "学历公证指引", true},
		{"a*a", "a", false},
	} {
		if got := (Query{Right: []string{"没有", test.pattern}}).Answers(test.name); got != test.want {
			t.Errorf("%q, %q: %v", test.pattern, test.name, got)
		}
	}
}

type fixed []int

func (f fixed) Find(string, int) ([]int, error) { return f, nil }

// Figures of a list that can be reckoned by hand.
func TestMeasure(t *testing.T) {
	c := Corpus{"x", []search.Document{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}}}
	queries := []Query{
		{Text: "1", Corpus: "x", Right: []string{"c"}},      // first
		{Text: "2", Corpus: "x", Right: []string{"b", "a"}}, // second
		{Text: "3", Corpus: "x", Right: []string{"d"}},      // not found
		{Text: "4", Corpus: "y", Right: []string{"d"}},      // of another catalogue
	}
	outcomes, err := Measure(fixed{2, 0, 1}, c, queries)
	if err != nil {
		t.Fatal(err)
	}
	f := Sum(outcomes, func(Outcome) bool { return true })
	if f.Queries != 3 || math.Abs(f.First-1.0/3) > 1e-9 || math.Abs(f.Five-2.0/3) > 1e-9 || math.Abs(f.MeanReciprocal-0.5) > 1e-9 {
		t.Errorf("%+v, want 3 queries, 1/3, 2/3, 1/2", f)
	}
}

// The rival must find what it can find.
func TestFTS5(t *testing.T) {
	docs := []search.Document{
		{Name: "居住证办理", Codes: []string{"990101012"}}, {Name: "居民身份证补领", Aliases: []string{"身份证丢了"}},
		{Name: "结婚登记", English: "Register a marriage"}, {Name: "离婚登记"},
	}
	f, err := NewFTS5(docs)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Everyday = ReadEverydays("# x\n领证 | 扯证 = 结婚登记\n")
	for text, want := range map[string]int{"居住证": 0, "身份证怎么办": 1, "marriage": 2, "离婚": 3, "0101012": 0, "去扯证": 2, `"引号`: -1, "": -1} {
		got, err := f.Find(text, 5)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if want < 0 && len(got) > 0 || want >= 0 && (len(got) == 0 || got[0] != want) {
			t.Errorf("%q: %v, want %d first", text, got, want)
		}
	}
}
