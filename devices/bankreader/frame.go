package bankreader

import (
	"context"
	"fmt"
	"time"

	"hallkiosk/devices/samv"
)

const (
	stx, etx = 0x02, 0x03
	// overhead is what a frame has besides its data.
	overhead = 5
	// maxData is the longest answer there is: status, sizes, text and photo.
	maxData = 2 + 4 + 256 + 1024
)

// lengthOf is how many bytes of data a length field announces. The document
// draws the field before DATA and explains no more; a device that counts LRC
// and ETX as well is met by changing this function and appendFrame.
func lengthOf(hi, lo byte) int { return int(hi)<<8 | int(lo) }

// appendFrame adds the frame of data to dst.
func appendFrame(dst, data []byte) []byte {
	dst = append(dst, stx, byte(len(data)>>8), byte(len(data)))
	dst = append(dst, data...)
	return append(dst, xor(data), etx)
}

func xor(b []byte) (x byte) {
	for _, c := range b {
		x ^= c
	}
	return x
}

// A scanner finds frames in a stream of bytes. It keeps at most one started
// frame and what came behind it. The zero value is ready.
type scanner struct{ buf []byte }

// push adds bytes that have arrived.
func (s *scanner) push(b []byte) { s.buf = append(s.buf, b...) }

// reset forgets everything, and overwrites it.
func (s *scanner) reset() {
	clear(s.buf[:cap(s.buf)])
	s.buf = s.buf[:0]
}

// next returns a copy of the data of the next good frame, or false when more
// bytes are needed. What cannot be a frame is dropped byte by byte. With flush,
// a started frame counts as broken.
func (s *scanner) next(flush bool) ([]byte, bool) {
	drop := 0
	defer func() {
		n := copy(s.buf, s.buf[drop:])
		clear(s.buf[n:])
		s.buf = s.buf[:n]
	}()
	for ; drop < len(s.buf); drop++ {
		b := s.buf[drop:]
		if b[0] != stx {
			continue
		}
		if len(b) < 3 {
			if flush {
				continue
			}
			return nil, false
		}
		n := lengthOf(b[1], b[2])
		if n < 2 || n > maxData {
			continue
		}
		if len(b) < n+overhead {
			if flush {
				continue
			}
			return nil, false
		}
		data := b[3 : 3+n]
		if xor(data) != b[3+n] || b[4+n] != etx {
			continue
		}
		drop += n + overhead
		return append([]byte(nil), data...), true
	}
	return nil, false
}

// exchange sends one command and returns the answer's data, status first.
func (r *Reader) exchange(ctx context.Context, command []byte, patience time.Duration) ([]byte, error) {
	if r.lost != nil {
		return nil, r.lost
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := r.settle(); err != nil {
		return nil, err
	}
	r.scan.reset()
	if err := r.port.ResetInput(); err != nil {
		return nil, r.lose(err)
	}
	if _, err := r.port.Write(appendFrame(nil, command)); err != nil {
		return nil, r.lose(err)
	}
	for end := time.Now().Add(patience); ; {
		late := !time.Now().Before(end)
		if data, ok := r.scan.next(late); ok {
			r.silent, r.owed = 0, false
			return data, nil
		}
		if late {
			break
		}
		if err := ctx.Err(); err != nil {
			r.owed = true
			return nil, err
		}
		var buf [512]byte
		n, err := r.port.Read(buf[:])
		if err != nil {
			return nil, r.lose(err)
		}
		r.scan.push(buf[:n])
		clear(buf[:n])
	}
	r.owed = true
	if r.silent++; r.silent >= maxSilent {
		return nil, r.lose(fmt.Errorf("no answer to %d commands: check the reader's power and cable", maxSilent))
	}
	return nil, samv.ErrSilent
}

// settle waits until an answer that was given up has come or will not come any
// more: answers do not say what they answer.
func (r *Reader) settle() error {
	if !r.owed {
		return nil
	}
	r.owed = false
	start := time.Now()
	var buf [512]byte
	for last := start; time.Since(last) < quietTime && time.Since(start) < settleTime; {
		n, err := r.port.Read(buf[:])
		if err != nil {
			return r.lose(err)
		}
		if n > 0 {
			clear(buf[:n])
			last = time.Now()
		}
	}
	return nil
}

// lose records the loss of the port for all later calls.
func (r *Reader) lose(err error) error {
	r.lost = fmt.Errorf("bankreader: %w: %w", samv.ErrPortLost, err)
	return r.lost
}
