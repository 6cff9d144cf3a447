package store

import "time"

// Complaint is a row of the table of complaints. What somebody wrote is in it sealed
// only.
type Complaint struct {
	Hall, ID       string
	N              int64  // 1, 2, 3 … per hall; set by InsertComplaint
	Code           string // its author asks with it
	Kind, Channel  string // as in package complaint, like the next two
	State, Class   string
	Words, Contact string // sealed; Contact "" = anonymous
	Due, FollowUp  string // days; "" = none
	Filed, Changed time.Time
}

// ComplaintStep is something done to a complaint. Steps are never changed.
type ComplaintStep struct {
	N                int64 // 1, 2, 3 … per complaint
	At               time.Time
	Actor, ActorName string
	Action           string
	Words            string
	Detail           string // JSON
}

// ComplaintOpening tells that somebody has read what was sealed.
type ComplaintOpening struct {
	At               time.Time
	Actor, ActorName string
	Part             string
}

const complaintColumns = "hall, id, n, code, kind, channel, words, contact, state, class, due, follow_up, filed_at, changed_at"

func scanComplaint(s scanner) (c Complaint, err error) {
	var filed, changed int64
	err = s.Scan(&c.Hall, &c.ID, &c.N, &c.Code, &c.Kind, &c.Channel, &c.Words, &c.Contact, &c.State, &c.Class, &c.Due, &c.FollowUp, &filed, &changed)
	c.Filed, c.Changed = fromMicros(filed), fromMicros(changed)
	return c, err
}

// InsertComplaint adds a complaint and returns its number. Its id and its code must be
// new in the hall.
func (t *Tx) InsertComplaint(c Complaint) (n int64, err error) {
	if err := t.mayWrite(c.Hall); err != nil {
		return 0, err
	}
	if _, err := t.one([]any{&n}, "SELECT coalesce(max(n), 0) + 1 FROM complaint WHERE hall = ?", c.Hall); err != nil {
		return 0, err
	}
	_, err = t.exec("INSERT INTO complaint ("+complaintColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		c.Hall, c.ID, n, c.Code, c.Kind, c.Channel, c.Words, c.Contact, c.State, c.Class, c.Due, c.FollowUp, micros(c.Filed), micros(c.Changed))
	return n, err
}

// UpdateComplaint writes what steps change: State, Class, Due, FollowUp and Changed.
func (t *Tx) UpdateComplaint(c Complaint) error {
	if err := t.mayWrite(c.Hall); err != nil {
		return err
	}
	_, err := t.exec("UPDATE complaint SET state = ?, class = ?, due = ?, follow_up = ?, changed_at = ? WHERE hall = ? AND id = ?",
		c.State, c.Class, c.Due, c.FollowUp, micros(c.Changed), c.Hall, c.ID)
	return err
}

// Complaint returns a complaint by its id.
func (t *Tx) Complaint(hall, id string) (Complaint, bool, error) {
	return t.oneComplaint("id = ?", hall, id)
}

// ComplaintByCode returns a complaint by its query code.
func (t *Tx) ComplaintByCode(hall, code string) (Complaint, bool, error) {
	return t.oneComplaint("code = ?", hall, code)
}

func (t *Tx) oneComplaint(where, hall, value string) (Complaint, bool, error) {
	list, err := all(t, scanComplaint, "SELECT "+complaintColumns+" FROM complaint WHERE hall = ? AND "+where, hall, value)
	if err != nil || len(list) == 0 {
		return Complaint{}, false, err
	}
	return list[0], true, nil
}

// Complaints returns a hall's complaints with numbers below before (0: all), the newest
// first, at most limit. With open only those that are neither archived nor withdrawn.
func (t *Tx) Complaints(hall string, open bool, before int64, limit int) ([]Complaint, error) {
	query := "SELECT " + complaintColumns + " FROM complaint WHERE hall = ?"
	args := []any{hall}
	if open {
		query += " AND state NOT IN ('archived', 'withdrawn')"
	}
	if before > 0 {
		query += " AND n < ?"
		args = append(args, before)
	}
	return all(t, scanComplaint, query+" ORDER BY n DESC LIMIT ?", append(args, int64(limit))...)
}

// AddComplaintStep adds the next step of a complaint. n is its number: another step
// that came first makes it fail.
func (t *Tx) AddComplaintStep(hall, id string, s ComplaintStep) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO complaint_step (hall, complaint, n, at, actor, actor_name, action, words, detail)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, hall, id, s.N, micros(s.At), s.Actor, s.ActorName, s.Action, s.Words, s.Detail)
	return err
}

// ComplaintSteps returns the steps of a complaint, the oldest first.
func (t *Tx) ComplaintSteps(hall, id string) ([]ComplaintStep, error) {
	return all(t, func(s scanner) (c ComplaintStep, err error) {
		var at int64
		err = s.Scan(&c.N, &at, &c.Actor, &c.ActorName, &c.Action, &c.Words, &c.Detail)
		c.At = fromMicros(at)
		return c, err
	}, "SELECT n, at, actor, actor_name, action, words, detail FROM complaint_step WHERE hall = ? AND complaint = ? ORDER BY n", hall, id)
}

// NameInComplaint records who is named in a complaint; who is already stays.
func (t *Tx) NameInComplaint(hall, id string, windows, accounts []string) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	for what, names := range map[string][]string{"window": windows, "account": accounts} {
		for _, name := range names {
			if _, err := t.exec("INSERT INTO complaint_named (hall, complaint, what, name) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", hall, id, what, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// NamedInComplaints returns who is named in each of these complaints, by its id.
func (t *Tx) NamedInComplaints(hall string, ids []string) (windows, accounts map[string][]string, err error) {
	windows, accounts = map[string][]string{}, map[string][]string{}
	_, err = all(t, func(s scanner) (struct{}, error) {
		var id, what, name string
		if err := s.Scan(&id, &what, &name); err != nil {
			return struct{}{}, err
		}
		if what == "window" {
			windows[id] = append(windows[id], name)
		} else {
			accounts[id] = append(accounts[id], name)
		}
		return struct{}{}, nil
	}, "SELECT n.complaint, n.what, n.name FROM "+t.d.wanted()+t.d.then("complaint_named", "n", byKey, "hall = ?", "complaint = w.id")+
		" ORDER BY n.complaint, n.what, n.name", t.d.list(ids), hall)
	return windows, accounts, err
}

// AddComplaintOpening records that somebody has read what was sealed.
func (t *Tx) AddComplaintOpening(hall, id string, o ComplaintOpening) error {
	if err := t.mayWrite(hall); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO complaint_opening (hall, complaint, n, at, actor, actor_name, part)
		SELECT ?, ?, coalesce(max(n), 0) + 1, ?, ?, ?, ? FROM complaint_opening WHERE hall = ? AND complaint = ?`,
		hall, id, micros(o.At), o.Actor, o.ActorName, o.Part, hall, id)
	return err
}

// ComplaintOpenings returns who has read what was sealed in a complaint, the first
// reader first.
func (t *Tx) ComplaintOpenings(hall, id string) ([]ComplaintOpening, error) {
	return all(t, func(s scanner) (o ComplaintOpening, err error) {
		var at int64
		err = s.Scan(&at, &o.Actor, &o.ActorName, &o.Part)
		o.At = fromMicros(at)
		return o, err
	}, "SELECT at, actor, actor_name, part FROM complaint_opening WHERE hall = ? AND complaint = ? ORDER BY n", hall, id)
}
