package store

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"hallkiosk/app/centralapi"
)

// Ticket is a row of the table of tickets.
type Ticket struct {
	Hall, ID, Day string
	Prefix        string // of the business at the time
	Series        string // "" = the hall's own, else the terminal's slot, decimal
	Number        int    // in its series, 1 and up
	Label         string
	Business      string
	Item          string
	HolderKey     string // "" = without identity
	HolderName    string // masked
	HolderNumber  string // masked
	HolderSource  string // card, typed or ""
	Language      string // zh, en or ""
	Terminal      string
	Slot          int   // of the terminal; of one that came back, that of the ticket it is behind
	Seq           int64 // order within a slot at the same PlaceAt; likewise
	Fingerprint   []byte
	State         centralapi.TicketState
	Reason        string // of a void or cancelled ticket
	PrintUnknown  bool
	IssuedAt      time.Time
	CalledAt      time.Time // zero before the first call
	StartedAt     time.Time
	EndedAt       time.Time
	Window        string // that called it
	Calls         int
	Class         centralapi.TicketClass
	ClassReason   string    // why it has that class; "" for an ordinary one
	Line          string    // where it waits: the business' id, or WindowLine; "" = the business
	PlaceAt       time.Time // its place there; zero = IssuedAt
	BackAt        time.Time // when it came back after it was passed over; zero = it did not
}

// WindowLine is the line of tickets that only this window calls.
func WindowLine(window string) string { return "window:" + window }

// Before reports whether k has its place before l, were they of the same kind and in
// the same line.
func (k Ticket) Before(l Ticket) bool { return ComparePlaces(k, l) < 0 }

// ComparePlaces is the order of places: by time, terminal slot, sequence, and of
// those who came back to the same place by when they did.
func ComparePlaces(a, b Ticket) int {
	x, y := a.place(), b.place()
	return slices.Compare(x[:], y[:])
}

// place is what the index ticket_waiting sorts by.
func (k Ticket) place() [4]int64 {
	at := k.PlaceAt
	if at.IsZero() {
		at = k.IssuedAt
	}
	return [4]int64{micros(at), int64(k.Slot), k.Seq, micros(k.BackAt)}
}

// values are the columns of ticketTable.
func (k Ticket) values() row {
	fingerprint := k.Fingerprint
	if fingerprint == nil {
		fingerprint = []byte{}
	}
	line := k.Line
	if line == "" {
		line = k.Business
	}
	return row{k.Hall, k.ID, k.Day, k.Prefix, k.Series, int64(k.Number), k.Label,
		k.Business, k.Item, k.Language, k.Terminal, int64(k.Slot), k.Seq,
		fingerprint, string(k.State), k.Reason, k.PrintUnknown, micros(k.IssuedAt),
		micros(k.CalledAt), micros(k.StartedAt), micros(k.EndedAt), k.Window, int64(k.Calls),
		string(k.Class), k.ClassReason, line, k.place()[0], micros(k.BackAt)}
}

// ticketAndHolder begins every query for tickets: t is the ticket, h who holds it.
const ticketAndHolder = `SELECT t.hall, t.id, t.day, t.prefix, t.series, t.number, t.label, t.business, t.item,
	coalesce(h.key, ''), coalesce(h.name, ''), coalesce(h.number, ''), coalesce(h.source, ''),
	t.language, t.terminal, t.slot, t.seq, t.fingerprint, t.state, t.reason, t.print_unknown,
	t.issued_at, t.called_at, t.started_at, t.ended_at, t.window_id, t.calls,
	t.class, t.class_reason, t.line, t.place_at, t.back_at FROM `

func (d dialect) selectTicket() string {
	return ticketAndHolder + "ticket AS t" + d.heldBy() + " WHERE "
}

func readTicket(s scanner) (Ticket, error) {
	var t Ticket
	var issued, called, started, ended, place, back int64
	err := s.Scan(&t.Hall, &t.ID, &t.Day, &t.Prefix, &t.Series, &t.Number, &t.Label, &t.Business, &t.Item,
		&t.HolderKey, &t.HolderName, &t.HolderNumber, &t.HolderSource, &t.Language, &t.Terminal, &t.Slot, &t.Seq, &t.Fingerprint,
		&t.State, &t.Reason, &t.PrintUnknown, &issued, &called, &started, &ended, &t.Window, &t.Calls,
		&t.Class, &t.ClassReason, &t.Line, &place, &back)
	t.IssuedAt, t.CalledAt = fromMicros(issued), fromMicros(called)
	t.StartedAt, t.EndedAt = fromMicros(started), fromMicros(ended)
	t.PlaceAt, t.BackAt = fromMicros(place), fromMicros(back)
	return t, err
}

func (t *Tx) ticket(where string, args ...any) (Ticket, bool, error) {
	list, err := all(t, readTicket, t.d.selectTicket()+where+" LIMIT 1", args...)
	if err != nil || len(list) == 0 {
		return Ticket{}, false, err
	}
	return list[0], true, nil
}

// Ticket returns the ticket with this id.
func (t *Tx) Ticket(hall, id string) (Ticket, bool, error) {
	return t.ticket("t.hall = ? AND t.id = ?", hall, id)
}

// TicketByNumber returns the ticket that holds a number.
func (t *Tx) TicketByNumber(hall, day, prefix, series string, number int) (Ticket, bool, error) {
	return t.ticket("t.hall = ? AND t.day = ? AND t.prefix = ? AND t.series = ? AND t.number = ?", hall, day, prefix, series, number)
}

// LiveTicketOf returns the ticket a person holds for a business on a day and
// that has not ended; holderKey must not be empty.
func (t *Tx) LiveTicketOf(hall, day, holderKey, business string) (Ticket, bool, error) {
	held, err := t.LiveTicketsOf(hall, day, []HolderBusiness{{holderKey, business}})
	k, ok := held[HolderBusiness{holderKey, business}]
	return k, ok, err
}

// AtWindow returns the ticket a window has called and not ended.
func (t *Tx) AtWindow(hall, day, window string) (Ticket, bool, error) {
	return t.ticket("t.hall = ? AND t.day = ? AND t.window_id = ? AND t.state IN ('called', 'started')", hall, day, window)
}

// QueueLength returns how many tickets of one business are in state issued.
func (t *Tx) QueueLength(hall, day, business string) (int, error) {
	var n int
	_, err := t.one([]any{&n}, "SELECT waiting FROM queue_length WHERE hall = ? AND day = ? AND business = ?", hall, day, business)
	return n, err
}

// QueueLengths returns how many tickets are in state issued, by business;
// businesses without any may be missing.
func (t *Tx) QueueLengths(hall, day string) (map[string]int, error) {
	type row struct {
		business string
		waiting  int
	}
	rows, err := all(t, func(s scanner) (r row, err error) {
		err = s.Scan(&r.business, &r.waiting)
		return r, err
	}, "SELECT business, waiting FROM queue_length WHERE hall = ? AND day = ?", hall, day)
	if err != nil {
		return nil, err
	}
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.business] = r.waiting
	}
	return out, nil
}

// RecentCalls returns the tickets called last on a day, newest first.
func (t *Tx) RecentCalls(hall, day string, limit int) ([]Ticket, error) {
	return all(t, readTicket, t.d.selectTicket()+`
		t.hall = ? AND t.day = ? AND t.called_at > 0 ORDER BY t.called_at DESC, t.id LIMIT ?`, hall, day, limit)
}

// Ended returns the tickets a window has ended on a day, newest first.
func (t *Tx) Ended(hall, day, window string, limit int) ([]Ticket, error) {
	return all(t, readTicket, t.d.selectTicket()+`
		t.hall = ? AND t.day = ? AND t.window_id = ? AND t.ended_at > 0 ORDER BY t.ended_at DESC, t.id LIMIT ?`, hall, day, window, limit)
}

// TakeNumbers returns the next n numbers of the hall's own series, first and up,
// and the time each is issued at: now, or just after the number before it when the
// clock has gone back since or several are taken at once, so that numbers and times
// never disagree about the order. The counter moves when tickets with these numbers
// are inserted, so insert them all before taking more of the same series; numbers
// that were not used are given again.
func (t *Tx) TakeNumbers(hall, day, prefix string, n int, now time.Time) (first int, issuedAt []time.Time, err error) {
	if err := t.mayWrite(hall); err != nil {
		return 0, nil, err
	}
	var last, at int64
	if _, err := t.one([]any{&last, &at}, "SELECT last, last_at FROM counter WHERE hall = ? AND day = ? AND prefix = ?",
		hall, day, prefix); err != nil {
		return 0, nil, err
	}
	issuedAt = make([]time.Time, n)
	for i := range issuedAt {
		at = max(at+1, micros(now))
		issuedAt[i] = fromMicros(at)
	}
	return int(last) + 1, issuedAt, nil
}

// InsertTicket adds a ticket. The entry's Ticket, Label, Business, Window and To
// are the ticket's.
func (t *Tx) InsertTicket(k Ticket, e LogEntry) error {
	return t.InsertTickets([]Ticket{k}, []LogEntry{e})
}

// InsertTickets adds tickets of one hall, each with its entry, in a few statements
// whatever their number. See InsertTicket.
func (t *Tx) InsertTickets(tickets []Ticket, entries []LogEntry) error {
	if len(tickets) == 0 {
		return nil
	}
	if len(entries) != len(tickets) {
		return fmt.Errorf("store: %d tickets with %d entries", len(tickets), len(entries))
	}
	told := make([]LogEntry, len(entries))
	facts := make([]fact, len(tickets))
	var holders []row
	for i, k := range tickets {
		if k.Hall != tickets[0].Hall {
			return errors.New("store: tickets of several halls inserted together")
		}
		e := entries[i]
		e.Ticket, e.Label, e.Business, e.Window, e.To = k.ID, k.Label, k.Business, k.Window, k.State
		told[i] = e
		facts[i] = fact{what: ticketNew, row: k.values()}
		if k.HolderKey != "" {
			holders = append(holders, row{k.Hall, k.ID, k.Day, k.HolderKey, k.HolderName, k.HolderNumber, k.HolderSource})
		}
	}
	if err := t.record(tickets[0].Hall, told, facts); err != nil {
		return err
	}
	return t.putHolders(holders)
}

var holderTable = table{"holder", 2, []column{
	{"hall", text}, {"ticket", text}, {"day", text}, {"key", text}, {"name", text}, {"number", text}, {"source", text},
}}

// UpdateTicket replaces the row of was by now; both have the same hall and id. It
// fails when the row is not in the state of was and something changes. Holder,
// language, terminal and fingerprint never change. The entry's Ticket, Label,
// Business, Window, From and To are set from both.
func (t *Tx) UpdateTicket(was, now Ticket, e LogEntry) error {
	return t.changeTicket(was, now, e, Choice{})
}

// CallTicket is UpdateTicket for a ticket that is called, with how it was chosen.
func (t *Tx) CallTicket(was, now Ticket, e LogEntry, c Choice) error {
	if err := c.check(); err != nil {
		return fmt.Errorf("store: choice: %w", err)
	}
	return t.changeTicket(was, now, e, c)
}

func (t *Tx) changeTicket(was, now Ticket, e LogEntry, c Choice) error {
	before, after := was.values(), now.values()
	if was.Hall != now.Hall || was.ID != now.ID {
		return errors.New("store: a ticket's hall or id cannot change")
	}
	e.Ticket, e.Label, e.Business, e.Window, e.From, e.To = now.ID, now.Label, now.Business, now.Window, was.State, now.State
	if now.Window == "" {
		e.Window = was.Window // that loses it
	}
	f := fact{what: ticketChange, row: make(row, len(after)), choice: c}
	f.row[0] = now.Hall
	for i, c := range ticketTable.columns {
		if c.kind != blob && i >= ticketTable.keys && before[i] != after[i] {
			f.row[i] = after[i]
		}
	}
	// Said in any case where a fact would infer something else.
	if f.row[atBusiness] != nil {
		f.row[atLine] = after[atLine]
	}
	if f.row[atIssued] != nil {
		f.row[atPlace] = after[atPlace]
	}
	if was.Day != now.Day || was.Business != now.Business {
		f.wasDay, f.wasBusiness = was.Day, was.Business
	}
	return t.recordOne(now.Hall, e, f)
}

// SameHolder returns the ticket an id was answered with because its holder had
// it already, and the fingerprint of that request.
func (t *Tx) SameHolder(hall, id string) (ticket string, fingerprint []byte, found bool, err error) {
	found, err = t.one([]any{&ticket, &fingerprint}, "SELECT ticket, fingerprint FROM same_holder WHERE hall = ? AND id = ?", hall, id)
	return ticket, fingerprint, found, err
}

// PutSameHolder records such an answer.
func (t *Tx) PutSameHolder(hall, id, ticket string, fingerprint []byte, e LogEntry) error {
	e.Ticket = ticket
	return t.recordOne(hall, e, fact{what: sameHolder, row: row{hall, id, ticket, some(fingerprint)}})
}

// ToldElsewhere reports whether another request was answered with this ticket and
// has neither become a ticket of its own nor been given up: somebody may have been
// shown it.
func (t *Tx) ToldElsewhere(hall, ticket string) (bool, error) {
	var id string
	return t.one([]any{&id}, `SELECT s.id FROM same_holder s WHERE s.hall = ? AND s.ticket = ?
		AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.hall = s.hall AND t.id = s.id)
		AND NOT EXISTS (SELECT 1 FROM tombstone d WHERE d.hall = s.hall AND d.id = s.id) LIMIT 1`, hall, ticket)
}

// Tombstone reports whether an id has been given up.
func (t *Tx) Tombstone(hall, id string) (bool, error) {
	var reason string
	return t.one([]any{&reason}, "SELECT reason FROM tombstone WHERE hall = ? AND id = ?", hall, id)
}

// PutTombstone records that an id has been given up; the first one stays, and a
// second one is not told either.
func (t *Tx) PutTombstone(hall, id, terminal, reason string, at time.Time, e LogEntry) error {
	if known, err := t.Tombstone(hall, id); err != nil || known {
		return err
	}
	e.Ticket = id
	return t.recordOne(hall, e, fact{what: tombstoned, row: row{hall, id, terminal, reason, micros(at)}})
}

// Closing says since when something is closed, and why; the sentence may be empty.
type Closing struct {
	Since  time.Time
	Reason string
}

// Paused returns the businesses of a hall that are paused.
func (t *Tx) Paused(hall string) (map[string]Closing, error) {
	return t.closings("SELECT business, since, reason FROM pause WHERE hall = ?", hall)
}

func (t *Tx) closings(query, hall string) (map[string]Closing, error) {
	return byID(t, func(s scanner) (id string, c Closing, err error) {
		var since int64
		err = s.Scan(&id, &since, &c.Reason)
		c.Since = fromMicros(since)
		return id, c, err
	}, query, hall)
}

// Pause pauses a business. Where it is paused already, nothing changes and nothing is
// told.
func (t *Tx) Pause(hall, business string, c Closing, e LogEntry) error {
	closed, err := t.Paused(hall)
	if _, already := closed[business]; err != nil || already {
		return err
	}
	e.Business = business
	return t.recordOne(hall, e, fact{what: paused, row: row{hall, business, micros(c.Since), c.Reason}})
}

// Unpause takes that back; likewise.
func (t *Tx) Unpause(hall, business string, e LogEntry) error {
	closed, err := t.Paused(hall)
	if _, is := closed[business]; err != nil || !is {
		return err
	}
	e.Business = business
	return t.recordOne(hall, e, fact{what: resumed, row: row{hall, business}})
}

// PurgeHolders erases who held the tickets of all days before a day
// (2026-11-21), and returns how many. Tickets and ledger stay.
func (t *Tx) PurgeHolders(hall, beforeDay string) (int, error) {
	if err := t.mayWrite(hall); err != nil {
		return 0, err
	}
	n, err := t.exec("DELETE FROM holder WHERE hall = ? AND day < ?", hall, beforeDay)
	return int(n), err
}
