package staff

import (
	"crypto/rand"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// MinPassword is the shortest password in characters.
const MinPassword = 8

var loginPattern = regexp.MustCompile(`^[a-z][a-z0-9.-]{1,31}$`)

func validLogin(s string) bool { return loginPattern.MatchString(s) }

func validName(s string) bool {
	n := 0
	for _, r := range s {
		if n++; unicode.IsControl(r) || r == utf8.RuneError {
			return false
		}
	}
	return n >= 1 && n <= 30 && strings.TrimSpace(s) == s
}

// CheckPassword says in a sentence for staff what is wrong with a password: it has
// [MinPassword] characters or more, letters and digits, and not the login in it (GB/T
// 22239-2019 asks for complexity without numbers; these are ours). It returns nil or
// a [*centralapi.Error].
func CheckPassword(login, password string) error {
	letters := strings.IndexFunc(password, unicode.IsLetter) >= 0
	digits := strings.IndexFunc(password, unicode.IsDigit) >= 0
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return refuse(centralapi.CodeInvalid, "口令至少要有 8 位。")
	case len(password) > hall.MaxPassword || !utf8.ValidString(password) || strings.IndexFunc(password, unicode.IsControl) >= 0:
		return refuse(centralapi.CodeInvalid, "口令太长，或含有不能用的字符。")
	case !letters || !digits:
		return refuse(centralapi.CodeInvalid, "口令要同时有字母和数字。")
	case login != "" && strings.Contains(strings.ToLower(password), strings.ToLower(login)):
		return refuse(centralapi.CodeInvalid, "口令里不能有登录名。")
	}
	return nil
}

// NewPassword returns a first password that is easy to copy from paper: twelve small
// letters and digits without those that look alike, some 58 random bits.
func NewPassword() string {
	const signs = "abcdefghjkmnpqrstuvwxyz23456789"
	for {
		var b [12]byte
		for i := range b {
			var r [1]byte
			for {
				rand.Read(r[:]) // never fails: crypto/rand ends the program instead
				if int(r[0]) < 256-256%len(signs) {
					break
				}
			}
			b[i] = signs[int(r[0])%len(signs)]
		}
		if p := string(b[:]); CheckPassword("", p) == nil {
			return p
		}
	}
}
