package simulator

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"hallkiosk/devices/escpos"
)

const (
	// bufferSize is a small printer's receive buffer. What arrives while it is
	// full and the printer has stopped is lost, as on a line without flow
	// control.
	bufferSize = 4096
	// paperSpeed is in mm/s; dotsPerMM at 203 dpi.
	paperSpeed = 150
	dotsPerMM  = 8
	// linePitch is the default line spacing in dots, cutTime a cut.
	linePitch = 30
	cutTime   = 400 * time.Millisecond
)

// A Printer is the simulated receipt printer: 80 mm, with cutter, the status
// commands of Epson's reference, and clearing of buffers by DLE DC4 fn 8.
//
// What is in its buffer when the paper ends is printed after new paper was
// loaded, unless the buffer was cleared: that is what real printers do.
type Printer struct {
	wire  *wire
	paced bool

	mu   sync.Mutex
	kick chan struct{} // something changed for the mechanism
	done chan struct{}
	ran  sync.WaitGroup

	realTime []byte // the beginning of a real-time command
	buf      []byte // the receive buffer, without real-time commands
	lost     int    // bytes that found the buffer full

	paperOut, nearEnd, coverOpen, cutter, jamNext, hot, silent bool

	outAfter int  // bytes until the paper ends, -1 for never
	auto     byte // mask of automatic status

	line     []byte
	align    escpos.Align
	paper    Paper // coming out
	papers   []Paper
	finished chan struct{} // closed and renewed with every paper
}

func newPrinter(link string, c Config) (*Printer, error) {
	p := &Printer{
		paced: !c.Unpaced, outAfter: -1,
		kick: make(chan struct{}, 1), done: make(chan struct{}), finished: make(chan struct{}),
	}
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
		p.paperOut, p.nearEnd, p.coverOpen, p.outAfter = false, false, false, -1
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

// Papers are the papers that came out so far, the oldest first.
func (p *Printer) Papers() []Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Paper(nil), p.papers...)
}

// Wait waits until n papers have come out since the start and returns them
// all.
func (p *Printer) Wait(ctx context.Context, n int) ([]Paper, error) {
	for {
		p.mu.Lock()
		papers, finished := append([]Paper(nil), p.papers...), p.finished
		p.mu.Unlock()
		if len(papers) >= n {
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
	return len(p.paper.Raw), len(p.papers)
}

// stopped tells whether the mechanism stands still.
func (p *Printer) stopped() bool { return p.paperOut || p.coverOpen || p.cutter || p.hot }

// receive takes bytes from the line. Real-time commands are obeyed at once,
// wherever they stand; everything else goes into the buffer.
func (p *Printer) receive(b []byte) {
	p.change(func() {
		for _, c := range b {
			p.receiveByte(c)
		}
	})
}

const dle = 0x10

func (p *Printer) receiveByte(c byte) {
	if len(p.realTime) == 0 && c != dle {
		p.store(c)
		return
	}
	p.realTime = append(p.realTime, c)
	r := p.realTime
	if len(r) == 1 || len(r) == 2 && (c == 0x04 || c == 0x05 || c == 0x14) {
		return
	}
	if len(r) > 2 {
		op, n := escpos.NextOp(r)
		if n == 0 {
			return
		}
		if n == len(r) && p.obey(op) {
			p.realTime = nil
			return
		}
	}
	// No real-time command: the bytes are data, but the last may begin one.
	p.realTime = nil
	p.store(r[0])
	for _, c := range r[1:] {
		p.receiveByte(c)
	}
}

func (p *Printer) store(c byte) {
	if p.stopped() && len(p.buf) >= bufferSize {
		p.lost++
		return
	}
	p.buf = append(p.buf, c)
}

// obey carries out a real-time command and reports whether it was one.
func (p *Printer) obey(op escpos.Op) bool {
	switch op.Kind {
	case escpos.OpStatus:
		if op.N >= 1 && op.N <= 4 {
			p.answer([]byte{p.status(op.N)})
		}
	case escpos.OpRecover:
		if p.cutter && !p.jamNext { // 1 goes on, 2 forgets
			p.cutter = false
			if op.N == 2 {
				p.forget()
			}
		}
	case escpos.OpClear:
		p.forget()
		p.answer([]byte{0x37, 0x25, 0x00})
	default:
		return false
	}
	return true
}

// forget drops what has not been printed.
func (p *Printer) forget() { p.buf, p.line = nil, nil }

// bits sets the bits of a status byte whose conditions hold.
func bits(base byte, set map[byte]bool) byte {
	for bit, on := range set {
		if on {
			base |= bit
		}
	}
	return base
}

// status is the answer to DLE EOT n; TM-T88III manual, page 84.
func (p *Printer) status(n int) byte {
	const base = 0x12
	switch n {
	case 1:
		return bits(base, map[byte]bool{0x08: p.stopped()})
	case 2:
		return bits(base, map[byte]bool{0x04: p.coverOpen, 0x20: p.paperOut, 0x40: p.cutter || p.hot})
	case 3:
		return bits(base, map[byte]bool{0x08: p.cutter, 0x40: p.hot})
	}
	return bits(base, map[byte]bool{0x0C: p.nearEnd || p.paperOut, 0x60: p.paperOut})
}

// autoStatus is the four bytes of automatic status; TM-T88III manual, page
// 145.
func (p *Printer) autoStatus() []byte {
	return []byte{
		bits(0x10, map[byte]bool{0x08: p.stopped(), 0x20: p.coverOpen}),
		bits(0, map[byte]bool{0x08: p.cutter, 0x40: p.hot}),
		bits(0, map[byte]bool{0x03: p.nearEnd || p.paperOut, 0x0C: p.paperOut}),
		0,
	}
}

// answer sends bytes unless the printer is silent.
func (p *Printer) answer(b []byte) {
	if !p.silent {
		p.wire.send(b)
	}
}

// run is the mechanism: it works the buffer off while nothing stops it.
func (p *Printer) run() {
	defer p.ran.Done()
	for {
		took, ok := p.step()
		switch {
		case !ok:
			select {
			case <-p.kick:
			case <-p.done:
				return
			}
		case p.paced && took > 0:
			select {
			case <-time.After(took):
			case <-p.done:
				return
			}
		}
	}
}

// step works off one operation and says how long that takes. ok is false when
// there is nothing to do.
func (p *Printer) step() (took time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped() {
		return 0, false
	}
	op, n := escpos.NextOp(p.buf)
	if n == 0 {
		return 0, false
	}
	if p.outAfter >= 0 {
		if n > p.outAfter {
			p.outAfter, p.paperOut = -1, true
			p.autoChanged()
			return 0, false
		}
		p.outAfter -= n
	}
	if op.Kind == escpos.OpCut && p.jamNext {
		p.cutter, p.jamNext = true, false
		p.autoChanged()
		return 0, false
	}
	p.paper.Raw = append(p.paper.Raw, p.buf[:n]...)
	p.buf = p.buf[n:]
	return p.work(op), true
}

// autoChanged sends automatic status after the mechanism changed the state.
func (p *Printer) autoChanged() {
	if p.auto != 0 {
		p.answer(p.autoStatus())
	}
}

// work carries out one operation.
func (p *Printer) work(op escpos.Op) time.Duration {
	move := func(dots int) time.Duration {
		return time.Duration(dots) * time.Second / (paperSpeed * dotsPerMM)
	}
	switch op.Kind {
	case escpos.OpText:
		p.line = append(p.line, op.Text...)
	case escpos.OpLine:
		p.paper.addLine(string(p.line), p.align)
		p.line = nil
		return move(linePitch)
	case escpos.OpRaster:
		p.flush()
		p.paper.addBand(op.Image, p.align)
		return move(op.Image.H)
	case escpos.OpFeedLines:
		p.flush()
		return move(op.N * linePitch)
	case escpos.OpFeedDots:
		p.paper.lastBand = false
		return move(op.N)
	case escpos.OpCut:
		p.flush()
		p.finish()
		return move(op.N) + cutTime
	case escpos.OpInit:
		p.line, p.align, p.auto = nil, escpos.Left, 0
	case escpos.OpAlign:
		p.align = escpos.Align(op.N)
	case escpos.OpPaper:
		p.answer([]byte{bits(0, map[byte]bool{0x03: p.nearEnd, 0x0C: p.paperOut})})
	case escpos.OpAuto:
		if p.auto = byte(op.N); p.auto != 0 {
			p.answer(p.autoStatus())
		}
	case escpos.OpProcessID:
		p.answer(append(append([]byte{0x37, 0x22}, op.Data...), 0))
	case escpos.OpInfo:
		if op.N >= 65 && op.N <= 69 || op.N == 112 {
			p.answer([]byte("_HALL SIMULATOR\x00"))
		} else {
			p.answer([]byte{0x02}) // model with cutter
		}
	}
	return 0
}

// flush prints a line that was not ended.
func (p *Printer) flush() {
	if len(p.line) > 0 {
		p.paper.addLine(string(p.line), p.align)
		p.line = nil
	}
}

// finish lets the paper drop.
func (p *Printer) finish() {
	p.papers = append(p.papers, p.paper)
	p.paper = Paper{}
	close(p.finished)
	p.finished = make(chan struct{})
}
