package pages

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/central/internal/ratings"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/rating"
)

// Ratings is the ratings desk as the pages need it; *ratings.Desk satisfies it. Errors
// that are a *centralapi.Error carry a sentence for people.
type Ratings interface {
	Raters
	RatingStaff
}

// Raters is what the holder of a one-time code does.
type Raters interface {
	Open(ctx context.Context, hallID string, pass handoff.Pass) (ratings.View, error)
	Rate(ctx context.Context, hallID string, pass handoff.Pass, s ratings.Submission) (ratings.View, error)
}

// ratingRoutes are the pages of ratings; there are none without Config.Ratings.
func (s *site) ratingRoutes() []route {
	if s.ratings == nil {
		return nil
	}
	return append([]route{
		{"GET /h/{hall}/{token}/rating", s.ratingPage},
		{"POST /h/{hall}/{token}/rating", s.rate},
	}, s.ratingStaffRoutes()...)
}

// ratingPass is the one-time code that an address stands for; false when it stands for
// none. The code on a ticket is one: people need a single thing to scan, before and
// after. Its nonce follows from the ticket, so all copies of it, on paper and on screens,
// are one code and give one rating; nobody can make one without the hall's key.
func ratingPass(p handoff.Pass) (handoff.Pass, bool) {
	switch p.Kind {
	case handoff.Rating:
		return p, true
	case handoff.Ticket:
		sum := sha256.Sum256(append([]byte("hallkiosk rating by a ticket's address 1\x00"), p.Ticket[:]...))
		p.Kind = handoff.Rating
		copy(p.Nonce[:], sum[:])
		return p, true
	}
	return p, false
}

// ratingRequest opens the address of a rating; it has answered where that returns false.
// A ticket's address that has expired still opens the rating: how long that can be given
// is the desk's to say.
func (s *site) ratingRequest(w http.ResponseWriter, r *http.Request) (h *hall.Hall, pass handoff.Pass, ok bool) {
	private(w)
	// With no-referrer browsers send "Origin: null" with the form, and the guard would
	// refuse it. The address then goes to this site alone, which has it already.
	w.Header().Set("Referrer-Policy", "same-origin")
	h, pass, problem := s.opened(w, r)
	if problem != nil && problem != &noticeTicketOver {
		s.renderNotice(w, r, h, pass, *problem)
		return h, pass, false
	}
	code, ok := ratingPass(pass)
	if !ok {
		s.renderNotice(w, r, h, pass, noticeTampered)
		return h, pass, false
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	if _, err := s.member(ctx, r, false); err == nil {
		words := wordsFor(chosenLanguage(r, pass), "")
		texts := ratingWordsOf(words)
		s.render(w, http.StatusForbidden, "notice.html", noticePage{page: page{texts.Staff, s.web.version}, W: words, G: guideWordsOf(words),
			Hall: words.name(h.Name, h.NameEn), Heading: texts.Staff, Text: texts.StaffCure, SwitchURL: "?lang=" + words.Other})
		return h, pass, false
	}
	return h, code, true
}

// ratingPage shows what a code opens now.
func (s *site) ratingPage(w http.ResponseWriter, r *http.Request) {
	h, code, ok := s.ratingRequest(w, r)
	if !ok {
		return
	}
	s.showRating(w, r, h, code, http.StatusOK, "", nil)
}

// showRating shows the page with what is wrong with a draft; nil = there is none.
func (s *site) showRating(w http.ResponseWriter, r *http.Request, h *hall.Hall, code handoff.Pass, status int, problem string, draft *rating.Answer) {
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	view, err := s.ratings.Open(ctx, h.ID, code)
	if err != nil {
		s.explain(err, "") // logs what is no refusal
		s.renderNotice(w, r, h, code, noticeTrouble)
		return
	}
	chosen := chosenLanguage(r, code)
	p := s.ratingView(h, view, wordsFor(chosen, ""), takeawayPath(r, h), chosen)
	p.Problem = problem
	if draft != nil && p.Form != nil {
		p.Form.fill(*draft)
	}
	s.render(w, status, "rating.html", p)
}

// rate takes a rating and shows what stands. Whoever presses twice, goes back and
// presses again, or has the form open twice, is shown the one rating that was taken.
func (s *site) rate(w http.ResponseWriter, r *http.Request) {
	h, code, ok := s.ratingRequest(w, r)
	if !ok {
		return
	}
	words := wordsFor(chosenLanguage(r, code), "")
	texts := ratingWordsOf(words)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.renderNotice(w, r, h, code, noticeTrouble)
		return
	}
	answer := submitted(r)
	from := visitorOf(r)
	if !s.raters.allow(from, time.Now()) {
		w.Header().Set("Retry-After", "60")
		s.showRating(w, r, h, code, http.StatusTooManyRequests, texts.Busy, &answer)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	_, err := s.ratings.Rate(ctx, h.ID, code, ratings.Submission{Answer: answer, Add: r.PostForm.Get("add") == "1",
		From: from.String() + "\x00" + r.UserAgent()})
	if err != nil {
		status, text := s.explain(err, "")
		if words.IsEnglish() {
			text = texts.refusal(err)
		}
		s.showRating(w, r, h, code, status, text, &answer)
		return
	}
	http.Redirect(w, r, takeawayPath(r, h)+"/rating?lang="+chosenLanguage(r, code), http.StatusSeeOther)
}

// submitted reads the form. Reasons of other levels than the one that was chosen are
// left out: whoever changes their mind may have ticked some, and they are out of sight.
func submitted(r *http.Request) rating.Answer {
	form := r.PostForm
	a := rating.Answer{Level: rating.Level(form.Get("level")), Words: form.Get("words"), Anonymous: form.Get("anonymous") != ""}
	version := form.Get("version")
	of := rating.ReasonsOf(version, a.Level)
	for _, text := range form["reason"] {
		code, err := strconv.Atoi(text)
		if err == nil && slices.ContainsFunc(of, func(r rating.Reason) bool { return r.Code == code }) {
			a.Reasons = append(a.Reasons, code)
		}
	}
	if len(a.Reasons) > 0 {
		a.Version = version
	}
	return a
}

// refusal is the sentence of a refusal in English, by its kind.
func (t *ratingWords) refusal(err error) string {
	switch {
	case centralapi.HasCode(err, centralapi.CodeInvalid):
		return "Please choose how satisfied you are, and keep to the length."
	case centralapi.HasCode(err, centralapi.CodeConflict):
		return "This cannot be rated now."
	}
	return "It did not work. Please try again."
}

// ratingPageData is the phone page of a rating.
type ratingPageData struct {
	page
	W             *words
	T             *ratingWords
	Hall          string
	SwitchURL     string
	Path          string // of the form, with the language
	TicketURL     string // of the number's page, while that can still change
	Heading, Text string
	State         ratings.State
	Rows          []phoneRow
	Problem       string
	Given         []givenRating
	FollowUps     []followUpView
	MoreFrom      string
	Form          *ratingForm
	Complain      string
	Phone         string
	Tel           template.URL
}

type givenRating struct {
	Heading, Level, Face, Words, Hidden string
	Reasons                             []string
}

type followUpView struct{ Promise, Verdict, Answer, Closed string }

// ratingForm is what a rater fills in. Nothing is preselected but that they stay unknown.
type ratingForm struct {
	Add       bool
	Version   string
	Levels    []levelChoice
	Words     string
	WordsHint string
	MaxWords  int
	Anonymous bool
}

type levelChoice struct {
	Level   rating.Level
	Parts   []string // of its name, between which a line may end
	Face    string   // file of the face
	Why     string   // above the reasons
	Chosen  bool
	Reasons []reasonChoice
}

type reasonChoice struct {
	Code   int
	Text   string
	Chosen bool
}

func (s *site) ratingView(h *hall.Hall, v ratings.View, w *words, path, chosen string) ratingPageData {
	t := ratingWordsOf(w)
	p := ratingPageData{page: page{t.Title, s.web.version}, W: w, T: t, Hall: w.name(h.Name, h.NameEn), State: v.State,
		SwitchURL: path + "/rating?lang=" + w.Other, Path: path + "/rating?lang=" + cmp.Or(chosen, handoff.Chinese),
		Complain: s.complaintAddress(h), Phone: h.SupervisionPhone, Tel: dial(h.SupervisionPhone)}
	day := func(at time.Time) string { return w.day(at.In(h.Location())) }
	switch v.State {
	case ratings.Ready:
		p.Heading, p.Text = t.Ask, fmt.Sprintf(t.Until, day(v.Until))
		p.Form = newRatingForm(w, t, false)
	case ratings.Rated:
		p.Heading = t.Thanks
		if (v.Given != nil && v.Given.Level.Bad()) || (v.Added != nil && v.Added.Level.Bad()) {
			p.Heading = t.ThanksBad
		}
	case ratings.Taken:
		p.Heading, p.Text = t.TakenBefore, t.TakenCure
		if !v.MayAdd {
			p.Text = ""
		}
	case ratings.Early:
		p.Heading, p.Text = t.NotYet, t.NotYetCure
	case ratings.Missed:
		p.Heading, p.Text = t.Missed, t.MissedCure
	case ratings.Unknown:
		p.Heading, p.Text = t.Unknown, t.UnknownCure
	case ratings.Late:
		p.Heading, p.Text = t.Late, t.LateCure
	default:
		p.Heading, p.Text = t.Nothing, t.NothingCure
	}
	if slices.Contains([]ratings.State{ratings.Early, ratings.Missed, ratings.Unknown}, v.State) {
		p.TicketURL = path + "?lang=" + cmp.Or(chosen, handoff.Chinese)
	}
	for _, g := range []struct {
		heading string
		rating  *rating.Rating
	}{{t.Yours, v.Given}, {t.Added, v.Added}} {
		if g.rating != nil {
			p.Given = append(p.Given, givenOf(w, t, g.heading, g.rating.Answer))
		}
	}
	for _, f := range v.FollowUps {
		one := followUpView{Promise: fmt.Sprintf(t.Promise, day(f.Due))}
		if !f.Closed.IsZero() {
			one = followUpView{Verdict: f.Verdict.Name(w.IsEnglish()), Answer: f.Answer, Closed: fmt.Sprintf(t.Closed, day(f.Closed))}
		}
		p.FollowUps = append(p.FollowUps, one)
	}
	switch {
	case v.MayAdd:
		p.Form = newRatingForm(w, t, true)
	case !v.AddFrom.IsZero():
		p.MoreFrom = fmt.Sprintf(t.MoreFrom, day(v.AddFrom))
	}
	p.Rows = ratedService(h, v, w, t)
	return p
}

// ratedService says which service is meant.
func ratedService(h *hall.Hall, v ratings.View, w *words, t *ratingWords) (rows []phoneRow) {
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, phoneRow{name, value})
		}
	}
	add(t.Number, v.Label)
	if b, ok := h.Business(v.Business); ok {
		name := w.name(b.Name, b.NameEn)
		if item, ok := b.Item(v.Item); ok {
			name = w.name(item.Name, item.NameEn)
		}
		add(t.Business, name)
	}
	if win, ok := h.Window(v.Window); ok {
		add(t.Window, w.window(win.Name))
	}
	if !v.Ended.IsZero() {
		at := v.Ended.In(h.Location())
		add(t.Ended, w.day(at)+" "+at.Format("15:04"))
	}
	return rows
}

func levelName(w *words, l rating.Level) string { return w.name(l.Name(), l.NameEn()) }

func givenOf(w *words, t *ratingWords, heading string, a rating.Answer) givenRating {
	g := givenRating{Heading: heading, Level: levelName(w, a.Level), Face: faceOf(a.Level), Words: a.Words, Hidden: t.NotHidden}
	if a.Anonymous {
		g.Hidden = t.Hidden
	}
	for _, r := range rating.ReasonsOf(a.Version, a.Level) {
		if slices.Contains(a.Reasons, r.Code) {
			g.Reasons = append(g.Reasons, w.name(r.Text, r.TextEn))
		}
	}
	return g
}

func faceOf(l rating.Level) string { return "face-" + strconv.Itoa(l.Stars()) + ".svg" }

func newRatingForm(w *words, t *ratingWords, add bool) *ratingForm {
	f := &ratingForm{Add: add, Version: rating.ReasonsVersion(), MaxWords: rating.MaxWords,
		WordsHint: fmt.Sprintf(t.WordsHint, rating.MaxWords), Anonymous: true}
	for _, l := range rating.Levels() {
		name := levelName(w, l)
		c := levelChoice{Level: l, Face: faceOf(l), Why: fmt.Sprintf(t.Several, strings.ToLower(name)), Parts: parts(name)}
		for _, r := range rating.ReasonsOf(f.Version, l) {
			c.Reasons = append(c.Reasons, reasonChoice{Code: r.Code, Text: w.name(r.Text, r.TextEn)})
		}
		f.Levels = append(f.Levels, c)
	}
	return f
}

// parts are the pieces of a level's name that stay whole in a narrow place.
func parts(name string) []string {
	for _, begin := range []string{"非常", "基本"} {
		if rest, ok := strings.CutPrefix(name, begin); ok {
			return []string{begin, rest}
		}
	}
	return []string{name}
}

// fill puts in what somebody has typed before it was refused.
func (f *ratingForm) fill(a rating.Answer) {
	f.Words, f.Anonymous = strings.ReplaceAll(a.Words, "\r\n", "\n"), a.Anonymous
	for i := range f.Levels {
		l := &f.Levels[i]
		l.Chosen = l.Level == a.Level
		for j := range l.Reasons {
			l.Reasons[j].Chosen = slices.Contains(a.Reasons, l.Reasons[j].Code)
		}
	}
}

// stillRatable says whether the code on an old ticket opens a rating, or shows one.
func (s *site) stillRatable(r *http.Request, h *hall.Hall, pass handoff.Pass) bool {
	code, ok := ratingPass(pass)
	if s.ratings == nil || !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	v, err := s.ratings.Open(ctx, h.ID, code)
	return err == nil && slices.Contains([]ratings.State{ratings.Ready, ratings.Rated, ratings.Taken}, v.State)
}
