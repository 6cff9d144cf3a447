// Package devices holds no code. It states the law that every driver below it
// follows, so that a driver for the next device looks like the others.
//
// # The packages
//
//   - [hallkiosk/devices/serialport] opens a serial port by a stable path and
//     hides the traps of serial ports on Linux;
//   - [hallkiosk/devices/escpos] drives receipt printers;
//   - [hallkiosk/devices/samv] drives readers of resident ID cards;
//   - [hallkiosk/devices/bankreader] drives the multi-readers of banks, which hand
//     over the number, or number and name, alone;
//   - [hallkiosk/devices/codescan] drives code scanners in serial mode;
//   - [hallkiosk/devices/mrz] reads the machine-readable zone of passports and
//     travel permits;
//   - [hallkiosk/devices/usblp] and [hallkiosk/devices/tcpprint] are ports to
//     printers on USB and on the network, which are alike once they are open:
//     [hallkiosk/devices/printerport];
//   - [hallkiosk/devices/idnumber] checks and masks ID numbers and names;
//   - [hallkiosk/devices/porttest] gives driver tests a port made of data;
//   - [hallkiosk/devices/simulator] is the three devices on pseudo-terminals.
//
// # The law
//
// Port in, concrete type out. A driver's New takes an open port, as the small
// interface that this driver needs, and an options struct whose zero value
// works; it returns a concrete pointer. The application opens and closes
// ports; a driver never opens, lists or closes one.
//
// The contract of a port's Read is the one of serialport: it waits a short
// tick (about 50 ms) and returns 0, nil when nothing came. That is a time-out
// and not the end of the stream, which is why no driver puts a bufio.Reader on
// top of a port.
//
// Condition or port lost. A device that is out of paper or sees no card is in
// a condition: the driver reports it in a typed value, stays usable, and the
// next call may succeed. An unplugged cable, a closed port, a write that never
// ends or a device silent for too long is a lost port: the error satisfies
// errors.Is with the driver's ErrPortLost, every later call returns it again,
// and the owner closes the port, opens it anew and makes a new driver. A
// mistake in what the caller asked for is neither: it is a plain error,
// permanent, and nothing was sent.
//
// No knowledge of the hall. Drivers know paper, cards and codes. They do not
// know tickets, businesses, windows or people waiting, import nothing from
// app, and carry no texts for citizens.
//
// Nothing personal in logs. Drivers do not log. Their errors and their String
// methods name states, lengths and places, never a name, a whole ID number or
// the content of a scanned code. Photos are overwritten as soon as they have
// been received; fingerprints are never asked for.
//
// Time comes from package time, so a test may run a driver in a
// testing/synctest bubble over a port made of data. Only tests on
// pseudo-terminals take real time.
package devices
