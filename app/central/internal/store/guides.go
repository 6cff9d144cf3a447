package store

import "time"

// keptGuides is how many catalogues of a hall are kept: a terminal that has one of
// them is told the difference to the newest only.
const keptGuides = 5

// GuideRevision returns the revision of the hall's guides in use, "" before the
// first.
func (t *Tx) GuideRevision(hall string) (string, error) {
	var revision string
	_, err := t.one([]any{&revision}, "SELECT revision FROM guide_catalogue WHERE hall = ? ORDER BY n DESC LIMIT 1", hall)
	return revision, err
}

// GuideCatalogue returns the body of a catalogue that is kept. The body is as it was
// put.
func (t *Tx) GuideCatalogue(hall, revision string) (body []byte, found bool, err error) {
	found, err = t.one([]any{&body}, "SELECT body FROM guide_catalogue WHERE hall = ? AND revision = ?", hall, revision)
	return body, found, err
}

// PutGuideCatalogue puts a catalogue to use, one of the hall's earlier ones or a new
// one, and forgets those that are too old. It tells what it does, unless that
// catalogue is the one in use already.
func (t *Tx) PutGuideCatalogue(hall, revision string, at time.Time, body []byte, e LogEntry) error {
	used, err := t.GuideRevision(hall)
	if err != nil || used == revision {
		return err
	}
	e.Detail = revision
	if err := t.AppendLog(hall, e); err != nil {
		return err
	}
	var n int64
	if _, err := t.one([]any{&n}, "SELECT coalesce(max(n), 0) + 1 FROM guide_catalogue WHERE hall = ?", hall); err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO guide_catalogue (hall, revision, n, at, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (hall, revision) DO UPDATE SET n = excluded.n, at = excluded.at`, hall, revision, n, micros(at), some(body)); err != nil {
		return err
	}
	_, err = t.exec(`DELETE FROM guide_catalogue WHERE hall = ? AND n <= (
		SELECT n FROM guide_catalogue WHERE hall = ? ORDER BY n DESC LIMIT 1 OFFSET ?)`, hall, hall, keptGuides)
	return err
}

// HandoffKey is a key of a hall's phone addresses; see package handoff.
type HandoffKey struct {
	ID          uint8
	Secret      []byte
	From, Until time.Time
}

// HandoffKeys returns the hall's keys, the newest first.
func (t *Tx) HandoffKeys(hall string) ([]HandoffKey, error) {
	return all(t, func(s scanner) (k HandoffKey, err error) {
		var from, until int64
		err = s.Scan(&k.ID, &k.Secret, &from, &until)
		k.From, k.Until = fromMicros(from), fromMicros(until)
		return k, err
	}, "SELECT id, secret, from_at, until_at FROM handoff_key WHERE hall = ? ORDER BY from_at DESC, id", hall)
}

// PutHandoffKey keeps a key, in place of one with its id. The key is not told.
func (t *Tx) PutHandoffKey(hall string, k HandoffKey, e LogEntry) error {
	if err := t.AppendLog(hall, e); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO handoff_key (hall, id, secret, from_at, until_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (hall, id) DO UPDATE SET secret = excluded.secret, from_at = excluded.from_at, until_at = excluded.until_at`,
		hall, int64(k.ID), k.Secret, micros(k.From), micros(k.Until))
	return err
}

// ForgetHandoffKeys deletes the hall's keys: what they have signed is good for
// nothing any more.
func (t *Tx) ForgetHandoffKeys(hall string) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM handoff_key WHERE hall = ?", hall)
	return err
}

// GuideMiss is a text that was looked for among the guides and not found.
type GuideMiss struct {
	Text  string
	Count int
	Last  string // newest day it was looked for, 2026-11-21
}

// AddGuideMiss counts a text that was looked for in vain so often on a day.
func (t *Tx) AddGuideMiss(hall, day, text string, count int) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO guide_miss AS m (hall, day, text, count) VALUES (?, ?, ?, ?)
		ON CONFLICT (hall, day, text) DO UPDATE SET count = m.count + excluded.count`, hall, day, text, int64(count))
	return err
}

// GuideMisses returns what was looked for in vain since a day, the most frequent
// first, at most limit texts.
func (t *Tx) GuideMisses(hall, sinceDay string, limit int) ([]GuideMiss, error) {
	return all(t, func(s scanner) (m GuideMiss, err error) {
		err = s.Scan(&m.Text, &m.Count, &m.Last)
		return m, err
	}, `SELECT text, CAST(sum(count) AS bigint) AS total, max(day) FROM guide_miss WHERE hall = ? AND day >= ?
		GROUP BY text ORDER BY total DESC, text LIMIT ?`, hall, sinceDay, limit)
}

// PurgeGuideMisses deletes the counts of all days before a day.
func (t *Tx) PurgeGuideMisses(hall, beforeDay string) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM guide_miss WHERE hall = ? AND day < ?", hall, beforeDay)
	return err
}

// ServiceTimes returns how long each ticket of a day that was finished has kept its
// window busy, by business: from the beginning of the service to the end, or from the
// call where nobody pressed 开始 (then the beginning is told as the end).
func (t *Tx) ServiceTimes(hall, day string) (map[string][]time.Duration, error) {
	out := map[string][]time.Duration{}
	// ended_at > 0 is what the index on ended tickets is about.
	_, err := all(t, func(s scanner) (struct{}, error) {
		var business string
		var us int64
		err := s.Scan(&business, &us)
		out[business] = append(out[business], time.Duration(us)*time.Microsecond)
		return struct{}{}, err
	}, `SELECT business, ended_at - CASE WHEN started_at > 0 AND started_at < ended_at THEN started_at ELSE called_at END FROM ticket
		WHERE hall = ? AND day = ? AND ended_at > 0 AND state = 'finished'`, hall, day)
	return out, err
}
