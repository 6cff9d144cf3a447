package queue

import (
	"encoding/json"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// glance is what the database knows of the tickets a batch of events speaks of,
// read at once and kept up to date while the events are projected. A city's
// terminals after a cut deliver millions of events; reading each event's ticket by
// itself took a third of the time.
type glance struct {
	tx      *store.Tx
	hall    string
	tickets map[string]store.Ticket // by id
	gone    map[string]bool
	same    map[string]store.SameHolder // ids that were answered with a ticket their holder had
	vouched map[string]time.Time        // when numbers were given, by the event's id, where the terminal was sure
	changed []store.Ticket              // by the event being projected
	buried  []string                    // ids it has given up
	places  map[block]map[int]bool      // numbers that are taken
}

// block is as many numbers of a series as are looked up at once.
type block struct {
	day, prefix, series string
	first               int
}

const blockLength = 256

func blockOf(day, prefix, series string, number int) block {
	return block{day, prefix, series, number - number%blockLength}
}

// taken reports whether another ticket has a number. What the event being projected
// has changed does not count yet.
func (g *glance) taken(day, prefix, series string, number int) (bool, error) {
	b := blockOf(day, prefix, series, number)
	if _, known := g.places[b]; !known {
		numbers, err := g.tx.NumbersTaken(g.hall, day, prefix, series, b.first, b.first+(blockLength-1))
		if err != nil {
			return false, err
		}
		if g.places == nil {
			g.places = map[block]map[int]bool{}
		}
		g.places[b] = numbers
	}
	return g.places[b][number], nil
}

// look reads the tickets the events speak of. It does not judge bodies: what is no
// id finds nothing.
func look(tx *store.Tx, hall string, events []centralapi.Event) (*glance, error) {
	g := &glance{tx: tx, hall: hall, tickets: map[string]store.Ticket{}, gone: map[string]bool{}, vouched: map[string]time.Time{}}
	ids := make([]string, 0, len(events))
	for _, e := range events {
		var body struct {
			Ticket   struct{ ID string } // of TakenTicket
			At       time.Time           // of TakenTicket
			ID       string              // of AbandonedTicket
			TicketID string              `json:"ticket_id"` // of PrintResult
		}
		switch e.Kind {
		case centralapi.TicketTaken, centralapi.TicketAbandoned, centralapi.TicketPrinted:
			if json.Unmarshal(e.Body, &body) != nil {
				continue
			}
		default:
			continue
		}
		if !body.At.IsZero() {
			g.vouched[e.ID] = body.At
		}
		for _, id := range []string{body.Ticket.ID, body.ID, body.TicketID} {
			if validID(id) {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return g, nil
	}
	var err error
	if g.tickets, err = tx.Tickets(hall, ids); err != nil {
		return nil, err
	}
	if g.gone, err = tx.Tombstones(hall, ids); err != nil {
		return nil, err
	}
	g.same, err = tx.SameHolders(hall, ids)
	return g, err
}

// ticket returns the ticket with an id as the event being projected finds it.
func (g *glance) ticket(id string) (store.Ticket, bool) {
	for i := len(g.changed) - 1; i >= 0; i-- {
		if g.changed[i].ID == id {
			return g.changed[i], true
		}
	}
	t, ok := g.tickets[id]
	return t, ok
}

func (g *glance) insert(t store.Ticket, e store.LogEntry) error {
	g.changed = append(g.changed, t)
	return g.tx.InsertTicket(t, e)
}

func (g *glance) update(was, now store.Ticket, e store.LogEntry) error {
	g.changed = append(g.changed, now)
	return g.tx.UpdateTicket(was, now, e)
}

// settle keeps what the event has changed, or drops it with the event.
func (g *glance) settle(keep bool) {
	if keep {
		for _, t := range g.changed {
			g.tickets[t.ID] = t
			// The place it had stays taken: another ticket is put there, see supersede.
			if b := blockOf(t.Day, t.Prefix, t.Series, t.Number); g.places[b] != nil {
				g.places[b][t.Number] = true
			}
		}
		for _, id := range g.buried {
			g.gone[id] = true
		}
	}
	g.changed, g.buried = g.changed[:0], g.buried[:0]
}
