package idnumber

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// The examples printed in GB 11643-1999 itself.
const (
	woman = "11010519491231002X"
	man   = "440524188001010014"
)

var now = time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC)

// fit completes 17 digits, for rows that must fail for another reason than
// their check digit.
func fit(first17 string) string { return first17 + string(CheckDigit(first17)) }

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, number string
		want         error
	}{
		{"standard's woman", woman, nil},
		{"standard's man", man, nil},
		{"leap day 2000", fit("11010520000229001"), nil},
		{"leap day 2024", fit("11010520240229001"), nil},
		{"born today", fit("11010520260309001"), nil},
		{"Hong Kong permit", fit("81000018800101001"), nil},
		{"Taiwan permit", fit("83000018800101001"), nil},
		{"permanent residence 2023", fit("91115618800101001"), nil},
		{"empty", "", ErrLength},
		{"17 digits", woman[:17], ErrLength},
		{"19 characters", woman + "1", ErrLength},
		{"15 digits of the old number", "110105491231002", ErrLength},
		{"letter", "1101051949123100AX", ErrCharacter},
		{"small x", "11010519491231002x", ErrCharacter},
		{"X in the middle", "1101051949X231002X", ErrCharacter},
		{"full-width digit", "１1010519491231002X", ErrCharacter},
		{"sign", "+1010519491231002X", ErrCharacter},
		{"invalid UTF-8", strings.Repeat("\xff", 18), ErrCharacter},
		{"no such province", fit("10010519491231002"), ErrRegion},
		{"no such province 00", fit("00010519491231002"), ErrRegion},
		{"31 June", fit("11010519490631002"), ErrDate},
		{"29 February 1900", fit("11010519000229002"), ErrDate},
		{"29 February 2023", fit("11010520230229002"), ErrDate},
		{"month 13", fit("11010519491331002"), ErrDate},
		{"day 0", fit("11010519491200002"), ErrDate},
		{"more than 150 years ago", fit("11010518760308002"), ErrDate},
		{"tomorrow", fit("11010520260310002"), ErrFuture},
		{"wrong check digit", "110105194912310021", ErrCheckDigit},
		{"9 with wrong check digit", "911156188001010010", ErrCheckDigit},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Check(c.number, now)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err != nil && len(c.number) >= 6 && strings.Contains(err.Error(), c.number[:6]) {
				t.Fatalf("error repeats the number: %v", err)
			}
		})
	}
}

func TestCheck2017(t *testing.T) {
	const good = "XXX110088010105"
	for _, c := range []struct {
		name, number string
		want         error
	}{
		{"made up", good, nil},
		{"example of another program", "KAZ110090123105", nil},
		{"leap day of 2000", "XXX11000002291" + string(CheckDigit731("XXX11000002291")), nil},
		{"empty", "", ErrLength},
		{"18 characters", woman, ErrLength},
		{"two letters", "XX1110088010105", ErrCharacter},
		{"small letter", "xXX110088010105", ErrCharacter},
		{"X at the end", "XXX11008801010X", ErrCharacter},
		{"invalid UTF-8", strings.Repeat("\xff", 15), ErrCharacter},
		{"no region", "XXX990088010105", ErrRegion},
		{"30 February", "XXX110088023015", ErrDate},
		{"check digit", "XXX110088010106", ErrCheckDigit},
	} {
		if err := Check2017(c.number); !errors.Is(err, c.want) || err != nil && strings.Contains(err.Error(), "8801") {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	for i := range Length2017 {
		for d := byte('0'); d <= '9'; d++ {
			b := []byte(good)
			if b[i] == d || i < 3 {
				continue
			}
			b[i] = d
			if Check2017(string(b)) == nil {
				t.Errorf("digit %d changed to %c passes", i+1, d)
			}
		}
	}
}

// The example that ICAO Doc 9303-3 calculates step by step.
func TestCheckDigit731(t *testing.T) {
	for text, want := range map[string]byte{"520727": '3', "AB2134<<<": '5', "": '0', "<<<": '0', "a": 0, "1 2": 0} {
		if got := CheckDigit731(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Every single mistyped digit and every swap of neighbours must be found:
// that is what ISO 7064 MOD 11-2 promises.
func TestCheckFindsTypingErrors(t *testing.T) {
	for i := range Length - 1 {
		for d := byte('0'); d <= '9'; d++ {
			b := []byte(woman)
			if b[i] == d {
				continue
			}
			b[i] = d
			if Check(string(b), now) == nil {
				t.Errorf("digit %d changed to %c passes", i+1, d)
			}
		}
		b := []byte(woman)
		if b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
			if Check(string(b), now) == nil {
				t.Errorf("digits %d and %d swapped pass", i+1, i+2)
			}
		}
	}
}

func TestCheckDigitRefusesOtherInput(t *testing.T) {
	for _, s := range []string{"", "1", woman, "1101051949123100a"} {
		if got := CheckDigit(s); got != 0 {
			t.Errorf("%d characters: got %q, want none", len(s), got)
		}
	}
}

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		" 110105 19491231 002x ": woman,
		"１１０１０５１９４９１２３１００２ｘ":     woman,
		"11010519491231002X":     woman,
		"110105\u300019491231":   "11010519491231",
		"":                       "",
	} {
		if got := Normalize(in); got != want {
			t.Errorf("Normalize(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBirth(t *testing.T) {
	b, ok := Birth(woman)
	if !ok || b.Format("2006-01-02 -0700") != "1949-12-31 +0800" {
		t.Errorf("got %v, %v", b, ok)
	}
	for _, s := range []string{"", "110105194913310021", "１1010519491231002X"} {
		if _, ok := Birth(s); ok {
			t.Errorf("a date of birth out of nothing (%d bytes)", len(s))
		}
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "张": "*", "张三": "张*", "李示例": "李*例", "欧阳示例": "欧**例",
		"买买提·吐尔逊": "买*****逊", "𠮷野": "𠮷*", " 张三 ": "张*",
		"JOHN SMITH": "J*** S****", "Ng": "N*", "X": "*", "O'Brien": "O******",
		"José María": "J*** M****", "Anna-Lena B.": "A******** B*",
		"\xff\xfe": "\uFFFD*",
	} {
		if got := MaskName(in); got != want {
			t.Errorf("MaskName(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		woman: "110***********002X", "ABC188001010014": "ABC********0014",
		"123456789": "*********", "1234567890": "123***7890", "": "",
	} {
		if got := MaskNumber(in); got != want {
			t.Errorf("MaskNumber = %q, want %q", got, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(woman)
	f.Add(man)
	f.Add("911156188001010010")
	f.Add("１１０１０５")
	f.Fuzz(func(t *testing.T, s string) {
		err := Check(s, now)
		if err == nil {
			if len(s) != Length || CheckDigit(s[:17]) != s[17] {
				t.Fatalf("passes: %q", s)
			}
			if b, ok := Birth(s); !ok || b.After(now) {
				t.Fatalf("no birth in %q", s)
			}
		}
		if Check2017(s) == nil && len(s) != Length2017 {
			t.Fatalf("passes as a number of 2017: %q", s)
		}
		n := Normalize(s)
		if Normalize(n) != n {
			t.Fatalf("Normalize(%q) is not stable", s)
		}
		if m := MaskNumber(s); len(s) == Length && err == nil && strings.Count(m, "*") != 11 {
			t.Fatalf("mask %q", m)
		}
		MaskName(s)
	})
}
