package slip

import (
	"strings"
	"time"

	"hallkiosk/devices/escpos"
)

// Receipt is what the author of a complaint or suggestion takes away: the code with
// which they ask how far it has come. Nothing of what they wrote is on it.
type Receipt struct {
	Language string // zh or en
	Hall     string
	Kind     string // 意见建议
	Code     string // K7Q2M-8XW3D
	QR       string // address of the progress, ASCII; empty = none
	// At is when it was filed, in the hall's zone; zero = the clock cannot be trusted,
	// and the paper shows none.
	At    time.Time
	Phone string // supervision phone, may be empty
	Large bool   // for those who see badly
}

// receiptWords are the fixed texts of a [Receipt] in one language.
type receiptWords struct{ title, code, kind, filed, scan, ask, keep, supervision string }

var chineseReceipt = receiptWords{
	title:       "投诉建议 受理回执",
	code:        "查询码",
	kind:        "类别：",
	filed:       "提交时间：",
	scan:        "手机扫码查办理进展",
	ask:         "也可以在自助机上点“投诉建议”“查办理进展”，输入查询码。",
	keep:        "查询码只有您有，请收好。拿到它的人能看进展、能撤回，看不到您写的内容。",
	supervision: "监督电话：",
}

var englishReceipt = receiptWords{
	title:       "Complaint or suggestion: receipt",
	code:        "Your code",
	kind:        "About: ",
	filed:       "Filed at: ",
	scan:        "Scan to see the progress",
	ask:         "Or at a terminal: Report, See the progress, and type the code.",
	keep:        "Only you have this code. Whoever has it can see the progress and withdraw, but not read what you wrote.",
	supervision: "Complaints line: ",
}

// Document lays the receipt out for a printer of the given profile.
func (r Receipt) Document(p escpos.Profile) escpos.Document {
	w, body := chineseReceipt, 1
	if r.Language == "en" {
		w = englishReceipt
	}
	if r.Large {
		body = 2
	}
	size := 4
	for size > 1 && p.Columns(size) < len(r.Code) {
		size--
	}
	var d escpos.Document
	left := func(label, text string) {
		if text != "" {
			d = append(d, escpos.Text{Text: label + text, Size: body})
		}
	}
	if r.Hall != "" {
		d = append(d, center(1, true, r.Hall))
	}
	d = append(d, escpos.Rule{}, center(body, true, w.title), escpos.Feed{Lines: 1},
		center(1, false, w.code), center(size, true, r.Code), escpos.Feed{Lines: 1})
	left(w.kind, r.Kind)
	if !r.At.IsZero() {
		left(w.filed, r.At.Format("2006-01-02 15:04"))
	}
	if r.QR != "" {
		module := 4
		if r.Large {
			module = 6
		}
		d = append(d, escpos.QR{Content: r.QR, Module: module, Align: escpos.Center}, center(1, false, w.scan))
	}
	d = append(d, escpos.Rule{})
	left("", w.ask)
	left("", w.keep)
	left(w.supervision, r.Phone)
	return append(d, escpos.Cut{})
}

// Check is a paper for the technician: a test page, or the record of a check at
// opening or closing.
type Check struct {
	Title    string // 开机自检
	Hall     string
	Terminal string // as staff know it
	At       time.Time
	Lines    []string
}

// Document lays it out: besides the lines everything a ticket needs, so that the page
// shows whether tickets will be good.
func (c Check) Document(p escpos.Profile) escpos.Document {
	d := escpos.Document{center(2, true, c.Title)}
	if c.Hall != "" {
		d = append(d, center(1, false, c.Hall))
	}
	if c.Terminal != "" {
		d = append(d, center(1, false, c.Terminal))
	}
	d = append(d, escpos.Rule{})
	if !c.At.IsZero() {
		d = append(d, escpos.Text{Text: c.At.Format("2006-01-02 15:04:05"), Size: 1})
	}
	for _, line := range c.Lines {
		d = append(d, escpos.Text{Text: strings.TrimSpace(line), Size: 1})
	}
	return append(d, escpos.Rule{}, center(4, true, "A023"), center(1, false, "汉字：请到三号窗口办理"),
		escpos.QR{Content: "https://hall.example.cn/test", Module: 4, Align: escpos.Center}, escpos.Cut{})
}
