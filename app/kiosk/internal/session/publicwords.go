package session

import (
	"fmt"
	"strings"
)

// boardWords are the words of the notice board and of the progress of complaints that
// join with texts of the hall; see guideWords.
type boardWords struct {
	notice, limits, limitsHint, fees, feesHint, windows, windowsHint, hours, phones, phonesHint string
	supervision, service, tell, otherDays, closed, list, gap, colon                             string
	legal, basis                                                                                string // with %s
	othersFree, allFree, sample, gone                                                           string
	noWindow, noWindowHint, windowNumber                                                        string
	progress, progressHint                                                                      string
	now                                                                                         string // with %s
	notYet, overdue, due, department, reply                                                     string
}

var chineseBoard = boardWords{
	notice: "公告", limits: "承诺时限", limitsHint: "各个事项多久办好", fees: "收费公示", feesHint: "收什么费、收多少、凭什么收",
	windows: "窗口和业务", windowsHint: "哪个窗口办什么", hours: "开放时间", phones: "监督电话", phonesHint: "服务不好可以打",
	supervision: "监督电话", service: "服务电话", tell: "不按公示的办、超过公示的收费，您可以不交，并打监督电话，或在首页点“投诉建议”。",
	otherDays: "和平常不一样的日子", closed: "不开放", list: "、", gap: "；", colon: "：",
	legal: "法定 %s", basis: "依据：%s",
	othersFree: "这里没有列出的事项都不收费。", allFree: "本大厅公布的事项都不收费。",
	sample: "【示例】下面是演示用的内容，不能照着办事。", gone: "这一项刚刚更新，请返回再选一次。",
	noWindow: "不指明窗口", noWindowHint: "和窗口没有关系，或者记不清了", windowNumber: "%s 号窗口",
	progress: "查办理进展", progressHint: "提交过的，凭查询码看办到哪一步",
	now: "现在到了：%s", notYet: "还没到", overdue: "原定的日子已经过了，还没有办到，对不起。您可以打监督电话催办。",
	due: "最晚办到下一步", department: "现在由谁办", reply: "给您的答复",
}

var englishBoard = boardWords{
	notice: "Notice", limits: "Promised times", limitsHint: "How long each matter takes", fees: "Charges", feesHint: "What is charged, and on what basis",
	windows: "Windows", windowsHint: "What each window does", hours: "Opening hours", phones: "Complaints line", phonesHint: "If something is not right",
	supervision: "Complaints line", service: "Service line", tell: "You need not pay what is not on this board. Call the complaints line, or touch Report on the first page.",
	otherDays: "Days that differ", closed: "closed", list: ", ", gap: "; ", colon: ": ",
	legal: "by law %s", basis: "basis: %s",
	othersFree: "Matters that are not listed here are free of charge.", allFree: "All matters of this hall are free of charge.",
	sample: "SAMPLE: what follows is made up for demonstration.", gone: "This has just been changed. Please go back and choose again.",
	noWindow: "No particular window", noWindowHint: "Not about a window, or not sure", windowNumber: "Window %s",
	progress: "See the progress", progressHint: "Sent before? Use the code of your receipt",
	now: "Now at: %s", notYet: "not yet", overdue: "We are late, and we are sorry. You may call the complaints line.",
	due: "Next step by", department: "Handled by", reply: "Our answer",
}

func boardWordsIn(l Language) *boardWords {
	if l == English {
		return &englishBoard
	}
	return &chineseBoard
}

// window is what people call a window: one whose name is a number by its number.
func (w *boardWords) window(name string) string {
	if strings.Trim(name, "0123456789") == "" {
		return fmt.Sprintf(w.windowNumber, name)
	}
	return name
}
