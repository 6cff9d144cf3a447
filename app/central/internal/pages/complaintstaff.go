package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hallkiosk/app/central/internal/complaints"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// ComplaintHandlers is what the staff do who handle complaints. Who may see which case
// is decided there, not here.
type ComplaintHandlers interface {
	List(ctx context.Context, hallID string, v complaints.Viewer, f complaints.Filter) (list []complaints.Summary, more bool, err error)
	Case(ctx context.Context, hallID string, v complaints.Viewer, id string) (complaints.Case, error)
	Contact(ctx context.Context, hallID string, v complaints.Viewer, id string) (text string, readable bool, err error)
	Step(ctx context.Context, hallID string, v complaints.Viewer, id string, m complaints.Move) error
	FileCall(ctx context.Context, hallID string, v complaints.Viewer, f complaints.Filing) (complaints.Receipt, error)
	Opinions(ctx context.Context, hallID string) (complaints.Opinions, error)
	MaxExtension(hallID string) int
}

// complaintsPage is where those begin who handle complaints.
const complaintsPage = "/complaints"

func (s *site) handlerRoutes() []route {
	return []route{
		{"GET " + complaintsPage, s.require(s.complaintList, staff.Complaints)},
		{"GET " + complaintsPage + "/call", s.require(s.callForm, staff.Complaints)},
		{"POST " + complaintsPage + "/call", s.require(s.fileCall, staff.Complaints)},
		{"GET " + complaintsPage + "/case/{id}", s.require(s.showCase, staff.Complaints)},
		{"POST " + complaintsPage + "/case/{id}/contact", s.require(s.showContact, staff.Complaints)},
		{"POST " + complaintsPage + "/case/{id}/step", s.require(s.stepCase, staff.Complaints)},
	}
}

// viewer is a member as the complaints desk knows them. Whoever also works at windows
// must not see what is said about those; of a clerk who may sit anywhere, that is about
// any window.
func viewer(m member) complaints.Viewer {
	v := complaints.Viewer{Account: m.Account.ID, Name: m.Account.Name, Handles: m.Account.Has(staff.Complaints)}
	switch {
	case !m.Account.Has(staff.Clerk):
	case len(m.Account.Windows) > 0:
		v.Windows = slices.Clone(m.Account.Windows)
	default:
		for _, w := range m.hall.Windows {
			v.Windows = append(v.Windows, w.ID)
		}
	}
	if m.Window != "" {
		v.Windows = append(v.Windows, m.Window)
	}
	return v
}

// officePage is what every page of the handlers shows.
type officePage struct {
	page
	Hall    *hall.Hall
	Clock   clock
	Me      staff.Account
	Home    string // of the list
	Ratings string // of the follow-up of bad ratings; empty where there is none
	Message *message
}

func (s *site) officePage(m member, title string) officePage {
	return officePage{page: page{title, s.web.version}, Hall: m.hall, Clock: clockOf(m.hall, s.now()), Me: m.Account, Home: complaintsPage + s.query(m.hall), Ratings: s.tasksAddress(m)}
}

type complaintListPage struct {
	officePage
	Rows     []complaintRow
	Views    []listView
	Kinds    []kindChoice
	Kind     complaint.Kind
	View     string
	NextURL  string // of older ones; empty when there are none
	Opinions complaints.Opinions
	Clerk    bool // cases about windows of theirs are left out
}

type complaintRow struct {
	URL                    string
	Number                 int64
	Kind, State, Class     string
	Channel, Filed, Window string
	Due                    string
	Late                   bool
	Ask                    bool // another department is to be asked
	Anonymous              bool
	Opinion                string // of the author on how it was handled; empty = not told
	Unhappy                bool
}

// listView is a choice of what the list shows.
type listView struct {
	ID, Name string
	Chosen   bool
}

var listViews = []struct {
	id, name string
	filter   complaints.Filter
}{
	{"open", "在办", complaints.Filter{Open: true}},
	{"late", "要抓紧的", complaints.Filter{Open: true, Overdue: true}},
	{"new", "还没核实", complaints.Filter{Open: true, State: complaint.Registered}},
	{"unhappy", "评价不满意的", complaints.Filter{Satisfaction: complaint.Dissatisfied}},
	{"all", "全部", complaints.Filter{}},
}

func (s *site) complaintList(w http.ResponseWriter, r *http.Request, m member) {
	q := r.URL.Query()
	p := complaintListPage{officePage: s.officePage(m, "投诉和建议"), Kind: complaint.Kind(q.Get("kind")), View: "open", Clerk: m.Account.Has(staff.Clerk)}
	if !p.Kind.Valid() {
		p.Kind = ""
	}
	filter := listViews[0].filter
	for _, v := range listViews {
		if v.id == q.Get("view") {
			p.View, filter = v.id, v.filter
		}
	}
	for _, v := range listViews {
		p.Views = append(p.Views, listView{v.id, v.name, v.id == p.View})
	}
	p.Kinds = kindChoices(p.Kind)
	filter.Kind = p.Kind
	filter.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64) // nonsense is the first page
	list, more, err := s.complaints.List(r.Context(), m.hall.ID, viewer(m), filter)
	if err == nil {
		p.Opinions, err = s.complaints.Opinions(r.Context(), m.hall.ID)
	}
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	for _, c := range list {
		p.Rows = append(p.Rows, s.complaintRow(m.hall, c))
	}
	if more {
		next := url.Values{"view": {p.View}, "kind": {string(p.Kind)}, "before": {strconv.FormatInt(list[len(list)-1].Number, 10)}, "hall": {m.hall.ID}}
		p.NextURL = complaintsPage + "?" + next.Encode()
	}
	s.render(w, http.StatusOK, "complaints.html", p)
}

func (s *site) complaintRow(h *hall.Hall, c complaints.Summary) complaintRow {
	return complaintRow{
		URL: complaintsPage + "/case/" + c.ID + s.query(h), Number: c.Number, Kind: c.Kind.Name(), State: c.State.Name(), Class: c.Class.Name(),
		Channel: c.Channel.Name(), Filed: timeText(h, c.Filed, s.now()), Window: windowNames(h, c.Windows),
		Due: dayText(c.Due), Late: c.Overdue, Ask: c.AskToday, Anonymous: c.Anonymous,
		Opinion: c.Satisfaction.Name(), Unhappy: c.Satisfaction == complaint.Dissatisfied,
	}
}

func windowNames(h *hall.Hall, ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, windowName(h, id))
	}
	return strings.Join(names, "、")
}

type callPage struct {
	officePage
	fields
	Code string // of the one that was filed
	Due  string
}

func (s *site) callForm(w http.ResponseWriter, r *http.Request, m member) {
	s.renderCall(w, m, http.StatusOK, complaints.Filing{ID: newFormID()}, nil, complaints.Receipt{})
}

func (s *site) renderCall(w http.ResponseWriter, m member, status int, f complaints.Filing, notice *message, receipt complaints.Receipt) {
	p := callPage{officePage: s.officePage(m, "登记电话投诉"), fields: fieldsFor(m.hall, &chineseAuthor, f), Code: receipt.Code.Shown(), Due: dayText(receipt.Due)}
	p.Message = notice
	s.render(w, status, "complaint-call.html", p)
}

func (s *site) fileCall(w http.ResponseWriter, r *http.Request, m member) {
	f := filingOf(r)
	receipt, err := s.complaints.FileCall(r.Context(), m.hall.ID, viewer(m), f)
	if err != nil {
		status, text := s.explain(err, "")
		s.renderCall(w, m, status, f, &message{text, true}, complaints.Receipt{})
		return
	}
	s.renderCall(w, m, http.StatusOK, complaints.Filing{ID: newFormID()}, nil, receipt)
}

type casePage struct {
	officePage
	Row complaintRow
	ID  string

	Words        []string
	Unreadable   bool
	Contact      string // once it was opened
	ContactShown bool
	Stages       []stageRow
	Department   string
	FollowUp     string
	Opinion      []string // words of the author on how it was handled
	OpinionAt    string
	OpinionLost  bool
	Steps        []caseStep
	Openings     []openingRow
	Possible     map[string]bool
	Next         complaint.Action // that goes on along the way
	NextName     string
	Seen         int
	Today        string // for dates, 2026-11-24
	MaxWords     int
	MaxDays      int
	Windows      []windowChoice
	Accounts     []staff.Account
	Draft        complaints.Move // what was typed before it was refused
}

type caseStep struct {
	At, Who, Name, Text, More string
}

type openingRow struct{ At, Name, Part string }

func (s *site) showCase(w http.ResponseWriter, r *http.Request, m member) {
	s.renderCase(w, r, m, http.StatusOK, nil, complaints.Move{}, false)
}

// showContact opens how the author can be reached.
func (s *site) showContact(w http.ResponseWriter, r *http.Request, m member) {
	s.renderCase(w, r, m, http.StatusOK, nil, complaints.Move{}, true)
}

func (s *site) renderCase(w http.ResponseWriter, r *http.Request, m member, status int, notice *message, draft complaints.Move, contact bool) {
	v, id := viewer(m), r.PathValue("id")
	var text string
	var readable bool
	var err error
	if contact { // first, so that the page tells of it
		text, readable, err = s.complaints.Contact(r.Context(), m.hall.ID, v, id)
	}
	var c complaints.Case
	if err == nil {
		c, err = s.complaints.Case(r.Context(), m.hall.ID, v, id)
	}
	var accounts []staff.Account
	if err == nil {
		accounts, err = s.people.List(r.Context(), m.hall.ID)
	}
	if err != nil {
		s.failWith(w, "打不开这件投诉", err)
		return
	}
	now := s.now()
	p := casePage{officePage: s.officePage(m, "投诉第 "+strconv.FormatInt(c.Number, 10)+" 号"), Row: s.complaintRow(m.hall, c.Summary), ID: c.ID,
		Words: paragraphs(c.Words), Unreadable: c.Unreadable, ContactShown: contact, Contact: text, Department: c.Status.Department, FollowUp: dayText(c.Status.FollowUp),
		Possible: map[string]bool{}, Seen: len(c.Steps), Today: complaint.Day(now.In(m.hall.Location())), MaxWords: complaint.MaxWords,
		MaxDays: s.complaints.MaxExtension(m.hall.ID), Windows: windowChoices(m.hall, draft.Named.Windows...), Accounts: accounts, Draft: draft}
	p.Message = notice
	if contact && !readable {
		p.Contact = "读不出来：密钥不在这台服务器上，请联系技术员。"
	}
	for _, a := range c.Possible {
		p.Possible[string(a)] = true
		if p.Next == "" && slices.Contains([]complaint.Action{complaint.Verify, complaint.Investigate, complaint.Handle, complaint.Feedback, complaint.Archive}, a) {
			p.Next, p.NextName = a, a.Name()
		}
	}
	stages := make([]centralapi.ComplaintStage, 0, len(c.Status.Stages))
	for _, st := range c.Status.Stages {
		stages = append(stages, centralapi.ComplaintStage{State: st.State, At: st.At})
	}
	p.Stages = stageRows(m.hall, &chineseAuthor, c.State, stages)
	if c.Opinion.Level != "" {
		p.Opinion, p.OpinionAt, p.OpinionLost = paragraphs(c.Opinion.Words), timeText(m.hall, c.Opinion.At, now), c.Opinion.Unreadable
	}
	for _, step := range c.Steps {
		p.Steps = append(p.Steps, caseStep{At: timeText(m.hall, step.At, now), Who: who(step), Name: step.Action.Name(), Text: step.Text, More: moreOf(m.hall, accounts, step)})
	}
	for _, o := range c.Openings {
		row := openingRow{At: timeText(m.hall, o.At, now), Name: o.Name, Part: "内容"}
		switch o.Part {
		case centralapi.PartContact:
			row.Part = "联系方式"
		case "opinion":
			row.Part = "对处理的评价"
		}
		p.Openings = append(p.Openings, row)
	}
	s.render(w, status, "case.html", p)
}

func who(step complaint.Step) string {
	terminal, atTerminal := strings.CutPrefix(step.By, "terminal:")
	switch {
	case step.By == complaint.Author:
		return "投诉人"
	case atTerminal:
		return "自助终端 " + terminal
	}
	return step.ByName
}

// moreOf is what a step says besides its words.
func moreOf(h *hall.Hall, accounts []staff.Account, step complaint.Step) string {
	var out []string
	add := func(label, value string) {
		if value != "" {
			out = append(out, label+value)
		}
	}
	add("分类：", step.Class.Name())
	add("转到：", step.Department)
	add("下次跟进：", dayText(step.FollowUp))
	if step.Days > 0 {
		add("延长：", strconv.Itoa(step.Days)+" 个工作日")
	}
	add("期限：", dayText(step.Due))
	add("涉及窗口：", windowNames(h, step.Named.Windows))
	var names []string
	for _, id := range step.Named.Accounts {
		name := id
		for _, a := range accounts {
			if a.ID == id {
				name = a.Name
			}
		}
		names = append(names, name)
	}
	add("涉及人员：", strings.Join(names, "、"))
	return strings.Join(out, "；")
}

// stepCase does what the form says.
func (s *site) stepCase(w http.ResponseWriter, r *http.Request, m member) {
	form := r.PostForm
	number := func(name string) int {
		n, err := strconv.Atoi(form.Get(name))
		if err != nil {
			return 0 // is refused where it matters
		}
		return n
	}
	move := complaints.Move{Action: complaint.Action(form.Get("action")), Seen: number("seen"), Text: lines(form.Get("text")),
		Class: complaint.Class(form.Get("class")), Days: number("days"), Department: form.Get("department"), FollowUp: form.Get("follow_up")}
	if window := form.Get("window"); window != "" {
		move.Named.Windows = []string{window}
	}
	if account := form.Get("account"); account != "" {
		accounts, err := s.people.List(r.Context(), m.hall.ID)
		if err == nil && !slices.ContainsFunc(accounts, func(a staff.Account) bool { return a.ID == account }) {
			account = "" // is refused
		}
		move.Named.Accounts = []string{account}
	}
	id := r.PathValue("id")
	if err := s.complaints.Step(r.Context(), m.hall.ID, viewer(m), id, move); err != nil {
		status, text := s.explain(err, "")
		s.renderCase(w, r, m, status, &message{text, true}, move, false)
		return
	}
	http.Redirect(w, r, complaintsPage+"/case/"+url.PathEscape(id)+s.query(m.hall), http.StatusSeeOther)
}
