package codescan

import "fmt"

// framer cuts the stream of bytes into codes.
type framer struct {
	lines bool       // line ends are part of a code
	reply func() int // the form of answers that may come now, a Profile's replies

	buf     []byte
	tooLong bool // the code under way was given up
	answer  bool // what is under way is an answer to a command
}

// idle reports whether no code is under way.
func (f *framer) idle() bool { return len(f.buf) == 0 && !f.tooLong }

// push takes one byte and reports whether it ended a code.
func (f *framer) push(c byte) (code Code, done bool, err error) {
	if f.idle() && f.reply != nil {
		f.answer = c == replyGM65[0] && f.reply() == repliesGM65
	}
	if f.answer {
		return f.pushAnswer(c)
	}
	if c == '\r' || c == '\n' {
		if !f.lines {
			return f.end()
		}
		if n := len(f.buf); n == 0 || f.buf[n-1] == '\n' { // empty, or the LF behind a CR
			return Code{}, false, nil
		}
		c = '\n'
	}
	if len(f.buf) >= MaxLength {
		f.tooLong = true
		return Code{}, false, nil
	}
	f.buf = append(f.buf, c)
	return Code{}, false, nil
}

// pushAnswer collects an answer to a command and drops it when it is whole. As
// soon as the bytes cannot be one, they are a code after all.
func (f *framer) pushAnswer(c byte) (code Code, done bool, err error) {
	f.buf = append(f.buf, c)
	switch n := len(f.buf); {
	case n <= len(replyGM65) && c != replyGM65[n-1]:
		was := append([]byte(nil), f.buf...)
		f.buf, f.answer = f.buf[:0], false
		f.buf = append(f.buf, was[:n-1]...)
		return f.push(c)
	case n > len(replyGM65) && n == len(replyGM65)+1+int(f.buf[len(replyGM65)])+2: // length, data, two of CRC
		f.buf, f.answer = f.buf[:0], false
	}
	return Code{}, false, nil
}

// end ends the code under way, if there is one. An empty line, such as the LF
// behind a CR, is none.
func (f *framer) end() (code Code, done bool, err error) {
	text, tooLong := string(f.buf), f.tooLong
	if f.answer {
		text = "" // half an answer
	}
	clear(f.buf)
	f.buf, f.tooLong, f.answer = f.buf[:0], false, false
	if tooLong {
		return Code{}, true, fmt.Errorf("codescan: %w: more than %d bytes", ErrTooLong, MaxLength)
	}
	for len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	c := stripSymbology(text)
	return c, c.Text != "", nil
}
