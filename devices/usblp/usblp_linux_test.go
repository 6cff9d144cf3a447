package usblp

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/serialport"
)

// printer is a pseudo-terminal in raw mode in the place of /dev/usb/lp0; far is
// the printer's side.
func printer(t *testing.T) (path string, far *os.File) {
	t.Helper()
	opened, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.FcntlInt(opened.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	opened.Close()
	far = os.NewFile(uintptr(fd), "far")
	var termios *unix.Termios
	if termios, err = unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS); err == nil {
		termios.Iflag, termios.Oflag, termios.Lflag = 0, 0, 0
		err = unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, termios)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close(); slave.Close() })
	return slave.Name(), far
}

func open(t *testing.T, path string) *Port {
	t.Helper()
	p, err := Open(Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestReadAndWrite(t *testing.T) {
	path, far := printer(t)
	p := open(t, path)
	var buf [64]byte
	start := time.Now()
	if n, err := p.Read(buf[:]); n != 0 || err != nil {
		t.Fatalf("nothing came: %d, %v", n, err)
	}
	if d := time.Since(start); d < Tick/2 || d > 20*Tick {
		t.Errorf("a tick took %v", d)
	}
	odd := []byte{0x10, 0x04, 0x01, 0x11, 0x13, 0x00, 0xFF, 0x0A}
	if _, err := p.Write(odd); err != nil {
		t.Fatal(err)
	}
	if n, err := far.Read(buf[:]); err != nil || string(buf[:n]) != string(odd) {
		t.Errorf("% X, %v", buf[:n], err)
	}
	if _, err := far.Write(odd); err != nil {
		t.Fatal(err)
	}
	if n, err := p.ReadWithin(buf[:], 5*time.Second); err != nil || string(buf[:n]) != string(odd) {
		t.Errorf("% X, %v", buf[:n], err)
	}
	if _, err := far.Write([]byte("stale")); err != nil {
		t.Fatal(err)
	}
	if n, err := p.ReadWithin(buf[:1], 5*time.Second); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := p.ResetInput(); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Read(buf[:]); n != 0 || err != nil {
		t.Errorf("after ResetInput: %q, %v", buf[:n], err)
	}
}

// mute is a printer that answers nothing: reading gives "end of file" at once.
type mute struct {
	reads int
	wrote []byte
}

func (m *mute) Read([]byte) (int, error)         { m.reads++; return 0, io.EOF }
func (m *mute) Write(b []byte) (int, error)      { m.wrote = append(m.wrote, b...); return len(b), nil }
func (m *mute) SetReadDeadline(time.Time) error  { return nil }
func (m *mute) SetWriteDeadline(time.Time) error { return nil }
func (m *mute) Close() error                     { return nil }

// That is no loss and no busy loop, and its tickets are sent.
func TestOneWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, gone := &mute{}, false
		p := newPort("x", m, func() bool { return gone })
		var buf [8]byte
		start := time.Now()
		for range 3 {
			if n, err := p.Read(buf[:]); n != 0 || err != nil {
				t.Fatal(n, err)
			}
		}
		if d := time.Since(start); d != 3*Tick || m.reads > 3*(int(Tick/idle)+1) {
			t.Errorf("three reads took %v and asked %d times", d, m.reads)
		}
		doc := escpos.Document{escpos.Text{Text: "A012"}}
		if err := escpos.New(p, escpos.Opts{Profile: escpos.Silent80()}).Print(t.Context(), doc); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(m.wrote), "A012\n") {
			t.Errorf("written %q", m.wrote)
		}
		gone = true
		if _, err := p.Read(buf[:]); !errors.Is(err, serialport.ErrLost) {
			t.Error(err)
		}
	})
}

func TestUnplugged(t *testing.T) {
	path, far := printer(t)
	p := open(t, path)
	result := make(chan error)
	go func() {
		var buf [8]byte
		_, err := p.ReadWithin(buf[:], time.Minute)
		result <- err
	}()
	far.Close()
	if err := <-result; !errors.Is(err, serialport.ErrLost) || !strings.Contains(err.Error(), "cable") {
		t.Fatal(err)
	}
	if _, err := p.Write([]byte("x")); !errors.Is(err, serialport.ErrLost) {
		t.Error(err)
	}
	if err := p.ResetInput(); !errors.Is(err, serialport.ErrLost) {
		t.Error(err)
	}
}

// A printer that takes no data is given up, and Close ends what is under way.
func TestStuckWrite(t *testing.T) {
	path, _ := printer(t)
	p := open(t, path)
	p.Patience = 100 * time.Millisecond
	if n, err := p.Write(make([]byte, 100_000)); !errors.Is(err, serialport.ErrLost) || n >= 100_000 {
		t.Fatalf("%d bytes, %v", n, err)
	}
	path, _ = printer(t)
	p = open(t, path)
	result := make(chan error, 2)
	go func() {
		_, err := p.Write(make([]byte, 100_000))
		result <- err
	}()
	go func() {
		var buf [8]byte
		_, err := p.ReadWithin(buf[:], time.Minute)
		result <- err
	}()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-result; !errors.Is(err, serialport.ErrLost) {
			t.Error(err)
		}
	}
	if p.Leaked() || p.Close() != nil {
		t.Error("not closed")
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		filepath.Join(dir, "none"): serialport.ErrAbsent,
		file:                       serialport.ErrNotSerial,
		dir:                        serialport.ErrNotSerial,
		"usb:0483:5743":            serialport.ErrAbsent,
	} {
		if _, err := Open(Config{Path: path, Finder: serialport.Finder{Sys: dir, Dev: dir}}); !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{"", "usb:", "usb:12:34", "usb:048:57431"} {
		if _, err := Open(Config{Path: path}); err == nil || errors.Is(err, serialport.ErrAbsent) {
			t.Errorf("%q: %v", path, err)
		}
	}
	for err, want := range map[error]error{
		syscall.EBUSY: serialport.ErrBusy, syscall.EACCES: serialport.ErrDenied,
		syscall.ENODEV: serialport.ErrAbsent, errors.New("else"): serialport.ErrLost,
	} {
		if got := classify("x", fmt.Errorf("open: %w", err)); !errors.Is(got, want) {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// A printer named by its identifiers is found under whatever number it has.
func TestOpenByIdentity(t *testing.T) {
	path, _ := printer(t)
	root := t.TempDir()
	f := serialport.Finder{Sys: filepath.Join(root, "sys"), Dev: filepath.Join(root, "dev")}
	plug := func(lp, serial string) {
		t.Helper()
		device := filepath.Join(f.Sys, "devices", serial)
		node := filepath.Join(device, "usbmisc", lp)
		for _, d := range []string{node, filepath.Join(f.Sys, "class/usbmisc"), filepath.Join(f.Dev, "usb")} {
			if err := os.MkdirAll(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for name, value := range map[string]string{"idVendor": "0483", "idProduct": "5743", "serial": serial} {
			if err := os.WriteFile(filepath.Join(device, name), []byte(value+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for from, to := range map[string]string{
			filepath.Join(node, "device"):             device,
			filepath.Join(f.Sys, "class/usbmisc", lp): node,
			filepath.Join(f.Dev, "usb", lp):           path,
		} {
			if err := os.Symlink(to, from); err != nil {
				t.Fatal(err)
			}
		}
	}
	plug("lp0", "first")
	plug("lp7", "SN2")
	for name, want := range map[string]string{"usb:0483:5743": "lp0", "usb:0483:5743:sn2": "lp7"} {
		p, err := Open(Config{Path: name, Finder: f})
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(p.Path()) != want {
			t.Errorf("%s is %s, want %s", name, p.Path(), want)
		}
		p.Close()
	}
	if _, err := Open(Config{Path: "usb:0483:5743:sn3", Finder: f}); !errors.Is(err, serialport.ErrAbsent) {
		t.Error(err)
	}
}
