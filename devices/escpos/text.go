package escpos

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// geta (〓) stands for a character that nobody can show, as in print shops.
const geta = '〓'

// runeColumns is the width of a character in columns of half a Chinese
// character. Printers give every two-byte character a full cell, so a letter
// such as é takes as much room as 中. Marks that combine with the character
// before them take none.
func runeColumns(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		return 0
	case r < 0x80:
		return 1
	}
	return 2
}

// Columns is the width of a line of text: 1 for an ASCII character, 2 for any
// other.
func Columns(text string) int {
	n := 0
	for _, r := range text {
		n += runeColumns(r)
	}
	return n
}

// printable drops what has no place on paper: control and format characters.
// Tabs become spaces. Newlines stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\u00a0':
			return ' '
		case r == '\n':
			return r
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// Wrap breaks text into lines of at most columns columns. It breaks between
// Chinese characters and at spaces, keeps closing marks off the beginning and
// opening marks off the end of a line, and breaks a Latin word only when it is
// longer than a whole line. It never breaks inside a character. An empty text
// is one empty line.
func Wrap(text string, columns int) []string {
	columns = max(columns, 2)
	var lines []string
	for paragraph := range strings.SplitSeq(printable(text), "\n") {
		lines = append(lines, wrapParagraph(paragraph, columns)...)
	}
	return lines
}

func wrapParagraph(text string, columns int) []string {
	var lines []string
	line, width := "", 0
	end := func() {
		lines = append(lines, strings.TrimRight(line, " "))
		line, width = "", 0
	}
	for _, u := range units([]rune(strings.TrimRight(text, " "))) {
		w := Columns(u)
		if width+w > columns {
			if strings.TrimLeft(u, " ") == "" {
				if width > 0 {
					end() // spaces at a break vanish
				}
				continue
			}
			if width > 0 && w <= columns {
				end()
			}
		}
		if width+w <= columns {
			line, width = line+u, width+w
			continue
		}
		for _, r := range u { // longer than a whole line
			if rw := runeColumns(r); width+rw > columns {
				end()
				line, width = string(r), rw
			} else {
				line, width = line+string(r), width+rw
			}
		}
	}
	end()
	return lines
}

const (
	noStart = "，。、；：？！）》〉」』】〕”’…—·％,.;:?!)]}%"
	noEnd   = "（《〈「『【〔“‘([{"
)

// units cuts text into pieces that are not to be broken: a word, a run of
// spaces, or a character with its opening and closing marks.
func units(rs []rune) []string {
	var out []string
	for i := 0; i < len(rs); {
		start := i
		if rs[i] == ' ' {
			for i < len(rs) && rs[i] == ' ' {
				i++
			}
			out = append(out, string(rs[start:i]))
			continue
		}
		for i < len(rs)-1 && strings.ContainsRune(noEnd, rs[i]) {
			i++
		}
		word := runeColumns(rs[i]) == 1
		i++
		for i < len(rs) && rs[i] != ' ' {
			c := runeColumns(rs[i])
			if c != 0 && !strings.ContainsRune(noStart, rs[i]) && !(word && c == 1 && !strings.ContainsRune(noEnd, rs[i])) {
				break
			}
			i++
		}
		out = append(out, string(rs[start:i]))
	}
	return out
}

// encodeRune gives the bytes of a character that the printer has in its own
// memory, or false.
func encodeRune(r rune, set Charset) ([]byte, bool) {
	if set == DrawAll || unicode.Is(unicode.Co, r) || r == unicode.ReplacementChar {
		return nil, false
	}
	if r < 0x80 {
		return []byte{byte(r)}, r >= ' ' && r != 0x7F
	}
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(b) != 2 {
		return b, err == nil && len(b) == 4 && set == GB18030Long
	}
	lead, trail := b[0], b[1]
	switch set {
	case GB2312:
		// Areas 1 and 2 as far as GB 2312 went: symbols to row 9, characters
		// of rows 16 to 87.
		if trail < 0xA1 || lead < 0xA1 || (lead > 0xA9 && lead < 0xB0) || lead > 0xF7 {
			return nil, false
		}
	default:
		// The user-defined parts of GB 18030-2005: AAA1–AFFE, F8A1–FEFE,
		// A140–A7A0.
		if trail >= 0xA1 && (lead >= 0xAA && lead <= 0xAF || lead >= 0xF8) ||
			trail < 0xA1 && lead >= 0xA1 && lead <= 0xA7 {
			return nil, false
		}
	}
	return b, true
}

// encodeLine gives the bytes of a line, or false when one of its characters
// is not in the printer's memory.
func encodeLine(line string, set Charset) ([]byte, bool) {
	var out []byte
	for _, r := range line {
		b, ok := encodeRune(r, set)
		if !ok {
			return nil, false
		}
		out = append(out, b...)
	}
	return out, true
}

// withGeta replaces what the printer cannot print, for when nobody can draw.
func withGeta(line string, set Charset) string {
	return strings.Map(func(r rune) rune {
		if _, ok := encodeRune(r, set); ok {
			return r
		}
		if runeColumns(r) == 0 {
			return -1
		}
		return geta
	}, line)
}
