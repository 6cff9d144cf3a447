package session

import (
	"time"

	"hallkiosk/app/hall"
)

// State is everything the session knows. The zero value is a terminal that has
// just been switched on and knows no hall. It is a value: Step returns a new
// one and changes none.
type State struct {
	Page     Page
	Language Language
	Assisted bool
	// Timer is what the runner must wait for; see [Timer].
	Timer Timer

	world world
	visit visit
}

// world is what the terminal knows apart from any visitor. It outlives visits.
type world struct {
	hall    *hall.Hall
	menu    *menu
	queues  map[string]Queue
	now     time.Time // zero = not to be trusted
	open    hall.OpenState
	special map[string]hall.OpenState // businesses whose hours differ
	devices Devices
	away    bool
	card    bool // a card lies on the reader
	drawing Drawing
	kiosk   string // name of this terminal, as on the hall's plan; "" = not known
	shelf   *shelf // nil = no guides
	asked   int    // questions asked so far; the newest has this ID

	scanner    bool // the code on a ticket can be scanned
	complaints ComplaintsChanged
	technician bool        // there is a technician's PIN
	corner     []time.Time // touches of the corner that may still count
}

// visit is what belongs to one citizen. A new visit is the zero value.
type visit struct {
	person Person

	level  *node // whose children the choice page shows; nil = the first level
	number int   // page of them, from 0
	choice *node // the business or item chosen

	reader   ReaderState
	failure  CardFailure
	failures int

	typed   string
	problem NumberProblem

	slow    bool
	message Message

	ticket  Ticket
	paper   Paper
	tried   bool // printing was attempted
	started bool // of a failed print: something may have come out
	copies  bool // the next print must be marked 补打
	seconds int  // left on the result page; -1 = not counting

	idle int // seconds left on the notice; 0 = no notice

	helped     bool
	helpUnsent bool
	helpAt     time.Time

	guides looking

	grading   grading
	complaint complaining
	board     reading
	machine   maintenance

	timer timerKind
}

// timerKind says what the current timer is for.
type timerKind string

const (
	timerNone   timerKind = ""
	timerIdle   timerKind = "idle"   // nobody touched anything: show the notice
	timerNotice timerKind = "notice" // one second of the notice
	timerSlow   timerKind = "slow"   // the answer takes long enough for words
	timerResult timerKind = "result" // one second of the result page
)

// Breaks says where pages of choices begin: ascending indexes, the first is 0.
// It is given by the drawing side, which knows how much room the titles need.
type Breaks func(choices []Choice, assisted bool, l Language) []int

// Drawing is what the session must know of how its pages are drawn. The zero
// value breaks pages by counting.
type Drawing struct {
	// Breaks is for pages that are choices all over: [Choose], [List], [Forms].
	Breaks Breaks
	// Results is for what a search found, beside which a keyboard stands; nil =
	// every 6, assisted 3.
	Results Breaks
	// Folds is for the tabs of a guide; nil = every 6 blocks, assisted 3.
	Folds Folds
	// Reads is for pages of text: a section of the notice board, the progress of a
	// complaint, how the machine is; nil = every 6 blocks, assisted 3.
	Reads Reads
	// Ticks is for the reasons of a rating, under which there are buttons; nil = every
	// 8, assisted 6.
	Ticks Breaks
	// Handwriting: there is a pad to write on, and somebody who reads it.
	Handwriting bool
}

func (d Drawing) orByCount() Drawing {
	if d.Breaks == nil {
		d.Breaks = byCount(perPageNormal, perPageAssist)
	}
	if d.Results == nil {
		d.Results = byCount(perResultsNormal, perResultsAssist)
	}
	if d.Ticks == nil {
		d.Ticks = byCount(perTicksNormal, perTicksAssist)
	}
	if d.Folds == nil {
		d.Folds = func(_ Guide, blocks []Block, assisted bool, _ Language) []int {
			return every(len(blocks), assisted, perResultsNormal, perResultsAssist)
		}
	}
	if d.Reads == nil {
		d.Reads = func(blocks []Block, _, assisted bool, _ Language) []int {
			return every(len(blocks), assisted, perResultsNormal, perResultsAssist)
		}
	}
	return d
}

// The limits of domain.md 3.2, items 8–10, and ux.md: normal and assisted.
const (
	idleNormal     = 60 * time.Second
	idleAssisted   = 120 * time.Second
	noticeNormal   = 20 // seconds
	noticeAssisted = 30
	resultNormal   = 20 // seconds a printed ticket's page stands
	resultAssisted = 40
	noPaperNormal  = 30 // seconds a number without paper stands
	noPaperAssist  = 60
	perPageNormal  = 12
	perPageAssist  = 6
	// Beside a keyboard, or as blocks of a guide.
	perResultsNormal = 6
	perResultsAssist = 3
	// With a button under them.
	perTicksNormal = 8
	perTicksAssist = 6
	// slowAfter is when an unanswered touch gets words (ux.md, page anatomy).
	slowAfter = 300 * time.Millisecond
	// cardTries is how often a card may fail before typing is proposed.
	cardTries = 3
	maxDigits = 18
)

// byCount is the Breaks of a drawing side that gives none.
func byCount(normal, large int) Breaks {
	return func(choices []Choice, assisted bool, _ Language) []int {
		return every(len(choices), assisted, normal, large)
	}
}

func every(n int, assisted bool, normal, large int) []int {
	per := normal
	if assisted {
		per = large
	}
	breaks := []int{0}
	for i := per; i < n; i += per {
		breaks = append(breaks, i)
	}
	return breaks
}

// New is the state of a terminal that has just been switched on and whose drawing
// side knows where lists of choices break, and no more; see [Start].
func New(breaks Breaks) State { return Start(Drawing{Breaks: breaks}) }

// Start is the state of a terminal that has just been switched on.
func Start(d Drawing) State {
	return State{
		Page:     PageHome,
		Language: Chinese,
		world:    world{menu: newMenu(nil), drawing: d.orByCount()},
	}
}

// reset ends the visit: what is left is the world and nothing else.
func (s State) reset() State {
	return State{
		Page:     PageHome,
		Language: Chinese,
		Timer:    Timer{ID: s.Timer.ID + 1},
		world:    s.world,
	}
}

// arm starts a timer of the given kind in place of the current one.
func (s *State) arm(kind timerKind, after time.Duration) {
	s.visit.timer = kind
	s.Timer = Timer{ID: s.Timer.ID + 1, After: after}
}

// disarm stops the current timer.
func (s *State) disarm() { s.arm(timerNone, 0) }

// armIdle starts waiting for silence, where silence matters: on the home page
// only a changed language or mode is taken back.
func (s *State) armIdle() {
	if s.Page == PageHome && s.Language == Chinese && !s.Assisted {
		s.disarm()
		return
	}
	after := idleNormal
	if s.Assisted {
		after = idleAssisted
	}
	if s.Page == PageMachine {
		after = idleMachine
	}
	s.arm(timerIdle, after)
}

func (s *State) show(p Page) {
	s.Page = p
	s.armIdle()
}

func (s *State) say(m Message) {
	s.visit.message = m
	s.show(PageMessage)
}

// hallOpen reports whether numbers are given out now, as far as the terminal
// knows. Without a trusted clock the hall decides, not the terminal.
func (w *world) hallOpen() bool {
	return w.now.IsZero() || w.open.Kind == "" || w.open.Kind == hall.Open
}

// barred says why a business cannot be chosen now.
func (w *world) barred(b *hall.Business) (Barred, time.Time) {
	if st, ok := w.special[b.ID]; ok && !w.now.IsZero() && st.Kind != hall.Open {
		return Closed, st.Until
	}
	if !w.hallOpen() {
		return Closed, w.open.Until
	}
	q, ok := w.queues[b.ID]
	switch {
	case !ok:
		return NotBarred, time.Time{}
	case q.Paused:
		return Paused, time.Time{}
	case !q.Served:
		return NoWindow, time.Time{}
	}
	return NotBarred, time.Time{}
}

// waiting is the number of people waiting for a business; -1 = not known.
func (w *world) waiting(businessID string) int {
	if q, ok := w.queues[businessID]; ok {
		return q.Waiting
	}
	return -1
}

// Recovered is the state after something went wrong that must never go wrong: a
// visit that cannot go on. What the terminal knows of the world is kept.
func (s State) Recovered() (State, []Effect) { return s.end() }
