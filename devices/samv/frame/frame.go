// Package frame packs and finds the frames of the SAM-V line protocol.
//
// The card reader's driver and the reader's simulator use it, one for each
// direction. It knows nothing of commands and cards and does no I/O.
//
// A frame is AA AA AA 96 69, a length of two bytes (high byte first) that
// counts everything after it, a body, and the XOR of all bytes from the length
// to the end of the body. To the reader a body is CMD PARA [data], from it
// SW1 SW2 SW3 [data]. Source: the protocol tables at eastcoms.com
// (downdrive/508) and softs.im, which agree.
package frame

import (
	"bytes"
	"fmt"
)

const (
	// MaxLength is the largest legal length field: text, photo and two
	// fingerprints (4+2+256+1024+1024 bytes, status and checksum).
	MaxLength = 2314
	// MaxBody is the longest body.
	MaxBody = MaxLength - 1
	// minBody is CMD PARA; replies have three bytes.
	minBody = 2
	// Overhead is what a frame has besides its body: start, length, checksum.
	Overhead = 5 + 2 + 1
)

// start begins a frame. Three AA are for the receiver's clock, 96 69 mark the
// beginning.
func start() []byte { return []byte{0xAA, 0xAA, 0xAA, 0x96, 0x69} }

// Append adds the frame of body to dst. A body must have 2 to MaxBody bytes;
// with any other length Append panics, since bodies are made by programs and
// not by people.
func Append(dst, body []byte) []byte {
	if len(body) < minBody || len(body) > MaxBody {
		panic(fmt.Sprintf("frame: body of %d bytes", len(body)))
	}
	n := len(body) + 1
	dst = append(dst, start()...)
	from := len(dst)
	dst = append(dst, byte(n>>8), byte(n))
	dst = append(dst, body...)
	return append(dst, checksum(dst[from:]))
}

func checksum(b []byte) byte {
	var x byte
	for _, c := range b {
		x ^= c
	}
	return x
}

// A Scanner finds frames in a stream of bytes. The zero value is ready.
// It keeps at most one started frame and what came behind it.
type Scanner struct {
	buf []byte
	off int // where the bytes not used yet begin
}

// Push adds bytes that have arrived.
func (s *Scanner) Push(b []byte) {
	if s.buf == nil {
		s.buf = make([]byte, 0, 2*(MaxLength+7)) // seldom outgrown, so no copies of people's data stay behind
	}
	n := copy(s.buf, s.buf[s.off:])
	clear(s.buf[n:])
	s.buf, s.off = append(s.buf[:n], b...), 0
}

// Reset forgets everything, and overwrites it: frames hold people's data.
func (s *Scanner) Reset() {
	clear(s.buf[:cap(s.buf)])
	s.buf, s.off = s.buf[:0], 0
}

// Next returns the body of the next good frame, or false when more bytes are
// needed. Garbage, frames with an impossible length and frames with a wrong
// checksum are dropped; the search goes on right behind their start, so that
// a good frame behind half a frame is found. The body is valid until the next
// call of a method.
func (s *Scanner) Next() ([]byte, bool) {
	for s.sync() {
		b := s.buf[s.off:]
		n := int(b[5])<<8 | int(b[6])
		if n <= minBody || n > MaxLength {
			s.off++
			continue
		}
		end := 7 + n
		if len(b) < end {
			return nil, false
		}
		if checksum(b[5:end]) != 0 { // the sum with itself at the end is 0
			s.off++
			continue
		}
		s.off += end
		return b[7 : end-1 : end-1], true
	}
	return nil, false
}

// Salvage is for when time is up: it takes a started frame for broken and
// looks for a good one behind its start. Otherwise it is as Next.
func (s *Scanner) Salvage() ([]byte, bool) {
	for {
		if body, ok := s.Next(); ok {
			return body, true
		}
		if s.off == len(s.buf) {
			return nil, false
		}
		s.off++
	}
}

// sync skips what is before the next start and reports whether a start and a
// length are there.
func (s *Scanner) sync() bool {
	mark, b := start(), s.buf[s.off:]
	if i := bytes.Index(b, mark); i >= 0 {
		s.off += i
		return len(b)-i >= 7
	}
	// Keep an unfinished start at the end.
	keep := min(len(mark)-1, len(b))
	for !bytes.HasSuffix(b, mark[:keep]) {
		keep--
	}
	s.off = len(s.buf) - keep
	return false
}
