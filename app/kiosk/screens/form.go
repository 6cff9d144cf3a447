package screens

import (
	"image/color"
	"strings"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// form draws a form as it looks on paper, filled in as a sample: names of the
// fields printed, what one writes in the blue of a pen, and the help beside.
func (p *page) form(rest touch.Rect, f *session.Form) {
	g := grid{p.ruler()}
	paged := f.Pages > 1
	area, pager := g.area(paged)
	head := p.content(rest)
	aside := p.say(wording.FormSample)
	p.questionAside(head.CutTop(p.questionLine()), f.Name, aside)
	area.H += area.Y - head.Y - p.below()
	area.Y = head.Y + p.below()
	if paged {
		p.pager(pager, f.Number, f.Pages)
	}
	if len(f.Fields) == 0 {
		p.lone(area, wording.FormEmpty)
		return
	}
	sheet := area
	pad := p.m.MM(2.4)
	inner := sheet.Inset(pad, pad)
	rows := p.formRows(f.Fields, inner)
	var sum float32
	for _, row := range rows {
		sum += row.height
	}
	extra := max(0, min(float32(int((inner.H-sum)/float32(len(rows)))), p.m.MM(6)))
	sheet.H = min(sheet.H, sum+extra*float32(len(rows))+2*pad)
	p.f.Box(sheet, touch.Look{Fill: p.m.Colors.Card, Stroke: p.m.Colors.Hairline, StrokeWidth: p.m.Stroke})
	for _, row := range rows {
		p.formRow(inner.CutTop(row.height+extra), row)
	}
}

// penBlue is the blue of what is written by hand, at 7:1 and better on paper.
var penBlue = color.NRGBA{R: 0x1B, G: 0x2F, B: 0x9E, A: 0xFF}

// formLine is a field, measured.
type formLine struct {
	field                   session.FormField
	name, sample, help      touch.Style
	nameW, sampleW, helpW   float32
	nameT, sampleT, helpT   string
	height, below, helpLead float32
}

// formRows measures the fields for the paper. Help stands beside the table, or
// under the sample where the paper is narrow; what does not fit the paper at all
// is shortened, help first.
func (p *page) formRows(fields []session.FormField, paper touch.Rect) []formLine {
	helped := false
	for _, f := range fields {
		helped = helped || f.Help != ""
	}
	nameW := float32(int(min(paper.W*0.25, p.m.Body*7)))
	for _, f := range fields {
		for _, word := range strings.Fields(f.Name) {
			if word[0] < 0x80 { // words stay whole
				nameW = max(nameW, min(p.f.Width(word, p.soft())+2*p.m.MM(1.6), paper.W*0.4))
			}
		}
	}
	for lines := 6; ; lines-- {
		var rows []formLine
		var sum float32
		for _, f := range fields {
			row := p.formLine(f, nameW, paper.W, helped, lines)
			sum += row.height
			rows = append(rows, row)
		}
		if sum <= paper.H || lines == 1 {
			// One line each is the least; what is still too much loses its help,
			// from the end.
			for i := len(rows) - 1; sum > paper.H && i >= 0; i-- {
				if rows[i].below > 0 {
					sum -= rows[i].below
					rows[i].height -= rows[i].below
					rows[i].below, rows[i].helpT = 0, ""
				}
			}
			if sum > paper.H {
				for i := range rows {
					rows[i].height = float32(int(paper.H / float32(len(rows))))
				}
			}
			return rows
		}
	}
}

func (p *page) formLine(f session.FormField, nameW, width float32, helped bool, lines int) formLine {
	row := formLine{field: f, name: p.soft(), sample: p.body(), help: p.soft()}
	row.name.Center, row.sample.Center, row.help.Center = true, true, true
	row.sample.Bold, row.sample.Color = true, penBlue
	pad := p.m.MM(1.6)
	row.nameW = nameW
	beside := helped && width > p.m.Body*24
	row.sampleW = width - row.nameW
	if beside {
		row.helpW = float32(int(row.sampleW * 0.38))
		row.sampleW -= row.helpW
	}
	row.nameT = shortened(p.faces.Regular, f.Name, row.name.Size, row.nameW-2*pad, min(lines, 3))
	row.sampleT = shortened(p.faces.Bold, f.Sample, row.sample.Size, row.sampleW-2*pad, min(lines, 3))
	h := max(p.f.Height(row.nameT, row.name, row.nameW-2*pad), p.f.Height(row.sampleT, row.sample, row.sampleW-2*pad))
	row.helpLead = float32(int(p.m.Body*1.2)) + p.m.MM(1)
	if f.Help != "" {
		room := row.helpW
		if !beside {
			room = row.sampleW - pad
		}
		row.helpT = shortened(p.faces.Regular, f.Help, row.help.Size, room-pad-row.helpLead, lines)
		hh := p.f.Height(row.helpT, row.help, room-pad-row.helpLead)
		if beside {
			h = max(h, hh)
		} else {
			row.below = hh + p.m.MM(0.8)
			h += row.below
		}
	}
	row.height = h + p.m.MM(1.6)
	return row
}

// formRow draws a field: two printed cells, and the help.
func (p *page) formRow(r touch.Rect, row formLine) {
	c := p.m.Colors
	pad := p.m.MM(1.6)
	var help touch.Rect
	if row.helpW > 0 {
		help = r.CutRight(row.helpW)
		help.CutLeft(pad)
	}
	p.f.Box(r, touch.Look{Fill: c.Border})
	inner := r.Inset(p.m.Stroke, p.m.Stroke)
	name := inner.CutLeft(row.nameW)
	p.f.Box(name, touch.Look{Fill: c.Sunken})
	p.f.Text(name.Inset(pad, 0), row.nameT, row.name)
	inner.CutLeft(p.m.Stroke)
	p.f.Box(inner, touch.Look{Fill: c.Card})
	inner = inner.Inset(pad, 0)
	if row.below > 0 {
		help = inner.CutBottom(row.below + p.m.MM(0.4))
	}
	p.f.Text(inner, row.sampleT, row.sample)
	if row.helpT == "" {
		return
	}
	side := float32(int(p.m.Body))
	h := p.f.Height(row.helpT, row.help, help.W-row.helpLead)
	icon := touch.Rect{X: help.X, Y: help.Y + float32(int((help.H-h)/2)), W: side, H: p.m.TextHeight(p.m.Body, 1)}
	p.f.Icon(icon, touch.IconInfo, c.BlueInk)
	help.CutLeft(row.helpLead)
	p.f.Text(help, row.helpT, row.help)
}
