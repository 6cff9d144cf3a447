package screens

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/canvas"
	"github.com/skip2/go-qrcode"

	"hallkiosk/app/guide"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
)

func TestSpread(t *testing.T) {
	heading := func(at ...int) func(int) bool { return func(i int) bool { return slices.Contains(at, i) } }
	for _, c := range []struct {
		name    string
		heights []float32
		room    float32
		limit   int
		keep    func(int) bool
		want    []int
	}{
		{"nothing", nil, 100, 12, nil, []int{0}},
		{"one page", []float32{30, 30, 20}, 100, 12, nil, []int{0}},
		{"equally full, not 3 and 1", []float32{30, 30, 30, 30}, 110, 12, nil, []int{0, 2}},
		{"gaps count", []float32{50, 50}, 105, 12, nil, []int{0, 1}},
		{"too high for any page", []float32{20, 300, 20}, 100, 12, nil, []int{0, 1, 2}},
		{"limit", []float32{1, 1, 1, 1, 1}, 1000, 2, nil, []int{0, 2, 4}},
		{"heading stays with what follows", []float32{60, 10, 60}, 100, 12, heading(1), []int{0, 1}},
		{"heading at the end", []float32{60, 10}, 100, 12, heading(1), []int{0}},
		{"heading over what is too high", []float32{10, 200}, 100, 12, heading(0), []int{0, 1}},
	} {
		if got := spread(c.heights, 10, c.room, c.limit, c.keep); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Every page that Folds makes holds what stands on it, for every tab, mode,
// language and panel: all pages of long guides, not only those of the gallery.
func TestEveryPageOfFoldsFits(t *testing.T) {
	for _, panel := range ReferencePanels() {
		s := newStage(t, panel.Panel)
		folds := drawing(t, panel.Panel).Folds
		for _, v := range Variants() {
			samples, err := Gallery(panel.Panel, v)
			if err != nil {
				t.Fatal(err)
			}
			var view session.View
			for _, sample := range samples {
				if sample.Name == "guide-materials" {
					view = sample.View
				}
			}
			g := &gallery{v: v}
			blocks := g.materials(19)
			for i := range 12 {
				blocks = append(blocks,
					session.Block{Kind: session.BlockHeading, Title: g.in("谁可以办", "Who can apply")},
					session.Block{Kind: session.BlockText, Text: galleryLongText[:3*(10+i*9)]},
					session.Block{Kind: session.BlockStep, Step: i + 1, Title: g.in("受理", "Hand in"), Text: galleryLongText[:3*(5+i*3)]},
					session.Block{Kind: session.BlockFact, Title: g.in("办理窗口", "Windows"), Text: g.in("一楼 A 区", "Floor 1")},
				)
			}
			head := *view.Guide
			starts := folds(head, blocks, v.Assisted, v.Language)
			if starts[0] != 0 || !slices.IsSorted(starts) {
				t.Fatalf("%s %s: starts %v", panel.Name, v.Name(), starts)
			}
			for i, from := range starts {
				to := len(blocks)
				if i+1 < len(starts) {
					to = starts[i+1]
				}
				page := head
				page.Blocks, page.Number, page.Pages = blocks[from:to], i+1, len(starts)
				view.Guide = &page
				s.Show(view)
				for _, w := range overlaps(s.things(), touch.NewMetrics(panel.Panel, v.Assisted).Screen()) {
					t.Errorf("%s %s page %d of %d: %s", panel.Name, v.Name(), i+1, len(starts), w)
				}
				if last := to - 1; to < len(blocks) && to-from > 1 && blocks[last].Kind == session.BlockHeading {
					t.Errorf("%s %s page %d: a heading at its end", panel.Name, v.Name(), i+1)
				}
			}
			// What changes while the page stands must not move anything.
			moved := head
			moved.Ready, moved.Printing, moved.Barred, moved.Number, moved.Pages = 3, session.GuidePrinted, session.Closed, 7, 9
			if got := folds(moved, blocks, v.Assisted, v.Language); !slices.Equal(got, starts) {
				t.Errorf("%s %s: other pages when paper or ticks have changed", panel.Name, v.Name())
			}
		}
	}
}

// A tick changes its material and the count, and touches nothing else.
func TestATickTouchesItsMaterialOnly(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	v := sample(t, panel, "guide-materials")
	s.draw(v)
	was := make(map[string]touch.Rect)
	for _, th := range s.things() {
		if th.control != nil {
			was[th.control.Name()] = th.r
		}
	}
	g := *v.Guide
	g.Blocks = slices.Clone(g.Blocks)
	g.Blocks[0].Ticked, g.Ready = true, 2
	v.Guide = &g
	if n := s.draw(v); n > 14 {
		t.Errorf("%d changes for a tick", n)
	}
	for _, th := range s.things() {
		if th.control != nil && was[th.control.Name()] != th.r {
			t.Errorf("%s moved", th.what)
		}
	}
}

func TestHitsAndShortened(t *testing.T) {
	for _, c := range []struct {
		title, shown string
		marks        [][2]int
		want         string // + where a mark lies
	}{
		{"居住证办理", "居住证办理", [][2]int{{0, 2}}, "++---"},
		{"居住证办理", "居住证办理", [][2]int{{1, 2}, {4, 5}}, "-+--+"},
		{"一二三四五六七八", "一二…七八", [][2]int{{1, 4}, {7, 8}}, "-+--+"},
		{"一二三", "一二三", nil, "---"},
		{"一二三", "一二三", [][2]int{{2, 9}}, "--+"},
	} {
		var got strings.Builder
		for _, hit := range hits(c.title, c.shown, c.marks) {
			got.WriteString(map[bool]string{true: "+", false: "-"}[hit])
		}
		if got.String() != c.want {
			t.Errorf("%s as %s with %v: %s, want %s", c.title, c.shown, c.marks, got.String(), c.want)
		}
	}
	faces, err := touch.LoadFaces()
	if err != nil {
		t.Fatal(err)
	}
	long := "Living and nursing allowances for people with disabilities and their families"
	for width := float32(80); width < 400; width += 13 {
		short := shortened(faces.Regular, long, 20, width, 2)
		head, tail, cut := strings.Cut(short, "…")
		if !cut {
			continue
		}
		words := strings.Fields(long)
		for _, w := range append(strings.Fields(head), strings.Fields(tail)...) {
			if !slices.Contains(words, w) {
				t.Errorf("%q has %q, a part of a word", short, w)
			}
		}
	}
}

// The marked parts of a found title are bold and blue, the others are not, and
// together they are the title.
func TestFoundPartsAreMarked(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	s.draw(sample(t, panel, "search-many"))
	var bold, plain bool
	for _, th := range s.things() {
		if th.text == nil {
			continue
		}
		switch th.text.Text {
		case "居住":
			if th.text.TextStyle.Bold && th.text.Color == color.Color(s.kit.normal.Colors.BlueInk) {
				bold = true
			}
		case "证办理":
			plain = !th.text.TextStyle.Bold
		}
	}
	if !bold || !plain {
		t.Errorf("marked part bold and blue: %v, the rest plain: %v", bold, plain)
	}
}

// What was typed and written is gone with the page.
func TestNothingOfASearchStaysBehind(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	for _, name := range []string{"search-long-text", "search-characters-found", "takeaway-code"} {
		s.draw(sample(t, panel, name))
	}
	s.draw(sample(t, panel, "home-guides"))
	for _, text := range s.frame.Kept() {
		for _, private := range []string{"liudong", "户", "大", "hall.example.cn"} {
			if strings.Contains(text, private) && text != "全大厅" && !strings.Contains(text, "示例街道") {
				t.Errorf("%q is still there", text)
			}
		}
	}
}

func TestResultsHoldTheSameWithEveryInput(t *testing.T) {
	for _, panel := range ReferencePanels() {
		results := drawing(t, panel.Panel).Results
		for _, v := range Variants() {
			starts := results(make([]session.Choice, 20), v.Assisted, v.Language)
			if len(starts) < 3 || starts[1] < 2 || starts[1] > 6 {
				t.Errorf("%s %s: pages begin at %v", panel.Name, v.Name(), starts)
			}
			if got := results(nil, v.Assisted, v.Language); !slices.Equal(got, []int{0}) {
				t.Errorf("%s %s: nothing found: %v", panel.Name, v.Name(), got)
			}
		}
	}
}

// Pen ink on paper is read as easily as other text of the stricter mode.
func TestPenContrast(t *testing.T) {
	for _, p := range []touch.Palette{touch.NormalPalette(), touch.AssistedPalette()} {
		if c := touch.Contrast(penBlue, p.Card); c < 7 {
			t.Errorf("pen on paper: %.1f", c)
		}
	}
}

func TestStrokesGoBothWays(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	s.draw(sample(t, panel, "search-reading"))
	if _, ok := s.frame.PadPlace(); !ok {
		t.Fatal("no pad on the page")
	}
	s.draw(sample(t, panel, "search-digits"))
	if _, ok := s.frame.PadPlace(); ok {
		t.Error("a pad beside the digits")
	}
	press(s.control(t, "key.7"))
	if want := []session.Event{session.KeyPressed{Key: '7'}}; !reflect.DeepEqual(s.sent, want) {
		t.Errorf("sent %#v", s.sent)
	}
}

// The nine keys of a panel too narrow for ten: one touch opens, a second types.
func TestNineKeysType(t *testing.T) {
	panel := ReferencePanels()[3].Panel
	s := newStage(t, panel)
	v := sample(t, panel, "search-no-handwriting")
	v.Assisted = true
	s.draw(v)
	press(s.control(t, "key.group0"))
	*s.guard = touch.Guard{}
	if len(s.sent) != 0 {
		t.Fatalf("opening a group sent %#v", s.sent)
	}
	for _, c := range s.frame.Controls() {
		if strings.HasSuffix(c.Name(), ":b") {
			press(c)
		}
	}
	if want := []session.Event{session.KeyPressed{Key: 'b'}}; !reflect.DeepEqual(s.sent, want) {
		t.Errorf("sent %#v, want %#v", s.sent, want)
	}
}

// qrOn returns the place of the QR code on the stage, with its quiet zone.
func qrOn(t *testing.T, s *stage) image.Rectangle {
	t.Helper()
	for _, o := range s.frame.Objects() {
		if img, ok := o.(*canvas.Image); ok && img.Image != nil && img.ScaleMode == canvas.ImageScalePixels {
			at, size := img.Position(), img.Size()
			if size.Width > 100 {
				return image.Rect(int(at.X), int(at.Y), int(at.X+size.Width), int(at.Y+size.Height))
			}
		}
	}
	t.Fatal("no QR code on the page")
	return image.Rectangle{}
}

// The code on the screen decodes from a picture of the screen, whole and with 15 %
// of it covered, wherever that is not one of the marks that readers look for.
func TestTakeawayDecodes(t *testing.T) {
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg is not installed: see packaging/scripts/debian-packages.sh")
	}
	decode := func(img image.Image) string {
		name := filepath.Join(t.TempDir(), "screen.png")
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, img); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		out, _ := exec.Command(zbar, "-q", "--raw", name).Output() // fails when it finds nothing
		return strings.TrimSpace(string(out))
	}
	for _, panel := range ReferencePanels() {
		s := newStage(t, panel.Panel)
		for _, assisted := range []bool{false, true} {
			v := sample(t, panel.Panel, "takeaway-code")
			v.Assisted = assisted
			text := v.Takeaway.QR
			code, err := qrcode.New(text, qrcode.Medium)
			if err != nil || code.VersionNumber > 10 {
				t.Fatalf("version %d for %d bytes: %v", code.VersionNumber, len(text), err)
			}
			s.Show(v)
			place := qrOn(t, s)
			screen := s.canvas.Capture()
			name := fmt.Sprintf("%s assisted %v", panel.Name, assisted)
			if got := decode(screen); got != text {
				t.Errorf("%s: read %q", name, got)
				continue
			}
			modules := 4*code.VersionNumber + 17
			scale := place.Dx() / (modules + 8)
			symbol := place.Inset(4 * scale)
			for _, cover := range covers(symbol) {
				got := decode(covered(screen, cover))
				if got != text {
					t.Errorf("%s: with %v of %v covered: read %q", name, cover, symbol, got)
				}
			}
			// The control: half of it covered cannot be read.
			half := symbol
			half.Min.X += symbol.Dx() / 2
			if got := decode(covered(screen, half)); got == text {
				t.Errorf("%s: read with half of it covered: nothing is covered", name)
			}
		}
	}
}

// covers are places of 15 % of the symbol each: stains that touch none of the
// three finder marks.
func covers(symbol image.Rectangle) []image.Rectangle {
	side := symbol.Dx()
	w, h := side*387/1000, side*388/1000 // 0.387 × 0.388 = 0.150
	at := func(x, y int) image.Rectangle {
		return image.Rect(0, 0, w, h).Add(symbol.Min).Add(image.Pt(x, y))
	}
	middle := (side - w) / 2
	return []image.Rectangle{at(middle, middle), at(side-w, side-h), at(side-w, middle), at(middle, side-h)}
}

func covered(screen image.Image, r image.Rectangle) image.Image {
	out := image.NewNRGBA(screen.Bounds())
	draw.Draw(out, out.Bounds(), screen, image.Point{}, draw.Src)
	draw.Draw(out, r, image.NewUniform(color.Gray{0x90}), image.Point{}, draw.Src)
	return out
}

// BenchmarkGuide is what Fyne's goroutine spends before the first pixel of a guide
// or a code changes; the bounds are 50 and 20 ms.
func BenchmarkGuide(b *testing.B) {
	panel := ReferencePanels()[0].Panel
	s := newStage(b, panel)
	list, guide := sample(b, panel, "list-matters-344"), sample(b, panel, "guide-materials-19")
	take := sample(b, panel, "takeaway-code")
	folds := drawing(b, panel).Folds
	blocks := (&gallery{v: Variants()[0]}).materials(19)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			folds(*guide.Guide, blocks, false, session.Chinese)
			s.draw(guide)
			b.StopTimer()
			s.draw(list)
			b.StartTimer()
		}
	})
	b.Run("code", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			t := *take.Takeaway
			t.QR = fmt.Sprintf("%s%04d", take.Takeaway.QR[:len(take.Takeaway.QR)-4], n%10000)
			v := take
			v.Takeaway = &t
			s.draw(v)
		}
	})
	b.Run("key", func(b *testing.B) {
		one, many := sample(b, panel, "search-one"), sample(b, panel, "search-many")
		for b.Loop() {
			s.draw(one)
			s.draw(many)
		}
	})
}

// The pages of a catalogue with everything that is hard to draw, as the session
// gives them.
func TestCatalogueGalleryFits(t *testing.T) {
	c := &guide.Catalogue{Sample: true}
	g := &gallery{v: Variants()[0]}
	for i, it := range g.items(40) {
		m := guide.Guide{
			ID: it.ID, Name: fmt.Sprintf("%s %d", it.Title, i), Department: galleryDepartments[i%7%3][0], Kind: guide.Promise,
			Summary: "一句话说明", Conditions: []string{galleryLongText}, For: []guide.Person{guide.Individual},
			Promised: guide.Limit{Number: 5, Unit: guide.WorkingDays}, Legal: guide.Limit{Number: 20, Unit: guide.WorkingDays},
			Phone: "0826-5550188", Steps: []guide.Step{{Name: "受理", Text: "到窗口交材料"}, {Name: "办结"}},
		}
		if i == 2 {
			m.Name = galleryLongItem
		}
		for range i % 20 {
			m.Materials = append(m.Materials, guide.Material{Name: "居民身份证", Originals: 1, Copies: 2, Note: "复印件可以在大厅复印"})
		}
		if i == 5 {
			m.Forms = []guide.Form{{ID: "f", Name: "申请表", Fields: []guide.FormField{{Name: "姓名", Sample: "测试员", Help: "和身份证上的一样"}}}}
			m.Department = "档案馆"
		}
		c.Guides = append(c.Guides, m)
	}
	for _, panel := range ReferencePanels() {
		s := newStage(t, panel.Panel)
		for _, v := range Variants() {
			samples, err := CatalogueGallery(c, nil, panel.Panel, v)
			if err != nil {
				t.Fatal(err)
			}
			if len(samples) < 20 {
				t.Errorf("%s %s: %d samples", panel.Name, v.Name(), len(samples))
			}
			for _, sample := range samples {
				s.Show(sample.View)
				for _, w := range overlaps(s.things(), touch.NewMetrics(panel.Panel, v.Assisted).Screen()) {
					t.Errorf("%s %s %s: %s", panel.Name, v.Name(), sample.Name, w)
				}
			}
		}
	}
}
