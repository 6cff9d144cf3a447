// Package codescan reads code scanners in serial mode: 1D and QR codes that
// arrive as text with CR, LF or a pause behind them.
//
// The kiosk's check-in by appointment code and its ratings by ticket code use
// it. It takes the line as the scanner sends it and never parses what a code
// means, never logs a code (codes of electronic identity cards are keys), and
// never configures the scanner. Keyboard wedges are not served: they type into
// whatever is on the screen.
//
// By hand, because there is nothing to take: the framing is the end of a line
// or a pause, the rest is the scanner's maker's settings. Symbology
// identifiers are those of ISO/IEC 15424 (AIM).
package codescan

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Port is what a Scanner needs of an open port. *serialport.Port is one.
type Port interface {
	// Read waits a short tick (about 50 ms) for bytes and returns 0, nil when
	// none came. Every error means that the port is lost.
	Read(p []byte) (int, error)
}

var (
	// ErrPortLost is in the chain of every error that ends a Scanner's life:
	// the owner closes the port, opens it again and makes a new Scanner.
	ErrPortLost = errors.New("scanner port lost")
	// ErrTooLong: a code of more than MaxLength bytes was dropped. The next
	// one is read as usual.
	ErrTooLong = errors.New("code too long")
)

// MaxLength is the longest code in bytes: more than the largest QR code
// (2,953 bytes) and its prefix.
const MaxLength = 4096

// defaultSilence ends a code of a scanner that sends nothing behind it.
const defaultSilence = 80 * time.Millisecond

// Opts configure a Scanner. The zero value fits every scanner.
type Opts struct {
	// Silence is the pause that ends a code without CR or LF. 0 is 80 ms.
	// Scanners over USB may pause in the middle of a code; give them more.
	Silence time.Duration
}

// A Code is what one scan gave. It prints as its length only: read Text to
// get at the content.
type Code struct {
	// Text is the content as the scanner sent it, usually UTF-8, without
	// prefix and line end. Never empty.
	Text string
	// Symbology is the AIM identifier without its bracket ("Q1" is QR), empty
	// when the scanner sends none.
	Symbology string
}

// String tells the length and nothing of the content.
func (c Code) String() string { return fmt.Sprintf("code of %d bytes", len(c.Text)) }

// GoString is String.
func (c Code) GoString() string { return c.String() }

// Format prints String whatever the verb.
func (c Code) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue is String for package log/slog.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.String()) }

// A Scanner is one scanner on one open port. Its methods may be called from
// several goroutines; they wait for each other.
type Scanner struct {
	port    Port
	silence time.Duration

	mu    sync.Mutex
	frame framer
	rest  []byte    // read behind the last code
	last  time.Time // when bytes last came
	lost  error
}

// New takes an open port. It does not use it yet.
func New(port Port, opts Opts) *Scanner {
	if opts.Silence <= 0 {
		opts.Silence = defaultSilence
	}
	return &Scanner{port: port, silence: opts.Silence}
}

// Next waits for a code. ErrTooLong and the context's error leave the Scanner
// usable; an error with ErrPortLost in its chain does not.
func (s *Scanner) Next(ctx context.Context) (Code, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var buf [512]byte
	for {
		for i, c := range s.rest {
			if code, done, err := s.frame.push(c); done {
				s.rest = s.rest[i+1:]
				return code, err
			}
		}
		s.rest = nil
		if s.lost != nil {
			return Code{}, s.lost
		}
		if err := ctx.Err(); err != nil {
			return Code{}, fmt.Errorf("codescan: waiting for a code: %w", err)
		}
		n, err := s.read(buf[:])
		if err != nil {
			s.lost = fmt.Errorf("codescan: %w: %w", ErrPortLost, err)
			return Code{}, s.lost
		}
		if n > 0 {
			s.rest, s.last = append(s.rest, buf[:n]...), time.Now()
			continue
		}
		if time.Since(s.last) >= s.silence {
			if code, done, err := s.frame.end(); done {
				return code, err
			}
		}
	}
}

// idleWait is how long an idle Scanner waits at a time. A port that is asked
// every 50 ms for something that comes once an hour costs a weak machine more
// than everything else the terminal does meanwhile.
const idleWait = 500 * time.Millisecond

// read waits for bytes: a tick while a code is under way, since a pause may end
// it, and longer before one has begun, if the port can.
func (s *Scanner) read(buf []byte) (int, error) {
	patient, ok := s.port.(interface {
		ReadWithin(p []byte, d time.Duration) (int, error)
	})
	if ok && s.frame.idle() {
		return patient.ReadWithin(buf, idleWait)
	}
	return s.port.Read(buf)
}

// framer cuts the stream of bytes into codes.
type framer struct {
	buf     []byte
	tooLong bool // the code under way was given up
}

// idle reports whether no code is under way.
func (f *framer) idle() bool { return len(f.buf) == 0 && !f.tooLong }

// push takes one byte and reports whether it ended a code.
func (f *framer) push(c byte) (code Code, done bool, err error) {
	if c == '\r' || c == '\n' {
		return f.end()
	}
	if len(f.buf) >= MaxLength {
		f.tooLong = true
		return Code{}, false, nil
	}
	f.buf = append(f.buf, c)
	return Code{}, false, nil
}

// end ends the code under way, if there is one. An empty line, such as the LF
// behind a CR, is none.
func (f *framer) end() (code Code, done bool, err error) {
	text, tooLong := string(f.buf), f.tooLong
	clear(f.buf)
	f.buf, f.tooLong = f.buf[:0], false
	if tooLong {
		return Code{}, true, fmt.Errorf("codescan: %w: more than %d bytes", ErrTooLong, MaxLength)
	}
	c := stripSymbology(text)
	return c, c.Text != "", nil
}

// stripSymbology takes off ]cm: a letter for the symbology and a letter or
// digit for its variant.
func stripSymbology(s string) Code {
	letter := func(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
	if len(s) >= 3 && s[0] == ']' && letter(s[1]) && (letter(s[2]) || s[2] >= '0' && s[2] <= '9') {
		return Code{Text: s[3:], Symbology: s[1:3]}
	}
	return Code{Text: s}
}
