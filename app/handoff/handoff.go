package handoff

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Why an address is not opened. Test with errors.Is; nothing of the token stands
// in the text.
var (
	// ErrTampered: the token was not made with a key of this hall, or not read
	// whole: cut off, mistyped, changed.
	ErrTampered = errors.New("handoff: the address is damaged or forged")
	// ErrExpired: it was good and its time is over.
	ErrExpired = errors.New("handoff: the address has expired")
	// ErrUnknownKey: it names a key that the ring does not have (any more): far too
	// old, of another hall, or made up.
	ErrUnknownKey = errors.New("handoff: the address was signed with a key that is not known")
	// ErrNoKey: the ring has no key to sign with now. Show the paper instead.
	ErrNoKey = errors.New("handoff: no key to sign with")
)

// Sizes, in bytes unless said otherwise. See the package documentation for what
// they are measured against.
const (
	headSize = 5  // version and kind, key, hour of expiry
	tagSize  = 12 // of the 32 of HMAC-SHA-256; RFC 2104, section 5, sets the floor at 10
	// MaxToken is the longest token in characters, that of a rating.
	MaxToken = 56
)

// version stands in the upper half of a token's first byte.
const version = 1

// epoch is hour 0 of the expiry; three bytes of hours last until the year 3939.
var epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

const maxHours = 1<<24 - 1

// encoding is what stands in an address. Strict refuses stray bits at the end.
var encoding = base64.RawURLEncoding.Strict()

// Sign makes the token of a pass with the newest key. The pass ends at p.Until,
// rounded up to a whole hour, but never later than the key: a terminal that has
// not heard from the centre for weeks makes shorter-lived addresses. The error
// wraps [ErrNoKey] when there is no key, or says what is wrong with the pass.
func (r Ring) Sign(p Pass, now time.Time) (string, error) {
	key, ok := r.signing(now)
	if !ok {
		return "", ErrNoKey
	}
	until := p.Until
	if last := key.Until.Truncate(time.Hour); until.After(last) {
		until = last
	}
	hours := int64((until.Sub(epoch) + time.Hour - 1) / time.Hour)
	if p.Until.IsZero() || !until.After(now) || hours <= 0 || hours > maxHours {
		return "", fmt.Errorf("handoff: sign: the pass ends at %s, which is not later than now", until.UTC().Format(time.RFC3339))
	}
	payload, err := p.payload()
	if err != nil {
		return "", fmt.Errorf("handoff: sign: %w", err)
	}
	token := make([]byte, 0, headSize+len(payload)+tagSize)
	token = append(token, version<<4|byte(p.Kind), key.ID, byte(hours>>16), byte(hours>>8), byte(hours))
	token = append(token, payload...)
	token = append(token, key.tag(r.Hall, token)...)
	return encoding.EncodeToString(token), nil
}

// Open returns what a token stands for. The error is [ErrTampered],
// [ErrUnknownKey] or [ErrExpired]; with ErrExpired the pass is returned too, for it
// is genuine and a page may say what it was. Opening the same token again gives
// the same answer: see the package documentation on replay.
func (r Ring) Open(token string, now time.Time) (Pass, error) {
	if len(token) > MaxToken {
		return Pass{}, ErrTampered
	}
	data, err := encoding.DecodeString(token)
	// Line ends are skipped by the decoder: one token, one spelling.
	if err != nil || len(data) < headSize+tagSize || strings.ContainsAny(token, "\r\n") {
		return Pass{}, ErrTampered
	}
	body, tag := data[:len(data)-tagSize], data[len(data)-tagSize:]
	if body[0]>>4 != version {
		return Pass{}, ErrTampered
	}
	known, genuine := false, false
	var key Key
	for _, k := range r.Keys {
		if k.ID != body[1] || len(k.Secret) != SecretSize {
			continue
		}
		known = true
		if hmac.Equal(tag, k.tag(r.Hall, body)) {
			key, genuine = k, true
		}
	}
	switch {
	case !known:
		return Pass{}, ErrUnknownKey
	case !genuine:
		return Pass{}, ErrTampered
	}
	p, err := parsePayload(Kind(body[0]&0x0f), body[headSize:])
	if err != nil {
		return Pass{}, ErrTampered
	}
	hours := time.Duration(body[2])<<16 | time.Duration(body[3])<<8 | time.Duration(body[4])
	p.Until = epoch.Add(hours * time.Hour)
	if !now.Before(p.Until) || !now.Before(key.Until) {
		return p, ErrExpired
	}
	return p, nil
}

// tag is the proof that the key's owner made body for the hall.
func (k Key) tag(hall string, body []byte) []byte {
	mac := hmac.New(sha256.New, k.Secret)
	// The words keep these tags apart from any other use of HMAC with the same
	// secret; the zero byte keeps the hall's name apart from the body.
	mac.Write([]byte("hallkiosk hand-off 1\x00" + hall + "\x00"))
	mac.Write(body)
	return mac.Sum(nil)[:tagSize]
}

// Address is the address of a token: {base}/h/{hall}/{token}. base is
// hall.Hall.PhoneURL, or where the terminal itself finds the centre.
func Address(base, hallID, token string) string {
	return strings.TrimRight(base, "/") + "/h/" + hallID + "/" + token
}
