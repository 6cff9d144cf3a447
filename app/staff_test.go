package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The accounts of a hall from the command line: made, listed, disabled, given another
// password. A password never stands in the arguments or in what is printed, unless
// the program has made it.
func TestStaffCommands(t *testing.T) {
	dir := t.TempDir()
	hallFile := filepath.Join(dir, "hall.toml")
	demo, err := os.ReadFile(filepath.FromSlash("../assets/halls/demo.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hallFile, demo, 0o600); err != nil {
		t.Fatal(err)
	}
	at := []string{"-hall", hallFile, "-data", filepath.Join(dir, "data")}
	staff := func(in, sub string, args ...string) (int, string, string) {
		t.Helper()
		return call(t, in, append(append([]string{"staff", sub}, at...), args...)...)
	}

	code, out, _ := staff("", "list")
	if code != 0 || !strings.Contains(out, "还没有账号") {
		t.Errorf("list of nobody: exit code %d, %q", code, out)
	}
	code, out, stderr := staff("geheim-2026\n", "add", "-login", "li", "-name", "李示例", "-roles", "clerk，大厅管理员", "-windows", "w1,w2")
	if code != 0 || out != "" || !strings.Contains(stderr, "已增加账号 li（李示例，编号 s1）") || strings.Contains(stderr, "geheim") {
		t.Errorf("add: exit code %d, %q, %q", code, out, stderr)
	}
	code, out, stderr = staff("\n", "add", "-login", "wang", "-name", "王示例", "-roles", "complaints")
	if code != 0 || len(strings.TrimSpace(out)) != 12 || !strings.Contains(stderr, "不会再显示") {
		t.Errorf("add with a password that is made: exit code %d, %q, %q", code, out, stderr)
	}
	for name, args := range map[string][]string{
		"login taken":    {"-login", "li", "-name", "李示例", "-roles", "clerk"},
		"unknown window": {"-login", "zhou", "-name", "周示例", "-roles", "clerk", "-windows", "w99"},
	} {
		if code, _, stderr := staff("geheim-2026\n", "add", args...); code != 1 || stderr == "" {
			t.Errorf("%s: exit code %d, %q", name, code, stderr)
		}
	}
	if code, _, stderr := staff("short1\n", "add", "-login", "zhou", "-name", "周示例", "-roles", "clerk"); code != 1 || !strings.Contains(stderr, "8 位") || strings.Contains(stderr, "short1") {
		t.Errorf("short password: exit code %d, %q", code, stderr)
	}
	if code, _, stderr := staff("", "disable", "wang"); code != 0 || !strings.Contains(stderr, "wang 已停用") {
		t.Errorf("disable: exit code %d, %q", code, stderr)
	}
	code, out, _ = staff("", "list")
	for _, want := range []string{"s1", "li", "李示例", "窗口人员、大厅管理员", "w1、w2", "首次口令未换", "s2", "投诉处理人", "所有", "已停用"} {
		if !strings.Contains(out, want) {
			t.Errorf("list: exit code %d, no %q in %s", code, want, out)
		}
	}
	if code, _, stderr := staff("", "enable", "wang"); code != 0 || !strings.Contains(stderr, "wang 已启用") {
		t.Errorf("enable: exit code %d, %q", code, stderr)
	}
	if code, out, stderr := staff("\n", "password", "li"); code != 0 || len(strings.TrimSpace(out)) != 12 || !strings.Contains(stderr, "li 的口令已重设") {
		t.Errorf("password: exit code %d, %q, %q", code, out, stderr)
	}
	if code, _, stderr := staff("", "disable", "nobody"); code != 1 || !strings.Contains(stderr, "没有登录名为 nobody 的账号") {
		t.Errorf("disable nobody: exit code %d, %q", code, stderr)
	}
	for name, args := range map[string][]string{
		"nothing": {"staff"}, "nonsense": {"staff", "fire"}, "no hall": {"staff", "list"},
		"no login":     append([]string{"staff", "disable"}, at...),
		"no name":      append([]string{"staff", "add", "-login", "zhou", "-roles", "clerk"}, at...),
		"unknown role": append([]string{"staff", "add", "-login", "zhou", "-name", "周", "-roles", "root"}, at...),
		"a password in the arguments": append(append([]string{"staff", "add"}, at...),
			"-login", "zhou", "-name", "周", "-roles", "clerk", "geheim-2026"),
	} {
		if code, _, _ := call(t, "geheim-2026\n", args...); code != 2 {
			t.Errorf("%s: exit code %d, want 2", name, code)
		}
	}
	if code, out, _ := call(t, "", "staff", "help"); code != 0 || !strings.Contains(out, "投诉处理人 complaints") {
		t.Errorf("help: exit code %d, %q", code, out)
	}
}
