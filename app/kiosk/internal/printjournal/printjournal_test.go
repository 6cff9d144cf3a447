package printjournal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/kiosk/internal/localstore"
)

// open opens the terminal's file in dir.
func open(t *testing.T, dir string, o localstore.Options) *localstore.Store {
	t.Helper()
	s, err := localstore.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func begin(t *testing.T, j *Journal, ticket string, isCopy bool) Job {
	t.Helper()
	job, err := j.Begin(t.Context(), ticket, isCopy, 400)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func mark(t *testing.T, j *Journal, job Job, states ...State) {
	t.Helper()
	for _, s := range states {
		if err := j.Mark(t.Context(), job, s, ""); err != nil {
			t.Fatal(err)
		}
	}
}

// Every step that is allowed, and every one that is not.
func TestOrder(t *testing.T) {
	j := New(open(t, t.TempDir(), localstore.Options{}))
	all := []State{Prepared, Sending, Sent, Confirmed, Failed, Unknown}
	ways := map[State][]State{
		Prepared: {}, Sending: {Sending}, Sent: {Sending, Sent}, Confirmed: {Sending, Sent, Confirmed},
		Failed: {Failed}, Unknown: {Sending, Unknown},
	}
	allowed := map[State]string{
		Prepared: "sending failed", Sending: "sent unknown", Sent: "confirmed unknown", Confirmed: "", Failed: "", Unknown: "",
	}
	for from, way := range ways {
		var got []string
		for _, to := range all {
			job := begin(t, j, "copies", true)
			mark(t, j, job, way...)
			err := j.Mark(t.Context(), job, to, "paper-out")
			switch {
			case err == nil:
				got = append(got, string(to))
			case !errors.Is(err, ErrOrder):
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
		if s := strings.Join(got, " "); s != allowed[from] {
			t.Errorf("from %s: %q, want %q", from, s, allowed[from])
		}
	}
	if err := j.Mark(t.Context(), 4711, Sending, ""); !errors.Is(err, ErrOrder) {
		t.Errorf("unknown job: %v", err)
	}
	if err := j.Mark(t.Context(), 1, "eaten", ""); !errors.Is(err, ErrOrder) {
		t.Errorf("unknown state: %v", err)
	}
}

// An unmarked paper comes once: only after an attempt that surely put nothing
// out may there be another.
func TestNeverTwiceUnmarked(t *testing.T) {
	j := New(open(t, t.TempDir(), localstore.Options{}))
	for _, c := range []struct {
		name   string
		states []State
		again  bool
	}{
		{"prepared", nil, false},
		{"sending", []State{Sending}, false},
		{"sent", []State{Sending, Sent}, false},
		{"confirmed", []State{Sending, Sent, Confirmed}, false},
		{"unknown", []State{Sending, Sent, Unknown}, false},
		{"failed", []State{Failed}, true},
	} {
		job := begin(t, j, c.name, false)
		mark(t, j, job, c.states...)
		_, err := j.Begin(t.Context(), c.name, false, 1)
		if c.again && err != nil || !c.again && !errors.Is(err, ErrMustBeCopy) {
			t.Errorf("%s: %v", c.name, err)
		}
		begin(t, j, c.name, true) // a copy always
	}
}

func TestJobsAndPurge(t *testing.T) {
	store := open(t, t.TempDir(), localstore.Options{})
	j := New(store)
	job := begin(t, j, "t1", false)
	mark(t, j, job, Sending)
	if err := j.Mark(t.Context(), job, Unknown, "paper-out"); err != nil {
		t.Fatal(err)
	}
	second := begin(t, j, "t1", true)
	all, err := j.Jobs(t.Context(), "t1")
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	first := all[0]
	if first.Job != job || first.State != Unknown || first.Fault != "paper-out" || first.Copy || first.Bytes != 400 ||
		time.Since(first.Begun) > time.Minute || all[1].Job != second || !all[1].Copy || all[1].State != Prepared {
		t.Errorf("%+v", all)
	}
	if none, err := j.Jobs(t.Context(), "t2"); err != nil || len(none) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
	for _, c := range []struct {
		before time.Time
		gone   int
	}{{time.Now().Add(-time.Hour), 0}, {time.Now().Add(time.Hour), 1}} {
		err := store.Write(t.Context(), "purge", func(tx *localstore.Tx) error {
			n, err := j.Purge(tx, c.before)
			if n != c.gone {
				t.Errorf("%d rows deleted, want %d", n, c.gone) // the unfinished one stays
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The terminal ends at every point of a job, before and after the commit: what
// the next run finds never claims less than may have happened to the paper.
func TestEndedAtEveryPoint(t *testing.T) {
	died := errors.New("power cut")
	steps := []struct {
		what string
		do   func(*Journal, Job) error
	}{
		{"print sending", func(j *Journal, job Job) error { return j.Mark(context.Background(), job, Sending, "") }},
		{"print sent", func(j *Journal, job Job) error { return j.Mark(context.Background(), job, Sent, "") }},
		{"print confirmed", func(j *Journal, job Job) error { return j.Mark(context.Background(), job, Confirmed, "") }},
	}
	want := map[string]State{ // what is found after the end at this commit
		"print begin": "", "print sending": Failed, "print sent": Unknown, "print confirmed": Unknown,
	}
	for what, end := range want {
		dir := t.TempDir()
		open(t, dir, localstore.Options{}).Close()
		store := open(t, dir, localstore.Options{Hook: func(at string, p localstore.Point) error {
			if at == what && p == localstore.BeforeCommit {
				return died
			}
			return nil
		}})
		j := New(store)
		job, err := j.Begin(t.Context(), "t", false, 1)
		for _, s := range steps {
			if err != nil {
				break
			}
			err = s.do(j, job)
		}
		if err == nil {
			t.Fatalf("%s: not ended", what)
		}
		store.Close()
		j = New(open(t, dir, localstore.Options{}))
		r, err := j.Recover(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found := r.Ended
		if r.Residue != (end == Unknown) {
			t.Errorf("ended at %q: residue %v", what, r.Residue)
		}
		switch {
		case end == "" && len(found) != 0, end != "" && (len(found) != 1 || found[0].State != end || found[0].Fault != Interrupted):
			t.Errorf("ended at %q: %+v, want %q", what, found, end)
		}
		_, err = j.Begin(t.Context(), "t", false, 1)
		if mayBeOut := end == Unknown; mayBeOut != errors.Is(err, ErrMustBeCopy) {
			t.Errorf("ended at %q, printed again: %v", what, err)
		}
		if again, err := New(open(t, t.TempDir(), localstore.Options{})).Recover(t.Context()); err != nil || len(again.Ended) != 0 || again.Residue {
			t.Errorf("an empty journal: %+v, %v", again, err)
		}
	}
}

// Half a ticket that hangs out of the printer is remembered over runs until
// another job has gone well.
func TestResidueIsRemembered(t *testing.T) {
	j := New(open(t, t.TempDir(), localstore.Options{}))
	residue := func(what string, want bool) {
		t.Helper()
		if r, err := j.Recover(t.Context()); err != nil || r.Residue != want {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
	end := func(fault string, states ...State) {
		t.Helper()
		job := begin(t, j, "t", true)
		for i, s := range states {
			f := ""
			if i == len(states)-1 {
				f = fault
			}
			if err := j.Mark(t.Context(), job, s, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	residue("nothing yet", false)
	end("cutter", Sending, Sent, Unknown)
	residue("stuck blade", true)
	end("cutter", Failed)
	residue("refused since", true)
	begin(t, j, "t", true)
	residue("ended before anything was sent", true)
	end("", Sending, Sent, Confirmed)
	residue("printed since", false)
	end(Unconfirmed, Sending, Sent, Unknown)
	residue("a printer that says nothing", false)
}
