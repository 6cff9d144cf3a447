package search

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Synonyms are everyday words and what they mean in a catalogue. The zero value is
// an empty list.
type Synonyms struct{ entries []synonym }

// synonym is one saying.
type synonym struct {
	words    [][]rune // all must occur, in any order
	readings [][]syllable
	means    [][]rune
}

// ParseSynonyms reads a list: one line for each rule, what people say, an equals
// sign, and the official words for it, several of either separated by |, the
// likeliest meaning first. Words of a saying that are separated by spaces may stand
// apart and in any order. Lines that begin with # are remarks. Errors name the line.
//
//	身份证丢了 | 身份证掉了 = 居民身份证 补领 | 居民身份证 挂失
//	看守所 送钱 = 被监管人员 顾送款
func ParseSynonyms(r io.Reader) (Synonyms, error) {
	var s Synonyms
	sounds := allSounds()
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\uFEFF"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		said, meant, ok := strings.Cut(line, "=")
		sayings, means := alternatives(said), alternatives(meant)
		if !ok || len(sayings) == 0 {
			return Synonyms{}, fmt.Errorf("search: synonyms: line %d: write it as: what people say = official words | other official words", n)
		}
		if len(means) == 0 {
			return Synonyms{}, fmt.Errorf("search: synonyms: line %d: %q has no meaning: write the official words after the equals sign", n, string(sayings[0]))
		}
		for _, saying := range sayings {
			e := synonym{means: means}
			for w := range strings.FieldsSeq(string(saying)) {
				e.words = append(e.words, []rune(w))
				e.readings = append(e.readings, sounds.read([]rune(w))...)
			}
			s.entries = append(s.entries, e)
		}
	}
	if err := lines.Err(); err != nil {
		return Synonyms{}, fmt.Errorf("search: synonyms: %w", err)
	}
	return s, nil
}

// alternatives are the texts between the bars, cleaned, without empty ones.
func alternatives(s string) [][]rune {
	var out [][]rune
	for part := range strings.SplitSeq(s, "|") {
		if c := clean(part); len(c) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// Len is the number of sayings.
func (s Synonyms) Len() int { return len(s.entries) }

// And returns both lists; where both explain a query, the sayings of s come first.
func (s Synonyms) And(more Synonyms) Synonyms {
	return Synonyms{entries: slices.Concat(s.entries, more.entries)}
}

// expansion is a further text that a query is looked up as.
type expansion struct {
	text   []rune
	beside []rune // what was said beside it
	weight float32
}

const (
	// maxSayings of one query are put together, maxExpansions further texts made.
	maxSayings    = 3
	maxExpansions = 8
	// saidFactor is what official words for a saying count beside words that were
	// typed; a little less when it was spelt, for letters are said more loosely. laterMeaning is what
	// each further meaning of a rule counts beside the one before.
	saidFactor   = 0.92
	speltFactor  = 0.9
	shortFactor  = 0.8 // said by initials
	laterMeaning = 0.97
)

// use is a saying found in a query.
type use struct {
	entry *synonym
	runes int // of the query that it explains
}

// expand returns what else a cleaned query can mean. A saying counts where the
// query contains it, or, said by letters, where they are its pinyin.
func (s Synonyms) expand(x *Index, text []rune) []expansion {
	if !slices.ContainsFunc(text, func(r rune) bool { return r != ' ' && (r < 'a' || r > 'z') }) {
		if out := s.spelt(x, strings.ReplaceAll(string(text), " ", "")); len(out) > 0 {
			return out
		}
	}
	left := slices.Clone(text)
	length := len(left) - count(left, ' ')
	var uses []use
	explained := 0
	for len(uses) < maxSayings {
		best := use{}
		for i := range s.entries {
			e := &s.entries[i]
			if n := e.in(left); n > best.runes {
				best = use{e, n}
			}
		}
		if best.entry == nil {
			break
		}
		for _, w := range best.entry.words {
			blank(left, w)
		}
		uses = append(uses, best)
		explained += best.runes
	}
	if len(uses) == 0 {
		return nil
	}
	// What was said beside them counts as well, if it is more than a particle.
	beside := clean(string(left))
	if len(beside) < 2 {
		beside = nil
	}
	// The more of the query they explain, the likelier they are meant.
	share := float32(explained) / float32(max(1, length))
	out := []expansion{{weight: saidFactor * (0.75 + 0.25*share)}}
	for _, u := range uses {
		var next []expansion
		for _, e := range out {
			weight := e.weight
			for _, m := range u.entry.means {
				next = append(next, expansion{text: join(e.text, m), weight: weight})
				weight *= laterMeaning
			}
		}
		slices.SortStableFunc(next, func(a, b expansion) int { return cmp.Compare(b.weight, a.weight) })
		out = next[:min(len(next), maxExpansions)]
	}
	for i := range out {
		out[i].beside = beside
	}
	return out
}

// spelt returns the meanings of the sayings whose pinyin a run of letters is.
func (s Synonyms) spelt(x *Index, letters string) []expansion {
	cuts := x.sounds.split(letters)
	var out []expansion
	for _, e := range s.entries {
		full, ok := spells(x.sounds, cuts, e.readings)
		if !ok {
			continue
		}
		weight := float32(shortFactor)
		if full {
			weight = speltFactor
		}
		for _, m := range e.means {
			if len(out) == maxExpansions {
				return out
			}
			out = append(out, expansion{text: m, weight: weight})
			weight *= laterMeaning
		}
	}
	return out
}

// in is how many characters of a text the saying explains, 0 if it is not said
// there.
func (e *synonym) in(text []rune) int {
	n := 0
	for _, w := range e.words {
		if index(text, w) < 0 {
			return 0
		}
		n += len(w)
	}
	return n
}

func index(text, word []rune) int {
	for i := 0; i+len(word) <= len(text); i++ {
		if slices.Equal(text[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// blank makes spaces of a word in a text.
func blank(text, word []rune) {
	if at := index(text, word); at >= 0 {
		for i := range word {
			text[at+i] = ' '
		}
	}
}

func count(text []rune, r rune) int {
	n := 0
	for _, c := range text {
		if c == r {
			n++
		}
	}
	return n
}

// join sets a space between two texts.
func join(a, b []rune) []rune {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	return slices.Concat(a, []rune{' '}, b)
}

// spells says whether one of the cuts is the pinyin of the characters: in full, or,
// from three characters, with some of them by initials.
func spells(s *sounds, cuts [][]string, readings [][]syllable) (full, ok bool) {
	for _, parts := range cuts {
		if len(parts) != len(readings) || len(parts) < 2 {
			continue
		}
		whole := 0
		for i, p := range parts {
			found := false
			for _, r := range readings[i] {
				if n := s.number[p]; n != 0 && len(p) > 1 {
					if found = s.loose[n] == s.loose[r]; found {
						whole++
					}
				} else {
					found = strings.HasPrefix(s.names[r], p)
				}
				if found {
					break
				}
			}
			if !found {
				whole = -1
				break
			}
		}
		switch {
		case whole == len(parts):
			return true, true
		case whole >= 2 || whole >= 0 && len(parts) >= 3:
			ok = true
		}
	}
	return false, ok
}
