package pages

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hallkiosk/app/hall"
)

// weekKeys are the keys of hall.Hours.Week, in the order people read them.
var weekKeys = [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// wholeDay is how hours are written that never end.
const wholeDay = "00:00-24:00"

// hoursText puts weekly hours into words, one line for days in a row with the same
// hours: 星期一至星期五 08:30–12:00，13:30–17:30. Closed days are named too: people ask
// for Saturdays. It is empty for hours that say nothing.
func (w *guideWords) hoursText(hours hall.Hours) []string {
	if len(hours.Week) == 0 {
		return nil
	}
	var lines []string
	for i := 0; i < len(weekKeys); {
		open, last := hours.Week[weekKeys[i]], i
		for last+1 < len(weekKeys) && slices.Equal(hours.Week[weekKeys[last+1]], open) {
			last++
		}
		lines = append(lines, w.days(i, last)+" "+w.open(open))
		i = last + 1
	}
	return lines
}

// days names the days from first to last, counted from Monday.
func (w *guideWords) days(first, last int) string {
	switch {
	case first == 0 && last == len(weekKeys)-1:
		return w.EveryDay
	case first == last:
		return w.Weekdays[first]
	case first+1 == last:
		return w.Weekdays[first] + w.And + w.Weekdays[last]
	}
	return w.Weekdays[first] + w.To + w.Weekdays[last]
}

// open puts the intervals of one day into words.
func (w *guideWords) open(spans []string) string {
	switch {
	case len(spans) == 0:
		return w.Closed
	case len(spans) == 1 && spans[0] == wholeDay:
		return w.AllDay
	}
	return strings.ReplaceAll(strings.Join(spans, w.Comma), "-", "–")
}

// exceptions are the days from now until the end that differ from the weekly hours,
// at most so many.
func (w *guideWords) exceptions(hours hall.Hours, now, end time.Time, most int) []string {
	first, last := now.Format(hall.DateLayout), end.In(now.Location()).Format(hall.DateLayout)
	var lines []string
	days := slices.SortedFunc(slices.Values(hours.Days), func(a, b hall.Day) int { return strings.Compare(a.Date, b.Date) })
	for _, d := range days {
		t, err := time.Parse(hall.DateLayout, d.Date)
		if err != nil || d.Date < first || d.Date > last || len(lines) == most {
			continue
		}
		line := w.words.day(t) + " " + w.open(d.Open)
		if d.Reason != "" {
			line += fmt.Sprintf(w.Because, d.Reason)
		}
		lines = append(lines, line)
	}
	return lines
}
