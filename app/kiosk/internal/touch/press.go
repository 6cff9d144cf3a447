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

// Guard ignores taps that follow a tap too closely. All controls of a screen
// share one.
//
// Keys of a keypad are the exception: another key is another intention, so a key
// is held back only by itself and by controls that are not keys. Otherwise a
// quick typist would lose digits.
type Guard struct {
	Interval time.Duration // zero = DebounceNormal

	last    time.Time
	lastKey string // the key tapped last, "" for other controls
}

// Accept says whether a tap now counts, and remembers it if so. key is empty for
// everything but keys.
func (g *Guard) Accept(key string) bool {
	interval := g.Interval
	if interval == 0 {
		interval = DebounceNormal
	}
	now := time.Now()
	other := key != "" && g.lastKey != "" && key != g.lastKey
	if !g.last.IsZero() && now.Sub(g.last) < interval && !other {
		return false
	}
	g.last, g.lastKey = now, key
	return true
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
// finger has slid off; it looks pressed from the moment it is touched. It has no
// hover state: on a touch panel the pointer stays where the last tap was.
//
// What is written on a control is drawn over it by the same [Frame]; texts and
// pictures let touches through.
type Control struct {
	widget.BaseWidget

	guard *Guard
	bg    *canvas.Rectangle
	look  Look
	what  string // what a tap does; changes when the object is given another job
	key   string
	free  bool // not debounced
	tap   func()

	down  bool // a finger is on it
	armed bool // the press began here, on this very job
}

var (
	_ fyne.Tappable     = (*Control)(nil)
	_ desktop.Mouseable = (*Control)(nil)
	_ desktop.Hoverable = (*Control)(nil) // only to learn that the finger slid off
)

func newControl(g *Guard) *Control {
	c := &Control{guard: g, bg: &canvas.Rectangle{}}
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
	c.show(false)
	if armed && c.tap != nil && (c.free || c.guard.Accept(c.key)) {
		c.tap()
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

// MouseUp is the finger leaving the panel; Tapped follows.
func (c *Control) MouseUp(*desktop.MouseEvent) { c.show(false) }

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
		c.armed, c.down = false, false
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
	if c.paint() {
		canvas.Refresh(c.bg)
	}
}

// paint brings the surface up to date and says whether it changed.
func (c *Control) paint() bool {
	fill := c.look.Fill
	if c.down {
		fill = c.look.Pressed
	}
	// The ground under a page looks like nothing; a surface of a whole panel that is
	// blended for nothing costs time on every frame of a software renderer.
	c.bg.Hidden = fill.A == 0
	return setRectangle(c.bg, fill, c.look)
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

func (r *controlRenderer) Layout(s fyne.Size)           { r.c.bg.Resize(s) }
func (r *controlRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, 1) }
func (r *controlRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.c.bg} }
func (r *controlRenderer) Refresh()                     { canvas.Refresh(r.c.bg) }
func (r *controlRenderer) Destroy()                     {}
