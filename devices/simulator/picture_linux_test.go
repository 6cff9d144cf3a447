package simulator_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/escpos/raster"
	"hallkiosk/devices/simulator"
)

// drawer draws with the font of the product; the tests of drivers may read its
// file, the drivers themselves may not.
func drawer(t testing.TB) escpos.Rasterizer {
	t.Helper()
	font, err := os.ReadFile("../../assets/fonts/NotoSansCJKsc-Regular.subset.otf")
	if err != nil {
		t.Fatal(err)
	}
	d, err := raster.New(font, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The whole ticket as a picture: zbar, which knows nothing of us, reads the QR
// code in it, sent as dots and drawn by the printer.
func TestQRInThePicture(t *testing.T) {
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg is not installed (Debian: zbar-tools)")
	}
	native := escpos.Epson80()
	native.NativeQR = true
	narrow := escpos.Epson58()
	for _, c := range []struct {
		name    string
		profile escpos.Profile
		dots    int
		line    string // how the code stands among the lines
	}{
		{"raster", escpos.Epson80(), 576, "[picture "},
		{"native", native, 576, "[qr "},
		{"58 mm", narrow, 384, "[picture "},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			h := start(t, simulator.Config{Dir: dir, Unpaced: true, Printer: simulator.PrinterModel{Dots: c.dots}})
			p := escpos.New(open(t, dir, simulator.PrinterLink), escpos.Opts{Profile: c.profile, Rasterizer: drawer(t)})
			if err := p.Print(t.Context(), ticket("李㛃")); err != nil {
				t.Fatal(err)
			}
			paper := papers(t, h, 1)[0]
			if !strings.Contains(paper.Text(), c.line) {
				t.Errorf("paper:\n%s", paper)
			}
			path := filepath.Join(t.TempDir(), "ticket.png")
			var b bytes.Buffer
			if err := paper.WritePNG(&b, drawer(t)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), zbar, "--quiet", "--raw", path).Output()
			if got := strings.TrimSpace(string(out)); err != nil || got != link {
				t.Errorf("zbarimg: %q, %v", got, err)
			}
			img, err := png.Decode(&b)
			if err != nil || img.Bounds().Dx() != c.dots+64 {
				t.Errorf("%v, %v", img.Bounds(), err)
			}
			if !bytes.Contains(mustRead(t, path)[:64], []byte("pHYs\x00\x00\x1f\x38\x00\x00\x1f\x38\x01")) {
				t.Error("the picture does not say that it has 203 dpi")
			}
		})
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// box draws every character as a black cell, so that places can be measured.
type box struct{}

func (box) DrawLine(text string, high int, _ bool) (image.Image, error) {
	b := escpos.NewBitmap(escpos.Columns(text)*high/2, high)
	for y := range b.H {
		for x := range b.W {
			b.Set(x, y)
		}
	}
	return b, nil
}

// Where things stand on the paper: the numbers are those of the printer's
// manual (24 dots a character, 30 from line to line).
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		want      image.Rectangle // of what is black
		high      int             // of the paper
	}{
		{"half width", "A\n", image.Rect(0, 0, 12, 24), 30},
		{"full width", "\xba\xc5\n", image.Rect(0, 0, 24, 24), 30},
		{"centre", "\x1ba\x01AB\n", image.Rect(276, 0, 300, 24), 30},
		{"right", "\x1ba\x02A\n", image.Rect(564, 0, 576, 24), 30},
		{"double height and width", "\x1d!\x11A\n", image.Rect(0, 0, 24, 48), 48},
		{"double width only", "\x1d!\x10A\n", image.Rect(0, 0, 24, 24), 30},
		{"four times as high", "\x1d!\x03A\n", image.Rect(0, 0, 12, 96), 96},
		{"ESC ! double", "\x1b!\x30A\n", image.Rect(0, 0, 24, 48), 48},
		{"size ends with ESC @", "\x1d!\x11\x1b@A\n", image.Rect(0, 0, 12, 24), 30},
		{"two lines", "A\nA\n", image.Rect(0, 0, 12, 54), 60},
		{"line spacing", "\x1b3\x40A\nA\n", image.Rect(0, 0, 12, 88), 128},
		{"empty line", "\nA\n", image.Rect(0, 30, 12, 54), 60},
		{"feed in dots", "\x1bJ\x0aA\n", image.Rect(0, 10, 12, 34), 40},
		{"feed in lines", "\x1bd\x02A\n", image.Rect(0, 60, 12, 84), 90},
		{"wrapped", strings.Repeat("A", 49) + "\n", image.Rect(0, 0, 576, 54), 60},
		{"raster", "\x1dv0\x00\x01\x00\x02\x00\xff\xff", image.Rect(0, 0, 8, 2), 2},
		{"raster in the centre", "\x1ba\x01\x1dv0\x00\x01\x00\x02\x00\xff\xff", image.Rect(284, 0, 292, 2), 2},
		{"raster twice as large", "\x1dv0\x03\x01\x00\x02\x00\xff\xff", image.Rect(0, 0, 16, 4), 4},
		{"graphics", "\x1d8L\x0b\x00\x00\x000p0\x01\x021\x08\x00\x01\x00\xff\x1d(L\x02\x0002", image.Rect(0, 0, 8, 2), 2},
		{"columns in line", "A\x1b*\x21\x01\x00\xff\xff\xff\n", image.Rect(0, 0, 13, 24), 30},
		{"QR code too wide", "\x1d(k\x03\x001C\x10\x1d(k" + "\x67\x001P0" + strings.Repeat("a", 100) + "\x1d(k\x03\x001Q0", image.Rectangle{}, 1},
		{"cut with feed", "A\n\x1dVB\x18", image.Rect(0, 0, 12, 24), 54},
	} {
		dots := simulator.Paper{Raw: []byte(c.raw)}.Dots(box{})
		var black image.Rectangle
		for y := range dots.H {
			for x := range dots.W {
				if dots.Black(x, y) {
					black = black.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		if black != c.want || dots.H != c.high || dots.W != 576 {
			t.Errorf("%s: black %v on %d by %d, want %v on %d", c.name, black, dots.W, dots.H, c.want, c.high)
		}
	}
}

// A native code says what was stored.
func TestNativeQR(t *testing.T) {
	raw := "\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x05\x1d(k\x03\x001E1\x1d(k\x08\x001P0HELLO\x1d(k\x03\x001Q0\n"
	paper := simulator.Paper{Raw: []byte(raw)}
	if got := scanQR(t, withQuiet(paper.Dots(nil))); got != "HELLO" {
		t.Errorf("zbar reads %q", got)
	}
}

// withQuiet puts white around dots.
func withQuiet(b *escpos.Bitmap) *escpos.Bitmap {
	out := escpos.NewBitmap(b.W+80, b.H+80)
	for y := range b.H {
		for x := range b.W {
			if b.Black(x, y) {
				out.Set(40+x, 40+y)
			}
		}
	}
	return out
}

// Whatever bytes a program sends, the picture has an end.
func FuzzDots(f *testing.F) {
	f.Add([]byte("\x1b@\x1d!\x11A012\n\x1dv0\x00\x01\x00\x02\x00\xff\xff\x1dV\x42\x18"))
	f.Add([]byte("\x1d(k\x03\x001C\x05\x1d(k\x08\x001P0HELLO\x1d(k\x03\x001Q0\x1bd\xff\x1bd\xff"))
	f.Add([]byte("\x1d8L\x0b\x00\x00\x000p0\x01\x021\x08\x00\x01\x00\xff\x1d(L\x02\x0002"))
	f.Add([]byte("\x1c2\xfe\xa1" + strings.Repeat("\x10\x00\xff", 24) + "\xfe\xa1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 600 {
			return // at the largest size a page of it takes seconds to draw
		}
		if dots := (simulator.Paper{Raw: raw}).Dots(box{}); dots.H < 1 || dots.H > 20000 || len(dots.Pix) != dots.Stride()*dots.H {
			t.Fatalf("%d by %d", dots.W, dots.H)
		}
	})
}

// What is coming out has a picture too, and the torn end of an old paper shows.
func TestTornPicture(t *testing.T) {
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Unpaced: true, Drawer: box{}})
	port := open(t, dir, simulator.PrinterLink)
	if _, err := port.Write([]byte("A012\n")); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); !h.State().Printer.Printing; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is being printed")
		}
	}
	do(t, h, "paper out", "paper load")
	paper := papers(t, h, 1)[0]
	var b bytes.Buffer
	if err := paper.WritePNG(&b, nil); err != nil || !paper.Torn {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, a := img.At(8, img.Bounds().Dy()-1).RGBA(); a != 0 {
		t.Error("the end is straight")
	}
}
