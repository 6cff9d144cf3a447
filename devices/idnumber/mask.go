package idnumber

import (
	"strings"
	"unicode"
)

// MaskNumber keeps the first three and the last four characters and puts a
// star for every other: 110***********1234. Anything shorter than ten
// characters becomes stars altogether, so that no mask gives most of it away.
func MaskNumber(number string) string {
	r := []rune(number)
	if len(r) < 10 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + strings.Repeat("*", len(r)-7) + string(r[len(r)-4:])
}

// MaskName hides a name so that its holder still knows it: 张*三, 张* for two
// characters, first and last of a longer one. A name in Latin letters keeps
// the first letter of each word: J*** S****. One character becomes a star.
// Spaces around the name are dropped.
func MaskName(name string) string {
	name = strings.TrimSpace(name)
	if latin(name) {
		words := strings.Fields(name)
		for i, w := range words {
			r := []rune(w)
			words[i] = string(r[:1]) + strings.Repeat("*", len(r)-1)
		}
		masked := strings.Join(words, " ")
		if !strings.Contains(masked, "*") { // initials only: they would be the whole name
			words[len(words)-1] = "*"
			masked = strings.Join(words, " ")
		}
		return masked
	}
	r := []rune(name)
	switch len(r) {
	case 0:
		return ""
	case 1:
		return "*"
	case 2:
		return string(r[:1]) + "*"
	}
	return string(r[:1]) + strings.Repeat("*", len(r)-2) + string(r[len(r)-1:])
}

// latin reports whether a name is written in letters of an alphabet, with the
// marks that stand in such names.
func latin(name string) bool {
	letters := false
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Latin, r):
			letters = true
		case r == ' ' || strings.ContainsRune(".,'’-", r) || unicode.Is(unicode.M, r):
		default:
			return false
		}
	}
	return letters
}
