package pages

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"hallkiosk/app/central/internal/ratings"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// RatingStaff is what the staff do who follow up bad ratings. Who may see which task is
// decided there, not here.
type RatingStaff interface {
	Tasks(ctx context.Context, hallID string, by ratings.Worker) ([]ratings.Task, error)
	TasksBetween(ctx context.Context, hallID string, by ratings.Worker, firstDay, lastDay string) ([]ratings.Task, error)
	Task(ctx context.Context, hallID, id string, by ratings.Worker) (ratings.Task, error)
	Take(ctx context.Context, hallID, id string, by ratings.Worker) (ratings.Task, error)
	Handle(ctx context.Context, hallID, id string, by ratings.Worker, v ratings.Verdict, text string) (ratings.Task, error)
	Return(ctx context.Context, hallID, id string, by ratings.Worker, text string) (ratings.Task, error)
	Close(ctx context.Context, hallID, id string, by ratings.Worker, text string) (ratings.Task, error)
	Export(ctx context.Context, w io.Writer, hallID, firstDay, lastDay, format string, o rating.Options) error
}

// tasksPage is where the follow-up of bad ratings begins.
const tasksPage = "/ratings"

// The follow-up is for those who handle complaints and for managers, who would answer for
// it otherwise; there have to be two people. What was said about whom leaves the hall
// only through a manager.
func (s *site) ratingStaffRoutes() []route {
	return []route{
		{"GET " + tasksPage, s.require(s.taskList, staff.Complaints, staff.Manager)},
		{"GET " + tasksPage + "/task/{id}", s.require(s.showTask, staff.Complaints, staff.Manager)},
		{"POST " + tasksPage + "/task/{id}/step", s.require(s.stepTask, staff.Complaints, staff.Manager)},
		{"GET " + tasksPage + "/export", s.require(s.exportForm, staff.Manager)},
		{"GET " + tasksPage + "/export/file", s.require(s.exportFile, staff.Manager)},
	}
}

// tasksAddress is where the follow-up of bad ratings is; empty where none are taken, and
// for those who have no part in it.
func (s *site) tasksAddress(m member) string {
	if s.ratings == nil || !m.Account.Has(staff.Complaints, staff.Manager) {
		return ""
	}
	return tasksPage + s.query(m.hall)
}

// worker is a member as the ratings desk knows them, with the same windows as for
// complaints.
func worker(m member) ratings.Worker {
	v := viewer(m)
	return ratings.Worker{Account: v.Account, Windows: v.Windows}
}

// ratingOffice is what every page of the follow-up shows.
type ratingOffice struct {
	page
	Hall                     *hall.Hall
	Clock                    clock
	Me                       staff.Account
	Message                  *message
	List, Export, Cases, Own string // addresses; empty where the member may not go
	OwnName                  string
}

func (s *site) ratingOffice(m member, title string) ratingOffice {
	p := ratingOffice{page: page{title, s.web.version}, Hall: m.hall, Clock: clockOf(m.hall, s.now()), Me: m.Account, List: tasksPage + s.query(m.hall)}
	if m.Account.Has(staff.Manager) {
		p.Export, p.Own, p.OwnName = tasksPage+"/export"+s.query(m.hall), "/staff"+s.query(m.hall), "在岗与账号"
		if s.reports != nil {
			p.Own, p.OwnName = managerPath+s.query(m.hall), "今天"
		}
	}
	if m.Account.Has(staff.Complaints) && s.complaints != nil {
		p.Cases = complaintsPage + s.query(m.hall)
	}
	return p
}

type taskListPage struct {
	ratingOffice
	Rows    []taskRow
	Views   []listView
	Windows []windowChoice
	Window  string
	Open    int // not closed, of those the member may see
	Late    int // of them, overdue
	More    bool
	Clerk   bool // tasks about windows of theirs are left out
}

type taskRow struct {
	URL                     string
	Level, Face             string
	Business, Window, Label string
	State, Handler          string
	Opened, Due, Left       string
	Late, Soon              bool
	Mine                    bool // waits for the member
	Burst, Added, Anonymous bool
	Words                   string
}

// closedDays is how far back the list shows tasks that are closed.
const closedDays = 90

// maxTaskRows bounds a list on one page.
const maxTaskRows = 500

var taskViews = []struct {
	id, name string
	shows    func(t ratings.Task, me string, now time.Time) bool
}{
	{"open", "在办", func(ratings.Task, string, time.Time) bool { return true }},
	{"late", "快到期和超期的", func(t ratings.Task, _ string, now time.Time) bool { return overdue(t, now) || t.Reminded >= 80 }},
	{"mine", "我处理的", func(t ratings.Task, me string, _ time.Time) bool { return t.Handler == me }},
	{"review", "等我复核的", func(t ratings.Task, me string, _ time.Time) bool { return t.State == ratings.Review && t.Handler != me }},
	{"closed", "办结的（90 天内）", func(t ratings.Task, _ string, _ time.Time) bool { return t.State == ratings.Closed }},
}

// overdue says whether the last day of a task is over. Its working days do not: on the
// Saturday after a Friday none has gone by.
func overdue(t ratings.Task, now time.Time) bool {
	return t.State != ratings.Closed && !now.Before(t.Due.AddDate(0, 0, 1))
}

func (s *site) taskList(w http.ResponseWriter, r *http.Request, m member) {
	q := r.URL.Query()
	p := taskListPage{ratingOffice: s.ratingOffice(m, "差评整改"), Clerk: m.Account.Has(staff.Clerk), Window: q.Get("window")}
	view := taskViews[0]
	for _, v := range taskViews {
		if v.id == q.Get("view") {
			view = v
		}
	}
	for _, v := range taskViews {
		p.Views = append(p.Views, listView{v.id, v.name, v.id == view.id})
	}
	p.Windows = windowChoices(m.hall, p.Window)
	by, now := worker(m), s.now()
	open, err := s.ratings.Tasks(r.Context(), m.hall.ID, by)
	list := open
	if err == nil && view.id == "closed" {
		list, err = s.ratings.TasksBetween(r.Context(), m.hall.ID, by, m.hall.BusinessDay(now.AddDate(0, 0, -closedDays)), m.hall.BusinessDay(now))
		for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 { // the newest first
			list[i], list[j] = list[j], list[i]
		}
	}
	var accounts []staff.Account
	if err == nil {
		accounts, err = s.people.List(r.Context(), m.hall.ID)
	}
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	for _, t := range open {
		p.Open++
		if overdue(t, now) {
			p.Late++
		}
	}
	for _, t := range list {
		switch {
		case !view.shows(t, m.Account.ID, now) || p.Window != "" && t.Window != p.Window:
		case len(p.Rows) == maxTaskRows:
			p.More = true
		default:
			p.Rows = append(p.Rows, s.taskRow(m, t, accounts))
		}
	}
	s.render(w, http.StatusOK, "ratings.html", p)
}

var taskStates = map[ratings.TaskState]string{ratings.Open: "待领取", ratings.Handling: "处理中", ratings.Review: "待复核", ratings.Closed: "已办结"}

func accountName(accounts []staff.Account, id string) string {
	for _, a := range accounts {
		if a.ID == id {
			return a.Name
		}
	}
	return id
}

func (s *site) taskRow(m member, t ratings.Task, accounts []staff.Account) taskRow {
	row := taskRow{
		URL: tasksPage + "/task/" + url.PathEscape(t.ID) + s.query(m.hall), Level: t.Level.Name(), Face: faceOf(t.Level),
		Business: t.Business, Window: windowName(m.hall, t.Window), Label: t.Label, State: taskStates[t.State], Handler: accountName(accounts, t.Handler),
		Opened: dayOf(m.hall, t.Opened), Due: dayOf(m.hall, t.Due), Burst: t.Burst, Added: t.Added, Anonymous: t.Label == "", Words: t.Words,
	}
	if b, ok := m.hall.Business(t.Business); ok {
		row.Business = b.Name
	}
	if t.State == ratings.Closed {
		return row
	}
	row.Late = overdue(t, s.now())
	row.Soon = !row.Late && t.Reminded >= 80
	switch {
	case t.Left < 0:
		row.Left = fmt.Sprintf("超期 %d 个工作日", -t.Left)
	case row.Late:
		row.Left = "已超期"
	case t.Left == 0:
		row.Left = "今天到期"
	default:
		row.Left = fmt.Sprintf("还有 %d 个工作日", t.Left)
	}
	row.Mine = t.State == ratings.Handling && t.Handler == m.Account.ID || t.State == ratings.Review && t.Handler != m.Account.ID
	return row
}

// dayOf is the day of a time, 11月21日: of an anonymous rating nobody knows more.
func dayOf(h *hall.Hall, t time.Time) string {
	t = t.In(h.Location())
	return fmt.Sprintf("%d月%d日", int(t.Month()), t.Day())
}

type taskPage struct {
	ratingOffice
	Row              taskRow
	ID               string
	Reasons          []string
	Words            []string
	Steps            []taskStep
	Verdict, Answer  string
	Closed           string
	Reviewer         string
	CanTake, TakeOff bool // TakeOff: somebody else handles it
	CanHandle        bool
	CanReview        bool
	Waits            bool // for another person to review
	Verdicts         []verdictChoice
	Draft            string
	Review           string // what was typed by the reviewer
	MaxText          int
}

type taskStep struct{ At, Who, Name, Text string }

type verdictChoice struct {
	Verdict    ratings.Verdict
	Name, Hint string
	Chosen     bool
}

// maxTaskText is how long an answer may be; the desk says the same.
const maxTaskText = 500

var stepNames = map[ratings.Action]string{
	ratings.Opened: "收到差评", ratings.Took: "领取", ratings.Handled: "提交处理结果", ratings.Returned: "复核退回", ratings.ClosedIt: "复核通过，办结",
	ratings.RemindHalf: "提醒：时间过半", ratings.RemindLate: "提醒：时间过了八成", ratings.Overdue: "提醒：已经超期",
}

func (s *site) showTask(w http.ResponseWriter, r *http.Request, m member) {
	s.renderTask(w, r, m, http.StatusOK, nil)
}

func (s *site) renderTask(w http.ResponseWriter, r *http.Request, m member, status int, notice *message) {
	id := r.PathValue("id")
	t, err := s.ratings.Task(r.Context(), m.hall.ID, id, worker(m))
	var accounts []staff.Account
	if err == nil {
		accounts, err = s.people.List(r.Context(), m.hall.ID)
	}
	if err != nil {
		s.failWith(w, "打不开这项整改", err)
		return
	}
	p := taskPage{ratingOffice: s.ratingOffice(m, "差评整改"), Row: s.taskRow(m, t, accounts), ID: t.ID, Words: paragraphs(t.Words),
		Verdict: t.Verdict.Name(false), Answer: t.Answer, Reviewer: accountName(accounts, t.Reviewer), MaxText: maxTaskText,
		Draft: r.PostForm.Get("answer"), Review: r.PostForm.Get("text")}
	p.Message = notice
	me := m.Account.ID
	p.CanTake = t.State == ratings.Open || t.State == ratings.Handling && t.Handler != me
	p.TakeOff = t.State == ratings.Handling
	p.CanHandle = t.State == ratings.Handling && t.Handler == me
	p.CanReview = t.State == ratings.Review && t.Handler != me
	p.Waits = t.State == ratings.Review && t.Handler == me
	if !t.Closed.IsZero() {
		p.Closed = timeText(m.hall, t.Closed, s.now())
	}
	for _, v := range []struct {
		verdict ratings.Verdict
		hint    string
	}{{ratings.Rectified, "问题属实，已经改正"}, {ratings.Explained, "情况属实，但按规定不能改变，说明为什么"}, {ratings.Unfounded, "核实过，与实际情况不符"}} {
		p.Verdicts = append(p.Verdicts, verdictChoice{v.verdict, v.verdict.Name(false), v.hint, string(v.verdict) == r.PostForm.Get("verdict")})
	}
	for _, reason := range t.Reasons {
		p.Reasons = append(p.Reasons, reason.Text)
	}
	for _, one := range t.Steps {
		row := taskStep{At: timeText(m.hall, one.At, s.now()), Who: accountName(accounts, one.Actor), Name: stepNames[one.Action], Text: one.Text}
		if one.Action == ratings.Opened {
			row.At = dayOf(m.hall, one.At)
		}
		if one.Actor == "centre" {
			row.Who = "系统"
		}
		if one.Verdict != "" {
			row.Name += "：" + one.Verdict.Name(false)
		}
		p.Steps = append(p.Steps, row)
	}
	s.render(w, status, "rating-task.html", p)
}

// stepTask does what the form says.
func (s *site) stepTask(w http.ResponseWriter, r *http.Request, m member) {
	id, by, form := r.PathValue("id"), worker(m), r.PostForm
	var err error
	switch form.Get("action") {
	case "take":
		_, err = s.ratings.Take(r.Context(), m.hall.ID, id, by)
	case "handle":
		_, err = s.ratings.Handle(r.Context(), m.hall.ID, id, by, ratings.Verdict(form.Get("verdict")), form.Get("answer"))
	case "return":
		_, err = s.ratings.Return(r.Context(), m.hall.ID, id, by, form.Get("text"))
	case "close":
		_, err = s.ratings.Close(r.Context(), m.hall.ID, id, by, form.Get("text"))
	default:
		err = centralapi.Refuse(centralapi.CodeInvalid, "请选择要做什么。")
	}
	if err != nil {
		status, text := s.explain(err, "")
		s.renderTask(w, r, m, status, &message{text, true})
		return
	}
	http.Redirect(w, r, tasksPage+"/task/"+url.PathEscape(id)+s.query(m.hall), http.StatusSeeOther)
}

type exportPage struct {
	ratingOffice
	From, To, Today string
	Scale           rating.Scale
}

func (s *site) exportForm(w http.ResponseWriter, r *http.Request, m member) {
	now := s.now().In(m.hall.Location())
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	s.renderExport(w, m, http.StatusOK, nil, first.Format(hall.DateLayout), now.Format(hall.DateLayout), rating.FiveIsBest)
}

func (s *site) renderExport(w http.ResponseWriter, m member, status int, notice *message, from, to string, scale rating.Scale) {
	p := exportPage{ratingOffice: s.ratingOffice(m, "导出评价"), From: from, To: to, Today: s.now().In(m.hall.Location()).Format(hall.DateLayout), Scale: scale}
	p.Message = notice
	s.render(w, status, "rating-export.html", p)
}

// exportFile sends the ratings of a span of days.
func (s *site) exportFile(w http.ResponseWriter, r *http.Request, m member) {
	q := r.URL.Query()
	from, to, format, scale := q.Get("from"), q.Get("to"), q.Get("format"), rating.Scale(q.Get("scale"))
	media := map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}[format]
	out := &download{header: func() {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="ratings-%s-%s-%s.%s"`, m.hall.ID, from, to, format))
	}, to: w}
	if err := s.ratings.Export(r.Context(), out, m.hall.ID, from, to, format, rating.Options{Satisfaction: scale}); err != nil && !out.begun {
		status, text := s.explain(err, "")
		s.renderExport(w, m, status, &message{text, true}, from, to, scale)
	} else if err != nil {
		s.log.Error("pages: export of ratings", "hall", m.hall.ID, "err", err)
	}
}

// download sets the header of a file when its first bytes come: until then a page can be
// shown instead.
type download struct {
	header func()
	to     io.Writer
	begun  bool
}

func (d *download) Write(p []byte) (int, error) {
	if !d.begun {
		d.header()
		d.begun = true
	}
	return d.to.Write(p)
}
