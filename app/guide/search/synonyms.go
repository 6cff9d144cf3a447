package search

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Synonyms are everyday words and what they mean in a catalogue.
type Synonyms struct{ entries []synonym }

type synonym struct {
	said     []rune
	readings [][]syllable
	means    [][]rune
}

// ParseSynonyms reads a list: one line for each saying, what people say, an equals
// sign, and the official words for it, several ways separated by |. Lines that
// begin with # are remarks. Errors name the line.
//
//	身份证丢了 = 居民身份证 补领 | 居民身份证 挂失
//	开店 = 个体工商户 登记 | 营业执照
func ParseSynonyms(r io.Reader) (Synonyms, error) {
	var s Synonyms
	sounds := allSounds()
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\uFEFF"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		saying, meanings, ok := strings.Cut(line, "=")
		said := clean(saying)
		if !ok || len(said) == 0 {
			return Synonyms{}, fmt.Errorf("search: synonyms: line %d: write it as: what people say = official words | other official words", n)
		}
		e := synonym{said: said, readings: sounds.read(said)}
		for m := range strings.SplitSeq(meanings, "|") {
			if m := clean(m); len(m) > 0 {
				e.means = append(e.means, m)
			}
		}
		if len(e.means) == 0 {
			return Synonyms{}, fmt.Errorf("search: synonyms: line %d: %q has no meaning: write the official words after the equals sign", n, string(said))
		}
		s.entries = append(s.entries, e)
	}
	if err := lines.Err(); err != nil {
		return Synonyms{}, fmt.Errorf("search: synonyms: %w", err)
	}
	return s, nil
}

// Len is the number of sayings.
func (s Synonyms) Len() int { return len(s.entries) }

type expansion struct {
	text   []rune
	weight float32
}

// maxExpansions bounds how many further texts one query is looked up as.
const maxExpansions = 6

// expand returns what else a cleaned query can mean. A saying counts where the
// query contains it, or, said by letters, where they are its pinyin.
func (s Synonyms) expand(x *Index, text []rune) []expansion {
	var out []expansion
	query := string(text)
	letters := !strings.ContainsFunc(query, func(r rune) bool { return r != ' ' && (r < 'a' || r > 'z') })
	var spelt [][]string
	if letters {
		spelt = x.sounds.split(strings.ReplaceAll(query, " ", ""))
	}
	for _, e := range s.entries {
		weight := float32(0.92)
		before, after, ok := strings.Cut(query, string(e.said))
		switch {
		case ok:
		case letters && spells(x.sounds, spelt, e.readings):
			weight = 0.8
		default:
			continue
		}
		if letters {
			before, after = "", ""
		}
		// What was said beside it counts as well, if it is more than a particle.
		beside := clean(before + " " + after)
		if len(beside) < 2 {
			beside = nil
		}
		for _, m := range e.means {
			t := append([]rune{}, m...)
			if len(beside) > 0 {
				t = append(append(t, ' '), beside...)
			}
			// The more of the query it explains, the likelier it is meant.
			share := float32(len(e.said)) / float32(max(1, len([]rune(strings.ReplaceAll(query, " ", "")))))
			if letters {
				share = 1
			}
			out = append(out, expansion{t, weight * (0.75 + 0.25*min(1, share))})
			if len(out) == maxExpansions {
				return out
			}
		}
	}
	return out
}

// spells says whether one of the cuts is the pinyin of the characters, in full or,
// from three characters, by initials.
func spells(s *sounds, cuts [][]string, readings [][]syllable) bool {
cut:
	for _, parts := range cuts {
		if len(parts) != len(readings) || len(parts) < 2 {
			continue
		}
		full := 0
		for i, p := range parts {
			found := false
			for _, r := range readings[i] {
				name := s.names[r]
				if n := s.number[p]; n != 0 && len(p) > 1 {
					if s.loose[n] == s.loose[r] {
						found, full = true, full+1
						break
					}
				} else if strings.HasPrefix(name, p) {
					found = true
					break
				}
			}
			if !found {
				continue cut
			}
		}
		if full >= 2 || len(parts) >= 3 {
			return true
		}
	}
	return false
}
