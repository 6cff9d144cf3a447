package samv

import "fmt"

// Status is what the reader says of a command (SW3). A Status other than OK
// and CardFound is an error; compare with errors.Is. SW1 and SW2 are the
// card's own words and not looked at: they can be anything.
type Status byte

// The statuses. Sources: softs.im and three drivers' tables, which agree.
const (
	StatusOK             Status = 0x90 // done
	StatusFound          Status = 0x9F // a card was found
	StatusNoContent      Status = 0x91 // the card does not have this item
	StatusNoCard         Status = 0x80 // no card was found
	StatusSelectFailed   Status = 0x81 // the card did not answer to selecting
	StatusReadFailed     Status = 0x41 // the card was found but not read through
	StatusUnknownCard    Status = 0x40 // a card of another type
	StatusCardRefuses    Status = 0x31 // the card refuses the module
	StatusModuleRefuses  Status = 0x32 // the module refuses the card
	StatusCheckFailed    Status = 0x33 // the card's content failed the check
	StatusRandomFailed   Status = 0x47 // the card gave no random number
	StatusBadChecksum    Status = 0x10 // our frame arrived with a wrong checksum
	StatusBadLength      Status = 0x11 // our frame arrived with a wrong length
	StatusBadCommand     Status = 0x21 // unknown command
	StatusNotPermitted   Status = 0x23 // the module may not do this
	StatusUnknownError   Status = 0x24 // unknown error, also a command out of order
	StatusSelfTestFailed Status = 0x60 // the module's self-test failed
	StatusNotAuthorised  Status = 0x66 // the module was not authorised
)

// String describes the status in a few words.
func (s Status) String() string {
	text := map[Status]string{
		StatusOK:             "done",
		StatusFound:          "card found",
		StatusNoContent:      "item not on the card",
		StatusNoCard:         "no card",
		StatusSelectFailed:   "card not selected",
		StatusReadFailed:     "card not read",
		StatusUnknownCard:    "card of another type",
		StatusCardRefuses:    "card refuses the module",
		StatusModuleRefuses:  "module refuses the card",
		StatusCheckFailed:    "content failed the check",
		StatusRandomFailed:   "no random number",
		StatusBadChecksum:    "frame with wrong checksum",
		StatusBadLength:      "frame with wrong length",
		StatusBadCommand:     "unknown command",
		StatusNotPermitted:   "not permitted",
		StatusUnknownError:   "unknown error",
		StatusSelfTestFailed: "self-test failed",
		StatusNotAuthorised:  "module not authorised",
	}[s]
	if text == "" {
		text = "unknown status"
	}
	return fmt.Sprintf("%s (%02X)", text, byte(s))
}

// Error makes a Status an error.
func (s Status) Error() string { return "samv: " + s.String() }
