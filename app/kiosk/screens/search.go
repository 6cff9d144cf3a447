package screens

import (
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// results returns the function that breaks found matters into pages, beside the
// keyboard or the pad: by counting, since names have two lines there at most. A page
// holds the same number whatever one writes with, so that changing the input moves
// nothing.
func (k *kit) results() session.Breaks {
	frame := touch.NewFrame(k.faces, &touch.Guard{})
	var most [2]int
	for i, assisted := range []bool{false, true} {
		u := k.ruler(assisted, session.English)
		frame.Begin(u.m)
		most[i] = searchSheet{m: u.m, f: frame, w: u.w}.most()
		frame.End()
	}
	return func(found []session.Choice, assisted bool, _ session.Language) []int {
		per := most[0]
		if assisted {
			per = most[1]
		}
		starts := []int{0}
		for i := per; i < len(found); i += per {
			starts = append(starts, i)
		}
		return starts
	}
}

// searchSheet is where the parts of the search page stand: the field and the choice
// of inputs above, what was found below it, and keys or pad at the foot, or at the
// right where the panel is too low for that.
type searchSheet struct {
	m *touch.Metrics
	f *touch.Frame
	w *wording.Words

	field, inputs     touch.Rect
	candidates        touch.Rect // of handwriting
	results, pager    touch.Rect
	board             touch.Rect
	cols, rows, total int
}

func (s searchSheet) arrange(in session.Input) searchSheet {
	m := s.m
	p := page{m: m, f: s.f, w: s.w}
	r := p.room()
	switch {
	case m.Panel.Portrait():
		s.field = r.CutTop(m.Target)
		r.CutTop(m.Gap)
		s.inputs = r.CutTop(m.Target)
		r.CutTop(m.Gap * 1.5)
		s.cutBoard(&r, in)
		r.CutBottom(m.Gap * 1.5)
		if in == session.Handwriting {
			s.candidates = s.board.CutLeft(float32(int(s.board.W * 0.32)))
			s.board.CutLeft(m.Gap)
		}
		s.pager = r.CutBottom(m.Target)
		r.CutBottom(m.Gap)
		s.cols = 1
	case m.Tight():
		s.cutBoard(&r, in)
		r.CutRight(m.Gap)
		s.field = r.CutTop(m.TargetMin)
		s.inputs = s.field.CutRight(m.Target)
		s.field.CutRight(m.Gap)
		r.CutTop(m.Gap)
		s.pager = r.CutBottom(m.TargetMin)
		r.CutBottom(m.Gap)
		s.candidates = r // in place of what was found
		s.cols = 1
	default:
		high := m.Target
		if m.Assisted {
			high = m.TargetMin
		}
		s.field = r.CutTop(high)
		s.inputs = s.field.CutRight(float32(int(r.W * 0.5)))
		s.field.CutRight(m.Gap)
		r.CutTop(m.Gap)
		s.cutBoard(&r, in)
		if in == session.Handwriting {
			r.CutRight(m.Gap)
			s.candidates = r.CutTop(m.Target)
			r.CutTop(m.Gap)
		} else {
			r.CutBottom(m.Gap)
		}
		s.pager = r.CutRight(s.pagerWidth())
		r.CutRight(m.Gap)
		s.cols = max(1, min(3, int(r.W/(m.Body*9.5))))
		if r.H > 2*m.Target {
			s.cols = min(2, s.cols)
		}
		if in == session.Handwriting && r.H > 3*m.Target {
			s.cols = 1
		}
	}
	s.results = r
	least := max(m.Target, m.TextHeight(m.Body, 2)+m.MM(1))
	if m.Tight() {
		least = m.TargetMin // one line, then
	}
	s.rows = max(1, int((r.H+m.Gap)/(least+m.Gap)))
	s.total = s.rows * s.cols
	return s
}

// settle spreads the rows that a page has over the height.
func (s searchSheet) settle() searchSheet {
	s.total = s.most()
	s.rows = (s.total + s.cols - 1) / s.cols
	high := min((s.results.H-s.m.Gap*float32(s.rows-1))/float32(s.rows), s.m.MM(24))
	s.results.H = float32(int(high))*float32(s.rows) + s.m.Gap*float32(s.rows-1)
	return s
}

// cutBoard cuts the place of keys or pad off r.
func (s *searchSheet) cutBoard(r *touch.Rect, in session.Input) {
	switch {
	case in == session.Handwriting && s.m.Tight():
		// As much for the pad as for what is written.
		s.board = r.CutRight(float32(int(r.W * 0.46)))
	case in == session.Handwriting:
		s.board = s.f.CutPad(r)
	default:
		s.board = s.m.CutKeyboard(r, touch.Keyboard{})
	}
}

func (s searchSheet) pagerWidth() float32 {
	var w float32
	for _, k := range []wording.Key{wording.ChoosePrevious, wording.ChooseNext} {
		w = max(w, s.f.Width(s.w.Say(k), touch.Style{Size: s.m.Body, Bold: true}))
	}
	return max(w+2*s.m.MM(2), 2*s.m.Target+s.m.Gap) // words, or two arrows side by side
}

// most is how many found matters fit on a page with every input.
func (s searchSheet) most() int {
	return min(6, s.arrange(session.Letters).total, s.arrange(session.Handwriting).total)
}

// search draws the page on which one types or writes what one is looking for.
func (p *page) search(rest touch.Rect, v *session.Search) {
	s := searchSheet{m: p.m, f: p.f, w: p.w}.arrange(v.Input)
	all := s.results
	s = s.settle()
	p.searchField(s.field, v)
	p.inputs(s.inputs, v.Input, v.Handwriting, wording.InputLetters)
	p.searchBoard(s, v)
	choosing := v.Input == session.Handwriting && len(v.Characters) > 0
	if choosing {
		p.characters(s.candidates, v.Characters)
	} else if v.Input == session.Handwriting && !p.m.Tight() {
		words := wording.SearchWrite
		if len(v.Strokes) > 0 {
			words = wording.SearchReading
		}
		st := p.soft()
		st.Center, st.Balance = true, true
		p.f.Text(s.candidates, p.say(words), st)
	}
	if choosing && p.m.Tight() {
		return
	}
	switch {
	case len(v.Found) > 0:
		p.found(s, v)
	case v.Nothing:
		p.searchWords(all, s.pager, touch.Notice{Icon: touch.IconInfo, Tone: touch.Warning, Text: p.say(wording.SearchNothing)}, p.say(wording.SearchNothingHint))
	case v.Text == "":
		hint := wording.SearchHint
		if v.Input == session.Handwriting {
			hint = wording.SearchHintWrite
		}
		p.searchWords(all, s.pager, touch.Notice{Icon: touch.IconSearch, Text: p.say(hint)}, "")
	}
}

// searchField shows what was written so far; a long text its end, where one writes.
func (p *page) searchField(r touch.Rect, v *session.Search) {
	c := p.m.Colors
	p.f.Box(r, touch.Look{Fill: c.Card, Stroke: c.Blue, StrokeWidth: p.m.Stroke * 1.5, Radius: p.m.Radius})
	inner := r.Inset(p.m.Pad, 0)
	if !p.m.Tight() {
		side := float32(int(p.m.Title * 1.2))
		p.f.Icon(inner.CutLeft(side), touch.IconSearch, c.BlueInk)
		inner.CutLeft(p.m.Pad * 0.75)
	}
	st := touch.Style{Size: p.m.Question, Bold: true, Color: c.Ink, Center: true}
	if p.f.Width(v.Text, st) > inner.W-p.m.MM(2) {
		st.Size = p.m.Title
	}
	text := p.faces.Bold.Elide(v.Text, st.Size, inner.W-p.m.MM(2), true)
	w := p.f.Width(text, st)
	p.f.Text(inner, text, st)
	inner.CutLeft(w + p.m.MM(0.6))
	caret := touch.Rect{X: inner.X, Y: inner.Y, W: max(3, p.m.MM(0.6)), H: inner.H}
	p.f.Box(caret.Center(caret.W, float32(int(p.m.Question*1.1))), touch.Look{Fill: c.Blue})
	inner.CutLeft(p.m.MM(1.4))
	if v.Text != "" {
		return
	}
	hint := p.soft()
	hint.Center = true
	words := p.say(wording.SearchField)
	if p.f.Width(words, hint) > inner.W {
		return
	}
	p.f.Text(inner, words, hint)
}

// inputs draws what one can write with; on a low panel only the next one. letters is
// what the letters are called: pinyin where that is what they are for.
func (p *page) inputs(r touch.Rect, now session.Input, handwriting bool, letters wording.Key) {
	type input struct {
		in    session.Input
		label string
		icon  touch.Icon
	}
	all := []input{
		{session.Letters, p.say(letters), touch.IconKeyboard},
		{session.Digits, p.say(wording.InputDigits), touch.IconKeypad},
	}
	if handwriting {
		all = append(all, input{session.Handwriting, p.say(wording.InputHandwriting), touch.IconPen})
	}
	if p.m.Tight() {
		at := 0
		for i := range all {
			if all[i].in == now {
				at = (i + 1) % len(all)
			}
		}
		p.f.Button(r, touch.Button{Icon: all[at].icon}, p.press("input."+string(all[at].in), session.InputChosen{Input: all[at].in}))
		return
	}
	for i, cell := range r.Columns(len(all), p.m.Gap) {
		b := touch.Button{Label: all[i].label, Icon: all[i].icon}
		if p.f.ButtonWidth(b) > cell.W {
			b.Icon = touch.NoIcon
		}
		if all[i].in != now {
			p.f.Button(cell, b, p.press("input."+string(all[i].in), session.InputChosen{Input: all[i].in}))
			continue
		}
		p.f.Box(cell, touch.Look{Fill: p.m.Colors.Blue, Radius: p.m.Radius})
		p.f.Text(cell, b.Label, touch.Style{Size: p.m.Body, Bold: true, Color: p.m.Colors.OnFill, Align: touch.Middle, Center: true, Balance: true})
	}
}

// searchBoard draws the keys or the pad.
func (p *page) searchBoard(s searchSheet, v *session.Search) {
	if v.Input != session.Handwriting {
		k := touch.Keyboard{
			ClearLabel: p.say(wording.SearchClear), DeleteLabel: p.say(wording.TypeDelete), Empty: v.Text == "",
			Press:  func(c rune) { p.send(session.KeyPressed{Key: c}) },
			Delete: func(all bool) { p.send(session.DeletePressed{All: all}) },
		}
		if v.Input == session.Digits {
			k.Layout = touch.DigitKeys
		}
		p.f.Keyboard(s.board, k)
		return
	}
	pad := touch.Pad{
		UndoLabel: p.say(wording.PadUndo), ClearLabel: p.say(wording.TypeClear),
		Draw: func(stroke touch.Stroke) {
			points := make(session.Stroke, len(stroke))
			for i, at := range stroke {
				points[i] = session.Point(at)
			}
			p.send(session.StrokeDrawn{Stroke: points})
		},
		Clear: func(all bool) { p.send(session.StrokesCleared{All: all}) },
	}
	for _, stroke := range v.Strokes {
		points := make(touch.Stroke, len(stroke))
		for i, at := range stroke {
			points[i] = touch.Point(at)
		}
		pad.Strokes = append(pad.Strokes, points)
	}
	p.f.Pad(s.board, pad)
}

// characters draws what the strokes may be, likeliest first: in a row where there
// is one, else in rows of two or three.
func (p *page) characters(r touch.Rect, list []string) {
	cols := len(list)
	for cols > 2 && (r.W-p.m.Gap*float32(cols-1))/float32(cols) < p.m.Target {
		cols--
	}
	rows := (len(list) + cols - 1) / cols
	if rows > 1 && cols > 2 {
		cols = (len(list) + rows - 1) / rows
	}
	high := min((r.H-p.m.Gap*float32(rows-1))/float32(rows), p.m.Target*1.5)
	r = r.Center(r.W, float32(int(high))*float32(rows)+p.m.Gap*float32(rows-1))
	lines := r.Rows(rows, p.m.Gap)
	for i, text := range list {
		cell := lines[i/cols].Columns(cols, p.m.Gap)[i%cols]
		press := p.press("character."+letter(i), session.CharacterChosen{Text: text})
		press.Job, press.Key = text, true
		p.f.Button(cell, touch.Button{Label: text, Size: p.m.Question}, press)
	}
}

// found draws the matters of this page, and the pager when there are more.
func (p *page) found(s searchSheet, v *session.Search) {
	rows := s.results.Rows(s.rows, p.m.Gap)
	n := min(len(v.Found), s.total)
	for i := range v.Found[:n] {
		cell := rows[i/s.cols].Columns(s.cols, p.m.Gap)[i%s.cols]
		p.matter(cell, &v.Found[i].Choice, v.Found[i].Marks, i)
	}
	if v.Pages > 1 {
		p.resultPager(s.pager, v)
	}
}

func (p *page) resultPager(r touch.Rect, v *session.Search) {
	if p.m.Panel.Portrait() || r.H > 2*p.m.Target+p.m.TextHeight(p.m.Title, 1)+2*p.m.Gap && !p.m.Tight() {
		p.pager(r, v.Number, v.Pages)
		return
	}
	back, next := touch.Button{Label: p.say(wording.ChoosePrevious)}, touch.Button{Label: p.say(wording.ChooseNext)}
	back2, next2 := p.turn("page.previous", -1, v.Number > 1), p.turn("page.next", +1, v.Number < v.Pages)
	if p.m.Tight() {
		cells := r.Columns(2, p.m.Gap)
		p.f.Button(cells[0], back, back2)
		p.f.Button(cells[1], next, next2)
		return
	}
	if r.H < 2*p.m.Target+p.m.Gap {
		cells := r.Columns(2, p.m.Gap)
		p.f.Button(cells[0], touch.Button{Icon: touch.IconPrevious}, back2)
		p.f.Button(cells[1], touch.Button{Icon: touch.IconNext}, next2)
		return
	}
	cells := r.Rows(2, p.m.Gap)
	p.f.Button(cells[0], back, back2)
	p.f.Button(cells[1], next, next2)
}

// searchWords says something where results would stand.
func (p *page) searchWords(r, pager touch.Rect, n touch.Notice, more string) {
	r.W = max(r.W, pager.Right()-r.X)
	if p.m.Panel.Portrait() || p.m.Tight() {
		r.H = max(r.H, pager.Bottom()-r.Y)
	}
	n.Size = p.m.Title
	if p.f.NoticeHeight(n, r.W) > r.H*0.6 {
		n.Size = p.m.Body
	}
	h := p.f.NoticeHeight(n, r.W)
	if more != "" {
		longer := n
		longer.Text += "\n" + more
		if lh := p.f.NoticeHeight(longer, r.W); lh <= r.H {
			n, h = longer, lh
		}
	}
	if h > r.H {
		return
	}
	p.f.Notice(r.CutTop(max(h, min(r.H, p.m.Target))), n)
}
