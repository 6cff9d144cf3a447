package simulator

import (
	"hallkiosk/devices/escpos"
)

// receive takes bytes from the line. Real-time commands are obeyed at once,
// wherever they stand; everything else goes into the buffer.
func (p *Printer) receive(b []byte) {
	p.change(func() {
		for _, c := range b {
			p.receiveByte(c)
		}
		p.flow()
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
	// Unpaced, bytes come faster than any line brings them: then only a
	// printer that stands still loses them.
	if len(p.buf) >= p.model.Buffer && (p.paced || p.stopped()) {
		p.lost++
		return
	}
	p.buf = append(p.buf, c)
}

// flow stops the line before the buffer is full, and lets it go on. It is the
// line's own affair: even a printer that answers nothing else does it.
func (p *Printer) flow() {
	if !p.model.XOFF || p.model.Model == ModelOneWay {
		return
	}
	const xon, xoff = 0x11, 0x13
	// A writer may send a chunk of 256 bytes more before it has seen the XOFF.
	xoffRoom := max(p.model.Buffer/4, 256)
	xonRoom := max(p.model.Buffer/2, xoffRoom+64)
	switch room := p.model.Buffer - len(p.buf); {
	case !p.stopLine && room <= xoffRoom:
		p.stopLine = true
		p.wire.send([]byte{xoff})
	case p.stopLine && room >= xonRoom:
		p.stopLine = false
		p.wire.send([]byte{xon})
	}
}

// obey carries out a real-time command and reports whether it was one.
func (p *Printer) obey(op escpos.Op) bool {
	switch op.Kind {
	case escpos.OpStatus:
		switch {
		case op.N >= 1 && op.N <= 4:
			p.answer([]byte{p.status(op.N)})
		case op.N == fullStatus && p.model.Model == ModelCustom:
			p.answer(p.full())
		}
	case escpos.OpRecover:
		if p.cutter && !p.jamNext { // 1 goes on, 2 forgets
			p.cutter = false
			if op.N == 2 {
				p.forget()
			}
		}
	case escpos.OpClear:
		if p.model.Model != ModelEpson {
			return true // swallowed, as clones do
		}
		p.forget()
		p.answer([]byte{0x37, 0x25, 0x00})
	default:
		return false
	}
	return true
}

// forget drops what has not been printed.
func (p *Printer) forget() {
	p.buf, p.line = nil, nil
	p.flow()
}

// fullStatus is Custom's DLE EOT 20; full answers it (KPM150-H manual, pages 10
// and 56).
const fullStatus = 0x14

func (p *Printer) full() []byte {
	return []byte{
		0x10, 0x0F,
		bits(0, map[byte]bool{0x01: p.paperOut, 0x04: p.nearEnd || p.paperOut, 0x20: p.atOutput}),
		bits(0, map[byte]bool{0x02: p.coverOpen, 0x04: len(p.buf) > 0, 0x08: p.moving}),
		bits(0, map[byte]bool{0x01: p.hot}),
		bits(0, map[byte]bool{0x01: p.cutter}),
	}
}

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
	if !p.silent && p.model.Model != ModelOneWay {
		p.wire.send(b)
	}
}
