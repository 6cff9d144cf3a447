package staff

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// Reason is why somebody leaves a window. The words are in the database and never
// change.
type Reason string

// The reasons.
const (
	Meeting Reason = "meeting" // 开会
	Meal    Reason = "meal"    // 就餐
	Errand  Reason = "errand"  // 外出办事
	Leave   Reason = "leave"   // 请假
	Shift   Reason = "shift"   // 交接班
	Short   Reason = "short"   // 短时离开
)

var reasonNames = map[Reason]string{Short: "短时离开", Meal: "就餐", Meeting: "开会", Errand: "外出办事", Leave: "请假", Shift: "交接班"}

// Reasons returns all reasons, the commonest first.
func Reasons() []Reason { return []Reason{Short, Meal, Meeting, Errand, Leave, Shift} }

// Name is the Chinese name, empty for an unknown reason.
func (r Reason) Name() string { return reasonNames[r] }

// Duty is a window with whoever is there.
type Duty struct {
	Window  string  // Window.ID
	Account Account // zero = nobody
	Since   time.Time
	// Left is set while the window waits for somebody to come.
	Left *Handover
}

// Handover is a window that was left.
type Handover struct {
	Window  string
	From    Account
	To      Account // zero ID = the window was closed
	Reason  Reason
	Ticket  string // id of what was open at the window, or ""
	At      time.Time
	TakenBy Account // zero ID = nobody has come yet
	TakenAt time.Time
}

// handoverAge is how long a window waits for its B岗 on the lists: not over night.
const handoverAge = 12 * time.Hour

// Sit puts the session of a token at a window. It is CodeForbidden at a window the
// account may not serve, and CodeConflict while somebody else is there. Whoever left
// the window to a colleague has handed it over with that.
func (b *Book) Sit(ctx context.Context, hallID, token, window string) error {
	h, err := b.hall(hallID)
	if err != nil {
		return err
	}
	if _, ok := h.Window(window); !ok {
		return refuse(centralapi.CodeNotFound, "没有这个窗口。")
	}
	return b.write(ctx, hallID, func(tx *store.Tx) error {
		row, a, err := b.sessionIn(tx, hallID, token)
		if err != nil {
			return err
		}
		now := b.now()
		if !accountOf(a).MayServe(window) {
			return refuse(centralapi.CodeForbidden, "这个账号不能在这个窗口办理，请联系大厅管理员。")
		}
		if row.Window == window {
			return nil
		}
		there, taken, err := tx.StaffAt(hallID, window, now)
		if err != nil {
			return err
		}
		if taken && there.Account != a.ID {
			other, _, err := tx.StaffByID(hallID, there.Account)
			if err != nil {
				return err
			}
			return refuse(centralapi.CodeConflict, fmt.Sprintf("%s正在这个窗口，请先交接。", other.Name))
		}
		if row.Window != "" {
			return refuse(centralapi.CodeConflict, "请先从现在的窗口离岗，再换窗口。")
		}
		if err := tx.TakeStaffHandovers(hallID, window, a.ID, now); err != nil {
			return err
		}
		return tx.SeatStaffSession(row, window, now, store.LogEntry{At: now, Actor: "staff:" + a.ID, Action: "staff-sat"})
	})
}

// Leaving says how somebody leaves a window.
type Leaving struct {
	To     string // Account.ID of the colleague who comes; "" closes the window
	Reason Reason
	Ticket string // id of what is open at the window, or ""
}

// Leave takes the session of a token away from its window and keeps the record. The
// colleague must be one who may serve the window; with a number open there has to be
// one. It is CodeInvalid otherwise, CodeConflict for a session that is at no window.
func (b *Book) Leave(ctx context.Context, hallID, token string, l Leaving) error {
	if _, err := b.hall(hallID); err != nil {
		return err
	}
	if l.Reason.Name() == "" {
		return refuse(centralapi.CodeInvalid, "请选择离岗原因。")
	}
	if l.To == "" && l.Ticket != "" {
		return refuse(centralapi.CodeConflict, "窗口还有号码没有办完：请先完成或过号，或者交给接替的同事。")
	}
	return b.write(ctx, hallID, func(tx *store.Tx) error {
		row, a, err := b.sessionIn(tx, hallID, token)
		if err != nil {
			return err
		}
		if row.Window == "" {
			return refuse(centralapi.CodeConflict, "您已经不在窗口。")
		}
		if l.To != "" {
			to, found, err := tx.StaffByID(hallID, l.To)
			if err != nil {
				return err
			}
			if !found || to.ID == a.ID || !to.Disabled.IsZero() || !accountOf(to).MayServe(row.Window) {
				return refuse(centralapi.CodeInvalid, "请选择能在这个窗口办理的同事。")
			}
		}
		now := b.now()
		// An older record of the window that nobody has answered is over: whoever
		// leaves now was here.
		if err := tx.TakeStaffHandovers(hallID, row.Window, a.ID, now); err != nil {
			return err
		}
		record := store.StaffHandover{Hall: hallID, Window: row.Window, From: a.ID, To: l.To, Reason: string(l.Reason), Ticket: l.Ticket, At: now}
		detail := "closed"
		if l.To != "" {
			detail = "to " + l.To
		}
		actor := "staff:" + a.ID
		if err := tx.InsertStaffHandover(record, store.LogEntry{At: now, Actor: actor, Action: "staff-handed-over", Ticket: l.Ticket, Detail: detail}); err != nil {
			return err
		}
		return tx.SeatStaffSession(row, "", now, store.LogEntry{At: now, Actor: actor, Action: "staff-left"})
	})
}

// Colleagues returns who else may serve a window, in the order in which the accounts
// were made.
func (b *Book) Colleagues(ctx context.Context, hallID, window, except string) ([]Account, error) {
	list, err := b.List(ctx, hallID)
	return slices.DeleteFunc(list, func(a Account) bool {
		return a.ID == except || !a.Disabled.IsZero() || !a.MayServe(window)
	}), err
}

// Duties returns every window of the hall in its order, with whoever is there.
func (b *Book) Duties(ctx context.Context, hallID string) ([]Duty, error) {
	h, err := b.hall(hallID)
	if err != nil {
		return nil, err
	}
	var out []Duty
	err = b.read(ctx, func(tx *store.Tx) error {
		out = nil
		now := b.now()
		people, err := people(tx, hallID)
		if err != nil {
			return err
		}
		seated, err := tx.SeatedStaff(hallID, now)
		if err != nil {
			return err
		}
		left, err := tx.OpenStaffHandovers(hallID, now.Add(-handoverAge))
		if err != nil {
			return err
		}
		for _, w := range h.Windows {
			d := Duty{Window: w.ID}
			for _, s := range seated {
				if s.Window == w.ID {
					d.Account, d.Since = people[s.Account], s.Seated
				}
			}
			for _, l := range left {
				if l.Window == w.ID && d.Account.ID == "" && d.Left == nil && l.To != "" {
					record := handoverOf(l, people)
					d.Left = &record
				}
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// handoversShown is how many records Handovers returns at most.
const handoversShown = 200

// Handovers returns the records since a moment, the newest first, at most 200.
func (b *Book) Handovers(ctx context.Context, hallID string, since time.Time) ([]Handover, error) {
	if _, err := b.hall(hallID); err != nil {
		return nil, err
	}
	var out []Handover
	err := b.read(ctx, func(tx *store.Tx) error {
		out = nil
		people, err := people(tx, hallID)
		if err != nil {
			return err
		}
		rows, err := tx.StaffHandovers(hallID, since, handoversShown)
		for _, r := range rows {
			out = append(out, handoverOf(r, people))
		}
		return err
	})
	return out, err
}

// people returns the hall's accounts by id.
func people(tx *store.Tx, hallID string) (map[string]Account, error) {
	rows, err := tx.Staff(hallID)
	out := make(map[string]Account, len(rows))
	for _, a := range rows {
		out[a.ID] = accountOf(a)
	}
	return out, err
}

func handoverOf(r store.StaffHandover, people map[string]Account) Handover {
	return Handover{Window: r.Window, From: people[r.From], To: people[r.To], Reason: Reason(r.Reason), Ticket: r.Ticket,
		At: r.At, TakenBy: people[r.TakenBy], TakenAt: r.TakenAt}
}

// Revealed tells the ledger that the account of a session has looked at what is known
// of a ticket's holder.
func (b *Book) Revealed(ctx context.Context, hallID string, s Session, ticketID, label string) error {
	return b.write(ctx, hallID, func(tx *store.Tx) error {
		return tx.AppendLog(hallID, store.LogEntry{At: b.now(), Actor: "staff:" + s.Account.ID, Action: "holder-revealed",
			Ticket: ticketID, Label: label, Window: s.Window})
	})
}
