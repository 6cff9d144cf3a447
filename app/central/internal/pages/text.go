package pages

import (
	"fmt"
	"strings"
	"time"

	"hallkiosk/app/hall"
)

// clock is the centre's time in the hall's zone. Pages show it by their own
// clock's steps but never by its value: a board's clock and zone are often wrong.
type clock struct {
	Time, Date string // 10:31, 11月21日 星期六
	Millis     int64  // since 1970
	Offset     int    // minutes east of UTC
	// Cursor of the hall's ledger at that moment; 0 where it is not known that exactly.
	Cursor int64
}

func clockOf(h *hall.Hall, now time.Time) clock {
	now = now.In(h.Location())
	_, offset := now.Zone()
	return clock{Time: now.Format("15:04"), Date: dateText(now), Millis: now.UnixMilli(), Offset: offset / 60}
}

// String returns what the script reads: milliseconds and minutes.
func (c clock) String() string { return fmt.Sprintf("%d %d", c.Millis, c.Offset) }

// windowText returns how a window is spoken of: 3 号窗口, 综合窗口.
func windowText(name string) string {
	switch {
	case strings.Trim(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == "":
		return name + " 号窗口"
	case strings.HasSuffix(name, "窗口"):
		return name
	}
	return name + "窗口"
}

// waited returns how long somebody has waited, in words.
func waited(d time.Duration) string {
	switch m := int(d.Minutes()); {
	case m < 1:
		return "刚刚"
	case m < 60:
		return fmt.Sprintf("%d 分钟", m)
	default:
		return fmt.Sprintf("%d 小时 %d 分", m/60, m%60)
	}
}

// ago is waited for something that happened.
func ago(d time.Duration) string {
	if text := waited(d); text != "刚刚" {
		return text + "前"
	}
	return "刚刚"
}

// deviceText names a device of a terminal.
func deviceText(device string) string {
	switch device {
	case "printer":
		return "打印机"
	case "reader":
		return "身份证阅读器"
	case "scanner":
		return "扫码器"
	}
	return "设备"
}

// faultText says what is the matter with a device and what somebody can do
// about it. The codes are those of centralapi.DeviceState: what package escpos
// names for printers and package peripherals for ports. A code that is not known
// here, from a newer terminal, is still a fault.
func faultText(fault string) (what, cure string) {
	switch fault {
	case "paper-out":
		return "没有纸了", "请换一卷纸"
	case "paper-near-end":
		return "纸快用完了", "请准备换纸"
	case "cover-open":
		return "盖子没有盖好", "请按下盖子"
	case "cutter":
		return "切纸刀卡住了", "请关机后再开机"
	case "head-hot":
		return "打印头太热", "稍等几分钟会自己恢复"
	case "offline":
		return "没有回应", "请看电源和连接线"
	case "absent":
		return "连接断了", "请看连接线是否插好"
	case "card-left":
		return "上面有一张没取走的身份证", "请交还本人"
	case "busy", "denied", "not-serial":
		return "打不开", "请联系技术人员"
	}
	return "有故障", "请联系技术人员"
}

// endText says how a ticket ended.
func endText(state string) string {
	switch state {
	case "finished":
		return "完成"
	case "no-show":
		return "过号"
	case "cancelled":
		return "取消"
	case "void":
		return "作废"
	}
	return ""
}

var weekdayText = [...]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"}

// dateText returns 11月21日 星期六.
func dateText(t time.Time) string {
	return fmt.Sprintf("%d月%d日 %s", int(t.Month()), t.Day(), weekdayText[t.Weekday()])
}
