package session

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"hallkiosk/app/rating"
)

// grading is how far somebody has got with rating a service. All of it ends with the
// visit; before 提交 nothing of it leaves the session.
type grading struct {
	label   string // typed
	input   Input
	problem LabelProblem
	misread bool
	asked   int // ID of FindServices; 0 = none is awaited
	found   []Service
	version string // of the reasons
	number  int    // page of the services or reasons on the screen, from 0
	at      int    // the service being rated, in found
	level   rating.Level
	reasons []int
	words   writing
	named   bool   // not anonymous
	sent    int    // ID of SendRating; 0 = none is awaited
	unsent  bool   // the last try was not answered
	outcome string // Service.Outcome of the one that was rated
	says    Message
}

// String keeps %v from showing what somebody wrote.
func (g grading) String() string { return "rating of one of " + fmt.Sprint(len(g.found)) }

// GoString keeps %#v from showing it.
func (g grading) GoString() string { return "session.grading(" + g.String() + ")" }

const (
	maxLetters = 3 // of a ticket's number
	maxCount   = 6 // digits of it
)

// inRating reports whether a page is one of those of ratings that take touches.
func inRating(p Page) bool {
	switch p {
	case PageRate, PageRateNumber, PageServices, PageLevel, PageReasons, PageRateSend, PageRateWords, PageThanks, PageRateSays:
		return true
	}
	return false
}

// hasRatings reports whether services can be rated here.
func (s *State) hasRatings() bool { return s.world.hall != nil }

// openRating asks which service; without the network it says where to rate instead.
func (s *State) openRating() {
	s.visit.grading = grading{}
	s.visit.reader, s.visit.failure, s.visit.failures = "", "", 0
	switch {
	case s.world.away:
		s.rateSays(Message{Kind: RatingAway, Retry: true})
	case s.asksForTicket():
		if s.world.card { // it was read long ago
			s.visit.failure = CardMoved
		}
		s.show(PageRate)
	default:
		s.openLabel()
	}
}

// asksForTicket reports whether there is another way to find a service than to type
// its number.
func (s *State) asksForTicket() bool { return s.world.devices.Reader || s.world.scanner }

func (s *State) openLabel() {
	g := &s.visit.grading
	g.label, g.problem, g.input = "", "", Letters
	s.show(PageRateNumber)
}

func (s *State) rateSays(m Message) {
	s.visit.grading.says = m
	s.show(PageRateSays)
}

// onRating carries out a touch on a page of ratings. One that means nothing there
// shows that somebody is present.
func (s State) onRating(e Event) (State, []Effect) {
	g := &s.visit.grading
	switch e := e.(type) {
	case BackPressed:
		return s.backInRating()
	case PageTurned:
		g.number += e.By
		s.clampPage()
		s.armIdle()
		return s, nil
	case TicketScanned:
		if s.Page == PageRate || s.Page == PageRateNumber {
			return s.scanned(e)
		}
	}
	var effects []Effect
	switch s.Page {
	case PageRate:
		if _, ok := e.(TypePressed); ok {
			s.openLabel()
		}
	case PageRateNumber:
		if _, ok := e.(NumberEntered); ok {
			labels, problem := labelsOf(g.label)
			if g.problem = problem; problem == "" {
				return s.find(FindServices{Labels: labels})
			}
			break
		}
		s.onLabel(e)
	case PageServices:
		if e, ok := e.(Chosen); ok {
			if at := slices.IndexFunc(g.found, func(f Service) bool { return serviceID+f.Ticket == e.ID }); at >= 0 {
				s.rate(at)
			}
		}
	case PageLevel:
		if e, ok := e.(LevelChosen); ok && e.Level.Valid() {
			s.chooseLevel(e.Level)
		}
	case PageReasons:
		switch e := e.(type) {
		case ReasonTicked:
			s.tickReason(e.Code)
		case ReasonsDone:
			s.show(PageRateSend)
		}
	case PageRateSend:
		switch e := e.(type) {
		case AnonymityChosen:
			g.named = !e.On
		case RateWordsPressed:
			if g.words.text == "" {
				g.words = s.newWriting()
			}
			s.show(PageRateWords)
		case SendPressed:
			return s.sendRating()
		}
	case PageRateWords:
		var known bool
		if g.words, effects, known = s.write(g.words, e, words(rating.MaxWords, s.Language)); known {
			break
		}
		if _, ok := e.(WritingDone); ok {
			g.words.wipe()
			s.show(PageRateSend)
		}
	case PageThanks:
		if _, ok := e.(RateMorePressed); ok && len(g.found) > 0 {
			s.rateMore()
			break
		}
		s.thank()
		return s, nil
	case PageRateSays:
		if _, ok := e.(RetryPressed); ok && g.says.Retry {
			s.openRating()
		}
	}
	s.armIdle()
	return s, effects
}

func (s State) backInRating() (State, []Effect) {
	g := &s.visit.grading
	g.number = 0
	switch s.Page {
	case PageRate, PageThanks:
		return s.end()
	case PageRateNumber:
		if !s.asksForTicket() {
			return s.end()
		}
		s.openRating()
	case PageServices:
		s.openRating()
	case PageLevel:
		g.level, g.reasons = "", nil
		if len(g.found) > 1 {
			s.show(PageServices)
		} else {
			s.openRating()
		}
	case PageReasons:
		s.show(PageLevel)
	case PageRateWords:
		g.words.wipe()
		s.show(PageRateSend)
	case PageRateSend:
		if len(s.reasonsOf()) > 0 {
			s.show(PageReasons)
		} else {
			s.show(PageLevel)
		}
	case PageRateSays:
		if s.world.away {
			return s.end()
		}
		s.openRating()
	}
	return s, nil
}

// onLabel carries out a touch on the keys: letters first, then digits.
func (s *State) onLabel(e Event) {
	g := &s.visit.grading
	letters, digits := splitLabel(g.label)
	switch e := e.(type) {
	case KeyPressed:
		k := unicode.ToUpper(e.Key)
		switch {
		case k >= 'A' && k <= 'Z' && digits == "" && len(letters) < maxLetters:
			g.label += string(k)
			if s.wholePrefix(g.label) {
				g.input = Digits
			}
		case k >= '0' && k <= '9' && len(digits) < maxCount:
			g.label += string(k)
		}
	case DeletePressed:
		g.label = e.from(g.label)
		if digits == "" || e.All {
			g.input = Letters
		}
	case InputChosen:
		if e.Input == Letters || e.Input == Digits {
			g.input = e.Input
		}
	default:
		return
	}
	g.problem = ""
}

// wholePrefix reports whether letters are those of a queue, and of no longer one.
func (s *State) wholePrefix(letters string) bool {
	if s.world.hall == nil {
		return false
	}
	whole := false
	for i := range s.world.hall.Businesses {
		p := s.world.hall.Businesses[i].Prefix
		if p != letters && strings.HasPrefix(p, letters) {
			return false
		}
		whole = whole || p == letters
	}
	return whole
}

func splitLabel(label string) (letters, digits string) {
	at := strings.IndexFunc(label, unicode.IsDigit)
	if at < 0 {
		return label, ""
	}
	return label[:at], label[at:]
}

// labelsOf is what a typed number may mean: the hall's own with three digits and more
// (A23 is A023), or that of a terminal's own series, whose dash no key has (A703 may
// be A7-03).
func labelsOf(typed string) ([]string, LabelProblem) {
	letters, digits := splitLabel(typed)
	switch {
	case digits == "":
		return nil, LabelNoDigits
	case letters == "":
		return nil, LabelNoLetter
	}
	short := strings.TrimLeft(digits, "0")
	labels := []string{letters + strings.Repeat("0", max(0, 3-len(short))) + short}
	for _, count := range []int{2, 3} { // more than 99 numbers of one series are rare
		series := digits[:max(0, len(digits)-count)]
		if series != "" && series[0] != '0' && (count == 2 || digits[len(series)] != '0') {
			labels = append(labels, letters+series+"-"+digits[len(series):])
		}
	}
	return labels, ""
}

// rateCard takes in what the reader says on a page of ratings.
func (s State) rateCard(e Event) (State, []Effect) {
	v := &s.visit
	if _, gone := e.(CardGone); gone {
		if s.Page == PageRate && v.reader == ReaderReading {
			v.reader, v.failure = ReaderWaiting, CardMoved
		}
		return s, nil
	}
	if s.Page != PageRate && s.Page != PageRateNumber {
		return s, nil
	}
	v.idle = 0 // somebody is there
	switch e := e.(type) {
	case CardReading:
		v.reader, v.failure = ReaderReading, ""
		s.show(PageRate)
	case CardFailed:
		v.reader, v.failure = ReaderWaiting, e.Why
		if v.failures++; v.failures >= cardTries {
			v.failure = CardSuspect
		}
		s.show(PageRate)
	case CardRead:
		v.reader, v.failure, v.failures = ReaderWaiting, "", 0
		return s.find(FindServices{Person: e.Person})
	}
	return s, nil
}

// scanned looks for the service of a ticket.
func (s State) scanned(e TicketScanned) (State, []Effect) {
	if e.Ticket == "" {
		s.visit.grading.misread = true
		s.show(PageRate)
		return s, nil
	}
	return s.find(FindServices{Ticket: e.Ticket})
}

// find asks for services, once: while the answer is awaited no touch can ask again.
// Whose card it was is known to nobody here any more.
func (s State) find(f FindServices) (State, []Effect) {
	g := &s.visit.grading
	f.ID, f.Language = s.ask(), s.Language
	g.asked, g.misread, s.visit.slow = f.ID, false, false
	s.Page = PageRateLooking
	s.arm(timerSlow, slowAfter)
	return s, []Effect{f}
}

// rate begins with a service. Nothing is preselected.
func (s *State) rate(at int) {
	g := &s.visit.grading
	*g = grading{found: g.found, version: g.version, at: at, label: g.label}
	s.show(PageLevel)
}

// rateMore goes on to the services that are left.
func (s *State) rateMore() {
	if g := &s.visit.grading; len(g.found) == 1 {
		s.rate(0)
	} else {
		*g = grading{found: g.found, version: g.version}
		s.show(PageServices)
	}
}

// reasonsOf are the reasons of the level that was chosen; none when the centre offers
// a version that this terminal does not know.
func (s *State) reasonsOf() []rating.Reason {
	g := &s.visit.grading
	return rating.ReasonsOf(g.version, g.level)
}

func (s *State) chooseLevel(l rating.Level) {
	g := &s.visit.grading
	if g.level != l {
		g.level, g.reasons = l, nil
	}
	g.number = 0
	if len(s.reasonsOf()) == 0 {
		s.show(PageRateSend)
		return
	}
	s.show(PageReasons)
}

func (s *State) tickReason(code int) {
	g := &s.visit.grading
	if !slices.ContainsFunc(s.reasonsOf(), func(r rating.Reason) bool { return r.Code == code }) {
		return
	}
	if i := slices.Index(g.reasons, code); i >= 0 {
		g.reasons = slices.Delete(slices.Clone(g.reasons), i, i+1)
		return
	}
	g.reasons = append(slices.Clip(g.reasons), code)
}

// sendRating gives the rating, once: while the answer is awaited no touch can send it
// again, and a later try has the same ID.
func (s State) sendRating() (State, []Effect) {
	g := &s.visit.grading
	g.sent, g.unsent, s.visit.slow = s.ask(), false, false
	f := g.found[g.at]
	a := rating.Answer{Level: g.level, Reasons: slices.Sorted(slices.Values(g.reasons)), Words: strings.TrimSpace(g.words.text), Anonymous: !g.named}
	if len(a.Reasons) > 0 {
		a.Version = g.version
	}
	s.Page = PageRateSending
	s.arm(timerSlow, slowAfter)
	return s, []Effect{SendRating{ID: g.sent, Request: f.Request, Ticket: f.Ticket, Answer: a}}
}

// thank shows the thanks, from which home comes by itself.
func (s *State) thank() {
	s.visit.seconds = resultNormal
	if s.Assisted {
		s.visit.seconds = resultAssisted
	}
	s.Page = PageThanks
	s.arm(timerResult, second)
}

// rated takes in an answer about ratings. One that nobody waits for any more does
// nothing: what was sent is sent.
func (s State) rated(e Event) (State, []Effect) {
	g := &s.visit.grading
	switch e := e.(type) {
	case ServicesFound:
		if s.Page != PageRateLooking || e.ID != g.asked {
			break
		}
		g.asked, s.visit.slow = 0, false
		g.found, g.version = slices.Clone(e.Services), e.Version
		switch {
		case e.Problem != "":
			s.rateSays(Message{Kind: RatingAway, Retry: true})
		case len(g.found) == 0:
			s.rateSays(Message{Kind: RatingNothing, Business: g.label, Retry: true})
		case len(g.found) == 1:
			s.rate(0)
		default:
			g.number = 0
			s.show(PageServices)
		}
	case RatingSent:
		if s.Page != PageRateSending || e.ID != g.sent {
			break
		}
		g.sent, s.visit.slow = 0, false
		switch e.Problem {
		case "":
			outcome, rest := g.found[g.at].Outcome, slices.Delete(slices.Clone(g.found), g.at, g.at+1)
			*g = grading{found: rest, version: g.version, level: g.level, named: g.named, outcome: outcome} // the words are with the hall
			s.thank()
		case RateAway:
			g.unsent = true
			s.show(PageRateSend)
		case RateStands:
			s.rateSays(Message{Kind: RatingStands})
		case RateTaken:
			s.rateSays(Message{Kind: RatingTaken})
		default:
			s.rateSays(Message{Kind: RatingRefused})
		}
	}
	return s, nil
}
