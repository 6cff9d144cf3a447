package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hallkiosk/app/central/internal/credential"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

const sessionLife = 12 * time.Hour

// Login opens a session at a window for 12 hours. After five wrong PINs the
// window is locked for a minute, then two, four, at most thirty.
func (d *Desk) Login(ctx context.Context, hallID, window, pin string) (centralapi.WindowSession, error) {
	p, err := d.window(hallID, window)
	if err != nil {
		return centralapi.WindowSession{}, err
	}
	w, _ := p.Window(window)
	if w.PINHash == "" {
		return centralapi.WindowSession{}, centralapi.Refuse(centralapi.CodeForbidden, "本窗口还没有设置密码，请联系管理员。")
	}
	var guard store.Guard
	err = d.store.Write(ctx, p.ID, func(tx *store.Tx) error {
		var err error
		if guard, err = tx.Guard(p.ID, window); err != nil {
			return err
		}
		if err := credential.Try(&guard, d.now(), "密码"); err != nil {
			return err
		}
		return tx.PutGuard(p.ID, window, guard)
	})
	if err != nil {
		return centralapi.WindowSession{}, explain(ctx, err)
	}
	right, err := d.checkPIN(ctx, w.PINHash, pin)
	if err != nil {
		return centralapi.WindowSession{}, err
	}
	if !right {
		return centralapi.WindowSession{}, credential.Wrong(guard, "密码", centralapi.Refuse(centralapi.CodeUnauthorized, "密码不正确，请重新输入。"))
	}
	now := d.now()
	s := centralapi.WindowSession{Token: credential.NewToken(), Expires: now.Add(sessionLife).In(p.loc)}
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		if err := tx.PutGuard(p.ID, window, store.Guard{}); err != nil {
			return err
		}
		return tx.InsertSession(store.Session{Hall: p.ID, TokenHash: credential.HashToken(s.Token), Window: window, Created: now, Expires: s.Expires},
			store.LogEntry{At: now, Actor: "window:" + window, Action: "login"})
	})
	if err != nil {
		return centralapi.WindowSession{}, err
	}
	return s, nil
}

func (d *Desk) checkPIN(ctx context.Context, hash, pin string) (bool, error) {
	select {
	case d.hasher <- struct{}{}:
		defer func() { <-d.hasher }()
		return hall.CheckPIN(hash, pin), nil
	case <-ctx.Done():
		return false, fmt.Errorf("queue: log in: %w", ctx.Err())
	}
}

// Logout ends the session of a token; an unknown token is no error.
func (d *Desk) Logout(ctx context.Context, hallID, token string) error {
	p, err := d.place(hallID)
	if err != nil {
		return err
	}
	return d.write(ctx, p.ID, func(tx *store.Tx) error {
		now := d.now()
		return tx.EndSession(p.ID, credential.HashToken(token), now, store.LogEntry{At: now, Actor: "centre", Action: "logout"})
	})
}

// WindowOf returns the window a token is logged in at, or CodeUnauthorized.
func (d *Desk) WindowOf(ctx context.Context, hallID, token string) (windowID string, err error) {
	p, err := d.place(hallID)
	if err != nil {
		return "", err
	}
	gone := centralapi.Refuse(centralapi.CodeUnauthorized, "登录已失效，请重新登录。")
	err = d.read(ctx, func(tx *store.Tx) error {
		s, ok, err := tx.OpenSession(p.ID, credential.HashToken(token), d.now())
		if err != nil {
			return err
		}
		if _, exists := p.Window(s.Window); !ok || !exists {
			return gone
		}
		windowID = s.Window
		return nil
	})
	return windowID, err
}

// CallNext calls the ticket that is next for the window, see choose. ok is false when
// nobody waits. While the window is closed, or has a ticket called or started, it
// answers CodeConflict.
func (d *Desk) CallNext(ctx context.Context, hallID, windowID string) (t centralapi.Ticket, ok bool, err error) {
	p, err := d.window(hallID, windowID)
	if err != nil {
		return centralapi.Ticket{}, false, err
	}
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		t, ok, err = d.call(tx, p, windowID)
		return err
	})
	if err != nil {
		return centralapi.Ticket{}, false, err
	}
	return t, ok, nil
}

func (d *Desk) call(tx *store.Tx, p *place, windowID string) (t centralapi.Ticket, ok bool, err error) {
	now := d.now()
	day := p.today(now)
	if err := mayCall(tx, p, day, windowID, "叫下一位"); err != nil {
		return centralapi.Ticket{}, false, err
	}
	was, choice, found, err := next(tx, p, day, windowID)
	if err != nil || !found {
		return centralapi.Ticket{}, false, err
	}
	called := was
	called.State, called.Window, called.CalledAt, called.Calls = centralapi.Called, windowID, now, 1
	return p.ticket(called, 0), true, tx.CallTicket(was, called, store.LogEntry{At: now, Actor: "window:" + windowID, Action: "called"}, choice)
}

// Recall calls a called ticket once more.
func (d *Desk) Recall(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "recalled", verb: "重呼", from: []centralapi.TicketState{centralapi.Called}, to: centralapi.Called,
		change: func(_ *store.Tx, _ *place, t *store.Ticket, now time.Time) error {
			t.Calls++
			t.CalledAt = now
			return nil
		},
	})
}

// Start records that the holder of a called ticket stands at the window.
func (d *Desk) Start(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "started", verb: "开始办理", from: []centralapi.TicketState{centralapi.Called}, to: centralapi.Started, repeatable: true,
		change: func(_ *store.Tx, _ *place, t *store.Ticket, now time.Time) error { t.StartedAt = now; return nil },
	})
}

// NoShow passes a called ticket over.
func (d *Desk) NoShow(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "no-show", verb: "过号", from: []centralapi.TicketState{centralapi.Called}, to: centralapi.NoShow, repeatable: true,
		change: func(_ *store.Tx, _ *place, t *store.Ticket, now time.Time) error { t.EndedAt = now; return nil },
	})
}

// Finish ends a called or started ticket; from called it starts it as well.
func (d *Desk) Finish(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error) {
	return d.act(ctx, hallID, windowID, ticketID, step{
		action: "finished", verb: "完成", from: []centralapi.TicketState{centralapi.Called, centralapi.Started}, to: centralapi.Finished, repeatable: true,
		change: func(_ *store.Tx, _ *place, t *store.Ticket, now time.Time) error {
			if t.StartedAt.IsZero() {
				t.StartedAt = now
			}
			t.EndedAt = now
			return nil
		},
	})
}

// step is one thing a window can do to a ticket.
type step struct {
	action     string // as in the log
	verb       string // as staff say it
	from       []centralapi.TicketState
	to         centralapi.TicketState
	repeatable bool   // done before by the same window: answer again, change nothing
	anywhere   bool   // for a ticket of the window's lines; else one the window has called
	detail     string // for the ledger
	// done, if any, reports that nothing is left to do.
	done func(store.Ticket) bool
	// change makes of the ticket what it becomes, but for its state, or refuses. A
	// ticket that is to wait gets its state from uncall.
	change func(*store.Tx, *place, *store.Ticket, time.Time) error
}

func (d *Desk) act(ctx context.Context, hallID, windowID, ticketID string, s step) (centralapi.Ticket, error) {
	p, err := d.window(hallID, windowID)
	if err != nil {
		return centralapi.Ticket{}, err
	}
	if !validID(ticketID) {
		return centralapi.Ticket{}, centralapi.Refuse(centralapi.CodeNotFound, "没有这个号码。")
	}
	var t store.Ticket
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		was, ok, err := tx.Ticket(p.ID, ticketID)
		switch {
		case err != nil:
			return err
		case !ok:
			return centralapi.Refuse(centralapi.CodeNotFound, "没有这个号码。")
		case s.anywhere && !p.serves(windowID, was):
			return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("%s 不归本窗口办理。", was.Label))
		case !s.anywhere && was.Window != windowID:
			return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("%s 不是本窗口叫的号。", was.Label))
		case s.repeatable && was.State == s.to, s.done != nil && s.done(was):
			t = was
			return nil
		case !slices.Contains(s.from, was.State):
			return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("%s %s，不能%s。", was.Label, stateWords[was.State], s.verb))
		}
		now := d.now()
		if was.Day != p.today(now) && s.to == centralapi.Issued {
			return centralapi.Refuse(centralapi.CodeConflict, fmt.Sprintf("%s 不是今天的号，不能%s。", was.Label, s.verb))
		}
		t = was
		t.State = s.to
		if err := s.change(tx, p, &t, now); err != nil {
			return err
		}
		return tx.UpdateTicket(was, t, store.LogEntry{At: now, Actor: "window:" + windowID, Action: s.action, Detail: s.detail})
	})
	if err != nil {
		return centralapi.Ticket{}, err
	}
	return p.ticket(t, 0), nil
}

var stateWords = map[centralapi.TicketState]string{
	centralapi.Issued: "还在等待", centralapi.Called: "已叫号", centralapi.Started: "正在办理", centralapi.Held: "已挂起", centralapi.Finished: "已完成",
	centralapi.NoShow: "已过号", centralapi.Cancelled: "已取消", centralapi.Void: "已作废",
}
