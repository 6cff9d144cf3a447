package store

import "time"

// What reports read. All of it is by hall and business day, found by an index and
// summed up by the database where the rows themselves are not asked for. Nothing here
// joins the table of holders: no report knows who took a number.

// TicketSum is how many tickets of a day are alike, and what they add up to.
type TicketSum struct {
	Day, Business, Window, State string
	Count                        int
	// Waits counts those that were called, Wait adds up how long they waited from the
	// number to the (last) call, and Longest is the longest of these.
	Waits         int
	Wait, Longest time.Duration
	// Services counts those that were finished, Service adds up how long each kept its
	// window busy.
	Services int
	Service  time.Duration
}

// TicketSums adds up the tickets of the days from first to last by day, business, window
// and state. Before its call a ticket has no window.
func (t *Tx) TicketSums(hall, firstDay, lastDay string) ([]TicketSum, error) {
	return all(t, func(s scanner) (k TicketSum, err error) {
		var wait, longest, service int64
		err = s.Scan(&k.Day, &k.Business, &k.Window, &k.State, &k.Count, &k.Waits, &wait, &longest, &k.Services, &service)
		k.Wait, k.Longest, k.Service = duration(wait), duration(longest), duration(service)
		return k, err
	}, `SELECT day, business, window_id, state, count(*),
			sum(CASE WHEN `+wasCalled+` THEN 1 ELSE 0 END),
			CAST(sum(CASE WHEN `+wasCalled+` THEN called_at - issued_at ELSE 0 END) AS BIGINT),
			max(CASE WHEN `+wasCalled+` THEN called_at - issued_at ELSE 0 END),
			sum(CASE WHEN `+wasServed+` THEN 1 ELSE 0 END),
			CAST(sum(CASE WHEN `+wasServed+` THEN ended_at - CASE WHEN started_at > 0 AND started_at < ended_at THEN started_at ELSE called_at END ELSE 0 END) AS BIGINT)
		FROM ticket WHERE hall = ? AND day >= ? AND day <= ?
		GROUP BY day, business, window_id, state ORDER BY day, business, window_id, state`, hall, firstDay, lastDay)
}

// wasCalled are tickets whose wait is over. One that waits again, after it was called
// and came back, waits since its number was issued.
const wasCalled = "called_at > issued_at AND state <> 'issued'"

// wasServed are tickets whose service has a length. One that was finished from its call,
// without anybody saying when the person came, is taken to have begun with the call:
// Finish writes the same time for start and end then.
const wasServed = "state = 'finished' AND called_at > 0 AND ended_at > called_at"

func duration(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// HalfHour is how much happened in one half hour.
type HalfHour struct {
	Start time.Time
	Count int
	Waits int // of Count, were called
	Wait  time.Duration
}

// Moments of tickets that can be counted by half hours.
const (
	byIssue = "issued_at"
	byLeave = "CASE WHEN state = 'issued' THEN 0 WHEN called_at > 0 THEN called_at ELSE ended_at END"
	byEnd   = "CASE WHEN state = 'finished' THEN ended_at ELSE 0 END"
)

const halfHour = 30 * time.Minute

// IssuedByHalfHour counts the tickets of the days from first to last by when they were
// issued, and adds up how long those waited that were called.
func (t *Tx) IssuedByHalfHour(hall, firstDay, lastDay string) ([]HalfHour, error) {
	return t.halfHours(byIssue, hall, firstDay, lastDay)
}

// LeftByHalfHour counts them by when they left the queue: were called (the last time),
// or ended without a call.
func (t *Tx) LeftByHalfHour(hall, firstDay, lastDay string) ([]HalfHour, error) {
	return t.halfHours(byLeave, hall, firstDay, lastDay)
}

// FinishedByHalfHour counts those that were finished by when that was.
func (t *Tx) FinishedByHalfHour(hall, firstDay, lastDay string) ([]HalfHour, error) {
	return t.halfHours(byEnd, hall, firstDay, lastDay)
}

func (t *Tx) halfHours(moment, hall, firstDay, lastDay string) ([]HalfHour, error) {
	return all(t, func(s scanner) (h HalfHour, err error) {
		var n, wait int64
		err = s.Scan(&n, &h.Count, &h.Waits, &wait)
		h.Start, h.Wait = time.UnixMicro(n*halfHour.Microseconds()).UTC(), duration(wait)
		return h, err
	}, `SELECT ticket_moment / 1800000000, count(*),
			sum(CASE WHEN `+wasCalled+` THEN 1 ELSE 0 END),
			CAST(sum(CASE WHEN `+wasCalled+` THEN called_at - issued_at ELSE 0 END) AS BIGINT)
		FROM (SELECT `+moment+` AS ticket_moment, state, issued_at, called_at FROM ticket WHERE hall = ? AND day >= ? AND day <= ?) AS k
		WHERE ticket_moment > 0 GROUP BY ticket_moment / 1800000000 ORDER BY 1`, hall, firstDay, lastDay)
}

// LongestWaiting returns when the ticket was issued that has waited longest, by
// business.
func (t *Tx) LongestWaiting(hall, day string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	_, err := all(t, func(s scanner) (struct{}, error) {
		var business string
		var issued int64
		err := s.Scan(&business, &issued)
		out[business] = fromMicros(issued)
		return struct{}{}, err
	}, "SELECT business, min(issued_at) FROM ticket WHERE hall = ? AND day = ? AND state = 'issued' GROUP BY business", hall, day)
	return out, err
}

// DayTicket is a number of a day, without its holder.
type DayTicket struct {
	Prefix, Series        string
	Number                int
	Label, Business, Item string
	Terminal, Window      string
	State, Reason         string
	Issued, Called, Ended time.Time // zero = not yet, or never
	Started               time.Time
	Calls                 int
	PrintUnknown          bool
}

// DayTickets returns the numbers of a day by prefix, series and number, at most limit.
func (t *Tx) DayTickets(hall, day string, limit int) ([]DayTicket, error) {
	return all(t, func(s scanner) (k DayTicket, err error) {
		var issued, called, started, ended int64
		err = s.Scan(&k.Prefix, &k.Series, &k.Number, &k.Label, &k.Business, &k.Item, &k.Terminal, &k.Window, &k.State, &k.Reason,
			&issued, &called, &started, &ended, &k.Calls, &k.PrintUnknown)
		k.Issued, k.Called, k.Started, k.Ended = fromMicros(issued), fromMicros(called), fromMicros(started), fromMicros(ended)
		return k, err
	}, `SELECT prefix, series, number, label, business, item, terminal, window_id, state, reason,
			issued_at, called_at, started_at, ended_at, calls, print_unknown
		FROM ticket WHERE hall = ? AND day = ? ORDER BY prefix, series, number LIMIT ?`, hall, day, int64(limit))
}

// DayCounters returns the highest number of the hall's own series that was given out on
// a day, by prefix: what the counter says, apart from the tickets.
func (t *Tx) DayCounters(hall, day string) (map[string]int, error) {
	out := map[string]int{}
	_, err := all(t, func(s scanner) (struct{}, error) {
		var prefix string
		var last int
		err := s.Scan(&prefix, &last)
		out[prefix] = last
		return struct{}{}, err
	}, "SELECT prefix, last FROM counter WHERE hall = ? AND day = ?", hall, day)
	return out, err
}

// IssuedByTerminal counts the numbers of a day by terminal.
func (t *Tx) IssuedByTerminal(hall, day string) (map[string]int, error) {
	out := map[string]int{}
	_, err := all(t, func(s scanner) (struct{}, error) {
		var terminal string
		var n int
		err := s.Scan(&terminal, &n)
		out[terminal] = n
		return struct{}{}, err
	}, "SELECT terminal, count(*) FROM ticket WHERE hall = ? AND day = ? GROUP BY terminal", hall, day)
	return out, err
}

// AllTerminals returns a hall's terminals in the order in which they were enrolled.
func (t *Tx) AllTerminals(hall string) ([]Terminal, error) {
	return all(t, readTerminal, "SELECT "+terminalColumns+" FROM terminal WHERE hall = ? ORDER BY slot", hall)
}

// LastReceived returns when the newest event of a terminal came in; zero before the
// first.
func (t *Tx) LastReceived(hall, terminal string) (time.Time, error) {
	var at int64
	_, err := t.one([]any{&at}, "SELECT received_at FROM event WHERE hall = ? AND terminal = ? ORDER BY seq DESC LIMIT 1", hall, terminal)
	return fromMicros(at), err
}

// AllDevices returns the last known state of every device of a hall's terminals, by
// terminal and device.
func (t *Tx) AllDevices(hall string) ([]Device, error) {
	return all(t, func(s scanner) (d Device, err error) {
		var since int64
		err = s.Scan(&d.Terminal, &d.Device, &d.State, &d.Fault, &since, &d.Seq)
		d.Since = fromMicros(since)
		return d, err
	}, "SELECT terminal, device, state, fault, since, seq FROM device WHERE hall = ? ORDER BY terminal, device", hall)
}

// ComplaintFiled is what is counted of a complaint: nothing of its words, its author or
// who is named in it.
type ComplaintFiled struct {
	Kind, Channel, State, Class string
	Due                         string // day; "" = nothing is due any more
	Filed                       time.Time
	Answered                    time.Time // zero = not yet
}

// ComplaintsFiled returns the complaints filed from a moment until another, at most
// limit, the oldest first.
func (t *Tx) ComplaintsFiled(hall string, from, until time.Time, limit int) ([]ComplaintFiled, error) {
	return all(t, func(s scanner) (c ComplaintFiled, err error) {
		var filed, answered int64
		err = s.Scan(&c.Kind, &c.Channel, &c.State, &c.Class, &c.Due, &filed, &answered)
		c.Filed, c.Answered = fromMicros(filed), fromMicros(answered)
		return c, err
	}, `SELECT kind, channel, state, class, due, filed_at,
			coalesce((SELECT min(at) FROM complaint_step s WHERE s.hall = c.hall AND s.complaint = c.id AND s.action = 'feedback'), 0)
		FROM complaint c WHERE hall = ? AND filed_at >= ? AND filed_at < ? ORDER BY n LIMIT ?`, hall, micros(from), micros(until), int64(limit))
}

// OpenComplaints counts the complaints that are neither archived nor withdrawn, and
// those of them that are due before a day.
func (t *Tx) OpenComplaints(hall, today string) (open, overdue int, err error) {
	_, err = t.one([]any{&open, &overdue}, `SELECT count(*), coalesce(sum(CASE WHEN due <> '' AND due < ? THEN 1 ELSE 0 END), 0)
		FROM complaint WHERE hall = ? AND state NOT IN ('archived', 'withdrawn')`, today, hall)
	return open, overdue, err
}
