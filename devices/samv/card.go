package samv

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"hallkiosk/devices/idnumber"
)

// Kind tells the four layouts of the text block apart. The values are used on
// the wire to the centre.
type Kind string

// The kinds of cards.
const (
	// Citizen is the resident identity card (居民身份证).
	Citizen Kind = "citizen"
	// Permit is the residence permit for Hong Kong, Macao and Taiwan
	// residents (港澳台居民居住证), flag J.
	Permit Kind = "permit"
	// Foreigner2017 is the foreigners' permanent residence card of 2017,
	// flag I.
	Foreigner2017 Kind = "foreigner-2017"
	// Foreigner2023 is the foreigners' permanent residence card of 2023,
	// flag Y.
	Foreigner2023 Kind = "foreigner-2023"
)

// A Card is what the chip says in words. It prints masked in every way fmt,
// slog and encoding/json know; read its fields to get at the content.
//
// One way around that stays open: fmt cannot call methods of unexported
// fields. Keep a card in a struct of yours as *Card, which %v and %+v print as
// an address, and give that struct a String method if it is ever printed.
type Card struct {
	// Kind is the layout. Fields that a layout does not have are empty.
	Kind Kind
	// Name is the Chinese name; on a foreigner's card without one, the
	// English name.
	Name string
	// EnglishName is on foreigners' cards only.
	EnglishName string
	// Sex is 男, 女, 未知, 未说明, or empty when the code is none of GB/T 2261.1.
	Sex string
	// Nation is the ethnic group's name (汉, 蒙古, …) by GB/T 3304, on
	// citizens' cards. Empty when the code is unknown; NationCode has it.
	Nation, NationCode string
	// Nationality is the alpha-3 country code on foreigners' cards.
	Nationality string
	// Birth is the date of birth as YYYYMMDD, empty when the chip holds no
	// real date.
	Birth string
	// Address is the address printed on the card; NewAddress is the one
	// written later, when the reader was told to ask for it and there is one.
	Address, NewAddress string
	// Number is the number as the chip has it: 18 characters, 15 on cards of
	// 2017.
	Number string
	// NumberOK says that the number's region, date and check digit hold.
	NumberOK bool
	// Issuer is the issuing authority, on cards of 2017 its code.
	Issuer string
	// ValidFrom and ValidTo are YYYYMMDD. ValidTo is empty when LongTerm.
	ValidFrom, ValidTo string
	// LongTerm says that the card never expires (长期).
	LongTerm bool
	// PassNumber and IssueCount are on permits only.
	PassNumber, IssueCount string
	// PrivateUse says that a name or address holds characters of the private
	// use area: old glyphs that only a font made for them can show.
	PrivateUse bool
}

// BlockSize is the size of the text block on every kind of card, in bytes.
const BlockSize = 256

// ErrBlock is in the chain of every error of ParseCard.
var ErrBlock = errors.New("text block makes no sense")

// flagUnit is the UTF-16 unit that tells the layouts apart.
const flagUnit = 248 / 2

// ParseCard reads the 256-byte text block of a card: UTF-16LE, fixed fields,
// padded with blanks. The unit at byte 248 decides the layout and is looked at
// first, since the card of 2023 uses the citizen's offsets with other
// meanings. A block without a name or number is an error; everything else that
// is odd leaves a field empty. now is for the check of the number.
func ParseCard(block []byte, now time.Time) (Card, error) {
	if len(block) != BlockSize {
		return Card{}, fmt.Errorf("samv: %w: %d bytes", ErrBlock, len(block))
	}
	units := make([]uint16, BlockSize/2)
	for i := range units {
		units[i] = uint16(block[2*i]) | uint16(block[2*i+1])<<8
	}
	t := textBlock{units}
	var c Card
	switch units[flagUnit] {
	case ' ', 0:
		c = t.citizen()
	case 'J':
		c = t.permit()
	case 'I':
		c = t.foreigner2017()
	case 'Y':
		c = t.foreigner2023()
	default:
		return Card{}, fmt.Errorf("samv: %w: unknown layout flag %04X", ErrBlock, units[flagUnit])
	}
	if c.Name == "" {
		c.Name = c.EnglishName
	}
	if c.Name == "" || c.Number == "" {
		return Card{}, fmt.Errorf("samv: %w: no name or no number", ErrBlock)
	}
	if c.Kind == Foreigner2017 {
		c.NumberOK = idnumber.Check2017(c.Number) == nil
	} else {
		c.NumberOK = idnumber.Check(c.Number, now) == nil
	}
	c.PrivateUse = strings.ContainsFunc(c.Name+c.Address+c.Issuer, isPrivateUse)
	return c, nil
}

// isPrivateUse reports whether a character means something only with a
// certain font.
func isPrivateUse(r rune) bool { return unicode.Is(unicode.Co, r) }

// textBlock is the block as UTF-16 units.
type textBlock struct{ units []uint16 }

// field is the text at a byte offset of a byte length, as the tables of the
// standards have them, without the padding. Half a surrogate pair becomes
// U+FFFD; the chip's character set has none.
func (t textBlock) field(offset, length int) string {
	s := string(utf16.Decode(t.units[offset/2 : (offset+length)/2]))
	return strings.TrimFunc(s, func(r rune) bool { return r == 0 || unicode.IsSpace(r) })
}

// date is a field of eight digits that is a day of the calendar, else "".
func (t textBlock) date(offset int) string {
	s := t.field(offset, 16)
	if _, err := time.Parse("20060102", s); err != nil {
		return ""
	}
	return s
}

// citizen is the layout of GA/T 490.
func (t textBlock) citizen() Card {
	c := Card{
		Kind: Citizen, Name: t.field(0, 30), Sex: sex(t.field(30, 2)),
		NationCode: t.field(32, 4), Birth: t.date(36), Address: t.field(52, 70),
		Number: t.field(122, 36), Issuer: t.field(158, 30),
		ValidFrom: t.date(188), ValidTo: t.date(204),
		LongTerm: t.field(204, 16) == "长期",
	}
	c.Nation = nation(c.NationCode)
	return c
}

// permit is the citizen's layout with pass number and issue count; the nation
// is reserved.
func (t textBlock) permit() Card {
	c := t.citizen()
	c.Kind, c.Nation, c.NationCode = Permit, "", ""
	c.PassNumber, c.IssueCount = t.field(220, 18), t.field(238, 4)
	return c
}

func (t textBlock) foreigner2017() Card {
	return Card{
		Kind: Foreigner2017, EnglishName: t.field(0, 120), Sex: sex(t.field(120, 2)),
		Number: t.field(122, 30), Nationality: t.field(152, 6), Name: t.field(158, 30),
		ValidFrom: t.date(188), ValidTo: t.date(204), Birth: t.date(220),
		Issuer: t.field(240, 8),
	}
}

func (t textBlock) foreigner2023() Card {
	return Card{
		Kind: Foreigner2023, Name: t.field(0, 30), Sex: sex(t.field(30, 2)),
		Birth: t.date(36),
		// The English name goes on at 220 when its 35 places are full.
		EnglishName: strings.TrimSpace(t.raw(52, 70) + t.raw(220, 22)),
		Number:      t.field(122, 36), ValidFrom: t.date(188), ValidTo: t.date(204),
		// Alpha-3 as on the card of 2017; no source says so for this one.
		Nationality: t.field(242, 6),
	}
}

// raw is a field with its blanks, for one that is continued elsewhere.
func (t textBlock) raw(offset, length int) string {
	s := string(utf16.Decode(t.units[offset/2 : (offset+length)/2]))
	return strings.ReplaceAll(s, "\x00", " ")
}

// String is the card with name and number masked, and nothing else of it.
func (c Card) String() string {
	return fmt.Sprintf("%s card of %s, %s", c.Kind, idnumber.MaskName(c.Name), idnumber.MaskNumber(c.Number))
}

// GoString is String, so that %#v does not give the card away.
func (c Card) GoString() string { return c.String() }

// Format prints String whatever the verb: even %d and %x of a struct would
// print its fields.
func (c Card) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue is String for package log/slog.
func (c Card) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String for encoding/json and the like, so that a card put
// into a message by mistake arrives masked. Send the fields that are meant.
func (c Card) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
