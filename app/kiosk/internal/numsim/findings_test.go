package numsim

import "strings"

// What a violation says when it comes of an open finding.
const (
	signMixed   = " (events of an earlier boot came with it)"
	signStray   = " (the centre's clock was wrong)"
	signRequest = " (dated by its request)"
	signTaken   = " is held by another ticket"
	signRefused = " (it was refused, and asked for again by a late copy)"
	signAgain   = " (given up after a crash, and shown to its holder meanwhile)"
	signClosed  = " (its terminal is closed without a copy)"
	signSeries  = " (its series is closed without a copy)"
	signTwice   = "exists twice"
)

// finding is something that does not hold, and is known not to. The simulation
// counts it and goes on; whoever mends it takes the line out, and from then on it
// is an error again.
type finding struct {
	name string
	rule []string
	sign string // in the violation
}

var findings = []finding{
	{"a wall clock that is ahead dates what comes after a restart", []string{"G3", "G5", "G6"}, signMixed},
	{"a centre whose clock is wrong begins its numbers anew", []string{"G1"}, signStray},
	{"a number that supersedes keeps the date of a request that came late", []string{"G3", "G5"}, signRequest},
	{"a number of yesterday is booked today and takes another's place", []string{"G2"}, signTaken},
	{"a number given up after a crash is void although its holder was shown it", []string{"G4"}, signAgain},
	{"a second copy of a refused request gets a number", []string{"G4"}, signRefused},
	{"a late message has a terminal taken for a copy", []string{"W"}, signTwice},
	{"a late message has a terminal taken for a copy", []string{"W"}, signSeries},
	{"a late message has a terminal taken for a copy", []string{"G2", "G4"}, signClosed},
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
