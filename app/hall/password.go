package hall

import (
	"crypto/rand"
	"crypto/subtle"
)

// MaxPassword is the longest password in bytes.
const MaxPassword = 200

// HashPassword returns the argon2id hash of a password with a fresh salt in PHC
// string form, at the cost of HashPIN. What makes a good password is the caller's
// affair; one longer than [MaxPassword] fits nothing.
func HashPassword(password string) string {
	salt := make([]byte, argonSaltLen)
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	p := phc{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: salt}
	p.key = p.derive(password, argonKeyLen)
	return p.String()
}

// CheckPassword reports whether password belongs to hash. It is false for a hash
// that is empty or malformed and for a password that is empty or longer than
// [MaxPassword]. The comparison takes the same time wherever the two differ.
func CheckPassword(hash, password string) bool {
	p, err := parsePHC(hash)
	if err != nil || password == "" || len(password) > MaxPassword {
		return false
	}
	return subtle.ConstantTimeCompare(p.derive(password, uint32(len(p.key))), p.key) == 1
}
