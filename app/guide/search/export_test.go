package search

import (
	"fmt"
	"slices"
)

// Ways are the ways to read a query, for people.
func (x *Index) Ways(q string) []string {
	var out []string
	for _, w := range x.understand(q) {
		s := fmt.Sprintf("%.2f", w.weight)
		for _, u := range w.wants {
			if u.gap {
				s += " _"
			}
			switch {
			case u.word != "":
				s += " " + u.word
			case u.han != 0:
				s += " " + string(u.han)
			case u.sound != 0:
				s += " " + x.sounds.names[u.sound]
			default:
				s += " " + u.prefix + "-"
			}
		}
		out = append(out, s)
	}
	return out
}

// NewMute makes an index that knows no readings, to see what they are worth.
func NewMute(docs []Document, synonyms Synonyms) *Index {
	known := allSounds()
	synonyms.entries = slices.Clone(synonyms.entries)
	for i := range synonyms.entries {
		synonyms.entries[i].readings = nil
	}
	return newIndex(docs, synonyms, &sounds{names: known.names, loose: known.loose})
}
