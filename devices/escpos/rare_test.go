package escpos

import (
	"bytes"
	"strings"
	"testing"
)

// kinds names the operations of a job behind its head, with the sizes of
// pictures left out.
func kinds(t *testing.T, b []byte) string {
	t.Helper()
	var out []string
	for _, op := range Decode(b[len(head):]) {
		out = append(out, string(op.Kind))
		if op.Kind == OpNoise || op.Kind == OpCutShort {
			t.Errorf("our own bytes are not understood: % X", op.Data)
		}
	}
	return strings.Join(out, " ")
}

// One character that the printer lacks costs less than 300 bytes, at normal
// size on every printer and enlarged on one that takes characters of ours.
func TestOneRareCharacter(t *testing.T) {
	for _, c := range []struct {
		name, with, without string
		size                int
		profile             Profile
		want                string
	}{
		{"in line", "姓名：李㛃丽", "姓名：李丽", 1, Generic80(), "text inline text line"},
		{"private use", "王\uE2A5", "王", 1, Generic58(), "text inline line"},
		{"beyond the BMP", "𠮷野", "野", 1, Epson80(), "inline text line"},
		{"several in a row", "㛃𠮷A", "A", 1, Generic80(), "inline text line"},
		{"with a mark", "Ze\u0301 A", "Z A", 1, Generic80(), "text inline text line"},
		{"enlarged", "李㛃丽", "李丽", 2, Epson80(), "define size text line"},
		{"enlarged, twice the same", "㛃A㛃", "A", 6, Epson80(), "define size text line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &drawer{}
			b := encode(t, Document{Text{Text: c.with, Size: c.size}}, c.profile, d)
			if got := kinds(t, b); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			plain := encode(t, Document{Text{Text: c.without, Size: c.size}}, c.profile, d)
			if n := len(b) - len(plain); n > 300 {
				t.Errorf("%d bytes more", n)
			}
			for _, a := range d.asked {
				if !strings.HasSuffix(a, "/24/false") {
					t.Errorf("drawn: %s", a)
				}
			}
			checkNoRealTime(t, b)
		})
	}
}

// What cannot be done in line is drawn whole: more rare characters than a
// printer keeps, half-wide ones, and a printer without any of ours.
func TestLinesDrawnWhole(t *testing.T) {
	for _, c := range []struct {
		text    string
		profile Profile
	}{
		{"㐀㐁㐂㐃㐄㐅㐆", Epson80()},
		{"e\u0301", Epson80()},
		{"㛃", Generic80()},
	} {
		d := &drawer{}
		b := encode(t, Document{Text{Text: c.text, Size: 2}}, c.profile, d)
		if got := kinds(t, b); !strings.HasPrefix(got, "raster feed-dots") && !strings.HasPrefix(got, "raster") || strings.Contains(got, "text") {
			t.Errorf("%q: %s", c.text, got)
		}
	}
}

// The dots that reach the paper are those that were drawn.
func TestColumns(t *testing.T) {
	b := NewBitmap(36, 24)
	for y := range b.H {
		for x := range b.W {
			if (x*7+y*3)%5 == 0 {
				b.Set(x, y)
			}
		}
	}
	back := fromColumns(columns(b))
	if back.W != b.W || !bytes.Equal(back.Pix, b.Pix) {
		t.Error("columns and back is another picture")
	}
	op, n := NextOp(append([]byte{esc, '*', 33, 36, 0}, columns(b)...))
	if op.Kind != OpInline || n != 5+36*3 || !bytes.Equal(op.Image.Pix, b.Pix) {
		t.Errorf("%s, %d bytes", op.Kind, n)
	}
}

// Every pair of bytes that raster data can hold, in all bands: none starts a
// real-time command, and nothing but its first byte was changed.
func TestNoRealTimeInAnyBand(t *testing.T) {
	const stride = 72
	b := NewBitmap(stride*8, 1824) // 256 × 256 pairs
	for i := range 256 * 256 {
		b.Pix[2*i%len(b.Pix)], b.Pix[(2*i+1)%len(b.Pix)] = byte(i>>8), byte(i)
	}
	for _, p := range []Profile{Generic80(), {Dots: 576, MaxBand: 1}, {Dots: 576, MaxBand: 7}, {Dots: 576, MaxBand: 1024}} {
		job := encode(t, Document{Raster{Image: b}}, p, nil)
		checkNoRealTime(t, job)
		var pix []byte
		for _, op := range Decode(job) {
			if op.Kind == OpRaster {
				pix = append(pix, op.Image.Pix...)
			}
		}
		changed := 0
		for i := range pix {
			if pix[i] != b.Pix[i] {
				changed++
				if b.Pix[i] != 0x10 || pix[i] != 0x18 {
					t.Fatalf("byte %d was %02X and is %02X", i, b.Pix[i], pix[i])
				}
			}
		}
		if len(pix) != len(b.Pix) || changed < 3 {
			t.Errorf("%d bytes, %d changed", len(pix), changed)
		}
	}
	// The same in the columns of ESC * and FS 2, through a drawer of such dots.
	d := &drawer{}
	for _, size := range []int{1, 3} {
		checkNoRealTime(t, encode(t, Document{Text{Text: "㛃", Size: size}}, Epson80(), d))
	}
	awkward := NewBitmap(24, 24)
	for i, want := range []byte{0x10, 0x04, 0x10, 0x05, 0x10, 0x14} {
		for bit := range 8 {
			if want&(0x80>>bit) != 0 {
				awkward.Set(i/3, i%3*8+bit)
			}
		}
	}
	checkNoRealTime(t, columns(awkward))
}

// Four-byte characters go out as text only where the profile says so.
func TestLongCharset(t *testing.T) {
	p := Generic80()
	p.Charset = GB18030Long
	if got := encode(t, Document{Text{Text: "李㛃𠮷"}}, p, &drawer{}); string(got) != head+gb("李㛃𠮷")+"\n" {
		t.Errorf("% X", got)
	}
	if got := kinds(t, encode(t, Document{Text{Text: "\uE2A5"}}, p, &drawer{})); got != "inline line" {
		t.Errorf("private use: %s", got)
	}
}

// The printer's own QR code, where it is allowed and fits.
func TestNativeQR(t *testing.T) {
	const content = "https://hall.example.test/t/A012"
	p := Generic80()
	p.NativeQR = true
	b := encode(t, Document{QR{Content: content, Module: 4, Align: Center}}, p, nil)
	if got := kinds(t, b); got != "align feed-dots qr qr qr qr qr feed-dots" {
		t.Error(got)
	}
	if len(b) > 110 {
		t.Errorf("%d bytes", len(b))
	}
	want := "\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x04\x1d(k\x03\x001E3\x1d(k\x23\x001P0" + content + "\x1d(k\x03\x001Q0"
	if !strings.Contains(string(b), want) {
		t.Errorf("%q", b)
	}
	// Too wide for comfort, and a length that is itself a real-time command.
	for _, q := range []QR{{Content: content, Module: 15}, {Content: strings.Repeat("a", 0x0410-3), Module: 3}} {
		b := encode(t, Document{q}, p, nil)
		if got := kinds(t, b); strings.Contains(got, "qr") || !strings.Contains(got, "raster") {
			t.Error(got)
		}
		checkNoRealTime(t, b)
	}
}

func TestDefinedCode(t *testing.T) {
	b := encode(t, Document{Text{Text: "㛃", Size: 2}}, Epson80(), &drawer{})
	defined := 0
	for _, op := range Decode(b) {
		switch op.Kind {
		case OpDefine:
			defined = op.N
		case OpText:
			if code, ok := DefinedCode([]rune(op.Text)[0]); !ok || code != defined || code == 0 {
				t.Errorf("%X, defined %X", code, defined)
			}
		}
	}
	for _, r := range "A李㛃\uE000" {
		if _, ok := DefinedCode(r); ok {
			t.Errorf("U+%04X can be defined", r)
		}
	}
}
