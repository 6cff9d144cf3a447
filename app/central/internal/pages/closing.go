package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/hall"
)

// closingRoutes close a window and open it again, by whoever sits there;
// and windows and businesses from afar, by a manager.
func (s *site) closingRoutes() []route {
	return []route{
		{"GET /console/pause", s.require(s.pauseForm, staff.Clerk)},
		{"POST /console/pause", s.require(s.pause, staff.Clerk)},
		{"POST /console/open", s.require(s.reopen, staff.Clerk)},
		{"GET " + closingsPage, s.require(s.closings, staff.Manager)},
		{"POST " + closingsPage, s.require(s.setClosed, staff.Manager)},
	}
}

// closingsPage is where a manager closes and opens.
const closingsPage = "/staff/closings"

// closedReasons are why a window is closed, for whoever works in the hall.
var closedReasons = []string{"短时离开", "设备有故障", "系统维护", "今天的业务办完了"}

type pausePage struct {
	movePage
	Closed  bool
	Why     string
	Open    string // label of the number at the window
	Held    int
	Reasons []choice
	Words   string
	Max     int
}

// pauseForm asks why, or offers to open the window again.
func (s *site) pauseForm(w http.ResponseWriter, r *http.Request, m member) {
	s.showPause(w, r, m, http.StatusOK, nil)
}

func (s *site) showPause(w http.ResponseWriter, r *http.Request, m member, status int, notice *message) {
	state, p, ok := s.atWindow(w, r, m, "暂停窗口")
	if !ok {
		return
	}
	p.Message = notice
	v := pausePage{movePage: p, Closed: state.Closed, Why: state.ClosedWhy, Held: len(state.Held),
		Reasons: choices(r.PostForm.Get("reason"), closedReasons...), Words: r.PostForm.Get("words"), Max: maxWords}
	if state.Current != nil {
		v.Open = state.Current.Label
	}
	s.render(w, status, "pause.html", v)
}

// closedWhy is the sentence of a form that closes something: one's own words, or one of
// the usual.
func closedWhy(form url.Values) (why string, ok bool) {
	words := strings.Join(strings.Fields(form.Get("words")), " ")
	if words == "" {
		words = form.Get("reason")
	}
	return words, words != "" && utf8.RuneCountInString(words) <= maxWords
}

// pause closes the member's window to the public.
func (s *site) pause(w http.ResponseWriter, r *http.Request, m member) {
	if _, ok := m.window(); !ok {
		s.nowhere(w, r, m)
		return
	}
	why, ok := closedWhy(r.PostForm)
	if !ok {
		s.showPause(w, r, m, http.StatusUnprocessableEntity, &message{"请选一句或写一句，最多 60 个字。", true})
		return
	}
	if err := s.closing(r.Context(), m, func(ctx context.Context) error { return s.desk.CloseWindow(ctx, m.hall.ID, m.actor(), m.Window, why) }); err != nil {
		status, text := s.explain(err, "")
		s.showPause(w, r, m, status, &message{text, true})
		return
	}
	s.did(w, r, m, "pause")
}

// reopen opens the member's window.
func (s *site) reopen(w http.ResponseWriter, r *http.Request, m member) {
	if _, ok := m.window(); !ok {
		s.nowhere(w, r, m)
		return
	}
	var notice *message
	status := http.StatusOK
	if err := s.closing(r.Context(), m, func(ctx context.Context) error { return s.desk.OpenWindow(ctx, m.hall.ID, m.actor(), m.Window) }); err != nil {
		var text string
		status, text = s.explain(err, "")
		notice = &message{text, true}
	}
	s.answer(w, r, m, status, notice)
}

// closing closes or opens the member's window while nothing else happens there.
func (s *site) closing(ctx context.Context, m member, do func(context.Context) error) error {
	mu := s.lock(m)
	mu.Lock()
	defer mu.Unlock()
	return do(ctx)
}

type closingsView struct {
	page
	Hall                *hall.Hall
	Clock               clock
	Me                  staff.Account
	Query               string
	Message             *message
	Windows, Businesses []closingRow
	Closed              int
	Max                 int
}

type closingRow struct {
	Kind, ID, Name, Note string
	Closed               bool
	Why, Since           string
	Words                string // typed before
}

// closings shows a manager what is closed, and closes and opens.
func (s *site) closings(w http.ResponseWriter, r *http.Request, m member) {
	s.showClosings(w, r, m, http.StatusOK, nil)
}

func (s *site) showClosings(w http.ResponseWriter, r *http.Request, m member, status int, notice *message) {
	state, err := s.desk.Closings(r.Context(), m.hall.ID)
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	if notice == nil {
		if text := closedText[r.URL.Query().Get("did")]; text != "" {
			notice = &message{text, false}
		}
	}
	p := closingsView{page: page{"开关窗口和业务", s.web.version}, Hall: m.hall, Clock: clockOf(m.hall, s.now()), Me: m.Account, Query: s.query(m.hall),
		Message: notice, Closed: len(state.Windows) + len(state.Businesses), Max: maxWords}
	row := func(kind, id, name, note string, closed []queue.Closing) closingRow {
		one := closingRow{Kind: kind, ID: id, Name: name, Note: note}
		for _, c := range closed {
			if c.ID == id {
				one.Closed, one.Why, one.Since = true, c.Why, momentText(c.Since.In(m.hall.Location()), s.now())
			}
		}
		if r.PostForm.Get("kind") == kind && r.PostForm.Get("id") == id {
			one.Words = r.PostForm.Get("words")
		}
		return one
	}
	for _, win := range m.hall.Windows {
		area, _ := m.hall.Area(win.Area)
		note := ""
		if area != nil {
			note = area.Name
		}
		p.Windows = append(p.Windows, row("window", win.ID, windowText(win.Name), note, state.Windows))
	}
	for _, b := range m.hall.Businesses {
		var names []string
		for _, id := range b.Windows {
			if win, ok := m.hall.Window(id); ok {
				names = append(names, win.Name)
			}
		}
		p.Businesses = append(p.Businesses, row("business", b.ID, b.Name, strings.Join(names, "、")+" 号窗口", state.Businesses))
	}
	s.render(w, status, "closings.html", p)
}

// momentText is 10:31, on another day 11月21日 10:31.
func momentText(t, now time.Time) string {
	now = now.In(t.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return fmt.Sprintf("%d月%d日 %s", int(t.Month()), t.Day(), t.Format("15:04"))
}

// closedText says what a manager has done.
var closedText = map[string]string{"closed": "已经关闭。", "opened": "已经打开。"}

// setClosed closes or opens a window or a business.
func (s *site) setClosed(w http.ResponseWriter, r *http.Request, m member) {
	form := r.PostForm
	id, opens := form.Get("id"), form.Get("do") == "open"
	why, ok := closedWhy(form)
	if !opens && form.Get("do") != "close" || form.Get("kind") != "window" && form.Get("kind") != "business" {
		s.showClosings(w, r, m, http.StatusUnprocessableEntity, &message{"没有看懂要关还是要开，请再按一次。", true})
		return
	}
	if !opens && !ok {
		s.showClosings(w, r, m, http.StatusUnprocessableEntity, &message{"关闭要写一句原因，最多 60 个字。", true})
		return
	}
	ctx, hallID := r.Context(), m.hall.ID
	var err error
	did := "closed"
	switch window := form.Get("kind") == "window"; {
	case opens && window:
		did, err = "opened", s.desk.OpenWindow(ctx, hallID, m.actor(), id)
	case opens:
		did, err = "opened", s.desk.OpenBusiness(ctx, hallID, m.actor(), id)
	case window:
		err = s.desk.CloseWindow(ctx, hallID, m.actor(), id, why)
	default:
		err = s.desk.CloseBusiness(ctx, hallID, m.actor(), id, why)
	}
	if err != nil {
		status, text := s.explain(err, "")
		s.showClosings(w, r, m, status, &message{text, true})
		return
	}
	target := closingsPage + "?did=" + did
	if m.hall.ID != s.halls[0] {
		target += "&hall=" + m.hall.ID
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
