package screens

import (
	"math"

	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// ruler measures text without a frame, so that pages can be broken where nothing
// is drawn. It measures what [touch.Frame.Text] draws.
type ruler struct {
	m     *touch.Metrics
	faces *touch.Faces
	w     *wording.Words
}

func (p *page) ruler() ruler { return ruler{p.m, p.faces, p.w} }

func (r ruler) height(text string, st touch.Style, width float32) float32 {
	if text == "" {
		return 0
	}
	face := r.faces.Of(st.Bold)
	lines := face.Wrap
	if st.Balance {
		lines = face.Balance
	}
	return r.m.TextHeight(st.Size, len(lines(text, st.Size, width)))
}

// width is the width of the text on one line.
func (r ruler) width(text string, st touch.Style) float32 {
	return float32(math.Ceil(float64(r.faces.Of(st.Bold).Width(text, st.Size))))
}

// button is the width a button of the text size needs for its words, and for an
// icon beside them.
func (r ruler) button(label string, size float32, icon bool) float32 {
	w := r.width(label, touch.Style{Size: size, Bold: true}) + 2*r.m.MM(3.4)
	if icon {
		w += float32(math.Ceil(float64(size * 1.45)))
	}
	return max(w, r.m.Target)
}

func (r ruler) body() touch.Style { return touch.Style{Size: r.m.Body, Color: r.m.Colors.Ink} }

func (r ruler) soft() touch.Style { return touch.Style{Size: r.m.Body, Color: r.m.Colors.InkSoft} }

func (r ruler) bold() touch.Style {
	return touch.Style{Size: r.m.Body, Bold: true, Color: r.m.Colors.Ink}
}

// spread says where pages of things of these heights begin that stand one under
// the other with the gap between them: the fewest pages, about equally full. A
// thing marked in keep stays with the next one. No page holds more than limit
// things; what is higher than a page has one to itself.
func spread(heights []float32, gap, room float32, limit int, keep func(i int) bool) []int {
	if len(heights) == 0 {
		return []int{0}
	}
	whole := room
	fill := func(room float32) []int {
		starts := []int{0}
		used, from := float32(0), 0
		for i := 0; i < len(heights); {
			// What stays together: from i to before end.
			end, h := i+1, heights[i]
			for end < len(heights) && keep != nil && keep(end-1) {
				h += gap + heights[end]
				end++
			}
			if h > whole && end > i+1 {
				end, h = i+1, heights[i] // more than a page cannot be kept together
			}
			if i > from && (used+gap+h > room || end-from > limit) {
				starts = append(starts, i)
				used, from = 0, i
			}
			if i > from {
				used += gap
			}
			used += h
			i = end
		}
		return starts
	}
	best := fill(room)
	low, high := float32(0), room
	for range 8 {
		mid := (low + high) / 2
		if s := fill(mid); len(s) == len(best) {
			best, high = s, mid
		} else {
			low = mid
		}
	}
	return best
}
