package escpos

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// drawer draws a black box for every line and remembers what it was asked.
type drawer struct{ asked []string }

func (d *drawer) DrawLine(text string, height int, bold bool) (image.Image, error) {
	if text == "fail" {
		return nil, errors.New("no ink")
	}
	d.asked = append(d.asked, fmt.Sprintf("%s/%d/%t", text, height, bold))
	img := image.NewGray(image.Rect(5, 5, 5+Columns(text)*height/2, 5+height))
	return img, nil
}

func encode(t *testing.T, doc Document, p Profile, r Rasterizer) []byte {
	t.Helper()
	b, err := Encode(doc, p, r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const head = "\x1b@\x1bt\x00\x1c&"

func gb(s string) string {
	b, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return b
}

func TestEncode(t *testing.T) {
	for _, c := range []struct {
		name string
		doc  Document
		want string
	}{
		{"nothing", nil, ""},
		{"ASCII", Document{Text{Text: "A012"}}, "A012\n"},
		{"Chinese", Document{Text{Text: "取号"}}, gb("取号") + "\n"},
		{"style is sent once and taken back", Document{
			Text{Text: "A", Align: Center, Size: 3, Bold: true}, Text{Text: "B", Align: Center, Size: 3, Bold: true}, Text{Text: "C"}},
			"\x1ba\x01\x1d!\x22\x1bE\x01A\nB\n\x1ba\x00\x1d!\x00\x1bE\x00C\n"},
		{"largest", Document{Text{Text: "A", Size: 8, Align: Right}}, "\x1ba\x02\x1d!\x77A\n"},
		{"newlines and tabs", Document{Text{Text: "a\tb\n\nc"}}, "a b\n\nc\n"},
		{"control characters vanish", Document{Text{Text: "a\x1b@\x10\x04\x01\u200b\u202eb"}}, "a@b\n"},
		{"wrapped at the paper's width", Document{Text{Text: strings.Repeat("号", 25)}},
			gb(strings.Repeat("号", 24)) + "\n" + gb("号") + "\n"},
		{"wrapped at size 4", Document{Text{Text: "号号号号号号号", Size: 4}},
			"\x1d!\x33" + gb("号号号号号号") + "\n" + gb("号") + "\n"},
		{"feed, rule, cut", Document{Feed{2}, Rule{}, Cut{}}, "\x1bd\x02" + strings.Repeat("-", 48) + "\n\x1dV\x42\x18"},
		{"a character nobody can print or draw", Document{Text{Text: "李㛃"}}, gb("李〓") + "\n"},
		{"picture", Document{Raster{Image: image.NewGray(image.Rect(0, 0, 9, 2)), Align: Center}},
			"\x1ba\x01\x1dv0\x00\x02\x00\x02\x00\xff\x80\xff\x80"},
		{"empty picture", Document{Raster{Image: image.NewGray(image.Rect(0, 0, 0, 2))}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := encode(t, c.doc, Profile{}, nil); string(got) != head+c.want {
				t.Errorf("got  %q\nwant %q", got, head+c.want)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 577, 1))
	for name, doc := range map[string]Document{
		"size":           {Text{Size: 9}},
		"negative size":  {Text{Size: -1}},
		"align":          {Text{Align: 3}},
		"wide picture":   {Raster{Image: wide}},
		"no picture":     {Raster{}},
		"picture align":  {Raster{Image: wide, Align: -1}},
		"feed 0":         {Feed{}},
		"feed 256":       {Feed{256}},
		"QR Chinese":     {QR{Content: "签到"}},
		"QR newline":     {QR{Content: "a\nb"}},
		"QR empty":       {QR{}},
		"QR module 2":    {QR{Content: "a", Module: 2}},
		"QR module 17":   {QR{Content: "a", Module: 17}},
		"QR align":       {QR{Content: "a", Align: 7}},
		"QR beyond QR":   {QR{Content: strings.Repeat("a", 3000)}},
		"QR beyond page": {QR{Content: strings.Repeat("a", 2000), Module: 3}},
		"no block":       {nil},
	} {
		if b, err := Encode(doc, Generic58(), nil); err == nil || b != nil || !strings.HasPrefix(err.Error(), "escpos: block 1: ") {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
		}
	}
	if _, err := Encode(Document{Text{Text: "fail"}}, Profile{Dots: 576, Charset: DrawAll}, &drawer{}); err == nil || !strings.Contains(err.Error(), "no ink") {
		t.Errorf("the drawer's error: %v", err)
	}
	if _, err := Encode(Document{Text{Text: "A"}}, Profile{Dots: 576, Charset: DrawAll}, nil); err == nil {
		t.Error("drawing without a drawer")
	}
	for _, dots := range []int{-8, 100, 4096} {
		if _, err := Encode(nil, Profile{Dots: dots}, nil); err == nil {
			t.Errorf("%d dots pass", dots)
		}
	}
}

// A line with one character that the printer lacks is drawn whole, at its
// size; the lines around it stay text.
func TestRareCharactersAreDrawn(t *testing.T) {
	for _, name := range []string{"李㛃", "王\uE2A5", "𠮷野", "é\u0301a", "\xff"} {
		d := &drawer{}
		doc := Document{Text{Text: "取号"}, Text{Text: name, Size: 2, Bold: true, Align: Center}, Text{Text: "取号"}}
		var kinds []string
		var heights []int
		for _, op := range Decode(encode(t, doc, Profile{}, d)) {
			kinds = append(kinds, string(op.Kind))
			if op.Kind == OpRaster {
				heights = append(heights, op.Image.H)
			}
		}
		if len(d.asked) != 1 || !strings.HasSuffix(d.asked[0], "/48/true") {
			t.Errorf("%q: asked for %q", name, d.asked)
		}
		if got := strings.Join(kinds, " "); !strings.Contains(got, "text line align raster align text line") {
			t.Errorf("%q: %s", name, got)
		}
		if len(heights) != 1 || heights[0] != 48 {
			t.Errorf("%q: heights %v", name, heights)
		}
	}
	d := &drawer{}
	encode(t, Document{Text{Text: "取号"}}, Profile{Dots: 384, Charset: DrawAll}, d)
	encode(t, Document{Text{Text: "取號"}}, Profile{Dots: 384, Charset: GB2312}, d)
	encode(t, Document{Text{Text: "取號"}}, Profile{Dots: 384, Charset: GB18030}, d)
	if len(d.asked) != 2 {
		t.Errorf("drawn: %q", d.asked)
	}
}

// Every character either comes back from the printer's bytes as itself, or is
// not sent as text; none is sent with four bytes or from a user-defined area.
func TestCharset(t *testing.T) {
	sent := map[Charset]int{}
	for r := rune(0); r <= 0x10FFFF; r++ {
		if r >= 0xD800 && r < 0xE000 {
			continue
		}
		for _, set := range []Charset{GB18030, GB2312} {
			b, ok := encodeRune(r, set)
			if !ok {
				continue
			}
			sent[set]++
			if len(b) > 2 || len(b) == 1 && (b[0] < ' ' || b[0] > '~') {
				t.Fatalf("U+%04X: % X", r, b)
			}
			if len(b) == 2 && (b[0] < 0x81 || b[0] == 0xFF || b[1] < 0x40 || b[1] == 0x7F || b[1] == 0xFF) {
				t.Fatalf("U+%04X: % X", r, b)
			}
			if back, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b); err != nil || string(back) != string(r) {
				t.Fatalf("U+%04X comes back as %q, %v", r, back, err)
			}
			if r >= 0xE000 && r <= 0xF8FF {
				t.Fatalf("private use U+%04X is sent", r)
			}
		}
	}
	// 95 ASCII characters each; 6,763 Chinese characters and 682 symbols in
	// GB 2312; 21,003 characters in GBK and its symbols.
	if n := sent[GB2312]; n < 95+6763+600 || n > 95+6763+846 {
		t.Errorf("GB 2312: %d characters", n)
	}
	if n := sent[GB18030]; n < 95+21003+700 || n > 95+23940 {
		t.Errorf("GB 18030: %d characters", n)
	}
}

// No picture, however awkward, puts the start of a real-time command on the
// line, and at most one dot in eight changes, next to a black one.
func TestRealTimeCommandsAreBroken(t *testing.T) {
	b := NewBitmap(24, 3)
	copy(b.Pix, []byte{0x10, 0x04, 0x01, 0x10, 0x05, 0x10, 0x14, 0x10, 0x10})
	got := encode(t, Document{Raster{Image: b}}, Profile{}, nil)
	want := []byte{0x18, 0x04, 0x01, 0x18, 0x05, 0x18, 0x14, 0x10, 0x10}
	if !bytes.HasSuffix(got, want) {
		t.Errorf("got % X", got)
	}
	if b.Pix[0] != 0x10 {
		t.Error("the caller's picture was changed")
	}
	checkNoRealTime(t, got)
	// A header with 0x10 rows, and 0x10 at the end of a band.
	p := Profile{Dots: 576, MaxBand: 16}
	tall := NewBitmap(8, 33)
	for i := range tall.Pix {
		tall.Pix[i] = 0x10
	}
	checkNoRealTime(t, encode(t, Document{Raster{Image: tall}}, p, nil))
	checkNoRealTime(t, encode(t, Document{Raster{Image: NewBitmap(8, 5000)}}, Profile{Dots: 8, MaxBand: 1040}, nil))
}

func checkNoRealTime(t *testing.T, b []byte) {
	t.Helper()
	for _, pair := range []string{"\x10\x04", "\x10\x05", "\x10\x14"} {
		if i := bytes.Index(b, []byte(pair)); i >= 0 {
			t.Fatalf("% X at byte %d", pair, i)
		}
	}
}

// A QR code gets its quiet zone, shrinks to fit, and is not touched by the
// breaking of real-time commands.
func TestQR(t *testing.T) {
	const content = "https://hall.example.test/t/A012"
	for _, c := range []struct{ module, dots, want int }{
		{0, 576, 6}, {3, 576, 3}, {4, 576, 4}, {16, 576, 14}, {16, 384, 9}, {6, 144, 3},
	} {
		b := encode(t, Document{QR{Content: content, Module: c.module}}, Profile{Dots: c.dots}, nil)
		checkNoRealTime(t, b)
		img := NewBitmap(0, 0)
		for _, op := range Decode(b) {
			if op.Kind == OpRaster {
				img = &Bitmap{W: op.Image.W, H: img.H + op.Image.H, Pix: append(img.Pix, op.Image.Pix...)}
			}
		}
		side := 33 + 2*qrQuiet // version 4, level H
		if img.H != side*c.want {
			t.Fatalf("module %d on %d dots: %d high, want %d", c.module, c.dots, img.H, side*c.want)
		}
		for y := range img.H {
			for x := range img.W {
				mx, my := x/c.want, y/c.want
				quiet := mx < qrQuiet || my < qrQuiet || mx >= side-qrQuiet || my >= side-qrQuiet
				if img.Black(x, y) && quiet {
					t.Fatalf("black dot %d, %d in the quiet zone", x, y)
				}
				if img.Black(x, y) != img.Black(mx*c.want, my*c.want) {
					t.Fatalf("module %d, %d is not of one colour", mx, my)
				}
			}
		}
		if !img.Black(qrQuiet*c.want, qrQuiet*c.want) {
			t.Error("no finder pattern in the corner")
		}
	}
}

// The bands of a picture put together are the picture, and none is too long.
func TestBands(t *testing.T) {
	b := NewBitmap(576, 300)
	for y := range b.H {
		for x := range b.W {
			if (x*y)%7 < 3 {
				b.Set(x, y)
			}
		}
	}
	breakRealTime(b.Pix) // what may change, changed before
	var pix []byte
	for _, op := range Decode(encode(t, Document{Raster{Image: b}}, Profile{}, nil)) {
		if op.Kind == OpRaster {
			if len(op.Image.Pix) > maxBandBytes {
				t.Errorf("band of %d bytes", len(op.Image.Pix))
			}
			pix = append(pix, op.Image.Pix...)
		}
	}
	if !bytes.Equal(pix, b.Pix) {
		t.Error("the bands are not the picture")
	}
}

func TestBitmapOf(t *testing.T) {
	img := image.NewNRGBA(image.Rect(3, 3, 7, 4))
	for i, c := range []color.NRGBA{{0, 0, 0, 255}, {0, 0, 0, 0}, {200, 200, 200, 255}, {0, 0, 0, 200}} {
		img.SetNRGBA(3+i, 3, c)
	}
	b := bitmapOf(img)
	if b.W != 4 || b.H != 1 || b.Pix[0] != 0b1001_0000 {
		t.Errorf("%dx%d %08b", b.W, b.H, b.Pix)
	}
	b.Set(9, 9)
	if b.Black(-1, 0) || b.Black(0, 1) || b.At(0, 0) != (color.Gray{}) || b.At(1, 0) != (color.Gray{Y: 255}) {
		t.Error("outside is not white")
	}
}

func TestProfiles(t *testing.T) {
	for _, want := range Profiles() {
		got, err := ProfileByName(want.Name)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", want.Name, got, err)
		}
		if got.Columns(1) != got.Dots/12 || got.Columns(2) != got.Dots/24 {
			t.Errorf("%s: %d columns", want.Name, got.Columns(1))
		}
	}
	if p, err := ProfileByName(""); err != nil || p != Generic80() {
		t.Errorf("default: %+v, %v", p, err)
	}
	if _, err := ProfileByName("fax"); err == nil || !strings.Contains(err.Error(), "epson-80") {
		t.Errorf("unknown: %v", err)
	}
	if p := (Profile{LineRate: 9600}).filled(); p.Dots != 576 || p.LineRate != 9600 || p.Dialect != Epson || !p.Confirms() {
		t.Errorf("zero with a line rate: %+v", p)
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("李㛃 A012", uint8(2), []byte{0x10, 0x04, 0x10, 0x05}, uint8(1))
	f.Add("\x1b@\u2028户口（登记）\t", uint8(8), []byte{0x10, 0x10, 0x14}, uint8(3))
	f.Fuzz(func(t *testing.T, text string, size uint8, pix []byte, stride uint8) {
		if len(text) > 600 || len(pix) > 4096 {
			return // more of the same, and drawn character by character
		}
		w := int(stride%72) + 1
		img := &Bitmap{W: w * 8, H: len(pix) / w, Pix: pix[:len(pix)/w*w]}
		b, err := Encode(Document{Text{Text: text, Size: int(size%8) + 1}, Raster{Image: img}}, Profile{}, &drawer{})
		if text == "fail" || err != nil && size%8 == 7 && strings.Contains(err.Error(), "picture of") {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkNoRealTime(t, b)
		for _, op := range Decode(b) {
			if op.Kind == OpNoise || op.Kind == OpCutShort || op.Kind == OpClear {
				t.Fatalf("our own bytes are not understood: %s % X", op.Kind, op.Data)
			}
		}
	})
}
