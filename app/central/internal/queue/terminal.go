package queue

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"hallkiosk/app/central/internal/credential"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// minToken is the least length of a token somebody else has made.
const minToken = 32

// EnrolTerminal makes a terminal record with a slot no other terminal of the
// hall has ever had, and its bearer token, which is not kept and cannot be shown
// again. A replaced terminal, or one whose disk was replaced, is enrolled anew: a
// slot's numbers come from exactly one durable store.
func (d *Desk) EnrolTerminal(ctx context.Context, hallID, name string) (token string, t centralapi.Terminal, err error) {
	token = credential.NewToken()
	t, err = d.EnsureTerminal(ctx, hallID, name, token)
	return token, t, err
}

// EnsureTerminal returns the terminal that owns the token, and enrols it first
// when there is none. token must have at least 32 characters.
func (d *Desk) EnsureTerminal(ctx context.Context, hallID, name, token string) (centralapi.Terminal, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.Terminal{}, err
	}
	name = strings.TrimSpace(name)
	if len(token) < minToken || name == "" || len(name) > 120 {
		return centralapi.Terminal{}, centralapi.Refuse(centralapi.CodeInvalid, "终端需要名称和至少 32 个字符的口令。")
	}
	var k store.Terminal
	var secret string
	err = d.write(ctx, p.ID, func(tx *store.Tx) error {
		fresh := make([]byte, 32)
		rand.Read(fresh)
		if err := tx.PutHallSecret(p.ID, hex.EncodeToString(fresh)); err != nil {
			return err
		}
		kept, err := tx.HallSecret(p.ID)
		if err != nil {
			return err
		}
		secret = kept
		known, ok, err := tx.TerminalByToken(p.ID, credential.HashToken(token))
		if err != nil || ok {
			k = known
			return err
		}
		slot, err := tx.NextSlot(p.ID)
		if err != nil {
			return err
		}
		now := d.now()
		k = store.Terminal{Hall: p.ID, ID: "t" + strconv.Itoa(slot), Slot: slot, Name: name,
			TokenHash: credential.HashToken(token), Enrolled: now}
		if err := tx.InsertTerminal(k); err != nil {
			return err
		}
		return tx.AppendLog(p.ID, store.LogEntry{At: now, Actor: "centre", Action: "enrolled", Detail: "terminal " + k.ID})
	})
	if err != nil {
		return centralapi.Terminal{}, err
	}
	return terminal(k, secret), nil
}

// TerminalOf returns the terminal that owns a token, or CodeUnauthorized. Of the
// answer only ID, Hall, Name, Slot and HolderSecret are as they are now, and there
// are no HandoffKeys.
func (d *Desk) TerminalOf(ctx context.Context, hallID, token string) (centralapi.Terminal, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.Terminal{}, err
	}
	hash := credential.HashToken(token)
	if t, ok := d.known.get(p.ID, hash); ok {
		return t, nil
	}
	var t centralapi.Terminal
	err = d.read(ctx, func(tx *store.Tx) error {
		k, ok, err := tx.TerminalByToken(p.ID, hash)
		if err != nil {
			return err
		}
		if !ok || subtle.ConstantTimeCompare(k.TokenHash, hash) != 1 {
			return centralapi.Refuse(centralapi.CodeUnauthorized, "终端未登记或口令已更换，请联系技术人员。")
		}
		t, err = withSecret(tx, k)
		return err
	})
	if err == nil {
		d.known.put(p.ID, hash, t)
	}
	return t, err
}

// Terminal returns what is known of a terminal now, with the hall's hand-off keys.
func (d *Desk) Terminal(ctx context.Context, hallID, id string) (centralapi.Terminal, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.Terminal{}, err
	}
	var t centralapi.Terminal
	err = d.read(ctx, func(tx *store.Tx) error {
		k, ok, err := tx.Terminal(p.ID, id)
		if err != nil {
			return err
		}
		if !ok {
			return centralapi.Refuse(centralapi.CodeNotFound, "没有这台终端。")
		}
		t, err = withSecret(tx, k)
		return err
	})
	if err != nil {
		return t, err
	}
	// Numbers do not depend on it: a terminal without keys prints other addresses.
	ring, keyless := d.HandoffRing(ctx, p.ID)
	if keyless != nil {
		d.log.Warn("queue: a terminal gets no hand-off keys", "hall", p.ID, "terminal", id, "error", keyless)
	}
	t.HandoffKeys = ring.Keys
	return t, nil
}

func withSecret(tx *store.Tx, k store.Terminal) (centralapi.Terminal, error) {
	secret, err := tx.HallSecret(k.Hall)
	if err == nil && secret == "" {
		err = fmt.Errorf("queue: hall %s has a terminal and no secret", k.Hall)
	}
	return terminal(k, secret), err
}

func terminal(k store.Terminal, secret string) centralapi.Terminal {
	return centralapi.Terminal{ID: k.ID, Hall: k.Hall, Name: k.Name, Slot: k.Slot, HolderSecret: secret, AckedThrough: k.AckedThrough}
}

// terminalLife is how long a terminal found in the database is taken for granted.
const terminalLife = 5 * time.Second

// knownTerminals spares every request for a number a reading of the database. Only
// tokens that are right are kept, so there are at most as many as terminals, and
// nothing that is kept of a terminal ever changes. The zero value is ready and safe
// for concurrent use.
type knownTerminals struct {
	mu     sync.RWMutex
	byHash map[string]map[string]knownTerminal // by hall and hash of the token
}

type knownTerminal struct {
	t  centralapi.Terminal
	at time.Time
}

func (k *knownTerminals) get(hall string, hash []byte) (centralapi.Terminal, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	found, ok := k.byHash[hall][string(hash)]
	return found.t, ok && time.Since(found.at) < terminalLife
}

func (k *knownTerminals) put(hall string, hash []byte, t centralapi.Terminal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byHash == nil {
		k.byHash = map[string]map[string]knownTerminal{}
	}
	if k.byHash[hall] == nil {
		k.byHash[hall] = map[string]knownTerminal{}
	}
	k.byHash[hall][string(hash)] = knownTerminal{t, time.Now()}
}
