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

var eventTable = table{"event", 2, []column{
	{"hall", text}, {"id", text}, {"terminal", text}, {"seq", num}, {"kind", text}, {"monotonic", num}, {"boot_id", text},
	{"wall", text}, {"body", text}, {"received_at", num}, {"happened_at", num}, {"outcome", text}, {"reason", text},
}}

// InsertEvent puts an event into the inbox.
func (t *Tx) InsertEvent(e Event) error { return t.InsertEvents([]Event{e}) }

// InsertEvents puts events of one hall into the inbox, together.
func (t *Tx) InsertEvents(events []Event) error {
	rows := make([]row, len(events))
	for i, e := range events {
		if err := t.mayWrite(e.Hall); err != nil {
			return err
		}
		rows[i] = row{e.Hall, e.ID, e.Terminal, e.Seq, e.Kind, e.Monotonic, e.BootID, e.Wall, e.Body,
			micros(e.Received), micros(e.Happened), e.outcome(), e.Reason}
	}
	return t.insert("event", eventTable, rows)
}

// EventAt is which event of a terminal has a sequence number.
type EventAt struct {
	ID, Kind string
}

// EventsBetween returns the events of a terminal with sequence numbers from first
// to last, by number. There may be several of one number.
func (t *Tx) EventsBetween(hall, terminal string, first, last int64) (map[int64][]EventAt, error) {
	out := map[int64][]EventAt{}
	_, err := all(t, func(s scanner) (struct{}, error) {
		var seq int64
		var e EventAt
		err := s.Scan(&seq, &e.ID, &e.Kind)
		out[seq] = append(out[seq], e)
		return struct{}{}, err
	}, "SELECT seq, id, kind FROM event WHERE hall = ? AND terminal = ? AND seq >= ? AND seq <= ? ORDER BY seq, id", hall, terminal, first, last)
	return out, err
}

// QuarantineEvent marks an event that is in the inbox as not understood.
func (t *Tx) QuarantineEvent(hall, id, reason string) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
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

// PutDevice keeps a device's state unless a later event has been seen; then
// nothing is told either. Since stays what it was while the state is the same.
func (t *Tx) PutDevice(hall string, d Device, e LogEntry) error {
	var state, fault string
	var since, seq int64
	known, err := t.one([]any{&state, &fault, &since, &seq},
		"SELECT state, fault, since, seq FROM device WHERE hall = ? AND terminal = ? AND device = ?", hall, d.Terminal, d.Device)
	if err != nil || known && d.Seq <= seq {
		return err
	}
	if !known || d.State != state || d.Fault != fault {
		since = micros(d.Since)
	}
	return t.recordOne(hall, e, fact{what: deviceState, row: row{hall, d.Terminal, d.Device, d.State, d.Fault, since, d.Seq}})
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
func (t *Tx) InsertHelpCall(hall string, h HelpCall, e LogEntry) error {
	return t.recordOne(hall, e, fact{what: helpCalled, row: row{hall, h.ID, h.Terminal, h.Page, micros(h.At), int64(0), ""}})
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
// id. The first answer stays, and a second one is not told either.
func (t *Tx) AnswerHelpCall(hall, id, by string, at time.Time, e LogEntry) (found bool, err error) {
	var answered int64
	found, err = t.one([]any{&answered}, "SELECT answered_at FROM help_call WHERE hall = ? AND id = ?", hall, id)
	if err != nil || !found || answered != 0 {
		return found, err
	}
	return true, t.recordOne(hall, e, fact{what: helpAnswered, row: row{hall, id, micros(at), by}})
}

// Counts returns the number of rows that requests can add, by table. Tests use
// it to show that a refused request has stored nothing.
func (t *Tx) Counts() (map[string]int, error) {
	out := map[string]int{}
	for _, table := range []string{"ticket", "hall_log", "event", "same_holder", "tombstone", "help_call", "device", "window_session", "holder"} {
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
