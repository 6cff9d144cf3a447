package uplink

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"hallkiosk/app/centralapi"
)

// incarnation tells this file from its copies.
type incarnation struct {
	Terminal string `json:"terminal"` // Terminal.ID it was given to
	Token    string `json:"token"`    // empty before the first
	// Nonce is what the next one is being asked for with; empty when it is not.
	Nonce string `json:"nonce,omitempty"`
}

// incarnation returns what deliveries carry, and the centre is asked with.
func (u *Uplink) incarnation() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	k := &u.known
	if u.without || k.incarnation == nil || k.terminal == nil || k.incarnation.Terminal != k.terminal.ID {
		return ""
	}
	return k.incarnation.Token
}

// rotate renews the incarnation: asks for the next and keeps it. Until it is kept
// nothing is delivered, because looks come before deliveries. A file that is
// another terminal's, or not the one the centre knows, is not renewed.
func (u *Uplink) rotate(ctx context.Context) error {
	problem := u.State().Problem
	t, ok := u.Terminal()
	if !ok || problem != nil && !errors.Is(problem, ErrCloned) {
		return nil
	}
	u.without = false
	nonce, err := u.nonce(ctx, t.ID)
	if err != nil {
		return err
	}
	ask, cancel := context.WithTimeout(ctx, u.config.Timeout)
	defer cancel()
	token, err := u.config.Centre.NextIncarnation(ask, centralapi.IncarnationRequest{Have: u.incarnation(), Nonce: nonce})
	switch {
	case centralapi.HasCode(err, centralapi.CodeRetired):
		problem = ErrCloned
	case centralapi.HasCode(err, centralapi.CodeNotFound), centralapi.HasCode(err, centralapi.CodeMethod):
		u.without, problem = true, nil
	case err != nil:
		return fmt.Errorf("uplink: incarnation: %w", err)
	default:
		if err := u.keepIncarnation(ctx, incarnation{Terminal: t.ID, Token: token}); err != nil {
			return err
		}
		problem = nil
	}
	u.rotated, u.rotatedDay = true, ""
	return u.close(ctx, problem)
}

// nonce returns what the next incarnation is asked for with. It is kept before it is
// used, and stays until the answer is kept, so that this disk asks in one voice.
func (u *Uplink) nonce(ctx context.Context, terminal string) (string, error) {
	u.mu.Lock()
	mine := incarnation{Terminal: terminal}
	if k := u.known.incarnation; k != nil && k.Terminal == terminal {
		mine = *k
	}
	u.mu.Unlock()
	if mine.Nonce != "" {
		return mine.Nonce, nil
	}
	mine.Nonce = rand.Text()
	return mine.Nonce, u.keepIncarnation(ctx, mine)
}

func (u *Uplink) keepIncarnation(ctx context.Context, mine incarnation) error {
	if err := u.keep(ctx, subjectIncarnation, mine); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.known.incarnation = &mine
	return nil
}

// closed is why the own series is closed, as it is kept.
type closed struct {
	// Why is one of the words of closings; empty = it is open.
	Why string `json:"why"`
}

// closings are the problems that close the own series, by the word that is kept.
var closings = map[string]error{
	"store-replaced": ErrStoreReplaced,
	"other-terminal": ErrOtherTerminal,
	"cloned":         ErrCloned,
}

// problem returns what is kept as an error, nil when the series is open.
func (c *closed) problem() error {
	if c == nil {
		return nil
	}
	return closings[c.Why]
}

// close closes the own series for a problem, durably, or opens it (nil).
func (u *Uplink) close(ctx context.Context, problem error) error {
	now := closed{}
	for why, err := range closings {
		if errors.Is(problem, err) {
			now.Why = why
		}
	}
	u.mu.Lock()
	kept := u.known.closed
	isNew := problem != nil && (u.state.Problem == nil || u.state.Problem.Error() != problem.Error())
	u.mu.Unlock()
	if kept == nil && now.Why != "" || kept != nil && *kept != now {
		if err := u.keep(ctx, subjectClosed, now); err != nil {
			return err
		}
	}
	u.mu.Lock()
	u.state.Problem, u.known.closed = problem, &now
	u.mu.Unlock()
	if isNew {
		u.log.Error("the own series is closed and no events are delivered", "error", problem)
	}
	return nil
}
