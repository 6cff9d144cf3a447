package escpos

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    []string
	}{
		{"", 10, []string{""}},
		{"取号", 10, []string{"取号"}},
		{"一二三四五六", 10, []string{"一二三四五", "六"}},
		{"一二三四五", 9, []string{"一二三四", "五"}},
		{"号码 A012 有效", 8, []string{"号码", "A012 有", "效"}},
		{"call number A012 now", 11, []string{"call number", "A012 now"}},
		{"internationalization", 8, []string{"internat", "ionaliza", "tion"}},
		{"a\n\nb", 8, []string{"a", "", "b"}},
		{"  two spaces kept", 40, []string{"  two spaces kept"}},
		{"12345678   ab", 10, []string{"12345678", "ab"}},
		{"1234567890   ", 10, []string{"1234567890"}},
		{"一二三四五，六", 10, []string{"一二三四", "五，六"}}, // no comma at the beginning
		{"一二三四（五）", 10, []string{"一二三四", "（五）"}}, // no bracket at the end
		{"办理《居住证》（首次）等", 10, []string{"办理《居住", "证》（首", "次）等"}},
		{"，，，，，，", 4, []string{"，，", "，，", "，，"}}, // nothing but closing marks
		{"e\u0301e\u0301e\u0301", 2, []string{"e\u0301e\u0301", "e\u0301"}},
		{"一", 0, []string{"一"}}, // never less than one character
	} {
		if got := Wrap(c.text, c.columns); !slices.Equal(got, c.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}

// An item's name of 110 characters, the longest that halls were seen to have.
func TestWrapLongName(t *testing.T) {
	name := strings.Repeat("外商投资企业设立变更（备案）、", 7) + "注销登记受理"
	if n := utf8.RuneCountInString(name); n < 110 {
		t.Fatalf("%d characters", n)
	}
	lines := Wrap(name, 48)
	if strings.Join(lines, "") != name {
		t.Errorf("something is lost: %q", lines)
	}
	for _, line := range lines {
		if Columns(line) > 48 || strings.HasPrefix(line, "、") || strings.HasPrefix(line, "）") || strings.HasSuffix(line, "（") {
			t.Errorf("line %q of %d columns", line, Columns(line))
		}
	}
	if len(lines) > 6 {
		t.Errorf("%d lines", len(lines))
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("号码 A012（有效），call", 8)
	f.Add("((((a))))    \xff\n", 2)
	f.Fuzz(func(t *testing.T, text string, columns int) {
		strip := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
		lines := Wrap(text, columns)
		if got, want := strip(strings.Join(lines, "")), strip(printable(text)); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		for _, line := range lines {
			if Columns(line) > max(columns, 2) || strings.Contains(line, "\n") {
				t.Fatalf("line %q of %d columns, room for %d", line, Columns(line), columns)
			}
		}
	})
}
