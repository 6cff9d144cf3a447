package simulator_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/codescan"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

func TestStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by", "start")
	h := start(t, simulator.Config{Dir: dir})
	if _, err := simulator.Start(simulator.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another simulator") {
		t.Errorf("two in one folder: %v", err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	// A link left by a killed simulator is replaced, a file is not.
	if err := os.Symlink("/dev/pts/none", filepath.Join(dir, simulator.PrinterLink)); err != nil {
		t.Fatal(err)
	}
	h = start(t, simulator.Config{Dir: dir})
	open(t, dir, simulator.PrinterLink)
	h.Close()
	file := filepath.Join(dir, simulator.ReaderLink)
	if err := os.WriteFile(file, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := simulator.Start(simulator.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file in the way: %v", err)
	}
	if b, err := os.ReadFile(file); string(b) != "kept" {
		t.Errorf("the file is gone: %v", err)
	}
	for _, c := range []simulator.Config{{}, {Dir: dir, Baud: -1}, {Dir: dir, CardTime: -1}, {Dir: "/dev/null/x"}} {
		if _, err := simulator.Start(c); err == nil {
			t.Errorf("%+v passes", c)
		}
	}
}

func TestScanner(t *testing.T) {
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir})
	port := open(t, dir, simulator.ScannerLink)
	s := codescan.New(port, codescan.Opts{})
	do(t, h, "SCAN  ]Q1https://hall.example.test/T/Ab c ")
	c, err := s.Next(t.Context())
	if err != nil || c.Text != "https://hall.example.test/T/Ab c" || c.Symbology != "Q1" {
		t.Fatalf("%q %q %v", c.Text, c.Symbology, err)
	}
	do(t, h, "scanner unplug")
	if _, err := s.Next(t.Context()); !errors.Is(err, codescan.ErrPortLost) {
		t.Fatal(err)
	}
	if _, err := h.Exec("scan x"); err == nil {
		t.Error("an unplugged scanner scans")
	}
	port.Close()
	do(t, h, "scanner plug")
	s = codescan.New(open(t, dir, simulator.ScannerLink), codescan.Opts{})
	do(t, h, "scan B7")
	if c, err := s.Next(t.Context()); err != nil || c.Text != "B7" {
		t.Errorf("%q %v", c.Text, err)
	}
}

func TestExec(t *testing.T) {
	h := start(t, simulator.Config{Dir: t.TempDir(), Unpaced: true})
	help, err := h.Exec("help")
	if err != nil {
		t.Fatal(err)
	}
	// Every command that help names exists.
	for line := range strings.Lines(help) {
		line = strings.TrimRight(line, "\n")
		if !strings.HasPrefix(line, "  ") || strings.Contains(help[strings.Index(help, "cards in detail"):], line) {
			continue
		}
		command, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		command = strings.NewReplacer("KEY", "zhang", "[N]", "3", " N", " 3", "TEXT", "x", "STATUS", "41", "MM", "80000").Replace(command)
		head, last := "", command
		if i := strings.LastIndex(command, " "); i >= 0 {
			head, last = command[:i+1], command[i+1:]
		}
		for word := range strings.SplitSeq(last, "|") {
			if _, err := h.Exec(head + word); err != nil {
				t.Errorf("%s%s: %v", head, word, err)
			}
		}
	}
	for line, cure := range map[string]string{
		"dance": "help", "card": "zhang", "card nobody": "zhang", "card a b": "zhang", "paper": "help",
		"paper out after": "help", "paper out after x": "120", "paper out after -1": "120",
		"reader fail xx": "41", "reader fail 41 x": "1000", "reader fail 41 1 1": "STATUS", "scan": "TEXT",
	} {
		if out, err := h.Exec(line); err == nil || out != "" || !strings.Contains(err.Error(), cure) {
			t.Errorf("%q: %q, %v", line, out, err)
		}
	}
	if out, err := h.Exec("   "); out != "" || err != nil {
		t.Errorf("an empty line: %q, %v", out, err)
	}
}

// 50 halls and 50 programs on them: no file and no goroutine is left.
func TestNothingLeaks(t *testing.T) {
	files := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	round := func() {
		dir := t.TempDir()
		h, err := simulator.Start(simulator.Config{Dir: dir, Unpaced: true})
		if err != nil {
			t.Fatal(err)
		}
		port, err := serialport.Open(serialport.Config{Path: filepath.Join(dir, simulator.ReaderLink)})
		if err != nil {
			t.Fatal(err)
		}
		if err := samv.New(port, samv.Opts{}).Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Reader.Unplug()
		port.Close()
		if err := h.Reader.Replug(); err != nil {
			t.Fatal(err)
		}
		h.Close()
		h.Close()
	}
	round()
	filesBefore, goroutinesBefore := files(), runtime.NumGoroutine()
	for range 50 {
		round()
	}
	if n := files(); n != filesBefore {
		t.Errorf("files: %d, before %d", n, filesBefore)
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutinesBefore; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("goroutines: %d, before %d", runtime.NumGoroutine(), goroutinesBefore)
		}
	}
}

func FuzzExec(f *testing.F) {
	for _, s := range []string{"help", "card li", "lift early", "paper out after 120", "reader fail 41 2", "scan 号 x", "show", "printer unplug", "printer plug"} {
		f.Add(s)
	}
	h, err := simulator.Start(simulator.Config{Dir: f.TempDir(), Unpaced: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { h.Close() })
	f.Fuzz(func(t *testing.T, line string) {
		out, err := h.Exec(line)
		if err != nil && (out != "" || !strings.HasPrefix(err.Error(), "simulator: ")) {
			t.Fatalf("%q: %q, %v", line, out, err)
		}
	})
}
