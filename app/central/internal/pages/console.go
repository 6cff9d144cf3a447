package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// long is the wait from which a row is marked: the goal of public halls is a
// mean of fifteen minutes, and twice that is worth a look.
const long = 30 * time.Minute

// maxHeld is how many numbers a window may put aside, as package queue has it.
const maxHeld = 3

// fragmentHeader is set by the script, which then gets the panel alone.
const fragmentHeader = "X-Fragment"

// cursorHeader says how new such a panel is, in the count of the stream's ids: an
// answer can be overtaken by what the stream sends.
const cursorHeader = "X-Cursor"

type consolePage struct {
	page
	Hall      *hall.Hall
	Name      string // of whoever is there
	Window    string // 3 号窗口
	Area      string
	Clock     clock
	Panel     panel
	Results   bool // results of visits are kept
	StreamURL string
}

// panel is the part of the console that changes.
type panel struct {
	Message *message
	// Seen stands for what the person saw when pressing a button. A press that
	// comes with another value was meant for another ticket and does nothing.
	Seen    string
	Current *currentTicket
	// Closed: the window calls nobody; ClosedWhy says why, and may be empty.
	Closed    bool
	ClosedWhy string
	Waiting   []waitingRow
	Held      []heldRow
	Done      []doneRow
	Served    int // finished, of Done
	Back      int // of Done: passed over, and may come back
	Help      []helpRow
	Faults    []faultRow
}

type message struct {
	Text  string
	Error bool
}

type currentTicket struct {
	ID, Label, Business, Item string
	Name                      string // masked
	Number                    string // masked, and only when asked for
	Numbered                  bool   // there is a number to ask for
	Results                   bool   // results of visits are kept
	Called                    string // 10:31 第 2 次
	Waited                    string
	Class                     *tag
	Why                       string // reason of the priority
	Started                   bool   // the person has come
	MayHold                   bool
	PaperUnknown              bool
}

// tag says a ticket's class in words; Name is its style.
type tag struct{ Name, Text string }

type waitingRow struct {
	ID, Label, Business, Item, Name, Waited string
	Class                                   *tag
	Long                                    bool
}

type heldRow struct {
	ID, Label, Business, Name, Since string
	Class                            *tag
}

type doneRow struct {
	ID, Label, Business, How, At string
	Missed                       bool
	Back                         bool // may be let in again
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
	b := button{Action: action, Text: text, Key: key, Seen: p.Seen, Enabled: serving == (p.Current != nil) && (serving || !p.Closed)}
	if p.Current != nil {
		b.ID = p.Current.ID
	}
	return b
}

// minor is one of the small buttons.
type minor struct {
	Action, Text, Key string // Key is empty, or a letter
	Name              string // unique on the page
	Seen, ID          string
	Strong, Twice     bool // Twice asks for a second press
}

// minorOf makes a small button for a ticket; kind is empty, "strong" or "twice".
func minorOf(p panel, action, text, key, id, kind string) minor {
	return minor{Action: action, Text: text, Key: key, Name: "key-" + action + "-" + id, Seen: p.Seen, ID: id, Strong: kind == "strong", Twice: kind == "twice"}
}

// console shows the console of the member's window, or asks which that is.
func (s *site) console(w http.ResponseWriter, r *http.Request, m member) {
	if _, ok := m.window(); !ok {
		s.showChoose(w, r, m, http.StatusOK, nil)
		return
	}
	var notice *message
	if text := doneText[r.URL.Query().Get("did")]; text != "" {
		notice = &message{text, false}
	}
	s.showConsole(r.Context(), w, m, http.StatusOK, notice)
}

// showConsole shows the page of a member who is at a window.
func (s *site) showConsole(ctx context.Context, w http.ResponseWriter, m member, status int, notice *message) {
	win, _ := m.window()
	state, err := s.desk.Console(ctx, m.hall.ID, win.ID)
	if err != nil {
		s.failWith(w, "窗口操作台暂时打不开", err)
		return
	}
	area, _ := m.hall.Area(win.Area)
	p := consolePage{
		page: page{windowText(win.Name), s.web.version}, Hall: m.hall, Name: m.Account.Name,
		Window: windowText(win.Name), Clock: clockOf(m.hall, state.Now),
		Panel: s.panelFor(m, state, notice), Results: s.visits != nil, StreamURL: "/console/stream",
	}
	if area != nil {
		p.Area = area.Name
	}
	s.render(w, status, "console.html", p)
}

// panelFor is panelOf with what this member has asked to see.
func (s *site) panelFor(m member, state queue.Console, notice *message) panel {
	shown, _ := s.revealed.Load(seatOf(m))
	p := panelOf(m.hall, state, notice, state.Current != nil && shown == revelation{state.Current.ID, m.Account.ID})
	if p.Current != nil {
		p.Current.Results = s.visits != nil
	}
	return p
}

// seatOf names a member's window among those of all halls.
func seatOf(m member) string { return m.hall.ID + "/" + m.Window }

// revelation is the number that an account has asked to see. It is forgotten when the
// window has another one; on a second service that shares the database it is asked
// for again.
type revelation struct{ ticket, account string }

// consoleStream keeps a console up to date. The session is looked at again before
// every snapshot, so a log-out elsewhere ends the stream; the stream itself is no use
// of it.
func (s *site) consoleStream(w http.ResponseWriter, r *http.Request) {
	m, err := s.member(r.Context(), r, false)
	hallID := s.halls[0]
	if err == nil {
		hallID = m.hall.ID
		if !m.Account.Has(staff.Clerk) {
			s.notYours(w, r)
			return
		}
	}
	s.stream(w, r, &s.staff, hallID, func(ctx context.Context) ([]byte, clock, error) {
		m, err := s.member(ctx, r, false)
		win, ok := m.Session.Window, false
		if err == nil {
			_, ok = m.window()
		}
		if errors.Is(err, errSignedOut) || err == nil && (!ok || m.Account.MustChange || !m.Account.Has(staff.Clerk)) {
			return nil, clock{}, errEnded
		}
		if err != nil {
			return nil, clock{}, err
		}
		state, err := s.desk.Console(ctx, m.hall.ID, win)
		if err != nil {
			return nil, clock{}, err
		}
		part, err := s.execute("panel", s.panelFor(m, state, nil))
		now := clockOf(m.hall, state.Now)
		now.Cursor = state.Cursor
		return part, now, err
	})
}

// action carries out one button. id is the form's ticket or help id. A returned text
// is shown although nothing went wrong.
type action struct {
	// free actions do not depend on what the person saw.
	free bool
	do   func(ctx context.Context, s *site, m member, id string) (text string, err error)
}

// quietly and aloud make an action of what the desk does with one ticket: the panel
// shows what has changed, or a sentence with the ticket's label says it.
func quietly(do func(Counter, context.Context, string, string, string) (centralapi.Ticket, error)) func(context.Context, *site, member, string) (string, error) {
	return func(ctx context.Context, s *site, m member, id string) (string, error) {
		_, err := do(s.desk, ctx, m.hall.ID, m.Window, id)
		return "", err
	}
}

func aloud(do func(Counter, context.Context, string, string, string) (centralapi.Ticket, error), sentence string) func(context.Context, *site, member, string) (string, error) {
	return func(ctx context.Context, s *site, m member, id string) (string, error) {
		t, err := do(s.desk, ctx, m.hall.ID, m.Window, id)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf(sentence, t.Label), nil
	}
}

var actions = map[string]action{
	"call": {do: func(ctx context.Context, s *site, m member, _ string) (string, error) {
		_, ok, err := s.desk.CallNext(ctx, m.hall.ID, m.Window)
		if err == nil && !ok {
			return "现在没有人等候。", nil
		}
		return "", err
	}},
	"recall": {do: func(ctx context.Context, s *site, m member, id string) (string, error) {
		t, err := s.desk.Recall(ctx, m.hall.ID, m.Window, id)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s 已经再叫一次。", t.Label), nil
	}},
	"no-show": {do: func(ctx context.Context, s *site, m member, id string) (string, error) {
		_, err := s.desk.NoShow(ctx, m.hall.ID, m.Window, id)
		return "", err
	}},
	"finish": {do: func(ctx context.Context, s *site, m member, id string) (string, error) {
		_, err := s.desk.Finish(ctx, m.hall.ID, m.Window, id)
		return "", err
	}},
	"start":   {do: quietly(Counter.Start)},
	"hold":    {do: aloud(Counter.Hold, "%s 已经挂起，可以先叫下一位。")},
	"resume":  {do: quietly(Counter.Resume)},
	"return":  {do: aloud(Counter.Return, "%s 已经退回队列，还排在原来的位置。")},
	"reenter": {do: aloud(Counter.Reenter, "%s 已经重新排队。")},
	"help": {free: true, do: func(ctx context.Context, s *site, m member, id string) (string, error) {
		return "", s.desk.AckHelp(ctx, m.hall.ID, m.Window, id)
	}},
	// reveal shows what the centre has of the holder's number, after the ledger knows.
	"reveal": {do: func(ctx context.Context, s *site, m member, id string) (string, error) {
		state, err := s.desk.Console(ctx, m.hall.ID, m.Window)
		if err != nil {
			return "", err
		}
		if state.Current == nil || state.Current.ID != id || state.Current.HolderNumber == "" {
			return "", centralapi.Refuse(centralapi.CodeConflict, "")
		}
		if err := s.people.Revealed(ctx, m.hall.ID, m.Session, id, state.Current.Label); err != nil {
			return "", err
		}
		s.revealed.Store(seatOf(m), revelation{id, m.Account.ID})
		return "", nil
	}},
}

// act answers a button of the console.
func (s *site) act(a action) memberPage {
	return func(w http.ResponseWriter, r *http.Request, m member) {
		if _, ok := m.window(); !ok {
			s.nowhere(w, r, m)
			return
		}
		status, notice := s.press(r.Context(), m, a, r.PostForm.Get("seen"), r.PostForm.Get("id"))
		s.answer(w, r, m, status, notice)
	}
}

// lock is held by whoever changes something at the member's window.
func (s *site) lock(m member) *sync.Mutex {
	mu, _ := s.windows.LoadOrStore(seatOf(m), &sync.Mutex{})
	return mu.(*sync.Mutex)
}

// press carries out an action unless the window's state is no longer the one the
// person saw. One press at a time per window: of a double click, or of two
// browser tabs, the second finds the state changed and does nothing.
func (s *site) press(ctx context.Context, m member, a action, seen, id string) (int, *message) {
	mu := s.lock(m)
	mu.Lock()
	defer mu.Unlock()
	if !a.free {
		state, err := s.desk.Console(ctx, m.hall.ID, m.Window)
		if err != nil {
			status, text := s.explain(err, "")
			return status, &message{text, true}
		}
		if seenOf(state) != seen {
			return http.StatusConflict, &message{"刚才的情况已经变了，没有重复操作。请看清后再按。", false}
		}
	}
	text, err := a.do(ctx, s, m, id)
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
func (s *site) answer(w http.ResponseWriter, r *http.Request, m member, status int, notice *message) {
	switch script := r.Header.Get(fragmentHeader) != ""; {
	case !script && notice == nil:
		s.toConsole(w, r, m)
	case !script:
		s.showConsole(r.Context(), w, m, status, notice)
	default:
		state, err := s.desk.Console(r.Context(), m.hall.ID, m.Window)
		if err != nil {
			status, text := s.explain(err, "")
			http.Error(w, text, status)
			return
		}
		w.Header().Set(cursorHeader, strconv.FormatInt(state.Cursor, 10))
		s.render(w, status, "panel", s.panelFor(m, state, notice))
	}
}

// nowhere answers a button pressed after the member has left the window elsewhere.
func (s *site) nowhere(w http.ResponseWriter, r *http.Request, m member) {
	if r.Header.Get(fragmentHeader) != "" {
		http.Error(w, "您已经不在窗口，请重新选择。", http.StatusUnauthorized)
		return
	}
	s.toConsole(w, r, m)
}

func (s *site) toConsole(w http.ResponseWriter, r *http.Request, m member) {
	http.Redirect(w, r, "/console"+s.query(m.hall), http.StatusSeeOther)
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
	// What was put aside and taken up again leaves the window as it was, but not the
	// moment: the newest call of a held ticket tells them apart.
	held := ""
	for _, t := range c.Held {
		held += fmt.Sprintf("/%s.%d", t.ID, t.Calls)
	}
	return "-/" + last + held
}

// panelOf puts a window's state into words. revealed says whether the holder's
// number is among them.
func panelOf(h *hall.Hall, c queue.Console, m *message, revealed bool) panel {
	local := func(t time.Time) string { return t.In(h.Location()).Format("15:04") }
	p := panel{Message: m, Seen: seenOf(c), Closed: c.Closed, ClosedWhy: c.ClosedWhy}
	if t := c.Current; t != nil {
		business, item := matter(h, *t)
		p.Current = &currentTicket{
			ID: t.ID, Label: t.Label, Business: business, Item: item, Name: t.HolderName, Numbered: t.HolderNumber != "",
			Waited: waited(t.CalledAt.Sub(t.IssuedAt)), Started: t.State == centralapi.Started, PaperUnknown: t.PrintUnknown,
			Class: classTag(t.Class), Why: t.ClassReason, MayHold: len(c.Held) < maxHeld,
		}
		if revealed {
			p.Current.Number = t.HolderNumber
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
		p.Waiting = append(p.Waiting, waitingRow{ID: t.ID, Label: t.Label, Business: business, Item: item, Name: t.HolderName,
			Class: classTag(t.Class), Waited: waited(since), Long: since >= long})
	}
	for _, t := range c.Held {
		business, _ := matter(h, t)
		p.Held = append(p.Held, heldRow{t.ID, t.Label, business, t.HolderName, local(t.CalledAt) + " 叫的号", classTag(t.Class)})
	}
	// Who may still come back stands on top, whichever window has passed them over.
	back := map[string]bool{}
	for _, t := range c.Missed {
		business, _ := matter(h, t)
		back[t.ID] = true
		p.Done = append(p.Done, doneRow{ID: t.ID, Label: t.Label, Business: business, How: endText(string(t.State)), At: local(t.CalledAt), Missed: true, Back: true})
	}
	p.Back = len(p.Done)
	for _, d := range c.Done {
		if back[d.Ticket.ID] {
			continue
		}
		business, _ := matter(h, d.Ticket)
		p.Done = append(p.Done, doneRow{
			ID: d.Ticket.ID, Label: d.Ticket.Label, Business: business, How: endOf(d.Ticket), At: local(d.At), Missed: d.Ticket.State != centralapi.Finished,
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

// endOf says how a ticket ended.
func endOf(t centralapi.Ticket) string {
	if t.State == centralapi.Cancelled && t.Reason == wrongMatter {
		return "取错事项"
	}
	return endText(string(t.State))
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
