package touch

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Debounce is how long after a tap another one is ignored: shaking hands tap
// twice, and the second tap must not press what the first one brought up.
const (
	DebounceNormal   = 300 * time.Millisecond
	DebounceAssisted = 500 * time.Millisecond
)

// afterglow is how long a control that was tapped looks pressed when nothing new
// is drawn.
const afterglow = 200 * time.Millisecond

// Guard ignores taps that follow a tap too closely. All controls of a screen
// share one.
//
// Keys of a keypad are the exception: another key is another intention, so a key
// is held back only by itself and by controls that are not keys. Otherwise a
// quick typist would lose digits.
type Guard struct {
	Interval time.Duration // zero = DebounceNormal

	// After runs a function on the goroutine that draws, a while later. nil = never,
	// for frames that nobody touches.
	After func(time.Duration, func())

	last    time.Time
	lastKey string // the key tapped last, "" for other controls
}

func (g *Guard) after(d time.Duration, f func()) {
	if g.After != nil {
		g.After(d, f)
	}
}

// Accept says whether a tap now counts, and remembers it if so. key is empty for
// everything but keys.
func (g *Guard) Accept(key string) bool {
	now := time.Now()
	other := key != "" && g.lastKey != "" && key != g.lastKey
	if !g.last.IsZero() && now.Sub(g.last) < g.interval() && !other {
		return false
	}
	g.last, g.lastKey = now, key
	return true
}

// bouncing says whether a finger that comes down now may be the second touch of
// the tap on a control that brought up what is under it. It is not remembered:
// strokes of a character follow each other as fast as one can write.
func (g *Guard) bouncing() bool {
	return !g.last.IsZero() && g.lastKey == "" && time.Since(g.last) < g.interval()
}

func (g *Guard) interval() time.Duration {
	if g.Interval == 0 {
		return DebounceNormal
	}
	return g.Interval
}

// Look is the surface of a box or a control.
type Look struct {
	Fill, Stroke color.NRGBA
	// Pressed is the fill under the finger; not used for boxes.
	Pressed     color.NRGBA
	StrokeWidth float32
	Radius      float32
}

// Control is a surface that can be pressed. It acts on release, and not when the
// finger has slid off; it looks pressed from the moment it is touched until what
// it started is drawn, or for a moment when nothing is: a frame that only lifts
// the button would hold up the one with the answer. It has no hover state: on a
// touch panel the pointer stays where the last tap was.
//
// What is written on a control is drawn over it by the same [Frame]; texts and
// pictures let touches through.
type Control struct {
	widget.BaseWidget

	guard *Guard
	bg    *Surface
	look  Look
	what  string // what a tap does; changes when the object is given another job
	key   string
	free  bool // not debounced
	tap   func()
	taps  int // that kept it looking pressed

	down  bool // a finger is on it
	armed bool // the press began here, on this very job
}

var (
	_ fyne.Tappable     = (*Control)(nil)
	_ desktop.Mouseable = (*Control)(nil)
	_ desktop.Hoverable = (*Control)(nil) // only to learn that the finger slid off
)

func newControl(g *Guard) *Control {
	c := &Control{guard: g, bg: newSurface()}
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer is Fyne's.
func (c *Control) CreateRenderer() fyne.WidgetRenderer { return &controlRenderer{c} }

// Pressed says whether it looks pressed now.
func (c *Control) Pressed() bool { return c.down }

// Name is the name the control was drawn under, for tests and logs; it never
// contains anything personal.
func (c *Control) Name() string { return c.what }

// Tapped is called by the driver on release over the control where the press
// began.
func (c *Control) Tapped(*fyne.PointEvent) {
	armed := c.armed
	c.armed = false
	if !armed || c.tap == nil || !c.free && !c.guard.Accept(c.key) {
		c.show(false)
		return
	}
	c.tap()
	if c.down {
		c.taps++
		this := c.taps
		c.guard.after(afterglow, func() {
			if c.taps == this && !c.armed {
				c.show(false)
			}
		})
	}
}

// MouseDown is the finger touching the panel.
func (c *Control) MouseDown(ev *desktop.MouseEvent) {
	if ev.Button != desktop.MouseButtonPrimary {
		return
	}
	c.armed = true
	c.show(true)
}

// MouseUp is the finger leaving the panel. Where the press began here, Tapped
// follows and decides.
func (c *Control) MouseUp(*desktop.MouseEvent) {
	if !c.armed {
		c.show(false)
	}
}

// MouseIn is the finger sliding back on.
func (c *Control) MouseIn(ev *desktop.MouseEvent) {
	c.show(c.armed && ev.Button == desktop.MouseButtonPrimary)
}

// MouseMoved does nothing.
func (c *Control) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is the finger sliding off: nothing will happen, and it looks so.
func (c *Control) MouseOut() { c.show(false) }

// set gives the control its job of this drawing.
func (c *Control) set(name string, look Look, p Press) (changed bool) {
	if c.what != name {
		// A finger that went down on the old job must not trigger the new one.
		c.armed = false
	}
	if !c.armed {
		c.down = false
	}
	c.what, c.key, c.free, c.tap = name, "", p.Ground, p.Tap
	if p.Key {
		c.key = p.Name
	}
	c.look = look
	return c.paint()
}

func (c *Control) show(down bool) {
	if c.down == down {
		return
	}
	c.down = down
	c.paint()
}

// Surface is what it looks like now.
func (c *Control) Surface() *Surface { return c.bg }

// paint brings the surface up to date and says whether it changed.
func (c *Control) paint() bool {
	look := c.look
	if c.down {
		look.Fill = look.Pressed
	}
	return c.bg.set(look)
}

func setRectangle(r *canvas.Rectangle, solid color.NRGBA, l Look) bool {
	// Fyne leaves out what is color.Transparent itself. Anything else it paints,
	// point by point, even if nothing can be seen of it.
	fill := color.Color(solid)
	if solid.A == 0 {
		fill = color.Transparent
	}
	stroke := color.Color(l.Stroke)
	if l.StrokeWidth == 0 {
		stroke = color.Transparent
	}
	if r.FillColor == fill && r.StrokeColor == stroke && r.StrokeWidth == l.StrokeWidth && r.CornerRadius == l.Radius {
		return false
	}
	r.FillColor, r.StrokeColor, r.StrokeWidth, r.CornerRadius = fill, stroke, l.StrokeWidth, l.Radius
	return true
}

type controlRenderer struct{ c *Control }

func (r *controlRenderer) Layout(size fyne.Size)        { r.c.bg.Resize(size) }
func (r *controlRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, 1) }
func (r *controlRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.c.bg} }
func (r *controlRenderer) Refresh()                     { r.c.bg.Refresh() }
func (r *controlRenderer) Destroy()                     {}
