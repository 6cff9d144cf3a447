package touch

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// Frame is what stands on the panel. A drawing goes: Begin, then everything from
// back to front, then End. Objects of the last drawing are used again; what does
// not differ is not touched.
//
// A Frame belongs to Fyne's goroutine.
type Frame struct {
	M     *Metrics // of this drawing
	Faces *Faces

	// Again draws the page as it stands once more. A control with a state of its own
	// calls it when that changed: the nine keys of [Frame.Keyboard]. May be nil.
	Again func()

	guard *Guard
	root  *fyne.Container
	box   *fyne.Container
	base  *canvas.Image // the page's background, always there

	objects  []fyne.CanvasObject // of this drawing, back to front
	boxes    pool[*Surface]
	texts    pool[*canvas.Text]
	controls map[string]*Control
	images   map[imageKey]*canvas.Image
	repeat   map[imageKey]int // how often this drawing used the image so far
	qr       qrImage
	groups   groupState
	pad      *padWidget // nil until the first one
	changes  int
}

// pool hands out the objects of the last drawing in the order they were made.
type pool[T any] struct {
	all  []T
	used int
}

func (p *pool[T]) next(make func() T) T {
	if p.used == len(p.all) {
		p.all = append(p.all, make())
	}
	p.used++
	return p.all[p.used-1]
}

// imageKey tells pictures apart. An image object never changes its content, since
// Fyne keeps the texture of an image by the object.
type imageKey struct {
	icon Icon
	c    color.NRGBA
	w, h float32
	nth  int
}

// NewFrame returns an empty frame. All controls on it share the guard.
func NewFrame(faces *Faces, guard *Guard) *Frame {
	f := &Frame{
		Faces: faces, guard: guard,
		base:     newFlat(),
		controls: make(map[string]*Control),
		images:   make(map[imageKey]*canvas.Image),
		repeat:   make(map[imageKey]int),
	}
	f.box = container.NewWithoutLayout()
	f.root = container.New(panelLayout{f}, f.base, f.box)
	return f
}

// Object is what goes into the window: as large as the panel, in the middle of
// anything larger.
func (f *Frame) Object() fyne.CanvasObject { return f.root }

// Begin starts a drawing with the metrics.
func (f *Frame) Begin(m *Metrics) {
	f.M = m
	f.objects = make([]fyne.CanvasObject, 0, len(f.box.Objects)+8)
	f.boxes.used, f.texts.used, f.changes = 0, 0, 0
	f.qr.used = false
	clear(f.repeat)
	if setFlat(f.base, m.Colors.Page) {
		f.changes++
	}
}

// End shows the drawing. It returns how many objects it had to change, add or
// take away: 0 when the drawing equals the last one.
func (f *Frame) End() int {
	// Nothing that was written stays behind in objects that wait for their next
	// use: it may have been somebody's name.
	for _, t := range f.texts.all[f.texts.used:] {
		t.Text = ""
	}
	f.qr.drop()
	f.groups.drop()
	f.dropPad()
	if !slices.Equal(f.objects, f.box.Objects) {
		f.changes++
		f.box.Objects = f.objects
	}
	if f.changes > 0 {
		canvas.Refresh(f.base) // objects that were not on the panel before have no canvas to tell
	}
	return f.changes
}

// Box draws a surface.
func (f *Frame) Box(r Rect, l Look) {
	s := f.boxes.next(newSurface)
	f.place(s, r) // first: how it is put together depends on the size
	if s.set(l) {
		f.changes++
	}
	f.objects = append(f.objects, s)
}

// Press says what a control does.
type Press struct {
	// Name is unique on the page and stays with the control's place: an object is
	// used again for the same name.
	Name string
	// Job tells uses of the same name apart, e.g. the ID of a choice; may be empty.
	Job string
	// Key makes it a key of a keypad; see Guard.
	Key bool
	// Ground makes it the ground that other controls stand on: a touch beside a
	// button must not hold the button back.
	Ground bool
	Tap    func()
}

// Control draws a surface that can be pressed. Without Tap it is a plain box.
func (f *Frame) Control(r Rect, l Look, p Press) {
	if p.Tap == nil {
		f.Box(r, l)
		return
	}
	c, ok := f.controls[p.Name]
	if !ok {
		c = newControl(f.guard)
		f.controls[p.Name] = c
	}
	name := p.Name
	if p.Job != "" {
		name += ":" + p.Job
	}
	f.place(c, r)
	if c.set(name, l, p) {
		f.changes++
	}
	f.objects = append(f.objects, c)
}

// Icon draws an icon in the colour, as large as fits into the middle of r.
func (f *Frame) Icon(r Rect, i Icon, c color.NRGBA) {
	if i == NoIcon {
		return
	}
	side := min(r.W, r.H)
	f.picture(r.Center(side, side), i, c)
}

// Picture draws a picture of the aspect ratio w:h, as large as fits into the
// middle of r, in its own colours.
func (f *Frame) Picture(r Rect, i Icon, aspect float32) {
	w, h := r.W, r.W/aspect
	if h > r.H {
		w, h = r.H*aspect, r.H
	}
	f.picture(r.Center(whole(w), whole(h)), i, color.NRGBA{})
}

func (f *Frame) picture(r Rect, i Icon, c color.NRGBA) {
	key := imageKey{icon: i, c: c, w: r.W, h: r.H}
	n := f.repeat[key]
	f.repeat[key] = n + 1
	key.nth = n
	img, ok := f.images[key]
	if !ok {
		res, err := i.resource(c, r.W)
		if err != nil {
			fyne.LogError("drawing without a picture", err)
			return
		}
		img = canvas.NewImageFromResource(res)
		img.FillMode = canvas.ImageFillContain
		f.images[key] = img
	}
	f.place(img, r)
	f.objects = append(f.objects, img)
}

func (f *Frame) place(o fyne.CanvasObject, r Rect) {
	pos, size := fyne.NewPos(r.X, r.Y), fyne.NewSize(r.W, r.H)
	if o.Position() != pos {
		o.Move(pos)
		f.changes++
	}
	if o.Size() != size {
		o.Resize(size)
		f.changes++
	}
}

func (f *Frame) refresh(o fyne.CanvasObject) {
	canvas.Refresh(o)
	f.changes++
}

// panelLayout keeps the drawing at the size of the panel, in the middle.
type panelLayout struct{ f *Frame }

func (l panelLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	if l.f.M == nil {
		return fyne.NewSize(1, 1)
	}
	s := l.f.M.Screen()
	return fyne.NewSize(s.W, s.H)
}

func (l panelLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	l.f.base.Resize(size)
	min := l.MinSize(nil)
	l.f.box.Resize(min)
	l.f.box.Move(fyne.NewPos(whole(max(0, size.Width-min.Width)/2), whole(max(0, size.Height-min.Height)/2)))
}
