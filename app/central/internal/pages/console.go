package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// long is the wait from which a row is marked: the goal of public halls is a
// mean of fifteen minutes, and twice that is worth a look.
const long = 30 * time.Minute

// fragmentHeader is set by the script, which then gets the panel alone.
const fragmentHeader = "X-Fragment"

type consolePage struct {
	page
	Hall      *hall.Hall
	Window    string // 3 号窗口
	Area      string
	Clock     clock
	Panel     panel
	StreamURL string
}

// panel is the part of the console that changes.
type panel struct {
	Message *message
	// Seen stands for what the person saw when pressing a button. A press that
	// comes with another value was meant for another ticket and does nothing.
	Seen    string
	Current *currentTicket
	Waiting []waitingRow
	Done    []doneRow
	Served  int // finished, of Done
	Help    []helpRow
	Faults  []faultRow
}

type message struct {
	Text  string
	Error bool
}

type currentTicket struct {
	ID, Label, Business, Item string
	Name, Number              string // masked
	Called                    string // 10:31 第 2 次
	Waited                    string
	Started                   bool // the person has come
	PaperUnknown              bool
}

type waitingRow struct {
	Label, Business, Item, Name, Waited string
	Long                                bool
}

type doneRow struct {
	Label, Business, How, At string
	Missed                   bool
}

type helpRow struct{ ID, Terminal, Since string }

type faultRow struct{ Terminal, Device, What, Cure, Since string }

// button is one of the four large ones.
type button struct {
	Action, Text, Key string // Key is the shortcut as KeyboardEvent.key names it
	Seen, ID          string
	Enabled           bool
}

// keyOf makes a button; serving says whether it is for a window with a current
// ticket or without.
func keyOf(p panel, action, text, key string, serving bool) button {
	b := button{Action: action, Text: text, Key: key, Seen: p.Seen, Enabled: serving == (p.Current != nil)}
	if p.Current != nil {
		b.ID = p.Current.ID
	}
	return b
}

// console shows the console of whoever is logged in, else the log-in.
func (s *site) console(w http.ResponseWriter, r *http.Request) {
	h, ok := s.hall(r)
	if !ok {
		s.missing(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	at, err := s.seat(ctx, r)
	switch {
	case errors.Is(err, errSignedOut):
		message := ""
		if _, err := r.Cookie(cookieName); err == nil {
			s.forgetCookie(w, r)
			message = "登录已经到期，请重新登录。"
		}
		s.showLogin(w, h, http.StatusOK, "", message)
	case err != nil:
		status, text := s.explain(err, "")
		s.fail(w, status, "窗口操作台暂时打不开", text)
	case r.URL.Query().Has("hall") && at.hall.ID != h.ID:
		s.showLogin(w, h, http.StatusOK, "", "")
	default:
		s.showConsole(ctx, w, at, http.StatusOK, nil)
	}
}

func (s *site) showConsole(ctx context.Context, w http.ResponseWriter, at seat, status int, m *message) {
	state, err := s.desk.Console(ctx, at.hall.ID, at.window.ID)
	if err != nil {
		status, text := s.explain(err, "")
		s.fail(w, status, "窗口操作台暂时打不开", text)
		return
	}
	area, _ := at.hall.Area(at.window.Area)
	p := consolePage{
		page: page{windowText(at.window.Name), s.web.version}, Hall: at.hall,
		Window: windowText(at.window.Name), Clock: clockOf(at.hall, state.Now),
		Panel: panelOf(at.hall, state, m), StreamURL: "/console/stream",
	}
	if area != nil {
		p.Area = area.Name
	}
	s.render(w, status, "console.html", p)
}

// consoleStream keeps a console up to date. The session is looked at again
// before every snapshot, so a log-out elsewhere ends the stream.
func (s *site) consoleStream(w http.ResponseWriter, r *http.Request) {
	at, err := s.seat(r.Context(), r)
	hallID := s.halls[0]
	if err == nil {
		hallID = at.hall.ID
	}
	s.stream(w, r, &s.staff, hallID, func(ctx context.Context) ([]byte, clock, error) {
		at, err := s.seat(ctx, r)
		if errors.Is(err, errSignedOut) {
			return nil, clock{}, errEnded
		}
		if err != nil {
			return nil, clock{}, err
		}
		state, err := s.desk.Console(ctx, at.hall.ID, at.window.ID)
		if err != nil {
			return nil, clock{}, err
		}
		part, err := s.execute("panel", panelOf(at.hall, state, nil))
		return part, clockOf(at.hall, state.Now), err
	})
}

// action carries out one button. ticket is the form's ticket or help id. A
// returned text is shown although nothing went wrong.
type action struct {
	// free actions do not depend on what the person saw.
	free bool
	do   func(ctx context.Context, d Counter, hallID, windowID, id string) (text string, err error)
}

var actions = map[string]action{
	"call": {do: func(ctx context.Context, d Counter, hallID, windowID, _ string) (string, error) {
		_, ok, err := d.CallNext(ctx, hallID, windowID)
		if err == nil && !ok {
			return "现在没有人等候。", nil
		}
		return "", err
	}},
	"recall": {do: func(ctx context.Context, d Counter, hallID, windowID, id string) (string, error) {
		t, err := d.Recall(ctx, hallID, windowID, id)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s 已经再叫一次。", t.Label), nil
	}},
	"no-show": {do: func(ctx context.Context, d Counter, hallID, windowID, id string) (string, error) {
		_, err := d.NoShow(ctx, hallID, windowID, id)
		return "", err
	}},
	"finish": {do: func(ctx context.Context, d Counter, hallID, windowID, id string) (string, error) {
		_, err := d.Finish(ctx, hallID, windowID, id)
		return "", err
	}},
	"help": {free: true, do: func(ctx context.Context, d Counter, hallID, windowID, id string) (string, error) {
		return "", d.AckHelp(ctx, hallID, windowID, id)
	}},
}

// act answers a button of the console.
func (s *site) act(a action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			s.fail(w, http.StatusBadRequest, "没有办成", "没有收到完整的请求，请回到操作台再试。")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), soon)
		defer cancel()
		at, err := s.seat(ctx, r)
		switch {
		case errors.Is(err, errSignedOut):
			s.signedOut(w, r)
			return
		case err != nil:
			status, text := s.explain(err, "")
			s.answer(ctx, w, r, seat{}, status, &message{text, true})
			return
		}
		status, m := s.press(ctx, at, a, r.PostForm.Get("seen"), r.PostForm.Get("id"))
		s.answer(ctx, w, r, at, status, m)
	}
}

// press carries out an action unless the window's state is no longer the one the
// person saw. One press at a time per window: of a double click, or of two
// browser tabs, the second finds the state changed and does nothing.
func (s *site) press(ctx context.Context, at seat, a action, seen, id string) (int, *message) {
	lock, _ := s.windows.LoadOrStore(at.hall.ID+"/"+at.window.ID, &sync.Mutex{})
	mu := lock.(*sync.Mutex)
	mu.Lock()
	defer mu.Unlock()
	if !a.free {
		state, err := s.desk.Console(ctx, at.hall.ID, at.window.ID)
		if err != nil {
			status, text := s.explain(err, "")
			return status, &message{text, true}
		}
		if seenOf(state) != seen {
			return http.StatusConflict, &message{"刚才的情况已经变了，没有重复操作。请看清后再按。", false}
		}
	}
	text, err := a.do(ctx, s.desk, at.hall.ID, at.window.ID, id)
	switch {
	case err != nil:
		status, text := s.explain(err, "")
		return status, &message{text, true}
	case text != "":
		return http.StatusOK, &message{text, false}
	}
	return http.StatusOK, nil
}

// answer shows the console after a button: the panel alone to the script, a page
// or a redirect to a browser without it.
func (s *site) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, at seat, status int, m *message) {
	script := r.Header.Get(fragmentHeader) != ""
	switch {
	case at.hall == nil && script:
		http.Error(w, m.Text, status)
	case at.hall == nil:
		s.fail(w, status, "没有办成", m.Text)
	case !script && m == nil:
		http.Redirect(w, r, "/console"+s.query(at.hall), http.StatusSeeOther)
	case !script:
		s.showConsole(ctx, w, at, status, m)
	default:
		state, err := s.desk.Console(ctx, at.hall.ID, at.window.ID)
		if err != nil {
			status, text := s.explain(err, "")
			http.Error(w, text, status)
			return
		}
		s.render(w, status, "panel", panelOf(at.hall, state, m))
	}
}

// signedOut answers a button pressed after the session has ended.
func (s *site) signedOut(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(fragmentHeader) != "" {
		http.Error(w, "登录已经到期，请重新登录。", http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// seenOf condenses what the buttons depend on.
func seenOf(c queue.Console) string {
	last := ""
	if len(c.Done) > 0 {
		last = c.Done[0].Ticket.ID
	}
	if t := c.Current; t != nil {
		return fmt.Sprintf("%s/%s/%d", t.ID, t.State, t.Calls)
	}
	return "-/" + last
}

// panelOf puts a window's state into words.
func panelOf(h *hall.Hall, c queue.Console, m *message) panel {
	local := func(t time.Time) string { return t.In(h.Location()).Format("15:04") }
	p := panel{Message: m, Seen: seenOf(c)}
	if t := c.Current; t != nil {
		business, item := matter(h, *t)
		p.Current = &currentTicket{
			ID: t.ID, Label: t.Label, Business: business, Item: item, Name: t.HolderName, Number: t.HolderNumber,
			Waited: waited(t.CalledAt.Sub(t.IssuedAt)), Started: t.State == centralapi.Started, PaperUnknown: t.PrintUnknown,
		}
		if !t.CalledAt.IsZero() {
			p.Current.Called = local(t.CalledAt)
		}
		if t.Calls > 1 {
			p.Current.Called += fmt.Sprintf("，共 %d 次", t.Calls)
		}
	}
	for _, t := range c.Waiting {
		business, item := matter(h, t)
		since := c.Now.Sub(t.IssuedAt)
		p.Waiting = append(p.Waiting, waitingRow{t.Label, business, item, t.HolderName, waited(since), since >= long})
	}
	for _, d := range c.Done {
		business, _ := matter(h, d.Ticket)
		p.Done = append(p.Done, doneRow{
			d.Ticket.Label, business, endText(string(d.Ticket.State)), local(d.At), d.Ticket.State != centralapi.Finished,
		})
		if d.Ticket.State == centralapi.Finished {
			p.Served++
		}
	}
	for _, call := range c.Help {
		p.Help = append(p.Help, helpRow{call.ID, call.Terminal, ago(c.Now.Sub(call.At))})
	}
	for _, f := range c.Faults {
		what, cure := faultText(f.Fault)
		p.Faults = append(p.Faults, faultRow{f.Terminal, deviceText(f.Device), what, cure, ago(c.Now.Sub(f.Since))})
	}
	return p
}

// matter names what a ticket is for. A business that has left the hall file
// since is shown by its id: the ticket is still good.
func matter(h *hall.Hall, t centralapi.Ticket) (business, item string) {
	b, ok := h.Business(t.Business)
	if !ok {
		return t.Business, ""
	}
	if it, ok := b.Item(t.Item); ok {
		item = it.Name
	}
	return strings.TrimSpace(b.Name), item
}
