package store

import (
	"fmt"
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
	Slot          int   // of the terminal
	Seq           int64 // order within a slot at the same IssuedAt
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
}

const ticketColumns = `hall, id, day, prefix, series, number, label, business, item,
	holder_key, holder_name, holder_number, holder_source, language, terminal, slot, seq, fingerprint,
	state, reason, print_unknown, issued_at, called_at, started_at, ended_at, window, calls`

func readTicket(s scanner) (Ticket, error) {
	var t Ticket
	var issued, called, started, ended int64
	err := s.Scan(&t.Hall, &t.ID, &t.Day, &t.Prefix, &t.Series, &t.Number, &t.Label, &t.Business, &t.Item,
		&t.HolderKey, &t.HolderName, &t.HolderNumber, &t.HolderSource, &t.Language, &t.Terminal, &t.Slot, &t.Seq, &t.Fingerprint,
		&t.State, &t.Reason, &t.PrintUnknown, &issued, &called, &started, &ended, &t.Window, &t.Calls)
	t.IssuedAt, t.CalledAt = fromMicros(issued), fromMicros(called)
	t.StartedAt, t.EndedAt = fromMicros(started), fromMicros(ended)
	return t, err
}

func (t *Tx) ticket(where string, args ...any) (Ticket, bool, error) {
	list, err := all(t, readTicket, "SELECT "+ticketColumns+" FROM ticket WHERE "+where+" LIMIT 1", args...)
	if err != nil || len(list) == 0 {
		return Ticket{}, false, err
	}
	return list[0], true, nil
}

// Ticket returns the ticket with this id.
func (t *Tx) Ticket(hall, id string) (Ticket, bool, error) {
	return t.ticket("hall = ? AND id = ?", hall, id)
}

// TicketByNumber returns the ticket that holds a number.
func (t *Tx) TicketByNumber(hall, day, prefix, series string, number int) (Ticket, bool, error) {
	return t.ticket("hall = ? AND day = ? AND prefix = ? AND series = ? AND number = ?", hall, day, prefix, series, number)
}

// LiveTicketOf returns the ticket a person holds for a business on a day and
// that has not ended; holderKey must not be empty.
func (t *Tx) LiveTicketOf(hall, day, holderKey, business string) (Ticket, bool, error) {
	return t.ticket(`hall = ? AND day = ? AND holder_key = ? AND holder_key <> '' AND business = ?
		AND state IN ('issued', 'called', 'started') ORDER BY issued_at`, hall, day, holderKey, business)
}

// AtWindow returns the ticket a window has called and not ended.
func (t *Tx) AtWindow(hall, day, window string) (Ticket, bool, error) {
	return t.ticket("hall = ? AND day = ? AND window = ? AND state IN ('called', 'started')", hall, day, window)
}

// FirstWaiting returns the issued ticket of a business that is next in line.
func (t *Tx) FirstWaiting(hall, day, business string) (Ticket, bool, error) {
	return t.ticket("hall = ? AND day = ? AND business = ? AND state = 'issued' ORDER BY issued_at, slot, seq", hall, day, business)
}

// Waiting returns the issued tickets of a business in order, at most limit.
func (t *Tx) Waiting(hall, day, business string, limit int) ([]Ticket, error) {
	return all(t, readTicket, "SELECT "+ticketColumns+` FROM ticket
		WHERE hall = ? AND day = ? AND business = ? AND state = 'issued' ORDER BY issued_at, slot, seq LIMIT ?`,
		hall, day, business, limit)
}

// Ahead counts the issued tickets of the same business before a ticket.
func (t *Tx) Ahead(k Ticket) (int, error) {
	var n int
	_, err := t.one([]any{&n}, `SELECT count(*) FROM ticket
		WHERE hall = ? AND day = ? AND business = ? AND state = 'issued' AND (issued_at, slot, seq) < (?, ?, ?)`,
		k.Hall, k.Day, k.Business, micros(k.IssuedAt), k.Slot, k.Seq)
	return n, err
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
	return all(t, readTicket, "SELECT "+ticketColumns+` FROM ticket
		WHERE hall = ? AND day = ? AND called_at > 0 ORDER BY called_at DESC, id LIMIT ?`, hall, day, limit)
}

// Ended returns the tickets a window has ended on a day, newest first.
func (t *Tx) Ended(hall, day, window string, limit int) ([]Ticket, error) {
	return all(t, readTicket, "SELECT "+ticketColumns+` FROM ticket
		WHERE hall = ? AND day = ? AND window = ? AND ended_at > 0 ORDER BY ended_at DESC, id LIMIT ?`, hall, day, window, limit)
}

// NextNumber takes the next number of the hall's own series and the time it is
// issued at: now, or just after the previous number's time when the clock has
// gone back since, so that numbers and times never disagree about the order.
func (t *Tx) NextNumber(hall, day, prefix string, now time.Time) (number int, issuedAt time.Time, err error) {
	var at int64
	_, err = t.one([]any{&number, &at}, `INSERT INTO counter (hall, day, prefix, last, last_at) VALUES (?, ?, ?, 1, ?)
		ON CONFLICT (hall, day, prefix) DO UPDATE SET last = last + 1, last_at = max(last_at + 1, excluded.last_at)
		RETURNING last, last_at`, hall, day, prefix, micros(now))
	return number, fromMicros(at), err
}

// InsertTicket adds a ticket.
func (t *Tx) InsertTicket(k Ticket) error {
	_, err := t.exec("INSERT INTO ticket ("+ticketColumns+") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		k.Hall, k.ID, k.Day, k.Prefix, k.Series, k.Number, k.Label, k.Business, k.Item,
		k.HolderKey, k.HolderName, k.HolderNumber, k.HolderSource, k.Language, k.Terminal, k.Slot, k.Seq, k.Fingerprint,
		k.State, k.Reason, k.PrintUnknown, micros(k.IssuedAt), micros(k.CalledAt), micros(k.StartedAt), micros(k.EndedAt), k.Window, k.Calls)
	if err != nil {
		return err
	}
	return t.count(k, waiting(k))
}

// UpdateTicket replaces the row of was by now; both have the same hall and id.
// It fails when the row is not in the state of was.
func (t *Tx) UpdateTicket(was, now Ticket) error {
	n, err := t.exec(`UPDATE ticket SET day = ?, prefix = ?, series = ?, number = ?, label = ?, business = ?, item = ?,
		slot = ?, seq = ?, state = ?, reason = ?, print_unknown = ?,
		issued_at = ?, called_at = ?, started_at = ?, ended_at = ?, window = ?, calls = ?
		WHERE hall = ? AND id = ? AND state = ?`,
		now.Day, now.Prefix, now.Series, now.Number, now.Label, now.Business, now.Item,
		now.Slot, now.Seq, now.State, now.Reason, now.PrintUnknown,
		micros(now.IssuedAt), micros(now.CalledAt), micros(now.StartedAt), micros(now.EndedAt), now.Window, now.Calls,
		was.Hall, was.ID, was.State)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("store: ticket %s is not %s any more", was.ID, was.State)
	}
	if err := t.count(was, -waiting(was)); err != nil {
		return err
	}
	return t.count(now, waiting(now))
}

func waiting(k Ticket) int {
	if k.State == centralapi.Issued {
		return 1
	}
	return 0
}

// count adds to the length of the queue a ticket belongs to.
func (t *Tx) count(k Ticket, by int) error {
	if by == 0 {
		return nil
	}
	// Not one upsert: SQLite checks waiting >= 0 on the row it would insert,
	// before it turns to the one that is there.
	n, err := t.exec("UPDATE queue_length SET waiting = waiting + ? WHERE hall = ? AND day = ? AND business = ?",
		by, k.Hall, k.Day, k.Business)
	if err != nil || n == 1 {
		return err
	}
	_, err = t.exec("INSERT INTO queue_length (hall, day, business, waiting) VALUES (?, ?, ?, ?)", k.Hall, k.Day, k.Business, by)
	return err
}

// LogEntry is a line of the append-only log of tickets.
type LogEntry struct {
	N        int64 // 1, 2, 3 … per hall, in commit order; set by AppendLog
	At       time.Time
	Ticket   string // id
	Label    string
	Actor    string // terminal:t7, window:w3, centre
	Action   string // issued, called, recalled, started, finished, no-show, void, superseded, printed
	From, To centralapi.TicketState
	Detail   string // a reason or the like; never personal
}

// AppendLog adds a line to the hall's log.
func (t *Tx) AppendLog(hall string, e LogEntry) error {
	_, err := t.exec(`INSERT INTO ticket_log (hall, n, at, ticket, label, actor, action, from_state, to_state, detail)
		SELECT ?1, coalesce((SELECT max(n) FROM ticket_log WHERE hall = ?1), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9`,
		hall, micros(e.At), e.Ticket, e.Label, e.Actor, e.Action, e.From, e.To, e.Detail)
	return err
}

// LogOf returns the log of one ticket, oldest first.
func (t *Tx) LogOf(hall, ticket string) ([]LogEntry, error) {
	return all(t, func(s scanner) (e LogEntry, err error) {
		var at int64
		err = s.Scan(&e.N, &at, &e.Ticket, &e.Label, &e.Actor, &e.Action, &e.From, &e.To, &e.Detail)
		e.At = fromMicros(at)
		return e, err
	}, `SELECT n, at, ticket, label, actor, action, from_state, to_state, detail FROM ticket_log
		WHERE hall = ? AND ticket = ? ORDER BY n`, hall, ticket)
}

// SameHolder returns the ticket an id was answered with because its holder had
// it already, and the fingerprint of that request.
func (t *Tx) SameHolder(hall, id string) (ticket string, fingerprint []byte, found bool, err error) {
	found, err = t.one([]any{&ticket, &fingerprint}, "SELECT ticket, fingerprint FROM same_holder WHERE hall = ? AND id = ?", hall, id)
	return ticket, fingerprint, found, err
}

// PutSameHolder records such an answer.
func (t *Tx) PutSameHolder(hall, id, ticket string, fingerprint []byte) error {
	_, err := t.exec("INSERT INTO same_holder (hall, id, ticket, fingerprint) VALUES (?, ?, ?, ?)", hall, id, ticket, fingerprint)
	return err
}

// Tombstone reports whether an id has been given up.
func (t *Tx) Tombstone(hall, id string) (bool, error) {
	var reason string
	return t.one([]any{&reason}, "SELECT reason FROM tombstone WHERE hall = ? AND id = ?", hall, id)
}

// PutTombstone records that an id has been given up; the first one stays.
func (t *Tx) PutTombstone(hall, id, terminal, reason string, at time.Time) error {
	_, err := t.exec(`INSERT INTO tombstone (hall, id, terminal, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		hall, id, terminal, reason, micros(at))
	return err
}

// Paused returns the businesses of a hall that are paused.
func (t *Tx) Paused(hall string) (map[string]bool, error) {
	list, err := all(t, func(s scanner) (b string, err error) { err = s.Scan(&b); return b, err },
		"SELECT business FROM pause WHERE hall = ?", hall)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(list))
	for _, b := range list {
		out[b] = true
	}
	return out, nil
}

// SetPaused pauses a business or takes that back.
func (t *Tx) SetPaused(hall, business string, paused bool, at time.Time) error {
	if !paused {
		_, err := t.exec("DELETE FROM pause WHERE hall = ? AND business = ?", hall, business)
		return err
	}
	_, err := t.exec("INSERT INTO pause (hall, business, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", hall, business, micros(at))
	return err
}
