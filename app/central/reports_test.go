package central

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// A terminal is heard of when it shows its token, and nobody else is.
func TestContacts(t *testing.T) {
	f, err := hall.ReadFile(filepath.FromSlash("../../assets/halls/demo.toml"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{DataDir: t.TempDir(), Halls: []*hall.Hall{f.Hall}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	token, slot, err := s.EnrolTerminal(t.Context(), "demo", "一号机")
	if err != nil || slot != 1 {
		t.Fatal(slot, err)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	heard := newContacts(func() time.Time { return now })
	desk := heardDesk{s.desk, heard}
	if _, err := desk.TerminalOf(t.Context(), "demo", "another token of forty characters or so"); !centralapi.HasCode(err, centralapi.CodeUnauthorized) {
		t.Errorf("a wrong token: %v", err)
	}
	if at := heard.LastContact("demo", "t1"); !at.IsZero() || len(heard.last) != 0 {
		t.Errorf("heard of at %v, %d terminals", at, len(heard.last))
	}
	for range 2 { // found in the database, then remembered
		now = now.Add(time.Minute)
		if _, err := desk.TerminalOf(t.Context(), "demo", token); err != nil {
			t.Fatal(err)
		}
		if at := heard.LastContact("demo", "t1"); !at.Equal(now) {
			t.Errorf("heard of at %v, want %v", at, now)
		}
	}
	if at := heard.LastContact("other", "t1"); !at.IsZero() {
		t.Errorf("in another hall at %v", at)
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 100 {
				heard.note("demo", string(rune('a'+n%3)))
				heard.LastContact("demo", "a")
			}
		})
	}
	all.Wait()
	if len(heard.last) != 4 {
		t.Errorf("%d terminals are known", len(heard.last))
	}
}
