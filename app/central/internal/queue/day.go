package queue

import (
	"context"
	"sync"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// plausibleRest is the longest a hall is believed to have been without a business
// day of its own: longer than any holiday or repair, shorter than what a clock
// does that has lost its battery.
const plausibleRest = 100

// calendar is the business day a hall is on. It follows the clock, but not
// wherever that jumps: on a clock that wakes up in 1970 or 2038 the hall would
// begin again with A001 while people wait who hold the first A001. A clock that
// has gone back, or ahead by more than plausibleRest days, is not followed until
// the calendar has turned by it once: then it runs, and nobody waits from
// yesterday.
type calendar struct {
	mu   sync.Mutex
	day  string // the day in use, "" before the first
	seen string // the day a clock shows that is not followed
}

// on returns the day to use when the clock shows a day.
func (c *calendar) on(clock string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.day == "" {
		c.day = clock
	}
	ahead := daysBetween(c.day, clock)
	turned := c.seen != "" && (daysBetween(c.seen, clock) == 1 || daysBetween(c.seen, clock) == 2)
	switch {
	case ahead == 0:
		c.seen = ""
	case ahead > 0 && ahead <= plausibleRest, turned:
		c.day, c.seen = clock, ""
	default:
		c.seen = clock
	}
	return c.day
}

// daysBetween counts the days from one day to another.
func daysBetween(from, to string) int {
	a, errA := time.Parse(hall.DateLayout, from)
	b, errB := time.Parse(hall.DateLayout, to)
	if errA != nil || errB != nil {
		return 0 // days are written by this program
	}
	return int(b.Sub(a).Hours() / 24)
}

// today returns the business day the hall is on at this time of the clock.
func (p *place) today(now time.Time) string { return p.calendar.on(p.BusinessDay(now)) }

// dayOf returns the business day of something that happened at a time, which is
// not after now.
func (p *place) dayOf(at, now time.Time) string {
	if day := p.BusinessDay(at); day != p.BusinessDay(now) {
		return day
	}
	return p.today(now)
}

// lookBack is how many lines of the ledger are searched for the hall's last
// number. Without one among them the clock is believed.
const lookBack = 500

// resume sets the calendar to the day of the last number of the hall's own series
// and the hub to the ledger's end.
func (d *Desk) resume(ctx context.Context, p *place) error {
	return d.store.Read(ctx, func(tx *store.Tx) error {
		cursor, err := tx.Cursor(p.ID)
		if err != nil {
			return err
		}
		d.hub.Publish(p.ID, cursor)
		entries, err := tx.LogSince(p.ID, max(cursor-lookBack, 0), lookBack)
		if err != nil {
			return err
		}
		for i := len(entries) - 1; i >= 0; i-- {
			if entries[i].To != centralapi.Issued || entries[i].From != "" {
				continue
			}
			t, ok, err := tx.Ticket(p.ID, entries[i].Ticket)
			if err != nil {
				return err
			}
			if ok && t.Series == "" {
				p.calendar.on(t.Day)
				return nil
			}
		}
		return nil
	})
}
