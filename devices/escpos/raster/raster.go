// Package raster draws lines of text as printer dots, from font files.
//
// It is the Rasterizer for package escpos: the kiosk gives it the fonts it
// carries, and a name with a rare character comes out on paper although the
// printer has never heard of that character. It is apart from escpos so that
// programs which only decode print jobs carry no font engine. It never reads
// files and never chooses fonts.
//
// Characters stand in the cells a printer would put them in. Outlines come
// from golang.org/x/image/font/sfnt, which reads TrueType and CFF fonts; its
// ready-made opentype faces were not used because they cannot narrow a Latin
// letter to half a cell.
package raster

import (
	"fmt"
	"image"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"hallkiosk/devices/escpos"
)

const (
	// geta stands for a character that the font lacks.
	geta = '〓'
	// maxHeight is eight times a normal line; maxCells is wider than paper.
	maxHeight = 256
	maxCells  = 512
	// threshold is the coverage, of 255, from which a dot is printed. Below
	// one half, because thin strokes break up otherwise.
	threshold = 112
	// ascent is the part of the em box above the baseline in fonts for
	// Chinese (OpenType's ideographic em box).
	ascent = 0.88
)

// Font draws lines. Its methods may be called from several goroutines.
type Font struct {
	mu            sync.Mutex
	regular, bold *sfnt.Font
	buf           sfnt.Buffer
}

// New reads the fonts, OpenType with TrueType or CFF outlines. They are used
// in place: do not change the bytes afterwards. bold may be nil; bold text is
// then regular text with thicker strokes.
func New(regular, bold []byte) (*Font, error) {
	f := &Font{}
	var err error
	if f.regular, err = sfnt.Parse(regular); err != nil {
		return nil, fmt.Errorf("raster: regular font of %d bytes: %w", len(regular), err)
	}
	if bold != nil {
		if f.bold, err = sfnt.Parse(bold); err != nil {
			return nil, fmt.Errorf("raster: bold font of %d bytes: %w", len(bold), err)
		}
	}
	return f, nil
}

// DrawLine draws text on one line of heightDots, 8 to 256 dots. A
// non-ASCII character has a cell as wide as high, an ASCII one half of that;
// a wider letter is narrowed to its cell. A character that the font lacks is
// drawn as 〓.
func (f *Font) DrawLine(text string, heightDots int, bold bool) (image.Image, error) {
	if heightDots < 8 || heightDots > maxHeight {
		return nil, fmt.Errorf("raster: line of %d dots: use 8 to %d", heightDots, maxHeight)
	}
	half := heightDots / 2
	cells := escpos.Columns(text)
	if cells > maxCells {
		return nil, fmt.Errorf("raster: line of %d columns: at most %d", cells, maxCells)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	face, thicken := f.regular, bold && f.bold == nil
	if bold && f.bold != nil {
		face = f.bold
	}
	out := escpos.NewBitmap(cells*half, heightDots)
	pen, last := 0, 0 // left edges of the next cell and of the one before it
	for _, r := range text {
		w := escpos.Columns(string(r)) * half
		x := pen
		if w == 0 { // a combining mark belongs on the cell before it
			x, w = last, pen-last
		}
		if w == 0 {
			continue
		}
		if err := f.glyph(out, face, r, x, w, thicken); err != nil {
			return nil, fmt.Errorf("raster: drawing U+%04X: %w", r, err)
		}
		last, pen = x, max(pen, x+w)
	}
	return out, nil
}

// glyph draws one character into its cell.
func (f *Font) glyph(dst *escpos.Bitmap, face *sfnt.Font, r rune, x, w int, thicken bool) error {
	if unicode.IsSpace(r) {
		return nil
	}
	index, err := face.GlyphIndex(&f.buf, r)
	if err != nil {
		return err
	}
	if index == 0 {
		if index, err = face.GlyphIndex(&f.buf, geta); err != nil {
			return err
		}
	}
	h := dst.H
	ppem := fixed.I(h)
	advance, err := face.GlyphAdvance(&f.buf, index, ppem, font.HintingNone)
	if err != nil {
		return err
	}
	segments, err := face.LoadGlyph(&f.buf, index, ppem, nil)
	if err != nil {
		return err
	}
	scale, offset := float32(1), float32(0)
	if a := float32(advance) / 64; a > float32(w) {
		scale = float32(w) / a
	} else {
		offset = (float32(w) - a) / 2
	}
	z := vector.NewRasterizer(w, h)
	at := func(p fixed.Point26_6) (float32, float32) {
		return offset + scale*float32(p.X)/64, float32(h)*ascent + float32(p.Y)/64
	}
	for _, s := range segments {
		x0, y0 := at(s.Args[0])
		x1, y1 := at(s.Args[1])
		x2, y2 := at(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			z.ClosePath()
			z.MoveTo(x0, y0)
		case sfnt.SegmentOpLineTo:
			z.LineTo(x0, y0)
		case sfnt.SegmentOpQuadTo:
			z.QuadTo(x0, y0, x1, y1)
		case sfnt.SegmentOpCubeTo:
			z.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	z.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, w, h))
	z.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	stroke := 1
	if thicken {
		stroke += max(h/24, 1)
	}
	for my := range h {
		for mx := range w {
			if mask.Pix[my*mask.Stride+mx] < threshold {
				continue
			}
			for i := range stroke {
				if mx+i < w { // stay in the cell
					dst.Set(x+mx+i, my)
				}
			}
		}
	}
	return nil
}
