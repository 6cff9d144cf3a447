package samv

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"hallkiosk/devices/samv/frame"
)

// Port is what a Reader needs of an open port. *serialport.Port is one.
type Port interface {
	// Read waits a short tick (about 50 ms) for bytes and returns 0, nil when
	// none came. Every error means that the port is lost.
	Read(p []byte) (int, error)
	// Write sends all of p. Every error means that the port is lost.
	Write(p []byte) (int, error)
	// ResetInput throws away what has arrived and was not read.
	ResetInput() error
}

var (
	// ErrPortLost is in the chain of every error that ends a Reader's life:
	// the owner closes the port, opens it again and makes a new Reader.
	ErrPortLost = errors.New("card reader port lost")
	// ErrSilent: the reader did not answer this once. Ask again; the third
	// time in a row is ErrPortLost.
	ErrSilent = errors.New("card reader silent")
)

// Opts configure a Reader. The zero value fits a reader at 115200 baud.
type Opts struct {
	// LineRate is the serial line's speed in bit/s, for deadlines. 0 is
	// 115200.
	LineRate int
	// OnReading is called from Poll when a card was found and its reading
	// starts, so that a screen can ask for a still card at once. It is not
	// called again for a card that was already reported unreadable. It must
	// not call the Reader. May be nil.
	OnReading func()
	// NewestAddress also asks for the address written to the card after it
	// was issued, which takes one more exchange.
	NewestAddress bool
	// LeftAfter is how long a card may lie there after it was read until
	// LeftBehind is reported. 0 is 15 s, negative is never.
	LeftAfter time.Duration
	// NoRestart keeps Poll from restarting the security module when only that
	// can tell whether a card still lies there; see Poll. No document says how
	// long modules take to restart: set it for one that takes seconds. Gone may
	// then come while the card still lies there.
	NoRestart bool
}

// command is CMD and PARA. Sources: eastcoms.com and softs.im; the frames are
// equal to published ones.
type command [2]byte

func commandReset() command   { return command{0x10, 0xFF} }
func commandStatus() command  { return command{0x11, 0xFF} }
func commandSAMID() command   { return command{0x12, 0xFF} }
func commandFind() command    { return command{0x20, 0x01} }
func commandSelect() command  { return command{0x20, 0x02} }
func commandRead() command    { return command{0x30, 0x01} }
func commandAddress() command { return command{0x30, 0x03} }

const (
	// shortTime is the patience with commands that do not read the card.
	// Drivers in use wait 100 to 300 ms.
	shortTime = 500 * time.Millisecond
	// readTime is the patience with reading, without the time on the line.
	// Drivers in use wait 2 s, and readings of 2.2 s have been seen.
	readTime = 3 * time.Second
	// addressTime is the same for the newest address (1500 ms elsewhere).
	addressTime = 1500 * time.Millisecond
	// settleTime is how long to wait for an answer that was given up to come
	// after all, and quietTime how long the line must have been quiet then.
	settleTime = time.Second
	quietTime  = 100 * time.Millisecond
	// maxSilent commands in a row without an answer lose the port.
	maxSilent = 3
	// maxTries cycles in one placement may fail in passing before a person is
	// told; maxRefusals placements in a row may be refused before the card is
	// suspect.
	maxTries    = 3
	maxRefusals = 3
)

// A Reader is one card reader on one open port. Its methods may be called
// from several goroutines; they wait for each other.
type Reader struct {
	port Port
	opts Opts

	mu     sync.Mutex
	scan   frame.Scanner
	silent int   // commands in a row without an answer
	owed   bool  // an answer that was given up may still come
	lost   error // the first loss, repeated ever after

	placement placement
	refusals  int  // in a row, over placements
	sticky    bool // it has stopped finding a card that lay there
	probes    bool // asking for the address has shown a card that lay there
	noProbe   bool // it does not know that command
}

// New takes an open port. It does not use it yet.
func New(port Port, opts Opts) *Reader {
	if opts.LineRate <= 0 {
		opts.LineRate = 115200
	}
	if opts.LeftAfter == 0 {
		opts.LeftAfter = 15 * time.Second
	}
	return &Reader{port: port, opts: opts}
}

// Ping asks the security module whether it is well. It is how an idle reader
// shows that it is still there. A Status in the error's chain is a fault of
// the reader: call service.
func (r *Reader) Ping(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err := r.exchange(ctx, commandStatus(), shortTime)
	return r.wrap("asking for status", err)
}

// Reset restarts the security module, which forgets the card it has in hand.
// Readers may need it after the port was lost.
func (r *Reader) Reset(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.placement = placement{}
	_, err := r.exchange(ctx, commandReset(), readTime)
	return r.wrap("resetting", err)
}

// SAMID asks for the number of the security module, such as
// 05.01-20101112-0000012345-0000067890. Readers that were just switched on may
// answer nonsense at first, so an implausible one is asked for again, three
// times in all.
func (r *Reader) SAMID(ctx context.Context) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range 3 {
		data, err := r.exchange(ctx, commandSAMID(), shortTime)
		if err != nil {
			return "", r.wrap("asking for the module's number", err)
		}
		if id, ok := samID(data); ok {
			return id, nil
		}
	}
	return "", errors.New("samv: asking for the module's number: three answers that cannot be one: switch the reader off and on")
}

// samID formats the sixteen bytes; ok is false when they cannot be a number:
// the second part is a date of making.
func samID(b []byte) (id string, ok bool) {
	if len(b) != 16 {
		return "", false
	}
	day := binary.LittleEndian.Uint32(b[4:])
	_, err := time.Parse("20060102", fmt.Sprintf("%08d", day))
	return fmt.Sprintf("%02d.%02d-%08d-%010d-%010d", b[0], b[2], day,
		binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])), err == nil
}

// lineTime is how long n bytes take on the line.
func (r *Reader) lineTime(n int) time.Duration {
	return time.Duration(n) * 10 * time.Second / time.Duration(r.opts.LineRate)
}

// wrap says what failed. A loss already names itself.
func (r *Reader) wrap(doing string, err error) error {
	var s Status
	switch {
	case err == nil, r.lost != nil:
		return err
	case errors.As(err, &s):
		return fmt.Errorf("samv: %s: %w", doing, statusCause{s})
	}
	return fmt.Errorf("samv: %s: %w", doing, err)
}

// statusCause is a Status inside a longer message, without the package's name.
type statusCause struct{ Status }

func (s statusCause) Error() string { return s.String() }
func (s statusCause) Unwrap() error { return s.Status }

// exchange sends one command and returns the data of its answer. A status
// other than done or found is returned as the error. Line noise on the way to
// the reader is met by sending once more.
func (r *Reader) exchange(ctx context.Context, cmd command, patience time.Duration) ([]byte, error) {
	status, data, err := r.once(ctx, cmd, patience)
	if err == nil && (status == StatusBadChecksum || status == StatusBadLength) {
		status, data, err = r.once(ctx, cmd, patience)
	}
	if err == nil && status != StatusOK && status != StatusFound {
		err = status
	}
	return data, err
}

// once sends a command and waits for its answer.
func (r *Reader) once(ctx context.Context, cmd command, patience time.Duration) (Status, []byte, error) {
	if r.lost != nil {
		return 0, nil, r.lost
	}
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	if err := r.settle(); err != nil {
		return 0, nil, err
	}
	// Answers do not say what they answer: whatever came before does not count.
	r.scan.Reset()
	if err := r.port.ResetInput(); err != nil {
		return 0, nil, r.lose(err)
	}
	if _, err := r.port.Write(frame.Append(nil, cmd[:])); err != nil {
		return 0, nil, r.lose(err)
	}
	next := r.scan.Next
	for end := time.Now().Add(patience); ; {
		for {
			body, ok := next()
			if !ok {
				break
			}
			if cmd.answeredBy(body) {
				r.silent, r.owed = 0, false
				return Status(body[2]), body[3:], nil
			}
		}
		if !time.Now().Before(end) {
			break
		}
		if err := ctx.Err(); err != nil {
			r.owed = true
			return 0, nil, err
		}
		if err := r.receive(); err != nil {
			return 0, nil, err
		}
		if !time.Now().Before(end) {
			next = r.scan.Salvage // a last look behind half a frame
		}
	}
	r.owed = true
	if r.silent++; r.silent >= maxSilent {
		return 0, nil, r.lose(fmt.Errorf("no answer to %d commands: check the reader's power and cable", maxSilent))
	}
	return 0, nil, ErrSilent
}

// receive reads what has arrived within a tick.
func (r *Reader) receive() error {
	var buf [512]byte
	n, err := r.port.Read(buf[:])
	if err != nil {
		return r.lose(err)
	}
	r.scan.Push(buf[:n])
	clear(buf[:n])
	return nil
}

// settle waits until an answer that was given up has come or will not come
// any more, so that it is not taken for the next one.
func (r *Reader) settle() error {
	if !r.owed {
		return nil
	}
	r.owed = false
	start := time.Now()
	last := start
	var buf [512]byte
	for time.Since(last) < quietTime && time.Since(start) < settleTime {
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

// answeredBy reports whether body can be the answer to the command: the
// lengths of good answers differ, and some statuses belong to one command. It
// is the second guard against late answers.
func (c command) answeredBy(body []byte) bool {
	if len(body) < 3 {
		return false
	}
	n := len(body) - 3
	switch Status(body[2]) {
	case StatusOK:
		switch c {
		case commandSelect():
			return n > 0 && n < 16
		case commandSAMID():
			return n == 16
		case commandRead():
			return n >= readHeader+BlockSize
		case commandAddress():
			return n == addressSize
		case commandFind():
			return false
		}
		return n == 0
	case StatusFound, StatusNoCard:
		return c == commandFind()
	case StatusSelectFailed:
		return c == commandSelect()
	}
	return true
}

// lose records the loss of the port for all later calls.
func (r *Reader) lose(err error) error {
	r.lost = fmt.Errorf("samv: %w: %w", ErrPortLost, err)
	return r.lost
}
