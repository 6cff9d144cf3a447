package screens

import (
	"fmt"
	"image/color"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"
	fynetest "fyne.io/fyne/v2/test"

	"hallkiosk/app/complaint"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/rating"
)

func TestMain(m *testing.M) {
	app := fynetest.NewApp()
	app.Settings().SetTheme(Theme())
	os.Exit(m.Run())
}

// stage is a Screens on a canvas in memory, drawn on the test's goroutine.
type stage struct {
	*Screens
	canvas software.WindowlessCanvas
	sent   []session.Event
}

// drawing is Drawing for a panel there is.
func drawing(t testing.TB, p Panel) session.Drawing {
	t.Helper()
	d, err := Drawing(p)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newStage(t testing.TB, p Panel) *stage {
	t.Helper()
	s := &stage{canvas: software.NewCanvas()}
	s.canvas.SetPadded(false)
	s.canvas.Resize(fyne.NewSize(float32(p.WidthPx), float32(p.HeightPx)))
	var err error
	s.Screens, err = New(s.canvas, Options{
		Panel: p, Post: func(f func()) { f() },
		Send: func(e session.Event) { s.sent = append(s.sent, e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// thing is something on the panel.
type thing struct {
	what    string
	r       touch.Rect
	text    *canvas.Text
	control *touch.Control
	ground  bool // takes touches beside everything else, looks like nothing
	scrim   bool // separates what lies under a notice from the notice
}

// things lists what is on the stage, back to front.
func (s *stage) things() []thing {
	var out []thing
	for _, o := range s.frame.Objects() {
		pos, size := o.Position(), o.Size()
		th := thing{r: touch.Rect{X: pos.X, Y: pos.Y, W: size.Width, H: size.Height}}
		switch o := o.(type) {
		case *canvas.Text:
			th.what, th.text, th.r = fmt.Sprintf("text %q", o.Text), o, touch.Ink(o)
		case *touch.Control:
			th.what, th.control = "control "+o.Name(), o
			th.ground = o.Name() == "ground" || o.Name() == "hold" || o.Name() == "corner"
			th.scrim = o.Name() == "idle.ground"
		case *touch.Surface:
			th.what = "box"
		case *canvas.Image:
			th.what = "picture"
			if o.Resource != nil {
				th.what += " " + o.Resource.Name()
			}
		default:
			th.what = fmt.Sprintf("%T", o)
		}
		out = append(out, th)
	}
	return out
}

// half a pixel of rounding is no overflow.
const slack = 0.75

func inside(a, b touch.Rect) bool {
	return a.X >= b.X-slack && a.Y >= b.Y-slack && a.Right() <= b.Right()+slack && a.Bottom() <= b.Bottom()+slack
}

func apart(a, b touch.Rect) bool {
	return a.Right() <= b.X+slack || b.Right() <= a.X+slack || a.Bottom() <= b.Y+slack || b.Bottom() <= a.Y+slack
}

// overlaps says what is wrong with the arrangement: everything is inside the
// panel, and of any two things either they are apart or the later lies wholly on
// the earlier, which must not be a text or a picture.
func overlaps(things []thing, screen touch.Rect) []string {
	var wrong []string
	from := 0
	for i, a := range things {
		if a.scrim {
			from = i + 1
			continue
		}
		if a.ground {
			continue
		}
		if a.r.W < 1 || a.r.H < 1 {
			wrong = append(wrong, fmt.Sprintf("%s has no size: %v", a.what, a.r))
		}
		if !inside(a.r, screen) {
			wrong = append(wrong, fmt.Sprintf("%s leaves the panel: %v", a.what, a.r))
		}
		for _, b := range things[from:i] {
			if b.ground || apart(a.r, b.r) {
				continue
			}
			if b.text == nil && !strings.HasPrefix(b.what, "picture") && inside(a.r, b.r) && !(a.control != nil && b.control != nil) {
				continue
			}
			wrong = append(wrong, fmt.Sprintf("%s %v over %s %v", a.what, a.r, b.what, b.r))
		}
	}
	return wrong
}

// everyView calls f for every sample on every panel in every variant.
func everyView(t *testing.T, f func(t *testing.T, s *stage, v Variant, sample Sample)) {
	for _, panel := range ReferencePanels() {
		s := newStage(t, panel.Panel)
		for _, v := range Variants() {
			samples, err := Gallery(panel.Panel, v)
			if err != nil {
				t.Fatal(err)
			}
			for _, sample := range samples {
				t.Run(panel.Name+"/"+v.Name()+"/"+sample.Name, func(t *testing.T) {
					s.sent = nil
					s.Show(sample.View)
					f(t, s, v, sample)
				})
			}
		}
	}
}

func TestNothingOverlapsOrLeavesItsPlace(t *testing.T) {
	everyView(t, func(t *testing.T, s *stage, v Variant, sample Sample) {
		for _, w := range overlaps(s.things(), touch.NewMetrics(s.opts.Panel, v.Assisted).Screen()) {
			t.Error(w)
		}
	})
}

// The control of the test above: it must see a text that is too long for its box,
// one that runs over another, and one that leaves the panel.
func TestOverlapsAreSeen(t *testing.T) {
	s := newStage(t, ReferencePanels()[0].Panel)
	f, m := s.frame, s.kit.normal
	st := touch.Style{Size: m.Body, Color: m.Colors.Ink}
	for name, draw := range map[string]func(){
		"text over the edge of a box": func() {
			f.Box(touch.Rect{X: 100, Y: 100, W: 200, H: 60}, touch.Look{Fill: m.Colors.Card})
			f.Text(touch.Rect{X: 110, Y: 100, W: 400, H: 60}, "这一行字比框长得多了", st)
		},
		"text over text": func() {
			f.Text(touch.Rect{X: 100, Y: 100, W: 400, H: 60}, "一行字", st)
			f.Text(touch.Rect{X: 120, Y: 110, W: 400, H: 60}, "又一行字", st)
		},
		"text off the panel": func() {
			f.Text(touch.Rect{X: 1000, Y: 100, W: 400, H: 60}, "一行字一行字", st)
		},
		"control on control": func() {
			p := touch.Press{Name: "a", Tap: func() {}}
			f.Control(touch.Rect{X: 100, Y: 100, W: 400, H: 200}, touch.Look{Fill: m.Colors.Card}, p)
			p.Name = "b"
			f.Control(touch.Rect{X: 110, Y: 110, W: 100, H: 100}, touch.Look{Fill: m.Colors.Card}, p)
		},
	} {
		f.Begin(m)
		draw()
		f.End()
		if len(overlaps(s.things(), m.Screen())) == 0 {
			t.Errorf("%s: not seen", name)
		}
	}
}

func TestSizesInMillimetres(t *testing.T) {
	everyView(t, func(t *testing.T, s *stage, v Variant, sample Sample) {
		mm := float32(s.opts.Panel.PxPerMM())
		// domain.md 3.2, rows 1–4.
		minHan, minTarget, floor, minGap := float32(5), float32(15), float32(10), float32(2)
		if v.Assisted {
			minHan, minTarget, floor, minGap = 8, 20, 16, 3
		}
		things := s.things()
		for _, th := range things {
			if th.text == nil {
				continue
			}
			// A Han character's ink is 0.92 em.
			least := minHan
			if v.Assisted && (strings.Contains(galleryLongItem, th.text.Text) || longBlock(s, sample)) {
				least = 5 // a name of 110 characters, a text of 120, on a panel too small for it
			}
			if han := th.text.TextSize * 0.92 / mm; han < least-0.01 {
				t.Errorf("%s: characters of %.2f mm", th.what, han)
			}
		}
		var controls []thing
		for _, th := range things {
			if th.scrim {
				controls = nil
			} else if th.control != nil && !th.ground {
				controls = append(controls, th)
			}
		}
		for i, c := range controls {
			least := minTarget
			// Tabs and inputs stand in dense blocks, like keys.
			if name := c.control.Name(); strings.HasPrefix(name, "top.") || strings.HasPrefix(name, "key.") ||
				strings.HasPrefix(name, "tab.") || strings.HasPrefix(name, "input.") || strings.HasPrefix(name, "type.done") || s.kit.normal.Tight() || s.kit.assisted.Tight() && v.Assisted {
				least = floor
			}
			if side := min(c.r.W, c.r.H) / mm; side < least-0.01 {
				t.Errorf("%s: %.2f mm, want %.0f", c.what, side, least)
			}
			for _, d := range controls[:i] {
				if gap := distance(c.r, d.r) / mm; gap < minGap-0.01 {
					t.Errorf("%s and %s: %.2f mm between them", c.what, d.what, gap)
				}
			}
		}
	})
}

// longBlock says whether a block of the page is as long as blocks get, or the panel
// so low that a block of some lines needs more than its height.
func longBlock(s *stage, sample Sample) bool {
	for _, b := range blocksOf(sample.View) {
		if len([]rune(b.Title+b.Text)) > 100 {
			return true
		}
	}
	return s.kit.assisted.Tight() && len(blocksOf(sample.View)) > 0
}

func blocksOf(v session.View) []session.Block {
	switch {
	case v.Guide != nil:
		return v.Guide.Blocks
	case v.Reading != nil:
		return v.Reading.Blocks
	case v.Machine != nil:
		return v.Machine.Blocks
	}
	return nil
}

// distance is the gap between two places along the axis that separates them most.
func distance(a, b touch.Rect) float32 {
	dx := max(b.X-a.Right(), a.X-b.Right())
	dy := max(b.Y-a.Bottom(), a.Y-b.Bottom())
	return max(dx, dy)
}

// The number is at least 15 / 20 mm high: a digit is 0.733 em.
func TestTicketNumberIsLarge(t *testing.T) {
	everyView(t, func(t *testing.T, s *stage, v Variant, sample Sample) {
		if sample.View.Result == nil {
			return
		}
		want := float32(15)
		if v.Assisted {
			want = 20
		}
		for _, th := range s.things() {
			if th.text != nil && th.text.Text == sample.View.Result.Label {
				if h := th.text.TextSize * 0.733 / float32(s.opts.Panel.PxPerMM()); h < want {
					t.Errorf("number of %.1f mm, want %.0f", h, want)
				}
				return
			}
		}
		t.Error("no number")
	})
}

func TestFooterStandsStill(t *testing.T) {
	type key struct {
		panel    Panel
		assisted bool
		n        int
	}
	seen := map[key]touch.Rect{}
	everyView(t, func(t *testing.T, s *stage, v Variant, sample Sample) {
		m := touch.NewMetrics(s.opts.Panel, v.Assisted)
		foot := float32(s.opts.Panel.HeightPx) - m.FooterHeight()
		var places []touch.Rect
		for _, th := range s.things() {
			if th.scrim {
				break
			}
			button := th.control != nil || th.what == "box" && th.r.H > m.TargetMin && th.r.W < float32(s.opts.Panel.WidthPx)
			if button && th.r.Y > foot {
				places = append(places, th.r)
			}
		}
		if len(places) != 3 {
			t.Fatalf("%d buttons in the footer: %v", len(places), places)
		}
		for i, r := range places {
			k := key{s.opts.Panel, v.Assisted, i}
			if was, ok := seen[k]; !ok {
				seen[k] = r
			} else if was != r {
				t.Errorf("button %d of the footer at %v, elsewhere at %v", i, r, was)
			}
		}
	})
}

func TestEveryCharacterHasAGlyph(t *testing.T) {
	everyView(t, func(t *testing.T, s *stage, v Variant, sample Sample) {
		for _, th := range s.things() {
			if th.text == nil {
				continue
			}
			if th.text.Text == "" {
				t.Error("an empty text")
			}
			for _, r := range th.text.Text {
				if !s.kit.faces.Of(th.text.TextStyle.Bold).Has(r) {
					t.Errorf("%q: no glyph for %q", th.text.Text, r)
				}
			}
		}
	})
}

// Fyne must not need more room than we measured: else it draws over the edge.
func TestFyneMeasuresTheSame(t *testing.T) {
	var once sync.Map
	everyView(t, func(t *testing.T, s *stage, v Variant, sample Sample) {
		for _, th := range s.things() {
			if th.text == nil {
				continue
			}
			k := fmt.Sprint(th.text.Text, th.text.TextSize, th.text.TextStyle.Bold)
			if _, done := once.LoadOrStore(k, true); done {
				continue
			}
			if w := th.text.MinSize().Width; w > th.text.Size().Width+slack {
				t.Errorf("%s: Fyne draws %.1f, measured %.1f", th.what, w, th.text.Size().Width)
			}
		}
	})
}

// No word of Latin letters is broken in its middle.
func TestWordsAreNotBroken(t *testing.T) {
	everyView(t, func(t *testing.T, s *stage, v Variant, sample Sample) {
		var last *canvas.Text
		for _, th := range s.things() {
			if th.text == nil {
				continue
			}
			if last != nil && last.TextSize == th.text.TextSize && last.Position().Y < th.text.Position().Y {
				a, b := []rune(last.Text), []rune(th.text.Text)
				if latin(a[len(a)-1]) && unicode.IsLower(b[0]) && b[0] < 0x80 && !endsWord(s, last.Text) {
					t.Errorf("%q and %q: a word broken", last.Text, th.text.Text)
				}
			}
			last = th.text
		}
	})
}

func latin(r rune) bool { return r < 0x80 && unicode.IsLetter(r) }

// endsWord says whether the last word of the line is a whole word of the English
// sentences or samples.
func endsWord(s *stage, line string) bool {
	words := strings.Fields(strings.ReplaceAll(line, "…", " "))
	return englishWords()[strings.ToLower(strings.Trim(words[len(words)-1], ".,;:?()“”"))]
}

var englishWords = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	add := func(text string) {
		for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '’' }) {
			out[strings.ToLower(w)] = true
		}
	}
	toml, err := os.ReadFile("../../../assets/translations/kiosk.en.toml")
	if err != nil {
		panic(err)
	}
	add(string(toml))
	for _, r := range rating.Reasons(rating.ReasonsVersion()) {
		add(r.TextEn + " " + r.Level.NameEn())
	}
	for _, k := range complaint.Kinds() {
		add(k.NameEn() + " " + k.AboutEn())
	}
	for _, b := range galleryBusinesses {
		add(b[1] + " " + b[3])
	}
	for _, i := range galleryItems {
		add(i[1])
	}
	samples, err := Gallery(ReferencePanels()[0].Panel, Variant{Language: session.English})
	if err != nil {
		panic(err)
	}
	for _, s := range samples {
		for _, b := range blocksOf(s.View) {
			add(b.Title + " " + b.Text + " " + b.Count)
		}
		if s.View.Form != nil {
			add(fmt.Sprint(*s.View.Form))
		}
		if s.View.Choose != nil {
			add(fmt.Sprintf("%+v", *s.View.Choose))
		}
		if s.View.Plan != nil {
			add(fmt.Sprint(*s.View.Plan))
		}
		if g := s.View.Guide; g != nil {
			add(g.Name + " " + g.Summary + " " + g.Limit)
			if g.Elsewhere != nil {
				add(fmt.Sprint(*g.Elsewhere))
			}
		}
	}
	for _, d := range galleryDepartments {
		add(d[1])
	}
	add("No particular window. How long each matter takes. General counter services Licences Sample Street Service Hall District Government and Public Resources Centre area Floor")
	return out
})

// press touches the control as the driver does: down, up, tapped.
func press(c *touch.Control) {
	ev := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	c.MouseDown(ev)
	c.MouseUp(ev)
	c.Tapped(&fyne.PointEvent{})
}

// at finds the control that a touch in the middle of r reaches: the last one drawn
// there.
func (s *stage) at(x, y float32) *touch.Control {
	var found *touch.Control
	for _, th := range s.things() {
		if th.control != nil && x >= th.r.X && x < th.r.Right() && y >= th.r.Y && y < th.r.Bottom() {
			found = th.control
		}
	}
	return found
}

func TestEveryControlIsReachedLooksPressedAndSendsItsEvent(t *testing.T) {
	everyView(t, func(t *testing.T, s *stage, v Variant, sample Sample) {
		things := s.things()
		under := -1
		for i, th := range things {
			if th.scrim {
				under = i
			}
		}
		for i, th := range things {
			if th.control == nil || th.ground || i <= under {
				continue
			}
			c := th.control
			if got := s.at(th.r.X+th.r.W/2, th.r.Y+th.r.H/2); got != c {
				t.Errorf("%s: a touch in its middle reaches %q", th.what, got.Name())
				continue
			}
			rest := fill(c)
			ev := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
			c.MouseDown(ev)
			if !c.Pressed() || fill(c) == rest {
				t.Errorf("%s: does not look pressed", th.what)
			}
			c.MouseOut()
			if c.Pressed() || fill(c) != rest {
				t.Errorf("%s: still looks pressed after the finger slid off", th.what)
			}
			c.MouseUp(ev)

			s.sent = nil
			*s.guard = touch.Guard{}
			if strings.HasPrefix(c.Name(), "key.group") {
				continue // opens a group of letters; package touch tests it
			}
			press(c)
			want, ok := wantEvent(c.Name(), sample.View)
			if !ok {
				t.Errorf("%s: what should it send?", th.what)
			} else if len(s.sent) != 1 || !reflect.DeepEqual(s.sent[0], want) {
				t.Errorf("%s sent %#v, want %#v", th.what, s.sent, want)
			}
		}
	})
}

func fill(c *touch.Control) color.Color {
	return c.Surface().Look().Fill
}

func wantEvent(name string, v session.View) (session.Event, bool) {
	if id, ok := strings.CutPrefix(name, "choice."); ok {
		return session.Chosen{ID: id[2:]}, true // letter and colon
	}
	if key, ok := strings.CutPrefix(name, "key."); ok && len(key) == 1 {
		return session.KeyPressed{Key: rune(key[0])}, true
	}
	if way, ok := strings.CutPrefix(name, "way."); ok {
		return session.WayChosen{Way: session.Way(way)}, true
	}
	if tab, ok := strings.CutPrefix(name, "tab."); ok {
		return session.TabChosen{Tab: session.Tab(tab)}, true
	}
	if in, ok := strings.CutPrefix(name, "input."); ok {
		return session.InputChosen{Input: session.Input(in)}, true
	}
	if c, ok := strings.CutPrefix(name, "character."); ok {
		return session.CharacterChosen{Text: c[2:]}, true
	}
	if id, ok := strings.CutPrefix(name, "form."); ok {
		return session.FormsPressed{ID: id[2:]}, true
	}
	if l, ok := strings.CutPrefix(name, "level."); ok {
		return session.LevelChosen{Level: rating.Level(l)}, true
	}
	if code, ok := strings.CutPrefix(name, "reason."); ok {
		n, err := strconv.Atoi(code[2:])
		return session.ReasonTicked{Code: n}, err == nil
	}
	if task, ok := strings.CutPrefix(name, "machine."); ok && name != "machine.leave" {
		return session.TaskPressed{Task: session.Task(task)}, true
	}
	if name == "rate.anonymous" {
		return session.AnonymityChosen{On: !v.RateSend.Anonymous}, true
	}
	if at, ok := strings.CutPrefix(name, "material."); ok {
		n, err := strconv.Atoi(at[2:])
		return session.MaterialTicked{Index: n}, err == nil
	}
	e, ok := map[string]session.Event{
		"top.size":         session.AssistedChosen{On: !v.Assisted},
		"top.zh":           session.LanguageChosen{Language: session.Chinese},
		"top.en":           session.LanguageChosen{Language: session.English},
		"bottom.back":      session.BackPressed{},
		"bottom.home":      session.HomePressed{},
		"bottom.help":      session.HelpPressed{},
		"home.take":        session.TakeNumber{},
		"page.previous":    session.PageTurned{By: -1},
		"page.next":        session.PageTurned{By: 1},
		"identify.type":    session.TypePressed{},
		"identify.no-card": session.NoCardPressed{},
		"key.delete":       session.DeletePressed{},
		"key.clear":        session.DeletePressed{All: true},
		"type.done":        session.NumberEntered{},
		"confirm.take":     session.Confirmed{},
		"result.done":      session.DonePressed{},
		"result.reprint":   session.ReprintPressed{},
		"message.retry":    session.RetryPressed{},
		"message.help":     session.HelpPressed{},
		"message.home":     session.HomePressed{},
		"idle.continue":    session.ContinuePressed{},
		"home.guides":      session.GuidesPressed{},
		"home.rate":        session.RatePressed{},
		"rate.type":        session.TypePressed{},
		"rate.find":        session.NumberEntered{},
		"reasons.done":     session.ReasonsDone{},
		"rate.write":       session.RateWordsPressed{},
		"rate.send":        session.SendPressed{},
		"rate.written":     session.WritingDone{},
		"thanks.done":      session.DonePressed{},
		"thanks.more":      session.RateMorePressed{},
		"guides.search":    session.SearchPressed{},
		"guide.take":       session.TakeForGuide{},
		"guide.print":      session.PrintGuidePressed{},
		"guide.scan":       session.ScanGuidePressed{},
		"guide.forms":      session.FormsPressed{},
		"guide.plan":       session.PlanPressed{},
		"home.complaint":   session.ComplaintPressed{},
		"home.board":       session.PublicPressed{},
		"writing.done":     session.WritingDone{},
		"contact.none":     session.AnonymousPressed{},
		"filing.send":      session.SendPressed{},
		"receipt.done":     session.DonePressed{},
		"receipt.print":    session.PrintReceiptPressed{},
		"machine.leave":    session.DonePressed{},
		"pad.undo":         session.StrokesCleared{},
		"pad.clear":        session.StrokesCleared{All: true},
	}[name]
	return e, ok
}
