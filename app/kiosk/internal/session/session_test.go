package session

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/hall"
)

// The example numbers of GB 11643 are the only people here.
const (
	woman = "11010519491231002X"
	man   = "440524188001010014"
)

func testHall() *hall.Hall {
	return &hall.Hall{
		ID: "demo", Name: "示例街道综合服务大厅", NameEn: "Sample Hall",
		SupervisionPhone: "12345", ServicePhone: "010-00000000",
		Areas:   []hall.Area{{ID: "a", Name: "综合服务区", NameEn: "General", Place: "一楼 A 区"}},
		Windows: []hall.Window{{ID: "w1", Name: "1", Area: "a"}, {ID: "w2", Name: "2", Area: "a"}},
		Businesses: []hall.Business{
			{ID: "household", Name: "户口登记", NameEn: "Household", Prefix: "A", Area: "a", Group: "户籍与证件", GroupEn: "Papers",
				Windows: []string{"w2", "w1"}, AskID: hall.AskRequired, For: "适合办落户、迁户口", ForEn: "Moving house"},
			{ID: "permit", Name: "居住证", Prefix: "B", Area: "a", Group: "户籍与证件", Windows: []string{"w1"}, AskID: hall.AskOptional},
			{ID: "pension", Name: "养老保险", Prefix: "C", Area: "a", Windows: []string{"w2"}, AskID: hall.AskNever,
				Items: []hall.Item{{ID: "p1", Name: "待遇申领"}, {ID: "p2", Name: "关系转移"}}},
			{ID: "ask", Name: "咨询", Prefix: "D", Area: "a", Windows: []string{"w2"}},
		},
	}
}

var morning = time.Date(2026, 11, 21, 9, 30, 0, 0, time.FixedZone("CST", 8*3600))

// A player is a session being played: the state, and the effects so far.
type player struct {
	State
	done []Effect
}

func (p *player) do(events ...Event) []Effect {
	var last []Effect
	for _, e := range events {
		p.State, last = Step(p.State, e)
		p.done = append(p.done, last...)
	}
	return last
}

// fire lets the current timer run out n times.
func (p *player) fire(n int) {
	for range n {
		p.do(TimerFired{ID: p.Timer.ID})
	}
}

func (p *player) effects(want Effect) []Effect {
	var found []Effect
	for _, e := range p.done {
		if reflect.TypeOf(e) == reflect.TypeOf(want) {
			found = append(found, e)
		}
	}
	return found
}

// ready is a terminal in an open hall with both devices well.
func ready() *player {
	p := &player{State: New(nil)}
	p.do(
		HallChanged{Hall: testHall()},
		ClockTicked{Now: morning, Open: hall.OpenState{Kind: hall.Open}},
		DevicesChanged{Devices: Devices{Reader: true, Printer: true}},
		StatusChanged{Queues: map[string]Queue{
			"household": {Waiting: 4, Served: true}, "permit": {Waiting: 1, Served: true},
			"pension": {Served: true}, "ask": {Waiting: 2},
		}},
	)
	return p
}

func ticket(label string) Ticket {
	return Ticket{ID: "t-" + label, Label: label, Business: "household", Ahead: 4, QR: "http://x/t", Holder: "测*员"}
}

var card = Person{Number: woman, Name: "测*员"}

// steps is a whole journey to just before the number is taken.
func toConfirm(p *player) {
	p.do(TakeNumber{}, Chosen{"group:户籍与证件"}, Chosen{"business:household"}, CardReading{}, CardRead{card})
}

func wantPage(t *testing.T, p *player, want Page) View {
	t.Helper()
	v := p.View()
	if v.Page != want {
		t.Fatalf("page is %q, want %q (view %+v)", v.Page, want, v)
	}
	return v
}

func TestJourneys(t *testing.T) {
	t.Run("with a card", func(t *testing.T) {
		p := ready()
		wantPage(t, p, PageHome)
		p.do(TakeNumber{})
		v := wantPage(t, p, PageChoose)
		if got := titles(v); !slices.Equal(got, []string{"户籍与证件", "养老保险", "咨询"}) {
			t.Errorf("choices %q", got)
		}
		if c := v.Choose.Choices[0]; !c.Leads || c.Count != 2 || c.Waiting != 5 {
			t.Errorf("group is %+v, want 2 choices and 5 waiting", c)
		}
		p.do(Chosen{"group:户籍与证件"})
		v = wantPage(t, p, PageChoose)
		if !slices.Equal(v.Choose.Path, []string{"户籍与证件"}) || !slices.Equal(titles(v), []string{"户口登记", "居住证"}) {
			t.Errorf("second level: path %q choices %q", v.Choose.Path, titles(v))
		}
		p.do(Chosen{"business:household"})
		v = wantPage(t, p, PageIdentify)
		if v.Identify.Reader != ReaderWaiting || v.Identify.CanSkip {
			t.Errorf("identify %+v", v.Identify)
		}
		p.do(CardReading{})
		if v = wantPage(t, p, PageIdentify); v.Identify.Reader != ReaderReading {
			t.Errorf("reader %q while a card is read", v.Identify.Reader)
		}
		p.do(CardRead{card})
		v = wantPage(t, p, PageConfirm)
		want := Confirm{Business: "户口登记", For: "适合办落户、迁户口", HolderName: "测*员", HolderNumber: "110***********002X",
			Waiting: 4, Area: "综合服务区", Place: "一楼 A 区", Windows: []string{"1", "2"}}
		want.HolderNumber = card.MaskedNumber()
		if !reflect.DeepEqual(*v.Confirm, want) {
			t.Errorf("confirm\n got %+v\nwant %+v", *v.Confirm, want)
		}
		effects := p.do(Confirmed{})
		if len(effects) != 1 || effects[0] != (Issue{Business: "household", Person: card, Language: Chinese}) {
			t.Errorf("effects %v", effects)
		}
		wantPage(t, p, PageWorking)
		effects = p.do(Issued{ticket("A005")})
		if len(effects) != 1 || effects[0].(Print).Ticket.Label != "A005" || effects[0].(Print).Copy {
			t.Errorf("effects %v, want one print that is no copy", effects)
		}
		v = wantPage(t, p, PageResult)
		if v.Result.Label != "A005" || v.Result.Paper != Printing || v.Result.Ahead != 4 || v.CardLeft {
			t.Errorf("result %+v card left %v", v.Result, v.CardLeft)
		}
		p.do(PrintDone{"t-A005"})
		v = wantPage(t, p, PageResult)
		if v.Result.Paper != Printed || !v.CardLeft || v.Result.Seconds != resultNormal {
			t.Errorf("result %+v card left %v", v.Result, v.CardLeft)
		}
		p.do(CardGone{})
		p.fire(resultNormal)
		if v = wantPage(t, p, PageHome); v.CardLeft {
			t.Error("the card is gone, but asked for")
		}
	})
	t.Run("a card laid on the home page starts the visit", func(t *testing.T) {
		p := ready()
		p.do(CardReading{}, CardRead{card})
		wantPage(t, p, PageChoose)
		p.do(Chosen{"group:户籍与证件"}, Chosen{"business:household"})
		if v := wantPage(t, p, PageConfirm); v.Confirm.HolderName != "测*员" {
			t.Errorf("holder %q", v.Confirm.HolderName)
		}
	})
	t.Run("a typed number", func(t *testing.T) {
		p := ready()
		p.do(TakeNumber{}, Chosen{"group:户籍与证件"}, Chosen{"business:household"}, TypePressed{})
		for _, k := range woman[:17] + "x" {
			p.do(KeyPressed{k})
		}
		p.do(KeyPressed{'1'}) // a nineteenth is not taken
		if v := wantPage(t, p, PageTypeNumber); v.TypeNumber.Digits != woman {
			t.Errorf("typed %q", v.TypeNumber.Digits)
		}
		p.do(NumberEntered{})
		if v := wantPage(t, p, PageConfirm); v.Confirm.HolderNumber != card.MaskedNumber() || v.Confirm.HolderName != "" {
			t.Errorf("confirm %+v", v.Confirm)
		}
		effects := p.do(Confirmed{})
		if i := effects[0].(Issue); i.Person != (Person{Number: woman, Typed: true}) {
			t.Errorf("issue for %v", i.Person)
		}
	})
	t.Run("without a card where that is allowed", func(t *testing.T) {
		p := ready()
		p.do(TakeNumber{}, Chosen{"business:permit"}, NoCardPressed{}, Confirmed{})
		if i := p.effects(Issue{})[0].(Issue); i.Business != "permit" || i.Person != (Person{}) {
			t.Errorf("issue %+v", i)
		}
	})
	t.Run("without a card where it is not: the way to a person", func(t *testing.T) {
		p := ready()
		p.do(TakeNumber{}, Chosen{"business:household"}, NoCardPressed{})
		v := wantPage(t, p, PageMessage)
		if v.Message.Kind != NoCard || v.Message.Phone != "010-00000000" {
			t.Errorf("message %+v", v.Message)
		}
		p.do(Confirmed{}, RetryPressed{})
		if n := len(p.effects(Issue{})); n != 0 {
			t.Errorf("%d numbers asked for", n)
		}
	})
	t.Run("an item of a business that asks for nobody keeps the card to itself", func(t *testing.T) {
		p := ready()
		p.do(CardRead{card}, Chosen{"business:pension"}, Chosen{"item:p2"})
		if v := wantPage(t, p, PageConfirm); v.Confirm.Item != "关系转移" || v.Confirm.HolderNumber != "" {
			t.Errorf("confirm %+v", v.Confirm)
		}
		effects := p.do(Confirmed{})
		if effects[0] != (Issue{Business: "pension", Item: "p2", Language: Chinese}) {
			t.Errorf("effects %+v", effects)
		}
	})
	t.Run("in English and in large type, to the paper", func(t *testing.T) {
		p := ready()
		p.do(LanguageChosen{English}, AssistedChosen{true}, TakeNumber{}, Chosen{"business:household"}, CardRead{card})
		v := wantPage(t, p, PageConfirm)
		if v.Confirm.Business != "Household" || v.Top.HallName != "Sample Hall" || !v.Assisted {
			t.Errorf("view %+v", v.Confirm)
		}
		p.do(Confirmed{}, Issued{ticket("A001")})
		if pr := p.effects(Print{})[0].(Print); pr.Language != English || !pr.Large {
			t.Errorf("print %+v", pr)
		}
	})
	t.Run("a number held already is shown, not printed, until asked for", func(t *testing.T) {
		p := ready()
		toConfirm(p)
		have := ticket("A002")
		have.Existing = true
		p.do(Confirmed{}, Issued{have})
		if v := wantPage(t, p, PageResult); !v.Result.Existing || !v.Result.CanReprint || len(p.effects(Print{})) != 0 {
			t.Errorf("result %+v, prints %v", v.Result, p.effects(Print{}))
		}
		p.do(ReprintPressed{}, ReprintPressed{})
		if prints := p.effects(Print{}); len(prints) != 1 || !prints[0].(Print).Copy {
			t.Errorf("prints %+v, want one marked copy", prints)
		}
	})
}

func titles(v View) []string {
	var s []string
	for _, c := range v.Choose.Choices {
		s = append(s, c.Title)
	}
	return s
}

func TestPaper(t *testing.T) {
	tests := []struct {
		name    string
		devices Devices
		events  []Event
		want    Paper
		prints  []bool // Copy of each print
	}{
		{"out before", Devices{Reader: true, Fault: "paper-out"}, nil, PaperNone, nil},
		{"printer unplugged before", Devices{Reader: true}, nil, PaperFault, nil},
		{"out at the first look", Devices{Reader: true, Printer: true},
			[]Event{PrintFailed{"t-A001", "paper-out", false}}, PaperNone, []bool{false}},
		{"out in the middle", Devices{Reader: true, Printer: true},
			[]Event{PrintFailed{"t-A001", "paper-out", true}}, PaperNone, []bool{false}},
		{"silence after the last byte", Devices{Reader: true, Printer: true},
			[]Event{PrintFailed{"t-A001", "", true}}, PaperUnknown, []bool{false}},
		{"of another ticket, late", Devices{Reader: true, Printer: true},
			[]Event{PrintFailed{"t-old", "paper-out", true}, PrintDone{"t-older"}}, Printing, []bool{false}},
		{"out at the first look, then loaded: the first paper, no copy", Devices{Reader: true, Printer: true},
			[]Event{PrintFailed{"t-A001", "paper-out", false}, DevicesChanged{Devices{Reader: true, Printer: true}}, PrintDone{"t-A001"}},
			Printed, []bool{false, false}},
		{"out in the middle, then loaded: a copy", Devices{Reader: true, Printer: true},
			[]Event{PrintFailed{"t-A001", "paper-out", true}, DevicesChanged{Devices{Reader: true, Printer: true}}, PrintDone{"t-A001"}},
			Printed, []bool{false, true}},
		{"out before, then loaded", Devices{Reader: true, Fault: "paper-out"},
			[]Event{DevicesChanged{Devices{Reader: true, Printer: true}}, PrintDone{"t-A001"}}, Printed, []bool{false}},
		{"loaded but still wrong", Devices{Reader: true, Printer: true},
			[]Event{PrintFailed{"t-A001", "cutter", true}, DevicesChanged{Devices{Reader: true, Fault: "cutter"}}}, PaperFault, []bool{false}},
		{"out twice, unsure once: still a copy", Devices{Reader: true, Printer: true},
			[]Event{PrintFailed{"t-A001", "paper-out", true}, ReprintPressed{}, PrintFailed{"t-A001", "paper-out", false}, ReprintPressed{}},
			Printing, []bool{false, true, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := ready()
			p.do(DevicesChanged{tt.devices})
			toConfirm(p)
			if v := wantPage(t, p, PageConfirm); v.Confirm.NoPaper == tt.devices.Printer {
				t.Errorf("no-paper warning is %v", v.Confirm.NoPaper)
			}
			p.do(Confirmed{}, Issued{ticket("A001")})
			p.do(tt.events...)
			v := wantPage(t, p, PageResult)
			if v.Result.Paper != tt.want || v.Result.Label != "A001" {
				t.Errorf("result %+v, want paper %q", v.Result, tt.want)
			}
			var copies []bool
			for _, e := range p.effects(Print{}) {
				copies = append(copies, e.(Print).Copy)
			}
			if !slices.Equal(copies, tt.prints) {
				t.Errorf("prints (copy?) %v, want %v", copies, tt.prints)
			}
			if n := len(p.effects(Issue{})); n != 1 {
				t.Errorf("%d numbers asked for, want 1", n)
			}
		})
	}
	t.Run("leaving without paper puts that on record", func(t *testing.T) {
		p := ready()
		p.do(DevicesChanged{Devices{Reader: true, Fault: "paper-out"}})
		toConfirm(p)
		p.do(Confirmed{}, Issued{ticket("A001")})
		if v := p.View(); v.Result.Seconds != noPaperNormal {
			t.Errorf("%d s on the screen, want %d", v.Result.Seconds, noPaperNormal)
		}
		p.fire(noPaperNormal)
		wantPage(t, p, PageHome)
		if d := p.effects(DropSlip{}); len(d) != 1 || d[0] != (DropSlip{TicketID: "t-A001"}) {
			t.Errorf("dropped %v", d)
		}
	})
}

func TestTypedNumberProblems(t *testing.T) {
	tests := []struct {
		typed string
		want  NumberProblem
	}{
		{"", NumberTooShort},
		{woman[:17], NumberTooShort},
		{"110105194912310021", NumberBadCheck},
		{"110105194913310021", NumberBadDate},
		{"110105190002290021", NumberBadDate}, // 1900 was no leap year
		{"110105209912310021", NumberBadDate}, // not born yet
		{"1101051949X2310021", NumberBadChars},
		{woman, ""},
		{man, ""},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(len(tt.typed), tt.want), func(t *testing.T) {
			p := ready()
			p.do(TakeNumber{}, Chosen{"business:household"}, TypePressed{})
			for _, k := range "a" + tt.typed + " " { // other characters are no keys
				p.do(KeyPressed{k})
			}
			p.do(NumberEntered{})
			if tt.want == "" {
				wantPage(t, p, PageConfirm)
				return
			}
			if v := wantPage(t, p, PageTypeNumber); v.TypeNumber.Problem != tt.want || v.TypeNumber.Digits != tt.typed {
				t.Errorf("problem %q digits kept %v, want %q", v.TypeNumber.Problem, v.TypeNumber.Digits == tt.typed, tt.want)
			}
			if p.do(DeletePressed{}); p.View().TypeNumber.Problem != "" {
				t.Error("the complaint stays after a correction has begun")
			}
			p.do(Confirmed{})
			if n := len(p.effects(Issue{})); n != 0 {
				t.Errorf("%d numbers asked for", n)
			}
		})
	}
}

func TestCardFailures(t *testing.T) {
	p := ready()
	p.do(TakeNumber{}, Chosen{"business:household"}, CardReading{}, CardFailed{CardMoved})
	if v := wantPage(t, p, PageIdentify); v.Identify.Failure != CardMoved || v.Identify.Reader != ReaderWaiting {
		t.Errorf("identify %+v", v.Identify)
	}
	p.do(CardReading{})
	if v := p.View(); v.Identify.Failure != "" {
		t.Error("an old failure stands while the card is read again")
	}
	p.do(CardGone{}) // lifted in the middle
	if v := p.View(); v.Identify.Failure != CardMoved {
		t.Errorf("lifted early: %+v", v.Identify)
	}
	p.do(CardReading{}, CardFailed{CardMoved}, CardReading{}, CardFailed{CardMoved})
	if v := p.View(); v.Identify.Failure != CardSuspect {
		t.Errorf("after three failures: %+v, want the way out", v.Identify)
	}
	p.do(CardReading{}, DevicesChanged{Devices{Printer: true}})
	if v := p.View(); v.Identify.Failure != CardLost || v.Identify.Reader != ReaderAbsent {
		t.Errorf("reader pulled out while reading: %+v", v.Identify)
	}
	p.do(DevicesChanged{Devices{Printer: true, Reader: true}}, CardRead{card})
	wantPage(t, p, PageConfirm)
}

func TestRefusals(t *testing.T) {
	for why, want := range map[Refusal]MessageKind{
		RefusedClosed:     BusinessClosed,
		RefusedPaused:     BusinessPaused,
		RefusedNumbersOut: NumbersOut,
		"anything else":   NotTaken,
	} {
		p := ready()
		toConfirm(p)
		p.do(Confirmed{}, Refused{why})
		if v := wantPage(t, p, PageMessage); v.Message.Kind != want || v.Message.Business != "户口登记" {
			t.Errorf("%s: message %+v, want %q", why, v.Message, want)
		}
	}
	p := ready()
	toConfirm(p)
	p.do(Confirmed{}, IssueFailed{}, RetryPressed{})
	wantPage(t, p, PageConfirm)
}

func TestBarred(t *testing.T) {
	p := ready()
	p.do(StatusChanged{map[string]Queue{"household": {Paused: true}, "permit": {Served: true}}},
		ClockTicked{Now: morning, Open: hall.OpenState{Kind: hall.Open}, Businesses: map[string]hall.OpenState{
			"ask": {Kind: hall.NotYetOpen, Until: morning.Add(time.Hour)}}})
	p.do(TakeNumber{}, Chosen{"business:household"})
	if v := wantPage(t, p, PageMessage); v.Message.Kind != BusinessPaused {
		t.Errorf("message %+v", v.Message)
	}
	p.do(BackPressed{}, Chosen{"business:ask"})
	if v := wantPage(t, p, PageMessage); v.Message.Kind != BusinessClosed || !v.Message.Opens.Equal(morning.Add(time.Hour)) {
		t.Errorf("message %+v", v.Message)
	}
	p.do(BackPressed{}, Chosen{"no such choice"})
	wantPage(t, p, PageChoose)
}

func TestHomePage(t *testing.T) {
	p := &player{State: New(nil)}
	if v := wantPage(t, p, PageMessage); v.Message.Kind != OutOfOrder {
		t.Errorf("without a hall: %+v", v.Message)
	}
	p.do(TakeNumber{}, CardRead{card})
	wantPage(t, p, PageMessage)

	p = ready()
	p.do(DevicesChanged{Devices{Fault: "paper-out"}}, CentreChanged{Away: true})
	v := wantPage(t, p, PageHome)
	if want := []Notice{NoticePaperOut, NoticeReaderAbsent, NoticeCentreAway}; !slices.Equal(v.Home.Notices, want) {
		t.Errorf("notices %v, want %v", v.Home.Notices, want)
	}
	if v.Home.WaitingTotal != -1 || v.Home.CardHint {
		t.Errorf("home %+v", v.Home)
	}

	p = ready()
	p.do(ClockTicked{Now: morning, Open: hall.OpenState{Kind: hall.Break, Until: morning.Add(time.Hour)}})
	v = wantPage(t, p, PageMessage)
	if v.Message.Kind != HallClosed || !v.Message.Opens.Equal(morning.Add(time.Hour)) {
		t.Errorf("message %+v", v.Message)
	}
	p.do(TakeNumber{}, CardRead{card})
	wantPage(t, p, PageMessage)
	p.do(ClockTicked{Now: morning, Open: hall.OpenState{Kind: hall.Open}})
	if v = wantPage(t, p, PageHome); v.Home.WaitingTotal != 7 {
		t.Errorf("home %+v", v.Home)
	}
}

func TestPressedTwice(t *testing.T) {
	p := ready()
	toConfirm(p)
	p.do(Confirmed{}, Confirmed{}, HomePressed{}, BackPressed{}, CardRead{Person{Number: man}}, LanguageChosen{English})
	wantPage(t, p, PageWorking)
	if n := len(p.effects(Issue{})); n != 1 {
		t.Errorf("%d numbers asked for, want 1", n)
	}
	p.fire(1)
	if v := p.View(); !v.Working.Slow {
		t.Error("no words after the first timer")
	}
	p.do(Issued{ticket("A001")}, Issued{ticket("A002")})
	if v := wantPage(t, p, PageResult); v.Result.Label != "A001" {
		t.Errorf("result %+v", v.Result)
	}
	if d := p.effects(DropSlip{}); len(d) != 1 || d[0].(DropSlip).TicketID != "t-A002" {
		t.Errorf("a number nobody waits for must be put on record, got %v", d)
	}
}

func TestIdle(t *testing.T) {
	for _, assisted := range []bool{false, true} {
		limit, notice := idleNormal, noticeNormal
		if assisted {
			limit, notice = idleAssisted, noticeAssisted
		}
		p := ready()
		p.do(AssistedChosen{assisted})
		toConfirm(p)
		if p.Timer.After != limit {
			t.Errorf("assisted %v: waits %v, want %v", assisted, p.Timer.After, limit)
		}
		stale := p.Timer.ID
		p.do(Touched{}, TimerFired{stale})
		if p.View().Idle != nil {
			t.Error("a late timer of before the touch shows the notice")
		}
		p.fire(1)
		if v := p.View(); v.Idle == nil || v.Idle.Seconds != notice {
			t.Fatalf("notice %+v, want %d s", v.Idle, notice)
		}
		p.fire(5)
		if v := p.View(); v.Idle.Seconds != notice-5 {
			t.Errorf("notice %+v after 5 s", v.Idle)
		}
		p.do(ContinuePressed{})
		if v := wantPage(t, p, PageConfirm); v.Idle != nil || v.Confirm.HolderName == "" {
			t.Error("继续使用 must leave everything as it was")
		}
		p.fire(1 + notice)
		v := wantPage(t, p, PageHome)
		if v.Assisted || v.Language != Chinese || p.Timer.After != 0 {
			t.Errorf("after the reset: %+v timer %v", v, p.Timer)
		}
	}
}

// What a visit leaves behind is compared field by field with a terminal that
// nobody has touched, so a field added later cannot be forgotten.
func TestResetForgetsEverything(t *testing.T) {
	p := ready()
	fresh := p.State
	p.do(LanguageChosen{English}, AssistedChosen{true})
	toConfirm(p)
	p.do(HelpPressed{}, HelpSent{OK: false}, Confirmed{}, Issued{ticket("A001")}, PrintFailed{"t-A001", "paper-out", true}, CardGone{}, HomePressed{})
	got := p.State
	got.Timer, fresh.Timer = Timer{}, Timer{}
	got.world.drawing, fresh.world.drawing = Drawing{}, Drawing{} // funcs do not compare
	got.world.asked = fresh.world.asked                           // only counted
	if !reflect.DeepEqual(got, fresh) {
		t.Errorf("left behind:\n got %+v\nwant %+v", got, fresh)
	}
	if len(p.effects(ForgetCard{})) != 1 {
		t.Error("the reader was not told that the visit is over")
	}
}

func TestPaging(t *testing.T) {
	h := testHall()
	h.Businesses = nil
	for i := range 40 {
		h.Businesses = append(h.Businesses, hall.Business{ID: fmt.Sprint("b", i), Name: fmt.Sprint("业务", i)})
	}
	p := ready()
	p.do(HallChanged{h}, TakeNumber{})
	v := wantPage(t, p, PageChoose)
	if v.Choose.Pages != 4 || v.Choose.Number != 1 || len(v.Choose.Choices) != 12 || v.Choose.Total != 40 {
		t.Errorf("first page %+v", v.Choose)
	}
	p.do(PageTurned{-1})
	if n := p.View().Choose.Number; n != 1 {
		t.Errorf("page %d before the first", n)
	}
	p.do(PageTurned{1}, PageTurned{1}, PageTurned{1}, PageTurned{1})
	if c := p.View().Choose; c.Number != 4 || len(c.Choices) != 4 {
		t.Errorf("last page %+v", c)
	}
	p.do(AssistedChosen{true})
	if c := p.View().Choose; c.Pages != 7 || len(c.Choices) != 6 {
		t.Errorf("assisted %+v", c)
	}
	h2 := testHall()
	p.do(HallChanged{h2})
	if c := p.View().Choose; c.Pages != 1 || c.Number != 1 {
		t.Errorf("after a new catalogue %+v", c)
	}
}

func TestBackReturnsToTheSamePage(t *testing.T) {
	h := testHall()
	h.Businesses = nil
	for i := range 30 {
		h.Businesses = append(h.Businesses, hall.Business{ID: fmt.Sprint("b", i), Name: fmt.Sprint("部门", i),
			Items: []hall.Item{{ID: fmt.Sprint("i", i), Name: "唯一事项"}}})
	}
	p := ready()
	p.do(HallChanged{h}, TakeNumber{}, PageTurned{1}, PageTurned{1}, Chosen{"business:b25"}, BackPressed{})
	if c := p.View().Choose; c.Number != 3 || len(c.Path) != 0 {
		t.Errorf("back on %+v, want page 3", c)
	}
}

func TestPersonNeverShowsANumber(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{card, &card, CardRead{card}, Issue{Person: card}} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, woman) {
				t.Errorf("%s of %T shows the number", verb, v)
			}
		}
	}
}
