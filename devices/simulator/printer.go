package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"hallkiosk/devices/escpos"
)

const (
	// bufferSize is a small printer's receive buffer. What arrives while it is
	// full is lost, as on a line without flow control.
	bufferSize = 4096
	// paperSpeed is in mm/s; dotsPerMM at 203 dpi.
	paperSpeed = 150
	dotsPerMM  = 8
	// linePitch is the default line spacing in dots, cutTime a cut.
	linePitch = 30
	cutTime   = 400 * time.Millisecond
	// slowHead is how much longer moving the paper takes with a slow head:
	// 50 mm/s, as the slowest printers on the market.
	slowHead = 3
	// nearEndDots is the paper left when the near-end sensor speaks: 3 m.
	nearEndDots = 3000 * dotsPerMM
	// minBuffer is the smallest receive buffer known.
	minBuffer = 512
)

// The printers there are.
const (
	// ModelEpson answers DLE EOT, GS r, GS a, GS ( H and DLE DC4.
	ModelEpson = "epson"
	// ModelClone is a clone without process ID, automatic status, buffer
	// clearing and QR codes of its own.
	ModelClone = "clone"
	// ModelCustom is a kiosk printer with a presenter and Custom's full status.
	ModelCustom = "custom"
	// ModelOneWay answers nothing.
	ModelOneWay = "one-way"
)

// Models lists them, the default first.
func Models() []string { return []string{ModelEpson, ModelClone, ModelCustom, ModelOneWay} }

// PrinterModel says which printer is simulated. The zero value is an Epson on
// 80 mm paper that has 4 kB of buffer and no flow control.
type PrinterModel struct {
	// Model is one of Models. Empty is ModelEpson.
	Model string
	// Dots is the width of the print head: 576 on 80 mm paper, which 0 means,
	// and 384 on 58 mm.
	Dots int
	// Buffer is the size of the receive buffer in bytes. 0 is 4096.
	Buffer int
	// XOFF lets it stop the line with XOFF before the buffer is full.
	XOFF bool
	// RollMM is the length of the roll in mm. 0 is without end. The near-end
	// sensor speaks 3 m before the end.
	RollMM int
	// Keep is how many papers Papers returns at most, the last ones. 0 is all.
	Keep int
}

// A Printer is the simulated receipt printer.
//
// What is in its buffer when the paper ends is printed after new paper was
// loaded, unless the buffer was cleared: that is what real printers do.
type Printer struct {
	wire   *wire
	paced  bool
	drawer escpos.Rasterizer

	mu   sync.Mutex
	kick chan struct{} // something changed for the mechanism
	done chan struct{}
	ran  sync.WaitGroup

	model    PrinterModel
	realTime []byte // the beginning of a real-time command
	buf      []byte // the receive buffer, without real-time commands
	lost     int    // bytes that found the buffer full
	stopLine bool   // XOFF was sent, XON not yet

	paperOut, nearEnd, coverOpen, cutter, jamNext, hot, slow, silent bool

	moving   bool // paper moves
	atOutput bool // a ticket lies at the presenter's output
	outAfter int  // bytes until the paper ends, -1 for never
	left     int  // dots of paper left, -1 without end
	auto     byte // mask of automatic status

	line     []byte
	set      settings
	paper    Paper // coming out
	papers   []Paper
	dropped  int           // papers no longer kept
	taken    int           // papers that were taken away
	finished chan struct{} // closed and renewed with every paper
}

func newPrinter(link string, c Config) (*Printer, error) {
	p := &Printer{
		paced: !c.Unpaced, drawer: c.Drawer, outAfter: -1,
		kick: make(chan struct{}, 1), done: make(chan struct{}), finished: make(chan struct{}),
	}
	p.set = p.set.fresh()
	if err := p.setModel(c.Printer); err != nil {
		return nil, err
	}
	p.begin()
	p.wire = newWire(link, c.Baud, p.receive)
	if err := p.wire.replug(); err != nil {
		return nil, err
	}
	p.ran.Add(1)
	go p.run()
	return p, nil
}

func (p *Printer) close() {
	select {
	case <-p.done:
		return
	default:
	}
	close(p.done)
	p.wire.close()
	p.ran.Wait()
}

// Unplug pulls the printer's cable. The printer keeps its paper, its faults
// and its buffer.
func (p *Printer) Unplug() { p.wire.unplug() }

// Replug puts the cable back: a new pseudo-terminal behind the same link.
func (p *Printer) Replug() error { return p.wire.replug() }

// setModel checks a model and takes it over.
func (p *Printer) setModel(m PrinterModel) error {
	if m.Model == "" {
		m.Model = ModelEpson
	}
	if m.Dots == 0 {
		m.Dots = 576
	}
	if m.Buffer == 0 {
		m.Buffer = bufferSize
	}
	switch {
	case !slices.Contains(Models(), m.Model):
		return fmt.Errorf("simulator: no printer model %q: use one of %s", m.Model, strings.Join(Models(), ", "))
	case m.Dots < 192 || m.Dots > 1024 || m.Dots%8 != 0:
		return fmt.Errorf("simulator: a print head of %d dots: use 384 or 576", m.Dots)
	case m.Buffer < minBuffer || m.Buffer > 1<<20:
		return fmt.Errorf("simulator: a buffer of %d bytes: use %d to %d", m.Buffer, minBuffer, 1<<20)
	case m.RollMM < 0 || m.RollMM > 1<<20 || m.Keep < 0:
		return errors.New("simulator: the length of the roll and the papers kept cannot be negative")
	}
	p.model = m
	p.newRoll()
	return nil
}

// newRoll puts a roll in.
func (p *Printer) newRoll() {
	p.left = -1
	if p.model.RollMM > 0 {
		p.left = p.model.RollMM * dotsPerMM
	}
	p.nearEnd = p.left >= 0 && p.left < nearEndDots
}

// Model is the printer that is simulated.
func (p *Printer) Model() PrinterModel {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.model
}

// SetModel makes it another printer, with a new roll. The error of a model that
// does not exist names those that do.
func (p *Printer) SetModel(m PrinterModel) (err error) {
	p.change(func() { err = p.setModel(m) })
	return err
}

// Roll puts in a roll of so many mm; 0 is one without end. What is in the
// buffer is printed.
func (p *Printer) Roll(mm int) {
	p.change(func() { p.model.RollMM = max(mm, 0) })
	p.PaperLoad()
}

// Take takes away what hangs out of the printer or lies at the presenter's
// output, and reports whether there was anything.
func (p *Printer) Take() (took bool) {
	p.change(func() {
		all := p.dropped + len(p.papers)
		took = p.atOutput || p.taken < all
		p.taken, p.atOutput = all, false
	})
	return took
}

// Slow makes the head slow, as on a cold morning or with a weak power supply.
func (p *Printer) Slow(on bool) { p.change(func() { p.slow = on }) }

// change alters the printer's state, wakes the mechanism and sends automatic
// status if that is on.
func (p *Printer) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.autoStatus()
	f()
	if after := p.autoStatus(); p.auto != 0 && !bytes.Equal(before, after) {
		p.answer(after)
	}
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

// PaperOut takes the paper out.
func (p *Printer) PaperOut() { p.change(func() { p.paperOut = true }) }

// PaperOutAfter lets the paper end in the middle of a job: before the command
// that would make it more than n bytes from now.
func (p *Printer) PaperOutAfter(n int) { p.change(func() { p.outAfter = n }) }

// PaperLow lets the paper be near its end.
func (p *Printer) PaperLow() { p.change(func() { p.nearEnd = true }) }

// PaperLoad loads a new roll and closes the cover. Whatever is still in the
// buffer is printed now.
func (p *Printer) PaperLoad() {
	p.change(func() {
		p.paperOut, p.coverOpen, p.outAfter = false, false, -1
		p.newRoll()
		if !p.paper.empty() {
			p.paper.Torn = true
			p.finish()
		}
	})
}

// Cover opens or closes the cover.
func (p *Printer) Cover(open bool) { p.change(func() { p.coverOpen = open }) }

// CutterError puts the blade into the error state, or clears it.
func (p *Printer) CutterError(on bool) { p.change(func() { p.cutter, p.jamNext = on, false }) }

// CutterJam lets the next cut fail.
func (p *Printer) CutterJam() { p.change(func() { p.jamNext = true }) }

// Hot overheats the print head, or lets it cool.
func (p *Printer) Hot(on bool) { p.change(func() { p.hot = on }) }

// Silent stops it answering, or lets it answer again. It goes on printing.
func (p *Printer) Silent(on bool) { p.change(func() { p.silent = on }) }

// Papers are the papers that came out so far, the oldest first; at most
// PrinterModel.Keep.
func (p *Printer) Papers() []Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Paper(nil), p.papers...)
}

// Wait waits until n papers have come out since the start and returns those
// that are kept.
func (p *Printer) Wait(ctx context.Context, n int) ([]Paper, error) {
	for {
		p.mu.Lock()
		papers, finished, all := append([]Paper(nil), p.papers...), p.finished, p.dropped+len(p.papers)
		p.mu.Unlock()
		if all >= n {
			return papers, nil
		}
		select {
		case <-finished:
		case <-ctx.Done():
			return papers, fmt.Errorf("simulator: waiting for paper %d: %w", n, ctx.Err())
		}
	}
}

// Buffered is the number of bytes in the receive buffer, and Lost of those
// that found it full.
func (p *Printer) Buffered() (n, lost int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.buf), p.lost
}

// Worked is the number of bytes worked off for the paper coming out, and the
// number of papers that came out before it.
func (p *Printer) Worked() (bytes, papers int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.paper.Raw), p.dropped + len(p.papers)
}

// stopped tells whether the mechanism stands still.
func (p *Printer) stopped() bool { return p.paperOut || p.coverOpen || p.cutter || p.hot }
