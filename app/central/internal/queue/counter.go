package queue

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// maxTogether is how many requests for a number are answered together at most.
const maxTogether = 256

// counter is where requests for numbers of one hall wait. While some are being
// answered, in one transaction with a handful of statements whatever their number,
// the next ones gather; so a hall under load costs a transaction for hundreds of
// numbers, and a quiet one no delay. The order is that of arrival.
type counter struct {
	mu      sync.Mutex
	waiting []*issuing
	open    bool          // a goroutine serves the counter
	wanted  int           // requests it waits for before it goes on; 0 = for none
	enough  chan struct{} // told when they are there; holds one
}

// How long a counter under load waits for the requests that are about to come.
// Clients that have just been answered together ask again together; the first of
// them would otherwise be answered alone, with a commit of its own, while all the
// others wait for it. (PostgreSQL's commit_delay and commit_siblings do the same.)
const (
	gatherFor  = 2 * time.Millisecond
	gatherFrom = 4 // requests answered together: fewer are no load
)

// queue adds a request and opens the counter with serve when it is closed.
func (c *counter) queue(a *issuing, serve func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, a)
	if c.wanted > 0 && len(c.waiting) >= c.wanted {
		c.wanted = 0
		c.enough <- struct{}{}
	}
	if !c.open {
		c.open = true
		go serve()
	}
}

// gather waits until as many requests are there as were answered together last,
// but not long.
func (c *counter) gather(last int) {
	if last < gatherFrom {
		return
	}
	c.mu.Lock()
	if len(c.waiting) >= last {
		c.mu.Unlock()
		return
	}
	if c.enough == nil {
		c.enough = make(chan struct{}, 1)
	}
	c.wanted = last
	c.mu.Unlock()
	late := time.NewTimer(gatherFor)
	defer late.Stop()
	select {
	case <-c.enough:
		return
	case <-late.C:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wanted == 0 {
		<-c.enough // they came at the last moment
	}
	c.wanted = 0
}

// take returns the requests to answer next; without any the counter is closed.
func (c *counter) take() []*issuing {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.waiting), maxTogether)
	if n == 0 {
		c.open, c.waiting = false, nil
		return nil
	}
	group := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	return group
}

// serve answers requests until none is waiting.
func (d *Desk) serve(p *place) {
	for group := p.counter.take(); group != nil; group = p.counter.take() {
		d.settle(p, group)
		p.counter.gather(len(group))
	}
}

// settle answers requests together. When that fails for a reason that may lie in
// one of them, each is tried alone, so that one cannot spoil the others' day.
func (d *Desk) settle(p *place, group []*issuing) {
	var settled []verdict
	// Not a caller's context: the others would go with it.
	err := d.write(context.Background(), p.ID, func(tx *store.Tx) (err error) {
		settled, err = d.decide(tx, p, group)
		return err
	})
	if refusal, ok := errors.AsType[*centralapi.Error](err); ok && refusal.Code == centralapi.CodeInternal && len(group) > 1 {
		for i := range group {
			d.settle(p, group[i:i+1])
		}
		return
	}
	for i, a := range group {
		if err != nil {
			a.err = err
		} else {
			a.answer, a.err = settled[i].answer, settled[i].err
		}
		close(a.answered)
	}
}

// verdict is what a request is answered with: a refusal, or a ticket. Of a new
// ticket fresh says which of those to be made it is, else it is -1.
type verdict struct {
	err      error
	row      store.Ticket
	fresh    int
	again    bool // the ticket was there before this request
	existing bool // and under another id
	answer   centralapi.Ticket
}

// round is a group of requests being answered in a transaction: what the database
// knows of them, and what has become of those before.
type round struct {
	p      *place
	now    time.Time
	day    string
	paused map[string]store.Closing
	closed map[string]error // by business, nil = open

	tickets map[string]store.Ticket // by id
	gone    map[string]bool
	same    map[string]store.SameHolder
	held    map[store.HolderBusiness]store.Ticket

	freshByID map[string]int
	freshHeld map[store.HolderBusiness]int
	sameFresh map[string]sameFresh
	fresh     []*issuing
	sameNew   []sameNew
	caps      caps
}

// sameFresh is an id answered with a ticket that is made in the same round.
type sameFresh struct {
	fresh int
	print []byte
}

// sameNew is an answer to be kept in the table of same holders.
type sameNew struct {
	a   *issuing
	row store.Ticket // zero for a fresh one
	n   int          // which fresh one
}

// decide answers a group as if one had come after the other.
func (d *Desk) decide(tx *store.Tx, p *place, group []*issuing) ([]verdict, error) {
	now := d.now()
	r := &round{p: p, now: now, day: p.today(now), closed: map[string]error{},
		freshByID: map[string]int{}, freshHeld: map[store.HolderBusiness]int{}, sameFresh: map[string]sameFresh{}, caps: caps{}}
	if err := r.look(tx, group); err != nil {
		return nil, err
	}
	out := make([]verdict, len(group))
	for i, a := range group {
		a.day = r.day
		out[i] = r.judge(a)
	}
	rows, err := r.insert(tx)
	if err != nil {
		return nil, err
	}
	for i, a := range group {
		v := &out[i]
		if v.err != nil {
			continue
		}
		if v.fresh >= 0 {
			v.row = rows[v.fresh].row
		}
		n := 0
		switch {
		case v.again:
			// Counted anew: the queue may have moved on since the first answer.
			if n, err = ahead(tx, r.p, v.row); err != nil {
				return nil, err
			}
		default:
			n = rows[v.fresh].ahead
		}
		v.answer = a.p.ticket(v.row, n)
		v.answer.Existing = v.existing
	}
	return out, nil
}

// look reads what the database knows of the requests.
func (r *round) look(tx *store.Tx, group []*issuing) (err error) {
	ids := make([]string, 0, len(group))
	var people []store.HolderBusiness
	for _, a := range group {
		ids = append(ids, a.r.ID)
		if a.r.Holder != nil {
			people = append(people, a.person())
		}
	}
	if r.tickets, err = tx.Tickets(r.p.ID, ids); err != nil {
		return err
	}
	if r.gone, err = tx.Tombstones(r.p.ID, ids); err != nil {
		return err
	}
	if r.same, err = tx.SameHolders(r.p.ID, ids); err != nil {
		return err
	}
	if len(r.same) > 0 {
		// The tickets these ids were answered with.
		ids = ids[:0]
		for _, s := range r.same {
			ids = append(ids, s.Ticket)
		}
		held, err := tx.Tickets(r.p.ID, ids)
		if err != nil {
			return err
		}
		for id, t := range held {
			r.tickets[id] = t
		}
	}
	if r.paused, err = tx.Paused(r.p.ID); err != nil {
		return err
	}
	if err := r.caps.look(tx, r, group); err != nil {
		return err
	}
	if len(people) > 0 {
		r.held, err = tx.LiveTicketsOf(r.p.ID, r.day, people)
	}
	return err
}

func (a *issuing) person() store.HolderBusiness {
	return store.HolderBusiness{Key: a.r.Holder.Key, Business: a.business.ID}
}

// judge answers one request, but for the numbers of new tickets.
func (r *round) judge(a *issuing) verdict {
	// An id that has been seen gets its answer whatever the hour.
	if v, seen := r.seen(a); seen {
		return v
	}
	if err := r.isClosed(a.business); err != nil {
		return verdict{err: err}
	}
	if c, paused := r.paused[a.business.ID]; paused {
		return verdict{err: pausedError(c)}
	}
	if a.r.Holder != nil {
		if held, ok := r.held[a.person()]; ok {
			r.sameNew = append(r.sameNew, sameNew{a: a, row: held})
			r.same[a.r.ID] = store.SameHolder{Ticket: held.ID, Fingerprint: a.print}
			r.tickets[held.ID] = held
			return verdict{row: held, fresh: -1, again: true, existing: true}
		}
		if n, ok := r.freshHeld[a.person()]; ok {
			r.sameNew = append(r.sameNew, sameNew{a: a, n: n})
			r.sameFresh[a.r.ID] = sameFresh{n, a.print}
			return verdict{fresh: n, again: true, existing: true}
		}
	}
	if err := r.caps.take(a.business); err != nil {
		return verdict{err: err}
	}
	n := len(r.fresh)
	r.fresh = append(r.fresh, a)
	r.freshByID[a.r.ID] = n
	if a.r.Holder != nil {
		r.freshHeld[a.person()] = n
	}
	return verdict{fresh: n}
}

// isClosed returns the refusal when a business takes no numbers at this time.
func (r *round) isClosed(b *hall.Business) error {
	err, ok := r.closed[b.ID]
	if !ok {
		if r.p.BusinessStateAt(b.ID, r.now).Kind != hall.Open {
			err = closedError(r.p, b, r.p.StateAt(r.now).Kind)
		}
		r.closed[b.ID] = err
	}
	return err
}

// seen answers an id that has been seen before, in this round or any other.
func (r *round) seen(a *issuing) (verdict, bool) {
	abandoned := func() (verdict, bool) {
		return verdict{err: centralapi.Refuse(centralapi.CodeAbandoned, "这次取号已取消，请重新取号。")}, true
	}
	reused := func() (verdict, bool) {
		return verdict{err: centralapi.Refuse(centralapi.CodeIDReused, "取号请求重复，请重新取号。")}, true
	}
	id := a.r.ID
	if t, ok := r.tickets[id]; ok {
		switch {
		case !bytes.Equal(t.Fingerprint, a.print) || t.Terminal != a.from.ID:
			return reused()
		case t.State == centralapi.Void:
			return abandoned()
		}
		return verdict{row: t, fresh: -1, again: true}, true
	}
	if n, ok := r.freshByID[id]; ok {
		if first := r.fresh[n]; !bytes.Equal(first.print, a.print) || first.from.ID != a.from.ID {
			return reused()
		}
		return verdict{fresh: n, again: true}, true
	}
	if r.gone[id] {
		return abandoned()
	}
	if s, ok := r.same[id]; ok {
		if !bytes.Equal(s.Fingerprint, a.print) {
			return reused()
		}
		if held, ok := r.tickets[s.Ticket]; ok {
			return verdict{row: held, fresh: -1, again: true, existing: true}, true
		}
	}
	if s, ok := r.sameFresh[id]; ok {
		if !bytes.Equal(s.print, a.print) {
			return reused()
		}
		return verdict{fresh: s.fresh, again: true, existing: true}, true
	}
	return verdict{}, false
}

// made is a new ticket and how many waited before it.
type made struct {
	row   store.Ticket
	ahead int
}

// insert makes the new tickets and keeps who was answered with another's.
func (r *round) insert(tx *store.Tx) ([]made, error) {
	if len(r.fresh) == 0 {
		return nil, r.keepSame(tx, nil)
	}
	lengths, err := tx.QueueLengths(r.p.ID, r.day)
	if err != nil {
		return nil, err
	}
	type series struct {
		next  int
		times []time.Time
	}
	wanted := map[string]int{}
	for _, a := range r.fresh {
		wanted[a.business.Prefix]++
	}
	taken := make(map[string]*series, len(wanted))
	for prefix, n := range wanted {
		first, times, err := tx.TakeNumbers(r.p.ID, r.day, prefix, n, r.now)
		if err != nil {
			return nil, err
		}
		taken[prefix] = &series{first, times}
	}
	out := make([]made, len(r.fresh))
	rows := make([]store.Ticket, len(r.fresh))
	entries := make([]store.LogEntry, len(r.fresh))
	for i, a := range r.fresh {
		s := taken[a.business.Prefix]
		row := a.row(s.next, "", a.business.Prefix)
		row.IssuedAt, row.Seq = s.times[0], int64(s.next)
		s.next, s.times = s.next+1, s.times[1:]
		out[i] = made{row, lengths[row.Business]}
		lengths[row.Business]++
		rows[i] = row
		entries[i] = store.LogEntry{At: r.now, Actor: a.actor, Action: "issued"}
	}
	if err := tx.InsertTickets(rows, entries); err != nil {
		return nil, err
	}
	for i, row := range rows {
		if row.Class != centralapi.Ordinary { // not behind all who wait
			if out[i].ahead, err = ahead(tx, r.p, row); err != nil {
				return nil, err
			}
		}
	}
	return out, r.keepSame(tx, out)
}

func (r *round) keepSame(tx *store.Tx, fresh []made) error {
	for _, s := range r.sameNew {
		held := s.row
		if held.ID == "" {
			held = fresh[s.n].row
		}
		if err := tx.PutSameHolder(r.p.ID, s.a.r.ID, held.ID, s.a.print,
			store.LogEntry{At: r.now, Actor: s.a.actor, Action: "same-holder", Label: held.Label, Business: held.Business}); err != nil {
			return err
		}
	}
	return nil
}
