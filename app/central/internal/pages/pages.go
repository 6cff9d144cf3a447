// Package pages serves what people look at on the central service: the window
// console and what else staff do (package staff says who they are), the TV board, the
// page of links to both, and the phone pages behind the codes on tickets and in
// guides. Package central mounts it at the root, beside the API.
//
// Pages are drawn on the server (html/template) and kept up to date by
// server-sent events that carry the same templates' output: there is one place
// where a ticket becomes words, and the pages' scripts only swap, reconnect and
// translate keys. Compared with htmx and its like: they do this too, but need
// either inline attributes with code or a build step, and the few scripts here
// are shorter than their set-up. Nothing is loaded from another host, and the
// content security policy allows neither inline scripts nor inline styles.
//
// What people take home on their phones has a signed address (package handoff). A
// guide's page works without scripts for reading; with them its materials can be
// ticked, which stays on that phone, and it can be sent on, printed, or saved as a
// picture. The picture is drawn by the page's script on a canvas: compared with one
// drawn here it needs no fonts in the central service and shows the ticks, which
// the centre does not know.
//
// The package holds no rules: who may call whom, in what order, with how many
// wrong passwords, is decided by the [Desk] and the [Staff]; which roles a page is for
// stands in site.routes. It shows names only as the desk gives them, masked, and on
// board and phone page none at all; of a document number the desk has the first three
// and last four signs, and these are shown when a clerk asks, which the ledger tells.
// It never puts a password, a session token or anything about a person into a URL or a
// log.
//
// At the console the four frequent actions have function keys, the others letters, which
// can be switched off; what cannot be taken back is asked for twice or on a page of its
// own. A press carries what the person saw (seenOf), so that of two presses, or of two
// pages, one counts. What needs more than a press (转办, 取错事项, 离岗) has a page with a
// plain form, compared with dialogs that only scripts could fill.
//
// Against forged requests: cookies are SameSite=Strict, and every request that changes
// something must come from the site's own pages by Sec-Fetch-Site or Origin
// (http.CrossOriginProtection), which needs no secret in every form. Gorilla's CSRF
// tokens and the like were compared: they guard browsers older than these headers
// (2020 and 2023), which the pages' scripts do not run on either.
//
// Against guessed passwords: package staff locks an account; here an address that has
// failed often is slowed down, except where an account has logged in on that browser
// before, because a whole hall shares one address.
package pages

import (
	"context"
	"html/template"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/assets"
)

// Desk is the queue as the pages need it; *queue.Desk satisfies it. Errors that
// are a *centralapi.Error carry a sentence for staff in Problem.Detail.
type Desk interface {
	Counter
	Views
	Phones
	Takeaways
}

// Counter is what staff do at a window.
type Counter interface {
	// CallNext calls the next ticket; ok is false when nobody waits.
	CallNext(ctx context.Context, hallID, windowID string) (t centralapi.Ticket, ok bool, err error)
	Recall(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	NoShow(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Finish(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	AckHelp(ctx context.Context, hallID, windowID, helpID string) error
	Moves
	Closer
}

// Closer closes windows and businesses, whatever their hours say, and opens them again.
// by is who does it, as in the ledger: staff:ID.
type Closer interface {
	// CloseWindow has a window call nobody until OpenWindow.
	CloseWindow(ctx context.Context, hallID, by, windowID, why string) error
	OpenWindow(ctx context.Context, hallID, by, windowID string) error
	// CloseBusiness has a business give out no numbers until OpenBusiness. why may be empty.
	CloseBusiness(ctx context.Context, hallID, by, business, why string) error
	OpenBusiness(ctx context.Context, hallID, by, business string) error
	Closings(ctx context.Context, hallID string) (queue.Closings, error)
}

// Moves is what else may happen to a number.
type Moves interface {
	Start(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	// Hold puts a number aside, so that the window can call another; Resume calls it again.
	Hold(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Resume(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	// Return puts it back where it was in the queue, Transfer in another queue.
	Return(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Transfer(ctx context.Context, hallID, windowID, ticketID string, to queue.TransferTo) (centralapi.Ticket, error)
	// WrongMatter ends a number that was taken for another matter when to is zero.
	WrongMatter(ctx context.Context, hallID, windowID, ticketID string, to queue.TransferTo, reason string) (centralapi.Ticket, error)
	// Reenter lets somebody back in who was passed over.
	Reenter(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Prioritise(ctx context.Context, hallID, windowID, ticketID string, class centralapi.TicketClass, reason string) (centralapi.Ticket, error)
	// Why says in a sentence which of two numbers was called first and why. They are
	// named by their labels.
	Why(ctx context.Context, hallID, first, second string) (string, error)
}

// Views is what there is to see.
type Views interface {
	Hall(id string) (*hall.Hall, bool)
	Console(ctx context.Context, hallID, windowID string) (queue.Console, error)
	// LongBoard is what hangs on the walls, with up to so many calls.
	LongBoard(ctx context.Context, hallID string, most int) (centralapi.Board, error)
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
	Desk  Desk  // required
	Staff Staff // required
	// Complaints is nil where none are taken: then no page of theirs is there.
	Complaints Complaints
	// Ratings is nil where none are taken: then no page of theirs is there.
	Ratings Ratings
	// Visits is nil where results of visits are not kept: then nobody is asked for one.
	Visits Visits
	// Reports is nil where none are made: then there are no pages for managers but those
	// of staff.
	Reports Reports
	// Halls are the Hall.IDs shown, at least one; the first is meant where an
	// address names none.
	Halls []string
	// Secure marks cookies for TLS only. Set it when a proxy in front speaks TLS;
	// requests that arrive over TLS are recognised without it.
	Secure bool
	// Voice is a folder with recordings of the hall's own, which boards play instead
	// of those that come with the program (assets/voice/README.md says which there
	// are). Nil = none.
	Voice fs.FS
	// Now is the clock that tells whether an address has expired. Default time.Now.
	Now func() time.Time
	// Logger receives failures of the desk, never anything about a person.
	// Default: nothing.
	Logger *slog.Logger
}

// New returns the handler for /, /login, /account, /console, /staff, /board, /manager,
// /t/{hall}/{ticket}, /h/{hall}/{token}, what lies below them, and /web/. It panics
// when Desk, Staff or Halls is missing: that is a mistake in wiring.
func New(c Config) http.Handler { return newSite(c).handler() }

func newSite(c Config) *site {
	if c.Desk == nil || c.Staff == nil || len(c.Halls) == 0 {
		panic("pages: Config.Desk, Config.Staff and Config.Halls are required")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	files, err := fs.Sub(assets.Web, "web")
	if err != nil {
		panic("pages: " + err.Error()) // the path is a constant
	}
	s := &site{
		desk: c.Desk, people: c.Staff, complaints: c.Complaints, ratings: c.Ratings, visits: c.Visits, reports: c.Reports, halls: c.Halls, secure: c.Secure, log: c.Logger, now: c.Now, web: newWebFiles(files),
		voice:    newVoice(assets.Voice, c.Voice, c.Logger),
		staff:    gate{max: staffStreams, calm: staffCalm},
		phones:   gate{max: phoneStreams, calm: phoneCalm},
		managers: gate{max: managerStreams, calm: managerCalm},
		raters:   visitors{rate: rateRate, burst: rateBurst},
	}
	s.templates = s.web.parseTemplates()
	return s
}

// site is the state of the handler returned by New.
type site struct {
	desk       Desk
	people     Staff
	complaints Complaints
	ratings    Ratings
	visits     Visits
	reports    Reports
	halls      []string
	secure     bool
	log        *slog.Logger
	now        func() time.Time
	web        *webFiles
	templates  *template.Template
	windows    sync.Map // hall/window → *sync.Mutex: one action at a time
	revealed   sync.Map // hall/window → ticket and account: whose number is shown to whom
	staff      gate     // streams of boards and consoles
	phones     gate     // streams of phones, which must not crowd those out
	managers   gate     // streams of managers
	visitors   visitors
	raters     visitors // who send ratings
	tries      tries    // wrong passwords, by address
	browsers   browsers // on which accounts have logged in
	digests    digests
	voice      *voice
	walls      walls
}

// route is a pattern of http.ServeMux with its handler.
type route struct {
	pattern string
	handler http.HandlerFunc
}

// routes are all there are. Who may use which is said here and nowhere else; what has
// no require is for everybody.
func (s *site) routes() []route {
	all := []route{
		{"GET /{$}", s.index},
		{"GET /login", s.loginForm},
		{"POST /login", s.login},
		{"POST /logout", s.logout},
		{"GET " + passwordPage, s.require(s.account)},
		{"POST " + passwordPage + "/password", s.require(s.changePassword)},

		{"GET /console", s.require(s.console, staff.Clerk)},
		{"GET /console/stream", s.consoleStream}, // clerks only; says itself what a stream can say
		{"POST /console/window", s.require(s.sit, staff.Clerk)},
		{"GET /console/leave", s.require(s.leaveForm, staff.Clerk)},
		{"POST /console/leave", s.require(s.leave, staff.Clerk)},

		{"GET /staff", s.require(s.staffOverview, staff.Manager)},

		{"GET /board", s.board},
		{"GET /board/stream", s.boardStream},
		{"GET /voice/{file}", s.voice.ServeHTTP},
		{"GET /t/{hall}/{ticket}", s.phone},
		{"GET /t/{hall}/{ticket}/stream", s.phoneStream},
		{"GET /h/{hall}/{token}", s.takeaway},
		{"GET /h/{hall}/{token}/stream", s.takeawayStream},
		{"GET /web/{file}", s.web.ServeHTTP},
		{"/", s.missing},
	}
	all = append(all, s.complaintRoutes()...)
	all = append(all, s.ratingRoutes()...)
	all = append(all, s.visitRoutes()...)
	all = append(all, s.moveRoutes()...)
	all = append(all, s.closingRoutes()...)
	all = append(all, s.managerRoutes()...)
	for _, name := range slices.Sorted(maps.Keys(actions)) {
		all = append(all, route{"POST /console/" + name, s.require(s.act(actions[name]), staff.Clerk)})
	}
	return all
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.pattern, r.handler)
	}

	// Sec-Fetch-Site where browsers send it, Origin against Host where they do
	// not: on plain HTTP in the hall's own network they send only Origin.
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(s.foreign))
	return withHeaders(guard.Handler(mux))
}

// policy allows what the pages use and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
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

// notNow heads the message of a page that could be opened at another time.
const notNow = "页面暂时打不开"

// failWith is fail for a failure of the desk or the staff list.
func (s *site) failWith(w http.ResponseWriter, heading string, err error) {
	status, text := s.explain(err, "")
	s.fail(w, status, heading, text)
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
	Staff                string
	Manage               string // of managers; empty without reports
	Cases, Complain      string // of complaints, whole: for handlers, for authors; empty where none are taken
	ConsoleURL, BoardURL string // whole, to be typed elsewhere
	StaffURL             string
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
		console, board, people := "/console"+s.query(h), "/board"+s.query(h), "/staff"+s.query(h)
		p.Halls = append(p.Halls, indexHall{
			Name: h.Name, Console: console, Board: board, Staff: people,
			ConsoleURL: scheme + r.Host + console, BoardURL: scheme + r.Host + board, StaffURL: scheme + r.Host + people,
			Windows: len(h.Windows), Areas: len(h.Areas),
		})
		if s.reports != nil {
			p.Halls[len(p.Halls)-1].Manage = scheme + r.Host + managerPath + s.query(h)
		}
		if complain := s.complaintAddress(h); complain != "" {
			last := &p.Halls[len(p.Halls)-1]
			last.Cases, last.Complain = scheme+r.Host+complaintsPage+s.query(h), scheme+r.Host+complain
		}
	}
	s.render(w, http.StatusOK, "index.html", p)
}

func (s *site) overTLS(r *http.Request) bool { return s.secure || r.TLS != nil }

// soon bounds how long a page waits for the desk.
const soon = 10 * time.Second
