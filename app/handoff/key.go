package handoff

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

const (
	// Rotation is how long a key signs before the next one does.
	Rotation = 30 * 24 * time.Hour
	// KeyLife is how long a key is kept: it signs for one Rotation, for another one
	// at terminals that have not heard of its successor, and then the last guide's
	// address it made runs out.
	KeyLife = 2*Rotation + GuideLife
	// SecretSize is the length of Key.Secret.
	SecretSize = 32
)

// Key is a secret shared by a hall's terminals and the central service.
type Key struct {
	// ID stands in the tokens; keys of a ring that are alive have different ones.
	ID uint8 `json:"id"`
	// Secret is [SecretSize] random bytes. It is for storing and for the terminals'
	// own connection only; String and the log leave it out.
	Secret []byte `json:"secret"`
	// From is when it begins to sign.
	From time.Time `json:"from"`
	// Until is when it no longer verifies; nothing it signed is valid longer.
	Until time.Time `json:"until"`
}

// NewKey makes a key that signs from the given moment.
func NewKey(id uint8, from time.Time) Key {
	secret := make([]byte, SecretSize)
	rand.Read(secret) // never fails (crypto/rand)
	from = from.UTC().Truncate(time.Second)
	return Key{ID: id, Secret: secret, From: from, Until: from.Add(KeyLife)}
}

// String names the key without its secret.
func (k Key) String() string {
	return fmt.Sprintf("key %d from %s until %s", k.ID, k.From.UTC().Format(time.DateOnly), k.Until.UTC().Format(time.DateOnly))
}

// GoString is String: %#v tells no secret either.
func (k Key) GoString() string { return k.String() }

// LogValue is String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Ring is the keys of one hall. The order of the keys does not matter. The zero
// Ring signs nothing and opens nothing.
type Ring struct {
	Hall string `json:"hall"` // Hall.ID; a token of one hall is worth nothing in another
	Keys []Key  `json:"keys"`
}

// Rotate returns the ring with a new key if the newest has signed for a [Rotation]
// by now, or there is none, and without the keys that are over. The centre calls it
// now and then, stores the keys when changed is true, and hands them out.
func (r Ring) Rotate(now time.Time) (next Ring, changed bool) {
	next = Ring{Hall: r.Hall, Keys: slices.DeleteFunc(slices.Clone(r.Keys), func(k Key) bool { return !now.Before(k.Until) })}
	changed = len(next.Keys) != len(r.Keys)
	var newest *Key
	for i := range next.Keys {
		if newest == nil || next.Keys[i].From.After(newest.From) {
			newest = &next.Keys[i]
		}
	}
	switch {
	case newest == nil:
		return Ring{Hall: r.Hall, Keys: []Key{NewKey(after(r.Keys), now)}}, true
	case now.Sub(newest.From) >= Rotation:
		next.Keys = append(next.Keys, NewKey(newest.ID+1, now))
		changed = true
	}
	return next, changed
}

// after is the ID that follows the newest of keys that are all over: an old token
// is then answered with [ErrUnknownKey] and not taken for a forged one.
func after(keys []Key) uint8 {
	var newest Key
	for _, k := range keys {
		if k.From.After(newest.From) {
			newest = k
		}
	}
	return newest.ID + 1
}

// signing returns the key to sign with: of those alive the newest that has begun,
// or the first to begin, for a terminal's clock may be behind the centre's.
func (r Ring) signing(now time.Time) (Key, bool) {
	var best Key
	found := false
	for _, k := range r.Keys {
		if len(k.Secret) != SecretSize || !now.Before(k.Until.Truncate(time.Hour)) {
			continue
		}
		began, bestBegan := !k.From.After(now), !best.From.After(now)
		switch {
		case !found, began && !bestBegan,
			began && bestBegan && k.From.After(best.From),
			!began && !bestBegan && k.From.Before(best.From):
			best, found = k, true
		}
	}
	return best, found
}
