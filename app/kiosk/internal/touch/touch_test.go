package touch

import (
	"image"
	"image/color"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"
	fynetest "fyne.io/fyne/v2/test"
	"github.com/skip2/go-qrcode"

	"hallkiosk/assets/icons"
)

func TestMain(m *testing.M) {
	app := fynetest.NewApp()
	app.Settings().SetTheme(NewTheme())
	os.Exit(m.Run())
}

func faces(t testing.TB) *Faces {
	t.Helper()
	f, err := LoadFaces()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestContrast(t *testing.T) {
	for name, c := range map[string]struct {
		p             Palette
		text, graphic float64
	}{
		"normal":   {NormalPalette(), 4.5, 3},
		"assisted": {AssistedPalette(), 7, 4.5},
	} {
		for _, pair := range c.p.Pairs() {
			want := c.text
			if pair.Graphic {
				want = c.graphic
			}
			if got := Contrast(pair.Fore, pair.On); got < want {
				t.Errorf("%s, %s: %.2f:1, want %.1f:1", name, pair.Name, got, want)
			}
		}
	}
	// The control: the two ends of WCAG's scale, and a pair known to be too weak.
	if got := Contrast(rgb(0), rgb(0xFFFFFF)); got < 20.99 || got > 21.01 {
		t.Errorf("black on white: %.2f:1, want 21:1", got)
	}
	if got := Contrast(rgb(0x999999), rgb(0xFFFFFF)); got < 2.8 || got > 2.9 {
		t.Errorf("#999 on white: %.2f:1, want 2.85:1", got)
	}
}

// The lower bounds of the accessibility list in millimetres: Han characters, ticket
// number, targets, the smallest targets, gaps; and line spacing.
func TestMetricsKeepTheBounds(t *testing.T) {
	for _, panel := range ReferencePanels() {
		for assisted, want := range map[bool][6]float64{
			false: {5, 15, 15, 10, 2, 1.3},
			true:  {8, 20, 20, 16, 3, 1.5},
		} {
			m, mm := NewMetrics(panel.Panel, assisted), panel.PxPerMM()
			got := [6]float64{
				float64(m.Body) * 0.92 / mm, float64(m.Number) * 0.733 / mm,
				float64(m.Target) / mm, float64(m.TargetMin) / mm, float64(m.Gap) / mm, float64(m.Leading) + 1e-6,
			}
			for i := range want {
				if got[i] < want[i] {
					t.Errorf("%s, assisted %v: bound %d is %.2f, want %.1f", panel.Name, assisted, i, got[i], want[i])
				}
			}
		}
	}
}

func TestPanelValidate(t *testing.T) {
	for _, p := range ReferencePanels() {
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	for name, p := range map[string]Panel{
		"zero":            {},
		"sides exchanged": {475.9, 267.7, 1080, 1920},
		"centimetres":     {26.8, 47.6, 1080, 1920},
		"no pixels":       {267.7, 475.9, 0, 0},
		"negative":        {-267.7, 475.9, 1080, 1920},
	} {
		if p.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestWrap(t *testing.T) {
	f := faces(t).Regular
	for _, c := range []struct {
		text  string
		width float32 // em
		want  string  // lines joined by |
	}{
		{"", 10, ""},
		{"取号", 10, "取号"},
		{"请把身份证平放在读卡区", 5, "请把身份证|平放在读卡|区"},
		// No line begins with a closing sign or a comma, none ends with an opening one.
		{"您好，您要办理什么业务？", 2, "您|好，|您要|办理|什么|业|务？"},
		{"取水许可（新办）", 5, "取水许可|（新办）"},
		// Words stay whole.
		{"Residence permit", 5, "Residence|permit"},
		{"二楼 B 区 3、4 号窗口", 5, "二楼 B 区|3、4 号窗|口"},
		// A word wider than the line is broken, not cut.
		{"AAAAAAAAAA", 2, "AAA|AAA|AAA|A"},
		{"一行\n又一行", 10, "一行|又一行"},
		{"一行\n", 10, "一行"},
	} {
		got := strings.Join(f.Wrap(c.text, 20, c.width*20), "|")
		if got != c.want {
			t.Errorf("%q in %v em: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestBalance(t *testing.T) {
	f := faces(t).Regular
	for _, c := range []struct {
		text  string
		width float32
		want  string
	}{
		{"请把身份证平放在读卡区", 10, "请把身份证平|放在读卡区"},
		{"把身份证放在读卡区，可直接取号", 11, "把身份证放在读卡区，|可直接取号"},
		{"办身份证、居住证、户口", 9.5, "办身份证、居住证、|户口"},
		{"取号", 10, "取号"},
	} {
		if got := strings.Join(f.Balance(c.text, 20, c.width*20), "|"); got != c.want {
			t.Errorf("%q in %v em: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestElideAndShorten(t *testing.T) {
	f := faces(t).Regular
	long := "一二三四五六七八九十"
	for _, c := range []struct{ got, want string }{
		{f.Elide(long, 20, 200, false), long},
		{f.Elide(long, 20, 100, false), "一二三四…"},
		{f.Elide(long, 20, 100, true), "…七八九十"},
		{f.Elide(long, 20, 1, true), "…"},
		{f.Shorten(long, 20, 100, 2), long},
		{f.Shorten(long, 20, 60, 2), "一二…九十"},
		{f.Shorten(long, 20, 20, 1), "…"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// Whatever the text, no character is lost and no line is wider than the place
// unless it holds a single character.
func FuzzWrap(f *testing.F) {
	for _, s := range []string{
		"请把身份证平放在读卡区", "Residence permit", "二楼 B 区（3、4 号窗口）", "\n\n行\n", "  两  格  ",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "é\u0301a\u200bb", "👩‍👩‍👧", "\xff\xfe", "\u2028x\u2029y", "𠮷野家",
	} {
		f.Add(s, uint8(40))
	}
	face := faces(f).Bold
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" \n\r\v\f\u0085\u2028\u2029", r) {
				return -1
			}
			return r
		}, s)
	}
	f.Fuzz(func(t *testing.T, s string, width uint8) {
		const size = 10
		limit := max(size, float32(width))
		for name, lines := range map[string][]string{
			"Wrap": face.Wrap(s, size, limit), "Balance": face.Balance(s, size, limit),
		} {
			if got, want := bare(strings.Join(lines, "")), bare(string([]rune(s))); got != want {
				t.Errorf("%s lost characters: %q of %q", name, got, want)
			}
			for _, l := range lines {
				if face.Width(l, size) > limit+0.01 && len([]rune(l)) > 1 {
					t.Errorf("%s: %q is %.1f wide, place %.1f", name, l, face.Width(l, size), limit)
				}
			}
		}
	})
}

func TestFaceKnowsItsCharacters(t *testing.T) {
	f := faces(t)
	for _, face := range []*Face{f.Regular, f.Bold} {
		for _, r := range "取号Aa0，㐀龦𠀋" {
			if !face.Has(r) {
				t.Errorf("no glyph for %q", r)
			}
		}
		if face.Has('\U000F0000') {
			t.Error("a glyph for a character of the private area")
		}
		if w := face.Width("取号\U000F0000", 10); w != 30 {
			t.Errorf("width %v, want 30: a missing character counts as one em", w)
		}
	}
}

func TestEveryIconIsThereAndDraws(t *testing.T) {
	var used []string
	for _, i := range []Icon{
		IconBack, IconHome, IconHelp, IconPeople, IconPerson, IconClock, IconPhone, IconPrinter, IconTicket, IconCard,
		IconKeypad, IconPrevious, IconNext, IconWarning, IconInfo, IconPause, IconWindow, IconShield,
		IconCamera, IconDelete, IconDoor, IconList, IconRetry, IconLarge, IconNetwork, PictureCard, PictureNumber,
		IconFace5, IconFace4, IconFace3, IconFace2, IconFace1, IconCheck, IconSearch, IconGuide, IconQR, IconPin, IconForm, IconDepartment, IconTheme, IconLife, IconFirm,
		IconPen, IconKeyboard, IconUndo, IconToilet, IconLift, IconStairs, IconComplaint, IconBoard, IconWrench,
	} {
		used = append(used, string(i)+".svg")
		res, err := i.resource(rgb(0xB04E0C), 96)
		if err != nil {
			t.Error(err)
			continue
		}
		if strings.Contains(string(res.Content()), "currentColor") {
			t.Errorf("%s keeps currentColor", i)
		}
		c := software.NewCanvas()
		c.SetPadded(false)
		img := canvas.NewImageFromResource(res)
		c.SetContent(img)
		c.Resize(fyne.NewSize(96, 96))
		if colors(c.Capture()) < 2 {
			t.Errorf("%s draws nothing", i)
		}
	}
	files, err := fs.Glob(icons.Files, "*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains(used, f) {
			t.Errorf("%s is no Icon", f)
		}
	}
	if _, err := Icon("no-such").resource(rgb(0), 96); err == nil {
		t.Error("an icon that is not there: no error")
	}
}

// Strokes grow with the icon: the share of inked pixels is about the same.
func TestStrokesGrowWithIcons(t *testing.T) {
	ink := func(side int) float64 {
		res, err := IconTicket.resource(rgb(0), float32(side))
		if err != nil {
			t.Fatal(err)
		}
		c := software.NewCanvas()
		c.SetPadded(false)
		c.SetContent(canvas.NewImageFromResource(res))
		c.Resize(fyne.NewSize(float32(side), float32(side)))
		img, n := c.Capture(), 0
		for y := range side {
			for x := range side {
				if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
					n++
				}
			}
		}
		return float64(n) / float64(side*side)
	}
	small, large := ink(48), ink(384)
	if large < small*0.8 || large > small*1.25 {
		t.Errorf("%.3f of the small icon is ink, %.3f of the large one", small, large)
	}
}

func colors(img image.Image) int {
	seen := map[[4]uint32]bool{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			r, g, b, a := img.At(x, y).RGBA()
			seen[[4]uint32{r, g, b, a}] = true
		}
	}
	return len(seen)
}

func newFrame(t *testing.T) *Frame {
	t.Helper()
	f := NewFrame(faces(t), &Guard{})
	f.Begin(NewMetrics(ReferencePanels()[0].Panel, false))
	return f
}

// The code on the panel is, pixel by pixel, the one the library makes, with whole
// pixels per module and its quiet zone.
func TestQRIsCrisp(t *testing.T) {
	f := newFrame(t)
	const text = "https://hall.example.cn/t/k7Qm2xXb9RzWc41v"
	side, err := f.QR(Rect{0, 0, 500, 400}, text)
	if err != nil {
		t.Fatal(err)
	}
	f.End()
	code, err := qrcode.New(text, qrcode.Highest)
	if err != nil {
		t.Fatal(err)
	}
	code.DisableBorder = true
	bits := code.Bitmap()
	modules := len(bits) + 8
	scale := int(side) / modules
	if int(side) != scale*modules || scale != 400/modules {
		t.Fatalf("side %v: want %d modules of %d pixels", side, modules, 400/modules)
	}
	c := software.NewCanvas()
	c.SetPadded(false)
	c.SetContent(f.Object())
	c.Resize(fyne.NewSize(1080, 1920))
	img := c.Capture()
	left, top := (500-int(side))/2, (400-int(side))/2
	for y := range int(side) {
		for x := range int(side) {
			my, mx := y/scale-4, x/scale-4
			dark := my >= 0 && mx >= 0 && my < len(bits) && mx < len(bits) && bits[my][mx]
			r, _, _, _ := img.At(left+x, top+y).RGBA()
			if (r < 0x8000) != dark || r != 0 && r != 0xffff {
				t.Fatalf("pixel %d,%d is %#x, module dark: %v", x, y, r, dark)
			}
		}
	}
}

// As much error correction as version 10 has room for: its capacities in bytes are
// 119 at level H, 151 at Q, 213 at M (ISO/IEC 18004, table 7).
func TestQRHasTheMostErrorCorrection(t *testing.T) {
	for _, c := range []struct {
		bytes int
		level qrcode.RecoveryLevel
		fits  bool
	}{
		{40, qrcode.Highest, true}, {119, qrcode.Highest, true}, {120, qrcode.High, true}, {151, qrcode.High, true},
		{152, qrcode.Medium, true}, {213, qrcode.Medium, true}, {214, qrcode.Medium, false},
	} {
		code, err := strongestQR(strings.Repeat("a", c.bytes))
		if err != nil {
			t.Fatal(err)
		}
		if code.Level != c.level || (code.VersionNumber <= largestVersion) != c.fits {
			t.Errorf("%d bytes: level %v, version %d; want level %v", c.bytes, code.Level, code.VersionNumber, c.level)
		}
	}
}

func TestQRThatCannotBeDrawn(t *testing.T) {
	f := newFrame(t)
	if _, err := f.QR(Rect{0, 0, 20, 20}, "https://hall.example.cn"); err == nil {
		t.Error("a place of 20 pixels: no error")
	}
	if _, err := f.QR(Rect{0, 0, 400, 400}, strings.Repeat("x", 3000)); err == nil {
		t.Error("3000 bytes: no error")
	}
}

func TestControlActsOnReleaseOnly(t *testing.T) {
	down := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	for name, c := range map[string]struct {
		do   func(*Control)
		want int
	}{
		"down and up":             {func(c *Control) { c.MouseDown(down); c.MouseUp(down); c.Tapped(nil) }, 1},
		"down only":               {func(c *Control) { c.MouseDown(down) }, 0},
		"slid off":                {func(c *Control) { c.MouseDown(down); c.MouseOut() }, 0},
		"slid off and on again":   {func(c *Control) { c.MouseDown(down); c.MouseOut(); c.MouseIn(down); c.MouseUp(down); c.Tapped(nil) }, 1},
		"slid on from elsewhere":  {func(c *Control) { c.MouseIn(down); c.MouseUp(down) }, 0},
		"a tap without its press": {func(c *Control) { c.Tapped(nil) }, 0},
		"the other mouse button": {func(c *Control) {
			c.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonSecondary})
			c.Tapped(nil)
		}, 0},
		"another job in between":   {func(c *Control) { c.MouseDown(down); c.set("b", Look{}, Press{Tap: c.tap}); c.Tapped(nil) }, 0},
		"the same job drawn again": {func(c *Control) { c.MouseDown(down); c.set("a", Look{}, Press{Tap: c.tap}); c.Tapped(nil) }, 1},
	} {
		taps := 0
		control := newControl(&Guard{})
		control.set("a", Look{}, Press{Name: "a", Tap: func() { taps++ }})
		c.do(control)
		if taps != c.want {
			t.Errorf("%s: %d taps, want %d", name, taps, c.want)
		}
	}
}

func TestControlLooksPressedUntilItsAnswer(t *testing.T) {
	look := Look{Fill: rgb(0xFFFFFF), Pressed: rgb(0x0B57A4)}
	down := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	for _, size := range []fyne.Size{{Width: 100, Height: 60}, {Width: 600, Height: 200}} { // whole, and in parts
		var later []func()
		c := newControl(&Guard{Interval: time.Nanosecond, After: func(d time.Duration, f func()) {
			if d != afterglow {
				t.Errorf("after %v", d)
			}
			later = append(later, f)
		}})
		c.Resize(size)
		draw := func() { c.set("a", look, Press{Name: "a", Tap: func() {}}) }
		draw()
		release := func() { c.MouseUp(down); c.Tapped(nil) }
		for _, step := range []struct {
			name    string
			do      func()
			pressed bool
		}{
			{"down", func() { c.MouseDown(down) }, true},
			{"out", c.MouseOut, false},
			{"in", func() { c.MouseIn(down) }, true},
			{"drawn again under the finger", draw, true},
			{"released", release, true},
			{"the answer is drawn", draw, false},
			{"down again", func() { c.MouseDown(down) }, true},
			{"released, and nothing is drawn", release, true},
			{"the time of the first tap is up", func() { later[0]() }, true},
			{"its own time is up", func() { later[1]() }, false},
			{"pointer moves over it", func() { c.MouseIn(&desktop.MouseEvent{}) }, false},
			{"down on what the guard will refuse", func() { c.guard.Interval = time.Hour; c.MouseDown(down) }, true},
			{"refused", release, false},
		} {
			step.do()
			want := look.Fill
			if step.pressed {
				want = look.Pressed
			}
			if got := middle(t, c.bg); c.Pressed() != step.pressed || got != want {
				t.Errorf("%v, %s: pressed %v, fill %v, want %v", size, step.name, c.Pressed(), got, want)
			}
		}
	}
}

// middle is the colour in the middle of a surface.
func middle(t *testing.T, s *Surface) color.NRGBA {
	t.Helper()
	if !s.large {
		return s.whole.FillColor.(color.NRGBA)
	}
	return s.parts.bands[0].Image.(*image.NRGBA).NRGBAAt(0, 0)
}

// A box in parts must look like the same box drawn whole.
func TestLargeSurfaceLooksLikeAWholeOne(t *testing.T) {
	for name, l := range map[string]Look{
		"square":            {Fill: rgb(0x0B57A4)},
		"round":             {Fill: rgb(0x0B57A4), Radius: 24},
		"square and border": {Fill: rgb(0xFFFFFF), Stroke: rgb(0x5A6B7C), StrokeWidth: 3},
		"round and border":  {Fill: rgb(0xFFFFFF), Stroke: rgb(0x5A6B7C), StrokeWidth: 3, Radius: 24},
	} {
		const w, h = 520, 170
		picture := func(objects ...fyne.CanvasObject) image.Image {
			box := container.NewWithoutLayout(objects...)
			c := software.NewTransparentCanvas()
			c.SetPadded(false)
			c.SetContent(box)
			c.Resize(fyne.NewSize(w+20, h+20))
			return c.Capture()
		}
		place := func(o fyne.CanvasObject, r Rect) {
			o.Move(fyne.NewPos(r.X, r.Y))
			o.Resize(fyne.NewSize(r.W, r.H))
		}
		s := newSurface()
		place(s, Rect{10, 10, w, h})
		if s.set(l); !s.large {
			t.Fatalf("%s: not in parts", name)
		}
		// The painter of the tests lays a border half outside its box, the one of the
		// terminal wholly inside. So the whole box to compare with is two.
		plain := func(r Rect, fill color.NRGBA, radius float32) fyne.CanvasObject {
			o := &canvas.Rectangle{}
			setRectangle(o, fill, Look{Radius: radius})
			place(o, r)
			return o
		}
		whole := []fyne.CanvasObject{plain(Rect{10 + l.StrokeWidth, 10 + l.StrokeWidth, w - 2*l.StrokeWidth, h - 2*l.StrokeWidth},
			l.Fill, max(0, l.Radius-l.StrokeWidth))}
		if l.StrokeWidth > 0 {
			whole = append([]fyne.CanvasObject{plain(Rect{10, 10, w, h}, l.Stroke, l.Radius)}, whole...)
		}
		got, want := picture(s), picture(whole...)
		worst, off := 0, 0
		for y := range h + 20 {
			for x := range w + 20 {
				if d := distance(got.At(x, y), want.At(x, y)); d > 16 {
					off++
					worst = max(worst, d)
				}
			}
		}
		if off > 0 {
			t.Errorf("%s: %d points differ, by up to %d of 255", name, off, worst)
		}
	}
}

func distance(a, b color.Color) int {
	ar, ag, ab, aa := a.RGBA()
	br, bg, bb, ba := b.RGBA()
	d := 0
	for _, p := range [][2]uint32{{ar, br}, {ag, bg}, {ab, bb}, {aa, ba}} {
		d = max(d, int(p[0]>>8)-int(p[1]>>8), int(p[1]>>8)-int(p[0]>>8))
	}
	return d
}

func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Guard
		steps := []struct {
			after time.Duration
			key   string
			want  bool
		}{
			{0, "", true},
			{299 * time.Millisecond, "", false},
			{time.Millisecond, "", true},
			{100 * time.Millisecond, "1", false}, // a key right after a button is its bounce
			{200 * time.Millisecond, "1", true},
			{50 * time.Millisecond, "2", true},
			{50 * time.Millisecond, "2", false},
			{50 * time.Millisecond, "", false}, // so is a button right after a key
			{250 * time.Millisecond, "", true},
		}
		for i, s := range steps {
			time.Sleep(s.after)
			if got := g.Accept(s.key); got != s.want {
				t.Errorf("step %d: %v, want %v", i, got, s.want)
			}
		}
	})
}

func TestFrameReusesItsObjects(t *testing.T) {
	f := newFrame(t)
	m := f.M
	draw := func(words ...string) int {
		f.Begin(m)
		for i, w := range words {
			f.Text(Rect{0, float32(i) * 100, 600, 50}, w, Style{Size: 30, Color: rgb(0)})
		}
		f.Icon(Rect{700, 0, 50, 50}, IconHome, rgb(0))
		return f.End()
	}
	draw("一", "二", "三")
	objects := slices.Clone(f.Objects())
	if n := draw("一", "二", "三"); n != 0 {
		t.Errorf("the same again: %d changes", n)
	}
	if n := draw("一", "两", "三"); n != 1 {
		t.Errorf("one word: %d changes, want 1", n)
	}
	if !slices.Equal(objects, f.Objects()) {
		t.Error("objects were exchanged")
	}
	if n := draw("一"); n == 0 || len(f.Objects()) != 2 {
		t.Errorf("fewer: %d changes, %d objects", n, len(f.Objects()))
	}
	if kept := f.Kept(); !slices.Equal(kept, []string{"一"}) {
		t.Errorf("kept %q", kept)
	}
	f.Begin(m)
	if _, err := f.QR(Rect{0, 0, 300, 300}, "private"); err != nil {
		t.Fatal(err)
	}
	f.End()
	if !slices.Contains(f.Kept(), "private") {
		t.Error("Kept does not tell the text of the code")
	}
	draw("一")
	if slices.Contains(f.Kept(), "private") {
		t.Error("the code is still kept")
	}
}

func TestRectCuts(t *testing.T) {
	r := Rect{10, 20, 100, 50}
	if got, want := r.CutTop(20), (Rect{10, 20, 100, 20}); got != want || r != (Rect{10, 40, 100, 30}) {
		t.Errorf("CutTop %v, rest %v", got, r)
	}
	if got, want := r.CutRight(30), (Rect{80, 40, 30, 30}); got != want || r != (Rect{10, 40, 70, 30}) {
		t.Errorf("CutRight %v, rest %v", got, r)
	}
	if got, want := r.CutBottom(100), (Rect{10, 40, 70, 30}); got != want || r.H != 0 {
		t.Errorf("CutBottom of more than there is: %v, rest %v", got, r)
	}
	cols := Rect{0, 0, 100, 10}.Columns(3, 5)
	for i, c := range cols {
		if c.X != whole(c.X) || c.W != whole(c.W) {
			t.Errorf("column %d not on whole pixels: %v", i, c)
		}
	}
	if cols[0].X != 0 || cols[2].Right() != 100 {
		t.Errorf("columns %v do not fill the rect", cols)
	}
}
