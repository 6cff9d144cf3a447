// Package slip lays out on paper what a terminal prints: tickets ([Ticket]) and the
// lists of what to bring for a matter ([Guide]).
//
// It turns each into an [escpos.Document]: what stands on it, in which order and
// size. It knows nothing of printers beyond the number of columns, and nothing of
// sessions. Package kiosk uses it; golden files in testdata show each slip as text,
// and the lists also as the simulated printer prints them.
//
// The order on a ticket follows what halls print: the hall, the number as the largest
// thing by far, what it is for, who is ahead, where to wait, when, the QR code, what
// happens when the number is missed, the supervision phone. There is one QR code: its
// page follows the queue and, once the service has ended, takes the rating, once. Two
// codes side by side would be mistaken for each other, and 58 mm have no room for them.
// The order on a list is what somebody at home needs: what to bring, then time and cost,
// then where and when.
package slip

import (
	"fmt"
	"strings"
	"time"

	"hallkiosk/devices/escpos"
)

// Ticket is what a printed ticket says. Texts of the hall are in Language.
type Ticket struct {
	Language string // zh or en
	Hall     string
	Label    string // A023
	Business string
	Item     string
	Holder   string // masked, may be empty
	Ahead    int    // -1 = not known
	Area     string
	Place    string
	Windows  []string
	// IssuedAt is in the hall's zone; zero = the clock cannot be trusted, and
	// the paper shows none.
	IssuedAt time.Time
	QR       string // ASCII; empty = none
	Phone    string // supervision phone, may be empty
	Own      bool   // from the terminal's own series
	Copy     bool   // printed again: 补打
	Large    bool   // for those who see badly
}

// Document lays the ticket out for a printer of the given profile.
func (t Ticket) Document(p escpos.Profile) escpos.Document {
	w := chinese
	if t.Language == "en" {
		w = english
	}
	body := 1
	if t.Large {
		body = 2
	}
	var d escpos.Document
	center := func(size int, bold bool, text string) {
		if text != "" {
			d = append(d, escpos.Text{Text: text, Align: escpos.Center, Size: size, Bold: bold})
		}
	}
	left := func(text string) {
		if text != "" {
			d = append(d, escpos.Text{Text: text, Size: body})
		}
	}

	center(1, true, t.Hall)
	d = append(d, escpos.Rule{})
	if t.Copy {
		center(2, true, w.copy)
	}
	center(1, false, w.yourNumber)
	center(t.labelSize(p), true, t.Label)
	center(2, true, t.Business)
	center(1, false, t.Item)
	d = append(d, escpos.Feed{Lines: 1})
	if t.Holder != "" {
		left(w.holder + t.Holder)
	}
	switch {
	case t.Ahead == 0:
		left(w.nobodyAhead)
	case t.Ahead == 1 && t.Language == "en":
		left(w.oneAhead)
	case t.Ahead > 0:
		left(fmt.Sprintf(w.ahead, t.Ahead))
	}
	left(t.where(w))
	if !t.IssuedAt.IsZero() {
		left(w.taken + t.IssuedAt.Format("2006-01-02 15:04"))
	}
	if t.Own {
		left(w.own)
	}
	if t.QR != "" {
		d = append(d, escpos.QR{Content: t.QR, Module: t.qrModule(), Align: escpos.Center})
		center(1, false, w.scan)
	}
	d = append(d, escpos.Rule{})
	left(w.missed)
	if t.Phone != "" {
		left(w.supervision + t.Phone)
	}
	if t.Copy {
		// Once more: when the roll ends behind the first, a printer that cannot be
		// cleared puts out the rest of this paper later, by itself.
		center(1, true, w.copy)
	}
	return append(d, escpos.Cut{})
}

// qrModule is the side of a module in dots. At 203 dpi 4 dots are half a
// millimetre, which phones read with ease and which keeps the picture, by far
// the largest part of a ticket, below 9 kB.
func (t Ticket) qrModule() int {
	if t.Large {
		return 6
	}
	return 4
}

// labelSize is the largest size at which the number stands on one line, with at
// most six times the height of the text.
func (t Ticket) labelSize(p escpos.Profile) int {
	size := 5
	if t.Large {
		size = 6
	}
	for size > 1 && p.Columns(size) < len(t.Label) {
		size--
	}
	return size
}

// where says where to wait and at which windows.
func (t Ticket) where(w words) string {
	place := t.Place + t.Area
	switch {
	case t.Place != "" && strings.Contains(t.Area, t.Place):
		place = t.Area
	case t.Language == "en" && t.Place != "" && t.Area != "":
		place = t.Place + ", " + t.Area
	}
	windows := strings.Join(t.Windows, w.list)
	switch {
	case place == "" && windows == "":
		return ""
	case windows == "":
		return fmt.Sprintf(w.waitAt, place)
	case len(t.Windows) > 6: // nobody reads a list of twenty
		return fmt.Sprintf(w.waitAt, place)
	default:
		return fmt.Sprintf(w.waitAtFor, place, windows)
	}
}
