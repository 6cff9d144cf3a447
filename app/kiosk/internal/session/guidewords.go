package session

import (
	"fmt"
	"strings"

	"hallkiosk/app/guide"
)

// guideWords are the words that stand between the texts of a guide. They are here
// and not with the drawing side because they join with those texts to sentences,
// whose length decides where a page ends.
type guideWords struct {
	kinds   map[guide.Kind]string
	natures map[guide.Nature]string
	units   map[guide.Unit]string // with %d
	unitOne map[guide.Unit]string // where one of them is worded differently
	atOnce  string

	free, charged, cost                               string
	needed, optional, waived                          string
	when, from, issued, looks                         string // with %s
	quota, intermediary, special, scope, visits, book string
	offered, once, times, resultLooks                 string
	originals, copies, original, copied               string // with %d; of one
	result, conditions, basis, nature, updated        string
	department, place, hours, phone                   string
	complaint, online, unit, address                  string
	kind, promised, legal, feeBasis, feeNote          string
	gap, comma, list, days, window, windowAt          string
}

var chineseGuide = guideWords{
	kinds: map[guide.Kind]string{
		guide.OnTheSpot: guide.OnTheSpot.Name(), guide.Promise: guide.Promise.Name(),
		guide.Joint: guide.Joint.Name(), guide.Upward: guide.Upward.Name(),
	},
	natures: map[guide.Nature]string{
		guide.Licence: guide.Licence.Name(), guide.Benefit: guide.Benefit.Name(), guide.Confirmation: guide.Confirmation.Name(),
		guide.Award: guide.Award.Name(), guide.Ruling: guide.Ruling.Name(), guide.OtherPower: guide.OtherPower.Name(),
		guide.Service: guide.Service.Name(),
	},
	units: map[guide.Unit]string{
		guide.WorkingDays: "%d 个工作日", guide.Days: "%d 天", guide.Hours: "%d 小时",
		guide.Minutes: "%d 分钟", guide.Months: "%d 个月",
	},
	atOnce: "当场办结",
	free:   "不收费", charged: "收费", cost: "收费",
	needed: "都要带", optional: "有这些情况再带", waived: "不用带",
	when: "什么情况要带：%s", from: "从哪里来：%s", issued: "开具时间：%s", looks: "样子：%s",
	quota: "数量限制", intermediary: "先要办的服务", special: "不算在时限里", scope: "通办范围", visits: "要来几次", book: "预约",
	offered: "可以预约", once: "1 次", times: "%d 次", resultLooks: "样子",
	originals: "原件 %d 份", copies: "复印件 %d 份", original: "原件 1 份", copied: "复印件 1 份",
	result: "办完领取", conditions: "什么人可以办", basis: "办理依据", nature: "事项类型", updated: "更新日期",
	department: "办理部门", place: "办理地点", hours: "办理时间", phone: "咨询电话",
	complaint: "监督电话", online: "网上办理", unit: "办理单位", address: "地址",
	kind: "办件类型", promised: "承诺时限", legal: "法定时限", feeBasis: "收费依据", feeNote: "减免",
	gap: "；", comma: "，", list: "、", days: "；", window: "%s 号窗口", windowAt: "%s，%s 号窗口",
}

var englishGuide = guideWords{
	kinds: map[guide.Kind]string{
		guide.OnTheSpot: "Done the same day", guide.Promise: "Done by a promised day",
		guide.Joint: "Several departments", guide.Upward: "Decided by a higher authority",
	},
	natures: map[guide.Nature]string{
		guide.Licence: "Licence", guide.Benefit: "Benefit", guide.Confirmation: "Confirmation", guide.Award: "Award",
		guide.Ruling: "Ruling", guide.OtherPower: "Other", guide.Service: "Public service",
	},
	units: map[guide.Unit]string{
		guide.WorkingDays: "%d working days", guide.Days: "%d days", guide.Hours: "%d hours",
		guide.Minutes: "%d minutes", guide.Months: "%d months",
	},
	unitOne: map[guide.Unit]string{
		guide.WorkingDays: "1 working day", guide.Days: "1 day", guide.Hours: "1 hour",
		guide.Minutes: "1 minute", guide.Months: "1 month",
	},
	atOnce: "Done on the spot",
	free:   "No charge", charged: "There is a charge", cost: "Charge",
	needed: "Everybody brings", optional: "Bring in some cases", waived: "No need to bring",
	when: "Needed when: %s", from: "Where from: %s", issued: "Issued: %s", looks: "What it looks like: %s",
	quota: "Limited to", intermediary: "Needed first", special: "Not counted in the time", scope: "Also handled at", visits: "Visits needed", book: "Booking",
	offered: "can be booked", once: "1", times: "%d", resultLooks: "What it looks like",
	originals: "%d originals", copies: "%d copies", original: "1 original", copied: "1 copy",
	result: "You will get", conditions: "Who can apply", basis: "Legal basis", nature: "Kind of matter", updated: "Updated",
	department: "Department", place: "Where", hours: "Hours", phone: "Questions",
	complaint: "Complaints", online: "Online", unit: "Handled by", address: "Address",
	kind: "How it runs", promised: "Promised within", legal: "By law within", feeBasis: "Basis of the charge", feeNote: "Reductions",
	gap: "; ", comma: ", ", list: ", ", days: "; ", window: "window %s", windowAt: "%s, window %s",
}

func wordsIn(l Language) *guideWords {
	if l == English {
		return &englishGuide
	}
	return &chineseGuide
}

// limit is a time limit in words, "" for none.
func (w *guideWords) limit(l guide.Limit) string {
	switch {
	case l.IsZero(), l.Number > 0 && w.units[l.Unit] == "":
		return ""
	case l.Number <= 0:
		return w.atOnce
	case l.Number == 1 && w.unitOne[l.Unit] != "":
		return w.unitOne[l.Unit]
	}
	return fmt.Sprintf(w.units[l.Unit], l.Number)
}

// fee is what a matter costs in a few words, "" where nothing is known of it.
func (w *guideWords) fee(g *guide.Guide) string {
	switch {
	case bare(g):
		return ""
	case free(g.Fee):
		return w.free
	case len(g.Fee.Items) == 1 && len([]rune(g.Fee.Items[0].Standard)) <= 12:
		return g.Fee.Items[0].Standard
	}
	return w.charged
}

// material is what is said of a material besides its name and number.
func (w *guideWords) material(m guide.Material) string {
	var parts []string
	add := func(format, text string) {
		if text = strings.Trim(text, "。； \n"); text != "" {
			parts = append(parts, fmt.Sprintf(format, text))
		}
	}
	add("%s", m.Waived)
	add(w.when, m.When)
	add(w.from, m.From)
	add(w.issued, m.Issued)
	add("%s", m.Note)
	add(w.looks, m.Sample)
	return strings.Join(parts, w.gap)
}

// count is how many to bring.
func (w *guideWords) count(m guide.Material) string {
	var parts []string
	for _, c := range []struct {
		n         int
		many, one string
	}{{m.Originals, w.originals, w.original}, {m.Copies, w.copies, w.copied}} {
		switch {
		case c.n == 1:
			parts = append(parts, c.one)
		case c.n > 1:
			parts = append(parts, fmt.Sprintf(c.many, c.n))
		}
	}
	return strings.Join(parts, w.comma)
}

// windowsAt is a place and its windows.
func (w *guideWords) windowsAt(place string, windows []string) string {
	names := strings.Join(windows, w.list)
	switch {
	case names == "":
		return place
	case place == "":
		return fmt.Sprintf(w.window, names)
	}
	return fmt.Sprintf(w.windowAt, place, names)
}

// visit is how often one must come, "" where that is not said.
func (w *guideWords) visit(times *int) string {
	switch {
	case times == nil || *times < 1:
		return ""
	case *times == 1:
		return w.once
	}
	return fmt.Sprintf(w.times, *times)
}
