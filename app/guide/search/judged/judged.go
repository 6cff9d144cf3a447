// Package judged holds a list of what citizens type when they look for a matter,
// with the answers a person at the hall's desk would call right, and measures how
// well a search does on it.
//
// The test of package search and the benchmark beside SQLite and bleve
// (packaging/bench/search) use it; the product does not. The list (judged.tsv) was
// written before any index was asked. Half of its queries may be looked at while
// ranking and everyday words are worked on; the other half is held out. Both halves
// come from the hand that wrote the list of everyday words, so a third part, fresh,
// was written when that list was done. The figures of all parts are printed.
//
// Two of the three catalogues are public data sets that are not part of the
// repository; where they are absent, their queries are left out and named so.
package judged

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// Kind says in which way a query is written.
type Kind string

// The kinds.
const (
	Everyday  Kind = "everyday"  // everyday words for official ones
	Official  Kind = "official"  // words of the name
	Order     Kind = "order"     // words of the name in another order
	Homophone Kind = "homophone" // a wrong character of the right sound
	Pinyin    Kind = "pinyin"    // in full, or mixed with Chinese
	Initials  Kind = "initials"
	Typo      Kind = "typo" // z for zh, an for ang, letters exchanged
	English   Kind = "english"
	Number    Kind = "number" // a code
)

// Kinds are all kinds, in the order in which they are reported.
var Kinds = []Kind{Everyday, Official, Order, Homophone, Pinyin, Initials, Typo, English, Number}

// Chinese says that queries of this kind are written in characters, which engines
// without pinyin can read as well.
func (k Kind) Chinese() bool {
	return k == Everyday || k == Official || k == Order || k == Homophone
}

// Half says what a query may be used for.
type Half string

// The halves, and a remainder.
const (
	Tune  Half = "tune"  // looked at while ranking and everyday words were worked on
	Held  Half = "held"  // never looked at then
	Fresh Half = "fresh" // written after the list of everyday words
)

// Halves are all of them.
var Halves = []Half{Tune, Held, Fresh}

// Query is a line of the list.
type Query struct {
	Text   string
	Corpus string // CorpusGuangan, CorpusGuangdong or CorpusSample
	Kind   Kind
	Half   Half
	// Right are the names of all right answers; an asterisk stands for any
	// characters.
	Right []string
}

// Answers says whether a matter of this name answers the query.
func (q Query) Answers(name string) bool {
	return slices.ContainsFunc(q.Right, func(pattern string) bool { return matches(pattern, name) })
}

// matches says whether a name is what a pattern with asterisks describes.
func matches(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return name == pattern
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1:last] {
		_, after, ok := strings.Cut(rest, p)
		if !ok {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[last])
}

//go:embed judged.tsv
var list string

// Queries reads the list.
func Queries() ([]Query, error) {
	var out []Query
	n := 0
	for line := range strings.Lines(list) {
		n++
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			return nil, fmt.Errorf("judged: judged.tsv:%d: %d fields, want query, corpus, kind, half, answers", n, len(f))
		}
		q := Query{Text: f[0], Corpus: f[1], Kind: Kind(f[2]), Half: Half(f[3]), Right: strings.Split(f[4], " | ")}
		switch {
		case !slices.Contains(Kinds, q.Kind):
			return nil, fmt.Errorf("judged: judged.tsv:%d: unknown kind %q", n, q.Kind)
		case !slices.Contains(Halves, q.Half):
			return nil, fmt.Errorf("judged: judged.tsv:%d: half %q is none of %v", n, f[3], Halves)
		}
		out = append(out, q)
	}
	return out, nil
}

// Depth is how many results are asked for.
const Depth = 10

// Outcome is what a search made of one query.
type Outcome struct {
	Query
	// Place of the first right answer, from 1; 0 = not among the first Depth.
	Place int
	// First is the name found first, for people; "" = nothing.
	First string
}

// Figures sum up outcomes: shares of queries whose first answer is right, that have
// a right one among the first five, and the mean of 1/place.
type Figures struct {
	Queries        int
	First, Five    float64
	MeanReciprocal float64
}

// Sum adds up the outcomes that keep says.
func Sum(outcomes []Outcome, keep func(Outcome) bool) Figures {
	var f Figures
	first, five, reciprocal := 0, 0, 0.0
	for _, o := range outcomes {
		if !keep(o) {
			continue
		}
		f.Queries++
		if o.Place == 1 {
			first++
		}
		if 1 <= o.Place && o.Place <= 5 {
			five++
		}
		if o.Place > 0 {
			reciprocal += 1 / float64(o.Place)
		}
	}
	if n := float64(f.Queries); n > 0 {
		f.First, f.Five, f.MeanReciprocal = float64(first)/n, float64(five)/n, reciprocal/n
	}
	return f
}

// String is the figures on one line.
func (f Figures) String() string {
	return fmt.Sprintf("%3d queries  success@1 %.3f  success@5 %.3f  MRR %.3f", f.Queries, f.First, f.Five, f.MeanReciprocal)
}

// Engine is a search over one catalogue.
type Engine interface {
	// Find returns the places, in the catalogue, of at most n matters, the likeliest
	// first.
	Find(text string, n int) ([]int, error)
}

// Measure asks an engine for every query of its corpus.
func Measure(e Engine, c Corpus, queries []Query) ([]Outcome, error) {
	var out []Outcome
	for _, q := range queries {
		if q.Corpus != c.Name {
			continue
		}
		found, err := e.Find(q.Text, Depth)
		if err != nil {
			return nil, fmt.Errorf("judged: %q: %w", q.Text, err)
		}
		o := Outcome{Query: q}
		for i, at := range found {
			name := c.Docs[at].Name
			if i == 0 {
				o.First = name
			}
			if o.Place == 0 && q.Answers(name) {
				o.Place = i + 1
			}
		}
		out = append(out, o)
	}
	return out, nil
}
