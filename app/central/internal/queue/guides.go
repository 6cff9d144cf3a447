package queue

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
)

// ImportGuides puts a catalogue of guides to use in a hall, and returns its revision
// and what [guide.Check] has found. A catalogue with errors is refused
// (CodeInvalid) and the one in use stays. c must not be changed afterwards.
func (d *Desk) ImportGuides(ctx context.Context, hallID string, c *guide.Catalogue) (revision string, problems []guide.Problem, err error) {
	p, err := d.place(hallID)
	if err != nil {
		return "", nil, err
	}
	if c == nil || len(c.Guides) == 0 {
		return "", nil, centralapi.Refuse(centralapi.CodeInvalid, "办事指南里没有事项，没有启用。")
	}
	now := d.now()
	businesses := make([]string, 0, len(p.Businesses))
	for _, b := range p.Businesses {
		businesses = append(businesses, b.ID)
	}
	problems = guide.Check(c, guide.Known{Businesses: businesses, Today: now.In(p.loc)})
	wrong := 0
	for _, one := range problems {
		if !one.Warning {
			wrong++
		}
	}
	if wrong > 0 {
		return "", problems, centralapi.Refuse(centralapi.CodeInvalid, fmt.Sprintf("办事指南有 %d 处错误，没有启用，原来的继续使用。", wrong))
	}
	// Outside the transaction: nobody is to wait for this.
	data, err := json.Marshal(c)
	if err != nil {
		return "", nil, fmt.Errorf("queue: guides: %w", err)
	}
	if len(data) > centralapi.MaxGuides {
		return "", problems, centralapi.Refuse(centralapi.CodeTooLarge, fmt.Sprintf("办事指南共 %d MB，超过 %d MB，没有启用。", len(data)>>20, centralapi.MaxGuides>>20))
	}
	revision = c.Revision()
	body, err := compress(data)
	if err != nil {
		return "", nil, fmt.Errorf("queue: guides: %w", err)
	}
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		return tx.PutGuideCatalogue(p.ID, revision, now, body, store.LogEntry{At: now, Actor: "centre", Action: "guides"})
	})
	p.posted.spoil()
	if err != nil {
		return "", problems, err
	}
	return revision, problems, nil
}

// Guides returns the hall's guides, which must not be changed: a catalogue without
// guides while the hall has none, and the same one while nothing changes.
func (d *Desk) Guides(ctx context.Context, hallID string) (*guide.Catalogue, error) {
	p, err := d.place(hallID)
	if err != nil {
		return nil, err
	}
	b, err := d.book(ctx, p)
	if centralapi.HasCode(err, centralapi.CodeNotFound) {
		return noGuides, nil
	}
	if err != nil {
		return nil, err
	}
	return b.catalogue, nil
}

// noGuides is the catalogue of a hall that has none.
var noGuides = &guide.Catalogue{}

// GuidesAnswer returns the revision of the hall's guides and the gzip of the JSON of
// a [centralapi.Guides] for a terminal that has the revision since, or "" for one
// that has none. The bytes must not be changed. The error is CodeNotFound while the
// hall has no guides.
func (d *Desk) GuidesAnswer(ctx context.Context, hallID, since string) (revision string, body []byte, err error) {
	p, err := d.place(hallID)
	if err != nil {
		return "", nil, err
	}
	b, err := d.book(ctx, p)
	if err != nil {
		return "", nil, err
	}
	if since == b.revision {
		return b.revision, b.whole, nil // asked without being answered with 304: wants it all
	}
	body, err = d.difference(ctx, p, b, since)
	return b.revision, body, err
}

// book returns the hall's guides as they are kept in memory.
func (d *Desk) book(ctx context.Context, p *place) (*book, error) {
	now, err := d.postings(ctx, p)
	if err != nil {
		return nil, err
	}
	if now.revision == "" {
		return nil, centralapi.Refuse(centralapi.CodeNotFound, "这个大厅还没有办事指南。")
	}
	b := d.guides.take(now.revision)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.catalogue != nil {
		return b, nil
	}
	data, c, err := d.catalogueOf(ctx, p, now.revision)
	if err != nil {
		return nil, err
	}
	whole := make([]byte, 0, len(data)+len(now.revision)+40)
	whole = fmt.Appendf(whole, `{"revision":%q,"catalogue":`, now.revision)
	whole = append(append(whole, data...), '}')
	if b.whole, err = compress(whole); err != nil {
		return nil, fmt.Errorf("queue: guides: %w", err)
	}
	b.catalogue = c
	return b, nil
}

// catalogueOf reads a catalogue the database has; the error is CodeNotFound when it
// has been forgotten meanwhile.
func (d *Desk) catalogueOf(ctx context.Context, p *place, revision string) (data []byte, c *guide.Catalogue, err error) {
	err = d.read(ctx, func(tx *store.Tx) error {
		body, ok, err := tx.GuideCatalogue(p.ID, revision)
		if err == nil && !ok {
			err = centralapi.Refuse(centralapi.CodeNotFound, "没有这一版办事指南。")
		}
		data = body
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if data, err = expand(data); err == nil {
		c = &guide.Catalogue{}
		err = json.Unmarshal(data, c)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("queue: guides %s of hall %s: %w", revision, p.ID, err)
	}
	return data, c, nil
}

// difference returns the answer to a terminal that has an earlier revision: what is
// different, where that is known and shorter than the whole.
func (d *Desk) difference(ctx context.Context, p *place, b *book, since string) ([]byte, error) {
	if since == "" {
		return b.whole, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known, ok := b.deltas[since]; ok {
		return known, nil
	}
	_, old, err := d.catalogueOf(ctx, p, since)
	if centralapi.HasCode(err, centralapi.CodeNotFound) {
		return b.whole, nil // not remembered: anybody may ask from anything
	}
	if err != nil {
		return nil, err
	}
	delta := guide.Diff(old, b.catalogue)
	answer := b.whole
	// A program before this one may have counted a catalogue otherwise.
	if delta.From == since && delta.To == b.revision {
		data, err := json.Marshal(centralapi.Guides{Revision: b.revision, Delta: &delta})
		if err != nil {
			return nil, fmt.Errorf("queue: guides: %w", err)
		}
		short, err := compress(data)
		if err != nil {
			return nil, fmt.Errorf("queue: guides: %w", err)
		}
		if len(short) < len(answer) {
			answer = short
		}
	}
	if b.deltas == nil {
		b.deltas = map[string][]byte{}
	}
	b.deltas[since] = answer // of the few revisions the database has
	return answer, nil
}

// shelfSize is how many catalogues are kept in memory. One of 1,500 guides takes
// about 10 MB.
const shelfSize = 8

// shelf keeps the catalogues that were asked for last. They go by their revision, so
// a city's halls that have the same guides share one. The zero value is ready and safe
// for concurrent use.
type shelf struct {
	mu    sync.Mutex
	books []*book // the one asked for last is last
}

// book is one catalogue. It is filled under mu by whoever needs it first, and then
// changes only in deltas.
type book struct {
	revision string

	mu        sync.Mutex
	catalogue *guide.Catalogue
	whole     []byte            // gzip of the answer to who has nothing
	deltas    map[string][]byte // and to who has an earlier revision
}

func (s *shelf) take(revision string) *book {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.books, func(b *book) bool { return b.revision == revision })
	b := &book{revision: revision}
	if i >= 0 {
		b = s.books[i]
		s.books = slices.Delete(s.books, i, i+1)
	} else if len(s.books) == shelfSize {
		s.books = slices.Delete(s.books, 0, 1)
	}
	s.books = append(s.books, b)
	return b
}

func compress(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func expand(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(r, centralapi.MaxGuides+1))
	if err == nil && len(out) > centralapi.MaxGuides {
		err = fmt.Errorf("more than %d MB", centralapi.MaxGuides>>20)
	}
	return out, err
}

// postedLife is how long what a hall has posted is taken for granted. Another service
// on the same database is noticed after that.
const postedLife = time.Second

// posted is what a hall hands out besides its queues. The zero value is ready and safe
// for concurrent use.
type posted struct {
	mu     sync.Mutex
	now    posting
	read   time.Time
	change int // counts spoil: what was read before is not kept after
}

type posting struct {
	revision string             // of the guides, "" = none
	keys     []store.HandoffKey // newest first
}

// spoil makes the next one who asks look at the database.
func (p *posted) spoil() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = time.Time{}
	p.change++
}

// postings returns what a hall has posted, as it was a second ago at most.
func (d *Desk) postings(ctx context.Context, p *place) (posting, error) {
	at := &p.posted
	at.mu.Lock()
	if !at.read.IsZero() && time.Since(at.read) < postedLife {
		defer at.mu.Unlock()
		return at.now, nil
	}
	change := at.change
	at.mu.Unlock()
	begun := time.Now()
	var now posting
	err := d.read(ctx, func(tx *store.Tx) (err error) {
		if now.revision, err = tx.GuideRevision(p.ID); err != nil {
			return err
		}
		now.keys, err = tx.HandoffKeys(p.ID)
		return err
	})
	if err != nil {
		return posting{}, err
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	if at.change == change {
		at.now, at.read = now, begun
	}
	return now, nil
}

// keyAhead is how far a key may begin in the future and still be handed out: services
// on one database have clocks of their own. One that was made while a clock was wrong
// by years is left aside.
const keyAhead = 48 * time.Hour

// ringOf returns the keys that count at a moment, newest first.
func (p *place) ringOf(keys []store.HandoffKey, now time.Time) handoff.Ring {
	r := handoff.Ring{Hall: p.ID}
	for _, k := range keys {
		if k.From.Before(now.Add(keyAhead)) && now.Before(k.Until) {
			r.Keys = append(r.Keys, handoff.Key{ID: k.ID, Secret: k.Secret, From: k.From, Until: k.Until})
		}
	}
	return r
}

// HandoffRing returns the keys of the hall's phone addresses, and makes a new one
// when it is time for that. Where that cannot be kept, the keys there are go on.
func (d *Desk) HandoffRing(ctx context.Context, hallID string) (handoff.Ring, error) {
	p, err := d.place(hallID)
	if err != nil {
		return handoff.Ring{}, err
	}
	posted, err := d.postings(ctx, p)
	if err != nil {
		return handoff.Ring{}, err
	}
	now := d.now()
	ring := p.ringOf(posted.keys, now)
	if _, made := fresh(ring, now); !made {
		return ring, nil
	}
	turned, err := d.turn(ctx, p, inTime)
	if err != nil {
		d.log.Warn("queue: no new hand-off key", "hall", p.ID, "error", err)
		if len(ring.Keys) > 0 {
			err = nil
		}
		return ring, err
	}
	return turned, nil
}

// fresh returns the key that is to be added to a ring, if it is time for one.
func fresh(r handoff.Ring, now time.Time) (k handoff.Key, made bool) {
	next, _ := r.Rotate(now)
	for _, k := range next.Keys {
		if !slices.ContainsFunc(r.Keys, func(old handoff.Key) bool { return old.ID == k.ID && old.From.Equal(k.From) }) {
			return k, true
		}
	}
	return handoff.Key{}, false
}

// RotateHandoff makes a new key for the hall's phone addresses, whatever the age of
// the one in use, and returns its ID. With revoke the hall's other keys are deleted,
// and every address they have signed is refused from then on: for a terminal that was
// stolen.
func (d *Desk) RotateHandoff(ctx context.Context, hallID string, revoke bool) (id uint8, err error) {
	p, err := d.place(hallID)
	if err != nil {
		return 0, err
	}
	how := anyhow
	if revoke {
		how = alone
	}
	ring, err := d.turn(ctx, p, how)
	if err != nil {
		return 0, err
	}
	return ring.Keys[0].ID, nil
}

// turning says when a new key is made.
type turning int

const (
	inTime turning = iota // when the newest has signed long enough
	anyhow
	alone // anyhow, and the others are deleted
)

// turn makes a new key and returns the ring with it in first place, or as it is when
// it is not time.
func (d *Desk) turn(ctx context.Context, p *place, how turning) (ring handoff.Ring, err error) {
	now := d.now()
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		keys, err := tx.HandoffKeys(p.ID) // another service may have been first
		if err != nil {
			return err
		}
		ring = p.ringOf(keys, now)
		k, made := fresh(ring, now)
		if !made {
			if how == inTime {
				return nil
			}
			k = handoff.NewKey(ring.Keys[0].ID+1, now)
		}
		if k.ID, err = freeID(keys, k.ID, now); err != nil {
			return err
		}
		told := store.LogEntry{At: now, Actor: "centre", Action: "handoff-key", Detail: fmt.Sprintf("key %d", k.ID)}
		if how == alone {
			ring.Keys, told.Detail = nil, told.Detail+"; all others revoked"
			if err := tx.ForgetHandoffKeys(p.ID); err != nil {
				return err
			}
		}
		ring.Keys = slices.Insert(ring.Keys, 0, k)
		return tx.PutHandoffKey(p.ID, store.HandoffKey{ID: k.ID, Secret: k.Secret, From: k.From, Until: k.Until}, told)
	})
	p.posted.spoil()
	return ring, err
}

// freeID returns the first ID from id on that no key has ever had. When all have been
// used it is one whose key is over; not before, because a clock that is put ahead makes
// keys look over that are not.
func freeID(keys []store.HandoffKey, id uint8, now time.Time) (uint8, error) {
	var used, alive [256]bool
	for _, k := range keys {
		used[k.ID] = true
		alive[k.ID] = now.Before(k.Until)
	}
	for _, taken := range [][256]bool{used, alive} {
		for range taken {
			if !taken[id] {
				return id, nil
			}
			id++
		}
	}
	return 0, centralapi.Refuse(centralapi.CodeConflict, "密钥太多，请先作废旧的。")
}

// GuideMisses returns what was looked for among a hall's guides and not found, today
// and on the days before, days in all; the most frequent first, at most a thousand.
func (d *Desk) GuideMisses(ctx context.Context, hallID string, days int) ([]store.GuideMiss, error) {
	p, err := d.place(hallID)
	if err != nil {
		return nil, err
	}
	const most = 1000
	since := daysBefore(p.today(d.now()), max(days, 1)-1)
	var out []store.GuideMiss
	err = d.read(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.GuideMisses(p.ID, since, most)
		return err
	})
	return out, err
}

// daysBefore returns the day n days before another.
func daysBefore(day string, n int) string {
	at, err := time.Parse(hall.DateLayout, day)
	if err != nil {
		return "" // days are written by this program
	}
	return at.AddDate(0, 0, -n).Format(hall.DateLayout)
}

// keptMisses is for how many days it is kept what was not found.
const keptMisses = 400

// missed counts what people at a terminal have looked for and not found.
func (in *inbox) missed(b centralapi.MissedSearches, at time.Time) error {
	if n := len(b.Searches); n == 0 || n > centralapi.MaxMissed {
		return fmt.Errorf("%d searches", n)
	}
	today := in.p.today(in.received)
	oldest := daysBefore(today, keptMisses)
	day := b.Day
	if _, err := time.Parse(hall.DateLayout, day); err != nil || day > today || day < oldest {
		day = in.p.dayOf(at, in.received) // the terminal's clock was wrong
	}
	for i, s := range b.Searches {
		text, ok := centralapi.MissedText(s.Text)
		if !ok || s.Count < 1 || s.Count > 1e6 {
			return fmt.Errorf("search %d is malformed", i) // not its text: see MissedText
		}
		if err := in.tx.AddGuideMiss(in.p.ID, day, text, s.Count); err != nil {
			return err
		}
	}
	return in.tx.PurgeGuideMisses(in.p.ID, oldest)
}

// handoffKey is the ID of the newest key of a ring, for Status.
func handoffKey(r handoff.Ring) *uint8 {
	if len(r.Keys) == 0 {
		return nil
	}
	newest := slices.MaxFunc(r.Keys, func(a, b handoff.Key) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID, b.ID)) })
	return &newest.ID
}
