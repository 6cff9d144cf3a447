// Package handwriting recognises single Chinese characters from the strokes of a
// finger, offline. The terminal asks it after every stroke on the pad and shows
// what it answers; it learns nothing, stores nothing and never sees more than one
// character at a time.
//
// It is a build option: with the tag handwriting, which the Makefile sets, the
// program carries strokes.model (3.5 MB; no cgo, no Debian packages). Without the tag
// [Open] returns [ErrNone], and the screens offer no handwriting. `go generate
// ./app/kiosk/handwriting` makes the model anew from the npm package
// hanzi-writer-data. It is derived from fonts of Arphic Technology and stands under
// the Arphic Public License, which lies beside it and has to be passed on with it.
//
// # How it works
//
// A character becomes 512 numbers: how much ink lies in each of 8×8 places in each
// of 8 directions, after its strokes were moved and stretched to a common middle
// and size. The way of the finger through the air counts as faint ink, so a stroke
// joined to the next looks much like two. The model holds these numbers for the
// 6,763 characters of GB 2312, made from the middle lines of a font's strokes; the
// most similar ones are the answer. These are well-known means: normalisation by
// moments, eight directional features, imaginary strokes (C.-L. Liu and others,
// "Online and offline handwritten Chinese character recognition: benchmarking on
// new databases", Pattern Recognition 46, 2013).
//
// # What was compared
//
// zinnia 0.06 with tegaki-zinnia-simplified-chinese 0.3 (Debian 12; C++ behind
// cgo, 26 MB of model, BSD and LGPL) was the first choice: small, free, packaged.
// Its model was learnt from one sample of each character and counts strokes: it
// takes a joined stroke, or 辶 written last as schools teach it, for another
// character. Both were given the same strokes: 361 of the 500 most frequent
// characters, as KanjiVG draws them, which is another hand than the model's; and 76
// characters that two people wrote for the Tegaki project. The right character was
// first, and among five:
//
//	                               zinnia         this package
//	KanjiVG                        72 %, 84 %     97 %, 99 %
//	… every tenth stroke joined    41 %, 49 %     96 %, 99 %
//	… every third stroke joined    12 %, 15 %     92 %, 98 %
//	… every fifth out of order     42 %, 52 %     93 %, 98 %
//	written by people              47 %, 69 %     73 %, 90 %
//
// The constants of this package were chosen with these samples in view, so they
// flatter it a little; the distance is what decided. TestKanjiVG and TestWritten
// measure both again. Cursive writing (行书) is beyond it.
//
// Not measured, for reasons that come first: HanziLookup and its ports (LGPL;
// JavaScript, Rust) match strokes of the same source one after the other, in the
// order of the schools, and would have to be carried over into Go. Neural models in
// ONNX read cursive writing better, but need a runtime of their own behind cgo, of
// 15 MB and more, and are trained on CASIA's samples, which are free for research
// only.
//
// For whole sentences (complaints) pinyin is the better way: librime with its
// luna_pinyin_simp schema (BSD; Debian's librime-dev and rime-data-luna-pinyin),
// through its C interface, as a build option of its own. It is what Linux desktops
// type Chinese with, works offline, keeps whole phrases together and takes 模糊音
// as a setting. It is not part of this package.
package handwriting

//go:generate go run mkmodel/main.go

import (
	"errors"
	"fmt"
)

// ErrNone is returned by [Open] when the program was built without a model.
var ErrNone = errors.New("handwriting: the program was built without a model (tag handwriting)")

// Point is a place on the pad, in thousandths of its width and height: 0–1000,
// from the upper left corner. Only places relative to each other count.
type Point struct{ X, Y int }

// Stroke is one stroke of a finger: points in the order drawn.
type Stroke []Point

// Recogniser recognises characters. It is for one goroutine at a time.
type Recogniser struct {
	m     *model
	ink   ink
	query [size]int32
}

// Open returns a recogniser with the model the program carries, or [ErrNone]. It
// takes a few milliseconds; recognisers share the model's memory (3.5 MB).
func Open() (*Recogniser, error) {
	if len(embedded) == 0 {
		return nil, ErrNone
	}
	return New(embedded)
}

// New returns a recogniser with a model written by [WriteModel]. It keeps the bytes
// and does not change them. A model that is cut off or damaged is an error.
func New(b []byte) (*Recogniser, error) {
	m, err := readModel(b)
	if err != nil {
		return nil, fmt.Errorf("handwriting: model of %d bytes: %w", len(b), err)
	}
	return &Recogniser{m: m}, nil
}

// Len is how many characters the recogniser knows.
func (r *Recogniser) Len() int { return len(r.m.chars) }

// Characters returns at most n characters that the strokes may be, likeliest first:
// none for no strokes, n otherwise, however little they look like a character. It
// takes a few milliseconds whatever the strokes; what is beyond any character's
// length is not looked at.
func (r *Recogniser) Characters(strokes []Stroke, n int) []string {
	var out []string
	for _, g := range r.rank(strokes, n) {
		out = append(out, string(g.char))
	}
	return out
}

// guess is a character and how similar the strokes are to it, 0–1.
type guess struct {
	char       rune
	similarity float32
}

// rank returns the n most similar characters, most similar first.
func (r *Recogniser) rank(strokes []Stroke, n int) []guess {
	n = min(n, len(r.m.chars))
	if n <= 0 || !r.ink.lay(strokes) {
		return nil
	}
	length := quantise(&r.ink.cells, &r.query)
	best := make([]guess, 0, n+1)
	for i, c := range r.m.chars {
		s := float32(dot(&r.query, r.m.at(i))) / (length * r.m.lengths[i])
		if len(best) == n && s <= best[n-1].similarity {
			continue
		}
		at := len(best)
		best = append(best, guess{})
		for ; at > 0 && best[at-1].similarity < s; at-- {
			best[at] = best[at-1]
		}
		best[at] = guess{c, s}
		best = best[:min(n, len(best))]
	}
	return best
}

// dot is the scalar product. Eight at a time saves a third of the time.
func dot(a *[size]int32, b []uint8) int32 {
	var s0, s1, s2, s3 int32
	b = b[:size]
	for i := 0; i < size; i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		s0 += x[0]*int32(y[0]) + x[1]*int32(y[1])
		s1 += x[2]*int32(y[2]) + x[3]*int32(y[3])
		s2 += x[4]*int32(y[4]) + x[5]*int32(y[5])
		s3 += x[6]*int32(y[6]) + x[7]*int32(y[7])
	}
	return s0 + s1 + s2 + s3
}
