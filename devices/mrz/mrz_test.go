package mrz

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/idnumber"
)

var now = time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC)

// The specimens of ICAO Doc 9303, parts 4 to 6: the state of Utopia.
const (
	passport = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
	card     = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
	larger   = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
	longCard = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"
	longTD2  = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8"
)

// A permit made up for this test in the layout of GA/T 704.14.
func permit() string {
	one := "C<CHNH000000000<<<<<<<<<<<<<<<"
	birth, expiry := "880101", "300101"
	one = one[:14] + string(idnumber.CheckDigit731(one[5:14])) + one[15:]
	two := birth + string(idnumber.CheckDigit731(birth)) + "2" + expiry + string(idnumber.CheckDigit731(expiry)) + "CHN<<<<<<<<<<<"
	two += string(idnumber.CheckDigit731(one[5:30] + two[0:7] + two[8:15] + two[18:29]))
	return one + "\n" + two + "\n" + "LI<<SHILI<<<<<<<<<<<<<<<<<<<<<"
}

func TestParse(t *testing.T) {
	anna := Document{Type: "P", Issuer: "UTO", Nationality: "UTO", Number: "L898902C3", Surname: "ERIKSSON",
		GivenNames: "ANNA MARIA", Birth: "19740812", Expiry: "20120415", Sex: "F", Layout: TD3, Optional: "ZE184226B"}
	td1 := anna
	td1.Layout, td1.Type, td1.Number, td1.Optional = TD1, "I", "D23145890", ""
	td2 := td1
	td2.Layout = TD2
	peter := Document{Layout: TD1, Type: "I", Issuer: "UTO", Nationality: "UTO", Number: "D23145890734", Surname: "STEVENSON",
		GivenNames: "PETER JOHN", Birth: "19340712", Expiry: "19950712", Sex: "M"}
	peter2 := peter
	peter2.Layout = TD2
	li := Document{Layout: TD1, Type: "C", Issuer: "CHN", Nationality: "CHN", Number: "H00000000", Surname: "LI",
		GivenNames: "SHILI", Birth: "19880101", Expiry: "20300101", Sex: "F"}
	for _, c := range []struct {
		name, text string
		want       Document
	}{
		{"TD3", passport, anna},
		{"TD1", card, td1},
		{"TD2", larger, td2},
		{"TD1 with a long number", longCard, peter},
		{"TD2 with a long number", longTD2, peter2},
		{"permit", permit(), li},
		{"CRLF and blanks", "\r\n " + strings.ReplaceAll(passport, "\n", " \r\n") + "\r\n", anna},
		{"CR", strings.ReplaceAll(card, "\n", "\r"), td1},
		{"one line", strings.ReplaceAll(card, "\n", ""), td1},
		{"one line of 88", strings.ReplaceAll(passport, "\n", ""), anna},
	} {
		got, err := Parse(c.text, now)
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n got %+v\nwant %+v", c.name, err, fields(got), fields(c.want))
		}
	}
}

// fields shows what String hides; the people are the standard's.
func fields(d Document) any {
	type open Document
	return open(d)
}

// td3Line makes a passport's second line with right check digits.
func td3Line(number, birth, sex, expiry, personal, personalDigit string) string {
	pad := func(s string, n int) string { return s + strings.Repeat("<", n-len(s)) }
	digit := func(s string) string { return string(idnumber.CheckDigit731(s)) }
	number, personal = pad(number, 9), pad(personal, 14)
	l := number + digit(number) + "UTO" + birth + digit(birth) + sex + expiry + digit(expiry) + personal + personalDigit
	return l + digit(l[0:10]+l[13:20]+l[21:43])
}

func TestParseOdd(t *testing.T) {
	names := func(s string) string { return "P<UTO" + s + strings.Repeat("<", 39-len(s)) }
	for _, c := range []struct {
		name, first, second string
		ok                  func(Document) bool
	}{
		{"one name", names("SAMPLE"), td3Line("A1", "740812", "F", "300415", "", "<"), func(d Document) bool { return d.Surname == "SAMPLE" && d.GivenNames == "" }},
		{"empty personal number with 0", names("A<<B"), td3Line("A1", "740812", "F", "300415", "", "0"), func(d Document) bool { return d.Optional == "" }},
		{"name cut", "P<UTO" + strings.Repeat("A", 39), td3Line("A1", "740812", "F", "300415", "", "0"), func(d Document) bool { return d.NameCut && len(d.Surname) == 39 }},
		{"surname of two words", names("VAN<DER<BERG<<A<B"), td3Line("A1", "740812", "M", "300415", "", "0"), func(d Document) bool { return d.Surname == "VAN DER BERG" && d.GivenNames == "A B" && !d.NameCut }},
		{"German issuer", "P<D<<MUSTER<<E" + strings.Repeat("<", 30), td3Line("A1", "740812", "M", "300415", "", "0"), func(d Document) bool { return d.Issuer == "D" }},
		{"day unknown", names("A<<B"), td3Line("A1", "74<<<<", "M", "300415", "", "0"), func(d Document) bool { return d.Birth == "" }},
		{"30 February", names("A<<B"), td3Line("A1", "740230", "M", "300230", "", "0"), func(d Document) bool { return d.Birth == "" && d.Expiry == "" }},
		{"leap day of 2000 alone", names("A<<B"), td3Line("A1", "000229", "M", "000229", "", "0"), func(d Document) bool { return d.Birth == "20000229" && d.Expiry == "20000229" }},
		{"born yesterday", names("A<<B"), td3Line("A1", "260308", "M", "300415", "", "0"), func(d Document) bool { return d.Birth == "20260308" }},
		{"born tomorrow, a hundred years ago", names("A<<B"), td3Line("A1", "260310", "M", "760415", "", "0"), func(d Document) bool { return d.Birth == "19260310" && d.Expiry == "19760415" }},
		{"sex unspecified", names("A<<B"), td3Line("A1", "740812", "<", "300415", "", "0"), func(d Document) bool { return d.Sex == "" }},
		{"sex X", names("A<<B"), td3Line("A1", "740812", "X", "300415", "", "0"), func(d Document) bool { return d.Sex == "" }},
	} {
		d, err := Parse(c.first+"\n"+c.second, now)
		if err != nil || !c.ok(d) {
			t.Errorf("%s: %+v, %v", c.name, fields(d), err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	lines := strings.Split(passport, "\n")
	empty := "P<UTO" + strings.Repeat("<", 39)
	for _, c := range []struct {
		name, text string
		want       error
	}{
		{"nothing", "", ErrLayout},
		{"one line of two", lines[0], ErrLayout},
		{"89 characters", passport + "<", ErrLayout},
		{"lines of other lengths", lines[0] + lines[1][:1] + "\n" + lines[1][1:], ErrLayout},
		{"four lines", strings.Repeat(strings.Repeat("<", 22)+"\n", 4), ErrLayout},
		{"small letters", strings.ToLower(passport), ErrCharacter},
		{"Chinese", "护照" + passport, ErrCharacter},
		{"invalid UTF-8", "\xff" + passport[1:], ErrCharacter},
		{"no name", empty + "\n" + lines[1], ErrContent},
		{"no number", lines[0] + "\n" + td3Line("", "740812", "F", "300415", "", "0"), ErrContent},
		{"personal number with a filler", lines[0] + "\n" + td3Line("A1", "740812", "F", "300415", "ZE1", "<"), ErrCheckDigit},
	} {
		d, err := Parse(c.text, now)
		if !errors.Is(err, c.want) || d != (Document{}) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// Every single misread character of a line with check digits is found, unless
// the two differ by a multiple of ten, which no 7-3-1 sum can tell, or stand
// where no check digit looks (nationality and sex).
func TestMisread(t *testing.T) {
	value := func(c byte) int { return int(idnumber.CheckDigit731(string(c))) }
	at := strings.IndexByte(passport, '\n') + 1
	for i := at; i < len(passport); i++ {
		p := i - at
		if p >= 10 && p < 13 || p == 20 {
			continue
		}
		for _, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<") {
			// 7 × 10 % 10: the weights are coprime to ten, so only equal units hide.
			if value(c) == value(passport[i]) {
				continue
			}
			b := []byte(passport)
			b[i] = c
			if _, err := Parse(string(b), now); err == nil {
				t.Errorf("position %d read as %c passes", p+1, c)
			}
		}
	}
}

func TestDocumentIsMasked(t *testing.T) {
	d, err := Parse(passport, now)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, v := range []any{d, &d, []Document{d}, struct{ D Document }{d}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "document", d, "pointer", &d)
	for _, secret := range []string{"ERIKSSON", "ANNA", "L898902C3", "19740812", "740812", "ZE184226B", "4552494b"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is in what was printed", secret)
		}
	}
	if s := d.String(); s != "TD3 document of A*** M**** E*******, *********" {
		t.Error(s)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{passport, card, larger, longCard, longTD2, permit(), strings.ReplaceAll(card, "\n", ""), strings.Repeat("<", 90)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s, now)
		if err != nil {
			if d != (Document{}) {
				t.Fatal("half a document")
			}
			if s != "" && len(s) > 20 && strings.Contains(err.Error(), s[:20]) {
				t.Fatal("the error repeats the zone")
			}
			return
		}
		if d.Number == "" || d.Surname == "" || strings.Contains(d.Number+d.Surname+d.GivenNames+d.Optional+d.Birth+d.Expiry, "<<") {
			t.Fatalf("%+v", fields(d))
		}
		again, err := Parse(strings.ReplaceAll(strings.ReplaceAll(s, "\r", ""), "\n", ""), now)
		if err == nil && again != d {
			t.Fatal("line ends change the document")
		}
	})
}
