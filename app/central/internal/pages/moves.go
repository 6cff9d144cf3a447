package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// maxWords is how much staff may add to a reason, in characters.
const maxWords = 60

// moveRoutes are the pages of what is done with a number that needs more than a press.
func (s *site) moveRoutes() []route {
	return []route{
		{"GET /console/transfer", s.require(s.transferForm, staff.Clerk)},
		{"POST /console/transfer", s.require(s.transfer, staff.Clerk)},
		{"GET /console/wrong", s.require(s.wrongForm, staff.Clerk)},
		{"POST /console/wrong", s.require(s.wrong, staff.Clerk)},
		{"GET /console/number/{ticket}", s.require(s.number, staff.Clerk)},
		{"POST /console/prioritise", s.require(s.prioritise, staff.Clerk)},
		{"GET /console/why", s.require(s.why, staff.Clerk)},
	}
}

// movePage is what these pages share.
type movePage struct {
	page
	Hall    *hall.Hall
	Query   string
	Window  string
	Account staff.Account
	Message *message
	Seen    string
	Number  chosen
}

// chosen is the number that something is done with.
type chosen struct {
	ID, Label, Business, Item, Name, Waited string
	Class                                   *tag
}

func chosenOf(h *hall.Hall, t centralapi.Ticket, c queue.Console) chosen {
	business, item := matter(h, t)
	since := waited(c.Now.Sub(t.IssuedAt))
	if since == "刚刚" {
		since = "刚取号"
	} else {
		since = "等了 " + since
	}
	return chosen{ID: t.ID, Label: t.Label, Business: business, Item: item, Name: t.HolderName, Class: classTag(t.Class), Waited: since}
}

// choice is an answer that can be given; the one given before is Chosen.
type choice struct {
	ID, Name, Note string
	Chosen         bool
}

func choices(given string, names ...string) []choice {
	var out []choice
	for _, n := range names {
		out = append(out, choice{ID: n, Name: n, Chosen: n == given})
	}
	return out
}

// other is the reason that needs words.
const other = "其他"

// reasonOf puts a chosen reason and words of one's own into one sentence. Without a
// reason, or with other and no words, ok is false.
func reasonOf(form url.Values, known ...string) (reason string, ok bool) {
	words := strings.Join(strings.Fields(form.Get("words")), " ")
	if utf8.RuneCountInString(words) > maxWords {
		return "", false
	}
	chosen := ""
	for _, k := range known {
		if k == form.Get("reason") {
			chosen = k
		}
	}
	switch {
	case chosen == "" || chosen == other && words == "":
		return "", false
	case chosen == other:
		return words, true
	case words != "":
		return chosen + "：" + words, true
	}
	return chosen, true
}

// atWindow reads the state of the member's window for one of these pages. Where there
// is nothing to show it has answered already.
func (s *site) atWindow(w http.ResponseWriter, r *http.Request, m member, title string) (queue.Console, movePage, bool) {
	win, ok := m.window()
	if !ok {
		s.toConsole(w, r, m)
		return queue.Console{}, movePage{}, false
	}
	state, err := s.desk.Console(r.Context(), m.hall.ID, win.ID)
	if err != nil {
		s.failWith(w, notNow, err)
		return queue.Console{}, movePage{}, false
	}
	return state, movePage{page: page{title, s.web.version}, Hall: m.hall, Query: s.query(m.hall), Window: windowText(win.Name),
		Account: m.Account, Seen: seenOf(state)}, true
}

// did sends back to the console, which says in a sentence what has been done.
func (s *site) did(w http.ResponseWriter, r *http.Request, m member, what string) {
	target := "/console?did=" + what
	if m.hall.ID != s.halls[0] {
		target += "&hall=" + m.hall.ID
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// doneText are the sentences of did.
var doneText = map[string]string{
	"transfer":   "已经转过去了，群众不用重新取号。",
	"wrong":      "按取错事项结束了。",
	"prioritise": "已经改好，原因记下来了。",
	"pause":      "窗口已经暂停，不会再叫号。",
	"gone":       "这个号码已经不在等候了。",
}

type transferPage struct {
	movePage
	Businesses, Windows []choice
}

// transferForm asks where the number at the window goes.
func (s *site) transferForm(w http.ResponseWriter, r *http.Request, m member) {
	s.showTransfer(w, r, m, http.StatusOK, nil)
}

func (s *site) showTransfer(w http.ResponseWriter, r *http.Request, m member, status int, notice *message) {
	state, p, ok := s.atWindow(w, r, m, "转办")
	switch {
	case !ok:
		return
	case state.Current == nil:
		s.did(w, r, m, "gone")
		return
	}
	p.Message, p.Number = notice, chosenOf(m.hall, *state.Current, state)
	t := transferPage{movePage: p}
	t.Businesses, t.Windows = targets(m.hall, state, r.PostForm.Get("to"))
	s.render(w, status, "transfer.html", t)
}

// targets are where the number at the window can go, with what was chosen before. Its
// own business is none: that is 退回队列.
func targets(h *hall.Hall, c queue.Console, given string) (businesses, windows []choice) {
	for _, t := range c.Targets.Businesses {
		if c.Current != nil && t.ID == c.Current.Business {
			continue
		}
		one := choice{ID: t.ID, Name: t.Name, Chosen: given == "business:"+t.ID}
		if b, ok := h.Business(t.ID); ok {
			var names []string
			for _, id := range b.Windows {
				if win, ok := h.Window(id); ok {
					names = append(names, win.Name)
				}
			}
			one.Note = strings.Join(names, "、") + " 号窗口"
		}
		businesses = append(businesses, one)
	}
	for _, t := range c.Targets.Windows {
		one := choice{ID: t.ID, Name: windowText(t.Name), Chosen: given == "window:"+t.ID}
		if win, ok := h.Window(t.ID); ok {
			if a, ok := h.Area(win.Area); ok {
				one.Note = a.Name
			}
		}
		windows = append(windows, one)
	}
	return businesses, windows
}

// targetOf reads a chosen target.
func targetOf(value string) (to queue.TransferTo, ok bool) {
	switch kind, id, _ := strings.Cut(value, ":"); {
	case id == "":
		return to, false
	case kind == "business":
		return queue.TransferTo{Business: id}, true
	case kind == "window":
		return queue.TransferTo{Window: id}, true
	}
	return to, false
}

// change carries out something with the number at the member's window, unless the
// window's state is no longer the one the person saw. It answers when nothing was done.
func (s *site) change(w http.ResponseWriter, r *http.Request, m member, failed func(status int, notice *message), do func(ctx context.Context, ticketID string) error) bool {
	if _, ok := m.window(); !ok {
		s.nowhere(w, r, m)
		return false
	}
	mu := s.lock(m)
	mu.Lock()
	defer mu.Unlock()
	state, err := s.desk.Console(r.Context(), m.hall.ID, m.Window)
	if err == nil && (seenOf(state) != r.PostForm.Get("seen") || state.Current == nil || state.Current.ID != r.PostForm.Get("id")) {
		s.showConsole(r.Context(), w, m, http.StatusConflict, &message{"刚才的情况已经变了，没有重复操作。请看清后再办。", true})
		return false
	}
	if err == nil {
		err = do(r.Context(), state.Current.ID)
	}
	if err != nil {
		status, text := s.explain(err, "")
		failed(status, &message{text, true})
		return false
	}
	return true
}

// transfer sends the number at the window elsewhere.
func (s *site) transfer(w http.ResponseWriter, r *http.Request, m member) {
	to, ok := targetOf(r.PostForm.Get("to"))
	if !ok {
		s.showTransfer(w, r, m, http.StatusUnprocessableEntity, &message{"请选择转到哪里。", true})
		return
	}
	failed := func(status int, notice *message) { s.showTransfer(w, r, m, status, notice) }
	if s.change(w, r, m, failed, func(ctx context.Context, id string) error {
		_, err := s.desk.Transfer(ctx, m.hall.ID, m.Window, id, to)
		return err
	}) {
		s.did(w, r, m, "transfer")
	}
}

// wrongReasons are why a number was taken for another matter.
var wrongReasons = []string{"选错了业务", "要到别的单位办", "可以在网上办", "材料不全，今天不办了", other}

// endHere stands in the form for a number that goes nowhere else.
const endHere = "end"

type wrongPage struct {
	movePage
	Businesses, Reasons []choice
	End                 bool // chosen before: endHere
	Words               string
	MaxWords            int
}

// wrongForm asks what becomes of a number that was taken for another matter.
func (s *site) wrongForm(w http.ResponseWriter, r *http.Request, m member) {
	s.showWrong(w, r, m, http.StatusOK, nil)
}

func (s *site) showWrong(w http.ResponseWriter, r *http.Request, m member, status int, notice *message) {
	state, p, ok := s.atWindow(w, r, m, "取错事项")
	switch {
	case !ok:
		return
	case state.Current == nil:
		s.did(w, r, m, "gone")
		return
	}
	p.Message, p.Number = notice, chosenOf(m.hall, *state.Current, state)
	to := r.PostForm.Get("to")
	v := wrongPage{movePage: p, Reasons: choices(r.PostForm.Get("reason"), wrongReasons...), End: to == endHere, Words: r.PostForm.Get("words"), MaxWords: maxWords}
	v.Businesses, _ = targets(m.hall, state, to)
	s.render(w, status, "wrong.html", v)
}

// wrong sends a number that was taken for another matter there, or ends it.
func (s *site) wrong(w http.ResponseWriter, r *http.Request, m member) {
	reason, ok := reasonOf(r.PostForm, wrongReasons...)
	if !ok {
		s.showWrong(w, r, m, http.StatusUnprocessableEntity, &message{"请选择怎么回事；选“其他”要写一句，最多 60 个字。", true})
		return
	}
	to, ok := targetOf(r.PostForm.Get("to"))
	ends := r.PostForm.Get("to") == endHere
	if !ok && !ends {
		s.showWrong(w, r, m, http.StatusUnprocessableEntity, &message{"请选择转到哪里，或者到此结束。", true})
		return
	}
	failed := func(status int, notice *message) { s.showWrong(w, r, m, status, notice) }
	if !s.change(w, r, m, failed, func(ctx context.Context, id string) error {
		_, err := s.desk.WrongMatter(ctx, m.hall.ID, m.Window, id, to, reason)
		return err
	}) {
		return
	}
	if ends {
		s.did(w, r, m, "wrong")
		return
	}
	s.did(w, r, m, "transfer")
}

// classReasons are why a number is called earlier, or no longer is.
var classReasons = []string{"老年人", "残疾人", "孕妇", "带婴幼儿", "现役或退役军人", "身体不适", "有预约", "弄错了", other}

type numberPage struct {
	movePage
	Reason        string   // of its class
	Place         int      // in the list of this window, from 1
	Answers       []string // of which number was called first, and why
	First, Second string
	Focus         bool
	Classes       []choice // it can be given
	Reasons       []choice
	Words         string
	MaxWords      int
}

// number shows a number that waits: who is called before it and why, and the form that
// gives it priority.
func (s *site) number(w http.ResponseWriter, r *http.Request, m member) {
	s.showNumber(w, r, m, r.PathValue("ticket"), http.StatusOK, nil)
}

func (s *site) showNumber(w http.ResponseWriter, r *http.Request, m member, id string, status int, notice *message) {
	state, p, ok := s.atWindow(w, r, m, "")
	if !ok {
		return
	}
	at := slices.IndexFunc(state.Waiting, func(t centralapi.Ticket) bool { return t.ID == id })
	if at < 0 {
		s.did(w, r, m, "gone")
		return
	}
	t := state.Waiting[at]
	p.Title, p.Message, p.Number = t.Label, notice, chosenOf(m.hall, t, state)
	v := numberPage{movePage: p, Place: at + 1, Reason: t.ClassReason, Second: t.Label, Reasons: choices(r.PostForm.Get("reason"), classReasons...),
		Words: r.PostForm.Get("words"), MaxWords: maxWords}
	for _, c := range append(slices.Clone(state.Classes), centralapi.Ordinary) {
		if c != t.Class {
			v.Classes = append(v.Classes, choice{ID: classValue(c), Name: classText(c), Chosen: r.PostForm.Get("class") == classValue(c)})
		}
	}
	// Whom this window has called last is whom people ask about.
	switch {
	case state.Current != nil:
		v.First = state.Current.Label
	case len(state.Done) > 0:
		v.First = state.Done[0].Ticket.Label
	}
	if v.First != "" {
		sentence, err := s.desk.Why(r.Context(), m.hall.ID, v.First, t.Label)
		if err != nil {
			_, sentence = s.explain(err, "")
		}
		v.Answers = []string{sentence}
	}
	s.render(w, status, "number.html", v)
}

// prioritise changes the class of a number that waits.
func (s *site) prioritise(w http.ResponseWriter, r *http.Request, m member) {
	id := r.PostForm.Get("id")
	class, known := classOf(r.PostForm.Get("class"))
	reason, ok := reasonOf(r.PostForm, classReasons...)
	if !known || !ok {
		s.showNumber(w, r, m, id, http.StatusUnprocessableEntity, &message{"请选择改成什么、为什么；选“其他”要写一句，最多 60 个字。", true})
		return
	}
	if _, ok := m.window(); !ok {
		s.nowhere(w, r, m)
		return
	}
	if _, err := s.desk.Prioritise(r.Context(), m.hall.ID, m.Window, id, class, reason); err != nil {
		status, text := s.explain(err, "")
		s.showNumber(w, r, m, id, status, &message{text, true})
		return
	}
	s.did(w, r, m, "prioritise")
}

// why answers which of two numbers was called first, and why.
func (s *site) why(w http.ResponseWriter, r *http.Request, m member) {
	_, p, ok := s.atWindow(w, r, m, "为什么先叫")
	if !ok {
		return
	}
	label := func(name string) string {
		return strings.ToUpper(strings.Join(strings.Fields(r.URL.Query().Get(name)), ""))
	}
	v := numberPage{movePage: p, First: label("first"), Second: label("second"), Focus: true}
	status := http.StatusOK
	if v.First != "" && v.Second != "" {
		sentence, err := s.desk.Why(r.Context(), m.hall.ID, v.First, v.Second)
		if err != nil {
			var text string
			status, text = s.explain(err, "")
			v.Message = &message{text, true}
		} else {
			v.Answers = []string{sentence}
		}
	}
	s.render(w, status, "why.html", v)
}

// classText names a class for staff.
func classText(c centralapi.TicketClass) string {
	switch c {
	case centralapi.Ordinary:
		return "普通"
	case centralapi.Priority:
		return "绿色通道"
	case centralapi.Appointment:
		return "预约"
	}
	return string(c) // from a newer service
}

// classTag marks a ticket that has a class.
func classTag(c centralapi.TicketClass) *tag {
	if c == centralapi.Ordinary {
		return nil
	}
	return &tag{string(c), classText(c)}
}

// classValue stands in forms for a class: the ordinary one is empty otherwise.
func classValue(c centralapi.TicketClass) string {
	if c == centralapi.Ordinary {
		return "ordinary"
	}
	return string(c)
}

func classOf(value string) (c centralapi.TicketClass, ok bool) {
	for _, c := range []centralapi.TicketClass{centralapi.Ordinary, centralapi.Priority, centralapi.Appointment} {
		if classValue(c) == value {
			return c, true
		}
	}
	return centralapi.Ordinary, false
}
