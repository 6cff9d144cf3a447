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

// nextReply takes the first reply off b. It returns replyNone and 0 when b
// holds only the beginning of one. Automatic status is taken whole, because
// its last three bytes look like answers to GS r.
func nextReply(b []byte) (replyKind, []byte, int) {
	if len(b) == 0 {
		return replyNone, nil, 0
	}
	c := b[0]
	switch {
	case c == xon || c == xoff:
		return replyFlow, b[:1], 1
	case c == 0x37 || c == 0x5F:
		for i := 1; i < len(b) && i < maxBlock; i++ {
			if b[i] == 0 {
				return replyBlock, b[:i+1], i + 1
			}
		}
		if len(b) >= maxBlock {
			return replyNoise, b[:1], 1
		}
		return replyNone, nil, 0
	case c&0x93 == 0x12:
		return replyStatus, b[:1], 1
	case c&0x93 == 0x10:
		return nextAuto(b)
	case c&0x90 == 0x00:
		return replyPaper, b[:1], 1
	}
	return replyNoise, b[:1], 1
}

// nextAuto takes an automatic status of four bytes, with XON and XOFF
// possibly in between.
func nextAuto(b []byte) (replyKind, []byte, int) {
	got := []byte{b[0]}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == xon || c == xoff:
		case c&0x90 == 0:
			if got = append(got, c); len(got) == 4 {
				return replyAuto, got, i + 1
			}
		default:
			return replyNoise, b[:i], i // broken off by something else
		}
	}
	return replyNone, nil, 0
}

// set takes over the answer to DLE EOT n. Only documented bits are looked at,
// one by one: the others differ between printers. Tables: TM-T88III p. 84,
// TM-U220 pp. 54–55. PPU-231II uses bit 6 of the fourth for its presenter, so
// paper end is bit 5 alone.
func (s *Status) set(n int, reply byte) {
	bit := func(i int) bool { return reply&(1<<i) != 0 }
	switch n {
	case 1:
		s.Online = !bit(3)
	case 2:
		s.CoverOpen = bit(2)
		s.Feeding = bit(3)
		s.PaperOut = s.PaperOut || bit(5)
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
