package pages

import (
	"cmp"
	"fmt"
	"time"

	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// authorWords is what stands on the pages of the authors of complaints in one language,
// besides words.
type authorWords struct {
	*words
	Heading, Confidential                       string
	Kinds, Where, NoWhere                       string
	What, WhatMost                              string // WhatMost takes a number of characters
	Contact, ContactHint, Sealed                string
	Send, Filed                                 string
	Received, Thank, Code                       string
	Keep, KeepWhy                               string
	Check                                       string // takes a day
	See                                         string
	Progress, AskCode, CodeHint                 string
	NotYet                                      string
	Elsewhere, ElsewhereAfter                   string // around the name of the department
	Late                                        string // takes a day
	Due, DueAfter                               string // around a day
	Reply, ReplyOnly                            string // ReplyOnly: in which language it is
	Judge, JudgeOnce, JudgeMore, JudgeMoreHint  string // what the author thinks of the handling
	JudgeSend, Judged, JudgedThanks             string
	Withdraw, WithdrawWhat, WithdrawDo, Undone  string
	Another, Again                              string
	Lost, LostCure, Crowd, CrowdCure, NotPosted string
}

var chineseAuthor = authorWords{
	words:   &chinese,
	Heading: "投诉和建议", Confidential: "选了窗口，在那里工作的人就打不开您写的内容。不留联系方式也可以，凭查询码看进展。",
	Kinds: "反映哪一类问题？", Where: "哪个窗口？（可以不选）", NoWhere: "不选，或者说不清",
	What: "是什么情况？", WhatMost: "最多 %d 个字",
	Contact: "怎样联系？（可以不填）", ContactHint: "称呼和电话", Sealed: "内容和联系方式加密保存，只有投诉处理人能打开，每次打开都有记录。",
	Send: "提交", Filed: "已经提交过，查看进展",
	Received: "已经收到", Thank: "谢谢您，欢迎您监督和帮助", Code: "查询码",
	Keep: "请拍照、截图，或者抄下来。", KeepWhy: "凭它看进展，也可以撤回；丢了就查不到了。",
	Check: "我们最晚在%s核实。", See: "查看进展",
	Progress: "投诉和建议的进展", AskCode: "查询码", CodeHint: "十个字母和数字",
	NotYet: "还没到", Elsewhere: "已经转给", ElsewhereAfter: "，我们会继续跟进。",
	Late: "原定%s办到这一步，已经晚了，对不起。您可以打监督电话催办。",
	Due:  "最晚", DueAfter: "办到下一步。",
	Reply: "给您的答复", Judge: "对这次处理，您满意吗？", JudgeOnce: "只能评价一次。", JudgeMore: "想说明一下吗？（可以不填）", JudgeMoreHint: "加密保存，只有投诉处理人能看",
	JudgeSend: "提交评价", Judged: "您的评价", JudgedThanks: "谢谢您，我们记下了。",
	Withdraw: "撤回", WithdrawWhat: "撤回以后不再办理，也不能恢复。", WithdrawDo: "确认撤回", Undone: "已经撤回。",
	Another: "查另一个", Again: "再反映一件事",
	Lost: "没有收到", LostCure: "内容没有传完，请回到上一页再提交一次。",
	Crowd: "现在访问的人太多", CrowdCure: "请稍后再试，或者到服务台当面反映。",
	NotPosted: "没有收到，请再提交一次。已经写好的字还在。",
}

var englishAuthor = authorWords{
	words:   &english,
	Heading: "Complaints and suggestions", Confidential: "If you name a window, nobody who works there can open what you write. You may stay anonymous and follow it with your code.",
	Kinds: "What is it about?", Where: "Which window? (optional)", NoWhere: "None, or I cannot say",
	What: "What happened?", WhatMost: "at most %d characters",
	Contact: "How can we reach you? (optional)", ContactHint: "Name and telephone", Sealed: "Your words and contact are stored encrypted. Only complaint handlers can open them, and each opening is recorded.",
	Send: "Send", Filed: "Already sent one? See how far it is",
	Received: "We have received it", Thank: "Thank you for telling us", Code: "Your code",
	Keep: "Please take a photo or write it down.", KeepWhy: "With it you can follow your complaint, or withdraw it. It cannot be recovered.",
	Check: "We will check it by %s.", See: "See how far it is",
	Progress: "How far it is", AskCode: "Your code", CodeHint: "Ten letters and digits",
	NotYet: "Not yet", Elsewhere: "It is now with ", ElsewhereAfter: ". We will follow it up.",
	Late: "This step was due by %s. We are late and apologise. You can call the supervision number.",
	Due:  "The next step is due by ", DueAfter: ".",
	Reply: "Our answer", ReplyOnly: "As it was written, in Chinese.",
	Judge: "Are you satisfied with how it was handled?", JudgeOnce: "You can answer once.", JudgeMore: "Anything to add? (optional)", JudgeMoreHint: "Stored encrypted, for complaint handlers only",
	JudgeSend: "Send", Judged: "Your opinion", JudgedThanks: "Thank you. We have noted it.",
	Withdraw: "Withdraw", WithdrawWhat: "It will not be handled any further, and this cannot be undone.", WithdrawDo: "Yes, withdraw it", Undone: "It is withdrawn.",
	Another: "Look up another", Again: "Write another one",
	Lost: "We have not received it", LostCure: "Not all of it arrived. Please go back and send it again.",
	Crowd: "Too many visitors right now", CrowdCure: "Please try again in a while, or come to the service desk.",
	NotPosted: "We have not received it. Please send it again; what you wrote is still here.",
}

// authorWordsOf returns the words in the language of a page.
func authorWordsOf(w *words) *authorWords {
	if w.IsEnglish() {
		return &englishAuthor
	}
	return &chineseAuthor
}

// englishRefusals are the sentences of the complaints desk that authors can meet.
var englishRefusals = map[string]string{
	"页面已经过期，请刷新后再提交。":                        "This page has expired. Please reload it and send again.",
	"请选择反映哪一类问题。":                            "Please choose what it is about.",
	"没有这个窗口，请重新选择。":                          "There is no such window. Please choose again.",
	"请写一写是什么情况。":                             "Please write what happened.",
	"有认不出来的字，请改一改再提交。":                       "Some characters cannot be read. Please change them and send again.",
	"提交得太多了，请稍后再试，或者到服务台当面反映。":               "Too many were sent from here. Please try again later, or come to the service desk.",
	"查询码不对，请看回执上的十个字母和数字，再输一次。":              "That is not a code. Please look at the ten letters and digits on your receipt and try again.",
	"没有查到这个查询码，请核对后再输一次。":                    "This code is not known. Please check it and try again.",
	"查得太多了，请稍后再试。":                           "Too many tries. Please try again later.",
	"已经答复您了，不用再撤回。":                          "You have been answered already, so there is nothing to withdraw.",
	"您已经评价过了，只能评价一次。":                        "You have told us already. It can be told once.",
	"还没有答复您，请等有了答复再评价。":                      "You have not been answered yet. Please wait for the answer.",
	"请选择满意、基本满意或者不满意。":                       "Please choose one of the three.",
	tooLong("写得太长了", complaint.MaxWords):     fmt.Sprintf("That is too long: at most %d characters.", complaint.MaxWords),
	tooLong("写得太长了", complaint.MaxOpinion):   fmt.Sprintf("That is too long: at most %d characters.", complaint.MaxOpinion),
	tooLong("联系方式太长了", complaint.MaxContact): fmt.Sprintf("The contact is too long: at most %d characters.", complaint.MaxContact),
}

func tooLong(what string, most int) string {
	return fmt.Sprintf("%s，最多 %d 个字。", what, most)
}

// refusal is a sentence of the desk in the language of the page.
func (w *authorWords) refusal(text string) string {
	if !w.IsEnglish() {
		return text
	}
	return cmp.Or(englishRefusals[text], "That could not be done. Please try again.")
}

func (w *authorWords) kind(k complaint.Kind) string { return w.name(k.Name(), k.NameEn()) }

func (w *authorWords) state(s complaint.State) string { return w.name(s.Name(), s.NameEn()) }

func (w *authorWords) satisfaction(s complaint.Satisfaction) string {
	return w.name(s.Name(), s.NameEn())
}

// dayOf is 11月25日, or 25 November, of 2026-11-25; empty of an empty one.
func (w *authorWords) dayOf(day string) string {
	t, err := time.Parse(hall.DateLayout, day)
	if err != nil {
		return ""
	}
	return w.day(t)
}

// moment is 11月25日 10:30, or 25 November 10:30.
func (w *authorWords) moment(t time.Time) string { return w.day(t) + t.Format(" 15:04") }

// sentence is a sentence around a day; empty without one.
func (w *authorWords) sentence(text, day string) string {
	if day = w.dayOf(day); day == "" {
		return ""
	}
	return fmt.Sprintf(text, day)
}
