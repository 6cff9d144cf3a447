package complaints

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
)

// What staff cannot do, and in what words they are told.
func TestStepsAreRefused(t *testing.T) {
	onBoth(t, func(f *fixture) {
		g := filing()
		f.file(g)
		for name, c := range map[string]struct {
			m    Move
			want centralapi.Code
		}{
			"a state is skipped":    {Move{Action: complaint.Investigate, Text: "x"}, centralapi.CodeConflict},
			"no text":               {Move{Action: complaint.Verify, Text: " \n ", Class: complaint.Simple}, centralapi.CodeInvalid},
			"no class":              {Move{Action: complaint.Verify, Text: "x"}, centralapi.CodeInvalid},
			"filed again":           {Move{Action: complaint.File}, centralapi.CodeInvalid},
			"withdrawn by staff":    {Move{Action: complaint.Withdraw}, centralapi.CodeInvalid},
			"an unknown action":     {Move{Action: "guess", Text: "x"}, centralapi.CodeInvalid},
			"an unknown window":     {Move{Action: complaint.Name, Named: complaint.Named{Windows: []string{"w7"}}}, centralapi.CodeInvalid},
			"an account of no name": {Move{Action: complaint.Name, Named: complaint.Named{Accounts: []string{""}}}, centralapi.CodeInvalid},
		} {
			err := f.do(g.ID, c.m)
			e, ok := errors.AsType[*centralapi.Error](err)
			if !ok || e.Code != c.want || e.Detail == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Two at once: one of them has seen an older case.
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() {
				errs[i] = f.Step(t.Context(), hallID, handler, g.ID, Move{Action: complaint.Verify, Text: "x", Class: complaint.Simple, Seen: 1})
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || code(errors.Join(errs...)) != centralapi.CodeConflict {
			t.Errorf("two at once: %v, %v", errs[0], errs[1])
		}
		// A clock that was set back does not stop anybody.
		f.now = begin.Add(-time.Hour)
		if err := f.do(g.ID, Move{Action: complaint.Investigate, Text: "x"}); err != nil {
			t.Errorf("with a clock that was set back: %v", err)
		}
	})
}

// Who handles complaints sees them all but those that name them; nobody else sees any.
func TestWhoSeesWhat(t *testing.T) {
	onBoth(t, func(f *fixture) {
		about3, aboutNobody, aboutManager := filing(), filing(), filing()
		aboutNobody.Window, aboutManager.Window = "", ""
		for _, g := range []Filing{about3, aboutNobody, aboutManager} {
			f.file(g)
		}
		if err := f.do(aboutManager.ID, Move{Action: complaint.Name, Named: complaint.Named{Accounts: []string{"boss"}}}); err != nil {
			t.Fatal(err)
		}
		ids := []string{about3.ID, aboutNobody.ID, aboutManager.ID}
		const forbidden, hidden, seen = "forbidden", "not-found", ""
		for _, c := range []struct {
			name string
			v    Viewer
			want [3]string
		}{
			{"handler", handler, [3]string{seen, seen, seen}},
			{"handler at the window", Viewer{Account: "u3", Handles: true, Windows: []string{"w1", "w3"}}, [3]string{hidden, seen, seen}},
			{"manager who is named", Viewer{Account: "boss", Handles: true}, [3]string{seen, seen, hidden}},
			{"clerk", Viewer{Account: "u4", Windows: []string{"w1"}}, [3]string{forbidden, forbidden, forbidden}},
			{"clerk at the window", Viewer{Account: "u5", Windows: []string{"w3"}}, [3]string{forbidden, forbidden, forbidden}},
			{"nobody", Viewer{}, [3]string{forbidden, forbidden, forbidden}},
			{"a role without account", Viewer{Handles: true}, [3]string{forbidden, forbidden, forbidden}},
		} {
			list, _, err := f.List(t.Context(), hallID, c.v, Filter{})
			inList := map[string]bool{}
			for _, s := range list {
				inList[s.ID] = true
			}
			if (code(err) == centralapi.CodeForbidden) != (c.want[0] == forbidden) {
				t.Errorf("%s: list: %v", c.name, err)
			}
			for i, id := range ids {
				want := centralapi.Code(c.want[i])
				if inList[id] != (want == seen) {
					t.Errorf("%s: case %d in the list: %v", c.name, i, inList[id])
				}
				k, errCase := f.Case(t.Context(), hallID, c.v, id)
				text, _, errContact := f.Contact(t.Context(), hallID, c.v, id)
				errStep := f.Step(t.Context(), hallID, c.v, id, Move{Action: complaint.Note, Text: "x", Seen: len(k.Steps)})
				for what, err := range map[string]error{"case": errCase, "contact": errContact, "step": errStep} {
					if code(err) != want {
						t.Errorf("%s, case %d: %s: %v, want %q", c.name, i, what, err, want)
					}
				}
				if want != seen && k.Words+text != "" {
					t.Errorf("%s, case %d: reads %q %q", c.name, i, k.Words, text)
				}
			}
			if _, err := f.FileCall(t.Context(), hallID, c.v, filing()); (code(err) == centralapi.CodeForbidden) != (c.want[0] == forbidden) {
				t.Errorf("%s: enters a call: %v", c.name, err)
			}
		}
		// Who must not see it has left no trace of having read it, and who may has.
		by := map[string]bool{}
		for _, o := range f.open(handler, about3.ID).Openings {
			by[o.By] = true
		}
		if by["staff:u3"] || by["staff:u4"] || !by["staff:u1"] || !by["staff:boss"] {
			t.Errorf("opened by %v", by)
		}
		// A case that is not there answers as one that is hidden.
		_, err1 := f.Case(t.Context(), hallID, handler, uuid.NewString())
		_, err2 := f.Case(t.Context(), hallID, Viewer{Account: "boss", Handles: true}, aboutManager.ID)
		if err1 == nil || err2 == nil || err1.Error() != err2.Error() {
			t.Errorf("not there: %v; hidden: %v", err1, err2)
		}
	})
}

func TestFilters(t *testing.T) {
	onBoth(t, func(f *fixture) {
		ids := map[string]string{}
		for _, kind := range []complaint.Kind{complaint.Rude, complaint.Fee, complaint.Suggestion} {
			g := filing()
			g.Kind, g.Contact = kind, ""
			f.file(g)
			ids[g.ID] = string(kind)
		}
		list := func(filter Filter) string {
			all, _, err := f.List(t.Context(), hallID, handler, filter)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, s := range all {
				out = append(out, ids[s.ID])
				if !s.Anonymous {
					t.Errorf("%s is not anonymous", ids[s.ID])
				}
			}
			return strings.Join(out, " ")
		}
		for id, kind := range ids {
			if kind == "fee" {
				if err := f.do(id, Move{Action: complaint.Verify, Text: "属实", Class: complaint.Complex}); err != nil {
					t.Fatal(err)
				}
				if err := f.do(id, Move{Action: complaint.Investigate, Text: "属实"}); err != nil {
					t.Fatal(err)
				}
				if err := f.do(id, Move{Action: complaint.Transfer, Text: "转", Department: "发改局", FollowUp: "2026-11-24"}); err != nil {
					t.Fatal(err)
				}
				if text, ok, err := f.Contact(t.Context(), hallID, handler, id); text != "" || !ok || err != nil {
					t.Errorf("the contact of somebody anonymous: %q, %v, %v", text, ok, err)
				}
			}
		}
		for filter, want := range map[Filter]string{
			{}:                               "suggestion fee rude",
			{Kind: complaint.Fee}:            "fee",
			{State: complaint.Registered}:    "suggestion rude",
			{Before: 3}:                      "fee rude",
			{Overdue: true}:                  "",
			{Kind: complaint.Fee, Before: 2}: "",
		} {
			if got := list(filter); got != want {
				t.Errorf("%+v: %q, want %q", filter, got, want)
			}
		}
		f.now = begin.AddDate(0, 0, 1)
		if got := list(Filter{Overdue: true}); got != "fee" { // the department is to be asked
			t.Errorf("on the next day: %q", got)
		}
		f.now = begin.AddDate(0, 0, 3)
		if got := list(Filter{Overdue: true}); got != "suggestion fee rude" {
			t.Errorf("after three days: %q", got)
		}
		// More than a page, with some left out on the way.
		for n := range pageSize + 5 {
			g := filing()
			if n%2 == 0 {
				g.Window = "w9" // the handler's own
			}
			if _, err := f.FileCall(t.Context(), hallID, handler, g); err != nil {
				t.Fatal(err)
			}
		}
		for range pageSize {
			g := filing()
			if _, err := f.FileCall(t.Context(), hallID, handler, g); err != nil {
				t.Fatal(err)
			}
		}
		var numbers []int64
		for before, more := int64(0), true; more; {
			var page []Summary
			var err error
			if page, more, err = f.List(t.Context(), hallID, handler, Filter{Before: before}); err != nil {
				t.Fatal(err)
			}
			for _, s := range page {
				numbers = append(numbers, s.Number)
				before = s.Number
			}
		}
		if len(numbers) != 3+(pageSize+5)/2+pageSize || !slices.IsSortedFunc(numbers, func(a, b int64) int { return int(b - a) }) {
			t.Errorf("%d cases on all pages: %v", len(numbers), numbers)
		}
	})
}

// With another key file what was sealed stays shut, and the case can still be handled.
func TestWithoutTheKey(t *testing.T) {
	onBoth(t, func(f *fixture) {
		g := filing()
		f.file(g)
		f.Desk = f.desk(t.TempDir())
		if c := f.open(handler, g.ID); !c.Unreadable || c.Words != "" {
			t.Errorf("case %+v", c)
		}
		if text, ok, err := f.Contact(t.Context(), hallID, handler, g.ID); text != "" || ok || err != nil {
			t.Errorf("contact %q, %v, %v", text, ok, err)
		}
		if err := f.do(g.ID, Move{Action: complaint.Verify, Text: "读不出来", Class: complaint.Simple}); err != nil {
			t.Error(err)
		}
	})
}
