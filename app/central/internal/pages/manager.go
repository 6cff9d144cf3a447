package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"hallkiosk/app/central/internal/report"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// Reports is what managers read; *report.Desk satisfies it. Errors that are a
// *centralapi.Error carry a sentence for staff.
type Reports interface {
	ReportsNow
	ReportsPast
}

// ReportsNow tells how things are.
type ReportsNow interface {
	Today(ctx context.Context, hallID string) (report.Today, error)
	Kiosks(ctx context.Context, hallID string) ([]report.Kiosk, error)
}

// ReportsPast tells how things were.
type ReportsPast interface {
	Day(ctx context.Context, hallID, day string) (report.Day, error)
	Numbers(ctx context.Context, hallID string, s report.Span) (report.Numbers, error)
	// Rated reports whether there are ratings.
	Rated() bool
	Ratings(ctx context.Context, hallID string, s report.Span) (rating.Figures, error)
	Complaints(ctx context.Context, hallID string, s report.Span) (report.Complaints, error)
}

const managerPath = "/manager"

const (
	// managerStreams bounds the pages of today that are open at a time; managerCalm is the
	// least time between two pictures: adding up a day costs more than a list of ten.
	managerStreams = 64
	managerCalm    = 2 * time.Second
)

func (s *site) managerRoutes() []route {
	if s.reports == nil {
		return nil
	}
	all := []route{
		{"GET " + managerPath, s.require(s.managerToday, staff.Manager)},
		{"GET " + managerPath + "/stream", s.managerStream}, // managers only; says itself what a stream can say
		{"GET " + managerPath + "/day", s.require(s.managerDay, staff.Manager)},
		{"GET " + managerPath + "/day.xlsx", s.require(s.managerDayBook, staff.Manager)},
		{"GET " + managerPath + "/numbers", s.require(s.managerNumbers, staff.Manager)},
		{"GET " + managerPath + "/numbers.xlsx", s.require(s.managerNumbersBook, staff.Manager)},
		{"GET " + managerPath + "/devices", s.require(s.managerDevices, staff.Manager, staff.Technician)},
	}
	if s.complaints != nil {
		all = append(all, route{"GET " + managerPath + "/complaints", s.require(s.managerComplaints, staff.Manager)})
	}
	if s.reports.Rated() {
		all = append(all, route{"GET " + managerPath + "/ratings", s.require(s.managerRatings, staff.Manager)},
			route{"GET " + managerPath + "/ratings.xlsx", s.require(s.managerRatingsBook, staff.Manager)})
	}
	return all
}

// managerFrame is what surrounds every page of managers.
type managerFrame struct {
	page
	Hall  *hall.Hall
	Clock clock
	Me    staff.Account
	Tabs  []managerTab
	Query string // names the hall, "" for the first
}

type managerTab struct {
	Name, URL string
	Here      bool
}

// managerFrameFor returns the frame of the page at a path below managerPath.
func (s *site) managerFrameFor(m member, title, path string) managerFrame {
	f := managerFrame{page: page{title, s.web.version}, Hall: m.hall, Clock: clockOf(m.hall, s.now()), Me: m.Account, Query: s.query(m.hall)}
	add := func(name, url string) {
		f.Tabs = append(f.Tabs, managerTab{name, url + f.Query, url == managerPath+path})
	}
	if m.Account.Has(staff.Manager) {
		add("今天", managerPath)
		add("日报", managerPath+"/day")
		add("号码统计", managerPath+"/numbers")
		if s.reports.Rated() {
			add("好差评", managerPath+"/ratings")
		}
		if s.complaints != nil {
			add("投诉", managerPath+"/complaints")
		}
	}
	add("终端设备", managerPath+"/devices")
	if m.Account.Has(staff.Manager) {
		add("在岗与账号", "/staff")
	}
	if m.Account.Has(staff.Clerk) {
		add("窗口操作台", "/console")
	}
	return f
}

type managerTodayPage struct {
	managerFrame
	Today todayPart
}

// todayPart is the part of the page of today that changes.
type todayPart struct {
	Facts    []fact
	Alerts   []alertRow
	Areas    []queueArea
	Windows  []windowRow
	Open     int
	Kiosks   []kioskRow
	Troubled int
	Waiting  chart
	Flow     chart
	Hours    []hourRow
	Devices  string // address of the page of devices
}

// fact is one of the large figures.
type fact struct {
	Name, Value, Note string
	Bad               bool
}

type alertRow struct{ Text string }

type queueArea struct {
	Name, Place string
	Rows        []queueRow
}

type queueRow struct {
	Business, Longest, Estimate, Note string
	Waiting, Windows, Served          int
	Long, Bad                         bool
}

type windowRow struct {
	Window, Who, Since  string
	Open, Waits, Busy   bool
	Closed              bool
	Served, NoShow      int
	MeanWait, MeanServe string
}

type kioskRow struct {
	Name, Contact string
	Silent        bool
	Frozen        bool
	Issued        int
	Devices       []deviceRow
	Trouble       bool
}

type deviceRow struct {
	Name, State, Cure, Since string
	Bad                      bool
}

type hourRow struct {
	Time                    string
	Issued, Served, Waiting int
}

// longWait is from when on a wait is marked: twice the mean that halls aim at.
const longWait = 30 * time.Minute

func (s *site) managerToday(w http.ResponseWriter, r *http.Request, m member) {
	t, err := s.reports.Today(r.Context(), m.hall.ID)
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	p := managerTodayPage{s.managerFrameFor(m, "大厅今天", ""), todayOf(m.hall, t)}
	p.Today.Devices = managerPath + "/devices" + p.Query
	s.render(w, http.StatusOK, "manager.html", p)
}

// managerStream keeps the page of today up to date. As with consoles, the session is
// looked at again before every snapshot, and the stream is no use of it.
func (s *site) managerStream(w http.ResponseWriter, r *http.Request) {
	m, err := s.member(r.Context(), r, false)
	hallID := s.halls[0]
	if err == nil {
		hallID = m.hall.ID
		if !m.Account.Has(staff.Manager) {
			s.notYours(w, r)
			return
		}
	}
	s.stream(w, r, &s.managers, hallID, func(ctx context.Context) ([]byte, clock, error) {
		m, err := s.member(ctx, r, false)
		if errors.Is(err, errSignedOut) || err == nil && (m.Account.MustChange || !m.Account.Has(staff.Manager)) {
			return nil, clock{}, errEnded
		}
		if err != nil {
			return nil, clock{}, err
		}
		t, err := s.reports.Today(ctx, m.hall.ID)
		if err != nil {
			return nil, clock{}, err
		}
		today := todayOf(m.hall, t)
		today.Devices = managerPath + "/devices" + s.query(m.hall)
		part, err := s.execute("manager-today", today)
		return part, clockOf(m.hall, t.Now), err
	})
}

// todayOf makes of the figures what the page shows.
func todayOf(h *hall.Hall, t report.Today) todayPart {
	p := todayPart{Open: t.Open, Windows: windowRows(h, t), Kiosks: kioskRows(h, t.Kiosks, t.Now)}
	longest := "没有人在等"
	if t.Waiting > 0 {
		longest = "最久的等了 " + waited(t.Longest)
		if t.Longest < time.Minute {
			longest = "都是刚取的号"
		}
	}
	p.Facts = []fact{
		{Name: "正在等候", Value: fmt.Sprintf("%d 人", t.Waiting), Note: longest, Bad: t.Longest >= longWait},
		{Name: "有人的窗口", Value: fmt.Sprintf("%d 个", t.Open), Note: fmt.Sprintf("全厅 %d 个", len(h.Windows)), Bad: t.Open == 0 && t.Waiting > 0},
		{Name: "平均等候", Value: meanText(t.MeanWait()), Note: "从取号到叫号"},
		{Name: "平均办理", Value: meanText(t.MeanService()), Note: "从到窗口到办结"},
		{Name: "今天取号", Value: fmt.Sprintf("%d 个", t.Issued), Note: fmt.Sprintf("办结 %d，窗口正在办 %d", t.Served, t.AtWindow)},
		{Name: "没办成的", Value: fmt.Sprintf("%d 个", t.NoShow+t.Cancelled+t.Void), Note: fmt.Sprintf("过号 %d，取消 %d，作废 %d", t.NoShow, t.Cancelled, t.Void)},
	}
	if t.Help > 0 {
		p.Alerts = append(p.Alerts, alertRow{fmt.Sprintf("自助终端上有 %d 个求助还没有人应答。", t.Help)})
	}
	for _, k := range p.Kiosks {
		if k.Trouble {
			p.Troubled++
		}
	}
	for _, a := range h.Areas {
		area := queueArea{Name: a.Name, Place: a.Place}
		for _, b := range t.Businesses {
			if b.Area != a.ID {
				continue
			}
			row := queueRow{Business: businessName(h, b.Business), Waiting: b.Waiting, Windows: b.Windows, Served: b.Served, Long: b.Longest >= longWait}
			if b.Waiting > 0 {
				row.Longest = waited(b.Longest)
			}
			switch {
			case b.Paused:
				row.Note = "已暂停取号"
			case b.Windows == 0 && b.Waiting > 0:
				row.Note, row.Bad = "有人等，没有窗口", true
			case b.Windows == 0:
				row.Note = "没有窗口"
			case b.Estimable:
				row.Estimate = "不用等"
				if n := int(b.Estimate.Minutes()); n > 0 {
					row.Estimate = fmt.Sprintf("约 %d 分钟", n)
				}
			}
			area.Rows = append(area.Rows, row)
		}
		if len(area.Rows) > 0 {
			p.Areas = append(p.Areas, area)
		}
	}
	p.Waiting, p.Flow, p.Hours = hourCharts(t.Hours)
	return p
}

// hourCharts draws the half hours of a day: who waits at the end of each, and what was
// issued and finished in it.
func hourCharts(hours []report.HalfHour) (waiting, flow chart, rows []hourRow) {
	var places []string
	var waits, issued, served []int
	for _, k := range hours {
		rows = append(rows, hourRow{k.Start.Format("15:04"), k.Issued, k.Served, k.Waiting})
		places = append(places, k.Start.Format("15:04"))
		waits, issued, served = append(waits, max(k.Waiting, 0)), append(issued, k.Issued), append(served, k.Served)
	}
	if len(hours) == 0 {
		return chart{}, chart{}, nil
	}
	return barChart("waiting", "每半小时末有多少人在等", "人", places, chartSeries{"等候", "c1", waits}),
		barChart("flow", "每半小时取号和办结", "个", places, chartSeries{"取号", "c1", issued}, chartSeries{"办结", "c2", served}), rows
}

func windowRows(h *hall.Hall, t report.Today) []windowRow {
	var out []windowRow
	for _, w := range t.Windows {
		row := windowRow{Window: windowName(h, w.Window), Open: w.Open, Who: w.Name, Served: w.Served, NoShow: w.NoShow, Busy: w.AtWindow > 0, Closed: w.Closed,
			MeanServe: meanText(w.MeanService())}
		switch {
		case w.Name != "":
			row.Since = timeText(h, w.Since, t.Now)
		case w.Open:
			row.Who = "用窗口口令登录"
		case w.Left != nil:
			row.Who, row.Waits = w.Left.From.Name+" 已离岗，等 "+w.Left.To.Name, true
		default:
			row.Who = "没有人"
		}
		out = append(out, row)
	}
	return out
}

func kioskRows(h *hall.Hall, kiosks []report.Kiosk, now time.Time) []kioskRow {
	var out []kioskRow
	for _, k := range kiosks {
		row := kioskRow{Name: k.Name, Contact: "还没有联系过", Silent: k.Silent, Frozen: k.Frozen, Issued: k.Issued, Trouble: k.Trouble()}
		if !k.Contact.IsZero() {
			row.Contact = ago(now.Sub(k.Contact))
			if now.Sub(k.Contact) >= 24*time.Hour {
				row.Contact = timeText(h, k.Contact, now)
			}
		}
		for _, d := range k.Devices {
			device := deviceRow{Name: deviceText(d.Device), State: "正常", Since: timeText(h, d.Since, now)}
			switch d.State {
			case "fault":
				device.State, device.Cure = faultText(d.Fault)
				device.Bad = true
			case "absent":
				device.State, device.Cure = faultText("absent")
				device.Bad = true
			}
			row.Devices = append(row.Devices, device)
		}
		out = append(out, row)
	}
	return out
}

type managerDevicesPage struct {
	managerFrame
	Kiosks   []kioskRow
	Troubled int
}

func (s *site) managerDevices(w http.ResponseWriter, r *http.Request, m member) {
	kiosks, err := s.reports.Kiosks(r.Context(), m.hall.ID)
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	p := managerDevicesPage{managerFrame: s.managerFrameFor(m, "终端设备", "/devices"), Kiosks: kioskRows(m.hall, kiosks, s.now())}
	for _, k := range p.Kiosks {
		if k.Trouble {
			p.Troubled++
		}
	}
	// What needs somebody's hands comes first.
	slices.SortStableFunc(p.Kiosks, func(a, b kioskRow) int {
		switch {
		case a.Trouble == b.Trouble:
			return 0
		case a.Trouble:
			return -1
		}
		return 1
	})
	s.render(w, http.StatusOK, "manager-devices.html", p)
}

// meanText is a mean in minutes, or that there is none.
func meanText(d time.Duration, ok bool) string {
	switch {
	case !ok:
		return "暂无"
	case d < time.Minute:
		return "不到 1 分钟"
	}
	return waited(d.Round(time.Minute))
}

// percent is a rate as text, or that there is none.
func percent(v float64, ok bool) string {
	if !ok {
		return "暂无"
	}
	return fmt.Sprintf("%.1f%%", v*100)
}

// businessName is the name of a business; of one that has left the hall file, the id.
func businessName(h *hall.Hall, id string) string { return report.NamesOf(h).Business(id) }

// invalid reports whether an error is about what the address says.
func invalid(err error) bool { return centralapi.HasCode(err, centralapi.CodeInvalid) }
