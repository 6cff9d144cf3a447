package kiosk

import (
	"context"
	"errors"
	"net/url"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/printjournal"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/slip"
	"hallkiosk/app/kiosk/internal/ticketing"
	"hallkiosk/devices/escpos"
	"hallkiosk/devices/idnumber"
)

// carryOut does what the session wants done. Nothing here decides anything about
// a citizen.
func (t *Terminal) carryOut(ctx context.Context, fx session.Effect) {
	switch fx := fx.(type) {
	case session.Issue:
		t.spawn("issue", session.IssueFailed{}, func() session.Event { return t.issue(ctx, fx) })
	case session.Print:
		// Should printing panic, something may have come out.
		instead := session.PrintFailed{TicketID: fx.Ticket.ID, Started: true}
		t.spawn("print", instead, func() session.Event { return t.print(ctx, fx) })
	case session.CallHelp:
		t.spawn("call help", session.HelpSent{}, func() session.Event { return t.callHelp(ctx, fx) })
	case session.DropSlip:
		t.log.Info("left without paper", "ticket", fx.TicketID)
		if !fx.Tried {
			t.spawn("record no paper", nil, func() session.Event {
				t.record(ctx, fx.TicketID, ticketing.PrintFailed, false)
				return nil
			})
		}
	case session.ForgetCard:
		// The reader gives a card once per placement, so one that still lies
		// there starts nothing.
	default:
		if !t.carryOutRating(ctx, fx) && !t.carryOutComplaint(ctx, fx) && !t.carryOutMaintenance(ctx, fx) {
			t.carryOutGuide(ctx, fx)
		}
	}
}

// helpPatience is how long a help call may be on its way before the person is
// told that it has not arrived yet.
const helpPatience = 3 * time.Second

// callHelp rings the window consoles and says whether they have the call. One
// that is late is told as late, and as arrived when it has.
func (t *Terminal) callHelp(ctx context.Context, fx session.CallHelp) session.Event {
	delivered, err := t.uplink.HelpCalled(ctx, string(fx.Page))
	if err != nil {
		t.logFailure("call help", err)
		return session.HelpSent{}
	}
	late := time.NewTimer(helpPatience)
	defer late.Stop()
	for {
		select {
		case <-delivered:
			return session.HelpSent{OK: true}
		case <-late.C:
			t.mail.put(session.HelpSent{})
		case <-ctx.Done():
			return nil
		}
	}
}

// issue takes a number. The whole document number ends here: what goes on is
// its mask and a key that means nothing tomorrow.
func (t *Terminal) issue(ctx context.Context, fx session.Issue) session.Event {
	h := t.hall()
	if h == nil {
		return session.IssueFailed{}
	}
	b, ok := h.Business(fx.Business)
	if !ok { // the catalogue has just changed
		return session.Refused{}
	}
	r := ticketing.Request{Business: b.ID, Prefix: b.Prefix, Item: fx.Item, Language: string(fx.Language)}
	if fx.Person.Number != "" {
		holder, err := t.holder(fx.Person)
		if err != nil {
			t.log.Error("no holder key; the number is taken without identity", "error", err)
		} else {
			r.Holder = holder
		}
	}
	ticket, err := t.desk.Issue(ctx, r)
	var refused *ticketing.Refused
	switch {
	case errors.As(err, &refused):
		return session.Refused{Why: refusals[refused.Code]}
	case err != nil:
		t.logFailure("issue", err)
		return session.IssueFailed{}
	}
	return session.Issued{Ticket: session.Ticket{
		ID: ticket.ID, Label: ticket.Label, Business: ticket.Business, Item: ticket.Item,
		Ahead: ticket.Ahead, Own: ticket.Own, Existing: ticket.Existing,
		QR: t.ticketAddress(h, ticket.ID, fx.Language), IssuedAt: ticket.IssuedAt, Holder: ticket.HolderName,
	}}
}

var refusals = map[centralapi.Code]session.Refusal{
	centralapi.CodeClosed:     session.RefusedClosed,
	centralapi.CodePaused:     session.RefusedPaused,
	centralapi.CodeNumbersOut: session.RefusedNumbersOut,
}

func (t *Terminal) holder(p session.Person) (*centralapi.Holder, error) {
	self, ok := t.uplink.Terminal()
	if !ok {
		return nil, errors.New("kiosk: the hall's secret is not known yet")
	}
	_, day, _ := t.uplink.Now()
	key, err := centralapi.HolderKey(self.HolderSecret, day, p.Number)
	if err != nil {
		return nil, err
	}
	source := "card"
	if p.Typed {
		source = "typed"
	}
	return &centralapi.Holder{Key: key, Name: p.Name, Number: idnumber.MaskNumber(p.Number), Source: source}, nil
}

// phonePage is an address of a ticket that needs no key: short, and nothing in it
// but the ticket's random id.
func phonePage(h *hall.Hall, centre, ticketID string) string {
	base := h.PhoneURL
	if base == "" {
		base = centre
	}
	address, err := url.JoinPath(base, "t", h.ID, ticketID)
	if err != nil {
		return ""
	}
	return address
}

// print prints a ticket and puts on record what became of it.
func (t *Terminal) print(ctx context.Context, fx session.Print) session.Event {
	paper := func() error {
		return t.printer.PrintTicket(ctx, fx.Ticket.ID, fx.Copy, t.slip(fx).Document(t.profile))
	}
	err := paper()
	if errors.Is(err, printjournal.ErrMustBeCopy) && !fx.Copy {
		fx.Copy = true // paper of it may be out that this session knows nothing of
		err = paper()
	}
	answer, outcome := printAnswer(fx.Ticket.ID, err)
	if outcome == ticketing.PrintConfirmed && !t.profile.Confirms() {
		outcome = ticketing.PrintUnknown // a printer that never says so
	}
	if err != nil {
		t.log.Warn("ticket not printed", "ticket", fx.Ticket.ID, "error", err)
	}
	t.record(ctx, fx.Ticket.ID, outcome, fx.Copy)
	return answer
}

// record puts on record what became of a paper, even while the terminal is being
// stopped.
func (t *Terminal) record(ctx context.Context, ticketID string, o ticketing.Outcome, isCopy bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	t.logFailure("record print", t.desk.Printed(ctx, ticketID, o, isCopy))
}

// printAnswer says what a print's error means to the session and for the record.
func printAnswer(ticketID string, err error) (session.Event, ticketing.Outcome) {
	if err == nil {
		return session.PrintDone{TicketID: ticketID}, ticketing.PrintConfirmed
	}
	failed := session.PrintFailed{TicketID: ticketID, Fault: "absent", Started: escpos.MayHavePrinted(err)}
	var fault *escpos.Fault
	if errors.As(err, &fault) {
		failed.Fault = fault.Code
	}
	if failed.Started {
		return failed, ticketing.PrintUnknown
	}
	return failed, ticketing.PrintFailed
}

// slip is what stands on a ticket's paper.
func (t *Terminal) slip(fx session.Print) slip.Ticket {
	s := slip.Ticket{
		Language: string(fx.Language), Label: fx.Ticket.Label, Holder: fx.Ticket.Holder, Ahead: fx.Ticket.Ahead,
		IssuedAt: fx.Ticket.IssuedAt, QR: fx.Ticket.QR, Own: fx.Ticket.Own, Copy: fx.Copy, Large: fx.Large,
	}
	h := t.hall()
	if h == nil {
		return s
	}
	s.Hall, s.Phone = pick(fx.Language, h.Name, h.NameEn), h.SupervisionPhone
	if !s.IssuedAt.IsZero() {
		s.IssuedAt = s.IssuedAt.In(h.Location())
	}
	b, ok := h.Business(fx.Ticket.Business)
	if !ok {
		return s
	}
	s.Business = pick(fx.Language, b.Name, b.NameEn)
	if item, ok := b.Item(fx.Ticket.Item); ok {
		s.Item = pick(fx.Language, item.Name, item.NameEn)
	}
	if a, ok := h.Area(b.Area); ok {
		s.Area, s.Place = pick(fx.Language, a.Name, a.NameEn), pick(fx.Language, a.Place, a.PlaceEn)
	}
	s.Windows = windowNames(h, b)
	return s
}

// logFailure logs an error that changes nothing for the citizen. A dead store
// is not logged here again and again: Run ends with it.
func (t *Terminal) logFailure(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, localstore.ErrDead) {
		t.log.Error(what+" failed", "error", err)
	}
}
