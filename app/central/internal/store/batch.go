package store

import "time"

// Reads for many ids at once: one statement each, however many. What is not there
// is not in the map.

// byID reads rows whose first value is the id.
func byID[T any](t *Tx, read func(scanner) (string, T, error), query string, args ...any) (map[string]T, error) {
	out := map[string]T{}
	_, err := all(t, func(s scanner) (struct{}, error) {
		id, v, err := read(s)
		out[id] = v
		return struct{}{}, err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Tickets returns those of the tickets with these ids that exist.
func (t *Tx) Tickets(hall string, ids []string) (map[string]Ticket, error) {
	return byID(t, func(s scanner) (string, Ticket, error) {
		k, err := readTicket(s)
		return k.ID, k, err
	}, ticketAndHolder+t.d.wanted()+t.d.then("ticket", "t", byKey, "hall = ?", "id = w.id")+t.d.heldBy(), t.d.list(ids), hall)
}

// Tombstones returns which of these ids have been given up.
func (t *Tx) Tombstones(hall string, ids []string) (map[string]bool, error) {
	return byID(t, func(s scanner) (id string, is bool, err error) {
		err = s.Scan(&id)
		return id, true, err
	}, "SELECT t.id FROM "+t.d.wanted()+t.d.then("tombstone", "t", byKey, "hall = ?", "id = w.id"), t.d.list(ids), hall)
}

// SameHolder is an id that was answered with a ticket its holder had already.
type SameHolder struct {
	Ticket      string // id of the ticket
	Fingerprint []byte // SHA-256 of that request's content
}

// SameHolders returns what is known of these ids.
func (t *Tx) SameHolders(hall string, ids []string) (map[string]SameHolder, error) {
	return byID(t, func(s scanner) (id string, h SameHolder, err error) {
		err = s.Scan(&id, &h.Ticket, &h.Fingerprint)
		return id, h, err
	}, "SELECT t.id, t.ticket, t.fingerprint FROM "+t.d.wanted()+t.d.then("same_holder", "t", byKey, "hall = ?", "id = w.id"), t.d.list(ids), hall)
}

// HasEvents returns which of these events are in the inbox, and whether they are
// quarantined.
func (t *Tx) HasEvents(hall string, ids []string) (quarantined map[string]bool, err error) {
	return byID(t, func(s scanner) (id string, q bool, err error) {
		var outcome string
		err = s.Scan(&id, &outcome)
		return id, outcome == "quarantined", err
	}, "SELECT t.id, t.outcome FROM "+t.d.wanted()+t.d.then("event", "t", byKey, "hall = ?", "id = w.id"), t.d.list(ids), hall)
}

// NumbersTaken returns which numbers from first to last of a series somebody holds.
func (t *Tx) NumbersTaken(hall, day, prefix, series string, first, last int) (map[int]bool, error) {
	list, err := all(t, func(s scanner) (n int, err error) { err = s.Scan(&n); return n, err },
		"SELECT number FROM ticket WHERE hall = ? AND day = ? AND prefix = ? AND series = ? AND number >= ? AND number <= ?",
		hall, day, prefix, series, first, last)
	if err != nil {
		return nil, err
	}
	out := make(map[int]bool, len(list))
	for _, n := range list {
		out[n] = true
	}
	return out, nil
}

// HolderBusiness is a person and what that person wants.
type HolderBusiness struct {
	Key      string // holder key
	Business string
}

// LiveTicketsOf returns the tickets these people hold for a business on a day and
// that have not ended; keys must not be empty. Of several for one person and
// business it is the oldest.
func (t *Tx) LiveTicketsOf(hall, day string, of []HolderBusiness) (map[HolderBusiness]Ticket, error) {
	if len(of) == 0 {
		return nil, nil
	}
	keys := make([]string, len(of))
	wanted := make(map[HolderBusiness]bool, len(of))
	for i, w := range of {
		keys[i], wanted[w] = w.Key, w.Key != ""
	}
	list, err := all(t, readTicket, ticketAndHolder+t.d.wanted()+
		t.d.then("holder", "h", "holder_key", "hall = ?", "key = w.id")+
		t.d.then("ticket", "t", byKey, "hall = h.hall", "id = h.ticket")+
		" WHERE t.day = ? AND t.state IN ('issued', 'called', 'started', 'held') ORDER BY t.issued_at, t.id",
		t.d.list(keys), hall, day)
	if err != nil {
		return nil, err
	}
	out := make(map[HolderBusiness]Ticket, len(list))
	for _, k := range list {
		w := HolderBusiness{k.HolderKey, k.Business}
		if _, older := out[w]; !older && wanted[w] {
			out[w] = k
		}
	}
	return out, nil
}

// NumberRow is what became of one number.
type NumberRow struct {
	Prefix, Series string // Series "" = the hall's own
	Number         int
	Label          string
	State          string // as in centralapi.TicketState
	Reason         string // of a void or cancelled one
	Ended          time.Time
}

// DayNumbers returns every number given out on a day, by prefix, series and
// number.
func (t *Tx) DayNumbers(hall, day string) ([]NumberRow, error) {
	return all(t, func(s scanner) (r NumberRow, err error) {
		var ended int64
		err = s.Scan(&r.Prefix, &r.Series, &r.Number, &r.Label, &r.State, &r.Reason, &ended)
		r.Ended = fromMicros(ended)
		return r, err
	}, `SELECT prefix, series, number, label, state, reason, ended_at FROM ticket
		WHERE hall = ? AND day = ? ORDER BY prefix, series, number`, hall, day)
}
