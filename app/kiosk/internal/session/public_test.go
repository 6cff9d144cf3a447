package session

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
)

// everything reads all pages of the text on the screen.
func (p *player) everything() string {
	text := ""
	for range p.View().Reading.Pages {
		for _, b := range p.View().Reading.Blocks {
			text += b.Title + "：" + b.Text + "\n"
		}
		p.do(PageTurned{1})
	}
	return text
}

func TestNoticeBoard(t *testing.T) {
	p := withGuides()
	h := testHall()
	h.Notice = "周五下午系统升级。"
	h.Board = []hall.BoardPage{{Title: "服务承诺", TitleEn: "Our promise", Text: "一次办好。\n不推诿。"}}
	h.Hours = hall.Hours{Week: map[string][]string{"mon": {"08:30-12:00"}},
		Days: []hall.Day{{Date: "2026-12-31", Open: []string{"08:30-12:00"}, Reason: "年终盘点"}, {Date: "2026-10-01", Reason: "国庆节"}}}
	p.do(HallChanged{h})
	if v := wantPage(t, p, PageHome); !v.Home.HasPublic {
		t.Fatal("no way to the notice board")
	}
	p.do(PublicPressed{})
	v := wantPage(t, p, PagePublic)
	if got := guideTitles(v.Public.Choices); !slices.Equal(got, []string{"公告", "服务承诺", "承诺时限", "收费公示", "窗口和业务", "开放时间", "监督电话"}) {
		t.Fatalf("sections %q", got)
	}
	for id, want := range map[string][]string{
		"public:notice":  {"周五下午系统升级。"},
		"public:0":       {"一次办好。", "不推诿。"},
		"public:limits":  {"示例", "居住证申领：5 个工作日；法定 15 个工作日", "养老关系转移：当场办结"},
		"public:fees":    {"示例", "居住证申领：工本费 20元/证；依据：物价局文件", "这里没有列出的事项都不收费。"},
		"public:windows": {"1 号窗口：户口登记、居住证；一楼 A 区", "2 号窗口：户口登记、养老保险、咨询；一楼 A 区"},
		"public:hours":   {"星期一 08:30–12:00", "2026-12-31：08:30–12:00；年终盘点"},
		"public:phones":  {"监督电话：12345", "服务电话：010-00000000"},
	} {
		p.do(Chosen{id})
		v := wantPage(t, p, PageSection)
		if v.Reading.Title == "" || !v.Bottom.Back {
			t.Errorf("%s: %+v", id, v.Reading)
		}
		text := p.everything()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", id, w, text)
			}
		}
		if strings.Contains(text, "国庆节") {
			t.Error("a day that is over is announced")
		}
		p.do(BackPressed{})
		wantPage(t, p, PagePublic)
	}
	p.do(LanguageChosen{English}, Chosen{"public:0"})
	if v := wantPage(t, p, PageSection); v.Reading.Title != "Our promise" || v.Reading.Blocks[0].Text != "一次办好。" {
		t.Errorf("in English %+v", v.Reading)
	}
	// A hall file without the page that is being read.
	p.do(HallChanged{testHall()})
	if v := wantPage(t, p, PageSection); len(v.Reading.Blocks) != 1 {
		t.Errorf("a page that is gone: %+v", v.Reading)
	}
	p.do(BackPressed{}, BackPressed{})
	wantPage(t, p, PageHome)
	if !emptyVisit(p.visit) {
		t.Error("something is left")
	}
}

// There is no entry without content, and no section without a block.
func TestNoEmptyPageOnTheNoticeBoard(t *testing.T) {
	for name, h := range map[string]*hall.Hall{
		"nothing": {ID: "demo", Name: "大厅"},
		"a phone": {ID: "demo", Name: "大厅", SupervisionPhone: "12345"},
		"test":    testHall(),
	} {
		for _, guides := range []*guide.Catalogue{nil, testGuides(), {Guides: []guide.Guide{{ID: "a", Name: "一"}}}} {
			p := ready()
			p.do(HallChanged{h}, GuidesChanged{Catalogue: guides})
			sections := p.sections()
			if p.hasPublic() != (len(sections) > 0) {
				t.Errorf("%s: entry %v, %d sections", name, p.hasPublic(), len(sections))
			}
			for _, one := range sections {
				if len(one.blocks) == 0 || one.title == "" {
					t.Errorf("%s: section %s is empty", name, one.id)
				}
			}
			if name == "nothing" && guides == nil {
				p.do(PublicPressed{})
				wantPage(t, p, PageHome)
			}
		}
	}
}

// touches of the corner, so far apart.
func corner(p *player, n int, apart time.Duration) {
	for i := range n {
		p.do(CornerTouched{At: morning.Add(time.Duration(i) * apart)})
	}
}

func TestWayToTheTechniciansPage(t *testing.T) {
	for _, c := range []struct {
		name  string
		known bool
		first []Event
		n     int
		apart time.Duration
		want  Page
	}{
		{"five within three seconds", true, nil, 5, 700 * time.Millisecond, PagePIN},
		{"four", true, nil, 4, 100 * time.Millisecond, PageHome},
		{"too slow", true, nil, 12, 800 * time.Millisecond, PageHome},
		{"no PIN is set", false, nil, 9, 100 * time.Millisecond, PageHome},
		{"in a visit", true, []Event{TakeNumber{}}, 9, 100 * time.Millisecond, PageChoose},
		{"the hall is closed", true, []Event{ClockTicked{Now: morning, Open: hall.OpenState{Kind: hall.ClosedNow}}}, 5, 100 * time.Millisecond, PagePIN},
	} {
		p := ready()
		p.do(TechnicianChanged{c.known})
		p.do(c.first...)
		if v := p.View(); v.Corner != (c.known && p.Page == PageHome) {
			t.Errorf("%s: corner %v", c.name, v.Corner)
		}
		if corner(p, c.n, c.apart); p.Page != c.want {
			t.Errorf("%s: page %s, want %s", c.name, p.Page, c.want)
		}
	}
}

func TestTechnician(t *testing.T) {
	p := ready()
	p.do(TechnicianChanged{true})
	corner(p, 5, 0)
	p.typed("12345678")
	p.do(KeyPressed{'X'}, DeletePressed{})
	if v := wantPage(t, p, PagePIN); v.PIN.Typed != 5 {
		t.Errorf("typed %+v", v.PIN)
	}
	fx := p.do(NumberEntered{})
	check, ok := fx[0].(CheckPIN)
	if !ok || check.PIN != "12345" || strings.Contains(fmt.Sprintf("%v %+v %#v", check, check, check), "12345") {
		t.Fatalf("effects %v", fx)
	}
	if fx := p.do(NumberEntered{}, KeyPressed{'1'}); len(fx) != 0 {
		t.Error("a second try while the first is looked at")
	}
	p.do(PINChecked{ID: check.ID + 1, OK: true})
	wantPage(t, p, PagePIN)
	p.do(PINChecked{ID: check.ID, Wait: 90 * time.Second})
	if v := wantPage(t, p, PagePIN); !v.PIN.Wrong || v.PIN.Minutes != 2 || v.PIN.Typed != 0 {
		t.Errorf("wrong: %+v", v.PIN)
	}
	p.typed("123456")
	p.do(NumberEntered{})
	fx = p.do(PINChecked{ID: p.visit.machine.checked, OK: true})
	look, ok := fx[0].(Inspect)
	if !ok || look.Task != TaskLook || p.visit.machine.typed != "" {
		t.Fatalf("effects %v", fx)
	}
	wantPage(t, p, PageMachine)
	parts := []MachinePart{{Name: "时钟", State: "准", Well: true}, {Name: "打印机", State: "缺纸", Cure: "请装纸。", Detail: "/dev/x"}}
	p.do(MachineInspected{ID: look.ID, Report: Machine{Parts: parts}})
	v := wantPage(t, p, PageMachine)
	if b := v.Machine.Blocks; len(b) != 2 || b[0].Title != "打印机" || !strings.HasPrefix(b[0].Text, "【要处理】缺纸") || !strings.Contains(b[0].Text, "请装纸") || b[1].Text != "准" {
		t.Errorf("blocks %+v", b)
	}
	fx = p.do(TaskPressed{TaskOpening})
	if len(fx) != 1 || p.View().Machine.Busy != TaskOpening {
		t.Fatalf("effects %v", fx)
	}
	if fx := p.do(TaskPressed{TaskPrint}); len(fx) != 0 {
		t.Error("two tasks at once")
	}
	p.do(MachineInspected{ID: fx[0].(Inspect).ID, Report: Machine{Result: "好", Good: true, Parts: parts}})
	if v := p.View().Machine; v.Result != "好" || !v.Good || v.Busy != "" {
		t.Errorf("after the task %+v", v)
	}
	fx = p.do(DevicesChanged{Devices{}}) // looked at again by itself
	if len(fx) != 1 || fx[0].(Inspect).Task != TaskLook {
		t.Fatalf("effects %v", fx)
	}
	p.do(MachineInspected{ID: fx[0].(Inspect).ID, Report: Machine{Parts: parts}})
	if v := p.View().Machine; v.Result != "好" || v.Prints {
		t.Errorf("after looking again %+v", v)
	}
	if fx := p.do(TaskPressed{TaskPrint}, TaskPressed{"none"}); len(fx) != 0 {
		t.Errorf("a test page without a printer: %v", fx)
	}
	if p.Timer.After != idleMachine {
		t.Errorf("silence after %v", p.Timer.After)
	}
	p.fire(1 + noticeNormal)
	wantPage(t, p, PageHome)
	p.do(MachineInspected{ID: 99}, PINChecked{ID: check.ID, OK: true})
	wantPage(t, p, PageHome)
	if !emptyVisit(p.visit) {
		t.Error("something is left")
	}
}
