package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const guidesFile = `sample = true
[[guides]]
id = "A-1"
name = "居住证办理"
department = "示例公安局"
materials = [{ name = "居民身份证", originals = 1 }]
phone = "0826-5550100"
complaint = "0826-5550123"
updated = 2026-11-22
`

// writeFile puts a file into a folder of the test.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGuidesCheck(t *testing.T) {
	good := writeFile(t, "good.toml", guidesFile)
	if code, out, stderr := call(t, "", "guides", "check", good); code != 0 || !strings.Contains(out, "读到 1 个事项，可用 1 个") || strings.Contains(out, "提醒  ") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	many := guidesFile + "summary = \"说明<br>\"\n"
	for _, id := range []string{"B", "C", "D", "E", "F"} {
		many += "[[guides]]\nid = \"" + id + "\"\nname = \"事项" + id + "\"\ndepartment = \"示例局\"\nmaterials = [{ name = \"其他材料\", originals = 1 }]\n"
	}
	bad := writeFile(t, "bad.toml", many)
	code, out, stderr := call(t, "", "guides", "check", bad)
	if code != 1 || !strings.Contains(stderr, "5 处错误") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	for _, want := range []string{"错误  兜底材料：5 处", "bad.toml:15", "办法：", "提醒  没有咨询电话：5 处", "还有 2 处，加 -all 全部列出", "不能用 5 个"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if strings.Index(out, "提醒  ") < strings.Index(out, "错误  ") {
		t.Error("warnings stand before errors")
	}
	if _, out, _ := call(t, "", "guides", "check", "-all", bad); strings.Contains(out, "全部列出") || strings.Count(out, "没有监督电话。") != 5 {
		t.Errorf("-all leaves something out:\n%s", out)
	}
	if code, out, _ := call(t, "", "guides", "check", good, bad); code != 1 || !strings.Contains(out, "good.toml：读到 1 个") {
		t.Errorf("two files: exit code %d\n%s", code, out)
	}
	for _, args := range [][]string{{}, {"check"}, {"nonsense"}, {"import", good}, {"export", good}, {"export", "-format", "xlsx", good}, {"export", "-format", "pdf", good},
		{"diff", good}, {"misses"}, {"template"}} {
		if code, _, stderr := call(t, "", append([]string{"guides"}, args...)...); code != 2 || stderr == "" {
			t.Errorf("%v: exit code %d, %q", args, code, stderr)
		}
	}
	for _, what := range []string{"check", "import", "export", "diff", "misses", "template"} {
		if code, out, _ := call(t, "", "guides", what, "-h"); code != 0 || !strings.Contains(out, "Usage") {
			t.Errorf("%s -h: exit code %d, %q", what, code, out)
		}
	}
	if code, out, _ := call(t, "", "guides", "fields"); code != 0 || !strings.Contains(out, "material.name") {
		t.Errorf("fields: exit code %d, %q", code, out)
	}
}

func TestGuidesExportAndDiff(t *testing.T) {
	dir := t.TempDir()
	good := writeFile(t, "good.toml", guidesFile)
	workbook := filepath.Join(dir, "out.xlsx")
	if code, _, stderr := call(t, "", "guides", "export", "-to", workbook, good); code != 0 {
		t.Fatalf("export: exit code %d, %q", code, stderr)
	}
	if code, _, stderr := call(t, "", "guides", "export", "-to", workbook, good); code != 1 || !strings.Contains(stderr, "不会覆盖") {
		t.Errorf("an export over another: exit code %d, %q", code, stderr)
	}
	if code, out, _ := call(t, "", "guides", "diff", good, workbook); code != 0 || !strings.Contains(out, "完全相同") {
		t.Errorf("diff: exit code %d, %q", code, out)
	}
	code, text, _ := call(t, "", "guides", "export", "-format", "toml", workbook)
	if code != 0 {
		t.Fatalf("export to the screen: exit code %d", code)
	}
	changed := writeFile(t, "new.toml", strings.Replace(text, "originals = 1", "originals = 2", 1)+
		"[[guides]]\nid = \"B\"\nname = \"临时救助\"\ndepartment = \"示例民政局\"\n")
	code, out, _ := call(t, "", "guides", "diff", workbook, changed)
	for _, want := range []string{"新增  《临时救助》（示例民政局，B）", "修改  《居住证办理》", "材料《居民身份证》原件份数：“1”改为“2”", "新增 1 个，修改 1 个，删去 0 个"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("diff lacks %q:\n%s", want, out)
		}
	}
	if _, out, _ := call(t, "", "guides", "diff", changed, good); !strings.Contains(out, "删去  《临时救助》") {
		t.Errorf("diff: %s", out)
	}
	template := filepath.Join(dir, "模板.xlsx")
	if code, _, stderr := call(t, "", "guides", "template", "-to", template); code != 0 {
		t.Fatalf("template: %q", stderr)
	}
	if code, out, _ := call(t, "", "guides", "check", template); code != 0 || !strings.Contains(out, "0 处错误，0 处提醒") {
		t.Errorf("the template: exit code %d\n%s", code, out)
	}
}

// What is imported is what runs; what cannot be used leaves it as it is.
func TestGuidesImport(t *testing.T) {
	data, hallFile := t.TempDir(), "../assets/halls/demo.toml"
	good := writeFile(t, "good.toml", guidesFile)
	load := func(args ...string) (int, string, string) {
		return call(t, "", append([]string{"guides", "import", "-hall", hallFile, "-data", data}, args...)...)
	}
	running := func() string {
		t.Helper()
		code, out, stderr := call(t, "", "guides", "export", "-hall", hallFile, "-data", data, "-format", "json")
		if code != 0 {
			t.Fatalf("export of what runs: exit code %d, %q", code, stderr)
		}
		return out
	}
	code, out, stderr := load(good)
	if code != 0 || !strings.Contains(out, "新增 1 个") || !strings.Contains(out, "已换上：1 个事项") {
		t.Fatalf("exit code %d\n%s%s", code, out, stderr)
	}
	first := running()
	if code, out, _ := load(good); code != 0 || !strings.Contains(out, "完全相同") {
		t.Errorf("the same again: exit code %d, %q", code, out)
	}
	bad := writeFile(t, "bad.toml", guidesFile+"[[guides]]\nid = \"B\"\nname = \"临时救助\"\ndepartment = \"示例局\"\n"+
		"[[guides]]\nid = \"C\"\nname = \"落户\"\ndepartment = \"示例局\"\nbusiness = \"no-such\"\n")
	code, out, stderr = load(bad)
	if code != 1 || !strings.Contains(out, "取号业务不存在") || !strings.Contains(stderr, "没有变") || running() != first {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if code, out, _ := load("-skip-bad", bad); code != 0 || !strings.Contains(out, "《落户》") || !strings.Contains(out, "已换上：2 个事项") {
		t.Errorf("-skip-bad: exit code %d\n%s", code, out)
	}
	second := running()
	for _, hopeless := range []string{writeFile(t, "x.toml", "guides = 3"), writeFile(t, "x.xlsx", "PK\x03\x04"), writeFile(t, "x.csv", "编码,事项名称\n\xff\xff")} {
		if code, out, stderr := load("-skip-bad", hopeless); code != 1 || out+stderr == "" || running() != second {
			t.Errorf("%s: exit code %d, %q", hopeless, code, out)
		}
	}
	if code, out, _ := call(t, "", "guides", "misses", "-hall", hallFile, "-data", data); code != 0 || !strings.Contains(out, "没有搜不到的说法") {
		t.Errorf("misses: exit code %d, %q", code, out)
	}
}

// The same beside a running service, with a catalogue of megabytes.
func TestGuidesImportBesideTheService(t *testing.T) {
	data := t.TempDir()
	_, _, _ = startCentre(t, data, "")
	var b strings.Builder
	for i := range 3000 {
		b.WriteString(strings.Replace(strings.TrimPrefix(guidesFile, "sample = true\n"), "A-1\"", "A-"+strings.Repeat("1", 1+i%30)+"-"+string(rune('a'+i/30%26))+string(rune('a'+i/780))+
			"\"\nsummary = \""+strings.Repeat("很长的说明。", 60)+"\"", 1))
	}
	large := writeFile(t, "large.toml", b.String())
	code, out, stderr := call(t, "", "guides", "import", "-hall", "../assets/halls/demo.toml", "-data", data, large)
	if code != 0 || !strings.Contains(out, "已换上：3000 个事项") {
		t.Fatalf("exit code %d\n%.2000s%s", code, out, stderr)
	}
	code, out, stderr = call(t, "", "guides", "export", "-hall", "../assets/halls/demo.toml", "-data", data, "-format", "csv")
	if code != 0 || strings.Count(out, "居住证办理") != 3000 {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestKeys(t *testing.T) {
	data := t.TempDir()
	hall := "../assets/halls/demo.toml"
	if code, out, stderr := call(t, "", "keys", "-hall", hall, "-data", data); code != 0 || !strings.Contains(out, "go on until they expire") {
		t.Errorf("exit code %d, %q, %q", code, out, stderr)
	}
	if code, out, stderr := call(t, "", "keys", "-hall", hall, "-data", data, "-revoke"); code != 0 || !strings.Contains(out, "refused from now on") {
		t.Errorf("exit code %d, %q, %q", code, out, stderr)
	}
	if code, _, stderr := call(t, "", "keys"); code != 2 || stderr == "" {
		t.Errorf("without a hall: exit code %d, %q", code, stderr)
	}
}
