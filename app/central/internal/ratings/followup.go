package ratings

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/rating"
)

// TaskState is how far the follow-up of a bad rating is. The values are on disk.
type TaskState string

// The states; see the package documentation for what leads from one to another.
const (
	Open     TaskState = "open"     // nobody handles it yet
	Handling TaskState = "handling" // somebody does
	Review   TaskState = "review"   // answered, to be reviewed by somebody else
	Closed   TaskState = "closed"
)

// Verdict is what the handling has found. The values are on disk.
type Verdict string

// The verdicts.
const (
	Rectified Verdict = "rectified" // 已整改
	Explained Verdict = "explained" // 已说明: nothing could be changed, and why
	Unfounded Verdict = "unfounded" // 经核实与事实不符
)

// Valid reports whether v is one of the verdicts.
func (v Verdict) Valid() bool { return v == Rectified || v == Explained || v == Unfounded }

// Action is a step of a task. The values are on disk.
type Action string

// The actions.
const (
	Opened     Action = "opened"
	Took       Action = "taken"    // by its handler
	Handled    Action = "handled"  // answered by its handler
	Returned   Action = "returned" // by the reviewer, to the handler
	ClosedIt   Action = "closed"   // by the reviewer
	RemindHalf Action = "remind-50"
	RemindLate Action = "remind-80"
	Overdue    Action = "overdue"
)

// maxText bounds what staff write in a step, in characters, and minAnswer what a rater
// is answered with: a full stop is no answer.
const (
	maxText   = 500
	minAnswer = 5
)

// Task is the follow-up of a bad rating as staff see it.
type Task struct {
	ID       string
	State    TaskState
	Level    rating.Level
	Reasons  []rating.Reason
	Words    string
	Added    bool   // of a supplement
	Business string // Business.ID
	Window   string // Window.ID
	Label    string // of the ticket; empty when the rating is anonymous
	Burst    bool
	// Opened is when the rating came; of an anonymous one the day only.
	Opened   time.Time
	Due      time.Time // beginning of the last day
	Left     int       // working days until then; below zero when it is overdue
	Reminded int       // percent of the time that the newest reminder was for: 0, 50, 80, 100
	Handler  string    // account
	Reviewer string
	Verdict  Verdict
	Answer   string
	Closed   time.Time
	Steps    []Step // only from Desk.Task
}

// Worker is somebody of the staff. The desk trusts the caller to have looked at their
// role.
type Worker struct {
	Account string // stable id
	// Windows are the Window.IDs they work at, or may: of ratings of these they neither see
	// nor handle nor review any, for they may be the person rated, or sit beside them.
	Windows []string
}

// mayFollow refuses whoever works at the window that was rated.
func (w Worker) mayFollow(k store.RatingTask) error {
	if slices.Contains(w.Windows, k.Rating.Window) {
		return centralapi.Refuse(centralapi.CodeForbidden, "您在这个窗口工作，这项差评整改由其他人处理。")
	}
	return nil
}

// Step is something done about a task.
type Step struct {
	At      time.Time
	Actor   string // account, or "centre"
	Action  Action
	Verdict Verdict
	Text    string
}

// lastDay is the beginning of the day before a moment at midnight.
func lastDay(due time.Time) time.Time {
	y, m, d := due.Date()
	return time.Date(y, m, d-1, 0, 0, 0, 0, due.Location())
}

// openTask opens the follow-up of a bad rating.
func (d *Desk) openTask(tx *store.Tx, p *place, r store.Rating) error {
	at := r.At.In(p.loc)
	part := func(share float64) time.Time { // reminders come in the morning of a day
		return p.calendar.AddWorkingDays(at, int(math.Ceil(share*float64(p.FollowUpDays))))
	}
	due := p.calendar.AddWorkingDays(at, p.FollowUpDays)
	for _, year := range p.calendar.Missing(at, due) {
		if _, told := d.warned.LoadOrStore(year, true); !told {
			d.log.Warn("ratings: the holidays of a year are not known, deadlines may be too early", "year", year)
		}
	}
	k := store.RatingTask{Hall: p.ID, ID: uuid.NewString(), State: string(Open), Opened: r.At,
		Half: part(0.5), Late: part(0.8), Due: due.AddDate(0, 0, 1), Rating: r}
	return tx.InsertRatingTask(k, store.RatingStep{At: r.At, Actor: "centre", Action: string(Opened)})
}

// shown is what staff see of a task.
func (d *Desk) shown(p *place, k store.RatingTask, now time.Time) Task {
	due := lastDay(k.Due.In(p.loc))
	t := Task{ID: k.ID, State: TaskState(k.State), Level: k.Rating.Level, Words: k.Rating.Words, Added: k.Rating.Kind == rating.Supplement,
		Business: k.Rating.Business, Window: k.Rating.Window, Label: k.Label, Burst: k.Rating.Burst,
		Opened: k.Opened.In(p.loc), Due: due, Left: p.calendar.Between(now.In(p.loc), due), Reminded: k.Reminded,
		Handler: k.Handler, Reviewer: k.Reviewer, Verdict: Verdict(k.Verdict), Answer: k.Answer}
	if !k.Closed.IsZero() {
		t.Closed = k.Closed.In(p.loc)
	}
	for _, r := range rating.ReasonsOf(k.Rating.Version, k.Rating.Level) {
		for _, code := range k.Rating.Reasons {
			if code == r.Code {
				t.Reasons = append(t.Reasons, r)
			}
		}
	}
	if k.Rating.Anonymous {
		t.Label, t.Opened = "", dayOnly(t.Opened)
	}
	return t
}

// dayOnly is the day of a time: the time of an anonymous rating would lead to its ticket.
func dayOnly(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// maxTasks bounds a list of open tasks.
const maxTasks = 500

// Tasks returns the tasks somebody may see that are not closed, the most urgent first, at
// most 500.
func (d *Desk) Tasks(ctx context.Context, hallID string, by Worker) ([]Task, error) {
	return d.tasks(ctx, hallID, by, func(tx *store.Tx) ([]store.RatingTask, error) { return tx.OpenRatingTasks(hallID, maxTasks) })
}

// TasksBetween returns all tasks somebody may see of services of the days from first to
// last (2026-11-21), the oldest first.
func (d *Desk) TasksBetween(ctx context.Context, hallID string, by Worker, firstDay, lastDay string) ([]Task, error) {
	return d.tasks(ctx, hallID, by, func(tx *store.Tx) ([]store.RatingTask, error) {
		return tx.RatingTasksBetween(hallID, firstDay, lastDay)
	})
}

func (d *Desk) tasks(ctx context.Context, hallID string, by Worker, list func(*store.Tx) ([]store.RatingTask, error)) ([]Task, error) {
	p, err := d.place(hallID)
	if err != nil {
		return nil, err
	}
	var out []Task
	err = d.read(ctx, func(tx *store.Tx) error {
		rows, err := list(tx)
		out = make([]Task, 0, len(rows))
		for _, k := range rows {
			if by.mayFollow(k) == nil {
				out = append(out, d.shown(p, k, d.now()))
			}
		}
		return err
	})
	return out, err
}

// Task returns a task with its steps. It is CodeForbidden for whoever works at the window.
func (d *Desk) Task(ctx context.Context, hallID, id string, by Worker) (Task, error) {
	p, err := d.place(hallID)
	if err != nil {
		return Task{}, err
	}
	var out Task
	err = d.read(ctx, func(tx *store.Tx) error {
		k, err := find1(tx, p, id, by)
		if err != nil {
			return err
		}
		out = d.shown(p, k, d.now())
		steps, err := tx.RatingSteps(p.ID, id)
		for _, s := range steps {
			one := Step{At: s.At.In(p.loc), Actor: s.Actor, Action: Action(s.Action), Verdict: Verdict(s.Verdict), Text: s.Text}
			if k.Rating.Anonymous && one.Action == Opened {
				one.At = dayOnly(one.At)
			}
			out.Steps = append(out.Steps, one)
		}
		return err
	})
	return out, err
}

// find1 finds a task for somebody.
func find1(tx *store.Tx, p *place, id string, by Worker) (store.RatingTask, error) {
	k, ok, err := tx.RatingTask(p.ID, id)
	switch {
	case err != nil:
		return k, err
	case !ok:
		return k, centralapi.Refuse(centralapi.CodeNotFound, "没有这项差评整改任务。")
	}
	return k, by.mayFollow(k)
}

// Take makes somebody the handler of a task that is open, or takes it over from whoever
// handles it.
func (d *Desk) Take(ctx context.Context, hallID, id string, by Worker) (Task, error) {
	return d.step(ctx, hallID, id, by, Step{Action: Took})
}

// Handle records the answer of a task's handler. text is what the rater will read once
// the task is closed, 5 to 500 characters.
func (d *Desk) Handle(ctx context.Context, hallID, id string, by Worker, v Verdict, text string) (Task, error) {
	return d.step(ctx, hallID, id, by, Step{Action: Handled, Verdict: v, Text: text})
}

// Return gives a task back to its handler; text says what is missing.
func (d *Desk) Return(ctx context.Context, hallID, id string, by Worker, text string) (Task, error) {
	return d.step(ctx, hallID, id, by, Step{Action: Returned, Text: text})
}

// Close ends a task. Its handler cannot. text is for staff and may be empty.
func (d *Desk) Close(ctx context.Context, hallID, id string, by Worker, text string) (Task, error) {
	return d.step(ctx, hallID, id, by, Step{Action: ClosedIt, Text: text})
}

// step does something about a task.
func (d *Desk) step(ctx context.Context, hallID, id string, by Worker, s Step) (Task, error) {
	p, err := d.place(hallID)
	if err != nil {
		return Task{}, err
	}
	s.Actor = by.Account
	s.Text = rating.Answer{Words: s.Text}.Clean().Words
	if s.Actor == "" || s.Actor == "centre" {
		return Task{}, centralapi.Refuse(centralapi.CodeUnauthorized, "请先登录。")
	}
	if err := s.check(); err != nil {
		return Task{}, err
	}
	var out Task
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		k, err := find1(tx, p, id, by)
		if err != nil {
			return err
		}
		s.At = d.now()
		if err := apply(&k, s); err != nil {
			return err
		}
		out = d.shown(p, k, d.now())
		return tx.UpdateRatingTask(k, row(s))
	})
	return out, err
}

func row(s Step) store.RatingStep {
	return store.RatingStep{At: s.At, Actor: s.Actor, Action: string(s.Action), Verdict: string(s.Verdict), Text: s.Text}
}

// check returns what is wrong with a step whatever the task.
func (s Step) check() error {
	n := utf8.RuneCountInString(s.Text)
	switch {
	case n > maxText:
		return centralapi.Refuse(centralapi.CodeInvalid, fmt.Sprintf("最多写 %d 个字。", maxText))
	case s.Action == Handled && !s.Verdict.Valid():
		return centralapi.Refuse(centralapi.CodeInvalid, "请选择处理结果。")
	case s.Action == Handled && n < minAnswer:
		return centralapi.Refuse(centralapi.CodeInvalid, "请写明怎样处理的，评价人会看到。")
	case s.Action == Returned && n < minAnswer:
		return centralapi.Refuse(centralapi.CodeInvalid, "请写明为什么退回。")
	}
	return nil
}

// apply changes a task by a step, or says why that cannot be. It is all there is of the
// rules: live steps and Replay both go through it.
func apply(k *store.RatingTask, s Step) error {
	conflict := func(text string) error { return centralapi.Refuse(centralapi.CodeConflict, text) }
	state := TaskState(k.State)
	switch s.Action {
	case RemindHalf, RemindLate, Overdue:
		if state == Closed {
			return conflict("这项任务已经办结。")
		}
		k.Reminded = map[Action]int{RemindHalf: 50, RemindLate: 80, Overdue: 100}[s.Action]
		return nil
	case Took:
		if state == Handling && k.Handler == s.Actor {
			return conflict("这项任务已经由您处理。")
		}
		if state != Open && state != Handling {
			return conflict("这项任务已经处理过，不能再领取。")
		}
		k.State, k.Handler = string(Handling), s.Actor
		return nil
	case Handled:
		if state != Handling || k.Handler != s.Actor {
			return conflict("请先领取这项任务，再填写处理结果。")
		}
		k.State, k.Verdict, k.Answer = string(Review), string(s.Verdict), s.Text
		return nil
	case Returned, ClosedIt:
		if state != Review {
			return conflict("这项任务现在不用复核。")
		}
		if k.Handler == s.Actor {
			return centralapi.Refuse(centralapi.CodeForbidden, "处理人不能复核自己处理的任务，请换一个人复核。")
		}
		if s.Action == Returned {
			k.State, k.Verdict, k.Answer = string(Handling), "", ""
			return nil
		}
		k.State, k.Reviewer, k.Closed = string(Closed), s.Actor, s.At
		return nil
	}
	return fmt.Errorf("ratings: no action %q", s.Action)
}

// Replay returns what follows from the steps of a task alone: State, Reminded, Handler,
// Reviewer, Verdict, Answer and Closed. The error names the step that cannot be.
func Replay(steps []Step) (Task, error) {
	if len(steps) == 0 || steps[0].Action != Opened {
		return Task{}, errors.New("ratings: replay: a task begins by being opened")
	}
	k := store.RatingTask{State: string(Open)}
	for i, s := range steps[1:] {
		if err := apply(&k, s); err != nil {
			return Task{}, fmt.Errorf("ratings: replay: step %d: %w", i+2, err)
		}
	}
	return Task{State: TaskState(k.State), Reminded: k.Reminded, Handler: k.Handler, Reviewer: k.Reviewer,
		Verdict: Verdict(k.Verdict), Answer: k.Answer, Closed: k.Closed}, nil
}

// Name returns what a verdict is called on pages, in Chinese or English.
func (v Verdict) Name(english bool) string {
	names := map[Verdict][2]string{
		Rectified: {"已整改", "Put right"}, Explained: {"已说明", "Explained"}, Unfounded: {"经核实与事实不符", "Checked and not confirmed"},
	}
	if english {
		return names[v][1]
	}
	return names[v][0]
}
