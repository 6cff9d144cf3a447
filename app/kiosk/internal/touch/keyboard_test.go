package touch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
)

// typist draws a keyboard and touches its keys.
type typist struct {
	f     *Frame
	m     *Metrics
	k     Keyboard
	place Rect
	typed []string
}

func newTypist(t testing.TB, p Panel, assisted bool, k Keyboard) *typist {
	t.Helper()
	y := &typist{m: NewMetrics(p, assisted)}
	y.f = NewFrame(faces(t), &Guard{Interval: time.Nanosecond})
	y.f.Again = y.draw
	k.DeleteLabel, k.ClearLabel = "删除", "清空"
	k.Press = func(r rune) { y.typed = append(y.typed, string(r)) }
	k.Delete = func(all bool) { y.typed = append(y.typed, map[bool]string{true: "all", false: "last"}[all]) }
	y.k = k
	r := y.m.Screen()
	r.CutTop(y.m.HeaderHeight())
	r.CutBottom(y.m.FooterHeight())
	r = r.Inset(y.m.Margin, y.m.MM(2.4))
	y.place = y.m.CutKeyboard(&r, k)
	y.draw()
	return y
}

func (y *typist) draw() {
	y.f.Begin(y.m)
	y.f.Keyboard(y.place, y.k)
	y.f.End()
}

// control finds what is pressed under a label or a name.
func (y *typist) control(label string) *Control {
	for _, c := range y.f.Controls() {
		if c.Name() == label || slices.Contains(y.labels(c), label) {
			return c
		}
	}
	return nil
}

// labels are the words written on the control.
func (y *typist) labels(c *Control) []string {
	var out []string
	for _, o := range y.f.Objects() {
		if text, ok := o.(*canvas.Text); ok && inside(Ink(text).Center(1, 1), placeOf(c)) {
			out = append(out, text.Text)
		}
	}
	return out
}

func (y *typist) tap(label string) bool {
	c := y.control(label)
	if c == nil {
		return false
	}
	c.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	c.Tapped(nil)
	return true
}

func placeOf(o fyne.CanvasObject) Rect {
	return Rect{o.Position().X, o.Position().Y, o.Size().Width, o.Size().Height}
}

func inside(r, in Rect) bool {
	return r.X >= in.X && r.Y >= in.Y && r.Right() <= in.Right() && r.Bottom() <= in.Bottom()
}

// eachKeyboard runs the test for all panels, modes and keyboards.
func eachKeyboard(t *testing.T, test func(t *testing.T, p NamedPanel, assisted bool, k Keyboard)) {
	for _, p := range ReferencePanels() {
		for _, assisted := range []bool{false, true} {
			for name, k := range map[string]Keyboard{
				"letters": {}, "letters and space": {SpaceLabel: "空格"}, "digits": {Layout: DigitKeys},
			} {
				t.Run(fmt.Sprintf("%s, assisted %v, %s", p.Name, assisted, name), func(t *testing.T) { test(t, p, assisted, k) })
			}
		}
	}
}

// The lower bounds of the accessibility list for keys: side and gap in millimetres.
var keyBounds = map[bool][2]float64{false: {15, 2}, true: {20, 3}}

func TestKeysAreLargeEnoughAndApart(t *testing.T) {
	eachKeyboard(t, func(t *testing.T, p NamedPanel, assisted bool, k Keyboard) {
		y := newTypist(t, p.Panel, assisted, k)
		y.checkKeys(t, keyBounds[assisted][0], keyBounds[assisted][1])
		if !y.tap("DEF") {
			return
		}
		y.checkKeys(t, keyBounds[assisted][0], keyBounds[assisted][1])
	})
	// Without Again the smallest panel shows narrower keys, but none below the
	// assisted mode's absolute bound.
	y := newTypist(t, ReferencePanels()[3].Panel, true, Keyboard{})
	y.f.Again = nil
	r := y.m.Screen().Inset(y.m.Margin, y.m.Margin)
	y.place = r.CutBottom(3*y.m.Target + 2*y.m.Gap)
	y.draw()
	y.checkKeys(t, 16, 3)
}

// checkKeys: every key has the side, no two are nearer than the gap, all lie in
// the place, and what is written on a key stands on it.
func (y *typist) checkKeys(t *testing.T, side, gap float64) {
	t.Helper()
	mm := y.m.Panel.PxPerMM()
	keys := y.f.Controls()
	if len(keys) == 0 {
		t.Fatal("no keys")
	}
	for i, c := range keys {
		r := placeOf(c)
		if got := float64(min(r.W, r.H)) / mm; got < side-1e-3 {
			t.Errorf("%s: %.2f mm, want %v", c.Name(), got, side)
		}
		if !inside(r, y.place) {
			t.Errorf("%s at %v is not in %v", c.Name(), r, y.place)
		}
		grown := r.Inset(0, 0)
		d := float32(gap*mm) - 1 // a pixel is lost where columns are rounded
		grown.X, grown.Y, grown.W, grown.H = r.X-d, r.Y-d, r.W+2*d, r.H+2*d
		for _, other := range keys[i+1:] {
			if o := placeOf(other); o.X < grown.Right() && grown.X < o.Right() && o.Y < grown.Bottom() && grown.Y < o.Bottom() {
				t.Errorf("%s and %s are nearer than %v mm: %v, %v", c.Name(), other.Name(), gap, r, o)
			}
		}
	}
	for _, o := range y.f.Objects() {
		text, ok := o.(*canvas.Text)
		if !ok {
			continue
		}
		if !slices.ContainsFunc(y.f.Objects(), func(o fyne.CanvasObject) bool {
			switch o.(type) {
			case *Control, *Surface:
				return inside(Ink(text), placeOf(o))
			}
			return false
		}) {
			t.Errorf("%q at %v stands on no key", text.Text, Ink(text))
		}
	}
}

func TestEveryCharacterCanBeTyped(t *testing.T) {
	eachKeyboard(t, func(t *testing.T, p NamedPanel, assisted bool, k Keyboard) {
		y := newTypist(t, p.Panel, assisted, k)
		var want []string
		type1 := func(label, expect string) {
			t.Helper()
			if !y.tap(label) {
				t.Errorf("no key %q", label)
				return
			}
			want = append(want, expect)
		}
		nine := y.control("ABC") != nil
		if wantNine := p.Name == "10.1-landscape" && assisted && k.Layout == LetterKeys; nine != wantNine {
			t.Fatalf("nine keys: %v, want %v", nine, wantNine)
		}
		if k.Layout == DigitKeys {
			for c := '0'; c <= '9'; c++ {
				type1(string(c), string(c))
			}
		} else {
			for c := 'a'; c <= 'z'; c++ {
				if nine {
					i := slices.IndexFunc(letterGroups[:], func(g string) bool { return strings.ContainsRune(g, c) })
					if !y.tap(strings.ToUpper(letterGroups[i])) {
						t.Fatalf("no key %q", letterGroups[i])
					}
				}
				type1(strings.ToUpper(string(c)), string(c))
			}
		}
		if k.SpaceLabel != "" {
			type1(k.SpaceLabel, " ")
		}
		type1("key.delete", "last")
		type1("key.clear", "all")
		if !slices.Equal(y.typed, want) {
			t.Errorf("typed %q, want %q", y.typed, want)
		}
		y.k.Empty = true
		y.draw()
		if y.tap("key.delete") || y.tap("key.clear") {
			t.Error("nothing to take back, but the keys can be pressed")
		}
	})
}

// On any panel the product can be set to: keys in their place, none overlapping.
func TestKeysOnAnyPanel(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 100 {
		w, h, mm := 150+rng.Float64()*600, 130+rng.Float64()*600, 2+rng.Float64()*5
		p := Panel{w, h, int(w * mm), int(h * mm)}
		if p.Validate() != nil {
			continue
		}
		for _, k := range []Keyboard{{}, {SpaceLabel: "空格"}, {Layout: DigitKeys}} {
			y := newTypist(t, p, rng.IntN(2) == 0, k)
			keys := y.f.Controls()
			for i, c := range keys {
				if !inside(placeOf(c), y.m.Screen()) {
					t.Fatalf("%+v: %s at %v is off the panel", p, c.Name(), placeOf(c))
				}
				for _, o := range keys[i+1:] {
					a, b := placeOf(c), placeOf(o)
					if a.X < b.Right() && b.X < a.Right() && a.Y < b.Bottom() && b.Y < a.Bottom() {
						t.Fatalf("%+v: %s and %s overlap", p, c.Name(), o.Name())
					}
				}
			}
		}
	}
}

// A shaking hand touches twice: the second touch does nothing. Another key is
// another intention.
func TestKeysAndTheGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newTypist(t, ReferencePanels()[0].Panel, false, Keyboard{})
		y.f.guard.Interval = DebounceNormal
		for _, s := range []struct {
			after time.Duration
			key   string
			want  string
		}{
			{0, "J", "j"}, {50 * time.Millisecond, "J", "j"}, {50 * time.Millisecond, "Z", "jz"},
			{50 * time.Millisecond, "J", "jzj"}, {time.Second, "J", "jzjj"}, {100 * time.Millisecond, "key.delete", "jzjjlast"},
		} {
			time.Sleep(s.after)
			y.tap(s.key)
			if got := strings.Join(y.typed, ""); got != s.want {
				t.Errorf("after %s: %q, want %q", s.key, got, s.want)
			}
		}
	})
}

func TestNineKeysAndTheGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newTypist(t, ReferencePanels()[3].Panel, true, Keyboard{})
		y.f.guard.Interval = DebounceAssisted
		// at touches what lies at a place of the grid, as a finger does.
		at := func(cell int) {
			rest := y.place
			rest.CutRight(y.m.Target + y.m.Gap) // delete and clear
			r := rest.Rows(3, y.m.Gap)[cell/3].Columns(3, y.m.Gap)[cell%3]
			for _, c := range y.f.Controls() {
				if inside(r.Center(2, 2), placeOf(c)) {
					c.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
					c.Tapped(nil)
					return
				}
			}
		}
		for i, s := range []struct {
			after time.Duration
			cell  int
			typed string
			open  int
		}{
			{0, 4, "", 5},                                        // MNO: its letters in the row above
			{100 * time.Millisecond, 4, "", 5},                   // the second touch of a shaking hand
			{100 * time.Millisecond, 1, "n", 0},                  // N
			{100 * time.Millisecond, 1, "n", 0},                  // shaking again: DEF stays shut
			{time.Second, 1, "n", 2},                             // DEF: its letters in the row below
			{time.Second, 1, "n", 0},                             // touched again: shut
			{time.Second, 8, "n", 9},                             // YZ: two letters
			{time.Second, 5, "n", 9},                             // the empty place beside them
			{time.Second, 0, "n", 9},                             // another group does not open meanwhile
			{time.Second, 4, "nz", 0}, {time.Second, 0, "nz", 1}, // ABC
		} {
			time.Sleep(s.after)
			at(s.cell)
			if got := strings.Join(y.typed, ""); got != s.typed || y.f.groups.open != s.open {
				t.Errorf("step %d: typed %q, group %d open; want %q, %d", i, got, y.f.groups.open, s.typed, s.open)
			}
		}
		// The page draws itself again for its clock: the group stays open. It closes
		// when the keys are gone.
		y.draw()
		if y.f.groups.open != 1 {
			t.Error("drawing the page again closed the group")
		}
		y.f.Begin(y.m)
		y.f.End()
		y.draw()
		if y.control("ABC") == nil || y.f.groups.open != 0 {
			t.Error("the group is still open on the next page with keys")
		}
	})
}
