package importer

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"hallkiosk/app/guide"
)

// dataSet returns the path of a public data set, which is not committed: they lie in
// a folder shared/data beside the repository on machines that have them.
func dataSet(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the data set is not on this machine (../shared/data/%s)", name)
	}
	return path
}

// summary is what became of a file, for comparing with the golden file.
func summary(c *guide.Catalogue, n Counts) string {
	var b strings.Builder
	materials, most := 0, 0
	for i := range c.Guides {
		materials += len(c.Guides[i].Materials)
		most = max(most, len(c.Guides[i].Materials))
	}
	fmt.Fprintf(&b, "read %d, accepted %d, warned %d, refused %d\n", n.Read, n.Accepted, n.Warned, n.Refused)
	fmt.Fprintf(&b, "departments %d, materials %d, at most %d\n", len(c.Departments()), materials, most)
	for _, r := range n.Rules {
		kind := "error  "
		if r.Warning {
			kind = "warning"
		}
		fmt.Fprintf(&b, "%s %5d %s\n", kind, r.Count, r.Rule)
	}
	return b.String()
}

func TestPublishedData(t *testing.T) {
	for _, name := range []string{"items-guangan.json", "guides-guangdong-1500.jsonl"} {
		t.Run(name, func(t *testing.T) {
			c, problems, counts, err := Read(dataSet(t, name), Options{})
			if err != nil {
				t.Fatal(err)
			}
			adds(t, c, problems, counts)
			got := summary(c, counts)
			golden := filepath.Join("testdata", strings.TrimSuffix(name, filepath.Ext(name))+".golden")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			for _, f := range []Format{TOML, JSON, Excel, CSV} {
				if again(t, f, c).Revision() != c.Revision() {
					t.Errorf("%s changes the catalogue", f)
				}
			}
		})
	}
}

// adds fails unless every guide and every problem is accounted for.
func adds(t testing.TB, c *guide.Catalogue, problems []guide.Problem, n Counts) {
	t.Helper()
	total := 0
	for _, r := range n.Rules {
		total += r.Count
	}
	if n.Read != n.Accepted+n.Refused || n.Accepted != len(c.Guides) || n.Warned > n.Accepted || total != len(problems) || n.Errors()+n.Warnings() != total {
		t.Errorf("counts do not add up: %+v, %d guides, %d problems", n, len(c.Guides), len(problems))
	}
	for _, p := range problems {
		if p.Place == "" || p.Rule == "" || p.Message == "" || p.Cure == "" || p.Field == "" {
			t.Errorf("a problem without a place, rule, field, message or cure: %+v", p)
		}
	}
	for _, p := range guide.Check(c, guide.Known{}) {
		if !p.Warning && p.Rule != "编码重复" {
			t.Errorf("accepted in spite of %v", p)
		}
	}
}

// The product's own sample catalogue has nothing to complain of.
func TestSampleCatalogue(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "assets", "guides", "demo")
	c, problems, counts, err := Read(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	adds(t, c, problems, counts)
	for _, p := range problems {
		t.Error(p)
	}
	if len(c.Guides) < 60 {
		t.Errorf("%d guides", len(c.Guides))
	}
}

func TestTemplate(t *testing.T) {
	data, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	c, problems, counts, err := Parse("模板.xlsx", data, Options{})
	if err != nil || len(problems) > 0 || counts.Accepted != 1 {
		t.Fatalf("%v %v %+v", err, problems, counts)
	}
	want := example()
	if c.Guides[0].Hash() != want.Hash() {
		t.Errorf("%+v", c.Guides[0])
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := fmt.Sprint(f.GetSheetList()); got != "[填写说明 事项 材料 流程 收费 表格 常见问题]" {
		t.Errorf("sheets %s", got)
	}
	for sheet, list := range map[string]string{"事项": "即办件,承诺件,联办件,上报件", "材料": "是,否"} {
		rules, err := f.GetDataValidations(sheet)
		if err != nil || !slices.ContainsFunc(rules, func(v *excelize.DataValidation) bool { return strings.Contains(v.Formula1, list) }) {
			t.Errorf("%s has no drop-down of %s: %v", sheet, list, err)
		}
	}
	if text, _ := f.GetCellValue("填写说明", "B1"); text != "办事指南填写说明" {
		t.Errorf("instructions begin with %q", text)
	}
	if title, _ := f.GetCellValue("事项", "B1"); title != "事项名称*" {
		t.Errorf("a required column is called %q", title)
	}
}

// found says whether there is a problem of a rule at a place, and that it is an error
// or a warning.
func found(t *testing.T, problems []guide.Problem, want string) {
	t.Helper()
	// "error place: rule" or "warning place: rule"
	kind, rest, _ := strings.Cut(want, " ")
	place, rule, _ := strings.Cut(rest, ": ")
	if !slices.ContainsFunc(problems, func(p guide.Problem) bool {
		return p.Warning == (kind == "warning") && p.Place == place && p.Rule == rule && p.Cure != ""
	}) {
		t.Errorf("not found: %s; there are", want)
		for _, p := range problems {
			t.Errorf("  %s [%s]", p, p.Rule)
		}
	}
}

const goodTOML = `sample = true
[[guides]]
id = "A-1"
name = "居住证办理"
department = "示例公安局"
materials = [{ name = "居民身份证", originals = 1 }]
phone = "0826-5550100"
complaint = "0826-5550123"
updated = 2026-11-22
promised = "5个工作日"
`

func TestTOML(t *testing.T) {
	c, problems, counts, err := Parse("a.toml", []byte(goodTOML), Options{})
	if err != nil || len(problems) > 0 || counts.Accepted != 1 {
		t.Fatalf("%v %v %+v", err, problems, counts)
	}
	g := c.Guides[0]
	if g.Updated != "2026-11-22" || g.Promised != (guide.Limit{Number: 5, Unit: guide.WorkingDays}) || !c.Sample {
		t.Errorf("%+v", g)
	}
}

// A mistake on a line of its own below line 10 of goodTOML, and what is said of it.
func TestMistakesInTOML(t *testing.T) {
	for add, want := range map[string]string{
		"materails = []":                     "error a.toml:11: 不认识的键",
		"visits = \"two\"":                   "error a.toml:11: 写法不对",
		"phone2 = 3":                         "error a.toml:11: 不认识的键",
		"legal = \"尽快\"":                     "error a.toml:11: 写法不对",
		"rank = nan":                         "error a.toml:11: 写法不对",
		"rank = 2.0":                         "error a.toml:11: 常用程度不正确",
		"basis = \"《某法》\"":                   "error a.toml:11: 写法不对",
		"bookable = \"是\"":                   "error a.toml:11: 写法不对",
		"steps = [\n{ nam = \"受理\" } ]":      "error a.toml:12: 不认识的键",
		"conditions = [\n\"条件<br>二\"]":       "warning a.toml:12: 去掉了网页标签",
		"place = \"\uE123楼\"":                "warning a.toml:11: 自造字",
		"hours = \"a\\u0001\"":               "error a.toml:11: 控制字符",
		"summary = \"a\u200Bb\"":             "warning a.toml:11: 去掉了看不见的字符",
		"fee = { items = [] , basi = \"\" }": "error a.toml:11: 不认识的键",
		"legal = \"3天\"":                     "error a.toml:10: 承诺时限长于法定时限",
		"[[guides]]\nid = \"A-1\"\nname=\"乙\"\ndepartment=\"丙\"": "error a.toml:12: 编码重复",
		"[elsewhere]": "error a.toml:11: 不认识的键",
	} {
		_, problems, counts, err := Parse("a.toml", []byte(goodTOML+add+"\n"), Options{})
		if err != nil {
			t.Errorf("%s: %v", add, err)
			continue
		}
		found(t, problems, want)
		if strings.HasPrefix(want, "error") && counts.Refused == 0 && !strings.HasPrefix(add, "[elsewhere") {
			t.Errorf("%s: nothing is refused", add)
		}
	}
}

// Files that cannot be read at all: the error, and where.
func TestHopelessFiles(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("编码,事项名称\nA-1,居住证\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, data, place, message string }{
		{"a.toml", goodTOML + "phone = \"1\"\n", "a.toml:11", "写了两次"},
		{"a.toml", "name = “甲”\n", "a.toml:1", "中文标点"},
		{"a.toml", "\n\nname = \n", "a.toml:3", "写法不对"},
		{"a.toml", "[guides]\nid=1\n[[guides]]\n", "a.toml:3", "写了两次"},
		{"a.toml", "a = " + strings.Repeat("[", 5000), "a.toml:1", "写法不对"},
		{"a.toml", "a = " + strings.Repeat("[", 500) + strings.Repeat("]", 500), "a.toml", "层次太深"},
		{"a.json", `{"guides": [`, "a.json:1", "不是完整的 JSON"},
		{"a.json", `{"guides": []} {}`, "a.json:1", "不是完整的 JSON"},
		{"a.json", "[\n{\"a\": 1}]", "a.json", "不是认识的事项清单"},
		{"a.json", strings.Repeat("[", 100000), "a.json", "层次太深"},
		{"a.json", "[{\"department\":\"甲\",\n\"department\":\"乙\",\"items\":[]}]", "a.json:2", "写了两次"},
		{"a.csv", "只有一行\n没有标题\n", "a.csv", "没有认出标题行"},
		{"a.csv", "编码,事项名称\n\"A-1,居住证\n", "a.csv:2", "引号不成对"},
		{"a.csv", gb + "\xff\xff\xff", "a.csv:1", "既不是 UTF-8 也不是 GB18030"},
		{"a.csv", "\xFF\xFEa", "a.csv", "UTF-16 文件不完整"},
		{"a.xlsx", "PK\x03\x04 and no more", "a.xlsx", "已经损坏"},
		{"a.xlsx", "text", "a.xlsx", "不是 Excel 文件"},
		{"a.xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a.xls", "旧版 Excel"},
		{"a", "", "a", "空的"},
	} {
		_, problems, _, err := Parse(c.name, []byte(c.data), Options{})
		if err == nil {
			t.Errorf("%.40q: no error", c.data)
			continue
		}
		if len(problems) != 1 || problems[0].Place != c.place || !strings.Contains(problems[0].Message, c.message) || problems[0].Cure == "" {
			t.Errorf("%.40q: %v, want %s: %s", c.data, problems, c.place, c.message)
		}
	}
	if _, _, _, err := Read(filepath.Join(t.TempDir(), "missing.toml"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, _, _, err := Parse("large.csv", make([]byte, MaxFile+1), Options{}); err == nil {
		t.Error("a file that is too large is read")
	}
}

const goodCSV = "编码,事项名称,部门,咨询电话,监督电话,更新日期,材料名称,原件份数\n" +
	"A-1,居住证办理,示例公安局,0826-5550100,0826-5550123,2026/5/1,居民身份证,1\n" +
	",,,,,,居住证明,2份\n" +
	"A-2,临时救助,示例民政局,0826-5550100,0826-5550123,2026年5月1日,申请书,1\n"

func TestCSVInEveryEncoding(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(goodCSV)
	if err != nil {
		t.Fatal(err)
	}
	var utf16 bytes.Buffer
	utf16.WriteString("\xFF\xFE")
	for _, r := range strings.ReplaceAll(goodCSV, ",", "\t") {
		utf16.Write([]byte{byte(r), byte(r >> 8)})
	}
	var revision string
	for name, data := range map[string]string{
		"utf-8": goodCSV, "mark": "\uFEFF" + goodCSV, "gb18030": gb, "crlf": strings.ReplaceAll(goodCSV, "\n", "\r\n"),
		"semicolons": strings.ReplaceAll(goodCSV, ",", ";"), "utf-16 tabs": utf16.String(),
	} {
		c, problems, counts, err := Parse("a.csv", []byte(data), Options{})
		if err != nil || len(problems) > 0 || counts.Accepted != 2 {
			t.Errorf("%s: %v %v %+v", name, err, problems, counts)
			continue
		}
		g := c.Guides[0]
		if len(g.Materials) != 2 || g.Materials[1].Originals != 2 || g.Updated != "2026-05-01" || c.Guides[1].Updated != "2026-05-01" {
			t.Errorf("%s: %+v", name, g)
		}
		if revision != "" && c.Revision() != revision {
			t.Errorf("%s: another catalogue", name)
		}
		revision = c.Revision()
	}
}

func TestMistakesInCSV(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"code twice": {goodCSV + "A-1,居住证签注,示例公安局,1234567,1234567,2026-01-01,居住证,1\n", []string{"error a.csv:5:A列: 编码重复"}},
		"same row twice": {"编码,事项名称,部门\nA-1,居住证办理,示例公安局\nA-1,居住证办理,示例公安局\n", []string{
			"error a.csv:3:A列: 编码重复", "warning a.csv:3:B列: 名称重复"}},
		"unknown column":    {"编码,事项名称,部门,秘密\nA-1,甲,乙,x\n", []string{"warning a.csv:1:D列: 没有导入的内容"}},
		"two columns":       {"编码,事项名称,部门,实施部门\nA-1,甲,乙,丙\n", []string{"warning a.csv:1:D列: 两列是同一栏目"}},
		"number":            {"编码,事项名称,部门,到现场次数\nA-1,甲,乙,很多\n", []string{"error a.csv:2:D列: 不是整数"}},
		"yes or no":         {"编码,事项名称,部门,可预约\nA-1,甲,乙,大概\n", []string{"error a.csv:2:D列: 不是“是”或“否”"}},
		"limit":             {"编码,事项名称,部门,承诺时限\nA-1,甲,乙,尽快\n", []string{"error a.csv:2:D列: 时限看不懂"}},
		"kind":              {"编码,事项名称,部门,办件类型\nA-1,甲,乙,急件\n", []string{"error a.csv:2:D列: 办件类型不认识"}},
		"html":              {"编码,事项名称,部门\nA-1,<b>甲</b>证,乙\n", []string{"warning a.csv:2:B列: 去掉了网页标签"}},
		"private use":       {"编码,事项名称,部门\nA-1,\uE001证,乙\n", []string{"warning a.csv:2:B列: 自造字"}},
		"charged for what":  {"编码,事项名称,部门,是否收费\nA-1,甲,乙,是\n", []string{"error a.csv:2:D列: 收费项目不全"}},
		"charged after all": {"编码,事项名称,部门,是否收费,收费项目,收费标准,收费依据\nA-1,甲,乙,否,工本费,20元,某文\n", []string{"error a.csv:2: 是否收费矛盾"}},
		"no code":           {"编码,事项名称,部门\n,甲,乙\n", []string{"error a.csv:2: 没有编码"}},
		"no codes":          {"事项名称,部门\n甲,乙\n", []string{"warning a.csv:2: 编码由部门和名称算出"}},
		"late value":        {goodCSV + "A-2,,,,,2020-01-01,户口簿,1\n", []string{"warning a.csv:5:F列: 续行里的内容"}},
		"catch-all":         {goodCSV + ",,,,,,其他有关材料,1\n", []string{"error a.csv:5: 兜底材料"}},
		"large cell":        {"编码,事项名称,部门,受理条件\nA-1,甲,乙," + strings.Repeat("长", 4<<20) + "\nA-2,丙,丁,好\n", []string{"error a.csv:2:D列: 单元格太长"}},
	} {
		t.Run(name, func(t *testing.T) {
			cat, problems, counts, err := Parse("a.csv", []byte(c.data), Options{})
			if err != nil {
				t.Fatal(err)
			}
			adds(t, cat, problems, counts)
			for _, want := range c.want {
				found(t, problems, want)
			}
		})
	}
}

// Tables as halls have them: everything of a matter in its row.
func TestOneCellForAList(t *testing.T) {
	data := "序号,实施编码,事项名称,实施主体,申请材料,办理流程,法定办结时限,承诺办结时限,承诺时限单位,是否收费,服务对象,事项类型,办件类型\n" +
		"1,A-1,居住证办理,示例公安局,\"1.居民身份证\n2、居住证明\n（3）照片\",受理→审核→办结→送达,15日,5,工作日,否,个人、企业法人,行政许可,即办\n"
	c, problems, counts, err := Parse("a.csv", []byte(data), Options{})
	if err != nil || counts.Read != 1 {
		t.Fatalf("%v %v", err, problems)
	}
	for _, p := range problems {
		if p.Rule == "没有导入的内容" {
			t.Error(p)
		}
	}
	// 即办件 of five days is refused: it is the row that is looked at here.
	found(t, problems, "error a.csv:2:H列: 即办件当天办不完")
	data = strings.Replace(data, "即办\n", "承诺件\n", 1)
	c, problems, _, err = Parse("a.csv", []byte(data), Options{})
	if err != nil || len(c.Guides) != 1 {
		t.Fatalf("%v %v", err, problems)
	}
	g := c.Guides[0]
	var materials, steps []string
	for _, m := range g.Materials {
		materials = append(materials, m.Name)
	}
	for _, s := range g.Steps {
		steps = append(steps, s.Name)
	}
	if fmt.Sprint(materials, steps) != "[居民身份证 居住证明 照片] [受理 审核 办结 送达]" {
		t.Errorf("%v %v", materials, steps)
	}
	if g.Promised.String() != "5个工作日" || g.Legal.String() != "15天" || g.Nature != guide.Licence || len(g.For) != 2 || g.Kind != guide.Promise {
		t.Errorf("%+v", g)
	}
}

func TestUnitBeforeTheLimit(t *testing.T) {
	c, problems, _, err := Parse("a.csv", []byte("编码,事项名称,部门,承诺时限单位,承诺时限说明,承诺时限\nA-1,甲,乙,小时,不含公示,5\n"), Options{})
	if err != nil || len(c.Guides) != 1 || c.Guides[0].Promised != (guide.Limit{Number: 5, Unit: guide.Hours, Note: "不含公示"}) {
		t.Errorf("%v %v %+v", err, problems, c)
	}
}

func TestMapping(t *testing.T) {
	m, problems := ParseMapping("m.toml", []byte("header = 2\nseparators = \"+\"\n[columns]\n\"事项全称\" = \"name\"\n\"号\" = \"id\"\n\"处室\" = \"department\"\n"+
		"\"要件\" = \"materials\"\n\"备注\" = \"\"\n[values.kind]\n\"现场办结\" = \"即办件\"\n"))
	if m == nil {
		t.Fatal(problems)
	}
	c, problems, counts, err := Parse("a.csv", []byte("某区事项表,2026年\n号,事项全称,处室,要件,备注,办件类型,别名\nA-1,居住证办理,示例公安局,身份证,内部,现场办结,甲+乙\n"), Options{Mapping: m})
	if err != nil || counts.Accepted != 1 {
		t.Fatalf("%v %v", err, problems)
	}
	g := c.Guides[0]
	if g.ID != "A-1" || len(g.Materials) != 1 || g.Kind != guide.OnTheSpot || len(g.Aliases) != 2 {
		t.Errorf("%+v", g)
	}
	for _, p := range problems {
		if p.Rule == "没有导入的内容" {
			t.Error(p)
		}
	}
	for text, want := range map[string]string{
		"headers = 1\n":                  "error m.toml:1: 不认识的键",
		"\n[columns]\n\"甲\" = \"nam\"\n": "error m.toml:3: 写法不对",
		"header = \"x\"\n":               "error m.toml:1: 写法不对",
		"[values.kinds]\n":               "error m.toml:1: 写法不对",
		"header = \n":                    "error m.toml:1: 文件读不懂",
	} {
		m, problems := ParseMapping("m.toml", []byte(text))
		if m != nil {
			t.Errorf("%q is accepted", text)
		}
		found(t, problems, want)
	}
	if len(Fields()) < 60 {
		t.Errorf("%d fields", len(Fields()))
	}
}

// No two columns claim one title, and every field of a guide has a column.
func TestTitles(t *testing.T) {
	owner := map[string]string{}
	check := func(columns []column) {
		for _, c := range columns {
			for _, title := range append(strings.Fields(c.also), c.title) {
				if other, ok := owner[plain(title)]; ok && title != "" && other != c.key {
					t.Errorf("%q means %s and %s", title, other, c.key)
				}
				owner[plain(title)] = c.key
			}
		}
	}
	check(matterColumns())
	for _, p := range parts() {
		check(p.columns)
	}
}

func TestFolder(t *testing.T) {
	fsys := fstest.MapFS{
		"g/a.toml":    {Data: []byte(goodTOML)},
		"g/b.csv":     {Data: []byte("编码,事项名称,部门\nB-1,甲,乙\n")},
		"g/notes.txt": {Data: []byte("not a guide")},
		"g/c.csv":     {Data: []byte("编码,事项名称,部门\nA-1,丙,乙\n")},
	}
	c, problems, counts, err := ReadFS(fsys, "g", Options{})
	if err != nil || counts.Read != 3 || len(c.Guides) != 2 {
		t.Fatalf("%v %+v", err, counts)
	}
	found(t, problems, "error c.csv:2:A列: 编码重复")
	if _, _, _, err := ReadFS(fstest.MapFS{"g/notes.txt": {}}, "g", Options{}); err == nil {
		t.Error("a folder without guides is a catalogue")
	}
}

func TestPortal(t *testing.T) {
	data := `{"TASK_CODE":"A1","TASK_NAME":"甲","DEPT_NAME":"乙","TASK_TYPE":"20","TASK_TYPE_TEXT":"其他行政权力","handle_time":"30(自然日)","handle_time_limit":"无","co_department":"无","material_intro":["身份证","照片"],"service_object_name":["自然人","企业法人","行政机关"],"matter_level":"省级","visit_number":"1","courier_service":"是","odd":"x"}
not json
{"TASK_CODE":"A2","TASK_NAME":"丙","DEPT_NAME":"乙","TASK_TYPE_TEXT":"别的","material_intro":"无"}
`
	c, problems, counts, err := Parse("p.jsonl", []byte(data), Options{})
	if err != nil || counts.Read != 3 || counts.Accepted != 1 {
		t.Fatalf("%v %+v %v", err, counts, problems)
	}
	found(t, problems, "error p.jsonl:2: 不是 JSON")
	found(t, problems, "error p.jsonl:3: 事项类型不认识")
	found(t, problems, "warning p.jsonl: 没有导入的内容")
	g := c.Guides[0]
	if g.Nature != guide.OtherPower || g.Legal != (guide.Limit{Number: 30, Unit: guide.Days}) || !g.Promised.IsZero() || len(g.Partners) > 0 ||
		len(g.Materials) != 2 || len(g.For) != 3 || g.Level != guide.Provincial || *g.Visits != 1 || !g.Courier {
		t.Errorf("%+v", g)
	}
}

func TestDepartments(t *testing.T) {
	data := `[{"department":"甲局","items":[{"main_item":"户口登记","sub_items":[
{"name":"落户","link":"http://x.example/?itemCode=C-1&taskType=7"},
{"name":"迁移","link":"http://x.example/?itemCode=C-1&taskType=20"},
{"name":"","link":""},
{"name":"注销","link":"","qrcode":"x"}]}]},
{"department":"","items":[]}]`
	c, problems, counts, err := Parse("d.json", []byte(data), Options{})
	if err != nil || counts.Read != 4 || counts.Accepted != 3 {
		t.Fatalf("%v %+v", err, counts)
	}
	found(t, problems, "warning d.json:3: 编码由部门和名称算出")
	found(t, problems, "error d.json:4: 没有名称")
	found(t, problems, "error d.json:6: 写法不对")
	found(t, problems, "warning d.json: 没有导入的内容")
	if g := c.Guides[0]; g.ID != "C-1" || g.Nature != guide.Confirmation || len(g.Aliases) != 1 {
		t.Errorf("%+v", g)
	}
}

func TestChanges(t *testing.T) {
	a, b := full(), full()
	if c := Changes(&a, &b); len(c) > 0 {
		t.Errorf("equal guides differ: %v", c)
	}
	b.Promised.Number = 3
	b.Materials[0].Copies = 1
	b.Materials = append(b.Materials[:2:2], guide.Material{Name: "户口簿", Originals: 1})
	b.Steps = b.Steps[:3]
	b.Forms[0].Name = "新表"
	var got []string
	for _, c := range Changes(&a, &b) {
		got = append(got, fmt.Sprintf("%s|%s|%s", c.Field, c.Was, c.Is))
	}
	for _, want := range []string{"承诺时限|5个工作日|3个工作日", "材料《居民身份证》复印件份数||1", "材料《近期照片》材料名称|近期照片|户口簿", "流程|送达|", "表格《F1·姓名》表格名称|居住登记申报表|新表"} {
		if !slices.Contains(got, want) {
			t.Errorf("no change %q in %q", want, got)
		}
	}
	if n := len(slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "表格") })); n != 1 {
		t.Errorf("the name of a form is told %d times", n)
	}
}
