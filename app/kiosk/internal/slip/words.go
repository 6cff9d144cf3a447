package slip

import "hallkiosk/app/guide"

// words are the fixed texts of a slip in one language. A field left out would
// print an empty line: a test looks for that.
type words struct {
	yourNumber, copy, holder, nobodyAhead, oneAhead, ahead         string
	waitAt, waitAtFor, list, taken, own, scan, missed, supervision string
}

var chinese = words{
	yourNumber:  "您的号码",
	copy:        "补 打",
	holder:      "取号人：",
	nobodyAhead: "前面没有人在等",
	oneAhead:    "前面还有 1 人",
	ahead:       "前面还有 %d 人",
	waitAt:      "请在%s等候，留意叫号",
	waitAtFor:   "请在%s等候，%s号窗口叫号",
	list:        "、",
	taken:       "取号时间：",
	own:         "网络暂时不通，号码照常有效",
	scan:        "扫码看排队进度，办完可评价",
	missed:      "过号请到窗口或服务台说明。号码当天有效。",
	supervision: "监督电话：",
}

var english = words{
	yourNumber:  "Your number",
	copy:        "COPY",
	holder:      "Taken by: ",
	nobodyAhead: "Nobody is waiting before you",
	oneAhead:    "1 person before you",
	ahead:       "%d people before you",
	waitAt:      "Please wait at: %s",
	waitAtFor:   "Please wait at: %s. You will be called to window %s",
	list:        ", ",
	taken:       "Taken at: ",
	own:         "The network is away; your number is valid all the same",
	scan:        "Scan to follow, rate when done",
	missed:      "If you miss your call, tell a window or the service desk. Valid today.",
	supervision: "Complaints: ",
}

// listWords are the fixed texts of a [Guide] in one language.
type listWords struct {
	title, subtitle, sample, printed, updated                                             string
	bring, count, nothing, unlisted, legend, ready, before, issued, looks                 string
	some, when, none, from                                                                string
	facts, promised, atOnce, legal, fee, free, feeBasis, result, visits, noVisit, courier string
	where, windows, list, comma, hours, phone, complaints                                 string
	elsewhere, address, scan, keep, page                                                  string
}

var chineseList = listWords{
	title:      "材料清单",
	subtitle:   "一次性告知",
	sample:     "【示例】不能照着办事",
	printed:    "打印：",
	updated:    "更新：",
	bring:      "【要带的材料】",
	count:      "一共 %d 样，已备好 %d 样",
	nothing:    "没有人人都要带的材料",
	unlisted:   "指南里没有写材料，请先问服务台。",
	legend:     "■ 已备好　□ 还没备好",
	ready:      "已备好",
	before:     "事先要办：",
	issued:     "时间要求：",
	looks:      "样子：",
	some:       "【看情况带的材料】",
	when:       "什么情况要带：",
	none:       "【不用带的】",
	from:       "来源：",
	facts:      "【多久办好，要多少钱】",
	promised:   "承诺时限：",
	atOnce:     "当场办结",
	legal:      "法定时限：",
	fee:        "收费：",
	free:       "不收费",
	feeBasis:   "依据：",
	result:     "办好拿到：",
	visits:     "要来几次：%d次",
	noVisit:    "不用来大厅",
	courier:    "办好后可以快递到家",
	where:      "【在哪里办】",
	windows:    "%s号窗口",
	list:       "、",
	comma:      "，",
	hours:      "办理时间：",
	phone:      "咨询电话：",
	complaints: "监督电话：",
	elsewhere:  "【不在本大厅办，请到】",
	address:    "地址：",
	scan:       "手机扫码，带走这份清单",
	keep:       "请妥善保管，办事时带上",
	page:       "第%d页/共%d页",
}

var englishList = listWords{
	title:      "What to bring",
	subtitle:   "Chinese lines are for the staff",
	sample:     "SAMPLE - not real advice",
	printed:    "Printed: ",
	updated:    "Updated: ",
	bring:      "BRING THESE",
	count:      "%d in all, %d ready",
	nothing:    "Nothing that everybody must bring",
	unlisted:   "The guide lists no documents. Please ask at the service desk.",
	legend:     "■ ready  □ not yet",
	ready:      "ready",
	before:     "To be done first: ",
	issued:     "Dated: ",
	looks:      "A good one: ",
	some:       "IN SOME CASES ALSO",
	when:       "When: ",
	none:       "NOT NEEDED",
	from:       "From: ",
	facts:      "TIME AND COST",
	promised:   "Done within: ",
	atOnce:     "while you wait",
	legal:      "At most, by law: ",
	fee:        "Fee: ",
	free:       "free of charge",
	feeBasis:   "Basis: ",
	result:     "You receive: ",
	visits:     "Visits: %d",
	noVisit:    "No visit needed",
	courier:    "The result can be sent to you",
	where:      "WHERE",
	windows:    "window %s",
	list:       ", ",
	comma:      ", ",
	hours:      "Hours:",
	phone:      "Enquiries: ",
	complaints: "Complaints: ",
	elsewhere:  "NOT AT THIS HALL. PLEASE GO TO",
	address:    "Address: ",
	scan:       "Scan to take this list with you",
	keep:       "Keep this paper and bring it along",
	page:       "Page %d of %d",
}

// englishUnits are the units of limits, of which a single one drops the s.
var englishUnits = map[guide.Unit]string{
	guide.WorkingDays: "working days",
	guide.Days:        "days",
	guide.Hours:       "hours",
	guide.Minutes:     "minutes",
	guide.Months:      "months",
}
