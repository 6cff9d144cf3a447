package touch

import (
	"bytes"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// writer writes on a pad and keeps what the pad gives away.
type writer struct {
	f       *Frame
	m       *Metrics
	strokes []Stroke // the page's
	drawn   []Stroke // given to Draw
	cleared []bool   // given to Clear
}

func newWriter(t testing.TB, p Panel, assisted bool) *writer {
	t.Helper()
	w := &writer{f: NewFrame(faces(t), &Guard{Interval: time.Nanosecond}), m: NewMetrics(p, assisted)}
	w.draw()
	return w
}

// draw draws the page and returns how many objects changed.
func (w *writer) draw() int {
	w.f.Begin(w.m)
	r := w.m.Screen()
	r.CutTop(w.m.HeaderHeight())
	r.CutBottom(w.m.FooterHeight())
	r = r.Inset(w.m.Margin, w.m.MM(2.4))
	w.f.Pad(w.f.CutPad(&r), Pad{
		Strokes: w.strokes, UndoLabel: "撤销一笔", ClearLabel: "重写",
		Draw:  func(s Stroke) { w.drawn = append(w.drawn, s) },
		Clear: func(all bool) { w.cleared = append(w.cleared, all) },
	})
	return w.f.End()
}

// drawOther draws a page without a pad.
func (w *writer) drawOther() {
	w.f.Begin(w.m)
	w.f.End()
}

func (w *writer) pad() *padWidget { return w.f.pad }

var finger = desktop.MouseButtonPrimary

func mouse(x, y float32) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}, Button: finger}
}

func drag(x, y float32) *fyne.DragEvent {
	return &fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}}
}

// write draws a stroke as the driver reports it; places are thousandths of the pad.
func (w *writer) write(places ...[2]float32) {
	p := w.pad()
	k := float32(p.sheet.side) / 1000
	p.MouseDown(mouse(places[0][0]*k, places[0][1]*k))
	for _, q := range places[1:] {
		p.Dragged(drag(q[0]*k, q[1]*k))
	}
	last := places[len(places)-1]
	p.MouseUp(mouse(last[0]*k, last[1]*k))
	if len(places) > 1 {
		p.DragEnd()
	}
}

// inked is how many points of the sheet are dark.
func (w *writer) inked() int { return w.pad().sheet.inked() }

func (s *sheet) inked() int {
	n := 0
	for _, t := range s.tiles {
		img := t.img.Image.(*image.RGBA)
		for i := 0; i < len(img.Pix); i += 4 {
			if img.Pix[i] < 0x80 {
				n++
			}
		}
	}
	return n
}

func TestPadIsLargeAndInItsPlace(t *testing.T) {
	for _, p := range ReferencePanels() {
		for _, assisted := range []bool{false, true} {
			w := newWriter(t, p.Panel, assisted)
			r, ok := w.f.PadPlace()
			if mm := float64(r.W) / p.PxPerMM(); !ok || r.W != r.H || mm < 55 || mm > padMost {
				t.Errorf("%s, assisted %v: pad of %.0f mm at %v", p.Name, assisted, mm, r)
			}
			w.strokes = []Stroke{{{1, 1}}}
			w.draw()
			controls := w.f.Controls()
			if len(controls) != 2 {
				t.Fatalf("%s: %d buttons", p.Name, len(controls))
			}
			for _, c := range controls {
				b := placeOf(c)
				if min(b.W, b.H) < w.m.Target || !inside(b, w.m.Screen()) ||
					b.X < r.Right() && r.X < b.Right() && b.Y < r.Bottom() && r.Y < b.Bottom() {
					t.Errorf("%s, assisted %v: %s at %v, pad at %v", p.Name, assisted, c.Name(), b, r)
				}
			}
		}
	}
}

func TestPadReportsStrokes(t *testing.T) {
	for name, c := range map[string]struct {
		places [][2]float32
		want   Stroke
	}{
		"a dot":              {[][2]float32{{500, 250}}, Stroke{{500, 250}}},
		"a line":             {[][2]float32{{100, 500}, {400, 500}, {900, 510}}, Stroke{{100, 500}, {400, 500}, {900, 510}}},
		"points that repeat": {[][2]float32{{100, 500}, {101, 500}, {102, 501}, {200, 500}, {201, 500}}, Stroke{{100, 500}, {200, 500}, {201, 500}}},
		"off the pad":        {[][2]float32{{500, 500}, {1200, 500}, {1300, -400}, {500, -3}}, Stroke{{500, 500}, {1000, 500}, {1000, 0}, {500, 0}}},
		"not a number":       {[][2]float32{{500, 500}, {float32(math.NaN()), 500}}, Stroke{{500, 500}, {0, 500}}},
	} {
		w := newWriter(t, ReferencePanels()[0].Panel, false)
		w.write(c.places...)
		near := func(a, b Point) bool { return abs(a.X-b.X) <= 1 && abs(a.Y-b.Y) <= 1 }
		if len(w.drawn) != 1 || !slices.EqualFunc(w.drawn[0], c.want, near) {
			t.Errorf("%s: %v, want %v", name, w.drawn, c.want)
		}
		if w.inked() == 0 {
			t.Errorf("%s: no ink", name)
		}
	}
}

func TestPadIgnores(t *testing.T) {
	w := newWriter(t, ReferencePanels()[0].Panel, false)
	p := w.pad()
	p.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonSecondary})
	p.Dragged(drag(10, 10)) // began elsewhere, slid on
	p.DragEnd()
	p.MouseUp(mouse(10, 10))
	if len(w.drawn) != 0 || w.inked() != 0 {
		t.Errorf("%v drawn, %d points of ink", w.drawn, w.inked())
	}
	for range MostStrokes + 10 {
		w.write([2]float32{100, 100}, [2]float32{200, 200})
	}
	if len(w.drawn) != MostStrokes {
		t.Errorf("%d strokes, want %d", len(w.drawn), MostStrokes)
	}
	w = newWriter(t, ReferencePanels()[0].Panel, false)
	var long [][2]float32
	for i := range 3 * MostPoints {
		long = append(long, [2]float32{float32(i % 900), float32(i * 7 % 900)})
	}
	w.write(long...)
	if len(w.drawn) != 1 || len(w.drawn[0]) > MostPoints {
		t.Errorf("%d strokes, the first of %d points", len(w.drawn), len(w.drawn[0]))
	}
}

// The second touch of the tap that brought up the pad leaves no dot; strokes follow
// each other at any speed.
func TestPadAndTheGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter(t, ReferencePanels()[0].Panel, false)
		w.f.guard.Interval = DebounceNormal
		w.f.guard.Accept("")
		time.Sleep(100 * time.Millisecond)
		w.write([2]float32{500, 500})
		if len(w.drawn) != 0 {
			t.Error("a stroke 100 ms after a tap")
		}
		time.Sleep(200 * time.Millisecond)
		for range 3 {
			w.write([2]float32{500, 500})
			time.Sleep(20 * time.Millisecond)
		}
		w.f.guard.Accept("pad.undo")
		w.write([2]float32{500, 500})
		if len(w.drawn) != 4 {
			t.Errorf("%d strokes, want 4", len(w.drawn))
		}
	})
}

func TestPadAndThePage(t *testing.T) {
	w := newWriter(t, ReferencePanels()[0].Panel, false)
	shown := func() int { return len(w.pad().shown) }
	w.write([2]float32{100, 100}, [2]float32{900, 100})
	first := w.inked()
	if n := w.draw(); n != 0 || shown() != 1 || w.inked() != first {
		t.Errorf("a page that does not know of the stroke yet: %d changes, %d strokes", n, shown())
	}
	w.write([2]float32{100, 500}, [2]float32{900, 500})
	w.strokes = w.drawn[:1]
	w.draw()
	if shown() != 2 {
		t.Errorf("a page that knows of the first: %d strokes", shown())
	}
	w.strokes = w.drawn
	w.draw()

	// The page is drawn while the finger writes.
	p := w.pad()
	k := float32(p.sheet.side) / 1000
	p.MouseDown(mouse(500*k, 50*k))
	p.Dragged(drag(500*k, 400*k))
	during := w.inked()
	if n := w.draw(); n != 0 || w.inked() != during || !p.down {
		t.Errorf("drawn under the finger: %d changes, still writing %v", n, p.down)
	}
	p.Dragged(drag(500*k, 900*k))
	p.MouseUp(mouse(500*k, 900*k))
	p.DragEnd()
	if len(w.drawn) != 3 || len(w.drawn[2]) != 3 {
		t.Fatalf("the stroke: %v", w.drawn)
	}
	w.strokes = w.drawn
	w.draw()

	before := w.inked()
	w.strokes = w.drawn[:2] // taken back
	w.draw()
	if shown() != 2 || w.inked() >= before {
		t.Errorf("taken back: %d strokes, %d points of ink, before %d", shown(), w.inked(), before)
	}
	w.strokes = []Stroke{{{500, 500}, {600, 600}}} // others
	w.draw()
	if shown() != 1 {
		t.Errorf("others: %d strokes", shown())
	}
	w.strokes = nil // cleared
	w.draw()
	if shown() != 0 || w.inked() != 0 {
		t.Errorf("cleared: %d strokes, %d points of ink", shown(), w.inked())
	}
}

func TestPadButtons(t *testing.T) {
	w := newWriter(t, ReferencePanels()[0].Panel, false)
	if n := len(w.f.Controls()); n != 0 {
		t.Errorf("%d buttons can be pressed, with nothing to take back", n)
	}
	w.strokes = []Stroke{{{1, 1}, {500, 500}}}
	w.draw()
	for _, c := range w.f.Controls() {
		c.MouseDown(mouse(1, 1))
		c.Tapped(nil)
	}
	if !slices.Equal(w.cleared, []bool{false, true}) {
		t.Errorf("cleared %v, want the last stroke, then all", w.cleared)
	}
}

// Nothing of what somebody wrote is left when another page is drawn, not even in
// the hands of a driver that still holds the pad.
func TestPadForgets(t *testing.T) {
	w := newWriter(t, ReferencePanels()[0].Panel, false)
	w.write([2]float32{100, 100}, [2]float32{900, 900})
	p := w.pad()
	p.MouseDown(mouse(10, 10))
	p.Dragged(drag(100, 10))
	w.drawOther()
	if _, ok := w.f.PadPlace(); ok {
		t.Error("the pad is still there")
	}
	if n := p.sheet.inked(); n != 0 || p.shown != nil || p.raw != nil {
		t.Errorf("%d points of ink, strokes %v, %v", n, p.shown, p.raw)
	}
	p.Dragged(drag(200, 10))
	p.MouseUp(mouse(200, 10))
	p.MouseDown(mouse(200, 10))
	if len(w.drawn) != 1 {
		t.Errorf("%d strokes given away, want the one before", len(w.drawn))
	}
	w.draw()
	if w.inked() != 0 {
		t.Error("the next person's pad has ink on it")
	}
}

func newSheet(side int) *sheet {
	s := &sheet{}
	s.set(side, sheetLook{paper: rgb(0xFFFFFF), cross: rgb(0xC0C0C0), ink: rgb(0), thick: 9, dash: 10, line: 2})
	s.paintAll()
	return s
}

func (s *sheet) pixels() (all [][]byte) {
	for _, t := range s.tiles {
		all = append(all, bytes.Clone(t.img.Image.(*image.RGBA).Pix))
	}
	return all
}

// Ink that followed a finger, point by point and only where it changed, is the ink
// that is laid when everything is painted anew; and a movement paints few tiles.
func TestInkFollowsTheFinger(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 5))
	for range 6 {
		side := 300 + rng.IntN(200)
		live, anew := newSheet(side), newSheet(side)
		blank := live.pixels()
		for range 1 + rng.IntN(4) {
			p := spot{rng.Float32() * float32(side), rng.Float32() * float32(side)}
			points := []spot{p}
			live.add(points)
			live.paintEnd()
			for range rng.IntN(40) {
				before := live.pixels()
				p.x = min(float32(side), max(0, p.x+float32(rng.NormFloat64()*15)))
				p.y = min(float32(side), max(0, p.y+float32(rng.NormFloat64()*15)))
				points = append(points, p)
				live.extend(points)
				painted := live.paintEnd()
				if painted > 9 {
					t.Errorf("%d tiles of %d painted for a movement of a few points", painted, len(live.tiles))
				}
				changed := 0
				for i, b := range live.pixels() {
					if !bytes.Equal(b, before[i]) {
						changed++
					}
				}
				if changed > painted {
					t.Errorf("%d tiles changed, %d painted", changed, painted)
				}
			}
			anew.add(points)
		}
		anew.paintAll()
		for i, b := range live.pixels() {
			if !bytes.Equal(b, anew.pixels()[i]) {
				t.Fatalf("side %d, tile %d differs", side, i)
			}
		}
		if live.inked() == 0 {
			t.Error("no ink")
		}
		live.wipe()
		live.paintAll()
		for i, b := range live.pixels() {
			if !bytes.Equal(b, blank[i]) {
				t.Fatalf("tile %d is not blank after wiping", i)
			}
		}
	}
}

// A stroke is as thick as it should be, without gaps, also where tiles meet, and
// passes every point that panels report of a straight line.
func TestInkHasNoGaps(t *testing.T) {
	s := newSheet(400)
	s.add([]spot{{20, 30}, {380, 370}})
	s.paintAll()
	at := func(x, y int) uint8 {
		for _, t := range s.tiles {
			if (image.Point{x, y}).In(t.place) {
				return t.img.Image.(*image.RGBA).RGBAAt(x-t.place.Min.X, y-t.place.Min.Y).R
			}
		}
		panic("off the sheet")
	}
	for i := range 361 {
		x := 20 + i
		y := 30 + i*340/360
		if at(min(399, x), y) != 0 {
			t.Fatalf("no ink at %d, %d", x, y)
		}
		if at(min(399, x), min(399, y+12)) == 0 && y+12 < 399 && x > 40 && x < 360 {
			t.Fatalf("ink beside the stroke at %d, %d", x, y+12)
		}
	}
}

// Whatever fingers do, in whatever order the driver reports it: strokes in range,
// and the ink is that of the strokes.
func FuzzPad(f *testing.F) {
	f.Add([]byte{0, 10, 10, 1, 50, 50, 2, 0, 0})
	f.Add([]byte{0, 10, 10, 4, 0, 0, 1, 99, 99, 2, 0, 0, 5, 0, 0, 6, 0, 0})
	f.Add([]byte{1, 200, 200, 2, 0, 0, 0, 255, 255, 3, 0, 0, 7, 0, 0, 0, 1, 1, 2, 1, 1})
	w := newWriter(f, ReferencePanels()[3].Panel, false)
	f.Fuzz(func(t *testing.T, b []byte) {
		w.strokes, w.drawn = nil, nil
		w.drawOther()
		w.draw()
		for ; len(b) >= 3; b = b[3:] {
			p := w.pad()
			x, y := float32(b[1])*4-200, float32(b[2])*4-200
			switch b[0] % 8 {
			case 0:
				p.MouseDown(mouse(x, y))
			case 1:
				p.Dragged(drag(x, y))
			case 2:
				p.MouseUp(mouse(x, y))
			case 3:
				p.DragEnd()
			case 4:
				w.draw()
			case 5:
				w.strokes = slices.Clone(w.drawn)
				w.draw()
			case 6:
				w.strokes = w.strokes[:len(w.strokes)/2]
				w.drawn = slices.Clone(w.strokes)
				w.draw()
			case 7:
				w.strokes, w.drawn = nil, nil
				w.drawOther()
				w.draw()
			}
		}
		for _, s := range w.drawn {
			if len(s) == 0 || len(s) > MostPoints {
				t.Fatalf("a stroke of %d points", len(s))
			}
			for _, p := range s {
				if p.X < 0 || p.X > 1000 || p.Y < 0 || p.Y > 1000 {
					t.Fatalf("%v", p)
				}
			}
		}
		if empty := len(w.pad().shown) == 0 && !w.pad().down; empty != (w.inked() == 0) {
			t.Fatalf("%d strokes, %d points of ink", len(w.pad().shown), w.inked())
		}
	})
}

// BenchmarkPadMovement is what a movement of the finger costs beside Fyne's frame,
// with ten strokes on the pad.
func BenchmarkPadMovement(b *testing.B) {
	s := newSheet(420)
	rng := rand.New(rand.NewPCG(1, 5))
	for range 10 {
		var points []spot
		for i := range 30 {
			points = append(points, spot{float32(40 + i*12), 200 + float32(rng.NormFloat64()*100)})
		}
		s.add(points)
	}
	s.paintAll()
	points := []spot{{200, 200}}
	s.add(points)
	for i := 0; b.Loop(); i++ {
		if len(points) > 100 {
			s.lines = s.lines[:10]
			points = points[:1]
			s.add(points)
		}
		points = append(points, spot{200 + float32(i%100), 200 + float32(i*7%60)})
		s.extend(points)
		s.paintEnd()
	}
}
