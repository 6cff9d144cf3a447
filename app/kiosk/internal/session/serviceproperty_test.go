package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hallkiosk/app/complaint"
)

// serviceStarts lead to the pages of complaints, of the notice board and of the
// technician, which few walks would come to.
func serviceStarts() [][]Event {
	words := []Event{ComplaintPressed{}, Chosen{"kind:rude"}, Chosen{"window:w2"}, KeyPressed{'7'}}
	contact := append(words[:len(words):len(words)], WritingDone{}, KeyPressed{'1'})
	code := []Event{ComplaintPressed{}, Chosen{"progress"}}
	for _, r := range string(complaint.NewCode()) {
		code = append(code, KeyPressed{r})
	}
	var corner []Event
	for range cornerTouches {
		corner = append(corner, CornerTouched{At: morning})
	}
	return [][]Event{
		words, contact,
		append(contact[:len(contact):len(contact)], AnonymousPressed{}, SendPressed{}),
		// The first question of a fresh terminal has the ID 1.
		append(contact[:len(contact):len(contact)], AnonymousPressed{}, SendPressed{}, ComplaintFiled{ID: 1, Code: complaint.NewCode()}),
		code, append(code[:len(code):len(code)], WritingDone{}),
		append(code[:len(code):len(code)], WritingDone{}, ProgressCame{ID: 1, Case: Case{Kind: complaint.Fee, State: complaint.Handling}}),
		{PublicPressed{}, Chosen{"public:windows"}},
		append(corner[:len(corner):len(corner)], KeyPressed{'1'}, NumberEntered{}),
		append(corner[:len(corner):len(corner)], KeyPressed{'1'}, NumberEntered{}, PINChecked{ID: 1, OK: true}, MachineInspected{ID: 2}),
	}
}

// serviceEvents are those of these pages, and the answers that are awaited.
func serviceEvents(t *rapid.T, p *player) []func() Event {
	offered := func() []string {
		v, ids := p.View(), []string{"kind:claim", "window:", "progress", "public:phones", "nothing"}
		switch {
		case v.Kinds != nil:
			ids = idsOf(v.Kinds.Choices)
		case v.Concerned != nil:
			ids = idsOf(v.Concerned.Choices)
		case v.Public != nil:
			ids = idsOf(v.Public.Choices)
		}
		return ids
	}
	recent := func() int { return p.world.asked - rapid.IntRange(0, 2).Draw(t, "recent") }
	choose := func() Event { return Chosen{rapid.SampledFrom(offered()).Draw(t, "offered")} }
	filed := func() Event { return ComplaintFiled{ID: recent(), Code: complaint.NewCode(), QR: "http://x"} }
	return []func() Event{
		func() Event { return ComplaintPressed{} },
		func() Event { return PublicPressed{} },
		func() Event { return CornerTouched{At: morning} },
		choose, choose, choose,
		func() Event { return KeyPressed{rapid.SampledFrom([]rune("17aQ \x00我")).Draw(t, "key")} },
		func() Event { return DeletePressed{rapid.Bool().Draw(t, "all")} },
		func() Event { return CharacterChosen{"。"} },
		func() Event { return InputChosen{rapid.SampledFrom([]Input{Letters, Handwriting}).Draw(t, "input")} },
		func() Event { return StrokeDrawn{Stroke{{1, 1}}} },
		func() Event { return Recognised{recent(), []string{"投"}} },
		func() Event { return WritingDone{} },
		func() Event { return WritingDone{} },
		func() Event { return AnonymousPressed{} },
		func() Event { return NumberEntered{} },
		func() Event { return SendPressed{} },
		func() Event { return SendPressed{} },
		filed, filed, filed,
		func() Event { return ComplaintUnfiled{recent()} },
		func() Event { return PrintReceiptPressed{} },
		func() Event { return ReceiptPrintDone{recent(), rapid.Bool().Draw(t, "ok")} },
		func() Event {
			return ProgressCame{ID: recent(), Case: Case{Kind: complaint.Fee, State: complaint.Handling}}
		},
		func() Event { return ProgressCame{ID: recent(), Problem: CodeAway} },
		func() Event { return PINChecked{ID: recent(), OK: rapid.Bool().Draw(t, "pin")} },
		func() Event {
			return TaskPressed{rapid.SampledFrom([]Task{TaskLook, TaskPrint, TaskOpening, "none"}).Draw(t, "task")}
		},
		func() Event {
			return MachineInspected{ID: recent(), Report: Machine{Parts: make([]MachinePart, rapid.IntRange(0, 14).Draw(t, "parts"))}}
		},
		func() Event { return ComplaintsChanged{Taken: rapid.Bool().Draw(t, "taken")} },
		func() Event { return TechnicianChanged{true} },
		func() Event { return HallChanged{testHall()} },
		func() Event { return PageTurned{rapid.IntRange(-2, 2).Draw(t, "by")} },
		func() Event { return LanguageChosen{English} },
		func() Event { return AssistedChosen{rapid.Bool().Draw(t, "on")} },
		func() Event { return DevicesChanged{Devices{Printer: rapid.Bool().Draw(t, "printer")}} },
		func() Event { return TimerFired{p.Timer.ID} },
		func() Event { return BackPressed{} },
		func() Event { return BackPressed{} },
	}
}

// answerAll answers what is awaited of complaints.
func answerAll(p *player) {
	p.do(ComplaintUnfiled{p.visit.complaint.sent}, ProgressCame{ID: p.visit.complaint.asked, Problem: CodeAway})
}

// Whatever happens on these pages in whatever order: what was written is asked to be
// filed once, is shown by no page after it was, and is gone with the visit; no effect
// that is printed shows it; nobody comes to the technician's page without a PIN
// that was accepted.
func TestServicesInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := withGuides()
		secret := "我的话" + fmt.Sprint(rapid.IntRange(100, 999).Draw(t, "secret"))
		awaited, admitted, next := 0, false, 0
		for _, e := range rapid.SampledFrom(append(serviceStarts(), nil)).Draw(t, "start") {
			p.do(e)
			awaited, admitted = 0, p.Page == PageMachine // by the start's own PINChecked
			if p.Page == PageSending {
				awaited = p.visit.complaint.sent
			}
			if p.Page == PageWords && p.visit.complaint.words.text == "7" {
				p.typed(secret)
			}
		}
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			var e Event
			if rapid.IntRange(0, 9).Draw(t, "other") == 0 {
				e = anyEvent(t, p, &next)
			} else {
				choices := serviceEvents(t, p)
				e = choices[rapid.IntRange(0, len(choices)-1).Draw(t, "service")]()
			}
			before := p.Page
			if c, ok := e.(PINChecked); ok && c.OK && before == PagePIN && c.ID == p.visit.machine.checked && c.ID != 0 {
				admitted = true
			}
			for _, fx := range p.do(e) {
				if f, ok := fx.(FileComplaint); ok {
					if awaited != 0 {
						t.Fatal("a second complaint is filed before the first is answered")
					}
					awaited = f.ID
					if strings.TrimSpace(f.Words) == "" || f.ID == 0 {
						t.Fatalf("an empty complaint is filed")
					}
				}
				if strings.Contains(fmt.Sprintf("%v %+v %#v", fx, fx, fx), secret) {
					t.Fatalf("printing %T shows what was written", fx)
				}
			}
			if before == PageSending && p.Page != PageSending {
				awaited = 0
			}
			if p.Page == PageHome {
				admitted = false
				if !emptyVisit(p.visit) {
					t.Fatalf("on the home page something is left")
				}
			}
			if p.Page == PageMachine && !admitted {
				t.Fatal("the technician's page without a PIN")
			}
			v := p.View()
			if set := partsSet(v); len(set) != 1 || set[0] != partOf[v.Page] {
				t.Fatalf("page %s has the parts %v", v.Page, set)
			}
			if number, pages := paging(v); number < 1 || number > pages {
				t.Fatalf("%s is on page %d of %d", v.Page, number, pages)
			}
			if v.Receipt != nil && (p.visit.complaint.words.text != "" || p.visit.complaint.contact != "") {
				t.Fatal("what was filed is still here")
			}
			if (inComplaint(p.Page) || inPublic(p.Page) || inMaintenance(p.Page)) && (!v.Bottom.Home || p.Timer.After == 0) {
				t.Fatalf("no way out of %s", p.Page)
			}
			if w := p.visit.complaint.words.text; len([]rune(w)) > complaint.MaxWords {
				t.Fatalf("%d characters", len([]rune(w)))
			}
		}
		answerAll(p)
		p.do(ServicesFound{ID: p.world.asked}, RatingSent{ID: p.world.asked}, Issued{ticket("A999")}, HomePressed{})
		if p.Page != PageHome {
			t.Fatalf("首页 leads to %s", p.Page)
		}
	})
}

// The corner's touches end with time, not with the visit, and hold nothing else.
func TestCornerForgets(t *testing.T) {
	p := ready()
	p.do(TechnicianChanged{true})
	for i := range 100 {
		p.do(CornerTouched{At: morning.Add(time.Duration(i) * 2 * time.Second)})
	}
	if n := len(p.world.corner); n > cornerTouches {
		t.Errorf("%d touches are remembered", n)
	}
}
