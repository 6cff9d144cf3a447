package peripherals

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hallkiosk/devices/codescan"
	"hallkiosk/devices/escpos"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/simulator"
)

const patience = 20 * time.Second

// hall starts the simulated devices; port says where one of them is.
func hall(t *testing.T) (devices *simulator.Hall, port func(name string) PortConfig) {
	t.Helper()
	dir := t.TempDir()
	h, err := simulator.Start(simulator.Config{Dir: dir, Unpaced: true})
	if err != nil {
		t.Skip("no simulated devices here:", err)
	}
	t.Cleanup(func() { h.Close() })
	return h, func(name string) PortConfig { return PortConfig{Path: filepath.Join(dir, name)} }
}

// watch runs a device until the test ends and returns its conditions.
func watch(t *testing.T, run func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the device does not stop")
		}
	})
}

func next[T any](t *testing.T, what string, c <-chan T, ok func(T) bool) T {
	t.Helper()
	timeout := time.After(patience)
	var last T
	for {
		select {
		case last = <-c:
			if ok(last) {
				return last
			}
		case <-timeout:
			t.Fatalf("%s did not come; last %+v", what, last)
		}
	}
}

func is(s State, fault string) func(Condition) bool {
	return func(c Condition) bool { return c.State == s && c.Fault == fault }
}

func TestPrinterComesAndGoes(t *testing.T) {
	devices, port := hall(t)
	conditions := make(chan Condition, 100)
	p := NewPrinter(port("printer"), escpos.Opts{Profile: escpos.Epson80()}, func(c Condition) { conditions <- c })
	doc := escpos.Document{escpos.Text{Text: "A001"}, escpos.Cut{}}
	if err := p.Print(t.Context(), doc); !errors.Is(err, ErrNoPrinter) {
		t.Errorf("before it is open: %v, want ErrNoPrinter", err)
	}
	if c := p.Condition(); c.State != Absent {
		t.Errorf("before it is open: %+v", c)
	}
	watch(t, p.Run)
	next(t, "ready", conditions, is(Ready, ""))
	if err := p.Print(t.Context(), doc); err != nil {
		t.Fatal(err)
	}

	devices.Printer.PaperLow()
	next(t, "near end", conditions, func(c Condition) bool { return c.State == Ready && c.Warning == "paper-near-end" })
	devices.Printer.PaperOut()
	next(t, "paper out", conditions, is(Fault, "paper-out"))
	err := p.Print(t.Context(), doc)
	var fault *escpos.Fault
	if !errors.As(err, &fault) || fault.Started || fault.Code != "paper-out" {
		t.Errorf("without paper: %v", err)
	}
	devices.Printer.PaperLoad()
	next(t, "ready after loading", conditions, is(Ready, ""))

	for range 3 {
		devices.Printer.Unplug()
		next(t, "absent", conditions, is(Absent, "absent"))
		if err := devices.Printer.Replug(); err != nil {
			t.Fatal(err)
		}
		next(t, "ready after plugging in", conditions, is(Ready, ""))
	}
	if err := p.Print(t.Context(), doc); err != nil {
		t.Errorf("after plugging in: %v", err)
	}
	if n := len(devices.Printer.Papers()); n != 2 {
		t.Errorf("%d papers, want 2", n)
	}
}

func TestReaderComesAndGoes(t *testing.T) {
	devices, port := hall(t)
	conditions, cards := make(chan Condition, 100), make(chan string, 100)
	r := NewReader(port("reader"), SAMV, ReaderEvents{
		Reading:    func() { cards <- "reading" },
		Read:       func(c *samv.Card) { cards <- "read " + c.Number[:6] },
		Unreadable: func(why samv.Reason) { cards <- "unreadable " + string(why) },
		Gone:       func() { cards <- "gone" },
	}, func(c Condition) { conditions <- c })
	watch(t, r.Run)
	next(t, "ready", conditions, is(Ready, ""))
	want := func(s string) {
		t.Helper()
		next(t, s, cards, func(got string) bool { return got == s })
	}
	if err := devices.Reader.Lay("li"); err != nil {
		t.Fatal(err)
	}
	want("reading")
	want("read 110105")
	devices.Reader.Lift()
	want("gone")
	devices.Reader.Unplug()
	next(t, "absent", conditions, is(Absent, "absent"))
	if err := devices.Reader.Replug(); err != nil {
		t.Fatal(err)
	}
	next(t, "ready after plugging in", conditions, is(Ready, ""))
	if err := devices.Reader.Lay("zhang"); err != nil {
		t.Fatal(err)
	}
	want("read 440524")
}

// Both dialects give the same events; a card that stays is told to staff until it is
// taken away.
func TestReaderDialectsAndCardLeft(t *testing.T) {
	for _, d := range []Dialect{"", SAMV, BankNumber, BankName} {
		t.Run(string(d), func(t *testing.T) {
			devices, port := hall(t)
			bank := d == BankNumber || d == BankName
			devices.Reader.Bank(bank)
			conditions, cards := make(chan Condition, 100), make(chan string, 100)
			r := NewReader(port("reader"), d, ReaderEvents{
				Reading:    func() {},
				Read:       func(c *samv.Card) { cards <- c.Number[:6] },
				Unreadable: func(why samv.Reason) { cards <- "unreadable " + string(why) },
				Gone:       func() { cards <- "gone" },
			}, func(c Condition) { conditions <- c })
			r.leftAfter = time.Second
			watch(t, r.Run)
			next(t, "ready", conditions, is(Ready, ""))
			if err := devices.Reader.Lay("li"); err != nil {
				t.Fatal(err)
			}
			next(t, "the number", cards, func(s string) bool { return s == "110105" })
			next(t, "card left", conditions, func(c Condition) bool { return c.State == Ready && c.Warning == WarningCardLeft })
			if s := r.Snapshot(); s.Hint != HintReturnCard || s.Hint.Chinese() == "" {
				t.Errorf("hint %q", s.Hint)
			}
			devices.Reader.Lift()
			next(t, "gone", cards, func(s string) bool { return s == "gone" })
			next(t, "no card any more", conditions, func(c Condition) bool { return c.State == Ready && c.Warning == "" })
		})
	}
	// The control: a reader that speaks another dialect than the one configured is
	// no reader.
	devices, port := hall(t)
	devices.Reader.Bank(true)
	conditions := make(chan Condition, 100)
	r := NewReader(port("reader"), SAMV, ReaderEvents{}, func(c Condition) { conditions <- c })
	watch(t, r.Run)
	next(t, "fault", conditions, func(c Condition) bool { return c.State != Ready })
	if err := Dialect("sam-w").Check(); err == nil {
		t.Error("an unknown dialect is accepted")
	}
}

func TestScannerHandsOn(t *testing.T) {
	devices, port := hall(t)
	conditions, codes := make(chan Condition, 100), make(chan codescan.Code, 100)
	s := NewScanner(port("scanner"), codescan.Presentation(), func(c codescan.Code) { codes <- c }, func(c Condition) { conditions <- c })
	watch(t, s.Run)
	next(t, "ready", conditions, is(Ready, ""))
	devices.Scanner.Scan("A001")
	next(t, "the code", codes, func(codescan.Code) bool { return true })
}

func TestPortsThatCannotBeOpened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, fault := range map[string]string{
		filepath.Join(t.TempDir(), "missing"): "absent",
		file:                                  "not-serial",
	} {
		conditions := make(chan Condition, 100)
		p := NewPrinter(PortConfig{Path: path}, escpos.Opts{}, func(c Condition) { conditions <- c })
		watch(t, p.Run)
		c := next(t, fault, conditions, is(Absent, fault))
		if c.Detail == "" {
			t.Errorf("%s: no detail for the technician", fault)
		}
	}
}
