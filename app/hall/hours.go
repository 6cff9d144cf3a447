package hall

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	// Windows terminals and bare servers have no time-zone files, and a hall
	// whose zone cannot be loaded would open at the wrong hour.
	_ "time/tzdata"
)

// horizon is how many days ahead StateAt looks for the next opening or closing.
// It covers the longest closures seen (Spring Festival, a rebuilt hall).
const horizon = 60

// DateLayout is the layout of Day.Date and of business days: 2026-10-01.
const DateLayout = time.DateOnly

// defaultZone is where halls are unless they say otherwise.
const defaultZone = "Asia/Shanghai"

// Location returns the hall's time zone. A hall without one, or with one that
// is unknown here, is in Asia/Shanghai; Parse reports unknown names.
func (h *Hall) Location() *time.Location { return zones.get(h.TimeZone) }

// zones saves Location from reading the zone's file at every call, which is most
// of what StateAt would cost. It is a package variable because Halls are plain
// values that are copied and compared; it only ever holds what anybody would load
// again.
var zones zoneCache

// maxZones bounds the cache: a service has a handful of halls, and a stream of
// made-up names must not stay in memory.
const maxZones = 16

// zoneCache remembers loaded zones by Hall.TimeZone. It is safe for concurrent
// use.
type zoneCache struct {
	mu     sync.RWMutex
	byName map[string]*time.Location
}

func (c *zoneCache) get(name string) *time.Location {
	c.mu.RLock()
	loc, ok := c.byName[name]
	c.mu.RUnlock()
	if ok {
		return loc
	}
	loc = loadZone(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byName == nil || len(c.byName) >= maxZones {
		c.byName = make(map[string]*time.Location, maxZones)
	}
	c.byName[name] = loc
	return loc
}

func loadZone(name string) *time.Location {
	for _, name := range []string{name, defaultZone} {
		if name == "" {
			continue
		}
		if loc, err := time.LoadLocation(name); err == nil {
			return loc
		}
	}
	return time.FixedZone(defaultZone, 8*3600)
}

// BusinessDay returns the business day t belongs to, as 2026-11-21. A business
// day begins at CutOver o'clock local time, so that a hall open past midnight
// does not start its numbers anew while people wait.
func (h *Hall) BusinessDay(t time.Time) string {
	t = t.In(h.Location())
	if t.Hour() < h.CutOver {
		t = t.AddDate(0, 0, -1)
	}
	return t.Format(DateLayout)
}

// StateAt says whether the hall is open at t, until when, and why not. Times in
// the answer are in the hall's zone. Intervals that Parse would refuse count as
// closed.
func (h *Hall) StateAt(t time.Time) OpenState {
	return stateAt(t.In(h.Location()), h.Hours.spans)
}

// BusinessStateAt is StateAt for one business. A business with its own hours is
// open when both it and the hall are: a holiday of the hall need not be
// repeated for each business. An unknown business is never open.
func (h *Hall) BusinessStateAt(id string, t time.Time) OpenState {
	t = t.In(h.Location())
	b, ok := h.Business(id)
	switch {
	case !ok:
		return OpenState{Kind: ClosedDay}
	case b.Hours == nil:
		return stateAt(t, h.Hours.spans)
	}
	return stateAt(t, func(date time.Time) ([]span, string) {
		hallSpans, reason := h.Hours.spans(date)
		own, ownReason := b.Hours.spans(date)
		if ownReason != "" {
			reason = ownReason
		}
		return intersect(hallSpans, own), reason
	})
}

// AlwaysOpen returns a copy that is open at every hour of every day, businesses
// included: a demonstration is not bound to office hours. Its StateAt is Open
// with a zero Until.
func (h *Hall) AlwaysOpen() *Hall {
	c := h.clone()
	week := make(map[string][]string, len(weekdays))
	for _, d := range weekdays {
		week[d.key] = []string{"00:00-24:00"}
	}
	c.Hours = Hours{Week: week, Days: []Day{}}
	for i := range c.Businesses {
		c.Businesses[i].Hours = nil
	}
	return c
}

// weekdays maps the keys of Hours.Week, in the order people read them.
var weekdays = []struct {
	key string
	day time.Weekday
	zh  string
}{
	{"mon", time.Monday, "星期一"}, {"tue", time.Tuesday, "星期二"},
	{"wed", time.Wednesday, "星期三"}, {"thu", time.Thursday, "星期四"},
	{"fri", time.Friday, "星期五"}, {"sat", time.Saturday, "星期六"},
	{"sun", time.Sunday, "星期日"},
}

// span is an open interval in minutes after local midnight, from < to ≤ 1440.
type span struct{ from, to int }

const dayMinutes = 24 * 60

// parseSpan reads "08:30-12:00". 24:00 is allowed as an end only.
func parseSpan(s string) (span, error) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		return span{}, fmt.Errorf("时间段“%s”少了中间的“-”", s)
	}
	from, err := parseMinute(strings.TrimSpace(a))
	if err != nil {
		return span{}, err
	}
	to, err := parseMinute(strings.TrimSpace(b))
	if err != nil {
		return span{}, err
	}
	switch {
	case from == to:
		return span{}, fmt.Errorf("时间段“%s”开始和结束是同一时刻", s)
	case from > to:
		return span{}, fmt.Errorf("时间段“%s”结束早于开始", s)
	}
	return span{from, to}, nil
}

// parseMinute reads "08:30" as minutes after midnight.
func parseMinute(s string) (int, error) {
	digit := func(i int) int { return int(s[i] - '0') }
	if len(s) != 5 || s[2] != ':' || strings.Trim(s[:2]+s[3:], "0123456789") != "" {
		return 0, fmt.Errorf("时刻“%s”写法不对", s)
	}
	h, m := digit(0)*10+digit(1), digit(3)*10+digit(4)
	if h > 24 || m > 59 || h == 24 && m != 0 {
		return 0, fmt.Errorf("没有“%s”这个时刻", s)
	}
	return h*60 + m, nil
}

// spans returns the merged open spans of the date, in order, and the reason the
// exception of that date gives.
func (h Hours) spans(date time.Time) ([]span, string) {
	key := date.Format(DateLayout)
	for _, d := range h.Days {
		if d.Date == key {
			return merge(readSpans(d.Open)), d.Reason
		}
	}
	for _, w := range weekdays {
		if w.day == date.Weekday() {
			return merge(readSpans(h.Week[w.key])), ""
		}
	}
	return nil, ""
}

func readSpans(texts []string) []span {
	var out []span
	for _, s := range texts {
		if sp, err := parseSpan(s); err == nil {
			out = append(out, sp)
		}
	}
	return out
}

// merge orders spans and joins those that touch or overlap.
func merge(in []span) []span {
	slices.SortFunc(in, func(a, b span) int { return a.from - b.from })
	var out []span
	for _, s := range in {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// intersect returns the spans in which both a and b are open; both are merged.
func intersect(a, b []span) []span {
	var out []span
	for _, x := range a {
		for _, y := range b {
			if s := (span{max(x.from, y.from), min(x.to, y.to)}); s.from < s.to {
				out = append(out, s)
			}
		}
	}
	return out
}

// at returns the instant of a minute of a day. time.Date settles minutes that a
// change to summer time skips or repeats.
func at(date time.Time, minute int) time.Time {
	y, m, d := date.Date()
	return time.Date(y, m, d, 0, minute, 0, 0, date.Location())
}

// day returns midnight n days after t's date.
func day(t time.Time, n int) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+n, 0, 0, 0, 0, t.Location())
}

func stateAt(t time.Time, spansOf func(time.Time) ([]span, string)) OpenState {
	today := day(t, 0)
	spans, reason := spansOf(today)
	st := OpenState{Reason: reason}
	for i, s := range spans {
		if t.Before(at(today, s.from)) {
			st.Kind = Break
			if i == 0 {
				st.Kind = NotYetOpen
			}
			st.Until = at(today, s.from)
			return st
		}
		if t.Before(at(today, s.to)) {
			st.Kind = Open
			st.Until = openUntil(today, s, spansOf)
			if i+1 < len(spans) {
				st.Next = at(today, spans[i+1].from)
			}
			return st
		}
	}
	st.Kind = ClosedNow
	if len(spans) == 0 {
		st.Kind = ClosedDay
	}
	for n := 1; n <= horizon; n++ {
		date := day(t, n)
		if spans, _ := spansOf(date); len(spans) > 0 {
			st.Until = at(date, spans[0].from)
			break
		}
	}
	return st
}

// openUntil returns when the span of today ends, following it over midnights it
// is continued across; zero if it does not end within the horizon.
func openUntil(today time.Time, s span, spansOf func(time.Time) ([]span, string)) time.Time {
	date := today
	for n := 1; s.to == dayMinutes; n++ {
		if n > horizon {
			return time.Time{}
		}
		next := day(today, n)
		spans, _ := spansOf(next)
		if len(spans) == 0 || spans[0].from != 0 {
			break
		}
		date, s = next, spans[0]
	}
	return at(date, s.to)
}
