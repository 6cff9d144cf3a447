package escpos

import (
	"errors"
	"fmt"
	"slices"
)

// How characters reach the paper that the printer does not have. On a line of
// normal size they go in line with the text as a picture of columns (ESC *),
// which every clone knows: 72 bytes a character. Enlarged ones are defined as
// the printer's own (FS 2) where the profile allows that, because nothing else
// is enlarged with the text around it. Otherwise the whole line is drawn.

// definable is how many characters of the caller's a printer is trusted to
// keep: the BP-002 manual (p. 44) promises six, others 20 to 94. firstDefined
// is the code of the first one.
const (
	definable    = 6
	firstDefined = 0xFEA1
)

// line encodes one line of text of the given size. definitions come before it,
// before anything of the line is in the print buffer. ok is false when the
// line can only be drawn whole.
func (e *encoder) line(text string, size int, bold bool) (definitions, out []byte, ok bool, err error) {
	set := e.profile.Charset
	if out, ok = encodeLine(text, set); ok {
		return nil, out, true, nil
	}
	if e.drawer == nil {
		if out, ok = encodeLine(withGeta(text, set), set); !ok {
			err = errors.New("this printer's lines are all drawn: a Rasterizer is needed")
		}
		return nil, out, ok, err
	}
	if set == DrawAll || size > 1 && !e.profile.Define {
		return nil, nil, false, nil
	}
	var defined []string
	for _, part := range parts(text, set) {
		switch {
		case !part.rare:
			b, _ := encodeLine(part.text, set)
			out = append(out, b...)
		case size == 1:
			img, err := e.drawRare(part.text, bold)
			if err != nil {
				return nil, nil, false, err
			}
			out = append(out, esc, '*', 33, byte(img.W), byte(img.W>>8))
			out = append(out, columns(img)...)
		default:
			for _, c := range clusters(part.text) {
				i := slices.Index(defined, c)
				if i < 0 {
					i = len(defined)
					if i == definable || Columns(c) != 2 {
						return nil, nil, false, nil
					}
					img, err := e.drawRare(c, bold)
					if err != nil {
						return nil, nil, false, err
					}
					defined = append(defined, c)
					definitions = append(definitions, fs, '2', firstDefined>>8, byte(firstDefined+i))
					definitions = append(definitions, columns(img)...)
				}
				out = append(out, firstDefined>>8, byte(firstDefined+i))
			}
		}
	}
	return definitions, out, true, nil
}

// drawRare draws characters at normal size, exactly as wide as their cells.
func (e *encoder) drawRare(text string, bold bool) (*Bitmap, error) {
	img, err := e.drawer.DrawLine(text, lineHeight, bold)
	if err != nil {
		return nil, fmt.Errorf("drawing %d characters: %w", len(clusters(text)), err)
	}
	drawn, cell := bitmapOf(img), NewBitmap(Columns(text)*halfWidth, lineHeight)
	for y := range cell.H {
		for x := range cell.W {
			if drawn.Black(x, y) {
				cell.Set(x, y)
			}
		}
	}
	return cell, nil
}

// A part of a line is a run of characters that the printer has, or of such as
// it lacks.
type part struct {
	text string
	rare bool
}

func parts(line string, set Charset) []part {
	var all []part
	for _, c := range clusters(line) {
		_, has := encodeLine(c, set)
		if Columns(c) == 0 {
			continue // a mark with nothing to stand on
		}
		if n := len(all); n > 0 && all[n-1].rare == !has {
			all[n-1].text += c
		} else {
			all = append(all, part{text: c, rare: !has})
		}
	}
	return all
}

// clusters cuts text into characters with the marks that combine with them.
func clusters(text string) []string {
	var all []string
	for _, r := range text {
		if n := len(all); n > 0 && runeColumns(r) == 0 {
			all[n-1] += string(r)
		} else {
			all = append(all, string(r))
		}
	}
	return all
}

// columns turns a picture of 24 rows into columns of three bytes, the top in
// the highest bit, without the start of a real-time command.
func columns(b *Bitmap) []byte {
	out := make([]byte, b.W*lineHeight/8)
	for x := range b.W {
		for y := range lineHeight {
			if b.Black(x, y) {
				out[x*lineHeight/8+y/8] |= 0x80 >> (y % 8)
			}
		}
	}
	breakRealTime(out)
	return out
}

// fromColumns is the reverse of columns.
func fromColumns(data []byte) *Bitmap {
	const each = lineHeight / 8
	b := NewBitmap(len(data)/each, lineHeight)
	for x := range b.W {
		for y := range lineHeight {
			if data[x*each+y/8]&(0x80>>(y%8)) != 0 {
				b.Set(x, y)
			}
		}
	}
	return b
}

// definedRune is the private-use character that stands for firstDefined in
// GB 18030-2005 (user-defined area 2 begins at F8A1 with U+E234); the library's
// tables have none for it.
const definedRune = 0xE234 + (0xFE-0xF8)*94

// DefinedCode gives the two bytes that a private-use character of an OpText
// had, as the N of the OpDefine that says how it looks. ok is false for a
// character that no OpDefine can be about.
func DefinedCode(r rune) (code int, ok bool) {
	if r < definedRune || r > definedRune+0xFE-0xA1 {
		return 0, false
	}
	return firstDefined + int(r-definedRune), true
}
