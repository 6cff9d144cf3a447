// Package escpos drives receipt printers that speak ESC/POS.
//
// The kiosk lays out a [Document], hands it to a [Printer] and learns whether
// the paper came out. Slip layouts, the technician's test print and the
// simulator use it. It never opens a port, never retries a job by itself (a
// ticket printed twice is worse than one not printed) and never decides what
// a person is told.
//
// # What is sent
//
// Text goes out in GB18030, limited to what the profile says is in the
// printer's character memory. A character outside it (rare name characters,
// private use) is drawn by the caller's [Rasterizer] and goes out alone, in
// line with the text: as a picture of columns at normal size, as a character of
// ours on an enlarged line. Only where neither is possible the whole line is
// drawn. QR codes go out as raster unless the profile trusts the printer's own:
// the native commands of clones differ, and some printers print nothing at all
// when a native code is too wide. Everything between two lines is a border
// where the job may be stopped; see [Printer.Print]. No raster byte can be taken
// for a real-time command.
//
// A job goes out in pieces of 256 bytes, and none while the printer says XOFF.
//
// # What comes back
//
// Status is asked with DLE EOT 1 to 4, one at a time, or with Custom's full
// status, and read bit by bit: printers differ in the bits this package does
// not use. A job counts as printed when the probe behind its cut has been
// answered and the printer is still well. The probe is the best that the
// printer has: GS ( H fn 48, answered when the job is on paper; GS r 1, answered
// when it was taken from the buffer; Custom's ticket at the output. During a
// job, automatic status (GS a) only makes the driver ask sooner.
//
// # A job that was stopped
//
// The printer is told to forget it at once, or as soon as it answers again, so
// that no old ticket comes out when paper is loaded. Of a printer that cannot
// be told, [Fault.Residue] says so. Half a ticket that hangs out is cut off
// before the next job.
//
// # Compared before writing this by hand
//
// The Go packages for ESC/POS that were looked at only write: none reads
// status, none confirms a job, none falls back to raster for characters
// beyond the printer's. receiptio (Node) does read status; its sequence
// (init, job, cut, GS r 1) is the one used here, with DLE EOT in place of
// automatic status: automatic status bytes share their bit pattern with the
// answer to GS r, so that one lost byte would make a false confirmation.
//
// Command bytes are from Epson's ESC/POS reference and the TM-T88III,
// TM-T81 and TM-U220 manuals; the commands' comments name the differences
// of other makers.
package escpos
