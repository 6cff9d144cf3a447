package pages

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"hallkiosk/app/hall"
)

// words is what stands on the phone page in one language. A struct and no
// message file: a missing sentence does not compile or fails a test, and two
// languages of forty short texts need no machinery.
type words struct {
	Lang                      string // of the html element
	Other, OtherName          string // the language to switch to: its ?lang= and its own name
	Title, YourNumber         string
	Waiting, NobodyAhead      string
	AheadBefore, AheadAfter   string // around the number of people
	AheadAfterOne             string
	About, AboutLong          string // About takes minutes
	WaitAt, Wait              string // WaitAt takes a place
	GoTo                      string // takes a window
	Come                      string
	Serving                   string
	Finished, Thanks          string
	NoShow, NoShowCure        string
	Held, HeldCure            string
	Wrong                     string // taken for another matter, and ended
	Cancelled, TakeAnother    string
	Void, VoidFor             string // VoidFor takes a reason
	Superseded, Abandoned     string // reasons
	AskStaff                  string
	Expired                   string // takes a day
	Unknown, StillValid       string
	NotATicket, ScanAgain     string
	Trouble, TroubleCure      string
	TooMany, TooManyCure      string
	Business, Item            string // headings
	Area, Place               string
	Windows, Taken, CalledAt  string
	Times                     string // takes how often a number was called
	Updated, Refresh          string
	Lost                      string
	Vibrate, VibrateOn, Phone string
	Complain                  string // the link to the page for complaints
}

var chinese = words{
	Lang: "zh-CN", Other: "en", OtherName: "English",
	Title: "我的号码", YourNumber: "您的号码",
	Waiting: "等候中", NobodyAhead: "前面没有人",
	AheadBefore: "前面还有", AheadAfter: "人", AheadAfterOne: "人",
	About: "大约还要等 %d 分钟", AboutLong: "可能还要等两个小时以上",
	WaitAt: "请在%s等候，留意叫号", Wait: "请在大厅等候，留意叫号",
	GoTo: "请到%s", Come: "叫到您了，请现在过去",
	Serving:  "正在办理",
	Finished: "已办结", Thanks: "谢谢您，欢迎您监督和帮助",
	NoShow: "已过号", NoShowCure: "请到窗口或服务台说明",
	Held: "先等一等", HeldCure: "请不要走远，%s会再叫您",
	Wrong:     "取错了事项，这个号码已结束",
	Cancelled: "已取消", TakeAnother: "要办事，请重新取号",
	Void: "已作废", VoidFor: "已作废：%s",
	Superseded: "小票上印的是另一个号码", Abandoned: "这次取号没有完成",
	AskStaff: "请到服务台询问",
	Expired:  "这个号码是%s的，已经过期",
	Unknown:  "号码还没有传到大厅", StillValid: "请稍后再看；号码照常有效",
	NotATicket: "没有这个号码", ScanAgain: "请再扫一次小票上的二维码",
	Trouble: "暂时看不到排队情况", TroubleCure: "号码照常有效，请留意叫号，稍后再看",
	TooMany: "看的人太多", TooManyCure: "号码照常有效，请留意叫号，稍后再看",
	Business: "业务", Item: "事项", Area: "区域", Place: "位置",
	Windows: "窗口", Taken: "取号时间", CalledAt: "叫号时间", Times: "%s，共 %d 次",
	Updated: "更新于", Refresh: "刷新",
	Lost:    "连接中断，正在恢复，请同时留意大厅叫号",
	Vibrate: "叫到我时振动提醒", VibrateOn: "叫到您时手机会振动，请不要关闭本页", Phone: "监督电话",
	Complain: "投诉和建议",
}

var english = words{
	Lang: "en", Other: "zh", OtherName: "中文",
	Title: "My number", YourNumber: "Your number",
	Waiting: "Waiting", NobodyAhead: "Nobody ahead",
	AheadBefore: "", AheadAfter: "people ahead", AheadAfterOne: "person ahead",
	About: "About %d minutes to wait", AboutLong: "It may take more than two hours",
	WaitAt: "Please wait at %s for your call", Wait: "Please wait in the hall for your call",
	GoTo: "Please go to %s", Come: "It is your turn now",
	Serving:  "Being served",
	Finished: "Finished", Thanks: "Thank you for coming",
	NoShow: "Your number was passed over", NoShowCure: "Please tell the window or the information desk",
	Held: "Please wait a moment", HeldCure: "Please stay near; %s will call you again",
	Wrong:     "Taken for another matter; this number has ended",
	Cancelled: "Cancelled", TakeAnother: "Please take a new number if you still need one",
	Void: "Not valid", VoidFor: "Not valid: %s",
	Superseded: "your ticket shows another number", Abandoned: "taking the number was not finished",
	AskStaff: "Please ask at the information desk",
	Expired:  "This number was for %s and has expired",
	Unknown:  "The hall has not received this number yet", StillValid: "Please look again soon. Your number is valid",
	NotATicket: "There is no such number", ScanAgain: "Please scan the code on your ticket again",
	Trouble: "The queue cannot be shown right now", TroubleCure: "Your number is valid. Please listen for your call and look again soon",
	TooMany: "Too many people are looking", TooManyCure: "Your number is valid. Please listen for your call and look again soon",
	Business: "Service", Item: "Matter", Area: "Area", Place: "Place",
	Windows: "Window", Taken: "Taken at", CalledAt: "Called at", Times: "%s, %d times",
	Updated: "Updated", Refresh: "Refresh",
	Lost:    "Connection lost, trying again. Please also listen for your call",
	Vibrate: "Vibrate when I am called", VibrateOn: "Your phone will vibrate when you are called. Please keep this page open", Phone: "Complaints",
	Complain: "Complaints and suggestions",
}

var (
	offered = []*words{&chinese, &english} // as in the matcher
	matcher = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})
)

// besideChinese are languages whose readers nearly always read Chinese too, and
// which the Unicode matching table does not lead there: the Han languages with
// codes of their own, and Tibetan, Uyghur, Yi, Zhuang. mul is how an asterisk is
// read: any language will do.
var besideChinese = map[string]bool{
	"yue": true, "wuu": true, "nan": true, "hak": true, "gan": true, "hsn": true,
	"bo": true, "ug": true, "ii": true, "za": true, "mul": true,
}

// wordsFor returns the language somebody has chosen (zh or en), else the one
// their browser asks for. Whoever wants neither gets English, unless the browser
// says nothing at all.
func wordsFor(chosen, accept string) *words {
	switch chosen {
	case "zh":
		return &chinese
	case "en":
		return &english
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return &chinese
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence > language.No {
		return offered[i]
	}
	base, _ := wanted[0].Base()
	if region, _ := wanted[0].Region(); besideChinese[base.String()] || region.String() == "CN" {
		return &chinese
	}
	return &english
}

// IsEnglish is for templates too.
func (w *words) IsEnglish() bool { return w == &english }

// name picks a name in the page's language; halls need not have English names.
func (w *words) name(zh, en string) string {
	if w.IsEnglish() {
		return cmp.Or(en, zh)
	}
	return zh
}

// window returns how a window is spoken of: 3 号窗口, Window 3.
func (w *words) window(name string) string {
	text := windowText(name)
	if w.IsEnglish() && strings.HasPrefix(text, name+" ") {
		return "Window " + name
	}
	return text
}

// goTo returns 请到 3 号窗口, with the blank that stands between Han characters
// and digits.
func (w *words) goTo(window string) string {
	if !w.IsEnglish() && window[0] < 0x80 {
		window = " " + window
	}
	return fmt.Sprintf(w.GoTo, window)
}

// windows lists the windows of a business: 1、2 号窗口, or 1, 2 under the heading
// Window.
func (w *words) windows(h *hall.Hall, ids []string) string {
	var numbers, names []string
	for _, id := range ids {
		win, ok := h.Window(id)
		if !ok {
			continue
		}
		if strings.HasPrefix(windowText(win.Name), win.Name+" ") {
			numbers = append(numbers, win.Name)
		} else {
			names = append(names, windowText(win.Name))
		}
	}
	if w.IsEnglish() {
		return strings.Join(append(numbers, names...), ", ")
	}
	if len(numbers) > 0 {
		names = append([]string{strings.Join(numbers, "、") + " 号窗口"}, names...)
	}
	return strings.Join(names, "、")
}

// ahead returns how many people are before somebody; the number is to be set
// large.
func (w *words) ahead(people int) *aheadText {
	switch people {
	case 0:
		return &aheadText{Before: w.NobodyAhead}
	case 1:
		return &aheadText{w.AheadBefore, "1", w.AheadAfterOne}
	}
	return &aheadText{w.AheadBefore, strconv.Itoa(people), w.AheadAfter}
}

// about returns how long somebody may still wait, rounded up to five minutes: more
// exact than anybody knows it would be a promise. It is empty for no time at all.
func (w *words) about(wait time.Duration) string {
	const step = 5 * time.Minute
	switch {
	case wait <= 0:
		return ""
	case wait > 2*time.Hour:
		return w.AboutLong
	}
	return fmt.Sprintf(w.About, int((wait+step-1)/step)*5)
}

// void says why nobody holds a number. Reasons are codes; anything else might be
// somebody's own words and is not for the public.
func (w *words) void(reason string) string {
	switch reason {
	case "superseded":
		return fmt.Sprintf(w.VoidFor, w.Superseded)
	case "abandoned":
		return fmt.Sprintf(w.VoidFor, w.Abandoned)
	}
	return w.Void
}

// expired says which day's number it was.
func (w *words) expired(day string) string {
	t, err := time.Parse(hall.DateLayout, day)
	if err != nil {
		return fmt.Sprintf(w.Expired, day)
	}
	return fmt.Sprintf(w.Expired, w.day(t))
}

// day returns 11月21日, or 21 November.
func (w *words) day(t time.Time) string {
	if w.IsEnglish() {
		return t.Format("2 January")
	}
	return fmt.Sprintf("%d月%d日", int(t.Month()), t.Day())
}
