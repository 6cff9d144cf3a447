// Package httpapi serves the contract of package centralapi over HTTP to
// terminals, scripts and boards. It checks form (method, media type, size, JSON,
// token) and leaves every decision about queues to its [Desk]; the pages for
// people are package pages.
//
// It never logs a query string, a body, a token, an address or anything personal:
// a line of its log is method, route, status, duration, and the terminal or window
// that asked. Requests that only look and succeed are logged at Debug, because
// every terminal makes one every few seconds and a log must not wear out a disk;
// all others at Info.
//
// Two things bound what a hall's terminals can do to others. Batches of events are
// taken in a few at a time, per hall and in all; more are put off with 429, so
// that after a long cut a city's terminals drain in turn while numbers are given
// out as ever. And requests under /v1 are limited per client, see limiter. The pages limit
// themselves, as their readers share addresses; /livez and /readyz are not
// limited, because whoever asks restarts what does not answer.
//
// It runs on net/http's ServeMux and hand-written handlers. A framework was
// considered (huma, chi): for a dozen operations it would be more code to know
// than it saves, and the OpenAPI file is to be the promise and not the echo of the
// code. Every request of the tests is held against that file.
package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/centralapi"
)

// Limits on request bodies, in bytes.
const (
	maxBody       = 64 << 10
	maxEventsBody = 256 << 10
)

// Terminals is what terminals ask of the desk.
type Terminals interface {
	TerminalOf(ctx context.Context, hallID, token string) (centralapi.Terminal, error)
	// Terminal returns what is known of a terminal now; of TerminalOf only ID, Slot
	// and HolderSecret are certain.
	Terminal(ctx context.Context, hallID, id string) (centralapi.Terminal, error)
	Rotate(ctx context.Context, hallID string, from centralapi.Terminal, r centralapi.IncarnationRequest) (incarnation string, err error)
	Issue(ctx context.Context, hallID string, from centralapi.Terminal, r centralapi.TicketRequest) (centralapi.Ticket, error)
	Deliver(ctx context.Context, hallID string, from centralapi.Terminal, b centralapi.EventBatch) (centralapi.EventReceipt, error)
}

// Windows is what the clerk at a window asks of the desk.
type Windows interface {
	Login(ctx context.Context, hallID, window, pin string) (centralapi.WindowSession, error)
	Logout(ctx context.Context, hallID, token string) error
	WindowOf(ctx context.Context, hallID, token string) (windowID string, err error)
	// CallPressed calls the next ticket for one press of a session's button.
	CallPressed(ctx context.Context, hallID, windowID, token string, press int64) (t centralapi.Ticket, ok bool, err error)
	Recall(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Start(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	NoShow(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Finish(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Numbers(ctx context.Context, hallID, day string) (centralapi.DayNumbers, error)
}

// Watchers is what anybody who only looks asks of the desk.
type Watchers interface {
	Catalogue(hallID string) (revision string, body []byte, err error)
	// GuidesAnswer returns the gzip of a centralapi.Guides.
	GuidesAnswer(ctx context.Context, hallID, since string) (revision string, body []byte, err error)
	Status(ctx context.Context, hallID string) (centralapi.Status, error)
	Board(ctx context.Context, hallID string) (centralapi.Board, error)
	Subscribe(hallID string) (changes <-chan int64, cancel func())
	// Changes tells what follows a position; see live.Feed.
	Changes(ctx context.Context, hallID string, position, known int64) (items []live.Item, cursor int64, reset bool, err error)
	Ready(ctx context.Context) error
}

// Desk is the counter of the halls, *queue.Desk. Its errors wrap a
// [*centralapi.Error].
type Desk interface {
	Terminals
	Windows
	Actions
	Watchers
}

// Config of the API. Desk is required.
type Config struct {
	Desk Desk
	// Complaints is nil where none are taken: then there are no addresses for them.
	Complaints Complaints
	// Ratings is nil where none are taken: then there are no addresses for them.
	Ratings Ratings
	// StaffToken says whether a token is of a session of staff, who may not rate. Nil =
	// nobody's is.
	StaffToken func(ctx context.Context, hallID, token string) bool
	Logger     *slog.Logger // default: nothing is logged
	// Other serves the paths that are not the API's: the pages. Default: 404.
	Other http.Handler
	// Heartbeat is how often a quiet stream sends a comment. Default 15 s.
	Heartbeat time.Duration
	// RequestRate is how many requests a second each client may make under /v1,
	// and twice as many at once. Default 50.
	RequestRate int
	// MaxStreams is how many streams and long polls may be open at a time. Default
	// 2000; each costs up to 40 KiB.
	MaxStreams int
}

type api struct {
	desk       Desk
	complaints Complaints
	ratings    Ratings
	staffToken func(ctx context.Context, hallID, token string) bool
	log        *slog.Logger
	heartbeat  time.Duration
	streams    chan struct{} // one token per open stream or long poll
	boards     boards
	intake     *intake
	limit      *limiter
}

// New returns the handler of everything under /v1, /livez and /readyz, with
// Config.Other behind it.
func New(c Config) http.Handler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Heartbeat <= 0 {
		c.Heartbeat = 15 * time.Second
	}
	if c.RequestRate <= 0 {
		c.RequestRate = defaultRate
	}
	if c.MaxStreams <= 0 {
		c.MaxStreams = defaultStreams
	}
	a := &api{desk: c.Desk, complaints: c.Complaints, ratings: c.Ratings, staffToken: c.StaffToken, log: c.Logger, heartbeat: c.Heartbeat, streams: make(chan struct{}, c.MaxStreams),
		intake: newIntake(), limit: newLimiter(c.RequestRate, c.Logger)}
	mux := http.NewServeMux()
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /livez":           func(w http.ResponseWriter, _ *http.Request) { writeText(w, "ok\n") },
		"GET /readyz":          a.ready,
		"GET /v1/openapi.yaml": openAPI,

		"GET /v1/halls/{hall}/catalogue":    a.catalogue,
		"GET /v1/halls/{hall}/guides":       a.guides,
		"GET /v1/halls/{hall}/status":       a.status,
		"GET /v1/halls/{hall}/board":        a.board,
		"GET /v1/halls/{hall}/board/stream": a.boardStream,

		"GET /v1/halls/{hall}/changes": a.changes,

		"GET /v1/halls/{hall}/terminal":              a.asTerminal(a.terminal),
		"POST /v1/halls/{hall}/terminal/incarnation": a.asTerminal(a.rotate),
		"POST /v1/halls/{hall}/tickets":              a.asTerminal(a.issue),
		"POST /v1/halls/{hall}/events":               a.asTerminal(a.deliver),

		"POST /v1/halls/{hall}/window-sessions":                            a.login,
		"DELETE /v1/halls/{hall}/window-sessions/current":                  a.logout,
		"GET /v1/halls/{hall}/days/{day}/numbers":                          a.numbers,
		"POST /v1/halls/{hall}/windows/{window}/call-next":                 a.asWindow(a.callNext),
		"POST /v1/halls/{hall}/windows/{window}/tickets/{ticket}/{action}": a.asWindow(a.act),

		"POST /v1/halls/{hall}/windows/{window}/tickets/{ticket}/transfer":     a.asWindow(a.transfer),
		"POST /v1/halls/{hall}/windows/{window}/tickets/{ticket}/wrong-matter": a.asWindow(a.wrongMatter),
		"POST /v1/halls/{hall}/windows/{window}/tickets/{ticket}/prioritise":   a.asWindow(a.prioritise),
	} {
		mux.HandleFunc(pattern, h)
	}
	if c.Complaints != nil {
		mux.HandleFunc("POST /v1/halls/{hall}/complaints/progress", a.byCode(c.Complaints.Progress))
		mux.HandleFunc("POST /v1/halls/{hall}/complaints/withdraw", a.byCode(c.Complaints.Withdraw))
	}
	if c.Ratings != nil {
		mux.HandleFunc("POST /v1/halls/{hall}/ratings", a.byRater(a.rate))
		mux.HandleFunc("POST /v1/halls/{hall}/ratings/services", a.byRater(a.ratable))
	}
	return a.wrap(mux, c.Other)
}

func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	if err := a.desk.Ready(r.Context()); err != nil {
		a.fail(w, r, err)
		return
	}
	writeText(w, "ok\n")
}

func openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Write(centralapi.OpenAPI())
}

// catalogue and status carry nothing personal and nothing a visitor of the hall
// could not read off its walls, so they need no token.
func (a *api) catalogue(w http.ResponseWriter, r *http.Request) {
	revision, body, err := a.desk.Catalogue(r.PathValue("hall"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	tag := `"` + revision + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache")
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

// matches compares If-None-Match with a strong tag (RFC 9110 section 13.1.2).
func matches(headers []string, tag string) bool {
	for _, h := range headers {
		for _, one := range strings.Split(h, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

func (a *api) status(w http.ResponseWriter, r *http.Request) {
	s, err := a.desk.Status(r.Context(), r.PathValue("hall"))
	if key, ok := a.sealKey(); ok {
		s.SealKey = key.ID
	}
	a.answer(w, r, http.StatusOK, s, err)
}

func (a *api) board(w http.ResponseWriter, r *http.Request) {
	b, err := a.desk.Board(r.Context(), r.PathValue("hall"))
	a.answer(w, r, http.StatusOK, b, err)
}

func (a *api) terminal(w http.ResponseWriter, r *http.Request, t centralapi.Terminal) {
	now, err := a.desk.Terminal(r.Context(), r.PathValue("hall"), t.ID)
	if key, ok := a.sealKey(); ok {
		now.SealKey = &key
	}
	a.answer(w, r, http.StatusOK, now, err)
}

func (a *api) rotate(w http.ResponseWriter, r *http.Request, from centralapi.Terminal) {
	var body centralapi.IncarnationRequest
	if err := readJSON(w, r, maxBody, &body); err != nil {
		a.fail(w, r, err)
		return
	}
	token, err := a.desk.Rotate(r.Context(), r.PathValue("hall"), from, body)
	a.answer(w, r, http.StatusOK, centralapi.Incarnation{Token: token}, err)
}

func (a *api) issue(w http.ResponseWriter, r *http.Request, from centralapi.Terminal) {
	var body centralapi.TicketRequest
	if err := readJSON(w, r, maxBody, &body); err != nil {
		a.fail(w, r, err)
		return
	}
	t, err := a.desk.Issue(r.Context(), r.PathValue("hall"), from, body)
	a.answer(w, r, http.StatusOK, t, err)
}

func (a *api) deliver(w http.ResponseWriter, r *http.Request, from centralapi.Terminal) {
	hall := r.PathValue("hall")
	var body centralapi.EventBatch
	err := a.intake.room(hall) // before a quarter of a megabyte is sent in vain
	if err == nil {
		err = readJSON(w, r, maxEventsBody, &body)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	leave, err := a.intake.enter(r.Context(), hall)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	defer leave()
	receipt, err := a.desk.Deliver(r.Context(), hall, from, body)
	a.answer(w, r, http.StatusOK, receipt, err)
}

func (a *api) login(w http.ResponseWriter, r *http.Request) {
	var body centralapi.WindowLogin
	if err := readJSON(w, r, maxBody, &body); err != nil {
		a.fail(w, r, err)
		return
	}
	s, err := a.desk.Login(r.Context(), r.PathValue("hall"), body.Window, body.PIN)
	a.answer(w, r, http.StatusCreated, s, err)
}

func (a *api) logout(w http.ResponseWriter, r *http.Request) {
	hall, token := r.PathValue("hall"), bearer(r)
	if _, err := a.desk.WindowOf(r.Context(), hall, token); err != nil {
		a.fail(w, r, err)
		return
	}
	if err := a.desk.Logout(r.Context(), hall, token); err != nil {
		a.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *api) callNext(w http.ResponseWriter, r *http.Request, window string) {
	var body centralapi.CallNext
	if r.ContentLength != 0 { // it may be left out
		if err := readJSON(w, r, maxBody, &body); err != nil {
			a.fail(w, r, err)
			return
		}
	}
	t, ok, err := a.desk.CallPressed(r.Context(), r.PathValue("hall"), window, bearer(r), body.Press)
	if err == nil && !ok {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	a.answer(w, r, http.StatusOK, t, err)
}

// numbers is for the windows of the hall: it says which numbers were passed over
// and why others are void, which nobody else need know.
func (a *api) numbers(w http.ResponseWriter, r *http.Request) {
	hall := r.PathValue("hall")
	window, err := a.desk.WindowOf(r.Context(), hall, bearer(r))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.known(w, r, window)
	d, err := a.desk.Numbers(r.Context(), hall, r.PathValue("day"))
	a.answer(w, r, http.StatusOK, d, err)
}

// asTerminal finds the terminal behind the bearer token before the body is read.
func (a *api) asTerminal(next func(http.ResponseWriter, *http.Request, centralapi.Terminal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, err := a.desk.TerminalOf(r.Context(), r.PathValue("hall"), bearer(r))
		if err != nil {
			a.fail(w, r, err)
			return
		}
		a.known(w, r, t.ID)
		next(w, r, t)
	}
}

// asWindow finds the window behind the bearer token; it must be that of the path.
func (a *api) asWindow(next func(w http.ResponseWriter, r *http.Request, window string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		window, err := a.desk.WindowOf(r.Context(), r.PathValue("hall"), bearer(r))
		if err == nil && window != r.PathValue("window") {
			err = centralapi.Refuse(centralapi.CodeForbidden, "只能操作本窗口。")
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		a.known(w, r, window)
		next(w, r, window)
	}
}

// bearer returns the token of the Authorization header, "" without one. No
// stored token is empty.
func bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func notFound() error { return centralapi.Refuse(centralapi.CodeNotFound, "没有这个地址。") }

// refusal is the problem to answer an error with.
func refusal(err error) *centralapi.Error {
	if e, ok := errors.AsType[*centralapi.Error](err); ok {
		return e
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return centralapi.Refuse(centralapi.CodeUnavailable, "服务暂时不可用，请稍后再试。")
	}
	return centralapi.Refuse(centralapi.CodeInternal, "服务出错，请稍后再试。")
}
