package hall

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Class is by which rule a ticket is called.
type Class string

// The classes of tickets. The words are in hall files, databases and on the wire.
const (
	Ordinary    Class = ""            // first come, first served
	Priority    Class = "priority"    // 绿色通道
	Appointment Class = "appointment" // 预约
)

// Classes are the classes beside Ordinary.
func Classes() []Class { return []Class{Priority, Appointment} }

// Name returns the class as staff say it.
func (c Class) Name() string {
	switch c {
	case Ordinary:
		return "普通"
	case Priority:
		return "绿色通道"
	case Appointment:
		return "预约"
	}
	return string(c)
}

// Queue is what a hall decides about calling.
type Queue struct {
	// PriorityRun is how many tickets of a class are called in a row while an ordinary
	// one waits, 1 to 20; 0 = 3.
	PriorityRun int `toml:"priority_run" json:"priority_run,omitempty"`
	// ComeBackBehind is how many waiting tickets go before one that was passed over and
	// comes back, 1 to 50; 0 = 3.
	ComeBackBehind int `toml:"come_back_behind" json:"come_back_behind,omitempty"`
}

const (
	defaultRun    = 3
	defaultBehind = 3
	mostRun       = 20
	mostBehind    = 50
	mostCap       = 100_000
)

// Run returns PriorityRun, or the default.
func (q Queue) Run() int {
	return cmp.Or(q.PriorityRun, defaultRun)
}

// Behind returns ComeBackBehind, or the default.
func (q Queue) Behind() int {
	return cmp.Or(q.ComeBackBehind, defaultBehind)
}

// Quota is how many numbers of a business are given out in a part of the day.
type Quota struct {
	Hours string `toml:"hours" json:"hours"` // 08:30-12:00, as in Hours.Week
	Most  int    `toml:"most" json:"most"`   // at least 1
}

// Grants reports whether somebody who takes a number may ask for this class.
func (b *Business) Grants(c Class) bool { return c == Ordinary || slices.Contains(b.Classes, c) }

// QuotaAt returns the quota of a business that is in force at a time, and when it
// began; ok is false without one.
func (h *Hall) QuotaAt(b *Business, at time.Time) (q Quota, since time.Time, ok bool) {
	local := at.In(h.Location())
	for _, q := range b.Quotas {
		s, err := parseSpan(q.Hours)
		if err != nil {
			continue // refused when the file was read
		}
		y, m, d := local.Date()
		from := time.Date(y, m, d, 0, s.from, 0, 0, local.Location())
		until := time.Date(y, m, d, 0, s.to, 0, 0, local.Location())
		if !local.Before(from) && local.Before(until) {
			return q, from, true
		}
	}
	return Quota{}, time.Time{}, false
}

// checkQueue reports what is wrong with the settings of calling.
func (d *document) checkQueue(h *Hall) {
	between := func(path string, n, most int) {
		if n < 0 || n > most {
			d.fail(path, fmt.Sprintf("%s = %d 不在 1 到 %d 之间。", path, n, most), "写这个范围里的整数，或删去这一行（按 3 办）。")
		}
	}
	between("queue.priority_run", h.Queue.PriorityRun, mostRun)
	between("queue.come_back_behind", h.Queue.ComeBackBehind, mostBehind)
	for i := range h.Businesses {
		d.checkClasses(element("businesses", i+1), &h.Businesses[i])
	}
}

func (d *document) checkClasses(path string, b *Business) {
	seen := map[Class]bool{}
	for j, c := range b.Classes {
		child := element(path+".classes", j+1)
		switch {
		case !slices.Contains(Classes(), c):
			d.unknown(child, fmt.Sprintf("没有“%s”这一类号。", c), string(c), []string{string(Priority), string(Appointment)})
		case seen[c]:
			d.fail(child, fmt.Sprintf("业务“%s”里“%s”写了两次。", b.Name, c), "删去其中一个。")
		}
		seen[c] = true
	}
	if b.DailyCap < 0 || b.DailyCap > mostCap {
		d.fail(path+".daily_cap", fmt.Sprintf("业务“%s”每日最多 daily_cap = %d 个号不对。", b.Name, b.DailyCap),
			fmt.Sprintf("写 1 到 %d 之间的整数；不限就删去这一行。", mostCap))
	}
	var spans []span
	for j, q := range b.Quotas {
		child := element(path+".quotas", j+1)
		if q.Most < 1 || q.Most > mostCap {
			d.fail(child+".most", fmt.Sprintf("业务“%s”在 %s 最多 most = %d 个号不对。", b.Name, q.Hours, q.Most),
				fmt.Sprintf("写 1 到 %d 之间的整数；不限就删去这一段。", mostCap))
		}
		s, err := parseSpan(q.Hours)
		if err != nil {
			d.fail(child+".hours", fmt.Sprintf("业务“%s”的时段“%s”看不懂。", b.Name, q.Hours), `写成 "08:30-12:00" 的样子。`)
			continue
		}
		if slices.ContainsFunc(spans, func(o span) bool { return s.from < o.to && o.from < s.to }) {
			d.fail(child+".hours", fmt.Sprintf("业务“%s”的时段“%s”与前面的重叠。", b.Name, q.Hours), "把时段改成前后相接、互不重叠。")
		}
		spans = append(spans, s)
	}
}

// queue writes the settings of calling.
func (f *formatter) queue(q Queue) {
	if q == (Queue{}) {
		return
	}
	f.header("[queue]")
	f.number("priority_run", q.PriorityRun)
	f.number("come_back_behind", q.ComeBackBehind)
}

// calling writes what a business has of them.
func (f *formatter) calling(b Business) {
	if len(b.Classes) > 0 {
		words := make([]string, len(b.Classes))
		for i, c := range b.Classes {
			words[i] = string(c)
		}
		f.list("classes", words)
	}
	f.number("daily_cap", b.DailyCap)
	if len(b.Quotas) > 0 {
		parts := make([]string, len(b.Quotas))
		for i, q := range b.Quotas {
			parts[i] = fmt.Sprintf("{ hours = %s, most = %d }", quote(q.Hours), q.Most)
		}
		fmt.Fprintf(f, "quotas = [%s]\n", strings.Join(parts, ", "))
	}
}

func (f *formatter) number(key string, n int) {
	if n != 0 {
		fmt.Fprintf(f, "%s = %d\n", key, n)
	}
}
