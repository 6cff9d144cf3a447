package session

import (
	"time"

	"hallkiosk/app/hall"
)

// View is everything a front end needs to draw one page: no rules are left to
// the screen, and nothing in it is a whole name or number (the digits a person
// is typing excepted). Exactly the part that belongs to Page is set.
//
// Texts that come from the hall are in the view's language already; texts of
// the product are named by codes, and the drawing side looks them up.
type View struct {
	Page     Page
	Language Language
	Assisted bool // 长辈版

	Top    Top
	Bottom Bottom
	// Idle is set while the notice 您还在吗 lies over the page.
	Idle *Idle
	// CardLeft asks for the card to be taken away, on any page.
	CardLeft bool
	// Corner: touches of the upper left corner are told ([CornerTouched]).
	Corner bool

	Home       *Home
	Choose     *Choose
	Identify   *Identify
	TypeNumber *TypeNumber
	Confirm    *Confirm
	Working    *Working
	Result     *Result
	Message    *Message

	Guides   *Guides
	List     *List
	Search   *Search
	Guide    *Guide
	Forms    *Forms
	Form     *Form
	Plan     *Plan
	Takeaway *Takeaway

	Rate       *Rate
	RateNumber *RateNumber
	Services   *Services
	Levels     *Levels
	Reasons    *Reasons
	RateSend   *RateSend
	RateWords  *RateWords
	Thanks     *Thanks

	Kinds     *Kinds
	Concerned *Concerned
	Words     *Words
	Contact   *Contact
	Filing    *Filing
	Receipt   *Receipt
	AskCode   *AskCode
	Public    *Public
	Reading   *Reading
	PIN       *PIN
	Machine   *MachineView
}

// Page names what is on the screen.
type Page string

// The pages. Message covers every page that only says something: hall closed,
// refused, out of order.
const (
	PageHome       Page = "home"
	PageChoose     Page = "choose"
	PageIdentify   Page = "identify"
	PageTypeNumber Page = "type-number"
	PageConfirm    Page = "confirm"
	PageWorking    Page = "working"
	PageResult     Page = "result"
	PageMessage    Page = "message"
)

// Language is the language of the page.
type Language string

// The languages a citizen can choose.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// Top is the line at the top of every page.
type Top struct {
	HallName string
	// Now is the hall's time, in the hall's zone, cut to the minute. Zero means
	// that the clock cannot be trusted: show none.
	Now time.Time
	// Open is what the hall is doing now.
	Open hall.OpenState
}

// Bottom is the row at the foot of every page: 返回 · 首页 · 请人帮忙 · 监督电话.
type Bottom struct {
	Back bool // false = shown greyed, nothing to go back to
	Home bool
	// HelpMinutes is how many whole minutes ago 请人帮忙 was pressed; -1 = not
	// pressed in this session.
	HelpMinutes int
	// HelpUnsent is set when the call could not be delivered yet.
	HelpUnsent       bool
	SupervisionPhone string
}

// Idle is the notice before everything is cleared.
type Idle struct {
	Seconds int // left
}

// Home is the first page.
type Home struct {
	// CanTake is false when no number can be had now; Closed or the faults say why.
	CanTake bool
	// CardHint: a card laid on the reader now starts the visit.
	CardHint bool
	// HasGuides: there is a catalogue of guides to look through.
	HasGuides bool
	// HasRatings: services can be rated.
	HasRatings bool
	// HasComplaints: complaints are taken. HasPublic: there is something to read on
	// the notice board.
	HasComplaints, HasPublic bool
	// WaitingTotal is the number of people waiting in the hall; -1 = not known.
	WaitingTotal int
	// Notices are device and network conditions that people must know.
	Notices []Notice
}

// Notice is a condition of the machine, in a code that the wording knows.
type Notice string

// The notices, worst first.
const (
	NoticePaperOut     Notice = "paper-out"      // numbers go on, on the screen
	NoticePrinterFault Notice = "printer-fault"  // likewise
	NoticeReaderAbsent Notice = "reader-absent"  // type the number instead
	NoticeCentreAway   Notice = "centre-away"    // numbers go on, from our own series
	NoticePaperLow     Notice = "paper-near-end" // staff only; screens do not show it
)

// Choose is a page of choices: groups, businesses or items.
type Choose struct {
	// Path are the titles above this level, outermost first; empty on the first.
	Path []string
	// Choices of this page only.
	Choices []Choice
	// Number of this page (1-based) and of all pages; Pages is 1 when all fit.
	Number, Pages int
	Total         int // choices on all pages
}

// Choice is one tile or line.
type Choice struct {
	ID       string // to be sent back in Chosen
	Title    string // never cut off: up to 110 characters and more
	Subtitle string // 适合办…; may be empty
	// Leads is true when the choice opens another level (a group, or a business
	// with items) and Count is how many choices lie below.
	Leads bool
	Count int
	// Waiting is the number of people waiting; -1 = not known or not meaningful.
	Waiting int
	// Barred says why it cannot be chosen now: "" | closed | paused | no-window.
	// A barred choice can be touched and then explains itself.
	Barred Barred
	// Opens is when a closed business opens again; zero = not known.
	Opens time.Time
	// Item is true for an item of a business (drawn as a line, not as a tile).
	Item bool
}

// Barred says why a business cannot be chosen.
type Barred string

// The values of Barred. NoWindow does not bar: it warns that nobody serves the
// queue at this moment.
const (
	NotBarred Barred = ""
	Closed    Barred = "closed"
	Paused    Barred = "paused"
	NoWindow  Barred = "no-window"
)

// Identify asks for the card. The privacy sentence stands on it.
type Identify struct {
	Business string
	Item     string
	Reader   ReaderState
	Failure  CardFailure // why the last card was not read, "" = none
	CanType  bool
	// CanSkip: the business takes people without identity; else 没带证件 leads
	// to the way to a person.
	CanSkip bool
}

// ReaderState is what the reader is doing.
type ReaderState string

// Reader states.
const (
	ReaderWaiting ReaderState = "waiting"
	ReaderReading ReaderState = "reading" // 正在读取，请不要移动身份证
	ReaderAbsent  ReaderState = "absent"  // no picture of a card; type or ask
)

// CardFailure says why a card was not read, for the citizen.
type CardFailure string

// Card failures.
const (
	CardMoved    CardFailure = "moved"    // lift it and lay it again
	CardUnknown  CardFailure = "unknown"  // not an ID card
	CardSuspect  CardFailure = "suspect"  // three times unread: type, or ask staff
	CardLost     CardFailure = "lost"     // the reader stopped in the middle
	CardNoNumber CardFailure = "bad-data" // read, but the number on it fails its check
)

// TypeNumber is the keypad page.
type TypeNumber struct {
	Business string
	// Digits typed so far, at most 18, the last may be X.
	Digits string
	// Problem with them, after 确定; "" = none.
	Problem NumberProblem
}

// NumberProblem is what is wrong with a typed number.
type NumberProblem string

// Number problems.
const (
	NumberTooShort NumberProblem = "too-short"
	NumberBadDate  NumberProblem = "bad-date"
	NumberBadCheck NumberProblem = "bad-check"
	NumberBadChars NumberProblem = "bad-chars"
)

// Confirm is the last page before a number is taken.
type Confirm struct {
	Business string
	Item     string
	For      string // 适合办…
	// HolderName and HolderNumber are masked; both empty without identity.
	HolderName   string
	HolderNumber string
	Waiting      int // -1 = not known
	Area         string
	Place        string
	Windows      []string // names
	Barred       Barred   // NoWindow warns
	// NoPaper: the number will be shown on the screen only.
	NoPaper bool
}

// Working says what is being done, in words; it stands for as long as it takes.
type Working struct {
	// Slow is set after 300 ms: then words are shown, before that only the
	// pressed button.
	Slow bool
	What Work
}

// Work is what takes its time.
type Work string

// The works.
const (
	WorkTaking  Work = "" // a number
	WorkLooking Work = "looking"
	WorkSending Work = "sending"
)

// Result is the number.
type Result struct {
	Label    string // A023
	Business string
	Item     string
	Area     string
	Place    string
	Windows  []string
	Ahead    int // -1 = not known
	// QR is the text of the QR code, ASCII; "" = no QR code (no phone pages).
	QR         string
	HolderName string // masked
	Paper      Paper
	// Own: from the terminal's own series because the centre did not answer.
	Own bool
	// Existing: this person held it already.
	Existing bool
	// CanReprint: 补打 can be pressed.
	CanReprint bool
	// Seconds until home, -1 = no countdown yet.
	Seconds int
	// Plan: the windows are on the hall's plan; PlanPressed shows it.
	Plan bool
}

// Paper is what became of the printed ticket.
type Paper string

// Values of Paper. Anything but printing and printed makes the no-paper page:
// number and QR fill the screen, 可拍照或扫码保存.
const (
	Printing     Paper = "printing"
	Printed      Paper = "printed"
	PaperNone    Paper = "no-paper"    // paper ran out
	PaperFault   Paper = "fault"       // cover, cutter, cable, anything else
	PaperUnknown Paper = "unknown"     // perhaps it came out; 没有出票请拍照
	PaperAsked   Paper = "not-printed" // an existing ticket shown again, nothing printed
)

// Message is a page that only says something.
type Message struct {
	Kind MessageKind
	// Business it is about; may be empty.
	Business string
	// Opens is when the hall or the business opens again; zero = not known.
	Opens  time.Time
	Reason string // of a closed day, from the hall's calendar
	Phone  string // of the hall, to ask
	// Final messages have no way on but home; otherwise 再试一次 is offered.
	Retry bool
	// HasGuides: while the hall is closed the guides can still be looked through;
	// GuidesPressed opens them. So can complaints be filed, and the notice board read.
	HasGuides, HasRatings, HasComplaints, HasPublic bool
}

// MessageKind is what the message says.
type MessageKind string

// The messages.
const (
	// HallClosed stands in place of the home page while the hall is closed.
	HallClosed MessageKind = "hall-closed"
	// OutOfOrder: this terminal has no hall yet, or may not go on.
	OutOfOrder     MessageKind = "out-of-order"
	BusinessClosed MessageKind = "business-closed"
	BusinessPaused MessageKind = "business-paused"
	NumbersOut     MessageKind = "numbers-out"
	// NoCard: 没带证件 where identity is required: the way to a person.
	NoCard MessageKind = "no-card"
	// NotTaken: no number was taken, nothing is lost, try again or ask.
	NotTaken MessageKind = "not-taken"

	// RatingAway: nobody can be asked now; phones rate by the code on the ticket.
	RatingAway MessageKind = "rating-away"
	// RatingNothing: there is no service to be rated. Business is the number that was
	// typed, if one was.
	RatingNothing MessageKind = "rating-nothing"
	// RatingTaken: it is rated, or its time is over. RatingStands: an earlier try
	// arrived, and what it said stands. RatingRefused: it is not taken.
	RatingTaken   MessageKind = "rating-taken"
	RatingStands  MessageKind = "rating-stands"
	RatingRefused MessageKind = "rating-refused"
)
