package queue

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

const (
	maxHeld   = 3  // tickets a window has on hold at most
	maxReason = 60 // characters
	// longestDigits is the longest run of digits in a reason: a whole phone or document
	// number does not belong into the ledger.
	longestDigits = 6

	reasonWrongMatter = "wrong-matter" // of a cancelled ticket: 取错事项
)

// TransferTo is where a ticket goes; see [centralapi.TransferTo].
type TransferTo = centralapi.TransferTo

// Hold puts the ticket at the window aside, so that the window may call others; at most
// three at a time. It stays the window's.
func (d *Desk) Hold(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "held", verb: "挂起", from: []centralapi.TicketState{centralapi.Called, centralapi.Started}, to: centralapi.Held, repeatable: true,
		change: func(tx *store.Tx, p *place, t *store.Ticket, _ time.Time) error {
			held, err := tx.Held(p.ID, t.Day, windowID)
			if err == nil && len(held) >= maxHeld {
				return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("本窗口已挂起 %d 个号，请先回呼其中一个。", maxHeld))
			}
			return err
		},
	})
}

// Resume calls a ticket on hold to the window again. While the window has another
// ticket called or started it answers CodeConflict.
func (d *Desk) Resume(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "called-back", verb: "回呼", from: []centralapi.TicketState{centralapi.Held}, to: centralapi.Called, repeatable: true,
		change: func(tx *store.Tx, p *place, t *store.Ticket, now time.Time) error {
			if err := mayCall(tx, p, t.Day, windowID, "回呼"); err != nil {
				return err
			}
			t.Calls++
			t.CalledAt, t.StartedAt = now, time.Time{}
			return nil
		},
	})
}

// mayCall refuses a call while the window is closed or has somebody.
func mayCall(tx *store.Tx, p *place, day, windowID, verb string) error {
	closed, err := tx.ClosedWindows(p.ID)
	if err != nil {
		return err
	}
	if c, is := closed[windowID]; is {
		return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("本窗口已关闭（%s），不能%s。", c.Reason, verb))
	}
	current, busy, err := tx.AtWindow(p.ID, day, windowID)
	if err == nil && busy {
		return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("请先完成、过号或挂起 %s，再%s。", current.Label, verb))
	}
	return err
}

// Return puts the ticket at the window, or one it has on hold, back into the line, at
// the place it had.
func (d *Desk) Return(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "returned", verb: "退回队列", from: atHand, to: centralapi.Issued,
		change: func(_ *store.Tx, _ *place, t *store.Ticket, _ time.Time) error { uncall(t); return nil },
	})
}

// atHand are the states of tickets a window has.
var atHand = []centralapi.TicketState{centralapi.Called, centralapi.Started, centralapi.Held}

// uncall makes a ticket one that waits and was never called.
func uncall(t *store.Ticket) {
	t.State, t.Window, t.Calls = centralapi.Issued, "", 0
	t.CalledAt, t.StartedAt, t.EndedAt = time.Time{}, time.Time{}, time.Time{}
}

// Transfer sends a ticket the window has to another business or window. It waits there
// at the place it has by the time it was taken.
func (d *Desk) Transfer(ctx context.Context, hallID, windowID, ticketID string, to TransferTo) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "transferred", verb: "转移", from: atHand, to: centralapi.Issued,
		change: func(tx *store.Tx, p *place, t *store.Ticket, _ time.Time) error { return transfer(tx, p, t, to) },
	})
}

// WrongMatter ends a ticket that was taken for the wrong business, or sends it to the
// right one. The reason is kept in the ledger.
func (d *Desk) WrongMatter(ctx context.Context, hallID, windowID, ticketID string, to TransferTo, reason string) (centralapi.Ticket, error) {
	reason, err := checkReason(reason)
	if err != nil {
		return centralapi.Ticket{}, err
	}
	s := step{action: "wrong-matter", verb: "按取错事项处理", from: atHand, to: centralapi.Cancelled, repeatable: true, detail: reason,
		change: func(_ *store.Tx, _ *place, t *store.Ticket, now time.Time) error {
			t.Reason, t.EndedAt = reasonWrongMatter, now
			return nil
		}}
	if to != (TransferTo{}) {
		s.to, s.repeatable = centralapi.Issued, false
		s.change = func(tx *store.Tx, p *place, t *store.Ticket, _ time.Time) error { return transfer(tx, p, t, to) }
	}
	return d.act(ctx, hallID, windowID, ticketID, s)
}

// transfer changes a ticket at a window so that it waits elsewhere.
func transfer(tx *store.Tx, p *place, t *store.Ticket, to TransferTo) error {
	invalid := func(why string) error { return centralapi.Refuse(centralapi.CodeInvalid, why) }
	from, business, line := t.Window, t.Business, t.Business
	if to.Business != "" {
		b, ok := p.Business(to.Business)
		if !ok {
			return centralapi.Refuse(centralapi.CodeUnknownBusiness, "本大厅没有这项业务。")
		}
		if business, line = b.ID, b.ID; business != t.Business {
			if err := onlyOne(tx, *t, business); err != nil {
				return err
			}
			if _, ok := b.Item(t.Item); !ok {
				t.Item = ""
			}
		}
	}
	switch {
	case to == (TransferTo{}):
		return invalid("请选择要转到的业务或窗口。")
	case to.Window != "":
		if _, ok := p.Window(to.Window); !ok {
			return centralapi.Refuse(centralapi.CodeNotFound, "没有这个窗口。")
		}
		if to.Window == from && business == t.Business {
			return invalid("这个号已经在本窗口。")
		}
		closed, err := tx.ClosedWindows(p.ID)
		if err != nil {
			return err
		}
		if c, is := closed[to.Window]; is {
			return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("该窗口已关闭（%s），不能转去。", c.Reason))
		}
		line = store.WindowLine(to.Window)
	case business == t.Business && t.Line == line:
		return invalid("这个号已经属于该业务；要让其他窗口叫号，请退回队列。")
	}
	uncall(t)
	t.Business, t.Line = business, line
	return nil
}

// onlyOne refuses what would give the holder of a ticket two live ones for a business.
func onlyOne(tx *store.Tx, t store.Ticket, business string) error {
	if t.HolderKey == "" {
		return nil
	}
	other, ok, err := tx.LiveTicketOf(t.Hall, t.Day, t.HolderKey, business)
	if err == nil && ok && other.ID != t.ID {
		return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("此人在该业务已有号码 %s。", other.Label))
	}
	return err
}

// Reenter lets a ticket that was passed over wait again, behind the next tickets of its
// line and kind, as many as the hall says; once. Any window that serves its line may.
func (d *Desk) Reenter(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "came-back", verb: "重新排队", from: []centralapi.TicketState{centralapi.NoShow}, to: centralapi.Issued, anywhere: true,
		done: func(t store.Ticket) bool { return t.State == centralapi.Issued && !t.BackAt.IsZero() },
		change: func(tx *store.Tx, p *place, t *store.Ticket, now time.Time) error {
			if !t.BackAt.IsZero() {
				return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("%s 过号后已回来过一次，请重新取号。", t.Label))
			}
			if err := onlyOne(tx, *t, t.Business); err != nil {
				return err
			}
			if window, directed := strings.CutPrefix(t.Line, store.WindowLine("")); directed {
				closed, err := tx.ClosedWindows(p.ID)
				if err != nil {
					return err
				}
				if _, is := closed[window]; is {
					t.Line = t.Business
				}
			}
			before, err := tx.Waiting(p.ID, t.Day, t.Line, t.Class != centralapi.Ordinary, p.Queue.Behind())
			if err != nil {
				return err
			}
			uncall(t)
			t.BackAt = now
			if len(before) > 0 {
				last := before[len(before)-1]
				t.PlaceAt, t.Slot, t.Seq = last.PlaceAt, last.Slot, last.Seq
				if !last.BackAt.Before(now) {
					t.BackAt = last.BackAt.Add(time.Microsecond)
				}
			}
			return nil
		},
	})
}

// Prioritise gives a waiting ticket a class, or takes it back. Any window that serves
// its line may. It keeps its place by the time it was taken, among those of its class.
func (d *Desk) Prioritise(ctx context.Context, hallID, windowID, ticketID string, class centralapi.TicketClass, reason string) (centralapi.Ticket, error) {
	if !knownClass(class) {
		return centralapi.Ticket{}, centralapi.Refuse(centralapi.CodeInvalid, "没有这一类号。")
	}
	reason, err := checkReason(reason)
	if err != nil {
		return centralapi.Ticket{}, err
	}
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "reclassed", verb: "改类别", from: []centralapi.TicketState{centralapi.Issued}, to: centralapi.Issued, anywhere: true, detail: reason,
		done: func(t store.Ticket) bool { return t.State == centralapi.Issued && t.Class == class },
		change: func(_ *store.Tx, _ *place, t *store.Ticket, _ time.Time) error {
			t.Class, t.ClassReason = class, reason
			if class == centralapi.Ordinary {
				t.ClassReason = ""
			}
			return nil
		},
	})
}

// checkReason refuses a reason that says nothing, or may say who somebody is.
func checkReason(s string) (string, error) {
	s = strings.TrimSpace(s)
	digits := 0
	for _, r := range s {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return "", centralapi.Refuse(centralapi.CodeInvalid, "理由里有看不见的字符，请改写。")
		}
		if digits++; !unicode.IsDigit(r) {
			digits = 0
		}
		if digits > longestDigits {
			return "", centralapi.Refuse(centralapi.CodeInvalid, "理由里请不要写证件号码或电话号码。")
		}
	}
	switch {
	case s == "":
		return "", centralapi.Refuse(centralapi.CodeInvalid, "请写明理由。")
	case utf8.RuneCountInString(s) > maxReason:
		return "", centralapi.Refuse(centralapi.CodeInvalid, fmt.Sprintf("理由最多 %d 个字。", maxReason))
	}
	return s, nil
}
