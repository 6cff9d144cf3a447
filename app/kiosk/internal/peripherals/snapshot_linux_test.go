package peripherals

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

// shows waits until a device is in a state that the technician sees.
func shows(t *testing.T, d interface{ Snapshot() Snapshot }, want State) Snapshot {
	t.Helper()
	var s Snapshot
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if s = d.Snapshot(); s.State == want {
			return s
		}
	}
	t.Fatalf("never %s: %+v", want, s)
	return s
}

// The printer's states from its beginning to its end, as the technician sees
// them.
func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	devices, err := simulator.Start(simulator.Config{Dir: dir}) // at the real pace, so that busy is seen
	if err != nil {
		t.Skip("no simulated devices here:", err)
	}
	t.Cleanup(func() { devices.Close() })
	path := filepath.Join(dir, simulator.PrinterLink)
	p := NewPrinter(PortConfig{Path: path}, escpos.Opts{Profile: escpos.Epson80()}, nil)
	if s := p.Snapshot(); s.State != Absent || s.Path != path || s.Opened != 0 {
		t.Errorf("before Run: %+v", s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx)
	}()
	ready := shows(t, p, Ready)
	if ready.Opened != 1 || ready.Hint != HintNone || ready.Since.IsZero() || ready.Heard.IsZero() || ready.Leaked != 0 {
		t.Errorf("ready: %+v", ready)
	}
	done := make(chan error, 1)
	go func() { done <- p.Print(t.Context(), ticketDoc("A001", false)) }()
	if busy := shows(t, p, Busy); busy.Since.Before(ready.Since) {
		t.Errorf("busy since %v, ready since %v", busy.Since, ready.Since)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	shows(t, p, Ready)
	devices.Printer.PaperOut()
	fault := shows(t, p, Fault)
	if fault.Fault != "paper-out" || fault.Hint != HintLoadPaper {
		t.Errorf("no paper: %+v", fault)
	}
	time.Sleep(10 * time.Millisecond)
	if again := p.Snapshot(); !again.Since.Equal(fault.Since) {
		t.Errorf("the same state began at %v and at %v", fault.Since, again.Since)
	}
	devices.Printer.PaperLoad()
	shows(t, p, Ready)
	for n := range 3 {
		devices.Printer.Unplug()
		if s := shows(t, p, Absent); s.Hint != HintPlugIn || s.Detail == "" {
			t.Errorf("unplugged: %+v", s)
		}
		if err := devices.Printer.Replug(); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if s := shows(t, p, Ready); s.Opened != n+2 {
			t.Errorf("opened %d times", s.Opened)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("ready %v after plugging in", d)
		}
	}
	cancel()
	<-ended
	if s := p.Snapshot(); s.State != Closed {
		t.Errorf("after Run: %+v", s)
	}
}

// On a printer that cannot forget a job, the technician is told what to do
// before paper is loaded, for as long as it matters.
func TestResidueHint(t *testing.T) {
	devices, port := hall(t)
	p := NewPrinter(port("printer"), escpos.Opts{Profile: escpos.Generic80()}, nil)
	watch(t, p.Run)
	shows(t, p, Ready)
	devices.Printer.PaperOutAfter(100)
	if err := p.Print(t.Context(), ticketDoc("A001", false)); !escpos.MayHavePrinted(err) {
		t.Fatal(err)
	}
	s := shows(t, p, Fault)
	if s.Hint != HintForget || !strings.Contains(s.Detail, "switch the printer off and on") {
		t.Errorf("%+v", s)
	}
	time.Sleep(statusEvery + 200*time.Millisecond) // the next look keeps it
	if s := p.Snapshot(); s.Hint != HintForget || s.Detail == "" {
		t.Errorf("a second later: %+v", s)
	}
	devices.Printer.PaperLoad()
	shows(t, p, Ready)
	devices.Printer.Cover(true)
	if s := shows(t, p, Fault); s.Hint != HintCloseCover {
		t.Errorf("another fault later: %+v", s)
	}
}

// Every condition has a hint, and every hint a polite Chinese sentence.
func TestHints(t *testing.T) {
	for _, fault := range []string{
		"absent", "denied", "busy", "not-serial", "reader-error", escpos.CodePaperOut, escpos.CodeCoverOpen,
		escpos.CodeCutter, escpos.CodeHeadHot, escpos.CodeError, escpos.CodeOffline,
	} {
		if h := hintFor(Condition{State: Fault, Fault: fault}); h == HintNone || h.Chinese() == "" {
			t.Errorf("%s: hint %q, %q", fault, h, h.Chinese())
		}
	}
	for h, sentence := range sentences {
		if !strings.HasSuffix(sentence, "。") || strings.ContainsAny(sentence, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			t.Errorf("%s: %q", h, sentence)
		}
	}
	if h := hintFor(Condition{State: Ready, Warning: "paper-near-end"}); h != HintPaperSoon {
		t.Errorf("near end: %q", h)
	}
	if h := hintFor(Condition{State: Ready}); h != HintNone || h.Chinese() != "" {
		t.Errorf("well: %q", h)
	}
	if h := hintFor(Condition{State: Fault, Fault: "paper-out", Residue: true}); h != HintForget {
		t.Errorf("residue: %q", h)
	}
}

// leaky is a port with a write stuck in it.
type leaky struct{ stuck bool }

func (leaky) Close() error   { return nil }
func (l leaky) Leaked() bool { return l.stuck }

// Ports that were given up with a stuck write are counted, and so are openings;
// the pauses between attempts do not grow beyond what lets a device work within
// 5 s of being plugged in.
func TestSuperviseCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var told teller
		var attempts []time.Time
		supervise(ctx, &told, func() (leaky, error) {
			attempts = append(attempts, time.Now())
			switch n := len(attempts); {
			case n > 12:
				cancel()
				return leaky{}, serialport.ErrAbsent
			case n%3 == 0:
				return leaky{stuck: n%2 == 0}, nil
			}
			return leaky{}, serialport.ErrAbsent
		}, func(context.Context, leaky) error {
			if s := told.Snapshot(); s.State != Opening {
				t.Errorf("open, but not heard: %+v", s)
			}
			return errors.New("lost")
		}, func(err error) { told.tell(absent(err)) })
		if s := told.Snapshot(); s.Opened != 4 || s.Leaked != 2 || s.State != Closed {
			t.Errorf("%+v", s)
		}
		for i := 1; i < len(attempts); i++ {
			if d := attempts[i].Sub(attempts[i-1]); d > 2*time.Second {
				t.Errorf("%v between two attempts", d)
			}
		}
	})
}

// What the kernel says about the port is shown, also of a printer named by its
// USB identifiers.
func TestSnapshotShowsThePort(t *testing.T) {
	root := t.TempDir()
	device := filepath.Join(root, "sys/devices/usb1")
	for _, d := range []string{filepath.Join(device, "usbmisc/lp3"), filepath.Join(root, "sys/class/usbmisc"), filepath.Join(root, "dev/usb")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"idVendor": "0483", "idProduct": "5743", "product": "Printer-80", "serial": "S1"} {
		if err := os.WriteFile(filepath.Join(device, name), []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "dev/usb/lp3"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"devices/usb1/usbmisc/lp3/device": device, "class/usbmisc/lp3": filepath.Join(device, "usbmisc/lp3")} {
		if err := os.Symlink(to, filepath.Join(root, "sys", from)); err != nil {
			t.Fatal(err)
		}
	}
	finder := serialport.Finder{Sys: filepath.Join(root, "sys"), Dev: filepath.Join(root, "dev")}
	for path, known := range map[string]bool{
		filepath.Join(root, "dev/usb/lp3"): true, "usb:0483:5743": true, "usb:0483:5743:S1": true,
		"usb:0483:5744": false, "tcp://192.0.2.9": false,
	} {
		told := teller{path: path, finder: finder}
		told.openedPort()
		if s := told.Snapshot(); (s.Port.ID() == "0483:5743" && s.Port.Product == "Printer-80") != known {
			t.Errorf("%s: %+v", path, s.Port)
		}
	}
}

func TestKindsOfPaths(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "printer")
	if err := os.WriteFile(filepath.Join(dir, "lp5"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("lp5", link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"/dev/usb/lp0": true, "/dev/usb/lp12": true, link: true,
		"/dev/ttyUSB0": false, "/dev/lp": false, "/dev/lpx": false, dir: false,
	} {
		if isUSBPrinter(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
	for path, kind := range map[string]string{
		"tcp://": "tcpprint", "usb:zz": "usblp", filepath.Join(dir, "lp9"): "usblp", filepath.Join(dir, "tty"): "serialport",
	} {
		if _, err := (PortConfig{Path: path}).openPrinter(); err == nil || !strings.HasPrefix(err.Error(), kind+": ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A printer on the network is supervised like any other: it prints, goes away,
// and is used again when it is back.
func TestNetworkPrinter(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	serve := func(l net.Listener) (conns chan net.Conn) {
		conns = make(chan net.Conn, 10)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				conns <- c
				go answer(c)
			}
		}()
		return conns
	}
	conns := serve(l)
	p := NewPrinter(PortConfig{Path: "tcp://" + address}, escpos.Opts{}, nil)
	watch(t, p.Run)
	shows(t, p, Ready)
	if err := p.Print(t.Context(), ticketDoc("A001", false)); err != nil {
		t.Fatal(err)
	}
	l.Close()
	(<-conns).Close()
	shows(t, p, Absent)
	if err := p.Print(t.Context(), ticketDoc("A002", false)); err == nil || escpos.MayHavePrinted(err) {
		t.Errorf("nobody there: %v", err)
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Skip("the address is taken by somebody else meanwhile:", err)
	}
	defer l.Close()
	conns = serve(l)
	shows(t, p, Ready)
	if err := p.Print(t.Context(), ticketDoc("A002", false)); err != nil {
		t.Error(err)
	}
	(<-conns).Close()
}

// answer answers as a healthy printer does.
func answer(c net.Conn) {
	var in []byte
	buf := make([]byte, 512)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		in = append(in, buf[:n]...)
		for {
			op, n := escpos.NextOp(in)
			if n == 0 {
				break
			}
			in = in[n:]
			switch op.Kind {
			case escpos.OpStatus:
				c.Write([]byte{0x12})
			case escpos.OpPaper:
				c.Write([]byte{0})
			}
		}
	}
}
