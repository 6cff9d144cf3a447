package session

import (
	"slices"
	"strings"
	"time"

	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// Choices of the services have IDs that begin like this.
const serviceID = "service:"

// viewRating draws a page of ratings.
func (s *State) viewRating(view *View) {
	v, g := &s.visit, &s.visit.grading
	switch s.Page {
	case PageRate:
		r := &Rate{Reader: v.reader, Failure: v.failure, Scanner: s.world.scanner, Misread: g.misread}
		switch {
		case !s.world.devices.Reader:
			r.Reader = ReaderAbsent
		case r.Reader == "":
			r.Reader = ReaderWaiting
		}
		view.Rate = r
	case PageRateNumber:
		view.RateNumber = &RateNumber{
			Writing: Writing{Text: g.label, Most: maxLetters + maxCount, Input: g.input}, Example: s.exampleLabel(), Problem: g.problem,
		}
	case PageRateLooking:
		view.Page, view.Working = PageWorking, &Working{Slow: v.slow, What: WorkLooking}
	case PageRateSending:
		view.Page, view.Working = PageWorking, &Working{Slow: v.slow, What: WorkSending}
	case PageServices:
		view.Services = &Services{s.paged(place{number: g.number}, s.serviceChoices(), s.world.drawing.Breaks)}
	case PageLevel:
		view.Levels = &Levels{s.ratedService()}
	case PageReasons:
		view.Reasons = s.viewReasons()
	case PageRateSend:
		view.RateSend = &RateSend{
			Service: s.ratedService(), Level: g.level, Words: strings.TrimSpace(g.words.text), Anonymous: !g.named, Unsent: g.unsent,
		}
		for _, r := range s.reasonsOf() {
			if slices.Contains(g.reasons, r.Code) {
				view.RateSend.Reasons = append(view.RateSend.Reasons, pick(s.Language, r.Text, r.TextEn))
			}
		}
	case PageRateWords:
		view.RateWords = &RateWords{g.level, s.viewWriting(g.words, words(rating.MaxWords, s.Language))}
	case PageThanks:
		t := &Thanks{Level: g.level, Anonymous: !g.named, More: len(g.found), Seconds: -1}
		if g.level.Bad() && s.world.hall != nil {
			t.Days, t.QR = s.world.hall.Ratings.Filled().FollowUpDays, g.outcome
		}
		if v.timer == timerResult {
			t.Seconds = v.seconds
		}
		view.Thanks = t
	case PageRateSays:
		m := g.says
		view.Page, view.Message = PageMessage, &m
	}
}

// exampleLabel is a number as this hall's look.
func (s *State) exampleLabel() string {
	if h := s.world.hall; h != nil && len(h.Businesses) > 0 {
		return h.Businesses[0].Prefix + "023"
	}
	return "A023"
}

// ratedService is the service that is being rated.
func (s *State) ratedService() RatedService {
	g := &s.visit.grading
	f := g.found[g.at]
	return RatedService{Label: f.Label, Business: s.serviceName(f), Window: s.nameOfWindow(f.Window), Ended: s.inZone(f)}
}

// inZone is when a service ended, by the hall's clock.
func (s *State) inZone(f Service) time.Time {
	if s.world.hall == nil || f.Ended.IsZero() {
		return f.Ended
	}
	return f.Ended.In(s.world.hall.Location())
}

// serviceName is what was handled, "" when the hall has it no more.
func (s *State) serviceName(f Service) string {
	if s.world.hall == nil {
		return ""
	}
	b, ok := s.world.hall.Business(f.Business)
	if !ok {
		return ""
	}
	if item, ok := b.Item(f.Item); ok {
		return pick(s.Language, item.Name, item.NameEn)
	}
	return pick(s.Language, b.Name, b.NameEn)
}

func (s *State) nameOfWindow(id string) string {
	if s.world.hall == nil {
		return ""
	}
	at := slices.IndexFunc(s.world.hall.Windows, func(w hall.Window) bool { return w.ID == id })
	if at < 0 {
		return ""
	}
	return s.world.hall.Windows[at].Name
}

// serviceChoices are all services that can be rated.
func (s *State) serviceChoices() []Choice {
	g := &s.visit.grading
	w := ratingWordsIn(s.Language)
	choices := make([]Choice, len(g.found))
	for i, f := range g.found {
		choices[i] = Choice{ID: serviceID + f.Ticket, Title: s.serviceName(f), Subtitle: w.when(f.Label, s.inZone(f), s.nameOfWindow(f.Window)), Waiting: -1}
		if choices[i].Title == "" {
			choices[i].Title = f.Label
		}
	}
	return choices
}

// reasonChoices are all reasons of the level, as choices to break into pages.
func (s *State) reasonChoices() []Choice {
	reasons := s.reasonsOf()
	choices := make([]Choice, len(reasons))
	for i, r := range reasons {
		choices[i] = Choice{Title: pick(s.Language, r.Text, r.TextEn), Waiting: -1, Item: true}
	}
	return choices
}

func (s *State) viewReasons() *Reasons {
	g := &s.visit.grading
	all := s.reasonChoices()
	starts := s.world.drawing.Ticks(all, s.Assisted, s.Language)
	at, from, to := page(g.number, starts, len(all))
	v := &Reasons{Level: g.level, Number: at + 1, Pages: len(starts), Chosen: len(g.reasons)}
	for i, r := range s.reasonsOf()[from:to] {
		v.Reasons = append(v.Reasons, ReasonChoice{
			Code: r.Code, Text: all[from+i].Title, Ticked: slices.Contains(g.reasons, r.Code),
		})
	}
	return v
}

// ratingPages is how many pages the page on the screen has.
func (s *State) ratingPages() int {
	d := s.world.drawing
	switch s.Page {
	case PageServices:
		return len(d.Breaks(s.serviceChoices(), s.Assisted, s.Language))
	case PageReasons:
		return len(d.Ticks(s.reasonChoices(), s.Assisted, s.Language))
	}
	return 1
}
