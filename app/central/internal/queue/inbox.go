package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
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
	err = together(func(together bool) error {
		return d.incarnate(ctx, p, from.ID, func(tx *store.Tx, terminal *store.Terminal) (err error) {
			if err := d.prove(tx, p, terminal, b.Incarnation); err != nil {
				return err
			}
			if err := d.twins(tx, p, terminal, b); err != nil {
				return err
			}
			receipt, _, err = d.receive(tx, p, *terminal, b, together)
			return err
		})
	})
	if err != nil {
		return centralapi.EventReceipt{}, err
	}
	return receipt, nil
}

// Import takes in, for an operator, what was exported from a terminal's disk: the
// same as Deliver, but also from a terminal that is frozen, and without incarnation.
// The ledger tells that it was an operator. The same batch may come any number of
// times; b.Terminal says whose events they are.
func (d *Desk) Import(ctx context.Context, hallID string, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.EventReceipt{}, err
	}
	if err := checkBatch(centralapi.Terminal{ID: b.Terminal}, b); err != nil {
		return centralapi.EventReceipt{}, err
	}
	var receipt centralapi.EventReceipt
	err = together(func(together bool) error {
		return d.write(ctx, p.ID, func(tx *store.Tx) error {
			terminal, ok, err := tx.Terminal(p.ID, b.Terminal)
			if err != nil {
				return err
			}
			if !ok {
				return centralapi.Refuse(centralapi.CodeNotFound, "没有这个终端。")
			}
			var fresh int
			if receipt, fresh, err = d.receive(tx, p, terminal, b, together); err != nil || fresh == 0 {
				return err
			}
			return tx.AppendLog(p.ID, store.LogEntry{At: d.now(), Actor: "centre", Action: "imported",
				Detail: fmt.Sprintf("%d events of terminal %s", fresh, terminal.ID)})
		})
	})
	if err != nil {
		return centralapi.EventReceipt{}, err
	}
	return receipt, nil
}

// together carries out a write that makes of a batch's events what they ask for, all
// of them together, and where that cannot be, as one of them does not agree with the
// database, once more one by one.
func together(write func(together bool) error) error {
	err := write(true)
	if errors.Is(err, store.ErrApart) {
		err = write(false)
	}
	return err
}

// receive takes a batch in; fresh is how many of its events were not there yet.
func (d *Desk) receive(tx *store.Tx, p *place, terminal store.Terminal, b centralapi.EventBatch, together bool) (receipt centralapi.EventReceipt, fresh int, err error) {
	in := inbox{d: d, p: p, tx: tx, terminal: terminal, received: d.now()}
	if receipt.Quarantined, fresh, err = in.takeAll(b, together); err != nil {
		return receipt, 0, err
	}
	if receipt.AckedThrough, err = tx.Contiguous(p.ID, terminal.ID, terminal.AckedThrough); err != nil {
		return receipt, 0, err
	}
	if err := failpoint.Hit("queue.projected"); err != nil {
		return receipt, 0, err
	}
	return receipt, fresh, tx.SetTerminalProgress(p.ID, terminal.ID, receipt.AckedThrough, in.terminal.LastEventAt)
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
	source   string    // id of the event being projected
	before   time.Time // when the terminal's ticket event before it happened
}

// dating is when an event happened: certain when by its age, else a guess that is
// not after latest.
type dating struct {
	at, latest time.Time
	certain    bool
}

// takeAll projects the events that are not there already and stores them all, and
// returns which are in quarantine and how many were new.
func (in *inbox) takeAll(b centralapi.EventBatch, together bool) (quarantined []string, added int, err error) {
	ids := make([]string, len(b.Events))
	for i, e := range b.Events {
		ids[i] = e.ID
	}
	known, err := in.tx.HasEvents(in.p.ID, ids)
	if err != nil {
		return nil, 0, err
	}
	if in.glance, err = look(in.tx, in.p.ID, b.Events); err != nil {
		return nil, 0, err
	}
	quarantined = []string{}
	fresh := make([]store.Event, 0, len(b.Events))
	latest := in.latest(b)
	all := func() error {
		for i, e := range b.Events {
			bad, ok := known[e.ID]
			if !ok {
				row, err := in.take(b, e, latest[i])
				if err != nil {
					return err
				}
				bad = row.Quarantined
				known[e.ID] = bad // the same id twice in a batch is one event
				fresh = append(fresh, row)
			}
			if bad {
				quarantined = append(quarantined, e.ID)
			}
		}
		return nil
	}
	if together {
		err = in.tx.Gather(all)
	} else {
		err = all()
	}
	if err != nil {
		return nil, 0, err
	}
	if len(fresh) > 0 {
		err = in.tx.InsertEvents(fresh)
	}
	return quarantined, len(fresh), err
}

// take projects one event and returns the row to keep of it.
func (in *inbox) take(b centralapi.EventBatch, e centralapi.Event, latest time.Time) (store.Event, error) {
	when := in.happened(b, e, latest)
	body := withhold(string(nameless(e.Body, holderDepth)))
	if body == "" {
		body = "null" // an event without a body is kept as one
	}
	row := store.Event{
		Hall: in.p.ID, ID: e.ID, Terminal: in.terminal.ID, Seq: e.Seq, Kind: string(e.Kind),
		Monotonic: e.Monotonic, BootID: e.BootID, Wall: e.Wall.UTC().Format(time.RFC3339Nano), Body: body,
		Received: in.received, Happened: when.at,
	}
	in.before, in.source = in.terminal.LastEventAt, e.ID
	if when.certain && isTicket(e.Kind) {
		in.terminal.LastEventAt = when.at
	}
	why := in.tx.Nested(func() error { return in.project(e, when) })
	in.glance.settle(why == nil)
	if why == nil {
		return row, nil
	}
	if store.EndsTransaction(why) || errors.Is(why, store.ErrApart) {
		return row, why
	}
	in.d.log.Warn("queue: event quarantined", "hall", in.p.ID, "terminal", in.terminal.ID,
		"event", e.ID, "kind", string(e.Kind), "reason", why.Error())
	row.Quarantined, row.Reason = true, why.Error()
	return row, nil
}

// holderDepth is one more than where holders stand: in the ticket in the body.
const holderDepth = 3

// nameless takes out of a body who holds a ticket. That is kept apart from it, so that
// it can be erased ([store.Tx.PurgeHolders]); of the bodies that are kept nothing is
// made again. It looks so many objects deep: each is read anew, which must stay cheap
// whatever a terminal sends.
func nameless(body json.RawMessage, deep int) json.RawMessage {
	const holder = "holder"
	if deep == 0 || !bytes.Contains(bytes.ToLower(body), []byte(holder)) {
		return body // most bodies
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return body // no object
	}
	for name, value := range fields {
		if strings.EqualFold(name, holder) {
			delete(fields, name)
		} else {
			fields[name] = nameless(value, deep-1)
		}
	}
	less, err := json.Marshal(fields)
	if err != nil {
		panic(fmt.Sprintf("queue: body without holder: %v", err)) // it was read from JSON
	}
	return less
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

// isTicket reports whether events of a kind come in the order in which they happened.
// Help calls and device states may come hours after tickets of a later time, so
// neither may date the other.
func isTicket(kind centralapi.EventKind) bool { return strings.HasPrefix(string(kind), "ticket-") }

// byAge dates an event of the boot that sends the batch.
func (in *inbox) byAge(b centralapi.EventBatch, e centralapi.Event) (at time.Time, ok bool) {
	ms := b.MonotonicNow - e.Monotonic
	if e.BootID != b.BootID || e.BootID == "" || e.Monotonic < 0 || ms < 0 || ms > longestAge.Milliseconds() {
		return time.Time{}, false
	}
	return in.received.Add(-time.Duration(ms) * time.Millisecond), true
}

// latest returns for each event of a batch when it can have happened at the latest:
// not after the batch came; when it is of an earlier boot, not after this one began;
// and not after a later event whose time is known. Without that a wall clock that
// was ahead would put what came before a restart at the time of its arrival.
func (in *inbox) latest(b centralapi.EventBatch) []time.Time {
	out := make([]time.Time, len(b.Events))
	began := in.received
	if ms := b.MonotonicNow; b.BootID != "" && ms <= longestAge.Milliseconds() {
		began = began.Add(-time.Duration(ms) * time.Millisecond)
	}
	bound := in.received
	for i := len(b.Events) - 1; i >= 0; i-- {
		at, certain := in.byAge(b, b.Events[i])
		if id := b.Events[i].BootID; id != "" && id != b.BootID && began.Before(bound) {
			bound = began
		}
		out[i] = bound
		if !certain {
			at, certain = in.glance.vouched[b.Events[i].ID]
		}
		if certain && at.Before(bound) {
			bound = at
		}
	}
	return out
}

// happened dates an event without trusting any clock of the terminal that can be
// set: by its age, and only across a restart by the wall clock, clamped. Ticket
// events never go back behind the one before.
func (in *inbox) happened(b centralapi.EventBatch, e centralapi.Event, latest time.Time) dating {
	at, certain := in.byAge(b, e)
	if !certain {
		at = e.Wall
	}
	if at.After(latest) {
		at = latest
	}
	earliest := in.terminal.Enrolled
	if isTicket(e.Kind) && !in.terminal.LastEventAt.IsZero() {
		earliest = in.terminal.LastEventAt.Add(time.Microsecond)
	}
	if earliest.After(in.received) {
		earliest = in.received // the centre's own clock has gone back since
	}
	if at.Before(earliest) {
		at = earliest
	}
	return dating{at: at, latest: latest, certain: certain}
}

// between keeps a time after the ticket event before and not after the latest.
func (in *inbox) between(at, latest time.Time) time.Time {
	if at.After(latest) {
		at = latest
	}
	if !at.After(in.before) {
		at = in.before.Add(time.Microsecond)
	}
	if at.After(in.received) {
		at = in.received
	}
	return at
}
