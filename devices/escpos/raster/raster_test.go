package raster

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"hallkiosk/devices/escpos"
)

// noto is the font that the programs carry: CFF outlines, character IDs.
func noto(t testing.TB) *Font {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "assets", "fonts", "NotoSansCJKsc-Regular.subset.otf"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func draw(t testing.TB, f *Font, text string, height int, bold bool) *escpos.Bitmap {
	t.Helper()
	img, err := f.DrawLine(text, height, bold)
	if err != nil {
		t.Fatal(err)
	}
	return img.(*escpos.Bitmap)
}

// black counts the dots in columns x0 up to x1.
func black(b *escpos.Bitmap, x0, x1 int) (n int) {
	for y := range b.H {
		for x := x0; x < x1; x++ {
			if b.Black(x, y) {
				n++
			}
		}
	}
	return n
}

// picture shows a line in letters, for comparing by eye.
func picture(b *escpos.Bitmap) string {
	var s strings.Builder
	for y := range b.H {
		for x := range b.W {
			if b.Black(x, y) {
				s.WriteByte('#')
			} else {
				s.WriteByte('.')
			}
		}
		s.WriteByte('\n')
	}
	return s.String()
}

// The whole character stands in its cell as drawn by eye: strokes where 十 has
// them, and none elsewhere.
func TestGlyph(t *testing.T) {
	b := draw(t, noto(t), "十", 24, false)
	if b.W != 24 || b.H != 24 {
		t.Fatalf("%dx%d", b.W, b.H)
	}
	row, column := 0, 0 // the longest ones
	for i := range 24 {
		r, c := 0, 0
		for j := range 24 {
			if b.Black(j, i) {
				r++
			}
			if b.Black(i, j) {
				c++
			}
		}
		row, column = max(row, r), max(column, c)
	}
	if row < 18 || column < 18 || black(b, 0, 24) > 110 {
		t.Errorf("this is no 十:\n%s", picture(b))
	}
}

func TestCells(t *testing.T) {
	f := noto(t)
	for _, height := range []int{24, 48, 96, 192} {
		b := draw(t, f, "李㛃 W01", height, false)
		if b.W != 4*height || b.H != height {
			t.Errorf("%d dots high: %dx%d", height, b.W, b.H)
		}
		half := height / 2
		for cell, want := range []bool{true, true, true, true, false, true, true, true} {
			if n := black(b, cell*half, (cell+1)*half); (n > 0) != want {
				t.Errorf("%d dots high: half cell %d has %d black dots\n%s", height, cell, n, picture(b))
			}
		}
	}
	// A letter too wide for its cell is narrowed, not cut: W is symmetric.
	b := draw(t, f, "W", 48, false)
	if l, r := black(b, 0, 6), black(b, 18, 24); l == 0 || r == 0 || l > 2*r || r > 2*l {
		t.Errorf("W:\n%s", picture(b))
	}
}

// What the font lacks is 〓: two bars.
func TestMissing(t *testing.T) {
	f := noto(t)
	want := picture(draw(t, f, "〓", 24, false))
	if !strings.Contains(want, strings.Repeat("#", 16)) {
		t.Fatalf("this is no 〓:\n%s", want)
	}
	for _, r := range []string{"\uE2A5", "\uFFFD", "\U000F0000"} {
		if got := picture(draw(t, f, r, 24, false)); got != want {
			t.Errorf("%+q:\n%s", r, got)
		}
	}
	// A font without 〓 shows its own sign for missing characters.
	latin, err := New(goregular.TTF, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := black(draw(t, latin, "中", 24, false), 0, 24); n == 0 {
		t.Error("nothing at all for a missing character")
	}
}

func TestBold(t *testing.T) {
	f := noto(t)
	plain, thick := draw(t, f, "号", 24, false), draw(t, f, "号", 24, true)
	if p, b := black(plain, 0, 24), black(thick, 0, 24); b < p*11/10 || b > p*2 {
		t.Errorf("%d dots plain, %d bold", p, b)
	}
	two, err := New(goregular.TTF, gobold.TTF)
	if err != nil {
		t.Fatal(err)
	}
	one, err := New(goregular.TTF, nil)
	if err != nil {
		t.Fatal(err)
	}
	if picture(draw(t, two, "A", 48, true)) == picture(draw(t, one, "A", 48, true)) {
		t.Error("the bold font is not used")
	}
}

func TestCombining(t *testing.T) {
	f, err := New(goregular.TTF, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b := draw(t, f, "e\u0301", 24, false); b.W != 12 {
		t.Errorf("%d dots wide", b.W)
	}
	draw(t, f, "\u0301", 24, false) // with nothing to stand on
}

func TestErrors(t *testing.T) {
	if _, err := New([]byte("no font"), nil); err == nil {
		t.Error("no font passes")
	}
	if _, err := New(goregular.TTF, []byte{}); err == nil {
		t.Error("no bold font passes")
	}
	f := noto(t)
	for _, h := range []int{0, 7, 257} {
		if _, err := f.DrawLine("a", h, false); err == nil {
			t.Errorf("%d dots pass", h)
		}
	}
	if _, err := f.DrawLine(strings.Repeat("一", 300), 24, false); err == nil {
		t.Error("a line wider than paper passes")
	}
	if img, err := f.DrawLine("", 24, false); err != nil || img.Bounds() != image.Rect(0, 0, 0, 24) {
		t.Errorf("an empty line: %v", err)
	}
}

// Reading the 9 MB font must not slow a start down.
func BenchmarkNew(b *testing.B) {
	font, err := os.ReadFile(filepath.Join("..", "..", "..", "assets", "fonts", "NotoSansCJKsc-Regular.subset.otf"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := New(font, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDrawLine(b *testing.B) {
	f := noto(b)
	for b.Loop() {
		draw(b, f, "李㛃 取号办理业务一二三四", 24, false)
	}
}
