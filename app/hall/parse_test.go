package hall

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// valid is a small hall file; tests replace one line of it.
const valid = `id = "t"
name = "测试大厅"
supervision_phone = "12345"

[hours.week]
mon = ["08:30-12:00", "13:30-17:30"]
sat = ["08:30-12:00"]

[[hours.days]]
date = "2026-10-01"
reason = "国庆节"

[[areas]]
id = "a"
name = "甲区"
place = "一楼 A 区"

[[windows]]
id = "w1"
name = "1"
area = "a"
pin_hash = "$argon2id$v=19$m=19456,t=2,p=1$jYxWLX0MXIHjF0LrwKPhOQ$8Doyws1DE2uxSlLAa3fiyW7bFuFdaxVxTvIvd7Z6kGE"

[[windows]]
id = "w2"
name = "2"
area = "a"
pin_hash = "$argon2id$v=19$m=19456,t=2,p=1$jYxWLX0MXIHjF0LrwKPhOQ$8Doyws1DE2uxSlLAa3fiyW7bFuFdaxVxTvIvd7Z6kGE"

[[businesses]]
id = "b1"
name = "甲业务"
prefix = "A"
area = "a"
windows = ["w1", "w2"]
items = [
  { id = "i1", name = "事项一" },
  { id = "i2", name = "事项二" },
]

[[businesses]]
id = "b2"
name = "乙业务"
prefix = "B"
area = "a"
windows = ["w2"]
ask_id = "required"

[businesses.hours.week]
mon = ["09:00-11:00"]
`

func TestParseValid(t *testing.T) {
	f, err := Parse("t.toml", []byte(valid))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Warnings) > 0 {
		t.Errorf("warnings: %v", f.Warnings)
	}
	h := f.Hall
	if h.CutOver != 3 || h.TimeZone != "Asia/Shanghai" || h.Businesses[0].AskID != AskNever {
		t.Errorf("defaults: cut_over %d, time_zone %q, ask_id %q", h.CutOver, h.TimeZone, h.Businesses[0].AskID)
	}
	if h.Businesses[1].Hours == nil || h.Businesses[0].Items[1].Name != "事项二" {
		t.Errorf("businesses: %+v", h.Businesses)
	}
	// Notepad writes a byte order mark and CRLF.
	windows := "\ufeff" + strings.ReplaceAll(valid, "\n", "\r\n")
	g, err := Parse("t.toml", []byte(windows))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g.Hall, h) {
		t.Error("the file as Notepad saves it reads differently")
	}
}

// TestParseProblems changes the valid file in one place each and looks for the
// one problem that must be reported there, and no other.
func TestParseProblems(t *testing.T) {
	for _, tc := range []struct {
		name     string
		old, new string // old is replaced where it stands first
		line     int
		message  string // part of Problem.Message
		cure     string // part of Problem.Cure
		warning  bool
	}{
		{"unknown key at the top", `name = "测试大厅"`, "name = \"测试大厅\"\nnotise = \"x\"", 3, "没有“notise”这个键", "notice", false},
		{"unknown key in a list", `prefix = "A"`, "prefix = \"A\"\nwindow = [\"w1\"]", 34, "没有“window”这个键", "windows", false},
		{"unknown key like no other", `prefix = "A"`, "prefix = \"A\"\ncolour = 3", 34, "没有“colour”这个键", "prefix", false},
		{"unknown key in a line of its own table", `{ id = "i2", name = "事项二" }`, `{ id = "i2", nme = "x", name = "事项二" }`, 38, "没有“nme”这个键", "name", false},
		{"unknown section", "[[areas]]", "[network]\nx = 1\n\n[[areas]]", 13, "没有“network”这个键", "", false},

		{"doubled prefix", `prefix = "B"`, `prefix = "A"`, 44, "号码前缀“A”用了两次，第 33 行", `prefix = "B"`, false},
		{"prefix in small letters", `prefix = "B"`, `prefix = "b"`, 44, "前缀“b”不对", `prefix = "B"`, false},
		{"prefix of three letters", `prefix = "B"`, `prefix = "ABC"`, 44, "前缀“ABC”不对", "一个或两个大写字母", false},
		{"prefix missing", "prefix = \"B\"\n", "", 41, "前缀“”不对", "一个或两个大写字母", false},
		{"prefix in Chinese", `prefix = "B"`, `prefix = "户"`, 44, "前缀“户”不对", "一个或两个大写字母", false},

		{"doubled window id", `id = "w2"`, `id = "w1"`, 25, "窗口编号“w1”用了两次，另一个在第 19 行", "换一个编号", false},
		{"doubled business id", `id = "b2"`, `id = "b1"`, 42, "业务编号“b1”用了两次，另一个在第 31 行", "换一个编号", false},
		{"doubled item id", `id = "i2"`, `id = "i1"`, 38, "事项编号“i1”用了两次，另一个在第 37 行", "换一个编号", false},
		{"id in Chinese", `id = "b2"`, `id = "业务"`, 42, "业务编号“业务”里有不能用的字符", "英文字母", false},
		{"id too long", `id = "b2"`, `id = "` + strings.Repeat("b", 41) + `"`, 42, "业务编号有 41 个字符，最多 40 个", "短", false},
		{"id missing", "id = \"b2\"\n", "", 41, "没有写业务编号 id", "id =", false},

		{"business without windows", `windows = ["w2"]`, `windows = []`, 46, "业务“乙业务”没有窗口办理", "w1、w2", false},
		{"business without the key windows", "windows = [\"w2\"]\n", "", 41, "业务“乙业务”没有窗口办理", "w1、w2", false},
		{"unknown window", `windows = ["w2"]`, `windows = ["w2", "w22"]`, 46, "业务“乙业务”写的窗口“w22”不存在", "w2", false},
		{"window twice", `windows = ["w2"]`, `windows = ["w2", "w2"]`, 46, "窗口“w2”写了两次", "删去", false},
		{"unknown area of a business", "area = \"a\"\nwindows = [\"w2\"]", "area = \"bb\"\nwindows = [\"w2\"]", 45, "业务“乙业务”写的区域“bb”不存在", "：a。", false},
		{"unknown area of a window", "area = \"a\"\npin_hash", "area = \"x9\"\npin_hash", 21, "窗口“1”写的区域“x9”不存在", "：a。", false},
		{"area missing", "area = \"a\"\nwindows = [\"w2\"]", "windows = [\"w2\"]", 41, "业务“乙业务”没有写所在区域", "：a。", false},

		{"hour 25", `sat = ["08:30-12:00"]`, `sat = ["08:30-25:00"]`, 7, "没有“25:00”这个时刻", "24 小时制", false},
		{"end before start", `sat = ["08:30-12:00"]`, `sat = ["12:00-08:30"]`, 7, "结束早于开始", "开始在前", false},
		{"no length", `sat = ["08:30-12:00"]`, `sat = ["12:00-12:00"]`, 7, "同一时刻", "开始在前", false},
		{"Chinese colon", `sat = ["08:30-12:00"]`, `sat = ["08：30-12:00"]`, 7, "时刻“08：30”写法不对", `"08:30-12:00"`, false},
		{"overlap", `sat = ["08:30-12:00"]`, `sat = ["08:30-12:00", "11:30-13:00"]`, 7, "时间段“11:30-13:00”和“08:30-12:00”重叠", "合并", false},
		{"weekday in full", `sat = ["08:30-12:00"]`, `saturday = ["08:30-12:00"]`, 7, "不认识星期“saturday”", "sat", false},
		{"weekday in Chinese", `sat = ["08:30-12:00"]`, `"周六" = ["08:30-12:00"]`, 7, "不认识星期“周六”", "sat", false},
		{"weekday unknown", `sat = ["08:30-12:00"]`, `holiday = ["08:30-12:00"]`, 7, "不认识星期“holiday”", "mon", false},
		{"business outside the hall's hours", `mon = ["09:00-11:00"]`, `mon = ["09:00-12:30"]`, 50, "星期一的办理时间“09:00-12:30”不在大厅开放时间之内", "延长", false},
		{"business on a day the hall is closed", `mon = ["09:00-11:00"]`, `sun = ["09:00-11:00"]`, 50, "星期日的办理时间", "延长", false},
		{"business on a holiday", `mon = ["09:00-11:00"]`, "mon = [\"09:00-11:00\"]\n[[businesses.hours.days]]\ndate = \"2026-10-01\"\nopen = [\"09:00-11:00\"]", 53, "2026-10-01 的办理时间", "延长", false},
		{"business never open", `mon = ["09:00-11:00"]`, ``, 49, "没有一天开放", "删去", false},
		{"bad date", `date = "2026-10-01"`, `date = "2026-02-30"`, 10, "没有“2026-02-30”这个日期", "月和日各两位", false},
		{"short date", `date = "2026-10-01"`, `date = "2026-10-1"`, 10, "没有“2026-10-1”这个日期", "月和日各两位", false},
		{"doubled date", "[[areas]]", "[[hours.days]]\ndate = \"2026-10-01\"\nreason = \"x\"\n\n[[areas]]", 14, "日期 2026-10-01 写了两次，另一个在第 10 行", "删去", false},
		{"closure without a reason", "reason = \"国庆节\"\n", "", 9, "2026-10-01 没有写原因", "国庆节", true},

		{"empty name", `name = "甲业务"`, `name = " "`, 32, "没有写业务名称", "name", false},
		{"name over two lines", `name = "甲业务"`, `name = "甲\n业务"`, 32, "换行", "一行", false},
		{"name with spaces around", `name = "甲业务"`, `name = " 甲业务"`, 32, "前后有空格", "删去", true},
		{"long name", `name = "甲业务"`, `name = "` + strings.Repeat("长", 61) + `"`, 32, "业务名称有 61 个字", "短", true},
		{"long window name", `name = "2"`, `name = "综合服务窗口2"`, 26, "窗口名称有 7 个字", "短", true},
		{"two windows of one name", `name = "2"`, `name = "1"`, 26, "有两个窗口都叫“1”，另一个在第 20 行", "不同", true},
		{"two items of one name", `name = "事项二"`, `name = "事项一"`, 38, "两个事项都叫“事项一”，另一个在第 37 行", "区别", true},
		{"area without a place", "place = \"一楼 A 区\"\n", "", 13, "没有写位置", "place", true},
		{"no supervision phone", "supervision_phone = \"12345\"\n", "", 0, "没有写监督电话", "监督电话", true},
		{"idle window", `windows = ["w1", "w2"]`, `windows = ["w2"]`, 18, "窗口“1”不办理任何业务", "windows", true},

		{"PIN instead of its hash", `pin_hash = "$argon2id$v=19$m=19456,t=2,p=1$jYxWLX0MXIHjF0LrwKPhOQ$8Doyws1DE2uxSlLAa3fiyW7bFuFdaxVxTvIvd7Z6kGE"`, `pin_hash = "204816"`, 22, "窗口“1”的 pin_hash 不是算好的口令", "不能写口令本身", false},
		{"window without a PIN", `pin_hash = "$argon2id$v=19$m=19456,t=2,p=1$jYxWLX0MXIHjF0LrwKPhOQ$8Doyws1DE2uxSlLAa3fiyW7bFuFdaxVxTvIvd7Z6kGE"`, ``, 18, "窗口“1”没有口令", "hallcentral pin", true},

		{"cut-over in the day", `id = "t"`, "id = \"t\"\ncut_over = 9", 2, "cut_over = 9 不在 0 到 6 之间", "写 3", false},
		{"time zone", `id = "t"`, "id = \"t\"\ntime_zone = \"Asia/Peking\"", 2, "不认识时区“Asia/Peking”", "Asia/Shanghai", false},
		{"time zone of this machine", `id = "t"`, "id = \"t\"\ntime_zone = \"Local\"", 2, "不认识时区“Local”", "Asia/Shanghai", false},
		{"ask_id", `ask_id = "required"`, `ask_id = "require"`, 47, "ask_id 没有“require”这个值", "required", false},

		{"number for a text", `name = "2"`, `name = 2`, 26, "“name”应是写在引号里的文字", `"3"`, false},
		{"text for a number", `id = "t"`, "id = \"t\"\ncut_over = \"3\"", 2, "“cut_over”应是一个整数", "cut_over = 3", false},
		{"text for a list", `windows = ["w2"]`, `windows = "w2"`, 46, "“windows”应是一个列表", "windows = [", false},
		{"number in a list", `windows = ["w2"]`, `windows = ["w2", 3]`, 46, "“windows”应是写在引号里的文字", `"3"`, false},
		{"table for a list of tables", "[[areas]]", "[areas]", 13, "“areas”应是一个列表", "[[areas]]", false},
		{"text for a table", "[businesses.hours.week]\nmon = [\"09:00-11:00\"]", "hours = \"9-11\"", 49, "“hours”应是一个部分", "[businesses.hours]", false},

		{"missing quote", `name = "2"`, `name = "2`, 26, "写法不对", "引号", false},
		{"Chinese quotes", `name = "2"`, `name = “2”`, 26, "中文标点", "半角", false},
		{"no equals sign", `name = "2"`, `name "2"`, 26, "写法不对", "等号", false},
		{"key twice", `name = "2"`, "name = \"2\"\nname = \"3\"", 27, "写了两次", "删去", false},
		{"table twice", "[[areas]]", "[hours.week]\n[[areas]]", 13, "写了两次", "删去", false},
		{"GBK instead of UTF-8", `name = "甲区"`, "name = \"\xbc\xd7\xc7\xf8\"", 15, "不是 UTF-8", "另存为", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if !strings.Contains(valid, tc.old) {
				t.Fatalf("the valid file has no %q", tc.old)
			}
			f, err := Parse("t.toml", []byte(strings.Replace(valid, tc.old, tc.new, 1)))
			var problems Problems
			if tc.warning {
				if err != nil {
					t.Fatalf("a warning must not refuse the file: %v", err)
				}
				problems = f.Warnings
			} else if !errors.As(err, &problems) {
				t.Fatalf("error %v, want Problems", err)
			}
			p := problems[0]
			switch tc.name {
			case "doubled window id", "table for a list of tables":
				// Everything that refers to the lost one is wrong as well.
				problems = problems[:1]
			}
			if len(problems) != 1 {
				t.Errorf("%d problems, want one:\n%v", len(problems), problems)
			}
			if p.File != "t.toml" || p.Line != tc.line || p.Warning != tc.warning ||
				!strings.Contains(p.Message, tc.message) || !strings.Contains(p.Cure, tc.cure) {
				t.Errorf("%v (line %d)\nwant line %d: …%s… …%s…", p, p.Line, tc.line, tc.message, tc.cure)
			}
			if strings.Contains(p.String(), "204816") {
				t.Error("the problem repeats a PIN")
			}
		})
	}
}

func TestParseReportsEverythingAtOnce(t *testing.T) {
	bad := strings.NewReplacer(
		`prefix = "B"`, `prefix = "A"`,
		`windows = ["w2"]`, `windows = ["w9"]`,
		`sat = ["08:30-12:00"]`, `sat = ["12:00-08:30"]`,
		`place = "一楼 A 区"`, `plcae = "一楼 A 区"`,
		`name = "2"`, `name = 2`,
	).Replace(valid)
	_, err := Parse("大厅.toml", []byte(bad))
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error %v, want Problems", err)
	}
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if want := []int{7, 13, 16, 26, 44, 46}; !reflect.DeepEqual(lines, want) {
		t.Errorf("problems on lines %v, want %v:\n%v", lines, want, err)
	}
	if n := len(problems.Warnings()); n != 1 || len(problems.Errors()) != 5 {
		t.Errorf("%d warnings and %d errors, want 1 and 5", n, len(problems.Errors()))
	}
	const first = "大厅.toml:7: 错误：时间段“12:00-08:30”结束早于开始。 办法：按 24 小时制写成 \"08:30-12:00\" 这样，开始在前，结束在后。"
	if got, _, _ := strings.Cut(err.Error(), "\n"); got != first {
		t.Errorf("first line of the error:\n%s\nwant:\n%s", got, first)
	}
}

func TestParsePosition(t *testing.T) {
	_, err := Parse("t.toml", []byte(strings.Replace(valid, `windows = ["w1", "w2"]`, `windows = ["w1", "w2", "w99"]`, 1)))
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	if p := problems[0]; p.Line != 35 || p.Column != 24 || p.Path != "businesses[1].windows[3]" {
		t.Errorf("line %d column %d path %s, want 35, 24, businesses[1].windows[3]", p.Line, p.Column, p.Path)
	}
}

func TestParseEmptyFile(t *testing.T) {
	_, err := Parse("t.toml", nil)
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	for _, want := range []string{"大厅编号", "大厅名称", "等候区域", "窗口", "办理业务", "开放时间"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no problem about %s:\n%v", want, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hall.toml")
	if _, err := ReadFile(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: error %v, want fs.ErrNotExist", err)
	}
	if err := os.WriteFile(path, []byte(valid), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != path || f.Hall.ID != "t" {
		t.Errorf("name %q, hall %q", f.Name, f.Hall.ID)
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"name", "name_en", "prefix", "windows", "id"}
	for word, want := range map[string]string{
		"nmae": "name", "Prefix": "prefix", "window": "windows", "zzzzz": "", "x": "", "name_eng": "name_en",
	} {
		if got := nearest(word, keys); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestPrefixAt(t *testing.T) {
	seen := map[string]bool{}
	for n := range MaxPrefixes {
		p := PrefixAt(n)
		if !prefixPattern.MatchString(p) || seen[p] {
			t.Fatalf("PrefixAt(%d) = %q: malformed or doubled", n, p)
		}
		seen[p] = true
	}
	if PrefixAt(0) != "A" || PrefixAt(25) != "Z" || PrefixAt(26) != "AA" || PrefixAt(MaxPrefixes-1) != "ZZ" {
		t.Error("prefixes are out of order")
	}
}

func TestFormatRoundTrip(t *testing.T) {
	for name, h := range map[string]*Hall{"demo": readDemo(t), "sample": sampleHall()} {
		f, err := Parse(name, Format(h))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, Format(h))
		}
		if got, want := f.Hall.Revision(), withDefaults(h).Revision(); got != want {
			t.Errorf("%s: the hall read back differs:\n%s", name, Format(f.Hall))
		}
		for i, w := range f.Hall.Windows {
			if w.PINHash != h.Windows[i].PINHash {
				t.Errorf("%s: window %s lost its PIN hash", name, w.ID)
			}
		}
	}
}

func withDefaults(h *Hall) *Hall {
	c := h.clone()
	if c.TimeZone == "" {
		c.TimeZone = defaultZone
	}
	return c
}

func TestQuote(t *testing.T) {
	h := sampleHall()
	for _, s := range []string{`引号" 反斜线\ 完`, "制表\t符", "a\u007fb", "🂡𠮷", "'''", `\u0041`} {
		h.Notice = s
		f, err := Parse("t", Format(h))
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if f.Hall.Notice != s {
			t.Errorf("%q reads back as %q", s, f.Hall.Notice)
		}
	}
}

func FuzzParse(f *testing.F) {
	demo, err := os.ReadFile(demoPath)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(demo)
	f.Add([]byte(valid))
	for _, s := range []string{
		"", "id = ", "[[businesses]]\n[[businesses.items]]\nid = 1\n", "a.b.c = {d = [[1]]}\n", "[hours]\nweek = {mon = ['x']}\n",
		"areas = [1, {id = 2}, []]\n", "\"a.b\" = 1\n\"[\" = 2\n\"\" = 3\n", "[[hours.days]]\ndate = 2026-10-01\n", "\xff", "[areas]\n[[areas.x]]\n[areas.x.y]\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("f", data)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems.Errors()) == 0 {
				t.Fatalf("error without a problem: %v", err)
			}
			lines := strings.Count(string(data), "\n") + 1
			for _, p := range problems {
				if p.Line < 0 || p.Line > lines || p.Message == "" || p.Cure == "" {
					t.Fatalf("problem %+v in a file of %d lines", p, lines)
				}
			}
			return
		}
		again, err := Parse("f", Format(file.Hall))
		if err != nil {
			t.Fatalf("what Format wrote is refused: %v\n%s", err, Format(file.Hall))
		}
		if again.Hall.Revision() != file.Hall.Revision() {
			t.Fatalf("what Format wrote reads differently:\n%s", Format(file.Hall))
		}
	})
}
