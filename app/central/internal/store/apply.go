package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hallkiosk/app/centralapi"
)

// projection is a set of the projections' tables: the live ones, or those a
// rebuild makes beside them, whose names begin with prefix.
type projection struct{ prefix string }

var live = projection{}

// apply carries out the facts of entries that follow each other in the ledger. It
// reads nothing but the projection itself, so that the same ledger always gives
// the same rows: no clock, no configuration, no chance.
func (p projection) apply(t *Tx, hall string, entries []LogEntry, facts []fact) error {
	for i := 0; i < len(facts); {
		// New tickets that follow each other are added together; that gives what
		// adding them one by one gives.
		n := i
		var fresh []fact
		for n < len(facts) && (facts[n].what == ticketNew || facts[n].idle()) {
			if facts[n].what == ticketNew {
				fresh = append(fresh, facts[n])
			}
			n++
		}
		if len(fresh) > 0 {
			if err := p.addTickets(t, hall, fresh); err != nil {
				return err
			}
		}
		if n > i {
			i = n
			continue
		}
		if err := p.applyOne(t, hall, entries[i], facts[i]); err != nil {
			return err
		}
		i++
	}
	return nil
}

func (p projection) applyOne(t *Tx, hall string, e LogEntry, f fact) error {
	switch f.what {
	case noChange:
		return nil
	case ticketChange:
		return p.changeTicket(t, hall, e, f)
	case sameHolder, tombstoned, paused, helpCalled, windowClosed:
		shape := shapes[f.what]
		return t.insert(p.prefix+shape.name, shape, []row{f.row})
	case resumed:
		_, err := t.exec("DELETE FROM "+p.prefix+"pause WHERE hall = ? AND business = ?", f.row...)
		return err
	case windowOpened:
		_, err := t.exec("DELETE FROM "+p.prefix+"closed_window WHERE hall = ? AND window_id = ?", f.row...)
		return err
	case deviceState:
		_, err := t.exec("INSERT INTO "+p.prefix+"device ("+deviceTable.names()+`) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (hall, terminal, device) DO UPDATE
			SET state = excluded.state, fault = excluded.fault, since = excluded.since, seq = excluded.seq`, f.row...)
		return err
	case helpAnswered:
		_, err := t.exec("UPDATE "+p.prefix+"help_call SET answered_at = ?, answered_by = ? WHERE hall = ? AND id = ?",
			f.row[2], f.row[3], f.row[0], f.row[1])
		return err
	}
	return fmt.Errorf("store: ledger: unknown change %q", f.what)
}

// Places of the columns that decide about counters and queues.
var (
	atDay      = ticketTable.at("day")
	atPrefix   = ticketTable.at("prefix")
	atSeries   = ticketTable.at("series")
	atNumber   = ticketTable.at("number")
	atBusiness = ticketTable.at("business")
	atState    = ticketTable.at("state")
	atIssued   = ticketTable.at("issued_at")

	atClass       = ticketTable.at("class") // and those behind it are newer than the ledger
	atClassReason = ticketTable.at("class_reason")
	atLine        = ticketTable.at("line")
	atPlace       = ticketTable.at("place_at")
	atBack        = ticketTable.at("back_at")
	atWhyPaused   = pauseTable.at("reason")
)

// at returns the place of a column, and panics without one: a slip of the pen.
func (s table) at(name string) int {
	for i, c := range s.columns {
		if c.name == name {
			return i
		}
	}
	panic("store: no column " + name)
}

// pair is a day and a prefix or business.
type pair struct{ day, of string }

// load is how many tickets of a business wait, and how many of its numbers are not
// void.
type load struct{ waiting, taken int64 }

func loadOf(s centralapi.TicketState) load {
	switch s {
	case centralapi.Issued:
		return load{1, 1}
	case centralapi.Void:
		return load{}
	}
	return load{0, 1}
}

func (p projection) addTickets(t *Tx, hall string, facts []fact) error {
	rows := make([]row, len(facts))
	type highest struct{ number, at int64 }
	counters, lengths := map[pair]highest{}, map[pair]load{}
	var counterOrder, lengthOrder []pair // else the order of statements would be chance
	for i, f := range facts {
		r := f.row
		rows[i] = r
		day := r[atDay].(string)
		if r[atSeries].(string) == "" {
			key := pair{day, r[atPrefix].(string)}
			h, ok := counters[key]
			if !ok {
				counterOrder = append(counterOrder, key)
			}
			counters[key] = highest{max(h.number, r[atNumber].(int64)), max(h.at, r[atIssued].(int64))}
		}
		if more := loadOf(centralapi.TicketState(r[atState].(string))); more.taken > 0 {
			key := pair{day, r[atBusiness].(string)}
			have, ok := lengths[key]
			if !ok {
				lengthOrder = append(lengthOrder, key)
			}
			lengths[key] = load{have.waiting + more.waiting, have.taken + more.taken}
		}
	}
	if err := t.insert(p.prefix+"ticket", ticketTable, rows); err != nil {
		return err
	}
	for _, key := range counterOrder {
		h := counters[key]
		if _, err := t.exec("INSERT INTO "+p.prefix+`counter AS c (hall, day, prefix, last, last_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (hall, day, prefix) DO UPDATE SET
				last = CASE WHEN excluded.last > c.last THEN excluded.last ELSE c.last END,
				last_at = CASE WHEN excluded.last_at > c.last_at THEN excluded.last_at ELSE c.last_at END`,
			hall, key.day, key.of, h.number, h.at); err != nil {
			return err
		}
	}
	for _, key := range lengthOrder {
		if err := p.lengthen(t, hall, key, lengths[key]); err != nil {
			return err
		}
	}
	return nil
}

// lengthen adds to the length of a queue, and to what its business has given out.
func (p projection) lengthen(t *Tx, hall string, key pair, by load) error {
	if by == (load{}) {
		return nil
	}
	if by.waiting >= 0 && by.taken >= 0 {
		_, err := t.exec("INSERT INTO "+p.prefix+`queue_length AS q (hall, day, business, waiting, taken) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (hall, day, business) DO UPDATE SET waiting = q.waiting + excluded.waiting, taken = q.taken + excluded.taken`,
			hall, key.day, key.of, by.waiting, by.taken)
		return err
	}
	// Not the same upsert: both databases check waiting >= 0 on the row that would
	// be inserted before they turn to the one that is there.
	n, err := t.exec("UPDATE "+p.prefix+"queue_length SET waiting = waiting + ?, taken = taken + ? WHERE hall = ? AND day = ? AND business = ?",
		by.waiting, by.taken, hall, key.day, key.of)
	if err == nil && n != 1 {
		return fmt.Errorf("store: nobody waits for %s on %s", key.of, key.day)
	}
	return err
}

func (p projection) changeTicket(t *Tx, hall string, e LogEntry, f fact) error {
	var set []string
	var args []any
	for i, c := range ticketTable.columns {
		if f.row[i] != nil && i >= ticketTable.keys {
			set, args = append(set, c.name+" = ?"), append(args, f.row[i])
		}
	}
	if len(set) == 0 {
		return nil // told for its own sake, as a paper that came out
	}
	var now pair
	found, err := t.one([]any{&now.day, &now.of}, "UPDATE "+p.prefix+"ticket SET "+strings.Join(set, ", ")+
		" WHERE hall = ? AND id = ? AND state = ? RETURNING day, business", append(args, hall, e.Ticket, string(e.From))...)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("store: ticket %s is not %s any more", e.Ticket, e.From)
	}
	was := now
	if f.wasDay != "" || f.wasBusiness != "" {
		was = pair{f.wasDay, f.wasBusiness}
	}
	before, after := loadOf(e.From), loadOf(e.To)
	if was == now {
		err = p.lengthen(t, hall, now, load{after.waiting - before.waiting, after.taken - before.taken})
	} else if err = p.lengthen(t, hall, was, load{-before.waiting, -before.taken}); err == nil {
		err = p.lengthen(t, hall, now, after)
	}
	if err != nil {
		return err
	}
	for _, line := range slices.Sorted(maps.Keys(f.choice.Passed)) {
		if _, err := t.exec("INSERT INTO "+p.prefix+`passed_over (hall, day, line, calls) VALUES (?, ?, ?, ?)
			ON CONFLICT (hall, day, line) DO UPDATE SET calls = excluded.calls`, hall, now.day, line, f.choice.Passed[line]); err != nil {
			return err
		}
	}
	return nil
}
