package numsim

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

// What G5 allows.
const (
	ownError    = 250 * time.Millisecond // plus the way of the message
	onlineError = 2 * time.Second
)

// row is a ticket in the centre's database.
type row struct {
	id, day, prefix, series, label, state, reason, terminal string
	number                                                  int
	printUnknown                                            bool
	issued                                                  time.Time
}

// inboxRow is an event in the centre's database.
type inboxRow struct {
	terminal, kind, outcome, reason string
	seq                             int64
}

// books is what the centre has on its disk when the day is over.
type books struct {
	tickets []row
	byID    map[string]row
	inbox   []inboxRow
	dates   map[string]bool // of requests whose number was superseded
	given   map[string]bool // tickets whose own terminal has given them up, and which are another request's answer
}

// date tells apart when the tickets of each terminal were issued.
func (r row) date() string { return r.terminal + " " + r.issued.String() }

func (w *world) readBooks() (books, error) {
	b := books{byID: map[string]row{}, dates: map[string]bool{}, given: map[string]bool{}}
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.centre.dir, "hall.db")+"?mode=ro")
	if err != nil {
		return b, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SELECT id, day, prefix, series, label, state, reason, terminal, number, print_unknown, issued_at
		FROM ticket WHERE hall = ? ORDER BY day, prefix, series, number`, hallID)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		var micros int64
		if err := rows.Scan(&r.id, &r.day, &r.prefix, &r.series, &r.label, &r.state, &r.reason, &r.terminal,
			&r.number, &r.printUnknown, &micros); err != nil {
			return b, err
		}
		r.issued = time.UnixMicro(micros)
		b.tickets, b.byID[r.id] = append(b.tickets, r), r
		if r.reason == "superseded" {
			b.dates[r.date()] = true
		}
	}
	if err := rows.Err(); err != nil {
		return b, err
	}
	given, err := db.QueryContext(ctx, `SELECT id FROM tombstone WHERE hall = ? AND id IN (SELECT ticket FROM same_holder WHERE hall = ?)`, hallID, hallID)
	if err != nil {
		return b, err
	}
	defer given.Close()
	for given.Next() {
		var id string
		if err := given.Scan(&id); err != nil {
			return b, err
		}
		b.given[id] = true
	}
	if err := given.Err(); err != nil {
		return b, err
	}
	events, err := db.QueryContext(ctx, `SELECT terminal, seq, kind, outcome, reason FROM event WHERE hall = ? ORDER BY terminal, seq`, hallID)
	if err != nil {
		return b, err
	}
	defer events.Close()
	for events.Next() {
		var e inboxRow
		if err := events.Scan(&e.terminal, &e.seq, &e.kind, &e.outcome, &e.reason); err != nil {
			return b, err
		}
		b.inbox = append(b.inbox, e)
	}
	return b, events.Err()
}

// check holds what citizens were shown against the centre's books.
func (w *world) check(b books) {
	shown := slices.DeleteFunc(slices.Clone(w.seen.taps), func(t *tap) bool { return !t.shown() })
	w.checkLabels(shown)
	w.checkKnown(shown, b)
	w.checkOrder(shown, b)
	w.checkHeld(shown, b)
	w.checkTimes(shown, b)
	w.checkGaps(b)
	for _, r := range b.tickets {
		switch {
		case r.reason == "superseded":
			w.tally("superseded")
			fallthrough
		case r.state == string(centralapi.Void):
			w.tally("void")
		}
	}
}

// checkLabels checks G1: no label for two tickets on one true business day, nor
// on one that is printed.
func (w *world) checkLabels(shown []*tap) {
	type label struct{ day, label string }
	holds := map[label]*tap{}
	for _, t := range shown {
		day := w.hall.BusinessDay(t.ended)
		if w.hall.BusinessDay(t.begun) != day {
			day = t.ticket.Day
		}
		if t.ticket.Existing {
			continue // its own tap counts
		}
		l := label{day, t.ticket.Label}
		if other, ok := holds[l]; ok && other.ticket.ID != t.ticket.ID {
			w.seen.broken("G1", "taps %d (%s) and %d (%s) both hold %s on %s%s", other.n, other.m.id, t.n, t.m.id, l.label, day,
				when(w.stray && other.ticket.Day != t.ticket.Day, signStray))
		}
		holds[l] = t
	}
}

// checkKnown checks G2: what was shown is there, under the label that was shown
// last, and no event was refused, doubled or left out.
func (w *world) checkKnown(shown []*tap, b books) {
	collided := map[string]bool{}
	for _, e := range b.inbox {
		if strings.HasSuffix(e.reason, signTaken) {
			collided[e.terminal] = true
		}
	}
	last := map[string]*tap{}
	for _, t := range shown {
		if old, ok := last[t.ticket.ID]; !ok || !t.ticket.Existing || old.ticket.Existing {
			last[t.ticket.ID] = t
		}
	}
	for _, t := range shown {
		if last[t.ticket.ID] != t {
			continue
		}
		r, ok := b.byID[t.ticket.ID]
		switch {
		case t.ticket.Own && t.m.gone && (!ok || r.series == ""):
			// On paper only: the disk was destroyed before the centre heard of it.
		case !ok && w.closed[t.m.id]:
			w.seen.broken("G2", "tap %d (%s): the centre does not know %s%s", t.n, t.m.id, t.ticket.Label, signClosed)
		case !ok:
			w.seen.broken("G2", "tap %d (%s): the centre does not know %s%s", t.n, t.m.id, t.ticket.Label,
				when(collided[t.m.id], ": a number of the terminal"+signTaken))
		case r.label != t.ticket.Label && !t.ticket.Existing:
			w.seen.broken("G2", "tap %d (%s): shown %s, the centre says %s", t.n, t.m.id, t.ticket.Label, r.label)
		case r.state == string(centralapi.Void):
			w.seen.broken("G4", "tap %d (%s): %s was shown and is void (%s)%s", t.n, t.m.id, t.ticket.Label, r.reason,
				when(t.ticket.Existing, signAgain))
		}
	}
	next := map[string]int64{}
	for _, e := range b.inbox {
		switch {
		case e.outcome == "done":
		case strings.HasSuffix(e.reason, signTaken) || collided[e.terminal] && e.kind == string(centralapi.TicketPrinted):
			// Told above: its number is not known.
		default:
			w.seen.broken("G2", "%s event %d (%s) in quarantine: %s", e.terminal, e.seq, e.kind, e.reason)
		}
		if e.seq != next[e.terminal]+1 {
			w.seen.broken("G2", "%s event %d follows %d at the centre", e.terminal, e.seq, next[e.terminal])
		}
		next[e.terminal] = e.seq
	}
}

// when returns text if it applies.
func when(applies bool, text string) string {
	if applies {
		return text
	}
	return ""
}

// checkOrder checks G3.
func (w *world) checkOrder(shown []*tap, b books) {
	type series struct{ day, prefix, series string }
	hall, own := map[series][]*tap{}, map[series][]*tap{}
	for _, t := range shown {
		r, ok := b.byID[t.ticket.ID]
		if !ok || t.ticket.Existing || t.offered || t.again || r.label != t.ticket.Label {
			continue
		}
		if r.series == "" {
			s := series{day: r.day, prefix: r.prefix}
			hall[s] = append(hall[s], t)
			continue
		}
		s := series{day: w.hall.BusinessDay(t.ended), prefix: r.prefix, series: r.series}
		own[s] = append(own[s], t)
	}
	number := func(t *tap) int { return b.byID[t.ticket.ID].number }
	for _, list := range hall {
		slices.SortFunc(list, func(x, y *tap) int { return cmp.Compare(number(x), number(y)) })
		for i, x := range list {
			for _, y := range list[i+1:] { // has a higher number
				if y.ended.Before(x.begun) {
					w.seen.broken("G3", "%s was given before tap %d, which has %s", y.ticket.Label, x.n, x.ticket.Label)
				}
			}
		}
	}
	if w.stray {
		return
	}
	for _, list := range own {
		slices.SortFunc(list, func(x, y *tap) int { return x.ended.Compare(y.ended) })
		for i, y := range list[min(1, len(list)):] {
			x := list[i]
			if number(x) >= number(y) {
				w.seen.broken("G3", "%s of tap %d comes after %s of tap %d", y.ticket.Label, y.n, x.ticket.Label, x.n)
			}
			if a, c := b.byID[x.ticket.ID].issued, b.byID[y.ticket.ID].issued; a.After(c) { // at the same time the sequence decides
				w.seen.broken("G3", "the centre dates %s %v, before %s %v%s%s", y.ticket.Label, c, x.ticket.Label, a,
					when(w.seen.arrivals[y.ticket.ID].mixed, signMixed),
					when(b.dates[b.byID[x.ticket.ID].date()] || b.dates[b.byID[y.ticket.ID].date()], signRequest))
			}
		}
	}
}

// checkHeld checks G4: what is live was shown, or is marked.
func (w *world) checkHeld(shown []*tap, b books) {
	held := map[string]bool{}
	for _, t := range shown {
		held[t.ticket.ID] = true
	}
	destroyed := map[string]bool{}
	for _, m := range w.old {
		destroyed[m.id] = m.gone
	}
	for _, r := range b.tickets {
		if r.state == string(centralapi.Void) || held[r.id] || r.printUnknown || destroyed[r.terminal] {
			continue
		}
		w.seen.broken("G4", "%s of %s is live, and nobody was shown it%s%s%s", r.label, r.terminal,
			when(w.wasRefused(r), signRefused), when(w.closed[r.terminal], signClosed), when(b.given[r.id], signHeld))
	}
}

// wasRefused reports whether the ticket's terminal has a refusal written down for
// it.
func (w *world) wasRefused(r row) bool {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, r.terminal, localstore.FileName)+"?mode=ro")
	if err != nil {
		return false
	}
	defer db.Close()
	var n int
	err = db.QueryRowContext(context.Background(), `SELECT count(*) FROM ticket WHERE id = ? AND state = 'refused'`, r.id).Scan(&n)
	return err == nil && n > 0
}

// checkTimes checks G5.
func (w *world) checkTimes(shown []*tap, b books) {
	if w.stray {
		return
	}
	for _, t := range shown {
		r, ok := b.byID[t.ticket.ID]
		if !ok || t.ticket.Existing || t.offered || t.again || t.ticket.Label != r.label {
			continue
		}
		off := max(t.begun.Sub(r.issued), r.issued.Sub(t.ended), 0)
		if r.series == "" {
			if off > onlineError {
				w.seen.broken("G5", "%s of tap %d is dated %v off", r.label, t.n, off)
			}
			continue
		}
		a := w.seen.arrivals[r.id]
		way, cut := a.at.Sub(a.sent), a.at.Sub(t.heard)
		switch {
		case !r.issued.After(a.floor.Add(time.Millisecond)) && r.issued.After(t.ended):
			// A message before this one was long on its way.
		case a.boot == t.boot && off > ownError+way:
			w.seen.broken("G5", "%s of tap %d is dated %v off; its machine was not started anew, the message took %v%s%s",
				r.label, t.n, off, way, when(a.mixed, signMixed), when(b.dates[r.date()], signRequest))
		case a.boot != t.boot && a.sure && off > onlineError:
			w.seen.broken("G5", "%s of tap %d is dated %v off; the terminal had the centre's time", r.label, t.n, off)
		case a.boot != t.boot && off-onlineError > max(cut, a.at.Sub(a.last)):
			w.seen.broken("G5", "%s of tap %d is dated %v off; the cut was %v long", r.label, t.n, off, cut)
		case a.boot != t.boot && off-onlineError > cut:
			// The centre knows the machine's last event, not its last contact.
			w.tally("beyond")
		}
	}
}

// checkGaps checks G6.
func (w *world) checkGaps(b books) {
	type series struct{ day, prefix string }
	last := map[series]int{}
	for _, r := range b.tickets {
		if r.state == string(centralapi.Void) && r.reason == "" {
			w.seen.broken("G6", "%s is void without a reason", r.label)
		}
		if r.series != "" {
			continue
		}
		s := series{r.day, r.prefix}
		if r.number != last[s]+1 {
			w.seen.broken("G6", "%s on %s follows number %d", r.label, r.day, last[s])
		}
		last[s] = r.number
	}
	// The numbers of an own series have no hole, wherever they begin.
	type own struct {
		slot   int
		prefix string
	}
	run := map[own][]*row{}
	for i, r := range b.tickets {
		if r.series == "" {
			continue
		}
		var slot int
		if _, err := fmt.Sscan(r.series, &slot); err != nil {
			w.seen.broken("G6", "%s is of series %q", r.label, r.series)
			continue
		}
		run[own{slot, r.prefix}] = append(run[own{slot, r.prefix}], &b.tickets[i])
	}
	for _, list := range run {
		slices.SortStableFunc(list, func(x, y *row) int { return x.issued.Compare(y.issued) })
		for i, r := range list[min(1, len(list)):] {
			before := list[i]
			if r.day != before.day {
				continue
			}
			for n := before.number + 1; n < r.number; n++ {
				if !slices.ContainsFunc(list, func(x *row) bool { return x.number == n && (w.stray || near(x.issued, r.issued)) }) {
					w.seen.broken("G6", "%s on %s follows %s%s", r.label, r.day, before.label,
						when(w.stray || w.seen.arrivals[r.id].mixed || w.seen.arrivals[before.id].mixed, signMixed))
					break
				}
			}
		}
	}
}

// near reports whether two dates can be of one run of numbers: a number whose date
// is a guess may be booked on the day before.
func near(a, b time.Time) bool { return a.Sub(b).Abs() < 48*time.Hour }
