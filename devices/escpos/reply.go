package escpos

// replyKind tells apart what a printer sends, by the bit patterns of Epson's
// TM-T88III manual, appendix G.
type replyKind int

const (
	replyNone   replyKind = iota // more bytes are needed
	replyStatus                  // answer to DLE EOT: 0xx1xx10
	replyPaper                   // answer to GS r, or another one-byte answer: 0xx0xxxx
	replyAuto                    // automatic status: 0xx1xx00 and three bytes 0xx0xxxx
	replyBlock                   // 37 or 5F … 00
	replyFull                    // Custom's full status: 10 0F and four bytes
	replyFlow                    // XON or XOFF
	replyNoise                   // none of these
)

const (
	xon  = 0x11
	xoff = 0x13
)

// maxBlock is the longest block accepted; a printer's serial number is the
// longest known, below 100 bytes.
const maxBlock = 256

// fullStatus is the question for Custom's full status, DLE EOT 20, and fullLen
// the length of its answer (KPM150-H manual, p. 56).
const (
	fullStatus = 0x14
	fullLen    = 6
)

// A reply is one thing a printer has said.
type reply struct {
	kind replyKind
	data []byte
	// flow are XON and XOFF that came in the middle of it, in their order:
	// what stops the line must not get lost.
	flow []byte
}

// nextReply takes the first reply off b and says how many bytes it had. It
// returns replyNone and 0 when b holds only the beginning of one. Automatic
// status is taken whole, because its last three bytes look like answers to
// GS r; Custom's full status is taken whole because its bytes may look like
// anything.
func nextReply(b []byte, d Dialect) (reply, int) {
	if len(b) == 0 {
		return reply{}, 0
	}
	one := func(kind replyKind) (reply, int) { return reply{kind: kind, data: b[:1]}, 1 }
	c := b[0]
	switch {
	case c == xon || c == xoff:
		return reply{kind: replyFlow, data: b[:1], flow: b[:1]}, 1
	case d == Custom && c == 0x10:
		switch {
		case len(b) > 1 && b[1] != 0x0F:
			return one(replyNoise)
		case len(b) < fullLen:
			return reply{}, 0
		}
		return reply{kind: replyFull, data: b[:fullLen]}, fullLen
	case c == 0x37 || c == 0x5F:
		return several(b, replyBlock, func(byte) bool { return true },
			func(got []byte) bool { return got[len(got)-1] == 0 })
	case c&0x93 == 0x12:
		return one(replyStatus)
	case c&0x93 == 0x10:
		return several(b, replyAuto, func(c byte) bool { return c&0x90 == 0 },
			func(got []byte) bool { return len(got) == autoLen })
	case c&0x90 == 0x00:
		return one(replyPaper)
	}
	return one(replyNoise)
}

// several takes a reply of several bytes, with XON and XOFF possibly in
// between. A byte that does not belong ends it as noise.
func several(b []byte, kind replyKind, belongs func(byte) bool, whole func([]byte) bool) (reply, int) {
	got := []byte{b[0]}
	var flow []byte
	for i := 1; i < len(b) && i < maxBlock; i++ {
		switch c := b[i]; {
		case c == xon || c == xoff:
			flow = append(flow, c)
		case !belongs(c):
			return reply{kind: replyNoise, data: got, flow: flow}, i
		default:
			if got = append(got, c); whole(got) {
				return reply{kind: kind, data: got, flow: flow}, i + 1
			}
		}
	}
	if len(b) >= maxBlock {
		return reply{kind: replyNoise, data: got[:1]}, 1
	}
	return reply{}, 0
}

// autoLen is the length of an automatic status.
const autoLen = 4

// set takes over the answer to DLE EOT n. Only documented bits are looked at,
// one by one: the others differ between printers. Tables: TM-T88III p. 84,
// TM-U220 pp. 54–55. PPU-231II uses bit 6 of the fourth for its presenter, so
// paper end is bit 5 alone.
func (s *Status) set(n int, reply byte) {
	bit := func(i int) bool { return reply&(1<<i) != 0 }
	switch n {
	case 1:
		s.Online = !bit(3)
		s.Waiting = bit(5)
		s.Feeding = s.Feeding || bit(6)
	case 2:
		s.CoverOpen = bit(2)
		s.Feeding = s.Feeding || bit(3)
		s.PaperOut = s.PaperOut || bit(5)
		s.Stopped = bit(6)
	case 3:
		s.Recoverable = bit(2)
		s.CutterError = bit(3)
		s.Unrecoverable = bit(5)
		s.HeadHot = bit(6)
	case 4:
		s.PaperNearEnd = bit(2) || bit(3)
		s.PaperOut = s.PaperOut || bit(5)
	}
}

// setAuto takes over an automatic status (GS a; TM-T88III pp. 145, 318–320).
func (s *Status) setAuto(b []byte) {
	bit := func(n, i int) bool { return b[n]&(1<<i) != 0 }
	s.Online = !bit(0, 3)
	s.CoverOpen = bit(0, 5)
	s.Waiting = bit(1, 0)
	s.Feeding = bit(0, 6) || bit(1, 1)
	s.Recoverable = bit(1, 2)
	s.CutterError = bit(1, 3)
	s.Unrecoverable = bit(1, 5)
	s.HeadHot = bit(1, 6)
	s.PaperNearEnd = bit(2, 0) || bit(2, 1)
	s.PaperOut = bit(2, 2) || bit(2, 3)
}

// setPaper takes over the answer to GS r 1 (TM-U220 p. 84).
func (s *Status) setPaper(reply byte) {
	s.PaperNearEnd = reply&0x03 != 0
	s.PaperOut = reply&0x0C != 0
}

// setFull takes over Custom's full status (KPM150-H manual, p. 56; KPM300, p.
// 113): 10 0F, then a byte each of paper, user, recoverable and unrecoverable
// errors. The virtual end (a length counted down by the printer) is a near end:
// paper is still there. The notch, and the feed keys alone, mean nothing here.
func (s *Status) setFull(b []byte) {
	bit := func(n, i int) bool { return b[n]&(1<<i) != 0 }
	s.PaperOut = bit(2, 0)
	s.PaperNearEnd = bit(2, 2) || bit(2, 6)
	s.AtOutput = bit(2, 5)
	s.CoverOpen = bit(3, 0) || bit(3, 1)
	s.Busy = bit(3, 2) || bit(3, 3)
	s.Feeding = bit(3, 5) || bit(3, 6)
	s.HeadHot = bit(4, 0)
	s.Recoverable = bit(4, 1) || bit(4, 3)
	s.CutterError = bit(5, 0)
	s.Unrecoverable = bit(5, 1) || bit(5, 2) || bit(5, 3)
	s.Online = !(s.PaperOut || s.CoverOpen || s.HeadHot || s.Recoverable || s.CutterError || s.Unrecoverable)
}
