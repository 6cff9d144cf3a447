package queue

import (
	"slices"
	"strings"
	"testing"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// manager is who closes and opens here.
const manager = "staff:m1"

func TestClosingAWindow(t *testing.T) {
	f := newFixtureWith(t, ruled())
	held, sent := f.issue(request("a")), f.issue(request("a"))
	f.issue(request("a"))
	f.call("w1")
	if _, err := f.Hold(t.Context(), hallID, "w1", held.ID); err != nil {
		t.Fatal(err)
	}
	f.call("w2")
	if _, err := f.Transfer(t.Context(), hallID, "w2", sent.ID, TransferTo{Window: "w1"}); err != nil {
		t.Fatal(err)
	}
	f.issue(classed("a", centralapi.Priority))
	if k := f.call("w2"); k.Class != centralapi.Priority {
		t.Fatalf("called %+v", k)
	} else if _, err := f.Transfer(t.Context(), hallID, "w2", k.ID, TransferTo{Window: "w1"}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // closed again, nothing changes
		if err := f.CloseWindow(t.Context(), hallID, manager, "w1", "停电"); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := f.CallNext(t.Context(), hallID, "w1")
	wantCode(t, err, centralapi.CodeConflict)
	all, err := f.Closings(t.Context(), hallID)
	if err != nil || len(all.Windows) != 1 || all.Windows[0].ID != "w1" || all.Windows[0].Why != "停电" || len(all.Businesses) != 0 {
		t.Errorf("closings %+v, %v", all, err)
	}
	c, err := f.Console(t.Context(), hallID, "w1")
	if err != nil || !c.Closed || c.ClosedWhy != "停电" || len(c.Held) != 0 {
		t.Errorf("console %+v, %v", c, err)
	}
	if c, _ := f.Console(t.Context(), hallID, "w2"); len(c.Targets.Windows) != 1 || c.Targets.Windows[0].ID != "w3" {
		t.Errorf("targets %+v", c.Targets)
	}
	// All of it is anybody's again, at its place.
	if got := f.labels("w2"); strings.Join(got, " ") != "A004 A001 A002 A003" {
		t.Errorf("called %v", got)
	}
	f.issue(request("b"))
	k := f.call("w3")
	_, err = f.Transfer(t.Context(), hallID, "w3", k.ID, TransferTo{Window: "w1"})
	wantCode(t, err, centralapi.CodeConflict)
	if err := f.OpenWindow(t.Context(), hallID, manager, "w1"); err != nil {
		t.Fatal(err)
	}
	f.issue(request("a"))
	f.call("w1")
	wantCode(t, f.CloseWindow(t.Context(), hallID, manager, "w9", "停电"), centralapi.CodeNotFound)
	// The ledger names who it was, also for what went back to the line by it.
	actors := map[string]string{}
	if err := f.store.Read(t.Context(), func(tx *store.Tx) error {
		lines, err := tx.LogSince(hallID, 0, 1000)
		for _, l := range lines {
			actors[l.Action] = l.Actor
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"window-closed", "returned", "window-opened"} {
		if actors[action] != manager {
			t.Errorf("%s by %q, want %s", action, actors[action], manager)
		}
	}
	f.consistent("2026-11-23")
	f.rebuilt()
}

func TestClosedWindowsServeNobody(t *testing.T) {
	f := newFixture(t)
	if _, err := f.Login(t.Context(), hallID, "w1", testPIN); err != nil {
		t.Fatal(err)
	}
	serving := func() []string {
		t.Helper()
		s, err := f.Status(t.Context(), hallID)
		if err != nil {
			t.Fatal(err)
		}
		return s.Queues[0].Windows
	}
	if !slices.Equal(serving(), []string{"w1"}) {
		t.Errorf("serving %v", serving())
	}
	if err := f.CloseWindow(t.Context(), hallID, manager, "w1", "停电"); err != nil {
		t.Fatal(err)
	}
	if len(serving()) != 0 {
		t.Errorf("serving %v", serving())
	}
}

func TestClosingABusiness(t *testing.T) {
	f := newFixture(t)
	if err := f.CloseBusiness(t.Context(), hallID, manager, "a", "系统维护"); err != nil {
		t.Fatal(err)
	}
	_, err := f.Issue(t.Context(), hallID, f.t1, request("a"))
	wantCode(t, err, centralapi.CodePaused)
	if err == nil || !strings.Contains(err.Error(), "系统维护") {
		t.Errorf("the refusal does not say why: %v", err)
	}
	s, err := f.Status(t.Context(), hallID)
	if err != nil || !s.Queues[0].Paused || s.Queues[0].PausedWhy != "系统维护" {
		t.Errorf("status %+v, %v", s.Queues[0], err)
	}
	if all, err := f.Closings(t.Context(), hallID); err != nil || len(all.Businesses) != 1 || all.Businesses[0].Why != "系统维护" {
		t.Errorf("closings %+v, %v", all, err)
	}
	if err := f.OpenBusiness(t.Context(), hallID, manager, "a"); err != nil {
		t.Fatal(err)
	}
	f.issue(request("a"))
	f.rebuilt()
}
