package ratings

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/rating"
)

const (
	sweepEvery = 10 * time.Minute
	sweepBatch = 200 // rows in one transaction
	// sweepBack is how many days before DefaultAfter services are looked for that still
	// have no rating: the hall may have been switched off over a holiday.
	sweepBack = 45
	// deviceDays is after how many days it is forgotten where a rating came from.
	deviceDays = 7
)

// Run sweeps all halls now and every ten minutes, until ctx ends. Several services on one
// database may do so.
func (d *Desk) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		for id := range d.halls {
			if err := d.Sweep(ctx, id); err != nil && ctx.Err() == nil {
				d.log.Error("ratings: sweep", "hall", id, "err", err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep does what time brings about in a hall: defaults for services nobody rated,
// reminders of follow-ups, forgetting devices. Done again, it changes nothing.
func (d *Desk) Sweep(ctx context.Context, hallID string) error {
	p, err := d.place(hallID)
	if err != nil {
		return err
	}
	for _, part := range []func(context.Context, *place) (more bool, err error){d.defaults, d.remind} {
		for more := true; more; {
			if more, err = part(ctx, p); err != nil {
				return err
			}
		}
	}
	return d.write(ctx, p.ID, func(tx *store.Tx) error {
		return tx.ForgetDevices(p.ID, p.BusinessDay(d.now().AddDate(0, 0, -deviceDays)))
	})
}

// defaults gives services that nobody rated in time the hall's default.
func (d *Desk) defaults(ctx context.Context, p *place) (more bool, err error) {
	if p.DefaultAfter == 0 {
		return false, nil
	}
	now := d.now()
	before := now.AddDate(0, 0, -p.DefaultAfter)
	first, last := p.BusinessDay(before.AddDate(0, 0, -sweepBack)), p.BusinessDay(before)
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		list, err := tx.UnratedServices(p.ID, first, last, before, sweepBatch)
		if err != nil {
			return err
		}
		more = len(list) == sweepBatch
		for _, k := range list {
			r := p.rating(k, rating.Default, rating.Answer{Level: p.DefaultLevel}, "", now)
			r.ID = uuid.NewString()
			if err := r.Rating.Check(); err != nil {
				return fmt.Errorf("ratings: default: %w", err)
			}
			if err := tx.InsertRating(r); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}

// remind records the reminders that have fallen due. Of several for one task, after a
// holiday or a power cut, only the newest is given.
func (d *Desk) remind(ctx context.Context, p *place) (more bool, err error) {
	var given, overdue int
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		now := d.now()
		list, err := tx.TasksToRemind(p.ID, now, sweepBatch)
		if err != nil {
			return err
		}
		more, given, overdue = len(list) == sweepBatch, len(list), 0
		for _, k := range list {
			s := Step{At: now, Actor: "centre", Action: RemindHalf}
			switch {
			case !now.Before(k.Due):
				s.Action = Overdue
				overdue++
			case !now.Before(k.Late):
				s.Action = RemindLate
			}
			if err := apply(&k, s); err != nil {
				return err
			}
			if err := tx.UpdateRatingTask(k, row(s)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && given > 0 {
		d.log.Warn("ratings: follow-ups of bad ratings wait", "hall", p.ID, "reminded", given, "overdue", overdue)
	}
	return more, err
}
