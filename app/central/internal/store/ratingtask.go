package store

import "time"

// RatingTask is the follow-up of a bad rating, with that rating. Package ratings has the
// rules and the words for State and Verdict.
type RatingTask struct {
	Hall, ID   string
	State      string
	Opened     time.Time
	Half, Late time.Time // when to remind
	Due        time.Time // the first moment that is too late
	Reminded   int       // percent of the newest reminder: 0, 50, 80, 100
	Handler    string    // account
	Reviewer   string
	Verdict    string
	Answer     string // for the rater
	Closed     time.Time
	Rating     Rating // that it is about
	Label      string // of its ticket
}

// RatingStep is something done about a task.
type RatingStep struct {
	N       int // 1, 2, 3 …
	At      time.Time
	Actor   string // account, or "centre"
	Action  string
	Verdict string
	Text    string
}

// InsertRatingTask opens a task for the rating t.Rating, which must be there, with its
// first step.
func (t *Tx) InsertRatingTask(k RatingTask, first RatingStep) error {
	if err := t.mayWrite(k.Hall); err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO rating_task (hall, id, ticket, n, state, opened_at, half_at, late_at, due_at, reminded, handler, reviewer, verdict, answer, closed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.Hall, k.ID, k.Rating.Ticket, ratingNumbers[k.Rating.Kind], k.State, micros(k.Opened), micros(k.Half), micros(k.Late), micros(k.Due),
		int64(k.Reminded), k.Handler, k.Reviewer, k.Verdict, k.Answer, micros(k.Closed)); err != nil {
		return err
	}
	return t.addRatingStep(k, first)
}

// UpdateRatingTask keeps what changes of a task, with the step that changed it.
func (t *Tx) UpdateRatingTask(k RatingTask, step RatingStep) error {
	if err := t.mayWrite(k.Hall); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE rating_task SET state = ?, reminded = ?, handler = ?, reviewer = ?, verdict = ?, answer = ?, closed_at = ? WHERE hall = ? AND id = ?",
		k.State, int64(k.Reminded), k.Handler, k.Reviewer, k.Verdict, k.Answer, micros(k.Closed), k.Hall, k.ID); err != nil {
		return err
	}
	return t.addRatingStep(k, step)
}

func (t *Tx) addRatingStep(k RatingTask, s RatingStep) error {
	var n int64
	if _, err := t.one([]any{&n}, "SELECT coalesce(max(n), 0) + 1 FROM rating_step WHERE hall = ? AND task = ?", k.Hall, k.ID); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO rating_step (hall, task, n, at, actor, action, verdict, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		k.Hall, k.ID, n, micros(s.At), s.Actor, s.Action, s.Verdict, s.Text)
	return err
}

// RatingSteps returns what was done about a task, in order.
func (t *Tx) RatingSteps(hall, task string) ([]RatingStep, error) {
	return all(t, func(s scanner) (p RatingStep, err error) {
		var at int64
		err = s.Scan(&p.N, &at, &p.Actor, &p.Action, &p.Verdict, &p.Text)
		p.At = fromMicros(at)
		return p, err
	}, "SELECT n, at, actor, action, verdict, text FROM rating_step WHERE hall = ? AND task = ? ORDER BY n", hall, task)
}

func (t *Tx) ratingTasks(where string, args ...any) ([]RatingTask, error) {
	type keyed struct {
		RatingTask
		ticket string
		n      int64
	}
	rows, err := all(t, func(s scanner) (k keyed, err error) {
		var opened, half, late, due, closed int64
		err = s.Scan(&k.Hall, &k.ID, &k.ticket, &k.n, &k.State, &opened, &half, &late, &due, &k.Reminded,
			&k.Handler, &k.Reviewer, &k.Verdict, &k.Answer, &closed, &k.Label)
		k.Opened, k.Half, k.Late, k.Due, k.Closed = fromMicros(opened), fromMicros(half), fromMicros(late), fromMicros(due), fromMicros(closed)
		return k, err
	}, `SELECT k.hall, k.id, k.ticket, k.n, k.state, k.opened_at, k.half_at, k.late_at, k.due_at, k.reminded,
		k.handler, k.reviewer, k.verdict, k.answer, k.closed_at, coalesce((SELECT t.label FROM ticket t WHERE t.hall = k.hall AND t.id = k.ticket), '')
		FROM rating_task k WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]RatingTask, len(rows))
	for i, k := range rows {
		list, err := t.ratings("hall = ? AND ticket = ? AND n = ?", k.Hall, k.ticket, k.n)
		if err != nil {
			return nil, err
		}
		if len(list) == 1 {
			k.Rating = list[0]
		}
		out[i] = k.RatingTask
	}
	return out, nil
}

// RatingTask returns a task.
func (t *Tx) RatingTask(hall, id string) (RatingTask, bool, error) {
	list, err := t.ratingTasks("k.hall = ? AND k.id = ?", hall, id)
	if err != nil || len(list) == 0 {
		return RatingTask{}, false, err
	}
	return list[0], true, nil
}

// RatingTasksOf returns the tasks of a service's ratings.
func (t *Tx) RatingTasksOf(hall, ticket string) ([]RatingTask, error) {
	return t.ratingTasks("k.hall = ? AND k.ticket = ? ORDER BY k.n", hall, ticket)
}

// OpenRatingTasks returns the tasks that are not closed, the most urgent first; at most
// limit.
func (t *Tx) OpenRatingTasks(hall string, limit int) ([]RatingTask, error) {
	return t.ratingTasks("k.hall = ? AND k.state <> 'closed' ORDER BY k.due_at, k.id LIMIT ?", hall, int64(limit))
}

// RatingTasksBetween returns the tasks of services of the days from first to last, by
// the time they were opened.
func (t *Tx) RatingTasksBetween(hall, firstDay, lastDay string) ([]RatingTask, error) {
	return t.ratingTasks(`k.hall = ? AND EXISTS (SELECT 1 FROM rating r WHERE r.hall = k.hall AND r.ticket = k.ticket AND r.n = k.n AND r.day >= ? AND r.day <= ?)
		ORDER BY k.opened_at, k.id`, hall, firstDay, lastDay)
}

// TasksToRemind returns the open tasks of which a reminder is due that has not been
// given; at most limit.
func (t *Tx) TasksToRemind(hall string, now time.Time, limit int) ([]RatingTask, error) {
	return t.ratingTasks(`k.hall = ? AND k.state <> 'closed' AND
		((k.half_at <= ? AND k.reminded < 50) OR (k.late_at <= ? AND k.reminded < 80) OR (k.due_at <= ? AND k.reminded < 100))
		ORDER BY k.due_at, k.id LIMIT ?`, hall, micros(now), micros(now), micros(now), int64(limit))
}
