package queue

import (
	"testing"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

func asked(have string) centralapi.IncarnationRequest {
	return centralapi.IncarnationRequest{Have: have}
}

func (f *fixture) rotate(have string) string {
	f.t.Helper()
	token, err := f.Rotate(f.t.Context(), hallID, f.t1, asked(have))
	if err != nil {
		f.t.Fatalf("rotate: %v", err)
	}
	return token
}

// send delivers one call for help under an incarnation.
func (f *fixture) send(incarnation string) error {
	f.t.Helper()
	b := batch(f.t1, f.event(f.t1, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"}))
	b.Incarnation = incarnation
	_, err := f.Deliver(f.t.Context(), hallID, f.t1, b)
	if err != nil {
		f.seq[f.t1.ID]--
	}
	return err
}

// A terminal that loses answers and starts anew at any place goes on.
func TestRotateSurvivesLostAnswersAndRestarts(t *testing.T) {
	f := newFixture(t)
	if err := f.send(""); err != nil {
		t.Errorf("before its first incarnation: %v", err)
	}
	first := f.rotate("")
	if again := f.rotate(""); again != first || len(first) != 64 {
		t.Errorf("asked again after a lost answer: %q, first %q", again, first)
	}
	if err := f.send(""); err != nil {
		t.Errorf("the answer never came, so it still has none: %v", err)
	}
	have := first
	for range 5 {
		if err := f.send(have); err != nil {
			t.Fatalf("with the one it was given: %v", err)
		}
		next := f.rotate(have)
		f.restart()
		if again := f.rotate(have); again != next || next == have {
			t.Fatalf("the next one is %q, after a restart of the centre %q", next, again)
		}
		if err := f.send(have); err != nil {
			t.Fatalf("with the one in use, the answer with the next lost: %v", err)
		}
		have = next
	}
	other, err := f.Rotate(t.Context(), hallID, f.t2, asked(""))
	if err != nil || other == first {
		t.Errorf("another terminal: %q, %v", other, err)
	}
}

// Whoever comes with an older incarnation has a disk another has gone on from.
func TestCopiesAreFrozen(t *testing.T) {
	for name, tt := range map[string]struct {
		// use is what the original does after the copy was made with its have;
		// copied is what the copy does.
		use    func(f *fixture, have string)
		copied func(f *fixture, have string) error
	}{
		"the copy asks": {
			func(f *fixture, have string) { f.rotate(f.rotate(have)) },
			func(f *fixture, have string) error {
				_, err := f.Rotate(f.t.Context(), hallID, f.t1, asked(have))
				return err
			},
		},
		"the copy sends, the original has sent": {
			func(f *fixture, have string) {
				if err := f.send(f.rotate(have)); err != nil {
					f.t.Fatal(err)
				}
			},
			func(f *fixture, have string) error { return f.send(have) },
		},
		"a wiped disk": {
			func(f *fixture, have string) { f.rotate(f.rotate(have)) },
			func(f *fixture, have string) error { return f.send("") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			have := f.rotate("")
			if err := f.send(have); err != nil {
				t.Fatal(err)
			}
			tt.use(f, have)
			f.clock.add(2 * lateness)
			before := f.counts()
			wantCode(t, tt.copied(f, have), centralapi.CodeRetired)
			after := f.counts()
			if after["event"] != before["event"] || after["help_call"] != before["help_call"] || after["hall_log"] != before["hall_log"]+1 {
				t.Errorf("rows %v, before %v", after, before)
			}
			// Frozen, the original too, and whatever it shows, also after a restart.
			f.restart()
			for _, token := range []string{have, f.latest(), ""} {
				wantCode(t, f.send(token), centralapi.CodeRetired)
				_, err := f.Rotate(t.Context(), hallID, f.t1, asked(token))
				wantCode(t, err, centralapi.CodeRetired)
			}
			if n := f.counts(); n["hall_log"] != after["hall_log"] || n["event"] != after["event"] {
				t.Errorf("a frozen terminal has changed something: %v, before %v", n, after)
			}
			// Numbers of the hall are given out as ever.
			f.issue(request("a"))
			// The other terminal is not concerned.
			if r := f.deliver(f.t2, f.event(f.t2, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"})); r.AckedThrough != 1 {
				t.Errorf("another terminal: %+v", r)
			}
		})
	}
}

// latest is the newest token of t1.
func (f *fixture) latest() string {
	f.t.Helper()
	var token string
	err := f.store.Read(f.t.Context(), func(tx *store.Tx) error {
		k, _, err := tx.Terminal(hallID, f.t1.ID)
		token = incarnationToken(k, f.t1.HolderSecret, k.Incarnation.Made)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return token
}

// A request that was on the way while its terminal started anew is late and no
// copy; a minute later it would be one.
func TestLateRequestsFreezeNobody(t *testing.T) {
	f := newFixture(t)
	a := f.rotate("")
	b := f.rotate(a)
	c := f.rotate(b)
	for _, late := range []string{"", a} {
		_, err := f.Rotate(t.Context(), hallID, f.t1, asked(late))
		wantCode(t, err, centralapi.CodeUnavailable)
		wantCode(t, f.send(late), centralapi.CodeUnavailable)
	}
	f.restart() // of the centre, which has not forgotten
	f.clock.jump(f.clock.now().Add(24 * time.Hour))
	defer f.clock.jump(f.clock.now().Add(-24 * time.Hour))
	wantCode(t, f.send(a), centralapi.CodeUnavailable)
	if err := f.send(c); err != nil {
		t.Errorf("the terminal itself: %v", err)
	}
	f.clock.add(lateness)
	_, err := f.Rotate(t.Context(), hallID, f.t1, asked(a))
	wantCode(t, err, centralapi.CodeRetired)
}

// A token nobody has given out is refused and freezes nobody: it proves nothing.
func TestForgedIncarnation(t *testing.T) {
	f := newFixture(t)
	forge := func() {
		for _, forged := range []string{"x", "00", f.t1.HolderSecret} {
			_, err := f.Rotate(t.Context(), hallID, f.t1, asked(forged))
			wantCode(t, err, centralapi.CodeRetired)
			wantCode(t, f.send(forged), centralapi.CodeRetired)
		}
	}
	forge()
	if err := f.send(f.rotate("")); err != nil {
		t.Fatal(err)
	}
	forge()
	if err := f.send(f.rotate(f.latest())); err != nil {
		t.Errorf("the terminal itself: %v", err)
	}
	if n := f.counts(); n["event"] != 2 {
		t.Errorf("rows %v", n)
	}
}

// Two copies that take turns, each with the newest incarnation, are told apart by
// what they ask with; a disk that loses answers asks in one voice.
func TestTwoDisksAskForOneIncarnation(t *testing.T) {
	f := newFixture(t)
	ask := func(have, nonce string) (string, error) {
		return f.Rotate(t.Context(), hallID, f.t1, centralapi.IncarnationRequest{Have: have, Nonce: nonce})
	}
	have := ""
	for _, nonce := range []string{"one", "two", "three"} {
		var next string
		for range 2 { // the answer gets lost
			got, err := ask(have, nonce)
			if err != nil || next != "" && got != next || got == have {
				t.Fatalf("nonce %s: %q after %q, %v", nonce, got, next, err)
			}
			next = got
			f.restart()
		}
		have = next
	}
	if _, err := ask(have, "four"); err != nil {
		t.Fatal(err)
	}
	before := f.counts()
	_, err := ask(have, "of the copy")
	wantCode(t, err, centralapi.CodeRetired)
	wantCode(t, f.send(have), centralapi.CodeRetired)
	if n := f.counts(); n["hall_log"] != before["hall_log"]+1 || n["event"] != before["event"] {
		t.Errorf("rows %v, before %v", n, before)
	}
}

// One number of two events is of two disks; nothing of such a batch is kept. What a
// terminal sends in place of an event it has given up is no sign of it.
func TestTwoEventsOfOneNumber(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second centralapi.EventKind
		frozen        bool
	}{
		"two disks":       {centralapi.HelpCalled, centralapi.HelpCalled, true},
		"given up before": {withheld, centralapi.HelpCalled, false},
		"given up since":  {centralapi.HelpCalled, withheld, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			one := f.event(f.t1, tt.first, centralapi.HelpCall{Page: "home"})
			f.deliver(f.t1, one)
			f.deliver(f.t1, one) // the same again is no other
			two := one
			two.ID, two.Kind = newID(), tt.second
			three := f.event(f.t1, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"})
			_, err := f.Deliver(t.Context(), hallID, f.t1, batch(f.t1, two, three))
			if !tt.frozen {
				if n := f.counts(); err != nil || n["event"] != 3 {
					t.Errorf("%v, rows %v", err, n)
				}
				return
			}
			wantCode(t, err, centralapi.CodeRetired)
			if n := f.counts(); n["event"] != 1 {
				t.Errorf("rows %v", n)
			}
			// An operator can hand it in all the same, any number of times.
			for range 2 {
				r, err := f.Import(t.Context(), hallID, batch(f.t1, two, three))
				if err != nil || r.AckedThrough != 2 || len(r.Quarantined) != 0 {
					t.Errorf("import: %+v, %v", r, err)
				}
			}
			if n := f.counts(); n["event"] != 3 || n["help_call"] != 3 {
				t.Errorf("rows %v", n)
			}
			told := 0
			err = f.store.Read(t.Context(), func(tx *store.Tx) error {
				entries, err := tx.LogSince(hallID, 0, 1000)
				for _, e := range entries {
					if e.Action == "imported" {
						told++
					}
				}
				return err
			})
			if err != nil || told != 1 {
				t.Errorf("told %d times that an operator did it", told)
			}
			wantCode(t, f.send(""), centralapi.CodeRetired)
		})
	}
	f := newFixture(t)
	_, err := f.Import(t.Context(), hallID, batch(centralapi.Terminal{ID: "t99"}, f.event(f.t1, centralapi.HelpCalled, centralapi.HelpCall{Page: "home"})))
	wantCode(t, err, centralapi.CodeNotFound)
}
