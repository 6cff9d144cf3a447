package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/rating"
)

// Rating is a row of the table of ratings. Package ratings has the rules.
type Rating struct {
	rating.Rating
	ID          string // names the request
	Day         string // of the ticket
	Device      []byte // keyed hash; empty when unknown, or forgotten
	Fingerprint []byte // SHA-256 of the request's content
	Burst       bool   // one of many from one device
}

// Numbers of a service's ratings: at most one of each kind.
var ratingNumbers = map[rating.Kind]int64{rating.Default: 0, rating.Active: 1, rating.Supplement: 2}

var ratingTable = table{"rating", 3, []column{
	{"hall", text}, {"ticket", text}, {"n", num}, {"id", text}, {"level", text}, {"version", text}, {"reasons", text},
	{"words", text}, {"anonymous", flag}, {"channel", text}, {"business", text}, {"window_id", text}, {"day", text},
	{"served_at", num}, {"at", num}, {"device", blob}, {"fingerprint", blob}, {"burst", flag},
}}

func readRating(s scanner) (r Rating, err error) {
	var n, served, at int64
	var reasons string
	err = s.Scan(&r.Hall, &r.Ticket, &n, &r.ID, &r.Level, &r.Version, &reasons, &r.Words, &r.Anonymous, &r.Channel,
		&r.Business, &r.Window, &r.Day, &served, &at, &r.Device, &r.Fingerprint, &r.Burst)
	if err != nil {
		return r, err
	}
	r.Served, r.At = fromMicros(served), fromMicros(at)
	for kind, number := range ratingNumbers {
		if number == n {
			r.Kind = kind
		}
	}
	for code := range strings.SplitSeq(reasons, ",") {
		if code == "" {
			continue
		}
		c, err := strconv.Atoi(code)
		if err != nil {
			return r, fmt.Errorf("store: reason %q of a rating: %w", code, err)
		}
		r.Reasons = append(r.Reasons, c)
	}
	return r, nil
}

func (t *Tx) ratings(where string, args ...any) ([]Rating, error) {
	return all(t, readRating, "SELECT "+ratingTable.names()+" FROM rating WHERE "+where, args...)
}

// RatingsOf returns the ratings of a service, the default first, the supplement last.
func (t *Tx) RatingsOf(hall, ticket string) ([]Rating, error) {
	return t.ratings("hall = ? AND ticket = ? ORDER BY n", hall, ticket)
}

// RatingByID returns the rating a request gave.
func (t *Tx) RatingByID(hall, id string) (Rating, bool, error) {
	list, err := t.ratings("hall = ? AND id = ?", hall, id)
	if err != nil || len(list) == 0 {
		return Rating{}, false, err
	}
	return list[0], true, nil
}

// RatingsBetween returns the ratings of services of the days from first to last.
func (t *Tx) RatingsBetween(hall, firstDay, lastDay string) ([]Rating, error) {
	return t.ratings("hall = ? AND day >= ? AND day <= ? ORDER BY at, ticket, n", hall, firstDay, lastDay)
}

// InsertRating adds a rating. A second one of the same kind for a service breaks the
// table's key.
func (t *Tx) InsertRating(r Rating) error {
	if err := t.mayWrite(r.Hall); err != nil {
		return err
	}
	n, ok := ratingNumbers[r.Kind]
	if !ok {
		return fmt.Errorf("store: a rating of kind %q", r.Kind)
	}
	codes := make([]string, len(r.Reasons))
	for i, c := range r.Reasons {
		codes[i] = strconv.Itoa(c)
	}
	return t.insert("rating", ratingTable, []row{{r.Hall, r.Ticket, n, r.ID, string(r.Level), r.Version, strings.Join(codes, ","),
		r.Words, r.Anonymous, string(r.Channel), r.Business, r.Window, r.Day, micros(r.Served), micros(r.At),
		some(r.Device), some(r.Fingerprint), r.Burst}})
}

// CodeSpent reports whether a one-time code has given a rating.
func (t *Tx) CodeSpent(hall, ticket string, nonce []byte) (bool, error) {
	var at int64
	return t.one([]any{&at}, "SELECT at FROM rating_code WHERE hall = ? AND ticket = ? AND nonce = ?", hall, ticket, nonce)
}

// SpendCode records that a code has given a rating. A code that is spent breaks the
// table's key.
func (t *Tx) SpendCode(hall, ticket string, nonce []byte, kind rating.Kind, at time.Time) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO rating_code (hall, ticket, nonce, n, at) VALUES (?, ?, ?, ?, ?)", hall, ticket, nonce, ratingNumbers[kind], micros(at))
	return err
}

// RatingsByDevice counts the ratings of a device since a moment. device must not be
// empty.
func (t *Tx) RatingsByDevice(hall string, device []byte, since time.Time) (int, error) {
	var n int
	_, err := t.one([]any{&n}, "SELECT count(*) FROM rating WHERE hall = ? AND device = ? AND device <> ? AND at >= ?", hall, device, []byte{}, micros(since))
	return n, err
}

// FlagBurst marks the ratings of a device since a moment.
func (t *Tx) FlagBurst(hall string, device []byte, since time.Time) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("UPDATE rating SET burst = ? WHERE hall = ? AND device = ? AND device <> ? AND at >= ?", true, hall, device, []byte{}, micros(since))
	return err
}

// ForgetDevices forgets which devices the ratings of all days before a day came from.
func (t *Tx) ForgetDevices(hall, beforeDay string) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("UPDATE rating SET device = ? WHERE hall = ? AND day < ? AND device <> ?", []byte{}, hall, beforeDay, []byte{})
	return err
}

// RatingCount is how many ratings are alike.
type RatingCount struct {
	Business, Window string
	Kind             rating.Kind
	Level            rating.Level
	Count            int
}

// RatingCounts counts the ratings of services of the days from first to last.
func (t *Tx) RatingCounts(hall, firstDay, lastDay string) ([]RatingCount, error) {
	return all(t, func(s scanner) (c RatingCount, err error) {
		var n int64
		err = s.Scan(&c.Business, &c.Window, &n, &c.Level, &c.Count)
		for kind, number := range ratingNumbers {
			if number == n {
				c.Kind = kind
			}
		}
		return c, err
	}, `SELECT business, window_id, n, level, count(*) FROM rating WHERE hall = ? AND day >= ? AND day <= ?
		GROUP BY business, window_id, n, level ORDER BY business, window_id, n, level`, hall, firstDay, lastDay)
}

// ServiceCount is how many services of a business have ended at a window.
type ServiceCount struct {
	Business, Window string
	Count            int
}

// ServiceCounts counts the tickets of the days from first to last that were finished.
func (t *Tx) ServiceCounts(hall, firstDay, lastDay string) ([]ServiceCount, error) {
	return all(t, func(s scanner) (c ServiceCount, err error) {
		err = s.Scan(&c.Business, &c.Window, &c.Count)
		return c, err
	}, `SELECT business, window_id, count(*) FROM ticket WHERE hall = ? AND day >= ? AND day <= ? AND state = 'finished'
		GROUP BY business, window_id ORDER BY business, window_id`, hall, firstDay, lastDay)
}

const unrated = " AND t.state = 'finished' AND NOT EXISTS (SELECT 1 FROM rating r WHERE r.hall = t.hall AND r.ticket = t.id"

// UnratedServices returns the finished tickets of the days from first to last that ended
// before a moment and have no rating at all, not even a default; at most limit.
func (t *Tx) UnratedServices(hall, firstDay, lastDay string, endedBefore time.Time, limit int) ([]Ticket, error) {
	return all(t, readTicket, t.d.selectTicket()+"t.hall = ? AND t.day >= ? AND t.day <= ? AND t.ended_at > 0 AND t.ended_at < ?"+unrated+
		") ORDER BY t.day, t.ended_at, t.id LIMIT ?", hall, firstDay, lastDay, micros(endedBefore), int64(limit))
}

// RatableByLabel returns the finished tickets of a day with a label that nobody has rated.
func (t *Tx) RatableByLabel(hall, day, label string) ([]Ticket, error) {
	return all(t, readTicket, t.d.selectTicket()+"t.hall = ? AND t.day = ? AND t.label = ?"+unrated+" AND r.n > 0) ORDER BY t.ended_at, t.id", hall, day, label)
}

// RatableByHolder returns the finished tickets of a day of a person that nobody has
// rated. holderKey must not be empty.
func (t *Tx) RatableByHolder(hall, day, holderKey string) ([]Ticket, error) {
	return all(t, readTicket, t.d.selectTicket()+"t.hall = ? AND t.day = ? AND t.id IN (SELECT ticket FROM holder WHERE hall = ? AND key = ? AND key <> '')"+
		unrated+" AND r.n > 0) ORDER BY t.ended_at, t.id", hall, day, hall, holderKey)
}

// RatedTicket returns the ticket that an id on paper leads to: its own, or the one its
// holder had already.
func (t *Tx) RatedTicket(hall, id string) (Ticket, bool, error) {
	k, ok, err := t.Ticket(hall, id)
	if err != nil || ok {
		return k, ok, err
	}
	held, _, same, err := t.SameHolder(hall, id)
	if err != nil || !same {
		return Ticket{}, false, err
	}
	return t.Ticket(hall, held)
}

// Finished reports whether a ticket's service has ended as it should.
func (k Ticket) Finished() bool { return k.State == centralapi.Finished && !k.EndedAt.IsZero() }
