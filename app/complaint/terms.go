package complaint

import (
	"cmp"
	"time"
)

// dayLayout is how days are written.
const dayLayout = "2006-01-02"

// Day returns the day of a time in its own location, 2026-11-24.
func Day(t time.Time) string { return t.Format(dayLayout) }

func isDay(text string) bool {
	_, err := time.Parse(dayLayout, text)
	return err == nil
}

// Calendar counts working days; *workday.Calendar does.
type Calendar interface {
	// AddWorkingDays returns the beginning of the day on which a term of n working
	// days ends that begins on the day of from.
	AddWorkingDays(from time.Time, n int) time.Time
}

// Terms are how long things may take, in working days. A zero field is its default.
type Terms struct {
	Classify  int // until a case is verified and classified; default 2
	Simple    int // from filing to the answer; default 5
	Complex   int // from filing to the answer; default 15
	Extension int // at most by one extension; default 15
}

func (t Terms) filled() Terms {
	return Terms{cmp.Or(t.Classify, 2), cmp.Or(t.Simple, 5), cmp.Or(t.Complex, 15), cmp.Or(t.Extension, 15)}
}

// MaxExtension is how many working days a case may be extended by.
func (t Terms) MaxExtension() int { return t.filled().Extension }

// Plan returns the step with the deadline it sets, if it sets one: filing, verifying
// and extending do. It leaves what is missing for [Status.After] to refuse.
func (t Terms) Plan(c Calendar, s Status, step Step) Step {
	t = t.filled()
	step.Due = ""
	switch {
	case step.Action == File:
		step.Due = Day(c.AddWorkingDays(step.At, t.Classify))
	case step.Action == Verify && step.Class == Simple:
		step.Due = Day(c.AddWorkingDays(s.Filed(), t.Simple))
	case step.Action == Verify:
		step.Due = Day(c.AddWorkingDays(s.Filed(), t.Complex))
	case step.Action == Extend && step.Days >= 1 && step.Days <= t.Extension:
		due, err := time.ParseInLocation(dayLayout, s.Due, step.At.Location())
		if err == nil {
			step.Due = Day(c.AddWorkingDays(due, step.Days))
		}
	}
	return step
}
