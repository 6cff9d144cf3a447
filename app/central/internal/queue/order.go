package queue

import (
	"cmp"
	"slices"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// lines returns the lines a window calls from: those of its businesses in the order of
// the hall file, and its own.
func (p *place) lines(windowID string) []string {
	businesses := p.BusinessesOf(windowID)
	out := make([]string, 0, len(businesses)+1)
	for _, b := range businesses {
		out = append(out, b.ID)
	}
	return append(out, store.WindowLine(windowID))
}

// serves reports whether a window calls from the line of a ticket.
func (p *place) serves(windowID string, t store.Ticket) bool {
	lines := p.lines(windowID)
	// Who was passed over at a window of their own may come back at any of the business.
	return slices.Contains(lines, t.Line) || t.State == centralapi.NoShow && slices.Contains(lines, t.Business)
}

// choose returns whom a window calls next, of the tickets with the first place in each
// of its lines, ordinary and of a class; ok is false without any. passed is how many
// tickets of a class have been called in a row over the heads of each line's ordinary
// ones, and run how many may be.
//
// Tickets of a class go first. Each time one does while an ordinary one waits in some
// of the window's lines, those lines are passed over once; when that has happened run
// times to one of them, the ordinary ticket with the first place is called, and none of
// these lines counts as passed over any more. So of any run+1 calls by windows that
// serve a business one at least is of an ordinary ticket while one waits there; and
// right after an ordinary ticket a window calls one of a class, unless other windows
// have passed over its lines run times meanwhile. Within a kind the first place counts,
// over all lines. Nobody waits for ever on either side, as nobody gets a place before
// those who are there, except once by coming back.
func choose(heads []store.Ticket, lines []string, passed map[string]int64, run int) (next store.Ticket, c store.Choice, ok bool) {
	var ordinary, classed *store.Ticket
	var waiting []string // lines with ordinary tickets
	for _, line := range lines {
		for i := range heads {
			h := &heads[i]
			first := &classed
			switch {
			case h.Line != line:
				continue
			case h.Class == centralapi.Ordinary:
				first = &ordinary
				waiting = append(waiting, line)
			}
			if *first == nil || h.Before(**first) {
				*first = h
			}
		}
	}
	c.Lines = lines
	due := slices.ContainsFunc(waiting, func(line string) bool { return passed[line] >= int64(run) })
	switch {
	case classed != nil && (ordinary == nil || !due):
		next, c.Why = *classed, store.ChoseFirst
		if ordinary != nil {
			c.Why = store.ChoseClass
		}
		for _, line := range waiting {
			c = pass(c, line, passed[line]+1)
		}
	case ordinary != nil:
		next, c.Why = *ordinary, store.ChoseFirst
		if classed != nil {
			c.Why = store.ChoseTurn
		}
		for _, line := range lines {
			if passed[line] > 0 {
				c = pass(c, line, 0)
			}
		}
	default:
		return store.Ticket{}, store.Choice{}, false
	}
	return next, c, true
}

// next reads whom a window calls next.
func next(tx *store.Tx, p *place, day, windowID string) (t store.Ticket, c store.Choice, ok bool, err error) {
	lines := p.lines(windowID)
	heads, err := tx.Heads(p.ID, day, lines)
	if err != nil || len(heads) == 0 {
		return store.Ticket{}, store.Choice{}, false, err
	}
	passed, err := tx.PassedOver(p.ID, day)
	if err != nil {
		return store.Ticket{}, store.Choice{}, false, err
	}
	t, c, ok = choose(heads, lines, passed, p.Queue.Run())
	return t, c, ok, nil
}

// upcoming returns whom a window would call, one after the other, if nobody came and no
// other window called; at most limit.
func upcoming(tx *store.Tx, p *place, day, windowID string, limit int) ([]store.Ticket, error) {
	lines := p.lines(windowID)
	waiting := make([][]store.Ticket, 0, 2*len(lines))
	for _, line := range lines {
		for _, classed := range []bool{false, true} {
			list, err := tx.Waiting(p.ID, day, line, classed, limit)
			if err != nil {
				return nil, err
			}
			waiting = append(waiting, list)
		}
	}
	passed, err := tx.PassedOver(p.ID, day)
	if err != nil {
		return nil, err
	}
	var out []store.Ticket
	for len(out) < limit {
		var heads []store.Ticket
		for _, list := range waiting {
			if len(list) > 0 {
				heads = append(heads, list[0])
			}
		}
		t, c, ok := choose(heads, lines, passed, p.Queue.Run())
		if !ok {
			break
		}
		for line, n := range c.Passed {
			passed[line] = n
		}
		for i, list := range waiting {
			if len(list) > 0 && list[0].ID == t.ID {
				waiting[i] = list[1:]
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// ahead is how many people of a ticket's line are called before it, if nobody else
// came.
func ahead(tx *store.Tx, p *place, t store.Ticket) (int, error) {
	if t.State != centralapi.Issued {
		return 0, nil
	}
	mine := t.Class != centralapi.Ordinary
	n, err := tx.Before(t, mine)
	if err != nil {
		return 0, err
	}
	// How many of the other kind there are, as far as they can matter.
	run := p.Queue.Run()
	line := cmp.Or(t.Line, t.Business)
	most := n/run + 1
	if !mine {
		most = (n + 1) * run
	}
	others, err := tx.CountWaiting(p.ID, t.Day, line, !mine, most)
	if err != nil || others == 0 {
		return n, err
	}
	passed, err := tx.PassedOver(p.ID, t.Day)
	if err != nil {
		return 0, err
	}
	already := min(int(passed[line]), run)
	if mine {
		return n + min(others, (already+n)/run), nil
	}
	return n + min(others, run-already+n*run), nil
}

// knownClass reports whether a ticket can have this class.
func knownClass(c centralapi.TicketClass) bool {
	return c == centralapi.Ordinary || slices.Contains(hall.Classes(), c)
}

func pass(c store.Choice, line string, calls int64) store.Choice {
	if c.Passed == nil {
		c.Passed = map[string]int64{}
	}
	c.Passed[line] = calls
	return c
}
