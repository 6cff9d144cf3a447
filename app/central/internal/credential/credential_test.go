package credential

import (
	"errors"
	"slices"
	"testing"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

var errWrong = errors.New("wrong")

// try counts a wrong try and returns what it is answered with.
func try(g *store.Guard, now time.Time) error {
	if err := Try(g, now, "密码"); err != nil {
		return err
	}
	return Wrong(*g, "密码", errWrong)
}

// Each lock is twice as long as the one before, up to half an hour, and says how long.
func TestLocks(t *testing.T) {
	var g store.Guard
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for n := range FreeTries - 1 {
		if err := try(&g, now); err != errWrong {
			t.Fatalf("try %d: %v", n+1, err)
		}
	}
	for _, minutes := range []int{1, 2, 4, 8, 16, 30, 30} {
		lock := time.Duration(minutes) * time.Minute
		refused, ok := errors.AsType[*centralapi.Error](try(&g, now))
		if !ok || refused.Code != centralapi.CodeTooMany || refused.RetryAfter() != lock {
			t.Fatalf("want a lock of %v: %v", lock, refused)
		}
		failures := g.Failures
		for _, at := range []time.Duration{0, lock / 2, lock - 1} {
			refused, ok := errors.AsType[*centralapi.Error](Try(&g, now.Add(at), "密码"))
			if !ok || refused.RetryAfter() != lock-at {
				t.Errorf("%v into a lock of %v: %v", at, lock, refused)
			}
		}
		if g.Failures != failures {
			t.Error("a try at a locked guard was counted")
		}
		now = now.Add(lock)
	}
	g.LockedUntil = now.AddDate(1, 0, 0) // by a clock that was wrong
	if err := Try(&g, now, "密码"); err != nil {
		t.Errorf("a lock of a year: %v", err)
	}
}

func TestTokens(t *testing.T) {
	a, b := NewToken(), NewToken()
	if a == b || len(a) != 43 || len(HashToken(a)) != 32 || slices.Equal(HashToken(a), HashToken(b)) {
		t.Errorf("tokens of %d and %d characters", len(a), len(b))
	}
}
