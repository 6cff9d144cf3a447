package pages

import (
	"context"
	"net/http"
	"strings"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/hall"
)

type choosePage struct {
	page
	Hall    *hall.Hall
	Account staff.Account
	Message *message
	Manager bool
	Areas   []chooseArea
	Many    bool // more windows than large tiles have room for
}

type chooseArea struct {
	Name    string
	Windows []chooseWindow
}

type chooseWindow struct {
	ID, Name string
	Note     string // stands small below the name
	Free     bool   // can be taken
	Yours    bool   // was left to this account
}

// showChoose asks at which window the member sits down.
func (s *site) showChoose(w http.ResponseWriter, r *http.Request, m member, status int, notice *message) {
	duties, err := s.people.Duties(r.Context(), m.hall.ID)
	if err != nil {
		s.failWith(w, "窗口操作台暂时打不开", err)
		return
	}
	by := map[string]staff.Duty{}
	for _, d := range duties {
		by[d.Window] = d
	}
	p := choosePage{page: page{"选择窗口", s.web.version}, Hall: m.hall, Account: m.Account, Message: notice,
		Manager: m.Account.Has(staff.Manager), Many: len(m.hall.Windows) > 12}
	for _, a := range m.hall.Areas {
		area := chooseArea{Name: a.Name}
		for _, win := range m.hall.Windows {
			if win.Area != a.ID || !m.Account.MayServe(win.ID) {
				continue
			}
			d := by[win.ID]
			tile := chooseWindow{ID: win.ID, Name: win.Name, Free: d.Account.ID == "" || d.Account.ID == m.Account.ID,
				Note: strings.TrimSpace(strings.TrimPrefix(windowText(win.Name), win.Name))}
			switch {
			case !tile.Free:
				tile.Note = d.Account.Name + " 在岗"
			case d.Left != nil && d.Left.To.ID == m.Account.ID:
				tile.Note, tile.Yours = d.Left.From.Name+" 交给您", true
			case d.Left != nil:
				tile.Note = "等 " + d.Left.To.Name
			}
			area.Windows = append(area.Windows, tile)
		}
		if len(area.Windows) > 0 {
			p.Areas = append(p.Areas, area)
		}
	}
	s.render(w, status, "choose.html", p)
}

// sit puts the member at a window.
func (s *site) sit(w http.ResponseWriter, r *http.Request, m member) {
	window := r.PostForm.Get("window")
	if window == "" {
		s.showChoose(w, r, m, http.StatusUnprocessableEntity, &message{"请先选择窗口。", true})
		return
	}
	if err := s.people.Sit(r.Context(), m.hall.ID, m.token, window); err != nil {
		status, text := s.explain(err, "")
		s.showChoose(w, r, m, status, &message{text, true})
		return
	}
	s.toConsole(w, r, m)
}

type leavePage struct {
	page
	Hall       *hall.Hall
	Window     string
	Account    staff.Account
	Query      string
	Message    *message
	Open       string // label of the number at the window
	Held       int    // numbers put aside there
	Colleagues []staff.Account
	Reasons    []staff.Reason
	To         string
	Reason     string
}

// leaveForm asks who comes, or whether the window closes.
func (s *site) leaveForm(w http.ResponseWriter, r *http.Request, m member) {
	s.showLeave(w, r, m, http.StatusOK, nil)
}

func (s *site) showLeave(w http.ResponseWriter, r *http.Request, m member, status int, notice *message) {
	win, ok := m.window()
	if !ok {
		s.toConsole(w, r, m)
		return
	}
	state, err := s.desk.Console(r.Context(), m.hall.ID, win.ID)
	var colleagues []staff.Account
	if err == nil {
		colleagues, err = s.people.Colleagues(r.Context(), m.hall.ID, win.ID, m.Account.ID)
	}
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	p := leavePage{page: page{"离岗", s.web.version}, Hall: m.hall, Window: windowText(win.Name), Account: m.Account, Query: s.query(m.hall),
		Message: notice, Colleagues: colleagues, Reasons: staff.Reasons(), To: r.PostForm.Get("to"), Reason: r.PostForm.Get("reason"), Held: len(state.Held)}
	if state.Current != nil {
		p.Open = state.Current.Label
	}
	s.render(w, status, "leave.html", p)
}

// closeWindow stands in the form for nobody who comes.
const closeWindow = "close"

// leave takes the member away from the window.
func (s *site) leave(w http.ResponseWriter, r *http.Request, m member) {
	win, ok := m.window()
	if !ok {
		s.toConsole(w, r, m)
		return
	}
	to := r.PostForm.Get("to")
	if to == "" {
		s.showLeave(w, r, m, http.StatusUnprocessableEntity, &message{"请选择谁来接替，或者关闭窗口。", true})
		return
	}
	// No number may be called between looking and leaving.
	mu := s.lock(m)
	mu.Lock()
	defer mu.Unlock()
	state, err := s.desk.Console(r.Context(), m.hall.ID, win.ID)
	if err == nil {
		l := staff.Leaving{To: to, Reason: staff.Reason(r.PostForm.Get("reason"))}
		if to == closeWindow {
			l.To = ""
		}
		if state.Current != nil {
			l.Ticket = state.Current.ID
		}
		err = s.people.Leave(r.Context(), m.hall.ID, m.token, l)
	}
	if err != nil {
		status, text := s.explain(err, "")
		s.showLeave(w, r, m, status, &message{text, true})
		return
	}
	if to == closeWindow && !state.Closed {
		s.vacate(r.Context(), m)
	}
	s.toConsole(w, r, m)
}

// vacate sends back to their queues what only this window would have called: what it
// has put aside, and what was handed on to it. Nobody is there to call them, and the
// window is open for whoever sits down next, so it is closed for a moment.
func (s *site) vacate(ctx context.Context, m member) {
	err := s.desk.CloseWindow(ctx, m.hall.ID, m.actor(), m.Window, "没有人接替，离岗")
	if err == nil {
		err = s.desk.OpenWindow(ctx, m.hall.ID, m.actor(), m.Window)
	}
	if err != nil {
		s.log.Error("pages: vacate", "hall", m.hall.ID, "window", m.Window, "err", err)
	}
}
