package store

import (
	"slices"
	"time"

	"hallkiosk/app/centralapi"
)

// Reads of the lines people wait in. A ticket waits in one line, that of its business
// or of a single window, and there among the ordinary ones or among those of a class.

// firstPlaces is the order of the index ticket_waiting behind its equal columns.
const firstPlaces = " ORDER BY place_at, slot, seq, back_at"

// classes are the values of ticket.class, as a table.
const classes = "(SELECT '' AS class UNION ALL SELECT 'appointment' UNION ALL SELECT 'priority') AS c"

// Heads returns of each line and class the ticket with the first place: three looks
// into the index for each line, however many wait.
func (t *Tx) Heads(hall, day string, lines []string) ([]Ticket, error) {
	first := " FROM ticket WHERE hall = ? AND day = ? AND line = w.id AND class = c.class AND state = 'issued'" + firstPlaces + " LIMIT 1)"
	if t.d == inPostgres {
		first = " CROSS JOIN LATERAL (SELECT *" + first + " AS t"
	} else {
		first = " CROSS JOIN ticket AS t ON t.rowid = (SELECT rowid" + first
	}
	return all(t, readTicket, ticketAndHolder+t.d.wanted()+" CROSS JOIN "+classes+first+t.d.heldBy(), t.d.list(lines), hall, day)
}

// ofKind is the condition for ordinary tickets, or for those of a class.
func ofKind(classed bool) string {
	if classed {
		return " AND t.class > ''"
	}
	return " AND t.class = ''"
}

// Waiting returns the ordinary issued tickets of a line, or those of a class, in the
// order of their places, at most limit.
func (t *Tx) Waiting(hall, day, line string, classed bool, limit int) ([]Ticket, error) {
	of := []centralapi.TicketClass{centralapi.Ordinary}
	if classed {
		of = []centralapi.TicketClass{centralapi.Appointment, centralapi.Priority}
	}
	var out []Ticket
	for _, class := range of { // each in the order of the index
		list, err := all(t, readTicket, t.d.selectTicket()+"t.hall = ? AND t.day = ? AND t.line = ? AND t.class = ? AND t.state = 'issued'"+
			" ORDER BY t.place_at, t.slot, t.seq, t.back_at LIMIT ?", hall, day, line, string(class), limit)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, ComparePlaces)
	return out[:min(len(out), limit)], nil
}

// Before counts the ordinary issued tickets in the line of k, or those of a class,
// whose place is before that of k.
func (t *Tx) Before(k Ticket, classed bool) (int, error) {
	var n int
	at := k.place()
	_, err := t.one([]any{&n}, "SELECT count(*) FROM ticket AS t WHERE t.hall = ? AND t.day = ? AND t.line = ? AND t.state = 'issued'"+ofKind(classed)+
		" AND (t.place_at, t.slot, t.seq, t.back_at) < (?, ?, ?, ?)", k.Hall, k.Day, k.values()[atLine], at[0], at[1], at[2], at[3])
	return n, err
}

// CountWaiting counts the ordinary issued tickets of a line, or those of a class, up to
// most.
func (t *Tx) CountWaiting(hall, day, line string, classed bool, most int) (int, error) {
	var n int
	_, err := t.one([]any{&n}, "SELECT count(*) FROM (SELECT 1 FROM ticket AS t WHERE t.hall = ? AND t.day = ? AND t.line = ? AND t.state = 'issued'"+
		ofKind(classed)+" LIMIT ?) AS counted", hall, day, line, most)
	return n, err
}

// PassedOver returns how many tickets of a class have been called in a row over the
// heads of the ordinary ones of a line, by line; lines without any may be missing.
func (t *Tx) PassedOver(hall, day string) (map[string]int64, error) {
	return byID(t, func(s scanner) (line string, n int64, err error) {
		err = s.Scan(&line, &n)
		return line, n, err
	}, "SELECT line, calls FROM passed_over WHERE hall = ? AND day = ? AND calls > 0", hall, day)
}

// Held returns what a window has on hold, in the order in which it was called.
func (t *Tx) Held(hall, day, window string) ([]Ticket, error) {
	return all(t, readTicket, t.d.selectTicket()+"t.hall = ? AND t.day = ? AND t.window_id = ? AND t.state = 'held' ORDER BY t.called_at, t.id", hall, day, window)
}

// Missed returns the tickets of a business that were passed over and have not come back
// since, newest first, at most limit.
func (t *Tx) Missed(hall, day, business string, limit int) ([]Ticket, error) {
	return all(t, readTicket, t.d.selectTicket()+`t.hall = ? AND t.day = ? AND t.business = ? AND t.state = 'no-show' AND t.back_at = 0
		ORDER BY t.ended_at DESC, t.id LIMIT ?`, hall, day, business, limit)
}

// Taken returns how many numbers of a day that are not void each business has given
// out; businesses without any may be missing.
func (t *Tx) Taken(hall, day string) (map[string]int, error) {
	return byID(t, func(s scanner) (business string, n int, err error) {
		err = s.Scan(&business, &n)
		return business, n, err
	}, "SELECT business, taken FROM queue_length WHERE hall = ? AND day = ?", hall, day)
}

// TakenSince counts the numbers of one prefix that were given out from a time on and
// are not void. It looks at every number of the day with that prefix.
func (t *Tx) TakenSince(hall, day, prefix string, from time.Time) (int, error) {
	var n int
	_, err := t.one([]any{&n}, `SELECT count(*) FROM ticket WHERE hall = ? AND day = ? AND prefix = ? AND issued_at >= ? AND state <> 'void'`,
		hall, day, prefix, micros(from))
	return n, err
}

// ClosedWindows returns the windows of a hall that are closed from afar, by id.
func (t *Tx) ClosedWindows(hall string) (map[string]Closing, error) {
	return t.closings("SELECT window_id, since, reason FROM closed_window WHERE hall = ?", hall)
}

// CloseWindow closes a window. Where it is closed already, nothing changes and nothing
// is told.
func (t *Tx) CloseWindow(hall, window string, c Closing, e LogEntry) error {
	closed, err := t.ClosedWindows(hall)
	if _, already := closed[window]; err != nil || already {
		return err
	}
	e.Window = window
	return t.recordOne(hall, e, fact{what: windowClosed, row: row{hall, window, micros(c.Since), c.Reason}})
}

// OpenWindow takes that back; likewise.
func (t *Tx) OpenWindow(hall, window string, e LogEntry) error {
	closed, err := t.ClosedWindows(hall)
	if _, is := closed[window]; err != nil || !is {
		return err
	}
	e.Window = window
	return t.recordOne(hall, e, fact{what: windowOpened, row: row{hall, window}})
}

// Told is a line of the ledger about a ticket, and what the ticket was before and after
// it as the ledger says. Both are without fingerprint and holder; Before is zero where
// the line begins the ticket.
type Told struct {
	LogEntry
	Before, After Ticket
	Choice        Choice // of a line that calls the ticket
}

// LogNaming returns the ledger's lines behind line after whose ticket, by id, or label
// is one of these two, oldest first.
func (t *Tx) LogNaming(hall string, after int64, one, two string) ([]LogEntry, error) {
	return all(t, readLog, "SELECT "+logColumns+" FROM hall_log WHERE hall = ? AND n > ? AND (ticket IN (?, ?) OR label IN (?, ?)) ORDER BY n",
		hall, after, one, two, one, two)
}

// LogBefore returns the number of a line of which all lines behind it were written at
// or after a time, as far as the clock that dated them went forward only. It takes some
// twenty looks, however long the ledger.
func (t *Tx) LogBefore(hall string, at time.Time) (int64, error) {
	low := int64(0)
	high, err := t.Cursor(hall)
	if err != nil {
		return 0, err
	}
	for low < high {
		middle := low + (high-low)/2 + 1
		var written int64
		if _, err := t.one([]any{&written}, "SELECT at FROM hall_log WHERE hall = ? AND n = ?", hall, middle); err != nil {
			return 0, err
		}
		if written < micros(at) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low, nil
}

// Retell folds lines of the ledger, oldest first, into what they say of their tickets.
// It asks nothing but the lines; every ticket's must begin with the one that made it.
func Retell(hall string, entries []LogEntry) ([]Told, error) {
	rows := map[string]row{}
	var out []Told
	for _, e := range entries {
		f, err := decodeFact(hall, e.Fact)
		if err != nil {
			return nil, err
		}
		told := Told{LogEntry: e, Choice: f.choice}
		switch was := rows[e.Ticket]; {
		case f.what == ticketNew:
			rows[e.Ticket] = f.row
		case f.what == ticketChange && was != nil:
			told.Before = ticketOf(was)
			now := slices.Clone(was)
			for i, v := range f.row {
				if v != nil && i >= ticketTable.keys {
					now[i] = v
				}
			}
			rows[e.Ticket] = now
		default:
			continue // as with ids that were answered with another's ticket
		}
		told.After = ticketOf(rows[e.Ticket])
		out = append(out, told)
	}
	return out, nil
}

// ticketOf reads a row of ticketTable, but for the fingerprint.
func ticketOf(r row) Ticket {
	str := func(name string) string { return r[ticketTable.at(name)].(string) }
	n := func(name string) int64 { return r[ticketTable.at(name)].(int64) }
	at := func(name string) time.Time { return fromMicros(n(name)) }
	return Ticket{
		Hall: str("hall"), ID: str("id"), Day: str("day"), Prefix: str("prefix"), Series: str("series"), Number: int(n("number")),
		Label: str("label"), Business: str("business"), Item: str("item"), Language: str("language"), Terminal: str("terminal"),
		Slot: int(n("slot")), Seq: n("seq"), State: centralapi.TicketState(str("state")), Reason: str("reason"),
		PrintUnknown: r[ticketTable.at("print_unknown")].(bool), IssuedAt: at("issued_at"), CalledAt: at("called_at"),
		StartedAt: at("started_at"), EndedAt: at("ended_at"), Window: str("window_id"), Calls: int(n("calls")),
		Class: centralapi.TicketClass(str("class")), ClassReason: str("class_reason"), Line: str("line"),
		PlaceAt: at("place_at"), BackAt: at("back_at"),
	}
}
