package handwriting_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/kiosk/handwriting"
)

// plain are characters written down here, so that the recogniser can be tried
// without any model: each stroke a chain of places, x and y from 0 to 9.
var plain = map[rune]string{
	'一': "05-95", '二': "22-82 07-97", '三': "11-81 24-74 08-98", '十': "04-94 50-59",
	'土': "23-73 51-59 09-99", '王': "11-81 25-75 51-59 09-99", '人': "50-45-09 44-99",
	'大': "03-93 50-45-09 55-99", '口': "12-18 12-82-88 18-88", '日': "20-29 20-80-89 25-85 29-89",
	'木': "03-93 50-59 53-08 53-98", '中': "12-16 12-82-86 16-86 50-59", '小': "50-59-48 33-17 73-87",
	'工': "11-81 51-58 08-98", '上': "50-58 53-83 08-98", '下': "01-91 51-59 54-76",
	'八': "31-08 61-98", '山': "50-58 14-18-88 84-88", '川': "10-28 50-57 80-89",
}

func strokes(s string) []handwriting.Stroke {
	var out []handwriting.Stroke
	for _, part := range strings.Fields(s) {
		var st handwriting.Stroke
		for p := range strings.SplitSeq(part, "-") {
			st = append(st, handwriting.Point{X: 50 + int(p[0]-'0')*100, Y: 50 + int(p[1]-'0')*100})
		}
		out = append(out, st)
	}
	return out
}

func plainModel(t testing.TB) []byte {
	t.Helper()
	var templates []handwriting.Template
	for c, s := range plain {
		templates = append(templates, handwriting.Template{Char: c, Strokes: strokes(s)})
	}
	slices.SortFunc(templates, func(a, b handwriting.Template) int { return int(a.Char - b.Char) })
	var b bytes.Buffer
	if err := handwriting.WriteModel(&b, "written for a test", templates); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func recogniser(t testing.TB) *handwriting.Recogniser {
	t.Helper()
	r, err := handwriting.New(plainModel(t))
	if err != nil {
		t.Fatal(err)
	}
	if r.Len() != len(plain) {
		t.Fatalf("%d characters, want %d", r.Len(), len(plain))
	}
	return r
}

func TestPlainCharacters(t *testing.T) {
	r := recogniser(t)
	hands := []hand{
		{}, {size: 0.15, shift: 400}, {tremble: 8, dense: true}, {turn: 8, apart: 20}, {slant: 0.15, bend: 25},
		{joined: 1}, // all in one stroke
	}
	for c, s := range plain {
		for i, h := range hands {
			got := r.Characters(h.write(int(c)+i, strokes(s)), 3)
			if len(got) != 3 || got[0] != string(c) {
				t.Errorf("%c, hand %+v: %q", c, h, got)
			}
		}
	}
}

func TestCharactersAsked(t *testing.T) {
	r := recogniser(t)
	ten := strokes(plain['十'])
	for name, c := range map[string]struct {
		strokes []handwriting.Stroke
		n, want int
	}{
		"no strokes":     {nil, 5, 0},
		"empty strokes":  {[]handwriting.Stroke{{}, {}}, 5, 0},
		"one point":      {[]handwriting.Stroke{{{500, 500}}}, 5, 5},
		"the same point": {[]handwriting.Stroke{{{500, 500}, {500, 500}, {500, 500}}}, 5, 5},
		"none asked":     {ten, 0, 0},
		"fewer than any": {ten, -1, 0},
		"more than all":  {ten, 1000, len(plain)},
		"far away":       {[]handwriting.Stroke{{{-1 << 62, 1 << 62}, {1 << 62, -1 << 62}}}, 5, 5},
	} {
		got := r.Characters(c.strokes, c.n)
		if len(got) != c.want {
			t.Errorf("%s: %q, want %d", name, got, c.want)
		}
		if s := slices.Clone(got); len(slices.Compact(slices.Sorted(slices.Values(s)))) != len(got) {
			t.Errorf("%s: a character twice in %q", name, got)
		}
	}
	if a, b := r.Characters(ten, 5), r.Characters(ten, 5); !slices.Equal(a, b) {
		t.Errorf("the same strokes: %q and %q", a, b)
	}
}

// Endless scribbling takes a bounded time (without the bound, it would be seconds),
// and nothing of it stays.
func TestEndlessScribbling(t *testing.T) {
	r := recogniser(t)
	long := make(handwriting.Stroke, 200_000)
	for i := range long {
		long[i] = handwriting.Point{X: i * 7919 % 1000, Y: i * 104729 % 1000}
	}
	many := make([]handwriting.Stroke, 20_000)
	for i := range many {
		many[i] = long[i*10 : i*10+10]
	}
	for name, s := range map[string][]handwriting.Stroke{"one stroke": {long}, "many strokes": many} {
		best := time.Hour
		for range 5 {
			from := time.Now()
			r.Characters(s, 5)
			best = min(best, time.Since(from))
		}
		if best > time.Second/2 {
			t.Errorf("%s: %v", name, best)
		}
	}
	if got := r.Characters(strokes(plain['木']), 1); !slices.Equal(got, []string{"木"}) {
		t.Errorf("afterwards: %q", got)
	}
}

func TestModelsThatAreRefused(t *testing.T) {
	good := plainModel(t)
	sum := func(b []byte) []byte {
		return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	}
	change := func(at int, with ...byte) []byte {
		b := slices.Clone(good[:len(good)-4])
		copy(b[at:], with)
		return sum(b)
	}
	notice := 8 + 4 + len("written for a test")
	for name, b := range map[string][]byte{
		"nothing":                nil,
		"another file":           []byte("PK\x03\x04 something else entirely"),
		"another version":        change(0, 'h', 'k', 'h', 'a', 'n', 'd', '9', '9'),
		"cut off":                good[:len(good)-100],
		"a bit turned":           append(slices.Clone(good[:100]), append([]byte{good[100] ^ 1}, good[101:]...)...),
		"an endless notice":      change(8, 0xFF, 0xFF, 0xFF, 0xFF),
		"too many characters":    change(notice, 0xFF, 0xFF, 0xFF, 0xFF),
		"one character too many": change(notice, byte(len(plain)+1)),
		"no character":           sum(slices.Concat(good[:notice], []byte{0, 0, 0, 0})),
		"a surrogate":            change(notice+4, 0x00, 0xD8, 0, 0),
		"characters not sorted":  change(notice+4, 0xFF, 0xFF, 0, 0),
	} {
		if _, err := handwriting.New(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := handwriting.New(change(8)); err != nil {
		t.Errorf("nothing changed: %v", err)
	}
}

func TestTemplatesThatAreRefused(t *testing.T) {
	one := strokes(plain['一'])
	for name, templates := range map[string][]handwriting.Template{
		"twice":      {{'一', one}, {'一', one}},
		"descending": {{'二', one}, {'一', one}},
		"no strokes": {{'一', nil}},
	} {
		if handwriting.WriteModel(&bytes.Buffer{}, "", templates) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestOpen(t *testing.T) {
	r, err := handwriting.Open()
	if errors.Is(err, handwriting.ErrNone) {
		t.Skip("NOT TESTED: built without the tag handwriting")
	}
	if err != nil {
		t.Fatal(err)
	}
	if r.Len() != 6763 {
		t.Errorf("%d characters, want the 6763 of GB 2312", r.Len())
	}
	if got := r.Characters(strokes(plain['木']), 1); !slices.Equal(got, []string{"木"}) {
		t.Errorf("木: %q", got)
	}
}

// Whatever the strokes: as many different characters as asked, none for no ink.
func FuzzCharacters(f *testing.F) {
	f.Add([]byte{}, 5)
	f.Add([]byte{10, 10}, 5)
	f.Add([]byte{10, 10, 0, 0, 200, 200, 10, 200}, 3)
	f.Add(bytes.Repeat([]byte{1, 255, 255, 1}, 3000), 5)
	f.Add([]byte{0, 0, 0, 0, 0, 0}, 1)
	r := recogniser(f)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		// Two bytes are a place; two zeros end a stroke.
		all, ink := []handwriting.Stroke{nil}, false
		for ; len(b) >= 2; b = b[2:] {
			if b[0] == 0 && b[1] == 0 {
				all = append(all, nil)
				continue
			}
			last := len(all) - 1
			all[last] = append(all[last], handwriting.Point{X: int(b[0])*8 - 500, Y: int(b[1])*8 - 500})
			ink = true
		}
		want := 0
		if ink {
			want = max(0, min(n, len(plain)))
		}
		got := r.Characters(all, n)
		if len(got) != want {
			t.Fatalf("%d characters, want %d", len(got), want)
		}
		for i, c := range got {
			if slices.Index(got, c) != i || plain[[]rune(c)[0]] == "" {
				t.Fatalf("%q", got)
			}
		}
		if s := r.Similarity(all); s < 0 || s > 1.0001 || s != s {
			t.Fatalf("similarity %v", s)
		}
	})
}

func FuzzModel(f *testing.F) {
	good := plainModel(f)
	f.Add(good)
	f.Add(good[:60])
	f.Add([]byte("hkhand01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, b := range [][]byte{b, binary.LittleEndian.AppendUint32(slices.Clone(b), crc32.ChecksumIEEE(b))} {
			if r, err := handwriting.New(b); err == nil {
				if got := r.Characters(strokes(plain['木']), 5); len(got) != min(5, r.Len()) {
					t.Errorf("%d of %d characters", len(got), r.Len())
				}
			}
		}
	})
}
