package pages

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/central/internal/report"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

type managerDayPage struct {
	managerFrame
	Day, DayText           string
	Before, After          string // addresses of the days beside it; After is "" for today
	Book                   string
	Message                *message
	Total                  report.Sums
	Series                 []seriesRow
	Counted, Missing       int // over all series
	Check                  string
	Right                  bool
	Waits, Serves, Longest string
	Odd                    []oddRow // what did not end with a service
	More                   int      // of them, besides these
	Numbers                []numberRow
	Pages                  []managerTab // of Numbers
	Waiting, Flow          chart
	Hours                  []hourRow
	Printed                string
}

type seriesRow struct {
	Name, First, Last string
	report.Sums
	Counted, Missing int
}

type oddRow struct{ Label, Business, State, Why, Window, At string }

type numberRow struct {
	Label, Business, Item, Kiosk, Window, State, Issued, Called, Ended string
}

const (
	// oddRows bounds the list of numbers without a service, numbersPage one page of all
	// numbers. The workbook has them all.
	oddRows     = 500
	numbersPage = 200
)

// dayOf returns the day a request asks for; today's without one.
func (s *site) dayOf(r *http.Request, h *hall.Hall) string {
	if day := r.URL.Query().Get("day"); day != "" {
		return day
	}
	return h.BusinessDay(s.now())
}

func (s *site) managerDay(w http.ResponseWriter, r *http.Request, m member) {
	today := m.hall.BusinessDay(s.now())
	day, status := s.dayOf(r, m.hall), http.StatusOK
	p := managerDayPage{managerFrame: s.managerFrameFor(m, "日报", "/day")}
	d, err := s.reports.Day(r.Context(), m.hall.ID, day)
	if invalid(err) {
		var text string
		status, text = s.explain(err, "")
		p.Message = &message{text, true}
		day = today
		d, err = s.reports.Day(r.Context(), m.hall.ID, day)
	}
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	date, err := time.Parse(hall.DateLayout, day)
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	names := report.NamesOf(m.hall)
	address := func(path string, t time.Time, more string) string {
		return s.managerAddress(m, path, "day="+t.Format(hall.DateLayout)+more)
	}
	p.Day, p.DayText = day, date.Format("2006年")+dateText(date)
	p.Before, p.Book = address("/day", date.AddDate(0, 0, -1), ""), address("/day.xlsx", date, "")
	if day < today {
		p.After = address("/day", date.AddDate(0, 0, 1), "")
	}
	p.Total, p.Check, p.Right = d.Sums, names.Check(d), d.Complete()
	p.Waits, p.Serves, p.Longest = meanText(d.MeanWait()), meanText(d.MeanService()), meanText(d.LongestWait, d.LongestWait > 0)
	p.Printed = s.now().In(m.hall.Location()).Format("2006-01-02 15:04")
	for _, k := range d.Series {
		gone := len(k.Missing) + k.More
		p.Counted, p.Missing = p.Counted+k.Counted, p.Missing+gone
		p.Series = append(p.Series, seriesRow{names.Series(k), k.First, k.Last, k.Sums, k.Counted, gone})
	}
	for _, n := range d.Numbers {
		if n.State == string(centralapi.Finished) || n.State == string(centralapi.Issued) && !d.Over {
			continue
		}
		if len(p.Odd) == oddRows {
			p.More++
			continue
		}
		row := oddRow{Label: n.Label, Business: names.Business(n.Business), State: report.StateName(n.State), Why: report.ReasonName(n.Reason), At: hourText(n.Ended)}
		if n.Window != "" {
			row.Window = names.Window(n.Window)
		}
		if d.Over && n.Ended.IsZero() {
			row.Why = strings.TrimSuffix("到下班没有办 "+row.Why, " ")
		}
		p.Odd = append(p.Odd, row)
	}
	at, err := strconv.Atoi(r.URL.Query().Get("page"))
	pages := (len(d.Numbers) + numbersPage - 1) / numbersPage
	if at = max(min(at, pages), 1); err != nil {
		at = 1
	}
	for n := 1; n <= pages && pages > 1; n++ {
		p.Pages = append(p.Pages, managerTab{fmt.Sprintf("%d–%d", (n-1)*numbersPage+1, min(n*numbersPage, len(d.Numbers))), address("/day", date, fmt.Sprintf("&page=%d#numbers", n)), n == at})
	}
	for _, n := range d.Numbers[min((at-1)*numbersPage, len(d.Numbers)):min(at*numbersPage, len(d.Numbers))] {
		row := numberRow{n.Label, names.Business(n.Business), names.Item(n.Business, n.Item), n.Kiosk, "", report.StateName(n.State), hourText(n.Issued), hourText(n.Called), hourText(n.Ended)}
		if n.Window != "" {
			row.Window = names.Window(n.Window)
		}
		p.Numbers = append(p.Numbers, row)
	}
	p.Waiting, p.Flow, p.Hours = hourCharts(d.Hours)
	s.render(w, status, "manager-day.html", p)
}

// hourText is 10:31, "" for never.
func hourText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("15:04")
}

// managerAddress is the address of a page of a member's hall.
func (s *site) managerAddress(m member, path, query string) string {
	out := managerPath + path + s.query(m.hall)
	switch {
	case query == "":
		return out
	case s.query(m.hall) == "":
		return out + "?" + query
	}
	return out + "&" + query
}

func (s *site) managerDayBook(w http.ResponseWriter, r *http.Request, m member) {
	day := s.dayOf(r, m.hall)
	d, err := s.reports.Day(r.Context(), m.hall.ID, day)
	var b bytes.Buffer
	if err == nil {
		err = report.WriteDay(&b, m.hall, d)
	}
	s.sendBook(w, m.hall, "日报 "+day, b.Bytes(), err)
}

// sendBook sends a workbook, under a name that has the hall in it; with an error, a page
// that says so.
func (s *site) sendBook(w http.ResponseWriter, h *hall.Hall, name string, data []byte, err error) {
	if err != nil {
		s.failWith(w, "没有导出", err)
		return
	}
	// A name of a hall may hold anything; a name of a file may not.
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`\/:*?"<>|`, r) {
			return '-'
		}
		return r
	}, h.Name+" "+name+".xlsx")
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": clean}))
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data) // the reader may have gone
}
