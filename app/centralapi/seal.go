package centralapi

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/nacl/box"
)

// SealKey is the public half of a key of the centre. What a person writes down in
// confidence is sealed with it where it is typed, before it touches a disk; only the
// centre's private half opens it.
type SealKey struct {
	ID     string `json:"id"`     // names the pair: 16 hex digits
	Public []byte `json:"public"` // X25519, 32 bytes
}

// Sealed is a text that was sealed: s1.KEY-ID.BOX, the box in unpadded base64url. The
// box is an anonymous one of NaCl (X25519, XSalsa20, Poly1305; an ephemeral key), whose
// content is the JSON of an object of two strings: for, what the text belongs to
// ([SealFor]), and text. A box that was moved to another place is found out that way.
type Sealed string

// MaxSealed is the longest Sealed that is accepted, in bytes: 1000 characters of four
// bytes, escaped or not, and what is around them.
const MaxSealed = 10 << 10

// SealFor is what a sealed part of a complaint belongs to: part is words or contact.
func SealFor(hall, complaint, part string) string { return hall + "/" + complaint + "/" + part }

// Parts of a complaint that are sealed, for SealFor.
const (
	PartWords   = "words"
	PartContact = "contact"
)

// SealedContent is what a box holds.
type SealedContent struct {
	For  string `json:"for"`
	Text string `json:"text"`
}

// Seal seals a text for one place. The same text is never sealed to the same bytes.
func (k SealKey) Seal(place, text string) (Sealed, error) {
	if len(k.Public) != 32 || k.ID == "" {
		return "", errors.New("centralapi: seal: not a key")
	}
	data, err := json.Marshal(SealedContent{For: place, Text: text})
	if err != nil {
		return "", fmt.Errorf("centralapi: seal: %w", err)
	}
	out, err := box.SealAnonymous(nil, data, (*[32]byte)(k.Public), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("centralapi: seal: %w", err)
	}
	return Sealed("s1." + k.ID + "." + base64.RawURLEncoding.EncodeToString(out)), nil
}

// Split returns the parts of a Sealed: the id of the key and the box. It fails for what
// has another form.
func (s Sealed) Split() (key string, sealed []byte, err error) {
	rest, ok := strings.CutPrefix(string(s), "s1.")
	key, text, found := strings.Cut(rest, ".")
	if !ok || !found || key == "" || len(key) > 64 || len(s) > MaxSealed {
		return "", nil, errors.New("centralapi: not a sealed text")
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(data) <= box.AnonymousOverhead {
		return "", nil, errors.New("centralapi: not a sealed text")
	}
	return key, data, nil
}
