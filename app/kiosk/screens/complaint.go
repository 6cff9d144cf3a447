package screens

import (
	"strings"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// words is where a complaint is written down.
func (p *page) words(rest touch.Rect, v *session.Words) {
	next := touch.Press{Name: "writing.done"}
	if strings.TrimSpace(v.Text) != "" {
		next = p.press("writing.done", session.WritingDone{})
	}
	p.writing(rest, writingPage{
		question: p.say(wording.ComplaintWords), hint: p.say(wording.ComplaintWordsHint), w: &v.Writing,
		ways: []wayOn{{touch.Button{Label: p.say(wording.ComplaintNext), Kind: touch.Primary}, next}},
	})
}

// contact asks for a telephone number. Not to leave one is the way that stands out as
// long as nothing is typed.
func (p *page) contact(rest touch.Rect, v *session.Contact) {
	r := p.content(rest)
	pad := touch.Keypad{
		Delete: p.say(wording.TypeDelete), Clear: p.say(wording.TypeClear), Done: p.say(wording.TypeDone),
		Empty: v.Digits == "", Plain: true,
		Key:  func(c rune) { p.send(session.KeyPressed{Key: c}) },
		Back: func(all bool) { p.send(session.DeletePressed{All: all}) },
	}
	if v.Digits != "" {
		pad.Finish = func() { p.send(session.NumberEntered{}) }
	}
	left, keys := p.besideKeypad(r, wording.ComplaintContact)
	p.f.Keypad(keys, pad)
	none := touch.Button{Label: p.say(wording.ComplaintAnonymous), Kind: touch.Primary, Size: p.m.Title}
	if v.Digits != "" {
		none.Kind = touch.Quiet
	}
	row := left.CutBottom(p.m.Target)
	if p.m.Tight() {
		row.CutTop(p.m.Target - p.m.TargetMin)
	}
	left.CutBottom(p.m.Gap)
	p.f.Button(row, none, p.press("contact.none", session.AnonymousPressed{}))
	p.digitField(left.CutTop(p.fieldHeight()), v.Digits, 15)
	left.CutTop(p.m.Gap)
	n := touch.Notice{Icon: touch.IconShield, Text: p.say(wording.ComplaintContactHint)}
	if v.Problem != "" {
		n = touch.Notice{Icon: touch.IconWarning, Tone: touch.Warning, Text: p.say(wording.ComplaintContactShort)}
	}
	if h := p.f.NoticeHeight(n, left.W); h <= left.H {
		p.f.Notice(left.CutTop(h), n)
	}
}

// besideKeypad writes the question and shares the page between keypad and the rest.
func (p *page) besideKeypad(r touch.Rect, question wording.Key) (left, keys touch.Rect) {
	if p.m.Panel.Portrait() {
		p.question(&r, p.say(question))
		keys = r.CutBottom(float32(int(r.H * 0.6)))
		r.CutBottom(p.m.Gap * 2)
		return r, keys
	}
	wide := r.W * 0.47
	if p.m.Tight() {
		wide = 5*p.m.TargetMin + 4*p.m.Gap
	}
	keys = r.CutRight(float32(int(wide)))
	r.CutRight(p.m.Margin)
	p.questionAside(r.CutTop(p.questionLine()), p.say(question), "")
	r.CutTop(p.below())
	return r, keys
}

// fieldHeight is the height of a field of digits.
func (p *page) fieldHeight() float32 { return p.m.TextHeight(p.m.Question, 1) + 2*p.m.MM(2) }

// digitField draws digits, each in a text of its own: a whole number stands in none,
// nor in what Fyne remembers of texts. most are the digits it has room for. A * is a
// digit that is not shown.
func (p *page) digitField(r touch.Rect, digits string, most int) {
	c := p.m.Colors
	p.f.Box(r, touch.Look{Fill: c.Card, Stroke: c.Blue, StrokeWidth: p.m.Stroke * 1.5, Radius: p.m.Radius})
	inner := r.Inset(p.m.Pad, 0)
	size := p.m.Question
	cell := min(float32(int(size*0.72)), float32(int((inner.W-p.m.MM(2))/float32(most))))
	size = min(size, float32(int(cell/0.62)))
	st := touch.Style{Size: size, Bold: true, Color: c.Ink, Align: touch.Middle, Center: true}
	for i := range digits {
		place := inner.CutLeft(cell)
		if one := digits[i : i+1]; one != "*" {
			p.f.Text(place, one, st)
			continue
		}
		side := float32(int(cell * 0.6))
		p.f.Box(place.Center(side, side), touch.Look{Fill: c.Ink, Radius: side / 2})
	}
	inner.CutLeft(p.m.MM(0.8))
	caret := touch.Rect{X: inner.X, Y: r.Y, W: max(3, p.m.MM(0.6)), H: r.H}
	p.f.Box(caret.Center(caret.W, float32(int(size*1.1))), touch.Look{Fill: c.Blue})
}

// filing shows everything that will be sent, and the button that sends it.
func (p *page) filing(rest touch.Rect, v *session.Filing) {
	r := p.content(rest)
	if !p.m.Tight() {
		p.question(&r, p.say(wording.ComplaintCheck))
	}
	button := touch.Button{Label: p.say(wording.ComplaintSend), Kind: touch.Primary, Size: float32(int(p.m.Question * 1.15)), Held: p.hold}
	press := p.press("filing.send", session.SendPressed{})
	strips := []touch.Notice{{Icon: touch.IconShield, Text: p.say(wording.ComplaintSealed)}}
	if v.Failed {
		strips = append([]touch.Notice{{Icon: touch.IconWarning, Tone: touch.Warning, Text: p.say(wording.ComplaintUnsent)}}, strips...)
	}
	if p.m.Panel.Portrait() {
		p.f.Button(r.CutBottom(float32(int(p.m.Target*1.9))), button, press)
		r.CutBottom(p.m.Gap)
		p.notices(&r, r.H*0.4, strips)
		lines := p.filingLines(v, r)
		p.table(r.CutTop(p.tableHeight(lines, r.W, r.H)), lines)
		return
	}
	right := r.CutRight(float32(int(r.W * 0.3)))
	r.CutRight(p.m.Gap * 1.5)
	p.notices(&r, r.H*0.5, strips)
	p.table(r, p.filingLines(v, r))
	p.f.Button(right, button, press)
}

// filingLines are the lines of the table in r. What was written is there in any case:
// as many lines of it as leave room for the rest.
func (p *page) filingLines(v *session.Filing, r touch.Rect) []tableLine {
	for most := 12; ; most-- {
		lines := p.filingTable(v, most)
		fit := lines
		p.tableRows(&fit, r.W-2*p.m.Pad, r.H-2*p.m.MM(1), p.m.Body)
		if len(fit) == len(lines) || most == 1 {
			return lines
		}
	}
}

func (p *page) filingTable(v *session.Filing, most int) []tableLine {
	var l tableLines
	l.add(wording.ComplaintKind, v.Kind, true, 1)
	contact := v.Contact
	if contact == "" {
		contact = p.say(wording.ComplaintNone)
	}
	l.add(wording.ComplaintText, v.Words, false, most)
	l.add(wording.ComplaintPhone, contact, false, 1)
	if v.Window != "" {
		l.add(wording.ComplaintAt, p.windows([]string{v.Window}), false, 1)
	}
	return l
}

// receipt shows the code large, and what became of the paper.
func (p *page) receipt(rest touch.Rect, v *session.Receipt) {
	r := p.content(rest)
	if !p.m.Tight() {
		p.questionAside(r.CutTop(p.questionLine()), p.say(wording.ReceiptThanks), "")
		r.CutTop(p.below())
	}
	p.receiptButtons(&r, v)
	strips := p.receiptStrips(v)
	if p.m.Panel.Portrait() {
		p.codeBox(r.CutTop(float32(int(r.H*0.24))), v.Code)
		r.CutTop(p.m.Gap)
		p.notices(&r, r.H*0.5, strips)
		if v.QR != "" {
			r.CutBottom(p.m.Gap)
			p.code(r, v.QR, p.say(wording.ReceiptQr))
		}
		return
	}
	if v.QR != "" {
		side := float32(int(min(r.W*0.4, r.H)))
		words := p.say(wording.ReceiptQr)
		if p.m.Tight() {
			words = ""
		}
		p.code(r.CutRight(side), v.QR, words)
		r.CutRight(p.m.Gap)
	}
	p.notices(&r, r.H*0.45, strips)
	p.codeBox(r, v.Code)
}

// codeBox draws a box with the code as large as it allows.
func (p *page) codeBox(r touch.Rect, code string) {
	p.f.Box(r, touch.Look{Fill: p.m.Colors.BluePale, Radius: p.m.Radius})
	inner := r.Inset(p.m.Pad, p.m.MM(1))
	if line := p.m.TextHeight(p.m.Body, 1); inner.H-line > p.m.Question*1.3 {
		p.f.Text(inner.CutTop(line), p.say(wording.ReceiptCode), centered(p.soft()))
	}
	p.label(inner.Inset(0, inner.H*0.1), code) // Q has a tail
}

func (p *page) receiptStrips(v *session.Receipt) []touch.Notice {
	var s []touch.Notice
	add := func(icon touch.Icon, tone touch.Tone, k wording.Key) {
		s = append(s, touch.Notice{Icon: icon, Tone: tone, Text: p.say(k), Bold: tone == touch.Success})
	}
	switch v.Paper {
	case session.GuidePrinting:
		add(touch.IconPrinter, touch.Telling, wording.ReceiptPrinting)
	case session.GuidePrinted:
		add(touch.IconTicket, touch.Success, wording.ReceiptPrinted)
	case session.GuideUnprinted:
		add(touch.IconCamera, touch.Warning, wording.ReceiptUnprinted)
	default:
		add(touch.IconCamera, touch.Warning, wording.ReceiptKeep)
	}
	if v.Away {
		add(touch.IconNetwork, touch.Telling, wording.ReceiptAway)
	}
	return s
}

func (p *page) receiptButtons(r *touch.Rect, v *session.Receipt) {
	var ways []wayOn
	if v.CanPrint {
		print := touch.Button{Label: p.say(wording.ReceiptPrint), Icon: touch.IconPrinter}
		ways = append(ways, wayOn{print, p.press("receipt.print", session.PrintReceiptPressed{})})
	}
	done := touch.Button{Label: p.say(wording.ResultDone), Kind: touch.Primary}
	p.cutWaysOn(r, append(ways, wayOn{done, p.press("receipt.done", session.DonePressed{})})...)
}

// askCode asks for the code of a receipt.
func (p *page) askCode(rest touch.Rect, v *session.AskCode) {
	ask := touch.Press{Name: "writing.done"}
	if v.Text != "" {
		ask = p.press("writing.done", session.WritingDone{})
	}
	w := writingPage{
		question: p.say(wording.CodeQuestion), hint: p.say(wording.CodeHint), w: &v.Writing, big: true,
		ways: []wayOn{{touch.Button{Label: p.say(wording.CodeAsk), Kind: touch.Primary}, ask}},
	}
	if words := p.codeWrong(v.Problem); words != "" {
		w.notice = &touch.Notice{Icon: touch.IconWarning, Tone: touch.Warning, Text: words}
	}
	p.writing(rest, w)
}

func (p *page) codeWrong(problem session.CodeProblem) string {
	switch problem {
	case session.CodeMistyped:
		return p.say(wording.CodeMistyped)
	case session.CodeUnknown:
		return p.say(wording.CodeUnknown)
	case session.CodeTooMany:
		return p.say(wording.CodeTooMany)
	case session.CodeAway:
		return p.say(wording.CodeAway)
	}
	return ""
}
