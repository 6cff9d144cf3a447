package slip

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"hallkiosk/assets"
	"hallkiosk/devices/escpos"
	"hallkiosk/devices/escpos/raster"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

// drawer draws with the product's fonts, in place of the printer's own characters too.
func drawer(t *testing.T) escpos.Rasterizer {
	t.Helper()
	d, err := fonts()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var fonts = sync.OnceValues(func() (*raster.Font, error) { return raster.New(assets.FontRegular, assets.FontBold) })

// printed prints a document on the simulated printer and returns the pieces of paper.
func printed(t *testing.T, p escpos.Profile, doc escpos.Document) []simulator.Paper {
	t.Helper()
	dir := t.TempDir()
	h, err := simulator.Start(simulator.Config{Dir: dir, Unpaced: true, Printer: simulator.PrinterModel{Dots: p.Dots}})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	port, err := serialport.Open(serialport.Config{Path: filepath.Join(dir, simulator.PrinterLink)})
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	if err := escpos.New(port, escpos.Opts{Profile: p, Rasterizer: drawer(t)}).Print(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	return h.Printer.Papers()
}

// The lists as they come out of the printer. Look at every picture that changes: a
// citizen of 75 has to read it.
func TestPictures(t *testing.T) {
	cases := guideCases(t)
	for _, name := range []string{
		"guide-80mm", "guide-58mm", "guide-large-80mm", "guide-english", "guide-elsewhere", "guide-longest-80mm",
	} {
		t.Run(name, func(t *testing.T) {
			c := cases[name]
			if !c.profile.Cutter {
				c.profile = escpos.Epson58() // the simulated printer ends a paper at a cut
			}
			for i, paper := range printed(t, c.profile, c.list.Document(c.profile)) {
				file := name
				if i > 0 {
					file += "-" + strconv.Itoa(i+1)
				}
				goldenPicture(t, filepath.Join("testdata", file+".png"), paper.Dots(drawer(t)))
			}
		})
	}
}

// goldenPicture compares dot by dot. One dot in a thousand may differ: processors
// round the outlines of characters differently.
func goldenPicture(t *testing.T, path string, b *escpos.Bitmap) {
	t.Helper()
	got := image.NewPaletted(image.Rect(0, 0, b.W, b.H), color.Palette{color.White, color.Black})
	for y := range b.H {
		for x := range b.W {
			if b.Black(x, y) {
				got.SetColorIndex(x, y, 1)
			}
		}
	}
	if *update {
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want, ok := img.(*image.Paletted)
	if !ok || want.Bounds() != got.Bounds() {
		t.Fatalf("%s: a picture of %v, not %v; look at it, then run the test with -update", path, img.Bounds(), got.Bounds())
	}
	differ := 0
	for i := range got.Pix {
		if got.Pix[i] != want.Pix[i] {
			differ++
		}
	}
	if differ > len(got.Pix)/1000 {
		t.Errorf("%s: %d of %d dots differ; look at it, then run the test with -update", path, differ, len(got.Pix))
	}
}

// zbar, which knows nothing of us, reads the address from the printed list, whole
// and with 15 % of the code covered.
func TestScans(t *testing.T) {
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg is not installed (Debian: zbar-tools)")
	}
	list, ticket := residence(t), full()
	ticket.QR = list.QR
	for name, document := range map[string]func(escpos.Profile, bool) escpos.Document{
		"list":   func(p escpos.Profile, large bool) escpos.Document { list.Large = large; return list.Document(p) },
		"ticket": func(p escpos.Profile, large bool) escpos.Document { ticket.Large = large; return ticket.Document(p) },
	} {
		for _, c := range []struct {
			profile escpos.Profile
			large   bool
		}{{escpos.Epson80(), false}, {escpos.Epson58(), true}} { // the smallest code, and the one that hardly fits
			papers := printed(t, c.profile, document(c.profile, c.large))
			img, code := scan(t, papers[len(papers)-1])
			for _, covered := range []bool{false, true} {
				if covered { // a square in the middle, towards the right
					side := code.Dy() * 387 / 1000
					spot := image.Rect(0, 0, side, side).Add(image.Pt(code.Min.X+code.Dy()-side-code.Dy()/8, code.Min.Y+(code.Dy()-side)/2))
					draw.Draw(img, spot, image.White, image.Point{}, draw.Src)
				}
				path := filepath.Join(t.TempDir(), "list.png")
				var b bytes.Buffer
				if err := png.Encode(&b, img); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
				out, err := exec.CommandContext(t.Context(), zbar, "--quiet", "--raw", path).Output()
				if got := strings.TrimSpace(string(out)); err != nil || got != list.QR {
					t.Errorf("%s, %s, large %v, covered %v: zbarimg: %q, %v", name, c.profile.Name, c.large, covered, got, err)
				}
			}
		}
	}
}

// scan is the paper as a grey picture with a margin, and where the code is on it,
// without its quiet zone.
func scan(t *testing.T, paper simulator.Paper) (*image.Gray, image.Rectangle) {
	t.Helper()
	const margin = 32
	b := paper.Dots(drawer(t))
	img := image.NewGray(image.Rect(0, 0, b.W+2*margin, b.H))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	for y := range b.H {
		for x := range b.W {
			if b.Black(x, y) {
				img.SetGray(x+margin, y, color.Gray{})
			}
		}
	}
	if len(paper.Pictures) != 1 {
		t.Fatalf("%d pictures on the paper", len(paper.Pictures))
	}
	code := paper.Pictures[0]
	left := (b.W - code.W) / 2
	same := func(top int) bool {
		for y := range code.H {
			for x := range code.W {
				if b.Black(left+x, top+y) != code.Black(x, y) {
					return false
				}
			}
		}
		return true
	}
	for y := range b.H - code.H + 1 {
		if same(y) {
			quiet := 0 // of white to the first corner mark, on the diagonal
			for !code.Black(quiet, quiet) {
				quiet++
			}
			return img, image.Rect(0, 0, code.W, code.H).Inset(quiet).Add(image.Pt(margin+left, y))
		}
	}
	t.Fatal("no code on the paper")
	return nil, image.Rectangle{}
}
