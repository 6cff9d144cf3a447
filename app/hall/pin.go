package hall

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// PINDigits is the length of a window's PIN.
const PINDigits = 6

// ErrPIN means that a PIN is not six digits.
var ErrPIN = errors.New("hall: PIN must be six digits")

// Cost of one hash: OWASP's Password Storage Cheat Sheet, Argon2id, 19 MiB, two
// passes, one lane. About 30 ms on an office machine. A six-digit PIN falls to
// anybody who holds the hash file whatever the cost; what protects it is that
// the hash never leaves the centre and that wrong tries lock the window.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonLanes   = 1
	argonSaltLen = 16
	argonKeyLen  = 32
)

// Limits on hashes read from a hall file, so that a mistyped one cannot take the
// memory or the minutes of the centre.
const (
	argonMaxMemory = 256 * 1024 // KiB
	argonMaxTime   = 16
	argonMaxLanes  = 16
)

// HashPIN returns the argon2id hash of a PIN with a fresh salt in PHC string
// form, for Window.PINHash. The error is ErrPIN when it is not six digits.
func HashPIN(pin string) (string, error) {
	if !validPIN(pin) {
		return "", ErrPIN
	}
	return HashPassword(pin), nil
}

// CheckPIN reports whether pin belongs to hash. It is false for a hash that is
// empty or malformed. The comparison takes the same time wherever the two
// differ.
func CheckPIN(hash, pin string) bool {
	return validPIN(pin) && CheckPassword(hash, pin)
}

// IsPINHash reports whether a text is a hash as HashPIN makes it, and not, say, the
// PIN itself.
func IsPINHash(text string) bool {
	_, err := parsePHC(text)
	return err == nil
}

func validPIN(pin string) bool {
	return len(pin) == PINDigits && strings.Trim(pin, "0123456789") == ""
}

// phc is an argon2id hash in the PHC string format
// (github.com/P-H-C/phc-string-format, phc-sf-spec.md):
// $argon2id$v=19$m=19456,t=2,p=1$salt$key
type phc struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

func (p phc) derive(pin string, n uint32) []byte {
	return argon2.IDKey([]byte(pin), p.salt, p.time, p.memory, p.lanes, n)
}

// String returns the form parsePHC reads.
func (p phc) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.time, p.lanes, enc.EncodeToString(p.salt), enc.EncodeToString(p.key))
}

func parsePHC(s string) (phc, error) {
	var p phc
	fields := strings.Split(s, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" {
		return phc{}, errors.New("hall: not an argon2id hash")
	}
	var version int
	if n, err := fmt.Sscanf(fields[2], "v=%d", &version); n != 1 || err != nil || version != argon2.Version {
		return phc{}, errors.New("hall: argon2 hash: unknown version")
	}
	if n, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); n != 3 || err != nil {
		return phc{}, errors.New("hall: argon2 hash: malformed parameters")
	}
	if p.lanes < 1 || p.lanes > argonMaxLanes || p.time < 1 || p.time > argonMaxTime ||
		p.memory < 8*uint32(p.lanes) || p.memory > argonMaxMemory {
		return phc{}, errors.New("hall: argon2 hash: parameters out of range")
	}
	var err error
	enc := base64.RawStdEncoding.Strict()
	if p.salt, err = enc.DecodeString(fields[4]); err != nil || len(p.salt) < 8 || len(p.salt) > 64 {
		return phc{}, errors.New("hall: argon2 hash: malformed salt")
	}
	if p.key, err = enc.DecodeString(fields[5]); err != nil || len(p.key) < 16 || len(p.key) > 64 {
		return phc{}, errors.New("hall: argon2 hash: malformed key")
	}
	if p.String() != s { // Sscanf ignores what follows the last number
		return phc{}, errors.New("hall: argon2 hash: not in canonical form")
	}
	return p, nil
}
