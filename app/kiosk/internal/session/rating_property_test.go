package session

import (
	"testing"

	"hallkiosk/app/rating"
	"pgregory.net/rapid"
)

// ratingEvents are those of the pages of ratings. Answers are mostly those that are
// awaited, or a walk would never come far.
func ratingEvents(t *rapid.T, p *player) []func() Event {
	recent := func(name string) int {
		return p.world.asked - rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, name)
	}
	level := func() Event {
		return LevelChosen{rapid.SampledFrom(append(rating.Levels(), "none")).Draw(t, "level")}
	}
	found := func() Event {
		e := ServicesFound{ID: recent("found"), Version: rapid.SampledFrom([]string{rating.ReasonsVersion(), "2099-01-01"}).Draw(t, "version")}
		for i := range rapid.IntRange(0, 14).Draw(t, "services") {
			e.Services = append(e.Services, service(i+1))
		}
		if rapid.IntRange(0, 5).Draw(t, "away") == 0 {
			e.Problem = RateAway
		}
		return e
	}
	one := func() Event {
		return ServicesFound{ID: recent("found"), Version: rating.ReasonsVersion(), Services: []Service{service(1)}}
	}
	sent := func() Event {
		return RatingSent{recent("sent"), rapid.SampledFrom([]RateProblem{"", "", RateAway, RateTaken, RateStands, RateRefused}).Draw(t, "problem")}
	}
	return []func() Event{
		func() Event { return RatePressed{} },
		func() Event { return TypePressed{} },
		func() Event { return KeyPressed{rapid.SampledFrom([]rune("aAb07-?，")).Draw(t, "key")} },
		func() Event { return NumberEntered{} },
		func() Event { return TicketScanned{rapid.SampledFrom([]string{"", "t1"}).Draw(t, "ticket")} },
		func() Event { return ScannerChanged{rapid.Bool().Draw(t, "scanner")} },
		func() Event { return CardRead{Person{Number: woman, Name: "测*员"}} },
		func() Event {
			return Chosen{rapid.SampledFrom([]string{"service:t1", "service:t2", "nothing"}).Draw(t, "service")}
		},
		found, one, one, level, level, sent, sent,
		func() Event {
			return ReasonTicked{rapid.SampledFrom([]int{510, 511, 406, 307, 207, 108, 109, 1}).Draw(t, "reason")}
		},
		func() Event { return ReasonsDone{} },
		func() Event { return ReasonsDone{} },
		func() Event { return RateWordsPressed{} },
		func() Event { return WritingDone{} },
		func() Event { return AnonymityChosen{rapid.Bool().Draw(t, "anonymous")} },
		func() Event { return SendPressed{} },
		func() Event { return SendPressed{} },
		func() Event { return RateMorePressed{} },
		func() Event { return RetryPressed{} },
		func() Event { return PageTurned{rapid.IntRange(-1, 3).Draw(t, "by")} },
		func() Event { return BackPressed{} },
	}
}

// ratingStarts come by every page of ratings.
func ratingStarts() [][]Event {
	ids := func(first int, events ...Event) []Event { // answers to the questions asked so far
		for i, e := range events {
			switch e := e.(type) {
			case ServicesFound:
				e.ID, e.Version = first, rating.ReasonsVersion()
				events[i] = e
			case RatingSent:
				e.ID = first + 1
				events[i] = e
			}
		}
		return events
	}
	one, two := ServicesFound{Services: []Service{service(1)}}, ServicesFound{Services: []Service{service(1), service(2)}}
	return [][]Event{
		{RatePressed{}, TypePressed{}},
		ids(1, RatePressed{}, CardRead{card}, two),
		ids(1, RatePressed{}, CardRead{card}, one, LevelChosen{rating.Satisfied}),
		ids(1, RatePressed{}, CardRead{card}, one, LevelChosen{rating.Satisfied}, ReasonsDone{}, RateWordsPressed{}),
		ids(1, RatePressed{}, CardRead{card}, two, Chosen{"service:t2"}, LevelChosen{rating.Dissatisfied}, ReasonsDone{}, SendPressed{}, RatingSent{}),
	}
}

// Whatever happens in whatever order: a rating is sent only when 提交 is pressed, one at
// a time, with an answer that the scheme allows and nothing that was not chosen since
// the service was; every try for a service has the same ID; nothing is left at home.
func TestRatingsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := withGuides()
		for _, e := range rapid.SampledFrom(append(ratingStarts(), nil)).Draw(t, "start") {
			p.do(e)
		}
		next, waiting := 0, p.Page == PageRateSending
		chosen := p.visit.grading.level != ""
		for range rapid.IntRange(1, 80).Draw(t, "n") {
			e := anyEvent(t, p, &next)
			if rapid.IntRange(0, 3).Draw(t, "rating") > 0 {
				all := ratingEvents(t, p)
				e = all[rapid.IntRange(0, len(all)-1).Draw(t, "event")]()
			}
			before := p.State
			effects := p.do(e)
			switch {
			case p.Page == PageLevel && before.Page != PageLevel && before.Page != PageReasons && before.Page != PageRateSend:
				chosen = false
			}
			if l, ok := e.(LevelChosen); ok && before.Page == PageLevel && l.Level.Valid() {
				chosen = true
			}
			for _, fx := range effects {
				switch fx := fx.(type) {
				case SendRating:
					if _, ok := e.(SendPressed); !ok || before.Page != PageRateSend || !chosen {
						t.Fatalf("%#v on %s sends a rating", e, before.Page)
					}
					if waiting {
						t.Fatal("a second rating is sent before the first is answered")
					}
					waiting = true
					if err := fx.Answer.Check(); err != nil {
						t.Fatalf("%v: %v", fx, err)
					}
					if want := "request-" + fx.Ticket[1:]; fx.Request != want {
						t.Fatalf("%s is sent under %s", want, fx.Request)
					}
				case FindServices:
					ways := 0
					for _, there := range []bool{fx.Person.Number != "", fx.Ticket != "", len(fx.Labels) > 0} {
						if there {
							ways++
						}
					}
					if ways != 1 {
						t.Fatalf("asked by %d ways: %+v", ways, fx)
					}
				}
			}
			if p.Page != PageRateSending {
				waiting = false
			}
			v := p.View()
			if v.Levels != nil && p.visit.grading.level != "" && before.Page != PageReasons && before.Page != PageRateSend && before.Page != PageLevel {
				t.Fatalf("%s is preselected", p.visit.grading.level)
			}
			if set := partsSet(v); len(set) != 1 || set[0] != partOf[v.Page] {
				t.Fatalf("page %s has the parts %v", v.Page, set)
			}
			if inRating(p.Page) && p.Timer.After == 0 {
				t.Fatalf("%s is shown for ever", p.Page)
			}
			if p.Page == PageHome && !emptyVisit(p.visit) {
				t.Fatal("on the home page something is left of a visit")
			}
		}
	})
}
