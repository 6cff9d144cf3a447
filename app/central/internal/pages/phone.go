package pages

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// phonePage is what somebody sees who has scanned the code on a ticket. Its
// address holds the ticket's random id and nothing else, and whoever has the
// ticket may look: so there is nothing personal on the page.
type phonePage struct {
	page
	W          *words
	Hall       string // name
	Clock      clock  // zero when there is none to go by
	Ticket     phoneTicket
	SwitchURL  string       // the page in the other language
	RefreshURL string       // this page
	StreamURL  string       // empty when nothing will change any more
	Phone      string       // 监督电话
	Tel        template.URL // and the link that dials it
	Complain   string       // where complaints are taken; empty = not here
}

// phoneTicket is the part of the phone page that changes.
type phoneTicket struct {
	Phase      phase
	Key        string // changes when the number is called (again); empty otherwise
	Title      string // of the browser's tab
	YourNumber string
	Label      string // empty when it is not known
	State      string
	Ahead      *aheadText
	Wait       string // 大约还要等 20 分钟; empty when it cannot be told
	Hint       string
	Rows       []phoneRow
	RateURL    string // where the service can be rated; empty = not yet, or not here
	Rate       string
}

type aheadText struct{ Before, Number, After string }

type phoneRow struct{ Name, Value string }

// phase is what a page is about; style sheet and script know these words.
type phase string

const (
	phaseWaiting phase = "waiting"
	phaseCalled  phase = "called"
	phaseServing phase = "serving"
	phaseMissed  phase = "missed"
	phaseOver    phase = "over"    // nothing will change any more
	phaseUnknown phase = "unknown" // or cannot be told now
)

// phone shows a ticket to whoever has its address.
func (s *site) phone(w http.ResponseWriter, r *http.Request) {
	private(w)
	view, ok := s.phoneRequest(r)
	switch {
	case !ok:
		s.renderPhone(w, http.StatusNotFound, view, view.trouble(phaseOver, view.W.NotATicket, view.W.ScanAgain))
	case !s.visitors.allow(visitorOf(r), time.Now()):
		w.Header().Set("Retry-After", "20")
		s.renderPhone(w, http.StatusTooManyRequests, view, view.trouble(phaseUnknown, view.W.TooMany, view.W.TooManyCure))
	default:
		s.showPhone(w, r, view)
	}
}

// showPhone shows the ticket of a view.
func (s *site) showPhone(w http.ResponseWriter, r *http.Request, view phoneView) {
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	state, err := s.desk.Phone(ctx, view.hall.ID, view.id)
	if err != nil {
		status, _ := s.explain(err, "") // its sentences are for staff
		s.renderPhone(w, status, view, view.trouble(phaseUnknown, view.W.Trouble, view.W.TroubleCure))
		return
	}
	view.Clock = clockOf(view.hall, state.Now)
	ticket := view.ticket(state)
	if r.Header.Get(fragmentHeader) != "" {
		s.render(w, http.StatusOK, "ticket", ticket)
		return
	}
	s.renderPhone(w, http.StatusOK, view, ticket)
}

// phoneStream keeps a phone page up to date until the ticket is over.
func (s *site) phoneStream(w http.ResponseWriter, r *http.Request) {
	private(w)
	view, ok := s.phoneRequest(r)
	switch {
	case !ok:
		http.Error(w, view.W.NotATicket, http.StatusNotFound)
	case !s.visitors.allow(visitorOf(r), time.Now()):
		w.Header().Set("Retry-After", "20")
		http.Error(w, view.W.TooMany, http.StatusTooManyRequests)
	default:
		s.streamPhone(w, r, view)
	}
}

// streamPhone keeps the page of a view up to date.
func (s *site) streamPhone(w http.ResponseWriter, r *http.Request, view phoneView) {
	s.stream(w, r, &s.phones, view.hall.ID, func(ctx context.Context) ([]byte, clock, error) {
		state, err := s.desk.Phone(ctx, view.hall.ID, view.id)
		if err != nil {
			return nil, clock{}, err
		}
		ticket := view.ticket(state)
		part, err := s.execute("ticket", ticket)
		if err == nil && ticket.Phase == phaseOver {
			err = errEnded
		}
		return part, clockOf(view.hall, state.Now), err
	})
}

// private keeps an address out of search engines, caches and other sites' logs.
func private(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Referrer-Policy", "no-referrer") // the page has no forms, so the guard is not in the way
	h.Set("Vary", "Accept-Language")
}

// wrongMatter is the reason of a cancelled ticket that was taken for another matter
// (package queue).
const wrongMatter = "wrong-matter"

// phoneView is a phone page in the making.
type phoneView struct {
	phonePage
	hall    *hall.Hall // nil when the address names none
	id      string
	rateURL string // of the rating of this ticket; empty when its address opens none
}

// phoneRequest reads an address. It returns false when that cannot be one of
// ours; the view can then still say so.
func (s *site) phoneRequest(r *http.Request) (phoneView, bool) {
	chosen := r.URL.Query().Get("lang")
	w := wordsFor(chosen, r.Header.Get("Accept-Language"))
	h, ok := s.hallByID(r.PathValue("hall"))
	if !ok {
		return phoneView{phonePage: phonePage{page: page{Version: s.web.version}, W: w}}, false
	}
	view := s.phoneOf(h, w)
	id, err := uuid.Parse(r.PathValue("ticket"))
	if err != nil || id.String() != r.PathValue("ticket") {
		return view, false
	}
	view.id = id.String()
	view.at("/t/"+h.ID+"/"+view.id, chosen)
	return view, true
}

// phoneOf is a phone page of a hall.
func (s *site) phoneOf(h *hall.Hall, w *words) phoneView {
	return phoneView{hall: h, phonePage: phonePage{
		page: page{Version: s.web.version}, W: w, Hall: w.name(h.Name, h.NameEn),
		Phone: h.SupervisionPhone, Tel: dial(h.SupervisionPhone), Complain: s.complaintAddress(h),
	}}
}

// at sets the addresses of a view whose page has the path base.
func (v *phoneView) at(base, chosen string) {
	query := ""
	if chosen == "zh" || chosen == "en" {
		query = "?lang=" + chosen
	}
	v.SwitchURL, v.RefreshURL, v.StreamURL = base+"?lang="+v.W.Other, base+query, base+"/stream"+query
}

// dial returns the link that dials a number of a hall file, or none if it is not
// one plain number.
func dial(number string) template.URL {
	if number == "" || strings.Trim(number, "+0123456789- ") != "" {
		return ""
	}
	return template.URL("tel:" + strings.ReplaceAll(number, " ", ""))
}

func (s *site) renderPhone(w http.ResponseWriter, status int, view phoneView, t phoneTicket) {
	view.Ticket, view.Title = t, t.Title
	if t.Phase == phaseOver {
		view.StreamURL = ""
	}
	s.render(w, status, "phone.html", view.phonePage)
}

// trouble is a page without a ticket.
func (v phoneView) trouble(p phase, state, hint string) phoneTicket {
	return phoneTicket{Phase: p, Title: v.W.Title, State: state, Hint: hint}
}

// ticket puts a ticket into words.
func (v phoneView) ticket(state queue.Phone) phoneTicket {
	w, t := v.W, state.Ticket
	if t == nil {
		return v.trouble(phaseUnknown, w.Unknown, w.StillValid)
	}
	p := phoneTicket{YourNumber: w.YourNumber, Label: t.Label}
	window, atWindow := v.hall.Window(t.Window)
	switch {
	case t.State == centralapi.Finished:
		p.Phase, p.State, p.Hint = phaseOver, w.Finished, w.Thanks
		p.RateURL, p.Rate = v.rateURL, ratingWordsOf(w).Rate
	case t.State == centralapi.Cancelled && t.Reason == wrongMatter:
		p.Phase, p.State, p.Hint = phaseOver, w.Wrong, w.AskStaff
	case t.State == centralapi.Cancelled:
		p.Phase, p.State, p.Hint = phaseOver, w.Cancelled, w.TakeAnother
	case t.State == centralapi.Void:
		p.Phase, p.State, p.Hint = phaseOver, w.void(t.Reason), w.AskStaff
	case t.Day < state.BusinessDay: // both 2026-11-21
		p.Phase, p.State, p.Hint = phaseOver, w.expired(t.Day), w.TakeAnother
	case t.State == centralapi.NoShow:
		p.Phase, p.State, p.Hint = phaseMissed, w.NoShow, w.NoShowCure
	case t.State == centralapi.Issued || !atWindow:
		p.Phase, p.State = phaseWaiting, w.Waiting
		p.Ahead = w.ahead(t.Ahead)
		if state.Wait != nil && t.Ahead > 0 {
			p.Wait = w.about(*state.Wait)
		}
	case t.State == centralapi.Held:
		p.Phase, p.State, p.Hint = phaseServing, w.Held, fmt.Sprintf(w.HeldCure, w.window(window.Name))
	case t.State == centralapi.Started:
		p.Phase, p.State, p.Hint = phaseServing, w.Serving, w.window(window.Name)
	default:
		p.Phase, p.State, p.Hint = phaseCalled, w.goTo(w.window(window.Name)), w.Come
		p.Key = fmt.Sprintf("%s/%d/%d", t.Label, t.CalledAt.UnixMicro(), t.Calls)
	}
	p.Title = t.Label + " · " + p.State
	v.details(&p, *t, window)
	return p
}

// details adds what the ticket is for, and where and when.
func (v phoneView) details(p *phoneTicket, t centralapi.Ticket, window *hall.Window) {
	w, h := v.W, v.hall
	add := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			p.Rows = append(p.Rows, phoneRow{name, value})
		}
	}
	business, known := h.Business(t.Business)
	areaID := ""
	if known {
		areaID = business.Area
	}
	there := window != nil && p.Phase != phaseWaiting && p.Phase != phaseOver
	if there {
		areaID = window.Area // where the person has to go, or is
	}
	area, placed := h.Area(areaID)
	place := ""
	if placed {
		place = w.name(area.Place, area.PlaceEn)
	}
	switch {
	case p.Phase == phaseWaiting && place != "":
		p.Hint = fmt.Sprintf(w.WaitAt, place)
	case p.Phase == phaseWaiting:
		p.Hint = w.Wait
	case there:
		if p.Phase == phaseMissed {
			add(w.Windows, w.window(window.Name))
		}
		add(w.Place, place)
	}
	if known {
		add(w.Business, w.name(business.Name, business.NameEn))
		if item, ok := business.Item(t.Item); ok {
			add(w.Item, w.name(item.Name, item.NameEn))
		}
	}
	if placed && p.Phase != phaseOver {
		add(w.Area, w.name(area.Name, area.NameEn))
	}
	if known && p.Phase == phaseWaiting {
		windows := business.Windows
		if t.ForWindow != "" { // handed on to that one
			windows = []string{t.ForWindow}
		}
		add(w.Windows, w.windows(h, windows))
	}
	if !t.CalledAt.IsZero() && p.Phase != phaseOver {
		called := t.CalledAt.In(h.Location()).Format("15:04")
		if t.Calls > 1 {
			called = fmt.Sprintf(w.Times, called, t.Calls)
		}
		add(w.CalledAt, called)
	}
	taken := t.IssuedAt.In(h.Location())
	at := taken.Format("15:04")
	if p.Phase == phaseOver {
		at = w.day(taken) + " " + at
	}
	add(w.Taken, at)
}
