package handwriting

import "math"

// How ink becomes numbers. They were chosen by trying, over the samples named in
// the package's documentation; none of them matters much by itself.
const (
	grid       = 8 // places across and down
	directions = 8 // from rightwards, clockwise
	size       = grid * grid * directions

	step  = 0.06 // between points of a stroke, of the character's longer side
	most  = 1000 // points looked at: sixty times that side
	faint = 0.3  // weight of the way through the air

	spread  = 0.7 // of ink over its surroundings: standard deviation in places
	narrow  = 0.7 // power of the ratio of the sides: characters that are narrow stay so, less
	moments = 3.8 // side of a character in standard deviations of its ink

	dotSide = 0.05 // length of a dot, which is one point on the pad
	beyond  = 4000 // places farther away are drawn nearer: no pad reports them
)

type spot struct{ x, y float64 }

// ink holds what is needed to lay the strokes of a character; it is used again.
type ink struct {
	spots  []spot // of all strokes, evenly apart
	starts []int  // of each stroke in spots
	cells  [size]float32

	middle, scale spot
}

// lay turns the strokes into numbers, in cells. It is false when there is none.
func (k *ink) lay(strokes []Stroke) bool {
	if !k.thread(strokes) {
		return false
	}
	k.fit()
	k.cells = [size]float32{}
	for i, from := range k.starts {
		to := len(k.spots)
		if i+1 < len(k.starts) {
			to = k.starts[i+1]
		}
		if from > 0 {
			k.draw(k.spots[from-1], k.spots[from], faint)
		}
		for j := from + 1; j < to; j++ {
			k.draw(k.spots[j-1], k.spots[j], 1)
		}
	}
	// The root keeps long strokes from outweighing all others.
	for i, v := range k.cells {
		k.cells[i] = float32(math.Sqrt(float64(v)))
	}
	return true
}

// thread places points evenly along the strokes, in units of the longer side of
// all ink: panels report them closer where the finger is slow, and directions
// between points a pixel apart mean nothing.
func (k *ink) thread(strokes []Stroke) bool {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range strokes {
		for _, p := range s {
			q := place(p)
			left, right = min(left, q.x), max(right, q.x)
			top, bottom = min(top, q.y), max(bottom, q.y)
		}
	}
	if left > right {
		return false
	}
	unit := max(right-left, bottom-top, 1)
	k.spots, k.starts = k.spots[:0], k.starts[:0]
	for _, s := range strokes {
		if len(s) == 0 || len(k.spots) > most {
			continue
		}
		from := len(k.spots)
		k.starts = append(k.starts, from)
		last := place(s[0])
		last = spot{last.x / unit, last.y / unit}
		k.spots = append(k.spots, last)
		gone := 0.0 // since the last point that was placed
		for _, p := range s[1:] {
			q := place(p)
			q = spot{q.x / unit, q.y / unit}
			way := math.Hypot(q.x-last.x, q.y-last.y)
			for gone+way >= step && len(k.spots) <= most {
				t := (step - gone) / way
				last = spot{last.x + (q.x-last.x)*t, last.y + (q.y-last.y)*t}
				k.spots = append(k.spots, last)
				way = math.Hypot(q.x-last.x, q.y-last.y)
				gone = 0
			}
			gone += way
			last = q
		}
		switch n := len(k.spots) - from; {
		case n == 1 && gone < step/4:
			// A dot goes down to the right, as 丶 does.
			k.spots = append(k.spots, spot{last.x + dotSide, last.y + dotSide})
		case n == 1 || gone > step/2:
			k.spots = append(k.spots, last)
		}
		soften(k.spots[from:])
	}
	return true
}

func place(p Point) spot {
	in := func(v int) float64 { return float64(min(beyond, max(-beyond, v))) }
	return spot{in(p.X), in(p.Y)}
}

// soften takes the trembling out of a stroke.
func soften(s []spot) {
	for i := 1; i+1 < len(s); i++ {
		// What was before is already softened; that does no harm.
		s[i] = spot{(s[i-1].x + 2*s[i].x + s[i+1].x) / 4, (s[i-1].y + 2*s[i].y + s[i+1].y) / 4}
	}
}

// fit finds the middle of the ink and how large it is. Unlike the box around it,
// they hardly depend on a stroke that went too far.
func (k *ink) fit() {
	var m, x, y, xx, yy float64
	for i := range k.starts {
		for j := k.starts[i] + 1; j < len(k.spots) && (i+1 == len(k.starts) || j < k.starts[i+1]); j++ {
			p, q := k.spots[j-1], k.spots[j]
			d := math.Hypot(q.x-p.x, q.y-p.y)
			cx, cy := (p.x+q.x)/2, (p.y+q.y)/2
			m, x, y, xx, yy = m+d, x+d*cx, y+d*cy, xx+d*cx*cx, yy+d*cy*cy
		}
	}
	m = max(m, 1e-9)
	k.middle = spot{x / m, y / m}
	w := moments * math.Sqrt(max(1e-8, xx/m-k.middle.x*k.middle.x))
	h := moments * math.Sqrt(max(1e-8, yy/m-k.middle.y*k.middle.y))
	long := max(w, h)
	short := math.Pow(min(w, h)/long, narrow)
	k.scale = spot{1 / long, 1 / long}
	if w < h {
		k.scale.x = short / w
	} else {
		k.scale.y = short / h
	}
}

// draw lays a straight piece of ink into the places around it, split between the
// two directions nearest to its own.
func (k *ink) draw(p, q spot, weight float64) {
	p, q = k.at(p), k.at(q)
	dx, dy := q.x-p.x, q.y-p.y
	long := math.Hypot(dx, dy)
	if long == 0 {
		return
	}
	turn := math.Atan2(dy, dx) / (2 * math.Pi) * directions
	if turn < 0 {
		turn += directions
	}
	part := turn - math.Floor(turn)
	first := int(turn) % directions
	second := (first + 1) % directions

	pieces := min(32, int(long/(step*grid))+1)
	weight *= long / grid / float64(pieces)
	for i := range pieces {
		t := (float64(i) + 0.5) / float64(pieces)
		across, down := gauss(p.x+dx*t), gauss(p.y+dy*t)
		for y, wy := range down {
			if wy == 0 {
				continue
			}
			for x, wx := range across {
				v := weight * wx * wy
				at := (y*grid + x) * directions
				k.cells[at+first] += float32(v * (1 - part))
				k.cells[at+second] += float32(v * part)
			}
		}
	}
}

// at is where a point lies, in places: their middles are whole numbers.
func (k *ink) at(p spot) spot {
	return spot{
		((p.x-k.middle.x)*k.scale.x+0.5)*grid - 0.5,
		((p.y-k.middle.y)*k.scale.y+0.5)*grid - 0.5,
	}
}

// gauss is how much of the ink at v reaches each place along one side.
func gauss(v float64) (out [grid]float64) {
	for i := range out {
		if d := v - float64(i); d*d < 9*spread*spread {
			out[i] = math.Exp(-d * d / (2 * spread * spread))
		}
	}
	return out
}

// quantise brings the numbers to 0–255, the largest being 255, and returns the
// length of the vector.
func quantise(cells *[size]float32, out *[size]int32) float32 {
	var top float32
	for _, v := range cells {
		top = max(top, v)
	}
	if top == 0 {
		top = 1
	}
	var sum float64
	for i, v := range cells {
		q := int32(v/top*255 + 0.5)
		out[i] = q
		sum += float64(q) * float64(q)
	}
	return float32(math.Sqrt(max(sum, 1)))
}
