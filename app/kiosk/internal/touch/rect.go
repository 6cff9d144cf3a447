package touch

// Rect is a place on the panel in pixels: left, top, width, height. Pages are
// laid out by cutting pieces off a Rect.
type Rect struct{ X, Y, W, H float32 }

// Right is the x just beyond the rect.
func (r Rect) Right() float32 { return r.X + r.W }

// Bottom is the y just below the rect.
func (r Rect) Bottom() float32 { return r.Y + r.H }

// Inset returns r made smaller by dx at the left and right, dy at the top and bottom.
func (r Rect) Inset(dx, dy float32) Rect {
	return Rect{r.X + dx, r.Y + dy, max(0, r.W-2*dx), max(0, r.H-2*dy)}
}

// CutTop removes the upper h pixels from r and returns them.
func (r *Rect) CutTop(h float32) Rect {
	h = min(h, r.H)
	cut := Rect{r.X, r.Y, r.W, h}
	r.Y += h
	r.H -= h
	return cut
}

// CutBottom removes the lower h pixels from r and returns them.
func (r *Rect) CutBottom(h float32) Rect {
	h = min(h, r.H)
	r.H -= h
	return Rect{r.X, r.Y + r.H, r.W, h}
}

// CutLeft removes w pixels at the left of r and returns them.
func (r *Rect) CutLeft(w float32) Rect {
	w = min(w, r.W)
	cut := Rect{r.X, r.Y, w, r.H}
	r.X += w
	r.W -= w
	return cut
}

// CutRight removes w pixels at the right of r and returns them.
func (r *Rect) CutRight(w float32) Rect {
	w = min(w, r.W)
	r.W -= w
	return Rect{r.X + r.W, r.Y, w, r.H}
}

// Center returns a rect of size w×h in the middle of r, at whole pixels.
func (r Rect) Center(w, h float32) Rect {
	return Rect{whole(r.X + (r.W-w)/2), whole(r.Y + (r.H-h)/2), w, h}
}

// Columns cuts r into n columns of whole pixels with the gap between them.
func (r Rect) Columns(n int, gap float32) []Rect {
	out := make([]Rect, n)
	w := (r.W - gap*float32(n-1)) / float32(n)
	for i := range out {
		left := whole(r.X + float32(i)*(w+gap))
		right := whole(r.X + float32(i)*(w+gap) + w)
		out[i] = Rect{left, r.Y, right - left, r.H}
	}
	return out
}

// Rows cuts r into n rows of whole pixels with the gap between them.
func (r Rect) Rows(n int, gap float32) []Rect {
	out := make([]Rect, n)
	h := (r.H - gap*float32(n-1)) / float32(n)
	for i := range out {
		top := whole(r.Y + float32(i)*(h+gap))
		bottom := whole(r.Y + float32(i)*(h+gap) + h)
		out[i] = Rect{r.X, top, r.W, bottom - top}
	}
	return out
}

// whole rounds to the nearest whole pixel: text and edges on fractions blur.
func whole(v float32) float32 { return float32(int(v + 0.5)) }
