package session

import (
	"time"

	"hallkiosk/app/complaint"
)

// Touches on the pages of complaints. [Chosen], [PageTurned], [KeyPressed] and what
// writes mean there what they mean elsewhere.
type (
	// ComplaintPressed is the tile 投诉建议.
	ComplaintPressed struct{}
	// WritingDone is the way on from a page on which one writes.
	WritingDone struct{}
	// AnonymousPressed is 不留电话，匿名提交.
	AnonymousPressed struct{}
	// SendPressed is 提交.
	SendPressed struct{}
	// PrintReceiptPressed is 打印回执.
	PrintReceiptPressed struct{}
)

// Answers about complaints.
type (
	// ComplaintsChanged: the centre takes complaints of terminals, or does not.
	// Page is the address of its page for phones; "" = none.
	ComplaintsChanged struct {
		Taken bool
		Page  string
	}
	// ComplaintFiled: it is durable, sealed, on its way to the centre. QR is the
	// address of its progress, with the code; "" = none.
	ComplaintFiled struct {
		ID   int // of FileComplaint
		Code complaint.Code
		QR   string
	}
	// ComplaintUnfiled: it could not be written down; nothing of it was kept.
	ComplaintUnfiled struct{ ID int }
	// ReceiptPrintDone: the receipt is out, or is not.
	ReceiptPrintDone struct {
		ID int
		OK bool
	}
	// ProgressCame answers AskProgress: how far a case has come, or why that cannot be
	// told now.
	ProgressCame struct {
		ID      int
		Case    Case
		Problem CodeProblem // "" = Case is set
	}
)

// Case is what the author of a complaint may see of it.
type Case struct {
	Kind   complaint.Kind
	State  complaint.State
	Stages []CaseStage // that it reached, in order
	// Due is the day by which the next thing is due, 2026-11-24; "" = nothing is.
	Due        string
	Overdue    bool
	Department string // that has it at present; "" = the hall itself
	Reply      string
}

// CaseStage is when it reached a state, in the hall's zone.
type CaseStage struct {
	State complaint.State
	At    time.Time
}

// CodeProblem is why a code shows no progress.
type CodeProblem string

// The problems of a code.
const (
	CodeMistyped CodeProblem = "mistyped" // it is none
	CodeUnknown  CodeProblem = "unknown"  // nothing was filed with it
	CodeTooMany  CodeProblem = "too-many" // too many were tried
	CodeAway     CodeProblem = "away"     // the centre does not answer
)

// Effects of complaints. String and GoString of FileComplaint tell nothing of what
// somebody wrote.
type (
	// FileComplaint seals the complaint, writes it down and has the centre told;
	// answered by ComplaintFiled or ComplaintUnfiled. It is asked for again only
	// after ComplaintUnfiled.
	FileComplaint struct {
		ID       int
		Kind     complaint.Kind
		Window   string // Window.ID; "" = none named
		Words    string
		Contact  string // "" = anonymous
		Language Language
	}
	// PrintReceipt prints the receipt; answered by ReceiptPrintDone.
	PrintReceipt struct {
		ID       int
		Code     complaint.Code
		Kind     complaint.Kind
		QR       string
		Language Language
		Large    bool
	}
	// AskProgress asks how far a case has come; answered by ProgressCame.
	AskProgress struct {
		ID   int
		Code complaint.Code
	}
)

func (f FileComplaint) String() string { return "complaint of the kind " + string(f.Kind) }

// GoString keeps %#v from showing the words.
func (f FileComplaint) GoString() string { return "session.FileComplaint(" + string(f.Kind) + ")" }

func (ComplaintPressed) event()    {}
func (WritingDone) event()         {}
func (AnonymousPressed) event()    {}
func (SendPressed) event()         {}
func (PrintReceiptPressed) event() {}
func (ComplaintsChanged) event()   {}
func (ComplaintFiled) event()      {}
func (ComplaintUnfiled) event()    {}
func (ReceiptPrintDone) event()    {}
func (ProgressCame) event()        {}

func (FileComplaint) effect() {}
func (PrintReceipt) effect()  {}
func (AskProgress) effect()   {}
