package session

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/complaint"
)

// withComplaints is a ready terminal whose centre takes complaints.
func withComplaints() *player {
	p := ready()
	p.do(ComplaintsChanged{Taken: true, Page: "http://x/complaint/demo"})
	return p
}

// toFiling is a visit up to the page that shows everything before it is sent.
func toFiling() *player {
	p := withComplaints()
	p.do(ComplaintPressed{}, Chosen{"kind:rude"}, Chosen{"window:w1"})
	p.typed("sheng yin hen da")
	p.do(WritingDone{})
	p.typed("13800000000")
	p.do(NumberEntered{})
	return p
}

func TestComplaintFromTileToReceipt(t *testing.T) {
	p := withComplaints()
	if v := wantPage(t, p, PageHome); !v.Home.HasComplaints {
		t.Fatal("no way to complain")
	}
	p.do(ComplaintPressed{})
	v := wantPage(t, p, PageComplaint)
	if v.Kinds.Total != len(complaint.Kinds())+1 || v.Kinds.Choices[1].Title != "超时推诿" || v.Kinds.Choices[1].Subtitle == "" {
		t.Errorf("kinds %+v", v.Kinds)
	}
	p.do(Chosen{"kind:rude"})
	v = wantPage(t, p, PageConcerned)
	if got := guideTitles(v.Concerned.Choices); !slices.Equal(got, []string{"不指明窗口", "1 号窗口", "2 号窗口"}) || v.Concerned.Kind != "态度粗暴" {
		t.Errorf("windows %q of %q", got, v.Concerned.Kind)
	}
	p.do(Chosen{"window:w1"})
	wantPage(t, p, PageWords)
	p.do(WritingDone{}) // nothing is written
	wantPage(t, p, PageWords)
	p.typed("a ")
	p.do(CharacterChosen{"。"}, WritingDone{})
	wantPage(t, p, PageContact)
	p.typed("1380")
	p.do(KeyPressed{'X'}, NumberEntered{})
	if v := wantPage(t, p, PageContact); v.Contact.Problem != ContactTooShort || v.Contact.Digits != "1380" {
		t.Errorf("contact %+v", v.Contact)
	}
	p.typed("0000000")
	p.do(NumberEntered{})
	v = wantPage(t, p, PageFiling)
	if want := (Filing{Kind: "态度粗暴", Window: "1", Words: "a 。", Contact: "138****0000"}); *v.Filing != want {
		t.Errorf("before it is sent %+v, want %+v", *v.Filing, want)
	}
	fx := p.do(SendPressed{})
	want := FileComplaint{ID: p.visit.complaint.sent, Kind: complaint.Rude, Window: "w1", Words: "a 。", Contact: "13800000000", Language: Chinese}
	if len(fx) != 1 || fx[0] != want {
		t.Fatalf("effects %+v, want %+v", fx, want)
	}
	if s := fmt.Sprintf("%v %+v %#v %s", fx[0], fx[0], fx[0], fx[0]); strings.Contains(s, "138") {
		t.Errorf("printing the effect shows %q", s)
	}
	if v := wantPage(t, p, PageWorking); v.Working == nil || v.Working.Slow || v.Working.What != WorkSending {
		t.Errorf("working %+v", v.Working)
	}
	for _, e := range []Event{SendPressed{}, BackPressed{}, HomePressed{}, DonePressed{}, LanguageChosen{English}, KeyPressed{'1'}} {
		if fx := p.do(e); len(fx) != 0 || p.Page != PageSending {
			t.Fatalf("%T while it is being sent: %v, page %s", e, fx, p.Page)
		}
	}
	p.fire(1)
	if v := p.View(); !v.Working.Slow {
		t.Error("no words though it takes long")
	}
	code := complaint.NewCode()
	fx = p.do(ComplaintFiled{ID: want.ID, Code: code, QR: "http://x/complaint/demo/progress#" + string(code)})
	v = wantPage(t, p, PageReceipt)
	if v.Receipt.Code != code.Shown() || !strings.HasSuffix(v.Receipt.QR, "#"+string(code)) || v.Receipt.Paper != GuidePrinting || v.Bottom.Back {
		t.Errorf("receipt %+v", v.Receipt)
	}
	if c := p.visit.complaint; c.words.text != "" || c.contact != "" || c.window != "" {
		t.Error("what was sent is still here")
	}
	print, ok := fx[0].(PrintReceipt)
	if !ok || print.Code != code || print.Kind != complaint.Rude || print.QR != v.Receipt.QR {
		t.Fatalf("effects %+v", fx)
	}
	if fx := p.do(PrintReceiptPressed{}); len(fx) != 0 {
		t.Error("printed twice at once")
	}
	p.do(ReceiptPrintDone{ID: print.ID - 1, OK: true})
	if v := p.View(); v.Receipt.Paper != GuidePrinting {
		t.Error("another paper's answer counts")
	}
	p.do(ReceiptPrintDone{ID: print.ID})
	if v := p.View(); v.Receipt.Paper != GuideUnprinted || !v.Receipt.CanPrint {
		t.Errorf("receipt %+v", v.Receipt)
	}
	if fx := p.do(PrintReceiptPressed{}); len(fx) != 1 {
		t.Errorf("printing again: %v", fx)
	}
	p.do(DonePressed{})
	wantPage(t, p, PageHome)
	if !emptyVisit(p.visit) {
		t.Errorf("left behind: %+v", p.visit)
	}
}

// Every page of a complaint and every touch: which page follows.
func TestComplaintSteps(t *testing.T) {
	at := map[Page]func() *player{
		PageComplaint: func() *player { p := withComplaints(); p.do(ComplaintPressed{}); return p },
		PageConcerned: func() *player { p := withComplaints(); p.do(ComplaintPressed{}, Chosen{"kind:fee"}); return p },
		PageWords: func() *player {
			p := withComplaints()
			p.do(ComplaintPressed{}, Chosen{"kind:device"}, KeyPressed{'a'})
			return p
		},
		PageContact: func() *player {
			p := withComplaints()
			p.do(ComplaintPressed{}, Chosen{"kind:device"}, KeyPressed{'a'}, WritingDone{})
			return p
		},
		PageFiling: toFiling,
		PageCode:   func() *player { p := withComplaints(); p.do(ComplaintPressed{}, Chosen{"progress"}); return p },
		PageReceipt: func() *player {
			p := toFiling()
			p.do(SendPressed{})
			p.do(ComplaintFiled{ID: p.visit.complaint.sent, Code: complaint.NewCode()})
			return p
		},
	}
	events := []Event{
		BackPressed{}, WritingDone{}, AnonymousPressed{}, NumberEntered{}, SendPressed{}, Chosen{"kind:rude"}, Chosen{"kind:suggestion"},
		Chosen{"kind:none"}, Chosen{"window:"}, Chosen{"window:w2"}, Chosen{"window:w9"}, Chosen{"progress"}, Touched{}, Confirmed{}, TakeNumber{}, RetryPressed{},
	}
	// Pages that are not named stay.
	leads := map[Page]map[string]Page{
		PageComplaint: {"BackPressed": PageHome, "Chosen kind:rude": PageConcerned, "Chosen kind:suggestion": PageWords, "Chosen progress": PageCode},
		PageConcerned: {"BackPressed": PageComplaint, "Chosen window:": PageWords, "Chosen window:w2": PageWords},
		PageWords:     {"BackPressed": PageComplaint, "WritingDone": PageContact},
		PageContact:   {"BackPressed": PageWords, "AnonymousPressed": PageFiling},
		PageFiling:    {"BackPressed": PageContact, "SendPressed": PageSending},
		PageCode:      {"BackPressed": PageComplaint},
		PageReceipt:   {},
	}
	for page, begin := range at {
		for _, e := range events {
			name := strings.TrimPrefix(reflect.TypeOf(e).String(), "session.")
			if c, ok := e.(Chosen); ok {
				name += " " + c.ID
			}
			want, ok := leads[page][name]
			if !ok {
				want = page
			}
			p := begin()
			if p.Page != page {
				t.Fatalf("the way to %s leads to %s", page, p.Page)
			}
			if p.do(e); p.Page != want {
				t.Errorf("%s on %s: %s, want %s", name, page, p.Page, want)
			}
			if p.Page != PageHome && p.Timer.After == 0 {
				t.Errorf("%s on %s: nothing ends the visit", name, page)
			}
		}
		for _, e := range []Event{HomePressed{}, DonePressed{}} {
			p := begin()
			if p.do(e); p.Page != PageHome || !emptyVisit(p.visit) {
				t.Errorf("%T on %s: %s, %+v", e, page, p.Page, p.visit)
			}
		}
		p := begin()
		p.fire(1 + noticeNormal)
		if p.Page != PageHome || !emptyVisit(p.visit) {
			t.Errorf("silence on %s: %s, %+v", page, p.Page, p.visit)
		}
		if n := len(p.effects(FileComplaint{})); page != PageReceipt && n != 0 {
			t.Errorf("silence on %s filed %d", page, n)
		}
	}
}

func TestComplaintThatCouldNotBeWrittenDown(t *testing.T) {
	p := toFiling()
	p.do(SendPressed{})
	first := p.visit.complaint.sent
	p.do(ComplaintUnfiled{ID: first - 1})
	wantPage(t, p, PageWorking)
	p.do(ComplaintUnfiled{ID: first})
	if v := wantPage(t, p, PageFiling); !v.Filing.Failed || v.Filing.Words != "sheng yin hen da" {
		t.Errorf("filing %+v", v.Filing)
	}
	fx := p.do(SendPressed{})
	if len(fx) != 1 || fx[0].(FileComplaint).Words != "sheng yin hen da" || p.visit.complaint.sent == first {
		t.Errorf("again: %+v", fx)
	}
	// An answer to the first that comes after all is not shown as that of the second.
	p.do(ComplaintFiled{ID: first, Code: complaint.NewCode()})
	wantPage(t, p, PageWorking)
}

func TestComplaintsAreNotTakenEverywhere(t *testing.T) {
	p := ready()
	if v := p.View(); v.Home.HasComplaints {
		t.Error("a tile that leads nowhere")
	}
	p.do(ComplaintPressed{})
	wantPage(t, p, PageHome)
	p = withComplaints()
	p.do(DevicesChanged{Devices{Reader: true}})
	p.do(ComplaintPressed{}, Chosen{"kind:suggestion"}, KeyPressed{'a'}, WritingDone{}, AnonymousPressed{}, SendPressed{})
	if fx := p.do(ComplaintFiled{ID: p.visit.complaint.sent, Code: complaint.NewCode()}); len(fx) != 0 {
		t.Errorf("effects without a printer: %v", fx)
	}
	if v := wantPage(t, p, PageReceipt); v.Receipt.CanPrint || v.Receipt.Paper != GuideNotPrinted {
		t.Errorf("receipt %+v", v.Receipt)
	}
	p.do(DevicesChanged{Devices{Reader: true, Printer: true}})
	if v := p.View(); !v.Receipt.CanPrint {
		t.Error("a printer that came back cannot be used")
	}
}

func TestProgressByCode(t *testing.T) {
	begin := func() *player {
		p := withComplaints()
		p.do(ComplaintPressed{}, Chosen{"progress"})
		return p
	}
	code := complaint.NewCode()
	p := begin()
	p.do(InputChosen{Handwriting}, KeyPressed{'-'}, KeyPressed{'é'}, KeyPressed{' '})
	p.typed(strings.ToLower(string(code)) + "7")
	v := wantPage(t, p, PageCode)
	if v.AskCode.Text != string(code) || v.AskCode.Handwriting || v.AskCode.Input != Letters || v.AskCode.QR != "http://x/complaint/demo/progress" {
		t.Errorf("code %+v", v.AskCode)
	}
	fx := p.do(WritingDone{})
	if len(fx) != 1 || fx[0].(AskProgress).Code != code {
		t.Fatalf("effects %+v", fx)
	}
	id := fx[0].(AskProgress).ID
	if v := wantPage(t, p, PageWorking); v.Working.What != WorkLooking {
		t.Errorf("working %+v", v.Working)
	}
	p.do(ProgressCame{ID: id + 1, Problem: CodeAway})
	wantPage(t, p, PageWorking)
	day := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	p.do(ProgressCame{ID: id, Case: Case{
		Kind: complaint.Rude, State: complaint.Answered, Department: "公安局", Reply: strings.Repeat("已经批评教育，对不起。", 30),
		Stages: []CaseStage{{complaint.Registered, day}, {complaint.Verifying, day.Add(time.Hour)}, {complaint.Answered, day.Add(48 * time.Hour)}},
	}})
	v = wantPage(t, p, PageProgress)
	text := ""
	for i := range v.Reading.Pages {
		text += fmt.Sprintf("%+v", p.View().Reading.Blocks)
		if n := p.View().Reading.Number; n != i+1 {
			t.Errorf("page %d of %d", n, i+1)
		}
		p.do(PageTurned{1})
	}
	for _, want := range []string{"现在到了：反馈", "2026-11-20 09:00", "2026-11-22 09:00", "还没到", "公安局", "给您的答复"} {
		if !strings.Contains(text, want) {
			t.Errorf("the progress lacks %q", want)
		}
	}
	if n := strings.Count(text, "已经批评教育，对不起。"); n != 30 || v.Reading.Pages < 2 {
		t.Errorf("%d sentences of the answer on %d pages", n, v.Reading.Pages)
	}
	p.do(BackPressed{})
	if v := wantPage(t, p, PageCode); v.AskCode.Text != string(code) {
		t.Error("the code is gone")
	}

	for _, problem := range []CodeProblem{CodeUnknown, CodeTooMany, CodeAway} {
		p := begin()
		p.typed(string(code))
		p.do(WritingDone{})
		p.do(ProgressCame{ID: p.visit.complaint.asked, Problem: problem})
		if v := wantPage(t, p, PageCode); v.AskCode.Problem != problem {
			t.Errorf("problem %q, want %q", v.AskCode.Problem, problem)
		}
		if p.do(DeletePressed{}); p.View().AskCode.Problem != "" {
			t.Error("the problem stays though the code is another")
		}
	}
	p = begin()
	p.typed("AAAAAAAAAA")
	if fx := p.do(WritingDone{}); len(fx) != 0 || p.View().AskCode.Problem != CodeMistyped {
		t.Errorf("a mistyped code: %v, %+v", fx, p.View().AskCode)
	}
	// Whoever presses 首页 while it is looked for cannot; an answer after silence is nobody's.
	p = begin()
	p.do(ProgressCame{ID: 1, Case: Case{Kind: complaint.Rude}})
	wantPage(t, p, PageCode)
}

// A field takes what fits its rule, never more than it holds, and strokes only while
// there is a pad.
func TestWriting(t *testing.T) {
	s := Start(Drawing{Handwriting: true})
	r := words(10, Chinese)
	w := s.newWriting()
	if w.input != Handwriting {
		t.Fatalf("input %q", w.input)
	}
	do := func(e Event) (fx []Effect, known bool) {
		w, fx, known = s.write(w, e, r)
		return fx, known
	}
	if _, known := do(BackPressed{}); known {
		t.Error("返回 writes")
	}
	fx, _ := do(StrokeDrawn{Stroke{{1, 1}, {2000, -5}}})
	if len(fx) != 1 || fx[0].(Recognise).Strokes[0][1] != (Point{1000, 0}) {
		t.Fatalf("effects %+v", fx)
	}
	if do(CharacterChosen{"。"}); w.text != "" {
		t.Error("a mark while a character is being written")
	}
	w.recognised(Recognised{ID: w.asked + 1, Characters: []string{"错"}})
	w.recognised(Recognised{ID: w.asked, Characters: []string{"我", "找", "a", "b", "c", "d"}})
	if len(w.characters) != maxCharacters {
		t.Errorf("characters %q", w.characters)
	}
	do(CharacterChosen{"你"})
	do(CharacterChosen{"我"})
	if w.text != "我" || len(w.strokes)+len(w.characters) != 0 {
		t.Errorf("%q, %d strokes", w.text, len(w.strokes))
	}
	do(CharacterChosen{"。"})
	do(InputChosen{Digits})
	for range 20 {
		do(KeyPressed{'7'})
	}
	if w.text != "我。77777777" {
		t.Errorf("%q", w.text)
	}
	if fx, _ := do(StrokeDrawn{Stroke{{1, 1}}}); len(fx) != 0 {
		t.Error("a stroke without a pad")
	}
	do(DeletePressed{})
	if w.text != "我。7777777" {
		t.Errorf("%q", w.text)
	}
	do(DeletePressed{All: true})
	do(KeyPressed{' '})
	do(KeyPressed{'\n'})
	do(KeyPressed{0})
	if w.text != "" {
		t.Errorf("%q", w.text)
	}
	if plain := Start(Drawing{}); plain.newWriting().input != Letters {
		t.Error("a pad where nothing reads it")
	}
}
