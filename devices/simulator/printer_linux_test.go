package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/escpos/raster"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

// start runs a hall for the test.
func start(t *testing.T, c simulator.Config) *simulator.Hall {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	h, err := simulator.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// open opens one of the hall's devices as programs do.
func open(t *testing.T, dir, name string) *serialport.Port {
	t.Helper()
	p, err := serialport.Open(serialport.Config{Path: filepath.Join(dir, name)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func do(t *testing.T, h *simulator.Hall, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if _, err := h.Exec(line); err != nil {
			t.Fatal(err)
		}
	}
}

// newPrinter is a simulated printer and the driver on it.
func newPrinter(t *testing.T, p escpos.Profile) (*simulator.Hall, *escpos.Printer) {
	t.Helper()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Unpaced: true})
	font, err := os.ReadFile("../../assets/fonts/NotoSansCJKsc-Regular.subset.otf")
	if err != nil {
		t.Fatal(err)
	}
	drawer, err := raster.New(font, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h, escpos.New(open(t, dir, simulator.PrinterLink), escpos.Opts{Profile: p, Rasterizer: drawer})
}

func papers(t *testing.T, h *simulator.Hall, n int) []simulator.Paper {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	all, err := h.Printer.Wait(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != n {
		t.Fatalf("%d papers, want %d", len(all), n)
	}
	return all
}

const link = "https://hall.example.test/t/0192f0c1-7a3b-7c55-8e2e-6d0b1f4a9c10?s=MEUCIQDx"

func ticket(name string) escpos.Document {
	return escpos.Document{
		escpos.Text{Text: "测试市政务服务中心", Align: escpos.Center, Size: 2},
		escpos.Text{Text: "A012", Align: escpos.Center, Size: 4, Bold: true},
		escpos.Rule{},
		escpos.Text{Text: "户口登记"},
		escpos.Text{Text: name},
		escpos.Text{Text: "前面还有 4 人", Align: escpos.Right},
		escpos.QR{Content: link, Align: escpos.Center},
		escpos.Feed{Lines: 1},
		escpos.Text{Text: "请在二楼B区等候，留意叫号"},
	}
}

// A whole ticket with a name that the printer has no characters for: the paper
// says what was asked for, and the QR code can be read by another program.
func TestTicket(t *testing.T) {
	h, p := newPrinter(t, escpos.Epson80())
	s, err := p.Status(t.Context())
	if err != nil || s != (escpos.Status{Online: true}) {
		t.Fatalf("%+v, %v", s, err)
	}
	if err := p.Print(t.Context(), ticket("李㛃")); err != nil {
		t.Fatal(err)
	}
	paper := papers(t, h, 1)[0]
	if len(paper.Pictures) != 2 {
		t.Fatalf("paper:\n%s", paper)
	}
	name, qr := paper.Pictures[0], paper.Pictures[1]
	want := []string{
		"测试市政务服务中心", "A012", strings.Repeat("-", 48), "户口登记", "李□",
		"前面还有 4 人", fmt.Sprintf("[picture %dx%d]", qr.W, qr.H), "请在二楼B区等候，留意叫号",
	}
	if !slices.Equal(paper.Lines, want) || paper.Torn {
		t.Errorf("paper:\n%s", paper)
	}
	if black := count(name); name.W != 24 || name.H != 24 || black < 50 || black > 300 {
		t.Errorf("the name has %d black dots", black)
	}
	if n, lost := h.Printer.Buffered(); n != 0 || lost != 0 {
		t.Errorf("%d bytes left, %d lost", n, lost)
	}
	shown, err := h.Exec("show")
	if err != nil || !strings.Contains(shown, "\n"+strings.Repeat(" ", 22)+"A012\n") {
		t.Errorf("shown:\n%s%v", shown, err)
	}
	text := 0
	for _, op := range escpos.Decode(paper.Raw) {
		if op.Kind == escpos.OpRaster && op.Image.W == qr.W {
			text -= 8 + len(op.Image.Pix)
		}
	}
	if text += len(paper.Raw); text > 1500 {
		t.Errorf("the ticket takes %d bytes besides its QR code, more than 1,500", text)
	}
	t.Logf("ticket: %d bytes, %d without the QR code", len(paper.Raw), text)
	if got := scanQR(t, qr); got != link {
		t.Errorf("the QR code says %q", got)
	}
}

func count(b *escpos.Bitmap) (black int) {
	for y := range b.H {
		for x := range b.W {
			if b.Black(x, y) {
				black++
			}
		}
	}
	return black
}

// scanQR reads a picture with zbar.
func scanQR(t *testing.T, b *escpos.Bitmap) string {
	t.Helper()
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg is not installed (Debian: zbar-tools)")
	}
	path := filepath.Join(t.TempDir(), "qr.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, b); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), zbar, "--quiet", "--raw", path).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// A fault that is there before the job: nothing of it is sent.
func TestRefusedBeforeTheFirstByte(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ command, mend, code string }{
		{"paper out", "paper load", escpos.CodePaperOut},
		{"cover open", "cover close", escpos.CodeCoverOpen},
		{"cutter error", "cutter clear", escpos.CodeCutter},
		{"head hot", "head cool", escpos.CodeHeadHot},
		{"printer silent", "printer answer", escpos.CodeOffline},
	} {
		t.Run(c.code, func(t *testing.T) {
			h, p := newPrinter(t, escpos.Epson80())
			do(t, h, c.command)
			if s, err := p.Status(t.Context()); err != nil || s.Code() != c.code {
				t.Errorf("%+v, %v", s, err)
			}
			err := p.Print(t.Context(), ticket("李示例"))
			var f *escpos.Fault
			if !errors.As(err, &f) || f.Code != c.code || f.Started || f.Residue || escpos.MayHavePrinted(err) {
				t.Fatalf("%v", err)
			}
			do(t, h, c.mend)
			if err := p.Print(t.Context(), ticket("李示例")); err != nil {
				t.Fatalf("after %s: %v", c.mend, err)
			}
			papers(t, h, 1)
		})
	}
}

func TestPaperLowIsNoFault(t *testing.T) {
	h, p := newPrinter(t, escpos.Epson80())
	do(t, h, "paper low")
	if s, err := p.Status(t.Context()); err != nil || !s.PaperNearEnd || s.Code() != "" {
		t.Errorf("%+v, %v", s, err)
	}
	if err := p.Print(t.Context(), ticket("李示例")); err != nil {
		t.Error(err)
	}
}

// A fault in the middle of the job: the outcome is unknown, and on a printer
// that can be cleared nothing of the job comes out afterwards.
func TestStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, command, mend, code string
	}{
		{"text", "paper out after 60", "paper load", escpos.CodePaperOut},
		{"in the QR code", "paper out after 4000", "paper load", escpos.CodePaperOut},
		{"at the cut", "cutter jam", "cutter clear", escpos.CodeCutter},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, p := newPrinter(t, escpos.Epson80())
			do(t, h, c.command)
			err := p.Print(t.Context(), ticket("李示例"))
			var f *escpos.Fault
			if !errors.As(err, &f) || f.Code != c.code || !f.Started || f.Residue || !escpos.MayHavePrinted(err) {
				t.Fatalf("%v", err)
			}
			if n, _ := h.Printer.Buffered(); n != 0 {
				t.Errorf("%d bytes still in the printer", n)
			}
			do(t, h, c.mend)
			before := len(h.Printer.Papers())
			if err := p.Print(t.Context(), escpos.Document{escpos.Text{Text: "补打"}}); err != nil {
				t.Fatal(err)
			}
			n := before + 1
			if c.code != escpos.CodePaperOut {
				n++ // what hung out is cut off first; new paper tears it off
			}
			if last := papers(t, h, n)[n-1]; last.Text() != "补打" {
				t.Errorf("the next paper begins with the old job:\n%s", last)
			}
		})
	}
}

// The same on a printer that cannot be cleared: the driver says so, and the
// rest does come out, which is why the outcome must be taken as unknown.
func TestResidue(t *testing.T) {
	h, p := newPrinter(t, escpos.Generic80())
	do(t, h, "paper out after 60")
	err := p.Print(t.Context(), ticket("李示例"))
	var f *escpos.Fault
	if !errors.As(err, &f) || !f.Started || !f.Residue {
		t.Fatalf("%v", err)
	}
	if n, _ := h.Printer.Buffered(); n == 0 {
		t.Fatal("the simulated printer forgot the job by itself")
	}
	do(t, h, "paper load")
	torn := papers(t, h, 1)[0]
	if !torn.Torn {
		t.Errorf("first piece:\n%s", torn)
	}
}

// The head gets hot in the middle and cools again: the job goes on.
func TestHotHeadIsWaitedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir}) // at the real pace the job takes a second
	p := escpos.New(open(t, dir, simulator.PrinterLink), escpos.Opts{Profile: escpos.Epson80()})
	done := make(chan error)
	go func() { done <- p.Print(t.Context(), ticket("李示例")) }()
	inTheMiddle(h)
	do(t, h, "head hot")
	select {
	case err := <-done:
		t.Fatalf("with a hot head: %v", err)
	case <-time.After(time.Second):
	}
	do(t, h, "head cool")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	papers(t, h, 1)
}

// inTheMiddle returns when the printer has begun with a job.
func inTheMiddle(h *simulator.Hall) {
	for n := 0; n < 20; n, _ = h.Printer.Worked() { // more than a probe
		time.Sleep(time.Millisecond)
	}
}

func TestUnpluggedInTheMiddle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Baud: 19200}) // slow enough to pull in time
	port := open(t, dir, simulator.PrinterLink)
	p := escpos.New(port, escpos.Opts{Profile: escpos.Epson80()})
	done := make(chan error)
	go func() { done <- p.Print(t.Context(), ticket("李示例")) }()
	inTheMiddle(h)
	do(t, h, "printer unplug")
	err := <-done
	if !errors.Is(err, escpos.ErrPortLost) || !errors.Is(err, serialport.ErrLost) || !escpos.MayHavePrinted(err) {
		t.Fatalf("%v", err)
	}
	if _, err := p.Status(t.Context()); !errors.Is(err, escpos.ErrPortLost) || escpos.MayHavePrinted(err) {
		t.Errorf("afterwards: %v", err)
	}
	port.Close()
	if _, err := serialport.Open(serialport.Config{Path: filepath.Join(dir, simulator.PrinterLink)}); !errors.Is(err, serialport.ErrAbsent) {
		t.Errorf("opening it unplugged: %v", err)
	}
	do(t, h, "printer plug")
	p = escpos.New(open(t, dir, simulator.PrinterLink), escpos.Opts{Profile: escpos.Epson80()})
	if s, err := p.Status(t.Context()); err != nil || s.Code() != "" {
		t.Errorf("plugged in again: %+v, %v", s, err)
	}
	// The printer may still wait for the rest of a picture; the next job must
	// not disappear in it.
	if err := p.Print(t.Context(), escpos.Document{escpos.Text{Text: "补打"}}); err != nil {
		t.Fatal(err)
	}
	paper := papers(t, h, 1)[0]
	if paper.Lines[len(paper.Lines)-1] != "补打" {
		t.Errorf("paper:\n%s", paper)
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Baud: 38400})
	p := escpos.New(open(t, dir, simulator.PrinterLink), escpos.Opts{Profile: escpos.Epson80()})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Print(ctx, ticket("李示例")) }()
	inTheMiddle(h)
	cancel()
	err := <-done
	var f *escpos.Fault
	if !errors.As(err, &f) || f.Code != escpos.CodeCanceled || !f.Started || f.Residue || !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if s, err := p.Status(t.Context()); err != nil || s.Code() != "" {
		t.Errorf("afterwards: %+v, %v", s, err)
	}
	// Before it began nothing is sent.
	err = p.Print(ctx, ticket("李示例"))
	if !errors.As(err, &f) || f.Started {
		t.Errorf("canceled from the start: %v", err)
	}
}

// Other programs use commands that our driver does not; the simulator answers
// them as printers do (npm's receiptio begins like this).
func TestOtherClients(t *testing.T) {
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Unpaced: true})
	port := open(t, dir, simulator.PrinterLink)
	talk := func(send, want string) {
		t.Helper()
		if _, err := port.Write([]byte(send)); err != nil {
			t.Fatal(err)
		}
		var got []byte
		var buf [64]byte
		for end := time.Now().Add(5 * time.Second); len(got) < len(want) && time.Now().Before(end); {
			n, err := port.Read(buf[:])
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, buf[:n]...)
		}
		if string(got) != want {
			t.Errorf("to % X it answers % X, want % X", send, got, want)
		}
	}
	talk("\x10\x04\x02", "\x12")
	talk("\x1b@\x1da\xff", "\x10\x00\x00\x00")
	do(t, h, "cover open")
	talk("", "\x38\x00\x00\x00")
	talk("\x10\x04\x02", "\x16")
	do(t, h, "cover close")
	talk("", "\x10\x00\x00\x00")
	talk("hello\n\x1d(H\x06\x00\x30\x30abcd", "\x37\x22abcd\x00")
	talk("\x1dV\x42\x00\x1dr1", "\x00")
	talk("\x1dIB", "_HALL SIMULATOR\x00")
	do(t, h, "paper out")
	talk("\x10\x04\x04", "\x18\x00\x0f\x00"+"\x7e")
	// A real-time command inside a picture is obeyed, as manuals warn.
	do(t, h, "paper load")
	talk("\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01", "\x10\x00\x00\x00"+"\x12")
	if got := papers(t, h, 1)[0].Text(); got != "hello" {
		t.Errorf("printed %q", got)
	}
}
