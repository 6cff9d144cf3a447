package hall

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const spanCure = `按 24 小时制写成 "08:30-12:00" 这样，开始在前，结束在后。`

// checkHours reports impossible or contradictory hours. whole is set for the
// hall's own hours, which must not be empty.
func (d *document) checkHours(path string, h Hours, whole bool) {
	open := false
	keys := make([]string, len(weekdays))
	for i, w := range weekdays {
		keys[i] = w.key
	}
	for key, spans := range h.Week {
		child := join(path+".week", key)
		if !slices.Contains(keys, key) {
			cure := "星期写成：" + strings.Join(keys, "、") + "（星期一到星期日）。"
			if n := weekdayMeant(key); n != "" {
				cure = fmt.Sprintf("改成“%s”。", n)
			}
			d.fail(child, fmt.Sprintf("不认识星期“%s”。", key), cure)
		}
		d.checkSpans(child, spans)
		open = open || len(spans) > 0
	}
	dates := map[string]int{}
	for i, day := range h.Days {
		child := element(path+".days", i+1)
		open = open || len(day.Open) > 0
		d.checkSpans(child+".open", day.Open)
		if t, err := time.Parse(DateLayout, day.Date); err != nil || t.Year() < 2000 {
			d.fail(child+".date", fmt.Sprintf("没有“%s”这个日期。", day.Date), `写成 "2026-10-01" 这样，年月日之间用横线，月和日各两位。`)
		} else if first := dates[day.Date]; first > 0 {
			d.fail(child+".date", fmt.Sprintf("日期 %s 写了两次，另一个在第 %d 行。", day.Date, first), "删去其中一个。")
		} else {
			dates[day.Date] = max(1, d.line(child+".date"))
		}
		if whole && strings.TrimSpace(day.Reason) == "" {
			d.warn(child+".reason", fmt.Sprintf("%s 没有写原因 reason。", day.Date), `写上给群众看的原因，例如 reason = "国庆节"。`)
		}
	}
	if !open && !d.spoilt(path) {
		if whole {
			d.fail(path, "没有写大厅的开放时间。", "写 [hours.week]，下面每天一行，例如 mon = [\"08:30-12:00\", \"13:30-17:30\"]。")
		} else {
			d.fail(path, "这个业务的办理时间里没有一天开放。", "写上每天的时间；与大厅时间相同的，删去整个 hours 部分。")
		}
	}
}

// weekdayMeant returns the key a weekday in other words stands for.
func weekdayMeant(s string) string {
	s = strings.ToLower(s)
	for _, w := range weekdays {
		name := strings.ToLower(w.day.String())
		day := strings.TrimPrefix(w.zh, "星期")
		alternatives := []string{name, w.key, w.zh, "周" + day}
		if w.day == time.Sunday {
			alternatives = append(alternatives, "星期天", "周天")
		}
		if slices.Contains(alternatives, s) || len(s) > 3 && strings.HasPrefix(name, s) {
			return w.key
		}
	}
	return ""
}

func (d *document) checkSpans(path string, texts []string) {
	type placed struct {
		span
		text string
	}
	var good []placed
	for i, text := range texts {
		child := element(path, i+1)
		s, err := parseSpan(text)
		if err != nil {
			d.fail(child, err.Error()+"。", spanCure)
			continue
		}
		for _, g := range good {
			if s.from < g.to && g.from < s.to {
				d.fail(child, fmt.Sprintf("时间段“%s”和“%s”重叠。", text, g.text), "合并成一段，或改成不重叠的时间。")
				break
			}
		}
		good = append(good, placed{s, text})
	}
}

// checkWithin reports hours of a business outside those of the hall.
func (d *document) checkWithin(path string, own, hall Hours) {
	const cure = "改到大厅开放时间以内，或先延长大厅的开放时间。"
	for _, w := range weekdays {
		hallSpans := merge(readSpans(hall.Week[w.key]))
		for i, text := range own.Week[w.key] {
			if s, err := parseSpan(text); err == nil && !contains(hallSpans, s) {
				d.fail(element(join(path+".week", w.key), i+1),
					fmt.Sprintf("%s的办理时间“%s”不在大厅开放时间之内。", w.zh, text), cure)
			}
		}
	}
	for i, day := range own.Days {
		date, err := time.Parse(DateLayout, day.Date)
		if err != nil {
			continue
		}
		hallSpans, _ := hall.spans(date)
		for j, text := range day.Open {
			if s, err := parseSpan(text); err == nil && !contains(hallSpans, s) {
				d.fail(element(element(path+".days", i+1)+".open", j+1),
					fmt.Sprintf("%s 的办理时间“%s”不在大厅开放时间之内。", day.Date, text), cure)
			}
		}
	}
}

func contains(spans []span, s span) bool {
	return slices.ContainsFunc(spans, func(o span) bool { return o.from <= s.from && s.to <= o.to })
}
