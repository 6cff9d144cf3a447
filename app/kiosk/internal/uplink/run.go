package uplink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/handoff"
)

// schedule says when something is tried again.
type schedule struct {
	at       time.Time
	failures int // in a row
}

func (s *schedule) due() bool { return !time.Now().Before(s.at) }

func (s *schedule) succeeded(pause time.Duration) {
	*s = schedule{at: time.Now().Add(pause)}
}

func (s *schedule) failed(pause time.Duration) {
	*s = schedule{at: time.Now().Add(pause), failures: s.failures + 1}
}

// Run talks to the centre until ctx ends (nil) or the store is dead (its error).
// When it returns, nothing it started is left.
func (u *Uplink) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer u.fetchers.Wait()
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		added := u.config.Outbox.Added()
		if u.looks.failures > 0 || u.deliveries.failures > 0 {
			added = nil // the back-off stands
		}
		select {
		case <-ctx.Done():
			return nil
		case <-u.config.Store.Done():
			return fmt.Errorf("uplink: %w", u.config.Store.Err())
		case <-timer.C:
		case <-added:
		case f := <-u.fetched:
			u.receiveGuides(ctx, f)
		}
		wait := u.contact(ctx)
		_ = u.measure(ctx) // fails only with the store, which is looked at next
		if ctx.Err() != nil {
			return nil
		}
		if dead := u.config.Store.Err(); dead != nil {
			return fmt.Errorf("uplink: %w", dead)
		}
		timer.Reset(max(wait, 0))
	}
}

// contact does what is due and returns how long nothing will be.
func (u *Uplink) contact(ctx context.Context) time.Duration {
	if u.looks.due() {
		wasAway := u.looks.failures > 0
		if err := u.look(ctx); err != nil {
			u.failed(ctx, err)
			u.looks.failed(u.backoff(u.looks.failures, err))
			return time.Until(u.looks.at)
		}
		u.looks.succeeded(u.config.Every)
		u.answered()
		if wasAway {
			u.deliveries.succeeded(0)
		}
	}
	if u.looks.failures > 0 || !u.deliveries.due() {
		return u.wait(u.deliveries.failures > 0)
	}
	more, err := u.deliver(ctx)
	switch {
	case err == nil:
		u.deliveries.succeeded(0)
		return u.wait(more)
	case !errors.Is(err, errRefusedEvent):
		if u.deliveries.failures == 0 {
			u.log.Warn("events wait", "error", err)
		}
		u.enrolled = false
		u.looks.at = time.Now()
	}
	u.deliveries.failed(u.backoff(u.deliveries.failures, err))
	return u.wait(true)
}

// wait returns the time until the next look or, if some are waiting for their
// time, the next delivery.
func (u *Uplink) wait(deliveries bool) time.Duration {
	wait := time.Until(u.looks.at)
	if deliveries && u.looks.failures == 0 {
		wait = min(wait, time.Until(u.deliveries.at))
	}
	return wait
}

// look fetches what the centre knows: the terminal's record after every failure,
// the catalogue if it changed, the status and what that names as new.
func (u *Uplink) look(ctx context.Context) error {
	if !u.enrolled {
		if err := u.enrol(ctx); err != nil {
			return err
		}
	}
	if !u.rotated {
		if err := u.rotate(ctx); err != nil {
			return err
		}
	}
	ask, cancel := context.WithTimeout(ctx, u.config.Timeout)
	defer cancel()
	old, _ := u.Catalogue()
	catalogue, changed, err := u.config.Centre.Catalogue(ask, old.Revision)
	if err != nil {
		return fmt.Errorf("uplink: catalogue: %w", err)
	}
	if changed && catalogue.Hall.ID != u.config.Hall {
		return fmt.Errorf("uplink: catalogue: of hall %q, not %q", catalogue.Hall.ID, u.config.Hall)
	}
	if changed && catalogue.Revision != old.Revision {
		if err := u.keepCatalogue(ctx, catalogue); err != nil {
			return err
		}
		u.log.Info("new catalogue", "revision", catalogue.Revision)
		if u.config.CatalogueChanged != nil {
			u.config.CatalogueChanged(catalogue)
		}
	}
	ask, cancel = context.WithTimeout(ctx, u.config.Timeout)
	defer cancel()
	status, err := u.config.Centre.Status(ask)
	if err != nil {
		return fmt.Errorf("uplink: status: %w", err)
	}
	if err := u.keepTime(ctx, status); err != nil {
		return err
	}
	if u.rotatedDay == "" {
		u.rotatedDay = status.BusinessDay
	}
	if u.rotatedDay != status.BusinessDay {
		if err := u.rotate(ctx); err != nil {
			return err
		}
	}
	u.mu.Lock()
	same := u.announced && u.status != nil && sameQueues(*u.status, status)
	u.status = &status
	u.mu.Unlock()
	u.announced = true
	if err := u.freshKeys(ctx, status); err != nil {
		return err
	}
	if err := u.tellMisses(ctx); err != nil {
		return err
	}
	u.wantGuides(ctx, status)
	if !same && u.config.StatusChanged != nil {
		u.config.StatusChanged(status)
	}
	return nil
}

// freshKeys reads the terminal's record again when the hall has a newer hand-off key
// or another seal key than is in it, once for each key.
func (u *Uplink) freshKeys(ctx context.Context, s centralapi.Status) error {
	t, ok := u.Terminal()
	if !ok {
		return nil
	}
	handsOff := s.HandoffKey != nil && u.askedKey != int(*s.HandoffKey) &&
		!slices.ContainsFunc(t.HandoffKeys, func(k handoff.Key) bool { return k.ID == *s.HandoffKey })
	seals := sealKeyID(t) != s.SealKey && (u.askedSeal == nil || *u.askedSeal != s.SealKey)
	if !handsOff && !seals {
		return nil
	}
	if err := u.enrol(ctx); err != nil {
		return err
	}
	if s.HandoffKey != nil {
		u.askedKey = int(*s.HandoffKey)
	}
	u.askedSeal = &s.SealKey
	return nil
}

// answered notes a contact.
func (u *Uplink) answered() {
	u.mu.Lock()
	changed := !u.heard || u.state.Away
	u.heard = true
	u.state.Away, u.state.Failure = false, nil
	u.state.LastContact = u.config.Store.Now().Wall
	u.mu.Unlock()
	if !changed {
		return
	}
	u.log.Info("the centre answers")
	if u.config.AwayChanged != nil {
		u.config.AwayChanged(false)
	}
}

// failed notes that the centre is away. An end of ctx and a failing store say
// nothing about the centre.
func (u *Uplink) failed(ctx context.Context, err error) {
	if ctx.Err() != nil || u.config.Store.Err() != nil {
		return
	}
	u.enrolled, u.announced = false, false
	u.mu.Lock()
	changed := !u.heard || !u.state.Away
	u.heard = true
	u.state.Away, u.state.Failure = true, err
	u.mu.Unlock()
	if !changed {
		return
	}
	u.log.Warn("the centre does not answer", "error", err)
	if u.config.AwayChanged != nil {
		u.config.AwayChanged(true)
	}
}

// backoff returns how long to wait after so many failures in a row before this
// one.
func (u *Uplink) backoff(failures int, err error) time.Duration {
	limit := u.config.Cap
	if failures < 20 { // beyond that Base doubled is more than any Cap
		limit = min(u.config.Cap, u.config.Base<<failures)
	}
	wait := time.Duration(u.config.Rand() * float64(limit))
	var named interface{ RetryAfter() time.Duration }
	if errors.As(err, &named) {
		// The centre's time, plus the jitter, so that not everybody comes at its end.
		wait += min(max(named.RetryAfter(), 0), maxRetryAfter)
	}
	return wait
}

// maxRetryAfter bounds what a centre, or something in between, can ask for.
const maxRetryAfter = 10 * time.Minute

// sameQueues reports whether a and b differ in their clocks only.
func sameQueues(a, b centralapi.Status) bool {
	return a.BusinessDay == b.BusinessDay && slices.EqualFunc(a.Queues, b.Queues, func(x, y centralapi.QueueStatus) bool {
		return x.Business == y.Business && x.Waiting == y.Waiting && x.Paused == y.Paused && x.EstimatedMinutes == y.EstimatedMinutes && slices.Equal(x.Windows, y.Windows)
	})
}
