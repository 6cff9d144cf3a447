// Package pages serves what people look at on the central service: the window
// console, the TV board, the page of links to both, and the phone page behind the
// code on every ticket. Package central mounts it at the root, beside the API.
//
// Pages are drawn on the server (html/template) and kept up to date by
// server-sent events that carry the same templates' output: there is one place
// where a ticket becomes words, and the pages' scripts only swap, reconnect and
// translate keys. Compared with htmx and its like: they do this too, but need
// either inline attributes with code or a build step, and the few scripts here
// are shorter than their set-up. Nothing is loaded from another host, and the
// content security policy allows neither inline scripts nor inline styles.
//
// The package holds no rules: who may call whom, in what order, with how many
// wrong PINs, is decided by the [Desk]. It shows names only as the desk gives
// them, masked, and on board and phone page none at all. It never puts a PIN, a
// session token or anything about a person into a URL or a log.
package pages

import (
	"context"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/assets"
)

// Desk is the queue as the pages need it; *queue.Desk satisfies it. Errors that
// are a *centralapi.Error carry a sentence for staff in Problem.Detail.
type Desk interface {
	Sessions
	Counter
	Views
	Phones
}

// Sessions lets staff in and out of a window.
type Sessions interface {
	Login(ctx context.Context, hallID, window, pin string) (centralapi.WindowSession, error)
	Logout(ctx context.Context, hallID, token string) error
	// WindowOf returns the Window.ID a token belongs to.
	WindowOf(ctx context.Context, hallID, token string) (windowID string, err error)
}

// Counter is what staff do at a window.
type Counter interface {
	// CallNext calls the next ticket; ok is false when nobody waits.
	CallNext(ctx context.Context, hallID, windowID string) (t centralapi.Ticket, ok bool, err error)
	Recall(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	NoShow(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Finish(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	AckHelp(ctx context.Context, hallID, windowID, helpID string) error
}

// Views is what there is to see.
type Views interface {
	Hall(id string) (*hall.Hall, bool)
	Console(ctx context.Context, hallID, windowID string) (queue.Console, error)
	Board(ctx context.Context, hallID string) (centralapi.Board, error)
	// Subscribe returns a channel that has the hall's cursor in it, receives it
	// again after changes of the hall and is closed when the service ends.
	Subscribe(hallID string) (changes <-chan int64, cancel func())
}

// Phones is what the holder of a ticket may see of it.
type Phones interface {
	// Phone answers an id that is not known without an error.
	Phone(ctx context.Context, hallID, ticketID string) (queue.Phone, error)
}

// Config says what a site shows.
type Config struct {
	Desk Desk // required
	// Halls are the Hall.IDs shown, at least one; the first is meant where an
	// address names none.
	Halls []string
	// Secure marks cookies for TLS only. Set it when a proxy in front speaks TLS;
	// requests that arrive over TLS are recognised without it.
	Secure bool
	// Logger receives failures of the desk, never anything about a person.
	// Default: nothing.
	Logger *slog.Logger
}

// New returns the handler for /, /console, /board, /t/{hall}/{ticket}, what lies
// below them, and /web/. It panics when Desk or Halls is missing: that is a
// mistake in wiring.
func New(c Config) http.Handler {
	if c.Desk == nil || len(c.Halls) == 0 {
		panic("pages: Config.Desk and Config.Halls are required")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	files, err := fs.Sub(assets.Web, "web")
	if err != nil {
		panic("pages: " + err.Error()) // the path is a constant
	}
	s := &site{
		desk: c.Desk, halls: c.Halls, secure: c.Secure, log: c.Logger, web: newWebFiles(files),
		staff:  gate{max: staffStreams, calm: staffCalm},
		phones: gate{max: phoneStreams, calm: phoneCalm},
	}
	s.templates = s.web.parseTemplates()
	return s.handler()
}

// site is the state of the handler returned by New.
type site struct {
	desk      Desk
	halls     []string
	secure    bool
	log       *slog.Logger
	web       *webFiles
	templates *template.Template
	windows   sync.Map // hall/window → *sync.Mutex: one action at a time
	staff     gate     // streams of boards and consoles
	phones    gate     // streams of phones, which must not crowd those out
	visitors  visitors
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /console", s.console)
	mux.HandleFunc("GET /console/stream", s.consoleStream)
	mux.HandleFunc("POST /console/login", s.login)
	mux.HandleFunc("POST /console/logout", s.logout)
	for name, act := range actions {
		mux.HandleFunc("POST /console/"+name, s.act(act))
	}
	mux.HandleFunc("GET /board", s.board)
	mux.HandleFunc("GET /board/stream", s.boardStream)
	mux.HandleFunc("GET /t/{hall}/{ticket}", s.phone)
	mux.HandleFunc("GET /t/{hall}/{ticket}/stream", s.phoneStream)
	mux.Handle("GET /web/{file}", s.web)
	mux.HandleFunc("/", s.missing)

	// Sec-Fetch-Site where browsers send it, Origin against Host where they do
	// not: on plain HTTP in the hall's own network they send only Origin.
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(s.foreign))
	return withHeaders(guard.Handler(mux))
}

// policy allows what the pages use and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Not no-referrer: with it browsers send "Origin: null" even to the page's
		// own site, and the guard would refuse every form.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// hall returns the hall a request is about: the parameter hall, or the first.
func (s *site) hall(r *http.Request) (*hall.Hall, bool) {
	id := r.URL.Query().Get("hall")
	if id == "" {
		id = s.halls[0]
	}
	return s.hallByID(id)
}

func (s *site) hallByID(id string) (*hall.Hall, bool) {
	for _, known := range s.halls {
		if known == id {
			return s.desk.Hall(id)
		}
	}
	return nil, false
}

// query returns the query string that names a hall, empty for the first.
func (s *site) query(h *hall.Hall) string {
	if h.ID == s.halls[0] {
		return ""
	}
	return "?hall=" + h.ID // ids are ASCII letters, digits, dots and dashes
}

// render writes a page. Templates are executed into memory first, so a failing
// one gives a proper error page instead of half a page.
func (s *site) render(w http.ResponseWriter, status int, name string, data any) {
	page, err := s.execute(name, data)
	if err != nil {
		s.log.Error("pages: template", "name", name, "err", err)
		http.Error(w, "页面暂时打不开，请稍后再试。", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page) // the reader may have gone; nothing is left to be done then
}

// page is what the frame around every page needs.
type page struct {
	Title   string
	Version string // changes when the pages' files change
}

type messagePage struct {
	page
	Heading, Text string
}

func (s *site) fail(w http.ResponseWriter, status int, heading, text string) {
	s.render(w, status, "message.html", messagePage{page{heading, s.web.version}, heading, text})
}

func (s *site) missing(w http.ResponseWriter, r *http.Request) {
	s.fail(w, http.StatusNotFound, "没有这个页面", "地址可能写错了，请从首页进入。")
}

func (s *site) foreign(w http.ResponseWriter, r *http.Request) {
	s.fail(w, http.StatusForbidden, "不能这样操作", "这个请求来自别的网站。请从首页重新进入窗口操作台。")
}

type indexPage struct {
	page
	Halls []indexHall
}

type indexHall struct {
	Name, Console, Board string // addresses without the host
	ConsoleURL, BoardURL string // whole, to be typed elsewhere
	Windows, Areas       int
}

// index links to the consoles and boards of every hall.
func (s *site) index(w http.ResponseWriter, r *http.Request) {
	p := indexPage{page: page{"大厅中心服务", s.web.version}}
	scheme := "http://"
	if s.overTLS(r) {
		scheme = "https://"
	}
	for _, id := range s.halls {
		h, ok := s.desk.Hall(id)
		if !ok {
			continue
		}
		console, board := "/console"+s.query(h), "/board"+s.query(h)
		p.Halls = append(p.Halls, indexHall{
			Name: h.Name, Console: console, Board: board,
			ConsoleURL: scheme + r.Host + console, BoardURL: scheme + r.Host + board,
			Windows: len(h.Windows), Areas: len(h.Areas),
		})
	}
	s.render(w, http.StatusOK, "index.html", p)
}

func (s *site) overTLS(r *http.Request) bool { return s.secure || r.TLS != nil }

// soon bounds how long a page waits for the desk.
const soon = 10 * time.Second
