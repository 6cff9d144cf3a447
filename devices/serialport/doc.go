// Package serialport opens serial ports by a stable path and hides their
// traps from the drivers.
//
// The kiosk's supervisor of devices and the technician's probe open ports
// with it; drivers get the *Port as a small interface of their own. It never
// opens a port it was not told to: the library's own list opens every port
// there is and changes the speed of ports in use. A [Finder] reads what the
// kernel says about them instead. A path under
// /dev/serial/by-id, a name made by a udev rule, a symbolic link and a
// pseudo-terminal are opened in exactly the same way.
//
// # On top of go.bug.st/serial
//
// go.bug.st/serial has no time-out for writes, its Close does not free a
// blocked Write, its Write after Close uses a file number that may belong to
// another file by then, its read time-out is not safe to change while reading,
// its Write is ended by signals, and root may open a port that is in use. A [Port] writes in small pieces
// from a goroutine of its own under a watchdog, guards every call with its own
// flag, repeats what a signal has interrupted, changes the read time-out between
// reads only, and (on Unix) holds a lock
// on the device file so that a second program is refused whoever runs it.
//
// Flow control by the kernel is not used: the library clears it on opening.
// The printer driver honours XOFF itself, between pieces of 256 bytes, on a
// port that is [Config.Paced].
package serialport
