package search

import (
	"cmp"
	"slices"
	"strings"
)

// A slip of the finger is looked for only when letters find nothing that fits well:
// two letters exchanged, one missing, one too many or a wrong one, in one syllable.

// maxSlips is how many ways to put a slip right are looked up.
const maxSlips = 4

// slipWeight is what a way that supposes a slip counts beside what was typed.
const slipWeight = 0.85

// nearly maps letters with one left out, and syllables themselves, to the syllables
// they can come from: two texts that are one slip apart share such a key.
type nearly map[string][]syllable

func (s *sounds) makeNearly() nearly {
	out := nearly{}
	for n := 1; n < len(s.names); n++ {
		for key := range oneLess(s.names[n]) {
			out[key] = append(out[key], syllable(n))
		}
	}
	return out
}

// oneLess are a text and all that it is with one letter left out.
func oneLess(s string) map[string]bool {
	out := map[string]bool{s: true}
	for i := range len(s) {
		out[s[:i]+s[i+1:]] = true
	}
	return out
}

// oneSlip says whether one letter added, left out, changed or exchanged with its
// neighbour makes b of a.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 1:
		return a[i:] == b[i+1:]
	case 0:
		return i == len(a) || a[i+1:] == b[i+1:] ||
			i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	}
	return false
}

// letters is a query without spaces if it is letters only, else empty.
func letters(query string) string {
	s := strings.ReplaceAll(string(clean(query)), " ", "")
	if strings.ContainsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return ""
	}
	return umlauts(s)
}

func sameLetters(a, b string) bool {
	return slices.Equal(slices.Sorted(slices.Values([]byte(a))), slices.Sorted(slices.Values([]byte(b))))
}

// slips returns the ways to read letters as whole syllables with one slip among
// them, those whose syllables follow each other in the most telling way first.
func (x *Index) slips(letters string) []reading {
	s := x.sounds
	if len(letters) < 4 || len(letters) > 24 {
		return nil
	}
	type found struct {
		split []string
		tells float32
	}
	var ways []found
	for i := range letters {
		before, ok := s.firstWhole(letters[:i])
		if !ok {
			continue
		}
		for j := i + 1; j <= min(i+7, len(letters)); j++ {
			after, ok := s.firstWhole(letters[j:])
			if !ok || len(before)+len(after) == 0 {
				continue
			}
			typed := letters[i:j]
			seen := map[syllable]bool{}
			for key := range oneLess(typed) {
				for _, n := range s.nearly[key] {
					name := s.names[n]
					if seen[n] || name == typed || !oneSlip(typed, name) {
						continue
					}
					seen[n] = true
					// A wrong letter that makes another syllable is another word (fushi is
					// not hushi); exchanged letters are not (kuo, kou).
					if s.number[typed] != 0 && len(name) == len(typed) && !sameLetters(name, typed) {
						continue
					}
					split := slices.Concat(before, []string{name}, after)
					if tells := x.tells(split, len(before)); tells > 0 {
						ways = append(ways, found{split, tells})
					}
				}
			}
		}
	}
	slices.SortFunc(ways, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.tells, a.tells), slices.Compare(a.split, b.split))
	})
	var out []reading
	for _, w := range ways[:min(len(ways), maxSlips)] {
		out = append(out, reading{wants: x.spelt(w.split, false), weight: slipWeight})
	}
	return out
}

// firstWhole cuts letters into whole syllables; no letters are none of them.
func (s *sounds) firstWhole(letters string) ([]string, bool) {
	if letters == "" {
		return nil, true
	}
	for _, split := range s.split(letters) {
		if s.whole(split) {
			return split, true
		}
	}
	return nil, false
}

// tells is the share of neighbouring syllables that some matter has, 0 if the one
// that was put right stands beside none that it has there.
func (x *Index) tells(split []string, changed int) float32 {
	pairs := 0
	beside := false
	for i := range len(split) - 1 {
		a, b := x.sounds.number[split[i]], x.sounds.number[split[i+1]]
		if len(x.postings[sound(soundTwo, x.sounds.loose[a], x.sounds.loose[b])]) == 0 {
			continue
		}
		pairs++
		beside = beside || i == changed || i+1 == changed
	}
	if !beside {
		return 0
	}
	return float32(pairs) / float32(len(split)-1)
}
