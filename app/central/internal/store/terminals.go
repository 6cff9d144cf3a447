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
	LastEventAt  time.Time // when its newest event happened
}

const terminalColumns = "hall, id, slot, name, token_hash, enrolled_at, acked_through, last_event_at"

func readTerminal(s scanner) (Terminal, error) {
	var k Terminal
	var enrolled, last int64
	err := s.Scan(&k.Hall, &k.ID, &k.Slot, &k.Name, &k.TokenHash, &enrolled, &k.AckedThrough, &last)
	k.Enrolled, k.LastEventAt = fromMicros(enrolled), fromMicros(last)
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
	_, err := t.exec("INSERT INTO terminal ("+terminalColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		k.Hall, k.ID, k.Slot, k.Name, k.TokenHash, micros(k.Enrolled), k.AckedThrough, micros(k.LastEventAt))
	return err
}

// SetTerminalProgress keeps how far a terminal's events have come.
func (t *Tx) SetTerminalProgress(hall, id string, ackedThrough int64, lastEventAt time.Time) error {
	_, err := t.exec("UPDATE terminal SET acked_through = ?, last_event_at = ? WHERE hall = ? AND id = ?",
		ackedThrough, micros(lastEventAt), hall, id)
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
	_, err := t.exec("INSERT INTO hall_secret (hall, secret) VALUES (?, ?) ON CONFLICT DO NOTHING", hall, secret)
	return err
}
