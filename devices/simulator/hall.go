package simulator

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hallkiosk/devices/escpos"
)

// Config says where and how the devices appear.
type Config struct {
	// Dir is the folder in which the links printer, reader and scanner
	// appear. It is created when absent. One simulator at a time uses it;
	// links left by one that was killed are replaced.
	Dir string
	// Baud is the speed of the simulated lines in bit/s. 0 is 115200.
	Baud int
	// Unpaced moves bytes, paper and cards as fast as possible, for tests.
	Unpaced bool
	// Printer is the printer that is simulated. It can be changed later.
	Printer PrinterModel
	// Drawer stands for the printer's character memory in pictures of papers:
	// escpos/raster has one that draws from a font file. Without one characters
	// are boxes.
	Drawer escpos.Rasterizer
	// CardTime is how long the reader takes to read a card, without the time
	// on the line. 0 is one second, or no time when Unpaced.
	CardTime time.Duration
}

// The names of the links in Config.Dir.
const (
	PrinterLink = "printer"
	ReaderLink  = "reader"
	ScannerLink = "scanner"
)

var errInUse = errors.New("another simulator uses this folder: end it, or give another folder")

// A Hall is the three running devices. Its methods may be called from several
// goroutines.
type Hall struct {
	Printer *Printer
	Reader  *Reader
	Scanner *Scanner

	unlock func()
}

// Start makes the devices appear. On systems other than Linux it returns an
// error that says so.
func Start(c Config) (*Hall, error) {
	if c.Dir == "" {
		return nil, errors.New("simulator: no folder given: set Config.Dir")
	}
	if c.Baud < 0 || c.CardTime < 0 {
		return nil, fmt.Errorf("simulator: speed %d bit/s, card time %v: neither can be negative", c.Baud, c.CardTime)
	}
	if c.Baud == 0 {
		c.Baud = 115200
	}
	if c.CardTime == 0 && !c.Unpaced {
		c.CardTime = time.Second
	}
	if c.Unpaced {
		c.Baud = 0
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("simulator: making the folder: %w", err)
	}
	unlock, err := lockDir(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("simulator: folder %s: %w", c.Dir, err)
	}
	h := &Hall{unlock: unlock}
	if err := h.start(c); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

func (h *Hall) start(c Config) (err error) {
	link := func(name string) (string, error) {
		path := filepath.Join(c.Dir, name)
		info, err := os.Lstat(path)
		if err == nil && info.Mode()&os.ModeSymlink == 0 {
			return "", fmt.Errorf("simulator: %s is a file and not a link: move it away, or give another folder", path)
		}
		return path, nil
	}
	printer, err := link(PrinterLink)
	if err != nil {
		return err
	}
	reader, err := link(ReaderLink)
	if err != nil {
		return err
	}
	scanner, err := link(ScannerLink)
	if err != nil {
		return err
	}
	if h.Printer, err = newPrinter(printer, c); err != nil {
		return err
	}
	if h.Reader, err = newReader(reader, c); err != nil {
		return err
	}
	h.Scanner, err = newScanner(scanner, c)
	return err
}

// Close unplugs everything, removes the links and ends all goroutines. A
// second Close does nothing.
func (h *Hall) Close() error {
	if h.Printer != nil {
		h.Printer.close()
	}
	if h.Reader != nil {
		h.Reader.close()
	}
	if h.Scanner != nil {
		h.Scanner.wire.close()
	}
	if h.unlock != nil {
		h.unlock()
		h.unlock = nil
	}
	return nil
}
