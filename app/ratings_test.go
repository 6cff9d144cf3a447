package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The export from the command line: of a hall in which nobody has rated it is the names
// of the fields; a file is never written over; what is called wrongly is said.
func TestRatingsCommand(t *testing.T) {
	at := []string{"-hall", filepath.FromSlash("../assets/halls/demo.toml"), "-data", filepath.Join(t.TempDir(), "data")}
	export := func(args ...string) (int, string, string) {
		t.Helper()
		return call(t, "", append(append([]string{"ratings", "export"}, at...), args...)...)
	}
	days := []string{"-from", "2026-11-01", "-to", "2026-11-30"}
	code, out, stderr := export(days...)
	if code != 0 || !strings.HasPrefix(out, "\ufeff") || !strings.Contains(out, "satisfactionName") || strings.Count(out, "\n") != 1 {
		t.Errorf("CSV: exit code %d, %q, %q", code, out, stderr)
	}
	code, out, _ = export(append(days, "-format", "json", "-scale", "one-is-best")...)
	if code != 0 || !strings.Contains(out, `"1": "very-satisfied"`) {
		t.Errorf("JSON: exit code %d, %q", code, out)
	}
	file := filepath.Join(t.TempDir(), "ratings.csv")
	for i, want := range []int{0, 1} {
		if code, _, stderr := export(append(days, "-file", file)...); code != want || want == 1 && !strings.Contains(stderr, "不会覆盖") {
			t.Errorf("file, time %d: exit code %d, %q", i+1, code, stderr)
		}
	}
	if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), "satisfactionName") {
		t.Errorf("file: %q, %v", data, err)
	}
	if code, _, stderr := export("-from", "2026-11-30", "-to", "2026-11-01"); code != 1 || !strings.Contains(stderr, "开始在前") {
		t.Errorf("from after to: exit code %d, %q", code, stderr)
	}
	for name, args := range map[string][]string{
		"nothing": {"ratings"}, "nonsense": {"ratings", "import"}, "no hall": append([]string{"ratings", "export"}, days...),
		"no days":      append([]string{"ratings", "export"}, at...),
		"wrong day":    append(append([]string{"ratings", "export"}, at...), "-from", "2026-11-31", "-to", "2026-12-01"),
		"wrong format": append(append(append([]string{"ratings", "export"}, at...), days...), "-format", "xml"),
		"wrong scale":  append(append(append([]string{"ratings", "export"}, at...), days...), "-scale", "up"),
	} {
		if code, _, stderr := call(t, "", args...); code != 2 || stderr == "" {
			t.Errorf("%s: exit code %d, %q", name, code, stderr)
		}
	}
	if code, out, _ := call(t, "", "ratings", "-h"); code != 0 || !strings.Contains(out, "Usage") {
		t.Errorf("help: exit code %d, %q", code, out)
	}
}
