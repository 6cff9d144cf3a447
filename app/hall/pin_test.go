package hall

import (
	"errors"
	"strings"
	"testing"
)

func TestHashPIN(t *testing.T) {
	hash, err := HashPIN("204816")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q does not have the documented parameters", hash)
	}
	again, err := HashPIN("204816")
	if err != nil {
		t.Fatal(err)
	}
	if hash == again {
		t.Error("two hashes of one PIN are equal: no fresh salt")
	}
	if !CheckPIN(hash, "204816") || !CheckPIN(again, "204816") {
		t.Error("the right PIN is refused")
	}
	for _, pin := range []string{"204817", "", "20481", "2048166", "２０４８１６"} {
		if CheckPIN(hash, pin) {
			t.Errorf("PIN %q is accepted", pin)
		}
	}
}

func TestHashPINRefuses(t *testing.T) {
	for _, pin := range []string{"", "12345", "1234567", "12345x", "１２３４５６", " 23456"} {
		if _, err := HashPIN(pin); !errors.Is(err, ErrPIN) {
			t.Errorf("HashPIN(%q): error %v, want ErrPIN", pin, err)
		}
	}
}

// TestCheckPINVector compares with a hash made by another implementation: the
// reference program argon2 (Debian package argon2 20171227), called as
//
//	printf 100001 | argon2 hallkiosk-salt-0 -id -t 2 -k 19456 -p 1 -l 32 -e
func TestCheckPINVector(t *testing.T) {
	const hash = "$argon2id$v=19$m=19456,t=2,p=1$aGFsbGtpb3NrLXNhbHQtMA$1M+InMuUakxtR30MKRnf+j69N/lCqcRrqKDwSA8llOE"
	if !CheckPIN(hash, "100001") {
		t.Error("a hash by the reference implementation is refused")
	}
}

func TestCheckPINMalformed(t *testing.T) {
	good, err := HashPIN("100001")
	if err != nil {
		t.Fatal(err)
	}
	for name, hash := range map[string]string{
		"empty":          "",
		"plain PIN":      "100001",
		"other function": strings.Replace(good, "argon2id", "argon2i", 1),
		"version":        strings.Replace(good, "v=19", "v=16", 1),
		"huge memory":    strings.Replace(good, "m=19456", "m=4294967295", 1),
		"no passes":      strings.Replace(good, "t=2", "t=0", 1),
		"many passes":    strings.Replace(good, "t=2", "t=1000000", 1),
		"lanes":          strings.Replace(good, "p=1", "p=0", 1),
		"trailing text":  strings.Replace(good, "p=1", "p=1,x=2", 1),
		"short key":      good[:len(good)-40],
		"extra field":    good + "$AAAA",
	} {
		if CheckPIN(hash, "100001") {
			t.Errorf("%s: hash %q is accepted", name, hash)
		}
	}
}
