package kiosk

import (
	"log/slog"
	"time"

	"hallkiosk/app/kiosk/internal/peripherals"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/devices/escpos"
)

// Port says where a device is attached.
type Port = peripherals.PortConfig

// Dialect is what a card reader speaks: sam-v, bank-number, bank-name or
// bank-observed.
type Dialect = peripherals.Dialect

// Config says what a terminal is. The zero values of the ports mean that there
// is no such device.
type Config struct {
	// Centre is the address of the central service: http://127.0.0.1:7080.
	Centre string
	// Hall and Token were given when the terminal was enrolled.
	Hall  string
	Token string
	// DataDir holds the terminal's own store. It survives everything but the
	// disk; no other process may use it at the same time.
	DataDir string

	Printer Port
	// PrinterProfile names the printer's family (escpos.ProfileByName); empty =
	// the common 80 mm printer.
	PrinterProfile string
	// Rasterizer draws characters that the printer does not have; nil prints 〓.
	Rasterizer escpos.Rasterizer
	Reader     Port
	// ReaderDialect is what the reader speaks; empty = sam-v.
	ReaderDialect Dialect
	Scanner       Port
	// ScannerProfile names the scanner's family (codescan.ProfileByName); empty =
	// one that scans by itself.
	ScannerProfile string

	// Drawing says where pages break; zero = by counting. Its Handwriting follows from
	// the Config's.
	Drawing session.Drawing
	// Handwriting reads what is written with a finger; nil = no pad is offered.
	Handwriting Recogniser
	// TechnicianPIN is the hash of the technician's PIN, as hall.HashPIN makes it;
	// empty = the technician's page cannot be reached.
	TechnicianPIN string
	// Version is the program's, for the technician's page; may be empty.
	Version string
	// Logger gets what a technician must know; never anything personal. nil =
	// nothing is logged.
	Logger *slog.Logger
	// Now is the wall clock; nil = time.Now.
	Now func() time.Time
}

// drawing is what the session knows of how its pages are drawn.
func (c *Config) drawing() session.Drawing {
	d := c.Drawing
	d.Handwriting = c.Handwriting != nil
	return d
}
