package simulator

import (
	"bytes"
	"time"
	"unicode/utf8"

	"hallkiosk/devices/escpos"
)

// run is the mechanism: it works the buffer off while nothing stops it.
func (p *Printer) run() {
	defer p.ran.Done()
	// By the clock, as the line: on a busy machine late wake-ups must not make the
	// mechanism slower than the line, or the buffer runs over.
	free := time.Now() // when it has done all so far
	for {
		took, ok := p.step()
		switch {
		case !ok:
			select {
			case <-p.kick:
			case <-p.done:
				return
			}
			free = time.Now()
		case p.paced && took > 0:
			free = free.Add(took)
			select {
			case <-time.After(time.Until(free)):
			case <-p.done:
				return
			}
			p.mu.Lock()
			p.moving = false
			p.mu.Unlock()
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
	before := p.autoStatus()
	if !p.feed(p.height(op)) {
		p.autoChanged()
		return 0, false
	}
	if !bytes.Equal(before, p.autoStatus()) {
		p.autoChanged()
	}
	raw := append([]byte(nil), p.buf[:n]...)
	p.buf = p.buf[n:]
	p.flow()
	p.paper.Raw = append(p.paper.Raw, raw...)
	took = p.work(op, raw)
	p.moving = p.paced && took > 0
	return took, true
}

// feed uses up paper; false means that it has ended before.
func (p *Printer) feed(dots int) bool {
	if p.left < 0 || dots == 0 {
		return true
	}
	if dots > p.left {
		p.paperOut, p.nearEnd = true, true
		return false
	}
	p.left -= dots
	p.nearEnd = p.nearEnd || p.left < nearEndDots
	return true
}

// height is how far an operation moves the paper, in dots.
func (p *Printer) height(op escpos.Op) int {
	switch op.Kind {
	case escpos.OpLine:
		return max(p.set.spacing, cellHigh*p.set.high)
	case escpos.OpRaster:
		return op.Image.H
	case escpos.OpFeedLines:
		return op.N * p.set.spacing
	case escpos.OpFeedDots, escpos.OpCut:
		return op.N
	case escpos.OpQR:
		if op.N == 81 {
			if b := p.set.qr(p.model.Dots); b != nil {
				return b.H
			}
		}
	}
	return 0
}

// autoChanged sends automatic status after the mechanism changed the state.
func (p *Printer) autoChanged() {
	if p.auto != 0 {
		p.answer(p.autoStatus())
	}
}

// work carries out one operation, whose bytes are raw, and says how long that
// takes.
func (p *Printer) work(op escpos.Op, raw []byte) time.Duration {
	took := time.Duration(p.height(op)) * time.Second / (paperSpeed * dotsPerMM)
	if p.slow {
		took *= slowHead
	}
	if !p.has(op) {
		return 0
	}
	p.set.follow(op, raw)
	switch op.Kind {
	case escpos.OpText:
		for _, r := range op.Text {
			if code, ok := escpos.DefinedCode(r); ok && p.set.glyphs[code] != nil {
				p.paper.Pictures = append(p.paper.Pictures, p.set.glyphs[code])
				r = '□'
			}
			p.line = utf8.AppendRune(p.line, r)
		}
	case escpos.OpInline:
		p.paper.Pictures = append(p.paper.Pictures, op.Image)
		for range (op.Image.W + cellHigh - 1) / cellHigh {
			p.line = utf8.AppendRune(p.line, '□')
		}
	case escpos.OpLine:
		p.paper.addLine(string(p.line), p.set.align)
		p.line = nil
	case escpos.OpRaster:
		p.flush()
		p.paper.addBand(op.Image, p.set.align)
	case escpos.OpFeedLines:
		p.flush()
	case escpos.OpFeedDots:
		p.flush()
		p.paper.lastBand = false
	case escpos.OpQR:
		if b := p.set.qr(p.model.Dots); op.N == 81 && b != nil && len(p.line) == 0 {
			p.paper.addPicture("qr", b, p.set.align)
		}
	case escpos.OpCut:
		p.flush()
		p.finish()
		return took + cutTime
	case escpos.OpPresent:
		p.present(op.N)
	case escpos.OpInit:
		p.line, p.auto = nil, 0
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
	default:
		if printsGraphics(raw) && p.set.graphics != nil {
			p.flush()
			p.paper.addPicture("picture", p.set.graphics, p.set.align)
		}
	}
	return took
}

// has tells whether this printer knows an operation; it drops others unseen.
func (p *Printer) has(op escpos.Op) bool {
	m := p.model.Model
	switch op.Kind {
	case escpos.OpPresent:
		return m == ModelCustom
	case escpos.OpAuto, escpos.OpProcessID:
		return m == ModelEpson
	case escpos.OpQR:
		return m != ModelClone
	}
	return true
}

// present carries out GS e with the numbers of Custom's KPM210 and KPM216
// (manual, page 76).
func (p *Printer) present(n int) {
	last := len(p.papers) - 1
	switch n {
	case 2: // take back
		if p.atOutput && last >= 0 {
			p.papers[last].Retracted = true
		}
		p.atOutput = false
	case 3: // present
		p.atOutput = last >= 0
	case 5: // let it fall
		p.atOutput = false
	case 6: // paper and ticket
		p.answer([]byte{bits(0, map[byte]bool{0x01: p.nearEnd, 0x04: !p.paperOut, 0x08: p.atOutput, 0x10: p.moving, 0x40: p.stopped()})})
	}
}

// flush prints a line that was not ended.
func (p *Printer) flush() {
	if len(p.line) > 0 {
		p.paper.addLine(string(p.line), p.set.align)
		p.line = nil
	}
}

// begin takes a new paper.
func (p *Printer) begin() { p.paper = Paper{dots: p.model.Dots, start: p.set} }

// finish lets the paper drop.
func (p *Printer) finish() {
	p.papers = append(p.papers, p.paper)
	if keep := p.model.Keep; keep > 0 && len(p.papers) > keep {
		n := len(p.papers) - keep
		p.papers, p.dropped = append([]Paper(nil), p.papers[n:]...), p.dropped+n
	}
	p.begin()
	close(p.finished)
	p.finished = make(chan struct{})
}
