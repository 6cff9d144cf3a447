package pages

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// cookieName holds hall~token of the session of staff.
const cookieName = "hallkiosk_staff"

// maxForm bounds posted forms: a password, a ticket id, a few lines of text.
const maxForm = 16 << 10

// member is who sends a request.
type member struct {
	staff.Session
	hall  *hall.Hall
	token string
}

// actor is how the ledger names the member.
func (m member) actor() string { return "staff:" + m.Account.ID }

// window returns where the member sits; false at no window, or at one that has left
// the hall file since.
func (m member) window() (*hall.Window, bool) {
	if m.Window == "" {
		return nil, false
	}
	return m.hall.Window(m.Window)
}

// errSignedOut means that nobody is logged in, or no longer.
var errSignedOut = errors.New("pages: not logged in")

// member finds out who sends a request; used says that a person did something, and
// not the page by itself. The error is errSignedOut or a failure of the staff list.
func (s *site) member(ctx context.Context, r *http.Request, used bool) (member, error) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return member{}, errSignedOut
	}
	hallID, token, _ := strings.Cut(c.Value, "~")
	h, ok := s.hallByID(hallID)
	if !ok || token == "" {
		return member{}, errSignedOut
	}
	ask := s.people.Session
	if used {
		ask = s.people.Use
	}
	session, err := ask(ctx, hallID, token)
	if refusal, ok := errors.AsType[*centralapi.Error](err); ok {
		switch refusal.Code {
		case centralapi.CodeUnauthorized, centralapi.CodeForbidden, centralapi.CodeNotFound:
			return member{}, errSignedOut
		}
	}
	if err != nil {
		return member{}, err
	}
	return member{session, h, token}, nil
}

// memberPage is a handler for those who are logged in.
type memberPage func(w http.ResponseWriter, r *http.Request, m member)

// passwordPage is the only page for whoever must choose another password.
const passwordPage = "/account"

// require admits members who have one of these roles, without roles every member.
// Everybody else is answered here: whoever is not logged in is sent to the log-in
// (a script is told so, 401), whoever has another role gets 403, and whoever must
// choose another password is sent there. A form is read first, with its size bounded.
func (s *site) require(next memberPage, roles ...staff.Role) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if err := r.ParseForm(); err != nil {
				s.fail(w, http.StatusBadRequest, "没有办成", "没有收到完整的请求，请回到上一页再试。")
				return
			}
		}
		ctx, cancel := context.WithTimeout(r.Context(), soon)
		defer cancel()
		m, err := s.member(ctx, r, true)
		script := r.Header.Get(fragmentHeader) != ""
		switch {
		case errors.Is(err, errSignedOut) && script:
			http.Error(w, "登录已经到期，请重新登录。", http.StatusUnauthorized)
		case errors.Is(err, errSignedOut):
			s.toLogin(w, r)
		case err != nil && script:
			status, text := s.explain(err, "")
			http.Error(w, text, status)
		case err != nil:
			s.failWith(w, notNow, err)
		case r.Method == http.MethodGet && r.URL.Query().Has("hall") && r.URL.Query().Get("hall") != m.hall.ID:
			s.toLogin(w, r) // of that hall
		case m.Account.MustChange && !strings.HasPrefix(r.URL.Path, passwordPage):
			if script {
				http.Error(w, "请先换一个口令。", http.StatusUnauthorized)
				return
			}
			http.Redirect(w, r, passwordPage, http.StatusSeeOther)
		case len(roles) > 0 && !m.Account.Has(roles...):
			s.notYours(w, r)
		default:
			next(w, r.WithContext(ctx), m)
		}
	}
}

func (s *site) notYours(w http.ResponseWriter, r *http.Request) {
	s.fail(w, http.StatusForbidden, "这个页面不归您的岗位", "您的账号没有这项权限。需要的话请联系大厅管理员。")
}

// toLogin sends to the log-in of the hall that a request names.
func (s *site) toLogin(w http.ResponseWriter, r *http.Request) {
	h, ok := s.hall(r)
	if !ok {
		s.missing(w, r)
		return
	}
	target := "/login" + s.query(h)
	if _, err := r.Cookie(cookieName); err == nil {
		s.forgetCookie(w, r)
		target = "/login?ended=1"
		if h.ID != s.halls[0] {
			target += "&hall=" + h.ID
		}
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

func (s *site) setCookie(w http.ResponseWriter, r *http.Request, c http.Cookie) {
	c.Name, c.Path = cookieName, "/"
	c.HttpOnly, c.SameSite, c.Secure = true, http.SameSiteStrictMode, s.overTLS(r)
	http.SetCookie(w, &c)
}

func (s *site) keepToken(w http.ResponseWriter, r *http.Request, h *hall.Hall, token string, session staff.Session) {
	s.setCookie(w, r, http.Cookie{Value: h.ID + "~" + token, Expires: session.Expires})
}

func (s *site) forgetCookie(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, http.Cookie{MaxAge: -1})
}

type loginPage struct {
	page
	Hall  *hall.Hall
	Query string
	Login string // as typed before
	Error string
}

// showLogin asks for login and password.
func (s *site) showLogin(w http.ResponseWriter, h *hall.Hall, status int, login, message string) {
	s.render(w, status, "login.html", loginPage{page{"登录", s.web.version}, h, s.query(h), login, message})
}

func (s *site) loginForm(w http.ResponseWriter, r *http.Request) {
	h, ok := s.hall(r)
	if !ok {
		s.missing(w, r)
		return
	}
	message := ""
	if r.URL.Query().Has("ended") {
		message = "登录已经到期，请重新登录。"
	}
	s.showLogin(w, h, http.StatusOK, "", message)
}

func (s *site) login(w http.ResponseWriter, r *http.Request) {
	h, ok := s.hall(r)
	if !ok {
		s.missing(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.showLogin(w, h, http.StatusBadRequest, "", "没有收到登录名和口令，请再输一次。")
		return
	}
	// PostForm, not Form: a password in the address would end up in logs.
	login, password := strings.ToLower(strings.TrimSpace(r.PostForm.Get("login"))), r.PostForm.Get("password")
	if login == "" || password == "" {
		s.showLogin(w, h, http.StatusUnprocessableEntity, login, "请输入登录名和口令。")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	giveBack := func() {}
	if !s.browsers.knows(r, h, login) {
		var wait time.Duration
		if giveBack, wait, ok = s.tries.begin(visitorOf(r), s.now()); !ok {
			s.log.Warn("pages: log-ins slowed down", "hall", h.ID)
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			s.showLogin(w, h, http.StatusTooManyRequests, login, "这里输错的口令太多了，请过几秒再试。")
			return
		}
	}
	token, session, err := s.people.Login(ctx, h.ID, login, password)
	if !centralapi.HasCode(err, centralapi.CodeUnauthorized) && !centralapi.HasCode(err, centralapi.CodeTooMany) {
		giveBack()
	}
	if err != nil {
		status, text := s.explain(err, "登录名或口令不对，请再输一次。")
		s.showLogin(w, h, status, login, text)
		return
	}
	// Whoever was logged in on this browser no longer is.
	if before, err := s.member(ctx, r, false); err == nil {
		if err := s.people.Logout(ctx, before.hall.ID, before.token); err != nil {
			s.log.Error("pages: logout", "hall", before.hall.ID, "err", err)
		}
	}
	s.remember(w, r, h, login)
	s.keepToken(w, r, h, token, session)
	http.Redirect(w, r, s.homeOf(session.Account, h), http.StatusSeeOther)
}

// homeOf is where an account goes after the log-in.
func (s *site) homeOf(a staff.Account, h *hall.Hall) string {
	switch {
	case a.MustChange:
		return passwordPage
	case a.Has(staff.Clerk):
		return "/console" + s.query(h)
	case a.Has(staff.Manager) && s.reports != nil:
		return managerPath + s.query(h)
	case a.Has(staff.Manager):
		return "/staff" + s.query(h)
	case a.Has(staff.Complaints) && s.complaints != nil:
		return complaintsPage + s.query(h)
	case a.Has(staff.Technician) && s.reports != nil:
		return managerPath + "/devices" + s.query(h)
	}
	return passwordPage
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	target := "/login"
	if m, err := s.member(ctx, r, false); err == nil {
		target += s.query(m.hall)
		if err := s.people.Logout(ctx, m.hall.ID, m.token); err != nil {
			s.log.Error("pages: logout", "hall", m.hall.ID, "err", err)
		}
	}
	s.forgetCookie(w, r)
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// explain returns the status and the sentence for a failure of the desk or the staff
// list. unauthorized is what CodeUnauthorized without a sentence means here. Failures
// without a code are logged and not shown: their text is not for people.
func (s *site) explain(err error, unauthorized string) (status int, text string) {
	refusal, ok := errors.AsType[*centralapi.Error](err)
	switch {
	case !ok:
		s.log.Error("pages: desk", "err", err)
		return http.StatusInternalServerError, "中心服务出了问题，没有办成，请再试一次。"
	case refusal.Detail != "":
		return refusal.Code.Status(), refusal.Detail
	case refusal.Code == centralapi.CodeUnauthorized:
		return refusal.Code.Status(), unauthorized
	case refusal.Code == centralapi.CodeTooMany:
		return refusal.Code.Status(), "试得太多了，请等一分钟再试。"
	case refusal.Code == centralapi.CodeConflict:
		return refusal.Code.Status(), "这个号码的状态已经变了，请看清后再操作。"
	case refusal.Code == centralapi.CodeNotFound:
		return refusal.Code.Status(), "找不到这个窗口或号码。"
	}
	return refusal.Code.Status(), "没有办成，请再试一次。"
}
