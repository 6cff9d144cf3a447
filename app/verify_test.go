package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hallkiosk/app/central/verify"
)

// The whole command: a scratch service of its own, a table for people, a file for
// programs.
func TestVerifyCommand(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.json")
	data := filepath.Join(t.TempDir(), "scratch")
	code, out, stderr := call(t, "", "verify", "-terminals", "4", "-windows", "4", "-seconds", "1", "-data", data, "-json", report)
	if code != 0 || !strings.Contains(out, "没有发现问题") || !strings.Contains(out, "4 台终端、4 个窗口") {
		t.Errorf("exit code %d\n%s\n%s", code, out, stderr)
	}
	if !strings.Contains(stderr, "秒  取号") {
		t.Errorf("no progress: %q", stderr)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var r verify.Report
	if err := json.Unmarshal(text, &r); err != nil || !r.OK() || r.Terminals != 4 || r.Windows != 4 || len(r.Violations) == 0 {
		t.Errorf("report: %v\n%s", err, text)
	}
	// It never works on data that it has not made.
	if code, _, stderr := call(t, "", "verify", "-seconds", "1", "-data", data); code != 1 || !strings.Contains(stderr, "not empty") {
		t.Errorf("on data that are there: exit code %d, %q", code, stderr)
	}
}

func TestVerifyIsCalledWrongly(t *testing.T) {
	for _, args := range [][]string{
		{"-terminals", "0"}, {"-server", "http://127.0.0.1:1"}, {"-hall", "scratch"}, {"extra"},
		{"-data", "x", "-database", "y"}, {"-server", "http://127.0.0.1:1", "-hall", "scratch", "-tokens", "x", "-data", "y"},
	} {
		if code, _, _ := call(t, "", append([]string{"verify"}, args...)...); code != 2 {
			t.Errorf("verify %q: exit code %d, want 2", args, code)
		}
	}
}

// A hall that people use is refused before anything is sent to it.
func TestVerifyKeepsOutOfHallsInUse(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("# terminals\n0123456789012345678901234567890123456789012\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := call(t, "", "verify", "-server", "http://127.0.0.1:1", "-hall", "demo", "-tokens", tokens)
	if code != 1 || !strings.Contains(stderr, "not a scratch hall") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

func TestVerifyWritesAHall(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scratch.toml")
	code, out, stderr := call(t, "", "verify", "-write-hall", file, "-windows", "3")
	if code != 0 || !strings.Contains(out, "hallcentral verify -server") {
		t.Fatalf("exit code %d\n%s\n%s", code, out, stderr)
	}
	if code, out, _ := call(t, "", "check", file); code != 0 || !strings.Contains(out, "3 个窗口") {
		t.Errorf("check: exit code %d, %s", code, out)
	}
}
