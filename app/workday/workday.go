// Package workday counts working days (工作日) in China: Monday to Friday, without the
// public holidays and with the weekend days worked for them (调休). Deadlines of
// follow-up tasks, complaints and cases are reckoned with it.
//
// # How days are counted
//
// The day something begins does not count; the first day is the next working day
// (民法典 article 201, 行政许可法 article 82). So a term of 15 working days that begins
// on Monday, 2026-03-02 ends on Monday, 2026-03-23.
//
// # Where the days come from
//
// Which days are off cannot be computed: the State Council announces each year's days
// in the autumn before. [Builtin] has the years whose notices were out when the program
// was made; [Parse] reads further ones in the same form. In a year nobody has told of,
// Monday to Friday are worked: that makes deadlines too early, never too late.
// [Calendar.Missing] names such years, and whoever sets a deadline warns of them.
//
// Compared: the calendars of github.com/6tail/lunar-go and rickar/cal carry such days in
// Go code, so a new year needs a new version of the program, and they reckon a lot that
// is not needed here. Asking a web service would make deadlines depend on a network.
//
// The package does no I/O and knows no clock. It takes the date of a time in the time's
// own location, and answers with the first moment of a day in it.
package workday

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed holidays.toml
var builtin []byte

// Calendar says which days are worked. The zero value knows no year: Monday to Friday.
// It is safe for concurrent use.
type Calendar struct {
	years   map[int]bool
	special map[date]special
}

// special is a day that is not what its weekday says.
type special struct {
	name   string // of the holiday
	worked bool
}

// date is a day of a calendar, whatever the time zone.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

// layout is how days are written in files.
const layout = "2006-01-02"

// Builtin returns the calendar of the years that come with the program: 2025 and 2026.
func Builtin() *Calendar { return builtinCalendar() }

var builtinCalendar = sync.OnceValue(func() *Calendar {
	c, err := Parse(builtin)
	if err != nil {
		panic(err) // compiled in, and read by the tests
	}
	return c
})

type file struct {
	Years []year `toml:"years"`
}

type year struct {
	Year     int       `toml:"year"`
	Source   string    `toml:"source"`
	URL      string    `toml:"url"`
	Holidays []holiday `toml:"holidays"`
}

type holiday struct {
	Name   string   `toml:"name"`
	From   string   `toml:"from"`
	To     string   `toml:"to"`
	Worked []string `toml:"worked"`
}

// longestHoliday bounds a holiday, so that a wrong month is noticed. The longest so far
// had nine days.
const longestHoliday = 16

// Parse reads years from TOML files of the form of holidays.toml. A year of a later file
// replaces the same year of an earlier one. The error names the year and the day that
// cannot be.
func Parse(files ...[]byte) (*Calendar, error) {
	c := &Calendar{years: map[int]bool{}, special: map[date]special{}}
	all := map[int]year{}
	var order []int
	for n, data := range files {
		var f file
		meta, err := toml.NewDecoder(bytes.NewReader(data)).Decode(&f)
		if err != nil {
			return nil, fmt.Errorf("workday: file %d: %w", n+1, err)
		}
		if extra := meta.Undecoded(); len(extra) > 0 {
			return nil, fmt.Errorf("workday: file %d: unknown key %s", n+1, extra[0])
		}
		here := map[int]bool{}
		for _, y := range f.Years {
			if here[y.Year] {
				return nil, fmt.Errorf("workday: file %d: year %d is there twice", n+1, y.Year)
			}
			here[y.Year] = true
			if _, again := all[y.Year]; !again {
				order = append(order, y.Year)
			}
			all[y.Year] = y
		}
	}
	for _, n := range order {
		if err := c.add(all[n]); err != nil {
			return nil, fmt.Errorf("workday: %d: %w", n, err)
		}
	}
	return c, nil
}

// Holiday is days off, both From and To among them, and the Saturdays and Sundays worked
// for them. Days are written 2026-10-01.
type Holiday struct {
	Name, From, To string
	Worked         []string
}

// With returns a calendar that has further holidays too, and knows the years they end in.
// A day of theirs is what they say, whatever c says of it; a day cannot belong to two of
// them. The error names the day that cannot be.
func (c *Calendar) With(further ...Holiday) (*Calendar, error) {
	own := &Calendar{years: map[int]bool{}, special: map[date]special{}}
	for _, h := range further {
		to, err := time.Parse(layout, h.To)
		if err != nil {
			return nil, fmt.Errorf("workday: %q is not a day such as 2026-10-01", h.To)
		}
		if err := own.add(year{Year: to.Year(), Source: "told", Holidays: []holiday{holiday(h)}}); err != nil {
			return nil, fmt.Errorf("workday: %d: %w", to.Year(), err)
		}
	}
	all := &Calendar{years: maps.Clone(c.years), special: maps.Clone(c.special)}
	if all.years == nil {
		all.years, all.special = map[int]bool{}, map[date]special{}
	}
	maps.Copy(all.years, own.years)
	maps.Copy(all.special, own.special)
	return all, nil
}

func (c *Calendar) add(y year) error {
	switch {
	case y.Year < 2000 || y.Year > 2200:
		return errors.New("no such year")
	case y.Source == "":
		return errors.New("no source: which notice says so?")
	case len(y.Holidays) == 0:
		return errors.New("no holidays")
	}
	for _, h := range y.Holidays {
		from, err := y.day(h.From)
		if err != nil {
			return err
		}
		to, err := y.day(h.To)
		if err != nil {
			return err
		}
		if h.Name == "" {
			return fmt.Errorf("the holiday from %s has no name", h.From)
		}
		if to.Before(from) || to.Sub(from) >= longestHoliday*24*time.Hour {
			return fmt.Errorf("%s: %s to %s is not 1 to %d days", h.Name, h.From, h.To, longestHoliday)
		}
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			if err := c.set(d, special{name: h.Name}); err != nil {
				return err
			}
		}
		for _, text := range h.Worked {
			d, err := y.day(text)
			if err != nil {
				return err
			}
			if !weekend(d) {
				return fmt.Errorf("%s: %s is worked anyway", h.Name, text)
			}
			if err := c.set(d, special{name: h.Name, worked: true}); err != nil {
				return err
			}
		}
	}
	c.years[y.Year] = true
	return nil
}

// day reads a day of a year's notice. A notice may reach into the December before, as
// that of 2012 did.
func (y year) day(text string) (time.Time, error) {
	d, err := time.Parse(layout, text)
	if err != nil {
		return d, fmt.Errorf("%q is not a day such as 2026-10-01", text)
	}
	if d.Year() != y.Year && (d.Year() != y.Year-1 || d.Month() != time.December) {
		return d, fmt.Errorf("%s is in another year", text)
	}
	return d, nil
}

func (c *Calendar) set(d time.Time, s special) error {
	at := dateOf(d)
	if old, taken := c.special[at]; taken {
		return fmt.Errorf("%s belongs to %s and %s", d.Format(layout), old.name, s.name)
	}
	c.special[at] = s
	return nil
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// Working reports whether the day of t is worked.
func (c *Calendar) Working(t time.Time) bool {
	if s, ok := c.special[dateOf(t)]; ok {
		return s.worked
	}
	return !weekend(t)
}

// Holiday returns the name of the holiday the day of t belongs to, as a day off or as
// one worked for it; empty for a day like any other.
func (c *Calendar) Holiday(t time.Time) string { return c.special[dateOf(t)].name }

// AddWorkingDays returns the beginning of the day on which a term of n working days
// ends that begins on the day of from. With n = 0, or less, that is the day itself if it
// is worked, else the next one that is.
func (c *Calendar) AddWorkingDays(from time.Time, n int) time.Time {
	d := midnight(from)
	if n <= 0 {
		for !c.Working(d) {
			d = next(d)
		}
		return d
	}
	for n > 0 {
		if d = next(d); c.Working(d) {
			n--
		}
	}
	return d
}

// Between counts the working days after the day of from up to and including the day of
// to; below zero when to is the earlier one.
func (c *Calendar) Between(from, to time.Time) int {
	a, b, sign := midnight(from), midnight(to.In(from.Location())), 1
	if b.Before(a) {
		a, b, sign = b, a, -1
	}
	n := 0
	for a.Before(b) {
		if a = next(a); c.Working(a) {
			n++
		}
	}
	return sign * n
}

// Missing returns the years from the day of from to the day of to that the calendar does
// not know, in order: days in them are reckoned by the weekday alone.
func (c *Calendar) Missing(from, to time.Time) []int {
	var out []int
	for y := from.Year(); y <= to.Year(); y++ {
		if !c.years[y] {
			out = append(out, y)
		}
	}
	return out
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// next is the day after; in a zone with summer time a day is not always 24 hours.
func next(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
}
