package judged

import (
	"slices"
	"strings"
)

// around is what people say around the matter they mean.
var around = strings.NewReplacer("需要什么手续", " ", "需要什么材料", " ", "怎么办", " ", "怎么", " ", "要办什么", " ",
	"需要什么", " ", "什么", " ", "可以", " ", "在哪里", " ", "在哪", " ", "我想", " ", "吗", " ", "？", " ")

// bare takes noise out of a query, for engines that would look for it.
func bare(text string) string {
	if b := strings.TrimSpace(around.Replace(strings.ToLower(text))); b != "" {
		return b
	}
	return text
}

// Everydays are the rules of a list of everyday words, for engines that have no such
// list of their own.
type Everydays struct{ rules [][2]string } // what is said, what it means

// ReadEverydays reads a list in the format of search.ParseSynonyms.
func ReadEverydays(list string) *Everydays {
	e := &Everydays{}
	for line := range strings.Lines(list) {
		said, meant, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(said, "#") {
			continue
		}
		for s := range strings.SplitSeq(said, "|") {
			e.rules = append(e.rules, [2]string{strings.TrimSpace(s), strings.ReplaceAll(meant, "|", " ")})
		}
	}
	// The longest sayings explain most.
	slices.SortStableFunc(e.rules, func(a, b [2]string) int { return len(b[0]) - len(a[0]) })
	return e
}

// Official returns the official words for the longest sayings in a text, at most
// three.
func (e *Everydays) Official(text string) []string {
	var out []string
	for _, r := range e.rules {
		all := true
		for w := range strings.FieldsSeq(r[0]) {
			all = all && strings.Contains(text, w)
		}
		if !all {
			continue
		}
		for w := range strings.FieldsSeq(r[0]) {
			text = strings.Replace(text, w, " ", 1)
		}
		if out = append(out, r[1]); len(out) == 3 {
			break
		}
	}
	return out
}
