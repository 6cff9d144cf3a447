package escpos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/devices/porttest"
)

// outcome puts what a vector expects into the words of its header.
func outcome(s *Status, err error) string {
	var f *Fault
	var words []string
	add := func(on bool, word string) {
		if on {
			words = append(words, word)
		}
	}
	switch {
	case errors.Is(err, ErrPortLost):
		add(true, "lost")
		add(MayHavePrinted(err), "started")
	case errors.As(err, &f):
		add(true, "fault "+f.Code)
		add(f.Started, "started")
		add(f.Residue, "residue")
	case err != nil:
		return err.Error()
	case s != nil:
		add(true, fmt.Sprintf("code=%q", s.Code()))
		add(s.Online, "online")
		add(s.CoverOpen, "cover")
		add(s.PaperOut, "paper-out")
		add(s.CutterError, "cutter")
		add(s.HeadHot, "hot")
		add(s.PaperNearEnd, "near-end")
		add(s.Recoverable, "recoverable")
		add(s.Unrecoverable, "unrecoverable")
		add(s.Stopped, "stopped")
		add(s.Waiting, "waiting")
		add(s.Feeding, "feeding")
		add(s.Busy, "busy")
		add(s.AtOutput, "at-output")
		add(s.Silent, "silent")
	default:
		return "printed"
	}
	return strings.Join(words, " ")
}

func ask(t *testing.T, p *Printer, what string) string {
	t.Helper()
	switch what {
	case "status":
		s, err := p.Status(t.Context())
		return outcome(&s, err)
	case "print":
		return outcome(nil, p.Print(t.Context(), Document{Text{Text: "A012"}}))
	case "paper":
		if err := p.write([]byte{gs, 'r', 1}); err != nil {
			return err.Error()
		}
		_, b, err := p.reply(t.Context(), answerTime, isPaper)
		if err != nil || b == nil {
			return fmt.Sprintf("no answer, %v", err)
		}
		var s Status
		s.setPaper(b[0])
		return outcome(&s, nil)
	case "auto":
		if err := p.write([]byte{gs, 'a', autoMask}); err != nil {
			return err.Error()
		}
		_, b, err := p.reply(t.Context(), answerTime, func(k replyKind, _ []byte) bool { return k == replyAuto })
		if err != nil || b == nil {
			return fmt.Sprintf("no automatic status, %v", err)
		}
		var s Status
		s.setAuto(b)
		if p.alarm != (s.Code() != "") {
			return "the alarm is not what the status says"
		}
		words := outcome(&s, nil)
		if p.held {
			words += " held"
		}
		return words
	}
	t.Fatalf("vector asks for %q", what)
	return ""
}

// profileOf is the profile that a vector is for. "enq" is one that no printer
// in the list has: cleared by DLE ENQ.
func profileOf(t *testing.T, name string) Profile {
	t.Helper()
	if name == "enq" {
		p := Generic80()
		p.Clear = ClearENQ
		return p
	}
	p, err := ProfileByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 75 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			v, err := porttest.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				port := porttest.NewPlayback(v)
				p := New(port, Opts{Profile: profileOf(t, v.Headers["profile"])})
				if got := ask(t, p, v.Headers["ask"]); got != v.Headers["expect"] {
					t.Errorf("got  %s\nwant %s", got, v.Headers["expect"])
				}
				if err := port.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

const (
	healthy = "> 10 04 01\n< 12\n> 10 04 02\n< 12\n> 10 04 03\n< 12\n> 10 04 04\n< 12\n"
	a012    = "> 1B 40 1B 74 00 1C 26 41 30 31 32 0A 1D 56 42 18\n"
	well    = "> 10 04 01\n< 12\n"
)

// filling ends a picture that a printer may still be waiting for.
var filling = "> " + strings.Repeat("00", maxBandBytes+rasterHeader) + "\n"

// Of a printer that does not answer GS r the status alone confirms, after the
// time that line and paper need; it is found out once.
func TestPrinterWithoutProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 16 bytes, 54 dots: 1.4 ms + 67.5 ms + 1 s for the cut.
		looks := strings.Repeat(well+"~ 300ms\n", 3) + well + "~ 200ms\n" + well
		v, err := porttest.Parse([]byte(healthy + "> 1D 72 01\n~ 500ms\n" + filling + "> 1D 72 01\n~ 700ms\n" +
			a012 + looks + healthy + a012 + looks))
		if err != nil {
			t.Fatal(err)
		}
		port := porttest.NewPlayback(v)
		p := New(port, Opts{})
		var took [2]time.Duration
		for i := range took {
			start := time.Now()
			if got := ask(t, p, "print"); got != "printed" {
				t.Fatalf("job %d: %s: %v", i+1, got, port.Close())
			}
			took[i] = time.Since(start)
		}
		if took[0] != 2300*time.Millisecond || took[1] != 1100*time.Millisecond {
			t.Errorf("took %v and %v", took[0], took[1])
		}
		if err := port.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A printer without status is written to and never asked.
func TestPrintWithoutStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, err := porttest.Parse([]byte(filling + a012))
		if err != nil {
			t.Fatal(err)
		}
		port := porttest.NewPlayback(v)
		p := New(port, Opts{Profile: Silent80()})
		if s, err := p.Status(t.Context()); err != nil || s.Code() != "" {
			t.Errorf("%+v, %v", s, err)
		}
		if got := ask(t, p, "print"); got != "printed" {
			t.Error(got)
		}
		if err := port.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Mistakes in the document are found before a byte is sent, and are neither
// faults nor lost ports.
func TestPrintRefusesBadDocuments(t *testing.T) {
	port := porttest.NewPlayback(porttest.Vector{})
	p := New(port, Opts{})
	for _, doc := range []Document{nil, {QR{Content: "签到"}}, {Text{Size: 9}}} {
		err := p.Print(context.Background(), doc)
		var f *Fault
		if err == nil || errors.As(err, &f) || errors.Is(err, ErrPortLost) || MayHavePrinted(err) {
			t.Errorf("%v", err)
		}
	}
	if err := port.Close(); err != nil {
		t.Error(err)
	}
}

func TestStatusBits(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers [4]byte
		want    Status
		code    string
	}{
		{"well", [4]byte{0x12, 0x12, 0x12, 0x12}, Status{Online: true}, ""},
		{"drawer", [4]byte{0x16, 0x12, 0x12, 0x12}, Status{Online: true}, ""},
		{"cover", [4]byte{0x1A, 0x16, 0x12, 0x12}, Status{CoverOpen: true}, CodeCoverOpen},
		{"feed button", [4]byte{0x1A, 0x1A, 0x12, 0x12}, Status{Feeding: true}, CodeOffline},
		{"stopped by paper end", [4]byte{0x1A, 0x32, 0x12, 0x12}, Status{PaperOut: true}, CodePaperOut},
		{"paper end", [4]byte{0x1A, 0x12, 0x12, 0x72}, Status{PaperOut: true}, CodePaperOut},
		{"paper end and near end", [4]byte{0x1A, 0x32, 0x12, 0x7E}, Status{PaperOut: true, PaperNearEnd: true}, CodePaperOut},
		{"one of two near-end sensors", [4]byte{0x12, 0x12, 0x12, 0x16}, Status{Online: true, PaperNearEnd: true}, ""},
		{"cover and paper", [4]byte{0x1A, 0x36, 0x12, 0x72}, Status{CoverOpen: true, PaperOut: true}, CodeCoverOpen},
		{"mechanical", [4]byte{0x1A, 0x52, 0x16, 0x12}, Status{Stopped: true, Recoverable: true}, CodeError},
		{"cutter", [4]byte{0x1A, 0x52, 0x1A, 0x12}, Status{Stopped: true, CutterError: true}, CodeCutter},
		{"unrecoverable", [4]byte{0x1A, 0x52, 0x32, 0x12}, Status{Stopped: true, Unrecoverable: true}, CodeError},
		{"hot head", [4]byte{0x1A, 0x52, 0x52, 0x12}, Status{Stopped: true, HeadHot: true}, CodeHeadHot},
		{"offline for no reason given", [4]byte{0x1A, 0x12, 0x12, 0x12}, Status{}, CodeOffline},
	} {
		var got Status
		for i, b := range c.answers {
			if r, n := nextReply([]byte{b}, Epson); r.kind != replyStatus || n != 1 {
				t.Errorf("%s: %02X is not taken for a status", c.name, b)
			}
			got.set(i+1, b)
		}
		if got != c.want || got.Code() != c.code {
			t.Errorf("%s: %+v, code %q", c.name, got, got.Code())
		}
	}
	if c := (Status{Silent: true}).Code(); c != CodeOffline {
		t.Errorf("silent: %q", c)
	}
}

func TestFaultWords(t *testing.T) {
	for _, f := range []*Fault{{Code: CodePaperOut}, {Code: CodePaperOut, Started: true}, {Code: CodeCanceled, Err: context.Canceled}} {
		if s := f.Error(); !strings.HasPrefix(s, "escpos: job stopped: ") || strings.Contains(s, "in part") != f.Started {
			t.Error(s)
		}
	}
}

// Whatever arrives is cut into replies without getting stuck, nothing is used
// twice, and no XON or XOFF outside a full status is lost.
func FuzzReplies(f *testing.F) {
	f.Add([]byte{0x12, 0x16, 0x00, 0x10, 0x11, 0x00, 0x00, 0x00, 0x37, 0x25, 0x00}, false)
	f.Add([]byte{0x10, 0x00, 0x80, 0x5F, 'A', 0x00, 0xFF}, false)
	f.Add([]byte{0x10, 0x0F, 0x11, 0x80, 0x00, 0x13, 0x13}, true)
	f.Fuzz(func(t *testing.T, b []byte, custom bool) {
		d := Epson
		if custom {
			d = Custom
		}
		for len(b) > 0 {
			r, n := nextReply(b, d)
			if n < 0 || n > len(b) || (r.kind == replyNone) != (n == 0) || len(r.data) > n {
				t.Fatalf("% X: %+v, %d", b, r, n)
			}
			if n == 0 {
				if len(b) >= maxBlock {
					t.Fatalf("waits behind %d bytes", len(b))
				}
				return
			}
			var s Status
			switch r.kind {
			case replyAuto:
				if len(r.data) != autoLen {
					t.Fatalf("automatic status of %d bytes", len(r.data))
				}
				s.setAuto(r.data)
			case replyFull:
				s.setFull(r.data)
			default:
				for i := range 6 {
					s.set(i, r.data[0])
				}
				s.setPaper(r.data[0])
			}
			s.Code()
			var flow []byte
			for _, c := range b[:n] {
				if (c == xon || c == xoff) && r.kind != replyFull {
					flow = append(flow, c)
				}
			}
			if !bytes.Equal(flow, r.flow) {
				t.Fatalf("% X: flow % X of % X", b[:n], r.flow, flow)
			}
			b = b[n:]
		}
	})
}
