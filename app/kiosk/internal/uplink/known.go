package uplink

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/handoff"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// known is what the centre said, as far as it is worth keeping. Each field is a
// row of the table known; nil = never heard.
type known struct {
	catalogue *centralapi.Catalogue
	terminal  *centralapi.Terminal
	time      *centreTime
	// incarnation is this file's newest; see the package documentation.
	incarnation *incarnation
	closed      *closed
}

// The subjects of the table known.
const (
	subjectCatalogue = "catalogue"
	subjectTerminal  = "terminal"
	subjectTime      = "time"

	subjectIncarnation = "incarnation"
	subjectClosed      = "closed"
)

// centreTime ties the centre's clock to the monotonic clock of one boot.
type centreTime struct {
	BootID    string    `json:"boot_id"`
	Monotonic int64     `json:"monotonic"` // ms, when Centre was heard
	Centre    time.Time `json:"centre"`
	Day       string    `json:"day"` // business day at that moment, by the centre
}

// drift is how far the two clocks may part before the tie is kept anew. Keeping
// it after every look would wear the disk out for nothing.
const drift = 2 * time.Second

// at returns the centre's time at the moment m, if the tie is of this boot.
func (c *centreTime) at(m localstore.Moment) (time.Time, bool) {
	if c == nil || c.BootID != m.BootID || m.Monotonic < c.Monotonic {
		return time.Time{}, false
	}
	return c.Centre.Add(time.Duration(m.Monotonic-c.Monotonic) * time.Millisecond), true
}

// Catalogue returns the last good catalogue; ok is false before the first.
func (u *Uplink) Catalogue() (c centralapi.Catalogue, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known.catalogue == nil {
		return centralapi.Catalogue{}, false
	}
	return *u.known.catalogue, true
}

// Terminal returns this terminal as the centre knows it, with the secret for
// Holder.Key; ok is false before the first contact.
func (u *Uplink) Terminal() (t centralapi.Terminal, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known.terminal == nil {
		return centralapi.Terminal{}, false
	}
	return *u.known.terminal, true
}

// Status returns the newest status of this run; ok is false before the first. It
// is not kept over a restart: old waiting counts help nobody.
func (u *Uplink) Status() (s centralapi.Status, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.status == nil {
		return centralapi.Status{}, false
	}
	return *u.status, true
}

// State returns the uplink's condition.
func (u *Uplink) State() State {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.state
}

// Away reports whether the last contact failed; false before the first.
func (u *Uplink) Away() bool { return u.State().Away }

// Slot returns the number of the terminal's own series. ok is false before the
// first contact, and while State.Problem closes the series.
func (u *Uplink) Slot() (slot int, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known.terminal == nil || u.known.terminal.Slot < 1 || u.state.Problem != nil {
		return 0, false
	}
	return u.known.terminal.Slot, true
}

// Now returns the hall's time, in the hall's zone, and its business day. sure is
// true when both are the centre's, counted on since its last answer by the
// monotonic clock of this boot, and the centre itself believed its clock then: a
// centre whose clock was put wrong names another day than that clock. Otherwise they are the wall clock's, except that
// the day is never before one that the centre named. day is empty before the
// first catalogue.
func (u *Uplink) Now() (at time.Time, day string, sure bool) {
	m := u.config.Store.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	at, sure = u.known.time.at(m)
	if u.known.catalogue == nil {
		if !sure {
			at = m.Wall
		}
		return at, "", false
	}
	h := &u.known.catalogue.Hall
	if sure = sure && h.BusinessDay(u.known.time.Centre) == u.known.time.Day; !sure {
		at = m.Wall
	}
	at, day = at.In(h.Location()), h.BusinessDay(at)
	if t := u.known.time; !sure && t != nil && day < t.Day {
		day = t.Day
	}
	return at, day, sure
}

// Named reports whether the centre has said in this boot that it is on that business
// day.
func (u *Uplink) Named(day string) bool {
	m := u.config.Store.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	_, thisBoot := u.known.time.at(m)
	return thisBoot && u.known.time.Day == day
}

// load reads the table known. What this program cannot read, because an older or
// newer one wrote it, counts as never heard: the centre says it again.
func (u *Uplink) load(ctx context.Context) (known, error) {
	var k known
	err := u.config.Store.Read(ctx, "known", func(tx *localstore.Tx) error {
		for subject, into := range map[string]any{
			subjectCatalogue: &k.catalogue, subjectTerminal: &k.terminal, subjectTime: &k.time,
			subjectIncarnation: &k.incarnation, subjectClosed: &k.closed,
		} {
			var value string
			err := tx.QueryRow(`SELECT value FROM known WHERE subject = ?`, subject).Scan(&value)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(value), into); err != nil {
				u.log.Warn("what was kept cannot be read", "subject", subject, "error", err)
			}
		}
		return nil
	})
	if err != nil {
		return known{}, fmt.Errorf("uplink: what is known: %w", err)
	}
	if k.catalogue != nil && k.catalogue.Hall.ID != u.config.Hall {
		k.catalogue = nil // the terminal was moved to another hall
	}
	return k, nil
}

func (u *Uplink) keep(ctx context.Context, subject string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("uplink: keep %s: %w", subject, err)
	}
	err = u.config.Store.Write(ctx, "known", func(tx *localstore.Tx) error {
		_, err := tx.Exec(`INSERT INTO known (subject, value) VALUES (?, ?)
			ON CONFLICT (subject) DO UPDATE SET value = excluded.value`, subject, string(data))
		return err
	})
	if err != nil {
		return fmt.Errorf("uplink: keep %s: %w", subject, err)
	}
	return nil
}

func (u *Uplink) keepCatalogue(ctx context.Context, c centralapi.Catalogue) error {
	if err := u.keep(ctx, subjectCatalogue, c); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.known.catalogue = &c
	return nil
}

// keepTime ties the centre's clock to ours, unless the tie there is still holds.
func (u *Uplink) keepTime(ctx context.Context, s centralapi.Status) error {
	m := u.config.Store.Now()
	heard := centreTime{BootID: m.BootID, Monotonic: m.Monotonic, Centre: s.Now, Day: s.BusinessDay}
	if heard.Centre.IsZero() || heard.Day == "" {
		return fmt.Errorf("uplink: status: without the centre's time")
	}
	u.mu.Lock()
	old := u.known.time
	u.mu.Unlock()
	expected, ok := old.at(m)
	if ok && old.Day == heard.Day && expected.Sub(heard.Centre).Abs() < drift {
		return nil
	}
	if err := u.keep(ctx, subjectTime, heard); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.known.time = &heard
	return nil
}

// enrol reads the terminal's record and holds it against the file.
func (u *Uplink) enrol(ctx context.Context) error {
	ask, cancel := context.WithTimeout(ctx, u.config.Timeout)
	defer cancel()
	t, err := u.config.Centre.Terminal(ask)
	if err != nil {
		return fmt.Errorf("uplink: terminal: %w", err)
	}
	counts, err := u.config.Outbox.Counts(ctx)
	if err != nil {
		return fmt.Errorf("uplink: terminal: %w", err)
	}
	old, had := u.Terminal()
	var problem error
	switch {
	case had && (old.ID != t.ID || old.Hall != t.Hall) && counts.Last > 0:
		problem = fmt.Errorf("%w (%s of hall %s, not %s of hall %s)", ErrOtherTerminal, old.ID, old.Hall, t.ID, t.Hall)
	case t.AckedThrough > counts.Last:
		problem = fmt.Errorf("%w (the centre has event %d, the data folder ends at %d)", ErrStoreReplaced, t.AckedThrough, counts.Last)
	case t.AckedThrough < counts.Acked:
		u.log.Warn("the centre has lost events; sending them again", "holds", t.AckedThrough, "had", counts.Acked)
		if err := u.config.Outbox.Rewind(ctx, t.AckedThrough); err != nil {
			return fmt.Errorf("uplink: terminal: %w", err)
		}
		u.noteDelivered(0, outbox.Sent{}, 0)
	}
	// If the centre acknowledges more than we know of, an answer was lost, or
	// somebody else wrote events of those numbers: sending ours again is right in
	// both cases, believing it only in one.
	if problem == nil && (!had || !sameTerminal(old, t)) {
		if err := u.keep(ctx, subjectTerminal, t); err != nil {
			return err
		}
	}
	if problem == nil {
		u.mu.Lock()
		u.known.terminal = &t
		problem = u.state.Problem
		u.mu.Unlock()
		if errors.Is(problem, ErrCloned) {
			u.rotated = false // asked again: only that can tell
		} else {
			problem = nil
		}
	}
	if err := u.close(ctx, problem); err != nil {
		return err
	}
	u.enrolled = true
	return nil
}

// sameTerminal compares what does not change with every event.
func sameTerminal(a, b centralapi.Terminal) bool {
	return a.ID == b.ID && a.Hall == b.Hall && a.Name == b.Name && a.Slot == b.Slot && a.HolderSecret == b.HolderSecret &&
		reflect.DeepEqual(a.SealKey, b.SealKey) &&
		slices.EqualFunc(a.HandoffKeys, b.HandoffKeys, func(x, y handoff.Key) bool {
			return x.ID == y.ID && bytes.Equal(x.Secret, y.Secret) && x.From.Equal(y.From) && x.Until.Equal(y.Until)
		})
}

// Identity is whose file a store is, as far as the centre has said.
type Identity struct {
	Terminal    centralapi.Terminal // zero before the first contact
	Incarnation string              // newest; empty before the first
}

// IdentityOf reads it from a store that no Uplink runs on.
func IdentityOf(ctx context.Context, store *localstore.Store) (Identity, error) {
	u := &Uplink{config: Config{Store: store}, log: slog.New(slog.DiscardHandler)}
	k, err := u.load(ctx)
	if err != nil || k.terminal == nil {
		return Identity{}, err
	}
	u.known = k
	return Identity{Terminal: *k.terminal, Incarnation: u.incarnation()}, nil
}
