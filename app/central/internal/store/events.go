package store

import "time"

// Event is a row of the inbox.
type Event struct {
	Hall, ID    string
	Terminal    string
	Seq         int64
	Kind        string
	Monotonic   int64 // milliseconds since boot BootID
	BootID      string
	Wall        string // the terminal's clock, RFC 3339; a hint
	Body        string // JSON as it came
	Received    time.Time
	Happened    time.Time // by age at arrival
	Quarantined bool
	Reason      string // why quarantined
}

func (e Event) outcome() string {
	if e.Quarantined {
		return "quarantined"
	}
	return "done"
}

// HasEvent reports whether an event is in the inbox, and whether quarantined.
func (t *Tx) HasEvent(hall, id string) (found, quarantined bool, err error) {
	var outcome string
	found, err = t.one([]any{&outcome}, "SELECT outcome FROM event WHERE hall = ? AND id = ?", hall, id)
	return found, outcome == "quarantined", err
}

// InsertEvent puts an event into the inbox.
func (t *Tx) InsertEvent(e Event) error {
	_, err := t.exec(`INSERT INTO event (hall, id, terminal, seq, kind, monotonic, boot_id, wall, body, received_at, happened_at, outcome, reason)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Hall, e.ID, e.Terminal, e.Seq, e.Kind, e.Monotonic, e.BootID, e.Wall, e.Body, micros(e.Received), micros(e.Happened), e.outcome(), e.Reason)
	return err
}

// QuarantineEvent marks an event that is in the inbox as not understood.
func (t *Tx) QuarantineEvent(hall, id, reason string) error {
	_, err := t.exec("UPDATE event SET outcome = 'quarantined', reason = ? WHERE hall = ? AND id = ?", reason, hall, id)
	return err
}

// Contiguous returns the highest seq up to which the inbox has every event of a
// terminal, given that it has them up to from.
func (t *Tx) Contiguous(hall, terminal string, from int64) (int64, error) {
	// Read in steps: behind a hole that has just been filled there may be many.
	const step = 256
	for {
		seqs, err := all(t, func(s scanner) (n int64, err error) { err = s.Scan(&n); return n, err },
			"SELECT DISTINCT seq FROM event WHERE hall = ? AND terminal = ? AND seq > ? ORDER BY seq LIMIT ?", hall, terminal, from, step)
		if err != nil {
			return 0, err
		}
		for _, n := range seqs {
			if n != from+1 {
				return from, nil
			}
			from = n
		}
		if len(seqs) < step {
			return from, nil
		}
	}
}

// Device is the last known state of a terminal's device.
type Device struct {
	Terminal, Device string
	State            string // ready, fault or absent
	Fault            string
	Since            time.Time
	Seq              int64 // of the event that said so
}

// PutDevice keeps a device's state unless a later event has been seen.
func (t *Tx) PutDevice(hall string, d Device) error {
	_, err := t.exec(`INSERT INTO device (hall, terminal, device, state, fault, since, seq) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (hall, terminal, device) DO UPDATE
		SET state = excluded.state, fault = excluded.fault, seq = excluded.seq,
			since = CASE WHEN device.state = excluded.state AND device.fault = excluded.fault THEN device.since ELSE excluded.since END
		WHERE excluded.seq > device.seq`, hall, d.Terminal, d.Device, d.State, d.Fault, micros(d.Since), d.Seq)
	return err
}

// FaultyDevices returns the devices that are not ready, oldest first.
func (t *Tx) FaultyDevices(hall string) ([]Device, error) {
	return all(t, func(s scanner) (d Device, err error) {
		var since int64
		err = s.Scan(&d.Terminal, &d.Device, &d.State, &d.Fault, &since, &d.Seq)
		d.Since = fromMicros(since)
		return d, err
	}, "SELECT terminal, device, state, fault, since, seq FROM device WHERE hall = ? AND state <> 'ready' ORDER BY since, terminal, device", hall)
}

// HelpCall is somebody at a terminal who has asked for help.
type HelpCall struct {
	ID, Terminal, Page string
	At                 time.Time
}

// InsertHelpCall keeps a call for help.
func (t *Tx) InsertHelpCall(hall string, h HelpCall) error {
	_, err := t.exec("INSERT INTO help_call (hall, id, terminal, page, at, answered_at, answered_by) VALUES (?, ?, ?, ?, ?, 0, '')",
		hall, h.ID, h.Terminal, h.Page, micros(h.At))
	return err
}

// OpenHelpCalls returns the calls nobody has answered since a time, oldest first.
func (t *Tx) OpenHelpCalls(hall string, since time.Time) ([]HelpCall, error) {
	return all(t, func(s scanner) (h HelpCall, err error) {
		var at int64
		err = s.Scan(&h.ID, &h.Terminal, &h.Page, &at)
		h.At = fromMicros(at)
		return h, err
	}, "SELECT id, terminal, page, at FROM help_call WHERE hall = ? AND answered_at = 0 AND at >= ? ORDER BY at, id", hall, micros(since))
}

// AnswerHelpCall records who has answered a call; found is false for an unknown
// id. The first answer stays.
func (t *Tx) AnswerHelpCall(hall, id, by string, at time.Time) (found bool, err error) {
	if _, err := t.exec("UPDATE help_call SET answered_at = ?, answered_by = ? WHERE hall = ? AND id = ? AND answered_at = 0",
		micros(at), by, hall, id); err != nil {
		return false, err
	}
	var answered int64
	return t.one([]any{&answered}, "SELECT answered_at FROM help_call WHERE hall = ? AND id = ?", hall, id)
}

// Counts returns the number of rows that requests can add, by table. Tests use
// it to show that a refused request has stored nothing.
func (t *Tx) Counts() (map[string]int, error) {
	out := map[string]int{}
	for _, table := range []string{"ticket", "ticket_log", "event", "same_holder", "tombstone", "help_call", "device", "window_session"} {
		var n int
		if _, err := t.one([]any{&n}, "SELECT count(*) FROM "+table); err != nil {
			return nil, err
		}
		out[table] = n
	}
	return out, nil
}

// Event returns an event of the inbox.
func (t *Tx) Event(hall, id string) (Event, bool, error) {
	e := Event{Hall: hall, ID: id}
	var received, happened int64
	var outcome string
	found, err := t.one([]any{&e.Terminal, &e.Seq, &e.Kind, &e.Monotonic, &e.BootID, &e.Wall, &e.Body, &received, &happened, &outcome, &e.Reason},
		`SELECT terminal, seq, kind, monotonic, boot_id, wall, body, received_at, happened_at, outcome, reason FROM event WHERE hall = ? AND id = ?`, hall, id)
	e.Received, e.Happened, e.Quarantined = fromMicros(received), fromMicros(happened), outcome == "quarantined"
	return e, found, err
}
