package complaints

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// Progress tells the author of a complaint how far it has come. code is what somebody
// has typed at an address. The error is centralapi.CodeInvalid for what is no code,
// CodeNotFound for one that is not known, CodeTooMany after several of those.
func (d *Desk) Progress(ctx context.Context, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error) {
	h, c, err := d.asked(hallID, code, from)
	if err != nil {
		return centralapi.ComplaintProgress{}, err
	}
	var p centralapi.ComplaintProgress
	err = d.read(ctx, func(tx *store.Tx) error {
		p = centralapi.ComplaintProgress{}
		row, _, s, err := d.byCode(tx, h, c)
		if err != nil {
			return err
		}
		o, err := d.opinion(tx, h, row.ID)
		p = d.progress(h, row, s, o.Level)
		return err
	})
	return p, d.missed(err, from)
}

// Withdraw withdraws a complaint for its author; once it is withdrawn, it changes
// nothing. The errors are those of Progress, and centralapi.CodeConflict when the
// author has been answered.
func (d *Desk) Withdraw(ctx context.Context, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error) {
	h, c, err := d.asked(hallID, code, from)
	if err != nil {
		return centralapi.ComplaintProgress{}, err
	}
	var p centralapi.ComplaintProgress
	err = d.write(ctx, h.ID, func(tx *store.Tx) error {
		p = centralapi.ComplaintProgress{}
		row, steps, s, err := d.byCode(tx, h, c)
		switch {
		case err != nil:
			return err
		case s.State == complaint.Withdrawn:
		case s.State == complaint.Answered || s.State == complaint.Archived:
			return centralapi.Refuse(centralapi.CodeConflict, "已经答复您了，不用再撤回。")
		default:
			if s, err = d.take(tx, row, steps, s, complaint.Step{Action: complaint.Withdraw, By: complaint.Author, At: d.now().In(h.Location())}); err != nil {
				return err
			}
		}
		p = d.progress(h, row, s, "")
		return nil
	})
	return p, d.missed(err, from)
}

func (d *Desk) progress(h *hall.Hall, row store.Complaint, s complaint.Status, opinion complaint.Satisfaction) centralapi.ComplaintProgress {
	p := centralapi.ComplaintProgress{
		Kind: complaint.Kind(row.Kind), State: s.State, Due: s.Due, Overdue: s.Overdue(complaint.Day(d.now().In(h.Location()))),
		Department: s.Department, Reply: s.Reply, Stages: make([]centralapi.ComplaintStage, 0, len(s.Stages)),
		Withdrawable: !s.State.Final() && s.State != complaint.Answered,
		Satisfaction: opinion, Judgeable: opinion == "" && (s.State == complaint.Answered || s.State == complaint.Archived),
	}
	for _, stage := range s.Stages {
		p.Stages = append(p.Stages, centralapi.ComplaintStage{State: stage.State, At: stage.At})
	}
	return p
}

// asked reads a code, unless its address has guessed too often.
func (d *Desk) asked(hallID, code string, from netip.Prefix) (*hall.Hall, complaint.Code, error) {
	h, err := d.hall(hallID)
	if err != nil {
		return nil, "", err
	}
	c, err := complaint.ParseCode(code)
	if err != nil {
		return nil, "", centralapi.Refuse(centralapi.CodeInvalid, "查询码不对，请看回执上的十个字母和数字，再输一次。")
	}
	if wait, ok := d.misses.left(from, d.now()); !ok {
		return nil, "", centralapi.Refuse(centralapi.CodeTooMany, "查得太多了，请稍后再试。").After(wait)
	}
	return h, c, nil
}

// byCode finds the case that has a code.
func (d *Desk) byCode(tx *store.Tx, h *hall.Hall, c complaint.Code) (store.Complaint, []complaint.Step, complaint.Status, error) {
	row, ok, err := tx.ComplaintByCode(h.ID, string(c))
	if err == nil && !ok {
		err = centralapi.Refuse(centralapi.CodeNotFound, "没有查到这个查询码，请核对后再输一次。")
	}
	if err != nil {
		return row, nil, complaint.Status{}, err
	}
	steps, s, err := d.stepsOf(tx, h, row.ID)
	return row, steps, s, err
}

// missed counts a code that is not known.
func (d *Desk) missed(err error, from netip.Prefix) error {
	if centralapi.HasCode(err, centralapi.CodeNotFound) {
		d.misses.take(from, d.now())
	}
	return err
}

// maxAddresses bounds the addresses that are counted, about 150 bytes each. Whoever
// comes from one too many shares what is left.
const maxAddresses = 4096

// allowance lets each address do something so often: burst times, and once more after
// every. It is safe for concurrent use.
type allowance struct {
	burst int
	every time.Duration

	mu    sync.Mutex
	known map[netip.Prefix]*rate.Limiter
	other *rate.Limiter
}

// take counts one time. When there is none left, ok is false and wait says how soon
// there is.
func (a *allowance) take(from netip.Prefix, now time.Time) (wait time.Duration, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.of(from, now)
	if l.AllowN(now, 1) {
		return 0, true
	}
	return a.wait(l, now), false
}

// left reports whether there is one left, and counts none.
func (a *allowance) left(from netip.Prefix, now time.Time) (wait time.Duration, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.of(from, now)
	if l.TokensAt(now) >= 1 {
		return 0, true
	}
	return a.wait(l, now), false
}

func (a *allowance) wait(l *rate.Limiter, now time.Time) time.Duration {
	return time.Duration((1 - l.TokensAt(now)) * float64(a.every))
}

func (a *allowance) of(from netip.Prefix, now time.Time) *rate.Limiter {
	fresh := func() *rate.Limiter { return rate.NewLimiter(rate.Every(a.every), a.burst) }
	if a.known == nil {
		a.known, a.other = map[netip.Prefix]*rate.Limiter{}, fresh()
	}
	if l, ok := a.known[from]; ok {
		return l
	}
	if len(a.known) >= maxAddresses {
		for address, l := range a.known {
			if l.TokensAt(now) >= float64(a.burst) {
				delete(a.known, address) // as if it had never come
			}
		}
	}
	if len(a.known) >= maxAddresses {
		return a.other
	}
	a.known[from] = fresh()
	return a.known[from]
}
