package touch

import (
	"image/color"
	"math"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Align is where text stands in its place, across.
type Align int

// The alignments.
const (
	Left Align = iota
	Middle
	Right
)

// Style is how a text is set.
type Style struct {
	Size  float32 // em in pixels
	Bold  bool
	Color color.NRGBA
	Align Align
	// Balance makes lines about equally long.
	Balance bool
	// Center puts the block in the middle of its place's height; else it starts
	// at the top.
	Center bool
}

// Vertical measures of Noto Sans CJK in em, from the font's hhea and OS/2 tables:
// the height Fyne gives a line, and the middle of a Han character below its top.
const (
	lineBox   = 1.448
	hanMiddle = 0.78
)

// Lines breaks the text for the width.
func (f *Frame) Lines(s string, st Style, width float32) []string {
	return f.Faces.lines(s, st, width)
}

func (fs *Faces) lines(s string, st Style, width float32) []string {
	face := fs.Of(st.Bold)
	if st.Balance {
		return face.Balance(s, st.Size, width)
	}
	return face.Wrap(s, st.Size, width)
}

// Height is the height of the text in the width.
func (f *Frame) Height(s string, st Style, width float32) float32 {
	return f.M.TextHeight(st.Size, len(f.Lines(s, st, width)))
}

// Width is the width of the text on one line, rounded up.
func (f *Frame) Width(s string, st Style) float32 {
	return float32(math.Ceil(float64(f.Faces.Of(st.Bold).Width(s, st.Size))))
}

// Text draws a text into r, wrapped to its width, and returns the height of all
// lines. The caller has made r high enough (Height).
func (f *Frame) Text(r Rect, s string, st Style) float32 {
	lines := f.Lines(s, st, r.W)
	pitch, box := f.M.pitch(st.Size), f.M.TextHeight(st.Size, 1)
	height := f.M.TextHeight(st.Size, len(lines))
	top := r.Y
	if st.Center {
		top = whole(r.Y + (r.H-height)/2)
	}
	for i, line := range lines {
		f.line(Rect{r.X, top + float32(i)*pitch, r.W, box}, line, st)
	}
	return height
}

// CutText draws the text at the top of r and cuts its place off.
func (f *Frame) CutText(r *Rect, s string, st Style) {
	r.CutTop(f.Text(*r, s, st))
}

// line draws one line with Han characters in the middle of r's height.
func (f *Frame) line(r Rect, s string, st Style) {
	o := f.texts.next(func() *canvas.Text { return &canvas.Text{} })
	style := fyne.TextStyle{Bold: st.Bold}
	if o.Text != s || o.TextSize != st.Size || o.TextStyle != style || o.Color != color.Color(st.Color) {
		o.Text, o.TextSize, o.TextStyle, o.Color = s, st.Size, style, st.Color
		f.refresh(o)
	}
	w := f.Width(s, st)
	x := r.X
	switch st.Align {
	case Middle:
		x += (r.W - w) / 2
	case Right:
		x += r.W - w
	}
	y := r.Y + r.H/2 - hanMiddle*st.Size
	f.place(o, Rect{whole(x), whole(y), w, float32(math.Ceil(float64(lineBox * st.Size)))})
	f.objects = append(f.objects, o)
}

// Ink is where the text of an object drawn by a Frame can leave marks. Capitals and
// digits are less high than Han characters; some letters and signs go lower.
func Ink(t *canvas.Text) Rect {
	up, down := float32(0.5), float32(0.5)
	switch {
	case strings.ContainsAny(t.Text, "gjpqy,;()Q"):
		down = 0.6
	case strings.Trim(t.Text, "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789-") == "":
		up, down = 0.4, 0.4
	}
	middle := t.Position().Y + hanMiddle*t.TextSize
	return Rect{t.Position().X, middle - up*t.TextSize, t.Size().Width, (up + down) * t.TextSize}
}
