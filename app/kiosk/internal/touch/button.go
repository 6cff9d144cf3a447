package touch

import "image/color"

// Kind is what a button is for, which decides its colours.
type Kind int

// The kinds of buttons.
const (
	Quiet   Kind = iota // white with a border: one way among others
	Primary             // blue: the way on
	Warm                // to a person
	OnBlue              // in the header
	OnWarm              // in the header while it warns
	Chosen              // in the header: what is switched on
	Off                 // cannot be pressed now
)

// Button says what a button shows.
type Button struct {
	Label string
	// Below is a second, separate line under the label; may be empty.
	Below string
	Icon  Icon
	Kind  Kind
	Size  float32 // of the text; zero = Body
	Light bool    // not bold
	// Stacked puts the icon above the label.
	Stacked bool
	// Held keeps it looking pressed: what it started has not answered yet.
	Held bool
}

// look returns the surface of the kind and the colour of what stands on it.
func (m *Metrics) look(k Kind) (Look, color.NRGBA) {
	c := m.Colors
	l := Look{Radius: m.Radius}
	switch k {
	case Primary:
		l.Fill, l.Pressed = c.Blue, c.BluePressed
		return l, c.OnFill
	case Warm:
		l.Fill, l.Pressed = c.Warm, c.WarmPressed
		return l, c.OnFill
	case OnBlue:
		l.Fill, l.Pressed, l.Stroke, l.StrokeWidth = c.Blue, c.BluePressed, c.OnFill, m.Stroke
		return l, c.OnFill
	case OnWarm:
		l.Fill, l.Pressed, l.Stroke, l.StrokeWidth = c.Warm, c.WarmPressed, c.OnFill, m.Stroke
		return l, c.OnFill
	case Chosen:
		l.Fill, l.Pressed = c.Card, c.QuietPressed
		return l, c.BlueInk
	case Off:
		l.Fill, l.Pressed = c.Off, c.Off
		return l, c.OffInk
	}
	l.Fill, l.Pressed, l.Stroke, l.StrokeWidth = c.Card, c.QuietPressed, c.Border, m.Stroke
	return l, c.Ink
}

// Button draws a button. Without p.Tap it cannot be pressed and looks so.
func (f *Frame) Button(r Rect, b Button, p Press) {
	if p.Tap == nil && !b.Held {
		b.Kind = Off
	}
	look, ink := f.M.look(b.Kind)
	if b.Held {
		look.Fill = look.Pressed
	}
	f.Control(r, look, p)
	f.label(r, b, ink)
}

// iconBeside is the side of an icon that stands beside words of the size, and the
// gap to them.
func iconBeside(size float32) (side, gap float32) { return whole(size * 1.15), whole(size * 0.3) }

// label writes icon and words into the middle of r.
func (f *Frame) label(r Rect, b Button, ink color.NRGBA) {
	size := b.Size
	if size == 0 {
		size = f.M.Body
	}
	st := Style{Size: size, Bold: true, Color: ink, Align: Middle, Balance: true, Center: true}
	inner := r.Inset(f.M.MM(1), 0)
	side, gap := iconBeside(size)
	if b.Below != "" && f.widest(b, st, r.W) > inner.W-side-gap {
		b.Icon = NoIcon // two lines of words say more
	}
	switch {
	case b.Icon == NoIcon:
	case b.Label == "":
		f.Icon(inner.Center(side, side), b.Icon, ink)
		return
	case b.Stacked:
		h := f.Height(b.Label, st, inner.W)
		if room := inner.H - h - 2*gap; room > 2.2*side {
			side, gap = whole(size*1.9), gap*2
		}
		block := inner.Center(inner.W, side+gap/2+h)
		f.Icon(block.CutTop(side), b.Icon, ink)
		block.CutTop(gap / 2)
		inner = block
	default:
		// Icon and words are one group in the middle.
		words := f.widest(b, st, inner.W-side-gap)
		group := inner.Center(side+gap+words, inner.H)
		f.Icon(group.CutLeft(side), b.Icon, ink)
		group.CutLeft(gap)
		inner = group
	}
	if b.Below == "" {
		f.Text(inner, b.Label, st)
		return
	}
	// Two short lines that are not one text stand closer than lines of one.
	block := inner.Center(inner.W, min(inner.H, 2*whole(size*1.07)))
	rows := block.Rows(2, 0)
	f.Text(rows[0], b.Label, st)
	st.Bold = false
	f.Text(rows[1], b.Below, st)
}

// widest is the width of the widest line of the button's words.
func (f *Frame) widest(b Button, st Style, limit float32) float32 {
	var w float32
	for _, line := range f.Lines(b.Label, st, limit) {
		w = max(w, f.Width(line, st))
	}
	if b.Below != "" {
		below := st
		below.Bold = false
		w = max(w, f.Width(b.Below, below))
	}
	return min(w, limit)
}

// ButtonWidth is the width the button needs to stand on one line.
func (f *Frame) ButtonWidth(b Button) float32 {
	size := b.Size
	if size == 0 {
		size = f.M.Body
	}
	w := f.Width(b.Label, Style{Size: size, Bold: true}) + 2*f.M.MM(3.4)
	if b.Icon != NoIcon {
		side, gap := iconBeside(size)
		w += side + gap
	}
	return max(w, f.M.Target)
}

// Tone is what a strip of words is about.
type Tone int

// The tones.
const (
	Telling Tone = iota // blue
	Warning             // warm
	Success             // green
)

func (m *Metrics) tone(t Tone) (fill, ink color.NRGBA) {
	switch t {
	case Warning:
		return m.Colors.WarmPale, m.Colors.WarmInk
	case Success:
		return m.Colors.GreenPale, m.Colors.GreenInk
	}
	return m.Colors.BluePale, m.Colors.Ink
}

// Notice is a strip with an icon and words.
type Notice struct {
	Icon Icon
	Text string
	Tone Tone
	Bold bool
	Size float32 // zero = Body
}

// NoticeHeight is the height a notice needs in the width.
func (f *Frame) NoticeHeight(n Notice, width float32) float32 {
	_, _, words := f.noticeParts(n, width)
	return f.Height(n.Text, f.noticeStyle(n), words) + 2*f.M.MM(1.8)
}

func (f *Frame) noticeStyle(n Notice) Style {
	_, ink := f.M.tone(n.Tone)
	if n.Size == 0 {
		n.Size = f.M.Body
	}
	return Style{Size: n.Size, Bold: n.Bold, Color: ink, Center: true, Balance: true}
}

func (f *Frame) noticeParts(n Notice, width float32) (pad, side, words float32) {
	st := f.noticeStyle(n)
	pad, side = f.M.MM(3), whole(st.Size*1.3)
	return pad, side, width - 3*pad - side
}

// Notice draws the strip into r.
func (f *Frame) Notice(r Rect, n Notice) {
	fill, ink := f.M.tone(n.Tone)
	f.Box(r, Look{Fill: fill, Radius: f.M.Radius})
	pad, side, words := f.noticeParts(n, r.W)
	if n.Tone == Telling {
		ink = f.M.Colors.BlueInk
	}
	f.Icon(Rect{r.X + pad, r.Y, side, r.H}, n.Icon, ink)
	f.Text(Rect{r.X + 2*pad + side, r.Y, words, r.H}, n.Text, f.noticeStyle(n))
}

// Card draws a white box that only holds something.
func (f *Frame) Card(r Rect) {
	f.Box(r, Look{Fill: f.M.Colors.Card, Stroke: f.M.Colors.Hairline, StrokeWidth: f.M.Stroke, Radius: f.M.Radius})
}
