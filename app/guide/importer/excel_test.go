package importer

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hallkiosk/app/guide"
)

// book makes a workbook: sheets by name, rows of cells.
func book(t testing.TB, do func(f *excelize.File), rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", "事项"); err != nil {
		t.Fatal(err)
	}
	put(t, f, "事项", rows...)
	if do != nil {
		do(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t testing.TB, f *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	if i, _ := f.GetSheetIndex(sheet); i < 0 {
		must(t, func() error { _, err := f.NewSheet(sheet); return err }())
	}
	for i, row := range rows {
		must(t, f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	titleRow = []any{"编码", "事项名称", "部门", "咨询电话", "监督电话", "更新日期", "受理条件"}
	goodRow  = []any{"A-1", "居住证办理", "示例公安局", "0826-5550100", "0826-5550123", 46150, "有身份证。"}
)

func TestWorkbook(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		put(t, f, "材料", []any{"编码", "事项名称", "材料名称", "原件份数", "是否必备"},
			[]any{"A-1", "居住证办理", "居民身份证", 1, "是"},
			[]any{"", "", "居住证明", "2", "否"},
			[]any{"A-2", "临时救助", "申请书", 1, ""})
		put(t, f, "说明", []any{"这张表只是说明"})
	}, []any{"某区政务服务事项表"}, nil, titleRow, goodRow, []any{"A-2", "临时救助", "示例民政局", 8265550100, "0826-5550123", "2026-05-08"})
	c, problems, counts, err := Parse("a.xlsx", data, Options{})
	if err != nil || counts.Accepted != 2 {
		t.Fatalf("%v %v", err, problems)
	}
	g := c.Guides[0]
	if len(g.Materials) != 2 || !g.Materials[1].Optional || g.Materials[1].Originals != 2 || g.Updated != "2026-05-08" || len(c.Guides[1].Materials) != 1 {
		t.Errorf("%+v", g)
	}
	if c.Guides[1].Phone != "8265550100" {
		t.Errorf("a phone typed as a number: %q", c.Guides[1].Phone)
	}
	found(t, problems, "warning a.xlsx 说明!1: 没有导入的工作表")
	found(t, problems, "warning a.xlsx 材料!3: 非必备材料没写情形")
}

func TestMistakesInWorkbooks(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(f *excelize.File)
		rows [][]any
		want []string
	}{
		"formula": {func(f *excelize.File) {
			must(t, f.SetCellFormula("事项", "D2", `"0826-"&"5550100"`))
		}, [][]any{titleRow, goodRow}, []string{"warning a.xlsx 事项!D2: 公式"}},
		"formula gone wrong": {nil, [][]any{titleRow, {"A-1", "#REF!", "乙"}}, []string{"error a.xlsx 事项!B2: 公式出错", "error a.xlsx 事项!2: 没有名称"}},
		"merged across": {func(f *excelize.File) { must(t, f.MergeCell("事项", "D2", "E2")) },
			[][]any{titleRow, goodRow}, []string{"warning a.xlsx 事项!D2: 合并的单元格"}},
		"long number": {nil, [][]any{titleRow, {"5.11602000000000E+17", "甲", "乙"}}, []string{"error a.xlsx 事项!A2: 长数字变了样"}},
		"html":        {nil, [][]any{titleRow, {"A-1", "甲<br/>乙&nbsp;丙", "丁"}}, []string{"warning a.xlsx 事项!B2: 去掉了网页标签"}},
		"private use": {nil, [][]any{titleRow, {"A-1", "甲\uE815", "丁"}}, []string{"warning a.xlsx 事项!B2: 自造字"}},
		"code twice":  {nil, [][]any{titleRow, goodRow, {"A-2", "乙", "丙"}, {"A-1", "丁", "丙"}}, []string{"error a.xlsx 事项!A4: 编码重复"}},
		"large cell":  {nil, [][]any{titleRow, {"A-1", "甲", "乙", "", "", "", strings.Repeat("长", maxCell)}}, []string{"error a.xlsx 事项!G2: 文字太长"}},
		"orphan":      {func(f *excelize.File) { put(t, f, "材料", []any{"编码", "材料名称"}, []any{"A-9", "照片"}) }, [][]any{titleRow, goodRow}, []string{"error a.xlsx 材料!A2: 找不到所属的事项"}},
		"second mistake": {func(f *excelize.File) {
			put(t, f, "材料", []any{"编码", "材料名称", "原件份数"}, []any{"A-1", "照片", 1}, []any{"A-1", "其他材料", "许多"})
		}, [][]any{titleRow, goodRow}, []string{"error a.xlsx 材料!C3: 不是整数", "error a.xlsx 材料!3: 兜底材料"}},
	} {
		t.Run(name, func(t *testing.T) {
			data := book(t, c.do, c.rows...)
			cat, problems, counts, err := Parse("a.xlsx", data, Options{})
			if err != nil {
				t.Fatal(err, problems)
			}
			adds(t, cat, problems, counts)
			for _, want := range c.want {
				found(t, problems, want)
			}
		})
	}
}

// Merged cells down the rows of a matter give every row their value.
func TestMergedRows(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		for _, column := range []string{"A", "B", "C"} {
			must(t, f.MergeCell("事项", column+"2", column+"4"))
		}
	}, []any{"编码", "事项名称", "部门", "材料名称", "原件份数"},
		[]any{"A-1", "居住证办理", "示例公安局", "居民身份证", 1}, []any{"", "", "", "居住证明", 1}, []any{"", "", "", "照片", 2},
		[]any{"A-2", "临时救助", "示例民政局", "申请书", 1})
	c, problems, counts, err := Parse("a.xlsx", data, Options{})
	if err != nil || counts.Read != 2 || len(c.Guides) != 2 {
		t.Fatalf("%v %+v %v", err, counts, problems)
	}
	if g := c.Guides[0]; len(g.Materials) != 3 || g.Materials[2].Originals != 2 {
		t.Errorf("%+v", g)
	}
}

// A cell that is larger than Excel allows, as other programs write it.
func TestTenMegabyteCell(t *testing.T) {
	data := rebuild(t, book(t, nil, titleRow, goodRow), func(name string, content []byte) []byte {
		return bytes.ReplaceAll(content, []byte("有身份证。"), bytes.Repeat([]byte("长"), 10<<20/3))
	})
	c, problems, counts, err := Parse("a.xlsx", data, Options{})
	if err != nil || counts.Refused != 1 || len(c.Guides) != 0 {
		t.Fatalf("%v %+v", err, counts)
	}
	found(t, problems, "error a.xlsx 事项!G2: 单元格太长")
}

// rebuild makes a workbook anew with the content of its files changed.
func rebuild(t testing.TB, data []byte, change func(name string, content []byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	must(t, err)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		r, err := f.Open()
		must(t, err)
		var content bytes.Buffer
		_, err = content.ReadFrom(r)
		must(t, err)
		w, err := out.Create(f.Name)
		must(t, err)
		_, err = w.Write(change(f.Name, content.Bytes()))
		must(t, err)
	}
	must(t, out.Close())
	return b.Bytes()
}

// bomb is an archive that says it unpacks to more than there is memory.
func bomb(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	_, err := out.CreateRaw(&zip.FileHeader{Name: "xl/workbook.xml", Method: zip.Deflate, UncompressedSize64: 1 << 31})
	must(t, err)
	must(t, out.Close())
	return b.Bytes()
}

func TestHostileWorkbooks(t *testing.T) {
	good := book(t, nil, titleRow, goodRow)
	sheet := func(change func([]byte) []byte) []byte {
		return rebuild(t, good, func(name string, content []byte) []byte {
			if strings.HasSuffix(name, "sheet1.xml") {
				return change(content)
			}
			return content
		})
	}
	for name, c := range map[string]struct {
		data    []byte
		message string
	}{
		"cut off": {good[:len(good)/2], "已经损坏"},
		"no workbook": {rebuild(t, good, func(name string, content []byte) []byte {
			if name == "xl/workbook.xml" {
				return []byte("<a")
			}
			return content
		}), "已经损坏"},
		"sheet is no XML": {sheet(func([]byte) []byte { return []byte("<worksheet><sheetData><row><c") }), "已经损坏"},
		"far column": {sheet(func(b []byte) []byte {
			return bytes.Replace(b, []byte(`r="G2"`), []byte(`r="XFD2"`), 1)
		}), "列太多"},
		"many elements": {sheet(func(b []byte) []byte {
			return bytes.Replace(b, []byte("</sheetData>"), append(bytes.Repeat([]byte("<row/>"), maxElements), "</sheetData>"...), 1)
		}), "内容太多"},
		"bomb": {bomb(t), "内容太多"},
		"rows without end": {sheet(func(b []byte) []byte {
			return bytes.Replace(b, []byte("</sheetData>"), append(bytes.Repeat([]byte("<row><c><v>1</v></c></row>"), maxRows+1), "</sheetData>"...), 1)
		}), "内容太多"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems, _, err := Parse("a.xlsx", c.data, Options{})
			if err == nil || len(problems) != 1 || !strings.Contains(problems[0].Message, c.message) || problems[0].Cure == "" {
				t.Errorf("%v %v, want %s", err, problems, c.message)
			}
		})
	}
}

func FuzzImport(f *testing.F) {
	sample := &guide.Catalogue{Sample: true, Source: "示例", Synonyms: []string{"开店 = 营业执照"}, Guides: []guide.Guide{full()}}
	names := []string{"a.toml", "a.json", "a.csv", "a.xlsx", "a"}
	for kind, format := range []Format{TOML, JSON, CSV, Excel} {
		var b bytes.Buffer
		must(f, Write(&b, format, sample))
		f.Add(uint8(kind), b.Bytes())
	}
	f.Add(uint8(0), []byte(goodTOML))
	f.Add(uint8(2), []byte(goodCSV))
	f.Add(uint8(4), []byte(`{"TASK_CODE":"A1","TASK_NAME":"甲","DEPT_NAME":"乙","handle_time":"30(自然日)"}`+"\n{"))
	f.Add(uint8(1), []byte(`[{"department":"甲局","items":[{"main_item":"户口","sub_items":[{"name":"落户","link":"http://x.example/?itemCode=C-1&taskType=7"}]}]}]`))
	f.Add(uint8(2), []byte("\xb1\xe0\xc2\xeb,\xca\xc2\xcf\xee\xc3\xfb\xb3\xc6\nA,\xd6\xa4\n"))
	f.Add(uint8(3), book(f, func(x *excelize.File) {
		must(f, x.MergeCell("事项", "D2", "E3"))
		must(f, x.SetCellFormula("事项", "F2", "1+1"))
	}, titleRow, goodRow))
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		c, problems, counts, err := Parse(names[int(kind)%len(names)], data, Options{})
		if err != nil {
			for _, p := range problems {
				if p.Message == "" || p.Cure == "" || p.Place == "" {
					t.Errorf("%+v", p)
				}
			}
			return
		}
		adds(t, c, problems, counts)
		again(t, JSON, c)
		if next := again(t, TOML, c); next.Revision() != c.Revision() {
			t.Errorf("what was read is not read again:\n%s\n%s", written(t, TOML, c), written(t, TOML, next))
		}
	})
}

func FuzzMapping(f *testing.F) {
	f.Add([]byte("header = 2\n[columns]\n\"甲\" = \"name\"\n[values.kind]\n\"a\" = \"b\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, problems := ParseMapping("m.toml", data)
		if (m == nil) != (len(problems) > 0) {
			t.Errorf("%v %v", m, problems)
		}
		if m != nil {
			_, _, _, _ = Parse("a.csv", []byte(goodCSV), Options{Mapping: m})
		}
	})
}

// The parts of a workbook that say the most, as anything at all.
func FuzzSheet(f *testing.F) {
	good := book(f, func(x *excelize.File) {
		must(f, x.MergeCell("事项", "D2", "E3"))
		must(f, x.SetCellFormula("事项", "F2", "1+1"))
	}, titleRow, goodRow)
	var sheet, shared []byte
	rebuild(f, good, func(name string, content []byte) []byte {
		switch name {
		case "xl/worksheets/sheet1.xml":
			sheet = bytes.Clone(content)
		case "xl/sharedStrings.xml":
			shared = bytes.Clone(content)
		}
		return content
	})
	f.Add(sheet, shared)
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>99</v></c><c t="inlineStr"><is><t>编码</t></is></c></row></sheetData></worksheet>`), shared)
	f.Add([]byte(`<worksheet><sheetData><row r="9"><c r="B2" t="e"><f si="1" t="shared"/><v>#N/A</v></c></row></sheetData><mergeCells><mergeCell ref="C3:A1"/></mergeCells></worksheet>`), []byte("<sst><si/></sst>"))
	f.Fuzz(func(t *testing.T, sheet, shared []byte) {
		data := rebuild(t, good, func(name string, content []byte) []byte {
			switch name {
			case "xl/worksheets/sheet1.xml":
				return sheet
			case "xl/sharedStrings.xml":
				return shared
			}
			return content
		})
		c, problems, counts, err := Parse("a.xlsx", data, Options{})
		if err == nil {
			adds(t, c, problems, counts)
		}
	})
}
