package judged

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"hallkiosk/app/guide/search"
)

// Large makes a catalogue of n matters for measuring time and memory: those of the
// given ones, then new ones whose names are the beginning of one name and the end of
// another, so that words are as frequent as they are in real catalogues. It is the
// same every time.
func Large(from []Corpus, n int) []search.Document {
	var all []search.Document
	for _, c := range from {
		all = append(all, c.Docs...)
	}
	r := rand.New(rand.NewPCG(1, 2))
	docs := slices.Clone(all[:min(n, len(all))])
	for len(docs) < n {
		d := all[r.IntN(len(all))]
		begin, end := []rune(d.Name), []rune(all[r.IntN(len(all))].Name)
		d.Name = string(begin[:(len(begin)+1)/2]) + string(end[len(end)/2:])
		d.Codes = []string{fmt.Sprintf("9%011d", len(docs))}
		docs = append(docs, d)
	}
	for i := range docs {
		docs[i].ID = fmt.Sprint(i)
	}
	return docs
}
