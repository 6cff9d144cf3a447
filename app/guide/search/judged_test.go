package search_test

import (
	"strings"
	"testing"

	"hallkiosk/app/guide/search"
	"hallkiosk/app/guide/search/judged"
	"hallkiosk/assets"
)

// What must be reached over all queries, and by each part of them (halves) a little
// less, for they are small.
const (
	wantFirst, wantFive         = 0.75, 0.93
	wantFirstHalf, wantFiveHalf = 0.70, 0.90
)

// engine is an index as package judged asks it.
type engine struct{ *search.Index }

func (e engine) Find(text string, n int) ([]int, error) {
	var out []int
	for _, r := range e.Search(search.Query{Text: text, Limit: n}) {
		out = append(out, r.Index)
	}
	return out, nil
}

func productSynonyms(t testing.TB) search.Synonyms {
	t.Helper()
	s, err := search.ParseSynonyms(strings.NewReader(assets.GuideSynonyms))
	if err != nil {
		t.Fatalf("assets/guides/synonyms.txt: %v", err)
	}
	return s
}

// catalogues are the judged ones and the queries about them. Queries about a public
// data set that is not on this machine are left out, which is said.
func catalogues(t testing.TB) ([]judged.Corpus, []judged.Query) {
	t.Helper()
	queries, err := judged.Queries()
	if err != nil {
		t.Fatal(err)
	}
	sets, missing, err := judged.Catalogues()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range missing {
		n := 0
		for _, q := range queries {
			if q.Corpus == name {
				n++
			}
		}
		t.Logf("%d queries left out: the data set %s is not on this machine (../shared/data)", n, name)
	}
	return sets, queries
}

func everything(judged.Outcome) bool { return true }

// measure asks an engine made for each catalogue.
func measure(t testing.TB, sets []judged.Corpus, queries []judged.Query, make func(judged.Corpus) judged.Engine) []judged.Outcome {
	t.Helper()
	var all []judged.Outcome
	for _, c := range sets {
		outcomes, err := judged.Measure(make(c), c, queries)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, outcomes...)
	}
	return all
}

// Every query has an answer in its catalogue, or it would say nothing.
func TestJudgedQueriesHaveAnswers(t *testing.T) {
	sets, queries := catalogues(t)
	for _, c := range sets {
		for _, q := range queries {
			if q.Corpus != c.Name {
				continue
			}
			answers := 0
			for _, d := range c.Docs {
				if q.Answers(d.Name) {
					answers++
				}
			}
			if answers == 0 {
				t.Errorf("%s: %q has no answer among %v", c.Name, q.Text, q.Right)
			}
			if share := float64(answers) / float64(len(c.Docs)); share > 0.15 {
				t.Errorf("%s: %q: %.0f %% of the catalogue is an answer: that is no question", c.Name, q.Text, 100*share)
			}
		}
	}
}

func TestJudged(t *testing.T) {
	sets, queries := catalogues(t)
	synonyms := productSynonyms(t)
	ours := measure(t, sets, queries, func(c judged.Corpus) judged.Engine { return engine{search.New(c.Docs, synonyms)} })
	plain := measure(t, sets, queries, func(c judged.Corpus) judged.Engine { return engine{search.New(c.Docs, search.Synonyms{})} })
	mute := measure(t, sets, queries, func(c judged.Corpus) judged.Engine { return engine{search.NewMute(c.Docs, synonyms)} })
	fts := measure(t, sets, queries, newFTS5(t, nil))
	helped := measure(t, sets, queries, newFTS5(t, judged.ReadEverydays(assets.GuideSynonyms)))

	all := judged.Sum(ours, everything)
	t.Logf("%-24s %s", "this index", all)
	for _, h := range judged.Halves {
		f := judged.Sum(ours, func(o judged.Outcome) bool { return o.Half == h })
		t.Logf("%-24s %s", "  "+string(h), f)
		if h != judged.Fresh && (f.First < wantFirstHalf || f.Five < wantFiveHalf) {
			t.Errorf("%s: want success@1 %.2f and success@5 %.2f", h, wantFirstHalf, wantFiveHalf)
		}
	}
	for _, k := range judged.Kinds {
		t.Logf("%-24s %s", "  "+string(k), judged.Sum(ours, func(o judged.Outcome) bool { return o.Kind == k }))
	}
	if all.First < wantFirst || all.Five < wantFive {
		t.Errorf("want success@1 %.2f and success@5 %.2f", wantFirst, wantFive)
	}
	chinese := func(o judged.Outcome) bool { return o.Kind.Chinese() }
	for _, other := range []struct {
		name     string
		outcomes []judged.Outcome
	}{
		{"without everyday words", plain},
		{"without pinyin", mute},
		{"FTS5 trigram", fts},
		{"FTS5 with our words", helped},
	} {
		f := judged.Sum(other.outcomes, everything)
		t.Logf("%-24s %s", other.name, f)
		t.Logf("%-24s %s", "  in characters only", judged.Sum(other.outcomes, chinese))
		if f.First >= all.First || f.Five >= all.Five {
			t.Errorf("%s is as good as this index", other.name)
		}
	}
	t.Logf("%-24s %s", "this index, characters", judged.Sum(ours, chinese))
	for _, o := range ours {
		if o.Place != 1 && o.Half == judged.Tune {
			t.Logf("not first (%d): %s %s %q, but %s", o.Place, o.Corpus, o.Kind, o.Text, o.First)
		}
	}
}

func newFTS5(t testing.TB, everyday *judged.Everydays) func(judged.Corpus) judged.Engine {
	return func(c judged.Corpus) judged.Engine {
		f, err := judged.NewFTS5(c.Docs)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		f.Everyday = everyday
		return f
	}
}
