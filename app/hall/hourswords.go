package hall

import (
	"slices"
	"strings"
)

// The words of InWords, Monday first.
var (
	weekdaysZh = []string{"星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"}
	weekdaysEn = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
	weekKeys   = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// InWords returns the weekly pattern as people read it, a line for days that
// follow one another and are alike: 星期一至星期五 08:30–12:00、13:30–17:30. Days that
// are closed are left out; so are exceptions, which concern single dates.
func (h Hours) InWords(english bool) []string {
	names, every, allDay, to, list := weekdaysZh, "每天", "全天", "至", "、"
	if english {
		names, every, allDay, to, list = weekdaysEn, "Every day", "all day", "–", ", "
	}
	var lines []string
	for i := 0; i < len(weekKeys); {
		spans, first := h.Week[weekKeys[i]], i
		for i++; i < len(weekKeys) && slices.Equal(h.Week[weekKeys[i]], spans); i++ {
		}
		if len(spans) == 0 {
			continue
		}
		days := names[first]
		switch {
		case i-first == len(weekKeys):
			days = every
		case i-first > 1:
			days += to + names[i-1]
		}
		open := strings.ReplaceAll(strings.Join(spans, list), "-", "–")
		if open == "00:00–24:00" {
			open = allDay
		}
		lines = append(lines, days+" "+open)
	}
	return lines
}

// HoursOf returns the hours of a business: its own, else the hall's.
func (h *Hall) HoursOf(b *Business) Hours {
	if b != nil && b.Hours != nil {
		return *b.Hours
	}
	return h.Hours
}
