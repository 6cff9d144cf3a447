package report

import (
	"context"
	"slices"
	"time"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// Today is how things are in a hall.
type Today struct {
	Now  time.Time // in the hall's zone
	Day  string    // business day
	Sums           // of the day
	// Longest is how long the one has waited who still waits longest; zero while nobody
	// does.
	Longest    time.Duration
	Businesses []BusinessNow // in the hall's order
	Windows    []WindowNow   // in the hall's order
	Open       int           // windows with somebody that are not closed
	Kiosks     []Kiosk       // as they were enrolled
	Help       int           // calls for help nobody has answered
	Hours      []HalfHour    // without gaps, from the first half hour with a number; empty before one
}

// BusinessNow is a business with its queue.
type BusinessNow struct {
	Business string // Business.ID
	Area     string // Area.ID
	Sums
	Longest time.Duration // of those who wait
	Windows int           // that serve it and have somebody
	Paused  bool
	// Estimate is how long somebody who takes a number now will wait; false when that
	// cannot be told.
	Estimate  time.Duration
	Estimable bool
}

// WindowNow is a window with what it has done today.
type WindowNow struct {
	Window string // Window.ID
	Open   bool   // somebody is there
	Name   string // of who is; "" = logged in with the window's PIN, or not known
	Since  time.Time
	Left   *staff.Handover // while it waits for somebody to come
	Closed bool            // from afar: it calls nobody
	Sums
}

// HalfHour is half an hour of a day.
type HalfHour struct {
	Start  time.Time // in the hall's zone
	Issued int
	Served int
	// Waiting is how many waited at its end, or now when that is earlier.
	Waiting int
}

// Kiosk is a terminal.
type Kiosk struct {
	ID, Name string
	Slot     int
	// Contact is when it was heard of last; zero = never.
	Contact time.Time
	Silent  bool // for longer than SilentAfter
	Frozen  bool // its disk was found to be copied
	Issued  int  // numbers of today
	Devices []store.Device
}

// Trouble reports whether somebody should look after it.
func (k Kiosk) Trouble() bool {
	return k.Silent || k.Frozen || slices.ContainsFunc(k.Devices, func(d store.Device) bool { return d.State != "ready" })
}

// SilentAfter is how long a terminal may be silent until it counts as out of reach.
// Terminals look every five seconds, and ever more rarely, up to half a minute, while
// nobody answers.
const SilentAfter = 2 * time.Minute

// helpFor is how long a call for help is shown that nobody has answered.
const helpFor = 12 * time.Hour

// Today returns how things are in a hall.
func (d *Desk) Today(ctx context.Context, hallID string) (Today, error) {
	h, err := d.hall(hallID)
	if err != nil {
		return Today{}, err
	}
	status, err := d.queue.Status(ctx, h.ID)
	if err != nil {
		return Today{}, err
	}
	now := d.now()
	t := Today{Now: now.In(h.Location()), Day: status.BusinessDay}
	var longest map[string]time.Time
	var closed map[string]store.Closing
	var sums []store.TicketSum
	var hours []HalfHour
	err = d.read(ctx, func(tx *store.Tx) (err error) {
		if sums, err = tx.TicketSums(h.ID, t.Day, t.Day); err != nil {
			return err
		}
		if longest, err = tx.LongestWaiting(h.ID, t.Day); err != nil {
			return err
		}
		if hours, err = halfHours(tx, h, t.Day, now); err != nil {
			return err
		}
		calls, err := tx.OpenHelpCalls(h.ID, now.Add(-helpFor))
		if err != nil {
			return err
		}
		t.Help = len(calls)
		if closed, err = tx.ClosedWindows(h.ID); err != nil {
			return err
		}
		t.Kiosks, err = d.kiosks(tx, h, t.Day, now)
		return err
	})
	if err != nil {
		return Today{}, err
	}
	t.Hours = hours
	byBusiness, byWindow := map[string]*Sums{}, map[string]*Sums{}
	for _, k := range sums {
		t.Sums.add(k)
		at(byBusiness, k.Business).add(k)
		at(byWindow, k.Window).add(k)
	}
	since := func(business string) time.Duration {
		first, ok := longest[business]
		if !ok {
			return 0
		}
		return max(now.Sub(first), 0)
	}
	told := map[string]centralapi.QueueStatus{}
	open := map[string]bool{}
	for _, q := range status.Queues {
		told[q.Business] = q
		for _, w := range q.Windows {
			open[w] = true
		}
	}
	for _, b := range h.Businesses {
		q := told[b.ID]
		line := BusinessNow{Business: b.ID, Area: b.Area, Sums: *at(byBusiness, b.ID), Longest: since(b.ID), Windows: len(q.Windows), Paused: q.Paused,
			Estimate: time.Duration(q.EstimatedMinutes) * time.Minute, Estimable: q.EstimatedMinutes >= 0}
		t.Longest = max(t.Longest, line.Longest)
		t.Businesses = append(t.Businesses, line)
	}
	if t.Windows, err = d.windows(ctx, h, open, byWindow); err != nil {
		return Today{}, err
	}
	for i, w := range t.Windows {
		if _, is := closed[w.Window]; is {
			t.Windows[i].Closed = true
		} else if w.Open {
			t.Open++
		}
	}
	return t, nil
}

func at(m map[string]*Sums, key string) *Sums {
	if m[key] == nil {
		m[key] = &Sums{}
	}
	return m[key]
}

// windows returns the hall's windows; open are those that the queue counts on.
func (d *Desk) windows(ctx context.Context, h *hall.Hall, open map[string]bool, sums map[string]*Sums) ([]WindowNow, error) {
	by := map[string]staff.Duty{}
	if d.duties != nil {
		duties, err := d.duties.Duties(ctx, h.ID)
		if err != nil {
			return nil, err
		}
		for _, duty := range duties {
			by[duty.Window] = duty
		}
	}
	var out []WindowNow
	for _, w := range h.Windows {
		duty := by[w.ID]
		out = append(out, WindowNow{Window: w.ID, Open: open[w.ID] || duty.Account.ID != "", Name: duty.Account.Name, Since: duty.Since, Left: duty.Left,
			Sums: *at(sums, w.ID)})
	}
	return out, nil
}

// Kiosks returns a hall's terminals with their devices.
func (d *Desk) Kiosks(ctx context.Context, hallID string) ([]Kiosk, error) {
	h, err := d.hall(hallID)
	if err != nil {
		return nil, err
	}
	status, err := d.queue.Status(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	var out []Kiosk
	err = d.read(ctx, func(tx *store.Tx) (err error) {
		out, err = d.kiosks(tx, h, status.BusinessDay, d.now())
		return err
	})
	return out, err
}

func (d *Desk) kiosks(tx *store.Tx, h *hall.Hall, day string, now time.Time) ([]Kiosk, error) {
	terminals, err := tx.AllTerminals(h.ID)
	if err != nil || len(terminals) == 0 {
		return nil, err
	}
	devices, err := tx.AllDevices(h.ID)
	if err != nil {
		return nil, err
	}
	issued, err := tx.IssuedByTerminal(h.ID, day)
	if err != nil {
		return nil, err
	}
	out := make([]Kiosk, 0, len(terminals))
	for _, k := range terminals {
		contact, err := tx.LastReceived(h.ID, k.ID)
		if err != nil {
			return nil, err
		}
		if d.contacts != nil {
			contact = later(contact, d.contacts.LastContact(h.ID, k.ID))
		}
		kiosk := Kiosk{ID: k.ID, Name: k.Name, Slot: k.Slot, Frozen: !k.Frozen.IsZero(), Issued: issued[k.ID],
			Contact: contact, Silent: now.Sub(contact) > SilentAfter}
		for _, v := range devices {
			if v.Terminal == k.ID {
				kiosk.Devices = append(kiosk.Devices, v)
			}
		}
		out = append(out, kiosk)
	}
	return out, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// maxHalfHours is two days: more half hours than that mean that a clock was wrong when
// some number was dated.
const maxHalfHours = 96

// halfHours returns the half hours of a business day, up to now.
func halfHours(tx *store.Tx, h *hall.Hall, day string, now time.Time) ([]HalfHour, error) {
	issued, err := tx.IssuedByHalfHour(h.ID, day, day)
	if err != nil || len(issued) == 0 {
		return nil, err
	}
	left, err := tx.LeftByHalfHour(h.ID, day, day)
	if err != nil {
		return nil, err
	}
	served, err := tx.FinishedByHalfHour(h.ID, day, day)
	if err != nil {
		return nil, err
	}
	first, last := issued[0].Start, issued[len(issued)-1].Start
	for _, list := range [][]store.HalfHour{left, served} {
		if len(list) > 0 {
			last = later(last, list[len(list)-1].Start)
		}
	}
	if h.BusinessDay(now) == day { // the queue is still as long as it was
		last = later(last, now.Truncate(30*time.Minute))
	}
	n := int(last.Sub(first)/(30*time.Minute)) + 1
	if n > maxHalfHours {
		first, n = last.Add(-(maxHalfHours-1)*30*time.Minute), maxHalfHours
	}
	out := make([]HalfHour, n)
	for i := range out {
		out[i].Start = first.Add(time.Duration(i) * 30 * time.Minute).In(h.Location())
	}
	spread := func(list []store.HalfHour, add func(*HalfHour, int)) {
		for _, k := range list {
			add(&out[max(int(k.Start.Sub(first)/(30*time.Minute)), 0)], k.Count) // what was before counts with the first
		}
	}
	spread(issued, func(to *HalfHour, n int) { to.Issued += n; to.Waiting += n })
	spread(left, func(to *HalfHour, n int) { to.Waiting -= n })
	spread(served, func(to *HalfHour, n int) { to.Served += n })
	waiting := 0
	for i := range out {
		waiting += out[i].Waiting
		out[i].Waiting = waiting
	}
	return out, nil
}
