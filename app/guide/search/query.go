package search

import (
	"slices"
	"strings"
	"unicode"
)

// want is one unit of a query: what it must be in a title.
type want struct {
	han    rune     // this character,
	sound  syllable // or one that is read so,
	prefix string   // or one whose reading begins so: an initial, or a syllable not finished yet,
	word   string   // or a word of another script that begins so
	weight float32  // how much it says
	gap    bool     // a space stood before it: it need not follow the one before
}

// reading is one way to understand a query.
type reading struct {
	wants  []want
	weight float32 // of this way among all
}

// maxQuery is how many characters of a query are looked at.
const maxQuery = 48

// noise is what people say around the matter they mean.
var noise = []string{
	"需要什么材料", "需要哪些材料", "要什么材料", "要带什么", "带什么", "什么材料", "什么手续", "需要什么", "怎么办理", "如何办理", "在哪里办理", "在哪里办",
	"在哪办", "哪里办", "去哪办", "怎么申请", "如何申请", "怎么弄", "怎么办", "怎么", "怎样", "如何", "请问", "我要", "我想", "想要", "帮我", "一下",
	"去哪里", "去哪儿", "去哪", "在哪里", "在哪", "可以", "能不能",
}

// particles end a sentence and mean nothing; elsewhere they are parts of words
// (网吧).
const particles = "吗呢啊吧呀嘛"

// besideWeight is what words count that stand beside a saying.
const besideWeight = 0.7

// understand returns the ways to read a query, the likeliest first.
func (x *Index) understand(query string) []reading {
	text := clean(query)
	if len(text) == 0 {
		return nil
	}
	if bare := withoutNoise(text); len(bare) > 0 {
		text = bare
	}
	ways := x.ways(text, 1)
	for _, s := range x.synonyms.expand(x, text) {
		for _, w := range x.ways(s.text, s.weight) {
			if len(s.beside) > 0 {
				// What was said besides the saying is worth less than it.
				rest := x.ways(s.beside, 1)[0].wants
				for i := range rest {
					rest[i].weight *= besideWeight
				}
				rest[0].gap = true
				w.wants = append(w.wants, rest...)
			}
			ways = append(ways, w)
		}
	}
	return ways
}

// clean folds a query and makes everything that is neither letter nor digit one
// space.
func clean(query string) []rune {
	var out []rune
	for _, r := range query {
		r = fold(r)
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = ' '
		}
		if r == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
			continue
		}
		if out = append(out, r); len(out) == maxQuery {
			break
		}
	}
	if len(out) > 0 && out[len(out)-1] == ' ' {
		out = out[:len(out)-1]
	}
	return out
}

func withoutNoise(text []rune) []rune {
	s := string(text)
	for _, n := range noise {
		s = strings.ReplaceAll(s, n, " ")
	}
	out := clean(s)
	for len(out) > 2 && strings.ContainsRune(particles, out[len(out)-1]) {
		out = out[:len(out)-1]
	}
	return out
}

// ways reads a cleaned text: Chinese as it stands, letters in each way they can be
// meant.
func (x *Index) ways(text []rune, weight float32) []reading {
	ways := []reading{{weight: weight}}
	gap := false
	for i := 0; i < len(text); {
		r := text[i]
		switch {
		case r == ' ':
			gap = true
			i++
			continue
		case unicode.Is(unicode.Han, r):
			for k := range ways {
				ways[k].wants = append(ways[k].wants, want{han: r, weight: x.hanWeight(r), gap: gap})
			}
			i++
		default:
			end := i
			for end < len(text) && text[end] != ' ' && !unicode.Is(unicode.Han, text[end]) {
				end++
			}
			ways = product(ways, x.letters(string(text[i:end]), gap))
			i = end
		}
		gap = false
	}
	return ways
}

// umlauts writes ü after j, q, x and y as pinyin does: many type v there too.
func umlauts(letters string) string {
	for _, p := range []string{"j", "q", "x", "y"} {
		letters = strings.ReplaceAll(letters, p+"v", p+"u")
	}
	return letters
}

// product appends each way to read the next letters to each way so far.
func product(ways []reading, next []reading) []reading {
	var out []reading
	for _, w := range ways {
		for _, n := range next {
			out = append(out, reading{wants: slices.Concat(w.wants, n.wants), weight: w.weight * n.weight})
		}
	}
	slices.SortStableFunc(out, func(a, b reading) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	return out[:min(len(out), 6)]
}

// unknownWeight is what a character counts that no title has: it was part of a story
// around the matter, or is a wrong one, but cannot tell one matter from another.
const unknownWeight = 0.3

// smallWords are characters that hold sentences together and hardly ever tell one
// matter from another.
const (
	smallWords  = "我你他她们您咱的了着过是在有要想去来到把被让给和跟就都也还又很太这那哪谁什么怎样几个些吗呢吧啊没不能会可以请问从里"
	smallWeight = 0.1
)

// hanWeight keeps characters that nearly every matter has from deciding anything.
func (x *Index) hanWeight(r rune) float32 {
	t := hanOne | token(r)
	switch {
	case strings.ContainsRune(smallWords, r):
		return smallWeight
	case len(x.postings[t]) == 0:
		return unknownWeight
	}
	return 0.25 + 0.75*x.rarity(t)
}

// letters returns the ways to read a run of letters and digits: as a word as it
// stands, and as pinyin.
func (x *Index) letters(s string, gap bool) []reading {
	var out []reading
	if len(x.wordsFrom(s)) > 0 {
		out = append(out, reading{wants: []want{{word: s, weight: 1, gap: gap}}, weight: 1})
	}
	splits := x.sounds.split(umlauts(s))
	whole := slices.ContainsFunc(splits, x.sounds.whole)
	for _, split := range splits {
		// Where whole syllables explain all letters, initials between them do not; a few
		// letters can be initials only all the same (da: 档案).
		if whole && !x.sounds.whole(split) && (len(split) < len(s) || len(s) > 4) {
			continue
		}
		out = append(out, reading{wants: x.spelt(split, gap), weight: 1})
	}
	if len(out) == 0 {
		out = append(out, reading{wants: []want{{word: s, weight: 1, gap: gap}}, weight: 1})
	}
	// Syllables in full first: they say most.
	slices.SortStableFunc(out, func(a, b reading) int { return len(a.wants) - len(b.wants) })
	for i := range out {
		out[i].weight *= 1 - 0.04*float32(min(i, 5))
	}
	return out[:min(len(out), 4)]
}

// spelt are the units of letters that were cut into syllables and beginnings of
// syllables.
func (x *Index) spelt(split []string, gap bool) []want {
	wants := make([]want, len(split))
	for i, part := range split {
		w := want{gap: gap && i == 0}
		if n := x.sounds.number[part]; n != 0 && len(part) > 1 {
			w.sound, w.weight = n, 0.25+0.75*x.rarity(sound(soundOne, x.sounds.loose[n], 0))
		} else {
			w.prefix, w.weight = part, 0.45
		}
		wants[i] = w
	}
	return wants
}

// whole says whether all parts are syllables.
func (s *sounds) whole(split []string) bool {
	return !slices.ContainsFunc(split, func(part string) bool { return s.number[part] == 0 })
}

// split returns the ways to cut letters into syllables, beginnings of syllables at
// the very end, and single initials, those with the fewest parts first, at most 4.
// A run that holds anything but the letters a to z has none.
func (s *sounds) split(letters string) [][]string {
	if letters == "" || len(letters) > 40 || strings.ContainsFunc(letters, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return nil
	}
	const keep = 4
	type way struct {
		parts []string
		cost  int
	}
	best := make([][]way, len(letters)+1) // ways to cut what lies before
	best[0] = []way{{}}
	for i := range len(letters) {
		if len(best[i]) == 0 {
			continue
		}
		extend := func(end, cost int) {
			for _, w := range best[i] {
				best[end] = append(best[end], way{append(slices.Clone(w.parts), letters[i:end]), w.cost + cost})
			}
			slices.SortStableFunc(best[end], func(a, b way) int { return a.cost - b.cost })
			best[end] = best[end][:min(len(best[end]), keep)]
		}
		for end := min(len(letters), i+6); end > i+1; end-- {
			part := letters[i:end]
			switch {
			case s.number[part] != 0:
				extend(end, 2)
			case end == len(letters) && s.begins(part):
				extend(end, 3) // still being typed
			case part == "zh" || part == "ch" || part == "sh":
				extend(end, 3)
			}
		}
		if letters[i] != 'i' && letters[i] != 'u' && letters[i] != 'v' {
			extend(i+1, 3)
		}
	}
	var out [][]string
	for _, w := range best[len(letters)] {
		out = append(out, w.parts)
	}
	return out
}

// begins says whether a syllable begins so.
func (s *sounds) begins(prefix string) bool {
	return slices.ContainsFunc(s.names[1:], func(name string) bool { return strings.HasPrefix(name, prefix) })
}
