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
// [Hall.Exec] drives them with a line of text each, and [Page] is a web page
// with the same as buttons and with pictures of the printed papers, drawn at
// 203 dpi as the printer's manual places characters. The characters themselves
// come from a font that the caller gives (Config.Drawer).
//
// What a test wants to know it asks the devices, not the drivers: [Paper] is
// what came out, [State] how everything is, [Reader.Reads] how often a card was
// read.
//
// The printers know of ESC/POS what devices/escpos decodes, and of what that
// leaves open: sizes, line spacing, QR codes of their own, graphics, presenters,
// flow control. Not simulated: fonts B and C, margins, NV graphics, barcodes of
// one dimension, page mode, sensors for black marks.
//
// Pseudo-terminals are used on Linux only; elsewhere [Start] says so.
//
// Built-in people have the example numbers of GB 11643 and invented names.
package simulator
