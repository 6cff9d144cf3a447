package queue

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

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
	token = newToken()
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
		known, ok, err := tx.TerminalByToken(p.ID, tokenHash(token))
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
			TokenHash: tokenHash(token), Enrolled: now}
		return tx.InsertTerminal(k)
	})
	if err != nil {
		return centralapi.Terminal{}, err
	}
	return terminal(k, secret), nil
}

// TerminalOf returns the terminal that owns a token, or CodeUnauthorized.
func (d *Desk) TerminalOf(ctx context.Context, hallID, token string) (centralapi.Terminal, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.Terminal{}, err
	}
	var t centralapi.Terminal
	err = d.read(ctx, func(tx *store.Tx) error {
		hash := tokenHash(token)
		k, ok, err := tx.TerminalByToken(p.ID, hash)
		if err != nil {
			return err
		}
		if !ok || subtle.ConstantTimeCompare(k.TokenHash, hash) != 1 {
			return centralapi.Refuse(centralapi.CodeUnauthorized, "终端未登记或口令已更换，请联系技术人员。")
		}
		secret, err := tx.HallSecret(p.ID)
		if err != nil {
			return err
		}
		if secret == "" {
			return fmt.Errorf("queue: hall %s has a terminal and no secret", p.ID)
		}
		t = terminal(k, secret)
		return nil
	})
	return t, err
}

func terminal(k store.Terminal, secret string) centralapi.Terminal {
	return centralapi.Terminal{ID: k.ID, Hall: k.Hall, Name: k.Name, Slot: k.Slot, HolderSecret: secret, AckedThrough: k.AckedThrough}
}
