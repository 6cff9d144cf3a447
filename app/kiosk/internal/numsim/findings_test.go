package numsim

import "strings"

// What a violation says of its circumstances, and an open finding is known by.
const (
	signMixed   = " (events of an earlier boot came with it)"
	signStray   = " (the centre's clock was wrong)"
	signRequest = " (dated by its request)"
	signTaken   = " is held by another ticket"
	signRefused = " (it was refused, and asked for again by a late copy)"
	signAgain   = " (given up after a crash, and shown to its holder meanwhile)"
	signClosed  = " (its terminal is closed without a copy)"
	signSeries  = " (its series is closed without a copy)"
	signHeld    = " (given up, and its holder's at another terminal)"
)

// finding is something that does not hold, and is known not to. The simulation
// counts it and goes on; whoever mends it takes the line out, and from then on it
// is an error again.
type finding struct {
	name string
	rule []string
	sign string // in the violation
}

// findings are what is open.
var findings = []finding{
	// Seed 18699: terminal 2 crashes before it has shown a number. Its holder asks at
	// terminal 1, which writes down that this number is theirs and crashes before it has
	// shown it, too. Terminal 2 gives the number up; it stays live, because terminal 1 was
	// told it. Nobody has seen it, and it is not marked. Its holder gets it by asking once
	// more; else it is called and nobody comes. To mend: a terminal says after a crash that
	// the paper of such a number is unknown, and the centre marks the number when its own
	// terminal has given it up.
	{"not shown at either terminal", []string{"G4"}, signHeld},
}

// finding returns the open finding that the violation comes of.
func (v violation) finding() (finding, bool) {
	for _, f := range findings {
		for _, rule := range f.rule {
			if rule == v.rule && strings.Contains(v.what, f.sign) {
				return f, true
			}
		}
	}
	return finding{}, false
}
