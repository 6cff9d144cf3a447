// Package staff knows who works in a hall: accounts with roles, who is logged in and
// at which window, and who has left a window to whom (AB岗). Package pages asks it
// who sends a request, and package central lets operators make accounts. It speaks no
// HTTP and draws nothing; a page decides which roles it is for.
//
// # Accounts
//
// An account has a login, which people type, and an id (s1, s2 …), which the ledger
// and all records name: names can change and must be forgettable, ids are never used
// again. Accounts are disabled and not deleted. Passwords are kept as argon2id hashes
// (hall.HashPassword). Whoever was given a password by somebody else must choose
// another one before anything else.
//
// # Logging in
//
// Every try is counted before the password is looked at. After five wrong ones the
// login is locked for a minute, then two, four, at most thirty, as windows are with
// PINs. A login that does not exist is answered, slowed down and locked exactly like
// one that does, so tries do not tell which there are; those share 4,096 counters, so
// that made-up logins do not fill the database.
//
// A session is 256 random bits, of which the database has the SHA-256. It is always
// made at the log-in, never taken from the browser, and ends after twelve hours, two
// hours after its last use, at the log-out, and when the account is disabled or gets
// another password. What a page does by itself, such as listening for changes, is not
// use.
//
// # Windows
//
// A session is at one window or none, a window has one account. Whoever leaves names
// the colleague who comes (B岗) or closes the window; with a number at the window only
// the former. The record has from, to, why, what was open, and who came when. The
// window waits for whoever comes first of those who may serve it: that a colleague
// helps out must not fail on a name in a list.
//
// # What was compared
//
// Identity servers (Keycloak, Ory Kratos) are services of their own to run, for five
// to fifty accounts of a hall that works without a network. Signed sessions (JWT,
// gorilla/securecookie) cannot be ended by the hall. scs has the same sessions as
// here, in stores of its own, without windows.
package staff

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"hallkiosk/app/central/internal/credential"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// Account is somebody who works in a hall.
type Account struct {
	ID    string // s1, s2 …; what ledger and records name
	Login string
	Name  string
	Roles []Role
	// Windows are the Window.IDs the account may sit at; empty = every window.
	Windows []string
	// MustChange: the password was given by somebody else and is good for choosing
	// another one only.
	MustChange bool
	Created    time.Time
	Disabled   time.Time // zero = not
}

// Session is an account that is logged in.
type Session struct {
	Account Account
	Window  string    // Window.ID, "" = at none
	Since   time.Time // at Window
	Expires time.Time // in any case
}

// Config says what a Book works on. Store and Halls are required.
type Config struct {
	Store  *store.Store
	Halls  []*hall.Hall
	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default: nothing is logged
}

// Book is the list of a service's staff. It is safe for concurrent use. Its errors
// are or wrap a [*centralapi.Error] with a code and a sentence for staff, except for
// a context that has ended.
type Book struct {
	store  *store.Store
	now    func() time.Time
	log    *slog.Logger
	halls  map[string]*hall.Hall
	hasher chan struct{} // one token per password being checked; each takes 19 MiB
	decoy  func() string // hash of a password nobody has; made when it is needed first
}

// New returns a Book. It needs no closing.
func New(c Config) (*Book, error) {
	if c.Store == nil || len(c.Halls) == 0 {
		return nil, errors.New("staff: store and at least one hall are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Book{store: c.Store, now: c.Now, log: c.Logger, halls: map[string]*hall.Hall{},
		hasher: make(chan struct{}, 2), decoy: sync.OnceValue(func() string { return hall.HashPassword(credential.NewToken()) })}
	for _, h := range c.Halls {
		b.halls[h.ID] = h
	}
	return b, nil
}

func (b *Book) hall(id string) (*hall.Hall, error) {
	if h, ok := b.halls[id]; ok {
		return h, nil
	}
	return nil, refuse(centralapi.CodeNotFound, "没有这个大厅。")
}

func refuse(code centralapi.Code, text string) error { return centralapi.Refuse(code, text) }

// read and write turn what the store answers into what callers are told.
func (b *Book) read(ctx context.Context, fn func(*store.Tx) error) error {
	return explain(ctx, b.store.Read(ctx, fn))
}

func (b *Book) write(ctx context.Context, hallID string, fn func(*store.Tx) error) error {
	return explain(ctx, b.store.Write(ctx, hallID, fn))
}

func explain(ctx context.Context, err error) error { return store.Explain(ctx, "staff", err) }

// accountOf is what callers see of a row.
func accountOf(a store.StaffAccount) Account {
	out := Account{ID: a.ID, Login: a.Login, Name: a.Name, Windows: a.Windows, MustChange: a.MustChange, Created: a.Created, Disabled: a.Disabled}
	for _, r := range a.Roles {
		if role, ok := RoleOf(r); ok { // one that a newer program knows gives no right here
			out.Roles = append(out.Roles, role)
		}
	}
	return out
}

// List returns the hall's accounts, disabled ones too, in the order in which they
// were made.
func (b *Book) List(ctx context.Context, hallID string) ([]Account, error) {
	if _, err := b.hall(hallID); err != nil {
		return nil, err
	}
	var out []Account
	err := b.read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Staff(hallID)
		out = nil
		for _, a := range rows {
			out = append(out, accountOf(a))
		}
		return err
	})
	return out, err
}

// New accounts are described by NewAccount.
type NewAccount struct {
	// Login is what the account types: 2 to 32 small letters, digits, dots, dashes,
	// beginning with a letter; unique in the hall.
	Login string
	Name  string // 1 to 30 characters
	Roles []Role // at least one
	// Windows the account may sit at; empty = every window.
	Windows []string
	// Password is the first one; see [CheckPassword].
	Password string
	// Keep lets the account keep that password; otherwise it must choose another one
	// at the first log-in.
	Keep bool
}

// Add makes an account.
func (b *Book) Add(ctx context.Context, hallID string, n NewAccount) (Account, error) {
	h, err := b.hall(hallID)
	if err != nil {
		return Account{}, err
	}
	if err := n.check(h); err != nil {
		return Account{}, err
	}
	now := b.now()
	row := store.StaffAccount{Hall: hallID, Login: n.Login, Name: n.Name, Windows: n.Windows, PasswordHash: hall.HashPassword(n.Password),
		MustChange: !n.Keep, Created: now, PasswordSet: now}
	for _, r := range n.Roles {
		row.Roles = append(row.Roles, string(r))
	}
	err = b.write(ctx, hallID, func(tx *store.Tx) error {
		if _, taken, err := tx.StaffByLogin(hallID, n.Login); err != nil || taken {
			if taken {
				return refuse(centralapi.CodeConflict, "已经有登录名为 "+n.Login+" 的账号。")
			}
			return err
		}
		row.ID, err = tx.InsertStaff(row, store.LogEntry{At: now, Actor: "centre", Action: "staff-added"})
		return err
	})
	return accountOf(row), err
}

// SetPassword gives an account a password chosen by somebody else and ends its
// sessions; it must choose another one at the next log-in. A locked login is open
// again.
func (b *Book) SetPassword(ctx context.Context, hallID, login, password string) error {
	if err := CheckPassword(login, password); err != nil {
		return err
	}
	hash := hall.HashPassword(password)
	return b.change(ctx, hallID, login, func(tx *store.Tx, a store.StaffAccount, now time.Time) error {
		if err := tx.PutStaffGuard(hallID, login, store.Guard{}); err != nil {
			return err
		}
		return tx.SetStaffPassword(hallID, a.ID, hash, true, now, store.LogEntry{At: now, Actor: "centre", Action: "staff-password", Detail: a.ID})
	})
}

// SetDisabled closes an account, which ends its sessions at once, or opens it again.
func (b *Book) SetDisabled(ctx context.Context, hallID, login string, disabled bool) error {
	action := "staff-enabled"
	if disabled {
		action = "staff-disabled"
	}
	return b.change(ctx, hallID, login, func(tx *store.Tx, a store.StaffAccount, now time.Time) error {
		if a.Disabled.IsZero() != disabled {
			return nil
		}
		return tx.SetStaffDisabled(hallID, a.ID, disabled, now, store.LogEntry{At: now, Actor: "centre", Action: action, Detail: a.ID})
	})
}

func (b *Book) change(ctx context.Context, hallID, login string, fn func(*store.Tx, store.StaffAccount, time.Time) error) error {
	if _, err := b.hall(hallID); err != nil {
		return err
	}
	return b.write(ctx, hallID, func(tx *store.Tx) error {
		a, found, err := tx.StaffByLogin(hallID, login)
		if err == nil && !found {
			err = refuse(centralapi.CodeNotFound, "没有登录名为 "+login+" 的账号。")
		}
		if err != nil {
			return err
		}
		return fn(tx, a, b.now())
	})
}

func (n NewAccount) check(h *hall.Hall) error {
	bad := func(format string, args ...any) error {
		return refuse(centralapi.CodeInvalid, fmt.Sprintf(format, args...))
	}
	switch {
	case !validLogin(n.Login):
		return bad("登录名应是 2 到 32 个小写字母、数字、点或短横，以字母开头。")
	case !validName(n.Name):
		return bad("姓名应是 1 到 30 个字。")
	case len(n.Roles) == 0:
		return bad("至少要有一个角色。")
	}
	for i, r := range n.Roles {
		if r.Name() == "" || slices.Contains(n.Roles[:i], r) {
			return bad("角色 %s 不认识或写了两次。", r)
		}
	}
	for i, w := range n.Windows {
		if _, ok := h.Window(w); !ok || slices.Contains(n.Windows[:i], w) {
			return bad("窗口 %s 不存在或写了两次。", w)
		}
	}
	return CheckPassword(n.Login, n.Password)
}
