package pages

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/complaints"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// Complaints is the complaints desk as the pages need it; *complaints.Desk satisfies
// it. Errors that are a *centralapi.Error carry a sentence for people.
type Complaints interface {
	ComplaintAuthors
	ComplaintHandlers
}

// ComplaintAuthors is what the author of a complaint does, from an address.
type ComplaintAuthors interface {
	File(ctx context.Context, hallID string, f complaints.Filing, from netip.Prefix) (complaints.Receipt, error)
	Progress(ctx context.Context, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error)
	Withdraw(ctx context.Context, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error)
}

// complaintRoutes are the pages of complaints; there are none without Config.Complaints.
func (s *site) complaintRoutes() []route {
	if s.complaints == nil {
		return nil
	}
	return append([]route{
		{"GET /complaint/{hall}", s.complaintForm},
		{"POST /complaint/{hall}", s.fileComplaint},
		{"GET /complaint/{hall}/progress", s.progressForm},
		{"POST /complaint/{hall}/progress", s.byCode(ComplaintAuthors.Progress, "")},
		{"POST /complaint/{hall}/withdraw", s.byCode(ComplaintAuthors.Withdraw, "已经撤回。")},
	}, s.handlerRoutes()...)
}

// complaintAddress is where the page for complaints of a hall is; empty without one.
func (s *site) complaintAddress(h *hall.Hall) string {
	if s.complaints == nil {
		return ""
	}
	return "/complaint/" + h.ID
}

// authorPage is what every page for authors shows.
type authorPage struct {
	page
	Hall  string // name
	Path  string // of the form
	Phone string // 监督电话
	Tel   template.URL
	Error string
}

func (s *site) authorPage(h *hall.Hall, title string) authorPage {
	return authorPage{page: page{title, s.web.version}, Hall: h.Name, Path: "/complaint/" + h.ID,
		Phone: h.SupervisionPhone, Tel: dial(h.SupervisionPhone)}
}

type complaintFormPage struct {
	authorPage
	Filing     complaints.Filing
	Kinds      []kindChoice
	Windows    []windowChoice
	MaxWords   int
	MaxContact int
}

type kindChoice struct {
	Kind        complaint.Kind
	Name, About string
	Chosen      bool
}

type windowChoice struct {
	ID, Name string
	Chosen   bool
}

func kindChoices(chosen complaint.Kind) []kindChoice {
	var out []kindChoice
	for _, k := range complaint.Kinds() {
		out = append(out, kindChoice{k, k.Name(), k.About(), k == chosen})
	}
	return out
}

func windowChoices(h *hall.Hall, chosen ...string) []windowChoice {
	var out []windowChoice
	for _, w := range h.Windows {
		c := windowChoice{ID: w.ID, Name: windowText(w.Name)}
		for _, id := range chosen {
			c.Chosen = c.Chosen || id == w.ID
		}
		out = append(out, c)
	}
	return out
}

// newFormID makes the id by which a form that is sent twice is one complaint.
func newFormID() string { return uuid.Must(uuid.NewV7()).String() }

// authorRequest finds the hall of a request for a page of authors, unless it asks too
// often or is of no use; then it is answered here.
func (s *site) authorRequest(w http.ResponseWriter, r *http.Request) (*hall.Hall, bool) {
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	h, ok := s.hallByID(r.PathValue("hall"))
	switch {
	case !ok:
		s.missing(w, r)
		return nil, false
	case !s.visitors.allow(visitorOf(r), time.Now()):
		w.Header().Set("Retry-After", "20")
		s.fail(w, http.StatusTooManyRequests, "现在访问的人太多", "请稍后再试，或者到服务台当面反映。")
		return nil, false
	}
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			s.fail(w, http.StatusBadRequest, "没有收到", "内容没有传完，请回到上一页再提交一次。")
			return nil, false
		}
	}
	return h, true
}

func (s *site) complaintForm(w http.ResponseWriter, r *http.Request) {
	if h, ok := s.authorRequest(w, r); ok {
		s.showComplaintForm(w, h, http.StatusOK, complaints.Filing{ID: newFormID()}, "")
	}
}

func (s *site) showComplaintForm(w http.ResponseWriter, h *hall.Hall, status int, f complaints.Filing, message string) {
	p := complaintFormPage{authorPage: s.authorPage(h, "投诉和建议"), Filing: f, Kinds: kindChoices(f.Kind), Windows: windowChoices(h, f.Window),
		MaxWords: complaint.MaxWords, MaxContact: complaint.MaxContact}
	p.Error = message
	s.render(w, status, "complaint.html", p)
}

// filingOf reads a form. A browser sends line ends as two characters, which would
// count twice.
func filingOf(r *http.Request) complaints.Filing {
	form := r.PostForm
	return complaints.Filing{ID: form.Get("id"), Kind: complaint.Kind(form.Get("kind")), Window: form.Get("window"),
		Words: strings.ReplaceAll(form.Get("words"), "\r\n", "\n"), Contact: form.Get("contact")}
}

type receiptPage struct {
	authorPage
	Code, Due string // as shown
	Raw       string // code
}

func (s *site) fileComplaint(w http.ResponseWriter, r *http.Request) {
	h, ok := s.authorRequest(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	f := filingOf(r)
	receipt, err := s.complaints.File(ctx, h.ID, f, visitorOf(r))
	if err != nil {
		status, text := s.explain(err, "")
		if status >= http.StatusInternalServerError {
			text = "没有收到，请再提交一次。已经写好的字还在。"
		}
		if _, err := uuid.Parse(f.ID); err != nil {
			f.ID = newFormID() // else it could never be sent
		}
		s.showComplaintForm(w, h, status, f, text)
		return
	}
	// Shown at once and not behind a redirect: an address would have to hold the code.
	p := receiptPage{authorPage: s.authorPage(h, "已经收到"), Code: receipt.Code.Shown(), Raw: string(receipt.Code), Due: dayText(receipt.Due)}
	s.render(w, http.StatusOK, "complaint-receipt.html", p)
}

type progressPage struct {
	authorPage
	Code         string // as typed
	Found        bool
	Notice       string
	Kind, State  string
	Stages       []stageRow
	Due          string
	Overdue      bool
	Department   string
	Reply        []string // its paragraphs
	Withdrawable bool
}

type stageRow struct {
	Name, At  string
	Done, Now bool
}

func (s *site) progressForm(w http.ResponseWriter, r *http.Request) {
	if h, ok := s.authorRequest(w, r); ok {
		s.render(w, http.StatusOK, "complaint-progress.html", progressPage{authorPage: s.authorPage(h, "查看进展")})
	}
}

// byCode shows the progress of the complaint whose code was sent, after ask.
func (s *site) byCode(ask func(ComplaintAuthors, context.Context, string, string, netip.Prefix) (centralapi.ComplaintProgress, error), done string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h, ok := s.authorRequest(w, r)
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), soon)
		defer cancel()
		p := progressPage{authorPage: s.authorPage(h, "查看进展"), Code: r.PostForm.Get("code"), Notice: done}
		state, err := ask(s.complaints, ctx, h.ID, p.Code, visitorOf(r))
		status := http.StatusOK
		if err != nil {
			status, p.Error = s.explain(err, "")
		} else {
			p.fill(h, state)
		}
		s.render(w, status, "complaint-progress.html", p)
	}
}

func (p *progressPage) fill(h *hall.Hall, state centralapi.ComplaintProgress) {
	p.Found, p.Kind, p.State = true, state.Kind.Name(), state.State.Name()
	p.Due, p.Overdue, p.Department, p.Withdrawable = dayText(state.Due), state.Overdue, state.Department, state.Withdrawable
	p.Reply = paragraphs(state.Reply)
	reached := map[complaint.State]time.Time{}
	for _, st := range state.Stages {
		reached[st.State] = st.At
	}
	way := complaint.Way()
	if at, ok := reached[complaint.Withdrawn]; ok {
		way = nil // what did not happen is not shown
		for _, st := range state.Stages {
			if !st.At.After(at) {
				way = append(way, st.State)
			}
		}
	}
	for _, st := range way {
		at, ok := reached[st]
		row := stageRow{Name: st.Name(), Done: ok, Now: st == state.State}
		if ok {
			row.At = at.In(h.Location()).Format("1月2日 15:04")
		}
		p.Stages = append(p.Stages, row)
	}
}

// paragraphs are the lines of a text that are not empty.
func paragraphs(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// dayText is 11月25日 of 2026-11-25; empty of an empty one.
func dayText(day string) string {
	t, err := time.Parse(hall.DateLayout, day)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d月%d日", int(t.Month()), t.Day())
}
