// Package mrz reads the machine readable zone of passports and travel permits:
// the lines of capital letters that document readers and some code scanners
// send as text.
//
// A terminal uses it to know the holder of a passport or of a Mainland travel
// permit for Hong Kong and Macao residents, who has no card that devices/samv
// reads. It never guesses: a zone with one wrong check digit is an error, to be
// scanned again. It does no I/O, and nothing of it prints a number or a name.
//
// The layouts are those of ICAO Doc 9303 (8th edition): part 5 for TD1 (three
// lines of 30), part 6 for TD2 (two of 36), part 4 for TD3 (two of 44). The
// permit's zone follows TD1 (GA/T 704.14-2015), but may give the sex as a digit
// of GB/T 2261.1.
//
// By hand, because the Go packages found read TD3 alone, or accept zones whose
// check digits are wrong; the rules are a page.
package mrz

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"hallkiosk/devices/idnumber"
)

// Why a text is no zone. Parse returns an error with exactly one of them in
// its chain.
var (
	// ErrLayout: not the lines of TD1, TD2 or TD3.
	ErrLayout = errors.New("not the lines of a machine readable zone")
	// ErrCharacter: something else than A to Z, 0 to 9 and <.
	ErrCharacter = errors.New("a character that no zone has")
	// ErrCheckDigit: a character was misread.
	ErrCheckDigit = errors.New("wrong check digit")
	// ErrContent: the check digits hold, but there is no number or no name.
	ErrContent = errors.New("no number or no name")
)

// Layout is the kind of zone. The values may be stored.
type Layout string

// The layouts: of a card, of a larger card, of a passport.
const (
	TD1 Layout = "TD1"
	TD2 Layout = "TD2"
	TD3 Layout = "TD3"
)

// A Document is what a zone says. It prints masked in every way fmt, slog and
// encoding/json know; read its fields to get at the content.
type Document struct {
	// Layout is the kind of zone.
	Layout Layout
	// Type is one or two letters: P and what the state adds for a passport,
	// C, I or A and the same for a card.
	Type string
	// Issuer and Nationality are codes of one to three letters (ISO 3166-1
	// alpha-3 and ICAO's own, such as D and UTO).
	Issuer, Nationality string
	// Number is the document's number, of any length that its layout allows.
	Number string
	// Surname and GivenNames are in Latin capitals; a person with one name has
	// no GivenNames. NameCut says that they fill their place and may go on.
	Surname, GivenNames string
	NameCut             bool
	// Birth is YYYYMMDD, the latest such day that is not in the future. Expiry
	// is YYYYMMDD, the century nearest to now. Empty when the zone leaves a
	// part open or has no such day.
	Birth, Expiry string
	// Sex is M, F or empty for unspecified.
	Sex string
	// Optional is what the issuer adds, in both places of TD1, without fillers.
	Optional string
}

// Parse reads a zone: lines that end in CR, LF or both, or all lines without
// any end between them. Blanks around lines are dropped. now is for the
// centuries of dates.
func Parse(text string, now time.Time) (Document, error) {
	lines, err := split(text)
	if err != nil {
		return Document{}, err
	}
	var z zone
	switch {
	case len(lines) == 3:
		z = td1(lines)
	case len(lines[0]) == 36:
		z = td2(lines)
	default:
		z = td3(lines)
	}
	return z.document(now)
}

// split makes two or three lines of equal and legal length.
func split(text string) ([]string, error) {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' })
	for i := range lines {
		lines[i] = strings.Trim(lines[i], " \t\x00")
	}
	all := strings.Join(lines, "")
	for i := range len(all) {
		if c := all[i]; c != '<' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return nil, fmt.Errorf("mrz: position %d of %d: %w", i+1, len(all), ErrCharacter)
		}
	}
	n := map[int]int{90: 30, 72: 36, 88: 44}[len(all)]
	if n == 0 {
		return nil, fmt.Errorf("mrz: %d characters: %w", len(all), ErrLayout)
	}
	for _, l := range lines {
		if len(lines) > 1 && len(l) != n {
			return nil, fmt.Errorf("mrz: a line of %d characters among %d: %w", len(l), len(all), ErrLayout)
		}
	}
	lines = lines[:0]
	for ; len(all) > 0; all = all[n:] {
		lines = append(lines, all[:n])
	}
	return lines, nil
}

// A zone is a document's fields as they stand in the zone.
type zone struct {
	layout                           Layout
	kind, issuer, nationality, names string
	number, birth, expiry            checked
	sex                              string
	optional                         []string
	// personal is the optional field of TD3 with a check digit of its own.
	personal  checked
	composite checked
}

// A field with its check digit.
type checked struct{ text, digit string }

// field splits a checked field off a line; its digit is the character behind.
func field(line string, from, to int) checked { return checked{line[from:to], line[to : to+1]} }

func td1(l []string) zone {
	z := zone{
		layout: TD1, kind: l[0][0:2], issuer: l[0][2:5], number: field(l[0], 5, 14),
		birth: field(l[1], 0, 6), sex: l[1][7:8], expiry: field(l[1], 8, 14), nationality: l[1][15:18],
		names:     l[2],
		composite: checked{l[0][5:30] + l[1][0:7] + l[1][8:15] + l[1][18:29], l[1][29:30]},
	}
	rest := l[0][15:30]
	z.number, rest = longNumber(z.number, rest)
	z.optional = []string{rest, l[1][18:29]}
	return z
}

func td2(l []string) zone {
	z := zone{
		layout: TD2, kind: l[0][0:2], issuer: l[0][2:5], names: l[0][5:36],
		number: field(l[1], 0, 9), nationality: l[1][10:13], birth: field(l[1], 13, 19),
		sex: l[1][20:21], expiry: field(l[1], 21, 27),
		composite: checked{l[1][0:10] + l[1][13:20] + l[1][21:35], l[1][35:36]},
	}
	rest := l[1][28:35]
	z.number, rest = longNumber(z.number, rest)
	z.optional = []string{rest}
	return z
}

func td3(l []string) zone {
	return zone{
		layout: TD3, kind: l[0][0:2], issuer: l[0][2:5], names: l[0][5:44],
		number: field(l[1], 0, 9), nationality: l[1][10:13], birth: field(l[1], 13, 19),
		sex: l[1][20:21], expiry: field(l[1], 21, 27),
		personal: field(l[1], 28, 42), optional: []string{l[1][28:42]},
		composite: checked{l[1][0:10] + l[1][13:20] + l[1][21:43], l[1][43:44]},
	}
}

// longNumber completes a number of more than nine characters on a card: the
// place of its check digit is a filler then, and the number goes on in the
// optional field, its check digit behind it (Doc 9303-5, note j).
func longNumber(n checked, optional string) (checked, string) {
	end := strings.IndexByte(optional, '<')
	if end < 0 {
		end = len(optional)
	}
	if n.digit != "<" || end < 2 {
		return n, optional
	}
	return checked{n.text + optional[:end-1], optional[end-1 : end]}, optional[end:]
}

// holds reports whether the check digit is right.
func (c checked) holds() bool { return idnumber.CheckDigit731(c.text) == c.digit[0] }

func (z zone) document(now time.Time) (Document, error) {
	for _, c := range []struct {
		name  string
		field checked
	}{{"number", z.number}, {"date of birth", z.birth}, {"date of expiry", z.expiry}, {"composite", z.composite}} {
		if !c.field.holds() {
			return Document{}, fmt.Errorf("mrz: %s: %w", c.name, ErrCheckDigit)
		}
	}
	// An empty personal number may have a filler for its check digit.
	if z.layout == TD3 && !z.personal.holds() && (z.personal.digit != "<" || trim(z.personal.text) != "") {
		return Document{}, fmt.Errorf("mrz: personal number: %w", ErrCheckDigit)
	}
	d := Document{
		Layout: z.layout, Type: trim(z.kind), Issuer: trim(z.issuer), Nationality: trim(z.nationality),
		Number: trim(z.number.text), NameCut: !strings.HasSuffix(z.names, "<"),
		Birth: birth(z.birth.text, now), Expiry: expiry(z.expiry.text, now),
		Sex: map[string]string{"M": "M", "F": "F", "1": "M", "2": "F"}[z.sex],
	}
	surname, given, _ := strings.Cut(z.names, "<<")
	d.Surname, d.GivenNames = words(surname), words(given)
	var optional []string
	for _, o := range z.optional {
		if o = words(o); o != "" {
			optional = append(optional, o)
		}
	}
	d.Optional = strings.Join(optional, " ")
	// A filler inside a number stands for one character that zones lack; two in a
	// row, and further characters behind them, are no number.
	if d.Number == "" || strings.Contains(d.Number, "<<") || d.Surname == "" {
		return Document{}, fmt.Errorf("mrz: %w", ErrContent)
	}
	return d, nil
}

// trim takes the fillers off.
func trim(s string) string { return strings.Trim(s, "<") }

// words makes blanks of the fillers inside.
func words(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '<' }), " ")
}

// day is a date in one century, or false.
func day(century, yymmdd string) (time.Time, bool) {
	t, err := time.Parse("20060102", century+yymmdd)
	return t, err == nil
}

func birth(yymmdd string, now time.Time) string {
	for _, century := range []string{"20", "19"} {
		if t, ok := day(century, yymmdd); ok && !t.After(now) {
			return century + yymmdd
		}
	}
	return ""
}

func expiry(yymmdd string, now time.Time) string {
	past, ok19 := day("19", yymmdd)
	future, ok20 := day("20", yymmdd)
	switch {
	case ok20 && (!ok19 || future.Sub(now).Abs() <= past.Sub(now).Abs()):
		return "20" + yymmdd
	case ok19:
		return "19" + yymmdd
	}
	return ""
}

// String is the document with name and number masked, and nothing else of it.
func (d Document) String() string {
	return fmt.Sprintf("%s document of %s, %s", d.Layout,
		idnumber.MaskName(strings.TrimSpace(d.GivenNames+" "+d.Surname)), idnumber.MaskNumber(d.Number))
}

// GoString is String.
func (d Document) GoString() string { return d.String() }

// Format prints String whatever the verb.
func (d Document) Format(f fmt.State, _ rune) { fmt.Fprint(f, d.String()) }

// LogValue is String for package log/slog.
func (d Document) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText is String for encoding/json and the like: send the fields that
// are meant.
func (d Document) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
