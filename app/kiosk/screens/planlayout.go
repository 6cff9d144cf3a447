package screens

import (
	"math"
	"strings"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
)

// planLayout is where everything on a plan stands, in pixels. A hall file says
// where windows are to the decimetre; on a panel they need boxes that can be read,
// which may be larger than they are in the hall. So boxes are moved a little: into
// the room they stand in, off the next window, never onto one another. What finds
// no place is left out, lit things last.
type planLayout struct {
	rooms     []planBox
	windows   []planBox
	names     []planName // of rooms
	here      touch.Rect
	hereWords touch.Rect
}

type planBox struct {
	name  string
	lit   bool
	place touch.Rect
}

// planName is the name of a room, or an icon that stands for it.
type planName struct {
	text  string
	icon  touch.Icon
	lit   bool
	place touch.Rect
}

func (p *page) layPlan(r touch.Rect, v *session.Plan) planLayout {
	var l planLayout
	scale := r.W / float32(v.Width)
	at := func(x, y float64) (float32, float32) {
		return r.X + float32(x)*scale, r.Y + float32(y)*scale
	}
	for _, room := range v.Rooms {
		x, y := at(room.X, room.Y)
		box := wholeRect(touch.Rect{X: x, Y: y, W: float32(room.W) * scale, H: float32(room.H) * scale})
		l.rooms = append(l.rooms, planBox{room.Name, room.Lit, clip(box, r)})
	}
	l.rooms = apartRooms(l.rooms)
	for _, lit := range []bool{true, false} {
		for _, w := range v.Windows {
			if w.Lit != lit {
				continue
			}
			x, y := at(w.At.X, w.At.Y)
			if box, ok := p.placeWindow(&l, r, w, x, y); ok {
				l.windows = append(l.windows, box)
			}
		}
	}
	if v.Here != nil {
		x, y := at(v.Here.X, v.Here.Y)
		l.placeHere(p, r, x, y)
	}
	for i, room := range v.Rooms {
		if i < len(l.rooms) {
			l.nameRoom(p, room, l.rooms[i].place)
		}
	}
	return l
}

// placeWindow finds the place of a window. One that is lit is pushed along by up to
// its own size until it can stand; another stands where it is, without its number
// where that has no room, or not at all.
func (p *page) placeWindow(l *planLayout, r touch.Rect, w session.PlanWindow, x, y float32) (planBox, bool) {
	sizes := []float32{p.m.Body}
	offs := [][2]float32{{0, 0}}
	if w.Lit {
		sizes = []float32{p.m.Title, p.m.Body}
		offs = [][2]float32{{0, 0}, {0.5, 0}, {-0.5, 0}, {0, 0.5}, {0, -0.5}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}}
	}
	for _, size := range sizes {
		wide := max(float32(int(size*1.5)), p.f.Width(w.Name, touch.Style{Size: size, Bold: true})+p.m.MM(1.2))
		high := float32(int(size * 1.5))
		box := l.settle(around(x, y, wide, high), r, x, y)
		for _, d := range offs {
			b := box
			b.X, b.Y = whole(b.X+d[0]*wide), whole(b.Y+d[1]*high)
			if l.free(b, r) {
				return planBox{w.Name, w.Lit, b}, true
			}
		}
	}
	side := float32(int(p.m.Body * 0.5))
	small := l.settle(around(x, y, side, side), r, x, y)
	return planBox{"", w.Lit, small}, l.free(small, r)
}

// around is a box with its middle at the point.
func around(x, y, w, h float32) touch.Rect {
	return touch.Rect{X: whole(x - w/2), Y: whole(y - h/2), W: w, H: h}
}

// settle moves a box wholly into the room in which the point lies, or off every
// room when it lies in none.
func (l *planLayout) settle(b, floor touch.Rect, x, y float32) touch.Rect {
	b = into(b, floor)
	for _, room := range l.rooms {
		if x >= room.place.X && x < room.place.Right() && y >= room.place.Y && y < room.place.Bottom() {
			return into(b, room.place.Inset(3, 3))
		}
	}
	for _, room := range l.rooms {
		b = off(b, room.place)
	}
	return into(b, floor)
}

// free says whether nothing stands in the way of a box: it lies on the floor, in
// one room or in none, and on no other thing.
func (l *planLayout) free(b, floor touch.Rect) bool {
	if b.W < 1 || b.H < 1 || !within(b, floor) {
		return false
	}
	for _, room := range l.rooms {
		if meet(b, room.place) && !within(b, room.place.Inset(2, 2)) {
			return false
		}
	}
	for _, w := range l.windows {
		if meet(b, w.place) {
			return false
		}
	}
	return !meet(b, l.here) && !meet(b, l.hereWords)
}

// placeHere marks where one stands, with the words beside it where there is room.
func (l *planLayout) placeHere(p *page, r touch.Rect, x, y float32) {
	var box touch.Rect
	for _, size := range []float32{p.m.Title * 1.4, p.m.Body * 1.2, p.m.Body * 0.8} {
		side := float32(int(size))
		box = l.settle(around(x, y, side, side), r, x, y)
		for i := 0; i < 6 && !l.free(box, r); i++ {
			// Outwards in a spiral, not far: it must not say another place.
			angle, far := float64(i)*2.4, float32(i)*side*0.15
			box = around(x+far*float32(math.Cos(angle)), y+far*float32(math.Sin(angle)), side, side)
		}
		if l.free(box, r) {
			break
		}
	}
	if !l.free(box, r) {
		return
	}
	l.here = box
	side := box.W
	st := touch.Style{Size: p.m.Body, Bold: true}
	w, h := p.f.Width(p.hereWords(), st)+2*p.m.MM(1.2), float32(int(p.m.Body*1.5))
	gap := p.m.MM(0.8)
	for _, at := range [][2]float32{
		{box.Right() + gap, box.Y + (side-h)/2}, {box.X - gap - w, box.Y + (side-h)/2},
		{box.X + (side-w)/2, box.Bottom() + gap}, {box.X + (side-w)/2, box.Y - gap - h},
		{box.Right() + gap, box.Y}, {box.X - gap - w, box.Y},
		{box.Right() + gap, box.Y - h/2}, {box.X - gap - w, box.Y - h/2},
		{box.Right() + gap, box.Bottom() - h}, {box.X - gap - w, box.Bottom() - h},
	} {
		words := touch.Rect{X: whole(at[0]), Y: whole(at[1]), W: w, H: h}
		if l.free(words, r) {
			l.hereWords = words
			return
		}
	}
}

// nameRoom writes the name of a room where nothing is in the way: on one line or
// two, else as an icon, else not at all; the place is written beside the plan.
func (l *planLayout) nameRoom(p *page, room session.PlanRoom, box touch.Rect) {
	st := touch.Style{Size: p.m.Body, Bold: room.Lit}
	inner := box.Inset(p.m.MM(0.8), p.m.MM(0.6))
	try := func(w, h float32) (touch.Rect, bool) {
		for _, y := range []float32{0.5, 0, 1, 0.25, 0.75} {
			for _, x := range []float32{0.5, 0, 1} {
				b := touch.Rect{X: whole(inner.X + (inner.W-w)*x), Y: whole(inner.Y + (inner.H-h)*y), W: w, H: h}
				if within(b, inner) && l.unnamed(b) {
					return b, true
				}
			}
		}
		return touch.Rect{}, false
	}
	if room.Name != "" && inner.W > p.m.Body {
		for _, n := range []int{1, 2} {
			lines := p.faces.Of(st.Bold).Balance(room.Name, st.Size, p.f.Width(room.Name, st)/float32(n)+p.m.Body*float32(n-1)*0.6)
			var w float32
			for _, word := range strings.Fields(room.Name) {
				if word[0] < 0x80 { // words stay whole
					w = max(w, p.f.Width(word, st))
				}
			}
			for _, line := range lines {
				w = max(w, p.f.Width(line, st))
			}
			w += 2
			if b, ok := try(w, p.f.Height(room.Name, st, w)); ok && len(p.faces.Of(st.Bold).Wrap(room.Name, st.Size, w)) <= n {
				l.names = append(l.names, planName{text: room.Name, lit: room.Lit, place: b})
				return
			}
		}
	}
	icon := map[string]touch.Icon{
		"entrance": touch.IconDoor, "toilet": touch.IconToilet, "lift": touch.IconLift, "stairs": touch.IconStairs, "desk": touch.IconInfo,
	}[room.Kind]
	side := min(float32(int(p.m.Body*1.6)), inner.W, inner.H)
	if icon == touch.NoIcon || side < p.m.Body*0.7 {
		return
	}
	if b, ok := try(side, side); ok {
		l.names = append(l.names, planName{icon: icon, lit: room.Lit, place: b})
	}
}

// unnamed says whether no thing and no name stands where a name is to be written.
func (l *planLayout) unnamed(b touch.Rect) bool {
	for _, w := range l.windows {
		if meet(b, w.place) {
			return false
		}
	}
	for _, n := range l.names {
		if meet(b, n.place) {
			return false
		}
	}
	for _, room := range l.rooms {
		if meet(b, room.place) && !within(b, room.place) {
			return false
		}
	}
	return !meet(b, l.here) && !meet(b, l.hereWords)
}

// apartRooms draws in the edges of rooms that touch or overlap by a hair, as they
// do in files where a wall has no width.
func apartRooms(rooms []planBox) []planBox {
	for i := range rooms {
		rooms[i].place = rooms[i].place.Inset(1, 1)
	}
	return rooms
}

func whole(v float32) float32 { return float32(math.Round(float64(v))) }

func wholeRect(r touch.Rect) touch.Rect {
	x, y := whole(r.X), whole(r.Y)
	return touch.Rect{X: x, Y: y, W: whole(r.Right()) - x, H: whole(r.Bottom()) - y}
}

func within(a, b touch.Rect) bool {
	return a.X >= b.X && a.Y >= b.Y && a.Right() <= b.Right() && a.Bottom() <= b.Bottom()
}

func meet(a, b touch.Rect) bool {
	return a.X < b.Right() && b.X < a.Right() && a.Y < b.Bottom() && b.Y < a.Bottom()
}

// clip is the part of a that lies in b.
func clip(a, b touch.Rect) touch.Rect {
	x, y := max(a.X, b.X), max(a.Y, b.Y)
	return touch.Rect{X: x, Y: y, W: max(0, min(a.Right(), b.Right())-x), H: max(0, min(a.Bottom(), b.Bottom())-y)}
}

// into moves a into b; what is larger than b is cut to it.
func into(a, b touch.Rect) touch.Rect {
	a.W, a.H = min(a.W, b.W), min(a.H, b.H)
	a.X = min(max(a.X, b.X), b.Right()-a.W)
	a.Y = min(max(a.Y, b.Y), b.Bottom()-a.H)
	return a
}

// off moves a off b, the shortest way.
func off(a, b touch.Rect) touch.Rect {
	if !meet(a, b) {
		return a
	}
	left, right := a.Right()-b.X, b.Right()-a.X
	up, down := a.Bottom()-b.Y, b.Bottom()-a.Y
	switch least := min(left, right, up, down); least {
	case left:
		a.X -= left
	case right:
		a.X += right
	case up:
		a.Y -= up
	default:
		a.Y += down
	}
	return a
}
