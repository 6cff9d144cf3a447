package simulator

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A wire is one device's serial line: a pseudo-terminal behind a symbolic
// link. It carries bytes at the line's pace and can be unplugged.
type wire struct {
	link string
	baud int // 0 is as fast as possible
	// receive is called with every piece that arrives, from one goroutine at
	// a time.
	receive func([]byte)

	mu     sync.Mutex
	plug   *plug
	closed bool
}

// plug is one plugging-in. The device writes and reads the master; the slave
// is what programs open. The simulator keeps it open as well, because without
// any opener reading the master fails.
type plug struct {
	master, slave *os.File
	out           chan []byte
	gone          chan struct{}
	done          sync.WaitGroup
}

// newWire prepares a wire. Nothing is received before it is plugged, so the
// receiver can be completed first.
func newWire(link string, baud int, receive func([]byte)) *wire {
	return &wire{link: link, baud: baud, receive: receive}
}

// replug makes a new pseudo-terminal and puts the link on it. It does nothing
// when the wire is plugged.
func (w *wire) replug() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errors.New("simulator: closed")
	}
	if w.plug != nil {
		return nil
	}
	p, err := newPlug()
	if err != nil {
		return fmt.Errorf("simulator: making a pseudo-terminal: %w", err)
	}
	// A link is made aside and moved into place, so that nobody sees it half.
	aside := filepath.Join(filepath.Dir(w.link), ".new-"+filepath.Base(w.link))
	os.Remove(aside)
	err = os.Symlink(p.slave.Name(), aside)
	if err == nil {
		err = os.Rename(aside, w.link)
	}
	if err != nil {
		p.close()
		return fmt.Errorf("simulator: making the link: %w", err)
	}
	w.plug = p
	p.done.Add(2)
	go w.read(p)
	go w.write(p)
	return nil
}

// newPlug opens a pseudo-terminal in raw mode, so that nothing is echoed
// before a program has opened it.
func newPlug() (*plug, error) {
	opened, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	// The library may leave the master in blocking mode; closing it would then
	// hang up only after the next byte. A duplicate in non-blocking mode does
	// so at once.
	var fd int
	if raw, err := opened.SyscallConn(); err != nil {
		slave.Close()
		return nil, err
	} else if cerr := raw.Control(func(old uintptr) {
		if fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			err = unix.SetNonblock(fd, true)
		}
	}); err != nil || cerr != nil {
		slave.Close()
		return nil, errors.Join(err, cerr)
	}
	master := os.NewFile(uintptr(fd), opened.Name())
	if err := makeRaw(slave); err != nil {
		master.Close()
		slave.Close()
		return nil, err
	}
	return &plug{master: master, slave: slave, out: make(chan []byte, 256), gone: make(chan struct{})}, nil
}

// makeRaw switches off all that a terminal does with bytes.
func makeRaw(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	cerr := raw.Control(func(fd uintptr) {
		var t *unix.Termios
		if t, err = unix.IoctlGetTermios(int(fd), unix.TCGETS); err != nil {
			return
		}
		t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
		t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8 | unix.CREAD | unix.CLOCAL
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		err = unix.IoctlSetTermios(int(fd), unix.TCSETS, t)
	})
	return errors.Join(err, cerr)
}

// close hangs up.
func (p *plug) close() {
	close(p.gone)
	p.master.Close()
	p.slave.Close()
	p.done.Wait()
}

// unplug removes the link and hangs up, as pulling a cable does: programs see
// the end at once. What was on the line is lost.
func (w *wire) unplug() {
	w.mu.Lock()
	p := w.plug
	w.plug = nil
	if p != nil {
		os.Remove(w.link)
	}
	w.mu.Unlock()
	if p != nil {
		p.close()
	}
}

// plugged tells whether a program could open the device.
func (w *wire) plugged() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.plug != nil
}

func (w *wire) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.unplug()
}

// send puts bytes on the line towards the program, behind those already
// waiting. Unplugged, they are lost. It never waits.
func (w *wire) send(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.plug == nil || len(b) == 0 {
		return
	}
	select {
	case w.plug.out <- append([]byte(nil), b...):
	default: // nobody has read for a long time; a real line loses bytes too
	}
}

// piece is how many bytes move at once: 5 ms at 115200 baud.
const piece = 60

// pace keeps one direction of a line to its speed.
type pace struct {
	baud int
	free time.Time // when the line has carried all bytes so far
}

// wait waits until n more bytes have been carried. It goes by the clock, so
// that a late wake-up on a busy machine does not slow the line down. It ends
// early when the line is gone.
func (c *pace) wait(n int, gone <-chan struct{}) {
	if c.baud <= 0 {
		return
	}
	if now := time.Now(); c.free.Before(now.Add(-maxLag)) {
		c.free = now // the line was idle
	}
	c.free = c.free.Add(time.Duration(n) * 10 * time.Second / time.Duration(c.baud))
	t := time.NewTimer(time.Until(c.free))
	defer t.Stop()
	select {
	case <-t.C:
	case <-gone:
	}
}

// maxLag is how late a wake-up may be to be made good.
const maxLag = 100 * time.Millisecond

// read carries bytes from the program to the device.
func (w *wire) read(p *plug) {
	defer p.done.Done()
	buf := make([]byte, piece)
	line := pace{baud: w.baud}
	for {
		n, err := p.master.Read(buf)
		if err != nil {
			return // hung up
		}
		line.wait(n, p.gone)
		select {
		case <-p.gone:
			return
		default:
			w.receive(append([]byte(nil), buf[:n]...))
		}
	}
}

// write carries bytes from the device to the program.
func (w *wire) write(p *plug) {
	defer p.done.Done()
	line := pace{baud: w.baud}
	for {
		select {
		case <-p.gone:
			return
		case b := <-p.out:
			for len(b) > 0 {
				n := min(piece, len(b))
				line.wait(n, p.gone)
				if _, err := p.master.Write(b[:n]); err != nil {
					return
				}
				b = b[n:]
			}
		}
	}
}

// lockDir keeps a second simulator out of the folder. The kernel gives the
// lock back when the program ends, however it ends.
func lockDir(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, errInUse
	}
	return func() { f.Close() }, nil
}
