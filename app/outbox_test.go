package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/drive"
)

// startCentre runs a central service of the demonstration hall until the end of
// the test or until stop is called, and enrols one terminal.
func startCentre(t *testing.T, dir, token string) (address, terminal string, stop func()) {
	t.Helper()
	f, err := hall.ReadFile("../assets/halls/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := central.New(central.Config{DataDir: dir, Addr: "127.0.0.1:0", Halls: []*hall.Hall{f.Hall.AlwaysOpen()}, RequestRate: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	if token == "" {
		if token, _, err = s.EnrolTerminal(t.Context(), "demo", "一号机"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	<-s.Listening()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("central: %v", err)
		}
		s.Close()
	}
	t.Cleanup(stop)
	return s.URL(), token, stop
}

// driveLines runs `drive` with these lines and returns what it said.
func driveLines(t *testing.T, data, address, token, lines string) (said []drive.Line) {
	t.Helper()
	code, out, stderr := call(t, lines, "drive", "-data", data, "-server", address, "-hall", "demo", "-token", token, "-every", "50ms", "-timeout", "30s")
	if code != 0 {
		t.Fatalf("drive: exit code %d\n%s", code, stderr)
	}
	for line := range strings.Lines(out) {
		var l drive.Line
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if l.Did == "failed" {
			t.Fatal(line)
		}
		said = append(said, l)
	}
	return said
}

// A terminal dies cut off from the centre; its disk is exported and imported, twice.
func TestOutboxOfADeadTerminal(t *testing.T) {
	dir := t.TempDir()
	data, centre := filepath.Join(dir, "terminal"), filepath.Join(dir, "central")
	address, token, stop := startCentre(t, centre, "")
	driveLines(t, data, address, token, "take hukou\ndrain\n") // one number from the hall
	stop()
	said := driveLines(t, data, address, token, "take hukou 3\n") // three of its own, and their papers
	if last := said[len(said)-1]; last.Source != drive.SourceOwn {
		t.Fatalf("%+v", last)
	}

	code, out, stderr := call(t, "", "outbox", "list", "-data", data)
	if code != 0 || strings.Count(out, "ticket-taken") != 3 || strings.Count(out, "ticket-printed") != 3 ||
		!strings.Contains(out, "6 waiting, 0 dead") || strings.Contains(out, "hukou") {
		t.Errorf("list: exit code %d\n%s%s", code, out, stderr)
	}
	if _, out, _ := call(t, "", "outbox", "list", "-data", data, "-body"); !strings.Contains(out, `"business":"hukou"`) {
		t.Errorf("list -body:\n%s", out)
	}
	file := filepath.Join(dir, "export")
	if code, out, stderr := call(t, "", "outbox", "export", "-data", data, file); code != 0 || !strings.Contains(out, "6 events of terminal t1 of hall demo") {
		t.Errorf("export: exit code %d\n%s%s", code, out, stderr)
	}
	if code, _, stderr := call(t, "", "outbox", "export", "-data", data, file); code != 1 || !strings.Contains(stderr, "another name") {
		t.Errorf("export over a file: exit code %d, %q", code, stderr)
	}
	address, _, _ = startCentre(t, centre, token)
	secret := filepath.Join(dir, "token")
	if err := os.WriteFile(secret, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"6 accepted, 0 known, 0 quarantined, 0 refused, of 6.", "0 accepted, 6 known, 0 quarantined, 0 refused, of 6."} {
		code, out, stderr := call(t, "", "outbox", "import", "-server", address, "-token", "@"+secret, file)
		if code != 0 || !strings.HasSuffix(out, want+"\n") || strings.Count(out, "\n") != 7 {
			t.Errorf("import: exit code %d, want %q\n%s%s", code, want, out, stderr)
		}
	}
	client, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: address, Hall: "demo", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	waiting := func(want int) {
		t.Helper()
		status, err := client.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range status.Queues {
			if q.Business == "hukou" && q.Waiting != want {
				t.Errorf("%d wait at the centre, want %d", q.Waiting, want)
			}
		}
	}
	waiting(4)
	// Had the disk come back all the same: the centre has it all, nothing is doubled.
	said = driveLines(t, data, address, token, "drain\ntake hukou\ndrain\nstatus\n")
	if last := said[len(said)-1]; last.Waiting != 0 || last.Problem != "" {
		t.Errorf("the terminal itself: %+v", last.Standing)
	}
	waiting(5)
}

// Two copies of a disk have both given numbers of their own and are closed. On the
// centre's machine what each has is taken in, beside the service that runs or without
// one, once.
func TestOutboxOfACopiedDisk(t *testing.T) {
	dir := t.TempDir()
	one, two, centre := filepath.Join(dir, "one"), filepath.Join(dir, "two"), filepath.Join(dir, "central")
	address, token, stop := startCentre(t, centre, "")
	driveLines(t, one, address, token, "take hukou\ndrain\n")
	if err := os.CopyFS(two, os.DirFS(one)); err != nil {
		t.Fatal(err)
	}
	stop()
	driveLines(t, one, address, token, "take hukou 2\n")
	driveLines(t, two, address, token, "take hukou 3\n")
	var files []string
	for i, disk := range []string{one, two} {
		file := filepath.Join(dir, fmt.Sprint("export", i))
		if code, out, stderr := call(t, "", "outbox", "export", "-data", disk, file); code != 0 {
			t.Fatalf("export: exit code %d\n%s%s", code, out, stderr)
		}
		files = append(files, file)
	}
	address, _, stop = startCentre(t, centre, token)
	driveLines(t, one, address, token, "drain\n")
	if code, out, _ := call(t, "drain\n", "drive", "-data", two, "-server", address, "-hall", "demo", "-token", token, "-every", "50ms", "-timeout", "1s"); code != 0 || strings.Contains(out, "drained") {
		t.Fatalf("the copy has delivered:\n%s", out)
	}
	operate := func(file, want string) {
		t.Helper()
		code, out, stderr := call(t, "", "outbox", "import", "-hall", "../assets/halls/demo.toml", "-data", centre, file)
		if code != 0 || !strings.HasSuffix(out, want+"\n") {
			t.Errorf("exit code %d, want %q\n%s%s", code, want, out, stderr)
		}
	}
	operate(files[1], "6 accepted, 0 known, 0 quarantined, 0 refused, of 6.")
	stop()
	operate(files[1], "6 accepted, 0 known, 0 quarantined, 0 refused, of 6.")
	operate(files[0], "4 accepted, 0 known, 0 quarantined, 0 refused, of 4.")
	address, _, _ = startCentre(t, centre, token)
	client, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: address, Hall: "demo", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	status, err := client.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range status.Queues {
		if q.Business == "hukou" && q.Waiting < 4 {
			t.Errorf("%d wait at the centre", q.Waiting)
		}
	}
}

func TestOutboxHints(t *testing.T) {
	dir := t.TempDir()
	if code, _, stderr := call(t, "", "outbox", "list", "-data", dir); code != 1 || !strings.Contains(stderr, "-data DIR") {
		t.Errorf("empty folder: exit code %d, %q", code, stderr)
	}
	// A running terminal.
	in, typing := io.Pipe()
	r, w := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(t.Context(), []string{"drive", "-data", dir, "-server", "http://127.0.0.1:1", "-hall", "demo", "-token", "x"},
			stdio{in: in, out: w, err: io.Discard})
	}()
	if _, err := r.Read(make([]byte, 1000)); err != nil { // it has started
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list", "-data", dir}, {"export", "-data", dir, filepath.Join(dir, "x")}, {"backup", "-data", dir, filepath.Join(dir, "x")}} {
		if code, _, stderr := call(t, "", append([]string{"outbox"}, args...)...); code != 1 || !strings.Contains(stderr, "stop it (systemctl stop") {
			t.Errorf("%v of a running terminal: exit code %d, %q", args, code, stderr)
		}
	}
	typing.Close()
	if code := <-done; code != 0 {
		t.Errorf("drive: exit code %d", code)
	}
	copied := filepath.Join(t.TempDir(), "terminal.db")
	if code, _, stderr := call(t, "", "outbox", "backup", "-data", dir, copied); code != 0 {
		t.Errorf("backup: exit code %d, %q", code, stderr)
	}
	if _, err := os.Stat(copied); err != nil {
		t.Error(err)
	}
	for _, args := range [][]string{{}, {"dance"}, {"list", "x"}, {"export"}, {"import", "x"}, {"import", "-token", "x"}, {"backup"}, {"list", "-nonsense"}} {
		if code, _, _ := call(t, "", append([]string{"outbox"}, args...)...); code != 2 {
			t.Errorf("outbox %v: exit code %d, want 2", args, code)
		}
	}
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, "", "outbox", "import", "-token", "x", bad); code != 1 || !strings.Contains(stderr, "line 1") {
		t.Errorf("import of something else: exit code %d, %q", code, stderr)
	}
}

func TestExitCodes(t *testing.T) {
	for err, want := range map[error]int{
		errors.New("anything"): 1,
		drive.ErrDisk:          exitDisk,
		fmt.Errorf("kiosk: uplink: %w: write: disk I/O error", drive.ErrDisk): exitDisk,
	} {
		if got := exitCode(err); got != want {
			t.Errorf("%v: exit code %d, want %d", err, got, want)
		}
	}
}
