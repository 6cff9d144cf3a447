package escpos

import "fmt"

// The stable codes of what keeps a printer from printing. They are used in
// health reports and on the wire to the centre; never change one.
const (
	CodeCoverOpen = "cover-open"
	CodePaperOut  = "paper-out"
	CodeCutter    = "cutter"
	CodeHeadHot   = "head-hot"
	CodeError     = "printer-error"
	CodeOffline   = "offline"
	// CodeCanceled is not a state of the printer: the caller's context ended
	// a job. Only a Fault has it.
	CodeCanceled = "canceled"
)

// Status is what the printer says about itself, gathered from DLE EOT 1 to 4
// or, of Custom's printers, from their full status.
type Status struct {
	// Silent: the printer did not answer at all. The other fields are zero.
	Silent bool
	// Online: it takes data and prints.
	Online bool
	// CoverOpen: the cover is open.
	CoverOpen bool
	// Feeding: somebody holds a feed button.
	Feeding bool
	// Waiting: the cause of a stop is gone, and the printer waits for somebody
	// to press its button.
	Waiting bool
	// Stopped: an error keeps it from printing; the other fields say which, on
	// printers that tell.
	Stopped bool
	// Busy: it still prints or moves paper (Custom only).
	Busy bool
	// AtOutput: a ticket lies at the presenter's output (Custom only).
	AtOutput bool
	// PaperOut: there is no paper, or it was stopped by paper end.
	PaperOut bool
	// PaperNearEnd: print on, but tell the staff.
	PaperNearEnd bool
	// CutterError: the blade is stuck.
	CutterError bool
	// HeadHot: an error that passes by itself, normally a hot print head.
	HeadHot bool
	// Recoverable: an error that passes once its cause is removed.
	Recoverable bool
	// Unrecoverable: switch the printer off and on; call service if it stays.
	Unrecoverable bool
}

// Code is the one thing to report, "" when the printer can print. A near end
// of the paper is no fault. When several things are wrong, the one that a
// person at the printer sees first wins.
func (s Status) Code() string {
	switch {
	case s.Silent:
		return CodeOffline
	case s.CoverOpen:
		return CodeCoverOpen
	case s.PaperOut:
		return CodePaperOut
	case s.CutterError:
		return CodeCutter
	case s.Unrecoverable, s.Recoverable:
		return CodeError
	case s.HeadHot:
		return CodeHeadHot
	case s.Stopped:
		return CodeError
	case !s.Online:
		return CodeOffline
	}
	return ""
}

// A Fault is a condition of the printer that stopped a job. The Printer stays
// usable: print again once [Printer.Status] is clean.
type Fault struct {
	// Code is one of the Code constants.
	Code string
	// Started tells whether any byte of the job was sent. When false, surely
	// nothing was printed. When true, paper may have come out, whole or in
	// part: the outcome is unknown and a second print must be marked a copy.
	Started bool
	// Residue says that the printer could not be told to forget the job: it
	// may print the rest of it as soon as the cause is removed. Only switching
	// the printer off and on before that, or its presenter taking the paper
	// back, keeps the old ticket from coming out.
	Residue bool
	// Err is what stopped the job when it was not the printer (the caller's
	// context), else nil.
	Err error
}

// Error says what stopped the job and how far it had come.
func (f *Fault) Error() string {
	how := "nothing was printed"
	if f.Started {
		how = "the paper may have come out in part"
	}
	if f.Residue {
		how += ", and its rest may follow: switch the printer off and on before curing it"
	}
	if f.Err != nil {
		return fmt.Sprintf("escpos: job stopped: %v: %s", f.Err, how)
	}
	return fmt.Sprintf("escpos: job stopped: %s: %s", f.Code, how)
}

// Unwrap gives the caller's context error, if that was the cause.
func (f *Fault) Unwrap() error { return f.Err }
