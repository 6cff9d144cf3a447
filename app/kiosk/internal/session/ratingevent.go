package session

import (
	"fmt"
	"time"

	"hallkiosk/app/rating"
)

// Touches on the pages of ratings. [Chosen], [PageTurned], [TypePressed], the keys,
// [NumberEntered], what writes, [WritingDone] and [SendPressed] mean there what they
// mean elsewhere.
type (
	// RatePressed is the tile 评价服务.
	RatePressed struct{}
	// TicketScanned: something was scanned. Ticket is the Ticket.ID behind the code
	// of a ticket; "" = it was something else.
	TicketScanned struct{ Ticket string }
	// LevelChosen is one of the five faces.
	LevelChosen struct{ Level rating.Level }
	// ReasonTicked is a touch on a reason: ticked, or not any more.
	ReasonTicked struct{ Code int }
	// ReasonsDone is 下一步 under the reasons.
	ReasonsDone struct{}
	// RateWordsPressed is 写几句话.
	RateWordsPressed struct{}
	// AnonymityChosen is the switch 匿名评价.
	AnonymityChosen struct{ On bool }
	// RateMorePressed is 再评价一项.
	RateMorePressed struct{}
)

// News and answers about ratings.
type (
	// ScannerChanged: what is on a ticket can be scanned, or cannot.
	ScannerChanged struct{ Works bool }
	// ServicesFound answers FindServices. Problem is [RateAway] when nobody could be
	// asked.
	ServicesFound struct {
		ID       int
		Version  string // of the reasons to offer
		Services []Service
		Problem  RateProblem
	}
	// RatingSent answers SendRating.
	RatingSent struct {
		ID      int
		Problem RateProblem // "" = it is kept
	}
)

// Service is a service that has ended and that nobody has rated.
type Service struct {
	Ticket   string // Ticket.ID
	Label    string
	Business string // Business.ID
	Item     string // Item.ID
	Window   string // Window.ID
	Ended    time.Time
	// Request is the ID under which this service will be rated. It is the same for
	// every try, so that no try is a second rating.
	Request string
	// Outcome is the address of the page on which the rater sees what came of a bad
	// rating, and can add to it; it opens no rating before that. "" = there is none.
	Outcome string
}

// RateProblem is why no service was found, or why a rating was not taken.
type RateProblem string

// The problems.
const (
	RateAway    RateProblem = "away"    // no answer; nobody knows whether it arrived
	RateTaken   RateProblem = "taken"   // rated already, or not to be rated any more
	RateStands  RateProblem = "stands"  // an earlier try arrived, with another content
	RateRefused RateProblem = "refused" // not taken, for another reason
)

// Effects of ratings.
type (
	// FindServices asks for services of one person, one ticket or one number; answered
	// by ServicesFound. Labels are what a typed number may mean.
	FindServices struct {
		ID     int
		Person Person
		Ticket string
		Labels []string
		// Language is that of the pages behind Service.Outcome.
		Language Language
	}
	// SendRating gives the rating; answered by RatingSent.
	SendRating struct {
		ID      int
		Request string // Service.Request
		Ticket  string // Service.Ticket
		Answer  rating.Answer
	}
)

// String keeps %v from showing what somebody wrote.
func (r SendRating) String() string { return fmt.Sprintf("rating %s of %s", r.Request, r.Ticket) }

// GoString keeps %#v from showing it.
func (r SendRating) GoString() string { return "session.SendRating(" + r.String() + ")" }

func (RatePressed) event()      {}
func (TicketScanned) event()    {}
func (LevelChosen) event()      {}
func (ReasonTicked) event()     {}
func (ReasonsDone) event()      {}
func (RateWordsPressed) event() {}
func (AnonymityChosen) event()  {}
func (RateMorePressed) event()  {}
func (ScannerChanged) event()   {}
func (ServicesFound) event()    {}
func (RatingSent) event()       {}

func (FindServices) effect() {}
func (SendRating) effect()   {}
