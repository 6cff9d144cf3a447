package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// whyDays is how far back a label is looked for; ids are found however old.
const whyDays = 3

// Why answers "why was that number called before mine?" in one sentence, from the
// ledger alone: first and second are ids of tickets or their labels, which mean the
// newest tickets that had them within three days. Where the first was not called before
// the second, it says so.
func (d *Desk) Why(ctx context.Context, hallID, first, second string) (sentence string, err error) {
	p, err := d.place(hallID)
	if err != nil {
		return "", err
	}
	first, second = strings.TrimSpace(first), strings.TrimSpace(second)
	if first == "" || second == "" {
		return "", centralapi.Refuse(centralapi.CodeInvalid, "请写明两个号码。")
	}
	var a, b *story
	err = d.read(ctx, func(tx *store.Tx) error {
		after := int64(0)
		if !validID(first) && !validID(second) {
			if after, err = tx.LogBefore(p.ID, d.now().AddDate(0, 0, -whyDays)); err != nil {
				return err
			}
		}
		lines, err := tx.LogNaming(p.ID, after, first, second)
		if err != nil {
			return err
		}
		one, two := whose(lines, first), whose(lines, second)
		if one == "" || two == "" {
			return centralapi.Refuse(centralapi.CodeNotFound, fmt.Sprintf("账上没有 %s。", map[bool]string{true: first, false: second}[one == ""]))
		}
		if one == two {
			return centralapi.Refuse(centralapi.CodeInvalid, "这是同一个号码。")
		}
		// Again by id: a ticket may have had another label.
		if lines, err = tx.LogNaming(p.ID, after, one, two); err != nil {
			return err
		}
		told, err := store.Retell(p.ID, lines)
		if err != nil {
			return fmt.Errorf("queue: why: %w", err)
		}
		a, b = storyOf(told, one), storyOf(told, two)
		if a == nil || b == nil {
			return centralapi.Refuse(centralapi.CodeNotFound, "这两个号码太久以前了，账上查不到开头。")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return p.because(a, b), nil
}

// whose returns the id of the newest ticket with this id or label, "" for none.
func whose(lines []store.LogEntry, name string) string {
	for _, e := range slices.Backward(lines) {
		if e.Ticket == name || e.Label == name && e.To != "" && e.To != centralapi.Void {
			return e.Ticket
		}
	}
	return ""
}

// story is what the ledger says of one ticket.
type story struct {
	told []store.Told
	call *store.Told // the first time a window chose it under the label it has; nil = never
}

func storyOf(told []store.Told, id string) *story {
	s, call := &story{}, -1
	for _, t := range told {
		if t.After.ID != id {
			continue
		}
		s.told = append(s.told, t)
		switch {
		case t.Choice.Why != "" && call < 0:
			call = len(s.told) - 1
		case t.Action == "superseded" && t.After.State == centralapi.Issued:
			call = -1 // nobody had the number it was called by
		}
	}
	if len(s.told) == 0 {
		return nil
	}
	if call >= 0 {
		s.call = &s.told[call]
	}
	return s
}

// at returns what the ticket was just before a line of the ledger; ok is false when it
// was not there yet.
func (s *story) at(n int64) (t store.Ticket, ok bool) {
	for _, told := range s.told {
		if told.N >= n {
			break
		}
		t, ok = told.After, true
	}
	return t, ok
}

// by returns the newest line with this action before another line.
func (s *story) by(action string, n int64) (store.Told, bool) {
	for _, told := range slices.Backward(s.told) {
		if told.N < n && told.Action == action {
			return told, true
		}
	}
	return store.Told{}, false
}

func (s *story) label() string { return s.told[len(s.told)-1].After.Label }

// because is the sentence.
func (p *place) because(a, b *story) string {
	switch {
	case a.call == nil && b.call == nil:
		return fmt.Sprintf("%s 和 %s 都还没有叫到。", a.label(), b.label())
	case a.call == nil:
		return fmt.Sprintf("%s 并没有先叫：%s 已在 %s 叫到 %s，%s 还没有叫到。", a.label(), b.label(), p.clock(b.call.At), p.counterName(b.call.Window), a.label())
	case b.call != nil && b.call.N < a.call.N:
		return fmt.Sprintf("%s 并没有先叫：%s 在 %s 先叫到 %s，%s 在 %s 才叫到 %s。", a.label(), b.label(), p.clock(b.call.At), p.counterName(b.call.Window),
			a.label(), p.clock(a.call.At), p.counterName(a.call.Window))
	}
	return fmt.Sprintf("%s 在 %s 先叫到 %s：%s。", a.label(), p.clock(a.call.At), p.counterName(a.call.Window), p.reason(a, b))
}

// reason says why a was called when b was not.
func (p *place) reason(a, b *story) string {
	n := a.call.N
	x := a.call.Before
	y, there := b.at(n)
	if !there {
		if made := b.told[0].After; made.IssuedAt.Before(x.IssuedAt) {
			return fmt.Sprintf("当时中心还没有收到 %s，它是终端断网时发的号", b.label())
		}
		return fmt.Sprintf("当时 %s 还没有取号（%s 才取）", b.label(), p.clock(b.told[0].After.IssuedAt))
	}
	if words := p.absent(y); words != "" {
		return fmt.Sprintf("当时 %s %s", b.label(), words)
	}
	if !slices.Contains(a.call.Choice.Lines, y.Line) {
		if window, directed := strings.CutPrefix(y.Line, store.WindowLine("")); directed {
			return fmt.Sprintf("%s 已转给 %s，只由那里叫号", b.label(), p.counterName(window))
		}
		return fmt.Sprintf("%s只叫自己所办业务的号，不办 %s 的“%s”", p.counterName(a.call.Window), b.label(), p.businessName(y.Business))
	}
	ordinary := func(t store.Ticket) bool { return t.Class == centralapi.Ordinary }
	switch {
	case !ordinary(x) && ordinary(y):
		if by, ok := a.by("reclassed", n); ok {
			return fmt.Sprintf("%s 由 %s在 %s 改为%s号（%s），排在普通号之前", a.label(), p.counterName(actorWindow(by.Actor)), p.clock(by.At), x.Class.Name(), by.Detail)
		}
		why := ""
		if x.ClassReason != "" {
			why = "（" + x.ClassReason + "）"
		}
		return fmt.Sprintf("%s 是%s号%s，排在普通号之前", a.label(), x.Class.Name(), why)
	case ordinary(x) && !ordinary(y):
		return fmt.Sprintf("连续叫了几个优先号之后轮到一个普通号，%s 是当时排在最前的普通号", a.label())
	}
	return p.order(a, b, x, y)
}

// order explains the order of two tickets of one kind that waited at the same time.
func (p *place) order(a, b *story, x, y store.Ticket) string {
	times := fmt.Sprintf("%s 取号 %s，%s 取号 %s", a.label(), p.clock(x.IssuedAt), b.label(), p.clock(y.IssuedAt))
	moved := ""
	if by, ok := a.by("transferred", a.call.N); ok && by.Before.Business != by.After.Business {
		moved = fmt.Sprintf("，它从“%s”转来，保留原来的位置", p.businessName(by.Before.Business))
	}
	switch {
	case !y.BackAt.IsZero() && cmp.Compare(x.IssuedAt.UnixMicro(), y.IssuedAt.UnixMicro()) >= 0:
		return fmt.Sprintf("%s 过号后在 %s 重新排队，排到了 %s 后面", b.label(), p.clock(y.BackAt), a.label())
	case !x.BackAt.IsZero() && x.IssuedAt.After(y.IssuedAt):
		return fmt.Sprintf("%s 过号后在 %s 重新排队，位置仍在 %s 前面", a.label(), p.clock(x.BackAt), b.label())
	case x.IssuedAt.Equal(y.IssuedAt):
		return "两个号同一时刻取，按登记顺序先后叫" + moved
	}
	return fmt.Sprintf("同类号先来先叫，%s%s", times, moved)
}

// absent says what a ticket did that did not wait, "" of one that waited.
func (p *place) absent(t store.Ticket) string {
	where := p.counterName(t.Window)
	switch t.State {
	case centralapi.Issued:
		return ""
	case centralapi.Called:
		return "已经叫到 " + where
	case centralapi.Started:
		return "正在 " + where + "办理"
	case centralapi.Held:
		return "正在 " + where + "挂起等候"
	case centralapi.NoShow:
		return "已过号，还没有重新排队"
	case centralapi.Finished:
		return "已经办完"
	case centralapi.Cancelled:
		return "已经取消"
	}
	return "已经作废"
}

// clock is a time of day as people say it.
func (p *place) clock(t time.Time) string { return t.In(p.loc).Format("15:04:05") }

// counterName is a window as people say it; one that is not in the hall file any more
// has its id.
func (p *place) counterName(id string) string {
	name := id
	if w, ok := p.Window(id); ok {
		name = w.Name
	}
	if strings.Trim(name, "0123456789") == "" {
		return name + " 号窗口"
	}
	return "窗口“" + name + "”"
}

func (p *place) businessName(id string) string {
	if b, ok := p.Business(id); ok {
		return b.Name
	}
	return id
}

// actorWindow is the window of a ledger's actor.
func actorWindow(actor string) string { return strings.TrimPrefix(actor, "window:") }
