package simulator_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/codescan"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

// talker speaks to a device byte by byte, as a program without our drivers.
type talker struct {
	t    *testing.T
	port *serialport.Port
}

func (k talker) say(send string) {
	k.t.Helper()
	if _, err := k.port.Write([]byte(send)); err != nil {
		k.t.Fatal(err)
	}
}

// hear waits for exactly these bytes.
func (k talker) hear(want string) {
	k.t.Helper()
	var got []byte
	var buf [64]byte
	for end := time.Now().Add(5 * time.Second); len(got) < len(want) && time.Now().Before(end); {
		n, err := k.port.Read(buf[:])
		if err != nil {
			k.t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	if string(got) != want {
		k.t.Errorf("it says % X, want % X", got, want)
	}
}

// quiet makes sure that nothing comes for a while.
func (k talker) quiet() {
	k.t.Helper()
	var buf [64]byte
	for range 2 {
		if n, err := k.port.Read(buf[:]); n > 0 || err != nil {
			k.t.Errorf("it says % X, %v", buf[:n], err)
		}
	}
}

func modelPrinter(t *testing.T, m simulator.PrinterModel) (*simulator.Hall, talker) {
	t.Helper()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Unpaced: true, Printer: m})
	return h, talker{t, open(t, dir, simulator.PrinterLink)}
}

// Custom's full status and presenter (devices of the KPM family).
func TestCustom(t *testing.T) {
	h, k := modelPrinter(t, simulator.PrinterModel{Model: simulator.ModelCustom})
	full := func(paper, user, recoverable, unrecoverable byte) {
		t.Helper()
		k.say("\x10\x04\x14")
		k.hear(string([]byte{0x10, 0x0F, paper, user, recoverable, unrecoverable}))
	}
	full(0, 0, 0, 0)
	k.say("A012\n\x1dVB\x00\x1de\x03\x20")
	papers(t, h, 1)
	k.say("\x1de\x06") // in its turn, so the ticket has been presented before
	k.hear("\x0c")
	full(0x20, 0, 0, 0)
	if !h.Printer.Take() || h.Printer.Take() {
		t.Error("the ticket can be taken once")
	}
	full(0, 0, 0, 0)
	k.say("A013\n\x1dVB\x00\x1de\x03\x20\x1de\x02\x1de\x06")
	k.hear("\x04")
	if all := papers(t, h, 2); !all[1].Retracted || all[0].Retracted {
		t.Error("the wrong ticket was taken back")
	}
	do(t, h, "paper low")
	full(0x04, 0, 0, 0)
	do(t, h, "paper out", "cover open", "head hot", "cutter error")
	full(0x05, 0x02, 0x01, 0x01)
	k.say("\x1b@A") // what cannot be printed stays in the buffer
	full(0x05, 0x06, 0x01, 0x01)
}

func TestCloneKnowsLess(t *testing.T) {
	h, k := modelPrinter(t, simulator.PrinterModel{Model: simulator.ModelClone})
	k.say("\x1da\xff\x1d(H\x06\x0000abcd\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
	k.say("\x1d(k\x03\x001C\x05\x1d(k\x08\x001P0HELLO\x1d(k\x03\x001Q0A\n\x1dVB\x00\x1dr1")
	k.hear("\x00")
	if got := papers(t, h, 1)[0].Text(); got != "A" {
		t.Errorf("printed %q", got)
	}
	k.quiet()
}

func TestOneWay(t *testing.T) {
	h, k := modelPrinter(t, simulator.PrinterModel{Model: simulator.ModelOneWay, XOFF: true, Buffer: 4096})
	do(t, h, "paper out")
	k.say("\x10\x04\x01\x1dr1\x1da\xff\x10\x04\x14" + strings.Repeat("x", 4000))
	k.quiet()
	do(t, h, "paper load")
	k.say("\n\x1dVB\x00")
	papers(t, h, 1)
	k.quiet()
}

// XOFF comes before the buffer is full, XON when there is room again; a writer
// that obeys loses nothing, one that does not loses what found the buffer full.
func TestXOFF(t *testing.T) {
	h, k := modelPrinter(t, simulator.PrinterModel{XOFF: true})
	do(t, h, "head hot")
	k.say(strings.Repeat("x", 3000))
	k.quiet()
	k.say(strings.Repeat("x", 100))
	k.hear("\x13")
	if n, lost := h.Printer.Buffered(); n != 3100 || lost != 0 {
		t.Errorf("%d bytes, %d lost", n, lost)
	}
	do(t, h, "head cool")
	k.hear("\x11")
	do(t, h, "head hot")
	k.say("\n" + strings.Repeat("y", 6000))
	k.hear("\x13")
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if n, lost := h.Printer.Buffered(); n == 4096 && lost > 1000 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it keeps more than its buffer holds")
		}
	}
	if s := h.State().Printer; s.Lost == 0 || s.Buffered != 4096 {
		t.Errorf("%+v", s)
	}
}

// A roll has an end: near-end speaks 3 m before it, and then paper end.
func TestRoll(t *testing.T) {
	h, k := modelPrinter(t, simulator.PrinterModel{RollMM: 3100, Keep: 5})
	page := "A\n" + strings.Repeat("\x1bJ\xf0", 6) + "\x1dVB\x00\x1dr1" // 30+1440 dots, 184 mm
	k.say(page)
	k.hear("\x03") // 2,916 mm are left
	if s := h.State().Printer; s.LeftMM != 2916 || !s.NearEnd || s.PaperOut {
		t.Errorf("%+v", s)
	}
	for range 15 {
		k.say(page)
		k.hear("\x03")
	}
	k.say(page + "\x10\x04\x04")
	for end := time.Now().Add(5 * time.Second); !h.State().Printer.PaperOut; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the roll does not end: %+v", h.State().Printer)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if all, err := h.Printer.Wait(ctx, 16); err != nil || len(all) != 5 {
		t.Errorf("%d papers are kept, %v", len(all), err)
	}
	do(t, h, "paper roll 0")
	if all, err := h.Printer.Wait(ctx, 18); err != nil || !all[3].Torn || all[4].Torn {
		t.Errorf("new paper does not tear off the old: %v", err)
	}
	if s := h.State().Printer; s.LeftMM != -1 || s.NearEnd || s.Papers != 18 || s.Oldest != 13 {
		t.Errorf("%+v", s)
	}
}

func TestModelsThatCannotBe(t *testing.T) {
	for _, m := range []simulator.PrinterModel{{Model: "x"}, {Dots: 100}, {Dots: 380}, {Buffer: 10}, {RollMM: -1}, {Keep: -1}} {
		if h, err := simulator.Start(simulator.Config{Dir: t.TempDir(), Printer: m}); err == nil {
			h.Close()
			t.Errorf("%+v passes", m)
		}
	}
}

// A reader that hangs in the middle of an answer is lost after three silent
// commands, and known again when it comes back; the card gives its person once.
func TestReaderDies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Unpaced: true})
	port := open(t, dir, simulator.ReaderLink)
	r := samv.New(port, samv.Opts{})
	expect(t, r, samv.Nothing)
	do(t, h, "card zhang", "reader die")
	for i := range 3 {
		_, err := r.Poll(t.Context())
		if errors.Is(err, samv.ErrPortLost) != (i == 2) || err == nil {
			t.Fatalf("poll %d: %v", i+1, err)
		}
	}
	do(t, h, "reader revive")
	port.Close()
	r = samv.New(open(t, dir, simulator.ReaderLink), samv.Opts{})
	expect(t, r, samv.CardRead, samv.Nothing)
	do(t, h, "lift")
	expect(t, r, samv.Gone)
}

// The card of the next person, laid in place of the first, is read with both
// sorts of readers as far as they show it.
func TestCardsChanged(t *testing.T) {
	h, r := newReader(t, fast, samv.Opts{})
	do(t, h, "card zhang")
	expect(t, r, samv.CardRead, samv.Nothing)
	do(t, h, "card li")
	if e := expect(t, r, samv.CardRead); e.Card.Number != "11010519491231002X" {
		t.Error("the first person is given out again")
	}
	expect(t, r, samv.Nothing)
	do(t, h, "lift")
	expect(t, r, samv.Gone)
}

// A sticky reader does not find a card that failed to be read; the driver
// restarts the module and reads it where it lies.
func TestFailedCardIsReadWhereItLies(t *testing.T) {
	h, r := newReader(t, fast, samv.Opts{})
	do(t, h, "reader fail 41", "card zhang")
	expect(t, r, samv.Unreadable, samv.Nothing, samv.CardRead, samv.Nothing)
	do(t, h, "lift")
	expect(t, r, samv.Gone, samv.Nothing)
}

func TestLeftBehind(t *testing.T) {
	for _, sort := range []string{"sticky", "refindable"} {
		h, r := newReader(t, fast, samv.Opts{LeftAfter: 50 * time.Millisecond})
		do(t, h, "reader "+sort, "card zhang")
		expect(t, r, samv.CardRead, samv.Nothing)
		time.Sleep(60 * time.Millisecond)
		expect(t, r, samv.LeftBehind, samv.Nothing)
		do(t, h, "lift")
		expect(t, r, samv.Gone)
	}
}

// A scanner that waits for commands, with the driver that gives them.
func TestTriggeredScanners(t *testing.T) {
	for _, profile := range []codescan.Profile{codescan.Honeywell(), codescan.GM65()} {
		t.Run(profile.Name, func(t *testing.T) {
			dir := t.TempDir()
			h := start(t, simulator.Config{Dir: dir, Unpaced: true})
			do(t, h, "scanner "+profile.Name)
			s := codescan.New(open(t, dir, simulator.ScannerLink), codescan.Opts{Profile: profile})
			if err := h.Scanner.Scan("A012"); err == nil {
				t.Fatal("it scans untold")
			}
			for i, on := range []bool{true, false, true} {
				if err := s.Trigger(on); err != nil {
					t.Fatal(err)
				}
				for end := time.Now().Add(5 * time.Second); h.Scanner.Armed() != on; time.Sleep(time.Millisecond) {
					if time.Now().After(end) {
						t.Fatalf("command %d is not obeyed", i+1)
					}
				}
			}
			do(t, h, "scan A012")
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if c, err := s.Next(ctx); err != nil || c.Text != "A012" {
				t.Errorf("%q, %v", c.Text, err)
			}
			if err := h.Scanner.Scan("B7"); err == nil {
				t.Error("one command gives two codes")
			}
		})
	}
}

// A code in another script passes as it is.
func TestScanBytes(t *testing.T) {
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Unpaced: true})
	k := talker{t, open(t, dir, simulator.ScannerLink)}
	do(t, h, "scan 号 x")
	k.hear("号 x\r")
	if !bytes.Equal([]byte(simulator.ScannerModels()[0]), []byte(h.State().Scanner.Model)) || h.State().Scanner.Scans != 1 {
		t.Errorf("%+v", h.State().Scanner)
	}
}
