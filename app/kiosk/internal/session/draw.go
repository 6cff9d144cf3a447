package session

import (
	"slices"

	"hallkiosk/app/hall"
)

// View is what is to be drawn now.
func (s State) View() View {
	w, v := &s.world, &s.visit
	view := View{
		Page:     s.Page,
		Language: s.Language,
		Assisted: s.Assisted,
		Top:      Top{Now: w.now, Open: w.open},
		Bottom:   Bottom{HelpMinutes: -1, HelpUnsent: v.helpUnsent},
	}
	if w.hall != nil {
		view.Top.HallName = pick(s.Language, w.hall.Name, w.hall.NameEn)
		view.Bottom.SupervisionPhone = w.hall.SupervisionPhone
	}
	if v.helped {
		view.Bottom.HelpMinutes = 0
		if !v.helpAt.IsZero() && w.now.After(v.helpAt) {
			view.Bottom.HelpMinutes = int(w.now.Sub(v.helpAt).Minutes())
		}
	}
	if v.idle > 0 {
		view.Idle = &Idle{Seconds: v.idle}
	}
	switch s.Page {
	case PageHome, PageConfirm, PageMessage:
		view.CardLeft = w.card
	case PageResult:
		view.CardLeft = w.card && v.paper != Printing
	default: // of the guides; what is on the reader may still be being read
		view.CardLeft = w.card && (inGuides(s.Page) && v.person.Number != "" || inComplaint(s.Page) || inPublic(s.Page) ||
			inRating(s.Page) && s.Page != PageRate)
	}
	switch s.Page {
	case PageChoose, PageIdentify, PageTypeNumber, PageConfirm, PageMessage:
		view.Bottom.Back, view.Bottom.Home = true, true
	case PageResult:
		view.Bottom.Home = true
	case PageReceipt, PageThanks:
		view.Bottom.Home = true
	default:
		if inGuides(s.Page) || inRating(s.Page) || inComplaint(s.Page) || inPublic(s.Page) || inMaintenance(s.Page) {
			view.Bottom.Back, view.Bottom.Home = true, true
		}
	}
	view.Corner = s.Page == PageHome && w.technician
	s.viewPage(&view)
	return view
}

func (s State) viewPage(view *View) {
	w, v := &s.world, &s.visit
	switch s.Page {
	case PageHome:
		s.viewHome(view)
	case PageChoose:
		view.Choose = s.viewChoose()
	case PageIdentify:
		r := v.reader
		switch {
		case !w.devices.Reader:
			r = ReaderAbsent
		case r == "":
			r = ReaderWaiting
		}
		view.Identify = &Identify{
			Business: v.choice.businessTitle(s.Language), Item: v.choice.itemTitle(s.Language),
			Reader: r, Failure: v.failure, CanType: true, CanSkip: s.asks() == hall.AskOptional,
		}
	case PageTypeNumber:
		view.TypeNumber = &TypeNumber{
			Business: v.choice.businessTitle(s.Language), Digits: v.typed, Problem: v.problem,
		}
	case PageConfirm:
		b := v.choice.business
		area, place, windows := s.where(b)
		barred, _ := w.barred(b)
		c := &Confirm{
			Business: v.choice.businessTitle(s.Language), Item: v.choice.itemTitle(s.Language),
			For: pick(s.Language, b.For, b.ForEn), Waiting: w.waiting(b.ID),
			Area: area, Place: place, Windows: windows, Barred: barred,
			NoPaper: !w.devices.Printer,
		}
		if s.asks() != hall.AskNever {
			c.HolderName, c.HolderNumber = v.person.Name, v.person.MaskedNumber()
		}
		view.Confirm = c
	case PageWorking:
		view.Working = &Working{Slow: v.slow}
	case PageResult:
		t := v.ticket
		b := v.choice.business
		area, place, windows := s.where(b)
		view.Result = &Result{
			Label: t.Label, Business: v.choice.businessTitle(s.Language), Item: v.choice.itemTitle(s.Language),
			Area: area, Place: place, Windows: windows, Ahead: t.Ahead, QR: t.QR, HolderName: t.Holder,
			Paper: v.paper, Own: t.Own, Existing: t.Existing, CanReprint: s.canReprint(), Seconds: v.seconds,
			Plan: s.onPlan(b),
		}
	case PageMessage:
		m := v.message
		if w.hall != nil {
			m.Phone = w.hall.ServicePhone
		}
		view.Message = &m
	default:
		switch {
		case inGuides(s.Page):
			s.viewGuides(view, v.place())
		case inRating(s.Page), s.Page == PageRateLooking, s.Page == PageRateSending:
			s.viewRating(view)
		case inPublic(s.Page):
			s.viewPublic(view)
		case inMaintenance(s.Page):
			s.viewMaintenance(view)
		default:
			s.viewComplaint(view)
		}
	}
}

// viewHome is the home page, or what stands in its place.
func (s State) viewHome(view *View) {
	w := &s.world
	switch {
	case w.hall == nil:
		view.Page = PageMessage
		view.Message = &Message{Kind: OutOfOrder}
		return
	case !w.hallOpen():
		view.Page = PageMessage
		view.Message = &Message{
			Kind: HallClosed, Opens: w.open.Until, Reason: w.open.Reason, Phone: w.hall.ServicePhone,
			HasGuides: s.hasGuides(), HasRatings: s.hasRatings(), HasComplaints: s.takesComplaints(), HasPublic: s.hasPublic(),
		}
		return
	}
	h := &Home{CanTake: true, CardHint: w.devices.Reader, HasGuides: s.hasGuides(), WaitingTotal: -1}
	h.HasRatings, h.HasComplaints, h.HasPublic = s.hasRatings(), s.takesComplaints(), s.hasPublic()
	if w.queues != nil {
		h.WaitingTotal = 0
		for _, q := range w.queues {
			h.WaitingTotal += q.Waiting
		}
	}
	if !w.devices.Printer {
		n := NoticePrinterFault
		if w.devices.Fault == "paper-out" {
			n = NoticePaperOut
		}
		h.Notices = append(h.Notices, n)
	}
	if !w.devices.Reader {
		h.Notices = append(h.Notices, NoticeReaderAbsent)
	}
	if w.away {
		h.Notices = append(h.Notices, NoticeCentreAway)
	}
	view.Home = h
}

func (n *node) businessTitle(l Language) string { return pick(l, n.business.Name, n.business.NameEn) }

func (n *node) itemTitle(l Language) string {
	if n.item == nil {
		return ""
	}
	return n.title(l)
}

// where says where to wait and at which windows.
func (s *State) where(b *hall.Business) (area, place string, windows []string) {
	h := s.world.hall
	if h == nil {
		return "", "", nil
	}
	for _, a := range h.Areas {
		if a.ID == b.Area {
			area, place = pick(s.Language, a.Name, a.NameEn), pick(s.Language, a.Place, a.PlaceEn)
		}
	}
	for _, win := range h.Windows { // in the hall's order
		if slices.Contains(b.Windows, win.ID) {
			windows = append(windows, win.Name)
		}
	}
	return area, place, windows
}

// choices are all choices of the current level, over all pages.
func (s *State) choices() []Choice {
	level := s.visit.level
	if level == nil {
		level = s.world.menu.root
	}
	choices := make([]Choice, len(level.children))
	for i, n := range level.children {
		choices[i] = s.choice(n)
	}
	return choices
}

func (s *State) choice(n *node) Choice {
	w := &s.world
	c := Choice{ID: n.id, Title: n.title(s.Language), Leads: n.leads(), Count: len(n.children), Waiting: -1}
	switch {
	case n.item != nil:
		c.Item = true
		c.Barred, c.Opens = w.barred(n.business)
	case n.business != nil:
		c.Subtitle = pick(s.Language, n.business.For, n.business.ForEn)
		c.Waiting = w.waiting(n.business.ID)
		c.Barred, c.Opens = w.barred(n.business)
	default:
		c.Waiting = 0
		for _, child := range n.children {
			waiting := w.waiting(child.business.ID)
			if waiting < 0 {
				c.Waiting = -1
				break
			}
			c.Waiting += waiting
		}
	}
	return c
}

func (s *State) viewChoose() *Choose {
	all := s.choices()
	breaks := s.world.drawing.Breaks(all, s.Assisted, s.Language)
	number := min(s.visit.number, len(breaks)-1)
	from, to := breaks[number], len(all)
	if number+1 < len(breaks) {
		to = breaks[number+1]
	}
	return &Choose{
		Path: s.visit.level.path(s.Language), Choices: all[from:to],
		Number: number + 1, Pages: len(breaks), Total: len(all),
	}
}

// clampPage keeps the page number within the pages there are.
func (s *State) clampPage() {
	switch {
	case s.Page == PageChoose:
		pages := len(s.world.drawing.Breaks(s.choices(), s.Assisted, s.Language))
		s.visit.number = max(0, min(s.visit.number, pages-1))
	case inComplaint(s.Page), inPublic(s.Page), inMaintenance(s.Page):
		s.clampReading()
	case inRating(s.Page):
		g := &s.visit.grading
		g.number = max(0, min(g.number, s.ratingPages()-1))
	case inGuides(s.Page):
		p := s.visit.place()
		p.number = max(0, min(p.number, s.guidePages(p)-1))
		s.swap(p)
	}
}

// pageOf is the page of the current level on which a choice stands.
func (s *State) pageOf(id string) int {
	all := s.choices()
	at := slices.IndexFunc(all, func(c Choice) bool { return c.ID == id })
	breaks := s.world.drawing.Breaks(all, s.Assisted, s.Language)
	for i, from := range slices.Backward(breaks) {
		if from <= at {
			return i
		}
	}
	return 0
}
