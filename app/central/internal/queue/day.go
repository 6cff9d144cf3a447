package queue

import (
	"context"
	"sync"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/hall"
)

// plausibleRest is the longest a hall is believed to have been without a business
// day of its own while its machine was off: longer than any holiday or repair,
// shorter than what a clock does that has lost its battery.
const plausibleRest = 100

// earliest is older than this program: no clock that shows less is right.
var earliest = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// moment is one reading of the machine's clocks.
type moment struct {
	boot string // names the run of ms
	ms   int64  // since the machine was started; nobody sets it
	wall time.Time
}

// calendar is the business day a hall is on. It follows the wall clock, but not
// wherever that jumps: were the clock put a day ahead, or woke it up in 1970 or
// 2038, the hall would begin again with A001 while people wait who hold the first
// A001. So a day, once begun, lasts as long as a day lasts by the clock that nobody
// sets, and only then the wall clock is asked which one comes next; should it name
// the same one, because it was set right meanwhile, the numbers go on. A wall clock
// that shows a time before this program is not asked if it once showed another: by
// that and the clock that nobody sets the time is known, and in 1970 it may be evening
// when it is morning, so that the day it names would be over at noon.
//
// A restart of the machine stops that clock. Then a wall clock that has gone back,
// or ahead by more than plausibleRest days, is not followed until it is set right or
// a day has passed; one that came up wrong by less is believed, as there is nothing
// to tell it by.
type calendar struct {
	of func(time.Time) string // Hall.BusinessDay

	mu    sync.Mutex
	day   string        // the day in use, "" before the first
	begun moment        // the newest reading that was in accord with it, or this boot's first
	kept  store.HallDay // what the database has; without a day nobody has been told any
}

// on returns the day to use at a moment.
func (c *calendar) on(m moment) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	clock := c.of(m.wall)
	follow := func() { c.day, c.begun = clock, m }
	ahead := daysBetween(c.day, clock)
	plausible := ahead > 0 && ahead <= plausibleRest
	switch {
	case clock == c.day, c.kept.Day == "":
		follow()
	case m.boot != c.begun.boot || m.ms < c.begun.ms:
		if c.begun = m; plausible {
			follow()
		}
	case c.astray() && plausible:
		follow()
	case c.turned(m):
		if m.wall.Before(earliest) && !c.begun.wall.Before(earliest) {
			m.wall = c.reckoned(m)
			clock = c.of(m.wall)
		}
		follow()
	}
	return c.day
}

// astray reports whether no reading of this boot was in accord with the day in use.
// It is called with mu held.
func (c *calendar) astray() bool { return c.of(c.begun.wall) != c.day }

// reckoned is what the wall clock would show had nobody set it since begun. It is
// called with mu held.
func (c *calendar) reckoned(m moment) time.Time {
	return c.begun.wall.Add(time.Duration(m.ms-c.begun.ms) * time.Millisecond)
}

// turned reports whether a business day has ended since begun by the clock that
// nobody sets. It is called with mu held.
func (c *calendar) turned(m moment) bool { return c.of(c.reckoned(m)) != c.of(c.begun.wall) }

// setBack is how far a wall clock may be set before that is worth keeping.
const setBack = 10 * time.Minute

// unkept returns what the database should have, and whether it lacks that: another
// day, another boot, or a wall clock that was set.
func (c *calendar) unkept() (now store.HallDay, lacks bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now = store.HallDay{Day: c.day, Boot: c.begun.boot, BootMS: c.begun.ms, Wall: c.begun.wall}
	set := now.Wall.Sub(c.kept.Wall) - time.Duration(now.BootMS-c.kept.BootMS)*time.Millisecond
	return now, now.Day != c.kept.Day || now.Boot != c.kept.Boot || set.Abs() > setBack
}

// keeps notes what the database has.
func (c *calendar) keeps(d store.HallDay) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = d
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
func (p *place) today(now time.Time) string {
	boot, ms := p.boot()
	return p.calendar.on(moment{boot, ms, now})
}

// dayOf returns the business day of something that happened at a time, which is
// not after now. While the wall clock is not followed, times reckoned by it name no
// day, and it is today's.
func (p *place) dayOf(at, now time.Time) string {
	today := p.today(now)
	if p.BusinessDay(now) != today {
		return today
	}
	return p.BusinessDay(at)
}

// resume sets the calendar to the day the hall was on and the hub to the ledger's
// end.
func (d *Desk) resume(ctx context.Context, p *place) error {
	return d.store.Read(ctx, func(tx *store.Tx) error {
		cursor, err := tx.Cursor(p.ID)
		if err != nil {
			return err
		}
		d.hub.Publish(p.ID, cursor)
		day, ok, err := tx.HallDay(p.ID)
		if err == nil && ok {
			p.calendar.day, p.calendar.kept = day.Day, day
			p.calendar.begun = moment{day.Boot, day.BootMS, day.Wall}
		}
		return err
	})
}
