package complaint

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
)

// Code is what the author of a complaint asks with: nine random characters and one
// that checks them, from Douglas Crockford's base 32 alphabet, which has no I, L, O and U. It is made
// where the complaint is written, so a terminal can print it without the centre. Its
// 45 random bits cannot be tried out where guesses are limited; whoever has the
// code may see the progress and withdraw, and nothing else.
//
// The check character finds every single wrong character and every two that changed
// places: it makes the sum of all ten, each times another power of a primitive element
// of the field of 32 elements, zero. Crockford's own check, modulo 37, needs five more
// signs that nobody finds on a keypad.
type Code string

// CodeLength is the number of characters of a Code.
const CodeLength = 10

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCode makes a code.
func NewCode() Code {
	var random [CodeLength - 1]byte
	rand.Read(random[:]) // never fails (crypto/rand)
	var text [CodeLength]byte
	sum, weight := byte(0), byte(1)
	for i, b := range random {
		weight = times(weight, 2)
		sum ^= times(weight, b&31)
		text[i] = alphabet[b&31]
	}
	text[CodeLength-1] = alphabet[sum]
	return Code(text[:])
}

// ErrCode means that a text is no code: mistyped, most likely.
var ErrCode = errors.New("complaint: not a query code")

// ParseCode reads a code as people write it: in small letters, with spaces and dashes,
// with O for 0 and I or L for 1. The error is ErrCode, wrapped, without the text.
func ParseCode(text string) (Code, error) {
	if len(text) > 64 {
		return "", fmt.Errorf("%w: too long", ErrCode)
	}
	clean := strings.NewReplacer(" ", "", "-", "", "　", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if len(clean) != CodeLength {
		return "", fmt.Errorf("%w: want %d characters", ErrCode, CodeLength)
	}
	sum, weight := byte(0), byte(1)
	for i := range CodeLength {
		v := strings.IndexByte(alphabet, clean[i])
		if v < 0 {
			return "", fmt.Errorf("%w: a character that codes do not have", ErrCode)
		}
		if i == CodeLength-1 {
			weight = 1
		} else {
			weight = times(weight, 2)
		}
		sum ^= times(weight, byte(v))
	}
	if sum != 0 {
		return "", fmt.Errorf("%w: a character is wrong", ErrCode)
	}
	return Code(clean), nil
}

// times multiplies in the field of 32 elements, modulo x^5 + x^2 + 1, of which 2 (x) is
// a primitive element: its powers 0 to 30 are all different.
func times(a, b byte) byte {
	var product byte
	for range 5 {
		if b&1 != 0 {
			product ^= a
		}
		b >>= 1
		if a <<= 1; a&32 != 0 {
			a ^= 0b100101
		}
	}
	return product
}

// Shown is the code as it is printed: K7Q2M-8XW3D.
func (c Code) Shown() string {
	if len(c) != CodeLength {
		return ""
	}
	return string(c[:5]) + "-" + string(c[5:])
}
