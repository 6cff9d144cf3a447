package queue

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"hallkiosk/app/central/internal/credential"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// lateness is how long after a token was replaced a request with an older one may
// still be one that was on the way, sent before a restart, and not a copy's.
const lateness = time.Minute

// maxNonce bounds what a terminal asks with.
const maxNonce = 64

// Rotate returns the terminal's next incarnation.
//
// A terminal has a token in use and the next one, which it may or may not have
// received: asking with the one in use gets the next one, as often as it takes;
// the next one becomes the one in use when the terminal shows it, here or with a
// batch of events. Whoever shows an older one has a disk that somebody else has
// gone on from, and so has whoever asks for the same next one with another nonce.
// Which of the two is the copy cannot be told, so the terminal is frozen: the
// centre takes no more events from it and the terminal closes its own series,
// until it is enrolled anew with a slot of its own.
//
// Two copies of which neither ever meets the centre cannot be found out.
func (d *Desk) Rotate(ctx context.Context, hallID string, from centralapi.Terminal, r centralapi.IncarnationRequest) (string, error) {
	p, err := d.place(hallID)
	if err != nil {
		return "", err
	}
	if len(r.Nonce) > maxNonce {
		return "", centralapi.Refuse(centralapi.CodeInvalid, "随机数过长。")
	}
	var token string
	err = d.incarnate(ctx, p, from.ID, func(tx *store.Tx, k *store.Terminal) error {
		if k.Incarnation.Made == 0 && r.Have == "" {
			// The first one; it is in use only when the terminal shows it.
			if err := d.moveOn(tx, p, k); err != nil {
				return err
			}
		} else if err := d.prove(tx, p, k, r.Have); err != nil {
			return err
		}
		if r.Nonce != "" {
			if err := d.ask(tx, p, k, credential.HashToken(r.Nonce)); err != nil {
				return err
			}
		}
		secret, err := tx.HallSecret(p.ID)
		token = incarnationToken(*k, secret, k.Incarnation.Made)
		return err
	})
	return token, err
}

// ask binds the next incarnation to the nonce it is first asked for with. The
// terminal keeps a nonce durably before it asks and until it has kept the answer, so
// another nonce comes from another disk.
func (d *Desk) ask(tx *store.Tx, p *place, k *store.Terminal, nonce []byte) error {
	switch i := &k.Incarnation; {
	case bytes.Equal(i.Nonce, nonce):
		return nil
	case len(i.Nonce) > 0:
		return d.freeze(tx, p, k, "one incarnation asked for by two disks")
	default:
		i.Nonce = nonce
		return tx.SetIncarnation(p.ID, k.ID, *i)
	}
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
	if !k.Frozen.IsZero() {
		return errRetired()
	}
	i := k.Incarnation
	var hash []byte // of the token in use before the terminal's first: none
	if have != "" {
		hash = credential.HashToken(have)
	}
	switch {
	case i.Made == 0 && have == "":
		return nil // has never had one, as terminals before this contract
	case bytes.Equal(hash, i.Hash):
		return nil
	case have != "" && bytes.Equal(hash, i.Next):
		return d.moveOn(tx, p, k)
	}
	if old, err := isOlder(tx, p, *k, have); err != nil {
		return err
	} else if !old {
		d.log.Warn("queue: a terminal shows an incarnation nobody has given it", "hall", p.ID, "terminal", k.ID)
		return errRetired()
	}
	age := d.now().Sub(i.Since)
	if boot, ms := p.boot(); boot == i.Boot && ms >= i.BootMS {
		age = time.Duration(ms-i.BootMS) * time.Millisecond // whatever was done to the wall clock
	}
	if age < lateness {
		return centralapi.Refuse(centralapi.CodeUnavailable, "请求已过时，请重试。").After(lateness)
	}
	return d.freeze(tx, p, k, "retired incarnation")
}

func errRetired() error {
	return centralapi.Refuse(centralapi.CodeRetired, "终端的数据可能被复制过，请技术人员重新登记。")
}

// freeze takes a terminal for copied and returns the refusal.
func (d *Desk) freeze(tx *store.Tx, p *place, k *store.Terminal, why string) error {
	k.Frozen = d.now()
	if err := tx.FreezeTerminal(p.ID, k.ID, k.Frozen); err != nil {
		return err
	}
	d.log.Error("queue: a terminal's disk has been copied; enrol it anew", "hall", p.ID, "terminal", k.ID, "sign", why)
	if err := tx.AppendLog(p.ID, store.LogEntry{At: k.Frozen, Actor: "terminal:" + k.ID, Action: "frozen", Detail: why}); err != nil {
		return err
	}
	return errRetired()
}

// withheld is the kind of event a terminal sends in place of one it has given up;
// see package outbox of the terminal.
const withheld = "event-withheld"

// twins freezes the terminal when a batch brings an event of a number of which the
// centre has another one: two disks count on from the same place.
func (d *Desk) twins(tx *store.Tx, p *place, k *store.Terminal, b centralapi.EventBatch) error {
	if len(b.Events) == 0 {
		return nil
	}
	known, err := tx.EventsBetween(p.ID, k.ID, b.Events[0].Seq, b.Events[len(b.Events)-1].Seq)
	if err != nil {
		return err
	}
	for _, e := range b.Events {
		if e.Kind == withheld {
			continue // in place of one of that number
		}
		for _, one := range known[e.Seq] {
			if one.ID != e.ID && one.Kind != withheld {
				return d.freeze(tx, p, k, fmt.Sprintf("event %d exists twice", e.Seq))
			}
		}
	}
	return nil
}

// moveOn makes the next token the one in use and makes a new next one.
func (d *Desk) moveOn(tx *store.Tx, p *place, k *store.Terminal) error {
	secret, err := tx.HallSecret(p.ID)
	if err != nil {
		return err
	}
	n := k.Incarnation.Made + 1
	k.Incarnation = store.Incarnation{Hash: k.Incarnation.Next, Next: credential.HashToken(incarnationToken(*k, secret, n)), Made: n, Since: d.now()}
	k.Incarnation.Boot, k.Incarnation.BootMS = p.boot()
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
