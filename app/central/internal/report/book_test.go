package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hallkiosk/app/rating"
)

// opened is a workbook read again.
type opened struct {
	*excelize.File
	t *testing.T
}

func reopen(t *testing.T, data []byte) opened {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return opened{f, t}
}

// is compares a cell as it is shown, and its type.
func (o opened) is(sheet, cell, want string, kind excelize.CellType) {
	o.t.Helper()
	got, err := o.GetCellValue(sheet, cell)
	if err != nil || got != want {
		o.t.Errorf("%s!%s shows %q, want %q; %v", sheet, cell, got, want, err)
	}
	if k, err := o.GetCellType(sheet, cell); err != nil || k != kind {
		o.t.Errorf("%s!%s has type %v, want %v; %v", sheet, cell, k, kind, err)
	}
	if formula, err := o.GetCellFormula(sheet, cell); err != nil || formula != "" {
		o.t.Errorf("%s!%s is a formula: %s, %v", sheet, cell, formula, err)
	}
}

func (o opened) frozen() {
	o.t.Helper()
	for _, sheet := range o.GetSheetList() {
		p, err := o.GetPanes(sheet)
		if err != nil || !p.Freeze || p.YSplit != 1 {
			o.t.Errorf("%s: the headings are not frozen: %+v, %v", sheet, p, err)
		}
	}
}

const (
	number = excelize.CellTypeUnset // what a number has that is stored without a type
	words  = excelize.CellTypeInlineString
)

func TestDayBook(t *testing.T) {
	f := newFixture(t, "")
	scene(f)
	d := must[Day](t)(f.Day(t.Context(), hallID, monday))
	for _, bad := range []string{"=1+1", "+1", "-1", "@SUM(1)", "\t=1", "=HYPERLINK(\"http://evil.test\")", "<b>&"} {
		n := d.Numbers[0]
		n.Reason = bad
		d.Numbers = append(d.Numbers, n)
	}
	var b bytes.Buffer
	if err := WriteDay(&b, testHall(), d); err != nil {
		t.Fatal(err)
	}
	o := reopen(t, b.Bytes())
	if got := fmt.Sprint(o.GetSheetList()); got != "[汇总 号码明细 分时]" {
		t.Errorf("sheets %s", got)
	}
	o.frozen()
	o.is("汇总", "A1", "系列", words)
	o.is("汇总", "A2", "A", words)
	o.is("汇总", "D2", "4", number)
	o.is("汇总", "L4", "2", number) // missing of the terminal's series
	o.is("汇总", "A5", "合计", words)
	o.is("汇总", "E5", "8", number)
	o.is("汇总", "B6", "2026-11-23", number)
	o.is("汇总", "B8", NamesOf(testHall()).Check(d), words)
	o.is("号码明细", "A2", "A001", words)
	o.is("号码明细", "B6", "=社保", words)
	o.is("号码明细", "F2", "办结", words)
	o.is("号码明细", "G6", "纸票上是终端脱网号，这个号没有用", words)
	o.is("号码明细", "H2", "2026-11-23 08:30:00", number)
	o.is("号码明细", "I5", "", number) // never called: an empty cell, not 1900
	o.is("号码明细", "M2", "10.0", number)
	for i, want := range []string{"=1+1", "+1", "-1", "@SUM(1)", "\t=1", "=HYPERLINK(\"http://evil.test\")", "<b>&"} {
		o.is("号码明细", fmt.Sprint("G", 10+i), want, words)
	}
	rows, err := o.GetRows("号码明细")
	if err != nil || len(rows) != 1+8+7 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	for _, sheet := range o.GetSheetList() {
		rows, err := o.GetRows(sheet)
		if text := fmt.Sprint(rows); err != nil || strings.Contains(text, "测*员") || strings.Contains(text, "002X") || strings.Contains(text, "key of") {
			t.Errorf("%s knows who took a number, %v", sheet, err)
		}
	}
	o.is("分时", "A2", "2026-11-23 08:30:00", number)
	o.is("分时", "D2", "3", number)
}

func TestNumbersBook(t *testing.T) {
	f := newFixture(t, "")
	scene(f)
	n := must[Numbers](t)(f.Numbers(t.Context(), hallID, Span{monday, monday}))
	var b bytes.Buffer
	if err := WriteNumbers(&b, testHall(), n); err != nil {
		t.Fatal(err)
	}
	o := reopen(t, b.Bytes())
	if got := fmt.Sprint(o.GetSheetList()); got != "[按日期 按业务 按窗口 按钟点]" {
		t.Errorf("sheets %s", got)
	}
	o.frozen()
	o.is("按日期", "A2", "2026-11-23", number)
	o.is("按日期", "B2", "8", number)
	o.is("按日期", "I2", "20.0", number)
	o.is("按日期", "A3", "合计", words)
	o.is("按业务", "A3", "=社保", words)
	o.is("按业务", "I3", "", number) // nobody was called: no mean
	o.is("按窗口", "A2", "1 号窗口", words)
	o.is("按窗口", "A4", "没有叫到窗口", words)
	o.is("按钟点", "A10", "8", number)
	o.is("按钟点", "B10", "7", number)

	b.Reset()
	if err := WriteNumbers(&b, testHall(), Numbers{}); err != nil {
		t.Fatal(err)
	}
	reopen(t, b.Bytes()).is("按日期", "B2", "0", number)
}

func TestRatingsBook(t *testing.T) {
	var f rating.Figures
	f.AddServices("a", "w1", 8)
	for _, l := range []rating.Level{rating.VerySatisfied, rating.VerySatisfied, rating.BasicallySatisfied, rating.Dissatisfied} {
		f.AddRating(rating.Rating{Kind: rating.Active, Answer: rating.Answer{Level: l}, Business: "a", Window: "w1"})
	}
	f.AddFollowUp("a", "w1", false)
	f.AddServices("b", "gone", 1)
	var b bytes.Buffer
	if err := WriteRatings(&b, testHall(), Span{monday, monday}, f); err != nil {
		t.Fatal(err)
	}
	o := reopen(t, b.Bytes())
	o.frozen()
	o.is("按窗口", "A2", "1 号窗口", words)
	o.is("按窗口", "B2", "8", number)
	o.is("按窗口", "D2", "50.0%", number)
	o.is("按窗口", "E2", "2", number)
	o.is("按窗口", "J2", "75.0%", number)
	o.is("按窗口", "N2", "0.0%", number)
	o.is("按窗口", "A3", "gone", words) // has left the hall file
	o.is("按窗口", "J3", "", number)    // nobody has rated: no rate
	o.is("按业务", "A3", "=社保", words)
	o.is("按业务", "B4", "9", number)
	o.is("说明", "B3", "2026-11-23", number)
}

// A day of 2,000 numbers takes a moment, not a coffee.
func TestLargeDay(t *testing.T) {
	d := Day{Day: monday}
	for n := range 2000 {
		k := Number{Kiosk: "一号机"}
		k.Label, k.State, k.Issued = fmt.Sprintf("A%03d", n+1), "finished", minute(n/4)
		d.Numbers = append(d.Numbers, k)
	}
	var b bytes.Buffer
	begun := time.Now()
	if err := WriteDay(&b, testHall(), d); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes in %v", b.Len(), time.Since(begun))
	rows, err := reopen(t, b.Bytes()).GetRows("号码明细")
	if err != nil || len(rows) != 2001 || rows[2000][0] != "A2000" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
