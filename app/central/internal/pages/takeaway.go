package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
)

// Takeaways is what the addresses lead to that people take home from a terminal on
// their phones (package handoff).
type Takeaways interface {
	// HandoffRing returns the keys of a hall's addresses.
	HandoffRing(ctx context.Context, hallID string) (handoff.Ring, error)
	// Guides returns the hall's catalogue, the same one while it does not change. The
	// error is centralapi.CodeNotFound when the hall has none.
	Guides(ctx context.Context, hallID string) (*guide.Catalogue, error)
}

// takeaway shows what a signed address leads to.
func (s *site) takeaway(w http.ResponseWriter, r *http.Request) {
	private(w)
	h, pass, problem := s.opened(w, r)
	if problem == &noticeTicketOver && s.stillRatable(r, h, pass) {
		http.Redirect(w, r, takeawayPath(r, h)+"/rating", http.StatusSeeOther)
		return
	}
	if problem != nil {
		s.renderNotice(w, r, h, pass, *problem)
		return
	}
	chosen := chosenLanguage(r, pass)
	switch pass.Kind {
	case handoff.Ticket:
		s.showPhone(w, r, s.takenTicket(r, h, pass, chosen))
	case handoff.Guide:
		s.showGuide(w, r, h, pass, wordsFor(chosen, ""))
	case handoff.Rating:
		if s.ratings == nil {
			s.renderNotice(w, r, h, pass, noticeTampered)
			return
		}
		s.ratingPage(w, r)
	default:
		s.renderNotice(w, r, h, pass, noticeTampered)
	}
}

// takeawayStream keeps a ticket's page up to date. Guides have no stream.
func (s *site) takeawayStream(w http.ResponseWriter, r *http.Request) {
	private(w)
	h, pass, problem := s.opened(w, r)
	switch {
	case problem != nil:
		http.Error(w, http.StatusText(problem.status), problem.status)
	case pass.Kind != handoff.Ticket:
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
	default:
		s.streamPhone(w, r, s.takenTicket(r, h, pass, chosenLanguage(r, pass)))
	}
}

// opened opens the token of a request. The hall is nil when the address names none
// of ours; the pass is empty unless it is genuine.
func (s *site) opened(w http.ResponseWriter, r *http.Request) (*hall.Hall, handoff.Pass, *notice) {
	h, ok := s.hallByID(r.PathValue("hall"))
	if !ok {
		return nil, handoff.Pass{}, &noticeTampered
	}
	if !s.visitors.allow(visitorOf(r), time.Now()) {
		w.Header().Set("Retry-After", "20")
		return h, handoff.Pass{}, &noticeBusy
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	ring, err := s.desk.HandoffRing(ctx, h.ID)
	if err != nil {
		s.log.Error("pages: hand-off keys", "hall", h.ID, "err", err)
		return h, handoff.Pass{}, &noticeTrouble
	}
	pass, err := ring.Open(r.PathValue("token"), s.now())
	switch {
	case errors.Is(err, handoff.ErrExpired) && pass.Kind == handoff.Ticket:
		return h, pass, &noticeTicketOver
	case errors.Is(err, handoff.ErrExpired) && pass.Kind == handoff.Rating:
		return h, pass, &noticeRatingOver
	case errors.Is(err, handoff.ErrExpired):
		return h, pass, &noticeExpired
	case errors.Is(err, handoff.ErrUnknownKey):
		return h, pass, &noticeUnknownKey
	case err != nil:
		return h, pass, &noticeTampered
	}
	return h, pass, nil
}

// chosenLanguage is the language somebody has switched to, else the one spoken at
// the terminal.
func chosenLanguage(r *http.Request, pass handoff.Pass) string {
	if l := r.URL.Query().Get("lang"); l == handoff.Chinese || l == handoff.English {
		return l
	}
	return pass.Language
}

// takenTicket is the page of a ticket whose address is signed.
func (s *site) takenTicket(r *http.Request, h *hall.Hall, pass handoff.Pass, chosen string) phoneView {
	view := s.phoneOf(h, wordsFor(chosen, ""))
	view.id = pass.Ticket.String()
	view.at(takeawayPath(r, h), chosen)
	if s.ratings != nil {
		view.rateURL = takeawayPath(r, h) + "/rating?lang=" + chosen
	}
	return view
}

// takeawayPath is the path of a request's page. The token has been opened, so it is
// made of letters, digits, dashes and underscores.
func takeawayPath(r *http.Request, h *hall.Hall) string {
	return "/h/" + h.ID + "/" + r.PathValue("token")
}

// showGuide shows a guide with what was ticked at the terminal.
func (s *site) showGuide(w http.ResponseWriter, r *http.Request, h *hall.Hall, pass handoff.Pass, words *words) {
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	catalogue, err := s.desk.Guides(ctx, h.ID)
	if refusal, ok := errors.AsType[*centralapi.Error](err); ok && refusal.Code == centralapi.CodeNotFound {
		catalogue, err = nil, nil // the hall has no guides any more
	}
	if err != nil {
		s.log.Error("pages: guides", "hall", h.ID, "err", err)
		s.renderNotice(w, r, h, pass, noticeTrouble)
		return
	}
	g, ok := s.digests.find(h.ID, catalogue, pass.Guide)
	if !ok {
		s.renderNotice(w, r, h, pass, noticeGone)
		return
	}
	view := guideOf(h, catalogue, g, pass, words, s.now())
	view.Version = s.web.version
	view.address(takeawayPath(r, h), r.URL.Query())
	w.Header().Set("Content-Security-Policy", guidePolicy)
	s.render(w, http.StatusOK, "guide.html", view)
}

// guidePolicy also allows pictures made on the page itself: the one that is saved.
var guidePolicy = strings.Replace(policy, "img-src 'self'", "img-src 'self' data:", 1)

// notice is a page that says why there is nothing else to see, and what to do.
type notice struct {
	status        int
	heading, cure func(*guideWords) string
	asks          bool // whether it helps to ring somebody up
}

// The notices.
var (
	noticeTampered   = notice{http.StatusNotFound, func(w *guideWords) string { return w.Tampered }, func(w *guideWords) string { return w.TamperedCure }, false}
	noticeUnknownKey = notice{http.StatusNotFound, func(w *guideWords) string { return w.UnknownKey }, func(w *guideWords) string { return w.UnknownKeyCure }, false}
	noticeExpired    = notice{http.StatusGone, func(w *guideWords) string { return w.Expired }, func(w *guideWords) string { return w.ExpiredCure }, true}
	noticeTicketOver = notice{http.StatusGone, func(w *guideWords) string { return w.TicketOver }, func(w *guideWords) string { return w.TicketOverCure }, false}
	noticeGone       = notice{http.StatusNotFound, func(w *guideWords) string { return w.Gone }, func(w *guideWords) string { return w.GoneCure }, true}
	noticeRatingOver = notice{http.StatusGone, func(w *guideWords) string { return w.RatingOver }, func(w *guideWords) string { return w.RatingOverCure }, true}
	noticeTrouble    = notice{http.StatusServiceUnavailable, func(w *guideWords) string { return w.Trouble }, func(w *guideWords) string { return w.TroubleCure }, true}
	noticeBusy       = notice{http.StatusTooManyRequests, func(w *guideWords) string { return w.Busy }, func(w *guideWords) string { return w.BusyCure }, false}
)

type noticePage struct {
	page
	W                   *words
	G                   *guideWords
	Hall, Heading, Text string
	SwitchURL           string
	Calls               []call
}

func (s *site) renderNotice(w http.ResponseWriter, r *http.Request, h *hall.Hall, pass handoff.Pass, n notice) {
	words := wordsFor(chosenLanguage(r, pass), r.Header.Get("Accept-Language"))
	texts := guideWordsOf(words)
	p := noticePage{
		page: page{n.heading(texts), s.web.version}, W: words, G: texts,
		Heading: n.heading(texts), Text: n.cure(texts), SwitchURL: "?lang=" + words.Other,
	}
	if h != nil {
		p.Hall = words.name(h.Name, h.NameEn)
		if !pass.Until.IsZero() && n.status == http.StatusGone {
			p.Text = fmt.Sprintf(texts.EndedOn, words.day(pass.Until.In(h.Location()))) + p.Text
		}
		if n.asks {
			p.Calls = append(callsOf(texts.Ask, h.ServicePhone), callsOf(texts.Complain, h.SupervisionPhone)...)
		}
	}
	s.render(w, n.status, "notice.html", p)
}
