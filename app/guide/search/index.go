package search

import (
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
)

// Document is a matter as far as it is searched.
type Document struct {
	ID   string
	Name string
	// English is its English name; may be empty.
	English string
	// Aliases are other names: short ones, old ones, those people use.
	Aliases []string
	// Department, and Tags such as themes and life events: to filter by, and
	// searched with little weight.
	Department string
	Tags       []string
	// Words are further texts, such as a summary: searched with little weight.
	Words []string
	// Codes are numbers it is known by, searched as typed, from four digits.
	Codes []string
	// Rank says how often it is asked for, 0 (seldom or unknown) to 1. Of matters
	// that fit a query equally well, the higher comes first.
	Rank float32
}

// Index is what a catalogue is searched with. It is never changed and may be used
// from any goroutine.
type Index struct {
	docs     []document
	postings map[token][]uint32
	words    []string // of other scripts, sorted, for the beginnings of words
	synonyms Synonyms
	sounds   *sounds
	work     sync.Pool // of *work
}

// document is a Document prepared for comparing.
type document struct {
	id         string
	titles     []title // the name first, then the aliases
	department string
	tags       []string
	codes      []string
	rank       float32
}

// longestTitle is how many characters of a title are looked at.
const longestTitle = 1000

// title is a name as a row of units.
type title struct {
	units []unit
	alias bool
}

// unit is a character of a title: Chinese with its readings, or a word of another
// script.
type unit struct {
	han     rune // 0 for a word
	read    [maxReadings]syllable
	reads   uint8  // how many of read there are
	word    uint32 // its place in Index.words, from 1; 0 for Chinese
	at, end uint16 // in runes of the text, for showing what was found
}

func (u *unit) readings() []syllable { return u.read[:u.reads] }

// token is something that can be recognised in a text: its kind and its content.
type token uint64

// Kinds of tokens.
const (
	hanOne     token = (iota + 1) << 56 // a character of a title
	hanTwo                              // two in a row
	hanOther                            // two in a row of a text beside the titles
	soundOne                            // a syllable of a title, loosely
	soundTwo                            // two in a row
	initialOne                          // the initial a title begins with
	initialTwo                          // two in a row
	initialThree
	wordOf // a word of another script, by its number in Index.words
)

func pair(kind token, a, b rune) token      { return kind | token(a)<<24 | token(b) }
func sound(kind token, a, b syllable) token { return kind | token(a)<<16 | token(b) }
func initials(kind token, a, b, c byte) token {
	return kind | token(a)<<16 | token(b)<<8 | token(c)
}

// New makes the index of a catalogue: about 15 µs a matter.
func New(docs []Document, synonyms Synonyms) *Index { return newIndex(docs, synonyms, allSounds()) }

func newIndex(docs []Document, synonyms Synonyms, sounds *sounds) *Index {
	x := &Index{docs: make([]document, len(docs)), postings: map[token][]uint32{}, synonyms: synonyms, sounds: sounds}
	x.work.New = func() any { return &work{scores: make([]float32, len(docs))} }
	words := map[string]uint32{} // numbered as they come, from 1
	for i, d := range docs {
		k := document{id: d.ID, department: d.Department, tags: d.Tags, codes: d.Codes, rank: d.Rank}
		k.titles = append(k.titles, x.title(d.Name, false, words))
		for _, a := range d.Aliases {
			k.titles = append(k.titles, x.title(a, true, words))
		}
		if d.English != "" {
			k.titles = append(k.titles, x.title(d.English, true, words))
		}
		x.docs[i] = k
	}
	x.words = slices.Sorted(maps.Keys(words))
	place := make([]uint32, len(words)+1)
	for at, w := range x.words {
		place[words[w]] = uint32(at + 1)
	}
	for i := range x.docs {
		for _, t := range x.docs[i].titles {
			for k := range t.units {
				t.units[k].word = place[t.units[k].word]
			}
		}
	}
	for i := range x.docs {
		x.post(uint32(i), &docs[i])
	}
	for t, list := range x.postings {
		if cap(list)-len(list) > len(list)/8 {
			x.postings[t] = slices.Clone(list)
		}
	}
	return x
}

// Len is the number of matters.
func (x *Index) Len() int { return len(x.docs) }

func (x *Index) title(s string, alias bool, words map[string]uint32) title {
	text := []rune(s)
	text = text[:min(len(text), longestTitle)]
	readings := x.sounds.read(text)
	t := title{alias: alias, units: make([]unit, 0, len(text))}
	for i := 0; i < len(text); {
		r := fold(text[i])
		switch {
		case unicode.Is(unicode.Han, r):
			u := unit{han: r, at: uint16(i), end: uint16(i + 1)}
			u.reads = uint8(copy(u.read[:], readings[i]))
			t.units = append(t.units, u)
			i++
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			end := i
			var letters []rune
			for end < len(text) && !unicode.Is(unicode.Han, text[end]) && (unicode.IsLetter(text[end]) || unicode.IsDigit(text[end])) {
				letters = append(letters, fold(text[end]))
				end++
			}
			word := string(letters)
			if words[word] == 0 {
				words[word] = uint32(len(words) + 1)
			}
			t.units = append(t.units, unit{word: words[word], at: uint16(i), end: uint16(end)})
			i = end
		default:
			i++
		}
	}
	if cap(t.units) > len(t.units)+4 {
		t.units = slices.Clone(t.units) // an English title has fewer words than letters
	}
	return t
}

// post enters a matter into the postings of all its tokens.
func (x *Index) post(n uint32, d *Document) {
	add := func(t token) {
		list := x.postings[t]
		if len(list) == 0 || list[len(list)-1] != n {
			x.postings[t] = append(list, n)
		}
	}
	for _, t := range x.docs[n].titles {
		for i, u := range t.units {
			if u.word != 0 {
				add(wordOf | token(u.word-1))
				continue
			}
			add(hanOne | token(u.han))
			for _, a := range u.readings() {
				add(sound(soundOne, x.sounds.loose[a], 0))
				if i == 0 {
					add(initials(initialOne, x.sounds.initialOf(a), 0, 0))
				}
			}
			if i+1 == len(t.units) || t.units[i+1].han == 0 {
				continue
			}
			next := t.units[i+1]
			add(pair(hanTwo, u.han, next.han))
			var after []syllable
			if i+2 < len(t.units) {
				after = t.units[i+2].readings()
			}
			for _, a := range u.readings() {
				for _, b := range next.readings() {
					add(sound(soundTwo, x.sounds.loose[a], x.sounds.loose[b]))
					add(initials(initialTwo, x.sounds.initialOf(a), x.sounds.initialOf(b), 0))
					for _, c := range after {
						add(initials(initialThree, x.sounds.initialOf(a), x.sounds.initialOf(b), x.sounds.initialOf(c)))
					}
				}
			}
		}
	}
	other := func(s string) {
		last := rune(0)
		for _, r := range s {
			if !unicode.Is(unicode.Han, r) {
				last = 0
				continue
			}
			if last != 0 {
				add(pair(hanOther, last, r))
			}
			last = r
		}
	}
	other(d.Department)
	for _, s := range d.Tags {
		other(s)
	}
	for _, s := range d.Words {
		other(s)
	}
}

// rarity is how much it says that a matter has a token: 0 when all have it, about
// 1 when very few do.
func (x *Index) rarity(t token) float32 {
	n := len(x.postings[t])
	if n == 0 {
		return 1
	}
	all := float64(len(x.docs))
	return float32(math.Log(1+all/float64(n)) / math.Log(2+all))
}

// wordsFrom are the numbers of the words that begin with s, at most 64.
func (x *Index) wordsFrom(s string) []token {
	from := sort.SearchStrings(x.words, s)
	var out []token
	for i := from; i < len(x.words) && len(out) < 64 && strings.HasPrefix(x.words[i], s); i++ {
		out = append(out, wordOf|token(i))
	}
	return out
}

// fold makes characters that mean the same one: capitals small, full-width ones
// narrow.
func fold(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		r -= 0xFEE0
	}
	if r < unicode.MaxASCII {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}
