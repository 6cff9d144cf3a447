package queue

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// lateness is how long after a token was replaced a request that carries it may
// still be one that was on the way, sent before a restart, and not a copy.
const lateness = time.Minute

// Rotate returns the terminal's next incarnation. have is the one it has kept.
//
// A terminal has a token in use and the next one, which it may or may not have
// received: asking with the one in use gets the next one, as often as it takes;
// the next one becomes the one in use when the terminal shows it, here or with a
// batch of events. Whoever shows an older one has a disk that somebody else has
// gone on from. Which of the two is the copy cannot be told, so the terminal is
// frozen: the centre takes no more events from it and the terminal closes its own
// series, until it is enrolled anew with a slot of its own.
//
// Two copies of which neither ever meets the centre cannot be found out.
func (d *Desk) Rotate(ctx context.Context, hallID string, from centralapi.Terminal, have string) (string, error) {
	p, err := d.place(hallID)
	if err != nil {
		return "", err
	}
	var token string
	err = d.incarnate(ctx, p, from.ID, func(tx *store.Tx, k *store.Terminal) error {
		if k.Incarnation.Made == 0 && have == "" {
			// The first one; it is in use only when the terminal shows it.
			if err := d.moveOn(tx, p, k); err != nil {
				return err
			}
		} else if err := d.prove(tx, p, k, have); err != nil {
			return err
		}
		secret, err := tx.HallSecret(p.ID)
		token = incarnationToken(*k, secret, k.Incarnation.Made)
		return err
	})
	return token, err
}

// incarnate runs fn on the terminal in a transaction. A refusal of fn that froze
// the terminal is kept.
func (d *Desk) incarnate(ctx context.Context, p *place, terminal string, fn func(*store.Tx, *store.Terminal) error) error {
	var refused error
	err := d.write(ctx, p.ID, func(tx *store.Tx) error {
		refused = nil
		k, ok, err := tx.Terminal(p.ID, terminal)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("queue: terminal %s has gone", terminal)
		}
		before := k.Frozen
		err = fn(tx, &k)
		if err != nil && before.IsZero() && !k.Frozen.IsZero() {
			refused, err = err, nil // committed, else the next one would find it unfrozen
		}
		return err
	})
	if err == nil {
		err = refused
	}
	return err
}

// prove checks a token a terminal shows and moves its incarnations on when it is
// the next one. It freezes the terminal for an older one; one that was never made
// here is refused only.
func (d *Desk) prove(tx *store.Tx, p *place, k *store.Terminal, have string) error {
	retired := centralapi.Refuse(centralapi.CodeRetired, "终端的数据可能被复制过，请技术人员重新登记。")
	if !k.Frozen.IsZero() {
		return retired
	}
	i, now := k.Incarnation, d.now()
	var hash []byte // of the token in use before the terminal's first: none
	if have != "" {
		hash = tokenHash(have)
	}
	switch {
	case i.Made == 0 && have == "":
		return nil // has never had one, as terminals before this contract
	case bytes.Equal(hash, i.Hash):
		return nil
	case have != "" && bytes.Equal(hash, i.Next):
		d.replaced.add(p.ID, k.ID, i.Hash, now)
		return d.moveOn(tx, p, k)
	case d.replaced.lately(p.ID, k.ID, hash, now):
		return centralapi.Refuse(centralapi.CodeUnavailable, "请求已过时，请重试。").After(lateness)
	}
	if old, err := isOlder(tx, p, *k, have); err != nil {
		return err
	} else if !old {
		d.log.Warn("queue: a terminal shows an incarnation nobody has given it", "hall", p.ID, "terminal", k.ID)
		return retired
	}
	k.Frozen = now
	if err := tx.FreezeTerminal(p.ID, k.ID, now); err != nil {
		return err
	}
	d.log.Error("queue: a terminal's disk has been copied; enrol it anew", "hall", p.ID, "terminal", k.ID)
	if err := tx.AppendLog(p.ID, store.LogEntry{At: now, Actor: "terminal:" + k.ID, Action: "frozen", Detail: "retired incarnation"}); err != nil {
		return err
	}
	return retired
}

// moveOn makes the next token the one in use and makes a new next one.
func (d *Desk) moveOn(tx *store.Tx, p *place, k *store.Terminal) error {
	secret, err := tx.HallSecret(p.ID)
	if err != nil {
		return err
	}
	n := k.Incarnation.Made + 1
	k.Incarnation = store.Incarnation{Hash: k.Incarnation.Next, Next: tokenHash(incarnationToken(*k, secret, n)), Made: n}
	return tx.SetIncarnation(p.ID, k.ID, k.Incarnation)
}

// isOlder reports whether a token that is not in use any more has ever been. None
// at all is what the terminal had before its first.
func isOlder(tx *store.Tx, p *place, k store.Terminal, have string) (bool, error) {
	if have == "" {
		return true, nil
	}
	secret, err := tx.HallSecret(p.ID)
	if err != nil {
		return false, err
	}
	for n := k.Incarnation.Made; n >= 1; n-- {
		if incarnationToken(k, secret, n) == have {
			return true, nil
		}
	}
	return false, nil
}

// incarnationToken is the n-th token of a terminal. It is computed and not kept,
// so that the same answer can be given again while only hashes are stored. It
// tells disks apart and opens nothing: that takes the bearer token.
func incarnationToken(k store.Terminal, secret string, n int64) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("incarnation " + k.ID + " " + strconv.FormatInt(n, 10) + " "))
	h.Write(k.TokenHash)
	return hex.EncodeToString(h.Sum(nil))
}

// replacements remembers tokens replaced within the last [lateness]. Only this
// process does, and only for that long: a request cannot be on its way longer.
// The zero value is ready and safe for concurrent use.
type replacements struct {
	mu   sync.Mutex
	list map[string][]replacement // by hall and terminal
}

type replacement struct {
	hash []byte
	at   time.Time
}

func (r *replacements) add(hall, terminal string, hash []byte, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		r.list = map[string][]replacement{}
	}
	key := hall + "/" + terminal
	r.list[key] = append(r.recent(key, now), replacement{hash, now})
}

func (r *replacements) lately(hall, terminal string, hash []byte, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.recent(hall+"/"+terminal, now) {
		if bytes.Equal(one.hash, hash) {
			return true
		}
	}
	return false
}

// recent is called with mu held.
func (r *replacements) recent(key string, now time.Time) []replacement {
	var out []replacement
	for _, one := range r.list[key] {
		if age := now.Sub(one.at); age >= 0 && age < lateness {
			out = append(out, one)
		}
	}
	return out
}
