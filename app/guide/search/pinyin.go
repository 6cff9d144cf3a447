package search

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	gopinyin "github.com/mozillazg/go-pinyin"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// syllable is a number of a syllable of Mandarin without its tone; 0 is none.
type syllable uint16

// polyphones are the characters that have several readings in everyday words. Of
// all others only the commonest reading is looked at, the first in the dictionary:
// rare ones, such as li for 位, only make wrong matches.
const polyphones = "重行长调还便单提供处差好转载传降薄弹大干藏血省更曾种着解系卡给发和量强宿率车朝乐都场" +
	"相看为丧兴中没教校角得地觉了几会参分奔尽间将空累难宁切少盛数石说似缩挑吐鲜邪压应与涨正只钻作折曲曝" +
	"仇盖华纪劲隽令轧翟查单冠缝佣"

// maxReadings is how many readings of such a character are looked at.
const maxReadings = 3

// sounds knows the syllables and which characters have them. Made once.
type sounds struct {
	names   []string            // by syllable; [0] is empty
	number  map[string]syllable // by name
	loose   []syllable          // by syllable: the one that stands for all that sound like it
	of      map[rune][]syllable
	words   map[string][]syllable // words with one reading
	longest int                   // of words, in characters
	nearly  nearly
}

//go:embed readings.txt
var readingsFile string

var allSounds = sync.OnceValue(func() *sounds {
	s := &sounds{names: []string{""}, number: map[string]syllable{}, of: make(map[rune][]syllable, 42000), words: map[string][]syllable{}}
	plain := transform.Chain(norm.NFD, runes.Remove(runes.Predicate(isTone)), norm.NFC)
	seen := map[string]syllable{} // with tone -> number
	for r, readings := range gopinyin.PinyinDict {
		most := 1
		if strings.ContainsRune(polyphones, rune(r)) {
			most = maxReadings
		}
		var list []syllable
		for reading := range strings.SplitSeq(readings, ",") {
			n, ok := seen[reading]
			if !ok {
				name, _, err := transform.String(plain, reading)
				if err != nil {
					continue
				}
				n = s.add(strings.ReplaceAll(name, "ü", "v"))
				seen[reading] = n
			}
			if n != 0 && !slices.Contains(list, n) && len(list) < most {
				list = append(list, n)
			}
		}
		if len(list) > 0 {
			s.of[rune(r)] = list
		}
	}
	s.loose = make([]syllable, len(s.names))
	standsFor := map[string]syllable{}
	for n := 1; n < len(s.names); n++ {
		key := looseName(s.names[n])
		if standsFor[key] == 0 {
			standsFor[key] = syllable(n)
		}
		s.loose[n] = standsFor[key]
	}
	s.nearly = s.makeNearly()
	for line := range strings.Lines(readingsFile) {
		word, reading, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(word, "#") {
			continue
		}
		var list []syllable
		for name := range strings.FieldsSeq(reading) {
			n := s.number[strings.ReplaceAll(name, "ü", "v")]
			if n == 0 {
				panic(fmt.Sprintf("search: readings.txt: %s: no syllable %q", word, name))
			}
			list = append(list, n)
		}
		if length := len([]rune(word)); length != len(list) {
			panic(fmt.Sprintf("search: readings.txt: %s has %d characters and %d syllables", word, length, len(list)))
		}
		s.words[word] = list
		s.longest = max(s.longest, len(list))
	}
	return s
})

func isTone(r rune) bool {
	switch r {
	case '\u0300', '\u0301', '\u0304', '\u030c': // the four tones; the umlaut of ü stays
		return true
	}
	return false
}

// add returns the number of a syllable, 0 for what is none, such as "hm".
func (s *sounds) add(name string) syllable {
	if n := s.number[name]; n != 0 {
		return n
	}
	if !strings.ContainsAny(name, "aeiouv") || strings.ContainsFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return 0
	}
	n := syllable(len(s.names))
	s.names = append(s.names, name)
	s.number[name] = n
	return n
}

// looseName is the same for syllables that many people do not tell apart: z and
// zh, c and ch, s and sh, n and l, an and ang, en and eng, in and ing.
func looseName(name string) string {
	for _, p := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"n", "l"}} {
		if rest, ok := strings.CutPrefix(name, p[0]); ok && rest != "" {
			name = p[1] + rest
			break
		}
	}
	for _, p := range []string{"ang", "eng", "ing"} {
		if strings.HasSuffix(name, p) {
			return strings.TrimSuffix(name, "g")
		}
	}
	return name
}

// initialOf is the letter a syllable begins with.
func (s *sounds) initialOf(n syllable) byte { return s.names[n][0] }

// read returns the possible readings of each character, none for what is not
// Chinese. Words that have one reading only get that.
func (s *sounds) read(text []rune) [][]syllable {
	out := make([][]syllable, len(text))
	for i, r := range text {
		if unicode.Is(unicode.Han, r) {
			out[i] = s.of[r]
		}
	}
	for i := 0; i < len(text); i++ {
		for length := min(s.longest, len(text)-i); length > 1; length-- {
			if word, ok := s.words[string(text[i:i+length])]; ok {
				for k := range word {
					out[i+k] = word[k : k+1]
				}
				i += length - 1
				break
			}
		}
	}
	return out
}
