package escpos

import (
	"errors"
	"fmt"
	"strings"

	"github.com/skip2/go-qrcode"
)

// Command bytes. Sources: Epson's ESC/POS reference unless named.
const (
	dle = 0x10
	lf  = 0x0A
	esc = 0x1B
	fs  = 0x1C
	gs  = 0x1D
)

// Encode turns doc into the bytes of one job, from ESC @ to the last block,
// without the final cut and the probe that [Printer.Print] adds. r may be nil.
// The same document and profile always give the same bytes. None of them can
// be taken for a real-time command.
func Encode(doc Document, p Profile, r Rasterizer) ([]byte, error) {
	e := encoder{profile: p.filled(), drawer: r}
	if err := e.document(doc); err != nil {
		return nil, err
	}
	return e.buf, nil
}

// encoder gathers a job. The borders are the places between two commands
// where a job may be interrupted: after a line, a raster band, a cut.
type encoder struct {
	profile Profile
	drawer  Rasterizer

	buf     []byte
	borders []int
	dots    int // how far the paper moves

	align Align
	size  int
	bold  bool
}

func (e *encoder) emit(b ...byte) { e.buf = append(e.buf, b...) }
func (e *encoder) border()        { e.borders = append(e.borders, len(e.buf)) }

func (e *encoder) document(doc Document) error {
	if d := e.profile.Dots; d <= 0 || d%8 != 0 || d > maxRasterBytes*8 {
		return fmt.Errorf("escpos: profile %q: width of %d dots: use a multiple of 8 up to %d", e.profile.Name, d, maxRasterBytes*8)
	}
	e.emit(esc, '@')       // print buffer and settings to their start
	e.emit(esc, 't', 0)    // one-byte characters: code page 0, which is ASCII below 80
	e.emit(fs, '&')        // Chinese mode; China models start in it, others do not
	e.align, e.size = 0, 1 // as ESC @ leaves them
	e.border()
	for i, b := range doc {
		if err := e.block(b); err != nil {
			return fmt.Errorf("escpos: block %d: %w", i+1, err)
		}
	}
	return nil
}

func (e *encoder) block(b Block) error {
	switch b := b.(type) {
	case Text:
		return e.text(b)
	case Raster:
		if b.Image == nil {
			return errors.New("raster without a picture")
		}
		if err := checkAlign(b.Align); err != nil {
			return err
		}
		return e.raster(bitmapOf(b.Image), b.Align)
	case QR:
		return e.qr(b)
	case Feed:
		if b.Lines < 1 || b.Lines > 255 {
			return fmt.Errorf("feed of %d lines: use 1 to 255", b.Lines)
		}
		e.emit(esc, 'd', byte(b.Lines))
		e.dots += b.Lines * (lineHeight + lineAdd)
		e.border()
	case Rule:
		return e.text(Text{Text: strings.Repeat("-", e.profile.Columns(1))})
	case Cut:
		e.cut()
	default:
		return fmt.Errorf("unknown block %T", b)
	}
	return nil
}

// cut feeds and cuts. GS V 66 is the one form that every clone with a cutter
// was seen to know; many cut partially whatever they are told.
func (e *encoder) cut() {
	if e.profile.Cutter {
		e.emit(gs, 'V', 66, byte(min(max(e.profile.CutFeed, 0), 255)))
		e.dots += e.profile.CutFeed
		e.emit([]byte(e.profile.Presenter.Present)...)
	} else {
		e.emit(esc, 'd', 4) // past the tear-off edge, about 15 mm
		e.dots += 4 * (lineHeight + lineAdd)
	}
	e.border()
}

func checkAlign(a Align) error {
	if a < Left || a > Right {
		return fmt.Errorf("alignment %d: use Left, Center or Right", a)
	}
	return nil
}

// style sends what differs from the style in force.
func (e *encoder) style(a Align, size int, bold bool) {
	if a != e.align {
		e.emit(esc, 'a', byte(a))
		e.align = a
	}
	if size != e.size {
		e.emit(gs, '!', byte((size-1)<<4|(size-1)))
		e.size = size
	}
	if bold != e.bold {
		n := byte(0)
		if bold {
			n = 1
		}
		e.emit(esc, 'E', n)
		e.bold = bold
	}
}

func (e *encoder) text(t Text) error {
	size := max(t.Size, 1)
	if t.Size < 0 || t.Size > 8 {
		return fmt.Errorf("text size %d: use 1 to 8", t.Size)
	}
	if err := checkAlign(t.Align); err != nil {
		return err
	}
	pitch := max(lineHeight+lineAdd, lineHeight*size)
	for _, line := range Wrap(t.Text, e.profile.Columns(size)) {
		definitions, b, ok, err := e.line(line, size, t.Bold)
		if err != nil {
			return err
		}
		if ok {
			e.emit(definitions...)
			e.style(t.Align, size, t.Bold)
			e.emit(b...)
			e.emit(lf)
			e.dots += pitch
			e.border()
			continue
		}
		img, err := e.drawer.DrawLine(line, lineHeight*size, t.Bold)
		if err != nil {
			return fmt.Errorf("drawing a line: %w", err)
		}
		drawn := crop(bitmapOf(img), e.profile.Dots, lineHeight*size)
		if err := e.raster(drawn, t.Align); err != nil {
			return err
		}
		if rest := pitch - drawn.H; rest > 0 && rest < 256 {
			e.emit(esc, 'J', byte(rest)) // the same distance to the next line as text has
			e.dots += rest
			e.border()
		}
	}
	return nil
}

// crop cuts off what a Rasterizer drew beyond the line.
func crop(b *Bitmap, w, h int) *Bitmap {
	if b.W <= w && b.H <= h {
		return b
	}
	out := NewBitmap(min(b.W, w), min(b.H, h))
	for y := range out.H {
		for x := range out.W {
			if b.Black(x, y) {
				out.Set(x, y)
			}
		}
	}
	return out
}

const (
	// maxRasterBytes is the limit of GS v 0 on the TM-T81.
	maxRasterBytes = 256
	// rasterHeader is GS v 0 m xL xH yL yH.
	rasterHeader = 8
	// maxBandBytes keeps a band, within which a job cannot be stopped, well
	// below the buffer of small printers (4 kB).
	maxBandBytes = 2048
	// maxRasterRows is below that printer's 2303, because a header with 0410
	// hex rows would itself hold a DLE EOT.
	maxRasterRows = 1024
)

// raster sends a picture in bands with GS v 0. Epson calls the command
// obsolete, but it is the one that every clone knows.
func (e *encoder) raster(b *Bitmap, a Align) error {
	if b.W > e.profile.Dots {
		return fmt.Errorf("picture of %d dots: the paper has %d", b.W, e.profile.Dots)
	}
	if b.W == 0 || b.H == 0 {
		return nil
	}
	e.style(a, e.size, e.bold)
	stride := b.Stride()
	band := max(min(e.profile.MaxBand, maxRasterRows, maxBandBytes/stride), 1)
	for y := 0; y < b.H; y += band {
		rows := min(band, b.H-y)
		e.emit(gs, 'v', '0', 0, byte(stride), byte(stride>>8), byte(rows), byte(rows>>8))
		start := len(e.buf)
		e.emit(b.Pix[y*stride : (y+rows)*stride]...)
		breakRealTime(e.buf[start:])
		e.dots += rows
		e.border()
	}
	return nil
}

// breakRealTime changes raster data so that no two bytes of it are the start
// of a real-time command (DLE EOT, DLE ENQ, DLE DC4), which printers obey even
// in the middle of a picture. A DLE byte is a single black dot between white
// ones; it gets a black neighbour. QR codes stay as they are: their modules
// are at least three dots wide, so no dot of theirs is single.
//
// The bytes around the data cannot form such a pair: see maxRasterRows, and
// every command begins with ESC, FS, GS, LF or a printable character.
func breakRealTime(data []byte) {
	for i := range data {
		if startsRealTime(data[i:]) {
			data[i] = 0x18
		}
	}
}

// startsRealTime reports whether b begins like a real-time command.
func startsRealTime(b []byte) bool {
	return len(b) > 1 && b[0] == dle && (b[1] == 0x04 || b[1] == 0x05 || b[1] == 0x14)
}

// nativeQR lets the printer draw the code (GS ( k, fn 65 to 81; TM-T81 manual,
// pp. 105–107) and reports whether it could. A printer prints nothing at all,
// without an error, when its code is too wide; it may also choose the next
// larger size of code, of four modules more, so there must be room for that.
// The quiet zone is ours.
func (e *encoder) nativeQR(content string, level byte, side, module int, a Align) bool {
	const more = 4
	n := len(content) + 3
	if !e.profile.NativeQR || (side+more)*module > e.profile.Dots {
		return false
	}
	if length := []byte{byte(n), byte(n >> 8)}; startsRealTime(length) {
		return false // a printer would obey its own length
	}
	quiet := qrQuiet * module
	e.style(a, e.size, e.bold)
	e.emit(esc, 'J', byte(quiet))
	e.emit(gs, '(', 'k', 4, 0, '1', 65, '2', 0)             // model 2
	e.emit(gs, '(', 'k', 3, 0, '1', 67, byte(module))       // dots a module
	e.emit(gs, '(', 'k', 3, 0, '1', 69, level)              // error correction
	e.emit(gs, '(', 'k', byte(n), byte(n>>8), '1', 80, '0') // store
	e.emit([]byte(content)...)
	e.emit(gs, '(', 'k', 3, 0, '1', 81, '0') // print
	e.emit(esc, 'J', byte(quiet))
	e.dots += side * module
	e.border()
	return true
}

const (
	qrQuiet     = 4 // modules, ISO/IEC 18004
	qrModule    = 6
	qrSmall     = 4   // what a phone reads at once
	qrWide      = 275 // dots: as wide as a code becomes by itself
	qrMinModule = 3
	qrMaxModule = 16
)

// qrLargest is the version up to which more error correction is worth smaller
// modules: 57 a side.
const qrLargest = 10

// strongestQR is the code with the most error correction that stays within
// qrLargest, and at least level M; level is as GS ( k counts it. Paper gets folded,
// wet and scribbled on: zbar hardly ever reads level M once a spot covers 15 % of
// the code, and always reads Q and H.
func strongestQR(content string) (code *qrcode.QRCode, level byte, err error) {
	for _, l := range []struct {
		level qrcode.RecoveryLevel
		byte
	}{{qrcode.Highest, '3'}, {qrcode.High, '2'}} {
		if code, err := qrcode.New(content, l.level); err == nil && code.VersionNumber <= qrLargest {
			return code, l.byte, nil
		}
	}
	code, err = qrcode.New(content, qrcode.Medium)
	return code, '1', err
}

func (e *encoder) qr(q QR) error {
	if err := checkAlign(q.Align); err != nil {
		return err
	}
	for i := range len(q.Content) {
		if c := q.Content[i]; c < ' ' || c > '~' {
			return fmt.Errorf("QR content: byte %d is not printable ASCII: percent-encode it", i+1)
		}
	}
	if q.Module != 0 && (q.Module < qrMinModule || q.Module > qrMaxModule) {
		return fmt.Errorf("QR module of %d dots: use %d to %d", q.Module, qrMinModule, qrMaxModule)
	}
	code, level, err := strongestQR(q.Content)
	if err != nil {
		return fmt.Errorf("QR content of %d bytes: %w", len(q.Content), err)
	}
	code.DisableBorder = true // the library's border is not always four modules
	cells := code.Bitmap()
	side := len(cells) + 2*qrQuiet
	module := q.Module
	if module == 0 {
		module = max(qrSmall, min(qrModule, qrWide/side))
	}
	module = min(module, e.profile.Dots/side)
	if module < qrMinModule {
		return fmt.Errorf("QR content of %d bytes: %d modules do not fit on %d dots: shorten it", len(q.Content), side, e.profile.Dots)
	}
	if e.nativeQR(q.Content, level, side, module, q.Align) {
		return nil
	}
	b := NewBitmap(side*module, side*module)
	for cy, row := range cells {
		for cx, black := range row {
			if !black {
				continue
			}
			for y := range module {
				for x := range module {
					b.Set((cx+qrQuiet)*module+x, (cy+qrQuiet)*module+y)
				}
			}
		}
	}
	return e.raster(b, q.Align)
}
