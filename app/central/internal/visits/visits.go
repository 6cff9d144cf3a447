// Package visits keeps what came of each visit at a window (六件管理): done on the spot,
// promised by a day, to be completed with a list of what is missing, returned with a
// reason, joint with others, or sent upward. It holds the rules of that, keeps the
// records by package store, and gives package pages what a 一次性告知书 says. It knows
// nothing of queues: that a ticket ends is package queue's affair.
//
// The rules are those of the hall's own book of rules: materials that are missing are
// named once and all together, in one list, and a second list needs a reason; a case
// that is to be completed is taken in at once, and its time begins when everything is
// there; a return has one of three reasons and says it in words; a promised day is
// named and is not put off without a reason.
//
// Compared: a workflow engine (Flowable, Temporal) runs cases over weeks in many
// departments; here is only what the window tells the visitor.
package visits

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// Kind is what came of a visit. The words are in the database and never change.
type Kind string

// The kinds.
const (
	OnTheSpot  Kind = "on-the-spot" // 即办: done today
	Promise    Kind = "promise"     // 承诺: done by a day
	Supplement Kind = "supplement"  // 补办: taken in, something is missing
	Returned   Kind = "returned"    // 退回: not taken in
	Joint      Kind = "joint"       // 联办: several units, this window leads
	Upward     Kind = "upward"      // 上报: a higher authority decides
)

var kindNames = map[Kind]string{OnTheSpot: "即办", Promise: "承诺", Supplement: "补办", Returned: "退回", Joint: "联办", Upward: "上报"}

// Kinds returns all kinds, the commonest first.
func Kinds() []Kind { return []Kind{OnTheSpot, Promise, Supplement, Returned, Joint, Upward} }

// Name is the Chinese name, empty for an unknown kind.
func (k Kind) Name() string { return kindNames[k] }

// Reason is why a matter was returned: 1, 2 or 3.
type Reason int

var reasonNames = [...]string{"", "缺少主件", "明显不符合政策", "经勘查不具备条件"}

// Reasons returns all reasons.
func Reasons() []Reason { return []Reason{1, 2, 3} }

// Name is the reason in Chinese, empty for an unknown one.
func (r Reason) Name() string {
	if r < 0 || int(r) >= len(reasonNames) {
		return ""
	}
	return reasonNames[r]
}

// Limits on what is written, in characters and lines.
const (
	MaxWords   = 300
	MaxLine    = 100
	MaxMissing = 30
	maxUnits   = 10
	minJoint   = 2 // units besides the one that leads
	longestDue = 3 * 366
)

// Result is what came of a visit.
type Result struct {
	Ticket   string // id
	Label    string
	Business string // Business.ID
	Guide    string // Guide.ID the missing materials are from, or ""
	Window   string // Window.ID
	Account  string // staff.Account.ID
	Kind     Kind
	// Due is the promised day (承诺, 联办) or the one by which it is sent on (上报),
	// as 2026-11-30; otherwise empty.
	Due    string
	Reason Reason // 退回 only; else 0
	Words  string // 退回: the reason in words, required; else a remark
	// Units are those that take part (联办, two or more) or decide (上报, one).
	Units   []string
	Missing []string // 补办: what is missing, one or more; 退回: may say what
	// Again says why there is a result after another one of the same ticket.
	Again string
	At    time.Time // set by Record
}

// Tells reports whether the visitor is given the list in writing.
func (r Result) Tells() bool { return r.Kind == Supplement || r.Kind == Returned }

// Config says what a Desk works on. Store and Halls are required.
type Config struct {
	Store *store.Store
	Halls []*hall.Hall
	Now   func() time.Time // default time.Now
}

// Desk keeps results. It is safe for concurrent use. Its errors are or wrap a
// [*centralapi.Error] with a code and a sentence for staff, except for a context that
// has ended.
type Desk struct {
	store *store.Store
	halls map[string]*hall.Hall
	now   func() time.Time
}

// New returns a Desk. It needs no closing.
func New(c Config) (*Desk, error) {
	if c.Store == nil || len(c.Halls) == 0 {
		return nil, errors.New("visits: store and at least one hall are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	d := &Desk{store: c.Store, halls: map[string]*hall.Hall{}, now: c.Now}
	for _, h := range c.Halls {
		d.halls[h.ID] = h
	}
	return d, nil
}

// Record keeps a result and returns it as kept, with blanks trimmed. It is CodeInvalid
// when something is missing, CodeConflict when the ticket has a result and Again does
// not say why there is another one. The same result once more changes nothing.
func (d *Desk) Record(ctx context.Context, hallID string, r Result) (Result, error) {
	h, ok := d.halls[hallID]
	if !ok {
		return Result{}, centralapi.Refuse(centralapi.CodeNotFound, "没有这个大厅。")
	}
	now := d.now()
	r, err := r.clean(now.In(h.Location()))
	if err != nil {
		return Result{}, err
	}
	r.At = now
	row := store.VisitResult{Hall: hallID, Ticket: r.Ticket, Label: r.Label, Business: r.Business, Guide: r.Guide, At: now, Window: r.Window,
		Account: r.Account, Kind: string(r.Kind), Due: r.Due, Reason: int(r.Reason), Words: r.Words, Units: r.Units, Missing: r.Missing, Again: r.Again}
	err = d.store.Write(ctx, hallID, func(tx *store.Tx) error {
		before, err := tx.VisitResults(hallID, r.Ticket)
		if err != nil {
			return err
		}
		if len(before) > 0 {
			if same(before[0], row) {
				return nil
			}
			if r.Again == "" {
				return centralapi.Refuse(centralapi.CodeConflict, "这个号码已经登记过结果，再登记请写明原因。")
			}
		}
		return tx.InsertVisitResult(row, store.LogEntry{At: now, Actor: "staff:" + r.Account, Action: "visit-result"})
	})
	return r, explain(ctx, err)
}

// same reports whether two rows say the same.
func same(a, b store.VisitResult) bool {
	b.N, b.At = a.N, a.At
	return fmt.Sprintf("%q", []any{a.Account, a.Kind, a.Due, a.Words, a.Units, a.Missing, a.Again, a.Guide, a.Window}) ==
		fmt.Sprintf("%q", []any{b.Account, b.Kind, b.Due, b.Words, b.Units, b.Missing, b.Again, b.Guide, b.Window}) && a.Reason == b.Reason
}

// Of returns the results of a ticket, the newest first.
func (d *Desk) Of(ctx context.Context, hallID, ticket string) ([]Result, error) {
	if _, ok := d.halls[hallID]; !ok {
		return nil, centralapi.Refuse(centralapi.CodeNotFound, "没有这个大厅。")
	}
	var out []Result
	err := d.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.VisitResults(hallID, ticket)
		out = nil
		for _, v := range rows {
			out = append(out, Result{Ticket: v.Ticket, Label: v.Label, Business: v.Business, Guide: v.Guide, Window: v.Window, Account: v.Account,
				Kind: Kind(v.Kind), Due: v.Due, Reason: Reason(v.Reason), Words: v.Words, Units: v.Units, Missing: v.Missing, Again: v.Again, At: v.At})
		}
		return err
	})
	return out, explain(ctx, err)
}

func explain(ctx context.Context, err error) error { return store.Explain(ctx, "visits", err) }

// clean trims a result, drops what does not belong to its kind, and says what is
// missing. today is in the hall's zone.
func (r Result) clean(today time.Time) (Result, error) {
	bad := func(format string, args ...any) (Result, error) {
		return Result{}, centralapi.Refuse(centralapi.CodeInvalid, fmt.Sprintf(format, args...))
	}
	if r.Kind.Name() == "" {
		return bad("请选择办理结果。")
	}
	r.Words, r.Again = line(r.Words), line(r.Again)
	r.Units, r.Missing = lines(r.Units), lines(r.Missing)
	dated := r.Kind == Promise || r.Kind == Joint || r.Kind == Upward
	if !dated {
		r.Due = ""
	}
	if r.Kind != Joint && r.Kind != Upward {
		r.Units = nil
	}
	if !r.Tells() {
		r.Missing, r.Guide = nil, ""
	}
	if r.Kind != Returned {
		r.Reason = 0
	}
	if dated {
		due, err := time.ParseInLocation(time.DateOnly, r.Due, today.Location())
		first := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, today.Location())
		if err != nil || due.Before(first) || due.After(first.AddDate(0, 0, longestDue)) {
			return bad("请写明哪一天办结（上报件写上报的期限），不能早于今天。")
		}
	}
	switch {
	case r.Kind == Supplement && len(r.Missing) == 0:
		return bad("补办要一次写全还缺什么，至少一项。")
	case r.Kind == Returned && r.Reason.Name() == "":
		return bad("退回要选一个原因。")
	case r.Kind == Returned && r.Words == "":
		return bad("退回要用一两句话说明理由。")
	case r.Kind == Joint && len(r.Units) < minJoint:
		return bad("联办要写出其他单位，至少 %d 个。", minJoint)
	case r.Kind == Upward && len(r.Units) != 1:
		return bad("上报要写出报给哪个单位。")
	case len(r.Units) > maxUnits:
		return bad("单位太多了，最多 %d 个。", maxUnits)
	case len(r.Missing) > MaxMissing:
		return bad("最多 %d 项。", MaxMissing)
	case utf8.RuneCountInString(r.Words) > MaxWords || utf8.RuneCountInString(r.Again) > MaxWords:
		return bad("说明太长了，最多 %d 个字。", MaxWords)
	}
	for _, l := range append(append([]string{}, r.Missing...), r.Units...) {
		if utf8.RuneCountInString(l) > MaxLine {
			return bad("每一项最多 %d 个字。", MaxLine)
		}
	}
	return r, nil
}

// line makes one line of a text: control characters and line ends become blanks.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool { return unicode.IsControl(r) || r == ' ' || r == '\u2028' || r == '\u2029' }), " ")
}

// lines trims each and drops the empty ones and repetitions.
func lines(all []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range all {
		if s = line(s); s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
