package complaints

import (
	"context"
	"slices"
	"strings"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// Viewer is somebody of the staff who asks.
type Viewer struct {
	Account string // stable id
	Name    string
	Handles bool     // has the role 投诉处理人
	Windows []string // Window.IDs where they work
}

func (v Viewer) actor() string { return "staff:" + v.Account }

// allowed refuses whoever does not handle complaints.
func (v Viewer) allowed() error {
	if !v.Handles || v.Account == "" {
		return centralapi.Refuse(centralapi.CodeForbidden, "只有投诉处理人可以看投诉。")
	}
	return nil
}

func (v Viewer) person() complaint.Person {
	return complaint.Person{Account: v.Account, Windows: v.Windows}
}

// Filter says which cases a list has. The zero Filter is all of them.
type Filter struct {
	Open    bool // neither archived nor withdrawn
	Overdue bool // the deadline has passed, or another department is to be asked
	Kind    complaint.Kind
	State   complaint.State
	// Satisfaction: what the author thinks of how it was handled.
	Satisfaction complaint.Satisfaction
	Before       int64 // Summary.Number of the last one of the page before
}

// pageSize is how many cases a list has at most, scanSize how many rows are looked at
// at a time to find them.
const (
	pageSize = 50
	scanSize = 500
)

// Summary is a case in a list. Nothing of what its author wrote is in it.
type Summary struct {
	ID         string
	Number     int64 // as staff speak of it
	Kind       complaint.Kind
	Channel    complaint.Channel
	State      complaint.State
	Class      complaint.Class
	Due        string
	Overdue    bool
	FollowUp   string
	AskToday   bool // the other department is to be asked, today or before
	Filed      time.Time
	Changed    time.Time
	Anonymous  bool
	Windows    []string // Window.IDs complained of
	ToClassify bool     // nobody has looked at it yet
	// Satisfaction is what the author thinks of how it was handled; "" = not told.
	Satisfaction complaint.Satisfaction
}

// List returns the cases a viewer may see, newest first; more says whether there are
// further ones before the last.
func (d *Desk) List(ctx context.Context, hallID string, v Viewer, f Filter) (list []Summary, more bool, err error) {
	h, err := d.hall(hallID)
	if err == nil {
		err = v.allowed()
	}
	if err != nil {
		return nil, false, err
	}
	today := complaint.Day(d.now().In(h.Location()))
	err = d.read(ctx, func(tx *store.Tx) error {
		list, more = nil, false
		for before := f.Before; ; {
			rows, err := tx.Complaints(h.ID, f.Open, before, scanSize)
			if err != nil || len(rows) == 0 {
				return err
			}
			ids := make([]string, len(rows))
			for i, r := range rows {
				ids[i] = r.ID
			}
			windows, accounts, err := tx.NamedInComplaints(h.ID, ids)
			if err != nil {
				return err
			}
			opinions, err := tx.ComplaintOpinions(h.ID, ids)
			if err != nil {
				return err
			}
			for _, r := range rows {
				named := complaint.Named{Windows: windows[r.ID], Accounts: accounts[r.ID]}
				s := summary(h, r, named, today)
				s.Satisfaction = complaint.Satisfaction(opinions[r.ID].Level)
				if named.Includes(v.person()) || f.Kind != "" && s.Kind != f.Kind || f.State != "" && s.State != f.State || f.Satisfaction != "" && s.Satisfaction != f.Satisfaction || f.Overdue && !s.Overdue && !s.AskToday {
					continue
				}
				if len(list) == pageSize {
					more = true
					return nil
				}
				list = append(list, s)
			}
			if len(rows) < scanSize {
				return nil
			}
			before = rows[len(rows)-1].N
		}
	})
	return list, more, err
}

func summary(h *hall.Hall, r store.Complaint, named complaint.Named, today string) Summary {
	s := complaint.Status{Due: r.Due, FollowUp: r.FollowUp}
	return Summary{ID: r.ID, Number: r.N, Kind: complaint.Kind(r.Kind), Channel: complaint.Channel(r.Channel), State: complaint.State(r.State),
		Class: complaint.Class(r.Class), Due: r.Due, Overdue: s.Overdue(today), FollowUp: r.FollowUp, AskToday: s.FollowUpDue(today),
		Filed: r.Filed.In(h.Location()), Changed: r.Changed.In(h.Location()), Anonymous: r.Contact == "", Windows: named.Windows,
		ToClassify: complaint.State(r.State) == complaint.Registered}
}

// Case is everything a handler sees of a case, except the contact.
type Case struct {
	Summary
	Status complaint.Status
	Steps  []complaint.Step
	// Words is what the author wrote; Unreadable says that it cannot be opened: the key
	// is gone, or it is not as it was sealed.
	Words      string
	Unreadable bool
	Opinion    Opinion   // of the author, once answered
	Openings   []Opening // of what was sealed, this one included
	Possible   []complaint.Action
}

// Opening tells who has read what was sealed.
type Opening struct {
	At   time.Time
	By   string // staff:ACCOUNT
	Name string
	Part string // centralapi.PartWords or PartContact, or opinion
}

// errHidden is the answer about a case that is not there, and about one that names who
// asks.
var errHidden = centralapi.Refuse(centralapi.CodeNotFound, "没有这件投诉。")

// open finds a case that a viewer may see.
func (d *Desk) open(tx *store.Tx, h *hall.Hall, v Viewer, id string) (store.Complaint, []complaint.Step, complaint.Status, error) {
	row, ok, err := tx.Complaint(h.ID, id)
	if err == nil && !ok {
		err = errHidden
	}
	if err != nil {
		return row, nil, complaint.Status{}, err
	}
	steps, s, err := d.stepsOf(tx, h, id)
	if err == nil && s.Named.Includes(v.person()) {
		err = errHidden
	}
	return row, steps, s, err
}

// Case opens a case, with the author's words. That the words were read is kept.
func (d *Desk) Case(ctx context.Context, hallID string, v Viewer, id string) (Case, error) {
	var c Case
	var in *hall.Hall
	words, err := d.unseal(ctx, hallID, v, id, centralapi.PartWords, func(tx *store.Tx, h *hall.Hall, row store.Complaint, steps []complaint.Step, s complaint.Status) error {
		c = Case{Summary: summary(h, row, s.Named, complaint.Day(d.now().In(h.Location()))), Status: s, Steps: steps, Possible: s.Possible()}
		var err error
		if c.Opinion, err = d.opinion(tx, h, id); err != nil {
			return err
		}
		c.Satisfaction, in = c.Opinion.Level, h
		if c.Opinion.Words != "" {
			if err := tx.AddComplaintOpening(h.ID, id, store.ComplaintOpening{At: d.now(), Actor: v.actor(), ActorName: v.Name, Part: partOpinion}); err != nil {
				return err
			}
		}
		openings, err := tx.ComplaintOpenings(h.ID, id)
		for _, o := range openings {
			c.Openings = append(c.Openings, Opening{At: o.At.In(h.Location()), By: o.Actor, Name: o.ActorName, Part: o.Part})
		}
		return err
	})
	if err != nil {
		return Case{}, err
	}
	c.Words, c.Unreadable = words.text, !words.ok
	d.unsealOpinion(in, id, &c.Opinion)
	return c, nil
}

// Contact opens how the author of a case can be reached; it is empty when the author
// is anonymous. That it was read is kept. readable is false when it cannot be opened.
func (d *Desk) Contact(ctx context.Context, hallID string, v Viewer, id string) (text string, readable bool, err error) {
	contact, err := d.unseal(ctx, hallID, v, id, centralapi.PartContact, nil)
	return contact.text, contact.ok, err
}

type unsealed struct {
	text string
	ok   bool
}

// unseal writes down that a viewer opens a part of a case and, when that is durable,
// opens it. also, if there is one, looks at the case in the same transaction.
func (d *Desk) unseal(ctx context.Context, hallID string, v Viewer, id, part string,
	also func(*store.Tx, *hall.Hall, store.Complaint, []complaint.Step, complaint.Status) error) (unsealed, error) {
	h, err := d.hall(hallID)
	if err == nil {
		err = v.allowed()
	}
	if err != nil {
		return unsealed{}, err
	}
	var box centralapi.Sealed
	err = d.write(ctx, h.ID, func(tx *store.Tx) error {
		box = ""
		row, steps, s, err := d.open(tx, h, v, id)
		if err != nil {
			return err
		}
		if box = centralapi.Sealed(row.Words); part == centralapi.PartContact {
			box = centralapi.Sealed(row.Contact)
		}
		if box != "" {
			if err := tx.AddComplaintOpening(h.ID, id, store.ComplaintOpening{At: d.now(), Actor: v.actor(), ActorName: v.Name, Part: part}); err != nil {
				return err
			}
		}
		if also == nil {
			return nil
		}
		return also(tx, h, row, steps, s)
	})
	if err != nil || box == "" {
		return unsealed{ok: err == nil}, err
	}
	d.log.Info("complaints: opened", "hall", h.ID, "complaint", id, "part", part, "by", v.actor())
	text, err := d.keys.Open(box, centralapi.SealFor(h.ID, id, part))
	if err != nil {
		d.log.Error("complaints: cannot be opened", "hall", h.ID, "complaint", id, "part", part, "err", err)
		return unsealed{}, nil
	}
	return unsealed{text, true}, nil
}

// Move is a step as staff ask for it.
type Move struct {
	Action     complaint.Action
	Seen       int // how many steps the case had when the viewer looked at it
	Text       string
	Class      complaint.Class
	Days       int
	Department string
	FollowUp   string // day
	Named      complaint.Named
}

// Step does something to a case. The error is centralapi.CodeConflict when somebody
// else was faster, or the state does not allow it. Somebody who names themselves in a
// case does not see it any more.
func (d *Desk) Step(ctx context.Context, hallID string, v Viewer, id string, m Move) error {
	h, err := d.hall(hallID)
	if err == nil {
		err = v.allowed()
	}
	if err != nil {
		return err
	}
	if m.Action == complaint.File || m.Action == complaint.Withdraw {
		return centralapi.Refuse(centralapi.CodeInvalid, complaint.NotYours.Sentence())
	}
	for _, w := range m.Named.Windows {
		if _, ok := h.Window(w); !ok {
			return centralapi.Refuse(centralapi.CodeInvalid, "没有这个窗口，请重新选择。")
		}
	}
	if slices.Contains(m.Named.Accounts, "") {
		return centralapi.Refuse(centralapi.CodeInvalid, complaint.NobodyNamed.Sentence())
	}
	step := complaint.Step{Action: m.Action, At: d.now().In(h.Location()), By: v.actor(), ByName: v.Name, Text: strings.TrimSpace(m.Text),
		Class: m.Class, Days: m.Days, Department: strings.TrimSpace(m.Department), FollowUp: m.FollowUp, Named: m.Named}
	return d.write(ctx, h.ID, func(tx *store.Tx) error {
		row, steps, s, err := d.open(tx, h, v, id)
		if err != nil {
			return err
		}
		if len(steps) != m.Seen {
			return centralapi.Refuse(centralapi.CodeConflict, "这件投诉刚刚有人办过，请看清后再办。")
		}
		_, err = d.take(tx, row, steps, s, step)
		return err
	})
}
