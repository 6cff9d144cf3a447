package staff

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"hallkiosk/app/central/internal/credential"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

const (
	sessionLife = 12 * time.Hour
	sessionIdle = 2 * time.Hour
	// A use is written down when the last one known is older than this.
	useStep = 5 * time.Minute
)

// guardOf is the counter of a login: its own when there is such an account, else one
// of 4,096.
func guardOf(login string, known bool) string {
	if known {
		return login
	}
	sum := sha256.Sum256([]byte(login))
	return fmt.Sprintf("?%03x", uint16(sum[0])<<4|uint16(sum[1])>>4) // no login begins so
}

// Login opens a session. The error is CodeUnauthorized for a wrong login or password
// or a disabled account, CodeTooMany while the login is locked.
func (b *Book) Login(ctx context.Context, hallID, login, password string) (token string, s Session, err error) {
	if _, err := b.hall(hallID); err != nil {
		return "", Session{}, err
	}
	wrong := refuse(centralapi.CodeUnauthorized, "登录名或口令不对，请再输一次。")
	var account store.StaffAccount
	var guard store.Guard
	var known bool
	key := ""
	err = b.write(ctx, hallID, func(tx *store.Tx) error {
		now := b.now()
		var err error
		if account, known, err = tx.StaffByLogin(hallID, login); err != nil {
			return err
		}
		key = guardOf(login, known)
		if guard, err = tx.StaffGuard(hallID, key); err != nil {
			return err
		}
		if err := credential.Try(&guard, now, "口令"); err != nil {
			return err
		}
		if err := tx.PutStaffGuard(hallID, key, guard); err != nil {
			return err
		}
		if known && guard.Failures == credential.FreeTries {
			return tx.AppendLog(hallID, store.LogEntry{At: now, Actor: "centre", Action: "staff-locked", Detail: account.ID})
		}
		return nil
	})
	if err != nil {
		return "", Session{}, err
	}
	right, err := b.checkPassword(ctx, account, known, password)
	if err != nil {
		return "", Session{}, err
	}
	if !right {
		b.log.Warn("staff: log-in refused", "hall", hallID, "account", account.ID, "tries", guard.Failures)
		return "", Session{}, credential.Wrong(guard, "口令", wrong)
	}
	token, row, err := b.open(ctx, hallID, account, func(tx *store.Tx) error {
		return tx.PutStaffGuard(hallID, key, store.Guard{})
	})
	if err != nil {
		return "", Session{}, err
	}
	return token, sessionOf(row, account), nil
}

// open makes a session, after what is done first.
func (b *Book) open(ctx context.Context, hallID string, a store.StaffAccount, first func(*store.Tx) error) (string, store.StaffSession, error) {
	token := credential.NewToken()
	var row store.StaffSession
	err := b.write(ctx, hallID, func(tx *store.Tx) error {
		now := b.now()
		if err := first(tx); err != nil {
			return err
		}
		// The account may have been disabled, or got another password, while this one
		// was checked.
		is, found, err := tx.StaffByID(hallID, a.ID)
		if err != nil {
			return err
		}
		if !found || !is.Disabled.IsZero() || is.PasswordHash != a.PasswordHash {
			return refuse(centralapi.CodeUnauthorized, "账号刚刚有变动，请重新登录。")
		}
		row = store.StaffSession{Hall: hallID, TokenHash: credential.HashToken(token), Account: a.ID,
			Created: now, Used: now, Ends: now.Add(sessionLife), Expires: now.Add(sessionIdle)}
		return tx.InsertStaffSession(row, store.LogEntry{At: now, Actor: "staff:" + a.ID, Action: "staff-login"})
	})
	return token, row, err
}

// checkPassword takes as long for a login that does not exist.
func (b *Book) checkPassword(ctx context.Context, a store.StaffAccount, known bool, password string) (bool, error) {
	select {
	case b.hasher <- struct{}{}:
		defer func() { <-b.hasher }()
	case <-ctx.Done():
		return false, fmt.Errorf("staff: log in: %w", ctx.Err())
	}
	if !known || !a.Disabled.IsZero() {
		hall.CheckPassword(b.decoy(), password)
		return false, nil
	}
	return hall.CheckPassword(a.PasswordHash, password), nil
}

// Session returns who has a token, or CodeUnauthorized. Asking is no use of the
// session.
func (b *Book) Session(ctx context.Context, hallID, token string) (Session, error) {
	row, a, err := b.session(ctx, hallID, token)
	return sessionOf(row, a), err
}

// Use is Session for something a person did: the session lives on from now.
func (b *Book) Use(ctx context.Context, hallID, token string) (Session, error) {
	row, a, err := b.session(ctx, hallID, token)
	if err != nil {
		return Session{}, err
	}
	now := b.now()
	if since := now.Sub(row.Used); since >= useStep || since < 0 {
		expires := now.Add(sessionIdle)
		if expires.After(row.Ends) {
			expires = row.Ends
		}
		if err := b.write(ctx, hallID, func(tx *store.Tx) error {
			return tx.UseStaffSession(hallID, row.TokenHash, now, expires)
		}); err != nil {
			return Session{}, err
		}
	}
	return sessionOf(row, a), nil
}

func (b *Book) session(ctx context.Context, hallID, token string) (row store.StaffSession, a store.StaffAccount, err error) {
	if _, err := b.hall(hallID); err != nil {
		return row, a, err
	}
	err = b.read(ctx, func(tx *store.Tx) error {
		row, a, err = b.sessionIn(tx, hallID, token)
		return err
	})
	return row, a, err
}

func (b *Book) sessionIn(tx *store.Tx, hallID, token string) (row store.StaffSession, a store.StaffAccount, err error) {
	gone := refuse(centralapi.CodeUnauthorized, "登录已经到期，请重新登录。")
	row, open, err := tx.OpenStaffSession(hallID, credential.HashToken(token), b.now())
	if err != nil || !open {
		if err == nil {
			err = gone
		}
		return row, a, err
	}
	a, found, err := tx.StaffByID(hallID, row.Account)
	if err == nil && (!found || !a.Disabled.IsZero()) {
		err = gone
	}
	return row, a, err
}

func sessionOf(row store.StaffSession, a store.StaffAccount) Session {
	return Session{Account: accountOf(a), Window: row.Window, Since: row.Seated, Expires: row.Ends}
}

// Logout ends the session of a token; an unknown token is no error.
func (b *Book) Logout(ctx context.Context, hallID, token string) error {
	if _, err := b.hall(hallID); err != nil {
		return err
	}
	return b.write(ctx, hallID, func(tx *store.Tx) error {
		now := b.now()
		return tx.EndStaffSession(hallID, credential.HashToken(token), now, store.LogEntry{At: now, Action: "staff-logout"})
	})
}

// ChangePassword gives the account of a token the password it chose, ends all its
// sessions, and opens a new one at no window. A wrong old password counts as a try to
// log in. The error is CodeInvalid for a new one that will not do.
func (b *Book) ChangePassword(ctx context.Context, hallID, token, old, password string) (newToken string, s Session, err error) {
	_, a, err := b.session(ctx, hallID, token)
	if err != nil {
		return "", Session{}, err
	}
	if err := CheckPassword(a.Login, password); err != nil {
		return "", Session{}, err
	}
	if old == password {
		return "", Session{}, refuse(centralapi.CodeInvalid, "新口令要和旧的不一样。")
	}
	// The session this makes ends with all others.
	if _, _, err := b.Login(ctx, hallID, a.Login, old); err != nil {
		if centralapi.HasCode(err, centralapi.CodeUnauthorized) {
			err = refuse(centralapi.CodeInvalid, "旧口令不对，请再输一次。")
		}
		return "", Session{}, err
	}
	was := a.PasswordHash
	a.PasswordHash = hall.HashPassword(password)
	a.MustChange = false
	newToken, row, err := b.open(ctx, hallID, a, func(tx *store.Tx) error {
		is, found, err := tx.StaffByID(hallID, a.ID)
		if err != nil {
			return err
		}
		if !found || is.PasswordHash != was {
			return refuse(centralapi.CodeConflict, "口令刚刚已经改过，请重新登录。")
		}
		now := b.now()
		return tx.SetStaffPassword(hallID, a.ID, a.PasswordHash, false, now,
			store.LogEntry{At: now, Actor: "staff:" + a.ID, Action: "staff-password", Detail: a.ID})
	})
	return newToken, sessionOf(row, a), err
}
