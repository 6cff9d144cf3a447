package slip

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
	scan:        "扫码看排队进度",
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
	scan:        "Scan to follow the queue",
	missed:      "If you miss your call, tell a window or the service desk. Valid today.",
	supervision: "Complaints: ",
}
