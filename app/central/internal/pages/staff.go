package pages

import (
	"context"
	"net/http"
	"strings"
	"time"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/hall"
)

// Staff is who works in the halls, as the pages need it; *staff.Book satisfies it.
// Errors that are a *centralapi.Error carry a sentence for staff.
type Staff interface {
	Accounts
	Duties
}

// Accounts lets staff in and out.
type Accounts interface {
	// Login makes a session. Its token is never one that a browser has brought.
	Login(ctx context.Context, hallID, login, password string) (token string, s staff.Session, err error)
	// Session returns who has a token.
	Session(ctx context.Context, hallID, token string) (staff.Session, error)
	// Use is Session for something a person did.
	Use(ctx context.Context, hallID, token string) (staff.Session, error)
	Logout(ctx context.Context, hallID, token string) error
	// ChangePassword ends all sessions of the account but the one it makes.
	ChangePassword(ctx context.Context, hallID, token, old, password string) (newToken string, s staff.Session, err error)
	List(ctx context.Context, hallID string) ([]staff.Account, error)
}

// Duties is who is at which window.
type Duties interface {
	Sit(ctx context.Context, hallID, token, window string) error
	Leave(ctx context.Context, hallID, token string, l staff.Leaving) error
	// Colleagues returns who else may serve a window.
	Colleagues(ctx context.Context, hallID, window, except string) ([]staff.Account, error)
	Duties(ctx context.Context, hallID string) ([]staff.Duty, error)
	Handovers(ctx context.Context, hallID string, since time.Time) ([]staff.Handover, error)
	// Revealed tells the ledger that somebody looked at what is known of a ticket's
	// holder.
	Revealed(ctx context.Context, hallID string, s staff.Session, ticketID, label string) error
}

type accountPage struct {
	page
	Hall    *hall.Hall
	Home    string // where the account goes from here; empty = nowhere yet
	Account staff.Account
	Roles   string
	Message *message
	Minimum int
}

// account shows the member's own account, where the password is changed.
func (s *site) account(w http.ResponseWriter, r *http.Request, m member) {
	var notice *message
	if m.Account.MustChange {
		notice = &message{"这是别人给您的口令，请先换成只有您自己知道的。", false}
	}
	s.showAccount(w, http.StatusOK, m, notice)
}

func (s *site) showAccount(w http.ResponseWriter, status int, m member, notice *message) {
	p := accountPage{page: page{"我的账号", s.web.version}, Hall: m.hall, Account: m.Account,
		Roles: roleText(m.Account), Message: notice, Minimum: staff.MinPassword}
	if home := s.homeOf(m.Account, m.hall); home != passwordPage {
		p.Home = home
	}
	s.render(w, status, "account.html", p)
}

func roleText(a staff.Account) string {
	var names []string
	for _, r := range a.Roles {
		names = append(names, r.Name())
	}
	return strings.Join(names, "、")
}

func (s *site) changePassword(w http.ResponseWriter, r *http.Request, m member) {
	old, first, again := r.PostForm.Get("old"), r.PostForm.Get("password"), r.PostForm.Get("again")
	if first != again {
		s.showAccount(w, http.StatusUnprocessableEntity, m, &message{"两次输入的新口令不一样，请再输一次。", true})
		return
	}
	token, session, err := s.people.ChangePassword(r.Context(), m.hall.ID, m.token, old, first)
	if err != nil {
		status, text := s.explain(err, "旧口令不对，请再输一次。")
		s.showAccount(w, status, m, &message{text, true})
		return
	}
	s.keepToken(w, r, m.hall, token, session)
	m.Session = session
	if home := s.homeOf(session.Account, m.hall); home != passwordPage {
		http.Redirect(w, r, home, http.StatusSeeOther)
		return
	}
	s.showAccount(w, http.StatusOK, m, &message{"口令已经换好，其他地方的登录都已退出。", false})
}

type staffPage struct {
	page
	Hall      *hall.Hall
	Clock     clock
	Me        staff.Account
	Clerk     bool
	Manage    string // address of the manager's pages; empty without reports
	OnDuty    int
	Windows   []dutyRow
	Handovers []handoverRow
	Accounts  []accountRow
}

type dutyRow struct {
	Window, Area, Name, Since string // Name "" = nobody
	Waits                     string // for whom, and since when
}

type handoverRow struct{ At, Window, From, To, Reason, Open, Came string }

type accountRow struct {
	Login, Name, Roles, Windows, State string
	Off                                bool
}

// handoverDays is how far back the page of staff shows who left to whom.
const handoverDays = 7

// staffOverview shows a manager who is on duty, who left to whom, and the accounts.
func (s *site) staffOverview(w http.ResponseWriter, r *http.Request, m member) {
	now := s.now()
	duties, err := s.people.Duties(r.Context(), m.hall.ID)
	var handovers []staff.Handover
	if err == nil {
		handovers, err = s.people.Handovers(r.Context(), m.hall.ID, now.AddDate(0, 0, -handoverDays))
	}
	var accounts []staff.Account
	if err == nil {
		accounts, err = s.people.List(r.Context(), m.hall.ID)
	}
	if err != nil {
		s.failWith(w, notNow, err)
		return
	}
	p := staffPage{page: page{"在岗与账号", s.web.version}, Hall: m.hall, Clock: clockOf(m.hall, now), Me: m.Account, Clerk: m.Account.Has(staff.Clerk)}
	if s.reports != nil {
		p.Manage = managerPath + s.query(m.hall)
	}
	for _, d := range duties {
		row := dutyRow{Window: windowName(m.hall, d.Window), Name: d.Account.Name}
		if win, ok := m.hall.Window(d.Window); ok {
			if area, ok := m.hall.Area(win.Area); ok {
				row.Area = area.Name
			}
		}
		if d.Account.ID != "" {
			p.OnDuty++
			row.Since = timeText(m.hall, d.Since, now)
		}
		if d.Left != nil {
			row.Waits = d.Left.From.Name + " 已离岗，等 " + d.Left.To.Name + " 接替，" + waited(now.Sub(d.Left.At))
		}
		p.Windows = append(p.Windows, row)
	}
	for _, h := range handovers {
		row := handoverRow{At: timeText(m.hall, h.At, now), Window: windowName(m.hall, h.Window), From: h.From.Name, To: h.To.Name, Reason: h.Reason.Name()}
		if h.To.ID == "" {
			row.To = "关闭窗口"
		}
		if h.Ticket != "" {
			row.Open = "1 个号码"
		}
		if h.TakenBy.ID != "" {
			row.Came = h.TakenBy.Name + "，" + timeText(m.hall, h.TakenAt, now)
		}
		p.Handovers = append(p.Handovers, row)
	}
	for _, a := range accounts {
		row := accountRow{Login: a.Login, Name: a.Name, Roles: roleText(a), State: "使用中", Off: !a.Disabled.IsZero()}
		switch {
		case row.Off:
			row.State = "已停用"
		case a.MustChange:
			row.State = "还没有换首次口令"
		}
		var windows []string
		for _, id := range a.Windows {
			windows = append(windows, windowName(m.hall, id))
		}
		if row.Windows = strings.Join(windows, "、"); a.Has(staff.Clerk) && len(a.Windows) == 0 {
			row.Windows = "所有窗口"
		}
		p.Accounts = append(p.Accounts, row)
	}
	s.render(w, http.StatusOK, "staff.html", p)
}

// windowName is windowText of an id; of a window that has left the hall file, the id.
func windowName(h *hall.Hall, id string) string {
	if win, ok := h.Window(id); ok {
		return windowText(win.Name)
	}
	return id
}

// timeText is 10:31, with the date on another day.
func timeText(h *hall.Hall, t, now time.Time) string {
	t, now = t.In(h.Location()), now.In(h.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("1月2日 15:04")
}
