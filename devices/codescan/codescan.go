// Package codescan reads code scanners in serial mode: 1D and QR codes that
// arrive as text with CR, LF or a pause behind them.
//
// The kiosk's check-in by appointment code and its ratings by ticket code use
// it, and document readers that send a machine readable zone as text (see
// package mrz). It takes the line as the scanner sends it and never parses what
// a code means, never logs a code (codes of electronic identity cards are
// keys), and never configures the scanner; it starts and stops a scan with a
// scanner whose [Profile] says how. Keyboard wedges are not served: they type
// into whatever is on the screen.
//
// By hand, because there is nothing to take: the framing is the end of a line
// or a pause, the rest is the scanner's maker's settings. Symbology
// identifiers are those of ISO/IEC 15424 (AIM).
package codescan

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"sync"
	"time"
)

// Port is what a Scanner needs of an open port. *serialport.Port is one.
type Port interface {
	// Read waits a short tick (about 50 ms) for bytes and returns 0, nil when
	// none came. Every error means that the port is lost.
	Read(p []byte) (int, error)
	// Write sends all of p. Every error means that the port is lost. Only
	// Trigger writes.
	Write(p []byte) (int, error)
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

const (
	// defaultSilence ends a code of a scanner that sends nothing behind it.
	defaultSilence = 80 * time.Millisecond
	// defaultRepeat is longer than the pause of scanners in presentation mode
	// between two readings of the same code, and shorter than a person takes to
	// show it anew on purpose.
	defaultRepeat = 1500 * time.Millisecond
	// replyTime is how long after a command its answer may come.
	replyTime = 500 * time.Millisecond
)

// Opts configure a Scanner. The zero value fits every scanner.
type Opts struct {
	// Silence is the pause that ends a code without CR or LF. 0 is 80 ms.
	// Scanners over USB may pause in the middle of a code; give them more.
	Silence time.Duration
	// Profile is the scanner's family. The zero value is one that scans by
	// itself and takes no commands.
	Profile Profile
	// Lines keeps line ends inside a code, as LF; only a pause ends it. For
	// readers that send the lines of a document.
	Lines bool
	// Repeat is how long a code must not have come before it counts as a scan
	// of its own: scanners in presentation mode send the code again and again
	// while it is held before them. 0 is 1.5 s, negative lets all pass.
	Repeat time.Duration
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
// several goroutines. Next and Trigger do not wait for each other.
type Scanner struct {
	port Port
	opts Opts

	next  sync.Mutex // held by Next
	frame framer
	rest  []byte    // read behind the last code
	last  time.Time // when bytes last came
	seed  maphash.Seed
	seen  uint64    // of the last code, so that the code itself is not kept
	when  time.Time // when it last came

	mu      sync.Mutex
	pending time.Time // until when an answer to a command may come
	lost    error
}

// New takes an open port. It does not use it yet.
func New(port Port, opts Opts) *Scanner {
	if opts.Silence <= 0 {
		opts.Silence = defaultSilence
	}
	if opts.Repeat == 0 {
		opts.Repeat = defaultRepeat
	}
	s := &Scanner{port: port, opts: opts, seed: maphash.MakeSeed()}
	s.frame.lines = opts.Lines
	s.frame.reply = func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		if time.Now().After(s.pending) {
			return 0
		}
		return opts.Profile.replies
	}
	return s
}

// Next waits for a code. ErrTooLong and the context's error leave the Scanner
// usable; an error with ErrPortLost in its chain does not.
func (s *Scanner) Next(ctx context.Context) (Code, error) {
	s.next.Lock()
	defer s.next.Unlock()
	var buf [512]byte
	for {
		for i, c := range s.rest {
			if code, done, err := s.frame.push(c); done && !(err == nil && s.repeated(code)) {
				s.rest = s.rest[i+1:]
				return code, err
			}
		}
		clear(s.rest)
		s.rest = s.rest[:0]
		if err := s.loss(); err != nil {
			return Code{}, err
		}
		if err := ctx.Err(); err != nil {
			return Code{}, fmt.Errorf("codescan: waiting for a code: %w", err)
		}
		n, err := s.read(buf[:])
		if err != nil {
			return Code{}, s.lose(err)
		}
		if n > 0 {
			s.rest, s.last = append(s.rest, buf[:n]...), time.Now()
			clear(buf[:n])
			continue
		}
		if time.Since(s.last) >= s.opts.Silence {
			if code, done, err := s.frame.end(); done && !(err == nil && s.repeated(code)) {
				return code, err
			}
		}
	}
}

// repeated reports whether a code is the last one held before the scanner
// still. Each repetition begins the waiting anew.
func (s *Scanner) repeated(c Code) bool {
	sum, now := maphash.String(s.seed, c.Symbology+"\x00"+c.Text), time.Now()
	same := sum == s.seen && !s.when.IsZero() && now.Sub(s.when) < s.opts.Repeat
	s.seen, s.when = sum, now
	return same
}

// Trigger starts a scan, or stops one that has found nothing yet. A scanner
// whose profile has no commands scans by itself; for it Trigger does nothing.
// What the scanner answers to the command is swallowed by Next. Every error
// has ErrPortLost in its chain.
func (s *Scanner) Trigger(on bool) error {
	command := s.opts.Profile.off
	if on {
		command = s.opts.Profile.on
	}
	if err := s.loss(); err != nil || len(command) == 0 {
		return err
	}
	s.mu.Lock()
	s.pending = time.Now().Add(replyTime)
	s.mu.Unlock()
	if _, err := s.port.Write(command); err != nil {
		return s.lose(err)
	}
	return nil
}

// loss is the first loss of the port, if there was one.
func (s *Scanner) loss() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// lose records the loss of the port for all later calls.
func (s *Scanner) lose(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost == nil {
		s.lost = fmt.Errorf("codescan: %w: %w", ErrPortLost, err)
	}
	return s.lost
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

// stripSymbology takes off ]cm: a letter for the symbology and a letter or
// digit for its variant.
func stripSymbology(s string) Code {
	letter := func(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
	if len(s) >= 3 && s[0] == ']' && letter(s[1]) && (letter(s[2]) || s[2] >= '0' && s[2] <= '9') {
		return Code{Text: s[3:], Symbology: s[1:3]}
	}
	return Code{Text: s}
}
