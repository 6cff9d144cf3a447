package session

import (
	"time"
	"unicode/utf8"

	"hallkiosk/app/hall"
)

// Event is something that happened: a touch, a device, an answer, a timer.
type Event interface{ event() }

// Touches.
type (
	// TakeNumber is the tile 取号.
	TakeNumber struct{}
	// Chosen is a touch on the choice with this ID.
	Chosen struct{ ID string }
	// PageTurned is 上一页 (-1) or 下一页 (+1).
	PageTurned struct{ By int }
	// BackPressed is 返回.
	BackPressed struct{}
	// HomePressed is 首页; it ends the visit.
	HomePressed struct{}
	// HelpPressed is 请人帮忙.
	HelpPressed struct{}
	// LanguageChosen is 中文 or English.
	LanguageChosen struct{ Language Language }
	// AssistedChosen is 长辈版 switched on or off.
	AssistedChosen struct{ On bool }
	// TypePressed is 手工输入证件号.
	TypePressed struct{}
	// NoCardPressed is 没带证件.
	NoCardPressed struct{}
	// KeyPressed is a key of the keypad: 0–9, X.
	KeyPressed struct{ Key rune }
	// DeletePressed is the key that takes back the last character; All takes back every one.
	DeletePressed struct{ All bool }
	// NumberEntered is 确定 under the keypad.
	NumberEntered struct{}
	// Confirmed is the button that takes the number.
	Confirmed struct{}
	// RetryPressed is 再试一次.
	RetryPressed struct{}
	// ReprintPressed is 补打.
	ReprintPressed struct{}
	// DonePressed is 完成 on the result page.
	DonePressed struct{}
	// ContinuePressed is 继续使用 on the idle notice.
	ContinuePressed struct{}
	// Touched is a touch on nothing in particular: somebody is there.
	Touched struct{}
)

// Devices.
type (
	// CardReading: a card lies on the reader and is being read.
	CardReading struct{}
	// CardRead: whose card it is.
	CardRead struct{ Person Person }
	// CardFailed: it could not be read.
	CardFailed struct{ Why CardFailure }
	// CardGone: the card was taken away.
	CardGone struct{}
	// DevicesChanged: a device came, went, or changed its condition.
	DevicesChanged struct{ Devices Devices }
)

// Answers.
type (
	// Issued: the number exists, durably, whatever happens from here on.
	Issued struct{ Ticket Ticket }
	// Refused: the hall gave no number, and says why.
	Refused struct{ Why Refusal }
	// IssueFailed: no number exists.
	IssueFailed struct{}
	// PrintDone: the paper is out.
	PrintDone struct{ TicketID string }
	// PrintFailed: it is not, or nobody knows. Started is true when something
	// may have come out.
	PrintFailed struct {
		TicketID string
		Fault    string // fault code of the printer: paper-out, cover-open …
		Started  bool
	}
	// HelpSent: the window consoles have the call (or not, when OK is false).
	HelpSent struct{ OK bool }
)

// The hall.
type (
	// HallChanged: a catalogue arrived.
	HallChanged struct{ Hall *hall.Hall }
	// NameChanged: the centre says what this terminal is called. By this name it
	// stands on the hall's plan.
	NameChanged struct{ Name string }
	// StatusChanged: queues moved. Queues is keyed by Business.ID; nil = not known.
	StatusChanged struct{ Queues map[string]Queue }
	// ClockTicked: once a minute, and whenever the hall's state changes.
	ClockTicked struct {
		Now  time.Time // in the hall's zone; zero = not to be trusted
		Open hall.OpenState
		// Businesses that differ from the hall, by ID.
		Businesses map[string]hall.OpenState
	}
	// CentreChanged: the centre answers, or does not.
	CentreChanged struct{ Away bool }
	// TimerFired: the timer of State.Timer ran out. ID tells late ones apart.
	TimerFired struct{ ID int }
)

// Refusal says why the hall gave no number.
type Refusal string

// Refusals. Any other value is told as NotTaken.
const (
	RefusedClosed     Refusal = "closed"
	RefusedPaused     Refusal = "paused"
	RefusedNumbersOut Refusal = "numbers-out"
)

// Queue is what is known of one business' queue.
type Queue struct {
	Waiting int
	Served  bool // somebody is logged in at a window that serves it
	Paused  bool
}

// Devices is the condition of what is attached. The zero value means absent.
type Devices struct {
	Reader  bool   // a card can be read
	Printer bool   // a ticket can be printed
	Fault   string // why not: fault code of the printer, "" when absent or fine
}

// Ticket is a number as the session needs it.
type Ticket struct {
	ID       string
	Label    string
	Business string // Business.ID
	Item     string // Item.ID
	Ahead    int    // -1 = not known
	Own      bool   // of the terminal's own series
	Existing bool
	QR       string
	IssuedAt time.Time
	Holder   string // masked name
}

func (TakeNumber) event()      {}
func (Chosen) event()          {}
func (PageTurned) event()      {}
func (BackPressed) event()     {}
func (HomePressed) event()     {}
func (HelpPressed) event()     {}
func (LanguageChosen) event()  {}
func (AssistedChosen) event()  {}
func (TypePressed) event()     {}
func (NoCardPressed) event()   {}
func (KeyPressed) event()      {}
func (DeletePressed) event()   {}
func (NumberEntered) event()   {}
func (Confirmed) event()       {}
func (RetryPressed) event()    {}
func (ReprintPressed) event()  {}
func (DonePressed) event()     {}
func (ContinuePressed) event() {}
func (Touched) event()         {}
func (CardReading) event()     {}
func (CardRead) event()        {}
func (CardFailed) event()      {}
func (CardGone) event()        {}
func (DevicesChanged) event()  {}
func (Issued) event()          {}
func (Refused) event()         {}
func (IssueFailed) event()     {}
func (PrintDone) event()       {}
func (PrintFailed) event()     {}
func (HelpSent) event()        {}
func (HallChanged) event()     {}
func (NameChanged) event()     {}
func (StatusChanged) event()   {}
func (ClockTicked) event()     {}
func (CentreChanged) event()   {}
func (TimerFired) event()      {}

// from is what the key leaves of the text.
func (e DeletePressed) from(text string) string {
	if e.All || text == "" {
		return ""
	}
	_, last := utf8.DecodeLastRuneInString(text)
	return text[:len(text)-last]
}
