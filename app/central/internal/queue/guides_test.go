package queue

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
)

// guides is a catalogue that may be used; version makes its first guide another.
func guides(version, n int) *guide.Catalogue {
	c := &guide.Catalogue{Sample: true}
	for i := range n {
		c.Guides = append(c.Guides, guide.Guide{
			ID: fmt.Sprintf("g%d", i+1), Name: fmt.Sprintf("事项%d", i+1), Department: "示例部门", Business: "a",
			Summary:   strings.Repeat(fmt.Sprintf("第%d项的说明。", i+1), 20),
			Materials: []guide.Material{{Name: "居民身份证", Originals: 1}}, Updated: "2026-11-01",
			Phone: "010-00000000", Complaint: "010-00000001",
		})
	}
	c.Guides[0].Summary = fmt.Sprintf("第 %d 版。", version)
	return c
}

func (f *fixture) importGuides(c *guide.Catalogue) string {
	f.t.Helper()
	revision, problems, err := f.ImportGuides(f.t.Context(), hallID, c)
	if err != nil {
		f.t.Fatalf("import: %v; %v", err, problems)
	}
	return revision
}

// answer asks as a terminal that has the revision since, and reads the answer.
func (f *fixture) answer(since string) centralapi.Guides {
	f.t.Helper()
	_, body, err := f.GuidesAnswer(f.t.Context(), hallID, since)
	if err != nil {
		f.t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		f.t.Fatal(err)
	}
	var g centralapi.Guides
	if err := json.Unmarshal(data, &g); err != nil {
		f.t.Fatal(err)
	}
	return g
}

func (f *fixture) revision() string {
	f.t.Helper()
	s, err := f.Status(f.t.Context(), hallID)
	if err != nil {
		f.t.Fatal(err)
	}
	return s.GuidesRevision
}

func TestGuides(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	if c, err := f.Guides(ctx, hallID); err != nil || len(c.Guides) != 0 || f.revision() != "" {
		t.Errorf("before the first: %v, %v", c, err)
	}
	_, _, err := f.GuidesAnswer(ctx, hallID, "")
	wantCode(t, err, centralapi.CodeNotFound)

	catalogues := []*guide.Catalogue{guides(1, 50), guides(2, 50), guides(3, 50), guides(4, 50), guides(5, 50), guides(6, 50)}
	for _, c := range catalogues {
		if r := f.importGuides(c); r != c.Revision() || f.revision() != r {
			t.Errorf("imported %s, in use %s, want %s", r, f.revision(), c.Revision())
		}
	}
	last := catalogues[5]
	for i, have := range catalogues {
		g := f.answer(have.Revision())
		got, err := g.Open(have)
		// The first is forgotten, the last is what there is.
		if wantDelta := i > 0 && i < 5; err != nil || !reflect.DeepEqual(got, last) || (g.Delta != nil) != wantDelta {
			t.Errorf("from %d: delta %v, %v", i+1, g.Delta != nil, err)
		}
	}
	for _, since := range []string{"", strings.Repeat("0", 64)} {
		g := f.answer(since)
		if got, err := g.Open(nil); err != nil || g.Delta != nil || !reflect.DeepEqual(got, last) {
			t.Errorf("since %q: %v", since, err)
		}
	}
	// A delta that is longer than the whole is not sent.
	small := guides(7, 1)
	small.Synonyms = []string{"甲 = 乙"}
	f.importGuides(small)
	if g := f.answer(last.Revision()); g.Delta != nil {
		t.Error("a delta that says no less than the whole")
	}

	a, err1 := f.Guides(ctx, hallID)
	b, err2 := f.Guides(ctx, hallID)
	if a != b || err1 != nil || err2 != nil || len(a.Guides) != 1 {
		t.Errorf("pages are given another catalogue each time: %v, %v", err1, err2)
	}
	f.restart()
	if c, err := f.Guides(ctx, hallID); err != nil || !reflect.DeepEqual(c, small) || f.revision() != small.Revision() {
		t.Errorf("after a restart: %v", err)
	}
	if r, err := f.store.Rebuild(ctx, hallID, true); err != nil || len(r.Differences) != 0 {
		t.Errorf("rebuild: %+v, %v", r, err)
	}
}

func TestGuidesWithErrorsAreRefused(t *testing.T) {
	f := newFixture(t)
	running := f.importGuides(guides(1, 3))
	twice := guides(2, 3)
	twice.Guides[1].ID = "g1"
	elsewhere := guides(3, 3)
	elsewhere.Guides[2].Business = "no-such-business"
	huge := guides(4, 1)
	huge.Synonyms = []string{strings.Repeat("长", centralapi.MaxGuides/3+1)}
	for name, tt := range map[string]struct {
		c    *guide.Catalogue
		code centralapi.Code
	}{
		"nothing":                           {nil, centralapi.CodeInvalid},
		"no guides":                         {&guide.Catalogue{Sample: true}, centralapi.CodeInvalid},
		"a code twice":                      {twice, centralapi.CodeInvalid},
		"a business the hall does not have": {elsewhere, centralapi.CodeInvalid},
		"too large":                         {huge, centralapi.CodeTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			before := f.counts()["hall_log"]
			_, problems, err := f.ImportGuides(t.Context(), hallID, tt.c)
			wantCode(t, err, tt.code)
			if strings.HasPrefix(name, "a ") && len(problems) == 0 {
				t.Error("no problem is named")
			}
			if got := f.revision(); got != running || f.counts()["hall_log"] != before {
				t.Errorf("in use %s, want %s", got, running)
			}
		})
	}
	_, _, err := f.ImportGuides(t.Context(), "nowhere", guides(1, 1))
	wantCode(t, err, centralapi.CodeNotFound)
}

// Halls that have the same guides share them in memory, and there are never many.
func TestShelf(t *testing.T) {
	var s shelf
	first := s.take("r1")
	if s.take("r1") != first {
		t.Error("one revision is two books")
	}
	for n := range 2 * shelfSize {
		s.take(fmt.Sprint("x", n))
		if n < shelfSize-1 && s.take("r1") != first { // asked for again, it stays
			t.Error("the book asked for last is gone")
		}
	}
	if len(s.books) != shelfSize || s.take("r1") == first {
		t.Errorf("%d books, and the oldest is still there", len(s.books))
	}
}

// Another service on the same database sees new guides and keys soon.
func TestPostingsOfAnotherService(t *testing.T) {
	if !onPostgres {
		t.Skip("SQLite has one service; package central tests this on PostgreSQL")
	}
	f := newFixture(t)
	d, err := New(Config{Store: f.store, Hub: &live.Hub{}, Halls: []*hall.Hall{f.hall}, Now: f.clock.now, Boot: f.clock.boot})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := d.Status(t.Context(), hallID); err != nil || s.GuidesRevision != "" {
		t.Fatal(s, err)
	}
	want := f.importGuides(guides(1, 2))
	for begun := time.Now(); ; {
		s, err := d.Status(t.Context(), hallID)
		if err != nil {
			t.Fatal(err)
		}
		if s.GuidesRevision == want {
			return
		}
		if time.Since(begun) > 20*postedLife {
			t.Fatalf("still %q", s.GuidesRevision)
		}
	}
}

func (f *fixture) ring() handoff.Ring {
	f.t.Helper()
	r, err := f.HandoffRing(f.t.Context(), hallID)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

func ids(r handoff.Ring) (out []int) {
	for _, k := range r.Keys {
		out = append(out, int(k.ID))
	}
	return out
}

// A key signs for a month, then the next one; what the old ones have signed stays good
// until it is over. Whatever happens to the clock, there is a key to sign with, and
// none that was given out is lost.
func TestHandoffKeys(t *testing.T) {
	f := newFixture(t)
	status := func() *uint8 {
		t.Helper()
		s, err := f.Status(t.Context(), hallID)
		if err != nil {
			t.Fatal(err)
		}
		return s.HandoffKey
	}
	if k := status(); k != nil {
		t.Errorf("key %d before a terminal has asked", *k)
	}
	k, err := f.Terminal(t.Context(), hallID, f.t1.ID)
	if err != nil || len(k.HandoffKeys) != 1 || len(k.HandoffKeys[0].Secret) != handoff.SecretSize {
		t.Fatalf("terminal %+v, %v", k, err)
	}
	first := k.HandoffKeys[0]
	sign := func(r handoff.Ring) string {
		t.Helper()
		token, err := r.Sign(handoff.ForGuide(&guides(1, 1).Guides[0], nil, handoff.Chinese, f.clock.now()), f.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	opens := func(token string) bool {
		t.Helper()
		_, err := f.ring().Open(token, f.clock.now())
		return err == nil
	}
	token := sign(handoff.Ring{Hall: hallID, Keys: k.HandoffKeys})
	if !opens(token) || fmt.Sprint(ids(f.ring())) != fmt.Sprintf("[%d]", first.ID) || *status() != first.ID {
		t.Errorf("ring %v, status %d", ids(f.ring()), *status())
	}
	f.restart()
	if got := f.ring(); !reflect.DeepEqual(ids(got), []int{int(first.ID)}) || !opens(token) {
		t.Errorf("after a restart: %v", ids(got))
	}

	f.clock.add(handoff.Rotation - time.Hour)
	late := sign(f.ring())
	f.clock.add(2 * time.Hour)
	if *status() != first.ID+1 || fmt.Sprint(ids(f.ring())) != fmt.Sprintf("[%d %d]", first.ID+1, first.ID) || !opens(late) {
		t.Errorf("after a month: ring %v, status %d", ids(f.ring()), *status())
	}

	// The clock wakes up in 1970, and in 2038.
	right := f.clock.now()
	for _, wrong := range []time.Time{time.Unix(1000, 0), time.Unix(1<<31, 0)} {
		f.clock.jump(wrong)
		f.posted().spoil()
		if len(f.ring().Keys) == 0 {
			t.Errorf("no key in %d", wrong.Year())
		}
		f.clock.jump(right)
		if !opens(late) || *status() != first.ID+1 {
			t.Errorf("after %d: ring %v, status %d", wrong.Year(), ids(f.ring()), *status())
		}
	}

	id, err := f.RotateHandoff(t.Context(), hallID, false)
	if err != nil || *status() != id || !opens(late) || id == first.ID || id == first.ID+1 {
		t.Errorf("new key %d, ring %v, %v", id, ids(f.ring()), err)
	}
	again, err := f.RotateHandoff(t.Context(), hallID, true)
	if err != nil || fmt.Sprint(ids(f.ring())) != fmt.Sprintf("[%d]", again) || opens(late) || *status() != again {
		t.Errorf("revoked: ring %v, %v", ids(f.ring()), err)
	}
	f.clock.add(2 * handoff.KeyLife)
	if got := f.ring(); len(got.Keys) != 1 || got.Keys[0].ID == again {
		t.Errorf("after years: %v", ids(got))
	}
	_, err = f.RotateHandoff(t.Context(), "nowhere", false)
	wantCode(t, err, centralapi.CodeNotFound)
	if r, err := f.store.Rebuild(t.Context(), hallID, true); err != nil || len(r.Differences) != 0 {
		t.Errorf("rebuild: %+v, %v", r, err)
	}
}

func (f *fixture) posted() *posted { return &f.halls[hallID].posted }

// IDs come round again without touching a key that is still good.
func TestFreeID(t *testing.T) {
	now := time.Unix(1e9, 0)
	var keys []store.HandoffKey
	for id := range 256 {
		if id != 7 {
			keys = append(keys, store.HandoffKey{ID: uint8(id), Until: now.Add(time.Hour)})
		}
	}
	if id, err := freeID(keys, 200, now); id != 7 || err != nil {
		t.Errorf("%d, %v", id, err)
	}
	if id, err := freeID(keys, 200, now.Add(time.Hour)); id != 7 || err != nil {
		t.Errorf("of keys that are over: %d, %v", id, err)
	}
	keys = append(keys, store.HandoffKey{ID: 7, Until: now})
	if id, err := freeID(keys, 200, now); id != 7 || err != nil {
		t.Errorf("one is over: %d, %v", id, err)
	}
	keys[len(keys)-1].Until = now.Add(time.Hour)
	_, err := freeID(keys, 200, now)
	wantCode(t, err, centralapi.CodeConflict)
}

// What was not found adds up over terminals and events; an event counts once.
func TestGuideMisses(t *testing.T) {
	f := newFixture(t)
	missed := func(day string, of ...any) centralapi.MissedSearches {
		b := centralapi.MissedSearches{Day: day}
		for i := 0; i < len(of); i += 2 {
			b.Searches = append(b.Searches, centralapi.MissedSearch{Text: of[i].(string), Count: of[i+1].(int)})
		}
		return b
	}
	e := f.event(f.t1, centralapi.SearchMissed, missed("2026-11-23", "生孩子", 2, "开店", 1))
	before := f.counts()["hall_log"]
	f.deliver(f.t1, e)
	f.deliver(f.t1, e)
	f.deliver(f.t2, f.event(f.t2, centralapi.SearchMissed, missed("2026-11-22", "生孩子", 3)),
		f.event(f.t2, centralapi.SearchMissed, missed("2030-01-01", "遗产", 1)), // a clock that is wrong
		f.event(f.t2, centralapi.SearchMissed, missed("", "遗产", 1)))
	if after := f.counts()["hall_log"]; after != before {
		t.Errorf("%d lines in the ledger, which nobody needs", after-before)
	}
	for days, want := range map[int]string{
		0: "[{生孩子 2 2026-11-23} {遗产 2 2026-11-23} {开店 1 2026-11-23}]",
		1: "[{生孩子 2 2026-11-23} {遗产 2 2026-11-23} {开店 1 2026-11-23}]",
		2: "[{生孩子 5 2026-11-23} {遗产 2 2026-11-23} {开店 1 2026-11-23}]",
	} {
		if got, err := f.GuideMisses(t.Context(), hallID, days); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%d days: %v, %v", days, got, err)
		}
	}
	many := missed("2026-11-23")
	for i := range centralapi.MaxMissed + 1 {
		many.Searches = append(many.Searches, centralapi.MissedSearch{Text: strings.Repeat("字", i%10+1), Count: 1})
	}
	for name, body := range map[string]any{
		"a number":    missed("2026-11-23", "张三13800138000", 1),
		"too long":    missed("2026-11-23", strings.Repeat("字", 13), 1),
		"no count":    missed("2026-11-23", "开店", 0),
		"negative":    missed("2026-11-23", "开店", -3),
		"none":        missed("2026-11-23"),
		"too many":    many,
		"the shape":   `{"searches":"开店"}`,
		"half of it":  missed("2026-11-23", "开店", 1, "1", 1),
		"empty texts": missed("2026-11-23", " ", 1),
	} {
		r := f.deliver(f.t1, f.event(f.t1, centralapi.SearchMissed, body))
		if len(r.Quarantined) != 1 {
			t.Errorf("%s: %+v, want quarantine", name, r)
		}
	}
	if got, err := f.GuideMisses(t.Context(), hallID, 1); err != nil || fmt.Sprint(got) != "[{生孩子 2 2026-11-23} {遗产 2 2026-11-23} {开店 1 2026-11-23}]" {
		t.Errorf("after what was not understood: %v, %v", got, err)
	}
	f.clock.add(401 * 24 * time.Hour)
	f.deliver(f.t1, f.event(f.t1, centralapi.SearchMissed, missed("", "新的", 1)))
	if got, err := f.GuideMisses(t.Context(), hallID, 1000); err != nil || len(got) != 1 || got[0].Text != "新的" {
		t.Errorf("after 400 days: %v, %v", got, err)
	}
	_, err := f.GuideMisses(t.Context(), "nowhere", 1)
	wantCode(t, err, centralapi.CodeNotFound)
}

// The estimate is the median of what is finished today, times who is ahead, over the
// windows at work.
func TestEstimate(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	for _, w := range []string{"w1", "w3"} {
		if _, err := f.Login(ctx, hallID, w, testPIN); err != nil {
			t.Fatal(err)
		}
	}
	status := func() (out []int) {
		t.Helper()
		f.clock.add(paceLife)
		s, err := f.Status(ctx, hallID)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range s.Queues {
			out = append(out, q.EstimatedMinutes)
		}
		return out
	}
	serve := func(d time.Duration) {
		t.Helper()
		f.issue(request("a"))
		k := f.call("w1")
		if _, err := f.Start(ctx, hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
		f.clock.add(d)
		if _, err := f.Finish(ctx, hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
	}
	serve(4 * time.Minute)
	serve(30 * time.Minute)
	waiting := []centralapi.Ticket{f.issue(request("a")), f.issue(request("a")), f.issue(request("a"))}
	if got := status(); fmt.Sprint(got) != "[-1 -1 -1]" {
		t.Errorf("two finished: %v", got)
	}
	if v := f.phone(waiting[2].ID); v.Wait != nil {
		t.Errorf("two finished: phone %v", *v.Wait)
	}
	for _, k := range waiting { // out of the way
		called := f.call("w1")
		if called.ID != k.ID {
			t.Fatalf("called %s", called.Label)
		}
		if _, err := f.NoShow(ctx, hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
	}
	serve(5 * time.Minute)
	if got := status(); fmt.Sprint(got) != "[0 -1 -1]" {
		t.Errorf("nobody waits: %v", got)
	}
	waiting = []centralapi.Ticket{f.issue(request("a")), f.issue(request("a")), f.issue(request("a"))}
	if got := status(); fmt.Sprint(got) != "[15 -1 -1]" {
		t.Errorf("one window: %v", got)
	}
	wait := func(k centralapi.Ticket, want time.Duration) {
		t.Helper()
		if v := f.phone(k.ID); v.Wait == nil || *v.Wait != want {
			t.Errorf("%s: %v, want %v", k.Label, v.Wait, want)
		}
	}
	wait(waiting[0], 0)
	wait(waiting[2], 10*time.Minute)
	if _, err := f.Login(ctx, hallID, "w2", testPIN); err != nil {
		t.Fatal(err)
	}
	if got := status(); fmt.Sprint(got) != "[8 -1 -1]" { // 7 1/2
		t.Errorf("two windows: %v", got)
	}
	wait(waiting[2], 5*time.Minute)
	serve2 := f.call("w2")
	if v := f.phone(serve2.ID); v.Wait != nil {
		t.Errorf("called: phone %v", *v.Wait)
	}
	// A fourth finished one: the median is between two.
	if _, err := f.Finish(ctx, hallID, "w2", serve2.ID); err != nil {
		t.Fatal(err)
	}
	f.clock.add(paceLife)
	wait(waiting[2], (4*time.Minute+5*time.Minute)/2/2)
	// The next day nothing is known.
	f.clock.add(24 * time.Hour)
	if v := f.phone(waiting[2].ID); v.Wait != nil {
		t.Errorf("yesterday's: phone %v", *v.Wait)
	}
	if got := status(); fmt.Sprint(got) != "[-1 -1 -1]" {
		t.Errorf("a new day: %v", got)
	}
}
