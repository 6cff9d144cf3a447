package session

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/rating"
)

func service(n int) Service {
	return Service{
		Ticket: fmt.Sprintf("t%d", n), Label: fmt.Sprintf("A%03d", n), Business: "household", Window: "w1",
		Ended: morning.Add(-time.Hour), Request: fmt.Sprintf("request-%d", n),
		Outcome: fmt.Sprintf("https://hall.test/h/demo/outcome-%d/rating", n),
	}
}

// found answers the newest question of the player.
func (p *player) found(services ...Service) {
	p.do(ServicesFound{ID: p.world.asked, Version: rating.ReasonsVersion(), Services: services})
}

// raters is a terminal in an open hall with a scanner, too.
func raters() *player {
	p := &player{State: Start(Drawing{Handwriting: true})}
	p.do(ready().learned()...)
	p.do(ScannerChanged{Works: true})
	return p
}

// learned is what ready tells a terminal.
func (p *player) learned() []Event {
	return []Event{
		HallChanged{Hall: testHall()}, ClockTicked{Now: morning, Open: p.world.open},
		DevicesChanged{Devices: p.world.devices}, StatusChanged{Queues: p.world.queues},
	}
}

// toSend goes to the page before 提交 with one service.
func toSend(p *player, l rating.Level) {
	p.do(RatePressed{}, CardReading{}, CardRead{card})
	p.found(service(1))
	p.do(LevelChosen{l}, ReasonsDone{})
}

func TestRatingJourneys(t *testing.T) {
	t.Run("by card, with reasons and words", func(t *testing.T) {
		p := raters()
		if !p.View().Home.HasRatings {
			t.Fatal("no tile")
		}
		p.do(RatePressed{})
		if v := wantPage(t, p, PageRate); v.Rate.Reader != ReaderWaiting || !v.Rate.Scanner || v.CardLeft {
			t.Errorf("rate %+v", v.Rate)
		}
		p.do(CardReading{})
		if v := wantPage(t, p, PageRate); v.Rate.Reader != ReaderReading {
			t.Errorf("reader %q", v.Rate.Reader)
		}
		effects := p.do(CardRead{card})
		if f := effects[0].(FindServices); f.Person != card || f.Ticket != "" || f.Labels != nil {
			t.Errorf("asked %+v", f)
		}
		if v := wantPage(t, p, PageWorking); v.Working.What != WorkLooking || v.Working.Slow || v.Bottom.Back {
			t.Errorf("working %+v", v.Working)
		}
		if p.visit.person.Number != "" {
			t.Error("the number is kept while the hall is asked")
		}
		p.found(service(1))
		v := wantPage(t, p, PageLevel)
		if v.Levels.Service.Label != "A001" || v.Levels.Service.Business != "户口登记" || v.Levels.Service.Window != "1" || !v.CardLeft {
			t.Errorf("service %+v, card left %v", v.Levels.Service, v.CardLeft)
		}
		p.do(LevelChosen{rating.Dissatisfied})
		v = wantPage(t, p, PageReasons)
		if len(v.Reasons.Reasons) != 8 || v.Reasons.Pages != 1 || slices.ContainsFunc(v.Reasons.Reasons, func(r ReasonChoice) bool { return r.Ticked }) {
			t.Errorf("reasons %+v", v.Reasons)
		}
		p.do(ReasonTicked{214}, ReasonTicked{207}, ReasonTicked{208}, ReasonTicked{208}, ReasonTicked{510})
		if v = p.View(); v.Reasons.Chosen != 2 {
			t.Errorf("%d are chosen", v.Reasons.Chosen)
		}
		p.do(ReasonsDone{})
		if v = wantPage(t, p, PageRateSend); !v.RateSend.Anonymous || !slices.Equal(v.RateSend.Reasons, []string{"没有提供材料样本", "服务态度生硬"}) {
			t.Errorf("send %+v", v.RateSend)
		}
		p.do(RateWordsPressed{}, InputChosen{Letters})
		p.typed("  " + strings.Repeat("x", 200))
		if v = wantPage(t, p, PageRateWords); v.RateWords.Most != 150 || len(v.RateWords.Text) != 150 {
			t.Errorf("%d characters of %d", len(v.RateWords.Text), v.RateWords.Most)
		}
		p.do(DeletePressed{All: true})
		p.typed("slow ")
		p.do(WritingDone{}, AnonymityChosen{false})
		if v = wantPage(t, p, PageRateSend); v.RateSend.Words != "slow" || v.RateSend.Anonymous {
			t.Errorf("send %+v", v.RateSend)
		}
		if n := len(p.effects(SendRating{})); n != 0 {
			t.Fatalf("%d ratings before 提交", n)
		}
		effects = p.do(SendPressed{}, SendPressed{}, HomePressed{}, SendPressed{})
		if len(effects) != 0 || len(p.effects(SendRating{})) != 1 {
			t.Fatalf("effects of a second press: %v", effects)
		}
		got := p.effects(SendRating{})[0].(SendRating)
		want := SendRating{ID: p.world.asked, Request: "request-1", Ticket: "t1", Answer: rating.Answer{
			Level: rating.Dissatisfied, Version: rating.ReasonsVersion(), Reasons: []int{207, 214}, Words: "slow",
		}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("sent %+v", got.Answer)
		}
		if err := got.Answer.Clean().Check(); err != nil {
			t.Error(err)
		}
		p.do(RatingSent{ID: p.world.asked})
		v = wantPage(t, p, PageThanks)
		if *v.Thanks != (Thanks{Level: rating.Dissatisfied, Days: 15, QR: service(1).Outcome, Seconds: resultNormal}) {
			t.Errorf("thanks %+v", v.Thanks)
		}
		if s := fmt.Sprintf("%+v", p.visit.grading.words); strings.Contains(s, "slow") {
			t.Error("the words are kept after they were sent")
		}
		p.fire(resultNormal)
		if wantPage(t, p, PageHome); !emptyVisit(p.visit) {
			t.Error("something is left of the visit")
		}
	})
	t.Run("by the number on the ticket", func(t *testing.T) {
		p := raters()
		p.do(RatePressed{}, TypePressed{})
		if v := wantPage(t, p, PageRateNumber); v.RateNumber.Input != Letters || v.RateNumber.Example != "A023" {
			t.Errorf("number %+v", v.RateNumber)
		}
		p.do(NumberEntered{})
		if v := p.View(); v.RateNumber.Problem != LabelNoDigits {
			t.Errorf("problem %q", v.RateNumber.Problem)
		}
		p.typed("a")
		if v := p.View(); v.RateNumber.Text != "A" || v.RateNumber.Input != Digits || v.RateNumber.Problem != "" {
			t.Errorf("number %+v", v.RateNumber)
		}
		p.typed("23")
		effects := p.do(NumberEntered{})
		if f := effects[0].(FindServices); !slices.Equal(f.Labels, []string{"A023"}) || f.Person != (Person{}) {
			t.Errorf("asked %+v", f)
		}
		p.found()
		if v := wantPage(t, p, PageMessage); v.Message.Kind != RatingNothing || v.Message.Business != "A23" || !v.Message.Retry {
			t.Errorf("message %+v", v.Message)
		}
		p.do(RetryPressed{})
		wantPage(t, p, PageRate)
	})
	t.Run("by the code on the ticket, from the home page", func(t *testing.T) {
		p := raters()
		if effects := p.do(TicketScanned{}); len(effects) != 0 {
			t.Errorf("effects %v", effects)
		}
		wantPage(t, p, PageHome)
		effects := p.do(TicketScanned{"t9"})
		if f := effects[0].(FindServices); f.Ticket != "t9" {
			t.Errorf("asked %+v", f)
		}
		p.found(service(9))
		wantPage(t, p, PageLevel)
	})
	t.Run("something else is scanned", func(t *testing.T) {
		p := raters()
		p.do(RatePressed{}, TypePressed{}, TicketScanned{})
		if v := wantPage(t, p, PageRate); !v.Rate.Misread {
			t.Error("nothing is said")
		}
	})
	t.Run("without reader and scanner the number is asked for", func(t *testing.T) {
		p := raters()
		p.do(ScannerChanged{}, DevicesChanged{Devices{Printer: true}}, RatePressed{})
		wantPage(t, p, PageRateNumber)
		p.do(BackPressed{})
		wantPage(t, p, PageHome)
	})
	t.Run("several services", func(t *testing.T) {
		p := raters()
		p.do(RatePressed{}, CardRead{card})
		p.found(service(1), service(2), service(3))
		v := wantPage(t, p, PageServices)
		if v.Services.Total != 3 || v.Services.Choices[1].Title != "户口登记" || v.Services.Choices[1].Subtitle != "A002　08:30 办完　1 号窗口" {
			t.Errorf("services %+v", v.Services)
		}
		p.do(Chosen{"nothing"}, Chosen{"service:t2"}, LevelChosen{rating.Satisfied}, ReasonsDone{}, SendPressed{})
		p.do(RatingSent{ID: p.world.asked})
		if v = wantPage(t, p, PageThanks); v.Thanks.More != 2 || v.Thanks.Days != 0 || v.Thanks.QR != "" {
			t.Errorf("thanks %+v", v.Thanks)
		}
		p.do(RateMorePressed{})
		if v = wantPage(t, p, PageServices); v.Services.Total != 2 {
			t.Errorf("services %+v", v.Services)
		}
		p.do(Chosen{"service:t1"}, LevelChosen{rating.Satisfied}, ReasonsDone{}, SendPressed{}, RatingSent{ID: p.world.asked})
		wantPage(t, p, PageWorking)
		p.do(RatingSent{ID: p.world.asked}, RateMorePressed{})
		if v = wantPage(t, p, PageLevel); v.Levels.Service.Label != "A003" {
			t.Errorf("left is %+v", v.Levels.Service)
		}
	})
	t.Run("reasons that this terminal does not know are not asked for", func(t *testing.T) {
		p := raters()
		p.do(RatePressed{}, CardRead{card}, ServicesFound{ID: p.world.asked + 1, Version: "2099-01-01", Services: []Service{service(1)}})
		p.do(LevelChosen{rating.Satisfied})
		wantPage(t, p, PageRateSend)
		p.do(SendPressed{})
		if a := p.effects(SendRating{})[0].(SendRating).Answer; a.Version != "" || a.Reasons != nil {
			t.Errorf("answer %+v", a)
		}
		p.do(RatingSent{ID: p.world.asked, Problem: RateAway}, BackPressed{})
		wantPage(t, p, PageLevel)
	})
}

// The network is away: it is said at once, and again when it goes meanwhile. What was
// answered stays, and every try of a service has the same ID.
func TestRatingWithoutTheNetwork(t *testing.T) {
	p := raters()
	p.do(CentreChanged{Away: true}, RatePressed{})
	if v := wantPage(t, p, PageMessage); v.Message.Kind != RatingAway || !v.Message.Retry {
		t.Errorf("message %+v", v.Message)
	}
	p.do(RetryPressed{})
	wantPage(t, p, PageMessage)
	p.do(CentreChanged{}, RetryPressed{})
	wantPage(t, p, PageRate)
	p.do(CardRead{card}, ServicesFound{ID: p.world.asked + 1, Problem: RateAway})
	if v := wantPage(t, p, PageMessage); v.Message.Kind != RatingAway {
		t.Errorf("message %+v", v.Message)
	}
	p.do(BackPressed{}, CardRead{card})
	p.found(service(1))
	p.do(LevelChosen{rating.VeryDissatisfied}, ReasonTicked{115}, ReasonsDone{}, SendPressed{}, RatingSent{ID: p.world.asked + 1, Problem: RateAway})
	v := wantPage(t, p, PageRateSend)
	if !v.RateSend.Unsent || len(v.RateSend.Reasons) != 1 {
		t.Errorf("send %+v", v.RateSend)
	}
	p.do(SendPressed{}, RatingSent{ID: p.world.asked + 1})
	wantPage(t, p, PageThanks)
	sent := p.effects(SendRating{})
	a, b := sent[0].(SendRating), sent[1].(SendRating)
	if a.ID == b.ID {
		t.Error("two tries with one ID: an answer to the first would count for the second")
	}
	if a.ID = b.ID; !reflect.DeepEqual(a, b) {
		t.Errorf("the second try is another rating: %v, %v", a, b)
	}
}

func TestRatingRefusals(t *testing.T) {
	for problem, kind := range map[RateProblem]MessageKind{
		RateTaken: RatingTaken, RateStands: RatingStands, RateRefused: RatingRefused, "new": RatingRefused,
	} {
		p := raters()
		toSend(p, rating.Satisfied)
		p.do(SendPressed{}, RatingSent{ID: p.world.asked + 1, Problem: problem})
		v := wantPage(t, p, PageMessage)
		if v.Message.Kind != kind || v.Message.Retry || !v.Bottom.Back || !v.Bottom.Home {
			t.Errorf("%s: %+v", problem, v.Message)
		}
	}
}

// What a typed number may mean.
func TestTypedLabels(t *testing.T) {
	for _, c := range []struct {
		typed   string
		labels  string
		problem LabelProblem
	}{
		{"", "", LabelNoDigits},
		{"A", "", LabelNoDigits},
		{"023", "", LabelNoLetter},
		{"A023", "A023", ""},
		{"A23", "A023", ""},
		{"A7", "A007", ""},
		{"AB1", "AB001", ""},
		{"A703", "A703 A7-03", ""},
		{"A1203", "A1203 A12-03 A1-203", ""},
		{"A7103", "A7103 A71-03 A7-103", ""},
		{"A0000", "A000", ""},
	} {
		labels, problem := labelsOf(c.typed)
		if got := strings.Join(labels, " "); got != c.labels || problem != c.problem {
			t.Errorf("%q: %q %q, want %q %q", c.typed, got, problem, c.labels, c.problem)
		}
	}
}

// Keys of a ticket's number: letters, then digits, and which keys are shown.
func TestLabelKeys(t *testing.T) {
	p := raters()
	h := testHall()
	h.Businesses[1].Prefix = "AB"
	p.do(HallChanged{Hall: h}, RatePressed{}, TypePressed{})
	for _, c := range []struct {
		e    Event
		text string
		in   Input
	}{
		{KeyPressed{'a'}, "A", Letters}, // AB is a queue's, too
		{KeyPressed{'b'}, "AB", Digits},
		{KeyPressed{'?'}, "AB", Digits},
		{KeyPressed{'1'}, "AB1", Digits},
		{KeyPressed{'c'}, "AB1", Digits}, // no letter behind a digit
		{DeletePressed{}, "AB", Digits},
		{DeletePressed{}, "A", Letters},
		{InputChosen{Digits}, "A", Digits},
		{InputChosen{Handwriting}, "A", Digits},
		{KeyPressed{'1'}, "A1", Digits},
		{DeletePressed{All: true}, "", Letters},
		{KeyPressed{'d'}, "D", Digits},
		{DeletePressed{}, "", Letters},
		{DeletePressed{}, "", Letters},
	} {
		p.do(c.e)
		if v := wantPage(t, p, PageRateNumber); v.RateNumber.Text != c.text || v.RateNumber.Input != c.in {
			t.Fatalf("after %#v: %q with %s, want %q with %s", c.e, v.RateNumber.Text, v.RateNumber.Input, c.text, c.in)
		}
	}
}

func TestRatingCardFailures(t *testing.T) {
	p := raters()
	p.do(RatePressed{}, TypePressed{}, CardFailed{CardUnknown})
	if v := wantPage(t, p, PageRate); v.Rate.Failure != CardUnknown {
		t.Errorf("failure %q", v.Rate.Failure)
	}
	p.do(CardFailed{CardMoved}, CardFailed{CardMoved})
	if v := p.View(); v.Rate.Failure != CardSuspect {
		t.Errorf("failure %q", v.Rate.Failure)
	}
	p.do(CardReading{}, DevicesChanged{Devices{Printer: true}})
	if v := p.View(); v.Rate.Reader != ReaderAbsent {
		t.Errorf("rate %+v", v.Rate)
	}
	p.do(HomePressed{}, DevicesChanged{Devices{Reader: true}}, RatePressed{}, CardReading{}, CardGone{})
	if v := p.View(); v.Rate.Failure != CardMoved || v.Rate.Reader != ReaderWaiting {
		t.Errorf("rate %+v", v.Rate)
	}
}

// Every page and what every event makes of it: which page follows.
func TestRatingPages(t *testing.T) {
	at := map[Page]func(p *player){
		PageRate:        func(p *player) { p.do(RatePressed{}) },
		PageRateNumber:  func(p *player) { p.do(RatePressed{}, TypePressed{}); p.typed("A1") },
		PageRateLooking: func(p *player) { p.do(RatePressed{}, CardRead{card}) },
		PageServices:    func(p *player) { p.do(RatePressed{}, CardRead{card}); p.found(service(1), service(2)) },
		PageLevel:       func(p *player) { p.do(RatePressed{}, CardRead{card}); p.found(service(1)) },
		PageReasons: func(p *player) {
			p.do(RatePressed{}, CardRead{card})
			p.found(service(1))
			p.do(LevelChosen{rating.Satisfied})
		},
		PageRateSend:    func(p *player) { toSend(p, rating.Satisfied) },
		PageRateWords:   func(p *player) { toSend(p, rating.Satisfied); p.do(RateWordsPressed{}) },
		PageRateSending: func(p *player) { toSend(p, rating.Satisfied); p.do(SendPressed{}) },
		PageThanks: func(p *player) {
			toSend(p, rating.Satisfied)
			p.do(SendPressed{}, RatingSent{ID: p.world.asked + 1})
		},
		PageRateSays: func(p *player) { p.do(RatePressed{}, CardRead{card}); p.found() },
	}
	// What is not named changes no page.
	next := map[Page]map[string]Page{
		PageRate: {"back": PageHome, "home": PageHome, "type": PageRateNumber, "card": PageRateLooking, "scan": PageRateLooking},
		PageRateNumber: {"back": PageRate, "home": PageHome, "entered": PageRateLooking, "card": PageRateLooking, "scan": PageRateLooking,
			"scan nothing": PageRate, "card reading": PageRate, "card failed": PageRate},
		PageRateLooking: {"found one": PageLevel, "found two": PageServices, "found none": PageRateSays, "away": PageRateSays},
		PageServices:    {"back": PageRate, "home": PageHome, "choose": PageLevel},
		PageLevel:       {"back": PageRate, "home": PageHome, "level": PageReasons},
		PageReasons:     {"back": PageLevel, "home": PageHome, "reasons done": PageRateSend},
		PageRateSend:    {"back": PageReasons, "home": PageHome, "words": PageRateWords, "send": PageRateSending},
		PageRateWords:   {"back": PageRateSend, "home": PageHome, "written": PageRateSend},
		PageRateSending: {"sent": PageThanks, "unsent": PageRateSend, "taken": PageRateSays},
		PageThanks:      {"back": PageHome, "home": PageHome, "done": PageHome},
		PageRateSays:    {"back": PageRate, "home": PageHome, "retry": PageRate},
	}
	for _, goesHome := range []Page{PageRate, PageRateNumber, PageServices, PageLevel, PageReasons, PageRateSend, PageRateWords, PageRateSays} {
		next[goesHome]["done"] = PageHome // as everywhere
	}
	events := map[string]func(p *player) Event{
		"back": func(*player) Event { return BackPressed{} }, "home": func(*player) Event { return HomePressed{} },
		"done": func(*player) Event { return DonePressed{} }, "retry": func(*player) Event { return RetryPressed{} },
		"type": func(*player) Event { return TypePressed{} }, "entered": func(*player) Event { return NumberEntered{} },
		"key": func(*player) Event { return KeyPressed{'7'} }, "delete": func(*player) Event { return DeletePressed{} },
		"card reading": func(*player) Event { return CardReading{} }, "card": func(*player) Event { return CardRead{card} },
		"card failed": func(*player) Event { return CardFailed{CardMoved} }, "card gone": func(*player) Event { return CardGone{} },
		"scan": func(*player) Event { return TicketScanned{"t1"} }, "scan nothing": func(*player) Event { return TicketScanned{} },
		"choose": func(*player) Event { return Chosen{"service:t1"} }, "choose nothing": func(*player) Event { return Chosen{"no"} },
		"level": func(*player) Event { return LevelChosen{rating.Satisfied} }, "no level": func(*player) Event { return LevelChosen{"best"} },
		"reason": func(*player) Event { return ReasonTicked{406} }, "reasons done": func(*player) Event { return ReasonsDone{} },
		"words": func(*player) Event { return RateWordsPressed{} }, "written": func(*player) Event { return WritingDone{} },
		"anonymous": func(*player) Event { return AnonymityChosen{true} }, "send": func(*player) Event { return SendPressed{} },
		"more": func(*player) Event { return RateMorePressed{} }, "rate": func(*player) Event { return RatePressed{} },
		"take": func(*player) Event { return TakeNumber{} }, "confirm": func(*player) Event { return Confirmed{} },
		"turn": func(*player) Event { return PageTurned{1} }, "touch": func(*player) Event { return Touched{} },
		"english": func(*player) Event { return LanguageChosen{English} }, "assisted": func(*player) Event { return AssistedChosen{true} },
		"hall": func(*player) Event { return HallChanged{testHall()} }, "centre away": func(*player) Event { return CentreChanged{true} },
		"found one": func(p *player) Event { return ServicesFound{ID: p.world.asked, Services: []Service{service(1)}} },
		"found two": func(p *player) Event {
			return ServicesFound{ID: p.world.asked, Services: []Service{service(1), service(2)}}
		},
		"found none":   func(p *player) Event { return ServicesFound{ID: p.world.asked} },
		"away":         func(p *player) Event { return ServicesFound{ID: p.world.asked, Problem: RateAway} },
		"found by old": func(p *player) Event { return ServicesFound{ID: p.world.asked - 1, Services: []Service{service(1)}} },
		"sent":         func(p *player) Event { return RatingSent{ID: p.world.asked} },
		"unsent":       func(p *player) Event { return RatingSent{ID: p.world.asked, Problem: RateAway} },
		"taken":        func(p *player) Event { return RatingSent{ID: p.world.asked, Problem: RateTaken} },
		"sent by old":  func(p *player) Event { return RatingSent{ID: p.world.asked - 1} },
		"issued":       func(*player) Event { return Issued{ticket("A001")} },
	}
	for page, expected := range next {
		for name := range expected {
			if events[name] == nil {
				t.Fatalf("%s: no event %q", page, name)
			}
		}
	}
	for page, arrive := range at {
		for name, event := range events {
			p := raters()
			arrive(p)
			if p.Page != page {
				t.Fatalf("arrived at %s, not at %s", p.Page, page)
			}
			want := page
			if to, ok := next[page][name]; ok {
				want = to
			}
			p.do(event(p))
			if p.Page != want {
				t.Errorf("%s: %s leads to %s, want %s", page, name, p.Page, want)
			}
			if p.View(); p.Page == PageHome && !emptyVisit(p.visit) {
				t.Errorf("%s: %s leaves something", page, name)
			}
		}
	}
}

// Silence ends every page, and nothing is left: nothing was sent either.
func TestRatingForgets(t *testing.T) {
	p := raters()
	toSend(p, rating.VeryDissatisfied)
	p.do(RateWordsPressed{}, InputChosen{Letters})
	p.typed("secret")
	p.fire(1)
	if p.View().Idle == nil {
		t.Fatal("no notice")
	}
	p.fire(noticeNormal)
	wantPage(t, p, PageHome)
	if !emptyVisit(p.visit) || len(p.effects(SendRating{})) != 0 {
		t.Error("something is left, or was sent")
	}
	if s := fmt.Sprintf("%+v", p.State); strings.Contains(s, "secret") {
		t.Error("the words are left")
	}
}

// Slow answers are told in words, and the language can be changed on any page.
func TestRatingWaits(t *testing.T) {
	p := raters()
	p.do(RatePressed{}, CardRead{card})
	p.fire(1)
	if v := p.View(); !v.Working.Slow {
		t.Error("no words")
	}
	p.found(service(1))
	p.do(LanguageChosen{English})
	if v := wantPage(t, p, PageLevel); v.Levels.Service.Business != "Household" {
		t.Errorf("service %+v", v.Levels.Service)
	}
	p.do(AssistedChosen{true}, LevelChosen{rating.VerySatisfied})
	v := wantPage(t, p, PageReasons)
	if v.Reasons.Pages != 2 || len(v.Reasons.Reasons) != perTicksAssist || v.Reasons.Reasons[0].Text != "Done at one window in one visit" {
		t.Errorf("reasons %+v", v.Reasons)
	}
	p.do(PageTurned{1}, PageTurned{5})
	if v = p.View(); v.Reasons.Number != 2 || len(v.Reasons.Reasons) != 2 {
		t.Errorf("reasons %+v", v.Reasons)
	}
	p.do(AssistedChosen{false})
	if v = p.View(); v.Reasons.Number != 1 || v.Reasons.Pages != 1 {
		t.Errorf("reasons %+v", v.Reasons)
	}
	p.do(ReasonsDone{}, SendPressed{})
	p.fire(1)
	if v = wantPage(t, p, PageWorking); !v.Working.Slow || v.Working.What != WorkSending {
		t.Errorf("working %+v", v.Working)
	}
}

// Printed for a log, nothing shows what somebody wrote or who they are.
func TestRatingPrintsNothing(t *testing.T) {
	g := grading{words: writing{text: "secret"}}
	s := SendRating{Request: "r", Ticket: "t", Answer: rating.Answer{Words: "secret"}}
	f := FindServices{Person: card}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", g, g, g), fmt.Sprintf("%v %+v %#v", s, s, s), fmt.Sprintf("%v %+v %#v", f, f, f)} {
		if strings.Contains(text, "secret") || strings.Contains(text, card.Number) {
			t.Errorf("shows %q", text)
		}
	}
}
