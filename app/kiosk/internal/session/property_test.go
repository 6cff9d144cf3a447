package session

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/hall"
	"pgregory.net/rapid"
)

// anyEvent draws what a careless citizen, bad devices and a slow hall can do.
func anyEvent(t *rapid.T, p *player, next *int) Event {
	choices := []func() Event{
		func() Event { return TakeNumber{} },
		func() Event {
			return Chosen{rapid.SampledFrom([]string{"group:户籍与证件", "business:household", "business:permit",
				"business:pension", "business:ask", "item:p1", "nothing"}).Draw(t, "choice")}
		},
		func() Event { return PageTurned{rapid.IntRange(-2, 2).Draw(t, "by")} },
		func() Event { return BackPressed{} },
		func() Event { return HomePressed{} },
		func() Event { return HelpPressed{} },
		func() Event { return LanguageChosen{rapid.SampledFrom([]Language{Chinese, English}).Draw(t, "l")} },
		func() Event { return AssistedChosen{rapid.Bool().Draw(t, "on")} },
		func() Event { return TypePressed{} },
		func() Event { return NoCardPressed{} },
		func() Event { return KeyPressed{rapid.SampledFrom([]rune(woman+"?")).Draw(t, "key")} },
		func() Event { return DeletePressed{rapid.Bool().Draw(t, "all")} },
		func() Event { return NumberEntered{} },
		func() Event { return Confirmed{} },
		func() Event { return Confirmed{} },
		func() Event { return RetryPressed{} },
		func() Event { return ReprintPressed{} },
		func() Event { return DonePressed{} },
		func() Event { return ContinuePressed{} },
		func() Event { return CardReading{} },
		func() Event { return CardRead{Person{Number: woman, Name: "测*员"}} },
		func() Event { return CardRead{Person{Number: man, Name: "李*例"}} },
		func() Event { return CardFailed{CardMoved} },
		func() Event { return CardGone{} },
		func() Event {
			d := Devices{Reader: rapid.Bool().Draw(t, "reader"), Printer: rapid.Bool().Draw(t, "printer")}
			if !d.Printer && rapid.Bool().Draw(t, "out") {
				d.Fault = "paper-out"
			}
			return DevicesChanged{d}
		},
		func() Event { return HallChanged{testHall()} },
		func() Event { return StatusChanged{map[string]Queue{"household": {Waiting: 3, Served: true}}} },
		func() Event {
			k := rapid.SampledFrom([]hall.OpenKind{hall.Open, hall.Open, hall.Break}).Draw(t, "open")
			return ClockTicked{Now: morning, Open: hall.OpenState{Kind: k}}
		},
		func() Event { return CentreChanged{rapid.Bool().Draw(t, "away")} },
		func() Event { return TimerFired{p.Timer.ID} },
		func() Event { return TimerFired{p.Timer.ID - 1} },
		func() Event { *next++; return Issued{ticket(fmt.Sprintf("A%03d", *next))} },
		func() Event { return Refused{RefusedClosed} },
		func() Event { return IssueFailed{} },
		func() Event { return PrintDone{p.visit.ticket.ID} },
		func() Event { return PrintFailed{p.visit.ticket.ID, "paper-out", rapid.Bool().Draw(t, "started")} },
		func() Event { return HelpSent{rapid.Bool().Draw(t, "sent")} },
	}
	if rapid.Bool().Draw(t, "guides") {
		choices = guideEvents(t, p)
	}
	if rapid.IntRange(0, 3).Draw(t, "services") == 0 {
		choices = serviceEvents(t, p)
	}
	if rapid.IntRange(0, 3).Draw(t, "ratings") == 0 {
		choices = ratingEvents(t, p)
	}
	return choices[rapid.IntRange(0, len(choices)-1).Draw(t, "event")]()
}

// guideEvents are those of the pages of the guides. What can be chosen there is
// mostly what the page offers, or a walk would never come far.
func guideEvents(t *rapid.T, p *player) []func() Event {
	number := func(name string) int { return rapid.IntRange(-1, 5).Draw(t, name) }
	offered := func() []string {
		v, ids := p.View(), []string{"guide:g-permit", "group:公安", "form:f2", "nothing"}
		switch {
		case v.Guides != nil:
			ids = append(ids, idsOf(v.Guides.Likely)...)
		case v.List != nil:
			ids = idsOf(v.List.Choices)
		case v.Search != nil && len(v.Search.Found) > 0:
			ids = []string{v.Search.Found[0].ID}
		case v.Forms != nil:
			ids = idsOf(v.Forms.Choices)
		}
		return ids
	}
	recent := func(name string) int { return p.world.asked - rapid.IntRange(0, 3).Draw(t, name) }
	choose := func() Event { return Chosen{rapid.SampledFrom(offered()).Draw(t, "offered")} }
	return []func() Event{
		func() Event { return GuidesPressed{} },
		func() Event { return GuidesPressed{} },
		choose, choose, choose, choose,
		func() Event {
			return WayChosen{rapid.SampledFrom([]Way{ByDepartment, ByTheme, ByLifeEvent, ForPersons, ForFirms, "none"}).Draw(t, "way")}
		},
		func() Event { return SearchPressed{} },
		func() Event {
			return KeyPressed{rapid.SampledFrom([]rune("登记证居住办z1 \x00")).Draw(t, "rune")}
		},
		func() Event { return DeletePressed{rapid.Bool().Draw(t, "all")} },
		func() Event {
			return InputChosen{rapid.SampledFrom([]Input{Letters, Digits, Handwriting, Handwriting, "none"}).Draw(t, "input")}
		},
		func() Event {
			return StrokeDrawn{rapid.SampledFrom([]Stroke{nil, {{1, 1}}, {{-9, 5000}, {500, 500}}}).Draw(t, "stroke")}
		},
		func() Event { return StrokesCleared{rapid.Bool().Draw(t, "all")} },
		func() Event { return Recognised{recent("recognised"), []string{"居", "登"}} },
		func() Event {
			return CharacterChosen{rapid.SampledFrom([]string{"居", "登", "无"}).Draw(t, "character")}
		},
		func() Event { return TabChosen{rapid.SampledFrom(append(allTabs, "none")).Draw(t, "tab")} },
		func() Event { return MaterialTicked{number("material")} },
		func() Event { return TakeForGuide{} },
		func() Event { return TakeForGuide{} },
		func() Event { return PrintGuidePressed{} },
		func() Event { return ScanGuidePressed{} },
		func() Event { return FormsPressed{rapid.SampledFrom([]string{"", "f1", "none"}).Draw(t, "form")} },
		func() Event { return PlanPressed{} },
		func() Event { return GuidesChanged{Catalogue: testGuides()} },
		func() Event { return GuidesChanged{} },
		func() Event {
			return LinkMade{recent("link"), rapid.SampledFrom([]string{"", "http://x"}).Draw(t, "text")}
		},
		func() Event { return GuidePrintDone{recent("paper"), rapid.Bool().Draw(t, "ok")} },
		func() Event { return PageTurned{number("by")} },
		func() Event { return BackPressed{} },
	}
}

func idsOf(choices []Choice) []string {
	ids := []string{"nothing"}
	for _, c := range choices {
		ids = append(ids, c.ID)
	}
	return ids
}

// Whatever happens among the guides in whatever order: every page shows what it is
// called, leads home and back, 返回 takes off exactly one page, pages of a list are
// within their bounds, and nothing of one visit is in the next.
func TestGuidesInAnyOrder(t *testing.T) {
	at := []Event{GuidesPressed{}, Chosen{"guide:g-permit"}}
	starts := [][]Event{ // each page is come by, or few walks would be far enough
		nil, at,
		append(slices.Clip(at), FormsPressed{}, Chosen{"form:f2"}),
		append(slices.Clip(at), PlanPressed{}),
		append(slices.Clip(at), ScanGuidePressed{}),
		append(slices.Clip(at), TakeForGuide{}, TypePressed{}, BackPressed{}, NoCardPressed{}, Confirmed{}, Issued{ticket("A900")}),
		{GuidesPressed{}, WayChosen{ByDepartment}, Chosen{"group:公安"}, SearchPressed{}},
		{TakeNumber{}, Chosen{"group:户籍与证件"}, Chosen{"business:household"}, NoCardPressed{}},
	}
	starts = append(starts, serviceStarts()...)
	starts = append(starts, ratingStarts()...)
	seen := map[Page]int{}
	for i, start := range starts {
		t.Run(fmt.Sprint(i), func(t *testing.T) { walkGuides(t, start, seen) })
	}
	for page := range partOf {
		if seen[page] == 0 {
			t.Errorf("no walk ever came to %s: this test tests nothing there", page)
		}
	}
}

// walkGuides goes on from a start in random walks and counts the pages it comes to.
func walkGuides(t *testing.T, start []Event, seen map[Page]int) {
	rapid.Check(t, func(t *rapid.T) {
		p := withGuides()
		for _, e := range start {
			p.do(e)
			seen[p.View().Page]++
		}
		next := 0
		for range rapid.IntRange(1, 80).Draw(t, "n") {
			before := p.State
			e := anyEvent(t, p, &next)
			p.do(e)
			v := p.View()
			seen[v.Page]++
			depth := len(p.visit.guides.places)
			if depth > 6 {
				t.Fatalf("%d pages lie on one another", depth)
			}
			if set := partsSet(v); len(set) != 1 || set[0] != partOf[v.Page] {
				t.Fatalf("page %s has the parts %v", v.Page, set)
			}
			if inGuides(v.Page) && (!v.Bottom.Back || !v.Bottom.Home || p.Timer.After == 0 && p.visit.paper != Printing) {
				t.Fatalf("no way out of %s", v.Page)
			}
			if _, ok := e.(BackPressed); ok && inGuides(before.Page) {
				if depth != max(0, len(before.visit.guides.places)-1) {
					t.Fatalf("返回 on %s took off %d pages", before.Page, len(before.visit.guides.places)-depth)
				}
			}
			if number, pages := paging(v); number < 1 || number > pages {
				t.Fatalf("%s is on page %d of %d", v.Page, number, pages)
			}
			if p.Page == PageHome && !emptyVisit(p.visit) {
				t.Fatalf("on the home page something is left of a visit: %+v", p.visit.guides)
			}
		}
		p.do(Issued{ticket("A999")}) // whatever was awaited
		answerAll(p)
		p.do(ServicesFound{ID: p.world.asked}, RatingSent{ID: p.world.asked})
		p.do(HomePressed{})
		if p.Page != PageHome {
			t.Fatalf("首页 leads to %s", p.Page)
		}
	})
}

// partOf says which part of a view belongs to a page.
var partOf = map[Page]string{
	PageHome: "Home", PageChoose: "Choose", PageIdentify: "Identify", PageTypeNumber: "TypeNumber", PageConfirm: "Confirm",
	PageWorking: "Working", PageResult: "Result", PageMessage: "Message", PageGuides: "Guides", PageList: "List",
	PageSearch: "Search", PageGuide: "Guide", PageForms: "Forms", PageForm: "Form", PagePlan: "Plan", PageTakeaway: "Takeaway",

	PageRate: "Rate", PageRateNumber: "RateNumber", PageServices: "Services", PageLevel: "Levels", PageReasons: "Reasons",
	PageRateSend: "RateSend", PageRateWords: "RateWords", PageThanks: "Thanks",
	PageComplaint: "Kinds", PageConcerned: "Concerned", PageWords: "Words", PageContact: "Contact", PageFiling: "Filing",
	PageReceipt: "Receipt", PageCode: "AskCode", PageProgress: "Reading", PagePublic: "Public", PageSection: "Reading",
	PagePIN: "PIN", PageMachine: "Machine",
}

// partsSet are the parts of a view that are there, Idle apart.
func partsSet(v View) (names []string) {
	r := reflect.ValueOf(v)
	for i := range r.NumField() {
		if f := r.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() && r.Type().Field(i).Name != "Idle" {
			names = append(names, r.Type().Field(i).Name)
		}
	}
	return names
}

func paging(v View) (number, pages int) {
	switch {
	case v.List != nil:
		return v.List.Number, v.List.Pages
	case v.Services != nil:
		return v.Services.Number, v.Services.Pages
	case v.Reasons != nil:
		return v.Reasons.Number, v.Reasons.Pages
	case v.Kinds != nil:
		return v.Kinds.Number, v.Kinds.Pages
	case v.Concerned != nil:
		return v.Concerned.Number, v.Concerned.Pages
	case v.Public != nil:
		return v.Public.Number, v.Public.Pages
	case v.Reading != nil:
		return v.Reading.Number, v.Reading.Pages
	case v.Machine != nil:
		return v.Machine.Number, v.Machine.Pages
	case v.Search != nil:
		return v.Search.Number, v.Search.Pages
	case v.Guide != nil:
		return v.Guide.Number, v.Guide.Pages
	case v.Forms != nil:
		return v.Forms.Number, v.Forms.Pages
	case v.Form != nil:
		return v.Form.Number, v.Form.Pages
	}
	return 1, 1
}

// emptyVisit: nothing but what is allowed on the home page, the help call and the
// timer.
func emptyVisit(v visit) bool {
	v.helped, v.helpUnsent, v.helpAt, v.timer, v.idle = false, false, time.Time{}, timerNone, 0
	v.reader = ""
	return reflect.DeepEqual(v, visit{})
}

// Whatever happens in whatever order: a number is never asked for twice at
// once, no number that exists is lost, no second paper without 补打 where the
// first may have come out, no view with a whole number, nothing left behind.
func TestAnythingInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := ready()
		next, asked := 0, false
		mayBeOut := map[string]bool{} // tickets of which paper may be out
		shown := map[string]bool{}    // tickets somebody saw, or put on record
		var issued []string
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			e := anyEvent(t, p, &next)
			before := p.Page
			effects := p.do(e)
			if i, ok := e.(Issued); ok {
				issued = append(issued, i.Ticket.ID)
			}
			if before == PageWorking && p.Page != PageWorking {
				asked = false
			}
			for _, fx := range effects {
				switch fx := fx.(type) {
				case Issue:
					if asked {
						t.Fatalf("a second number is asked for before the first is answered")
					}
					asked = true
				case Print:
					if mayBeOut[fx.Ticket.ID] && !fx.Copy {
						t.Fatalf("%s printed again without a mark", fx.Ticket.Label)
					}
				case DropSlip:
					shown[fx.TicketID] = true
				}
			}
			switch e := e.(type) {
			case PrintDone:
				mayBeOut[e.TicketID] = true
			case PrintFailed:
				mayBeOut[e.TicketID] = mayBeOut[e.TicketID] || e.Started
			}
			v := p.View()
			if v.Page == PageResult {
				shown[p.visit.ticket.ID] = true
			}
			if s := viewText(v); strings.Contains(s, man) || (strings.Contains(s, woman) && v.Page != PageTypeNumber) {
				t.Fatalf("page %s shows a whole number", v.Page)
			}
			if p.Page == PageHome && (p.visit.person != Person{} || p.visit.ticket != Ticket{} || p.visit.typed != "") {
				t.Fatalf("home page, but something personal is left")
			}
		}
		for _, id := range issued {
			if !shown[id] {
				t.Fatalf("number %s was issued, but never shown and never put on record", id)
			}
		}
	})
}

func viewText(v View) string {
	return fmt.Sprintf("%+v %+v %+v %+v %+v %+v", v.Home, v.Identify, v.Confirm, v.Result, v.Message, v.Choose)
}
