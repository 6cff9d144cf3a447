package escpos

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// OpKind names what a printer is told by one command.
type OpKind string

// The kinds of operations. Where Op.N is used it is named.
const (
	OpText      OpKind = "text"       // Op.Text, one or more characters
	OpLine      OpKind = "line"       // end of a line
	OpRaster    OpKind = "raster"     // Op.Image
	OpFeedLines OpKind = "feed-lines" // N lines
	OpFeedDots  OpKind = "feed-dots"  // N dots
	OpCut       OpKind = "cut"        // N dots are fed before it
	OpInit      OpKind = "init"
	OpAlign     OpKind = "align"       // N as Align
	OpSize      OpKind = "size"        // N is 1 to 8, the height
	OpBold      OpKind = "bold"        // N is 0 or 1
	OpStatus    OpKind = "status"      // DLE EOT, N is 1 to 4, 20 at Custom's; real time
	OpRecover   OpKind = "recover"     // DLE ENQ, N is 1 or 2; real time
	OpClear     OpKind = "clear"       // DLE DC4 fn 8; real time
	OpPaper     OpKind = "paper"       // GS r, N is 1, 2, 49 or 50: answer in turn
	OpAuto      OpKind = "auto-status" // GS a, N is the mask
	OpProcessID OpKind = "process-id"  // GS ( H fn 48, Op.Data is the four bytes
	OpInfo      OpKind = "info"        // GS I, N as sent
	OpInline    OpKind = "inline"      // ESC *, Op.Image at the place of the next character
	OpDefine    OpKind = "define"      // FS 2, N is the character's two bytes, Op.Image 24 by 24
	OpQR        OpKind = "qr"          // GS ( k for QR codes: N is the function, 65 to 82, Op.Data its values
	OpPresent   OpKind = "present"     // GS e of Custom's presenters, N is the function, Op.Data its values
	OpOther     OpKind = "other"       // a known command without a part of its own here
	OpNoise     OpKind = "noise"       // Op.Data is no command and no text
	OpCutShort  OpKind = "cut-short"   // Op.Data is the beginning of a command at the end of the stream
)

// An Op is one thing that a printer is told.
type Op struct {
	Kind  OpKind
	N     int
	Text  string
	Image *Bitmap
	Data  []byte
}

// Decode turns what was sent to a printer back into operations. It takes any
// bytes: what makes no sense becomes OpNoise, and an unfinished end OpCutShort.
// Tests and the simulator use it.
func Decode(b []byte) []Op {
	var ops []Op
	for len(b) > 0 {
		op, n := NextOp(b)
		if n == 0 {
			return append(ops, Op{Kind: OpCutShort, Data: b})
		}
		ops, b = append(ops, op), b[n:]
	}
	return ops
}

// NextOp takes the first operation off b and returns how many bytes it had.
// It returns 0 bytes when b holds only the beginning of one.
func NextOp(b []byte) (Op, int) {
	if len(b) == 0 {
		return Op{}, 0
	}
	switch c := b[0]; {
	case c == lf:
		return Op{Kind: OpLine}, 1
	case c == dle:
		return nextDLE(b)
	case c == esc:
		return nextESC(b)
	case c == fs:
		return nextFS(b)
	case c == gs:
		return nextGS(b)
	case c == 0 || c == 0x09 || c == 0x0C || c == 0x0D || c == 0x18: // NUL HT FF CR CAN
		return Op{Kind: OpOther}, 1
	case c < ' ' || c == 0x7F || c == 0x80 || c == 0xFF:
		return Op{Kind: OpNoise, Data: b[:1]}, 1
	}
	return nextText(b)
}

// short is what the next functions return when more bytes are needed.
func short() (Op, int) { return Op{}, 0 }

// fixed is a command of n bytes that only has to be skipped.
func fixed(b []byte, n int) (Op, int) {
	if len(b) < n {
		return short()
	}
	return Op{Kind: OpOther}, n
}

// arg is a command of n bytes whose last one matters.
func arg(b []byte, n int, kind OpKind) (Op, int) {
	if len(b) < n {
		return short()
	}
	return Op{Kind: kind, N: int(b[n-1])}, n
}

func noise(b []byte, n int) (Op, int) { return Op{Kind: OpNoise, Data: b[:n]}, n }

// nextText takes characters up to the next control byte. One that is not
// whole yet is left for later.
func nextText(b []byte) (Op, int) {
	var text strings.Builder
	decoder := simplifiedchinese.GB18030.NewDecoder()
	n := 0
	for n < len(b) {
		w := charWidth(b[n:])
		if w == 0 {
			break
		}
		if w == 2 && b[n] == firstDefined>>8 && b[n+1] >= firstDefined&0xFF {
			text.WriteRune(definedRune + rune(b[n+1]) - firstDefined&0xFF)
			n += w
			continue
		}
		// One by one: the decoder's idea of where a broken character ends is
		// not the printer's.
		c, _ := decoder.Bytes(b[n : n+w]) // replaces what is no character
		if r, size := utf8.DecodeRune(c); size == len(c) {
			text.WriteRune(r)
		} else {
			text.WriteRune(utf8.RuneError)
		}
		n += w
	}
	if n == 0 {
		return short()
	}
	return Op{Kind: OpText, Text: text.String()}, n
}

// charWidth is the number of bytes of the character that b begins with: 2 or
// 4 in GB 18030 beyond ASCII, 1 for a byte that begins no character there. It
// is 0 for a control byte and for a character that is not whole yet.
func charWidth(b []byte) int {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	lead := func(c byte) bool { return c >= 0x81 && c <= 0xFE }
	switch {
	case b[0] < ' ' || b[0] == 0x7F || b[0] == 0x80 || b[0] == 0xFF:
		return 0
	case b[0] < 0x7F:
		return 1
	case len(b) < 2:
		return 0
	case b[1] >= 0x40 && b[1] != 0x7F && b[1] != 0xFF:
		return 2
	case !digit(b[1]):
		return 1
	case len(b) < 3:
		return 0
	case !lead(b[2]):
		return 1
	case len(b) < 4:
		return 0
	case !digit(b[3]):
		return 1
	}
	return 4
}

func nextDLE(b []byte) (Op, int) {
	if len(b) < 2 {
		return short()
	}
	switch b[1] {
	case 0x04:
		return arg(b, 3, OpStatus)
	case 0x05:
		return arg(b, 3, OpRecover)
	case 0x14:
		if len(b) < 3 {
			return short()
		}
		if b[2] == 8 {
			return nextClear(b)
		}
		return fixed(b, 5)
	}
	return noise(b, 1)
}

// clearCommand is DLE DC4 fn 8, clear buffers: the seven bytes after the
// function number are fixed so that nothing triggers it by chance.
var clearCommand = [...]byte{dle, 0x14, 8, 1, 3, 20, 1, 6, 2, 8}

func nextClear(b []byte) (Op, int) {
	for i, c := range clearCommand {
		if i >= len(b) {
			return short()
		}
		if b[i] != c {
			return noise(b, 1)
		}
	}
	return Op{Kind: OpClear}, len(clearCommand)
}

func nextESC(b []byte) (Op, int) {
	if len(b) < 2 {
		return short()
	}
	switch b[1] {
	case '@':
		return Op{Kind: OpInit}, 2
	case '2', '<', 'L', 'S', 0x0C:
		return fixed(b, 2)
	case 'a':
		op, n := arg(b, 3, OpAlign)
		op.N %= '0' // 0 to 2 or '0' to '2'
		return op, n
	case 'E', 'G':
		op, n := arg(b, 3, OpBold)
		op.N &= 1
		return op, n
	case 'd':
		return arg(b, 3, OpFeedLines)
	case 'J':
		return arg(b, 3, OpFeedDots)
	case '!':
		op, n := arg(b, 3, OpSize)
		op.N = 1 + op.N>>4&1 // bit 4 is double height
		return op, n
	case 'i', 'm': // the old cuts
		return Op{Kind: OpCut}, 2
	case 't', 'R', 'M', '3', '-', ' ', '{', 'V', '%', '=', 'e', 'K':
		return fixed(b, 3)
	case 'c', '$', '\\', 'B':
		return fixed(b, 4)
	case 'p':
		return fixed(b, 5)
	case '*':
		return nextColumns(b)
	}
	return noise(b, 1)
}

func nextFS(b []byte) (Op, int) {
	if len(b) < 2 {
		return short()
	}
	switch b[1] {
	case '&', '.':
		return fixed(b, 2)
	case 'C', '!', 'W', '-':
		return fixed(b, 3)
	case 'S', 'p':
		return fixed(b, 4)
	case '(': // a block with its length, such as FS ( A
		if len(b) < 5 {
			return short()
		}
		return fixed(b, 5+int(b[3])+int(b[4])<<8)
	case '2': // two bytes of code, 24 columns of 3 bytes
		const header, n = 4, 4 + lineHeight*lineHeight/8
		if len(b) < n {
			return short()
		}
		return Op{Kind: OpDefine, N: int(b[2])<<8 | int(b[3]), Image: fromColumns(b[header:n])}, n
	}
	return noise(b, 1)
}

func nextGS(b []byte) (Op, int) {
	if len(b) < 2 {
		return short()
	}
	switch b[1] {
	case '!':
		op, n := arg(b, 3, OpSize)
		op.N = 1 + op.N&7
		return op, n
	case 'r':
		return arg(b, 3, OpPaper)
	case 'a':
		return arg(b, 3, OpAuto)
	case 'I':
		return arg(b, 3, OpInfo)
	case 'V':
		if len(b) < 3 {
			return short()
		}
		if b[2] == 65 || b[2] == 66 {
			return arg(b, 4, OpCut)
		}
		return Op{Kind: OpCut}, 3
	case 'v':
		return nextRaster(b)
	case '(':
		return nextBlock(b)
	case 'e':
		if len(b) < 3 {
			return short()
		}
		n := 3
		if b[2] == 3 { // present, by so many steps
			n = 4
		}
		if len(b) < n {
			return short()
		}
		return Op{Kind: OpPresent, N: int(b[2]), Data: append([]byte(nil), b[3:n]...)}, n
	case 0xE0: // Custom: full status by itself
		return fixed(b, 3)
	case 0xE1: // Custom: paper left
		return fixed(b, 2)
	case '8':
		if len(b) < 7 {
			return short()
		}
		n := int(b[3]) | int(b[4])<<8 | int(b[5])<<16
		if b[6] != 0 || n > maxRasterBytes*maxRasterRows {
			return noise(b, 7)
		}
		return fixed(b, 7+n)
	case 'B', 'h', 'w', 'H', 'f', 'b':
		return fixed(b, 3)
	case 'L', 'W', 'P', '$', '\\':
		return fixed(b, 4)
	}
	return noise(b, 1)
}

// nextColumns takes ESC *: columns from left to right, of one byte or three,
// from top to bottom. The picture is in dots of the paper: modes 0 and 32 are of
// half the density across, modes 0 and 1 of a third of it downwards.
func nextColumns(b []byte) (Op, int) {
	const header = 5
	if len(b) < header {
		return short()
	}
	columns, each := int(b[3])|int(b[4])<<8, 1
	if b[2] >= 32 {
		each = 3
	}
	if columns < 1 || columns > maxRasterBytes*8 || b[2]&^0x21 != 0 {
		return noise(b, header)
	}
	n := header + columns*each
	if len(b) < n {
		return short()
	}
	wide, high := 2-int(b[2]&1), 3
	if each == 3 {
		high = 1
	}
	data := b[header:n]
	img := NewBitmap(columns*wide, lineHeight)
	for y := range img.H {
		for x := range img.W {
			if dot := y / high; data[x/wide*each+dot/8]&(0x80>>(dot%8)) != 0 {
				img.Set(x, y)
			}
		}
	}
	return Op{Kind: OpInline, Image: img}, n
}

// nextRaster takes GS v 0. Printers drop a header with impossible sizes and
// go on with what follows as if it were text; so does this.
func nextRaster(b []byte) (Op, int) {
	const header = rasterHeader
	if len(b) < header {
		return short()
	}
	stride, rows := int(b[4])|int(b[5])<<8, int(b[6])|int(b[7])<<8
	if b[2] != '0' || stride < 1 || stride > maxRasterBytes || rows < 1 || rows > 2303 {
		return noise(b, header)
	}
	n := header + stride*rows
	if len(b) < n {
		return short()
	}
	img := &Bitmap{W: stride * 8, H: rows, Pix: append([]byte(nil), b[header:n]...)}
	return Op{Kind: OpRaster, Image: img}, n
}

// nextBlock takes GS ( x with its length.
func nextBlock(b []byte) (Op, int) {
	const header = 5
	if len(b) < header {
		return short()
	}
	n := header + int(b[3]) + int(b[4])<<8
	if len(b) < n {
		return short()
	}
	if b[2] == 'k' && n >= header+2 && b[5] == '1' {
		return Op{Kind: OpQR, N: int(b[6]), Data: append([]byte(nil), b[7:n]...)}, n
	}
	// fn 48: process ID; m is 48, then four bytes.
	if b[2] == 'H' && n == header+6 && b[5] == 48 && b[6] == 48 {
		return Op{Kind: OpProcessID, Data: append([]byte(nil), b[7:n]...)}, n
	}
	return Op{Kind: OpOther}, n
}
