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
func (in *inbox) project(e centralapi.Event, at time.Time) error {
	switch e.Kind {
	case centralapi.TicketTaken:
		return decodeThen(e, func(b centralapi.TakenTicket) error { return in.taken(e.Seq, b, at) })
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
func (in *inbox) taken(seq int64, b centralapi.TakenTicket, at time.Time) error {
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
	a := issuing{
		p: in.p, from: centralapi.Terminal{ID: in.terminal.ID, Slot: in.terminal.Slot}, r: b.Ticket, business: business,
		print: fingerprint(b.Ticket), day: in.p.dayOf(at, in.received), actor: "terminal:" + in.terminal.ID,
	}
	t := a.row(b.Number, series, prefix)
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
	if ok {
		t.Day = known.Day
	}
	if t.Day, err = in.freeDay(t, b.Day); err != nil {
		return err
	}
	if ok {
		return in.supersede(known, t)
	}
	if in.glance.gone[t.ID] {
		return errors.New("the terminal has given up this id before")
	}
	return in.glance.insert(t, in.entry("issued", "by the terminal"))
}

// freeDay returns the business day a terminal's number belongs to: by the
// centre's reckoning, else by the terminal's own, which has counted on over a
// change of day because its clock was not to be trusted.
func (in *inbox) freeDay(t store.Ticket, told string) (string, error) {
	days := []string{t.Day}
	if _, err := time.Parse(hall.DateLayout, told); err == nil && told != t.Day {
		days = append(days, told)
	}
	for _, day := range days {
		_, used, err := in.tx.TicketByNumber(t.Hall, day, t.Prefix, t.Series, t.Number)
		if err != nil {
			return "", err
		}
		if !used {
			return day, nil
		}
	}
	return "", fmt.Errorf("number %s is held by another ticket", t.Label)
}

// supersede gives a ticket the number that is on its holder's paper and makes the
// hall's number, which nobody holds, void.
func (in *inbox) supersede(was, paper store.Ticket) error {
	now := was
	now.Day, now.Prefix, now.Series, now.Number, now.Label, now.Seq = paper.Day, paper.Prefix, paper.Series, paper.Number, paper.Label, paper.Seq
	if was.State == centralapi.Called || was.State == centralapi.NoShow {
		// Nobody can have answered to a number that is on no paper.
		now.State, now.Window, now.Calls = centralapi.Issued, "", 0
		now.CalledAt, now.StartedAt, now.EndedAt = time.Time{}, time.Time{}, time.Time{}
	}
	if err := in.glance.update(was, now, in.entry("superseded", "was "+was.Label)); err != nil {
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
		in.glance.buried = append(in.glance.buried, b.ID)
		return in.tx.PutTombstone(in.p.ID, b.ID, in.terminal.ID, reasonAbandoned, at, in.entry("given-up", reasonAbandoned))
	case was.Terminal != in.terminal.ID:
		return errors.New("the ticket belongs to another terminal")
	case was.State != centralapi.Issued && was.State != centralapi.Called:
		return nil // its number is accounted for already
	}
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
		_, _, held, err := in.tx.SameHolder(in.p.ID, b.TicketID)
		if err == nil && !held {
			return errors.New("unknown ticket")
		}
		return err // a second paper for a number the person had already
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
