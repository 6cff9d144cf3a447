package queue

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/failpoint"
)

// maxEvents is how many events a batch may carry.
const maxEvents = 100

// longestAge is the oldest an event may be by its monotonic clock before that is
// taken for nonsense.
const longestAge = 400 * 24 * time.Hour

// Deliver takes a batch of a terminal's events: stores each that is new, makes of
// it what its kind asks for, and says how far the terminal may forget. The same
// batch may come any number of times.
func (d *Desk) Deliver(ctx context.Context, hallID string, from centralapi.Terminal, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.EventReceipt{}, err
	}
	if err := checkBatch(from, b); err != nil {
		return centralapi.EventReceipt{}, err
	}
	var receipt centralapi.EventReceipt
	err = d.incarnate(ctx, p, from.ID, func(tx *store.Tx, terminal *store.Terminal) error {
		receipt = centralapi.EventReceipt{Quarantined: []string{}}
		if err := d.prove(tx, p, terminal, b.Incarnation); err != nil {
			return err
		}
		in := inbox{d: d, p: p, tx: tx, terminal: *terminal, received: d.now()}
		var err error
		if receipt.Quarantined, err = in.takeAll(b); err != nil {
			return err
		}
		acked, err := tx.Contiguous(p.ID, from.ID, terminal.AckedThrough)
		if err != nil {
			return err
		}
		receipt.AckedThrough = acked
		if err := failpoint.Hit("queue.projected"); err != nil {
			return err
		}
		return tx.SetTerminalProgress(p.ID, from.ID, receipt.AckedThrough, in.terminal.LastEventAt)
	})
	if err != nil {
		return centralapi.EventReceipt{}, err
	}
	return receipt, nil
}

// checkBatch refuses what cannot be stored as it is. Everything else is an
// event's own affair and ends in quarantine at worst.
func checkBatch(from centralapi.Terminal, b centralapi.EventBatch) error {
	invalid := func(why string) error {
		return centralapi.Refuse(centralapi.CodeInvalid, "事件不正确："+why+"。")
	}
	switch {
	case b.Terminal != from.ID:
		return centralapi.Refuse(centralapi.CodeForbidden, "只能提交本终端的事件。")
	case len(b.Events) > maxEvents:
		return invalid(fmt.Sprintf("一次最多 %d 条", maxEvents))
	case b.MonotonicNow < 0 || len(b.BootID) > 64:
		return invalid("时钟或启动编号不正确")
	}
	last := int64(0)
	for _, e := range b.Events {
		switch {
		case !validID(e.ID):
			return invalid("编号不是标准格式")
		case e.Seq <= last:
			return invalid("顺序号必须从小到大")
		case len(e.Kind) > 64 || len(e.BootID) > 64:
			return invalid("类型或启动编号过长")
		}
		last = e.Seq
	}
	return nil
}

// inbox is one batch being taken in.
type inbox struct {
	d        *Desk
	p        *place
	tx       *store.Tx
	terminal store.Terminal
	received time.Time
	glance   *glance
	source   string // id of the event being projected
}

// takeAll projects the events that are not there already and stores them all, and
// returns which are in quarantine.
func (in *inbox) takeAll(b centralapi.EventBatch) (quarantined []string, err error) {
	ids := make([]string, len(b.Events))
	for i, e := range b.Events {
		ids[i] = e.ID
	}
	known, err := in.tx.HasEvents(in.p.ID, ids)
	if err != nil {
		return nil, err
	}
	if in.glance, err = look(in.tx, in.p.ID, b.Events); err != nil {
		return nil, err
	}
	quarantined = []string{}
	fresh := make([]store.Event, 0, len(b.Events))
	for _, e := range b.Events {
		bad, ok := known[e.ID]
		if !ok {
			row, err := in.take(b, e)
			if err != nil {
				return nil, err
			}
			bad = row.Quarantined
			known[e.ID] = bad // the same id twice in a batch is one event
			fresh = append(fresh, row)
		}
		if bad {
			quarantined = append(quarantined, e.ID)
		}
	}
	if len(fresh) > 0 {
		err = in.tx.InsertEvents(fresh)
	}
	return quarantined, err
}

// take projects one event and returns the row to keep of it.
func (in *inbox) take(b centralapi.EventBatch, e centralapi.Event) (store.Event, error) {
	at := in.happened(b, e)
	body := withhold(string(e.Body))
	if body == "" {
		body = "null" // an event without a body is kept as one
	}
	row := store.Event{
		Hall: in.p.ID, ID: e.ID, Terminal: in.terminal.ID, Seq: e.Seq, Kind: string(e.Kind),
		Monotonic: e.Monotonic, BootID: e.BootID, Wall: e.Wall.UTC().Format(time.RFC3339Nano), Body: body,
		Received: in.received, Happened: at,
	}
	in.terminal.LastEventAt, in.source = at, e.ID
	why := in.tx.Nested(func() error { return in.project(e, at) })
	in.glance.settle(why == nil)
	if why == nil {
		return row, nil
	}
	if store.EndsTransaction(why) {
		return row, why
	}
	in.d.log.Warn("queue: event quarantined", "hall", in.p.ID, "terminal", in.terminal.ID,
		"event", e.ID, "kind", string(e.Kind), "reason", why.Error())
	row.Quarantined, row.Reason = true, why.Error()
	return row, nil
}

// A whole document number (18 or 15 characters) or mobile phone number standing
// alone. Ids and holder keys are longer or have letters and hyphens around them.
var wholeNumber = regexp.MustCompile(`(^|[^0-9A-Za-z])([0-9]{17}[0-9Xx]|[0-9]{15}|1[3-9][0-9]{9})($|[^0-9A-Za-z])`)

// withhold takes whole numbers out of a body before it is kept. Terminals mask;
// this is for the one that does not, or whose kind of event nobody here knows.
func withhold(body string) string {
	if !hasDigits(body, 11) {
		return body // most bodies; the expression takes longer than the rest of an event
	}
	for {
		// Twice for neighbours, which share the character between them.
		less := wholeNumber.ReplaceAllString(body, "$1***$3")
		if less == body {
			return body
		}
		body = less
	}
}

// hasDigits reports whether so many digits stand in a row.
func hasDigits(s string, n int) bool {
	run := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			run = 0
		} else if run++; run == n {
			return true
		}
	}
	return false
}

// happened dates an event without trusting any clock of the terminal that can be
// set: by its age, and only across a restart by the wall clock, clamped. It never
// goes back behind the terminal's previous event.
func (in *inbox) happened(b centralapi.EventBatch, e centralapi.Event) time.Time {
	earliest := in.terminal.Enrolled
	if !in.terminal.LastEventAt.IsZero() {
		earliest = in.terminal.LastEventAt.Add(time.Microsecond)
	}
	if earliest.After(in.received) {
		earliest = in.received // the centre's own clock has gone back since
	}
	at := e.Wall
	if ms := b.MonotonicNow - e.Monotonic; e.BootID == b.BootID && e.BootID != "" && e.Monotonic >= 0 && ms >= 0 && ms <= longestAge.Milliseconds() {
		at = in.received.Add(-time.Duration(ms) * time.Millisecond)
	}
	if at.After(in.received) {
		at = in.received
	}
	if at.Before(earliest) {
		at = earliest
	}
	return at
}
