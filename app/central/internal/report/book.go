package report

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// book writes a workbook sheet by sheet.
type book struct {
	file                              *excelize.File
	head, moment, day, percent, tenth int // styles
	sheets                            int
	err                               error
}

// Cells of a workbook beside strings, ints and nil (an empty cell).
type (
	moment  time.Time // date and time of day; zero = an empty cell
	dayCell string    // 2026-11-21
	share   float64   // 0 to 1, shown as a percentage
	minutes time.Duration
)

func newBook() *book {
	b := &book{file: excelize.NewFile()}
	style := func(s excelize.Style) (id int) {
		if b.err == nil {
			id, b.err = b.file.NewStyle(&s)
		}
		return id
	}
	format := func(f string) excelize.Style { return excelize.Style{CustomNumFmt: &f} }
	b.head = style(excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6EFFA"}},
		Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}})
	b.moment, b.day, b.percent, b.tenth = style(format("yyyy-mm-dd hh:mm:ss")), style(format("yyyy-mm-dd")), style(format("0.0%")), style(format("0.0"))
	return b
}

// sheet adds a sheet: a row of headings, which stays when the rest is scrolled, and the
// rows that each produces.
func (b *book) sheet(name string, heads []string, each func(add func(cells ...any))) {
	if b.err != nil {
		return
	}
	if b.sheets == 0 {
		b.err = b.file.SetSheetName(b.file.GetSheetName(0), name)
	} else {
		_, b.err = b.file.NewSheet(name)
	}
	b.sheets++
	if b.err != nil {
		return
	}
	w, err := b.file.NewStreamWriter(name)
	if err != nil {
		b.err = err
		return
	}
	for i, h := range heads {
		width := max(float64(utf8.RuneCountInString(h))*2.2+2, 11)
		if strings.HasSuffix(h, "时间") || strings.HasSuffix(h, "时刻") {
			width = 20
		}
		if b.err = w.SetColWidth(i+1, i+1, width); b.err != nil {
			return
		}
	}
	if b.err = w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); b.err != nil {
		return
	}
	row := 0
	set := func(cells []any) {
		if b.err != nil {
			return
		}
		row++
		at, err := excelize.CoordinatesToCellName(1, row)
		if err == nil {
			err = w.SetRow(at, cells)
		}
		b.err = err
	}
	titles := make([]any, len(heads))
	for i, h := range heads {
		titles[i] = excelize.Cell{StyleID: b.head, Value: h}
	}
	set(titles)
	each(func(cells ...any) {
		for i, c := range cells {
			cells[i] = b.cell(c)
		}
		set(cells)
	})
	if b.err == nil {
		b.err = w.Flush()
	}
}

// cell makes of a value what the stream writer takes. Text stays text whatever it looks
// like; it is written as an inline string, never as a formula.
func (b *book) cell(v any) any {
	switch v := v.(type) {
	case moment:
		if time.Time(v).IsZero() {
			return nil
		}
		return excelize.Cell{StyleID: b.moment, Value: onPaper(time.Time(v))}
	case dayCell:
		day, err := time.Parse(hall.DateLayout, string(v))
		if err != nil {
			return string(v)
		}
		return excelize.Cell{StyleID: b.day, Value: day}
	case share:
		return excelize.Cell{StyleID: b.percent, Value: float64(v)}
	case minutes:
		return excelize.Cell{StyleID: b.tenth, Value: time.Duration(v).Minutes()}
	case float64:
		return excelize.Cell{StyleID: b.tenth, Value: v}
	}
	return v
}

// onPaper is the time as a clock on the wall shows it, to the second: a workbook knows no
// zones.
func onPaper(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

func (b *book) writeTo(w io.Writer) error {
	err := b.err
	if err == nil {
		err = b.file.Write(w)
	}
	if closed := b.file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("report: workbook: %w", err)
	}
	return nil
}

// optional is v, or an empty cell.
func optional[T any](v T, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

func meanMinutes(d time.Duration, ok bool) any { return optional(minutes(d), ok) }

// sumHeads are the headings of the cells of a Sums.
var sumHeads = []string{"取号", "办结", "过号", "取消", "作废", "等候中", "窗口办理中", "平均等候（分钟）", "最长等候（分钟）", "平均办理（分钟）"}

func sumCells(s Sums) []any {
	return []any{s.Issued, s.Served, s.NoShow, s.Cancelled, s.Void, s.Waiting, s.AtWindow,
		meanMinutes(s.MeanWait()), optional(minutes(s.LongestWait), s.waits > 0), meanMinutes(s.MeanService())}
}

// WriteDay writes the sheet of a day as a workbook (.xlsx).
func WriteDay(w io.Writer, h *hall.Hall, d Day) error {
	names := NamesOf(h)
	b := newBook()
	b.sheet("汇总", []string{"系列", "首号", "末号", "应有", "实有", "办结", "过号", "取消", "作废", "等候中", "窗口办理中", "缺号"}, func(add func(...any)) {
		counted, missing := 0, 0
		for _, s := range d.Series {
			gone := len(s.Missing) + s.More
			counted, missing = counted+s.Counted, missing+gone
			add(names.Series(s), s.First, s.Last, s.Counted, s.Issued, s.Served, s.NoShow, s.Cancelled, s.Void, s.Waiting, s.AtWindow, gone)
		}
		add("合计", "", "", counted, d.Issued, d.Served, d.NoShow, d.Cancelled, d.Void, d.Waiting, d.AtWindow, missing)
		add("日期", dayCell(d.Day))
		add("大厅", h.Name)
		add("核对", names.Check(d))
	})
	b.sheet("号码明细", []string{"号码", "业务", "事项", "取号终端", "窗口", "结果", "说明", "取号时间", "叫号时间", "开始时间", "结束时间", "叫号次数", "等候（分钟）"}, func(add func(...any)) {
		for _, n := range d.Numbers {
			wait := meanMinutes(waitOf(n.DayTicket))
			add(n.Label, names.Business(n.Business), names.Item(n.Business, n.Item), n.Kiosk, names.Window(n.Window), StateName(n.State), ReasonName(n.Reason),
				moment(n.Issued), moment(n.Called), moment(n.Started), moment(n.Ended), n.Calls, wait)
		}
	})
	b.sheet("分时", []string{"时刻", "取号", "办结", "期末等候"}, func(add func(...any)) {
		for _, k := range d.Hours {
			add(moment(k.Start), k.Issued, k.Served, k.Waiting)
		}
	})
	return b.writeTo(w)
}

// WriteNumbers writes the figures of a span as a workbook (.xlsx).
func WriteNumbers(w io.Writer, h *hall.Hall, n Numbers) error {
	names := NamesOf(h)
	b := newBook()
	table := func(sheet, key string, lines []Line, name func(string) any) {
		b.sheet(sheet, append([]string{key}, sumHeads...), func(add func(...any)) {
			for _, l := range lines {
				add(append([]any{name(l.Key)}, sumCells(l.Sums)...)...)
			}
			add(append([]any{"合计"}, sumCells(n.Sums)...)...)
		})
	}
	table("按日期", "日期", n.Days, func(k string) any { return dayCell(k) })
	table("按业务", "业务", n.Businesses, func(k string) any { return names.Business(k) })
	table("按窗口", "窗口", n.Windows, func(k string) any { return names.Window(k) })
	b.sheet("按钟点", []string{"钟点", "取号", "办结", "平均等候（分钟）"}, func(add func(...any)) {
		for hour, k := range n.Hours {
			add(hour, k.Issued, k.Served, meanMinutes(k.MeanWait()))
		}
	})
	return b.writeTo(w)
}

// WriteRatings writes the counts of ratings as a workbook (.xlsx).
func WriteRatings(w io.Writer, h *hall.Hall, s Span, f rating.Figures) error {
	names := NamesOf(h)
	b := newBook()
	heads := []string{"办结", "主动评价", "主动评价率"}
	for _, l := range rating.Levels() {
		heads = append(heads, l.Name())
	}
	heads = append(heads, "好评率", "差评", "差评跟进", "已整改", "差评整改率", "追加评价", "默认评价")
	cells := func(c rating.Counts) []any {
		active, good, followed := rate(c.ActiveRate()), rate(c.GoodRate()), rate(c.FollowedRate())
		out := []any{c.Services, c.Active(), active}
		for _, l := range rating.Levels() {
			out = append(out, c.Levels[l])
		}
		return append(out, good, c.Bad(), c.FollowUps, c.Closed, followed, c.Supplements, c.Defaults)
	}
	table := func(sheet, key string, lines []RatingLine, name func(string) string) {
		b.sheet(sheet, append([]string{key}, heads...), func(add func(...any)) {
			for _, l := range lines {
				add(append([]any{name(l.Key)}, cells(l.Counts)...)...)
			}
			add(append([]any{"合计"}, cells(f.Total)...)...)
		})
	}
	table("按窗口", "窗口", RatingLines(h, f, true), names.Window)
	table("按业务", "业务", RatingLines(h, f, false), names.Business)
	b.sheet("说明", []string{"项目", "内容"}, func(add func(...any)) {
		add("大厅", h.Name)
		add("开始日期", dayCell(s.First))
		add("结束日期", dayCell(s.Last))
		add("好评率", "主动评价中基本满意及以上的占比，系统默认评价不算")
		add("主动评价率", "有人评价的办结件占全部办结件的比例")
		add("差评整改率", "已经办完并复核的差评跟进占全部差评跟进的比例")
	})
	return b.writeTo(w)
}

func rate(v float64, ok bool) any { return optional(share(v), ok) }
