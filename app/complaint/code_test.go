package complaint

import (
	"errors"
	"strings"
	"testing"
)

func TestCode(t *testing.T) {
	seen := map[Code]bool{}
	for range 2000 {
		c := NewCode()
		if seen[c] {
			t.Fatalf("%s twice", c)
		}
		seen[c] = true
		for _, written := range []string{string(c), c.Shown(), strings.ToLower(c.Shown()), " " + string(c[:3]) + " " + string(c[3:])} {
			if got, err := ParseCode(written); got != c || err != nil {
				t.Fatalf("%q is read as %q, %v", written, got, err)
			}
		}
	}
	// Letters that look like digits.
	c := Code("0000000000")
	for _, written := range []string{"OOOOO-OOOOO", "ooooo ooooo"} {
		if got, err := ParseCode(written); got != c || err != nil {
			t.Errorf("%q: %q, %v", written, got, err)
		}
	}
	for _, wrong := range []string{"", "0", "00000-0000", "00000-00000-0", "U000000000", "0000000001", "000000000é", "零000000000", strings.Repeat(" ", 100)} {
		if got, err := ParseCode(wrong); !errors.Is(err, ErrCode) || got != "" {
			t.Errorf("%q is read as %q, %v", wrong, got, err)
		} else if wrong != "" && wrong != "0" && strings.Contains(err.Error(), wrong) {
			t.Errorf("the error tells the text: %v", err)
		}
	}
	if Code("short").Shown() != "" {
		t.Error("a code that is none is shown")
	}
}

// Every single wrong character and every two neighbours that changed places are found.
func TestCodeFindsSlips(t *testing.T) {
	for range 50 {
		c := NewCode()
		for i := range CodeLength {
			for _, other := range alphabet {
				wrong := []byte(c)
				if wrong[i] = byte(other); string(wrong) == string(c) {
					continue
				}
				if _, err := ParseCode(string(wrong)); err == nil {
					t.Fatalf("%s passes for %s", wrong, c)
				}
			}
			for j := range i {
				if c[i] == c[j] {
					continue
				}
				wrong := []byte(c)
				wrong[i], wrong[j] = wrong[j], wrong[i]
				if _, err := ParseCode(string(wrong)); err == nil {
					t.Fatalf("%s passes for %s", wrong, c)
				}
			}
		}
	}
}

func FuzzParseCode(f *testing.F) {
	for _, s := range []string{"00000-00000", "K7Q2M-8XW3D", "oil", "\xff\xfe", "　", "0000000000000000000000000000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCode(text)
		if err != nil {
			if c != "" {
				t.Errorf("%q: %q with an error", text, c)
			}
			return
		}
		if again, err := ParseCode(c.Shown()); again != c || err != nil {
			t.Errorf("%q is %q, shown as %q, read as %q, %v", text, c, c.Shown(), again, err)
		}
	})
}
