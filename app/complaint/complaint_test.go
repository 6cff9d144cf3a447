package complaint

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hallkiosk/app/workday"
)

var zone = time.FixedZone("CST", 8*3600)

// monday is a working day; so are the four after it.
var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, zone)

// full is a step that says everything its action needs.
func full(a Action, at time.Time) Step {
	s := Step{Action: a, At: at, By: "staff:u1", Text: "情况如此"}
	switch a {
	case File:
		s.By, s.Text, s.Due = Author, "", Day(at.AddDate(0, 0, 2))
	case Verify:
		s.Class, s.Due = Complex, Day(at.AddDate(0, 0, 21))
	case Withdraw:
		s.By, s.Text = Author, ""
	case Transfer:
		s.Department, s.FollowUp = "市监局", Day(at.AddDate(0, 0, 3))
	case FollowUp:
		s.FollowUp = Day(at.AddDate(0, 0, 3))
	case Extend:
		s.Days, s.Due = 5, Day(at.AddDate(1, 0, 0))
	case Name:
		s.Named = Named{Windows: []string{"w1"}}
	}
	return s
}

var every = []Action{File, Verify, Investigate, Handle, Feedback, Archive, Withdraw, Transfer, FollowUp, Extend, Note, Name}

// reach returns the status of a case in a state.
func reach(t *testing.T, to State) Status {
	t.Helper()
	steps := []Step{full(File, monday)}
	for _, a := range []Action{Verify, Investigate, Handle, Feedback, Archive} {
		steps = append(steps, full(a, monday))
	}
	switch i := slices.Index(Way(), to); {
	case to == "":
		steps = nil
	case to == Withdrawn:
		steps = append(steps[:1], full(Withdraw, monday))
	default:
		steps = steps[:i+1]
	}
	s, err := Replay(steps)
	if err != nil || s.State != to {
		t.Fatalf("%s: %s, %v", to, s.State, err)
	}
	return s
}

// Every action in every state: where it leads, or that it cannot be.
func TestStatesAndActions(t *testing.T) {
	const no = State("no")
	table := map[State]map[Action]State{
		"":            {File: Registered},
		Registered:    {Verify: Verifying, Withdraw: Withdrawn, Note: Registered, Name: Registered},
		Verifying:     {Investigate: Investigating, Withdraw: Withdrawn, Extend: Verifying, Note: Verifying, Name: Verifying},
		Investigating: {Handle: Handling, Withdraw: Withdrawn, Transfer: Investigating, Extend: Investigating, Note: Investigating, Name: Investigating},
		Handling:      {Feedback: Answered, Withdraw: Withdrawn, Transfer: Handling, Extend: Handling, Note: Handling, Name: Handling},
		Answered:      {Archive: Archived, Note: Answered, Name: Answered},
		Archived:      {},
		Withdrawn:     {},
	}
	for from, row := range table {
		s := reach(t, from)
		for _, a := range every {
			want, ok := row[a]
			if !ok {
				want = no
			}
			next, err := s.After(full(a, monday.Add(time.Hour)))
			switch {
			case want == no && err == nil:
				t.Errorf("%q, %s: led to %q", from, a, next.State)
			case want == no && !reflect.DeepEqual(next, s):
				t.Errorf("%q, %s: refused and changed", from, a)
			case want != no && (err != nil || next.State != want):
				t.Errorf("%q, %s: %q, %v; want %q", from, a, next.State, err, want)
			}
			// What staff are offered is what they can do.
			staff := a != File && a != Withdraw
			if offered := slices.Contains(s.Possible(), a); offered != (staff && want != no) {
				t.Errorf("%q, %s: offered %v", from, a, offered)
			}
		}
		if s.State.Final() != (len(row) == 0) {
			t.Errorf("%q: final %v", from, s.State.Final())
		}
	}
	if _, err := reach(t, Registered).After(Step{Action: "guess", At: monday, By: "staff:u1", Text: "x"}); !errors.Is(err, UnknownAction) {
		t.Errorf("an unknown action: %v", err)
	}
}

func TestStepsThatSayTooLittle(t *testing.T) {
	with := func(a Action, change func(*Step)) Step {
		s := full(a, monday.Add(time.Hour))
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		state State
		step  Step
		want  Refusal
	}{
		"nobody":                     {Registered, with(Verify, func(s *Step) { s.By = "" }), Nobody},
		"never":                      {Registered, with(Verify, func(s *Step) { s.At = time.Time{} }), Nobody},
		"before the filing":          {Registered, with(Verify, func(s *Step) { s.At = monday.Add(-time.Second) }), BackInTime},
		"no text":                    {Registered, with(Verify, func(s *Step) { s.Text = "" }), NoText},
		"an answer without text":     {Handling, with(Feedback, func(s *Step) { s.Text = "" }), NoText},
		"long text":                  {Verifying, with(Investigate, func(s *Step) { s.Text = strings.Repeat("长", MaxWords+1) }), TooLong},
		"broken text":                {Verifying, with(Investigate, func(s *Step) { s.Text = "\xff" }), TooLong},
		"no class":                   {Registered, with(Verify, func(s *Step) { s.Class = "" }), NoClass},
		"an unknown class":           {Registered, with(Verify, func(s *Step) { s.Class = "odd" }), NoClass},
		"verified without deadline":  {Registered, with(Verify, func(s *Step) { s.Due = "" }), NoDay},
		"verified by its author":     {Registered, with(Verify, func(s *Step) { s.By = Author }), NotYours},
		"archived by its author":     {Answered, with(Archive, func(s *Step) { s.By = Author }), NotYours},
		"withdrawn by staff":         {Handling, with(Withdraw, func(s *Step) { s.By = "staff:u1" }), NotYours},
		"withdrawn by a terminal":    {Handling, with(Withdraw, func(s *Step) { s.By = "terminal:t1" }), NotYours},
		"no department":              {Handling, with(Transfer, func(s *Step) { s.Department = "" }), NoDepartment},
		"a long department":          {Handling, with(Transfer, func(s *Step) { s.Department = strings.Repeat("局", MaxDepartment+1) }), NoDepartment},
		"no day to ask there":        {Handling, with(Transfer, func(s *Step) { s.FollowUp = "" }), NoDay},
		"a day that is none":         {Handling, with(Transfer, func(s *Step) { s.FollowUp = "2026-02-30" }), NoDay},
		"yesterday":                  {Handling, with(Transfer, func(s *Step) { s.FollowUp = "2026-11-22" }), NoDay},
		"not elsewhere":              {Handling, full(FollowUp, monday), NotElsewhere},
		"an extension by nothing":    {Handling, with(Extend, func(s *Step) { s.Days = 0 }), NoDay},
		"an extension that shortens": {Handling, with(Extend, func(s *Step) { s.Due = "2026-11-24" }), NoDay},
		"an extension without why":   {Handling, with(Extend, func(s *Step) { s.Text = "" }), NoText},
		"nobody named":               {Handling, with(Name, func(s *Step) { s.Named = Named{} }), NobodyNamed},
		"named in passing":           {Handling, with(Note, func(s *Step) { s.Named.Accounts = []string{"u2"} }), UnknownAction},
	} {
		if _, err := reach(t, c.state).After(c.step); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want.Sentence() == "" {
			t.Errorf("%s: nothing to tell staff", name)
		}
	}
	if _, err := reach(t, Verifying).After(with(Investigate, func(s *Step) { s.Text = strings.Repeat("𠮷", MaxWords) })); err != nil {
		t.Errorf("a thousand characters of four bytes: %v", err)
	}
}

func TestTransferAndExtension(t *testing.T) {
	s := reach(t, Handling)
	do := func(step Step, want error) {
		t.Helper()
		next, err := s.After(step)
		if !errors.Is(err, want) {
			t.Fatalf("%s: %v, want %v", step.Action, err, want)
		}
		s = next
	}
	do(full(Transfer, monday), nil)
	if s.Department != "市监局" || s.FollowUp != "2026-11-26" || s.FollowUpDue("2026-11-25") || !s.FollowUpDue("2026-11-26") {
		t.Errorf("transferred: %+v", s)
	}
	do(full(Transfer, monday), Elsewhere)
	do(full(Feedback, monday), Elsewhere)
	do(full(FollowUp, monday.AddDate(0, 0, 3)), nil)
	if s.Department == "" || s.FollowUp != "2026-11-29" {
		t.Errorf("followed up: %+v", s)
	}
	back := full(FollowUp, monday.AddDate(0, 0, 4))
	back.FollowUp = ""
	do(back, nil)
	if s.Department != "" || s.FollowUp != "" {
		t.Errorf("back: %+v", s)
	}
	do(full(Extend, monday), nil)
	do(full(Extend, monday), ExtendedBefore)
	do(full(Feedback, monday.AddDate(0, 0, 5)), nil)
	if s.Due != "" || s.Overdue("2099-01-01") || s.Reply != "情况如此" {
		t.Errorf("answered: %+v", s)
	}
}

// Deadlines over the holidays of 2025 and 2026, by the calendar that is built in.
func TestTerms(t *testing.T) {
	cal := workday.Builtin()
	at := func(day string) time.Time {
		d, err := time.ParseInLocation(dayLayout, day, zone)
		if err != nil {
			t.Fatal(err)
		}
		return d.Add(16*time.Hour + 59*time.Minute)
	}
	for _, c := range []struct{ filed, classify, simple, complex string }{
		{"2026-11-23", "2026-11-25", "2026-11-30", "2026-12-14"}, // an ordinary Monday
		{"2026-11-27", "2026-12-01", "2026-12-04", "2026-12-18"}, // a Friday
		{"2025-09-30", "2025-10-10", "2025-10-14", "2025-10-28"}, // before the eight days of 国庆 and 中秋; 11 October is worked
	} {
		for class, want := range map[Class]string{Simple: c.simple, Complex: c.complex} {
			file := Terms{}.Plan(cal, Status{}, Step{Action: File, At: at(c.filed), By: Author})
			if file.Due != c.classify {
				t.Errorf("filed %s: to be verified by %s, want %s", c.filed, file.Due, c.classify)
			}
			s, err := Status{}.After(file)
			if err != nil {
				t.Fatal(err)
			}
			if s.Overdue(c.classify) || !s.Overdue(Day(at(c.classify).AddDate(0, 0, 1))) {
				t.Errorf("filed %s: overdue on %s, or not the day after", c.filed, c.classify)
			}
			// However late it is verified, the answer is due from the filing on.
			verify := Terms{}.Plan(cal, s, Step{Action: Verify, At: at(c.filed).AddDate(0, 0, 9), By: "staff:u1", Text: "属实", Class: class})
			if verify.Due != want {
				t.Errorf("filed %s, %s: due %s, want %s", c.filed, class, verify.Due, want)
			}
		}
	}
	s := reach(t, Handling)
	s.Due = "2026-12-14"
	extend := Step{Action: Extend, At: monday, By: "staff:u1", Text: "等检测结果", Days: 3}
	if got := (Terms{}).Plan(cal, s, extend).Due; got != "2026-12-17" {
		t.Errorf("extended to %s", got)
	}
	extend.Days = 16
	if _, err := s.After(Terms{}.Plan(cal, s, extend)); !errors.Is(err, NoDay) {
		t.Errorf("extended by more than the settings allow: %v", err)
	}
	if got := (Terms{Classify: 1}).Plan(cal, Status{}, Step{Action: File, At: monday}).Due; got != "2026-11-24" {
		t.Errorf("by other settings %s", got)
	}
}

// Who is named must not see the case, whatever else they are.
func TestNamed(t *testing.T) {
	n := Named{Windows: []string{"w2", "w3"}, Accounts: []string{"manager"}}
	for _, c := range []struct {
		who  Person
		want bool
	}{
		{Person{Account: "u1", Windows: []string{"w1"}}, false},
		{Person{Account: "u1", Windows: []string{"w1", "w3"}}, true},
		{Person{Account: "manager"}, true},
		{Person{Account: "u1"}, false},
		{Person{}, false},
	} {
		if got := n.Includes(c.who); got != c.want {
			t.Errorf("%+v: %v", c.who, got)
		}
	}
	if (Named{}).Includes(Person{Account: "u1", Windows: []string{"w1", ""}}) {
		t.Error("a case about nobody is about somebody")
	}
	// Naming adds and takes nothing back.
	s := reach(t, Registered)
	for _, m := range []Named{{Windows: []string{"w2"}}, {Accounts: []string{"u9"}}, {Windows: []string{"w1", "w2"}}} {
		step := full(Name, monday)
		step.Named = m
		var err error
		if s, err = s.After(step); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(s.Named) != "{[w1 w2] [u9]}" {
		t.Errorf("named %v", s.Named)
	}
}

// A simple model walks beside: a number from 0 to 5 for the way, or withdrawn. Whatever
// is tried in whatever order, no state is skipped, times do not go back, and the steps
// that were taken replay to the same status.
func TestRandomWalks(t *testing.T) {
	forward := map[Action]int{File: 0, Verify: 1, Investigate: 2, Handle: 3, Feedback: 4, Archive: 5}
	archived, withdrawn := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var s Status
		var steps []Step
		at, place, gone, elsewhere, extended := monday, -1, false, false, false
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			a := rapid.SampledFrom(every).Draw(t, "action")
			if rapid.Bool().Draw(t, "forward") && place+1 < 6 {
				a = []Action{File, Verify, Investigate, Handle, Feedback, Archive}[place+1]
			}
			at = at.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "hours")) * time.Hour)
			step := full(a, at)
			if a == FollowUp && rapid.Bool().Draw(t, "back") {
				step.FollowUp = ""
			}
			open := place >= 0 && place <= 3 && !gone
			want := false
			switch a {
			case Withdraw:
				want = open
			case Transfer:
				want = open && place >= 2 && !elsewhere
			case FollowUp:
				want = open && place >= 2 && elsewhere
			case Extend:
				want = open && place >= 1 && !extended
			case Note, Name:
				want = place >= 0 && place <= 4 && !gone
			default:
				want = !gone && place == forward[a]-1 && !(a == Feedback && elsewhere)
			}
			next, err := s.After(step)
			if (err == nil) != want {
				t.Fatalf("%s at %d: %v", a, place, err)
			}
			if err != nil {
				continue
			}
			s, steps = next, append(steps, step)
			switch a {
			case Withdraw:
				gone, elsewhere = true, false
			case Transfer:
				elsewhere = true
			case FollowUp:
				elsewhere = step.FollowUp != ""
			case Extend:
				extended = true
			case Note, Name:
			default:
				place = forward[a]
			}
		}
		if again, err := Replay(steps); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("replay %+v, %v; want %+v", again, err, s)
		}
		for i, stage := range s.Stages {
			want := Withdrawn
			if !gone || i < len(s.Stages)-1 {
				want = way[i]
			}
			if stage.State != want || i > 0 && stage.At.Before(s.Stages[i-1].At) {
				t.Fatalf("stage %d: %v of %v", i, stage, s.Stages)
			}
		}
		if (s.Department != "") != elsewhere || (s.Due != "") != (place >= 0 && place < 4 && !gone) {
			t.Fatalf("elsewhere %v, place %d: %+v", elsewhere, place, s)
		}
		if s.State == Archived {
			archived++
		}
		if gone {
			withdrawn++
		}
	})
	if archived == 0 || withdrawn == 0 {
		t.Errorf("the walks archived %d cases and withdrew %d: they prove nothing", archived, withdrawn)
	}
}

func TestReplayRefuses(t *testing.T) {
	for name, steps := range map[string][]Step{
		"not filed": {full(Verify, monday)},
		"skipped":   {full(File, monday), full(Investigate, monday)},
		"twice":     {full(File, monday), full(File, monday)},
	} {
		if _, err := Replay(steps); !errors.Is(err, NotNow) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Everything that is kept or sent has a name in Chinese, and every name is another.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	name := func(n string) {
		if n == "" || seen[n] {
			t.Errorf("name %q", n)
		}
		seen[n] = true
	}
	for _, k := range Kinds() {
		name(k.Name())
		if k.About() == "" || !k.Valid() {
			t.Errorf("%s says nothing", k)
		}
	}
	for _, s := range append(Way(), Withdrawn) {
		name("state " + s.Name())
	}
	for _, a := range every {
		name("action " + a.Name())
	}
	for _, c := range []Channel{AtTerminal, OnPhone, ByCall} {
		name(c.Name())
	}
	name(Simple.Name())
	name(Complex.Name())
	if Kind("x").Valid() || Kind("x").About()+State("x").Name()+Action("x").Name()+Class("x").Name()+Channel("x").Name() != "" {
		t.Error("what is not known has a name")
	}
}
