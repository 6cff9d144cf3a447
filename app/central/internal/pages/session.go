package pages

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// cookieName holds hall~token of the window session.
const cookieName = "hallkiosk_window"

// maxForm bounds posted forms: a PIN or a ticket id and little more.
const maxForm = 4 << 10

// seat is where somebody is logged in.
type seat struct {
	hall   *hall.Hall
	window *hall.Window
	token  string
}

// errSignedOut means that nobody is logged in, or no longer.
var errSignedOut = errors.New("pages: not logged in")

// seat finds out who sends a request. The error is errSignedOut or a failure of
// the desk.
func (s *site) seat(ctx context.Context, r *http.Request) (seat, error) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return seat{}, errSignedOut
	}
	hallID, token, _ := strings.Cut(c.Value, "~")
	h, ok := s.hallByID(hallID)
	if !ok || token == "" {
		return seat{}, errSignedOut
	}
	id, err := s.desk.WindowOf(ctx, hallID, token)
	if refusal, ok := errors.AsType[*centralapi.Error](err); ok {
		switch refusal.Code {
		case centralapi.CodeUnauthorized, centralapi.CodeForbidden, centralapi.CodeNotFound:
			return seat{}, errSignedOut
		}
	}
	if err != nil {
		return seat{}, err
	}
	window, ok := h.Window(id)
	if !ok {
		return seat{}, errSignedOut
	}
	return seat{h, window, token}, nil
}

func (s *site) setCookie(w http.ResponseWriter, r *http.Request, c http.Cookie) {
	c.Name, c.Path = cookieName, "/console"
	c.HttpOnly, c.SameSite, c.Secure = true, http.SameSiteStrictMode, s.overTLS(r)
	http.SetCookie(w, &c)
}

func (s *site) forgetCookie(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, http.Cookie{MaxAge: -1})
}

type loginPage struct {
	page
	Hall   *hall.Hall
	Query  string
	Areas  []loginArea
	Chosen string // Window.ID
	Error  string
	Digits int
	Many   bool // more windows than large tiles have room for
}

type loginArea struct {
	Name    string
	Windows []loginWindow
}

type loginWindow struct {
	ID, Name string
	Note     string // stands small below the name: 号窗口, or the area
	Ready    bool   // has a PIN
}

// showLogin asks for window and PIN.
func (s *site) showLogin(w http.ResponseWriter, h *hall.Hall, status int, chosen, message string) {
	p := loginPage{
		page: page{"窗口登录", s.web.version}, Hall: h, Query: s.query(h),
		Chosen: chosen, Error: message, Digits: hall.PINDigits, Many: len(h.Windows) > 12,
	}
	for _, a := range h.Areas {
		area := loginArea{Name: a.Name}
		for _, win := range h.Windows {
			if win.Area != a.ID {
				continue
			}
			tile := loginWindow{win.ID, win.Name, strings.TrimSpace(strings.TrimPrefix(windowText(win.Name), win.Name)), win.PINHash != ""}
			if p.Many {
				tile.Note = a.Name
			}
			area.Windows = append(area.Windows, tile)
		}
		switch {
		case len(area.Windows) == 0:
		case p.Many && len(p.Areas) > 0: // one grid; headings would take more room than tiles
			p.Areas[0].Windows = append(p.Areas[0].Windows, area.Windows...)
		case p.Many:
			area.Name = ""
			p.Areas = append(p.Areas, area)
		default:
			p.Areas = append(p.Areas, area)
		}
	}
	s.render(w, status, "login.html", p)
}

func (s *site) login(w http.ResponseWriter, r *http.Request) {
	h, ok := s.hall(r)
	if !ok {
		s.missing(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.showLogin(w, h, http.StatusBadRequest, "", "没有收到口令，请再输一次。")
		return
	}
	// PostForm, not Form: a PIN in the address would end up in logs.
	window, pin := r.PostForm.Get("window"), r.PostForm.Get("pin")
	switch {
	case window == "":
		s.showLogin(w, h, http.StatusUnprocessableEntity, "", "请先选择窗口。")
		return
	case len(pin) != hall.PINDigits || strings.Trim(pin, "0123456789") != "":
		s.showLogin(w, h, http.StatusUnprocessableEntity, window, "口令是六位数字，请再输一次。")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	session, err := s.desk.Login(ctx, h.ID, window, pin)
	if err != nil {
		status, text := s.explain(err, "口令不对，请再输一次。")
		s.showLogin(w, h, status, window, text)
		return
	}
	s.setCookie(w, r, http.Cookie{Value: h.ID + "~" + session.Token, Expires: session.Expires})
	http.Redirect(w, r, "/console"+s.query(h), http.StatusSeeOther)
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	target := "/console"
	if at, err := s.seat(ctx, r); err == nil {
		target += s.query(at.hall)
		if err := s.desk.Logout(ctx, at.hall.ID, at.token); err != nil {
			s.log.Error("pages: logout", "hall", at.hall.ID, "window", at.window.ID, "err", err)
		}
	}
	s.forgetCookie(w, r)
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// explain returns the status and the sentence for a failure of the desk.
// unauthorized is what CodeUnauthorized without a sentence means here. Failures
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
