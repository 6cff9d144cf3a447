package session

import (
	"fmt"
	"strings"
	"testing"

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
	return choices[rapid.IntRange(0, len(choices)-1).Draw(t, "event")]()
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
