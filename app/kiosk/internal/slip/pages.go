package slip

import (
	"fmt"

	"hallkiosk/devices/escpos"
)

// longest is how long a paper in one piece may get, in dots: 40 cm. Longer strips
// curl up and get torn.
const longest = 400 * dotsPerMM

const (
	dotsPerMM = 8 // 203 dpi
	// linePitch is the way from line to line of normal text, and lineHeight that of
	// enlarged text times its size; see package escpos.
	linePitch  = 30
	lineHeight = 24
)

// document puts the pieces on as few pages as they need.
func (l *list) document() escpos.Document {
	pages := l.pages()
	var d escpos.Document
	for i, page := range pages {
		if i > 0 {
			d = append(d, l.continued(i+1, len(pages))...)
		}
		for _, p := range page {
			d = append(d, p.blocks...)
		}
		if i < len(pages)-1 {
			d = append(d, escpos.Rule{}, center(l.body, true, fmt.Sprintf(l.w.page, i+1, len(pages))))
		}
		d = append(d, escpos.Cut{})
	}
	return d
}

// pages shares the pieces out. No page is longer than [longest], unless a single
// piece is, and they are about equally long, so that the last is no scrap.
func (l *list) pages() [][]piece {
	total := 0
	for _, p := range l.pieces {
		total += l.height(p.blocks)
	}
	if total <= longest {
		return [][]piece{l.pieces}
	}
	frame := l.height(l.continued(2, 2)) + linePitch + lineHeight*l.body
	room := longest - frame
	n := (total + room - 1) / room
	target := total / n
	var pages [][]piece
	var page []piece
	used := 0
	for i := 0; i < len(l.pieces); {
		end := i + 1 // of the run that stays together
		for end < len(l.pieces) && l.pieces[end-1].leads {
			end++
		}
		h := 0
		for _, p := range l.pieces[i:end] {
			h += l.height(p.blocks)
		}
		if len(page) > 0 && (used+h > room || used >= target) {
			pages, page, used = append(pages, page), nil, 0
		}
		page = append(page, l.pieces[i:end]...)
		used += h
		i = end
	}
	return append(pages, page)
}

// continued is what stands above a page that is not the first.
func (l *list) continued(number, of int) escpos.Document {
	d := escpos.Document{center(1, true, l.Hall), center(l.body, true, l.w.title+" "+fmt.Sprintf(l.w.page, number, of))}
	if l.Sample {
		d = append(d, center(l.body, true, l.w.sample))
	}
	return append(d, escpos.Text{Text: l.name(), Size: l.body, Bold: true})
}

// height is how long blocks are on paper, in dots.
func (l *list) height(blocks escpos.Document) int {
	n := 0
	for _, b := range blocks {
		switch b := b.(type) {
		case escpos.Text:
			size := max(b.Size, 1)
			columns := l.columns * l.body / size
			n += len(escpos.Wrap(b.Text, columns)) * max(linePitch, lineHeight*size)
		case escpos.Rule:
			n += linePitch
		case escpos.Feed:
			n += b.Lines * linePitch
		case escpos.Raster:
			n += b.Image.Bounds().Dy()
		}
	}
	return n
}
