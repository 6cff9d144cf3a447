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

// findings are what is open: nothing at present.
var findings []finding

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
