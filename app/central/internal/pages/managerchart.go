package pages

import (
	"fmt"
	"math"
	"strings"
)

// Charts are drawn here as SVG, by the template "chart" in manager.html: they need no
// script, print as they are, and every number in them stands in a table beside them too.
// Compared with a charting library from npm: those draw on a canvas or set inline
// styles, which the content security policy forbids, and are a hundred times as long.

// chart is a picture of bars above a time axis, in a box of chartWidth × chartHeight
// units.
type chart struct {
	ID            string // unique on the page
	Title         string
	Says          string // the picture in a sentence, for whoever does not see it
	Width, Height int
	Left, Right   float64 // ends of the grid's lines
	Base          float64 // y of 0
	Ticks         []chartTick
	Labels        []chartLabel
	Bars          []chartBar
	Legend        []chartKey
}

type chartTick struct {
	Y    float64
	Text string
}

type chartLabel struct {
	X     float64
	Text  string
	Minor bool // left out where the picture is small
}

type chartBar struct {
	X, Y, Width, Height float64
	Class               string
	Says                string // shown while the mouse rests on it
	Value               string // above it; empty where there is no room
	Middle              float64
}

type chartKey struct{ Class, Name string }

// chartSeries is one colour of bars. Its class, c1 or c2, gives it colour and pattern.
type chartSeries struct {
	Name, Class string
	Values      []int
}

const (
	chartWidth, chartHeight         = 720, 250
	chartLeft, chartRight, chartTop = 66.0, 714.0, 20.0
	chartBase                       = 216.0
	chartGap                        = 0.25 // of a place is left free
	chartLabelRoom, chartValueRoom  = 56.0, 22.0
	chartTickCount                  = 4
	chartNames                      = 5 // so many names have room even in a small picture
	chartPlaces                     = 6 // fewer bars do not become wider
)

// barChart draws the series beside each other, a place for each label. says is what each
// place is called in words: 09:30.
func barChart(id, title, unit string, places []string, series ...chartSeries) chart {
	c := chart{ID: id, Title: title, Width: chartWidth, Height: chartHeight, Left: chartLeft, Right: chartRight, Base: chartBase}
	most, at, total := 0, 0, 0
	for n, s := range series {
		if len(series) > 1 {
			c.Legend = append(c.Legend, chartKey{s.Class, s.Name})
		}
		for i, v := range s.Values {
			if n == 0 {
				total += v
			}
			if v > most {
				most, at = v, i
			}
		}
	}
	step := tickStep(most)
	top := float64(step * int(math.Ceil(float64(max(most, 1))/float64(step))))
	y := func(v int) float64 { return rounded(chartBase - float64(v)/top*(chartBase-chartTop)) }
	for v := 0; float64(v) <= top; v += step {
		c.Ticks = append(c.Ticks, chartTick{y(v), fmt.Sprint(v)})
	}
	place := (chartRight - chartLeft) / float64(max(len(places), chartPlaces))
	width := place * (1 - chartGap) / float64(len(series))
	every := max(int(math.Ceil(chartLabelRoom/place)), 1)
	for i, name := range places {
		x := chartLeft + place*(float64(i)+chartGap/2)
		if i%every == 0 {
			c.Labels = append(c.Labels, chartLabel{rounded(x + place*(1-chartGap)/2), name, len(places) > chartNames && len(c.Labels)%2 == 1})
		}
		for _, s := range series {
			v := s.Values[i]
			if v > 0 {
				b := chartBar{X: rounded(x), Y: y(v), Width: rounded(width), Class: s.Class, Says: fmt.Sprintf("%s %s %d %s", name, s.Name, v, unit), Middle: rounded(x + width/2)}
				b.Height = rounded(chartBase - b.Y)
				if width >= chartValueRoom {
					b.Value = fmt.Sprint(v)
				}
				c.Bars = append(c.Bars, b)
			}
			x += width
		}
	}
	switch {
	case most == 0:
		c.Says = title + "：都是 0。"
	default:
		c.Says = fmt.Sprintf("%s：最多的是 %s，%d %s。数字见下面的表。", title, places[at], most, unit)
	}
	return c
}

// tickStep is 1, 2 or 5 times a power of ten, so that a handful of steps reach the value.
func tickStep(most int) int {
	for step := 1; ; step *= 10 {
		for _, n := range []int{1, 2, 5} {
			if step*n*chartTickCount >= most {
				return step * n
			}
		}
	}
}

// rounded keeps the page short: tenths of a unit cannot be seen.
func rounded(v float64) float64 { return math.Round(v*10) / 10 }

// stack is a bar of parts that add up to the whole, 100 units long.
type stack struct {
	Name  string
	Says  string // its parts in words
	Parts []stackPart
	Note  string // after it
}

type stackPart struct {
	X, Width float64
	Class    string
	Says     string
}

// stackOf makes a bar of counts; names and classes say what they are.
func stackOf(name, note string, names, classes []string, counts []int) stack {
	s := stack{Name: name, Note: note}
	total := 0
	for _, n := range counts {
		total += n
	}
	var words []string
	x := 0.0
	for i, n := range counts {
		words = append(words, fmt.Sprintf("%s %d", names[i], n))
		if n == 0 {
			continue
		}
		width := float64(n) / float64(total) * 100
		s.Parts = append(s.Parts, stackPart{math.Round(x*100) / 100, math.Round(width*100) / 100, classes[i], words[i]})
		x += width
	}
	s.Says = name + "：" + strings.Join(words, "，")
	return s
}
