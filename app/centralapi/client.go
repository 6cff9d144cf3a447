package centralapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

// ErrUnreachable means that no answer came which the central service can have
// given: no connection, no answer in time, a cut or oversized answer, a redirect,
// or the page of something else that sits in between. The request may or may not
// have been processed. Test with errors.Is.
var ErrUnreachable = errors.New("centralapi: the central service cannot be reached")

// maxAnswer is the largest answer a Client reads, in bytes.
const maxAnswer = 4 << 20

// ClientConfig says which hall of which service a [Client] talks to.
type ClientConfig struct {
	// BaseURL is the service, such as http://127.0.0.1:7080. Required.
	BaseURL string
	// Hall is the hall's id. Required.
	Hall string
	// Token is the terminal's bearer token. It may be empty for a Client that
	// only reads the board or works at a window.
	Token string
	// Timeout bounds a call whose context has no deadline. Default 10 s.
	Timeout time.Duration
	// Logger receives what the HTTP library has to say, without personal data
	// and secrets. Default: nothing is logged.
	Logger *slog.Logger
	// Transport replaces the client's own connection pool, for tests that watch
	// or disturb the traffic. Default: a transport with timeouts everywhere.
	Transport http.RoundTripper
}

// Client talks to one hall of the central service. It sends every request
// exactly once and is safe for concurrent use. Its errors are an [*Error] when
// the service refused, [ErrUnreachable] (wrapped) when no usable answer came,
// and otherwise a mistake of the caller, such as an id that is empty.
type Client struct {
	rest    *resty.Client
	hall    string
	token   string
	timeout time.Duration
	own     *http.Transport // nil when the caller gave one
}

// NewClient checks the configuration; it does not talk to the service.
func NewClient(c ClientConfig) (*Client, error) {
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("centralapi: address of the central service: %w", err)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("centralapi: address of the central service: want http://host:port or https://host:port")
	case c.Hall == "":
		return nil, fmt.Errorf("centralapi: no hall given")
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	k := &Client{hall: c.Hall, token: c.Token, timeout: c.Timeout}
	if c.Transport == nil {
		k.own = newTransport()
		c.Transport = k.own
	}
	k.rest = resty.New().
		SetBaseURL(strings.TrimRight(c.BaseURL, "/")).
		SetTransport(c.Transport).
		SetRedirectPolicy(resty.NoRedirectPolicy()).
		SetResponseBodyLimit(maxAnswer).
		SetLogger(restLog{c.Logger}).
		// A hall's own service is often plain HTTP on the hall's network; resty
		// would write a warning for every single request.
		SetDisableWarn(true)
	return k, nil
}

// newTransport is http.DefaultTransport's idea with every wait bounded. The
// context's deadline is the real limit; these catch a caller that has none.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // the hall's service is never behind a user's proxy
		DialContext:            (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  40 * time.Second, // longer than the longest long poll
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    64,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		// A pulled cable leaves an HTTP/2 connection that looks alive.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}
}

// Close lets go of idle connections. The Client may still be used.
func (c *Client) Close() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

// Terminal returns what the centre knows of the terminal that owns the token,
// with the secret for [Holder].Key.
func (c *Client) Terminal(ctx context.Context) (Terminal, error) {
	var t Terminal
	_, err := c.call(ctx, request{method: http.MethodGet, path: "/terminal", token: c.token}, &t)
	return t, err
}

// Catalogue fetches the hall's description. revision is the Catalogue.Revision
// the caller holds, or empty; when the centre has no newer one, changed is false
// and the Catalogue is zero.
func (c *Client) Catalogue(ctx context.Context, revision string) (cat Catalogue, changed bool, err error) {
	r := request{method: http.MethodGet, path: "/catalogue", token: c.token}
	if revision != "" {
		r.ifNoneMatch = `"` + revision + `"`
	}
	status, err := c.call(ctx, r, &cat)
	if err != nil || status == http.StatusNotModified {
		return Catalogue{}, false, err
	}
	return cat, true, nil
}

// Status returns what changes by the minute.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	_, err := c.call(ctx, request{method: http.MethodGet, path: "/status", token: c.token}, &s)
	return s, err
}

// IssueTicket asks for the next number. The same request may be sent again after
// any error: the answer is the same ticket. See [Ticket].Existing.
func (c *Client) IssueTicket(ctx context.Context, r TicketRequest) (Ticket, error) {
	var t Ticket
	_, err := c.call(ctx, request{method: http.MethodPost, path: "/tickets", token: c.token, body: r}, &t)
	return t, err
}

// DeliverEvents hands over part of a terminal's outbox, oldest first. After any
// error the same batch may be sent again; rows up to AckedThrough may be
// forgotten.
func (c *Client) DeliverEvents(ctx context.Context, b EventBatch) (EventReceipt, error) {
	var r EventReceipt
	_, err := c.call(ctx, request{method: http.MethodPost, path: "/events", token: c.token, body: b}, &r)
	return r, err
}

// Rotate asks for the terminal's next incarnation. have is the newest one the
// terminal has kept durably, empty for one that never had any. The caller keeps
// the answer durably before it sends anything else; after any error it may ask
// again with the same have. [CodeRetired] means that this disk was copied: the
// terminal must not give out numbers of its own series any more.
func (c *Client) Rotate(ctx context.Context, have string) (incarnation string, err error) {
	return c.NextIncarnation(ctx, IncarnationRequest{Have: have})
}

// NextIncarnation is Rotate with a nonce; see [IncarnationRequest].
func (c *Client) NextIncarnation(ctx context.Context, r IncarnationRequest) (incarnation string, err error) {
	var out Incarnation
	_, err = c.call(ctx, request{method: http.MethodPost, path: "/terminal/incarnation", token: c.token, body: r}, &out)
	if err == nil && out.Token == "" {
		return "", fmt.Errorf("%w: POST /terminal/incarnation: an answer without incarnation", ErrUnreachable)
	}
	return out.Token, err
}

// Changes returns what has changed in the hall after a cursor, and waits for the
// first change for at most wait (to the second, at most 25 s) when there is none
// yet. The context's deadline must leave time for that; without one the client
// adds wait to its own time-out.
func (c *Client) Changes(ctx context.Context, after int64, wait time.Duration) (Changes, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout+wait)
		defer cancel()
	}
	var out Changes
	path := fmt.Sprintf("/changes?after=%d&wait=%d", after, int(wait/time.Second))
	_, err := c.call(ctx, request{method: http.MethodGet, path: path, token: c.token}, &out)
	return out, err
}

// Board returns a snapshot of what hangs on the wall. It needs no token.
func (c *Client) Board(ctx context.Context) (Board, error) {
	var b Board
	_, err := c.call(ctx, request{method: http.MethodGet, path: "/board"}, &b)
	return b, err
}

// Login opens a session at a window. After five wrong PINs the window is locked
// for a while ([CodeTooMany]).
func (c *Client) Login(ctx context.Context, l WindowLogin) (*WindowClient, error) {
	var s WindowSession
	if _, err := c.call(ctx, request{method: http.MethodPost, path: "/window-sessions", body: l}, &s); err != nil {
		return nil, err
	}
	return &WindowClient{c: c, window: l.Window, session: s}, nil
}

// WindowClient works at one window, as its clerk does. Scripts and tests use it;
// the console page talks to the service directly.
type WindowClient struct {
	c       *Client
	window  string
	session WindowSession
	presses atomic.Int64
}

// Session returns the answer to the log-in.
func (w *WindowClient) Session() WindowSession { return w.session }

// Logout ends the session.
func (w *WindowClient) Logout(ctx context.Context) error {
	_, err := w.c.call(ctx, request{method: http.MethodDelete, path: "/window-sessions/current", token: w.session.Token}, nil)
	return err
}

// CallNext calls the next ticket of the window's businesses; ok is false when
// nobody waits. It is refused with [CodeConflict] while a called ticket is
// neither finished nor passed over. Each time is a press of its own: to ask again for
// an answer that was lost, use [WindowClient.NewPress].
func (w *WindowClient) CallNext(ctx context.Context) (t Ticket, ok bool, err error) {
	return w.NewPress().CallNext(ctx)
}

// Press is one press of 叫号, which may be sent any number of times.
type Press struct {
	w *WindowClient
	n int64
}

// NewPress presses the button. Presses before it call nobody any more, even where the
// network delivers them late.
func (w *WindowClient) NewPress() Press { return Press{w, w.presses.Add(1)} }

// CallNext sends the press. Repeated, it returns the ticket it has called as that is
// now: it may be at the window no more, when its holder's paper turned out to show
// another number. Repeated after a refusal it is refused.
func (p Press) CallNext(ctx context.Context) (t Ticket, ok bool, err error) {
	path := "/windows/" + url.PathEscape(p.w.window) + "/call-next"
	status, err := p.w.c.call(ctx, request{method: http.MethodPost, path: path, token: p.w.session.Token, body: CallNext{Press: p.n}}, &t)
	return t, err == nil && status != http.StatusNoContent, err
}

// Recall calls a called ticket once more (重呼).
func (w *WindowClient) Recall(ctx context.Context, ticket string) (Ticket, error) {
	return w.act(ctx, ticket, "recall", nil)
}

// Start records that the person stands at the window.
func (w *WindowClient) Start(ctx context.Context, ticket string) (Ticket, error) {
	return w.act(ctx, ticket, "start", nil)
}

// NoShow passes a called ticket over (过号).
func (w *WindowClient) NoShow(ctx context.Context, ticket string) (Ticket, error) {
	return w.act(ctx, ticket, "no-show", nil)
}

// Finish ends a called or started ticket (完成).
func (w *WindowClient) Finish(ctx context.Context, ticket string) (Ticket, error) {
	return w.act(ctx, ticket, "finish", nil)
}

// Hold puts the ticket at the window aside (挂起), so that the window may call others; at
// most three at a time.
func (w *WindowClient) Hold(ctx context.Context, ticket string) (Ticket, error) {
	return w.act(ctx, ticket, "hold", nil)
}

// Resume calls a ticket on hold to the window again (回呼).
func (w *WindowClient) Resume(ctx context.Context, ticket string) (Ticket, error) {
	return w.act(ctx, ticket, "resume", nil)
}

// Return puts a ticket the window has back into the line, at its place (退回队列).
func (w *WindowClient) Return(ctx context.Context, ticket string) (Ticket, error) {
	return w.act(ctx, ticket, "return", nil)
}

// Reenter lets a ticket that was passed over wait again (过号回来), once.
func (w *WindowClient) Reenter(ctx context.Context, ticket string) (Ticket, error) {
	return w.act(ctx, ticket, "re-enter", nil)
}

// Transfer sends a ticket the window has to another business or window (转移).
func (w *WindowClient) Transfer(ctx context.Context, ticket string, to TransferTo) (Ticket, error) {
	return w.act(ctx, ticket, "transfer", to)
}

// WrongMatter ends a ticket taken for the wrong business (取错事项), or sends it on.
func (w *WindowClient) WrongMatter(ctx context.Context, ticket string, m WrongMatter) (Ticket, error) {
	return w.act(ctx, ticket, "wrong-matter", m)
}

// Prioritise gives a waiting ticket of the window's businesses a class.
func (w *WindowClient) Prioritise(ctx context.Context, ticket string, p Prioritise) (Ticket, error) {
	return w.act(ctx, ticket, "prioritise", p)
}

// Numbers accounts for every number of a business day (2026-11-21).
func (w *WindowClient) Numbers(ctx context.Context, day string) (DayNumbers, error) {
	if day == "" {
		return DayNumbers{}, fmt.Errorf("centralapi: numbers: no day given")
	}
	var d DayNumbers
	_, err := w.c.call(ctx, request{method: http.MethodGet, path: "/days/" + url.PathEscape(day) + "/numbers", token: w.session.Token}, &d)
	return d, err
}

func (w *WindowClient) act(ctx context.Context, ticket, action string, body any) (Ticket, error) {
	if ticket == "" {
		return Ticket{}, fmt.Errorf("centralapi: %s: no ticket given", action)
	}
	var t Ticket
	path := "/windows/" + url.PathEscape(w.window) + "/tickets/" + url.PathEscape(ticket) + "/" + action
	_, err := w.c.call(ctx, request{method: http.MethodPost, path: path, token: w.session.Token, body: body}, &t)
	return t, err
}

// request is one call; path is below /v1/halls/{hall}.
type request struct {
	method, path, token, ifNoneMatch string
	body                             any // nil for none
	limit                            int // of the answer, in bytes; 0 = maxAnswer
}

// call sends the request once and decodes a 2xx answer into out (nil: the answer
// has no body that matters). It returns the status of an answer that is not an
// error.
func (c *Client) call(ctx context.Context, r request, out any) (int, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	what := r.method + " " + r.path
	q := c.rest.R().SetContext(ctx).SetHeader("Accept", "application/json, "+ProblemType)
	if r.token != "" {
		q.SetHeader("Authorization", "Bearer "+r.token)
	}
	if r.ifNoneMatch != "" {
		q.SetHeader("If-None-Match", r.ifNoneMatch)
	}
	if r.limit > 0 {
		q.SetResponseBodyLimit(r.limit)
	}
	if r.body != nil {
		var body []byte // resty sends a Reader empty the second time; see lint_test.go
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return 0, fmt.Errorf("centralapi: %s: %w", what, err)
		}
		q.SetHeader("Content-Type", "application/json").SetBody(body)
	}
	res, err := q.Execute(r.method, "/v1/halls/"+url.PathEscape(c.hall)+r.path)
	if err != nil {
		return 0, fmt.Errorf("%w: %s: %w", ErrUnreachable, what, err)
	}
	status, media := res.StatusCode(), mediaType(res.Header())
	switch {
	case status >= 400 && media == ProblemType:
		var p Problem
		if err := json.Unmarshal(res.Body(), &p); err != nil || p.Code == "" {
			return 0, fmt.Errorf("%w: %s: status %d without a readable problem", ErrUnreachable, what, status)
		}
		p.Status = status
		return 0, &Error{Problem: p, retryAfter: retryAfter(res.Header(), time.Now())}
	case status == http.StatusNotModified && r.ifNoneMatch != "":
		return status, nil
	case status == http.StatusNoContent:
		return status, nil
	case (status == http.StatusOK || status == http.StatusCreated) && out != nil && media == "application/json":
		if err := json.Unmarshal(res.Body(), out); err != nil {
			return 0, fmt.Errorf("%w: %s: answer of status %d: %w", ErrUnreachable, what, status, err)
		}
		return status, nil
	}
	return 0, fmt.Errorf("%w: %s: status %d with a body of type %q", ErrUnreachable, what, status, media)
}

func mediaType(h http.Header) string {
	m, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return m
}
