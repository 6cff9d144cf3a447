package handwriting_test

import (
	"math"
	"math/rand/v2"

	"hallkiosk/app/kiosk/handwriting"
)

// hand is a way of writing: what it does to strokes drawn well. Lengths are
// thousandths of the pad.
type hand struct {
	turn    float64 // degrees, either way
	slant   float64 // of uprights
	bend    float64 // of the whole character, as a wave
	apart   float64 // each stroke out of its place
	tremble float64 // each point
	size    float64 // of the pad; zero = as it is
	shift   float64 // of the whole
	joined  float64 // share of strokes joined to the one before
	swapped float64 // share of strokes drawn before the one before
	dense   bool    // a point every few thousandths, as slow fingers leave
}

// write is deterministic: the same seed, the same hand.
func (h hand) write(seed int, in []handwriting.Stroke) []handwriting.Stroke {
	rng := rand.New(rand.NewPCG(uint64(seed), 5))
	either := func(v float64) float64 { return (rng.Float64()*2 - 1) * v }
	sin, cos := math.Sincos(either(h.turn) * math.Pi / 180)
	slant, bx, by, phase := either(h.slant), either(h.bend), either(h.bend), rng.Float64()*6
	scale := 1.0
	if h.size > 0 {
		scale = h.size
	}
	sx, sy := either(h.shift), either(h.shift)
	var out []handwriting.Stroke
	for i, s := range in {
		if h.dense {
			s = denser(s)
		}
		ox, oy := rng.NormFloat64()*h.apart, rng.NormFloat64()*h.apart
		var w handwriting.Stroke
		for _, p := range s {
			x := float64(p.X) - 500 + ox + rng.NormFloat64()*h.tremble
			y := float64(p.Y) - 500 + oy + rng.NormFloat64()*h.tremble
			x, y = x+bx*math.Sin(y/200+phase)-slant*y, y+by*math.Sin(x/200+phase)
			x, y = x*cos-y*sin, x*sin+y*cos
			w = append(w, handwriting.Point{X: int(500 + x*scale + sx), Y: int(500 + y*scale + sy)})
		}
		last := len(out) - 1
		switch {
		case i > 0 && rng.Float64() < h.joined:
			out[last] = append(out[last], w...)
		case i > 0 && rng.Float64() < h.swapped:
			out = append(out, out[last])
			out[last] = w
		default:
			out = append(out, w)
		}
	}
	return out
}

func denser(s handwriting.Stroke) handwriting.Stroke {
	out := s[:1:1]
	for i := 1; i < len(s); i++ {
		a, b := s[i-1], s[i]
		n := int(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))/8) + 1
		for k := 1; k <= n; k++ {
			out = append(out, handwriting.Point{X: a.X + (b.X-a.X)*k/n, Y: a.Y + (b.Y-a.Y)*k/n})
		}
	}
	return out
}

// scribble is what fingers leave that write nothing.
func scribble(seed int) []handwriting.Stroke {
	rng := rand.New(rand.NewPCG(uint64(seed), 9))
	out := make([]handwriting.Stroke, 1+rng.IntN(8))
	for i := range out {
		x, y, way := rng.Float64()*1000, rng.Float64()*1000, rng.Float64()*7
		for range 5 + rng.IntN(40) {
			out[i] = append(out[i], handwriting.Point{X: int(x), Y: int(y)})
			way += rng.NormFloat64() * 0.8
			x, y = min(1000, max(0, x+60*math.Cos(way))), min(1000, max(0, y+60*math.Sin(way)))
		}
	}
	return out
}
