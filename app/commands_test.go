package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// call runs the program as a shell would.
func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, stdio{in: strings.NewReader(stdin), out: &out, err: &err})
	return code, out.String(), err.String()
}

func TestHelpListsEveryCommand(t *testing.T) {
	code, out, _ := call(t, "", "help")
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, c := range commands() {
		if !strings.Contains(out, c.name) || c.short == "" {
			t.Errorf("the help lacks %s", c.name)
		}
		if c.name == "version" || c.name == "check" || c.name == "pin" {
			continue // no options
		}
		if code, out, _ := call(t, "", c.name, "-h"); code != 0 || c.name != "gallery" && !strings.Contains(out, "Usage") {
			t.Errorf("%s -h: exit code %d, %q", c.name, code, out)
		}
	}
}

func TestWrongCalls(t *testing.T) {
	for _, args := range [][]string{
		{"no-such-command"}, {"serve"}, {"serve", "-nonsense"}, {"check"}, {"pin", "123456"},
		{"import", "list.json"}, {"enrol", "-hall", "x"}, {"backup"}, {"rebuild"}, {"serve", "-hall", "x", "-data", "a", "-database", "b"},
	} {
		if code, _, stderr := call(t, "", args...); code != 2 || stderr == "" {
			t.Errorf("%v: exit code %d, said %q; want 2 and a reason", args, code, stderr)
		}
	}
}

func TestCheck(t *testing.T) {
	code, out, _ := call(t, "", "check", "../assets/halls/demo.toml")
	if code != 0 || !strings.Contains(out, "没有错误") {
		t.Errorf("the demonstration hall: exit code %d\n%s", code, out)
	}
	bad := filepath.Join(t.TempDir(), "bad.toml")
	text := "id = \"x\"\nname = \"厅\"\nnonsense = 1\n[hours.week]\nmon = [\"25:00-26:00\"]\n" +
		"[[areas]]\nid = \"a\"\nname = \"甲\"\n" +
		"[[businesses]]\nid = \"b\"\nname = \"乙\"\nprefix = \"A\"\narea = \"a\"\nwindows = []\n" +
		"[[businesses]]\nid = \"c\"\nname = \"丙\"\nprefix = \"A\"\narea = \"a\"\nwindows = [\"w9\"]\n"
	if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ = call(t, "", "check", bad)
	if code != 1 {
		t.Errorf("exit code %d for a bad file", code)
	}
	for _, want := range []string{"bad.toml:3:", "bad.toml:5:", "nonsense", "w9", "办法"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if code, out, _ := call(t, "", "check", filepath.Join(t.TempDir(), "missing")); code != 1 || out == "" {
		t.Errorf("missing file: exit code %d, %q", code, out)
	}
}

func TestPIN(t *testing.T) {
	code, out, _ := call(t, "271828\n", "pin")
	if code != 0 || !regexp.MustCompile(`^pin_hash = "\$argon2id\$`).MatchString(out) {
		t.Errorf("exit code %d, %q", code, out)
	}
	if code, out, _ := call(t, "12\n", "pin"); code != 1 || out != "" {
		t.Errorf("a short PIN: exit code %d, %q", code, out)
	}
}

// A county's list becomes a hall that is served, with nothing but the program.
func TestImportEnrolServe(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "list.json")
	err := os.WriteFile(list, []byte(`[{"department":"区民政局","items":[{"main_item":"未分类","sub_items":[
		{"name":"临时救助","link":"https://x.example/?itemCode=A1","qrcode":""},
		{"name":"结婚登记预约","link":"https://x.example/?itemCode=A2","qrcode":""}]}]}]`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	hallFile := filepath.Join(dir, "hall.toml")
	code, out, stderr := call(t, "", "import", "-to", hallFile, "-id", "county", "-name", "示例县政务服务中心", list)
	if code != 0 {
		t.Fatalf("import: exit code %d\n%s%s", code, out, stderr)
	}
	if code, _, stderr := call(t, "", "import", "-to", hallFile, list); code != 1 || !strings.Contains(stderr, "never overwritten") {
		t.Errorf("a second import over the first: exit code %d, %q", code, stderr)
	}
	data := filepath.Join(dir, "data")
	code, token, stderr := call(t, "", "enrol", "-hall", hallFile, "-terminal", "一号机", "-data", data)
	if code != 0 || len(strings.TrimSpace(token)) < 32 {
		t.Fatalf("enrol: exit code %d, %d characters of token\n%s", code, len(token), stderr)
	}

	ctx, cancel := context.WithCancel(t.Context())
	var log output
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "-hall", hallFile, "-data", data, "-listen", "127.0.0.1:0", "-always-open"},
			stdio{in: strings.NewReader(""), out: &log, err: &log})
	}()
	defer cancel()
	var address string
	for deadline := time.Now().Add(20 * time.Second); address == "" && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if m := regexp.MustCompile(`(http://\S+)/console`).FindStringSubmatch(log.String()); m != nil {
			address = m[1]
		}
	}
	if address == "" {
		t.Fatalf("serve does not come up:\n%s", log.String())
	}
	// Beside the running service, by its socket.
	code, second, stderr := call(t, "", "enrol", "-hall", hallFile, "-terminal", "二号机", "-data", data)
	if code != 0 || len(strings.TrimSpace(second)) < 32 || second == token || !strings.Contains(stderr, "terminal 2 of county") {
		t.Errorf("enrol beside a running service: exit code %d, %q", code, stderr)
	}
	copied := filepath.Join(dir, "copy", "central.db")
	if err := os.Mkdir(filepath.Dir(copied), 0o700); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, "", "backup", "-data", data, copied); code != 0 {
		t.Errorf("backup: exit code %d, %q", code, stderr)
	}
	if info, err := os.Stat(copied); err != nil || info.Size() == 0 {
		t.Errorf("backup: %v", err)
	}
	if code, _, _ := call(t, "", "backup", "-data", data, copied); code != 1 {
		t.Errorf("a backup over another: exit code %d", code)
	}
	for _, args := range [][]string{{"rebuild", "-check", "-hall", hallFile, "-data", data}, {"rebuild", "-hall", hallFile, "-data", data}} {
		if code, out, stderr := call(t, "", args...); code != 0 || !strings.Contains(out, "county: 2 lines of the ledger, nothing differs") {
			t.Errorf("%v: exit code %d, %q %q", args, code, out, stderr)
		}
	}
	r, err := http.Get(address + "/readyz")
	if err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("readyz: %v %v", r, err)
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("serve ended with %d", code)
	}
}
