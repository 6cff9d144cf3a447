package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// Reasons of void tickets.
const (
	reasonSuperseded = "superseded" // the holder's paper shows a terminal's number
	reasonAbandoned  = "abandoned"  // the holder was told nothing
)

var (
	prefixShape = regexp.MustCompile(`^[A-Z]{1,2}$`)
	deviceShape = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	faultShape  = regexp.MustCompile(`^[a-z0-9-]{0,60}$`)
	pageShape   = regexp.MustCompile(`^[A-Za-z0-9_-]{0,60}$`)
)

// project carries out one event. Its error is the reason for quarantine and
// holds nothing of the body but ids, labels and codes.
func (in *inbox) project(e centralapi.Event, when dating) error {
	at := when.at
	switch e.Kind {
	case centralapi.TicketTaken:
		return decodeThen(e, func(b centralapi.TakenTicket) error { return in.taken(e.Seq, b, when) })
	case centralapi.TicketAbandoned:
		return decodeThen(e, func(b centralapi.AbandonedTicket) error { return in.abandoned(b, at) })
	case centralapi.TicketPrinted:
		return decodeThen(e, func(b centralapi.PrintResult) error { return in.printed(b, at) })
	case centralapi.DeviceChanged:
		return decodeThen(e, func(b centralapi.DeviceState) error { return in.deviceChanged(e.Seq, b, at) })
	case centralapi.HelpCalled:
		return decodeThen(e, func(b centralapi.HelpCall) error {
			if !pageShape.MatchString(b.Page) {
				return errors.New("malformed page")
			}
			return in.tx.InsertHelpCall(in.p.ID, store.HelpCall{ID: e.ID, Terminal: in.terminal.ID, Page: b.Page, At: at}, in.entry("help", ""))
		})
	case centralapi.SearchMissed:
		return decodeThen(e, func(b centralapi.MissedSearches) error { return in.missed(b, at) })
	case centralapi.ComplaintFiled:
		if in.d.takeComplaint == nil {
			return errors.New("no complaints are taken here")
		}
		return decodeThen(e, func(b centralapi.Complaint) error {
			return in.d.takeComplaint(in.tx, in.p.ID, in.terminal.ID, b, at)
		})
	}
	return errors.New("unknown kind")
}

// decodeThen reads an event's body. Fields this program does not know are left
// alone: a newer terminal's ticket counts, and the raw body is kept.
func decodeThen[T any](e centralapi.Event, do func(T) error) error {
	var body T
	if len(e.Body) == 0 || bytes.Equal(e.Body, []byte("null")) {
		return errors.New("no body")
	}
	if err := json.Unmarshal(e.Body, &body); err != nil {
		// Not the decoder's own words: they may quote the body.
		return errors.New("malformed body")
	}
	return do(body)
}

// taken books a number the terminal has given out by itself.
func (in *inbox) taken(seq int64, b centralapi.TakenTicket, when dating) error {
	business, err := in.p.checkRequest(b.Ticket)
	if err != nil {
		if refusal, ok := errors.AsType[*centralapi.Error](err); ok {
			return fmt.Errorf("%s: %s", refusal.Code, refusal.Detail)
		}
		return err
	}
	series := strconv.Itoa(in.terminal.Slot)
	prefix, ok := strings.CutSuffix(b.Label, centralapi.Label("", series, b.Number))
	if b.Series != series || b.Number < 1 || !ok || !prefixShape.MatchString(prefix) {
		return fmt.Errorf("number %d of series %q does not belong to slot %s", b.Number, b.Series, series)
	}
	at, sure := when.at, !b.At.IsZero()
	if !when.certain && sure {
		at = in.between(b.At, when.latest)
	}
	remark := ""
	if err := in.p.checkClass(business, b.Ticket); err != nil {
		// Somebody holds the number all the same.
		remark = "; its class is not granted"
	}
	a := issuing{
		p: in.p, from: centralapi.Terminal{ID: in.terminal.ID, Slot: in.terminal.Slot}, r: b.Ticket, business: business,
		print: fingerprint(b.Ticket), day: in.p.dayOf(at, in.received), actor: "terminal:" + in.terminal.ID,
	}
	t := a.row(b.Number, series, prefix)
	if remark != "" {
		t.Class, t.ClassReason = centralapi.Ordinary, ""
	}
	t.Seq, t.IssuedAt = seq, at

	known, ok := in.glance.ticket(t.ID)
	switch {
	case ok && known.Terminal != in.terminal.ID:
		return errors.New("the ticket belongs to another terminal")
	case ok && !bytes.Equal(known.Fingerprint, a.print):
		return errors.New("id used before with other content")
	case ok && known.Series == series && known.Label == t.Label:
		return nil // told before, under another event id
	case ok && known.Series != "":
		return fmt.Errorf("the ticket already has the number %s", known.Label)
	case ok && known.State == centralapi.Void:
		return errors.New("the ticket is void: " + known.Reason)
	}
	if !ok && in.glance.gone[t.ID] {
		return errors.New("the terminal has given up this id before")
	}
	if ok {
		t.Day = known.Day
		if !when.certain && !sure {
			// The request was made just before the number, and came to the centre then
			// or later.
			t.IssuedAt = in.between(known.IssuedAt, when.latest)
		}
	}
	// The next one is not before it, whether this date is certain or not: a guess is
	// never after the boot that delivers it began.
	in.terminal.LastEventAt = t.IssuedAt
	day, moved, err := in.freeDay(t, b.Day, sure)
	if err != nil {
		return err
	}
	t.Day, remark = day, remark+moved
	if ok {
		return in.supersede(known, t, remark)
	}
	if err := in.glance.insert(t, in.entry("issued", "by the terminal"+remark)); err != nil {
		return err
	}
	return in.letGo(t.ID)
}

// furthestDay is how many days from its own a number is booked at most when its
// place is taken.
const furthestDay = 100

// freeDay returns the business day a terminal's number is booked under, and a remark
// for the ledger when it is not the one it should be. A terminal that is sure names
// the day; for one that is not, the centre's reckoning comes first. Where another
// ticket has the place, which takes a clock that has misled the centre itself, the
// nearest day with a free one serves: what is on paper must be known, and called
// by its label.
func (in *inbox) freeDay(t store.Ticket, told string, sure bool) (day, remark string, err error) {
	days := []string{t.Day}
	if _, err := time.Parse(hall.DateLayout, told); err == nil && told != t.Day {
		if days = append(days, told); sure {
			days = []string{told, t.Day}
		}
	}
	want := days[0]
	at, err := time.Parse(hall.DateLayout, want)
	if err != nil {
		return "", "", fmt.Errorf("business day: %w", err)
	}
	for n := 0; n <= furthestDay; n++ {
		if n > 0 { // nearly never
			days = []string{at.AddDate(0, 0, -n).Format(hall.DateLayout), at.AddDate(0, 0, n).Format(hall.DateLayout)}
		}
		for _, day := range days {
			used, err := in.glance.taken(day, t.Prefix, t.Series, t.Number)
			if err != nil {
				return "", "", err
			}
			if !used {
				if day != want {
					remark = "; its place on " + want + " is taken"
				}
				return day, remark, nil
			}
		}
	}
	return "", "", fmt.Errorf("number %s is held by another ticket", t.Label)
}

// supersede gives a ticket the number that is on its holder's paper and makes the
// hall's number, which nobody holds, void.
func (in *inbox) supersede(was, paper store.Ticket, remark string) error {
	now := was
	now.Day, now.Prefix, now.Series, now.Number, now.Label, now.Seq = paper.Day, paper.Prefix, paper.Series, paper.Number, paper.Label, paper.Seq
	now.IssuedAt, now.PlaceAt, now.BackAt, now.Slot = paper.IssuedAt, paper.IssuedAt, time.Time{}, paper.Slot
	if was.State == centralapi.Called || was.State == centralapi.NoShow || was.State == centralapi.Held && was.StartedAt.IsZero() {
		// Nobody can have answered to a number that is on no paper.
		uncall(&now)
	}
	if err := in.glance.update(was, now, in.entry("superseded", "was "+was.Label+remark)); err != nil {
		return err
	}
	ns, err := uuid.Parse(was.ID)
	if err != nil {
		return fmt.Errorf("ticket id: %w", err)
	}
	void := store.Ticket{
		Hall: was.Hall, ID: uuid.NewSHA1(ns, []byte(was.Label)).String(), Day: was.Day,
		Prefix: was.Prefix, Series: was.Series, Number: was.Number, Label: was.Label,
		Business: was.Business, Terminal: was.Terminal, Slot: was.Slot, Seq: was.Seq, Fingerprint: []byte{},
		State: centralapi.Void, Reason: reasonSuperseded, IssuedAt: was.IssuedAt, EndedAt: in.received,
	}
	told := in.entry("void", reasonSuperseded)
	told.From = centralapi.Issued
	return in.glance.insert(void, told)
}

// abandoned makes a ticket void whose holder was told nothing, or keeps the id
// from ever becoming one.
func (in *inbox) abandoned(b centralapi.AbandonedTicket, at time.Time) error {
	if !validID(b.ID) || len(b.Reason) > 200 {
		return errors.New("malformed ticket id or reason")
	}
	was, ok := in.glance.ticket(b.ID)
	switch {
	case !ok:
		if err := in.bury(b.ID, at); err != nil {
			return err
		}
		return in.letGo(b.ID)
	case was.Terminal != in.terminal.ID:
		return errors.New("the ticket belongs to another terminal")
	case was.State != centralapi.Issued && was.State != centralapi.Called:
		return nil // its number is accounted for already
	}
	// Its holder may have asked again, here or at another terminal, and have been
	// told this number. Then it stays theirs, until letGo; whether they have seen it there
	// before that terminal failed as well, nobody knows.
	if told, err := in.tx.ToldElsewhere(in.p.ID, was.ID); err != nil {
		return err
	} else if told {
		if err := in.bury(was.ID, at); err != nil || was.PrintUnknown {
			return err
		}
		now := was
		now.PrintUnknown = true
		return in.glance.update(was, now, in.entry("printed", "unknown"))
	}
	return in.void(was)
}

// bury records that the terminal has given up an id.
func (in *inbox) bury(id string, at time.Time) error {
	in.glance.buried = append(in.glance.buried, id)
	return in.tx.PutTombstone(in.p.ID, id, in.terminal.ID, reasonAbandoned, at, in.entry("given-up", reasonAbandoned))
}

// letGo makes the ticket void that a request was answered with because its holder
// had it already, now that the request has come to another end: its own terminal
// has given it up, and nobody else has been told of it.
func (in *inbox) letGo(id string) error {
	same, ok := in.glance.same[id]
	if !ok {
		return nil
	}
	held := same.Ticket
	if gone, err := in.tx.Tombstone(in.p.ID, held); err != nil || !gone {
		return err
	}
	if told, err := in.tx.ToldElsewhere(in.p.ID, held); err != nil || told {
		return err
	}
	was, ok, err := in.tx.Ticket(in.p.ID, held)
	if err != nil || !ok || was.State != centralapi.Issued && was.State != centralapi.Called {
		return err
	}
	return in.void(was)
}

// void makes a number void that nobody was told.
func (in *inbox) void(was store.Ticket) error {
	now := was
	now.State, now.Reason, now.EndedAt = centralapi.Void, reasonAbandoned, in.received
	return in.glance.update(was, now, in.entry("void", reasonAbandoned))
}

// printed records what became of the paper.
func (in *inbox) printed(b centralapi.PrintResult, _ time.Time) error {
	unknown := b.Outcome == "unknown"
	switch {
	case !validID(b.TicketID):
		return errors.New("malformed ticket id")
	case !unknown && b.Outcome != "confirmed" && b.Outcome != "failed":
		return errors.New("unknown outcome")
	}
	was, ok := in.glance.ticket(b.TicketID)
	if !ok {
		if _, held := in.glance.same[b.TicketID]; !held {
			return errors.New("unknown ticket")
		}
		return nil // a second paper for a number the person had already
	}
	if was.Terminal != in.terminal.ID {
		return errors.New("the ticket belongs to another terminal")
	}
	now := was
	now.PrintUnknown = unknown
	detail := b.Outcome
	if b.Copy {
		detail += ", copy"
	}
	return in.glance.update(was, now, in.entry("printed", detail))
}

func (in *inbox) deviceChanged(seq int64, b centralapi.DeviceState, at time.Time) error {
	ok := b.State == "ready" && b.Fault == "" || b.State == "fault" || b.State == "absent"
	if !ok || !deviceShape.MatchString(b.Device) || !faultShape.MatchString(b.Fault) {
		return errors.New("malformed device state")
	}
	return in.tx.PutDevice(in.p.ID, store.Device{Terminal: in.terminal.ID, Device: b.Device, State: b.State, Fault: b.Fault, Since: at, Seq: seq}, in.entry("device", b.Device+" "+b.State))
}

// entry is the ledger's line about what the event being projected has changed.
func (in *inbox) entry(action, detail string) store.LogEntry {
	return store.LogEntry{At: in.received, Actor: "terminal:" + in.terminal.ID, Action: action, Detail: detail, Source: in.source}
}
