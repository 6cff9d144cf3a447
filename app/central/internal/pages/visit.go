package pages

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/skip2/go-qrcode"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/visits"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
)

// Visits keeps what came of visits; *visits.Desk satisfies it.
type Visits interface {
	Record(ctx context.Context, hallID string, r visits.Result) (visits.Result, error)
	// Of returns the results of a ticket, the newest first.
	Of(ctx context.Context, hallID, ticket string) ([]visits.Result, error)
}

// visitRoutes are the pages of results; there are none without Config.Visits.
func (s *site) visitRoutes() []route {
	if s.visits == nil {
		return nil
	}
	return []route{
		{"GET /console/result", s.require(s.resultForm, staff.Clerk)},
		{"POST /console/result", s.require(s.result, staff.Clerk)},
		{"GET /console/notice/{ticket}", s.require(s.notice, staff.Clerk)},
	}
}

type resultPage struct {
	page
	Hall                  *hall.Hall
	Query, Window         string
	Message               *message
	Ticket                centralapi.Ticket
	Business, Item        string
	Kinds                 []visits.Kind
	Reasons               []visits.Reason
	Guides                []resultGuide
	Before                string // kind of the result that is there
	Today                 string
	Typed                 visits.Result // what was typed before
	Others                string        // missing besides the guides' materials, a line each
	MaxWords              int
	UnitLines, ChosenKind string
}

type resultGuide struct {
	ID, Name  string
	Open      bool
	Materials []resultMaterial
}

type resultMaterial struct {
	Value, Text string
	Chosen      bool
}

// resultForm asks what came of the visit of the number at the window.
func (s *site) resultForm(w http.ResponseWriter, r *http.Request, m member) {
	s.showResult(w, r, m, http.StatusOK, visits.Result{Kind: visits.OnTheSpot}, nil)
}

func (s *site) showResult(w http.ResponseWriter, r *http.Request, m member, status int, typed visits.Result, notice *message) {
	win, ok := m.window()
	if !ok {
		s.toConsole(w, r, m)
		return
	}
	state, err := s.desk.Console(r.Context(), m.hall.ID, win.ID)
	var before []visits.Result
	var guides []resultGuide
	if err == nil && state.Current != nil {
		if before, err = s.visits.Of(r.Context(), m.hall.ID, state.Current.ID); err == nil {
			guides, err = s.guidesOf(r.Context(), m.hall.ID, state.Current.Business)
		}
	}
	switch {
	case err != nil:
		s.failWith(w, notNow, err)
		return
	case state.Current == nil:
		s.toConsole(w, r, m)
		return
	}
	p := resultPage{page: page{"办理结果", s.web.version}, Hall: m.hall, Query: s.query(m.hall), Window: windowText(win.Name), Message: notice,
		Ticket: *state.Current, Kinds: visits.Kinds(), Reasons: visits.Reasons(), Guides: guides, Today: state.Now.Format("2006-01-02"),
		Typed: typed, MaxWords: visits.MaxWords, UnitLines: strings.Join(typed.Units, "\n"), ChosenKind: string(typed.Kind)}
	p.Business, p.Item = matter(m.hall, *state.Current)
	if len(before) > 0 {
		p.Before = before[0].Kind.Name()
	}
	known := map[string]bool{}
	for i := range p.Guides {
		g := &p.Guides[i]
		g.Open = len(p.Guides) == 1
		for j := range g.Materials {
			material := &g.Materials[j]
			if slices.Contains(typed.Missing, material.Text) && (typed.Guide == "" || typed.Guide == g.ID) {
				material.Chosen, g.Open, known[material.Text] = true, true, true
			}
		}
	}
	var others []string
	for _, text := range typed.Missing {
		if !known[text] {
			others = append(others, text)
		}
	}
	p.Others = strings.Join(others, "\n")
	s.render(w, status, "result.html", p)
}

// guidesOf returns the guides of a business with their materials. A hall without
// guides has none.
func (s *site) guidesOf(ctx context.Context, hallID, business string) ([]resultGuide, error) {
	c, err := s.desk.Guides(ctx, hallID)
	if centralapi.HasCode(err, centralapi.CodeNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []resultGuide
	for i := range c.Guides {
		g := &c.Guides[i]
		if g.Business != business || len(g.Materials) == 0 {
			continue
		}
		one := resultGuide{ID: g.ID, Name: g.Name}
		for _, m := range g.Materials {
			text := materialText(m)
			one.Materials = append(one.Materials, resultMaterial{Value: g.ID + "|" + text, Text: text})
		}
		out = append(out, one)
	}
	return out, nil
}

// materialText is one line of a list of what is missing: 户口簿（原件 1 份，复印件 2 份）.
func materialText(m guide.Material) string {
	var parts []string
	if m.Originals > 0 {
		parts = append(parts, fmt.Sprintf("原件 %d 份", m.Originals))
	}
	if m.Copies > 0 {
		parts = append(parts, fmt.Sprintf("复印件 %d 份", m.Copies))
	}
	text := strings.Join(strings.Fields(m.Name), " ")
	if len(parts) > 0 {
		text += "（" + strings.Join(parts, "，") + "）"
	}
	if r := []rune(text); len(r) > visits.MaxLine {
		text = string(r[:visits.MaxLine-1]) + "…"
	}
	return text
}

// formLines are the lines of a text area, without the empty ones.
func formLines(s string) []string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// result keeps what came of the visit and finishes the number.
func (s *site) result(w http.ResponseWriter, r *http.Request, m member) {
	win, ok := m.window()
	if !ok {
		s.toConsole(w, r, m)
		return
	}
	form := r.PostForm
	typed := visits.Result{Kind: visits.Kind(form.Get("kind")), Due: form.Get("due"), Words: form.Get("words"), Again: form.Get("again"),
		Units: formLines(form.Get("units")), Window: win.ID, Account: m.Account.ID}
	for _, reason := range visits.Reasons() {
		if form.Get("reason") == fmt.Sprint(int(reason)) {
			typed.Reason = reason
		}
	}
	if typed.Kind == visits.Upward {
		typed.Units = []string{form.Get("upto")}
	}
	for _, value := range form["material"] {
		g, text, ok := strings.Cut(value, "|")
		if !ok {
			continue
		}
		// Materials of two matters on one list: then it belongs to no guide.
		switch {
		case len(typed.Missing) == 0:
			typed.Guide = g
		case typed.Guide != g:
			typed.Guide = ""
		}
		typed.Missing = append(typed.Missing, text)
	}
	typed.Missing = append(typed.Missing, formLines(form.Get("others"))...)

	mu := s.lock(m)
	mu.Lock()
	defer mu.Unlock()
	state, err := s.desk.Console(r.Context(), m.hall.ID, win.ID)
	if err == nil && (state.Current == nil || state.Current.ID != form.Get("id")) {
		s.showConsole(r.Context(), w, m, http.StatusConflict, &message{"刚才的情况已经变了，结果没有登记。请看清后再办。", true})
		return
	}
	var kept visits.Result
	if err == nil {
		t := state.Current
		typed.Ticket, typed.Label, typed.Business = t.ID, t.Label, t.Business
		if kept, err = s.visits.Record(r.Context(), m.hall.ID, typed); err == nil {
			_, err = s.desk.Finish(r.Context(), m.hall.ID, win.ID, t.ID)
		}
	}
	if err != nil {
		status, text := s.explain(err, "")
		s.showResult(w, r, m, status, typed, &message{text, true})
		return
	}
	if kept.Tells() {
		http.Redirect(w, r, "/console/notice/"+kept.Ticket+s.query(m.hall), http.StatusSeeOther)
		return
	}
	s.toConsole(w, r, m)
}

type sheetPage struct {
	page
	Hall     *hall.Hall
	Query    string
	Result   visits.Result
	Title    string
	Business string
	Guide    string
	Window   string
	Clerk    string
	Phone    string
	At       string
	Code     string // path of the QR code in SVG; empty = none
	Size     int    // modules on a side, with the margin
}

// notice is the 一次性告知书 of a ticket, to be printed or scanned.
func (s *site) notice(w http.ResponseWriter, r *http.Request, m member) {
	list, err := s.visits.Of(r.Context(), m.hall.ID, r.PathValue("ticket"))
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	if len(list) == 0 || !list[0].Tells() {
		s.missing(w, r)
		return
	}
	v := list[0]
	p := sheetPage{page: page{"一次性告知书", s.web.version}, Hall: m.hall, Query: s.query(m.hall), Result: v, Title: "补正材料一次性告知书",
		Window: windowName(m.hall, v.Window), At: v.At.In(m.hall.Location()).Format("2006年1月2日 15:04")}
	if v.Kind == visits.Returned {
		p.Title = "退回事项告知书"
	}
	p.Business, _ = matter(m.hall, centralapi.Ticket{Business: v.Business})
	accounts, err := s.people.List(r.Context(), m.hall.ID)
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	for _, a := range accounts {
		if a.ID == v.Account {
			p.Clerk = a.Name
		}
	}
	s.addGuide(r, m.hall, &p)
	s.render(w, http.StatusOK, "notice-sheet.html", p)
}

// addGuide names the matter and makes the code with its guide, in which what is there
// already is ticked. Without guides or keys the sheet says everything all the same.
func (s *site) addGuide(r *http.Request, h *hall.Hall, p *sheetPage) {
	c, err := s.desk.Guides(r.Context(), h.ID)
	if err != nil || p.Result.Guide == "" {
		return
	}
	at := slices.IndexFunc(c.Guides, func(g guide.Guide) bool { return g.ID == p.Result.Guide })
	if at < 0 {
		return
	}
	g := &c.Guides[at]
	p.Guide, p.Phone = g.Name, g.Phone
	var there []int
	for i, m := range g.Materials {
		if !slices.Contains(p.Result.Missing, materialText(m)) {
			there = append(there, i)
		}
	}
	ring, err := s.desk.HandoffRing(r.Context(), h.ID)
	if err != nil {
		return
	}
	token, err := ring.Sign(handoff.ForGuide(g, there, handoff.Chinese, s.now()), s.now())
	if err != nil {
		return
	}
	scheme := "http://"
	if s.overTLS(r) {
		scheme = "https://"
	}
	code, err := qrcode.New(handoff.Address(cmp.Or(h.PhoneURL, scheme+r.Host), h.ID, token), qrcode.Medium)
	if err != nil {
		s.log.Error("pages: code of a notice", "err", err)
		return
	}
	rows := code.Bitmap()
	var path strings.Builder
	for y, row := range rows {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	p.Code, p.Size = path.String(), len(rows)
}
