package screens

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// writingPage is a page on which one writes: what stands around the field.
type writingPage struct {
	question string
	hint     string        // in the empty field
	notice   *touch.Notice // under the question: why what was written will not do
	w        *session.Writing
	// big shows a short text large and in the middle: a code.
	big bool
	// ways lead on, the last is the likeliest. At least one.
	ways []wayOn
}

// wayOn is a button that leads on.
type wayOn struct {
	b touch.Button
	p touch.Press
}

// writingSheet is where the parts of such a page stand.
//
// On portrait panels everything stands one under the other, keys or pad where the hand
// reaches, the ways on below them. On landscape ones the keys take the whole width at
// the foot where ten fit, and the right-hand side otherwise, like the pad.
type writingSheet struct {
	question, field, marks, inputs, board, ways touch.Rect
}

func (p *page) writingSheet(v writingPage, rest touch.Rect) writingSheet {
	m := p.m
	var s writingSheet
	r := p.content(rest)
	candidates := len(v.w.Marks) > 0 || v.w.Input == session.Handwriting
	if m.Panel.Portrait() {
		s.question = r.CutTop(p.questionLine())
		r.CutTop(p.below())
		s.ways = r.CutBottom(float32(int(m.Target * 1.3)))
		r.CutBottom(m.Gap * 1.5)
		s.board = p.cutWritingBoard(&r, v.w.Input)
		r.CutBottom(m.Gap)
		s.inputs = r.CutBottom(m.Target)
		r.CutBottom(m.Gap)
		if candidates {
			s.marks = r.CutBottom(m.Target)
			r.CutBottom(m.Gap)
		}
		s.field = r
		return s
	}
	row := p.ruler().row()
	high := r.H
	s.board = p.cutWritingBoard(&r, v.w.Input)
	if s.board.H < high { // keys along the foot
		r.CutBottom(m.Gap)
		low := r.H < 2*row+2*m.Gap+2*p.questionLine()
		var ways float32
		for _, way := range v.ways {
			ways += p.f.ButtonWidth(way.b) + m.Pad*2
		}
		ways = max(ways, float32(int(r.W*0.26)))
		line := r.CutBottom(row)
		r.CutBottom(m.Gap)
		if low { // the field stands beside the ways on, and its hint for the question
			right := r.CutRight(ways)
			r.CutRight(m.Gap)
			s.ways = right.CutTop(min(right.H, m.Target*1.4))
		} else {
			top := r.CutTop(row)
			r.CutTop(m.Gap)
			s.ways = top.CutRight(ways)
			top.CutRight(m.Gap)
			s.question = top
		}
		s.inputs = line
		if candidates {
			s.inputs = line.CutRight(float32(int(line.W * 0.5)))
			line.CutRight(m.Gap)
			s.marks = line
		}
		s.field = r
		return s
	}
	r.CutRight(m.Gap)
	if !m.Tight() {
		s.question = r.CutTop(p.questionLine())
		r.CutTop(p.below())
	}
	s.ways = r.CutBottom(row)
	r.CutBottom(m.Gap)
	s.inputs = r.CutBottom(row)
	if m.Tight() { // the next input stands beside the ways on
		r.H = s.inputs.Bottom() - r.Y
		s.inputs = s.ways.CutLeft(row)
		s.ways.CutLeft(m.Gap)
	} else {
		r.CutBottom(m.Gap)
	}
	if candidates {
		s.marks = r.CutBottom(row)
		r.CutBottom(m.Gap)
	}
	s.field = r
	return s
}

// cutWritingBoard cuts the place of keys or pad off r.
func (p *page) cutWritingBoard(r *touch.Rect, in session.Input) touch.Rect {
	switch {
	case in == session.Handwriting && p.m.Tight():
		return r.CutRight(float32(int(r.W * 0.46)))
	case in == session.Handwriting:
		return p.f.CutPad(r)
	}
	return p.m.CutKeyboard(r, touch.Keyboard{})
}

// writing draws a page on which one writes.
func (p *page) writing(rest touch.Rect, v writingPage) {
	s := p.writingSheet(v, rest)
	if s.question.H > 0 {
		st := touch.Style{Size: p.m.Question, Bold: true, Color: p.m.Colors.Ink, Center: true}
		for _, size := range []float32{p.m.Title, p.m.Body} {
			if p.f.Width(v.question, st) <= s.question.W {
				break
			}
			st.Size = size
		}
		p.f.Text(s.question, p.faces.Bold.Elide(v.question, st.Size, s.question.W, false), st)
	}
	p.writingField(s.field, v)
	p.writingInputs(s.inputs, v.w)
	p.writingBoard(s.board, v.w)
	if s.marks.H > 0 {
		p.writingMarks(s.marks, v.w)
	}
	p.waysOn(s.ways, v.ways...)
}

// waysOn draws ways on side by side, in smaller words where they are too wide.
func (p *page) waysOn(r touch.Rect, ways ...wayOn) {
	cells := r.Columns(len(ways), p.m.Gap)
	for i, way := range ways {
		if way.b.Size == 0 {
			way.b.Size = p.m.Title
		}
		if p.f.ButtonWidth(way.b) > cells[i].W {
			way.b.Size = p.m.Body
		}
		p.f.Button(cells[i], way.b, way.p)
	}
}

// cutWaysOn draws ways on at the foot of r and cuts them off.
func (p *page) cutWaysOn(r *touch.Rect, ways ...wayOn) {
	high := p.m.Target
	if p.m.Panel.Portrait() {
		high = float32(int(p.m.Target * 1.35))
	}
	p.waysOn(r.CutBottom(high), ways...)
	r.CutBottom(p.m.Gap)
}

// writingField shows what was written: of what is too long its end, where one writes.
// The number of characters stands in the lower right corner.
func (p *page) writingField(r touch.Rect, v writingPage) {
	c := p.m.Colors
	p.f.Box(r, touch.Look{Fill: c.Card, Stroke: c.Blue, StrokeWidth: p.m.Stroke * 1.5, Radius: p.m.Radius})
	inner := r.Inset(p.m.Pad, p.m.MM(1))
	if v.notice != nil {
		n := *v.notice
		h := p.f.NoticeHeight(n, inner.W)
		if inner.H-h < p.m.TextHeight(p.m.Body, 1)+p.m.MM(1) { // a low field
			n.Text = shortened(p.faces.Regular, n.Text, p.m.Body, inner.W-p.m.MM(9)-float32(int(p.m.Body*1.3))-1, 1)
			h = p.f.NoticeHeight(n, inner.W)
		}
		p.f.Notice(inner.CutBottom(h), n)
		inner.CutBottom(p.m.MM(0.6))
	}
	st := p.body()
	if v.big || p.roomy(v.w.Text, inner) {
		st.Size = p.m.Title
	}
	if v.big {
		st.Size = max(p.m.Body, min(p.m.Question, float32(int(inner.H/1.3))))
		st.Bold = true
	}
	if !v.big {
		count := strconv.Itoa(utf8.RuneCountInString(v.w.Text)) + "/" + strconv.Itoa(v.w.Most)
		small := p.soft()
		small.Align = touch.Right
		w, line := p.f.Width(count, small), p.m.TextHeight(p.m.Body, 1)
		if inner.H >= 2*line+p.m.TextHeight(st.Size, 1)-line {
			p.f.Text(inner.CutBottom(line), count, small)
		} else { // a low field: beside the line
			column := inner.CutRight(w)
			inner.CutRight(p.m.MM(2))
			small.Center = true
			p.f.Text(column, count, small)
		}
	}
	caret := max(3, p.m.MM(0.6))
	width := inner.W - caret - p.m.MM(1)
	most := 1
	for p.m.TextHeight(st.Size, most+1) <= inner.H {
		most++
	}
	lines := p.faces.Of(st.Bold).Wrap(v.w.Text, st.Size, width)
	if len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	h := p.m.TextHeight(st.Size, max(1, len(lines)))
	block := touch.Rect{X: inner.X, Y: inner.Y, W: inner.W, H: h}
	if v.big || h+p.m.TextHeight(st.Size, 1)*0.5 > inner.H {
		block.Y += float32(int(max(0, inner.H-h) / 2))
	}
	last := ""
	if len(lines) > 0 {
		last = lines[len(lines)-1]
		p.f.Text(block, strings.Join(lines, "\n"), st)
	}
	foot := block.CutBottom(p.m.TextHeight(st.Size, 1))
	foot.CutLeft(min(p.f.Width(last, st)+p.m.MM(0.6), width))
	p.f.Box(touch.Rect{X: foot.X, Y: foot.Y, W: caret, H: foot.H}.Center(caret, float32(int(st.Size*1.05))), touch.Look{Fill: c.Blue})
	if v.w.Text != "" {
		return
	}
	foot.CutLeft(caret + p.m.MM(1.4))
	hint := p.soft()
	hint.Center = true
	if p.f.Width(v.hint, hint) <= foot.W {
		p.f.Text(foot, v.hint, hint)
	} else if rest := (touch.Rect{X: inner.X, Y: foot.Bottom(), W: inner.W, H: inner.Bottom() - foot.Bottom()}); p.f.Height(v.hint, p.soft(), rest.W) <= rest.H {
		p.f.Text(rest, v.hint, p.soft())
	}
}

// roomy says whether the text stands in r in the larger size.
func (p *page) roomy(text string, r touch.Rect) bool {
	st := touch.Style{Size: p.m.Title}
	return p.f.Height(text, st, r.W-p.m.MM(3))+p.m.TextHeight(p.m.Title, 2) <= r.H
}

// writingInputs draws what one can write with.
func (p *page) writingInputs(r touch.Rect, w *session.Writing) {
	p.inputs(r, w.Input, w.Handwriting, wording.WritingLetters)
}

func (p *page) writingBoard(r touch.Rect, w *session.Writing) {
	p.searchBoard(searchSheet{m: p.m, f: p.f, w: p.w, board: r}, &session.Search{
		Text: w.Text, Input: w.Input, Handwriting: w.Handwriting, Strokes: w.Strokes,
	})
}

// writingMarks draws what the strokes may be, or the marks that no key has; as many as
// fit on a line. The pad has its own buttons for strokes; here it needs one to take
// back what was written.
func (p *page) writingMarks(r touch.Rect, w *session.Writing) {
	if w.Input == session.Handwriting {
		del := touch.Button{Icon: touch.IconDelete}
		press := touch.Press{Name: "key.delete", Key: true}
		if w.Text != "" {
			press.Tap = func() { p.send(session.DeletePressed{}) }
		}
		p.f.Button(r.CutRight(p.m.Target), del, press)
		r.CutRight(p.m.Gap)
	}
	list, size := w.Characters, p.m.Question
	if len(w.Strokes) == 0 {
		list, size = w.Marks, p.m.Title
	}
	least := p.ruler().row()
	n := min(len(list), max(1, int((r.W+p.m.Gap)/(least+p.m.Gap))))
	if n == 0 {
		if len(w.Strokes) > 0 {
			st := p.soft()
			st.Center = true
			if words := p.say(wording.SearchReading); p.f.Width(words, st) <= r.W {
				p.f.Text(r, words, st)
			}
		}
		return
	}
	for i, cell := range r.Columns(n, p.m.Gap) {
		b := touch.Button{Label: list[i], Size: min(size, float32(int(cell.H*0.7)))}
		if list[i] == " " {
			b = touch.Button{Label: p.say(wording.WritingSpace)}
			if p.f.ButtonWidth(b) > cell.W+2*p.m.MM(2.4) {
				b.Label = "_" // the font has no sign for a space
			}
		}
		press := p.press("character."+letter(i), session.CharacterChosen{Text: list[i]})
		press.Job, press.Key = list[i], true
		p.f.Button(cell, b, press)
	}
}
