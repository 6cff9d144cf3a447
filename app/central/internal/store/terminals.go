package store

import "time"

// Terminal is an enrolled terminal.
type Terminal struct {
	Hall, ID     string
	Slot         int
	Name         string
	TokenHash    []byte // SHA-256 of the bearer token
	Enrolled     time.Time
	AckedThrough int64     // highest contiguous Event.Seq held
	LastEventAt  time.Time // when its newest ticket event happened
	Incarnation  Incarnation
	Frozen       time.Time // when its disk was found to be copied; zero while it is trusted
}

// Incarnation is what tells a terminal from a copy of its disk: the hash of the
// token it uses, and of the one that will replace it. What follows from them is
// for the caller to know.
type Incarnation struct {
	Hash, Next []byte    // SHA-256; empty before the first
	Nonce      []byte    // SHA-256 of what the next one was asked for with; empty before
	Made       int64     // how many tokens have been made for this terminal
	Since      time.Time // when the token in use began to be; zero before the first
	Boot       string    // names the run of the centre's monotonic clock at that moment
	BootMS     int64     // that clock, in milliseconds
}

const terminalColumns = "hall, id, slot, name, token_hash, enrolled_at, acked_through, last_event_at, incarnation, incarnation_next, incarnation_nonce, incarnation_n, incarnation_at, incarnation_boot, incarnation_ms, frozen_at"

func readTerminal(s scanner) (Terminal, error) {
	var k Terminal
	var enrolled, last, since, frozen int64
	err := s.Scan(&k.Hall, &k.ID, &k.Slot, &k.Name, &k.TokenHash, &enrolled, &k.AckedThrough, &last,
		&k.Incarnation.Hash, &k.Incarnation.Next, &k.Incarnation.Nonce, &k.Incarnation.Made, &since, &k.Incarnation.Boot, &k.Incarnation.BootMS, &frozen)
	k.Enrolled, k.LastEventAt, k.Frozen = fromMicros(enrolled), fromMicros(last), fromMicros(frozen)
	k.Incarnation.Since = fromMicros(since)
	return k, err
}

func (t *Tx) terminal(where string, args ...any) (Terminal, bool, error) {
	list, err := all(t, readTerminal, "SELECT "+terminalColumns+" FROM terminal WHERE "+where+" LIMIT 1", args...)
	if err != nil || len(list) == 0 {
		return Terminal{}, false, err
	}
	return list[0], true, nil
}

// Terminal returns the terminal with this id.
func (t *Tx) Terminal(hall, id string) (Terminal, bool, error) {
	return t.terminal("hall = ? AND id = ?", hall, id)
}

// TerminalByToken returns the terminal that owns a token.
func (t *Tx) TerminalByToken(hall string, tokenHash []byte) (Terminal, bool, error) {
	return t.terminal("hall = ? AND token_hash = ?", hall, tokenHash)
}

// TerminalNames returns the names of a hall's terminals by id.
func (t *Tx) TerminalNames(hall string) (map[string]string, error) {
	list, err := all(t, readTerminal, "SELECT "+terminalColumns+" FROM terminal WHERE hall = ?", hall)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(list))
	for _, k := range list {
		out[k.ID] = k.Name
	}
	return out, nil
}

// NextSlot returns the slot after the highest ever given in the hall.
func (t *Tx) NextSlot(hall string) (int, error) {
	var n int
	_, err := t.one([]any{&n}, "SELECT coalesce(max(slot), 0) + 1 FROM terminal WHERE hall = ?", hall)
	return n, err
}

// InsertTerminal adds a terminal.
func (t *Tx) InsertTerminal(k Terminal) error {
	if err := t.mayWrite(k.Hall); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO terminal ("+terminalColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		k.Hall, k.ID, k.Slot, k.Name, k.TokenHash, micros(k.Enrolled), k.AckedThrough, micros(k.LastEventAt),
		some(k.Incarnation.Hash), some(k.Incarnation.Next), some(k.Incarnation.Nonce), k.Incarnation.Made, micros(k.Incarnation.Since), k.Incarnation.Boot, k.Incarnation.BootMS, micros(k.Frozen))
	return err
}

// some keeps a nil slice from becoming NULL.
func some(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// SetTerminalProgress keeps how far a terminal's events have come.
func (t *Tx) SetTerminalProgress(hall, id string, ackedThrough int64, lastEventAt time.Time) error {
	return t.setTerminal(hall, "acked_through = ?, last_event_at = ?", ackedThrough, micros(lastEventAt), hall, id)
}

// SetIncarnation keeps a terminal's tokens.
func (t *Tx) SetIncarnation(hall, id string, i Incarnation) error {
	return t.setTerminal(hall, "incarnation = ?, incarnation_next = ?, incarnation_nonce = ?, incarnation_n = ?, incarnation_at = ?, incarnation_boot = ?, incarnation_ms = ?",
		some(i.Hash), some(i.Next), some(i.Nonce), i.Made, micros(i.Since), i.Boot, i.BootMS, hall, id)
}

// FreezeTerminal records that the terminal's disk was copied; the first time stays.
// Tell it with AppendLog.
func (t *Tx) FreezeTerminal(hall, id string, at time.Time) error {
	return t.setTerminal(hall, "frozen_at = CASE WHEN frozen_at = 0 THEN ? ELSE frozen_at END", micros(at), hall, id)
}

func (t *Tx) setTerminal(hall, set string, args ...any) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("UPDATE terminal SET "+set+" WHERE hall = ? AND id = ?", args...)
	return err
}

// HallSecret returns the hall's secret for holder keys, "" before there is one.
func (t *Tx) HallSecret(hall string) (string, error) {
	var s string
	_, err := t.one([]any{&s}, "SELECT secret FROM hall_secret WHERE hall = ?", hall)
	return s, err
}

// PutHallSecret keeps the hall's secret; the first one stays.
func (t *Tx) PutHallSecret(hall, secret string) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO hall_secret (hall, secret) VALUES (?, ?) ON CONFLICT DO NOTHING", hall, secret)
	return err
}

// HallDay is the business day a hall is on, and the clocks of the machine that began
// it, at that moment.
type HallDay struct {
	Day    string
	Boot   string // names the run of the monotonic clock
	BootMS int64  // that clock, in milliseconds
	Wall   time.Time
}

// HallDay returns the business day a hall is on; found is false before the first.
func (t *Tx) HallDay(hall string) (d HallDay, found bool, err error) {
	var wall int64
	found, err = t.one([]any{&d.Day, &d.Boot, &d.BootMS, &wall}, "SELECT day, boot, boot_ms, wall FROM hall_day WHERE hall = ?", hall)
	d.Wall = fromMicros(wall)
	return d, found, err
}

// PutHallDay keeps the business day a hall is on.
func (t *Tx) PutHallDay(hall string, d HallDay) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO hall_day (hall, day, boot, boot_ms, wall) VALUES (?, ?, ?, ?, ?) ON CONFLICT (hall) DO UPDATE
		SET day = excluded.day, boot = excluded.boot, boot_ms = excluded.boot_ms, wall = excluded.wall`, hall, d.Day, d.Boot, d.BootMS, micros(d.Wall))
	return err
}
