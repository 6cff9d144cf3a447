package simulator

import (
	"fmt"
	"strings"

	"hallkiosk/devices/escpos"
)

// paperColumns is the width of 80 mm paper in half characters.
const paperColumns = 48

// A Paper is one piece of paper that came out of the printer.
type Paper struct {
	// Raw is what the printer worked off for it.
	Raw []byte
	// Lines are the lines of text in order; a picture is a line of its own:
	// "[picture 222x222]", and so is a QR code the printer drew: "[qr
	// 174x174]". A character that was sent as dots, or defined by the program,
	// is □.
	Lines []string
	// Pictures are the pictures in order, also of such characters and QR
	// codes. Bands sent one after another are one picture.
	Pictures []*escpos.Bitmap
	// Torn says that no cut ended it: the paper ran out in the middle.
	Torn bool
	// Retracted says that the presenter took it back.
	Retracted bool

	dots     int      // of the print head
	start    settings // that held when it began
	aligns   []escpos.Align
	lastBand bool // the last thing printed was a raster band
}

// empty reports whether nothing is on the paper.
func (p *Paper) empty() bool { return len(p.Lines) == 0 }

func (p *Paper) addLine(text string, a escpos.Align) {
	p.Lines, p.aligns, p.lastBand = append(p.Lines, text), append(p.aligns, a), false
}

// addPicture adds a picture that stands alone.
func (p *Paper) addPicture(kind string, b *escpos.Bitmap, a escpos.Align) {
	p.Pictures = append(p.Pictures, b)
	p.addLine(fmt.Sprintf("[%s %dx%d]", kind, b.W, b.H), a)
}

// addBand adds a raster band, to the picture above it if it belongs there.
func (p *Paper) addBand(b *escpos.Bitmap, a escpos.Align) {
	last := len(p.Pictures) - 1
	if p.lastBand && p.Pictures[last].W == b.W && p.aligns[len(p.aligns)-1] == a {
		old := p.Pictures[last]
		p.Pictures[last] = &escpos.Bitmap{W: old.W, H: old.H + b.H, Pix: append(old.Pix, b.Pix...)}
		p.Lines[len(p.Lines)-1] = pictureLine(p.Pictures[last])
		return
	}
	p.Pictures = append(p.Pictures, b)
	p.addLine(pictureLine(b), a)
	p.lastBand = true
}

func pictureLine(b *escpos.Bitmap) string { return fmt.Sprintf("[picture %dx%d]", b.W, b.H) }

// Text is the lines without their places on the paper.
func (p Paper) Text() string { return strings.Join(p.Lines, "\n") }

// String shows the paper with its lines in their places.
func (p Paper) String() string {
	var b strings.Builder
	for i, line := range p.Lines {
		room := paperColumns - escpos.Columns(line)
		if line == "" || room < 0 {
			room = 0
		}
		switch p.aligns[i] {
		case escpos.Center:
			b.WriteString(strings.Repeat(" ", room/2))
		case escpos.Right:
			b.WriteString(strings.Repeat(" ", room))
		}
		b.WriteString(line + "\n")
	}
	edge := strings.Repeat("- ", paperColumns/2)
	if p.Torn {
		edge = strings.Repeat("~", paperColumns)
	}
	return b.String() + strings.TrimSpace(edge) + "\n"
}
