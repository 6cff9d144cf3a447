package slip

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/guide"
	"hallkiosk/devices/escpos"
)

// Guide is the paper somebody takes home to get a matter ready: what to bring
// (材料清单), told once and whole (一次性告知), and where, when and how long.
//
// It prints what the guide says and what was ticked off on the screen, nothing of
// the person. The catalogue has details (where to get a material, when it is needed)
// in Chinese only: on English paper they stand in Chinese beneath the English names,
// for whoever has to be asked.
type Guide struct {
	Language string // zh or en
	Hall     string
	// Sample marks a made-up matter: 示例, on every page.
	Sample bool
	Matter *guide.Guide
	// Ticked says which of Matter.Materials are ready, by their place there; those
	// beyond its end are not.
	Ticked []bool
	// At is when it is printed, in the hall's zone; zero = the clock cannot be
	// trusted, and the paper shows none.
	At time.Time
	// Area, Place and Windows are where the matter's business is handled; empty for
	// a matter without one.
	Area    string
	Place   string
	Windows []string
	// Hours of the business or the hall, a line each; Matter.Hours goes before them.
	Hours []string
	// ServicePhone and Phone are the hall's, for questions and complaints; those of
	// the matter go before them. May be empty.
	ServicePhone string
	Phone        string
	QR           string // ASCII; empty = none
	Large        bool   // for those who see badly
}

// Document lays the list out for a printer of the given profile. Paper of up to
// [longest] comes in one piece; more is cut into pages of about equal length, each
// with the matter's name and 第1页/共2页. Pages break between materials, never inside
// one.
func (g Guide) Document(p escpos.Profile) escpos.Document {
	l := &list{Guide: g, w: chineseList, columns: p.Columns(1), body: 1}
	if g.Language == "en" {
		l.w = englishList
	}
	if g.Large {
		l.body = 2
		l.columns = p.Columns(2)
	}
	l.head(p)
	l.materials()
	l.facts()
	l.where()
	l.end(p)
	return l.document()
}

// list gathers the pieces of a Guide's paper.
type list struct {
	Guide
	w       listWords
	columns int // of body text
	body    int // size of body text
	pieces  []piece
}

// piece is what a page break must not part. A piece that leads stays with the next:
// a heading never ends a page.
type piece struct {
	blocks escpos.Document
	leads  bool
}

func (l *list) add(leads bool, blocks ...escpos.Block) {
	if len(blocks) > 0 {
		l.pieces = append(l.pieces, piece{blocks, leads})
	}
}

func (l *list) text(bold bool, s string) escpos.Block {
	return escpos.Text{Text: s, Size: l.body, Bold: bold}
}

func center(size int, bold bool, s string) escpos.Block {
	return escpos.Text{Text: s, Align: escpos.Center, Size: size, Bold: bold}
}

// hang lays out text with every line but the first set in.
func (l *list) hang(bold bool, text string) escpos.Block {
	return l.text(bold, strings.Join(escpos.Wrap(text, l.columns-len(indent)), "\n"+indent))
}

// inset lays out text with every line set in.
func (l *list) inset(text string) escpos.Block {
	return l.text(false, indent+strings.Join(escpos.Wrap(text, l.columns-len(indent)), "\n"+indent))
}

// indent is narrow because large letters leave 16 columns on narrow paper.
const indent = "  "

// head is what stands above everything: whose list this is and of what.
func (l *list) head(p escpos.Profile) {
	blocks := escpos.Document{center(1, true, l.Hall), escpos.Rule{}, center(2, true, l.w.title)}
	if l.w.subtitle != "" {
		blocks = append(blocks, center(l.body, false, l.w.subtitle))
	}
	if l.Sample {
		blocks = append(blocks, center(l.body, true, l.w.sample))
	}
	blocks = append(blocks, escpos.Feed{Lines: 1})
	name := l.name()
	size := 2
	if !l.Large && len(escpos.Wrap(name, p.Columns(2))) > maxTitleLines {
		size = 1
	}
	blocks = append(blocks, escpos.Text{Text: name, Size: size, Bold: true})
	if name != l.Matter.Name {
		blocks = append(blocks, l.text(false, l.Matter.Name))
	}
	blocks = append(blocks, l.text(false, l.Matter.Department))
	if !l.At.IsZero() {
		blocks = append(blocks, l.text(false, l.w.printed+l.At.Format("2006-01-02 15:04")))
	}
	if l.Matter.Updated != "" {
		blocks = append(blocks, l.text(false, l.w.updated+l.Matter.Updated))
	}
	l.add(true, blocks...)
}

// maxTitleLines is how many lines of large letters a name may take.
const maxTitleLines = 4

func (l *list) name() string {
	if l.Language == "en" && l.Matter.NameEn != "" {
		return l.Matter.NameEn
	}
	return l.Matter.Name
}

// materials are those everybody brings, those for some, and those nobody need
// bring, each under a heading of its own.
func (l *list) materials() {
	var must, some, none []int
	ready := 0
	for i, m := range l.Matter.Materials {
		switch {
		case m.Waived != "":
			none = append(none, i)
		case m.Optional:
			some = append(some, i)
		default:
			must = append(must, i)
			if l.ticked(i) {
				ready++
			}
		}
	}
	l.heading(l.w.bring)
	switch {
	case len(l.Matter.Materials) == 0:
		l.add(false, l.text(false, l.w.unlisted))
		return
	case len(must) == 0:
		l.add(true, l.text(false, l.w.nothing))
	default:
		l.add(true, l.text(true, fmt.Sprintf(l.w.count, len(must), ready)))
	}
	if m := l.Matter.Intermediary; m != "" {
		l.add(true, l.hang(false, l.w.before+m))
	}
	if len(must)+len(some) > 0 {
		l.add(true, l.text(false, l.w.legend))
	}
	n := 0
	for _, i := range must {
		n++
		l.material(n, i, n > 1)
	}
	if len(some) > 0 {
		l.heading(l.w.some)
		for k, i := range some {
			n++
			l.material(n, i, k > 0)
		}
	}
	if len(none) > 0 {
		l.heading(l.w.none)
		for _, i := range none {
			m := l.Matter.Materials[i]
			blocks := escpos.Document{l.hang(true, "* "+l.materialName(m))}
			l.add(false, append(blocks, l.details("", m.Waived)...)...)
		}
	}
}

func (l *list) heading(s string) {
	l.add(true, escpos.Rule{}, escpos.Text{Text: s, Size: l.body, Bold: true})
}

func (l *list) ticked(i int) bool { return i < len(l.Ticked) && l.Ticked[i] }

// The marks are in every Chinese printer's memory (GB 2312, row 1), where ☑ and ☐ are
// not, and in the product's fonts for printers without a memory, where √ is not. A
// pencil can tick an empty box.
const (
	ready    = "■"
	notReady = "□"
)

// material is one material with its number on the list and its place in the guide.
// A gap stands between it and the one above.
func (l *list) material(n, i int, gap bool) {
	m := l.Matter.Materials[i]
	var blocks escpos.Document
	if gap {
		blocks = append(blocks, escpos.Feed{Lines: 1})
	}
	mark, count := notReady, l.count(m)
	if l.ticked(i) {
		mark = ready
		count = strings.TrimPrefix(count+l.w.comma+l.w.ready, l.w.comma)
	}
	blocks = append(blocks, l.hang(true, mark+strconv.Itoa(n)+" "+l.materialName(m)))
	if l.Language == "en" && m.NameEn != "" {
		blocks = append(blocks, l.inset(m.Name))
	}
	blocks = append(blocks, l.details("", count)...)
	if m.Optional {
		blocks = append(blocks, l.details(l.w.when, m.When)...)
	}
	blocks = append(blocks, l.details(l.w.from, m.From)...)
	blocks = append(blocks, l.details(l.w.issued, m.Issued)...)
	blocks = append(blocks, l.details(l.w.looks, m.Sample)...)
	blocks = append(blocks, l.details("", m.Note)...)
	l.add(false, blocks...)
}

// details is a labelled text, set in, or nothing for an empty text.
func (l *list) details(label, text string) escpos.Document {
	if text == "" {
		return nil
	}
	return escpos.Document{l.inset(label + text)}
}

// fact is a labelled text, or nothing for an empty text.
func (l *list) fact(label, text string) escpos.Document {
	if text == "" {
		return nil
	}
	return escpos.Document{l.hang(false, label+text)}
}

func (l *list) materialName(m guide.Material) string {
	if l.Language == "en" && m.NameEn != "" {
		return m.NameEn
	}
	return m.Name
}

// count is how many to bring.
func (l *list) count(m guide.Material) string {
	if l.Language != "en" {
		return m.Count()
	}
	var parts []string
	for _, c := range []struct {
		n    int
		word string
	}{{m.Originals, "original"}, {m.Copies, "copy"}} {
		switch {
		case c.n == 1:
			parts = append(parts, "1 "+c.word)
		case c.n > 1 && c.word == "copy":
			parts = append(parts, fmt.Sprintf("%d copies", c.n))
		case c.n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", c.n, c.word))
		}
	}
	return strings.Join(parts, ", ")
}

// facts are limits, fee, result and how often to come. A matter of another place has none here.
func (l *list) facts() {
	m := l.Matter
	if m.Elsewhere != nil {
		return
	}
	l.heading(l.w.facts)
	if !m.Promised.IsZero() {
		l.add(false, l.hang(false, l.w.promised+l.limit(m.Promised)))
	}
	if !m.Legal.IsZero() && m.Legal != m.Promised {
		l.add(false, l.hang(false, l.w.legal+l.limit(m.Legal)))
	}
	blocks := escpos.Document{}
	if len(m.Fee.Items) == 0 {
		blocks = append(blocks, l.text(false, l.w.fee+l.w.free))
	}
	for _, f := range m.Fee.Items {
		blocks = append(blocks, l.hang(false, l.w.fee+f.Name+" "+f.Standard))
	}
	blocks = append(blocks, l.details(l.w.feeBasis, m.Fee.Basis)...)
	blocks = append(blocks, l.details("", m.Fee.Note)...)
	l.add(false, blocks...)
	l.add(false, l.fact(l.w.result, m.Result)...)
	blocks = nil
	switch {
	case m.Visits == nil:
	case *m.Visits == 0:
		blocks = append(blocks, l.hang(false, l.w.noVisit))
	default:
		blocks = append(blocks, l.hang(false, fmt.Sprintf(l.w.visits, *m.Visits)))
	}
	if m.Courier {
		blocks = append(blocks, l.hang(false, l.w.courier))
	}
	l.add(false, blocks...)
}

// limit is a time limit with what it counts from.
func (l *list) limit(limit guide.Limit) string {
	if l.Language == "en" {
		if limit.Number == 0 {
			return l.w.atOnce
		}
		unit := englishUnits[limit.Unit]
		if limit.Number == 1 {
			unit = strings.TrimSuffix(unit, "s")
		}
		return fmt.Sprintf("%d %s", limit.Number, unit)
	}
	s := limit.String()
	if limit.Start != "" {
		s += "（" + limit.Start + "）"
	}
	if limit.Note != "" {
		s += "；" + limit.Note
	}
	return s
}

// where is the place, the hours and the phones, here or elsewhere.
func (l *list) where() {
	m := l.Matter
	if e := m.Elsewhere; e != nil {
		l.heading(l.w.elsewhere)
		blocks := escpos.Document{l.hang(true, e.Unit)}
		blocks = append(blocks, l.fact(l.w.address, e.Address)...)
		blocks = append(blocks, l.fact(l.w.phone, e.Phone)...)
		blocks = append(blocks, l.fact(l.w.hours, e.Hours)...)
		l.add(false, blocks...)
		return
	}
	blocks := escpos.Document{}
	if place := l.place(); place != "" {
		blocks = append(blocks, l.hang(true, place))
	}
	blocks = append(blocks, l.fact("", m.Place)...)
	hours := l.Hours
	if m.Hours != "" {
		hours = []string{m.Hours}
	}
	if len(hours) > 0 {
		blocks = append(blocks, l.text(false, l.w.hours))
		for _, line := range hours {
			if escpos.Columns(line) > l.columns-len(indent) {
				line = strings.ReplaceAll(line, "，", "\n") // morning and afternoon
			}
			blocks = append(blocks, l.inset(line))
		}
	}
	blocks = append(blocks, l.fact(l.w.phone, first(m.Phone, l.ServicePhone))...)
	blocks = append(blocks, l.fact(l.w.complaints, first(m.Complaint, l.Phone))...)
	if len(blocks) > 0 {
		l.heading(l.w.where)
		l.add(false, blocks...)
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// maxWindows is how many windows are named; nobody reads a list of twenty.
const maxWindows = 6

// place names area and windows.
func (l *list) place() string {
	windows := ""
	if n := len(l.Windows); n > 0 && n <= maxWindows {
		windows = fmt.Sprintf(l.w.windows, strings.Join(l.Windows, l.w.list))
	}
	var parts []string
	if l.Place != "" && !strings.Contains(l.Area, l.Place) {
		parts = append(parts, l.Place)
	}
	for _, s := range []string{l.Area, windows} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, l.w.comma)
}

// end is the QR code and the last words.
func (l *list) end(p escpos.Profile) {
	if l.QR != "" {
		module := 4
		if l.Large {
			module = 6
		}
		l.add(false, escpos.Rule{}, escpos.QR{Content: l.QR, Module: module, Align: escpos.Center}, center(l.body, false, l.w.scan))
	}
	blocks := escpos.Document{escpos.Rule{}, center(l.body, true, l.w.keep)}
	if l.Sample {
		blocks = append(blocks, center(l.body, true, l.w.sample))
	}
	l.add(false, blocks...)
}
