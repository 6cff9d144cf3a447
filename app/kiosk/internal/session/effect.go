package session

import "time"

// Effect is something the runner must do. Effects carry everything they need.
type Effect interface{ effect() }

type (
	// Issue asks for a number; answered by Issued, Refused or IssueFailed.
	Issue struct {
		Business string // Business.ID
		Item     string // Item.ID, may be empty
		Person   Person // Number empty = without identity
		Language Language
	}
	// Print prints the ticket; answered by PrintDone or PrintFailed. Copy marks
	// it 补打.
	Print struct {
		Ticket   Ticket
		Language Language
		Large    bool // assisted: the large ticket
		Copy     bool
	}
	// CallHelp rings the window consoles; answered by HelpSent. Page is where
	// the person is, never what they typed.
	CallHelp struct{ Page Page }
	// DropSlip records that a ticket's paper never came and no longer will: its
	// holder left with the number from the screen. Tried is true when printing
	// was attempted, so that its outcome is on record already.
	DropSlip struct {
		TicketID string
		Tried    bool
	}
	// ForgetCard tells the reader that the visit is over: a card that lies there
	// still must not start the next visit by itself.
	ForgetCard struct{}
)

func (Issue) effect()      {}
func (Print) effect()      {}
func (CallHelp) effect()   {}
func (DropSlip) effect()   {}
func (ForgetCard) effect() {}

// Timer asks the runner to deliver TimerFired{ID} after After. Only the newest
// timer counts: a new ID replaces the one before. After 0 = no timer.
type Timer struct {
	ID    int
	After time.Duration
}
