// Package credential has what logging in at a window by PIN and as staff by password
// have in common: bearer tokens, of which only the hash is kept, and the lock after too
// many wrong tries. Packages queue and staff log people in with it. It checks no secret,
// keeps nothing and knows no session.
package credential

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// FreeTries may be wrong before the first lock.
const FreeTries = 5

const (
	firstLock   = time.Minute
	longestLock = 30 * time.Minute
)

// NewToken returns a bearer token of 256 random bits. Only its hash is stored.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// HashToken is what the database knows of a token, a SHA-256. Looking up the hash takes
// the same time for every wrong token: how much of a guess is right does not show in
// how much of its hash is.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Try counts a try, before the secret is looked at, so that a hundred tries at the same
// time are a hundred and not one. secret names what is asked for, 密码 or 口令. While the
// guard is locked the error is CodeTooMany and nothing is counted.
func Try(g *store.Guard, now time.Time, secret string) error {
	// A lock that ends later than any does is from a clock that was wrong.
	if left := g.LockedUntil.Sub(now); left > 0 && left <= longestLock {
		return locked(secret, left)
	}
	g.Failures++
	if g.Failures >= FreeTries {
		g.LockedUntil = now.Add(lockFor(g.Failures))
	}
	return nil
}

// Wrong is what a counted try is answered with that was wrong: wrong, or CodeTooMany
// when the guard is locked by it.
func Wrong(g store.Guard, secret string, wrong error) error {
	if g.Failures >= FreeTries {
		return locked(secret, lockFor(g.Failures))
	}
	return wrong
}

// lockFor is how long the n-th wrong try locks: a minute, then two, four, at most
// thirty.
func lockFor(failures int) time.Duration {
	doubled := failures - FreeTries
	if doubled >= 5 {
		return longestLock
	}
	return min(firstLock<<doubled, longestLock)
}

func locked(secret string, left time.Duration) error {
	return centralapi.Refuse(centralapi.CodeTooMany,
		fmt.Sprintf("%s错得太多了，请 %d 分钟后再试。", secret, int(math.Ceil(left.Minutes())))).After(left)
}
