package report

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
	"hallkiosk/app/workday"
)

// Queue says which business day a hall is on, and what its terminals are told of its
// queues; *queue.Desk satisfies it.
type Queue interface {
	Status(ctx context.Context, hallID string) (centralapi.Status, error)
}

// Duties says who is at which window; *staff.Book satisfies it.
type Duties interface {
	Duties(ctx context.Context, hallID string) ([]staff.Duty, error)
}

// Ratings counts ratings of services of the days from first to last; *ratings.Desk
// satisfies it.
type Ratings interface {
	Figures(ctx context.Context, hallID, firstDay, lastDay string) (rating.Figures, error)
}

// Contacts says when a terminal was heard of last, zero where that is not known.
type Contacts interface {
	LastContact(hallID, terminal string) time.Time
}

// Config says what a Desk works on. Store, Halls and Queue are required.
type Config struct {
	Store    *store.Store
	Halls    []*hall.Hall
	Queue    Queue
	Duties   Duties           // nil: who is on duty is not told
	Ratings  Ratings          // nil: there are no ratings
	Contacts Contacts         // nil: only what terminals have delivered tells of them
	Now      func() time.Time // default time.Now
}

// Desk reads reports. It is safe for concurrent use. Its errors are or wrap a
// *centralapi.Error with a code and a sentence for staff, except for a context that has
// ended.
type Desk struct {
	store     *store.Store
	halls     map[string]*hall.Hall
	queue     Queue
	duties    Duties
	ratings   Ratings
	contacts  Contacts
	calendars map[string]*workday.Calendar // by Hall.ID
	now       func() time.Time

	turn   chan struct{}   // held by who adds up a span
	recent []recentNumbers // the newest last; read and written in turn
}

// New returns a Desk. It fails when something required is missing, or a hall has holidays
// that cannot be.
func New(c Config) (*Desk, error) {
	if c.Store == nil || c.Queue == nil || len(c.Halls) == 0 {
		return nil, errors.New("report: store, queue and at least one hall are required")
	}
	d := &Desk{store: c.Store, halls: map[string]*hall.Hall{}, queue: c.Queue, duties: c.Duties, ratings: c.Ratings, contacts: c.Contacts,
		calendars: map[string]*workday.Calendar{}, now: c.Now, turn: make(chan struct{}, 1)}
	if d.now == nil {
		d.now = time.Now
	}
	for _, h := range c.Halls {
		if h == nil || h.ID == "" {
			return nil, errors.New("report: a hall has no id")
		}
		calendar, err := h.Workdays()
		if err != nil {
			return nil, fmt.Errorf("report: hall %s: %w", h.ID, err)
		}
		d.halls[h.ID], d.calendars[h.ID] = h, calendar
	}
	return d, nil
}

// MaxDays is how many days a span has at most.
const MaxDays = 366

// Span is the days from First to Last, both included, as 2026-11-21.
type Span struct{ First, Last string }

// Days returns how many days a span has; 0 for one that is not right.
func (s Span) Days() int {
	first, err1 := time.Parse(hall.DateLayout, s.First)
	last, err2 := time.Parse(hall.DateLayout, s.Last)
	if err1 != nil || err2 != nil || last.Before(first) {
		return 0
	}
	return int(last.Sub(first)/(24*time.Hour)) + 1
}

// check refuses a span that is not right or too long.
func (s Span) check() error {
	switch n := s.Days(); {
	case n == 0:
		return centralapi.Refuse(centralapi.CodeInvalid, "起止日期不对：请写成 2026-11-21 的样子，开始的日期不能晚于结束的日期。")
	case n > MaxDays:
		return centralapi.Refuse(centralapi.CodeInvalid, "时间太长了，一次最多看 366 天。")
	}
	return nil
}

func checkDay(day string) error {
	if _, err := time.Parse(hall.DateLayout, day); err != nil {
		return centralapi.Refuse(centralapi.CodeInvalid, "日期须写作 2026-11-21 的样子。")
	}
	return nil
}

func (d *Desk) hall(id string) (*hall.Hall, error) {
	h, ok := d.halls[id]
	if !ok {
		return nil, centralapi.Refuse(centralapi.CodeNotFound, "没有这个大厅。")
	}
	return h, nil
}

func (d *Desk) read(ctx context.Context, fn func(*store.Tx) error) error {
	return store.Explain(ctx, "report", d.store.Read(ctx, fn))
}

// Sums are numbers added up. Issued is all of them; the six after it add up to it.
type Sums struct {
	Issued    int
	Waiting   int // nobody has called them
	AtWindow  int // called or being served, or held there
	Served    int
	NoShow    int
	Cancelled int
	Void      int

	waits, services int
	wait, service   time.Duration
	// LongestWait is the longest wait of those that were called.
	LongestWait time.Duration
}

// Balanced reports whether the parts add up to the whole.
func (s Sums) Balanced() bool {
	return s.Issued == s.Waiting+s.AtWindow+s.Served+s.NoShow+s.Cancelled+s.Void
}

// MeanWait is how long those waited who were called; false when nobody was.
func (s Sums) MeanWait() (time.Duration, bool) { return mean(s.wait, s.waits) }

// MeanService is how long those were served whose service has ended; false when there
// were none.
func (s Sums) MeanService() (time.Duration, bool) { return mean(s.service, s.services) }

func mean(sum time.Duration, n int) (time.Duration, bool) {
	if n == 0 {
		return 0, false
	}
	return sum / time.Duration(n), true
}

func (s *Sums) add(k store.TicketSum) {
	s.addState(k.State, k.Count)
	s.waits += k.Waits
	s.wait += k.Wait
	s.services += k.Services
	s.service += k.Service
	s.LongestWait = max(s.LongestWait, k.Longest)
}

func (s *Sums) addState(state string, n int) {
	s.Issued += n
	switch centralapi.TicketState(state) {
	case centralapi.Issued:
		s.Waiting += n
	case centralapi.Finished:
		s.Served += n
	case centralapi.NoShow:
		s.NoShow += n
	case centralapi.Cancelled:
		s.Cancelled += n
	case centralapi.Void:
		s.Void += n
	default:
		s.AtWindow += n
	}
}
