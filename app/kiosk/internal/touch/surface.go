package touch

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// largeSurface is the area, in square pixels, from which a box is put together
// from bands. On a machine without a graphics card the shader of round rectangles
// takes most of the time of a frame, and takes it for every point of the box; for
// a small one, ten objects would cost more than they save.
const largeSurface = 40_000

// Surface is a filled box, with a border and round corners where its [Look] has
// them: one rectangle when it is small, else four small round corners with flat
// bands between them, which a software renderer paints several times faster.
type Surface struct {
	widget.BaseWidget

	look  Look
	whole *canvas.Rectangle
	parts *parts // nil until the first large box
	large bool
}

// parts draw a large box: what lies between the corners and the border in flat
// bands. The border is a box of its colour that looks out from under the fill; so
// it lies inside the box whatever painter draws it.
type parts struct {
	outer [4]*canvas.Rectangle // corners of the border: top left, top right, bottom left, bottom right
	edges [4]*canvas.Image     // of the border: top, bottom, left, right
	inner [4]*canvas.Rectangle // corners of the fill
	bands [3]*canvas.Image     // the fill: the middle from top to bottom, left, right

	objects []fyne.CanvasObject // those that are needed
	look    Look                // drawn, with the fill of the moment
	size    fyne.Size
}

func newSurface() *Surface {
	s := &Surface{whole: &canvas.Rectangle{}}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer is Fyne's.
func (s *Surface) CreateRenderer() fyne.WidgetRenderer { return &surfaceRenderer{s} }

// Look is how it is drawn now; Pressed is empty.
func (s *Surface) Look() Look { return s.look }

// set gives the surface its look and says whether anything changed; then it is
// drawn anew.
func (s *Surface) set(l Look) bool {
	l.Pressed = color.NRGBA{}
	s.look = l
	if !s.paint() {
		return false
	}
	s.Refresh()
	return true
}

// newFlat returns a picture of a single point: drawn, it is a box of one colour.
func newFlat() *canvas.Image {
	return &canvas.Image{
		Image:    image.NewNRGBA(image.Rect(0, 0, 1, 1)),
		FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScalePixels,
	}
}

// setFlat says whether the colour is another one than before.
func setFlat(i *canvas.Image, c color.NRGBA) bool {
	point := i.Image.(*image.NRGBA)
	if point.NRGBAAt(0, 0) == c {
		return false
	}
	point.SetNRGBA(0, 0, c)
	return true
}

// paint brings the objects up to date and says whether anything changed.
func (s *Surface) paint() bool {
	size, l := s.Size(), s.look
	// See-through boxes are left whole: where parts of them overlapped, it would show.
	large := size.Width*size.Height > largeSurface && l.Fill.A == 0xFF &&
		min(size.Width, size.Height) > 2*(l.Radius+l.StrokeWidth)+4
	changed := large != s.large
	s.large = large
	if !large {
		return setRectangle(s.whole, l.Fill, l) || changed
	}
	if s.parts == nil {
		s.parts = newParts()
	}
	return s.parts.paint(size, l) || changed
}

type surfaceRenderer struct{ s *Surface }

func (r *surfaceRenderer) Layout(size fyne.Size) {
	// A small surface may have become a large one.
	if r.s.paint() {
		r.refresh()
	}
	if !r.s.large {
		r.s.whole.Move(fyne.Position{})
		r.s.whole.Resize(size)
		return
	}
	r.s.parts.layout()
}

func (r *surfaceRenderer) MinSize() fyne.Size { return fyne.NewSize(1, 1) }

func (r *surfaceRenderer) Objects() []fyne.CanvasObject {
	if r.s.large {
		return r.s.parts.objects
	}
	return []fyne.CanvasObject{r.s.whole}
}

func (r *surfaceRenderer) Refresh() {
	r.Layout(r.s.Size())
	r.refresh()
}

func (r *surfaceRenderer) refresh() {
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}

func (r *surfaceRenderer) Destroy() {}

func newParts() *parts {
	p := &parts{}
	for i := range 4 {
		p.outer[i], p.edges[i], p.inner[i] = &canvas.Rectangle{}, newFlat(), &canvas.Rectangle{}
	}
	for i := range p.bands {
		p.bands[i] = newFlat()
	}
	return p
}

func (p *parts) paint(size fyne.Size, l Look) bool {
	if p.look == l && p.size == size {
		return false
	}
	p.look, p.size = l, size
	r, stroke := whole(l.Radius), l.StrokeWidth
	p.objects = nil // never written to: the panel may still show the old list
	if stroke > 0 {
		for i, o := range p.outer {
			setCorner(o, i, l.Stroke, r)
			setFlat(p.edges[i], l.Stroke)
			if r > 0 {
				p.objects = append(p.objects, o)
			}
			p.objects = append(p.objects, p.edges[i])
		}
	}
	round := r > stroke // the fill has round corners, too
	for i, o := range p.inner {
		setCorner(o, i, l.Fill, max(0, r-stroke))
		if round {
			p.objects = append(p.objects, o)
		}
	}
	for i, o := range p.bands {
		setFlat(o, l.Fill)
		if i == 0 || round {
			p.objects = append(p.objects, o)
		}
	}
	return true
}

// setCorner makes the i-th corner of a box of a rectangle: round at that corner
// only.
func setCorner(o *canvas.Rectangle, i int, c color.NRGBA, radius float32) {
	setRectangle(o, c, Look{})
	*[4]*float32{&o.TopLeftCornerRadius, &o.TopRightCornerRadius, &o.BottomLeftCornerRadius, &o.BottomRightCornerRadius}[i] = radius
}

func (p *parts) layout() {
	r, stroke := whole(p.look.Radius), p.look.StrokeWidth
	w, h := p.size.Width, p.size.Height
	put := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	// A corner is larger than its arc by a pixel, which the bands lie over: no seam.
	corners := func(all [4]*canvas.Rectangle, x, y, w, h, side float32) {
		for i, o := range all {
			put(o, x+float32(i%2)*(w-side), y+float32(i/2)*(h-side), side, side)
		}
	}
	corners(p.outer, 0, 0, w, h, r+1)
	put(p.edges[0], r, 0, w-2*r, stroke)
	put(p.edges[1], r, h-stroke, w-2*r, stroke)
	put(p.edges[2], 0, r, stroke, h-2*r)
	put(p.edges[3], w-stroke, r, stroke, h-2*r)
	arc := max(0, r-stroke)
	corners(p.inner, stroke, stroke, w-2*stroke, h-2*stroke, arc+1)
	put(p.bands[0], stroke+arc, stroke, w-2*(stroke+arc), h-2*stroke)
	put(p.bands[1], stroke, stroke+arc, arc, h-2*(stroke+arc))
	put(p.bands[2], w-stroke-arc, stroke+arc, arc, h-2*(stroke+arc))
}
