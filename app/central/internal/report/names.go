package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// Names says what the ids of a hall are called. What has left the hall file keeps its
// id.
type Names struct{ hall *hall.Hall }

// NamesOf returns the names of a hall.
func NamesOf(h *hall.Hall) Names { return Names{h} }

// Business is the name of a business.
func (n Names) Business(id string) string {
	if b, ok := n.hall.Business(id); ok {
		return b.Name
	}
	return id
}

// Item is the name of an item of a business, "" for a ticket without one.
func (n Names) Item(business, id string) string {
	if b, ok := n.hall.Business(business); ok {
		if i, ok := b.Item(id); ok {
			return i.Name
		}
	}
	return id
}

// Window is how a window is spoken of; "" is the one that nobody was called to.
func (n Names) Window(id string) string {
	if id == "" {
		return "没有叫到窗口"
	}
	w, ok := n.hall.Window(id)
	switch {
	case !ok:
		return id
	case strings.Trim(w.Name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == "":
		return w.Name + " 号窗口"
	case strings.HasSuffix(w.Name, "窗口"):
		return w.Name
	}
	return w.Name + "窗口"
}

// Series is how a series is spoken of.
func (n Names) Series(s Series) string {
	if s.Slot == "" {
		return s.Prefix
	}
	return s.Prefix + "（" + s.Slot + " 号终端脱网时发的）"
}

// Check says in one sentence whether every number of a day is accounted for, or which
// are missing.
func (n Names) Check(d Day) string {
	if d.Issued == 0 && len(d.Series) == 0 {
		return "这一天没有发过号。"
	}
	var wrong []string
	for _, s := range d.Series {
		if gone := len(s.Missing) + s.More; gone > 0 {
			names := strings.Join(s.Missing[:min(len(s.Missing), 20)], "、")
			if gone > 20 {
				names += " 等"
			}
			wrong = append(wrong, fmt.Sprintf("%s 缺 %d 个号：%s", n.Series(s), gone, names))
		} else if s.Counted != s.Issued {
			wrong = append(wrong, fmt.Sprintf("%s 号码 %d 个，计数器却是 %d", n.Series(s), s.Issued, s.Counted))
		}
		if !s.Balanced() {
			wrong = append(wrong, n.Series(s)+" 各项相加不等于总数")
		}
	}
	if !d.Balanced() {
		wrong = append(wrong, "各项相加不等于总数")
	}
	if d.Queued != d.Waiting {
		wrong = append(wrong, fmt.Sprintf("等候中的号码 %d 个，排队人数却是 %d", d.Waiting, d.Queued))
	}
	if len(wrong) > 0 {
		return "没有对上：" + strings.Join(wrong, "；") + "。"
	}
	return fmt.Sprintf("对上了：%d 个号 = 办结 %d + 过号 %d + 取消 %d + 作废 %d + 等候中 %d + 窗口办理中 %d，没有缺号。",
		d.Issued, d.Served, d.NoShow, d.Cancelled, d.Void, d.Waiting, d.AtWindow)
}

// StateName says where a number has gone.
func StateName(state string) string {
	switch centralapi.TicketState(state) {
	case centralapi.Issued:
		return "等候中"
	case centralapi.Called:
		return "已叫号"
	case centralapi.Started:
		return "办理中"
	case centralapi.Held:
		return "挂起"
	case centralapi.Finished:
		return "办结"
	case centralapi.NoShow:
		return "过号"
	case centralapi.Cancelled:
		return "取消"
	case centralapi.Void:
		return "作废"
	}
	return "窗口办理中"
}

// ReasonName says why a number is void or cancelled; a reason that is not a word of this
// program's is what somebody has written, and comes back as it is.
func ReasonName(reason string) string {
	switch reason {
	case "superseded":
		return "纸票上是终端脱网号，这个号没有用"
	case "abandoned":
		return "没有交到人手里"
	case "wrong-matter":
		return "取错事项"
	}
	return reason
}

// RatingLine is the counts of one window or business.
type RatingLine struct {
	Key string
	rating.Counts
}

// RatingLines returns the counts by window, or else by business, in the hall's order,
// then what has left the hall file.
func RatingLines(h *hall.Hall, f rating.Figures, byWindow bool) []RatingLine {
	by := f.Businesses
	var order []string
	for _, b := range h.Businesses {
		order = append(order, b.ID)
	}
	if byWindow {
		by, order = f.Windows, nil
		for _, w := range h.Windows {
			order = append(order, w.ID)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(by)) {
		if !slices.Contains(order, key) {
			order = append(order, key)
		}
	}
	var out []RatingLine
	for _, key := range order {
		if c := by[key]; c != nil {
			out = append(out, RatingLine{key, *c})
		}
	}
	return out
}
