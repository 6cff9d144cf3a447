package touch

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// sheet is a square of paper with ink on it, in tiles: each is a picture of its
// own, and ink that is added changes only the tiles under it. Compared were one
// picture for all (a texture of a megabyte with every movement of the finger),
// lines and circles of Fyne's (square ends, thousands of objects, each a shader),
// and a picture per stroke (as large as the sheet for a long one).
type sheet struct {
	side  int
	look  sheetLook
	tiles []tile // row by row

	objects []fyne.CanvasObject // the tiles' pictures
	lines   []line
	cover   []uint8         // scratch: how much ink lies on each point of a part
	dirty   image.Rectangle // what has to be painted
}

// tileSide is the side of a tile in pixels: 64 KB of texture.
const tileSide = 128

// sheetLook is what a sheet looks like; lengths are pixels.
type sheetLook struct {
	paper, cross, ink color.NRGBA
	thick, dash, line float32 // of ink; of the cross
}

// tile is a piece of the sheet, of tileSide or what is left at the border.
type tile struct {
	place image.Rectangle // on the sheet
	img   *canvas.Image
}

// spot is a place on the sheet in pixels.
type spot struct{ x, y float32 }

// line is the ink of a stroke: a curve as a chain of short straight pieces.
type line struct {
	chain []spot
	ends  int // of the chain: what does not change when the stroke goes on
}

// set makes the sheet of its size and look, and says whether they are others than
// before; then it is empty.
func (s *sheet) set(side int, look sheetLook) bool {
	if s.side == side && s.look == look {
		return false
	}
	s.look = look
	if s.side != side {
		s.side = side
		s.tiles, s.objects = nil, nil
		for y := 0; y < side; y += tileSide {
			for x := 0; x < side; x += tileSide {
				w, h := min(tileSide, side-x), min(tileSide, side-y)
				img := &canvas.Image{
					Image:    image.NewRGBA(image.Rect(0, 0, w, h)),
					FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScalePixels,
				}
				img.Move(fyne.NewPos(float32(x), float32(y)))
				img.Resize(fyne.NewSize(float32(w), float32(h)))
				s.tiles = append(s.tiles, tile{image.Rect(x, y, x+w, y+h), img})
				s.objects = append(s.objects, img)
			}
		}
		s.cover = make([]uint8, tileSide*tileSide)
	}
	s.wipe()
	return true
}

// wipe takes the ink away; paintAll shows it.
func (s *sheet) wipe() { s.lines, s.dirty = nil, image.Rectangle{} }

// add lays the ink of a further stroke.
func (s *sheet) add(points []spot) {
	s.lines = append(s.lines, line{})
	s.extend(points)
}

// extend goes on with the last stroke: points are all of it, the last one new.
// What changes is remembered for paintEnd.
func (s *sheet) extend(points []spot) {
	l := &s.lines[len(s.lines)-1]
	before := l.chain[min(len(l.chain), max(0, l.ends-1)):]
	s.touch(before)
	l.chain, l.ends = curve(l.chain[:l.ends], points)
	s.touch(l.chain[max(0, min(len(l.chain), l.ends-pieces-1)):])
}

// touch remembers that the ink of the chain has to be painted.
func (s *sheet) touch(chain []spot) {
	reach := s.look.thick/2 + 2
	for _, p := range chain {
		r := image.Rect(int(p.x-reach)-1, int(p.y-reach)-1, int(p.x+reach)+2, int(p.y+reach)+2)
		s.dirty = s.dirty.Union(r)
	}
}

// pieces is how many straight pieces a bend of the curve is drawn with.
const pieces = 6

// curve smooths a stroke: quadratic Bézier curves from the middle of each piece
// between two points to the middle of the next, with the point between them as
// control, and straight to the last point. Panels report few points of a fast
// finger; the corners between them would show. fixed is the chain so far without
// its last, straight piece; the returned number of places stays when the stroke
// goes on.
func curve(fixed []spot, points []spot) (chain []spot, ends int) {
	n := len(points)
	switch n {
	case 0:
		return nil, 0
	case 1:
		return []spot{points[0]}, 0
	case 2:
		return []spot{points[0], points[1]}, 0
	}
	from := n - 2 // the control of the newest bend
	if len(fixed) == 0 {
		fixed = []spot{points[0], middleOf(points[0], points[1])}
		from = 1
	}
	chain = fixed
	for i := from; i <= n-2; i++ {
		a, b, c := middleOf(points[i-1], points[i]), points[i], middleOf(points[i], points[i+1])
		for k := 1; k <= pieces; k++ {
			t := float32(k) / pieces
			u := 1 - t
			chain = append(chain, spot{u*u*a.x + 2*u*t*b.x + t*t*c.x, u*u*a.y + 2*u*t*b.y + t*t*c.y})
		}
	}
	ends = len(chain)
	return append(chain, points[n-1]), ends
}

func middleOf(a, b spot) spot { return spot{(a.x + b.x) / 2, (a.y + b.y) / 2} }

// paintAll paints everything.
func (s *sheet) paintAll() {
	s.dirty = image.Rect(0, 0, s.side, s.side)
	s.paintEnd()
}

// paintEnd paints what changed and returns how many tiles have a part in it.
func (s *sheet) paintEnd() int {
	n := 0
	for _, t := range s.tiles {
		if part := t.place.Intersect(s.dirty); !part.Empty() {
			s.paint(t, part)
			n++
		}
	}
	s.dirty = image.Rectangle{}
	return n
}

// paint paints a part of the tile: paper, cross, ink.
func (s *sheet) paint(t tile, part image.Rectangle) {
	clear(s.cover)
	for i := range s.lines {
		s.inkLine(part, s.lines[i].chain)
	}
	img := t.img.Image.(*image.RGBA)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := img.Pix[img.PixOffset(part.Min.X-t.place.Min.X, y-t.place.Min.Y):]
		cover := s.cover[(y-part.Min.Y)*tileSide:]
		for x := range part.Dx() {
			c := s.look.paper
			if s.onCross(part.Min.X+x, y) {
				c = s.look.cross
			}
			c = mix(c, s.look.ink, cover[x])
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = c.R, c.G, c.B, 0xFF
		}
	}
	canvas.Refresh(t.img)
}

// onCross says whether the point is on one of the two dashed middle lines.
func (s *sheet) onCross(x, y int) bool {
	half, line := float32(s.side)/2, s.look.line/2
	on := func(along, across int) bool {
		if d := float32(across) + 0.5 - half; d < -line || d > line {
			return false
		}
		// Dashes are counted from the middle, so that they are the same on both sides.
		d := float32(math.Abs(float64(float32(along) + 0.5 - half)))
		return math.Mod(float64(d/s.look.dash)+0.5, 2) < 1
	}
	return on(x, y) || on(y, x)
}

func mix(a, b color.NRGBA, cover uint8) color.NRGBA {
	if cover == 0 {
		return a
	}
	m := func(a, b uint8) uint8 { return uint8((int(a)*(255-int(cover)) + int(b)*int(cover) + 127) / 255) }
	return color.NRGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xFF}
}

// inkLine raises the cover of the points of the part that the chain passes. The
// highest cover counts, so where pieces meet, or strokes cross, nothing gets darker.
func (s *sheet) inkLine(b image.Rectangle, chain []spot) {
	for i, p := range chain {
		from := p
		if i > 0 {
			from = chain[i-1]
		}
		s.inkPiece(b, from, p)
	}
}

// inkPiece is one straight piece with round ends, smooth at its border.
func (s *sheet) inkPiece(b image.Rectangle, p, q spot) {
	r := s.look.thick / 2
	box := image.Rect(
		int(min(p.x, q.x)-r)-1, int(min(p.y, q.y)-r)-1,
		int(max(p.x, q.x)+r)+2, int(max(p.y, q.y)+r)+2,
	).Intersect(b)
	if box.Empty() {
		return
	}
	dx, dy := q.x-p.x, q.y-p.y
	long := dx*dx + dy*dy
	for y := box.Min.Y; y < box.Max.Y; y++ {
		cover := s.cover[(y-b.Min.Y)*tileSide:]
		for x := box.Min.X; x < box.Max.X; x++ {
			vx, vy := float32(x)+0.5-p.x, float32(y)+0.5-p.y
			t := float32(0)
			if long > 0 {
				t = min(1, max(0, (vx*dx+vy*dy)/long))
			}
			vx, vy = vx-t*dx, vy-t*dy
			in := r + 0.5 - float32(math.Sqrt(float64(vx*vx+vy*vy)))
			if in <= 0 {
				continue
			}
			c := uint8(min(1, in) * 255)
			if i := x - b.Min.X; c > cover[i] {
				cover[i] = c
			}
		}
	}
}
