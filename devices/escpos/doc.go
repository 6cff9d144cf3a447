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
// Text goes out in GB18030, limited to the two-byte area that printers have in
// their character memory. A line with a character outside it (rare name
// characters, private use) is drawn as one raster line of the same size by
// the caller's [Rasterizer]. QR codes go out as raster as well: the native QR
// commands of clones differ, and some printers print nothing at all when a
// native code is too wide. Everything between two lines is a border where the
// job may be stopped; see [Printer.Print].
//
// # What comes back
//
// Status is asked with DLE EOT 1 to 4, one at a time, and read bit by bit:
// printers differ in the bits this package does not use. A job counts as
// printed when the probe behind its cut (GS r 1) has been answered and the
// printer is still well.
//
// # Compared before writing this by hand
//
// The Go packages for ESC/POS that were looked at only write: none reads
// status, none confirms a job, none falls back to raster for characters
// beyond the printer's. receiptio (Node) does read status; its sequence
// (init, job, cut, GS r 1) is the one used here, with DLE EOT in place of
// automatic status: automatic status bytes share their bit pattern with the
// answer to GS r.
//
// Command bytes are from Epson's ESC/POS reference and the TM-T88III,
// TM-T81 and TM-U220 manuals; the commands' comments name the differences
// of other makers.
package escpos
