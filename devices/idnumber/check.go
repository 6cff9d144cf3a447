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
	// ErrLength: not 18 characters.
	ErrLength = errors.New("not 18 characters")
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
