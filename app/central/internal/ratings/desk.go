package ratings

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
	"hallkiosk/app/workday"
)

// Settings are what a hall decides about ratings. The zero value is right.
type Settings struct {
	// Within is how many days after its end a service may be rated. Default 30.
	Within int
	// SupplementAfter is how long after a rating something may be added to it.
	// Default a day.
	SupplementAfter time.Duration
	// DefaultAfter is after how many days a service that nobody rated counts as rated
	// DefaultLevel; 0 = never.
	DefaultAfter int
	// DefaultLevel is that level. Default 基本满意.
	DefaultLevel rating.Level
	// FollowUpDays is how many working days the follow-up of a bad rating may take.
	// Default 15.
	FollowUpDays int
	// BurstCount ratings from one device within BurstWithin are marked. Default 6 in five
	// minutes.
	BurstCount  int
	BurstWithin time.Duration
}

// SettingsOf returns what a hall has decided.
func SettingsOf(h *hall.Hall) Settings {
	r := h.Ratings.Filled()
	return Settings{Within: r.WithinDays, SupplementAfter: time.Duration(r.SupplementAfterHours) * time.Hour, DefaultAfter: r.DefaultAfterDays,
		DefaultLevel: r.DefaultLevel, FollowUpDays: r.FollowUpDays, BurstCount: r.BurstCount, BurstWithin: time.Duration(r.BurstMinutes) * time.Minute}
}

func (s Settings) complete() Settings {
	s.Within = cmp.Or(s.Within, 30)
	s.SupplementAfter = cmp.Or(s.SupplementAfter, 24*time.Hour)
	s.DefaultLevel = cmp.Or(s.DefaultLevel, rating.BasicallySatisfied)
	s.FollowUpDays = cmp.Or(s.FollowUpDays, 15)
	s.BurstCount = cmp.Or(s.BurstCount, 6)
	s.BurstWithin = cmp.Or(s.BurstWithin, 5*time.Minute)
	return s
}

func (s Settings) check() error {
	if s.Within < 1 || s.SupplementAfter < 0 || s.DefaultAfter < 0 || s.FollowUpDays < 1 || s.BurstCount < 2 || s.BurstWithin < 0 {
		return errors.New("a number is too small")
	}
	if s.DefaultAfter >= s.Within {
		return errors.New("a default after the time for rating is over")
	}
	if !s.DefaultLevel.Valid() || s.DefaultLevel.Bad() {
		return fmt.Errorf("level %q cannot be the default", s.DefaultLevel)
	}
	return nil
}

// Config says what a Desk works on. Store and Halls are required.
type Config struct {
	Store    *store.Store
	Halls    []*hall.Hall
	Settings map[string]Settings // by Hall.ID; a hall that is not there has SettingsOf it
	Calendar *workday.Calendar   // of all halls; default: each hall's own, Hall.Workdays
	Now      func() time.Time    // default time.Now
	Logger   *slog.Logger        // default: nothing is logged
}

// Desk takes ratings. It is safe for concurrent use. Its errors are or wrap a
// [*centralapi.Error] with a code and a sentence for people, except for a context that
// has ended.
type Desk struct {
	store  *store.Store
	now    func() time.Time
	log    *slog.Logger
	halls  map[string]*place
	warned sync.Map // year → true
}

type place struct {
	*hall.Hall
	Settings
	calendar *workday.Calendar
	loc      *time.Location
}

// New returns a Desk. It needs no closing.
func New(c Config) (*Desk, error) {
	if c.Store == nil || len(c.Halls) == 0 {
		return nil, errors.New("ratings: store and at least one hall are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Desk{store: c.Store, now: c.Now, log: c.Logger, halls: map[string]*place{}}
	for _, h := range c.Halls {
		s, given := c.Settings[h.ID]
		if !given {
			s = SettingsOf(h)
		}
		p := &place{Hall: h, Settings: s.complete(), calendar: c.Calendar, loc: h.Location()}
		if p.calendar == nil {
			var err error
			if p.calendar, err = h.Workdays(); err != nil {
				return nil, fmt.Errorf("ratings: hall %q: %w", h.ID, err)
			}
		}
		if err := p.Settings.check(); err != nil {
			return nil, fmt.Errorf("ratings: settings of hall %q: %w", h.ID, err)
		}
		d.halls[h.ID] = p
	}
	return d, nil
}

func (d *Desk) place(hallID string) (*place, error) {
	if p, ok := d.halls[hallID]; ok {
		return p, nil
	}
	return nil, centralapi.Refuse(centralapi.CodeNotFound, "没有这个大厅。")
}

func (d *Desk) read(ctx context.Context, fn func(*store.Tx) error) error {
	return explain(ctx, d.store.Read(ctx, fn))
}

func (d *Desk) write(ctx context.Context, hallID string, fn func(*store.Tx) error) error {
	return explain(ctx, d.store.Write(ctx, hallID, fn))
}

func explain(ctx context.Context, err error) error { return store.Explain(ctx, "ratings", err) }

// refuse says what is wrong with an answer.
func refuse(err error) error {
	text := "评价没有填对，请检查后再提交。"
	switch {
	case errors.Is(err, rating.ErrLevel):
		text = "请先选择满意程度。"
	case errors.Is(err, rating.ErrReason):
		text = "所选的原因与满意程度不一致，请重新选择。"
	case errors.Is(err, rating.ErrWords):
		text = fmt.Sprintf("文字最多 %d 个字，请缩短一些。", rating.MaxWords)
	}
	return fmt.Errorf("%w: %w", centralapi.Refuse(centralapi.CodeInvalid, text), err)
}

// device hashes where a rating came from, differently on each day; nil when that is not
// known or the hall has no secret to hash with.
func device(tx *store.Tx, hallID, day, from string) ([]byte, error) {
	secret, err := tx.HallSecret(hallID)
	if err != nil || secret == "" || from == "" {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("hallkiosk rating device 1\x00" + day + "\x00" + from))
	return mac.Sum(nil)[:8], nil
}
