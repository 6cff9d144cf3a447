package session

import (
	"errors"
	"time"

	"hallkiosk/devices/idnumber"
)

const second = time.Second

// sometime stands in for a clock that cannot be trusted: it is at least this
// late, and nobody of 150 years queues.
var sometime = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// checkNumber tests a typed number the way a card's is tested (GB 11643); now
// is the hall's time, zero if it cannot be trusted.
func checkNumber(typed string, now time.Time) NumberProblem {
	if now.IsZero() {
		now = sometime
	}
	switch err := idnumber.Check(typed, now); {
	case err == nil:
		return ""
	case errors.Is(err, idnumber.ErrLength):
		return NumberTooShort
	case errors.Is(err, idnumber.ErrDate), errors.Is(err, idnumber.ErrFuture):
		return NumberBadDate
	case errors.Is(err, idnumber.ErrCharacter):
		return NumberBadChars
	default:
		return NumberBadCheck
	}
}
