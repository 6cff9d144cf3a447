package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// Numbers is what the numbers of a span of days come to.
type Numbers struct {
	Span
	Sums
	Days       []Line   // by day, oldest first; days without a number are missing
	Businesses []Line   // by Business.ID, in the hall's order; those with no number are missing
	Windows    []Line   // by Window.ID, in the hall's order; "" = never called
	Hours      [24]Hour // by hour of the day, in the hall's zone
}

// Line is the sums of one day, business or window.
type Line struct {
	Key string
	Sums
}

// Hour is an hour of the day over all days of a span.
type Hour struct {
	Issued, Served int
	waits          int
	wait           time.Duration
}

// MeanWait is how long those waited who took their number in this hour and were called;
// false when nobody was.
func (h Hour) MeanWait() (time.Duration, bool) { return mean(h.wait, h.waits) }

// Numbers adds up the numbers of a span of days. A year of a busy hall takes seconds, so
// one span is added up at a time, and what was asked a moment ago is not added up again:
// a page and its workbook show the same. The answer must not be changed.
func (d *Desk) Numbers(ctx context.Context, hallID string, s Span) (Numbers, error) {
	h, err := d.hall(hallID)
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return Numbers{}, err
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return Numbers{}, ctx.Err()
	}
	now := d.now()
	for _, k := range d.recent {
		if k.hall == h.ID && k.Span == s && now.Sub(k.at).Abs() < freshFor {
			return k.Numbers, nil
		}
	}
	n, err := d.numbers(ctx, h, s)
	if err == nil {
		d.recent = append(d.recent[max(len(d.recent)-(maxRecent-1), 0):], recentNumbers{n, h.ID, now})
	}
	return n, err
}

const (
	// freshFor is how long figures of a span are shown again.
	freshFor = 15 * time.Second
	// maxRecent is of how many spans.
	maxRecent = 4
)

// recentNumbers are figures that were read at a time.
type recentNumbers struct {
	Numbers
	hall string
	at   time.Time
}

func (d *Desk) numbers(ctx context.Context, h *hall.Hall, s Span) (Numbers, error) {
	out := Numbers{Span: s}
	var sums []store.TicketSum
	var issued, served []store.HalfHour
	err := d.read(ctx, func(tx *store.Tx) (err error) {
		if sums, err = tx.TicketSums(h.ID, s.First, s.Last); err != nil {
			return err
		}
		if issued, err = tx.IssuedByHalfHour(h.ID, s.First, s.Last); err != nil {
			return err
		}
		served, err = tx.FinishedByHalfHour(h.ID, s.First, s.Last)
		return err
	})
	if err != nil {
		return Numbers{}, err
	}
	days, businesses, windows := map[string]*Sums{}, map[string]*Sums{}, map[string]*Sums{}
	for _, k := range sums {
		out.Sums.add(k)
		at(days, k.Day).add(k)
		at(businesses, k.Business).add(k)
		at(windows, k.Window).add(k)
	}
	for _, k := range issued {
		hour := &out.Hours[k.Start.In(h.Location()).Hour()]
		hour.Issued, hour.waits, hour.wait = hour.Issued+k.Count, hour.waits+k.Waits, hour.wait+k.Wait
	}
	for _, k := range served {
		out.Hours[k.Start.In(h.Location()).Hour()].Served += k.Count
	}
	out.Days = lines(days, nil)
	var order []string
	for _, b := range h.Businesses {
		order = append(order, b.ID)
	}
	out.Businesses = lines(businesses, order)
	order = nil
	for _, w := range h.Windows {
		order = append(order, w.ID)
	}
	out.Windows = lines(windows, order)
	return out, nil
}

// lines sorts by an order; what is not in it comes after that, by key, and "" last.
func lines(by map[string]*Sums, order []string) []Line {
	place := map[string]int{"": len(order) + 1}
	for i, key := range order {
		place[key] = i
	}
	placeOf := func(key string) int {
		if i, ok := place[key]; ok {
			return i
		}
		return len(order)
	}
	var out []Line
	for key, s := range by {
		out = append(out, Line{key, *s})
	}
	slices.SortFunc(out, func(a, b Line) int {
		return cmp.Or(cmp.Compare(placeOf(a.Key), placeOf(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// Rated reports whether the hall has ratings.
func (d *Desk) Rated() bool { return d.ratings != nil }

// Ratings returns the counts of ratings of services of a span of days. The error is
// centralapi.CodeNotFound where there are no ratings.
func (d *Desk) Ratings(ctx context.Context, hallID string, s Span) (rating.Figures, error) {
	h, err := d.hall(hallID)
	if err == nil {
		err = s.check()
	}
	if err == nil && d.ratings == nil {
		err = centralapi.Refuse(centralapi.CodeNotFound, "这里没有开通评价。")
	}
	if err != nil {
		return rating.Figures{}, err
	}
	return d.ratings.Figures(ctx, h.ID, s.First, s.Last)
}

// Complaints are the counts of complaints that were filed in a span of days.
type Complaints struct {
	Span
	Filed      int
	Kinds      []ComplaintKind  // in the order of complaint.Kinds; those without any are missing
	States     []ComplaintCount // in the order a case goes through them, withdrawn last
	Channels   []ComplaintCount
	Answered   int
	Late       int // of those filed, not answered and overdue
	Suggestion int // of Filed: not a complaint but a suggestion
	// answerDays adds up the working days from filing to answer.
	answerDays int
	// Open and Overdue are of now, whenever the case was filed.
	Open, Overdue int
	// Truncated says that there were more than are counted.
	Truncated bool
}

// ComplaintKind is the complaints of one kind.
type ComplaintKind struct {
	Kind                        complaint.Kind
	Filed, Open, Answered, Late int // Open: not answered, archived or withdrawn
	days                        int
}

// MeanDays is how many working days it took from filing to answer; false when none is
// answered.
func (k ComplaintKind) MeanDays() (float64, bool) { return meanDays(k.days, k.Answered) }

// MeanDays is that over all kinds.
func (c Complaints) MeanDays() (float64, bool) { return meanDays(c.answerDays, c.Answered) }

func meanDays(sum, n int) (float64, bool) {
	if n == 0 {
		return 0, false
	}
	return float64(sum) / float64(n), true
}

// ComplaintCount is how many complaints are in a state or came through a channel.
type ComplaintCount struct {
	Key   string // complaint.State or complaint.Channel
	Name  string
	Count int
}

// maxComplaints bounds what is counted.
const maxComplaints = 20_000

// Complaints counts the complaints filed in a span of days.
func (d *Desk) Complaints(ctx context.Context, hallID string, s Span) (Complaints, error) {
	h, err := d.hall(hallID)
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return Complaints{}, err
	}
	first, _ := time.ParseInLocation(time.DateOnly, s.First, h.Location()) // checked above
	last, _ := time.ParseInLocation(time.DateOnly, s.Last, h.Location())
	today := complaint.Day(d.now().In(h.Location()))
	out := Complaints{Span: s}
	var filed []store.ComplaintFiled
	err = d.read(ctx, func(tx *store.Tx) (err error) {
		if out.Open, out.Overdue, err = tx.OpenComplaints(h.ID, today); err != nil {
			return err
		}
		filed, err = tx.ComplaintsFiled(h.ID, first, last.AddDate(0, 0, 1), maxComplaints+1)
		return err
	})
	if err != nil {
		return Complaints{}, err
	}
	if len(filed) > maxComplaints {
		filed, out.Truncated = filed[:maxComplaints], true
	}
	kinds := map[complaint.Kind]*ComplaintKind{}
	states, channels := map[string]int{}, map[string]int{}
	for _, c := range filed {
		out.Filed++
		states[c.State]++
		channels[c.Channel]++
		kind := complaint.Kind(c.Kind)
		if kinds[kind] == nil {
			kinds[kind] = &ComplaintKind{Kind: kind}
		}
		k := kinds[kind]
		k.Filed++
		if kind == complaint.Suggestion {
			out.Suggestion++
		}
		late := c.Due != "" && c.Due < today
		switch {
		case !c.Answered.IsZero():
			n := max(d.calendars[h.ID].Between(c.Filed.In(h.Location()), c.Answered.In(h.Location())), 0)
			k.Answered, k.days = k.Answered+1, k.days+n
			out.Answered, out.answerDays = out.Answered+1, out.answerDays+n
		case !complaint.State(c.State).Final():
			k.Open++
			if late {
				k.Late++
				out.Late++
			}
		}
	}
	for _, kind := range complaint.Kinds() {
		if k := kinds[kind]; k != nil {
			out.Kinds = append(out.Kinds, *k)
		}
	}
	for _, state := range append(complaint.Way(), complaint.Withdrawn) {
		out.States = append(out.States, ComplaintCount{string(state), state.Name(), states[string(state)]})
	}
	for _, channel := range []complaint.Channel{complaint.AtTerminal, complaint.OnPhone, complaint.ByCall} {
		out.Channels = append(out.Channels, ComplaintCount{string(channel), channel.Name(), channels[string(channel)]})
	}
	return out, nil
}
