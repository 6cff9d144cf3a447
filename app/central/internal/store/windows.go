package store

import "time"

// Session is somebody logged in at a window.
type Session struct {
	Hall      string
	TokenHash []byte // SHA-256 of the bearer token
	Window    string
	Created   time.Time
	Expires   time.Time
}

// InsertSession adds a session. The token's hash is not told.
func (t *Tx) InsertSession(s Session, e LogEntry) error {
	e.Window = s.Window
	if err := t.AppendLog(s.Hall, e); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO window_session (hall, token_hash, window_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
		s.Hall, s.TokenHash, s.Window, micros(s.Created), micros(s.Expires))
	return err
}

// OpenSession returns the session of a token that is neither ended nor expired.
func (t *Tx) OpenSession(hall string, tokenHash []byte, now time.Time) (Session, bool, error) {
	s := Session{Hall: hall}
	var created, expires int64
	found, err := t.one([]any{&s.TokenHash, &s.Window, &created, &expires}, `SELECT token_hash, window_id, created_at, expires_at
		FROM window_session WHERE hall = ? AND token_hash = ? AND ended_at = 0 AND expires_at > ?`, hall, tokenHash, micros(now))
	s.Created, s.Expires = fromMicros(created), fromMicros(expires)
	return s, found, err
}

// EndSession ends a session, if it is there and open; otherwise nothing is told.
func (t *Tx) EndSession(hall string, tokenHash []byte, now time.Time, e LogEntry) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	found, err := t.one([]any{&e.Window}, "UPDATE window_session SET ended_at = ? WHERE hall = ? AND token_hash = ? AND ended_at = 0 RETURNING window_id",
		micros(now), hall, tokenHash)
	if err != nil || !found {
		return err
	}
	return t.AppendLog(hall, e)
}

// Press is the last press of 叫号 in a session, and what came of it.
type Press struct {
	N       int64  // 0 before the first
	Ticket  string // who was called; empty when nobody was
	Refused bool
}

// Press returns the last press of a session.
func (t *Tx) Press(hall string, tokenHash []byte) (Press, error) {
	var p Press
	var refused int
	_, err := t.one([]any{&p.N, &p.Ticket, &refused}, "SELECT press, press_ticket, press_refused FROM window_session WHERE hall = ? AND token_hash = ?", hall, tokenHash)
	p.Refused = refused != 0
	return p, err
}

// PutPress keeps the last press of a session. It is not told.
func (t *Tx) PutPress(hall string, tokenHash []byte, p Press) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	refused := 0
	if p.Refused {
		refused = 1
	}
	_, err := t.exec("UPDATE window_session SET press = ?, press_ticket = ?, press_refused = ? WHERE hall = ? AND token_hash = ?",
		p.N, p.Ticket, refused, hall, tokenHash)
	return err
}

// StaffedWindows returns the windows that have somebody logged in, by PIN or with an
// account, and are not closed.
func (t *Tx) StaffedWindows(hall string, now time.Time) (map[string]bool, error) {
	list, err := all(t, func(s scanner) (w string, err error) { err = s.Scan(&w); return w, err },
		`SELECT window_id FROM (SELECT window_id FROM window_session WHERE hall = ? AND ended_at = 0 AND expires_at > ?
			UNION SELECT window_id FROM staff_session WHERE hall = ? AND window_id <> '' AND ended_at = 0 AND expires_at > ?) AS s
		WHERE NOT EXISTS (SELECT 1 FROM closed_window c WHERE c.hall = ? AND c.window_id = s.window_id)`,
		hall, micros(now), hall, micros(now), hall)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(list))
	for _, w := range list {
		out[w] = true
	}
	return out, nil
}

// Guard counts the log-ins tried at a window since the last right PIN.
type Guard struct {
	Failures    int
	LockedUntil time.Time
}

// Guard returns a window's guard; zero when there has been no wrong PIN.
func (t *Tx) Guard(hall, window string) (Guard, error) {
	var g Guard
	var until int64
	_, err := t.one([]any{&g.Failures, &until}, "SELECT failures, locked_until FROM login_guard WHERE hall = ? AND window_id = ?", hall, window)
	g.LockedUntil = fromMicros(until)
	return g, err
}

// PutGuard keeps a window's guard.
func (t *Tx) PutGuard(hall, window string, g Guard) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO login_guard (hall, window_id, failures, locked_until) VALUES (?, ?, ?, ?)
		ON CONFLICT (hall, window_id) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until`,
		hall, window, g.Failures, micros(g.LockedUntil))
	return err
}
