package search

import (
	"fmt"
	"strings"

	"hallkiosk/app/guide"
)

// Documents are the guides of a catalogue as far as they are searched, in its
// order: [Result.Index] is a place in Catalogue.Guides. Tags are themes, life
// events and the Person values the guide is for, so that a Query can ask for any of
// them.
func Documents(c *guide.Catalogue) []Document {
	docs := make([]Document, len(c.Guides))
	for i := range c.Guides {
		g := &c.Guides[i]
		d := Document{
			ID: g.ID, Name: g.Name, English: g.NameEn, Aliases: g.Aliases,
			Department: g.Department, Rank: g.Rank,
			Codes: append([]string{g.ID}, g.Codes...),
		}
		d.Tags = append(append(d.Tags, g.Themes...), g.LifeEvents...)
		for _, p := range g.For {
			d.Tags = append(d.Tags, string(p))
		}
		for _, w := range []string{g.Summary, g.Result} {
			if w != "" {
				d.Words = append(d.Words, w)
			}
		}
		docs[i] = d
	}
	return docs
}

// ForCatalogue makes the index of a catalogue, with the catalogue's own synonyms
// besides the given ones (the product's list, or none). Rules that cannot be read
// are left out and returned as warnings, one each.
func ForCatalogue(c *guide.Catalogue, extra Synonyms) (*Index, []guide.Problem) {
	own, problems := catalogueSynonyms(c)
	return New(Documents(c), own.And(extra)), problems
}

// catalogueSynonyms reads the rules of the catalogue itself.
func catalogueSynonyms(c *guide.Catalogue) (own Synonyms, problems []guide.Problem) {
	for i, rule := range c.Synonyms {
		s, err := ParseSynonyms(strings.NewReader(rule))
		if err != nil {
			problems = append(problems, guide.Problem{
				Field:   "同义词",
				Message: fmt.Sprintf("第%d条看不懂：%s", i+1, rule),
				Cure:    "写成：群众的说法 = 正式名称里的词 | 另一种正式名称",
				Warning: true,
			})
			continue
		}
		own = own.And(s)
	}
	return own, problems
}
