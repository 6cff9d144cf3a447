package touch

import (
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Point is a place on a pad, in thousandths of its width and height: 0–1000.
type Point struct{ X, Y int }

// Stroke is one stroke of a finger: points in the order drawn, at least one. It
// does not change after it was given away.
type Stroke []Point

// Limits of what a pad takes: more than any character has, and than any finger
// draws without meaning mischief. Further strokes and points leave no mark.
const (
	MostStrokes = 60
	MostPoints  = 2000 // of one stroke
)

// Pad is a place to write one character on with a finger.
type Pad struct {
	// Strokes are those the page knows of. The pad shows them, and those that were
	// given to Draw since.
	Strokes []Stroke
	// Labels of the two buttons: take back the last stroke, clear all.
	UndoLabel, ClearLabel string
	// Draw takes each stroke when the finger is lifted.
	Draw func(Stroke)
	// Clear takes back the last stroke, or all.
	Clear func(all bool)
}

// padMost is the side in millimetres beyond which a pad only makes the hand
// travel: a palm.
const padMost = 105

// CutPad cuts the place for the pad off r, with its buttons: the lower part on
// portrait panels, the right-hand side on landscape ones. What is left of r holds
// the text, the characters and what was found. A caller that wants the characters
// beside the pad may cut them off the place: Pad uses what it is given.
func (f *Frame) CutPad(r *Rect) Rect {
	m := f.M
	most := whole(padMost * float32(m.Panel.PxPerMM()))
	if m.Panel.Portrait() {
		return r.CutBottom(min(most, whole(r.H*0.6)))
	}
	return r.CutRight(min(most, r.H-m.Target-m.Gap, whole(r.W*0.55)))
}

// Pad draws the pad into r: a square with the cross that children learn to write
// on (田字格), as large as fits, and the two buttons beside or below it. Which
// characters the strokes may be is for the caller to show.
//
// The ink follows the finger without the page being drawn again. A drawing of the
// page in the meantime, for the clock or for the characters found, leaves the
// stroke under the finger alone. Ink is forgotten as soon as no pad is drawn.
func (f *Frame) Pad(r Rect, p Pad) {
	m := f.M
	undo := Button{Label: p.UndoLabel, Icon: IconUndo}
	all := Button{Label: p.ClearLabel}
	wide := max(f.ButtonWidth(undo), f.ButtonWidth(all))
	beside, below := min(r.H, r.W-wide-m.Gap), min(r.W, r.H-m.Target-m.Gap)
	square, buttons := Rect{}, []Rect(nil)
	if beside >= below {
		group := r.Center(beside+m.Gap+wide, beside)
		square = group.CutLeft(beside)
		group.CutLeft(m.Gap)
		buttons = group.Center(group.W, min(group.H, 2*m.Target+m.Gap)).Rows(2, m.Gap)
	} else {
		group := r.Center(min(r.W, max(below, 2*wide+m.Gap)), below+m.Gap+m.Target)
		square = group.CutTop(below).Center(below, below)
		group.CutTop(m.Gap)
		buttons = group.Columns(2, m.Gap)
	}
	border := max(m.Stroke, m.MM(0.5))
	f.Box(square, Look{Fill: m.Colors.Border})
	f.padSquare(square.Inset(border, border), p)

	back := Press{Name: "pad.undo", Key: true}
	clear := Press{Name: "pad.clear", Key: true}
	if len(p.Strokes) > 0 {
		back.Tap = func() { p.Clear(false) }
		clear.Tap = func() { p.Clear(true) }
	}
	if f.ButtonWidth(undo) > buttons[0].W {
		undo.Label = "" // two lines would not fit, and the arrow is on every phone
	}
	f.Button(buttons[0], undo, back)
	f.Button(buttons[1], all, clear)
}

func (f *Frame) padSquare(r Rect, p Pad) {
	if f.pad == nil {
		f.pad = &padWidget{guard: f.guard}
		f.pad.ExtendBaseWidget(f.pad)
	}
	w := f.pad
	w.used = true
	f.place(w, r)
	if w.set(f.M, int(min(r.W, r.H)), p) {
		f.changes++
	}
	f.objects = append(f.objects, w)
}

// dropPad forgets the pad and all ink on it when it is not on the page.
func (f *Frame) dropPad() {
	if f.pad == nil {
		return
	}
	if !f.pad.used {
		f.pad.forget()
		f.pad = nil
		return
	}
	f.pad.used = false
}

// padWidget takes the finger and shows its ink.
type padWidget struct {
	widget.BaseWidget

	guard *Guard
	used  bool // in this drawing
	job   Pad
	sheet sheet

	shown []Stroke // strokes on the sheet, finished
	known int      // how many of them the page has shown back

	down bool   // a finger is writing
	raw  []spot // its points
}

var (
	_ desktop.Mouseable = (*padWidget)(nil)
	_ fyne.Draggable    = (*padWidget)(nil)
)

// CreateRenderer is Fyne's.
func (w *padWidget) CreateRenderer() fyne.WidgetRenderer { return padRenderer{w} }

// set brings the pad up to date and says whether what is shown changed.
func (w *padWidget) set(m *Metrics, side int, p Pad) (changed bool) {
	w.job = p
	look := sheetLook{
		paper: m.Colors.Card, cross: m.Colors.Hairline, ink: m.Colors.Ink,
		thick: m.MM(1.9), dash: m.MM(2.2), line: max(1, m.MM(0.35)),
	}
	changed = w.sheet.set(side, look)
	// Strokes drawn a moment ago may not have come back from the page yet: it is not
	// the one to take them away then. It is when it shows fewer than it did already,
	// or others.
	same := len(p.Strokes) <= len(w.shown) &&
		slices.EqualFunc(p.Strokes, w.shown[:len(p.Strokes)], slices.Equal[Stroke])
	if same && len(p.Strokes) >= w.known {
		w.known = len(p.Strokes)
	} else {
		w.shown = slices.Clone(p.Strokes)
		w.known = len(w.shown)
		w.stop()
		changed = true
	}
	if changed {
		w.lay()
	}
	return changed
}

// lay writes all strokes on the sheet again.
func (w *padWidget) lay() {
	w.sheet.wipe()
	for _, s := range w.shown {
		w.sheet.add(w.spots(s))
	}
	if w.down {
		w.sheet.add(w.raw)
	}
	w.sheet.paintAll()
}

func (w *padWidget) forget() {
	w.job = Pad{}
	w.shown, w.known = nil, 0
	w.stop()
	w.lay()
}

// stop ends a stroke that will not be given to anybody.
func (w *padWidget) stop() { w.down, w.raw = false, nil }

// MouseDown is the finger touching the pad.
func (w *padWidget) MouseDown(ev *desktop.MouseEvent) {
	if ev.Button != desktop.MouseButtonPrimary || w.down || w.job.Draw == nil ||
		len(w.shown) >= MostStrokes || w.guard.bouncing() {
		return
	}
	w.down = true
	w.raw = []spot{w.at(ev.Position)}
	w.sheet.add(w.raw)
	w.sheet.paintEnd()
}

// Dragged is the finger moving. Off the pad, the stroke runs along its border.
func (w *padWidget) Dragged(ev *fyne.DragEvent) {
	if !w.down || len(w.raw) >= MostPoints {
		return
	}
	p := w.at(ev.Position)
	if p == w.raw[len(w.raw)-1] {
		return
	}
	w.raw = append(w.raw, p)
	w.sheet.extend(w.raw)
	w.sheet.paintEnd()
}

// MouseUp is the finger leaving the panel, on the pad or after it slid off.
func (w *padWidget) MouseUp(ev *desktop.MouseEvent) {
	if ev.Button == desktop.MouseButtonPrimary {
		w.finish()
	}
}

// DragEnd follows MouseUp where the finger had moved.
func (w *padWidget) DragEnd() { w.finish() }

func (w *padWidget) finish() {
	if !w.down {
		return
	}
	s := w.stroke()
	w.stop()
	w.shown = append(w.shown, s)
	w.job.Draw(slices.Clone(s))
}

// at is the place of the finger on the sheet, at its border when beyond.
func (w *padWidget) at(p fyne.Position) spot {
	side := float32(w.sheet.side)
	in := func(v float32) float32 {
		if !(v > 0) { // also what is not a number
			return 0
		}
		return min(v, side)
	}
	return spot{in(p.X), in(p.Y)}
}

// padStep is how far points of a stroke that is given away are apart, at least, in
// thousandths: closer ones say nothing about a character.
const padStep = 4

// stroke is what the finger has drawn, in thousandths.
func (w *padWidget) stroke() Stroke {
	scale := 1000 / float32(w.sheet.side)
	var s Stroke
	for i, p := range w.raw {
		q := Point{int(math.Round(float64(p.x * scale))), int(math.Round(float64(p.y * scale)))}
		if n := len(s); n > 0 {
			last := s[n-1]
			if q == last || i < len(w.raw)-1 && max(abs(q.X-last.X), abs(q.Y-last.Y)) < padStep {
				continue
			}
		}
		s = append(s, q)
	}
	return s
}

func (w *padWidget) spots(s Stroke) []spot {
	scale := float32(w.sheet.side) / 1000
	out := make([]spot, len(s))
	for i, p := range s {
		out[i] = w.at(fyne.NewPos(float32(p.X)*scale, float32(p.Y)*scale))
	}
	return out
}

func abs(v int) int { return max(v, -v) }

type padRenderer struct{ w *padWidget }

func (r padRenderer) Layout(fyne.Size)             {}
func (r padRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, 1) }
func (r padRenderer) Objects() []fyne.CanvasObject { return r.w.sheet.objects }
func (r padRenderer) Destroy()                     {}
func (r padRenderer) Refresh() {
	for _, o := range r.w.sheet.objects {
		canvas.Refresh(o)
	}
}
