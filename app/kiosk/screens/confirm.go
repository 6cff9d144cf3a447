package screens

import (
	"cmp"
	"slices"
	"strings"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// confirm draws what is about to happen, and the button that makes it happen.
func (p *page) confirm(rest touch.Rect, c *session.Confirm) {
	r := p.content(rest)
	p.question(&r, p.say(wording.ConfirmQuestion))

	button := touch.Button{Label: p.say(wording.ConfirmTake), Icon: touch.IconTicket, Kind: touch.Primary, Size: float32(int(p.m.Question * 1.15)), Held: p.hold}
	press := p.press("confirm.take", session.Confirmed{})
	var strips []touch.Notice
	if c.NoPaper {
		strips = append(strips, touch.Notice{Icon: touch.IconPrinter, Text: p.say(wording.ConfirmNoPaper), Tone: touch.Warning})
	}
	if c.Barred == session.NoWindow {
		strips = append(strips, touch.Notice{Icon: touch.IconWindow, Text: p.say(wording.ConfirmNoWindow), Tone: touch.Warning})
	}
	lines := p.confirmLines(c)

	if p.m.Panel.Portrait() {
		p.f.Button(r.CutBottom(float32(int(p.m.Target*1.9))), button, press)
		r.CutBottom(p.m.Gap)
		p.notices(&r, r.H*0.4, strips)
		p.table(r.CutTop(p.tableHeight(lines, r.W, r.H)), lines)
		return
	}
	share := float32(0.38)
	if p.m.Tight() {
		share = 0.34
	}
	p.notices(&r, r.H*0.55, strips)
	right := r.CutRight(float32(int(r.W * share)))
	r.CutRight(p.m.Gap * 1.5)
	p.table(r, lines)
	if p.f.ButtonWidth(button) > right.W {
		button.Size = p.m.Title
	}
	button.Stacked = true
	p.f.Button(right, button, press)
}

// tableLine is a label and what it stands for.
type tableLine struct {
	label  wording.Key
	value  string
	strong bool
	// most is how many lines the value may have before it is shortened.
	most int
}

type tableLines []tableLine

// add adds a line, unless there is nothing to stand in it.
func (l *tableLines) add(label wording.Key, value string, strong bool, most int) {
	if value != "" {
		*l = append(*l, tableLine{label, value, strong, most})
	}
}

func (p *page) confirmLines(c *session.Confirm) []tableLine {
	var l tableLines
	l.add(wording.ConfirmBusiness, c.Business, true, 2)
	most := 3
	if p.m.Tight() {
		most = 2
	}
	l.add(wording.ConfirmItem, c.Item, false, most)
	who := strings.TrimSpace(c.HolderName + "　" + c.HolderNumber)
	if c.HolderName == "" {
		l.add(wording.ConfirmNumber, c.HolderNumber, false, 1)
	} else {
		l.add(wording.ConfirmHolder, who, false, 2)
	}
	switch {
	case c.Waiting > 0:
		l.add(wording.ConfirmWaiting, p.w.Count(wording.ConfirmWaitingCount, c.Waiting), true, 1)
	case c.Waiting == 0:
		l.add(wording.ConfirmWaiting, p.say(wording.ConfirmNoWait), true, 1)
	}
	place := p.where(c.Place, c.Area)
	if w := p.windows(c.Windows); w != "" {
		// On one line, or each on its own.
		place = strings.TrimSpace(place + "　" + w)
		if p.f.Width(place, p.body()) > p.m.Body*14 {
			place = strings.Replace(place, "　"+w, "\n"+w, 1)
		}
	}
	l.add(wording.ConfirmPlace, place, false, 2)
	if c.Item == "" {
		l.add(wording.ConfirmFor, c.For, false, 2)
	}
	return l
}

// where is how to get to an area, with its name where there is room.
func (p *page) where(place, area string) string {
	if place == "" || p.m.Tight() {
		return cmp.Or(place, area)
	}
	return strings.TrimSpace(place + " " + area)
}

// windows names windows as people say them: 3、4 号窗口. Windows with names that
// are not numbers are named as they are.
func (p *page) windows(names []string) string {
	if len(names) == 0 {
		return ""
	}
	sep := "、"
	if p.w.Language == session.English {
		sep = ", "
	}
	joined := strings.Join(names, sep)
	if strings.Trim(joined, "0123456789、, ") == "" {
		joined = p.w.Fill(wording.ResultWindowNumber, wording.Args{Windows: joined})
	}
	return strings.ReplaceAll(joined, " ", "\u00a0") // number and word stay together
}

// table draws lines of labels and values into a white box, spread over its height.
// What does not fit into the height loses lines from the end; they are ordered by
// importance.
func (p *page) table(r touch.Rect, lines []tableLine) {
	p.f.Card(r)
	inner := r.Inset(p.m.Pad, p.m.MM(1))
	lines = p.unshortened(lines, inner.W, inner.H)
	// Larger where there is room for all of it.
	size := p.m.Title
	all := lines
	rows, sum := p.tableRows(&all, inner.W, inner.H, size)
	if len(all) < len(lines) || sum > inner.H*0.8 {
		size = p.m.Body
		rows, sum = p.tableRows(&lines, inner.W, inner.H, size)
	}
	if len(rows) == 0 {
		return
	}
	extra := float32(int(min((inner.H-sum)/float32(len(rows)), p.m.MM(20))))
	block := inner.Center(inner.W, sum+extra*float32(len(rows)))
	labelW := p.labelWidth(lines, size)
	for i, line := range lines {
		row := block.CutTop(rows[i] + extra)
		if i > 0 {
			p.f.Box(touch.Rect{X: row.X, Y: row.Y, W: row.W, H: p.m.Stroke}, touch.Look{Fill: p.m.Colors.Hairline})
		}
		label, value := p.soft(), p.value(line, size)
		label.Size = size
		lw := row.CutLeft(labelW)
		words := p.shorten(line, row.W, size)
		text := row.Center(row.W, p.f.Height(words, value, row.W))
		lw.Y = text.Y
		p.f.Text(lw, p.say(line.label), label)
		p.f.Text(text, words, value)
	}
}

// unshortened lets every value have all its lines, if then everything still fits.
func (p *page) unshortened(lines []tableLine, width, height float32) []tableLine {
	whole := slices.Clone(lines)
	for i := range whole {
		whole[i].most = 20 // more than the longest name in any list we know needs
	}
	fits := whole
	p.tableRows(&fits, width, height, p.m.Body)
	if len(fits) < len(lines) {
		return lines
	}
	return whole
}

func (p *page) value(l tableLine, size float32) touch.Style {
	st := p.body()
	st.Size = size
	st.Bold, st.Balance = l.strong, l.strong
	return st
}

func (p *page) shorten(l tableLine, width, size float32) string {
	return p.faces.Of(l.strong).Shorten(l.value, size, width, l.most)
}

func (p *page) labelWidth(lines []tableLine, size float32) float32 {
	var w float32
	st := p.soft()
	st.Size = size
	for _, l := range lines {
		w = max(w, p.f.Width(p.say(l.label), st))
	}
	return w + p.m.Pad
}

// tableRows measures the lines, and drops from the end what does not fit.
func (p *page) tableRows(lines *[]tableLine, width, height, size float32) (rows []float32, sum float32) {
	w := width - p.labelWidth(*lines, size)
	for i, l := range *lines {
		h := p.f.Height(p.shorten(l, w, size), p.value(l, size), w)
		h += p.m.MM(1.6)
		if sum+h > height {
			*lines = (*lines)[:i]
			break
		}
		rows = append(rows, h)
		sum += h
	}
	return rows, sum
}

func (p *page) tableHeight(lines []tableLine, width, most float32) float32 {
	l := p.unshortened(lines, width-2*p.m.Pad, most-2*p.m.MM(1))
	rows, sum := p.tableRows(&l, width-2*p.m.Pad, most-2*p.m.MM(1), p.m.Title)
	return min(most, sum+float32(len(rows))*p.m.MM(20)+2*p.m.MM(1))
}
