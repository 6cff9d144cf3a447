package pages

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/netip"
	"slices"
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
	// Judge takes down, once, what the author thinks of how it was handled.
	Judge(ctx context.Context, hallID, code string, level complaint.Satisfaction, words string, from netip.Prefix) (centralapi.ComplaintProgress, error)
}

// complaintRoutes are the pages of complaints; there are none without Config.Complaints.
func (s *site) complaintRoutes() []route {
	if s.complaints == nil {
		return nil
	}
	progress := func(r *http.Request, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error) {
		return s.complaints.Progress(r.Context(), hallID, code, from)
	}
	withdraw := func(r *http.Request, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error) {
		return s.complaints.Withdraw(r.Context(), hallID, code, from)
	}
	judge := func(r *http.Request, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error) {
		return s.complaints.Judge(r.Context(), hallID, code, complaint.Satisfaction(r.PostForm.Get("level")), lines(r.PostForm.Get("words")), from)
	}
	return append([]route{
		{"GET /complaint/{hall}", s.complaintForm},
		{"POST /complaint/{hall}", s.fileComplaint},
		{"GET /complaint/{hall}/progress", s.progressForm},
		{"POST /complaint/{hall}/progress", s.byCode(progress, func(*authorWords) string { return "" })},
		{"POST /complaint/{hall}/withdraw", s.byCode(withdraw, func(w *authorWords) string { return w.Undone })},
		{"POST /complaint/{hall}/judge", s.byCode(judge, func(w *authorWords) string { return w.JudgedThanks })},
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
	W         *authorWords
	Hall      string // name
	Path      string // of the form
	Query     string // that keeps the language
	SwitchURL string // the page in the other language; empty where it cannot be shown again
	Phone     string // 监督电话
	Tel       template.URL
	Error     string
}

// authorPage is a page of a hall in the language of a request, with no title.
func (s *site) authorPage(r *http.Request, h *hall.Hall) authorPage {
	chosen := r.URL.Query().Get("lang")
	w := authorWordsOf(wordsFor(chosen, r.Header.Get("Accept-Language")))
	p := authorPage{page: page{Version: s.web.version}, W: w, Hall: w.name(h.Name, h.NameEn), Path: "/complaint/" + h.ID,
		Phone: h.SupervisionPhone, Tel: dial(h.SupervisionPhone)}
	if chosen == "zh" || chosen == "en" {
		p.Query = "?lang=" + chosen
	}
	return p
}

type complaintFormPage struct {
	authorPage
	fields
}

// fields are what somebody fills in who complains, or who writes down what somebody
// says on the telephone.
type fields struct {
	F          *authorWords
	Filing     complaints.Filing
	Kinds      []kindChoice
	Windows    []windowChoice
	MaxWords   int
	MaxContact int
}

func fieldsFor(h *hall.Hall, w *authorWords, f complaints.Filing) fields {
	return fields{F: w, Filing: f, Kinds: w.kinds(f.Kind), Windows: w.windowsOf(h, f.Window), MaxWords: complaint.MaxWords, MaxContact: complaint.MaxContact}
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

// kindChoices and windowChoices are for staff.
func kindChoices(chosen complaint.Kind) []kindChoice { return chineseAuthor.kinds(chosen) }

func windowChoices(h *hall.Hall, chosen ...string) []windowChoice {
	return chineseAuthor.windowsOf(h, chosen...)
}

func (w *authorWords) kinds(chosen complaint.Kind) []kindChoice {
	var out []kindChoice
	for _, k := range complaint.Kinds() {
		out = append(out, kindChoice{k, w.kind(k), w.name(k.About(), k.AboutEn()), k == chosen})
	}
	return out
}

func (w *authorWords) windowsOf(h *hall.Hall, chosen ...string) []windowChoice {
	var out []windowChoice
	for _, win := range h.Windows {
		out = append(out, windowChoice{ID: win.ID, Name: w.window(win.Name), Chosen: slices.Contains(chosen, win.ID)})
	}
	return out
}

// newFormID makes the id by which a form that is sent twice is one complaint.
func newFormID() string { return uuid.Must(uuid.NewV7()).String() }

// complaintNotice says why there is no page.
type complaintNotice struct {
	authorPage
	Heading, Text string
}

// authorRequest finds the hall of a request for a page of authors, unless it asks too
// often or is of no use; then it is answered here.
func (s *site) authorRequest(w http.ResponseWriter, r *http.Request) (*hall.Hall, authorPage, bool) {
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	h, ok := s.hallByID(r.PathValue("hall"))
	if !ok {
		s.missing(w, r)
		return nil, authorPage{}, false
	}
	p := s.authorPage(r, h)
	refuse := func(status int, heading, text string) {
		p.Title = heading
		s.render(w, status, "complaint-notice.html", complaintNotice{p, heading, text})
	}
	if !s.visitors.allow(visitorOf(r), time.Now()) {
		w.Header().Set("Retry-After", "20")
		refuse(http.StatusTooManyRequests, p.W.Crowd, p.W.CrowdCure)
		return nil, p, false
	}
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			refuse(http.StatusBadRequest, p.W.Lost, p.W.LostCure)
			return nil, p, false
		}
	}
	return h, p, true
}

func (s *site) complaintForm(w http.ResponseWriter, r *http.Request) {
	if h, p, ok := s.authorRequest(w, r); ok {
		p.SwitchURL = p.Path + "?lang=" + p.W.Other
		s.showComplaintForm(w, h, p, http.StatusOK, complaints.Filing{ID: newFormID()}, "")
	}
}

func (s *site) showComplaintForm(w http.ResponseWriter, h *hall.Hall, p authorPage, status int, f complaints.Filing, message string) {
	p.Title, p.Error = p.W.Heading, message
	s.render(w, status, "complaint.html", complaintFormPage{authorPage: p, fields: fieldsFor(h, p.W, f)})
}

// lines is a text as it was typed. A browser sends line ends as two characters, which
// would count twice.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// filingOf reads a form.
func filingOf(r *http.Request) complaints.Filing {
	form := r.PostForm
	return complaints.Filing{ID: form.Get("id"), Kind: complaint.Kind(form.Get("kind")), Window: form.Get("window"),
		Words: lines(form.Get("words")), Contact: form.Get("contact")}
}

type receiptPage struct {
	authorPage
	Code, Check string // as shown
	Raw         string // code
}

func (s *site) fileComplaint(w http.ResponseWriter, r *http.Request) {
	h, p, ok := s.authorRequest(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	f := filingOf(r)
	receipt, err := s.complaints.File(ctx, h.ID, f, visitorOf(r))
	if err != nil {
		status, text := s.explain(err, "")
		text = p.W.refusal(text)
		if status >= http.StatusInternalServerError {
			text = p.W.NotPosted
		}
		if _, err := uuid.Parse(f.ID); err != nil {
			f.ID = newFormID() // else it could never be sent
		}
		s.showComplaintForm(w, h, p, status, f, text)
		return
	}
	p.Title = p.W.Received
	// Shown at once and not behind a redirect: an address would have to hold the code.
	s.render(w, http.StatusOK, "complaint-receipt.html",
		receiptPage{authorPage: p, Code: receipt.Code.Shown(), Raw: string(receipt.Code), Check: p.W.sentence(p.W.Check, receipt.Due)})
}

type progressPage struct {
	authorPage
	Code         string // as typed
	Found        bool
	Notice       string
	Kind, State  string
	Stages       []stageRow
	Due, Late    string // at most one of them
	Department   string
	Reply        []string // its paragraphs
	Withdrawable bool
	Levels       []satisfactionChoice // to choose from; none when there is nothing to say, or it is said
	Judged       string               // what the author has said
	MaxOpinion   int
}

type stageRow struct {
	Name, At  string
	Done, Now bool
}

type satisfactionChoice struct {
	Level complaint.Satisfaction
	Name  string
}

func (s *site) progressForm(w http.ResponseWriter, r *http.Request) {
	if _, p, ok := s.authorRequest(w, r); ok {
		p.Title, p.SwitchURL = p.W.Progress, p.Path+"/progress?lang="+p.W.Other
		s.render(w, http.StatusOK, "complaint-progress.html", progressPage{authorPage: p})
	}
}

// byCode shows the progress of the complaint whose code was sent, after ask. done is
// what is said when that has changed something.
func (s *site) byCode(ask func(r *http.Request, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error), done func(*authorWords) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h, author, ok := s.authorRequest(w, r)
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), soon)
		defer cancel()
		r = r.WithContext(ctx)
		author.Title = author.W.Progress
		p := progressPage{authorPage: author, Code: r.PostForm.Get("code"), Notice: done(author.W)}
		state, err := ask(r, h.ID, p.Code, visitorOf(r))
		status := http.StatusOK
		if err != nil {
			var text string
			status, text = s.explain(err, "")
			p.Error = p.W.refusal(text)
			// What was refused may leave something to be seen.
			if status == http.StatusConflict || status == http.StatusUnprocessableEntity {
				p.Notice = ""
				if state, err = s.complaints.Progress(ctx, h.ID, p.Code, visitorOf(r)); err == nil {
					p.fill(h, state)
				}
			}
		} else {
			p.fill(h, state)
		}
		s.render(w, status, "complaint-progress.html", p)
	}
}

func (p *progressPage) fill(h *hall.Hall, state centralapi.ComplaintProgress) {
	p.Found, p.Kind, p.State = true, p.W.kind(state.Kind), p.W.state(state.State)
	p.Department, p.Withdrawable = state.Department, state.Withdrawable
	if p.Due = p.W.dayOf(state.Due); state.Overdue {
		p.Due, p.Late = "", p.W.sentence(p.W.Late, state.Due)
	}
	p.Reply = paragraphs(state.Reply)
	p.Stages = stageRows(h, p.W, state.State, state.Stages)
	p.Judged, p.MaxOpinion = p.W.satisfaction(state.Satisfaction), complaint.MaxOpinion
	if state.Judgeable {
		for _, l := range complaint.Satisfactions() {
			p.Levels = append(p.Levels, satisfactionChoice{l, p.W.satisfaction(l)})
		}
	}
}

// stageRows are the states of a case along its way, those it has reached with their
// times.
func stageRows(h *hall.Hall, w *authorWords, now complaint.State, stages []centralapi.ComplaintStage) []stageRow {
	reached := map[complaint.State]time.Time{}
	for _, st := range stages {
		reached[st.State] = st.At
	}
	way := complaint.Way()
	if at, ok := reached[complaint.Withdrawn]; ok {
		way = nil // what did not happen is not shown
		for _, st := range stages {
			if !st.At.After(at) {
				way = append(way, st.State)
			}
		}
	}
	var out []stageRow
	for _, st := range way {
		at, ok := reached[st]
		row := stageRow{Name: w.state(st), Done: ok, Now: st == now}
		if ok {
			row.At = w.moment(at.In(h.Location()))
		}
		out = append(out, row)
	}
	return out
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
