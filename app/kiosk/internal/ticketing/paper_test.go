package ticketing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

func TestPrinted(t *testing.T) {
	b := newBench(t, well)
	ticket, err := b.Issue(t.Context(), household)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		outcome Outcome
		copy    bool
		then    Outcome // on the ticket's row
	}{{PrintUnknown, false, PrintUnknown}, {PrintFailed, true, PrintFailed}, {PrintConfirmed, true, PrintConfirmed}, {PrintFailed, true, PrintConfirmed}} {
		if err := b.Printed(t.Context(), ticket.ID, step.outcome, step.copy); err != nil {
			t.Fatal(err)
		}
		events := b.events(t)
		got := body[centralapi.PrintResult](t, events[len(events)-1])
		if want := (centralapi.PrintResult{TicketID: ticket.ID, Outcome: string(step.outcome), Copy: step.copy}); got != want {
			t.Errorf("event %+v, want %+v", got, want)
		}
		if got := printState(t, b, ticket.ID); got != string(step.then) {
			t.Errorf("after %s the row says %q, want %q", step.outcome, got, step.then)
		}
	}
	if err := b.Printed(t.Context(), "nobody's", PrintConfirmed, false); !errors.Is(err, ErrUnknownTicket) {
		t.Errorf("unknown ticket: %v", err)
	}
	if n := len(b.events(t)); n != 4 {
		t.Errorf("%d events, want 4", n)
	}
}

func printState(t *testing.T, b *bench, ticketID string) (state string) {
	t.Helper()
	err := b.Store.Read(t.Context(), "test", func(tx *localstore.Tx) error {
		return tx.QueryRow(`SELECT print FROM ticket WHERE ticket_id = ? ORDER BY id DESC`, ticketID).Scan(&state)
	})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// crashAt lets the program end (by a panic that the test catches) at a commit.
func (b *bench) crashAt(t *testing.T, what string, at localstore.Point) {
	t.Helper()
	b.hook = func(w string, p localstore.Point) error {
		if w == what && p == at {
			panic(errCrash)
		}
		return nil
	}
	b.reopen(t)
	func() {
		defer func() {
			if r := recover(); r != error(errCrash) {
				t.Fatalf("no crash at %s %s, but %v", what, at, r)
			}
		}()
		_, err := b.Issue(t.Context(), household)
		t.Fatalf("issue went through: %v", err)
	}()
	b.hook = nil
}

// The program ends at every point of an issue; what the next start finds.
func TestCrash(t *testing.T) {
	for name, c := range map[string]struct {
		mood      mood
		what      string
		at        localstore.Point
		made      int // tickets at the centre at the crash
		open      int
		unprinted string // label
	}{
		"before the wish is durable":                {well, "intent", localstore.BeforeCommit, 0, 0, ""},
		"after the wish":                            {well, "intent", localstore.AfterCommit, 0, 1, ""},
		"before the centre's number is durable":     {well, "issued", localstore.BeforeCommit, 1, 1, ""},
		"after the centre's number":                 {well, "issued", localstore.AfterCommit, 1, 0, "A001"},
		"before the own number is durable":          {deafBefore, "own number", localstore.BeforeCommit, 0, 1, ""},
		"before the own number, answers lost":       {lost, "own number", localstore.BeforeCommit, 1, 1, ""},
		"after the own number":                      {lost, "own number", localstore.AfterCommit, 1, 0, "A7-01"},
		"before a refusal is durable":               {code(centralapi.CodeClosed), "refused", localstore.BeforeCommit, 0, 1, ""},
		"after a refusal":                           {code(centralapi.CodeClosed), "refused", localstore.AfterCommit, 0, 0, ""},
		"before giving up (no series) is durable":   {deafBefore, "abandon", localstore.BeforeCommit, 0, 1, ""},
		"after giving up (no series)":               {deafBefore, "abandon", localstore.AfterCommit, 0, 0, ""},
		"internal error, before the own number":     {code(centralapi.CodeInternal), "own number", localstore.BeforeCommit, 0, 1, ""},
		"garbage, after the own number is durable":  {garbage, "own number", localstore.AfterCommit, 0, 0, "A7-01"},
		"existing ticket, before it is durable":     {existing, "issued", localstore.BeforeCommit, 0, 1, ""},
		"existing ticket, after it is durable here": {existing, "issued", localstore.AfterCommit, 0, 0, ""},
	} {
		for _, later := range []time.Duration{10 * time.Second, time.Minute} {
			t.Run(fmt.Sprintf("%s, started again after %v", name, later), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t, c.mood)
					if c.what == "abandon" {
						b.place.slot = 0
					}
					b.crashAt(t, c.what, c.at)
					before := len(b.events(t))
					time.Sleep(later)
					b.reopen(t)
					b.place.slot = 7
					if b.centre.made() != c.made {
						t.Errorf("%d tickets at the centre, want %d", b.centre.made(), c.made)
					}
					r, err := b.Recover(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					open, abandoned := c.open, 0
					if later >= OfferTime {
						open, abandoned = 0, c.open
					}
					if len(r.Open) != open || r.Abandoned != abandoned {
						t.Errorf("%d open and %d abandoned, want %d and %d", len(r.Open), r.Abandoned, open, abandoned)
					}
					checkUnprinted(t, r, c.unprinted, later)
					events := b.events(t)[before:]
					if want := abandoned + len(r.Unprinted); len(events) != want {
						t.Errorf("events %v, want %d", kinds(events), want)
					}
					checkOpen(t, b, r, c.mood)
					again, err := b.reopened(t).Recover(t.Context())
					if err != nil || len(again.Open)+len(again.Unprinted)+again.Abandoned != min(1, len(r.Open)) {
						// The resumed number has no known paper yet; nothing else is left.
						t.Errorf("a second start finds %+v, %v", again, err)
					}
					b.Store.Close()
				})
			})
		}
	}
}

func (b *bench) reopened(t *testing.T) *bench {
	b.reopen(t)
	return b
}

func checkUnprinted(t *testing.T, r Recovery, label string, age time.Duration) {
	t.Helper()
	switch {
	case label == "" && len(r.Unprinted) > 0:
		t.Errorf("numbers without paper: %+v, want none", r.Unprinted)
	case label != "" && (len(r.Unprinted) != 1 || r.Unprinted[0].Label != label || r.Unprinted[0].Age != age || r.Unprinted[0].HolderName != "测*员"):
		t.Errorf("numbers without paper: %+v, want %s of %v ago", r.Unprinted, label, age)
	}
}

// checkOpen goes on with what was open, and sees to it that the centre has one
// ticket at most for it.
func checkOpen(t *testing.T, b *bench, r Recovery, m mood) {
	t.Helper()
	for _, o := range r.Open {
		if o.Business != "household" || o.Item != "move-in" || o.Language != "zh" || o.Age != 10*time.Second {
			t.Errorf("open wish %+v", o)
		}
		b.centre.be(well)
		ticket, err := b.Resume(t.Context(), o.ID)
		if err != nil || ticket.ID != o.ID || ticket.Label != "A001" || b.centre.made() != 1 {
			t.Errorf("resumed (%s): %+v, %v; %d tickets at the centre", m, ticket, err, b.centre.made())
		}
		if _, err := b.Resume(t.Context(), o.ID); !errors.Is(err, ErrUnknownTicket) {
			t.Errorf("resumed twice: %v", err)
		}
		if err := b.Abandon(t.Context(), o.ID); err != nil {
			t.Error(err)
		}
		if state, _ := b.state(t, o.ID); state != stateIssued {
			t.Errorf("abandoning a settled wish made it %s", state)
		}
	}
}

func TestOpenWishIsGivenUp(t *testing.T) {
	for name, giveUp := range map[string]func(*bench, string) error{
		"declined": func(b *bench, id string) error { return b.Abandon(t.Context(), id) },
		"superseded": func(b *bench, id string) error {
			_, err := b.Issue(t.Context(), household)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, well)
			b.crashAt(t, "intent", localstore.AfterCommit)
			b.reopen(t)
			r, err := b.Recover(t.Context())
			if err != nil || len(r.Open) != 1 {
				t.Fatalf("%+v, %v", r, err)
			}
			if err := giveUp(b, r.Open[0].ID); err != nil {
				t.Fatal(err)
			}
			events := b.events(t)
			if len(events) != 1 || body[centralapi.AbandonedTicket](t, events[0]) != (centralapi.AbandonedTicket{ID: r.Open[0].ID, Reason: name}) {
				t.Errorf("events %v", events)
			}
			if state, holder := b.state(t, r.Open[0].ID); state != stateAbandoned || holder {
				t.Errorf("row is %s, holder kept: %v", state, holder)
			}
		})
	}
}

func TestAgeAfterReboot(t *testing.T) {
	for name, c := range map[string]struct {
		jump time.Duration // of the wall clock over the reboot
		open int
	}{"quick": {5 * time.Second, 1}, "slow": {time.Minute, 0}, "clock went back": {-time.Hour, 0}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, well)
			b.crashAt(t, "intent", localstore.AfterCommit)
			b.clock.set(func(c2 *clock) { c2.boot, c2.start, c2.ahead = "boot-2", time.Now(), c.jump })
			b.reopen(t)
			if r, err := b.Recover(t.Context()); err != nil || len(r.Open) != c.open || r.Abandoned != 1-c.open {
				t.Errorf("%+v, %v; want %d open", r, err, c.open)
			}
		})
	}
}

func TestRecoverComesFirst(t *testing.T) {
	b := newBench(t, well)
	if r, err := b.Recover(t.Context()); err != nil || r.Abandoned != 0 || r.Open != nil || r.Unprinted != nil {
		t.Errorf("empty file: %+v, %v", r, err)
	}
	if _, err := b.Issue(t.Context(), household); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Recover(t.Context()); err == nil {
		t.Error("Recover ran while a ticket was being printed")
	}
	if got := b.events(t); len(got) != 0 {
		t.Errorf("events %v", kinds(got))
	}
}

// A ticket that its holder had before is not reported as unprinted: its paper
// may be in the holder's pocket. A copy of it is reported.
func TestExistingTicketIsNotUnprinted(t *testing.T) {
	b := newBench(t, existing)
	var ticket Ticket
	for range 2 {
		var err error
		if ticket, err = b.Issue(t.Context(), household); err != nil {
			t.Fatal(err)
		}
	}
	b.reopen(t)
	r, err := b.Recover(t.Context())
	if err != nil || len(r.Unprinted) != 0 || len(b.events(t)) != 0 {
		t.Errorf("%+v, %v; events %v", r.Unprinted, err, kinds(b.events(t)))
	}
	if err := b.Printed(t.Context(), ticket.ID, PrintConfirmed, true); err != nil || len(b.events(t)) != 1 {
		t.Errorf("copy: %v, %d events", err, len(b.events(t)))
	}
}

func TestDeadStoreGivesNoNumber(t *testing.T) {
	for _, what := range []string{"intent", "own number", "issued"} {
		b := newBench(t, map[string]mood{"own number": deafBefore}[what]+map[string]mood{"intent": well, "issued": well}[what])
		b.hook = func(w string, p localstore.Point) error {
			if w == what && p == localstore.BeforeCommit {
				return errors.New("input/output error")
			}
			return nil
		}
		b.reopen(t)
		if ticket, err := b.Issue(t.Context(), household); !errors.Is(err, localstore.ErrDead) || ticket != (Ticket{}) {
			t.Errorf("%s fails: %+v, %v; want no ticket and a dead store", what, ticket, err)
		}
		asks := b.centre.asks()
		if _, err := b.Issue(t.Context(), household); !errors.Is(err, localstore.ErrDead) || b.centre.asks() != asks {
			t.Errorf("%s failed: the next issue says %v and asked the centre %d times", what, err, b.centre.asks()-asks)
		}
		select {
		case <-b.Store.Done():
		default:
			t.Error("Done is not closed")
		}
	}
}

// After the time for keeping, nothing of a person is in any file.
func TestPurge(t *testing.T) {
	markers := []string{"MARKERKEY", "标*记", "MARKERNUMBER"}
	r := household
	r.Holder = &centralapi.Holder{Key: markers[0], Name: markers[1], Number: markers[2], Source: "card"}
	b := newBench(t, deafBefore)
	own, err := b.Issue(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Printed(t.Context(), own.ID, PrintConfirmed, false); err != nil {
		t.Fatal(err)
	}
	b.centre.be(well)
	given, err := b.Issue(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	b.centre.be(code(centralapi.CodeClosed))
	if _, err := b.Issue(t.Context(), r); err == nil {
		t.Fatal("not refused")
	}
	found := func() (n int) {
		for _, m := range markers {
			if inFiles(t, b.dir, m) {
				n++
			}
		}
		return n
	}
	purge := func(after time.Duration, want Purged) {
		t.Helper()
		b.clock.set(func(c *clock) { c.ahead = after })
		if got, err := b.Purge(t.Context()); err != nil || got != want {
			t.Errorf("purge after %v: %+v, %v; want %+v", after, got, err, want)
		}
	}
	purge(0, Purged{Wiped: true})
	if found() != 3 {
		t.Fatal("control: not all markers are in the files")
	}
	// Nothing that the centre has not acknowledged goes, however old.
	purge(30*24*time.Hour, Purged{Tickets: 1, Wiped: true}) // the centre's own: it knows it
	if found() != 3 {
		t.Error("an unacknowledged ticket was purged")
	}
	b.clock.set(func(c *clock) { c.ahead = 0 })
	if err := b.Outbox.Ack(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	purge(Keep-time.Hour, Purged{Wiped: true})
	if found() != 3 {
		t.Error("purged before its time")
	}
	purge(Keep+time.Hour, Purged{Tickets: 2, Events: 3, Wiped: true})
	if n := found(); n != 0 {
		t.Errorf("%d of 3 markers are still in the files", n)
	}
	if err := b.Printed(t.Context(), given.ID, PrintConfirmed, true); !errors.Is(err, ErrUnknownTicket) {
		t.Errorf("a purged ticket is still known: %v", err)
	}
	b.centre.be(deafBefore)
	if next, err := b.Issue(t.Context(), r); err != nil || next.Label != "A7-02" {
		t.Errorf("after the purge: %+v, %v; want A7-02", next, err)
	}
}

// The centre has the holder of its own tickets; the key leaves this disk at once.
func TestKeyOfGivenTicketIsNotKept(t *testing.T) {
	r := household
	r.Holder = &centralapi.Holder{Key: "MARKERKEY", Name: "测*员", Number: "110***********002X", Source: "card"}
	b := newBench(t, well)
	if _, err := b.Issue(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if !inFiles(t, b.dir, "MARKERKEY") {
		t.Fatal("control: the key never was in the files")
	}
	if done, err := b.Store.Checkpoint(t.Context()); err != nil || !done {
		t.Fatal(done, err)
	}
	if inFiles(t, b.dir, "MARKERKEY") {
		t.Error("the key is still in the files")
	}
}

func inFiles(t *testing.T, dir, text string) bool {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(names, func(e os.DirEntry) bool {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(data), text)
	})
}
