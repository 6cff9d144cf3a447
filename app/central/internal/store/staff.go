package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// StaffAccount is somebody who works in a hall.
type StaffAccount struct {
	Hall         string
	ID           string // s1, s2 …
	Login, Name  string
	Roles        []string
	Windows      []string // empty = every window
	PasswordHash string
	MustChange   bool
	Created      time.Time
	PasswordSet  time.Time
	Disabled     time.Time // zero = not
}

const staffColumns = "id, login, name, roles, windows, password_hash, must_change, created_at, password_at, disabled_at"

func readStaff(hall string) func(scanner) (StaffAccount, error) {
	return func(s scanner) (StaffAccount, error) {
		a := StaffAccount{Hall: hall}
		var roles, windows string
		var created, password, disabled int64
		err := s.Scan(&a.ID, &a.Login, &a.Name, &roles, &windows, &a.PasswordHash, &a.MustChange, &created, &password, &disabled)
		a.Roles, a.Windows = unjoin(roles), unjoin(windows)
		a.Created, a.PasswordSet, a.Disabled = fromMicros(created), fromMicros(password), fromMicros(disabled)
		return a, err
	}
}

// unjoin is the reverse of strings.Join with a comma, which no role or window has.
func unjoin(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// InsertStaff adds an account, with the next id of the hall, which it returns. The
// entry's Detail becomes that id.
func (t *Tx) InsertStaff(a StaffAccount, e LogEntry) (id string, err error) {
	var n int64
	// Accounts are never deleted, so the count is the highest number.
	if _, err := t.one([]any{&n}, "SELECT count(*) + 1 FROM staff_account WHERE hall = ?", a.Hall); err != nil {
		return "", err
	}
	id = "s" + strconv.FormatInt(n, 10)
	e.Detail = id
	if err := t.AppendLog(a.Hall, e); err != nil {
		return "", err
	}
	_, err = t.exec("INSERT INTO staff_account (hall, "+staffColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
		a.Hall, id, a.Login, a.Name, strings.Join(a.Roles, ","), strings.Join(a.Windows, ","), a.PasswordHash, a.MustChange,
		micros(a.Created), micros(a.Created))
	return id, err
}

// Staff returns the hall's accounts, disabled ones too, in the order in which they
// were made.
func (t *Tx) Staff(hall string) ([]StaffAccount, error) {
	return all(t, readStaff(hall), "SELECT "+staffColumns+" FROM staff_account WHERE hall = ? ORDER BY created_at, length(id), id", hall)
}

// StaffByLogin returns the account with this login.
func (t *Tx) StaffByLogin(hall, login string) (a StaffAccount, found bool, err error) {
	return t.oneStaff(hall, "login = ?", login)
}

// StaffByID returns the account with this id.
func (t *Tx) StaffByID(hall, id string) (a StaffAccount, found bool, err error) {
	return t.oneStaff(hall, "id = ?", id)
}

func (t *Tx) oneStaff(hall, which, value string) (StaffAccount, bool, error) {
	list, err := all(t, readStaff(hall), "SELECT "+staffColumns+" FROM staff_account WHERE hall = ? AND "+which, hall, value)
	if err != nil || len(list) == 0 {
		return StaffAccount{}, false, err
	}
	return list[0], true, nil
}

// SetStaffPassword gives an account another password and ends its sessions.
func (t *Tx) SetStaffPassword(hall, id, hash string, mustChange bool, at time.Time, e LogEntry) error {
	if err := t.AppendLog(hall, e); err != nil {
		return err
	}
	if err := t.changeOne("UPDATE staff_account SET password_hash = ?, must_change = ?, password_at = ? WHERE hall = ? AND id = ?",
		hash, mustChange, micros(at), hall, id); err != nil {
		return err
	}
	return t.endStaffSessions(hall, id, at)
}

// SetStaffDisabled closes an account and ends its sessions, or opens it again.
func (t *Tx) SetStaffDisabled(hall, id string, disabled bool, at time.Time, e LogEntry) error {
	if err := t.AppendLog(hall, e); err != nil {
		return err
	}
	var since int64
	if disabled {
		since = micros(at)
	}
	if err := t.changeOne("UPDATE staff_account SET disabled_at = ? WHERE hall = ? AND id = ?", since, hall, id); err != nil {
		return err
	}
	return t.endStaffSessions(hall, id, at)
}

func (t *Tx) endStaffSessions(hall, id string, at time.Time) error {
	_, err := t.exec("UPDATE staff_session SET ended_at = ? WHERE hall = ? AND account = ? AND ended_at = 0", micros(at), hall, id)
	return err
}

// changeOne is exec for a statement that must find its one row.
func (t *Tx) changeOne(query string, args ...any) error {
	n, err := t.exec(query, args...)
	if err == nil && n != 1 {
		return fmt.Errorf("store: %d rows changed, want 1", n)
	}
	return err
}

// StaffSession is somebody logged in.
type StaffSession struct {
	Hall      string
	TokenHash []byte // SHA-256 of the token
	Account   string
	Window    string // "" = at no window
	Created   time.Time
	Ends      time.Time // whatever happens
	Used      time.Time
	Expires   time.Time // unless it is used; not after Ends
	Seated    time.Time // at Window
}

const staffSessionColumns = "token_hash, account, window_id, created_at, ends_at, used_at, expires_at, seated_at"

func readStaffSession(hall string) func(scanner) (StaffSession, error) {
	return func(s scanner) (StaffSession, error) {
		x := StaffSession{Hall: hall}
		var created, ends, used, expires, seated int64
		err := s.Scan(&x.TokenHash, &x.Account, &x.Window, &created, &ends, &used, &expires, &seated)
		x.Created, x.Ends, x.Used = fromMicros(created), fromMicros(ends), fromMicros(used)
		x.Expires, x.Seated = fromMicros(expires), fromMicros(seated)
		return x, err
	}
}

// staffSessionsKept is how long sessions that are over are kept.
const staffSessionsKept = 180 * 24 * time.Hour // 网络安全法 art. 21: six months

// InsertStaffSession adds a session and forgets very old ones. The token's hash is
// not told.
func (t *Tx) InsertStaffSession(s StaffSession, e LogEntry) error {
	e.Window = s.Window
	if err := t.AppendLog(s.Hall, e); err != nil {
		return err
	}
	if _, err := t.exec("DELETE FROM staff_session WHERE hall = ? AND expires_at < ?", s.Hall, micros(s.Created.Add(-staffSessionsKept))); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO staff_session (hall, "+staffSessionColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		s.Hall, s.TokenHash, s.Account, s.Window, micros(s.Created), micros(s.Ends), micros(s.Used), micros(s.Expires), micros(s.Seated))
	return err
}

// OpenStaffSession returns the session of a token that is neither ended nor expired.
func (t *Tx) OpenStaffSession(hall string, tokenHash []byte, now time.Time) (StaffSession, bool, error) {
	return t.oneStaffSession(hall, "token_hash = ? AND ended_at = 0 AND expires_at > ?", tokenHash, micros(now))
}

// StaffAt returns the newest open session at a window.
func (t *Tx) StaffAt(hall, window string, now time.Time) (StaffSession, bool, error) {
	return t.oneStaffSession(hall, "window_id = ? AND ended_at = 0 AND expires_at > ? ORDER BY seated_at DESC", window, micros(now))
}

func (t *Tx) oneStaffSession(hall, which string, args ...any) (StaffSession, bool, error) {
	list, err := all(t, readStaffSession(hall), "SELECT "+staffSessionColumns+" FROM staff_session WHERE hall = ? AND "+which+" LIMIT 1",
		append([]any{hall}, args...)...)
	if err != nil || len(list) == 0 {
		return StaffSession{}, false, err
	}
	return list[0], true, nil
}

// SeatedStaff returns the open sessions at windows, by window.
func (t *Tx) SeatedStaff(hall string, now time.Time) ([]StaffSession, error) {
	return all(t, readStaffSession(hall), "SELECT "+staffSessionColumns+` FROM staff_session
		WHERE hall = ? AND window_id <> '' AND ended_at = 0 AND expires_at > ? ORDER BY window_id, seated_at`, hall, micros(now))
}

// UseStaffSession keeps that a session was used. Nothing is told.
func (t *Tx) UseStaffSession(hall string, tokenHash []byte, used, expires time.Time) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("UPDATE staff_session SET used_at = ?, expires_at = ? WHERE hall = ? AND token_hash = ? AND ended_at = 0",
		micros(used), micros(expires), hall, tokenHash)
	return err
}

// SeatStaffSession puts a session at a window, or with "" at none, and takes the
// account's other sessions away from that window: one person, one chair.
func (t *Tx) SeatStaffSession(s StaffSession, window string, at time.Time, e LogEntry) error {
	e.Window = window
	if window == "" {
		e.Window = s.Window
	}
	if err := t.AppendLog(s.Hall, e); err != nil {
		return err
	}
	if window != "" {
		if _, err := t.exec("UPDATE staff_session SET window_id = '' WHERE hall = ? AND account = ? AND window_id = ? AND ended_at = 0",
			s.Hall, s.Account, window); err != nil {
			return err
		}
	}
	return t.changeOne("UPDATE staff_session SET window_id = ?, seated_at = ? WHERE hall = ? AND token_hash = ? AND ended_at = 0",
		window, micros(at), s.Hall, s.TokenHash)
}

// EndStaffSession ends a session, if it is there and open; otherwise nothing is
// told.
func (t *Tx) EndStaffSession(hall string, tokenHash []byte, now time.Time, e LogEntry) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	var account string
	found, err := t.one([]any{&account, &e.Window}, `UPDATE staff_session SET ended_at = ? WHERE hall = ? AND token_hash = ? AND ended_at = 0
		RETURNING account, window_id`, micros(now), hall, tokenHash)
	if err != nil || !found {
		return err
	}
	e.Actor = "staff:" + account
	return t.AppendLog(hall, e)
}

// StaffGuard returns how often a login was tried; see [Tx.Guard].
func (t *Tx) StaffGuard(hall, login string) (Guard, error) {
	var g Guard
	var until int64
	_, err := t.one([]any{&g.Failures, &until}, "SELECT failures, locked_until FROM staff_guard WHERE hall = ? AND login = ?", hall, login)
	g.LockedUntil = fromMicros(until)
	return g, err
}

// PutStaffGuard keeps a login's guard.
func (t *Tx) PutStaffGuard(hall, login string, g Guard) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO staff_guard (hall, login, failures, locked_until) VALUES (?, ?, ?, ?)
		ON CONFLICT (hall, login) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until`,
		hall, login, g.Failures, micros(g.LockedUntil))
	return err
}

// StaffHandover is a window that somebody has left.
type StaffHandover struct {
	Hall     string
	N        int64 // 1, 2, 3 …; set by the store
	Window   string
	From, To string // accounts; To "" = the window was closed
	Reason   string
	Ticket   string // id of what was open at the window, or ""
	At       time.Time
	TakenBy  string // account that came, or ""
	TakenAt  time.Time
}

const handoverColumns = "n, window_id, from_account, to_account, reason, ticket, at, taken_by, taken_at"

func readHandover(hall string) func(scanner) (StaffHandover, error) {
	return func(s scanner) (StaffHandover, error) {
		h := StaffHandover{Hall: hall}
		var at, taken int64
		err := s.Scan(&h.N, &h.Window, &h.From, &h.To, &h.Reason, &h.Ticket, &at, &h.TakenBy, &taken)
		h.At, h.TakenAt = fromMicros(at), fromMicros(taken)
		return h, err
	}
}

// InsertStaffHandover adds a record.
func (t *Tx) InsertStaffHandover(h StaffHandover, e LogEntry) error {
	e.Window = h.Window
	if err := t.AppendLog(h.Hall, e); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO staff_handover (hall, "+handoverColumns+`)
		SELECT ?, coalesce(max(n), 0) + 1, CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS bigint), '', 0
		FROM staff_handover WHERE hall = ?`,
		h.Hall, h.Window, h.From, h.To, h.Reason, h.Ticket, micros(h.At), h.Hall)
	return err
}

// TakeStaffHandovers notes who has come to a window that others have left.
func (t *Tx) TakeStaffHandovers(hall, window, by string, at time.Time) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("UPDATE staff_handover SET taken_by = ?, taken_at = ? WHERE hall = ? AND window_id = ? AND taken_at = 0",
		by, micros(at), hall, window)
	return err
}

// OpenStaffHandovers returns the windows that were left and to which nobody has come
// since a moment, the newest first.
func (t *Tx) OpenStaffHandovers(hall string, since time.Time) ([]StaffHandover, error) {
	return all(t, readHandover(hall), "SELECT "+handoverColumns+` FROM staff_handover
		WHERE hall = ? AND taken_at = 0 AND at >= ? ORDER BY n DESC`, hall, micros(since))
}

// StaffHandovers returns the newest records since a moment, the newest first.
func (t *Tx) StaffHandovers(hall string, since time.Time, limit int) ([]StaffHandover, error) {
	return all(t, readHandover(hall), "SELECT "+handoverColumns+" FROM staff_handover WHERE hall = ? AND at >= ? ORDER BY n DESC LIMIT ?",
		hall, micros(since), limit)
}
