package pages

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"hallkiosk/app/central/internal/report"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// spanChoice is the form that chooses days.
type spanChoice struct {
	report.Span
	Text    string // in words
	Path    string // of the page
	Quick   []managerTab
	Book    string // address of the workbook, "" without one
	Message *message
}

// spanFor returns the days a request asks for, or else the last so many; message says
// what was wrong with them.
func (s *site) spanFor(r *http.Request, m member, path string, usual int) spanChoice {
	today, err := time.Parse(hall.DateLayout, m.hall.BusinessDay(s.now()))
	if err != nil {
		today = s.now() // the layout is the hall's own
	}
	day := func(t time.Time) string { return t.Format(hall.DateLayout) }
	of := func(first, last time.Time) report.Span { return report.Span{First: day(first), Last: day(last)} }
	c := spanChoice{Span: of(today.AddDate(0, 0, 1-usual), today), Path: managerPath + path}
	q := r.URL.Query()
	if q.Has("from") || q.Has("to") {
		asked := report.Span{First: q.Get("from"), Last: q.Get("to")}
		switch n := asked.Days(); {
		case n == 0:
			c.Message = &message{"起止日期不对：开始的日期不能晚于结束的日期。下面是平常看的几天。", true}
		case n > report.MaxDays:
			c.Message = &message{fmt.Sprintf("时间太长了，一次最多看 %d 天。下面是平常看的几天。", report.MaxDays), true}
		default:
			c.Span = asked
		}
	}
	month := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	for _, k := range []struct {
		name string
		span report.Span
	}{
		{"今天", of(today, today)}, {"昨天", of(today.AddDate(0, 0, -1), today.AddDate(0, 0, -1))}, {"近 7 天", of(today.AddDate(0, 0, -6), today)},
		{"近 30 天", of(today.AddDate(0, 0, -29), today)}, {"本月", of(month, today)}, {"上月", of(month.AddDate(0, -1, 0), month.AddDate(0, 0, -1))},
		{"今年", of(time.Date(today.Year(), 1, 1, 0, 0, 0, 0, time.UTC), today)},
	} {
		c.Quick = append(c.Quick, managerTab{k.name, s.managerAddress(m, path, spanQuery(k.span)), k.span == c.Span})
	}
	if c.Text = c.First; c.First != c.Last {
		c.Text = fmt.Sprintf("%s 至 %s，共 %d 天", c.First, c.Last, c.Days())
	}
	return c
}

func spanQuery(s report.Span) string { return "from=" + s.First + "&to=" + s.Last }

// status is that of the page: what was asked for wrongly is told.
func (c spanChoice) status() int {
	if c.Message != nil {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

type managerNumbersPage struct {
	managerFrame
	Choice                    spanChoice
	Facts                     []fact
	Days, Businesses, Windows sumTable
	Hours                     []hourOfDay
	ByDay, ByHour             chart
	Any                       bool
}

// sumTable is a table of sums; Name is what its rows are.
type sumTable struct {
	Name string
	Rows []sumRow
}

type sumRow struct {
	Name, Link string
	report.Sums
	Open                   int // without a result
	Waits, Longest, Serves string
}

type hourOfDay struct {
	Name           string
	Issued, Served int
	Waits          string
}

func sumRowOf(name string, s report.Sums) sumRow {
	return sumRow{Name: name, Sums: s, Open: s.Waiting + s.AtWindow, Waits: meanText(s.MeanWait()), Longest: meanText(s.LongestWait, s.LongestWait > 0), Serves: meanText(s.MeanService())}
}

func (s *site) managerNumbers(w http.ResponseWriter, r *http.Request, m member) {
	p := managerNumbersPage{managerFrame: s.managerFrameFor(m, "号码统计", "/numbers"), Choice: s.spanFor(r, m, "/numbers", 7)}
	ctx, cancel := patient(r)
	defer cancel()
	n, err := s.reports.Numbers(ctx, m.hall.ID, p.Choice.Span)
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	names := report.NamesOf(m.hall)
	p.Choice.Book = s.managerAddress(m, "/numbers.xlsx", spanQuery(p.Choice.Span))
	p.Any = n.Issued > 0
	p.Days.Name, p.Businesses.Name, p.Windows.Name = "日期", "业务", "窗口"
	p.Facts = []fact{
		{Name: "取号", Value: fmt.Sprintf("%d 个", n.Issued), Note: fmt.Sprintf("有号的日子 %d 天", len(n.Days))},
		{Name: "办结", Value: fmt.Sprintf("%d 个", n.Served), Note: "占 " + percent(ratio(n.Served, n.Issued))},
		{Name: "过号", Value: fmt.Sprintf("%d 个", n.NoShow), Note: "占 " + percent(ratio(n.NoShow, n.Issued))},
		{Name: "取消和作废", Value: fmt.Sprintf("%d 个", n.Cancelled+n.Void), Note: fmt.Sprintf("取消 %d，作废 %d", n.Cancelled, n.Void)},
		{Name: "平均等候", Value: meanText(n.MeanWait()), Note: "最长 " + meanText(n.LongestWait, n.LongestWait > 0)},
		{Name: "平均办理", Value: meanText(n.MeanService()), Note: fmt.Sprintf("还没有结果的 %d 个", n.Waiting+n.AtWindow)},
	}
	var places []string
	var issued, served []int
	for _, l := range n.Days {
		row := sumRowOf(l.Key, l.Sums)
		row.Link = s.managerAddress(m, "/day", "day="+l.Key)
		p.Days.Rows = append(p.Days.Rows, row)
		places, issued, served = append(places, shortDay(l.Key)), append(issued, l.Issued), append(served, l.Served)
	}
	if len(n.Days) > 1 {
		p.ByDay = barChart("days", "每天取号和办结", "个", places, chartSeries{"取号", "c1", issued}, chartSeries{"办结", "c2", served})
	}
	for _, l := range n.Businesses {
		p.Businesses.Rows = append(p.Businesses.Rows, sumRowOf(names.Business(l.Key), l.Sums))
	}
	for _, l := range n.Windows {
		p.Windows.Rows = append(p.Windows.Rows, sumRowOf(names.Window(l.Key), l.Sums))
	}
	places, issued, served = nil, nil, nil
	first, last := busyHours(n)
	for hour := first; hour <= last; hour++ {
		k := n.Hours[hour]
		p.Hours = append(p.Hours, hourOfDay{fmt.Sprintf("%d 时", hour), k.Issued, k.Served, meanText(k.MeanWait())})
		places, issued, served = append(places, fmt.Sprintf("%d 时", hour)), append(issued, k.Issued), append(served, k.Served)
	}
	if p.Any {
		p.ByHour = barChart("hours", "一天里各个钟点取号和办结", "个", places, chartSeries{"取号", "c1", issued}, chartSeries{"办结", "c2", served})
	}
	s.render(w, p.Choice.status(), "manager-numbers.html", p)
}

// spanPatience is how long a year of a busy hall may be added up; the server gives an
// answer half a minute.
const spanPatience = 25 * time.Second

// patient returns the context of a request that may take longer than others.
func patient(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), spanPatience)
}

// busyHours returns the first and the last hour in which something happened.
func busyHours(n report.Numbers) (first, last int) {
	first, last = 24, -1
	for hour, k := range n.Hours {
		if k.Issued+k.Served > 0 {
			first, last = min(first, hour), hour
		}
	}
	return first, last
}

func ratio(part, whole int) (float64, bool) {
	if whole == 0 {
		return 0, false
	}
	return float64(part) / float64(whole), true
}

// shortDay is 11-23 of 2026-11-23.
func shortDay(day string) string {
	if len(day) == len(hall.DateLayout) {
		return day[len("2026-"):]
	}
	return day
}

func (s *site) managerNumbersBook(w http.ResponseWriter, r *http.Request, m member) {
	span := report.Span{First: r.URL.Query().Get("from"), Last: r.URL.Query().Get("to")}
	ctx, cancel := patient(r)
	defer cancel()
	n, err := s.reports.Numbers(ctx, m.hall.ID, span)
	var b bytes.Buffer
	if err == nil {
		err = report.WriteNumbers(&b, m.hall, n)
	}
	s.sendBook(w, m.hall, "号码统计 "+span.First+" 至 "+span.Last, b.Bytes(), err)
}

type managerRatingsPage struct {
	managerFrame
	Choice              spanChoice
	Facts               []fact
	Legend              []chartKey
	Windows, Businesses rateTable
	Levels              []string
	Tasks               string // address of the follow-up of bad ratings; empty without it
	WindowBars          []stack
	BusinessBars        []stack
}

// rateTable is a table of counts of ratings; Name is what its rows are.
type rateTable struct {
	Name   string
	Levels []string
	Rows   []ratingRow
	Total  ratingRow
}

type ratingRow struct {
	Name                   string
	Services, Active       int
	Levels                 []int // the best first
	Good, Rate, Followed   string
	Bad, FollowUps, Closed int
	Supplements, Defaults  int
}

// levelClass is the class of a level's colour, l5 for the best.
func levelClass(l rating.Level) string { return fmt.Sprintf("l%d", l.Stars()) }

func ratingRowOf(name string, c rating.Counts) ratingRow {
	row := ratingRow{Name: name, Services: c.Services, Active: c.Active(), Good: percent(c.GoodRate()), Rate: percent(c.ActiveRate()), Followed: percent(c.FollowedRate()),
		Bad: c.Bad(), FollowUps: c.FollowUps, Closed: c.Closed, Supplements: c.Supplements, Defaults: c.Defaults}
	for _, l := range rating.Levels() {
		row.Levels = append(row.Levels, c.Levels[l])
	}
	return row
}

func (s *site) managerRatings(w http.ResponseWriter, r *http.Request, m member) {
	p := managerRatingsPage{managerFrame: s.managerFrameFor(m, "好差评", "/ratings"), Choice: s.spanFor(r, m, "/ratings", 30)}
	f, err := s.reports.Ratings(r.Context(), m.hall.ID, p.Choice.Span)
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	if s.ratings != nil {
		p.Tasks = "/ratings" + s.query(m.hall)
	}
	names := report.NamesOf(m.hall)
	p.Choice.Book = s.managerAddress(m, "/ratings.xlsx", spanQuery(p.Choice.Span))
	var classes []string
	for _, l := range rating.Levels() {
		p.Levels, classes = append(p.Levels, l.Name()), append(classes, levelClass(l))
		p.Legend = append(p.Legend, chartKey{levelClass(l), l.Name()})
	}
	t := f.Total
	p.Facts = []fact{
		{Name: "好评率", Value: percent(t.GoodRate()), Note: "基本满意及以上，占主动评价"},
		{Name: "差评整改率", Value: percent(t.FollowedRate()), Note: fmt.Sprintf("差评跟进 %d 件，已整改 %d 件", t.FollowUps, t.Closed), Bad: t.Closed < t.FollowUps},
		{Name: "主动评价率", Value: percent(t.ActiveRate()), Note: fmt.Sprintf("办结 %d 件，有人评价 %d 件", t.Services, t.Active())},
		{Name: "差评", Value: fmt.Sprintf("%d 件", t.Bad()), Note: fmt.Sprintf("不满意 %d，非常不满意 %d", t.Levels[rating.Dissatisfied], t.Levels[rating.VeryDissatisfied]), Bad: t.Bad() > 0},
		{Name: "追加评价", Value: fmt.Sprintf("%d 件", t.Supplements), Note: "不改变原来的评价"},
		{Name: "默认评价", Value: fmt.Sprintf("%d 件", t.Defaults), Note: "没有人评价，不算好评"},
	}
	rows := func(byWindow bool, what string, name func(string) string) (table rateTable, bars []stack) {
		table = rateTable{Name: what, Levels: p.Levels, Total: ratingRowOf("合计", t)}
		for _, l := range report.RatingLines(m.hall, f, byWindow) {
			row := ratingRowOf(name(l.Key), l.Counts)
			table.Rows = append(table.Rows, row)
			if row.Active > 0 {
				bars = append(bars, stackOf(row.Name, fmt.Sprintf("%d 件，好评 %s", row.Active, row.Good), p.Levels, classes, row.Levels))
			}
		}
		return table, bars
	}
	p.Windows, p.WindowBars = rows(true, "窗口", names.Window)
	p.Businesses, p.BusinessBars = rows(false, "业务", names.Business)
	s.render(w, p.Choice.status(), "manager-ratings.html", p)
}

func (s *site) managerRatingsBook(w http.ResponseWriter, r *http.Request, m member) {
	span := report.Span{First: r.URL.Query().Get("from"), Last: r.URL.Query().Get("to")}
	f, err := s.reports.Ratings(r.Context(), m.hall.ID, span)
	var b bytes.Buffer
	if err == nil {
		err = report.WriteRatings(&b, m.hall, span, f)
	}
	s.sendBook(w, m.hall, "好差评 "+span.First+" 至 "+span.Last, b.Bytes(), err)
}

type managerComplaintsPage struct {
	managerFrame
	Choice    spanChoice
	Facts     []fact
	Kinds     []caseCountRow
	States    chart
	Counts    []report.ComplaintCount
	Channels  []report.ComplaintCount
	Any       bool
	Truncated bool
}

type caseCountRow struct {
	Name, About                 string
	Filed, Open, Answered, Late int
	Days                        string
}

func (s *site) managerComplaints(w http.ResponseWriter, r *http.Request, m member) {
	p := managerComplaintsPage{managerFrame: s.managerFrameFor(m, "投诉和建议", "/complaints"), Choice: s.spanFor(r, m, "/complaints", 30)}
	c, err := s.reports.Complaints(r.Context(), m.hall.ID, p.Choice.Span)
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	p.Any, p.Truncated = c.Filed > 0, c.Truncated
	p.Facts = []fact{
		{Name: "收到", Value: fmt.Sprintf("%d 件", c.Filed), Note: fmt.Sprintf("其中意见建议 %d 件", c.Suggestion)},
		{Name: "已答复", Value: fmt.Sprintf("%d 件", c.Answered), Note: "占 " + percent(ratio(c.Answered, c.Filed))},
		{Name: "平均答复", Value: daysText(c.MeanDays()), Note: "从收到到答复，按工作日算"},
		{Name: "这些天收到的超期", Value: fmt.Sprintf("%d 件", c.Late), Note: "到期还没有答复", Bad: c.Late > 0},
		{Name: "现在没有办完", Value: fmt.Sprintf("%d 件", c.Open), Note: "不论哪天收到"},
		{Name: "现在已经超期", Value: fmt.Sprintf("%d 件", c.Overdue), Note: "不论哪天收到", Bad: c.Overdue > 0},
	}
	for _, k := range c.Kinds {
		p.Kinds = append(p.Kinds, caseCountRow{k.Kind.Name(), k.Kind.About(), k.Filed, k.Open, k.Answered, k.Late, daysText(k.MeanDays())})
	}
	var places []string
	var counts []int
	for _, k := range c.States {
		places, counts = append(places, k.Name), append(counts, k.Count)
	}
	if p.Any {
		p.States = barChart("states", "各个阶段有多少件", "件", places, chartSeries{"件数", "c1", counts})
	}
	p.Counts, p.Channels = c.States, c.Channels
	s.render(w, p.Choice.status(), "manager-complaints.html", p)
}

// daysText is a mean of working days.
func daysText(v float64, ok bool) string {
	if !ok {
		return "暂无"
	}
	if v == 0 {
		return "当天"
	}
	return fmt.Sprintf("%.1f 个工作日", v)
}
