package pages

// ratingWords is what stands on the phone page of a rating in one language, besides
// words.
type ratingWords struct {
	Title, Ask                           string
	NotYet, NotYetCure                   string
	Unknown, UnknownCure                 string
	Nothing, NothingCure                 string
	Late, LateCure                       string
	Missed, MissedCure                   string
	Thanks, ThanksBad, TakenBefore       string
	TakenCure                            string
	Yours, Added, Level, Reasons, Words  string
	WordsHint                            string // takes a number
	Several                              string // takes a level
	Anonymous, AnonymousAbout, NotHidden string
	Hidden                               string
	Submit, SubmitMore, More, MoreAbout  string
	MoreFrom                             string // takes a day
	Voluntary, Until                     string // Until takes a day
	Outcome, Promise, Verdict, Answer    string // Promise takes a day
	Closed                               string // takes a day
	Business, Window, Ended, Number      string
	Staff, StaffCure                     string
	Busy                                 string
	ToTicket, Rate                       string
}

var ratingChinese = ratingWords{
	Title: "评价服务", Ask: "这次办事，您满意吗？",
	NotYet: "这次服务还没有办完", NotYetCure: "办完以后，再打开这一页就可以评价。",
	Unknown: "号码还没有传到大厅", UnknownCure: "请稍后再打开这一页。",
	Nothing: "这个号码没有办理业务", NothingCure: "不用评价。有意见的话，可以在下面写投诉和建议。",
	Late: "评价的时间已经过了", LateCure: "有意见的话，可以在下面写投诉和建议，也可以打监督电话。",
	Missed: "这个号码已过号", MissedCure: "请到窗口或服务台说明；办完以后再来评价。",
	Thanks: "谢谢您的评价", ThanksBad: "谢谢您告诉我们，对不起，没有让您满意",
	TakenBefore: "这次服务已经评价过了", TakenCure: "一次服务评价一次。如果那不是您评的，可以在下面追加您的评价。",
	Yours: "您的评价", Added: "您的追加评价", Level: "满意程度", Reasons: "原因", Words: "想说的话（可以不填）",
	WordsHint: "最多 %d 个字，请不要写姓名和电话", Several: "为什么%s？可多选，可不选",
	Anonymous: "匿名评价", AnonymousAbout: "工作人员看不到您的号码，也看不到评价的时刻。", NotHidden: "没有匿名：工作人员看得到号码", Hidden: "匿名：工作人员看不到号码",
	Submit: "提交评价", SubmitMore: "提交追加评价", More: "追加评价", MoreAbout: "原来的评价不会改变。",
	MoreFrom:  "%s以后可以在这里追加评价",
	Voluntary: "评价自愿。没有人可以要求您怎样评，工作人员也看不到是谁评的。", Until: "可以评价到%s，只评一次",
	Outcome: "处理情况", Promise: "我们会在%s以前处理。处理完，您在这一页就能看到结果。", Verdict: "处理结果", Answer: "答复", Closed: "%s处理完",
	Business: "业务", Window: "窗口", Ended: "办完时间", Number: "号码",
	Staff: "工作人员不能打开评价", StaffCure: "这台设备上登录着工作人员账号。请用群众自己的手机评价，或者在自助终端上评价。",
	Busy:     "评价的人太多，请过一分钟再提交。",
	ToTicket: "看号码", Rate: "评价这次服务",
}

var ratingEnglish = ratingWords{
	Title: "Rate the service", Ask: "How satisfied are you with this visit?",
	NotYet: "This service has not ended yet", NotYetCure: "Open this page again when it has, and you can rate it.",
	Unknown: "The hall has not received this number yet", UnknownCure: "Please open this page again soon.",
	Nothing: "Nothing was handled under this number", NothingCure: "There is nothing to rate. If you have something to say, write to us below.",
	Late: "The time for rating is over", LateCure: "If you have something to say, write to us below or ring us up.",
	Missed: "Your number was passed over", MissedCure: "Please tell the window or the information desk. You can rate when you have been served.",
	Thanks: "Thank you for your rating", ThanksBad: "Thank you for telling us. We are sorry that you were not satisfied",
	TakenBefore: "This service has been rated", TakenCure: "A service is rated once. If it was not you, you can add your own rating below.",
	Yours: "Your rating", Added: "What you added", Level: "Satisfaction", Reasons: "Reasons", Words: "Anything else (optional)",
	WordsHint: "At most %d characters; please give no name and no phone number", Several: "Why %s? Several, or none",
	Anonymous: "Anonymous", AnonymousAbout: "Staff see neither your number nor the time of your rating.", NotHidden: "Not anonymous: staff see the number", Hidden: "Anonymous: staff do not see the number",
	Submit: "Send", SubmitMore: "Send what I add", More: "Add to your rating", MoreAbout: "Your rating stays as it is.",
	MoreFrom:  "You can add something here from %s",
	Voluntary: "Rating is up to you. Nobody may tell you how to rate, and staff do not see who rated.", Until: "You can rate until %s, once",
	Outcome: "What we do about it", Promise: "We will deal with it by %s. You will see the outcome on this page.", Verdict: "Outcome", Answer: "Answer", Closed: "Closed on %s",
	Business: "Service", Window: "Window", Ended: "Ended at", Number: "Number",
	Staff: "Staff cannot open ratings", StaffCure: "A member of staff is logged in on this device. Please rate on your own phone, or at a terminal.",
	Busy:     "Too many ratings at a time. Please send it again in a minute.",
	ToTicket: "My number", Rate: "Rate this service",
}

func ratingWordsOf(w *words) *ratingWords {
	if w.IsEnglish() {
		return &ratingEnglish
	}
	return &ratingChinese
}
