package simulator

import (
	"image"

	"github.com/skip2/go-qrcode"

	"hallkiosk/devices/escpos"
)

const (
	cellHigh  = 24 // dots of a character; a half-width one is half as wide
	cellHalf  = 12
	maxHeight = 20000 // dots, 2.5 m: more than any ticket
)

// settings are what commands change for what comes after them.
type settings struct {
	align      escpos.Align
	wide, high int // of characters, 1 to 8
	bold       bool
	underline  bool
	spacing    int // dots from line to line
	glyphs     map[int]*escpos.Bitmap
	module     int // of QR codes, in dots
	level      qrcode.RecoveryLevel
	content    string         // of the stored QR code
	graphics   *escpos.Bitmap // stored by GS ( L fn 112
}

// fresh are the settings after ESC @. It forgets everything but the
// characters that were defined (FS 2) and what was stored for a QR code.
func (s settings) fresh() settings {
	f := settings{wide: 1, high: 1, spacing: linePitch, glyphs: s.glyphs, module: 3, level: qrcode.Low, content: s.content}
	if s.module != 0 {
		f.module, f.level = s.module, s.level
	}
	return f
}

// follow takes over what op changes. raw are its bytes: some settings are in
// bytes that escpos.Op does not keep.
func (s *settings) follow(op escpos.Op, raw []byte) {
	last := int(raw[len(raw)-1])
	switch op.Kind {
	case escpos.OpInit:
		*s = s.fresh()
	case escpos.OpAlign:
		s.align = escpos.Align(op.N)
	case escpos.OpBold:
		s.bold = op.N == 1
	case escpos.OpSize:
		if raw[0] == 0x1D { // GS !: width and height less one
			s.wide, s.high = last>>4&7+1, last&7+1
		} else { // ESC !
			s.wide, s.high, s.bold, s.underline = last>>5&1+1, last>>4&1+1, last&8 != 0, last&0x80 != 0
		}
	case escpos.OpDefine:
		glyphs := map[int]*escpos.Bitmap{op.N: op.Image}
		for code, img := range s.glyphs {
			if code != op.N {
				glyphs[code] = img
			}
		}
		s.glyphs = glyphs // never changed in place: papers keep older ones
	case escpos.OpQR:
		s.followQR(op)
	default:
		switch {
		case len(raw) == 2 && raw[0] == 0x1B && raw[1] == '2':
			s.spacing = linePitch
		case len(raw) == 3 && raw[0] == 0x1B && raw[1] == '3':
			s.spacing = last
		case len(raw) == 3 && raw[1] == '-' && (raw[0] == 0x1B || raw[0] == 0x1C):
			s.underline = last&3 != 0
		case len(raw) == 3 && raw[0] == 0x1C && raw[1] == '!':
			s.wide, s.high, s.underline = last>>2&1+1, last>>3&1+1, last&0x80 != 0
		case len(raw) == 3 && raw[0] == 0x1C && raw[1] == 'W':
			s.wide, s.high = last&1+1, last&1+1
		}
		s.followGraphics(raw)
	}
}

// followQR takes GS ( k: TM-T81 specification, pages 105 to 107.
func (s *settings) followQR(op escpos.Op) {
	if len(op.Data) == 0 {
		return
	}
	switch op.N {
	case 67:
		s.module = min(max(int(op.Data[0]), 1), 16)
	case 69:
		s.level = [...]qrcode.RecoveryLevel{qrcode.Low, qrcode.Medium, qrcode.High, qrcode.Highest}[op.Data[0]&3]
	case 80:
		s.content = string(op.Data[1:])
	}
}

// followGraphics takes GS ( L and GS 8 L fn 112 (store raster): the picture's
// size and scale stand in ten bytes before its dots; TM-T81, page 98.
func (s *settings) followGraphics(raw []byte) {
	if len(raw) < 3 || raw[0] != 0x1D || raw[2] != 'L' {
		return
	}
	body := raw[min(5, len(raw)):]
	if raw[1] == '8' {
		body = raw[min(7, len(raw)):]
	}
	if len(body) < 10 || body[0] != 48 || body[1] != 112 || body[2] != 48 {
		return
	}
	w, h := int(body[6])|int(body[7])<<8, int(body[8])|int(body[9])<<8
	b := &escpos.Bitmap{W: w, H: h, Pix: body[10:]}
	if w == 0 || h == 0 || len(b.Pix) < b.Stride()*h {
		return
	}
	s.graphics = scaled(b, int(min(max(body[3], 1), 2)), int(min(max(body[4], 1), 2)))
}

// printsGraphics tells GS ( L fn 50: print what was stored.
func printsGraphics(raw []byte) bool {
	return len(raw) == 7 && string(raw[:3]) == "\x1d(L" && raw[5] == 48 && (raw[6] == 2 || raw[6] == 50)
}

// qr is the stored QR code in dots, nil when there is none or it is too wide:
// printers print nothing then, and say nothing.
func (s *settings) qr(dots int) *escpos.Bitmap {
	code, err := qrcode.New(s.content, s.level)
	if err != nil || s.content == "" {
		return nil
	}
	code.DisableBorder = true
	cells := code.Bitmap()
	b := escpos.NewBitmap(len(cells)*s.module, len(cells)*s.module)
	if b.W > dots {
		return nil
	}
	for y := range b.H {
		for x := range b.W {
			if cells[y/s.module][x/s.module] {
				b.Set(x, y)
			}
		}
	}
	return b
}

// scaled enlarges dots, as printers do.
func scaled(b *escpos.Bitmap, wide, high int) *escpos.Bitmap {
	if wide == 1 && high == 1 {
		return b
	}
	out := escpos.NewBitmap(b.W*wide, b.H*high)
	for y := range out.H {
		for x := range out.W {
			if b.Black(x/wide, y/high) {
				out.Set(x, y)
			}
		}
	}
	return out
}

// A sheet is paper being drawn, as wide as the print head.
type sheet struct {
	settings
	drawer escpos.Rasterizer
	dots   int
	rows   *escpos.Bitmap
	y      int
	line   []*escpos.Bitmap // what stands on the line under way
}

// draw makes the picture of a paper.
func draw(p Paper, drawer escpos.Rasterizer) *escpos.Bitmap {
	if p.dots == 0 {
		p.dots = 576 // a paper that no printer made
	}
	s := &sheet{settings: p.start, drawer: drawer, dots: p.dots, rows: escpos.NewBitmap(p.dots, 512)}
	if s.wide == 0 {
		s.settings = s.fresh()
	}
	for raw := p.Raw; len(raw) > 0 && s.y < maxHeight; {
		op, n := escpos.NextOp(raw)
		if n == 0 {
			break
		}
		s.apply(op, raw[:n])
		raw = raw[n:]
	}
	s.end()
	return s.cropped()
}

func (s *sheet) apply(op escpos.Op, raw []byte) {
	s.follow(op, raw)
	switch op.Kind {
	case escpos.OpText:
		s.text(op.Text)
	case escpos.OpInline:
		s.add(op.Image)
	case escpos.OpLine:
		if len(s.line) == 0 {
			s.y += s.spacing
		}
		s.end()
	case escpos.OpFeedLines:
		s.end()
		s.y += op.N * s.spacing
	case escpos.OpFeedDots, escpos.OpCut:
		s.end()
		s.y += op.N
	case escpos.OpRaster:
		s.end()
		s.picture(scaled(op.Image, int(raw[3]&1)+1, int(raw[3]>>1&1)+1))
	case escpos.OpQR:
		if op.N == 81 && len(s.line) == 0 { // only at the beginning of a line
			if qr := s.qr(s.dots); qr != nil {
				s.picture(qr)
			}
		}
	default:
		if printsGraphics(raw) && s.graphics != nil {
			s.end()
			s.picture(s.graphics)
		}
	}
}

// text adds characters to the line, each in its cell.
func (s *sheet) text(text string) {
	for _, r := range text {
		code, _ := escpos.DefinedCode(r)
		if glyph := s.glyphs[code]; glyph != nil {
			s.add(scaled(glyph, s.wide, s.high))
			continue
		}
		cells := escpos.Columns(string(r))
		cell := escpos.NewBitmap(cells*cellHalf*s.wide, cellHigh*s.high)
		if s.drawer != nil {
			if img, err := s.drawer.DrawLine(string(r), cellHigh*s.high, s.bold); err == nil {
				place(cell, img, s.wide, s.high)
			}
		} else if r != ' ' { // no font: a box for a character
			for y := 4 * s.high; y < 20*s.high; y++ {
				for x := 2; x < cell.W-2; x++ {
					if y < 6*s.high || y >= 18*s.high || x < 4 || x >= cell.W-4 {
						cell.Set(x, y)
					}
				}
			}
		}
		if s.underline {
			for x := range cell.W {
				cell.Set(x, cell.H-1)
			}
		}
		s.add(cell)
	}
}

// place draws a character into its cell. It is drawn as high as the cell and
// made as wide: the drawer's characters have one shape.
func place(cell *escpos.Bitmap, img image.Image, wide, high int) {
	r := img.Bounds()
	for y := range cell.H {
		for x := range cell.W {
			at := image.Pt(r.Min.X+x*high/wide, r.Min.Y+y)
			if at.In(r) {
				if g, _, _, _ := img.At(at.X, at.Y).RGBA(); g < 0x8000 {
					cell.Set(x, y)
				}
			}
		}
	}
}

// add puts something on the line, and ends the line before it when it is full.
func (s *sheet) add(b *escpos.Bitmap) {
	if b.W > s.dots {
		return
	}
	if s.width()+b.W > s.dots {
		s.end()
	}
	s.line = append(s.line, b)
}

func (s *sheet) width() (w int) {
	for _, b := range s.line {
		w += b.W
	}
	return w
}

// end prints the line under way.
func (s *sheet) end() {
	if len(s.line) == 0 {
		return
	}
	high, x := 0, s.left(s.width())
	for _, b := range s.line {
		high = max(high, b.H)
	}
	for _, b := range s.line {
		s.dot(b, x, s.y+high-b.H)
		x += b.W
	}
	s.y += max(s.spacing, high)
	s.line = nil
}

// left is where something so wide begins.
func (s *sheet) left(w int) int {
	switch s.align {
	case escpos.Center:
		return max(0, (s.dots-w)/2)
	case escpos.Right:
		return max(0, s.dots-w)
	}
	return 0
}

func (s *sheet) picture(b *escpos.Bitmap) {
	s.dot(b, s.left(b.W), s.y)
	s.y += b.H
}

// dot prints dots, and makes room for them.
func (s *sheet) dot(b *escpos.Bitmap, left, top int) {
	if need := min(top+b.H, maxHeight); need > s.rows.H {
		more := escpos.NewBitmap(s.dots, need+need/2)
		copy(more.Pix, s.rows.Pix)
		s.rows = more
	}
	for y := range b.H {
		for x := range b.W {
			if b.Black(x, y) {
				s.rows.Set(left+x, top+y)
			}
		}
	}
}

// cropped is the paper down to where it was fed.
func (s *sheet) cropped() *escpos.Bitmap {
	out := escpos.NewBitmap(s.dots, min(max(s.y, 1), maxHeight))
	copy(out.Pix, s.rows.Pix)
	return out
}
