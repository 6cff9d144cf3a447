package escpos

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// column is a picture of w columns whose rows at the given heights are black.
func column(w int, rows ...int) *Bitmap {
	b := NewBitmap(w, 24)
	for x := range w {
		for _, y := range rows {
			b.Set(x, y)
		}
	}
	return b
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []Op
	}{
		{"text", "A" + gb("号") + "\n", []Op{{Kind: OpText, Text: "A号"}, {Kind: OpLine}}},
		{"four-byte character", gb("㛃"), []Op{{Kind: OpText, Text: "㛃"}}},
		{"half a character at the end", "A\xb0", []Op{{Kind: OpText, Text: "A"}, {Kind: OpCutShort, Data: []byte{0xb0}}}},
		{"lead byte before a command", "\xb0\x1b@", []Op{{Kind: OpText, Text: "\uFFFD"}, {Kind: OpInit}}},
		{"status and probe", "\x10\x04\x02\x1dr1", []Op{{Kind: OpStatus, N: 2}, {Kind: OpPaper, N: '1'}}},
		{"recover", "\x10\x05\x02", []Op{{Kind: OpRecover, N: 2}}},
		{"clear", "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", []Op{{Kind: OpClear}}},
		{"almost clear", "\x10\x14\x08\x02", []Op{
			{Kind: OpNoise, Data: []byte{0x10}}, {Kind: OpNoise, Data: []byte{0x14}}, {Kind: OpNoise, Data: []byte{0x08}}, {Kind: OpNoise, Data: []byte{2}}}},
		{"drawer pulse", "\x10\x14\x01\x00\x01", []Op{{Kind: OpOther}}},
		{"cuts", "\x1dV\x00\x1dV1\x1dVA\x05\x1dVB\x06\x1bi", []Op{{Kind: OpCut}, {Kind: OpCut}, {Kind: OpCut, N: 5}, {Kind: OpCut, N: 6}, {Kind: OpCut}}},
		{"style", "\x1ba1\x1d!\x23\x1b!\x10\x1bE\x01", []Op{{Kind: OpAlign, N: 1}, {Kind: OpSize, N: 4}, {Kind: OpSize, N: 2}, {Kind: OpBold, N: 1}}},
		{"feeds", "\x1bd\x03\x1bJ\x09", []Op{{Kind: OpFeedLines, N: 3}, {Kind: OpFeedDots, N: 9}}},
		{"picture", "\x1dv0\x00\x01\x00\x02\x00\x80\x01", []Op{{Kind: OpRaster, Image: &Bitmap{W: 8, H: 2, Pix: []byte{0x80, 1}}}}},
		{"picture of impossible size", "\x1dv0\x00\xff\xff\xff\xffA", []Op{{Kind: OpNoise, Data: []byte("\x1dv0\x00\xff\xff\xff\xff")}, {Kind: OpText, Text: "A"}}},
		{"half a picture", "\x1dv0\x00\x01\x00\x02\x00\x80", []Op{{Kind: OpCutShort, Data: []byte("\x1dv0\x00\x01\x00\x02\x00\x80")}}},
		{"process ID", "\x1d(H\x06\x0000abcd", []Op{{Kind: OpProcessID, Data: []byte("abcd")}}},
		{"native QR", "\x1d(k\x03\x001Q0A", []Op{{Kind: OpQR, N: 81, Data: []byte("0")}, {Kind: OpText, Text: "A"}}},
		{"graphics", "\x1d8L\x02\x00\x00\x00xxA", []Op{{Kind: OpOther}, {Kind: OpText, Text: "A"}}},
		{"column image", "\x1b*\x21\x01\x00\x80\x00\x01A", []Op{{Kind: OpInline, Image: column(1, 0, 23)}, {Kind: OpText, Text: "A"}}},
		{"column image of half density", "\x1b*\x00\x01\x00\x80A", []Op{{Kind: OpInline, Image: column(2, 0, 1, 2)}, {Kind: OpText, Text: "A"}}},
		{"column image of an unknown density", "\x1b*\x05\x01\x00A", []Op{{Kind: OpNoise, Data: []byte("\x1b*\x05\x01\x00")}, {Kind: OpText, Text: "A"}}},
		{"a character of the caller's", "\x1c2\xfe\xa2" + strings.Repeat("\x80\x00\x01", 24) + "A", []Op{{Kind: OpDefine, N: 0xFEA2, Image: column(24, 0, 23)}, {Kind: OpText, Text: "A"}}},
		{"Chinese block", "\x1c(A\x02\x000\x00A", []Op{{Kind: OpOther}, {Kind: OpText, Text: "A"}}},
		{"presenter", "\x1de\x03\x20\x1de\x02A", []Op{{Kind: OpPresent, N: 3, Data: []byte{32}}, {Kind: OpPresent, N: 2}, {Kind: OpText, Text: "A"}}},
		{"full status", "\x10\x04\x14\x1d\xe0\x01\x1d\xe1A", []Op{{Kind: OpStatus, N: 20}, {Kind: OpOther}, {Kind: OpOther}, {Kind: OpText, Text: "A"}}},
		{"unknown commands", "\x1b\x01\x1c\x01\x1d\x01", []Op{
			{Kind: OpNoise, Data: []byte{0x1b}}, {Kind: OpNoise, Data: []byte{1}}, {Kind: OpNoise, Data: []byte{0x1c}},
			{Kind: OpNoise, Data: []byte{1}}, {Kind: OpNoise, Data: []byte{0x1d}}, {Kind: OpNoise, Data: []byte{1}}}},
		{"auto status and information", "\x1da\xff\x1dIB", []Op{{Kind: OpAuto, N: 255}, {Kind: OpInfo, N: 'B'}}},
	} {
		if got := Decode([]byte(c.in)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// Any bytes at all are worked off; every byte is used once; and a stream cut
// at any place gives the same operations as the whole, but for how text is
// divided.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x1b@\x1ba\x01"+gb("取号")+"\n\x1dv0\x00\x01\x00\x02\x00\x80\x01\x1dVB\x18\x1dr\x01"), 7)
	f.Add([]byte("\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08\x10\x04\x01\x81\x30"), 3)
	f.Add([]byte("\x1d(k\xff\xff\x1d8L\xff\xff\xff\xff\x1b*\x21\xff\xff"), 5)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		whole := ops(t, b, len(b))
		if cut = min(max(cut, 0), len(b)); !bytes.Equal(ops(t, b, cut), whole) {
			t.Fatalf("% X cut at %d", b, cut)
		}
	})
}

// ops decodes b as it arrives in two pieces and puts the operations into
// words, text without its division.
func ops(t *testing.T, b []byte, cut int) []byte {
	var out, buf []byte
	used := 0
	for _, piece := range [][]byte{b[:cut], b[cut:]} {
		buf = append(buf, piece...)
		for {
			op, n := NextOp(buf)
			if n == 0 {
				break
			}
			if n < 0 || n > len(buf) {
				t.Fatalf("%d of %d bytes", n, len(buf))
			}
			used += n
			buf = buf[n:]
			if op.Kind == OpText {
				out = append(out, op.Text...)
				continue
			}
			out = append(append(out, '<'), op.Kind...)
			out = append(out, op.Data...)
		}
	}
	if used+len(buf) != len(b) {
		t.Fatalf("%d bytes used, %d left, of %d", used, len(buf), len(b))
	}
	return out
}
