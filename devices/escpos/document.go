package escpos

import "image"

// A Document is what one job prints, from top to bottom.
type Document []Block

// A Block is one part of a document: [Text], [Raster], [QR], [Feed], [Rule]
// or [Cut].
type Block interface{ block() }

// Align places a block between the paper's edges.
type Align int

// The three places of a block. The numbers are those of ESC a.
const (
	Left   Align = 0
	Center Align = 1
	Right  Align = 2
)

// Text is one paragraph. It is wrapped at the paper's width, so that it never
// runs off the edge; a newline starts a new line.
type Text struct {
	Text string
	// Align places every line of the paragraph.
	Align Align
	// Size multiplies width and height, 1 to 8. 0 is 1: a Chinese character
	// of 24 by 24 dots, 3 mm at 203 dpi.
	Size int
	// Bold prints the text emphasised.
	Bold bool
}

// Raster is a picture, one image point per dot. Points darker than half grey
// are printed. A picture wider than the paper is an error; nothing is scaled.
type Raster struct {
	Image image.Image
	Align Align
}

// QR is a QR code of error correction level M with its quiet zone of four
// modules on every side.
type QR struct {
	// Content is printable ASCII. Percent-encode anything else: scanners
	// disagree about the character set of a QR code.
	Content string
	// Module is the side of a module in dots, 3 to 16. 0 is 4 to 6 (0.5 to 0.75 mm
	// at 203 dpi), so that the code is some 3.4 cm wide. A code too wide for the
	// paper gets smaller modules, but never fewer than 3 dots; then it is an error.
	Module int
	Align  Align
}

// Feed moves the paper by blank lines of normal height, 1 to 255.
type Feed struct{ Lines int }

// Rule is a line of dashes across the paper.
type Rule struct{}

// Cut feeds the paper past the cutter and cuts it. On a printer without a
// cutter it feeds past the tear-off edge. [Printer.Print] adds one at the end
// of a document that has none there.
type Cut struct{}

func (Text) block()   {}
func (Raster) block() {}
func (QR) block()     {}
func (Feed) block()   {}
func (Rule) block()   {}
func (Cut) block()    {}

// A Rasterizer draws what the printer has no characters for. Package
// escpos/raster has one that draws from a font file.
type Rasterizer interface {
	// DrawLine draws one line of text, heightDots high, black on white or on
	// transparent ground. A full-width character is heightDots wide and a
	// half-width one half of that, so that drawn and printed lines match.
	// A character the font lacks is drawn as 〓.
	DrawLine(text string, heightDots int, bold bool) (image.Image, error)
}
