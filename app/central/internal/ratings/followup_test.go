package ratings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/rating"
)

// badRating rates a new service with one star and returns its code and task.
func (f *fixture) badRating(a rating.Answer) (store.Ticket, handoff.Pass, string) {
	f.t.Helper()
	k := f.ticket(centralapi.Finished)
	p := f.code(k)
	f.now = f.now.Add(7 * time.Minute)
	a.Level = rating.VeryDissatisfied
	if _, err := f.Rate(f.t.Context(), hallID, p, Submission{Answer: a}); err != nil {
		f.t.Fatal(err)
	}
	var id string
	if err := f.store.Read(f.t.Context(), func(tx *store.Tx) error {
		list, err := tx.RatingTasksOf(hallID, k.ID)
		if err == nil && len(list) == 1 {
			id = list[0].ID
		}
		return err
	}); err != nil || id == "" {
		f.t.Fatalf("no task: %v", err)
	}
	return k, p, id
}

// Every action in every state, by the handler and by somebody else.
func TestActions(t *testing.T) {
	states := map[TaskState]store.RatingTask{
		Open:     {State: "open"},
		Handling: {State: "handling", Handler: "handler"},
		Review:   {State: "review", Handler: "handler", Verdict: "rectified", Answer: "已整改到位"},
		Closed:   {State: "closed", Handler: "handler", Reviewer: "other", Verdict: "rectified", Answer: "已整改到位", Closed: morning},
	}
	const no = TaskState("")
	for _, c := range []struct {
		action Action
		actor  string
		to     map[TaskState]TaskState // from → to; nothing = refused
	}{
		{Took, "handler", map[TaskState]TaskState{Open: Handling}},
		{Took, "other", map[TaskState]TaskState{Open: Handling, Handling: Handling}},
		{Handled, "handler", map[TaskState]TaskState{Handling: Review}},
		{Handled, "other", nil},
		{Returned, "handler", nil},
		{Returned, "other", map[TaskState]TaskState{Review: Handling}},
		{ClosedIt, "handler", nil},
		{ClosedIt, "other", map[TaskState]TaskState{Review: Closed}},
		{RemindHalf, "centre", map[TaskState]TaskState{Open: Open, Handling: Handling, Review: Review}},
		{RemindLate, "centre", map[TaskState]TaskState{Open: Open, Handling: Handling, Review: Review}},
		{Overdue, "centre", map[TaskState]TaskState{Open: Open, Handling: Handling, Review: Review}},
		{Opened, "centre", nil},
		{"", "other", nil},
	} {
		for from, k := range states {
			before := k
			err := apply(&k, Step{At: morning, Actor: c.actor, Action: c.action, Verdict: Explained, Text: "已向办事人说明"})
			want := c.to[from]
			if got := TaskState(k.State); (err == nil) != (want != no) || err == nil && got != want {
				t.Errorf("%s by %s in %s: %s, %v, want %q", c.action, c.actor, from, got, err, want)
			}
			if err != nil && !reflect.DeepEqual(k, before) {
				t.Errorf("%s in %s is refused and changes the task", c.action, from)
			}
			if c.action == Took && err == nil && k.Handler != c.actor || c.action == ClosedIt && err == nil && (k.Reviewer != c.actor || k.Closed.IsZero()) {
				t.Errorf("%s by %s: %+v", c.action, c.actor, k)
			}
		}
	}
}

// From one star to the rater reading what came of it, over a review that gives it back.
func TestFollowUp(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k, p, id := f.badRating(rating.Answer{Version: rating.ReasonsVersion(), Reasons: []int{115, 108}, Words: "等了两个小时"})
		list, err := f.Tasks(t.Context(), hallID, Worker{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		task := list[0]
		// Fifteen working days from Monday, 23 November: Monday, 14 December.
		if task.ID != id || task.State != Open || task.Level != rating.VeryDissatisfied || len(task.Reasons) != 2 || task.Reasons[0].Text != "在办事指南之外增加新的审批条件" || task.Words != "等了两个小时" ||
			task.Label != k.Label || task.Window != "w1" || task.Business != "a" || !task.Opened.Equal(f.now) || !task.Due.Equal(time.Date(2026, 12, 14, 0, 0, 0, 0, china)) || task.Left != 15 || task.Added {
			t.Errorf("%+v", task)
		}
		if v := f.open(p); len(v.FollowUps) != 1 || !v.FollowUps[0].Due.Equal(task.Due) || !v.FollowUps[0].Closed.IsZero() || v.FollowUps[0].Answer != "" {
			t.Errorf("the rater sees %+v", v.FollowUps)
		}
		const bad, good = "这是不成熟的处理意见", "已向您致歉，并增开了窗口"
		steps := []struct {
			do   func() (Task, error)
			want centralapi.Code // "" = done
		}{
			{func() (Task, error) {
				return f.Handle(t.Context(), hallID, id, Worker{Account: "anna"}, Rectified, good)
			}, centralapi.CodeConflict},
			{func() (Task, error) { return f.Take(t.Context(), hallID, id, Worker{Account: ""}) }, centralapi.CodeUnauthorized},
			{func() (Task, error) { return f.Take(t.Context(), hallID, id, Worker{Account: "centre"}) }, centralapi.CodeUnauthorized},
			{func() (Task, error) { return f.Take(t.Context(), hallID, "nonsense", Worker{Account: "anna"}) }, centralapi.CodeNotFound},
			{func() (Task, error) { return f.Take(t.Context(), "elsewhere", id, Worker{Account: "anna"}) }, centralapi.CodeNotFound},
			{func() (Task, error) { return f.Take(t.Context(), hallID, id, Worker{Account: "anna"}) }, ""},
			{func() (Task, error) { return f.Take(t.Context(), hallID, id, Worker{Account: "bert"}) }, ""},
			{func() (Task, error) {
				return f.Handle(t.Context(), hallID, id, Worker{Account: "anna"}, Rectified, bad)
			}, centralapi.CodeConflict},
			{func() (Task, error) { return f.Handle(t.Context(), hallID, id, Worker{Account: "bert"}, "", bad) }, centralapi.CodeInvalid},
			{func() (Task, error) {
				return f.Handle(t.Context(), hallID, id, Worker{Account: "bert"}, Rectified, " 。 ")
			}, centralapi.CodeInvalid},
			{func() (Task, error) {
				return f.Handle(t.Context(), hallID, id, Worker{Account: "bert"}, Rectified, strings.Repeat("字", 501))
			}, centralapi.CodeInvalid},
			{func() (Task, error) {
				return f.Handle(t.Context(), hallID, id, Worker{Account: "bert"}, Explained, bad)
			}, ""},
			{func() (Task, error) { return f.Close(t.Context(), hallID, id, Worker{Account: "bert"}, "") }, centralapi.CodeForbidden},
			{func() (Task, error) { return f.Return(t.Context(), hallID, id, Worker{Account: "anna"}, "") }, centralapi.CodeInvalid},
			{func() (Task, error) {
				return f.Return(t.Context(), hallID, id, Worker{Account: "anna"}, "请写清楚怎样整改")
			}, ""},
			{func() (Task, error) { return f.Close(t.Context(), hallID, id, Worker{Account: "anna"}, "") }, centralapi.CodeConflict},
			{func() (Task, error) {
				return f.Handle(t.Context(), hallID, id, Worker{Account: "bert"}, Rectified, good)
			}, ""},
			{func() (Task, error) { return f.Close(t.Context(), hallID, id, Worker{Account: "anna"}, "同意") }, ""},
			{func() (Task, error) { return f.Take(t.Context(), hallID, id, Worker{Account: "carl"}) }, centralapi.CodeConflict},
		}
		for i, s := range steps {
			f.now = f.now.Add(time.Hour)
			if v := f.open(p); v.FollowUps[0].Answer != "" || strings.Contains(fmt.Sprint(v), bad) {
				if i < len(steps)-1 {
					t.Errorf("before step %d the rater reads %+v", i, v.FollowUps[0])
				}
			}
			task, err := s.do()
			switch {
			case s.want != "":
				f.refused(err, s.want)
			case err != nil:
				t.Errorf("step %d: %v", i, err)
			case task.ID != id:
				t.Errorf("step %d: %+v", i, task)
			}
			if t.Failed() {
				t.Fatalf("step %d", i)
			}
		}
		got, err := f.Task(t.Context(), hallID, id, Worker{})
		if err != nil || got.State != Closed || got.Handler != "bert" || got.Reviewer != "anna" || len(got.Steps) != 7 || got.Steps[0].Action != Opened || !got.Steps[0].At.Equal(got.Opened) {
			t.Errorf("%+v, %v", got, err)
		}
		v := f.open(p)
		if u := v.FollowUps[0]; u.Verdict != Rectified || u.Answer != good || u.Closed.IsZero() || u.Verdict.Name(false) != "已整改" || u.Verdict.Name(true) == "" {
			t.Errorf("the rater sees %+v", u)
		}
		if !v.MayAdd {
			t.Error("what came of it cannot be rated")
		}
		if other := f.open(f.code(k)); len(other.FollowUps) != 0 {
			t.Errorf("another code shows %+v", other.FollowUps)
		}
		if list, err := f.Tasks(t.Context(), hallID, Worker{}); err != nil || len(list) != 0 {
			t.Errorf("still on the list: %+v, %v", list, err)
		}
		if list, err := f.TasksBetween(t.Context(), hallID, Worker{}, "2026-11-23", "2026-11-23"); err != nil || len(list) != 1 || list[0].State != Closed {
			t.Errorf("not in the archive: %+v, %v", list, err)
		}
		figures, err := f.Figures(t.Context(), hallID, "2026-11-23", "2026-11-23")
		if followed, ok := figures.Total.FollowedRate(); err != nil || followed != 1 || !ok {
			t.Errorf("%+v, %v", figures, err)
		}
	})
}

// Reminders at half and four fifths of the working days and when the time is out, once
// each, over the National Day of 2026: 24 September and fifteen working days.
func TestReminders(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		f.now = time.Date(2026, 9, 24, 16, 0, 0, 0, china)
		_, _, id := f.badRating(rating.Answer{})
		for _, c := range []struct {
			at   string
			want int
		}{
			{"2026-09-24 17:00", 0},
			{"2026-10-10 23:59", 0},  // seven days are over: 28–30 September, 8–10 October … and the sixth is a Saturday
			{"2026-10-13 00:00", 50}, // the eighth working day begins
			{"2026-10-13 09:00", 50},
			{"2026-10-18 23:59", 50},
			{"2026-10-19 08:00", 80}, // the twelfth
			{"2026-10-22 23:59", 80}, // the fifteenth is the last
			{"2026-10-23 00:00", 100},
			{"2026-11-23 00:00", 100},
		} {
			at, err := time.ParseInLocation("2006-01-02 15:04", c.at, china)
			if err != nil {
				t.Fatal(err)
			}
			f.now = at
			if err := f.Sweep(t.Context(), hallID); err != nil {
				t.Fatal(err)
			}
			got, err := f.Task(t.Context(), hallID, id, Worker{})
			if err != nil || got.Reminded != c.want || got.State != Open {
				t.Errorf("%s: reminded %d, want %d (%v)", c.at, got.Reminded, c.want, err)
			}
		}
		got, _ := f.Task(t.Context(), hallID, id, Worker{})
		var actions []string
		for _, s := range got.Steps {
			actions = append(actions, string(s.Action))
		}
		if s := strings.Join(actions, " "); s != "opened remind-50 remind-80 overdue" {
			t.Errorf("steps %s", s)
		}
		if got.Left >= 0 || !got.Due.Equal(time.Date(2026, 10, 22, 0, 0, 0, 0, china)) {
			t.Errorf("left %d, due %s", got.Left, got.Due)
		}
		// After a long time without power only the newest is given.
		f.now = time.Date(2026, 3, 2, 9, 0, 0, 0, china)
		_, _, late := f.badRating(rating.Answer{})
		f.now = f.now.AddDate(0, 2, 0)
		if err := f.Sweep(t.Context(), hallID); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Task(t.Context(), hallID, late, Worker{}); err != nil || got.Reminded != 100 || len(got.Steps) != 2 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// Nothing that staff are shown of an anonymous rating leads to the ticket.
func TestAnonymous(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k, _, id := f.badRating(rating.Answer{Words: "不好", Anonymous: true})
		named, _, _ := f.badRating(rating.Answer{Words: "也不好"})
		list, err := f.Tasks(t.Context(), hallID, Worker{})
		one, err2 := f.Task(t.Context(), hallID, id, Worker{})
		between, err3 := f.TasksBetween(t.Context(), hallID, Worker{}, k.Day, k.Day)
		var csv, jsonOut bytes.Buffer
		o := rating.Options{Satisfaction: rating.FiveIsBest}
		err4 := f.Export(t.Context(), &csv, hallID, k.Day, k.Day, "csv", o)
		err5 := f.Export(t.Context(), &jsonOut, hallID, k.Day, k.Day, "json", o)
		if err != nil || err2 != nil || err3 != nil || err4 != nil || err5 != nil {
			t.Fatal(err, err2, err3, err4, err5)
		}
		all, _ := json.Marshal([]any{list, one, between})
		for name, text := range map[string]string{"lists": string(all), "csv": csv.String(), "json": jsonOut.String()} {
			for what, clue := range map[string]string{"ticket": k.ID, "label": `"` + k.Label + `"`, "minute": k.EndedAt.Add(7 * time.Minute).In(china).Format("15:04"), "holder": "测*员"} {
				if strings.Contains(text, clue) {
					t.Errorf("%s: the %s is there", name, what)
				}
			}
			if !strings.Contains(text, "也不好") {
				t.Errorf("%s: the other rating is not there", name)
			}
		}
		// A control: of the other one the number is there.
		if !strings.Contains(string(all), `"`+named.Label+`"`) || !strings.Contains(csv.String(), named.ID) || !strings.Contains(csv.String(), "户籍,出生登记") {
			t.Errorf("the control is not there either:\n%s\n%s", all, csv.String())
		}
		if err := f.Export(t.Context(), &csv, hallID, k.Day, k.Day, "xlsx", o); !centralapi.HasCode(err, centralapi.CodeInvalid) {
			t.Errorf("another format: %v", err)
		}
		if err := f.Export(t.Context(), &csv, hallID, k.Day, k.Day, "csv", rating.Options{}); err == nil {
			t.Error("exported without a scale")
		}
	})
}

// Whatever staff do in whatever order: nobody reviews their own work, the database's
// task is what its steps say, and a closed task stays closed.
func TestWalks(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		people := []string{"anna", "bert", "carl"}
		rapid.Check(t, func(rt *rapid.T) {
			f.now = morning
			_, p, id := f.badRating(rating.Answer{})
			closed := false
			for range rapid.IntRange(1, 14).Draw(rt, "steps") {
				f.now = f.now.Add(time.Duration(rapid.IntRange(1, 96).Draw(rt, "hours")) * time.Hour)
				who := rapid.SampledFrom(people).Draw(rt, "who")
				var err error
				switch rapid.IntRange(0, 4).Draw(rt, "what") {
				case 0:
					_, err = f.Take(t.Context(), hallID, id, Worker{Account: who})
				case 1:
					_, err = f.Handle(t.Context(), hallID, id, Worker{Account: who}, Explained, "已向办事人说明")
				case 2:
					_, err = f.Return(t.Context(), hallID, id, Worker{Account: who}, "请再核实一次")
				case 3:
					_, err = f.Close(t.Context(), hallID, id, Worker{Account: who}, "")
				default:
					err = f.Sweep(t.Context(), hallID)
				}
				if err != nil && !centralapi.HasCode(err, centralapi.CodeConflict) && !centralapi.HasCode(err, centralapi.CodeForbidden) {
					rt.Fatal(err)
				}
				got, err := f.Task(t.Context(), hallID, id, Worker{})
				if err != nil {
					rt.Fatal(err)
				}
				if closed && got.State != Closed || got.State == Closed && (got.Handler == got.Reviewer || got.Handler == "" || got.Reviewer == "") {
					rt.Fatalf("%+v", got)
				}
				closed = got.State == Closed
				if v := f.open(p); (v.FollowUps[0].Answer != "") != closed {
					rt.Fatalf("in %s the rater reads %q", got.State, v.FollowUps[0].Answer)
				}
				said, err := Replay(got.Steps)
				want := Task{State: got.State, Reminded: got.Reminded, Handler: got.Handler, Reviewer: got.Reviewer, Verdict: got.Verdict, Answer: got.Answer, Closed: got.Closed}
				if err != nil || !said.Closed.Equal(want.Closed) {
					rt.Fatalf("replay: %+v, %v, want %+v", said, err, want)
				}
				said.Closed = want.Closed
				if !reflect.DeepEqual(said, want) {
					rt.Fatalf("replay\n%+v\nwant\n%+v", said, want)
				}
			}
		})
	})
}

func TestReplayRefuses(t *testing.T) {
	for name, steps := range map[string][]Step{
		"nothing":             nil,
		"without a beginning": {{Action: Took, Actor: "anna"}},
		"a step left out":     {{Action: Opened}, {Action: Handled, Actor: "anna"}},
		"an unknown step":     {{Action: Opened}, {Action: "magic", Actor: "anna"}},
	} {
		if _, err := Replay(steps); err == nil {
			t.Errorf("%s is replayed", name)
		}
	}
}

// Whoever works at the window that was rated sees nothing of the follow-up and has no
// part in it, whatever they try.
func TestWhoWasRatedHasNoPart(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k := f.ticket(centralapi.Finished) // at w1
		f.rate(f.code(k), rating.Dissatisfied)
		open := func(by Worker) []Task {
			t.Helper()
			list, err := f.Tasks(t.Context(), hallID, by)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		rated, beside := Worker{Account: "rated", Windows: []string{"w2", "w1"}}, Worker{Account: "beside", Windows: []string{"w2"}}
		if len(open(rated)) != 0 || len(open(beside)) != 1 {
			t.Fatalf("%d tasks for who was rated, %d for a colleague", len(open(rated)), len(open(beside)))
		}
		id := open(beside)[0].ID
		const text = "已经说明情况"
		for _, before := range []func() (Task, error){
			nil,
			func() (Task, error) { return f.Take(t.Context(), hallID, id, beside) },
			func() (Task, error) { return f.Handle(t.Context(), hallID, id, beside, Explained, text) },
		} {
			if before != nil {
				if _, err := before(); err != nil {
					t.Fatal(err)
				}
			}
			for _, try := range []func() (Task, error){
				func() (Task, error) { return f.Task(t.Context(), hallID, id, rated) },
				func() (Task, error) { return f.Take(t.Context(), hallID, id, rated) },
				func() (Task, error) { return f.Handle(t.Context(), hallID, id, rated, Explained, text) },
				func() (Task, error) { return f.Return(t.Context(), hallID, id, rated, text) },
				func() (Task, error) { return f.Close(t.Context(), hallID, id, rated, text) },
			} {
				got, err := try()
				f.refused(err, centralapi.CodeForbidden)
				if got.ID != "" {
					t.Errorf("they see %+v", got)
				}
			}
		}
		if list, err := f.TasksBetween(t.Context(), hallID, rated, k.Day, k.Day); err != nil || len(list) != 0 {
			t.Errorf("%d tasks, %v", len(list), err)
		}
		if _, err := f.Close(t.Context(), hallID, id, Worker{Account: "boss"}, ""); err != nil {
			t.Errorf("the control, somebody else: %v", err)
		}
	})
}

// What the hall file says is what holds: the settings and the days off of each hall.
func TestSettingsOfTheHall(t *testing.T) {
	h := testHall()
	h.Ratings = hall.Ratings{WithinDays: 9, FollowUpDays: 2, SupplementAfterHours: 3}
	h.Holidays = []hall.Holiday{{Name: "x", From: "2026-11-24", To: "2026-11-24"}}
	f := newFixture(t, Settings{}, "")
	var err error
	if f.Desk, err = New(Config{Store: f.store, Halls: []*hall.Hall{h}, Now: func() time.Time { return f.now }}); err != nil {
		t.Fatal(err)
	}
	v := f.rate(f.code(f.ticket(centralapi.Finished)), rating.Dissatisfied)
	if got := v.Until.Format(time.DateOnly); got != "2026-12-02" {
		t.Errorf("until %s", got)
	}
	if len(v.FollowUps) != 1 || v.FollowUps[0].Due.Format(time.DateOnly) != "2026-11-26" || !v.AddFrom.Equal(f.now.Add(3*time.Hour)) {
		t.Errorf("view %+v", v)
	}
	if s := SettingsOf(testHall()); s != (Settings{}).complete() {
		t.Errorf("a hall that says nothing has %+v, the defaults are %+v", s, (Settings{}).complete())
	}
	h.Holidays = []hall.Holiday{{Name: "x", From: "x", To: "x"}}
	if _, err := New(Config{Store: f.store, Halls: []*hall.Hall{h}}); err == nil {
		t.Error("a holiday that is none")
	}
}
