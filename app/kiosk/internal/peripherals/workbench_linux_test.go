package peripherals

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/printjournal"
	"hallkiosk/devices/escpos"
	"hallkiosk/devices/simulator"
)

// A workbench is one printer with its supervisor, its journal and the simulated
// device, whose roll of paper is the witness. It may be used from goroutines
// other than the test's.
type workbench struct {
	t       *testing.T
	name    string
	hall    *simulator.Hall
	dir     string
	store   *localstore.Store
	journal *printjournal.Journal
	profile escpos.Profile

	printer    *Printer
	conditions chan Condition
	stop       context.CancelFunc
	stopped    chan struct{}
	err        error // of the last print

	mu sync.Mutex
	// at is called, once, when the journal is about to be written at a place:
	// "begin" or a state; "sending+" when it has been.
	at map[string]func()
	// disk fails the journal at a place, killed everywhere.
	disk   string
	killed bool
}

var errDisk = errors.New("the disk is gone")

func newWorkbench(t *testing.T, name, dir string, profile escpos.Profile, unpaced bool) (*workbench, error) {
	w := &workbench{t: t, name: name, dir: dir, profile: profile, at: map[string]func(){}}
	var err error
	model := simulator.PrinterModel{Dots: profile.Dots}
	switch {
	case profile.Dialect == escpos.Custom:
		model.Model = simulator.ModelCustom
	case profile.Dialect == escpos.OneWay:
		model.Model = simulator.ModelOneWay
	case profile.Clear == escpos.NoClear:
		model.Model = simulator.ModelClone
	}
	if w.hall, err = simulator.Start(simulator.Config{Dir: filepath.Join(dir, "hall"), Unpaced: unpaced, Printer: model}); err != nil {
		return nil, err
	}
	if w.store, err = openStore(filepath.Join(dir, "data")); err != nil {
		w.hall.Close()
		return nil, err
	}
	w.journal = printjournal.New(w.store)
	w.start(false)
	return w, nil
}

// openStore opens a terminal's file.
func openStore(dir string) (*localstore.Store, error) {
	return localstore.Open(context.Background(), dir, localstore.Options{})
}

// start begins to use the printer, as the terminal's start does.
func (w *workbench) start(residue bool) {
	w.conditions = make(chan Condition, 1000)
	w.printer = NewPrinter(PortConfig{Path: filepath.Join(w.dir, "hall", simulator.PrinterLink)},
		escpos.Opts{Profile: w.profile, Patience: 3 * time.Second}, func(c Condition) { w.conditions <- c })
	// A printer is silent after half a second, on a machine of its own. Here many
	// of them share a busy one.
	w.printer.Journal, w.printer.Residue = (*watched)(w), residue
	ctx, cancel := context.WithCancel(context.Background())
	w.stop, w.stopped = cancel, make(chan struct{})
	go func(stopped chan struct{}) {
		defer close(stopped)
		w.printer.Run(ctx)
	}(w.stopped)
}

// restart ends the use and begins it anew, as after the end of the program: the
// journal says what the last run left.
func (w *workbench) restart() {
	w.stop()
	<-w.stopped
	w.mu.Lock()
	w.killed = false
	w.mu.Unlock()
	left, err := w.journal.Recover(context.Background())
	if err != nil {
		w.errorf("recover: %v", err)
	}
	w.start(left.Residue)
}

func (w *workbench) close() {
	w.stop()
	<-w.stopped
	w.store.Close()
	w.hall.Close()
}

func (w *workbench) errorf(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf(w.name+": "+format, args...)
}

// do carries out commands of the simulator, separated by semicolons; "wait 50ms"
// waits.
func (w *workbench) do(commands string) {
	for _, c := range strings.Split(commands, ";") {
		if c = strings.TrimSpace(c); c == "" {
			continue
		}
		if d, ok := strings.CutPrefix(c, "wait "); ok {
			pause, err := time.ParseDuration(d)
			if err != nil {
				w.errorf("%s: %v", c, err)
			}
			time.Sleep(pause)
			continue
		}
		if _, err := w.hall.Exec(c); err != nil {
			w.errorf("%s: %v", c, err)
		}
	}
}

// ready waits until the printer is well.
func (w *workbench) ready() bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if s := w.printer.Snapshot(); s.State == Ready {
			return true
		}
	}
	w.errorf("not ready again: %+v", w.printer.Snapshot())
	return false
}

// The last line of every ticket of these tests: a paper with it is whole.
const lastLine = "请留意叫号"

// A copy says so at both ends: on a printer that cannot be cleared the paper may
// end behind the first mark, and what comes out of the next roll would look like
// a ticket of its own.
func ticketDoc(label string, isCopy bool) escpos.Document {
	var d escpos.Document
	last := lastLine
	if isCopy {
		d = append(d, escpos.Text{Text: "补打", Size: 2})
		last = "补打，" + lastLine
	}
	d = append(d, escpos.Text{Text: label, Size: 5, Align: escpos.Center})
	for i := range 6 {
		d = append(d, escpos.Text{Text: fmt.Sprintf("第%d行：测试市政务服务中心二楼B区，前面还有4人", i+1)})
	}
	return append(d, escpos.Text{Text: last}, escpos.Cut{})
}

// print prints a ticket and says how that ended, in a word.
func (w *workbench) print(ctx context.Context, label string, isCopy bool) string {
	w.err = w.printer.PrintTicket(ctx, label, isCopy, ticketDoc(label, isCopy))
	return word(w.err)
}

// word is an outcome as the citizen's screen depends on it: what is wrong, and
// whether paper may be out.
func word(err error) string {
	var f *escpos.Fault
	code := ""
	switch {
	case err == nil:
		return "printed"
	case errors.As(err, &f):
		code = f.Code
	case errors.Is(err, escpos.ErrPortLost):
		code = "lost"
	case errors.Is(err, ErrNoPrinter):
		code = "absent"
	case errors.Is(err, printjournal.ErrMustBeCopy):
		code = "must-be-copy"
	case errors.Is(err, errDisk):
		code = "disk"
	case errors.Is(err, context.Canceled):
		code = "canceled"
	default:
		code = err.Error()
	}
	if escpos.MayHavePrinted(err) {
		return code + "?" // paper may be out
	}
	return code
}

// papers counts what came out for a label: whole unmarked ones, whole copies,
// and pieces.
func (w *workbench) papers(label string) (unmarked, copies, pieces int) {
	for _, p := range w.hall.Printer.Papers() {
		text := p.Text()
		switch {
		case !strings.Contains(text, label):
		case strings.Count(text, label) > 1:
			w.errorf("two tickets on one paper:\n%s", p)
		case p.Torn || !strings.Contains(text, lastLine):
			pieces++
		case strings.Contains(text, "补打"):
			copies++
		default:
			unmarked++
		}
	}
	return unmarked, copies, pieces
}

// states are the journal's jobs of a label, in their order.
func (w *workbench) states(label string) string {
	jobs, err := w.journal.Jobs(context.Background(), label)
	if err != nil {
		w.errorf("journal: %v", err)
	}
	var all []string
	for _, j := range jobs {
		s := string(j.State)
		if j.Copy {
			s += " copy"
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

// once has f called when the journal is next written at a place.
func (w *workbench) once(place string, f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[place] = f
}

// failDisk lets the journal fail at a place; "" repairs it.
func (w *workbench) failDisk(place string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.disk = place
}

func (w *workbench) reached(place string) error {
	w.mu.Lock()
	f := w.at[place]
	delete(w.at, place)
	w.mu.Unlock()
	if f != nil {
		f()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.disk == place || w.killed {
		return errDisk
	}
	return nil
}

// kill ends the program as far as the printer and the journal can tell: nothing
// is written any more. restart begins the next run.
func (w *workbench) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killed = true
}

// watched is the journal of a workbench, with its places.
type watched workbench

func (j *watched) Begin(ctx context.Context, ticket string, isCopy bool, bytes int) (printjournal.Job, error) {
	if err := (*workbench)(j).reached("begin"); err != nil {
		return 0, err
	}
	return j.journal.Begin(ctx, ticket, isCopy, bytes)
}

func (j *watched) Mark(ctx context.Context, job printjournal.Job, s printjournal.State, fault string) error {
	if err := (*workbench)(j).reached(string(s)); err != nil {
		return err
	}
	if err := j.journal.Mark(ctx, job, s, fault); err != nil {
		return err
	}
	return (*workbench)(j).reached(string(s) + "+")
}
