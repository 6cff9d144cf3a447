package serialport

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"go.bug.st/serial"
)

// Why a port cannot be opened or used any longer. Every error of this package
// has exactly one of them in its chain, except for mistakes in the Config.
var (
	// ErrAbsent: the path does not exist; the device is unplugged.
	ErrAbsent = errors.New("no such device")
	// ErrDenied: this user may not open the device.
	ErrDenied = errors.New("permission denied")
	// ErrBusy: another program has the port open.
	ErrBusy = errors.New("in use by another program")
	// ErrNotSerial: the path is a file, a folder or some other device.
	ErrNotSerial = errors.New("not a serial port")
	// ErrLost: the port was open and is gone, stuck, or closed. Close it and
	// open it anew.
	ErrLost = errors.New("port lost")
)

const (
	// Tick is how long a Read waits. Drivers look at their deadlines and
	// contexts that often.
	Tick = 50 * time.Millisecond
	// chunk bytes are written at once: small enough to be taken whole by the
	// kernel's buffer once that has begun to drain.
	chunk = 256
	// writeDeadline is the patience with one chunk. At 1200 baud it takes
	// 2.2 s; nothing slower is in use.
	writeDeadline = 4 * time.Second
	// freeDeadline is the patience with a stuck write after its output was
	// thrown away.
	freeDeadline = 100 * time.Millisecond
)

// Config says which port to open and how.
type Config struct {
	// Path is the device's path, best one that stays the same when the
	// device is plugged elsewhere or later: /dev/serial/by-id/….
	Path string
	// Baud is the speed in bit/s, 8 data bits, no parity, one stop bit.
	// 0 is 115200. A pseudo-terminal ignores it.
	Baud int
	// Paced has a Write wait, after every 256 bytes, until they have left the
	// machine. Without it the kernel takes some kilobytes at once, and a device
	// that says XOFF gets them all the same. Set it for printers.
	Paced bool
}

// A Port is one open serial port. One goroutine may read while another
// writes; Close may be called from any.
type Port struct {
	inner device
	lock  fileLock
	// patience is writeDeadline, shorter in tests.
	patience time.Duration
	paced    bool

	once   sync.Once
	closed error // Close's result
	// done is closed by Close, after the loss is recorded and before anything is
	// torn down. It ends a Write under way.
	done chan struct{}

	// input is held by Read and ResetInput, which end within their wait, and by
	// Close: no call may reach the file number after it was given back.
	input sync.Mutex
	// wait is the library's read time-out now. It is changed under input only:
	// the library keeps it in a plain field.
	wait time.Duration
	// output is held by Write for as long as it takes.
	output sync.Mutex
	// writing holds one token while a goroutine is inside the library's Write.
	writing chan struct{}

	loss Loss
}

// device is what is used of serial.Port.
type device interface {
	SetReadTimeout(d time.Duration) error
	Read(p []byte) (int, error)
	Write(p []byte) (int, error)
	ResetInputBuffer() error
	ResetOutputBuffer() error
	Drain() error
	Close() error
}

// Open opens the port. Its errors name the path and what to do about it.
func Open(c Config) (*Port, error) {
	if c.Path == "" {
		return nil, errors.New("serialport: no path given: set the device's path, best one below /dev/serial/by-id")
	}
	if c.Baud == 0 {
		c.Baud = 115200
	}
	if c.Baud < 0 {
		return nil, fmt.Errorf("serialport: open %s: speed %d: use the speed set in the device, usually 115200 or 9600", c.Path, c.Baud)
	}
	// The lock comes first: go.bug.st/serial changes the settings of whatever
	// it opens, also under a program that is using it.
	lock, err := acquire(c.Path)
	if err != nil {
		return nil, classify(c, err)
	}
	inner, err := serial.Open(c.Path, &serial.Mode{BaudRate: c.Baud, DataBits: 8})
	if err != nil {
		lock.release()
		return nil, classify(c, err)
	}
	p := newPort(c.Path, inner, lock)
	p.paced = c.Paced
	return p, nil
}

func newPort(path string, inner device, lock fileLock) *Port {
	return &Port{
		inner: inner, lock: lock, patience: writeDeadline,
		done: make(chan struct{}), writing: make(chan struct{}, 1),
		loss: Loss{Package: "serialport", Path: path, Cure: "check the cable and that the device is on"},
	}
}

// Path is the path the port was opened by.
func (p *Port) Path() string { return p.loss.Path }

// Read waits up to [Tick] for bytes. It returns 0, nil when none came: that
// is a time-out and not the end. Every error has ErrLost in its chain.
func (p *Port) Read(b []byte) (int, error) { return p.ReadWithin(b, Tick) }

// ReadWithin is a Read that waits up to d, at least a millisecond. A driver with
// nothing under way waits longer than a tick, because every wait that ends for
// nothing wakes the whole program. Close may be late by d.
func (p *Port) ReadWithin(b []byte, d time.Duration) (int, error) {
	p.input.Lock()
	defer p.input.Unlock()
	if err := p.loss.Err(); err != nil {
		return 0, err
	}
	if d = max(d, time.Millisecond); d != p.wait {
		if err := p.inner.SetReadTimeout(d); err != nil {
			return 0, p.loss.Lose("read", err)
		}
		p.wait = d
	}
	n, err := p.inner.Read(b)
	if err != nil {
		return n, p.loss.Lose("read", err)
	}
	return n, nil
}

// ReadDeadline waits until t for bytes and returns as soon as there are some,
// 0, nil when none came. It may be late by one tick. It reads at least once.
func (p *Port) ReadDeadline(b []byte, t time.Time) (int, error) {
	for {
		n, err := p.Read(b)
		if n > 0 || err != nil || !time.Now().Before(t) {
			return n, err
		}
	}
}

// Write sends all of b. It returns when the kernel has taken the bytes, which
// proves nothing about the device. Every error has ErrLost in its chain: a
// write that is stuck for four seconds loses the port, because nothing else
// can free it.
func (p *Port) Write(b []byte) (int, error) {
	p.output.Lock()
	defer p.output.Unlock()
	sent := 0
	for sent < len(b) {
		if err := p.loss.Err(); err != nil {
			return sent, err
		}
		n, err := p.writeChunk(b[sent:min(sent+chunk, len(b))])
		sent += n
		if err != nil {
			return sent, p.loss.Lose("write", err)
		}
	}
	return sent, p.loss.Err()
}

// errStuck is the loss when the kernel takes no more bytes.
var errStuck = errors.New("stuck: the device takes no data")

// writeChunk makes one call of the library's Write, in a goroutine because it
// cannot be interrupted, and gives up on it after p.patience.
func (p *Port) writeChunk(b []byte) (int, error) {
	select {
	case p.writing <- struct{}{}:
	case <-p.done:
		return 0, ErrLost
	}
	type result struct {
		n   int
		err error
	}
	// A copy: a stuck goroutine may look at it long after the caller has used
	// its slice for something else.
	b = append([]byte(nil), b...)
	answer := make(chan result, 1)
	go func() {
		n, err := p.uninterrupted(func() (int, error) { return p.inner.Write(b) })
		if err == nil && p.paced {
			_, err = p.uninterrupted(func() (int, error) { return 0, p.inner.Drain() })
		}
		<-p.writing
		answer <- result{n, err}
	}()
	timer := time.NewTimer(p.patience)
	defer timer.Stop()
	select {
	case r := <-answer:
		if r.n == 0 && r.err == nil {
			r.err = errStuck
		}
		return r.n, r.err
	case <-timer.C:
		return 0, errStuck
	case <-p.done:
		return 0, ErrLost
	}
}

// uninterrupted makes a call of the library again when a signal has ended it
// before anything was done: Go's own scheduler sends signals at any time, and
// the library hands the kernel's EINTR on. A call that begins after Close is not
// made, because the file number may be somebody else's by then.
func (p *Port) uninterrupted(call func() (int, error)) (int, error) {
	for {
		select {
		case <-p.done:
			return 0, ErrLost
		default:
		}
		if n, err := call(); n > 0 || !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

// ResetInput throws away what has arrived and was not read.
func (p *Port) ResetInput() error {
	p.input.Lock()
	defer p.input.Unlock()
	if err := p.loss.Err(); err != nil {
		return err
	}
	if err := p.inner.ResetInputBuffer(); err != nil {
		return p.loss.Lose("reset input", err)
	}
	return nil
}

// Close closes the port and ends a Read or Write under way; both return
// ErrLost. A second Close does nothing and returns what the first one did.
func (p *Port) Close() error {
	p.once.Do(func() {
		p.loss.LoseByClose()
		close(p.done)
		if len(p.writing) > 0 {
			// Throwing the output away lets most writes end. One that does not
			// end is inside the kernel and has its own hold on the file, so
			// that closing the number cannot send its bytes elsewhere. Without
			// this, closing would also wait for the output to drain, up to
			// 30 s on a real port.
			p.inner.ResetOutputBuffer()
			select {
			case p.writing <- struct{}{}:
				<-p.writing
			case <-time.After(freeDeadline):
			}
		}
		p.input.Lock()
		defer p.input.Unlock()
		p.closed = p.inner.Close()
		p.lock.release()
	})
	return p.closed
}

// Leaked tells, after Close, that a goroutine of this port is still stuck in
// a write, which ends only when the device hangs up. The owner counts such
// ports and restarts the program before there are many.
func (p *Port) Leaked() bool { return len(p.writing) > 0 }
