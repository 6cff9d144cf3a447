package complaint

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Limits of what people write, in characters.
const (
	MaxWords      = 1000 // of a complaint, and of a step's text
	MaxContact    = 120
	MaxDepartment = 60
)

// Action is what a step does. The strings are kept.
type Action string

// The actions; the first seven change the state.
const (
	File        Action = "file"
	Verify      Action = "verify" // also classifies
	Investigate Action = "investigate"
	Handle      Action = "handle"
	Feedback    Action = "feedback" // its text is the answer the author reads
	Archive     Action = "archive"
	Withdraw    Action = "withdraw"
	Transfer    Action = "transfer"  // to another department, which is asked on FollowUp
	FollowUp    Action = "follow-up" // asked there; without a next day the case is back
	Extend      Action = "extend"
	Note        Action = "note"
	Name        Action = "name" // somebody more is named in it
)

// Name is what people call the action.
func (a Action) Name() string {
	switch a {
	case File:
		return "登记"
	case Verify:
		return "初步核实"
	case Investigate:
		return "开始调查"
	case Handle:
		return "开始处理"
	case Feedback:
		return "反馈"
	case Archive:
		return "归档"
	case Withdraw:
		return "撤回"
	case Transfer:
		return "转其他部门"
	case FollowUp:
		return "跟进"
	case Extend:
		return "延期"
	case Note:
		return "备注"
	case Name:
		return "补充被投诉人"
	}
	return ""
}

// Author is Step.By of the person who complains: their name is nowhere but in what is
// sealed.
const Author = "author"

// Step is one thing done to a case. Steps are only ever added.
type Step struct {
	Action Action
	At     time.Time // in the hall's location
	// By says who: Author, terminal:t1 or staff:ACCOUNT; ByName is a staff member's
	// name at the time.
	By, ByName string
	Text       string
	Class      Class  // of Verify
	Due        string // day; of File, Verify and Extend, set by Terms.Plan
	Days       int    // of Extend: working days more
	Department string // of Transfer
	FollowUp   string // day; of Transfer and FollowUp
	Named      Named  // of File and Name: who is complained of, as far as is known
}

// Named is who a case is about. Both lists may be empty.
type Named struct {
	Windows  []string // Window.ID
	Accounts []string // of staff
}

// Person is somebody of the staff who would see a case.
type Person struct {
	Account string
	Windows []string // where they work, or have worked
}

// Includes reports whether the person must not see the case.
func (n Named) Includes(p Person) bool {
	if p.Account != "" && slices.Contains(n.Accounts, p.Account) {
		return true
	}
	return slices.ContainsFunc(p.Windows, func(w string) bool { return slices.Contains(n.Windows, w) })
}

// and returns the names of both, each once.
func (n Named) and(m Named) Named {
	join := func(a, b []string) []string {
		out := slices.Concat(a, b)
		slices.Sort(out)
		return slices.Compact(out)
	}
	return Named{Windows: join(n.Windows, m.Windows), Accounts: join(n.Accounts, m.Accounts)}
}

func (n Named) empty() bool { return len(n.Windows)+len(n.Accounts) == 0 }

// Stage is when a case reached a state.
type Stage struct {
	State State
	At    time.Time
}

// Status is what follows from the steps of a case. The zero Status is a case before
// its filing.
type Status struct {
	State      State
	Stages     []Stage // in order, Registered first
	Class      Class
	Due        string // day by which the next thing is due; empty once the author is answered
	Extended   bool
	Department string // that has it at present
	FollowUp   string // day on which that department is asked
	Named      Named
	Reply      string // what the author was answered
}

// Filed is when the case was filed.
func (s Status) Filed() time.Time {
	if len(s.Stages) == 0 {
		return time.Time{}
	}
	return s.Stages[0].At
}

// Overdue reports whether the deadline has passed: on the day after it.
func (s Status) Overdue(today string) bool { return s.Due != "" && today > s.Due }

// FollowUpDue reports whether the other department is to be asked, today or before.
func (s Status) FollowUpDue(today string) bool { return s.FollowUp != "" && today >= s.FollowUp }

// moves are the actions that change the state.
var moves = map[Action]struct {
	from []State
	to   State
}{
	File:        {[]State{""}, Registered},
	Verify:      {[]State{Registered}, Verifying},
	Investigate: {[]State{Verifying}, Investigating},
	Handle:      {[]State{Investigating}, Handling},
	Feedback:    {[]State{Handling}, Answered},
	Archive:     {[]State{Answered}, Archived},
	Withdraw:    {[]State{Registered, Verifying, Investigating, Handling}, Withdrawn},
}

// allowed are the states in which the other actions are possible.
var allowed = map[Action][]State{
	Transfer: {Investigating, Handling},
	FollowUp: {Investigating, Handling},
	Extend:   {Verifying, Investigating, Handling},
	Note:     {Registered, Verifying, Investigating, Handling, Answered},
	Name:     {Registered, Verifying, Investigating, Handling, Answered},
}

// staffActions in the order in which they are offered.
var staffActions = []Action{Verify, Investigate, Handle, Feedback, Archive, Transfer, FollowUp, Extend, Note, Name}

// Possible returns what staff can do to a case now.
func (s Status) Possible() []Action {
	var out []Action
	for _, a := range staffActions {
		if s.may(a) == nil {
			out = append(out, a)
		}
	}
	return out
}

// may refuses an action that the state has no room for.
func (s Status) may(a Action) error {
	m, moving := moves[a]
	states, known := allowed[a]
	switch {
	case !moving && !known:
		return UnknownAction
	case moving && !slices.Contains(m.from, s.State), known && !slices.Contains(states, s.State):
		return NotNow
	case a == Feedback && s.Department != "":
		return Elsewhere
	case a == Transfer && s.Department != "":
		return Elsewhere
	case a == FollowUp && s.Department == "":
		return NotElsewhere
	case a == Extend && s.Extended:
		return ExtendedBefore
	}
	return nil
}

// After returns the status after one more step, or a [Refusal] why the step cannot be.
func (s Status) After(step Step) (Status, error) {
	if err := s.may(step.Action); err != nil {
		return s, err
	}
	if err := s.check(step); err != nil {
		return s, err
	}
	next := s
	next.Named = s.Named.and(step.Named)
	if m, ok := moves[step.Action]; ok {
		next.State = m.to
		next.Stages = append(slices.Clip(s.Stages), Stage{m.to, step.At})
	}
	switch step.Action {
	case File:
		next.Due = step.Due
	case Verify:
		next.Class, next.Due = step.Class, step.Due
	case Extend:
		next.Due, next.Extended = step.Due, true
	case Transfer:
		next.Department, next.FollowUp = step.Department, step.FollowUp
	case FollowUp:
		if next.FollowUp = step.FollowUp; next.FollowUp == "" {
			next.Department = ""
		}
	case Feedback:
		next.Reply = step.Text
	}
	if !next.State.waitsForAnswer() {
		next.Due, next.Department, next.FollowUp = "", "", ""
	}
	return next, nil
}

// check refuses a step that does not say what it must.
func (s Status) check(step Step) error {
	today := Day(step.At)
	length := utf8.RuneCountInString(step.Text)
	silent := step.Action == File || step.Action == Withdraw || step.Action == Name
	switch {
	case step.By == "" || step.At.IsZero():
		return Nobody
	case (step.Action == Withdraw) != (step.By == Author) && step.Action != File:
		return NotYours
	case len(s.Stages) > 0 && step.At.Before(s.Stages[len(s.Stages)-1].At):
		return BackInTime
	case length > MaxWords || !utf8.ValidString(step.Text):
		return TooLong
	case length == 0 && !silent:
		return NoText
	case step.Action == Verify && step.Class.Name() == "":
		return NoClass
	case (step.Action == File || step.Action == Verify || step.Action == Extend) && !isDay(step.Due):
		return NoDay
	case step.Action == Extend && (step.Days < 1 || step.Due <= s.Due):
		return NoDay
	case step.Action == Transfer && (step.Department == "" || utf8.RuneCountInString(step.Department) > MaxDepartment):
		return NoDepartment
	case step.Action == Transfer && !isDay(step.FollowUp), step.FollowUp != "" && (!isDay(step.FollowUp) || step.FollowUp < today):
		return NoDay
	case step.Action == Name && step.Named.empty():
		return NobodyNamed
	case step.Action != File && step.Action != Name && !step.Named.empty():
		return UnknownAction
	}
	return nil
}

// Replay returns what follows from the steps of a case, the first of which is its
// filing. It fails for steps that no case can have.
func Replay(steps []Step) (Status, error) {
	var s Status
	for i, step := range steps {
		var err error
		if s, err = s.After(step); err != nil {
			return s, fmt.Errorf("complaint: step %d, %s: %w", i+1, step.Action, err)
		}
	}
	return s, nil
}

// Refusal is why a step cannot be. It is an error; Sentence is for staff.
type Refusal string

// The refusals.
const (
	UnknownAction  Refusal = "unknown action"
	NotNow         Refusal = "not in this state"
	NotYours       Refusal = "not for this person to do"
	Nobody         Refusal = "nobody or no time is given"
	BackInTime     Refusal = "before the step before it"
	NoText         Refusal = "no text"
	TooLong        Refusal = "text too long"
	NoClass        Refusal = "no class"
	NoDay          Refusal = "no day, or one that cannot be"
	NoDepartment   Refusal = "no department, or its name is too long"
	NobodyNamed    Refusal = "nobody is named"
	Elsewhere      Refusal = "another department has it"
	NotElsewhere   Refusal = "no other department has it"
	ExtendedBefore Refusal = "extended before"
)

// Error returns the refusal in English.
func (r Refusal) Error() string { return "complaint: " + string(r) }

// Sentence says the same to staff, with what to do.
func (r Refusal) Sentence() string {
	switch r {
	case NotNow:
		return "这件投诉现在不能这样办，请按“登记、核实、调查、处理、反馈、归档”的顺序来。"
	case NotYours:
		return "这一步只能由投诉人自己来办。"
	case NoText:
		return "请写明情况。"
	case TooLong:
		return fmt.Sprintf("文字太长，最多 %d 个字。", MaxWords)
	case NoClass:
		return "请选择是一般投诉还是复杂投诉。"
	case NoDay:
		return "请填写正确的日期或天数，日期不能早于今天。"
	case NoDepartment:
		return "请填写转到哪个部门。"
	case NobodyNamed:
		return "请选择被投诉的窗口或人员。"
	case Elsewhere:
		return "这件投诉还在其他部门，请先跟进收回。"
	case NotElsewhere:
		return "这件投诉没有转到其他部门。"
	case ExtendedBefore:
		return "已经延期过一次，不能再延。"
	case BackInTime:
		return "系统时间不对，请联系技术人员。"
	}
	return "这一步没有办成，请检查后再试。"
}
