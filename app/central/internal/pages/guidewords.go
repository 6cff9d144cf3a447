package pages

import (
	"fmt"

	"hallkiosk/app/guide"
)

// guideWords is what stands on a guide's page, and on the pages that say why there
// is none, in one language.
type guideWords struct {
	words *words

	Sample, SampleMore                  string
	Larger, Normal                      string
	Ready, ReadyOf                      string // ReadyOf takes ticked and needed
	AllReady, NothingNeeded             string
	Kept, NotKept                       string // what becomes of the ticks; without scripts
	Changed                             string // the list has changed since
	Materials, Steps, Where, Costs      string // headings
	Conditions, Basis, Forms, Questions string
	More                                string
	Optional, When                      string
	From, Issued, Looks, Fill           string // of a material; Fill takes a form
	Days                                string // of a step; takes a number
	Window, Place, Hours, Except        string
	Choose, TakeThere                   string // TakeThere: numbers are taken at the terminal
	Elsewhere, ElsewhereMore            string
	Unit, Address                       string
	Ask, Complain, Dial                 string
	Legal, Promised, Fee, FeeBasis      string
	Free, FeeNote                       string
	Kind, Nature, Result, Whom          string
	Online, Scope, Ways, Visits         string
	VisitsTimes, NoVisit                string // VisitsTimes takes a number
	Quota, Intermediary, Special        string
	Partners, Offers                    string
	Bookable, PayOnline, Courier        string
	OnlyChinese                         string // that the rest has no other language
	Updated, ValidTo                    string // take a day
	Share, Copied, CopyByHand           string
	Picture, PictureHint, Save, Close   string
	Print                               string
	EveryDay, And, To, Comma            string
	Closed, AllDay, Because             string // Because takes a reason
	Tampered, TamperedCure              string
	UnknownKey, UnknownKeyCure          string
	Expired, ExpiredCure, EndedOn       string // EndedOn takes a day
	TicketOver, TicketOverCure          string
	RatingOver, RatingOverCure          string
	Gone, GoneCure                      string
	Trouble, TroubleCure                string
	Busy, BusyCure                      string

	Weekdays [7]string // from Monday
	Persons  map[guide.Person]string
	Units    map[guide.Unit]string // takes a number
	OnTheDay string                // a limit of 0
	Kinds    map[guide.Kind]string
	Channels map[guide.Channel]string
	Waived   map[string]string // guide.Material.Waived; nil = as it stands
}

var chineseGuide = guideWords{
	words:  &chinese,
	Sample: "示例", SampleMore: "内容是虚构的，请以大厅公布的为准",
	Larger: "大字", Normal: "常规字",
	Ready: "已备好", ReadyOf: "%d/%d", AllReady: "材料齐了", NothingNeeded: "没有必须带的材料",
	Kept: "打的勾只存在这部手机上，别人看不到", NotKept: "这里打不了勾，可以照着清单准备",
	Changed:   "材料清单更新过，原来打的勾已经清掉，请重新核对",
	Materials: "要带什么", Steps: "怎么办", Where: "在哪办", Costs: "时限和收费",
	Conditions: "办理条件", Basis: "办理依据", Forms: "要填的表", Questions: "常见问题", More: "其他说明",
	Optional: "有的情况才要", When: "什么情况", From: "来源", Issued: "开具时间", Looks: "样子", Fill: "填写《%s》",
	Days:   "约 %d 天",
	Window: "窗口", Place: "位置", Hours: "时间", Except: "特别安排", Choose: "取号时选", TakeThere: "请到大厅的自助终端取号",
	Elsewhere: "这件事不在本大厅办", ElsewhereMore: "请到下面的单位办理，去之前最好先打电话问一问",
	Unit: "单位", Address: "地址", Ask: "咨询电话", Complain: "监督电话", Dial: "拨打",
	Legal: "法定时限", Promised: "承诺时限", Fee: "收费", FeeBasis: "收费依据", Free: "不收费", FeeNote: "收费说明",
	Kind: "办件类型", Nature: "事项类型", Result: "办好后拿到", Whom: "谁可以办",
	Online: "网上办理", Scope: "通办范围", Ways: "办理方式", Visits: "要跑几趟", VisitsTimes: "%d 次", NoVisit: "一次也不用跑",
	Quota: "数量限制", Intermediary: "先要做的", Special: "不算在时限内的", Partners: "联办单位", Offers: "还可以",
	Bookable: "预约", PayOnline: "网上缴费", Courier: "快递送达",
	OnlyChinese: "下面的内容请看中文",
	Updated:     "指南更新于%s", ValidTo: "本页有效期到%s",
	Share: "分享", Copied: "网址已复制，可以发给家人", CopyByHand: "请长按复制下面的网址",
	Picture: "存成图片", PictureHint: "长按图片也可以保存", Save: "保存", Close: "关闭", Print: "打印",
	EveryDay: "每天", And: "、", To: "至", Comma: "，", Closed: "休息", AllDay: "全天", Because: "（%s）",
	Tampered: "这个网址不完整，或者被改过", TamperedCure: "请再扫一次屏幕或纸上的二维码。别人发来的，请让对方重新发一次。",
	UnknownKey: "这个二维码太旧，或者不是本大厅的", UnknownKeyCure: "请到大厅的自助终端重新查一次，再扫码带走。",
	Expired: "这个二维码已经过期", ExpiredCure: "要求会变，请到大厅的自助终端重新查一次，再扫码带走；也可以打电话问。", EndedOn: "它到%s为止。",
	TicketOver: "这个号码已经过期", TicketOverCure: "要办事，请到大厅重新取号。",
	RatingOver: "评价的时间已经过了", RatingOverCure: "有意见请打电话。",
	Gone: "这件事的指南已经撤下", GoneCure: "它可能改了名称，或不再由本大厅办理。请打电话问，或到大厅的自助终端重新查找。",
	Trouble: "指南暂时打不开", TroubleCure: "请过一会儿再刷新。纸上的清单照常有用，也可以打电话问。",
	Busy: "看的人太多", BusyCure: "请过一会儿再刷新。",
	Weekdays: [7]string{"星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"},
	Persons:  map[guide.Person]string{guide.Individual: "个人", guide.Firm: "企业", guide.Institution: "其他单位和组织"},
	OnTheDay: "当场办结",
	Units: map[guide.Unit]string{guide.WorkingDays: "%d 个工作日", guide.Days: "%d 天", guide.Hours: "%d 小时",
		guide.Minutes: "%d 分钟", guide.Months: "%d 个月"},
	Kinds: map[guide.Kind]string{guide.OnTheSpot: "即办件", guide.Promise: "承诺件", guide.Joint: "联办件", guide.Upward: "上报件"},
	Channels: map[guide.Channel]string{guide.AtWindow: "窗口", guide.Online: "网上", guide.Mobile: "手机", guide.ByCourier: "快递",
		guide.SelfService: "自助终端", guide.OtherWay: "其他"},
}

var englishGuide = guideWords{
	words:  &english,
	Sample: "Sample", SampleMore: "The content is made up. What the hall has published is what counts",
	Larger: "Larger", Normal: "Normal",
	Ready: "Ready", ReadyOf: "%d/%d", AllReady: "Everything is ready", NothingNeeded: "Nothing has to be brought",
	Kept: "Ticks stay on this phone only", NotKept: "Ticking does not work here. Please use this as a list",
	Changed:   "The list has changed since. Please check it again",
	Materials: "What to bring", Steps: "How it goes", Where: "Where", Costs: "Time and fees",
	Conditions: "Conditions", Basis: "Legal basis", Forms: "Forms to fill in", Questions: "Questions", More: "More",
	Optional: "in some cases", When: "If", From: "From", Issued: "Issued", Looks: "Looks like", Fill: "Fill in: %s",
	Days:   "about %d days",
	Window: "Window", Place: "Place", Hours: "Hours", Except: "Special days", Choose: "Take a number for", TakeThere: "Please take a number at the terminal in the hall",
	Elsewhere: "This hall does not handle it", ElsewhereMore: "Please go to the office below. It is best to ring up first",
	Unit: "Office", Address: "Address", Ask: "Questions", Complain: "Complaints", Dial: "Call",
	Legal: "By law", Promised: "Promised", Fee: "Fee", FeeBasis: "Basis of the fee", Free: "Free of charge", FeeNote: "Note on the fee",
	Kind: "Kind", Nature: "Nature", Result: "You get", Whom: "For",
	Online: "Online", Scope: "Also done at", Ways: "Ways", Visits: "Visits", VisitsTimes: "%d", NoVisit: "none needed",
	Quota: "Limited to", Intermediary: "Needed first", Special: "Not counted in the time", Partners: "With", Offers: "Also",
	Bookable: "booking", PayOnline: "paying online", Courier: "delivery by courier",
	OnlyChinese: "Details are in Chinese only",
	Updated:     "Guide of %s", ValidTo: "This page is good until %s",
	Share: "Share", Copied: "The address has been copied", CopyByHand: "Please press and hold to copy this address",
	Picture: "Picture", PictureHint: "Pressing and holding the picture saves it too", Save: "Save", Close: "Close", Print: "Print",
	EveryDay: "Every day", And: ", ", To: " to ", Comma: ", ", Closed: "closed", AllDay: "all day", Because: " (%s)",
	Tampered: "This address is not complete or has been changed", TamperedCure: "Please scan the code on the screen or paper again. If somebody has sent it to you, please ask them to send it once more.",
	UnknownKey: "This code is too old, or not of this hall", UnknownKeyCure: "Please look it up again at a terminal in the hall and scan the new code.",
	Expired: "This code has expired", ExpiredCure: "Requirements change. Please look it up again at a terminal in the hall and scan the new code, or ring up.", EndedOn: "It ended on %s. ",
	TicketOver: "This number has expired", TicketOverCure: "Please take a new number in the hall if you still need one.",
	RatingOver: "The time for rating is over", RatingOverCure: "If you have something to say, please ring us up.",
	Gone: "This guide has been withdrawn", GoneCure: "It may have another name now, or be handled elsewhere. Please ring up, or look it up again at a terminal in the hall.",
	Trouble: "The guide cannot be shown right now", TroubleCure: "Please try again soon. The list on paper is as good, and you can ring up.",
	Busy: "Too many people are looking", BusyCure: "Please try again soon.",
	Weekdays: [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
	Persons:  map[guide.Person]string{guide.Individual: "people", guide.Firm: "firms", guide.Institution: "other organisations"},
	OnTheDay: "done on the spot",
	Units: map[guide.Unit]string{guide.WorkingDays: "%d working days", guide.Days: "%d days", guide.Hours: "%d hours",
		guide.Minutes: "%d minutes", guide.Months: "%d months"},
	Kinds: map[guide.Kind]string{guide.OnTheSpot: "on the spot", guide.Promise: "by a promised day", guide.Joint: "by several departments", guide.Upward: "decided by a higher authority"},
	Channels: map[guide.Channel]string{guide.AtWindow: "window", guide.Online: "online", guide.Mobile: "mobile", guide.ByCourier: "post",
		guide.SelfService: "self-service terminal", guide.OtherWay: "other"},
	Waived: map[string]string{"免提交": "need not be handed in", "告知承诺": "a written promise will do"},
}

// guideWordsOf returns the guide's words in the language of a phone page.
func guideWordsOf(w *words) *guideWords {
	if w.IsEnglish() {
		return &englishGuide
	}
	return &chineseGuide
}

// limit puts a time limit into words; empty for none said.
func (w *guideWords) limit(l guide.Limit) string {
	switch {
	case l.IsZero():
		return ""
	case l.Number == 0:
		return w.OnTheDay
	case w.Units[l.Unit] == "":
		return l.String()
	}
	return fmt.Sprintf(w.Units[l.Unit], l.Number)
}

// count says how many of a material to bring.
func (w *guideWords) count(m guide.Material) string {
	if !w.words.IsEnglish() {
		return m.Count()
	}
	text := ""
	add := func(n int, one, many string) {
		if n == 0 {
			return
		}
		if text != "" {
			text += ", "
		}
		if n != 1 {
			one = many
		}
		text += fmt.Sprintf("%d %s", n, one)
	}
	add(m.Originals, "original", "originals")
	add(m.Copies, "copy", "copies")
	return text
}

// waived says how a material need not be brought.
func (w *guideWords) waived(s string) string {
	if t := w.Waived[s]; t != "" {
		return t
	}
	return s
}
