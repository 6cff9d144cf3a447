package report

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// Day is where every number of a business day has gone.
type Day struct {
	Day  string
	Over bool // it is not today: nobody can be waiting rightly any more
	Sums
	Series  []Series // the hall's own by prefix, then those of terminals
	Numbers []Number // all of them, as in Series
	Hours   []HalfHour
	// Queued is how many wait by the lengths of the queues that terminals are told;
	// it must be Sums.Waiting.
	Queued int
}

// Series is a row of numbers that follow each other.
type Series struct {
	Prefix string
	Slot   string // of the terminal that has given them out; "" = the hall's own
	First  string // labels
	Last   string
	Sums   // Issued is how many of them there are
	// Counted is how many the hall's counter says were given out; of a terminal's
	// series, how many there are from First to Last.
	Counted int
	// Missing are the labels of those nobody can account for. It is always empty for the
	// hall's own; in a terminal's series a number is missing until the terminal has
	// reported it.
	Missing []string
	More    int // of the missing, besides these
}

// Complete reports whether every number of the series is accounted for.
func (s Series) Complete() bool {
	return s.Balanced() && len(s.Missing)+s.More == 0 && s.Counted == s.Issued
}

// Number is one number of a day.
type Number struct {
	store.DayTicket        // times in the hall's zone
	Kiosk           string // name of the terminal
}

// Complete reports whether every number of the day is accounted for, and the sums, the
// counters and the queues agree.
func (d Day) Complete() bool {
	return d.Balanced() && d.Queued == d.Waiting && !slices.ContainsFunc(d.Series, func(s Series) bool { return !s.Complete() })
}

// Missing are the labels nobody can account for.
func (d Day) Missing() []string {
	var out []string
	for _, s := range d.Series {
		out = append(out, s.Missing...)
	}
	return out
}

const (
	// maxNumbers bounds the sheet of a day: several times what the largest hall gives out.
	maxNumbers = 50_000
	// maxMissing bounds how many missing numbers are named in a series: a terminal may
	// claim any number.
	maxMissing = 200
)

// Day accounts for every number of a business day.
func (d *Desk) Day(ctx context.Context, hallID, day string) (Day, error) {
	h, err := d.hall(hallID)
	if err == nil {
		err = checkDay(day)
	}
	if err != nil {
		return Day{}, err
	}
	status, err := d.queue.Status(ctx, h.ID)
	if err != nil {
		return Day{}, err
	}
	out := Day{Day: day, Over: day < status.BusinessDay}
	var rows []store.DayTicket
	var counters map[string]int
	var names map[string]string
	err = d.read(ctx, func(tx *store.Tx) (err error) {
		if rows, err = tx.DayTickets(h.ID, day, maxNumbers+1); err != nil {
			return err
		}
		if counters, err = tx.DayCounters(h.ID, day); err != nil {
			return err
		}
		if names, err = tx.TerminalNames(h.ID); err != nil {
			return err
		}
		lengths, err := tx.QueueLengths(h.ID, day)
		if err != nil {
			return err
		}
		out.Queued = 0
		for _, n := range lengths {
			out.Queued += n
		}
		sums, err := tx.TicketSums(h.ID, day, day)
		if err != nil {
			return err
		}
		out.Sums = Sums{}
		for _, k := range sums {
			out.Sums.add(k)
		}
		out.Hours, err = halfHours(tx, h, day, d.now())
		return err
	})
	if err != nil {
		return Day{}, err
	}
	if len(rows) > maxNumbers {
		return Day{}, centralapi.Refuse(centralapi.CodeInvalid, "这一天的号码超过 50000 个，这里列不下，请联系技术人员。")
	}
	local := func(t time.Time) time.Time {
		if t.IsZero() {
			return t
		}
		return t.In(h.Location())
	}
	out.Series = account(rows, counters)
	for _, r := range rows {
		r.Issued, r.Called, r.Started, r.Ended = local(r.Issued), local(r.Called), local(r.Started), local(r.Ended)
		name := names[r.Terminal]
		if name == "" {
			name = r.Terminal
		}
		out.Numbers = append(out.Numbers, Number{r, name})
	}
	return out, nil
}

// account sorts the numbers of a day, the hall's own first, and holds each series
// against the counters.
func account(rows []store.DayTicket, counters map[string]int) []Series {
	slot := func(series string) int { n, _ := strconv.Atoi(series); return n } // "" is 0
	slices.SortFunc(rows, func(a, b store.DayTicket) int {
		own := cmp.Compare(min(slot(a.Series), 1), min(slot(b.Series), 1))
		return cmp.Or(own, cmp.Compare(a.Prefix, b.Prefix), cmp.Compare(slot(a.Series), slot(b.Series)), cmp.Compare(a.Number, b.Number))
	})
	var out []Series
	next := 0
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Prefix != r.Prefix || out[len(out)-1].Slot != r.Series {
			next = 1
			if r.Series != "" {
				next = r.Number // a terminal whose clock is not trusted counts on over the day
			}
			out = append(out, Series{Prefix: r.Prefix, Slot: r.Series, First: centralapi.Label(r.Prefix, r.Series, next)})
		}
		s := &out[len(out)-1]
		s.miss(next, r.Number-1)
		s.Counted += r.Number - next + 1
		next = r.Number + 1
		s.Last = r.Label
		s.addState(r.State, 1)
		if wait, over := waitOf(r); over {
			s.waits, s.wait, s.LongestWait = s.waits+1, s.wait+wait, max(s.LongestWait, wait)
		}
	}
	// What the counter has given out and no ticket holds, at the end of a series or as
	// a whole.
	for i := range out {
		s := &out[i]
		if s.Slot == "" {
			s.miss(s.Counted+1, counters[s.Prefix])
			s.Counted = counters[s.Prefix]
			delete(counters, s.Prefix)
		}
	}
	var alone []Series
	for prefix, last := range counters {
		s := Series{Prefix: prefix, First: centralapi.Label(prefix, "", 1), Last: centralapi.Label(prefix, "", last), Counted: last}
		s.miss(1, last)
		alone = append(alone, s)
	}
	slices.SortFunc(alone, func(a, b Series) int { return cmp.Compare(a.Prefix, b.Prefix) })
	return append(out, alone...)
}

// waitOf is how long a ticket has waited; false while it waits, or when nobody called it.
func waitOf(k store.DayTicket) (time.Duration, bool) {
	if k.State == string(centralapi.Issued) || !k.Called.After(k.Issued) {
		return 0, false
	}
	return k.Called.Sub(k.Issued), true
}

// miss notes the numbers from first to last as missing.
func (s *Series) miss(first, last int) {
	for n := first; n <= last; n++ {
		if len(s.Missing) == maxMissing {
			s.More += last - n + 1
			return
		}
		s.Missing = append(s.Missing, centralapi.Label(s.Prefix, s.Slot, n))
	}
}
