package staff

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central/internal/credential"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

const (
	hallID   = "test"
	password = "geheim-2026"
)

// fixture is a Book on a real database with a clock set by hand.
type fixture struct {
	*Book
	t   *testing.T
	mu  sync.Mutex
	at  time.Time
	dat *store.Store
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, at: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	var err error
	if f.dat, err = store.Open(t.TempDir(), store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.dat.Close() })
	h := &hall.Hall{ID: hallID, Name: "测试大厅", Windows: []hall.Window{{ID: "w1", Name: "1"}, {ID: "w2", Name: "2"}}}
	if f.Book, err = New(Config{Store: f.dat, Halls: []*hall.Hall{h}, Now: f.clock}); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *fixture) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.at.Add(d)
}

func (f *fixture) hire(login string, windows ...string) Account {
	f.t.Helper()
	a, err := f.Add(f.t.Context(), hallID, NewAccount{Login: login, Name: "李示例", Roles: []Role{Clerk}, Windows: windows, Password: password, Keep: true})
	if err != nil {
		f.t.Fatal(err)
	}
	return a
}

func (f *fixture) enter(login string) string {
	f.t.Helper()
	token, _, err := f.Login(f.t.Context(), hallID, login, password)
	if err != nil {
		f.t.Fatal(err)
	}
	return token
}

// code is the code of an error, "" for none.
func code(err error) string {
	for _, c := range []centralapi.Code{centralapi.CodeInvalid, centralapi.CodeConflict, centralapi.CodeUnauthorized, centralapi.CodeForbidden, centralapi.CodeNotFound, centralapi.CodeTooMany} {
		if centralapi.HasCode(err, c) {
			return string(c)
		}
	}
	return fmt.Sprint(err)
}

// ledger returns the actions told so far, with who did them.
func (f *fixture) ledger() (out []string) {
	f.t.Helper()
	err := f.dat.Read(f.t.Context(), func(tx *store.Tx) error {
		lines, err := tx.LogSince(hallID, 0, 1000)
		out = nil
		for _, l := range lines {
			out = append(out, strings.TrimSpace(strings.Join([]string{l.Actor, l.Action, l.Window, l.Ticket, l.Detail}, " ")))
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func TestAddRefuses(t *testing.T) {
	f := newFixture(t)
	f.hire("li")
	good := NewAccount{Login: "wang", Name: "王示例", Roles: []Role{Clerk}, Password: password}
	for _, tc := range []struct {
		name   string
		change func(*NewAccount)
		want   centralapi.Code
	}{
		{"login taken", func(n *NewAccount) { n.Login = "li" }, centralapi.CodeConflict},
		{"login with capitals", func(n *NewAccount) { n.Login = "Wang" }, centralapi.CodeInvalid},
		{"login of one letter", func(n *NewAccount) { n.Login = "w" }, centralapi.CodeInvalid},
		{"login that begins with a digit", func(n *NewAccount) { n.Login = "1wang" }, centralapi.CodeInvalid},
		{"login like a counter of unknown ones", func(n *NewAccount) { n.Login = "?abc" }, centralapi.CodeInvalid},
		{"login with a line end", func(n *NewAccount) { n.Login = "wang\n" }, centralapi.CodeInvalid},
		{"long login", func(n *NewAccount) { n.Login = strings.Repeat("w", 33) }, centralapi.CodeInvalid},
		{"no name", func(n *NewAccount) { n.Name = "" }, centralapi.CodeInvalid},
		{"blank around the name", func(n *NewAccount) { n.Name = " 王" }, centralapi.CodeInvalid},
		{"long name", func(n *NewAccount) { n.Name = strings.Repeat("王", 31) }, centralapi.CodeInvalid},
		{"line end in the name", func(n *NewAccount) { n.Name = "王\n示" }, centralapi.CodeInvalid},
		{"no role", func(n *NewAccount) { n.Roles = nil }, centralapi.CodeInvalid},
		{"unknown role", func(n *NewAccount) { n.Roles = []Role{"root"} }, centralapi.CodeInvalid},
		{"role twice", func(n *NewAccount) { n.Roles = []Role{Clerk, Clerk} }, centralapi.CodeInvalid},
		{"unknown window", func(n *NewAccount) { n.Windows = []string{"w9"} }, centralapi.CodeInvalid},
		{"window twice", func(n *NewAccount) { n.Windows = []string{"w1", "w1"} }, centralapi.CodeInvalid},
		{"short password", func(n *NewAccount) { n.Password = "abc1234" }, centralapi.CodeInvalid},
		{"password of digits", func(n *NewAccount) { n.Password = "12345678" }, centralapi.CodeInvalid},
		{"password of letters", func(n *NewAccount) { n.Password = "abcdefgh" }, centralapi.CodeInvalid},
		{"password with the login", func(n *NewAccount) { n.Password = "Wang12345" }, centralapi.CodeInvalid},
		{"endless password", func(n *NewAccount) { n.Password = strings.Repeat("a1", 101) }, centralapi.CodeInvalid},
	} {
		n := good
		tc.change(&n)
		if _, err := f.Add(t.Context(), hallID, n); !centralapi.HasCode(err, tc.want) {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		}
	}
	if _, err := f.Add(t.Context(), "other", good); !centralapi.HasCode(err, centralapi.CodeNotFound) {
		t.Errorf("another hall: %v", err)
	}
	a, err := f.Add(t.Context(), hallID, good)
	if err != nil || a.ID != "s2" || !a.MustChange {
		t.Errorf("the good one: %+v, %v", a, err)
	}
	list, err := f.List(t.Context(), hallID)
	if err != nil || len(list) != 2 || list[1].Login != "wang" || list[1].Roles[0] != Clerk {
		t.Errorf("list %+v, %v", list, err)
	}
}

// Many wrong passwords at the same time are many and not one, and all answers are
// alike for a login that does not exist.
func TestLockOut(t *testing.T) {
	f := newFixture(t)
	f.hire("li")
	for _, login := range []string{"li", "nobody"} {
		var wg sync.WaitGroup
		codes := make([]string, 20)
		for i := range codes {
			wg.Go(func() {
				_, _, err := f.Login(t.Context(), hallID, login, "wrong-123")
				codes[i] = code(err)
			})
		}
		wg.Wait()
		wrong := 0
		for _, c := range codes {
			if c == string(centralapi.CodeUnauthorized) {
				wrong++
			} else if c != string(centralapi.CodeTooMany) {
				t.Errorf("%s: %s", login, c)
			}
		}
		if wrong != credential.FreeTries-1 {
			t.Errorf("%s: %d of 20 passwords were looked at before the lock, want %d", login, wrong, credential.FreeTries-1)
		}
	}
	if got := f.ledger(); !slices.Contains(got, "centre staff-locked   s1") {
		t.Errorf("ledger %q", got)
	}
	// A technician opens it, and the first password must be changed.
	if err := f.SetPassword(t.Context(), hallID, "li", "another-1"); err != nil {
		t.Fatal(err)
	}
	if _, s, err := f.Login(t.Context(), hallID, "li", "another-1"); err != nil || !s.Account.MustChange {
		t.Errorf("after the technician: %+v, %v", s, err)
	}
	// A lock that was set while the clock was wrong does not last for years.
	for range credential.FreeTries {
		f.Login(t.Context(), hallID, "li", "wrong-123")
	}
	f.pass(-365 * 24 * time.Hour)
	if _, _, err := f.Login(t.Context(), hallID, "li", "another-1"); err != nil {
		t.Errorf("with the clock set back: %v", err)
	}
}

// Logins that do not exist share few counters.
func TestUnknownLoginsShareCounters(t *testing.T) {
	seen := map[string]bool{}
	for i := range 50000 {
		key := guardOf(fmt.Sprintf("nobody%d", i), false)
		if validLogin(key) {
			t.Fatalf("%q could be a login", key)
		}
		seen[key] = true
	}
	if len(seen) > 4096 || len(seen) < 4000 {
		t.Errorf("%d counters", len(seen))
	}
	if guardOf("li", true) != "li" {
		t.Error("an account has no counter of its own")
	}
}

func TestTokens(t *testing.T) {
	f := newFixture(t)
	f.hire("li")
	one, two := f.enter("li"), f.enter("li")
	if one == two || len(one) != 43 {
		t.Errorf("tokens %d, %d characters", len(one), len(two))
	}
	if _, err := f.Session(t.Context(), hallID, ""); code(err) != string(centralapi.CodeUnauthorized) {
		t.Errorf("no token: %v", err)
	}
	if _, err := f.Session(t.Context(), "other", one); code(err) != string(centralapi.CodeNotFound) {
		t.Errorf("another hall: %v", err)
	}
	if err := f.Logout(t.Context(), hallID, one); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Session(t.Context(), hallID, one); code(err) != string(centralapi.CodeUnauthorized) {
		t.Errorf("after the log-out: %v", err)
	}
	if _, err := f.Session(t.Context(), hallID, two); err != nil {
		t.Errorf("the other session: %v", err)
	}
	for _, l := range f.ledger() {
		if strings.Contains(l, two) || strings.Contains(l, password) || strings.Contains(l, "示例") {
			t.Errorf("the ledger has %q", l)
		}
	}
}

// Two people sit down at one window at the same time: one does.
func TestOneSeat(t *testing.T) {
	f := newFixture(t)
	var tokens []string
	for i := range 8 {
		login := fmt.Sprintf("c%d", i)
		f.hire(login)
		tokens = append(tokens, f.enter(login))
	}
	var wg sync.WaitGroup
	errs := make([]error, len(tokens))
	for i, token := range tokens {
		wg.Go(func() { errs[i] = f.Sit(t.Context(), hallID, token, "w1") })
	}
	wg.Wait()
	seated := 0
	for _, err := range errs {
		switch code(err) {
		case "<nil>":
			seated++
		case string(centralapi.CodeConflict):
		default:
			t.Error(err)
		}
	}
	if seated != 1 {
		t.Errorf("%d people at one window", seated)
	}
	// The window is free again when its session is over, although nobody left it.
	f.pass(3 * time.Hour)
	if err := f.Sit(t.Context(), hallID, f.enter("c7"), "w1"); err != nil {
		t.Errorf("at a window whose session is over: %v", err)
	}
}

func TestHandOverIsTold(t *testing.T) {
	f := newFixture(t)
	a, b := f.hire("li"), f.hire("wang", "w1")
	f.hire("zhou", "w2")
	token := f.enter("li")
	steps := []struct {
		name string
		err  error
		want string
	}{
		{"leave at no window", f.Leave(t.Context(), hallID, token, Leaving{Reason: Meal}), string(centralapi.CodeConflict)},
		{"sit", f.Sit(t.Context(), hallID, token, "w1"), "<nil>"},
		{"sit again", f.Sit(t.Context(), hallID, token, "w1"), "<nil>"},
		{"to whom may not", f.Leave(t.Context(), hallID, token, Leaving{To: "s3", Reason: Meal}), string(centralapi.CodeInvalid)},
		{"close with a number", f.Leave(t.Context(), hallID, token, Leaving{Reason: Meal, Ticket: "t1"}), string(centralapi.CodeConflict)},
		{"leave", f.Leave(t.Context(), hallID, token, Leaving{To: b.ID, Reason: Meal, Ticket: "t1"}), "<nil>"},
		{"come", f.Sit(t.Context(), hallID, f.enter("wang"), "w1"), "<nil>"},
	}
	for _, s := range steps {
		if got := code(s.err); got != s.want {
			t.Errorf("%s: %s, want %s", s.name, got, s.want)
		}
	}
	list, err := f.Handovers(t.Context(), hallID, f.clock().Add(-time.Hour))
	if err != nil || len(list) != 1 || list[0].From.ID != a.ID || list[0].To.ID != b.ID || list[0].TakenBy.ID != b.ID || list[0].Ticket != "t1" || list[0].Reason != Meal {
		t.Errorf("records %+v, %v", list, err)
	}
	want := []string{"staff:s1 staff-sat w1", "staff:s1 staff-handed-over w1 t1 to s2", "staff:s1 staff-left w1", "staff:s2 staff-sat w1"}
	var got []string
	for _, l := range f.ledger() {
		if strings.Contains(l, "w1") {
			got = append(got, strings.Join(strings.Fields(l), " "))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("ledger %q, want %q", got, want)
	}
	colleagues, err := f.Colleagues(t.Context(), hallID, "w1", b.ID)
	if err != nil || len(colleagues) != 1 || colleagues[0].ID != a.ID {
		t.Errorf("colleagues %+v, %v", colleagues, err)
	}
}

func TestRoles(t *testing.T) {
	for _, r := range Roles() {
		for _, s := range []string{string(r), r.Name()} {
			if got, ok := RoleOf(s); !ok || got != r {
				t.Errorf("RoleOf(%q) = %q, %v", s, got, ok)
			}
		}
	}
	for _, s := range []string{"", "root", "Clerk", "窗口"} {
		if _, ok := RoleOf(s); ok {
			t.Errorf("RoleOf(%q) is known", s)
		}
	}
	a := Account{Roles: []Role{Manager}}
	if a.Has() || a.Has(Clerk, Complaints) || !a.Has(Clerk, Manager) || a.MayServe("w1") {
		t.Error("a manager has other rights than a manager's")
	}
	for _, r := range Reasons() {
		if r.Name() == "" {
			t.Errorf("%s has no name", r)
		}
	}
}

func TestNewPassword(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := NewPassword()
		if err := CheckPassword("", p); err != nil || len(p) != 12 || strings.ContainsAny(p, "il1o0") || seen[p] {
			t.Errorf("%q: %v", p, err)
		}
		seen[p] = true
	}
}
