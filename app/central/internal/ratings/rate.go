package ratings

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/handoff"
	"hallkiosk/app/rating"
)

// State is what a one-time code opens now.
type State string

// The states of a View.
const (
	// Unknown: the centre has not heard of the ticket yet, as with a number that a
	// terminal without network has given out.
	Unknown State = "unknown"
	Early   State = "early"  // the service has not ended yet
	Ready   State = "ready"  // may be rated now
	Rated   State = "rated"  // by this code
	Taken   State = "taken"  // somebody has rated otherwise; the code may still add to it
	Nothing State = "none"   // the ticket ended without a service
	Late    State = "late"   // nobody rated in time
	Missed  State = "missed" // the number was called and nobody came; it may come back
)

// View is what the holder of a one-time code is shown. There is no name in it.
type View struct {
	State    State
	Label    string // of the ticket; empty while Unknown
	Business string // Business.ID
	Item     string // Item.ID
	Window   string // Window.ID; empty before a call
	Ended    time.Time
	Until    time.Time // end of the time for rating; zero before the service ended
	// Given is what this code gave, Added what it added; both nil unless State is Rated or
	// Taken.
	Given, Added *rating.Rating
	// FollowUps are what came of bad ones among them.
	FollowUps []FollowUp
	// MayAdd says that a supplement can be given now, AddFrom from when it can; zero when
	// it never can.
	MayAdd  bool
	AddFrom time.Time
}

// FollowUp is what a rater sees of the follow-up of a bad rating.
type FollowUp struct {
	Due    time.Time // beginning of the last day
	Closed time.Time // zero while it is under way
	// Verdict and Answer are empty while it is under way.
	Verdict Verdict
	Answer  string
}

// Open returns what a one-time code opens. pass must come from handoff.Ring.Open.
func (d *Desk) Open(ctx context.Context, hallID string, pass handoff.Pass) (View, error) {
	p, err := d.place(hallID)
	if err != nil {
		return View{}, err
	}
	var v View
	err = d.read(ctx, func(tx *store.Tx) error {
		c, err := d.look(tx, p, pass)
		v = c.view
		return err
	})
	return v, err
}

// codeCase is what is known of a code.
type codeCase struct {
	view   View
	ticket store.Ticket
	all    []store.Rating
}

// look finds out what a code opens.
func (d *Desk) look(tx *store.Tx, p *place, pass handoff.Pass) (codeCase, error) {
	var c codeCase
	if pass.Kind != handoff.Rating {
		return c, centralapi.Refuse(centralapi.CodeInvalid, "这个二维码不是用来评价的。")
	}
	now := d.now()
	k, ok, err := tx.RatedTicket(p.ID, pass.Ticket.String())
	if err != nil {
		return c, err
	}
	if !ok {
		c.view.State = Unknown
		return c, nil
	}
	c.ticket = k
	c.view = View{Label: k.Label, Business: k.Business, Item: k.Item, Window: k.Window}
	if !k.Finished() {
		c.view.State = p.unfinished(k, now)
		return c, nil
	}
	c.view.Ended, c.view.Until = k.EndedAt.In(p.loc), p.until(k)
	if c.all, err = tx.RatingsOf(p.ID, k.ID); err != nil {
		return c, err
	}
	spent, err := tx.CodeSpent(p.ID, pass.Ticket.String(), pass.Nonce[:])
	if err != nil {
		return c, err
	}
	given, added := find(c.all, rating.Active), find(c.all, rating.Supplement)
	late := now.After(c.view.Until)
	switch {
	case given != nil && given.ID == pass.RatingID(string(rating.Active)):
		// By this code, or at the terminal that has shown it.
		c.view.State, c.view.Given = Rated, &given.Rating
	case spent:
		c.view.State = Rated // by a supplement to somebody else's
	case given != nil:
		c.view.State = Taken
	case late:
		c.view.State = Late
	default:
		c.view.State = Ready
		return c, nil
	}
	if added != nil && added.ID == pass.RatingID(string(rating.Supplement)) {
		c.view.Added = &added.Rating
	}
	return c, d.outcome(tx, p, &c, added == nil && !late, now)
}

// outcome adds to a view of what was rated what came of it, and whether something may be
// added.
func (d *Desk) outcome(tx *store.Tx, p *place, c *codeCase, room bool, now time.Time) error {
	v := &c.view
	tasks, err := tx.RatingTasksOf(p.ID, c.ticket.ID)
	if err != nil {
		return err
	}
	closed := len(tasks) > 0
	for _, k := range tasks {
		closed = closed && k.State == string(Closed)
		if shown := (k.Rating.Kind == rating.Active && v.Given != nil) || (k.Rating.Kind == rating.Supplement && v.Added != nil); !shown {
			continue
		}
		f := FollowUp{Due: lastDay(k.Due.In(p.loc))}
		if k.State == string(Closed) {
			f.Closed, f.Verdict, f.Answer = k.Closed.In(p.loc), Verdict(k.Verdict), k.Answer
		}
		v.FollowUps = append(v.FollowUps, f)
	}
	switch {
	case !room:
	case v.State == Taken:
		v.MayAdd, v.AddFrom = true, c.view.Ended // not theirs, so there is nothing to wait for
	case v.Given != nil:
		v.AddFrom = v.Given.At.Add(p.SupplementAfter).In(p.loc)
		if closed {
			v.AddFrom = now.In(p.loc)
		}
		v.MayAdd = !now.Before(v.AddFrom)
		if v.AddFrom.After(v.Until) {
			v.AddFrom = time.Time{}
		}
	}
	return nil
}

// unfinished is the state of a ticket whose service has not ended.
func (p *place) unfinished(k store.Ticket, now time.Time) State {
	switch {
	case k.State == centralapi.Cancelled, k.State == centralapi.Void, k.Day < p.BusinessDay(now):
		return Nothing
	case k.State == centralapi.NoShow:
		return Missed
	}
	return Early
}

// until is the end of the last day on which a service may be rated.
func (p *place) until(k store.Ticket) time.Time {
	y, m, day := k.EndedAt.In(p.loc).Date()
	return time.Date(y, m, day+p.Within+1, 0, 0, 0, 0, p.loc).Add(-time.Second)
}

func find(all []store.Rating, kind rating.Kind) *store.Rating {
	if i := slices.IndexFunc(all, func(r store.Rating) bool { return r.Kind == kind }); i >= 0 {
		return &all[i]
	}
	return nil
}

// Submission is what the holder of a code sends.
type Submission struct {
	rating.Answer
	// Add says that this is a supplement. A first rating sent twice is no supplement.
	Add bool
	// From is what tells the sender's device from others, such as its address; it is kept
	// as a hash only. Empty = unknown.
	From string
}

// Rate takes the rating of a code, or its supplement, and returns what the code opens
// from now on. Sent again, it changes nothing and answers with what stands. The error is
// CodeInvalid for an answer that is not right, CodeConflict when the code does not open
// this now.
func (d *Desk) Rate(ctx context.Context, hallID string, pass handoff.Pass, s Submission) (View, error) {
	p, err := d.place(hallID)
	if err != nil {
		return View{}, err
	}
	answer := s.Answer.Clean()
	if err := answer.Check(); err != nil {
		return View{}, refuse(err)
	}
	kind := rating.Active
	if s.Add {
		kind = rating.Supplement
	}
	var v View
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		c, err := d.look(tx, p, pass)
		if err != nil {
			return err
		}
		v = c.view
		switch {
		case kind == rating.Active && v.Given != nil, kind == rating.Supplement && v.Added != nil:
			return nil // sent again
		case kind == rating.Active && v.State != Ready, kind == rating.Supplement && !v.MayAdd:
			return notNow(v)
		}
		r := p.rating(c.ticket, kind, answer, rating.ByCode, d.now())
		r.ID, r.Fingerprint = pass.RatingID(string(kind)), fingerprint(r)
		spent, err := tx.CodeSpent(p.ID, pass.Ticket.String(), pass.Nonce[:])
		if err != nil {
			return err
		}
		if !spent {
			if err := tx.SpendCode(p.ID, pass.Ticket.String(), pass.Nonce[:], kind, r.At); err != nil {
				return err
			}
		}
		if err := d.keep(tx, p, r, s.From); err != nil {
			return err
		}
		c, err = d.look(tx, p, pass)
		v = c.view
		return err
	})
	return v, err
}

// notNow says why a code opens no rating.
func notNow(v View) error {
	text := "这次服务已经评价过了。"
	switch v.State {
	case Unknown, Early, Missed:
		text = "这次服务还没有办完，办完以后再评价。"
	case Nothing:
		text = "这个号码没有办理业务，不用评价。"
	case Late:
		text = "评价的时间已经过了。"
	case Rated:
		if !v.AddFrom.IsZero() {
			text = "现在还不能追加评价，请过一天再来。"
		}
	}
	return centralapi.Refuse(centralapi.CodeConflict, text)
}

// rating is a rating of a ticket's service as it will be kept.
func (p *place) rating(k store.Ticket, kind rating.Kind, a rating.Answer, by rating.Channel, now time.Time) store.Rating {
	at := now
	if at.Before(k.EndedAt) {
		at = k.EndedAt // a clock that was set back meanwhile
	}
	return store.Rating{Day: k.Day, Rating: rating.Rating{Hall: p.ID, Ticket: k.ID, Kind: kind, Answer: a, Channel: by,
		Business: k.Business, Window: k.Window, Served: k.EndedAt, At: at}}
}

// fingerprint is a digest of what a rater said, to tell the same request from another one.
func fingerprint(r store.Rating) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s\x00%v\x00%t\x00%s", r.Ticket, r.Kind, r.Level, r.Version, r.Reasons, r.Anonymous, r.Words))
	return sum[:]
}

// keep writes a rating somebody gave, and what follows from it.
func (d *Desk) keep(tx *store.Tx, p *place, r store.Rating, from string) error {
	if err := r.Rating.Check(); err != nil {
		return refuse(err)
	}
	var err error
	if r.Device, err = device(tx, p.ID, r.At.In(p.loc).Format(time.DateOnly), from); err != nil {
		return err
	}
	if len(r.Device) > 0 {
		since := r.At.Add(-p.BurstWithin)
		before, err := tx.RatingsByDevice(p.ID, r.Device, since)
		if err != nil {
			return err
		}
		if r.Burst = before+1 >= p.BurstCount; r.Burst {
			if err := tx.FlagBurst(p.ID, r.Device, since); err != nil {
				return err
			}
		}
	}
	if err := tx.InsertRating(r); err != nil {
		return err
	}
	if r.Level.Bad() {
		return d.openTask(tx, p, r)
	}
	return nil
}

// RateAtTerminal takes a rating given at a terminal. The same request again is answered
// as before; the same id with another content is CodeIDReused. The error is CodeNotFound
// for a ticket nobody knows, CodeConflict when the service has not ended or is rated.
func (d *Desk) RateAtTerminal(ctx context.Context, hallID, terminal string, r centralapi.RatingRequest) (centralapi.RatingReceipt, error) {
	var out centralapi.RatingReceipt
	p, err := d.place(hallID)
	if err != nil {
		return out, err
	}
	id, err := uuid.Parse(r.ID)
	if err != nil || id.String() != r.ID {
		return out, centralapi.Refuse(centralapi.CodeInvalid, "评价的编号不正确。")
	}
	answer := rating.Answer{Level: r.Level, Version: r.Version, Reasons: r.Reasons, Words: r.Words, Anonymous: r.Anonymous}.Clean()
	if err := answer.Check(); err != nil {
		return out, refuse(err)
	}
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		out = centralapi.RatingReceipt{}
		k, ok, err := tx.RatedTicket(p.ID, r.Ticket)
		if err != nil {
			return err
		}
		if !ok {
			return centralapi.Refuse(centralapi.CodeNotFound, "没有找到这个号码。")
		}
		now := d.now()
		row := p.rating(k, rating.Active, answer, rating.AtTerminal, now)
		row.ID, row.Fingerprint = r.ID, fingerprint(row)
		before, again, err := tx.RatingByID(p.ID, r.ID)
		switch {
		case err != nil:
			return err
		case again && !bytes.Equal(before.Fingerprint, row.Fingerprint):
			return centralapi.Refuse(centralapi.CodeIDReused, "这个编号已经用于另一次评价。")
		case again:
			out.At = before.At.In(p.loc)
			return nil
		case !k.Finished():
			return notNow(View{State: p.unfinished(k, now)})
		case now.After(p.until(k)):
			return notNow(View{State: Late})
		}
		all, err := tx.RatingsOf(p.ID, k.ID)
		if err != nil {
			return err
		}
		if find(all, rating.Active) != nil {
			return notNow(View{State: Taken})
		}
		if err := d.keep(tx, p, row, "terminal "+terminal); err != nil {
			return err
		}
		out.At = row.At.In(p.loc)
		return nil
	})
	return out, err
}

// Ratable returns the services of the hall's day that nobody has rated, of a ticket's
// label or of a person, or that of one ticket of any day, as long as it may be rated.
func (d *Desk) Ratable(ctx context.Context, hallID string, r centralapi.RatableRequest) (centralapi.RatableServices, error) {
	out := centralapi.RatableServices{Version: rating.ReasonsVersion(), Services: []centralapi.RatableService{}}
	p, err := d.place(hallID)
	if err != nil {
		return out, err
	}
	label, holderKey := strings.ToUpper(strings.TrimSpace(r.Label)), r.HolderKey
	given := 0
	for _, s := range []string{label, holderKey, r.Ticket} {
		if s != "" {
			given++
		}
	}
	if given != 1 || len(label) > 20 || len(holderKey) > 64 || len(r.Ticket) > 36 {
		return out, centralapi.Refuse(centralapi.CodeInvalid, "请给出号码，或者刷身份证。")
	}
	day := p.BusinessDay(d.now())
	err = d.read(ctx, func(tx *store.Tx) error {
		out.Services = out.Services[:0]
		var list []store.Ticket
		var err error
		switch {
		case label != "":
			list, err = tx.RatableByLabel(p.ID, day, label)
		case holderKey != "":
			list, err = tx.RatableByHolder(p.ID, day, holderKey)
		default:
			list, err = d.ratable(tx, p, r.Ticket)
		}
		for _, k := range list {
			out.Services = append(out.Services, centralapi.RatableService{Ticket: k.ID, Label: k.Label, Business: k.Business, Item: k.Item, Window: k.Window, Ended: k.EndedAt.In(p.loc)})
		}
		return err
	})
	return out, err
}

// ratable is the ticket with an id if its service can be rated now.
func (d *Desk) ratable(tx *store.Tx, p *place, id string) ([]store.Ticket, error) {
	k, ok, err := tx.RatedTicket(p.ID, id)
	if err != nil || !ok || !k.Finished() || d.now().After(p.until(k)) {
		return nil, err
	}
	all, err := tx.RatingsOf(p.ID, k.ID)
	if err != nil || find(all, rating.Active) != nil {
		return nil, err
	}
	return []store.Ticket{k}, nil
}
