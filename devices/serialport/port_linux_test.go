package serialport

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"
	"go.bug.st/serial"
	"golang.org/x/sys/unix"
)

// line is a pseudo-terminal with a link to it, the far side at hand.
type line struct {
	far  *os.File
	link string
	hold *os.File // keeps the slave open
}

func newLine(t *testing.T) *line {
	t.Helper()
	opened, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	// A non-blocking duplicate hangs up at once when closed.
	fd, err := unix.FcntlInt(opened.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	opened.Close()
	l := &line{far: os.NewFile(uintptr(fd), "far"), hold: slave, link: filepath.Join(t.TempDir(), "device")}
	if err := os.Symlink(slave.Name(), l.link); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.far.Close(); l.hold.Close() })
	return l
}

func (l *line) open(t *testing.T) *Port {
	t.Helper()
	p, err := Open(Config{Path: l.link, Baud: 9600})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink(filepath.Join(dir, "gone"), dangling); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		want       error
	}{
		{"missing", filepath.Join(dir, "none"), ErrAbsent},
		{"dangling link", dangling, ErrAbsent},
		{"file", file, ErrNotSerial},
		{"folder", dir, ErrNotSerial},
		{"below a file", filepath.Join(file, "x"), ErrNotSerial},
		{"other device", "/dev/null", ErrNotSerial},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Open(Config{Path: c.path})
			if !errors.Is(err, c.want) || p != nil {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if !strings.Contains(err.Error(), c.path) || strings.Count(err.Error(), ": ") < 3 {
				t.Errorf("error names neither path nor cure: %v", err)
			}
		})
	}
	for _, c := range []Config{{}, {Path: file, Baud: -1}} {
		if _, err := Open(c); err == nil || errors.Is(err, ErrLost) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestOpenBusy(t *testing.T) {
	l := newLine(t)
	p := l.open(t)
	if _, err := Open(Config{Path: l.link}); !errors.Is(err, ErrBusy) {
		t.Fatalf("second opener: %v", err)
	}
	// The settings of the first opener are as they were.
	if s, err := unix.IoctlGetTermios(int(l.hold.Fd()), unix.TCGETS); err != nil || s.Cflag&unix.CBAUD != unix.B9600 {
		t.Errorf("speed changed: %v", err)
	}
	p.Close()
	l.open(t)
}

// What the kernel and the library can say, without the devices to make them
// say it.
func TestClassify(t *testing.T) {
	wrap := func(err error) error { return &os.PathError{Op: "open", Path: "x", Err: err} }
	for _, c := range []struct {
		err, want error
	}{
		{wrap(syscall.EACCES), ErrDenied},
		{wrap(syscall.EPERM), ErrDenied},
		{wrap(syscall.ENOENT), ErrAbsent},
		{syscall.ENXIO, ErrAbsent},
		{syscall.ENODEV, ErrAbsent},
		{fmt.Errorf("reading its settings: %w", syscall.EIO), ErrAbsent},
		{syscall.EBUSY, ErrBusy},
		{errLocked, ErrBusy},
		{syscall.ENOTTY, ErrNotSerial},
		{errors.New("something else"), ErrLost},
	} {
		got := classify(Config{Path: "/dev/x"}, c.err)
		for _, kind := range []error{ErrAbsent, ErrDenied, ErrBusy, ErrNotSerial, ErrLost} {
			if errors.Is(got, kind) != (kind == c.want) {
				t.Errorf("%v: got %v", c.err, got)
			}
		}
	}
	if !strings.Contains(classify(Config{}, syscall.EACCES).Error(), "dialout") {
		t.Error("denied without the cure")
	}
	// The library's own errors, as it makes them.
	l := newLine(t)
	_, err := serial.Open(l.link, &serial.Mode{BaudRate: 9600, DataBits: 99})
	var pe *serial.PortError
	if !errors.As(err, &pe) || !errors.Is(classify(Config{}, err), ErrNotSerial) {
		t.Errorf("of the library's %v became %v", err, classify(Config{}, err))
	}
}

func TestReadAndWrite(t *testing.T) {
	l := newLine(t)
	p := l.open(t)
	start := time.Now()
	var buf [2000]byte
	if n, err := p.Read(buf[:]); n != 0 || err != nil {
		t.Fatalf("nothing came: %d, %v", n, err)
	}
	if d := time.Since(start); d < Tick/2 || d > 20*Tick {
		t.Errorf("a tick took %v", d)
	}
	// Bytes that terminals like to interpret, both ways.
	odd := []byte{0x00, 0x03, 0x04, 0x0A, 0x0D, 0x11, 0x13, 0x1A, 0x7F, 0xFF}
	if _, err := l.far.Write(odd); err != nil {
		t.Fatal(err)
	}
	if n, err := p.ReadDeadline(buf[:], time.Now().Add(5*time.Second)); string(buf[:n]) != string(odd) || err != nil {
		t.Errorf("read % X, %v", buf[:n], err)
	}
	long := []byte(strings.Repeat(string(odd), 120)) // several chunks
	if n, err := p.Write(long); n != len(long) || err != nil {
		t.Fatal(n, err)
	}
	var got []byte
	for len(got) < len(long) {
		n, err := l.far.Read(buf[:])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	if string(got) != string(long) {
		t.Error("what arrived is not what was written")
	}
	// ResetInput drops what waits.
	if _, err := l.far.Write([]byte("stale")); err != nil {
		t.Fatal(err)
	}
	if n, _ := p.ReadDeadline(buf[:1], time.Now().Add(5*time.Second)); n != 1 {
		t.Fatal("nothing arrived")
	}
	if err := p.ResetInput(); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Read(buf[:]); n != 0 || err != nil {
		t.Errorf("after ResetInput: %q, %v", buf[:n], err)
	}
}

func TestUnplugged(t *testing.T) {
	l := newLine(t)
	p := l.open(t)
	result := make(chan error)
	go func() {
		var buf [8]byte
		_, err := p.ReadDeadline(buf[:], time.Now().Add(time.Minute))
		result <- err
	}()
	l.far.Close()
	if err := <-result; !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "cable") {
		t.Fatal(err)
	}
	if _, err := p.Write([]byte("x")); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	if err := p.ResetInput(); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if p.Leaked() {
		t.Error("a goroutine is left")
	}
	if _, err := Open(Config{Path: l.link}); !errors.Is(err, ErrAbsent) {
		t.Errorf("opening an unplugged device: %v", err)
	}
}

func TestClose(t *testing.T) {
	l := newLine(t)
	p := l.open(t)
	result := make(chan error)
	go func() {
		var buf [8]byte
		_, err := p.ReadDeadline(buf[:], time.Now().Add(time.Minute))
		result <- err
	}()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "closed by this program") {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if n, err := p.Write([]byte("x")); n != 0 || !errors.Is(err, ErrLost) {
		t.Errorf("Write after Close: %d, %v", n, err)
	}
}

// Nobody reads on the far side: the kernel takes some 10 kB and then no more.
func TestStuckWrite(t *testing.T) {
	l := newLine(t)
	p := l.open(t)
	p.patience = 100 * time.Millisecond
	n, err := p.Write(make([]byte, 100_000))
	if !errors.Is(err, ErrLost) || n >= 100_000 || !strings.Contains(err.Error(), "stuck") {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	// Whether throwing away the output frees the write is the kernel's
	// business; the hang-up must.
	l.far.Close()
	for end := time.Now().Add(5 * time.Second); p.Leaked(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("the goroutine outlives the device")
		}
	}
}

// Close during a stuck Write ends both at once.
func TestCloseDuringStuckWrite(t *testing.T) {
	l := newLine(t)
	p := l.open(t)
	result := make(chan error)
	go func() {
		_, err := p.Write(make([]byte, 100_000))
		result <- err
	}()
	var in int
	for in < 4000 { // the line is filling up
		var err error
		if in, err = unix.IoctlGetInt(int(l.far.Fd()), unix.TIOCINQ); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "closed by this program") {
		t.Error(err)
	}
}

// stubborn is a device whose Write never returns before it is freed.
type stubborn struct {
	mu    sync.Mutex
	calls []string
	free  chan struct{}
}

func (s *stubborn) note(call string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	return nil
}
func (s *stubborn) SetReadTimeout(time.Duration) error { return nil }
func (s *stubborn) Read([]byte) (int, error)           { time.Sleep(Tick); return 0, nil }
func (s *stubborn) Write(b []byte) (int, error)        { <-s.free; return 0, syscall.EBADF }
func (s *stubborn) ResetInputBuffer() error            { return s.note("reset input") }
func (s *stubborn) ResetOutputBuffer() error           { return s.note("reset output") }
func (s *stubborn) Drain() error                       { return s.note("drain") }
func (s *stubborn) Close() error                       { return s.note("close") }

func TestLeaked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stubborn{free: make(chan struct{})}
		p := newPort("x", s, fileLock{})
		start := time.Now()
		if _, err := p.Write([]byte("x")); !errors.Is(err, ErrLost) || time.Since(start) != writeDeadline {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		p.Close()
		if !p.Leaked() {
			t.Error("the stuck goroutine is not counted")
		}
		if got := strings.Join(s.calls, ", "); got != "reset output, close" {
			t.Errorf("calls: %s", got)
		}
		close(s.free)
		synctest.Wait()
		if p.Leaked() {
			t.Error("the freed goroutine is still counted")
		}
	})
}

// A paced port waits for every piece to leave; a drain that never ends is a
// stuck write.
func TestPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowLine{}
		p := newPort("x", s, fileLock{})
		p.paced = true
		start := time.Now()
		if n, err := p.Write(make([]byte, 600)); n != 600 || err != nil {
			t.Fatal(n, err)
		}
		if d := time.Since(start); d != 3*time.Second || fmt.Sprint(s.pieces) != "[256 256 88]" {
			t.Errorf("%v, pieces %v", d, s.pieces)
		}
		s.stuck = make(chan struct{})
		if _, err := p.Write([]byte("x")); !errors.Is(err, ErrLost) {
			t.Error(err)
		}
		p.Close()
		if !p.Leaked() {
			t.Error("the stuck drain is not counted")
		}
		close(s.stuck)
	})
}

// A signal in the middle of a write or a drain is no loss.
func TestInterrupted(t *testing.T) {
	s := &interrupted{}
	p := newPort("x", s, fileLock{})
	p.paced = true
	if n, err := p.Write(make([]byte, 600)); n != 600 || err != nil {
		t.Fatal(n, err)
	}
	if s.written != 600 || s.signals != 6 {
		t.Errorf("%d bytes, %d signals", s.written, s.signals)
	}
	p.Close()
}

// interrupted ends every other call with EINTR.
type interrupted struct {
	stubborn
	written, signals int
	again            bool
}

func (s *interrupted) signal() bool {
	if s.again = !s.again; s.again {
		s.signals++
	}
	return s.again
}

func (s *interrupted) Write(b []byte) (int, error) {
	if s.signal() {
		return 0, syscall.EINTR
	}
	s.written += len(b)
	return len(b), nil
}

func (s *interrupted) Drain() error {
	if s.signal() {
		return syscall.EINTR
	}
	return nil
}

// slowLine takes a second to drain whatever is written.
type slowLine struct {
	stubborn
	pieces []int
	stuck  chan struct{}
}

func (s *slowLine) Write(b []byte) (int, error) {
	s.pieces = append(s.pieces, len(b))
	return len(b), nil
}

func (s *slowLine) Drain() error {
	if s.stuck != nil {
		<-s.stuck
		return nil
	}
	time.Sleep(time.Second)
	return nil
}

// 50 times opened and closed, 50 times refused: no file and no goroutine left.
func TestNothingLeaks(t *testing.T) {
	l := newLine(t)
	l.open(t).Close()
	files := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	filesBefore, goroutinesBefore := files(), runtime.NumGoroutine()
	for range 50 {
		p, err := Open(Config{Path: l.link})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Config{Path: l.link}); err == nil {
			t.Fatal("opened twice")
		}
		p.Close()
	}
	if n := files(); n != filesBefore {
		t.Errorf("files: %d, before %d", n, filesBefore)
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutinesBefore; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("goroutines: %d, before %d", runtime.NumGoroutine(), goroutinesBefore)
		}
	}
}
