package importer

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"hallkiosk/app/guide"
)

// Template returns a workbook to fill in: the sheets that [Write] writes, with
// instructions, drop-downs and one made-up matter.
func Template() ([]byte, error) {
	data, err := workbook(&guide.Catalogue{Guides: []guide.Guide{example()}}, 2000, true)
	if err != nil {
		return nil, fmt.Errorf("importer: template: %w", err)
	}
	return data, nil
}

func formatExcel(c *guide.Catalogue) ([]byte, error) { return workbook(c, len(c.Guides)+500, false) }

// mainSheet is the sheet with a row for each guide.
const mainSheet = "事项"

// workbook writes a catalogue; drop-downs reach down to row last.
func workbook(c *guide.Catalogue, last int, instructions bool) ([]byte, error) {
	b := &bookWriter{file: excelize.NewFile(), last: last + 1}
	defer b.file.Close()
	b.styles()
	first := mainSheet
	if instructions {
		first = "填写说明"
	}
	b.check(b.file.SetSheetName("Sheet1", first))
	if instructions {
		b.instructions(first)
		b.newSheet(mainSheet)
	}
	var rows [][]string
	matter := titled(matterColumns())
	for i := range c.Guides {
		rows = append(rows, cells(matter, &c.Guides[i], 0))
	}
	b.table(mainSheet, matter, rows)
	for _, p := range parts() {
		key := titled(matterColumns())[:1]
		columns := append(key, titled(p.columns)...)
		rows = nil
		for i := range c.Guides {
			g := &c.Guides[i]
			for row := range p.count(g) {
				rows = append(rows, append([]string{g.ID}, cells(columns[1:], g, row)...))
			}
		}
		b.newSheet(p.sheet)
		b.table(p.sheet, columns, rows)
	}
	if head := headRows(c); len(head) > 0 {
		b.newSheet("目录")
		for i, row := range head {
			b.check(b.file.SetCellStr("目录", fmt.Sprintf("A%d", i+1), row[0]))
			b.check(b.file.SetCellStr("目录", fmt.Sprintf("B%d", i+1), row[1]))
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	var out bytes.Buffer
	if err := b.file.Write(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func cells(columns []column, g *guide.Guide, row int) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.get(g, row)
	}
	return out
}

// bookWriter keeps the first error, after which nothing more is written.
type bookWriter struct {
	file         *excelize.File
	head, body   int
	remark, must int
	last         int // row that drop-downs reach
	err          error
}

func (b *bookWriter) check(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *bookWriter) styles() {
	style := func(s excelize.Style) int {
		id, err := b.file.NewStyle(&s)
		b.check(err)
		return id
	}
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true}
	grey := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7ECF3"}}
	b.head = style(excelize.Style{Font: &excelize.Font{Bold: true}, Fill: grey, Alignment: wrap})
	b.must = style(excelize.Style{Font: &excelize.Font{Bold: true, Color: "B00020"}, Fill: grey, Alignment: wrap})
	// Text format: codes and phones stay as typed.
	b.body = style(excelize.Style{NumFmt: 49, Alignment: wrap})
	b.remark = style(excelize.Style{Alignment: wrap})
}

func (b *bookWriter) newSheet(name string) {
	_, err := b.file.NewSheet(name)
	b.check(err)
}

// table writes one sheet.
func (b *bookWriter) table(name string, columns []column, rows [][]string) {
	// Before the rows: once streamed, changing the sheet would read it all again.
	for i, c := range columns {
		b.dropDown(name, i, c)
	}
	if b.err != nil {
		return
	}
	w, err := b.file.NewStreamWriter(name)
	if err != nil {
		b.check(err)
		return
	}
	for i, c := range columns {
		b.check(w.SetColStyle(i+1, i+1, b.body))
		b.check(w.SetColWidth(i+1, i+1, max(c.width, 10)))
	}
	b.check(w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, XSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}))
	titles := make([]any, len(columns))
	for i, c := range columns {
		titles[i] = excelize.Cell{StyleID: b.head, Value: c.title}
		if strings.HasPrefix(c.help, "必填") {
			titles[i] = excelize.Cell{StyleID: b.must, Value: c.title + "*"}
		}
	}
	b.check(w.SetRow("A1", titles))
	for i, row := range rows {
		line := make([]any, len(row))
		for j, s := range row {
			if s != "" { // empty cells have the style of their column
				line[j] = excelize.Cell{StyleID: b.body, Value: s}
			}
		}
		b.check(w.SetRow(fmt.Sprintf("A%d", i+2), line))
	}
	b.check(w.Flush())
}

func (b *bookWriter) dropDown(sheet string, column int, c column) {
	if len(c.choices) == 0 && c.help == "" {
		return
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s2:%s%d", columnName(column), columnName(column), b.last)
	if len(c.choices) > 0 {
		b.check(v.SetDropList(c.choices))
		v.SetError(excelize.DataValidationErrorStyleStop, "请从列表里选", strings.Join(c.choices, "、"))
	}
	if c.help != "" {
		v.SetInput(c.title, c.help)
	}
	b.check(b.file.AddDataValidation(sheet, v))
}

func (b *bookWriter) instructions(sheet string) {
	lines := []string{
		"办事指南填写说明",
		"1. 一个事项在“事项”表里占一行；材料、流程、收费、表格、常见问题各有一张表，每一行用“编码”指明属于哪个事项。",
		"2. 标题带 * 的必填。编码一经使用不要改：终端和手机靠它认事项。",
		"3. 一格里写几条的：受理条件、设定依据一行一条（Alt+回车换行）；别名、主题等用顿号隔开。",
		"4. 时限写成 5个工作日、20天、2小时、当场办结；从哪天起算、哪些时间不计入，另写在后面两栏。",
		"5. 不收费的，“收费”表里不写；收费的写明项目、标准，并在“事项”表写收费依据。",
		"6. 材料写明原件、复印件各几份；不是人人都要的，“是否必备”选“否”并写明什么情形要。不要写“其他材料”。",
		"7. 一份表格有几个填写项就写几行，编号相同。",
		"8. 不在本大厅办的事项，填“不在本厅”几栏。",
		"9. “事项”表里 SAMPLE-1 是示例，填好后删去它和各表里它的行。",
		"10. 填好后运行：hallcentral guides check 文件.xlsx，按提示改；再用 hallcentral guides import 导入。",
	}
	b.check(b.file.SetColWidth(sheet, "A", "A", 18))
	b.check(b.file.SetColWidth(sheet, "B", "B", 90))
	for i, s := range lines {
		b.check(b.file.SetCellStr(sheet, fmt.Sprintf("B%d", i+1), s))
		b.check(b.file.SetCellStyle(sheet, fmt.Sprintf("B%d", i+1), fmt.Sprintf("B%d", i+1), b.remark))
	}
	row := len(lines) + 2
	list := func(sheetName string, columns []column) {
		for _, c := range columns {
			what := c.help
			if len(c.choices) > 0 {
				what = strings.TrimSpace(what + " 从列表里选：" + strings.Join(c.choices, "、"))
			}
			b.check(b.file.SetCellStr(sheet, fmt.Sprintf("A%d", row), sheetName+"·"+c.title))
			b.check(b.file.SetCellStr(sheet, fmt.Sprintf("B%d", row), what))
			row++
		}
	}
	list(mainSheet, titled(matterColumns()))
	for _, p := range parts() {
		list(p.sheet, titled(p.columns))
	}
}

// example is the matter in the template.
func example() guide.Guide {
	return guide.Guide{
		ID: "SAMPLE-1", Name: "示例：居住证办理", Aliases: []string{"办居住证"}, Summary: "外地人在本地住满半年，可以办居住证。",
		Nature: guide.Service, Kind: guide.Promise, Level: guide.County, Department: "示例区公安局",
		Themes: []string{"户籍"}, For: []guide.Person{guide.Individual}, LifeEvents: []string{"迁居"},
		Basis:      []string{"《居住证暂行条例》第九条"},
		Conditions: []string{"在本地住满半年。", "有居民身份证。"},
		Materials: []guide.Material{
			{Name: "居民身份证", Originals: 1, From: "本人"},
			{Name: "居住登记申报表", Originals: 1, From: "本大厅领取", Form: "F1"},
			{Name: "近期照片", Originals: 1, Optional: true, When: "系统里没有照片的", From: "照相馆", Issued: "六个月内"},
		},
		Steps: []guide.Step{{Name: "受理", Days: 1}, {Name: "审核", Days: 3}, {Name: "办结", Days: 1}, {Name: "送达"}},
		Legal: guide.Limit{Number: 15, Unit: guide.Days}, Promised: guide.Limit{Number: 5, Unit: guide.WorkingDays, Start: "自受理之日起"},
		Result: "居住证", Channels: []guide.Channel{guide.AtWindow},
		Forms: []guide.Form{{ID: "F1", Name: "居住登记申报表", Fields: []guide.FormField{
			{Name: "姓名", Sample: "李示例", Help: "和身份证一致"}, {Name: "现住址", Sample: "示例路1号", Help: "写到门牌号"},
		}}},
		FAQ:   []guide.QA{{Question: "可以代办吗？", Answer: "不可以，须本人来。"}},
		Phone: "0826-5550100", Complaint: "0826-5550123", Updated: "2026-11-22",
	}
}
