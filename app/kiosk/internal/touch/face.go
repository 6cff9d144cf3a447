package touch

import (
	"fmt"
	"strings"
	"sync"

	"github.com/go-text/typesetting/segmenter"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"hallkiosk/assets"
)

// Face measures and breaks text in one of the bundled fonts. It reads the font's
// tables where they lie, so it costs next to nothing beside the copy that Fyne
// parses, and may be used from any goroutine.
//
// Widths are sums of advances. Fyne also kerns, which makes Latin text narrower
// by a hair; a test holds the two together.
type Face struct {
	font *sfnt.Font
	upem float32

	mu       sync.Mutex
	buf      sfnt.Buffer
	advances map[rune]float32 // em; -1 = the font has no glyph
}

// Faces are the two weights that text is set in.
type Faces struct{ Regular, Bold *Face }

// LoadFaces opens the bundled fonts. It fails only when the program was built
// with files that are not OpenType fonts.
func LoadFaces() (*Faces, error) {
	regular, err := newFace(assets.FontRegular)
	if err != nil {
		return nil, fmt.Errorf("touch: regular font: %w", err)
	}
	bold, err := newFace(assets.FontBold)
	if err != nil {
		return nil, fmt.Errorf("touch: bold font: %w", err)
	}
	return &Faces{regular, bold}, nil
}

// Of returns the face of the weight.
func (f *Faces) Of(bold bool) *Face {
	if bold {
		return f.Bold
	}
	return f.Regular
}

func newFace(data []byte) (*Face, error) {
	f, err := sfnt.Parse(data)
	if err != nil {
		return nil, err
	}
	return &Face{font: f, upem: float32(f.UnitsPerEm()), advances: make(map[rune]float32)}, nil
}

// Has says whether the font has a glyph for the character.
func (f *Face) Has(r rune) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.advance(r) >= 0
}

// Width is the width of the text at the size, in the unit of the size. A
// character the font lacks counts as one em, which is what stands in for it.
func (f *Face) Width(s string, size float32) float32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.width([]rune(s)) * size
}

// width is in em. The caller holds mu.
func (f *Face) width(rs []rune) float32 {
	var w float32
	for _, r := range rs {
		if a := f.advance(r); a >= 0 {
			w += a
		} else {
			w++
		}
	}
	return w
}

// advance is in em, -1 without a glyph. The caller holds mu.
func (f *Face) advance(r rune) float32 {
	if a, ok := f.advances[r]; ok {
		return a
	}
	a := float32(-1)
	if g, err := f.font.GlyphIndex(&f.buf, r); err == nil && g != 0 {
		ppem := fixed.I(int(f.upem))
		if adv, err := f.font.GlyphAdvance(&f.buf, g, ppem, font.HintingNone); err == nil {
			a = float32(adv) / 64 / f.upem
		}
	}
	// The characters of a hall are a few thousand; names on cards add more over
	// the years a terminal runs.
	if len(f.advances) > 20000 {
		clear(f.advances)
	}
	f.advances[r] = a
	return a
}

// Wrap breaks the text into lines no wider than width at the size, between
// words and Han characters as Unicode's line breaking rules allow (no line
// begins with 。or ends with （). A word wider than a line is broken between
// characters rather than cut. Newlines in the text are kept. An empty text has
// no lines; width must be at least one em.
func (f *Face) Wrap(s string, size, width float32) []string {
	lines, _ := f.wrap(s, size, width)
	return lines
}

// wrap says also whether a word had to be broken.
func (f *Face) wrap(s string, size, width float32) (lines []string, broken bool) {
	if s == "" {
		return nil, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	limit := max(1, width/size)
	var (
		line []rune
		used float32
	)
	flush := func() {
		lines = append(lines, strings.TrimRight(string(line), " \n\r"))
		line, used = line[:0], 0
	}
	runes := []rune(s)
	var seg segmenter.Segmenter
	seg.Init(runes)
	for it := seg.LineIterator(); it.Next(); {
		piece := it.Line()
		// A trailing space may hang over the edge: it is not drawn.
		w := f.width(trimSpace(piece.Text))
		if used > 0 && used+w > limit+1e-4 {
			flush()
		}
		for _, r := range piece.Text {
			a := f.width([]rune{r})
			if w > limit && used+a > limit && r != ' ' {
				flush() // a word wider than a line
				broken = true
			}
			line = append(line, r)
			used += a
		}
		if piece.IsMandatoryBreak && piece.Offset+len(piece.Text) < len(runes) {
			flush()
		}
	}
	if len(line) > 0 {
		flush()
	}
	return lines, broken
}

// Balance wraps like Wrap, in as few lines, and makes the lines about equally
// long: no last line of a single character.
func (f *Face) Balance(s string, size, width float32) []string {
	best := f.Wrap(s, size, width)
	if len(best) < 2 {
		return best
	}
	for _, ends := range []string{"，。；：！？\n", "，。；：！？、\n"} {
		if clauses := f.clauses(s, ends, size, width); len(clauses) == len(best) {
			return clauses
		}
	}
	low, high := width/float32(len(best))*0.8, width
	for range 6 {
		mid := (low + high) / 2
		if lines, broken := f.wrap(s, size, mid); len(lines) == len(best) && !broken {
			best, high = lines, mid
		} else {
			low = mid
		}
	}
	return best
}

// clauses wraps only behind one of the characters in ends, nil if one does not fit a line: that is
// where a reader takes breath.
func (f *Face) clauses(s, ends string, size, width float32) []string {
	var lines []string
	line, start := "", 0
	rs := []rune(s)
	for i, r := range rs {
		if i+1 < len(rs) && !strings.ContainsRune(ends, r) {
			continue
		}
		clause := string(rs[start : i+1])
		start = i + 1
		if line != "" && (strings.HasSuffix(line, "\n") || f.Width(line+clause, size) > width) {
			lines, line = append(lines, strings.TrimRight(line, " \n")), ""
		}
		line += clause
		if f.Width(strings.TrimRight(line, " \n"), size) > width {
			return nil
		}
	}
	return append(lines, strings.TrimRight(line, " \n"))
}

// Elide returns the text if it fits the width at the size, else as much of its
// end as fits behind an ellipsis, or of its beginning before one. For texts that
// stand in full elsewhere.
func (f *Face) Elide(s string, size, width float32, keepEnd bool) string {
	if f.Width(s, size) <= width {
		return s
	}
	rs := []rune(s)
	for len(rs) > 1 {
		cut := string(rs[:len(rs)-1]) + "…"
		if keepEnd {
			cut = "…" + string(rs[1:])
			rs = rs[1:]
		} else {
			rs = rs[:len(rs)-1]
		}
		if f.Width(cut, size) <= width {
			return cut
		}
	}
	return "…"
}

// Shorten returns the text if it fits n lines of the width at the size, else its
// beginning and end around an ellipsis: names of matters often differ in their
// last words only. For texts that stand in full elsewhere.
func (f *Face) Shorten(s string, size, width float32, n int) string {
	if len(f.Wrap(s, size, width)) <= n {
		return s
	}
	rs := []rune(s)
	best, low, high := "…", 2, len(rs)
	for low < high { // the most characters that fit
		keep := (low + high) / 2
		head := (keep + 1) / 2
		short := string(rs[:head]) + "…" + string(rs[len(rs)-keep+head:])
		if len(f.Wrap(short, size, width)) <= n {
			best, low = short, keep+1
		} else {
			high = keep
		}
	}
	return best
}

func trimSpace(rs []rune) []rune {
	for len(rs) > 0 && (rs[len(rs)-1] == ' ' || rs[len(rs)-1] == '\n' || rs[len(rs)-1] == '\r') {
		rs = rs[:len(rs)-1]
	}
	return rs
}
