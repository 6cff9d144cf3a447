package ticketing

import (
	"database/sql"
	"errors"
	"fmt"

	"hallkiosk/app/kiosk/internal/localstore"
)

// series is one run of numbers of this terminal.
type series struct {
	slot   int
	prefix string
}

// nextNumber takes the next number of s and says on which business day it is, which
// is told to the centre. day is the one it seems to be; sure says that the centre has
// named it. See "Own series" in the package documentation for the rule.
func nextNumber(tx *localstore.Tx, s series, day string, sure bool) (n int, on string, err error) {
	fail := func(err error) (int, string, error) { return 0, "", fmt.Errorf("ticketing: next number: %w", err) }
	var run struct {
		day    string
		last   int
		unsure bool
	}
	err = tx.QueryRow(`SELECT day, last, unsure FROM series_run WHERE series = ? AND prefix = ?`, s.slot, s.prefix).
		Scan(&run.day, &run.last, &run.unsure)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fail(err)
	}
	switch {
	case !sure:
		// Who knows what day it is: count on.
		run.unsure = true
		day = max(day, run.day) // the centre's clock has been there
	case day > run.day && !run.unsure:
		run.day, run.last = day, 0
	case day > run.day:
		// Numbers were given at a time nobody vouches for. They may be of today.
		run.day, run.unsure = day, false
	default:
		run.unsure = false
	}
	var used int
	err = tx.QueryRow(`SELECT last FROM series_day WHERE series = ? AND day = ? AND prefix = ?`, s.slot, day, s.prefix).
		Scan(&used)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fail(err)
	}
	n = max(run.last, used) + 1
	if _, err := tx.Exec(`INSERT INTO series_run (series, prefix, day, last, unsure) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (series, prefix) DO UPDATE SET day = excluded.day, last = excluded.last, unsure = excluded.unsure`,
		s.slot, s.prefix, run.day, n, run.unsure); err != nil {
		return fail(err)
	}
	if _, err := tx.Exec(`INSERT INTO series_day (series, day, prefix, last) VALUES (?, ?, ?, ?)
		ON CONFLICT (series, day, prefix) DO UPDATE SET last = excluded.last`,
		s.slot, day, s.prefix, n); err != nil {
		return fail(err)
	}
	return n, day, nil
}
