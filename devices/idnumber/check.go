package idnumber

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Why a number is not one. Check returns an error with exactly one of them in
// its chain; screens turn each into a sentence of their own.
var (
	// ErrLength: not as many characters as such a number has.
	ErrLength = errors.New("wrong number of characters")
	// ErrCharacter: something else than digits, or an X before the end.
	ErrCharacter = errors.New("a character that no number has there")
	// ErrRegion: the first two digits are no province's.
	ErrRegion = errors.New("no such region")
	// ErrDate: the date of birth does not exist in the calendar, or is more
	// than 150 years ago.
	ErrDate = errors.New("no such date of birth")
	// ErrFuture: the date of birth has not come yet.
	ErrFuture = errors.New("date of birth in the future")
	// ErrCheckDigit: the last character does not fit the others; one of them
	// is mistyped.
	ErrCheckDigit = errors.New("wrong check digit")
)

// Length is the number of characters of a number.
const Length = 18

// provinces are the first two digits of the codes in GB/T 2260, and 81, 82,
// 83 of the residence permits for Hong Kong, Macao and Taiwan residents (71
// is Taiwan's own code in GB/T 2260).
const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46" +
	" 50 51 52 53 54 61 62 63 64 65 71 81 82 83 "

// china is the zone in which a date of birth is a date. Fixed, so that the
// answer does not depend on the machine's zone files.
var china = time.FixedZone("UTC+8", 8*60*60)

// Normalize removes spaces, makes digits and letters of full width ordinary
// ones and a small x a capital X. It is for typed numbers; it does not check.
func Normalize(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '\t' || r == '\u3000':
			return -1
		case r >= '！' && r <= '～': // full-width ASCII
			r -= '！' - '!'
		}
		if r == 'x' {
			r = 'X'
		}
		return r
	}, s)
}

// Check says whether number could be somebody's: 18 characters, a region, a
// date of birth that was possible at now, and the right check digit. It does
// not know whether anybody has that number. Beyond the province the region is
// not looked up: codes of counties long dissolved stay in their people's
// numbers.
//
// The errors are tested from left to right and the check digit last, so that
// a mistyped date is called a date.
func Check(number string, now time.Time) error {
	if len([]rune(number)) != Length {
		return fmt.Errorf("idnumber: %w", ErrLength)
	}
	for i, r := range number {
		if (r < '0' || r > '9') && (r != 'X' || i != Length-1) {
			return fmt.Errorf("idnumber: position %d: %w", i+1, ErrCharacter)
		}
	}
	// The card of 2023 begins with 9 and goes on with nationality as digits.
	if number[0] != '9' && !strings.Contains(provinces, " "+number[:2]+" ") {
		return fmt.Errorf("idnumber: %w", ErrRegion)
	}
	birth, err := time.ParseInLocation("20060102", number[6:14], china)
	if err != nil || birth.Before(now.AddDate(-150, 0, 0)) {
		// err would repeat the date; leave it out.
		return fmt.Errorf("idnumber: %w", ErrDate)
	}
	if birth.After(now) {
		return fmt.Errorf("idnumber: %w", ErrFuture)
	}
	if CheckDigit(number[:Length-1]) != number[Length-1] {
		return fmt.Errorf("idnumber: %w", ErrCheckDigit)
	}
	return nil
}

// CheckDigit computes the 18th character for the first 17 digits. It returns
// 0 for anything else than 17 digits.
func CheckDigit(first17 string) byte {
	if len(first17) != Length-1 {
		return 0
	}
	// Weights and check characters of GB 11643-1999.
	weights := [Length - 1]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		d := first17[i]
		if d < '0' || d > '9' {
			return 0
		}
		sum += w * int(d-'0')
	}
	return "10X98765432"[sum%11]
}

// Birth is the date of birth in a number that passed Check, at midnight in
// China. For anything else it returns false.
func Birth(number string) (time.Time, bool) {
	if len(number) != Length {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation("20060102", number[6:14], china)
	return t, err == nil
}

// Length2017 is the number of characters of a number of 2017.
const Length2017 = 15

// Check2017 is Check for the number on a foreigners' permanent residence card
// of 2017: three letters for the nationality, four digits for the region that
// issued it, date of birth as YYMMDD, one digit of sequence, one check digit.
// Source of the parts and the check digit: the tests of credentialkit (a Java
// library), whose example number agrees; no standard was at hand. Since the
// year has no century a date that exists in one of them passes.
func Check2017(number string) error {
	if len([]rune(number)) != Length2017 {
		return fmt.Errorf("idnumber: %w", ErrLength)
	}
	for i, r := range number {
		letter, digit := r >= 'A' && r <= 'Z', r >= '0' && r <= '9'
		if i < 3 && !letter || i >= 3 && !digit {
			return fmt.Errorf("idnumber: position %d: %w", i+1, ErrCharacter)
		}
	}
	if !strings.Contains(provinces, " "+number[3:5]+" ") {
		return fmt.Errorf("idnumber: %w", ErrRegion)
	}
	_, err19 := time.Parse("20060102", "19"+number[7:13])
	_, err20 := time.Parse("20060102", "20"+number[7:13])
	if err19 != nil && err20 != nil {
		return fmt.Errorf("idnumber: %w", ErrDate)
	}
	if CheckDigit731(number[:Length2017-1]) != number[Length2017-1] {
		return fmt.Errorf("idnumber: %w", ErrCheckDigit)
	}
	return nil
}

// CheckDigit731 computes the check digit of travel documents: weights 7, 3, 1,
// modulo 10; digits count as themselves, A to Z as 10 to 35, the filler < as
// 0 (ICAO Doc 9303-3, section 4.9). It returns 0 for text with any other
// character.
func CheckDigit731(text string) byte {
	sum := 0
	for i := range len(text) {
		v := 0
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			v = int(c - '0')
		case c >= 'A' && c <= 'Z':
			v = int(c-'A') + 10
		case c != '<':
			return 0
		}
		sum += v * [...]int{7, 3, 1}[i%3]
	}
	return '0' + byte(sum%10)
}
