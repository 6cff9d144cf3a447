package pages

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/central/internal/visits"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// The staff of these tests is the real one, on a real database: what the pages
// promise about passwords and sessions is promised together.

const (
	goodPassword = "geheim-2026"
	clerkLogin   = "li"
)

// cast are the accounts of the tests, by login.
var cast = map[string]staff.NewAccount{
	clerkLogin: {Name: "李示例", Roles: []staff.Role{staff.Clerk}},
	"wang":     {Name: "王示例", Roles: []staff.Role{staff.Clerk}},
	"narrow":   {Name: "周示例", Roles: []staff.Role{staff.Clerk}, Windows: []string{"w3"}},
	"guan":     {Name: "管示例", Roles: []staff.Role{staff.Manager}},
	"ji":       {Name: "技示例", Roles: []staff.Role{staff.Technician}},
	"su":       {Name: "诉示例", Roles: []staff.Role{staff.Complaints}},
	"both":     {Name: "双示例", Roles: []staff.Role{staff.Clerk, staff.Manager}},
	"script":   {Name: `<script>alert("x")</script>`, Roles: []staff.Role{staff.Clerk, staff.Manager}},
}

// clock is the desk's.
func (d *fakeDesk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// pass lets time go by.
func (d *fakeDesk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// emptyDatabase is a database with all tables: making them takes longer than most of
// the tests.
var emptyDatabase = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "pages-test")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	data, err := store.Open(dir, store.Options{})
	if err != nil {
		panic(err)
	}
	if err := data.Close(); err != nil {
		panic(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "hall.db"))
	if err != nil {
		panic(err)
	}
	return file
})

func newStore(t *testing.T) *store.Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hall.db"), emptyDatabase(), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { data.Close() })
	return data
}

func newVisits(t *testing.T, d *fakeDesk) *visits.Desk {
	t.Helper()
	desk, err := visits.New(visits.Config{Store: newStore(t), Halls: []*hall.Hall{d.hall}, Now: d.clock})
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

func newStaff(t *testing.T, d *fakeDesk) *staff.Book {
	t.Helper()
	book, err := staff.New(staff.Config{Store: newStore(t), Halls: []*hall.Hall{d.hall}, Now: d.clock})
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// hire makes an account of the cast, unless it is there.
func hire(t testing.TB, people *staff.Book, login string) {
	t.Helper()
	n := cast[login]
	n.Login, n.Password, n.Keep = login, goodPassword, true
	if _, err := people.Add(t.Context(), "demo", n); err != nil && !centralapi.HasCode(err, centralapi.CodeConflict) {
		t.Fatal(err)
	}
}

// idOf is the id of an account of the cast, which is made when it is missing.
func idOf(t testing.TB, people *staff.Book, login string) string {
	t.Helper()
	hire(t, people, login)
	list, err := people.List(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if a.Login == login {
			return a.ID
		}
	}
	t.Fatalf("no account %s", login)
	return ""
}

// token is what the client's cookie holds.
func (c *client) token() string {
	_, token, _ := strings.Cut(c.cookie, "~")
	return token
}

// nobody is the staff of sites whose tests ask for none: a question panics.
type nobody struct{ Staff }

// newRequest is a GET as a browser with this cookie sends it.
func newRequest(target, cookie string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://centre.test"+target, nil)
	r.Header.Set("Cookie", cookie)
	return r
}

// streamMoment ends a request for a stream soon after its first events.
func streamMoment(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), 100*time.Millisecond)
}

func helpCall() queue.HelpCall { return queue.HelpCall{ID: "h1", Terminal: "一号机", At: opening} }
