//go:build bench && linux && !headless

package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A benchDisplay is a virtual display that can be watched and touched without
// disturbing it: its picture lies in a file that is mapped into memory here, and
// touches go in by the X test extension. Both programs are measured on one of
// these each, in the same way.
type benchDisplay struct {
	name  string // DISPLAY
	pid   int
	mem   []byte // the mapped picture, header included
	first int    // where the pixels begin
	step  int    // bytes a line
	w, h  int

	touches net.Conn
	xtest   byte // major opcode of the extension
}

// newBenchDisplay starts a display of the size. Its server draws no pointer, so
// a moved pointer changes no pixel.
func newBenchDisplay(t *testing.T, w, h int) *benchDisplay {
	t.Helper()
	r, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dir := t.TempDir()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-nolisten", "tcp", "-noreset", "-nocursor", "-fbdir", dir,
		"-screen", "0", fmt.Sprintf("%dx%dx24", w, h))
	cmd.ExtraFiles = []*os.File{pipe}
	p := startBench(t, cmd)
	pipe.Close()
	r.SetReadDeadline(time.Now().Add(benchPatience))
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("virtual display: %v", err)
	}
	number = strings.TrimSpace(number)
	d := &benchDisplay{name: ":" + number, pid: p.cmd.Process.Pid, w: w, h: h}
	d.watch(t, filepath.Join(dir, "Xvfb_screen0"))
	if d.touches, err = net.Dial("unix", "/tmp/.X11-unix/X"+number); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.touches.Close() })
	if err := d.handshake(); err != nil {
		t.Fatalf("touching the virtual display: %v", err)
	}
	return d
}

// watch maps the picture: an X window dump, version 7 (XWDFile.h of the X11
// protocol headers), of 32 bits a pixel.
func (d *benchDisplay) watch(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if d.mem, err = syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(d.mem) })
	word := func(n int) int { return int(binary.BigEndian.Uint32(d.mem[4*n:])) }
	const size, version, width, height, bits, perLine, colors, colorSize = 0, 1, 4, 5, 11, 12, 19, 12
	d.first, d.step = word(size)+word(colors)*colorSize, word(perLine)
	if word(version) != 7 || word(bits) != 32 || word(width) != d.w || word(height) != d.h || len(d.mem) < d.first+d.step*d.h {
		t.Fatal("the virtual display's picture has another form than expected")
	}
}

// at is the colour of a pixel, 0xRRGGBB.
func (d *benchDisplay) at(x, y int) uint32 {
	return binary.LittleEndian.Uint32(d.mem[d.first+y*d.step+4*x:]) & 0xffffff
}

// A patch is a regular grid of points on the display.
type patch struct {
	x, y, w, h int
	gap        int
}

func (d *benchDisplay) whole(gap int) patch { return patch{0, 0, d.w, d.h, gap} }

// look reads the colours of the patch's points into buf, row by row.
func (d *benchDisplay) look(p patch, buf []uint32) []uint32 {
	buf = buf[:0]
	for y := p.y; y < p.y+p.h; y += p.gap {
		for x := p.x; x < p.x+p.w; x += p.gap {
			buf = append(buf, d.at(x, y))
		}
	}
	return buf
}

// alike is the share of points that have the same colour, 0 to 1.
func alike(a, b []uint32) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return 0
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return float64(same) / float64(len(a))
}

// edges counts the neighbouring points in a row whose colours differ much. Texts
// and icons have many, boxes few.
func edges(points []uint32) int {
	n := 0
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		for shift := 0; shift < 24; shift += 8 {
			if d := int(a>>shift&0xff) - int(b>>shift&0xff); d > 64 || d < -64 {
				n++
				break
			}
		}
	}
	return n
}

// snooze waits a fifth of a millisecond. (time.Sleep can round up to a whole one.)
func snooze() {
	ts := syscall.NsecToTimespec(200_000)
	syscall.Nanosleep(&ts, nil)
}

// until looks at the patch again and again until ok, and returns how long after
// began that was.
func (d *benchDisplay) until(p patch, began time.Time, ok func([]uint32) bool) (time.Duration, error) {
	var buf []uint32
	for {
		buf = d.look(p, buf)
		if since := time.Since(began); ok(buf) {
			return since, nil
		} else if since > benchPatience {
			return since, errors.New("the display did not change as expected")
		}
		snooze()
	}
}

// settled waits until the display has not changed for the time, and returns it.
func (d *benchDisplay) settled(still time.Duration) ([]uint32, error) {
	p := d.whole(8)
	last, since := d.look(p, nil), time.Now()
	for began := time.Now(); time.Since(since) < still; time.Sleep(10 * time.Millisecond) {
		if now := d.look(p, nil); !slices.Equal(now, last) {
			last, since = now, time.Now()
		}
		if time.Since(began) > benchPatience {
			return nil, errors.New("the display does not come to rest")
		}
	}
	return last, nil
}

// The touches: as much of the X11 protocol as they need. Opcodes and layouts are
// those of the X Window System Protocol (version 11), section "Protocol
// Encoding", and of the XTEST extension protocol 2.2, "FakeInput".
const (
	xQueryExtension  = 98
	xGetInputFocus   = 43
	xtestFakeInput   = 2
	xButtonPress     = 4
	xButtonRelease   = 5
	xMotion          = 6
	xReplySize       = 32
	xFakeInputLength = 9 // in words
)

func (d *benchDisplay) handshake() error {
	d.touches.SetDeadline(time.Now().Add(benchPatience))
	defer d.touches.SetDeadline(time.Time{})
	if _, err := d.touches.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	var head [8]byte
	if _, err := io.ReadFull(d.touches, head[:]); err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, d.touches, 4*int64(binary.LittleEndian.Uint16(head[6:]))); err != nil {
		return err
	}
	if head[0] != 1 {
		return errors.New("the X server refuses the connection")
	}
	reply, err := d.ask(append([]byte{xQueryExtension, 0, 4, 0, 5, 0, 0, 0}, "XTEST\x00\x00\x00"...))
	if err != nil {
		return err
	}
	if reply[8] == 0 {
		return errors.New("the X server has no XTEST")
	}
	d.xtest = reply[9]
	return nil
}

func (d *benchDisplay) ask(request []byte) ([]byte, error) {
	if _, err := d.touches.Write(request); err != nil {
		return nil, err
	}
	reply := make([]byte, xReplySize)
	if _, err := io.ReadFull(d.touches, reply); err != nil {
		return nil, err
	}
	if reply[0] != 1 {
		return nil, fmt.Errorf("the X server answers with error %d", reply[1])
	}
	return reply, nil
}

// fake makes an event happen and returns when it was sent. The server has dealt
// with it when fake returns: it answers a question that was sent behind it.
func (d *benchDisplay) fake(kind, detail byte, x, y int) (time.Time, error) {
	b := make([]byte, 4*xFakeInputLength, 4*xFakeInputLength+4)
	b[0], b[1], b[2], b[4], b[5] = d.xtest, xtestFakeInput, xFakeInputLength, kind, detail
	binary.LittleEndian.PutUint16(b[24:], uint16(x))
	binary.LittleEndian.PutUint16(b[26:], uint16(y))
	b = append(b, xGetInputFocus, 0, 1, 0)
	d.touches.SetDeadline(time.Now().Add(benchPatience))
	sent := time.Now()
	_, err := d.ask(b)
	return sent, err
}

func (d *benchDisplay) move(x, y int) error {
	_, err := d.fake(xMotion, 0, x, y)
	return err
}

func (d *benchDisplay) press() (time.Time, error)   { return d.fake(xButtonPress, 1, 0, 0) }
func (d *benchDisplay) release() (time.Time, error) { return d.fake(xButtonRelease, 1, 0, 0) }
