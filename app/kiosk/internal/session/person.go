package session

import (
	"log/slog"

	"hallkiosk/devices/idnumber"
)

// Person is who stands in front of the terminal, as far as they have told.
// Printing or logging it shows masked values only.
type Person struct {
	// Number is the whole document number; the only place in the product that
	// holds one. Empty = nobody identified.
	Number string
	// Name is already masked: nobody needs the whole name to take a number.
	Name string
	// Typed is true when the number was typed, not read from a card.
	Typed bool
}

// MaskedNumber is the number as it may be shown: 110***********1234.
func (p Person) MaskedNumber() string {
	if p.Number == "" {
		return ""
	}
	return idnumber.MaskNumber(p.Number)
}

func (p Person) String() string {
	if p.Number == "" {
		return "nobody"
	}
	return p.Name + " " + p.MaskedNumber()
}

// GoString keeps %#v from showing the number.
func (p Person) GoString() string { return "session.Person(" + p.String() + ")" }

// LogValue keeps slog from showing the number.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.String()) }
