package peripherals

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
)

// A row of the fault table: a fault, and what each of the four moments at which
// it may come leads to. The moments are: before the job, between the pre-flight
// and the first byte, between the last byte and the confirmation, and after it.
//
// Every outcome is what the citizen's screen depends on ("paper-out": nothing is
// out; "paper-out?": paper may be out; several, when the paper's speed decides).
// The journal and the roll of paper follow from it, see check.
type faultRow struct {
	name    string
	profile escpos.Profile // zero = Epson80
	fault   string         // commands of the simulator
	mend    string
	// disk fails the journal at this place, in place of a fault; cancel ends the
	// caller's context; kill ends the program.
	disk         string
	cancel, kill bool

	before, sending, sent, after string
}

const okOr = "printed|"

func faultTable() []faultRow {
	clone := escpos.Generic80()
	plain := escpos.Epson80() // without process ID and automatic status
	plain.ProcessID, plain.Auto = false, false
	silent, custom := escpos.Silent80(), escpos.Custom80()
	return []faultRow{
		{name: "nothing", before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "paper out", fault: "paper out", mend: "paper load",
			before: "paper-out", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out"},
		{name: "paper out, asked with GS r", profile: plain, fault: "paper out", mend: "paper load",
			before: "paper-out", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out"},
		{name: "paper out, no clearing", profile: clone, fault: "paper out", mend: "paper load",
			before: "paper-out", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out"},
		{name: "paper out, 58 mm", profile: escpos.Epson58(), fault: "paper out", mend: "paper load",
			before: "paper-out", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out"},
		{name: "paper ends in the number", fault: "paper out after 40", mend: "paper load",
			before: "paper-out?", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out?"},
		{name: "paper ends in the text", fault: "paper out after 200", mend: "paper load",
			before: "paper-out?", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out?"},
		{name: "paper ends in the text, no clearing", profile: clone, fault: "paper out after 200", mend: "paper load",
			before: "paper-out?", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out?"},
		{name: "paper ends with the next ticket", fault: "paper out after 480", mend: "paper load",
			before: okOr + "paper-out?", sending: okOr + "paper-out?", sent: "printed", after: okOr + "paper-out?"},
		{name: "paper near its end", fault: "paper low", mend: "paper load",
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "near its end, then out", fault: "paper low;paper out", mend: "paper load",
			before: "paper-out", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out"},
		{name: "roll changed", fault: "cover open;paper out", mend: "paper load",
			before: "cover-open", sending: "cover-open?", sent: okOr + "cover-open?", after: "cover-open"},
		{name: "cover open", fault: "cover open", mend: "cover close",
			before: "cover-open", sending: "cover-open?", sent: okOr + "cover-open?", after: "cover-open"},
		{name: "cover open, no clearing", profile: clone, fault: "cover open", mend: "cover close",
			before: "cover-open", sending: "cover-open?", sent: okOr + "cover-open?", after: "cover-open"},
		{name: "cover opened for a moment", fault: "cover open;wait 30ms;cover close",
			before: "printed", sending: okOr + "cover-open?", sent: okOr + "cover-open?", after: "printed"},
		{name: "cutter error", fault: "cutter error", mend: "cutter clear",
			before: "cutter", sending: "cutter?", sent: okOr + "cutter?", after: "cutter"},
		{name: "cutter error, no clearing", profile: clone, fault: "cutter error", mend: "cutter clear",
			before: "cutter", sending: "cutter?", sent: okOr + "cutter?", after: "cutter"},
		{name: "blade jams at the cut", fault: "cutter jam", mend: "cutter clear",
			before: "cutter?", sending: "cutter?", sent: okOr + "cutter?", after: "cutter?"},
		{name: "blade jams at the cut, no clearing", profile: clone, fault: "cutter jam", mend: "cutter clear",
			before: "cutter?", sending: "cutter?", sent: okOr + "cutter?", after: "cutter?"},
		{name: "head hot and cool again", fault: "head hot;wait 400ms;head cool",
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "head hot, not cooling", fault: "head hot", mend: "head cool",
			before: "head-hot", sending: "head-hot?", sent: okOr + "head-hot?", after: "head-hot"},
		{name: "hot and open", fault: "head hot;cover open", mend: "head cool;cover close",
			before: "cover-open", sending: "cover-open?", sent: okOr + "cover-open?", after: "cover-open"},
		{name: "silent", fault: "printer silent", mend: "printer answer",
			before: "offline", sending: "offline?", sent: okOr + "offline?", after: "offline"},
		{name: "silent for a moment", fault: "printer silent;wait 100ms;printer answer",
			before: "printed", sending: okOr + "offline?|printer-error?", sent: okOr + "offline?|printer-error?", after: "printed"},
		{name: "unplugged", fault: "printer unplug", mend: "printer plug",
			before: "lost|absent|lost?", sending: "lost?", sent: okOr + "lost?", after: "lost|absent|lost?"},
		{name: "unplugged, no clearing", profile: clone, fault: "printer unplug", mend: "printer plug",
			before: "lost|absent|lost?", sending: "lost?", sent: okOr + "lost?", after: "lost|absent|lost?"},
		{name: "plug pulled and put back", fault: "printer unplug;printer plug",
			before: "printed|lost|absent|lost?", sending: "lost?", sent: okOr + "lost?", after: "printed|lost|absent|lost?"},
		{name: "unplugged without paper, loaded meanwhile", fault: "paper out;printer unplug", mend: "paper load;printer plug",
			before: "lost|absent|lost?", sending: "lost?", sent: okOr + "lost?", after: "lost|absent|lost?"},
		{name: "unplugged with a stuck blade", fault: "cutter error;printer unplug", mend: "cutter clear;printer plug",
			before: "lost|absent|lost?", sending: "lost?", sent: okOr + "lost?", after: "lost|absent|lost?"},
		{name: "silent and unplugged", fault: "printer silent;printer unplug", mend: "printer answer;printer plug",
			before: "lost|absent|lost?", sending: "lost?", sent: okOr + "lost?", after: "lost|absent|lost?"},
		{name: "disk fails before the job", disk: "begin",
			before: "disk", sending: "printed", sent: "printed", after: "disk"},
		{name: "disk fails before the first byte", disk: "sending",
			before: "disk", sending: "disk", sent: "printed", after: "disk"},
		{name: "disk fails after the last byte", disk: "sent",
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "disk fails at the end", disk: "confirmed",
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "caller gives up", cancel: true,
			before: "canceled", sending: "canceled|canceled?", sent: okOr + "canceled?", after: "canceled"},
		{name: "program ended", kill: true,
			before: "printed", sending: "killed", sent: "killed", after: "printed"},
		{name: "small buffer, slow head, XOFF", fault: "printer buffer 512;printer xoff on;head slow", mend: "head normal",
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "XOFF, then paper out", fault: "printer buffer 512;printer xoff on;paper out", mend: "paper load",
			before: "paper-out", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out"},
		{name: "presenter", profile: custom,
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "presenter, ticket taken", profile: custom, fault: "paper take",
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "presenter without paper", profile: custom, fault: "paper out", mend: "paper load",
			before: "paper-out", sending: "paper-out?", sent: okOr + "paper-out?", after: "paper-out"},
		{name: "presenter open", profile: custom, fault: "cover open", mend: "cover close",
			before: "cover-open", sending: "cover-open?", sent: okOr + "cover-open?", after: "cover-open"},
		{name: "presenter unplugged", profile: custom, fault: "printer unplug", mend: "printer plug",
			before: "lost|absent|lost?", sending: "lost?", sent: okOr + "lost?", after: "lost|absent|lost?"},
		{name: "presenter with a stuck blade", profile: custom, fault: "cutter error", mend: "cutter clear",
			before: "cutter", sending: "cutter?", sent: okOr + "cutter?", after: "cutter"},
		{name: "one-way printer", profile: silent, fault: "printer silent",
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
		{name: "one-way printer without paper", profile: silent, fault: "paper out", mend: "paper load",
			before: "printed", sending: "printed", sent: "printed", after: "printed"},
	}
}

// TestFaultTable plays every fault at each of its four moments on a printer at
// the real pace. Each case ends with a second try: unmarked when surely nothing
// is out, marked 补打 otherwise; that one must work.
func TestFaultTable(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	table := faultTable()
	if len(table) < 25 {
		t.Fatalf("%d faults", len(table))
	}
	root := t.TempDir()
	var cases sync.WaitGroup
	room := make(chan struct{}, 24) // they mostly wait for paper
	n := 0
	for i, row := range table {
		for _, moment := range []string{"before", "sending", "sent", "after"} {
			n++
			cases.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				playFault(t, filepath.Join(root, fmt.Sprint(i)+moment), row, moment)
			})
		}
	}
	cases.Wait()
	t.Logf("%d faults, %d cases", len(table), n)
}

func playFault(t *testing.T, dir string, row faultRow, moment string) {
	profile := row.profile
	if profile.Name == "" {
		profile = escpos.Epson80()
	}
	w, err := newWorkbench(t, row.name+"/"+moment, dir, profile, false)
	if err != nil {
		t.Errorf("%s: %v", row.name, err)
		return
	}
	defer w.close()
	if !w.ready() {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	killed := false
	strike := func() {
		w.failDisk(row.disk)
		if row.cancel {
			cancel()
		}
		if row.kill {
			killed = true
			w.kill()
			w.do("printer unplug") // its port is closed
		}
		w.do(row.fault)
	}
	want := map[string]string{"before": row.before, "sending": row.sending, "sent": row.sent, "after": row.after}[moment]
	label := "A001"
	switch moment {
	case "before":
		if !row.kill {
			strike()
		}
	case "after":
		if got := w.print(context.Background(), label, false); got != "printed" {
			w.errorf("the first ticket: %s: %v", got, w.err)
		}
		checkFirst(w, profile, label)
		label = "A002" // the fault is met by the next one
		if !row.kill {
			strike()
		}
	default:
		place := moment
		if row.kill {
			place += "+"
		}
		w.once(place, strike)
	}
	got := w.print(ctx, label, false)
	if killed {
		got = "killed"
	}
	if !slices.Contains(strings.Split(want, "|"), got) {
		w.errorf("the citizen sees %q, want %q: %v", got, want, w.err)
	}
	w.failDisk("")
	if killed {
		w.do("printer plug")
		w.restart()
	}
	states := w.states(label)
	checkJournal(w, profile, row, got, states)

	w.do(row.mend)
	if row.fault == "printer silent" && !profile.Confirms() {
		w.do("printer answer")
	}
	if !w.ready() {
		return
	}
	second := w.print(context.Background(), label, false)
	if mayBeOut := states != "" && states != "failed"; mayBeOut {
		if second != "must-be-copy" {
			w.errorf("a second unmarked paper: %s, journal %q", second, states)
		}
		second = w.print(context.Background(), label, true)
	}
	if second != "printed" {
		w.errorf("the second try: %s: %v", second, w.err)
	}
	checkPapers(w, profile, label, got)
}

// checkFirst holds the ticket before the fault.
func checkFirst(w *workbench, profile escpos.Profile, label string) {
	if !profile.Confirms() {
		w.hall.Printer.Wait(w.t.Context(), 1)
	}
	if unmarked, copies, _ := w.papers(label); unmarked != 1 || copies != 0 {
		w.errorf("%d papers and %d copies of the first ticket", unmarked, copies)
	}
}

// checkJournal holds what is written down against what the citizen saw.
func checkJournal(w *workbench, profile escpos.Profile, row faultRow, got, states string) {
	want := "failed"
	switch {
	case got == "printed" && !profile.Confirms(), strings.HasSuffix(got, "?"), got == "killed":
		want = "unknown"
	case got == "printed":
		want = "confirmed"
	case got == "absent":
		want = ""
	case got == "disk" && row.disk == "begin":
		want = ""
	}
	if row.cancel && got == "canceled" && states == "" {
		want = "" // not even begun
	}
	if got == "lost" && states == "" {
		want = "" // the supervisor knew before the job was begun
	}
	// What the failing disk could not take stays as it was, and is unknown to
	// the next run.
	if got == "printed" && row.disk == "sent" && states == "unknown" {
		want = "unknown"
	}
	if row.disk == "confirmed" && got == "printed" && (states == "sent" || states == "confirmed") {
		want = states
	}
	if states != want {
		w.errorf("the journal says %q after %q, want %q", states, got, want)
	}
}

// checkPapers asks the roll of paper: whatever happened, never two unmarked
// papers of a ticket, and at least one whole paper in the end; what was
// confirmed came out; and from a printer that can be cleared no old ticket came
// out later.
func checkPapers(w *workbench, profile escpos.Profile, label, got string) {
	if !profile.Confirms() {
		w.settlePapers()
	}
	unmarked, copies, pieces := w.papers(label)
	switch {
	case unmarked > 1:
		w.errorf("%d unmarked papers", unmarked)
	case unmarked+copies == 0:
		w.errorf("no paper")
	case got == "printed" && unmarked != 1:
		w.errorf("confirmed, but %d unmarked papers", unmarked)
	}
	if profile.Clear == escpos.ClearDC4 && strings.HasPrefix(got, "paper-out?") && unmarked > 0 {
		w.errorf("the old ticket came out after paper was loaded (%d pieces)", pieces)
	}
}

// settlePapers waits until a printer that says nothing has come to rest.
func (w *workbench) settlePapers() {
	for last, still := -1, 0; still < 3; time.Sleep(200 * time.Millisecond) {
		bytes, papers := w.hall.Printer.Worked()
		if still++; bytes+papers<<20 != last {
			last, still = bytes+papers<<20, 0
		}
	}
}
