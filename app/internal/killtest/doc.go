// Package killtest runs the real programs in processes of their own, kills them,
// and says what they have lost, doubled or damaged. Its own test does that some
// thousand times; the power-cut test of package powercut uses the same programs
// and the same eyes.
//
// The programs are `hallcentral serve` and `hallcentral drive` (a terminal without
// a screen), built with the tag failpoints ([Program]). What counts as promised is
// what they have said: a line of the terminal's output, an answer of the centre.
// What they have kept is read from a copy of their files ([ReadTerminal],
// [ReadCentral]), with plain SQL and none of the product's code, so that a mistake
// there cannot hide itself.
//
// A killed process leaves its written pages in the system's cache; what a power
// cut does to them is the subject of package powercut.
package killtest
