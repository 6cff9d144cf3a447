package session

import (
	"time"

	"hallkiosk/app/rating"
)

// Pages of rating a service (评价服务).
const (
	PageRate       Page = "rate" // lay the card, or scan the ticket, or type its number
	PageRateNumber Page = "rate-number"
	// PageRateLooking and PageRateSending show as [PageWorking].
	PageRateLooking Page = "rate-looking"
	PageServices    Page = "services"
	PageLevel       Page = "level"
	PageReasons     Page = "reasons"
	PageRateSend    Page = "rate-send" // all of it, before it is sent
	PageRateWords   Page = "rate-words"
	PageRateSending Page = "rate-sending"
	PageThanks      Page = "thanks"
	// PageRateSays shows as [PageMessage].
	PageRateSays Page = "rate-says"
)

// Rate asks which service is to be rated: by card, by the code on the ticket, by its
// number.
type Rate struct {
	Reader  ReaderState
	Failure CardFailure // why the last card was not read, "" = none
	// Scanner: the code on a ticket can be scanned. Misread: what was scanned is no
	// ticket of this hall.
	Scanner, Misread bool
}

// RateNumber is where the number of a ticket is typed.
type RateNumber struct {
	// Writing has no handwriting; its input changes by itself once the letters of a
	// queue stand there.
	Writing
	Example string // a number as they look here: A023
	Problem LabelProblem
}

// LabelProblem is what is wrong with a typed number of a ticket, after 确定.
type LabelProblem string

// The problems of a number.
const (
	LabelNoLetter LabelProblem = "no-letter" // numbers begin with letters
	LabelNoDigits LabelProblem = "no-digits"
)

// Services are those of today that can be rated, when there are several.
type Services struct{ Choose }

// RatedService is the service that is being rated.
type RatedService struct {
	Label    string // A023
	Business string // or its item, in the view's language; "" = not known here
	Window   string // name
	Ended    time.Time
}

// Levels asks for the level. None is preselected.
type Levels struct{ Service RatedService }

// Reasons asks for the reasons of a level: several, or none.
type Reasons struct {
	Level rating.Level
	// Reasons of this page; Chosen counts those ticked on all pages.
	Reasons       []ReasonChoice
	Number, Pages int
	Chosen        int
}

// ReasonChoice is one of the fixed reasons; touched, it is ticked or not any more.
type ReasonChoice struct {
	Code   int // to be sent back in ReasonTicked
	Text   string
	Ticked bool
}

// RateWords is where the rater writes.
type RateWords struct {
	Level rating.Level
	Writing
}

// RateSend is everything that will be sent.
type RateSend struct {
	Service RatedService
	Level   rating.Level
	Reasons []string // ticked
	Words   string
	// Anonymous: staff are not shown the ticket's number either.
	Anonymous bool
	// Unsent: the last try was not answered. Nobody knows whether it arrived, and it
	// can be sent again: it is one rating.
	Unsent bool
}

// Thanks says that the rating arrived.
type Thanks struct {
	Level rating.Level
	// Days is the number of working days within which a bad rating is dealt with; 0 =
	// it was none.
	Days int
	// QR is the address of the page that says what came of a bad one; "" = none.
	QR        string
	Anonymous bool
	More      int // services that can still be rated
	Seconds   int // until home, -1 = no countdown
}
