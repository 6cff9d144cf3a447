package session

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
)

// testGuides has one of everything: full, bare, elsewhere, an item of the hall, a
// business of the hall, one without a business.
func testGuides() *guide.Catalogue {
	twice := 2
	c := &guide.Catalogue{Sample: true, Guides: []guide.Guide{
		{
			ID: "g-permit", Name: "居住证申领", NameEn: "Residence permit", Summary: "外地户口的人在这里长住，办居住证。", SummaryEn: "For people who move here.",
			Department: "公安", Themes: []string{"户籍", "证件"}, For: []guide.Person{guide.Individual}, LifeEvents: []string{"迁居"},
			Kind: guide.Promise, Nature: guide.Confirmation, Business: "permit", Rank: 0.9, Updated: "2026-11-01",
			Basis: []string{"居住证暂行条例"}, Conditions: []string{"在本地住满半年。"},
			Materials: []guide.Material{
				{Name: "居民身份证", NameEn: "ID card", Originals: 1, Copies: 2, From: "本人提供"},
				{Name: "房屋租赁合同", Originals: 1, Optional: true, When: "租房居住。"},
				{Name: "居住证申领表", Originals: 1, Form: "f1"},
				{Name: "信用报告", Waived: "免提交"},
			},
			Steps:    []guide.Step{{Name: "受理", Text: "窗口看材料。"}, {Name: "审核", Days: 5}},
			Promised: guide.Limit{Number: 5, Unit: guide.WorkingDays, Start: "自受理之日起"}, Legal: guide.Limit{Number: 15, Unit: guide.WorkingDays, Note: "不含公示"},
			Fee:    guide.Fee{Items: []guide.FeeItem{{Name: "工本费", Standard: "20元/证"}}, Basis: "物价局文件"},
			Result: "居住证", Visits: &twice, Phone: "010-55500001",
			Forms: []guide.Form{
				{ID: "f1", Name: "申领表", Fields: []guide.FormField{{Name: "姓名", Sample: "李示例"}}},
				{ID: "f2", Name: "承诺书"},
			},
			FAQ: []guide.QA{{Question: "能代办吗？", Answer: "不能。"}},
		},
		{ID: "p2", Name: "养老关系转移", Department: "人社", Themes: []string{"社保"}, For: []guide.Person{guide.Individual},
			Business: "pension", Promised: guide.Limit{Unit: guide.WorkingDays}, Kind: guide.OnTheSpot, Rank: 0.5},
		{ID: "g-house", Name: "出生登记", Department: "公安", Business: "household", LifeEvents: []string{"生育"},
			Materials: []guide.Material{{Name: "出生医学证明", Originals: 1}}},
		{ID: "g-ask", Name: "咨询", Department: "综合", Business: "ask", For: []guide.Person{guide.Firm}},
		{ID: "g-away", Name: "机动车登记", Department: "公安", Business: "household",
			Elsewhere: &guide.Elsewhere{Unit: "车管所", Address: "示例路1号", Phone: "010-55500002", Hours: "周一至周五"}},
		{ID: "g-bare", Name: "无犯罪记录证明", NameEn: "Certificate of no record", Department: "公安"},
	}}
	return c
}

// withGuides is a ready terminal with the guides.
func withGuides() *player {
	p := ready()
	h := testHall()
	h.Plan = &hall.Plan{Width: 20, Height: 10,
		Rooms:  []hall.PlanRoom{{Name: "等候区", NameEn: "Waiting", Kind: hall.RoomArea, Box: hall.Box{1, 2, 5, 4}, Area: "a"}, {Name: "入口", Kind: hall.RoomEntrance, Box: hall.Box{8, 9, 2, 1}}},
		Kiosks: []hall.PlanKiosk{{Name: "一号机", At: hall.Point{9, 8}}}}
	h.Windows[0].At, h.Windows[1].At = &hall.Point{2, 1}, &hall.Point{5, 1}
	p.world.drawing.Handwriting = true
	p.do(HallChanged{h}, NameChanged{"一号机"}, GuidesChanged{Catalogue: testGuides()},
		ComplaintsChanged{Taken: true, Page: "http://x/complaint/demo"}, TechnicianChanged{true})
	return p
}

func guideTitles(choices []Choice) (s []string) {
	for _, c := range choices {
		s = append(s, c.Title)
	}
	return s
}

func (p *player) typed(text string) {
	for _, r := range text {
		p.do(KeyPressed{r})
	}
}

func TestGuidesAreFoundByEveryWay(t *testing.T) {
	p := withGuides()
	if v := wantPage(t, p, PageHome); !v.Home.HasGuides {
		t.Fatal("no way into the guides")
	}
	p.do(GuidesPressed{})
	v := wantPage(t, p, PageGuides)
	if want := []Way{ByDepartment, ByTheme, ByLifeEvent, ForPersons, ForFirms}; !slices.Equal(v.Guides.Ways, want) {
		t.Errorf("ways %v, want %v", v.Guides.Ways, want)
	}
	if got := guideTitles(v.Guides.Likely); !slices.Equal(got, []string{"居住证申领", "养老关系转移"}) || v.Guides.Total != 6 || !v.Guides.Sample {
		t.Errorf("entrance %+v", v.Guides)
	}
	for _, tt := range []struct {
		way    Way
		groups []string // nil = straight to the matters
		choose string
		under  []string
	}{
		{ByDepartment, []string{"公安", "人社", "综合"}, "group:公安", []string{"居住证申领", "出生登记", "机动车登记", "无犯罪记录证明"}},
		{ByTheme, []string{"户籍", "证件", "社保"}, "group:证件", []string{"居住证申领"}},
		{ByLifeEvent, []string{"迁居", "生育"}, "group:生育", []string{"出生登记"}},
		{ForPersons, nil, "", []string{"居住证申领", "养老关系转移"}},
		{ForFirms, nil, "", []string{"咨询"}},
	} {
		p := withGuides()
		touches := 2
		p.do(GuidesPressed{}, WayChosen{tt.way})
		v := wantPage(t, p, PageList)
		if v.List.Way != tt.way {
			t.Errorf("%s: way %q", tt.way, v.List.Way)
		}
		if tt.groups != nil {
			if got := guideTitles(v.List.Choices); !slices.Equal(got, tt.groups) || !v.List.Choices[0].Leads || len(v.List.Path) != 0 {
				t.Errorf("%s: groups %q, want %q", tt.way, got, tt.groups)
			}
			p.do(Chosen{tt.choose})
			touches++
			v = wantPage(t, p, PageList)
			if !slices.Equal(v.List.Path, []string{strings.TrimPrefix(tt.choose, "group:")}) {
				t.Errorf("%s: path %q", tt.way, v.List.Path)
			}
		}
		if got := guideTitles(v.List.Choices); !slices.Equal(got, tt.under) {
			t.Errorf("%s: matters %q, want %q", tt.way, got, tt.under)
		}
		p.do(Chosen{v.List.Choices[0].ID})
		touches++
		if v := wantPage(t, p, PageGuide); v.Guide.Name != tt.under[0] || touches > 4 {
			t.Errorf("%s: %q after %d touches", tt.way, v.Guide.Name, touches)
		}
	}
}

func TestGuidePage(t *testing.T) {
	p := withGuides()
	p.do(GuidesPressed{}, Chosen{"guide:g-permit"})
	g := wantPage(t, p, PageGuide).Guide
	if g.Kind != "承诺件" || g.Limit != "5 个工作日" || g.Fee != "20元/证" || !g.Sample || !g.Takes || !g.Prints || !g.Scans || !g.Plan || g.Forms != 2 {
		t.Errorf("head %+v", g)
	}
	if !slices.Equal(g.Tabs, allTabs) || g.Tab != TabMaterials || g.Needed != 2 || g.Ready != 0 {
		t.Errorf("tabs %v at %q, %d of %d", g.Tabs, g.Tab, g.Ready, g.Needed)
	}
	var order []string
	for _, b := range s0(p).blocks(p.visit.place().guide, TabMaterials) {
		order = append(order, b.Title)
	}
	if want := []string{"都要带", "居民身份证", "居住证申领表", "有这些情况再带", "房屋租赁合同", "不用带", "信用报告"}; !slices.Equal(order, want) {
		t.Errorf("materials %q, want %q", order, want)
	}
	if b := g.Blocks[1]; b.Count != "原件 1 份，复印件 2 份" || b.Text != "从哪里来：本人提供" || b.Index != 0 {
		t.Errorf("block %+v", b)
	}

	facts := func(tab Tab) map[string]string {
		p.do(TabChosen{tab})
		m := map[string]string{}
		for _, b := range s0(p).blocks(p.visit.place().guide, tab) {
			m[b.Title] = b.Text
		}
		return m
	}
	for tab, want := range map[Tab]map[string]string{
		TabSteps:      {"审核": "5 个工作日", "要来几次": "2 次", "办完领取": "居住证"},
		TabWhere:      {"办理部门": "公安", "办理地点": "一楼 A 区，1 号窗口", "咨询电话": "010-55500001", "监督电话": "12345"},
		TabFees:       {"承诺时限": "5 个工作日，自受理之日起", "法定时限": "15 个工作日；不含公示", "工本费": "20元/证", "收费依据": "物价局文件", "办件类型": "承诺件"},
		TabConditions: {"事项类型": "行政确认", "更新日期": "2026-11-01"},
		TabQuestions:  {"能代办吗？": "不能。"},
	} {
		got := facts(tab)
		for title, text := range want {
			if got[title] != text {
				t.Errorf("%s: %s is %q, want %q", tab, title, got[title], text)
			}
		}
	}

	p.do(TabChosen{TabMaterials}, MaterialTicked{0}, MaterialTicked{1}, MaterialTicked{3}, MaterialTicked{-1}, MaterialTicked{99})
	g = p.View().Guide
	if g.Ready != 1 || !slices.Equal(p.visit.ticked("g-permit"), []int{0, 1}) {
		t.Errorf("%d ready, ticked %v: what is waived or not there must not be ticked", g.Ready, p.visit.ticked("g-permit"))
	}
	p.do(MaterialTicked{1}, BackPressed{}, Chosen{"guide:g-permit"})
	if got := p.visit.ticked("g-permit"); !slices.Equal(got, []int{0}) {
		t.Errorf("ticked %v after coming back, want the first", got)
	}

	p.do(LanguageChosen{English})
	g = p.View().Guide
	if g.Name != "Residence permit" || g.Limit != "5 working days" || g.Kind != "Done by a promised day" || g.Blocks[1].Title != "ID card" || g.Blocks[1].Count != "1 original, 2 copies" {
		t.Errorf("English %+v", g)
	}
}

// s0 is the player's state, to ask what is not in a view.
func s0(p *player) *State { return &p.State }

func TestGuidesThatAreSpecial(t *testing.T) {
	p := withGuides()
	open := func(id string) *Guide {
		p.do(HomePressed{}, GuidesPressed{}, WayChosen{ByDepartment}, Chosen{"group:公安"}, Chosen{"guide:" + id})
		return wantPage(t, p, PageGuide).Guide
	}
	away := open("g-away")
	if away.Elsewhere == nil || away.Elsewhere.Unit != "车管所" || away.Takes || away.Plan || away.Tab != TabWhere {
		t.Errorf("elsewhere %+v", away)
	}
	if p.do(TakeForGuide{}, PlanPressed{}); p.Page != PageGuide {
		t.Errorf("a number for a matter of another house: page %q", p.Page)
	}
	bare := open("g-bare")
	if bare.Fee != "" || bare.Limit != "" || slices.Contains(bare.Tabs, TabFees) || !slices.Equal(bare.Tabs, []Tab{TabWhere}) || bare.Tab != TabWhere {
		t.Errorf("a bare name must not be called free of charge: %+v", bare)
	}
	house := open("g-house")
	if house.Fee != "不收费" || house.Blocks[0].Kind != BlockMaterial {
		t.Errorf("fee %q, first block %+v; want no heading over what everybody brings", house.Fee, house.Blocks[0])
	}
}

func TestTakeANumberForAGuide(t *testing.T) {
	t.Run("identity, and back to the guide", func(t *testing.T) {
		p := withGuides()
		p.do(GuidesPressed{}, Chosen{"guide:g-permit"}, TabChosen{TabWhere}, TakeForGuide{})
		v := wantPage(t, p, PageIdentify)
		if v.Identify.Business != "居住证" || v.Identify.Item != "居住证申领" {
			t.Errorf("identify %+v", v.Identify)
		}
		p.do(BackPressed{})
		if v := wantPage(t, p, PageGuide); v.Guide.Tab != TabWhere {
			t.Errorf("back on tab %q", v.Guide.Tab)
		}
		p.do(TakeForGuide{}, NoCardPressed{})
		wantPage(t, p, PageConfirm)
		p.do(BackPressed{}, BackPressed{}, BackPressed{})
		wantPage(t, p, PageGuides)
		p.do(Chosen{"guide:g-permit"}, TakeForGuide{}, CardRead{card}, Confirmed{})
		if i := p.effects(Issue{}); len(i) != 1 || i[0] != (Issue{Business: "permit", Person: card, Language: Chinese}) {
			t.Errorf("issues %+v", i)
		}
		p.do(Issued{ticket("B001")})
		if v := wantPage(t, p, PageResult); v.Result.Item != "居住证申领" {
			t.Errorf("result %+v", v.Result)
		}
	})
	t.Run("an item of the hall keeps its ID", func(t *testing.T) {
		p := withGuides()
		p.do(GuidesPressed{}, Chosen{"guide:p2"}, TakeForGuide{})
		if v := wantPage(t, p, PageConfirm); v.Confirm.Item != "关系转移" {
			t.Errorf("confirm %+v", v.Confirm)
		}
		p.do(Confirmed{})
		if i := p.effects(Issue{})[0].(Issue); i.Item != "p2" {
			t.Errorf("issue %+v", i)
		}
	})
	t.Run("a guide named like its business is no item of it", func(t *testing.T) {
		p := withGuides()
		p.do(GuidesPressed{}, WayChosen{ForFirms}, Chosen{"guide:g-ask"}, TakeForGuide{})
		if v := wantPage(t, p, PageConfirm); v.Confirm.Business != "咨询" || v.Confirm.Item != "" {
			t.Errorf("confirm %+v", v.Confirm)
		}
	})
	t.Run("paused explains itself, and back is the guide", func(t *testing.T) {
		p := withGuides()
		p.do(StatusChanged{map[string]Queue{"permit": {Paused: true}}}, GuidesPressed{}, Chosen{"guide:g-permit"})
		if v := p.View(); v.Guide.Barred != Paused {
			t.Errorf("barred %q", v.Guide.Barred)
		}
		p.do(TakeForGuide{})
		if v := wantPage(t, p, PageMessage); v.Message.Kind != BusinessPaused || v.Message.Business != "居住证申领" {
			t.Errorf("message %+v", v.Message)
		}
		p.do(BackPressed{})
		wantPage(t, p, PageGuide)
	})
	t.Run("a card laid down while reading waits for the number", func(t *testing.T) {
		p := withGuides()
		p.do(GuidesPressed{}, Chosen{"guide:g-house"}, CardReading{})
		if v := p.View(); v.CardLeft {
			t.Error("a card must not be asked back while it is read")
		}
		p.do(CardRead{card})
		if v := wantPage(t, p, PageGuide); v.Guide.ID != "g-house" || !v.CardLeft {
			t.Errorf("guide %q card left %v", v.Guide.ID, v.CardLeft)
		}
		p.do(TakeForGuide{})
		if v := wantPage(t, p, PageConfirm); v.Confirm.HolderName != "测*员" {
			t.Errorf("confirm %+v", v.Confirm)
		}
		p.do(BackPressed{})
		wantPage(t, p, PageGuide)
	})
}

func TestGuideOnPaper(t *testing.T) {
	p := withGuides()
	p.do(GuidesPressed{}, Chosen{"guide:g-permit"}, MaterialTicked{2}, MaterialTicked{0}, PrintGuidePressed{}, PrintGuidePressed{})
	prints := p.effects(PrintGuide{})
	if len(prints) != 1 {
		t.Fatalf("%d prints, want one", len(prints))
	}
	pr := prints[0].(PrintGuide)
	if pr.Guide.ID != "g-permit" || !slices.Equal(pr.Ticked, []int{0, 2}) || pr.Language != Chinese || !pr.Sample || pr.Large {
		t.Errorf("print %+v", pr)
	}
	p.do(GuidePrintDone{ID: pr.ID - 1, OK: true}, GuidePrintDone{ID: pr.ID + 1, OK: true})
	if g := p.View().Guide.Printing; g != GuidePrinting {
		t.Errorf("answers about other papers: %q", g)
	}
	p.do(GuidePrintDone{ID: pr.ID})
	if g := p.View().Guide.Printing; g != GuideUnprinted {
		t.Errorf("after a failure %q", g)
	}
	p.do(PrintGuidePressed{})
	prints = p.effects(PrintGuide{})
	p.do(GuidePrintDone{ID: prints[1].(PrintGuide).ID, OK: true})
	if g := p.View().Guide.Printing; g != GuidePrinted {
		t.Errorf("after success %q", g)
	}
	p.do(BackPressed{}, Chosen{"guide:p2"})
	if g := p.View().Guide.Printing; g != GuideNotPrinted {
		t.Errorf("another guide says %q", g)
	}
	p.do(DevicesChanged{Devices{Fault: "paper-out"}}, PrintGuidePressed{})
	if v := p.View(); v.Guide.Prints || len(p.effects(PrintGuide{})) != 2 {
		t.Error("a print without paper")
	}
	// Nothing of a ticket is touched by any of it.
	if len(p.effects(Print{}))+len(p.effects(DropSlip{})) != 0 {
		t.Error("a guide's paper is taken for a ticket's")
	}
	p.do(DevicesChanged{Devices{Printer: true}}, PrintGuidePressed{}, HomePressed{})
	prints = p.effects(PrintGuide{})
	before := p.State
	if p.do(GuidePrintDone{ID: prints[2].(PrintGuide).ID, OK: true}); p.View().Page != PageHome || !reflect.DeepEqual(p.visit, before.visit) {
		t.Error("an answer for a visit that is over changes something")
	}
}

func TestTakeaway(t *testing.T) {
	p := withGuides()
	p.do(GuidesPressed{}, Chosen{"guide:g-permit"}, MaterialTicked{1}, ScanGuidePressed{})
	if v := wantPage(t, p, PageTakeaway); v.Takeaway.QR != "" || v.Takeaway.Away || !v.Takeaway.Prints || v.Takeaway.Name != "居住证申领" {
		t.Errorf("takeaway %+v", v.Takeaway)
	}
	first := p.effects(MakeLink{})[0].(MakeLink)
	if first.Guide.ID != "g-permit" || !slices.Equal(first.Ticked, []int{1}) {
		t.Errorf("link %+v", first)
	}
	p.do(LanguageChosen{English}, LinkMade{ID: first.ID, Text: "http://old"})
	if v := p.View(); v.Takeaway.QR != "" {
		t.Error("the address of another language is shown")
	}
	second := p.effects(MakeLink{})[1].(MakeLink)
	p.do(LinkMade{ID: second.ID, Text: "http://new"})
	if v := p.View(); v.Takeaway.QR != "http://new" || second.Language != English {
		t.Errorf("takeaway %+v", v.Takeaway)
	}
	p.do(CentreChanged{Away: true})
	if v := p.View(); v.Takeaway.QR != "" || !v.Takeaway.Away {
		t.Errorf("without the centre %+v", v.Takeaway)
	}
	p.do(PrintGuidePressed{})
	if v := wantPage(t, p, PageGuide); v.Guide.Printing != GuidePrinting || len(p.effects(PrintGuide{})) != 1 {
		t.Errorf("print instead: %+v", v.Guide)
	}
	p.do(CentreChanged{}, ScanGuidePressed{}, BackPressed{})
	third := p.effects(MakeLink{})[2].(MakeLink)
	p.do(LinkMade{ID: third.ID, Text: "http://late"}, ScanGuidePressed{})
	if v := p.View(); v.Takeaway.QR != "" {
		t.Error("a late address is shown")
	}
	p.do(LinkMade{ID: p.effects(MakeLink{})[3].(MakeLink).ID})
	if v := p.View(); !v.Takeaway.Away {
		t.Error("no address could be made, and nothing says so")
	}
}

func TestForms(t *testing.T) {
	c := testGuides()
	for i := range 23 {
		c.Guides[0].Forms[1].Fields = append(c.Guides[0].Forms[1].Fields, guide.FormField{Name: fmt.Sprint("栏", i), Sample: "示例"})
	}
	p := withGuides()
	p.do(GuidesChanged{Catalogue: c}, GuidesPressed{}, Chosen{"guide:g-permit"}, FormsPressed{})
	if v := wantPage(t, p, PageForms); v.Forms.Guide != "居住证申领" || !slices.Equal(guideTitles(v.Forms.Choices), []string{"申领表", "承诺书"}) {
		t.Errorf("forms %+v", v.Forms)
	}
	p.do(Chosen{"form:f2"}, PageTurned{1}, PageTurned{1})
	if v := wantPage(t, p, PageForm); v.Form.Number != 3 || v.Form.Pages != 3 || len(v.Form.Fields) != 3 || !v.Form.Sample {
		t.Errorf("form %+v", v.Form)
	}
	p.do(BackPressed{}, BackPressed{}, FormsPressed{ID: "f1"})
	if v := wantPage(t, p, PageForm); v.Form.Name != "申领表" {
		t.Errorf("form %+v", v.Form)
	}
	p.do(BackPressed{}, FormsPressed{ID: "none"})
	wantPage(t, p, PageGuide)
}

func TestPlan(t *testing.T) {
	p := withGuides()
	p.do(GuidesPressed{}, Chosen{"guide:g-permit"}, PlanPressed{})
	v := wantPage(t, p, PagePlan)
	want := &Plan{Title: "居住证", Width: 20, Height: 10, Place: "一楼 A 区，1 号窗口", Here: &PlanPoint{9, 8},
		Rooms:   []PlanRoom{{Name: "等候区", X: 1, Y: 2, W: 5, H: 4, Kind: "area", Lit: true}, {Name: "入口", X: 8, Y: 9, W: 2, H: 1, Kind: "entrance"}},
		Windows: []PlanWindow{{Name: "1", At: PlanPoint{2, 1}, Lit: true}, {Name: "2", At: PlanPoint{5, 1}}}}
	if !reflect.DeepEqual(v.Plan, want) {
		t.Errorf("plan\n got %+v\nwant %+v", v.Plan, want)
	}
	p.do(HallChanged{testHall()}) // whose plan is gone
	wantPage(t, p, PagePlan)
	p.do(BackPressed{})
	if v := wantPage(t, p, PageGuide); v.Guide.Plan {
		t.Error("a plan that is gone is offered")
	}

	t.Run("over the ticket", func(t *testing.T) {
		p := withGuides()
		toConfirm(p)
		p.do(Confirmed{}, Issued{ticket("A001")})
		if v := wantPage(t, p, PageResult); !v.Result.Plan {
			t.Error("no plan is offered")
		}
		p.do(PlanPressed{})
		if v := wantPage(t, p, PagePlan); !v.Plan.Windows[1].Lit || v.Plan.Title != "户口登记" {
			t.Errorf("plan %+v", v.Plan)
		}
		p.do(BackPressed{})
		if v := wantPage(t, p, PageResult); v.Result.Paper != Printing || p.Timer.After != 0 {
			t.Errorf("back to %+v, timer %v", v.Result, p.Timer)
		}
		p.do(PlanPressed{}, CardRead{Person{Number: man}}, PrintFailed{"t-A001", "paper-out", false})
		if wantPage(t, p, PagePlan); p.visit.person != (Person{}) {
			t.Error("a card is kept after the number")
		}
		p.do(DevicesChanged{Devices{Printer: true}})
		if n := len(p.effects(Print{})); n != 2 {
			t.Errorf("%d prints, want the owed one too", n)
		}
		p.do(PrintFailed{"t-A001", "paper-out", false}, BackPressed{})
		if v := wantPage(t, p, PageResult); v.Result.Paper != PaperNone || v.Result.Seconds != noPaperNormal {
			t.Errorf("back to %+v", v.Result)
		}
		p.do(PlanPressed{}, HomePressed{})
		if d := p.effects(DropSlip{}); len(d) != 1 || d[0] != (DropSlip{TicketID: "t-A001", Tried: true}) {
			t.Errorf("dropped %v", d)
		}
	})
}

// News never disturb a visit: the catalogue somebody looks through stays until
// they leave.
func TestNewGuidesDoNotDisturb(t *testing.T) {
	p := withGuides()
	p.do(GuidesPressed{}, WayChosen{ByDepartment}, Chosen{"group:公安"}, Chosen{"guide:g-permit"}, MaterialTicked{0})
	before := p.View()
	p.do(GuidesChanged{Catalogue: &guide.Catalogue{Guides: []guide.Guide{{ID: "new", Name: "新事项", Department: "新"}}}})
	if !reflect.DeepEqual(before, p.View()) {
		t.Error("the page changes under the reader's finger")
	}
	p.do(BackPressed{}, Chosen{"guide:g-bare"})
	wantPage(t, p, PageGuide)
	p.do(HomePressed{}, GuidesPressed{})
	if v := wantPage(t, p, PageGuides); v.Guides.Total != 1 {
		t.Errorf("the next visit sees %d matters, want the new one", v.Guides.Total)
	}
	p.do(HomePressed{}, GuidesChanged{Catalogue: &guide.Catalogue{}})
	if v := wantPage(t, p, PageHome); v.Home.HasGuides {
		t.Error("an empty catalogue is offered")
	}
	p.do(GuidesPressed{})
	wantPage(t, p, PageHome)
}

func TestGuidesWhileTheHallIsClosed(t *testing.T) {
	p := withGuides()
	p.do(ClockTicked{Now: morning, Open: hall.OpenState{Kind: hall.Break, Until: morning.Add(time.Hour)}})
	if v := wantPage(t, p, PageMessage); !v.Message.HasGuides {
		t.Error("the guides are closed with the hall")
	}
	p.do(GuidesPressed{}, Chosen{"guide:g-permit"}, TakeForGuide{})
	if v := wantPage(t, p, PageMessage); v.Message.Kind != BusinessClosed || !v.Message.Opens.Equal(morning.Add(time.Hour)) {
		t.Errorf("message %+v", v.Message)
	}
}

// What looking through the guides leaves behind: nothing. Every field of the visit
// is compared, so that one added later cannot be forgotten; and it must have held
// something before, so that the comparison can fail.
func TestHomeForgetsTheGuides(t *testing.T) {
	for _, end := range []struct {
		name   string
		events func(p *player)
	}{
		{"首页", func(p *player) { p.do(HomePressed{}) }},
		{"silence", func(p *player) { p.fire(1 + noticeNormal) }},
		{"返回 to the beginning", func(p *player) {
			for range 4 {
				p.do(BackPressed{})
			}
		}},
	} {
		p := withGuides()
		fresh := p.State
		p.do(GuidesPressed{}, Chosen{"guide:g-permit"}, MaterialTicked{0}, PrintGuidePressed{}, ScanGuidePressed{}, BackPressed{}, BackPressed{}, SearchPressed{})
		p.typed("居民")
		p.do(InputChosen{Handwriting}, StrokeDrawn{Stroke{{1, 2}}}, Chosen{"guide:g-house"}, BackPressed{})
		g := p.visit.guides
		if len(g.ticks) == 0 || g.paper.id == 0 || len(g.search.strokes) == 0 || g.search.text == "" || len(g.places) != 2 {
			t.Fatalf("nothing to forget: %+v", g)
		}
		end.events(p)
		got := p.State
		got.Timer, fresh.Timer = Timer{}, Timer{}
		got.world.drawing, fresh.world.drawing = Drawing{}, Drawing{}
		got.world.asked = fresh.world.asked
		if !reflect.DeepEqual(got, fresh) {
			t.Errorf("%s leaves behind:\n got %+v\nwant %+v", end.name, got, fresh)
		}
	}
}

func TestCut(t *testing.T) {
	long := strings.Repeat("材料要齐，", 30) + "没有句号也要断"
	for _, text := range []string{"", " ", "短。", "第一行\r\n\r\n第二行", long, strings.Repeat("无标点", 100), strings.Repeat("句子。", 80),
		strings.Repeat("word ", 60)} {
		pieces := cut(text)
		for _, p := range pieces {
			if n := utf8.RuneCountInString(p); n == 0 || n > maxBlock {
				t.Errorf("a piece of %d characters", n)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(pieces, "")) != squeeze(text) {
			t.Errorf("%q: something is lost", text)
		}
	}
	if got := cut(long); !strings.HasSuffix(got[0], "，") {
		t.Errorf("cut in the middle of a clause: %q", got[0])
	}
	var l blockList
	l.add(Block{Kind: BlockMaterial, Title: strings.Repeat("名", 150), Text: strings.Repeat("说明。", 60), Index: 3, Count: "原件 1 份"})
	if len(l) != 4 || l[0].Continues || !l[1].Continues || l[1].Count != "" || l[3].Index != 3 || utf8.RuneCountInString(l[0].Title) != maxBlock {
		t.Errorf("%d blocks: %+v", len(l), l)
	}
}
