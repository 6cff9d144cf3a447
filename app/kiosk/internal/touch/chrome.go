package touch

// Header is the line at the top of every page.
type Header struct {
	Name  string // of the hall
	Clock string // 14:05; empty = the clock cannot be trusted
	// State says what the hall is doing, the longest wording first: the first
	// that fits is shown.
	State []string
	// Alert stands in place of name and state, on a warm ground; may be empty.
	Alert     string
	AlertIcon Icon
	Buttons   []HeaderButton // from left to right, at the right end
}

// HeaderButton is a control in the header.
type HeaderButton struct {
	Label  string
	Icon   Icon
	Chosen bool // switched on; pressing it does nothing
	Press  Press
}

// headerText is the height of one line in the header: the two lines are separate
// texts and stand closer than lines of one.
func (m *Metrics) headerText() float32 { return whole(m.Body * 1.25) }

// HeaderHeight is the same on every page of a panel and mode.
func (m *Metrics) HeaderHeight() float32 {
	if m.Panel.Portrait() {
		return m.MM(2) + m.headerText() + m.MM(1.5) + m.TargetMin + m.MM(3)
	}
	return max(2*m.headerText()+m.MM(2), m.TargetMin+m.MM(3))
}

// Header draws the header and returns the panel below it.
func (f *Frame) Header(h Header) Rect {
	m := f.M
	rest := m.Screen()
	bar := rest.CutTop(m.HeaderHeight())
	fill := m.Colors.Blue
	if h.Alert != "" {
		fill = m.Colors.Warm
	}
	f.Box(bar, Look{Fill: fill})
	inner := bar.Inset(m.Margin, 0)
	text := Style{Size: m.Body, Color: m.Colors.OnFill, Center: true}
	bold := text
	bold.Bold = true

	if m.Panel.Portrait() {
		inner.CutTop(m.MM(2))
		first := inner.CutTop(m.headerText())
		inner.CutTop(m.MM(1.5))
		second := inner.CutTop(m.TargetMin)
		f.headerButtons(&second, h)
		second.CutRight(m.Gap)
		if h.Alert != "" {
			left := bar.Inset(m.Margin, 0)
			left.W = second.W
			f.alert(left, h)
			return rest
		}
		clock := text
		clock.Align = Right
		f.Text(first.CutRight(f.Width(h.Clock, text)), h.Clock, clock)
		first.CutRight(m.Gap)
		f.one(first, h.Name, bold)
		f.firstThatFits(second, h.State, text)
		return rest
	}

	buttons := inner.Center(inner.W, m.TargetMin)
	f.headerButtons(&buttons, h)
	inner.W = buttons.W - 2*m.Gap
	if h.Alert != "" {
		f.alert(inner, h)
		return rest
	}
	rows := inner.Center(inner.W, 2*m.headerText()).Rows(2, 0)
	f.one(rows[0], h.Name, bold)
	if h.Clock != "" {
		w := f.Width(h.Clock, bold)
		f.Text(rows[1].CutLeft(w), h.Clock, bold)
		rows[1].CutLeft(whole(m.Body * 0.8))
	}
	f.firstThatFits(rows[1], h.State, text)
	return rest
}

// headerButtons draws the buttons at the right end of r and cuts them off.
func (f *Frame) headerButtons(r *Rect, h Header) {
	for i := len(h.Buttons) - 1; i >= 0; i-- {
		hb := h.Buttons[i]
		b := Button{Label: hb.Label, Icon: hb.Icon, Kind: OnBlue}
		if hb.Chosen {
			b.Kind = Chosen
		}
		place := r.CutRight(f.ButtonWidth(b))
		if h.Alert != "" && b.Kind == OnBlue {
			b.Kind = OnWarm
		}
		if hb.Chosen {
			// It shows what is so; a box, not a control.
			look, ink := f.M.look(Chosen)
			f.Box(place, look)
			f.label(place, b, ink)
		} else {
			f.Button(place, b, hb.Press)
		}
		if i > 0 {
			r.CutRight(f.M.Gap)
		}
	}
}

func (f *Frame) alert(r Rect, h Header) {
	st := Style{Size: f.M.Question, Bold: true, Color: f.M.Colors.OnFill, Center: true, Balance: true}
	icon := func() float32 { return whole(st.Size*1.2) + whole(st.Size*0.5) }
	for _, smaller := range []float32{f.M.Title, f.M.Body} {
		if f.Height(h.Alert, st, r.W-icon()) <= r.H*0.8 {
			break
		}
		st.Size = smaller
	}
	f.Icon(r.CutLeft(whole(st.Size*1.2)), h.AlertIcon, f.M.Colors.OnFill)
	r.CutLeft(whole(st.Size * 0.5))
	f.Text(r, h.Alert, st)
}

// one writes a text on one line. What stands in the header and is too long for it
// shows that it is.
func (f *Frame) one(r Rect, s string, st Style) {
	f.line(r, f.Faces.Of(st.Bold).Elide(s, st.Size, r.W, false), st)
}

func (f *Frame) firstThatFits(r Rect, texts []string, st Style) {
	for i, s := range texts {
		if i == len(texts)-1 || f.Width(s, st) <= r.W {
			f.one(r, s, st)
			return
		}
	}
}

// Footer is the row at the foot of every page: 返回 · 首页 · 请人帮忙, then the
// telephone number to complain to.
type Footer struct {
	Back, Home, Help FooterButton
	PhoneLabel       string
	Phone            string // empty = none
}

// FooterButton is one of the three.
type FooterButton struct {
	Label, Below string
	Press        Press // without Tap it is greyed
}

// footerButtons returns the places of the three buttons and of the telephone
// number: the same on every page, whatever the buttons say.
func (m *Metrics) footerButtons(bar Rect) (buttons []Rect, phone Rect) {
	inner := bar.Inset(m.Margin, m.MM(1.7))
	if m.Panel.Portrait() {
		phone = inner.CutBottom(whole(m.Body * 1.3))
		inner.CutBottom(m.MM(1.2))
		return inner.Columns(3, m.Gap), phone
	}
	side := whole(m.Body*4.1) + 2*m.MM(2.4)
	help := whole(m.Body*5.6) + 2*m.MM(2.4)
	for _, w := range []float32{side, side, help} {
		buttons = append(buttons, inner.CutLeft(w))
		inner.CutLeft(m.Gap)
	}
	return buttons, inner
}

// FooterHeight is the same on every page of a panel and mode.
func (m *Metrics) FooterHeight() float32 {
	h := m.Target + 2*m.MM(1.7)
	if m.Panel.Portrait() {
		h += whole(m.Body*1.3) + m.MM(1.2)
	}
	return h
}

// Footer draws the footer at the bottom of the panel and returns rest, the panel
// without it.
func (f *Frame) Footer(rest Rect, ft Footer) Rect {
	m := f.M
	bar := rest.CutBottom(m.FooterHeight())
	f.Box(bar, Look{Fill: m.Colors.Card})
	f.Box(Rect{bar.X, bar.Y, bar.W, m.Stroke}, Look{Fill: m.Colors.Hairline})
	places, phone := m.footerButtons(bar)
	f.Button(places[0], Button{Label: ft.Back.Label, Icon: IconBack}, ft.Back.Press)
	f.Button(places[1], Button{Label: ft.Home.Label, Icon: IconHome}, ft.Home.Press)
	f.Button(places[2], Button{Label: ft.Help.Label, Below: ft.Help.Below, Icon: IconHelp, Kind: Warm}, ft.Help.Press)
	if ft.Phone == "" {
		return rest
	}
	label := Style{Size: m.Body, Color: m.Colors.InkSoft, Center: true}
	number := Style{Size: m.Body, Color: m.Colors.Ink, Center: true}
	if m.Panel.Portrait() {
		icon := phone.CutLeft(whole(m.Body * 1.1))
		f.Icon(icon, IconPhone, m.Colors.InkSoft)
		phone.CutLeft(whole(m.Body * 0.4))
		f.Text(phone.CutLeft(f.Width(ft.PhoneLabel, label)), ft.PhoneLabel, label)
		phone.CutLeft(whole(m.Body * 0.5))
		f.one(phone, ft.Phone, number)
		return rest
	}
	label.Align, number.Align = Right, Right
	if f.Width(ft.Phone, number) > phone.W {
		f.Text(phone, ft.Phone, number) // two numbers, or a long one: without the label
		return rest
	}
	rows := phone.Center(phone.W, 2*m.headerText()).Rows(2, 0)
	f.one(rows[0], ft.PhoneLabel, label)
	f.one(rows[1], ft.Phone, number)
	return rest
}

// Pager turns pages of choices.
type Pager struct {
	Previous, Next string // labels
	Number, Pages  int
	Turn           func(by int)
}

// PagerSize is the height of a pager that stands below what it pages, on portrait
// panels, or the width of one that stands beside it, on landscape panels.
func (m *Metrics) PagerSize(faces *Faces, p Pager) float32 {
	if m.Panel.Portrait() {
		return m.Target
	}
	words := max(faces.Bold.Width(p.Previous, m.Body), faces.Bold.Width(p.Next, m.Body))
	number := faces.Bold.Width("888/888", m.Body) // the longest lists that were seen
	return max(m.Target, whole(words+1)+2*m.MM(2.4), whole(number+1))
}

// Pager draws the pager into r: below on portrait panels, beside on landscape ones.
func (f *Frame) Pager(r Rect, p Pager) {
	press := func(name string, by int, can bool) Press {
		pr := Press{Name: name}
		if can {
			pr.Tap = func() { p.Turn(by) }
		}
		return pr
	}
	stacked := !f.M.Panel.Portrait()
	parts := r.Rows(3, f.M.Gap)
	if !stacked {
		parts = r.Columns(3, f.M.Gap)
	}
	number := itoa(p.Number) + " / " + itoa(p.Pages)
	st := Style{Size: f.M.Title, Bold: true, Color: f.M.Colors.Ink, Align: Middle, Center: true}
	if f.Width(number, st) > parts[1].W {
		number, st.Size = itoa(p.Number)+"/"+itoa(p.Pages), f.M.Body
	}
	back, next := Button{Label: p.Previous, Icon: IconPrevious, Stacked: stacked}, Button{Label: p.Next, Icon: IconNext, Stacked: stacked}
	if stacked && parts[0].H < 2.9*f.M.Body {
		back.Icon, next.Icon = NoIcon, NoIcon // a low panel: the words are enough
	}
	f.Button(parts[0], back, press("page.previous", -1, p.Number > 1))
	f.Text(parts[1], number, st)
	f.Button(parts[2], next, press("page.next", +1, p.Number < p.Pages))
}
