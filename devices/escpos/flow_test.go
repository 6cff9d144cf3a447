package escpos

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/devices/porttest"
)

// A fake is a printer that answers DLE EOT and GS r at once, for what vectors
// cannot say: how much is written in one go, and when.
type fake struct {
	mu      sync.Mutex
	out     []byte   // waits to be read
	writes  [][]byte // what was written, piece by piece
	eot     [4]byte
	onWrite func(total int) // under mu, after every write of job data
	onPaper func()          // under mu, in place of the answer to GS r
	total   int
}

func newFake() *fake { return &fake{eot: [4]byte{0x12, 0x12, 0x12, 0x12}} }

func (f *fake) Read(b []byte) (int, error) { return f.ReadWithin(b, 50*time.Millisecond) }

func (f *fake) ReadWithin(b []byte, d time.Duration) (int, error) {
	for end := time.Now().Add(d); ; time.Sleep(min(d, time.Millisecond)) {
		f.mu.Lock()
		n := copy(b, f.out)
		f.out = f.out[n:]
		f.mu.Unlock()
		if n > 0 || !time.Now().Before(end) {
			return n, nil
		}
	}
}

func (f *fake) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes = append(f.writes, append([]byte(nil), b...))
	switch op, n := NextOp(b); {
	case n == len(b) && op.Kind == OpStatus:
		f.out = append(f.out, f.eot[op.N-1])
	case n == len(b) && op.Kind == OpPaper && f.onPaper != nil:
		f.onPaper()
	case n == len(b) && op.Kind == OpPaper:
		f.out = append(f.out, 0)
	default:
		f.total += len(b)
		if f.onWrite != nil {
			f.onWrite(f.total)
		}
	}
	return len(b), nil
}

func (f *fake) ResetInput() error { return errors.New("a port that can be looked at is never reset") }

// sent is how many bytes of the job have been written.
func (f *fake) sent() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.total
}

func (f *fake) say(b ...byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out = append(f.out, b...)
}

// lines is a document of n lines of 40 bytes each.
func lines(n int) Document {
	return Document{Text{Text: strings.TrimSuffix(strings.Repeat(strings.Repeat("A", 39)+"\n", n), "\n")}}
}

// The job goes out in pieces of 256 bytes; XOFF stops it after the piece that
// is on its way, and XON lets it go on.
func TestFlowControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.onWrite = func(total int) {
			if total > 900 {
				f.out = append(f.out, xoff)
				f.onWrite = nil
			}
		}
		p := New(f, Opts{})
		done := make(chan error)
		go func() { done <- p.Print(t.Context(), lines(100)) }()
		time.Sleep(5 * time.Second)
		stopped := f.sent()
		if stopped < 900 || stopped > 900+2*chunk {
			t.Errorf("stopped after %d bytes", stopped)
		}
		time.Sleep(5 * time.Second)
		if n := f.sent(); n != stopped {
			t.Errorf("%d bytes in spite of XOFF", n-stopped)
		}
		f.say(xon)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if n := f.sent(); n < 4000 {
			t.Errorf("%d bytes in all", n)
		}
		for _, w := range f.writes {
			if len(w) > chunk {
				t.Errorf("a piece of %d bytes", len(w))
			}
		}
	})
}

// A printer that says XOFF because its paper has ended is asked, and the job
// stops at once; one that gives no reason is given up in the end.
func TestHeldForAReason(t *testing.T) {
	for _, c := range []struct {
		name string
		eot  [4]byte
		code string
		most time.Duration
	}{
		{"paper", [4]byte{0x1A, 0x32, 0x12, 0x72}, CodePaperOut, 2 * time.Second},
		{"no reason", [4]byte{0x12, 0x12, 0x12, 0x12}, CodeOffline, holdTime + 2*time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.onWrite = func(total int) {
					if total > 500 {
						f.out, f.eot, f.onWrite = append(f.out, xoff), c.eot, nil
					}
				}
				start := time.Now()
				err := New(f, Opts{}).Print(t.Context(), lines(100))
				var fault *Fault
				if !errors.As(err, &fault) || fault.Code != c.code || !fault.Started || !fault.Residue {
					t.Errorf("%v", err)
				}
				if d := time.Since(start); d > c.most {
					t.Errorf("after %v", d)
				}
			})
		})
	}
}

// The end of the caller's context is heard while the line is held.
func TestCanceledWhileHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.onWrite = func(total int) {
			if total > 500 {
				f.out, f.onWrite = append(f.out, xoff), nil
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := New(f, Opts{}).Print(ctx, lines(100))
		var fault *Fault
		if !errors.As(err, &fault) || fault.Code != CodeCanceled || !fault.Started {
			t.Errorf("%v", err)
		}
	})
}

// The steps are told in their order, and an error of the first stops
// everything.
func TestSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		p := New(f, Opts{})
		var steps []string
		before, prepared := 0, 0
		err := p.PrintSteps(t.Context(), lines(1), Steps{
			Prepared: func(n int) error {
				steps, prepared = append(steps, "prepared"), n
				if len(f.writes) > 0 {
					t.Error("prepared only after the printer was asked")
				}
				return nil
			},
			Sending: func() error { steps, before = append(steps, "sending"), len(f.writes); return nil },
			Sent:    func() { steps = append(steps, "sent") },
		})
		if err != nil || strings.Join(steps, " ") != "prepared sending sent" {
			t.Errorf("%v, %v", steps, err)
		}
		if f.sent() != prepared {
			t.Errorf("%d bytes prepared, %d sent", prepared, f.sent())
		}
		if f.sent() == 0 || before == len(f.writes) {
			t.Error("nothing was sent between the steps")
		}
		total, disk := f.sent(), errors.New("disk")
		for _, s := range []Steps{{Sending: func() error { return disk }}, {Prepared: func(int) error { return disk }}} {
			err = p.PrintSteps(t.Context(), lines(1), s)
			if !errors.Is(err, disk) || MayHavePrinted(err) || f.sent() != total {
				t.Errorf("%v, %d bytes", err, f.sent()-total)
			}
		}
	})
}

// Half a ticket never becomes the beginning of the next one: after every stop
// but paper end, and after a port that was lost, the next job begins with a
// cut. After paper end the one who loads paper tears it off.
func TestTornOff(t *testing.T) {
	run := func(t *testing.T, opts Opts, stop byte) bool {
		t.Helper()
		f := newFake()
		p := New(f, opts)
		if stop != 0 {
			f.onWrite = func(total int) {
				if total > 500 {
					f.eot, f.onWrite = [4]byte{0x1A, stop, 0x12, 0x12}, nil
				}
			}
			if err := p.Print(t.Context(), lines(100)); !MayHavePrinted(err) {
				t.Fatal(err)
			}
			f.eot = newFake().eot
		}
		n := len(f.writes)
		if err := p.Print(t.Context(), lines(1)); err != nil {
			t.Fatal(err)
		}
		for _, w := range f.writes[n:] {
			if op, _ := NextOp(w); op.Kind == OpCut {
				return true
			} else if op.Kind == OpInit {
				return false
			}
		}
		t.Fatal("no job")
		return false
	}
	for _, c := range []struct {
		name string
		opts Opts
		stop byte
		want bool
	}{
		{"first job", Opts{}, 0, false},
		{"port lost before", Opts{Residue: true}, 0, true},
		{"cover", Opts{}, 0x16, true},
		{"paper", Opts{}, 0x32, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := run(t, c.opts, c.stop); got != c.want {
					t.Errorf("begins with a cut: %v", got)
				}
			})
		})
	}
}

// Clearing that is still owed is done as soon as the printer answers, not only
// before the next job: paper may be loaded before that.
func TestClearedWhenItAnswersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const well = "> 10 04 01\n< 12\n> 10 04 02\n< 12\n> 10 04 03\n< 12\n> 10 04 04\n< 12\n"
		const silent = "> 10 04 01\n~ 500ms\n> 10 04 01\n~ 500ms\n"
		const cleared = "> 10 14 08 01 03 14 01 06 02 08\n< 37 25 00\n"
		v, err := porttest.Parse([]byte(silent + well + cleared + well))
		if err != nil {
			t.Fatal(err)
		}
		port := porttest.NewPlayback(v)
		p := New(port, Opts{Profile: Epson80()})
		for i, want := range []string{CodeOffline, "", ""} {
			if s, err := p.Status(t.Context()); err != nil || s.Code() != want {
				t.Errorf("%d: %+v, %v", i, s, err)
			}
		}
		if err := port.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A job stands still before its GS r is answered. When the printer goes on, that
// answer comes first, and the ones after it are each one question late: none of
// them may confirm the next job.
func TestOldAnswerConfirmsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		p := New(f, Opts{})
		if err := p.Print(t.Context(), lines(1)); err != nil {
			t.Fatal(err)
		}
		waiting := 0
		f.onPaper = func() { // taken up, not answered: the cover is open
			waiting++
			f.eot = [4]byte{0x1A, 0x16, 0x12, 0x12}
		}
		if err := p.Print(t.Context(), lines(1)); !MayHavePrinted(err) {
			t.Fatal(err)
		}
		f.mu.Lock()
		f.eot, f.total = newFake().eot, 0
		f.onPaper = func() {
			answers := make([]byte, waiting+1)
			f.onPaper = func() {} // the question behind the next job is never answered
			go func() {           // the rest of the old job is printed first
				time.Sleep(400 * time.Millisecond)
				f.say(answers[:1]...)
				time.Sleep(100 * time.Millisecond)
				f.say(answers[1:]...)
			}()
		}
		f.mu.Unlock()
		done := make(chan error, 1)
		go func() { done <- p.Print(t.Context(), lines(1)) }()
		var fault *Fault
		if err := <-done; !errors.As(err, &fault) || !fault.Started {
			t.Errorf("confirmed by an old answer: %v", err)
		}
	})
}

// Two Printers, one after the other, do not use the same process IDs: the answer
// to a question of the first one confirms nothing to the second.
func TestProcessIDsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ask := func() string {
			f := newFake()
			if _, err := New(f, Opts{Profile: Epson80()}).question(byProcess); err != nil {
				t.Fatal(err)
			}
			op, _ := NextOp(f.writes[0])
			if op.Kind != OpProcessID {
				t.Fatalf("%s", op.Kind)
			}
			return string(op.Data)
		}
		first := ask()
		time.Sleep(time.Second)
		if second := ask(); first == second {
			t.Errorf("both ask with %q", first)
		}
	})
}
