package hall

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"hallkiosk/app/complaint"
	"hallkiosk/app/rating"
	"hallkiosk/app/workday"
)

// Ratings is what a hall decides about ratings (好差评). A zero field is its default;
// [Ratings.Filled] puts it in.
type Ratings struct {
	// WithinDays is how many days after its end a service may be rated; default 30.
	WithinDays int `toml:"within_days" json:"within_days,omitempty"`
	// SupplementAfterHours is how long after a rating something may be added to it;
	// default 24.
	SupplementAfterHours int `toml:"supplement_after_hours" json:"supplement_after_hours,omitempty"`
	// DefaultAfterDays is after how many days a service that nobody rated counts as rated
	// DefaultLevel, as nobody's opinion; 0 = never, which is the default.
	DefaultAfterDays int `toml:"default_after_days" json:"default_after_days,omitempty"`
	// DefaultLevel is that level; default 基本满意.
	DefaultLevel rating.Level `toml:"default_level" json:"default_level,omitempty"`
	// FollowUpDays is how many working days the follow-up of a bad rating may take;
	// default 15.
	FollowUpDays int `toml:"follow_up_days" json:"follow_up_days,omitempty"`
	// BurstCount ratings from one device within BurstMinutes are marked; default 6 in 5.
	BurstCount   int `toml:"burst_count" json:"burst_count,omitempty"`
	BurstMinutes int `toml:"burst_minutes" json:"burst_minutes,omitempty"`
}

// Filled returns r with the defaults in place of what the hall has not decided.
func (r Ratings) Filled() Ratings {
	r.WithinDays = cmp.Or(r.WithinDays, 30)
	r.SupplementAfterHours = cmp.Or(r.SupplementAfterHours, 24)
	r.DefaultLevel = cmp.Or(r.DefaultLevel, rating.BasicallySatisfied)
	r.FollowUpDays = cmp.Or(r.FollowUpDays, 15)
	r.BurstCount = cmp.Or(r.BurstCount, 6)
	r.BurstMinutes = cmp.Or(r.BurstMinutes, 5)
	return r
}

// Complaints is how long complaints may take, in working days. A zero field is the
// default of [complaint.Terms].
type Complaints struct {
	ClassifyDays  int `toml:"classify_days" json:"classify_days,omitempty"`   // until one is verified and classified
	SimpleDays    int `toml:"simple_days" json:"simple_days,omitempty"`       // from filing to the answer
	ComplexDays   int `toml:"complex_days" json:"complex_days,omitempty"`     // from filing to the answer
	ExtensionDays int `toml:"extension_days" json:"extension_days,omitempty"` // at most by one extension
}

// Terms returns them as package complaint reckons with them.
func (c Complaints) Terms() complaint.Terms {
	return complaint.Terms{Classify: c.ClassifyDays, Simple: c.SimpleDays, Complex: c.ComplexDays, Extension: c.ExtensionDays}
}

// Holiday is days off and the weekend days that are worked for them (调休), beyond those
// the program knows: of a later year, or of this place. Deadlines are reckoned with it;
// opening hours are not, those are [Hours].
type Holiday struct {
	Name   string   `toml:"name"`
	From   string   `toml:"from"` // 2027-10-01, the first day off
	To     string   `toml:"to"`   // the last one
	Worked []string `toml:"worked"`
}

// Workdays returns the calendar of the hall: the days that come with the program and the
// hall's own holidays. The error names a day that cannot be; a hall from a hall file has
// none.
func (h *Hall) Workdays() (*workday.Calendar, error) {
	if len(h.Holidays) == 0 {
		return workday.Builtin(), nil
	}
	own := make([]workday.Holiday, len(h.Holidays))
	for i, d := range h.Holidays {
		own[i] = workday.Holiday(d)
	}
	c, err := workday.Builtin().With(own...)
	if err != nil {
		return nil, fmt.Errorf("hall: holidays: %w", err)
	}
	return c, nil
}

// limits are what a setting that is written may be, both included.
type limits struct {
	key      string
	value    int
	min, max int
	what     string
}

func (d *document) checkTerms(h *Hall) {
	r := h.Ratings
	right := d.checkLimits("ratings", []limits{
		{"within_days", r.WithinDays, 1, 365, "可以评价的天数"},
		{"supplement_after_hours", r.SupplementAfterHours, 1, 24 * 30, "可以追加评价的小时数"},
		{"default_after_days", r.DefaultAfterDays, 0, 364, "默认评价的天数"},
		{"follow_up_days", r.FollowUpDays, 1, 60, "差评整改的工作日数"},
		{"burst_count", r.BurstCount, 2, 1000, "异常评价的个数"},
		{"burst_minutes", r.BurstMinutes, 1, 24 * 60, "异常评价的分钟数"},
	})
	if filled := r.Filled(); right && filled.DefaultAfterDays >= filled.WithinDays && r.DefaultAfterDays > 0 {
		d.fail("ratings.default_after_days", fmt.Sprintf("默认评价要等 %d 天，那时已经不能评价了（%d 天内可以评价）。", filled.DefaultAfterDays, filled.WithinDays),
			"改小 default_after_days，或改大 within_days。")
	}
	if l := r.DefaultLevel; l != "" && (!l.Valid() || l.Bad()) {
		d.fail("ratings.default_level", fmt.Sprintf("“%s”不能作为默认评价。", l), "写 very-satisfied、satisfied 或 basically-satisfied，或删去这一行。")
	}
	c := h.Complaints
	d.checkLimits("complaints", []limits{
		{"classify_days", c.ClassifyDays, 1, 60, "初步核实的工作日数"},
		{"simple_days", c.SimpleDays, 1, 60, "简单投诉的工作日数"},
		{"complex_days", c.ComplexDays, 1, 120, "复杂投诉的工作日数"},
		{"extension_days", c.ExtensionDays, 1, 120, "最多延长的工作日数"},
	})
	if c.SimpleDays > 0 && c.ComplexDays > 0 && c.ComplexDays < c.SimpleDays {
		d.fail("complaints.complex_days", fmt.Sprintf("复杂投诉 %d 个工作日，比简单投诉的 %d 个还短。", c.ComplexDays, c.SimpleDays), "看看是不是写反了。")
	}
	d.checkHolidays(h.Holidays)
}

// checkLimits reports settings that are out of bounds and returns whether there are none.
func (d *document) checkLimits(table string, all []limits) bool {
	right := true
	for _, l := range all {
		path := join(table, l.key)
		if _, written := d.offsets[path]; written && (l.value < l.min || l.value > l.max) {
			d.fail(path, fmt.Sprintf("%s %s = %d 不在 %d 到 %d 之间。", l.what, l.key, l.value, l.min, l.max), "改成这个范围里的数，或删去这一行。")
			right = false
		}
	}
	return right
}

// longestHoliday is how many days off one holiday may have before a wrong month is
// suspected; the longest so far had nine.
const longestHoliday = 16

// farthestWorked is how far from a holiday the days worked for it lie at most.
const farthestWorked = 60 * 24 * time.Hour

// fewHolidays is how many a year has at least: the law of 2024 names seven.
const fewHolidays = 5

func (d *document) checkHolidays(all []Holiday) {
	before := len(d.problems.Errors())
	seen := map[string]string{} // day → path of the holiday that has it
	years := map[int]int{}
	for i, h := range all {
		path := element("holidays", i+1)
		if strings.TrimSpace(h.Name) == "" {
			d.fail(path+".name", "这个节假日没有写名称。", `写上名称，例如 name = "国庆节"。`)
		}
		from, ok := d.dayAt(path+".from", h.From)
		to, ok2 := d.dayAt(path+".to", h.To)
		switch {
		case !ok || !ok2:
			continue
		case to.Before(from):
			d.fail(path+".to", fmt.Sprintf("“%s”的最后一天 %s 早于第一天 %s。", h.Name, h.To, h.From), "from 写第一天，to 写最后一天，只放一天的写同一天。")
			continue
		case to.Sub(from) >= longestHoliday*24*time.Hour:
			d.fail(path+".to", fmt.Sprintf("“%s”从 %s 到 %s 超过 %d 天。", h.Name, h.From, h.To, longestHoliday), "看看月份是不是写错了。")
			continue
		}
		years[to.Year()]++
		for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
			d.once(seen, day.Format(DateLayout), path, path+".from")
		}
		for j, text := range h.Worked {
			child := element(path+".worked", j+1)
			day, ok := d.dayAt(child, text)
			if !ok {
				continue
			}
			if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
				d.fail(child, fmt.Sprintf("%s 本来就是工作日。", text), "worked 里只写调休上班的星期六和星期日。")
				continue
			}
			if day.Sub(to).Abs() > farthestWorked || (day.Year() != to.Year() && day.Month() != time.December) {
				d.fail(child, fmt.Sprintf("%s 离“%s”太远。", text, h.Name), "看看年月是不是写错了。")
				continue
			}
			d.once(seen, text, path, child)
		}
	}
	if len(d.problems.Errors()) > before {
		return // a year may be short of what could not be read
	}
	for i, h := range all {
		day, err := time.Parse(DateLayout, h.To)
		if err != nil || len(workday.Builtin().Missing(day, day)) == 0 {
			continue
		}
		if n := years[day.Year()]; n > 0 && n < fewHolidays {
			d.warn(element("holidays", i+1), fmt.Sprintf("%d 年只写了 %d 个节假日，其余的日子按周一至周五上班计算期限。", day.Year(), n), "照国务院办公厅的放假通知写全。")
			delete(years, day.Year()) // said once
		}
	}
}

// once reports a day that two holidays have.
func (d *document) once(seen map[string]string, day, holiday, path string) {
	if first, twice := seen[day]; twice {
		d.fail(path, fmt.Sprintf("%s 写了两次，另一个在第 %d 行的节假日里。", day, d.line(first)), "一天只能属于一个节假日，删去其中一个。")
		return
	}
	seen[day] = holiday
}

// dayAt reads a day and reports one that is none.
func (d *document) dayAt(path, text string) (time.Time, bool) {
	day, err := time.Parse(DateLayout, text)
	if err != nil || day.Year() < 2000 || day.Year() > 2200 {
		d.fail(path, fmt.Sprintf("没有“%s”这个日期。", text), `写成 "2026-10-01" 这样，年月日之间用横线，月和日各两位。`)
		return day, false
	}
	return day, true
}

// terms writes the settings that are not the default.
func (f *formatter) terms(h *Hall) {
	number := func(key string, n int) {
		if n != 0 {
			fmt.Fprintf(f, "%s = %d\n", key, n)
		}
	}
	if r := h.Ratings; r != (Ratings{}) {
		f.header("[ratings]")
		number("within_days", r.WithinDays)
		number("supplement_after_hours", r.SupplementAfterHours)
		number("default_after_days", r.DefaultAfterDays)
		f.text("default_level", string(r.DefaultLevel))
		number("follow_up_days", r.FollowUpDays)
		number("burst_count", r.BurstCount)
		number("burst_minutes", r.BurstMinutes)
	}
	if c := h.Complaints; c != (Complaints{}) {
		f.header("[complaints]")
		number("classify_days", c.ClassifyDays)
		number("simple_days", c.SimpleDays)
		number("complex_days", c.ComplexDays)
		number("extension_days", c.ExtensionDays)
	}
	for _, d := range h.Holidays {
		f.header("[[holidays]]")
		f.text("name", d.Name)
		f.text("from", d.From)
		f.text("to", d.To)
		if len(d.Worked) > 0 {
			f.list("worked", d.Worked)
		}
	}
}
