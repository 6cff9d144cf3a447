// Package simulator is the hall's three devices on pseudo-terminals: a
// receipt printer, an ID card reader and a code scanner, with faults on
// demand.
//
// Programs open them through devices/serialport exactly as they open real
// ports. The demo hall, developers and tests use it; it never runs on a
// terminal that serves people. It behaves like devices that were written
// about, with their awkward sides: a printer that goes on with an interrupted
// job once paper is loaded, a reader that cannot see a card it has just read,
// replies that arrive in pieces at the speed of the line.
//
// Pseudo-terminals are used on Linux only; elsewhere [Start] says so.
//
// Built-in people have the example numbers of GB 11643 and invented names.
package simulator
