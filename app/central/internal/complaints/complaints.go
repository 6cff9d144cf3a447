// Package complaints takes complaints and suggestions in, carries them from filing to
// archive, and tells their authors how far they have come. Package pages and package
// httpapi call [Desk]; package queue hands it what terminals have taken ([Desk.Take]).
// What a case is and what may be done to it is decided by package complaint; the rows
// are kept by package store, beside the ledger and outside of it.
//
// # What somebody writes in confidence
//
// The words and the contact of a complaint are kept sealed only: by the terminal before
// they touch its disk, by this package for those that come through a page. They are opened
// for an account with the role for it that is not named in the case, and each opening is
// written down, durably, before the text is handed out. Nothing of them is ever logged or
// part of an error.
//
// # Who sees a case
//
// Staff see a case when their account handles complaints and the case does not name
// them, by account or by a window of theirs ([complaint.Named]). For everybody else it is
// not there: lists leave it out, its address answers as one that does not exist. Its author sees
// the progress and the answer, by the code. Codes are guessed at by programs, so wrong ones
// are counted by address; a code mistyped by a person nearly always fails its check and
// costs nothing.
//
// # What the author thinks of it
//
// Once answered, the author may say by the code, once, whether they are satisfied with how
// it was handled ([Desk.Judge]). That changes nothing in the case: it is counted, and
// shown to those who handle it. What they add in words is sealed like the complaint.
package complaints

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/sealed"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// Config says what a Desk works on. Store, Halls and Keys are required.
type Config struct {
	Store    *store.Store
	Halls    []*hall.Hall
	Keys     *sealed.Keys
	Calendar complaint.Calendar // of all halls; default: each hall's own, Hall.Workdays
	Terms    complaint.Terms    // of all halls; zero = each hall's own, Hall.Complaints
	Now      func() time.Time   // default time.Now
	Logger   *slog.Logger       // default: nothing is logged
}

// Desk takes and handles the complaints of all halls of this service. It is safe for
// concurrent use. Its errors are or wrap a [*centralapi.Error] with a code and a
// sentence for people, except for a context that has ended.
type Desk struct {
	store    *store.Store
	halls    map[string]*hall.Hall
	keys     *sealed.Keys
	calendar map[string]complaint.Calendar // by Hall.ID
	terms    map[string]complaint.Terms    // by Hall.ID
	now      func() time.Time
	log      *slog.Logger

	filings allowance // complaints filed through pages, by address
	misses  allowance // codes that are not known, by address
}

// New returns a Desk. It fails when something required is missing.
func New(c Config) (*Desk, error) {
	if c.Store == nil || c.Keys == nil || len(c.Halls) == 0 {
		return nil, errors.New("complaints: store, keys and at least one hall are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Desk{store: c.Store, halls: map[string]*hall.Hall{}, keys: c.Keys, calendar: map[string]complaint.Calendar{}, terms: map[string]complaint.Terms{}, now: c.Now, log: c.Logger,
		filings: allowance{burst: 20, every: time.Minute}, misses: allowance{burst: 10, every: 30 * time.Second}}
	for _, h := range c.Halls {
		if h == nil || h.ID == "" {
			return nil, errors.New("complaints: a hall has no id")
		}
		d.halls[h.ID], d.calendar[h.ID], d.terms[h.ID] = h, c.Calendar, c.Terms
		if c.Calendar == nil {
			own, err := h.Workdays()
			if err != nil {
				return nil, fmt.Errorf("complaints: hall %q: %w", h.ID, err)
			}
			d.calendar[h.ID] = own
		}
		if c.Terms == (complaint.Terms{}) {
			d.terms[h.ID] = h.Complaints.Terms()
		}
	}
	return d, nil
}

// SealKey is the key with which terminals seal.
func (d *Desk) SealKey() centralapi.SealKey { return d.keys.Public() }

// MaxExtension is how many working days a case of a hall may be extended by.
func (d *Desk) MaxExtension(hallID string) int { return d.terms[hallID].MaxExtension() }

// Filing is a complaint as somebody writes it.
type Filing struct {
	// ID is a UUID made with the form: the same one again is the same complaint.
	ID      string
	Kind    complaint.Kind
	Window  string // Window.ID complained of, or empty
	Words   string // 1 to complaint.MaxWords characters
	Contact string // at most complaint.MaxContact characters; empty = anonymous
}

// Receipt is what the author takes away.
type Receipt struct {
	Code complaint.Code
	Due  string // day by which it is looked into; empty for one that was filed before
}

// File files a complaint that came through a page of the hall, from an address.
func (d *Desk) File(ctx context.Context, hallID string, f Filing, from netip.Prefix) (Receipt, error) {
	return d.file(ctx, hallID, f, complaint.OnPhone, complaint.Step{By: complaint.Author}, &from)
}

// FileCall files a complaint that staff have heard by telephone.
func (d *Desk) FileCall(ctx context.Context, hallID string, v Viewer, f Filing) (Receipt, error) {
	if err := v.allowed(); err != nil {
		return Receipt{}, err
	}
	return d.file(ctx, hallID, f, complaint.ByCall, complaint.Step{By: v.actor(), ByName: v.Name}, nil)
}

func (d *Desk) file(ctx context.Context, hallID string, f Filing, channel complaint.Channel, step complaint.Step, from *netip.Prefix) (Receipt, error) {
	h, err := d.hall(hallID)
	if err != nil {
		return Receipt{}, err
	}
	f.Words, f.Contact = strings.TrimSpace(f.Words), strings.TrimSpace(f.Contact)
	if err := check(h, f); err != nil {
		return Receipt{}, err
	}
	if from != nil {
		if wait, ok := d.filings.take(*from, d.now()); !ok {
			return Receipt{}, centralapi.Refuse(centralapi.CodeTooMany, "提交得太多了，请稍后再试，或者到服务台当面反映。").After(wait)
		}
	}
	body := centralapi.Complaint{ID: f.ID, Code: complaint.NewCode(), Kind: f.Kind, Window: f.Window}
	key := d.keys.Public()
	if body.Words, err = key.Seal(centralapi.SealFor(h.ID, f.ID, centralapi.PartWords), f.Words); err != nil {
		return Receipt{}, explain(ctx, err)
	}
	if f.Contact != "" {
		if body.Contact, err = key.Seal(centralapi.SealFor(h.ID, f.ID, centralapi.PartContact), f.Contact); err != nil {
			return Receipt{}, explain(ctx, err)
		}
	}
	step.At = d.now().In(h.Location())
	var r Receipt
	err = d.write(ctx, h.ID, func(tx *store.Tx) error {
		r = Receipt{}
		// The same form sent twice. What it says cannot be compared, as it is sealed
		// anew each time; nobody else knows its random id.
		if known, ok, err := tx.Complaint(h.ID, body.ID); err != nil || ok {
			r = Receipt{Code: complaint.Code(known.Code), Due: known.Due}
			return err
		}
		s, err := d.insert(tx, h, body, channel, step)
		r = Receipt{Code: body.Code, Due: s.Due}
		return err
	})
	return r, err
}

// check refuses a filing that says too little or too much.
func check(h *hall.Hall, f Filing) error {
	refuse := func(sentence string) error { return centralapi.Refuse(centralapi.CodeInvalid, sentence) }
	_, known := h.Window(f.Window)
	switch {
	case !validID(f.ID):
		return refuse("页面已经过期，请刷新后再提交。")
	case !f.Kind.Valid():
		return refuse("请选择反映哪一类问题。")
	case f.Window != "" && !known:
		return refuse("没有这个窗口，请重新选择。")
	case f.Words == "":
		return refuse("请写一写是什么情况。")
	case !utf8.ValidString(f.Words) || !utf8.ValidString(f.Contact):
		return refuse("有认不出来的字，请改一改再提交。")
	case utf8.RuneCountInString(f.Words) > complaint.MaxWords:
		return refuse(fmt.Sprintf("写得太长了，最多 %d 个字。", complaint.MaxWords))
	case utf8.RuneCountInString(f.Contact) > complaint.MaxContact:
		return refuse(fmt.Sprintf("联系方式太长了，最多 %d 个字。", complaint.MaxContact))
	}
	return nil
}

// Take files, in the transaction of a hall, what a terminal has taken at a time. A
// complaint that is there already is left alone. The error says why it cannot be, and
// holds nothing that somebody wrote.
func (d *Desk) Take(tx *store.Tx, hallID, terminal string, c centralapi.Complaint, at time.Time) error {
	h, ok := d.halls[hallID]
	if !ok {
		return errors.New("no such hall")
	}
	code, err := complaint.ParseCode(string(c.Code))
	switch {
	case !validID(c.ID):
		return errors.New("malformed complaint id")
	case err != nil || code != c.Code:
		return errors.New("malformed query code")
	case !c.Kind.Valid():
		return errors.New("unknown kind of complaint")
	}
	if _, ok := h.Window(c.Window); !ok {
		c.Window = "" // the hall has changed since; the words still say what happened
	}
	// Whether it can be opened is not looked at: were the key lost, a case must still be
	// there that somebody holds a receipt of.
	if _, _, err := c.Words.Split(); err != nil {
		return errors.New("the words are not sealed")
	}
	if c.Contact != "" {
		if _, _, err := c.Contact.Split(); err != nil {
			return errors.New("the contact is not sealed")
		}
	}
	known, ok, err := tx.Complaint(h.ID, c.ID)
	switch {
	case err != nil:
		return err
	case ok && known.Code == string(c.Code):
		return nil // told before, under another event id
	case ok:
		return errors.New("id used before with another code")
	}
	if _, used, err := tx.ComplaintByCode(h.ID, string(c.Code)); err != nil {
		return err
	} else if used {
		return errors.New("another complaint has this code")
	}
	_, err = d.insert(tx, h, c, complaint.AtTerminal, complaint.Step{By: "terminal:" + terminal, At: at.In(h.Location())})
	return err
}

// insert adds a complaint with its first step.
func (d *Desk) insert(tx *store.Tx, h *hall.Hall, c centralapi.Complaint, channel complaint.Channel, step complaint.Step) (complaint.Status, error) {
	step.Action = complaint.File
	if c.Window != "" {
		step.Named = complaint.Named{Windows: []string{c.Window}}
	}
	step = d.terms[h.ID].Plan(d.calendar[h.ID], complaint.Status{}, step)
	s, err := complaint.Status{}.After(step)
	if err != nil {
		return s, err
	}
	row := store.Complaint{Hall: h.ID, ID: c.ID, Code: string(c.Code), Kind: string(c.Kind), Channel: string(channel),
		Words: string(c.Words), Contact: string(c.Contact), Filed: step.At, Changed: step.At}
	show(&row, s)
	if _, err := tx.InsertComplaint(row); err != nil {
		return s, err
	}
	return s, d.addStep(tx, row, 1, step)
}

// show writes into a row what lists are made of.
func show(row *store.Complaint, s complaint.Status) {
	row.State, row.Class, row.Due, row.FollowUp = string(s.State), string(s.Class), s.Due, s.FollowUp
}

// detail is what a step keeps besides who, when and in what words.
type detail struct {
	Class      complaint.Class `json:"class,omitempty"`
	Due        string          `json:"due,omitempty"`
	Days       int             `json:"days,omitempty"`
	Department string          `json:"department,omitempty"`
	FollowUp   string          `json:"follow_up,omitempty"`
	Windows    []string        `json:"windows,omitempty"`
	Accounts   []string        `json:"accounts,omitempty"`
}

func (d *Desk) addStep(tx *store.Tx, row store.Complaint, n int64, s complaint.Step) error {
	data, err := json.Marshal(detail{s.Class, s.Due, s.Days, s.Department, s.FollowUp, s.Named.Windows, s.Named.Accounts})
	if err != nil {
		return fmt.Errorf("complaints: %w", err)
	}
	if err := tx.AddComplaintStep(row.Hall, row.ID, store.ComplaintStep{N: n, At: s.At, Actor: s.By, ActorName: s.ByName,
		Action: string(s.Action), Words: s.Text, Detail: string(data)}); err != nil {
		return err
	}
	return tx.NameInComplaint(row.Hall, row.ID, s.Named.Windows, s.Named.Accounts)
}

// stepsOf returns the steps of a complaint and what follows from them.
func (d *Desk) stepsOf(tx *store.Tx, h *hall.Hall, id string) ([]complaint.Step, complaint.Status, error) {
	rows, err := tx.ComplaintSteps(h.ID, id)
	if err != nil {
		return nil, complaint.Status{}, err
	}
	steps := make([]complaint.Step, len(rows))
	for i, r := range rows {
		var more detail
		if err := json.Unmarshal([]byte(r.Detail), &more); err != nil {
			return nil, complaint.Status{}, fmt.Errorf("complaints: step %d of %s: malformed detail", r.N, id)
		}
		steps[i] = complaint.Step{Action: complaint.Action(r.Action), At: r.At.In(h.Location()), By: r.Actor, ByName: r.ActorName, Text: r.Words,
			Class: more.Class, Due: more.Due, Days: more.Days, Department: more.Department, FollowUp: more.FollowUp,
			Named: complaint.Named{Windows: more.Windows, Accounts: more.Accounts}}
	}
	s, err := complaint.Replay(steps)
	if err != nil {
		return nil, s, fmt.Errorf("complaints: %s: %w", id, err)
	}
	return steps, s, nil
}

// take makes one more step of a case whose steps are known.
func (d *Desk) take(tx *store.Tx, row store.Complaint, steps []complaint.Step, s complaint.Status, step complaint.Step) (complaint.Status, error) {
	if last := steps[len(steps)-1].At; step.At.Before(last) {
		step.At = last // the clock was set back; the order is that of the steps
	}
	step = d.terms[row.Hall].Plan(d.calendar[row.Hall], s, step)
	next, err := s.After(step)
	if why, ok := errors.AsType[complaint.Refusal](err); ok {
		code := centralapi.CodeInvalid
		if slices.Contains([]complaint.Refusal{complaint.NotNow, complaint.Elsewhere, complaint.NotElsewhere, complaint.ExtendedBefore}, why) {
			code = centralapi.CodeConflict
		}
		return s, fmt.Errorf("%w: %w", centralapi.Refuse(code, why.Sentence()), err)
	}
	if err != nil {
		return s, err
	}
	show(&row, next)
	row.Changed = step.At
	if err := tx.UpdateComplaint(row); err != nil {
		return s, err
	}
	return next, d.addStep(tx, row, int64(len(steps))+1, step)
}

func (d *Desk) hall(id string) (*hall.Hall, error) {
	h, ok := d.halls[id]
	if !ok {
		return nil, centralapi.Refuse(centralapi.CodeNotFound, "没有这个大厅。")
	}
	return h, nil
}

func (d *Desk) read(ctx context.Context, fn func(*store.Tx) error) error {
	return explain(ctx, d.store.Read(ctx, fn))
}

func (d *Desk) write(ctx context.Context, hallID string, fn func(*store.Tx) error) error {
	return explain(ctx, d.store.Write(ctx, hallID, fn))
}

func explain(ctx context.Context, err error) error { return store.Explain(ctx, "complaints", err) }

// validID reports whether id is a UUID in its canonical form.
func validID(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && u.String() == id
}
