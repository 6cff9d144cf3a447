package session

// Step is the whole of the session's behaviour: what the state becomes when an
// event happens, and what has to be done about it. It is pure.
func Step(s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case HallChanged, NameChanged, GuidesChanged, StatusChanged, ClockTicked, CentreChanged, DevicesChanged,
		ComplaintsChanged, TechnicianChanged, ScannerChanged:
		return s.learn(e)
	case CardReading, CardRead, CardFailed, CardGone:
		return s.card(e)
	case Issued, Refused, IssueFailed:
		return s.answered(e)
	case PrintDone, PrintFailed:
		return s.printed(e)
	case Recognised, LinkMade, GuidePrintDone:
		return s.guideAnswered(e)
	case ComplaintFiled, ComplaintUnfiled, ReceiptPrintDone, ProgressCame:
		return s.complaintAnswered(e)
	case ServicesFound, RatingSent:
		return s.rated(e)
	case PINChecked, MachineInspected:
		return s.maintained(e)
	case HelpSent:
		s.visit.helpUnsent = s.visit.helped && !e.OK
		return s, nil
	case TimerFired:
		if e.ID != s.Timer.ID {
			return s, nil // of a page that is gone
		}
		return s.elapsed()
	default:
		return s.touched(e)
	}
}

// learn takes in news of the world. News never disturb a visit, except that a
// printer that comes back prints what it owes.
func (s State) learn(e Event) (State, []Effect) {
	w := &s.world
	switch e := e.(type) {
	case HallChanged:
		w.hall, w.menu = e.Hall, newMenu(e.Hall)
		if s.visit.level != nil { // the same level of the new hall, or the first
			s.visit.level = w.menu.nodes[s.visit.level.id]
			s.visit.number = 0
		}
	case NameChanged:
		w.kiosk = e.Name
	case GuidesChanged:
		w.shelf = newShelf(e.Catalogue, e.Finder)
	case ComplaintsChanged:
		w.complaints = e
	case TechnicianChanged:
		w.technician = e.Known
	case ScannerChanged:
		w.scanner = e.Works
	case StatusChanged:
		w.queues = e.Queues
	case ClockTicked:
		w.now, w.open, w.special = e.Now, e.Open, e.Businesses
		return s.lookAgain()
	case CentreChanged:
		w.away = e.Away
		if e.Away {
			w.queues = nil // yesterday's lengths are worse than none
		}
		return s.lookAgain()
	case DevicesChanged:
		w.devices = e.Devices
		if !e.Devices.Reader {
			w.card = false
			if (s.Page == PageIdentify || s.Page == PageRate) && s.visit.reader == ReaderReading {
				s.visit.failure = CardLost
			}
			s.visit.reader = ReaderWaiting
		}
		v := &s.visit
		if v.ticket.ID != "" && e.Devices.Printer && v.owed() {
			return s.print(v.started)
		}
		return s.lookAgain()
	}
	return s, nil
}

// owed reports whether the ticket on the screen still has no paper.
func (v *visit) owed() bool {
	return v.paper == PaperNone || v.paper == PaperFault || v.paper == PaperUnknown
}

func (s State) print(copied bool) (State, []Effect) {
	v := &s.visit
	v.paper, v.seconds, v.tried = Printing, -1, true
	v.copies = v.copies || copied
	s.disarm()
	return s, []Effect{Print{
		Ticket:   v.ticket,
		Language: s.Language,
		Large:    s.Assisted,
		Copy:     v.copies,
	}}
}

func (s State) card(e Event) (State, []Effect) {
	v := &s.visit
	_, gone := e.(CardGone)
	s.world.card = !gone
	if inRating(s.Page) {
		return s.rateCard(e)
	}
	if gone {
		if s.Page == PageIdentify && v.reader == ReaderReading {
			v.reader, v.failure = ReaderWaiting, CardMoved
		}
		return s, nil
	}
	switch s.Page {
	case PageHome:
		if !s.canTake() {
			return s, nil
		}
	case PageChoose, PageIdentify, PageTypeNumber, PageConfirm:
	default:
		// Whose card lies there while they read a guide is known when they take a
		// number; the page stays.
		if !inGuides(s.Page) || v.ticket.ID != "" {
			return s, nil
		}
	}
	v.idle = 0 // somebody is there
	switch e := e.(type) {
	case CardReading:
		if s.Page == PageIdentify {
			v.reader, v.failure = ReaderReading, ""
		}
	case CardFailed:
		v.reader = ReaderWaiting
		if s.Page == PageIdentify {
			v.failures++
			v.failure = e.Why
			if v.failures >= cardTries {
				v.failure = CardSuspect
			}
		}
	case CardRead:
		v.person = e.Person
		v.reader, v.failure, v.failures = ReaderWaiting, "", 0
		v.typed, v.problem = "", ""
		switch s.Page {
		case PageHome:
			s.show(PageChoose)
			return s, nil
		case PageIdentify, PageTypeNumber:
			s.show(PageConfirm)
			return s, nil
		}
	}
	s.armIdle()
	return s, nil
}

func (s State) canTake() bool { return s.world.hall != nil && s.world.hallOpen() }

func (s State) answered(e Event) (State, []Effect) {
	v := &s.visit
	if s.Page != PageWorking {
		// Nothing was asked. A number that nobody waits for is put on record;
		// the hall finds its holder gone when it is called.
		if i, ok := e.(Issued); ok {
			return s, []Effect{DropSlip{TicketID: i.Ticket.ID}}
		}
		return s, nil
	}
	v.slow = false
	switch e := e.(type) {
	case Issued:
		v.ticket = e.Ticket
		v.person = Person{} // the hall knows what it needs; nobody else does
		v.typed = ""
		s.Page = PageResult
		switch {
		case e.Ticket.Existing:
			v.paper, v.copies = PaperAsked, true
			s.countdown()
			return s, nil
		case !s.world.devices.Printer:
			v.paper = paperWithout(s.world.devices.Fault, false)
			s.countdown()
			return s, nil
		}
		return s.print(false)
	case Refused:
		s.say(s.refusal(e.Why))
	case IssueFailed:
		s.say(Message{Kind: NotTaken, Retry: true})
	}
	return s, nil
}

// paperWithout is what became of the paper when a print failed.
func paperWithout(fault string, started bool) Paper {
	switch {
	case fault == "paper-out":
		return PaperNone
	case started && fault == "":
		return PaperUnknown
	default:
		return PaperFault
	}
}

func (s State) refusal(why Refusal) Message {
	b := s.visit.choice.business
	m := Message{Business: s.visit.choice.title(s.Language)}
	switch why {
	case RefusedClosed:
		m.Kind = BusinessClosed
		if _, until := s.world.barred(b); !until.IsZero() {
			m.Opens = until
		}
	case RefusedPaused:
		m.Kind = BusinessPaused
	case RefusedNumbersOut:
		m.Kind = NumbersOut
	default:
		m.Kind = NotTaken
	}
	return m
}

func (s State) printed(e Event) (State, []Effect) {
	v := &s.visit
	switch e := e.(type) {
	case PrintDone:
		if v.ticket.ID != "" && v.ticket.ID == e.TicketID {
			v.paper, v.started, v.copies = Printed, false, true
			s.countdown()
		}
	case PrintFailed:
		if v.ticket.ID != "" && v.ticket.ID == e.TicketID {
			v.paper = paperWithout(e.Fault, e.Started)
			v.started = v.started || e.Started
			s.countdown()
		}
	}
	return s, nil
}

// countdown starts the seconds after which the result page ends by itself. On the
// plan, which may lie over it, silence ends the visit.
func (s *State) countdown() {
	v := &s.visit
	if s.Page != PageResult {
		s.armIdle()
		return
	}
	switch {
	case v.owed() && s.Assisted:
		v.seconds = noPaperAssist
	case v.owed():
		v.seconds = noPaperNormal
	case s.Assisted:
		v.seconds = resultAssisted
	default:
		v.seconds = resultNormal
	}
	s.arm(timerResult, second)
}

// resume goes on with the result page after something lay over it.
func (s *State) resume() {
	if s.visit.paper == Printing {
		s.visit.seconds = -1
		s.disarm()
		return
	}
	s.countdown()
}

func (s State) elapsed() (State, []Effect) {
	v := &s.visit
	switch v.timer {
	case timerSlow:
		v.slow = true
		s.disarm()
	case timerResult:
		v.seconds--
		if v.seconds <= 0 {
			return s.end()
		}
		s.arm(timerResult, second)
	case timerIdle:
		if s.Page == PageHome {
			return s.end() // nothing to lose: back to Chinese and normal size
		}
		v.idle = noticeNormal
		if s.Assisted {
			v.idle = noticeAssisted
		}
		s.arm(timerNotice, second)
	case timerNotice:
		v.idle--
		if v.idle <= 0 {
			return s.end()
		}
		s.arm(timerNotice, second)
	}
	return s, nil
}

// end ends the visit.
func (s State) end() (State, []Effect) {
	effects := s.missed()
	if s.visit.ticket.ID != "" && s.visit.owed() {
		effects = append(effects, DropSlip{TicketID: s.visit.ticket.ID, Tried: s.visit.tried})
	}
	return s.reset(), append(effects, ForgetCard{})
}

// touched carries out a touch.
func (s State) touched(e Event) (State, []Effect) {
	v := &s.visit
	if h, ok := e.(HelpPressed); ok {
		return s.help(h)
	}
	if s.waiting() {
		return s, nil // an answer is awaited: nothing may come between
	}
	if v.idle > 0 {
		v.idle = 0
		s.armIdle()
		switch e.(type) {
		case ContinuePressed, Touched:
			return s, nil
		}
	}
	switch e := e.(type) {
	case HomePressed, DonePressed:
		return s.end()
	case LanguageChosen:
		if e.Language == Chinese || e.Language == English {
			s.Language = e.Language
		}
		s.clampPage()
		if s.Page == PageTakeaway { // the phone shows the language of the screen
			s.armIdle()
			return s, s.makeLink()
		}
	case AssistedChosen:
		s.Assisted = e.On
		s.clampPage()
	default:
		next, effects, handled := s.onPage(e)
		if handled {
			return next, effects
		}
	}
	if s.Page == PageResult {
		if v.paper != Printing {
			s.countdown()
		}
		return s, nil
	}
	s.armIdle()
	return s, nil
}

func (s State) help(HelpPressed) (State, []Effect) {
	v := &s.visit
	v.helped, v.helpAt, v.idle = true, s.world.now, 0
	switch s.Page {
	case PageResult, PageThanks:
	default:
		if s.waiting() {
			break
		}
		s.armIdle()
		if s.Timer.After == 0 { // on the home page too the mark must fade
			s.arm(timerIdle, idleAssisted)
		}
	}
	return s, []Effect{CallHelp{Page: s.Page}}
}

// onPage carries out a touch that only one page knows. handled is false for
// touches that do nothing there but show that somebody is present.
func (s State) onPage(e Event) (next State, effects []Effect, handled bool) {
	switch s.Page {
	case PageHome:
		switch e := e.(type) {
		case TakeNumber:
			if s.canTake() {
				s.show(PageChoose)
				return s, nil, true
			}
		case GuidesPressed:
			if s.hasGuides() {
				s.openGuides()
				return s, nil, true
			}
		case RatePressed:
			if s.hasRatings() {
				s.openRating()
				return s, nil, true
			}
		case TicketScanned:
			if s.hasRatings() && !s.world.away && e.Ticket != "" {
				next, effects = s.scanned(e)
				return next, effects, true
			}
		case ComplaintPressed:
			if s.takesComplaints() {
				s.openComplaint()
				return s, nil, true
			}
		case PublicPressed:
			if s.hasPublic() {
				s.show(PagePublic)
				return s, nil, true
			}
		case CornerTouched:
			next, effects = s.corner(e)
			return next, effects, true
		}
	case PageChoose:
		return s.onChoose(e)
	case PageIdentify:
		return s.onIdentify(e)
	case PageTypeNumber:
		return s.onTypeNumber(e)
	case PageConfirm:
		return s.onConfirm(e)
	case PageResult:
		switch e.(type) {
		case ReprintPressed:
			if s.canReprint() {
				s, effects = s.print(true)
				return s, effects, true
			}
		case PlanPressed:
			if s.onPlan(s.visit.choice.business) {
				s.push(place{page: PagePlan})
				return s, nil, true
			}
		}
	case PageMessage:
		switch e.(type) {
		case BackPressed:
			s.toChoice()
			return s, nil, true
		case RetryPressed:
			if s.visit.message.Retry {
				s.show(PageConfirm)
				return s, nil, true
			}
		}
	default:
		switch {
		case inGuides(s.Page):
			next, effects = s.onGuides(e)
			return next, effects, true
		case inRating(s.Page):
			next, effects = s.onRating(e)
			return next, effects, true
		case inComplaint(s.Page):
			next, effects = s.onComplaint(e)
			return next, effects, true
		case inPublic(s.Page):
			next, effects = s.onPublic(e)
			return next, effects, true
		case inMaintenance(s.Page):
			next, effects = s.onMaintenance(e)
			return next, effects, true
		}
	}
	return s, nil, false
}

// waiting reports whether the page waits for an answer and takes no touch: it shows
// as [PageWorking].
func (s *State) waiting() bool {
	switch s.Page {
	case PageWorking, PageSending, PageAsking, PageRateLooking, PageRateSending:
		return true
	}
	return false
}

// hasGuides reports whether there is something to look through.
func (s *State) hasGuides() bool { return s.world.hall != nil && s.world.shelf != nil }

// toChoice goes back to where the matter was chosen: the guide, or the list of
// businesses.
func (s *State) toChoice() {
	if v := &s.visit; v.guides.taking {
		v.guides.taking = false
		s.show(v.place().page)
		return
	}
	s.show(PageChoose)
}

// canReprint: 补打 is for a number that exists and is not being printed. Once
// per visit is enough for paper that came out; paper that did not may be asked
// for again and again.
func (s *State) canReprint() bool {
	v := &s.visit
	return s.world.devices.Printer && (v.paper == PaperAsked || v.owed())
}
