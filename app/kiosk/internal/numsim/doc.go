// Package numsim simulates days of a hall on the real packages of the terminal
// (ticketing, outbox, uplink, localstore) and the real central service, and
// checks that no number is lost, doubled or misdated. It has only tests; nothing
// imports it.
//
// # One seed, one run
//
// A seed decides everything that the world does: how many terminals there are,
// who taps when, which messages are lost, late or doubled, when programs crash
// and at which commit, when machines start anew, are replaced or put back to an
// old copy of their disk, what their clocks show, when the centre is away, and
// when a night goes by. Every run has a bubble of testing/synctest of its own,
// so time is the bubble's and hours take milliseconds; the files are real SQLite
// files, in memory where the machine has /dev/shm. (What a power cut does to a
// file is not simulated here; a process that ends is.) The decisions of a seed
// are the same in every run; what happens at one and the same instant on two
// terminals may come in either order.
//
// Somebody who sees everything writes down each number that a citizen is shown.
// When the day is over, all lines are mended, what waits is delivered, and the
// database of the centre is held against that list. What must hold are the
// guarantees of the product:
//
//	G1  two visitors never hold the same label in one hall on one business day
//	G2  every number given is known to the centre exactly once
//	G3  labels of the hall's series follow the order of issue, those of a
//	    terminal's own series follow it within the terminal
//	G4  every live ticket was shown to its holder, or is marked "print unknown";
//	    and no number that was shown is void
//	G5  a ticket of the own series is dated within 250 ms while its machine was
//	    not started anew, a ticket of the hall within 2 s, and so is one of the
//	    own series whose machine was started anew since if it had heard the centre
//	    in that run; others between the terminal's ticket event before and the
//	    start of the run that delivers them
//	G6  no number is missing without a stated reason
//
// and one more, W: whoever taps has an answer within the time the terminal
// promises, and an enrolled terminal never fails to give a number.
//
// In every sixteenth seed the centre's own clock jumps too: a day ahead or back, to
// 1970, to 2038, also over a restart of the centre's program. Then times are not
// checked, everything else is, G1 included.
//
// # What is not promised
//
// A disk that is destroyed takes with it what it had not told: those numbers are on
// paper only. A message that is long on its way dates late what it carries, and
// what follows is not dated before it. A machine that was started anew and has not
// heard the centre since has only its wall clock. Its numbers lie, in their order,
// between its ticket event before and the start of the run of the machine that
// delivers them (or its next number that is sure of its time), and are at most that
// far off. This is the length of the cut and, where the terminal had nothing to tell
// for a while before the cut, that while besides; the report counts those apart
// ("beyond the cut"). Should the centre's own machine be started anew with a clock that is less than
// a hundred days ahead, its numbers begin anew: there is nothing to tell that by, and
// it is not simulated. Copies of a disk that never see the centre cannot be told
// apart.
//
// # How to run it
//
//	go test ./app/kiosk/internal/numsim                        100 seeds, the planted bugs, the copies
//	HALL_SEEDS=20000 go test -timeout 90m -run Seeds ...       as many as that
//	HALL_SEEDS=1000 HALL_FROM=5001 go test -run Seeds ...      a thousand, from that one on
//	HALL_SEED=17 go test -v -run Seeds ...                     one, with its story
//	HALL_SEEDS=500 HALL_STEP=16 go test -run Seeds ...         every sixteenth
//	go test -v -run Mutants ...                                the planted bugs only
//
// A check that cannot fail proves nothing, so TestMutants plants bugs, one at a
// time, by standing between the packages and falsifying what one tells the
// other; each must be noticed within 200 seeds (HALL_MUTANT_SEEDS).
//
// What the simulation has found and nobody has mended yet stands in the list of
// findings, which is empty at present, with what such a violation says. It is counted
// and printed, and is an error again as soon as its line is taken out. With
// HALL_STRICT=1 all are errors.
//
// # Compared
//
// A model of the algorithm, as the design was tried out with, finds mistakes of
// the design and none of the code. Real processes in network namespaces find
// those too, a thousand times slower; other tests do that.
package numsim
